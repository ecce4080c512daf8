"""Passages that were decoded with the wrong table: their bytes, read with the right one.

Chinese bytes read as Western letters (ÖÐ¹ú, ä¸­å›½), and UTF-8 read as GBK (鎴戜滑). UTF-8 proves
itself: no other bytes come in its pattern again and again. Where bytes were lost on the way, what
is whole is read and each broken place stays, unresolved; where too many were, all stays. Letters
that could be GBK or Big5 prove nothing, so the language model must find Chinese prose in them, or
a Russian's or a Korean's mojibake would become Chinese too. What Chinese text itself uses
(“”‘’—…·‰●★) never makes a passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby, pairwise
from typing import NamedTuple

from analysis.kit import encodings

from . import dropped
from .characters import encoded, usual
from .draft import Draft
from .model import Model

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
OWN = "“”‘’—–…·‰×÷°±§¨€"  # Western characters that Chinese text has itself
BYTES = {chr(n): n for n in range(256)}
BYTES |= {bytes([n]).decode("cp1252", "ignore"): n for n in range(0x80, 0x100)}
LATIN = {char: byte for char, byte in BYTES.items() if char < "\u0100" or char > "\u07ff"}
LATIN_9 = str.maketrans("€ŠšŽžŒœŸ", "¤¦¨´¸¼½¾")  # ISO 8859-15 differs so from Latin-1
CONTROL = re.compile("[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")  # where Windows-1252 has signs
WESTERN = "".join(char for char in BYTES if char > "\x7f")
PAIRED = "\u0100-\u07ff"  # what two bytes of GBK show as where they happen to be UTF-8
LETTERS = re.compile(rf"[{WESTERN}{PAIRED}](?:[{WESTERN}{PAIRED}]|[@-~](?=[{WESTERN}{PAIRED}]))*")
FOREIGN = re.compile(rf"(?![{OWN}])[{WESTERN}]")
FOREIGN_LETTERS = "".join(char for char in WESTERN if char not in OWN)
TRIGGERS = "锛銆鐨鏄鍦鍜涓鎴浠鏀寤鍥琛鎺鍏娉鍧浼骞鍘鍙鍚鍛鐢鎵鏈瀹閸閻濞鐠閹閺"
WIDE = re.compile(r"[^\x00-\x7f]{3,}")
SHORT = re.compile(r"(?<![^\x00-\x7f])[^\x00-\x7f]{1,2}(?![^\x00-\x7f])")
OTHER = re.compile("[\u3041-\u30fe\uac00-\ud7a3]")
TRIGGERED = re.compile(rf"[^\x00-\x7f]?[{TRIGGERS}][^\x00-\x7f]?")
HALF = re.compile(r"([\u4e00-\u9fff])[?\ufffd]")
LOST = "bytes were lost here in decoding; what it said cannot be told"
WHOLE = "text in a wrong encoding, of which too many bytes were lost to read it again"
UNREAD = "text in a wrong encoding; no table makes Chinese of it"
FOREIGN_TEXT = "text of another language in a wrong encoding"

MARKS = frozenset("，。、；：（）《》“”！？—…·")
PAIRS = re.compile(rf"(?![{WESTERN}])[{PAIRED}]")
LEAST = 4  # Western letters in a row, or in a document that has such passages two
SEQUENCES = 3  # characters in a row that are proof of UTF-8
COVERED = 0.75  # share of a passage's bytes that must be whole characters
ODD = 0.3  # share of a passage's characters that are rare ones: Chinese prose may fit by chance
FOREIGN_SHARE = 0.1  # of a passage's characters that are kana or Hangul: it is not Chinese
NO_WORD = 10.5  # nats that both of two characters cost which make no word
APART = 8  # characters around an odd one that are not sure
GAP = 4  # bytes between two of a passage's whole characters
PROSE = 6.8  # nats a character that Chinese prose costs at most, on average


class _Unit(NamedTuple):
    """One character of UTF-8 in a row of bytes: where it starts and ends, and what it is."""

    start: int
    end: int
    char: str


def passages(draft: Draft, model: Callable[[], Model], *, western: int, wide: int) -> None:
    """Read again what was decoded with the wrong table, or say that it cannot be read.

    `western` and `wide` say which signs the text bears; `model` loads the language model.
    """
    if western:
        _letters(draft, model)
    text = draft.raw
    if wide and any(not set(match[0]) <= encodings.common() for match in TRIGGERED.finditer(text)):
        read = [_utf8(draft, m.start(), m[0], _pairs(m[0])) for m in WIDE.finditer(text)]
        for match in SHORT.finditer(text) if any(read) else ():
            _utf8(draft, match.start(), match[0], _pairs(match[0]), known=True)
        for match in HALF.finditer(text) if any(read) else ():
            if any(0xE3 <= a < 0xEA and b < 0xC0 for a, b in [encoded().get(match[1], (0, 0))]):
                draft.claim(match.span(), "mojibake", match[0], "unresolved", LOST)


# ---- UTF-8 ----------------------------------------------------------------------------------


def _pairs(text: str) -> list[tuple[int, int]]:
    """The bytes in GBK of some characters, each with the index of its character."""
    table, found = encoded(), list[tuple[int, int]]()
    for index, char in enumerate(text):
        if char == "€":
            found.append((0x80, index))
        elif char == "\ufffd":
            found.append((0, index))
        elif pair := table.get(char):
            found += [(pair[0], index), (pair[1], index)]
        else:
            found += [(byte, index) for byte in char.encode("gb18030", "replace")]
    return found


def _units(data: bytes, owners: Sequence[int]) -> list[_Unit]:
    """The characters of UTF-8 in `data`: Chinese ones, and marks between them.

    A letter behind one is whole too where both were taken for one character (锛孴 of ，T).
    """
    found: list[_Unit] = []
    at = 0
    while at < len(data):
        size = 3 if 0xE2 <= data[at] <= 0xEF else 2 if data[at] == 0xC2 else 0
        char = data[at : at + size].decode("utf-8", "ignore") if size else ""
        known = HAN.match(char) or "\u2010" <= char <= "\u2030" or "\u3000" <= char <= "\u303f"
        known = (
            known or "\uff00" <= char <= "\uffef" or char in "·×°±" or "\u2460" <= char <= "\u25ff"
        )
        known = known or OTHER.match(char)
        if char and known:
            found.append(_Unit(at, at + size, char))
            at += size
            continue
        behind = found and found[-1].end == at and owners[at] == owners[at - 1]
        if behind and 0x40 <= data[at] < 0x7F:
            found.append(_Unit(at, at + 1, chr(data[at])))
        at += 1
    return found


def _trusted(units: Sequence[_Unit], data: bytes, owners: Sequence[int]) -> list[_Unit]:
    """Those of the characters that are whole beyond doubt.

    Where a byte behind one is the rest of another, the loss may lie before that byte or within the
    character itself; in GBK, where bytes were lost in pairs, only if both show as one character,
    or if a lone byte (€) ends it, before which a pair may be lost (of 院、 shows what is 陀 too).
    """
    starts = {unit.start for unit in units}
    pairs = len(set(owners)) < len(owners)

    def broken(end: int) -> bool:
        rest = end < len(data) and end not in starts and 0x80 <= data[end] < 0xC0
        lone = owners[end - 1] not in (owners[end - 2], owners[min(end, len(owners) - 1)])
        return rest and (not pairs or lone or owners[end] == owners[end - 1])

    return [unit for unit in units if not broken(unit.end)]


def _clusters(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """The characters in groups that little stands between."""
    group: list[_Unit] = []
    for unit in units:
        if group and unit.start - group[-1].end > GAP:
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _longest(units: Sequence[_Unit]) -> int:
    """How many Chinese characters follow one another without a gap, at most."""
    best = run = end = 0
    for unit in units:
        if unit.end - unit.start == 3:
            run = run + 1 if unit.start == end else 1
            best, end = max(best, run), unit.end
    return best


def _utf8(
    draft: Draft, at: int, text: str, bytes_: Sequence[tuple[int, int]], *, known: bool = False
) -> bool:
    """Read UTF-8 in `text`, which stands at `at`; say whether there is any.

    `bytes_` are what its characters were decoded from, each with its character's index. `known`
    says that the document holds such passages, so that one character is enough.
    """
    data, owners = bytes(byte for byte, _ in bytes_), [owner for _, owner in bytes_]
    found = False
    for group in _clusters(_units(data, owners)):
        complete = group[-1].end - group[0].start == len(data)
        foreign = sum(1 for unit in group if OTHER.match(unit.char))
        if not (any(HAN.match(unit.char) for unit in group) or foreign or (known and complete)):
            continue
        whole = len(group) > 1 and complete
        if not (known or whole or _longest(group) >= SEQUENCES):
            continue
        first, last = owners[group[0].start], _last(data, owners, group[-1].end)
        odd = sum(char not in encodings.common() for char in text[first : last + 1])
        if ODD * (last + 1 - first) > odd:
            continue
        span = [n for n, owner in enumerate(owners) if first <= owner <= last]
        sure = _trusted(group, data, owners)
        covered = sum(unit.end - unit.start for unit in sure)
        again = sum(unit.char not in encodings.common() for unit in sure if HAN.match(unit.char))
        broken = covered < len(span) and (covered < COVERED * len(span) or again > ODD * len(sure))
        if broken or foreign > FOREIGN_SHARE * len(group):
            note = WHOLE if foreign <= FOREIGN_SHARE * len(group) else FOREIGN_TEXT
            place = at + first, at + last + 1
            draft.claim(place, "mojibake", draft.raw[slice(*place)], "unresolved", note)
        else:
            _claim(draft, at, text, sure, owners, (first, last))
        found = True
    return found


def _last(data: bytes, owners: Sequence[int], end: int) -> int:
    """The last character of a passage whose last whole one ends at `end`.

    The beginning of a further one, the rest of which was lost, belongs to it.
    """
    last = owners[end - 1]
    if end < len(data) and 0xE2 <= data[end] <= 0xEF:
        behind = end + 1
        while behind < len(data) and 0x80 <= data[behind] < 0xC0 and behind < end + 3:
            behind += 1
        if behind > end + 1 or behind == len(data):
            last = owners[behind - 1]
    return last


def _claim(
    draft: Draft,
    at: int,
    text: str,
    units: Sequence[_Unit],
    owners: Sequence[int],
    span: tuple[int, int],
) -> None:
    """Claim a passage: characters of which every byte is read, and between them the broken ones."""
    whole: dict[int, int] = dict.fromkeys(range(span[0], span[1] + 1), 0)
    for owner in owners:
        if owner in whole:
            whole[owner] += 1
    said: dict[int, str] = {}
    for unit in units:
        for n in range(unit.start, unit.end):
            whole[owners[n]] -= 1
    good = {owner for owner, left in whole.items() if left == 0}
    for unit in units:
        owner = next((owners[n] for n in range(unit.start, unit.end) if owners[n] in good), -1)
        said[owner] = said.get(owner, "") + unit.char
    start = span[0]
    for owner in range(span[0], span[1] + 1):
        behind = owner + 1
        if behind <= span[1] and (behind in good) == (owner in good):
            continue
        if owner in good:
            after = "".join(said.get(n, "") for n in range(start, behind))
            draft.claim((at + start, at + behind), "mojibake", after)
        else:
            while text[behind : behind + 1] in {"?", "\ufffd"}:
                behind += 1
            place = at + start, at + behind
            draft.claim(place, "mojibake", draft.raw[slice(*place)], "unresolved", LOST)
        start = owner + 1


# ---- Western letters -------------------------------------------------------------------------


def _letters(draft: Draft, model: Callable[[], Model]) -> None:
    """Read again what shows as Western letters."""
    text = draft.raw
    if CONTROL.search(text):
        text = text.translate(LATIN_9)
    runs = [match for match in LETTERS.finditer(text) if FOREIGN.search(match[0])]
    long = [
        match
        for match in runs
        if _count(match[0]) >= LEAST and 2 * len(FOREIGN.findall(match[0])) >= _count(match[0])
    ]
    if not long:
        return
    table = ""
    lossy = dropped.applies(text, sum(_count(match[0]) for match in long))
    for match in runs if lossy else ():
        _lossy(draft, match.start(), dropped.read(_bytes(match[0]), model))
    for match in long:
        if again := _twice(match[0]):
            draft.claim(match.span(), "mojibake", again)
        if _utf8(draft, match.start(), match[0], _singles(match[0])):
            table = "utf-8"
    if not table:
        rest = [match for match in long if not _other_script(match[0])]
        table = _table(rest, model) if rest else ""
        for match in long:
            again = _again(match[0], table) if table else ""
            if again and prose(again, model) <= PROSE + 1:
                _by_table(draft, match, again, table, model())
    if table:
        for match in runs:
            if table == "utf-8":
                _utf8(draft, match.start(), match[0], _singles(match[0]), known=True)
            elif again := _again(match[0], table):
                _by_table(draft, match, again, table, model())
        for match in LETTERS.finditer(text) if table != "utf-8" else ():
            beside = draft.taken[max(match.start() - 2, 0) : match.end() + 2]
            again = _again(match[0], table) if len(match[0]) == 2 and 1 in beside else ""
            if HAN.fullmatch(again):
                draft.claim(match.span(), "mojibake", again)
    for match in long:
        if len(re.findall("[\u00c0-\u00ff]", match[0])) > 1:
            before = draft.raw[slice(*match.span())]
            draft.claim(match.span(), "mojibake", before, "unresolved", UNREAD)


def _lossy(draft: Draft, at: int, read: Sequence[dropped.Read]) -> None:
    """Claim what a passage says that lost single bytes, alike stretches together."""
    for certainty, group in groupby(read, key=lambda one: one.certainty):
        parts = [*group]
        each = [parts] if certainty == "certain" else [[part] for part in parts]
        for some in each:
            place = at + some[0].start, at + some[-1].end
            after, others = "".join(part.text for part in some), some[0].others
            if certainty == "unresolved":
                note = f"{LOST}; perhaps: {' | '.join(others)}" if others else LOST
                draft.claim(place, "mojibake", draft.raw[slice(*place)], "unresolved", note)
            else:
                note = "" if certainty == "certain" else "a byte of it was dropped"
                note += f"; or: {' | '.join(others)}" if note and others else ""
                draft.claim(place, "mojibake", after, certainty, note)


def _by_table(
    draft: Draft, match: re.Match[str], again: str, table: str, model: Model
) -> None:
    """Claim what a passage says in a table of two bytes a character, and where it is out of step.

    Behind a lost byte the halves of characters make others, rare ones among them; what stands
    around such is not read.
    """
    owners = [owner for _, owner in _singles(match[0])]
    odd = [n for n, char in enumerate(again) if char not in encodings.common() and char not in OWN]
    if len(odd) > ODD * len(again):
        return
    surprise = model.surprise(again.translate(usual()))
    odd += [n for n, two in enumerate(pairwise(surprise)) if min(two) > NO_WORD]
    broken = set[int]()
    for n in odd:
        alone = not any(0 < abs(n - other) <= APART for other in odd)
        if not (alone and HAN.match(again[n]) and again[n] not in encodings.common()):  # a rare character in a name
            broken |= {*range(*_between_marks(again, n))}
    at = start = 0
    for state, chars in groupby(enumerate(again), key=lambda one: one[0] in broken):
        part = "".join(char for _, char in chars)
        at += len(part.encode(table))
        end = owners[at - 1] + 1
        place = match.start() + start, match.start() + end
        if start < end:
            raw = draft.raw[slice(*place)]
            said = (raw, "unresolved", LOST) if state else (part, "certain", "")
            draft.claim(place, "mojibake", *said)  # type: ignore[arg-type]
        start = end


def _between_marks(text: str, at: int) -> tuple[int, int]:
    """What is not sure around an odd character: to the next mark on each side, or some more."""
    start = next((n for n in range(at, max(at - APART, 0), -1) if text[n - 1] in MARKS), at - APART)
    end = next((n for n in range(at + 1, min(at + APART, len(text))) if text[n] in MARKS), at + APART)
    return max(start, 0), min(end, len(text))


def _twice(run: str) -> str:
    """What Western letters say that were UTF-8 of such letters, and these UTF-8 of Chinese."""
    with suppress(UnicodeDecodeError, KeyError):
        once = _bytes(run).decode("utf-8")
        again = bytes(BYTES[char] for char in once).decode("utf-8")
        return again if HAN.search(again) or not set(again) - MARKS else ""
    return ""


def _singles(text: str) -> list[tuple[int, int]]:
    """The bytes of Western letters, each with the index of its letter."""
    return [(byte, index) for index, char in enumerate(text) for byte in _bytes(char)]


def _bytes(run: str, *, paired: bool = False) -> bytes:
    """The bytes of Western letters; those of two that were taken for one are both.

    `paired` says that letters like Œ, which may be either, are two.
    """
    paired |= bool(PAIRS.search(run))
    letters = LATIN if paired else BYTES
    return b"".join(bytes([letters[c]]) if c in letters else c.encode("utf-8") for c in run)


def _count(run: str) -> int:
    return sum(1 for char in run if char > "\x7f")


def _other_script(run: str) -> bool:
    """Whether Western letters are UTF-8 of another script."""
    with suppress(UnicodeDecodeError):
        _bytes(run).decode("utf-8")
        return True
    return False


def _table(runs: Sequence[re.Match[str]], model: Callable[[], Model]) -> str:
    """The table by which most of the Western letters are Chinese prose, or nothing."""
    scores: dict[str, float] = {}
    for table in ("gb18030", "big5"):
        found = [again for match in runs if (again := _again(match[0], table))]
        if 2 * len(found) >= len(runs):
            scores[table] = prose("，".join(found), model)
    best = min(scores, key=scores.__getitem__, default="")
    return best if best and scores[best] <= PROSE else ""


def _again(run: str, table: str) -> str:
    """What Western letters say if their bytes are Chinese ones, or nothing."""
    for paired in (False, True):
        with suppress(UnicodeDecodeError):
            again = _bytes(run, paired=paired).decode(table)
            if 3 * len(HAN.findall(again)) >= len(again) or not set(again) - MARKS:
                return again
    return ""


def prose(text: str, model: Callable[[], Model]) -> float:
    """How unlikely `text` is as simplified government prose, in nats a character."""
    surprise = model().surprise(text.translate(usual()))
    return float(surprise.mean()) if len(surprise) else 99.0

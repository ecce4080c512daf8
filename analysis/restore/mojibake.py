"""Passages that were decoded with the wrong table: their bytes, read with the right one.

Chinese bytes read as Western letters (ÖÐ¹ú, ä¸­å›½), and UTF-8 read as GBK (鎴戜滑). UTF-8 proves
itself (`utf8`). Letters that could be GBK or Big5 prove nothing, so the language model must find
Chinese prose in them, or a Russian's or a Korean's mojibake would become Chinese too; where bytes
were lost, what is out of step stays. What Chinese text itself uses (“”‘’—…·‰●★) never makes a
passage.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import groupby, pairwise

from analysis.kit import encodings

from . import dropped
from .characters import encoded, usual
from .draft import Draft
from .model import Model
from .utf8 import HAN, LOST, ODD, pairs, utf8

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
TRIGGERED = re.compile(rf"[^\x00-\x7f]?[{TRIGGERS}][^\x00-\x7f]?")
HALF = re.compile(r"([\u4e00-\u9fff])[?\ufffd]")
UNREAD = "text in a wrong encoding; no table makes Chinese of it"

KANA = re.compile("ã[‚ƒ\x81-\x83\ufffd]")  # of UTF-8
SEVERAL = 3  # of them, and more than Chinese marks, say that a text is Japanese
MARKS = frozenset("，。、；：（）《》“”！？—…·")
PAIRS = re.compile(rf"(?![{WESTERN}])[{PAIRED}]")
LEAST = 4  # Western letters in a row, or in a document that has such passages two
NO_WORD = 10.5  # nats that both of two characters cost which make no word
APART = 8  # characters around an odd one that are not sure
PROSE = 6.8  # nats a character that Chinese prose costs at most, on average


def passages(draft: Draft, model: Callable[[], Model], *, western: int, wide: int) -> None:
    """Read again what was decoded with the wrong table, or say that it cannot be read.

    `western` and `wide` say which signs the text bears; `model` loads the language model.
    """
    if western:
        _letters(draft, model)
    text = draft.raw
    if wide and any(not set(match[0]) <= encodings.common() for match in TRIGGERED.finditer(text)):
        read = [utf8(draft, m.start(), m[0], pairs(m[0])) for m in WIDE.finditer(text)]
        for match in SHORT.finditer(text) if any(read) else ():
            utf8(draft, match.start(), match[0], pairs(match[0]), known=True)
        for match in HALF.finditer(text) if any(read) else ():
            if any(0xE3 <= a < 0xEA and b < 0xC0 for a, b in [encoded().get(match[1], (0, 0))]):
                draft.claim(match.span(), "mojibake", match[0], "unresolved", LOST)


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
    kana = len(KANA.findall(text))
    if kana >= SEVERAL and kana > text.count("ã€") + text.count("ã\x80"):
        _unread(draft, long)
        return
    lossy = dropped.applies(text, sum(_count(match[0]) for match in long))
    for match in runs if lossy else ():
        _lossy(draft, match.start(), dropped.read(_bytes(match[0]), model))
    for match in long:
        if again := _twice(match[0]):
            draft.claim(match.span(), "mojibake", again)
        if utf8(draft, match.start(), match[0], _singles(match[0])):
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
                utf8(draft, match.start(), match[0], _singles(match[0]), known=True)
            elif again := _again(match[0], table):
                _by_table(draft, match, again, table, model())
        _alone(draft, text, table)
    _unread(draft, long)


def _alone(draft: Draft, text: str, table: str) -> None:
    """Read two letters beside such a passage that Chinese text may have itself (·¨ of 法)."""
    for match in LETTERS.finditer(text) if table != "utf-8" else ():
        beside = draft.taken[max(match.start() - 2, 0) : match.end() + 2]
        again = _again(match[0], table) if len(match[0]) == 2 and 1 in beside else ""
        if HAN.fullmatch(again):
            draft.claim(match.span(), "mojibake", again)


def _unread(draft: Draft, runs: Sequence[re.Match[str]]) -> None:
    """Say of what was not read that it is in a wrong encoding."""
    for match in runs:
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


def _by_table(draft: Draft, match: re.Match[str], again: str, table: str, model: Model) -> None:
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
        if not (
            alone and HAN.match(again[n]) and again[n] not in encodings.common()
        ):  # a rare character in a name
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
    start, end = at, at + 1
    while start > max(at - APART, 0) and text[start - 1] not in MARKS:
        start -= 1
    while end < min(at + APART, len(text)) and text[end] not in MARKS:
        end += 1
    return start, end


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

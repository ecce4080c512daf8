"""UTF-8 in bytes that were taken for those of another table: what is whole, and what is not.

UTF-8 proves itself: no other bytes come in its pattern again and again. What is whole is read and
each broken place stays, unresolved; where too many bytes were lost, all stays, and so does what
is Japanese or Korean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.kit import encodings

from .characters import encoded
from .draft import Draft

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
OTHER = re.compile("[\u3041-\u30fe\uac00-\ud7a3]")
LOST = "bytes were lost here in decoding; what it said cannot be told"
WHOLE = "text in a wrong encoding, of which too many bytes were lost to read it again"
FOREIGN_TEXT = "text of another language in a wrong encoding"
SEQUENCES = 3  # characters in a row that are proof of UTF-8
COVERED = 0.75  # share of a passage's bytes that must be whole characters
ODD = 0.3  # share of a passage's characters that are rare ones: Chinese prose may fit by chance
FOREIGN_SHARE = 0.1  # of a passage's characters that are kana or Hangul: it is not Chinese
GAP = 4  # bytes between two of a passage's whole characters


class _Unit(NamedTuple):
    """One character of UTF-8 in a row of bytes: where it starts and ends, and what it is."""

    start: int
    end: int
    char: str


def pairs(text: str) -> list[tuple[int, int]]:
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
        known = (
            bool(HAN.match(char)) or "\u2010" <= char <= "\u2030" or "\u3000" <= char <= "\u303f"
        )
        known = (
            known or "\uff00" <= char <= "\uffef" or char in "·×°±" or "\u2460" <= char <= "\u25ff"
        )
        known = known or bool(OTHER.match(char))
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


def utf8(
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

"""Tables of characters: bytes in GBK, traditional forms, pinyin readings.

GBK's two-byte codes come from Python's codec; what it leaves undefined either vanishes on a mirror
or shows as a private-use character (the user-defined zones of code page 936, in their usual
order). `characters.txt` pairs simplified characters with the forms that converters write for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache, reduce
from importlib.resources import files
from operator import or_
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

Pair = tuple[int, int]

TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))
WIDE = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）"}
NARROW = {ord(wide): narrow for narrow, wide in WIDE.items()}


def _pairs(codec: str) -> dict[Pair, str]:
    table = {}
    for pair in ((lead, trail) for lead in range(0x81, 0xFF) for trail in TRAILS):
        with suppress(UnicodeDecodeError):
            table[pair] = bytes(pair).decode(codec)
    return table


@cache
def decoded() -> dict[Pair, str]:
    """Return the character of each pair of bytes that GBK defines."""
    return _pairs("gbk")


@cache
def encoded() -> dict[str, Pair]:
    """Return the pair of bytes that shows as a character, private-use and GB 18030 ones too."""
    zones = [(lead, low) for lead in range(0xAA, 0xB0) for low in TRAILS[96:]]  # from A1
    zones += [(lead, low) for lead in range(0xF8, 0xFF) for low in TRAILS[96:]]
    zones += [(lead, low) for lead in range(0xA1, 0xA8) for low in TRAILS[:96]]
    private = {pair: chr(0xE000 + n) for n, pair in enumerate(zones)}
    tables = (_pairs("gb18030"), private, decoded())
    return {char: pair for table in tables for pair, char in table.items()}


@cache
def _rows() -> dict[str, str]:
    rows = files(__package__).joinpath("characters.txt").read_text("utf-8").splitlines()
    return {row[0]: row[2:] for row in rows if row and not row.startswith("#")}


@cache
def forms() -> dict[str, str]:
    """Return for each simplified character its converted forms, the usual one first."""
    return {simple: shapes for simple, shapes in _rows().items() if simple not in "=+"}


@cache
def simplified() -> dict[str, str]:
    """Return for each traditional character those it may stand for, the likeliest first."""
    inverse = {char: char for char in _rows()["+"]}
    for simple, shapes in forms().items():
        for shape in shapes:
            if shape != simple:
                inverse[shape] = inverse.get(shape, "") + simple
    for shape in _rows()["="]:
        inverse[shape] += shape
    return inverse


@cache
def usual() -> dict[int, str]:
    """Return the translation table to the usual simplified character."""
    return {ord(char): targets[0] for char, targets in simplified().items()}


@cache
def readings(char: str) -> frozenset[str]:
    """Return the pinyin readings of a character, with tone marks; empty for other symbols."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.TONE, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset()


@cache
def toneless(char: str) -> frozenset[str]:
    """Return the readings of a character without tone marks."""
    marks = dict.fromkeys(map(ord, "\u0300\u0301\u0304\u030c"))
    found = (normalize("NFC", normalize("NFD", one).translate(marks)) for one in readings(char))
    return frozenset(found)


# ---- look-ups by code point, for whole texts at once --------------------------------------------


def codes(text: str) -> npt.NDArray[np.uint32]:
    """Return the code points of `text`."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def flags(chars: Iterable[str]) -> npt.NDArray[np.bool_]:
    """Return for each code point below 0x10000 whether it is one of `chars`."""
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(char) for char in chars if ord(char) < 0xFFFF]] = True
    return table


@cache
def _scripts() -> npt.NDArray[np.uint8]:
    """Return for each code point 1 if only traditional text has it, 2 if only simplified text."""
    table = np.zeros(0x10000, dtype=np.uint8)
    converted = (char for char, targets in simplified().items() if char not in targets)
    table[flags(char for char in converted if not char.encode("gb2312", "ignore"))] = 1
    table[flags(simple for simple, shapes in forms().items() if simple not in shapes + "着")] = 2
    return table


def counts(text: str) -> tuple[int, int]:
    """Return how many characters only traditional text has, and how many only simplified text."""
    if text.isascii():
        return 0, 0
    kinds = np.bincount(_scripts()[np.minimum(codes(text), 0xFFFF)], minlength=3)
    return int(kinds[1]), int(kinds[2])


class Survey(NamedTuple):
    """What stands in a text: `counts`, and which kinds of `signs` (bits, by their order)."""

    traditional: int
    plain: int
    signs: int


def surveyor(signs: Sequence[str]) -> Callable[[str], Survey]:
    """Return a function that looks at each character of a text once, for all the rules.

    `signs` are up to six sets of characters, each as a regular expression's set would list them.
    Characters beyond U+FFFF show every sign: they are rare, and each rule knows its own.
    """
    table = _scripts().copy()
    every = "".join(map(chr, [*range(0xD800), *range(0xE000, 0xFFFF)]))
    for bit, chars in enumerate(signs, 2):
        table[[ord(char) for char in re.findall(f"[{chars}]", every)]] |= 1 << bit
        table[0xFFFF] |= 1 << bit

    def survey(text: str) -> Survey:
        if text.isascii() and not any(table[code] for code in set(text.encode())):
            return Survey(0, 0, 0)
        kinds = np.bincount(table[np.minimum(codes(text), 0xFFFF)], minlength=256)
        seen = np.flatnonzero(kinds).tolist()
        return Survey(
            int(kinds[1::4].sum()),
            int(kinds[2::4].sum()),
            reduce(or_, (kind >> 2 for kind in seen), 0),
        )

    return survey

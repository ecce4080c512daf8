"""What a character's bytes are in GBK, and which characters a simplified one may have become.

Everything here is a table. GBK's two-byte codes come from Python's codec; what it leaves
undefined either vanishes on a mirror or shows as a private-use character (the user-defined zones
of code page 936, in their usual order). `characters.txt` pairs simplified characters with the
forms that converters write for them.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

LEADS = range(0x81, 0xFF)
TRAILS = (*range(0x40, 0x7F), *range(0x80, 0xFF))
WIDE = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）"}
NARROW = {wide: narrow for narrow, wide in WIDE.items()}
VOWELS = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ"


@lru_cache(maxsize=1)
def decoded() -> dict[tuple[int, int], str]:
    """Return the character of each defined pair of bytes."""
    table = {}
    for lead in LEADS:
        for trail in TRAILS:
            try:
                table[lead, trail] = bytes((lead, trail)).decode("gbk")
            except UnicodeDecodeError:
                continue
    return table


@lru_cache(maxsize=1)
def encoded() -> dict[str, tuple[int, int]]:
    """Return the pair of bytes that shows as a character, private-use and GB 18030 ones too."""
    table: dict[str, tuple[int, int]] = {}
    for lead in LEADS:
        for trail in TRAILS:
            try:
                table.setdefault(bytes((lead, trail)).decode("gb18030"), (lead, trail))
            except UnicodeDecodeError:
                continue
    table.update((char, pair) for pair, char in private().items())
    table.update((char, pair) for pair, char in decoded().items())
    return table


@lru_cache(maxsize=1)
def private() -> dict[tuple[int, int], str]:
    """Return the private-use character of each pair in GBK's user-defined zones."""
    zones = [
        (lead, trail)
        for lead in (*range(0xAA, 0xB0), *range(0xF8, 0xFF))
        for trail in range(0xA1, 0xFF)
    ]
    zones += [(lead, trail) for lead in range(0xA1, 0xA8) for trail in TRAILS if trail < 0xA1]
    return {pair: chr(0xE000 + n) for n, pair in enumerate(zones)}


@lru_cache(maxsize=1)
def _rows() -> dict[str, str]:
    rows = files(__package__).joinpath("characters.txt").read_text("utf-8").splitlines()
    return {row[0]: row[2:] for row in rows if row and not row.startswith("#")}


@lru_cache(maxsize=1)
def forms() -> dict[str, str]:
    """Return for each simplified character its converted forms, the usual one first."""
    return {simple: shapes for simple, shapes in _rows().items() if simple not in "=+"}


@lru_cache(maxsize=1)
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
def readings(char: str) -> frozenset[str]:
    """Return the pinyin readings of a character, with tone marks; empty for other symbols."""
    from pypinyin import Style, pinyin

    found = pinyin(char, style=Style.TONE, heteronym=True, errors="ignore")
    return frozenset(found[0]) if found else frozenset()

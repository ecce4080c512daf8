"""Numerals as they stand in Chinese reports: Arabic, Chinese, mixed, full-width, broken by spaces.

No library reads them all: of 20 numerals of these reports cn2an 0.5.24 reads 11, chinese2digits
6.0.2 reads 11 and pycnnum 2.1.1 reads 9 (5.2万亿, 千亿 and 百分之九十 fail in each).
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2}
"""What a Chinese digit is worth."""

_UNITS = {"亿": 10**8, "万": 10**4, "千": 1000, "百": 100, "十": 10}
_FRACTION = re.compile(r"(.*)[点.]([零一二三四五六七八九]+)([十百千万亿]*)")
_SPELLED = re.compile(
    r"([一二三四五六七八九零]+)(?:[点.]([一二三四五六七八九零]+))?([十百千万亿]*)"
)
_FOLD = str.maketrans(
    "０１２３４５６７８９％﹪．／∶－−＋–—―～〜≧≦＞＜萬億餘點個噸畝兩達過約減長產〇○",
    "0123456789%%./:--+~~~~~≥≤><万亿余点个吨亩两达过约减长产零零",
)
_DROPPED = re.compile(r"[\u200b-\u200d\u2060\ufeff]+|(?<!\d)\s+|\s+(?!\d)")
_COMMAS = re.compile(r"(?<![\d.])\d{1,3}(?:，\d{3})+(?!\d)")
_SPACED = re.compile(
    r"(?<![\d.,~-])[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f]\d{3})+(?=[ \u00a0]?[\u4e00-\u9fff%])"
)
_MIDDLE_DOT = re.compile(r"(?<=[\d一二三四五六七八九零])[·•・](?=[\d一二三四五六七八九零])")
_MISREAD = re.compile(
    r"(?<=[一二三四五六七八九])(?<![统同唯专]一)于"
    r"(?=[一二三四五六七八九]?[十百万亿零]|[多余来]?[万亿个种项件台套人标])"
)
_WHITE = re.compile(r"\s")
_ODD = re.compile(rf"[{''.join(map(chr, _FOLD))}·•・\s\u200b-\u200d\u2060\ufeff]")
_APART = re.compile(r"，(?<=\d，)\d")


@lru_cache(maxsize=10_000)
def number(text: str) -> float:
    """A numeral as a number.

    >>> [number(text) for text in ("5.2万亿", "一百零五", "1亿3千万", "千亿", "二点五", "一万二")]
    [5200000000000.0, 105.0, 130000000.0, 100000000000.0, 2.5, 12000.0]

    ValueError if it is none, such as 二零二五 (digits without a unit) or the empty text.
    """
    if text.isdecimal() and text.isascii():
        return float(text)
    if match := _FRACTION.fullmatch(text):
        decimals = "".join(str(DIGITS[character]) for character in match[2])
        times = _whole(match[3]) if match[3] else 1
        return float((_whole(match[1]) + Decimal(f"0.{decimals}")) * times)
    return float(_whole(text))


def spelled(text: str) -> float:
    """A numeral written digit by digit, as reports of the fifties do.

    >>> spelled("五六六万"), spelled("三八.二")
    (5660000.0, 38.2)

    ValueError if it is none.
    """
    match = _SPELLED.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is no numeral")
    digits = "".join(str(DIGITS[one]) for one in match[1])
    decimals = "".join(str(DIGITS[one]) for one in match[2] or "零")
    times = _whole(match[3]) if match[3] else 1
    return float(Decimal(f"{digits}.{decimals}") * times)


def amount(value: float, unit: str) -> tuple[float, str]:
    """A value in its unit without a multiplier: 3.2 亿元 and 320000000 元 are the same amount.

    >>> amount(3.2, "亿元"), amount(14000, "万吨")
    ((320000000.0, '元'), (140000000.0, '吨'))
    """
    bare = unit.lstrip("百千万亿") if unit[:1] in _UNITS and not unit.startswith("千") else unit
    worth = 1
    for character in unit[: len(unit) - len(bare)]:
        worth *= _UNITS[character]
    return float(round(value * worth, 9)), bare


_EXACT: tuple[dict[str, Decimal], ...] = (
    {"克": Decimal(1), "公斤": Decimal(1000), "千克": Decimal(1000), "斤": Decimal(500)}
    | {"市斤": Decimal(500), "吨": Decimal(10**6), "公吨": Decimal(10**6), "担": Decimal(50_000)},
    {"米": Decimal(1), "公里": Decimal(1000), "千米": Decimal(1000), "里": Decimal(500)}
    | {"m": Decimal(1), "km": Decimal(1000), "华里": Decimal(500)},
    {"平方米": Decimal(1), "公顷": Decimal(10**4), "平方公里": Decimal(10**6)}
    | {"㎡": Decimal(1), "m²": Decimal(1), "km²": Decimal(10**6)},
    {"千瓦时": Decimal(1), "度": Decimal(1), "千瓦小时": Decimal(1), "kWh": Decimal(1)},
    {"千瓦": Decimal(1), "兆瓦": Decimal(1000), "kW": Decimal(1), "MW": Decimal(1000)},
)
"""Units that convert into each other without a remainder, by what each is worth."""


def exchanged(value: float, unit: str, wanted: str) -> float | None:
    """A value in another unit where that is exact: 620 亿斤 are 3100 万吨; None where it is not.

    >>> exchanged(620, "亿斤", "万吨"), exchanged(5, "万人", "人"), exchanged(5, "件", "条")
    (3100.0, 50000.0, None)
    """
    one, other = amount(1, unit), amount(1, wanted)
    rates = next((own for own in _EXACT if one[1] in own and other[1] in own), {})
    if one[1] != other[1] and not rates:
        return None
    if not value < 1e300:
        return value
    worth = Decimal(str(one[0])) / Decimal(str(other[0]))
    if rates:
        worth *= rates[one[1]] / rates[other[1]]
    return float(Decimal(repr(float(value))) * worth)


def _whole(text: str) -> Decimal:
    """A numeral without 点, taken apart at its largest unit."""
    for unit, worth in _UNITS.items():
        left, found, right = text.rpartition(unit)
        if found:
            if worth < 10_000 and unit in left:  # 六十五十
                raise ValueError(f"{text!r} is no numeral")
            low = _whole(right.lstrip("零")) if right.strip("零") else Decimal(0)
            if right in DIGITS and worth >= 100:
                low *= worth // 10
            return (_whole(left) if left else 1) * worth + low
    if text in DIGITS:
        return Decimal(DIGITS[text])
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no numeral") from None


def fold(text: str) -> tuple[str, list[int] | None]:
    """A text with its numerals in one script, for matching.

    Full-width digits, points and signs become ASCII, the traditional forms of number words
    simplified; zero-width characters and spaces beside a number go.

    Returns
    -------
    tuple
        The text, and for each of its characters the offset in the text given; None if no
        character went.

    >>> fold("３．５ ％")
    ('3.5%', [0, 1, 2, 4])
    """
    if "于" in text:
        text = _MISREAD.sub("千", text)  # 三于八百亿斤 is how a scan reads 三千八百亿斤
    if not (_ODD.search(text) or _APART.search(text)):
        return text, None
    folded = _MIDDLE_DOT.sub(".", text.translate(_FOLD))
    folded = _COMMAS.sub(lambda match: match[0].replace("，", ","), folded)
    folded = _SPACED.sub(lambda match: _WHITE.sub(",", match[0]), folded)
    kept: list[int] = []
    at = 0
    for match in _DROPPED.finditer(folded):
        kept += range(at, match.start())
        at = match.end()
    if not at:
        return folded, None
    kept += range(at, len(folded))
    return _MIDDLE_DOT.sub(".", "".join(folded[place] for place in kept)), kept

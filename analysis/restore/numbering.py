"""The numbers of a document's paragraphs: which one is missing where a line cannot be read.

（二） before and （四） behind a broken line say as much as its bytes do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NUMERALS = "一二三四五六七八九十百"
MARKS = (("（", "）"), ("", "、"), ("第", "条"), ("第", "章"), ("", "是"), ("", "要"))
STYLES = tuple(re.compile(head + f"([{NUMERALS}]{{1,4}})" + tail) for head, tail in MARKS)
FIRST = 0.05  # chance that a line starts a numbering anew
NEXT = 0.35  # that it carries on the one before
LAST = 0.3  # that it stands before the one behind
BETWEEN = 0.8  # where both agree

Head = tuple[int, int] | None


def head_of(line: str) -> Head:
    """Return (style, number) of a line's head, or None."""
    start = line[:8].replace("(", "（").replace(")", "）")
    for style, pattern in enumerate(STYLES):
        match = pattern.match(start)
        if match and (number := number_of(match[1])):
            return style, number
    return None


def expected(heads: Sequence[Head], line: int) -> tuple[tuple[str, float], ...]:
    """Return the heads that the lines around `line` make likely there, with their chance."""
    chances: dict[tuple[int, int], float] = {}
    for style in sorted({head[0] for head in heads if head}):
        chances[style, 1] = FIRST
        before = next((h[1] for h in reversed(heads[:line]) if h and h[0] == style), None)
        behind = next((h[1] for h in heads[line + 1 :] if h and h[0] == style), None)
        if before is not None:
            chances[style, before + 1] = NEXT
        if behind is not None and behind > 1:
            agreed = chances.get((style, behind - 1)) == NEXT
            chances[style, behind - 1] = BETWEEN if agreed else LAST
    return tuple(
        (MARKS[style][0] + numeral(number) + MARKS[style][1], chance)
        for (style, number), chance in chances.items()
        if number < 100
    )


def number_of(text: str) -> int:
    """Return the value of a Chinese numeral below 100 (0 if it is none).

    >>> [number_of(n) for n in ("三", "十", "十二", "二十", "三十四")]
    [3, 10, 12, 20, 34]
    """
    tens, ten, units = text.rpartition("十")
    if not ten:
        return NUMERALS.find(units) + 1 if len(units) == 1 else 0
    first = NUMERALS.find(tens) + 1 if len(tens) == 1 else 1 if not tens else 0
    rest = NUMERALS.find(units) + 1 if len(units) == 1 else 0
    return first * 10 + rest if first and len(units) < 2 else 0


def numeral(value: int) -> str:
    """Return the Chinese numeral of a number below 100."""
    tens, units = divmod(value, 10)
    return (
        (NUMERALS[tens - 1] if tens > 1 else "")
        + ("十" if tens else "")
        + (NUMERALS[units - 1] if units else "")
    )

"""How the figures of indicators name things: titles, numbers, bounds, the key of their marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.kit import shown

from .look import ems, number, say, wrap

if TYPE_CHECKING:
    from analysis.indicators import Indicator

_SCALES = {
    "zh": ((1e12, 1e12, "万亿"), (1e8, 1e8, "亿"), (1e5, 1e4, "万")),
    "en": ((1e12, 1e12, "trillion "), (1e9, 1e9, "billion "), (1e6, 1e6, "million ")),
}


def key_lines(said: list[str], width: float, size: float) -> list[str]:
    """What the marks mean, as lines of letters of a size that fit a width, both in points."""
    lines = [said[0]]
    for one in said[1:]:
        longer = f"{lines[-1]}    {one}"
        if ems(longer) * size < width:
            lines[-1] = longer
        else:
            lines.append(one)
    return lines


def scale(values: pd.Series[float], lang: str) -> tuple[float, str]:
    """What large numbers are divided by on an axis, and the word for it before the unit."""
    largest = values.abs().max()
    for least, divisor, word in _SCALES[lang]:
        if largest >= least:
            return divisor, word
    return 1.0, ""


def rounded(value: float, divisor: float) -> str:
    """A number as a label: as it is, or to four digits where it is divided or a quotient."""
    whole = divisor == 1 and round(value, 4) == value
    return number(value) if whole else shown.number(value / divisor, 4)


def title(indicator: Indicator, unit: str, word: str, lang: str, *more: str) -> str:
    """An indicator's name with region and unit, in lines that fit a small multiple."""
    whole = say(lang, "unit", unit=word + unit) if word + unit else ""
    lines = wrap("　".join([indicator.name[lang], *more]), 20)
    fits = ems(lines[-1] + whole) <= 20
    return "\n".join([*lines[:-1], lines[-1] + whole] if fits else [*lines, whole.strip()])


def bounded(row: Any, label: str) -> str:
    """A number's label with the sign of its bound."""
    return {"at_least": "≥", "at_most": "≤", "approximate": "≈"}.get(row.bound, "") + label

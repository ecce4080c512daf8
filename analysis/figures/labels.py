"""How the figures of indicators name things: titles, numbers, bounds, the key of their marks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.kit import shown

from .look import ems, number, say, texts, wrap

if TYPE_CHECKING:
    from analysis.indicators import Indicator

_SCALES = {
    "zh": ((1e12, 1e12, "万亿"), (1e8, 1e8, "亿"), (1e5, 1e4, "万")),
    "en": ((1e12, 1e12, "trillion "), (1e9, 1e9, "billion "), (1e6, 1e6, "million ")),
}


_TIMES = re.compile(r"((?:万亿|千万|百万|[亿万千百])(?=.))?")


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


def unit(written: str, lang: str) -> str:
    """A unit in the language of the figure; one that is not known stays as it is written.

    >>> unit("亿斤", "en"), unit("件/万人", "en"), unit("万人次", "en"), unit("人", "zh")
    ('100 million jin', 'items per 10,000 persons', '10,000 person-times', '人')
    """
    if lang == "zh":
        return written
    known: dict[str, str] = texts()["units"]
    said = []
    for one in written.split("/"):
        times = _TIMES.match(one)[0]  # type: ignore[index]
        base = one[len(times) :]
        said.append(f"{texts()['times'].get(times, '')} {known.get(base, base)}".strip())
    return " per ".join(said)


def valued(value: str, word: str, written: str, lang: str) -> str:
    r"""A number with its unit behind it, on one line; a percent sign stands close.

    >>> valued("1.2", "万", "件", "zh"), valued("5", "", "%", "en")
    ('1.2\xa0万件', '5%')
    """
    said = word + unit(written, lang)
    return f"{value}{said}" if said in ("%", "‰") else f"{value}\u00a0{said}".strip()


def title(
    indicator: Indicator, written: str, word: str, lang: str, *more: str, room: float = 20
) -> str:
    """An indicator's name with region and unit, in lines that fit so many of its letters."""
    ranks = written in ("名", "位") and indicator.better == "lower"
    said = word + (say(lang, "rank") if ranks else unit(written, lang))
    whole = say(lang, "unit", unit=said) if said else ""
    lines = wrap("　".join([indicator.name[lang], *more]), room)
    fits = ems(lines[-1] + whole) <= room
    return "\n".join([*lines[:-1], lines[-1] + whole] if fits else [*lines, whole.strip()])


def bounded(row: Any, label: str) -> str:
    """A number's label with the sign of its bound."""
    return {"at_least": "≥", "at_most": "≤", "approximate": "≈"}.get(row.bound, "") + label

"""A comparison cloud: the words that set two sides apart, each side's own in a half of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import tables
from analysis.kit import must_occur

from . import cloud
from .contrast import in_reports
from .cut import Cut, keep
from .gloss import gloss_in, listed
from .look import (
    ACCENT,
    DOUBLE,
    MAIN,
    PRESET,
    SOFT,
    blank,
    ems,
    fit,
    inked,
    mark,
    numbered,
    points,
    room,
    say,
    sheet,
    style,
    those,
    told,
)
from .words import glossed

_GAP, _HEAD = 14.0, 12.0  # points between the halves, and for a line of what a half is
_ROOM = 2.1  # of the area of its letters, what a half takes up
_READABLE = 6.0  # points
_LINE = 1.25  # of a letter's size, the height of its line
_LOWEST, _HIGHEST = 180.0, 380.0  # points
_ALIKE = 2.0  # up to what factor between the largest words both halves have one scale

SIZES: dict[str, Callable[[pd.DataFrame], pd.Series[float]]] = {
    "log_ratio": lambda rows: rows["log_ratio_smoothed"].abs(),
    "g2": lambda rows: rows["g2"].abs() ** 0.5,
}
"""What the letters of a comparison cloud may be as large as."""


class _Half(NamedTuple):
    """The words of one side, as large as their `weight` says, largest first."""

    rows: pd.DataFrame
    color: str

    @property
    def weights(self) -> list[float]:
        return list(self.rows["weight"])

    def readable(self, laid: cloud.Cloud | None) -> int:
        """How many of its words are large enough to be read."""
        return sum(size >= _READABLE for size in laid.sizes) if laid else 0

    def laid(self, wide: float, high: float, most: float, lang: str) -> cloud.Cloud | None:
        """Where its words stand; None where it has none."""
        size: dict[str, Any] = {"glosses": self.glosses(lang), "most": most}
        words = list(self.rows["key"])
        return cloud.layout(words, self.weights, wide, high, **size) if words else None

    def glosses(self, lang: str) -> list[str]:
        """What stands below its words, '' where that is nothing."""
        return [gloss_in(key, lang) for key in self.rows["key"]]

    def first(self, most: int) -> _Half:
        return self._replace(rows=self.rows[:most])


def comparison_cloud(
    table: pd.DataFrame,
    target_label: str,
    reference_label: str,
    *,
    size: str = "log_ratio",
    least: Sequence[int] = (1, 1),
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Left the words that the target has more of, right those of the other side.

    Both are on one scale, unless one side's largest is more than twice the other's; then each half
    has its own, and the figure says so. Words too small to be read are left out, which it says.

    Parameters
    ----------
    table : rows of `keyness.compare`: key, n, n_reference, g2, log_ratio, log_ratio_smoothed.
    target_label, reference_label : what the two sides are.
    size : what letters are as large as: `log_ratio` (smoothed, in doublings) or `g2` (its root).
    least : how many reports of its side have each word at least.
    """
    must_occur("size", [size], SIZES)
    rows = numbered(table)
    rows = rows.assign(weight=SIZES[size](rows))
    sides = (rows["log_ratio_smoothed"] > 0, MAIN), (rows["log_ratio_smoothed"] < 0, ACCENT)
    halves = [_Half(_sorted(rows[which]), inked(color)) for which, color in sides]
    if not any(half.weights for half in halves):
        return blank(lang, preset)
    with style(preset):
        wide = (points(DOUBLE) - _GAP) / 2
        heads = [fit(one, DOUBLE, 0.46) for one in (target_label, reference_label)]
        head = _HEAD * (1 + max(one.count("\n") for one in heads))
        while True:
            cut = Cut("word", sum(len(half.rows) for half in halves), len(rows))
            note = _note(rows, halves, size, cut, least, lang)
            high = room(DOUBLE, note) - head
            high = high if high > 0 else max(_high(half, wide) for half in halves)
            laid = _laid(halves, wide, high, lang)
            kept = [half.readable(one) for half, one in zip(halves, laid, strict=True)]
            if kept == [len(half.rows) for half in halves]:
                break
            halves = [half.first(most) for half, most in zip(halves, kept, strict=True)]
        tall = max((one.height for one in laid if one), default=high)
        figure, axes = sheet(DOUBLE, tall + head, _note(rows, halves, size, cut, least, lang, laid))
        keep(figure, cut)
        for at, (half, found, label) in enumerate(zip(halves, laid, heads, strict=True)):
            begin = at * (wide + _GAP)
            where: dict[str, Any] = {"ha": "left", "va": "top", "size": 7, "color": half.color}
            axes.text(begin + 3, tall + head - 2, label, **where)
            if found is None:
                axes.text(begin + 3, tall - 12, say(lang, "cloud_none"), size=7, va="top")
                continue
            _draw(axes, half, found, (begin, (tall - found.height) / 2), lang)
        axes.plot([wide + _GAP / 2] * 2, [2, tall + head - 4], color=SOFT, lw=0.6)
    return figure


def _note(
    rows: pd.DataFrame,
    halves: list[_Half],
    size: str,
    cut: Cut,
    least: Sequence[int],
    lang: str,
    laid: Sequence[cloud.Cloud | None] = (),
) -> str:
    """What the size of letters is, whether both sides have one scale, what a line below is.

    laid : where the words stand, once that is known; of those that have a gloss there it need not
        stand in the note.
    """
    infinite = bool(np.isinf(rows["log_ratio"]).any())
    facts: dict[str, Any] = {"high": rows["weight"].max(), "low": rows["weight"].min()}
    largest = [f"{half.weights[0]:.1f}" for half in halves if half.weights]
    facts |= {"left": largest[0], "right": largest[-1]}
    reports = {"left": least[0], "right": least[1], "least": least[0]}
    names = {f"cloud_{size}": True, "cloud_underlined": infinite}
    names |= {"cloud_apart": _apart(halves), "cloud_one": not _apart(halves)}
    enough = told(lang, *those(lang, in_reports(least), **reports))
    shown = [size for one in laid if one for size, _ in one.glosses]
    keys = [key for half in halves for key in half.rows["key"]]
    keys = [key for key, there in zip_longest(keys, shown) if not there]
    return told(
        lang, *those(lang, names, **facts), enough, cut.said(lang), listed(keys, lang, DOUBLE)
    )


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["weight", "row_no"], ascending=[False, True])


def _high(half: _Half, wide: float) -> float:
    """How high a half is, in points: as much as its smallest word needs to be read."""
    weights = half.weights
    if not weights:
        return _LOWEST
    largest = min(_READABLE * 1.1 * weights[0] / weights[-1], 40.0)
    area = sum(
        ems(key) * (largest * weight / weights[0]) ** 2 * _LINE
        for key, weight in zip(half.rows["key"], weights, strict=True)
    )
    return min(max(_LOWEST, _ROOM * area / wide), _HIGHEST)


def _apart(halves: list[_Half]) -> bool:
    """Whether the words of one half are so much larger that each has a scale of its own."""
    largest = [half.weights[0] for half in halves if half.weights]
    return max(largest) > _ALIKE * min(largest)


def _laid(halves: list[_Half], wide: float, high: float, lang: str) -> list[cloud.Cloud | None]:
    """Each half laid out; if both have one scale at that of the half with less room."""
    largest = [cloud.LARGEST for _ in halves]
    while True:
        each = zip(halves, largest, strict=True)
        made = [half.laid(wide, high, most, lang) for half, most in each]
        pairs = list(zip(made, halves, strict=True))
        scales = [one.sizes[0] / half.weights[0] for one, half in pairs if one is not None]
        if _apart(halves) or max(scales) - min(scales) < 1e-9:
            return made
        largest = [min(scales) * half.weights[0] if half.weights else 0.0 for half in halves]


def _draw(axes: Axes, half: _Half, found: cloud.Cloud, at: tuple[float, float], lang: str) -> None:
    """The words of a half; a line under one that the other side lacks."""
    for row, size, (x, y) in zip(tables.rows(half.rows), found.sizes, found.places, strict=True):
        left, base = at[0] + x, at[1] + y
        word = axes.text(left, base, row.key, size=size, color=half.color, va="baseline")
        tip = f"{row.key}: log2 {row.log_ratio_smoothed:.2f}, G² {abs(row.g2):.1f}"
        tip += f" ({row.n:,} : {row.n_reference:,})"
        mark(word, row.row_no, tip)
        if np.isinf(row.log_ratio):
            low = base - 0.14 * size
            across = [left, left + ems(row.key) * size]
            (under,) = axes.plot(across, [low, low], color=half.color, lw=0.6)
            mark(under, row.row_no, tip)
    glosses = half.glosses(lang)
    glossed(axes, found, glosses, [half.color] * len(glosses), at)

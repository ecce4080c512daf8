"""Figures of a contrast: the words that set one set of reports apart from another."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables

from .cut import Cut, holds, keep
from .gloss import word_in
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    annotate,
    area,
    blank,
    canvas,
    ems,
    fit,
    inked,
    interval,
    mark,
    numbered,
    points,
    say,
    style,
    tall,
    those,
    told,
)

_SIZE = 6.5
_BEYOND = 1.06  # of the longest bar, that of an infinite ratio
_TIP = 6  # points from the middle of an arrow's tip to the text behind it


def keyness_plot(
    table: pd.DataFrame,
    target_label: str,
    reference_label: str,
    *,
    least: Sequence[int] = (1, 1),
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Diverging bars of the log ratio: right what the target has more of, left the reference.

    A word that one side lacks as a word of its own has ∞ and an open bar to the edge, with an
    arrow: its ratio is infinite.

    Parameters
    ----------
    table : rows of `keyness.compare`, drawn in their order, the target's first: key, n,
        n_reference, N_tokens, N_tokens_reference, g2, p_adjusted, log_ratio, log_ratio_smoothed,
        lo and hi (NaN unless a sample).
    target_label, reference_label : what the two sides are. least : how many reports of its side
        have each word at least.
    """
    if table.empty:
        return blank(lang, preset)
    ratio = table["log_ratio_smoothed"]
    table = numbered(table).assign(reach=[_reach(row) for row in tables.rows(table)])
    table, cut = _both_sides(table.iloc[np.argsort(ratio < 0, kind="stable")], preset)
    side, infinite = np.sign(table["log_ratio_smoothed"]), np.isinf(table["log_ratio"])
    edge = _BEYOND * side * table["reach"].abs().groupby(side).transform("max")
    finite = {"bar": table["log_ratio_smoothed"], "reach": table["reach"]}
    table = table.assign(**{name: own.where(~infinite, edge) for name, own in finite.items()})
    ends = [_end(row) for row in tables.rows(table)]
    with style(preset):
        below = fit(cut.after(_axis(table, least, lang), lang), DOUBLE, 0.94)
        sides = (f"← {reference_label}", f"{target_label} →")
        left, right = (fit(side, DOUBLE, 0.42) for side in sides)
        above = max(left, right, key=tall)
        figure = canvas(DOUBLE, 13 + tall(above, below) + 3.8 * max(len(table), 2))
        keep(figure, cut)
        axes = figure.add_subplot()
        _limits(axes, table, ends, [word_in(key, lang) for key in table["key"]])
        for place, (row, end) in enumerate(zip(tables.rows(table), ends, strict=True)):
            side = -1 if row.log_ratio_smoothed < 0 else 1
            times = "" if np.isinf(row.log_ratio) else f"×{2 ** abs(row.log_ratio_smoothed):,.1f}, "
            tip = f"{row.key}: {times}{end}"
            far = _TIP if np.isinf(row.log_ratio) else 3
            said = annotate(axes, end, (row.reach, place), far * side, size=6, color=INK)
            for drawn in (*_bar(axes, place, row), said):
                mark(drawn, row.row_no, tip)
            annotate(axes, word_in(row.key, lang), (_inner(row), place), -3 * side, size=_SIZE)
        axes.axvline(0, color=INK, lw=0.6)
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        low, high = min(0, floor(table["reach"].min())), max(0, ceil(table["reach"].max()))
        ticks = MaxNLocator(7, integer=True).tick_values(low, high)
        ticks = [int(tick) for tick in ticks if low <= tick <= high]
        axes.set_xticks(ticks, [f"×{2 ** abs(tick):,}" for tick in ticks])
        axes.set_xlabel(below, loc="left")
        axes.set_title(left, loc="left", color=inked(ACCENT))
        axes.set_title(right, loc="right", color=inked(MAIN))
    return figure


def _both_sides(table: pd.DataFrame, preset: str) -> tuple[pd.DataFrame, Cut]:
    """The rows that a page holds: of each side the first, the shorter side leaving its room."""
    most = holds(3.5, 26, preset, len(table))
    own = int((table["log_ratio_smoothed"] >= 0).sum())
    others = len(table) - own
    first = min(own, max(most - others, most - most // 2))
    kept = [*range(first), *range(own, own + min(others, most - first))]
    return table.iloc[kept], Cut("key", len(kept), len(table))


def _reach(row: Any) -> float:
    """Where a bar, or its interval, ends on the side it points to."""
    value = float(row.log_ratio_smoothed)
    if np.isnan(row.lo):
        return value
    return min(value, float(row.lo)) if value < 0 else max(value, float(row.hi))


def _inner(row: Any) -> float:
    """Where a bar begins, or its interval where that reaches past zero."""
    if np.isnan(row.lo):
        return 0.0
    return max(0.0, float(row.hi)) if row.log_ratio_smoothed < 0 else min(0.0, float(row.lo))


def _end(row: Any) -> str:
    """What stands behind a bar: G², p if there is one, and the counts, its own side's first."""
    own, other = row.n, row.n_reference
    if row.log_ratio_smoothed < 0:
        own, other = other, own
    infinite = "∞  " if np.isinf(row.log_ratio) else ""
    chance = ""
    if not np.isnan(row.p_adjusted):
        chance = "  p < 0.001" if row.p_adjusted < 0.001 else f"  p {row.p_adjusted:.3f}"
    return f"{infinite}G² {abs(row.g2):.1f}{chance}  ({own:,} : {other:,})"


def _limits(axes: Axes, table: pd.DataFrame, ends: list[str], called: list[str]) -> None:
    """Room at both sides for the longest bar and, behind it, the longest text."""
    right = table["log_ratio_smoothed"] >= 0
    names = [ems(one) * _SIZE + 6 for one in called]
    behind = [ems(end) * 6 + 9 for end in ends]
    each = [*zip(right, behind, names, strict=True)]
    left_room = max(name if own else end for own, end, name in each)
    right_room = max(end if own else name for own, end, name in each)
    low = min(0.0, table["reach"].min(), table["lo"].min())
    high = max(0.0, table["reach"].max(), table["hi"].max())
    unit = (high - low or 1) / (points(DOUBLE) - right_room - left_room - 10)
    axes.set_xlim(low - left_room * unit, high + right_room * unit)


def _bar(axes: Axes, place: int, row: Any) -> list[Artist]:
    """A filled bar; an open one with an arrow where one side has no such word; the interval."""
    value = row.bar
    color = ACCENT if value < 0 else MAIN
    drawn: list[Artist] = []
    if np.isinf(row.log_ratio):
        bar = Rectangle((0, place - 0.34), value, 0.68, fc=color, alpha=0.25, lw=0)
        for side in (place - 0.34, place + 0.34):
            drawn += axes.plot([0, value], [side] * 2, color=color, lw=0.8, solid_capstyle="butt")
        drawn += axes.plot(value, place, "<" if value < 0 else ">", color=color, ms=5, mew=0)
    else:
        bar = Rectangle((0, place - 0.34), value, 0.68, **({"lw": 0} | area(color)))
    drawn.append(axes.add_patch(bar))
    if not np.isnan(row.lo):
        drawn += interval(axes, row.lo, row.hi, place)
    return drawn


def _axis(table: pd.DataFrame, least: Sequence[int], lang: str) -> str:
    """What the axis measures, of how many words, and what the numbers behind the bars are."""
    own, other = (int(table[name].iloc[0]) for name in ("N_tokens", "N_tokens_reference"))
    p = say(lang, "tested" if table["p_adjusted"].notna().any() else "untested")
    infinite, sample = np.isinf(table["log_ratio"]).any(), table["lo"].notna().any()
    said = {"keyness": True, "open_bar": infinite, "interval": sample}
    said |= in_reports(least)
    counts = {"own": own, "other": other, "left": least[1], "right": least[0], "least": least[0]}
    return told(lang, *those(lang, said, p=p, **counts))


def in_reports(least: Sequence[int]) -> dict[str, bool]:
    """Which text says in how many reports of either side a word stands, if any is to."""
    apart = least[0] != least[1]
    return {"in_reports_of": not apart and least[0] > 1, "in_reports_apart": apart}

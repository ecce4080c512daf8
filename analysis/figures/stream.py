"""Themes as a stream over the years: a band each, broken where a year has no report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.ticker import FixedLocator

from analysis import tables
from analysis.kit import spans

from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    alike,
    annotate,
    blank,
    canvas,
    counted,
    foot,
    mark,
    numbered,
    say,
    some_years,
    style,
    told,
    years_are,
)
from .over_time import greyed
from .slope import apart

_COLORS = (MAIN, ACCENT, "C3", "C4", "C5", "C6")
_BANDS = 9
"""Themes with a band, and a colour, of their own: the largest; the others are one grey band."""
_OTHERS = "#c9c9c9"
_HALF = 0.2  # of a year, what a year without a neighbour reaches to both sides
_MARGIN = 0.3  # of a year, between the first or last one and the edge
_LINE = 3.1  # millimetres of a label


def theme_stream(
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    at: str = "at",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A band for each theme, as high as its share of the sentences in a year, around a middle line.

    Neighbouring years flow into each other; a year without a neighbour is a bar, and one without a
    report a gap on grey: nothing is drawn there. Sentences without a theme are no band. Of more
    than nine themes the smaller ones stand at the lower edge in grey, named together.

    Parameters
    ----------
    table : theme, the column `at`, n, share: one row a theme and year; share_none, the share of
        sentences without a theme, is said. names : of the themes.
    """
    rows = numbered(table)
    years = pd.to_numeric(rows[at].astype(str).str[:4]).astype(int) if len(rows) else rows[at]
    rows = rows.assign(year=years)
    none: pd.Series[float] = rows.get("share_none", pd.Series(dtype=float)).dropna()
    rows = rows[rows["share"].notna()]
    if rows.empty or not rows["share"].any():
        return blank(lang, preset)
    own, rest = _shared_out(rows)
    held = [*rest, *own]
    span = range(rows["year"].min(), rows["year"].max() + 1)
    missing = sorted(set(span) - set(rows["year"]))
    shares = rows.pivot(index="theme", columns="year", values="share").loc[held].fillna(0)
    sums = np.vstack([np.zeros(shares.shape[1]), shares.cumsum().to_numpy()])
    edges = pd.DataFrame(sums - sums[-1] / 2, columns=shares.columns)
    with style(preset):
        high = 62.0
        figure = canvas(DOUBLE, high + 22)
        axes = figure.add_subplot()
        top = float(edges.iloc[-1].max())
        axes.set_xlim(span[0] - _MARGIN, span[-1] + _MARGIN)
        axes.set_ylim(-top * 1.04, top * 1.04)
        for number, theme in enumerate(held):
            color = _OTHERS if theme in rest else _color(number - len(rest))
            of = rows[rows["theme"] == theme]
            around = edges.iloc[number], edges.iloc[number + 1]
            _band(axes, of, *around, names[theme], color, parted=number >= len(rest))
        bounds = edges.iloc[[0, *range(len(rest), len(held) + 1)]] if rest else edges
        known = rows.pivot(index="theme", columns="year", values="share").loc[held]
        known = known[sorted({span[0], span[-1]})] * 100
        each = [rest] * bool(rest) + [[one] for one in own]  # themes of a band
        ends = [list(known.loc[of].sum(min_count=1)) for of in each]
        said_as = alike([one for pair in ends for one in pair])
        others = [say(lang, "stream_others", n=len(rest))] * bool(rest)
        called = [
            f"{name}  {' → '.join('–' if pd.isna(one) else said_as(one) for one in pair)}"
            for name, pair in zip([*others, *(names[one] for one in own)], ends, strict=True)
        ]
        alone = [year for year in rows["year"].unique() if not _beside(rows["year"], year)]
        _labels(axes, bounds, called, span, high, _HALF if span[-1] in alone else 0.0)
        greyed(axes, span, rows["year"])
        axes.xaxis.set_major_locator(FixedLocator(some_years(span, 12)))
        _scale(axes, top, lang)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        gone = say(lang, "and").join(map(spans.span, spans.runs(missing)))
        left = {"low": f"{none.min():.0%}", "high": f"{none.max():.0%}"} if len(none) else {}
        said = told(
            lang,
            years_are(table, at, lang) + (say(lang, "grey", years=gone) if missing else ""),
            say(lang, "stream"),
            say(lang, "stream_alone") if alone else "",
            say(lang, "stream_rest", n=len(own), rest=len(rest)) if rest else "",
            say(lang, "stream_ends", first=span[0], last=span[-1]) if len(span) > 1 else "",
            counted(lang),
            say(lang, "stream_none", **left) if left else "",
        )
        foot(figure, said, DOUBLE, 6)
    return figure


def _shared_out(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Themes with a band of their own, the lowest first and the largest in the middle; the rest."""
    mean = rows.groupby("theme", sort=False)["share"].mean()
    ranked = list(mean.sort_values(ascending=False, kind="stable").index)
    most = _BANDS if len(ranked) != _BANDS + 1 else _BANDS - 1  # a rest of one is none
    own = ranked[:most]
    return [*own[1::2][::-1], *own[0::2]], ranked[most:]


def _beside(years: pd.Series[int], year: int) -> bool:
    """Whether a year before or after has a report."""
    return bool(years.isin([year - 1, year + 1]).any())


def _band(
    axes: Axes,
    own: pd.DataFrame,
    low: pd.Series[float],
    high: pd.Series[float],
    name: str,
    color: Any,
    *,
    parted: bool,
) -> None:
    """The pieces of one theme, one a year, each marked as its row; they meet halfway.

    parted : whether a white line parts it from its neighbours.
    """
    look: dict[str, Any] = {"fc": color, "ec": color, "joinstyle": "miter"}
    for row in tables.rows(own):
        alone = not {row.year - 1, row.year + 1} & {*low.index}
        places = {-1: -_HALF * alone, 0: 0.0, 1: _HALF * alone}
        below: list[tuple[float, float]] = []
        above: list[tuple[float, float]] = []
        for side, by in places.items():
            other = row.year + side
            joined = other in low.index
            across = row.year + (side / 2 if joined else by)
            for values, into in ((low, below), (high, above)):
                level = values[row.year] if not joined else (values[row.year] + values[other]) / 2
                into.append((across, level))
        piece = Polygon([*below, *above[::-1]], closed=True, **look)
        piece.set_linewidth(0.3 if below != above else 0)  # of nothing no edge is seen
        tip = f"{name} · {row.year}: {row.share:.1%} ({int(row.n)})"
        mark(axes.add_patch(piece), row.row_no, tip)
        for line in (below, above) if piece.get_linewidth() and parted else ():
            axes.plot(*zip(*line, strict=True), color="white", lw=0.4, solid_capstyle="butt")


def _color(number: int) -> tuple[float, ...]:
    """One of six colours, or of the seventh to the ninth band one of three half as deep."""
    depth = 0.85 if number < len(_COLORS) else 0.45
    color = to_rgb([*_COLORS, MAIN, ACCENT, _COLORS[-1]][number])
    return tuple(depth * one + 1 - depth for one in color)


def _labels(
    axes: Axes, edges: pd.DataFrame, names: list[str], span: range, high: float, reach: float
) -> None:
    """Each band's name at the right, with a thread to its middle in the last year."""
    last, top = span[-1], axes.get_ylim()[1]
    ends = list(edges[last])
    middles = [(ends[at] + ends[at + 1]) / 2 for at in range(len(names))]
    gap = 2 * top * _LINE / high
    heights = [one - top for one in apart([one + top for one in middles], gap, 2 * top)]
    far = last + _MARGIN + 0.02 * len(span)
    for name, middle, height in zip(names, middles, heights, strict=True):
        thread = [last + reach, far], [middle, height]
        axes.plot(*thread, color="#999999", lw=0.4, clip_on=False)
        annotate(axes, name, (far, height), 2, size=6.5, color=INK, annotation_clip=False)


def _scale(axes: Axes, top: float, lang: str) -> None:
    """A bar as high as a share, in place of an axis."""
    share = next(
        one for one in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001) if one <= top or one < 0.01
    )
    x = axes.get_xlim()[0]
    axes.plot([x, x], [-share / 2, share / 2], color=INK, lw=1.2, clip_on=False)
    said = f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"
    annotate(axes, say(lang, "stream_scale", share=said), (x, 0), -4, size=6.5)

"""Figures of regions over the years: one panel each, all of them on one scale.

They are drawn from rows of a panel (`attention.ordered`). A year without a number is a gap.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.kit import must_occur, spans

from .attention import axis, figure_of, known, number, unit
from .cut import fitting, held, keep
from .look import (
    ACCENT,
    DOUBLE,
    MAIN,
    PRESET,
    blank,
    canvas,
    counted,
    foot,
    mark,
    region_in,
    say,
    some_years,
    style,
    told,
)
from .over_time import greyed

_HIGH = 27  # of a panel, in millimetres
_ACROSS = 4
_BEHIND = "#c4c4c4"


def region_multiples(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    region: str = "",
    value: str = "rate_chars",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Small multiples, one a region: its own line before those of all others, one region in each.

    Neighbouring years are joined; a year without a number is a gap, on grey. InputError for a
    region that the table does not have.

    Parameters
    ----------
    table : `attention.ordered`: place, region, year, the value. names : what each topic is called.
    region : the one that is drawn in every panel. value : one of `attention.VALUES`.
    """
    must_occur("region", [region] if region else [], set(table["region"]))
    part, cut = held(table, "place", _ACROSS * fitting(_HIGH, 30, preset))
    rows = known(part, value, at)
    if rows["shown"].isna().all():
        return blank(lang, preset)
    places = list(dict.fromkeys(rows["place"]))
    across = min(_ACROSS, len(places))
    lines = -(-len(places) // across)
    span = range(rows["at"].min(), rows["at"].max() + 1)
    top = rows["shown"].max()
    with style(preset):
        figure = canvas(DOUBLE, 24 + (56 if lines == 1 else _HIGH * lines))
        keep(figure, cut, part)
        grid = figure.subplots(lines, across, squeeze=False, sharex=True, sharey=True)
        for axes in grid.flat[len(places) :]:
            axes.set_visible(False)
        for axes, place in zip(grid.flat, places, strict=False):
            own = rows[rows["place"] == place]
            for other, its in rows.groupby("place", sort=False):
                if other != place:
                    apart = region != "" and region in set(its["region"])
                    _behind(axes, its, span, ACCENT if apart else _BEHIND, apart=apart)
            _own(axes, own, span, ACCENT if region in set(own["region"]) else MAIN)
            greyed(axes, span, own.loc[own["shown"].notna(), "at"])
            axes.set_title(region_in(str(own["region"].iloc[-1]), lang))
            axes.tick_params(labelbottom=True)
        axes = grid.flat[0]
        axes.set_xlim(span[0] - 0.8, span[-1] + 0.8)
        axes.set_ylim(0, top * 1.08 if top > 0 else 1)
        axes.set_xticks(_ticks(rows, span))
        axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        figure.supylabel(unit(value, lang), size=7)
        said = told(lang, axis(at, lang), counted(lang), *_gaps(rows, span, lang), cut.said(lang))
        foot(figure, said, DOUBLE)
        where: dict[str, Any] = {"loc": "outside upper left", "ncols": 3, "frameon": False}
        title = figure_of(rows, names, lang)
        key = _key(rows, region, lang)
        figure.legend(handles=key, title=title, alignment="left", fontsize=6, **where)
    return figure


def _behind(axes: Axes, its: pd.DataFrame, span: range, color: str, *, apart: bool) -> None:
    """Another region, behind: a thin line with dots where a year stands alone."""
    values = its.drop_duplicates("at").set_index("at")["shown"].reindex(span)
    look: dict[str, Any] = {"marker": "D" if apart else "o", "ms": 2.2 if apart else 1.8}
    look |= {"ls": (0, (3, 1.5)) if apart else "-", "zorder": 1.8 if apart else 1}
    axes.plot(span, values, color=color, lw=0.8 if apart else 0.5, mew=0, **look)


def _own(axes: Axes, own: pd.DataFrame, span: range, color: str) -> None:
    values = own.drop_duplicates("at").set_index("at")["shown"].reindex(span)
    axes.plot(span, values, color=color, lw=1.2, zorder=3)
    for row in tables.rows(own[own["shown"].notna()]):
        shape = "D" if color == ACCENT else "o"
        (dot,) = axes.plot(row.at, row.shown, shape, color=color, ms=3.2, zorder=3.2, clip_on=False)
        mark(dot, row.row_no, f"{row.region} {row.at}: {number(row.shown)}")


def _ticks(rows: pd.DataFrame, span: range) -> list[int]:
    """Years at an axis: those that have a number, where these are few."""
    known_years = sorted(set(rows.loc[rows["shown"].notna(), "at"]))
    return known_years if len(known_years) <= 4 and len(span) > 4 else some_years(span, 4)


def _gaps(rows: pd.DataFrame, span: range, lang: str) -> list[str]:
    """What grey is; years in which no region has a number are named."""
    there = set(rows.loc[rows["shown"].notna(), "at"])
    none = say(lang, "and").join(map(spans.span, spans.runs(sorted(set(span) - there))))
    some = rows["shown"].isna().any()
    return [say(lang, "multiples_grey")] * bool(some or none) + (
        [say(lang, "multiples_none", years=none)] if none else []
    )


def _key(rows: pd.DataFrame, region: str, lang: str) -> list[Line2D]:
    """What the lines are; only those that occur."""
    many = rows.loc[rows["shown"].notna() & (rows["region"] != region), "place"].nunique() > 1
    look: dict[str, Any] = {"color": MAIN, "marker": "o", "ms": 3.2, "lw": 1.2}
    there = rows[rows["shown"].notna()]
    every = set(there["region"])
    key = []
    if every - {region}:
        key.append(Line2D([], [], label=say(lang, "multiples_own"), **look))
    if region in every:
        dash: dict[str, Any] = {"color": ACCENT, "marker": "D", "ms": 2.6, "ls": (0, (3, 1.5))}
        key.append(Line2D([], [], label=region_in(region, lang), lw=0.9, **dash))
    if many:
        thin: dict[str, Any] = {"color": _BEHIND, "marker": "o", "ms": 1.6, "lw": 0.6}
        key.append(Line2D([], [], label=say(lang, "multiples_others"), **thin))
    return key

"""Figures of text reuse: what reports are made of, who says it after whom, how a phrase spreads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.reuse import NEW, ORIGINS

from .attention import level_name
from .cut import ROWS, held, holds, keep
from .gloss import word_in
from .look import (
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SOFT,
    annotate,
    blank,
    canvas,
    cells_frame,
    fit,
    mark,
    numbered,
    points,
    region_in,
    say,
    sheet,
    shorten,
    some_years,
    style,
    tall,
    those,
    told,
)
from .matrix import cell

_LOOKS: dict[str, dict[str, Any]] = {
    "own": {"fc": "C0"},
    "centre": {"fc": "C3"},
    "formula": {"fc": "C2"},
    "other": {"fc": "C4"},
    "unsure": {"fc": "#e4e4e4", "ec": "#888888"},
}
"""How what is not new is drawn: plain, and from dark to light told apart in grey."""
_NARROW = 10  # columns up to which a matrix fills one column of a journal
_LEVELS = ("nation", "province", "city", "county")
_FEW = 3
"""Pairs of regions up to which sentences say more than a matrix."""
_PASSAGES = 20
"""Passages from which on a matrix says more."""
_MARKERS = dict(zip(_LEVELS, "Dos^", strict=True))


def reuse_shares(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Stacked bars: which part of a report is formula, own, the centre's, others', unsure.

    What is new, most of it, stands as a number behind each bar: the axis ends where the bars do.

    Parameters
    ----------
    table : `reuse.shares`. names : what its lines are called.
    """
    if table.empty:
        return blank(lang, preset)
    column = str(table.columns[0])
    most = holds(3.4, 22, preset, len(table) if column == "year" else ROWS)
    rows, cut = held(table, column, most)
    lines = list(dict.fromkeys(rows[column]))
    with style(preset):
        said = fit(cut.after(say(lang, "reuse_shares"), lang), SINGLE, 0.9)
        figure = canvas(SINGLE, 21 + tall(said) + 4.2 * max(len(lines), 2))
        keep(figure, cut)
        axes = figure.add_subplot()
        left, whole = dict.fromkeys(lines, 0.0), {row[0]: row.N_chars for row in tables.rows(rows)}
        not_new = rows[(rows["origin"] != NEW) & (rows["N_chars"] > 0)]
        longest = 100 * not_new.groupby(column, sort=False)["share"].sum().max()
        most = 5 if np.isnan(longest) else min(100, max(5, 5 * ceil(longest / 5)))
        for row in tables.rows(rows):
            key = getattr(row, column)
            name, share = (names or {}).get(key, str(key)), 100 * row.share if whole[key] else 0.0
            tip = f"{name} · {say(lang, f'origin_{row.origin}')}: {share:.1f}%"
            down = lines.index(key)
            if row.origin == NEW:
                new = f"{share:.1f}" if whole[key] else "–"
                drawn: Any = annotate(axes, new, (most, down), 4, size=6, color=INK)
            else:
                bar: dict[str, Any] = {"height": 0.7, "lw": 0.4, **_LOOKS[row.origin]}
                drawn = axes.barh(down, share, left=left[key], **bar)[0]
                left[key] += share
            mark(drawn, row.row_no, tip)
        head: dict[str, Any] = {"size": 6, "color": INK, "annotation_clip": False}
        annotate(axes, say(lang, "origin_new"), (most, -0.95), 4, **head)
        called = [region_in((names or {}).get(key, str(key)), lang) for key in lines]
        axes.set_yticks(range(len(lines)), called)
        axes.tick_params(axis="y", length=0, labelsize=6)
        axes.set_ylim(len(lines) - 0.4, -0.6)
        axes.set_xlim(0, most)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.set_xlabel(said, loc="right")
        seen = {*rows.loc[rows["share"] > 0, "origin"]} - {NEW}
        there = [one for one in ORIGINS if one in seen]
        key_of = [Patch(**_LOOKS[one], label=say(lang, f"origin_{one}")) for one in there]
        look: dict[str, Any] = {"handlelength": 1.0, "columnspacing": 0.9, "handletextpad": 0.4}
        where: dict[str, Any] = {
            "loc": "outside upper left",
            "ncols": max(1, len(there)),
            "frameon": False,
        }
        figure.legend(handles=key_of, fontsize=6, **where, **look)
    return figure


def reuse_matrix(table: pd.DataFrame, *, lang: str = "zh", preset: str = PRESET) -> Figure:
    """Regions against regions: how many passages of the line's the column's had first.

    Parameters
    ----------
    table : region, source_region, n.
    """
    if table.empty:
        return blank(lang, preset)
    if few(table):
        return _pairs(table, lang, preset)
    rows, cut = held(table, "region", holds(3.2, 38, preset))
    lines = list(dict.fromkeys(rows["region"]))
    columns = list(dict.fromkeys(rows.sort_values("source_region", kind="stable")["source_region"]))
    most = rows["n"].max()
    with style(preset):
        said = cut.after(say(lang, "reuse_matrix", most=most), lang)
        wide = SINGLE if len(columns) <= _NARROW else DOUBLE
        said = fit(said, wide)
        figure = canvas(wide, 26 + tall(said) + 4.4 * max(len(lines), 2))
        keep(figure, cut)
        axes = figure.add_subplot()
        for row in tables.rows(rows):
            at = columns.index(row.source_region), lines.index(row.region)
            tip = f"{row.source_region} → {row.region}"
            cell(axes, at, row.n / most, row, tip, size=6 if len(columns) <= 31 else 0)
        cells_frame(axes, *([region_in(one, lang) for one in own] for own in (columns, lines)))
        least = _NARROW if wide == SINGLE else 2 * _NARROW
        axes.set_xlim(right=max(len(columns), least) - 0.5)  # no cell is a wall
        axes.xaxis.tick_top()
        for label in axes.get_xticklabels():
            label.set(rotation=60, ha="left", va="bottom", rotation_mode="anchor")
        axes.set_xlabel(said, loc="right", size=6)
    return figure


def few(table: pd.DataFrame) -> bool:
    """Whether pairs of regions are so few that each is a sentence, and there is no matrix."""
    return len(table) <= _FEW or bool(table["n"].sum() < _PASSAGES)


def _pairs(table: pd.DataFrame, lang: str, preset: str) -> Figure:
    """Of few pairs a sentence each, in place of a matrix."""
    with style(preset):
        wide, ordered = points(DOUBLE), numbered(table).sort_values("n", ascending=False)
        step, size = 13.0, 7.5
        figure, axes = sheet(DOUBLE, step * (len(table) + 1) + 8, "")
        top = step * (len(table) + 0.5) + 4
        few = say(lang, "reuse_few", pairs=len(table), n=int(table["n"].sum()))
        axes.text(wide * 0.012, top, few, size=size)
        for down, row in enumerate(tables.rows(ordered), start=1):
            names = (region_in(one, lang) for one in (row.region, row.source_region))
            facts = dict(zip(("region", "source"), names, strict=True))
            said = axes.text(
                wide * 0.03, top - step * down, say(lang, "reuse_pair", n=row.n, **facts), size=size
            )
            mark(said, row.row_no, f"{row.source_region} → {row.region}")
    return figure


def reuse_diffusion(
    table: pd.DataFrame,
    phrase: str = "",
    *,
    years: Mapping[str, Sequence[int]] | None = None,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """When each region first said it, the first on top: a staircase of dots.

    Dark where a neighbour had said it, light where none had; open where the region has no report of
    the year before, so that it may have said it earlier.

    Parameters
    ----------
    table : region, level, at, n_before, n_neighbours, N_regions, a row a region.
    phrase : what is said, above the figure. years : in which each region has a report; where they
        are not given, no use is known to be early.
    """
    if table.empty:
        return blank(lang, preset)
    rows, cut = held(table, "region", holds(3.4, 24, preset))
    rows["early"] = [
        years is not None and row.at - 1 not in years.get(row.region, ())
        for row in tables.rows(rows)
    ]
    dated = sorted({one for own in (years or {}).values() for one in own} | {*rows["at"]})
    levels = [one for one in _LEVELS if one in set(rows["level"])]
    with style(preset):
        said = say(lang, "reuse_diffusion", used=len(table), regions=table["N_regions"].iloc[0])
        key = [f"{'◆●■▲'[_LEVELS.index(one)]} {level_name(one, lang)}" for one in levels]
        signs = {"reuse_near": (~rows["early"] & (rows["n_neighbours"] > 0)).any()}
        signs["reuse_far"] = (~rows["early"] & (rows["n_neighbours"] == 0)).any()
        signs["reuse_early"] = rows["early"].any()
        said = told(lang, said, *those(lang, signs), *key if len(levels) > 1 else ())
        said = fit(cut.after(said, lang), SINGLE, 0.9)
        figure = canvas(SINGLE, 12 + tall(said) + 4.2 * max(len(rows), 2))
        keep(figure, cut)
        axes = figure.add_subplot()
        for down, row in enumerate(tables.rows(rows)):
            _first(axes, down, row, lang)
        axes.set_yticks(range(len(rows)), [region_in(one, lang) for one in rows["region"]], size=6)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_title(fit(word_in(shorten(phrase, 18), lang), SINGLE))
        dated = [one for one in dated if rows["at"].min() - 1 <= one <= rows["at"].max() + 1]
        axes.set_xlim(dated[0] - 0.5, dated[-1] + 0.5)
        shown = some_years(range(dated[0], dated[-1] + 1), 8)
        axes.set_xticks([one for one in shown if one in dated])
        axes.set_xlabel(said, loc="right")
    return figure


def _first(axes: Axes, down: int, row: Any, lang: str) -> None:
    """A region's first use."""
    marker = _MARKERS.get(row.level, "o")
    filled = "white" if row.early else MAIN if row.n_neighbours else SOFT
    dot = axes.plot(row.at, down, marker, color=INK, mfc=filled, mew=0.7, ms=4)[0]
    tip = say(lang, "reuse_first", region=row.region, at=row.at, before=row.n_before)
    mark(dot, row.row_no, tip)

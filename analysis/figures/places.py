"""Figures along the text: where in a report a term stands, and which theme each sentence has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis import tables
from analysis.kit import spans
from analysis.themes import NONE

from .cut import fitting, held, holds, keep
from .gloss import word_in
from .look import (
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SOFT,
    annotate,
    blank,
    canvas,
    counted,
    ems,
    fit,
    foot,
    mark,
    numbered,
    points,
    region_in,
    say,
    shorten,
    style,
    tall,
    those,
    told,
    uncoded,
)
from .matrix import themes_by_n

_TICKS = 150  # that one line can hold
_LOOKS: dict[str, dict[str, Any]] = {
    "hits": {"fc": MAIN, "ec": "white", "lw": 0.3},
    "heading": {"fc": SOFT, "ec": "white", "lw": 0.3},
    "none": {"fc": "#8c8c8c", "ec": "white", "lw": 0.3},
}
_LOOKS["model"] = _LOOKS["hits"]
_SEEN = 0.7
"""The least width of a box, in points: a narrower one gets an edge of its own colour."""


def dispersion_plot(
    table: pd.DataFrame,
    *,
    edges: Mapping[str, Sequence[float]] | None = None,
    names: Mapping[str, str] | None = None,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A line a term and report from its beginning to its end, a tick a hit; frequent terms first.

    Where that would be more than 40 lines, the reports of a term share one; where there are more
    terms than that, the axis says how many of them are drawn. Where a line would hold more than 150
    ticks, each line has bars as high as the hits in a per cent of the text, on one scale.

    Parameters
    ----------
    table : `keywords.places`: report_id, key, place (0 the beginning of the report, 1 its end),
        length (its characters); dp_norm where it is to stand behind the line.
    edges : where each report's sections begin (0 to 1).
    names : each report's name.
    """
    if table.empty:
        return blank(lang, preset)
    table = numbered(table)
    counts = table["key"].value_counts().to_dict()
    keys = sorted(counts, key=lambda key: (-counts[key], key))
    several = [table[column].nunique() > 1 for column in ("key", "report_id")]
    most = holds(3.5, 22, preset)
    shared = several[1] and len(table.groupby(["key", "report_id"])) > most
    by = ["key"] if shared else ["key", "report_id"]
    lines = sorted(table.groupby(by), key=lambda line: keys.index(line[0][0]))[:most]
    dense = max(len(hits) for _, hits in lines) > _TICKS
    bins = [_binned(hits) for _, hits in lines] if dense else []
    highest = max((int(one["n"].max()) for one in bins), default=0)
    said = _said(table, several, most, lang, edges=bool(edges), shared=shared, highest=highest)
    with style(preset):
        said = fit(said, DOUBLE, 0.75)
        figure = canvas(DOUBLE, 11 + tall(said) + 4.6 * max(len(lines), 2))
        axes = figure.add_subplot()
        labels = []
        for line, (_, hits) in enumerate(lines):
            key, report = str(hits["key"].iloc[0]), str(hits["report_id"].iloc[0])
            called = {
                one: shorten(region_in((names or {}).get(one, one), lang), 24)
                for one in hits["report_id"]
            }
            shown = several[0] or shared, several[1] and not shared
            parts = word_in(key, lang) if shown[0] else "", called[report] if shown[1] else ""
            labels.append("  ".join(filter(None, parts)) or word_in(key, lang))
            base = line + 0.42 if dense else line
            axes.plot([0, 100], [base, base], color="#dddddd", lw=0.6, zorder=1)
            if not shared:
                _edges(axes, (edges or {}).get(report, ()), line - 0.42, line + 0.42)
            for one in tables.rows(bins[line]) if dense else ():
                tall_ = 0.84 * one.n / highest
                look: dict[str, Any] = {"fc": MAIN, "lw": 0, "zorder": 2}
                bar = axes.add_artist(Rectangle((one.place, base - tall_), 0.85, tall_, **look))
                mark(bar, one.row_no, f"{key}: {one.n} ({one.place}–{one.place + 1}%)")
            for row in () if dense else tables.rows(hits):
                look = {"color": MAIN, "ms": 8, "mew": 0.8}
                (tick,) = axes.plot(row.place * 100, line, "|", **look)
                mark(tick, row.row_no, f"{key} · {called[row.report_id]}: {row.place:.1%}")
            annotate(axes, _behind(hits, lang), (100, line), 5, size=6, color=INK)
        _along(axes, labels)
        axes.set_xlabel(said, loc="right")
    return figure


def _binned(hits: pd.DataFrame) -> pd.DataFrame:
    """How many hits stand in each per cent of the text: place (0 to 99), n, and a row's number."""
    places = (hits["place"] * 100).astype(int).clip(upper=99)
    by = hits.assign(place=places).groupby("place", sort=True)["row_no"]
    return by.agg(n="size", row_no="first").reset_index()


def _behind(hits: pd.DataFrame, lang: str) -> str:
    """What stands behind a line: the count, and the dispersion where it is given."""
    spread = hits["dp_norm"].iloc[0] if "dp_norm" in hits.columns else float("nan")
    return f"n {len(hits):,}" + ("" if isnan(spread) else f"   {say(lang, 'spread', of=spread)}")


def _said(
    table: pd.DataFrame,
    several: list[bool],
    most: int,
    lang: str,
    *,
    edges: bool,
    shared: bool,
    highest: int,
) -> str:
    """What the axis is, which term, how long the reports are, and what is not drawn."""
    size = spans.span(table.drop_duplicates("report_id")["length"], ",")
    place = say(lang, "place")
    if not several[0] and several[1]:
        place = say(lang, "place_of", key=word_in(table["key"].iloc[0], lang), place=place)
    terms = table["key"].nunique()
    names = {"size": True, "tick": not highest, "dense": highest, "edges": edges and not shared}
    names |= {"spread_is": "dp_norm" in table.columns and bool(table["dp_norm"].notna().any())}
    names |= {"dp_norm": "dp_norm" in table.columns and several[1]}
    names |= {"shared": shared, "first_terms": terms > most}
    facts = {"place": place, "size": size, "terms": terms, "most": most, "highest": highest}
    return told(lang, *those(lang, names, **facts))


def theme_flow(
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    edges: Mapping[str, Sequence[float]] | None = None,
    reports: Mapping[str, str] | None = None,
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Themes along the report: each sentence a rectangle on its theme's line, a block a report.

    Parameters
    ----------
    table : `themes.flow`: report_id, sentence_id, place and end_place (0 to 1), theme,
        rule_kind (`hits`, `model`; `heading`: the heading's theme, lighter; `none`).
    names : each theme's name; those that do not occur are left out, those of the most sentences
        stand on top.
    edges : where each report's sections begin (0 to 1).
    reports : each report's name.
    page : which of the pages that many reports fill.
    """
    if table.empty:
        return blank(lang, preset)
    themes = themes_by_n(table.assign(n=1))
    lines = max(len(themes), 2)
    most, several = fitting(8 + 3.1 * lines, 24, preset), table["report_id"].nunique()
    across = 1 if several <= most else 2
    table, cut = held(table, "report_id", across * most, page)
    grouped = table.groupby("report_id", sort=False)
    blocks = [(str(report), rows) for report, rows in grouped]
    with style(preset):
        said = fit(cut.after(_flow_said(table, bool(edges), lang), lang), DOUBLE, 0.75)
        one = len(blocks) == 1
        line, head = (3.6, 3) if one else (3.1, 8)
        down = -(-len(blocks) // across)
        figure = canvas(DOUBLE, 9 + tall(said) + down * (head + line * lines))
        keep(figure, cut, table)
        grid = figure.subplots(down, across, squeeze=False, sharex=True)
        beside = max(ems(names[theme]) for theme in themes) * 6.5 + 40 * across
        unit = (points(DOUBLE) - beside) / across / 100  # of a per cent, in points
        for axes in grid.flat[len(blocks) :]:
            axes.set_visible(False)
        for at, (axes, (report, rows)) in enumerate(zip(grid.flat, blocks, strict=False)):
            counts = rows["theme"].value_counts()
            for row in tables.rows(rows):
                down = themes.index(row.theme)
                box = (row.place * 100, down - 0.36)
                wide = (row.end_place - row.place) * 100
                look = _LOOKS["none" if row.theme == NONE else row.rule_kind]
                if across > 1 or wide * unit < _SEEN + look["lw"]:  # white edges would hide it
                    look = {**look, "ec": look["fc"], "lw": max(0.0, _SEEN - wide * unit)}
                drawn = axes.add_artist(Rectangle(box, wide, 0.72, zorder=2, **look))
                mark(drawn, row.row_no, f"{names[row.theme]} · {row.sentence_id}")
            for down, theme in enumerate(themes):
                axes.axhline(down, color="#ececec", lw=0.5, zorder=0.5)
                annotate(axes, f"{counts.get(theme, 0):,}", (100, down), 4, size=6, color=INK)
            _edges(axes, (edges or {}).get(report, ()), -0.5, len(themes) - 0.5)
            _along(axes, [names[theme] for theme in themes])
            axes.tick_params(labelleft=at % across == 0, labelbottom=at + across >= len(blocks))
            if not one:
                axes.set_title(region_in((reports or {}).get(report, report), lang))
        if across == 1:
            grid.flat[-1].set_xlabel(said, loc="right")
        else:
            foot(figure, cut.after(_flow_said(table, bool(edges), lang), lang), DOUBLE)
    return figure


def _flow_said(table: pd.DataFrame, edges: bool, lang: str) -> str:
    """What the axis and the shades are; only those that occur."""
    lent, none = "heading" in set(table["rule_kind"]), int((table["theme"] == NONE).sum())
    marks = those(lang, {"place": True, "box": True, "dark": True, "light": lent})
    without = uncoded(lang, none, len(table), drawn="grey_box", headings=True) if none else ""
    sort = say(lang, "themes_by_n")
    return told(lang, *marks, sort, counted(lang), without, say(lang, "edges") if edges else "")


def _edges(axes: Axes, edges: Sequence[float], top: float, bottom: float) -> None:
    """A thin line behind all else where a section begins."""
    for edge in edges:
        axes.plot([edge * 100] * 2, [top, bottom], color="#d0d0d0", lw=0.4, zorder=0.4)


def _along(axes: Axes, labels: list[str]) -> None:
    """Lines with names from 0 to 100 %."""
    axes.set_xlim(0, 100)
    axes.set_yticks(range(len(labels)), labels, size=6.5)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)

"""The figure of commitments: what became of each group's, the undecided as a part of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Annotation
from matplotlib.ticker import PercentFormatter

from analysis import tables

from .cut import holds
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SMALL,
    SOFT,
    blank,
    canvas,
    ems,
    fit,
    inked,
    mark,
    numbered,
    points,
    region_in,
    say,
    style,
    texts,
    told,
)

_WIDE = 0.055  # of the whole, from which a count has room in its piece
_EDGE = {"edgecolor": "#666666", "linewidth": 0.5}
_LOOKS: dict[str, dict[str, Any]] = {
    "done": {"facecolor": MAIN},
    "partly": {"facecolor": MAIN, "hatch": "////", "edgecolor": "white", "linewidth": 0},
    "started": {"facecolor": SOFT},
    "restated": {"facecolor": SOFT, "hatch": "....", "edgecolor": "white", "linewidth": 0},
    "not_reported": {"facecolor": "#dddddd"},
    "dropped": {"facecolor": ACCENT, "hatch": "////", "edgecolor": "white", "linewidth": 0},
    "contradicted": {"facecolor": ACCENT},
    "unsure": {"facecolor": "#eeeeee", "hatch": "xxxx", **_EDGE},
    "disputed": {"facecolor": "white", "hatch": "xxxx", **_EDGE},
    "figure_met": {"facecolor": MAIN, "edgecolor": INK, "linewidth": 0.5},
    "figure_missed": {"facecolor": ACCENT, "edgecolor": INK, "linewidth": 0.5},
    "likely": {"facecolor": "white", "hatch": "////", **_EDGE},
    "unlikely": {"facecolor": "white", "hatch": "....", **_EDGE},
    "undecided": {"facecolor": "white", **_EDGE},
    "no_later": {"facecolor": "white", "linestyle": ":", **_EDGE},
}
_JUDGED = ("figure_met", "figure_missed")
_OPEN = ("likely", "unlikely", "undecided", "no_later")
_DECIDED = tuple(one for one in _LOOKS if one not in (*_JUDGED, *_OPEN))
_DARK = ("done", "contradicted", "figure_met", "figure_missed")


def commitments(
    table: pd.DataFrame,
    by: str,
    names: Mapping[str, str],
    *,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Bars of what became of the commitments of each topic, region or year.

    A bar is all commitments of a group: what a person decided is filled, what a figure decides is
    filled with an edge, and what nobody decided is white, whatever the candidates say. Counts of
    outcomes whose pieces are too narrow for them stand in columns beside the bars.

    Parameters
    ----------
    table : `outcomes.shares`: the column `by`, standing, n, N_commitments, share.
    by : topic, region or year. names : the topics' names in the language.
    """
    if table.empty:
        return blank(lang, preset)
    table = numbered(table)
    groups = list(dict.fromkeys(table[by]))
    most = holds(3.5, 26, preset)
    shown = groups[:most] if by != "year" else groups[-most:]
    sizes = dict(zip(table[by], table["N_commitments"], strict=True))
    said = texts()["standings"]
    with style(preset):
        figure = canvas(DOUBLE, 30 + 4.6 * len(shown))
        axes = figure.add_subplot()
        rows = table[table[by].isin(shown)]
        there = [one for one in _LOOKS if one in set(rows["standing"])]
        slight = set(rows.loc[(rows["n"] > 0) & (rows["share"] < _WIDE), "standing"])
        columns = [one for one in there if one in slight and one not in _OPEN]
        beside = _columns(axes, columns, len(shown), lang)
        left = dict.fromkeys(shown, 0.0)
        for row in tables.rows(rows):
            group = getattr(row, by)
            at, begin = shown.index(group), left[group]
            (bar,) = axes.barh(at, row.share, left=begin, height=0.72, **_LOOKS[row.standing])
            name = _called(group, names, lang)
            tip = f"{name}: {said[row.standing][lang]} {row.n:,} / {row.N_commitments:,}"
            mark(bar, row.row_no, tip)
            if row.standing in columns:
                beside[at, row.standing].set_text(f"{row.n:,}")
                mark(beside[at, row.standing], row.row_no, tip)
            elif row.share >= _WIDE:
                dark = row.standing in _DARK
                look: dict[str, Any] = {"ha": "center", "va": "center", "size": SMALL}
                look |= {"bbox": None if dark else {"fc": "white", "ec": "none", "pad": 0.6}}
                color, middle = "white" if dark else INK, begin + row.share / 2
                mark(axes.text(middle, at, f"{row.n:,}", color=color, **look), row.row_no, tip)
            left[group] = begin + row.share
        labels = [f"{_called(one, names, lang)}  {sizes[one]:,}" for one in shown]
        axes.set_yticks(range(len(shown)), labels)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.tick_params(axis="y", length=0)
        more = say(lang, "outcomes_more", n=len(groups) - len(shown)) if groups != shown else ""
        narrow = say(lang, "promises_columns") if columns else ""
        below = say(lang, "promises", more=more, columns=narrow)
        hint = say(lang, "promises_preview") if "likely" in there else ""
        axes.set_xlabel(fit(told(lang, below, hint), DOUBLE, 0.8), loc="right")
        handles = [Patch(label=said[one][lang], **_LOOKS[one]) for one in there]
        place: dict[str, Any] = {
            "loc": "outside upper left",
            "ncols": int(points(DOUBLE) / (28 + 6 * max(ems(said[one][lang]) for one in there))),
            "frameon": False,
        }
        place |= {"title": _message(table, lang), "title_fontsize": 7, "alignment": "left"}
        figure.legend(handles=handles, fontsize=6, handlelength=1.6, columnspacing=1.2, **place)
    return figure


def _columns(
    axes: Axes, standings: list[str], lines: int, lang: str
) -> dict[tuple[int, str], Annotation]:
    """A column beside the bars for each of some outcomes: its head, and a 0 in every line."""
    cells, right = {}, 4.0
    for one in standings:
        short = f"column_{one}"
        head = say(lang, short) if short in texts()["says"] else texts()["standings"][one][lang]
        right += max(ems(head) * SMALL, 16) + 6
        look: dict[str, Any] = {"color": _ink(one), "size": SMALL, "ha": "right"}
        look |= {"xycoords": axes.get_yaxis_transform(), "textcoords": "offset points"}
        axes.annotate(head, (1, -0.6), xytext=(right, 1), va="bottom", **look)
        for at in range(lines):
            cells[at, one] = axes.annotate("0", (1, at), xytext=(right, 0), va="center", **look)
    return cells


def _ink(standing: str) -> str:
    """The colour of an outcome's numbers: that of its piece, where it has one of its own."""
    face = _LOOKS[standing]["facecolor"]
    return inked(face) if face in (MAIN, ACCENT) else INK


def _called(group: Any, names: Mapping[str, str], lang: str) -> str:
    """A topic by its name, a region by that of the language, a year as it is."""
    return names.get(str(group)) or region_in(str(group), lang)


def _message(table: pd.DataFrame, lang: str) -> str:
    """Of how many commitments an outcome is known at all."""
    counts = table.groupby("standing")["n"].sum()
    decided, judged = (int(counts.reindex(list(own)).sum()) for own in (_DECIDED, _JUDGED))
    facts = {"n": int(counts.sum()), "decided": decided, "judged": judged}
    known = decided + judged
    said = say(lang, "promises_some" if known else "promises_none", known=known, **facts)
    return fit(said, DOUBLE, 0.94)

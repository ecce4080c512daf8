"""The figure of commitments: what became of each group's, the undecided as a part of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch
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
    fit,
    mark,
    numbered,
    region_in,
    say,
    style,
    texts,
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
    "figure_met": {"facecolor": MAIN, "hatch": "oo", "edgecolor": "white", "linewidth": 0},
    "figure_missed": {"facecolor": ACCENT, "hatch": "oo", "edgecolor": "white", "linewidth": 0},
    "likely": {"facecolor": "white", "hatch": "////", **_EDGE},
    "unlikely": {"facecolor": "white", "hatch": "....", **_EDGE},
    "undecided": {"facecolor": "white", **_EDGE},
    "no_later": {"facecolor": "white", "linestyle": ":", **_EDGE},
}
_JUDGED = ("figure_met", "figure_missed")
_OPEN = ("likely", "unlikely", "undecided", "no_later")
_DECIDED = tuple(one for one in _LOOKS if one not in (*_JUDGED, *_OPEN))
_DARK = ("done", "contradicted")


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
    dotted, and what nobody decided is white, whatever the candidates say.

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
        left = dict.fromkeys(shown, 0.0)
        for row in tables.rows(table[table[by].isin(shown)]):
            group = getattr(row, by)
            at, begin = shown.index(group), left[group]
            (bar,) = axes.barh(at, row.share, left=begin, height=0.72, **_LOOKS[row.standing])
            name = _called(group, names, lang)
            tip = f"{name}: {said[row.standing][lang]} {row.n:,} / {row.N_commitments:,}"
            mark(bar, row.row_no, tip)
            if row.share >= _WIDE:
                dark = row.standing in _DARK
                paper = None if dark else {"fc": "white", "ec": "none", "pad": 0.6}
                where: dict[str, Any] = {
                    "ha": "center",
                    "va": "center",
                    "size": SMALL,
                    "bbox": paper,
                }
                middle, color = begin + row.share / 2, "white" if dark else INK
                mark(axes.text(middle, at, f"{row.n:,}", color=color, **where), row.row_no, tip)
            left[group] = begin + row.share
        labels = [f"{_called(one, names, lang)}  {sizes[one]:,}" for one in shown]
        axes.set_yticks(range(len(shown)), labels)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        axes.tick_params(axis="y", length=0)
        more = say(lang, "outcomes_more", n=len(groups) - len(shown)) if groups != shown else ""
        axes.set_xlabel(fit(say(lang, "promises", more=more), DOUBLE, 0.8), loc="right")
        there = [one for one in _LOOKS if one in set(table.loc[table[by].isin(shown), "standing"])]
        handles = [Patch(label=said[one][lang], **_LOOKS[one]) for one in there]
        place: dict[str, Any] = {
            "loc": "outside upper left",
            "ncols": min(len(handles), 5),
            "frameon": False,
        }
        place |= {"title": _message(table, lang), "title_fontsize": 7, "alignment": "left"}
        figure.legend(handles=handles, fontsize=6, handlelength=1.6, columnspacing=1.2, **place)
    return figure


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

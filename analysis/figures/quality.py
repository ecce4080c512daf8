"""Figures of data quality: what restoration changed, how certainly, and where."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis import tables

from .cut import Cut, holds, keep
from .look import (
    ACCENT,
    DOUBLE,
    MAIN,
    PRESET,
    blank,
    canvas,
    mark,
    numbered,
    say,
    shorten,
    style,
    texts,
)

_MARKS = {"certain": ("|", MAIN), "likely": ("o", ACCENT), "unresolved": ("x", "C3")}


def edit_places(table: pd.DataFrame, *, lang: str = "zh", preset: str = PRESET) -> Figure:
    """One mark for each change that restoration made, by rule, certainty and place.

    Parameters
    ----------
    table : `Study.edit_places` (rule, certainty, before, after, place: 0 the beginning of the
        file, 1 its end).
    """
    if table.empty:
        return blank(lang, preset)
    table = numbered(table)
    rules = list(table["rule"].value_counts().sort_index().index)
    cut = Cut("rule", min(len(rules), holds(3.6, 18, preset)), len(rules))
    rules = rules[: cut.drawn]
    with style(preset):
        figure = canvas(DOUBLE, 22 + 7.0 * max(len(rules), 2))
        keep(figure, cut)
        axes = figure.add_subplot()
        for certainty, (marker, color) in _MARKS.items():
            rows = table[table["certainty"] == certainty]
            label = f"{say(lang, certainty)} ({len(rows):,})"
            look: dict[str, Any] = {"color": color, "marker": marker, "ms": 5, "mew": 0.7, "ls": ""}
            axes.plot([], [], label=label, **look | ({} if len(rows) else {"marker": ""}))
            for row in tables.rows(rows[rows["rule"].isin(rules)]):
                (drawn,) = axes.plot(row.place * 100, rules.index(row.rule), **look)
                mark(drawn, row.row_no, shorten(f"{row.rule}: {row.before} → {row.after}", 60))
        counts = table["rule"].value_counts()
        called = texts()["rules"]
        labels = [f"{called.get(rule, {}).get(lang, rule)} ({counts[rule]:,})" for rule in rules]
        axes.set_yticks(range(len(rules)), labels)
        axes.set_ylim(len(rules) - 0.5, -0.5)
        axes.set_xlim(-1, 101)
        axes.set_xlabel(cut.after(say(lang, "edit_places"), lang))
        figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=6.5)
    return figure

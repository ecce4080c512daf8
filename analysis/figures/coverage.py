"""The figure of theme coverage: how much of the text each theme takes up, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.themes import NONE

from .cut import holds, keep, largest
from .look import (
    ACCENT,
    MAIN,
    PRESET,
    SINGLE,
    UNCODED,
    bars,
    blank,
    canvas,
    counted,
    fit,
    intervals,
    mark,
    say,
    style,
    told,
)


def theme_coverage(
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    errors: pd.DataFrame | None = None,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Bars of the share of sentences that each theme is the primary theme of.

    Parameters
    ----------
    table : `themes.coverage` without groups: theme, n, N_sentences, share; lo and hi where the
        study is a sample.
    names : each theme's name in the language.
    errors : `agreement.scores` of the coding against hand codes (theme, n_hand, precision,
        recall): drawn beside the bars, n alone where a theme has no score.
    """
    if table.empty:
        return blank(lang, preset)
    table, cut = largest(table, "theme", holds(3.5, 18, preset))
    ranges = intervals(table, 100)
    scored = errors is not None and len(errors) > 0
    with style(preset):
        figure = canvas(SINGLE, 16 + 5.2 * max(len(table), 2))
        keep(figure, cut)
        if errors is not None and scored:
            axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=(2.6, 1))
            _accuracy(beside, table, errors, names, lang)
        else:
            axes = figure.add_subplot()
        ends = [f"{row.share:.1%} ({row.n:,})" for row in tables.rows(table)]
        labels = [names[key] for key in table["theme"]]
        drawn = bars(axes, table["share"] * 100, labels, ends, ranges)
        for bar, theme in zip(drawn, table["theme"], strict=True):
            if theme == NONE:
                bar.set(**UNCODED)
        axes.margins(x=0.22)
        axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(MaxNLocator(3 if scored else 5, integer=True))
        sentences = f"{int(table['N_sentences'].iloc[0]):,}"
        interval = say(lang, "coverage_interval") if len(ranges) else ""
        said = say(lang, "coverage", sentences=sentences, interval=interval)
        said = told(lang, said, counted(lang))
        said = cut.after(said, lang) if cut else said
        axes.set_xlabel(fit(said, SINGLE, 0.64 if scored else 0.81), loc="right")
    return figure


def _accuracy(
    axes: Axes, table: pd.DataFrame, errors: pd.DataFrame, names: Mapping[str, str], lang: str
) -> None:
    """A slim column: precision and recall of the coding, or how few hand codes there are."""
    scores = {row.theme: row for row in tables.rows(errors)}
    for place, theme in enumerate(table["theme"]):
        axes.axhline(place, color="#dddddd", lw=0.5, zorder=1)
        row = scores.get(theme)
        if row is None or row.precision != row.precision:
            paper = {"fc": "white", "ec": "none", "pad": 0.5}
            n = 0 if row is None else int(row.n_hand)
            said = axes.text(0.5, place, f"n = {n}", size=6, ha="center", va="center", bbox=paper)
            mark(said, place + 1, f"{names[theme]}: n = {n}")
        else:
            dot: dict[str, Any] = {"color": MAIN, "ms": 2.6, "zorder": 4}
            diamond = {"color": ACCENT, "mfc": "none", "ms": 5.0, "mew": 0.9, "zorder": 3}
            for kind, marker, look in (("precision", "o", dot), ("recall", "D", diamond)):
                value = getattr(row, kind)
                (drawn,) = axes.plot(value, place, marker, clip_on=False, **look)
                mark(drawn, place + 1, f"{names[theme]}: {say(lang, kind)} {value:.2f}")
    axes.set_xlim(-0.14, 1.14)  # the whole mark of a 1 is inside
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say(lang, "accuracy"), size=6)

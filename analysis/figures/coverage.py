"""Figures of themes: how much of the text each takes up, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.colors import to_rgba
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.figures.look import DOUBLE, INK, MAIN, SINGLE, bars, canvas, say, shorten, style, wrap
from analysis.themes import NONE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from matplotlib.figure import Figure


def theme_coverage(table: pd.DataFrame, names: Mapping[str, str], *, lang: str = "zh") -> Figure:
    """Bars of the share of sentences that each theme is the primary theme of.

    Parameters
    ----------
    table : `themes.coverage` without groups (theme, n, N_sentences, share).
    names : each theme's name in the language.
    """
    with style():
        figure = canvas(SINGLE, 16 + 5.2 * len(table))
        axes = figure.add_subplot()
        ends = [f"{row.share:.1%} ({row.n})" for row in tables.rows(table)]
        drawn = bars(axes, table["share"] * 100, [names[key] for key in table["theme"]], ends)
        for bar, theme in zip(drawn, table["theme"], strict=True):
            if theme == NONE:
                bar.set(facecolor="white", edgecolor="#888888", hatch="////")
        axes.margins(x=0.22)
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        sentences = int(table["N_sentences"].iloc[0])
        axes.set_xlabel(
            loc="right",
            xlabel=say(
                lang,
                f"占句数的百分比（分母：{sentences} 句，不含标题；括号内为句数）",
                f"Share of sentences, % (of {sentences}, headings left out;\ncounts in brackets)",
            ),
        )
    return figure


def theme_sections(
    table: pd.DataFrame, names: Mapping[str, str], headings: Mapping[str, str], *, lang: str = "zh"
) -> Figure:
    """Themes against sections: how many sentences of a section have the theme, shaded by share.

    Parameters
    ----------
    table : `themes.coverage` by section; with several reports by report_id, one a row then.
    names : each theme's name; headings : each section's heading.
    """
    by = table.columns[0]
    counts = table.pivot(index=by, columns="theme", values="n")
    shares = table.pivot(index=by, columns="theme", values="share")
    sections = list(dict.fromkeys(table[by]))
    themes = list(dict.fromkeys(table["theme"]))
    with style():
        figure = canvas(DOUBLE, 40 + 5.0 * len(sections))
        axes = figure.add_subplot()
        for y, section in enumerate(sections):
            for x, theme in enumerate(themes):
                share, count = shares.loc[section, theme], int(counts.loc[section, theme])
                face = to_rgba(MAIN if theme != NONE else "#777777", share * 0.9)
                axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, fc=face, ec="white"))
                if count:
                    color = "white" if share > 0.55 else INK
                    axes.text(x, y, str(count), ha="center", va="center", size=6.5, color=color)
        axes.set_xlim(-0.5, len(themes) - 0.5)
        axes.set_ylim(len(sections) - 0.5, -0.5)
        axes.set_xticks(
            range(len(themes)),
            ["\n".join(wrap(names[theme], 4.2)) for theme in themes],
            rotation=0 if lang == "zh" else 90,
            size=6,
        )
        opening = {"s0": say(lang, "（开头）", "(opening)")}
        labels = [shorten(headings.get(key) or opening.get(key, key), 24) for key in sections]
        axes.set_yticks(range(len(sections)), labels, size=6.5)
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.xaxis.tick_top()
        axes.set_xlabel(
            loc="right",
            xlabel=say(
                lang,
                "格内数字为以该主题为主题的句数，颜色深浅为占该节句数的比例（不含标题）",
                "Numbers: sentences with that primary theme; shade: share of the section's "
                "sentences (headings left out)",
            ),
        )
    return figure

"""Figures of words: ranked bars and the cloud."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from analysis.figures.look import ACCENT, DOUBLE, MAIN, SINGLE, bars, canvas, ems, per, say, style

if TYPE_CHECKING:
    import pandas as pd


def top_terms(table: pd.DataFrame, *, lang: str = "zh") -> Figure:
    """Ranked bars of words: rate per 10,000 characters, the count behind each bar.

    Parameters
    ----------
    table : rows of `keywords.frequency` (key, n, rate, N_chars), in the order to draw.
    """
    with style():
        figure = canvas(SINGLE, 14 + 3.6 * max(len(table), 3))
        axes = figure.add_subplot()
        bars(axes, table["rate"], list(table["key"]), [str(n) for n in table["n"]])
        axes.margins(x=0.08)
        characters = f"{int(table['N_chars'].iloc[0]):,}" if len(table) else "0"
        axes.set_xlabel(
            loc="right",
            xlabel=say(
                lang,
                f"{per(lang)}频次（分母：{characters} 字符，含标点；条末为次数 n）",
                f"{per(lang).capitalize()} (of {characters}, punctuation\nincluded; "
                "n at the end of each bar)",
            ),
        )
    return figure


def word_cloud(table: pd.DataFrame, *, lang: str = "zh") -> Figure:
    """The words drawn as text in the size of their rate; the same layout every time.

    Parameters
    ----------
    table : rows of `keywords.frequency` (key, rate), most frequent first.
    """
    width, height, foot = DOUBLE / 25.4 * 72, 80 / 25.4 * 72, 9 / 25.4 * 72
    sizes, places = _cloud(table, width, height)
    shades = (MAIN, ACCENT, "#4d4d4d", "#2b7a78")
    with style():
        figure = Figure(figsize=(width / 72, (height + foot) / 72))
        axes = figure.add_axes((0, foot / (height + foot), 1, height / (height + foot)))
        axes.set_axis_off()
        axes.set_xlim(0, width)
        axes.set_ylim(0, height)
        for at, (word, size, (x, y)) in enumerate(zip(table["key"], sizes, places, strict=True)):
            color = shades[at % len(shades)]
            axes.text(x, y + 0.13 * size, word, size=size, color=color, va="baseline")
        note = say(
            lang,
            f"字号与{per(lang)}频次成正比；位置与颜色无含义",
            f"Size in proportion to the {per(lang)}; place and colour mean nothing",
        )
        figure.text(0.012, 18 / (height + foot), note, size=5.5, color="#666666", va="center")
    return figure


def _cloud(
    table: pd.DataFrame, width: float, height: float
) -> tuple[list[float], list[tuple[float, float]]]:
    """Font sizes in proportion to the rate, as large as fit, and each word's lower left corner.

    Words are laid along a spiral from the middle, each at the first place where its box touches
    no other: the same words give the same layout.
    """
    rates = [float(rate) for rate in table["rate"]]
    largest = 64.0
    while True:
        sizes = [largest * rate / max(rates) for rate in rates]
        words = zip(table["key"], sizes, strict=True)
        places = _spiral([(ems(word) * size, 1.06 * size) for word, size in words], width, height)
        if places is not None:
            return sizes, places
        largest *= 0.94


def _spiral(
    boxes: list[tuple[float, float]], width: float, height: float
) -> list[tuple[float, float]] | None:
    """Lower left corners of boxes that do not touch, or None if they do not all fit."""
    taken: list[tuple[float, float, float, float]] = []
    for w, h in boxes:
        for step in range(6000):
            angle = 0.35 * step**0.72
            reach = angle * 1.1
            x = width / 2 + reach * width / height * math.cos(angle) - w / 2
            y = height / 2 + reach * math.sin(angle) - h / 2
            inside = x >= 2 and x + w <= width - 2 and y >= 1 and y + h <= height - 1
            if inside and not any(
                x < r + 3 and left < x + w + 3 and y < t and b < y + h for left, b, r, t in taken
            ):
                taken.append((x, y, x + w, y + h))
                break
        else:
            return None
    return [(left, bottom) for left, bottom, _, _ in taken]

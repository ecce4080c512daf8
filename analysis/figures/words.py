"""Figures of words: ranked bars with their dispersion, and the cloud."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import tables

from . import cloud
from .cut import Cut, held, holds, keep
from .gloss import gloss_in, listed, word_in
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    annotate,
    bars,
    blank,
    canvas,
    ems,
    fit,
    inked,
    intervals,
    mark,
    numbered,
    per,
    points,
    room,
    say,
    sheet,
    style,
    tall,
    told,
)

_POINTS = 72 / 25.4
_ROOM = 1.8  # of the area of its letters, what a cloud takes up
_GLOSSED = 1.4  # times that area, where words have glosses below them
_READABLE = 6.4  # points
_MANY = 1000  # a page holds fewer


def top_terms(table: pd.DataFrame, *, lang: str = "zh", preset: str = PRESET) -> Figure:
    """Ranked bars of words: rate per 10,000 characters, count, and how evenly they are spread.

    Parameters
    ----------
    table : rows of `keywords.frequency` in the order to draw: key, n, rate, N_chars; lo and hi
        where the study is a sample; parts, parts_are, reports, sections and dp_norm where the
        dispersion is shown (it is not, where there is only one part).
    """
    if table.empty:
        return blank(lang, preset)
    ranges = intervals(table)
    interval = say(lang, "top_terms_interval") if len(ranges) else ""
    about = {"per": per(lang), "Per": per(lang).capitalize(), "interval": interval}
    said = say(lang, "top_terms", characters=f"{int(table['N_chars'].iloc[0]):,}", **about)
    spread = "dp_norm" in table.columns and bool(table["dp_norm"].notna().any())
    table, cut = held(table, "key", holds(3.6, 30 if spread else 18, preset, _MANY))
    ranges = intervals(table)
    with style(preset):
        said = fit(cut.after(said, lang), SINGLE, 0.62 if spread else 0.81)
        figure = canvas(SINGLE, 13 + max(tall(said), 17.0 * spread) + 3.6 * max(len(table), 2))
        keep(figure, cut)
        if spread:
            axes, beside = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
            _dispersion(beside, table, lang)
        else:
            axes = figure.add_subplot()
        names = [word_in(key, lang) for key in table["key"]]
        bars(axes, table["rate"], names, [f"{n:,}" for n in table["n"]], ranges)
        axes.margins(x=0.08)
        axes.set_xlim(left=0)
        axes.set_xlabel(said, loc="right")
    return figure


def _dispersion(axes: Axes, table: pd.DataFrame, lang: str) -> None:
    """A slim column: DPnorm as a dot between 0 and 1, and the number of parts that hold the word.

    DPnorm is Gries' DP as normalised by Lijffijt & Gries (2012).
    """
    axes.set_xlim(-0.08, 1.08)
    for place, row in enumerate(tables.rows(numbered(table))):
        axes.axhline(place, color="#dddddd", lw=0.5, zorder=1)
        (dot,) = axes.plot(row.dp_norm, place, "o", color=ACCENT, ms=3, clip_on=False)
        held = row.reports if row.parts_are == "reports" else row.sections
        said = annotate(axes, f"{held:.0f}", (1.08, place), 3, size=6, color=INK)
        for drawn in (dot, said):
            mark(drawn, row.row_no, f"{row.key}: DPnorm {row.dp_norm:.2f}, {held:.0f}")
    axes.set_xticks([0, 1])
    axes.tick_params(axis="y", left=False, labelleft=False)
    axes.spines["left"].set_visible(False)
    parts, reports = int(table["parts"].iloc[0]), table["parts_are"].iloc[0] == "reports"
    unit = say(lang, "in_reports" if reports else "in_sections")
    axes.set_xlabel(say(lang, "dispersion", unit=unit, parts=parts), size=6)


def word_cloud(
    table: pd.DataFrame, *, mask: str = "", lang: str = "zh", preset: str = PRESET
) -> Figure:
    """The words drawn as text in the size of their rate; the same layout every time.

    The package wordcloud lays them out (`cloud`).

    Parameters
    ----------
    table : rows of `keywords.frequency` (key, n, rate, N_chars), most frequent first.
    mask : an image whose dark part the words fill (InputError if it cannot be); '' for the whole
        width.
    """
    shape = cloud.mask(mask) if mask else None
    table = numbered(table)
    table = table[table["rate"] > 0]
    if table.empty:
        return blank(lang, preset)
    shades = (MAIN, ACCENT, "C3", "C4")
    extremes = {"highest": table["rate"].max(), "lowest": table["rate"].min()}
    characters = f"{int(table['N_chars'].iloc[0]):,}"
    note = say(lang, "word_cloud", per=per(lang), characters=characters, **extremes)
    with style(preset):
        whole, every = points(DOUBLE), len(table)
        glosses = [gloss_in(key, lang) for key in table["key"]] if shape is None else []
        long = told(lang, note, listed(table["key"], lang, DOUBLE))
        high = room(DOUBLE, long) or _high(table, whole, glosses, masked=shape is not None)
        while True:
            words, rates = list(table["key"]), list(table["rate"])
            own = glosses[: len(words)]
            laid = cloud.layout(words, rates, whole, high, shape, glosses=own)
            read = [size for size in laid.sizes if shape is not None or size >= SMALL - 0.005]
            cut = Cut("word", len(read), every)
            if len(read) == len(table):
                break  # the width bounds the largest word: smaller ones cannot be read
            table, high = table.head(len(read)), room(DOUBLE, cut.after(long, lang)) or high
        without = [key for key, (size, _) in zip(words, laid.glosses, strict=True) if not size]
        note = cut.after(told(lang, note, listed(without, lang, DOUBLE)), lang)
        figure, axes = sheet(DOUBLE, laid.height, note)
        keep(figure, cut)
        left = (whole - laid.width) / 2
        for row, size, (x, y) in zip(tables.rows(table), laid.sizes, laid.places, strict=True):
            color = shades[(row.row_no - 1) % len(shades)]
            word = axes.text(left + x, y, row.key, size=size, color=inked(color), va="baseline")
            mark(word, row.row_no, f"{row.key}: {row.n}, {row.rate:.1f}")
        glossed(axes, laid, own, [word.get_color() for word in axes.texts], (left, 0))
        if shape is not None:
            figure.inputs = {**figure.inputs, "mask": shape.about}
    return figure


def glossed(
    axes: Axes,
    laid: cloud.Cloud,
    glosses: Sequence[str],
    colors: Sequence[Any],
    at: tuple[float, float],
) -> None:
    """The glosses of a cloud below their words, in the words' colours; `at` is its corner."""
    for gloss, color, (size, (x, y)) in zip(glosses, colors, laid.glosses, strict=False):
        if size:
            axes.text(at[0] + x, at[1] + y, gloss, size=size, color=color, va="baseline")


def _high(table: pd.DataFrame, width: float, glosses: Sequence[str], *, masked: bool) -> float:
    """How high a cloud is, in points: 80 mm; less for few words, more where letters get small.

    A cloud in a mask is at most 120 mm high.
    """
    if masked:
        return 120 * _POINTS
    shares = table["rate"] / table["rate"].max()
    wide = [ems(key) * share for key, share in zip(table["key"], shares, strict=True)]
    area = sum(across * share for across, share in zip(wide, shares, strict=True))
    area *= _GLOSSED if any(glosses) else 1
    most = width / max(wide)
    largest = min(cloud.LARGEST, most)
    for_largest, for_smallest = (
        _ROOM * area * min(size, most) ** 2 / width for size in (largest, _READABLE / shares.min())
    )
    usual = min(80 * _POINTS, max(for_largest, 1.5 * largest))
    return float(max(usual, min(for_smallest, 200 * _POINTS)))

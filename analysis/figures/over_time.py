"""Figures of words and themes over time: a line a key, broken where a year has no report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, MaxNLocator

from analysis import tables
from analysis.kit import spans

from .cut import fitting, held, keep
from .gloss import word_in
from .look import (
    ACCENT,
    DOUBLE,
    MAIN,
    PRESET,
    annotate,
    blank,
    canvas,
    counted,
    ems,
    fit,
    foot,
    height,
    inked,
    mark,
    per,
    points,
    region_in,
    say,
    some_years,
    style,
    told,
    wrap,
    years_are,
)

_COLORS, _MARKERS = (MAIN, ACCENT, "C3", "C4", "C5", "C6"), "os^DvP"
_DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)))
LOOKS = [
    (_COLORS[at % 6], _MARKERS[at % 6], _DASHES[(at + at // 6) % 3])
    for at in range(len(_COLORS) * len(_DASHES))
]
"""Colour, marker and dash of each line: no two lines share both marker and dash."""


def rates_over_time(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    at: str = "published",
    y: str = "rate",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A line for each word or theme over the years, a marker a report, small multiples by region.

    Neighbouring years are joined; a year without a report in the table is a gap, on grey, and is
    named below. All regions have one range of years.

    Parameters
    ----------
    table : `keywords.rates` or `reference.rates`: region (if there are several), the column
        `at`, key, n, rate; with `y="share"` `themes.coverage` or `reference.theme_rates`: theme,
        share in place of key, rate. Several rows of one year, region
        and key are drawn as points and not joined.
    names : what each key is called; the keys themselves without.
    at : the column that holds years or dates: `published`, `year`, …
    y : `rate` (per 10,000 characters) or `share` (of sentences, drawn in %).
    """
    if table.empty:
        return blank(lang, preset)
    drawn = _points(table, at, y)
    drawn, cut = held(drawn, "region", 3 * fitting(42 if not height(preset) else 28, 14, preset))
    blocks = list(drawn.groupby("region", sort=False))
    columns = min(3, len(blocks))
    lines = -(-len(blocks) // columns)
    span = range(drawn["year"].min(), drawn["year"].max() + 1)
    with style(preset):
        keys = list(dict.fromkeys(drawn["key"]))
        unsaid = [key for key in keys if columns > 1 and key not in (names or {})]
        legend = _legend(keys, unsaid, lang)
        high = 74 if len(blocks) == 1 else 14 + 42 * lines + 4 * legend.rows
        figure = canvas(DOUBLE, high)
        keep(figure, cut)
        legend.draw(figure)
        grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
        for axes in grid.flat[len(blocks) :]:
            axes.set_visible(False)
        top = drawn["value"].max() * 1.08 or 1.0
        beside = word_in if columns == 1 else _plain  # panels have no room for more
        called = {key: (names or {}).get(key) or beside(key, lang) for key in keys}
        said = ""
        for axes, (region, rows) in zip(grid.flat, blocks, strict=False):
            missing = _lines(
                axes,
                rows,
                span,
                keys,
                called,
                top,
                (height() or high) / lines - (24 if height() else 18),
            )
            axes.xaxis.set_major_locator(FixedLocator(some_years(span, 6 if columns > 2 else 8)))
            axes.set_title(region_in(str(region), lang))
            years = say(lang, "and").join(map(spans.span, spans.runs(missing)))
            said = years_are(table, at, lang) + (say(lang, "grey", years=years) if missing else "")
            axes.set_xlabel(fit(said, DOUBLE, 0.9 / columns), size=6 if columns > 1 else 7)
            axes.tick_params(labelbottom=True)
        below, own = (
            [counted(lang), cut.said(lang)],
            {axes.get_xlabel() for axes in grid.flat[: len(blocks)]},
        )
        if columns > 1 and len(own) == 1:  # what holds of all panels is said once
            below = [said, *below]
            for axes in grid.flat:
                axes.set_xlabel("")
        if any(below):
            foot(figure, told(lang, *below), DOUBLE)
        said = say(lang, y, per=per(lang), Per=per(lang).capitalize())
        room = ((height() or high) / lines - 16) / 25.4 * 72 / 7  # letters beside a panel
        for axes in grid[:, 0]:
            axes.set_ylabel("\n".join(wrap(said, room)))
    return figure


class _Legend(NamedTuple):
    """Words with their English above panels that have room for the words alone."""

    handles: list[Line2D]
    columns: int

    @property
    def rows(self) -> int:
        return -(-len(self.handles) // self.columns)

    def draw(self, figure: Figure) -> None:
        """At the head of a figure; nothing where there is nothing to say."""
        if self.handles:
            where: dict[str, Any] = {"loc": "outside upper left", "frameon": False}
            figure.legend(handles=self.handles, ncols=self.columns, fontsize=7, **where)


def _legend(keys: list[str], unsaid: Sequence[str], lang: str) -> _Legend:
    """The lines of the words that have an English name which no panel holds."""
    handles = []
    for number, key in enumerate(keys):
        if key in unsaid and (said := word_in(key, lang)) != key:
            color, marker, dash = LOOKS[number % len(LOOKS)]
            face = "white" if number % 2 else color
            look: dict[str, Any] = {"color": color, "mfc": face, "ls": dash, "lw": 1.1, "ms": 3.6}
            handles.append(Line2D([], [], marker=marker, label=said, **look))
    widest = max((ems(str(one.get_label())) * 7 + 36 for one in handles), default=1.0)
    return _Legend(handles, max(1, min(len(handles), int(points(DOUBLE) / widest))))


def _plain(word: str, _: str) -> str:
    return word


def _points(table: pd.DataFrame, at: str, y: str) -> pd.DataFrame:
    """year, key, value (in % for a share) and region of each row of the table."""
    return pd.DataFrame(
        {
            "year": pd.to_numeric(table[at].astype(str).str[:4]).astype(int),
            "key": table["key" if y == "rate" else "theme"],
            "value": table[y].astype(float) * (1 if y == "rate" else 100),
            "region": table["region"] if "region" in table.columns else "",
        }
    )


def _lines(
    axes: Axes,
    rows: pd.DataFrame,
    span: range,
    keys: list[str],
    names: Mapping[str, str],
    top: float,
    height: float,
) -> list[int]:
    """The lines of one region, named at their ends; returns the years without a report."""
    last = int(rows["year"].max())
    size = 3.6 if len(span) <= 30 else 3.0
    ends = []
    for number, key in enumerate(keys):
        color, marker, dash = LOOKS[number % len(LOOKS)]
        own = rows[rows["key"] == key]
        if own.empty:
            continue
        single = own.drop_duplicates("year", keep=False)  # reports of one year are not joined
        values = single.set_index("year")["value"].reindex(span)
        axes.plot(list(span), values, lw=1.1, color=color, ls=dash, clip_on=False)
        look: dict[str, Any] = {"color": color, "marker": marker, "ls": "", "ms": size}
        if number % 2:  # open: what lies under it is seen
            look |= {"mfc": "white", "mew": 0.8}
        for row in tables.rows(own):
            (dot,) = axes.plot(row.year, row.value, clip_on=False, **look)
            mark(dot, row.row_no, f"{names.get(key, key)} · {row.year}: {row.value:.4g}")
        final = own.sort_values("year").iloc[-1]
        ends.append((float(final["value"]), int(final["year"]), key, color))
    axes.set_xlim(span[0] - 0.8, span[-1] + 0.8)
    axes.set_ylim(0, top)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="y", color="#e8e8e8", lw=0.5)
    axes.set_axisbelow(True)
    ends.sort(key=lambda end: end[0])
    heights = _apart([end[0] for end in ends], top * 8.5 / (height * 72 / 25.4), top)
    for (value, year, key, color), label in zip(ends, heights, strict=True):
        annotate(axes, names.get(key, key), (last + 0.8, label), 4, color=inked(color), size=7.5)
        if abs(label - value) > top * 0.02 or year < last:
            thread = [year, last + 0.8], [value, label]
            axes.plot(*thread, color=color, lw=0.4, clip_on=False, zorder=1)
    return greyed(axes, span, rows["year"])


def greyed(axes: Axes, span: range, years: Iterable[int]) -> list[int]:
    """Put grey behind the years of a span that are not among some; returns them."""
    missing = sorted(set(span) - set(years))
    look: dict[str, Any] = {"fc": "#f1f1f1", "lw": 0, "zorder": 0}
    for begin, end in spans.runs(missing):
        across = axes.get_xaxis_transform()
        axes.add_patch(Rectangle((begin - 0.5, 0), end - begin + 1, 1, transform=across, **look))
    return missing


def _apart(values: list[float], gap: float, top: float) -> list[float]:
    """Heights of labels, rising, at least a gap apart and below the top, close to the values."""
    heights: list[float] = []
    for value in values:
        heights.append(max(value, heights[-1] + gap) if heights else value)
    over = heights[-1] - top
    for at in range(len(heights) - 1, -1, -1):
        ceiling = heights[at + 1] - gap if at + 1 < len(heights) else top
        heights[at] = min(heights[at], ceiling) if over > 0 else heights[at]
    return heights

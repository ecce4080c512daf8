"""Figures of many regions: who stands where in one year, and what is known at all."""

from __future__ import annotations

from collections.abc import Collection
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.indicators import UNJUDGED
from analysis.kit import spans

from .attention import region_years
from .cut import Cut, fitting, held, holds, keep
from .labels import bounded, rounded, scale, title, valued
from .look import (
    ACCENT,
    DEEP,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    SOFT,
    blank,
    blended,
    canvas,
    cells_frame,
    fit,
    foot,
    ink_on,
    inked,
    mark,
    number,
    numbered,
    region_in,
    say,
    shorten,
    some_years,
    style,
    tall,
    those,
    told,
)
from .marks import PEER, cited, key, per_line, unjudged

if TYPE_CHECKING:
    from analysis.indicators import IndicatorCodebook

_CELLS: dict[str, dict[str, Any]] = {
    "exact": {"fc": MAIN, "ec": "white"},
    "some": {"fc": "", "ec": "white"},
    "bound": {"fc": SOFT, "ec": "white", "hatch": "////"},
    "target": {"fc": "white", "ec": "#e4e4e4"},
    "absent": {"fc": "#ececec", "ec": "#e4e4e4"},
    "missing": {"fc": "white", "ec": "#e4e4e4"},
}
_BRACKETED = {"fc": "white", "ec": MAIN, "lw": 0.6}
"""How a bound is drawn where its count stands on it."""
_COUNTED = 36  # years up to which a cell has room for its count
_GAP = 1.6  # from a column to the next one where years are left out


def dot_range(
    table: pd.DataFrame, codebook: IndicatorCodebook, *, lang: str = "zh", preset: str = PRESET
) -> Figure:
    """Many regions in one year: ranked dots, the range of the comparable ones and their median.

    Parameters
    ----------
    table : `trends.in_year`, with the column `source_no` of `trends.cite` if sources are shown.
    codebook : names, units, and which way is better.
    """
    table = numbered(table)
    blocks = [rows for _, rows in table.groupby(["indicator_id", "per"], sort=False)]
    blocks.sort(key=lambda rows: bool(rows["median"].isna().all()))
    columns = min(2, max(1, len(blocks)))
    every = [blocks[at : at + columns] for at in range(0, len(blocks), columns)]
    heights, room = [14 + 4.2 * max(map(len, line)) for line in every], fitting(1, 24, preset)
    heights = [one for at, one in enumerate(heights) if not at or sum(heights[: at + 1]) <= room]
    lines = every[: len(heights)]
    cut = Cut("indicator", sum(map(len, lines)), len(blocks))
    if cut.drawn < len(blocks):
        blocks = blocks[: cut.drawn]
        table = pd.concat(blocks)
    with style(preset):
        wide = DOUBLE if columns > 1 else SINGLE
        handles = _signs(table, lang)
        across = per_line(handles, wide)
        said = cut.after(_notes(table, lang), lang)
        above = 3.2 * (1 + -(-len(handles) // across))
        figure = canvas(wide, 8 + above + tall(fit(said, wide, 0.94, SMALL)) + sum(heights or [30]))
        keep(figure, cut, table)
        if not blocks:
            figure.text(0.5, 0.5, say(lang, "no_year"), ha="center", size=8)
            return figure
        blocks = cited(figure, blocks)
        grid = figure.subplots(len(lines), columns, squeeze=False, height_ratios=heights)
        for axes, rows in zip(grid.flat, blocks, strict=False):
            _ranked_dots(axes, rows, codebook, lang)
        for axes in grid.flat[len(blocks) :]:
            axes.set_visible(False)
        key(figure, handles, across, say(lang, "of_year", year=table["year"].iloc[0]))
        if said:
            foot(figure, said, wide, SMALL)
    return figure


def _signs(table: pd.DataFrame, lang: str) -> list[Any]:
    """The marks that occur, as they are drawn, with what they mean."""
    named = dict.fromkeys(table.loc[table["role"] == "own", "region"])
    own = [region_in(one, lang) for one in named]
    ranked, found = table["median"].notna().any(), sum(map(unjudged, tables.rows(table)))
    dot: dict[str, Any] = {"marker": "o", "ls": "", "ms": 3.8}
    lines: dict[str, tuple[Any, dict[str, Any]]] = {
        "own": (own, dot | {"color": MAIN}),
        "others": ((table["role"] != "own").any(), dot | {"color": PEER}),
        "open": (not table["comparable"].all(), dot | {"color": PEER, "mfc": "white"}),
        "ring": (found, dot | {"color": PEER, "mfc": "none", "mew": 0.4, "ms": 6.4}),
        "median": (ranked, {"color": INK, "lw": 0.7, "ls": (0, (3, 2))}),
    }
    facts = {"regions": say(lang, "and").join(own), "found": found}
    signs: list[Any] = [
        Line2D([], [], label=say(lang, f"sign_{name}", **facts), **look)
        for name, (there, look) in lines.items()
        if there
    ]
    band = Patch(fc=SOFT, alpha=0.45, lw=0, label=say(lang, "sign_band"))
    return [*signs, band] if ranked else signs


def _notes(table: pd.DataFrame, lang: str) -> str:
    """What the marks do not say: who compared the figures, why a comparable one has no rank."""
    known = table["median"].notna()
    names = {
        "ranks_first": known.any() and not known.all(),
        "rank_none": (known & table["comparable"] & table["rank"].isna()).any(),
        "unchecked": any(map(unjudged, tables.rows(table))),
    }
    return told(lang, *those(lang, names))


def _ranked_dots(axes: Axes, rows: pd.DataFrame, codebook: IndicatorCodebook, lang: str) -> None:
    """One indicator: a line a figure, the comparable ones first, in the order of their ranks."""
    indicator = codebook.indicators[rows["indicator_id"].iloc[0]]
    fit = rows[rows["comparable"]]
    unit = (fit if len(fit) else rows)["common_unit"].iloc[0]
    same = rows[rows["common_unit"] == unit]
    divisor, word = scale(same["value"], lang)
    upwards = [False, indicator.better == "lower"]
    order = rows.sort_values(["comparable", "value"], ascending=upwards, ignore_index=True)
    if fit["median"].notna().any():
        bounds = fit["value"].min(), fit["value"].max(), fit["median"].iloc[0]
        low, high, middle = (one / divisor for one in bounds)
        axes.add_patch(Rectangle((low, -0.5), high - low, len(fit), fc=SOFT, alpha=0.45, lw=0))
        axes.plot([middle, middle], [-0.5, len(fit) - 0.5], color=INK, lw=0.7, ls=(0, (3, 2)))
    for at, row in enumerate(tables.rows(order)):
        color = MAIN if row.role == "own" else PEER
        if row.common_unit == unit:
            face = color if row.comparable else "white"
            look: dict[str, Any] = {"color": color, "mfc": face, "ms": 3.8, "clip_on": False}
            (dot,) = axes.plot(row.value / divisor, at, "o", **look)
            if unjudged(row):
                ring: dict[str, Any] = {"mfc": "none", "mec": color, "mew": 0.4, "ms": 6.4}
                axes.plot(row.value / divisor, at, "o", **ring)
            mark(dot, row.row_no, f"{row.region} {row.year}: {rounded(row.value, 1)} {row.unit}")
        _end_label(axes, row, at, divisor, unit, color, lang)
    names = [
        ("" if pd.isna(row.rank) else f"{int(row.rank)}  ") + region_in(row.region, lang)
        for row in tables.rows(order)
    ]
    axes.set_yticks(range(len(order)), names, size=6)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(order) - 0.4, -0.6)
    least, most = same["value"].min() / divisor, same["value"].max() / divisor
    room = most * 1.4 if most > 0 else -least * 0.4  # for the numbers at the right
    axes.set_xlim(min(0, least * 1.1), room or 1)
    top = 100.0 if unit == "%" and same["value"].max() <= 100 else axes.get_xlim()[1]
    whole = bool((same["value"] / divisor % 1 == 0).all())
    ticks = MaxNLocator(4, integer=whole).tick_values(*axes.get_xlim())
    axes.set_xticks([tick for tick in ticks if axes.get_xlim()[0] <= tick <= top])
    axes.xaxis.set_major_formatter(lambda value, _: number(round(value, 9)))
    axes.set_title(title(indicator, unit, word, lang))
    axes.set_xlabel(_foot(rows, indicator.better, len(fit), divisor, lang), size=SMALL, loc="right")


def _foot(rows: pd.DataFrame, better: str, known: int, divisor: float, lang: str) -> str:
    """The median and how many regions it is of, and what the first rank means."""
    if rows["median"].isna().all():
        name = {0: "unranked_none", 1: "unranked_one"}.get(known, "unranked")
        return say(lang, name, known=known)
    middle = rounded(float(rows["median"].iloc[0]), divisor)
    first = say(lang, f"first_{better}")
    return say(lang, "median", middle=middle, known=known, first=first)


def _end_label(
    axes: Axes, row: Any, at: int, divisor: float, unit: str, color: str, lang: str
) -> None:
    """The number at the line's end; where its unit is another, with that unit (and no dot)."""
    same = row.common_unit == unit
    label = bounded(row, rounded(row.value, divisor if same else 1))
    text = (label if same else valued(label, "", row.unit, lang)) + row.cite
    look: dict[str, Any] = {"size": SMALL, "ha": "right", "va": "center"}
    look["color"] = inked(color)
    said = axes.text(1, at, text, transform=axes.get_yaxis_transform(), **look)
    mark(said, row.row_no, f"{row.region} {row.year}: {rounded(row.value, 1)} {row.unit}")


def indicator_heatmap(
    table: pd.DataFrame, codebook: IndicatorCodebook, *, lang: str = "zh", preset: str = PRESET
) -> Figure:
    """One indicator, regions against years, shaded from the lowest to the highest figure.

    A bound has its sign in its cell; a year without a figure of this kind is crossed.

    Parameters
    ----------
    table : `trends.by_year`. codebook : names and units.
    """
    rows, cut = held(table, "place", holds(3.4, 18, preset))
    rows = rows.assign(at=rows["year"], shown=rows["value"])
    if rows["shown"].isna().all():
        return blank(lang, preset)
    divisor, word = scale(rows["shown"].dropna(), lang)
    low, high = rows["shown"].min(), rows["shown"].max()
    depth = (rows["shown"] - low) / ((high - low) or 1)
    labels = [
        "" if pd.isna(row.shown) else bounded(row, rounded(row.shown, divisor))
        for row in tables.rows(rows)
    ]
    rows = rows.assign(depth=0.06 + (DEEP - 0.06) * depth, text=labels)
    first = rows[rows["shown"].notna()].iloc[0]
    indicator = codebook.indicators[first["indicator_id"]]
    ends = {"low": rounded(low, divisor), "high": rounded(high, divisor)}
    names = {"grid_shade": True, "grid_unjudged": (rows["note"] == UNJUDGED).any()}
    found = int((rows["note"] == UNJUDGED).sum())
    said = told(lang, *those(lang, names, **ends, found=found))
    head = title(indicator, str(first["unit"]), word, lang, room=60)
    figure = region_years(rows, said, head, cut, lang=lang, preset=preset)
    keep(figure, cut, rows)
    return figure


def known_missing(
    table: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    reported: Collection[int] = (),
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A table of cells: what is known of each year, how well, and what is missing.

    Of several regions a cell has how many of them state an exact figure, and is as deep. A break
    in the axis stands for years of which nothing is known.

    Parameters
    ----------
    table : `trends.known`, by indicator or by region.
    codebook : names of the indicators.
    reported : the years that the reports are about, which are drawn in any case; () for all years.
    """
    by = str(table.columns[0])
    some = set(table.loc[table["state"] != "missing", "year"])
    table, cut = held(table, by, holds(3.4, 20, preset, 1000))
    lines, every = list(dict.fromkeys(table[by])), sorted(set(table["year"]))
    known = table[table["n"] > 0].groupby(by).size()
    span = range(min(reported), max(reported) + 1) if reported else every
    years = [year for year in every if year in span or year in some]
    table = table[table["year"].isin(years)]
    with style(preset):
        figure = canvas(DOUBLE, 20 + 4.6 * max(len(lines), 2))
        keep(figure, cut, table)
        if not lines:
            figure.text(0.5, 0.5, say(lang, "no_figures"), ha="center", size=8)
            return figure
        axes = figure.add_subplot()
        names = codebook.names(lang) if by == "indicator_id" else {}
        names = names or {line: region_in(line, lang) for line in lines}
        counted = int(table["k_of"].max()) > 1 and len(years) <= _COUNTED
        places = _apart(years)
        for row in tables.rows(table):
            of = f"{row.k_exact} / {row.k_stated} / {row.k_of}"
            tip = f"{names.get(row[0], row[0])} · {row.year}: {row.n} ({of})"
            at = places[row.year], lines.index(row[0])
            for drawn in _cell(axes, *at, row, counted=counted):
                mark(drawn, row.row_no, tip)
        counts = [f"{shorten(names.get(key, key), 30)}  {known.get(key, 0)}" for key in lines]
        cells_frame(axes, [""] * len(years), counts)
        dated = some_years(years, 18)
        axes.set_xticks([places[year] for year in dated], map(str, dated), size=6)
        axes.set_xlim(-0.5, places[years[-1]] + 0.5)
        for before, year in pairwise(years):
            if year > before + 1:
                _break(axes, (places[before] + places[year]) / 2, len(lines))
        handles = _legend(table, lang, by, counted=counted)
        where: dict[str, Any] = {"loc": "outside upper left", "ncols": 4, "frameon": False}
        figure.legend(handles=handles, fontsize=6, handlelength=1.4, columnspacing=1.6, **where)
        said = [say(lang, "known_years")]
        gone = spans.runs([year for year in every if year not in years])
        gone_ = say(lang, "comma").join(map(spans.span, gone))
        said += those(lang, {"known_break": gone}, years=gone_)
        if counted:
            whole = int(table["k_of"].max())
            found, seen = int(table["n_unjudged"].sum()), int(table["n_verified"].sum())
            kinds = {f"known_counts_{by}": True, "grid_unjudged": found, "known_verified": seen}
            said += those(lang, kinds, whole=whole, found=found, seen=seen)
        axes.set_xlabel(fit(cut.after(told(lang, *said), lang), DOUBLE, 0.7))
    return figure


def _apart(years: list[int]) -> dict[int, float]:
    """Where the column of each year stands: with a gap where years are left out."""
    steps = [_GAP if year > before + 1 else 1.0 for before, year in pairwise(years)]
    return dict(zip(years, accumulate([0.0, *steps]), strict=True))


def _break(axes: Axes, at: float, lines: int) -> None:
    """Two slanted strokes below the cells, where years are left out."""
    for across in (-0.09, 0.09):
        along, down = [at + across - 0.07, at + across + 0.07], [lines - 0.2, lines - 0.75]
        axes.plot(along, down, color=INK, lw=0.7, clip_on=False)


def _cell(axes: Axes, across: float, down: int, row: Any, *, counted: bool) -> list[Artist]:
    """One cell: filled if exact, hatched if a bound, a short line if planned only; else empty.

    counted : it is as deep as the share of those that state an exact figure, with their number.
    """
    box, look = (across - 0.46, down - 0.42), _CELLS[row.state]
    if row.state == "some":
        look = look | {"fc": blended(MAIN, 0.12 + 0.6 * row.k_exact / row.k_of)}
    elif counted and row.state == "bound":
        look = _BRACKETED
    drawn: list[Artist] = [axes.add_patch(Rectangle(box, 0.92, 0.84, **look))]
    if counted and row.n:
        where: dict[str, Any] = {"ha": "center", "va": "center", "size": SMALL}
        text = str(row.k_exact) if row.k_exact else f"({row.k_stated})"
        said = axes.text(across, down, text, color=ink_on(look["fc"]), **where)
        return [*drawn, said]
    if row.state == "target":
        drawn += axes.plot([across - 0.3, across + 0.3], [down, down], color=ACCENT, lw=1.0)
    if row.n and row.n_unjudged == row.n:
        drawn += axes.plot(across, down, "o", mfc="none", ms=2.6, mec="white", mew=0.6)
    if row.n_verified:
        drawn += axes.plot(across, down, "o", color="white", ms=2.2, mec=INK, mew=0.3)
    return drawn


def _legend(table: pd.DataFrame, lang: str, by: str, *, counted: bool) -> list[Any]:
    """What the cells mean; only those that occur."""
    found: list[Any] = []
    for state, look in _CELLS.items():
        if (table["state"] == state).any():
            several = state in ("exact", "some") and table["k_of"].max() > 1
            whole = int(table["k_of"].max())
            word = say(lang, f"state_{state}_{by}" if several else f"state_{state}", whole=whole)
            face = _BRACKETED if counted and state == "bound" else look
            face = face | {"fc": blended(MAIN, 0.42)} if state == "some" else face
            cell = Rectangle((0, 0), 1, 1, label=word, **face)
            dash = Line2D([], [], color=ACCENT, lw=1.6, label=word)
            found.append(dash if state == "target" else cell)
    if counted:
        return found
    if ((table["n"] > 0) & (table["n_unjudged"] == table["n"])).any():
        word = say(lang, "known_unjudged")
        found.append(Line2D([], [], marker="o", ls="", mfc=MAIN, mec=SOFT, ms=4, label=word))
    if table["n_verified"].any():
        word = say(lang, "verified")
        found.append(Line2D([], [], marker="o", ls="", c="white", ms=3, mec=INK, label=word))
    return found

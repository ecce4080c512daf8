"""Figures made of cells: terms or themes against sections, reports, years or each other.

A cell is a rectangle, shaded by a share or rate, with its count in it; a count of zero leaves it
empty.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.kit import spans
from analysis.themes import NONE
from analysis.words import similarity

from .cut import ROWS, Cut, fitting, held, holds, keep, largest
from .gloss import listed, word_in
from .look import (
    DEEP,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    UNCODED,
    below,
    blank,
    blended,
    canvas,
    cells_frame,
    counted,
    ems,
    fit,
    foot,
    height,
    ink_on,
    mark,
    number,
    numbered,
    per,
    region_in,
    say,
    shorten,
    some_years,
    style,
    tall,
    those,
    told,
    uncoded,
    width,
    wrap,
    years_are,
)

_LINE, _STEPS = "#e4e4e4", 24
MISSING: dict[str, Any] = {"fc": "#f1f1f1", "ec": "#c8c8c8", "hatch": "xxxx", "lw": 0}
"""How a cell that nothing is known of is drawn: no empty one, which is a count of zero."""
_INDENT, _SECTION = "　", re.compile(r"s\d+(\.\d+)*")
_BESIDE = 0.58  # of the figure's width, what the words below cells take beside the bar of shades
CHARS, SENTENCES = similarity.CHARS, similarity.SENTENCES
"""From which on a place's rates are shaded."""
_ASIDE = 12
"""Columns up to which Chinese names stand above them in short lines; those of more are slanted."""
_WIDE, _ROOMY, _LEAST = 3.4, 5.2, 5.0
"""The least width of a cell, in millimetres, that has room for a number, for decimals, and for one
of four digits."""


def term_sections(
    table: pd.DataFrame,
    headings: Mapping[str, str] | None = None,
    *,
    glosses: Mapping[str, str] | None = None,
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Terms against sections, or reports: counts, shaded by rate.

    Parameters
    ----------
    table : `keywords.sections`: key, the section or report_id, n, N_chars, rate.
    headings : each section's heading, or each report's name. glosses : what stands behind the
        number of a section in an English figure.
    page : which of the pages that many reports fill.
    """
    if table.empty:
        return blank(lang, preset)
    by, keys = table.columns[1], list(dict.fromkeys(table["key"]))
    called = [word_in(key, lang) for key in keys]
    slanted = called != keys and not height(preset)
    above = 1.6 * max(map(ems, called)) if slanted else 2.8 * max(map(_lines_of, keys))
    table, cut = held(table, by, holds(3.4, 20 + above, preset), page)
    places = _by_sum(table, by, "rate")
    table, small = _shaded(table, "rate", table["N_chars"] >= CHARS)
    most = table["depth"].max() or 1.0
    with style(preset):
        figure = canvas(DOUBLE, 20 + above + 4.4 * len(places))
        axes = figure.add_subplot()
        size = max(SMALL, min(6.5, 300 / len(keys)))
        lines, wide = _row_names(places, headings, lang, glosses), (width(DOUBLE) - 34) / len(keys)
        for row in tables.rows(table):
            x, y = keys.index(row.key), places.index(row[1])
            text = "" if by == "section" else _in_cell(row.rate, wide)
            tip = f"{row.key} · {lines[y]}"
            cell(
                axes,
                (x, y),
                row.depth / most,
                row,
                tip,
                size=min(6, size) if wide >= _WIDE or by == "section" else 0,
                text=text,
            )
        _frame(axes, called if slanted else [_stacked(key) for key in keys], lines)
        axes.tick_params(axis="x", labelsize=size)
        axes.xaxis.tick_top()
        if slanted:
            _slant(axes, lang, up=True)
        name, whole = "term_sections" if by == "section" else "term_rates", say(lang, "section")
        name = "counts_shaded" if small == "all" else name
        said = say(lang, name, whole=whole, per=per(lang), most=most)
        plain = those(lang, {f"small_text_{small}": small}, least=CHARS, whole=whole)
        beside = "" if slanted else listed(keys, lang, DOUBLE)
        told_by = those(lang, {"headings_in": only_numbered(places, headings, lang, glosses)})
        said = told(lang, said, *plain, beside, *told_by)
        keep(figure, cut)
        axes.set_xlabel(fit(cut.after(said, lang), DOUBLE, _BESIDE), loc="right")
        _scale(axes, most)
    return figure


def theme_sections(
    table: pd.DataFrame,
    names: Mapping[str, str],
    headings: Mapping[str, str] | None = None,
    *,
    glosses: Mapping[str, str] | None = None,
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Themes against sections: how many sentences of a section have the theme, shaded by share.

    Parameters
    ----------
    table : `themes.coverage` by section; with several reports by report_id, one a row then.
    names : each theme's name.
    headings : each section's heading, or each report's name. glosses : what stands behind the
        number of a section in an English figure.
    page : which of the pages that many reports fill.
    """
    if table.empty:
        return blank(lang, preset)
    by, whole_table = table.columns[0], table
    table, cut = held(table, by, holds(3.4, 36, preset), page)
    coded = table[table["theme"] != NONE] if (table["theme"] != NONE).any() else table
    themes = themes_by_n(whole_table)
    places = _by_first(coded, by, themes)
    with style(preset):
        figure = canvas(DOUBLE, 40 + 5.0 * len(places))
        axes = figure.add_subplot()
        table, small = _shaded(table, "share", table["N_sentences"] >= SENTENCES)
        most = table.loc[table["theme"] != NONE, "depth"].max() or 1.0
        wide = (width(DOUBLE) - 54) / len(themes)
        lines = _row_names(places, headings, lang, glosses)
        for row in tables.rows(table):
            at = themes.index(row.theme), places.index(row[0])
            tip, none = f"{names[row.theme]} · {lines[at[1]]}", row.theme == NONE
            text = "" if by == "section" else _in_cell(row.share * 100, wide)
            cell(axes, at, row.depth / most, row, tip, uncoded=none, text=text)
        _frame(axes, _columns(themes, names, lang, _letters(themes)), lines)
        axes.xaxis.tick_top()
        _slant(axes, lang, up=True)
        name, whole = "theme_sections" if by == "section" else "theme_rates", say(lang, "section")
        name = "counts_shaded" if small == "all" else name
        said = say(lang, name, whole=whole, most=most, first=names[themes[0]])
        keep(figure, cut)
        plain = those(lang, {f"small_place_{small}": small}, least=SENTENCES, whole=whole)
        said = told(lang, said, *plain, say(lang, "themes_by_n"), counted(lang))
        told_by = those(lang, {"headings_in": only_numbered(places, headings, lang, glosses)})
        said = told(lang, said, _without(whole_table, lang), *told_by)
        axes.set_xlabel(fit(cut.after(said, lang), DOUBLE, 0.52), loc="right")
        _scale(axes, most * (1 if small == "all" else 100))
    return figure


def theme_years(
    table: pd.DataFrame,
    names: Mapping[str, str],
    *,
    at: str = "year",
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Themes against years, a block a region; a year without a report in the table is hatched.

    Where no region has more than one year, the columns are the regions, by the largest theme.

    Parameters
    ----------
    table : `themes.coverage` by region and year, or `reference.theme_rates`: region, the column
        `at`, theme, n, share.
    names : each theme's name.
    at : the column that holds years or dates: `year`, `published`, …
    page : which of the pages that many regions fill.
    """
    if table.empty:
        return blank(lang, preset)
    axis = years_are(table, at, lang)
    table = table.assign(year=table[at].astype(str).str[:4].astype(int))
    whole_table = table
    single = table.groupby("region")["year"].nunique().max() == 1 and table["region"].nunique() > 1
    shown, left = largest(numbered(table), "theme", holds(3.1, 44 if single else 30, preset))
    themes, table, room = themes_by_n(shown), shown, width(DOUBLE, preset) - 54
    block, span = 3.4 * len(themes) + 8, table["year"].max() - table["year"].min() + 1
    high, regions = fitting(block, 24, preset), table["region"].nunique()
    across = 1 if single else max(1, min(3, -(-regions // high), int(room / _WIDE / span)))
    held_ = min(ROWS, int(room / 2.6)) if single else across * high
    table, cut = held(table, "region", held_, page)
    cut = cut._replace(also=left._asdict()) if left else cut
    blocks = _blocks(table, lang, single=single)
    most = table.loc[table["theme"] != NONE, "share"].max() or 1.0
    with style(preset):
        lines = -(-len(blocks) // across)
        numbers = room / across / len(blocks[0][2]) >= _WIDE
        missing = any(set(columns) - set(rows["at"]) for _, rows, columns in blocks)
        named = {"years_counted": numbers, "columns_by": single, "years_missing": missing}
        also = those(lang, named, first=names[themes[0]])
        shade = say(lang, "years_shade")
        sort = say(lang, "themes_by_n") if len(themes) > 1 else ""
        said = told(lang, shade, sort, counted(lang), _without(whole_table, lang), *also)
        said = said if single else told(lang, axis, said[0].lower() + said[1:])
        below = cut.after(said, lang)
        said = fit(below, DOUBLE, _BESIDE if across == 1 else 0.94)
        longest = max(_high(column, lang) for column in blocks[0][2]) if single else 0.0
        down = block * lines + longest
        figure = canvas(DOUBLE, 12 + tall(said) + down)
        keep(figure, cut)
        grid = figure.subplots(lines, across, squeeze=False, sharex=True)
        for axes in grid.flat[len(blocks) :]:
            axes.set_visible(False)
        for at_, (axes, (region, rows, columns)) in enumerate(zip(grid.flat, blocks, strict=False)):
            labels = [names[theme] for theme in themes]
            shown = rows.assign(depth=rows["share"] / most)
            _years(axes, shown, columns, labels, themes, lang, room / across)
            axes.tick_params(labelleft=at_ % across == 0, labelbottom=at_ + across >= len(blocks))
            axes.set_title(region_in(region, lang))
        last = grid.flat[len(blocks) - 1]
        if across == 1:
            last.set_xlabel(said, loc="right")
        else:
            foot(figure, below, DOUBLE)
        _scale(grid[-1, 0], most * 100, 7.5 + longest)
    return figure


def _blocks(
    table: pd.DataFrame, lang: str, *, single: bool
) -> list[tuple[str, pd.DataFrame, list[Any]]]:
    """A block a region with its years; or one whose columns are regions, by their sums."""
    if single:
        dated = " " + table["year"].astype(str) if table["year"].nunique() > 1 else ""
        alone = table["region"].map(lambda region: region_in(region, lang)) + dated
        table = table.assign(at=alone)
        coded = table[table["theme"] != NONE]
        return [("", table, _by_first(coded if len(coded) else table, "at", themes_by_n(table)))]
    years = [*range(table["year"].min(), table["year"].max() + 1)]
    return [
        (str(region), rows.assign(at=rows["year"]), years)
        for region, rows in table.groupby("region", sort=False)
    ]


def _years(
    axes: Axes,
    rows: pd.DataFrame,
    columns: list[Any],
    names: list[str],
    themes: list[str],
    lang: str,
    room: float,
) -> None:
    """One block, so wide in mm: a column a year or region, hatched where there is no report."""
    wide = room / len(columns)
    size = SMALL if wide >= _WIDE else 0.0
    for row in tables.rows(rows):
        at = (columns.index(row.at), themes.index(row.theme))
        uncoded = row.theme == NONE
        tip = f"{names[at[1]]} · {row.at}"
        text = _in_cell(row.share * 100, wide)
        cell(axes, at, row.depth, row, tip, uncoded=uncoded, size=size, text=text)
    missing = [place for place, column in enumerate(columns) if column not in set(rows["at"])]
    for first, last in spans.runs(missing):
        across = last - first + 1
        axes.add_patch(Rectangle((first - 0.5, -0.5), across, len(themes), **MISSING))
        if size:
            label, paper = say(lang, "missing"), {"fc": "white", "ec": "none", "pad": 0.6}
            middle = (first + last) / 2, (len(themes) - 1) / 2
            look: dict[str, Any] = {"ha": "center", "va": "center", "size": 6, "color": INK}
            turned = 0 if lang == "zh" else 90
            axes.text(*middle, label, bbox=paper, rotation=turned, **look)
    if isinstance(columns[0], str):
        _frame(axes, [_stacked(column) if lang == "zh" else column for column in columns], names)
        axes.tick_params(axis="x", rotation=0 if lang == "zh" else 90)
    else:
        dated = some_years(columns, max(3, int(room / 6.5)))
        _frame(axes, [str(year) if year in dated else "" for year in columns], names)


def _without(table: pd.DataFrame, lang: str) -> str:
    """How many sentences have no theme, where a table of coverage says it."""
    none = table[table["theme"] == NONE]
    if none.empty or "N_sentences" not in none:
        return ""
    return uncoded(lang, int(none["n"].sum()), int(none["N_sentences"].sum()))


def theme_cooccurrence(
    table: pd.DataFrame, names: Mapping[str, str], *, lang: str = "zh", preset: str = PRESET
) -> Figure:
    """Which themes stand in the same sentence: counts below the diagonal, shaded by Jaccard.

    A single common sentence is not shaded: of rare themes it would be the darkest.

    Parameters
    ----------
    table : `themes.cooccurrence`: theme, other, n, n_theme, n_other, N_sentences, n_uncoded,
        jaccard, a row a pair.
    names : each theme's name.
    """
    if table.empty:
        return blank(lang, preset)
    counts = dict(zip(table["theme"], table["n_theme"], strict=True))
    counts |= dict(zip(table["other"], table["n_other"], strict=True))
    themes = list(dict.fromkeys([*table["theme"], *table["other"]]))
    themes, cut = _most_frequent(themes, counts, holds(3.6, 30, preset))
    table = numbered(table)
    table = table[table["theme"].isin(themes) & table["other"].isin(themes)]
    order = {theme: at for at, theme in enumerate(themes)}
    shades = table["jaccard"].where(table["n"] >= 2).fillna(0)
    most = shades.max() or 1.0
    with style(preset):
        wide = SINGLE if len(themes) <= _ASIDE else DOUBLE
        figure = canvas(wide, 40 + 4.4 * len(themes))
        keep(figure, cut)
        axes = figure.add_subplot()
        first: dict[str, Any] = {}
        for row in tables.rows(table.assign(depth=shades / most)):
            low, high = sorted((order[row.theme], order[row.other]))
            tip = f"{names[row.theme]} + {names[row.other]}"
            cell(axes, (low, high), row.depth, row, tip, size=6)
            for theme in (row.theme, row.other):
                if theme not in first or row.n > first[theme].n:
                    first[theme] = row
        for theme, at in order.items():
            _diagonal(axes, at, f"{names[theme]}: {int(counts[theme]):,}", first[theme].row_no)
        _frame(axes, _columns(themes, names, lang, 2.4), [names[theme] for theme in themes])
        _slant(axes, lang, up=False)
        sentences = int(table["N_sentences"].iloc[0])
        said = say(lang, "cooccurrence", sentences=sentences, most=shades.max())
        none = uncoded(lang, int(table["n_uncoded"].iloc[0]), sentences, drawn="")
        said = told(lang, said, say(lang, "themes_by_n"), counted(lang), none, cut.said(lang))
        axes.set_xlabel(fit(said, wide, 0.55, 6), loc="right", size=6)
        _scale(axes, float(shades.max()), 4.0 + _below(axes), 0.34 if wide == SINGLE else 0.2)
    return figure


def _most_frequent(
    themes: list[str], counts: Mapping[str, int], most: int
) -> tuple[list[str], Cut]:
    """The themes with the most sentences, these first; the line of those without is kept."""
    ranked = sorted(themes, key=lambda theme: (theme == NONE, -counts[theme]))
    kept = {*ranked[:most], *({NONE} & {*themes})}
    whole = len({*themes} - {NONE})
    return [theme for theme in ranked if theme in kept], Cut(
        "theme", len(kept - {NONE}), whole, largest=True
    )


def _below(axes: Axes) -> float:
    """How high the names of columns below are, in millimetres, set at their angle or in lines."""
    high = 0.0
    for label in axes.get_xticklabels():
        said = label.get_text()
        slanted = ems(said) * 6 * 0.71 + 4 if label.get_rotation() else 0.0
        high = max(high, slanted or 7.2 * (said.count("\n") + 1))
    return high / 72 * 25.4


def theme_cross(
    table: pd.DataFrame,
    names: Mapping[str, str],
    others: Mapping[str, str],
    *,
    heads: Sequence[str] = (),
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Themes of one codebook against those of another: counts, shaded by the share of the line.

    Lines and columns are sorted by their sentences, what has no theme last; a theme without a
    sentence has no line.

    Parameters
    ----------
    table : `themes.cross`: theme, crossed, n, n_theme, N_sentences, share_theme.
    names, others : the names of the themes of both. heads : what both codebooks are called, which
        stands above the lines and above the columns.
    """
    table = numbered(table)
    shown = table[(table["n_theme"] > 0) & (table["n_crossed"] > 0)]
    if shown.empty:
        return blank(lang, preset)
    counts, crossed = (
        dict(zip(shown[name], shown[f"n_{name}"], strict=True)) for name in ("theme", "crossed")
    )
    lines = list(dict.fromkeys(shown["theme"]))
    themes, cut = _most_frequent(lines, counts, holds(3.4, 36, preset))
    room = int((width(DOUBLE, preset) - 54) / _LEAST)
    columns, beside = _most_frequent(list(dict.fromkeys(shown["crossed"])), crossed, room)
    cut = cut._replace(also=beside._replace(column="crossed")._asdict())
    shown = shown[shown["theme"].isin(themes) & shown["crossed"].isin(columns)]
    most = shown["share_theme"].max() or 1.0
    with style(preset):
        wide = SINGLE if len(columns) <= 4 else DOUBLE
        figure = canvas(wide, 26 + 6 * bool(heads) + 4.6 * len(themes))
        keep(figure, cut)
        axes = figure.add_subplot()
        others = {**others, NONE: say(lang, "crossed_none")}
        for row in tables.rows(shown):
            at = columns.index(row.crossed), themes.index(row.theme)
            tip = f"{names[row.theme]} × {others[row.crossed]}"
            size = 6.5 if len(columns) <= _ASIDE else SMALL
            cell(axes, at, row.share_theme / most, row, tip, size=size)
        lines = [f"{names[theme]}  {counts[theme]:,}" for theme in themes]
        _frame(axes, _columns(columns, others, lang, _letters(columns)), lines)
        axes.xaxis.tick_top()
        _slant(axes, lang, up=True)
        if heads:
            corner: dict[str, Any] = {"xytext": (-4, 3), "textcoords": "offset points"}
            corner |= {"ha": "right", "va": "bottom", "size": 7}
            axes.annotate(heads[0], (-0.5, -0.5), **corner)
            axes.set_title(heads[1], size=7, loc="left")
        said = say(lang, "theme_cross", most=most, sentences=int(table["N_sentences"].iloc[0]))
        said = told(lang, said, say(lang, "themes_by_n"), counted(lang))
        foot(figure, cut.after(said, lang), wide, 6)
        _scale(axes, most * 100, wide=0.34 if wide == SINGLE else 0.2)
    return figure


def _shaded(table: pd.DataFrame, value: str, enough: pd.Series[bool]) -> tuple[pd.DataFrame, str]:
    """The table with `depth`, what its cells are shaded by, and whether `some` or `all` are small.

    That is a rate where the place is large enough for one; counts, where none of them is.
    """
    depth = table[value].where(enough, 0.0) if enough.any() else table["n"].astype(float)
    return table.assign(depth=depth), "" if enough.all() else "some" if enough.any() else "all"


def themes_by_n(table: pd.DataFrame) -> list[str]:
    """The themes of a table, those of the most sentences first; what has no theme is the last."""
    sums = table.groupby("theme", sort=False)["n"].sum()
    order: list[str] = sums.sort_values(ascending=False, kind="stable").index.tolist()
    return sorted(order, key=NONE.__eq__)


def _by_sum(table: pd.DataFrame, by: str, value: str) -> list[Any]:
    """Reports by the sum of their values, the highest first; sections in the order of the text."""
    if by == "section":
        return list(dict.fromkeys(table[by]))
    sums = table.groupby(by, sort=False)[value].sum().round(9)
    return sums.sort_values(ascending=False, kind="stable").index.tolist()


def _by_first(table: pd.DataFrame, by: str, themes: Sequence[str]) -> list[Any]:
    """Reports by their share of the first theme, the highest first; sections as in the text."""
    own = table.assign(share=table["share"].where(table["theme"] == themes[0], 0.0))
    return _by_sum(own, by, "share")


def _in_cell(value: float, wide: float) -> str:
    """A rate or percentage in a cell so wide, in mm; what is not 0 is never rounded to it.

    >>> _in_cell(5.12, 8), _in_cell(80, 8), _in_cell(0.02, 8), _in_cell(51.2, 4), _in_cell(0.2, 3.5)
    ('5.1', '80.0', '<0.1', '51', '<1')
    """
    places = 1 if wide >= (_ROOMY if value >= 10 else _ROOMY - 1.2) else 0
    least = 10.0**-places
    return f"{value:.{places}f}" if value >= least / 2 else f"<{least:.{places}f}"


def _scale(axes: Axes, most: float, down: float = 5.0, wide: float = 0.2) -> None:
    """The bar of shades at the left, so far below the cells, in mm; `wide` is its share."""
    bar = axes.inset_axes((0, -down / 25.4, wide, 2.0 / 25.4), transform=below(axes))
    for step in range(_STEPS):
        shade = blended(MAIN, (step + 0.5) / _STEPS * DEEP)
        left = most * step / _STEPS
        bar.add_artist(Rectangle((left, 0), most / _STEPS, 1, fc=shade, ec=shade, lw=0.2))
    bar.set(xlim=(0, most), ylim=(0, 1), yticks=[])
    ticks = MaxNLocator(3).tick_values(0, most)
    bar.set_xticks([tick for tick in ticks if tick <= most])
    bar.xaxis.set_major_formatter(lambda value, _: number(round(value, 9)))
    bar.tick_params(labelsize=SMALL, pad=1.5)
    bar.spines["left"].set_visible(False)


def _diagonal(axes: Axes, at: int, tip: str, row_no: int) -> None:
    """A theme's own count; its evidence is found from the pair that shares most sentences."""
    box = axes.add_patch(Rectangle((at - 0.5, at - 0.5), 1, 1, fc="white", ec="#aaaaaa"))
    where: dict[str, Any] = {"ha": "center", "va": "center", "color": "#666666"}
    for drawn in (box, axes.text(at, at, tip.rpartition(" ")[2], size=SMALL, **where)):
        mark(drawn, row_no, tip)


def _row_names(
    places: Sequence[str],
    headings: Mapping[str, str] | None,
    lang: str,
    glosses: Mapping[str, str] | None = None,
) -> list[str]:
    """Sections' headings or reports' names as labels of lines; a section in another is indented."""
    known = {"s0": say(lang, "opening"), **(headings or {})}
    depths = [place.count(".") if _SECTION.fullmatch(place) else 0 for place in places]
    return [
        _INDENT * depth + shorten(called_in(known, at, lang, glosses), 24 if lang == "zh" else 40)
        for at, depth in zip(places, depths, strict=True)
    ]


def called_in(
    known: Mapping[str, str], at: str, lang: str, glosses: Mapping[str, str] | None = None
) -> str:
    """A section by its heading, in English by its number and a gloss; a report by its name."""
    if lang == "zh" or at not in known:
        return known.get(at) or region_in(at, lang)
    if _SECTION.fullmatch(at) and at != "s0":
        said, gloss = say(lang, "section_no", number=at[1:]), (glosses or {}).get(at)
        return f"{said} {gloss}" if gloss else said
    return region_in(known[at], lang)


def only_numbered(
    places: Sequence[str],
    known: Mapping[str, str] | None,
    lang: str,
    glosses: Mapping[str, str] | None = None,
) -> bool:
    """Whether a section that has a heading stands in the figure by its number alone."""
    return lang != "zh" and any(
        _SECTION.fullmatch(at) and at != "s0" and at in (known or {}) and at not in (glosses or {})
        for at in places
    )


def _high(name: str, lang: str) -> float:
    """How much higher than a line a name below a column is, in mm: stacked, or turned by 90°."""
    return 2.6 * _lines_of(name) if lang == "zh" else 2.2 * (ems(name) - 1)


def _lines_of(name: str) -> int:
    """How many lines a stacked name has below its first."""
    return _stacked(name).count("\n")


def _stacked(name: str) -> str:
    """A name above a column, a character below the other; a number of two digits is one.

    >>> _stacked("厦门12").split()
    ['厦', '门', '12']
    """
    return "\n".join(re.findall(r"(?<!\d)\d\d(?!\d)|.", name))


def _columns(themes: list[str], names: Mapping[str, str], lang: str, limit: float) -> list[str]:
    """Themes' names above columns: a few Chinese ones in short lines, others in one."""
    if lang == "zh" and len(themes) <= _ASIDE:
        return ["\n".join(wrap(names[theme], limit)) for theme in themes]
    return [names[theme] for theme in themes]


def _letters(columns: Sequence[str]) -> float:
    """How many letters a line above one of some columns has room for."""
    wide = (width(DOUBLE) - 54) / max(len(columns), 6)
    return min(4.2, max(1.0, (wide / 25.4 * 72 - 2) / SMALL))


def _slant(axes: Axes, lang: str, *, up: bool) -> None:
    """Set the names of columns at an angle where they stand in one line each."""
    if lang != "zh" or len(axes.get_xticklabels()) > _ASIDE:
        look: dict[str, Any] = {"rotation": 45, "rotation_mode": "anchor"}
        for label in axes.get_xticklabels():
            label.set(ha="left" if up else "right", va="center", **look)


def cell(
    axes: Axes,
    at: tuple[int, int],
    depth: float,
    row: Any,
    tip: str,
    *,
    uncoded: bool = False,
    size: float = 6.5,
    text: str = "",
) -> None:
    """One cell, `depth` of the way to the full colour, with a text (none at size 0): its count."""
    (x, y), n = at, int(row.n)
    tip = f"{tip}: {n:,}" + (text and f" ({text})")
    shade = blended(MAIN, min(depth, 1) * DEEP)
    fill: dict[str, Any] = {
        "fc": to_rgba(MAIN, min(depth, 1) * DEEP),
        "ec": "white" if depth else _LINE,
    }
    if uncoded or not n:
        fill = UNCODED if n else {"fc": "white", "ec": _LINE}
    box = Rectangle((x - 0.5, y - 0.5), 1, 1, lw=0.4, **fill)
    mark(axes.add_artist(box), row.row_no, tip)  # the axes have their limits: not looked at
    if n and size:
        look: dict[str, Any] = {"color": INK if uncoded else ink_on(shade)}
        count = axes.text(x, y, text or f"{n:,}", ha="center", va="center", size=size, **look)
        mark(count, row.row_no, tip)


def _frame(axes: Axes, columns: list[str], lines: list[str]) -> None:
    """The axes of a table of cells; names of lines stand left where some are indented."""
    cells_frame(axes, columns, lines)
    axes.set_xlim(right=max(len(columns), 6) - 0.5)  # a single column is no wall
    if any(line.startswith(_INDENT) for line in lines):
        axes.tick_params(axis="y", pad=max(map(ems, lines)) * 6.5 + 3)
        for label in axes.get_yticklabels():
            label.set_horizontalalignment("left")

"""Figures of indicators over time: series with gaps, bounds, breaks and sources."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.indicators import UNJUDGED

from .cut import Cut, fitting, keep, refuse_page
from .labels import bounded, key_lines, rounded, scale, title, valued
from .look import (
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    Canvas,
    canvas,
    mark,
    number,
    numbered,
    points,
    region_in,
    say,
    style,
    those,
    width,
    wrap,
)
from .marks import PEER, cited, label, point

if TYPE_CHECKING:
    from analysis.indicators import Indicator, IndicatorCodebook

SHAPES = {"o": "●", "s": "■", "^": "▲", "v": "▼"}
_FEW, _MANY = 6, 12
LONG = 25
NARROW = 58  # the least width of a small multiple, in millimetres
_NAMED = 3  # regions up to which the key has them all: each panel names its own
_LISTED = 4  # lone figures in the room of one small multiple


def metric_trend(
    panel: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Small multiples, one an indicator, region and unit: a series, and peers beside it.

    Points are joined only where they are comparable; a bound is an open marker with an arrow; a
    change of definition is a dash at the upper edge and another shape; a missing year is a gap.
    Figures that have nothing beside them are listed, not drawn. Where few of the sources are no
    reports, a number in brackets names one; of long series the first, last, highest and lowest
    point have labels.

    Parameters
    ----------
    panel : `trends.panel` with the column `source_no` of `trends.cite`.
    codebook : names, units, and which way is better.
    page : which of the pages that many series fill.
    """
    panel, shared = numbered(panel).assign(verdict="", horizon=""), _span(panel) <= LONG
    drawn, lists = split(panel)
    with style(preset):
        columns = int(width(DOUBLE) // NARROW)
        drawn, lists, cut = paged(drawn, lists, columns * fitting(40, 36, preset), page)
        if cut.drawn < cut.whole:
            panel = pd.concat([*drawn, *chain.from_iterable(lists)]).drop_duplicates("row_no")
        cells = len(drawn) + len(lists)
        columns = min(columns, max(1, cells))
        wide = DOUBLE if columns > 1 or _span(panel) > LONG else SINGLE
        said = [*filter(None, [cut.said(lang).capitalize()]), *_key(panel, drawn, lang)]
        keys = key_lines(said, points(wide) - 12, 6)
        lines = -(-cells // columns) or 1
        figure = canvas(wide, 12 + 3 * len(keys) + 40 * lines)
        keep(figure, cut, panel)
        if not cells:
            figure.text(0.5, 0.5, say(lang, "no_trend"), ha="center", size=8)
            return figure
        drawn, lists = numbered_frames(figure, drawn, lists)
        grid = figure.subplots(lines, columns, squeeze=False, sharex=shared)
        room = points(wide) / columns - 34
        for axes, rows in zip(grid.flat, drawn, strict=False):
            _small_multiple(axes, rows, codebook, (panel if shared else rows)["year"], lang, room)
        _one_scale([*zip(grid.flat, drawn, strict=False)])
        for axes, singles in zip(grid.flat[len(drawn) :], lists, strict=False):
            listed(axes, singles, codebook, lang, room)
        for axes in grid.flat[cells:]:
            axes.set_visible(False)
        for axes in grid.flat[: len(drawn)]:
            axes.tick_params(labelbottom=True)
        figure.suptitle("\n".join(keys), x=0.012, ha="left", size=6, color="#666666")
    return figure


def numbered_frames(
    figure: Canvas, drawn: list[pd.DataFrame], lists: list[list[pd.DataFrame]]
) -> tuple[list[pd.DataFrame], list[list[pd.DataFrame]]]:
    """Small multiples and lists with the numbers of sources that stand at their marks."""
    every = iter(cited(figure, [*drawn, *chain.from_iterable(lists)]))
    return [next(every) for _ in drawn], [[next(every) for _ in of] for of in lists]


def _one_scale(panels: Sequence[tuple[Axes, pd.DataFrame]]) -> None:
    """Panels of one rate have one axis of values: eyes compare heights across regions."""
    alike: dict[str, list[Axes]] = {}
    for axes, rows in panels:
        if rows["common_unit"].iloc[0] == "%":
            alike.setdefault(rows["indicator_id"].iloc[0], []).append(axes)
    for same in alike.values():
        low, high = zip(*(axes.get_ylim() for axes in same), strict=True)
        for axes in same:
            axes.set_ylim(min(low), max(high))


def _span(panel: pd.DataFrame) -> int:
    """Years from the first to the last figure."""
    return int(panel["year"].max() - panel["year"].min()) if len(panel) else 0


def split(panel: pd.DataFrame) -> tuple[list[pd.DataFrame], list[list[pd.DataFrame]]]:
    """Rows of each small multiple, and lists of lone figures where there are several of them.

    A small multiple is one region, one unit, and the peers that have that unit. `defined` says
    whether its definition must be named, `named` what stands in its title besides the indicator:
    the region, and which of several units it is (the same indicator in another one comes next).
    """
    found = []
    many = panel.loc[panel["role"] != "peer", "region"].nunique() > 1
    for _, of in panel.groupby("indicator_id", sort=False):
        units = list(dict.fromkeys(of["common_unit"]))
        defined = of.loc[of["role"] != "peer", "definition"].nunique() > 1
        for at, unit in enumerate(units, start=1):
            same = of[of["common_unit"] == unit]
            beside_it = same["role"] == "peer"
            part = [f"{at}/{len(units)}"] if len(units) > 1 else []
            for one in dict.fromkeys(same.loc[~beside_it, "region"]) or [""]:
                named = "　".join([one] * (many and one != "") + part)
                rows = same[beside_it | (same["region"] == one)]
                found.append(rows.assign(defined=defined, named=named))
    lone = [rows for rows in found if len(rows) == 1]
    if len(lone) < 2:
        return found, []
    lists = [lone[at : at + _LISTED] for at in range(0, len(lone), _LISTED)]
    return [rows for rows in found if len(rows) > 1], lists


def paged(
    drawn: list[pd.DataFrame], lists: list[list[pd.DataFrame]], most: int, page: int
) -> tuple[list[pd.DataFrame], list[list[pd.DataFrame]], Cut]:
    """The small multiples and lists of a page, so many of them, and what it leaves out.

    InputError for a page that there is not.
    """
    sizes = [*[1] * len(drawn), *map(len, lists)]
    pages = max(1, -(-len(sizes) // most))
    refuse_page(page, pages, sum(sizes))
    first, last = (page - 1) * most, page * most
    cut = Cut("series", sum(sizes[first:last]), sum(sizes), before=sum(sizes[:first]))
    if pages > 1:
        cut = cut._replace(page=page, pages=pages)
    begin = max(0, first - len(drawn))
    return drawn[first:last], lists[begin : max(0, last - len(drawn))], cut


def _key(panel: pd.DataFrame, drawn: list[pd.DataFrame], lang: str) -> list[str]:
    """What the marks mean; only those that occur."""
    own, peers = (panel[panel["role"] == role] for role in ("own", "peer"))
    kinds = [set(zip(one["indicator_id"], one["definition"], strict=True)) for one in (peers, own)]
    names = {
        "series": own["region"].nunique() <= _NAMED,
        "peers": len(peers),
        "other_definition": kinds[0] - kinds[1],
        "joined": panel["joined"].any(),
        "broken": panel["break_"].str.contains("definition").any(),
        "bounds": (panel["bound"] != "exact").any(),
        "units": any("/" in rows["named"].iloc[0] for rows in drawn),
    }
    regions = say(lang, "and").join(region_in(one, lang) for one in dict.fromkeys(own["region"]))
    years = ", ".join(map(str, sorted(peers["year"].unique())))
    said = those(lang, names, regions=regions, years=years)
    return [*said, *judged(panel, lang)]


def judged(panel: pd.DataFrame, lang: str, *, ring: bool = True) -> list[str]:
    """How many figures were compared with their source, by whom, and how many by nobody.

    ring : whether to say what a ring means.
    """
    counts = panel["status"].value_counts()
    verified, checked = (int(counts.get(name, 0)) for name in ("verified", "checked"))
    found = int((panel["note"] == UNJUDGED).sum())
    others = len(panel) - verified - checked - found
    by = {"by_person": verified, "by_program": checked, "by_none": others}
    held = those(lang, by, verified=verified, checked=checked, others=others)
    judged = say(lang, "and").join(held)
    return those(lang, {"judged": judged, "ring": found * ring}, judged=judged, found=found)


def listed(
    axes: Axes, singles: list[pd.DataFrame], codebook: IndicatorCodebook, lang: str, room: float
) -> None:
    """Figures that have nothing beside them, as words in place of a small multiple."""
    axes.set_axis_off()
    axes.set_title(say(lang, "one_figure"))
    down = -2.0
    for rows in singles:
        row: Any = next(tables.rows(rows))
        indicator = codebook.indicators[row.indicator_id]
        name = indicator.definition_name(row.definition, lang)
        region = row.region if row.role == "peer" else row.named.partition("　")[0]
        about = [indicator.name[lang], name, "" if "/" in region else region_in(region, lang)]
        if row.role == "target":
            about.append(say(lang, "target"))
        said = say(lang, "comma").join(filter(None, about))
        divisor, word = scale(rows["value"], lang)
        value = valued(bounded(row, rounded(row.value, divisor)), word, row.common_unit, lang)
        lines = wrap(f"{said} · {row.year}: {value}{row.cite}", room / SMALL)
        where: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points"}
        look: dict[str, Any] = {"size": SMALL, "va": "top", "color": INK, "linespacing": 1.2}
        text = axes.annotate("\n".join(lines), (0, 1), xytext=(0, down), **where, **look)
        mark(text, row.row_no, f"{row.region} {row.year}: {value}")
        down -= 7.6 * len(lines) + 3


def _small_multiple(
    axes: Axes,
    rows: pd.DataFrame,
    codebook: IndicatorCodebook,
    years: pd.Series[int],
    lang: str,
    room: float,
) -> None:
    """One indicator, region and unit: axes, marks, and then labels, those that matter first."""
    indicator, unit = codebook.indicators[rows["indicator_id"].iloc[0]], rows["common_unit"].iloc[0]
    rows, word = scaled(rows, lang)
    own, peers = (rows[rows["role"] == role] for role in ("own", "peer"))
    shapes = shapes_of(own)
    said = definitions(shapes, indicator, lang, room) if rows["defined"].iloc[0] else []
    named = [region_in(rows["named"].iloc[0], lang)] if rows["named"].iloc[0] else []
    head = title(indicator, unit, word, lang, *named, room=min(20, room / 7.5))
    axes.set_title(head, pad=4 + 8 * len(said))
    look: dict[str, Any] = {"size": SMALL, "color": PEER, "textcoords": "offset points"}
    axes.annotate("\n".join(said), (0, 1), xycoords="axes fraction", xytext=(0, 3), **look)
    first, last = int(years.min()), int(years.max())
    _axis_of_years(axes, first, last)
    axis_of_values(axes, rows["value"])
    limits(axes, rows["value"], indicator.better, unit)
    size = 3.6 if last - first <= LONG else 2.3
    draw_series(axes, own, shapes, size)
    for row in tables.rows(peers):
        point(axes, row, "D", size)
    for row in tables.rows(worth(own, rows[:0])):
        label(axes, row, "", row.label)
    ends = set(peers["value"]) if len(peers) <= 6 else {peers["value"].min(), peers["value"].max()}
    for row in tables.rows(peers[peers["value"].isin(ends)]):
        label(
            axes,
            row,
            region_in(row.region, lang),
            row.label + ("" if row.definition in shapes else "*"),
        )


def scaled(rows: pd.DataFrame, lang: str) -> tuple[pd.DataFrame, str]:
    """The rows of one unit with value and change in 万 or 亿 (million …), label, and that word."""
    divisor, word = scale(rows["value"], lang)
    labels = [rounded(value, divisor) for value in rows["value"]]
    value, change = rows["value"] / divisor, rows["change"] / divisor
    return rows.assign(value=value, change=change, label=labels), word


def shapes_of(own: pd.DataFrame) -> dict[str, str]:
    """The shape of each definition, the most frequent first."""
    definitions = own["definition"].value_counts().index
    return dict(zip(definitions, [*SHAPES] * len(own), strict=False))


def definitions(shapes: dict[str, str], of: Indicator, lang: str, room: float) -> list[str]:
    """Lines that say which shape is which definition; none where no definition is stated."""
    if not any(of.definition_name(code, lang) for code in shapes):
        return []
    unsaid = say(lang, "no_definition")
    said = [
        f"{SHAPES[one]} {of.definition_name(code, lang) or unsaid}" for code, one in shapes.items()
    ]
    return key_lines(said, room, SMALL)


def _axis_of_years(axes: Axes, first: int, last: int) -> None:
    """The axis of years, with room for labels at its ends."""
    margin = max(1.6, (last - first) * 0.16)
    axes.set_xlim(first - margin, last + margin)
    ticks = MaxNLocator(5, integer=True, min_n_ticks=1).tick_values(first, last)
    axes.set_xticks([tick for tick in ticks if first <= tick <= last])


def axis_of_values(axes: Axes, values: pd.Series[float], most: int = 4) -> None:
    """The ticks of the axis of values, whole ones where all values are."""
    axes.yaxis.set_major_locator(MaxNLocator(most, integer=bool((values % 1 == 0).all())))
    axes.yaxis.set_major_formatter(lambda value, _: number(round(value, 9)))


def limits(axes: Axes, values: pd.Series[float], better: str, unit: str) -> None:
    """The axis of values: from zero but for ranks, which stand upside down, and high shares."""
    low, high = values.min(), values.max()
    if better == "lower" and unit in ("名", "位"):
        axes.set_ylim(high + 1.5, 0.2)
    elif unit == "%" and low > 50:
        axes.set_ylim(low - (100 - low) * 0.5, 100 if high <= 100 else high * 1.05)
    else:
        top = high * 1.3 if high > 0 else 1
        near_zero = 0 <= low < high * 0.1  # room for the label of a small number
        axes.set_ylim(-0.13 * top if near_zero else min(0, low * 1.3), top)
        if axes.get_ylim()[0] < 0:
            axes.axhline(0, color="#bbbbbb", lw=0.5, zorder=1)


def draw_series(axes: Axes, own: pd.DataFrame, shapes: dict[str, str], size: float) -> None:
    """Own figures, joined where they are comparable, a dash where the definition changed."""
    before = None
    for row in tables.rows(own):
        if row.joined:
            earlier = row.value - row.change
            axes.plot([row.year - 1, row.year], [earlier, row.value], color=MAIN, zorder=2)
        elif before is not None and "definition" in row.break_ and row.year != before.year:
            middle = (before.year + row.year) / 2
            look: dict[str, Any] = {"color": INK, "lw": 0.8, "ls": (0, (2, 1.2))}
            axes.plot([middle] * 2, [0.9, 1], transform=axes.get_xaxis_transform(), **look)
        point(axes, row, shapes[row.definition], size)
        before = row


def worth(own: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """The figures that are labelled, what matters most first: all of a few, otherwise the ends.

    A label that finds no room is left out later; all figures are in the table.
    """
    few = len(own) + len(targets) <= _FEW
    by_size = own.sort_values("value", kind="stable")
    aims = targets[(targets["verdict"] == "missed") | (targets["horizon"] == "plan")]
    rest = [own if few or len(own) <= _MANY else own[:0], targets if few else targets[-1:]]
    order = pd.concat([own[:1], own[-1:], by_size[-1:], by_size[:1], aims, *rest])
    return order.drop_duplicates("row_no")

"""Figures of the attention panel: over the years, ranked, region by year, and first uses.

They are drawn from what `themes.attention` returns. A region and year without a number is a gap or
a hatched cell with its reason, and never the same as 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.kit import must_occur, shown, spans

from .cut import Cut, fitting, held, holds, keep
from .gloss import word_in
from .labels import key_lines
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    Canvas,
    alike,
    blank,
    canvas,
    cells_frame,
    counted,
    ems,
    fit,
    foot,
    inked,
    mark,
    numbered,
    points,
    region_in,
    say,
    signed,
    some_years,
    style,
    tall,
    texts,
    those,
    told,
    width,
)
from .marks import PEER
from .matrix import MISSING, cell
from .over_time import greyed
from .settle import MOVABLE, beside

VALUES = {"rate_chars": 1, "rate_tokens": 1, "share_sentences": 100}
"""Measures of the panel, and what they are multiplied by."""

_LEVELS: dict[str, tuple[str, Any]] = {
    "nation": ("C3", "-"),
    "province": (MAIN, "-"),
    "city": ("C4", (0, (4, 1.5))),
    "county": ("C5", (0, (1, 1.2))),
}
_HIGH = 52  # of a small multiple, in millimetres
_NARROW = 5  # years up to which cells of regions and years fill one column of a journal
_LABELLED = 4  # first uses of a topic that are named, where no more are in one year


def attention_over_time(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    region: str = "",
    value: str = "rate_chars",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Small multiples, one a topic: every region a dot, median and quartiles of each level a line.

    One region is a line of its own, broken where it has no number, on grey there. InputError if
    the table does not have it.

    Parameters
    ----------
    table : `attention.spread`. names : what each topic is called. region : the one set apart.
    value : one of `VALUES`. at : `year` or `year_given`.
    """
    must_occur("region", [region] if region else [], set(table["region"]))
    part, cut = held(table, "topic", 2 * fitting(_HIGH, 26, preset))
    rows = known(part, value, at)
    if rows["shown"].isna().all():
        return blank(lang, preset)
    alone = rows["place"].nunique() == 1
    region = region or (str(rows["region"].iloc[-1]) if alone else "")
    places = set(rows.loc[(rows["region"] == region) | alone, "place"])
    span = range(rows["at"].min(), rows["at"].max() + 1)
    with style(preset):
        figure, grid = _multiples(rows["topic"].nunique(), part, cut, 10)
        for axes, (topic, of) in zip(grid, rows.groupby("topic", sort=False), strict=False):
            there = of[of["shown"].notna()]
            for level in [] if alone else _levels(of):
                _level(axes, there[there["level"] == level], span, level)
            own = there[there["place"].isin(places)]
            _own(axes, own, span)
            greyed(axes, span, (own if len(own) else there)["at"])
            top = there["shown"].max()
            axes.set_ylim(0, top * 1.08 if top > 0 else 1)
            _years(axes, span, _named(topic, names, lang))
        own = rows[rows["place"].isin(places)]
        missing = set(span) - set((own if len(own) else rows).dropna(subset="shown")["at"])
        years = say(lang, "and").join(map(spans.span, spans.runs(sorted(missing))))
        grey = say(
            lang, "grey_region", region=region_in(region, lang) if len(own) else "", years=years
        )
        only = those(lang, {"alone": alone})
        said = told(lang, axis(at, lang), grey if years else "", *only, cut.said(lang))
        foot(figure, said, DOUBLE)
        figure.supylabel(unit(value, lang), size=7)
        _legend(figure, _over_time_key(rows, region if len(own) else "", lang))
    return figure


def _level(axes: Axes, of: pd.DataFrame, span: range, level: str) -> None:
    """The regions of a level as dots, their median as a line, their quartiles as a band."""
    color, dash = _LEVELS.get(level, (PEER, "-"))
    for row in tables.rows(of):
        look: dict[str, Any] = {"color": color, "alpha": 0.45, "mew": 0, "zorder": 1.5}
        (dot,) = axes.plot(row.at, row.shown, "o", ms=1.9, **look)
        mark(dot, row.row_no, f"{row.region} {row.at}: {number(row.shown)}")
    middle = of.drop_duplicates("at").set_index("at")[["low", "median", "high"]].reindex(span)
    middle *= of["scale"].iloc[0] if len(of) else 1
    axes.fill_between(span, middle["low"], middle["high"], color=color, alpha=0.2, lw=0)
    axes.plot(span, middle["median"], color=color, ls=dash, lw=1.2, marker="o", ms=1.2)


def _own(axes: Axes, own: pd.DataFrame, span: range) -> None:
    values = own.drop_duplicates("at").set_index("at")["shown"].reindex(span)
    axes.plot(span, values, color=ACCENT, lw=1.1, zorder=3)
    for row in tables.rows(own):
        (dot,) = axes.plot(row.at, row.shown, "D", color=ACCENT, ms=2.8, zorder=3.2)
        mark(dot, row.row_no, f"{row.region} {row.at}: {number(row.shown)}")


def _over_time_key(rows: pd.DataFrame, region: str, lang: str) -> list[Any]:
    """What lines, bands and dots mean; only those that occur."""
    found: list[Any] = []
    rows = rows[rows["shown"].notna()]
    if region and (rows["region"] == region).any():
        found.append(
            Line2D([], [], color=ACCENT, marker="D", ms=2.8, label=region_in(region, lang))
        )
    for level in _levels(rows) if rows["place"].nunique() > 1 else []:
        color, dash = _LEVELS.get(level, (PEER, "-"))
        word = level_name(level, lang)
        dots: dict[str, Any] = {"color": color, "alpha": 0.6, "marker": "o", "ms": 2.2, "ls": ""}
        found.append(Line2D([], [], label=say(lang, "dots_of", level=word), **dots))
        held = rows[(rows["level"] == level) & rows["median"].notna()]
        if len(held):
            line, band = say(lang, "median_of", level=word), say(lang, "quartiles_of", level=word)
            found.append(Line2D([], [], color=color, ls=dash, label=line))
            years = sorted(set(held["at"]))
            if any(later - year == 1 for year, later in pairwise(years)):  # a band is of two
                found.append(Patch(fc=color, alpha=0.2, label=band))
    return found


def attention_ranking(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    region: str = "",
    value: str = "rate_chars",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """The regions of a level in one year, ranked dots with their change; the missing ones below.

    Parameters
    ----------
    table : `attention.ranked`; the others as in `attention_over_time`.
    """
    part, cut = held(table, "place", holds(3.4, 24, preset))
    rows = known(part, value, at)
    if rows["shown"].isna().all():
        return blank(lang, preset)
    with style(preset):
        keys = key_lines(_ranking_key(table, rows, region, lang), points(SINGLE) - 8, 6)
        said = fit(cut.after(told(lang, unit(value, lang), counted(lang)), lang), SINGLE, 0.9)
        figure = canvas(SINGLE, 12 + 3 * len(keys) + tall(said) + 4.2 * max(len(rows), 2))
        keep(figure, cut, part)
        axes = figure.add_subplot()
        said_as = alike([*rows["shown"], *rows["was"]])
        labels = [
            _ranked(axes, row, down, region, lang, said_as)
            for down, row in enumerate(tables.rows(rows))
        ]
        axes.set_yticks(range(len(rows)), labels, size=6)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        most = rows[["shown", "was"]].max().max()
        axes.set_xlim(0, most * 1.6 or 1)
        ticks = MaxNLocator(4).tick_values(0, most)
        last = next((tick for tick in ticks if tick >= most), most)
        axes.set_xticks([tick for tick in ticks if tick <= last] or [0])
        axes.set_xlabel(said, loc="right")
        color = inked(_of(region, ""))  # as most dots
        figure.suptitle("\n".join(keys), x=0.012, ha="left", size=6, color=color)
        axes.set_title(_named(rows["topic"].iloc[0], names, lang))
    return figure


def _ranking_key(table: pd.DataFrame, rows: pd.DataFrame, region: str, lang: str) -> list[str]:
    """The year and level, what the marks mean, and how many are tied or missing."""
    since, missing, tied = (rows["since"].iloc[0], table["rank"].isna().sum(), table["tied"].sum())
    names = {
        "before": table["before"].notna().any(),
        "tied": tied,
        "none_ranked": missing,
        "alone": len(table) == 1,
    }
    words = those(lang, names, since=since, missing=missing, tied=tied)
    own = (
        [say(lang, "dark_region", region=region_in(region, lang))]
        if region in set(rows["region"])
        else []
    )
    level = level_name(rows["level"].iloc[0], lang)
    now = "now" if rows["shown"].notna().any() else "year"
    return [say(lang, now, year=rows["at"].iloc[0]), level, *own, *words]


def _of(region: str, own: str) -> str:
    """The colour of a region's dot: where one is meant, the others are grey."""
    return MAIN if own == region or not region else PEER


def _ranked(
    axes: Axes, row: Any, down: int, region: str, lang: str, said_as: Callable[[float], str]
) -> str:
    """One region: a dot, an open one of the year before with a line to it, the number at the end.

    Returns its name with its rank.
    """
    color = _of(region, row.region)
    where: dict[str, Any] = {"ha": "right", "va": "center", "size": SMALL}
    where["color"] = inked(color)
    drawn: list[Any] = []
    if pd.notna(row.was) and pd.notna(row.shown):
        drawn += axes.plot([row.was, row.shown], [down, down], color=color, lw=0.6, alpha=0.6)
        open_: dict[str, Any] = {"color": color, "mfc": "white", "ms": 2.6, "clip_on": False}
        drawn += axes.plot(row.was, down, "o", mew=0.6, **open_)
    if pd.notna(row.shown):
        drawn += axes.plot(row.shown, down, "o", color=color, ms=3.8, clip_on=False)
    change = f" ({signed(row.shown - row.was, said_as)})" if pd.notna(row.shown - row.was) else ""
    said = said_as(row.shown) + change if pd.notna(row.shown) else why(row.missing, lang)
    drawn.append(axes.text(1, down, said, transform=axes.get_yaxis_transform(), **where))
    for artist in drawn:
        mark(artist, row.row_no, f"{row.region} {row.at}: {said}")
    rank = "" if pd.isna(row.rank) else f"{int(row.rank)}{'=' if row.tied else ''}  "
    return f"{rank}{region_in(row.region, lang)}"


def attention_heatmap(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    value: str = "rate_chars",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Regions against years, shaded by the value; 0 is white, a cell without a number crossed.

    Parameters
    ----------
    table : `attention.ordered`; the others as in `attention_over_time`.
    """
    part, cut = held(table, "place", holds(3.4, 18, preset))
    rows = known(part, value, at)
    if rows["shown"].isna().all():
        return blank(lang, preset)
    most = rows["shown"].max()
    shade = say(lang, "attention_shade", unit=say(lang, value), most=number(most))
    said, title = told(lang, axis(at, lang), shade, counted(lang)), figure_of(rows, names, lang)
    said_as = alike(rows["shown"])
    texts_ = ["" if pd.isna(one) or not one else said_as(one) for one in rows["shown"]]
    rows = rows.assign(depth=rows["shown"] / (most or 1), text=texts_)
    figure = region_years(rows, said, title, cut, lang=lang, preset=preset)
    keep(figure, cut, part)
    return figure


def region_years(
    rows: pd.DataFrame, said: str, title: str, cut: Cut, *, lang: str, preset: str
) -> Canvas:
    """Cells of regions and years; one without a number is crossed.

    Parameters
    ----------
    rows : numbered; place, region, at, shown, depth (of the shade), missing (why there is no
        number), n, order_of; text, where a cell has one. said : what stands below.
    """
    called = rows.sort_values("at", kind="stable").groupby("place")["region"].last()
    lines = list(dict.fromkeys(rows["place"]))
    span = range(rows["at"].min(), rows["at"].max() + 1)
    with style(preset):
        missing = len(lines) * len(span) > rows["shown"].notna().sum()
        order = rows["order_of"].iloc[0]
        sort = {"by_mean": order == "mean", "by_year": order != "mean", "crossed": missing}
        sort |= {"alone": len(lines) == 1}
        said = told(lang, said, *those(lang, sort, order=order))
        across = SINGLE if len(span) <= _NARROW else DOUBLE
        said = fit(cut.after(said, lang), across)
        figure = canvas(across, 12 + tall(said) + 4.2 * max(len(lines), 2))
        axes = figure.add_subplot()
        wide = (width(across) - 34) / max(len(span), 6 if across == DOUBLE else 1) / 25.4 * 72
        texts_ = list(rows["text"]) if "text" in rows else []
        fits = texts_ and max(map(ems, texts_)) * SMALL < wide - 2
        for row in tables.rows(rows):
            at_ = row.at - span[0], lines.index(row.place)
            tip = f"{row.region} {row.at}"
            if pd.notna(row.shown):
                tip, text = f"{tip} · {number(row.shown)}", row.text if fits else ""
                cell(axes, at_, row.depth, row, tip, size=SMALL if fits else 0, text=text)
            else:
                box = axes.add_artist(crossed(at_))
                mark(box, row.row_no, f"{tip}: {why(row.missing, lang)}")
        there = {*zip(rows["at"] - span[0], map(lines.index, rows["place"]), strict=True)}
        whole = {(x, y) for x in range(len(span)) for y in range(len(lines))}
        for other in sorted(whole - there):
            axes.add_artist(crossed(other))
        dated = some_years(span, 18)
        years = [str(year) if year in dated else "" for year in span]
        cells_frame(axes, years, [region_in(called[one], lang) for one in lines])
        axes.set_xlim(right=max(len(span), 6 if across == DOUBLE else 1) - 0.5)
        axes.set_title(title)
        axes.set_xlabel(said, loc="right")
    return figure


def crossed(middle: tuple[int, int], side: float = 1.0) -> Rectangle:
    """A cell, around its middle, of which nothing is known."""
    x, y = middle
    return Rectangle((x - side / 2, y - side / 2), side, side, **MISSING)


def adoption_curve(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    region: str = "",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Small multiples, one a topic: which share of the regions had used it, a dot each first use.

    A dot is open where the region has no report of the year before, a diamond where none of its
    later reports has the topic: then its first sentence is worth a look. A topic that every region
    used in its first report has no panel: when it began cannot be told, which is said.

    Parameters
    ----------
    table : `attention.adopted`; the others as in `attention_over_time`.
    """
    if table.empty or table[at].isna().all():
        return blank(lang, preset)
    at_once = table.groupby("topic", sort=False)["from_start"].all()
    begun = at_once[at_once].index.tolist()
    from_start = say(lang, "and").join(_named(topic, names, lang) for topic in begun)
    from_start = say(lang, "from_start", topics=from_start) if from_start else ""
    telling = numbered(table)[~table["topic"].isin(begun)]
    if telling.empty:
        return _sentence(from_start, preset)
    rows, cut = held(telling, "topic", 2 * fitting(_HIGH, 26, preset))
    used = rows[rows[at].notna()].astype({at: int})
    if used.empty:
        return blank(lang, preset)
    years = sorted({int(year) for one in rows["years_known"] for year in one.split(";") if year})
    span = range(min(years[0], used[at].min() - 1), years[-1] + 1)
    once = (used["used_later"] == 0) & (used["reports_later"] > 0)
    used = used.assign(at=used[at], once=once)
    with style(preset):
        figure, grid = _multiples(rows["topic"].nunique(), rows, cut, 10)
        for axes, (topic, of) in zip(grid, rows.groupby("topic", sort=False), strict=False):
            own = used[used["topic"] == topic]
            _first_uses(axes, own, years, region, lang)
            facts = {"used": len(own), "regions": len(of)}
            _years(axes, span, _named(topic, names, lang) + say(lang, "used_of", **facts))
            axes.set_ylim(0, 106)
        level = say(lang, "adopted", level=level_name(rows["level"].iloc[0], lang))
        figure.supylabel(level, size=7)
        foot(figure, told(lang, axis(at, lang), from_start, cut.said(lang)), DOUBLE)
        gaps = any(later - year > 1 for year, later in pairwise(years))
        _legend(figure, _adoption_key(used, lang, gaps=gaps))
    return figure


def _sentence(said: str, preset: str) -> Figure:
    """The figure of a table that has nothing to draw but a sentence."""
    with style(preset):
        lines = fit(f"{said[0].upper()}{said[1:]}", DOUBLE, 0.9, 8)
        figure = canvas(DOUBLE, 14 + 4 * (lines.count("\n") + 1))
        figure.text(0.5, 0.6, lines, ha="center", va="center", size=8)
    return figure


def _first_uses(axes: Axes, own: pd.DataFrame, years: list[int], region: str, lang: str) -> None:
    """The curve of a topic, its dots, and the names of the first regions and of one set apart.

    The curve is of years with a report; from one of these to the next that is not the year after
    it is dotted: when in between a region began nobody knows.
    """
    top = own.groupby("at")["share"].max().reindex(years).ffill().fillna(0) * 100
    for (before, was), (year, share) in pairwise(zip(years, top, strict=True)):
        line = ":" if year - before > 1 else "-"
        axes.plot([before, year, year], [was, was, share], line, color=PEER, lw=0.8, zorder=1)
    together = own["at"].value_counts()
    for order, row in enumerate(tables.rows(own)):
        color = ACCENT if row.region == region else MAIN
        look: dict[str, Any] = {"color": color, "mfc": "white" if row.early else color, "mew": 0.6}
        (dot,) = axes.plot(row.at, row.share * 100, "D" if row.once else "o", ms=2.8, **look)
        mark(dot, row.row_no, f"{row.region} {row.at}: {row.n}; +{row.used_later:.0f}")
        few = order < _LABELLED and together[row.at] <= _LABELLED
        if few or row.region == region:
            where: dict[str, Any] = {"textcoords": "offset points", **beside(-5, 0)}
            words: dict[str, Any] = {"size": SMALL}
            words["color"] = inked(color) if color == ACCENT else INK
            axes.annotate(
                region_in(row.region, lang),
                (row.at, row.share * 100),
                gid=MOVABLE,
                **where,
                **words,
            )


def _adoption_key(used: pd.DataFrame, lang: str, *, gaps: bool) -> list[Any]:
    """What the dots and lines mean; only those that occur."""
    kinds = {
        "first_use": (~used["early"] & ~used["once"], "o", MAIN),
        "first_early": (used["early"] & ~used["once"], "o", "white"),
        "first_once": (~used["early"] & used["once"], "D", MAIN),
        "first_both": (used["early"] & used["once"], "D", "white"),
    }
    look: dict[str, Any] = {"ls": "", "ms": 3.2, "color": MAIN, "mew": 0.6}
    return [
        Line2D([], [], marker=marker, mfc=face, label=say(lang, name), **look)
        for name, (which, marker, face) in kinds.items()
        if which.any()
    ] + [Line2D([], [], color=PEER, lw=0.8, ls=":", label=say(lang, "between_reports"))] * gaps


# -- what they share --------------------------------------------------------------------------


def known(rows: pd.DataFrame, value: str, at: str) -> pd.DataFrame:
    """Numbered rows that have a year, with it as `at`, and `shown`, and `was` in a ranking."""
    must_occur("value", [value], VALUES)
    rows, scale = rows[rows[at].notna()], VALUES[value]
    before = rows["before"] if "before" in rows else float("nan")
    numbers = {"shown": rows[value].astype(float) * scale, "was": before, "scale": scale}
    return rows.assign(**{"at": rows[at].astype(int), **numbers, "was": numbers["was"] * scale})


def _multiples(
    count: int, part: pd.DataFrame, cut: Cut, beside: float
) -> tuple[Canvas, list[Axes]]:
    """A figure with so many axes, two a line, that knows what part of a table it draws."""
    columns = min(2, count)
    lines = -(-count // columns)
    figure = canvas(DOUBLE, beside + (72 if lines == 1 else _HIGH * lines))
    keep(figure, cut, part)
    grid = list(figure.subplots(lines, columns, squeeze=False).flat)
    for axes in grid[count:]:
        axes.set_visible(False)
    return figure, grid


def _years(axes: Axes, span: range, title: str) -> None:
    """The axes of values over years, with what they are about."""
    axes.set_xlim(span[0] - 0.8, span[-1] + 0.8)
    axes.set_xticks(some_years(span, 8))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="y", color="#e8e8e8", lw=0.5)
    axes.set_axisbelow(True)
    axes.set_title(title)


def _legend(figure: Canvas, handles: list[Any]) -> None:
    columns = max(1, int(points(DOUBLE) // 118))
    where: dict[str, Any] = {"loc": "outside upper left", "ncols": columns, "frameon": False}
    figure.legend(handles=handles, fontsize=6, handlelength=1.8, columnspacing=1.2, **where)


def figure_of(rows: pd.DataFrame, names: Mapping[str, str] | None, lang: str) -> str:
    """What a figure of one topic and level is about."""
    topic, level = rows["topic"].iloc[0], rows["level"].iloc[0]
    return f"{_named(topic, names, lang)} · {level_name(level, lang)}"


def _named(topic: Any, names: Mapping[str, str] | None, lang: str) -> str:
    return (names or {}).get(topic) or word_in(str(topic), lang)


def unit(value: str, lang: str) -> str:
    """What the values are, as an axis has it."""
    said = say(lang, value)
    return said[0].upper() + said[1:]


def axis(at: str, lang: str) -> str:
    """What the years are."""
    return say(lang, "given" if at == "year_given" else "reported")


def _levels(rows: pd.DataFrame) -> list[str]:
    order = [*_LEVELS]
    return sorted(
        set(rows["level"]), key=lambda one: (order.index(one) if one in order else 9, one)
    )


def level_name(level: str, lang: str) -> str:
    """What the regions of a level are called together."""
    return str(texts()["levels"].get(level, {}).get(lang, level))


def why(reason: str, lang: str) -> str:
    """Why a cell has no number."""
    return str(texts()["missing"].get(reason, {}).get(lang, reason or say(lang, "missing")))


def number(value: float) -> str:
    """A value as a label."""
    return shown.number(value, 3)

"""A slope chart: each word or theme as a line from one slice of a study to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis import tables

from .cut import Cut, held, holds, keep
from .gloss import word_in
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    alike,
    annotate,
    blank,
    canvas,
    counted,
    ems,
    fit,
    mark,
    per,
    points,
    say,
    signed,
    style,
    tall,
    those,
    told,
    wrap,
)
from .marks import PEER

_SIZE = 6.5
_LEAST = 58.0  # points between the two ends
_THREAD = 0.06  # of that, between a dot and its label


def slope_chart(
    table: pd.DataFrame,
    labels: Sequence[str],
    names: Mapping[str, str] | None = None,
    regions: Sequence[str] = (),
    *,
    chosen: bool = False,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A line for each word or theme: full where it rises, dashed where it falls, grey for ±0.

    Heights are linear; a change is the difference of the two numbers as they are written.

    Parameters
    ----------
    table : `sides.both_ends`: key or theme, slice, rate or share, change; two rows a line.
    labels : what the two slices are. names : what each key is called.
    regions : those that only one of the slices has; they are named.
    chosen : whether the words are those that change most; the figure says so.
    """
    if table.empty:
        return blank(lang, preset)
    key, (value, scale) = str(table.columns[0]), _value(table)
    rows, cut = held(table, key, holds(3.6, 22, preset))
    rows = rows.assign(shown=rows[value].astype(float) * scale)
    rows["called"] = rows[key].map(lambda one: (names or {}).get(one) or word_in(one, lang))
    places = _places(rows["shown"])
    rows["said"] = [f"{one:,.{places}f}" for one in rows["shown"]]
    written = rows["said"].str.replace(",", "").astype(float)
    ends = written.groupby(rows[key], sort=False)
    rows["move"] = (ends.transform("last") - ends.transform("first")).round(places)
    rows["moved"] = [signed(one, f"{{:,.{places}f}}".format) for one in rows["move"]]
    first, second = (own for _, own in rows.groupby("slice", sort=False))
    with style(preset):
        room = max(map(ems, rows["called"])) * _SIZE + 64  # of the labels at one end, in points
        wide = SINGLE if 2 * room + _LEAST < points(SINGLE) else DOUBLE
        said = fit(_said(table, rows, regions, cut, lang, chosen=chosen), wide, 0.96, 6)
        heads = ["\n".join(wrap(label, room / 7)) for label in labels]
        high = min(max(46.0, 12 + 4.4 * len(first)), 190.0)
        figure = canvas(wide, high + 8 + tall(max(heads, key=tall), said))
        keep(figure, cut)
        axes = figure.add_subplot()
        top = rows["shown"].max() or 1.0
        axes.set_xlim(-_THREAD, 1 + _THREAD)
        axes.set_ylim(-0.02 * top, 1.02 * top)
        for own, at in ((first, 0), (second, 1)):
            _ends(axes, own, at, top * 1.04 * 3.0 / high, top)
            axes.plot([at, at], [0, top], color="#bbbbbb", lw=0.6, zorder=1)
            where: dict[str, Any] = {
                "xytext": (4 if at else -4, 8),
                "ha": "left" if at else "right",
            }
            where |= {"textcoords": "offset points", "va": "bottom"}
            axes.annotate(heads[at], (at, 1.02 * top), size=7, annotation_clip=False, **where)
        for one, other in zip(tables.rows(first), tables.rows(second), strict=True):
            look: dict[str, Any] = {
                "color": _color(other.move),
                "ls": (0, (4, 1.5)) if other.move < 0 else "-",
            }
            (line,) = axes.plot([0, 1], [one.shown, other.shown], lw=1.0, zorder=2, **look)
            mark(line, other.row_no, f"{other.called}: {other.moved}")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[["left", "bottom"]].set_visible(False)
        figure.foot = figure.supxlabel(said, size=6, x=0.012, ha="left")
    return figure


def _value(table: pd.DataFrame) -> tuple[str, int]:
    """The column that is drawn, and what it is multiplied by."""
    return ("share", 100) if "share" in table else ("rate", 1)


def _places(values: pd.Series[float]) -> int:
    """Decimals of numbers beside each other (`alike`), so many that the smallest is not all 0."""
    said = alike(values)(1)
    least = values[values > 0].min()
    needed = max(0, -floor(log10(least))) if least < 1 else 0
    return max(len(said.partition(".")[2]), min(needed, 4))


def _ends(axes: Axes, own: pd.DataFrame, at: int, gap: float, top: float) -> None:
    """The dots of one end; beside each its number, left its name, right the change.

    Where dots lie close the labels stand apart, with a thread to their dot.
    """
    own = own.sort_values(["shown", "row_no"], ascending=[True, False])
    heights = apart(list(own["shown"]), gap, top)
    side = 1 if at else -1
    for row, height in zip(tables.rows(own), heights, strict=True):
        color, number = _color(row.move), row.said
        text = f"{number} ({row.moved})  {row.called}" if at else f"{row.called}  {number}"
        (dot,) = axes.plot(at, row.shown, "o", color=color, ms=3, zorder=3)
        axes.plot([at, at + side * _THREAD], [row.shown, height], lw=0.4, color="#999999", zorder=1)
        beside = (at + side * _THREAD, height)
        said = annotate(axes, text, beside, 2 * side, size=_SIZE, color=INK)
        for drawn in (dot, said):
            mark(drawn, row.row_no, f"{row.called} · {row.slice}: {number} ({row.n})")


def apart(values: Sequence[float], gap: float, top: float) -> list[float]:
    """Heights for labels of rising values: a gap apart, up to the top, as close as may be.

    Labels that would touch are moved together, so that they stand around the middle of theirs.

    >>> apart([0.0, 5.0, 5.0, 5.0], 1.0, 9.0)
    [0.0, 4.0, 5.0, 6.0]
    """
    groups: list[tuple[float, int]] = []  # mean of what a label's first place may be, how many
    for at, value in enumerate(values):
        mean, size = value - at * gap, 1
        while groups and groups[-1][0] > mean:
            other, count = groups.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        groups.append((mean, size))
    highest = top - (len(values) - 1) * gap
    each = [mean for mean, size in groups for _ in range(size)]
    return [min(max(mean, 0.0), max(highest, 0.0)) + at * gap for at, mean in enumerate(each)]


def _color(change: float) -> str:
    return MAIN if change > 0 else ACCENT if change < 0 else PEER


def _said(
    table: pd.DataFrame,
    rows: pd.DataFrame,
    regions: Sequence[str],
    cut: Cut,
    lang: str,
    *,
    chosen: bool,
) -> str:
    """What the numbers are, what the lines mean, what is no theme, and what only one end has."""
    value, scale = _value(table)
    none = table.drop_duplicates("slice").get("share_none", pd.Series(dtype=float)).dropna()
    unit = say(lang, value, per=per(lang), Per=per(lang).capitalize())
    kinds = {"slope_rise": (rows["move"] > 0).any(), "slope_fall": (rows["move"] < 0).any()}
    kinds["slope_same"] = (rows["move"] == 0).any()
    most = those(lang, {"slope_chosen": chosen}, n=table[table.columns[0]].nunique())
    some = say(lang, "and").join(regions[:4]) + ("…" if len(regions) > 4 else "")
    only = [say(lang, "slope_regions", regions=some, n=len(regions))] if regions else []
    if len(none) == 2:
        first, second = map(alike(none * scale), none * scale)
        only.append(say(lang, "slope_none", first=first, second=second))
    return told(lang, unit, *most, counted(lang), *those(lang, kinds), *only, cut.said(lang))

"""Figures of indicators: small multiples of series with gaps, bounds, breaks and sources."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.figures.look import (
    DOUBLE,
    MAIN,
    MOVABLE,
    SINGLE,
    beside,
    canvas,
    number,
    say,
    style,
    wrap,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.indicators import IndicatorCodebook


_CHANGED = "unit|definition"


def metric_trend(panel: pd.DataFrame, codebook: IndicatorCodebook, *, lang: str = "zh") -> Figure:
    """Small multiples, one an indicator: a region's series and its peers in the report's year.

    Points are joined only where they are comparable; a bound is an open marker with an arrow; a
    change of unit or definition is a dashed line; a missing year is a gap. The number in brackets
    is that of the source.

    Parameters
    ----------
    panel : `trends.panel` with the column `source_no` of `trends.cite`.
    codebook : names, units, and which way is better.
    """
    wanted = list(dict.fromkeys(panel["indicator_id"]))
    columns = min(3, max(1, len(wanted)))
    rows = -(-len(wanted) // columns) or 1
    with style():
        figure = canvas(DOUBLE if columns > 1 else SINGLE, 14 + 40 * rows)
        if not wanted:
            nothing = say(
                lang,
                "indicators.csv 中没有可以\n前后或与同级地区比较的数字",
                "indicators.csv holds no figure\nwith another year or a peer beside it",
            )
            figure.text(0.5, 0.5, nothing, ha="center", size=8)
            return figure
        grid = figure.subplots(rows, columns, squeeze=False, sharex=True)
        span = (int(panel["year"].min()), int(panel["year"].max()))
        for axes, name in zip(grid.flat, wanted, strict=False):
            _small_multiple(axes, panel[panel["indicator_id"] == name], codebook, span, lang)
        for axes in grid.flat[len(wanted) :]:
            axes.set_visible(False)
        for axes in grid.flat[max(0, len(wanted) - columns) : len(wanted)]:
            axes.tick_params(labelbottom=True)
        figure.suptitle(_key(panel, lang), x=0.012, ha="left", size=6, color="#666666")
    return figure


def _key(panel: pd.DataFrame, lang: str) -> str:
    """What the marks of a metric trend mean; only those that occur."""
    own = panel[panel["role"] == "own"]
    regions = "、".join(dict.fromkeys(own["region"]))
    said = [say(lang, f"● {regions}", f"● {regions}")]
    if (panel["role"] == "peer").any():
        years = ", ".join(map(str, sorted(panel.loc[panel["role"] == "peer", "year"].unique())))
        said.append(say(lang, f"◆ 同级地区（{years}）", f"◆ peers ({years})"))
    if panel["joined"].any():
        said.append(say(lang, "连线：相邻且可比的年份", "line: consecutive, comparable years"))
    if panel["break_"].str.contains(_CHANGED).any():
        said.append(say(lang, "虚线：口径改变，不可比", "dashed: a break, not comparable"))
    if (panel["bound"] != "exact").any():
        said.append(say(lang, "空心加箭头：下限或上限", "open with arrow: a bound"))
    return "    ".join([*said, say(lang, "[n] 来源编号", "[n] source")])


def _small_multiple(
    axes: Axes, rows: pd.DataFrame, codebook: IndicatorCodebook, span: tuple[int, int], lang: str
) -> None:
    indicator = codebook.indicators[rows["indicator_id"].iloc[0]]
    unit = say(lang, f"（{indicator.unit}）", f" ({indicator.unit})") if indicator.unit else ""
    axes.set_title("\n".join(wrap(indicator.name[lang] + unit, 20)))
    own, peers = rows[rows["role"] == "own"], rows[rows["role"] == "peer"]
    axes.set_xlim(span[0] - 1.6, span[1] + 1.6)
    low, high = rows["value"].min(), rows["value"].max()
    if indicator.better == "lower" and indicator.unit in ("名", "位"):
        axes.set_ylim(high + 1.5, 0.2)
    elif indicator.unit == "%":
        axes.set_ylim(*((low - (100 - low) * 0.5, 100) if low > 50 else (0, min(100, high * 1.3))))
    else:
        axes.set_ylim(0, high * 1.3 or 1)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=bool((rows["value"] % 1 == 0).all())))
    axes.yaxis.set_major_formatter(lambda value, _: number(value))
    before = None
    for row in tables.rows(own):
        falls = before is not None and row.joined and row.value < before.value
        if before is not None:
            _between(axes, before, row)
        _point(axes, row, "o", number(row.value), beside(0, -5 if falls else 5))
        before = row
    for row in tables.rows(peers):
        _point(axes, row, "D", f"{row.region} {number(row.value)}", beside(5, 0))


def _between(axes: Axes, before: Any, row: Any) -> None:
    """A line between two comparable figures, a dashed wall where unit or definition changed."""
    if row.joined:
        axes.plot([before.year, row.year], [before.value, row.value], color=MAIN, zorder=2)
    elif re.search(_CHANGED, row.break_):
        middle = (before.year + row.year) / 2
        axes.axvline(middle, color="#999999", ls=(0, (3, 2)), lw=0.6)


def _point(axes: Axes, row: Any, marker: str, label: str, where: dict[str, Any]) -> None:
    """One figure: filled if exact, open with an arrow if it is a bound, its source in brackets."""
    color = MAIN if row.role == "own" else "#777777"
    place = (row.year, row.value)
    face = color if row.bound == "exact" else "white"
    axes.plot(*place, marker, color=color, mfc=face, zorder=3, ms=3.6)
    arrow = {"at_least": 11, "at_most": -11}.get(row.bound, 0)
    if arrow:
        axes.annotate(
            "",
            place,
            xytext=(0, arrow),
            textcoords="offset points",
            arrowprops={"arrowstyle": "<-", "color": color, "lw": 0.7, "shrinkA": 0, "shrinkB": 2},
        )
        where = beside(0, -5 if arrow > 0 else 5)
    prefix = {"at_least": "≥", "at_most": "≤", "approximate": "≈"}.get(row.bound, "")
    axes.annotate(
        f"{prefix}{label} [{row.source_no}]",
        place,
        textcoords="offset points",
        size=5.5,
        color=color,
        gid=MOVABLE,
        **where,
    )

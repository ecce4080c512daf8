"""Figures of indicators over time: series with gaps, bounds, breaks, targets and sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables
from analysis.figures.labels import bounded, key_lines, rounded, scale, title
from analysis.figures.look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    canvas,
    mark,
    number,
    numbered,
    say,
    style,
    width,
)
from analysis.figures.settle import MOVABLE, beside

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from analysis.indicators import IndicatorCodebook

PEER = "#777777"
_SHAPES = {"o": "●", "s": "■", "^": "▲", "v": "▼", "D": "◆"}
_JUDGED = ("met", "missed")
_FEW, _MANY = 6, 12
_INSIDE = (120, 80)  # about how large a small multiple is, in points
_LONG = 25
_NARROW = 58  # the least width of a small multiple, in millimetres


def metric_trend(
    panel: pd.DataFrame, codebook: IndicatorCodebook, *, lang: str = "zh", preset: str = PRESET
) -> Figure:
    """Small multiples, one an indicator, region and unit: a series, and peers beside it.

    Points are joined only where they are comparable; a bound is an open marker with an arrow; a
    change of definition is a dashed line and another shape; a missing year is a gap. The number in
    brackets is that of the source; long series have it at their first, last, highest and lowest
    point.

    Parameters
    ----------
    panel : `trends.panel` with the column `source_no` of `trends.cite`.
    codebook : names, units, and which way is better.
    """
    nothing = say(
        lang,
        "indicators.csv 中没有可以\n前后或与同级地区比较的数字",
        "indicators.csv holds no figure\nwith another year or a peer beside it",
    )
    years = panel["year"] if len(panel) else [0]
    shared = max(years) - min(years) <= _LONG
    return _multiples(
        panel, codebook, _key(panel, lang), nothing, lang, preset=preset, shared=shared
    )


def target_outcome(
    panel: pd.DataFrame, codebook: IndicatorCodebook, *, lang: str = "zh", preset: str = PRESET
) -> Figure:
    """Small multiples, one an indicator, region and unit: what was planned and what was reported.

    Outcomes are dots, joined only where they are comparable; a target is a short line in the year
    it is for, with an arrow if it is a bound, and a bar if it is a range; a cross marks a missed
    one. Missing years are gaps.

    Parameters
    ----------
    panel : `trends.planned` with the column `source_no` of `trends.cite`.
    codebook : names, units, and which way is better.
    """
    zh, en = (
        "indicators.csv 中没有\n这些地区的目标",
        "indicators.csv holds no target\nof these regions",
    )
    nothing = say(lang, zh, en)
    return _multiples(
        panel, codebook, _key(panel, lang), nothing, lang, preset=preset, shared=False
    )


def _multiples(
    panel: pd.DataFrame,
    codebook: IndicatorCodebook,
    key: list[str],
    nothing: str,
    lang: str,
    *,
    preset: str,
    shared: bool,
) -> Figure:
    """A grid of small multiples; what is shared is the axis of years."""
    own = panel[panel["role"] != "peer"]
    several = own.groupby("indicator_id")["definition"].nunique() > 1
    panel = panel.assign(defined=panel["indicator_id"].map(several).eq(True))
    multiples = _split(numbered(panel))
    with style(preset):
        columns = min(int(width(DOUBLE) // _NARROW), max(1, len(multiples)))
        lines = -(-len(multiples) // columns) or 1
        long = len(panel) and panel["year"].max() - panel["year"].min() > _LONG
        wide = DOUBLE if columns > 1 or long else SINGLE
        keys = key_lines(key, width(wide))
        sources = panel["source_no"].nunique() * (0.2 if wide == DOUBLE else 0.5)
        figure = canvas(wide, 10 + 3 * len(keys) + 40 * lines + sources)
        if not multiples:
            figure.text(0.5, 0.5, nothing, ha="center", size=8)
            return figure
        grid = figure.subplots(lines, columns, squeeze=False, sharex=shared)
        many = bool(panel["region"][panel["role"] != "peer"].nunique() > 1)
        for axes, rows in zip(grid.flat, multiples, strict=False):
            years = (panel if shared else rows)["year"]
            _small_multiple(axes, rows, codebook, years, lang, many)
        for axes in grid.flat[len(multiples) :]:
            axes.set_visible(False)
        for axes in grid.flat[max(0, len(multiples) - columns) : len(multiples)]:
            axes.tick_params(labelbottom=True)
        figure.suptitle("\n".join(keys), x=0.012, ha="left", size=6, color="#666666")
    return figure


def _split(panel: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of each small multiple: one region, one unit, and the peers that have that unit."""
    peers = panel["role"] == "peer"
    found = []
    for name in dict.fromkeys(panel["indicator_id"]):
        of = panel["indicator_id"] == name
        own = panel[of & ~peers]
        for unit in dict.fromkeys(panel.loc[of, "common_unit"]):
            same = of & (panel["common_unit"] == unit)
            regions = dict.fromkeys(own.loc[own["common_unit"] == unit, "region"])
            found += [panel[same & (peers | (panel["region"] == one))] for one in regions]
            if not regions:
                found.append(panel[same])
    return found


def _key(panel: pd.DataFrame, lang: str) -> list[str]:
    """What the marks mean; only those that occur."""
    own, targets = panel[panel["role"] == "own"], panel[panel["role"] == "target"]
    regions = say(lang, "、", ", ").join(dict.fromkeys(own["region"]))
    said = [f"● {regions}"]
    if len(targets):
        said = [say(lang, f"● 完成（{regions}）", f"● outcome ({regions})")]
        said.append(say(lang, "短横线：目标（含“左右”）", "short line: target, 'about' included"))
        if (targets["bound"].isin(["at_least", "at_most"])).any():
            said.append(say(lang, "箭头：目标只设下限或上限", "arrow: a target that is a bound"))
        if _ranges(targets):
            said.append(say(lang, "竖条：目标区间", "bar: a range"))
        if (targets["verdict"] == "missed").any():
            said.append(say(lang, "×：未达成", "×: missed"))
        if (~targets["verdict"].isin(_JUDGED)).any():
            zh, en = "空心短线、空心竖条：未判定（无完成数或不可比）", "open: not judged"
            said.append(say(lang, zh, f"{en} (not reported or not comparable)"))
    if (panel["role"] == "peer").any():
        years = ", ".join(map(str, sorted(panel.loc[panel["role"] == "peer", "year"].unique())))
        said.append(say(lang, f"◆ 同级或同组地区（{years}）", f"◆ peers ({years})"))
        alike = set(zip(own["indicator_id"], own["definition"], strict=True))
        beside_them = panel[panel["role"] == "peer"]
        if set(zip(beside_them["indicator_id"], beside_them["definition"], strict=True)) - alike:
            said.append(say(lang, "*：与本地区口径不同", "*: another definition"))
    if panel["joined"].any():
        said.append(say(lang, "连线：相邻且可比的年份", "line: consecutive, comparable years"))
    if panel["break_"].str.contains("definition").any():
        said.append(
            say(lang, "虚线、异形：口径改变，不可比", "dashed, other shape: a break in definition")
        )
    if (panel.loc[panel["role"] != "target", "bound"] != "exact").any():
        said.append(say(lang, "空心：约数，加箭头为下限或上限", "open: about; with arrow: a bound"))
    verified = int((panel["status"] == "verified").sum())
    others = len(panel) - verified
    said.append(
        say(
            lang, f"已核对 {verified}、未核对 {others} 个数字", f"{verified} verified, {others} not"
        )
    )
    return [*said, say(lang, "[n] 来源编号", "[n] source")]


def _small_multiple(
    axes: Axes,
    rows: pd.DataFrame,
    codebook: IndicatorCodebook,
    years: pd.Series[int],
    lang: str,
    several: bool,
) -> None:
    indicator, unit = codebook.indicators[rows["indicator_id"].iloc[0]], rows["common_unit"].iloc[0]
    divisor, word = scale(rows["value"], lang)
    labels = [rounded(value, divisor) for value in rows["value"]]
    rows = rows.assign(value=rows["value"] / divisor, change=rows["change"] / divisor, label=labels)
    own, peers = rows[rows["role"] == "own"], rows[rows["role"] == "peer"]
    named = [region for region in dict.fromkeys(rows["region"][rows["role"] != "peer"]) if several]
    definitions = list(own["definition"].value_counts(sort=True).index)
    shapes = dict(zip(definitions, [*_SHAPES] * len(definitions), strict=False))
    named_too = len(shapes) > 1 or (len(shapes) and bool(rows["defined"].any()))
    axes.set_title(title(indicator, unit, word, lang, *named), pad=12 if named_too else None)
    if named_too:
        unsaid = say(lang, "口径未说明", "definition not stated")
        said = [f"{_SHAPES[mark]} {name or unsaid}" for name, mark in shapes.items()]
        axes.text(0, 1.02, "  ".join(said), size=5, color=PEER, transform=axes.transAxes)
    first, last = int(years.min()), int(years.max())
    margin = max(1.6, (last - first) * 0.16)
    axes.set_xlim(first - margin, last + margin)
    _limits(axes, rows["value"], indicator.better, unit)
    ticks = MaxNLocator(5, integer=True).tick_values(first, last)
    axes.set_xticks([tick for tick in ticks if first <= tick <= last and tick % 1 == 0])
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=bool((rows["value"] % 1 == 0).all())))
    axes.yaxis.set_major_formatter(lambda value, _: number(round(value, 9)))
    size = 3.6 if last - first <= _LONG else 2.3
    targets = rows[rows["role"] == "target"]
    shown = _labelled(axes, own, targets)
    _draw_targets(axes, targets, min(6.0, max(2.6, 110 / (last - first + 4))), shown)
    _draw_series(axes, own, shapes, size, shown)
    ends = set(peers["value"]) if len(peers) <= 6 else {peers["value"].min(), peers["value"].max()}
    for row in tables.rows(peers):
        other = "" if row.definition in shapes else "*"
        label = f"{row.region} {row.label}{other}" if row.value in ends else ""
        _point(axes, row, "D", label, beside(5, 0), size, crowded=False)


def _limits(axes: Axes, values: pd.Series[float], better: str, unit: str) -> None:
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


def _draw_series(
    axes: Axes, own: pd.DataFrame, shapes: dict[str, str], size: float, shown: set[int]
) -> None:
    """Own figures, joined where they are comparable, walls where the definition changed."""
    before = None
    for index, row in zip(own.index, tables.rows(own), strict=True):
        if row.joined:
            earlier = row.value - row.change
            axes.plot([row.year - 1, row.year], [earlier, row.value], color=MAIN, zorder=2)
        elif before is not None and "definition" in row.break_ and row.year != before.year:
            middle = (before.year + row.year) / 2
            axes.axvline(middle, color="#999999", ls=(0, (3, 2)), lw=0.6, zorder=1)
        falls = row.joined and row.change < 0
        label = row.label if index in shown else ""
        _point(
            axes,
            row,
            shapes[row.definition],
            label,
            beside(0, -5 if falls else 5),
            size,
            len(own) > 1,
        )
        before = row


def _labelled(axes: Axes, own: pd.DataFrame, targets: pd.DataFrame) -> set[int]:
    """Index of the figures that are labelled: all of a few, otherwise ends and extremes first.

    A label that would come to lie on one chosen before is left out; all figures are in the table.
    """
    order = list(own.index)
    if len(own) + len(targets) > _FEW:
        by_size = list(own.sort_values("value", kind="stable").index)
        ends = [*order[:1], *order[-1:], *by_size[-1:], *by_size[:1]]
        missed = [row.verdict == "missed" for row in tables.rows(targets)]
        aims = [*targets.index[missed], *targets.index[-1:]]
        order = [*ends, *aims, *(order if len(own) <= _MANY else [])]
    else:
        return {*order, *targets.index}
    both = own["value"].to_dict() | targets["value"].to_dict()
    years = own["year"].to_dict() | targets["year"].to_dict()
    across, up = (
        _INSIDE[at] / abs(high - low)
        for at, (low, high) in enumerate((axes.get_xlim(), axes.get_ylim()))
    )
    chosen: list[int] = []
    for one in dict.fromkeys(order):
        near = [
            other
            for other in chosen
            if abs(years[one] - years[other]) * across < 32
            and abs(both[one] - both[other]) * up < 12
        ]
        if not near:
            chosen.append(one)
    return set(chosen)


def _ranges(targets: pd.DataFrame) -> list[pd.DataFrame]:
    """Targets that are both ends of one range."""
    keys = ["indicator_id", "region", "period", "definition", "report_id", "source_id"]
    bounds = [rows for _, rows in targets.groupby(keys, sort=False) if len(rows) == 2]
    return [rows for rows in bounds if set(rows["bound"]) == {"at_least", "at_most"}]


def _draw_targets(axes: Axes, targets: pd.DataFrame, width: float, shown: set[int]) -> None:
    """Short lines in the years that targets are for; bars where a target is a range."""
    ranged: set[tuple[int, float]] = set()
    for rows in _ranges(targets):
        year, low, high = int(rows["year"].iloc[0]), rows["value"].min(), rows["value"].max()
        judged = rows["verdict"].isin(_JUDGED).all()
        look = {"fc": ACCENT, "alpha": 0.35, "lw": 0} if judged else {"fc": "white", "ec": PEER}
        bar = Rectangle((year - 0.3, low), 0.6, high - low, **look)
        ends = [*tables.rows(rows)]
        tip = f"{_tip(ends[0])}; {bounded(ends[1], ends[1].label)}"
        mark(axes.add_patch(bar), ends[0].row_no, tip)
        ranged |= {(year, low), (year, high)}
    for index, row in zip(targets.index, tables.rows(targets), strict=True):
        place = (row.year, row.value)
        color = ACCENT if row.verdict in _JUDGED else PEER
        drawn = axes.plot(*place, "_", color=color, ms=width, mew=1.2, zorder=2.5)
        if color == PEER:
            drawn[0].set_markeredgewidth(2.2)
            drawn += axes.plot(*place, "_", color="white", ms=width - 1, mew=1.0, zorder=2.6)
        if row.verdict == "missed":
            drawn += axes.plot(*place, "x", color=INK, ms=3.2, mew=0.9, zorder=4)
        for one in drawn:
            mark(one, row.row_no, f"{_tip(row)} ({row.verdict})")
        arrow = 0 if place in ranged else {"at_least": 6, "at_most": -6}.get(row.bound, 0)
        if arrow:
            _arrow(axes, place, (0, arrow), color, 0)
        if index in shown:
            _label(axes, row, row.label, color, beside(0, -5))


def _tip(row: Any) -> str:
    """A figure in words: region, year, the number with its bound."""
    return f"{row.region} {row.year}: {bounded(row, row.label)}"


def _arrow(
    axes: Axes, place: tuple[float, float], by: tuple[float, float], color: str, gap: float
) -> None:
    """An arrow from a figure that is a bound to the side on which the number lies."""
    arrow = {"arrowstyle": "<-,head_width=.12,head_length=.16", "color": color, "lw": 0.6}
    arrow |= {"shrinkA": 0, "shrinkB": gap}
    axes.annotate("", place, xytext=by, textcoords="offset points", arrowprops=arrow)


def _point(
    axes: Axes, row: Any, marker: str, label: str, where: dict[str, Any], size: float, crowded: bool
) -> None:
    """One figure: filled if exact, open with an arrow if it is a bound, its source in brackets."""
    color = MAIN if row.role == "own" else PEER
    place = (row.year, row.value)
    face = color if row.bound == "exact" else "white"
    (dot,) = axes.plot(
        *place,
        marker,
        color=color,
        mfc=face,
        zorder=3.2 if row.role == "own" else 3,
        ms=size,
        ls="",
    )
    mark(dot, row.row_no, _tip(row))
    arrow = {"at_least": 10, "at_most": -10}.get(row.bound, 0)
    if arrow:
        _arrow(axes, place, (0, arrow), color, 2)
        where = beside(0, -5 if arrow > 0 else 5)
    if arrow and crowded:  # other labels keep off the arrow as they keep off the points
        low, high = axes.get_ylim()
        dot.set_data(
            [row.year] * 2, [row.value, row.value + arrow * 0.7 * (high - low) / _INSIDE[1]]
        )
        dot.set_markevery([0])
    if label:
        _label(axes, row, label, color, where)


def _label(axes: Axes, row: Any, label: str, color: str, where: dict[str, Any]) -> None:
    """A label beside its point, with the number of its source; it may be moved around the point."""
    name, _, value = label.rpartition(" ")
    text = f"{name} {bounded(row, value)} [{row.source_no}]".strip()
    paper = {"fc": "white", "ec": "none", "alpha": 0.75, "pad": 0.2}
    options: dict[str, Any] = {"textcoords": "offset points", "size": 5.5, "color": color}
    options |= {"bbox": paper, "zorder": 2.8}
    axes.annotate(text, (row.year, row.value), gid=MOVABLE, **options, **where)

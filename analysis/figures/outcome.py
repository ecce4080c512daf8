"""The figure of targets and outcomes: a panel an indicator over one axis of years, and verdicts.

Below each panel runs a strip with a square for each target: met, missed or not judged. What is
labelled is the first and the last figure, the highest and lowest, and what was missed.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from analysis import tables

from .cut import fitting, keep
from .labels import key_lines, title
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    area,
    below,
    canvas,
    fit,
    foot,
    height,
    mark,
    numbered,
    points,
    region_in,
    say,
    style,
    tall,
    those,
    told,
    width,
)
from .marks import (
    ARROW,
    HOLLOW,
    JUDGED,
    PEER,
    draw_targets,
    key,
    label,
    per_line,
    ranges,
    unjudged,
)
from .trend import (
    LONG,
    NARROW,
    axis_of_values,
    definitions,
    draw_series,
    judged,
    limits,
    listed,
    numbered_frames,
    paged,
    scaled,
    shapes_of,
    split,
    worth,
)

if TYPE_CHECKING:
    from analysis.indicators import IndicatorCodebook

_HIGH = 27  # of a panel with its strip, in millimetres
_STRIP = (-3.6, 2.2)  # where the strip stands below its panel, and how high it is, in mm
_VERDICTS = ("met", "missed", "open")


def target_outcome(
    panel: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    page: int = 1,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """A panel an indicator, region and unit: what was planned, what was reported, and the verdict.

    Outcomes are dots, joined only where they are comparable; a target is a short line in the year
    it is for, with an arrow if it is a bound, a bar if it is a range, and a star if a plan of
    several years sets it for its last one; a cross marks a missed one. Missing years are gaps. All
    panels have one axis of years.

    Parameters
    ----------
    panel : `trends.planned` with the column `source_no` of `trends.cite`.
    codebook : names, units, and which way is better.
    page : which of the pages that many series fill.
    """
    panel = numbered(panel)
    drawn, lists = split(panel)
    span = int(panel["year"].max() - panel["year"].min()) if len(panel) else 0
    with style(preset):
        columns = 1 if span > LONG and not height() else int(width(DOUBLE) // NARROW)
        high = _HIGH if columns == 1 else _HIGH + 11
        drawn, lists, cut = paged(drawn, lists, columns * fitting(high, 46, preset), page)
        if cut.drawn < cut.whole:
            panel = pd.concat([*drawn, *chain.from_iterable(lists)]).drop_duplicates("row_no")
        cells = len(drawn) + len(lists)
        columns = min(columns, max(1, cells))
        wide = DOUBLE if columns > 1 or span > LONG else SINGLE
        lines = -(-cells // columns) or 1
        handles = _signs(panel, lang)
        across = per_line(handles, wide)
        said = cut.after(_notes(panel, lang), lang)
        message = fit(_message(panel, lang), wide, 0.94, 7.5)
        above = 3.2 * -(-len(handles) // across) + tall(message)
        below = tall(fit(said, wide, 0.94, SMALL))
        figure = canvas(wide, 8 + above + below + high * lines)
        keep(figure, cut, panel)
        if not cells:
            figure.text(0.5, 0.5, say(lang, "no_target"), ha="center", size=8)
            return figure
        drawn, lists = numbered_frames(figure, drawn, lists)
        grid = figure.subplots(lines, columns, squeeze=False, sharex=True)
        room = points(wide) / columns - 34
        for axes, rows in zip(grid.flat, drawn, strict=False):
            _panel(axes, rows, codebook, panel["year"], lang, room, aside=columns == 1)
        for axes, singles in zip(grid.flat[len(drawn) :], lists, strict=False):
            listed(axes, singles, codebook, lang, room)
        for axes in grid.flat[cells:]:
            axes.set_visible(False)
        for at, axes in enumerate(grid.flat[: len(drawn)]):
            axes.tick_params(labelbottom=at + columns >= len(drawn), bottom=False)
        key(figure, handles, across, message)
        foot(figure, said, wide, SMALL)
    return figure


def _panel(
    axes: Axes,
    rows: pd.DataFrame,
    codebook: IndicatorCodebook,
    years: pd.Series[int],
    lang: str,
    room: float,
    *,
    aside: bool,
) -> None:
    """One indicator, region and unit: marks, verdicts, and then labels, those that matter first."""
    indicator, unit = codebook.indicators[rows["indicator_id"].iloc[0]], rows["common_unit"].iloc[0]
    rows, word = scaled(rows, lang)
    own, targets = rows[rows["role"] == "own"], rows[rows["role"] == "target"]
    shapes = shapes_of(own)
    named = [region_in(rows["named"].iloc[0], lang)] if rows["named"].iloc[0] else []
    counts = _counts(targets, lang)
    head = title(indicator, unit, word, lang, *named, room=room / 9 if aside else 20)
    said = definitions(shapes, indicator, lang, room) if rows["defined"].iloc[0] else []
    pad = 3 + 8 * len(said)
    axes.set_title(head, pad=pad)
    if aside:
        axes.set_title(counts, loc="right", size=SMALL, color=INK, pad=pad)
    elif targets["verdict"].isin(JUDGED).any():
        said = key_lines([*said, counts], room, SMALL)
        axes.set_title(head, pad=3 + 8 * len(said))
    look: dict[str, Any] = {"size": SMALL, "color": PEER, "textcoords": "offset points"}
    axes.annotate("\n".join(said), (0, 1), xycoords="axes fraction", xytext=(0, 2), **look)
    first, last = int(years.min()), int(years.max())
    axis_of_values(axes, rows["value"], 3)
    limits(axes, rows["value"], indicator.better, unit)
    margin = max(1.2, (last - first) * 0.05)
    axes.set_xlim(first - margin, last + margin)
    axes.xaxis.set_major_locator(MaxNLocator(10 if last - first > LONG else 5, integer=True))
    a_year = (room + 20) / (last - first + 2 * margin)  # in points
    draw_targets(axes, targets, min(5.0, max(2.0, a_year * 0.8)))
    draw_series(axes, own, shapes, 3.2 if a_year > 4 else 2.6)
    _verdicts(axes, targets)
    for row in tables.rows(worth(own, targets)):
        plan = row.role == "target" and row.horizon == "plan"
        label(axes, row, indicator.definition_name(row.definition, lang) if plan else "", row.label)


def _verdict(row: Any) -> str:
    return row.verdict if row.verdict in JUDGED else "open"


def _square(verdict: str) -> dict[str, Any]:
    """How the strip shows a verdict; what was missed is crossed as well."""
    faces = {"met": area(MAIN), "missed": {**area(ACCENT), "hatch": "xxxx", "ec": "white"}}
    return faces.get(verdict, {"fc": "white", "ec": "#888888"}) | {"lw": 0.4}


def _verdicts(axes: Axes, targets: pd.DataFrame) -> None:
    """The strip: a square for each year with a target, in parts where it has several."""
    low, high = (one / 25.4 for one in _STRIP)
    strip = axes.inset_axes((0, low, 1, high), transform=below(axes), sharex=axes)
    strip.set_ylim(0, 1)
    strip.set_yticks([])
    strip.tick_params(bottom=False, labelbottom=False)
    for spine in strip.spines.values():
        spine.set_visible(False)
    for year, of in targets.groupby("year"):
        for at, row in enumerate(tables.rows(of)):
            corner = (float(str(year)) - 0.42 + 0.84 * at / len(of), 0.06)
            look = _square(_verdict(row))
            box = strip.add_patch(Rectangle(corner, 0.84 / len(of), 0.88, clip_on=False, **look))
            mark(box, row.row_no, f"{row.region} {row.year}: {row.verdict}")
    axes.tick_params(axis="x", pad=10)


def _tally(targets: pd.DataFrame) -> dict[str, int]:
    verdicts = [_verdict(row) for row in tables.rows(targets)]
    return {name: verdicts.count(name) for name in _VERDICTS}


def _counts(targets: pd.DataFrame, lang: str) -> str:
    """How many targets of a panel were met, missed and not judged."""
    held = [say(lang, f"{name}_n", n=n) for name, n in _tally(targets).items() if n]
    return say(lang, "comma").join(held)


def _message(panel: pd.DataFrame, lang: str) -> str:
    """What became of all targets that are drawn, counted as the caption counts them."""
    targets = panel[panel["role"] == "target"]
    n, tally = len(targets), _tally(targets)
    held = "outcomes" if tally["met"] or tally["missed"] else "outcomes_none"
    unreported = int((targets["verdict"] == "not reported").sum())
    facts = {"unreported": unreported, "unlike": n - unreported}
    return say(lang, held, n=n, **facts, **tally) if n else ""


def _signs(panel: pd.DataFrame, lang: str) -> list[Any]:
    """The marks that occur, as they are drawn, with what they mean."""
    own, targets = panel[panel["role"] == "own"], panel[panel["role"] == "target"]
    regions = say(lang, "and").join(region_in(one, lang) for one in dict.fromkeys(own["region"]))
    several = own["region"].nunique() > 3
    tally, dot = _tally(targets), {"color": MAIN, "marker": "o", "ms": 3.2}
    held = targets["verdict"].isin(JUDGED)
    plan, inexact = targets["horizon"] == "plan", own["bound"] != "exact"
    grey: dict[str, Any] = {"color": PEER, "mfc": "white", "ls": "", "mew": 0.6}
    lines: dict[str, tuple[Any, dict[str, Any]]] = {
        "outcome_plain" if several else "outcome": (len(own), dot | {"ls": ""}),
        "joined": (panel["joined"].any(), dot | {"lw": 1.0}),
        "bounds": (inexact.any(), dot | {"ls": "", "mfc": "white"}),
        "line": ((held & ~plan).any(), {"color": ACCENT, "marker": "_", "ms": 5, "ls": ""}),
        "hollow": ((~held & ~plan).any(), grey | {"marker": HOLLOW, "ms": 5}),
        "star": (plan.any(), grey | {"marker": "*", "ms": 5.5}),
        "arrow": (
            targets["bound"].isin(["at_least", "at_most"]).any(),
            {"color": ACCENT, "marker": ARROW, "ms": 7, "ls": "", "mfc": "none", "mew": 0.6},
        ),
        "cross": (tally["missed"], {"color": INK, "marker": "x", "ms": 3.6, "ls": ""}),
        "ring": (
            any(unjudged(row) for row in tables.rows(panel)),
            {"color": MAIN, "marker": "o", "ms": 6, "mfc": "none", "mew": 0.4, "ls": ""},
        ),
    }
    found = int(sum(unjudged(row) for row in tables.rows(panel)))
    facts = {"regions": regions, "found": found}
    signs: list[Any] = [
        Line2D([], [], label=say(lang, f"sign_{name}", **facts), **look)
        for name, (there, look) in lines.items()
        if there
    ]
    if ranges(targets):
        signs.append(Patch(fc=ACCENT, alpha=0.35, lw=0, label=say(lang, "sign_range")))
    signs += [
        Patch(label=say(lang, f"strip_{name}"), **_square(name)) for name, n in tally.items() if n
    ]
    return signs


def _notes(panel: pd.DataFrame, lang: str) -> str:
    """What is not a mark: how 'about' is read, breaks, who compared the figures."""
    targets = panel[panel["role"] == "target"]
    about = panel["about"].iloc[0] if len(panel) else 0
    broken = panel["break_"].str.contains("definition").any()
    near = len(targets) and (panel["bound"] == "approximate").any()
    names = {"labelled": True, "about": near, "broken": broken}
    names["unchecked"] = any(map(unjudged, tables.rows(panel)))
    said = those(lang, names, about=about)
    return told(lang, *said, *judged(panel, lang, ring=False))

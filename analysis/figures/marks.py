"""What a figure of an indicator is drawn with: points, bounds, targets and their labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from analysis import tables
from analysis.indicators import UNJUDGED

from .labels import bounded
from .look import ACCENT, INK, MAIN, SMALL, Canvas, ems, inked, mark, points
from .settle import MOVABLE, beside

PEER = "#6b6b6b"
HOLLOW = Path([(-1, -0.4), (1, -0.4), (1, 0.4), (-1, 0.4), (-1, -0.4)], closed=True)
"""The marker of a target that is not judged."""

ARROW = Path([(0, 1), (0, -1), (-0.35, -0.4), (0, -1), (0.35, -0.4)], [1, 2, 1, 2, 2])
"""An arrow in a key of marks."""

JUDGED = ("met", "missed")

_NUMBERED = 6
"""Up to how many sources that are no reports of the study have a number at their marks."""


def cited(figure: Canvas, frames: list[pd.DataFrame]) -> list[pd.DataFrame]:
    """What is drawn with `cite`, the number of its source as a mark has it, ` [3]` or ''.

    Numbers help where they are few: of sources beside the study's reports, which the line of
    sources tells by what they are. The figure is told which sources it shows, and which by number.
    """
    if not any("source_no" in rows for rows in frames):
        return [rows.assign(cite="") for rows in frames]
    every = pd.concat(frames).dropna(subset="source_no")
    figure.sources = frozenset(map(int, every["source_no"]))
    others = frozenset(map(int, every.loc[every["report_id"].fillna("") == "", "source_no"]))
    if len(figure.sources) > 1 and len(others) <= _NUMBERED:
        figure.numbered = others
    return [
        rows.assign(
            cite=[f" [{no}]" if no in figure.numbered else "" for no in rows["source_no"].fillna(0)]
        )
        for rows in frames
    ]


def ranges(targets: pd.DataFrame) -> list[pd.DataFrame]:
    """Targets that are both ends of one range."""
    keys = ["indicator_id", "region", "period", "definition", "report_id", "source_id"]
    bounds = [rows for _, rows in targets.groupby(keys, sort=False) if len(rows) == 2]
    return [rows for rows in bounds if set(rows["bound"]) == {"at_least", "at_most"}]


def draw_targets(axes: Axes, targets: pd.DataFrame, wide: float) -> None:
    """Short lines in the years that targets are for, stars at a plan's end, bars for ranges."""
    ranged: set[int] = set()
    for rows in ranges(targets):
        low, high = rows["value"].min(), rows["value"].max()
        judged = bool(rows["verdict"].isin(JUDGED).all())
        face: dict[str, Any] = {"fc": ACCENT, "alpha": 0.35, "lw": 0}
        face = face if judged else {"fc": "white", "ec": PEER}
        bar = Rectangle((rows["year"].iloc[0] - 0.3, low), 0.6, high - low, **face)
        one, other = tables.rows(rows)
        mark(axes.add_patch(bar), one.row_no, f"{tip(one)}; {bounded(other, other.label)}")
        ranged |= {one.row_no, other.row_no}
    for row in tables.rows(targets):
        judged, plan = row.verdict in JUDGED, row.horizon == "plan"
        color = color_of(row)
        marker: Any = "*" if plan else "_" if judged else HOLLOW
        look: dict[str, Any] = {"color": color, "mfc": color if judged else "white", "zorder": 2.5}
        look |= {"ms": 5.5 if plan else wide, "mew": 1.4 if judged and not plan else 0.6}
        drawn = axes.plot(row.year, row.value, marker=marker, ls="", **look)
        if row.verdict == "missed":
            drawn += axes.plot(row.year, row.value, "x", color=INK, ms=3.6, mew=0.9, zorder=4)
        if unjudged(row):
            ring: dict[str, Any] = {"mfc": "none", "mec": color, "mew": 0.4, "ms": wide + 2}
            axes.plot(row.year, row.value, "o", ls="", zorder=2.4, **ring)
        for artist in drawn:
            mark(artist, row.row_no, f"{tip(row)} ({row.verdict})")
        if row.row_no not in ranged:
            arrow(axes, row, 6, 0)


def tip(row: Any) -> str:
    """A figure in words: region, year, the number with its bound."""
    return f"{row.region} {row.year}: {bounded(row, row.label)}"


def color_of(row: Any) -> str:
    """The colour of a figure and its label: what is not judged is grey like the peers."""
    if row.role == "target" and row.verdict in JUDGED:
        return ACCENT
    return MAIN if row.role == "own" else PEER


def side(row: Any) -> int:
    """On which side of a figure that is a bound the number lies: 1 above, -1 below, else 0."""
    return {"at_least": 1, "at_most": -1}.get(row.bound, 0)


def arrow(axes: Axes, row: Any, length: float, gap: float) -> None:
    """An arrow from a figure that is a bound to the side on which the number lies."""
    if up := side(row):
        look = {"arrowstyle": "<-,head_width=.12,head_length=.16", "lw": 0.6}
        look |= {"color": color_of(row), "shrinkA": 0, "shrinkB": gap}
        where: dict[str, Any] = {"xytext": (0, up * length), "textcoords": "offset points"}
        axes.annotate("", (row.year, row.value), arrowprops=look, **where)


def unjudged(row: Any) -> bool:
    """Whether a figure was extracted automatically and no person has checked it."""
    return bool(getattr(row, "note", "") == UNJUDGED)


def point(axes: Axes, row: Any, marker: str, size: float) -> None:
    """One figure: filled if exact, open otherwise, with an arrow if it is a bound.

    What nobody has judged has a ring around it.
    """
    color = color_of(row)
    look: dict[str, Any] = {"mfc": color if row.bound == "exact" else "white", "ms": size, "ls": ""}
    if unjudged(row):
        ring: dict[str, Any] = {"mfc": "none", "mec": color, "mew": 0.4, "ms": size + 2.6, "ls": ""}
        axes.plot(row.year, row.value, "o", zorder=2.9, **ring)
    look |= {"zorder": 3.2 if row.role == "own" else 3}
    (dot,) = axes.plot(row.year, row.value, marker, color=color, **look)
    mark(dot, row.row_no, tip(row))
    arrow(axes, row, 10, 2)


def label(axes: Axes, row: Any, before: str, value: str) -> None:
    """A label beside its figure, with its source's number if it has one; it may be moved."""
    aim = row.role == "target" and row.horizon != "plan"  # beside a star there is nothing above
    falls = side(row) > 0 or aim or (row.joined and row.change < 0)
    where = beside(5, 0) if row.role == "peer" else beside(0, -5 if falls else 5)
    text = f"{before} {bounded(row, value)}{row.cite}".strip()
    look: dict[str, Any] = {"textcoords": "offset points", "size": SMALL}
    look["color"] = inked(color_of(row))
    axes.annotate(text, (row.year, row.value), gid=MOVABLE, zorder=2.8, **look, **where)


def per_line(handles: list[Any], columns: int) -> int:
    """How many marks of a key stand beside each other in a figure of so many columns.

    As many as fit in a key that is filled column by column, the first ones being the longer.
    """
    wide = [SMALL * (3.7 + ems(one.get_label())) for one in handles]
    for most in range(min(6, len(wide)), 1, -1):
        whole = sum(max(of) for of in np.array_split(wide, most))
        if whole < 0.96 * points(columns):
            return most
    return 1


def key(figure: Figure, handles: list[Any], columns: int, message: str) -> None:
    """The marks by name at the head of the figure, under what the figure says."""
    where: dict[str, Any] = {"loc": "outside upper left", "ncols": columns, "frameon": False}
    where |= {"title": message, "title_fontsize": 7.5, "alignment": "left", "handlelength": 1.6}
    figure.legend(handles=handles, fontsize=SMALL, columnspacing=1.2, labelspacing=0.35, **where)

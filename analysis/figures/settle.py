"""The last hand on a figure: the source line at its foot, and labels where they cover nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from .look import preset_of, style, wrap

MOVABLE = "movable"
"""The gid of a label that may be moved around its point."""

_AROUND = [
    *((0, 5), (0, -5), (5, 0), (-5, 0), (4, 5), (-4, 5), (4, -5), (-4, -5)),
    *((0, 9), (0, -9)),
]


def beside(across: float, up: float) -> dict[str, Any]:
    """Where a label stands relative to its point, in points, as arguments of an annotation."""
    return {
        "xytext": (across, up),
        "ha": "center" if across == 0 else "left" if across > 0 else "right",
        "va": "center" if up == 0 else "bottom" if up > 0 else "top",
    }


def settle(figure: Figure) -> None:
    """Move each movable label to the first place around its point where it covers nothing.

    A label that has no such place is hidden; those put there first come first.
    """
    with style(preset_of(figure)):
        _freeze(figure)
        movable = [
            axes for axes in figure.axes if any(label.get_gid() == MOVABLE for label in axes.texts)
        ]
        if not movable:
            return
        figure.draw_without_rendering()
        renderer = FigureCanvasAgg(figure).get_renderer()
        ticks = [
            tick.get_window_extent(renderer)
            for axes in figure.axes
            for tick in (*axes.get_xticklabels(), *axes.get_yticklabels())
        ]
        for axes in movable:
            taken = ticks + [box for line in axes.lines for box in _boxes(line)]
            taken += [axes.spines[side].get_window_extent(renderer) for side in ("left", "bottom")]
            arrows = filter(None, (getattr(label, "arrow_patch", None) for label in axes.texts))
            taken += [arrow.get_window_extent(renderer) for arrow in arrows]
            for label in axes.texts:
                if label.get_gid() == MOVABLE:
                    taken += _place(label, taken, figure.bbox, renderer)


def _boxes(line: Line2D) -> list[Bbox]:
    """Boxes in pixels around the markers of a line, or along it where it has none."""
    points = line.get_transform().transform(line.get_xydata())
    if line.get_marker() != "None":
        return [Bbox.from_bounds(x - 3, y - 3, 6, 6) for x, y in points]
    along = np.linspace(0, 1, 40)[:, None, None]
    steps = (points[:-1] * (1 - along) + points[1:] * along).reshape(-1, 2)
    return [Bbox.from_bounds(x - 1, y - 1, 2, 2) for x, y in steps]


def _freeze(figure: Figure) -> None:
    """Lay the figure out for good and round the places.

    The layout's solver leaves a last digit that differs from process to process. Lines of all
    fonts stand 1.2 times their size apart.
    """
    engine = figure.get_layout_engine()
    for _ in range(2):  # the second pass settles what the first one moved
        if engine is not None and figure.axes:
            engine.execute(figure)
        for text in figure.findobj(Text):
            if "\n" in text.get_text():  # fonts differ in what they call normal
                text.set_linespacing(1.2)
    if engine is not None:
        figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(side, 6) for side in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((round(x, 6), round(y, 6)))


def _place(label: Any, taken: list[Bbox], canvas: Any, renderer: Any) -> list[Bbox]:
    """Put a label where it covers nothing, or hide it; the box it takes."""
    for across, up in [label.xyann, *_AROUND]:
        box = _move(label, across, up, renderer)
        inside = canvas.x0 <= box.x0 and box.x1 <= canvas.x1 and box.y1 <= canvas.y1
        if inside and not box.count_overlaps(taken):
            return [box.padded(2)]
    label.set_visible(False)
    return []


def _move(label: Any, across: float, up: float, renderer: Any) -> Bbox:
    """Put a label beside its point; its box there."""
    where = beside(across, up)
    label.xyann = where["xytext"]
    label.set(ha=where["ha"], va=where["va"])
    box: Bbox = label.get_window_extent(renderer)
    return box


def sign(figure: Figure, line: str) -> None:
    """Put the source line inside the figure, at its foot, and settle the labels above it."""
    width = figure.get_figwidth() * 72 / 5.5 - 2
    lines = wrap(line, width)
    height = (len(lines) * 7.2 + 6) / (figure.get_figheight() * 72)
    with style(preset_of(figure)):
        figure.text(0.012, 0.008, "\n".join(lines), size=5.5, color="#666666", va="bottom")
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, height, 1, 1 - height))
    settle(figure)
    if foot := getattr(figure, "foot", None):  # the layout puts it at the edge of the figure
        x, y = foot.get_position()
        foot.set_position((x, round(y + height, 6)))

"""The last hand on a figure: the source line at its foot, and labels where they cover nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from .look import HEAD, INK, SMALL, height, preset_of, style, wrap

MOVABLE = "movable"
"""The gid of a label that may be moved around its point."""

_HEAD = 8.5  # points
_APART = 6
"""How far a label keeps from the middle of another figure's mark, in pixels."""

_AROUND = [
    *((0, 5), (0, -5), (5, 0), (-5, 0), (4, 5), (-4, 5), (4, -5), (-4, -5)),
    *((0, 9), (0, -9), (8, 8), (-8, 8), (8, -8), (-8, -8), (9, 0), (-9, 0), (0, 13), (0, -13)),
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
        ticks += [box for axes in figure.axes for box in _said(axes, renderer)]
        for axes in movable:
            taken = ticks + [box for line in axes.lines for box in _boxes(line)]
            taken += [axes.spines[side].get_window_extent(renderer) for side in ("left", "bottom")]
            arrows = filter(None, (getattr(label, "arrow_patch", None) for label in axes.texts))
            taken += [arrow.get_window_extent(renderer) for arrow in arrows]
            dots = [point for line in axes.lines for point in _dots(line)]
            for label in axes.texts:
                if label.get_gid() == MOVABLE:
                    own: Any = axes.transData.transform(label.xy)  # type: ignore[attr-defined]
                    others = [_around(x, y, _APART) for x, y in dots if not _same((x, y), own)]
                    taken += _place(label, taken + others, taken, figure.bbox, renderer)


def _boxes(line: Line2D) -> list[Bbox]:
    """Boxes in pixels around the markers of a line, or along it where it has none."""
    points = line.get_transform().transform(line.get_xydata())
    if line.get_marker() != "None":
        return [_around(x, y, 3) for x, y in points]
    along = np.linspace(0, 1, 40)[:, None, None]
    steps = (points[:-1] * (1 - along) + points[1:] * along).reshape(-1, 2)
    return [Bbox.from_bounds(x - 1, y - 1, 2, 2) for x, y in steps]


def _said(axes: Any, renderer: Any) -> list[Bbox]:
    """Boxes of titles and of texts that stay where they are, and of what is set into the axes."""
    titles = [axes.title, *(getattr(axes, f"_{side}_title") for side in ("left", "right"))]
    fixed = [text for text in axes.texts if text.get_gid() != MOVABLE and text.get_visible()]
    said = [text for text in (*titles, *fixed) if text.get_text()]
    return [one.get_window_extent(renderer) for one in (*said, *axes.child_axes)]


def _dots(line: Line2D) -> list[tuple[float, float]]:
    """Where the markers of a line are, in pixels."""
    if line.get_marker() == "None":
        return []
    places = line.get_transform().transform(line.get_xydata())
    return [(float(x), float(y)) for x, y in places]


def _around(x: float, y: float, far: float) -> Bbox:
    return Bbox.from_bounds(x - far, y - far, 2 * far, 2 * far)


def _same(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return abs(one[0] - other[0]) < 1 and abs(one[1] - other[1]) < 1


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
    _below_head(figure)
    for axes in figure.axes:
        left, bottom, width, height = (round(side, 6) for side in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((round(x, 6), round(y, 6)))


def _below_head(figure: Figure) -> None:
    """Move what the layout puts at the upper edge below the line at the head."""
    if not (share := getattr(figure, "head", 0.0)):
        return
    for legend in figure.legends:
        legend.set_bbox_to_anchor((0, 0, 1, 1 - share), transform=figure.transFigure)
    above: Any = getattr(figure, "_suptitle", None)
    if above is not None:
        above.set_y(round(above.get_position()[1] - share, 6))


def _place(
    label: Any, clear: list[Bbox], taken: list[Bbox], canvas: Any, renderer: Any
) -> list[Bbox]:
    """Put a label where it covers nothing, or hide it; the box it takes.

    A place beside the mark of another figure, which it could be read as the label of, is the last
    resort.
    """
    for boxes in (clear, taken):
        for across, up in [label.xyann, *_AROUND]:
            box = _move(label, across, up, renderer)
            inside = canvas.x0 <= box.x0 and box.x1 <= canvas.x1 and box.y1 <= canvas.y1
            if inside and not box.count_overlaps(boxes):
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


def head(figure: Figure, text: str) -> None:
    """Put a line above all that a figure holds; the figure grows by as much, where it may."""
    lines = wrap(text, figure.get_figwidth() * 72 * 0.96 / _HEAD)
    old, more = figure.get_figheight() * 72, len(lines) * _HEAD * 1.25 + 5
    with style(preset_of(figure)):
        fixed = bool(height())
    whole = old if fixed else old + more
    share, stays = more / whole, min(1.0, (whole - more) / (old - HEAD * fixed))
    figure.set_figheight(whole / 72)
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, 0, 1, 1 - share))
    else:
        for axes in figure.axes:
            left, bottom, wide, high = axes.get_position().bounds
            axes.set_position((left, bottom * stays, wide, high * stays))
        for said in figure.texts:
            x, y = said.get_position()
            said.set_position((x, y * stays))
    with style(preset_of(figure)):
        place = 1 - 3 / whole
        figure.text(0.012, place, "\n".join(lines), size=_HEAD, color=INK, va="top")
    figure.head = share  # type: ignore[attr-defined]


def sign(figure: Figure, line: str) -> None:
    """Put the source line inside the figure, at its foot, and settle the labels above it."""
    width = figure.get_figwidth() * 72 / SMALL - 2
    lines = wrap(line, width)
    height = (len(lines) * 7.8 + 6) / (figure.get_figheight() * 72)
    with style(preset_of(figure)):
        figure.text(0.012, 0.008, "\n".join(lines), size=SMALL, color="#666666", va="bottom")
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, height, 1, 1 - height - getattr(figure, "head", 0.0)))
    settle(figure)
    if foot := getattr(figure, "foot", None):  # the layout puts it at the edge of the figure
        x, y = foot.get_position()
        foot.set_position((x, round(y + height, 6)))

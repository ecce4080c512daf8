"""What is wrong with a drawn figure: texts off the canvas, on each other, too small, too faint."""

import math
import warnings
from itertools import combinations
from unittest.mock import patch

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import figures
from analysis.figures import style
from analysis.figures.look import contrast, preset_of

Corners = np.ndarray
LEGIBLE, SMALLEST = 4.5, 6.0
"""The least contrast of a text with its ground (WCAG 2.1, AA), and its least size in points."""


def texts(figure: Figure) -> list[tuple[str, Corners]]:
    """Every text that is really drawn, and the corners of its box."""
    return [(label, box) for label, box, _ in _drawn(figure)]


def _drawn(figure: Figure) -> list[tuple[str, Corners, Text]]:
    canvas, drawn, draw = FigureCanvasAgg(figure), {}, Text.draw

    def recorded(text: Text, renderer: object) -> None:
        drawn[text] = text.get_text()
        draw(text, renderer)

    with warnings.catch_warnings(), style(preset_of(figure)), patch.object(Text, "draw", recorded):
        warnings.simplefilter("error")  # a missing glyph is a warning
        canvas.draw()
    return [
        (label, _corners(text, canvas.get_renderer()), text)
        for text, label in drawn.items()
        if label.strip() and text.get_visible()
    ]


def _corners(text: Text, renderer: object) -> Corners:
    """The corners of a text's box; a text set at an angle keeps its own, not the one around it."""
    angle = text.get_rotation()
    slanted = angle % 90 != 0 and text.get_rotation_mode() == "anchor"
    if slanted:
        text.set_rotation(0)
    box = text.get_window_extent(renderer)
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    if slanted:
        text.set_rotation(angle)
        at = text.get_transform().transform(text.get_position())
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        corners = (corners - at) @ np.array([[cos, sin], [-sin, cos]]) + at
    return corners


def _overlap(one: Corners, other: Corners) -> bool:
    """Whether two rectangles share more than a pixel (the separating axis theorem)."""
    for box in (one, other):
        for side in (box[1] - box[0], box[2] - box[1]):
            length = float(np.hypot(*side))
            if length == 0:
                return False
            own, its = one @ side / length, other @ side / length
            if min(own.max(), its.max()) - max(own.min(), its.min()) <= 1:
                return False
    return True


def _faint(figure: Figure, drawn: list[tuple[str, Corners, Text]]) -> list[str]:
    """Texts whose colour differs too little in light from the pixels that they stand on."""
    canvas = FigureCanvasAgg(figure)
    with style(preset_of(figure)), patch.object(Text, "draw", lambda *_: None):
        canvas.draw()
    below = np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255  # the first row is the lowest
    found = []
    for label, box, text in drawn:
        (left, low), (right, high) = box.min(axis=0).astype(int), box.max(axis=0).astype(int) + 1
        under = np.median(below[max(0, low) : high, max(0, left) : right].reshape(-1, 3), axis=0)
        paper = text.get_bbox_patch()
        with style(preset_of(figure)):
            ground = under if paper is None else to_rgb(paper.get_facecolor())
            light = contrast(text.get_color(), ground)
        if light < LEGIBLE - 0.05:  # a colour has 256 steps
            found.append(f"{label!r} has a contrast of {light:.1f}")
    return found


def faults(figure: Figure) -> list[str]:
    """Texts off the canvas, on another one, too small or too faint, with the source line there."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no room for the axes is a warning
        figures.sign(figure, "来源：厦门市 2022；公报 0.2.0 #01234567")
    drawn = _drawn(figure)
    boxes = [(label, box) for label, box, _ in drawn]
    sizes = [(label, text.get_size()) for label, _, text in drawn]
    small = [f"{label!r} has {size:.2f} points" for label, size in sizes if size < SMALLEST - 0.01]
    size = figure.get_size_inches() * figure.dpi
    found = [
        f"{text!r} leaves the canvas"
        for text, box in boxes
        if (box < -0.5).any() or (box > size + 0.5).any()
    ]
    found += [
        f"{text!r} lies on {beside!r}"
        for (text, box), (beside, its) in combinations(boxes, 2)
        if _overlap(box, its)
    ]
    found += [
        f"{text!r} lies on a bar of shades"
        for text, box in boxes
        for inset in _insets(figure)
        if _overlap(box, inset)
    ]
    return [*found, *small, *_faint(figure, drawn)]


def _insets(figure: Figure) -> list[Corners]:
    """What is set into axes, a bar of shades or a legend of its own, without its ticks."""
    return [
        Bbox(one.get_window_extent()).corners()[[0, 2, 3, 1]]
        for axes in figure.axes
        for one in axes.child_axes
    ]

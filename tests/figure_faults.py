"""What is wrong with a drawn figure: texts that leave the canvas or lie on each other."""

import math
import warnings
from itertools import combinations
from unittest.mock import patch

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from analysis import figures
from analysis.figures import style
from analysis.figures.look import preset_of

Corners = np.ndarray


def texts(figure: Figure) -> list[tuple[str, Corners]]:
    """Every text that is really drawn, and the corners of its box."""
    canvas, drawn, draw = FigureCanvasAgg(figure), {}, Text.draw

    def recorded(text: Text, renderer: object) -> None:
        drawn[text] = text.get_text()
        draw(text, renderer)

    with warnings.catch_warnings(), style(preset_of(figure)), patch.object(Text, "draw", recorded):
        warnings.simplefilter("error")  # a missing glyph is a warning
        canvas.draw()
    return [
        (label, _corners(text, canvas.get_renderer()))
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


def faults(figure: Figure) -> list[str]:
    """Texts that leave the canvas or lie on another one, with the source line in place."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no room for the axes is a warning
        figures.sign(figure, "来源：厦门市 2022；公报 0.1.0 #01234567")
    boxes = texts(figure)
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
    return found

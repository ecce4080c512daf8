"""Figures of words that stand together: a network whose layout is the same every time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from analysis import tables

from .cut import Cut, keep
from .gloss import gloss_in
from .look import (
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SMALL,
    SOFT,
    blank,
    ems,
    mark,
    numbered,
    room,
    say,
    sheet,
    style,
    width,
    wrap,
)

_POINTS = 72 / 25.4
WORD, _COUNT = 7.0, SMALL
_THICKEST = 5  # lines whose number may stand beside them
_LINES = 1.3  # a word; more are a thicket
_GLOSS = 11.0  # letters, of the width of their height, in a line of a gloss
_WORD_HIGH, _GLOSS_HIGH = 1.3 * WORD, 1.25 * SMALL

Place = tuple[float, float]
Box = tuple[float, float, float, float]


class Block(NamedTuple):
    """A word and the lines of its gloss below it: how wide and high they are, in points."""

    word: str
    gloss: list[str]

    @classmethod
    def of(cls, word: str, lang: str) -> Block:
        """The word as a figure names it."""
        gloss = gloss_in(word, lang)
        return cls(word, wrap(gloss, _GLOSS) if gloss else [])

    @property
    def wide(self) -> float:
        """Of its longest line, in points."""
        return max([ems(self.word) * WORD, *(ems(line) * SMALL for line in self.gloss)])

    @property
    def high(self) -> float:
        """Of its lines together, in points."""
        return _WORD_HIGH + _GLOSS_HIGH * len(self.gloss)

    def draw(self, axes: Axes, middle: float, top: float) -> list[Text]:
        """Draw it below a height, around a middle."""
        paper = {"fc": "white", "ec": "none", "alpha": 0.7, "pad": 0.2}
        look: dict[str, Any] = {"ha": "center", "va": "center_baseline", "zorder": 4}
        look |= {"bbox": paper, "color": INK}
        drawn = [axes.text(middle, top - _WORD_HIGH / 2, self.word, size=WORD, **look)]
        for at, line in enumerate(self.gloss):
            down = _WORD_HIGH + _GLOSS_HIGH * (at + 0.5)
            drawn.append(axes.text(middle, top - down, line, size=SMALL, **look))
        return drawn


def collocation_network(
    table: pd.DataFrame,
    *,
    counts: Mapping[str, int] | None = None,
    positions: Mapping[str, Place] | None = None,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Words as dots, a line between two that stand together: the thicker, the more often.

    The number on a line is how often too; where there is no room for it, the table has it. Of many
    lines those with the highest logDice are drawn, and the strongest that join all words.

    Parameters
    ----------
    table : `collocations.network`: source, target, n, log_dice.
    counts : how often each word occurs, the area of its dot; without, the sum over its lines.
    positions : where each word stands (0 to 1, across and up), to keep the places of another
        figure; otherwise `networkx.spring_layout` lays them out.
    """
    if table.empty:
        return blank(lang, preset)
    table, cut = _strongest(numbered(table))
    words = sorted({*table["source"], *table["target"]})
    first = {word: row for row in [*tables.rows(table)][::-1] for word in (row.source, row.target)}
    ends = pd.concat([table.set_index(end)["n"] for end in ("source", "target")])
    sizes = counts or ends.groupby(level=0).sum().to_dict()
    most = max(sizes[word] for word in words)
    dots = {word: 14 * math.sqrt(sizes[word] / most) for word in words}  # diameters, in points
    with style(preset):
        area = say(lang, "area_sum" if counts is None else "area_count")
        said = say(lang, "network", area=area, most=most, thick=int(table["n"].max()))
        said = cut.after(said, lang)
        blocks = {word: Block.of(word, lang) for word in words}
        whole = width(DOUBLE) * _POINTS
        high = room(DOUBLE, said) or _height(blocks, width(DOUBLE))
        across = min(whole, 40.0 * len(words) * _POINTS)  # a few words do not fill the page
        spread = spread_out(positions or laid_out(table, words), dots, blocks, across, high)
        places = {word: (x + (whole - across) / 2, y) for word, (x, y) in spread.items()}
        labels = labels_of(places, dots, blocks, table, Bbox.from_extents(0, 0, whole, high))
        figure, axes = sheet(DOUBLE, high, said)
        keep(figure, cut)
        for word, (x, y) in places.items():
            look: dict[str, Any] = {"mec": "white", "mew": 0.5, "zorder": 3}
            (dot,) = axes.plot(x, y, "o", color=MAIN, ms=dots[word], **look)
            left, _, right, top = labels[word]
            for drawn in (dot, *blocks[word].draw(axes, (left + right) / 2, top)):
                mark(
                    drawn, first[word].row_no, f"{word} ({sizes[word]:,}): {pair_said(first[word])}"
                )
        _edges(axes, table, places, [*labels.values(), *_round(places, dots).values()])
    return figure


def _strongest(table: pd.DataFrame) -> tuple[pd.DataFrame, Cut]:
    """The lines that are drawn: those with the highest logDice, and the strongest that join all."""
    order = table.sort_values(["log_dice", "source", "target"], ascending=[False, True, True])
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        (row.source, row.target, row.log_dice) for row in tables.rows(order)
    )
    tree = {frozenset(ends[:2]) for ends in nx.maximum_spanning_edges(graph, data=False)}
    joins = np.array([{row.source, row.target} in tree for row in tables.rows(order)])
    more = max(0, round(_LINES * len(graph)) - joins.sum())
    kept = [*order.index[joins], *order.index[~joins][:more]]
    return table[table.index.isin(kept)], Cut("link", len(kept), len(table))


def _height(blocks: Mapping[str, Block], wide: float) -> float:
    """How high the network is, in points: more words need more room, a narrow figure too."""
    words = sum(block.high for block in blocks.values()) / _WORD_HIGH
    return min(210.0, (60 + 1.6 * words) * (174 / wide), 16 + 11.0 * len(blocks)) * _POINTS


def pair_said(row: Any) -> str:
    """A line as words: who stands together, how often."""
    return f"{row.source} – {row.target} {int(row.n):,}, logDice {row.log_dice:.1f}"


def laid_out(table: pd.DataFrame, words: list[str]) -> dict[str, Place]:
    """Places between 0 and 1 by `networkx.spring_layout`, rounded to be equal everywhere.

    More than half of a place is its rank along each axis: the words fill the figure evenly.
    """
    graph = nx.Graph()
    graph.add_nodes_from(words)
    least = table["log_dice"].min() - 1
    graph.add_weighted_edges_from(
        (row.source, row.target, row.log_dice - least) for row in tables.rows(table)
    )
    found = nx.spring_layout(graph, seed=0, k=2.2 / math.sqrt(len(words)), iterations=200)
    sides = []
    for axis in (0, 1):
        values = [float(found[word][axis]) for word in words]
        low, span = min(values), max(values) - min(values) or 1.0
        coarse = {word: (round(value, 3), word) for word, value in zip(words, values, strict=True)}
        ranks = {word: at for at, word in enumerate(sorted(words, key=coarse.__getitem__))}
        even = [ranks[word] / max(1, len(words) - 1) for word in words]
        both = zip(values, even, strict=True)
        sides.append([round(0.4 * (value - low) / span + 0.6 * rank, 3) for value, rank in both])
    return dict(zip(words, zip(*sides, strict=True), strict=True))


def spread_out(
    positions: Mapping[str, Place],
    dots: Mapping[str, float],
    blocks: Mapping[str, Block],
    width: float,
    height: float,
) -> dict[str, Place]:
    """Places in points, pushed apart until no word with its dot touches another."""
    half = {
        word: (max(blocks[word].wide, dot) / 2 + 2, (dot + 1.5 + blocks[word].high) / 2 + 1)
        for word, dot in dots.items()
    }
    middle = {
        word: (
            half[word][0] + positions[word][0] * (width - 2 * half[word][0]),
            half[word][1] + positions[word][1] * (height - 2 * half[word][1]),
        )
        for word in sorted(dots)
    }
    words = list(middle)
    for _ in range(400):
        moved = False
        for at, one in enumerate(words):
            for other in words[at + 1 :]:
                apart = [middle[other][axis] - middle[one][axis] for axis in (0, 1)]
                over = [half[one][axis] + half[other][axis] - abs(apart[axis]) for axis in (0, 1)]
                if min(over) <= 0.01:
                    continue
                moved, axis = True, 0 if over[0] < over[1] else 1
                step = (over[axis] / 2 + 0.1) * (1 if apart[axis] >= 0 else -1)
                for word, by in ((one, -step), (other, step)):
                    place, limit = list(middle[word]), (width, height)[axis]
                    place[axis] += by
                    place[axis] = min(max(place[axis], half[word][axis]), limit - half[word][axis])
                    middle[word] = (place[0], place[1])
        if not moved:
            break
    lift = {word: half[word][1] - 1 - dots[word] / 2 for word in words}  # the dot stands on top
    return {word: (round(x, 2), round(y + lift[word], 2)) for word, (x, y) in middle.items()}


def _round(places: Mapping[str, Place], dots: Mapping[str, float]) -> dict[str, Box]:
    """The box around each word's dot."""
    half = {word: dot / 2 for word, dot in dots.items()}
    return {
        word: (x - half[word], y - half[word], x + half[word], y + half[word])
        for word, (x, y) in places.items()
    }


def labels_of(
    places: Mapping[str, Place],
    dots: Mapping[str, float],
    blocks: Mapping[str, Block],
    table: pd.DataFrame,
    page: Bbox,
) -> dict[str, Box]:
    """A box for each word below, above or beside its dot, where it lies on the fewest lines."""
    lines = [Path([places[row.source], places[row.target]]) for row in tables.rows(table)]
    round_ = _round(places, dots)
    below = {word: _boxes(blocks[word], places[word], dots[word])[0] for word in places}
    for word, place in places.items():
        others = [box for own in (round_, below) for other, box in own.items() if other != word]
        free = [
            box
            for at, box in enumerate(_boxes(blocks[word], place, dots[word]))
            if at == 0
            or (
                page.x0 < box[0]
                and box[2] < page.x1
                and box[3] < page.y1
                and not any(_touch(box, other) for other in others)
            )
        ]
        below[word] = min(free, key=lambda box: _covered(box, lines))
    return below


def _boxes(block: Block, place: Place, dot: float) -> list[Box]:
    """Where a word may stand at its dot: below it, above it, right and left of it."""
    (x, y), across, high = place, block.wide, block.high
    far, side = dot / 2 + 1.5, dot / 2 + 2.5
    return [
        (x - across / 2, y - far - high, x + across / 2, y - far),
        (x - across / 2, y + far, x + across / 2, y + far + high),
        (x + side, y - high / 2, x + side + across, y + high / 2),
        (x - side - across, y - high / 2, x - side, y + high / 2),
    ]


def _covered(box: Box, lines: list[Path]) -> int:
    """How many lines a box lies on."""
    return sum(line.intersects_bbox(Bbox.from_extents(*box), filled=False) for line in lines)


def _edges(axes: Axes, table: pd.DataFrame, places: Mapping[str, Place], taken: list[Box]) -> None:
    """The lines, and the counts on those that have room, the thickest first.

    Of the thickest the count stands beside its line where it has no room on it.
    """
    most = table["n"].max()
    by = {"n": False, "log_dice": False, "source": True, "target": True}
    order = table.sort_values([*by], ascending=[*by.values()])
    lines = [Path([places[row.source], places[row.target]]) for row in tables.rows(order)]
    for at, (row, own) in enumerate(zip(tables.rows(order), lines, strict=True)):
        one, other = places[row.source], places[row.target]
        look: dict[str, Any] = {"color": SOFT, "zorder": 1, "solid_capstyle": "butt"}
        (line,) = axes.plot(*zip(one, other, strict=True), lw=max(0.3, 3.4 * row.n / most), **look)
        mark(line, row.row_no, pair_said(row))
        label = f"{int(row.n):,}"
        across, up = ems(label) * _COUNT / 2 + 2, 0.65 * _COUNT + 1
        others = [line for line in lines if line is not own]
        beside = _beside(one, other, across, up) if at < _THICKEST else ()
        for right, share in product((0.0, *beside), (0.5, 0.42, 0.58, 0.35, 0.65, 0.28, 0.72)):
            x, y = (a + (b - a) * share for a, b in zip(one, other, strict=True))
            x, y = round(x + right, 2), round(y, 2)
            box = (x - across, y - up, x + across, y + up)
            if not any(_touch(box, word) for word in taken) and not _covered(box, others):
                taken.append(box)
                paper = {"fc": "white", "ec": "none", "alpha": 0.85, "pad": 0.3}
                where: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 2}
                said = axes.text(x, y, label, size=_COUNT, color=INK, bbox=paper, **where)
                mark(said, row.row_no, pair_said(row))
                break


def _beside(one: Place, other: Place, across: float, up: float) -> tuple[float, float]:
    """How far right and left of its line a number clears it."""
    slant = abs(other[0] - one[0]) / max(abs(other[1] - one[1]), 1.0)
    far = across + up * min(slant, 4.0) + 2
    return far, -far


def _touch(one: Box, other: Box) -> bool:
    """Whether two boxes (left, bottom, right, top) share an area."""
    across = one[0] < other[2] and other[0] < one[2]
    return across and one[1] < other[3] and other[1] < one[3]

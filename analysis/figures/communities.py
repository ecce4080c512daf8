"""A network of many words in communities: each in a field of its own, lines within and between."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch
from matplotlib.transforms import Bbox

from analysis import tables

from .gloss import listed
from .look import (
    ACCENT,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    blank,
    mark,
    numbered,
    room,
    say,
    sheet,
    style,
    those,
    told,
    width,
)
from .network import Block, Box, Place, labels_of, laid_out, pair_said, spread_out

_POINTS = 72 / 25.4
_COLORS = (MAIN, ACCENT, "C3", "C4", "C5", "C6")
_GAP, _HEAD = 6.0, 11.0  # points between two fields, and for a field's number
_BETWEEN = 20  # lines between fields
_FULL = 0.3  # of the figure, what words with their glosses fill at most
_EACH = 2  # lines of a word within its field
_LARGEST = 12.0  # points across the dot of the most frequent word


class _Field(NamedTuple):
    """The rectangle of a community, in points: left, bottom, width, height."""

    left: float
    bottom: float
    wide: float
    high: float


def word_communities(
    table: pd.DataFrame,
    *,
    counts: Mapping[str, int] | None = None,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Words as dots in the field of their community, numbered from the largest.

    Lines are pairs: within a field each word's strongest, thick as their logDice says; between
    fields the strongest, thin.

    Parameters
    ----------
    table : `communities.communities`: source, target, n, log_dice, source_community,
        target_community, modularity. counts : how often each word occurs, the area of its dot;
        without, the sum over its lines.
    """
    if table.empty:
        return blank(lang, preset)
    table = numbered(table)
    of = dict(zip(table["target"], table["target_community"], strict=True))
    of |= dict(zip(table["source"], table["source_community"], strict=True))
    groups = {one: sorted(w for w in of if of[w] == one) for one in sorted({*of.values()})}
    ends = pd.concat([table.set_index(end)["n"] for end in ("source", "target")])
    sizes = counts or ends.groupby(level=0).sum().to_dict()
    most = max(sizes[word] for word in of)
    dots = {word: _LARGEST * math.sqrt(sizes[word] / most) for word in of}
    with style(preset):
        wide = width(DOUBLE) * _POINTS
        facts = {"most": most, "modularity": f"{table['modularity'].iloc[0]:.2f}"}
        facts |= {"low": table["log_dice"].min(), "high": table["log_dice"].max()}
        between = int((table["source_community"] != table["target_community"]).sum())
        drawn, inside = min(between, _BETWEEN), _inside(table)
        facts |= {"each": _EACH, "lines": len(inside), "within": len(table) - between}
        facts["more"] = say(lang, "communities_more") if between > len(table) - between else ""
        names = {"communities": True, "communities_within": len(inside) < len(table) - between}
        names |= {"communities_all": 0 < between == drawn}
        names |= {"communities_some": drawn < between, "communities_quality": True}
        said = told(lang, *those(lang, names, drawn=drawn, between=between, **facts))
        blocks = {word: Block.of(word, lang) for word in of}
        if fixed := room(DOUBLE, said):
            area = sum(block.wide * block.high for block in blocks.values())
            if area > _FULL * wide * fixed:  # no room for glosses: the note has them
                said = told(lang, said, listed(sorted(of), lang, DOUBLE))
                blocks = {word: Block(word, []) for word in of}
        lines = sum(1 + len(block.gloss) / 2 for block in blocks.values())
        high = min(200.0, (24 + 2.5 * lines) * (174 / width(DOUBLE))) * _POINTS
        high = room(DOUBLE, said) or high
        figure, axes = sheet(DOUBLE, high, said)
        places: dict[str, Place] = {}
        labels: dict[str, Box] = {}
        for (one, words), field in zip(
            groups.items(), _fields(groups, blocks, wide, high), strict=True
        ):
            color = _COLORS[(one - 1) % len(_COLORS)]
            _frame(axes, field, str(one), color)
            own = inside[inside["source_community"] == one]
            placed = _placed(own, words, dots, blocks, field)
            page = Bbox.from_bounds(field.left, field.bottom, field.wide, field.high - _HEAD)
            labels |= labels_of(placed, dots, blocks, own, page)
            places |= placed
        _lines(axes, table, inside, places)
        _words(axes, table, places, dots, blocks, labels, of, sizes)
    return figure


def _inside(table: pd.DataFrame) -> pd.DataFrame:
    """The pairs within a field that are drawn: the strongest of each word."""
    order = ["log_dice", "source", "target"]
    within = table[table["source_community"] == table["target_community"]]
    within = within.sort_values(order, ascending=[False, True, True])
    met: Counter[str] = Counter()
    first = []
    for row in tables.rows(within):
        first.append(min(met[row.source], met[row.target]) < _EACH)
        met.update((row.source, row.target))
    return within[first]


def _fields(
    groups: Mapping[int, list[str]], blocks: Mapping[str, Block], wide: float, high: float
) -> list[_Field]:
    """A field for each community, in rows of about equal weight, as wide as its longest word."""
    weights = [max(3.0, len(words)) for words in groups.values()]
    needs = [max(blocks[word].wide for word in words) + 10 for words in groups.values()]
    lines = max(1, round(math.sqrt(len(weights) / 1.6)))
    rows: list[list[int]] = [[]]
    for at, weight in enumerate(weights):
        held = sum(weights[one] for one in rows[-1])
        if rows[-1] and held + weight / 2 > sum(weights) / lines and len(rows) < lines:
            rows.append([])
        rows[-1].append(at)
    room, top, fields = high - _GAP * (len(rows) + 1), high - _GAP, []
    for row in rows:
        whole, left = sum(weights[at] for at in row), _GAP
        tall = room * whole / sum(weights)
        over = wide - _GAP * (len(row) + 1) - sum(needs[at] for at in row)
        for at in row:
            across = needs[at] + over * weights[at] / whole
            fields.append(_Field(left, top - tall, across, tall))
            left += across + _GAP
        top -= tall + _GAP
    return fields


def _frame(axes: Axes, field: _Field, name: str, color: str) -> None:
    """The field of a community with its number in the corner."""
    look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=4", "zorder": 0}
    box = FancyBboxPatch(field[:2], field.wide, field.high, **look)
    box.set(fc=color, ec=color, alpha=0.08, lw=0)
    axes.add_patch(box)
    where: dict[str, Any] = {"ha": "left", "va": "top", "size": 7, "color": INK}
    axes.text(field.left + 4, field.bottom + field.high - 2.5, name, **where)


def _placed(
    pairs: pd.DataFrame,
    words: list[str],
    dots: Mapping[str, float],
    blocks: Mapping[str, Block],
    field: _Field,
) -> dict[str, Place]:
    """Places of a community's words in its field, none on another."""
    start = laid_out(pairs, words) if len(pairs) and len(words) > 1 else {}
    own = {word: start.get(word, (0.5, 0.5)) for word in words}
    sizes = {word: dots[word] for word in words}
    inside = spread_out(own, sizes, blocks, field.wide, field.high - _HEAD)
    return {word: (x + field.left, y + field.bottom) for word, (x, y) in inside.items()}


def _lines(
    axes: Axes, table: pd.DataFrame, inside: pd.DataFrame, places: Mapping[str, Place]
) -> None:
    """Pairs within a field, and the strongest ones between two."""
    low, high = table["log_dice"].min(), table["log_dice"].max()
    between = table[table["source_community"] != table["target_community"]]
    shown = pd.concat([inside, between.nlargest(_BETWEEN, "log_dice")])
    for row in tables.rows(shown.sort_values("log_dice", kind="stable")):
        within = row.source_community == row.target_community
        strength = (row.log_dice - low) / (high - low) if high > low else 1.0
        color = _COLORS[(row.source_community - 1) % len(_COLORS)] if within else "#c9c9c9"
        look: dict[str, Any] = {"color": color, "alpha": 0.45 if within else 0.7}
        look |= {"lw": 0.4 + 2.2 * strength if within else 0.5, "zorder": 2 if within else 1}
        ends = zip(places[row.source], places[row.target], strict=True)
        (line,) = axes.plot(*ends, solid_capstyle="butt", **look)
        mark(line, row.row_no, pair_said(row))


def _words(
    axes: Axes,
    table: pd.DataFrame,
    places: Mapping[str, Place],
    dots: Mapping[str, float],
    blocks: Mapping[str, Block],
    labels: Mapping[str, Box],
    of: Mapping[str, int],
    sizes: Mapping[str, int],
) -> None:
    """Dots with their words; each leads to the word's strongest pair."""
    first = {word: row for row in [*tables.rows(table)][::-1] for word in (row.source, row.target)}
    for word, (x, y) in places.items():
        color = _COLORS[(of[word] - 1) % len(_COLORS)]
        (dot,) = axes.plot(x, y, "o", color=color, ms=dots[word], mec="white", mew=0.5, zorder=3)
        left, _, right, top = labels[word]
        for drawn in (dot, *blocks[word].draw(axes, (left + right) / 2, top)):
            mark(drawn, first[word].row_no, f"{word} ({sizes[word]}): {pair_said(first[word])}")

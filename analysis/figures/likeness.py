"""How alike reports are: a matrix in the order of its tree, and the tree beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analysis import tables
from analysis.kit import shown
from analysis.words import similarity

from .attention import crossed
from .cut import Cut, holds, keep
from .look import (
    DEEP,
    DOUBLE,
    INK,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    below,
    blank,
    blended,
    canvas,
    counted,
    ems,
    foot,
    height,
    ink_on,
    mark,
    numbered,
    say,
    shorten,
    style,
    those,
    told,
)
from .matrix import called_in, only_numbered

_NUMBERED = 14
"""Texts up to which a cell has room for its number."""
_NAMED = 6  # texts that are left out, in the note
_FEW = 6  # texts that one column of a journal holds
_LABEL = 24  # characters
_STEPS = 24  # of the bar of shades


def report_similarity(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    of: str = "",
    items: int = 0,
    small: Sequence[str] = (),
    few: bool = False,
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """Texts against each other, shaded by their cosine, in the order of an average-linkage tree.

    Parameters
    ----------
    table : `similarity.pairs`: report_id and other_report, or section and other_section, cosine,
        shared. names : what each text is called. of : what is compared, `words` or `themes`, and
        items: how many of them; '' and it is not said. small : texts that are left out because
        they are; few: some of those that are drawn are.
    """
    by, other = (str(name) for name in table.columns[:2])
    texts = list(dict.fromkeys([*table[by], *table[other]]))
    cut = Cut(by, min(len(texts), holds(2.9, 20, preset)), len(texts))
    texts = texts[: cut.drawn]
    rows = numbered(table)
    rows = rows[rows[by].isin(texts) & rows[other].isin(texts)]
    if rows["cosine"].isna().all():
        return blank(lang, preset)
    at = {text: place for place, text in enumerate(texts)}
    held = {(at[row[0]], at[row[1]]): row for row in tables.rows(rows)}
    alike = np.full((len(texts), len(texts)), np.nan)
    for (one, two), row in held.items():
        alike[one, two] = alike[two, one] = row.cosine
    merges = similarity.linkage(1 - np.nan_to_num(alike))
    order = [*merges[-1].one, *merges[-1].other]
    known = {"s0": say(lang, "opening"), **(names or {})}
    called = [shorten(called_in(known, text, lang), _LABEL) for text in texts]
    with style(preset):
        side = max(3.3, min(6.0, 60 / len(texts)))
        tall = 4.0 if height() else max(map(ems, called)) * 6 / 72 * 25.4
        wide = SINGLE if len(texts) <= _FEW else DOUBLE
        figure = canvas(wide, 22 + side * len(texts) + tall)
        keep(figure, cut)
        tree, cells = figure.subplots(1, 2, width_ratios=(1, 4))
        _tree(tree, merges, order, held, called, lang)
        _cells(cells, held, order, called)
        if rows["cosine"].nunique() > 1:
            _shades(cells, rows["cosine"].min(), rows["cosine"].max())
        values = rows["cosine"].dropna()
        facts = {"low": f"{values.min():.2f}", "high": f"{values.max():.2f}"}
        gap = bool(rows["cosine"].isna().any())
        said = those(lang, {"similarity": True, "similarity_gap": gap}, **facts)
        what = say(lang, f"similarity_of_{of}", items=items) if of else ""
        left = [called_in(known, one, lang) for one in small]
        some = say(lang, "and").join(left[:_NAMED]) + ("…" if len(left) > _NAMED else "")
        size: dict[str, Any] = {
            "least": similarity.SENTENCES if of == "themes" else similarity.CHARS
        }
        size |= {"texts": some, "n": len(left)}
        size["unit"] = say(lang, "sentences_" if of == "themes" else "characters_")
        also = {"similarity_small": small, "similarity_few": few}
        also |= {"headings_in": only_numbered([*texts, *small], known, lang)}
        sizes = those(lang, also, **size)
        below_ = told(lang, what, counted(lang), *said, *sizes, cut.said(lang))
        foot(figure, below_[0].upper() + below_[1:], wide, 6)
    return figure


def _cells(
    axes: Axes, held: Mapping[tuple[int, int], Any], order: list[int], called: list[str]
) -> None:
    """The matrix, either triangle; its diagonal is empty."""
    place = {text: down for down, text in enumerate(order)}
    known = [row.cosine for row in held.values() if not np.isnan(row.cosine)]
    low, span = min(known), (max(known) - min(known)) or 1.0
    for (one, two), row in held.items():
        tip = f"{called[one]} – {called[two]}: {row.cosine:.3f} ({row.shared})"
        for x, y in ((place[one], place[two]), (place[two], place[one])):
            if np.isnan(row.cosine):
                mark(axes.add_artist(crossed((x, y))), row.row_no, tip)
                continue
            depth = 0.06 + (DEEP - 0.06) * (row.cosine - low) / span
            face = tuple(1 - depth * (1 - one) for one in to_rgb(MAIN))
            box = Rectangle((x - 0.5, y - 0.5), 1, 1, fc=face, ec="white", lw=0.3)
            mark(axes.add_artist(box), row.row_no, tip)
            if len(order) <= _NUMBERED:
                look: dict[str, Any] = {"color": ink_on(face), "size": 6}
                said = axes.text(x, y, f"{row.cosine:.2f}", ha="center", va="center", **look)
                mark(said, row.row_no, tip)
    ends = [called[text] for text in order]
    axes.set_xlim(-0.5, len(order) - 0.5)
    axes.set_ylim(len(order) - 0.5, -0.5)
    if height():  # names above the columns would leave no room for the cells
        axes.set_xticks(range(len(order)), [str(at + 1) for at in range(len(order))], size=6)
        ends = [f"{at}  {name}" for at, name in enumerate(ends, start=1)]
    else:
        axes.set_xticks(range(len(order)), ends, size=6, rotation=90)
    axes.set_yticks(range(len(order)), ends, size=6)
    axes.xaxis.tick_top()
    axes.yaxis.tick_right()
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)


def _shades(axes: Axes, low: float, high: float) -> None:
    """The bar of shades below the cells, from the least alike two texts to the most."""
    bar = axes.inset_axes((0, -3.6 / 25.4, 0.4, 2.0 / 25.4), transform=below(axes))
    for step in range(_STEPS):
        shade = blended(MAIN, 0.06 + (DEEP - 0.06) * (step + 0.5) / _STEPS)
        bar.add_artist(Rectangle((step / _STEPS, 0), 1 / _STEPS, 1, fc=shade, ec=shade, lw=0.2))
    ends = [low, (low + high) / 2, high]
    bar.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
    bar.set_xticks([0, 0.5, 1], [f"{one:.2f}" for one in ends], size=SMALL)
    bar.tick_params(pad=1.5)
    bar.spines["left"].set_visible(False)


def _tree(
    axes: Axes,
    merges: list[similarity.Merge],
    order: list[int],
    held: Mapping[tuple[int, int], Any],
    called: list[str],
    lang: str,
) -> None:
    """The tree, its leaves at the matrix; a fork leads to the most alike two texts it joins."""
    place: dict[tuple[int, ...], float] = {(text,): down for down, text in enumerate(order)}
    height: dict[tuple[int, ...], float] = {}
    for one, other, far in merges:
        up, down = place[one], place[other]
        across = [height.get(one, 0.0), far, far, height.get(other, 0.0)]
        (fork,) = axes.plot(across, [up, up, down, down], color=INK, lw=0.7, clip_on=False)
        both = [held[(min(a, b), max(a, b))] for a in one for b in other]
        best = max(both, key=lambda row: (np.nan_to_num(row.cosine), -row.row_no))
        names = ", ".join(called[text] for text in (*one, *other)[:6])
        mark(fork, best.row_no, f"{shown.number(far, 3)}: {names}")
        place[one + other], height[one + other] = (up + down) / 2, far
    top = max(far for *_, far in merges)
    axes.set_xlim(top * 1.04 or 1, 0)
    axes.set_ylim(len(order) - 0.5, -0.5)
    axes.set_yticks([])
    axes.set_xticks([0, top / 2, top], [shown.number(one, 2) for one in (0, top / 2, top)], size=6)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(say(lang, "similarity_tree"), size=6)

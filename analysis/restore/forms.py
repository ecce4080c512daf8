"""Every character a page can show, by its bytes: where the search looks for the next one.

A character read off a page stands for a simplified one (or for several), at a cost where the
mirror's converter would not have made it. Characters whose second byte can belong to a pair that
GBK leaves undefined are listed apart: only behind them can something be lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .model import UNKNOWN, Floats, Ints, Model
from .tables import decoded, forms, simplified


@dataclass(eq=False)
class Forms:
    """Every character a page can show, with its bytes and what it stands for."""

    lead: Ints
    trail: Ints
    symbol: Ints
    cost: Floats
    text: list[str]
    shown: list[str]
    pairs: dict[tuple[int, int], Ints]
    by_lead: dict[int, Ints]
    by_trail: dict[int, Ints]
    dropping: Ints
    dropping_by_lead: dict[int, Ints]
    by_lead_all: dict[int, Ints]
    lasting: Ints


@lru_cache(maxsize=1)
def undefined() -> npt.NDArray[np.bool_]:
    """Return which pairs of bytes GBK leaves undefined."""
    table = np.zeros((256, 256), dtype=bool)
    table[0x81:0xFF, 0x81:0xFF] = True
    for lead, trail in decoded():
        table[lead, trail] = False
    return table


def form_table(model: Model, *, traditional: bool) -> Forms:
    """Return every character with its bytes, in tables by first byte, second byte and both.

    `traditional` says that the text was converted: then a character that converters change is
    unlikely to stand unchanged, otherwise a changed one.
    """
    simple, shapes = simplified(), forms()
    rows: list[tuple[int, int, int, float, str, str]] = []
    for pair, char in decoded().items():
        usual = shapes.get(char, char)[0] == char
        targets: list[tuple[str, float]] = []
        for rank, target in enumerate(simple.get(char, "")):
            first = shapes.get(target, target)[0] == char
            targets.append((target, -1.0 * rank - (0.0 if first else 3.0)))
        if char not in dict(targets):
            targets.append(
                (char, (0.0 if usual and char not in simple else -7.0) if traditional else 0.0)
            )
        for target, rank_cost in targets:
            chance = rank_cost if traditional or target == char else rank_cost - 8.0
            rows.append((*pair, model.ids.get(target, UNKNOWN), chance, target, char))
    lead, trail, symbol = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(3))
    cost = np.array([row[3] for row in rows], dtype=np.float32)
    likely = np.flatnonzero((symbol != UNKNOWN) & (cost > -5.0))
    droppable = np.flatnonzero(undefined().sum(axis=1))
    dropping = likely[np.isin(trail[likely], droppable)]

    def grouped(chosen: Ints, key: Ints) -> dict[int, Ints]:
        return {int(k): chosen[key[chosen] == k] for k in np.unique(key[chosen])}

    pairs: dict[tuple[int, int], list[int]] = {}
    for n, row in enumerate(rows):
        pairs.setdefault(row[:2], []).append(n)
    return Forms(
        lead,
        trail,
        symbol,
        cost,
        [row[4] for row in rows],
        [row[5] for row in rows],
        {pair: np.array(found) for pair, found in pairs.items()},
        grouped(likely, lead),
        grouped(likely, trail),
        dropping,
        grouped(dropping, lead),
        grouped(np.arange(len(rows)), lead),
        likely[trail[likely] > 0x80],
    )

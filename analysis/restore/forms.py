"""Every character a page can show, by its bytes: where the search looks for the next one.

A character read off a page stands for a simplified one (or for several), at a cost where the
mirror's converter would not have made it. Characters whose second byte can belong to a pair that
GBK leaves undefined are listed apart: only behind them can something be lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from .characters import Pair, decoded, forms, simplified
from .model import UNKNOWN, Floats, Ints, Mask, Model


class Group:
    """Some of the characters (`found`), and a column for each symbol that they stand for."""

    def __init__(self, found: Ints, symbol: Ints, size: int) -> None:
        self.found = found
        self._symbol, self._size = symbol, size

    def only(self, wanted: Iterable[bool]) -> Group:
        """Return those of the group that are wanted."""
        return Group(self.found[np.array(list(wanted))], self._symbol, self._size)

    @cached_property
    def columns(self) -> Ints:
        """The symbols, each once."""
        return np.unique(self._symbol[self.found])

    @cached_property
    def place(self) -> Ints:
        """For each symbol of the model its column, or -1."""
        place = np.full(self._size, -1, dtype=np.int64)
        place[self.columns] = np.arange(len(self.columns))
        return place


@dataclass(frozen=True, eq=False)
class Forms:
    """Every character a page can show (`shown`), what it stands for (`text`), and its bytes.

    The groups are by first byte, `pairs` by both; 0 is any first byte. Behind the characters in
    `dropping` a pair may be lost, those in `lasting` may lose their second byte.
    """

    shown: tuple[str, ...]
    text: tuple[str, ...]
    lead: Ints
    trail: Ints
    symbol: Ints
    cost: Floats
    pairs: dict[Pair, Group]
    every: dict[int, Group]
    dropping: dict[int, Group]
    lasting: dict[int, Group]


@cache
def undefined() -> Mask:
    """Return which pairs of bytes GBK leaves undefined; 0 is a byte of which nothing is known."""
    table = np.zeros((256, 256), dtype=bool)
    table[0, 0x81:0xFF] = True
    table[0x81:0xFF, 0x81:0xFF] = True
    for pair in decoded():
        table[pair] = False
    return table


def form_table(model: Model, *, traditional: bool) -> Forms:
    """Return every character with its bytes, in groups.

    `traditional` says that the text was converted: then a character that converters change is
    unlikely to stand unchanged, otherwise a changed one.
    """
    rows = [
        (char, target, cost, pair)
        for pair, char in decoded().items()
        for target, cost in _targets(char, traditional=traditional)
    ]
    shown, text, costs, pairs = zip(*rows, strict=True)
    lead, trail = np.array(pairs).T
    symbol = np.array([model.ids.get(target, UNKNOWN) for target in text])
    cost = np.array(costs, dtype=np.float32)
    every = np.arange(len(text))
    likely = np.flatnonzero((symbol != UNKNOWN) & (cost > -5.0))
    dropping = likely[undefined()[trail[likely]].any(axis=1)]
    lasting = likely[trail[likely] > 0x80]

    def grouped(chosen: Ints, key: Ints) -> dict[int, Group]:
        order = np.argsort(key[chosen], kind="stable")
        keys, first = np.unique(key[chosen][order], return_index=True)
        parts = [Group(part, symbol, model.size) for part in np.split(chosen[order], first[1:])]
        return dict(zip(keys.tolist(), parts, strict=True))

    both = grouped(every, lead * 256 + trail) | grouped(likely, trail)
    return Forms(
        *(shown, text, lead, trail, symbol, cost),
        {divmod(key, 256): group for key, group in both.items()},
        grouped(every, lead),
        grouped(dropping, lead) | grouped(dropping, 0 * lead),
        grouped(lasting, lead) | grouped(lasting, 0 * lead),
    )


def _targets(char: str, *, traditional: bool) -> Iterator[tuple[str, float]]:
    """Yield what a character on the page stands for, with the log of its chance."""
    converted = simplified().get(char, "")
    for rank, target in enumerate(converted):
        first = forms().get(target, target)[0] == char
        chance = -1.0 * rank - (0.0 if first else 3.0)
        yield target, chance if traditional or target == char else chance - 8.0
    if char not in converted:
        usual = forms().get(char, char)[0] == char and not converted
        yield char, 0.0 if usual or not traditional else -7.0

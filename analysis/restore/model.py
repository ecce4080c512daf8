"""A language model of government prose: how likely is a character after the four before it.

Out-of-phase text leaves several readings open, and so do characters such as 著. What decides is
how officials write. The model holds counts of runs of one to five characters, turned into
probabilities by interpolated Kneser-Ney smoothing (Chen and Goodman 1999, modified discounts) and
kept as back-off tables: for each order the n-grams as sorted integers, a log-probability and a
back-off weight, both quantised to one byte. Runs of three to five characters are kept only when
they occur at least twice, so no sentence can be read back. data/language_model/build.py makes it.

All digits are one symbol, all Latin capitals another, and small letters a third: 2022 says as
much as 2023. A line starts from the symbol of the line's end.

The document itself is the best source of its own vocabulary (names, slogans), so the counts of
its readable passages are mixed in, Dirichlet-smoothed: p' = (count + μ p) / (total + μ), order by
order.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .characters import WIDE, codes

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

ORDER = 5
GAP = "\n" * (ORDER - 1)  # what the first character of a line has before it
LINE, UNKNOWN = 0, 1  # then digits, capitals, small letters
STEP = 1 / 16  # nats in one step of a quantised log-probability
RARE = -9.0  # added for a character outside the vocabulary
PATH = Path(__file__).with_name("model.bin")
SHRINK = (400.0, 40.0, 6.0, 3.0)  # μ of the document's counts, from order two on
NONE: Floats = np.zeros(0, np.float32)


def fold(char: str) -> str:
    """Return the symbol by which the model knows `char`: digits 0, letters A or a, marks wide.

    >>> [fold(c) for c in "7ｘ,后"]
    ['0', 'a', '，', '后']
    """
    if "\uff01" <= char <= "\uff5e" and (char.isdigit() or char.isalpha()):
        char = chr(ord(char) - 0xFEE0)
    if not char.isascii():
        return char
    if char.isdigit():
        return "0"
    if char.isalpha():
        return "A" if char.isupper() else "a"
    return {**WIDE, "?": "？", "!": "！"}.get(char, char)


class Table(NamedTuple):
    """The n-grams of one order: sorted keys, log-probabilities, back-off weights."""

    keys: Ints
    logp: Floats
    back: Floats


class Counts(NamedTuple):
    """The n-grams of one order in one document: sorted keys, counts; contexts, their totals."""

    keys: Ints
    counts: Floats
    contexts: Ints
    totals: Floats


def find(keys: Ints, wanted: Ints) -> tuple[Ints, Mask]:
    """Return where each of `wanted` stands in the sorted `keys`, and whether it does."""
    at = np.minimum(keys.searchsorted(wanted), len(keys) - 1)
    return at, keys[at] == wanted


def backed_off(
    below: Table, table: Table, context: Ints, gram: Ints, logp: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    """Return log p of one order for each `gram`, given that of the order below."""
    at, here = find(table.keys, gram)
    there, known = find(below.keys, context)
    return np.where(here, table.logp[at], logp + np.where(known, below.back[there], 0.0))


class Model:
    """The tables, and the questions one can ask them."""

    def __init__(self, symbols: str, tables: Sequence[Table], sources: dict[str, str]) -> None:
        self.symbols = symbols
        self.size = len(symbols)
        self.ids = {char: n for n, char in enumerate(symbols)}
        self.tables = list(tables)  # tables[n] is the order n; tables[0] is empty
        self.sources = sources
        self.memo: dict[str, Any] = {}  # tables that other modules derive from this model
        self._rows = np.empty((self.size, self.size), np.float32)  # by the symbol before
        self._filled = np.zeros(self.size, dtype=np.bool_)
        self._lookup = np.full(0x110000, UNKNOWN, dtype=np.int64)
        for char, n in self.ids.items():
            self._lookup[ord(char)] = n
        for code in (*range(128), *range(0xFF00, 0xFFFF)):
            self._lookup[code] = self.ids.get(fold(chr(code)), UNKNOWN)
        self._lookup[0x3000] = LINE  # an indent

    def encode(self, text: str) -> Ints:
        """Return the symbols of `text` as integers, one for each character."""
        return self._lookup[codes(text)]

    def sequence(self, ids: Ints, seen: Sequence[Counts] = ()) -> Floats:
        """Return log p of each symbol of `ids` from the fifth on, given the four before it.

        `seen` are the document's own counts.
        """
        if len(ids) < ORDER:
            return NONE
        last = ids[ORDER - 1 :]
        logp = self.tables[1].logp[last]
        context = np.zeros(len(last), np.int64)
        grams: list[tuple[Ints, Ints]] = []
        for order in range(2, ORDER + 1):
            further = ids[ORDER - order : len(ids) - order + 1]
            context = further * self.size ** (order - 2) + context
            grams.append((context, context * self.size + last))
            logp = backed_off(self.tables[order - 1], self.tables[order], *grams[-1], logp)
        if not seen:
            return logp
        chance = np.exp(logp)
        for (context, gram), counts, mu in zip(grams, seen, SHRINK, strict=False):
            at, here = find(counts.keys, gram)
            there, known = find(counts.contexts, context)
            count = np.where(here, counts.counts[at], 0.0)
            chance = (count + mu * chance) / (np.where(known, counts.totals[there], 0.0) + mu)
        return np.log(chance)

    def surprise(self, text: str, seen: Sequence[Counts] = ()) -> Floats:
        """Return for each character of a line how unlikely it is, in nats."""
        return -self.sequence(self.encode(GAP + text), seen)

    def rows(self, ids: Ints, seen: Sequence[Counts] = ()) -> Floats:
        """Return for each row of `ids` what `sequence` says of it."""
        logp = np.concatenate([np.zeros(ORDER - 1, np.float32), self.sequence(ids.ravel(), seen)])
        return logp.reshape(ids.shape)[:, ORDER - 1 :]

    def count(self, text: str) -> list[Counts]:
        """Count the n-grams of a document, where U+FFFD stands for what is not readable."""
        ids = self.encode(GAP + text.replace("\n", GAP))
        readable = ids != UNKNOWN
        key, whole = ids, readable
        seen: list[Counts] = []
        for order in range(2, ORDER + 1):
            first = slice(len(ids) - order + 1)
            key = ids[first] * self.size ** (order - 1) + key[1:]
            whole = readable[first] & whole[1:]
            keys, counts = np.unique(key[whole & (ids[order - 1 :] != LINE)], return_counts=True)
            if not len(keys):
                break
            starts = np.flatnonzero(np.diff(keys // self.size, prepend=-1))
            totals = np.add.reduceat(counts, starts).astype(np.float32)
            seen.append(Counts(keys, counts.astype(np.float32), keys[starts] // self.size, totals))
        return seen

    # ---- every continuation at once, for the beam ------------------------------------------

    def scores(
        self, contexts: Ints, columns: Ints, place: Ints, seen: Sequence[Counts] = ()
    ) -> Floats:
        """Return log p of each symbol of `columns` after each row of `contexts` (N × 4).

        `place` maps a symbol to its column, or to -1.
        """
        self._fill(contexts[:, -1])
        chance = self._rows[contexts[:, -1:], columns]
        keys = [contexts[:, -1]]
        for order in range(3, ORDER + 1):
            keys.append(contexts[:, 1 - order] * self.size ** (order - 2) + keys[-1])
        for key, below, table in zip(keys[1:], self.tables[2:], self.tables[3:], strict=False):
            at, fits = find(below.keys, key)
            known = fits.nonzero()[0]
            if not len(known):
                break
            chance[known] *= np.exp(below.back[at[known]])[:, None]
            rows, cells, entries = self._spread(table.keys, key[known], place)
            chance[known[rows], cells] = np.exp(table.logp[entries])
        for key, counts, mu in zip(keys, seen, np.array(SHRINK, np.float32), strict=False):
            at, fits = find(counts.contexts, key)
            known = fits.nonzero()[0]
            if not len(known):
                break
            whole = counts.totals[at[known]] + mu
            chance[known] *= (mu / whole)[:, None]
            rows, cells, entries = self._spread(counts.keys, key[known], place)
            chance[known[rows], cells] += counts.counts[entries] / whole[rows]
        return np.log(chance, out=chance)

    def _fill(self, symbols: Ints) -> None:
        """Work out the chances of all symbols after each of some (orders one and two), once."""
        one, two = self.tables[1], self.tables[2]
        for last in symbols[~self._filled[symbols]].tolist():
            row = self._rows[last]
            np.exp(one.logp + one.back[last], out=row)
            low, high = np.searchsorted(two.keys, (last * self.size, (last + 1) * self.size))
            row[two.keys[low:high] % self.size] = np.exp(two.logp[low:high])
            self._filled[last] = True

    def _spread(self, keys: Ints, contexts: Ints, place: Ints) -> tuple[Ints, Ints, Ints]:
        """Return (row, column, entry) of every n-gram in `keys` that continues a context."""
        low = keys.searchsorted(contexts * self.size)
        length = keys.searchsorted((contexts + 1) * self.size) - low
        rows = np.repeat(np.arange(len(contexts)), length)
        entries = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length - low, length)
        cells = place[keys[entries] % self.size]
        wanted = (cells >= 0).nonzero()[0]
        return rows[wanted], cells[wanted], entries[wanted]


# ---- the file --------------------------------------------------------------------------------


def unpack(data: bytes) -> Model:
    """Return the model that `pack` of data/language_model/build.py wrote."""
    start = 4 + int.from_bytes(data[:4], "little")
    head = json.loads(data[4:start])
    blocks: list[npt.NDArray[np.uint8]] = []
    for length in head["blocks"]:
        blocks.append(np.frombuffer(zlib.decompress(data[start : start + length]), np.uint8))
        start += length
    tables = [Table(np.zeros(0, np.int64), NONE, NONE)]
    for n, count in enumerate(head["counts"]):
        planes, logp, back = blocks[3 * n : 3 * n + 3]
        steps = np.zeros((count, 8), dtype=np.uint8)
        steps[:, : len(planes) // count] = planes.reshape(-1, count).T
        keys = np.cumsum(steps.view("<u8").ravel().astype(np.int64))
        tables.append(Table(keys, logp * np.float32(-STEP), back * np.float32(-STEP)))
    tables[1].logp[UNKNOWN] += RARE
    return Model(head["symbols"], tables, head["sources"])


@cache
def load() -> Model:
    """Return the package's model (read once)."""
    return unpack(PATH.read_bytes())

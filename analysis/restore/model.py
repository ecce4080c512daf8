"""A language model of government prose: how likely is a character after the four before it.

Out-of-phase text leaves several readings open, and so do characters such as 著. What decides is
how officials write. The model holds counts of runs of one to five characters, turned into
probabilities by interpolated Kneser-Ney smoothing (Chen and Goodman 1999, modified discounts) and
kept as back-off tables: for each order the n-grams as sorted integers, a log-probability and a
back-off weight, both quantised to one byte. Runs of three to five characters are kept only when
they occur at least twice, so no sentence can be read back. `build_model` makes the file.

All digits are one symbol, all Latin capitals another, and small letters a third: 2022 says as
much as 2023. A line starts
from the symbol of the line's end.

The document itself is the best source of its own vocabulary (names, slogans), so a `Cache` of
its readable passages is mixed in, Dirichlet-smoothed: p' = (count + μ p) / (total + μ), order by
order.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

ORDER = 5
LINE, UNKNOWN, DIGIT, UPPER, LOWER = 0, 1, 2, 3, 4
STEP = 1 / 16  # nats in one step of a quantised log-probability
RARE = -9.0  # added for a character outside the vocabulary
PATH = Path(__file__).with_name("model.bin")
SHRINK = (0.0, 0.0, 400.0, 40.0, 6.0, 3.0)  # μ of the cache by order


def fold(char: str) -> str:
    """Return the symbol by which the model knows `char`: digits 0, letters A or a, marks wide.

    >>> [fold(c) for c in "7ｘ,后"]
    ['0', 'a', '，', '后']
    """
    code = ord(char)
    if 0xFF01 <= code <= 0xFF5E and (char.isdigit() or char.isalpha()):
        char = chr(code - 0xFEE0)
    if char.isascii():
        if char.isdigit():
            return "0"
        if char.isalpha():
            return "A" if char.isupper() else "a"
        return _WIDE.get(char, char)
    return char


_WIDE = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）", "?": "？", "!": "！"}


@dataclass(eq=False)
class Table:
    """The n-grams of one order: sorted keys, log-probabilities, back-off weights."""

    keys: Ints
    logp: Floats
    back: Floats


@dataclass(eq=False)
class Cache:
    """Counts of the n-grams of one document, by order (index 0 and 1 unused)."""

    grams: list[Ints] = field(default_factory=list)
    counts: list[Floats] = field(default_factory=list)
    contexts: list[Ints] = field(default_factory=list)
    totals: list[Floats] = field(default_factory=list)


class Model:
    """The tables, and the questions one can ask them."""

    def __init__(self, symbols: str, tables: Sequence[Table], sources: dict[str, str]) -> None:
        self.symbols = symbols
        self.size = len(symbols)
        self.ids = {char: n for n, char in enumerate(symbols)}
        self.tables = list(tables)  # tables[n] is the order n; tables[0] is empty
        self.sources = sources
        self.memo: dict[str, Any] = {}  # tables that other modules derive from this model
        self._rows: dict[int, Floats] = {}
        self._lookup = np.full(0x110000, UNKNOWN, dtype=np.int32)
        for char, n in self.ids.items():
            self._lookup[ord(char)] = n
        for code in (*range(128), *range(0xFF00, 0xFFFF)):
            self._lookup[code] = self.ids.get(fold(chr(code)), UNKNOWN)
        self._lookup[0x3000] = LINE  # an indent

    def encode(self, text: str) -> Ints:
        """Return the symbols of `text` as integers, one for each character."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return self._lookup[codes].astype(np.int64)

    def symbol(self, char: str) -> int:
        """Return the symbol of one character."""
        return int(self._lookup[ord(char)])

    def spell(self, key: int, order: int) -> str:
        """Return the symbols of one n-gram."""
        digits: list[str] = []
        for _ in range(order):
            key, symbol = divmod(int(key), self.size)
            digits.append(self.symbols[symbol])
        return "".join(reversed(digits))

    def row(self, last: int) -> Floats:
        """Return the chances of all symbols after `last` (orders one and two)."""
        found = self._rows.get(last)
        if found is None:
            one, two = self.tables[1], self.tables[2]
            found = np.exp(one.logp + one.back[last])
            low, high = np.searchsorted(two.keys, (last * self.size, (last + 1) * self.size))
            found[two.keys[low:high] % self.size] = np.exp(two.logp[low:high])
            self._rows[last] = found
        return found

    def scores(
        self, contexts: Ints, columns: Ints, place: Ints, cache: Cache | None = None
    ) -> Floats:
        """Return log p of each symbol of `columns` after each row of `contexts` (N × 4).

        `place` maps a symbol to its column, or to -1.
        """
        chance = np.empty((len(contexts), len(columns)), dtype=np.float32)
        for n, last in enumerate(contexts[:, -1].tolist()):
            self.row(last).take(columns, out=chance[n])
        key = contexts[:, -1]
        for order in range(3, ORDER + 1):
            key = contexts[:, -(order - 1)] * self.size ** (order - 2) + key
            below, table = self.tables[order - 1], self.tables[order]
            at = below.keys.searchsorted(key)
            np.minimum(at, len(below.keys) - 1, out=at)
            known = np.flatnonzero(below.keys[at] == key)
            if not len(known):
                break
            chance[known] *= np.exp(below.back[at[known]])[:, None]
            rows, cells, entries = self._spread(table.keys, key[known], place)
            chance[known[rows], cells] = np.exp(table.logp[entries])
        if cache is not None:
            self._mix(chance, contexts, place, cache)
        return np.log(chance, out=chance)

    def _spread(self, keys: Ints, contexts: Ints, place: Ints) -> tuple[Ints, Ints, Ints]:
        """Return (row, column, entry) of every n-gram in `keys` that continues a context."""
        low = keys.searchsorted(contexts * self.size)
        length = keys.searchsorted((contexts + 1) * self.size) - low
        rows = np.repeat(np.arange(len(contexts)), length)
        first = np.cumsum(length) - length
        entries = np.arange(len(rows)) - np.repeat(first - low, length)
        cells = place[keys[entries] % self.size]
        wanted = np.flatnonzero(cells >= 0)
        return rows[wanted], cells[wanted], entries[wanted]

    def _mix(self, chance: Floats, contexts: Ints, place: Ints, cache: Cache) -> None:
        """Mix the document's own counts into `chance`, in place."""
        key = np.zeros(len(contexts), dtype=np.int64)
        for order in range(2, ORDER + 1):
            key = contexts[:, -(order - 1)] * self.size ** (order - 2) + key
            heads = cache.contexts[order]
            if not len(heads):
                break
            at = heads.searchsorted(key)
            np.minimum(at, len(heads) - 1, out=at)
            known = np.flatnonzero(heads[at] == key)
            if not len(known):
                break
            whole = cache.totals[order][at[known]] + np.float32(SHRINK[order])
            chance[known] *= (np.float32(SHRINK[order]) / whole)[:, None]
            rows, cells, entries = self._spread(cache.grams[order], key[known], place)
            chance[known[rows], cells] += cache.counts[order][entries] / whole[rows]

    def cache(self, text: str) -> Cache:
        """Count the n-grams of `text`, where U+FFFD stands for what is not readable.

        Each line starts from the symbol of the line's end, as in the model.
        """
        ids = self.encode("\n" * (ORDER - 1) + text.replace("\n", "\n" * (ORDER - 1)))
        readable = ids != UNKNOWN
        empty = np.zeros(0, dtype=np.int64)
        none = empty.astype(np.float32)
        cache = Cache([empty] * 2, [none] * 2, [empty] * 2, [none] * 2)
        key, whole = ids, readable
        for order in range(2, ORDER + 1):
            key = ids[: len(ids) - order + 1] * self.size ** (order - 1) + key[1:]
            whole = readable[: len(ids) - order + 1] & whole[1:]
            wanted = key[whole & (ids[order - 1 :] != LINE)]
            grams, counts = np.unique(wanted, return_counts=True)
            starts = np.flatnonzero(np.diff(grams // self.size, prepend=-1))
            cache.grams.append(grams)
            cache.counts.append(counts.astype(np.float32))
            cache.contexts.append(grams[starts] // self.size)
            cache.totals.append(
                np.add.reduceat(counts, starts).astype(np.float32) if len(starts) else none
            )
        return cache

    def sequence(self, ids: Ints, cache: Cache | None = None) -> Floats:
        """Return log p of each symbol of `ids` from the fifth on, given the four before it."""
        count = len(ids) - ORDER + 1
        if count <= 0:
            return np.zeros(0, dtype=np.float32)
        keys = [ids]
        for order in range(2, ORDER + 1):
            keys.append(ids[: len(ids) - order + 1] * self.size ** (order - 1) + keys[-1][1:])
        out = self.tables[1].logp[ids[ORDER - 1 :]]
        for order in range(2, ORDER + 1):
            table, below = self.tables[order], self.tables[order - 1]
            gram = keys[order - 1][ORDER - order :]
            context = keys[order - 2][ORDER - order : ORDER - order + count]
            at = np.minimum(np.searchsorted(table.keys, gram), len(table.keys) - 1)
            hit = table.keys[at] == gram
            if order == 2:
                back = below.back[context]
            else:
                there = np.minimum(np.searchsorted(below.keys, context), len(below.keys) - 1)
                back = np.where(below.keys[there] == context, below.back[there], 0.0)
            out = np.where(hit, table.logp[at], out + back)
        if cache is not None:
            out = self._mix_sequence(out, keys, cache)
        return out.astype(np.float32)

    def _mix_sequence(self, out: Floats, keys: list[Ints], cache: Cache) -> Floats:
        chance = np.exp(out)
        count = len(out)
        for order in range(2, ORDER + 1):
            grams, contexts = cache.grams[order], cache.contexts[order]
            if not len(grams):
                break
            gram = keys[order - 1][ORDER - order :]
            context = keys[order - 2][ORDER - order : ORDER - order + count]
            at = np.minimum(np.searchsorted(grams, gram), len(grams) - 1)
            n = np.where(grams[at] == gram, cache.counts[order][at], 0.0)
            there = np.minimum(np.searchsorted(contexts, context), len(contexts) - 1)
            total = np.where(contexts[there] == context, cache.totals[order][there], 0.0)
            chance = (n + SHRINK[order] * chance) / (total + SHRINK[order])
        return np.log(chance)


def pack(model: Model) -> bytes:
    """Return the model as bytes: a JSON head, then packed planes; the same for the same input."""
    blocks: list[bytes] = []
    for table in model.tables[1:]:
        steps = np.diff(table.keys, prepend=0).astype("<u8")
        planes = steps.view(np.uint8).reshape(-1, 8).T
        width = max((n + 1 for n in range(8) if planes[n].any()), default=1)
        blocks.append(np.ascontiguousarray(planes[:width]).tobytes())
        blocks.append(_quantise(-table.logp).tobytes())
        blocks.append(_quantise(-table.back).tobytes())
    packed = [zlib.compress(block, 9) for block in blocks]
    head = {
        "symbols": model.symbols,
        "counts": [len(table.keys) for table in model.tables[1:]],
        "blocks": [len(block) for block in packed],
        "sources": model.sources,
    }
    text = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
    return len(text).to_bytes(4, "little") + text + b"".join(packed)


def _quantise(values: Floats) -> npt.NDArray[np.uint8]:
    steps: npt.NDArray[np.uint8] = np.clip(np.rint(values / STEP), 0, 255).astype(np.uint8)
    return steps


def unpack(data: bytes) -> Model:
    """Return the model that `pack` wrote."""
    start = 4 + int.from_bytes(data[:4], "little")
    head = json.loads(data[4:start])
    blocks: list[bytes] = []
    for length in head["blocks"]:
        blocks.append(zlib.decompress(data[start : start + length]))
        start += length
    tables = [Table(np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.float32))]
    for n, count in enumerate(head["counts"]):
        planes = np.frombuffer(blocks[3 * n], dtype=np.uint8).reshape(-1, count)
        steps = np.zeros((count, 8), dtype=np.uint8)
        steps[:, : len(planes)] = planes.T
        keys = np.cumsum(steps.view("<u8").ravel().astype(np.int64))
        logp, back = (
            np.frombuffer(blocks[3 * n + k], dtype=np.uint8) * np.float32(-STEP) for k in (1, 2)
        )
        tables.append(Table(keys, logp, back))
    tables[1].logp[UNKNOWN] += RARE
    return Model(head["symbols"], tables, head["sources"])


@lru_cache(maxsize=1)
def load() -> Model:
    """Return the package's model (read once)."""
    return unpack(PATH.read_bytes())

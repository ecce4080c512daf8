"""Counts of words added up over the tables `terms` of a corpus, a shard after the other.

What the totals and summaries do not know, a slice by part, level or region and how evenly words are
spread, is read here: ninety million rows at a hundred thousand reports, as columns of numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from os import cpu_count
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .chunk import begins

if TYPE_CHECKING:
    from analysis.study import shards

    _Sums = tuple[np.ndarray, dict[str, np.ndarray]]

_SHARDS_AT_ONCE = 8


@dataclass(frozen=True)
class Slice:
    """Reports (rows of a corpus's table of them, by their place) and parts of them ((): all).

    `names` are what its reports were chosen by.
    """

    chosen: np.ndarray
    parts: tuple[str, ...]
    names: frozenset[str]


def shards_of(reports: pd.DataFrame, own: Slice) -> list[int]:
    """The shards that hold a slice's reports."""
    return sorted(reports["shard"][own.chosen].unique().tolist())


def words(shards: shards.Shards, reports: pd.DataFrame, own: Slice) -> pd.DataFrame:
    """n, n_sentences, reports and sections of each word of a slice, by word.

    `reports` has the shard and number of each, in their order. sections is NA where the slice has
    several parts, but not all: a section may hold a word in two of them.
    """
    sections = "sections" if own.parts else "new_sections"
    names = ["n", "n_sentences", sections]

    def added_up(shard: int) -> pd.DataFrame:
        key, report, values = _terms(shards, reports, own, shard, names)
        key = key.unify_dictionaries().combine_chunks()
        word = key.indices.to_numpy()
        values["reports"] = (begins(word) | begins(report)).astype(np.int64)
        at = np.flatnonzero(begins(word))
        sums = {name: np.add.reduceat(one, at, dtype=np.int64) for name, one in values.items()}
        index = key.dictionary.take(pa.array(word[at])).to_pandas()
        return pd.DataFrame(sums, index=pd.Index(index, name="key"))

    both = pd.concat(_side_by_side(added_up, shards_of(reports, own)))
    found: pd.DataFrame = both.groupby(level="key").sum().rename(columns={sections: "sections"})
    several = len(own.parts) > 1
    return found.assign(sections=pd.Series(pd.NA, found.index)) if several else found


def shared(
    shards: shards.Shards, reports: pd.DataFrame, own: Slice, tokens: np.ndarray, n: pd.Series[int]
) -> pd.DataFrame:
    """What dispersion adds up over a slice's reports, by word.

    Parameters
    ----------
    reports : shard and number of each, in their order; tokens : of each in the slice.
    n : of each word in the slice.

    Returns
    -------
    DataFrame
        n; range, the reports with the word; shared, the sum over reports of the smaller of the
        word's count × all tokens and n × the report's tokens; rates, of count / tokens; squares.
    """
    total, size = n.to_numpy(dtype=np.int64), int(tokens.sum())
    asked = pa.array(n.index, pa.string())

    def added_up(some: list[int]) -> list[_Sums]:
        read = [_terms(shards, reports, own, shard, ["n"]) for shard in some]
        numbers = iter(_numbered([chunk for key, *_ in read for chunk in key.chunks], asked))
        made = []
        for key, place, values in read:
            word = np.concatenate([np.empty(0, np.int64), *(next(numbers) for _ in key.chunks)])
            wanted = np.flatnonzero(word >= 0)
            word, report, count = word[wanted], place[wanted], values["n"][wanted]
            pair = np.flatnonzero(begins(word) | begins(report))
            count = np.add.reduceat(count, pair, dtype=np.int64)
            word, there = word[pair], tokens[report[pair]]
            at, rate = np.flatnonzero(begins(word)), count / there
            each: dict[str, Any] = {"n": count, "range": np.ones(len(pair), dtype=np.int64)}
            each["shared"] = np.minimum(count * size, total[word] * there)
            each |= {"rates": rate, "squares": rate**2}
            made.append((word[at], {name: np.add.reduceat(x, at) for name, x in each.items()}))
        return made

    kinds = {"n": int, "range": int, "shared": int, "rates": float, "squares": float}
    columns: dict[str, np.ndarray]
    columns = {name: np.zeros(len(n), dtype=kind) for name, kind in kinds.items()}
    listed = shards_of(reports, own)
    batches = [listed[at : at + _SHARDS_AT_ONCE] for at in range(0, len(listed), _SHARDS_AT_ONCE)]
    for word, sums in chain.from_iterable(_side_by_side(added_up, batches)):
        for name, values in sums.items():
            columns[name][word] += values
    return pd.DataFrame(columns, index=n.index)


def _numbered(chunks: Sequence[Any], asked: pa.Array) -> Iterator[np.ndarray]:
    """The rows of dictionary arrays as places in `asked`, -1 for a word that is not there.

    All are looked up at once: a look-up makes a table of what is asked for each time.
    """
    listed = pa.chunked_array([chunk.dictionary for chunk in chunks], pa.string())
    known = pc.fill_null(pc.index_in(listed, asked), -1).to_numpy()
    starts = np.cumsum([0, *(len(chunk.dictionary) for chunk in chunks)])
    for chunk, start in zip(chunks, starts, strict=False):
        yield known[start:][chunk.indices.to_numpy()]


def _terms(
    shards: shards.Shards, reports: pd.DataFrame, own: Slice, shard: int, names: Sequence[str]
) -> tuple[pa.ChunkedArray, np.ndarray, dict[str, np.ndarray]]:
    """The rows of `terms` of a slice in a shard: key, report (its place), columns named."""
    columns = ["key", "report", *(["part"] if own.parts else []), *names]
    table = pq.read_table(shards.files("terms")[shard], columns=columns, read_dictionary=["key"])
    inside = np.flatnonzero(reports["shard"] == shard)
    if not own.chosen[inside].all():
        table = table.filter(pa.array(own.chosen[inside][table["report"].to_numpy()]))
    if own.parts:
        table = table.filter(pc.is_in(table["part"], pa.array(own.parts)))
    values = {name: table[name].to_numpy() for name in names}
    return table["key"], inside[table["report"].to_numpy()], values


def _side_by_side(function: Callable[[Any], Any], items: Sequence[Any]) -> Iterator[Any]:
    """What a function says of each item, in their order; by threads, since Arrow lets them run."""
    with ThreadPoolExecutor(cpu_count() or 1) as pool:
        yield from pool.map(function, items)

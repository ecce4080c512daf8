"""How often each word stands where: all that frequency, dispersion and keyness need to know.

Hits keep places, counts keep numbers. A place is a stretch of a report: the headings, or the other
sentences, of a section and part. A study's own words, a slice of them (what was done, what is
planned, an earlier year) and the bundled reference list are all `Counts`, so any of them can be
held against any other. What is asked is added up piece by piece, a piece being some whole reports:
one report and a hundred thousand are counted alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from os import cpu_count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from . import dispersion, queries
from .dispersion import begins

if TYPE_CHECKING:
    from .segment import Segmenter

PLACE = ("report_id", "section", "part", "is_heading")
"""What tells the places of a study apart."""

SIZES = ("N_sentences", "N_tokens", "N_chars")
"""How large a place is."""

_Found = tuple["int | np.ndarray", np.ndarray, np.ndarray]
_AT_ONCE = 10_000  # sentences whose words are held as Python strings together


class Piece(NamedTuple):
    """The words of some whole reports: a row a word and place, by word, then by place.

    words : a text each; word, place : numbers of rows in `words` and in `Counts.sizes`.
    """

    words: pa.Array
    word: np.ndarray
    place: np.ndarray
    n: np.ndarray
    n_sentences: np.ndarray


@dataclass(frozen=True)
class Counts:
    """Word counts of a set of reports.

    sizes : report_id, N_tokens, N_chars, of a study also section, part, is_heading, N_sentences;
        one row a place, those without a word too.
    pieces : what loads each piece, or of it only some words, where any are named.
    label : what the set is, in `zh` and `en`, for captions.
    """

    sizes: pd.DataFrame
    pieces: Sequence[Callable[[Sequence[str]], Piece]]
    label: Mapping[str, str]

    @classmethod
    def of(
        cls,
        hits: pd.DataFrame,
        sentences: pd.DataFrame,
        label: Mapping[str, str] | None = None,
        words: pd.DataFrame | None = None,
    ) -> Counts:
        """The counts of hits (a table such as `terms`) in the sentences that they were made from.

        `words` is the table whose rows are the denominator, if that is another than `hits`.
        """
        sizes, place = _places(sentences)
        place_of = pd.Series(place, index=sentences["sentence_id"])
        tokens = (hits if words is None else words)["sentence_id"].map(place_of).dropna()
        sizes["N_tokens"] = np.bincount(tokens.astype(int), minlength=len(sizes))
        own = hits[["sentence_id", "key"]].assign(place=hits["sentence_id"].map(place_of))
        grouped = own.dropna(subset="place").groupby(["key", "place"])["sentence_id"]
        table = grouped.agg(n="size", n_sentences="nunique").reset_index()
        return cls(sizes, [lambda _: _piece(table)], label or {})

    @classmethod
    def summed(
        cls, rows: pd.DataFrame, sizes: pd.DataFrame, label: Mapping[str, str] | None = None
    ) -> Counts:
        """Counts known as rows of key, n and what tells places apart (report_id alone, say)."""
        on = [name for name in PLACE if name in rows and name in sizes]
        sizes = sizes.reset_index(drop=True)
        numbers = sizes[on].astype(object).assign(place=sizes.index)
        table = rows.astype(dict.fromkeys(on, object)).merge(numbers, on=on)
        summed = table.groupby(["key", "place"])["n"].sum().reset_index()
        return cls(sizes, [lambda _: _piece(summed.assign(n_sentences=0))], label or {})

    # -- sums over all places -------------------------------------------------------------------

    @cached_property
    def words(self) -> pd.DataFrame:
        """Each word's n, n_sentences, reports and sections (that hold it), by word."""
        levels = {"reports": self.group("report_id")[0]}
        if "section" in self.sizes:
            levels["sections"] = self.group("report_id", "section")[0]

        def added_up(piece: Piece) -> pa.Table:
            columns = {"n": piece.n, "n_sentences": piece.n_sentences}
            word = begins(piece.word)
            for name, group in levels.items():
                columns[name] = word | begins(group[piece.place])
            at = np.flatnonzero(word)
            sums = {name: np.add.reduceat(one, at, dtype=np.int64) for name, one in columns.items()}
            return pa.table({"key": piece.words.take(pa.array(piece.word[at]))} | sums)

        names = ["n", "n_sentences", *levels]
        none = pa.schema([("key", pa.string()), *((name, pa.int64()) for name in names)])
        both = pa.concat_tables([none.empty_table(), *self._each(added_up)])
        if len(self.pieces) > 1:
            summed = both.group_by("key").aggregate([(name, "sum") for name in names])
            both = summed.rename_columns(["key", *names]).sort_by("key")
        index = pd.Index(both["key"].to_pylist(), dtype=object, name="key")
        return pd.DataFrame({name: both[name].to_numpy() for name in names}, index)

    @property
    def table(self) -> pd.DataFrame:
        """A row a word and place: what tells the places apart, key, n, n_sentences."""
        about = self.sizes[[name for name in PLACE if name in self.sizes]]

        def rows(piece: Piece) -> pd.DataFrame:
            key = np.array(piece.words.to_pylist(), dtype=object)[piece.word]
            own = about.iloc[piece.place].reset_index(drop=True)
            return own.assign(key=key, n=piece.n, n_sentences=piece.n_sentences)

        both: pd.DataFrame = pd.concat([*self._each(rows)], ignore_index=True)
        return both

    @property
    def n(self) -> pd.Series[int]:
        """Each word's count, by word."""
        return self.words["n"]

    @cached_property
    def N_tokens(self) -> int:
        """All words."""
        return int(self.sizes["N_tokens"].sum())

    @cached_property
    def N_chars(self) -> int:
        """All characters, white space left out."""
        return int(self.sizes["N_chars"].sum())

    @cached_property
    def reports(self) -> int:
        """How many reports."""
        return int(self.sizes["report_id"].nunique())

    # -- sums over some of them -----------------------------------------------------------------

    def group(self, *by: str) -> tuple[np.ndarray, pd.DataFrame]:
        """The number of each place's group, and the groups in the order of the text.

        Groups are told apart by columns of `sizes`; of each: these, the sizes, reports.
        """
        groups = self.sizes.groupby([*by], sort=False, observed=True)
        sums = {name: (name, "sum") for name in SIZES if name in self.sizes}
        table = groups.agg(**sums, reports=("report_id", "nunique")).reset_index()
        for name in by:
            if isinstance(kind := table[name].dtype, pd.CategoricalDtype):
                table[name] = table[name].astype(kind.categories.dtype)
        return groups.ngroup().to_numpy(), table

    def matrix(
        self,
        keys: Sequence[str],
        group: np.ndarray,
        *,
        inside: bool = False,
        without: Collection[str] = (),
    ) -> np.ndarray:
        """N of each key (rows) in each group of places (columns); `group` numbers them.

        With `inside` a key counts in longer words too, as often as it stands there, but not in
        those of `without`, of which 依法治* names many.
        """
        found = np.zeros((len(keys), int(group.max(initial=-1)) + 1), dtype=np.int64)
        asked, apart = pa.array(keys, pa.string()), f"^(?:{queries.shape(without)})$"

        def words(piece: Piece) -> Sequence[_Found]:
            number = pc.fill_null(pc.index_in(piece.words, asked), -1).to_numpy()[piece.word]
            rows = np.flatnonzero(number >= 0)
            return [(number[rows], group[piece.place[rows]], piece.n[rows])]

        def strings(piece: Piece) -> Sequence[_Found]:
            kept, made = ~pc.match_substring_regex(piece.words, apart).to_numpy(False), []
            for at, key in enumerate(keys):
                times = (pc.count_substring(piece.words, key).to_numpy() * kept)[piece.word]
                rows = np.flatnonzero(times)
                made.append((at, group[piece.place[rows]], piece.n[rows] * times[rows]))
            return made

        for some in self._each(strings) if inside else self._each(words, keys):
            for at, places, n in some:
                np.add.at(found, (at, places), n)
        return found

    def spread(self, *by: str) -> pd.DataFrame:
        """How evenly each word is spread over groups of places: the table `dispersion.measured`.

        Groups without a word are left out.
        """
        group, table = self.group(*by)
        tokens = table["N_tokens"].to_numpy()
        total = self.words["n"]
        listed = pa.array(total.index, pa.string())
        n = total.to_numpy()
        kinds = {"n": int, "range": int, "shared": int, "rates": float, "squares": float}
        sums: dict[str, np.ndarray]
        sums = {name: np.zeros(len(total), dtype=kind) for name, kind in kinds.items()}

        def added_up(piece: Piece) -> tuple[np.ndarray, dict[str, np.ndarray]]:
            number = pc.fill_null(pc.index_in(piece.words, listed), -1).to_numpy()
            there = group[piece.place]
            pair = np.flatnonzero(begins(piece.word) | begins(there))
            count = np.add.reduceat(piece.n, pair, dtype=np.int64)
            known = number[piece.word[pair]] >= 0  # sums may lack the rare ones
            word, part = number[piece.word[pair[known]]], there[pair[known]]
            return dispersion.added_up(word, part, count[known], n, tokens)

        for word, own in self._each(added_up):
            for name, values in own.items():
                sums[name][word] += values
        return dispersion.measured(pd.DataFrame(sums, index=total.index), tokens[tokens > 0])

    def _each(self, function: Callable[[Piece], Any], keys: Sequence[str] = ()) -> Iterator[Any]:
        """What a function says of each piece that holds a word, in their order.

        By threads: Arrow and numpy let others run.
        """

        def of(load: Callable[[Sequence[str]], Piece]) -> Any:
            piece = load(keys)
            return function(piece) if len(piece.word) else None

        if len(self.pieces) < 2:
            made: Any = map(of, self.pieces)
            yield from (one for one in made if one is not None)
            return
        with ThreadPoolExecutor(cpu_count() or 1) as pool:
            yield from (one for one in pool.map(of, self.pieces) if one is not None)


def lengths(sentences: pd.DataFrame) -> pd.Series[int]:
    """How many characters each sentence has, punctuation included, white space not."""
    counted = [len("".join(text.split())) for text in sentences["text"].tolist()]
    return pd.Series(counted, sentences.index, dtype="int64")


def _piece(table: pd.DataFrame) -> Piece:
    """A piece of rows of key, place, n, n_sentences, by key, then by place."""
    word, words = pd.factorize(table["key"].to_numpy(dtype=object))
    numbers = (table[name].to_numpy(dtype=np.int64) for name in ("place", "n", "n_sentences"))
    return Piece(pa.array(words, pa.string()), word, *numbers)


def _places(sentences: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The sizes of the places of sentences, a section's side by side; each sentence's place."""
    names = [name for name in PLACE if name in sentences]
    found: dict[tuple[Any, ...], int] = {}
    keys = zip(*(sentences[name].tolist() for name in names), strict=True)
    place = np.array([found.setdefault(key, len(found)) for key in keys], dtype=np.int64)
    sections: dict[Any, dict[Any, list[tuple[Any, ...]]]] = {}
    for key in found:
        sections.setdefault(key[0], {}).setdefault(key[:2], []).append(key)
    ordered = [key for own in sections.values() for some in own.values() for key in some]
    order = np.array([found[key] for key in ordered], dtype=np.int64)
    sizes = pd.DataFrame(ordered, columns=names)
    sizes["N_sentences"] = np.bincount(place, minlength=len(order))[order]
    chars = np.bincount(place, lengths(sentences), minlength=len(order))
    sizes["N_chars"] = chars.astype(np.int64)[order]
    return sizes, order.argsort()[place]


# -- counts that are kept ------------------------------------------------------------------------


SCHEMA = pa.schema(
    [("key", pa.string())]
    + [(name, pa.int32()) for name in ("report", "place", "n", "n_sentences")]
)
"""The table `counts`: key, report (its number), place (its number in the report), n, n_sentences.

It is sorted by key, report and place.
"""


def count(
    sentences: pd.DataFrame, segmenter: Segmenter, ids: Sequence[str]
) -> tuple[pd.DataFrame, pa.Table]:
    """The tables `sizes` and `counts` of the sentences of some reports, which `ids` number.

    Every word becomes one whole number: word, place and sentence side by side. Sorted, words of one
    place lie together, and where a number differs from the one before in which of its bits says
    whether a sentence or a place begins.

    Returns
    -------
    DataFrame
        The sizes: `PLACE` and `SIZES`, one row a place, the reports in the order of the sentences.
    Table
        See `SCHEMA`; key is held as a dictionary.
    """
    places, place = _places(sentences)
    tokens = pa.concat_arrays([*_tokens(sentences, segmenter), pa.array([], pa.large_string())])
    tokens = tokens.dictionary_encode()
    codes, words = tokens.indices.to_numpy(), tokens.dictionary.to_pylist()
    order = pc.array_sort_indices(tokens.dictionary)  # of their bytes: by code point
    sentence = np.cumsum(codes == (words.index("\n") if "\n" in words else -1))
    counted = np.array([segmenter.is_word(word) for word in words], dtype=bool)[codes]
    rank = np.empty(len(words), dtype=np.int64)
    rank[order.to_numpy()] = np.arange(len(words))
    codes, sentence = rank[codes[counted]], sentence[counted]
    places["N_tokens"] = np.bincount(place[sentence], minlength=len(places))

    of_sentence, of_place = (int(last).bit_length() for last in (len(sentences), len(places)))
    packed = codes << of_place | place[sentence]
    packed = packed << of_sentence | sentence
    packed.sort()
    first = np.flatnonzero(begins(packed >> of_sentence))
    n_sentences = np.add.reduceat(begins(packed), first, dtype=np.int32)
    there = packed[first] >> of_sentence
    own = there & (1 << of_place) - 1
    held, named = pd.factorize(places["report_id"])
    start = np.searchsorted(held, np.arange(len(named)))[held]
    number = named.map({one: at for at, one in enumerate(ids)}).to_numpy(dtype=np.int32)[held]
    key = (there >> of_place).astype(np.int32)
    listed = tokens.dictionary.take(order).cast(pa.string())
    made = {"key": pa.DictionaryArray.from_arrays(key, listed)}
    made["report"] = pa.array(number[own])
    made["place"] = pa.array((own - start[own]).astype(np.int32))
    made["n"] = pa.array(np.diff(first, append=len(packed)).astype(np.int32))
    made["n_sentences"] = pa.array(n_sentences)
    return places[[*PLACE, *SIZES]], pa.table(made)


def _tokens(sentences: pd.DataFrame, segmenter: Segmenter) -> Iterator[pa.Array]:
    """Every token of every sentence, a line feed between two sentences."""
    texts = sentences["text"].tolist()
    for first in range(0, len(texts), _AT_ONCE):
        some = texts[first : first + _AT_ONCE]
        tokens = segmenter.cut("\n".join(some))
        if tokens.count("\n") != len(some) - 1:  # white space of another kind in a sentence
            tokens = [token for text in some for token in (*segmenter.cut(text), "\n")][:-1]
        if first + _AT_ONCE < len(texts):
            tokens.append("\n")
        yield pa.array(tokens, pa.large_string())  # those of long reports may pass 2 GB


def loaded(table: pa.Table, starts: np.ndarray, chosen: np.ndarray) -> Piece:
    """A piece of the table `counts`.

    Parameters
    ----------
    starts : the place that each report's places begin with, by its number in the table; -1 for a
        report that is not asked for.
    chosen : of every place, its number in the sizes, -1 where it is not asked for.
    """
    start = starts[table["report"].to_numpy()]
    if starts.min(initial=0) < 0:
        table = table.filter(pa.array(start >= 0))
        start = start[start >= 0]
    place = chosen[start + table["place"].to_numpy()]
    key = table["key"].combine_chunks().dictionary_encode()
    word = key.indices.to_numpy()
    numbers = [table[name].to_numpy() for name in ("n", "n_sentences")]
    if place.min(initial=0) < 0:
        kept = np.flatnonzero(place >= 0)
        word, place, numbers = word[kept], place[kept], [one[kept] for one in numbers]
    return Piece(key.dictionary, word, place, *numbers)

"""Where a term of a query stands, be it a word or not: looked for in the sentences themselves.

A phrase that the segmentation cuts in two (数字经济: 数字 | 经济) is no word and has no count of
words; its text has. What a codebook finds is taken from its own hits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, reduce
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import tables, themes
from analysis.kit import InputError, html, must_occur
from analysis.words import Counts, counts, queries, slices

from .store import in_order, of_reports


def cut(study: Any, key: str) -> list[str]:
    """The pieces that the segmentation makes of a text; one for a word."""
    return [piece for piece, *_ in study.segmenter.words(key)]


def phrases(study: Any, keys: Iterable[str]) -> list[str]:
    """Those of some keys that are no words of the segmentation."""
    return [key for key in keys if key.strip() and cut(study, key) != [key]]


def said(study: Any, phrase: str) -> str:
    """One sentence on a phrase whose text is counted."""
    term = queries.term(phrase)
    if term.plain != phrase:
        what = f"what the codebook finds as {term.name}" if term.book else "the texts that fit"
        return f"{phrase}: {what} are counted, not words."
    pieces = " | ".join(cut(study, phrase)) or "nothing"
    return f"{phrase}: {study.engine} cuts it into {pieces}, so its text is counted, not a word."


Cut = Callable[[str], Iterable[tuple[str, int, int]]]
"""What cuts a text into words, each with its start and end."""


class Texts:
    """Sentences read as one text, so that a term is looked for in all of them at once.

    Parameters
    ----------
    sentences : rows of the table `sentences`, in the order of the reports.
    """

    def __init__(self, sentences: pa.Table):
        self.sentences = sentences.combine_chunks()
        each = self.sentences["text"].to_pylist()
        self.text = "\n".join(each) + "\n"
        lengths = np.fromiter(map(len, each), np.int64, len(each)) + 1
        self.starts = np.cumsum(lengths) - lengths
        self.start = self.sentences["start"].to_numpy()

    @classmethod
    def of(cls, study: Any, needs: Sequence[frozenset[str]] = ()) -> Texts:
        """The sentences of a study, or those that hold a text of each group."""
        found = [_needing(needs, load()) for _, load in study.parts("sentences")]
        return cls(in_order(found, "sentences", list(study.reports["report_id"])))

    @classmethod
    def with_any(cls, study: Any, terms: Sequence[queries.Term]) -> Texts:
        """The sentences of a study that may hold one of some terms."""
        if not all(one.needs for one in terms):
            return cls.of(study)
        return cls.of(study, [frozenset[str]().union(*(one.needs[0] for one in terms))])

    @cached_property
    def coded(self) -> dict[str, tuple[np.ndarray, list[str]]]:
        """What tells the places apart as numbers of texts, and the texts."""
        found = {}
        for name in counts.PLACE[:3]:
            column = self.sentences[name].combine_chunks().dictionary_encode()
            found[name] = column.indices.to_numpy(), column.dictionary.to_pylist()
        return found

    @cached_property
    def ends(self) -> np.ndarray:
        """Where the report of each sentence ends."""
        report, names = self.coded["report_id"]
        last = np.zeros(len(names), dtype=np.int64)
        np.maximum.at(last, report, self.sentences["end"].to_numpy())
        found: np.ndarray = last[report]
        return found

    def find(self, term: queries.Term) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each place of a term: the sentence's number, start and end in it."""
        if term.safe:
            places = [found.span() for found in term.expression.finditer(self.text)]
            start, end = np.array(places, dtype=np.int64).reshape(-1, 2).T
            row = np.searchsorted(self.starts, start, side="right") - 1
            return row, start - self.starts[row], end - self.starts[row]
        worth = self._worth(term.needs)
        rows = [(row, *span) for row, text in worth for span in term.spans(text)]
        row, start, end = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        return row, start, end

    def sentence(self, row: int) -> str:
        """A sentence by its number."""
        end = self.text.index("\n", self.starts[row])
        return self.text[self.starts[row] : end]

    def _worth(self, needs: Sequence[frozenset[str]]) -> Iterable[tuple[int, str]]:
        """The sentences that hold a text of each group, by their numbers."""
        rows: Iterable[int] = range(len(self.starts))
        if needs:
            first = max(needs, key=lambda group: (min(map(len, group)), -len(group)))
            any_of = re.compile("|".join(map(re.escape, sorted(first))))
            held = [found.start() for found in any_of.finditer(self.text)]
            own = np.searchsorted(self.starts, np.array(held, dtype=np.int64), side="right") - 1
            rows = np.unique(own).tolist()
        for row in rows:
            text = self.sentence(row)
            if all(any(one in text for one in group) for group in needs):
                yield row, text


class Found(NamedTuple):
    """Each place of a term, in the order of the reports: the sentence's number, start and end."""

    term: queries.Term
    texts: Texts
    row: np.ndarray
    start: np.ndarray
    end: np.ndarray

    def where(self, held: np.ndarray) -> Found:
        """Only some of the places."""
        return self._replace(row=self.row[held], start=self.start[held], end=self.end[held])

    def within(self, places: pd.DataFrame) -> Found:
        """Only in the places of a slice, rows of the table `sizes`.

        A slice is one condition on each column, so each column by itself tells.
        """
        return self.among(**{name: places[name].unique() for name in counts.PLACE[:3]})

    def among(self, **wanted: Iterable[str]) -> Found:
        """Only in sentences whose report_id, section or part is one of some."""
        held = np.ones(len(self.row), dtype=bool)
        for name, own in wanted.items():
            number, names = self.texts.coded[name]
            known = {*own}
            held &= np.array([one in known for one in names], dtype=bool)[number[self.row]]
        return self.where(held)

    def as_words(self, cut: Cut, most: int) -> Found:
        """The first places of it that are words of the segmentation."""
        places: list[tuple[int, int, int]] = []
        for row in np.unique(self.row).tolist():
            cuts = cut(self.texts.sentence(row))
            places += [(row, start, end) for word, start, end in cuts if self.term.is_word(word)]
            if len(places) >= most:
                break
        row, start, end = np.array(places[:most], dtype=np.int64).reshape(-1, 3).T
        return self._replace(row=row, start=start, end=end)

    @property
    def place(self) -> np.ndarray:
        """How far into its report each place is, from 0 to 1."""
        there: np.ndarray = (self.texts.start[self.row] + self.start) / self.texts.ends[self.row]
        return there

    def hits(self, most: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The first hits, a table `terms`, and the sentences that hold them."""
        row = self.row[:most]
        rows, at = np.unique(row, return_inverse=True)
        own = self.texts.sentences.take(pa.array(rows)).to_pandas()
        begin = own["start"].to_numpy()[at]
        found = own[["report_id", "sentence_id"]].iloc[at].reset_index(drop=True)
        found = found.assign(start=begin + self.start[:most], end=begin + self.end[:most])
        return found.assign(key=self.term.key), own

    def rows(self) -> pd.DataFrame:
        """How often it stands in each place: what tells the place apart, key, n."""
        columns = [self.texts.coded[name] for name in counts.PLACE[:3]]
        heading = self.texts.sentences["is_heading"].to_numpy(zero_copy_only=False)
        code = heading[self.row].astype(np.int64)
        for number, names in columns:
            code = code * max(len(names), 1) + number[self.row]
        _, first, n = np.unique(code, return_index=True, return_counts=True)
        at = self.row[first]
        told = {
            name: np.array(names, dtype=object)[number[at]]
            for name, (number, names) in zip(counts.PLACE, columns, strict=False)
        }
        return pd.DataFrame({**told, "is_heading": heading[at], "key": self.term.key, "n": n})


def together(found: Sequence[Found], most: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first hits of terms in the order of the text, and the sentences that hold them."""
    if len(found) < 2:
        none = tables.empty("terms"), tables.empty("sentences")
        return found[0].hits(most) if found else none
    which = np.repeat(np.arange(len(found)), [len(one.row) for one in found])
    row, start, end = (
        np.concatenate([getattr(one, name) for one in found]) for name in ("row", "start", "end")
    )
    order = np.lexsort((end, start, row))[:most]
    both = Found(found[0].term, found[0].texts, row[order], start[order], end[order])
    hits, own = both.hits()
    return hits.assign(key=[found[at].term.key for at in which[order]]), own


def look(study: Any, key: str | queries.Term, texts: Texts | None = None) -> Found:
    """Where a term stands in a study; InputError for one that is wrong, or what no codebook has.

    Parameters
    ----------
    texts : the study's sentences, if these are at hand.
    """
    term = queries.term(key) if isinstance(key, str) else key
    texts = texts or Texts.of(study, term.needs)
    if not term.book:
        return Found(term, texts, *texts.find(term))
    return placed(term, _coded(study, term, texts.sentences), texts)


def placed(term: queries.Term, hits: pd.DataFrame, texts: Texts) -> Found:
    """A table `terms` as places in sentences that hold them all."""
    ids = pa.array(hits["sentence_id"], pa.string())
    row = pc.index_in(ids, texts.sentences["sentence_id"]).to_numpy().astype(np.int64)
    spans = (hits[name].to_numpy(np.int64) - texts.start[row] for name in ("start", "end"))
    return Found(term, texts, row, *spans)


def _needing(groups: Sequence[frozenset[str]], sentences: pa.Table) -> pa.Table:
    """The sentences that hold a text of each group."""
    for group in groups:
        held = (pc.match_substring(sentences["text"], one) for one in sorted(group))
        sentences = sentences.filter(reduce(pc.or_, held))
    return sentences


def _coded(study: Any, term: queries.Term, sentences: pa.Table) -> pd.DataFrame:
    """What a codebook finds as a theme or group, a table `terms`."""
    book = study.codebook if term.book == "topic" else study.term_groups
    named = {called: one for lang in html.LANGUAGES for one, called in book.names(lang).items()}
    named |= {one: one for one in book.ids}
    try:
        must_occur(term.book, [term.name], named)
    except InputError as error:
        raise InputError(f"{term.key}: {error.message}") from None
    own, ids = named[term.name], list(study.reports["report_id"])
    if term.book == "topic":
        parts = [load() for _, load in study.parts("themes")]
        kept = [one.filter(pc.equal(one["key"], own)) for one in parts]
        found = of_reports(kept, "themes", ids)
    else:
        (theme,) = (one for one in book.themes if one.id == own)
        needs = [] if theme.conditional else [frozenset(theme.include)]
        found = themes.match(_needing(needs, sentences).to_pandas(), book)
    found = found[(found["key"] == own) & (found["shadowed_by"] == "")]
    made: pd.DataFrame = found.assign(key=term.key)[list(tables.COLUMNS["terms"])]
    return made.reset_index(drop=True)


def of_places(sentences: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """The sentences of some places, rows of the table `sizes`."""
    own, wanted = (
        pd.MultiIndex.from_frame(one[[*counts.PLACE]].astype(object)) for one in (sentences, places)
    )
    return sentences[own.isin(wanted)]


def hits(study: Any, keys: Sequence[str], slice_: str = "") -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where some terms stand in a slice, a table `terms`, and the sentences that hold them."""
    found = [look(study, key) for key in keys]
    if slice_:
        places = slices.select(study.sizes, study.about, slice_)
        found = [one.within(places) for one in found]
    terms, own = zip(*(one.hits() for one in found), strict=True)
    both = pd.concat(own, ignore_index=True).drop_duplicates("sentence_id", ignore_index=True)
    return pd.concat(terms, ignore_index=True), both


def counted(study: Any, keys: Sequence[str], places: pd.DataFrame) -> Counts:
    """How often some terms stand in places, rows of the table `sizes`."""
    return summed([look(study, key) for key in keys], places)


def summed(found: Sequence[Found], places: pd.DataFrame) -> Counts:
    """The same of terms that were looked for."""
    return Counts.summed(pd.concat([one.rows() for one in found], ignore_index=True), places)


# -- words of the segmentation ---------------------------------------------------------------------


_AT_ONCE = 50


def no_book(term: queries.Term) -> None:
    """InputError for what a codebook finds, which is no word."""
    if term.book:
        raise InputError(f"{term.key} is found in the text; look for it anywhere, not as a word.")


def forms(term: queries.Term, own: Counts) -> list[str]:
    """The words that are a term as a whole: 数字化 and 数字政府 of 数字*."""
    no_book(term)
    return [term.plain] if term.plain else [word for word in own.n.index if term.is_word(word)]


def words_counted(terms: Sequence[queries.Term], own: Counts) -> Counts:
    """How often the words stand where that are a term as a whole, all of them as one."""
    each, made = np.arange(len(own.sizes)), []
    for term in terms:
        words, n = forms(term, own), 0 * each
        for first in range(0, len(words), _AT_ONCE):
            n += own.matrix(words[first : first + _AT_ONCE], each).sum(axis=0)
        rows = own.sizes[[*counts.PLACE]].assign(key=term.key, n=n)
        made.append(rows[n > 0])
    return Counts.summed(pd.concat(made, ignore_index=True), own.sizes)

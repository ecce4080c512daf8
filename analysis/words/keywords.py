"""Which words a report uses, how often for its length, how evenly, and where.

A word's hits are the tokens of the segmentation; its row carries the count and every
denominator a referee asks for. Stop words only hide rows: they never change a count or a rate.
Hits of sentences that are not given are left out, so a slice of the sentences (a part, a section)
gives the counts of that slice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import shown

from . import queries
from .counts import Counts

if TYPE_CHECKING:
    from .segment import Segmenter

NEXT = tuple(f"{side}{at}" for side in ("left", "right") for at in range(1, 6))
ORDERS = ("place", "left", "right", *NEXT)
"""Orders of a concordance."""

PER = 10_000
"""Rates are per this many characters."""

MIN_REPORTS = 5
"""Of fewer reports a bootstrap has too few different draws: there is no interval (lo, hi NaN)."""

RESAMPLES = 1000
"""How often reports are drawn anew for an interval."""

FREQUENCY = ["key", "n", "N_chars", "rate", "lo", "hi", "N_tokens", "reports", "sections"]
FREQUENCY += ["n_sentences", "parts", "parts_are", "dp", "dp_norm"]
_AT_ONCE = 2_000  # things resampled together: bounds the memory, not the result


def term_hits(sentences: pd.DataFrame, segmenter: Segmenter) -> pd.DataFrame:
    """Every word of every sentence with its place: the table `terms`.

    start and end count characters of the restored report.
    """
    rows = [
        (row.report_id, row.sentence_id, row.start + start, row.start + end, word)
        for row in tables.rows(sentences)
        for word, start, end in segmenter.words(row.text)
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["terms"]))


def ngrams(terms: pd.DataFrame, n: int) -> pd.DataFrame:
    """Every run of `n` words of a sentence that stand side by side in the text: a table `terms`.

    Words with punctuation or a space between them are no neighbours. Runs overlap; key is the text
    of the run. ValueError for n below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; an n-gram has 1 word or more")
    ordered = terms.sort_values(["report_id", "start"], kind="stable", ignore_index=True)
    runs = ordered[list(tables.COLUMNS["terms"])].iloc[: max(0, len(ordered) - n + 1)].copy()
    whole = np.ones(len(runs), dtype=bool)
    for step in range(1, n):
        following = ordered.iloc[step:].iloc[: len(runs)]
        whole &= following["sentence_id"].to_numpy() == runs["sentence_id"].to_numpy()
        whole &= following["start"].to_numpy() == runs["end"].to_numpy()
        runs["key"] = runs["key"].to_numpy() + following["key"].to_numpy()
        runs["end"] = following["end"].to_numpy()
    return runs[whole].reset_index(drop=True)


def containing(
    terms: pd.DataFrame, keys: Collection[str], without: Collection[str] = ()
) -> pd.DataFrame:
    """Hits of words inside longer words too, 法治 in 法治政府: a table `terms`.

    One row for each time that a word of `keys` stands in a word of `terms`, in the order of the
    text. A string that runs over the end of a word is none, and words of `without` hold none:
    依法治国 is no 法治.

    >>> terms = pd.DataFrame({"sentence_id": "s001", "start": 4, "end": 8, "key": ["法治政府"]})
    >>> containing(terms, ["法治"])
      sentence_id  start  end key
    0        s001      4    6  法治
    """
    searched = terms[~terms["key"].str.fullmatch(queries.shape(without))]
    frames = [
        held.assign(start=held["start"] + at, end=held["start"] + at + len(key), key=key)
        for key in keys
        for at in range(int(searched["key"].str.len().max() or 0))
        if len(held := searched[searched["key"].str.slice(at, at + len(key)) == key])
    ]
    found = pd.concat(frames) if frames else terms.iloc[:0]
    return found.sort_index(kind="stable").reset_index(drop=True)


def occurrences(sentences: pd.DataFrame, text: str | queries.Term) -> pd.DataFrame:
    """Each place where a string, or a term, stands in sentences, words or not: a table `terms`.

    Places do not overlap; they stand in the order of the sentences. '' stands nowhere.

    >>> row = {"report_id": "a", "sentence_id": "s001", "start": 10, "text": "依法治国，法治"}
    >>> occurrences(pd.DataFrame([row]), "法治").start.tolist()
    [11, 15]
    """
    if isinstance(text, str):
        text = queries.Term(text, pattern=re.escape(text), plain=text)
    held = sentences if text.pattern else sentences[:0]
    if text.plain:
        held = sentences[sentences["text"].str.contains(text.plain, regex=False)]
    rows = [
        (row.report_id, row.sentence_id, row.start + start, row.start + end, text.key)
        for row in tables.rows(held[["report_id", "sentence_id", "start", "text"]])
        for start, end in text.spans(row.text)
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["terms"]))


def frequency(
    counts: Counts, *, sample: bool = False, resamples: int = RESAMPLES, seed: int = 0
) -> pd.DataFrame:
    """How often and how evenly each word stands in what was counted.

    One row a word, most frequent first (ties by code point): key, n, N_chars (all characters but
    white space), rate (per 10,000 characters), lo and hi (of rate, see `interval`; NaN unless the
    reports are a `sample`), N_tokens (all words), reports and sections that hold it, n_sentences,
    and dispersion over parts: parts, parts_are (`reports` if there are several, else `sections`;
    their sizes are in words, parts without a word left out), dp (Gries 2008) and dp_norm (Lijffijt
    & Gries 2012; both 0 for a word spread as the text is, NaN with one part).
    """
    parts_are, by = ("reports", ["report_id"]) if counts.reports > 1 else ("sections", ["section"])
    table = counts.words.assign(
        N_chars=counts.N_chars, N_tokens=counts.N_tokens, lo=np.nan, hi=np.nan, parts_are=parts_are
    )
    table["rate"] = table["n"] / counts.N_chars * PER if counts.N_chars else np.nan
    if sample:
        group, reports = counts.group("report_id")
        held = counts.matrix(list(table.index), group)
        bounds = interval(held, reports["N_chars"].to_numpy(), resamples, seed)
        table["lo"], table["hi"] = PER * bounds
    spread = counts.spread(*by).set_index("key")[["parts", "dp", "dp_norm"]]
    table = table.join(spread).rename_axis("key").reset_index()
    return table.sort_values(["n", "key"], ascending=[False, True], ignore_index=True)[FREQUENCY]


def redrawn(reports: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """How often each report stands in each sample drawn with replacement: resamples × reports."""
    return rng.multinomial(reports, np.full(reports, 1 / reports), size=resamples)


def interval(counts: np.ndarray, sizes: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """2.5 and 97.5 per cent of each thing's share over reports drawn anew, in two rows.

    A percentile bootstrap: `counts` (things × reports) over `sizes` (of the reports), both summed
    over the reports of a draw. NaN for fewer than `MIN_REPORTS` reports, and without resamples.
    """
    bounds = np.full((2, len(counts)), np.nan)
    if resamples and len(sizes) >= MIN_REPORTS:
        drawn = redrawn(len(sizes), resamples, np.random.default_rng(seed))
        totals = (drawn @ sizes)[:, None]
        for first in range(0, len(counts), _AT_ONCE):
            some = slice(first, first + _AT_ONCE)
            shares = drawn @ counts[some].T / totals
            bounds[:, some] = np.quantile(shares, (0.025, 0.975), axis=0)
    return bounds


def top(
    table: pd.DataFrame, top_n: int, *, stopwords: Collection[str] = (), min_chars: int = 2
) -> pd.DataFrame:
    """The first rows of a frequency table without stop words and words below `min_chars`.

    Words that hold no Chinese character (years, numbers) are hidden too. Nothing is recounted.
    ValueError for a negative number of rows, which would be all but the last ones.
    """
    if top_n < 0:
        raise ValueError(f"top_n is {top_n}; it must be 0 or more")
    words = table["key"]
    chinese = words.str.contains(r"[㐀-鿿]") & (words.str.len() >= min_chars)
    return table[chinese & ~words.isin(list(stopwords))].head(top_n).reset_index(drop=True)


def concordance(
    terms: pd.DataFrame,
    sentences: pd.DataFrame,
    key: str = "",
    *,
    width: int = 20,
    sort: str = "place",
    cut: Callable[[str], Iterable[tuple[str, int, int]]] | None = None,
) -> pd.DataFrame:
    """Keyword in context: each hit of a word, of all if none is named, with what stands around it.

    report_id, sentence_id, section, part, left, key, right (at most `width` characters). `sort` is
    `place` (order of the text), `right`, or `left`, which compares what stands left from the word
    outwards; or one of `NEXT`, the first to fifth word to the left or right (`left2`), which `cut`
    finds. Ties keep the order of the text. ValueError for another one.
    """
    if sort not in ORDERS:
        raise ValueError(f"sort is {sort!r}; it must be place, left or right, or left1 to right5")
    texts = sentences[["sentence_id", "section", "part", "text", "start"]]
    own = terms[terms["key"] == key] if key else terms
    hits = own.merge(texts, on="sentence_id", suffixes=("", "_sentence"))
    rows, by = [], []
    for hit in tables.rows(hits):
        begin, end = hit.start - hit.start_sentence, hit.end - hit.start_sentence
        left, right = hit.text[max(0, begin - width) : begin], hit.text[end : end + width]
        place = (hit.report_id, hit.sentence_id, hit.section, hit.part)
        rows.append((*place, left, hit.text[begin:end], right))
        by.append(_beside(hit.text, begin, end, sort, cut) if sort in NEXT and cut else "")
    if sort in NEXT:
        rows = [rows[at] for at in sorted(range(len(rows)), key=by.__getitem__)]
    elif sort != "place":
        rows.sort(key=lambda row: row[-3][::-1] if sort == "left" else row[-1])
    columns = ["report_id", "sentence_id", "section", "part", "left", "key", "right"]
    return shown.Concordance(rows, columns=columns)


def _beside(text: str, begin: int, end: int, which: str, cut: Any) -> str:
    """The first to fifth word left or right of a hit; '' where the sentence ends before it."""
    at = int(which[-1])
    if which.startswith("left"):
        found = [word for word, _, last in cut(text) if last <= begin][-at:]
        return found[0] if len(found) == at else ""
    found = [word for word, first, _ in cut(text) if first >= end][:at]
    return found[-1] if len(found) == at else ""


def sections(counts: Counts, keys: Sequence[str], *, by: str = "section") -> pd.DataFrame:
    """Rates of some words in each section (part, report), zeros too.

    key, the column `by`, n, N_chars, rate (per 10,000 characters of that section); the words as
    given, sections in the order of the text.
    """
    return grouped(counts, keys, [by])[["key", by, "n", "N_chars", "rate"]]


def rates(
    counts: Counts,
    reports: pd.DataFrame,
    keys: Sequence[str],
    *,
    by: Sequence[str] = ("region", "year"),
    inside: bool = False,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """Rates of some words in each group of reports (columns `by` of `reports`).

    *by, key, n, N_chars, rate (per 10,000 characters), N_tokens, reports (in the group); sorted by
    group, the words as given. A group without a report has no row: a missing year is a gap, not a
    zero. `inside` and `without` as in `Counts.matrix`.
    """
    known = reports.set_index("report_id")
    ids = counts.sizes["report_id"]
    about = {name: ids if name == "report_id" else ids.map(known[name]) for name in by}
    own = replace(counts, sizes=counts.sizes.assign(**about))
    table = grouped(own, keys, list(by), inside=inside, without=without)
    table = table.sort_values(list(by), kind="stable")
    return table[[*by, "key", "n", "N_chars", "rate", "N_tokens", "reports"]].reset_index(drop=True)


def grouped(counts: Counts, keys: Sequence[str], by: list[str], **how: Any) -> pd.DataFrame:
    """One row a word and group of places: key, *by, n, N_chars, rate, N_tokens, reports."""
    keys = list(dict.fromkeys(keys))
    group, sizes = counts.group(*by)
    table = pd.DataFrame({"key": keys}).merge(sizes, how="cross")
    table["n"] = counts.matrix(keys, group, **how).reshape(-1)
    table["rate"] = table["n"] / table["N_chars"] * PER
    return table


def places(terms: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Where some words stand along their reports, in the order of the text.

    report_id, key, sentence_id, start, place (start / length, from 0 to 1), length (characters of
    the restored report up to its last sentence's end).
    """
    inside = terms["sentence_id"].isin(sentences["sentence_id"])
    hits = terms[inside & terms["key"].isin(list(keys))]
    length = hits["report_id"].map(sentences.groupby("report_id")["end"].max())
    hits = hits.assign(length=length, place=hits["start"] / length)
    columns = ["report_id", "key", "sentence_id", "start", "place", "length"]
    return hits[columns].reset_index(drop=True)

"""Which words a report uses, how often for its length, how evenly, and where.

A word's hits are the tokens of the segmentation; its row carries the count and every
denominator a referee asks for. Stop words only hide rows: they never change a count or a rate.
Hits of sentences that are not given are left out, so a slice of the sentences (a part, a section)
gives the counts of that slice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import dispersion, tables

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from analysis.segment import Segmenter

PER = 10_000
"""Rates are per this many characters."""

_FREQUENCY = [
    *("key", "n", "N_chars", "rate", "lo", "hi", "N_tokens", "reports", "sections"),
    *("n_sentences", "parts", "parts_are", "dp", "dp_norm"),
]
_AT_ONCE = 2_000  # words resampled together: bounds the memory, not the result


def term_hits(sentences: pd.DataFrame, segmenter: Segmenter, *, pos: bool = False) -> pd.DataFrame:
    """Every word of every sentence with its place.

    Returns
    -------
    DataFrame
        The table `terms`: start and end count characters of the restored report. With `pos` a
        last column `pos` holds the part of speech; the words are the same.
    """
    cut = segmenter.tagged if pos else segmenter.words
    rows = [
        (row.report_id, row.sentence_id, row.start + start, row.start + end, word, *tag)
        for row in tables.rows(sentences)
        for word, start, end, *tag in cut(row.text)
    ]
    return pd.DataFrame(rows, columns=[*tables.COLUMNS["terms"], *(["pos"] if pos else [])])


def ngrams(terms: pd.DataFrame, n: int) -> pd.DataFrame:
    """Every run of `n` words of a sentence that stand side by side in the text.

    Words with punctuation or a space between them are no neighbours. Runs overlap.

    Returns
    -------
    DataFrame
        The table `terms`; key is the text of the run, the words joined by nothing.

    Raises
    ------
    ValueError
        for n below 1.
    """
    if n < 1:
        raise ValueError(f"n is {n}; an n-gram has 1 word or more")
    ordered = terms.sort_values(["report_id", "start"], kind="stable", ignore_index=True)
    runs = ordered[list(tables.COLUMNS["terms"])].iloc[: max(0, len(ordered) - n + 1)].copy()
    whole = np.ones(len(runs), dtype=bool)
    for step in range(1, n):
        last = ordered.iloc[step - 1 :].iloc[: len(runs)]
        following = ordered.iloc[step:].iloc[: len(runs)]
        whole &= following["sentence_id"].to_numpy() == last["sentence_id"].to_numpy()
        whole &= following["start"].to_numpy() == last["end"].to_numpy()
        runs["key"] = runs["key"].to_numpy() + following["key"].to_numpy()
        runs["end"] = following["end"].to_numpy()
    return runs[whole].reset_index(drop=True)


def containing(
    terms: pd.DataFrame, keys: Collection[str], without: Collection[str] = ()
) -> pd.DataFrame:
    """Hits of words inside longer words too: 法治 in 法治政府.

    Parameters
    ----------
    without : longer words that hold the string but not the word: 依法治国 is no 法治.

    Returns
    -------
    DataFrame
        The table `terms`: one row for each time that a word of `keys` stands in a word of `terms`,
        key being the word of `keys`; in the order of the text. A string that runs over the end of a
        word is none.

    Examples
    --------
    >>> terms = pd.DataFrame({"sentence_id": "s001", "start": 4, "end": 8, "key": ["法治政府"]})
    >>> containing(terms, ["法治"])
      sentence_id  start  end key
    0        s001      4    6  法治
    """
    searched = terms[~terms["key"].isin(list(without))]
    frames = [
        held.assign(start=held["start"] + at, end=held["start"] + at + len(key), key=key)
        for key in keys
        for at in range(int(searched["key"].str.len().max() or 0))
        if len(held := searched[searched["key"].str.slice(at, at + len(key)) == key])
    ]
    found = pd.concat(frames) if frames else terms.iloc[:0]
    return found.sort_index(kind="stable").reset_index(drop=True)


def n_chars(sentences: pd.DataFrame) -> int:
    """How many characters the sentences hold, punctuation included, white space not."""
    return int(_chars(sentences).sum())


def _chars(sentences: pd.DataFrame) -> pd.Series[int]:
    return sentences["text"].str.replace(r"\s", "", regex=True).str.len()


def frequency(
    terms: pd.DataFrame,
    sentences: pd.DataFrame,
    *,
    sample: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Count each word and relate the count to the length of the text.

    Parameters
    ----------
    terms : the table `terms`.
    sentences : the sentences to count in; they give the denominators.
    sample : whether the reports are a sample of more; only then there are intervals.
    resamples, seed : of the bootstrap.

    Returns
    -------
    DataFrame
        One row a word, most frequent first (ties by code point): key, n, N_chars (all characters
        but white space), rate (per 10,000 characters), lo and hi (95 % percentile bootstrap of
        the rate over reports; NaN in a census and for one report), N_tokens (all words), reports
        and sections that hold it, n_sentences, and dispersion over parts: parts, parts_are
        (`reports` if there are several, else `sections`; their sizes are in words, parts without
        a word left out), dp (Gries 2008) and dp_norm (Lijffijt & Gries 2012; both 0 for a word
        spread as the text is, NaN with one part).
    """
    place = pd.Index(sentences["sentence_id"]).get_indexer(pd.Index(terms["sentence_id"]))
    within = place >= 0
    place = place[within]
    key, keys = pd.factorize(terms["key"].to_numpy()[within], sort=True)
    report, reports = pd.factorize(sentences["report_id"])
    section, sections = pd.factorize(sentences["report_id"] + " " + sentences["section"])
    part, names = (report, reports) if len(reports) > 1 else (section, sections)
    characters = n_chars(sentences)
    n = np.bincount(key, minlength=len(keys))
    table = pd.DataFrame({"key": keys, "n": n, "N_chars": characters, "N_tokens": len(key)})
    table["rate"] = n / characters * PER if characters else 0.0
    table["lo"] = table["hi"] = np.nan
    if sample and len(reports) > 1:
        chars = np.bincount(report, weights=_chars(sentences), minlength=len(reports))
        counts = _cross(key, report[place], len(keys), len(reports))
        table["lo"], table["hi"] = _interval(counts, chars, resamples, seed)
    for column, codes in (("reports", report), ("sections", section)):
        table[column] = _distinct(key, codes[place], len(keys))
    table["n_sentences"] = _distinct(key, place, len(keys))
    table["parts_are"] = "reports" if len(reports) > 1 else "sections"
    spread = _dispersion(keys, key, names, part[place])
    table = table.merge(spread[["key", "parts", "dp", "dp_norm"]], on="key", how="left")
    return table.sort_values(["n", "key"], ascending=[False, True], ignore_index=True)[_FREQUENCY]


def _distinct(key: np.ndarray, other: np.ndarray, size: int) -> np.ndarray:
    """How many different others each of `size` keys stands with."""
    width = int(other.max()) + 1 if len(other) else 1
    return np.bincount(np.unique(key * width + other) // width, minlength=size)


def _cross(key: np.ndarray, other: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Counts, keys × others."""
    return np.bincount(key * columns + other, minlength=rows * columns).reshape(rows, columns)


def _dispersion(
    keys: np.ndarray, key: np.ndarray, parts: pd.Index, part: np.ndarray
) -> pd.DataFrame:
    pairs, n = np.unique(key * len(parts) + part, return_counts=True)
    rows = {"key": keys[pairs // len(parts)], "part": parts[pairs % len(parts)], "n": n}
    sizes = pd.Series(np.bincount(part, minlength=len(parts)), index=parts)
    return dispersion.table(pd.DataFrame(rows), sizes[sizes > 0])


def redrawn(reports: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """How often each report stands in each sample drawn with replacement: resamples × reports."""
    return rng.multinomial(reports, np.full(reports, 1 / reports), size=resamples)


def _interval(
    counts: np.ndarray, chars: np.ndarray, resamples: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile bootstrap of rates: reports drawn with replacement, words × reports given."""
    drawn = redrawn(len(chars), resamples, np.random.default_rng(seed))
    scale = (drawn @ chars)[:, None] / PER
    bounds = [
        np.quantile(drawn @ counts[first : first + _AT_ONCE].T / scale, (0.025, 0.975), axis=0)
        for first in range(0, len(counts), _AT_ONCE)
    ]
    low, high = np.concatenate(bounds, axis=1) if bounds else np.empty((2, 0))
    return low, high


def top(
    table: pd.DataFrame, top_n: int, *, stopwords: Collection[str] = (), min_chars: int = 2
) -> pd.DataFrame:
    """The first rows of a frequency table without stop words and one-character words.

    Words that hold no Chinese character (years, numbers) are hidden too. Nothing is recounted.
    """
    shown = (
        (table["key"].str.len() >= min_chars)
        & table["key"].str.contains(r"[㐀-鿿]")
        & ~table["key"].isin(list(stopwords))
    )
    return table[shown].head(top_n).reset_index(drop=True)


def concordance(
    terms: pd.DataFrame,
    sentences: pd.DataFrame,
    key: str,
    *,
    width: int = 20,
    sort: str = "place",
) -> pd.DataFrame:
    """Keyword in context: each hit of a word with what stands left and right of it.

    Parameters
    ----------
    sort : `place` (order of the text), `right`, or `left`, which compares what stands left from
        the word outwards; ties keep the order of the text.

    Returns
    -------
    DataFrame
        report_id, sentence_id, section, part, left, key, right (at most `width` characters).

    Raises
    ------
    ValueError
        for another `sort`.
    """
    if sort not in ("place", "left", "right"):
        raise ValueError(f"sort is {sort!r}; it must be place, left or right")
    hits = terms[terms["key"] == key].merge(
        sentences[["sentence_id", "section", "part", "text", "start"]],
        on="sentence_id",
        suffixes=("", "_sentence"),
    )
    rows = []
    for hit in tables.rows(hits):
        begin, end = hit.start - hit.start_sentence, hit.end - hit.start_sentence
        context = (
            hit.text[max(0, begin - width) : begin],
            hit.text[begin:end],
            hit.text[end : end + width],
        )
        rows.append((hit.report_id, hit.sentence_id, hit.section, hit.part, *context))
    if sort != "place":
        rows.sort(key=lambda row: row[-3][::-1] if sort == "left" else row[-1])
    columns = ["report_id", "sentence_id", "section", "part", "left", "key", "right"]
    return pd.DataFrame(rows, columns=columns)


def sections(
    terms: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str], *, by: str = "section"
) -> pd.DataFrame:
    """Rates of some words in each section (part, report), zeros too.

    Returns
    -------
    DataFrame
        key, the column `by`, n, N_chars, rate (per 10,000 characters of that section); the words
        as given, sections in the order of the text.
    """
    table = _grouped(terms, sentences, keys, [by])
    return table[["key", by, "n", "N_chars", "rate"]]


def rates(
    terms: pd.DataFrame,
    sentences: pd.DataFrame,
    reports: pd.DataFrame,
    keys: Sequence[str],
    *,
    by: Sequence[str] = ("region", "year"),
) -> pd.DataFrame:
    """Rates of some words in each group of reports, such as a region's year.

    Parameters
    ----------
    reports : the table `reports`.
    by : its columns that make the groups.

    Returns
    -------
    DataFrame
        *by, key, n, N_chars, rate (per 10,000 characters), N_tokens, reports (in the group); sorted
        by group, the words as given. A group without a report has no row: a missing year is a gap,
        not a zero.
    """
    wanted = [column for column in by if column != "report_id"]
    joined = sentences.merge(reports[["report_id", *wanted]], on="report_id")
    table = _grouped(terms, joined, keys, list(by)).sort_values(list(by), kind="stable")
    return table[[*by, "key", "n", "N_chars", "rate", "N_tokens", "reports"]].reset_index(drop=True)


def _grouped(
    terms: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str], by: list[str]
) -> pd.DataFrame:
    """One row a word and group of sentences: key, *by, n, N_chars, rate, N_tokens, reports."""
    groups = sentences.assign(N_chars=_chars(sentences)).groupby(by, sort=False)
    sizes = groups.agg(N_chars=("N_chars", "sum"), reports=("report_id", "nunique"))
    sizes["group"] = range(len(sizes))
    group_of = pd.Series(groups.ngroup().to_numpy(), index=sentences["sentence_id"])
    placed = terms.assign(group=terms["sentence_id"].map(group_of)).dropna(subset="group")
    placed["group"] = placed["group"].astype(int)
    sizes["N_tokens"] = np.bincount(placed["group"], minlength=len(sizes))
    n = placed.groupby(["key", "group"]).size()
    table = pd.DataFrame({"key": list(dict.fromkeys(keys))}).merge(sizes.reset_index(), how="cross")
    wanted = pd.MultiIndex.from_frame(table[["key", "group"]])
    table["n"] = n.reindex(wanted, fill_value=0).to_numpy()
    table["rate"] = table["n"] / table["N_chars"] * PER
    return table


def places(terms: pd.DataFrame, sentences: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Where some words stand along their reports.

    Returns
    -------
    DataFrame
        report_id, key, sentence_id, start, place (start / length, from 0 to 1), length (characters
        of the restored report up to its last sentence's end), in the order of the text.
    """
    hits = terms[
        terms["key"].isin(list(keys)) & terms["sentence_id"].isin(sentences["sentence_id"])
    ]
    length = hits["report_id"].map(sentences.groupby("report_id")["end"].max())
    hits = hits.assign(length=length, place=hits["start"] / length)
    columns = ["report_id", "key", "sentence_id", "start", "place", "length"]
    return hits[columns].reset_index(drop=True)

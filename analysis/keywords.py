"""Which words a report uses, how often for its length, and where.

A word's hits are the tokens of the segmentation; its row carries the count and every
denominator a referee asks for. Stop words only hide rows: they never change a count or a rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import tables

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.segment import Segmenter

PER = 10_000
"""Rates are per this many characters."""


def term_hits(sentences: pd.DataFrame, segmenter: Segmenter) -> pd.DataFrame:
    """Every word of every sentence with its place.

    Returns
    -------
    DataFrame
        The table `terms`: start and end count characters of the restored report.
    """
    rows = [
        (row.report_id, row.sentence_id, row.start + start, row.start + end, word)
        for row in tables.rows(sentences)
        for word, start, end in segmenter.words(row.text)
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["terms"]))


def n_chars(sentences: pd.DataFrame) -> int:
    """How many characters the sentences hold, punctuation included, white space not."""
    return int(sentences["text"].str.replace(r"\s", "", regex=True).str.len().sum())


def frequency(terms: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Count each word and relate the count to the length of the text.

    Parameters
    ----------
    terms : the table `terms`.
    sentences : the sentences it was made from; they give the denominators.

    Returns
    -------
    DataFrame
        One row a word, most frequent first (ties by code point): key, n, N_chars (all characters
        but white space), rate (per 10,000 characters), N_tokens (all words), reports and sections
        that hold it, n_sentences.
    """
    sections = sentences.set_index("sentence_id")["section"]
    placed = terms.assign(place=terms["report_id"] + " " + terms["sentence_id"].map(sections))
    table = placed.groupby("key", sort=True).agg(
        n=("key", "size"),
        reports=("report_id", "nunique"),
        sections=("place", "nunique"),
        n_sentences=("sentence_id", "nunique"),
    )
    characters = n_chars(sentences)
    table = table.reset_index().assign(N_chars=characters, N_tokens=len(terms))
    table["rate"] = table["n"] / characters * PER if characters else 0.0
    columns = ["key", "n", "N_chars", "rate", "N_tokens", "reports", "sections", "n_sentences"]
    return table.sort_values(["n", "key"], ascending=[False, True], ignore_index=True)[columns]


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
    terms: pd.DataFrame, sentences: pd.DataFrame, key: str, *, width: int = 20
) -> pd.DataFrame:
    """Keyword in context: each hit of a word with what stands left and right of it.

    Returns
    -------
    DataFrame
        report_id, sentence_id, section, part, left, key, right (at most `width` characters).
    """
    hits = terms[terms["key"] == key].merge(
        sentences[["sentence_id", "section", "part", "text", "start"]],
        on="sentence_id",
        suffixes=("", "_sentence"),
    )
    rows = []
    for hit in tables.rows(hits):
        begin, end = hit.start - hit.start_sentence, hit.end - hit.start_sentence
        left, right = hit.text[max(0, begin - width) : begin], hit.text[end : end + width]
        rows.append(
            (
                hit.report_id,
                hit.sentence_id,
                hit.section,
                hit.part,
                left,
                hit.text[begin:end],
                right,
            )
        )
    columns = ["report_id", "sentence_id", "section", "part", "left", "key", "right"]
    return pd.DataFrame(rows, columns=columns)

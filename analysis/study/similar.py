"""Reports, or a report's sections, held against each other by their rates of words or themes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis import themes
from analysis.kit import InputError, must_occur
from analysis.words import Counts, keywords, similarity

MANY = 300
"""Texts up to which each is held against each."""

BY = {"report": "report_id", "section": "section"}
"""What texts may be, and the column that tells them apart."""


def texts(study: Any, by: str) -> tuple[str, dict[str, str]]:
    """What texts are told apart by, and what each is called.

    InputError for anything else, and for the sections of several reports, which share their ids.
    """
    must_occur("by", [by] if by else [], BY)
    column = BY[by] if by else study.places[0]
    if column == "section" and len(study.reports) > 1:
        raise InputError("sections are held against each other within one report; choose one.")
    names: dict[str, str] = study.places_of(column)
    return column, names


def by_words(
    counts: Counts, stopwords: Sequence[str], by: str, top_n: int, min_chars: int
) -> pd.DataFrame:
    """The texts of some counts by the rates of their `top_n` most frequent words.

    `similarity.pairs`; the table of words is that of `keywords.top`. Its `attrs` are `items`, how
    many of these, and `small`, the texts of too few characters that are left out.
    """
    words = counts.n.rename_axis("key").rename("n").reset_index()
    words = words.sort_values(["n", "key"], ascending=[False, True], ignore_index=True)
    keys = list(keywords.top(words, top_n, stopwords=stopwords, min_chars=min_chars)["key"])
    group, sizes = counts.group(by)
    counted = counts.matrix(keys, group).T / np.maximum(sizes["N_chars"].to_numpy(), 1)[:, None]
    enough = sizes["N_chars"].to_numpy() >= similarity.CHARS
    return _pairs(counted, list(sizes[by].astype(str)), keys, by, enough)


def by_themes(
    chosen: tuple[pd.DataFrame, pd.DataFrame], codebook: Any, only: Sequence[str], by: str
) -> pd.DataFrame:
    """The same of some sentences and codes by the share of sentences that each theme has."""
    own, codings = chosen
    keys = list(only) or list(codebook.ids)
    table = themes.coverage(codings, own, codebook, by=(by,), only=keys)
    shares = table.pivot(index=by, columns="theme", values="share")[keys].fillna(0)
    texts = list(dict.fromkeys(table[by]))
    sentences = table.groupby(by)["N_sentences"].first().loc[texts].to_numpy()
    enough = sentences >= similarity.SENTENCES
    return _pairs(shares.loc[texts].to_numpy(dtype=float), texts, keys, by, enough)


def _pairs(
    rates: np.ndarray, texts: Sequence[str], keys: Sequence[str], by: str, enough: np.ndarray
) -> pd.DataFrame:
    """Pairs of the texts that are large enough; of all where no two are."""
    kind = "sections" if by == "section" else "reports"
    small = [text for text, large in zip(texts, enough, strict=True) if not large]
    if enough.sum() >= 2:
        rates, texts = rates[enough], [text for text in texts if text not in small]
    if len(texts) < 2:
        raise InputError(f"there are no two {kind} to hold against each other; choose more.")
    if len(texts) > MANY:
        said = f"there are {len(texts):,} {kind}, and each is held against each"
        raise InputError(f"{said}; choose {MANY} or fewer (reports, target).")
    table = similarity.pairs(rates, texts, keys, by)
    table.attrs |= {"items": len(keys), "small": [one for one in small if one not in texts]}
    table.attrs["few"] = len(small) > len(table.attrs["small"])
    return table


def sized(table: pd.DataFrame) -> dict[str, Any]:
    """What a figure says of the texts of a table of pairs: items, small, few."""
    return {str(key): value for key, value in table.attrs.items()}


def shared(table: pd.DataFrame) -> list[str]:
    """All that a table of pairs says is shared, in the order of the table."""
    found = [one for said in table["shared"] for one in said.split(similarity.APART) if one]
    return list(dict.fromkeys(found))

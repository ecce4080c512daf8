"""From any number back to the sentences it came from, and on to the raw file.

Every measure is an aggregate over hits, so the evidence of a number is the hits with the same
keys. One function serves every table, figure and page.
"""

from __future__ import annotations

import pandas as pd

CONTEXT = ["section", "heading", "is_heading", "part", "text", "raw_start", "raw_end"]
"""Columns of `sentences` that stand beside each hit."""


def of(hits: pd.DataFrame, sentences: pd.DataFrame | None = None, **keys: object) -> pd.DataFrame:
    """The hits behind a number.

    Parameters
    ----------
    hits : any table of hits (terms, themes, …).
    sentences : if given, each hit comes with its sentence (`CONTEXT`); a key may then also be
        one of those columns.
    keys : columns and the value, or list of values, that they must have.

    Returns
    -------
    DataFrame
        The rows of `hits` that fit, in the order of the text.

    Raises
    ------
    KeyError
        for a key that is no column.

    Examples
    --------
    >>> hits = pd.DataFrame({"sentence_id": ["a:s001", "a:s002"], "key": ["法治", "执法"]})
    >>> of(hits, key="执法").sentence_id.tolist()
    ['a:s002']
    """
    if sentences is not None:
        places = sentences.set_index("sentence_id")[CONTEXT]
        hits = hits.join(places, on="sentence_id")
    for column, wanted in keys.items():
        values = wanted if isinstance(wanted, list | tuple | set) else [wanted]
        hits = hits[hits[column].isin(list(values))]
    return hits.reset_index(drop=True)

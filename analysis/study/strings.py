"""Where a text stands, be it a word or not: looked for in the sentences themselves.

A phrase that the segmentation cuts in two (数字经济: 数字 | 经济) is no word and has no count of
words; its text has.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from analysis.words import Counts, counts, keywords, slices

from .store import of_reports


def cut(study: Any, key: str) -> list[str]:
    """The pieces that the segmentation makes of a text; one for a word."""
    return [piece for piece, *_ in study.segmenter.words(key)]


def phrases(study: Any, keys: Iterable[str]) -> list[str]:
    """Those of some keys that are no words of the segmentation."""
    return [key for key in keys if key.strip() and cut(study, key) != [key]]


def said(study: Any, phrase: str) -> str:
    """One sentence on a phrase whose text is counted."""
    pieces = " | ".join(cut(study, phrase)) or "nothing"
    return f"{phrase}: {study.engine} cuts it into {pieces}, so its text is counted, not a word."


def holding(
    study: Any, text: str, slice_: str = "", loads: Sequence[Any] | None = None
) -> pd.DataFrame:
    """The sentences of a slice that hold a text: rows of the table `sentences`.

    Parameters
    ----------
    loads : what loads the parts of that table, if these are at hand.
    """
    if loads is None:
        loads = [load for _, load in study.parts("sentences")]
    found = [
        one.filter(pc.match_substring(one["text"], text)) for one in (load() for load in loads)
    ]
    both = of_reports(found, "sentences", list(study.reports["report_id"]))
    if not slice_:
        return both
    return of_places(both, slices.select(study.sizes, study.about, slice_))


def of_places(sentences: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """The sentences of some places, rows of the table `sizes`."""
    own, wanted = (
        pd.MultiIndex.from_frame(one[[*counts.PLACE]].astype(object)) for one in (sentences, places)
    )
    return sentences[own.isin(wanted)]


def hits(
    study: Any, keys: Sequence[str], slice_: str = "", loads: Sequence[Any] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Where some texts stand in a slice, a table `terms`, and the sentences that hold them."""
    own = [holding(study, key, slice_, loads) for key in keys]
    found = [keywords.occurrences(some, key) for some, key in zip(own, keys, strict=True)]
    both = pd.concat(own, ignore_index=True).drop_duplicates("sentence_id", ignore_index=True)
    return pd.concat(found, ignore_index=True), both


def counted(
    study: Any, keys: Sequence[str], places: pd.DataFrame, loads: Sequence[Any] | None = None
) -> Counts:
    """How often some texts stand in places, rows of the table `sizes`."""
    found, own = hits(study, keys, "", loads)
    about = own.set_index("sentence_id")[list(counts.PLACE)]
    rows = found[["sentence_id", "key"]].join(about, on="sentence_id")
    return Counts.summed(rows.assign(n=1), places)

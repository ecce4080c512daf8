"""What a panel is summed from: of each report, part and kind of sentence its size and its hits.

These are made in pieces, so that a large study needs no more memory than a small one, and kept in
the study's store under all they were made from.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables, themes
from analysis.kit import digest, progress

from .topics import Topics

KEYS = ["report_id", "part", "is_heading"]
"""What a row is of; `is_heading` tells the headings of a part from its other sentences."""

SIZES = [*KEYS, "N_sentences", "N_chars", "N_tokens", "N_shown"]
COUNTS = [*KEYS, "topic", "entry", "n", "n_all", "n_sentences"]
HITS = ["report_id", "sentence_id", "key", "entry", "shadowed_by", "part", "is_heading"]

_AT_ONCE = 64  # reports


def sizes(study: Any) -> pd.DataFrame:
    """How large each report is: `SIZES`; N_shown is the words that are no stop words."""
    counted = study.counted(study.sizes)
    group, table = counted.group(*KEYS)
    stopped = counted.matrix(sorted(study.stopwords), group).sum(axis=0)
    made: pd.DataFrame = table.assign(N_shown=table["N_tokens"] - stopped)[SIZES]
    return made.sort_values(KEYS, ignore_index=True)


def counts(study: Any, topics: Topics) -> pd.DataFrame:
    """How often each topic and entry stands in each report: `COUNTS`, only what is there.

    n is of the hits that count, n_all of those too that lie in others or overlap them. A row
    without an entry is the topic's; n_sentences is only there.
    """

    def of(some: Any) -> pd.DataFrame:
        return tally(found(some.sentences, topics))

    name = f"counts_{digest(topics.key)[:8]}"
    return _kept(study, name, ("sentences",), topics.key, COUNTS, of)


def found(sentences: pd.DataFrame, topics: Topics) -> pd.DataFrame:
    """The hits of topics in sentences, with the kind of sentence: `HITS`."""
    hits = themes.match(sentences, topics.codebook)
    return hits.merge(sentences[["sentence_id", "part", "is_heading"]], on="sentence_id")[HITS]


def tally(hits: pd.DataFrame) -> pd.DataFrame:
    """Hits summed: `COUNTS`."""
    hits = hits.rename(columns={"key": "topic"}).assign(n=hits["shadowed_by"] == "", n_all=1)
    by_topic = hits.groupby([*KEYS, "topic"], as_index=False)[["n", "n_all"]].sum()
    counted = hits[hits["n"]].groupby([*KEYS, "topic"])["sentence_id"].nunique()
    by_topic = by_topic.merge(counted.rename("n_sentences").reset_index(), how="left")
    by_entry = hits.groupby([*KEYS, "topic", "entry"], as_index=False)[["n", "n_all"]].sum()
    both = pd.concat([by_topic.assign(entry=""), by_entry], ignore_index=True)
    whole = both.fillna({"n_sentences": 0}).astype(dict.fromkeys(COUNTS[5:], "int64"))
    return whole[COUNTS].astype({"is_heading": bool})


def quality(study: Any) -> dict[str, str]:
    """What still looks damaged in each report, in few words: `holes 3, markup 1`; '' if nothing."""

    def of(some: Any) -> pd.DataFrame:
        rows = [(key, _said(some.remains(key))) for key in some.reports["report_id"]]
        return pd.DataFrame(rows, columns=["report_id", "said"])

    kept = _kept(study, "quality", ("sentences",), "", ["report_id", "said"], of)
    return dict(zip(kept["report_id"], kept["said"], strict=True))


def _said(remains: Any) -> str:
    return ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in remains._asdict().items() if n)


def _kept(
    study: Any,
    name: str,
    of: Collection[str],
    about: str,
    columns: list[str],
    make: Callable[[Any], pd.DataFrame],
) -> pd.DataFrame:
    """A table that is made in pieces, from the store where it is kept."""
    if study._shards:
        return _made(study, name, columns, make)
    ids = list(study.reports["report_id"])
    study.unchanged(ids)
    state = [place.name for table in of for place in study.store._parts(table, ids)]
    key = json.dumps([state, tables.sha256(Path(__file__)), about, ids])
    who = digest(json.dumps(ids))[:8]  # another choice of reports does not take its place
    made: pd.DataFrame = study.store.other(
        f"panel/{name}_{who}", key, lambda: _made(study, name, columns, make)
    )
    return made


def _made(
    study: Any, name: str, columns: list[str], make: Callable[[Any], pd.DataFrame]
) -> pd.DataFrame:
    made = [make(some) for some in pieces(study, name.partition("_")[0])]
    return pd.concat(made, ignore_index=True)[columns] if made else pd.DataFrame(columns=columns)


def pieces(study: Any, name: str) -> Iterator[Any]:
    """The study with some of its reports at a time, those that the store keeps together."""
    ids = sorted(study.reports["report_id"], key=digest)
    starts = range(0, len(ids), _AT_ONCE)
    for start in progress.over(starts, f"panel: {name}", "piece", leave=False, delay=2):
        yield study.only(ids[start : start + _AT_ONCE])

"""From any number back to the hits it was counted from, and their sentences.

Every measure is an aggregate over hits, so the evidence of a number is the hits with the same
keys. One function serves every table, figure and page.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analysis import tables

CONTEXT = ["section", "heading", "is_heading", "part", "text", "raw_start", "raw_end"]
"""Columns of `sentences` that stand beside each hit."""

COUNTED = {
    **{name: name for name in ("key", "report_id", "section", "part", "sentence_id", "start")},
    **{name: name for name in ("region", "year", "document_id", "published")},
    **{name: name for name in ("edit", "slice")},
    **{name: name for name in ("indicator_id", "role", "period", "measure_kind", "definition")},
    **{name: name for name in ("bound", "value", "source_id", "origin", "source_region")},
    "standing": "standing",
    "theme": "primary_theme",
    "topic": "key",
    "crossed": "crossed_theme",
}
"""Columns that say what a row counts, and the column of its hits that has the same value."""

PAIRS = {("source", "target"): ("key",), ("theme", "other"): ("primary_theme", "other_themes")}
"""Columns of a row about two things that share sentences, and those of its hits that name them."""

ALIKE = {"report_id": "other_report", "section": "other_section"}
"""Columns of a row about two texts; its column `shared` names what of both is its evidence."""


def of(hits: pd.DataFrame, sentences: pd.DataFrame | None = None, **keys: object) -> pd.DataFrame:
    """The hits behind a number: those with some value, or one of a list, in each column of `keys`.

    `hits` is any table of hits (terms, themes, …), in the order of the text. With `sentences` each
    hit comes with its sentence (`CONTEXT`); a key may then also be one of those columns. KeyError
    for a key that is no column.

    >>> hits = pd.DataFrame({"sentence_id": ["a:s001", "a:s002"], "key": ["法治", "执法"]})
    >>> of(hits, key="执法").sentence_id.tolist()
    ['a:s002']
    """
    own = [column for column in keys if column in hits]  # first: of all words few are asked for
    for column in (*own, "", *(key for key in keys if key not in own)):
        if column:
            wanted = keys[column]
            values = wanted if isinstance(wanted, list | tuple | set) else [wanted]
            hits = hits[hits[column].isin(list(values))]
        elif sentences is not None:
            hits = hits.join(sentences.set_index("sentence_id")[CONTEXT], on="sentence_id")
    return hits.reset_index(drop=True)


def behind(
    data: pd.DataFrame, hits: pd.DataFrame, reports: pd.DataFrame | None = None
) -> list[pd.DataFrame]:
    """The evidence of each row of a table that was counted from hits: its rows of `hits`, in order.

    Those that agree in every column of `COUNTED` that both tables have, none where there is no such
    column. For a row about a pair (`PAIRS`), the hits of either one in sentences that hold both;
    where hits say their place among the words of the sentence (word_no) and how far two may stand
    apart (span), only those with one of the other within reach. For a row
    about two texts (`ALIKE`), the hits in either one of what they share.
    `reports` (report_id, region, year) says which reports a row by region and year counts.
    """
    hits, found = places(data, hits, reports)
    return [hits.iloc[own] for own in found]


def places(
    data: pd.DataFrame, hits: pd.DataFrame, reports: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, list[list[int]]]:
    """The same without taking the hits apart: the hits, and where in them those of each row are."""
    if reports is not None and "report_id" in hits.columns:
        wanted = [name for name in ("region", "year") if name in data and name not in hits]
        hits = hits.merge(reports[["report_id", *wanted]], on="report_id", how="left")
    for pair, named in PAIRS.items():
        if {*pair} <= {*data.columns} and {*named} <= {*hits.columns}:
            return hits, list(_sharing(data[list(pair)], hits, named))
    for one, other in ALIKE.items():
        if {one, other, "shared"} <= {*data.columns} and {one, "key"} <= {*hits.columns}:
            return hits, list(_alike(data[[one, other, "shared"]], hits[[one, "key"]]))
    met = {name: other for name, other in COUNTED.items() if name in data and other in hits}
    if not met:
        return hits, [[]] * len(data)
    held: dict[tuple[str, ...], list[int]] = {}
    for at, values in enumerate(_values(hits, [*met.values()])):
        held.setdefault(values, []).append(at)
    return hits, [held.get(values, []) for values in _values(data, [*met])]


def _values(frame: pd.DataFrame, columns: list[str]) -> Iterator[tuple[str, ...]]:
    """The values of some columns, row by row, as text that is equal where the numbers are."""

    def plain(value: object) -> str:
        if pd.isna(value):  # type: ignore[call-overload]
            return ""
        return str(int(value) if isinstance(value, float) and value.is_integer() else value)

    return zip(*(frame[column].map(plain) for column in columns), strict=True)


def _sharing(
    pairs: pd.DataFrame, hits: pd.DataFrame, named: tuple[str, ...]
) -> Iterator[list[int]]:
    """For each pair where the hits of either one are, in sentences that hold both."""
    held: dict[str, dict[str, list[int]]] = {}
    cells = zip(hits["sentence_id"], *(hits[column].fillna("") for column in named), strict=True)
    for at, (sentence, *texts) in enumerate(cells):
        for name in {one for text in texts for one in text.split(";")}:
            held.setdefault(name, {}).setdefault(sentence, []).append(at)
    for pair in tables.rows(pairs):
        one, other = (held.get(name, {}) for name in pair)
        both = one.keys() & other.keys()
        near = (_near(one[sentence], other[sentence], hits) for sentence in both)
        yield sorted({at for found in near for at in found})


def _near(one: list[int], other: list[int], hits: pd.DataFrame) -> list[int]:
    """Hits of two words in a sentence, each with one of the other word within reach."""
    if not {"word_no", "span"} <= {*hits.columns}:
        return one + other
    place, reach = hits["word_no"].to_numpy(), hits["span"].to_numpy()
    pairs = [(a, b) for a in one for b in other if abs(place[a] - place[b]) <= reach[a]]
    return [at for pair in pairs for at in pair]


def _alike(pairs: pd.DataFrame, hits: pd.DataFrame) -> Iterator[list[int]]:
    """For each two texts where the hits of either one are that name what both share."""
    held: dict[tuple[str, ...], list[int]] = {}
    for at, row in enumerate(hits.itertuples(index=False, name=None)):
        held.setdefault(row, []).append(at)
    for one, other, shared in pairs.itertuples(index=False, name=None):
        found = [held.get((text, key), []) for text in (one, other) for key in shared.split(";")]
        yield sorted(at for own in found for at in own)

r"""The row contracts: which columns each table has, and one way to read, check and write it.

A table is a tidy pandas frame. Its contract is the list of columns below, in this order; a frame
is checked where it enters the suite and never again. On disk a table is CSV in UTF-8 with a byte
order mark (Chinese Excel opens nothing else), `\n` line ends and plain numbers.

Past 400 lines because contracts and the one way to read and write them stand together.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "reports": "report_id region region_code level issuer year year_given genre published "
        "title source_url path sha256 encoding script keep share",
        "edits": "report_id edit rule raw_start raw_end before after certainty note",
        "sentences": "report_id sentence_id section heading is_heading part text start end "
        "raw_start raw_end",
        "terms": "report_id sentence_id start end key",
        "themes": "report_id sentence_id start end codebook key entry shadowed_by",
        "codings": "report_id sentence_id codebook primary_theme other_themes rule",
        "figures_found": "report_id sentence_id start end quote value unit bound measure_kind "
        "direction what scope period indicator_id value_text",
        "commitments": "report_id sentence_id start end raw_start raw_end quote verb object number "
        "date duty_holder topic testable why outcome coder",
        "followups": "report_id sentence_id start end kind rank score likely later_id "
        "later_sentence_id matched",
        "indicators": "region year period indicator_id value unit bound measure_kind scope "
        "definition report_id sentence_id source_id quote direction status note",
        "sources": "source_id producer title url accessed published kind",
        "decisions": "sha256 raw_start raw_end quote about codebook key decision value coder "
        "decided_on note",
        "groups": "group region",
        "reuse": "report_id sentence_id start end raw_start raw_end text source_report_id "
        "source_sentence_id source_start source_end source_raw_start source_raw_end source_text "
        "origin evidence length similarity edits n_reports n_regions n_years earliest",
    }.items()
}
"""Columns of every table, in their order."""

KEYS: dict[str, str] = {"reports": "report_id", "sources": "source_id"}
"""Columns whose values must not repeat."""

LATER: dict[str, tuple[str, ...]] = {
    "reports": ("region_code", "year_given", "genre", "script", "keep", "share"),
    "indicators": ("direction",),
    "decisions": ("codebook",),
}
"""Columns that tables written by an earlier version lack; they are read as empty."""

_BOUNDS = ("exact", "at_least", "at_most", "approximate")
_KINDS = ("level", "change", "target")
_WAYS = ("up", "down")
_OUTCOMES = (
    *("done", "partly", "started", "restated", "not_reported", "dropped", "contradicted"),
    "unsure",
)

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("figures_found", "bound"): _BOUNDS,
    ("figures_found", "measure_kind"): _KINDS,
    ("figures_found", "direction"): _WAYS,
    ("indicators", "bound"): _BOUNDS,
    ("indicators", "measure_kind"): _KINDS,
    ("indicators", "direction"): _WAYS,
    ("indicators", "status"): ("extracted", "checked", "verified", "rejected", "absent"),
    ("reports", "share"): ("yes", "no"),
    ("sources", "kind"): ("official", "news", "secondary", "mirror"),
    ("decisions", "about"): ("figure", "theme", "commitment"),
    ("decisions", "decision"): (
        *("verified", "corrected", "rejected", *_OUTCOMES),
        "withdrawn",
    ),
    ("commitments", "testable"): ("yes", "no"),
    ("commitments", "outcome"): (*_OUTCOMES, "disputed"),
    ("reuse", "origin"): ("formula", "own", "centre", "other", "unsure"),
}
"""The values a column may have."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "reports": ("report_id", "region", "year", "path", "sha256"),
    "indicators": ("region", "year", "indicator_id", "value", "bound", "measure_kind", "status"),
    "sources": ("source_id", "kind"),
    "groups": ("group", "region"),
}
"""Columns that must not be empty."""


def check(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Hold a frame against the contract `name`; the frame with its columns in the contract's order.

    ValueError names the columns that are missing or not known.
    """
    wanted = COLUMNS[name]
    missing = [column for column in wanted if column not in frame.columns]
    extra = [column for column in frame.columns if column not in wanted]
    if missing or extra:
        raise ValueError(
            f"table {name!r} must have the columns {', '.join(wanted)}; "
            f"missing: {', '.join(missing) or 'none'}; not known: {', '.join(extra) or 'none'}"
        )
    return frame.loc[:, list(wanted)]


def empty(name: str) -> pd.DataFrame:
    """A table of the contract `name` without rows, its columns as objects."""
    return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS[name]})


def edits(records: Mapping[str, Iterable[Any]]) -> pd.DataFrame:
    """The edits of restored reports, by their ids, as the table of that name."""
    columns = COLUMNS["edits"]
    values = attrgetter(*columns[1:])
    made = [(key, *values(edit)) for key, record in records.items() for edit in record]
    return pd.DataFrame(made, columns=list(columns), dtype=object)


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, a column's value being an attribute: `row.report_id`."""
    columns = [column for _, column in frame.items()]
    return map(_row(tuple(map(str, frame.columns)))._make, zip(*columns, strict=True))


def among(column: pd.Series[Any], wanted: Iterable[str]) -> pd.Series[bool]:
    """Where a column of texts has one of some: pandas' `isin` takes the wanted ones one by one.

    >>> among(pd.Series(["a", "b"]), ["b", "c"]).tolist()
    [False, True]
    """
    held, coded, text = column.array, pd.Categorical, pa.large_string()
    if isinstance(held, coded):
        of_codes = among(pd.Series(held.categories.astype(object)), wanted).to_numpy()
        return pd.Series(of_codes[held.codes], column.index)
    texts = pa.array(wanted.unique() if isinstance(wanted, pd.Series) else [*wanted])
    found = pc.is_in(pa.array(column, text), texts.cast(text)).to_numpy(zero_copy_only=False)
    return pd.Series(found, column.index)


@cache  # `itertuples` makes a class at each call, which takes milliseconds
def _row(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns, rename=True)


# -- reading ------------------------------------------------------------------------------------


# -- writing ------------------------------------------------------------------------------------

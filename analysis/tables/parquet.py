"""A table as Parquet: the type of each column, by its name."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa

_TYPES = {
    **dict.fromkeys(("start", "end", "raw_start", "raw_end", "edit", "year"), pa.int64()),
    **dict.fromkeys(("n", "chars", "N_tokens", "N_chars", "sentences", "year_given"), pa.int64()),
    "N_sentences": pa.int64(),
    "value": pa.float64(),
    "is_heading": pa.bool_(),
    "report": pa.int32(),
}


def schema(columns: Iterable[str]) -> pa.Schema:
    """The types of some columns; text where no other is known."""
    return pa.schema([(column, _TYPES.get(column, pa.string())) for column in columns])

"""A table as Parquet: the type of each column, by its name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

MOST_BYTES = 4 << 30
MOST_ROWS = 100_000_000
"""What a table of the suite may unpack to."""

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


def read(place: str | Path, **which: Any) -> pa.Table:
    """A Parquet file that the suite wrote; ArrowInvalid if it says to be larger than any."""
    with pq.ParquetFile(place) as file:
        if unpacked(file) > MOST_BYTES or file.metadata.num_rows > MOST_ROWS:
            raise pa.ArrowInvalid(f"it unpacks to more than {MOST_BYTES >> 30} GB")
    return pq.read_table(place, **which)


def unpacked(file: pq.ParquetFile) -> int:
    """How many bytes a file says to be; a value that stands many times over counts once."""
    groups = range(file.metadata.num_row_groups)
    return sum(file.metadata.row_group(at).total_byte_size for at in groups)


def bounded(data: Any, most: int) -> pa.Table:
    """A Parquet file of somebody's, taken in by parts; ValueError if it is more than `most` bytes.

    A file of 500 bytes may hold one text a million times: what it says to be is not enough.
    """
    with pq.ParquetFile(data) as file:
        left, taken = most, []
        at_once = max(1, min(1_000, (most >> 5) // max(1, unpacked(file))))
        parts = file.iter_batches(at_once) if unpacked(file) <= most else [None]
        for part in parts:
            left -= part.nbytes if part is not None else most + 1
            if left < 0:
                raise ValueError(f"it unpacks to more than {most >> 20} MB")
            taken.append(part)
        return pa.Table.from_batches(taken, file.schema_arrow)

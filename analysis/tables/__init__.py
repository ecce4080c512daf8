"""What a row of each table is, and one way to read, check and write one: CSV, xlsx, Parquet."""

from . import csvfile, parquet, stata
from .anyfile import export, filled, records
from .contracts import CHOICES, COLUMNS, check, edits, empty, rows
from .csvfile import cells, read, sha256, typed, write
from .sheets import workbook

__all__ = [
    "CHOICES", "COLUMNS", "cells", "check", "csvfile", "edits", "empty", "export", "filled",
    "parquet", "read", "records", "rows", "sha256", "stata", "typed", "workbook", "write",
]  # fmt: skip

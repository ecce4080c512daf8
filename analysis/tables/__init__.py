"""What a row of each table is, and one way to read, check and write one: CSV, xlsx, Parquet."""

from . import csvfile, judged, parquet, stata
from .anyfile import export, filled, records
from .contracts import CHOICES, COLUMNS, among, check, edits, empty, rows
from .csvfile import read, sha256, write
from .sheets import workbook

__all__ = [
    "CHOICES", "COLUMNS", "among", "check", "csvfile", "edits", "empty", "export", "filled",
    "judged", "parquet", "read", "records", "rows", "sha256", "stata", "workbook", "write",
]  # fmt: skip

"""A table as the kind of file that a name's ending says."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from analysis.kit import InputError, files

from .csvfile import csv_rows, headed, write
from .sheets import sheet_rows, workbook


def records(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header of a CSV file, or of an xlsx's first sheet, and its rows: line, cells by column.

    Empty rows are left out; cells are stripped text, '' where a row ends early. InputError if the
    file cannot be read.
    """
    lines = sheet_rows(path) if path.suffix.lower() == ".xlsx" else csv_rows(path)
    header, lines = headed(lines, path)
    empty = dict.fromkeys(header, "")
    rows = ((line, empty | dict(zip(header, cells, strict=False))) for line, cells in lines)
    return header, [(line, cells) for line, cells in rows if any(cells.values())]


def filled(path: Path, column: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file that people fill in, with their numbers, in which somebody has.

    [] if there is no such file; InputError for another table, and for what is none.
    """
    if not path.exists():
        return []
    header, lines = records(path)
    if column not in header:
        raise InputError("exists and is another table; name a new file.", path=path)
    return [(line, cells) for line, cells in lines if cells[column].strip()]


def export(frame: pd.DataFrame, target: Path, name: str) -> None:
    """Write a table as the kind of file that the target's ending names: csv, parquet or xlsx.

    InputError for any other ending.
    """
    suffix = target.suffix.lower()
    if suffix == ".csv":
        write(frame, target)
    elif suffix == ".parquet":
        with files.replacing(target) as part:
            frame.to_parquet(part, index=False)
    elif suffix == ".xlsx":
        workbook(target, {name: frame})
    else:
        raise InputError(
            f"-o {target}: the name must end in .csv, .parquet or .xlsx to say what to write."
        )

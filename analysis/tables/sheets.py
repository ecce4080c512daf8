"""A table as an Excel workbook: written with drop-down lists, and its first sheet read."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd

from analysis.kit import InputError, encodings, files, put

from .contracts import rows
from .csvfile import CONTROL

_SPAN = 10_000_000  # cells of a sheet, empty ones too: a million rows of a review

_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref\s*=\s*[\"']([^\"']*)")
_MERGED_MOST = 10_000  # cells

_WIDTHS = {"text": 80, "sentence": 70, "heading": 30, "indicator_id": 30, "note": 24, "quote": 24}
_WIDTHS |= {f"example_{number}": 70 for number in (1, 2, 3)}


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a workbook's first sheet: line number and stripped cells as text."""
    from openpyxl import load_workbook

    try:
        with files.plain(path) as file:
            bound(file, encodings.LARGEST)
        sheet = load_workbook(path, data_only=True).worksheets[0]
        if sheet.max_row * sheet.max_column > _SPAN:
            last = f"{sheet.max_row} rows and {sheet.max_column} columns"
            raise ValueError(f"reaches over {last}; delete what is empty below and at the right")
        lines = list(sheet.iter_rows(values_only=True))
    except FileNotFoundError:
        raise InputError("no such file.", path=path) from None
    except Exception as error:  # a damaged file fails in zip, XML or openpyxl, each in its own way
        raise InputError(f"is no workbook ({error}).", path=path) from None
    for number, cells in enumerate(lines, start=1):
        yield number, ["" if cell is None else str(cell).strip() for cell in cells]


def bound(file: IO[bytes], most: int) -> None:
    """ValueError for a workbook that unpacks to more bytes, or has cells that are one without end.

    openpyxl makes a cell of each place of a merged range: 4.9 KB would be seventeen thousand
    million of them.
    """
    with zipfile.ZipFile(file) as packed:
        if sum(one.file_size for one in packed.infolist()) > most:
            raise ValueError(f"unpacks to more than {most >> 20} MB")
        for name in packed.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                for merged in _MERGED.findall(packed.read(name)):
                    _refuse_wide(merged.decode("ascii", "replace"))
    file.seek(0)


def _refuse_wide(merged: str) -> None:
    from openpyxl.utils import range_boundaries

    left, top, right, bottom = range_boundaries(merged)
    if (right - left + 1) * (bottom - top + 1) > _MERGED_MOST:
        raise ValueError(f"has the cells {merged} merged; split them")


def workbook(
    target: Path,
    sheets: Mapping[str, pd.DataFrame],
    lists: Mapping[str, str | Collection[str]] = {},
) -> None:
    """Write frames as the sheets of an xlsx; text that begins like a formula stays text.

    `lists` gives columns of the first sheet drop-down lists: of some words, or of the first column
    of the sheet named.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.datavalidation import DataValidation

    book = Workbook()
    book.remove(book.active)
    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        sheet.append(list(frame.columns))
        for row in rows(frame):
            sheet.append([_cell(value) for value in row])
        for title, *cells in sheet.columns:
            width = _WIDTHS.get(title.value, 14)
            sheet.column_dimensions[title.column_letter].width = width
            for cell in cells:
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type
                cell.alignment = Alignment(wrap_text=width > 60, vertical="top")
    first = book.worksheets[0]
    first.auto_filter.ref = first.dimensions
    letters = {cell.value: cell.column_letter for cell in first[1]}
    for column, words in lists.items():
        source = f'"{",".join(words)}"'
        if isinstance(words, str):
            source = f"{words}!$A$2:$A${max(book[words].max_row, 2)}"
        rule = DataValidation("list", formula1=source, allow_blank=True, showErrorMessage=True)
        rule.add(f"{letters[column]}2:{letters[column]}{max(first.max_row, 2)}")
        first.add_data_validation(rule)
    stream = io.BytesIO()
    book.save(stream)
    put(target, files.settled(stream.getvalue()))


def _cell(value: Any) -> Any:
    """A value as a workbook can hold it."""
    if isinstance(value, str):
        return CONTROL.sub("\ufffd", value)
    return None if pd.isna(value) else str(value) if value in (math.inf, -math.inf) else value

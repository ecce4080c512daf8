"""A table as CSV: read and held against its contract, written the same everywhere."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pandas as pd

from analysis.kit import InputError, encodings, files, put, unknown

from .contracts import CHOICES, COLUMNS, KEYS, LATER, REQUIRED

_NUMBERS = {
    "year": "Int64",
    "year_given": "Int64",
    "value": "float64",
    "raw_start": "int64",
    "raw_end": "int64",
}

_EXACT = 2**53  # whole numbers below it are exact as a float too

_HASHED = 1 << 30  # bytes

_YEARS = (1900, 2100)

_HELD = "\n\ufdd0"  # no character of any text

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook may hold


def read(path: Path, name: str) -> pd.DataFrame:
    """Read a table of the contract `name` from a CSV file.

    Text columns hold '' where a cell is empty; `year` is Int64, `value` float64. InputError with
    file and line: no such file, wrong encoding, wrong columns, a value that is not allowed, a
    number that is none, a key that stands twice.
    """
    header, lines = headed(csv_rows(path), path)
    wanted = COLUMNS[name]
    for column in header:
        if column not in wanted:
            raise InputError(unknown("column", column, wanted), path=path, line=1)
    later = [column for column in LATER.get(name, ()) if column not in header]
    missing = [column for column in wanted if column not in header and column not in later]
    if missing:
        raise InputError(
            f"the columns {', '.join(missing)} are missing; add them to the first line "
            f"(a table of {name} has {', '.join(wanted)}).",
            path=path,
            line=1,
        )
    records = {line: cells for line, cells in lines if any(cells)}
    for line, cells in records.items():
        if len(cells) < len(header):
            raise InputError(_miscounted(cells, header), path=path, line=line)
    frame = pd.DataFrame([*records.values()], columns=header, dtype=object)
    frame = frame.assign(**dict.fromkeys(later, "")).loc[:, list(wanted)]
    if found := next(_problems(frame, name), None):
        raise InputError(found[1], path=path, line=[*records][found[0]])
    numbers = {column: _NUMBERS[column] for column in wanted if _numeric(name, column)}
    for column, kind in numbers.items():
        frame[column] = _numbers(frame[column]).astype(pd.api.types.pandas_dtype(kind))
    return frame


def headed(
    lines: Iterator[tuple[int, list[str]]], path: Path
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The header and the rows below it, without the empty cells that Excel leaves at the right.

    InputError for a column that stands twice, and for a row with more cells than columns.
    """
    header = next(lines, (1, []))[1]
    while header and not header[-1]:
        header.pop()
    twice = next((name for name in header if name and header.count(name) > 1), "")
    if twice:
        raise InputError(f"the column {twice!r} stands twice.", path=path, line=1)

    def rows() -> Iterator[tuple[int, list[str]]]:
        for line, cells in lines:
            if any(cells[len(header) :]):
                raise InputError(_miscounted(cells, header), path=path, line=line)
            yield line, cells[: len(header)]

    return header, rows()


def _miscounted(cells: list[str], header: list[str]) -> str:
    return (
        f"{len(cells)} cells where the header has {len(header)}: a comma inside a cell needs "
        "double quotes around the cell."
    )


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number (1 is the header) and stripped cells of each row of a CSV file."""
    reader = csv.reader(io.StringIO(encodings.text(path), newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            if odd := next(filter(CONTROL.search, cells), ""):
                said = f"the cell {odd[:40]!r} holds a control character; take it out."
                raise InputError(said, path=path, line=start)
            yield start, [cell.strip() for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"this line is not CSV ({error}).", path=path, line=start) from None


def _problems(frame: pd.DataFrame, name: str) -> Iterator[tuple[int, str]]:
    """The cells that the contract does not allow: the row's place, and a sentence."""
    for column in frame.columns:
        needed, allowed = column in REQUIRED.get(name, ()), CHOICES.get((name, column), ())
        kind = _NUMBERS[column] if _numeric(name, column) else ""
        numbers = _numbers(frame[column]) if kind else [0.0] * len(frame)
        none = [False] * len(frame)
        if (name, column) in {("indicators", "value"), ("indicators", "bound")}:
            none = list(frame["status"] == "absent")  # a report that states none has no value
        cells = zip(frame[column], numbers, frame[column].duplicated(), none, strict=True)
        for row, (value, number, twice, absent) in enumerate(cells):
            if needed and value == "" and not absent:
                yield row, f"{column} is empty; every row of {name} needs one."
            if allowed and value and value not in allowed:
                yield row, f"{column} is {value!r}; it must be one of {', '.join(allowed)}."
            if twice and column == KEYS.get(name):
                yield row, f"{column} {value!r} stands twice; give another one."
            whole = kind != "float64"
            right = abs(number) < (_EXACT if whole else math.inf) and not (whole and number % 1)
            if value and right and column in ("year", "year_given") and not _dated(number):
                yield (
                    row,
                    f"{column} is {value!r}; it must be a year from {_YEARS[0]} to {_YEARS[1]}.",
                )
            if not right and (value or kind == "int64"):  # the others may be empty
                plain = "a whole number" if whole else "a plain number"
                yield row, f"{column} is {value!r}; it must be {plain} such as 2022."


def _dated(year: float) -> bool:
    return _YEARS[0] <= year <= _YEARS[1]


def _numeric(name: str, column: str) -> bool:
    """Whether a column holds numbers; a decision's value is what somebody wrote."""
    return column in _NUMBERS and (name, column) != ("decisions", "value")


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(column.replace("", None), errors="coerce")


def cells(path: Path) -> pd.DataFrame:
    """A table that the suite wrote, every cell as its text; InputError if it is not there."""
    return _framed(path, dtype=str, keep_default_na=False)


def typed(path: Path) -> pd.DataFrame:
    """The same with its numbers as numbers; an empty text is ''."""
    frame = _framed(path, keep_default_na=False, na_values=[""])
    texts = [name for name in frame if frame[name].isna().all() or frame[name].dtype.kind in "OT"]
    return frame.astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(texts, ""))


def _framed(path: Path, **how: Any) -> pd.DataFrame:
    """A table that the suite wrote; InputError if it is not there, or is none any more."""
    try:
        with files.plain(path) as file:
            frame: pd.DataFrame = pd.read_csv(file, encoding="utf-8-sig", **how)
            return frame
    except FileNotFoundError:
        raise InputError("no such file; render the figure again.", path=path) from None
    except ValueError as error:  # pandas' own errors are that, too
        said = f"is no table as the suite writes it ({str(error).splitlines()[0]})"
        raise InputError(f"{said}; render the figure again.", path=path) from None


def sha256(path: Path) -> str:
    """The sha256 of a file's bytes; `missing` if there is none, `too large` if nobody reads it."""
    if not path.is_file():
        return "missing"
    if path.stat().st_size > _HASHED:
        return "too large"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(frame: pd.DataFrame, target: Path | IO[str]) -> None:
    """Write a table as CSV: a file with a byte order mark, whole or not at all; a stream without.

    The same frame gives the same bytes everywhere. Whole numbers are exact; others have 12
    significant digits, so that 8.8 - 9.7 is -0.9.
    """
    held = frame.map(hold) if _holds_returns(frame) else frame
    text = let_go(held.to_csv(index=False, lineterminator="\n", float_format=_plain))
    if not isinstance(target, Path):
        target.write(text)
        return
    put(target, text.encode("utf-8-sig"))


def hold(cell: Any) -> Any:
    """A cell whose carriage returns `let_go` gives back: the csv module quotes line feeds only."""
    return cell.replace("\r", _HELD) if isinstance(cell, str) else cell


def let_go(text: str) -> str:
    """CSV whose cells went through `hold`."""
    return text.replace(_HELD, "\r")


def _holds_returns(frame: pd.DataFrame) -> bool:
    texts = [frame[name] for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    return any("\r" in "".join(map(str, column.astype(object))) for column in texts)


def _plain(value: Any) -> str:
    """A float as plain digits, without what subtraction leaves behind.

    >>> _plain(8.8 - 9.7), _plain(140_187_900_000_000.0), _plain(1 / 3)
    ('-0.9', '140187900000000', '0.333333333333')
    """
    if value.is_integer() and abs(value) < 2**53:
        return f"{value:.0f}"
    return f"{value:.12g}" if abs(value) < 1e11 else f"{value:.15g}"

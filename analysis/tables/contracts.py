r"""The row contracts: which columns each table has, and one way to read, check and write it.

A table is a tidy pandas frame. Its contract is the list of columns below, in this order; a frame
is checked where it enters the suite and never again. On disk a table is CSV in UTF-8 with a byte
order mark (Chinese Excel opens nothing else), `\n` line ends and plain numbers.

Past 400 lines because contracts and the one way to read and write them stand together.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pandas as pd

from analysis import encodings
from analysis.errors import InputError, unknown
from analysis.files import put, replacing, settled

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "reports": "report_id region region_code level issuer year year_given genre published "
        "title source_url path sha256 encoding script keep",
        "edits": "report_id edit rule raw_start raw_end before after certainty note",
        "sentences": "report_id sentence_id section heading is_heading part text start end "
        "raw_start raw_end",
        "terms": "report_id sentence_id start end key",
        "themes": "report_id sentence_id start end key entry shadowed_by",
        "codings": "report_id sentence_id primary_theme other_themes rule",
        "figures_found": "report_id sentence_id start end quote value unit bound measure_kind "
        "direction what scope period indicator_id value_text",
        "indicators": "region year period indicator_id value unit bound measure_kind scope "
        "definition report_id sentence_id source_id quote direction status note",
        "sources": "source_id producer title url accessed published kind",
        "decisions": "sha256 raw_start raw_end quote about key decision value coder decided_on "
        "note",
        "groups": "group region",
    }.items()
}
"""Columns of every table, in their order."""

KEYS: dict[str, str] = {"reports": "report_id", "sources": "source_id"}
"""Columns whose values must not repeat."""

LATER: dict[str, tuple[str, ...]] = {
    "reports": ("region_code", "year_given", "genre", "script", "keep"),
    "indicators": ("direction",),
}
"""Columns that tables written by an earlier version lack; they are read as empty."""

_BOUNDS = ("exact", "at_least", "at_most", "approximate")
_KINDS = ("level", "change", "target")
_WAYS = ("up", "down")

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("figures_found", "bound"): _BOUNDS,
    ("figures_found", "measure_kind"): _KINDS,
    ("figures_found", "direction"): _WAYS,
    ("indicators", "bound"): _BOUNDS,
    ("indicators", "measure_kind"): _KINDS,
    ("indicators", "direction"): _WAYS,
    ("indicators", "status"): ("extracted", "checked", "verified", "rejected", "absent"),
    ("sources", "kind"): ("official", "news", "secondary", "mirror"),
    ("decisions", "about"): ("figure", "theme"),
    ("decisions", "decision"): ("verified", "corrected", "rejected"),
}
"""The values a column may have."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "reports": ("report_id", "region", "year", "path", "sha256"),
    "indicators": ("region", "year", "indicator_id", "value", "bound", "measure_kind", "status"),
    "sources": ("source_id", "kind"),
    "groups": ("group", "region"),
}
"""Columns that must not be empty."""

_NUMBERS = {
    "year": "Int64",
    "year_given": "Int64",
    "value": "float64",
    "raw_start": "int64",
    "raw_end": "int64",
}
_EXACT = 2**53  # whole numbers below it are exact as a float too
_SPAN = 10_000_000  # cells of a sheet, empty ones too: a million rows of a review
_WIDTHS = {"text": 80, "sentence": 70, "heading": 30, "indicator_id": 30, "note": 24, "quote": 24}
_HELD = "\n\ufdd0"  # no character of any text
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook may hold


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


def edits(report_id: str, record: Iterable[Any]) -> pd.DataFrame:
    """The edits of a restored report as the table of that name."""
    columns = COLUMNS["edits"]
    made = [(report_id, *(getattr(edit, name) for name in columns[1:])) for edit in record]
    return pd.DataFrame(made, columns=list(columns))


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, a column's value being an attribute: `row.report_id`."""
    return frame.itertuples(index=False, name="Row")


# -- reading ------------------------------------------------------------------------------------


def read(path: Path, name: str) -> pd.DataFrame:
    """Read a table of the contract `name` from a CSV file.

    Text columns hold '' where a cell is empty; `year` is Int64, `value` float64. InputError with
    file and line: no such file, wrong encoding, wrong columns, a value that is not allowed, a
    number that is none, a key that stands twice.
    """
    header, lines = _headed(csv_rows(path), path)
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


def _headed(
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
            if odd := next(filter(_CONTROL.search, cells), ""):
                said = f"the cell {odd[:40]!r} holds a control character; take it out."
                raise InputError(said, path=path, line=start)
            yield start, [cell.strip() for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"this line is not CSV ({error}).", path=path, line=start) from None


def records(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """The header of a CSV file, or of an xlsx's first sheet, and its rows: line, cells by column.

    Empty rows are left out; cells are stripped text, '' where a row ends early. InputError if the
    file cannot be read.
    """
    lines = _sheet_rows(path) if path.suffix.lower() == ".xlsx" else csv_rows(path)
    header, lines = _headed(lines, path)
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


def _sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as packed:
            if sum(one.file_size for one in packed.infolist()) > encodings.LARGEST:
                raise ValueError(f"unpacks to more than {encodings.LARGEST >> 20} MB")
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
            if not right and (value or kind == "int64"):  # the others may be empty
                plain = "a whole number" if whole else "a plain number"
                yield row, f"{column} is {value!r}; it must be {plain} such as 2022."


def _numeric(name: str, column: str) -> bool:
    """Whether a column holds numbers; a decision's value is what somebody wrote."""
    return column in _NUMBERS and (name, column) != ("decisions", "value")


def _numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(column.replace("", None), errors="coerce")


def cells(path: Path) -> pd.DataFrame:
    """A table that the suite wrote, every cell as its text; InputError if it is not there."""
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError("no such file; render the figure again.", path=path) from None


def typed(path: Path) -> pd.DataFrame:
    """The same with its numbers as numbers; an empty text is ''."""
    frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False, na_values=[""])
    texts = [name for name in frame if frame[name].isna().all() or frame[name].dtype.kind in "OT"]
    return frame.astype(dict.fromkeys(texts, object)).fillna(dict.fromkeys(texts, ""))


def sha256(path: Path) -> str:
    """The sha256 of a file's bytes; `missing` if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


# -- writing ------------------------------------------------------------------------------------


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
    texts = (frame[name] for name in frame if not pd.api.types.is_numeric_dtype(frame[name]))
    return any("\r" in cell for column in texts for cell in column if isinstance(cell, str))


def _plain(value: Any) -> str:
    """A float as plain digits, without what subtraction leaves behind.

    >>> _plain(8.8 - 9.7), _plain(140_187_900_000_000.0), _plain(1 / 3)
    ('-0.9', '140187900000000', '0.333333333333')
    """
    if value.is_integer() and abs(value) < 2**53:
        return f"{value:.0f}"
    return f"{value:.12g}" if abs(value) < 1e11 else f"{value:.15g}"


def export(frame: pd.DataFrame, target: Path, name: str) -> None:
    """Write a table as the kind of file that the target's ending names: csv, parquet or xlsx.

    InputError for any other ending.
    """
    suffix = target.suffix.lower()
    if suffix == ".csv":
        write(frame, target)
    elif suffix == ".parquet":
        with replacing(target) as part:
            frame.to_parquet(part, index=False)
    elif suffix == ".xlsx":
        workbook(target, {name: frame})
    else:
        raise InputError(
            f"-o {target}: the name must end in .csv, .parquet or .xlsx to say what to write."
        )


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
    put(target, settled(stream.getvalue()))


def _cell(value: Any) -> Any:
    """A value as a workbook can hold it."""
    if isinstance(value, str):
        return _CONTROL.sub("\ufffd", value)
    return None if pd.isna(value) else str(value) if value in (math.inf, -math.inf) else value

r"""The row contracts: which columns each table has, and one way to read, check and write it.

A table is a tidy pandas frame. Its contract is the list of columns below, in this order; a frame
is checked where it enters the suite and never again. On disk a table is CSV in UTF-8 with a byte
order mark (Chinese Excel opens nothing else), `\\n` line ends and plain numbers.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pandas as pd

from analysis.errors import InputError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS: dict[str, tuple[str, ...]] = {
    name: tuple(columns.split())
    for name, columns in {
        "reports": "report_id region level issuer year published title source_url path sha256 "
        "encoding",
        "edits": "report_id edit rule raw_start raw_end before after certainty note",
        "sentences": "report_id sentence_id section heading is_heading part text start end "
        "raw_start raw_end",
        "terms": "report_id sentence_id start end key",
        "themes": "report_id sentence_id start end key entry shadowed_by",
        "codings": "report_id sentence_id primary_theme other_themes rule",
        "figures_found": "report_id sentence_id start end quote value unit bound measure_kind what "
        "scope period indicator_id value_text",
        "indicators": "region year period indicator_id value unit bound measure_kind scope "
        "definition report_id sentence_id source_id quote status note",
        "sources": "source_id producer title url accessed published kind",
        "decisions": "sha256 raw_start raw_end quote about key decision value coder decided_on "
        "note",
        "groups": "group region",
    }.items()
}
"""Columns of every table, in their order."""

KEYS: dict[str, tuple[str, ...]] = {"reports": ("report_id",), "sources": ("source_id",)}
"""Columns whose values must not repeat."""

_BOUNDS = ("exact", "at_least", "at_most", "approximate")
_KINDS = ("level", "change", "target")

CHOICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("figures_found", "bound"): _BOUNDS,
    ("figures_found", "measure_kind"): _KINDS,
    ("indicators", "bound"): _BOUNDS,
    ("indicators", "measure_kind"): _KINDS,
    ("indicators", "status"): ("extracted", "verified", "rejected"),
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

_NUMBERS = {"year": "Int64", "value": "float64", "raw_start": "int64", "raw_end": "int64"}


def check(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Hold a frame against the contract `name`.

    Returns the frame with the contract's columns in the contract's order.

    Raises
    ------
    ValueError
        naming the columns that are missing or not known.
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
    """A table of the contract `name` without rows, its text columns as text."""
    return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS[name]})


def rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, a column's value being an attribute: `row.report_id`."""
    return frame.itertuples(index=False, name="Row")


def read(path: Path, name: str) -> pd.DataFrame:
    """Read a table of the contract `name` from a CSV file.

    Returns a frame whose text columns hold '' where a cell is empty, `year` as Int64 and `value`
    as float64.

    Raises
    ------
    InputError
        with file and line: no such file, wrong encoding, wrong columns, a value that is not
        allowed, a number that is none, a key that stands twice.
    """
    rows = csv_rows(path)
    header = next(rows, (1, []))[1]
    wanted = COLUMNS[name]
    for column in header:
        if column not in wanted:
            raise InputError(unknown("column", column, wanted), path=path, line=1)
    missing = [column for column in wanted if column not in header]
    if missing:
        raise InputError(
            f"the columns {', '.join(missing)} are missing; add them to the first line "
            f"(a table of {name} has {', '.join(wanted)}).",
            path=path,
            line=1,
        )
    lines, records = [], []
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{len(cells)} cells where the header has {len(header)}: a comma inside a cell "
                "needs double quotes around the cell.",
                path=path,
                line=line,
            )
        lines.append(line)
        records.append(cells)
    frame = pd.DataFrame(records, columns=header, dtype=object).loc[:, list(wanted)]
    _check_values(frame, name, path, lines)
    return frame


def csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Line number (1 is the header) and stripped cells of each row of a CSV file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(
            "no such file; `gongbao new DIR` makes a study with all its tables.", path=path
        ) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(
            "this line is not UTF-8; in Excel choose 'CSV UTF-8' when saving.", path=path, line=line
        ) from None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, [cell.strip() for cell in cells]
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"this line is not CSV ({error}).", path=path, line=start) from None


def _check_values(frame: pd.DataFrame, name: str, path: Path, lines: list[int]) -> None:
    """Refuse the first value that the contract does not allow; turn numbers into numbers."""

    def refuse(row: int, message: str) -> None:
        raise InputError(message, path=path, line=lines[row])

    for column in REQUIRED.get(name, ()):
        for row, value in enumerate(frame[column]):
            if value == "":
                refuse(row, f"{column} is empty; every row of {name} needs one.")
    for column in frame.columns:
        allowed = CHOICES.get((name, column), ())
        for row, value in enumerate(frame[column]):
            if allowed and value and value not in allowed:
                refuse(row, f"{column} is {value!r}; it must be one of {', '.join(allowed)}.")
    for column in KEYS.get(name, ()):
        for row, twice in enumerate(frame[column].duplicated()):
            if twice:
                refuse(row, f"{column} {frame[column].iloc[row]!r} stands twice; give another one.")
    for column, dtype in _NUMBERS.items():
        if column not in frame.columns or (name, column) == ("decisions", "value"):
            continue
        numbers = pd.to_numeric(frame[column].replace("", None), errors="coerce")
        for row, (text, number) in enumerate(zip(frame[column], numbers, strict=True)):
            if text != "" and (pd.isna(number) or (dtype != "float64" and number % 1)):
                kind = "a plain number" if dtype == "float64" else "a whole number"
                refuse(row, f"{column} is {text!r}; it must be {kind} such as 2022.")
        frame[column] = numbers.astype(pd.api.types.pandas_dtype(dtype))


def write(frame: pd.DataFrame, target: Path | IO[str]) -> None:
    """Write a table as CSV: a file with a byte order mark, whole or not at all; a stream without.

    The same frame gives the same bytes everywhere. Whole numbers are exact; others have 12
    significant digits, so that 8.8 - 9.7 is -0.9.
    """
    text = frame.to_csv(index=False, lineterminator="\n", float_format=_plain)
    if not isinstance(target, Path):
        target.write(text)
        return
    with replacing(target) as part:
        part.write_bytes(text.encode("utf-8-sig"))


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

    Text that begins like a formula stays text in xlsx.

    Raises
    ------
    InputError
        for any other ending.
    """
    suffix = target.suffix.lower()
    if suffix == ".csv":
        write(frame, target)
    elif suffix == ".parquet":
        with replacing(target) as part:
            frame.to_parquet(part, index=False)
    elif suffix == ".xlsx":
        with (
            replacing(target) as part,
            pd.ExcelWriter(part, engine="openpyxl") as book,
        ):
            frame.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))
            for row in book.sheets[name].iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        cell.data_type = "s"
    else:
        raise InputError(
            f"-o {target}: the name must end in .csv, .parquet or .xlsx to say what to write."
        )


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file beside `target` to write to; it takes the target's place when the block ends well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One writer at a time: a lock file beside `path` for as long as the block runs.

    Raises
    ------
    InputError
        if another process does not let go of it within ten seconds.
    """
    lock = path.with_name(f".{path.name}.lock")
    for _ in range(200):
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            time.sleep(0.05)
    else:
        raise InputError(f"is being written by somebody else; if not, delete {lock}.", path=path)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)

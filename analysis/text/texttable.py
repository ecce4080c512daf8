"""A table with a report in each row, as researchers hand it round: CSV, JSONL, Parquet, Excel.

Which column holds the text, the place, the year is known by its usual names (正文, 年份, province)
or is said by the user; it is never guessed from what the cells look like. What a cell says is a
`Given` of `identity`, which nothing overrules. A row keeps its place, so that a refusal names
file, row and title.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.kit import InputError, encodings, files

from . import identity

LARGEST = 2 << 30
"""Bytes of a table of texts, also when it is unpacked: 100,000 work reports."""

_SMALL, _PACKED = 256 << 20, 200

KINDS = (".csv", ".jsonl", ".parquet", ".xlsx")
"""Endings of the files that are tables."""

NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        "text",
        "doc",
        "content",
        "full_text",
        "fulltext",
        "body",
        "正文",
        "全文",
        "内容",
        "文本",
    ),
    "region": ("region", "地区", "区域", "地方", "place"),
    "county": ("county", "district", "县", "区县", "区"),
    "city": ("city", "prefecture", "城市", "市", "地级市"),
    "province": ("province", "prov", "省份", "省"),
    "year": ("year", "年份", "年", "年度"),
    "year_reported": ("year_reported", "报告年份"),
    "year_given": ("year_given", "year_of_title"),
    "title": ("title", "标题", "题名", "题目"),
    "source_url": ("source_url", "url", "link", "网址", "链接"),
    "published": ("published", "date", "publish_date", "pub_date", "日期", "发布日期", "发布时间"),
    "report_id": ("report_id", "id"),
    "level": ("level", "级别"),
    "issuer": ("issuer", "发文机关"),
    "genre": ("genre",),
}
"""What a column may be, and the names it usually has."""

YEARS = ("year", "year_reported", "year_given")
EXCEL_MOST = 32_767
"""Characters that a cell of an Excel file can hold; a longer text is cut off there."""

_LONGEST_CELL = 16 << 20
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Columns:
    """The columns a user names, by what they hold; '' where the usual names are looked for."""

    text: str = ""
    region: str = ""
    year: str = ""
    title: str = ""

    def named(self) -> dict[str, str]:
        """Those that were named."""
        return {what: name for what, name in vars(self).items() if name}


@dataclass(frozen=True)
class Row:
    """A report of a table: its place (`file:row`), its text, what the table says of it.

    `problem` is what is wrong with it, `columns` a sentence on what was taken from which column.
    """

    place: str
    text: str
    given: identity.Given
    report_id: str = ""
    problem: str = ""
    columns: str = ""


def read(path: Path, columns: Columns | None = None, *, data: bytes | None = None) -> list[Row]:
    """The rows of a table of texts; empty rows are left out.

    InputError for a table that cannot be read, has no column with texts, or lacks a named column.

    Parameters
    ----------
    path : the file, which names the rows; read unless `data` has its bytes.
    columns : the columns that the user named.
    """
    if data is None:
        with files.plain(path) as file:
            data = files.read(file, LARGEST)
    if len(data) > LARGEST:
        raise InputError(f"has more than {LARGEST >> 20} MB; make several of it.", path=path)
    try:
        header, rows = _READERS[path.suffix.lower()](data)
    except InputError:
        raise
    except Exception as error:  # each library fails in its own way
        said = str(error).partition("\n")[0] or type(error).__name__
        kind = path.suffix.lower().removeprefix(".")
        raise InputError(f"cannot be read as {kind}: {said}", path=path) from None
    known = understood(header, columns or Columns(), path)
    taken = ", ".join(f"{what} from {name!r}" for what, name in known.items())
    left = ", ".join(repr(name) for name in header if name and name not in known.values())
    said = f"{path}: {taken}" + (f"; not used: {left}" if left else "")
    full = ((line, cells) for line, cells in rows if any(cells.values()))
    return [_row(f"{path}:{line}", cells, known, said) for line, cells in full]


def understood(header: Sequence[str], columns: Columns, path: Path) -> dict[str, str]:
    """Which column of a table holds what: `{"text": "正文", "year": "年份"}`.

    >>> understood(["省份", "年份", "doc"], Columns(), Path("a.csv"))
    {'text': 'doc', 'province': '省份', 'year': '年份'}
    """
    asked = columns.named()
    for what, name in asked.items():
        if name not in header:
            found = ", ".join(map(str, header[:20]))
            raise InputError(
                f"has no column {name!r} (--{what}-column); it has {found}.", path=path
            )
    taken = set(asked.values())
    lower = {name.strip().lower(): name for name in reversed(header) if name not in taken}
    known = {
        what: asked.get(what) or next((lower[one] for one in names if one in lower), "")
        for what, names in NAMES.items()
    }
    if not known["text"]:
        found = ", ".join(map(str, header[:20]))
        raise InputError(
            f"has no column with the texts (it has {found}); name it with --text-column.", path=path
        )
    return {what: name for what, name in known.items() if name}


def _row(place: str, cells: Mapping[str, str], known: Mapping[str, str], said: str) -> Row:
    """A row as a report, with what is wrong with it."""
    cell = {what: cells.get(name, "").strip() for what, name in known.items() if what != "text"}
    text, problem = cells.get(known["text"], ""), ""
    years = {what: identity.read_year(cell.get(what, "")) for what in YEARS}
    for what in YEARS:
        if cell.get(what) and years[what] is None:
            problem = f"{known[what]} is {cell[what]!r}; it must be a year such as 2022."
    if not text.strip():
        problem = f"its cell {known['text']} is empty."
    if len(text) == EXCEL_MOST:
        problem = (
            f"its text has {EXCEL_MOST:,} characters, which is all that Excel keeps of a cell: "
        )
        problem += "it was cut off; save the table as CSV from where it was made."
    deep = [cell[what] for what in ("region", "county", "city", "province") if cell.get(what)]
    given = identity.Given(
        region=deep[0] if deep else "",
        within="".join(reversed(deep[1:])),
        level=cell.get("level", ""),
        issuer=cell.get("issuer", ""),
        year=years["year_reported"],
        year_given=years["year_given"],
        plain_year=years["year"],
        title=cell.get("title", ""),
        published=identity.read_date(cell.get("published", "")),
        source_url=cell.get("source_url", ""),
        genre=cell.get("genre", ""),
    )
    return Row(place, text, given, cell.get("report_id", ""), problem, said)


# -- kinds of files: header, and the rows with their line numbers --------------------------------

_Read = tuple[list[str], list[tuple[int, dict[str, str]]]]


def _csv(data: bytes) -> _Read:
    found = encodings.decode(data)
    if found is None:
        raise ValueError("it is no text in UTF-8, GB18030, Big5 or UTF-16")
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(found[0].removeprefix("\ufeff"), newline=""))
        header = [cell.strip() for cell in next(reader, [])]
        rows, start = [], reader.line_num + 1
        for cells in reader:
            if len(cells) > len(header) and any(cells[len(header) :]):
                raise ValueError(f"line {start} has {len(cells)} cells, the first {len(header)}")
            rows.append((start, dict(zip(header, cells, strict=False))))
            start = reader.line_num + 1
    finally:
        csv.field_size_limit(before)
    return header, rows


def _jsonl(data: bytes) -> _Read:
    rows, header = [], dict[str, None]()
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                record = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} is no JSON ({error})") from None
            if not isinstance(record, dict):
                raise ValueError(f"line {number} is no record in braces")
            header.update(dict.fromkeys(record))
            rows.append((number, {name: _plain(value) for name, value in record.items()}))
    return list(header), rows


def _parquet(data: bytes) -> _Read:
    most = min(LARGEST, max(_SMALL, _PACKED * len(data)))  # texts pack to a tenth, not to nothing
    table = tables.parquet.bounded(io.BytesIO(data), most)
    records = table.to_pylist()
    rows = [{name: _plain(value) for name, value in one.items()} for one in records]
    return list(table.column_names), [*enumerate(rows, start=1)]


def _xlsx(data: bytes) -> _Read:
    from openpyxl import load_workbook

    tables.sheets.bound(io.BytesIO(data), LARGEST)
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    lines = book.worksheets[0].iter_rows(values_only=True)
    header = [_plain(cell).strip() for cell in next(lines, ())]
    rows = [
        (number, dict(zip(header, map(_plain, cells), strict=False)))
        for number, cells in enumerate(lines, start=2)
    ]
    return header, rows


def _plain(value: Any) -> str:
    """A cell as text; half a pair of surrogates, which no file can hold, is a character lost."""
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    return _HALF.sub("\ufffd", str(value))


_READERS = {".csv": _csv, ".jsonl": _jsonl, ".parquet": _parquet, ".xlsx": _xlsx}

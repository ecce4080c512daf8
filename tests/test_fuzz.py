"""Whatever comes in: a result or one sentence of refusal with the file's name, never a crash."""

import csv
import io
import json
import math
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import analysis as gb
from analysis import tables
from analysis.batch import units
from analysis.batch.parameters import problems, read_cell
from analysis.indicators import IndicatorCodebook, review
from analysis.kit import GongbaoError, InputError, ProblemsError
from analysis.reading import reports
from analysis.restore import restore
from analysis.study import adding, catalogue
from analysis.tables import contracts
from analysis.themes import Codebook

PIECES = (
    "复议",
    "領lǐng導",
    "行政执法。",
    "（一）",
    "\ufffd",
    "\u200b",
    "，",
    "12.5%",
    "\t",
    "\n",
    "A ",
)
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join)
NAMES = st.sampled_from(["a.txt", "a.docx", "a.html", "a.pdf", "a.csv", "a.jsonl", "a", "a.bin"])
CODES = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])


def holds(data: bytes, name: str) -> None:
    """Reading ends in a text with a Chinese character, or is refused with the file's name."""
    said = name
    try:
        said += reports.decode(data, name).text
    except InputError as error:
        said = str(error)
    assert name in said
    assert len(said) > len(name)


def restored(text: str) -> None:
    """Restoration keeps its record: every edit says what stood in the raw text, in order."""
    found = restore(text)
    assert found.raw == text
    behind = 0
    for edit in found.edits:
        assert edit.raw_start >= behind
        assert text[edit.raw_start : edit.raw_end] == edit.before
        behind = edit.raw_end


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), NAMES)
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    holds(data, name)


@settings(max_examples=60, deadline=None)
@given(TEXTS, CODES, NAMES, st.integers(0, 400), st.binary(max_size=4))
def test_a_damaged_file_is_read_or_refused(
    text: str, code: str, name: str, at: int, put: bytes
) -> None:
    data = text.encode(code, "ignore")
    holds(data[:at] + put + data[at + 1 :], name)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_is_restored_with_a_record_that_fits(text: str) -> None:
    restored(text)


@pytest.mark.slow
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_many_texts_are_restored_with_a_record_that_fits(text: str) -> None:
    restored(text)


# -- what people write by hand: codebooks, tables, parameters, workbooks --------------------------

ODD = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "nan",
            "inf",
            "1e400",
            "1e19",
            "９",
            "1_0",
            "-1",
            "r2",
            "a;b",
            "=1+1",
            "90",
            "1.5",
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6),
)
VALUES = st.recursive(
    st.one_of(ODD, st.integers(), st.floats(), st.booleans(), st.none(), st.dates()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["zh", "en", "id", "include", "名"]), inner, max_size=3),
    ),
    max_leaves=6,
)
SPLICES = st.lists(
    st.tuples(
        st.integers(0, 10**6), st.integers(0, 30), st.binary(max_size=3) | st.just(b"\n  - ")
    ),
    min_size=1,
    max_size=4,
)
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINES = dict(zip(("themes", "indicators"), (Codebook.load, IndicatorCodebook.load), strict=True))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study: the first entries of each codebook, one report with three figures."""
    folder = tmp_path_factory.mktemp("fuzz") / "own"
    catalogue.new(folder)
    for name in LINES:
        path = folder / "codebooks" / f"{name}.yaml"
        book = yaml.safe_load(path.read_text("utf-8"))
        book[name] = [
            {key: value[:4] if isinstance(value, list) else value for key, value in entry.items()}
            for entry in book[name][:2]
        ]
        path.write_text(yaml.safe_dump(book, allow_unicode=True, sort_keys=False), "utf-8")
    report = folder.parent / "r.txt"
    text = "厦门市2021年法治政府建设年度报告\n受理案件120件。办结率达98%。培训37人次。\n"
    report.write_text(text, encoding="utf-8")
    adding.add(gb.Study(folder), report)
    return folder


def spliced(data: bytes, splices: list[tuple[int, int, bytes]]) -> bytes:
    """Some bytes of a file taken out, and others put in."""
    for at, size, put in splices:
        start = at % (len(data) + 1)
        data = data[:start] + put + data[start + size :]
    return data


def refused(path: Path, error: GongbaoError, *, line: bool = False) -> None:
    """A refusal is a printable sentence that begins with the file and, where asked, the line."""
    for said in str(error).split("\n"):
        assert re.match(re.escape(str(path)) + (r":\d+: ." if line else ":(\\d+:)? ."), said), said
        assert said.isprintable()


def loads(path: Path, data: bytes) -> None:
    """A codebook loads with ids of its own and patterns that compile, or is refused by line."""
    path.write_bytes(data)
    try:
        book = LINES[path.stem](path)
    except (InputError, ProblemsError) as error:
        refused(path, error, line=True)
        return
    entries = book.themes if isinstance(book, Codebook) else [*book.indicators.values()]
    assert entries
    assert len({entry.id for entry in entries}) == len(entries)
    for entry in entries:
        assert set(entry.name) == {"zh", "en"}
        assert not any(re.compile(pattern).match("") for pattern in entry.patterns)


@pytest.mark.parametrize("name", LINES)
def test_the_codebooks_that_are_fuzzed_are_right_before(own: Path, name: str) -> None:
    assert LINES[name](own / "codebooks" / f"{name}.yaml")


@pytest.mark.parametrize("name", LINES)
@QUIET
@given(splices=SPLICES)
def test_a_damaged_codebook_loads_or_is_refused_by_line(
    own: Path, name: str, splices: list[tuple[int, int, bytes]]
) -> None:
    good = (own / "codebooks" / f"{name}.yaml").read_bytes()
    loads(own.parent / f"{name}.yaml", spliced(good, splices))


@pytest.mark.parametrize("name", LINES)
@QUIET
@given(entry=st.integers(0, 1), key=st.integers(0, 20), value=VALUES, alone=st.booleans())
def test_a_codebook_of_any_values_loads_or_is_refused_by_line(
    own: Path, name: str, entry: int, key: int, value: object, alone: bool
) -> None:
    book = yaml.safe_load((own / "codebooks" / f"{name}.yaml").read_text("utf-8"))
    held = book if alone else book[name][entry]
    held[[*held][key % len(held)]] = value
    loads(own.parent / f"{name}.yaml", yaml.safe_dump(book, allow_unicode=True).encode())


TABLES = {
    "reports": "r1,厦门市,city,,2021,,题,,reports/r1.txt,ab,utf-8",
    "indicators": "厦门市,2021,,rate,98,%,exact,level,,,r1,s1,,98%,verified,",
    "sources": "s1,统计局,年鉴,,,,official",
    "decisions": "ab,3,6,98%,figure,rate,verified,,王,2024-01-01,",
    "groups": "沿海,厦门市",
}
"""A row of every table that people curate."""


def reads(path: Path, data: bytes) -> None:
    """A table has the contract's columns and numbers, and what it needs; or it is refused."""
    path.write_bytes(data)
    name = path.stem
    try:
        frame = catalogue.read(path) if name == "reports" else tables.read(path, name)
    except InputError as error:
        refused(path, error, line=True)
        return
    assert tuple(frame.columns) == tables.COLUMNS[name]
    for column in contracts.REQUIRED.get(name, ()):
        assert not (frame[column].isna() | (frame[column].astype(str) == "")).any()
    for column in frame.columns.intersection(["year", "raw_start", "raw_end"]):
        assert all(abs(int(number)) < 2**53 for number in frame[column].dropna())
    if name in contracts.KEYS:
        assert frame[contracts.KEYS[name]].is_unique


@pytest.mark.parametrize("name", TABLES)
@QUIET
@given(splices=SPLICES)
def test_a_damaged_table_is_read_or_refused_by_line(
    own: Path, name: str, splices: list[tuple[int, int, bytes]]
) -> None:
    good = ",".join(tables.COLUMNS[name]) + f"\n{TABLES[name]}\n"
    reads(own.parent / f"{name}.csv", spliced(good.encode("utf-8-sig"), splices))


@pytest.mark.parametrize("name", TABLES)
@QUIET
@given(cells=st.lists(st.tuples(st.integers(0, 20), ODD), max_size=3), twice=st.booleans())
@example(cells=[(1, "")], twice=False)  # a decision without its place
@example(cells=[(1, "1e19")], twice=False)
@example(cells=[(4, "1e19")], twice=False)  # a report's year
@example(cells=[(4, "inf")], twice=False)
def test_a_table_of_any_cells_is_read_or_refused_by_line(
    own: Path, name: str, cells: list[tuple[int, str]], twice: bool
) -> None:
    row = TABLES[name].split(",")
    for at, value in cells:
        row[at % len(row)] = value
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([tables.COLUMNS[name], *[row] * (1 + twice)])
    reads(own.parent / f"{name}.csv", stream.getvalue().encode("utf-8-sig"))


NOTEBOOKS = (
    *("keyword_frequency", "theme_coverage", "metric_trend"),
    *("data_quality", "region_comparison", "attention_panel", "theme_cross"),
    "comparison_gallery",
    "text_reuse",
)
SETS = "reports top_n lang engine parts themes indicator regions preset target out data topn 名"
NAMES_GIVEN = st.sampled_from(SETS.split())
RIGHT = st.sampled_from(
    ["en", "xiamen-2021", ["xiamen-2021"], 7, "jieba", [], ["厦门市"], "a" * 999]
)


@QUIET
@given(st.dictionaries(NAMES_GIVEN, RIGHT | VALUES, max_size=3), st.sampled_from(NOTEBOOKS))
@example({"themes": [["law"]]}, "theme_coverage")
@example({"data": "a" * 5000}, "theme_coverage")
def test_any_parameters_are_taken_as_declared_or_refused_by_line(
    own: Path, values: dict[str, object], notebook: str
) -> None:
    path = own.parent / "sets.yaml"
    path.write_text(yaml.safe_dump({"sets": [values]}, allow_unicode=True), encoding="utf-8")
    try:
        found = units.plan([notebook], units.read_sets(path), str(own))
    except GongbaoError as error:
        refused(path, error, line=True)
        return
    cell = read_cell(json.loads(units.find_notebook(notebook).read_text("utf-8")), "n")
    (unit,) = found
    assert set(unit.values) <= set(cell)
    assert not list(problems(unit.values, cell))


CODE = "x y : = int str | None [ ] { } ( ) 1 'a' , - f"


@QUIET
@given(st.lists(st.sampled_from([*CODE.split(), "\n", " ", "\0"])))
def test_any_parameters_cell_is_plain_declarations_or_refused(pieces: list[str]) -> None:
    cell = {"metadata": {"tags": ["parameters"]}, "source": ["x: int = ", *pieces]}
    try:
        found = read_cell({"cells": [cell]}, "n.ipynb")
    except InputError as error:
        refused(Path("n.ipynb"), error)
        return
    assert next(iter(found)) == "x"
    assert all(name.isidentifier() for name in found)


@pytest.mark.parametrize("source", ["x: int = {[1]: 2}", f"x: int = {'-' * 9999}1"])
def test_a_parameters_cell_that_python_stumbles_over_is_refused(source: str) -> None:
    cell = {"metadata": {"tags": ["parameters"]}, "source": [source]}
    with pytest.raises(InputError, match=r"^n\.ipynb: .+\.$"):
        read_cell({"cells": [cell]}, "n.ipynb")


@pytest.fixture(scope="module")
def reviewed(own: Path) -> tuple[Path, pd.DataFrame]:
    """A workbook to decide in, and the figures that are open in it."""
    study = gb.Study(own)
    path = own.parent / "good.xlsx"
    review.write_workbook(study.undecided, {"rate": "率"}, path)
    assert len(study.undecided) == 3
    return path, study.undecided


def decides(path: Path, open_: pd.DataFrame) -> None:
    """A workbook gives the decisions that stand in it on figures as they are, or is refused."""
    try:
        found = review.read_workbook(path, open_, {"rate"})
    except GongbaoError as error:
        refused(path, error)
        return
    stated = [cells for _, cells in tables.records(path)[1] if cells["decision"]]
    same = ["sha256", "quote", "decision", "coder", "note"]
    assert found[same].to_numpy().tolist() == [[cells[name] for name in same] for cells in stated]
    figures = {(row.sha256, row.raw_start, row.raw_end): row for row in tables.rows(open_)}
    for row, cells in zip(tables.rows(found), stated, strict=True):
        figure = figures[row.sha256, row.raw_start, row.raw_end]
        assert row.quote == figure.quote
        own = [cells[name] for name in ("unit", "bound", "measure_kind")]
        own.append(cells.get("direction", figure.direction))  # older workbooks lack this column
        if row.decision == "verified":
            assert row.value == ""
            there = [figure.value, figure.unit, figure.bound, figure.measure_kind, figure.direction]
            assert [pytest.approx(float(cells["value"])), *own] == there
        elif row.decision == "corrected":
            value, *rest = row.value.split("|")
            assert (float(value), rest) == (pytest.approx(float(cells["value"])), own)
            assert math.isfinite(float(value))


CELLS = st.tuples(
    st.integers(1, 4),
    st.integers(1, 18),
    st.one_of(ODD, st.integers(), st.floats(), st.booleans(), st.none(), st.dates()),
)
DECIDED = st.lists(
    st.tuples(
        st.sampled_from(["verified", "corrected", "rejected"]),
        st.sampled_from(["", "王"]),
        st.sampled_from(["", "rate", "other"]),
    ),
    max_size=3,
)


@QUIET
@given(DECIDED, st.lists(CELLS, max_size=2))
@example([("corrected", "王", "rate")], [])
@example([("corrected", "王", "rate")], [(2, 8, "nan")])
@example([("verified", "王", "rate")], [(2, 8, "inf")])
@example([("verified", "王", "rate")], [(1, 13, None)])
@example([("corrected", "王", "rate")], [(1, 13, None)])
def test_a_review_changes_what_it_states_or_is_refused(
    reviewed: tuple[Path, pd.DataFrame],
    decided: list[tuple[str, str, str]],
    changed: list[tuple[int, int, object]],
) -> None:
    good, open_ = reviewed
    book = openpyxl.load_workbook(good)
    sheet = book["figures"]
    column = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(decided, start=2):
        for name, value in zip(("decision", "coder", "indicator_id"), row, strict=True):
            sheet.cell(number, column[name]).value = value
    for row, at, value in changed:
        sheet.cell(row, at).value = value
    path = good.with_name("changed.xlsx")
    book.save(path)
    decides(path, open_)


@QUIET
@given(SPLICES, st.booleans())
def test_a_damaged_workbook_is_read_or_refused_by_name(
    reviewed: tuple[Path, pd.DataFrame], splices: list[tuple[int, int, bytes]], inside: bool
) -> None:
    good, open_ = reviewed
    data = good.read_bytes()
    if inside:  # the sheet's XML is damaged, and packed as it should be
        stream = io.BytesIO()
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(stream, "w") as new:
            for name in old.namelist():
                part = old.read(name)
                new.writestr(name, spliced(part, splices) if "sheet1" in name else part)
        data = stream.getvalue()
    path = good.with_name("damaged.xlsx")
    path.write_bytes(data if inside else spliced(data, splices))
    decides(path, open_)


def test_one_cell_far_out_does_not_make_a_sheet_of_millions(
    reviewed: tuple[Path, pd.DataFrame],
) -> None:
    good, open_ = reviewed
    book = openpyxl.load_workbook(good)
    book["figures"]["XFD2000"] = "x"
    path = good.with_name("far.xlsx")
    book.save(path)
    with pytest.raises(InputError, match=r"far\.xlsx: is no workbook \(reaches over 2000 rows"):
        review.read_workbook(path, open_, {"rate"})

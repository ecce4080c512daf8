"""Tables: what a person gets wrong in a CSV is answered with file, line and what to do."""

import csv
import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import analysis as gb
from analysis import tables
from analysis.kit import InputError, files
from analysis.study import catalogue
from analysis.tables import contracts

HEADER = "source_id,producer,title,url,accessed,published,kind\n"


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("source_id,producer,titel,url,accessed,published,kind\n", 1, "did you mean 'title'"),
        ("source_id,kind\n", 1, "the columns producer, title, url, accessed, published are"),
        (
            HEADER + "a,,,,,,official\nb,,,,,,blog\n",
            3,
            "kind is 'blog'; it must be one of official",
        ),
        (HEADER + "a,,,,,,news\na,,,,,,news\n", 3, "'a' stands twice"),
        (HEADER + "a,x, y,,,,,news\n", 2, "8 cells where the header has 7"),
        (HEADER + "a,,,,,,\n", 2, "kind is empty"),
        (HEADER + 'a,"b,,,,,news\n', 2, "is not CSV"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(text, encoding="utf-8-sig")
    with pytest.raises(InputError) as caught:
        tables.read(path, "sources")
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["reports", "indicators", "sources", "decisions", "groups"])
def test_each_table_of_a_study_is_held_against_its_contract_where_it_enters(
    tmp_path: Path, name: str
) -> None:
    study = tmp_path / "mine"
    catalogue.new(study)
    path = study / f"{name}.csv"
    header = path.read_text("utf-8-sig").splitlines()[0] if name != "groups" else "group,region"
    path.write_text(f"{header},colour\n", encoding="utf-8-sig")
    with pytest.raises(InputError, match=rf"{name}.csv:1: column 'colour' is not known"):
        gb.Study(study).table(name)
    path.write_text(header.partition(",")[2] + "\n", encoding="utf-8-sig")
    with pytest.raises(InputError, match=rf"{name}.csv:1: the columns {header.partition(',')[0]} "):
        gb.Study(study).table(name)


@pytest.mark.parametrize("name", tables.COLUMNS)
def test_each_table_of_the_bundled_study_has_the_columns_of_the_design(
    study: gb.Study, name: str
) -> None:
    frame = study.table(name)
    assert list(frame.columns) == [*tables.COLUMNS[name]]
    for column in contracts.REQUIRED.get(name, ()):
        assert frame[column].notna().all()


def test_a_table_saved_by_chinese_excel_in_gbk_is_read_and_any_other_says_how_to_save_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "groups.csv"
    path.write_bytes("group,region\n计划单列市,厦门市\n".encode("gbk"))
    assert tables.read(path, "groups").to_numpy().tolist() == [["计划单列市", "厦门市"]]
    for encoding in ("big5", "euc_jp"):
        path.write_bytes("group,region\n省會,アモイ市\n".encode(encoding, "ignore"))
        with pytest.raises(InputError, match=r"groups.csv:2: .*CSV UTF-8"):
            tables.read(path, "groups")


def test_what_excel_does_to_a_table_is_read_rightly_or_said_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_bytes("\ufeffgroup,region,,\r\n省会,福州市,,\r\n,,,\r\n".encode())
    assert tables.read(path, "groups").to_numpy().tolist() == [["省会", "福州市"]]
    path.write_text("group,region\n省会,福\u2028州市\n", encoding="utf-8")
    assert tables.read(path, "groups")["region"].tolist() == ["福\u2028州市"]
    path.write_text("group,group\n省会,福州市\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"groups.csv:1: the column 'group' stands twice"):
        tables.read(path, "groups")
    path.write_text("group,region\n省会,福州市,又一\n", encoding="utf-8")
    for reading in (lambda: tables.read(path, "groups"), lambda: tables.records(path)):
        with pytest.raises(InputError, match=r"groups.csv:2: 3 cells where the header has 2"):
            reading()


@pytest.mark.parametrize("value", ["九十", "90%以上", "1,162", ""])
def test_a_value_is_a_plain_number_and_never_guessed(tmp_path: Path, value: str) -> None:
    path = tmp_path / "indicators.csv"
    row = f'厦门市,2022,2022,x,"{value}",件,exact,level,,,,,s,,,checked,\n'
    path.write_text(",".join(tables.COLUMNS["indicators"]) + "\n" + row, encoding="utf-8-sig")
    with pytest.raises(InputError, match="value is"):
        tables.read(path, "indicators")


def test_a_quoted_line_break_does_not_shift_the_line_of_the_next_mistake(tmp_path: Path) -> None:
    path = tmp_path / "sources.csv"
    path.write_text(HEADER + 'a,"two\nlines",,,,,news\nb,,,,,,blog\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"sources.csv:4: "):
        tables.read(path, "sources")


def test_what_is_written_is_read_again_and_has_a_mark_on_disk_only(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": ["副省级市", "省, 会"], "region": ["厦门市", '引"号']})
    tables.write(frame, tmp_path / "groups.csv")
    data = (tmp_path / "groups.csv").read_bytes()
    assert data == '\ufeffgroup,region\n副省级市,厦门市\n"省, 会","引""号"\n'.encode()
    again = tables.read(tmp_path / "groups.csv", "groups")
    assert again.values.tolist() == frame.values.tolist()
    stream = io.StringIO()
    tables.write(frame, stream)
    assert stream.getvalue().encode() == data[3:]


def test_large_values_and_decimals_stay_plain_numbers(tmp_path: Path) -> None:
    tables.write(pd.DataFrame({"value": [5.2e12, 4.1, 7.0]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text("utf-8-sig").split() == [
        "value",
        "5200000000000",
        "4.1",
        "7",
    ]


def test_what_subtraction_leaves_behind_is_not_written(tmp_path: Path) -> None:
    changes = [8.8 - 9.7, 100.1 - 100, 0.1 + 0.2, 1 / 3, 4.35e11 + 0.25]
    tables.write(pd.DataFrame({"change": changes}), tmp_path / "x.csv")
    written = (tmp_path / "x.csv").read_text("utf-8-sig").split()[1:]
    assert written == ["-0.9", "0.1", "0.3", "0.333333333333", "435000000000.25"]


def test_whole_numbers_are_written_to_their_last_digit(tmp_path: Path) -> None:
    values = [140_187_923_456_789.0, 2.0**53 - 1, -3.0, 0.0, None]
    tables.write(pd.DataFrame({"n": range(5), "value": values}), tmp_path / "x.csv")
    written = [line.split(",")[1] for line in (tmp_path / "x.csv").read_text().split()[1:]]
    assert written == ["140187923456789", str(2**53 - 1), "-3", "0", ""]


def test_text_that_looks_like_a_formula_stays_text_in_a_workbook(tmp_path: Path) -> None:
    frame = pd.DataFrame({"group": ["=1+1"], "region": ["@厦门市"]})
    tables.export(frame, tmp_path / "g.xlsx", "groups")
    sheet = openpyxl.load_workbook(tmp_path / "g.xlsx")["groups"]
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [("=1+1", "s"), ("@厦门市", "s")]


def test_a_workbook_holds_what_a_table_may_hold(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["推进\x1b[2J", "甲\n乙"], "ratio": [float("-inf"), None]})
    tables.export(
        frame.assign(year=pd.array([2022, None], dtype="Int64")), tmp_path / "t.xlsx", "t"
    )
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["t"]
    assert [[cell.value for cell in row] for row in sheet] == [
        ["text", "ratio", "year"],
        ["推进\ufffd[2J", "-inf", 2022],
        ["甲\n乙", None, None],
    ]


def test_records_of_a_csv_and_of_a_workbook_are_the_same(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [" 甲 ", None, "丙"], "n": [1.5, None, 2.0]})
    tables.write(frame, tmp_path / "t.csv")
    tables.export(frame, tmp_path / "t.xlsx", "t")
    expected = (["a", "n"], [(2, {"a": "甲", "n": "1.5"}), (4, {"a": "丙", "n": "2"})])
    assert tables.records(tmp_path / "t.csv") == expected
    assert tables.records(tmp_path / "t.xlsx") == expected
    with pytest.raises(InputError, match=r"none\.xlsx: no such file"):
        tables.records(tmp_path / "none.xlsx")


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), files.replacing(path) as part:
        part.write_bytes(b"half" * (1 // 0))
    assert [file.name for file in tmp_path.iterdir()] == ["groups.csv"]
    assert path.read_text("utf-8") == "old"


def test_a_carriage_return_in_a_cell_is_quoted_and_comes_back(tmp_path: Path) -> None:
    frame = pd.DataFrame({"before": ["\r", "a\r\nb", "c"], "n": [1, 2, 3]})
    tables.write(frame, tmp_path / "t.csv")
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [["before", "n"], ["\r", "1"], ["a\r\nb", "2"], ["c", "3"]]

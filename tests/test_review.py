"""Reviewing figures: a workbook out, decisions in, and what becomes of them."""

import hashlib
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables
from analysis.indicators import review, trends
from analysis.kit import ProblemsError

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The bundled study without its curated figures."""
    shutil.copytree(ROOT / "data", tmp_path / "study")
    tables.write(tables.empty("indicators"), tmp_path / "study/indicators.csv")
    return tmp_path / "study"


def workbook(study: Path) -> tuple[Path, openpyxl.Workbook]:
    path = study.parent / "review.xlsx"
    assert cli.main(["extract", "--review", str(path), "--data", str(study)]) == 0
    return path, openpyxl.load_workbook(path)


def decide(book: openpyxl.Workbook, quote: str, **cells: object) -> None:
    """Fill in the row of a quote as a reviewer does."""
    sheet = book["figures"]
    header = [cell.value for cell in sheet[1]]
    (row,) = [
        row for row in sheet.iter_rows(min_row=2) if quote in row[header.index("quote")].value
    ]
    for column, value in {"coder": "王", **cells}.items():
        row[header.index(column)].value = value


def test_the_21_figures_of_the_report_are_found_in_a_fresh_study(own: Path, gold: Path) -> None:
    labelled = pd.read_csv(gold / "xiamen-2022-indicators.csv", encoding="utf-8-sig")
    expected = sorted(labelled[["value", "unit", "bound"]].itertuples(index=False, name=None))
    figures = gb.Study(own).figures_found
    assert (
        sorted(figures[["value", "unit", "bound"]].itertuples(index=False, name=None)) == expected
    )


def test_decisions_are_kept_and_become_curated_figures(own: Path) -> None:
    path, book = workbook(own)
    assert book["figures"].max_row == 22
    assert len(book["figures"].data_validations.dataValidation) == 5
    decide(book, "90%以上", decision="verified")
    decide(book, "91个", decision="corrected", value=90, bound="at_least", note="counted again")
    decide(book, "1162项", decision="rejected")
    book.save(path)
    filled = path.read_bytes()
    assert cli.main(["extract", "--review", str(path), "--data", str(own)]) == 2
    assert path.read_bytes() == filled  # what a person decided and has not applied is kept
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 0
    study = gb.Study(own)
    assert study.decisions["decision"].tolist() == ["corrected", "rejected", "verified"]
    columns = ["indicator_id", "year", "value", "unit", "bound", "sentence_id", "status"]
    assert study.indicators.table[columns].values.tolist() == [
        [
            "legal_institutions_introduced",
            *(2022, 90, "个", "at_least", "xiamen-2022:s011", "verified"),
        ],
        ["court_appearance_rate", 2022, 90, "%", "at_least", "xiamen-2022:s025", "verified"],
    ]
    assert study.indicators.table["note"].tolist() == ["corrected from 91 exact; counted again", ""]
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 0  # nothing new
    assert len(gb.Study(own).decisions) == 3
    used = shutil.copy(path, path.with_name("used.xlsx"))
    _, again = workbook(own)
    quotes = [row[4].value for row in again["figures"].iter_rows(min_row=2)]
    assert len(quotes) == 18
    assert not any("1162" in quote for quote in quotes)
    before = (own / "decisions.csv").read_bytes()
    with pytest.raises(ProblemsError, match="not open any more"):
        review.read_workbook(Path(used), study.undecided, study.indicator_codebook.indicators)
    assert (own / "decisions.csv").read_bytes() == before


def test_a_cell_that_is_not_read_is_refused_if_it_was_changed(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, book = workbook(own)
    decide(book, "90%以上", decision="corrected", what="出庭应诉率")
    book.save(path)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == cli.REFUSED
    assert "it is not read from here, say it in note" in capsys.readouterr().err


def test_a_decision_is_found_again_by_its_quote_and_lost_ones_are_listed(own: Path) -> None:
    path, book = workbook(own)
    decide(book, "90%以上", decision="verified")
    decide(book, "1162项", decision="verified")
    book.save(path)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 0
    text = (own / "decisions.csv").read_text("utf-8-sig")
    rows = tables.read(own / "decisions.csv", "decisions")
    moved = rows.assign(raw_start=rows["raw_start"] + 3, raw_end=rows["raw_end"] + 3)
    moved.loc[1, "quote"] = "1163项" if "1162" in moved.loc[1, "quote"] else "91%以上"
    tables.write(moved, own / "decisions.csv")
    study = gb.Study(own)
    assert (study.decided.figures["decision"] == "verified").sum() == 1
    (lost,) = study.decided.lost
    assert "any more (decided by 王)" in lost
    assert lost in list(study.problems())
    assert text.count("\n") == 3


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"decision": "verified", "value": 95}, "choose `corrected`"),
        ({"decision": "corrected", "value": "约九十"}, "must be a plain number"),
        ({"decision": "corrected", "bound": "more"}, "bound 'more' is not known"),
        ({"decision": "verified", "coder": None}, "coder is empty"),
        ({"decision": "yes"}, "decision 'yes' is not known"),
        ({"decision": "verified", "indicator_id": "court_rate"}, "did you mean"),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    own: Path, capsys: pytest.CaptureFixture[str], cells: dict[str, object], said: str
) -> None:
    path, book = workbook(own)
    decide(book, "90%以上", **cells)
    decide(book, "7部", decision="verified")
    book.save(path)
    before = (own / "decisions.csv").read_bytes()
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 2
    error = capsys.readouterr().err
    assert f"{path}:" in error
    assert said in error
    assert (own / "decisions.csv").read_bytes() == before


@pytest.mark.parametrize("content", [b"PK\x03\x04half a zip", "复议".encode(), b""])
def test_a_file_that_is_no_workbook_is_refused_by_name(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "no.xlsx"
    path.write_bytes(content)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(f"{path}: is no workbook (")


def test_a_workbook_of_something_else_is_refused_by_its_columns(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables.export(pd.DataFrame({"quote": ["x"]}), tmp_path / "other.xlsx", "other")
    assert cli.main(["extract", "--apply", str(tmp_path / "other.xlsx"), "--data", str(own)]) == 2
    assert "other.xlsx:1: the columns report_id, " in capsys.readouterr().err


def test_the_same_workbook_has_the_same_cells_and_no_formula_runs(own: Path) -> None:
    first, second = (workbook(own)[1]["figures"] for _ in range(2))
    assert [[c.value for c in row] for row in first] == [[c.value for c in row] for row in second]
    assert "f" not in {cell.data_type for row in first for cell in row}


def test_a_number_beside_damage_is_never_verified_without_a_word(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "厦门市2021年法治政府建设年度报告\n受理\ufffd\ufffd案件120件。办结率达98%。\n"
    (tmp_path / "r.txt").write_text(text, encoding="utf-8")
    assert cli.main(["add", str(tmp_path / "r.txt"), "--data", str(own)]) == 0
    path, book = workbook(own)
    decide(book, "98%", decision="verified")
    decide(book, "120件", decision="verified")
    book.save(path)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 2
    assert capsys.readouterr().err.count("could not be restored; say in note") == 1
    decide(book, "120件", decision="verified", note="the city's own page has 120件")
    book.save(path)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 0


def test_what_was_decided_about_one_report_stands_beside_another_drawn_alone(own: Path) -> None:
    path, book = workbook(own)
    decide(book, "90%以上", decision="verified")
    book.save(path)
    assert cli.main(["extract", "--apply", str(path), "--data", str(own)]) == 0
    text = "厦门市2023年法治政府建设年度报告\n一、主要情况\n办理10件。\n"
    (own.parent / "next.txt").write_text(text, encoding="utf-8")
    assert cli.main(["add", str(own.parent / "next.txt"), "--data", str(own)]) == 0
    alone = gb.Study(own, ["xiamen-2023"])
    assert alone.indicators.table[["report_id", "value"]].values.tolist() == [["xiamen-2022", 90.0]]
    panel = trends.panel(
        alone.indicators.table,
        alone.indicator_codebook,
        regions=["厦门市"],
        only=["court_appearance_rate"],
    )
    panel, cited = trends.cite(panel, alone.sources)
    drawn = gb.figures.metric_trend(panel, alone.indicator_codebook)
    given = {"data": panel, "hits": panel, "cited": cited, "options": {}, "out": own.parent}
    made = alone.bundle("metric_trend", drawn, **given)
    digest = hashlib.sha256((own / "reports/xiamen-2022.mangled.txt").read_bytes()).hexdigest()
    assert [row["sha256"] for row in made.provenance["beside"]] == [digest]
    assert f"SHA-256 {digest}" in (made.path / "references.gbt7714.txt").read_text("utf-8")
    assert f"sha256 {digest}" in (made.path / "evidence.html").read_text("utf-8")

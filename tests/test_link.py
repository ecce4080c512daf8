"""Reports that stay where they are: read only as the user linked them, told where they changed."""

import shutil
from pathlib import Path

import pytest

from analysis import cli, tables
from analysis.batch import render, units
from analysis.kit import InputError
from analysis.study import Study, catalogue

TEXT = "{}2022年工作\n一、主要工作\n推进法治建设。\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of one linked report, beside the folder that the report lies in."""
    catalogue.new(tmp_path / "own")
    for region in ("泉州市", "漳州市"):
        (tmp_path / "texts").mkdir(exist_ok=True)
        (tmp_path / "texts" / f"{region}.txt").write_text(TEXT.format(region), encoding="utf-8")
    made = Study(tmp_path / "own")
    made.add(tmp_path / "texts" / "泉州市.txt", link=True)
    return Study(made.path)


def test_a_linked_file_stays_and_is_read(study: Study) -> None:
    file = study.path.parent / "texts" / "泉州市.txt"
    (row,) = tables.rows(study.reports)
    assert (row.report_id, row.path) == ("quanzhou-2022", "../texts/泉州市.txt")
    assert row.sha256 == tables.sha256(file)
    assert not list((study.path / "reports").iterdir())
    assert "法治" in study.source("quanzhou-2022").text
    assert (study.sentences["text"] == "推进法治建设。").sum() == 1
    (linked,) = catalogue.links(study.path)
    assert linked == ("../texts/泉州市.txt", row.sha256)


def test_links_and_copies_stand_side_by_side(study: Study) -> None:
    texts = study.path.parent / "texts"
    study.add(texts / "漳州市.txt")
    (texts / "莆田市.txt").write_text(TEXT.format("莆田市"), encoding="utf-8")
    study.add(texts / "莆田市.txt", link=True)
    own = study.path / "reports" / "龙岩市.txt"
    own.write_text(TEXT.format("龙岩市"), encoding="utf-8")
    study.add(own, link=True)
    paths = dict(Study(study.path).reports[["report_id", "path"]].to_numpy().tolist())
    assert paths == {
        "quanzhou-2022": "../texts/泉州市.txt",
        "zhangzhou-2022": "reports/zhangzhou-2022.txt",
        "putian-2022": "../texts/莆田市.txt",
        "longyan-2022": "reports/龙岩市.txt",
    }
    assert {path for path, _ in catalogue.links(study.path)} == {
        "../texts/泉州市.txt",
        "../texts/莆田市.txt",
    }
    assert len(set(Study(study.path).sentences["report_id"])) == 4


def test_what_nobody_linked_is_refused(study: Study) -> None:
    """Neither another path, nor another file at a path that was linked."""
    place = study.path / "reports.csv"
    whole = place.read_text("utf-8-sig")
    other = study.path.parent / "texts" / "漳州市.txt"
    for before, after in (
        ("../texts/泉州市.txt", "../texts/漳州市.txt"),
        (next(iter(catalogue.links(study.path)))[1], tables.sha256(other)),
    ):
        place.write_text(whole.replace(before, after), encoding="utf-8")
        with pytest.raises(InputError, match="leaves the study"):
            Study(study.path).source("quanzhou-2022")
        with pytest.raises(InputError, match="leaves the study"):
            _ = Study(study.path).sentences
    place.write_text(whole, encoding="utf-8")
    (study.path / catalogue.LINKS).unlink()
    with pytest.raises(InputError, match="gongbao add --link"):
        Study(study.path).source("quanzhou-2022")


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_check_says_where_a_linked_file_is_gone_or_changed(
    study: Study, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    file = study.path.parent / "texts" / "泉州市.txt"
    (unit,) = units.plan(["data_quality"], [("a", {})], str(study.path))
    before = render.made_from([unit])
    _ = study.sentences
    if how == "gone":
        file.unlink()
    else:
        file.write_text(TEXT.format("泉州市") + "又一句。\n", encoding="utf-8")
    assert render.made_from([unit]) != before
    assert cli.main(["check", "--data", str(study.path)]) == 1
    said = capsys.readouterr().out
    assert "texts/泉州市.txt: " in said
    expected = {"gone": "no such file", "changed": "is not the file that was added as"}
    assert expected[how] in said
    with pytest.raises(InputError, match=expected[how]):
        _ = Study(study.path).sentences


def test_rows_and_members_are_no_files_that_could_stay(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study.path.parent
    table = folder / "table.csv"
    table.write_text("text,region,year\n推进法治建设。,三明市,2022\n", encoding="utf-8")
    shutil.make_archive(str(folder / "packed"), "zip", folder / "texts", "漳州市.txt")
    for file in (table, folder / "packed.zip"):
        assert cli.main(["add", "--data", str(study.path), "--link", str(file)]) == 2
        assert "is no file of its own" in capsys.readouterr().err
    assert len(Study(study.path).reports) == 1
    file = folder / "texts" / "漳州市.txt"
    assert cli.main(["add", "--data", str(study.path), "--link", str(file)]) == 0
    assert len(Study(study.path).reports) == 2

"""Tables, folders and archives of reports: one reader for `add` and for a corpus."""

import io
import itertools
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from analysis.kit import InputError, ProblemsError
from analysis.study import Study, build, catalogue

REPORT = """{region}政府工作报告
各位代表：
现在，我代表政府向大会报告工作，请予审议。
一、{done}年工作回顾
过去一年，我们修了桥{number}座，比上年增加{number}座。
我们也清醒地认识到，还存在不少困难和问题。
二、{plan}年重点工作
我们要修路，力争年内建成。
"""


def report(region: str, done: int = 2025, number: int = 10) -> str:
    return REPORT.format(region=region, done=done, plan=done + 1, number=number)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    catalogue.new(tmp_path / "own")
    return Study(tmp_path / "own")


def rows(study: Study) -> list[tuple[str, str, int, int]]:
    listed = Study(study.path).reports
    return list(
        zip(
            listed["report_id"], listed["region"], listed["year"], listed["year_given"], strict=True
        )
    )


TABLE = [
    {"省份": "广东省", "年份": "2026.0", "正文": report("广东省")},
    {"省份": "陕西省", "年份": "2026.0", "正文": report("陕西省")},
    {"省份": "山西省", "年份": "2026.0", "正文": report("山西省")},
]
EXPECTED = [
    ("guangdong-2025", "广东省", 2025, 2026),
    ("shaanxi-2025", "陕西省", 2025, 2026),
    ("shanxi-2025", "山西省", 2025, 2026),
]


@pytest.mark.parametrize("kind", ["csv", "gb18030.csv", "jsonl", "parquet", "xlsx"])
def test_a_table_of_reports_goes_into_a_study(kind: str, tmp_path: Path, study: Study) -> None:
    frame, path = pd.DataFrame(TABLE), tmp_path / f"province.{kind}"
    if kind.endswith("csv"):
        frame.to_csv(path, index=False, encoding="gb18030" if "gb" in kind else "utf-8-sig")
    elif kind == "jsonl":
        frame.to_json(path, orient="records", lines=True, force_ascii=False)
    else:
        frame = frame.astype({"年份": float})
        frame.to_parquet(path) if kind == "parquet" else frame.to_excel(path, index=False)
    study.add(path)
    assert rows(study) == EXPECTED
    assert Study(study.path).sentences.groupby("report_id")["part"].agg(list)["shanxi-2025"] == [
        *("other",) * 3,
        *("done",) * 2,
        "problems",
        *("plan",) * 2,
    ]


def test_a_corpus_reads_the_same_table_in_the_same_way(tmp_path: Path) -> None:
    pd.DataFrame(TABLE).to_csv(tmp_path / "province.csv", index=False)
    with ThreadPoolExecutor(1) as executor:
        build.build([str(tmp_path / "province.csv")], tmp_path / "corpus", executor=executor)
    assert sorted(rows(Study(tmp_path / "corpus"))) == EXPECTED


def test_columns_that_the_user_names_and_what_a_column_says_is_final(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], study: Study
) -> None:
    path = tmp_path / "p.csv"
    made = {
        "doc2": [report("广东省")],
        "where": ["云上县"],
        "when": ["2026"],
        "year_reported": ["2020"],
        "year_given": ["2026"],
    }
    pd.DataFrame(made).to_csv(path, index=False)
    flags = ["--text-column", "doc2", "--region-column", "where", "--year-column", "when"]
    assert cli.main(["add", str(path), "--data", str(study.path), *flags]) == 0
    assert rows(study) == [("yunshang-2020", "云上县", 2020, 2026)]
    assert "云上县 is in no table of divisions; taken as given" in capsys.readouterr().out
    assert cli.main(["add", str(path), "--data", str(study.path), "--text-column", "no"]) == 2
    assert "has no column 'no' (--text-column)" in capsys.readouterr().err


def test_a_bad_row_names_file_line_and_title_and_the_others_are_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], study: Study
) -> None:
    path = tmp_path / "p.csv"
    made = [
        {"province": "广东省", "year": "soon", "title": "甲", "doc": report("广东省")},
        {"province": "陕西省", "year": "2026", "title": "乙", "doc": report("陕西省")},
        {"province": "山西省", "year": "2026", "title": "丙", "doc": " "},
    ]
    pd.DataFrame(made).to_csv(path, index=False)
    assert cli.main(["add", str(path), "--data", str(study.path)]) == cli.REFUSED
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        f"{path}:2 (甲): year is 'soon'; it must be a year such as 2022.",
        f"{path}:20 (丙): its cell doc is empty.",
    ]
    assert "shaanxi-2025: 陕西省 (610000), 2025, given 2026" in said.out
    assert [key for key, *_ in rows(study)] == ["shaanxi-2025"]


def test_a_province_that_is_listed_as_a_county_is_told(tmp_path: Path, study: Study) -> None:
    (tmp_path / "a.txt").write_text(report("云南省"), "utf-8")
    study.add(tmp_path / "a.txt")
    assert not [said for said in study.problems() if "province's code" in said]
    place = study.path / "reports.csv"
    place.write_text(place.read_text("utf-8-sig").replace(",province,", ",county,"), "utf-8-sig")
    (said,) = [one for one in Study(study.path).problems() if "province's code" in one]
    assert "云南省 has a province's code (530000) and the level county" in said


def test_a_table_whose_rows_all_fail_is_one_sentence(tmp_path: Path, study: Study) -> None:
    made = [{"province": "广东省", "year": "soon", "doc": report("广东省")}] * 31
    pd.DataFrame(made).to_csv(tmp_path / "p.csv", index=False)
    said = r"p.csv: none of its 31 reports can be taken; the first: .*p.csv:2: year is 'soon'"
    with pytest.raises(ProblemsError, match=said):
        study.add(tmp_path / "p.csv")
    with ThreadPoolExecutor(1) as executor, pytest.raises(InputError, match="none of 31 reports"):
        build.build([str(tmp_path / "p.csv")], tmp_path / "corpus", executor=executor)
    assert rows(study) == []


def test_a_file_and_a_row_of_one_report_get_one_id(tmp_path: Path) -> None:
    text = report("北京市")
    (tmp_path / "北京市2026年政府工作报告.txt").write_text(text, "utf-8")
    (tmp_path / "row.jsonl").write_text(
        json.dumps({"province": "北京市", "year": 2026, "doc": text}), "utf-8"
    )
    for name in ("北京市2026年政府工作报告.txt", "row.jsonl"):
        catalogue.new(tmp_path / name[:3])
        one = Study(tmp_path / name[:3])
        one.add(tmp_path / name)
        assert rows(one) == [("beijing-2025", "北京市", 2025, 2026)]


def test_ids_do_not_depend_on_the_order_of_the_files(tmp_path: Path) -> None:
    names = []
    for at, region in enumerate(("台州市", "泰州市", "厦门市", "厦门市")):
        names.append(tmp_path / f"{at}.txt")
        names[-1].write_text(report(region, number=at), "utf-8")
    found = set()
    for at, order in enumerate(itertools.permutations(names)):
        catalogue.new(tmp_path / f"s{at}")
        study = Study(tmp_path / f"s{at}")
        study.add(*order)
        listed = Study(study.path).reports
        found.add(frozenset(zip(listed["sha256"], listed["report_id"], strict=True)))
    assert len(found) == 1
    ids = sorted(key for _, key in next(iter(found)))
    assert [key.rpartition("-")[0] for key in ids] == ["taizhou-2025"] * 2 + ["xiamen-2025"] * 2


def test_an_id_that_is_there_stays_and_the_newcomer_gets_its_sha256(
    tmp_path: Path, study: Study
) -> None:
    for name, number in (("a.txt", 1), ("b.txt", 2)):
        (tmp_path / name).write_text(report("厦门市", number=number), "utf-8")
    study.add(tmp_path / "a.txt")
    said = str(study.add(tmp_path / "b.txt"))
    sha256 = Study(study.path).reports["sha256"][1]
    assert [key for key, *_ in rows(study)] == ["xiamen-2025", f"xiamen-2025-{sha256[:4]}"]
    assert "several reports would be xiamen-2025; this one has characters of its sha256" in said
    assert "have one title; if they are one report, it counts twice" in said


def test_a_folder_and_an_archive_are_taken_file_by_file(tmp_path: Path, study: Study) -> None:
    folder = tmp_path / "陕西省"
    folder.mkdir()
    text = report("").replace("政府工作报告\n", "政府工作报告\n省长 某某\n", 1)
    (folder / "2026.txt").write_text(text, "utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("山西省/2026.txt", text.replace("桥", "渠"))
        archive.writestr("empty.txt", "")
    (tmp_path / "r.zip").write_bytes(packed.getvalue())
    added = study.add(folder, tmp_path / "r.zip")
    assert [row[0] for row in rows(study)] == ["shaanxi-2025", "shanxi-2025"]
    assert "the region is its folder's: 陕西省" in added.lines[0]
    assert [one.partition("r.zip")[2] for one in added.problems] == [
        "/empty.txt: is empty; save the report's text into it."
    ]


def test_check_names_a_work_report_without_its_parts_and_lines_of_pages(
    tmp_path: Path, study: Study
) -> None:
    for region in ("厦门市", "福州市"):
        short = report(region).partition("二、")[0] + "点击查看更多\n"
        (tmp_path / f"{region}.txt").write_text(short, "utf-8")
    study.add(*tmp_path.glob("*.txt"), year=2025)
    said = list(Study(study.path).problems())
    assert any("a work report with little or no plan" in one for one in said)
    assert any("the line '点击查看更多' stands in reports of 2 places" in one for one in said)


def test_a_catalogue_of_before_is_read_with_empty_cells(tmp_path: Path, study: Study) -> None:
    (tmp_path / "a.txt").write_text(report("厦门市"), "utf-8")
    study.add(tmp_path / "a.txt", report_id="xiamen-2025-2")
    path = study.path / "reports.csv"
    old = pd.read_csv(path, dtype=str, encoding="utf-8-sig", keep_default_na=False)
    new = ["region_code", "year_given", "genre", "script", "keep"]
    old.drop(columns=new).to_csv(path, index=False, encoding="utf-8-sig")
    again = Study(study.path)
    assert again.reports["report_id"].tolist() == ["xiamen-2025-2"]
    assert again.reports[new[0]].tolist() == [""]
    assert set(again.sentences["part"]) == {"other", "done", "problems", "plan"}

"""The attention panel: its numbers by hand, its gaps, what stands beside it, the .dta read back."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from analysis import cli, tables
from analysis.kit import InputError
from analysis.panel import cells, joins, panel, panelbook, robust, topics
from analysis.study import Study, catalogue
from analysis.tables import stata

COLUMNS = re.findall(
    r"\w+",
    "region region_code region_id province level year year_given topic n n_sentences N_chars "
    "N_tokens N_sentences rate_chars rate_tokens share_sentences reports report_id sha256 quality "
    "missing",
)
TEXT = """{region}{given}年政府工作报告
各位代表：
一、{year}年工作回顾
过去一年，数字经济和大数据发展很快。
我们治理污染，生态环境保护得到加强。
二、{given}年工作安排
今年要做好以下工作。
大力发展数字经济。
"""
PLAN_ONLY = """{region}{given}年政府工作报告
二、{given}年工作安排
今年要大力发展数字经济，力争再上新台阶，让人民满意，把各项工作做得更好。
"""
TOPICS = {
    "数字": ["数字经济", "大数据", "数字"],
    "环保": ["生态环境", "环境保护", "生态环境保护", "污染"],
}
HAND = {"数字": (3, 2), "环保": (2, 1)}  # hits, sentences with one; 生态环境保护 is one hit
CHARS = 14 + 5 + 11 + 18 + 18 + 11 + 10 + 9  # of TEXT's lines, 襄樊市2009年政府工作报告 the first


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """襄樊市, which became 襄阳市, in 2008 and 2011; 福州市 in 2008, 2009 (twice) and 2010."""
    folder = tmp_path_factory.mktemp("panel") / "study"
    catalogue.new(folder, "census")
    made = Study(folder)
    reports = [("襄樊市", 2008), ("襄阳市", 2011), ("福州市", 2008), ("福州市", 2009)]
    files = [(TEXT, *one) for one in reports] + [
        (TEXT, "福州市", 2009),
        (PLAN_ONLY, "福州市", 2010),
    ]
    for number, (text, region, year) in enumerate(files):
        file = folder.parent / f"{number}.txt"
        said = text.format(region=region, year=year, given=year + 1)
        file.write_text(said + ("补充。\n" if number == 4 else ""), encoding="utf-8")
        assert not made.add(file, region=region, year=year, year_given=year + 1).problems
    return Study(folder)


def cell(table: pd.DataFrame, region: str, year: int, **which: str) -> Any:
    found = table[(table["region"] == region) & (table["year"] == year)]
    for name, value in which.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


# -- numbers and gaps -----------------------------------------------------------------------------


def test_numbers_are_those_counted_by_hand(study: Study) -> None:
    table = study.panel(TOPICS).table
    assert list(table.columns) == COLUMNS
    for topic, (n, sentences) in HAND.items():
        row = cell(table, "襄樊市", 2008, topic=topic)
        assert (row.n, row.n_sentences, row.N_chars, row.N_sentences) == (n, sentences, CHARS, 8)
        assert row.rate_chars == pytest.approx(n / CHARS * 10_000)
        assert row.share_sentences == sentences / 8
        tokens = int((study.terms["report_id"] == row.report_id).sum())
        assert row.N_tokens == tokens
        assert row.rate_tokens == pytest.approx(n / tokens * 1_000)
        assert (row.year_given, row.level, row.province) == (2009, "city", "湖北省")
        assert (row.reports, row.report_id, row.missing, row.quality) == (
            1,
            "xiangfan-2008",
            "",
            "",
        )
        assert row.sha256 == study.sha256["xiangfan-2008"]


def test_every_region_has_every_year_and_is_one_over_its_names(study: Study) -> None:
    table = study.panel({"数字": ["数字"]}).table
    assert table.groupby("region_id")["year"].agg(list).to_dict() == {
        "350100": [2008, 2009, 2010, 2011],
        "420600": [2008, 2009, 2010, 2011],
    }
    own = table[table["region_id"] == "420600"]
    assert list(own["region"]) == [
        "襄樊市",
        "襄樊市",
        "襄阳市",
        "襄阳市",
    ]  # the divisions, 2009 and 2010
    assert set(own["region_code"]) == {"420600"}


def test_a_region_has_its_full_name_whatever_a_report_calls_it(
    study: Study, tmp_path: Path
) -> None:
    """And what is known under the report's own name is still its."""
    shutil.copytree(study.path, tmp_path / "s")
    for name in ("reports.csv", "indicators.csv"):
        text = (tmp_path / "s" / name).read_text("utf-8-sig")
        figure = "福州,2008,2008,gdp_growth,9.5,%,exact,change,福州,,,,x,,,verified,\n"
        text = text.replace("福州市,350100", "福州,350100") + figure * (name == "indicators.csv")
        (tmp_path / "s" / name).write_text(text, encoding="utf-8")
    own = Study(tmp_path / "s")
    assert "福州" in set(own.reports["region"])
    table = own.panel(terms=["污染"], indicators=["gdp_growth"]).table
    assert set(table["region"]) == {"福州市", "襄樊市", "襄阳市"}
    assert cell(table, "福州市", 2008)["gdp_growth_outcome"] == 9.5


NUMBERS = [*COLUMNS[8:16]]


@pytest.mark.parametrize(
    ("region", "year", "reports", "why"),
    [
        ("福州市", 2009, 2, "two reports"),
        ("福州市", 2011, 0, "no report"),
        ("襄樊市", 2009, 0, "no report"),
        ("福州市", 2010, 1, ""),
    ],
)
def test_what_has_no_number_is_empty_and_says_why(
    study: Study, region: str, year: int, reports: int, why: str
) -> None:
    row = cell(study.panel({"污染": ["污染"]}).table, region, year)
    assert (row.reports, row.missing) == (reports, why)
    assert all(pd.isna(row[name]) for name in NUMBERS) == bool(why)
    if not why:
        assert (row.n, row.rate_chars) == (0, 0)  # a report that does not say it has 0


def test_a_report_without_a_sentence_is_unreadable() -> None:
    grid = pd.DataFrame({"report_id": ["a", "b"], "reports": [1, 1], "missing": ["", ""]})
    sizes = pd.DataFrame([["a", "plan", False, 1, 5, 2, 2]], columns=cells.SIZES)
    made = panel.with_sizes(grid, sizes, by_part=False)
    assert made["missing"].tolist() == ["", "unreadable"]
    assert made["N_chars"].fillna(-1).tolist() == [5, -1]
    by_part = panel.with_sizes(grid, sizes, by_part=True)
    assert by_part["missing"].tolist() == [
        "done not found",
        "problems not found",
        "",
        *["unreadable"] * 3,
    ]


def test_two_reports_are_named_and_none_is_when_one_is_left_out(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    two = cell(study.panel({"数字": ["数字"]}).table, "福州市", 2009)
    ids = two.report_id.split(";")
    said = capsys.readouterr().err
    assert len(ids) == 2
    assert all(key in said for key in ids)
    assert sorted(study.sha256[key] for key in ids) == sorted(two.sha256.split(";"))
    less = Study(study.path, [f"report_id!={ids[1]}"])
    assert cell(less.panel({"数字": ["数字"]}).table, "福州市", 2009).n == 2
    assert "two" not in capsys.readouterr().err


def test_by_part(study: Study) -> None:
    table = study.panel(TOPICS, by_part=True).table
    assert list(table.columns) == [*COLUMNS[:7], "part", *COLUMNS[7:]]
    done = cell(table, "襄樊市", 2008, part="done", topic="数字")
    assert (done.n, done.N_chars, done.N_sentences) == (2, 11 + 18 + 18, 3)
    plan = cell(table, "襄樊市", 2008, part="plan", topic="数字")
    assert (plan.n, plan.n_sentences, plan.N_chars) == (1, 1, 11 + 10 + 9)
    gone = cell(table, "福州市", 2010, part="done", topic="数字")
    assert (gone.missing, gone.reports, gone.quality) == ("done not found", 1, "no done found")
    assert pd.isna(gone.n)
    assert cell(table, "福州市", 2010, part="plan", topic="数字").n == 1
    assert cell(table, "福州市", 2011, part="plan", topic="数字").missing == "no report"


def test_headings_out(study: Study) -> None:
    text = {"工作": ["工作"]}
    row = cell(study.panel(text).table, "襄樊市", 2008)
    assert (row.n, row.n_sentences, row.N_sentences) == (4, 4, 8)
    row = cell(study.panel(text, headings="out").table, "襄樊市", 2008)
    assert (row.n, row.N_sentences, row.N_chars) == (1, 5, CHARS - 14 - 11 - 11)
    with pytest.raises(InputError, match="headings"):
        study.panel(text, headings="no")


def test_the_studys_own_themes_are_counted_as_everywhere(study: Study) -> None:
    """There a term within a longer one of another theme goes to that; lists are counted apart."""
    table = study.panel("themes").table
    counted = study.themes.hits[study.themes.hits["shadowed_by"] == ""]
    for row in tables.rows(table[table["n"].notna()]):
        own = counted[(counted["report_id"] == row.report_id) & (counted["key"] == row.topic)]
        assert (row.n, row.n_sentences) == (len(own), own["sentence_id"].nunique())
    two = study.panel({"a": ["数字"], "b": ["数字经济"]}).table
    assert [cell(two, "襄樊市", 2008, topic=one).n for one in "ab"] == [2, 2]


def test_a_second_time_and_without_the_store_the_table_is_the_same(study: Study) -> None:
    first = study.panel(TOPICS).table
    pd.testing.assert_frame_equal(first, Study(study.path).panel(TOPICS).table)
    study.store.clear()
    pd.testing.assert_frame_equal(first, Study(study.path).panel(TOPICS).table)
    other = Study(study.path).panel({"数字": ["大数据"]}).table
    assert cell(other, "襄樊市", 2008).n == 1  # another list, other counts


def test_what_still_looks_damaged_and_no_code_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue.new(tmp_path / "s")
    made = Study(tmp_path / "s")
    file = tmp_path / "a.txt"
    file.write_text(TEXT.format(region="某某乡", year=2008, given=2009) + "好的，、是。\n", "utf-8")
    made.add(file, region="某某乡", level="county", year=2008, year_given=2009)
    row = cell(Study(tmp_path / "s").panel({"a": ["污染"]}).table, "某某乡", 2008)
    assert (row.region_code, row.region_id, row.quality) == ("", "", "doubled 1")
    assert "no code is known of 某某乡" in capsys.readouterr().err


# -- topics ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "lists"),
    [
        ("环保.txt", "# version: 3\n污染\n减排 # 也算\n", {"环保": ["污染", "减排"]}),
        ("a.txt", "# 环保\n污染\n\n# 数字\n数字经济\n", {"环保": ["污染"], "数字": ["数字经济"]}),
        (
            "a.txt",
            "环保：污染、减排\nb: 数字, 数据",
            {"环保": ["污染", "减排"], "b": ["数字", "数据"]},
        ),
        ("a.txt", "\ufeff环保:\n污染\n", {"环保": ["污染"]}),
        (
            "a.yaml",
            "环保: [污染, 减排]\n数字: 数字, 数据\n",
            {"环保": ["污染", "减排"], "数字": ["数字", "数据"]},
        ),
        ("a.yml", "version: 2\n环保: [污染]\n同: [污染]\n", {"环保": ["污染"], "同": ["污染"]}),
    ],
)
def test_a_list_of_ones_own(
    study: Study, tmp_path: Path, name: str, text: str, lists: dict[str, list[str]]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = topics.of(study, tmp_path / name)
    assert {one.id: list(one.include) for one in found.codebook.themes} == lists
    assert found.apart


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.txt", "", "holds no word"),
        ("a.txt", "# version: 1\n", "holds no word"),
        ("a.txt", "# 环保\n# 数字\n数字\n", "a.txt:1: the topic '环保' has no word"),
        ("a.txt", "污染\n减排\n污染\n", "a.txt:3: '污染' stands twice"),
        ("a.txt", "污染 减排\n", "a.txt:1: '污染 减排' in a holds white space"),
        ("a.txt", "污染\n。\n", "a.txt:2: '。' in a is no word"),
        ("a.txt", "# 环保\n污染\n# 环保\n减排\n", "a.txt:3: the topic '环保' stands twice"),
        ("a.yaml", "环保: [污染, 3]\n", "a.yaml:1: 环保 is"),
        ("a.yaml", "环保: {a: b}\n", "it must be a list of words"),
        ("a.yaml", "环保: []\n", "has no word"),
        ("a.yaml", "环保: [污染\n", "this is not YAML"),
        ("a.csv", "污染\n", "a word list is a file .txt"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(
    study: Study, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        topics.of(study, tmp_path / name)
    assert said in str(refused.value)


def test_terms_and_names_of_books(study: Study) -> None:
    found = topics.of(study, terms=["数字经济，大数据", "污染"])
    assert found.codebook.ids == ["数字经济", "大数据", "污染"]
    assert topics.of(study).codebook == study.codebook
    assert topics.of(study, "groups").codebook == study.term_groups
    assert topics.of(study, {"环保": ["污染"]}, ["减排"]).codebook.ids == ["环保", "减排"]
    for asked, said in [
        (("", [" ,"]), "holds no word"),
        (("", ["污染,污染"]), "stands twice"),
        (("theme", []), "did you mean 'themes'"),
        (("themes", ["污染"]), "two panels"),
        (({"污染": ["污染"]}, ["污染"]), "a topic of"),
        (("none.txt", []), "none.txt"),
    ]:
        with pytest.raises(InputError, match=said):
            topics.of(study, *asked)


def test_other_words_are_another_version(study: Study) -> None:
    versions = [topics.of(study, {"a": own}).codebook.version for own in (["污"], ["染"], ["污"])]
    assert versions[0] == versions[2] != versions[1]


# -- files ----------------------------------------------------------------------------------------


def run(study: Study, *arguments: str | Path) -> int:
    return cli.main(["panel", "--data", str(study.path), *map(str, arguments)])


def test_the_dta_is_read_back_with_all_labels(study: Study, tmp_path: Path) -> None:
    assert run(study, "--terms", "数字经济,污染", "-o", tmp_path / "p.dta") == 0
    table, about = pyreadstat.read_dta(str(tmp_path / "p.dta"), apply_value_formats=True)
    assert list(table) == COLUMNS
    labels = yaml.safe_load(Path(panel.__file__).with_suffix(".yaml").read_text("utf-8"))
    for name, label in about.column_names_to_labels.items():
        assert label == labels["variables"][name]["label"]["zh"]
    own = study.panel(terms=["数字经济", "污染"]).table
    for name in COLUMNS:
        if pd.api.types.is_numeric_dtype(own[name]):
            np.testing.assert_array_equal(
                table[name].astype(float), own[name].astype(float).to_numpy()
            )
        elif name not in ("level", "missing"):
            assert list(table[name]) == list(own[name])
    assert set(table["level"]) == {"地级"}
    why = ["" if pd.isna(one) else one for one in table["missing"]]
    said = {"": "", "no report": "无报告", "two reports": "有两份报告"}
    assert why == [said[one] for one in own["missing"]]
    assert about.file_label == "政府关注度面板"


@pytest.mark.parametrize("name", ["p.dta", "p.parquet", "p.csv", "p.xlsx"])
def test_the_same_bytes_twice(study: Study, tmp_path: Path, name: str) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        assert run(study, "--terms", "污染", "--wide", "-o", tmp_path / folder / name) == 0
    files = sorted(one.name for one in (tmp_path / "a").iterdir())
    assert files == sorted([name, "p.codebook.csv", "p.codebook.md"])
    for one in files:
        assert (tmp_path / "a" / one).read_bytes() == (tmp_path / "b" / one).read_bytes()


def test_a_codebook_is_not_written_over_by_that_of_another_file(
    study: Study, tmp_path: Path
) -> None:
    for name in ("p.dta", "p.csv", "p.dta", "p.csv"):
        assert run(study, "--terms", "污染", "--wide", "-o", tmp_path / name) == 0
    named = {
        one.name: one.read_text("utf-8").splitlines()[2] for one in tmp_path.glob("*.codebook.md")
    }
    assert named == {"p.codebook.md": "`p.dta`", "p.csv.codebook.md": "`p.csv`"}
    assert (tmp_path / "p.csv.codebook.csv").is_file()


def test_stata_13_holds_no_chinese(study: Study, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("region_code,year,书记\n350100,2008,某甲（兼）\n", encoding="utf-8")
    out = tmp_path / "p.dta"
    assert run(study, "--terms", "污染", "--stata", "13", "--merge", mine, "-o", out) == 0
    table, about = pyreadstat.read_dta(str(out), apply_value_formats=True)
    assert set(table["region"]) == {"fuzhou", "xiangfan", "xiangyang"}
    assert set(table["province"]) == {"fujian", "hubei"}
    assert set(table["topic"]) == {"wuran"}
    assert set(table["shuji"]) == {"", "moujia(jian)"}
    assert about.column_names_to_labels["N_tokens"] == "Words of the text"
    assert out.read_bytes().isascii() or not re.search(
        "[\u4e00-\u9fff]", out.read_bytes().decode("latin-1")
    )
    assert all(str(value).isascii() for name in table for value in table[name])


def test_a_wide_panel_holds_what_the_long_one_does(study: Study, tmp_path: Path) -> None:
    assert run(study, "--topics", "groups", "--wide", "--lang", "en", "-o", tmp_path / "w.dta") == 0
    wide, about = pyreadstat.read_dta(str(tmp_path / "w.dta"))
    assert len(wide) == 8
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,31}", name) for name in wide)
    long = study.panel("groups").table
    for (measure, topic), name in panel.columns(study.term_groups.ids).items():
        own = long.loc[long["topic"] == topic, measure].astype(float)
        np.testing.assert_array_equal(wide[name].astype(float), own.to_numpy())
        english = study.term_groups.names("en")[topic]
        assert about.column_names_to_labels[name].startswith(f"{english}: ")


def test_labels_fit_and_are_in_both_languages() -> None:
    words = yaml.safe_load(Path(panel.__file__).with_suffix(".yaml").read_text("utf-8"))
    assert [*words["variables"]] == [*COLUMNS[:7], "part", *COLUMNS[7:]]
    for entry in words["variables"].values():
        assert {*entry} <= {"label", "unit", "formula", "source"}
        assert all({*entry[one]} == {"zh", "en"} for one in {*entry} - {"source"})
        assert all(len(text) <= stata.LABEL for text in entry["label"].values())
    for group in (*words["values"].values(), words["bounds"], words["words"]):
        assert all({*said} == {"zh", "en"} for said in group.values())


def test_the_codebook_counts_every_entry(study: Study) -> None:
    made = panel.build(study, TOPICS)
    book = panelbook.codebook(study, made, made.table)
    assert list(book["variable"][: len(COLUMNS)]) == COLUMNS
    entries = book[book["variable"] == ""]
    counted = {(row.topic, row.entry): row.n for row in tables.rows(entries)}
    # 襄樊 2008, 襄阳 2011 and 福州 2008 are whole; 福州 2010 has one sentence with 数字经济.
    assert counted["数字", ""] == 3 * 3 + 1
    assert counted["数字", "数字经济"] == 2 * 3 + 1
    assert counted["数字", "大数据"] == 3
    assert counted["数字", "数字"] == 0
    assert counted["环保", "生态环境保护"] == counted["环保", "污染"] == 3
    page = panelbook.page(made, book, "p.csv", "zh")
    assert "`生态环境保护` 3" in page
    assert "福州市 2009 has 2 reports" in page


def test_agreement_stands_where_a_topic_was_validated(study: Study) -> None:
    bundled = Study(Path(__file__).parents[1] / "data")
    assert bundled.validation is not None
    scores = bundled.validation.scores.set_index("theme")
    book = panelbook.codebook(bundled, made := panel.build(bundled), made.table)
    said = book[(book["entry"] == "") & (book["topic"] != "")].set_index("topic")["agreement"]
    assert {topic for topic, text in said.items() if text} == {
        *scores.index[scores["f1"].notna()]
    } - {"none"}
    for topic in said[said != ""].index:
        assert f"F1 {scores.loc[topic, 'f1']:.2f}" in said[topic]
    own = panel.build(study, TOPICS)
    assert set(panelbook.codebook(study, own, own.table)["agreement"]) == {""}


# -- Stata's files --------------------------------------------------------------------------------


def test_names_for_stata_are_plain_short_and_unique() -> None:
    long = "数字经济发展指数与人工智能应用水平"
    found = stata.names(
        ["n", "N", "数字", "数字", "1a", "a b", "a_b", "_x", "if", "str5", "！", long]
    )
    assert found[:11] == [
        "n",
        "N",
        "shuzi",
        "shuzi_2",
        "v1a",
        "a_b",
        "a_b_2",
        "x",
        "if_",
        "str5_",
        "v",
    ]
    assert all(re.fullmatch("[A-Za-z][A-Za-z0-9_]{0,31}", name) for name in found)


def test_what_stata_cannot_hold_as_it_is(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "whole": pd.array([1, None, 3], "Int64"),
            "big": [1, 2, 3_000_000_000],
            "text": ["a\0b", None, "厦" * 3000],
            "word": ["up", "", "down"],
            "yes": [True, False, True],
            "新名字": [1.5, np.nan, 0],
        }
    )
    labels = {"whole": "很长" * 50, "新名字": "标签"}
    coded = {"word": {"up": "升", "down": "降"}}
    for name in ("a.dta", "b.dta"):
        stata.write(frame, tmp_path / name, labels=labels, coded=coded)
    assert (tmp_path / "a.dta").read_bytes() == (tmp_path / "b.dta").read_bytes()
    read, about = pyreadstat.read_dta(str(tmp_path / "a.dta"), apply_value_formats=True)
    assert read["whole"].isna().tolist() == [False, True, False]
    assert read["big"].tolist() == [1, 2, 3_000_000_000]
    assert read["text"].tolist() == ["ab", "", "厦" * 3000]
    assert read["word"].isna().tolist() == [False, True, False]
    assert read["word"].tolist()[::2] == ["升", "降"]
    assert read["yes"].tolist() == [1, 0, 1]
    assert about.column_names_to_labels["whole"] == "很长" * 40
    assert about.column_names_to_labels["xinmingzi"] == "新名字 标签"


# -- beside it ------------------------------------------------------------------------------------


def test_a_users_table_is_joined_and_what_does_not_match_is_said_both_ways(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(
        "region_code,year,gdp,书记\n350100,2008,12.5,某甲\n420600.0,2011.0,,\n999999,2008,1,某乙\n",
        "gbk",
    )
    assert run(study, "--terms", "污染", "--merge", mine, "-o", tmp_path / "p.csv") == 0
    said = capsys.readouterr().err
    assert "mine.csv: 1 of its rows match nothing in the panel: 999999 2008." in said
    assert "mine.csv: 6 regions and years of the panel have no row: 350100 2009, " in said
    table = pd.read_csv(tmp_path / "p.csv", encoding="utf-8-sig")
    row = cell(table, "福州市", 2008)
    assert (row.gdp, row["书记"]) == (12.5, "某甲")
    assert table["gdp"].notna().sum() == 1
    assert list(table.columns) == [*COLUMNS, "gdp", "书记"]


def test_cells_of_a_users_table_are_numbers_only_where_all_are(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    header = "region_code,year,a,phone,big,b,empty"
    rows = [
        "350100,2008,1,0591,inf,1e3,",
        "350200,2008,x,0592,1,,",
        ",2008,2,1,2,-.5,",
        ",2008,,,,,",
    ]
    mine.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    frame, key = joins.read(mine)
    assert key == "region_code"
    assert frame["a"].tolist() == ["1", "x", "2", ""]
    assert frame["phone"].tolist() == ["0591", "0592", "1", ""]
    assert frame["big"].tolist() == ["inf", "1", "2", ""]
    assert frame["b"].fillna(0).tolist() == [1000, 0, -0.5, 0]


def test_a_region_without_a_code_is_joined_to_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("region_code,year,a\n,2008,1\n350100,2008,2\n", encoding="utf-8")
    table = pd.DataFrame({"region_code": ["", "350100"], "year": [2008, 2008]})
    joined, names, said = joins.merge(table, mine)
    assert joined["a"].fillna(0).tolist() == [0, 2]
    assert names == ["a"]
    assert said == ["mine.csv: 1 of its rows match nothing in the panel: ? 2008."]


def test_a_users_columns_are_told_from_the_panels_own(study: Study, tmp_path: Path) -> None:
    """A wide panel has no columns n, part and topic; those of a user are not taken for them."""
    mine = tmp_path / "mine.csv"
    mine.write_text("region_code,year,n,part,topic\n350100,2008,7,plan,税\n", encoding="utf-8")
    out = tmp_path / "p.dta"
    assert run(study, "--terms", "污染", "--wide", "--merge", mine, "-o", out) == 0
    table, about = pyreadstat.read_dta(str(out))
    assert cell(table, "福州市", 2008)[["n", "part", "topic"]].tolist() == [7, "plan", "税"]
    assert [about.column_names_to_labels[one] for one in ("n", "part", "topic")] == [
        "n",
        "part",
        "topic",
    ]
    book = tables.csvfile.cells(tmp_path / "p.codebook.csv").set_index("variable")
    assert book.loc[["n", "part", "topic"], "source"].tolist() == ["mine.csv"] * 3
    assert about.column_names_to_labels["n_wuran"] == "污染：主题词出现次数"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("region_code,year,n\n350100,2008,1\n", "columns that the panel has, too: n"),
        ("code,year,a\n350100,2008,1\n", "no column region_id or region_code"),
        ("region_code,jahr\n350100,2008\n", "no column year"),
        ("region_code,year,a\n350100,latest,1\n", "mine.csv:2: year is 'latest'"),
        (
            "region_code,year,a\n350100,2008,1\n350100,2008,2\n",
            "mine.csv:3: region_code 350100 and year 2008",
        ),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8")
    out = tmp_path / "p.csv"
    assert run(study, "--terms", "污染", "--merge", tmp_path / "mine.csv", "-o", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


FIGURES = [  # year, kind, value, bound, direction, definition
    (2008, "change", 9.5, "exact", "", ""),
    (2008, "target", 9, "at_least", "", ""),
    (2009, "change", 3, "at_least", "down", ""),
    (2009, "target", 8, "at_least", "", ""),
    (2009, "target", 8.5, "at_most", "", ""),
    (2010, "change", 7, "exact", "", ""),
    (2010, "change", 8, "exact", "", ""),
    (2010, "target", 8, "approximate", "", ""),
    (2011, "change", 12, "exact", "", "yearly_average"),
]


def test_what_nobody_has_judged_is_said_and_a_cut_table_is_made_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    catalogue.new(tmp_path / "s", "")
    text = "福州市2024年政府工作报告\n一、2023年工作回顾\n地区生产总值增长6.5%，治理污染。\n"
    (tmp_path / "福州市2024年政府工作报告.txt").write_text(
        text + "二、2024年工作安排\n地区生产总值增长6%。\n", "utf-8"
    )
    Study(tmp_path / "s").add(tmp_path / "福州市2024年政府工作报告.txt")
    made = panel.build(Study(tmp_path / "s"), terms=["污染"], indicators=["gdp_growth"])
    said = "gdp_growth: of 1 outcomes 1 were found by the program and judged by nobody"
    assert [one for one in made.said if one.startswith(said)]
    assert made.table["gdp_growth_outcome"].tolist() == [6.5]
    (kept,) = (tmp_path / "s" / "store" / "panel").glob("counts_*.parquet")
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-9])
    capsys.readouterr()
    again = panel.build(Study(tmp_path / "s"), terms=["污染"], indicators=["gdp_growth"])
    assert f"{kept}: is damaged" in capsys.readouterr().err
    assert kept.read_bytes() == whole
    pd.testing.assert_frame_equal(again.table, made.table)


def test_indicators_are_values_only_where_they_are_exact(study: Study, tmp_path: Path) -> None:
    shutil.copytree(study.path, tmp_path / "s")
    names = tables.COLUMNS["indicators"]
    rows = [
        dict.fromkeys(names, "")
        | {"region": "福州市", "year": year, "period": str(year), "indicator_id": "gdp_growth"}
        | {"value": value, "unit": "%", "bound": bound, "measure_kind": kind, "scope": "福州市"}
        | {"direction": way, "definition": code, "status": "verified", "source_id": "x"}
        for year, kind, value, bound, way, code in FIGURES
    ]
    tables.write(pd.DataFrame(rows, columns=list(names)), tmp_path / "s" / "indicators.csv")
    made = panel.build(Study(tmp_path / "s"), terms=["污染"], indicators=["gdp_growth"])

    def own(year: int, role: str) -> list[Any]:
        row = cell(made.table, "福州市", year)
        found = [row[f"gdp_growth_{role}{end}"] for end in ("", "_bound", "_bound_is", "_bound_to")]
        return [None if pd.isna(one) else one for one in found]

    assert own(2008, "outcome") == [9.5, None, "", None]
    assert own(2008, "target") == [None, 9, "at_least", None]
    assert own(2009, "outcome") == [None, -3, "at_most", None]  # a fall of 3% or more
    assert own(2009, "target") == [None, 8, "range", 8.5]
    assert own(2010, "outcome") == [None, None, "", None]
    assert own(2010, "target") == [None, 8, "approximate", None]
    assert own(2011, "outcome") == [None, None, "", None]
    said = "gdp_growth: 1 regions and years state several outcomes; empty there: 350100 2010"
    assert said in made.said
    assert not [one for one in made.said if "judged" in one]
    book = panelbook.codebook(study, made, made.table).set_index("variable")
    assert book.loc["gdp_growth_target_bound", ["label_zh", "unit_zh"]].tolist() == [
        "国内生产总值增长率目标值：界",
        "%",
    ]
    with pytest.raises(InputError, match="gdp_growth"):
        panel.build(study, terms=["污染"], indicators=["gdp_grwth"])


def test_a_panel_beside_what_is_refused(
    study: Study, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for arguments, said in [
        (["-o", tmp_path / "p.sav"], ".dta, .parquet, .csv or .xlsx"),
        (["-o", tmp_path / "p.csv", "--stata", "13"], "--stata 13"),
        (["--robust", tmp_path / "r.dta"], "must end in .csv"),
        (["--indicators", "gdp", "--terms", "污染"], "indicator 'gdp' is not known"),
        (["--level", "nation", "--terms", "污染"], "level"),
        (["--topics", "no-such-file"], "no-such-file"),
    ]:
        assert run(study, *arguments) == 2
        err = capsys.readouterr().err
        assert said in err
        assert len(err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())
    assert run(study, "--terms", "污染", "--level", "city") == 0
    assert capsys.readouterr().out.splitlines()[0] == ",".join(COLUMNS)


# -- other choices --------------------------------------------------------------------------------


def test_other_choices_are_held_against_the_panel(study: Study) -> None:
    chosen = topics.of(study, TOPICS)
    found = robust.robust(study, chosen)
    assert set(found["choice"]) == {
        *("engine rjieba", "headings out", "stop words out of N_tokens", "per 1,000 words"),
        *("share of sentences", "overlapping hits counted", "less one word"),
    }
    assert set(found["cells"]) == {4}  # 襄樊 2008, 襄阳 2011, 福州 2008 and 2010

    def n(choice: str, topic: str, without: str = "") -> tuple[int, int]:
        row = found[
            (found["choice"] == choice) & (found["topic"] == topic) & (found["without"] == without)
        ]
        return tuple(row[["n_base", "n"]].iloc[0])

    assert n("overlapping hits counted", "数字") == (10, 10 + 7)  # 数字 in each 数字经济
    assert n("overlapping hits counted", "环保") == (6, 6 + 6)
    assert n("less one word", "数字", "数字经济") == (10, 10)  # 数字 stands in for it
    assert n("less one word", "数字", "大数据") == (10, 7)
    assert n("less one word", "环保", "生态环境保护") == (6, 6)
    assert n("less one word", "环保", "污染") == (6, 3)
    assert n("headings out", "数字") == (10, 10)


def test_correlation_and_ranks_are_what_they_are_called(study: Study) -> None:
    chosen = topics.of(study, {"a": ["数字经济", "污染"]})
    found = robust.robust(study, chosen)
    row = found[found["choice"] == "share of sentences"].iloc[0]
    table = study.panel({"a": ["数字经济", "污染"]}).table.dropna(subset=["n"])
    a, b = table["rate_chars"].to_numpy(float), table["share_sentences"].to_numpy(float)
    assert row.pearson == pytest.approx(np.corrcoef(a, b)[0, 1])
    ranks = [pd.Series(one).rank().to_numpy() for one in (a, b)]
    assert row.spearman == pytest.approx(np.corrcoef(*ranks)[0, 1])
    years = table.assign(a=a, b=b).groupby("year")
    moved = [abs(own["a"].rank() - own["b"].rank()) for _, own in years]
    assert row.rank_change == pytest.approx(np.mean(np.concatenate(moved)))


# -- the real provinces ---------------------------------------------------------------------------

FACTS = ["河长制", "新质生产力", "双随机", "供给侧"]
LISTS = {
    "数字": ["数字经济", "大数据", "数字", "数字化", "人工智能", "互联网"],
    "环保": ["环境保护", "生态环境", "生态环境保护", "污染", "减排"],
    "水": ["河长制", "水环境", "水污染", "污染防治"],
    "营商": ["营商环境", "投资环境", "放管服"],
    "脱贫": ["脱贫", "扶贫", "脱贫攻坚", "精准扶贫", "精准脱贫"],
    "教育": ["教育", "义务教育", "职业教育", "高等教育", "学前教育"],
    "医疗": ["医疗", "医院", "医疗卫生", "卫生"],
    "就业": ["就业", "创业", "再就业"],
    "农业": ["农业", "现代农业", "农业产业化", "粮食"],
    "交通": ["高速公路", "公路", "铁路", "高铁"],
    "创新": ["创新", "科技创新", "创新驱动", "技术创新"],
    "法治": ["法治", "依法行政", "法治政府", "依法"],
    "安全": ["安全", "安全生产", "食品安全", "生产安全"],
    "开放": ["开放", "对外开放", "改革开放", "开放型经济"],
    "住房": ["住房", "保障性住房", "棚户区改造", "棚户区"],
    "文化": ["文化", "文化产业", "公共文化", "文化事业"],
    **{word: [word] for word in FACTS},
}


@pytest.fixture(scope="module")
def provinces(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The work reports of the provinces."""
    folder = corpora / "lawtext" / "政府工作报告-省自治区"
    if not folder.is_dir():
        pytest.skip(f"no {folder.name} among the corpora")
    place = tmp_path_factory.mktemp("provinces") / "study"
    catalogue.new(place, "census")
    Study(place).add(folder)
    return Study(place, engine="rjieba")


@pytest.mark.slow
def test_counts_of_the_provinces_are_those_of_regular_expressions(provinces: Study) -> None:
    table = provinces.panel(LISTS).table
    assert table["region_code"].str.fullmatch(r"\d{6}").all()
    assert (table.groupby("region_id")["year"].nunique() == table["year"].nunique()).all()
    sentences = dict(iter(provinces.sentences.groupby("report_id")))
    there = table[table["n"].notna()]
    some, none = there[there["n"] > 0], there[there["n"] == 0]
    rng = random.Random(32)
    drawn = rng.sample([*some.index], 220) + rng.sample([*none.index], 80)
    assert there.loc[drawn, "topic"].nunique() >= 20
    for row in tables.rows(there.loc[drawn]):
        words = sorted(LISTS[row.topic], key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, words)))
        text, own = provinces.restored(row.report_id).text, sentences[row.report_id]
        texts = [text[start:end] for start, end in zip(own["start"], own["end"], strict=True)]
        found = [len(pattern.findall(one)) for one in texts]
        assert (row.n, row.n_sentences) == (sum(found), sum(map(bool, found))), row.report_id


@pytest.mark.slow
def test_four_facts_that_everybody_knows(provinces: Study) -> None:
    """By the year in the title: of how many provinces the report says a word, and its sentence."""
    table = provinces.panel(LISTS).table
    table = table[table["n"].notna() & table["topic"].isin(FACTS)].assign(says=table["n"] > 0)
    share = table.groupby(["topic", "year_given"])["says"].mean()
    rivers, force, random_, supply = (share[word] for word in FACTS)
    assert rivers.loc[2012:2016].max() < 0.2
    assert rivers.loc[2017:2018].min() > 0.8
    assert rivers.loc[2022:].max() < 0.2
    assert force.loc[:2023].max() < 0.1
    assert force.loc[2024] > 0.8
    assert random_.loc[:2015].max() == 0
    assert random_.loc[2016] < 0.2
    assert random_.loc[2017] > 0.8
    assert supply.loc[:2015].max() == 0
    assert supply.loc[2016] > 0.9
    sentences = provinces.sentences.groupby("report_id")["text"].agg("\n".join)
    for row in tables.rows(table[table["says"]]):
        assert row.topic in sentences[row.report_id]

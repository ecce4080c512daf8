"""Words for a topic: candidates and their scores by hand, decisions and readings there and back."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from analysis import cli, tables
from analysis.kit import InputError, ProblemsError
from analysis.panel import panel, panelbook, precision, topics, wordlist
from analysis.study import Study, catalogue
from analysis.tables import judged
from analysis.words import near

TEXT = """福州市{given}年政府工作报告
一、{year}年工作回顾
发展数字经济，建设工业互联网平台。
推动人工智能应用，建设数据中心。
发展数字经济和人工智能，建设工业互联网平台。
治理大气污染，减少排放。
治理大气污染，建设污水处理厂，减少排放。
"""
YEARS = (2019, 2020, 2021, 2022)
LISTS = "# 我的词表\nversion: 3\n数字:\n  - 数字经济  # 种子\n环保: [大气污染, 排放]\n"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("words") / "study"
    catalogue.new(folder, "census")
    made = Study(folder)
    for year in YEARS:
        file = folder.parent / f"{year}.txt"
        file.write_text(TEXT.format(year=year, given=year + 1), encoding="utf-8")
        assert not made.add(file, region="福州市", year=year, year_given=year + 1).problems
    return Study(folder)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    path = tmp_path / "t.yaml"
    path.write_text(LISTS, encoding="utf-8")
    return path


def fill(path: Path, column: str, values: dict[int, str]) -> None:
    """Write into cells of a sheet, by row (2 is the first)."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    at = [cell.value for cell in sheet[1]].index(column) + 1
    for row, value in values.items():
        sheet.cell(row, at).value = value
    book.save(path)


# -- scores by hand -------------------------------------------------------------------------------


def test_ppmi_of_a_matrix_of_two_by_two() -> None:
    """[[2, 0], [1, 1]]: rows have 2 and 2 of 4, columns 3 and 1."""
    row, column, n = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([2, 1, 1])
    plain = near.ppmi(row, column, n, smoothed=1)
    assert plain.tolist() == pytest.approx([math.log(4 / 3), 0, math.log(2)])
    rare = 1 / (3**0.75 + 1)  # the second column's share, above 1 / 4
    assert near.ppmi(row, column, n)[2] == pytest.approx(math.log(0.5 / rare))


def test_npmi_is_one_for_what_is_never_apart_and_none_for_chance() -> None:
    found = near.npmi(np.array([5, 1]), np.array([5, 10]), np.array([5, 10]), 100)
    assert found.tolist() == pytest.approx([1, 0])


def test_cosines_with_the_mean_direction_of_the_seeds() -> None:
    """Rows (1, 1) and (0, 2); the seeds (3, 0) and (0, 5), whose mean direction is the diagonal."""
    matrix = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 1, 0, 1]), np.array([1.0, 1, 2, 3, 5])
    whole, each = near.cosines(matrix, 2, 2)
    assert whole.tolist() == pytest.approx([1, math.sqrt(0.5)])
    assert each.ravel().tolist() == pytest.approx([math.sqrt(0.5), 0, math.sqrt(0.5), 1])


def words(*lines: str) -> pd.DataFrame:
    rows = []
    for number, line in enumerate(lines):
        at = 100 * number
        for key in line.split():
            rows.append(("r", f"r:s{number:03d}", at, at + len(key), key))
            at += len(key)
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["terms"]))


def test_words_of_like_use_need_not_stand_together() -> None:
    lines = ["建设 铁路 连接 城市", "建设 公路 连接 城市", "医院 看病 方便 群众"]
    terms = words(*lines, *lines)
    seeds = terms[terms["key"] == "铁路"].assign(entry="铁路")
    found = near.near(terms, seeds, min_n=2).set_index("key")
    assert found["cosine"].drop(index="城市").idxmax() == "公路"
    assert found.loc["公路", "together"] == 0
    assert found.loc["公路", "log_dice"] == -math.inf
    assert found.loc["医院", "cosine"] == 0
    assert (found.loc["连接", "n_sentences"], found.loc["连接", "together"]) == (4, 2)
    assert found.loc["连接", "log_dice"] == round(14 + math.log2(2 * 2 / (2 + 4)), 2)
    assert "铁路" not in found.index


def test_a_phrase_is_of_words_that_belong_together_and_side_by_side() -> None:
    terms = words(*["国家 重点 实验室 建成"] * 3, *["的 重点 工作 的"] * 3, "重点 的 实验室")
    # 27 words. 国家 (3) and 重点 (7), 3 times: ln(3 · 27 / 21) / ln(27 / 3) = 0.61; 重点 and 实验室
    # (4): ln(3 · 27 / 28) / ln(27 / 3) = 0.48, which is not enough; 国家重点 (3) and 实验室: 0.87.
    names, spans = near.targets(near.read(terms), {"的"}, 3)
    phrases = {"国家重点", "实验室建成", "重点工作", "国家重点实验室", "重点实验室建成"}
    assert {*names} == {"国家", "重点", "实验室", "建成", "的", "工作", *phrases}
    n = dict(zip(names, np.bincount(spans.key), strict=True))
    assert (n["重点"], n["国家重点实验室"]) == (7, 3)
    seed = terms[terms["key"] == "重点"].assign(entry="重点")
    found = near.near(terms, seed, stopwords={"的"}, min_n=3)
    assert {*found["key"]} == {"国家", "实验室", "建成", "工作", "实验室建成"}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        *[(one, True) for one in ("5G", "一带一路", "三农", "经济")],
        *[(one, False) for one in ("2021年", "十二", "新", "我们", "数字经济区")],
    ],
)
def test_what_can_be_a_candidate(key: str, wanted: bool) -> None:
    assert near._wanted(key, {"我们"}, ["数字经济"]) is wanted


def test_wilson_by_hand() -> None:
    z2 = 1.959963984540054**2
    assert precision.wilson(0, 10) == pytest.approx((0, z2 / (10 + z2)))
    half = math.sqrt(z2) / (2 * math.sqrt(10 + z2))
    assert precision.wilson(5, 10) == pytest.approx((0.5 - half, 0.5 + half))
    for bound in precision.wilson(47, 50):  # the bounds solve (p - 0.94)² = z² p (1 - p) / n
        assert (bound - 0.94) ** 2 == pytest.approx(z2 * bound * (1 - bound) / 50)
    assert all(math.isnan(bound) for bound in precision.wilson(0, 0))


# -- candidates and decisions ---------------------------------------------------------------------


def test_candidates_with_what_a_panel_would_count(study: Study, lists: Path) -> None:
    made = wordlist.suggest(study, lists, "数字", min_n=4)
    table = made.table.set_index("candidate")
    assert not {"数字经济", "大气污染", "排放"} & {*table.index}
    assert table.loc["人工智能", ["n", "n_new", "reports"]].tolist() == [8, 8, 4]
    assert table.loc["人工智能", ["first", "last"]].tolist() == [2019, 2022]
    assert table.loc["人工智能", "example_1"] == "推动【人工智能】应用，建设数据中心。"
    assert "工业互联网平台" in table.index
    assert "互联网" not in table.index  # it stands in the phrase each time
    assert "left out, words of another topic: 大气污染 (环保), 排放 (环保)" in made.said
    again = wordlist.suggest(Study(study.path), lists, "数字", min_n=4)
    pd.testing.assert_frame_equal(again.table, made.table)


def test_a_sheet_has_the_same_bytes(study: Study, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        arguments = ["words", "suggest", "--terms", "数字经济", "-o", str(tmp_path / name)]
        assert cli.main([*arguments, "--data", str(study.path)]) == 0
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_word_within_a_seed_adds_only_what_stands_outside(study: Study) -> None:
    table = wordlist.suggest(study, terms=["数字经济"], min_n=4).table.set_index("candidate")
    assert table.loc["经济", ["n", "n_new"]].tolist() == [8, 0]
    assert "发展数字" not in table.index


def decided(study: Study, lists: Path, **rows: str) -> Path:
    sheet = lists.with_name("c.xlsx")
    table = wordlist.suggest(study, lists, "数字", min_n=4).table
    wordlist.write(table, sheet)
    at = {word: number for number, word in enumerate(table["candidate"], start=2)}
    fill(sheet, "decision", {at[word]: said for word, said in rows.items()})
    return sheet


def test_accepted_words_stand_in_the_list_and_nothing_else_changes(
    study: Study, lists: Path
) -> None:
    sheet = decided(study, lists, 人工智能="accept", 建设数据中心="接受", 减少排放="reject")
    made = wordlist.accept(sheet, lists, "数字", coder="王", date="2025-03-09")
    assert ({*made.words}, made.rejected) == ({"人工智能", "建设数据中心"}, ["减少排放"])
    seed = "  - 数字经济  # 种子\n"
    added = "".join(f"  - {word}\n" for word in made.words)
    assert lists.read_text("utf-8") == LISTS.replace(seed, seed + added)
    assert "its version is '3' still" in made.said[0]
    record = judged.kept(judged.beside(lists, wordlist.KIND), wordlist.DECIDED)
    assert {*record["coder"]} == {"王"}
    assert {*record["date"]} == {"2025-03-09"}
    assert record.set_index("word").loc["人工智能", "n"] == "8"
    assert {*record["sheet"]} == {tables.sha256(sheet)}
    whole = lists.read_bytes(), judged.beside(lists, wordlist.KIND).read_bytes()
    assert wordlist.accept(sheet, lists, "数字", coder="王", date="2025-03-09").words == []
    assert (lists.read_bytes(), judged.beside(lists, wordlist.KIND).read_bytes()) == whole
    after = wordlist.suggest(study, lists, "数字", min_n=4)
    assert not {"人工智能", "建设数据中心", "减少排放"} & {*after.table["candidate"]}
    assert "left out, rejected before: 减少排放" in after.said


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("t.yaml", "甲: [一体, '二']\n乙: [丙]", "甲: [一体, '二', 5G, 'no']\n乙: [丙]"),
        ("t.yaml", "甲: [一体, # 注\n  二]\n", "甲: [一体, # 注\n  二, 5G, 'no']\n"),
        ("t.yaml", "甲:\n- 一体", "甲:\n- 一体\n- 5G\n- 'no'"),
        ("t.yaml", "甲: 一体、二\r\n乙: 丙\r\n", "甲: 一体、二、5G、no\r\n乙: 丙\r\n"),
        ("t.yaml", "甲: '一体'\n", "甲: '一体, 5G, no'\n"),
        ("甲.txt", "一体 # 注\n\n", "一体 # 注\n5G\nno\n\n"),
        ("t.txt", "\ufeff# 甲\n一体\n# 乙\n二\n", "\ufeff# 甲\n一体\n5G\nno\n# 乙\n二\n"),
        ("t.txt", "甲：一体、二\r\n乙: 三", "甲：一体、二\r\n5G\r\nno\r\n乙: 三"),
    ],
)
def test_words_are_written_as_the_file_is(
    tmp_path: Path, name: str, before: str, after: str
) -> None:
    path = tmp_path / name
    path.write_bytes(before.encode())
    wordlist.listfile.insert(path, "甲", ["5G", "no"])
    assert path.read_bytes().decode() == after
    assert topics.of(None, path).codebook.themes[0].include[-2:] == ("5G", "no")


def test_a_codebooks_words_go_under_include(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    bundled = Path(__file__).parents[1] / "data" / "codebooks" / "term_groups.yaml"
    path.write_bytes(bundled.read_bytes())
    wordlist.listfile.insert(path, "business_environment", ["投资软环境"])
    before, after = (one.read_text("utf-8").splitlines() for one in (bundled, path))
    differ = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(differ) == 1
    assert differ[0][1] == differ[0][0].replace("]", ", 投资软环境]")


@pytest.mark.parametrize(
    "text", ["甲: |\n  一体\n", "甲: [一体]\n".encode("utf-16"), "甲: >-\n  一\n"]
)
def test_what_cannot_be_written_in_is_refused_and_stays(tmp_path: Path, text: Any) -> None:
    path = tmp_path / "t.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = path.read_bytes()
    with pytest.raises(InputError):
        wordlist.listfile.insert(path, "甲", ["x,y", "一体"])
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("decision", "maybe", "decision 'maybe' is not known"),
        ("candidate", "别的词", "is not as it was written"),
        ("n", "99", "is not as it was written"),
        ("topic", "环保", "is not as it was written"),
        ("date", "March", "date is 'March'"),
        ("coder", "GPT-4o", "looks like a language model"),
        ("coder", "model:", "coder is empty"),
    ],
)
def test_a_bad_cell_is_refused_by_its_row_and_nothing_is_written(
    study: Study, lists: Path, column: str, value: str, said: str
) -> None:
    sheet = decided(study, lists, 人工智能="accept", 建设数据中心="accept")
    table = wordlist.suggest(study, lists, "数字", min_n=4).table
    row = list(table["candidate"]).index("建设数据中心") + 2
    fill(sheet, column, {row: value})
    with pytest.raises(ProblemsError) as told:
        wordlist.accept(sheet, lists, "数字", coder="王")
    assert str(told.value).startswith(f"{sheet}:{row}: ")
    assert said in str(told.value)
    assert lists.read_text("utf-8") == LISTS
    assert not judged.beside(lists, wordlist.KIND).exists()


def test_a_sheet_of_another_topic_and_one_without_decisions(study: Study, lists: Path) -> None:
    sheet = decided(study, lists, 人工智能="accept")
    with pytest.raises(ProblemsError, match="topic is '数字'"):
        wordlist.accept(sheet, lists, "环保", coder="王")
    with pytest.raises(InputError, match="is filled in already"):
        wordlist.write(wordlist.suggest(study, lists, "数字").table, sheet)
    fill(sheet, "decision", dict.fromkeys(range(2, 30)))
    with pytest.raises(InputError, match="holds no decision"):
        wordlist.accept(sheet, lists, "数字", coder="王")


# -- hits drawn and read --------------------------------------------------------------------------


def drawn(study: Study, lists: Path, n: int = 10) -> Path:
    """A sheet of the topic 环保: 16 hits, two sentences with two each in four reports."""
    sheet = lists.with_name("s.xlsx")
    precision.write(precision.sample(study, lists, "环保", n=n), sheet)
    return sheet


def test_the_draw_is_of_the_hits_that_count_and_the_same_again(study: Study, lists: Path) -> None:
    whole = precision.sample(study, lists, "环保", n=99)
    assert (len(whole), {*whole["hits"]}, {*whole["of"]}) == (16, {16}, {16})
    assert whole["entry"].value_counts().to_dict() == {"大气污染": 8, "排放": 8}
    some = precision.sample(study, lists, "环保", n=10, seed=7)
    again = precision.sample(Study(study.path), lists, "环保", n=10, seed=7)
    pd.testing.assert_frame_equal(some, again)
    other = precision.sample(study, lists, "环保", n=10, seed=8)
    keys = ["sentence_id", "start"]
    assert some[keys].values.tolist() != other[keys].values.tolist()
    assert not some.duplicated(keys).any()
    texts = study.sentences.set_index("sentence_id")["text"]
    for row in tables.rows(some):
        assert f"【{row.entry}】" in row.text
        assert row.text.replace("【", "").replace("】", "") == texts[row.sentence_id]
    both = precision.sample(study, lists, n=10)
    assert both["topic"].value_counts().to_dict() == {"环保": 10, "数字": 8}


def test_what_was_read_stands_in_the_panels_codebook(study: Study, lists: Path) -> None:
    sheet = drawn(study, lists)
    right = dict.fromkeys(range(2, 9), "yes") | {9: "否", 10: "no", 11: "unsure"}
    fill(sheet, "right", right)
    made = precision.read(sheet, lists, coder="李", date="2025-03-09")
    lo, hi = precision.wilson(7, 9)
    said = f"precision 0.78 (7 of 9 read by 李, 2025-03-09, {lo:.2f}–{hi:.2f}), 1 more unsure"
    assert precision.listed(made.table)[0] == f"环保: {said}"
    entries = made.table[made.table["entry"] != ""]
    assert entries[["yes", "no", "unsure"]].sum().tolist() == [7, 2, 1]
    assert lists.read_text("utf-8") == LISTS
    build = panel.build(study, lists)
    book = panelbook.codebook(study, build, build.table).set_index(["topic", "entry"])
    assert book.loc[("环保", ""), "precision"] == said
    assert book.loc[("环保", "排放"), "precision"].startswith("precision ")
    assert book.loc[("数字", ""), "precision"] == ""
    assert said in panelbook.page(build, book.reset_index(), "p.csv", "en")
    precision.read(sheet, lists, coder="model:m-1")
    precision.read(sheet, lists, coder="model:m-1")  # the same reading again takes its place
    found = precision.said(topics.of(study, lists))["环保", ""]
    assert found.count("precision") == 2
    assert "7 of 9 read by m-1, a language model" in found
    lists.write_text(LISTS.replace("排放]", "排放, 污水]"), encoding="utf-8")
    found = precision.said(topics.of(study, lists))["环保", ""]
    assert found.count("of other words than the list has now") == 2


def test_all_hits_read_have_no_interval_and_a_part_says_so(study: Study, lists: Path) -> None:
    sheet = drawn(study, lists, n=99)
    fill(sheet, "right", dict.fromkeys(range(2, 18), "yes"))
    made = precision.read(sheet, lists, coder="李")
    assert precision.listed(made.table)[0] == "环保: precision 1.00 (16 of 16 read by 李), all hits"
    fill(sheet, "right", dict.fromkeys(range(12, 18)))
    part = precision.read(sheet, lists, coder="李")
    assert part.said == ["环保: 10 of 16 hits are read by 李."]
    kept = judged.kept(judged.beside(lists, precision.KIND), precision.KEPT)
    assert len(kept[kept["entry"] == ""]) == 1


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("text", "治理【大气污染】。", "is not as it was written"),
        ("sentence_id", "fuzhou-2019:s001", "is not as it was written"),
        ("topic", "数字", "is not as it was written"),
        ("right", "perhaps", "right 'perhaps' is not known"),
        ("right", None, "right is empty and later hits are read"),
        ("coder", "qwen-max", "looks like a language model"),
        ("date", "9.3.2025", "date is '9.3.2025'"),
    ],
)
def test_a_hit_that_cannot_be_used_is_refused_by_its_row(
    study: Study, lists: Path, column: str, value: str | None, said: str
) -> None:
    sheet = drawn(study, lists)
    fill(sheet, "right", dict.fromkeys(range(2, 12), "yes"))
    fill(sheet, column, {5: value})  # type: ignore[dict-item]
    with pytest.raises(ProblemsError) as told:
        precision.read(sheet, lists, coder="李")
    assert str(told.value).startswith(f"{sheet}:5: ")
    assert said in str(told.value)
    assert not judged.beside(lists, precision.KIND).exists()


def test_a_row_twice_one_taken_out_and_another_topics_sheet(study: Study, lists: Path) -> None:
    sheet = drawn(study, lists)
    fill(sheet, "right", dict.fromkeys(range(2, 12), "yes"))
    with pytest.raises(ProblemsError, match="topic is '环保'; this is about 数字"):
        precision.read(sheet, lists, "数字", coder="李")
    book = openpyxl.load_workbook(sheet)
    book.worksheets[0].append([cell.value for cell in book.worksheets[0][4]])
    book.save(sheet)
    with pytest.raises(ProblemsError, match=":12: is the row of line 4 once more"):
        precision.read(sheet, lists, coder="李")
    book.worksheets[0].delete_rows(12)
    book.worksheets[0].delete_rows(4)
    book.save(sheet)
    with pytest.raises(ProblemsError, match="the hits 3 of 环保 are missing"):
        precision.read(sheet, lists, coder="李")
    with pytest.raises(InputError, match="is filled in already"):
        precision.write(precision.sample(study, lists, "环保"), sheet)


def test_the_commands(study: Study, lists: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = lists.with_name("s.xlsx")
    own = ["--topics", str(lists)]
    drew = ["words", "sample", *own, "--topic", "环保", "--n", "5", "-o", str(sheet)]
    assert cli.main([*drew, "--data", str(study.path)]) == 0
    fill(sheet, "right", dict.fromkeys(range(2, 7), "yes"))
    assert cli.main(["words", "precision", str(sheet), *own]) == 2
    assert f"{sheet}:2: coder is empty" in capsys.readouterr().err
    assert cli.main(["words", "precision", str(sheet), *own, "--coder", "李"]) == 0
    assert "precision 1.00 (5 of 5 read by 李" in capsys.readouterr().out
    said = ["words", "suggest", *own, "--data", str(study.path), "-o"]
    assert cli.main([*said, str(sheet)]) == 2
    assert "exists and is another table" in capsys.readouterr().err
    assert cli.main([*said, str(sheet.with_name("new.xlsx"))]) == 2
    assert "has the topics 数字, 环保; say --topic NAME" in capsys.readouterr().err

"""Sentences: their places, sections and parts."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as gb
from analysis.indicators import quantities
from analysis.restore import restore
from analysis.text import sentences
from analysis.text.sentences import split

TEXT = """某市2022年法治政府建设年度报告
2022年，某市推进“放管服”改革。成效明显！
一、2022年主要情况
（一）优化职能。压减事项10项；办结率达90%以上。他说：“好。”然后继续
（十）强化监督。接受监督。
2022年，工作仍存在一些短板弱项，主要是人才不足。
二、2023年工作安排
（一）统筹推进。落实部署。
"""


def rows(text: str, year: int = 2022) -> pd.DataFrame:
    return split("r", restore(text), year)


def test_sentences_sections_headings_and_parts_of_a_small_report() -> None:
    table = rows(TEXT)
    found = list(
        zip(table["section"], table["part"], table["is_heading"], table["text"], strict=True)
    )
    assert found == [
        ("s0", "other", True, "某市2022年法治政府建设年度报告"),
        ("s0", "done", False, "2022年，某市推进“放管服”改革。"),
        ("s0", "done", False, "成效明显！"),
        ("s1", "done", True, "一、2022年主要情况"),
        ("s1.1", "done", True, "（一）优化职能。"),
        ("s1.1", "done", False, "压减事项10项；办结率达90%以上。"),
        ("s1.1", "done", False, "他说：“好。”"),
        ("s1.1", "done", False, "然后继续"),
        ("s1.10", "done", True, "（十）强化监督。"),
        ("s1.10", "done", False, "接受监督。"),
        ("s1", "problems", False, "2022年，工作仍存在一些短板弱项，主要是人才不足。"),
        ("s2", "plan", True, "二、2023年工作安排"),
        ("s2.1", "plan", True, "（一）统筹推进。"),
        ("s2.1", "plan", False, "落实部署。"),
    ]
    assert table["sentence_id"].tolist()[:2] == ["r:s001", "r:s002"]
    assert table.loc[5, "heading"] == "（一）优化职能。"
    assert table.loc[10, "heading"] == "一、2022年主要情况"


CLOSING = "工作仍存在一些短板弱项。"


@pytest.mark.parametrize(
    ("lines", "sections"),
    [
        # until the next heading, or the end
        (f"一、甲\n（二）子。文。\n{CLOSING}\n谢谢。\n二、乙\n", "s1 s1.2 s1.2 s1 s1 s2"),
        (f"一、甲\n（二）子。文。\n{CLOSING}", "s1 s1.2 s1.2 s1"),
        # a subsection follows: the paragraph does not close the section
        (f"一、甲\n（一）子。文。\n{CLOSING}\n（二）丑。文。\n", "s1 s1.1 s1.1 s1.1 s1.2 s1.2"),
        # the first paragraph of a subsection is its own
        (f"一、甲\n（一）子。\n{CLOSING}\n二、乙\n", "s1 s1.1 s1.1 s2"),
        # a line that goes on with a sentence is no paragraph
        (f"一、甲\n（一）子。文\n{CLOSING}\n二、乙\n", "s1 s1.1 s1.1 s1.1 s2"),
        # a section without subsections, and one whose heading names the problems
        (f"一、甲\n文。\n{CLOSING}\n二、乙\n", "s1 s1 s1 s2"),
        (f"一、存在问题\n（一）子。文。\n{CLOSING}\n二、乙\n", "s1 s1.1 s1.1 s1.1 s2"),
    ],
)
def test_a_paragraph_on_problems_closes_the_section_it_ends(lines: str, sections: str) -> None:
    table = rows(lines)
    assert " ".join(table["section"]) == sections
    closing = table.set_index("text").loc[CLOSING]
    assert closing["heading"].startswith("（" if "." in closing["section"] else "一、")


def test_a_paragraph_of_the_next_year_among_the_problems_is_a_plan() -> None:
    table = rows(
        "二、存在问题和下一步打算\n"
        "2022年，仍有短板。人手不足。\n"
        "2023年，将制定政府规章2部。同时加强培训。\n"
    )
    assert table["part"].tolist() == ["problems", "problems", "problems", "plan", "plan"]
    found = quantities.find(table, years={"r": 2022})
    assert found[["quote", "measure_kind", "period"]].values.tolist() == [["2部", "target", "2023"]]


def test_a_repeated_number_opens_a_new_section() -> None:
    table = rows("一、甲方面\n（一）子。文。\n（一）丑。文。\n一、乙方面\n文。\n")
    assert table.loc[table["is_heading"], "section"].tolist() == ["s1", "s1.1", "s1.2", "s2"]


def test_headings_of_a_section() -> None:
    assert sentences.headings(rows("一、甲方面\n文。\n二、乙方面\n文。\n")) == {
        "s1": "一、甲方面",
        "s2": "二、乙方面",
    }


@given(st.text(alphabet="一二、（）法治政府。！？”\n 年2023", max_size=120))
def test_every_sentence_stands_where_it_says_and_no_character_is_lost(text: str) -> None:
    restored = restore(text)
    table = split("r", restored, 2022)
    for row in table.itertuples():
        assert restored.text[row.start : row.end] == row.text
    kept = "".join(table["text"])
    assert "".join(kept.split()) == "".join(restored.text.split())


def test_the_bundled_report_has_the_sentences_that_people_coded(
    study: gb.Study, gold: Path
) -> None:
    coded = pd.read_csv(gold / "xiamen-2022-themes.csv", encoding="utf-8-sig")
    fold = str.maketrans("，；：（）", ",;:()")
    ours = [text.translate(fold) for text in study.sentences["text"]]
    assert ours == [text.translate(fold) for text in coded["text"]]
    assert study.sentences["part"].value_counts().to_dict() == {
        "done": 37,
        "plan": 14,
        "problems": 1,
    }


def test_the_bundled_reports_closing_paragraph_is_no_part_of_its_last_subsection(
    study: gb.Study,
) -> None:
    table = study.sentences
    (place,) = table.index[table["part"] == "problems"]
    assert table["section"].tolist()[place - 1 : place + 2] == ["s1.8", "s1", "s2"]
    assert table.loc[place, "sentence_id"] == "xiamen-2022:s038"
    assert table.loc[place, "heading"].startswith("一、")


def test_a_sentence_leads_back_to_the_characters_of_the_raw_file(study: gb.Study) -> None:
    raw = study.source("xiamen-2022").text
    row = study.sentences.set_index("sentence_id").loc["xiamen-2022:s037"]
    assert row["text"].startswith("落实法治政府建设年度报告制度")
    assert raw[row["raw_start"] : row["raw_end"]].startswith("落實法治政府建設(shè)年度報告制度,")


def test_entries_of_a_glossary_behind_the_report_open_no_sections() -> None:
    glossary = "名词解释\n1.“双减”政策：减轻作业负担和培训负担。\n2.“四办”：网上办、掌上办。\n"
    closing = "让我们团结一心，为建设美好城市而不懈奋斗！\n"
    table = rows(TEXT + closing + glossary)
    behind = table.iloc[-3:]
    assert list(behind["text"].str[:4]) == ["名词解释", "1.“双", "2.“四"]
    assert list(behind["section"]) == ["s3"] * 3
    assert list(behind["is_heading"]) == [True, False, False]
    assert list(table["section"][:-3]) == list(rows(TEXT + closing)["section"])

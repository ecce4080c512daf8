"""Themes: matching, coding and coverage on sentences small enough to code by hand."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as gb
from analysis import themes
from analysis.kit import InputError
from analysis.restore import restore
from analysis.text.sentences import split
from analysis.themes import Codebook

ENTRY = """  - id: {id}
    name: {{zh: {zh}, en: {id}}}
    definition: {{zh: 甲, en: A}}
    include: [{include}]
    exclude: [{exclude}]
    patterns: ['{pattern}']
"""
SMALL = (
    "version: 3\nthemes:\n"
    + ENTRY.format(
        id="review", zh="复议", include="行政复议", exclude="复议机关名称", pattern="败诉.{0,3}件"
    )
    + ENTRY.format(id="court", zh="应诉", include="行政复议应诉, 出庭", exclude="", pattern="x{3}")
)


@pytest.fixture
def codebook(tmp_path: Path) -> Codebook:
    """Two themes."""
    path = tmp_path / "themes.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return Codebook.load(path)


def sentences_of(text: str) -> pd.DataFrame:
    return split("r", restore(text), 2022)


def test_a_match_inside_a_longer_one_is_kept_and_does_not_count(codebook: Codebook) -> None:
    hits = themes.match(sentences_of("行政复议应诉和行政复议。"), codebook)
    assert hits[["entry", "key", "start", "shadowed_by"]].values.tolist() == [
        ["行政复议", "review", 0, "行政复议应诉"],
        ["行政复议应诉", "court", 0, ""],
        ["行政复议", "review", 7, ""],
    ]


def test_patterns_match_and_excluded_phrases_shadow_their_own_theme(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text(SMALL.replace("复议机关名称", "行政复议网"), encoding="utf-8")
    hits = themes.match(sentences_of("行政复议网败诉12件。"), Codebook.load(path))
    assert hits[["entry", "shadowed_by"]].values.tolist() == [
        ["行政复议", "行政复议网"],
        ["败诉.{0,3}件", ""],
    ]


PARTLY = (
    "version: 1\n{headings}themes:\n  - id: duty\n    name: {{zh: 甲, en: A}}\n"
    "    definition: {{zh: 甲, en: A}}\n    patterns: ['出台[^，。]*办法']\n"
    "    in_part: {{plan: [推进|加强, '大力[^，。]*'], done: [取得]}}\n"
    "    exclude_patterns: ['让我们[^。]*']\n"
)
PARTS = [
    ("h", True, "plan", "（一）推进改革"),
    ("a", False, "plan", "推进改革。"),
    ("b", False, "done", "推进改革，取得成效。"),
    ("c", False, "plan", "取得成效。"),
    ("d", False, "done", "出台三个办法。"),
    ("e", False, "plan", "让我们加强团结。"),
    ("f", False, "plan", "大力推进改革。"),
]


@pytest.mark.parametrize(
    ("headings", "coded"),
    [
        ("", ["h", "a", "b", "c", "d", "e", "f"]),
        ("headings: lend\n", ["h", "a", "b", "c", "d", "e", "f"]),
        ("headings: keep\n", ["h", "a", "b", "d", "f"]),
        ("headings: skip\n", ["a", "b", "d", "f"]),
    ],
)
def test_a_pattern_may_count_in_one_part_only_and_a_heading_lend_nothing(
    tmp_path: Path, headings: str, coded: list[str]
) -> None:
    path = tmp_path / "duties.yaml"
    path.write_text(PARTLY.format(headings=headings), encoding="utf-8")
    book = Codebook.load(path)
    columns = ["sentence_id", "is_heading", "part", "text"]
    sentences = pd.DataFrame(PARTS, columns=columns).assign(report_id="r", section="s", start=0)
    hits = themes.match(sentences, book)
    assert hits.loc[hits["sentence_id"] != "h", ["sentence_id", "entry", "shadowed_by"]].agg(
        list, axis=1
    ).tolist() == [
        ["a", "推进|加强", ""],
        ["b", "取得", ""],
        ["d", "出台[^，。]*办法", ""],
        ["e", "推进|加强", "让我们[^。]*"],
        ["f", "大力[^，。]*", ""],
        ["f", "推进|加强", "大力[^，。]*"],
    ]
    rows = themes.code(hits, sentences, book)
    assert rows.loc[rows["primary_theme"] == "duty", "sentence_id"].tolist() == coded


def test_a_word_in_passing_is_not_what_a_sentence_is_about(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    long = "、".join(["道路"] * 12)  # 35 characters, with 出庭 and two marks 39
    text = f"{long}，出庭。行政复议出庭道路。行政复议。"
    coded = {}
    for least in ("", "least: 0\n", "least: 0.05\n", "least: 0.06\n", "least: 0.45\n"):
        path.write_text(SMALL.replace("themes:", least + "themes:"), encoding="utf-8")
        book = Codebook.load(path)
        rows = themes.code(themes.match(sentences_of(text), book), sentences_of(text), book)
        coded[least] = rows[["primary_theme", "other_themes", "rule"]].values.tolist()
    review = ["review", "", "hits:行政复议"]
    both = ["review", "court", "hits:行政复议"]
    assert coded[""] == [["court", "", "hits:出庭"], both, review]
    assert coded["least: 0\n"] == coded["least: 0.05\n"] == coded[""]  # 2 of 39 are 0.0513
    assert coded["least: 0.06\n"] == [["none", "", "none"], both, review]
    assert coded["least: 0.45\n"] == [["none", "", "none"], ["none", "", "none"], review]


def test_a_theme_needs_something_that_codes(tmp_path: Path) -> None:
    path = tmp_path / "duties.yaml"
    own = "\n    patterns: ['出台[^，。]*办法']\n"
    assert own in PARTLY
    path.write_text(PARTLY.format(headings="").replace(own, "\n"), encoding="utf-8")
    assert Codebook.load(path).themes[0].patterns == ()
    path.write_text(re.sub(r"    in_part: .*\n", "", path.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(InputError, match="include is missing or empty"):
        Codebook.load(path)


def test_a_theme_loses_an_entry_wherever_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "duties.yaml"
    path.write_text(PARTLY.format(headings=""), encoding="utf-8")
    theme = Codebook.load(path).themes[0]
    assert theme.entries == ("出台[^，。]*办法", "推进|加强", "大力[^，。]*", "取得")
    for entry in theme.entries:
        assert theme.without(entry).entries == tuple(e for e in theme.entries if e != entry)
    assert theme.without("x") == theme


def test_the_theme_with_most_characters_wins_and_a_heading_lends_its_own(
    codebook: Codebook,
) -> None:
    sentences = sentences_of(
        "一、行政复议工作\n出庭情况良好。出庭与行政复议。今年很好。\n二、其他\n今年很好。\n"
    )
    codings = themes.code(themes.match(sentences, codebook), sentences, codebook)
    assert codings[["primary_theme", "other_themes", "rule"]].values.tolist() == [
        ["review", "", "hits:行政复议"],
        ["court", "", "hits:出庭"],
        ["review", "court", "hits:行政复议"],
        ["review", "", "heading:r:s001"],
        ["none", "", "none"],
        ["none", "", "none"],
    ]
    table = themes.coverage(codings, sentences, codebook).set_index("theme")
    # 4 sentences without headings, of 7, 8, 5 and 5 characters
    assert table["n"].to_dict() == {"review": 2, "court": 1, "none": 1}
    assert table["share"].tolist() == [0.5, 0.25, 0.25]
    assert table.loc["review", ["chars", "N_chars"]].tolist() == [13, 25]
    by_section = themes.coverage(codings, sentences, codebook, by=("section",), only=["court"])
    assert by_section[["section", "n", "N_sentences"]].values.tolist() == [
        ["s1", 1, 3],
        ["s2", 0, 1],
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("version: 3", "version: [3", 2, "not YAML"),
        ("    include: [行政复议]", "    inclde: [行政复议]", 6, "did you mean 'include'"),
        ("include: [行政复议]", "include: 行政复议", 6, "must be a list"),
        ("- id: court", "- id: review", 9, "stands in review already"),
        ("出庭]", "行政复议]", 12, "stands in review already"),
        ("'x{3}'", "'x{3'", 14, ""),
        ("'x{3}'", "'(x'", 14, "no regular expression"),
        ("name: {zh: 应诉, en: court}", "name: {zh: 应诉}", 10, "en is missing"),
        ("definition: {zh: 甲, en: A}", "id: again", 5, "stands twice"),
        ("version: 3", "version: 3\nnote: x", 2, "key 'note' is not known"),
        ("version: 3\n", "", 1, "version is missing"),
        ("id: review", "id: none", 3, "but not none"),
        ("[行政复议]", "['']", 6, "include holds ''"),
        ("[行政复议]", "[行政复议, ' 复议']", 6, "white space"),
        ("exclude: []", "exclude: [出庭]", 12, "excluded, and stands in court already"),
        ("'x{3}'", "'败诉.{0,3}件'", 14, "stands in review already"),
        ("'x{3}'", "x*", 14, "fits where nothing stands"),
        ("'x{3}'", "'(甲+乙?)+'", 14, "could run for ever"),
        ("'x{3}'", "'(甲{2,}){3,}'", 14, "could run for ever"),
        ("'x{3}'", "'(甲{2,4}乙)+[+*]'", 14, ""),
        ("version: 3", "version: 3\ncarry: 0.5", 2, "carry is 0.5; it is a number of characters"),
        ("version: 3", "version: 3\nheadings: lead", 2, "headings 'lead' is not known"),
        ("version: 3", "version: 3\nleast: 1", 2, "least is 1; it is a share"),
        ("version: 3", "version: 3\nleast: '0.1'", 2, "least is '0.1'; it is a share"),
        ("    exclude: []", "    in_part: {plans: [甲]}", 13, "key 'plans' is not known"),
        ("    exclude: []", "    in_part: {plan: ['(甲']}", 13, "no regular expression"),
        ("    exclude: []", "    in_part: {plan: [出庭]}", 12, "stands in court already"),
        ("    exclude: []", "    exclude_patterns: [x*]", 13, "fits where nothing stands"),
        ("    exclude: []", "    example: [甲]\n    exclude: []", 13, "example is ['甲']"),
    ],
)
def test_a_mistake_in_a_codebook_is_answered_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    if not said:  # no mistake: a brace that opens nothing is a plain character to Python
        assert Codebook.load(path).themes[1].patterns == (new.strip("'"),)
        return
    with pytest.raises(InputError) as caught:
        Codebook.load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


def test_the_bundled_codebook_codes_its_own_examples(study: gb.Study) -> None:
    assert study.codebook.ids == [
        "party_leadership",
        "government_functions",
        "regulation_system",
        "decision_making",
        "law_enforcement",
        "emergency_response",
        "dispute_resolution",
        "power_supervision",
        "digital_government",
        "law_based_society",
    ]
    assert list(themes.self_check(study.codebook)) == []


def test_an_example_coded_otherwise_is_named(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    good = "    example: 行政复议。\n    counter_example: 出庭。\n"
    text = SMALL.replace("    include: [行政复议]\n", good + "    include: [行政复议]\n")
    path.write_text(text, encoding="utf-8")
    assert list(themes.self_check(Codebook.load(path))) == []
    path.write_text(text.replace(" example: 行政复议", " example: 出庭"), encoding="utf-8")
    assert list(themes.self_check(Codebook.load(path))) == [
        "themes.yaml: the example of review is coded court: 出庭。"
    ]
    path.write_text(text.replace("_example: 出庭", "_example: 行政复议"), encoding="utf-8")
    assert list(themes.self_check(Codebook.load(path))) == [
        "themes.yaml: the counter_example of review is coded review: 行政复议。"
    ]


@pytest.mark.parametrize(
    ("text", "primary", "rule"),
    [
        # 行政复议 has 4 characters, xxx has 3 and, behind a sentence on 出庭, 2 more
        ("今年出庭。行政复议与xxx。", "court", "hits:x{3};before:r:s001"),
        ("今年出庭。行政复议与出庭。", "review", "hits:行政复议"),  # 4 against 2 and 2
        ("今年出庭。行政复议。", "review", "hits:行政复议"),  # nothing of its own to count with
        ("今年出庭。今年很好。行政复议与xxx。", "review", "hits:行政复议"),  # not the one before
        ("今年出庭。\n二、其他\n行政复议与xxx。", "review", "hits:行政复议"),  # another section
        ("今年行政复议。行政复议与xxx。", "review", "hits:行政复议"),  # it would win anyhow
        ("xxx与行政复议。", "review", "hits:行政复议"),
    ],
)
def test_the_theme_of_the_sentence_before_turns_what_is_near(
    codebook: Codebook, text: str, primary: str, rule: str
) -> None:
    sentences, hits = sentences_of(text), themes.match(sentences_of(text), codebook)
    alone = themes.code(hits, sentences, codebook).iloc[-1]
    assert (alone["primary_theme"], alone["rule"]) == ("review", "hits:行政复议")
    last = themes.code(hits, sentences, replace(codebook, carry=2)).iloc[-1]
    assert (last["primary_theme"], last["rule"]) == (primary, rule)
    other = {"review": "court", "court": "review"}[primary]
    assert last["other_themes"] == (other if "与" in text.split("。")[-2] else "")


@pytest.mark.parametrize(
    ("text", "lent"),
    [
        ("今年很好。", "review"),
        ("今年很好", "review"),
        ("各位代表！", "none"),
        ("主要做了以下工作：", "none"),
        ("各位代表！我们做到了。", "review"),
    ],
)
def test_a_heading_lends_a_greeting_nothing(codebook: Codebook, text: str, lent: str) -> None:
    sentences = sentences_of(f"一、行政复议工作\n{text}\n")
    codings = themes.code(themes.match(sentences, codebook), sentences, codebook)
    assert codings["primary_theme"].iloc[-1] == lent


TOPICS = Path(__file__).parents[1] / "data/codebooks/topics.yaml"


def test_the_book_of_topics_codes_its_own_examples() -> None:
    topics = Codebook.load(TOPICS)
    assert len(topics.ids) == 21
    assert topics.ids[0] == "macroeconomics"
    assert topics.ids[-1] == "culture"
    assert all(theme.example and theme.counter_example for theme in topics.themes)
    assert [*themes.self_check(topics)] == []


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        # a word that stands across two others is none
        ("现在，我代表市人民政府向大会报告工作，请市政协委员提出意见。", "none"),
        ("请州政协委员和列席人员提出意见。", "none"),
        ("加强民政服务设施建设。", "social_welfare"),
        ("完善市政设施。", "housing"),
        ("呈现欣欣向荣的新气象。", "none"),
        ("加强气象灾害防御。", "commerce"),
        # the same object, another act
        ("扩大农产品出口。", "foreign_trade"),
        ("打造特色农产品品牌。", "agriculture"),
        ("抓好煤矿安全生产。", "labor"),
        ("新增煤炭产能，加快煤矿建设。", "energy"),
        ("深化文化体制改革。", "culture"),
        ("深化“放管服”改革。", "government_operations"),
        ("坚持改革开放。", "macroeconomics"),
        ("扩大对外开放。", "foreign_trade"),
        ("高新技术产业产值增长两成。", "macroeconomics"),
        ("新增高新技术企业20家。", "technology"),
        # what has no field
        ("各位代表！", "none"),
        ("成绩来之不易，我们倍加珍惜。", "none"),
    ],
)
def test_topics_of_sentences_made_up(text: str, topic: str) -> None:
    topics = Codebook.load(TOPICS)
    sentences = sentences_of(text)
    codings = themes.code(themes.match(sentences, topics), sentences, topics)
    assert codings["primary_theme"].tolist() == [topic]


def test_every_occurrence_is_found_that_a_search_for_each_entry_finds(study: gb.Study) -> None:
    sought = [
        (theme.id, entry, pattern)
        for theme in study.codebook.themes
        for entry, pattern in (
            *((term, re.escape(term)) for term in theme.include),
            *((pattern, pattern) for pattern in theme.patterns),
        )
    ]
    simple = sorted(
        (row.start + hit.start(), row.start + hit.end(), theme, entry)
        for row in study.sentences.itertuples()
        for theme, entry, pattern in sought
        for hit in re.finditer(pattern, row.text)
    )
    found = study.themes.hits[["start", "end", "key", "entry"]]
    assert sorted(found.itertuples(index=False, name=None)) == simple
    assert len(simple) > 100


def test_occurrences_of_one_term_do_not_overlap(tmp_path: Path) -> None:
    path = tmp_path / "themes.yaml"
    text = SMALL.replace("[行政复议]", "[甲甲]").replace("出庭]", "甲甲甲]")
    path.write_text(text, encoding="utf-8")
    hits = themes.match(sentences_of("甲甲甲甲甲。"), Codebook.load(path))
    assert hits[["start", "end", "shadowed_by"]].values.tolist() == [
        [0, 2, "甲甲甲"],
        [0, 3, ""],
        [2, 4, ""],
    ]


# ---- measures on codes


@pytest.fixture
def coded() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Codings, sentences and reports: report a has a heading and three sentences, b has one."""
    rows = [
        # report, heading?, text, primary, others, rule
        ("a", True, "复议", "review", "", "hits:复议"),
        ("a", False, "复议出庭", "review", "court", "hits:复议"),
        ("a", False, "复议", "review", "", "heading:a:s001"),
        ("a", False, "甲 乙", "none", "", "none"),
        ("b", False, "出庭出庭", "court", "", "hits:出庭"),
    ]
    frame = pd.DataFrame(
        rows, columns=["report_id", "is_heading", "text", "primary_theme", "other_themes", "rule"]
    )
    frame["sentence_id"] = [f"{row[0]}:s{at:03d}" for at, row in enumerate(rows, start=1)]
    frame["end"] = [2, 6, 8, 10, 4]
    frame["start"] = [0, 2, 6, 8, 0]
    frame["part"] = ["done", "done", "done", "plan", "plan"]
    reports = pd.DataFrame(
        {"report_id": ["a", "b"], "region": ["甲市", "乙市"], "year": [2022, 2021]}
    )
    codings = frame[["report_id", "sentence_id", "primary_theme", "other_themes", "rule"]]
    sentences = frame.drop(columns=["primary_theme", "other_themes", "rule"])
    return codings, sentences, reports


def test_coverage_by_region_and_year_asks_for_the_reports(
    codebook: Codebook, coded: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
) -> None:
    codings, sentences, reports = coded
    table = themes.coverage(
        codings, sentences, codebook, by=("region", "year"), reports=reports, only=["review"]
    )
    assert list(table.columns) == [
        *("region", "year", "theme", "n", "N_sentences", "share", "lo", "hi"),
        *("chars", "N_chars", "char_share", "reports"),
    ]
    # 甲市: two of three sentences without the heading; 6 of 8 characters
    assert table.drop(columns=["lo", "hi"]).values.tolist() == [
        ["甲市", 2022, "review", 2, 3, 2 / 3, 6, 8, 0.75, 1],
        ["乙市", 2021, "review", 0, 1, 0.0, 0, 4, 0.0, 0],
    ]
    with pytest.raises(InputError, match="by 'region' is not known"):
        themes.coverage(codings, sentences, codebook, by=("region",))


def test_a_share_has_an_interval_only_where_there_is_a_sample_of_enough_reports(
    codebook: Codebook, coded: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
) -> None:
    codings, sentences, _ = coded
    census = themes.coverage(codings, sentences, codebook)
    assert census[["lo", "hi"]].isna().all(axis=None)
    two = themes.coverage(codings, sentences, codebook, sample=True)
    assert two[["lo", "hi"]].isna().all(axis=None)
    # Five reports of one sentence, two of them review: how often a draw of five has review is
    # binomial with p = 2/5: 0 times in 7.8 %, 5 times in 1.0 %, 4 times in 7.7 % of the draws.
    five = {"report_id": list("abcde")}
    codings = codings.assign(primary_theme=["review", "review", "court", "none", "none"], **five)
    sentences = sentences.assign(is_heading=False, **five)
    drawn = themes.coverage(codings, sentences, codebook, sample=True).set_index("theme")
    assert drawn.loc["review", ["share", "lo", "hi"]].tolist() == [0.4, 0.0, 0.8]
    # only reports of a group are drawn for it: four of plan, one of done
    parts = sentences.assign(part=["done", *["plan"] * 4])
    by_part = themes.coverage(codings, parts, codebook, by=("part",), sample=True)
    assert by_part[["lo", "hi"]].isna().all(axis=None)


def test_two_themes_stand_together_where_both_have_hits_of_their_own(
    codebook: Codebook, coded: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]
) -> None:
    codings, sentences, _ = coded
    table = themes.cooccurrence(codings, sentences, codebook)
    # review: s002 (s003 only inherits it, s001 is a heading); court: s002 and s005
    assert table.values.tolist() == [["review", "court", 1, 1, 2, 4, 1, 0.5]]
    with_headings = themes.cooccurrence(codings, sentences, codebook, headings=True)
    assert with_headings.values.tolist() == [["review", "court", 1, 2, 2, 5, 1, 1 / 3]]
    nothing = themes.cooccurrence(codings[3:4], sentences[3:4], codebook)
    assert np.isnan(nothing.loc[0, "jaccard"])


def test_the_flow_runs_from_0_to_1_in_each_report(
    coded: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
) -> None:
    codings, sentences, _ = coded
    assert themes.flow(codings, sentences).values.tolist() == [
        ["a", "a:s001", 0.0, 0.2, "review", "hits"],
        ["a", "a:s002", 0.2, 0.6, "review", "hits"],
        ["a", "a:s003", 0.6, 0.8, "review", "heading"],
        ["a", "a:s004", 0.8, 1.0, "none", "none"],
        ["b", "b:s005", 0.0, 1.0, "court", "hits"],
    ]

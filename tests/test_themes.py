"""Themes: matching, coding and coverage on sentences small enough to code by hand."""

from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import themes
from analysis.errors import InputError
from analysis.restore import restore
from analysis.sentences import split
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
    ],
)
def test_a_mistake_in_a_codebook_is_answered_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text(SMALL.replace(old, new, 1), encoding="utf-8")
    if not said:  # a brace that opens nothing is a plain character to Python
        assert Codebook.load(path).themes[1].patterns == ("x{3",)
        return
    with pytest.raises(InputError) as caught:
        Codebook.load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


def test_the_bundled_codebook_codes_its_own_examples(study: gb.Study) -> None:
    import yaml

    entries = yaml.safe_load((study.path / "codebooks/themes.yaml").read_text("utf-8"))["themes"]
    assert [entry["id"] for entry in entries] == [
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
    for entry in entries:
        for key, expected in (("example", True), ("counter_example", False)):
            sentences = sentences_of(entry[key])
            hits = themes.match(sentences, study.codebook)
            primary = themes.code(hits, sentences, study.codebook)["primary_theme"]
            assert (entry["id"] in set(primary)) is expected, (entry["id"], key, list(primary))

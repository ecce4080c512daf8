"""What is claimed of a pattern holds of every text that it fits."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.kit.patterns import needed, openings

ATOMS = st.sampled_from(
    [
        "甲",
        "乙丙",
        ".",
        "[甲乙]",
        "[^甲]",
        "[一-丙1]",
        "(?:)",
        "[]甲]",
        r"\d",
        r"\.",
        r"\u7532",
        r"\S",
    ]
)
COUNTS = st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,}", "{,2}?", "*?"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    groups = st.sampled_from(["({})", "(?:{})", "(?P<甲>{})", "(?={}).", "(?!{}).", ".(?<!甲){}"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join).map("(?:{})".format),
        st.tuples(groups, inner).map(lambda two: two[0].format(two[1])),
        st.tuples(inner, COUNTS).map(lambda two: f"(?:{two[0]}){two[1]}"),
    )


PATTERNS = st.recursive(st.tuples(ATOMS, COUNTS).map("".join), grown, max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(PATTERNS, st.text("甲乙丙丁1.a", max_size=6))
def test_what_fits_holds_a_text_of_every_group_and_begins_as_said(pattern: str, text: str) -> None:
    if pattern.count("(?P<甲>") > 1:
        return
    for match in re.finditer(pattern, text):
        for group in needed(pattern):
            assert any(one in text for one in group), group
        if opens := openings(pattern):
            assert re.match(f"[{opens}]", match[0])


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        ("受理", [["受理"]]),
        ("(受理|受案).{0,8}复议", [["受案", "受理"], ["复议"]]),
        ("(受理|)复议", [["复议"]]),
        ("[约近]?十件", [["十件"]]),
        ("[约近]十", [["约", "近"], ["十"]]),
        ("(?=甲)乙", [["甲"], ["乙"]]),
        ("(?!甲)乙", [["乙"]]),
        ("甲+乙{0,2}丙{2}", [["甲"], ["丙"]]),
        (r"甲\.乙", [["甲.乙"]]),
        (r"\d件", [["件"]]),
        ("(?i)abc", []),
        ("(?:甲乙){e<=1}", []),
        (r"(甲)\1", []),
        ("[[甲]乙]", []),
    ],
)
def test_what_a_pattern_needs(pattern: str, groups: list[list[str]]) -> None:
    assert [sorted(group) for group in needed(pattern)] == groups


@pytest.mark.parametrize(
    ("pattern", "opens"),
    [("甲|乙", "乙甲"), (r"(?<=丙)\d+", r"\d"), ("甲?", ""), (".甲", ""), (r"[\-a]", r"\-a")],
)
def test_what_a_match_begins_with(pattern: str, opens: str) -> None:
    assert openings(pattern) == opens

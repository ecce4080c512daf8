"""Keywords: counts, rates, dispersion and places worked out by hand."""

import re
from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import evidence
from analysis.restore import restore
from analysis.text.sentences import split
from analysis.words import Counts, Segmenter, keyness, keywords

TEXT = """一、行政执法
推进行政执法，推进行政复议。
二、行政复议
行政复议加强。
"""


@pytest.fixture
def small() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four sentences and their words."""
    sentences = split("r", restore(TEXT), 2022)
    return keywords.term_hits(sentences, Segmenter(("行政执法", "行政复议"))), sentences


def test_counts_rates_and_denominators_worked_out_by_hand(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    # 6 + 14 + 6 + 7 characters; the words are 一 行政执法 | 推进 行政执法 推进 行政复议 |
    # 二 行政复议 | 行政复议 加强
    table = keywords.frequency(Counts.of(*small)).set_index("key")
    assert table.loc["行政复议", "n"] == 3
    assert table.loc["行政复议", "N_chars"] == 33
    assert table.loc["行政复议", "rate"] == pytest.approx(3 / 33 * 10_000)
    assert table.loc["行政复议", ["N_tokens", "reports", "sections", "n_sentences"]].tolist() == [
        10,
        1,
        2,
        3,
    ]
    assert table.loc["行政执法", ["n", "sections", "n_sentences"]].tolist() == [2, 1, 2]


def test_a_number_leads_back_to_its_sentences(small: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    terms, sentences = small
    text = restore(TEXT).text
    for hit in terms.itertuples():
        assert text[hit.start : hit.end] == hit.key
    found = evidence.of(terms, sentences, key="行政复议", section="s2")
    assert found["text"].tolist() == ["二、行政复议", "行政复议加强。"]


def test_stop_words_hide_rows_and_change_no_count(small: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    table = keywords.frequency(Counts.of(*small))
    shown = keywords.top(table, 10, stopwords=["行政复议"])
    assert shown["key"].tolist() == ["推进", "行政执法", "加强"]
    assert shown.loc[0, ["n", "N_tokens"]].tolist() == [2, 10]


def test_a_concordance_keeps_what_stands_left_and_right(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    lines = keywords.concordance(*small, "行政复议", width=3)
    assert lines[["left", "key", "right"]].values.tolist() == [
        ["，推进", "行政复议", "。"],
        ["二、", "行政复议", ""],
        ["", "行政复议", "加强。"],
    ]


def test_the_stop_list_keeps_the_policy_verbs(study: gb.Study) -> None:
    assert {"加强", "推进", "落实", "提升", "完善", "健全", "深化"}.isdisjoint(study.stopwords)
    assert {"的", "和", "在"} <= set(study.stopwords)


def test_the_bundled_report_counted_on_the_text_made_by_hand(study: gb.Study, gold: Path) -> None:
    text = (gold / "xiamen-2022.restored.txt").read_text("utf-8")
    table = keywords.frequency(Counts.of(study.terms, study.sentences)).set_index("key")
    for word in ("营商环境", "行政复议", "公职律师", "包容审慎监管"):
        assert table.loc[word, "n"] == text.count(word)
    assert table["N_chars"].iloc[0] == len("".join(text.split()))


@pytest.fixture
def three() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Three short reports, two regions, with a year between that has none."""
    texts = {"a": "改革开放。\n改革。", "b": "改革。\n加强改革工作。", "c": "工作，工作。"}
    sentences = pd.concat(
        [split(key, restore(text), 2022) for key, text in texts.items()], ignore_index=True
    )
    reports = pd.DataFrame(
        {"report_id": list("abc"), "region": ["甲", "甲", "乙"], "year": [2020, 2022, 2022]}
    )
    return keywords.term_hits(sentences, Segmenter()), sentences, reports


def test_dispersion_is_over_reports_and_their_sizes_are_words(
    three: tuple[pd.DataFrame, ...],
) -> None:
    # words: a 改革开放 改革 | b 改革 加强 改革 工作 | c 工作 工作
    terms, sentences, _ = three
    assert terms.groupby("report_id").size().to_dict() == {"a": 2, "b": 4, "c": 2}
    row = keywords.frequency(Counts.of(terms, sentences)).set_index("key").loc["改革"]
    assert row[["n", "N_chars", "reports", "parts", "parts_are"]].tolist() == [
        *(3, 24, 2, 3, "reports")
    ]
    # shares of 改革 1/3, 2/3, 0 against 2/8, 4/8, 2/8 of all words
    by_hand = (abs(1 / 3 - 1 / 4) + abs(2 / 3 - 1 / 2) + 1 / 4) / 2
    assert row["dp"] == pytest.approx(by_hand)
    assert row["dp_norm"] == pytest.approx(by_hand / (1 - 1 / 4))


def test_in_one_report_dispersion_is_over_sections_and_in_one_section_there_is_none(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    terms, sentences = small
    row = keywords.frequency(Counts.of(terms, sentences)).set_index("key").loc["行政复议"]
    # s1 has 6 words and 1 行政复议, s2 has 4 words and 2
    assert row[["parts", "parts_are"]].tolist() == [2, "sections"]
    assert row["dp"] == pytest.approx(2 / 3 - 4 / 10)
    first = keywords.frequency(Counts.of(terms, sentences[sentences["section"] == "s1"]))
    assert first["dp"].isna().all()
    assert first["dp_norm"].isna().all()


def test_a_slice_of_the_sentences_gives_the_counts_of_that_slice(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    terms, sentences = small
    second = keywords.frequency(Counts.of(terms, sentences[sentences["section"] == "s2"]))
    assert second.set_index("key").loc["行政复议", ["n", "N_chars", "N_tokens"]].tolist() == [
        *(2, 13, 4)
    ]
    assert "推进" not in set(second["key"])


def test_only_a_sample_of_enough_reports_has_intervals() -> None:
    texts = {
        "a": "改革。加强。",
        "b": "加强。改革。",
        "c": "工作。加强。",
        "d": "工作。工作。",
        "e": "加强。工作。",
    }
    sentences = pd.concat(
        [split(key, restore(text), 2022) for key, text in texts.items()], ignore_index=True
    )
    terms = keywords.term_hits(sentences, Segmenter())
    census = keywords.frequency(Counts.of(terms, sentences))
    assert census[["lo", "hi"]].isna().all(axis=None)
    four = sentences[sentences["report_id"] != "a"]
    assert (
        keywords.frequency(Counts.of(terms, four), sample=True)[["lo", "hi"]].isna().all(axis=None)
    )
    sample = keywords.frequency(Counts.of(terms, sentences), sample=True)
    pd.testing.assert_frame_equal(
        sample.drop(columns=["lo", "hi"]), census.drop(columns=["lo", "hi"])
    )
    row = sample.set_index("key").loc["改革"]
    # two of the five reports, of 6 characters each, have it once: how often a draw of five has it
    # is binomial with p = 2/5; 0 times in 7.8 %, 5 times in 1.0 %, 4 times in 7.7 % of the draws
    assert [row["lo"], row["hi"]] == pytest.approx([0, 4 / 30 * 10_000])
    again = keywords.frequency(Counts.of(terms, sentences), sample=True)
    pd.testing.assert_frame_equal(sample, again)


def test_a_run_of_words_stops_at_punctuation_and_at_the_sentence() -> None:
    sentences = split("r", restore("推进行政执法工作，推进工作。\n推进工作。"), 2022)
    terms = keywords.term_hits(sentences, Segmenter(("行政执法",)))
    pairs = keywords.ngrams(terms, 2)
    assert pairs["key"].tolist() == ["推进行政执法", "行政执法工作", "推进工作", "推进工作"]
    text = "推进行政执法工作，推进工作。\n推进工作。"
    assert [text[row.start : row.end] for row in pairs.itertuples()] == pairs["key"].tolist()
    assert keywords.ngrams(terms, 3)["key"].tolist() == ["推进行政执法工作"]
    assert keywords.ngrams(terms, 9).empty
    pd.testing.assert_frame_equal(keywords.ngrams(terms, 1), terms)
    with pytest.raises(ValueError, match="n is 0"):
        keywords.ngrams(terms, 0)


def test_a_concordance_sorts_left_from_the_word_outwards() -> None:
    sentences = split("r", restore("乙甲改革甲。\n甲乙改革乙。\n丙甲改革丙。"), 2022)
    terms = pd.DataFrame(
        {
            "report_id": "r",
            "sentence_id": ["r:s001", "r:s002", "r:s003"],
            "start": [2, 9, 16],
            "end": [4, 11, 18],
            "key": "改革",
        }
    )
    left = {
        sort: keywords.concordance(terms, sentences, "改革", sort=sort)["left"].tolist()
        for sort in ("place", "left", "right")
    }
    assert left["place"] == ["乙甲", "甲乙", "丙甲"]
    assert left["left"] == ["甲乙", "丙甲", "乙甲"]  # by code point 乙甲, 甲丙, 甲乙
    assert left["right"] == ["丙甲", "甲乙", "乙甲"]  # 丙。 乙。 甲。
    with pytest.raises(ValueError, match="sort is 'centre'"):
        keywords.concordance(terms, sentences, "改革", sort="centre")


def test_sections_keep_zeros_and_the_order_of_the_text(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    table = keywords.sections(Counts.of(*small), ["加强", "行政执法"])
    # s1 has 6 + 14 characters, s2 has 6 + 7
    assert table.values.tolist() == [
        ["加强", "s1", 0, 20, 0.0],
        ["加强", "s2", 1, 13, pytest.approx(1 / 13 * 10_000)],
        ["行政执法", "s1", 2, 20, pytest.approx(1000.0)],
        ["行政执法", "s2", 0, 13, 0.0],
    ]


def test_rates_have_a_row_for_each_group_with_a_report_and_none_for_a_missing_year(
    three: tuple[pd.DataFrame, ...],
) -> None:
    table = keywords.rates(Counts.of(*three[:2]), three[2], ["改革", "工作"])
    assert table.drop(columns="rate").values.tolist() == [
        ["乙", 2022, "改革", 0, 6, 2, 1],
        ["乙", 2022, "工作", 2, 6, 2, 1],
        ["甲", 2020, "改革", 1, 8, 2, 1],
        ["甲", 2020, "工作", 0, 8, 2, 1],
        ["甲", 2022, "改革", 2, 10, 4, 1],
        ["甲", 2022, "工作", 1, 10, 4, 1],
    ]
    assert table["rate"].tolist() == pytest.approx((table["n"] / table["N_chars"] * 1e4).tolist())
    by_year = keywords.rates(Counts.of(*three[:2]), three[2], ["改革"], by=["year"])
    assert by_year[["year", "n", "N_chars", "reports"]].values.tolist() == [
        [2020, 1, 8, 1],
        [2022, 2, 16, 2],
    ]


def test_places_run_from_0_to_1_along_the_restored_report(
    small: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    text = restore(TEXT).text.rstrip()
    table = keywords.places(*small, ["行政复议"])
    starts = [match.start() for match in re.finditer("行政复议", text)]
    assert table["start"].tolist() == starts
    assert table["place"].tolist() == [start / len(text) for start in starts]
    assert set(table["length"]) == {len(text)}


def test_new_words_come_before_vanished_ones(three: tuple[pd.DataFrame, ...]) -> None:
    terms, sentences, _ = three
    label = {"zh": "", "en": ""}
    target, reference = (
        Counts.of(terms, sentences[sentences["report_id"] == key], label) for key in "cb"
    )
    table = keyness.changes(reference, target)
    assert table.values.tolist() == [["改革", 2, 0, "new"], ["加强", 1, 0, "new"]]
    assert keyness.changes(target, reference)["status"].tolist() == ["vanished"] * 2
    assert keyness.changes(reference, target, min_n=2)["key"].tolist() == ["改革"]

"""Keywords: counts and rates worked out by hand, and a lexicon that survives."""

from pathlib import Path

import jieba
import pandas as pd
import pytest

import analysis as gb
from analysis import evidence, keywords
from analysis.restore import restore
from analysis.segment import Segmenter
from analysis.sentences import split

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
    table = keywords.frequency(*small).set_index("key")
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
    table = keywords.frequency(*small)
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


def test_every_lexicon_word_survives_segmentation_as_one_token(study: gb.Study) -> None:
    words, _ = study.word_list("lexicon")
    split_up = [
        word
        for word in words
        if word not in [token for token, _, _ in study.segmenter.words(f"全面推进{word}工作。")]
    ]
    assert split_up == []
    plain = Segmenter()
    assert sum(len(list(plain.words(word))) > 1 for word in words) > 100


def test_the_process_wide_dictionary_is_left_alone(study: gb.Study) -> None:
    list(study.segmenter.words("包容审慎监管"))
    assert not jieba.dt.initialized or "包容审慎监管" not in jieba.dt.FREQ


def test_the_stop_list_keeps_the_policy_verbs(study: gb.Study) -> None:
    assert {"加强", "推进", "落实", "提升", "完善", "健全", "深化"}.isdisjoint(study.stopwords)
    assert {"的", "和", "在"} <= set(study.stopwords)


def test_the_bundled_report_counted_on_the_text_made_by_hand(study: gb.Study, gold: Path) -> None:
    text = (gold / "xiamen-2022.restored.txt").read_text("utf-8")
    table = keywords.frequency(study.terms, study.sentences).set_index("key")
    for word in ("营商环境", "行政复议", "公职律师", "包容审慎监管"):
        assert table.loc[word, "n"] == text.count(word)
    assert table["N_chars"].iloc[0] == len("".join(text.split()))

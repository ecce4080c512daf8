"""Segmentation: two engines, one lexicon that survives in both, no process-wide dictionary."""

import jieba
import pytest
import rjieba

import analysis as gb
from analysis.restore import restore
from analysis.text.sentences import split
from analysis.words import ENGINES, Segmenter, segment


@pytest.fixture(scope="module", params=ENGINES)
def segmenter(request: pytest.FixtureRequest, study: gb.Study) -> Segmenter:
    """A segmenter of each engine with the bundled lexicon."""
    return Segmenter(study.word_list("lexicon")[0], request.param)


def test_every_lexicon_word_is_one_token_alone_and_between_other_words(
    segmenter: Segmenter, study: gb.Study
) -> None:
    words, _ = study.word_list("lexicon")
    assert len(words) > 250
    for word in words:
        for before, after in (("", ""), ("和", "的"), ("全面推进", "工作。")):
            tokens = [token for token, _, _ in segmenter.words(f"{before}{word}{after}")]
            assert word in tokens, (word, tokens)


def test_of_two_lexicon_words_the_longer_one_wins(segmenter: Segmenter) -> None:
    assert [word for word, _, _ in segmenter.words("和法治政府建设的")] == [
        "和",
        "法治政府建设",
        "的",
    ]


def test_offsets_point_at_the_word_and_punctuation_is_none(segmenter: Segmenter) -> None:
    text = "𠮷林省：推进行政复议，增长5.4%（2021-2025年）。"
    found = list(segmenter.words(text))
    assert [text[start:end] for _, start, end in found] == [word for word, _, _ in found]
    assert not {"：", "，", "（", "）", "。", "-"} & {word for word, _, _ in found}


def test_no_process_wide_dictionary_learns_a_lexicon_word(segmenter: Segmenter) -> None:
    assert [word for word, *_ in segmenter.words("包容审慎监管")] == ["包容审慎监管"]
    assert not jieba.dt.initialized or "包容审慎监管" not in jieba.dt.FREQ
    assert jieba.dt.user_word_tag_tab == {}
    assert not rjieba.has_word("包容审慎监管")
    assert len(list(Segmenter((), segmenter.engine).words("包容审慎监管"))) == 3


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(ValueError, match="engine is 'thulac'; it must be one of jieba, rjieba"):
        Segmenter((), "thulac")


def test_the_engines_differ_on_the_bundled_report_only_at_ranges_of_years(study: gb.Study) -> None:
    lexicon = study.word_list("lexicon")[0]
    agreement, differences = segment.compare(
        study.sentences, Segmenter(lexicon), Segmenter(lexicon, "rjieba")
    )
    assert differences["text"].tolist() == ["2021-2025"] * 2
    assert differences[["jieba", "rjieba"]].values.tolist() == [["2021 | 2025", "2021-2025"]] * 2
    # each of the two stretches is two tokens of jieba's and one of rjieba's
    assert agreement["tokens_jieba"] - agreement["equal"] == 4
    assert agreement["tokens_rjieba"] - agreement["equal"] == 2
    text = study.restored("xiamen-2022").text
    assert {text[row.start : row.end] for row in differences.itertuples()} == {"2021-2025"}


def test_agreement_counts_tokens_in_the_same_place() -> None:
    sentences = split("r", restore("推进行政复议。\n推进工作。"), 2022)
    agreement, differences = segment.compare(sentences, Segmenter(), Segmenter(("推进工作",)))
    # 推进 行政复议 | 推进 工作 against 推进 行政复议 | 推进工作
    assert agreement == {
        "tokens_jieba": 4,
        "tokens_jieba_2": 3,
        "equal": 2,
        "f1": 4 / 7,
        "sentences": 2,
        "sentences_differ": 1,
    }
    assert differences.drop(columns="report_id").values.tolist() == [
        ["r:s002", 8, 12, "推进工作", "推进 | 工作", "推进工作"]
    ]


def test_to_govern_something_by_law_is_no_rule_of_law(segmenter: Segmenter) -> None:
    for text in ("依法治理拖欠工资问题", "推进依法治污", "加快依法治区进程"):
        assert "法治" not in segmenter.cut(text)

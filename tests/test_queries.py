"""The language of queries: what it counts is what counting by hand gives; what is wrong is said."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import analysis as gb
from analysis.kit import InputError
from analysis.study import query, strings
from analysis.words import queries

TEXTS = [
    "法治与法制，法治政府。",
    "数字政府、数字化转型和数 字，数据。",
    "第一批“5G|6G”试点：第十二批。",
]


def study_of(texts: list[str], study: gb.Study) -> strings.Texts:
    """Sentences of our own in the place of a study's."""
    rows = study.sentences.head(len(texts)).assign(text=texts)
    from analysis.study import store

    return strings.Texts(store.arrow(rows, "sentences"))


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("法治", ["法治", "法治"]),
        ("法治|法制", ["法治", "法制", "法治"]),
        ("法治｜法制", ["法治", "法制", "法治"]),
        ("法治|法治政府", ["法治", "法治政府"]),  # the longer one where both stand
        ("数字*", ["数字", "数字"]),
        ("数字*转型", ["数字化转型"]),  # not over 、 from the first 数字
        ("数?", ["数字", "数字", "数据"]),  # one character, and no space
        ("“法治”", ["法治", "法治"]),
        ('"5G|6G"', ["5G|6G"]),
        ("5G|6G", ["5G", "6G"]),
        ("/第.{1,2}批/", ["第一批", "第十二批"]),
        ("/第[^批]+批/|法制", ["法制", "第一批", "第十二批"]),
        (r"/\w+制/", ["法治与法制"]),  # letters are Chinese ones too
        ("/。./", []),  # no sentence ends in the next one
        ("数字化　转型", None),  # a wide space is a text's own
        ("没有", []),
    ],
)
def test_a_term_is_found_as_by_hand(asked: str, found: list[str] | None, study: gb.Study) -> None:
    texts = study_of(TEXTS, study)
    looked = strings.look(study, asked, texts)
    hits, own = strings.together([looked])
    held = own.set_index("sentence_id")
    said = [
        held.loc[one.sentence_id, "text"][
            one.start - held.loc[one.sentence_id, "start"] : one.end
            - held.loc[one.sentence_id, "start"]
        ]
        for one in hits.itertuples()
    ]
    assert said == (found or [])
    assert looked.rows()["n"].sum() == len(said)


def test_several_terms_stand_in_the_order_of_the_text(study: gb.Study) -> None:
    texts = study_of(TEXTS, study)
    found = [strings.look(study, one, texts) for one in queries.terms("数字，法治 法制")]
    hits, _ = strings.together(found)
    assert hits["key"].tolist() == ["法治", "法制", "法治", "数字", "数字"]
    assert strings.together(found, 2)[0]["key"].tolist() == ["法治", "法制"]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ("法治,法制", ["法治", "法制"]),
        ("法治，法制、执法；监督", ["法治", "法制", "执法", "监督"]),
        ("法治 法治", ["法治"]),
        ('"rule of law" 法治', ['"rule of law"', "法治"]),
        ("/a, b/ 法治", ["/a, b/", "法治"]),
        ("5G/6G 法治", ["5G/6G", "法治"]),
        ("", []),
    ],
)
def test_terms_stand_apart_by_commas_and_spaces(asked: str, keys: list[str]) -> None:
    assert [one.key for one in queries.terms(asked)] == keys


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("/法", "does not end"),
        ("/(法/", r"is no regular expression \(missing \) at 2\)"),
        ("/法*/", "fits where nothing stands"),
        ("*", "nothing but wildcards"),
        ("法治|", "an empty side"),
        ("“法治", "the quotes"),
        ("topic:", "names nothing"),
    ],
)
def test_a_wrong_query_gives_one_sentence(wrong: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        queries.terms(wrong)
    assert refused.value.message.count(". ") == 0


def test_a_query_counts_the_bundled_report_as_by_hand(study: gb.Study) -> None:
    text = "\n".join(study.sentences["text"])
    by_hand = {
        "法治|法制": text.count("法治") + text.count("法制"),
        "数字*": text.count("数字"),
        "行政?法": len(re.findall("行政[^\\s，。、；：]法", text)),
        "/[0-9]+件/": len(re.findall("[0-9]+件", text)),
    }
    assert min(by_hand.values()) > 0
    terms = study.words.trend([*by_hand], over="study").table.set_index("key")["n"]
    assert terms.to_dict() == by_hand
    asked = query.rates(study, [*by_hand]).set_index("key")["n"]
    assert asked.to_dict() == by_hand
    for key, n in by_hand.items():
        assert len(query.concordance(study, key, limit=1000)) == n
        assert len(study.words.concordance(key).table) == n


def test_a_topic_counts_what_the_codebook_counts(study: gb.Study) -> None:
    hits = study.themes.hits
    counted = ((hits["key"] == "law_enforcement") & (hits["shadowed_by"] == "")).sum()
    name = study.codebook.names("en")["law_enforcement"]
    for asked in ("topic:law_enforcement", f'topic:"{name}"', "主题：行政执法"):
        assert len(strings.look(study, asked).row) == counted > 0
    groups = study.hits("groups")
    group = str(groups["key"].iloc[0])
    assert len(strings.look(study, f"group:{group}").row) == (groups["key"] == group).sum()
    with pytest.raises(InputError, match="topic:nothing: topic 'nothing' is not known"):
        strings.look(study, "topic:nothing")


def test_as_a_word_a_term_is_a_whole_word(study: gb.Study) -> None:
    counts = study.counted(study.sizes)
    words = study.terms["key"]
    for asked in ("法*", "行政|执法", "/.政/"):
        term = queries.term(asked)
        whole = words[[bool(term.expression.fullmatch(word)) for word in words]]
        assert strings.words_counted([term], counts).n.tolist() == [len(whole)]
        assert len(query.word_lines(study, term)[0]) == len(whole) > 1
    assert (
        words.str.startswith("法").sum()
        == strings.words_counted([queries.term("法*")], counts).n.sum()
    )


def test_lines_are_sorted_by_the_words_beside(study: gb.Study) -> None:
    cut = study.segmenter.words
    for side, at in (("left", 1), ("left", 3), ("right", 1), ("right", 2)):
        table = study.words.concordance("执法", sort=f"{side}{at}", width=200).table
        found = []
        for row in table.itertuples():
            text, begin = row.left + row.key + row.right, len(row.left)
            before = [word for word, _, end in cut(text) if end <= begin]
            after = [word for word, start, _ in cut(text) if start >= begin + 2]
            beside = before[::-1] if side == "left" else after
            found.append(beside[at - 1] if len(beside) >= at else "")
        assert found == sorted(found)
        assert len({*found}) > 3


def test_a_sort_that_does_not_exist_is_refused(study: gb.Study) -> None:
    hits = pd.DataFrame({"key": [], "sentence_id": [], "report_id": [], "start": [], "end": []})
    with pytest.raises(ValueError, match="left1 to right5"):
        gb.words.keywords.concordance(hits, study.sentences, sort="left6")

"""Statistics of words and codes: worked by hand, and equal to what independent programs give."""

import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.themes import agreement
from analysis.words import Counts, collocations, keyness


def near(value: object, *, rel: float = 1e-6, abs: float = 1e-6) -> object:  # noqa: A002
    return pytest.approx(value, rel=rel, abs=abs, nan_ok=True)


def table(gold: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(gold / "statistics" / f"{name}.csv", keep_default_na=False, na_values=[""])


def counts(**reports: tuple[int, dict[str, int]]) -> Counts:
    """Reports given as name=(N_tokens, {word: n})."""
    rows = [(name, key, n) for name, (_, words) in reports.items() for key, n in words.items()]
    sizes = [(name, size, 2 * size) for name, (size, _) in reports.items()]
    return Counts.summed(
        pd.DataFrame(rows, columns=["report_id", "key", "n"]),
        pd.DataFrame(sizes, columns=["report_id", "N_tokens", "N_chars"]),
        {"zh": "", "en": ""},
    )


def terms(*sentences: str) -> pd.DataFrame:
    """The table `terms` of sentences whose words stand apart."""
    rows = [
        ("r", f"r:s{number:03}", 100 * number + place, 100 * number + place + 1, word)
        for number, sentence in enumerate(sentences, 1)
        for place, word in enumerate(sentence.split())
    ]
    return pd.DataFrame(rows, columns=["report_id", "sentence_id", "start", "end", "key"])


# keyness


def test_g2_of_a_table_worked_by_hand() -> None:
    # 2 of 4 against 0 of 4: E = 1, 1, 3, 3; 2 [2 ln 2 + 0 + 2 ln(2/3) + 4 ln(4/3)] = 6 ln(16/9)
    assert keyness.g2(2, 0, 4, 4) == pytest.approx(6 * math.log(16 / 9))


def test_p_of_g2_is_the_chi_squared_tail_and_never_0_too_early() -> None:
    # the 5 and 0.1 per cent points of every table of chi-squared with 1 degree of freedom
    assert keyness.p_value([3.841459, 10.827566]) == pytest.approx([0.05, 0.001], rel=1e-6)
    assert 0 < keyness.p_value(200.0) < 1e-40


def test_benjamini_hochberg_worked_by_hand() -> None:
    # sorted 0.01 0.03 0.04 0.20 times 4/1 4/2 4/3 4/4: 0.04 0.06 0.0533 0.20; 0.06 follows 0.0533
    assert keyness.adjust([0.01, 0.04, 0.03, 0.2]) == pytest.approx([0.04, 4 / 75, 4 / 75, 0.2])


SIDE = st.tuples(st.integers(0, 500), st.integers(0, 5000))


@given(SIDE, SIDE)
def test_swapping_the_sides_turns_the_sign(a: tuple[int, int], b: tuple[int, int]) -> None:
    (n, rest), (m, other) = a, b
    there = n, m, n + rest, m + other
    back = m, n, m + other, n + rest
    assert keyness.g2(*there) == near(-keyness.g2(*back))
    assert keyness.log_ratio(*there, add=0.5) == near(-keyness.log_ratio(*back, add=0.5))


def test_a_word_whose_smoothed_ratio_contradicts_g2_is_on_neither_side() -> None:
    # 0 of 70 against 1,000 of 200,000: 0.35 expected, but 0.5 / 70.5 is above 1,000.5 / 200,000.5
    target = counts(a=(70, {"本": 5}))
    other = counts(b=(200_000, {"多": 1000, "本": 5, "极多": 9000}))
    table = keyness.compare(target, other).set_index("key")
    assert table.loc["多", "g2"] < 0 < table.loc["多", "log_ratio_smoothed"]
    assert keyness.strongest(table.reset_index(), 5)["key"].tolist() == ["本", "极多"]


def test_keyness_equals_the_independent_programs(gold: Path) -> None:
    rows = table(gold, "keyness")
    n = rows["n_target"], rows["n_reference"], rows["N_target"], rows["N_reference"]
    g2 = keyness.g2(*n)
    # scipy has no value where a word stands on neither side; Wordless and the formula say 0.
    assert np.abs(g2) == near(rows["g2_scipy"].fillna(0))
    signed = rows["g2_corpora"].notna()
    assert signed.sum() == 65
    assert g2[signed] == near(rows["g2_corpora"][signed])
    smoothed = rows["log_ratio_corpora"].fillna(0)
    assert keyness.log_ratio(*n, add=0.5) == near(smoothed)
    assert keyness.log_ratio(*n) == near(rows["log_ratio_wordless"])
    # Wordless says -inf where only the target is 0; its own formula gives -100.
    pct = rows["pct_diff_wordless"].replace(-np.inf, -100)
    assert keyness.pct_diff(*n) == near(pct)


def test_p_values_equal_scipy_and_adjusted_ones_statsmodels(gold: Path) -> None:
    rows = table(gold, "keyness")
    real = rows[rows["kind"] != "made_up"]
    p = keyness.p_value(
        keyness.g2(real["n_target"], real["n_reference"], real["N_target"], real["N_reference"])
    )
    assert len(real) == 60
    assert p == near(real["g2_p_scipy"], abs=0)
    assert keyness.adjust(p) == near(real["g2_p_bh_statsmodels"], abs=0)


def test_a_missing_p_value_spoils_no_other() -> None:
    # m is 3: 0.01 · 3 / 1, 0.02 · 3 / 2 and 0.04 · 3 / 3, the smaller from each rank on
    found = keyness.adjust([np.nan, 0.01, 0.04, np.nan, 0.02])
    assert found[[1, 4, 2]].tolist() == pytest.approx([0.03, 0.03, 0.04])
    assert np.isnan(found[[0, 3]]).all()
    assert keyness.adjust([]).tolist() == []


TARGET = counts(a=(10, {"法治": 4, "新": 1}), b=(30, {"新": 1}))
REFERENCE = counts(c=(50, {"法治": 5, "旧": 2}))


def test_a_row_of_the_comparison_worked_by_hand() -> None:
    found = keyness.compare(TARGET, REFERENCE).set_index("key")
    row = found.loc["法治"]
    assert row[["n", "N_tokens", "rate_tokens", "reports"]].tolist() == [4, 40, 1000, 1]
    assert row["n_reference":"reports_reference"].tolist() == [5, 50, 1000, 1]
    assert row[["g2", "log_ratio", "pct_diff"]].tolist() == pytest.approx([0, 0, 0])
    # 4.5 / 40.5 against 5.5 / 50.5
    assert row["log_ratio_smoothed"] == pytest.approx(math.log2(4.5 * 50.5 / (40.5 * 5.5)))
    assert found["status"].to_dict() == {"新": "target", "旧": "reference", "法治": "both"}
    assert found.loc["新", ["log_ratio", "pct_diff"]].tolist() == [np.inf, np.inf]
    assert found.loc["旧", ["log_ratio", "pct_diff"]].tolist() == [-np.inf, -100]
    assert found[["p", "p_adjusted", "lo", "hi"]].isna().all(axis=None)
    assert found["g2"].abs().is_monotonic_decreasing


def test_words_asked_for_have_a_row_even_if_they_stand_nowhere() -> None:
    found = keyness.compare(TARGET, REFERENCE, keys=["数字", "法治"]).set_index("key")
    assert set(found.index) == {"数字", "法治"}
    assert found.loc["数字", ["n", "g2"]].tolist() == [0, 0]
    assert found.loc["数字", ["log_ratio", "pct_diff"]].isna().all()  # nothing of nothing
    assert found.loc["数字", "status"] == "neither"


def test_a_text_compared_with_an_empty_one_has_no_rate_there() -> None:
    found = keyness.compare(TARGET, counts(c=(0, {})), sample=True)
    assert found["rate_tokens_reference"].isna().all()
    assert (found["g2"] == 0).all()


def test_the_interval_resamples_whole_reports() -> None:
    # Two of five reports have the word, twice each in 10: as often as a draw of five has them,
    # which is binomial with p = 2/5: 0 times in 7.8 %, 5 times in 1.0 %, 4 times in 7.7 % of the
    # draws. The reports of the reference are all alike, so that it does not vary.
    own = {name: (10, {"法治": 2} if name in "ab" else {"新": 1}) for name in "abcde"}
    target = counts(**own)
    reference = counts(**dict.fromkeys("fghij", (50, {"法治": 5})))
    found = keyness.compare(target, reference, sample=True).set_index("key").loc["法治"]
    fixed = math.log2(25.5 / 250.5)
    assert found["lo"] == pytest.approx(math.log2(0.5 / 50.5) - fixed)
    assert found["hi"] == pytest.approx(math.log2(8.5 / 50.5) - fixed)
    four = counts(**dict(list(own.items())[:4]))
    for sides in ((four, reference), (target, four), (target, REFERENCE)):
        few = keyness.compare(*sides, sample=True)
        assert few[["lo", "hi"]].isna().all(axis=None)
        assert few["p_adjusted"].tolist() == pytest.approx(keyness.adjust(few["p"]).tolist())


def test_order_of_rows_and_size_of_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    side = {
        f"r{i}": (900, {f"w{j}": int(n) for j, n in enumerate(rng.poisson(3, 60)) if n})
        for i in range(12)
    }
    target, reference = counts(**dict(list(side.items())[:5])), counts(**side)
    shuffled = counts(
        **{
            name: (size, dict(reversed(words.items())))
            for name, (size, words) in [*side.items()][:5][::-1]
        }
    )
    whole = keyness.compare(target, reference, sample=True).to_csv()
    assert keyness.compare(shuffled, reference, sample=True).to_csv() == whole
    monkeypatch.setattr(keyness, "_CELLS", 7000)
    assert keyness.compare(target, reference, sample=True).to_csv() == whole


# dispersion


def spread(rows: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    rows = rows[rows["n"] > 0].rename(columns={"part": "report_id"})
    places = pd.DataFrame({"report_id": sizes.index, "N_tokens": sizes.to_numpy()})
    return Counts.summed(rows, places).spread("report_id")


def dispersed(*n: int, sizes: tuple[int, ...]) -> pd.Series:
    parts = [f"p{i}" for i in range(len(sizes))]
    rows = pd.DataFrame({"key": "词", "part": parts, "n": n})
    return spread(rows, pd.Series(sizes, index=parts)).loc[0]


def test_dispersion_of_five_parts_worked_by_hand() -> None:
    # v = 1/15 … 5/15, w = 0.18 0.20 0.20 0.20 0.22: differences 17/150 1/15 0 1/15 17/150, sum 0.36
    row = dispersed(1, 2, 3, 4, 5, sizes=(9, 10, 10, 10, 11))
    assert row[["n", "parts", "range"]].tolist() == [15, 5, 5]
    assert row["dp"] == pytest.approx(0.18)
    assert row["dp_norm"] == pytest.approx(0.18 / 0.82)
    # equal sizes: rates 0.1 … 0.5, mean 0.3, sd sqrt(2) / 10
    even = dispersed(1, 2, 3, 4, 5, sizes=(10,) * 5)
    assert even["juilland_d"] == pytest.approx(1 - math.sqrt(2) / 3 / 2)


def test_dispersion_of_one_part_is_unknown() -> None:
    assert dispersed(3, sizes=(10,))[["dp", "dp_norm", "juilland_d"]].isna().all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(40, 900)), min_size=2, max_size=9))
def test_dp_lies_between_0_and_1(parts: list[tuple[int, int]]) -> None:
    if any(n for n, _ in parts):
        row = dispersed(*(n for n, _ in parts), sizes=tuple(size for _, size in parts))
        assert 0 <= row["dp"] <= row["dp_norm"] <= 1
    proportional = dispersed(*(size for _, size in parts), sizes=tuple(size for _, size in parts))
    assert proportional[["dp", "dp_norm", "juilland_d"]].tolist() == near([0, 0, 1])


def test_dispersion_equals_the_independent_programs(gold: Path) -> None:
    rows = table(gold, "dispersion").rename(columns={"term": "key"})
    wanted = table(gold, "dispersion_values").set_index("term")
    examples = rows.groupby(rows["key"].where(rows["group"] == "example", ""))
    found = pd.concat(
        spread(one, one.drop_duplicates("part").set_index("part")["size"]) for _, one in examples
    ).set_index("key")
    assert set(found.index) == set(wanted.index[wanted["n"] > 0])  # who stands nowhere has no row
    wanted = wanted.loc[found.index]
    assert (found[["n", "parts", "range"]] == wanted[["n", "parts", "range"]]).all(axis=None)
    for column in ("dp", "dp_norm", "juilland_d"):
        assert found[column].to_numpy() == near(wanted[f"{column}_tlda"].to_numpy())


# collocations


def test_scores_on_pairs_equal_the_independent_programs(gold: Path) -> None:
    rows = table(gold, "collocations")
    O, x, y, M = (rows[column] for column in ("f_xy", "m_x", "m_y", "M"))  # noqa: E741
    found = collocations.g2(O, x, y, M)
    assert np.abs(found) == near(rows["g2_scipy"])
    assert (np.sign(found) == np.sign(O - x * y / M)).all()
    assert collocations.t_score(O, x * y / M) == near(rows["t_nltk"].to_numpy())
    # Wordless gives a pair that is never together the maximum, 14.
    dice = rows["log_dice_wordless_3_3"].where(O > 0, -np.inf)
    assert collocations.log_dice(O, x, y) == near(dice)


def test_scores_on_windows_equal_the_independent_program(gold: Path) -> None:
    rows = table(gold, "collocations")
    O, x, y, N, span = (rows[column] for column in ("f_xy", "f_x", "f_y", "N", "span"))  # noqa: E741
    assert collocations.log_dice(O, x, y, span) == near(rows["log_dice_korap"])
    assert np.abs(collocations.g2(O, x, y, N, span)) == near(rows["g2_korap"])
    assert collocations.t_score(O, x * y / N) == near(rows["t_tokens_nltk"].to_numpy())


TEXT = terms("推进 依法 行政 推进 法治", "依法 行政", "加强 监督 和 服务", "服务 和 监督 法治 建设")


def test_a_row_of_collocations_worked_by_hand() -> None:
    # 16 words; 推进 (2) has 依法 right of it once and two places left of it once in a window of 2:
    # 2 pairs in 1 sentence, and 依法 stands twice. 行政 too, and 法治 once.
    found = collocations.table(TEXT, "推进", span=2)
    assert found["key"].tolist() == ["依法", "行政"]
    row = found.loc[0]
    assert row["n":"span"].tolist() == [2, 2, 2, 16, 4]
    assert row["expected"] == 4 * 2 * 2 / 16
    assert row["log_dice"] == pytest.approx(14 + math.log2(4 / (4 * 2 + 2)))
    assert row["t"] == pytest.approx((2 - 1) / math.sqrt(2))
    # margins 8 of 16 and 2 of 16: O = 2 6 0 8, E = 1 7 1 7
    g2 = 2 * (2 * math.log(2) + 6 * math.log(6 / 7) + 8 * math.log(8 / 7))
    assert row["g2"] == pytest.approx(g2)
    assert row["sentences"] == 1


def test_a_window_ends_with_the_sentence_and_none_is_all_of_it() -> None:
    near_by = collocations.table(TEXT, "法治", span=9, min_n=1)
    assert set(near_by["key"]) == {"推进", "依法", "行政", "服务", "和", "监督", "建设"}
    whole = collocations.table(TEXT, "法治", span=None, min_n=1).set_index("key")
    # two sentences of five words: four others around each node
    assert whole.loc["监督", ["n", "n_node", "n_collocate", "span"]].tolist() == [1, 2, 2, 4]
    assert whole.loc["推进", ["n", "sentences"]].tolist() == [2, 1]


def test_g2_is_unknown_where_windows_outgrow_the_text() -> None:
    found = collocations.table(terms("法治 政府 法治 政府"), "法治", span=3)
    assert dict(zip(found["key"], found["n"], strict=True)) == {"政府": 4, "法治": 2}
    assert found["g2"].isna().all()


def test_a_word_that_stands_nowhere_has_no_collocations() -> None:
    for span in (5, None):
        for text in (TEXT, TEXT[:0]):
            assert collocations.table(text, "数字", span=span).empty
            assert collocations.network(text, ["数字", "经济"], span=span).empty


SENTENCES = st.lists(st.lists(st.sampled_from("甲乙丙丁"), min_size=1, max_size=8), min_size=1)


@settings(max_examples=30)
@given(SENTENCES, st.sampled_from([1, 2, 5, None]))
def test_pairs_are_those_a_plain_loop_finds(sentences: list[list[str]], span: int | None) -> None:
    pairs = [
        (a, b, number)
        for number, words in enumerate(sentences)
        for (i, a), (j, b) in itertools.permutations(enumerate(words), 2)
        if span is None or abs(i - j) <= span
    ]
    text = terms(*(" ".join(words) for words in sentences)).sample(frac=1, random_state=3)
    found = collocations.table(text, "甲", span=span, min_n=1).set_index("key")
    for word in "甲乙丙丁":
        own = [number for a, b, number in pairs if (a, b) == ("甲", word)]
        row = found.loc[word, ["n", "sentences"]].tolist() if word in found.index else [0, 0]
        assert row == [len(own), len(set(own))]
    edges = collocations.network(text, "甲乙丙", span=span, min_n=1)
    for edge in edges.itertuples():
        m_x, m_y = (sum(a == word for a, _, _ in pairs) for word in (edge.source, edge.target))
        assert edge.n == sum((a, b) == (edge.source, edge.target) for a, b, _ in pairs)
        assert edge.log_dice == pytest.approx(14 + math.log2(2 * edge.n / (m_x + m_y)))
        assert edge.g2 == near(keyness.g2(edge.n, m_y - edge.n, m_x, len(pairs) - m_x).item())
        assert edge.t == pytest.approx((edge.n - m_x * m_y / len(pairs)) / math.sqrt(edge.n))


# agreement

A = {"one": list("0100000010"), "two": list("1110010000")}
B = {"one": list("aabbdcccedda"), "two": list("babbbccceddd")}
C = {
    "one": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    "two": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    "three": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    "four": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
}


def test_alpha_of_krippendorffs_examples_worked_by_hand() -> None:
    # a: 20 codes, 6 of 1 and 14 of 0; 4 units differ: 1 - 4·2 · 19 / (2·6·14) = 2/21
    assert agreement.alpha(pd.DataFrame(A)) == pytest.approx(2 / 21)
    # b: 24 codes, 4 6 6 6 2 of each; 3 units differ: 1 - 3·2 · 23 / (24² - 128) = 155/224
    assert agreement.alpha(pd.DataFrame(B)) == pytest.approx(155 / 224)
    # c: the last unit has one code; 40 codes, 9 13 10 5 3 of each; units 2, 6, 8 differ by
    # 6/3 + 12/3 + 6/3 = 8: 1 - 8 · 39 / (40² - 384) = 113/152
    assert agreement.alpha(pd.DataFrame(C)) == pytest.approx(113 / 152)


def test_no_theme_is_a_code_and_an_empty_cell_is_none() -> None:
    hand, coded = ["a", "b", "none", "", None], ["a", "b", "none", "", "a"]
    codes = pd.DataFrame({"hand": hand, "coded": coded})
    assert agreement.alpha(codes) == 1
    # one more unit that both left empty, or one alone coded, changes nothing; `none` against a
    # theme does: 8 codes, 3 2 3 of each, one unit differs: 1 - 2 · 7 / (64 - 22)
    codes.loc[5] = ["none", "a"]
    assert agreement.alpha(codes) == pytest.approx(1 - 14 / 42)


def test_one_category_only_tells_nothing_about_agreement() -> None:
    codes = pd.DataFrame({"one": ["a"] * 4, "two": ["a"] * 4})
    assert math.isnan(agreement.alpha(codes))
    assert all(math.isnan(bound) for bound in agreement.alpha_interval(codes))
    assert math.isnan(agreement.alpha(codes[:0]))


@given(st.lists(st.integers(0, 5), min_size=2), st.sampled_from(agreement.LEVELS))
def test_coders_who_say_the_same_agree_perfectly(values: list[int], level: str) -> None:
    found = agreement.alpha(pd.DataFrame({"one": values, "two": values}), level=level)
    assert found == pytest.approx(1) if len(set(values)) > 1 else math.isnan(found)


def test_the_interval_of_alpha_holds_it_and_does_not_hang_on_the_order_of_units() -> None:
    codes = pd.DataFrame(C)
    lo, hi = agreement.alpha_interval(codes)
    assert lo < 113 / 152 < hi <= 1
    assert agreement.alpha_interval(codes[::-1]) == (lo, hi)
    # Draws of two units: the first twice has no alpha; each once: 3 a and 1 b, 1 - 2 · 3 / 6 = 0;
    # the second twice: 2 a and 2 b, 1 - 4 · 3 / 8 = -1/2
    two = pd.DataFrame({"one": ["a", "a"], "two": ["a", "b"]})
    assert agreement.alpha_interval(two) == pytest.approx((-0.5, 0))


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="'metric'"):
        agreement.alpha(pd.DataFrame(A), level="metric")


def test_alpha_equals_the_independent_program(gold: Path) -> None:
    codes, wanted = table(gold, "agreement"), table(gold, "agreement_values")
    wanted = wanted[wanted["statistic"].str.startswith("alpha_")]
    assert len(wanted) == 15
    for row in wanted.itertuples():
        wide = codes[codes["example"] == row.example].pivot(
            index="unit", columns="coder", values="value"
        )
        found = agreement.alpha(wide, level=row.statistic.removeprefix("alpha_"))
        assert found == near(row.krippendorff), (row.example, row.statistic)


HAND = pd.Series({"s1": "a", "s2": "a", "s3": "a", "s4": "a", "s5": "a", "s6": "b", "s7": None})
CODED = pd.Series({"s1": "a", "s2": "a", "s3": "b", "s4": "none", "s6": "a", "s5": "", "s7": "a"})
MORE = {f"t{i}": "a" for i in range(2)}


def test_scores_worked_by_hand_and_none_for_few_units() -> None:
    # s5 and s7 have no code on one side; with two more: hand a on 6, coded a on 5, both on 4
    hand, coded = pd.concat([HAND, pd.Series(MORE)]), pd.concat([CODED, pd.Series(MORE)])
    both, left_out = agreement.paired(hand, coded)
    assert (len(both), left_out) == (7, 2)
    found = agreement.scores(hand, coded, ["a", "b", "none"]).set_index("theme")
    assert found.loc["a", ["n_hand", "n_coded", "n_both"]].tolist() == [6, 5, 4]
    assert found.loc["a", ["precision", "recall", "f1"]].tolist() == pytest.approx(
        [4 / 5, 4 / 6, 8 / 11]
    )
    assert found.loc["b", ["n_hand", "n_coded", "n_both"]].tolist() == [1, 1, 0]
    assert found.loc[["b", "none"], ["precision", "recall", "f1"]].isna().all(axis=None)


def test_confusion_names_each_pair_once_in_the_order_of_the_labels() -> None:
    found = agreement.confusion(HAND, CODED, ["b", "a"])
    assert found.to_numpy().tolist() == [
        ["b", "a", 1],
        ["a", "b", 1],
        ["a", "a", 2],
        ["a", "none", 1],
    ]


def test_a_unit_coded_twice_by_one_side_is_refused() -> None:
    with pytest.raises(ValueError, match="'s1'"):
        agreement.paired(pd.concat([HAND, HAND[:1]]), CODED)

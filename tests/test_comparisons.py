"""Figures of regions, years, sides and reports held against each other: values worked out by hand.

Small studies of a few lines, whose counts anybody can check; the figures of many reports are looked
at for what covers what.
"""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.text import Text

import analysis as gb
from analysis import figures
from analysis.kit import InputError
from analysis.study import catalogue
from analysis.words import communities, similarity

Faults = Callable[[Figure], list[str]]
LANGUAGES = ("zh", "en")
TEXT = """{region}{given}年政府工作报告
一、{year}年工作回顾
{done}
二、{given}年工作安排
{plan}
"""


def studied(folder: Path, *reports: tuple[str, int, str, str]) -> gb.Study:
    """A study of small reports: region, year reported on, what was done, what is planned."""
    catalogue.new(folder / "study", "census")
    own = gb.Study(folder / "study")
    for number, (region, year, done, plan) in enumerate(reports):
        file = folder / f"{number}.txt"
        about = {"region": region, "year": year, "given": year + 1}
        file.write_text(TEXT.format(**about, done=done, plan=plan), "utf-8")
        assert not own.add(file, region=region, year=year, year_given=year + 1).problems
    return gb.Study(folder / "study")


def small(figure: Figure) -> list[str]:
    """Texts below 6 points, but for the source line."""
    drawn = [text for text in figure.findobj(Text) if text.get_visible()]
    return [text.get_text() for text in drawn if text.get_text().strip() and text.get_size() < 6]


# -- regions --------------------------------------------------------------------------------------

PLAN = "推进改革。"


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> gb.Study:
    """福州市 in 2020, 2021 and 2023, 厦门市 in 2021 and twice in 2023, 泉州市 in 2023."""
    return studied(
        tmp_path_factory.mktemp("regions"),
        ("福州市", 2020, "法治。", PLAN),
        ("福州市", 2021, "法治，法治。", PLAN),
        ("福州市", 2023, "法治建设。", PLAN),
        ("厦门市", 2021, "法治，法治，法治。", PLAN),
        ("厦门市", 2023, "法治。", PLAN),
        ("厦门市", 2023, "法治政府。", PLAN),
        ("泉州市", 2023, "发展。", PLAN),
    )


def cells(table: pd.DataFrame) -> dict[tuple[str, int], tuple[object, str]]:
    return {
        (row.region, row.year): (None if pd.isna(row.n) else int(row.n), row.missing)
        for row in table.itertuples()
    }


def test_a_region_and_year_holds_what_its_report_has_or_says_why_not(regions: gb.Study) -> None:
    found = regions.words.heatmap("法治")
    none = (None, "no report")
    assert cells(found.table) == {
        ("福州市", 2020): (1, ""),
        ("福州市", 2021): (2, ""),
        ("福州市", 2022): none,
        ("福州市", 2023): (1, ""),
        ("厦门市", 2020): none,
        ("厦门市", 2021): (3, ""),
        ("厦门市", 2022): none,
        ("厦门市", 2023): (None, "two reports"),
        ("泉州市", 2020): none,
        ("泉州市", 2021): none,
        ("泉州市", 2022): none,
        ("泉州市", 2023): (0, ""),
    }
    row = found.table[(found.table["region"] == "福州市") & (found.table["year"] == 2021)].iloc[0]
    # 福州市2022年政府工作报告 14, the two headings 11 each, 法治，法治。 6, 推进改革。 5
    assert row.N_chars == 47
    assert row.rate_chars == pytest.approx(2 / 47 * 10_000)
    assert found.of(region="福州市", year=2021)["text"].tolist() == ["法治，法治。"] * 2
    assert found.hits["report_id"].nunique() == 3 + 1  # none of the two reports of one year
    share = regions.themes.heatmap("none").table.set_index(["region", "year"])["share_sentences"]
    assert share["福州市", 2020] == pytest.approx(
        (regions.codings.query("report_id == 'fuzhou-2020'")["primary_theme"] == "none").mean()
    )


def test_ranks_and_changes_are_those_since_the_last_year_with_a_report(regions: gb.Study) -> None:
    table = regions.words.ranking("法治").table.set_index("region")
    assert table["rank"].dropna().to_dict() == {"福州市": 1, "泉州市": 2}
    assert set(table["since"]) == {2021}
    chars = 14 + 11 + 5 + 11 + 5  # of 福州市 on 2023: 法治建设。
    assert table.loc["福州市", "change"] == pytest.approx((1 / chars - 2 / 47) * 10_000)
    assert pd.isna(table.loc["泉州市", "change"])
    assert table.loc["厦门市", "missing"] == "two reports"
    own = regions.words.ranking("法治", year=2021, since=2020, target="region=福州市").table
    assert own["region"].tolist() == ["福州市"]
    with pytest.raises(InputError, match="2019"):
        regions.words.ranking("法治", year=2019)
    with pytest.raises(InputError, match="no_theme"):
        regions.themes.ranking("no_theme")


def test_a_panel_of_a_region_joins_neighbouring_years_only(regions: gb.Study) -> None:
    found = regions.words.multiples("法治", region="福州市")
    figure = found.figure(lang="zh")
    shown = {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_visible()}
    assert list(shown) == list(dict.fromkeys(found.table["region"]))
    line = next(line for line in shown["福州市"].lines if line.get_linewidth() == 1.2)
    values = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert [year for year, value in values.items() if pd.isna(value)] == [2022]
    assert values[2021] == pytest.approx(2 / 47 * 10_000)
    with pytest.raises(InputError, match="泉城"):
        regions.words.multiples("法治", region="泉城").figure()


def of_regions(study: gb.Study) -> Iterator[gb.Finding]:
    yield study.words.ranking("法治")
    yield study.words.heatmap("法治")
    yield study.words.multiples("法治", region="福州市")
    yield study.themes.multiples(study.codebook.ids[0])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_label_of_regions_is_clipped_or_covered(
    lang: str, faults: Faults, regions: gb.Study
) -> None:
    assert [bad for one in of_regions(regions) if (bad := faults(one.figure(lang=lang)))] == []


def test_regions_beyond_a_page_are_cut_and_said(regions: gb.Study) -> None:
    table = regions.words.multiples("法治").table
    own = table[table["region"] == "福州市"]
    many = [own.assign(place=str(at), region=f"福州市{at}") for at in range(60)]
    figure = figures.region_multiples(pd.concat(many, ignore_index=True), lang="en")
    assert figure.get_figheight() * 25.4 <= 240
    assert figure.cut.drawn < figure.cut.whole == 60
    assert f"the first {figure.cut.drawn} of 60 regions" in figure.foot.get_text()


# -- two ends -------------------------------------------------------------------------------------


def test_two_ends_hold_the_sums_of_their_reports(regions: gb.Study) -> None:
    found = regions.words.slope_chart(["法治", "发展"])
    table = found.table.set_index(["key", "slice"])
    assert list(found.table["slice"].unique()) == ["year=2020", "year=2023"]
    # on 2023: a word of its own in 法治。, not in 法治建设。 and 法治政府。, of four reports
    chars = sum(14 + 11 + done + 11 + 5 for done in (5, 3, 5, 3))
    assert table["n"].to_dict() == {
        ("法治", "year=2020"): 1,
        ("发展", "year=2020"): 0,
        ("法治", "year=2023"): 1,
        ("发展", "year=2023"): 1,
    }
    assert table.loc[("法治", "year=2023"), "N_chars"] == chars
    assert table.loc[("法治", "year=2023"), "reports"] == 4
    before, after = 1 / (14 + 11 + 3 + 11 + 5) * 10_000, 1 / chars * 10_000
    assert table.loc[("法治", "year=2020"), "rate"] == pytest.approx(before)
    assert table.loc[("法治", "year=2020"), "change"] == pytest.approx(after - before)
    for row, n in enumerate(found.table["n"], start=1):
        own = found.of(row)
        assert len(own) == n
        assert set(own["slice"]) <= {found.table["slice"].iloc[row - 1]}
    assert found.about["apart"] == ["厦门市", "泉州市"]  # the first year has 福州市 only
    within = regions.words.slope_chart(["法治"], inside=True).table
    assert within["n"].tolist() == [1, 3]


def test_without_words_those_that_change_most_are_taken(regions: gb.Study) -> None:
    two = gb.Study(regions.path, ["fuzhou-2020", "fuzhou-2021"])
    table = two.words.slope_chart(top_n=3).table
    # of 44 and 47 characters: 法治 once, twice; all else as often in both
    first = table[table["key"] == "法治"]
    assert first["change"].iloc[0] == pytest.approx((2 / 47 - 1 / 44) * 10_000)
    assert table["change"].abs().max() == first["change"].abs().iloc[0]
    one = gb.Study(regions.path, ["fuzhou-2020"])
    with pytest.raises(InputError, match="name both"):
        one.words.slope_chart(["法治"], "part=done")
    with pytest.raises(InputError, match="no word differs"):
        one.words.slope_chart((), "part=done", "part=done")
    parts = one.words.slope_chart(["法治", "改革"], inside=True).table
    assert list(parts["slice"].unique()) == ["part=done", "part=plan"]
    assert parts["n"].tolist() == [0, 1, 1, 0]  # the largest at the second end first


def test_lines_rise_and_fall_as_the_table_says_and_what_is_no_theme_is_told(
    study: gb.Study,
) -> None:
    found = study.themes.slope_chart((), "part=done", "part=plan")
    figure = found.figure(lang="en")
    own = found.table
    assert "none" not in set(own["theme"])
    lines = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [0, 1]]
    drawn = [tuple(round(float(y), 9) for y in line.get_ydata()) for line in lines]
    pairs = own.groupby("theme", sort=False)["share"].agg(list)
    assert drawn == [tuple(round(100 * one, 9) for one in pair) for pair in pairs]
    assert [line.get_linestyle() for line in lines] == [
        "--" if after < before else "-" for before, after in pairs
    ]
    assert "no theme (not drawn): " in figure.foot.get_text()


def test_heights_are_linear_and_unchanged_is_what_is_written_with_the_same_digits() -> None:
    ends = {"甲": (9.03, 9.0251), "乙": (0.3, 0.07), "丙": (16.0, 8.0), "丁": (5.001, 5.004)}
    each = [(at, *one) for at in (0, 1) for one in ends.items()]
    rows = [(key, at, 3, pair[at], pair[1] - pair[0]) for at, key, pair in each]
    table = pd.DataFrame(rows, columns=["key", "slice", "n", "rate", "change"])
    figure = figures.slope_chart(table, ["a", "b"], lang="en", chosen=True)
    lines = {
        line.get_gid().split()[2].rstrip(":"): line
        for line in figure.axes[0].lines
        if list(line.get_xdata()) == [0, 1]
    }
    drawn = {key: tuple(lines[key].get_ydata()) for key in ends}
    assert drawn == ends  # though 16 is more than 200 times 0.07
    said = {one.get_text() for one in figure.axes[0].texts}
    assert {"9.03 (±0.00)  甲", "0.07 (−0.23)  乙", "8.00 (−8.00)  丙", "5.00 (±0.00)  丁"} <= said
    assert lines["甲"].get_color() == lines["丁"].get_color() != lines["丙"].get_color()
    other = table.replace({9.0251: 9.0249})
    figure = figures.slope_chart(other, ["a", "b"], lang="en")
    assert "9.02 (−0.01)  甲" in {one.get_text() for one in figure.axes[0].texts}
    note = " ".join(figure.foot.get_text().split())
    assert "grey: unchanged (±0)" in note
    assert "the 4 words that change most" not in note


def test_a_slope_of_words_says_how_they_were_chosen(regions: gb.Study) -> None:
    two = gb.Study(regions.path, ["fuzhou-2020", "fuzhou-2021"])
    chosen, named = two.words.slope_chart(top_n=3), two.words.slope_chart(["法治"])
    n = chosen.table["key"].nunique()
    said = [" ".join(one.figure(lang="en").foot.get_text().split()) for one in (chosen, named)]
    assert [f"the {n} words that change most" in one for one in said] == [True, False]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_label_of_two_ends_is_clipped_or_covered(
    lang: str, faults: Faults, regions: gb.Study, study: gb.Study
) -> None:
    for finding in (
        regions.words.slope_chart(["法治", "发展"]),
        regions.themes.slope_chart(),
        study.words.slope_chart((), "part=done", "part=plan", top_n=40),
        study.themes.slope_chart((), "part=done", "part=plan"),
    ):
        figure = finding.figure(lang=lang)
        assert figure.get_figheight() * 25.4 <= 240
        assert faults(figure) == []
        assert [one for one in small(figure) if "0.2.0" not in one] == []


# -- how alike ------------------------------------------------------------------------------------


def test_a_cosine_is_that_worked_out_by_hand(tmp_path: Path) -> None:
    own = studied(
        tmp_path,
        ("福州市", 2021, "发展，发展，改革。", "创新。"),
        ("厦门市", 2021, "改革，改革，改革，改革。", "发展，发展，发展。"),
        ("泉州市", 2021, "发展，改革。", "改革，发展。"),
    )
    table = own.words.similarity("part=done", top_n=2).table
    # of what was done 发展 : 改革 is 2 : 1, 0 : 4, 1 : 1
    expected = {
        ("fuzhou-2021", "xiamen-2021"): 4 / (math.sqrt(5) * 4),
        ("fuzhou-2021", "quanzhou-2021"): 3 / (math.sqrt(5) * math.sqrt(2)),
        ("xiamen-2021", "quanzhou-2021"): 4 / (4 * math.sqrt(2)),
    }
    found = {(row.report_id, row.other_report): row for row in table.itertuples()}
    both = {tuple(sorted(pair)): value for pair, value in expected.items()}
    for pair, row in found.items():
        assert row.cosine == pytest.approx(both[tuple(sorted(pair))])
    pair = next(row for row in found.values() if "xiamen-2021" in (row.report_id, row.other_report))
    assert pair.shared.split(";")[0] == "改革"


def test_the_evidence_of_two_texts_is_what_both_share(regions: gb.Study) -> None:
    found = regions.words.similarity(top_n=50)
    for number, row in enumerate(found.table.itertuples(), start=1):
        own = found.of(number)
        both, keys = {row.report_id, row.other_report}, row.shared.split(";")
        counted = regions.terms[regions.terms["report_id"].isin(both)]
        assert len(own) == counted["key"].isin(keys).sum() > 0
        assert set(own["report_id"]) == both  # what is shared stands in either


def test_texts_too_short_for_rates_are_left_out_and_named(tmp_path: Path) -> None:
    long = "发展改革创新。" * 80  # 560 characters
    own = studied(
        tmp_path,
        ("福州市", 2021, long, "创新。"),
        ("厦门市", 2021, "改革。", "发展。"),
        ("泉州市", 2021, long.replace("创新", "发展"), "发展。"),
    )
    found = own.words.similarity()
    for table in (found.table, own.themes.similarity().table):
        assert {*table["report_id"], *table["other_report"]} == {"fuzhou-2021", "quanzhou-2021"}
    assert found.about["small"] == ["xiamen-2021"]
    note = " ".join(found.figure(lang="en").foot.get_text().split())
    assert "left out, of fewer than 500 characters (1): Xiamen 2021" in note
    short = own.words.similarity("part=plan")  # none has as many: all are compared, and it is said
    assert (len(short.table), short.about["small"]) == (3, [])
    assert "some have fewer than 500" in " ".join(short.figure(lang="en").foot.get_text().split())


def test_texts_without_anything_to_compare_are_crossed() -> None:
    rates = np.array([[1.0, 2.0], [2.0, 4.0], [0.0, 0.0]])
    table = similarity.pairs(rates, ["a", "b", "c"], ["甲", "乙"], "report_id")
    assert table["cosine"].round(12).tolist()[0] == 1
    assert table["cosine"].isna().tolist() == [False, True, True]
    assert table["shared"].tolist() == ["乙;甲", "", ""]
    figure = figures.report_similarity(table, lang="en")
    hatched = [box for box in figure.axes[1].patches + figure.axes[1].artists if box.get_hatch()]
    assert len(hatched) == 4
    assert "crossed: nothing to compare" in figure.foot.get_text()


def test_heights_of_a_tree_are_means_worked_out_by_hand() -> None:
    far = np.array(
        [
            [0.0, 2.0, 6.0, 10.0],
            [2.0, 0.0, 5.0, 9.0],
            [6.0, 5.0, 0.0, 4.0],
            [10.0, 9.0, 4.0, 0.0],
        ]
    )
    merges = similarity.linkage(far)
    # 0 and 1 at 2; 2 and 3 at 4; the four pairs between: 6, 10, 5, 9
    assert merges == [((0,), (1,), 2.0), ((2,), (3,), 4.0), ((0, 1), (2, 3), 7.5)]


def test_a_tree_is_that_of_the_definition() -> None:
    """Against distances of groups taken anew from all their pairs, ties and all."""
    rng = np.random.default_rng(5)
    for size in (2, 3, 7, 20):
        far = rng.integers(1, 9, (size, size)).astype(float)
        far = np.triu(far, 1) + np.triu(far, 1).T
        groups = [(at,) for at in range(size)]
        for one, other, height in similarity.linkage(far):
            means = {
                (a, b): far[np.ix_(a, b)].mean() for a in groups for b in groups if a[0] < b[0]
            }
            assert height == pytest.approx(min(means.values()))
            assert means[one, other] == pytest.approx(height)
            groups = [group for group in groups if group not in (one, other)] + [one + other]
        assert len(groups) == 1


def test_sections_of_several_reports_and_a_single_text_are_refused(regions: gb.Study) -> None:
    with pytest.raises(InputError, match="within one report"):
        regions.words.similarity(by="section")
    with pytest.raises(InputError, match="no two reports"):
        regions.words.similarity("region=泉州市")
    with pytest.raises(InputError, match="chapter"):
        regions.themes.similarity(by="chapter")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_label_of_a_matrix_is_clipped_or_covered(
    lang: str, faults: Faults, regions: gb.Study, study: gb.Study
) -> None:
    rng = np.random.default_rng(0)
    for finding in (regions.words.similarity(), study.words.similarity()):
        assert faults(finding.figure(lang=lang)) == []
    for size in (2, 13, 40, 70):
        names = {f"r{at}": f"新疆维吾尔自治区 {1980 + at}" for at in range(size)}
        table = similarity.pairs(rng.random((size, 6)), [*names], [*"甲乙丙丁戊己"], "report_id")
        figure = figures.report_similarity(table, names, lang=lang)
        assert figure.get_figheight() * 25.4 <= 240
        assert faults(figure) == []
        assert [one for one in small(figure) if "0.2.0" not in one] == []
        assert (figure.cut is not None) == (size > 40)


# -- communities ----------------------------------------------------------------------------------


def planted() -> pd.DataFrame:
    """Two triangles, 甲乙丙 and 丁戊己, and one line between them, all of one weight."""
    lines = ["甲乙", "乙丙", "甲丙", "丁戊", "戊己", "丁己", "丙丁"]
    return pd.DataFrame(
        {"source": [one[0] for one in lines], "target": [one[1] for one in lines], "n": 3}
    ).assign(log_dice=9.0, g2=4.0)


def test_planted_communities_are_found_with_their_modularity_by_hand() -> None:
    table = communities.communities(planted())
    of = dict(zip(table["source"], table["source_community"], strict=True))
    of |= dict(zip(table["target"], table["target_community"], strict=True))
    first = sorted("甲乙丙丁戊己")[0]
    groups = {frozenset(w for w in of if of[w] == one) for one in (1, 2)}
    assert groups == {frozenset("甲乙丙"), frozenset("丁戊己")}
    assert of[first] == 1
    # 3 of 7 lines within each, whose ends are 7 of 14: 2 · (3/7 − (7/14)²)
    assert table["modularity"].iloc[0] == pytest.approx(5 / 14)
    turned = planted().rename(columns={"source": "target", "target": "source"})
    again = communities.communities(turned.iloc[::-1].reset_index(drop=True))
    assert again["modularity"].iloc[0] == pytest.approx(5 / 14)
    assert dict(zip(again["source"], again["source_community"], strict=True)).items() <= of.items()


def test_a_pair_weighs_as_much_as_its_dice_coefficient() -> None:
    """A chain of four words falls apart where it is weakest, not in its middle."""
    chain = pd.DataFrame({"source": [*"甲乙丙"], "target": [*"乙丙丁"], "n": 2})
    weak = communities.communities(chain.assign(log_dice=[6.0, 12.0, 12.0]))
    assert weak.loc[1, "source_community"] == weak.loc[1, "target_community"]
    assert weak.loc[2, "source_community"] == weak.loc[2, "target_community"]
    even = communities.communities(chain.assign(log_dice=[12.0, 6.0, 12.0]))
    assert even.loc[1, "source_community"] != even.loc[1, "target_community"]


def test_communities_of_a_report_are_its_pairs(study: gb.Study) -> None:
    found = study.words.communities(top_n=50)
    pairs = study.words.collocations(top_n=50).table
    pd.testing.assert_frame_equal(found.table[list(pairs)], pairs)
    assert found.about["top_n"] == 50
    row = found.table.iloc[0]
    assert set(found.of(1)["key"]) == {row["source"], row["target"]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_of_a_community_is_clipped_or_covered(
    lang: str, faults: Faults, study: gb.Study
) -> None:
    whole = study.words.communities(top_n=50)
    long = planted().replace({"甲": "行政规范性文件合法性审核", "丁": "行政执法三项制度"})
    for figure in (
        whole.figure(lang=lang),
        study.words.communities(top_n=12).figure(lang=lang),
        figures.word_communities(communities.communities(long), lang=lang),
        figures.word_communities(communities.communities(long[:1]), lang=lang),
    ):
        assert faults(figure) == []
        assert figure.get_figheight() * 25.4 <= 240


def test_of_many_pairs_between_communities_the_strongest_are_drawn_and_it_is_said() -> None:
    words = [*"甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"]
    pairs = [(a, b) for at, a in enumerate(words) for b in words[at + 1 :]]
    table = pd.DataFrame(pairs, columns=["source", "target"]).assign(n=2, modularity=0.1)
    half = {word: 1 + (at >= 8) for at, word in enumerate(words)}
    table = table.assign(
        log_dice=np.linspace(9, 5, len(table)),
        source_community=table["source"].map(half),
        target_community=table["target"].map(half),
    )
    figure = figures.word_communities(table, lang="en")
    said = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    more = "between communities there are more pairs (64; within: 56), and only the 20 strongest"
    assert more in said
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    inside = [
        table[(table["source_community"] == one) & (table["target_community"] == one)]
        for one in (1, 2)
    ]
    strongest = {
        at
        for own in inside
        for word in words
        for at in own[(own[["source", "target"]] == word).any(axis=1)].head(2).index
    }
    drawn = {int(line.get_gid().split()[1]) - 1 for line in lines}
    assert {at for own in inside for at in own.index} & drawn == strongest
    assert len(drawn) == len(lines) == len(strongest) + 20
    assert f"({len(strongest)} of 56 pairs)" in said


# -- a stream -------------------------------------------------------------------------------------


def flowing(years: list[int], themes: int = 3) -> pd.DataFrame:
    rows = [
        (f"t{at}", year, at + 1, 20, (at + 1) / 20 * (1 + year % 2))
        for year in years
        for at in range(themes)
    ]
    return pd.DataFrame(rows, columns=["theme", "year", "n", "N_sentences", "share"]).assign(
        at=[row[1] for row in rows]
    )


def test_a_year_adds_up_its_regions_and_says_where_they_differ(regions: gb.Study) -> None:
    found = regions.themes.stream("study")
    first = found.table.drop_duplicates("year").set_index("year")
    assert first["regions"].to_dict() == {2020: 1, 2021: 2, 2023: 3}
    assert first["N_sentences"].to_dict() == {2020: 2, 2021: 4, 2023: 8}  # done, plan; headings not
    assert found.about["uneven"] is True
    codes = regions.codings.merge(regions.reports[["report_id", "year"]], on="report_id")
    heads = regions.sentences.set_index("sentence_id")["is_heading"]
    codes = codes[~codes["sentence_id"].map(heads)]
    none = codes["primary_theme"].eq("none").groupby(codes["year"]).mean()
    assert first["share_none"].to_dict() == none.to_dict()
    for number, row in enumerate(found.table.itertuples(), start=1):
        assert len(found.of(number)) == row.n
        assert row.share == row.n / row.N_sentences
    same = gb.Study(regions.path, ["fuzhou-2020", "fuzhou-2021"]).themes.stream("study")
    assert same.about["uneven"] is False


def test_bands_are_as_high_as_their_share_and_break_where_a_year_is_missing() -> None:
    table = flowing([2001, 2002, 2004])
    names = {f"t{at}": f"主题{at}" for at in range(3)}
    figure = figures.theme_stream(table, names, lang="en")
    pieces = [one for one in figure.axes[0].patches if isinstance(one, Polygon)]
    pieces = [one for one in pieces if (one.get_gid() or "").startswith("mark")]
    assert len(pieces) == len(table)
    rows = {int(one.get_gid().split()[1]): one.get_xy() for one in pieces}
    for number, row in enumerate(table.itertuples(), start=1):
        own = rows[number]
        at_year = own[own[:, 0] == row.year][:, 1]
        assert at_year.max() - at_year.min() == pytest.approx(row.share)
        reach = sorted({round(x, 6) for x in own[:, 0]})
        expected = {2001: [2001, 2001.5], 2002: [2001.5, 2002]}
        assert reach == expected.get(row.year, [2003.8, 2004, 2004.2])
    middle = [own[:, 1] for own in rows.values()]
    assert max(map(max, middle)) == pytest.approx(-min(map(min, middle)))  # around a middle line
    assert "(2003)" in figure.foot.get_text()


def test_of_many_themes_the_smaller_ones_are_one_grey_band_and_no_theme_is_none() -> None:
    table = flowing([2001, 2002], 30).assign(share_none=[0.4] * 30 + [0.2] * 30)
    names = {f"t{at}": f"主题{at}" for at in range(30)}
    figure = figures.theme_stream(table, names, lang="en")
    said = " ".join(figure.foot.get_text().split())
    assert "the 9 largest themes have a band each, the other 21 are the grey one" in said
    assert "no theme: not drawn (20% to 40%)" in said
    shares = table.groupby("theme")["share"].mean().sort_values()
    labels = [text.get_text().split("  ") for text in figure.axes[0].texts]
    named = dict(one for one in labels if len(one) == 2)
    assert {*named} == {"other 21 themes", *(names[one] for one in shares.index[-9:])}
    rest = table[table["theme"].isin(shares.index[:21])].groupby("year")["share"].sum() * 100
    told = [float(one.replace(",", "")) for one in named["other 21 themes"].split(" → ")]
    assert told == pytest.approx(list(rest), abs=0.06)
    faces = {}
    for piece in figure.axes[0].patches:
        if (piece.get_gid() or "").startswith("mark"):
            row = int(piece.get_gid().split()[1])
            faces[table["theme"].iloc[row - 1]] = piece.get_facecolor()
    assert len(faces) == 30  # each row is still a mark of its own
    assert len({faces[one] for one in shares.index[:21]}) == 1
    assert len({*faces.values()}) == 10


def test_a_band_is_named_with_its_first_and_last_value() -> None:
    table = flowing([2010, 2011, 2012])
    names = {theme: f"Theme {theme}" for theme in table["theme"]}
    axes = figures.theme_stream(table, names, lang="en").axes[0]
    shares = table.set_index(["theme", "at"])["share"] * 100
    told = {text.get_text().split("  ")[0]: text.get_text().split("  ")[1:] for text in axes.texts}
    for theme, name in names.items():
        ends = [shares[theme, year] for year in sorted(table["at"].unique())[::2]]
        (said,) = told[name]
        assert [float(one) for one in said.split(" → ")] == pytest.approx(ends, abs=0.06)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_label_of_a_stream_is_clipped_or_covered(
    lang: str, faults: Faults, regions: gb.Study, study: gb.Study
) -> None:
    names = {f"t{at}": f"行政规范性文件合法性审核{at}" for at in range(40)}
    for figure in (
        study.themes.stream().figure(lang=lang),
        regions.themes.stream("study").figure(lang=lang),
        figures.theme_stream(flowing([2001, 2002, 2004], 40), names, lang=lang),
        figures.theme_stream(flowing([2001], 2), names, lang=lang),
    ):
        assert faults(figure) == []
        assert [one for one in small(figure) if "0.2.0" not in one] == []


# -- a comparison cloud ---------------------------------------------------------------------------


def two_sides(left: list[float], right: list[float]) -> pd.DataFrame:
    """Words of either side with these log ratios; the first of the left is not on the right."""
    ratio = [float(one) for one in (*left, *(-one for one in right))]
    keys = [f"左词{at}" for at in range(len(left))] + [f"右词{at}" for at in range(len(right))]
    table = pd.DataFrame({"key": keys, "n": 9, "n_reference": 3, "log_ratio_smoothed": ratio})
    table = table.assign(g2=[100.0 * one for one in ratio], log_ratio=ratio)
    table.loc[0, "log_ratio"] = math.inf
    return table


def drawn_words(figure: Figure) -> dict[str, Text]:
    return {text.get_text(): text for text in figure.axes[0].texts if "词" in text.get_text()}


def test_letters_are_as_large_as_the_ratio_on_one_scale_for_both_sides() -> None:
    figure = figures.comparison_cloud(two_sides([4, 3, 2], [3, 2.5]), "甲方", "乙方", lang="en")
    words = drawn_words(figure)
    sizes = {word: text.get_size() for word, text in words.items()}
    for word, ratio in {"左词1": 3, "左词2": 2, "右词0": 3, "右词1": 2.5}.items():
        assert sizes[word] / sizes["左词0"] == pytest.approx(ratio / 4)
    middle = figure.axes[0].get_xlim()[1] / 2
    assert all((text.get_position()[0] < middle) == ("左" in word) for word, text in words.items())
    under = [line for line in figure.axes[0].lines if (line.get_gid() or "").startswith("mark")]
    assert [line.get_gid().split()[1] for line in under] == ["1"]
    said = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert "one scale for both sides" in said
    root = figures.comparison_cloud(two_sides([4, 1], [4]), "", "", size="g2")
    sizes = {word: text.get_size() for word, text in drawn_words(root).items()}
    assert sizes["左词1"] / sizes["左词0"] == pytest.approx(0.5)


def test_far_apart_sides_have_scales_of_their_own_and_small_words_are_left_out_and_said() -> None:
    figure = figures.comparison_cloud(two_sides([9, 8], [2, 1.5]), "", "", lang="en")
    said = " ".join(text.get_text().replace("\n", " ") for text in figure.texts)
    assert "each side has a scale of its own (largest left 9.0, right 2.0)" in said
    tiny = figures.comparison_cloud(two_sides([9, 8, 0.01], [8]), "", "", lang="en")
    said = " ".join(text.get_text().replace("\n", " ") for text in tiny.texts)
    assert set(drawn_words(tiny)) == {"左词0", "左词1", "右词0"}
    assert "the largest 3 of 4 words" in said
    assert (tiny.cut.drawn, tiny.cut.whole) == (3, 4)
    with pytest.raises(InputError, match="loudness"):
        figures.comparison_cloud(two_sides([1], [1]), "", "", size="loudness")


def test_a_comparison_cloud_has_the_words_of_keyness_with_the_hits_of_both(
    regions: gb.Study, study: gb.Study
) -> None:
    found = study.words.comparison_cloud("part=plan", against="part=done", cloud_n=20)
    keyness = study.words.keyness("part=plan", against="part=done", top_n=20)
    pd.testing.assert_frame_equal(found.table, keyness.table)
    for number, row in enumerate(found.table.itertuples(), start=1):
        assert len(found.of(number)) == row.n + row.n_reference


def test_a_word_of_a_contrast_stands_in_three_reports_of_its_side_or_a_quarter_of_them(
    tmp_path: Path,
) -> None:
    """煤炭 is said often by two reports of 2021, 港口 once by three of them."""
    more = {0: "煤炭。" * 20, 1: "煤炭。" * 20}
    said = [more.get(at, "") + ("港口。" if at > 8 else "") + "法治。" for at in range(12)]
    names = [f"{name}省" for name in "甲乙丙丁戊己庚辛壬癸子丑"]
    reports = [(name, 2021, one, PLAN) for name, one in zip(names, said, strict=True)]
    old = [(f"{name}省", 2020, "教育。", PLAN) for name in "甲乙丙丁"]
    own = studied(tmp_path, *reports, *old)
    sides = "year=2021", "year=2020"
    found = own.words.comparison_cloud(sides[0], against=sides[1])
    by = own.terms.merge(own.reports[["report_id", "year"]]).groupby(["year", "key"])["report_id"]
    held = by.nunique()
    for row in found.table.itertuples():
        year, least = (2021, 3) if row.log_ratio_smoothed > 0 else (2020, 1)  # of 12, and of 4
        assert held[year, row.key] >= least
    assert "港口" in set(found.table["key"])
    assert "煤炭" not in set(found.table["key"])
    assert "煤炭" in set(own.words.keyness(sides[0], against=sides[1], min_reports=1).table["key"])
    drawn = found.figure(lang="en")
    note = " ".join(" ".join(text.get_text() for text in drawn.texts).split())
    assert "words in enough reports of their side (left at least 3, right 1)" in note
    drawn = own.words.keyness(sides[0], against=sides[1]).figure(lang="en")
    assert "(left at least 1, right 3)" in " ".join(drawn.axes[0].get_xlabel().split())
    caption = found.save(tmp_path / "out", lang="en").path / "caption.en.txt"
    assert "(of the former at least 3, of the latter 1)" in caption.read_text("utf-8")


def test_in_an_english_cloud_large_words_have_their_english_below_and_the_note_the_rest(
    study: gb.Study,
) -> None:
    figure = study.words.cloud().figure(lang="en")
    texts = {text.get_text(): text for text in figure.axes[0].texts}
    note = " ".join(figure.texts[0].get_text().split())
    shown = 0
    for word, gloss in study.glossary.words.items():
        if word in texts and gloss in texts:
            shown += 1
            (x, y), (left, low) = texts[word].get_position(), texts[gloss].get_position()
            size, wide = texts[word].get_size(), len(word) * texts[word].get_size()
            assert 0 < y - low < size  # close below
            assert abs(left - x) < wide
            assert texts[gloss].get_size() >= 6
            assert f"{word} {gloss}" not in note
        elif word in texts:
            assert f"{word} {gloss}" in note
    assert shown > 10


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_word_of_a_comparison_cloud_is_clipped_or_covered(
    lang: str, faults: Faults, study: gb.Study
) -> None:
    ratios = list(np.linspace(6, 0.3, 40))
    for figure in (
        study.words.comparison_cloud().figure(lang=lang),
        study.words.comparison_cloud("part=plan", against="part=done").figure(lang=lang),
        study.words.comparison_cloud(size="g2").figure(lang=lang),
        figures.comparison_cloud(two_sides(ratios, ratios[20:]), "甲" * 60, "乙", lang=lang),
        figures.comparison_cloud(two_sides([3.0], []), "甲", "乙", lang=lang),
        figures.comparison_cloud(two_sides([3.0], [1.0])[:0], "甲", "乙", lang=lang),
    ):
        assert faults(figure) == []
        assert figure.get_figheight() * 25.4 <= 240
        words = figure.axes[0].texts if figure.axes else []
        assert all(text.get_size() >= 6 for text in words)

"""Figures of regions, years, sides and reports held against each other: values worked out by hand.

Small studies of a few lines, whose counts anybody can check; the figures of many reports are looked
at for what covers what.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import analysis as gb
from analysis import figures
from analysis.kit import InputError
from analysis.study import catalogue

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
    for given, said in (((), "of one year"), (("part=done", ""), "name both")):
        with pytest.raises(InputError, match=said):
            one.words.slope_chart(["法治"], *given)
    sides = ("part=done", "part=plan")
    parts = one.words.slope_chart(["法治", "改革"], *sides, inside=True).table
    assert parts["n"].tolist() == [0, 1, 1, 0]  # the largest at the second end first


def test_lines_rise_and_fall_as_the_table_says_and_what_is_no_theme_is_told(
    study: gb.Study,
) -> None:
    found = study.themes.slope_chart((), "part=done", "part=plan")
    figure = found.figure(lang="en")
    own = found.table[found.table["theme"] != "none"]
    lines = [line for line in figure.axes[0].lines if list(line.get_xdata()) == [0, 1]]
    drawn = [tuple(round(float(y), 9) for y in line.get_ydata()) for line in lines]
    pairs = own.groupby("theme", sort=False)["share"].agg(list)
    assert drawn == [tuple(round(100 * one, 9) for one in pair) for pair in pairs]
    assert [line.get_linestyle() for line in lines] == [
        "--" if after < before else "-" for before, after in pairs
    ]
    assert "no theme (not drawn): " in figure.foot.get_text()


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
        assert [one for one in small(figure) if "0.1.0" not in one] == []

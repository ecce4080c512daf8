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

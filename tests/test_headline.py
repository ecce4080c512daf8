"""Headline indicators: which figures they are, of when, and what a report does not state."""

from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import tables
from analysis.cli import main
from analysis.indicators import headline, quantities, review
from analysis.kit import InputError
from analysis.restore import Restored
from analysis.text import sentences

LAST = (
    "政府工作报告\n一、2021年工作回顾\n全市地区生产总值达到1300亿元，比上年增长8.1%。\n"
    "城乡居民人均可支配收入分别达到40000元和20000元，分别增长7.5%、9.2%。\n"
    "二、2022年重点工作\n2022年经济社会发展主要预期目标是：地区生产总值增长6%左右，"
    "规模以上工业增加值增长7%，居民消费价格涨幅控制在3%左右，粮食产量62亿斤以上。\n"
)
NEXT = (
    "政府工作报告\n一、2022年工作回顾\n全市地区生产总值增长4.3%，单位地区生产总值能耗下降3.1%。\n"
    "过去五年，地区生产总值年均增长6.5%。\n"
    "二、2023年重点工作\n2023年经济社会发展主要预期目标是：地区生产总值增长6.5%以上，"
    "居民消费价格涨幅3%左右，城镇新增就业5万人。\n"
)


@pytest.fixture
def two(tmp_path: Path) -> gb.Study:
    """A study of two reports of one city."""
    main(["new", str(tmp_path / "own")])
    for year, text in ((2021, LAST), (2022, NEXT)):
        path = tmp_path / f"{year}.txt"
        path.write_text(text, encoding="utf-8")
        given = ["--region", "厦门市", "--year", str(year), "--data", str(tmp_path / "own")]
        assert main(["add", str(path), *given]) == 0
    return gb.Study(tmp_path / "own")


# One line each: what is counted, unit, kind and direction, the indicator and its definition.
NAMED = """
地区生产总值|%|change|up|gdp_growth|
全省生产总值|%|target|up|gdp_growth|
国民生产总值|%|change|up|gdp_growth|gnp
经济|%|target|up|gdp_growth|
全市地区生产总值|亿元|level||gdp_total|
规上工业增加值|%|change|up|industrial_growth|
工业增加值|%|change|up|industrial_growth|all_industry
全社会固定资产投资|%|change|up|investment_growth|whole_society
社会消费品零售总额|元|level||retail_total|
外贸进出口总额|美元|level||trade_total|
出口总额|美元|level||trade_total|exports
地方一般公共预算收入|%|change|up|budget_revenue_growth|
财政总收入|%|change|up|budget_revenue_growth|total_revenue
城镇居民人均可支配收入|%|change|up|urban_income_growth|
农民人均纯收入|元|level||rural_income|
城乡居民收入|%|target|up|resident_income_growth|urban_and_rural
城镇新增就业|人|change|up|urban_new_jobs|
单位生产总值能耗|%|change|down|energy_intensity_change|
研究与试验发展经费占地区生产总值比重|%|level||rd_share|
常住人口城镇化率|%|level||urbanisation|
常住人口城镇化率|个百分点|change|up|urbanisation|change_in_points
粮食总产量|万吨|level||grain_output|
人均地区生产总值|元|level|||
高新区生产总值|%|change|up||
海洋生产总值|元|level|||
规模以上工业企业|家|change|up||
规模以上工业总产值|元|level|||
工业用电量|%|change|up||
农村劳动力转移就业|人|change|up||
服务业增加值占地区生产总值比重|%|level|||
一般公共预算支出|%|change|up||
低收入农户人均可支配收入|%|change|up||
"""


@pytest.mark.parametrize("line", NAMED.strip().splitlines())
def test_a_figure_is_named_by_what_it_counts(study: gb.Study, line: str) -> None:
    *figure, indicator, code = line.split("|")
    assert headline.named(*figure, study.indicator_codebook) == (indicator, code)


def stated(two: gb.Study) -> pd.DataFrame:
    rows = two.extracted
    return rows[rows["status"] == "extracted"]


def test_each_cell_has_its_value_and_year(two: gb.Study) -> None:
    found = {
        (row.indicator_id, row.period, row.measure_kind, row.definition): (row.value, row.unit)
        for row in tables.rows(stated(two))
    }
    assert found == {
        ("gdp_total", "2021", "level", ""): (130_000_000_000, "元"),
        ("gdp_growth", "2021", "change", ""): (8.1, "%"),
        ("urban_income", "2021", "level", ""): (40000, "元"),
        ("rural_income", "2021", "level", ""): (20000, "元"),
        ("urban_income_growth", "2021", "change", ""): (7.5, "%"),
        ("rural_income_growth", "2021", "change", ""): (9.2, "%"),
        ("gdp_growth", "2022", "target", ""): (6, "%"),
        ("industrial_growth", "2022", "target", ""): (7, "%"),
        ("cpi_change", "2022", "target", ""): (3, "%"),
        ("grain_output", "2022", "target", ""): (62, "亿斤"),
        ("gdp_growth", "2022", "change", ""): (4.3, "%"),
        ("energy_intensity_change", "2022", "change", ""): (3.1, "%"),
        ("gdp_growth", "2018-2022", "change", "yearly_average"): (6.5, "%"),
        ("gdp_growth", "2023", "target", ""): (6.5, "%"),
        ("cpi_change", "2023", "target", ""): (3, "%"),
        ("urban_new_jobs", "2023", "target", ""): (50000, "人"),
    }


def test_a_target_that_a_report_does_not_state_is_absent(two: gb.Study) -> None:
    absent = two.extracted[two.extracted["status"] == "absent"]
    cells = sorted(zip(absent["indicator_id"], absent["period"], strict=True))
    assert cells == [
        ("grain_output", "2023"),
        ("industrial_growth", "2023"),
        ("urban_new_jobs", "2022"),
    ]
    assert absent["value"].isna().all()
    assert set(absent["note"]) == {"read 1.00"}
    states = gb.trends.known(two.figures, two.indicator_codebook, only=["industrial_growth"])
    assert dict(zip(states["year"], states["state"], strict=True)) == {
        2022: "target",
        2023: "absent",
    }


def test_a_name_beside_a_number_that_was_not_read_is_not_called_absent(two: gb.Study) -> None:
    text = NEXT.replace("城镇新增就业5万人", "城镇新增就业5万人，规模以上工业增加值增速甲乙丙丁9分")
    split = sentences.split("xiamen-2022", Restored(text, text, ()), 2022)
    both = pd.concat([two.sentences[two.sentences["report_id"] == "xiamen-2021"], split])
    years = {"xiamen-2021": 2021, "xiamen-2022": 2022}
    figures = quantities.find(both, two.indicator_codebook, years)
    rows = headline.extracted(figures, both, two.reports, two.indicator_codebook)
    absent = rows[rows["status"] == "absent"]
    assert "industrial_growth" not in set(absent["indicator_id"])


def test_a_fall_counts_below_zero_and_its_bound_turns(two: gb.Study) -> None:
    rows = stated(two).assign(bound="at_least")
    chosen = gb.trends.Selection(only=["energy_intensity_change"])
    (row,) = tables.rows(chosen.rows(rows, two.indicator_codebook))
    assert (row.value, row.bound, row.stated) == (-3.1, "at_most", "3.1 %")


def test_grain_is_shown_as_stated_and_in_the_common_unit(study: gb.Study) -> None:
    rows = study.indicators[study.indicators["indicator_id"] == "grain_output"]
    made = gb.trends.Selection(only=["grain_output"]).rows(rows, study.indicator_codebook)
    assert set(made["common_unit"]) == {"亿斤"}
    one = made[made["unit"] == "亿公斤"].iloc[0]  # 1 亿公斤 is 2 亿斤
    given = rows.loc[one.name, "value"]
    assert one["value"] == pytest.approx(given * 2)
    assert one["stated"] == f"{given:.15g} 亿公斤"


def test_many_are_accepted_under_one_signature(two: gb.Study, tmp_path: Path) -> None:
    book, data = tmp_path / "gdp.xlsx", ["--data", str(two.path)]
    asked = ["--indicator", "gdp_growth", "--year", "2022-2023"]
    assert main(["extract", "--review", str(book), *asked, *data]) == 0
    assert len(tables.records(book)[1]) == 3
    assert main(["extract", "--apply", str(book), "--accept", "甲", *data]) == 0
    again = gb.Study(two.path)
    assert list(again.decisions["coder"]) == ["甲"] * 3
    assert set(again.indicators["status"]) == {"verified"}
    assert len(again.indicators) == 3
    with pytest.raises(InputError, match="--accept goes with --apply"):
        raise_from(["extract", "--accept", "甲", *data])


def raise_from(arguments: list[str]) -> None:
    from analysis.cli.main import _parser

    options = _parser().parse_args(arguments)
    options.run(options)


def test_a_workbook_of_before_the_direction_is_read(two: gb.Study, tmp_path: Path) -> None:
    open_ = two.undecided
    path = tmp_path / "old.csv"
    old = open_.drop(columns="direction").assign(decision="verified", coder="甲")
    tables.write(old.head(3), path)
    decisions = review.read_workbook(path, open_, two.indicator_codebook.indicators)
    assert list(decisions["decision"]) == ["verified"] * 3


def test_a_study_without_decisions_draws_what_was_found(two: gb.Study) -> None:
    panel = gb.trends.panel(two.figures, two.indicator_codebook, regions=["厦门市"])
    assert set(panel["note"]) == {headline.UNJUDGED}
    growth = panel[(panel["indicator_id"] == "gdp_growth") & (panel["definition"] == "")]
    assert growth["value"].tolist() == [8.1, 4.3]

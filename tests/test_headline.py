"""Headline indicators: which figures they are, of when, and what a report does not state."""

from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import tables
from analysis.cli import main
from analysis.indicators import headline, quantities, review, trends
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
粮豆薯总产量|亿公斤|target||grain_output|
粮食年产量|万吨|level||grain_output|
农民年人均纯收入|元|level||rural_income|
农民人均年纯收入|元|level||rural_income|
一般地方预算财政收入|元|target||budget_revenue|old_general_budget
全部财政收入|元|level||budget_revenue|total_revenue
实际到账外资|美元|level||foreign_capital|
全口径外贸进出口总额|%|change|up|trade_growth|
研发支出与地区生产总值之比|%|target||rd_share|
居民消费价格总水平上涨幅度|%|target||cpi_change|
城镇居民人均生活费收入|%|change|up|urban_income_growth|living_expense_income
脱贫人口人均纯收入|元|level|||
农村经济总收入|元|level|||
蔬菜总产量|万吨|level|||
粮食播种面积|万亩|level|||
市属外贸进出口总额|%|change|up||
网上零售额|%|change|up||
引进省外资金|元|level|||
单位工业增加值能耗|%|change|down||
林木绿化率|%|level|||
地方一般公共预算支出|元|level|||
人均生产总值|%|change|up||
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


# A sentence of a report on 2020 that looks back, and the cells it states; - where it states none.
CELLS = """
城镇化率由2015年的52.5%提高到60.1%。|urbanisation 60.1 2020
“十三五”期间，常住人口城镇化率由“十二五”末的52.5%提高到60.1%。|urbanisation 60.1 2020
五年来，地区生产总值由900亿元增加到1700亿元。|gdp_total 170000000000 2020
五年来，城镇居民人均可支配收入年均增长8%，达到41000元。|\
urban_income_growth 8 2016-2020 yearly_average;urban_income 41000 2020
城乡居民人均可支配收入达到35000元和14000元。|urban_income 35000 2020;rural_income 14000 2020
城镇居民人均可支配收入和农民人均纯收入分别由14000元和7000元增加到31000元和15000元。|\
urban_income 31000 2020;rural_income 15000 2020
城乡居民人均可支配收入均增长8%。|urban_income_growth 8 2020;rural_income_growth 8 2020
其中城镇、农村居民人均可支配收入分别为34000元、12000元。|\
urban_income 34000 2020;rural_income 12000 2020
粮食播种面积640万亩、产量210万吨。|grain_output 210 2020
粮食产量再创新高，达到756亿斤。|grain_output 756 2020
研发经费增长12%，占地区生产总值比重2.1%。|rd_share 2.1 2020
生产总值增长6%、总量达到970亿元。|gdp_growth 6 2020;gdp_total 97000000000 2020
一般公共预算收入59亿元，按可比口径增长4%。|\
budget_revenue 5900000000 2020;budget_revenue_growth 4 2020
——农民人均纯收入5712元。|rural_income 5712 2020
城市居民人均可支配收入增长9%，农村常住居民人均可支配收入增长8.5%。|\
urban_income_growth 9 2020;rural_income_growth 8.5 2020
实际利用内资、利用外资均增长10%。|foreign_capital_growth 10 2020
地区生产总值、公共财政预算收入均增长9%。|gdp_growth 9 2020;budget_revenue_growth 9 2020
城镇居民收入增长7%，居民收入增长6%。|urban_income_growth 7 2020;resident_income_growth 6 2020
城镇居民人均可支配收入15000元，农民人均纯收入4700元，扣除价格因素，分别实际增长8.4%和7%。|\
urban_income 15000 2020;rural_income 4700 2020;\
urban_income_growth 8.4 2020;rural_income_growth 7 2020
城乡居民人均可支配收入年均分别增长10.6%和11.5%，达到37000元和13000元。|\
urban_income_growth 10.6 2020 yearly_average;rural_income_growth 11.5 2020 yearly_average;\
urban_income 37000 2020;rural_income 13000 2020
农民人均纯收入，2015年为2700元，2020年提高到4630元。|rural_income 2700 2015;rural_income 4630 2020
预计2020年，生产总值由2015年的94亿元增加到170亿元，财政收入由2015年的5亿元增加到7亿元。|\
gdp_total 17000000000 2020;budget_revenue 700000000 2020
五年来，固定资产投资达到5000亿元。|investment_total 500000000000 2016-2020 period_total
五年累计完成社会消费品零售总额2366亿元。|retail_total 236600000000 2016-2020 period_total
蔬菜种植面积80万亩、产量210万吨。|-
粮食喜获丰收，水果产量210万吨。|-
每平方公里产出生产总值、财政收入分别达8亿元和2亿元。|-
粮食产量连续三年超过700亿斤。|-
与2015年相比，地区生产总值增长51%。|-
城镇化率比“十二五”末提高9个百分点，是2010年的1.5倍。|-
规上工业企业利润占地区生产总值比重2.1%。|-
支持成都做优做强，春熙路、太古里均为示范街区，销售额增长8%。|-
高新区地区生产总值由2015年的94亿元增加到170亿元。|-
"""


@pytest.mark.parametrize("line", CELLS.replace("\\\n", "").strip().splitlines())
def test_a_sentence_states_its_cells(study: gb.Study, line: str) -> None:
    text, expected = line.split("|")
    split = sentences.split("r", Restored(text, text, ()), 2020)
    about = pd.DataFrame([{"report_id": "r", "region": "厦门市", "year": 2020}])
    figures = quantities.find(split, study.indicator_codebook, {"r": 2020})
    rows = headline.extracted(figures, split, about, study.indicator_codebook)
    kept = ("old_general_budget", "revenue_unspecified", "urbanisation_unspecified", "")
    found = {
        (row.indicator_id, row.value, row.period, "" if row.definition in kept else row.definition)
        for row in tables.rows(rows)
    }
    wanted = set()
    for cell in [] if expected == "-" else expected.split(";"):
        key, value, period, *code = cell.split()
        wanted.add((key, float(value), period, *(code or [""])))
    assert found == wanted


def test_the_report_on_a_year_states_it_before_one_that_remembers_it(study: gb.Study) -> None:
    own = "一般公共预算收入59.3亿元。"
    later = "地区生产总值由2015年的94亿元增加到2020年的170亿元，一般公共预算收入2020年达到60亿元。"
    texts = {("b", 2022): later, ("a", 2020): own}
    split = pd.concat(
        [sentences.split(key, Restored(text, text, ()), y) for (key, y), text in texts.items()]
    )
    about = pd.DataFrame({"report_id": ["a", "b"], "region": "x", "year": [2020, 2022]})
    figures = quantities.find(split, study.indicator_codebook, {"a": 2020, "b": 2022})
    rows = headline.extracted(figures, split, about, study.indicator_codebook)
    (row,) = tables.rows(rows[rows["indicator_id"] == "budget_revenue"])
    assert (row.report_id, row.value, row.period) == ("a", 5_930_000_000, "2020")


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
    states = trends.known(two.figures, two.indicator_codebook, only=["industrial_growth"])
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
    chosen = trends.Selection(only=["energy_intensity_change"])
    (row,) = tables.rows(chosen.rows(rows, two.indicator_codebook))
    assert (row.value, row.bound, row.stated) == (-3.1, "at_most", "3.1 %")


def test_grain_is_shown_as_stated_and_in_the_common_unit(study: gb.Study) -> None:
    rows = study.indicators.table[study.indicators.table["indicator_id"] == "grain_output"]
    made = trends.Selection(only=["grain_output"]).rows(rows, study.indicator_codebook)
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
    assert set(again.indicators.table["status"]) == {"verified"}
    assert len(again.indicators.table) == 3
    with pytest.raises(InputError, match="--accept goes with --apply"):
        raise_from(["extract", "--accept", "甲", *data])


def raise_from(arguments: list[str]) -> None:
    from analysis.cli.main import parser

    options = parser().parse_args(arguments)
    options.run(options)


def test_a_workbook_of_before_the_direction_is_read(two: gb.Study, tmp_path: Path) -> None:
    open_ = two.undecided
    path = tmp_path / "old.csv"
    old = open_.drop(columns="direction").assign(decision="verified", coder="甲")
    tables.write(old.head(3), path)
    decisions = review.read_workbook(path, open_, two.indicator_codebook.indicators)
    assert list(decisions["decision"]) == ["verified"] * 3


def test_a_study_without_decisions_draws_what_was_found(two: gb.Study) -> None:
    panel = trends.panel(two.figures, two.indicator_codebook, regions=["厦门市"])
    assert set(panel["note"]) == {headline.UNJUDGED}
    growth = panel[(panel["indicator_id"] == "gdp_growth") & (panel["definition"] == "")]
    assert growth["value"].tolist() == [8.1, 4.3]


REVIEW = """政府工作报告
一、过去五年工作回顾
五年来，我们办成了许多大事。
生产总值突破6万亿元。固定资产投资年均增长6.8%。
城镇新增就业640万人。
2022年，全省生产总值增长3.1%。
城镇新增就业118万人。
粮食总产量1357亿斤，城镇居民人均可支配收入38484元。
二、今后五年目标和2023年安排
今后五年的主要目标是：
城镇新增就业500万人，常住人口城镇化率达到65%。
2023年主要预期目标是：生产总值增长6%，居民消费价格涨幅3%左右，粮食产量1300亿斤。
城镇新增就业110万人。
"""


def test_a_review_of_five_years_gives_no_figure_of_one_year(tmp_path: Path) -> None:
    """What the sentence does not say the one that opens the review does: 640 is no year's."""
    main(["new", str(tmp_path / "own")])
    path = tmp_path / "2022.txt"
    path.write_text(REVIEW, encoding="utf-8")
    main(
        ["add", str(path), "--region", "河南省", "--year", "2022", "--data", str(tmp_path / "own")]
    )
    study = gb.Study(tmp_path / "own")
    table = study.figures.set_index("indicator_id")
    jobs = table.loc["urban_new_jobs", ["period", "value", "measure_kind", "definition"]]
    assert sorted(map(tuple, jobs.to_numpy())) == [
        ("2018-2022", 6_400_000, "change", "period_unsure"),
        ("2022", 1_180_000, "change", ""),
        ("2023", 1_100_000, "target", ""),
        ("2023-2027", 5_000_000, "target", "period_unsure"),
    ]
    unsure = study.figures[study.figures["definition"] == "period_unsure"]
    told = dict(zip(unsure["period"], unsure["note"].str.partition("see ")[2], strict=True))
    texts = study.sentences.set_index("sentence_id")["text"]
    assert {period: texts[one][:4] for period, one in told.items()} == {
        "2018-2022": "五年来，",
        "2023-2027": "今后五年",
    }
    assert table.loc["gdp_total", "period"] == "2022"  # 突破: where the last year stands
    assert table.loc["investment_growth", "period"] == "2018-2022"
    assert table.loc["urbanisation", "period"] == "2023-2027"
    assert list(study.indicators.heatmap("urban_new_jobs").table["value"].dropna()) == [1_180_000]

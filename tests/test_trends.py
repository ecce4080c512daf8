"""Trends: what may be joined, and why not."""

from math import nan

import pandas as pd
import pytest

import analysis as gb
from analysis import tables
from analysis.indicators import Indicator, IndicatorCodebook, trends
from analysis.kit import InputError

UNITS = {
    **{"regs": "件 neither", "rank": "名 lower", "growth": "% higher", "prices": "% neither"},
    **{"jobless": "% lower", "suits": "件 lower people", "people": "人 neither"},
}


def indicator(name: str, unit: str, better: str, per: str = "") -> Indicator:
    synonyms = ("部", "项") if unit == "件" else ()
    names, plans = {"zh": name, "en": name}, frozenset({"plan"})
    return Indicator(name, names, {}, unit, synonyms, better, (), per, plans=plans)


BOOK = IndicatorCodebook("1", {name: indicator(name, *of.split()) for name, of in UNITS.items()})


def figure(region: str, year: int, value: float, **other: object) -> dict[str, object]:
    """One row of indicators, exact unless said otherwise."""
    return {
        **dict.fromkeys(tables.COLUMNS["indicators"], ""),
        "region": region,
        "year": year,
        "period": str(year),
        "indicator_id": "regs",
        "value": value,
        "unit": "件",
        "bound": "exact",
        "measure_kind": "level",
        "status": "verified",
        "source_id": "s",
        **other,
    }


def panel_of(*rows: dict[str, object], **options: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    return trends.panel(frame, BOOK, regions=["甲市"], **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("second", "joined", "reason"),
    [
        (figure("甲市", 2020, 8), True, ""),
        (figure("甲市", 2020, 8, unit="部"), True, ""),
        (figure("甲市", 2021, 8), False, "years between are missing"),
        (figure("甲市", 2020, 8, unit="条"), False, "unit 件 and 条"),
        (figure("甲市", 2020, 8, definition="x"), False, "definition - and x"),
        (figure("甲市", 2020, 8, bound="at_least"), False, "2020 is at_least"),
        (figure("甲市", 2020, 8, period="2020-04/2021-03"), False, "2020 covers 2020-04/2021-03"),
        (figure("甲市", 2020, 8, measure_kind="change"), False, "level and change"),
        (figure("甲市", 2020, 8, period=""), False, "2020 covers a period that is not stated"),
        (figure("甲市", 2019, 8, definition="x"), False, "same year; definition - and x"),
    ],
)
def test_two_figures_are_joined_only_if_they_are_comparable(
    second: dict[str, object], joined: bool, reason: str
) -> None:
    panel = panel_of(figure("甲市", 2019, 7), second, only=["regs"])
    assert panel["joined"].tolist() == [False, joined]
    assert panel["break_"].tolist() == ["", reason]
    assert panel["change"].tolist()[1:] == ([1.0] if joined else [pytest.approx(nan, nan_ok=True)])


def test_peers_are_regions_of_the_same_level_in_the_year_asked_for() -> None:
    panel = panel_of(
        figure("甲市", 2022, 7),
        figure("乙市", 2022, 9),
        figure("乙市", 2021, 9),
        figure("丙省", 2022, 9),
        figure("丁市", 2022, 9, status="rejected"),
        figure("甲市", 2022, 1, indicator_id="rank"),
        peers_in=[2022],
    )
    assert panel[["indicator_id", "region", "role"]].values.tolist() == [
        ["regs", "甲市", "own"],
        ["regs", "乙市", "peer"],
    ]


def test_xiamens_regulations_are_one_series_that_is_joined_nowhere(study: gb.Study) -> None:
    panel = trends.panel(
        study.indicators.table,
        study.indicator_codebook,
        regions=["厦门市"],
        only=["local_regs_passed"],
    )
    assert panel[["year", "value", "joined"]].values.tolist() == [
        [2019, 12, False],
        [2022, 7, False],
        [2024, 14, False],
    ]
    numbered, labels = trends.cite(panel, study.sources)
    assert numbered["source_no"].tolist() == [1, 2, 3]
    assert labels[1] == "报告 xiamen-2022"
    assert labels[2].endswith("xmrd-t20250205")


# ---- the panel


def test_a_figure_is_joined_to_the_comparable_one_of_the_year_before_not_to_its_neighbour() -> None:
    panel = panel_of(
        figure("甲市", 2019, 7),
        figure("甲市", 2019, 3, definition="x"),
        figure("甲市", 2020, 9),
        only=["regs"],
    )
    assert panel["joined"].tolist() == [False, False, True]
    assert panel["change"].iloc[2] == 2


def test_two_sources_with_two_values_for_a_year_are_joined_to_nothing() -> None:
    rows = [
        figure("甲市", 2019, 7),
        figure("甲市", 2020, 8),
        figure("甲市", 2020, 9, source_id="t"),
    ]
    panel = panel_of(*rows, only=["regs"])
    assert not panel["joined"].any()
    assert panel["break_"].tolist()[1] == "2020 has two figures"


def test_targets_stand_in_no_series() -> None:
    rows = [figure("甲市", 2019, 7), figure("甲市", 2020, 9, measure_kind="target")]
    assert panel_of(*rows, figure("甲市", 2020, 8), only=["regs"])["value"].tolist() == [7, 8]


def test_a_status_chooses_rows_and_a_typo_chooses_none() -> None:
    rows = [figure("甲市", 2019, 7), figure("甲市", 2020, 8, status="extracted")]
    assert panel_of(*rows, only=["regs"], status=["extracted"])["value"].tolist() == [8]
    with pytest.raises(InputError, match="did you mean 'verified'"):
        panel_of(*rows, status=["verifed"])
    for measure in (trends.known, trends.planned, trends.against_targets, trends.in_year):
        given: dict[str, object] = {"year": 2019} if measure is trends.in_year else {}
        with pytest.raises(InputError, match="did you mean 'regs'"):
            measure(pd.DataFrame(rows), BOOK, only=["reg"], **given)  # type: ignore[operator]


def test_the_peers_may_be_named() -> None:
    rows = [figure(name, 2022, 7) for name in ("甲市", "乙市", "丙省")]
    panel = panel_of(*rows, peers_in=[2022], peers=["丙省"])
    assert panel["region"].tolist() == ["甲市", "丙省"]


def test_a_break_shows_both_figures_and_why() -> None:
    panel = panel_of(
        figure("甲市", 2019, 7), figure("甲市", 2020, 8, definition="x"), only=["regs"]
    )
    (row,) = tables.rows(trends.breaks(panel))
    assert (row.before_year, row.before_value, row.year, row.value) == (2019, 7, 2020, 8)
    assert row.why == "definition - and x"


def test_the_slope_is_the_median_of_all_pairs() -> None:
    # Pairs of 1, 3, 2, 5, 20 in 2015, 2016, 2017, 2018, 2020: 2, .5, 4/3, 3.8 | -1, 1, 4.25 |
    # 3, 6 | 7.5; in order -1 .5 1 4/3 2 3 3.8 4.25 6 7.5, so the median is 2.5.
    values = {2015: 1, 2016: 3, 2017: 2, 2018: 5, 2020: 20}
    rows = [figure("甲市", year, value) for year, value in values.items()]
    bound = figure("甲市", 2019, 90, bound="at_least")
    (row,) = tables.rows(trends.slope(panel_of(*rows, bound, only=["regs"])))
    assert (row.slope, row.n, row.first, row.last) == (2.5, 5, 2015, 2020)
    assert (row.n_missing, row.n_left_out, row.why) == (1, 1, "")


def test_four_figures_have_no_slope_and_a_reason() -> None:
    rows = [figure("甲市", year, year) for year in range(2015, 2019)]
    (row,) = tables.rows(trends.slope(panel_of(*rows, only=["regs"])))
    assert pd.isna(row.slope)
    assert row.why == "4 comparable figures; a slope needs 5"


def test_sources_in_a_row_that_differ_by_year_only_are_named_in_full_once() -> None:
    panel = panel_of(
        *(figure("甲市", year, 1, source_id=f"work-{year}") for year in (2019, 2020)), only=["regs"]
    )
    sources = pd.DataFrame(
        {
            "source_id": ["work-2019", "work-2020"],
            "producer": "国务院",
            "url": "https://example.org",
        }
    )
    assert trends.cite(panel, sources)[1] == ["国务院 work-2019", "…2020"]


# ---- planned against reported


def judged(*rows: dict[str, object], **options: object) -> list[tuple[str, str]]:
    table = trends.against_targets(pd.DataFrame(rows), BOOK, **options)  # type: ignore[arg-type]
    assert list(table.columns)[:4] == ["indicator_id", "region", "period", "definition"]
    return list(zip(table["verdict"], table["why"], strict=True))


def pair(name: str, aim: tuple[float, str], came: tuple[float, str]) -> list[dict[str, object]]:
    common = {"indicator_id": name, "unit": "%"}
    return [
        figure("全国", 2014, aim[0], bound=aim[1], measure_kind="target", **common),
        figure("全国", 2014, came[0], bound=came[1], measure_kind="change", **common),
    ]


@pytest.mark.parametrize(
    ("name", "aim", "came", "verdict"),
    [
        ("growth", (8, "exact"), (8.8, "exact"), "met"),  # 1997
        ("growth", (8, "exact"), (7.8, "exact"), "missed"),  # 1998
        ("growth", (7.5, "approximate"), (7.4, "exact"), "met"),  # 2014: within 5 % of about 7.5
        ("growth", (5.5, "approximate"), (3, "exact"), "missed"),  # 2022
        ("growth", (6, "at_least"), (8.1, "exact"), "met"),  # 2021
        ("growth", (1.3, "at_least"), (1.4, "at_least"), "met"),  # grain in 2024
        ("growth", (95, "at_least"), (90, "at_least"), "not comparable"),  # may be 90 or 99
        ("growth", (95, "at_least"), (90, "at_most"), "missed"),
        ("growth", (95, "exact"), (95, "approximate"), "not comparable"),
        ("growth", (95, "at_least"), (94, "exact"), "missed"),
        ("prices", (10, "at_most"), (21.7, "exact"), "missed"),  # 1994
        ("prices", (4, "exact"), (1.8, "exact"), "not comparable"),  # 2005: nothing says ceiling
        ("prices", (3, "approximate"), (3.3, "exact"), "not comparable"),  # 2010
        ("prices", (2.1, "exact"), (2.1, "exact"), "met"),  # deficit in 2014
        ("prices", (1.5, "approximate"), (1.5, "approximate"), "met"),  # deficit in 2012
        ("jobless", (4.6, "at_most"), (4.1, "exact"), "met"),  # 2013
        ("jobless", (5.5, "at_most"), (5, "approximate"), "met"),  # 2018: about 5 ends at 5.25
        ("jobless", (4.6, "exact"), (4.1, "exact"), "met"),
        ("jobless", (4.6, "exact"), (4.7, "exact"), "missed"),
        ("jobless", (4.6, "exact"), (4.7, "at_most"), "not comparable"),
    ],
)
def test_a_verdict_says_no_more_than_the_numbers_do(
    name: str, aim: tuple[float, str], came: tuple[float, str], verdict: str
) -> None:
    assert [found for found, _ in judged(*pair(name, aim, came))] == [verdict]


def test_how_far_about_reaches_is_said_and_can_be_chosen() -> None:
    rows = pair("growth", (7.5, "approximate"), (7.4, "exact"))
    assert judged(*rows) == [("met", "7.4 against about 7.5: within 5%")]
    assert judged(*rows, about=0.0) == [("missed", "7.4 against about 7.5")]


@pytest.mark.parametrize(
    ("outcome", "verdicts"),
    [
        (6.7, ["met", "met"]),  # 2016: 6.5 to 7
        (6.4, ["missed", "met"]),
        (7.2, ["met", "not comparable"]),  # beyond the range where more is better
    ],
)
def test_a_range_is_two_targets(outcome: float, verdicts: list[str]) -> None:
    lower, came = pair("growth", (6.5, "at_least"), (outcome, "exact"))
    upper, _ = pair("growth", (7, "at_most"), (outcome, "exact"))
    assert [found for found, _ in judged(lower, upper, came)] == verdicts


@pytest.mark.parametrize(
    ("changed", "verdict", "why"),
    [
        ({"period": "2013", "year": 2013}, "not reported", "no figure for 2014"),
        ({"region": "甲市"}, "not reported", "no figure for 2014"),
        ({"status": "rejected"}, "not reported", "no figure for 2014"),
        ({"measure_kind": "target"}, "not reported", "no figure for 2014"),
        (
            {"period": "2014-01/2014-09"},
            "not comparable",
            "target for 2014, outcome covers 2014-01/2014-09",
        ),
        ({"definition": "gnp"}, "not comparable", "definition of the target -, of the outcome gnp"),
        ({"unit": "亿吨"}, "not comparable", "unit of the target %, of the outcome 亿吨"),
    ],
)
def test_what_does_not_fit_is_not_judged(
    changed: dict[str, object], verdict: str, why: str
) -> None:
    aim, came = pair("growth", (7, "exact"), (8, "exact"))
    assert judged(aim, came | changed)[0] == (verdict, why)


def test_synonyms_of_a_unit_do_fit() -> None:
    aim = figure("甲市", 2020, 8, unit="部", bound="at_least", measure_kind="target")
    assert judged(aim, figure("甲市", 2020, 9, unit="项")) == [("met", "9 against at least 8")]


def test_two_outcomes_that_decide_differently_decide_nothing() -> None:
    aim, came = pair("growth", (7, "exact"), (7.1, "exact"))
    assert judged(aim, came, came | {"value": 7.2})[0][0] == "met"
    assert judged(aim, came, came | {"value": 6.9}) == [
        ("not comparable", "two outcomes decide differently: 7.1 and 6.9")
    ]


def test_a_verdict_leads_to_both_sentences() -> None:
    aim, came = pair("growth", (8, "exact"), (8.8, "exact"))
    aim |= {"sentence_id": "a-2013:s101", "report_id": "a-2013", "source_id": "", "quote": "8%"}
    came |= {"source_id": "t", "quote": "8.8%", "status": "extracted"}
    (row,) = tables.rows(trends.against_targets(pd.DataFrame([aim, came]), BOOK))
    assert (row.target_sentence_id, row.target_quote) == ("a-2013:s101", "8%")
    assert (row.outcome_source_id, row.outcome_quote) == ("t", "8.8%")
    assert (row.target_status, row.outcome_status) == ("verified", "extracted")
    assert row.difference == pytest.approx(0.8)
    assert (row.measure_kind, row.period) == ("change", "2014")


def test_a_plan_is_for_the_year_of_its_period_whatever_year_its_report_is_of() -> None:
    aim, came = pair("growth", (8, "exact"), (8.8, "exact"))
    aim |= {"year": 2013}
    frame = pd.DataFrame([aim, came])
    assert judged(aim, came, years=[2014]) == [("met", "8.8 against 8")]
    assert judged(aim, came, years=[2013]) == []
    planned = trends.planned(frame, BOOK, regions=["全国"])
    assert planned[["role", "year", "verdict"]].values.tolist() == [
        ["own", 2014, ""],
        ["target", 2014, "met"],
    ]


def test_what_a_plan_sets_for_its_last_year_is_told_from_a_years_target() -> None:
    aim = figure("甲市", 2020, 8, measure_kind="target")
    rows = [aim, aim | {"definition": "plan"}, aim | {"period": "2021-2025", "value": 9}]
    frame = pd.DataFrame([*rows, figure("甲市", 2020, 7)])
    planned = trends.planned(frame, BOOK, regions=["甲市"])
    assert planned.columns[-1] == "horizon"
    assert planned[["year", "role", "definition", "horizon"]].values.tolist() == [
        [2020, "own", "", ""],
        [2020, "target", "", "year"],
        [2020, "target", "plan", "plan"],
        [2025, "target", "", "plan"],
    ]
    assert judged(*rows, years=[2025]) == [("not reported", "no figure for 2021-2025")]


def test_the_nations_plans_are_those_for_grain(study: gb.Study) -> None:
    book = study.indicator_codebook
    planned = trends.planned(study.indicators.table, book, regions=["全国"])
    plans = planned[planned["horizon"] == "plan"]
    assert set(plans["indicator_id"]) == {"grain_output"}
    assert plans["year"].tolist() == [1957, 1985, 1985, 1997, 2000]
    grain = book.indicators["grain_output"]
    assert grain.definition_name("ten_year_plan", "zh") == "十年规划"
    assert grain.definition_name("ten_year_plan", "en") == "ten-year plan"
    assert [grain.definition_name(code, "en") for code in ("", "other")] == ["", "other"]


def test_the_nation_stands_in_for_regions_without_targets(study: gb.Study) -> None:
    assert trends.with_targets(study.indicators.table, ["厦门市"]) == ["全国"]
    aim = figure("甲市", 2020, 8, measure_kind="target")
    assert trends.with_targets(pd.DataFrame([aim]), ["甲市", "乙市"]) == ["甲市"]
    assert trends.with_targets(pd.DataFrame([aim]), ["乙市"]) == []
    assert judged(aim, regions=[]) == []


def test_the_nations_growth_was_missed_in_1998_and_2022_only(study: gb.Study) -> None:
    table = trends.against_targets(
        study.indicators.table, study.indicator_codebook, only=["gdp_growth"]
    )
    verdicts = table.groupby("period")["verdict"].first()
    assert list(verdicts.index[verdicts == "missed"]) == ["1998", "2022"]
    assert verdicts["1993"] == "not comparable"  # national product against domestic product
    assert set(verdicts.index[verdicts == "not reported"]) == {
        *("1995", "1999", "2007", "2019", "2025")
    }


# ---- one region among others


GROUPS = pd.DataFrame({"group": "组", "region": ["甲市", "乙市", "丙市", "丁市", "戊市"]})


def test_a_peer_has_rank_and_distance_among_comparable_figures() -> None:
    rows = [
        figure("甲市", 2022, 12, unit="部"),
        figure("乙市", 2022, 20, unit="件"),
        figure("丙市", 2022, 7),
        figure("丁市", 2022, 99, definition="x"),
        figure("己市", 2022, 98),
    ]
    table = trends.peers(pd.DataFrame(rows), BOOK, GROUPS, "甲市", "组", 2022)
    (row,) = tables.rows(table)
    assert (row.value, row.median, row.distance, row.rank) == (12, 12, 0, 2)
    assert (row.n_known, row.n_other, row.n_missing, row.missing) == (3, 1, 1, "戊市")
    assert row.direction == "highest first: neither is better"


def test_the_better_direction_ranks_and_ties_share_the_better_rank() -> None:
    ranks = {"甲市": 3, "乙市": 1, "丙市": 1, "丁市": 9}
    rows = [figure(name, 2022, v, indicator_id="rank", unit="名") for name, v in ranks.items()]
    table = trends.in_year(pd.DataFrame(rows), BOOK, year=2022)
    assert dict(zip(table["region"], table["rank"], strict=True)) == {
        **{"甲市": 3, "乙市": 1, "丙市": 1, "丁市": 4}
    }
    assert set(table["median"]) == {2}
    assert set(table["direction"]) == {"lowest first: less is better"}


def test_a_bound_has_no_rank_and_a_disputed_figure_neither() -> None:
    rows = [
        figure("甲市", 2022, 90, bound="at_least"),
        figure("乙市", 2022, 7),
        figure("丙市", 2022, 8),
        figure("丙市", 2022, 9, source_id="t"),
    ]
    table = trends.in_year(pd.DataFrame(rows), BOOK, year=2022, region="甲市")
    why = dict(zip(table["region"], table["why"], strict=True))
    assert why == {"甲市": "2022 is at_least", "乙市": "", "丙市": "丙市 has two figures"}
    (row,) = tables.rows(trends.peers(pd.DataFrame(rows), BOOK, GROUPS, "甲市", "组", 2022))
    assert pd.isna(row.rank)
    assert row.why == "2022 is at_least"


@pytest.mark.parametrize(
    ("bound", "value", "expected"),
    [
        ("at_least", 6.0, [2, 3, 4]),  # surely before all
        ("at_least", 2.5, [None, None, 4]),  # before the last; before the others or not
        ("at_most", 1.0, [1, 2, 3]),  # surely behind all
        ("at_most", 3.5, [1, None, None]),
        ("approximate", 4.0, [1, 3, 4]),  # 3.8 to 4.2
        ("approximate", 4.8, [None, 3, 4]),  # 4.56 to 5.04 may be more than 4.87
    ],
)
def test_a_bound_that_is_surely_better_counts_and_one_that_may_be_leaves_no_rank(
    bound: str, value: float, expected: list[float | None]
) -> None:
    rows = [figure("甲市", 2022, value, bound=bound)]
    exact = {"乙市": 4.87, "丙市": 3, "丁市": 2}
    rows += [figure(name, 2022, one) for name, one in exact.items()]
    table = trends.in_year(pd.DataFrame(rows), BOOK, year=2022).set_index("region")
    assert [None if pd.isna(one) else one for one in table.loc[list(exact), "rank"]] == expected
    assert pd.isna(table.loc["甲市", "rank"])
    assert set(table["median"]) == {3}
    of = trends.peers(pd.DataFrame(rows), BOOK, GROUPS, "乙市", "组", 2022)
    (row,) = tables.rows(of)
    assert (row.why == "") == (expected[0] is not None)


def test_per_head_only_where_both_are_known() -> None:
    suits = {"甲市": 300, "乙市": 100, "丙市": 50}
    people = {"甲市": 1000, "乙市": 200}
    rows = [figure(name, 2022, v, indicator_id="suits") for name, v in suits.items()]
    rows += [figure(name, 2022, v, indicator_id="people", unit="人") for name, v in people.items()]
    table = trends.peers(pd.DataFrame(rows), BOOK, GROUPS, "甲市", "组", 2022, only=["suits"])
    plain, per = tables.rows(table)
    assert (plain.per, plain.value, plain.rank, plain.n_known) == ("", 300, 3, 3)
    assert (per.per, per.value, per.unit) == ("people", 0.3, "件/人")
    assert pd.isna(per.rank)  # the people of two regions are known: no ranking
    assert per.why == "of 2 with a comparable figure there is no rank, of 3 there is"
    assert (per.n_known, per.n_missing) == (2, 3)
    assert pd.isna(per.median)


def test_a_group_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="group '祖' is not known"):
        trends.members(GROUPS, "祖")
    assert trends.members(GROUPS, "") == []


def test_what_is_known_counts_every_year_between() -> None:
    rows = [
        figure("甲市", 2018, 7),
        figure("甲市", 2020, 8, bound="at_least", status="extracted"),
        figure("甲市", 2021, 9, measure_kind="target"),
    ]
    table = trends.known(pd.DataFrame(rows), BOOK)
    assert table[["year", "n", "n_exact", "n_verified", "n_targets", "state"]].values.tolist() == [
        [2018, 1, 1, 1, 0, "exact"],
        [2019, 0, 0, 0, 0, "missing"],
        [2020, 1, 0, 0, 0, "bound"],
        [2021, 0, 0, 0, 1, "target"],
    ]
    assert len(trends.known(pd.DataFrame(rows), BOOK, by="region", years=[1990])) == 0


def test_what_one_of_three_regions_has_is_known_of_one() -> None:
    rows = [
        figure("甲市", 2018, 7),
        figure("乙市", 2018, 5, bound="at_least"),
        figure("丙市", 2019, 6),
        *(figure(region, 2020, 8) for region in ("甲市", "乙市", "丙市")),
        figure("甲市", 2021, 9, definition="period_total"),  # of several years, whatever its period
        figure("甲市", 2022, 9, definition="period_unsure"),
    ]
    table = trends.known(pd.DataFrame(rows), BOOK)
    assert table[["year", "k_exact", "k_stated", "k_of", "state"]].values.tolist() == [
        [2018, 1, 2, 3, "some"],
        [2019, 1, 1, 3, "some"],
        [2020, 3, 3, 3, "exact"],
        [2021, 0, 1, 3, "bound"],
    ]
    of = trends.known(pd.DataFrame(rows), BOOK, regions=["甲市", "乙市", "丙市", "丁市"])
    assert set(of["k_of"]) == {4}
    assert "exact" not in set(of["state"])


def test_a_rank_needs_three_comparable_regions_of_one_level() -> None:
    def ranks(values: dict[str, float], **which: object) -> list[tuple[str, float | None, bool]]:
        frame = pd.DataFrame([figure(name, 2022, value) for name, value in values.items()])
        found = trends.in_year(frame, BOOK, year=2022, region="甲市", **which)
        return [
            (row.region, None if pd.isna(row.rank) else row.rank, row.comparable)
            for row in tables.rows(found)
        ]

    # The city came ninth of many; of two figures at hand it would be printed as the first.
    two = {"甲市": 9, "乙市": 12}
    assert ranks(two) == [("甲市", None, True), ("乙市", None, True)]
    three = two | {"丙市": 3}
    assert {name: rank for name, rank, _ in ranks(three)} in (
        {"甲市": 2, "乙市": 1, "丙市": 3},
        {"甲市": 2, "乙市": 3, "丙市": 1},
    )
    mixed = two | {"福建省": 3, "全国": 4}
    assert {rank for _, rank, _ in ranks(mixed)} == {None}
    assert {name: fit for name, _, fit in ranks(mixed)} == {
        **{"甲市": True, "乙市": True},
        **{"福建省": False, "全国": False},
    }
    asked = ranks(mixed, among=[*mixed])  # a group that somebody named is taken as it is
    assert all(rank for _, rank, _ in asked)

"""Trends: what may be joined, and why not."""

import pandas as pd
import pytest

import analysis as gb
from analysis import tables, trends
from analysis.indicators import Indicator, IndicatorCodebook

BOOK = IndicatorCodebook(
    "1",
    {
        "regs": Indicator(
            "regs", {"zh": "法规", "en": "Rules"}, {}, "件", ("部", "项"), "neither", ()
        ),
        "rank": Indicator("rank", {"zh": "排名", "en": "Rank"}, {}, "名", (), "lower", ()),
    },
)


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
        (figure("甲市", 2020, 8, unit="万件"), False, "unit 件 and 万件"),
        (figure("甲市", 2020, 8, definition="x"), False, "definition - and x"),
        (figure("甲市", 2020, 8, bound="at_least"), False, "2020 is at_least"),
        (figure("甲市", 2020, 8, period="2020-04/2021-03"), False, "2020 covers 2020-04/2021-03"),
        (figure("甲市", 2020, 8, measure_kind="target"), False, "level and target"),
        (figure("甲市", 2019, 8, definition="x"), False, "same year; definition - and x"),
    ],
)
def test_two_figures_are_joined_only_if_they_are_comparable(
    second: dict[str, object], joined: bool, reason: str
) -> None:
    panel = panel_of(figure("甲市", 2019, 7), second, only=["regs"])
    assert panel["joined"].tolist() == [False, joined]
    assert panel["break_"].tolist() == ["", reason]


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
        study.indicators, study.indicator_codebook, regions=["厦门市"], only=["local_regs_passed"]
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


def test_a_bound_stays_a_bound(study: gb.Study) -> None:
    panel = trends.panel(
        study.indicators,
        study.indicator_codebook,
        regions=["厦门市"],
        only=["court_appearance_rate"],
    )
    assert panel[["value", "unit", "bound"]].values.tolist() == [[90, "%", "at_least"]]

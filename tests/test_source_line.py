"""The line of sources at a figure's foot: what the material is, in words."""

from itertools import product
from typing import Any

import pandas as pd
import pytest

import analysis as gb
from analysis.bundle import about, sources
from analysis.indicators import trends
from analysis.study.indicators import _whole_years
from analysis.text import kinds

Row = dict[str, Any]


def report(region: str, year: int, level: str = "province", genre: str = "work_report") -> Row:
    return {
        "report_id": f"{region}-{year}-{genre}",
        "region": region,
        "region_code": "",
        "year": year,
        "year_given": year + 1,
        "level": level,
        "genre": genre,
        "sha256": f"{region}{year}{genre}",
    }


def line(reports: list[Row], lang: str = "en", figure: str = "keyness_plot", **said: Any) -> str:
    record = {"options": {"lang": lang}, "reports": reports, "cited": []}
    return sources.line(record | {"about": said, "figure": figure})


PROVINCES = ["河南省", "湖北省", "湖南省", "内蒙古自治区"]
MANY = [report(region, year) for region, year in product(PROVINCES, (2020, 2021, 2022))]


@pytest.mark.parametrize(
    ("reports", "en", "zh"),
    [
        (
            MANY,
            "12 provincial government work reports (4 provinces, on 2020–2022)",
            "4 个省（区、市）的政府工作报告 12 份（所述年份：2020–2022）",
        ),
        (
            MANY[:1],
            "government work report of Henan on 2020",
            "河南省政府工作报告（所述年份：2020）",
        ),
        (
            [report("河南省", 2020), report("湖北省", 2022)],
            "government work report of Henan on 2020 and government work report of Hubei on 2022",
            "河南省政府工作报告（所述年份：2020）、湖北省政府工作报告（所述年份：2022）",
        ),
        (
            [report("全国", year, "nation") for year in range(2018, 2023)],
            "5 national government work reports (on 2018–2022)",
            "国务院政府工作报告 5 份（所述年份：2018–2022）",
        ),
        (
            [report("河南省", year) for year in (2010, 2012, 2014, 2016)],
            "4 government work reports of Henan (on years between 2010–2016)",
            "河南省政府工作报告 4 份（所述年份：2010–2016 之间）",
        ),
        (
            [*MANY, report("厦门市", 2022, "city", "law_based_government")],
            "12 provincial government work reports (4 provinces, on 2020–2022); "
            "report on law-based government of Xiamen on 2022",
            "4 个省（区、市）的政府工作报告 12 份（所述年份：2020–2022）；"
            "厦门市法治政府建设报告（所述年份：2022）",
        ),
        (
            [report("河南省", 2021, genre="plan"), report("河南省", 2022, genre="unknown")],
            "plan of Henan of 2021; report of Henan on 2022",
            "河南省规划（年份：2021）；河南省报告（所述年份：2022）",
        ),
    ],
)
def test_reports_are_told_by_kind_number_places_and_years(
    reports: list[Row], en: str, zh: str
) -> None:
    assert line(reports) == f"Source: {en}"
    assert line(reports, "zh") == f"来源：{zh}"


def test_a_slice_of_some_years_names_those_only_and_what_it_is_compared_with() -> None:
    two = line(MANY, target="year=2022;part=plan", against="year=2020")
    assert two == (
        "Source: 4 provincial government work reports (4 provinces, on 2022); "
        "compared with the texts of this study (year 2020)"
    )
    held = {"target": "year=2022", "against": "year=2020"}
    assert "compared" not in line(MANY, figure="top_terms", **held)  # only data.csv compares
    named = {"en": ["4 reports of provinces", "1 report of the nation"]}
    assert line(MANY, **held, others=named).endswith(
        "(year 2020): 4 reports of provinces, 1 report of the nation"
    )
    ranked = line(MANY, figure="region_ranking", years=[2020, 2022])
    assert ranked == "Source: 8 provincial government work reports (4 provinces, on 2020, 2022)"
    parts = line(MANY, target="part=plan", against="part=done")
    assert parts == "Source: 12 provincial government work reports (4 provinces, on 2020–2022)"
    ends = line(MANY, ends=["year=2020", "year=2021"])
    assert ends == "Source: 8 provincial government work reports (4 provinces, on 2020–2021)"
    assert line(MANY, against="rest").endswith("; compared with the other reports of this study")


def test_a_bundled_list_is_named_beside_the_reports_or_alone(study: gb.Study) -> None:
    reports = study.reports.to_dict("records")
    found = study.words.keyness(top_n=5)
    said = about.complete(found.table, found.about)
    assert line(reports, **said) == (
        "Source: report on law-based government of Xiamen on 2022; compared with 24 provincial "
        "government work reports (published 2026) and 12 national government work reports "
        "(published 2013–2025)"
    )
    found = study.words.trend(["法治"], "national report")
    said = about.complete(found.table, found.about)
    assert line(reports, "zh", **said) == "来源：52 份国务院政府工作报告（1954–2025 年发布）"


def test_an_unknown_level_has_no_word() -> None:
    assert kinds.kind("", "", 1, "en") == "report"
    four = [report(f"某{at}", 2020, level="") for at in range(4)]
    assert line(four) == "Source: 4 government work reports (4 regions, on 2020)"


def test_a_target_stands_in_the_year_it_is_for_and_averages_of_years_in_no_year() -> None:
    kinds_ = ["target", "target", "level"]
    periods = ["2021-2025", "2023", "2016-2020"]
    figures = pd.DataFrame({"measure_kind": kinds_, "period": periods, "year": [2021, 2022, 2016]})
    assert trends.dated(figures)["year"].tolist() == [2025, 2023, 2016]
    told = figures.assign(definition="", period=["2021-2025", "2021-08/2022-07", "2022"])
    assert _whole_years(told).tolist() == [True, False, False]

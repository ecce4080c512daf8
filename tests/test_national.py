"""The nation's panel: figures of the government work reports, held against what is known."""

import json
from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis.indicators import quantities
from analysis.restore import Restored
from analysis.text import sentences

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"

# Growth of GDP as each report of the following March stated it, typed in from memory of the
# published reports, not from the table; None where a report gives no figure for the year.
GROWTH = {
    1998: 7.8, 1999: None, 2000: None, 2001: 7.3, 2002: None, 2003: 9.1, 2004: 9.5, 2005: 9.9,
    2006: 10.7, 2007: None, 2008: 9.0, 2009: 8.7, 2010: 10.3, 2011: 9.2, 2012: 7.8, 2013: 7.7,
    2014: 7.4, 2015: 6.9, 2016: 6.7, 2017: 6.9, 2018: 6.6, 2019: None, 2020: 2.3, 2021: 8.1,
    2022: 3.0, 2023: 5.2, 2024: 5.0,
}  # fmt: skip
AIMS = {2009: 8.0, 2012: 7.5, 2015: 7.0, 2018: 6.5, 2021: 6.0, 2022: 5.5, 2023: 5.0, 2025: 5.0}


@pytest.fixture(scope="module")
def nation(study: gb.Study) -> pd.DataFrame:
    """Rows of the government work reports."""
    rows = study.indicators.table
    return rows[rows["source_id"].str.startswith("gov-work-report-")]


def test_growth_is_what_the_reports_stated(nation: pd.DataFrame) -> None:
    rows = nation[(nation["indicator_id"] == "gdp_growth") & (nation["year"] >= 1998)]
    said = rows[rows["measure_kind"] == "change"].set_index("year")["value"].to_dict()
    assert said == {year: value for year, value in GROWTH.items() if value is not None}
    aims = rows[rows["measure_kind"] == "target"].set_index("year")["value"]
    assert {year: aims.loc[year] for year in AIMS} == AIMS


def test_each_row_stands_in_the_report_before_or_after_its_year(nation: pd.DataFrame) -> None:
    published = nation["source_id"].str[-4:].astype(int)
    targets = nation["measure_kind"] == "target"
    late = nation[targets & (published > nation["year"])]
    assert late["source_id"].tolist() == ["gov-work-report-1997"]  # it recalls the aim for 1996
    early = nation[~targets & (published < nation["year"])]
    assert early["source_id"].tolist() == []


def test_figures_from_a_mirror_are_not_called_verified(
    nation: pd.DataFrame, study: gb.Study
) -> None:
    kinds = study.sources.set_index("source_id")["kind"]
    assert set(kinds[nation["source_id"].unique()]) == {"mirror"}
    assert set(nation["status"]) == {"extracted"}


def test_counting_units_are_multiplied_out_and_physical_ones_are_not(nation: pd.DataFrame) -> None:
    units = nation.groupby("indicator_id")["unit"].unique().map(sorted).to_dict()
    assert units["urban_new_jobs"] == ["人"]
    assert units["gdp_total"] == ["元"]
    assert set(units["grain_output"]) <= {"亿斤", "万亿斤", "万吨", "亿吨", "亿公斤"}


def test_no_text_of_a_report_came_along(nation: pd.DataFrame) -> None:
    assert set(nation["quote"]) == {""}
    assert not nation["note"].str.contains(r"[一-鿿]{9,}").any()


def test_five_year_totals_are_not_a_years_jobs(nation: pd.DataFrame) -> None:
    jobs = nation[(nation["indicator_id"] == "urban_new_jobs") & (nation["year"] >= 2003)]
    assert jobs["value"].between(5e6, 2e7).all()


def test_the_bundled_text_folder_holds_the_one_report(study: gb.Study) -> None:
    assert [path.name for path in Path(study.path, "reports").iterdir()] == [
        "xiamen-2022.mangled.txt"
    ]


def test_extraction_finds_the_growth_that_people_read(
    nation: pd.DataFrame, study: gb.Study, corpora: Path
) -> None:
    frames, years = [], {}
    path = corpora / "national/government_work_reports.jsonl"
    for line in path.read_text("utf-8").splitlines():
        report = json.loads(line)
        published = int(report["year"] or 0)
        if published >= 1998:
            key = f"gov-work-report-{published}"
            years[key] = published - 1
            text = report["content"]
            frames.append(sentences.split(key, Restored(text, text, ()), published - 1))
    found = quantities.find(pd.concat(frames), study.indicator_codebook, years)
    found = found[found["indicator_id"] == "gdp_growth"]
    read = nation[(nation["indicator_id"] == "gdp_growth") & (nation["year"] >= 1998)]
    by_hand = set(zip(read["period"], read["measure_kind"], read["value"], strict=True))
    ours = set(zip(found["period"], found["measure_kind"], found["value"], strict=True))
    # In the report of 2017 a line breaks inside 74.4万亿元, and the growth stands in the next line.
    assert by_hand - ours == {("2016", "change", 6.7)}
    assert {row for row in ours if row[0] >= "1998"} <= by_hand

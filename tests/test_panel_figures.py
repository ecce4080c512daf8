"""Figures of panels: targets, many regions, what is known; legible with decades of points."""

from collections.abc import Callable

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import analysis as gb
from analysis import figures, trends
from analysis.figures.labels import rounded, scale
from analysis.figures.look import MAIN

Faults = Callable[[Figure], list[str]]


def planned(study: gb.Study, lang: str = "zh", **options: object) -> pd.DataFrame:
    chosen = {"regions": ["全国"], **options}
    panel = trends.planned(study.indicators, study.indicator_codebook, **chosen)  # type: ignore[arg-type]
    return trends.cite(panel, study.sources, lang)[0]


def growth(study: gb.Study) -> Axes:
    panel = planned(study, only=["gdp_growth"])
    return figures.target_outcome(panel, study.indicator_codebook).axes[0]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_label_of_targets_is_clipped_or_covered(
    faults: Faults, study: gb.Study, lang: str
) -> None:
    book = study.indicator_codebook
    assert faults(figures.target_outcome(planned(study, lang), book, lang=lang)) == []
    one = planned(study, lang, only=["grain_output"], years=range(2010, 2026))
    assert faults(figures.target_outcome(one, book, lang=lang)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_label_of_a_series_of_decades_is_clipped_or_covered(
    faults: Faults, study: gb.Study, lang: str
) -> None:
    panel = trends.panel(study.indicators, study.indicator_codebook, regions=["全国"])
    panel, _ = trends.cite(panel, study.sources, lang)
    assert faults(figures.metric_trend(panel, study.indicator_codebook, lang=lang)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_label_of_many_regions_is_clipped_or_covered(
    faults: Faults, study: gb.Study, lang: str
) -> None:
    book = study.indicator_codebook
    table = trends.in_year(study.indicators, book, year=2024, region="厦门市")
    table, _ = trends.cite(table, study.sources, lang)
    assert faults(figures.dot_range(table, book, lang=lang)) == []
    for by, chosen in (
        ("indicator_id", {"regions": ["全国"]}),
        ("region", {"years": [2020, 2024]}),
    ):
        known = trends.known(study.indicators, book, by=by, **chosen)  # type: ignore[arg-type]
        assert faults(figures.known_missing(known, book, lang=lang)) == []


def test_growth_is_joined_over_consecutive_comparable_years_only(study: gb.Study) -> None:
    lines = [line.get_xdata() for line in growth(study).lines if line.get_marker() == "None"]
    joined = {tuple(map(int, years)) for years in lines if len(set(years)) == 2 and years[0] > 1900}
    assert {(2005, 2006), (2017, 2018), (2020, 2021)} <= joined
    assert not {(1992, 1993), (2006, 2007), (2006, 2008), (2018, 2020)} & joined


def test_a_target_is_a_short_line_a_range_a_bar_and_a_missed_one_crossed(study: gb.Study) -> None:
    axes = growth(study)
    marks = {
        marker: {
            (int(line.get_xdata()[0]), float(line.get_ydata()[0]))
            for line in axes.lines
            if line.get_marker() == marker
        }
        for marker in ("_", "x")
    }
    assert {(2014, 7.5), (2016, 6.5), (2016, 7), (2025, 5)} <= marks["_"]
    assert marks["x"] == {(1998, 8), (2022, 5.5)}
    bars = {(round(bar.get_x() + 0.3), bar.get_y(), bar.get_height()) for bar in axes.patches}
    assert bars == {(1995, 8, 1), (2016, 6.5, 0.5), (2019, 6, 0.5)}


def test_one_axis_has_one_unit(study: gb.Study) -> None:
    drawn = figures.target_outcome(planned(study, only=["grain_output"]), study.indicator_codebook)
    units = [axes.get_title(loc="left") for axes in drawn.axes if axes.get_visible()]
    assert units == [f"粮食产量（{unit}）" for unit in ("亿斤", "万吨", "亿公斤", "亿吨", "万亿斤")]


def test_large_numbers_are_said_in_words() -> None:
    assert scale(pd.Series([134_900_000_000_000.0]), "zh") == (1e12, "万亿")
    assert scale(pd.Series([12_560_000.0]), "zh") == (1e4, "万")
    assert scale(pd.Series([12_560_000.0]), "en") == (1e6, "million ")
    assert scale(pd.Series([39_129.0]), "zh") == (1.0, "")
    assert rounded(134_912_345_678_901.0, 1e12) == "134.9"
    assert (rounded(39_129.0, 1), rounded(4.02, 1), rounded(1 / 3, 1)) == (
        "39,129",
        "4.02",
        "0.3333",
    )


def test_dots_are_ranked_and_the_band_spans_the_comparable_ones(study: gb.Study) -> None:
    book = study.indicator_codebook
    table = trends.in_year(
        study.indicators, book, year=2024, region="厦门市", only=["npcsc_meetings"]
    )
    axes = figures.dot_range(table, book).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["1  厦门市", "2  上海市", "3  重庆市", "4  山东省", "杭州市"]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [11, 9, 7, 6, 10]
    assert [dot.get_markerfacecolor() for dot in dots[::4]] == [MAIN, "white"]
    (band,) = axes.patches
    assert (band.get_x(), band.get_width(), band.get_height()) == (6, 5, 4)


def test_every_cell_is_drawn_and_what_is_missing_stays_white(study: gb.Study) -> None:
    book = study.indicator_codebook
    table = trends.known(study.indicators, book, regions=["全国"], only=["gdp_growth"])
    axes = figures.known_missing(table, book).axes[0]
    assert len(axes.patches) == len(table) == 2025 - 1991 + 1
    filled = [patch.get_facecolor()[:3] != (1, 1, 1) for patch in axes.patches]
    assert sum(filled) == 28


def test_empty_tables_give_figures_that_say_so(faults: Faults, study: gb.Study) -> None:
    book = study.indicator_codebook
    drawn: list[Figure] = [
        figures.target_outcome(planned(study, regions=["厦门市"]), book),
        figures.dot_range(trends.in_year(study.indicators, book, year=1900), book),
        figures.known_missing(trends.known(study.indicators, book, regions=["无市"]), book),
    ]
    for figure in drawn:
        assert faults(figure) == []
        assert figure.texts[0].get_text()

"""Figures of panels: targets, many regions, what is known; legible with decades of points."""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import analysis as gb
from analysis import bundle, figures
from analysis.figures.labels import rounded, scale
from analysis.figures.look import ACCENT, MAIN, inked, preset_of
from analysis.figures.marks import HOLLOW
from analysis.figures.settle import MOVABLE
from analysis.indicators import trends
from analysis.kit import InputError

Faults = Callable[[Figure], list[str]]


def planned(study: gb.Study, lang: str = "zh", **options: object) -> pd.DataFrame:
    chosen = {"regions": ["全国"], **options}
    panel = trends.planned(study.indicators.table, study.indicator_codebook, **chosen)  # type: ignore[arg-type]
    return trends.cite(panel, study.sources, lang)[0]


def growth(study: gb.Study) -> Axes:
    panel = planned(study, only=["gdp_growth"])
    return figures.target_outcome(panel, study.indicator_codebook).axes[0]


QUICK = {("en-journal", "zh")}
LOOKS = [
    pytest.param({"lang": lang, "preset": preset}, id=f"{preset}-{lang}", marks=mark)
    for preset, lang in product(figures.PRESETS, ("zh", "en"))
    for mark in ([] if (preset, lang) in QUICK else [pytest.mark.slow],)
]


def over_time(study: gb.Study, look: dict[str, str]) -> Iterator[Figure]:
    """Series and targets: of decades, of a few years, of one indicator, in many units."""
    book, lang = study.indicator_codebook, look["lang"]
    yield figures.target_outcome(planned(study, lang), book, **look)
    one = planned(study, lang, only=["grain_output"], years=range(2010, 2026))
    yield figures.target_outcome(one, book, **look)
    for region in ("全国", "厦门市", "深圳市"):
        panel = trends.panel(study.indicators.table, book, regions=[region], peers_in=[2022])
        yield figures.metric_trend(trends.cite(panel, study.sources, lang)[0], book, **look)


def of_regions(study: gb.Study, look: dict[str, str]) -> Iterator[Figure]:
    """Ranked regions of a year, and what is known by indicator and by region."""
    book, lang = study.indicator_codebook, look["lang"]
    table = trends.in_year(study.indicators.table, book, year=2024, region="厦门市")
    yield figures.dot_range(trends.cite(table, study.sources, lang)[0], book, **look)
    chosen: dict[str, dict[str, Any]] = {
        "indicator_id": {"regions": ["全国"]},
        "region": {"years": [2020, 2024]},
    }
    for by, which in chosen.items():
        known = trends.known(study.indicators.table, book, by=by, **which)
        yield figures.known_missing(known, book, **look)


def crossed(figure: Figure) -> list[str]:
    """Labels of a settled figure that a line, an arrow or a mark of their axes runs through."""
    with warnings.catch_warnings(), figures.style(preset_of(figure)):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    found = []
    for axes in figure.axes:
        paths = [line.get_transform().transform_path(line.get_path()) for line in axes.lines]
        arrows = [one for one in axes.texts if getattr(one, "arrow_patch", None) is not None]
        paths += [arrow.arrow_patch.get_path() for arrow in arrows]
        for label in axes.texts:
            if label.get_text() and label.get_visible() and label.get_gid() == MOVABLE:
                box = label.get_window_extent(canvas.get_renderer()).padded(-0.5)
                if any(path.intersects_bbox(box, filled=False) for path in paths):
                    found.append(label.get_text())
    return found


@pytest.mark.parametrize("look", LOOKS)
def test_labels_over_time_are_clear_of_each_other_of_lines_and_arrows(
    faults: Faults, study: gb.Study, look: dict[str, str]
) -> None:
    for figure in over_time(study, look):
        assert faults(figure) == []
        assert crossed(figure) == []


@pytest.mark.parametrize("look", LOOKS)
def test_no_label_of_many_regions_is_clipped_or_covered(
    faults: Faults, study: gb.Study, look: dict[str, str]
) -> None:
    for figure in of_regions(study, look):
        assert faults(figure) == []


def test_a_label_that_is_crossed_is_found(study: gb.Study) -> None:
    panel = planned(study, only=["gdp_growth"])
    figure = figures.target_outcome(panel, study.indicator_codebook)
    figures.sign(figure, "")
    assert crossed(figure) == []
    row = panel[panel["joined"]].iloc[0]
    middle = (row["year"] - 0.5, row["value"] - row["change"] / 2)
    figure.axes[0].annotate("here", middle, ha="center", va="center", gid=MOVABLE)
    assert crossed(figure) == ["here"]


def test_every_figure_of_a_small_panel_is_labelled(study: gb.Study) -> None:
    panel = trends.panel(study.indicators.table, study.indicator_codebook, regions=["厦门市"])
    panel, _ = trends.cite(panel, study.sources)
    figure = figures.metric_trend(panel, study.indicator_codebook)
    figures.sign(figure, "")
    labels = [one for axes in figure.axes for one in axes.texts if one.get_gid()]
    assert all(one.get_visible() for one in labels)
    assert len(labels) == len(panel)
    assert not any("[" in one.get_text() for one in labels)  # of ten sources none is numbered


def test_lone_figures_are_listed_with_definition_and_unit(study: gb.Study) -> None:
    panel = trends.panel(study.indicators.table, study.indicator_codebook, regions=["厦门市"])
    panel, _ = trends.cite(panel, study.sources)
    figure = figures.metric_trend(panel, study.indicator_codebook)
    (listed,) = (axes for axes in figure.axes if axes.get_title(loc="left") == "只有一个数字")
    said = ["".join(text.get_text().split()) for text in listed.texts]
    kinds = panel.groupby(["indicator_id", "common_unit"])["value"].size()
    assert len(said) == (kinds == 1).sum()
    assert any(one.startswith("主动公开政府信息，年末累计·2016:39,129条") for one in said)


def test_a_target_of_a_plan_is_a_star_with_its_name(study: gb.Study) -> None:
    panel = planned(study, only=["grain_output"])
    figure = figures.target_outcome(panel, study.indicator_codebook)
    stars = {
        (int(line.get_xdata()[0]), float(line.get_ydata()[0]), line.get_markerfacecolor())
        for axes in figure.axes
        for line in axes.lines
        if line.get_marker() == "*"
    }
    # 36000 万吨, 4.75 亿吨 and 5000 亿公斤 in 亿斤, of which one is 5 万吨 and half a 亿公斤
    wanted = [(1957, 3856), (1985, 7200), (1985, 8000), (1997, 9500), (2000, 10000)]
    assert stars == {(*place, "white") for place in wanted}  # none of them is judged
    labels = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert sum(label.startswith("规划末年") for label in labels) == 4
    assert sum(label.startswith("十年规划 8,000") for label in labels) == 1
    assert "规划末年的目标" in signs(figure)
    growing = planned(study, only=["gdp_growth"])
    assert "规划末年的目标" not in signs(figures.target_outcome(growing, study.indicator_codebook))


def signs(figure: Figure) -> list[str]:
    return [one.get_text() for one in figure.legends[0].get_texts()]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_strip_and_the_message_count_the_verdicts(study: gb.Study, lang: str) -> None:
    panel = planned(study, lang)
    figure = figures.target_outcome(panel, study.indicator_codebook, lang=lang)
    aims = panel[panel["role"] == "target"]
    met, missed = (int((aims["verdict"] == one).sum()) for one in ("met", "missed"))
    numbers = re.findall(r"\d+", figure.legends[0].get_title().get_text())
    assert [*map(int, numbers)] == [len(aims), met, missed, len(aims) - met - missed]
    squares = [box for axes in figure.axes for one in axes.child_axes for box in one.patches]
    fills = Counter(to_hex(box.get_facecolor()) for box in squares)
    assert sorted(fills.values()) == sorted([met, missed, len(aims) - met - missed])
    crossed = [box for box in squares if box.get_hatch()]
    assert len(crossed) == missed
    years = {axes.get_xlim() for axes in figure.axes if axes.get_visible()}
    assert len(years) == 1


def test_a_label_keeps_apart_from_marks_of_other_figures(study: gb.Study) -> None:
    """Where a place that does so was free, the label stands there: here it always was."""
    figure = figures.target_outcome(
        planned(study, only=["deficit_ratio"]), study.indicator_codebook
    )
    figures.sign(figure, "")
    renderer = FigureCanvasAgg(figure).get_renderer()
    (axes,) = (one for one in figure.axes if one.get_visible())
    dots = [axes.transData.transform(line.get_xydata()[0]) for line in axes.lines]
    shown = [one for one in axes.texts if one.get_gid() == MOVABLE and one.get_visible()]
    assert shown
    for text in shown:
        box, own = text.get_window_extent(renderer).padded(5.5), axes.transData.transform(text.xy)
        others = [dot for dot in dots if abs(dot - own).max() > 1]
        assert not any(box.contains(*dot) for dot in others), text.get_text()


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
        for marker in ("_", "x", HOLLOW)
    }
    assert {(2014, 7.5), (2016, 6.5), (2016, 7)} <= marks["_"]
    assert {(1993, 8), (1999, 7), (2019, 6), (2025, 5)} <= marks[HOLLOW]
    assert not marks["_"] & marks[HOLLOW]
    assert marks["x"] == {(1998, 8), (2022, 5.5)}
    bars = {(round(bar.get_x() + 0.3), bar.get_y(), bar.get_height()) for bar in axes.patches}
    assert bars == {(1995, 8, 1), (2016, 6.5, 0.5), (2019, 6, 0.5)}


def test_one_axis_has_one_unit(study: gb.Study) -> None:
    drawn = figures.target_outcome(planned(study, only=["grain_output"]), study.indicator_codebook)
    units = [axes.get_title(loc="left") for axes in drawn.axes if axes.get_visible()]
    assert units == ["粮食产量（亿斤）"]  # five units of weight, which convert exactly


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
    of = {"year": 2024, "region": "厦门市", "only": ["npcsc_meetings"]}
    alone = figures.dot_range(trends.in_year(study.indicators.table, book, **of), book).axes[0]
    names = [label.get_text() for label in alone.get_yticklabels()]
    assert names == [
        "厦门市",
        "杭州市",
        "上海市",
        "重庆市",
        "山东省",
    ]  # one city that is comparable
    assert not alone.patches
    named = trends.in_year(study.indicators.table, book, **of, among=names)
    axes = figures.dot_range(named, book).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["1  厦门市", "2  上海市", "3  重庆市", "4  山东省", "杭州市"]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == [11, 9, 7, 6, 10]
    assert [dot.get_markerfacecolor() for dot in dots[::4]] == [MAIN, "white"]
    (band,) = axes.patches
    assert (band.get_x(), band.get_width(), band.get_height()) == (6, 5, 4)


def test_every_cell_is_drawn_and_what_is_missing_stays_white(study: gb.Study) -> None:
    book = study.indicator_codebook
    table = trends.known(study.indicators.table, book, regions=["全国"], only=["gdp_growth"])
    axes = figures.known_missing(table, book).axes[0]
    assert len(axes.patches) == len(table) == 2025 - 1991 + 1
    filled = [patch.get_facecolor()[:3] != (1, 1, 1) for patch in axes.patches]
    assert sum(filled) == 28


def test_empty_tables_give_figures_that_say_so(faults: Faults, study: gb.Study) -> None:
    book = study.indicator_codebook
    drawn: list[Figure] = [
        figures.target_outcome(planned(study, regions=["厦门市"]), book),
        figures.dot_range(trends.in_year(study.indicators.table, book, year=1900), book),
        figures.known_missing(trends.known(study.indicators.table, book, regions=["无市"]), book),
    ]
    for figure in drawn:
        assert faults(figure) == []
        assert figure.texts[0].get_text()


def test_panels_of_one_rate_have_one_axis_of_values(study: gb.Study) -> None:
    known = study.indicators.table
    first = known[(known["indicator_id"] == "gdp_growth") & (known["measure_kind"] != "target")]
    first = first[first["period"].isin(["2020", "2021"])].drop_duplicates("period")
    both = pd.concat([first.assign(region="甲省"), first.assign(region="乙省", value=30.0)])
    panel = trends.panel(both, study.indicator_codebook, regions=["甲省", "乙省"], peers_in=[])
    panel = trends.cite(panel, study.sources, "zh")[0]
    one, other = figures.metric_trend(panel, study.indicator_codebook).axes[:2]
    assert one.get_ylim() == other.get_ylim()
    assert one.get_ylim()[1] > 30


@pytest.mark.parametrize(("kind", "most", "whole"), [("series", 15, 24), ("indicator", 6, 12)])
def test_of_many_series_a_page_is_drawn_and_figure_and_caption_say_so(
    study: gb.Study, tmp_path: Path, faults: Faults, kind: str, most: int, whole: int
) -> None:
    """Three columns of five series, 40 mm high; two of three indicators, 14 + 10 × 4.2 mm."""
    book, known = study.indicator_codebook, study.indicators.table
    first = known[(known["indicator_id"] == "gdp_growth") & (known["measure_kind"] != "target")]
    first = first[first["period"].isin(["2020", "2021"])].drop_duplicates("period")
    if kind == "series":
        regions = [f"某{at:02}省" for at in range(24)]
        figures_of = pd.concat([first.assign(region=region) for region in regions])
        panel = trends.panel(figures_of, book, regions=regions, peers_in=[])
        name, draw = "metric_trend", figures.metric_trend
    else:
        ids = [one for one in book.indicators if not book.indicators[one].per][:12]
        rows = [
            first[:1].assign(region=f"某{at:02}省", indicator_id=one, unit="%")
            for at, one in product(range(10), ids)
        ]
        panel = trends.in_year(pd.concat(rows), book, year=int(first["year"].iloc[0]))
        name, draw = "dot_range", figures.dot_range
    panel = trends.cite(panel, study.sources, "en")[0]
    figure = draw(panel, book, lang="en")
    said = f"the first {most} of {whole} indicators; the other {whole - most}: supplementary table"
    if kind == "series":
        said = f"page 1 of 2: series 1–{most} of {whole}"
        second = draw(panel, book, lang="en", page=2)
        assert len([axes for axes in second.axes if axes.get_visible()]) == whole - most
        with pytest.raises(InputError, match="no page 3; 24 fill 2"):
            draw(panel, book, page=3)
    assert figure.get_figheight() * 25.4 <= 240
    assert len([axes for axes in figure.axes if axes.get_visible()]) == most
    foot = figure.foot.get_text() if figure.foot else figure.get_suptitle()
    assert said in foot.replace("\n", " ").replace("Page", "page")
    made = bundle.write(
        name, figure, data=panel, hits=panel, provenance=study.provenance({}), out=tmp_path
    )
    assert f"In the picture: {said}" in (made.path / "caption.en.txt").read_text("utf-8")
    assert faults(draw(panel, book, lang="en")) == []


def test_years_of_which_nothing_is_known_are_a_break_that_is_said(study: gb.Study) -> None:
    """Xiamen 2022: figures of 2014 to 2016 and from 2019 on; nothing of 2017 and 2018."""
    found = study.indicators.known()
    held = set(found.table.loc[found.table["state"] != "missing", "year"])
    assert held == {*range(2014, 2025)} - {2017, 2018}
    figure = found.figure(lang="en")
    (axes,) = figure.axes
    names = [one.get_text() for one in axes.get_xticklabels()]
    ticks = dict(zip(names, axes.get_xticks(), strict=True))
    assert set(ticks) == set(map(str, held))
    steps = [ticks[str(year)] - ticks[str(year - 1)] for year in (2015, 2016, 2020, 2024)]
    assert steps == pytest.approx([1, 1, 1, 1])
    assert ticks["2019"] - ticks["2016"] > 1
    said = " ".join(axes.get_xlabel().split())
    assert "break: years without any figure or target (2017–2018)" in said
    strokes = [line for line in axes.lines if 2 < line.get_xdata().mean() < ticks["2019"]]
    assert len([line for line in strokes if len(set(line.get_xdata())) == 2]) == 2
    every = figures.known_missing(found.table, study.indicator_codebook, lang="en")
    assert "break" not in every.axes[0].get_xlabel()
    assert "2017" in [one.get_text() for one in every.axes[0].get_xticklabels()]


def test_few_sources_beside_the_reports_have_numbers_at_marks_and_in_the_line(
    study: gb.Study,
) -> None:
    found = study.indicators.comparison()
    figure: Any = found.figure(lang="en")
    of = found.table.set_index("source_no")
    others = {int(no) for no in of.index[of["report_id"] == ""]}
    assert figure.numbered == others == {2, 3, 4}
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert {int(no) for one in said for no in re.findall(r"\[(\d+)\]", one)} == others
    record = {"options": {"lang": "en"}, "reports": study.reports.to_dict("records")}
    record |= {"cited": found._cited["en"]}
    line = bundle.sources.line(record, figure.sources, figure.numbered)
    assert line.startswith("Source: report on law-based government of Xiamen on 2022; [2] ")
    assert line.count("[") == 3
    assert "m.21st-hr.com (mirror)" in line
    many: Any = study.indicators.trend().figure(lang="en")  # ten others
    assert many.numbered == frozenset()
    line = bundle.sources.line(record | {"cited": study.indicators.trend()._cited["en"]})
    assert "10 public sources (People's Government of Xiamen 5" in line
    assert "[" not in line


def test_narrow_outcomes_stand_in_columns_in_their_colour_and_zeros_too() -> None:
    rows = [("甲省", "figure_met", 3, 200), ("甲省", "figure_missed", 2, 200)]
    rows += [("甲省", "undecided", 195, 200), ("乙省", "figure_met", 1, 100)]
    rows += [("乙省", "undecided", 99, 100)]
    table = pd.DataFrame(rows, columns=["region", "standing", "n", "N_commitments"])
    table["share"] = table["n"] / table["N_commitments"]
    figure = figures.commitments(table, "region", {}, lang="en")
    (axes,) = figure.axes
    with figures.style(preset_of(figure)):
        cells = {
            (text.get_text(), to_hex(text.get_color()), text.xy[1])
            for text in axes.texts
            if hasattr(text, "xy")
        }
        blue, orange = (to_hex(inked(one)) for one in (MAIN, ACCENT))
    assert {("3", blue, 0), ("2", orange, 0), ("1", blue, 1), ("0", orange, 1)} <= cells
    assert {(head, color) for head, color, at in cells if at < 0} == {
        ("met", blue),
        ("missed", orange),
    }
    assert [text.get_text() for text in axes.texts if not hasattr(text, "xy")] == ["195", "99"]
    assert not any(bar.get_hatch() for bar in axes.patches)

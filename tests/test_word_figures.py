"""Figures of words and themes: legible with few and many rows, every mark equal to its table."""

import hashlib
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

import analysis as gb
from analysis import bundle, figures, themes
from analysis.figures.gloss import Glosses, glossing, word_in
from analysis.figures.look import DEEP, MAIN, blended, contrast, ink_on, style
from analysis.words import Counts, collocations, keywords

Faults = Callable[[Figure], list[str]]
LONG = ["法治政府建设", "行政规范性文件合法性审核", "12345热线", "推进", "落实"]
QUICK = {("en-journal", "zh")}
"""Presets and languages of the quick tests; `make test-all` draws all."""

LABELS = {
    "zh": "参照：2026年省级政府工作报告24份与2013–2025年全国政府工作报告12份，共 654,321 词",
    "en": "24 provincial government work reports of 2026 and 12 national ones of 2013–2025",
}


def words(count: int) -> list[str]:
    return (LONG + [f"词语{number}" for number in range(100)])[:count]


def frequency(count: int, *, sample: bool) -> pd.DataFrame:
    n = np.array([3 * count - 2 * at for at in range(count)])
    table = pd.DataFrame({"key": words(count), "n": n, "N_chars": 30_000, "rate": n / 3})
    table = table.assign(lo=table["rate"] * 0.8, hi=table["rate"] * 1.3)
    if not sample:
        table[["lo", "hi"]] = np.nan
    spread = {"parts": 24, "parts_are": "reports" if sample else "sections", "reports": 7}
    return table.assign(**spread, sections=9, dp_norm=np.linspace(0, 1, count))


def compared(count: int, *, sample: bool) -> pd.DataFrame:
    """Half of the words more frequent in the target, one on each side in one text only."""
    ratio = np.linspace(6, -5, count) if count > 1 else np.array([3.0])
    table = pd.DataFrame({"key": words(count), "n": 12, "n_reference": 345})
    table = table.assign(N_tokens=3_000, N_tokens_reference=400_000, g2=ratio * 20)
    table = table.assign(p_adjusted=0.012 if sample else np.nan, log_ratio_smoothed=ratio)
    table["log_ratio"] = [math.inf, *ratio[1:-1], -math.inf][:count]
    table["lo"], table["hi"] = (ratio - 1, ratio + 1) if sample else (np.nan, np.nan)
    return table


def national(keys: tuple[str, ...] = ("法治", "法制")) -> pd.DataFrame:
    """Made-up rates of reports in 1986–88, 1992, 1995 and 1997."""
    years = [1986, 1987, 1988, 1992, 1995, 1997]
    rows = [("全国", year, key, year % 7 + at) for year in years for at, key in enumerate(keys)]
    return pd.DataFrame(rows, columns=["region", "published", "key", "rate"])


def covered(study: gb.Study, by: str, values: list[object]) -> pd.DataFrame:
    own = themes.coverage(study.codings, study.sentences, study.codebook)
    return pd.concat([own.assign(**{by: value}) for value in values], ignore_index=True)


def pairs(study: gb.Study) -> pd.DataFrame:
    table = keywords.frequency(Counts.of(study.terms, study.sentences))
    top = keywords.top(table, 40, stopwords=study.stopwords)
    return collocations.network(study.terms, list(top["key"]), span=None)


def word_figures(study: gb.Study, look: dict[str, str]) -> Iterator[Figure]:
    for count in (1, 3, 40):
        for sample in (True, False):
            yield figures.top_terms(frequency(count, sample=sample), **look)
            table = compared(count, sample=sample)
            yield figures.keyness_plot(table, LABELS[look["lang"]], LABELS[look["lang"]], **look)
        yield figures.word_cloud(frequency(count, sample=True), **look)
        reports = [f"新疆维吾尔自治区{at}" for at in range(24)]
        rows = [(key, at, 3, 900, 33.3) for at in reports for key in words(count)]
        columns = ["key", "report_id", "n", "N_chars", "rate"]
        yield figures.term_sections(pd.DataFrame(rows, columns=columns), **look)
    shown = ["法治", "推进", "人才"]
    places = keywords.places(study.terms, study.sentences, shown).assign(dp_norm=0.25)
    edges = {"xiamen-2022": [0, 0.3, 0.8]}
    yield figures.dispersion_plot(places, edges=edges, **look)
    one = places[places["key"] == "法治"]
    many = pd.concat([one.assign(report_id=f"r{at}", length=3000 + at) for at in range(24)])
    yield figures.dispersion_plot(many, names={"r3": "新疆维吾尔自治区"}, **look)
    yield figures.collocation_network(pairs(study), **look)
    yield figures.collocation_network(pairs(study)[:1], **look)
    yield figures.rates_over_time(national(), **look)
    yield figures.rates_over_time(national(tuple(words(6))), {LONG[3]: "Advance"}, **look)
    regions = [national().assign(region=name) for name in ("厦门市", "福州市", "泉州市", "漳州市")]
    yield figures.rates_over_time(pd.concat(regions), **look)


def theme_figures(study: gb.Study, look: dict[str, str]) -> Iterator[Figure]:
    names, book = study.codebook.names(look["lang"]), study.codebook
    own = themes.coverage(study.codings, study.sentences, book)
    errors = pd.DataFrame({"theme": own["theme"], "n_hand": 9, "precision": 0.9, "recall": 0.6})
    errors.loc[2:3, ["n_hand", "precision", "recall"]] = [3, np.nan, np.nan]
    interval = own.assign(lo=own["share"] * 0.7, hi=own["share"] * 1.4)
    yield figures.theme_coverage(interval, names, **look)
    yield figures.theme_coverage(interval, names, errors=errors, **look)
    flow = themes.flow(study.codings, study.sentences)
    several = [flow.assign(report_id=one) for one in ("上海市", "新疆维吾尔自治区")]
    yield figures.theme_flow(flow, names, edges={"xiamen-2022": [0.3]}, **look)
    yield figures.theme_flow(pd.concat(several), names, **look)
    years = covered(study, "year", [2012, 2013, 2016])
    yield figures.theme_years(years.assign(region="全国"), names, **look)
    long = covered(study, "year", [1954, 1978, 2025])
    yield figures.theme_years(long.assign(region="全国"), names, **look)
    places = covered(study, "region", [f"新疆维吾尔自治区{at}" for at in range(24)])
    yield figures.theme_years(places.assign(year=2026), names, **look)
    reports = places.rename(columns={"region": "report_id"})
    order = ["report_id", *(name for name in reports if name != "report_id")]
    yield figures.theme_sections(reports[order], names, **look)
    together = themes.cooccurrence(study.codings, study.sentences, book)
    yield figures.theme_cooccurrence(together, names, **look)
    yield study.themes.cross("topics").figure(**look)


def reuse_figures(study: gb.Study, look: dict[str, str]) -> Iterator[Figure]:
    made = study.reuse()
    yield made.shares("section").figure(**look)
    yield made.diffusion("法治").figure(**look)
    regions = [f"新疆维吾尔自治区{at}" for at in range(32)]
    told = [(one, other, at % 9 + 1) for at, one in enumerate(regions) for other in regions]
    matrix = pd.DataFrame(told, columns=["region", "source_region", "n"])
    yield figures.reuse_matrix(matrix, **look)
    yield figures.reuse_matrix(matrix.head(2), **look)
    first = pd.DataFrame({"region": regions, "at": range(1994, 2026), "n_before": range(32)})
    first = first.assign(level=["nation", "province", "city", "county"] * 8, N_regions=90)
    first["n_neighbours"] = first["n_before"] % 2
    yield figures.reuse_diffusion(first, "一个很长的说法，" * 9, **look)
    shares = made.shares("region").table
    many = pd.concat([shares.assign(region=one, share=0.2) for one in regions])
    yield figures.reuse_shares(many, **look)


def small(figure: Figure) -> list[str]:
    """Texts below 6 points."""
    drawn = [text for text in figure.findobj(Text) if text.get_visible()]
    return [text.get_text() for text in drawn if text.get_text().strip() and text.get_size() < 5.99]


LOOKS = [
    pytest.param({"lang": lang, "preset": preset}, id=f"{preset}-{lang}", marks=mark)
    for preset, lang in product(figures.PRESETS, ("zh", "en"))
    for mark in ([] if (preset, lang) in QUICK else [pytest.mark.slow],)
]


@pytest.mark.parametrize("look", LOOKS)
def test_no_label_of_the_figures_of_words_is_clipped_or_covered(
    faults: Faults, study: gb.Study, look: dict[str, str]
) -> None:
    assert [found for one in word_figures(study, look) if (found := faults(one) + small(one))] == []


@pytest.mark.parametrize("look", LOOKS)
def test_no_label_of_the_figures_of_themes_is_clipped_or_covered(
    faults: Faults, study: gb.Study, look: dict[str, str]
) -> None:
    assert [
        found
        for of in (theme_figures, reuse_figures)
        for one in of(study, look)
        if (found := faults(one) + small(one))
    ] == []


def test_the_faults_are_found(faults: Faults) -> None:
    figure = figures.rates_over_time(national())
    with figures.style():
        figure.axes[0].annotate("法治", (1987, 3))
        figure.axes[0].annotate("法制", (1987, 3.01))
        figure.text(0.95, 0.97, "leaves the canvas")
        figure.text(0.7, 0.97, "small", size=5)
        bar = figure.axes[0].inset_axes((0.1, 0.8, 0.3, 0.1), xticks=[], yticks=[])
        bar.text(0.5, 0.5, "on a bar", ha="center", va="center")
    assert small(figure) == ["small"]
    found = faults(figure)
    assert len(found) == 4
    assert "'on a bar' lies on a bar of shades" in found


def test_an_interval_and_a_dot_stand_where_the_table_says_and_a_census_has_no_interval() -> None:
    table = frequency(3, sample=True)
    bars, dots = figures.top_terms(table).axes
    ends = {tuple(line.get_xdata()) for line in bars.lines}
    assert ends == set(zip(table["lo"], table["hi"], strict=True))
    assert [line.get_xdata()[0] for line in dots.lines if line.get_marker() == "o"] == [0, 0.5, 1]
    assert {text.get_text() for text in dots.texts} == {"7"}  # reports, not sections
    assert not figures.top_terms(frequency(3, sample=False)).axes[0].lines


def test_a_bar_of_keyness_is_the_smoothed_ratio_and_has_no_end_where_that_is_infinite() -> None:
    table = compared(4, sample=False)
    axes = figures.keyness_plot(table, "甲", "乙").axes[0]
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    ratios = table["log_ratio_smoothed"].tolist()
    infinite = [0, 3]
    assert [bar.get_alpha() is not None for bar in bars] == [at in infinite for at in range(4)]
    assert [bars[at].get_width() for at in (1, 2)] == [ratios[at] for at in (1, 2)]
    for at in infinite:  # further than any bar of its side, with a tip there
        same = [abs(one) for one in ratios if one * ratios[at] > 0]
        assert abs(bars[at].get_width()) > max(same)
        assert bars[at].get_width() * ratios[at] > 0
    tips = {line.get_ydata()[0]: line for line in axes.lines if line.get_marker() in "<>"}
    assert set(tips) == {*infinite}
    assert all(tips[at].get_xdata()[0] == bars[at].get_width() for at in infinite)
    said = [text.get_text() for text in axes.texts if "G²" in text.get_text()]
    assert [text.startswith("∞") for text in said] == [True, False, False, True]
    assert said[1] == "G² 46.7  (12 : 345)"
    assert (
        " p 0.012 "
        in figures.keyness_plot(compared(4, sample=True), "", "").axes[0].texts[0].get_text()
    )


def test_years_without_a_report_are_gaps_on_grey() -> None:
    axes = figures.rates_over_time(national()).axes[0]
    line = next(line for line in axes.lines if len(line.get_xdata()) == 12)
    values = dict(zip(line.get_xdata(), line.get_ydata(), strict=True))
    assert [year for year, value in values.items() if np.isnan(value)] == [
        *(1989, 1990, 1991),
        *(1993, 1994, 1996),
    ]
    assert [values[year] for year in (1986, 1987, 1997)] == [5, 6, 2]
    grey = [(box.get_x() + 0.5, box.get_width()) for box in axes.patches]
    assert grey == [(1989, 3), (1993, 2), (1996, 1)]
    assert "1989–1991、1993–1994、1996" in axes.get_xlabel()


def test_reports_of_one_year_are_drawn_and_not_joined() -> None:
    table = pd.concat([national(("法治",)), national(("法治",)).iloc[1:2].assign(rate=9)])
    joined, *marks = figures.rates_over_time(table).axes[0].lines
    assert np.isnan(joined.get_ydata()[1])
    drawn = [mark.get_ydata()[0] for mark in marks if list(mark.get_xdata()) == [1987]]
    assert sorted(drawn) == [6, 9]


def test_many_terms_and_reports_share_lines_and_the_axis_says_so(faults: Faults) -> None:
    rows = [
        (f"词语{key:02}", f"r{report:02}", report / 30, 3000 + report)
        for key in range(62)
        for report in range(24 - key // 4)
    ]
    table = pd.DataFrame(rows, columns=["key", "report_id", "place", "length"])
    figure = figures.dispersion_plot(table, lang="en")
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        f"词语{key:02}" for key in range(40)
    ]
    ticks = [line for line in axes.lines if line.get_marker() == "|"]
    assert len(ticks) == sum(24 - key // 4 for key in range(40))
    assert [line.get_xdata()[0] for line in ticks[24:48]] == list(table.loc[24:47, "place"] * 100)
    said = axes.get_xlabel().replace("\n", " ")
    assert "one term in all reports" in said
    assert "the 40 most frequent of 62 terms" in said
    few = figures.dispersion_plot(table[table["key"] == "词语00"]).axes[0]
    assert len(few.get_yticklabels()) == 24
    assert faults(figure) == []


@pytest.mark.parametrize(("by", "most"), [("report_id", 18), ("region", 12), ("rows", 40)])
def test_of_many_reports_the_first_are_drawn_and_figure_and_caption_say_so(
    by: str, most: int, study: gb.Study, tmp_path: Path
) -> None:
    flow = themes.flow(study.codings, study.sentences)[:20]
    names = study.codebook.names("en")
    if by == "report_id":
        table = pd.concat([flow.assign(report_id=f"r{at:02}") for at in range(24)])
        draw, name = figures.theme_flow, "theme_flow"
    elif by == "region":
        two = covered(study, "year", [2012, 2013])
        table = pd.concat([two.assign(region=f"r{at:02}") for at in range(14)])
        draw, name = figures.theme_years, "theme_years"
    else:
        table = covered(study, "report_id", [f"r{at:02}" for at in range(64)])
        table = table[["report_id", "theme", "n", "N_sentences", "share"]]
        draw, name = figures.theme_sections, "theme_sections"
    whole = {"rows": 64, "report_id": 24, "region": 14}[by]
    figure = draw(table, names, lang="en")
    # A page holds it: blocks of 5 themes are 23.5 mm high, in two columns; those of 11 themes
    # 45.4, in three.
    assert figure.get_figheight() * 25.4 <= 240
    blocks = [axes for axes in figure.axes if axes.patches]
    assert most == (len(blocks[0].get_yticklabels()) if by == "rows" else len(blocks))
    of = f"the first {most} of {whole} {'regions' if by == 'region' else 'reports'}"
    said = [figure.get_supxlabel(), *(axes.get_xlabel() for axes in figure.axes)]
    assert of in " ".join(said).replace("\n", " ")
    made = bundle.write(
        name, figure, data=table, hits=flow, provenance=study.provenance({}), out=tmp_path
    )
    assert f"In the picture: {of}" in (made.path / "caption.en.txt").read_text("utf-8")
    few = draw(table[table["report_id" if by == "rows" else by] == "r00"], names)
    assert "data.csv" not in few.axes[-1].get_xlabel()


def test_ticks_stand_at_the_places_of_the_hits(study: gb.Study) -> None:
    places = keywords.places(study.terms, study.sentences, ["人才", "法治"])
    axes = figures.dispersion_plot(places).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["法治", "人才"]
    ticks = [line for line in axes.lines if line.get_marker() == "|"]
    own = places.loc[places["key"] == "法治", "place"] * 100
    assert [tick.get_xdata()[0] for tick in ticks if tick.get_ydata()[0] == 0] == own.tolist()
    assert len(ticks) == len(places)


def test_a_sentence_is_as_wide_as_its_share_of_the_report(study: gb.Study) -> None:
    flow = themes.flow(study.codings, study.sentences)
    axes = figures.theme_flow(flow, study.codebook.names("zh")).axes[0]
    boxes = [(box.get_x(), box.get_x() + box.get_width()) for box in axes.patches]
    assert np.allclose(boxes, flow[["place", "end_place"]] * 100)


def test_the_shortest_sentence_is_seen_and_one_without_a_theme_is_a_plain_grey_box() -> None:
    rows = [("t1", "hits", 0.0, 0.5), ("t2", "hits", 0.5, 0.5001), ("none", "none", 0.6, 0.7)]
    table = pd.DataFrame(rows, columns=["theme", "rule_kind", "place", "end_place"])
    many = [table.assign(report_id=f"r{at}", sentence_id=f"r{at}:1") for at in range(40)]
    names = {"t1": "One", "t2": "Two", "none": "No theme"}
    for flow in (many[0], pd.concat(many, ignore_index=True)):
        figure = figures.theme_flow(flow, names, edges={"r0": [0.3]}, lang="en")
        figure.draw_without_rendering()
        axes = figure.axes[0]
        boxes = {box.get_gid().split()[2]: box for box in axes.patches}
        for box in boxes.values():
            wide = box.get_window_extent().width / figure.dpi * 72
            own = to_hex(box.get_edgecolor()) == to_hex(box.get_facecolor())
            assert wide + (1 if own else -1) * box.get_linewidth() >= 0.6
            assert box.get_hatch() is None
        assert to_hex(boxes["No"].get_facecolor()) == "#8c8c8c"
        (edge,) = [line for line in axes.lines if list(line.get_xdata()) == [30.0, 30.0]]
        assert edge.get_zorder() < min(box.get_zorder() for box in boxes.values())


def test_a_missing_year_is_hatched_and_cells_are_shaded_by_share(study: gb.Study) -> None:
    table = covered(study, "year", [2012, 2013, 2015]).assign(region="全国")
    axes = figures.theme_years(table, study.codebook.names("zh")).axes[0]
    (gap,) = [box for box in axes.patches if box.get_hatch() == "xxxx"]
    assert (gap.get_x() + 0.5, gap.get_height()) == (2, len(study.codebook.ids) + 1)
    assert {box.get_hatch() for box in axes.patches} == {None, "xxxx"}
    framed = [box for box in axes.patches if to_hex(box.get_edgecolor()) == "#8c8c8c"]
    none = table[(table["theme"] == themes.NONE) & (table["n"] > 0)]
    assert len(framed) == len(none) > 0  # plain, behind their number
    own = table[: len(study.codebook.ids)]
    shades = [box.get_facecolor()[3] for box in axes.patches[: len(own)]]
    most = own["share"].max()
    drawn = own["n"] > 0
    wanted = (own["share"] / most * DEEP)[drawn]
    assert np.allclose(np.array(shades)[drawn], wanted)


def test_topics_stand_in_the_order_of_their_sentences(study: gb.Study) -> None:
    primary = study.codings.merge(study.sentences[["sentence_id", "is_heading"]])
    counts = primary.loc[~primary["is_heading"], "primary_theme"].value_counts()
    table = study.themes.coverage().table
    assert table["n"].tolist() == [counts.get(theme, 0) for theme in table["theme"]]
    assert table["theme"].iloc[-1] == "none"
    assert table["n"].iloc[:-1].is_monotonic_decreasing
    names = {name: theme for theme, name in study.codebook.names("en").items()}
    axes = study.themes.sections().figure(lang="en").axes[0]
    columns = [names[label.get_text()] for label in axes.get_xticklabels()]
    held = [counts.get(theme, 0) for theme in columns if theme != "none"]
    assert held == sorted(held, reverse=True)
    assert columns[-1] == "none"
    assert "topics by their sentences, the most first" in axes.get_xlabel().replace("\n", " ")


def test_a_place_of_few_characters_has_no_shade_and_that_is_said() -> None:
    sizes = {"s1": 2000, "s2": 30, "s3": 700}
    rows = [(key, place, n, size, n / size * 10_000) for key, n in (("法治", 2), ("改革", 1))
            for place, size in sizes.items()]  # fmt: skip
    table = pd.DataFrame(rows, columns=["key", "section", "n", "N_chars", "rate"])
    axes = figures.term_sections(table, lang="en").axes[0]
    shades = {int(box.get_gid().split()[1]): box.get_facecolor()[3] for box in axes.patches}
    rates = [0 if row.N_chars < 500 else row.rate for row in table.itertuples()]
    assert [shades[at + 1] for at in range(6)] == pytest.approx(
        [DEEP * one / max(rates) for one in rates]
    )
    assert "fewer than 500 characters: no shade" in axes.get_xlabel().replace("\n", " ")
    axes = figures.term_sections(table[table["section"] == "s2"], lang="en").axes[0]
    assert [box.get_facecolor()[3] for box in axes.patches] == pytest.approx(
        [DEEP, DEEP / 2]
    )  # counts
    assert "no rates: each section has fewer than 500 characters" in axes.get_xlabel().replace(
        "\n", " "
    )


def test_many_hits_are_heights_that_add_up_to_them(faults: Faults) -> None:
    rng = np.random.default_rng(1)
    rows = [(f"r{at % 60}", "发展", one, 3000) for at, one in enumerate(rng.random(900) ** 2)]
    table = pd.DataFrame(rows, columns=["report_id", "key", "place", "length"])
    both = pd.concat([table, table.head(9).assign(key="改革")])
    figure = figures.dispersion_plot(both, lang="en")
    axes = figure.axes[0]
    bars = [bar for bar in axes.patches if isinstance(bar, Rectangle)]
    heights = {round(bar.get_x()): bar.get_height() for bar in bars if bar.get_y() < 0.5}
    counts = np.histogram(table["place"] * 100, bins=range(101))[0]
    assert heights == {
        at: pytest.approx(0.84 * n / counts.max()) for at, n in enumerate(counts) if n
    }
    assert f"(highest {counts.max()})" in axes.get_xlabel().replace("\n", " ")
    assert faults(figure) == []


def test_what_is_new_is_a_number_and_the_axis_ends_with_the_rest() -> None:
    kinds = {"formula": 0.08, "own": 0.02, "centre": 0.01, "other": 0.0, "unsure": 0.02}
    kinds["new"] = 0.87
    rows = [(region, origin, share * by, 1000) for region, by in (("甲", 1), ("乙", 0.5))
            for origin, share in kinds.items()]  # fmt: skip
    table = pd.DataFrame(rows, columns=["region", "origin", "share", "N_chars"])
    table.loc[table["origin"] == "new", "share"] = [0.87, 0.935]
    axes = figures.reuse_shares(table, lang="en").axes[0]
    ends = pd.Series([bar.get_x() + bar.get_width() for bar in axes.patches])
    assert ends.max() == pytest.approx(13)
    assert axes.get_xlim() == (0, 15)
    assert [text.get_text() for text in axes.texts] == ["87.0", "93.5", "new"]


def test_few_passages_are_told_and_no_cell_is_a_wall() -> None:
    pairs_ = [(f"甲{at}", f"乙{at % 3}", n) for at, n in enumerate([9, 8, 7, 3])]
    table = pd.DataFrame(pairs_, columns=["region", "source_region", "n"])
    figure = figures.reuse_matrix(table, lang="en")  # 27 passages
    axes = figure.axes[0]
    wide = axes.get_position().width * figure.get_figwidth() * 25.4 / np.diff(axes.get_xlim())[0]
    assert wide < 10
    told = figures.reuse_matrix(table.tail(2), lang="en").axes[0].texts  # 10 passages
    assert "10 passages only (2 pairs of regions)" in told[0].get_text()
    assert [text.get_text() for text in told[1:]] == [
        "甲2, after 乙2 had said it first: 7",
        "甲3, after 乙0 had said it first: 3",
    ]


@pytest.mark.parametrize("preset", ["en-journal", "zh-journal", "slides"])
def test_a_number_is_dark_on_every_shade_and_legible(preset: str) -> None:
    with style(preset):
        fills = [blended(MAIN, DEEP * step / 100) for step in range(101)]
        assert min(contrast(ink_on(fill), fill) for fill in fills) >= 4.5
        assert "white" not in {ink_on(fill) for fill in fills}
        assert ink_on("black") == "white"


def test_theme_pairs_stand_below_the_diagonal(study: gb.Study) -> None:
    table = themes.cooccurrence(study.codings, study.sentences, study.codebook)
    axes = figures.theme_cooccurrence(table, study.codebook.names("zh")).axes[0]
    counts = dict(zip(table["theme"], table["n_theme"], strict=True))
    counts |= dict(zip(table["other"], table["n_other"], strict=True))
    ids = sorted((one for one in study.codebook.ids if one in counts), key=lambda one: -counts[one])
    order = {theme: at for at, theme in enumerate(ids)}
    cells = {
        tuple(map(round, text.get_position())): int(text.get_text())
        for text in axes.texts
        if text.get_position()[0] != text.get_position()[1]
    }
    both = table[table["n"] > 0]
    assert cells == {
        tuple(sorted((order[theme], order[other]))): n
        for theme, other, n in zip(both["theme"], both["other"], both["n"], strict=True)
    }


def test_a_theme_with_few_hand_codes_shows_their_number_and_no_score(study: gb.Study) -> None:
    own = themes.coverage(study.codings, study.sentences, study.codebook)[:2]
    errors = own[["theme"]].assign(n_hand=[8, 3], precision=[0.75, np.nan], recall=[0.5, np.nan])
    beside = figures.theme_coverage(own, study.codebook.names("zh"), errors=errors).axes[1]
    marks = {line.get_marker(): list(line.get_xdata()) for line in beside.lines}
    assert (marks["o"], marks["D"]) == ([0.75], [0.5])
    assert [text.get_text() for text in beside.texts] == ["n = 3"]


def test_the_axis_says_reports_where_the_rows_are_reports(study: gb.Study) -> None:
    table = covered(study, "report_id", ["a", "b"])
    table = table[["report_id", "theme", "n", "N_sentences", "share"]]
    axes = figures.theme_sections(table, study.codebook.names("en"), lang="en").axes[0]
    assert "% of the report's sentences" in axes.get_xlabel().replace("\n", " ")
    assert "section" not in axes.get_xlabel()


def test_the_name_of_a_word_stands_clear_of_an_interval_across_zero() -> None:
    table = compared(3, sample=True)
    texts = {text.get_text(): text for text in figures.keyness_plot(table, "", "").axes[0].texts}
    assert texts[LONG[1]].xy == (-0.5, 1)  # its interval is -0.5 to 1.5
    assert texts[LONG[0]].xy == (0, 0)


def test_a_line_of_a_network_is_as_wide_as_the_number_on_it(study: gb.Study) -> None:
    table = pairs(study)
    axes = figures.collocation_network(table).axes[0]
    widths = {
        int(line.get_gid().split()[1]): line.get_linewidth()
        for line in axes.lines
        if line.get_marker() == "None"
    }
    assert len(widths) >= len({*table["source"], *table["target"]}) - 1
    most = max(table["n"].iloc[at - 1] for at in widths)
    assert widths == {
        at: pytest.approx(max(0.3, 3.4 * table["n"].iloc[at - 1] / most)) for at in widths
    }


def test_of_many_lines_the_strongest_are_drawn_and_those_that_join_all_words() -> None:
    words_ = [f"词{at:02}" for at in range(14)]
    ends = [(one, other) for at, one in enumerate(words_) for other in words_[at + 1 :]]
    ends.append(("独", words_[0]))  # the weakest of all, and the only one of its word
    table = pd.DataFrame(ends, columns=["source", "target"])
    table["n"], table["log_dice"] = range(1, len(table) + 1), np.linspace(9, 4, len(table))
    figure = figures.collocation_network(table, lang="en")
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "None"]
    drawn = {int(line.get_gid().split()[1]) for line in lines}
    assert drawn == {*range(1, 20), 62 + 30}  # 1.3 of 15 words; 1 to 13 are those of the first
    assert "drawn are 20 of 92 links" in figure.texts[0].get_text().replace("\n", " ")


def test_two_groups_of_words_are_joined_by_their_strongest_line() -> None:
    groups = [f"甲{at}" for at in range(8)], [f"乙{at}" for at in range(8)]
    rows = [(a, b, 9.0) for own in groups for at, a in enumerate(own) for b in own[at + 1 :]]
    rows += [(a, b, 3.0 + at) for at, (a, b) in enumerate(zip(*groups, strict=True)) if at < 5]
    table = pd.DataFrame(rows, columns=["source", "target", "log_dice"]).assign(n=2)
    axes = figures.collocation_network(table).axes[0]
    lines = [line for line in axes.lines if line.get_marker() == "None"]
    drawn = table.iloc[[int(line.get_gid().split()[1]) - 1 for line in lines]]
    across = drawn[drawn["source"].str[0] != drawn["target"].str[0]]
    assert across["log_dice"].tolist() == [7.0]
    assert len(drawn) == round(1.3 * 16)


def test_the_thickest_lines_have_their_number_even_where_only_beside_them() -> None:
    rows = [("甲", "乙", 900, 9.5), ("甲", "丙", 700, 9.6), ("乙", "丙", 600, 9.7)]
    rows += [(one, other, 3, 9.0) for one in "甲乙丙" for other in "丁戊己"]
    table = pd.DataFrame(rows, columns=["source", "target", "n", "log_dice"])
    axes = figures.collocation_network(table).axes[0]
    assert {"900", "700", "600"} <= {text.get_text() for text in axes.texts}


def test_counts_beside_a_bar_are_those_of_its_own_side_first() -> None:
    table = compared(4, sample=False).assign(n=[9, 8, 2, 1], n_reference=[3, 4, 70, 80])
    texts = [text.get_text() for text in figures.keyness_plot(table, "", "").axes[0].texts]
    said = [text.rpartition("(")[2].rstrip(")") for text in texts if "G²" in text]
    assert said == ["9 : 3", "8 : 4", "70 : 2", "80 : 1"]


def test_a_cross_table_names_both_codebooks_and_columns_without_a_class_read_none() -> None:
    rows = [("a", "x", 3), ("a", "none", 1), ("none", "x", 2)]
    table = pd.DataFrame(rows, columns=["theme", "crossed", "n"])
    table = table.assign(n_theme=[4, 4, 2], n_crossed=[5, 1, 5], N_sentences=6, share_theme=0.5)
    names, others = {"a": "A", "none": "No theme"}, {"x": "X", "none": "No theme"}
    figure = figures.theme_cross(table, names, others, heads=["Topics", "Tools"], lang="en")
    axes = figure.axes[0]
    assert axes.get_title(loc="left") == "Tools"
    assert "Topics" in {text.get_text() for text in axes.texts}
    assert [label.get_text() for label in axes.get_xticklabels()] == ["X", "none"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["A  4", "No theme  2"]


def test_reports_stand_in_the_order_of_their_largest_theme(study: gb.Study) -> None:
    table = covered(study, "report_id", ["a", "b", "c"])
    first = table.groupby("theme")["n"].sum().drop("none").idxmax()
    for report, share in {"a": 0.1, "b": 0.3, "c": 0.2}.items():
        table.loc[(table["report_id"] == report) & (table["theme"] == first), "share"] = share
    table = table[["report_id", "theme", "n", "N_sentences", "share"]]
    names = study.codebook.names("en")
    axes = figures.theme_sections(table, names, lang="en").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "c", "a"]
    assert f"rows by {names[first]}, the highest first" in axes.get_xlabel().replace("\n", " ")


def test_a_first_use_is_open_where_no_report_of_the_year_before_is_collected() -> None:
    rows = [("甲省", 2021, 0), ("乙省", 2022, 1), ("丙省", 2025, 0)]
    table = pd.DataFrame(rows, columns=["region", "at", "n_neighbours"])
    table = table.assign(level="province", n_before=[0, 1, 2], N_regions=9)
    years = {"甲省": [2021, 2022], "乙省": [2021, 2022, 2025], "丙省": [2024, 2025]}
    axes = figures.reuse_diffusion(table, "奋勇争先", years=years, lang="en").axes[0]
    faces = [to_hex(line.get_markerfacecolor()) for line in axes.lines]
    assert faces[0] == "#ffffff"
    assert len({*faces}) == 3
    said = axes.get_xlabel().replace("\n", " ")
    assert "open: no report of the year before, may be earlier" in said
    assert list(axes.get_xticks()) == [2021, 2022, 2024, 2025]  # none has a report of 2023
    unknown = figures.reuse_diffusion(table, "奋勇争先", lang="en").axes[0]
    assert "open" not in unknown.get_xlabel()


def test_a_number_of_a_network_lies_on_no_other_line_and_each_word_has_its_english(
    study: gb.Study,
) -> None:
    found = study.words.collocations(top_n=40)
    axes = found.figure(lang="en").axes[0]
    lines = {
        int(line.get_gid().split()[1]): np.array(line.get_xydata())
        for line in axes.lines
        if line.get_marker() == "None"
    }
    numbers = [text for text in axes.texts if text.get_text().isdigit()]
    assert len(numbers) > len(lines) / 2
    for text in numbers:
        own = int(text.get_gid().split()[1])
        for at, (one, other) in lines.items():
            along = one + np.linspace(0, 1, 500)[:, None] * (other - one)
            near = np.abs(along - text.get_position()) < (2, 2)
            assert at == own or not near.all(axis=1).any()
    known = study.glossary.words
    below = {text.get_text() for text in axes.texts}
    words_ = {*found.table["source"], *found.table["target"]}
    for word in words_ & {one for one in known if " " not in known[one]}:
        assert known[word] in below


SCRIPT = """
import sys, analysis as gb
sys.path.insert(0, "tests")
from test_word_figures import pairs, digest, frequency
study = gb.Study("data")
for figure in (gb.figures.collocation_network(pairs(study)),
               gb.figures.word_cloud(frequency(30, sample=False)),
               gb.figures.top_terms(frequency(9, sample=True))):
    print(digest(figure))
"""


def digest(figure: Figure) -> str:
    figures.sign(figure, "来源：厦门市 2022")
    return hashlib.sha256(bundle.render(figure, "svg")).hexdigest()


@pytest.mark.slow
def test_a_figure_drawn_in_two_processes_has_the_same_bytes(request: pytest.FixtureRequest) -> None:
    drawn = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=request.config.rootpath,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0].split()) == 3


def test_empty_tables_give_figures_that_say_so(faults: Faults, study: gb.Study) -> None:
    names = study.codebook.names("en")
    nothing = pd.DataFrame()
    for lang, said in (("zh", "没有符合条件的内容"), ("en", "nothing to show")):
        for figure in (
            figures.keyness_plot(nothing, "a", "b", lang=lang),
            figures.term_sections(nothing, lang=lang),
            figures.dispersion_plot(nothing, lang=lang),
            figures.collocation_network(nothing, lang=lang),
            figures.rates_over_time(nothing, lang=lang),
            figures.theme_coverage(nothing, names, lang=lang),
            figures.theme_flow(nothing, names, lang=lang),
            figures.theme_years(nothing, names, lang=lang),
            figures.theme_cooccurrence(nothing, names, lang=lang),
            figures.theme_sections(nothing, names, lang=lang),
        ):
            assert figure.texts[0].get_text() == said
            assert faults(figure) == []


def said(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_words_of_an_english_figure_have_their_gloss_and_the_caption_says_whose(
    study: gb.Study, tmp_path: Path
) -> None:
    found = study.words.frequency(top_n=12)
    assert "法治 rule of law" in said(found.figure(lang="en"))
    assert "rule of law" not in said(found.figure(lang="zh"))
    assert "rule of law" not in said(found.figure(lang="en", gloss="none"))
    keys, known = set(found.table["key"]), study.glossary.words
    made = found.save(tmp_path, lang="en")
    held = made.provenance["glosses"]
    assert held["words"] == {key: known[key] for key in keys & {*known}}
    assert keys - {*known} == {"厦门市"}  # which has its name from the divisions
    assert held["none"] == 0
    assert "厦门市 Xiamen" in said(found.figure(lang="en"))
    caption = (made.path / "caption.en.txt").read_text("utf-8")
    assert "written by a language model and checked by nobody (glossary version 1)" in caption
    assert "glosses" not in found.save(tmp_path, lang="zh").provenance


def test_columns_and_panels_of_words_have_their_english_at_the_word(study: gb.Study) -> None:
    found = study.words.sections(top_n=8)
    axes = found.figure(lang="en").axes[0]
    keys = list(dict.fromkeys(found.table["key"]))
    known = study.glossary.words
    heads = [label.get_text() for label in axes.get_xticklabels()]
    assert heads == [f"{key} {known[key]}" if key in known else key for key in keys]
    assert "words:" not in axes.get_xlabel()
    assert "headings of the sections: supplementary table" in " ".join(axes.get_xlabel().split())
    assert "heading" in found.of(1).columns
    rows = [(region, 2020 + at, "法治", at + 1.0) for region in ("甲", "乙") for at in (0, 1)]
    table = pd.DataFrame(rows, columns=["region", "year", "key", "rate"])
    with glossing(Glosses(known)):
        panels = figures.rates_over_time(table, at="year", lang="en")
    (legend,) = panels.legends
    assert [text.get_text() for text in legend.get_texts()] == [f"法治 {known['法治']}"]
    assert not figures.rates_over_time(table, at="year", lang="zh").legends


def test_a_region_that_the_glossary_lacks_has_its_english_name() -> None:
    glosses = Glosses({"法治": "rule of law"})
    with glossing(glosses):
        assert [word_in(one, "en") for one in ("河南", "重庆", "平安")] == [
            *("河南 Henan", "重庆 Chongqing", "平安"),
        ]
    assert (glosses.met, glosses.none) == ({}, ["平安"])  # a name is nobody's gloss


def test_a_glossary_of_ones_own_stands_above_the_bundled_one(tmp_path: Path) -> None:
    from analysis.kit import InputError
    from analysis.words import glossary

    path = tmp_path / "glossary.yaml"
    path.write_text("version: 2\nby: people\nwords:\n  法治: the rule of law\n", "utf-8")
    assert glossary.load(path) == ({"法治": "the rule of law"}, "2", "people")
    path.write_text("version: 2\nby: people\nwords:\n  法治: 3\n", "utf-8")
    with pytest.raises(InputError, match=r"glossary.yaml:4: '法治' has the gloss 3"):
        glossary.load(path)


def test_figures_of_themes_say_which_of_its_themes_a_sentence_counts_for(study: gb.Study) -> None:
    once, every = "each sentence counts once", "for every theme"
    shown = {
        "coverage": said(study.themes.coverage().figure(lang="en")),
        "cooccurrence": said(study.themes.cooccurrence().figure(lang="en")),
    }
    flat = {name: " ".join(text.split()) for name, text in shown.items()}
    assert once in flat["coverage"]
    assert every not in flat["coverage"]
    assert every in flat["cooccurrence"]

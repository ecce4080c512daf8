"""Figures: every label is inside, none on another, every glyph there, every mark from its table."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import matplotlib as mpl
import pandas as pd
import pypdf
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import analysis as gb
from analysis import bundle, figures, themes
from analysis.figures import look
from analysis.indicators import trends
from analysis.kit import InputError
from analysis.text import sentences
from analysis.words import keywords

Faults = Callable[[Figure], list[str]]
WORDS = ["法治政府建设", "行政规范性文件合法性审核", "12345热线", "推进", "落实"]


def frequency(count: int) -> pd.DataFrame:
    """A frequency table of made-up words, the first ones long."""
    words = (WORDS + [f"词语{number}" for number in range(100)])[:count]
    counts = [2 * count - place for place in range(count)]
    rates = [count * 10_000 / 3000 for count in counts]
    return pd.DataFrame({"key": words, "n": counts, "N_chars": 3000, "rate": rates})


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("count", [1, 3, 40])
def test_no_label_of_the_word_figures_is_clipped_or_covered(
    faults: Faults, count: int, lang: str
) -> None:
    table = frequency(count)
    assert faults(figures.top_terms(table, lang=lang)) == []
    assert faults(figures.word_cloud(table, lang=lang)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_label_of_the_theme_figures_is_clipped_or_covered(
    faults: Faults, study: gb.Study, lang: str
) -> None:
    names = study.codebook.names(lang)
    coverage = themes.coverage(study.codings, study.sentences, study.codebook)
    assert faults(figures.theme_coverage(coverage, names, lang=lang)) == []
    sections = themes.coverage(study.codings, study.sentences, study.codebook, by=("section",))
    headings = sentences.headings(study.sentences)
    assert faults(figures.theme_sections(sections, names, headings, lang=lang)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("region", "only"), [("厦门市", []), ("厦门市", ["court_appearance_rate"]), ("深圳市", [])]
)
def test_no_label_of_a_trend_is_clipped_or_covered(
    faults: Faults, study: gb.Study, lang: str, region: str, only: list[str]
) -> None:
    panel = trends.panel(
        study.indicators.table,
        study.indicator_codebook,
        regions=[region],
        only=only,
        peers_in=[2022],
    )
    panel, _ = trends.cite(panel, study.sources, lang)
    assert faults(figures.metric_trend(panel, study.indicator_codebook, lang=lang)) == []


def test_bars_are_as_long_as_the_table_says() -> None:
    table = frequency(3)
    (axes,) = figures.top_terms(table).axes
    assert [bar.get_width() for bar in axes.patches] == table["rate"].tolist()
    assert "3,000" in axes.get_xlabel()


def test_a_gap_is_a_gap_and_a_bound_is_open(study: gb.Study) -> None:
    def lines(*only: str) -> list[tuple[int, str]]:
        panel = trends.panel(
            study.indicators.table, study.indicator_codebook, regions=["厦门市"], only=only
        )
        panel, _ = trends.cite(panel, study.sources)
        axes = figures.metric_trend(panel, study.indicator_codebook).axes[0]
        return [(len(line.get_xdata()), line.get_markerfacecolor()) for line in axes.lines]

    assert [points for points, _ in lines("local_regs_passed")] == [1, 1, 1]  # three, not joined
    assert [points for points, _ in lines("gov_office_docs_disclosed")] == [1, 2, 1]
    assert lines("court_appearance_rate") == [(1, "white")]


def test_a_word_clouds_sizes_are_in_proportion_and_its_layout_the_same() -> None:
    table = frequency(12)
    one, other = (figures.word_cloud(table).axes[0].texts for _ in range(2))
    assert [text.get_position() for text in one] == [text.get_position() for text in other]
    ratio = one[0].get_size() / one[6].get_size()
    assert ratio == pytest.approx(table["rate"][0] / table["rate"][6])


def test_an_empty_selection_gives_a_figure_that_says_so(faults: Faults, study: gb.Study) -> None:
    nothing = keywords.top(frequency(3), 0)
    assert faults(figures.top_terms(nothing)) == []
    assert faults(figures.word_cloud(nothing)) == []
    panel = trends.panel(
        study.indicators.table, study.indicator_codebook, regions=["天津市"], years=[1999]
    )
    panel, _ = trends.cite(panel, study.sources)
    assert faults(figures.metric_trend(panel, study.indicator_codebook)) == []


def test_rcparams_are_as_before() -> None:
    before = dict(mpl.rcParams)
    bundle.render(figures.top_terms(frequency(3)), "svg")
    assert dict(mpl.rcParams) == before


def test_a_text_is_as_wide_in_print_as_on_the_screen() -> None:
    for preset in figures.PRESETS:
        with figures.style(preset):
            figure = Figure(dpi=100)
            text = figure.text(0, 0, "行政规范性文件合法性审核 12345", size=7.5)
            wide = []
            for dpi in (100, 600):
                figure.dpi = dpi
                wide.append(text.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width)
        assert wide[1] / wide[0] == pytest.approx(6, rel=0.003)


def test_a_caption_has_no_line_with_one_character() -> None:
    said = "每万字符频次（分母：30,000 字符，含标点；条末为次数）"
    with figures.style():
        lines = look.fit(said, look.SINGLE, 0.7).split("\n")
        wrapped = look.wrap(said, 0.7 * 85 / 25.4 * 72 / 7)
    assert (len(lines), len(wrapped)) == (2, 2)
    assert "".join(lines).replace(" ", "") == said.replace(" ", "")
    assert look.ems(wrapped[1]) < 10 < look.ems(lines[1])
    assert abs(look.ems(lines[0]) - look.ems(lines[1])) < 3


@pytest.mark.parametrize("preset", figures.PRESETS)
def test_a_pdf_holds_subsets_of_its_fonts_and_its_words_as_text(preset: str) -> None:
    figure = figures.top_terms(frequency(3).replace("推进", "法治"), preset=preset)
    page = pypdf.PdfReader(io.BytesIO(bundle.render(figure, "pdf"))).pages[0]
    assert "法治政府建设" in page.extract_text()
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert font["/Subtype"] == "/Type3"  # its glyphs stand in the file
        assert re.match("/[A-Z]{6}[+]", font["/Name"])
        assert 0 < len(font["/CharProcs"]) < 100


def measured(study: gb.Study) -> dict[str, gb.Finding]:
    return {
        "top_terms": study.words.frequency(top_n=8),
        "keyness": study.words.keyness(top_n=8),
        "network": study.words.collocations(top_n=12),
        "sections": study.words.sections(top_n=6),
        "dispersion": study.words.dispersion(top_n=4),
        "coverage": study.themes.coverage(),
        "theme_sections": study.themes.sections(),
        "flow": study.themes.flow(),
        "cross": study.themes.cross(),
        "edits": study.restoration.places(),
        "trend": study.indicators.trend(),
        "targets": study.indicators.targets(["grain_output", "urban_new_jobs"]),
        "known": study.indicators.known(),
    }


def test_an_english_figure_holds_no_chinese_but_the_words_asked_for(
    script: Callable[[str], ModuleType], study: gb.Study
) -> None:
    texts = script("tests/figure_faults.py").texts
    for name, found in measured(study).items():
        drawn = found.figure(lang="en")
        figures.sign(drawn, "Source: Xiamen 2022")
        ends = [one for one in ("key", "source", "target") if one in found.table]
        asked = {str(word) for column in ends for word in found.table[column]}
        for label, _ in texts(drawn):
            left = "".join(label.split())
            for word in sorted(asked, key=len, reverse=True):
                left = left.replace(word, "")
            assert not re.search("[一-鿿]", left), f"{name}: {label}"


@pytest.mark.parametrize("name", ["top_terms", "network", "coverage", "edits", "trend", "targets"])
def test_a_title_stands_clear_at_the_head_and_says_what_the_table_says(
    faults: Faults, script: Callable[[str], ModuleType], study: gb.Study, name: str
) -> None:
    texts = script("tests/figure_faults.py").texts
    found = measured(study)[name]
    for title in ("subject", "message"):
        drawn = found.figure(lang="en", title=title)
        assert faults(drawn) == []
    said = {label for label, _ in texts(found.figure(lang="en", title="message"))}
    if name == "top_terms":
        first = found.table.iloc[0]
        begins = f"{first['key']} (rule of law) is the most frequent: {first['n']} times"
        assert any(" ".join(one.split()).startswith(begins) for one in said)
    with pytest.raises(InputError, match="title"):
        found.figure(title="shout")
    plain = {label for label, _ in texts(found.figure(lang="en"))}
    assert found.title("en") not in plain


def test_version_and_record_stand_in_the_metadata_and_on_the_picture_where_asked_for(
    study: gb.Study, tmp_path: Path
) -> None:
    found = study.words.frequency(top_n=3)
    made = found.save(tmp_path)
    mark = f"{gb.__version__} #{made.provenance['hash'][:8]}"
    assert f"Gongbao {mark}" in (made.path / "figure.svg").read_text("utf-8")
    assert f"Gongbao {mark}".encode() in (made.path / "figure.png").read_bytes()
    page = pypdf.PdfReader(made.path / "figure.pdf")
    assert page.metadata is not None
    assert page.metadata["/Creator"] == f"Gongbao {mark}"
    assert "#" not in page.pages[0].extract_text()
    stamped = found.save(tmp_path / "stamped", stamp=True)
    said = pypdf.PdfReader(stamped.path / "figure.pdf").pages[0].extract_text()
    assert f"#{stamped.provenance['hash'][:8]}" in said

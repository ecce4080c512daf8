"""One's own look: what may be asked for, what is refused, what the record says; slides are 16:9."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import analysis as gb
from analysis import figures
from analysis.figures import own
from analysis.indicators import trends
from analysis.kit import InputError
from analysis.text import english

SHEET = """\
# mine
font.family: DejaVu Serif
axes.prop_cycle: cycler('color', ['112233', 'cc5500'])  # two
figure.figsize: 4, 5
"""


def bars(count: int = 20) -> pd.DataFrame:
    n = range(count, 0, -1)
    table = pd.DataFrame({"key": [f"词{at:02}" for at in range(count)], "n": n})
    return table.assign(N_chars=1000, rate=table["n"] * 10.0)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "my.mplstyle"
    path.write_text(SHEET, encoding="utf-8")
    return path


def test_a_slide_is_16_to_9_whatever_is_on_it_and_says_what_is_left_out() -> None:
    for count, drawn in ((1, 1), (5, 5), (40, 15)):  # (80 - 6 - 18) / 3.6 lines
        figure = figures.top_terms(bars(count), preset="slides", lang="en")
        wide, high = figure.get_size_inches()
        assert wide / high == pytest.approx(16 / 9, abs=1e-3)
        assert 6 * 13.333 / wide >= 14  # the smallest letters, on a slide
        assert len(figure.axes[0].patches) == drawn
        said = "the first 15 of 40 words" in figure.axes[0].get_xlabel().replace("\n", " ")
        assert said == (count == 40)


def test_a_head_takes_its_room_from_the_slide(faults: Callable[[Figure], list[str]]) -> None:
    for draw in (figures.top_terms, figures.word_cloud):
        figure = draw(bars(), preset="slides")
        high = figure.get_figheight()
        figures.head(figure, "一个标题")
        assert figure.get_figheight() == high
        assert faults(figure) == []


def test_what_is_asked_for_is_drawn_and_recorded(study: gb.Study, tmp_path: Path) -> None:
    found = study.words.frequency()
    asked: dict[str, Any] = {"width": 120, "height": 70, "palette": ["#004488"], "rows": 4}
    figure = found.figure(**asked, order="n")
    assert [round(25.4 * one) for one in figure.get_size_inches()] == [120, 70]
    names = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert names == list(found.table.sort_values("n", kind="stable")["key"][:4])
    with figures.style(figures.look.preset_of(figure)):
        assert {to_hex(bar.get_facecolor()) for bar in figure.axes[0].patches} == {"#004488"}
    made = found.save(tmp_path, **asked, order="n")
    assert made.provenance["look"] == {**asked, "order": "n"}
    data = pd.read_csv(made.path / "data.csv")
    assert data["n"].is_monotonic_increasing  # the rows of data.csv are those of the figure


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"width": 3}, "width is 3; it must be a number of millimetres, 60 to 500."),
        ({"height": True}, "height is True; it must be a number"),
        ({"rows": 2.5}, "rows is 2.5; it must be a whole number, 1 to 200."),
        ({"palette": "navy, grün"}, "palette holds 'grün'"),
        ({"font": "Nonesuch"}, "font: font 'Nonesuch' is not known"),
        ({"order": "raet"}, "did you mean 'rate'"),
        ({"wide": 90}, "did you mean 'width'"),
    ],
)
def test_what_cannot_be_is_refused(study: gb.Study, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.replace("(", r"\(")):
        study.words.frequency().figure(**asked)


def test_rows_and_order_are_refused_where_there_are_none_to_choose(study: gb.Study) -> None:
    for asked in ({"rows": 4}, {"order": "n"}):
        with pytest.raises(InputError, match=next(iter(asked))):
            study.words.cloud().figure(**asked)


def test_a_sheet_of_ones_own_is_a_preset_and_gives_the_same_bytes(
    study: gb.Study, sheet: Path, tmp_path: Path
) -> None:
    found = study.words.frequency()
    figure = found.figure(preset=str(sheet))
    assert list(figure.get_size_inches()) == [4, 5]
    assert to_hex(figure.axes[0].patches[0].get_facecolor()) == "#112233"
    both = [found.save(tmp_path / at, preset=str(sheet)) for at in ("one", "other")]
    sha256 = hashlib.sha256(sheet.read_bytes()).hexdigest()
    assert both[0].provenance["look"]["style"] == {"file": "my.mplstyle", "sha256": sha256}
    for file in both[0].path.iterdir():
        assert file.read_bytes() == (both[1].path / file.name).read_bytes()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("axes.linewidth 2", "is no `name: value`"),
        ("axes.linewith: 2", "did you mean 'axes.linewidth'"),
        ("axes.linewidth: thick", "axes.linewidth cannot be 'thick'"),
        ("svg.hashsalt: x", "leave it out"),
        ("font.family: Nonesuch", "'Nonesuch' is not known"),
    ],
)
def test_a_bad_line_is_named_with_its_file(sheet: Path, line: str, said: str) -> None:
    sheet.write_text(SHEET + line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"my\.mplstyle:5: ") as refused:
        own.sheet(sheet)
    assert said in str(refused.value)


def test_regions_with_one_english_name_are_told_apart_only_where_they_meet() -> None:
    with english.told_apart(["福州市", "抚州市", "厦门市"]):
        assert [english.region(one) for one in ("福州市", "抚州市", "厦门市")] == [
            "Fuzhou (Fujian)",
            "Fuzhou (Jiangxi)",
            "Xiamen",
        ]
    assert english.region("福州市") == "Fuzhou"
    with english.told_apart(["福州市", "泉州市"]):
        assert english.region("福州市") == "Fuzhou"


def test_a_section_has_its_gloss_in_english_where_asked_for(study: gb.Study) -> None:
    for gloss, said in ((True, "Section 1.3 Regulation system"), (False, "Section 1.3")):
        axes = study.themes.sections(gloss=gloss).figure(lang="en").axes[0]
        labels = [label.get_text().strip() for label in axes.get_yticklabels()]
        assert said in labels


def test_a_cell_is_the_figure_of_its_region_and_year_and_other_kinds_are_crossed(
    study: gb.Study,
) -> None:
    book = study.indicator_codebook
    rows = [
        ("甲省", 2020, 5.0, "exact", ""),
        ("甲省", 2022, 7.0, "at_least", ""),
        ("乙省", 2020, 6.0, "exact", ""),
        ("乙省", 2021, 9.0, "exact", "yearly_average"),
    ]
    table = pd.DataFrame(rows, columns=["region", "year", "value", "bound", "definition"])
    table = table.assign(period=table["year"].astype(str), indicator_id="gdp_growth", unit="%")
    table = table.assign(measure_kind="change", direction="up", status="checked", report_id="r")
    made = trends.by_year(table, book, "gdp_growth").set_index(["region", "year"])
    assert made["value"].dropna().to_dict() == {
        ("乙省", 2020): 6,
        ("甲省", 2020): 5,
        ("甲省", 2022): 7,
    }
    assert made.loc[("乙省", 2021), "missing"] == "other_kind"
    assert made.loc[("甲省", 2021), "missing"] == "missing"

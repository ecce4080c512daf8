"""Captions and methods paragraphs: their numbers are the data's, in both languages."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
import yaml

import analysis as gb
from analysis.bundle import about, captions, sources
from analysis.figures import TITLES, cut, look, sign
from analysis.words import reference

LANGUAGES = ("zh", "en")
Record = dict[str, Any]


def numbers(text: str) -> set[str]:
    """The numbers in a text, as written."""
    return set(re.findall(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?", text))


@pytest.fixture(scope="module")
def found(study: gb.Study) -> dict[str, gb.Finding]:
    """Every figure of the suite, by its name."""
    attention = study.attention(terms=["法治", "依法治国"])
    matrix = study.reuse().matrix()  # one report shares nothing with another
    cells = {"region": ["厦门市"], "source_region": ["福州市"], "n": [2], "reports": [1]}
    matrix.table = pd.DataFrame(cells)
    top = {"top_n": 5, "min_chars": 2}
    made = [
        study.words.frequency(**top),
        study.words.cloud(cloud_n=5),
        study.words.keyness(**top),
        study.words.sections(**top),
        study.words.dispersion(**top),
        study.words.collocations(**top),
        study.words.trend(["法治"], inside=True, without=["依法治国"]),
        study.themes.coverage(),
        study.themes.sections(),
        study.themes.flow(),
        study.themes.cooccurrence(),
        study.themes.cross("topics"),
        study.themes.trend(),
        study.restoration.places(),
        study.indicators.trend(),
        study.indicators.targets(regions=["全国"]),
        study.indicators.comparison(),
        study.indicators.known(),
        study.indicators.heatmap("gdp_growth"),
        study.indicators.commitments(),
        study.reuse().shares(),
        matrix,
        study.reuse().diffusion("法治"),
        attention.over_time(),
        attention.ranking(),
        attention.heatmap(),
        attention.adoption(),
        study.words.slope_chart((), "part=done", "part=plan"),
        study.words.communities(),
        study.themes.stream(),
        study.words.comparison_cloud(cloud_n=24),
        study.words.similarity(),
        study.words.ranking("法治"),
        study.words.heatmap("法治"),
        study.themes.multiples("law_enforcement"),
    ]
    every = {one.name: one for one in made}
    return every | {"attention_tiles": every["attention_ranking"]}  # of provinces there is none


@pytest.fixture(scope="module")
def record(study: gb.Study, found: dict[str, gb.Finding]) -> Callable[..., Record]:
    """A record as a bundle of the bundled study has it, some of what it is about changed."""
    made = study.provenance({})

    def build(name: str, **changed: Any) -> Record:
        one = found.get(name)
        said = {**one.about, **changed} if one else changed
        return {
            **made,
            "figure": name,
            "title": TITLES.get(name, {"zh": name, "en": name}),
            "packages": {"jieba": "0.42.1"},
            "gongbao": "0.2.0",
            "hash": "0123456789abcdef",
            "cited": [],
            "options": {},
            "about": about.complete(one.table if one else pd.DataFrame(), said),
        }

    return build


@pytest.fixture(scope="module")
def drawn(found: dict[str, gb.Finding]) -> dict[str, pd.DataFrame]:
    """The table of every figure of the suite, by the figure's name."""
    return {name: one.table for name, one in found.items()}


def both(name: str, data: pd.DataFrame, record: Record) -> str:
    """A caption in both languages."""
    return "\n".join(captions.caption(name, data, record, lang) for lang in LANGUAGES)


def test_every_figure_has_a_caption_and_a_methods_paragraph_in_both_languages(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    assert set(drawn) == set(TITLES) == set(captions.texts()["figures"]) - {"other"}
    for name, data in drawn.items():
        for lang in LANGUAGES:
            said = captions.caption(name, data, record(name), lang)
            assert said.startswith(TITLES[name][lang]), name
            for text in (said, captions.methods(name, data, record(name), lang)):
                assert len(text) > 40, name
                assert not re.search(r"[{}]|None|\bnan\b|  ", text), text


def test_a_caption_and_its_translation_hold_the_same_numbers(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    for name, data in drawn.items():
        zh, en = (captions.caption(name, data, record(name), lang) for lang in LANGUAGES)
        assert numbers(zh) - {"10,000"} == numbers(en) - {"10,000"}, name


@pytest.mark.parametrize(
    ("name", "column", "by"),
    [
        ("top_terms", "N_chars", None),
        ("keyness_plot", "N_tokens", None),
        ("keyness_plot", "N_tokens_reference", None),
        ("term_sections", "N_chars", "section"),
        ("theme_coverage", "N_sentences", None),
        ("theme_sections", "N_sentences", "section"),
        ("theme_cooccurrence", "N_sentences", None),
    ],
)
def test_both_languages_name_the_denominator(
    name: str,
    column: str,
    by: str | None,
    drawn: dict[str, pd.DataFrame],
    record: Callable[..., Record],
) -> None:
    data = drawn[name]
    whole = data.groupby(by)[column].first().sum() if by else data[column].iloc[0]
    for lang in LANGUAGES:
        assert f"{whole:,}" in numbers(captions.caption(name, data, record(name), lang))


def test_the_composition_of_the_reference_is_what_the_words_were_held_against(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    chosen = reference.select("default")
    said = both("keyness_plot", drawn["keyness_plot"], record("keyness_plot"))
    assert f"{chosen['N_tokens'].sum():,}" in said
    kinds = {"provincial report": ("省级", "provincial"), "national report": ("国务院", "national")}
    for genre, rows in chosen.groupby("genre"):
        first, last = rows["published"].min(), rows["published"].max()
        years = f"{first}–{last}" if first < last else str(first)
        zh, en = kinds[genre]
        assert f"{len(rows)}份{zh}政府工作报告（{years}年发布）" in said
        assert f"{len(rows)} {en} government work reports (published {years})" in said


def test_years_without_a_report_are_said(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    for name in ("rates_over_time", "theme_years"):
        said = both(name, drawn[name], record(name))
        for years in ("1961–1963", "1965–1974", "1976–1977", "1989–1991", "1996", "2020"):
            assert said.count(years) == 2
        assert "52" in numbers(said)
    assert "1961" not in both("theme_years", drawn["theme_years"].tail(22), record("theme_years"))


def test_the_figures_of_indicators_are_counted_off_the_panel(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    data = drawn["target_outcome"]
    targets = data[data.role == "target"]
    met = int((targets.verdict == "met").sum())
    said = captions.caption("target_outcome", data, record("target_outcome"), "en")
    assert f"{len(data)} public figures ({data.source_id.nunique()} sources" in said
    assert f"Of {len(targets)} target figures {met} were met" in said


def test_of_a_part_that_is_drawn_a_caption_counts_that_part(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    data = drawn["target_outcome"]
    made = record("target_outcome") | {"drawn": ["1", f"3–{len(data) - 2}"]}
    part = pd.concat([data[:1], data[2:-2]])
    said = captions.caption("target_outcome", data, made, "en")
    assert f"{len(part)} public figures ({part.source_id.nunique()} sources" in said
    assert f"Of {(part.role == 'target').sum()} target figures" in said
    assert f"{len(part)} of the {len(data)} rows of the table" in said


def test_what_a_figure_of_indicators_draws_stands_in_its_record(
    found: dict[str, gb.Finding],
) -> None:
    every = cut.cut_of(found["target_outcome"].figure(lang="en"))["drawn"]
    assert every == [f"1–{len(found['target_outcome'].table)}"]
    known = found["known_missing"]
    rows = cut.part(known.table, cut.cut_of(known.figure(lang="en"))["drawn"])
    own = known.study.reports["year"]
    told = {*range(min(own), max(own) + 1), *known.table.query("state != 'missing'")["year"]}
    assert {*rows["year"]} == {*known.table["year"]} & told


def test_hints_stand_on_the_screen_and_in_no_caption(
    found: dict[str, gb.Finding], record: Callable[..., Record]
) -> None:
    known = {"cut": {"page": 2, "pages": 7}}
    targets = found["target_outcome"]
    assert "page 2 of 7" in captions.hint("target_outcome", targets.table, known, "en")
    none = targets.table[:0]
    assert "gongbao extract" in captions.hint("metric_trend", none, {}, "en")
    assert captions.hint("top_terms", none, {}, "zh") == ""
    for name, one in found.items():
        for table in (one.table, one.table[:0]):
            assert not re.search(r"gongbao \w+ --|turns the pages", both(name, table, record(name)))
    empty = gb.Finding(none, figure=targets._draw, study=targets.study, name=targets.name)
    assert "gongbao extract" in empty._repr_html_()


def test_a_census_has_no_intervals_and_a_sample_says_how_they_were_made(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    census, data = record("keyness_plot"), drawn["keyness_plot"]
    sample = census | {"study": {"title": {}, "design": "sample"}}
    methods = captions.methods("keyness_plot", data, census, "en")
    assert "no intervals" in methods
    assert "ranking score" in methods
    assert "Benjamini" not in methods
    methods = captions.methods("keyness_plot", data.assign(lo=-1.0, hi=1.0), sample, "en")
    assert "1,000 bootstrap resamples" in methods
    assert "Benjamini" in methods
    assert "Census" not in methods + captions.caption("keyness_plot", data, sample, "en")


def test_restoration_and_validation_are_told_by_the_record(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record], study: gb.Study
) -> None:
    name = "theme_coverage"
    made = record(name)
    assert study.validation is not None
    bare = study.validation.bare
    assert bare is not None
    for lang in LANGUAGES:
        methods = captions.methods(name, drawn[name], made, lang)
        cleaned = study.edits["rule"].isin(["markup", "furniture", "width", "invisible"])
        assert f"{(~cleaned).sum():,}" in numbers(methods)
        assert f"{(study.edits.certainty == 'likely').sum()}" in numbers(methods)
        assert f"{bare.alpha:.2f}" in numbers(methods)
        assert study.versions["restorer"] in methods
        without = captions.methods(name, drawn[name], made | {"validation": {}}, lang)
        assert "Krippendorff" not in without


def test_options_that_change_the_result_are_said(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    top, name = drawn["top_terms"], "top_terms"
    plan = record(name, target="part=plan", against="part=done", units="bigrams", min_chars=3)
    zh, en = (captions.caption(name, top, plan, lang) for lang in LANGUAGES)
    assert "仅部分：打算" in zh
    assert "不足3字" in zh
    assert "二词连用" in zh
    assert "two-word sequences" in en
    assert "only the part on what is planned" in en
    held = record("keyness_plot", against="part=done")
    assert "the part on what was done" in captions.methods(
        "keyness_plot", drawn["keyness_plot"], held, "en"
    )
    rest = record(name, against="year=2022")  # what is in the reference is not on this side
    assert "（不含年份：2022）" in captions.caption(name, top, rest, "zh")
    assert "(without year 2022)" in captions.caption(name, top, rest, "en")
    assert "依法治国" in both(
        "rates_over_time", drawn["rates_over_time"], record("rates_over_time", without=["依法治国"])
    )
    assert "依法治国" not in both(
        "rates_over_time", drawn["rates_over_time"], record("rates_over_time", without=[])
    )
    assert "3 chosen themes" in captions.caption(
        "theme_coverage",
        drawn["theme_coverage"],
        record("theme_coverage", themes=["a", "b", "c"]),
        "en",
    )


def test_a_methods_paragraph_of_one_report_is_short(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    designs = (("census", 365), ("sample", 385))  # a sample has p-values and intervals to explain
    for name, data in drawn.items():
        for design, most in designs:
            made = record(name) | {"study": {"title": {}, "design": design}}
            zh, en = (captions.methods(name, data, made, lang) for lang in LANGUAGES)
            assert len(zh) <= most, f"{name}: {len(zh)} characters: {zh}"
            assert len(en.split()) <= 200, f"{name}: {len(en.split())} words: {en}"
            assert made["gongbao"] in zh
            assert f"#{made['hash'][:8]}" in zh
            if "N_tokens" in data and name not in ("rates_over_time", "theme_years"):
                assert made["reports"][0]["sha256"][:12] in zh
                assert f"jieba {made['packages']['jieba']}" in zh


def test_captions_name_marks_and_never_colours() -> None:
    zh = r"[红橙黄绿蓝紫灰黑彩棕]|(?<!空)白|颜色|[深浅]色"
    en = r"\b(red|orange|yellow|green|blue|gr[ae]y|black|brown|dark|colou?rs?)\b|white(?! space)"
    held = {key: captions.texts()[key] for key in ("words", "clauses", "figures")}
    text = yaml.safe_dump(held, allow_unicode=True, width=10_000)
    assert "open marks" in text
    assert "空心" in text
    found = [line for line in text.splitlines() if re.search(f"{zh}|{en}", line, re.IGNORECASE)]
    assert not found


def test_an_english_text_has_no_chinese_region_without_its_english_name(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    for name, data in drawn.items():
        made = record(name, target="region=厦门市;part=plan", group="计划单列市")
        for write in (captions.caption, captions.methods):
            bare = re.sub(r"[A-Z][^()]* \([\u4e00-\u9fff]+\)", "", write(name, data, made, "en"))
            left = set(re.findall(r"[\u4e00-\u9fff]+", bare))
            assert left <= {"法治", "依法治国"}, f"{name}: {left}"
    said = captions.caption("top_terms", drawn["top_terms"], made, "en")
    assert "only region Xiamen (厦门市); the part on what is planned" in said
    methods = captions.methods("metric_trend", drawn["metric_trend"], made, "en")
    assert "cities with independent planning status (计划单列市)" in methods
    rows = [{"region": region, "year": 2022} for region in ("陕西省", "山西省", "吕梁市")]
    spelled = ("Shaanxi (陕西省)", "Shanxi (山西省)", "Lüliang (吕梁市)")
    assert captions.about(rows, "en") == ", ".join(
        f"the report of {one} on 2022" for one in spelled
    )


def test_the_largest_overlap_said_is_that_of_a_shaded_pair(record: Callable[..., Record]) -> None:
    columns = ["theme", "other", "n", "n_theme", "n_other", "N_sentences", "jaccard"]
    rows = [
        ("a", "b", 1, 1, 1, 40, 1.0),
        ("a", "c", 2, 4, 6, 40, 0.25),
        ("b", "c", 3, 9, 9, 40, 0.2),
    ]
    data, name = pd.DataFrame(rows, columns=columns), "theme_cooccurrence"
    said = both(name, data, record(name))
    assert said.count("0.25") == 2
    assert "1.00" not in said
    assert "Jaccard" not in both(name, data.head(1), record(name))


def test_places_are_sections_of_one_report_and_a_line_each_of_several(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    for name in ("term_sections", "theme_sections"):
        sections, made = drawn[name], record(name)
        assert f"in the {sections.section.nunique()} sections of the report of" in both(
            name, sections, made
        )
        rows = [{**made["reports"][0], "region": region} for region in ("福州市", "泉州市")]
        whole = sections.rename(columns={"section": "report_id"})
        made["about"] |= {"by": "report_id"}
        said = both(name, whole, made | {"reports": rows})
        assert (
            "Fuzhou (福州市) on 2022, the report of Quanzhou (泉州市) on 2022, a row each" in said
        )
        assert "一行一份" in said


def test_more_than_three_reports_are_told_by_number_and_years() -> None:
    rows = [{"region": "厦门市", "year": year} for year in (2015, 2016, 2017, 2020)]
    assert captions.about(rows, "zh") == "厦门市2015–2017、2020年的4份报告"
    assert captions.about(rows, "en") == "4 reports of Xiamen (厦门市) on 2015–2017, 2020"
    rows[0]["region"] = "全国"
    assert captions.about(rows, "en") == "4 reports of 2 regions on 2015–2017, 2020"
    assert captions.about(rows[:1], "en") == "the report of China (全国) on 2015"
    few = "the report of China (全国) on 2015, 2 reports of Xiamen (厦门市) on 2016–2017"
    assert captions.about(rows[:3], "en") == few
    assert captions.about(rows[:3], "zh") == "全国2015年报告、厦门市2016–2017年的2份报告"
    assert captions.about([], "zh") == "没有报告"


def test_nothing_raises_for_empty_data_or_a_figure_of_ones_own(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    for lang in LANGUAGES:
        for name, data in drawn.items():
            made = record(name)
            bare = made | {"reports": [], "validation": {}}
            for empty in (data.iloc[:0], pd.DataFrame()):
                assert "0 " not in captions.caption(name, empty, made, lang)
                captions.methods(name, empty, bare, lang)
            said = captions.caption("my_figure", data, record("my_figure"), lang)
            assert said.startswith("my_figure")
            assert f"{len(data):,}" in numbers(said)
            captions.methods("my_figure", data, record("my_figure"), lang)
    mine = record("mine", denominators=about.denominators(drawn["top_terms"]))
    assert "2,946" in captions.caption("mine", drawn["top_terms"], mine, "en")


TALK = re.compile(
    r"\.csv|gongbao |the program|page turns|provenance|nobody|[a-z]+_[a-z]+"
    r"|程序提取|程序核对|无人判断|翻页用|选取用",
    re.IGNORECASE,
)
"""What a reader of a journal does not know: files, commands, parameters, the tool itself."""


def test_no_figure_of_the_suite_talks_of_files_commands_or_parameters(
    found: dict[str, gb.Finding],
    record: Callable[..., Record],
    script: Callable[[str], ModuleType],
) -> None:
    texts = script("tests/figure_faults.py").texts
    for name, one in found.items():
        for lang in LANGUAGES:
            figure = one.figure(lang=lang)
            made = record(name) | {"options": {"lang": lang}, "cited": one._cited[lang]}
            sign(figure, sources.line(made, getattr(figure, "sources", ())))
            for label, _ in texts(figure):
                assert not TALK.search(label), f"{name}: {label}"


def test_no_text_of_figures_talks_of_files_commands_or_parameters() -> None:
    for group in ("says", "standings", "titles", "missing", "levels", "rules"):
        for name, said in look.texts()[group].items():
            for lang in LANGUAGES:
                plain = re.sub(r"{[^}]*}", "", said[lang])
                assert not TALK.search(plain), f"{name}: {plain}"


def test_a_figure_of_another_years_report_is_told(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    made, name = record("metric_trend"), "metric_trend"
    own = made["reports"][0]
    rows = drawn[name].head(4).assign(report_id=own["report_id"], role="own")
    rows["year"] = [own["year"], own["year"], own["year"] - 1, own["year"] - 2]
    said = captions.caption(name, rows, made, "en")
    assert "see report_id in data.csv: 2." in said
    aims = rows.assign(role="target", year=own["year"] + 1)
    assert "see report_id" not in captions.caption(name, aims, made, "en")


def test_a_group_without_a_comparable_region_is_said(
    drawn: dict[str, pd.DataFrame], record: Callable[..., Record]
) -> None:
    data, made = drawn["metric_trend"], record("metric_trend", group="经济特区")
    for own, said in ((data, False), (data[data["role"] != "peer"], True)):
        text = captions.caption("metric_trend", own, made, "zh")
        assert ("“经济特区”没有其他地区的可比数字" in text) is said


def test_every_fact_that_a_caption_names_is_made_somewhere() -> None:
    """A clause that names what nothing makes would be left out in silence."""
    room = Path(captions.__file__).parent
    named = set(re.findall(r"{(\w+)[\[:},.]", (room / "captions.yaml").read_text("utf-8")))
    code = "".join(path.read_text("utf-8") for path in room.parent.rglob("*.py"))
    made = {*re.findall(r"[\"'](\w+)[\"']", code), *re.findall(r"\b(\w+)=", code)}
    bare = {name: re.sub(r"^(hand|n|reuse)_|_(is|span)$", "", name) for name in named}
    assert [name for name, part in bare.items() if not {name, part} & made] == []

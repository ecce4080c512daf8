"""Evidence: a row leads to the hits it counts, a mark to its row, the page to the raw file."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import lxml.html
import pandas as pd
import pytest
from matplotlib.figure import Figure

import analysis as gb
from analysis import bundle, evidence, figures, tables, themes
from analysis.bundle import evidence_page
from analysis.evidence import marks
from analysis.figures.look import linked
from analysis.indicators import trends
from analysis.kit import InputError, html
from analysis.restore import Edit, replay
from analysis.reuse import ORIGINS
from analysis.words import Counts, collocations, keyness, keywords

SVG, XLINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}"
Drawn = tuple[Figure, pd.DataFrame, pd.DataFrame]


def of_words(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figure, data and hits of notebooks/keyword_frequency.ipynb."""
    contrast = study.contrast("", "reference", "words")
    frequency = keywords.frequency(Counts.of(contrast.terms, contrast.sentences))
    compared = keyness.compare(contrast.target, contrast.reference)
    shown = {"stopwords": study.stopwords, "min_chars": 2}
    top = keywords.top(keyness.beside(frequency, compared), 25, **shown)
    hits = evidence.of(contrast.terms, contrast.sentences, key=list(top["key"]))
    yield "top_terms", (figures.top_terms(top), top, hits)
    yield "word_cloud", (figures.word_cloud(top), top, hits)
    keys = keyness.strongest(keywords.top(compared, len(compared), **shown), 12)
    sides = contrast.hits[contrast.hits["key"].isin(keys["key"])]
    yield "keyness_plot", (figures.keyness_plot(keys, "甲", "乙"), keys, sides)
    words = list(top["key"][:15])
    where = keywords.sections(Counts.of(contrast.terms, contrast.sentences), words)
    yield "term_sections", (figures.term_sections(where), where, hits)
    ticks = keywords.places(contrast.terms, contrast.sentences, words)
    yield "dispersion_plot", (figures.dispersion_plot(ticks), ticks, hits)
    pairs = collocations.network(contrast.terms, list(top["key"]), span=None)
    yield "collocation_network", (figures.collocation_network(pairs), pairs, hits)
    rates = study.rates(["法治", "法制"])
    drawn = figures.rates_over_time(rates.table, at="at")
    yield "rates_over_time", (drawn, rates.table, rates.evidence)


def of_themes(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figure, data and hits of notebooks/theme_coverage.ipynb."""
    book, names = study.codebook, study.codebook.names("zh")
    both = (study.codings, study.sentences)
    validation = study.validation
    assert validation
    table = themes.coverage(*both, book)
    coded = evidence.of(*both, primary_theme=list(table["theme"]), is_heading=False)
    drawn = figures.theme_coverage(table, names, errors=validation.scores)
    yield "theme_coverage", (drawn, table, coded)
    parts = themes.coverage(*both, book, by=("section",))
    yield "theme_sections", (figures.theme_sections(parts, names), parts, coded)
    flow = themes.flow(*both)
    yield "theme_flow", (figures.theme_flow(flow, names), flow, evidence.of(*both))
    pairs = themes.cooccurrence(*both, book)
    yield "theme_cooccurrence", (figures.theme_cooccurrence(pairs, names), pairs, coded)
    crossed = study.themes.cross("topics")
    yield "theme_cross", (crossed.figure(lang="zh"), crossed.table, crossed.hits)
    years = study.theme_rates()
    yield "theme_years", (figures.theme_years(years.table, names), years.table, years.evidence)


def of_panels(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figures of the panel and of the edits."""
    book, both = study.indicator_codebook, (study.indicators.table, study.indicator_codebook)
    panel = trends.panel(*both, regions=["厦门市"], peers_in=[2022])
    panel, _ = trends.cite(panel, study.sources)
    yield "metric_trend", (figures.metric_trend(panel, book), panel, panel)
    planned, _ = trends.cite(trends.planned(*both, regions=["全国"]), study.sources)
    yield "target_outcome", (figures.target_outcome(planned, book), planned, planned)
    ranked, _ = trends.cite(trends.in_year(*both, year=2024, region="厦门市"), study.sources)
    yield "dot_range", (figures.dot_range(ranked, book), ranked, ranked)
    known = trends.known(*both, regions=["全国"])
    nation = study.indicators.table[study.indicators.table["region"] == "全国"]
    cells = study.indicators.heatmap("gdp_growth")
    yield (
        "indicator_heatmap",
        (figures.indicator_heatmap(cells.table, book), cells.table, cells.hits),
    )
    yield "known_missing", (figures.known_missing(known, book), known, nation)
    promised = study.indicators.commitments(by="topic")
    yield "commitments", (promised.figure(lang="zh"), promised.table, promised.hits)
    edits = study.edit_places
    yield "edit_places", (figures.edit_places(edits), edits, study.edits)


def of_attention(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figure, data and hits of notebooks/attention_panel.ipynb, of words that the report has."""
    made = study.attention(terms=["法治", "依法治国"])
    one, measures = themes.attention.one(made.table), themes.attention
    spread, ranked = measures.spread(made.table), measures.ranked(one)
    yield "attention_over_time", (figures.attention_over_time(spread), spread, made.hits)
    yield "attention_ranking", (figures.attention_ranking(ranked), ranked, made.hits)
    ordered = measures.ordered(one)
    yield "attention_heatmap", (figures.attention_heatmap(ordered), ordered, made.hits)
    tiles = ranked.assign(level="province", region_code="350000")
    yield "attention_tiles", (figures.attention_tiles(tiles), tiles, made.hits)
    first = measures.adopted(made.table, made.hits).assign(from_start=False)  # else a sentence
    yield "adoption_curve", (figures.adoption_curve(first), first, made.hits)


def of_comparisons(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figure, data and hits of notebooks/comparison_gallery.ipynb."""
    for one in (
        study.words.slope_chart((), "part=done", "part=plan"),
        study.words.communities(),
        study.themes.stream(),
        study.words.comparison_cloud(cloud_n=24),
        study.words.similarity(),
        study.words.ranking("法治"),
        study.words.heatmap("法治"),
        study.themes.multiples("law_enforcement"),
    ):
        yield one.name, (one.figure(lang="zh"), one.table, one.hits)


def of_reuse(study: gb.Study) -> Iterator[tuple[str, Drawn]]:
    """Figures of text reuse, of passages that are made up: one report shares none."""
    spread = study.reuse().diffusion("法治")
    yield "reuse_diffusion", (spread.figure(lang="zh"), spread.table, spread.hits)
    told = spread.hits.assign(
        origin="other", source_region="全国", source_passage="法制", passage="法治"
    )
    table = pd.DataFrame({"region": ["厦门市"], "source_region": ["全国"], "n": [len(told)]})
    yield "reuse_matrix", (figures.reuse_matrix(table), table, told)
    shares = study.reuse().shares("part").table
    shares["n"] = shares["N_chars"] // 5
    shares["share"] = 0.2
    hits = [
        told.assign(origin=one, part=part) for part in shares["part"].unique() for one in ORIGINS
    ]
    yield "reuse_shares", (figures.reuse_shares(shares), shares, pd.concat(hits, ignore_index=True))


@pytest.fixture(scope="module")
def drawn(study: gb.Study) -> dict[str, Drawn]:
    """Every figure of the bundled study with its table and hits, as the notebooks make them."""
    made = (of_words, of_themes, of_panels, of_attention, of_comparisons, of_reuse)
    return dict(one for of in made for one in of(study))


def page(study: gb.Study, data: pd.DataFrame, hits: pd.DataFrame, lang: str = "en") -> str:
    record = {
        **study.provenance({}),
        "title": {"zh": "图", "en": "Figure"},
        "hash": "0123456789",
        "sources": study.sources.to_dict("records"),
    }
    return shown(record, data, hits, study.lead(hits), lang)


def shown(
    record: Mapping[str, Any],
    data: pd.DataFrame,
    hits: pd.DataFrame,
    lead: evidence_page.Lead,
    lang: str,
) -> str:
    """The page, made from what a reader of evidence.json has."""
    facts = evidence_page.facts({"figure": "f", **record}, data, hits, lead, lang)
    return evidence_page.page(json.loads(json.dumps(facts, allow_nan=False)), lang)


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', text, re.DOTALL)
    assert found
    return found[0]


COUNTING = ("top_terms", "word_cloud", "keyness_plot", "term_sections", "theme_coverage")


@pytest.mark.parametrize("name", [*COUNTING, "theme_sections", "theme_cooccurrence"])
def test_a_row_that_counts_hits_has_as_many_rows_of_evidence(
    drawn: dict[str, Drawn], name: str
) -> None:
    _, data, hits = drawn[name]
    assert [len(rows) for rows in evidence.behind(data, hits)] == data["n"].tolist()


def test_words_that_stand_together_lead_to_the_sentences_that_hold_both(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    _, data, hits = drawn["collocation_network"]
    found = evidence.behind(data, hits)
    assert [rows["sentence_id"].nunique() for rows in found] == data["sentences"].tolist()
    pair = data.iloc[0]
    own = study.terms[study.terms["key"].isin([pair["source"], pair["target"]])]
    both = own.groupby("sentence_id")["key"].transform("nunique") == 2
    assert set(found[0]["start"]) == set(own.loc[both, "start"])


def test_figures_sources_and_edits_lead_to_themselves(drawn: dict[str, Drawn]) -> None:
    for name in ("metric_trend", "target_outcome", "dot_range", "edit_places", "dispersion_plot"):
        _, data, hits = drawn[name]
        assert {len(rows) for rows in evidence.behind(data, hits)} == {1}
    _, data, hits = drawn["rates_over_time"]
    found = evidence.behind(data, hits)
    assert [list(rows["document_id"]) for rows in found] == [[one] for one in data["document_id"]]


def test_rows_by_region_and_year_count_the_hits_of_these_reports() -> None:
    reports = pd.DataFrame(
        {"report_id": ["a", "b", "c"], "region": ["甲", "乙", "甲"], "year": [2021, 2021, 2022]}
    )
    hits = pd.DataFrame(
        {"report_id": ["a", "b", "c", "a"], "key": ["法治", "法治", "法治", "执法"]}
    )
    data = pd.DataFrame({"region": ["甲", "甲", "乙"], "year": [2021, 2022, 2022], "key": "法治"})
    found = evidence.behind(data, hits, reports)
    assert [list(rows.index) for rows in found] == [[0], [2], []]


def test_a_table_that_shares_no_column_with_its_hits_has_no_evidence() -> None:
    data, hits = pd.DataFrame({"n": [1, 2]}), pd.DataFrame({"key": ["法治"]})
    assert [len(rows) for rows in evidence.behind(data, hits)] == [0, 0]


def test_every_row_of_every_figure_is_linked_and_has_a_tooltip(drawn: dict[str, Drawn]) -> None:
    assert set(drawn) == set(figures.TITLES)
    for name, (figure, data, _) in drawn.items():
        links = ET.fromstring(linked(bundle.render(figure, "svg"))).iter(f"{SVG}a")
        rows, tips = set(), set()
        for link in links:
            rows.add(link.attrib[f"{XLINK}href"])
            tips.add(link[0].tag == f"{SVG}title" and bool(link[0].text))
        every = {f"evidence.html#r{at}" for at in range(1, len(data) + 1)}
        left_out = figure.cut.whole - figure.cut.drawn if name == "collocation_network" else 0
        assert rows <= every, name
        assert len(every - rows) == left_out, name
        assert tips == {True}, name


def test_a_bar_leads_to_the_row_it_is_as_long_as(drawn: dict[str, Drawn]) -> None:
    figure, data, _ = drawn["keyness_plot"]
    bars = {bar.get_gid().split()[1]: bar.get_width() for bar in figure.axes[0].patches}
    assert len(bars) == len(data)
    finite = data[data["log_ratio"].abs() < float("inf")]
    ratios = {str(at + 1): ratio for at, ratio in finite["log_ratio_smoothed"].items()}
    assert {at: bars[at] for at in ratios} == ratios


def test_a_pdf_has_no_link_to_a_local_file(drawn: dict[str, Drawn]) -> None:
    for name in ("word_cloud", "term_sections"):
        assert b"/URI" not in bundle.render(drawn[name][0], "pdf")


def test_groups_in_a_mark_stay_and_the_keyboard_stops_once_a_row() -> None:
    svg = b'<svg><g id="mark 2 a &lt; b"><g><g/></g></g><g id="mark 2 c"></g><g id="d"></g></svg>'
    assert linked(svg) == (
        b'<svg><a xlink:href="evidence.html#r2" id="mark-r2"><title>a &lt; b</title><g><g/></g></a>'
        b'<a xlink:href="evidence.html#r2" tabindex="-1"><title>c</title></a><g id="d"></g></svg>'
    )
    assert linked(linked(svg)) == linked(svg)


def test_the_page_marks_the_hits_and_shows_the_raw_text_and_the_files_hash(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    _, data, hits = drawn["top_terms"]
    text = page(study, data, hits)
    for number, row in enumerate(data.head(5).itertuples(), start=1):
        marked = re.findall("<mark>(.*?)</mark>", section(text, f"r{number}"))
        assert "".join(marked) == row.key * row.n  # neighbouring hits share a mark
    own = section(text, "xiamen-2022:s013")
    sentence = study.sentences.set_index("sentence_id").loc["xiamen-2022:s013"]
    raw = study.restored("xiamen-2022").raw[sentence["raw_start"] : sentence["raw_end"]]
    file = study.path / study.reports["path"][0]
    assert unescape(own).count(raw) == 1
    assert f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}" in own


def test_every_link_of_the_page_leads_to_a_place_on_it_or_to_the_bundle(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    for name in ("theme_sections", "metric_trend"):
        _, data, hits = drawn[name]
        text = page(study, data, hits, "zh")
        ids = {"main", *re.findall('<section id="(.*?)"', text)}
        links = set(re.findall('href="(.*?)"', text))
        assert {link[1:] for link in links if link.startswith("#")} <= ids
        assert {f"r{at}" for at in range(1, len(data) + 1)} <= ids
        others = {link for link in links if not link.startswith(("#", "http"))}
        assert {Path(link).suffix for link in others} == {".svg", ".pdf", ".csv", ".json"}
        (listed,) = re.findall("<nav.*?</nav>", text, re.DOTALL)
        if name == "theme_sections":  # a count of zero has a place, and no line in the list
            held = [at for at, n in enumerate(data["n"], start=1) if n]
            assert re.findall('href="#r(.*?)"', listed) == [str(at) for at in held]
            assert "（开头）" in listed  # as the figure calls it, not s0
            assert "s0<" not in listed
        assert "<script" not in text
        assert set(re.findall(r"(?:src|url)[=(]\W*(\w+)", text)) == {"data"}


def test_a_figure_of_the_panel_leads_to_its_source(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    _, data, hits = drawn["metric_trend"]
    text, source = page(study, data, hits), study.sources.set_index("source_id")
    name = data["source_id"][0]
    assert f'href="#{name}"' in section(text, "r1")
    assert source.loc[name, "url"] in unescape(section(text, name))


Made = tuple[pd.DataFrame, pd.DataFrame, evidence_page.Lead]


def led(trails: pd.DataFrame, asked: list[str] | None = None) -> evidence_page.Lead:
    """What leads sentences back by a table made beforehand; notes what it is asked for."""

    def lead(ids: Sequence[str]) -> pd.DataFrame:
        (asked if asked is not None else []).extend(ids)
        return trails.set_index("sentence_id", drop=False).loc[list(ids)]

    return lead


def made_up(sentences: int, rows: int, text: str, asked: list[str] | None = None) -> Made:
    """Rows that all count the same hits, one a sentence of made-up text, and their trails."""
    ids = [f"a:s{at:04d}" for at in range(sentences)]
    hits = pd.DataFrame({"report_id": "a", "sentence_id": ids, "start": 0, "end": 2, "key": "法治"})
    data = pd.DataFrame({"key": ["法治"] * rows, "n": sentences})
    places = {"section": "s1", "heading": "", "part": "done", "path": "a.txt", "sha256": "0"}
    span = {"start": 0, "raw_start": 0, "raw_end": 9, "raw": text, "text": text}
    found = pd.DataFrame({"report_id": "a", "sentence_id": ids, **places, **span})
    return data, hits, led(found.assign(edits=[()] * sentences), asked)


RECORD = {"title": {"zh": "图", "en": "Figure"}, "hash": "0" * 64, "reports": []}


def test_text_of_a_report_is_escaped() -> None:
    text = shown(RECORD, *made_up(1, 1, "法治<script>alert(1)</script>"), "en")
    assert "<script" not in text
    assert "<mark>法治</mark>&lt;script&gt;" in text


HOSTILE = '"><script>alert(1)</script>{{ 7 * 7 }}'


def test_what_is_hostile_stays_text_wherever_it_stands() -> None:
    """Names of columns, titles, notes, quotes, sources, paths: what templates put anywhere."""
    data = pd.DataFrame({"indicator_id": [HOSTILE], HOSTILE: [HOSTILE], "source_id": "x'\"<b>"})
    given = {"value": 1.5, "quote": HOSTILE, "note": HOSTILE, "unit": HOSTILE, "year": 2022}
    hits = data.assign(region=HOSTILE, sentence_id="", **given)
    source = {"source_id": "x'\"<b>", "title": HOSTILE, "url": "javascript:alert(1)"}
    record = {**RECORD, "title": {"zh": HOSTILE, "en": HOSTILE}, "sources": [source]}
    text = shown(record, data, hits, led(pd.DataFrame()), "zh")
    assert "alert(1)" in text
    tree = lxml.html.document_fromstring(text)
    assert not tree.xpath("//script | //b | //*[starts-with(@href, 'javascript')]")
    assert tree.xpath("//section/@id") == ["r1", "x'\"<b>"]
    assert tree.xpath("//dt/@title")[1] == HOSTILE
    assert tree.xpath("//q")[0].text == HOSTILE
    change = pd.DataFrame({"edit": [1], "before": HOSTILE, "after": HOSTILE, "note": HOSTILE})
    edits = shown(RECORD, change, change, led(pd.DataFrame()), "en")
    tree = lxml.html.document_fromstring(edits)
    assert [node.text for node in tree.xpath("//del | //ins")] == [HOSTILE, HOSTILE]
    assert not tree.xpath("//script")


def test_every_column_of_a_figures_table_has_a_name_in_both_languages(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    columns = {name for _, data, _ in drawn.values() for name in data.columns}
    columns |= {name for own in tables.COLUMNS.values() for name in own}
    assert len(columns) > 100
    assert columns - {*html.labels()} == set()
    for name, said in html.labels().items():
        assert len(said) == 2, name
        assert all(isinstance(one, str) and one for one in (name, *said)), name
        assert "_" not in "".join(said), name
    assert html.label("a_column_of_mine", "zh") == "a_column_of_mine"


def facts(study: gb.Study, data: pd.DataFrame, hits: pd.DataFrame) -> dict[str, Any]:
    record = {**study.provenance({}), **RECORD, "figure": "f"}
    made = evidence_page.facts(record, data, hits, study.lead(hits), "zh")
    return dict(json.loads(json.dumps(made, allow_nan=False)))


def test_the_facts_lead_from_a_mark_to_the_raw_file(
    drawn: dict[str, Drawn], study: gb.Study
) -> None:
    """Worked out again from data.csv, hits.csv and the file: rows, spans, edits, raw text."""
    _, data, hits = drawn["top_terms"]
    made = facts(study, data, hits)
    assert [row["mark"] for row in made["rows"]] == [f"r{at}" for at in range(1, len(data) + 1)]
    assert [row["n_hits"] for row in made["rows"]] == data["n"].tolist()
    for row, key in zip(made["rows"], data["key"], strict=True):
        own = hits[hits["key"] == key]
        assert row["title"] == {"zh": key, "en": key}
        assert row["columns"]["n"] == len(own)
        assert row["n_evidence"] == len(row["evidence"]) == own["sentence_id"].nunique()
        for item in row["evidence"]:
            text = made["sentences"][item["sentence"]]["text"]
            spans = [text[start:end] for start, end in item["spans"]]
            assert "".join(spans) == key * (own["sentence_id"] == item["sentence"]).sum()
    ((report, file),) = made["files"].items()
    raw = (study.path / file["path"]).read_bytes()
    assert file["sha256"] == hashlib.sha256(raw).hexdigest()
    assert report == "xiamen-2022"
    for name, one in made["sentences"].items():
        assert one["raw"] == raw.decode()[one["raw_start"] : one["raw_end"]], name
        whole = [e for e in one["edits"] if one["raw_start"] <= e["raw_start"]]
        edits = [Edit(**edit) for edit in whole if edit["raw_end"] <= one["raw_end"]]
        shifted = [
            replace(
                one_,
                raw_start=one_.raw_start - one["raw_start"],
                raw_end=one_.raw_end - one["raw_start"],
            )
            for one_ in edits
        ]
        assert len(edits) < len(one["edits"]) or replay(one["raw"], shifted) == one["text"]


def test_the_facts_are_what_the_page_shows_and_no_more() -> None:
    made = evidence_page.facts(
        {"figure": "f", **RECORD}, *made_up(1000, 400, "法治政府" * 30), "zh"
    )
    shown_ = {item["sentence"] for row in made["rows"] for item in row["evidence"]}
    assert {*made["sentences"]} == shown_ == {f"a:s{at:04d}" for at in range(5)}
    assert {row["n_evidence"] for row in made["rows"]} == {1000}
    assert made["rows"][0]["evidence"][0]["spans"] == [(0, 2)]
    cut = evidence_page.facts({"figure": "f", **RECORD}, *made_up(3, 9000, "法治政府"), "zh")
    assert (cut["n_rows"], len(cut["rows"]) < 9000) == (9000, True)
    page = evidence_page.page(cut, "zh")
    assert f"前 {len(cut['rows']):,} 行，共 9,000 行" in page


def test_values_are_numbers_and_nothing_is_left_out_silently() -> None:
    data = pd.DataFrame(
        {
            "key": ["法治"],
            "n": [3],
            "rate": [0.1],
            "lo": [float("nan")],
            "pct_diff": [float("inf")],
            "tied": [False],
            "year": pd.array([None], "Int64"),
        }
    )
    made = evidence_page.facts({"figure": "f", **RECORD}, data, data.iloc[:0], led(data), "zh")
    wanted = {"key": "法治", "n": 3, "rate": 0.1, "pct_diff": "inf", "tied": False}
    assert made["rows"][0]["columns"] == wanted


@pytest.mark.parametrize(
    ("text", "term", "places"),
    [
        ("互联网+政务服务", "互联网+", [(0, 4)]),
        ("互联网网政务", "网+", []),
        ("（试点）(试点", "(试点", [(4, 7)]),
        ("a.b axb", "a.b", [(0, 3)]),
        ("法法法法", "法法", [(0, 2), (2, 4)]),
        ("[法]|治", "|", [(3, 4)]),
        ("法治", "", []),
        ("法治", "法治政府", []),
    ],
)
def test_a_term_is_found_letter_for_letter(
    text: str, term: str, places: list[tuple[int, int]]
) -> None:
    assert marks.found(text, term) == places


def test_edits_of_one_rule_and_certainty_stand_together_and_what_is_empty_is_said() -> None:
    edits = [
        Edit(1, "gloss", 0, 1, "(fǎ)", "", "certain"),
        Edit(2, "phase", 2, 3, "", "（三）", "likely", "or: 三"),
        Edit(3, "gloss", 4, 6, "\n  ", " x\n y ", "certain"),
    ]
    assert marks.changed(edits) == [
        ("certain", "gloss", [("(fǎ)", "∅", ""), ("␣", "x y", "")]),
        ("likely", "phase", [("∅", "（三）", "or: 三")]),
    ]


def test_a_long_list_is_cut_and_says_so_and_the_page_stays_small() -> None:
    one = shown(RECORD, *made_up(1234, 1, "法治政府"), "en")
    assert "first 200 of 1,234; all in hits.csv" in one
    assert section(one, "r1").count("<li>") == 200
    many = shown(RECORD, *made_up(1000, 400, "法治政府建设" * 20), "zh")
    assert "前 5 条，共 1,000 条" in many
    assert len(many.encode()) < 2_000_000
    most = shown(RECORD, *made_up(3, 9000, "法治政府建设" * 20), "zh")
    rows = re.search("前 ([0-9,]+) 行，共 9,000 行；全部见 data.csv", most)
    assert rows
    assert most.count('<section id="r') == int(rows[1].replace(",", ""))
    assert len(most.encode()) < 2_000_000


def test_a_page_is_as_large_as_the_room_lets_it_be() -> None:
    """The room is one and a half million bytes without the font; the steps are those it names."""
    made = made_up(1000, 400, "法治政府建设" * 20)
    text = shown(RECORD, *made, "zh")
    bare = re.sub(r"@font-face\{.*?\)\}", "", text)
    assert section(bare, "r400").count("<li>") == 5
    assert len(bare.encode()) <= 1_500_000
    item = re.search("<li>.*?(?=\n<li>)", section(bare, "r1"), re.DOTALL)
    assert item
    assert len(bare.encode()) + 400 * 5 * len(item[0].encode()) > 1_500_000  # 10 would be too many


@pytest.mark.parametrize(("sentences", "rows", "wanted"), [(7, 3, 7), (1234, 1, 200), (3, 9000, 1)])
def test_a_sentence_is_led_back_once_and_only_if_it_is_shown(
    sentences: int, rows: int, wanted: int
) -> None:
    asked: list[str] = []
    text = shown(RECORD, *made_up(sentences, rows, "法治政府", asked), "en")
    assert asked == [f"a:s{at:04d}" for at in range(wanted)]
    assert [name for name in asked if text.count(f'<section id="{name}"') != 1] == []


def test_hits_of_a_sentence_that_the_study_does_not_hold_are_told(study: gb.Study) -> None:
    hits = pd.DataFrame({"sentence_id": ["xiamen-2022:s001", "xiamen-2022:s999", ""]})
    with pytest.raises(InputError, match="xiamen-2022:s999"):
        study.lead(hits)
    assert len(study.lead(hits.drop(1))(["xiamen-2022:s001"])) == 1


def test_places_are_those_of_the_rows_taken_out(drawn: dict[str, Drawn]) -> None:
    """Pairs, worked out again: hits of either word in the sentences that hold both."""
    for name, columns in (
        ("collocation_network", ("source", "target")),
        ("theme_cooccurrence", ("theme", "other")),
    ):
        _, data, hits = drawn[name]
        names = hits["key"] if "key" in hits else hits["primary_theme"] + ";" + hits["other_themes"]
        named = [set(one.split(";")) for one in names]
        _, found = evidence.places(data, hits)
        for pair, places in zip(data[list(columns)].values.tolist(), found, strict=True):
            ids = [
                {
                    sentence
                    for sentence, own in zip(hits["sentence_id"], named, strict=True)
                    if one in own
                }
                for one in pair
            ]
            both = ids[0] & ids[1]
            assert places == [
                at
                for at, (sentence, own) in enumerate(zip(hits["sentence_id"], named, strict=True))
                if sentence in both and own & set(pair)
            ]

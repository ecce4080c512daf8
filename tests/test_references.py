"""References: what is known is there, what is not is said, and BibTeX can read it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import analysis as gb
from analysis.bundle import captions, references
from analysis.indicators import trends
from analysis.words import reference

ROOT = Path(__file__).resolve().parent.parent


def make(study: gb.Study, figure: str, **more: Any) -> dict[str, Any]:
    """A record as a bundle of the bundled study has it."""
    made: dict[str, Any] = {**study.provenance({}), "figure": figure, "gongbao": "0.2.0"}
    about = {"reference": "default"} if figure == "keyness_plot" else {}
    return made | {"cited": [], "sources": [], "about": about} | more


@pytest.fixture(scope="module")
def panel(study: gb.Study) -> dict[str, Any]:
    """The record of the national targets, whose sources are named in short form in the figure."""
    book = study.indicator_codebook
    planned = trends.planned(study.indicators.table, book, regions=["全国", "厦门市"])
    planned, cited = trends.cite(planned, study.sources, "zh")
    sources = study.sources[study.sources.source_id.isin(planned.source_id)].to_dict("records")
    return make(study, "target_outcome", cited=cited, sources=sources)


def well_formed(text: str) -> list[str]:
    """The keys of a .bib file; an assertion fails where BibTeX could not read it."""
    depth, keys, bare = 0, [], re.sub(r"\\.", "", text)
    for number, line in enumerate(bare.splitlines(), start=1):
        if depth == 0 and line:
            head = re.fullmatch(r"@(\w+)\{([A-Za-z0-9._:-]+),", line)
            assert head, f"{number}: {line}"
            keys.append(head[2])
        elif depth == 1 and line != "}":
            assert re.fullmatch(r"  \w+ = \{.*\},", line), f"{number}: {line}"
            if not line.startswith(("  url", "  doi")):
                assert not re.search(r"[$&#_%~^]", line), f"{number}: {line}"
        depth += line.count("{") - line.count("}")
        assert depth in (0, 1), f"{number}: {line}"
    assert depth == 0
    assert len(set(keys)) == len(keys)
    return keys


def test_a_report_is_by_its_issuer_or_its_regions_government(study: gb.Study) -> None:
    known = make(study, "theme_coverage")
    said = "[1] 厦门市人民政府. [厦门市2022年报告][R]. (出版日期不详)."
    assert said in references.gbt7714(known)
    english = references.english_list(known)
    named = "[the report of Xiamen (厦门市) on 2022]"
    assert f"[1] People's Government of Xiamen (厦门市人民政府) (n.d.). {named}. the" in english
    known["reports"][0] |= {
        "issuer": "厦门市司法局",
        "title": "A_B & 100%",
        "published": "2023-03-01",
        "source_url": "https://x.cn/法?a=1_2",
    }
    text = references.gbt7714(known)
    assert "[1] 厦门市司法局. A_B & 100%[EB/OL]. (2023-03-01). https://x.cn/法" in text
    assert "引用日期" not in text  # nobody wrote the day down, and the list makes none up
    bib = references.bibtex(known)
    assert r"title = {{A\_B \& 100\%}}" in bib
    assert "url = {https://x.cn/%E6%B3%95?a=1_2}" in bib
    assert "year = {2023}" in bib
    well_formed(bib)


def test_what_is_not_known_is_said_and_not_made_up(study: gb.Study) -> None:
    bib = references.bibtex(make(study, "theme_coverage")).partition("@misc{xiamen-2022")[2]
    entry = bib.partition("\n}\n")[0]
    assert "year = {n.d.}" in entry
    assert "title not stated, date not stated, address not stated, date accessed not" in entry
    assert "url = " not in entry
    assert "urldate" not in entry


def test_sources_stand_under_the_numbers_that_they_have_in_the_figure(
    panel: dict[str, Any], study: gb.Study
) -> None:
    found = references.entries(panel)
    address = dict(zip(study.sources.source_id, study.sources.url, strict=True))
    for entry, label in zip(found, panel["cited"], strict=False):
        year = label[-4:]
        assert entry.key.endswith(year)
        assert entry.url == address.get(entry.key, "")
    lines = references.gbt7714(panel).splitlines()
    assert [line.split()[0] for line in lines] == [f"[{n + 1}]" for n in range(len(found))]


def test_a_source_that_the_record_does_not_describe_keeps_its_number(study: gb.Study) -> None:
    known = make(study, "metric_trend", cited=["site lost-1", "报告 xiamen-2022"])
    first, second, *_ = references.entries(known)
    assert (first.key, first.title, first.note) == ("lost-1", "", "site lost-1")
    assert second.key == "xiamen-2022"


def test_a_trend_of_the_reference_list_cites_the_collection_and_not_the_study(
    study: gb.Study,
) -> None:
    for name, rates in (
        ("rates_over_time", study.rates(["法治"])),
        ("theme_years", study.theme_rates()),
    ):
        for lang in ("zh", "en"):
            known = make(study, name, cited=rates.cited[lang], about={"genre": rates.genre})
            homes = reference.select("genre=national report")["source"].str.partition("/blob/")[0]
            keys = [entry.key for entry in references.entries(known)]
            assert references.entries(known)[0].url in set(homes)
            assert keys == ["chinese-political-corpora", "gongbao"]


def test_literature_is_what_the_methods_paragraph_names(study: gb.Study) -> None:
    known = make(study, "keyness_plot")
    keys = {entry.key for entry in references.entries(known)}
    assert {"dunning1993", "hardie2014", "walter1975"} <= keys
    assert "benjamini1995" not in keys
    known["study"] = known["study"] | {"design": "sample"}
    assert "benjamini1995" in {entry.key for entry in references.entries(known)}
    text = references.gbt7714(make(study, "top_terms"))
    assert "GRIES S T. Dispersions and adjusted frequencies in corpora[J]. International" in text
    for about in captions.texts()["clauses"].values():
        for clause in about:
            for key in clause.get("cites", ()):
                year, name = key[-4:], key[:-4]
                said = clause["en"].lower().replace("ý", "y")
                assert year in said
                assert name in said


def test_every_figures_bibtex_is_well_formed(panel: dict[str, Any], study: gb.Study) -> None:
    for name in [*gb.figures.TITLES, "my_figure"]:
        assert "gongbao" in well_formed(references.bibtex(make(study, name)))
    keys = well_formed(references.bibtex(panel))
    assert len(keys) == len(references.entries(panel))
    twice = [{"source_id": "a b"}, {"source_id": "a/b"}, {"source_id": "甲"}, {"source_id": "a-b"}]
    known = make(study, "metric_trend", sources=twice)
    keys = well_formed(references.bibtex(known))
    assert keys[1:5] == ["a-b", "a-b-2", "entry", "a-b-3"]


def test_the_software_is_cited_as_citation_cff_says(study: gb.Study) -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    software = references.entries(make(study, "theme_flow"))[-1]
    assert software.title == cff["title"]
    assert list(software.authors) == [author["name"] for author in cff["authors"]]
    assert software.note == f"version {cff['version']}"


def test_english_references_are_by_author_and_date(study: gb.Study) -> None:
    text = references.english_list(make(study, "top_terms"))
    assert (
        "Gries, S. T. (2008). Dispersions and adjusted frequencies in corpora. International "
        "Journal of Corpus Linguistics, 13(4), 403–437. https://doi.org/10.1075/ijcl.13.4.02gri."
    ) in text
    assert "Gongbao contributors (n.d.). Gongbao: from" in text
    assert "[computer software]" in text
    numbers = [line.split()[0] for line in text.splitlines()]
    assert numbers == [f"[{at + 1}]" for at in range(len(numbers))]


def test_nothing_is_unknown_that_the_study_knows(panel: dict[str, Any]) -> None:
    known = references.gbt7714(panel)
    assert "责任者不详" not in known
    assert "题名不详" not in known
    assert "[1] 国务院. 1992年中华人民共和国国务院政府工作报告[EB/OL]" in known
    assert all("镜像" in one for one in known.splitlines() if "zh.wikisource.org" in one)
    said = references.english_list(panel)
    assert "[1] State Council (国务院) (n.d.). 1992年中华人民共和国国务院政府工作报告." in said
    assert not re.search("[一-鿿]", re.sub(r"\([^()]*\)|\d{4}年[^.]*|\[[^]]*\]", "", said))

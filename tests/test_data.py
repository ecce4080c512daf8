"""The bundled study is what data/README.md says it is.

Expected values are worked out by hand from the report and from the published figures. Where
``../shared`` stands beside the checkout, every row is compared with the figures it was made from.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import analysis as gb
from analysis.indicators import IndicatorCodebook
from analysis.kit import InputError

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / "data"
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(
    not (SHARED / "facts" / "facts.csv").exists(),
    reason="compares with ../shared, which does not stand beside this checkout",
)

Row = dict[str, str]

COLUMNS = {
    "reports": (
        "report_id region region_code level issuer year year_given genre published title "
        "source_url path sha256 encoding script keep"
    ),
    "sources": "source_id producer title url accessed published kind",
    "indicators": (
        "region year period indicator_id value unit bound measure_kind scope definition "
        "report_id sentence_id source_id quote status note"
    ),
    "decisions": ("sha256 raw_start raw_end quote about key decision value coder decided_on note"),
}


def read(path: Path) -> list[Row]:
    """Rows of a CSV file, as text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def national(source_id: str) -> bool:
    return source_id.startswith("gov-work-report-")


@pytest.fixture(scope="module")
def indicators() -> list[Row]:
    """The figures of the report and of regions; those of the nation are in test_national.py."""
    return [row for row in read(DATA / "indicators.csv") if not national(row["source_id"])]


@pytest.fixture(scope="module")
def sources() -> dict[str, Row]:
    rows = read(DATA / "sources.csv")
    return {row["source_id"]: row for row in rows if not national(row["source_id"])}


@pytest.fixture(scope="module")
def codebook() -> dict[str, Any]:
    text = (DATA / "codebooks" / "indicators.yaml").read_text(encoding="utf-8")
    book: dict[str, Any] = yaml.safe_load(text)
    return book


@pytest.fixture(scope="module")
def entries(codebook: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Entries of the indicators that the report and the regions' panel have."""
    used = {row["indicator_id"] for row in read(DATA / "indicators.csv") if row["region"] != "全国"}
    used |= {"recon_received", "recon_closed"}  # of regions and of the nation
    return {entry["id"]: entry for entry in codebook["indicators"] if entry["id"] in used}


@pytest.fixture(scope="module")
def sentences() -> dict[str, str]:
    """Text of every sentence of the bundled report, restored by the package."""
    frame = gb.Study(str(DATA)).sentences
    return dict(zip(frame["sentence_id"], frame["text"], strict=True))


# ---- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_tables_have_the_columns_of_their_contract(name: str) -> None:
    raw = (DATA / f"{name}.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf"), "a byte order mark, for Chinese Excel"
    assert b"\r" not in raw
    header = raw.decode("utf-8-sig").splitlines()[0]
    assert header.split(",") == COLUMNS[name].split()


def test_the_report_is_one_file_with_its_sha256() -> None:
    (report,) = read(DATA / "reports.csv")
    raw = (DATA / report["path"]).read_bytes()
    assert report["sha256"] == hashlib.sha256(raw).hexdigest()
    read_off = [report[column] for column in ("report_id", "region", "level", "year")]
    assert read_off == ["xiamen-2022", "厦门市", "city", "2022"]
    assert raw.decode(report["encoding"]).count("\n") == 17


def test_what_is_not_known_of_the_report_stays_empty() -> None:
    (report,) = read(DATA / "reports.csv")
    unknown = ("issuer", "published", "title", "source_url")
    assert [report[column] for column in unknown] == ["", "", "", ""]


# ---- Counts, worked out by hand -----------------------------------------------------------------


def test_counts_by_status_and_by_kind(indicators: list[Row], sources: dict[str, Row]) -> None:
    assert Counter(row["status"] for row in indicators) == {"checked": 86, "extracted": 110}
    assert Counter(row["measure_kind"] for row in indicators) == {"level": 196}
    bounds = Counter(row["bound"] for row in indicators)
    assert bounds == {"exact": 189, "at_least": 4, "approximate": 3}
    assert Counter(
        sources[row["source_id"]]["kind"] if row["source_id"] else "report" for row in indicators
    ) == {"report": 21, "official": 65, "news": 57, "mirror": 50, "secondary": 3}
    kinds = Counter(row["kind"] for row in sources.values())
    assert kinds == {"official": 28, "mirror": 17, "news": 16, "secondary": 2}


def test_only_figures_seen_on_an_official_page_or_in_the_report_are_checked(
    indicators: list[Row], sources: dict[str, Row]
) -> None:
    for row in indicators:
        official = bool(row["report_id"]) or sources[row["source_id"]]["kind"] == "official"
        assert row["status"] == ("checked" if official else "extracted"), row


def test_court_appearance_rate_is_a_lower_bound(indicators: list[Row]) -> None:
    (row,) = [row for row in indicators if row["indicator_id"] == "court_appearance_rate"]
    assert (row["value"], row["unit"], row["bound"]) == ("90", "%", "at_least")
    assert row["sentence_id"] == "xiamen-2022:s025"


def test_ten_thousands_are_multiplied_out(indicators: list[Row]) -> None:
    hotline = [row for row in indicators if row["indicator_id"] == "hotline_requests"]
    assert [(row["year"], row["value"], row["unit"]) for row in hotline] == [
        ("2019", "6960000", "件"),
        ("2023", "21430000", "件"),
        ("2024", "24000000", "件"),
    ]
    assert all("万件" in row["note"] for row in hotline)
    assert not any("万" in row["unit"] for row in indicators)


def test_values_are_plain_numbers(indicators: list[Row]) -> None:
    plain = re.compile(r"0|[1-9]\d*(\.\d*[1-9])?|0\.\d*[1-9]", re.ASCII)
    odd = [row["value"] for row in indicators if not plain.fullmatch(row["value"])]
    assert odd == []


def test_beijing_rate_agrees_with_its_own_cases(indicators: list[Row]) -> None:
    beijing = {
        row["indicator_id"]: float(row["value"])
        for row in indicators
        if (row["region"], row["year"]) == ("北京市", "2022")
    }
    # 1639 of 12195 cases is 13.44 %; the white paper says 13.4.
    rate = 100 * beijing["recon_corrected"] / beijing["recon_closed"]
    assert round(rate, 1) == beijing["recon_correction_rate"] == 13.4


# ---- Keys ---------------------------------------------------------------------------------------


def test_nothing_is_counted_twice(indicators: list[Row]) -> None:
    keys = Counter(
        (row["region"], row["year"], row["period"], row["indicator_id"], row["definition"])
        for row in indicators
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_row_has_either_a_sentence_or_a_source(
    indicators: list[Row], sources: dict[str, Row]
) -> None:
    for row in indicators:
        if row["report_id"]:
            assert row["sentence_id"].startswith(row["report_id"] + ":s"), row
            assert row["quote"], row
            assert not row["source_id"], row
        else:
            assert row["source_id"] in sources, row
            assert not row["sentence_id"], row


def test_sources_are_distinct_and_used(indicators: list[Row], sources: dict[str, Row]) -> None:
    rows = read(DATA / "sources.csv")
    assert len(rows) == len({row["url"] for row in rows}) == 63 + 46
    assert len(sources) == 63
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", source_id) for source_id in sources)
    assert {row["source_id"] for row in indicators} - {""} == set(sources)


def test_a_mirror_is_not_the_producer(sources: dict[str, Row]) -> None:
    assert [row for row in sources.values() if row["kind"] == "mirror" and row["producer"]] == []
    assert sources["xmrd-t20250205"]["producer"] == "厦门市人民代表大会常务委员会"


def test_periods_are_years_or_spans_of_months(indicators: list[Row]) -> None:
    spans = {}
    for row in indicators:
        if row["period"] != row["year"]:
            spans[row["region"], row["indicator_id"]] = row["period"]
            assert re.fullmatch(r"\d{4}-\d\d/\d{4}-\d\d", row["period"]), row
    assert spans == {
        ("杭州市", "local_regs_amended"): "2024-04/2025-05",
        ("杭州市", "local_regs_enacted"): "2024-04/2025-05",
        ("杭州市", "npcsc_meetings"): "2024-04/2025-05",
        ("杭州市", "special_reports_heard"): "2024-04/2025-05",
        ("天津市", "local_regs_passed"): "2024-01/2025-01",
        ("上海市", "recon_received"): "2021-08/2022-07",
    }


def test_cities_that_claim_one_rank_both_stay_and_say_so(indicators: list[Row]) -> None:
    fourth = {
        row["region"]: row["note"]
        for row in indicators
        if (row["indicator_id"], row["definition"], row["value"])
        == ("evaluation_rank", "edition_2024", "4")
    }
    assert set(fourth) == {"广州市", "杭州市"}
    assert "conflicts with Hangzhou" in fourth["广州市"]
    assert "conflicts with Guangzhou" in fourth["杭州市"]


# ---- Codebook -----------------------------------------------------------------------------------


def test_every_indicator_stands_in_the_codebook(
    indicators: list[Row], codebook: dict[str, Any], entries: dict[str, dict[str, Any]]
) -> None:
    assert codebook["version"] == 3
    assert len(entries) == 45
    assert len(codebook["indicators"]) == 45 + 11 + 19
    assert {row["indicator_id"] for row in indicators} == set(entries)


def test_names_fit_a_panel(entries: dict[str, dict[str, Any]]) -> None:
    for key, entry in entries.items():
        assert len(entry["name"]["zh"]) <= 14, key
        assert len(entry["name"]["en"]) <= 40, key
        assert entry["definition"]["zh"].endswith("。"), key
        assert entry["definition"]["en"].endswith("."), key
    for indicator in gb.Study(str(DATA)).indicator_codebook.indicators.values():
        for lang, limit in (("zh", 12), ("en", 30)):
            called = [indicator.definition_name(code, lang) for code in indicator.definitions]
            assert len(set(called)) == len(called), indicator.id
            assert max(map(len, called), default=0) <= limit, indicator.id
    for lang in ("zh", "en"):
        names = Counter(entry["name"][lang] for entry in entries.values())
        assert [name for name, count in names.items() if count > 1] == []


def test_every_definition_code_is_explained_and_used(
    indicators: list[Row], entries: dict[str, dict[str, Any]]
) -> None:
    used = {(row["indicator_id"], row["definition"]) for row in indicators if row["definition"]}
    explained = {
        (key, code) for key, entry in entries.items() for code in entry.get("definitions", {})
    }
    assert used == explained


def test_units_are_the_codebooks_unless_they_may_count_something_else(
    indicators: list[Row], entries: dict[str, dict[str, Any]]
) -> None:
    apart = set()
    for row in indicators:
        entry = entries[row["indicator_id"]]
        if row["unit"] not in {entry["unit"], *entry["unit_synonyms"]}:
            apart.add((row["indicator_id"], row["unit"]))
    assert apart == {
        ("gov_info_disclosed", "件"),
        ("gov_info_requests", "条"),
        ("rol_agenda_items", "次"),
    }
    regulations = entries["local_regs_passed"]
    assert {regulations["unit"], *regulations["unit_synonyms"]} == {"件", "项", "部"}


def test_only_rates_and_ranks_have_a_better_end(entries: dict[str, dict[str, Any]]) -> None:
    better = {
        key: entry["better"] for key, entry in entries.items() if entry["better"] != "neither"
    }
    assert better == {"court_appearance_rate": "higher", "evaluation_rank": "lower"}


ENTRY = "indicators:\n  - {id: a, name: {zh: 甲, en: A}, definition: {zh: 甲。, en: A.}"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", unt: 件}", ":2: key 'unt' is not known; did you mean 'unit'"),
        (", better: more}", ":2: better 'more' is not known"),
        (", per: b}", ":2: indicator 'b' is not known"),
        (", definitions: {x: 只计法规}}", ":2: the definition x must be a map with zh and en"),
        (", definitions: {x: {zh: 只计法规}}}", ":2: en is missing or empty"),
        ("}\n  - {id: a, name: {zh: 乙, en: B}, definition: {zh: 乙。, en: B.}}", ":3: the id 'a'"),
    ],
)
def test_a_mistake_in_a_codebook_is_answered_with_its_line(
    tmp_path: Path, more: str, said: str
) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_text(ENTRY + more, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        IndicatorCodebook.load(path)
    assert str(caught.value).startswith(f"{path}{said}")


def test_a_definition_without_a_name_is_called_by_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "indicators.yaml"
    path.write_text(ENTRY + ", definitions: {x: {zh: 只计法规。, en: Only.}}}", encoding="utf-8")
    (indicator,) = IndicatorCodebook.load(path).indicators.values()
    assert indicator.definition_name("x", "zh") == "只计法规。"


# ---- The report ---------------------------------------------------------------------------------


def test_quotes_stand_in_their_sentence(indicators: list[Row], sentences: dict[str, str]) -> None:
    quoted = [row for row in indicators if row["report_id"]]
    assert len(quoted) == 21
    missing = [
        (row["sentence_id"], row["quote"])
        for row in quoted
        if row["quote"] not in sentences.get(row["sentence_id"], "")
    ]
    assert missing == []
    assert all(row["value"] in row["quote"] for row in quoted)


def test_extraction_finds_the_21_figures_and_nothing_else(indicators: list[Row]) -> None:
    columns = ["sentence_id", "indicator_id", "value", "unit", "bound", "measure_kind"]
    found = gb.Study(str(DATA)).figures_found
    curated = [
        [float(row[column]) if column == "value" else row[column] for column in columns]
        for row in indicators
        if row["report_id"]
    ]
    assert sorted(found[columns].values.tolist()) == sorted(curated)


# ---- Against the figures it was made from -------------------------------------------------------

ADDED_NOTES = {
    ("广州市", "2024", "evaluation_rank"): (
        "conflicts with Hangzhou also stating rank 4 for the 2024 round"
    ),
    ("上海市", "2022", "gov_rules_disclosed"): (
        "5 + 4 + 4 = 13: repealed ones seem to be counted, which the definition code does not say"
    ),
}
SAME = ("region", "year", "indicator_id", "bound", "definition")


@needs_shared
def test_the_panel_equals_the_facts_row_by_row(
    indicators: list[Row], sources: dict[str, Row]
) -> None:
    facts = read(SHARED / "facts" / "facts.csv")
    panel = [row for row in indicators if row["source_id"]]
    assert len(panel) == len(facts) == 175
    for row, fact in zip(panel, facts, strict=True):
        period, _, remark = fact["period"].partition(" (")
        notes = [fact["note"], remark.rstrip(")")]
        value, unit = Decimal(fact["value"]), fact["unit"]
        if unit == "万件":
            notes.append(f"stated as {value.normalize():f} 万件")
            value, unit = value * 10_000, "件"
        notes.append(ADDED_NOTES.get((fact["region"], fact["year"], fact["indicator_id"]), ""))
        source = sources[row["source_id"]]

        assert [row[column] for column in SAME] == [fact[column] for column in SAME]
        assert (row["period"], Decimal(row["value"]), row["unit"]) == (period, value, unit)
        assert row["note"] == "; ".join(note for note in notes if note)
        assert (source["url"], source["kind"]) == (fact["source_url"], fact["source_kind"])
        assert (row["scope"], row["quote"]) == ("", "")


@needs_shared
def test_the_21_equal_the_gold(indicators: list[Row]) -> None:
    meet = {
        "local_regulations_issued": ("local_regs_passed", "regulations"),
        "government_rules_issued": ("gov_rules_issued", ""),
    }
    to_ascii = str.maketrans("，；：（）", ",;:()")
    gold = read(SHARED / "gold" / "xiamen-2022-indicators.csv")
    ours = [row for row in indicators if row["report_id"]]
    assert len(gold) == 21
    for row, answer in zip(ours, gold, strict=True):
        expected = meet.get(answer["indicator_id"], (answer["indicator_id"], ""))
        assert (row["indicator_id"], row["definition"]) == expected
        for column in ("report_id", "value", "unit", "bound", "scope"):
            assert row[column] == answer[column], row
        assert row["quote"].translate(to_ascii) == answer["quote"].translate(to_ascii)
        assert (row["region"], row["year"], row["period"]) == ("厦门市", "2022", "2022")


@needs_shared
def test_the_report_is_the_file_as_it_was_given() -> None:
    given = (SHARED / "seed" / "xiamen-2022.mangled.txt").read_bytes()
    assert (DATA / "reports" / "xiamen-2022.mangled.txt").read_bytes() == given

"""From a name in a figure or table to the raw file: the trail, and how it is printed."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import analysis as gb
from analysis import evidence, tables
from analysis.evidence import trail
from analysis.kit import GongbaoError, InputError, safe
from analysis.restore import Edit, Restored
from analysis.restore.record import replay as carry_out
from analysis.study import trace
from analysis.study.catalogue import new
from analysis.study.trace import marked
from analysis.words import reference

ROOT = Path(__file__).resolve().parent.parent
RAW = ROOT / "data/reports/xiamen-2022.mangled.txt"
SENTENCE = "xiamen-2022:s013"


@pytest.fixture(scope="module")
def whole(study: gb.Study) -> pd.DataFrame:
    """The trail of every sentence."""
    return trail.of(study, study.sentences["sentence_id"])


@pytest.fixture
def own(tmp_path: Path) -> gb.Study:
    """A study of one report, which hides an escape sequence; its id is that of a theme too."""
    new(tmp_path / "own")
    file = tmp_path / "报告.txt"
    file.write_text("厦门市2021年法治政府建设报告\n推进\x1b[2J严格执法。\n", encoding="utf-8")
    gb.Study(tmp_path / "own").add(file, report_id="law_enforcement", year=2021)
    return gb.Study(tmp_path / "own")


@pytest.fixture
def bundle(study: gb.Study, tmp_path: Path) -> Path:
    """The tables and the provenance of the figure theme_coverage."""
    data = gb.themes.coverage(study.codings, study.sentences, study.codebook)
    hits = gb.evidence.of(study.codings, study.sentences, is_heading=False)
    tables.write(data, tmp_path / "data.csv")
    tables.write(hits, tmp_path / "hits.csv")
    record = {**study.provenance({"lang": "zh"}), "figure": "theme_coverage", "files": {}}
    (tmp_path / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path


def moved(edits: tuple[Edit, ...], by: int) -> list[Edit]:
    return [
        replace(edit, raw_start=edit.raw_start - by, raw_end=edit.raw_end - by) for edit in edits
    ]


def shown(text: str) -> list[str]:
    """The sentences that a trace shows."""
    return re.findall(r"^(\S+:s\d+)  ", text, re.MULTILINE)


# ---- the table


def test_the_raw_text_is_what_stands_in_the_file(whole: pd.DataFrame) -> None:
    raw = RAW.read_bytes()
    text = raw.decode("utf-8")
    assert whole["raw"].tolist() == [
        text[row.raw_start : row.raw_end] for row in tables.rows(whole)
    ]
    assert set(whole["sha256"]) == {hashlib.sha256(raw).hexdigest()}
    assert set(whole["path"]) == {"reports/xiamen-2022.mangled.txt"}
    assert tuple(whole.columns) == trail.COLUMNS


def test_the_edits_of_a_sentence_make_its_text_from_the_raw_text(whole: pd.DataFrame) -> None:
    assert whole["edits"].str.len().sum() > 1000
    for row in tables.rows(whole):
        assert carry_out(row.raw, moved(row.edits, row.raw_start)) == row.text


def test_sentences_come_in_the_order_asked_for_and_once(study: gb.Study) -> None:
    asked = ["xiamen-2022:s013", "xiamen-2022:s002", "xiamen-2022:s013"]
    assert trail.of(study, asked)["sentence_id"].tolist() == asked[:2]
    assert trail.of(study, [])["edits"].tolist() == []


def test_an_edit_belongs_to_the_sentence_in_which_its_result_stands() -> None:
    # 甲乙。丙丁。 : 2 junk characters between the sentences go, a full stop is put at the end.
    edits = (
        Edit(1, "simplify", 1, 2, "亂", "乙", "certain"),
        Edit(2, "boilerplate", 3, 5, "广告", "", "certain"),
        Edit(3, "punctuation", 7, 7, "", "。", "likely"),
    )
    restored = Restored("甲亂。广告丙丁戊", "甲乙。丙丁。戊", edits)
    spans = [(0, 3), (3, 6), (6, 7)]
    sentences = pd.DataFrame(
        [
            {
                **dict.fromkeys(tables.COLUMNS["sentences"], ""),
                "report_id": "a",
                "sentence_id": f"a:s00{number}",
                "text": restored.text[start:end],
                **{"start": start, "end": end},
                **dict(zip(("raw_start", "raw_end"), restored.raw_span(start, end), strict=True)),
            }
            for number, (start, end) in enumerate(spans, start=1)
        ]
    )
    study: Any = SimpleNamespace(
        path=Path("a"),
        sentences=sentences,
        reports=pd.DataFrame([{"report_id": "a", "path": "a.txt", "sha256": "0"}]),
        restored=lambda report_id: restored,
    )
    found = trail.of(study, sentences["sentence_id"])
    assert [[edit.edit for edit in one] for one in found["edits"]] == [[1], [3], []]
    assert found["raw"].tolist() == ["甲亂。", "丙丁", "戊"]


def test_a_sentence_that_is_not_there_is_named_with_its_neighbours(study: gb.Study) -> None:
    with pytest.raises(InputError, match=r"s999' is not known; .*xiamen-2022:s001"):
        trail.of(study, ["xiamen-2022:s999"])


# ---- what trace prints


def test_a_sentence_is_shown_with_hits_edits_raw_text_and_hash(
    study: gb.Study, whole: pd.DataFrame
) -> None:
    text = trace(study, SENTENCE)
    row = whole.set_index("sentence_id").loc[SENTENCE]
    lines = text.splitlines()
    assert f"  raw {row['raw_start']}–{row['raw_end']}: {row['raw']}" in lines
    assert lines.count(f"sha256 {hashlib.sha256(RAW.read_bytes()).hexdigest()}") == 1
    assert any(line.startswith("file ") and line.endswith(row["path"]) for line in lines)
    (said,) = (line.strip() for line in lines if "【" in line)
    assert said.replace("【", "").replace("】", "") == row["text"]
    assert {"【7部法规】", "【4部规章】", "【科学立法】"} <= set(re.findall("【[^】]+】", said))
    assert row["heading"] in text
    pairs = sum(line.count(" → ") for line in lines if line.startswith("  edits "))
    assert pairs == len(row["edits"])


def test_a_word_is_shown_with_all_its_hits(study: gb.Study) -> None:
    text = trace(study, "法治", limit=None)
    hits = study.terms[study.terms["key"] == "法治"]
    assert text.startswith(f"term 法治: {len(hits)} hits in {hits['sentence_id'].nunique()} ")
    assert text.count("【法治】") == len(hits)
    assert shown(text) == list(hits["sentence_id"].unique())
    longer = study.terms["key"].tolist().count("法治政府建设")
    assert f"法治政府建设 {longer}" in text.splitlines()[1]


def test_a_run_of_words_is_found_where_no_word_is(study: gb.Study) -> None:
    assert "法治督察" in set(study.terms["key"])
    key = study.hits("bigrams")["key"].iloc[0]
    assert trace(study, key).splitlines()[0].endswith("counted as two words in a row")


def test_a_phrase_that_no_table_counts_is_found_in_the_text(study: gb.Study) -> None:
    phrase = "民主立法、依法立法"  # a heading has none: it stands in one sentence, s013
    text = trace(study, phrase)
    assert text.splitlines()[0] == (
        f"text {phrase}: 1 places in 1 sentences; it is counted in no table"
    )
    assert shown(text) == ["xiamen-2022:s013"]
    assert f"【{phrase}】" in text


def test_a_theme_is_shown_with_its_sentences_and_rules(study: gb.Study) -> None:
    text = trace(study, "law_enforcement")
    codings = study.codings[study.codings["primary_theme"] == "law_enforcement"]
    assert shown(text) == codings["sentence_id"].tolist()
    for rule in codings["rule"]:
        assert f"by {rule}" in text
    assert trace(study, "theme:law_enforcement") == text


def test_an_indicator_is_shown_with_its_figures_and_sources(study: gb.Study) -> None:
    text = trace(study, "local_regs_passed", limit=None)
    assert text.splitlines()[0].endswith("28 figures")  # the one of the report is verified by hand
    rows = study.indicators.table[study.indicators.table["indicator_id"] == "local_regs_passed"]
    lines = text.splitlines()
    assert sum(line.startswith("local_regs_passed ") for line in lines) == len(rows)
    assert shown(text) == [SENTENCE]
    assert "【7部法规】" in text
    urls = study.sources.set_index("source_id")["url"]
    for key in set(rows["source_id"]) - {""}:
        assert urls[key] in text


def test_a_report_is_shown_with_its_edits_and_hash(study: gb.Study) -> None:
    text = trace(study, "xiamen-2022")
    gloss = study.edits[study.edits["rule"] == "gloss"]
    assert f"edits gloss (certain): {len(gloss)}" in text
    assert text.endswith(f"sha256 {study.sha256['xiamen-2022']}")


def test_a_long_list_is_cut_and_says_so(study: gb.Study) -> None:
    every = len(shown(trace(study, "法治", limit=None)))
    text = trace(study, "法治", limit=3)
    assert len(shown(text)) == 3
    assert f"and {every - 3} more; --all shows them" in text


def test_a_mark_is_shown_with_the_evidence_of_its_row(study: gb.Study, bundle: Path) -> None:
    data = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig")
    for number, row in enumerate(tables.rows(data), start=1):
        text = trace(study, f"{bundle}#r{number}")
        coded = evidence.of(
            study.codings, study.sentences, primary_theme=row.theme, is_heading=False
        )
        assert shown(text) == coded["sentence_id"].tolist()
        assert len(coded) == row.n
        assert text.count("sha256 ") == (row.n > 0)
    with pytest.raises(InputError, match=f"has {len(data)} rows"):
        trace(study, f"{bundle}#r{len(data) + 1}")


def test_a_mark_of_a_document_is_shown_with_its_source_and_hash(
    study: gb.Study, bundle: Path
) -> None:
    rates = study.rates(["法治"], over="national report")
    tables.write(rates.table, bundle / "data.csv")
    tables.write(rates.evidence, bundle / "hits.csv")
    last = rates.table.iloc[-1]
    document = reference.documents().set_index("document_id").loc[last["document_id"]]
    lines = trace(study, f"{bundle}#r{len(rates.table)}").splitlines()
    assert lines[-3:] == [
        f"{last['document_id']}: {document['title']}",
        f"file {document['source']}",
        f"sha256 {document['sha256']}",
    ]


def test_a_mark_of_an_edit_is_shown_with_the_file(study: gb.Study, bundle: Path) -> None:
    tables.write(study.edit_places, bundle / "data.csv")
    tables.write(study.edits, bundle / "hits.csv")
    edit = study.restored("xiamen-2022").edits[4]
    lines = trace(study, f"{bundle}#r5").splitlines()
    said = f"{edit.raw_start}–{edit.raw_end}: {edit.before} → {edit.after}"
    assert f"xiamen-2022 {edit.rule} ({edit.certainty}) {said}" in lines
    assert lines[-1] == f"sha256 {study.sha256['xiamen-2022']}"


def test_a_mark_of_other_files_is_refused(study: gb.Study, bundle: Path) -> None:
    path = bundle / "provenance.json"
    path.write_text(path.read_text("utf-8").replace(study.sha256["xiamen-2022"], "0" * 64), "utf-8")
    with pytest.raises(GongbaoError, match="'xiamen-2022' is not the file"):
        trace(study, f"{bundle}#r1")
    path.write_text("[]", "utf-8")
    with pytest.raises(InputError, match="is not the provenance"):
        trace(study, f"{bundle}#r1")
    with pytest.raises(InputError, match="no such file; give a bundle"):
        trace(study, "nowhere#r1")


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("law_enforcment", "law_enforcement"),
        ("local_regs_pased", "local_regs_passed"),
        ("法治督查", "法治督察"),
        ("xiamen-2022:s13", "xiamen-2022:s013"),
        ("theme:law_enforcment", "law_enforcement"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(
    study: gb.Study, name: str, near: str
) -> None:
    with pytest.raises(InputError, match=f"did you mean .*{near}"):
        trace(study, name)


def test_a_name_of_two_things_asks_which(own: gb.Study) -> None:
    with pytest.raises(InputError, match="write report:law_enforcement or theme:law_enforcement"):
        trace(own, "law_enforcement")
    assert trace(own, "report:law_enforcement").startswith("report law_enforcement: 厦门市, 2021")


def test_nothing_in_a_file_reaches_the_terminal_as_a_command(own: gb.Study) -> None:
    text = trace(own, "theme:law_enforcement")
    assert "\x1b" not in text
    assert r"\x1b[2J" in text
    assert safe("甲\u202e乙\u200b\n丙 　") == r"甲\u202e乙\u200b\n丙" + " 　"


def test_marks_that_overlap_become_one() -> None:
    assert marked("abcdef", [(3, 5), (0, 2), (1, 3), (2, 2)]) == "【abc】【de】f"


def test_a_word_says_how_often_it_stands_as_text_too(study: gb.Study) -> None:
    places = sum(text.count("执法") for text in study.sentences["text"])
    assert places == 14  # by grep
    head = gb.trace(study, "执法").splitlines()[:3]
    assert head[0] == "term 执法: 6 hits in 5 sentences, counted as words"
    assert head[2].endswith("14 places")


def test_a_figure_without_a_row_says_how_a_mark_is_named(study: gb.Study, bundle: Path) -> None:
    with pytest.raises(InputError, match=r"is a figure; one of its marks is .*#r1, a row of its"):
        gb.trace(study, str(bundle))

"""A corpus has the tables of a study, however it was built, broken off or asked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

import analysis as gb
from analysis import cli, tables
from analysis.indicators import quantities
from analysis.kit import InputError, files
from analysis.study import Study, build, catalogue, query, shards, sources, store
from analysis.words import Counts, keyness, keywords, slices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

STORED = ("reports", "edits", "sentences", "themes", "codings", "figures_found", "terms")


def bytes_of(corpus: Path) -> dict[str, bytes]:
    """Every file of a corpus by its name but study.yaml, which has the folder's name as title."""
    return {
        path.relative_to(corpus).as_posix(): path.read_bytes()
        for path in sorted(corpus.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and path.name != "study.yaml"
    }


def differing(one: Path, other: Path) -> list[str]:
    """Names of files that two corpora do not both have, or with other bytes."""
    first, second = bytes_of(one), bytes_of(other)
    return sorted(name for name in first | second if first.get(name) != second.get(name))


def built(source: Path, out: Path, engine: str = "jieba") -> build.Built:
    with ThreadPoolExecutor(1) as executor:
        return build.build([str(source)], out, engine=engine, executor=executor)


@pytest.fixture(scope="module")
def synthesize(script: Callable[[str], ModuleType]) -> ModuleType:
    return script("benchmarks/synthesize.py")


@pytest.fixture(scope="module")
def both(
    synthesize: ModuleType, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Study, Study]]:
    """The same 24 reports, some of them damaged, as a study and as a corpus of many shards."""
    folder = tmp_path_factory.mktemp("both")
    synthesize.write(23, folder / "texts", seed=3, damage=0.1)
    catalogue.new(folder / "study")
    study = Study(folder / "study")
    listed = pd.read_csv(folder / "texts" / "reports.csv")
    for row in tables.rows(listed):
        file = folder / "texts" / row.path
        study.add(file, report_id=row.report_id, region=row.region, year=int(row.year))
    bundled = Study(files.home() / "data")
    study.add(bundled.path / str(bundled.reports["path"][0]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shards, "LIMIT", 2)
        assert not len(built(folder / "study", folder / "corpus").failures)
    return Study(folder / "study"), query.opened(folder / "corpus")


def test_a_corpus_has_the_tables_of_a_study(both: tuple[Study, Study]) -> None:
    study, corpus = both
    same = corpus
    assert len(corpus._shards.names) > 12
    for name in STORED:
        expected, found = (one.table(name) for one in (study, same))
        if name == "reports":  # the files are read where they are
            expected, found = (frame.drop(columns=["path", "title"]) for frame in (expected, found))
        assert_frame_equal(expected, found, check_dtype=False, obj=name)
        assert len(found)
    key = "xiamen-2022"
    assert same.restored(key).text == study.restored(key).text


def test_figures_are_found_when_asked_for_and_only_where(
    synthesize: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LIMIT", 2)
    synthesize.write(6, tmp_path / "texts", seed=5)
    built(tmp_path / "texts", tmp_path / "corpus")
    corpus = query.opened(tmp_path / "corpus")
    places = [Path(file) for file in corpus._shards.files("figures_found")]
    assert len(places) > 2
    assert not any(place.exists() for place in places)
    query.keyness(corpus, f"year={corpus.reports['year'].iloc[0]}")
    assert not any(place.exists() for place in places)
    one = corpus.only([corpus.reports["report_id"].iloc[0]])
    expected = quantities.find(
        one.sentences,
        one.indicator_codebook,
        dict(zip(one.reports["report_id"], one.reports["year"], strict=True)),
    )
    assert_frame_equal(one.figures_found, expected, check_dtype=False)
    assert sum(place.exists() for place in places) == 1
    whole = corpus.figures_found
    before = [place.read_bytes() for place in places]
    assert set(whole["report_id"]) == set(corpus.reports["report_id"])
    for place in places:
        place.unlink()
    assert query.opened(tmp_path / "corpus").figures_found.equals(whole)
    assert [place.read_bytes() for place in places] == before


def test_figures_that_cannot_be_kept_are_said(
    synthesize: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesize.write(2, tmp_path / "texts", seed=5)
    built(tmp_path / "texts", tmp_path / "corpus")
    monkeypatch.setattr(store, "_put", lambda *_: (_ for _ in ()).throw(OSError(30, "read-only")))
    with pytest.raises(InputError, match=r"figures_found\.parquet.*is missing"):
        _ = query.opened(tmp_path / "corpus").figures_found


def test_queries_say_what_the_functions_say_of_the_same_reports(both: tuple[Study, Study]) -> None:
    study, corpus = both
    frequency = query.frequency(corpus)
    expected = keywords.frequency(Counts.of(study.terms, study.sentences))
    assert_frame_equal(frequency, expected, check_dtype=False)
    spread = Counts.of(study.terms, study.sentences).spread("report_id")
    assert_frame_equal(query.dispersion(corpus), spread, check_dtype=False)
    reports = study.reports.assign(province=study.reports["region"])
    for by in (["year"], ["region", "year"]):
        rates = keywords.rates(
            Counts.of(study.terms, study.sentences), reports, ["法治", "未有"], by=by
        )
        found = query.rates(corpus, ["法治", "未有"], by=by)
        assert_frame_equal(found, rates, check_dtype=False)
        coverage = gb.themes.coverage(
            study.codings, study.sentences, study.codebook, by=tuple(by), reports=reports
        ).sort_values(by, kind="stable", ignore_index=True)
        assert_frame_equal(query.coverage(corpus, by=by), coverage, check_dtype=False)


@pytest.mark.parametrize(
    ("target", "against"),
    [
        ("year=2016|2017", "rest"),
        ("part=done", "part=plan"),
        ("part=done|problems;year=2016", "part=plan"),
        ("report_id=xiamen-2022", "level=county;part=done"),
    ],
)
def test_keyness_of_slices_is_that_of_the_sentences(
    both: tuple[Study, Study], target: str, against: str
) -> None:
    study, corpus = both
    own = slices.select(study.sentences, study.reports, target)
    if against == "rest":
        other = study.sentences[~study.sentences["report_id"].isin(own["report_id"])]
    else:
        other = slices.select(study.sentences, study.reports, against)
    sides = [Counts.of(study.terms, sentences, {}) for sentences in (own, other)]
    expected = keyness.compare(*sides)
    found = query.keyness(corpus, target, against, dispersion=True)
    assert_frame_equal(found[expected.columns], expected, check_dtype=False)
    held = keywords.frequency(Counts.of(study.terms, own)).set_index("key")["dp"]
    if own["report_id"].nunique() > 1:
        named = set(found["key"])
        assert found.set_index("key")["dp"].dropna().round(9).to_dict() == {
            key: dp for key, dp in held.round(9).items() if key in named
        }


@pytest.mark.parametrize("target", ["year=2016|2017", "province=北京市", ""])
def test_frequent_words_are_the_same_from_the_totals(
    both: tuple[Study, Study], target: str
) -> None:
    corpus = both[1]
    against = "rest" if target else "reference"
    every = query.keyness(corpus, target, against)
    frequent = every[every["n"] + every["n_reference"] >= shards.RARE].reset_index(drop=True)
    assert 100 < len(frequent) < len(every)
    assert_frame_equal(query.keyness(corpus, target, against, min_n=shards.RARE), frequent)


def test_a_concordance_has_the_lines_of_the_sentences(both: tuple[Study, Study]) -> None:
    study, corpus = both
    for key in ("法治", "法治政府", "未有之词"):
        every = keywords.concordance(study.terms, study.sentences, key)
        found = query.concordance(corpus, key, limit=10_000)
        order = ["sentence_id", "left", "right"]
        expected = every.sort_values(order, ignore_index=True)
        assert_frame_equal(found.sort_values(order, ignore_index=True), expected)
        assert len(query.concordance(corpus, key, limit=3)) == min(3, len(every))


def test_what_was_extracted_stands_in_the_panel(both: tuple[Study, Study]) -> None:
    study, corpus = both
    named = study.figures_found[study.figures_found["indicator_id"] != ""]
    found = query.indicators(corpus)
    assert sorted(found["value"]) == sorted(named["value"])
    assert set(found["status"]) == {"extracted"}
    tables.check(found, "indicators")
    assert set(query.panel(corpus, ["厦门市"])["region"]) <= {"厦门市"}


def test_a_question_that_cannot_be_answered_is_refused(both: tuple[Study, Study]) -> None:
    corpus = both[1]
    for ask, said in (
        (lambda: query.frequency(corpus, "province=福建"), "not known"),
        (lambda: query.frequency(corpus, "sector=s1"), "not known"),
        (lambda: query.keyness(corpus, "year=2016", "part=done"), "in common"),
        (lambda: query.keyness(corpus, "", "rest"), "holds no word"),
        (lambda: query.coverage(corpus, by=["part"]), "not known"),
        (lambda: query.opened(both[0].path / "reports"), "is not a study"),
    ):
        with pytest.raises(InputError, match=said):
            ask()


def test_reports_added_and_changed_give_the_bytes_of_a_build_at_once(
    synthesize: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "LIMIT", 4)
    monkeypatch.setattr(synthesize, "YEARS", range(2020, 2022))
    texts = tmp_path / "texts"
    synthesize.write(12, texts, seed=1)
    assert built(texts, tmp_path / "grown", "rjieba").made == 12
    synthesize.write(30, texts, seed=1)
    changed = texts / pd.read_csv(texts / "reports.csv")["path"][5]
    changed.write_text(changed.read_text("utf-8") + "\n新增一句，办理案件12件。\n", "utf-8")
    assert built(texts, tmp_path / "grown", "rjieba").made == 19  # 18 new ones, 1 changed
    assert built(texts, tmp_path / "once", "rjieba").made == 30
    assert differing(tmp_path / "grown", tmp_path / "once") == []
    assert built(texts, tmp_path / "grown", "rjieba")[:3] == (30, 0, 0)
    synthesize.write(12, texts, seed=1)  # what is not named any more goes
    built(texts, tmp_path / "grown", "rjieba")
    assert len(Study(tmp_path / "grown").reports) == 12


def test_what_fails_is_listed_and_stops_nothing(synthesize: ModuleType, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    synthesize.write(4, texts, seed=2)
    listed = pd.read_csv(texts / "reports.csv")
    (texts / listed["path"][0]).write_bytes(b"")
    (texts / listed["path"][1]).unlink()
    more = pd.concat([listed, listed[3:], listed[3:].assign(report_id="r9", year="soon")])
    more = pd.concat([more, listed[3:].assign(report_id="r8", path="../../etc/passwd")])
    more.to_csv(texts / "reports.csv", index=False)
    result = built(texts, tmp_path / "corpus")
    said = dict(zip(result.failures["report_id"], result.failures["reason"], strict=True))
    assert result.reports == 2
    assert len(result.failures) == 5
    assert "is empty" in said[listed["report_id"][0]]
    assert "no such file" in said[listed["report_id"][1]]
    assert "is that of" in said[listed["report_id"][3]]
    assert "'soon'" in said["r9"]
    assert "leaves" in said["r8"]
    (texts / listed["path"][0]).write_text("厦门市2022年法治政府建设年度报告\n一切如常。", "utf-8")
    assert built(texts, tmp_path / "corpus").reports == 3


TEXT = "厦门市2022年法治政府建设年度报告\n办理行政复议案件12件。\n"


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "folder", "glob", "url"])
def test_texts_come_as_tables_folders_globs_and_urls(kind: str, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    frame = pd.DataFrame({"text": [TEXT, TEXT.replace("厦门", "福州")], "source_url": "x"})
    source = texts / f"all.{kind}"
    if kind == "csv":
        frame.to_csv(source, index=False)
    elif kind == "jsonl":
        frame.to_json(source, orient="records", lines=True, force_ascii=False)
    elif kind == "parquet":
        frame.to_parquet(source)
    else:
        for name, text in zip("ab", frame["text"], strict=True):
            (texts / f"{name}.txt").write_text(text, "utf-8")
        end = {"folder": "", "glob": "/*.txt", "url": ""}[kind]
        source = tmp_path / f"texts{end}"
    with ThreadPoolExecutor(1) as executor:
        given = f"file://{source}" if kind == "url" else str(source)
        build.build([given], tmp_path / "corpus", executor=executor)
    study = Study(tmp_path / "corpus", ["xiamen-2022"])
    assert study.reports["region"].tolist() == ["厦门市"]
    assert study.restored("xiamen-2022").text == TEXT
    assert study.figures_found["value"].tolist() == [12]
    assert set(Study(tmp_path / "corpus").reports["region"]) == {"厦门市", "福州市"}


def test_tables_of_texts_are_read_in_the_encoding_they_have(tmp_path: Path) -> None:
    lone = '{"text": "福州市2022年报告\\n法治\\ud800。"}'
    (tmp_path / "lone.jsonl").write_text(lone, "utf-8")
    (tmp_path / "excel.csv").write_bytes(f'text\n"{TEXT}"\n'.encode("gb18030"))
    with ThreadPoolExecutor(1) as executor:
        given = [str(tmp_path / name) for name in ("lone.jsonl", "excel.csv")]
        assert build.build(given, tmp_path / "corpus", executor=executor).reports == 2
    study = Study(tmp_path / "corpus")
    assert study.restored("xiamen-2022").raw == TEXT
    assert study.restored("fuzhou-2022").raw == "福州市2022年报告\n法治\ufffd。"
    (tmp_path / "deep.jsonl").write_text("[" * 100_000, "utf-8")
    with pytest.raises(InputError, match=r"deep.jsonl: cannot be read as jsonl"):
        built(tmp_path / "deep.jsonl", tmp_path / "other")


def test_sources_that_are_not_there_or_no_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "table.csv").write_text("a,b\n1,2\n", "utf-8")
    for source, said in (
        ("nothing", "no such"),
        ("empty", "no such"),
        ("table.csv", "no column with the texts"),
    ):
        with pytest.raises(InputError, match=said):
            built(tmp_path / source, tmp_path / "corpus")
    catalogue.new(tmp_path / "study")
    with pytest.raises(InputError, match="is a study"):
        built(tmp_path / "table.csv", tmp_path / "study")


def test_codebooks_that_changed_ask_for_a_new_build(synthesize: ModuleType, tmp_path: Path) -> None:
    synthesize.write(2, tmp_path / "texts")
    built(tmp_path / "texts", tmp_path / "corpus")
    lexicon = tmp_path / "corpus" / "codebooks" / "lexicon.txt"
    lexicon.write_text(lexicon.read_text("utf-8") + "未有之词\n", "utf-8")
    with pytest.raises(InputError, match="build` again"):
        _ = Study(tmp_path / "corpus").sentences
    assert built(tmp_path / "texts", tmp_path / "corpus").made == 2


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "analysis", "corpus", *more]


@pytest.mark.slow
def test_a_dask_cluster_that_loses_a_worker_writes_the_same_bytes(
    synthesize: ModuleType, tmp_path: Path
) -> None:
    pytest.importorskip("distributed")
    from distributed import Client, LocalCluster

    synthesize.write(60, tmp_path / "texts", seed=5)
    built(tmp_path / "texts", tmp_path / "whole", "rjieba")
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as local, Client(local) as client:  # fmt: skip
        pids = list(client.run(os.getpid).values())
        arguments = ["corpus", "build", str(tmp_path / "texts"), "--out", str(tmp_path / "lost")]
        with ThreadPoolExecutor(1) as beside:
            running = beside.submit(cli.main, [*arguments, "--cluster", local.scheduler_address])
            while not list(tmp_path.glob("lost/shards/year=*/*/manifest.json")):
                time.sleep(0.01)
            os.kill(pids[0], signal.SIGKILL)
            assert running.result() == 0
    assert differing(tmp_path / "lost", tmp_path / "whole") == []


@pytest.mark.slow
def test_the_notebooks_take_a_corpus_and_say_the_same(
    both: tuple[Study, Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, path in (("study", both[0].path), ("corpus", both[1].path)):
        shutil.copytree(path, name)
        (tmp_path / name / "study.yaml").write_text("title: {zh: t, en: t}\n", "utf-8")
    made = {}
    for name in ("study", "corpus"):
        assert cli.main(["--data", name, "report", "--out", f"out-{name}"]) == 0
        found = sorted((tmp_path / f"out-{name}").rglob("data.csv"))
        made[name] = {  # a run's folder has a hash of its parameters, `data` too, in its name
            (path.parts[-3].partition("-")[0], path.parts[-2]): path.read_bytes() for path in found
        }
    assert len(made["study"]) >= 10
    assert made["study"] == made["corpus"]


def test_a_corpus_of_many_reports_is_not_rendered_one_by_one_unasked(
    both: tuple[Study, Study],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("analysis.cli.batch._EACH", len(both[1].reports) - 1)
    assert cli.main(["--data", str(both[1].path), "render", "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert "is a corpus, and 24 reports are wanted; `--each none` draws them together" in said
    assert not (tmp_path / "out").exists()


def test_the_command_asks_and_answers(
    both: tuple[Study, Study], capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = str(both[1].path)
    assert cli.main(["corpus", "query", corpus, "frequency", "--top", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4
    assert cli.main(["corpus", "query", corpus, "rates", "法治", "--by", "year"]) == 0
    assert capsys.readouterr().out.startswith("year,key,n,")
    assert cli.main(["corpus", "query", corpus, "concordance"]) == 2
    assert "TERM" in capsys.readouterr().err
    assert cli.main(["corpus", "query", corpus, "concordance", "法治"]) == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 101
    assert "the first 100 lines of each term" in said.err


ROW = {"region": "厦门市", "year": "2021", "title": "题", "text": "厦门市2021年法治政府建设报告"}


@pytest.mark.parametrize("key", ["title", "region", "source_url", "text"])
def test_half_a_pair_in_a_table_of_texts_is_a_character_lost(tmp_path: Path, key: str) -> None:
    path = tmp_path / "half.jsonl"
    path.write_text(json.dumps({**ROW, key: "厦门\ud83d市"}) + "\n", encoding="utf-8")
    corpus = tmp_path / "corpus"
    found = sources.find(
        [str(path)], corpus, lambda asked: [sources.identified(corpus, one) for one in asked]
    )
    (row,) = found.inputs.to_dict("records")
    said = row[key] if key != "text" else shards.fetch(tmp_path / "corpus", row["path"]).text
    assert said == "厦门\ufffd市"


def test_parquet_is_read_whatever_is_said_of_it_for_pandas(tmp_path: Path) -> None:
    table = pa.Table.from_pandas(pd.DataFrame([ROW]), preserve_index=False)
    odd = table.schema.metadata[b"pandas"].replace(b'"numpy_type"', b'"nympy_type"')
    path = tmp_path / "odd.parquet"
    pq.write_table(table.replace_schema_metadata({b"pandas": odd}), path)
    corpus = tmp_path / "corpus"
    found = sources.find(
        [str(path)], corpus, lambda asked: [sources.identified(corpus, one) for one in asked]
    )
    assert found.inputs["region"].tolist() == ["厦门市"]


def test_parquet_whose_text_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    pd.DataFrame([ROW]).to_parquet(path, index=False, compression=None)
    good, piece = path.read_bytes(), "厦门市2021".encode()
    assert piece in good
    path.write_bytes(good.replace(piece, b"\xff" * len(piece)))
    with pytest.raises(InputError, match=r"broken\.parquet: cannot be read as parquet: ."):
        sources.find([str(path)], tmp_path / "corpus", lambda asked: [{} for _ in asked])


def test_a_city_finds_its_province_in_groups_and_a_part_of_a_word_the_words_that_hold_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for city in ("泉州市", "莆田市", "云上县"):  # the last one is in no table
        text = f"{city}2022年法治政府建设年度报告\n一、主要情况\n推进法治政府建设。办理120件。\n"
        (tmp_path / f"{city}2022.txt").write_text(text, encoding="utf-8")
    corpus = str(tmp_path / "corpus")
    assert cli.main(["corpus", "build", f"{tmp_path}/*.txt", "--out", corpus, "--jobs", "1"]) == 0
    assert "; of 1 the province is not known" in capsys.readouterr().out
    asked = ["rates", "法治", "法治政府建设", "--slice", "province=福建省"]
    assert cli.main(["corpus", "query", corpus, *asked]) == 0
    said = capsys.readouterr()
    rows = [line.split(",")[:4] for line in said.out.splitlines()[1:]]
    assert rows == [["福建省", "2022", "法治", "0"], ["福建省", "2022", "法治政府建设", "4"]]
    assert said.err == (
        "法治: no hit as a word of its own; words of the corpus that hold it: 法治政府建设 6.\n"
    )


def test_a_corpus_whose_build_has_not_ended_says_so(synthesize: ModuleType, tmp_path: Path) -> None:
    synthesize.write(2, tmp_path / "texts", seed=5)
    built(tmp_path / "texts", tmp_path / "corpus")
    (tmp_path / "corpus" / "corpus.json").unlink()
    with pytest.raises(InputError, match="build has not ended; run `gongbao corpus build` again"):
        query.frequency(query.opened(tmp_path / "corpus"))

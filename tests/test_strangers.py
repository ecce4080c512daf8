"""Folders from strangers and broken ones: what is there is read, made anew, or told in a sentence.

Each fault is made in a real corpus, study or run; nothing outside is written, opened or handed on.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import cli, tables
from analysis.batch import difference, render
from analysis.batch.share import share
from analysis.bundle import provenance
from analysis.kit import InputError, files
from analysis.study import Study, build, catalogue
from analysis.text import texttable
from analysis.themes import Codebook
from analysis.words.segment import Segmenter

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = (
    "{}{}年法治政府建设年度报告\n一、主要举措\n我市扎实推进法治政府建设，办理行政复议案件1162件。\n"
)


def built(sources: list[str], out: Path) -> build.Built:
    with ThreadPoolExecutor(1) as executor:
        return build.build(sources, out, executor=executor)


def everything(folder: Path) -> dict[str, bytes]:
    """The bytes of each file of a folder, but locks."""
    found = (one for one in sorted(folder.rglob("*")) if one.is_file() and one.suffix != ".lock")
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in found}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with texts and the corpus made of them."""
    place = tmp_path_factory.mktemp("fresh")
    (place / "texts").mkdir()
    for city in ("泉州市", "漳州市"):
        for year in (2021, 2022):
            text = TEXT.format(city, year)
            (place / "texts" / f"{city}{year}.txt").write_text(text, "utf-8")
    built([str(place / "texts")], place / "corpus")
    return place


@pytest.fixture
def place(fresh: Path, tmp_path: Path) -> Path:
    shutil.copytree(fresh, tmp_path, dirs_exist_ok=True)
    return tmp_path


# -- broken stores --------------------------------------------------------------------------------


def cut(name: str) -> Callable[[Path], object]:
    def broken(corpus: Path) -> None:
        file = next(corpus.rglob(name))
        file.write_bytes(file.read_bytes()[:100])

    return broken


def said(name: str, text: str) -> Callable[[Path], object]:
    return lambda corpus: next(corpus.rglob(name)).write_text(text, "utf-8")


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "reports": (cut("reports.parquet"), "reports.parquet: is damaged"),
    "sizes": (cut("sizes.parquet"), "sizes.parquet: is damaged"),
    "counts": (cut("counts.parquet"), "counts.parquet: is damaged"),
    "failures": (cut("failures.parquet"), ""),
    "totals": (cut("totals.parquet"), ""),
    "shard": (lambda corpus: shutil.rmtree(next(corpus.glob("shards/*/*"))), "it is not there"),
    "open": (said("corpus.json", "{"), "corpus.json: is damaged"),
    "list": (said("corpus.json", "[]"), "corpus.json: is damaged"),
    "short": (said("corpus.json", '{"format": 6}'), "corpus.json: is damaged (what it says of"),
    "manifest": (said("manifest.json", "{"), ""),
    "wanted": (said("manifest.json", '{"wanted": [], "files": 5}'), ""),
}
"""What is broken → how, and what whoever reads it is told (nothing, where it is not needed)."""


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_corpus_says_which_part_and_the_next_build_makes_it_anew(
    name: str, place: Path, fresh: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = place / "corpus"
    broken, expected = BROKEN[name]
    broken(corpus)
    asked = ["corpus", "query", str(corpus), "rates", "行政复议", "--by", "region"]
    status = cli.main(asked)
    told = capsys.readouterr().err
    assert status == (cli.REFUSED if expected else cli.DONE)
    assert expected in told
    assert len(told.splitlines()) == bool(expected)
    result = built([str(place / "texts")], corpus)
    assert result.reports == 4
    assert result.made in (0, 2)  # a year's shard at most
    assert everything(corpus) == everything(fresh / "corpus")
    assert cli.main(asked) == cli.DONE


def test_what_is_not_broken_is_not_made_again(place: Path) -> None:
    result = built([str(place / "texts")], place / "corpus")
    assert (result.reports, result.made, result.written) == (4, 0, 0)


def test_where_nothing_can_be_read_each_reason_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scans").mkdir()
    for name in ("a", "b"):
        (tmp_path / "scans" / f"{name}.txt").write_bytes(b"")
    out = tmp_path / "corpus"
    command = ["corpus", "build", str(tmp_path / "scans"), "--out", str(out), "--jobs", "1"]
    assert cli.main(command) == cli.REFUSED
    assert "none of 2 reports can be taken" in capsys.readouterr().err
    assert len(pd.read_csv(out / "failures.csv")) == 2
    text = TEXT.format("泉州市", 2021)
    (tmp_path / "scans" / "c.txt").write_text(text, "utf-8")
    assert built([str(tmp_path / "scans")], out).reports == 1  # and the folder may be used again


# -- stores from strangers ------------------------------------------------------------------------


def changed(corpus: Path, column: str, value: str) -> None:
    """Put a value into the first row of the first shard's list of reports."""
    file = min(corpus.glob("shards/*/*/reports.parquet"))
    table = pq.read_table(file)
    values = [value, *table[column].to_pylist()[1:]]
    own = pa.array(values, table[column].type)
    at = table.column_names.index(column)
    pq.write_table(table.set_column(at, column, own), file)


@pytest.mark.parametrize("name", ["../x", "a/b", "a\nb", "..", ""])
def test_an_id_of_a_shard_that_is_no_files_name_is_refused(place: Path, name: str) -> None:
    changed(place / "corpus", "report_id", name)
    with pytest.raises(InputError, match="report_id is"):
        _ = Study(place / "corpus").reports


def test_a_corpus_fetches_no_address_that_its_user_did_not_name(place: Path) -> None:
    with server() as (address, asked):
        changed(place / "corpus", "path", f"{address}/secret.txt")
        study = Study(place / "corpus")
        with pytest.raises(InputError, match="is not kept in the corpus"):
            study.source(study.reports["report_id"][0])
        assert asked == []


def test_a_manifest_names_no_folder_outside(place: Path) -> None:
    manifest = json.loads((place / "corpus" / "corpus.json").read_text("utf-8"))
    manifest["shards"]["../../texts"] = {}
    (place / "corpus" / "corpus.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(InputError, match="what it says of shards cannot be"):
        _ = Study(place / "corpus").reports


class server:  # noqa: N801 - used as a function
    """A server on this machine: its address, and the paths that it was asked for."""

    def __enter__(self) -> tuple[str, list[str]]:
        asked: list[str] = []

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_response(404 if self.path.startswith("/no") else 200)
                self.end_headers()
                self.wfile.write(TEXT.format("泉州市", 2021).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}", asked

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def test_a_url_is_fetched_by_the_build_that_names_it_and_kept(tmp_path: Path) -> None:
    with server() as (address, asked):
        assert built([f"{address}/a.txt"], tmp_path / "corpus").reports == 1
        before = len(asked)
        with pytest.raises(InputError, match="404"):
            built([f"{address}/none.txt"], tmp_path / "other")
    study = Study(tmp_path / "corpus")  # the server is gone
    assert before > 0
    assert study.source("quanzhou-2021").text == TEXT.format("泉州市", 2021)


# -- run folders from strangers -------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of one unit with one bundle, as far as what follows looks at it."""
    bundle = tmp_path / "run" / "unit" / "figure"
    bundle.mkdir(parents=True)
    record = {"figure": "figure", "options": {}, "reports": [], "files": {}}
    (bundle / "provenance.json").write_text(json.dumps(record), "utf-8")
    for name in ("data.csv", "hits.csv"):
        (bundle / name).write_text("key,n\n法治,3\n", "utf-8-sig")
    row = dict.fromkeys(render.RESULTS, "") | {"unit": "unit", "notebook": "n", "status": "done"}
    tables.write(pd.DataFrame([row]), tmp_path / "run" / "results.csv")
    return tmp_path / "run"


def test_nothing_behind_a_link_is_shared(run: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    for place in (run / "unit" / "figure" / "x.txt", run / "unit" / "d", run / "combined"):
        place.symlink_to(secret if place.suffix else tmp_path)
        with pytest.raises(InputError, match="is a link, which is not followed"):
            share(run, tmp_path / "out.zip")
        place.unlink()
    os.mkfifo(run / "unit" / "figure" / "pipe")
    with pytest.raises(InputError, match="a device or a pipe"):
        share(run, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("name", ["run-log.jsonl", ".unfinished", "combined", "index.html"])
def test_a_run_writes_through_no_link(run: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.write_text("stays", "utf-8")
    (run / name).symlink_to(other)
    with pytest.raises(InputError, match=r"is a link, which is not followed here; take it away\."):
        render.run([], run, title="t")
    assert other.read_text("utf-8") == "stays"


@pytest.mark.parametrize(
    "data", [b"", "区,值\n泉州,1\n".encode("gb18030"), bytes(range(256)), b'"a', None]
)
@pytest.mark.parametrize("name", ["data.csv", "hits.csv"])
def test_a_bundles_table_that_is_none_is_told_in_a_sentence(
    run: Path, tmp_path: Path, data: bytes | None, name: str
) -> None:
    other = shutil.copytree(run, tmp_path / "other")
    file = run / "unit" / "figure" / name
    file.unlink()
    if data is None:
        os.mkfifo(file)
    else:
        file.write_bytes(data)
    with pytest.raises(InputError, match=name):
        difference.compare(run, other)


def test_a_bundle_with_other_columns_differs_and_one_as_it_was_does_not(
    run: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(run, tmp_path / "other")
    assert difference.compare(run, other).same
    (run / "unit" / "figure" / "data.csv").write_text("a,b\n1,2\n", "utf-8")
    assert "key: column only in B" in str(difference.compare(run, other))


@pytest.mark.parametrize(
    "change",
    [
        {"figure": "../../x"},
        {"figure": 5},
        {"options": []},
        {"options": {"reports": 5}},
        {"reports": {}},
        {"reports": [5]},
        {"reports": [{"report_id": 5}]},
        {"files": {"data.csv": 5}},
        {"title": "x"},
        {"study": None},
    ],
)
def test_provenance_of_odd_types_is_refused(run: Path, change: dict[str, Any]) -> None:
    file = run / "unit" / "figure" / "provenance.json"
    record = json.loads(file.read_text("utf-8"))
    assert provenance.read(file.parent) == record
    file.write_text(json.dumps(record | change), "utf-8")
    with pytest.raises(InputError, match="is not the provenance of a figure"):
        provenance.read(file.parent)


@pytest.mark.parametrize(
    "mark",
    [
        "[]",
        "{}",
        '{"row": 5}',
        '{"row": {"unit": "unit"}}',
        '{"row": {"unit": "../x"}, "files": 5}',
    ],
)
def test_a_mark_without_its_keys_is_as_none(run: Path, mark: str) -> None:
    (run / "unit" / ".unit.json").write_text(mark, "utf-8")
    assert render._recorded(run / "unit") == {}
    row = dict.fromkeys(render.RESULTS, "") | {"unit": "unit", "notebook": "n"}
    (run / "unit" / ".unit.json").write_text(json.dumps({"row": row}), "utf-8")
    assert render._recorded(run / "unit") == row


# -- special files --------------------------------------------------------------------------------


CURATED = [
    *("groups.csv", "decisions.csv", "links.csv", "validation/themes.csv", "study.yaml"),
    *(f"codebooks/{name}" for name in ("lexicon.txt", "stopwords.txt", "term_groups.yaml")),
]


@pytest.mark.parametrize("name", CURATED)
def test_nobody_waits_at_a_pipe(tmp_path: Path, name: str) -> None:
    catalogue.new(tmp_path / "mine")
    (tmp_path / "mine" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "mine" / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / "mine" / name)
    os.mkfifo(tmp_path / "mine" / ".reports.csv.x.part")
    files.sweep(tmp_path / "mine", "reports.csv")
    with pytest.raises(InputError, match="a device or a pipe"):
        list(Study(tmp_path / "mine").problems())


@pytest.mark.parametrize("name", ["links.csv", "validation/themes.csv", "groups.csv"])
def test_a_link_that_leads_nowhere_is_not_as_no_file(tmp_path: Path, name: str) -> None:
    catalogue.new(tmp_path / "mine")
    (tmp_path / "mine" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "mine" / name).unlink(missing_ok=True)
    (tmp_path / "mine" / name).symlink_to(tmp_path / "gone.csv")
    with pytest.raises(InputError, match=r"no such file|leads nowhere"):
        list(Study(tmp_path / "mine").problems())


def test_what_a_corpus_kept_of_sources_goes_with_them(tmp_path: Path) -> None:
    for city in ("泉州市", "漳州市"):
        member = {f"{city}2022.txt": TEXT.format(city, 2022).encode()}
        (tmp_path / f"{city}.zip").write_bytes(files.zipped(member))
    built([str(tmp_path / "泉州市.zip"), str(tmp_path / "漳州市.zip")], tmp_path / "corpus")
    assert len([*(tmp_path / "corpus" / "spool").glob("*/*.txt")]) == 2
    built([str(tmp_path / "漳州市.zip")], tmp_path / "corpus")
    (kept,) = (tmp_path / "corpus" / "spool").glob("*")
    assert "漳州市" in next(kept.iterdir()).read_text("utf-8")
    assert len(Study(tmp_path / "corpus").sentences) > 0


def test_a_file_larger_than_any_is_not_read_through(tmp_path: Path) -> None:
    with (tmp_path / "large").open("wb") as file:
        file.truncate(6 << 30)
    assert tables.sha256(tmp_path / "large") == "too large"
    with pytest.raises(InputError, match="has more than 100 MB"):
        tables.read(tmp_path / "large", "groups")


# -- tables and workbooks -------------------------------------------------------------------------


def merged(path: Path, cells: str) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["text", "year"])
    book.active.merge_cells("A2:B2")
    book.save(path)
    with zipfile.ZipFile(path) as packed:
        members = {
            name: packed.read(name).replace(b"A2:B2", cells.encode()) for name in packed.namelist()
        }
    path.write_bytes(files.zipped(members))
    return path


def test_a_merged_range_without_end_is_refused_and_a_small_one_is_read(tmp_path: Path) -> None:
    large = merged(tmp_path / "large.xlsx", "A2:XFD1048576")
    for read in (tables.records, texttable.read):
        with pytest.raises(InputError, match="has the cells A2:XFD1048576 merged"):
            read(large)
    assert tables.records(merged(tmp_path / "s.xlsx", "A2:B2")) == (["text", "year"], [])


def test_parquet_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    one = pa.DictionaryArray.from_arrays(pa.array([0] * 60_000, pa.int32()), ["法" * 300_000])
    pq.write_table(pa.table({"text": one}), tmp_path / "b.parquet", store_schema=False)
    assert (tmp_path / "b.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match="it unpacks to more than 256 MB"):
        texttable.read(tmp_path / "b.parquet")


DECIDED = "sha256,raw_start,raw_end,quote,about,codebook,key,decision,value,coder,decided_on,note\n"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("5", "must be value|unit|bound|kind|direction"),
        ("1e999|件|exact|level|", "must be a plain number"),
        ("nan|件|exact|level|", "must be a plain number"),
        ("5|件|about|level|", "bound 'about' is not known"),
        ("5|件|exact|height|", "measure_kind 'height' is not known"),
        ("5|件|exact|change|sideways", "direction 'sideways' is not known"),
        ("5|件|exact|level|", ""),
        ("5|件|exact|level", ""),
        ("", ""),
    ],
)
def test_a_decision_about_a_figure_that_none_can_be_is_told_by_its_line(
    tmp_path: Path, value: str, expected: str
) -> None:
    catalogue.new(tmp_path / "mine")
    row = f"\n{'0' * 64},0,5,x,figure,,,corrected,{value},me,2025-01-01,\n"
    (tmp_path / "mine" / "decisions.csv").write_text(DECIDED + row, "utf-8")
    if not expected:
        assert len(Study(tmp_path / "mine").decisions) == 1
        return
    with pytest.raises(InputError) as caught:
        _ = Study(tmp_path / "mine").decisions
    assert "decisions.csv:3: " in str(caught.value)
    assert expected in str(caught.value)


@pytest.mark.parametrize(("year", "right"), [("-5", 0), ("9e15", 0), ("1e3", 0), ("1949", 1)])
def test_a_year_that_no_report_is_of_is_refused(tmp_path: Path, year: str, right: int) -> None:
    cells = dict.fromkeys(tables.COLUMNS["reports"], "") | {"year": year, "report_id": "a"}
    cells |= {"region": "泉州市", "path": "a.txt", "sha256": "0", "encoding": "utf-8"}
    cells |= {"level": "city", "genre": "law_based_government", "year_given": year}
    tables.write(pd.DataFrame([cells]), tmp_path / "reports.csv")
    if right:
        assert list(tables.read(tmp_path / "reports.csv", "reports")["year"]) == [1949]
        return
    with pytest.raises(InputError, match="must be a year from 1900 to 2100"):
        tables.read(tmp_path / "reports.csv", "reports")


# -- codebooks and names --------------------------------------------------------------------------

THEME = "themes: [{id: a, name: {zh: a, en: a}, definition: {zh: a, en: a}, "


@pytest.mark.parametrize(
    ("book", "expected"),
    [
        (f"version: 1\n{THEME}include: [{'好' * 60_000}]}}]", "o.yaml:2: .* has 60,000 characters"),
        (f"version: 0x{'f' * 50_000}\n{THEME}include: [a]}}]", "o.yaml:1: this is no value"),
    ],
)
def test_what_has_no_bound_in_a_codebook_is_refused_by_line(
    tmp_path: Path, book: str, expected: str
) -> None:
    (tmp_path / "o.yaml").write_text(book, "utf-8")
    with pytest.raises(InputError, match=expected):
        Codebook.load(tmp_path / "o.yaml")


@pytest.mark.parametrize("name", ["a\\q", 'a"b', "a: #b", "a\nb", "市"])
def test_a_study_of_any_name_is_one_that_can_be_opened(tmp_path: Path, name: str) -> None:
    catalogue.new(tmp_path / name)
    assert Study(tmp_path / name).title["zh"] == name.replace('"', "")


def test_a_files_name_that_is_not_utf8_stops_no_build(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text(TEXT.format("漳州市", 2021), "utf-8")
    odd = os.path.join(os.fsencode(tmp_path / "texts"), "泉州市.txt".encode("gbk"))  # noqa: PTH118
    with open(odd, "wb") as file:  # noqa: PTH123 - no path has such a name
        file.write(TEXT.format("泉州市", 2021).encode())
    result = built([str(tmp_path / "texts")], tmp_path / "corpus")
    assert result.reports == 1
    assert "is not UTF-8; give it another" in result.failures["reason"][0]


# -- time and memory ------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["jieba", "rjieba"])
def test_a_run_without_a_stop_is_cut_by_pieces_and_a_text_as_before(engine: str) -> None:
    segmenter = Segmenter(engine=engine)
    noise = "的" * 80_000
    assert "".join(segmenter.cut(noise)) == noise
    text = "推进依法行政，办理行政复议案件1162件。" * 200
    whole = list(segmenter._tokenizer.cut(text))
    assert segmenter.cut(text) == whole
    words = list(segmenter.words(text))
    assert all(text[start:end] == word for word, start, end in words)
    assert "".join(word for word, *_ in words) == "".join(filter(str.isalnum, text))


def test_too_little_memory_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def none(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(catalogue, "new", none)
    assert cli.main(["new", str(tmp_path / "mine")]) == cli.FAILED
    told = capsys.readouterr().err
    assert told.startswith("there is not enough memory for this")
    assert len(told.splitlines()) == 1


def test_a_builds_workers_run_no_module_of_the_folder_they_are_in(
    fresh: Path, tmp_path: Path
) -> None:
    """As the installed command begins: its own folder is where Python looks first."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "multiprocessing.py").write_text("open('ran', 'w')\n", "utf-8")
    command = tmp_path / "gongbao.py"
    root = str(Path(cli.__file__).parents[2])
    start = f"import sys\nsys.path.append({root!r})\nfrom analysis.cli import main\n"
    command.write_text(f"{start}if __name__ == '__main__':\n    sys.exit(main())\n", "utf-8")
    asked = ["corpus", "build", str(fresh / "texts"), "--out", "c", "--jobs", "2"]
    environment = {name: said for name, said in os.environ.items() if name[:10] != "PYTHONPATH"}
    ran = subprocess.run(
        [sys.executable, str(command), *asked],
        cwd=here,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "c: 4 reports, 4 of them made now\n"), ran.stderr
    assert not (here / "ran").exists()

"""The replication package: what is in it, that it proves itself, and what it finds changed."""

import hashlib
import io
import json
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pypdfium2
import pytest

from analysis import Study, tables
from analysis.batch import contents, heldback, proof, replicate
from analysis.batch.share import share
from analysis.kit import InputError

ROOT = Path(__file__).resolve().parent.parent
HEADINGS = """\
# README: replication package
## Overview
## Data Availability and Provenance Statements
### Statement about Rights
### License for Data
### Summary of Availability
### Details on each Data Source
## Dataset list
## Computational requirements
### Software Requirements
### Controlled Randomness
### Memory, Runtime, Storage Requirements
#### Summary time to reproduce
#### Summary of required storage space
#### Computational Details
## Description of programs/code
### License for Code
## Instructions to Replicators
### Details on various programs
## List of tables and programs
## References
## Acknowledgements
""".splitlines()
"""Those of the template README of the social science data editors, version 1.2, in its order."""

FIGURES = {"theme_coverage", "theme_sections", "theme_flow", "theme_years", "theme_cooccurrence"}


@pytest.fixture(scope="module", autouse=True)
def at_home() -> Iterator[None]:
    """In the checkout, where the bundled study was rendered."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


@pytest.fixture(scope="module")
def package(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("packed") / "package.zip"
    return replicate.pack(rendered, target).path


@pytest.fixture(scope="module")
def members(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as packed:
        assert packed.namelist() == sorted(packed.namelist())
        return {name: packed.read(name) for name in packed.namelist()}


@pytest.fixture
def unpacked(package: Path, tmp_path: Path) -> Path:
    proof.unpack(package, tmp_path / "package")
    return tmp_path / "package"


# -- what is in it --------------------------------------------------------------------------------


def test_every_heading_of_the_template_is_there_in_its_order(members: dict[str, bytes]) -> None:
    text = members["README.md"].decode()
    assert [line for line in text.splitlines() if line.startswith("#")] == HEADINGS
    chinese = members["README.zh.md"].decode()
    levels = [line.split(" ")[0] for line in chinese.splitlines() if line.startswith("#")]
    assert levels == [line.split(" ")[0] for line in HEADINGS]
    assert "## 数据声明（可得性与来源）" in chinese
    assert re.search(r"(?m)^\\\[1\\\] 厦门市人民政府\. .*\\\[R\\\]", chinese)  # GB/T 7714


def test_the_gaps_are_eight_at_most_and_numbered_as_they_come(members: dict[str, bytes]) -> None:
    for name, form in (("README.md", r"\[GAP (\d) of (\d)"), ("README.zh.md", r"\[待填 (\d)/(\d)")):
        found = re.findall(form, members[name].decode())
        assert [int(at) for at, _ in found] == [*range(1, len(found) + 1)]
        assert {int(of) for _, of in found} == {len(found)}
        assert 1 < len(found) <= 8


def test_the_pdf_says_what_the_markdown_says(members: dict[str, bytes]) -> None:
    for name in ("README.pdf", "README.zh.pdf"):
        pages = pypdfium2.PdfDocument(members[name])
        text = "".join(page.get_textpage().get_text_range() for page in pages)
        text = re.sub(r"[\s\u200b\ufffe\x02-]", "", text)
        lines = members[name.replace("pdf", "md")].decode().splitlines()
        for line in (line for line in lines if line.startswith("#")):
            assert re.sub(r"[\s#-]", "", line) in text, line
        assert ".replace(" not in text
        assert "228c99851fab516daa86aaa87c24202f" in text


def test_the_same_run_gives_the_same_bytes(rendered: Path, package: Path, tmp_path: Path) -> None:
    again = replicate.pack(rendered, tmp_path / "other.zip").path
    assert again.read_bytes() == package.read_bytes()


def test_the_readme_says_how_each_figure_is_drawn(
    members: dict[str, bytes], rendered: Path
) -> None:
    rows = pd.read_csv(io.BytesIO(members["documentation/figures.csv"]), encoding="utf-8-sig")
    assert {*rows["figure"]} == FIGURES
    (line,) = (rendered / "run-log.jsonl").read_text("utf-8").splitlines()
    log = json.loads(line)
    assert {*rows["seconds"]} == {log["seconds"]}
    assert {*rows["notebook"]} == {"notebooks/theme_coverage.ipynb"}
    assert {*rows["random_numbers"]} == {"no random numbers"}  # one report: a census
    text = members["README.md"].decode()
    assert "No random numbers are used" in text
    assert log["machine"].split(",")[0].replace("_", "\\_") in text
    assert all(f"`figures/theme_coverage/{name}/`" in text for name in FIGURES)


def test_the_study_goes_along_byte_for_byte_and_no_path_of_this_machine(
    members: dict[str, bytes], rendered: Path
) -> None:
    for name in ("reports/xiamen-2022.mangled.txt", "codebooks/themes.yaml", "decisions.csv"):
        assert members[f"data/{name}"] == (ROOT / "data" / name).read_bytes()
    assert members["data/validation/themes.csv"].count(b"coder_1")
    assert {f"codebooks/law_based_government.{kind}" for kind in ("html", "md", "csv")} <= {
        *members
    }
    assert "software/requirements.lock" in members
    assert not [name for name in members if "__pycache__" in name or "/store/" in name]
    for name, data in members.items():
        if not name.startswith("software/"):
            assert str(rendered).encode() not in data, name
            assert str(ROOT).encode() not in data, name


def test_every_column_of_every_table_is_in_the_dictionary(members: dict[str, bytes]) -> None:
    frame = pd.read_csv(
        io.BytesIO(members["documentation/data-dictionary.csv"]), encoding="utf-8-sig"
    )
    known = {(row.file, row.column) for row in frame.itertuples()}
    for name, data in members.items():
        if name.startswith(("data/", "figures/")) and name.endswith(".csv"):
            general = re.sub(r"^figures/[^/]+/", "figures/*/", name)
            for column in data.decode("utf-8-sig").splitlines()[0].split(","):
                assert (general, column) in known
    unit = frame[(frame["file"] == "figures/*/theme_coverage/data.csv") & (frame["column"] == "n")]
    assert unit["type"].tolist() == ["integer"]


def test_the_tables_are_described_for_machines_as_they_are(members: dict[str, bytes]) -> None:
    said = json.loads(members["datapackage.json"])
    assert {one["path"] for one in said["resources"]} == {
        name
        for name in members
        if name.endswith(".csv") and not name.startswith(("software/", "README"))
    }
    for one in said["resources"]:
        data = members[one["path"]]
        assert one["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
        assert one["bytes"] == len(data)
        header = next(iter(pd.read_csv(io.BytesIO(data), encoding="utf-8-sig", nrows=0)), "")
        assert one["schema"]["fields"][0]["name"] == header
        assert re.fullmatch(r"[a-z0-9._-]+", one["name"])


def test_the_crate_has_what_the_specification_and_the_profile_require(
    members: dict[str, bytes],
) -> None:
    """The MUSTs of RO-Crate 1.2 and of Process Run Crate 0.5, as far as they concern us."""
    said = json.loads(members["ro-crate-metadata.json"])
    assert said["@context"] == "https://w3id.org/ro/crate/1.2/context"
    graph = {one["@id"]: one for one in said["@graph"]}
    assert len(graph) == len(said["@graph"])
    about = graph["ro-crate-metadata.json"]
    assert about["@type"] == "CreativeWork"
    assert about["about"] == {"@id": "./"}
    assert about["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    root = graph["./"]
    assert root["@type"] == "Dataset"
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", root["datePublished"])
    assert all(root[name] for name in ("name", "description", "license"))
    assert {"name", "description"} <= {*graph[root["license"]["@id"]]}
    profile = graph[root["conformsTo"]["@id"]]
    assert "process" in profile["@id"]
    assert "Profile" in profile["@type"]
    assert profile["version"]
    parts = {one["@id"] for one in root["hasPart"]}
    for key, one in graph.items():
        kinds = one["@type"] if isinstance(one["@type"], list) else [one["@type"]]
        if "File" in kinds:
            assert key in members
            assert key in parts
            assert one["sha256"] == hashlib.sha256(members[key]).hexdigest()
        if {*kinds} & {"SoftwareApplication", "ComputerLanguage"}:
            assert one["version"]
    actions = [one for one in graph.values() if one["@type"] == "CreateAction"]
    assert {one["@id"] for one in root["mentions"]} == {one["@id"] for one in actions}
    assert len(actions) == len(FIGURES)
    for one in actions:
        assert "SoftwareSourceCode" in graph[one["instrument"]["@id"]]["@type"]
        assert [made["@id"] for made in one["result"] if made["@id"].endswith("/data.csv")]
        assert {"@id": "data/reports/xiamen-2022.mangled.txt"} in one["object"]
        assert one["endTime"] > one["startTime"]
        for ref in (*one["result"], *one["object"], one["agent"]):
            assert ref["@id"] in graph


def test_a_validator_passes_the_crate(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offline: its profiles come with it, the context is here as far as our words need it."""
    services = pytest.importorskip(
        "rocrate_validator.services", reason="roc-validator is not installed"
    )
    context = {"@context": _context(json.loads((unpacked / "ro-crate-metadata.json").read_bytes()))}
    for module in ("context", "util"):
        shared = pytest.importorskip(f"rdflib.plugins.shared.jsonld.{module}")
        monkeypatch.setattr(shared, "source_to_json", lambda *_, **__: (context, None))
    http = pytest.importorskip("rocrate_validator.utils.http")
    answer = type("Answer", (), {"status_code": 200, "ok": True, "json": lambda _: context})()
    answer.headers = {"Content-Type": "application/ld+json"}
    monkeypatch.setattr(http.HttpRequester, "get", lambda *_, **__: answer, raising=False)
    asked = services.ValidationSettings(
        rocrate_uri=str(unpacked), profile_identifier="ro-crate-1.2"
    )
    found = services.validate(asked)
    assert found.passed(), [issue.message for issue in found.get_issues()]


def _context(crate: dict[str, object]) -> dict[str, str]:
    """Where the words of a crate are from: schema.org, but for a few."""
    words = {key for one in crate["@graph"] for key in one if not key.startswith("@")}  # type: ignore[attr-defined]
    kinds = {kind for one in crate["@graph"] for kind in [one["@type"]] if isinstance(kind, str)}  # type: ignore[attr-defined]
    named = {word: f"http://schema.org/{word}" for word in words | kinds | {"SoftwareSourceCode"}}
    own = {
        "File": "http://schema.org/MediaObject",
        "conformsTo": "http://purl.org/dc/terms/conformsTo",
    }
    return named | own | {"Profile": "http://www.w3.org/ns/dx/prof/Profile"}


# -- that it proves itself ------------------------------------------------------------------------


@pytest.mark.slow
def test_a_package_draws_itself_anew_and_says_that_all_is_the_same(package: Path) -> None:
    found = proof.verify(package, present=True)
    assert found.right, str(found)
    assert (found.same, found.left, found.all) == (len(FIGURES), 0, len(FIGURES))
    assert found.pictures == len(FIGURES)
    assert found.environment.startswith("environment: the present one (Python 3.")


@pytest.mark.slow
def test_what_is_changed_is_found_and_the_rest_goes_on(unpacked: Path) -> None:
    book = unpacked / "data" / "codebooks" / "themes.yaml"
    changed = book.read_text("utf-8").replace("党的领导", "甲乙丙丁")
    assert changed != book.read_text("utf-8")
    book.write_text(changed, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "analysis",
        "replicate",
        "--verify",
        str(unpacked),
        "--present",
    ]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "data/codebooks/themes.yaml: the codebook themes is not as it was packed" in ran.stdout
    assert "DIFFERS" in ran.stdout
    assert "NOT verified" in ran.stdout


def test_an_untouched_package_has_no_fault_nor_has_what_running_it_leaves(unpacked: Path) -> None:
    for name in ("output/a.csv", "software/.venv/x.py", "data/store/t/a.parquet"):
        (unpacked / name).parent.mkdir(parents=True, exist_ok=True)
        (unpacked / name).write_text("")
    (unpacked / "software" / "analysis" / "__pycache__").mkdir()
    (unpacked / "software" / "analysis" / "__pycache__" / "x.pyc").write_text("")
    assert [*proof.faults(unpacked)] == []


CHANGED = {
    "data/reports/xiamen-2022.mangled.txt": "the report xiamen-2022",
    "data/codebooks/themes.yaml": "the codebook themes",
    "data/decisions.csv": "the decisions",
    "data/validation/themes.csv": "the hand codes",
    "figures/theme_coverage/theme_flow/data.csv": "a file of the figure theme_coverage/theme_flow",
    "software/analysis/text/parts.yaml": "the file",
}


@pytest.mark.parametrize("name", CHANGED)
def test_one_byte_changed_is_found_and_named(unpacked: Path, name: str) -> None:
    data = bytearray((unpacked / name).read_bytes())
    data[len(data) // 2] ^= 1
    (unpacked / name).write_bytes(data)
    found = [*proof.faults(unpacked)]
    assert len(found) == 1
    assert found[0].startswith(f"{name}: {CHANGED[name]} is not as it was packed")


@pytest.mark.parametrize("name", [*CHANGED][:3])
def test_a_manifest_changed_with_it_hides_no_change(unpacked: Path, name: str) -> None:
    data = bytearray((unpacked / name).read_bytes())
    data[len(data) // 2] ^= 1
    (unpacked / name).write_bytes(data)
    listed = unpacked / proof.MANIFEST
    wrong = hashlib.sha256(data).hexdigest()
    lines = [
        f"{wrong}  {name}" if line.endswith(f"  {name}") else line
        for line in listed.read_text("utf-8").splitlines()
    ]
    listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (said,) = proof.faults(unpacked)
    assert CHANGED[name] in said


def test_what_is_missing_and_what_came_later_is_named(unpacked: Path) -> None:
    (unpacked / "data" / "reports" / "xiamen-2022.mangled.txt").unlink()
    (unpacked / "data" / "new.csv").write_text("a\n")
    found = [*proof.faults(unpacked)]
    assert "data/reports/xiamen-2022.mangled.txt: the report xiamen-2022 is missing." in found
    assert "data/new.csv: was not packed; take it away." in found
    assert len(found) == 2


# -- unpacking ------------------------------------------------------------------------------------


def zipped(path: Path, *entries: tuple[str, bytes, int]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, mode << 16
            packed.writestr(entry, data)
    return path


UNSAFE = {
    "up": [("../a.txt", b"", 0o644)],
    "deep": [("a/../../b.txt", b"", 0o644)],
    "absolute": [("/etc/a.txt", b"", 0o644)],
    "drive": [("C:a.txt", b"", 0o644)],
    "backslash": [("..\\a.txt", b"", 0o644)],
    "link": [("a.txt", b"/etc/passwd", stat.S_IFLNK | 0o777)],
    "device": [("a.txt", b"", stat.S_IFCHR | 0o644)],
    "twice": [("a/B.txt", b"1", 0o644), ("a/b.txt", b"2", 0o644)],
    "bomb": [("a.txt", bytes(20_000_000), 0o644)],
}


@pytest.mark.parametrize("kind", UNSAFE)
def test_an_unsafe_zip_is_refused_before_anything_is_written(tmp_path: Path, kind: str) -> None:
    path = zipped(tmp_path / "p.zip", ("ok.txt", b"1", 0o644), *UNSAFE[kind])
    with pytest.raises(InputError, match="it is not unpacked") as refused:
        proof.unpack(path, tmp_path / "in" / "out")
    assert "\n" not in str(refused.value)
    assert not [*tmp_path.rglob("*.txt")]


def test_usual_names_are_unpacked(tmp_path: Path) -> None:
    names = ["a..b.txt", "报告/厦门市 2022.txt", "x/.y/z", "a/b/c/d.txt"]
    path = zipped(tmp_path / "p.zip", *((name, name.encode(), 0o644) for name in names))
    proof.unpack(path, tmp_path / "out")
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == name.encode()


def test_what_is_no_package_is_refused_in_a_sentence(tmp_path: Path, package: Path) -> None:
    (tmp_path / "text.zip").write_text("no zip")
    half = tmp_path / "half.zip"
    half.write_bytes(package.read_bytes()[:-2000])
    other = zipped(tmp_path / "other.zip", ("a.txt", b"1", 0o644))
    for path, said in (
        (tmp_path / "text.zip", "no whole zip"),
        (half, "no whole zip"),
        (other, "no replication package"),
        (tmp_path / "gone.zip", "no such file"),
        (tmp_path, "no replication package"),
    ):
        with pytest.raises(InputError, match=said):
            proof.verify(path, present=True)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("")
    with pytest.raises(InputError, match="not empty"):
        proof.verify(package, out=tmp_path / "full")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"runs": []},
        {"runs": [{"run": "../x", "notebook": "n", "parameters": {}, "figures": []}]},
        {"runs": [{"run": "x", "notebook": "../n", "parameters": {}, "figures": []}]},
        {"runs": [{"run": "x", "notebook": "n", "parameters": [], "figures": []}]},
        {"runs": [{"run": "x", "notebook": "n", "parameters": {}, "figures": ["/etc"]}]},
        {"runs": ["x"]},
    ],
)
def test_a_record_that_is_none_of_ours_is_refused(
    unpacked: Path, change: dict[str, object]
) -> None:
    path = unpacked / contents.RECORD
    path.write_text(json.dumps(json.loads(path.read_bytes()) | change), encoding="utf-8")
    with pytest.raises(InputError, match="not the record of a replication package"):
        proof.verify(unpacked, present=True)


# -- what is refused, and what authors say --------------------------------------------------------


def test_a_run_that_would_prove_nothing_is_refused(rendered: Path, tmp_path: Path) -> None:
    target = tmp_path / "z.zip"
    with pytest.raises(InputError, match="no run"):
        replicate.pack(tmp_path, target)
    stale = Path(shutil.copytree(rendered, tmp_path / "stale"))
    mark = stale / "theme_coverage" / ".unit.json"
    mark.write_text(mark.read_text("utf-8").replace('"state": "', '"state": "0'), encoding="utf-8")
    with pytest.raises(InputError, match=r"theme_coverage was made from another state .* render"):
        replicate.pack(stale, target)
    results = stale / "results.csv"
    results.write_text(results.read_text("utf-8").replace("done", "failed"), encoding="utf-8")
    with pytest.raises(InputError, match="theme_coverage failed"):
        replicate.pack(stale, target)
    assert not target.exists()


def test_what_authors_say_fills_the_gaps(tmp_path: Path) -> None:
    path = tmp_path / contents.ANSWERS
    assert contents.answers(tmp_path) == {}
    path.write_text("licence_data: CC BY 4.0\nethics: {zh: 无, en: none}\ncontact: ''\n", "utf-8")
    both = {"zh": "CC BY 4.0", "en": "CC BY 4.0"}
    assert contents.answers(tmp_path) == {
        "licence_data": both,
        "ethics": {"zh": "无", "en": "none"},
    }
    for text, said in (
        ("licence: x\n", "licence_data"),
        ("contact: [a]\n", "text"),
        ("ethics: {fr: x}\n", "zh and en"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(InputError, match=said):
            contents.answers(tmp_path)


# -- reports held back ----------------------------------------------------------------------------


def test_words_of_a_report_held_back_are_masked_and_no_others() -> None:
    rows = [
        ("a-2022", "a-2022:s001", 3, "依法 行政。"),
        ("b-2022", "b-2022:s001", 5, "依法 行政。"),
        ("", "a-2022:s002", 1, "一、二"),
        ("", "", 7, "甲"),
    ]
    table = pd.DataFrame(rows, columns=["report_id", "sentence_id", "n", "text"])
    found = heldback.frame(table, {"a-2022"})
    assert found["text"].tolist() == ["□□ □□□", "依法 行政。", "□□□", "甲"]
    assert found["n"].tolist() == [3, 5, 1, 7]
    assert table["text"].tolist()[0] == "依法 行政。"
    assert heldback.frame(table, {"c"}) is table


REPORT = """{place}政府工作报告

一、{year}年工作回顾
全面推进依法行政，加强法治政府建设，{word}工作取得成效。
行政执法更加规范，政务公开深入推进，{word}改革继续深化。
二、存在的问题
依法行政的能力还要提高，{word}方面还有不足。
三、下一年工作安排
继续推进法治政府建设，深化{word}改革，规范行政执法。
"""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a study of two reports, one of them not to be handed on."""
    folder = tmp_path_factory.mktemp("held")
    gongbao = [sys.executable, "-P", "-m", "analysis"]

    def ran(*arguments: str) -> None:
        subprocess.run([*gongbao, *arguments], cwd=folder, check=True, env=_env())

    for place, name, word in (("厦门市", "a", "琥珀湾"), ("福州市", "b", "翡翠港")):
        text = REPORT.format(place=place, year=2022, word=word)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    ran("new", "study", "--design", "census")
    ran(
        "add",
        "a.txt",
        "--id",
        "open-2022",
        "--region",
        "厦门市",
        "--year",
        "2022",
        "--data",
        "study",
    )
    ran(
        "add",
        "b.txt",
        "--id",
        "closed-2022",
        "--region",
        "福州市",
        "--year",
        "2022",
        "--data",
        "study",
    )
    path = folder / "study" / "reports.csv"
    table = tables.read(path, "reports")
    table.loc[table["report_id"] == "closed-2022", "share"] = "no"
    tables.write(table, path)
    ran(
        "render",
        "--notebook",
        "theme_coverage",
        "--each",
        "none",
        "--data",
        "study",
        "--out",
        "run",
    )
    return folder


def _env() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.mark.slow
def test_a_report_held_back_stays_at_home_and_its_figures_come_from_counts(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(held)
    made = replicate.pack(Path("run"), Path("p.zip"))
    assert [*made.contents.held] == ["closed-2022"]
    with zipfile.ZipFile("p.zip") as packed:
        texts = {name: packed.read(name) for name in packed.namelist()}
    assert "data/reports/open-2022.txt" in texts
    assert "data/reports/closed-2022.txt" not in texts
    own = {name: data for name, data in texts.items() if not name.startswith("software/")}
    for name, data in own.items():
        assert "方面还有不足" not in data.decode("utf-8", "ignore") or "翡翠港" not in data.decode(
            "utf-8", "ignore"
        ), name
    found = proof.verify(Path("p.zip"), present=True)
    assert found.right, str(found)
    assert found.same > 0
    assert found.same + found.left == found.all
    assert "held back: the report closed-2022" in str(found)
    for name in (one for one in texts if one.endswith("/provenance.json")):
        record, place = json.loads(texts[name]), name.removesuffix("provenance.json")
        said = record["files"] | record.get("rewritten", {})  # masked tables are no doctored ones
        for table, sha256 in said.items():
            assert hashlib.sha256(texts[f"{place}{table}"]).hexdigest() == sha256
    readme = texts["README.md"].decode()
    assert "1 of 2 reports are held back" in readme
    assert hashlib.sha256((held / "b.txt").read_bytes()).hexdigest() in readme


@pytest.mark.slow
def test_the_light_zip_leaves_its_words_out_too(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(held)
    path = share(Path("run"), held / "light.zip")
    with zipfile.ZipFile(path) as packed:
        for name in packed.namelist():
            if not name.endswith((".png", ".pdf", ".docx", ".xlsx")):
                assert "翡翠港方面还有不足" not in packed.read(name).decode("utf-8", "ignore"), name
        assert not [name for name in packed.namelist() if name.endswith("evidence.html")]


def test_a_study_without_a_report_held_back_says_so_when_asked_for_its_text(tmp_path: Path) -> None:
    data = Path(
        shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("store"))
    )
    table = tables.read(data / "reports.csv", "reports")
    table["share"] = "no"
    tables.write(table, data / "reports.csv")
    assert Study(data).held_back == set()  # marked, and here: nothing is missing
    assert len(Study(data).sentences)
    (data / "reports" / "xiamen-2022.mangled.txt").unlink()
    shutil.rmtree(data / "store", ignore_errors=True)
    with pytest.raises(InputError, match=r"xiamen-2022 is held back .* sha256 228c9985"):
        len(Study(data).sentences)
    table["share"] = ""
    tables.write(table, data / "reports.csv")
    with pytest.raises(InputError, match="no such file"):  # not marked: it is gone, as before
        len(Study(data).sentences)


def test_a_mark_that_is_none_is_refused(tmp_path: Path, script: Callable[..., object]) -> None:
    data = Path(
        shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("store"))
    )
    table = tables.read(data / "reports.csv", "reports")
    table["share"] = "never"
    tables.write(table, data / "reports.csv")
    with pytest.raises(InputError, match="share is 'never'; it must be one of yes, no"):
        _ = Study(data).reports

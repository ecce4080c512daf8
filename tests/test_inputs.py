"""Files that parameters name, tables that were changed: packed, recorded and said."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from analysis.batch import contents, difference, inputs, proof
from analysis.bundle import provenance
from analysis.kit import InputError

ROOT = Path(__file__).resolve().parent.parent
TOPICS = "# 数字\n数字经济\n# 海洋\n海洋\n"
TEXT = """{place}人民政府{year}年政府工作报告

一、{last}年工作回顾

过去一年，数字经济增加值增长{n}%。海洋经济加快发展，海洋科技取得进步。

二、{year}年工作安排

大力发展数字经济。保护海洋环境。依法行政，建设法治政府。
"""
HEATMAP = "attention_heatmap"


def gongbao(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "analysis", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose panel counts the words of a file, by its whole path, and its package."""
    folder = tmp_path_factory.mktemp("author")
    for place, n in (("福建省", 8), ("广东省", 9)):
        text = TEXT.format(place=place, year=2022, last=2021, n=n)
        (folder / f"{place}2022.txt").write_text(text, encoding="utf-8")
    topics = folder / "elsewhere" / "topics.txt"
    topics.parent.mkdir()
    topics.write_text(TOPICS, encoding="utf-8")
    sets = {"sets": [{"topics": str(topics), "lang": "en"}]}
    (folder / "sets.yaml").write_text(json.dumps(sets), encoding="utf-8")
    for command in (
        ["new", "data"],
        ["add", "福建省2022.txt", "广东省2022.txt"],
        ["render", "sets.yaml", "--notebook", "attention_panel", "--out", "run"],
        ["panel", "--topics", "elsewhere/topics.txt", "-o", "panel.csv"],
        ["replicate", "run", "-o", "package.zip", "--table", "panel.csv"],
    ):
        ran = gongbao(folder, *command)
        assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture
def unpacked(author: Path, tmp_path: Path) -> Path:
    proof.unpack(author / "package.zip", tmp_path / "package")
    return tmp_path / "package"


def figure(folder: Path) -> Path:
    (found,) = folder.glob(f"*/{HEATMAP}")
    return found


@pytest.mark.slow
def test_the_file_that_a_parameter_names_is_packed_by_its_content(author: Path) -> None:
    name = f"inputs/{sha256(TOPICS.encode()).hexdigest()[:8]}/topics.txt"
    with zipfile.ZipFile(author / "package.zip") as packed:
        assert packed.read(name).decode() == TOPICS
        (run,) = json.loads(packed.read("replication.json"))["runs"]
        assert f"  {name}\n" in packed.read("MANIFEST.sha256").decode()
    assert run["parameters"] == {"topics": name, "lang": "en"}


@pytest.mark.slow
def test_no_text_of_a_package_holds_a_path_of_the_machine(author: Path) -> None:
    with zipfile.ZipFile(author / "package.zip") as packed:
        private = (author.as_posix().encode(), author.name.encode(), b"elsewhere/")
        for name in packed.namelist():
            if Path(name).suffix != ".pdf" and not name.startswith("software/"):
                data = packed.read(name)
                assert not any(one in data for one in private), name


@pytest.mark.slow
def test_a_package_proves_itself_where_the_author_has_nothing(author: Path, tmp_path: Path) -> None:
    shutil.copyfile(author / "package.zip", tmp_path / "package.zip")
    kept = (author / "elsewhere").rename(tmp_path / "away")
    try:
        ran = gongbao(tmp_path, "replicate", "--verify", "package.zip", "--present")
    finally:
        kept.rename(author / "elsewhere")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "verified; 5 of 5 figures: data identical" in ran.stdout
    assert "is used" not in ran.stderr  # its notebook is the one that comes with the program


@pytest.mark.slow
def test_nothing_outside_of_the_package_is_read(author: Path, unpacked: Path) -> None:
    """The author's machine has the file; a package that does not is no proof."""
    path = unpacked / "replication.json"
    said = json.loads(path.read_text("utf-8"))
    said["runs"][0]["parameters"]["topics"] = str(author / "elsewhere" / "topics.txt")
    path.write_text(json.dumps(said), encoding="utf-8")
    ran = gongbao(unpacked.parent, "replicate", "--verify", "package", "--present")
    assert ran.returncode == 1
    assert "NOT verified; 0 of 5 figures" in ran.stdout
    said_once = re.findall("NOT DRAWN: its parameter topics names .*, which is not in", ran.stdout)
    assert len(said_once) == 1
    assert "DIFFERS" not in ran.stdout
    assert not [*(unpacked / "output").glob("*/*/data.csv")]


@pytest.mark.slow
def test_another_list_of_words_is_not_the_one_of_the_figures(unpacked: Path) -> None:
    (packed,) = (unpacked / "inputs").glob("*/topics.txt")
    packed.write_text("# 数字\n数字经济\n", encoding="utf-8")
    name = packed.relative_to(unpacked).as_posix()
    found = sha256(packed.read_bytes()).hexdigest()
    manifest = unpacked / proof.MANIFEST
    text = re.sub(f".*  {name}", f"{found}  {name}", manifest.read_text("utf-8"))
    manifest.write_text(text, encoding="utf-8")
    assert [*proof.faults(unpacked)] == [
        f"{name}: the file is not the one that figures were made from."
    ]


@pytest.mark.slow
def test_a_list_that_changed_since_is_not_packed_unseen(author: Path, tmp_path: Path) -> None:
    topics = author / "elsewhere" / "topics.txt"
    topics.write_text(f"{TOPICS}海岛\n", encoding="utf-8")
    try:
        ran = gongbao(author, "replicate", "run", "-o", str(tmp_path / "other.zip"))
    finally:
        topics.write_text(TOPICS, encoding="utf-8")
    assert ran.returncode == 2
    assert "render again, then pack" in ran.stderr


@pytest.mark.parametrize("name", [".words.txt", "a:b.txt"])
def test_a_name_that_would_not_be_unpacked_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("海洋\n", encoding="utf-8")
    with pytest.raises(InputError, match="give it a plain one"):
        inputs.packed(str(tmp_path / name), tmp_path / "stage", "a")


def test_a_folder_cannot_be_packed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no file, so that it cannot be packed"):
        inputs.packed({"of": [str(tmp_path)]}, tmp_path / "stage", "a: parameter lists")


def test_two_files_of_one_name_stay_apart_and_keep_it(tmp_path: Path) -> None:
    for name, text in (("a", "海洋\n"), ("b", "数字\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words.txt").write_text(text, encoding="utf-8")
    given = [str(tmp_path / one / "words.txt") for one in "ab"]
    made = inputs.packed([*given, "海洋", 3], tmp_path / "stage", "a")
    assert [(tmp_path / "stage" / one).read_text("utf-8") for one in made[:2]] == [
        "海洋\n",
        "数字\n",
    ]
    assert {Path(one).name for one in made[:2]} == {"words.txt"}
    assert made[2:] == ["海洋", 3]


def test_what_was_read_of_a_list_goes_along_with_it_and_who_decided_does_not(
    tmp_path: Path,
) -> None:
    for name in ("words.txt", "words.txt.precision.csv", "words.txt.decisions.csv"):
        (tmp_path / name).write_text("海洋\n", encoding="utf-8")
    made = inputs.packed(str(tmp_path / "words.txt"), tmp_path / "stage", "a")
    there = {one.name for one in (tmp_path / "stage" / made).parent.iterdir()}
    assert there == {"words.txt", "words.txt.precision.csv"}


# -- what the package says of itself --------------------------------------------------------------


@pytest.mark.slow
def test_a_table_that_is_named_goes_along_with_its_codebook(author: Path, unpacked: Path) -> None:
    names = ["panel.codebook.csv", "panel.codebook.md", "panel.csv"]
    assert sorted(one.name for one in (unpacked / "tables").iterdir()) == names
    for name in names:
        assert (unpacked / "tables" / name).read_bytes() == (author / name).read_bytes()
    assert "`panel.csv`. Their bytes are checked" in (unpacked / "README.md").read_text("utf-8")


@pytest.mark.slow
def test_the_readme_says_whose_a_file_is_and_numbers_its_sources(unpacked: Path) -> None:
    readme = (unpacked / "README.md").read_text("utf-8")
    assert re.findall(r"^Source (\d)", readme, re.MULTILINE) == ["1", "2"]
    for name in ("groups.csv", "codebooks"):  # as `gongbao new` left them
        (line,) = (one for one in readme.splitlines() if one.startswith(f"| `data/{name}`"))
        assert "| Gongbao, unchanged |" in line
    assert "Study: **[not stated: study.yaml has only the folder's name, `data`]**" in readme
    assert "来源二（随软件附带）" in (unpacked / "README.zh.md").read_text("utf-8")


def test_a_codebook_of_the_authors_is_told_from_those_that_came(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "data" / "codebooks", tmp_path / "codebooks"))
    (folder / "mine.txt").write_text("# version: 1\n海洋\n", encoding="utf-8")
    (folder / "stopwords.txt").write_text("# version: 9\n的\n", encoding="utf-8")
    ours, own = contents.bundled(folder)
    assert own == ["mine.txt", "stopwords.txt"]
    assert "themes.yaml" in ours


@pytest.mark.slow
def test_evidence_is_titled_once_and_in_the_page_s_language(author: Path) -> None:
    said = json.loads((figure(author / "run") / "evidence.json").read_text("utf-8"))
    assert {row["title"]["en"] for row in said["rows"]} == {"Fujian", "Guangdong"}
    assert {row["title"]["zh"] for row in said["rows"]} == {"福建省", "广东省"}
    assert not {"place", "order", "order_of", "region_id"} & {*said["rows"][0]["columns"]}
    page = (figure(author / "run") / "evidence.html").read_text("utf-8")
    assert "per 1,000 words" in page
    assert "keyness" not in page


# -- what a record says ---------------------------------------------------------------------------


@pytest.mark.slow
def test_own_topics_are_no_codebook_and_nobody_coded(author: Path) -> None:
    record = provenance.read(figure(author / "run"))
    digest = sha256(TOPICS.encode()).hexdigest()
    assert record["inputs"] == {"topics": {"topics.txt": digest}}
    assert (record["codebook"]["id"], record["codebook"]["source"]) == ("topics", "topics.txt")
    assert record["codebook"]["sha256"] == digest
    assert record["study"]["coded_by"] == "nobody"
    hits = pd.read_csv(figure(author / "run") / "hits.csv")
    assert set(hits["codebook"]) == {"topics"}


# -- tables that were changed ---------------------------------------------------------------------


@pytest.fixture
def doctored(author: Path, tmp_path: Path) -> Path:
    """A copy of the project, one number of a figure's table another."""
    shutil.copytree(author, tmp_path / "doctored")
    path = figure(tmp_path / "doctored" / "run") / "data.csv"
    before = path.read_text("utf-8-sig")
    after = before.replace(",福建省,", ",湖北省,")
    assert after != before
    path.write_text(after, encoding="utf-8-sig")
    return tmp_path / "doctored"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["trace", "share", "replicate"])
def test_a_doctored_table_is_refused(doctored: Path, command: str) -> None:
    place = figure(doctored / "run").relative_to(doctored).as_posix()
    ran = gongbao(doctored, command, f"{place}#r1" if command == "trace" else "run")
    assert ran.returncode == 2
    assert f"{place}/data.csv: was changed after the figure was drawn (sha256" in ran.stderr
    assert not ran.stdout


@pytest.mark.slow
def test_a_doctored_table_is_no_difference_of_runs_without_a_word(
    author: Path, doctored: Path
) -> None:
    found = difference.compare(author / "run", doctored / "run")
    assert len(found.touched) == 1
    first = str(found).splitlines()[0]
    assert first.startswith(f"{figure(doctored / 'run') / 'data.csv'}: was changed after")


@pytest.mark.slow
def test_one_altered_report_is_said_once_and_first_what_happened(
    author: Path, unpacked: Path
) -> None:
    """All figures of the package need it; `check` meets it once for each report."""
    (one, _) = sorted((unpacked / "data" / "reports").iterdir())
    one.write_text(one.read_text("utf-8").replace("8%", "9%"), encoding="utf-8")
    ran = gongbao(unpacked.parent, "replicate", "--verify", "package", "--present")
    assert ran.returncode == 1
    assert ran.stdout.count("is not the file that was added") == 1
    (cause,) = re.findall("NOT DRAWN: (.*)", ran.stdout)
    assert cause.index("is not the file") < cause.index("only who keeps the study")
    assert len(re.findall(r"^  figures/attention_panel-", ran.stdout, re.MULTILINE)) == 5
    assert "DIFFERS" not in ran.stdout
    checked = gongbao(unpacked, "check")
    assert checked.stdout.count("is not the file that was added") == 1


# -- a figure without its study -------------------------------------------------------------------


@pytest.mark.slow
def test_a_packed_figure_is_traced_by_the_study_beside_it(
    unpacked: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(unpacked.parent)
    assert cli.main(["trace", f"{figure(unpacked / 'figures')}#r1"]) == 0
    said = capsys.readouterr()
    assert "evidence: 2 rows" in said.out  # a sentence of each chapter has 数字经济
    assert "this is the bundled one" not in said.err


@pytest.mark.slow
def test_a_figure_alone_says_where_its_sentences_are(
    author: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(figure(author / "run"), tmp_path / HEATMAP)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["trace", f"{HEATMAP}#r2"]) == 2
    said = capsys.readouterr().err
    assert "evidence.html#r2 in this folder shows the sentences" in said
    assert "unpack the replication package" in said

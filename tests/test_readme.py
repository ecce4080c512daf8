"""The READMEs' and CONTRIBUTING's commands run, print what they say, and name what there is."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs"))

import made_up  # noqa: E402

README = ROOT / "README.md"
LANGUAGES = [README, ROOT / "README.zh.md"]
PAGES = [*LANGUAGES, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]


def code(page: Path, heading: str = "") -> list[str]:
    """The lines of code of a page, or below one of its headings: what is indented by four."""
    text = page.read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)
    own = "\n".join(one for one in sections if one.startswith(heading))
    return [line[4:] for line in own.splitlines() if line.startswith("    ")]


def commands(page: Path, heading: str = "") -> list[str]:
    """The calls of `gongbao` among them, without comments."""
    lines = (line.partition(" #")[0].strip() for line in code(page, heading))
    return [line for line in lines if line.startswith("gongbao ")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty one."""
    place = tmp_path / "空 folder"
    place.mkdir()
    return place


def gongbao(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line as its reader would, with a package that is this one."""
    command = [sys.executable, "-P", "-m", "analysis", *shlex.split(line)[1:]]
    known = {**os.environ, "PYTHONPATH": str(ROOT), "GONGBAO_GUARD": "off", "MPLBACKEND": "agg"}
    return subprocess.run(
        command, cwd=folder, env=known, capture_output=True, text=True, check=False
    )


def test_both_readmes_have_the_same_commands() -> None:
    english, chinese = map(commands, LANGUAGES)
    assert english == chinese
    assert len(english) > 15


@pytest.mark.slow
def test_the_story_of_a_panel_runs(folder: Path) -> None:
    """Line by line, on made-up reports; a server is not started, what is compared is copied."""
    made_up.write(folder)
    table = pd.read_csv(folder / "province.csv")
    few = table[table["province"].isin(["福建省", "浙江省"])]
    few.to_csv(folder / "province.csv", index=False)
    (folder / "topics.txt").write_text("# digital\n数字经济\n", encoding="utf-8")
    (folder / "sets.yaml").write_text("sets: [{topics: topics.txt}]\n", encoding="utf-8")
    lines = commands(README, "From province.csv")
    assert len(lines) > 12
    for line in lines:
        if line.startswith("gongbao lab"):
            continue
        if line == "gongbao diff figures other-figures":
            shutil.copytree(folder / "figures", folder / "other-figures")
        done = gongbao(line, folder)
        # A check that finds something, and figures of what these reports do not hold, end with 1.
        found = line.startswith(("gongbao check", "gongbao render"))
        assert done.returncode in (0, 1 if found else 0), f"{line}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr, line
        if named := re.search(r"(?: -o| --review| --robust) (\S+)", line):
            assert (folder / named[1]).exists(), line
    assert (folder / "figures" / "index.html").exists()


@pytest.mark.slow
def test_the_story_of_a_mark_runs(folder: Path, rendered: Path) -> None:
    unit = next(rendered.glob("theme_coverage*/theme_sections")).parent
    shutil.copytree(unit, folder / "figures" / "theme_coverage")
    (line,) = commands(README, "From a mangled file")
    done = gongbao(line, folder)
    assert done.returncode == 0, done.stderr
    for said in ("row 47", "regulation_system, n 3,", "（三）提增立法质效", "sha256 228c9985"):
        assert said in done.stdout
    for page in LANGUAGES:
        assert "（三）提增立法质效" in page.read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", LANGUAGES, ids=["en", "zh"])
def test_a_typo_is_refused_as_the_page_says(page: Path, folder: Path) -> None:
    (told,) = [line for line in code(page) if line.startswith("briefs.csv:2: ")]
    (folder / "briefs.csv").write_text("regions,lang\n厦门,zh\n", encoding="utf-8")
    done = gongbao("gongbao render briefs.csv --out briefs", folder)
    assert done.returncode == 2
    assert done.stderr.strip().startswith(told.partition("…")[0].strip())
    assert not (folder / "briefs").exists()


@pytest.mark.slow
def test_the_lines_of_python_run(folder: Path, rendered: Path) -> None:
    shutil.copytree(ROOT / "data", folder / "my-study", ignore=shutil.ignore_patterns("store"))
    lines = code(README, "In Python")
    assert lines[0] == 'study = gb.Study("my-study")'
    program = "\n".join(["import analysis as gb", *lines])
    known = {**os.environ, "PYTHONPATH": str(ROOT), "GONGBAO_GUARD": "off", "MPLBACKEND": "agg"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=folder,
        env=known,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / "figures" / "law" / "figure.pdf").exists()
    assert "sha256" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_what_a_page_names_is_there(page: Path) -> None:
    """Links to files, paths in code, targets of make."""
    text = page.read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text)}
    assert {link for link in links if "://" not in link and not (ROOT / link).exists()} == set()
    spans = re.findall(r"`([^`]+)`", text)
    kinds = r"(?:analysis|benchmarks|data|docs|notebooks|tests|tools|\.ci)/[\w./-]+"
    paths = {one for one in spans if re.fullmatch(kinds, one) and "NAME" not in one}
    assert {one for one in paths if not (ROOT / one).exists()} == set()
    targets = {one.split()[1] for one in [*spans, *code(page)] if re.match(r"make [a-z]", one)}
    rules = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(), re.M))
    assert targets <= {name for rule in rules for name in rule.split()}

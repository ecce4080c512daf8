"""The documentation: its code runs and prints what it says, its site builds, its links lead on."""

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import lxml.html
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import analysis as gb
from analysis.cli.main import parser
from analysis.figures.draw import TITLES
from analysis.kit import InputError

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

import blocks  # noqa: E402
import faces  # noqa: E402
import made_up  # noqa: E402

TUTORIALS = sorted(p for p in (DOCS / "tutorials").glob("*.md") if not p.name.endswith(".zh.md"))
PAGES = [*TUTORIALS, DOCS / "gallery.md"]
REFERENCE = sorted({*DOCS.glob("*.md")} - {DOCS / "gallery.md", DOCS / "gallery.zh.md"})


def named(paths: list[Path]) -> Any:
    return {"argvalues": paths, "ids": [path.stem for path in paths]}


# ---- pages and their twins


def in_chinese(page: Path) -> Path:
    return page.with_name(f"{page.stem}.zh.md")


@pytest.mark.parametrize("page", **named(PAGES))
def test_a_page_has_the_same_code_in_both_languages(page: Path) -> None:
    def told(path: Path) -> list[tuple[str, str, str, str]]:
        return [
            (one.lang, re.sub(r" *#.*", "", one.code), one.printed, Path(one.picture).name)
            for one in blocks.blocks(path)
        ]

    assert len(told(page)) > 5
    assert told(page) == told(in_chinese(page))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_kind_of_figure_is_in_the_gallery_under_its_title(lang: str) -> None:
    page = DOCS / ("gallery.md" if lang == "en" else "gallery.zh.md")
    shown = re.findall(rf"^!\[(.*)\]\(_gallery/{lang}/(\w+)\.png\)$", page.read_text("utf-8"), re.M)
    assert {name: title for title, name in shown} == {k: v[lang] for k, v in TITLES.items()}
    assert len(shown) == len(TITLES)


# ---- the made-up reports hold what the tutorials say was put in


def test_the_made_up_reports_hold_what_was_put_in(tmp_path: Path) -> None:
    made_up.write(tmp_path)
    with (tmp_path / "province.csv").open(encoding="utf-8-sig", newline="") as file:
        docs = {(row["province"], row["year"]): row["doc"] for row in csv.DictReader(file)}
    assert len(docs) == len(set(docs.values())) == 48
    said = {key: doc.count("数字经济") for key, doc in docs.items()}
    extra = {
        (p, y): said[p, str(y)] - ((y - 2016) // 2 + (index + y) % 2)
        for index, p in enumerate(made_up.PROVINCES)
        for y in range(2017, 2023)
    }
    pilots = {"浙江省", "福建省", "贵州省"}
    assert extra == {(p, y): 2 if p in pilots and y >= 2019 else 0 for p, y in extra}
    assert {key for key, doc in docs.items() if "打分低于" in doc} == {
        *[("浙江省", "2018"), ("江西省", "2019"), ("甘肃省", "2021")]
    }
    assert {key for key, doc in docs.items() if "银发课堂" in doc} == {
        *[("云南省", "2018"), ("云南省", "2020"), ("湖北省", "2022")]
    }


# ---- code runs


def test_what_runs_the_blocks_sees_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def said(text: str) -> list[str]:
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        return blocks.run(tmp_path / "page.md")

    assert said("```python\nx = 1\n```\n```bash\necho 2\n```\n```text\n2\n```\n") == []
    assert said("```python\nprint('a b c')\n```\n```text\na … c\n```\n") == []
    assert said("```stata\nnonsense\n```\n") == []
    (wrong,) = said("```python\nprint(1)\n```\n\n```text\n2\n```\n")
    assert wrong.startswith("page.md:2: prints\n1")
    (failed,) = said("words\n\n```python\nx = 1\nx.nothing\n```\n")
    assert "page.md:4" in failed
    assert "AttributeError" in failed
    (status,) = said("```bash\nfalse\necho on\n```\n")
    assert "status 1" in status
    assert said("```python\nprint(1)\n```\n\nText between.\n\n```text\n2\n```\n") == []


@pytest.fixture
def commands(tmp_path: Path) -> dict[str, str]:
    """An environment in which `gongbao` and `python` are those of this test."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, module in (("gongbao", "-m analysis"), ("python", "")):
        script = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P {module} "$@"\n'
        (folder / name).write_text(script, encoding="utf-8")
        (folder / name).chmod(0o755)
    paths = {"PYTHONPATH": str(ROOT), "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    return {**os.environ, **paths, "GONGBAO_GUARD": "off", "MPLBACKEND": "agg"}


@pytest.mark.slow
@pytest.mark.parametrize("page", **named(TUTORIALS))
def test_a_tutorial_runs_and_prints_what_it_says(
    page: Path, tmp_path: Path, commands: dict[str, str]
) -> None:
    folder = tmp_path / "study 公报"
    folder.mkdir()
    shutil.copy(DOCS / "made_up.py", folder)
    command = [sys.executable, "-W", "ignore", DOCS / "blocks.py", page]
    done = subprocess.run(
        command, cwd=folder, env=commands, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if page.stem == "panel":
        used = names_of_models(page)
        assert {"rate_chars_digital", "pilot", "region_id", "year"} <= used
        assert used <= {*pd.read_stata(folder / "panel.dta").columns, "id"}


def names_of_models(page: Path) -> set[str]:
    """What the lines of Stata and R call variables of the panel."""
    code = {one.lang: one.code for one in blocks.blocks(page)}
    stata = re.search(r"xtreg (.*), fe vce\(cluster (\w+)\)", code["stata"])
    r = re.search(r"feols\((.*), data = panel, cluster = ~(\w+)\)", code["r"])
    encoded = re.findall(r"encode (\w+)|xtset (.*)", code["stata"])
    told = " ".join([*stata.groups(), *r.groups(), *(word for pair in encoded for word in pair)])
    return set(re.findall(r"[A-Za-z_]\w+", told.replace("i.", "")))


def lines_of(page: Path) -> Iterator[str]:
    """Lines of code of a page without fences: what is indented by four."""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("    ") and not line.startswith("     "):
            yield line.strip()


@pytest.mark.parametrize("page", **named(REFERENCE))
def test_the_commands_of_a_page_are_commands(page: Path) -> None:
    for line in lines_of(page):
        if line.startswith("gongbao "):
            told = io.StringIO()
            with redirect_stderr(told):
                try:
                    parser().parse_args(shlex.split(line, comments=True)[1:])
                except SystemExit:
                    pytest.fail(f"{page.name}: {line}: {told.getvalue()}")


@pytest.mark.parametrize("page", **named(REFERENCE))
def test_commands_and_flags_that_a_page_mentions_are_there(page: Path) -> None:
    mentioned = re.findall(r"`gongbao ([a-z][^`]*)`", page.read_text(encoding="utf-8"))
    for command in mentioned:
        words = command.split()
        at: Any = parser()
        while (inner := at._subparsers) and words and not words[0].startswith("-"):
            choices = inner._group_actions[0].choices
            assert words[0] in choices, f"{page.name}: gongbao {command}"
            at = choices[words.pop(0)]
        flags = {word for word in words if word.startswith("--")}
        assert flags <= {*at._option_string_actions}, f"{page.name}: gongbao {command}"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "lines"), [("codebooks", 5), ("reuse", 6), ("commitments", 2)])
def test_python_of_a_page_names_what_there_is(
    name: str, lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run on other reports than the page has: what these do not hold may be refused."""
    monkeypatch.chdir(tmp_path)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        made_up.study(tmp_path / "my-study")
        names: dict[str, Any] = {"gb": gb, "study": gb.Study("my-study")}
        ran = 0
        for line in lines_of(DOCS / f"{name}.md"):
            if re.match(r"(study|found)\b|gb\.", line):
                ran += 1
                try:
                    exec(line, names)
                except InputError:
                    assert 'S"' in line or "河湖" in line or "hunan" in line, line
                plt.close("all")
    assert ran == lines


def test_the_functions_of_methods_are_there() -> None:
    """`keyness.g2`: a module of that name, in some room, has it."""
    text = (DOCS / "methods.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`([a-z]+)\.([a-z_0-9]+)`", text)) - {("docs", "md")}
    assert len(told) >= 20
    for module, name in sorted(told):
        homes = [f"analysis.{module}"] * (ROOT / "analysis" / module).is_dir() + [
            f"analysis.{path.parent.name}.{module}"
            for path in (ROOT / "analysis").glob(f"*/{module}.py")
        ]
        assert any(hasattr(import_module(home), name) for home in homes), f"{module}.{name}"


# ---- the site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` builds it: a warning is a failure."""
    out = tmp_path_factory.mktemp("site")
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}
    done = subprocess.run(
        [*sphinx, "-d", out / "trees", DOCS, out / "html"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out / "html"


def pages(site: Path) -> dict[Path, Any]:
    return {path: lxml.html.parse(str(path)).getroot() for path in site.rglob("*.html")}


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(site: Path) -> None:
    built = pages(site)
    ids = {path: set(root.xpath("//@id | //a/@name")) for path, root in built.items()}
    followed = 0
    for path, root in built.items():
        for link in root.xpath("//a/@href | //img/@src"):
            parts = urlsplit(link)
            if parts.scheme or not (parts.path or parts.fragment):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.exists(), f"{path.name}: {link}"
            if target in ids and parts.fragment:
                assert unquote(parts.fragment) in ids[target], f"{path.name}: {link}"
            followed += 1
    assert followed > 1000
    assert {page.with_suffix(".html").name for page in DOCS.rglob("*.md")} <= {
        p.name for p in built
    }


@pytest.mark.slow
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    for path, root in pages(site).items():
        loaded = root.xpath("//script/@src | //img/@src | //link[@rel='stylesheet']/@href")
        loaded += root.xpath("//iframe/@src | //source/@src | //link[contains(@rel, 'icon')]/@href")
        assert loaded
        assert not [one for one in loaded if urlsplit(one).netloc], path
    for path in site.rglob("*.css"):
        assert not re.search(r"@import|url\(['\"]?(https?:)?//", path.read_text("utf-8")), path
    assert not list(site.rglob("*.woff*"))


@pytest.mark.slow
def test_a_page_in_chinese_says_so(site: Path) -> None:
    for path, root in pages(site).items():
        if path.parent.name != "_static":
            assert root.get("lang") == ("zh-CN" if path.stem.endswith(".zh") else "en"), path


def test_the_api_has_every_name_of_every_face() -> None:
    page = faces.page()
    homes = {f"analysis.{path.parent.name}" for path in (ROOT / "analysis").glob("*/__init__.py")}
    assert {*faces.rooms()} == {"analysis", *homes}
    for face in faces.rooms():
        for name in import_module(face).__all__:
            assert re.search(rf"[`. ]{name}\b", page), f"{face}: {name}"


def test_a_docstring_becomes_a_list_of_names() -> None:
    lines = ["What it is.", "", "Parameters", "----------", "path : a folder.", "    Or none.", ""]
    faces.prose(None, "class", "", None, None, lines)
    assert [line for line in lines if line] == [
        *["What it is.", "**Parameters**", "- ``path``: a folder.", "  Or none."]
    ]
    untouched = ["A line : with a colon inside", "", "a_b stays"]
    faces.prose(None, "class", "", None, None, lines := ["See break_ (why).", *untouched[1:]])
    assert lines == ["See break\\_ (why).", "", "a_b stays"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("数字经济", "关注度面板与回归"),
        ("法治", "博客里的词频代码"),
        ("keyness", "What is measured"),
    ],
)
def test_search_finds_words_of_both_languages(
    site: Path, browser: Any, asked: str, found: str
) -> None:
    opened = browser.new_page()
    opened.goto(f"{(site / 'search.html').as_uri()}?q={asked}")
    opened.locator("#search-results a").filter(has_text=found).first.wait_for()
    opened.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", ["index", "index.zh", "gallery.zh", "questions", "tutorials/panel"]
)
def test_a_page_fits_a_telephone(site: Path, browser: Any, page: str) -> None:
    opened = browser.new_page(viewport={"width": 390, "height": 844})
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto((site / f"{page}.html").as_uri())
    wide = opened.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    opened.close()
    assert wide[0] <= wide[1]
    assert all(url.startswith(("file:", "data:")) for url in asked)

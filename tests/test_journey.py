"""The way from a raw report to three figures, walked with real kernels as a researcher does."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pypdf
import pytest
from fontTools.ttLib import TTFont

from analysis import cli, tables
from analysis.kit import font

ROOT = Path(__file__).resolve().parent.parent
FIGURES = {
    "keyword_frequency": [
        *("top_terms", "word_cloud", "keyness_plot", "term_sections", "dispersion_plot"),
        *("collocation_network", "rates_over_time"),
    ],
    "theme_coverage": [
        *("theme_coverage", "theme_sections", "theme_flow", "theme_years", "theme_cooccurrence"),
    ],
    "metric_trend": ["metric_trend", "target_outcome"],
}


def gongbao(*arguments: object, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a user types it; on a slow machine it says how far it is, left out here."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "analysis", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        text=True,
        encoding="utf-8",
        capture_output=True,
        check=False,
    )
    done.stderr = re.sub(r"^\w+ \d+ of \d+ \w+, \d+ s\n", "", done.stderr, flags=re.MULTILINE)
    return done


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled study rendered as `make report` does, in the locale C."""
    out = tmp_path_factory.mktemp("图 figures")
    done = gongbao("report", "--out", out, LC_ALL="C", TZ="Asia/Shanghai")
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "3 done, 0 failed" in done.stdout
    return out


def bundles(out: Path) -> list[Path]:
    return [out / notebook / name for notebook, names in FIGURES.items() for name in names]


def test_every_figure_comes_in_three_formats_with_its_data(drawn: Path) -> None:
    for bundle in bundles(drawn):
        assert sorted(file.name for file in bundle.iterdir()) == [
            *("caption.en.txt", "caption.zh.txt", "data.csv", "evidence.html", "evidence.json"),
            *("figure.pdf", "figure.png", "figure.svg", "hits.csv"),
            *("methods.en.md", "methods.zh.md", "provenance.json"),
            *("references.bib", "references.en.txt", "references.gbt7714.txt"),
        ]
    assert not list(drawn.rglob("*.part"))


def test_chinese_in_the_pdf_is_text_in_an_embedded_subset(drawn: Path) -> None:
    page = pypdf.PdfReader(drawn / "theme_coverage/theme_coverage/figure.pdf").pages[0]
    assert "党的领导" in page.extract_text()
    fonts = [entry.get_object() for entry in page["/Resources"]["/Font"].values()]
    assert fonts
    for entry in fonts:
        inner = entry["/DescendantFonts"][0].get_object() if "/DescendantFonts" in entry else entry
        if inner["/Subtype"] != "/Type3":
            files = {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])
            assert files
    assert (drawn / "theme_coverage/theme_coverage/figure.pdf").stat().st_size < 300_000


def test_every_number_leads_to_the_raw_file(drawn: Path) -> None:
    bundle = drawn / "keyword_frequency/top_terms"
    provenance = json.loads((bundle / "provenance.json").read_text("utf-8"))
    (report,) = provenance["reports"]
    raw_file = ROOT / "data" / report["path"]
    assert hashlib.sha256(raw_file.read_bytes()).hexdigest() == report["sha256"]
    raw = raw_file.read_text("utf-8")
    data = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig")
    hits = pd.read_csv(bundle / "hits.csv", encoding="utf-8-sig")
    assert hits.groupby("key").size().to_dict() == dict(zip(data["key"], data["n"], strict=True))
    for hit in hits[hits["key"] == "全市"].itertuples():
        assert "全市" in raw[hit.raw_start : hit.raw_end]
    for name, digest in provenance["files"].items():
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest


def test_the_themes_add_up_and_each_sentence_says_which_rule_coded_it(drawn: Path) -> None:
    bundle = drawn / "theme_coverage/theme_coverage"
    data = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig")
    hits = pd.read_csv(bundle / "hits.csv", encoding="utf-8-sig")
    assert data["n"].sum() == data["N_sentences"].iloc[0] == len(hits) == 52 - 14
    assert hits.groupby("primary_theme").size().to_dict() == {
        theme: n for theme, n in zip(data["theme"], data["n"], strict=True) if n
    }
    assert data["share"].sum() == pytest.approx(1)
    assert (hits["rule"].str.startswith(("hits:", "heading:")) | (hits["rule"] == "none")).all()


def test_nothing_in_the_results_names_this_machine_or_the_time(drawn: Path) -> None:
    for path in sorted(drawn.rglob("*")):
        if path.suffix in {".csv", ".json", ".ipynb", ".svg", ".html"}:
            text = path.read_text("utf-8")
            assert str(ROOT) not in text, path
            assert "papermill" not in text.split('"metadata"')[-1], path


def test_the_same_inputs_give_the_same_bytes_in_another_place_and_time_zone(
    drawn: Path, rendered: Path
) -> None:
    again = rendered / "theme_coverage"
    files = [path for folder in again.iterdir() if folder.is_dir() for path in folder.iterdir()]
    assert {path.parent.name for path in files} == set(FIGURES["theme_coverage"])
    for path in files:
        other = drawn / path.relative_to(rendered)
        assert path.read_bytes() == other.read_bytes(), path


def test_the_index_lists_every_figure(drawn: Path) -> None:
    page = (drawn / "index.html").read_text("utf-8")
    for bundle in bundles(drawn):
        assert f'{bundle.relative_to(drawn).as_posix()}/figure.pdf"' in page
    assert "http" not in page.replace("http-equiv", "")
    assert [page.index(f"{bundle.name}/figure.png") for bundle in bundles(drawn)] == sorted(
        page.index(f"{bundle.name}/figure.png") for bundle in bundles(drawn)
    )


def test_the_index_brings_its_own_font(drawn: Path) -> None:
    page = (drawn / "index.html").read_text("utf-8")
    data = base64.b64decode(page.split("base64,")[1].split(")")[0])
    glyphs = TTFont(io.BytesIO(data)).getBestCmap()
    assert {character for character in page if "一" <= character <= "鿿"} <= set(map(chr, glyphs))


@pytest.mark.slow
def test_plain_papermill_works_from_the_root_and_a_wrong_parameter_stops_it(
    tmp_path: Path,
) -> None:
    def papermill(*parameters: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [
                *(sys.executable, "-m", "papermill", "notebooks/metric_trend.ipynb"),
                *(tmp_path / "out.ipynb", "-p", "out", tmp_path / "out", *parameters),
            ],
            cwd=ROOT,
            text=True,
            encoding="utf-8",
            capture_output=True,
            check=False,
        )

    assert papermill("-p", "lang", "en").returncode == 0
    assert (tmp_path / "out/metric_trend/figure.pdf").exists()
    wrong = papermill("-p", "langg", "en")
    assert wrong.returncode != 0
    assert (
        "parameter 'langg' is not known (did you mean 'lang'?); allowed are data (str)"
        in wrong.stderr
    )


def test_a_study_of_ones_own_from_new_to_a_figure(tmp_path: Path) -> None:
    assert gongbao("new", "我的 study", cwd=tmp_path).returncode == 0
    text = (
        "宁波市2021年法治政府建设年度报告\n一、主要情况\n（一）推进行政执法。行政复议案件12件。\n"
    )
    (tmp_path / "a.txt").write_bytes(text.encode("gb18030"))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "b.txt").write_text(text.replace("2021", "2022"), encoding="utf-8")
    added = gongbao("add", "a.txt", "empty.txt", "b.txt", "--data", "我的 study", cwd=tmp_path)
    assert added.returncode == 2
    assert added.stderr == "empty.txt: is empty; save the report's text into it.\n"
    assert "a.txt → ningbo-2021: 宁波市 (330200), 2021, given 2021, city" in added.stdout
    assert "read as gb18030" in added.stdout
    assert "b.txt → ningbo-2022" in added.stdout
    again = gongbao("add", "a.txt", "--data", "我的 study", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (
        2,
        "a.txt: is in the study already, as ningbo-2021.\n",
    )
    assert gongbao("--data", "我的 study", "check", cwd=tmp_path).returncode == 0
    table = gongbao("table", "sentences", "--data", "我的 study", cwd=tmp_path)
    rows = list(csv.DictReader(table.stdout.splitlines()))
    assert [row["section"] for row in rows] == ["s0", "s1", "s1.1", "s1.1"] * 2
    done = gongbao(
        *("render", "--notebook", "data_quality", "--data", "我的 study", "--out", "图"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "图").glob("data_quality*/edit_places/figure.png"))) == 3
    (tmp_path / "我的 study/reports/ningbo-2021.txt").write_text("改了", encoding="utf-8")
    changed = gongbao("table", "sentences", "--data", "我的 study", cwd=tmp_path)
    assert changed.returncode == 2
    assert "is not the file that was added as ningbo-2021" in changed.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["table", "sentance"], "did you mean 'sentences'"),
        (["table", "terms", "-o", "x.docx"], "must end in .csv, .parquet or .xlsx"),
        (["table", "terms", "--data", "nowhere"], "gongbao new DIR"),
        (["add", "a", "b", "--id", "x"], "--id goes with one report"),
        (["restore", "nothing.txt"], "nothing.txt: no such file."),
        (["render", "--notebook", "keyword"], "did you mean 'keyword_frequency'"),
        (["new", "data"], "not empty"),
        (["render", "README.md"], "README.md: parameter sets stand in a .csv or .yaml file."),
        (["add", "README.zh.md", "--year", "20222", "--region", "厦门市"], "20222 cannot be right"),
    ],
)
def test_what_is_refused_is_one_sentence_with_status_2(arguments: list[str], said: str) -> None:
    done = gongbao(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_names_every_table() -> None:
    assert (*tables.COLUMNS, "reading") == cli.TABLE_NAMES


def test_restore_prints_the_text_and_nothing_else(tmp_path: Path) -> None:
    path = ROOT / "data/reports/xiamen-2022.mangled.txt"
    done = gongbao(
        *("restore", path, "--strict", "--edits", tmp_path / "edits.csv"),
        *("--html", tmp_path / "beside.html"),
    )
    assert done.returncode == 0
    page = (tmp_path / "beside.html").read_text("utf-8")
    assert "（三）提增立法" in page
    assert "嵩隽⒎ㄙ" in page
    assert done.stdout.startswith("2022年，在省委、省政府的正确领导下，厦门市")
    assert "掃一掃" not in done.stdout
    edits = pd.read_csv(tmp_path / "edits.csv", encoding="utf-8-sig", keep_default_na=False)
    raw = path.read_text("utf-8")
    for edit in edits.itertuples():
        assert raw[edit.raw_start : edit.raw_end] == edit.before


def test_importing_the_package_and_asking_for_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from analysis.cli.main import parser; parser();"
        "print({'matplotlib', 'jieba', 'papermill', 'pandas', 'ipywidgets'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert done.stdout == "set()\n"


def test_the_font_comes_with_a_dependency() -> None:
    assert font.file("Noto Sans SC").name == "NotoSansSC-Regular.otf"
    assert font.file("Noto Serif SC").name == "NotoSerifSC-Regular.otf"

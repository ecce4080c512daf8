"""What stands in codebooks, tables and reports: values and text, never code, in bounded time."""

from __future__ import annotations

import ast
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import docx
import lxml.etree
import lxml.html
import nbformat
import openpyxl
import pandas as pd
import pypdf
import pytest

from analysis import cli, tables, themes
from analysis.batch import engine, processes, render
from analysis.indicators import IndicatorCodebook
from analysis.kit import InputError, encodings, html, yamlfile
from analysis.pages import office, page
from analysis.restore import restore
from analysis.study import Study, catalogue

ROOT = Path(__file__).resolve().parent.parent

# -- codebooks and tables -----------------------------------------------------------------------

GOOD = """version: 1
themes:
  - id: rule
    name: {zh: 法治, en: Rule}
    definition: {zh: 法治, en: Rule of law}
    include: [法治政府]
"""
LAUGHS = "version: 1\na0: &a0 [法治]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)
BROKEN = {
    "alias bomb": (LAUGHS, 3, "the alias *a0 is not read here; write the value out."),
    "nested": ("a: " + "[" * 100_000, 1, "nested too deep"),
    "python": ("a: 1\nb: !!python/object/apply:os.system ['touch run']\n", 2, "not YAML"),
    "python name": ("b: !!python/name:os.system\n", 1, "not YAML"),
    "control": ("a: 1\nb: x\x1b[2J\n", 2, "the character U+001B stands in it"),
    "date": ("a: 1\nb: 2022-13-45\n", 2, "this is no value"),
    "long number": (f"a: {'9' * 5000}\n", 1, "this is no value"),
    "key": ("a: 1\n? [b]\n: 2\n", 2, "must be text"),
    "twice": ("a: 1\na: 2\n", 2, "stands twice"),
    "tab": ("a:\n\t- b\n", 2, "not YAML"),
    "list": ("- a\n", 1, "must be a map"),
    "empty": ("", 1, "must be a map"),
    "merge": ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, "is not read here"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_codebook_is_refused_with_its_line_and_soon(name: str, tmp_path: Path) -> None:
    text, line, said = BROKEN[name]
    path = tmp_path / "themes.yaml"
    path.write_text(text, "utf-8")
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        yamlfile.load(path)
    assert time.monotonic() - began < 10
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)
    assert not list(Path.cwd().glob("run"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_codebook_reads_the_same_whatever_editor_saved_it(
    encoding: str, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "themes.yaml"
    path.write_bytes(GOOD.replace("\n", end).encode(encoding))
    read = themes.Codebook.load(path)
    assert (read.ids, read.themes[0].include) == (["rule"], ("法治政府",))


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("id: rule", "id: 12"), 3, "id is 12; it must be text"),
        (("include: [", "include: [7, "), 6, "include holds 7; put text in quotes"),
        (("id: rule", "id: rule\n    colour: red"), 4, "key 'colour' is not known"),
        (("[法治政府]", "[法治政府]\n    patterns: ['(法+治?)+']"), 7, "could run for ever"),
        (("[法治政府]", f"[法治政府]\n    patterns: ['{'法' * 1001}']"), 7, "has 1001 characters"),
        (
            ("[法治政府]", f"[法治政府]\n    patterns: ['{'(' * 999}']"),
            7,
            "is no regular expression",
        ),
    ],
)
def test_a_value_of_a_codebook_that_cannot_be_is_shown_with_its_line(
    change: tuple[str, str], line: int, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text(GOOD.replace(*change), "utf-8")
    with pytest.raises(InputError) as caught:
        themes.Codebook.load(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert said in str(caught.value)


def test_an_indicator_pattern_must_say_where_its_value_stands(tmp_path: Path) -> None:
    path = tmp_path / "indicators.yaml"
    entry = (
        "version: 1\nindicators:\n- id: a\n  name: {zh: 甲, en: a}\n  definition: {zh: 甲, en: a}\n"
    )
    path.write_text(f"{entry}  patterns: ['法+治+x']\n", "utf-8")
    with pytest.raises(InputError, match=r"indicators.yaml:6: .*does not say where the value"):
        IndicatorCodebook.load(path)


@pytest.mark.parametrize("pattern", ["(甲|甲甲)+乙", "(甲|甲?)+乙", "甲*甲*甲*甲*甲*甲*甲*乙"])
def test_a_pattern_that_backtracks_for_ever_is_told_with_its_sentence(
    pattern: str, tmp_path: Path
) -> None:
    path = tmp_path / "themes.yaml"
    path.write_text(GOOD.replace("[法治政府]", f"[法治政府]\n    patterns: ['{pattern}']"), "utf-8")
    sentences = pd.DataFrame(
        {"report_id": "a", "sentence_id": "a:s001", "start": 0, "text": ["甲" * 900 + "丙乙甲"]}
    )
    codebook = themes.Codebook.load(path)
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        themes.match(sentences, codebook)
    assert time.monotonic() - began < 20
    assert f"the pattern {pattern!r} of a codebook takes more than 2 s" in str(caught.value)
    assert "“甲甲甲" in str(caught.value)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "decided.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(200 << 20))
    with pytest.raises(InputError, match="unpacks to more than 100 MB"):
        tables.records(path)


def test_a_table_of_megabytes_or_with_control_characters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "groups.csv"
    path.write_text("group,region\n省会,福\x1b[2J州市\n", "utf-8")
    with pytest.raises(
        InputError, match=r"groups.csv:2: the cell '福\\x1b\[2J州市' holds a control"
    ):
        tables.read(path, "groups")
    with path.open("wb") as file:
        file.truncate(encodings.LARGEST + 1)
    with pytest.raises(InputError, match="has more than 100 MB"):
        tables.read(path, "groups")


def test_a_run_from_elsewhere_names_no_folder_outside_itself(tmp_path: Path) -> None:
    for unit in ("../elsewhere", "/etc", "..", ".hidden", "a/b", ""):
        (tmp_path / "results.csv").write_text(f"unit,notebook\n{unit},x\n", "utf-8")
        with pytest.raises(InputError, match=r"results.csv: the unit .* is no plain name"):
            render.results(tmp_path)


# -- nothing runs -------------------------------------------------------------------------------

HOSTILE: dict[str, Any] = {
    "text": "'; import os; os.system('touch run') #",
    "quotes": "\"\"\"'''\\\"\\'",
    "lines": "a\nimport os\ros.mkdir('run')\u2028\x85%run x\n!touch run",
    "template": "{{7*7}} {% raw %} {text} %(text)s ${HOME} `id`",
    "controls": "\x00\x1b[2J\x07\ud7ff\U0001f600\u202e",
    "magic": "# Parameters\n%%bash\ntouch run",
    "nested": ["__import__('os').mkdir('run')", "]; import os; os.mkdir('run'); x = ["],
    "named": {"'}; import os; os.mkdir('run'); x = {'": "1", "__class__": "{'a': 1}"},
    "number": 10**30,
    "small": -1e-300,
    "nothing": None,
    "truth": True,
}


@pytest.mark.parametrize("warm", [True, False])
def test_parameters_reach_a_kernel_as_the_values_they_are(
    warm: bool, tmp_path: Path, own_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = ", ".join(f"{name!r}: {name}" for name in HOSTILE)
    cells = [
        nbformat.v4.new_code_cell("top = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell(
            f"import json\nwith open('got.json', 'w') as file: json.dump({{{names}}}, file)"
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "n.ipynb")
    if not warm:
        monkeypatch.setenv("GONGBAO_KERNELS", "cold")
    notebook = (engine.execute, (tmp_path / "n.ipynb", tmp_path / "out.ipynb", HOSTILE), {})
    ((_, said),) = processes.spread([notebook], 1)
    assert said == ""
    assert json.loads((tmp_path / "got.json").read_text()) == HOSTILE
    assert {path.name for path in tmp_path.iterdir()} == {"n.ipynb", "out.ipynb", "got.json"}


@pytest.mark.parametrize(
    "given",
    [
        {"x; import os": 1},
        {"x = 1\nimport os": 1},
        {"import": 1},
        {"x": Path("a")},
        {"x": [lambda: 1]},
        {"x": {"a": (1,)}},
        {"x": float("nan")},
        {
            "x": type("Text", (str,), {"__repr__": lambda self: "__import__('os').mkdir('run')"})(
                "a"
            )
        },
    ],
)
def test_a_parameter_that_is_no_plain_value_or_name_is_not_passed_on(given: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"is not a name|only plain values"):
        engine._cell(given)


def test_no_code_runs_that_stands_in_a_file() -> None:
    """`pickle` is spoken by `processes` alone, with those that it started itself."""
    runs, unpacks = {"eval", "exec", "compile", "__import__"}, {"pickle", "marshal", "shelve"}
    for path in sorted((ROOT / "analysis").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name for alias in node.names} | {getattr(node, "module", "") or ""}
                assert not names & unpacks or path.name == "processes.py", where
            elif isinstance(node, ast.Name):
                assert node.id not in runs, where
            elif isinstance(node, ast.Attribute):
                assert ast.unparse(node) not in {"os.system", "os.popen", "builtins.eval"}, where
                if ast.unparse(node.value) == "yaml":
                    assert "oad" not in node.attr or node.attr in {"safe_load", "SafeLoader"}, where
            elif isinstance(node, ast.keyword):
                assert node.arg not in {"shell", "allow_pickle"}, where


# -- text of a report, wherever it is shown -----------------------------------------------------

LINES = (
    "厦门市2022年法治政府建设年度报告<script>alert(1)</script>",
    "一、健全<img src=x onerror=alert(2)>机制",
    '办理行政复议案件12件，$\\frac{1}{0}$坚持法治，"><svg onload=alert(3)>依法行政{{7*7}}。',
    '=HYPERLINK("http://evil.example","法治政府")坚持。',
    "+1+cmd|' /C calc'!A0法治。",
    "-2+3法治政府建设。",
    "@SUM(A1)法治。",
    "\\input{/etc/passwd}\\textbf{法治}%$#_&~^政府。",
    '#let x = read("/etc/passwd") 法治 #x。',
    "javascript:alert(4) 法治 <!-- --> ]]> </script></style></title>。",
    "法治\x1b[2J\x1b]0;owned\x07政府\x00建设\r不断\u202e推进。",
    "二、存在的问题",
    "法治政府建设还有差距`touch run`。",
)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study of such a report (`mine`) and what is drawn of it (`out`)."""
    folder = tmp_path_factory.mktemp("shown")
    catalogue.new(folder / "mine")
    (folder / "r.txt").write_text("\n".join(LINES) + "\n", "utf-8", newline="\n")
    codebook = folder / "mine" / "codebooks" / "themes.yaml"
    text = codebook.read_text("utf-8")
    names = re.sub(
        r"name: \{zh: ", 'name: {zh: "<script>alert(5)</script>$\\\\\\\\frac{$", x: ', text
    )
    names = re.sub(r'(\$", x: )([^,]*), en', r'$", en', names)
    codebook.write_text(names, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        region = "<b onclick=alert(6)>$x$厦门</b>市"
        add = ["add", "r.txt", "--data", "mine", "--id", "r", "--region", region]
        assert cli.main([*add, "--issuer", '=cmd|"/C calc"!A0<script>']) == 0
        arguments = ["render", "--data", "mine", "--pdf", "--docx", "--out", "out"]
        for name in ("theme_coverage", "data_quality"):
            arguments += ["--notebook", name]
        assert cli.main(arguments) == 0
    return folder


def test_nothing_of_a_report_is_markup_in_a_page_or_picture(shown: Path) -> None:
    pages = sorted(path for path in (shown / "out").rglob("*") if path.suffix in (".html", ".svg"))
    assert len(pages) > 8
    alerts = 0
    for path in pages:
        data = path.read_bytes()
        if path.suffix == ".svg":
            tree = lxml.etree.fromstring(data)
        else:
            parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
            tree = lxml.html.document_fromstring(data, parser=parser)
        scripts = [html.template(name) for name in ("index.js", "marks.js")]
        for node in tree.iter(lxml.etree.Element):
            if node.tag.rpartition("}")[2] == "script":
                if node.get("type") == "application/json":
                    json.loads(node.text)
                else:
                    assert node.text.strip() in [script.strip() for script in scripts], path
            assert node.tag.rpartition("}")[2] not in ("iframe", "object", "embed", "base", "form")
            for key, value in node.attrib.items():
                name = key.rpartition("}")[2]
                assert not name.startswith("on"), (path, key)
                if name in ("src", "href", "data", "action", "srcset"):
                    assert not re.match(r"\s*(javascript|vbscript|file|//)", value, re.I), path
                if name in ("src", "data", "srcset"):
                    assert not re.match(r"\s*https?:", value), path
        alerts += "".join(map(str, tree.itertext())).count("alert(")
    assert alerts > 5  # it is there, as text


def test_a_report_shown_in_a_notebook_is_text(shown: Path) -> None:
    study = Study(shown / "mine")
    said = [study.sentences._repr_html_(), study.restored("r")._repr_html_()]
    said.append(page.concordance(study_concordance(study)))
    for text in said:
        tree = lxml.html.document_fromstring(text)
        for frame in tree.xpath("//iframe"):  # a page of its own, in which nothing may run
            assert frame.get("sandbox") == ""
            tree = lxml.html.document_fromstring(frame.get("srcdoc"))
        assert not tree.xpath("//script | //img | //svg | //*[@onload or @onerror or @onclick]")
        assert "alert(" in tree.text_content()


def study_concordance(study: Study) -> pd.DataFrame:
    row = {"sentence_id": "<script>alert(7)</script>", "section": "<img src=x>", "part": "done"}
    text = study.sentences["text"].iloc[2]
    return pd.DataFrame([{**row, "left": text, "key": "<b>", "right": text}])


def test_nothing_of_a_report_is_a_formula_or_a_field(
    shown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shown)
    for name in ("sentences", "edits", "reports"):
        assert cli.main(["table", name, "--data", "mine", "-o", f"{name}.xlsx"]) == 0
        sheet = openpyxl.load_workbook(f"{name}.xlsx").worksheets[0]
        assert "f" not in {cell.data_type for row in sheet for cell in row}
        with zipfile.ZipFile(f"{name}.xlsx") as packed:
            assert "<f>" not in packed.read("xl/worksheets/sheet1.xml").decode()
    held = {cell.value for cell in openpyxl.load_workbook("sentences.xlsx").worksheets[0]["G"]}
    assert {line for line in LINES if line[0] in "+-@"} <= {f"{text}" for text in held}
    assert cli.main(["table", "sentences", "--data", "mine", "-o", "s.csv"]) == 0
    written = pd.read_csv("s.csv", encoding="utf-8-sig")["text"].tolist()
    assert LINES[3] in written  # CSV keeps what stands there; SECURITY.md says so
    briefs = sorted(Path("out").rglob("brief.docx"))
    assert len(briefs) == 2
    for brief in briefs:
        xml = docx.Document(str(brief)).element.xml
        assert "instrText" not in xml
        own = {rf" SEQ {name} \* ARABIC " for name in ("图", "表")}  # numbers of captions
        assert set(re.findall('w:fldSimple w:instr="([^"]*)"', xml)) <= own
        assert xml.count("<w:fldSimple ") == xml.count('w:fldSimple w:instr="')


def test_nothing_of_a_report_is_a_command_of_typst_or_latex(shown: Path) -> None:
    passwd = Path("/etc/passwd").read_text().splitlines()[0]
    reports = sorted((shown / "out").rglob("report.pdf"))
    assert len(reports) == 2
    for path in reports:
        text = "".join(one.extract_text() for one in pypdf.PdfReader(path).pages)
        assert passwd not in text
    for path in (shown / "out").rglob("references.bib"):
        text = path.read_text("utf-8")
        assert not re.search(r"(?<!\\)(?:\\\\)*[$#&%]", re.sub(r"url = .*", "", text)), path
        assert "\\input" not in text
    for bundle in (shown / "out").glob("data_quality*/edit_places"):
        table = office.latex(bundle).read_text("utf-8")
        assert "\\textbackslash " in table  # of the escapes that control characters are shown as
        assert not re.search(r"\\(input|textbf)", table)


def test_the_restored_text_holds_no_control_character_and_says_so() -> None:
    raw = "\n".join(LINES)
    restored = restore(raw)
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202e]", restored.text)
    dropped = [edit.before for edit in restored.edits if edit.rule == "invisible"]
    assert dropped == ["\x1b", "\x1b", "\x07", "\x00", "\u202e"]


def test_a_terminal_is_shown_escapes_and_a_pipe_gets_what_is_there(shown: Path) -> None:
    command = [sys.executable, "-m", "analysis", "table", "edits", "--data", str(shown / "mine")]
    piped = subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout
    assert b"\x1b" in piped
    main, other = pty.openpty()
    with subprocess.Popen(command, stdout=other, stderr=subprocess.DEVNULL, cwd=ROOT) as running:
        os.close(other)
        said = b""
        try:
            while piece := os.read(main, 65536):
                said += piece
        except OSError:  # the other end is closed
            pass
        assert running.wait() == 0
    os.close(main)
    assert b"\\x1b" in said
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", said)


def test_a_message_cannot_steer_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    name = "\x1b]0;owned\x07\nr\u202e.txt"
    Path(name).write_text(LINES[0] + "\n\ufffd\x1b[31m\ufffd\n", "utf-8")
    shutil.copytree(ROOT / "data" / "codebooks", tmp_path / "data" / "codebooks")
    for arguments in (
        ["restore", name],
        ["restore", "--strict", name],
        ["table", name],
        ["trace", name],
        ["render", name],
        ["figure", name],
        ["share", name],
        ["corpus", "build", f"{name}x", "--out", "c"],
    ):
        cli.main(arguments)
        out, err = capsys.readouterr()
        for text in (out, err):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", text), arguments

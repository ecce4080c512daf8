"""A parameter is declared once: what its cell says is what both sides hold values against."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import cli, tables
from analysis.batch import options, units
from analysis.batch.parameters import OF_STUDY, Parameter, declared, problems, read_cell
from analysis.explore import choice
from analysis.figures import attention, look
from analysis.kit import GongbaoError, InputError, ProblemsError, home, html
from analysis.reuse import BY
from analysis.study import compare, promises
from analysis.text import places
from analysis.themes import attention as panels
from analysis.themes import model
from analysis.words import ENGINES, PARTS, reference

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = {path.stem: path for path in sorted((home() / "notebooks").glob("*.ipynb"))}


def opened(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(NOTEBOOKS[name].read_text("utf-8"))
    return found


def source(name: str) -> str:
    """The parameters cell of a bundled notebook."""
    (cell,) = (
        "".join(cell["source"])
        for cell in opened(name)["cells"]
        if "parameters" in cell["metadata"].get("tags", [])
    )
    return cell


CELLS = {name: read_cell(opened(name), name) for name in NOTEBOOKS}
EVERY = [(name, one) for name, cell in CELLS.items() for one in cell.values()]
IDS = [f"{name}-{one.name}" for name, one in EVERY]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, in the root."""
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, text=True, encoding="utf-8", capture_output=True, check=False
    )


def kernel(cell: str, **injected: object) -> dict[str, Any]:
    """What a kernel answers that ran this cell, and behind it papermill's."""
    put = "\n".join(["# Parameters", *(f"{name} = {one!r}" for name, one in injected.items())])
    ran = [cell, f"{put}\n"] if injected else [cell]
    namespace: dict[str, Any] = {}
    for one in ran:
        exec(compile(one, "cell", "exec"), namespace)
    return options({**namespace, "In": ["", *ran]})


def told(cell: str, **injected: object) -> str:
    """The sentence with which a kernel stops, '' if it goes on."""
    try:
        kernel(cell, **injected)
    except GongbaoError as error:
        return str(error)
    return ""


# ---- what a declaration says


@pytest.mark.parametrize(
    ("line", "takes", "refuses"),
    [
        ("x: int = 25  # n {1 to 500}", (1, 25, 500), (0, 501, -1, 2.5, "3", None, True)),
        ("x: float = 0.05  # {0 to 0.5}", (0, 0.5, 0.05), (-0.01, 0.51, float("nan"), "0")),
        ("x: int = -1  # {-3 to -1}", (-3, -1), (0, -4)),
        ("x: int = None  # {1900 to 2100}", (None, 1900, 2100), (1899, 2101, "2000", "")),
        ("x: int | None = 2000  # {1900 to 2100}", (None, 1900), (1899,)),
        ("x: list[int] = []  # {1900 to 2100}", ([], [1900, 2100]), ([1900, 2101], 2000, None)),
        ("x: dict[str, int] = {}  # {0 to 9}", ({}, {"a": 0, "b": 9}), ({"a": 10}, {"a": "1"})),
        ("x: str = 'a'  # {a, b c}", ("a", "b c"), ("b", "", "c", "A", None, 1, ["a"])),
        ("x: str = ''  # {a, b}", ("", "a", "b"), (" ", "a, b", None)),
        ("x: str = '甲'  # 何者 {甲，乙、丙}", ("甲", "乙", "丙"), ("丁", "甲，乙")),
        ("x: list[str] = []  # {a, b}", ([], ["a"], ["b", "a", "b"]), (["a", "c"], "a", [""])),
        ("x: int = 2  # {1, 2, 4}", (1, 2, 4), (3, 0, True, 1.5)),
        ("x = 3  # of no type {1 to 5}", (1, 4.5), (0, 6, "3")),
        ("x: str = 'a # {b}'  # c", ("b", "{b}"), (1,)),
        ("x: list[str] = [  # {no}\n    'a',  # {no}\n]  # {a, b}", (["b"],), (["no"],)),
        ("x: str = 'é' ; y: int = 1  # {1 to 2}", ("any",), (1,)),
        ("x: int = 3", (-(10**9), 10**9), ("3", 2.5)),
        ("x: int = 3  # sets such as {a} or {b}, and more", (4,), ("a",)),
        ("x: str = ''  # whose {regions of the study}", ("厦门市", ""), (1, ["厦门市"])),
        ("x: str = ''  # {path of a map}", ("a/b.json", ""), (1, None)),
    ],
)
def test_a_value_is_taken_or_refused_as_the_line_says(
    line: str, takes: tuple[object, ...], refuses: tuple[object, ...]
) -> None:
    known = declared(line)
    assert [value for value in takes if [*problems({"x": value}, known)]] == []
    assert [value for value in refuses if not [*problems({"x": value}, known)]] == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x: int = 3  # words {one to 500}", "the braces of x hold 'one to 500'"),
        ("x: int = 3  # {500 to 1}", "the braces of x hold '500 to 1'"),
        ("x: int = 3  # {1 to}", "the braces of x hold '1 to'"),
        ("x: int = 3  # {}", "the braces of x hold ''"),
        ("x: str = 'a'  # {a,, b}", "the braces of x hold 'a,, b'"),
        ("x: bool = True  # {True, False}", "the braces of x hold"),
        ("x: str = ''  # {themas of the study}", "{themes of the study}"),
        ("x: int = 1  # {themes of the study}", "the braces of x hold"),
        ("x: int = 0  # {1 to 500}", "the default of x is 0; it must be int, 1 to 500"),
        ("x: str = 'c'  # {a, b}", "the default of x is 'c'; it must be a or b"),
        ("x: int = 'c'", "the default of x is 'c'; it must be int"),
        ("x: int = f()", "the value of x is f(), no plain one"),
        ("x: Path = 'a'", "the type of x is 'Path', no plain one"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused_with_its_line(line: str, said: str) -> None:
    cell = {"metadata": {"tags": ["parameters"]}, "source": ["y: int = 1\n", line]}
    with pytest.raises(InputError) as refused:
        read_cell({"cells": [cell]}, "n.ipynb")
    assert str(refused.value).startswith("n.ipynb: line 2 of the parameters cell: ")
    assert said in str(refused.value)


NUMBER = st.integers(-(10**6), 10**6)


@given(st.tuples(NUMBER, NUMBER).map(sorted), NUMBER, st.booleans())
def test_a_range_holds_what_is_between_its_ends(ends: list[int], value: int, in_list: bool) -> None:
    least, most = ends
    kind, default = ("list[int]", []) if in_list else ("int", least)
    known = declared(f"x: {kind} = {default}  # n {{{least} to {most}}}")
    for one in (value, least, most, least - 1, most + 1):
        said = [*problems({"x": [least, one] if in_list else one}, known)]
        assert (said == []) == (sorted([least, one, most])[1] == one)
        assert all(f" {one}; it must be {kind}, " in sentence for sentence in said)


WORDS = st.text(st.sampled_from("ab 法-_."), min_size=1).map(str.strip).filter(bool)


@given(st.lists(WORDS, min_size=1, unique=True), WORDS)
def test_of_several_every_one_is_taken_and_nothing_else(names: list[str], other: str) -> None:
    known = declared(f"x: str = {names[0]!r}  # {{{', '.join(names)}}}")
    assert [*problems({}, known)] == [s for one in names for s in problems({"x": one}, known)] == []
    assert bool([*problems({"x": other}, known)]) == (other not in names)


# ---- the bundled notebooks


@pytest.mark.parametrize(("name", "one"), EVERY, ids=IDS)
def test_every_parameter_has_a_type_and_says_what_it_is(name: str, one: Parameter) -> None:
    assert re.search(rf"^{one.name}: ", source(name), re.MULTILINE)
    assert len(one.about) > 5
    assert "{" not in one.about


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_papermill_reads_every_parameter_and_any_python_runs_the_cell(name: str) -> None:
    seen = papermill.inspect_notebook(NOTEBOOKS[name])
    assert [*seen] == [*CELLS[name]]
    for key, one in CELLS[name].items():
        assert one.kind in (kind := seen[key]["inferred_type_name"], f"{kind} | None")
        assert seen[key]["help"].startswith(one.about)
    run = python("-I", "-c", source(name))
    assert (run.returncode, run.stderr) == (0, "")
    assert kernel(source(name)) == {
        key: one.default for key, one in CELLS[name].items() if key not in ("data", "out")
    }


def test_what_may_be_chosen_is_what_the_code_knows() -> None:
    expected: dict[str, tuple[str, ...]] = {
        "lang": html.LANGUAGES,
        "preset": (*look.PRESETS, "a .mplstyle file"),
        "engine": ENGINES,
        "units": compare.UNITS,
        "over": ("study", *reference.GENRES),
        "level": places.LEVELS,
        "at": panels.YEARS,
        "value": tuple(attention.VALUES),
        "status": tables.CHOICES["indicators", "status"],
        "parts": tuple(PARTS),
        "panel": choice.PANELS,
        "match": choice.MATCHES,
        "sort": choice.SORTS,
        "by": promises.BY,
        "coder": model.CODERS,
    }
    found = {(one.name, one.choices) for _, one in EVERY if one.choices}
    assert {(name, frozenset(one)) for name, one in found} == {
        *((name, frozenset(one)) for name, one in expected.items()),
        ("by", frozenset(BY)),  # of other notebooks
        ("by", frozenset(filter(None, choice.BY))),
    }


WRONG: dict[str, list[Any]] = {"str": [3], "int": ["many"], "float": ["many"], "bool": ["perhaps"]}


def wrong(one: Parameter) -> list[Any]:
    """Values that a parameter cannot have: of another type, beyond its range, none of several."""
    inside = one.kind.removeprefix("list[").removesuffix(" | None").removesuffix("]")
    found = [*WRONG[inside]]
    if one.bounds:
        found += [one.bounds[0] - 1, one.bounds[1] + 1]
    if one.choices:
        found += ["foo"]
    return [[value] for value in found] if one.kind.startswith("list") else found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_both_sides_refuse_a_value_with_the_same_sentence(name: str) -> None:
    expected, sets = [], []
    for one in CELLS[name].values():
        for value in wrong(one):
            said = told(source(name), **{one.name: value})
            assert said.startswith(f"parameter {one.name} ")
            assert repr(value).strip("[]") in said
            assert f"; it must be {one.allowed}" in said
            if one.name not in ("out", "data"):  # which the batch gives, or opens first
                sets.append((f"sets.yaml:{len(sets)}", {one.name: value}))
                expected.append(f"{sets[-1][0]}: {said}")
    with pytest.raises(ProblemsError) as refused:
        units.plan([name], sets, str(home() / "data"))
    assert refused.value.problems == expected


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("top_n", 0, "parameter top_n is 0; it must be int, 1 to 1000."),
        (
            "preset",
            "foo",
            "preset is 'foo'; it must be en-journal, zh-journal, slides or a .mplstyle file.",
        ),
        ("preset", "slide", "or a .mplstyle file (did you mean 'slides'?)."),
        ("status", ["checkd"], "status holds 'checkd'; it must be list[str]: each extracted, "),
        (
            "over",
            "laws",
            "study, provincial report, national report, law or empty (did you mean 'law'?).",
        ),
        ("years", [2022, 1800], "years holds 1800; it must be list[int], each 1900 to 2100."),
        ("since", 1800, "since is 1800; it must be int | None, 1900 to 2100."),
    ],
)
def test_the_sentence_names_the_value_and_what_is_allowed(
    name: str, value: object, said: str
) -> None:
    notebook = next(notebook for notebook, cell in CELLS.items() if name in cell)
    assert said in told(source(notebook), **{name: value})


def test_a_batch_names_file_and_line_and_asks_the_study_what_the_line_leaves_to_it(
    tmp_path: Path,
) -> None:
    sets = tmp_path / "sets.csv"
    rows = ["region,group,at,top_n", "厦门,,,7", ",沿海,,7", "厦门市,,years,0", "厦门市,,year,7"]
    sets.write_text("\n".join(rows) + "\n", encoding="utf-8")
    asked = ["attention_panel", "region_comparison", "keyword_frequency"]
    with pytest.raises(ProblemsError) as refused:
        units.plan(asked, units.read_sets(sets), str(home() / "data"))
    first, second, *others = refused.value.problems
    assert first.startswith(f"{sets}:2: parameter region: region '厦门' is not known; did you mean")
    assert second.startswith(f"{sets}:3: parameter group: group '沿海' is not known")
    assert others == [
        f"{sets}:4: parameter at is 'years'; it must be year or year_given (did you mean 'year'?).",
        f"{sets}:4: parameter top_n is 0; it must be int, 1 to 1000.",
    ]


@pytest.mark.parametrize("phrase", [*sorted(OF_STUDY), "path of an image"])
def test_what_the_study_must_know_is_asked_whatever_the_parameter_is_called(
    phrase: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own(tmp_path, f"mine: list[str] = []  # {{{phrase}}}\nfree: list[str] = []  # {phrase}")
    monkeypatch.chdir(tmp_path)
    data = str(home() / "data")
    with pytest.raises(ProblemsError, match=r"sets:1: parameter mine: .*nowhere"):
        units.plan(["own"], [("sets:1", {"mine": ["nowhere=1"]})], data)
    assert units.plan(["own"], [("sets:1", {"free": ["nowhere=1"]})], data)


# ---- a running notebook


def own(folder: Path, cell: str) -> None:
    """A notebook of one's own with this parameters cell."""
    (folder / "notebooks").mkdir(exist_ok=True)
    code = {"cell_type": "code", "source": cell, "outputs": [], "execution_count": None}
    cells = [{**code, "id": "a", "metadata": {"tags": ["parameters"]}}]
    made = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebooks" / "own.ipynb").write_text(json.dumps(made), encoding="utf-8")


def test_a_bare_notebook_of_ones_own_takes_what_its_types_say() -> None:
    assert kernel("x: int = 3", x=4) == {"x": 4}
    assert told("x: int = 3", x="4") == "parameter x is '4'; it must be int."
    assert kernel("x = 3  # no type", x=0.5) == {"x": 0.5}
    assert told("x = 3", x="4") == "parameter x is '4'; it must be float."
    assert told("x = 3", y=1).startswith("parameter 'y' is not known; allowed are x (float)")
    assert kernel("import os\nx: int = 3  # {1 to 5}", x=4) == {"x": 4}
    assert told("import os\nx: int = 3  # {1 to 5}", x=6).endswith("it must be int, 1 to 5.")


def test_an_edited_cell_counts_as_it_was_run_last() -> None:
    told_twice: dict[str, Any] = {"__annotations__": {"x": int}, "x": 7}
    cells = ["", "x: int = 3  # {1 to 5}", "x = 7", "x: int = 3  # {1 to 9}"]
    assert options({**told_twice, "In": cells}) == {"x": 7}
    with pytest.raises(ProblemsError, match="x is 7; it must be int, 1 to 5"):
        options({**told_twice, "In": cells[:3]})
    with pytest.raises(InputError, match="the parameters cell: the braces of x hold 'one to 9'"):
        options({**told_twice, "In": [*cells[:2], "x: int = 3  # {one to 9}"]})
    assert options({**told_twice, "In": ["", "x: int = 3  # {one to 9}", *cells[2:]]}) == {"x": 7}


def test_cells_that_declare_nothing_are_left_alone() -> None:
    cell = "x: int = 3  # {1 to 5}"
    others = ["%matplotlib inline", "x = (", "frame: DataFrame = made()", "y = 9  # {1 to 5}"]
    namespace = {"__annotations__": {"x": int, "frame": dict}, "x": 3, "frame": {}, "y": 9}
    assert options({**namespace, "In": ["", cell, *others]}) == {"x": 3}


def test_a_script_made_from_a_notebook_is_held_against_its_own_lines(tmp_path: Path) -> None:
    script = tmp_path / "n.py"
    text = "import analysis as gb\nx: int = None  # {1 to 5}\nprint(gb.options(globals()))\n"
    script.write_text(text, encoding="utf-8")
    run = python(str(script))
    assert (run.stdout, run.returncode) == ("{'x': None}\n", 0), run.stderr
    script.write_text(text.replace("\nprint", "\nx = 6\nprint"), encoding="utf-8")
    run = python(str(script))
    assert run.stderr.endswith("parameter x is 6; it must be int | None, 1 to 5.\n")


# ---- from the command line


def test_the_parameters_of_a_notebook_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own(tmp_path, 'n: int = 3  # rows {1 to 5}\nx = "a"\nof: str = ""  # whose {b, c}')
    monkeypatch.chdir(tmp_path)  # without a study
    assert cli.main(["render", "--help-parameters", "own"]) == 0
    assert capsys.readouterr().out == (
        "n: int, 1 to 5 (default 3)\n    rows\nx: str (default 'a')\n"
        "of: str: b, c or empty (default '')\n    whose\n"
    )
    for name, cell in CELLS.items():
        assert cli.main(["render", "--help-parameters", name]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.partition(":")[0] for line in lines[::2]] == [*cell]
        assert [line.strip() for line in lines[1::2]] == [one.about for one in cell.values()]
    assert cli.main(["render", "--help-parameters", "theme_covrage"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("notebook 'theme_covrage' is not known; did you mean 'theme_coverage'")
    assert said.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notebooks"]


@pytest.mark.slow
def test_plain_papermill_takes_values_lists_and_files_and_refuses_in_a_sentence(
    tmp_path: Path,
) -> None:
    def run(*asked: str) -> subprocess.CompletedProcess[str]:
        injected = ("-p", "out", str(tmp_path / "out"), *asked)
        notebook = "notebooks/keyword_frequency.ipynb"
        return python("-m", "papermill", notebook, str(tmp_path / "out.ipynb"), *injected)

    well = run("-p", "top_n", "10", "-y", "{terms: [法治, 营商环境]}")
    assert well.returncode == 0, well.stderr
    assert "unknown parameter" not in well.stderr
    top = (tmp_path / "out/top_terms/data.csv").read_text("utf-8-sig")
    assert len(top.splitlines()) == 1 + 10
    rates = (tmp_path / "out/rates_over_time/data.csv").read_text("utf-8-sig")
    assert "营商环境" in rates
    file = tmp_path / "given.yaml"
    file.write_text("top_n: 1001\npreset: foo\n", encoding="utf-8")
    for asked, said in (
        (("-p", "top_n", "0"), "parameter top_n is 0; it must be int, 1 to 1000."),
        (
            ("-f", str(file)),
            "parameter preset is 'foo'; "
            "it must be en-journal, zh-journal, slides or a .mplstyle file.\n"
            "parameter top_n is 1001; it must be int, 1 to 1000.",
        ),
    ):
        refused = run(*asked)
        assert refused.returncode != 0
        assert said in refused.stderr

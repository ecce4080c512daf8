"""Parameters are values: a wrong or hostile one is refused and named, never run."""

import json
from pathlib import Path

import pytest

from analysis import render
from analysis.errors import InputError, ProblemsError
from analysis.parameters import declared, options, problems, read_cell

CELL = 'data: str = "data"\ntop_n: int = 25\nyears: list[int] = []\nshare: float | None = None\n'
KINDS = {name: one.kind for name, one in declared(CELL).items()}


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"top_n": 3, "years": [2020, 2021], "share": 0.5},
        {"share": None, "data": "__import__('os').system('x')"},
        {"share": 1},
    ],
)
def test_values_of_the_declared_types_pass(values: dict[str, object]) -> None:
    assert list(problems(values, KINDS)) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"topn": 3}, "'topn' is not known (did you mean 'top_n'?); allowed are data (str), top_n"),
        ({"top_n": "3"}, "top_n is '3'; it must be int"),
        ({"top_n": True}, "top_n is True; it must be int"),
        ({"years": [2020, "2021"]}, "years is [2020, '2021']; it must be list[int]"),
        ({"years": (2020,)}, "must be list[int]"),
        ({"data": Path("x")}, "must be str"),
        ({'year=1;print("x")#': 1}, "is not known"),
    ],
)
def test_anything_else_is_named(values: dict[str, object], said: str) -> None:
    (problem,) = problems(values, KINDS)
    assert said in problem


def test_a_running_notebook_sees_what_papermill_injected() -> None:
    namespace = {
        "__annotations__": {"top_n": int, "years": list[int]},
        "top_n": 3,
        "years": [2020],
        "In": ["", "top_n: int = 25", "# Parameters\ntop_n = 3\nyears = [2020]\n"],
    }
    assert options(namespace) == {"top_n": 3, "years": [2020]}
    namespace["In"] = ["", "top_n: int = 25", "# Parameters\ntopn = 3\n"]
    with pytest.raises(ProblemsError, match="'topn' is not known"):
        options({**namespace, "topn": 3})


@pytest.mark.parametrize("cell", ["top_n = 3", "import os", "top_n: int = f()", "x: int", "1 +"])
def test_a_parameters_cell_holds_declarations_only(cell: str) -> None:
    notebook = {"cells": [{"metadata": {"tags": ["parameters"]}, "source": [cell]}]}
    with pytest.raises(InputError, match=r"^n.ipynb: "):
        read_cell(notebook, "n.ipynb")


def test_a_batch_names_every_mistake_at_once_before_it_starts(tmp_path: Path) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text(
        "reports,top_n,lang\nxiamen-2022,7,en\nxiamen-2021,many,fr\n", encoding="utf-8-sig"
    )
    with pytest.raises(ProblemsError) as caught:
        render.plan(["keyword_frequency"], render.read_sets(sets), "data")
    assert len(caught.value.problems) == 3
    for said in ("sets.csv:3: ", "did you mean 'xiamen-2022'", "top_n is 'many'", "zh or en"):
        assert said in str(caught.value)


def test_out_belongs_to_the_batch(tmp_path: Path) -> None:
    sets = tmp_path / "sets.yaml"
    sets.write_text("sets:\n  - lang: en\n  - out: /tmp\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"sets.yaml:3: parameter 'out' is set by the batch"):
        render.plan(["theme_coverage"], render.read_sets(sets), "data")


def test_csv_cells_become_what_the_notebook_declares(tmp_path: Path) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text("reports,top_n,lang\nxiamen-2022;xiamen-2022,7,\n", encoding="utf-8")
    (unit,) = render.plan(["keyword_frequency"], render.read_sets(sets), "data")
    assert unit.values == {"reports": ["xiamen-2022", "xiamen-2022"], "top_n": 7}
    assert json.loads(unit.parameters) == unit.values


def test_two_sets_of_parameters_never_share_a_folder() -> None:
    sets = [("a", {"top_n": 7}), ("b", {"top_n": 8}), ("c", {}), ("d", {"top_n": 7})]
    names = [unit.name for unit in render.plan(["keyword_frequency"], sets, "data")]
    assert len(names) == len(set(names)) == 3
    assert names[2] == "keyword_frequency"

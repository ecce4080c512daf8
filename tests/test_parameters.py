"""Parameters are values: a wrong or hostile one is refused and named, never run."""

import base64
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from fontTools.ttLib import TTFont

from analysis import cli
from analysis.batch import options, render, units
from analysis.batch.parameters import declared, problems, read_cell
from analysis.kit import InputError, ProblemsError, home
from analysis.pages import page

CELL = 'data: str = "data"\ntop_n: int = 25\nyears: list[int] = []\nshare: float | None = None\n'
KNOWN = declared(CELL)


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
    assert list(problems(values, KNOWN)) == []


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
    (problem,) = problems(values, KNOWN)
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


@pytest.mark.parametrize(
    ("cell", "takes", "refuses"),
    [
        ("x = 3", (4, 0.5), ("a", None, True)),
        ("x = 'a'", ("b",), (1, None)),
        ("x = True", (False,), (1, "yes")),
        ("x = [1]", ([2.5], []), ([None], 2)),
        ("x = []", (["a"],), ([1],)),
        ("x = {'a': 1}", ({"b": 2},), ({"b": "c"}, {1: 2})),
        ("x = None", (None, 1, "a"), ([1],)),
    ],
)
def test_a_parameter_without_a_type_has_that_of_its_value(
    cell: str, takes: tuple[object, ...], refuses: tuple[object, ...]
) -> None:
    known = declared(cell)
    assert not [value for value in takes if [*problems({"x": value}, known)]]
    assert not [value for value in refuses if not [*problems({"x": value}, known)]]


@pytest.mark.parametrize(
    "cell",
    ["x = (1, 2)", "x = [[1]]", "x = y = 1", "import os", "top_n: int = f()", "x: int", "1 +"],
)
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
        units.plan(["keyword_frequency"], units.read_sets(sets), "data")
    assert len(caught.value.problems) == 3
    for said in ("sets.csv:3: ", "did you mean 'xiamen-2022'", "top_n is 'many'", "zh or en"):
        assert said in str(caught.value)


@pytest.mark.parametrize("name", ["sources.csv", "indicators.csv", "codebooks/themes.yaml"])
def test_a_broken_line_in_the_study_is_told_before_a_batch_begins(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(home() / "data", tmp_path / "study")
    file = tmp_path / "study" / name
    file.write_bytes(file.read_bytes() + b"broken: [\n")
    lines = file.read_bytes().count(b"\n")
    out = tmp_path / "out"
    assert cli.main(["render", "--data", str(tmp_path / "study"), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert said.startswith((f"{file}:{lines}: ", f"{file}:{lines + 1}: "))
    assert said.count("\n") == 1
    assert not out.exists()


def test_out_belongs_to_the_batch(tmp_path: Path) -> None:
    sets = tmp_path / "sets.yaml"
    sets.write_text("sets:\n  - lang: en\n  - out: /tmp\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"sets.yaml:3: parameter 'out' is set by the batch"):
        units.plan(["theme_coverage"], units.read_sets(sets), "data")


def test_csv_cells_become_what_the_notebook_declares(tmp_path: Path) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text("reports,top_n,lang\nxiamen-2022;xiamen-2022,7,\n", encoding="utf-8")
    (unit,) = units.plan(["keyword_frequency"], units.read_sets(sets), "data")
    assert unit.values == {"reports": ["xiamen-2022", "xiamen-2022"], "top_n": 7}
    assert json.loads(unit.parameters) == unit.values


def test_two_sets_of_parameters_never_share_a_folder() -> None:
    sets = [("a", {"top_n": 7}), ("b", {"top_n": 8}), ("c", {}), ("d", {"top_n": 7})]
    names = [unit.name for unit in units.plan(["keyword_frequency"], sets, "data")]
    assert len(names) == len(set(names)) == 3
    assert names[2] == "keyword_frequency"


ALL = ["keyword_frequency", "theme_coverage", "metric_trend"]


def test_a_column_that_only_one_notebook_takes_is_said_once_with_what_the_others_do() -> None:
    sets = [("a", {"regions": ["厦门市"]}), ("b", {"regions": ["全国"], "top_n": 7})]
    planned = units.plan(ALL, sets, "data")
    assert [unit.notebook for unit in planned].count("theme_coverage") == 1
    assert list(units.notes(planned)) == [
        "regions: taken by metric_trend only; keyword_frequency and theme_coverage draw all "
        "reports; `reports` selects reports.",
        "top_n: taken by keyword_frequency only; theme_coverage and metric_trend do not take it.",
        "theme_coverage: 2 parameter sets differ only in regions and top_n, which it does not "
        "take; drawn as 1.",
    ]


def test_nothing_is_said_of_columns_that_every_notebook_takes() -> None:
    sets = [("a", {"lang": "en"}), ("b", {"lang": "en"}), ("c", {"reports": ["xiamen-2022"]})]
    assert list(units.notes(units.plan(ALL, sets, "data"))) == []


def test_a_column_with_reports_beside_it_is_not_said_to_draw_all() -> None:
    sets = [("a", {"regions": ["厦门市"], "reports": ["xiamen-2022"]})]
    (note,) = units.notes(units.plan(["theme_coverage", "metric_trend"], sets, "data"))
    assert note == "regions: taken by metric_trend only; theme_coverage does not take it."


def test_the_notes_reach_standard_error_and_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rendered(todo: list[units.Unit], *_: object, **how: object) -> Iterator[dict[str, str]]:
        return (render._row(unit, "") for unit in todo)

    monkeypatch.setattr(render, "_render", rendered)
    planned = units.plan(["theme_coverage", "metric_trend"], [("a", {"regions": ["全国"]})], "data")
    render.run(planned, tmp_path, title={"zh": "题", "en": "Title"}, lang="en")
    assert "regions: taken by metric_trend only" in capsys.readouterr().err
    page = (tmp_path / "index.html").read_text("utf-8")
    assert page.count("Parameters that this notebook does not take: regions; it draws all") == 1
    assert "theme_coverage" in page.split("does not take")[0]


def unit(folder: Path, name: str, lang: str) -> dict[str, str]:
    """A unit of a batch with its notebook, written by hand."""
    (folder / name).mkdir()
    cell = {"cell_type": "markdown", "source": ["# 走势 · Trend <b>\n", "text"]}
    (folder / name / "trend.ipynb").write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    given = json.dumps({"lang": lang} if lang else {})
    return {"unit": name, "notebook": "trend", "parameters": given, "status": "done", "error": ""}


@pytest.mark.parametrize(
    ("langs", "study", "page_lang", "title"),
    [
        (["en", "en"], "zh", "en", "Title"),
        (["zh", "en"], "zh", "zh-Hans", "题"),
        (["zh", "en"], "en", "en", "Title"),
        (["", ""], "en", "en", "Title"),
    ],
)
def test_the_index_has_its_briefs_language_and_the_studys_where_they_differ(
    tmp_path: Path, langs: list[str], study: str, page_lang: str, title: str
) -> None:
    units = [unit(tmp_path, f"trend-{number}", lang) for number, lang in enumerate(langs)]
    path = page.index(tmp_path, units, title={"zh": "题", "en": "Title"}, lang=study)
    text = path.read_text("utf-8")
    assert text.startswith(f'<!doctype html><html lang="{page_lang}">')
    assert f"<h1>{title}</h1>" in text
    for part, lang in zip(text.split("<h2")[1:], langs, strict=True):
        assert part.split(">")[1].startswith("走势 · trend" if lang == "zh" else "Trend &lt;b&gt;")
        assert ("运行过的" in part) == (lang == "zh")


def test_a_concordance_is_a_page_of_its_own_and_text_stays_text() -> None:
    columns = ["report_id", "sentence_id", "section", "part", "left", "key", "right"]
    rows = [["r", "r:s001", "s1", "done", "<b>推进", "法治", "政府&建设"]]
    text = page.concordance(pd.DataFrame(rows, columns=columns))
    assert '<td class="left">&lt;b&gt;推进<td><mark>法治</mark><td>政府&amp;建设' in text
    assert "<b>" not in text
    assert "http" not in text
    data = base64.b64decode(text.split("base64,")[1].split(")")[0])
    glyphs = set(map(chr, TTFont(io.BytesIO(data)).getBestCmap()))
    assert set("推进法治政府建设") <= glyphs
    assert "· 0" in page.concordance(pd.DataFrame([], columns=columns))

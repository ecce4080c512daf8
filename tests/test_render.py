"""Batches with real kernels: what goes wrong stays in its unit, what is done is not done again."""

import csv
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analysis import cli
from analysis.batch import render, units
from analysis.kit import InputError, ProblemsError
from analysis.pages import page

ROOT = Path(__file__).resolve().parent.parent
CELLS = [
    'data: str = "data"\nreports: list[str] = []\nout: str = "."\nmode: str = "well"\n'
    "size: int = 1\nnamed: dict[str, int] = {}\ninside: bool = False\nshare: float | None = None",
    "import os, random, sys, time\nfrom pathlib import Path\n\nimport numpy as np",
    "if mode == 'raise':\n    raise ValueError('it broke: 法治')",
    "if mode == 'exit':\n    sys.exit(3)",
    "if mode == 'die':\n    os.kill(os.getpid(), 9)\nif mode == 'hang':\n    time.sleep(600)",
    "if mode == 'print':\n    print('x' * 3_000_000)\nif mode == 'slow':\n    time.sleep(0.5)",
    "place = Path(out, 'drawn')\nplace.mkdir()\n(place / 'data.csv').write_text(f'n\\n{size}\\n')\n"
    "print(mode, size, named, inside, share)",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a study of one report and a small notebook, to work in."""
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("reference"))
    cells = [
        {
            **{"cell_type": "code", "id": f"c{number}", "source": source, "outputs": []},
            **{"execution_count": None, "metadata": {"tags": ["parameters"] * (number == 0)}},
        }
        for number, source in enumerate(CELLS)
    ]
    named = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": named, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GONGBAO_TEST", str(tmp_path))
    return tmp_path


def batch(sets: str, *more: str) -> int:
    """`gongbao render` of the small notebook for the sets of a CSV."""
    Path("sets.csv").write_text(sets, encoding="utf-8")
    return cli.main(["render", "sets.csv", "--notebook", "small", "--out", "out", *more])


def rows() -> dict[str, dict[str, str]]:
    """results.csv by the value of `mode`."""
    return {json.loads(row["parameters"])["mode"]: row for row in render.results(Path("out"))}


def left(mark: str) -> list[str]:
    """Processes that a batch started in this test's environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            ours = mark.encode() in (path / "environ").read_bytes()
            said = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if ours and (b"processes as it" in said or b"multiprocessing" in said):
            found.append(said.decode())
    return found


def gone(folder: Path, seconds: float = 10) -> bool:
    """Whether nothing that a batch started in a folder is left, waiting so long."""
    until = time.monotonic() + seconds
    while left(f"GONGBAO_TEST={folder}") and time.monotonic() < until:
        time.sleep(0.1)
    return not left(f"GONGBAO_TEST={folder}")


@pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
def test_what_goes_wrong_stays_in_its_unit_and_can_be_tried_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = "mode,size\nwell,1\nraise,1\nexit,1\ndie,1\nhang,1\nprint,1\nwell,2\n"
    assert batch(sets, "--timeout", "4", "--jobs", "2") == cli.FAILED
    said = capsys.readouterr()
    assert "2 done, 5 failed" in said.out
    assert "x" * 100 not in said.out + said.err
    found = rows()
    assert {mode: row["status"] for mode, row in found.items()} == {
        **dict.fromkeys(("raise", "exit", "die", "hang", "print"), "failed"),
        "well": "done",
    }
    for mode, sentence in {
        "raise": "small, cell 3: ValueError: it broke: 法治",
        "exit": "SystemExit: 3",
        "die": "the kernel died",
        "hang": "it took longer than 4",
        "print": "printed more than 1,000,000 characters",
    }.items():
        assert sentence in found[mode]["error"], mode
        executed = Path("out", found[mode]["unit"], "small.ipynb").read_text("utf-8")
        assert '"output_type": "error"' in executed
    done = Path("out", found["well"]["unit"])
    assert (done / "report.html").stat().st_size > 1000
    assert not list(Path("out").glob(".*"))
    assert gone(folder)
    before = {path: path.stat().st_mtime_ns for path in Path("out").glob("[!.]*/.unit.json")}
    source = Path("notebooks/small.ipynb")
    source.write_text(source.read_text("utf-8").replace("it broke", "again"), encoding="utf-8")
    assert batch(sets, "--timeout", "4", "--only-failed") == cli.FAILED
    assert "0 done, 5 failed" in capsys.readouterr().out
    after = {path for path, at in before.items() if path.stat().st_mtime_ns != at}
    assert len(after) == 5
    assert len(render.results(Path("out"))) == 7
    assert "again: 法治" in rows()["raise"]["error"]


def test_a_unit_is_rendered_again_only_if_something_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = "mode,size\nwell,1\ngood,2\n"

    def again(*more: str) -> str:
        assert batch(sets, *more) == cli.DONE
        said = capsys.readouterr()
        assert "as well" not in said.err
        return said.out

    assert again().startswith("2 done, 0 failed")
    files = {path: path.read_bytes() for path in Path("out").rglob("*") if path.is_file()}
    log = Path("out/run-log.jsonl")
    assert again().startswith("2 done (2 up to date), 0 failed")
    assert {path: path.read_bytes() for path in files} == files
    with Path("data/groups.csv").open("a", encoding="utf-8") as stream:
        stream.write("新组,厦门市\n")
    assert again().startswith("2 done, 0 failed")
    Path("out", rows()["good"]["unit"], "report.html").unlink()
    assert again().startswith("2 done (1 up to date), 0 failed")
    assert again("--force").startswith("2 done, 0 failed")
    same = {path for path in files if path.suffix in (".csv", ".ipynb", ".html")}
    assert {path: path.read_bytes() for path in same} == {path: files[path] for path in same}
    assert len(log.read_text("utf-8").splitlines()) == 2 + 2 + 1 + 2


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_batch_that_is_killed_loses_only_the_units_under_way(
    folder: Path, own_tmp: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = "mode,size\n" + "".join(f"slow,{size}\n" for size in range(5))
    Path("sets.csv").write_text(sets, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "analysis", "render", "sets.csv", "--notebook", "small"]
    started = subprocess.Popen(
        [*command, "--out", "out", "--jobs", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not list(Path("out").glob("[!.]*/.unit.json")) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(started.pid, signal.SIGKILL)
    started.wait()
    assert gone(folder)
    assert not list(own_tmp.iterdir())
    finished = {path: path.stat().st_mtime_ns for path in Path("out").glob("[!.]*/.unit.json")}
    assert 1 <= len(finished) < 5
    assert batch(sets, "--jobs", "2") == cli.DONE
    assert f"5 done ({len(finished)} up to date), 0 failed" in capsys.readouterr().out
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert not list(Path("out").glob(".*.part"))


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGTERM, 143),
        pytest.param(signal.SIGHUP, 129, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),
    ],
)
def test_a_batch_that_a_signal_stops_writes_down_what_is_done_and_goes_on_from_there(
    folder: Path,
    own_tmp: Path,
    capsys: pytest.CaptureFixture[str],
    number: signal.Signals,
    status: int,
) -> None:
    """`timeout` sends its signal twice: the second must not break off what the first began."""
    sets = "mode,size\nwell,7\n" + "".join(f"hang,{size}\n" for size in range(3))
    Path("sets.csv").write_text(sets, encoding="utf-8")
    command = [sys.executable, "-P", "-m", "analysis", "render", "sets.csv", "--notebook", "small"]
    started = subprocess.Popen(
        [*command, "--out", "out", "--jobs", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not Path("out/run-log.jsonl").exists() or not Path("out/run-log.jsonl").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    for _ in range(2):
        os.kill(started.pid, number)
    said = started.communicate()[1].splitlines()
    assert started.returncode == status
    assert said[-1] == (
        "interrupted: 1 of 4 notebooks are done; run the same command again to go on."
    )
    assert gone(folder)
    assert not list(own_tmp.iterdir())
    (row,) = render.results(Path("out"))
    assert row["status"] == "done"
    assert row["unit"] in Path("out/index.html").read_text("utf-8")
    assert not list(Path("out").glob(".*"))
    done = Path("out", row["unit"], ".unit.json")
    before = done.stat().st_mtime_ns
    assert batch(sets, "--jobs", "2", "--timeout", "1") == cli.FAILED
    assert "1 done (1 up to date), 3 failed" in capsys.readouterr().out
    assert done.stat().st_mtime_ns == before


@pytest.mark.slow
def test_one_job_or_two_warm_or_cold_the_files_are_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = "mode,size,inside\nwell,1,true\nwell,2,no\n"
    made = []
    for jobs, warm in (("1", True), ("2", True), ("1", False)):
        if not warm:
            monkeypatch.setenv("GONGBAO_KERNELS", "cold")
        shutil.rmtree("out", ignore_errors=True)
        assert batch(sets, "--jobs", jobs) == cli.DONE
        files = (path for path in Path("out").rglob("*.*") if path.name != "run-log.jsonl")
        made.append({path: path.read_bytes() for path in files if path.is_file()})
    assert made[0] == made[1] == made[2]
    assert len(made[0]) >= 8


def test_hostile_parameters_are_refused_before_anything_starts(folder: Path) -> None:
    Path("sets.yaml").write_text(
        'sets:\n  - {"size=1;print(1)#": 1}\n  - {mode: 2026-01-01}\n  - {share: .nan}\n'
        "  - {named: {a: x}}\n  - {named: {1: 1}}\n",
        encoding="utf-8",
    )
    with pytest.raises((ProblemsError, InputError)) as caught:
        units.plan(["small"], units.read_sets(Path("sets.yaml")), "data")
    assert "key 1 must be text" in str(caught.value)
    Path("sets.yaml").write_text(
        'sets:\n  - {"size=1;print(1)#": 1}\n  - {mode: 2026-01-01}\n  - {share: .nan}\n'
        "  - {named: {a: x}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ProblemsError) as caught:
        units.plan(["small"], units.read_sets(Path("sets.yaml")), "data")
    assert len(caught.value.problems) == 4
    for name in ("../small", "a/b", "", ".."):
        with pytest.raises(InputError, match="must be a name"):
            units.find_notebook(name)


def test_braces_dots_and_quotes_in_a_value_stay_a_value(folder: Path) -> None:
    Path("sets.yaml").write_text(
        'sets:\n  - mode: "../{data}/\'\\"+1"\n    named: {法治: 3}\n', encoding="utf-8"
    )
    command = ["render", "sets.yaml", "--notebook", "small", "--out", "out"]
    assert cli.main(command) == cli.DONE
    ((unit,)) = [path for path in Path("out").iterdir() if path.name.startswith("small-")]
    executed = json.loads((unit / "small.ipynb").read_text("utf-8"))
    injected = next(
        "".join(cell["source"])
        for cell in executed["cells"]
        if "injected-parameters" in cell["metadata"].get("tags", [])
    )
    assert "named = {'法治': 3}" in injected
    assert sorted(path.name for path in folder.iterdir()) == [
        *("data", "notebooks", "out", "sets.yaml")
    ]
    printed = "".join(executed["cells"][-1]["outputs"][0]["text"])
    assert printed == "../{data}/'\"+1 1 {'法治': 3} False None\n"


def test_a_cell_of_a_csv_becomes_what_the_notebook_declares(folder: Path) -> None:
    Path("sets.csv").write_text("inside,share,size\nYes,0.5,2\n,,\nfalse,3,\n", encoding="utf-8")
    planned = units.plan(["small"], units.read_sets(Path("sets.csv")), "data")
    assert [unit.values for unit in planned] == [
        {"inside": True, "share": 0.5, "size": 2},
        {"inside": False, "share": 3.0},
    ]
    assert all(not isinstance(v, float) or math.isfinite(v) for v in planned[0].values.values())


def test_the_tables_of_all_units_stand_in_one_file(tmp_path: Path) -> None:
    listed = []
    for name, given, data in (
        ("a", {"reports": ["x", "y"]}, "n,key\n3,法治\n"),
        ("b", {"top_n": 5}, 'key,n,more\n"法, 制",4,z\n'),
        ("c", {}, "n\n9\n"),
    ):
        place = tmp_path / name / "top_terms"
        place.mkdir(parents=True)
        (place / "provenance.json").write_text("{}", encoding="utf-8")
        (place / "data.csv").write_text(data, encoding="utf-8-sig")
        row = {"unit": name, "notebook": "n", "parameters": json.dumps(given), "error": ""}
        listed.append({**row, "status": "failed" if name == "c" else "done"})
    render._combine(tmp_path, listed)
    with (tmp_path / "combined/top_terms.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [*csv.reader(stream)] == [
            ["unit", "param_reports", "param_top_n", "n", "key", "more"],
            ["a", "x;y", "", "3", "法治", ""],
            ["b", "", "5", "4", "法, 制", "z"],
        ]


def test_a_folder_with_figures_of_two_studies_is_said_to_be_one(
    folder: Path, rendered: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(rendered, "out")
    shutil.copytree(folder / "data", folder / "other")
    assert batch("size\n1\n", "--data", "other") == 0
    assert "out holds figures of data as well" in capsys.readouterr().err


def test_the_index_says_what_failed_and_can_be_searched(tmp_path: Path) -> None:
    row = {"notebook": "n", "parameters": '{"lang": "en"}'}
    well = {**row, "unit": "a", "status": "done", "error": ""}
    wrong = {**row, "unit": "b", "status": "failed", "error": "n, cell 3: <b>"}
    page.index(tmp_path, [well, wrong], title="T")
    text = (tmp_path / "index.html").read_text("utf-8")
    assert "1 done, 1 failed" in text
    assert "n, cell 3: &lt;b&gt;" in text
    assert 'type="search"' in text


def test_regions_of_one_year_are_drawn_in_the_language_asked_for(
    tmp_path: Path,
) -> None:
    asked = ["--notebook", "region_comparison", "--lang", "en", "--out", str(tmp_path)]
    assert cli.main(["render", *asked]) == 0
    (made,) = tmp_path.glob("region_comparison-xiamen-2022-*/dot_range")
    rows = csv.DictReader((made / "data.csv").read_text("utf-8-sig").splitlines())
    passed = [row for row in rows if row["indicator_id"] == "local_regs_passed"]
    # indicators.csv has 18 of 深圳市 and 7 of 厦门市 for 2022, both counted as regulations: two
    # that are comparable, and of two there is no rank
    assert {(row["region"], row["value"], row["comparable"], row["rank"]) for row in passed} == {
        ("深圳市", "18", "True", ""),
        ("厦门市", "7", "True", ""),
    }
    record = json.loads((made / "provenance.json").read_text("utf-8"))
    assert record["options"]["lang"] == "en"


def test_a_notebook_of_ones_own_needs_no_reports_no_types_and_no_parameters(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = json.loads(Path("notebooks/small.ipynb").read_text("utf-8"))
    first, *_ = source["cells"]
    for name, cell, tags in (
        ("untyped", "n = 1\nwords = []", ["parameters"]),
        ("bare", "n = 1", []),
    ):
        given = {**first, "source": cell, "metadata": {"tags": tags}}
        prints = {**first, "id": "c1", "source": "print(n)", "metadata": {}}
        made = json.dumps({**source, "cells": [given, prints]})
        Path("notebooks", f"{name}.ipynb").write_text(made, "utf-8")
    command = ["render", "--notebook", "untyped", "--notebook", "bare", "--out", "out"]
    assert cli.main(command) == cli.DONE
    assert "2 done, 0 failed" in capsys.readouterr().out
    Path("sets.csv").write_text("n,words\n2.5,法治;复议\n", encoding="utf-8")
    (unit,) = units.plan(["untyped"], units.read_sets(Path("sets.csv")), "data")
    assert unit.values == {"n": 2.5, "words": ["法治", "复议"]}
    with pytest.raises(ProblemsError, match="bare: no cell is tagged `parameters`"):
        units.plan(["bare"], units.read_sets(Path("sets.csv")), "data")

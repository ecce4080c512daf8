"""Executed notebooks: what papermill's own engine makes of them, and nothing left of processes."""

import json
import multiprocessing
import operator
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.batch import engine, processes
from analysis.kit import InputError

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only"),
    pytest.mark.usefixtures("own_tmp"),
]

PLAIN = (
    "import os, sys, random, warnings, locale, subprocess\n"
    "import pandas as pd, numpy as np, matplotlib, matplotlib.pyplot as plt",
    "print(x, sys.path, sys.argv[0], os.getcwd(), __name__, sys.flags[:-2])",
    "print({k: v for k, v in sorted(os.environ.items()) \n"
    "       if k not in ('JPY_PARENT_PID', 'PYDEVD_USE_FRAME_EVAL', 'GONGBAO_KERNELS')})",
    "print(matplotlib.get_backend(), matplotlib.rcParams, locale.getlocale(), np.geterr())",
    "print(sorted(map(str, set(warnings.filters))), pd.get_option('display.width'))",
    "subprocess.run(['echo', 'from below']); import time; time.sleep(0.5)\n"
    "print(sys.stdin.read(), file=sys.stderr)",
    "plt.plot([1, x]); plt.title('title');",
    "warnings.warn('look'); pd.DataFrame({'a': [1, 2]}), np.sum(3.0)",
    "input()",
)
BAD = {
    "raises": ("raise ValueError('no such thing')", "ValueError: no such thing"),
    "leaves": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "dies": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "DeadKernelError: the kernel died",
    ),
    "hangs": ("import time; time.sleep(600)", "CellTimeoutError: it took longer than 2 s"),
    "floods": ("for i in range(100): print('x' * 1_000_000)", "OutputError: it printed more than"),
    "signals": (
        "import os, signal; os.killpg(0, signal.SIGTERM); import time; time.sleep(9)",
        "DeadKernelError: the kernel died",
    ),
}


def write(folder: Path, name: str, *cells: str) -> Path:
    first = new_code_cell("x: int = 1", metadata={"tags": ["parameters"]})
    notebook = new_notebook(cells=[first, *map(new_code_cell, cells)])
    nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder / f"{name}.ipynb"


def outputs(path: Path) -> list[tuple[str, object]]:
    cells = nbformat.read(path, 4).cells
    for output in (output for cell in cells for output in cell.get("outputs", [])):
        if "text" in output:
            output.text = re.sub(r"(<ipython-input|/tmp/\S*ipykernel_)[^:]+|0x\w+", "", output.text)
        if "traceback" in output:  # the place is marked in colour, or is not
            output.traceback = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in output.traceback]
    # which stream's line came first is the race of two threads, in papermill's own engine too
    return [
        (cell.source.rstrip(), sorted(cell.get("outputs", []), key=lambda it: it.get("name", "")))
        for cell in cells
    ]


def processes_below(parent: int) -> set[int]:
    """All processes below one, without the one that multiprocessing keeps for itself."""
    table = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, above = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if state != "Z" and "resource_tracker" not in command:
            table[int(folder.name)] = int(above)
    found, fresh = set(), {parent}
    while fresh:
        fresh = {pid for pid, above in table.items() if above in fresh} - found
        found |= fresh
    return found


def folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("gb-*"))


def soon(condition: object, seconds: float = 8) -> bool:
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def run(*calls: tuple[Any, ...], jobs: int = 1, **more: Any) -> list[Any]:
    """What functions give or raise, called in a head with all but the last of `calls`' values."""
    found = dict(processes.spread([(fn, values, more) for fn, *values in calls], jobs))
    return [found[number] for number in range(len(calls))]


def test_notebooks_are_those_of_papermills_own_engine_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # ipykernel looks for it, and hears no process below
    below, before = processes_below(os.getpid()), folders()
    source = write(tmp_path, "plain", *PLAIN)
    made = {}
    for how in ("warm", "cold"):
        monkeypatch.setenv("GONGBAO_KERNELS", how)
        (said,) = run((engine.execute, source, tmp_path / f"{how}.ipynb", {"x": 3}))
        assert "cell 10: StdinNotImplementedError" in said
        assert soon(lambda: processes_below(os.getpid()) <= below)
        assert folders() <= before
        made[how] = outputs(tmp_path / f"{how}.ipynb")
    theirs = tmp_path / "theirs.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="StdinNotImplementedError"):
        papermill.execute_notebook(
            source, theirs, {"x": 3}, kernel_name="python3", language="python"
        )
    for ours, cold, reference in zip(made["warm"], made["cold"], outputs(theirs), strict=True):
        assert ours == cold == reference
    assert "image/png" in str(made)
    assert "from below" in str(made)


def test_parameters_are_values_and_paths_are_paths(tmp_path: Path) -> None:
    source = write(tmp_path, "a {x} b", "print(x, y)")
    target = tmp_path / "out {y} ..{0}.ipynb"
    values = {"x": ["厦门市", 1.5, None], "y": "{x}/../'\n\"; raise"}
    assert run((engine.execute, source, target, values)) == [""]
    cells = nbformat.read(target, 4).cells
    assert "x = ['厦门市', 1.5, None]" in cells[1].source
    assert cells[2].outputs[0].text == f"{values['x']} {values['y']}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, target.name])


@pytest.mark.parametrize("said", [b"", pickle.dumps([])[:-1]])
def test_nothing_is_left_of_a_head_whose_batch_went_before_it_had_asked(said: bytes) -> None:
    below, before = processes_below(os.getpid()), folders()
    head = processes._start()
    head.stdin.write(said)
    head.stdin.close()
    head.wait(20)
    assert folders() <= before
    assert soon(lambda: processes_below(os.getpid()) <= below)


def test_a_batch_goes_on_after_its_temporary_folder_was_cleared_away(tmp_path: Path) -> None:
    below, before = processes_below(os.getpid()), folders()
    source = write(tmp_path, "plain", "print(x)")
    calls = [(engine.execute, (source, tmp_path / f"{x}.ipynb", {"x": x}), {}) for x in range(3)]
    with closing(processes.spread(calls, 1)) as found:
        assert next(found) == (0, "")
        for folder in folders() - before:
            shutil.rmtree(folder)
        assert sorted(found) == [(1, ""), (2, "")]
    assert nbformat.read(tmp_path / "2.ipynb", 4).cells[-1].outputs[0].text == "2\n"
    assert soon(lambda: processes_below(os.getpid()) <= below)
    assert folders() <= before


@pytest.mark.parametrize(
    "values",
    [{'year=1;print("x")#': 1}, {"class": 1}, {"x": Path()}, {"x": {1}}, {"x": float("nan")}],
)
def test_what_could_run_as_code_is_refused(tmp_path: Path, values: dict[str, object]) -> None:
    source = write(tmp_path, "plain", "x")
    with pytest.raises(InputError, match="parameter"):
        engine.execute(source, tmp_path / "out.ipynb", values)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_unit_that_ends_badly_is_a_sentence_and_the_next_one_runs(tmp_path: Path) -> None:
    below, before = processes_below(os.getpid()), folders()
    calls: dict[str, tuple[Any, ...]] = {}
    for name, (code, _) in BAD.items():
        for one, cell in ((name, code), (f"{name}-next", "print(x)")):
            source, target = write(tmp_path, one, cell), tmp_path / f"{one}-out.ipynb"
            calls[one] = (engine.execute, (source, target, {"x": 7}), {"timeout": 2})
    calls["well"] = (pow, (2, 5), {})
    calls["refused"] = (engine.execute, (source, target, {"no name": 1}), {})
    calls["odd"] = (int, ("five",), {})
    numbered = dict(processes.spread([*calls.values()], 2))
    found = {name: numbered[number] for number, name in enumerate(calls)}
    assert isinstance(found["refused"], InputError)
    assert isinstance(found["odd"], ValueError)
    assert found["well"] == 32
    for name, (code, sentence) in BAD.items():
        assert found[name].startswith(f"{name}, cell 2: {sentence}")
        executed = (tmp_path / f"{name}-out.ipynb").read_text("utf-8")
        assert sentence.split(":")[0] in executed
        assert len(executed) < 1_100_000
        assert code.splitlines()[0][:20] in executed
        assert found[f"{name}-next"] == ""
    assert soon(lambda: processes_below(os.getpid()) <= below)
    assert folders() <= before


def test_a_head_that_dies_is_replaced_and_what_was_done_stays(tmp_path: Path) -> None:
    calls = [(pow, (2, 5), {}), (os._exit, (5,), {}), (pow, (2, 6), {})]
    found = [*processes.spread(calls, 1)]
    assert found[0] == (0, 32)
    assert [number for number, _ in found] == [0, 1, 2]
    assert all(isinstance(one, processes.Died) for _, one in found[1:])
    assert "ended with status 5; the unit was not finished" in str(found[1][1])


def test_nothing_is_begun_behind_what_is_the_last() -> None:
    calls = [(time.sleep, (0.1,), {})] * 50
    found = [*processes.spread(calls, 1, operator.not_)]
    assert found[0] == (0, None)
    assert len(found) < 50


def test_two_jobs_run_at_once_and_ctrl_c_ends_them(tmp_path: Path) -> None:
    below, before = processes_below(os.getpid()), folders()
    meet = "from pathlib import Path; import time\nPath(f'{x}').touch()\n"
    meet += "while not Path(f'{y}').exists(): time.sleep(0.01)\n"
    source = write(tmp_path, "meet", meet)
    hanging = write(tmp_path, "hang", "import time; time.sleep(600)")
    here, there = str(tmp_path / "1"), str(tmp_path / "2")
    calls = [
        (engine.execute, (source, tmp_path / f"{n}.ipynb", values), {"timeout": 9})
        for n, values in enumerate(({"x": here, "y": there}, {"x": there, "y": here}))
    ]
    calls += [(engine.execute, (hanging, tmp_path / "h.ipynb", {}), {})] * 3

    def ends() -> None:
        with closing(processes.spread(calls, 2)) as found:
            assert sorted([next(found), next(found)]) == [(0, ""), (1, "")]
            time.sleep(1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ends()
    assert processes_below(os.getpid()) <= below
    assert folders() <= before


def test_a_batch_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    before = folders()
    source = write(
        tmp_path, "hang", f"open({str(tmp_path / 'runs')!r}, 'w'); import time; time.sleep(600)"
    )
    script = (
        "from analysis.batch import engine, processes; from pathlib import Path\n"
        f"source, target = Path({str(source)!r}), Path({str(tmp_path / 'out.ipynb')!r})\n"
        "print([*processes.spread([(engine.execute, (source, target, {}), {})], 2)])\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(processes.__file__).parents[2])}
    batch = subprocess.Popen([sys.executable, "-c", script], env=env, start_new_session=True)
    assert soon((tmp_path / "runs").exists, 30)
    below = processes_below(batch.pid)
    assert len(below) >= 3  # a head, its server, a notebook's process
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
    assert soon(lambda: folders() <= before)


ENDS = {
    "well": ("import sys\nsys.exit(0)", ""),
    "none": ("import sys\nsys.exit(None)", ""),
    "quit": ("quit()", ""),
    "status": ("import sys\nsys.exit(2)", "SystemExit: 2"),
    "words": ("import sys\nsys.exit('no good')", "SystemExit: no good"),
    "silent": ("assert False", "AssertionError"),
    "group": ("raise ExceptionGroup('two', [ValueError(1)])", "ExceptionGroup: two (1 sub-exc"),
    "held": ("import re\nre.match('(a+)+$', 'a' * 40 + 'b')", "CellTimeoutError: it took longer"),
    "deaf": (
        "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass",
        "CellTimeoutError: it took longer than 3 s",
    ),
    "yes": ("import subprocess\nsubprocess.run(['yes'])", "OutputError: it printed more than"),
    "closes": ("import os\nos.closerange(3, 100)", "DeadKernelError: the kernel died"),
}


def test_how_a_cell_ends_is_said_and_an_error_is_never_empty(tmp_path: Path) -> None:
    calls = [
        (engine.execute, (write(tmp_path, name, code, "1"), tmp_path / f"{name}-out", {}))
        for name, (code, _) in ENDS.items()
    ]
    found = dict(processes.spread([(*call, {"timeout": 3}) for call in calls], 2))
    for number, (name, (_, sentence)) in enumerate(ENDS.items()):
        said = f"{name}, cell 1: {sentence}" if sentence else ""
        assert found[number].startswith(said), name
        assert bool(found[number]) == bool(said), name
        last = nbformat.read(tmp_path / f"{name}-out", 4).cells[-1]
        assert last.execution_count is None, name


def test_what_cells_show_stands_in_its_order_and_nobodys_profile_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {
        "import os, sys, subprocess\nprint('1'); os.write(1, b'2\\n')\n"
        "subprocess.run(['echo', '3'])\n"
        "display('shown'); print('4'); print('x', file=sys.stderr)\n"
        "sys.stdout.buffer.write(b'5\\n');": ["1\n2\n3\n", "'shown'", "4\n5\n", "x\n"],
        "!echo below": ["below\r\n"],
        "%%writefile one.txt\nhey": ["Writing one.txt\n"],
        "import asyncio\nt = asyncio.create_task(asyncio.sleep(0, 7))": [],
        "await t": ["7"],
        "h = display('a', display_id=True); print('b')": ["'c'", "b\n"],
        "h.update('c')": [],
        "for n in range(3): print(n, end='\\r')": ["2\r"],
        "from IPython.display import clear_output\nprint('x'); clear_output(); print('y')": ["y\n"],
        "print('\\ud800')": ["\\ud800\n"],
        "import os\npid = os.fork()\nif not pid: display(1); print('kid'); os._exit(0)\n"
        "os.waitpid(pid, 0);": ["kid\n"],
        "import multiprocessing as m\nm.get_start_method()": [
            f"'{multiprocessing.get_start_method()}'"
        ],
        "import ipywidgets\nipywidgets.IntSlider(3)": ["IntSlider(value=3)"],
        "with ipywidgets.Output(): print('in')": ["in\n"],
        "%store h": ["Stored 'h' (DisplayHandle)\n"],
        "import os\nlen(os.listdir(f'/proc/{os.getppid()}/task')) < 4": ["True"],
    }
    startup = tmp_path / "own" / "profile_default" / "startup" / "0.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("open('ran', 'w')")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "own"))
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    source = write(tmp_path, "shows", *cells)
    assert run((engine.execute, source, tmp_path / "out.ipynb", {"x": 1})) == [""]
    notebook = nbformat.read(tmp_path / "out.ipynb", 4)
    for cell, shown in zip(notebook.cells[2:], cells.values(), strict=True):
        texts = [output.get("text") or output.data["text/plain"] for output in cell.outputs]
        assert texts == shown, cell.source
    assert "application/vnd.jupyter.widget-state+json" in notebook.metadata.widgets
    assert [path.name for path in home.iterdir()] == ["one.txt"]
    assert [path for path in (tmp_path / "own").rglob("*") if path.is_file()] == [startup]


def test_files_beside_a_notebook_are_its_own_and_never_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "multiprocessing.py").write_text("raise SystemExit('not this one')")
    (tmp_path / "pickle.py").write_text("raise SystemExit('not this one')")
    (tmp_path / "helper.py").write_text("help = 'near'")
    source = write(tmp_path, "uses", "import helper, multiprocessing.pool\nprint(helper.help)")
    monkeypatch.chdir(tmp_path)
    found = run((engine.execute, source, tmp_path / "out.ipynb", {}), (processes.why_cold,))
    assert found == ["", ""]
    assert outputs(tmp_path / "out.ipynb")[-1][1][0].text == "near\n"


def test_what_cannot_be_imported_beforehand_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "networkx.py").write_text("raise RuntimeError('broken')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = write(tmp_path, "plain", "print(x)")
    ran, said = run((engine.execute, source, tmp_path / "out.ipynb", {}), (processes.why_cold,))
    assert ran == ""
    assert "networkx" in said


def test_a_kernel_that_is_not_there_is_said_and_another_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "kernels" / "other"
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Other", "language": "python", "env": {"MARK": "1"}}
    (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    calls = []
    for kernel in ("ir", "other"):
        path = write(tmp_path, kernel, "import os; print(x, os.environ['MARK'])")
        notebook = nbformat.read(path, 4)
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
        notebook.metadata["kernelspec"]["language"] = "python"
        nbformat.write(notebook, path)
        calls.append((engine.execute, path, tmp_path / f"{kernel}-out.ipynb", {"x": 3}))
    missing, ran = run(*calls)
    assert missing == "ir.ipynb: NoSuchKernel: no kernel named 'ir' is installed"
    assert ran == ""
    assert outputs(tmp_path / "other-out.ipynb")[-1][1][0].text == "3 1\n"

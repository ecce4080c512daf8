"""Warm kernels: the same notebooks as cold ones, and nothing left of them."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from analysis.batch import kernels, zygote
from analysis.kit import InputError

pytestmark = [
    pytest.mark.skipif(bool(kernels.why_cold()), reason="kernels start cold here"),
    pytest.mark.usefixtures("own_tmp"),
]

PLAIN = (
    "import os, sys, random, warnings, locale, subprocess\n"
    "import pandas as pd, numpy as np, matplotlib, matplotlib.pyplot as plt",
    "print(x, sys.path, sys.argv[0], os.getcwd(), __name__, sys.flags)",
    "print({k: v for k, v in os.environ.items() if k not in ('JPY_PARENT_PID',)})",
    "print(matplotlib.get_backend(), matplotlib.rcParams, locale.getlocale(), np.geterr())",
    "print(sorted(map(str, set(warnings.filters))), pd.get_option('display.width'))",
    "subprocess.run(['echo', 'from below']); print(sys.stdin, file=sys.stderr)",
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
            output.text = re.sub(r"ipykernel_\d+|0x[0-9a-f]+", "", output.text)
    return [(cell.source, cell.get("outputs")) for cell in cells]


def processes(parent: int) -> set[int]:
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


def test_warm_and_cold_kernels_make_the_same_notebook_and_leave_nothing(tmp_path: Path) -> None:
    below, before = processes(os.getpid()), folders()
    source = write(tmp_path, "plain", *PLAIN)
    try:
        ended = {
            warm: kernels.execute(source, tmp_path / f"{warm}.ipynb", {"x": 3}, warm=warm)
            for warm in (True, False)
        }
    finally:
        zygote.stop()
    assert "cell 10: StdinNotImplementedError" in ended[True]
    assert ended[True] == ended[False]
    warm, cold = outputs(tmp_path / "True.ipynb"), outputs(tmp_path / "False.ipynb")
    for ours, theirs in zip(warm, cold, strict=True):
        assert ours == theirs
    assert "image/png" in str(warm)
    assert "from below" in str(warm)
    assert soon(lambda: processes(os.getpid()) <= below)
    assert folders() <= before


def test_parameters_are_values_and_paths_are_paths(tmp_path: Path) -> None:
    source = write(tmp_path, "a {x} b", "print(x, y)")
    target = tmp_path / "out {y} ..{0}.ipynb"
    values = {"x": ["厦门市", 1.5, None], "y": "{x}/../'\n\"; raise"}
    try:
        assert kernels.execute(source, target, values) == ""
    finally:
        zygote.stop()
    cells = nbformat.read(target, 4).cells
    assert "x = ['厦门市', 1.5, None]" in cells[1].source
    assert cells[2].outputs[0].text == f"{values['x']} {values['y']}\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([source.name, target.name])


def test_kernels_start_after_their_temporary_folder_was_cleared_away(tmp_path: Path) -> None:
    below, before = processes(os.getpid()), folders()
    source = write(tmp_path, "plain", "print(x)")
    try:
        assert kernels.execute(source, tmp_path / "first.ipynb", {"x": 1}) == ""
        shutil.rmtree(zygote.zygote().folder)
        assert kernels.execute(source, tmp_path / "second.ipynb", {"x": 2}) == ""
    finally:
        zygote.stop()
    assert nbformat.read(tmp_path / "second.ipynb", 4).cells[-1].outputs[0].text == "2\n"
    assert soon(lambda: processes(os.getpid()) <= below)
    assert folders() <= before


@pytest.mark.parametrize(
    "values",
    [{'year=1;print("x")#': 1}, {"class": 1}, {"x": Path()}, {"x": {1}}, {"x": float("nan")}],
)
def test_what_could_run_as_code_is_refused(tmp_path: Path, values: dict[str, object]) -> None:
    source = write(tmp_path, "plain", "x")
    with pytest.raises(InputError, match="parameter"):
        kernels.execute(source, tmp_path / "out.ipynb", values)
    assert not (tmp_path / "out.ipynb").exists()


def test_a_unit_that_ends_badly_is_a_sentence_and_the_next_one_runs(tmp_path: Path) -> None:
    below, before = processes(os.getpid()), folders()
    with kernels.pool(2) as executor:
        futures = {}
        for name, (code, _) in BAD.items():
            for one, cell in ((name, code), (f"{name}-next", "print(x)")):
                source, target = write(tmp_path, one, cell), tmp_path / f"{one}-out.ipynb"
                futures[one] = executor.submit(kernels.execute, source, target, {"x": 7}, timeout=2)
        killed = executor.submit(os._exit, 5)
        well = executor.submit(pow, 2, 5)
        refused = executor.submit(kernels.execute, source, target, {"no name": 1})
        assert isinstance(killed.exception(), kernels.Died)
        assert isinstance(refused.exception(), InputError)
        assert well.result() == 32
        for name, (code, sentence) in BAD.items():
            assert futures[name].result().startswith(f"{name}, cell 2: {sentence}")
            executed = (tmp_path / f"{name}-out.ipynb").read_text("utf-8")
            assert sentence.split(":")[0] in executed
            assert len(executed) < 1_100_000
            assert code.splitlines()[0][:20] in executed
            assert futures[f"{name}-next"].result() == ""
    assert soon(lambda: processes(os.getpid()) <= below)
    assert folders() <= before


def test_two_jobs_run_at_once_and_ctrl_c_ends_them(tmp_path: Path) -> None:
    below, before = processes(os.getpid()), folders()
    meet = "from pathlib import Path; import time\nPath(f'{x}').touch()\n"
    meet += "while not Path(f'{y}').exists(): time.sleep(0.01)\n"
    source = write(tmp_path, "meet", meet)
    hanging = write(tmp_path, "hang", "import time; time.sleep(600)")
    here, there = str(tmp_path / "1"), str(tmp_path / "2")

    def ends(executor: ThreadPoolExecutor) -> None:
        both = [
            executor.submit(kernels.execute, source, tmp_path / f"{n}.ipynb", values, timeout=9)
            for n, values in enumerate(({"x": here, "y": there}, {"x": there, "y": here}))
        ]
        assert [one.result() for one in both] == ["", ""]
        for _ in range(3):
            executor.submit(kernels.execute, hanging, tmp_path / "h.ipynb", {})
        time.sleep(1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), kernels.pool(2) as executor:
        ends(executor)
    assert processes(os.getpid()) <= below
    assert folders() <= before


def test_a_batch_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    before = folders()
    source = write(
        tmp_path, "hang", f"open({str(tmp_path / 'runs')!r}, 'w'); import time; time.sleep(600)"
    )
    script = (
        "from analysis.batch import kernels; from pathlib import Path\n"
        f"source, target = Path({str(source)!r}), Path({str(tmp_path / 'out.ipynb')!r})\n"
        "with kernels.pool(2) as executor:\n"
        "    executor.submit(kernels.execute, source, target, {}).result()\n"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(kernels.__file__).parents[2])}
    batch = subprocess.Popen([sys.executable, "-c", script], env=env, start_new_session=True)
    assert soon((tmp_path / "runs").exists, 30)
    below = processes(batch.pid)
    assert len(below) >= 5  # two workers, two zygotes, a kernel
    os.kill(batch.pid, signal.SIGKILL)
    batch.wait()
    assert soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in below))
    assert soon(lambda: folders() <= before)

"""Batches: our `gongbao render` against the `papermill` command and nbconvert in a loop.

Usage: `.venv/bin/python benchmarks/render.py [--quick] [--sets N]`

The floor is the cells alone (savefig included) in forked processes with everything imported, on as
many processes as jobs. The overhead of a unit is its share of the batch's wall-clock time less its
share of the floor's; the baseline runs one unit after the other, so its floor is that of one
process. `--quick` takes a light notebook of five cells, otherwise the three notebooks of a report
are rendered for N sets of parameters (40). The baseline is measured on a few units, each of the
kind, and taken times their number. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import threading
import time
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.batch import processes  # noqa: E402

JOBS = 2
LIGHT = (
    'data: str = "data"\nout: str = "."\nsize: int = 1',
    "import pandas as pd\nimport matplotlib.pyplot as plt\nfrom pathlib import Path",
    "frame = pd.DataFrame({'year': range(2010, 2023), 'n': range(size, size + 13)})\nframe",
    "figure, axes = plt.subplots()\naxes.plot(frame.year, frame.n)",
    "figure.savefig(Path(out) / 'figure.png', dpi=100)\nplt.close(figure)",
)


def light(folder: Path) -> None:
    """Write a notebook that does next to nothing."""
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    first, *rest = map(new_code_cell, LIGHT)
    first.metadata["tags"] = ["parameters"]
    notebook = new_notebook(cells=[first, *rest])
    notebook.metadata["kernelspec"] = {
        **{"name": "python3", "display_name": "Python 3", "language": "python"}
    }
    (folder / "notebooks").mkdir()
    nbformat.write(notebook, folder / "notebooks" / "light.ipynb")


def bare(task: tuple[str, dict[str, Any], str]) -> float:
    """Run the cells of a notebook in this process; seconds."""
    path, values, out = task
    namespace: dict[str, Any] = {"__name__": "__main__", "display": lambda *_: None}
    cells = json.loads(Path(path).read_text("utf-8"))["cells"]
    begun = time.perf_counter()
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        code = compile("".join(cell["source"]), path, "exec", dont_inherit=True)
        exec(code, namespace)
        if "parameters" in cell["metadata"].get("tags", []):
            namespace.update(values, out=out)
    return time.perf_counter() - begun


def floor(tasks: list[tuple[str, dict[str, Any], str]], jobs: int) -> float:
    """Seconds of the cells alone, each notebook in a fork of its own."""
    begun = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        pool.map(bare, tasks, chunksize=1)
    return time.perf_counter() - begun


def baseline(tasks: list[tuple[str, dict[str, Any], str]], env: dict[str, str]) -> float:
    """Seconds of `papermill` and `jupyter nbconvert`, one unit after the other."""
    begun = time.perf_counter()
    for path, values, out in tasks:
        executed = f"{out}/{Path(path).name}"
        Path(out).mkdir(parents=True, exist_ok=True)
        given = json.dumps({**values, "out": out})
        command = [sys.executable, "-m", "papermill", path, executed, "-y", given]
        subprocess.run(command, env=env, check=True, capture_output=True)
        convert = [sys.executable, "-m", "nbconvert", "--to", "html", executed]
        subprocess.run(convert, env=env, check=True, capture_output=True)
    return time.perf_counter() - begun


def ours(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds and peak memory (MiB, shared pages counted once) of `gongbao render`."""
    import psutil

    begun, peak, done = time.perf_counter(), 0.0, threading.Event()
    started = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)

    def watch() -> None:
        nonlocal peak
        while not done.wait(1):
            total = 0
            try:
                root = psutil.Process(started.pid)
                for process in [root, *root.children(recursive=True)]:
                    total += process.memory_full_info().pss
            except psutil.Error:
                continue
            peak = max(peak, total / 2**20)

    threading.Thread(target=watch, daemon=True).start()
    status = started.wait()
    done.set()
    if status:
        raise SystemExit(f"the batch ended with status {status}")
    return time.perf_counter() - begun, peak


def measure(folder: Path, notebooks: list[str], sets: list[dict[str, Any]], few: int) -> None:
    """Measure a batch, and print what was found."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    own = folder / "notebooks"
    own = own if own.exists() else ROOT / "notebooks"
    paths = {name: str(own / f"{name}.ipynb") for name in notebooks}
    tasks = [
        (paths[name], values, str(folder / f"bare/{name}-{at}"))
        for (at, values), name in product(enumerate(sets), notebooks)
    ]
    for _, _, out in tasks:
        Path(out).mkdir(parents=True)
    written = folder / "sets.yaml"
    written.write_text(json.dumps({"sets": sets}), encoding="utf-8")
    named = [word for name in notebooks for word in ("--notebook", name)]
    command = [sys.executable, "-P", "-m", "analysis", "render", str(written), *named]
    command += ["--out", str(folder / "out"), "--jobs", str(JOBS)]
    seconds, peak = ours(command, env)
    again, _ = ours(command, env)
    n, one = len(tasks), tasks[: few * len(notebooks)]
    lowest, lowest_of_one = floor(tasks, JOBS), floor(one, 1) / len(one)
    theirs = baseline([(path, values, f"{out}-b") for path, values, out in one], env) / len(one)
    overhead = theirs - lowest_of_one, (seconds - lowest) / n
    found = {
        "overhead_ratio": overhead[0] / overhead[1],
        "floor_ratio": seconds / lowest,
        "ratio": theirs * n / seconds,
        "units": n,
        "seconds_a_unit": seconds / n,
        "baseline_seconds_a_unit": theirs,
        "floor_seconds_a_unit": lowest / n,
        "again_seconds": again,
        "peak_mib": peak,
    }
    for name, value in found.items():
        print(f"{name:26}{value:10.3f}")
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--sets", type=int, default=40)
    options = parser.parse_args()
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in processes.PRELOAD:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        if options.quick:
            light(folder)
            os.chdir(folder)
            (folder / "data").symlink_to(ROOT / "data")
            measure(folder, ["light"], [{"size": size} for size in range(24)], 2)
        else:
            os.chdir(ROOT)
            looks = list(product(("zh", "en"), ("en-journal", "zh-journal", "slides")))
            sets = [  # a report named several times makes a set of its own, not another picture
                {"lang": lang, "preset": preset, "reports": ["xiamen-2022"] * times}
                for times, (lang, preset) in product(range(1, 99), looks)
            ][: options.sets]
            names = ["keyword_frequency", "theme_coverage", "metric_trend"]
            measure(folder, names, sets, 1)


if __name__ == "__main__":
    main()

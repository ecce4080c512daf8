"""What happens to the files when something breaks: a kill at any moment, a full or read-only disk.

The kills are real (SIGKILL to the process group of a real command, at a moment drawn uniformly
over its undisturbed duration), the disks are mounted for the test. Afterwards every file is whole
or absent, and the same command run again leaves the bytes of an undisturbed run and nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image

from analysis import tables
from analysis.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills, mounts and looks in /proc")

ROOT = Path(__file__).resolve().parent.parent
LANES = 2  # commands at a time
CELLS = [
    'data: str = "data"\nreports: list[str] = []\nlang: str = "zh"\nout: str = "."\nsize: int = 1',
    "from pathlib import Path\n\nimport pandas as pd\nfrom PIL import Image\n\n"
    "from analysis import tables",
    "place = Path(out, 'drawn')\nframe = pd.DataFrame({'n': [size], 'key': ['法治']})\n"
    "for name in ('data.csv', 'data.xlsx', 'data.parquet'):\n"
    "    tables.export(frame, place / name, 'data')",
    "Image.linear_gradient('L').save(place / 'figure.png')\n"
    "(place / 'figure.svg').write_text('<svg>' + '<a/>' * 9999 + '</svg>')\n"
    "print(size)",
]
RENDER = ["render", "sets.csv", "--notebook", "small", "--out", "out", "--jobs", "2"]
BUILD = ["corpus", "build", "texts", "--out", "corpus", "--jobs", "1"]
APPLY = ["extract", "--apply", "review.xlsx", "--data", "study"]


class Ran(NamedTuple):
    """How a command ended: status, what it printed, seconds."""

    status: int
    said: str
    seconds: float


class Runner:
    """Runs commands in a folder, one after the other, in forks of a driver."""

    def __init__(self, folder: Path, tmp: Path) -> None:
        self.folder, self.tmp = folder, tmp
        self.said = folder.with_name(f"{folder.name}.said")
        self.driver = subprocess.Popen(
            [sys.executable, ROOT / "tests" / "fault_driver.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
        )

    def run(self, arguments: list[str], kill: float | None = None) -> Ran:
        """Run a command; `kill`: end its process group after so many seconds."""
        asked = {"folder": str(self.folder), "tmp": str(self.tmp), "said": str(self.said)}
        self.driver.stdin.write(json.dumps({**asked, "arguments": arguments}) + "\n")
        self.driver.stdin.flush()
        began, pid = time.monotonic(), int(self.driver.stdout.readline())
        if kill is not None:
            time.sleep(kill)
            with suppress(ProcessLookupError):  # it was faster than when it was measured
                os.killpg(pid, signal.SIGKILL)
        status = int(self.driver.stdout.readline())
        said = self.said.read_text("utf-8") if self.said.exists() else ""
        return Ran(status, said, time.monotonic() - began)

    def gone(self) -> bool:
        """Whether no process of this folder's commands is left, waiting ten seconds at most."""
        mark, until = f"GONGBAO_TEST={self.folder}".encode(), time.monotonic() + 10
        while time.monotonic() < until:
            if not any(mark in environment(one) for one in Path("/proc").glob("[0-9]*")):
                return True
            time.sleep(0.05)
        return False


def environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Callable[[str], Runner]]:
    """Makes a runner for a new folder; its own folder for temporary files has a short path."""
    started = []
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as short:

        def made(name: str) -> Runner:
            (tmp_path / name).mkdir()
            (Path(short) / name).mkdir()
            started.append(Runner(tmp_path / name, Path(short) / name))
            return started[-1]

        yield made
        for one in started:
            one.driver.stdin.close()
            one.driver.wait()


# ---- what a folder holds


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its name but logs and locks, what is hidden included."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run-log.jsonl" and path.suffix != ".lock"
    }


def broken(name: str, data: bytes) -> bool:
    """Whether a file is not whole; what its ending promises can be read to its end."""
    try:
        whole[Path(name).suffix](data)
    except Exception:  # each reader has errors of its own
        return True
    return False


def _table(data: bytes) -> None:
    text = data.decode("utf-8-sig")
    rows = [*csv.reader(text.splitlines(keepends=True), strict=True)]
    assert text.endswith("\n")
    assert len({len(row) for row in rows}) == 1


def _page(data: bytes) -> None:
    assert data.decode().rstrip().endswith(">")


def _text(data: bytes) -> None:
    assert data.decode().endswith("\n")


whole: dict[str, Callable[[bytes], object]] = {
    ".csv": _table,
    ".html": _page,
    ".ipynb": json.loads,
    ".md": bytes.__len__,
    ".json": json.loads,
    ".parquet": lambda data: pq.read_table(io.BytesIO(data)),
    ".png": lambda data: Image.open(io.BytesIO(data)).load(),
    ".svg": ET.fromstring,
    ".txt": bytes.__len__,
    ".xlsx": lambda data: openpyxl.load_workbook(io.BytesIO(data)),
    ".yaml": _text,
    ".unfinished": lambda data: None,
    "": lambda data: None,
}


def all_whole(found: dict[str, bytes]) -> list[str]:
    """The files that are not whole; what is called a part promises nothing."""
    return [name for name, data in found.items() if ".part" not in name and broken(name, data)]


def neither(
    found: dict[str, bytes], before: dict[str, bytes], after: dict[str, bytes]
) -> list[str]:
    """The files that are neither as they were nor as they will be.

    A part promises nothing; the mark of an unfinished batch goes with its end.
    """
    return [
        name
        for name, data in found.items()
        if ".part" not in name
        and name != ".unfinished"
        and data not in (before.get(name), after.get(name))
    ]


def test_the_reader_sees_a_file_cut_at_any_place(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": ["复议", "法治"], "b": [1, 2]})
    for suffix in (".csv", ".parquet", ".xlsx"):
        path = tmp_path / f"f{suffix}"
        tables.export(frame, path, "f")
        data = path.read_bytes()
        assert not broken(path.name, data)
        assert all(broken(path.name, data[:-cut]) for cut in (1, len(data) // 2, len(data) - 1))


# ---- kills


class Work(NamedTuple):
    """A command to be killed: how its folder is set up, begun again, and what it writes."""

    arguments: list[str]
    prepare: Callable[[Path], None]
    again: Callable[[Path, int], None]
    out: str
    variants: int
    done: tuple[str, ...] = ()


def _render_folder(folder: Path) -> None:
    left_out = shutil.ignore_patterns(
        "reference", "language_model", "divisions", "codebook_models", "word_vectors"
    )
    shutil.copytree(ROOT / "data", folder / "data", ignore=left_out)
    cells = [
        {
            **{"cell_type": "code", "id": f"c{number}", "source": source, "outputs": []},
            **{"execution_count": None, "metadata": {"tags": ["parameters"] * (number == 0)}},
        }
        for number, source in enumerate(CELLS)
    ]
    named = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = {"cells": cells, "metadata": named, "nbformat": 4, "nbformat_minor": 5}
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / "small.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / "sets.csv").write_text("size\n1\n2\n3\n4\n", encoding="utf-8")


def _render_again(folder: Path, variant: int) -> None:
    """A new folder; or one in which everything stands, made from a study that has changed."""
    if variant == 0:
        shutil.rmtree(folder / "out", ignore_errors=True)
    groups = (ROOT / "data" / "groups.csv").read_text("utf-8-sig")
    (folder / "data" / "groups.csv").write_text(groups + "新组,厦门市\n" * variant, "utf-8")


def _texts(synthesize: ModuleType) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        synthesize.YEARS = range(2020, 2022)
        synthesize.write(12, folder / "texts", seed=1)

    return prepare


def _build_again(folder: Path, variant: int) -> None:
    """A new folder; or one in which everything stands, and one text has changed."""
    if variant == 0:
        shutil.rmtree(folder / "corpus", ignore_errors=True)
    changed = next((folder / "texts").rglob("r0000003.txt"))
    text = changed.read_text("utf-8").removesuffix("新增一句。\n")
    changed.write_text(text + "新增一句。\n" * variant, "utf-8")


def _study_folder(folder: Path) -> None:
    left_out = shutil.ignore_patterns(
        "reference", "language_model", "divisions", "codebook_models", "word_vectors"
    )
    shutil.copytree(ROOT / "data", folder / "study", ignore=left_out)
    tables.write(tables.empty("indicators"), folder / "study/indicators.csv")
    study = Study(folder / "study")
    sheet = study.undecided.assign(decision="verified", coder="王", note="读过")
    tables.workbook(folder / "review.xlsx", {"figures": sheet})
    made = [
        {
            **dict.fromkeys(tables.COLUMNS["decisions"], "早先"),
            **{"raw_start": at, "raw_end": at + 1, "about": "figure", "decision": "rejected"},
            "value": "12|%|exact|level|",
        }
        for at in range(300)
    ]
    tables.write(pd.DataFrame(made), folder / "before.csv")


def _apply_again(folder: Path, variant: int) -> None:
    shutil.copyfile(folder / "before.csv", folder / "study" / "decisions.csv")


@pytest.fixture
def works(script: Callable[[str], ModuleType]) -> dict[str, Work]:
    texts = _texts(script("benchmarks/synthesize.py"))
    return {
        "render": Work(RENDER, _render_folder, _render_again, "out", 2),
        "build": Work(BUILD, texts, _build_again, "corpus", 2, ("by another process",)),
        "apply": Work(APPLY, _study_folder, _apply_again, "study", 1, ("not open any more",)),
    }


@pytest.mark.slow
@pytest.mark.parametrize(("name", "kills"), [("render", 24), ("build", 24), ("apply", 60)])
def test_a_command_killed_at_any_moment_ends_in_the_bytes_of_an_undisturbed_one(
    works: dict[str, Work], runner: Callable[[str], Runner], name: str, kills: int
) -> None:
    lanes = [runner(f"lane{number}") for number in range(LANES)]
    with ThreadPoolExecutor(LANES) as beside:
        done = beside.map(lambda n: _killed(works[name], lanes[n], n, kills // LANES), range(LANES))
        struck = [seconds for lane in done for seconds in lane]
    assert len(struck) == kills


@pytest.mark.slow
@pytest.mark.parametrize("name", ["render", "build", "apply"])
def test_the_same_command_twice_at_once_ends_in_the_bytes_of_one(
    works: dict[str, Work], runner: Callable[[str], Runner], name: str
) -> None:
    work, both = works[name], [runner("one"), runner("other")]
    folder = both[0].folder
    both[1].folder = folder
    work.prepare(folder)
    work.again(folder, 0)
    assert both[0].run(work.arguments).status == 0
    expected = contents(folder / work.out)
    for _ in range(3):
        work.again(folder, 0)
        with ThreadPoolExecutor(2) as beside:
            ran = list(beside.map(lambda one: one.run(work.arguments), both))
        assert {one.status for one in ran} <= {0, 2}, [one.said for one in ran]
        for refused in (one for one in ran if one.status == 2):
            assert any(said in refused.said for said in work.done), refused.said
        assert any(one.status == 0 for one in ran)
        assert contents(folder / work.out) == expected


def _killed(work: Work, runner: Runner, lane: int, kills: int) -> list[float]:
    """Kill the command so many times, each time look at what is there, and run it again."""
    work.prepare(runner.folder)
    out, expected, lasts = runner.folder / work.out, [], []
    for variant in range(work.variants):
        for _ in range(2):  # the first time may take longer than any other
            work.again(runner.folder, variant)
            ran = runner.run(work.arguments)
            assert ran.status == 0, ran.said
        expected.append(contents(out))
        lasts.append(ran.seconds)
    draw, struck, number = random.Random(f"{work.out} {lane}"), [], -1
    while len(struck) < kills:
        number += 1
        variant = number % work.variants
        work.again(runner.folder, variant)
        before = contents(out) if out.exists() else {}
        moment = draw.uniform(0, lasts[variant])
        where = f"{work.out}, lane {lane}, kill {number} after {moment:.3f} s"
        if runner.run(work.arguments, kill=moment).status == -signal.SIGKILL:
            struck.append(moment)
        if number % 3:  # a third of the time its workers may still be ending
            assert runner.gone(), where
        left = contents(out) if out.exists() else {}
        assert all_whole(left) == [], where
        assert neither(left, before, expected[variant]) == [], where
        ran = runner.run(work.arguments)
        refused = ran.status == 2 and any(said in ran.said for said in work.done)
        assert ran.status == 0 or refused, f"{where}: {ran.said}"
        after = contents(out)
        assert after.keys() == expected[variant].keys(), where
        assert [name for name in after if after[name] != expected[variant][name]] == [], where
        assert not list(out.rglob("*.part")), where
        assert runner.gone(), where
        assert not list(runner.tmp.iterdir()), where
        for log in out.glob("run-log.jsonl"):
            assert all(map(json.loads, log.read_text("utf-8").splitlines())), where
    return struck

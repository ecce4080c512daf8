"""A full disk and a read-only one: one sentence, status 1, old files as they were, no half ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analysis import cli, tables
from analysis.kit import InputError, files
from analysis.study import Study, catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "data" / "reports" / "xiamen-2022.mangled.txt"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of sixteen megabytes; skipped where this user may mount none."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place]
    if (
        sys.platform != "linux"
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk of its own can be mounted here: that takes root on Linux")
    yield place
    subprocess.run(["umount", place], check=True)


def full(disk: Path, left: int = 0) -> None:
    """Fill the disk but for so many bytes."""
    space = os.statvfs(disk)
    (disk / "ballast").write_bytes(b"x" * (space.f_bavail * space.f_frsize - left))


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.suffix != ".lock"
        and path.name not in ("ballast", ".unfinished", "run-log.jsonl")
    }


def study_on(disk: Path) -> Path:
    catalogue.new(disk / "study")
    Study(disk / "study").add(REPORT)
    sheet = Study(disk / "study").undecided.assign(decision="verified", coder="王", note="读过")
    tables.workbook(disk / "review.xlsx", {"figures": sheet})
    other = "福州市2021年法治政府建设年度报告\n办理行政复议案件12件。\n" * 400
    (disk.parent / "other.txt").write_text(other, encoding="utf-8")
    return disk / "study"


COMMANDS = (
    "extract --apply {disk}/review.xlsx --data {study}",
    "add {disk}/../other.txt --data {study}",
    "table sentences --data {study} -o {disk}/t.csv",
    "table sentences --data {study} -o {disk}/t.parquet",
    "table sentences --data {study} -o {disk}/t.xlsx",
    "restore {disk}/../other.txt --html {disk}/r.html",
    "render --notebook theme_coverage --data {study} --out {disk}/out --jobs 1",
    "corpus build {disk}/../other.txt --out {disk}/corpus --jobs 1",
)


@pytest.mark.parametrize("state", ["full", "read-only"])
def test_no_room_or_no_right_is_one_sentence_and_changes_no_file(
    disk: Path, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    study = study_on(disk)
    if state == "full":
        full(disk)
    else:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    before = held(disk)
    for command in COMMANDS:
        status = cli.main(command.format(disk=disk, study=study).split())
        said = [line for line in capsys.readouterr().err.splitlines() if str(disk) in line]
        assert status == cli.FAILED, command
        assert said, command
        assert ("No space left" if state == "full" else "Read-only") in said[-1], command
        assert held(disk) == before, command
        assert not list(disk.rglob("*.part")), command


@pytest.mark.slow
@pytest.mark.parametrize(
    "left", [500_000, 3_000_000]
)  # cut in a cell; when the notebook is written
def test_a_disk_that_fills_while_a_notebook_runs_is_one_sentence(
    disk: Path, left: int, capsys: pytest.CaptureFixture[str]
) -> None:
    study = study_on(disk)
    full(disk, left)
    command = f"render --notebook theme_coverage --data {study} --out {disk}/out --jobs 1"
    assert cli.main(command.split()) == cli.FAILED
    said = "".join(capsys.readouterr())
    assert "No space left on device" in said
    assert "Traceback" not in said
    assert "JSON" not in said
    assert not list(disk.rglob("*.part"))


def test_standard_output_without_room_is_one_sentence(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as nowhere:
        command = [sys.executable, "-m", "analysis", "table", "sentences"]
        ran = subprocess.run(
            command, cwd=ROOT, stdout=nowhere, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ran.returncode == cli.FAILED
    said = [line for line in ran.stderr.splitlines() if " of 1 report" not in line]
    assert len(said) == 1
    assert "No space left" in said[0]


def test_two_writers_wait_for_each_other_or_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with files.locked(tmp_path), ThreadPoolExecutor(1) as beside:
        monkeypatch.setattr(files, "_PATIENCE", 0.1)
        other = beside.submit(lambda: files.locked(tmp_path).__enter__())
        with pytest.raises(InputError, match="is being written by another process"):
            other.result()


def test_a_part_that_is_being_written_is_left_alone_and_an_abandoned_one_is_not(
    tmp_path: Path,
) -> None:
    target = tmp_path / "甲[1].csv"
    (tmp_path / ".甲[1].csv.abcdefgh.part").write_text("half")
    with files.replacing(target) as first, files.replacing(target) as second:
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first.name, second.name])
        first.write_text("1")
        second.write_text("2")
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_two_processes_that_add_at_once_lose_no_row(tmp_path: Path) -> None:
    catalogue.new(tmp_path / "study")
    started = []
    for year in (2019, 2020, 2021):
        text = f"厦门市{year}年法治政府建设年度报告\n办理行政复议案件12件。\n"
        (tmp_path / f"{year}.txt").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "analysis", "add", tmp_path / f"{year}.txt"]
        started.append(subprocess.Popen([*command, "--data", tmp_path / "study"], cwd=ROOT))
    assert [one.wait() for one in started] == [0, 0, 0]
    assert sorted(Study(tmp_path / "study").reports["year"]) == [2019, 2020, 2021]


def test_a_new_folder_that_was_killed_half_way_is_begun_again(tmp_path: Path) -> None:
    catalogue.new(tmp_path / "whole")
    catalogue.new(tmp_path / "half")
    (tmp_path / "half" / "study.yaml").unlink()
    (tmp_path / "half" / "groups.csv").unlink()
    (tmp_path / "half" / catalogue._BEGUN).mkdir()
    catalogue.new(tmp_path / "half")
    names = [sorted(p.name for p in (tmp_path / one).rglob("*")) for one in ("whole", "half")]
    assert names[0] == names[1]
    with pytest.raises(InputError, match="not empty"):
        catalogue.new(tmp_path / "half")


def test_nothing_depends_on_the_clock_of_a_file(
    rendered: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("reference"))
    shutil.copytree(rendered, tmp_path / "out")
    shutil.copy(rendered.parent / "sets.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    command = ["render", "sets.yaml", "--notebook", "theme_coverage", "--out", "out"]
    before = held(tmp_path / "out")
    for at in (0, time.time() + 10 * 365 * 86400):
        for path in tmp_path.rglob("*"):
            os.utime(path, (at, at))
        assert cli.main(command) == 0
        assert "up to date" in capsys.readouterr().out
        assert held(tmp_path / "out") == before

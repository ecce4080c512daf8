"""What is said of work under way where there is no terminal, and on one."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from analysis.kit import progress

ROOT = Path(__file__).resolve().parent.parent
WORK = """
import sys
from analysis.kit import progress
progress.EVERY, progress.SHORT = {every}, {short}
with progress.Progress("render", "notebook", 1526) as going:
    going.update()
    going.update(2, failed=2)
    sys.stdin.readline()
    going.update(1523)
"""


def begun(code: str, **how: int) -> "subprocess.Popen[str]":
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], text=True, env=env, **pipes)


def test_in_a_pipe_a_line_comes_while_one_unit_is_under_way_and_a_last_one() -> None:
    work = begun(WORK.format(every=0.01, short=0))
    assert work.stderr is not None  # the line is read before the work may go on
    first = work.stderr.readline()
    assert re.fullmatch(r"render [03] of 1,526 notebooks(, 2 failed)?, \d+ s\n", first)
    _, rest = work.communicate("\n")
    last = rest.splitlines()[-1]
    assert re.fullmatch(r"render 1,526 of 1,526 notebooks, 2 failed, \d+ s", last)


def test_of_short_work_nothing_is_said() -> None:
    work = begun(WORK.format(every=3600, short=3600))
    assert work.communicate("\n") == ("", "")
    assert work.returncode == 0


def test_no_harm_is_done_where_who_read_it_is_gone() -> None:
    code = WORK.format(every=0.01, short=0) + "print('done')"
    read, write = os.pipe()
    os.close(read)
    work = begun(code, stderr=write)
    os.close(write)
    assert work.communicate("\n")[0] == "done\n"
    assert work.returncode == 0


@pytest.mark.parametrize("items", [[], [3], [1, 2, 3]])
def test_items_come_as_they_are_and_a_captured_stream_stays_clean(
    items: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.001)
    monkeypatch.setattr(progress, "SHORT", 0)
    assert list(progress.over(iter(items), "add", "report")) == items
    assert capsys.readouterr() == ("", "")


def test_a_worker_says_nothing() -> None:
    code = """
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from analysis.kit import progress

def work(_):
    progress.EVERY, progress.SHORT = 0.01, 0
    return list(progress.over([1, 2], "add", "report"))

if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        print(list(pool.map(work, [0])))
"""
    assert begun(code).communicate() == ("[[1, 2]]\n", "")


def test_on_a_terminal_there_is_a_bar() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    work = begun(WORK.format(every=0.01, short=0), stderr=theirs)
    os.close(theirs)
    work.communicate("\n")
    said = b""
    try:
        while more := os.read(ours, 65536):
            said += more
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert b"1526/1526" in said
    assert b"failed=2" in said
    assert b" of " not in said

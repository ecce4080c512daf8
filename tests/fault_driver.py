"""Runs `gongbao` again and again in forks of a process that has imported everything.

So kills fall on the work and not on imports. A line of JSON asks: folder to stand in, TMPDIR,
arguments, file for what is printed. Two lines answer: the pid, which leads a process group of its
own, and the exit status once there is one.
"""

import json
import os
import sys
import tempfile
from contextlib import suppress
from importlib import import_module

for name in ("cli", "pages.brief", "indicators.review", "batch.render", "study.build"):
    import_module(f"analysis.{name}")
import_module("openpyxl")
import_module("filelock")
import_module("pypinyin")


def work(asked: dict[str, object]) -> None:
    """What the fork does; never returns."""
    status = 70
    try:
        os.setpgid(0, 0)
        os.chdir(asked["folder"])
        os.environ.update(TMPDIR=asked["tmp"], GONGBAO_TEST=asked["folder"])
        tempfile.tempdir = None
        sys.modules["analysis.study.shards"].LIMIT = 3  # here alone: pytest imports this file too
        said = os.open(asked["said"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for number in (1, 2):
            os.dup2(said, number)
        status = sys.modules["analysis.cli"].main(asked["arguments"])
    finally:
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            work(json.loads(line))
        with suppress(OSError):  # it may have done so itself
            os.setpgid(pid, pid)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)

"""What the commands share: exit statuses, the study, where a table goes."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from analysis.kit import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.study import Study


class Command(Protocol):
    """Adds a command to the parser: its name, what it runs, what it says of itself."""

    def __call__(self, name: str, run: object, text: str) -> argparse.ArgumentParser:  # noqa: D102
        ...


TABLE_NAMES = (
    "reports",
    "edits",
    "sentences",
    "terms",
    "themes",
    "codings",
    "figures_found",
    "commitments",
    "followups",
    "indicators",
    "sources",
    "decisions",
    "groups",
    "reuse",
    "reading",
)

QUERIES = (
    "frequency",
    "rates",
    "dispersion",
    "keyness",
    "coverage",
    "indicators",
    "panel",
    "concordance",
)

REPORTS = "ids, or conditions that all must meet, such as 'year>=2010; level=province'"

PRESETS = (
    "look of the figures: en-journal (default), zh-journal (print in black), slides (16:9), or a "
    ".mplstyle file of your own"
)


DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


class Stopped(KeyboardInterrupt):
    """A signal ended a command; `status` is the exit status that says which."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


@contextmanager
def stoppable() -> Iterator[None]:
    """Meanwhile SIGTERM and SIGHUP end what is done as Ctrl-C does, not in its midst.

    What a signal began is not broken off by the next: `timeout` sends each twice, a terminal that
    is closed its own. Only Ctrl-C does that, a second later. What is ignored, as by `nohup`, stays
    so.
    """
    if threading.current_thread() is not threading.main_thread():  # signals are not ours there
        yield
        return
    first: list[float] = []

    def stop(number: int, _: object) -> None:
        again = bool(first)
        first.append(time.monotonic())
        if again and (number != signal.SIGINT or first[-1] - first[0] < 1):
            return
        for stream in (1, 2):
            if number != signal.SIGINT and os.isatty(stream):  # it may be gone by now
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
        raise Stopped(number)

    numbers = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    heeded = [one for one in numbers if one and signal.getsignal(one) not in (signal.SIG_IGN, None)]
    before = {one: signal.signal(one, stop) for one in heeded}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def restoring(command: argparse.ArgumentParser, auto: str, simplified: str, kept: str) -> None:
    """What restoration does with traditional characters, markup and furniture."""
    script = command.add_mutually_exclusive_group()
    said = "traditional characters stay"
    script.add_argument("--keep-script", action="store_const", dest="script", const=kept, help=said)
    said = "write traditional characters as simplified ones"
    script.add_argument(
        "--to-simplified", action="store_const", dest="script", const=simplified, help=said
    )
    command.set_defaults(script=auto, keep=[])
    for rule, said in (("markup", "signs of Markdown and HTML"), ("furniture", "a page's buttons")):
        command.add_argument(
            f"--keep-{rule}", action="append_const", dest="keep", const=rule, help=f"{said} stay"
        )


def codebook(command: argparse.ArgumentParser) -> None:
    """The book that sentences are coded by."""
    command.add_argument(
        "--codebook", default="", metavar="ID", help="what sentences are coded by (the study's)"
    )


def coder(command: argparse.ArgumentParser) -> None:
    """Who codes by it."""
    said = "who codes: the book's matches (default), or the linear model beside it"
    command.add_argument("--coder", default="book", metavar="book|model", help=said)


def output(command: argparse.ArgumentParser) -> None:
    """Where a table goes."""
    command.add_argument("-o", "--output", type=Path, metavar="FILE.csv|.parquet|.xlsx")


def count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number above 0")
    return int(text)


def opened(
    options: argparse.Namespace, reports: Sequence[str] = (), *, writes: bool = False, **more: str
) -> Study:
    """The study; says so where it is the bundled one for want of a folder here."""
    from analysis.study import Study

    study = Study(options.data, reports, **more)
    if study.path != Path(options.data):
        if writes:
            said = "no study here; name yours with --data DIR (`gongbao new DIR` makes one)."
            raise InputError(said, path=Path(options.data))
        tell_bundled(options)
    return study


def tell_bundled(options: argparse.Namespace) -> None:
    """Say that the study is the bundled one."""
    print(f"no study in ./{options.data}: this is the bundled one.", file=sys.stderr)


def put(frame: DataFrame, output: Path | None, name: str) -> int:
    """A table to a file, or to standard output."""
    from analysis import tables

    if output is None:
        tables.write(frame, sys.stdout)
    else:
        tables.export(frame, output, name)
    return DONE

"""How far a piece of work is: a bar on a terminal, a line now and then in a pipe or a file.

Where standard error is somebody else's (a notebook's, whose output is kept and must be the same
every time), and in a worker of ours, nothing is said.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self, TypeVar

T = TypeVar("T")

EVERY = 10.0
"""Seconds after which a line is due where there is no terminal."""

SHORT = 3.0
"""Seconds of work that are worth a last line."""


class Progress:
    """Work under way; the lines come from a thread, so that one long unit is told of too.

    Parameters
    ----------
    name, unit : what is done, to what: `render`, `notebook`.
    total : how many of these there are.
    bar : what tqdm is told for a bar beyond these, such as leave and delay.
    """

    def __init__(self, name: str, unit: str, total: int, **bar: Any) -> None:
        self.name, self.unit, self.total = name, unit, total
        self.done = self.failed = 0
        self.begun, self.bar = time.monotonic(), None
        self._ended, self._thread = threading.Event(), None
        if sys.stderr and sys.stderr.isatty():
            from tqdm import tqdm

            self.bar = tqdm(total=total, desc=name, unit=unit, disable=None, **bar)
        elif sys.stderr is sys.__stderr__ and not multiprocessing.parent_process():
            self._thread = threading.Thread(target=self._now_and_then, daemon=True)

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()
        if self._thread:
            self._ended.set()
            self._thread.join()
            if time.monotonic() - self.begun >= SHORT:
                self._say()

    def update(self, n: int = 1, *, failed: int = 0) -> None:
        """So many more are done, and so many of them failed."""
        self.done, self.failed = self.done + n, self.failed + failed
        if self.bar is not None:
            if self.failed:
                self.bar.set_postfix(failed=self.failed)
            self.bar.update(n)

    def __str__(self) -> str:
        failed = f", {self.failed:,} failed" if self.failed else ""
        return f"{self.name} {self.done:,} of {self.total:,} {self.unit}s{failed}"

    def _say(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # who read it is gone
            said = f"{self}, {time.monotonic() - self.begun:,.0f} s\n"
            sys.stderr.write(said)
            sys.stderr.flush()

    def _now_and_then(self) -> None:
        while not self._ended.wait(EVERY):
            self._say()


def over(items: Iterable[T], name: str, unit: str, **bar: Any) -> Iterator[T]:
    """The items one after the other, with `Progress`."""
    found = list(items)
    with Progress(name, unit, len(found), **bar) as going:
        for item in found:
            yield item
            going.update()

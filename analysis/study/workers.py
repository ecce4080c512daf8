"""Where shards are made: processes of this machine, or the executor of a cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from analysis.kit import GongbaoError, InputError

_TRIES = 3  # how often the workers may die before the build gives up


_SAFE = "PYTHONSAFEPATH"


class Pool:
    """Where shards are made: own processes, or the executor that was given.

    Own processes that die (too little memory, kill -9) are replaced, and what they had not
    finished is done again; a given executor sees to that itself.
    """

    def __init__(self, jobs: int, executor: Executor | None):
        self.jobs, self.given = jobs, executor
        self.own: ProcessPoolExecutor | None = None

    def __enter__(self) -> Pool:
        # A multiprocessing.py in the folder we are in is not what a worker is to begin with.
        self.before = os.environ.get(_SAFE)
        os.environ[_SAFE] = "1"
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        del os.environ[_SAFE]
        if self.before is not None:
            os.environ[_SAFE] = self.before

    def _stop(self) -> None:
        if self.own is not None:
            self.own.shutdown(wait=False, cancel_futures=True)
            for process in (getattr(self.own, "_processes", None) or {}).values():
                process.terminate()
            self.own = None

    def _start(self) -> Executor:
        if self.given is not None:
            return self.given
        if self.own is None:
            spawned, parent = get_context("spawn"), (os.getpid(),)
            self.own = ProcessPoolExecutor(self.jobs, spawned, _worker, parent)
        return self.own

    def run(
        self, function: Callable[[Any], Any], items: Sequence[Any], names: Sequence[Any]
    ) -> Iterator[tuple[Any, Any]]:
        """Call a function on each item; name and result of each as they are done."""
        left = dict(zip(names, items, strict=True))
        for _ in range(_TRIES):
            executor = self._start()
            waiting = {executor.submit(function, item): name for name, item in left.items()}
            try:
                while waiting:
                    for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                        result, name = future.result(), waiting.pop(future)
                        del left[name]
                        yield name, result
            except BrokenProcessPool:
                self._stop()
                continue
            return
        raise GongbaoError(
            "the worker processes died three times, perhaps for want of memory; run the same "
            "command again with fewer --jobs: what is done stays."
        )


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of a Dask cluster; its workers must have the suite and see the same files.

    InputError if dask.distributed is not installed or nothing answers at the address.
    """
    try:
        from distributed import Client
    except ImportError:
        said = "--cluster needs dask.distributed: install gongbao with the extra `cluster`."
        raise InputError(said) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        said = f"no Dask scheduler answers at {address!r} ({error})"
        raise InputError(f"{said}; start one with `dask scheduler`.") from None
    with client:
        yield client.get_executor(pure=False)


def _worker(parent: int) -> None:
    """A worker leaves interrupts to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

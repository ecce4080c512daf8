"""Warm kernels: a notebook's kernel is forked from a process that has imported everything.

A cold kernel spends most of its life importing pandas and matplotlib. Here a `zygote` imports them
once and forks itself for each notebook; papermill does the rest, with the `engine` registered as
`gongbao`. A pool's worker is a process of its own that forks its zygote while it is still alone in
it. Whoever loses the other end of a pipe ends: worker, zygote and kernels go with the batch,
however it ends. Where any of this is not to be had (`why_cold`), papermill's own engine does the
work.
"""

from __future__ import annotations

import contextlib
import json
import keyword
import logging
import math
import os
import pickle
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from analysis.kit import InputError

from . import zygote

_WORKER_SIDE = (
    "papermill",
    "nbclient",
    "nbformat",
    "analysis.pages.brief",
    "analysis.batch.render",
)


class Died(BrokenExecutor):
    """A worker ended in the middle of a unit; the message is a sentence about it."""


# ---- the pool


@contextlib.contextmanager
def pool(jobs: int) -> Iterator[ThreadPoolExecutor]:
    """`jobs` worker processes with everything imported, as an executor.

    Leaving the block waits for what was submitted; leaving it by an exception (Ctrl-C) ends every
    worker and kernel at once. A future whose worker died raises `Died`; another worker takes its
    place.

    """
    executor = _Pool(jobs)
    try:
        yield executor
        executor.shutdown()
    finally:
        executor.end()


class _Pool(ThreadPoolExecutor):
    """A thread waits for each worker: the death of one breaks nothing but its unit."""

    def __init__(self, jobs: int) -> None:
        super().__init__(jobs, thread_name_prefix="worker")
        self.ended = False
        self.workers = [_Worker() for _ in range(jobs)]
        self.idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self.workers:
            self.idle.put(worker)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a function that can be imported, with values that can be pickled, in a worker."""
        return super().submit(self._run, (fn, args, kwargs))

    def _run(self, task: tuple[Any, ...]) -> Any:
        worker = self.idle.get()
        try:
            return worker.run(task)
        except Died:
            if not self.ended:
                self.workers.remove(worker)
                self.workers.append(worker := _Worker())
            raise
        finally:
            self.idle.put(worker)

    def end(self) -> None:
        """End all workers, those at work too."""
        self.ended = True
        self.shutdown(wait=False, cancel_futures=True)
        for worker in self.workers:
            worker.end()
        self.shutdown()


class _Worker:
    """A worker process as its batch sees it."""

    def __init__(self) -> None:
        # No Ctrl-C of the terminal reaches it, and nothing that it prints reaches the terminal.
        self.folder = tempfile.mkdtemp(prefix="gb-", dir=zygote.short())
        self.process: Any = zygote.start("worker", self.folder)

    def run(self, task: tuple[Any, ...]) -> Any:
        data = pickle.dumps(task)
        try:
            pickle.dump(data, self.process.stdin)
            self.process.stdin.flush()
            well, result = pickle.load(self.process.stdout)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            status = self.end()
            how = f"signal {-status}" if status < 0 else f"status {status}"
            raise Died(f"the worker process ended with {how}; the unit was not finished.") from None
        if not well:
            raise result
        return result

    def end(self) -> int:
        """Close its pipe, at which it ends with all below it; wait for the last of them."""
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            status: int = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        with contextlib.suppress(OSError, ValueError), self.process.stdout as rest:
            while os.read(rest.fileno(), 65536):
                pass
        shutil.rmtree(self.folder, ignore_errors=True)
        return status


def main(path: list[str]) -> None:
    """What a process started here does: serve kernels, or work for a pool.

    `path` is `sys.path` as a cold kernel finds it.
    """
    tasks, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
    role = sys.argv[1]
    if role == "zygote":
        zygote.serve(tasks, results, path, ())
    if role == "worker" and not zygote.no_fork():
        zygote.Zygote.here = zygote.fork_zygote(tasks, results, path)
    # To validate addresses jsonschema (for nbformat) builds grammars for seconds; we ask for none.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    zygote.import_all(_WORKER_SIDE)
    tempfile.tempdir = scratch = sys.argv[3]
    waiting: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                waiting.put(pickle.load(tasks))
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)  # the batch is gone or has no more; the zygote sees it and ends the kernels

    threading.Thread(target=read, daemon=True).start()
    while True:
        task = waiting.get()
        try:
            fn, args, kwargs = pickle.loads(task)
            data = pickle.dumps((True, fn(*args, **kwargs)))
        except BaseException as error:
            data = pickle.dumps((False, _portable(error)))
        results.write(data)
        results.flush()


def _portable(error: BaseException) -> Exception:
    """An error that another process can read: itself if possible, otherwise what it says."""
    with contextlib.suppress(Exception):
        if isinstance(error, Exception) and type(pickle.loads(pickle.dumps(error))) is type(error):
            return error
    return RuntimeError(f"{type(error).__name__}: {error}")


# ---- one notebook


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    timeout: float | None = None,
    warm: bool = True,
) -> str:
    """Run a notebook and write it, with what it put out, to `target`.

    Parameters
    ----------
    source, target : taken as they stand; braces in them are braces.
    parameters : values for the cell behind the one tagged `parameters`; they never run as code.
    timeout : seconds that one cell may take. warm : fork the kernel, if that can be done here.

    Returns
    -------
    str
        "NOTEBOOK, cell N: NAME: VALUE" for the error at which it ended, '' if there was none. A
        cell that hangs, prints without end or exits, and a kernel that dies, are such errors.
        InputError if a parameter's name is no name, or its value is not plain.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    notebook = nbformat.read(source, as_version=4)
    notebook.cells = _with_parameters(notebook.cells, _cell(parameters))
    nbformat.write(notebook, target)
    warm = warm and not why_cold()
    # What is printed comes in pieces as time will have it, and is put together.
    options: dict[str, Any] = {"request_save_on_cell_execute": False, "coalesce_streams": True}
    if warm:
        from .engine import Engine

        papermill.engines.papermill_engines.register("gongbao", Engine)
        options["engine_name"] = "gongbao"
    logger = logging.getLogger("papermill")
    silent, logger.disabled = logger.disabled, True
    try:
        with tempfile.TemporaryDirectory(prefix="gb-", dir=zygote.short()) as folder:
            ran = papermill.execute_notebook(
                notebook,
                str(target).replace("{", "{{").replace("}", "}}"),
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=math.ceil(timeout) if timeout else None,
                **options,
                **({} if warm else {"config": _cold(Path(folder))}),
            )
    except PapermillExecutionError as error:
        return f"{source.stem}, cell {error.cell_index}: {error.ename}: {error.evalue}"
    except Exception as error:  # of papermill's own engine, which contains no dead kernel
        return f"{source.stem}, {_reached(target)}: {type(error).__name__}: {error}"
    finally:
        logger.disabled = silent
    return next(_errors(source.stem, ran.cells), "")  # papermill lets `sys.exit()` pass as done


def _errors(name: str, cells: list[Any]) -> Iterator[str]:
    """A sentence for each error that stands among the outputs."""
    for index, cell in enumerate(cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                yield f"{name}, cell {index}: {output.ename}: {output.evalue}"


def _cell(parameters: Mapping[str, Any]) -> str:
    """The source of the cell that sets parameters: names and literals, nothing else.

    >>> print(_cell({"regions": ["厦门市"], "top_n": 3}))
    # Parameters
    regions = ['厦门市']
    top_n = 3
    """
    for name, value in parameters.items():
        if not name.isidentifier() or keyword.iskeyword(name):
            raise InputError(f"parameter {name!r} is not a name.")
        if not _plain(value):
            raise InputError(f"parameter {name} is {value!r}; only plain values are passed on.")
    return "\n".join(
        ["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())]
    )


def _plain(value: Any) -> bool:
    if type(value) is list:
        return all(map(_plain, value))
    if type(value) is dict:
        return all(map(_plain, [*value, *value.values()]))
    return type(value) in (str, int, bool, type(None)) or (
        type(value) is float and math.isfinite(value)
    )


def _with_parameters(cells: list[Any], source: str) -> list[Any]:
    """The cells with one that sets parameters, behind the one with the defaults."""
    from nbformat.v4 import new_code_cell

    tags = [cell.metadata.get("tags", []) for cell in cells]
    kept = [cell for cell, tag in zip(cells, tags, strict=True) if "injected-parameters" not in tag]
    place = next((i for i, tag in enumerate(tags) if "parameters" in tag), -1) + 1
    new = new_code_cell(source, metadata={"tags": ["injected-parameters"]})
    return [*kept[:place], new, *kept[place:]] if "\n" in source else kept


def _reached(target: Path) -> str:
    """The cell that papermill's own engine began last, as far as it wrote that down."""
    cells = json.loads(target.read_text("utf-8"))["cells"]
    begun = [
        i for i, cell in enumerate(cells) if cell["metadata"].get("papermill", {}).get("start_time")
    ]
    return f"cell {begun[-1]}" if begun else "start"


def _cold(folder: Path) -> Any:
    """Sockets in a folder of their own where there are any: no port is opened."""
    from traitlets.config import Config

    ipc = {"transport": "ipc", "connection_file": str(folder / "k.json")}
    return Config() if os.name == "nt" else Config({"KernelManager": ipc})


# ---- what it takes


@cache
def why_cold() -> str:
    """Why kernels start cold here, in a sentence; '' if they are forked."""
    if reason := zygote.no_fork():
        return f"Kernels start cold: {reason}."
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        import_module("analysis.batch.engine")
        command = KernelSpecManager().get_kernel_spec("python3").argv
        if "ipykernel_launcher" not in command:
            return f"Kernels start cold: kernel python3 is {command[0]}, not ipykernel."
        if (
            Path(command[0]).is_absolute()
            and Path(command[0]).resolve() != Path(sys.executable).resolve()
        ):
            return f"Kernels start cold: kernel python3 is another Python, {command[0]}."
    except Exception as error:
        return f"Kernels start cold: papermill or jupyter_client is not as expected ({error})."
    return ""

"""One notebook, executed: papermill keeps the book, and a child (`cells`) runs the cells.

nbclient makes outputs of what the child says. The child waits until that is taken in, and what was
printed before is read first: so all stands in its order, every time. A cell that hangs, prints
without end or dies ends its notebook with a sentence.
"""

from __future__ import annotations

import contextlib
import errno
import keyword
import logging
import math
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any
from uuid import uuid4

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.exceptions import PapermillExecutionError

from analysis.kit import InputError

from . import processes
from .cells import STREAMS, serve

PRINTED_MOST = 1_000_000
"""Characters that one cell may print; the rest is cut off and the notebook ends there."""

MEMORY = "gongbao_memory"
"""Where a notebook's metadata say for a while how much memory its cells had at most, in MB."""

_LOG = logging.getLogger(__name__)
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


# ---- a notebook


def execute(
    source: Path, target: Path, parameters: Mapping[str, Any], *, timeout: float | None = None
) -> str:
    """Run a notebook and write it, with what it put out, to `target`.

    Parameters
    ----------
    source, target : taken as they stand; braces in them are braces.
    parameters : values for the cell behind the one tagged `parameters`; they never run as code.
    timeout : seconds that one cell may take.

    Returns
    -------
    str
        "NOTEBOOK, cell N: NAME: VALUE" for the error at which it ended, '' if there was none; a
        cell that hangs, prints without end or exits with a status, and a process that dies, are
        such errors. A kernel that is not there is one, too; another than this Python's ipykernel
        is left to papermill's own engine. InputError if a parameter's name is no name, or its
        value is not plain.

    OSError
        if the disk is full.
    """
    notebook = nbformat.read(source, as_version=4)
    cell = _cell(parameters)
    nbformat.write(notebook, target)
    kernel = notebook.metadata.get("kernelspec", {}).get("name") or "python3"
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel)
    except NoSuchKernel:
        return f"{source.name}: NoSuchKernel: no kernel named {kernel!r} is installed"
    options: dict[str, Any] = {"engine_name": "gongbao" if _is_ours(spec) else "nbclient"}
    if spec.language == "python":
        notebook.cells = _with_parameters(notebook.cells, cell)
    else:
        options["parameters"] = dict(parameters)
    try:
        papermill.execute_notebook(
            notebook,
            str(target).replace("{", "{{").replace("}", "}}"),
            kernel_name=kernel,
            progress_bar=False,
            execution_timeout=timeout and math.ceil(timeout),
            request_save_on_cell_execute=not _is_ours(spec),
            **options,
        )
    except PapermillExecutionError as error:
        return f"{source.stem}, cell {error.cell_index}: {_sentence(error.ename, error.evalue)}"
    except Exception as error:
        if getattr(error, "errno", None) in _NO_ROOM:
            raise  # the notebook is cut off, and so would be whatever is written next
        return f"{source.stem}: {_sentence(type(error).__name__, str(error))}"
    return ""


def _sentence(name: str, value: str) -> str:
    return f"{name}: {value}" if value.strip() else name


def _is_ours(spec: Any) -> bool:
    """Whether a kernel is the ipykernel of this Python: then no process of its own is needed."""
    python = Path(spec.argv[0])
    here = python.parent.resolve() == Path(sys.executable).parent.resolve()
    ipykernel = "ipykernel_launcher" in spec.argv and not spec.env
    return os.name == "posix" and ipykernel and (here or not python.is_absolute())


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
    tags = [cell.metadata.get("tags", []) for cell in cells]
    kept = [cell for cell, tag in zip(cells, tags, strict=True) if "injected-parameters" not in tag]
    place = next((i for i, tag in enumerate(tags) if "parameters" in tag), -1) + 1
    new = new_code_cell(source, metadata={"tags": ["injected-parameters"]})
    return [*kept[:place], new, *kept[place:]] if "\n" in source else kept


# ---- its cells, seen from outside


class Engine(papermill.engines.Engine):
    """What papermill calls."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, _: str, **options: Any) -> None:
        """Run a notebook in a child."""
        _Client(nb_man, timeout=options["execution_timeout"], log=_LOG).execute()


papermill.engines.papermill_engines.register("gongbao", Engine)


class _Client(PapermillNotebookClient):
    """Makes outputs of what a child says, as nbclient does of what a kernel says."""

    def execute(self) -> Any:
        """Run the cells up to one that fails."""
        self.reset_execution_trackers()
        self.ran, self.texts = 0, dict.fromkeys(STREAMS, b"")
        folder = f"{tempfile.gettempdir()}/{uuid4().hex}"
        self.said, there = Pipe()
        (out, to_out), (err, to_err) = Pipe(duplex=False), Pipe(duplex=False)
        self.streams = dict(zip((out, err), STREAMS, strict=True))
        with contextlib.ExitStack() as stack:
            for pipe in (self.said, out, err):
                stack.enter_context(pipe)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            self.child = processes.Child(serve, there, to_out, to_err, folder)
            stack.callback(self.child.end, 2)
            for pipe in (there, to_out, to_err):
                pipe.close()
            for pipe in self.streams:
                os.set_blocking(pipe.fileno(), False)
            with contextlib.suppress(EOFError):
                self.nb.metadata["language_info"], missing = self.said.recv()
                processes.MISSING.update(missing)
            self.papermill_execute_cells()
            self.nb.metadata[MEMORY] = _most_memory(self.child.process.pid)
            self.set_widgets_metadata()
        return self.nb

    def execute_cell(self, cell: Any, cell_index: int, **_: Any) -> None:
        """Run a cell; CellExecutionError if it fails."""
        tags = cell.metadata.get("tags", [])
        empty = cell.cell_type != "code" or not cell.source.strip()
        if empty or self.skip_cells_with_tag in tags:
            return
        self.ran, self.printed = self.ran + 1, 0
        self.clear_before_next_output, cell.execution_count = False, self.ran
        try:
            failure = self._follow(cell, cell_index)
        except _EndedError as end:
            self.child.end()
            failure, tags = end.args, ()
        self._flush(cell, cell_index)
        if not failure:
            return
        if all(output.output_type != "error" for output in cell.outputs):
            trace = [_sentence(*failure)]
            cell.outputs.append(
                new_output("error", ename=failure[0], evalue=failure[1], traceback=trace)
            )
        if "raises-exception" not in tags:
            raise CellExecutionError("", *failure)

    def _follow(self, cell: Any, index: int) -> tuple[str, ...] | None:
        """Take in what a cell puts out, up to its end; name and text of its error, if any."""
        until = time.monotonic() + (self.timeout or math.inf)
        sentinel = self.child.process.sentinel
        with contextlib.suppress(EOFError, OSError):
            self.child.pipe.send(cell.source)
            while (left := until - time.monotonic()) > 0:
                ready = wait([self.said, *self.streams, sentinel], min(left, 3600))
                self._drain()
                if self.said in ready:
                    kind, content, buffers = self.said.recv()
                    if kind == "done":
                        failure: tuple[str, str] | None = content
                        return failure
                    self._take(kind, content, buffers, cell, index)
                    self.said.send(None)
                elif sentinel in ready:
                    break
            else:
                raise _EndedError("CellTimeoutError", f"it took longer than {self.timeout} s")
        self._drain()
        raise _EndedError("DeadKernelError", "the kernel died")

    def _take(self, kind: str, content: Any, buffers: Any, cell: Any, index: int) -> None:
        """Take in a message."""
        data = content.get("data", {})
        if "text/plain" in data:
            room = max(0, PRINTED_MOST - self.printed)
            self.printed += len(data["text/plain"])
            data["text/plain"] = data["text/plain"][:room]
        if kind != "update_display_data" and not kind.startswith("comm"):
            self._flush(cell, index)
        self._put(kind, content, buffers, cell, index)
        self._hold()

    def _put(self, kind: str, content: Any, buffers: Any, cell: Any, index: int) -> None:
        about = {"msg_type": kind, "header": {"msg_type": kind}, "parent_header": {}}
        message = {**about, "metadata": {}, "content": content, "buffers": buffers}
        self.process_message(message, cell, index)

    def _drain(self) -> None:
        """Read what was printed so far."""
        for pipe, name in [*self.streams.items()]:
            with contextlib.suppress(BlockingIOError):
                while data := os.read(pipe.fileno(), 65536):
                    self.texts[name] += data
                    self.printed += len(data.decode("utf-8", "ignore"))
                    self._hold()
                del self.streams[pipe]

    def _hold(self) -> None:
        if self.printed > PRINTED_MOST:
            most = f"{PRINTED_MOST:,} characters"
            raise _EndedError("OutputError", f"it printed more than {most}; the rest is cut off")

    def _flush(self, cell: Any, index: int) -> None:
        """Make outputs of what was printed; of a line that was written over, its last state."""
        printed, self.texts = self.texts, dict.fromkeys(STREAMS, b"")
        over = max(0, self.printed - PRINTED_MOST)
        for name, data in printed.items():
            text = data.decode("utf-8", "replace")
            lines = text[: len(text) - over].split("\n")
            if text := "\n".join(line[line.rfind("\r", 0, -1) + 1 :] for line in lines):
                self._put("stream", {"name": name, "text": text}, None, cell, index)


def _most_memory(process: int | None) -> int:
    """The most memory that a process had, in MB; 0 where the system does not say (not Linux)."""
    try:
        said = Path(f"/proc/{process}/status").read_text("utf-8")
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s*(\d+) kB", said)
    return round(int(found[1]) / 1024) if found else 0


class _EndedError(Exception):
    """A cell was ended: the name and the text of its error."""

"""Reading apart: a process that reads documents for this one, within bounds.

The two speak through pipes: a line of JSON that says how many bytes follow, then these. The
process is started for the first document and kept for the next ones; one that takes too long,
takes too much memory or dies is replaced, and the document is refused. It ends when its pipe
closes, however that comes. A library that works on files only has an empty folder to do so, which
goes with the document. Scans are read by another such process, page by page. On Linux the system
holds the bounds; elsewhere only the time is held.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

from . import formats
from .word import UNPACKED

SECONDS = 3
"""Seconds of work that a document may take: a report takes a tenth of one, 300 pages of PDF one."""

WAIT = 30
"""Seconds to wait in all, on a machine that does other work as well."""

MEMORY = 1 << 30
"""Bytes of memory that the reading process may take, libraries included."""

SLOW = {"doc": 15, "ofd": 15, "scan": 60}
"""Seconds of work for kinds whose readers take more; a page of a scan takes five."""

SCAN = "scan"
"""The kind that has a process of its own: its libraries are large, and few need them."""

_LARGE = {SCAN: 2 << 30}

_START = """
import sys
sys.path.insert(0, sys.argv[1])
from analysis.reading import apart
apart.serve(sys.argv[2])
"""
_FORBIDDEN = (
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system"),
    *("os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename"),
)


class UnreadableError(Exception):
    """A document that cannot be read: a sentence without the file's name."""


class _Reader:
    """The process, as this one sees it."""

    def __init__(self, role: str) -> None:
        self.owner = os.getpid()  # a fork of ours must not speak through our pipes
        home = str(Path(__file__).resolve().parents[2])
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, home, role],  # -P: no module from the folder here
            stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(
        self, data: bytes, told: Callable[[int], None] | None, **asked: Any
    ) -> dict[str, Any] | None:
        """The answer to a document; None if the process died or was killed.

        told : called with the number of pages that are read, where the reader says so.
        """
        questions, answers = self.process.stdin, self.process.stdout
        assert questions is not None
        assert answers is not None
        answer: dict[str, Any] | None = {"done": 0}
        while answer and "done" in answer:
            timer = threading.Timer(WAIT + SLOW.get(asked["kind"], 0), self.process.kill)
            timer.start()
            try:
                if answer["done"] == 0:
                    _send(questions, asked, data)
                elif told:
                    told(answer["done"])
                answer = _receive(answers)
            except (OSError, ValueError):
                return None
            finally:
                timer.cancel()
        return answer

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_lock = threading.Lock()
_here: dict[str, _Reader] = {}


def read(kind: str, data: bytes, **asked: Any) -> str:
    """The text of a document of a kind that `formats.READERS` has; see `ask`."""
    return ask(kind, data, **asked)[0]


def ask(
    kind: str, data: bytes, *, told: Callable[[int], None] | None = None, **asked: Any
) -> tuple[str, dict[str, Any]]:
    """What a reader makes of a document: a text, and what it says beside.

    told : called with the number of pages read so far, by readers that go page by page.
    asked : what the reader takes beside the bytes, as JSON can hold it.

    UnreadableError with a sentence, if it cannot be read within the bounds.
    """
    role = SCAN if kind == SCAN else "documents"
    files = kind in formats.IN_FOLDER
    with _lock, tempfile.TemporaryDirectory() if files else nullcontext() as folder:
        if role not in _here or not _here[role].usable:
            old = _here.pop(role, None)
            if old and old.owner == os.getpid():
                old.stop()
            _here[role] = _Reader(role)
        more = {"folder": str(Path(folder).resolve())} if folder else {}
        answer = _here[role].ask(data, told, kind=kind, asked={**asked, **more})
        if answer is None:
            _here.pop(role).stop()
            many, large = SLOW.get(kind, SECONDS), _LARGE.get(role, MEMORY) >> 20
            what = "a page of no report" if kind == SCAN else "no report"
            raise UnreadableError(
                f"takes more than {many} seconds or {large} MB to read, as {what} "
                "does; open it and save its text as .txt."
            )
    if "error" in answer:
        raise UnreadableError(answer["error"])
    return str(answer.pop("data"), "utf-8"), answer


def _send(pipe: IO[bytes], said: dict[str, Any], data: bytes) -> None:
    pipe.write(json.dumps({**said, "size": len(data)}).encode() + b"\n")
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> dict[str, Any] | None:
    """A message with its `data`; None where the other side is gone."""
    line = pipe.readline()
    if not line:
        return None
    said: dict[str, Any] = json.loads(line)
    data = pipe.read(said["size"])
    return {**said, "data": data} if len(data) == said["size"] else None


# -- in the process -------------------------------------------------------------------------------


def serve(role: str) -> None:
    """Answer until the pipe closes."""
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    formats.load(role)
    _bound(_LARGE.get(role, MEMORY))
    sys.dont_write_bytecode = True  # of what a library imports later: nothing may be written
    sys.addaudithook(_refuse)
    while document := _receive(asked):
        kind, more = document["kind"], document["asked"]
        _more_time(SLOW.get(kind, SECONDS))
        _own[:] = [more["folder"]] if "folder" in more else []
        try:
            found: Any = formats.READERS[kind](document.pop("data"), **more)
            if isinstance(found, Generator):
                found = _paged(found, answers)
            text, beside = found if isinstance(found, tuple) else (found, {})
            _send(answers, beside, text.encode("utf-8", "replace"))
        except ValueError as error:
            _send(answers, {"error": str(error)}, b"")
        except (MemoryError, RecursionError):
            return
        except Exception as error:  # a library that stumbled over a damaged document
            said = f"cannot be read ({type(error).__name__}); open it and save its text as .txt."
            _send(answers, {"error": said}, b"")


def _paged(reading: Generator[int, None, Any], answers: IO[bytes]) -> Any:
    """What a reader that goes page by page returns; each page is told, and has time of its own."""
    while True:
        try:
            _send(answers, {"done": next(reading)}, b"")
        except StopIteration as ended:
            return ended.value
        _more_time(SLOW[SCAN])


_own: list[str] = []
"""The folder in which the reader of this document may write, if it needs one."""


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Hold that reading connects to nothing, starts nothing and writes nothing elsewhere."""
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if not writes and not event.startswith(_FORBIDDEN):
        return
    paths = arguments[: 2 if event == "os.rename" else 1]
    moves = writes or event in ("os.rename", "os.remove")
    inside = all(_own and _own[0] in (str(path), str(Path(path).parent)) for path in paths)
    if not (moves and inside):
        raise RuntimeError(f"reading a document must not {event}")


def _bound(memory: int) -> None:
    if sys.platform.startswith("linux"):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (UNPACKED, UNPACKED))


def _more_time(seconds: int) -> None:
    """Seconds of work for what comes next; the system ends the process behind them."""
    if sys.platform.startswith("linux"):
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))

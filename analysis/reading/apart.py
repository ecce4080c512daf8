"""Reading apart: a process that reads documents for this one, within bounds.

The two speak through pipes: a line of JSON that says how many bytes follow, then these. The
process is started for the first document and kept for the next ones; one that takes too long,
takes too much memory or dies is replaced, and the document is refused. It ends when its pipe
closes, however that comes. On Linux the system holds the bounds; elsewhere only the time is held.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

SECONDS = 3
"""Seconds of work that a document may take: a report takes a tenth of one, 300 pages of PDF one."""

WAIT = 30
"""Seconds to wait in all, on a machine that does other work as well."""

MEMORY = 1 << 30
"""Bytes of memory that the reading process may take, libraries included."""

_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from analysis.reading import apart; apart.serve()"
)
_FORBIDDEN = (
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system"),
    *("os.exec", "os.fork", "os.posix_spawn", "os.remove", "os.rename"),
)


class UnreadableError(Exception):
    """A document that cannot be read: a sentence without the file's name."""


class _Reader:
    """The process, as this one sees it."""

    def __init__(self) -> None:
        self.owner = os.getpid()  # a fork of ours must not speak through our pipes
        home = str(Path(__file__).resolve().parents[2])
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, home],  # -P: no module from the folder we are in
            stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def usable(self) -> bool:
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(self, kind: str, data: bytes) -> dict[str, Any] | None:
        """The answer to a document; None if the process died or was killed."""
        asked, answers = self.process.stdin, self.process.stdout
        assert asked is not None
        assert answers is not None
        timer = threading.Timer(WAIT, self.process.kill)
        timer.start()
        try:
            _send(asked, {"kind": kind}, data)
            return _receive(answers)
        except (OSError, ValueError):
            return None
        finally:
            timer.cancel()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_lock = threading.Lock()
_here: list[_Reader] = []


def read(kind: str, data: bytes) -> str:
    """The text of a document of a kind that `formats.READERS` has.

    UnreadableError with a sentence, if it cannot be read within the bounds.
    """
    with _lock:
        if not _here or not _here[0].usable:
            for old in _here:
                if old.owner == os.getpid():
                    old.stop()
            _here[:] = [_Reader()]
        answer = _here[0].ask(kind, data)
        if answer is None:
            _here.pop().stop()
            raise UnreadableError(
                f"takes more than {SECONDS} seconds or {MEMORY >> 20} MB to read, as no report "
                "does; open it and save its text as .txt."
            )
    if "error" in answer:
        raise UnreadableError(answer["error"])
    return str(answer["data"], "utf-8")


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


def serve() -> None:
    """Answer until the pipe closes."""
    from . import formats

    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    formats.load()
    _bound()
    sys.dont_write_bytecode = True  # of what a library imports later: nothing may be written
    sys.addaudithook(_refuse)
    while document := _receive(asked):
        _more_time()
        try:
            text = formats.READERS[document["kind"]](document.pop("data"))
            _send(answers, {}, text.encode("utf-8", "replace"))
        except ValueError as error:
            _send(answers, {"error": str(error)}, b"")
        except (MemoryError, RecursionError):
            return
        except Exception as error:  # a library that stumbled over a damaged document
            said = f"cannot be read ({type(error).__name__}); open it and save its text as .txt."
            _send(answers, {"error": said}, b"")


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """Hold that reading connects to nothing, starts nothing and writes nothing."""
    writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event.startswith(_FORBIDDEN):
        raise RuntimeError(f"reading a document must not {event}")


def _bound() -> None:
    if sys.platform.startswith("linux"):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _more_time() -> None:
    """Seconds of work for the next document; the system ends the process behind them."""
    if sys.platform.startswith("linux"):
        import resource

        used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + SECONDS, hard))

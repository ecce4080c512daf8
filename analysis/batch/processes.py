"""Processes for units: everything is imported once, then forked; nothing is left of them.

A batch starts a *head*, a process that runs none of a notebook's code. There a thread sees to each
unit, and what could go wrong is a child: a process forked by a server, multiprocessing's own, that
has everything imported (where systems do not bear that, it is started anew). Whoever loses the
other end of a pipe ends: head, server and children go with the batch, however it ends, and with a
child goes what it started.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import pickle
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor, as_completed
from importlib import import_module
from multiprocessing import forkserver
from pathlib import Path
from typing import IO, Any, NoReturn

import analysis

# Neither pyplot nor its inline backend, which look for a running IPython when they are imported,
# nor jieba, which takes hold of sys.stderr: a child imports them in milliseconds.
PRELOAD = (
    *("ipykernel.ipkernel", "ipykernel.zmqshell", "IPython.core.completer"),
    *("IPython.core.magics", "pandas", "pyarrow", "networkx"),
    *("matplotlib.figure", "matplotlib.image", "matplotlib.backends.backend_agg"),
    *("matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg", "PIL.Image"),
    *("uharfbuzz", "pypinyin", "analysis.study", "analysis.bundle", "analysis.indicators.trends"),
    *("analysis.bundle.evidence_page", "analysis.figures", f"{__package__}.cells"),
)
Call = tuple[Callable[..., Any], Sequence[Any], Mapping[str, Any]]

_START = (  # where Python finds us, or else first of all where we are
    "import sys; from importlib.util import find_spec; found = find_spec('analysis'); "
    f"found and found.origin == {analysis.__file__!r} or "
    f"sys.path.insert(0, {str(Path(analysis.__file__).parents[1])!r}); "
    f"import {__name__} as it; it.main()"
)
_TRIES = 3  # how many heads may die before the batch gives up
_SERVER = "GONGBAO_SERVER"


class Died(BrokenExecutor):
    """The head ended in the middle of its work; the message is a sentence about it."""


# ---- the batch


def spread(
    calls: Sequence[Call], jobs: int, last: Callable[[Any], bool] | None = None
) -> Generator[tuple[int, Any], None, None]:
    """Call functions in a head, `jobs` at a time: number and result of each as it is done.

    Parameters
    ----------
    calls : functions that can be imported, with values that can be pickled.
    last : says of a result whether no more are to be begun behind it.

    Yields
    ------
    tuple
        The result may be the exception that the function raised. Where heads die, those that
        were not done are begun again, and are `Died` in the end. Closing the iterator (Ctrl-C
        does) ends all that is at work.
    """
    left = dict(enumerate(calls))
    said = ""
    for _ in range(_TRIES):
        numbers = [*left]
        process = _start()
        try:
            with contextlib.suppress(BrokenPipeError):
                pickle.dump(([*left.values()], jobs, last), process.stdin)
                process.stdin.flush()
            with contextlib.suppress(EOFError, pickle.UnpicklingError):
                while found := pickle.load(process.stdout):
                    del left[numbers[found[0]]]
                    yield numbers[found[0]], found[1]
                return
        finally:
            said = _ended(_end(process))
    for number in left:
        yield number, Died(f"the batch's process {said}; the unit was not finished.")


def _start() -> Any:
    """A head: no Ctrl-C of the terminal reaches it, and nothing that it prints reaches that."""
    # -P: a multiprocessing.py in the reader's folder is not what is meant here.
    command = [sys.executable, "-P", "-c", _START]
    own: dict[str, Any]
    own = {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x200}
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    env = {**os.environ}  # that of Python: readline, say, puts more into that of C
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none, env=env, **own)


def _end(process: Any) -> int | None:
    """Close a head's pipe, at which it ends with all below it; its status."""
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
    process.stdout.close()
    status: int | None = process.wait()
    return status


def _ended(status: int | None) -> str:
    status = status or 0
    return f"ended with signal {-status}" if status < 0 else f"ended with status {status}"


# ---- the head


def main() -> None:
    """What the head does: it calls what it is asked to, until that is done or the batch is gone."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1):
        os.dup2(null, number)
    long = len(os.fsencode(tempfile.gettempdir())) > 50  # a socket's path has about 100 bytes
    short = "/tmp" if long and Path("/tmp").is_dir() else None
    tempfile.tempdir = tempfile.mkdtemp(prefix="gb-", dir=short)
    if _homeless():  # IPython and matplotlib keep things there, and end without it
        for name in ("IPYTHONDIR", "MPLCONFIGDIR"):
            os.environ.setdefault(name, tempfile.tempdir)
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    if not _no_fork():
        os.environ[_SERVER] = "starts"
        forkserver.set_forkserver_preload([__name__])
        forkserver.ensure_running()
        del os.environ[_SERVER]
    # To validate addresses jsonschema (for nbformat) builds grammars for seconds; we ask for none.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    try:
        calls, jobs, last = pickle.load(asked)
    except (EOFError, pickle.UnpicklingError):  # the batch was gone before it had asked
        _outlive_nobody(asked, tempfile.tempdir)
    watch = threading.Thread(target=_outlive_nobody, args=(asked, tempfile.tempdir))
    watch.start()
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(fn, *a, **b): number for number, (fn, a, b) in enumerate(calls)}
        for future in as_completed(waiting):
            if not future.cancelled():
                found = future.exception() or future.result()
                answers.write(_pickled((waiting[future], found)))
                answers.flush()
                if last and last(found):
                    for other in waiting:
                        other.cancel()
    pickle.dump(None, answers)
    answers.flush()
    watch.join()


def _homeless() -> bool:
    """Whether nothing can be written in the user's folder: it is full, or there is none."""
    try:
        os.rmdir(tempfile.mkdtemp(dir=Path.home()))  # noqa: PTH106 - a text
    except (OSError, RuntimeError):
        return True
    return False


def _outlive_nobody(asked: IO[bytes], scratch: str) -> NoReturn:
    """Wait until the batch is gone or has no more to ask, then end with all children."""
    asked.read()
    with _LOCK:  # held to the end: no thread starts a child any more, or goes on behind one's end
        for child in _LIVING:
            child.kill()
        shutil.rmtree(scratch, ignore_errors=True)
        os._exit(0)


def _pickled(found: tuple[Any, Any]) -> bytes:
    """A pair with a result or an error, for another process."""
    try:
        return pickle.dumps(found)
    except Exception:
        error = RuntimeError(f"{type(found[1]).__name__}: {found[1]}")
        return pickle.dumps((found[0], error))


# ---- children

_LOCK = threading.RLock()
_LIVING: set[Child] = set()
MISSING: set[str] = set()
"""What of PRELOAD children said that they had to import themselves."""


class Child:
    """A process that runs `target(pipe, *args)`; it ends with us, and what it started with it."""

    def __init__(self, target: Callable[..., None], *args: Any) -> None:
        context: Any = multiprocessing.get_context("spawn" if _no_fork() else "forkserver")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=_begin, args=(target, there, *args))
        with _LOCK:
            try:
                self.process.start()
            except (OSError, EOFError):  # the server is gone, or its socket: another head does it
                os._exit(1)
            _LIVING.add(self)
        there.close()

    def kill(self) -> None:
        """Kill it and what it started; right after its start it has no group of its own yet."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (OSError, AttributeError):
            self.process.kill()

    def end(self, seconds: float = 0) -> int | None:
        """Close its pipe, give it so long to end by itself, and kill it; its exit status."""
        self.pipe.close()
        self.process.join(seconds)
        self.kill()
        self.process.join(5)
        with _LOCK:
            _LIVING.discard(self)
        status: int | None = self.process.exitcode
        return status


def _begin(target: Callable[..., None], pipe: Any, *args: Any) -> None:
    """What a cold start would have made of this process."""
    if os.name == "posix":
        os.setsid()  # a group to be killed; and Linux shares its processors out by session
    threading.Thread(target=_end_with_parent, daemon=True).start()
    multiprocessing.set_start_method(None, force=True)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(None)  # Python's own `random` sees to it itself
    target(pipe, *args)


def _end_with_parent() -> None:
    parent: Any = multiprocessing.parent_process()
    parent.join()
    with contextlib.suppress(AttributeError):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


# ---- what it takes


def why_cold() -> str:
    """Why children start cold here, in a sentence; '' if they are forked with all imported."""
    missing = ", ".join(sorted(MISSING))
    why = _no_fork() or (missing and f"{missing} could not be imported beforehand")
    return why and f"Notebooks start cold: {why}."


def _no_fork() -> str:
    """Why processes are not forked, '' if they are; GONGBAO_KERNELS=cold says so too."""
    if os.environ.get("GONGBAO_KERNELS") == "cold":
        return "GONGBAO_KERNELS says so"
    linux = sys.platform.startswith("linux")
    return "" if linux else "this system's own libraries do not bear being forked"


if os.environ.pop(_SERVER, ""):  # the server does this once, its children inherit it
    for _name in PRELOAD:
        with contextlib.suppress(Exception):  # it fails again where it is needed, and says so
            import_module(_name)
    gc.collect()
    gc.freeze()  # the children's collectors then leave the shared pages alone

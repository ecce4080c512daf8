"""The zygote: a process that has imported everything, starts no thread, and forks kernels.

It is asked through a pipe (fork, signal, poll) and ends, with all its kernels, when the other end
of the pipe closes, however that comes. What a forked kernel must not inherit is put right in
`_become_kernel`: it goes on as an ordinary ipykernel.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import IO, Any

# Neither pyplot nor its inline backend, which look for a running IPython when they are imported,
# nor jieba, which takes hold of sys.stderr: a kernel imports them in milliseconds.
KERNEL_SIDE = (
    *("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "debugpy"),
    *("IPython.core.completer", "IPython.core.magics", "pandas", "pyarrow", "networkx"),
    *("matplotlib.figure", "matplotlib.image", "matplotlib.backends.backend_agg"),
    *("matplotlib.backends.backend_pdf", "matplotlib.backends.backend_svg", "PIL.Image"),
    *("uharfbuzz", "pypinyin", "analysis.study", "analysis.bundle", "analysis.indicators.trends"),
    *("analysis.bundle.evidence_page", "analysis.figures.draw"),
)
_START = (
    "import sys; sys.path[:1] = [] if sys.path[0] == '' else sys.path[:1]; path = sys.path[:]; "
    "sys.path.insert(0, sys.argv[2]); from analysis.batch import kernels; kernels.main(path)"
)


def no_fork() -> str:
    """Why processes are not forked here, '' if they are; GONGBAO_KERNELS=cold says so too."""
    if os.environ.get("GONGBAO_KERNELS") == "cold":
        return "GONGBAO_KERNELS says so"
    if not sys.platform.startswith("linux"):
        return "this system's own libraries do not bear being forked"
    return "" if hasattr(os, "fork") else "this system has no fork"


def start(role: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process that is a zygote or a worker of a pool: `kernels.main`."""
    home = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", _START, role, home, *arguments]
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    own: dict[str, Any]
    own = {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x200}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none, **own)


def import_all(names: tuple[str, ...]) -> None:
    """Import modules, those that can be; figures that a notebook shows go into the notebook."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in names:
        with contextlib.suppress(Exception):  # it will fail again where it is needed, and say so
            import_module(name)


class Zygote:
    """A zygote as the process sees it that asks it for kernels, one question after the other."""

    here: Zygote | None = None

    def __init__(self, asked: IO[bytes], answers: IO[bytes]) -> None:
        self.asked, self.answers, self.lock = asked, answers, threading.Lock()
        self.folder = Path(self.ask(op="hello")["folder"])
        self.count = 0

    def ask(self, **question: Any) -> dict[str, Any]:
        """Send a question, wait for its answer; OSError if the zygote is gone."""
        with self.lock:
            self.asked.write(json.dumps(question).encode() + b"\n")
            self.asked.flush()
            line = self.answers.readline()
        if not line:
            raise BrokenPipeError("the process that forks kernels ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def end(self) -> None:
        """Close the pipe, at which it ends; wait until it has."""
        with contextlib.suppress(OSError):
            self.asked.close()
        with contextlib.suppress(OSError):
            self.answers.read()


def zygote() -> Zygote:
    """This process's zygote: forked in a pool's worker, started when first needed elsewhere.

    One whose folder was taken away, as systems do with old temporary files, gives way to a new one.
    """
    if Zygote.here and not Zygote.here.folder.is_dir():
        stop()
    if Zygote.here is None:
        process = start("zygote")
        assert process.stdin
        assert process.stdout
        Zygote.here = Zygote(process.stdin, process.stdout)
        atexit.register(stop)
        atexit.register(process.wait)
    return Zygote.here


def stop() -> None:
    """End this process's zygote and its kernels, if there are any."""
    if Zygote.here:
        Zygote.here.end()
        Zygote.here = None


def fork_zygote(tasks: IO[bytes], results: IO[bytes], path: list[str]) -> Zygote:
    """Fork the zygote from a process that has no thread yet."""
    import_all(KERNEL_SIDE)
    (ask_in, ask_out), (answer_in, answer_out) = os.pipe(), os.pipe()
    if os.fork() == 0:
        tasks.close()
        os.close(ask_out)
        os.close(answer_in)
        # It holds on to `results`: the batch, which reads it to its end, so waits for the zygote.
        serve(os.fdopen(ask_in, "rb"), os.fdopen(answer_out, "wb"), path, (results.fileno(),))
    os.close(ask_in)
    os.close(answer_out)
    return Zygote(os.fdopen(ask_out, "wb"), os.fdopen(answer_in, "rb"))


def serve(asked: IO[bytes], answers: IO[bytes], path: list[str], held: tuple[int, ...]) -> None:
    """Be a zygote until the other end closes; never returns."""
    status = 1
    living: set[int] = set()
    folder = tempfile.mkdtemp(prefix="gb-", dir=short())
    try:
        import_all(KERNEL_SIDE)
        gc.collect()
        gc.freeze()  # a kernel's collector then leaves the shared pages alone
        for line in asked:
            question = json.loads(line)
            answer: dict[str, Any] = {"folder": folder}
            if question["op"] == "fork":
                if (pid := os.fork()) == 0:
                    living.clear()
                    for number in (asked.fileno(), answers.fileno(), *held):
                        os.close(number)
                    _become_kernel(question, path)
                with contextlib.suppress(OSError):  # the kernel does the same: whoever is first
                    os.setpgid(pid, pid)
                living.add(pid)
                answer = {"pid": pid}
            elif question["op"] == "signal":
                _signal(question["pid"], question["signal"], living)
            if question["op"] in ("signal", "poll"):
                answer = {"status": _reap(question["pid"], living, question["seconds"])}
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()
        status = 0
    finally:
        for pid in [*living]:
            _signal(pid, signal.SIGKILL, living)
            _reap(pid, living, 5)
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(status)


def short() -> str | None:
    """A folder for sockets whose path is short enough for one (about 100 bytes)."""
    return (
        "/tmp" if len(os.fsencode(tempfile.gettempdir())) > 60 and Path("/tmp").is_dir() else None
    )


def _signal(pid: int, number: int, living: set[int]) -> None:
    """Signal a kernel's own process group, or the kernel alone if it has none yet.

    The group is never asked for: right after the fork the answer is that of the batch.
    """
    if pid in living:
        try:
            os.killpg(pid, number)
        except OSError:
            with contextlib.suppress(OSError):
                os.kill(pid, number)


def _reap(pid: int, living: set[int], seconds: float) -> int | None:
    """The exit status of a kernel once it has one, waiting so long; what it started ends too."""
    until = time.monotonic() + seconds
    while pid in living:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            living.discard(pid)
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            return None
        time.sleep(0.002)
    return -signal.SIGKILL


def _become_kernel(question: dict[str, Any], path: list[str]) -> None:
    """What a cold start would have made of this process; never returns."""
    status = 1
    try:
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
        os.environ.clear()
        os.environ.update(question["env"], JPY_PARENT_PID=str(os.getppid()))
        os.chdir(question["cwd"])
        time.tzset()
        sys.path[:] = path
        sys.argv[:] = [import_module("ipykernel_launcher").__file__ or "", *question["argv"]]
        sys.orig_argv[:] = question["command"]
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(None)  # Python's own `random` sees to it itself
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else bool(left.code)
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        os._exit(status)

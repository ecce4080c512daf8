"""Warm kernels: a notebook's kernel is forked from a process that has imported everything.

A cold kernel spends most of its life importing pandas and matplotlib. Here a *zygote* imports them
once, starts no thread, and forks itself for each notebook; the fork goes on as an ordinary
ipykernel. papermill does the rest, with an engine registered as `gongbao`. A pool's worker is a
process of its own that forks its zygote while it is still alone in it. Whoever loses the other
end of a pipe ends: worker, zygote and kernels go with the batch, however it ends. What a forked
kernel must not inherit is put right in `_become_kernel`. Where any of this is not to be had
(`why_cold`), papermill's own engine does the work.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import keyword
import logging
import math
import os
import pickle
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PRINTED_MOST = 1_000_000
"""Characters that one cell may print; the rest is cut off and the notebook ends there."""

_KERNEL_SIDE = (
    *("ipykernel.ipkernel", "ipykernel.kernelapp", "ipykernel.zmqshell", "debugpy"),
    *("IPython.core.completer", "IPython.core.magics", "pandas", "pyarrow", "networkx", "jieba"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_pdf", "matplotlib.backends.backend_agg"),
    *("matplotlib.backends.backend_svg", "PIL.Image", "uharfbuzz", "pypinyin"),
    *("analysis.study", "analysis.bundle", "analysis.trends", "analysis.evidence_page"),
)
_WORKER_SIDE = ("papermill", "nbclient", "nbformat", "analysis.brief", "analysis.render")
_START = (
    "import sys; sys.path[:1] = [] if sys.path[0] == '' else sys.path[:1]; path = sys.path[:]; "
    "sys.path.insert(0, sys.argv[2]); from analysis import kernels; kernels.main(path)"
)
_LOG = logging.getLogger(__name__)


class Died(BrokenExecutor):
    """A worker ended in the middle of a unit; the message is a sentence about it."""


# ---- the pool


@contextlib.contextmanager
def pool(jobs: int, *, warm: bool = True) -> Iterator[ThreadPoolExecutor]:
    """`jobs` worker processes with everything imported, as an executor.

    Leaving the block waits for what was submitted; leaving it by an exception (Ctrl-C) ends every
    worker and kernel at once. A future whose worker died raises `Died`; another worker takes its
    place.

    Parameters
    ----------
    jobs : worker processes.
    warm : whether `execute` forks kernels in these workers.
    """
    executor = _Pool(jobs, warm)
    try:
        yield executor
        executor.shutdown()
    finally:
        executor.end()


class _Pool(ThreadPoolExecutor):
    """A thread waits for each worker: the death of one breaks nothing but its unit."""

    def __init__(self, jobs: int, warm: bool) -> None:
        super().__init__(jobs, thread_name_prefix="worker")
        self.warm, self.ended = warm, False
        self.workers = [_Worker(warm) for _ in range(jobs)]
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
                self.workers.append(worker := _Worker(self.warm))
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

    def __init__(self, warm: bool) -> None:
        # No Ctrl-C of the terminal reaches it, and nothing that it prints reaches the terminal.
        self.process = _start("worker" if warm else "cold-worker")

    def run(self, task: tuple[Any, ...]) -> Any:
        assert self.process.stdin
        assert self.process.stdout
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
        assert self.process.stdin
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        assert self.process.stdout
        with contextlib.suppress(OSError, ValueError), self.process.stdout as rest:
            while os.read(rest.fileno(), 65536):
                pass
        return status


def _start(role: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _START, role, str(Path(__file__).resolve().parents[1])]
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    own: dict[str, Any]
    own = {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x200}
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=none, **own)


def main(path: list[str]) -> None:
    """What a process started here does: serve kernels, or work for a pool.

    `path` is `sys.path` as a cold kernel finds it.
    """
    tasks, results = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.close(null)
    # To validate addresses jsonschema (for nbformat) builds grammars for seconds; we ask for none.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    role = sys.argv[1]
    if role == "zygote":
        _serve(tasks, results, path, ())
    if role == "worker" and not _no_fork():
        _Zygote.here = _fork_zygote(tasks, results, path)
    elif role == "cold-worker":
        _Zygote.wanted = False
    _import(_WORKER_SIDE)
    tempfile.tempdir = scratch = tempfile.mkdtemp(prefix="gb-", dir=_short())
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


def _import(names: tuple[str, ...]) -> None:
    for name in names:
        with contextlib.suppress(Exception):  # it will fail again where it is needed, and say so
            import_module(name)


# ---- the zygote


class _Zygote:
    """A zygote as the process sees it that asks it for kernels, one question after the other."""

    here: _Zygote | None = None
    wanted = True

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


def _zygote() -> _Zygote:
    """This process's zygote: forked in a pool's worker, started when first needed elsewhere."""
    if _Zygote.here is None:
        process = _start("zygote")
        assert process.stdin
        assert process.stdout
        _Zygote.here = _Zygote(process.stdin, process.stdout)
        atexit.register(stop)
        atexit.register(process.wait)
    return _Zygote.here


def stop() -> None:
    """End this process's zygote and its kernels, if there are any."""
    if _Zygote.here:
        _Zygote.here.end()
        _Zygote.here = None


def _fork_zygote(tasks: IO[bytes], results: IO[bytes], path: list[str]) -> _Zygote:
    """Fork the zygote from a process that has no thread yet."""
    _import(_KERNEL_SIDE)
    (ask_in, ask_out), (answer_in, answer_out) = os.pipe(), os.pipe()
    if os.fork() == 0:
        tasks.close()
        os.close(ask_out)
        os.close(answer_in)
        # It holds on to `results`: the batch, which reads it to its end, so waits for the zygote.
        _serve(os.fdopen(ask_in, "rb"), os.fdopen(answer_out, "wb"), path, (results.fileno(),))
    os.close(ask_in)
    os.close(answer_out)
    return _Zygote(os.fdopen(ask_out, "wb"), os.fdopen(answer_in, "rb"))


def _serve(asked: IO[bytes], answers: IO[bytes], path: list[str], held: tuple[int, ...]) -> None:
    """Be a zygote until the other end closes; never returns."""
    status = 1
    living: set[int] = set()
    folder = tempfile.mkdtemp(prefix="gb-", dir=_short())
    try:
        _import(_KERNEL_SIDE)
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


def _short() -> str | None:
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
    timeout : seconds that one cell may take.
    warm : fork the kernel, if that can be done here (`why_cold`).

    Returns
    -------
    str
        "NOTEBOOK, cell N: NAME: VALUE" for the error at which it ended, '' if there was none. A
        cell that hangs, prints without end or exits, and a kernel that dies, are such errors.

    Raises
    ------
    InputError
        a parameter's name is no name, or its value is not plain.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    notebook = nbformat.read(source, as_version=4)
    notebook.cells = _with_parameters(notebook.cells, _cell(parameters))
    nbformat.write(notebook, target)
    warm = warm and _Zygote.wanted and not why_cold()
    options: dict[str, Any] = {"request_save_on_cell_execute": False}
    if warm:
        papermill.engines.papermill_engines.register("gongbao", _engine())
        options["engine_name"] = "gongbao"
    logger = logging.getLogger("papermill")
    silent, logger.disabled = logger.disabled, True
    try:
        with tempfile.TemporaryDirectory(prefix="gb-", dir=_short()) as folder:
            ran = papermill.execute_notebook(
                notebook,
                str(target).replace("{", "{{").replace("}", "}}"),
                kernel_name="python3",
                progress_bar=False,
                execution_timeout=math.ceil(timeout) if timeout else None,
                **(options if warm else {"config": _cold(Path(folder))}),
            )
    except PapermillExecutionError as error:
        return f"{source.stem}, cell {error.cell_index}: {error.ename}: {error.evalue}"
    except Exception as error:  # of papermill's own engine, which contains no dead kernel
        return f"{source.stem}, {_reached(target)}: {type(error).__name__}: {error}"
    finally:
        logger.disabled = silent
    for index, cell in enumerate(ran.cells):  # papermill lets `sys.exit()` pass as done
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return f"{source.stem}, cell {index}: {output.ename}: {output.evalue}"
    return ""


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


# ---- the engine


def _no_fork() -> str:
    if os.environ.get("GONGBAO_KERNELS") == "cold":
        return "GONGBAO_KERNELS says so"
    if not sys.platform.startswith("linux"):
        return "this system's own libraries do not bear being forked"
    return "" if hasattr(os, "fork") else "this system has no fork"


@cache
def why_cold() -> str:
    """Why kernels start cold here, in a sentence; '' if they are forked."""
    if reason := _no_fork():
        return f"Kernels start cold: {reason}."
    try:
        from jupyter_client.kernelspec import KernelSpecManager

        _engine()
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


class _Forked:
    """A kernel's process with the part of Popen's interface that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, zygote: _Zygote, command: list[str], env: Mapping[str, str]) -> None:
        argv = command[command.index("ipykernel_launcher") + 1 :]
        self.zygote = zygote
        self.status: int | None = None
        self.pid = zygote.ask(
            op="fork", argv=argv, command=command, env=dict(env), cwd=str(Path.cwd())
        )["pid"]

    def poll(self, seconds: float = 0) -> int | None:
        return self._ask(op="poll", seconds=seconds)

    def wait(self) -> int | None:
        return self.poll(5)

    def send_signal(self, number: int, seconds: float = 0) -> None:
        self._ask(op="signal", signal=int(number), seconds=seconds)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL, 5)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def _ask(self, **question: Any) -> int | None:
        if self.status is None:
            try:
                self.status = self.zygote.ask(pid=self.pid, **question)["status"]
            except (OSError, ValueError):  # the zygote is gone, and its kernels with it
                self.status = -signal.SIGKILL
                if _Zygote.here is self.zygote:
                    stop()
        return self.status


@cache
def _engine() -> Any:
    """Papermill's engine with forked kernels and bounded output.

    Raises
    ------
    AttributeError, ImportError
        papermill, nbclient or jupyter_client lack what this builds on.
    """
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_output
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine

    for owner, name in (
        (AsyncKernelManager, "_async_pre_start_kernel"),
        (LocalProvisioner, "shutdown_requested"),
        (PapermillNotebookClient, "process_message"),
        (PapermillNotebookClient, "async_start_new_kernel_client"),
        (PapermillNotebookClient, "papermill_execute_cells"),
        (NBClientEngine, "execute_managed_notebook"),
    ):
        getattr(owner, name)

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
            self.process: Any = _Forked(_zygote(), cmd, kwargs["env"])
            self.pid = self.process.pid  # and no pgid: the zygote knows the group
            return self.connection_info

        async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: ARG002
            if self.process:
                self.process.poll(2)

        async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
            if self.process:
                self.process.kill()

    class Manager(AsyncKernelManager):
        async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
            zygote = _zygote()
            zygote.count += 1
            self.transport = "ipc"
            self.connection_file = str(zygote.folder / f"{os.getpid():x}-{zygote.count:x}.json")
            self.ip = self.connection_file.removesuffix(".json")
            self.provisioner = Provisioner(
                kernel_id=str(zygote.count), kernel_spec=self.kernel_spec, parent=self
            )
            return await super()._async_pre_start_kernel(**kwargs)

    class Client(PapermillNotebookClient):
        printed = 0
        ended = ""

        def execute(self, **kwargs: Any) -> Any:
            self.reset_execution_trackers()
            with self.setup_kernel(**kwargs):
                reply = self.wait_for_reply(self.kc.kernel_info())
                self.nb.metadata["language_info"] = reply["content"]["language_info"]
                self.papermill_execute_cells()
                self.set_widgets_metadata()
            return self.nb

        def papermill_execute_cells(self) -> None:
            for index, cell in enumerate(self.nb.cells):
                self.printed = 0
                try:
                    self.nb_man.cell_start(cell, index)
                    self.execute_cell(cell, index)
                except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                    if not isinstance(error, CellExecutionError):
                        self._note(cell, error)
                    self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                    break
                finally:
                    self.nb_man.cell_complete(cell, cell_index=index)

        def _note(self, cell: Any, error: Exception) -> None:
            """Say in the cell why it has no end."""
            name = type(error).__name__
            if self.ended:
                name, value = "OutputError", self.ended
            elif isinstance(error, CellTimeoutError):
                value = f"it took longer than {self.timeout} s"
            else:
                value = "the kernel died"
            trace = [f"{name}: {value}"]
            cell.outputs.append(new_output("error", ename=name, evalue=value, traceback=trace))

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            content = msg["content"]
            where = content if msg["msg_type"] == "stream" else content.get("data")
            key = "text" if where is content else "text/plain"
            if isinstance(where, dict) and key in where:
                room = max(0, PRINTED_MOST - self.printed)
                self.printed += len(where[key])
                if self.printed > PRINTED_MOST:
                    where[key] = where[key][:room]
                    self.ended = (
                        f"it printed more than {PRINTED_MOST:,} characters; the rest is cut off"
                    )
                    self.task_poll_for_reply.cancel()
            return super().process_message(msg, cell, cell_index)

    class Engine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            Client(
                nb_man,
                kernel_name=kernel_name,
                kernel_manager_class=Manager,
                timeout=options["execution_timeout"],
                startup_timeout=options["start_timeout"],
                extra_arguments=["--log-level=CRITICAL"],
                log=_LOG,
            ).execute()

    return Engine

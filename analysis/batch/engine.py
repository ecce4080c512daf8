"""papermill's engine with forked kernels: nothing printed without end, no kernel lost unseen.

It builds on papermill, nbclient and jupyter_client where they have no public way in; if one of
them lacks what is named here, importing this fails and kernels start cold (`kernels.why_cold`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine

from . import zygote

if TYPE_CHECKING:
    from .zygote import Zygote

PRINTED_MOST = 1_000_000
"""Characters that one cell may print; the rest is cut off and the notebook ends there."""

_CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
_LOG = logging.getLogger(__name__)
_NEEDED = (
    (AsyncKernelManager, "_async_pre_start_kernel"),
    (LocalProvisioner, "shutdown_requested"),
    (PapermillNotebookClient, "process_message"),
    (PapermillNotebookClient, "async_start_new_kernel_client"),
    (PapermillNotebookClient, "papermill_execute_cells"),
    (NBClientEngine, "execute_managed_notebook"),
)
for _owner, _name in _NEEDED:
    getattr(_owner, _name)


class _Forked:
    """A kernel's process with the part of Popen's interface that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, own: Zygote, command: list[str], env: Mapping[str, str]) -> None:
        argv = command[command.index("ipykernel_launcher") + 1 :]
        self.zygote = own
        self.status: int | None = None
        self.pid = own.ask(
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
                if zygote.Zygote.here is self.zygote:
                    zygote.stop()
        return self.status


class Provisioner(LocalProvisioner):
    """Takes a kernel's process from the zygote."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel."""
        self.process: Any = _Forked(zygote.zygote(), cmd, kwargs["env"])
        self.pid = self.process.pid  # and no pgid: the zygote knows the group
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:  # noqa: ARG002
        """Give it two seconds to end by itself."""
        if self.process:
            self.process.poll(2)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        """End it at once."""
        if self.process:
            self.process.kill()


class Manager(AsyncKernelManager):
    """Gives each kernel sockets in the zygote's folder: no port is opened."""

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        own = zygote.zygote()
        own.count += 1
        self.transport = "ipc"
        self.connection_file = str(own.folder / f"{os.getpid():x}-{own.count:x}.json")
        self.ip = self.connection_file.removesuffix(".json")
        self.provisioner = Provisioner(
            kernel_id=str(own.count), kernel_spec=self.kernel_spec, parent=self
        )
        return await super()._async_pre_start_kernel(**kwargs)


class Client(PapermillNotebookClient):
    """Runs the cells; one that hangs, prints without end or loses its kernel ends the notebook."""

    printed = 0
    ended = ""

    def execute(self, **kwargs: Any) -> Any:
        """Run the notebook."""
        self.reset_execution_trackers()
        with self.setup_kernel(**kwargs):
            self.papermill_execute_cells()
            self.set_widgets_metadata()
        return self.nb

    async def async_start_new_kernel_client(self) -> Any:
        """Connect as soon as the kernel listens; wait until it answers on both channels.

        jupyter_client's own way tries again every tenth of a second and then waits two for silence.
        """
        self.kc: Any = self.km.client()
        try:
            await asyncio.wait_for(self._ready(), self.startup_timeout)
        except Exception as error:
            await self._async_cleanup_kernel()
            raise RuntimeError(f"the kernel did not start ({error or 'too slow'})") from error
        self.kc.allow_stdin = False
        return self.kc

    start_new_kernel_client = run_sync(async_start_new_kernel_client)

    async def _ready(self) -> None:
        ports = [self.km.get_connection_info()[f"{name}_port"] for name in _CHANNELS]
        while not all(Path(f"{self.km.ip}-{port}").exists() for port in ports):
            await self._alive()
        self.kc.start_channels()
        while True:
            asked = self.kc.kernel_info()
            reply = await self.kc._async_recv_reply(asked)
            self.nb.metadata["language_info"] = reply["content"]["language_info"]
            with contextlib.suppress(Empty):
                while True:
                    said = await self.kc.get_iopub_msg(timeout=0.05)
                    if said["parent_header"].get("msg_id") == asked and "idle" in str(
                        said["content"]
                    ):
                        return
            await self._alive()

    async def _alive(self) -> None:
        if not await self.km.is_alive():
            raise RuntimeError("it ended at once")
        await asyncio.sleep(0.005)

    def papermill_execute_cells(self) -> None:
        """Run the cells up to one that fails, which says why."""
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
        """Take in what a cell puts out, up to a limit."""
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
    """What papermill calls."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
        """Run a notebook in a forked kernel."""
        Client(
            nb_man,
            kernel_name=kernel_name,
            kernel_manager_class=Manager,
            timeout=options["execution_timeout"],
            startup_timeout=options["start_timeout"],
            extra_arguments=["--log-level=CRITICAL"],
            coalesce_streams=True,
            log=_LOG,
        ).execute()

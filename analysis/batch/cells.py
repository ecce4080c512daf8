"""The cells of a notebook, run in this process: a Jupyter kernel without sockets.

It is asked through a pipe for one cell after the other, and tells through another what a cell
shows, in a kernel's messages; what is printed has a pipe for each stream, whoever prints it.
"""

from __future__ import annotations

import asyncio
import atexit
import io
import json
import logging
import os
import sys
import threading
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from jupyter_client.session import Session

from .processes import PRELOAD

STREAMS = ("stdout", "stderr")


class _Said(Session):
    """What a shell shows goes to the one who asked, and waits until it is taken in."""

    def attach(self, pipe: Any) -> None:
        """Send through a pipe from now on."""
        self.out, self.owner, self.turn = pipe, os.getpid(), threading.Lock()

    def send(self, *message: Any, buffers: Any = None, **_: Any) -> None:
        """Pass a message on; those of a process that a cell forked are nobody's."""
        what: Any = message[1]
        content: Any = message[2] if len(message) > 2 else None
        if isinstance(what, dict):
            what, content = what["header"]["msg_type"], what["content"]
        if what == "error" and (content["ename"], content["evalue"]) == ("SystemExit", "None"):
            content = {**content, "evalue": ""}  # so papermill knows that all is well
        if os.getpid() == self.owner:
            with self.turn:
                packed = json.loads(self.pack(content))  # pictures become text
                self.out.send((what, packed, [bytes(one) for one in buffers or ()]))
                self.out.recv()


def serve(asked: Any, said: Any, out: Any, err: Any, folder: str) -> None:
    """Run the cells that come through a pipe, until it is closed."""
    from ipykernel.ipkernel import IPythonKernel

    null = os.open(os.devnull, os.O_RDONLY)
    for number, end in enumerate((null, out.fileno(), err.fileno())):
        os.dup2(end, number)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), "utf-8")
    for number, name in enumerate(STREAMS, 1):
        raw: Any = io.FileIO(number, "w", closefd=False)  # nothing waits in a buffer
        stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)
        setattr(sys, name, stream)
    session = _Said(key=b"")
    session.attach(said)
    missing = [name for name in PRELOAD if name not in sys.modules]
    kernel = _kernel(session, folder)
    said.send((IPythonKernel.language_info, missing))
    asyncio.run(_cells(kernel, asked, said))
    atexit._run_exitfuncs()


def _kernel(session: Session, folder: str) -> Any:
    """A Jupyter kernel that is asked by calls; what it writes down goes into a folder."""
    from ipykernel.compiler import CachingCompiler  # type: ignore[attr-defined]
    from ipykernel.ipkernel import IPythonKernel
    from traitlets.config import Config

    launcher = find_spec("ipykernel_launcher")
    sys.argv[:] = [launcher.origin or ""] if launcher else [""]
    if not os.environ.get("PYTHONSAFEPATH"):  # files beside us can be imported, and come last
        sites = [i for i, path in enumerate(sys.path) if path.endswith("-packages")]
        sys.path.insert(min(sites, default=len(sys.path)), "")
    own = {"HistoryManager": {"enabled": False}}
    os.environ["IPYTHONDIR"], theirs = folder, os.environ.get("IPYTHONDIR")
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # it takes half a second
    kernel: Any = IPythonKernel.instance(session=session, config=Config(own))
    del sys.modules["debugpy"], os.environ["IPYTHONDIR"]
    if theirs:
        os.environ["IPYTHONDIR"] = theirs
    kernel.shell.compile = CachingCompiler()  # whose names for cells hold no number of a process
    kernel.log = logging.getLogger(__name__)
    kernel.shell_channel_thread = SimpleNamespace(parent_thread=None)  # there is but one thread
    kernel.shell.enable_gui = lambda *_: None
    kernel.shell.ask_exit = sys.exit
    kernel.shell.extension_manager.load_extension("storemagic")
    return kernel


async def _cells(kernel: Any, pipe: Any, said: Any) -> None:
    while True:
        try:
            source = pipe.recv()
        except EOFError:
            return
        try:
            reply = await kernel.do_execute(source, silent=False)
        except BaseException as error:
            reply = {"status": "error", "ename": type(error).__name__, "evalue": repr(error)}
        well = reply["status"] == "ok"
        said.send(("done", None if well else (reply["ename"], reply["evalue"]), None))

"""The command `gongbao`: words in, calls to the package, sentences and exit statuses out.

Exit status: 0 done; 1 done, but something failed, differs or stayed unresolved under --strict;
2 input or usage refused; 130 interrupted, 143 ended by SIGTERM, 129 by SIGHUP.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from analysis import __version__
from analysis.kit import GongbaoError, fault, safe

from . import batch, coding, corpus, judging, machine, panel, reuse, studies, words
from .common import DONE, FAILED, INTERRUPTED, REFUSED, Stopped
from .tasks import EXAMPLES, TASKS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: SIM115, PTH123 - it was closed
        setattr(sys, name, stream)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    if sys.stdout.isatty():
        sys.stdout = _Shown(sys.stdout)
    whole = parser()
    options = whole.parse_args(arguments, argparse.Namespace(parser=whole))
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except GongbaoError as error:
        print(safe(str(error), "\n"), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt as stop:
        done = f": {stop}" if stop.args else ""
        with contextlib.suppress(OSError):
            print(f"interrupted{done}; run the same command again to go on.", file=sys.stderr)
        return stop.status if isinstance(stop, Stopped) else INTERRUPTED
    except BrokenPipeError:
        _silence()
        return DONE
    except MemoryError:
        said = "there is not enough memory for this; name fewer reports, or fewer --jobs, or make"
        print(f"{said} room (ulimit -v), and run the same command again.", file=sys.stderr)
        return FAILED
    except OSError as error:
        print(safe(fault(error)), file=sys.stderr)
        _silence()
        return FAILED


def _silence() -> None:
    """Nothing more goes to standard output: who read it is gone, or there is no room for it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Shown:
    """Standard output that is a terminal: what would steer it is shown as an escape.

    Into a file or a pipe everything goes as it is.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(safe(text, "\n\t"))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Help(argparse.RawDescriptionHelpFormatter):
    """What a person wrote stays as it is; the list of commands is by task, and not argparse's."""

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction) and action.dest == "command":
            return ""
        return super()._format_action(action)


def parser() -> argparse.ArgumentParser:
    """All commands and their flags."""
    whole = argparse.ArgumentParser(
        prog="gongbao",
        description="Government reports as data: restore, count, code, draw.",
        formatter_class=_Help,
    )
    whole.add_argument("--version", action="version", version=f"gongbao {__version__}")
    whole.add_argument("--data", default="data", metavar="DIR", help="the study (default: data)")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the study")
    commands = whole.add_subparsers(metavar="COMMAND", required=True, dest="command")
    said: dict[str, str] = {}

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        said[name] = text
        sub = commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[shared],
            epilog=f"example:\n  {EXAMPLES[name]}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(run=run)
        return sub

    for group in (batch, studies, judging, coding, panel, words, reuse, corpus, machine):
        group.commands(command)
    whole.epilog = "\n\n".join(_task(task, examples, said) for task, examples in TASKS.items())
    return whole


def _task(task: str, examples: Mapping[str, str], said: Mapping[str, str]) -> str:
    """A task's commands, each with what it does and an example."""
    lines = [f"  {name:12} {said[name]}\n  {'':12} {line}" for name, line in examples.items()]
    return "\n".join([f"{task}:", *lines])

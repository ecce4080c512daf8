"""The command `gongbao`: words in, calls to the package, sentences and exit statuses out.

Exit status: 0 done; 1 done, but something failed, differs or stayed unresolved under --strict;
2 input or usage refused; 130 interrupted, 143 ended by SIGTERM, 129 by SIGHUP.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

from analysis import __version__
from analysis.kit import GongbaoError, fault, safe

from . import batch, coding, corpus, judging, panel, reuse, studies, words
from .common import DONE, FAILED, INTERRUPTED, REFUSED, Stopped


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", newline="\n")
    if sys.stdout.isatty():
        sys.stdout = _Shown(sys.stdout)
    options = _parser().parse_args(arguments)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gongbao", description="Government annual reports as data: restore, count, code, draw."
    )
    parser.add_argument("--version", action="version", version=f"gongbao {__version__}")
    parser.add_argument("--data", default="data", metavar="DIR", help="the study (default: data)")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the study")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    for group in (batch, studies, judging, coding, panel, words, reuse, corpus):
        group.commands(command)
    return parser

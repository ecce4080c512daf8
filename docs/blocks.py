"""The code of a page: what stands in fences, in order, with what the page says it prints.

    python blocks.py PAGE.md        # runs bash and python of a page in this folder, and compares

A fence of `text` right below a block is what the block prints; … in it stands for whatever comes
there. Stata and R are shown and not run. Tests call this, and the gallery draws by its own page.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n?!\[.*?\]\((.*?)\))?", re.MULTILINE | re.DOTALL)
PROGRESS = re.compile(r"^[\w: ]+ \d+ of \d+ \w+, \d+ s\n", re.MULTILINE)
RUN = ("bash", "python")


class Block(NamedTuple):
    """A block: its language, its code, its line in the page, what is printed, its picture."""

    lang: str
    code: str
    line: int
    printed: str = ""
    picture: str = ""


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, each with what is printed below it."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    end = -1
    for fence in FENCE.finditer(text):
        lang, code, picture = fence.groups(default="")
        if lang == "text" and found and not text[end : fence.start()].strip():
            found[-1] = found[-1]._replace(printed=code)
        else:
            line = text.count("\n", 0, fence.start()) + 2
            found.append(Block(lang, code, line, picture=picture))
        end = fence.end()
    return found


def command(code: str) -> str:
    """Run lines of a shell, which ends at the first that fails; what they print."""
    shell = ["bash", "-e", "-o", "pipefail", "-c", code]
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(shell, text=True, encoding="utf-8", check=False, **both)
    if done.returncode:
        raise SystemExit(f"status {done.returncode}\n{done.stdout}")
    return PROGRESS.sub("", done.stdout)


def python(code: str, names: dict[str, Any], name: str) -> str:
    """Run Python in the names of the blocks before; what it prints."""
    with redirect_stdout(StringIO()) as said:
        exec(compile(code, name, "exec"), names)
    return said.getvalue()


def run(page: Path) -> list[str]:
    """Run the blocks of a page in the folder one is in; what is not as the page says."""
    checker, names, wrong = doctest.OutputChecker(), {"__name__": "__main__"}, []
    how = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    for block in blocks(page):
        if block.lang not in RUN:
            continue
        at = f"{page.name}:{block.line}"
        try:
            said = command(block.code) if block.lang == "bash" else python(block.code, names, at)
        except (Exception, SystemExit):
            return [*wrong, f"{at}: {traceback.format_exc(limit=-1)}"]
        if block.printed and not checker.check_output(block.printed.replace("…", "..."), said, how):
            wrong.append(f"{at}: prints\n{said}")
    return wrong


if __name__ == "__main__":
    os.environ.setdefault("MPLBACKEND", "agg")
    sys.exit("\n".join(run(Path(sys.argv[1]).resolve())) or None)

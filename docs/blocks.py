"""The code of a page: what stands in fences, in order, with what the page says it prints.

A fence of `text` right below a block is what the block prints; a line … in it stands for whatever
lines come there. Tests run these blocks, and the gallery draws what stands below its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

FENCE = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n?!\[.*?\]\((.*?)\))?", re.MULTILINE | re.DOTALL)


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
        if lang == "text" and not text[end : fence.start()].strip():
            found[-1] = found[-1]._replace(printed=code)
        else:
            line = text.count("\n", 0, fence.start()) + 2
            found.append(Block(lang, code, line, picture=picture))
        end = fence.end()
    return found

"""A text that was decoded with the wrong table from its first byte to its last.

Nothing in it says so by itself, but encoded again and read with the right table it is Chinese
prose. Only what can be encoded again without a loss is read; `mojibake` reads passages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

from analysis.kit import encodings

from .draft import Draft
from .model import Model
from .mojibake import prose
from .utf8 import HAN

NO_ASCII = re.compile(r"[^\x00-\x7f]")
PROSE = 4.3  # nats a character: reports cost 2.3 to 4.0, with characters lost 5.0
LEAST = 8  # letters that are not ASCII, below which a text without Chinese is not looked at
ENOUGH = 20  # Chinese characters that the reading must have

TABLES = (
    ("gb18030", "big5"),
    ("big5", "gb18030"),
    ("big5hkscs", "gb18030"),
    ("shift_jis", "gb18030"),
    ("euc_kr", "gb18030"),
)
LETTERS = ("cp437", "mac_roman", "cp850", "cp1251", "koi8_r")
"""Tables of one byte a letter; Western ones of the usual kind are `mojibake`'s."""


def letters(draft: Draft, model: Callable[[], Model]) -> bool:
    """Read a text that shows as letters, none of them Chinese; say whether it was.

    >>> from analysis.restore.model import load
    >>> letters(Draft("推进依法行政，提升服务品质。".encode().decode("cp437") * 2), load)
    True
    """
    text = draft.raw
    if HAN.search(text) or len(NO_ASCII.findall(text)) < LEAST:
        return False
    pairs = ((wrong, right) for right in ("utf-8", "gb18030", "big5") for wrong in LETTERS)
    return any(_read(draft, wrong, right, model) for wrong, right in pairs)


def other_table(draft: Draft, model: Callable[[], Model]) -> bool:
    """Read a text that was decoded with the wrong one of two tables; say whether it was."""
    return any(_read(draft, wrong, right, model) for wrong, right in TABLES)


def _read(draft: Draft, wrong: str, right: str, model: Callable[[], Model]) -> bool:
    text = draft.raw
    with suppress(UnicodeError):
        again = text.encode(wrong).decode(right)
        if len(HAN.findall(again)) <= ENOUGH:
            return False
        # UTF-8 proves itself
        proved = right == "utf-8" and encodings.quality(again).common > encodings.SURE
        if proved or prose(again[:2000], model) <= PROSE:
            at = 0
            for line in text.splitlines(keepends=True):
                read = line.encode(wrong).decode(right)
                if read != line:
                    draft.claim((at, at + len(line)), "mojibake", read)
                at += len(line)
            return True
    return False

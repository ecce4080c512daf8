"""A document without what stands between its characters: glosses and indents.

Whatever reads the text needs neighbours to be neighbours, and needs to know where each stood.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .convert import usual
from .verdict import GLOSS

# one full-width space alone at a line's start may be “ or — behind a stray byte: it is not left out
LEFT_OUT = re.compile(r"(?m)^(?!\u3000[^\s])[ \t\u3000\ufeff]+|" + GLOSS.pattern)


@dataclass(frozen=True)
class Plain:
    """A document without its glosses: `shown` as it stands, `read` simplified, `at` raw offsets.

    `glosses` maps an index to the reading that stood before the character there, `removed` to the
    raw place of that gloss.
    """

    shown: str
    read: str
    at: list[int]
    glosses: dict[int, str]
    removed: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def same(cls, text: str) -> Plain:
        """Return a document in which nothing is left out."""
        return cls(text, text.translate(usual()), list(range(len(text) + 1)), {})

    def end(self, index: int) -> int:
        """Return the raw offset behind the last character before `index`."""
        return self.at[index - 1] + 1


def plain(text: str) -> Plain:
    """Return `text` without glosses (a Latin syllable in ASCII parentheses) and indents."""
    pieces: list[str] = []
    at: list[int] = []
    glosses: dict[int, str] = {}
    removed: dict[int, tuple[int, int]] = {}
    begin = 0
    for match in LEFT_OUT.finditer(text):
        start = match.start()
        reading = match[1]
        if reading and start and text[start - 1] in " \t\u3000":
            continue
        pieces.append(text[begin:start])
        at.extend(range(begin, start))
        if reading:
            glosses[len(at)] = reading
            removed[len(at)] = match.span()
        begin = match.end()
    pieces.append(text[begin:])
    at.extend(range(begin, len(text) + 1))
    shown = "".join(pieces)
    return Plain(shown, shown.translate(usual()), at, glosses, removed)

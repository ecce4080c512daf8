r"""Rich text (.rtf) → lines: a paragraph or a table's row each, as Word shows the final text.

Read by ourselves: the known libraries drop text boxes, keep deleted text, and lose Chinese
characters of which the second byte stands there as a letter. A byte's encoding is its font's
(`\fcharset134`), else the document's (`\ansicpg936`); behind `\uN` the replacement for old
programs is passed over. Headers, comments, pictures and hidden text are out; the paragraphs of a
text box stand behind the one that it hangs on, notes behind the text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field, replace

from .lines import table

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n\0]+"
    rb"|([^\\{}\r\n\0]+)|\\"
)
_CHARSETS = {128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950"}
_SAID = {
    **{"tab": "\t", "line": "\n", "lbr": "\n", "emdash": "—", "endash": "–", "bullet": "•"},
    **{"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"},
    **{"emspace": "\u2003", "enspace": "\u2002", "qmspace": "\u2005"},
    **{"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}"},
}
_ASIDE = {
    *("fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr"),
    *("headerf", "footer", "footerl", "footerr", "footerf", "shprslt", "nonesttables", "private"),
    *("ftnsep", "ftnsepc", "aftnsep", "aftnsepc", "xe", "tc", "tcn", "atnid", "atnauthor"),
    *("annotation", "nonshppict", "objdata", "revtbl", "listtable", "filetbl", "template"),
}
_BOXES = ("shptxt", "dptxbxtext")
_DEEPEST = 8  # tables within tables

_SHOWN, _OPTIONAL, _OUT = range(3)


@dataclass
class _State:
    """What holds to the end of a group."""

    skip: int = _SHOWN
    kind: str = ""  # of the group: fonttbl, a box, a note, the number of a list's item
    replaced: int = 1  # characters behind \uN
    font: int = -1
    unseen: frozenset[str] = frozenset()  # why text is not shown: v, deleted


@dataclass
class _Flow:
    """Text as it comes in: of the document, of a box or of a note."""

    pieces: list[str] = field(default_factory=list)  # of the paragraph that is open
    behind: list[str] = field(default_factory=list)  # lines of boxes that come behind it
    level: int = 0  # tables that it stands in
    lines: list[list[str]] = field(default_factory=lambda: [[] for _ in range(_DEEPEST + 1)])
    cells: list[list[list[str]]] = field(default_factory=lambda: [[] for _ in range(_DEEPEST + 1)])

    def paragraph(self) -> None:
        # a character beyond U+FFFF comes as two
        text = "".join(self.pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        self.lines[self.level] += [*(text.splitlines() or [""]), *self.behind]
        self.pieces, self.behind = [], []

    def cell(self, level: int) -> None:
        self.level = level
        self.paragraph()
        self.cells[level].append(self.lines[level])
        self.lines[level] = []

    def row(self, level: int) -> None:
        self.lines[level - 1] += table([self.cells[level]])
        self.cells[level] = []

    def close(self) -> list[str]:
        """All its lines, also of rows that do not end."""
        if self.pieces or self.behind:
            self.paragraph()
        for level in range(_DEEPEST, 0, -1):
            self.cells[level] += [self.lines[level]] if self.lines[level] else []
            self.row(level)
        return self.lines[0]


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.state, self.groups = _State(), [_State()]
        self.flow = _Flow()
        self.flows: list[_Flow] = []
        self.notes: list[str] = []
        self.fonts: dict[int, int] = {}
        self.font = self.defined = -1
        self.codec = ""
        self.raw = bytearray()
        self.passed = 0

    def read(self) -> list[str]:
        at = 0
        while match := _TOKEN.match(self.data, at):
            at = match.end()
            word, number, code, mark, brace, text = match.groups()
            if not (word or brace or mark or text or code):  # a line end of the file, no text
                continue
            if text or code:
                self.put(text or bytes([int(code, 16)]))
                continue
            self.flush()
            if word:
                value = None if number is None else int(number)
                if word == b"bin":
                    at += max(value or 0, 0)
                self.word(word.decode(), value)
            elif brace == b"{":
                self.groups.append(replace(self.state, kind=""))
                self.state = self.groups[-1]
                self.passed = 0
            elif brace:
                self.close()
            elif mark == b"*":
                self.state.skip = max(self.state.skip, _OPTIONAL)
            elif mark in (b"\n", b"\r"):
                self.word("par", None)
            elif mark:
                self.say(_SAID.get(mark.decode("latin-1"), ""))
        self.flush()
        while self.flows:
            self.end_flow("box")
        return self.flow.close() + self.notes

    def put(self, text: bytes) -> None:
        passed = min(self.passed, len(text))
        self.passed -= passed
        if self.state.skip == _SHOWN and not self.state.unseen:
            self.raw += text[passed:]

    def flush(self) -> None:
        if self.raw:
            self.flow.pieces.append(self.decoded(bytes(self.raw)))
            self.raw.clear()

    def decoded(self, data: bytes) -> str:
        """Bytes in the encoding of their font, of the document, or what a Chinese Windows takes."""
        codec = _CHARSETS.get(self.fonts.get(self.state.font, 0), self.codec)
        if codec:
            return data.decode(codec, "replace")
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")

    def say(self, text: str) -> None:
        if self.passed:
            self.passed -= 1
        elif self.state.skip == _SHOWN and not self.state.unseen:
            self.flow.pieces.append(text)

    def word(self, word: str, value: int | None) -> None:
        state = self.state
        if word == "u" and value is not None:
            self.passed = 0
            self.say(chr(value % 0x10000))
            self.passed = state.replaced
        elif word in _SAID:
            self.say(_SAID[word])
        elif word == "uc":
            state.replaced = max(value or 0, 0)
        elif word == "f":
            state.font = self.defined = value or 0
        elif word == "fcharset" and any(group.kind == "fonttbl" for group in self.groups[-4:]):
            self.fonts[self.defined] = value or 0
        elif word == "deff":
            self.font = state.font = value or 0
        elif word == "ansicpg":
            self.codec = _known(value)
        elif word in ("v", "deleted"):
            off = value == 0
            state.unseen = state.unseen - {word} if off else state.unseen | {word}
        elif word == "plain":
            state.unseen, state.font = frozenset(), self.font
        elif word in _ASIDE:
            state.kind, state.skip = word, _OUT
        elif word in _BOXES and state.skip < _OUT:
            self.begin_flow("box")
        elif word == "footnote" and state.skip == _SHOWN:
            self.begin_flow("note")
        elif word in ("listtext", "pntext"):
            state.kind = "number"
        else:
            self.layout(word, value)

    def layout(self, word: str, value: int | None) -> None:
        """What ends a paragraph, a cell or a row."""
        flow, shown = self.flow, self.state.skip == _SHOWN
        if word == "nestrow" and self.state.skip < _OUT:  # stands in an optional group
            flow.row(max(flow.level, 2))
        elif not shown:
            return
        elif word in ("par", "sect") and not self.state.unseen:
            flow.paragraph()
        elif word == "pard":
            flow.level = 0
        elif word == "intbl":
            flow.level = max(flow.level, 1)
        elif word == "itap":
            flow.level = min(max(value or 0, 0), _DEEPEST)
        elif word == "cell":
            flow.cell(1)
        elif word == "nestcell":
            flow.cell(max(flow.level, 2))
        elif word == "row":
            flow.row(1)
            flow.level = 0

    def begin_flow(self, kind: str) -> None:
        self.state.kind, self.state.skip = kind, _SHOWN
        self.flows.append(self.flow)
        self.flow = _Flow()

    def end_flow(self, kind: str) -> None:
        lines, self.flow = self.flow.close(), self.flows.pop()
        if kind == "note":
            self.notes += lines
        elif "".join(self.flow.pieces).strip():
            self.flow.behind += lines
        else:
            self.flow.lines[self.flow.level] += lines

    def close(self) -> None:
        if len(self.groups) < 2:
            return
        ended = self.groups.pop()
        self.state, self.passed = self.groups[-1], 0
        if ended.kind in ("box", "note") and self.flows:
            self.end_flow(ended.kind)
        elif ended.kind == "number" and self.flow.pieces:
            self.flow.pieces[-1] = self.flow.pieces[-1].rstrip("\t")


def _known(page: int | None) -> str:
    """A code page's codec; '' where Python has none."""
    if page == 936:
        return "gb18030"
    try:
        return codecs.lookup("utf-8" if page == 65001 else f"cp{page}").name
    except LookupError:
        return ""


def rtf(data: bytes) -> str:
    """The text of a document in rich text format."""
    return "\n".join(_Reader(data).read()) + "\n"

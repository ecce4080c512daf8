"""A Word document (.docx) → lines: a paragraph or a table's row each, as Word shows the final text.

Insertions are in and deletions out, so are moves; content controls, smart tags, links and fields
are the text in them. The paragraphs of a text box stand behind the paragraph that it hangs on, or
before it where that one's text begins behind the box; of a drawing that is there twice, for new
and old versions of Word, one is taken. Footnotes stand behind the text. Headers, comments, hidden
text, the table of contents that Word made and numbers that it sets before a heading are not there.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from analysis.kit import why

from .lines import table

UNPACKED = 200 * 2**20
"""Bytes that a document may unpack to: its text is a few hundred kilobytes, its pictures are packed
already; what unpacks to more was made to."""

_MARKS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_BOXES = {0xF06F: "□", 0xF0A3: "□", 0xF0A8: "□", 0xF052: "☑", 0xF0FE: "☑", 0xF054: "☒", 0xF0FD: "☒"}
"""Boxes of Wingdings, empty and ticked."""

_OUT = {
    *("del", "moveFrom", "delText", "instrText", "delInstrText", "fldData", "rt", "annotation"),
    *("pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr", "sectPr", "rubyPr"),
}
_OFF = {"0", "false", "off"}


def docx(data: bytes) -> str:
    """The text of a Word document; ValueError with a sentence if it cannot be read."""
    from docx import Document
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        unpackable(data)
        document = Document(io.BytesIO(data))
        parts = [document.element.body]
        for kind in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
            parts += _notes(document.part, kind)
    except (ValueError, MemoryError) as error:
        if not str(error).endswith("."):
            raise ValueError(_no_document(error)) from None
        raise
    except Exception as error:  # a damaged file fails in zip, XML or docx, each in its own way
        raise ValueError(_no_document(error)) from None
    return "\n".join(line for part in parts for line in _lines(part)) + "\n"


def unpackable(data: bytes) -> None:
    """ValueError with a sentence for a packed document that has a password or is a bomb."""
    packed = zipfile.ZipFile(io.BytesIO(data)).infolist()
    if any(one.flag_bits & 1 for one in packed):
        raise ValueError("is encrypted; open it, take the password off and save it again.")
    if sum(one.file_size for one in packed) > UNPACKED:
        raise ValueError(
            f"unpacks to more than {UNPACKED >> 20} MB, as no report does; save its text as .txt."
        )


def _no_document(error: Exception) -> str:
    said = why(error)
    return f"is no Word document that can be read ({said}); save it as .docx or .txt again."


def _notes(part: Any, kind: str) -> Iterator[Any]:
    """The footnotes or endnotes of a document, without the lines that Word draws above them."""
    from lxml import etree

    for link in part.rels.values():
        if link.reltype == kind and not link.is_external:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            for note in etree.fromstring(link.target_part.blob, parser):
                if _value(note, "type") in ("", "normal"):
                    yield note


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _value(node: Any, name: str) -> str:
    """An attribute by its local name."""
    return next((value for key, value in node.items() if key.rpartition("}")[2] == name), "")


def _child(node: Any, *names: str) -> Any:
    """What lies at a path of local names below a node; None if nothing does."""
    for name in names:
        node = next((child for child in node if _name(child) == name), None)
        if node is None:
            return None
    return node


def _lines(container: Any) -> list[str]:
    """The lines of a body, a cell, a text box or a note."""
    found: list[str] = []
    going_on = False
    for block in _blocks(container):
        if _name(block) == "tbl":
            found += table(_rows(block))
        else:
            before, text, after = _paragraph(block)
            lines = text.splitlines() or [""] * (not before + after)
            if going_on and found and lines:  # the mark between the two was deleted
                lines[0] = found.pop() + lines[0]
            found += [*before, *lines, *after]
            going_on = bool(lines) and _child(block, "pPr", "rPr", "del") is not None
    return found


def _blocks(container: Any) -> Iterator[Any]:
    """The paragraphs and tables, also of content controls and what else stands around them."""
    for child in container:
        name = _name(child)
        if name in ("p", "tbl"):
            yield child
        elif name == "altChunk":
            raise ValueError(
                "holds a part that Word takes in from another file when it opens it; open it in "
                "Word, save it again and name that."
            )
        elif name == "AlternateContent":
            yield from _blocks(_version(child))
        elif name not in _OUT and not _is_contents(child):
            yield from _blocks(child)


def _is_contents(node: Any) -> bool:
    gallery = _child(node, "sdtPr", "docPartObj", "docPartGallery")
    return gallery is not None and _value(gallery, "val") == "Table of Contents"


def _version(node: Any) -> Any:
    """Of the versions of a drawing the first with text in it, else the last."""
    versions = [child for child in node if _name(child) in ("Choice", "Fallback")]
    spoken = (one for one in versions if any(_name(each) == "t" for each in one.iter()))
    return next(spoken, versions[-1] if versions else ())


def _paragraph(paragraph: Any) -> tuple[list[str], str, list[str]]:
    """Lines of boxes before a paragraph's text, the text, and lines of boxes behind its begin."""
    pieces: list[str] = []
    before: list[str] = []
    after: list[str] = []

    def walk(node: Any) -> None:
        for child in node:
            name = _name(child)
            if name == "t":
                pieces.append(child.text or "")
            elif name == "sym":
                pieces.append(_symbol(child))
            elif name in _MARKS:
                pieces.append(_MARKS[name])
            elif name == "br":
                pieces.append("\n" if _value(child, "type") in ("", "textWrapping") else "")
            elif name == "AlternateContent":
                walk(_version(child))
            elif name == "txbxContent":
                (after if "".join(pieces).strip() else before).extend(_lines(child))
            elif name not in _OUT and not (name == "r" and _hidden(child)):
                walk(child)

    walk(paragraph)
    return before, "".join(pieces), after


def _symbol(node: Any) -> str:
    """A character of a font of signs: a box as a box, others as private ones, which are named."""
    try:
        code = int(_value(node, "char"), 16)
    except ValueError:
        return ""
    return _BOXES.get(code, chr(code) if code < 0x10000 and not 0xD800 <= code < 0xE000 else "")


def _hidden(run: Any) -> bool:
    mark = _child(run, "rPr", "vanish")
    return mark is not None and _value(mark, "val") not in _OFF


def _rows(node: Any) -> Iterator[list[list[str]]]:
    for each in _within(node, "tr"):
        if _child(each, "trPr", "del") is None:
            cells = (
                cell for cell in _within(each, "tc") if _child(cell, "tcPr", "cellDel") is None
            )
            yield [_lines(cell) for cell in cells]


def _within(node: Any, name: str) -> Iterator[Any]:
    """A table's rows, or a row's cells: they may stand in content controls."""
    for child in node:
        if _name(child) == name:
            yield child
        elif _name(child) not in _OUT:
            yield from _within(child, name)

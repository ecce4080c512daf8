"""An OpenDocument text (.odt) → lines: a paragraph or a table's row each.

Deletions that are kept for review, comments and tables of contents are out; the paragraphs of a
text box stand behind the one that it hangs on, notes behind the text.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from analysis.kit import why

from .lines import table
from .word import unpackable

_OUT = {
    *("tracked-changes", "annotation", "annotation-end", "ruby-text", "table-of-content"),
    *("sequence-decls", "variable-decls", "forms", "note-citation"),
}
_BLOCKS = {"p", "h", "list", "table"}
_TABLE_PARTS = {"table-header-rows", "table-rows", "table-row-group"}


def odt(data: bytes) -> str:
    """The text of an OpenDocument text; ValueError with a sentence if it cannot be read."""
    from lxml import etree

    try:
        unpackable(data)
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if b"encryption-data" in packed.read("META-INF/manifest.xml"):
                raise ValueError("is encrypted; open it, take the password off and save it again.")
            content = packed.read("content.xml")
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        tree = etree.fromstring(content, parser)
        body = next(each for each in tree.iter() if _name(each) == "text" and len(each))
    except (ValueError, MemoryError) as error:
        if str(error).endswith("."):
            raise
        raise ValueError(_no_document(error)) from None
    except Exception as error:  # a damaged file fails in zip or XML, each in its own way
        raise ValueError(_no_document(error)) from None
    notes: list[str] = []
    return "\n".join(_lines(body, notes) + notes) + "\n"


def _no_document(error: Exception) -> str:
    said = why(error)
    return f"is no OpenDocument text that can be read ({said}); save it as .odt or .docx again."


def _name(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _lines(container: Any, notes: list[str]) -> list[str]:
    """The lines of a text, section, list, cell or box; its notes go to `notes`."""
    found: list[str] = []
    for child in container:
        name = _name(child)
        if name in ("p", "h"):
            found += _paragraph(child, notes)
        elif name == "table":
            found += table(_rows(child, notes))
        elif name and name not in _OUT:
            found += _lines(child, notes)
    return found


def _rows(node: Any, notes: list[str]) -> Iterator[list[list[str]]]:
    for child in node:
        if _name(child) == "table-row":
            yield [_lines(cell, notes) for cell in child if _name(cell) == "table-cell"]
        elif _name(child) in _TABLE_PARTS:
            yield from _rows(child, notes)


def _paragraph(paragraph: Any, notes: list[str]) -> list[str]:
    """Lines of a paragraph and of its boxes."""
    pieces: list[str] = []
    before: list[str] = []
    after: list[str] = []

    def walk(node: Any) -> None:
        pieces.append(_shown(node.text))
        for child in node:
            name = _name(child)
            if name == "s":
                pieces.append(" " * min(100, int(_count(child))))
            elif name in ("tab", "line-break"):
                pieces.append("\t" if name == "tab" else "\n")
            elif name == "note":
                notes.extend(_lines(child, notes))
            elif name not in _OUT and any(_name(each) in _BLOCKS for each in child):  # a box
                (after if "".join(pieces).strip() else before).extend(_lines(child, notes))
            elif name and name not in _OUT:
                walk(child)
            pieces.append(_shown(child.tail))

    walk(paragraph)
    text = "".join(pieces)
    return [*before, *(text.splitlines() or [""] * (not before + after)), *after]


def _shown(text: str | None) -> str:
    """Text as the format has it: line ends and runs of spaces in the XML are one space."""
    said = (text or "").translate({10: " ", 13: " ", 9: " "})
    while "  " in said:
        said = said.replace("  ", " ")
    return said


def _count(space: Any) -> str:
    value = next((value for key, value in space.items() if key.endswith("}c")), "1")
    return value if value.isdecimal() else "1"

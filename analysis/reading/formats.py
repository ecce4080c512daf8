"""A document's bytes → lines of text, by kind.

Called in the process of `apart`, which bounds time and memory. What a reader cannot take is a
ValueError with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable

from . import extras
from .doc import doc
from .odt import odt
from .ofd import ofd
from .pdf import pdf
from .rtf import rtf
from .web import html, mht
from .word import docx

READERS: dict[str, Callable[..., str]]
READERS = {"html": html, "mht": mht, "docx": docx, "odt": odt, "rtf": rtf, "pdf": pdf}
READERS |= {"doc": doc, "ofd": ofd}
"""How each kind of document is read; the last two by an extra (`extras`)."""

IN_FOLDER = ("doc",)
"""Kinds whose readers work on files: they are given a folder."""

LIBRARIES = ("lxml", "pypdfium2", "python-docx", "trafilatura")
"""Packages that a text may depend on, by the names of their distributions."""


def load(role: str) -> None:
    """Import the libraries of a process, so that no document pays for it."""
    import docx.table
    import lxml.html
    import pypdfium2
    import trafilatura

    _ = docx, lxml, pypdfium2, trafilatura
    if extras.here("doc"):
        import doc2docx

        _ = doc2docx

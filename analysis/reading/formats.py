"""A document's bytes → lines of text, by kind.

Called in the process of `apart`, which bounds time and memory. What a reader cannot take is a
ValueError with a sentence.
"""

from __future__ import annotations

from .odt import odt
from .pdf import pdf
from .rtf import rtf
from .web import html, mht
from .word import docx

READERS = {"html": html, "mht": mht, "docx": docx, "odt": odt, "rtf": rtf, "pdf": pdf}
"""How each kind of document is read."""

LIBRARIES = ("lxml", "pypdfium2", "python-docx", "trafilatura")
"""Packages that a text may depend on, by the names of their distributions."""


def load() -> None:
    """Import all libraries, so that no document pays for it."""
    import docx.table
    import lxml.html
    import pypdfium2
    import trafilatura

    _ = docx, lxml, pypdfium2, trafilatura

"""A document's bytes → lines of text, by kind.

Called in the process of `apart`, which bounds time and memory. What a reader cannot take is a
ValueError with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import extras
from .doc import doc
from .odt import odt
from .ofd import ofd
from .pdf import pdf, picture
from .rtf import rtf
from .scan import cut, scan
from .scan import load as open_models
from .web import html, mht
from .word import docx

READERS: dict[str, Callable[..., Any]]
READERS = {"html": html, "mht": mht, "docx": docx, "odt": odt, "rtf": rtf, "pdf": pdf}
READERS |= {"doc": doc, "ofd": ofd, "picture": picture, "scan": scan, "cut": cut}
"""How each kind of document is read, the old ones by an extra (`extras`); `scan` recognises pages
that are pictures, `picture` lays out what was recognised, `cut` shows a line of it.

A reader returns a text, or a text and what it says beside.
"""

IN_FOLDER = ("doc",)
"""Kinds whose readers work on files: they are given a folder."""

LIBRARIES = ("lxml", "pypdfium2", "python-docx", "trafilatura")
"""Packages that a text may depend on, by the names of their distributions."""


def load(role: str) -> None:
    """Import the libraries of a process, so that no document pays for it."""
    import pypdfium2

    if role == "scan":
        from PIL import Image

        Image.init()
        open_models()
        return
    import docx.table
    import lxml.html
    import trafilatura

    _ = docx, lxml, pypdfium2, trafilatura
    if extras.here("doc"):
        import doc2docx

        _ = doc2docx

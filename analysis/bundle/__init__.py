"""A figure with everything that a referee asks for: data, hits, caption, methods, evidence."""

from . import about, codes
from .bundle import Bundle, render, write

__all__ = [
    "Bundle", "about", "captions", "codes", "evidence_page", "provenance", "references", "render",
    "sources", "write",
]  # fmt: skip

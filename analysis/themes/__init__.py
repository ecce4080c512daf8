"""Themes: the codebook, what it codes, what codes amount to, and how far people agree with it."""

from . import agreement, attention, handcodes  # noqa: F401
from .codebook import NONE, Codebook, Theme
from .coding import code, match, self_check
from .measures import cooccurrence, coverage, flow

__all__ = [
    "NONE",
    "Codebook",
    "Theme",
    "code",
    "cooccurrence",
    "coverage",
    "flow",
    "match",
    "self_check",
]

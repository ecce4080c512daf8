"""Themes: the codebook, what it codes, what codes amount to, and how far people agree with it."""

from . import agreement, attention, handcodes  # noqa: F401
from .codebook import NONE, Codebook, Theme
from .coding import code, match, self_check
from .measures import COVERAGE, cooccurrence, coverage, covered, covering, flow

__all__ = [
    "COVERAGE",
    "NONE",
    "Codebook",
    "Theme",
    "code",
    "cooccurrence",
    "coverage",
    "covered",
    "covering",
    "flow",
    "match",
    "self_check",
]

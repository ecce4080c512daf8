"""Themes: the codebook, what it codes, what codes amount to, and how far people agree with it."""

from . import agreement, attention, gold, handcodes, pmc, reliability, workflow  # noqa: F401
from .codebook import LAW, NONE, OTHERS, Codebook, Theme, books
from .coding import code, match, self_check
from .measures import (
    COVERAGE,
    cooccurrence,
    coverage,
    covered,
    covering,
    cross,
    crossing,
    each,
    flow,
)

__all__ = [
    "COVERAGE", "LAW", "NONE", "OTHERS", "Codebook", "Theme", "books", "code", "cooccurrence",
    "coverage", "covered", "covering", "cross", "crossing", "each", "flow", "match", "self_check",
]  # fmt: skip

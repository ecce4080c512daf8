"""Themes: the codebook, what it codes, what codes amount to, and how far people agree with it."""

from . import agreement, attention, gold, handcodes, model, pmc, reliability, versions, workflow  # noqa: F401
from .codebook import LAW, NONE, OTHERS, Codebook, Theme, books
from .coding import characters, code, match, own_hits, self_check
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
)  # fmt: skip

__all__ = [
    "COVERAGE", "LAW", "NONE", "OTHERS", "Codebook", "Theme", "books", "characters", "code",
    "cooccurrence", "coverage", "covered", "covering", "cross", "crossing", "each", "flow",
    "match", "own_hits", "self_check", "versions",
]  # fmt: skip

"""Gongbao (公报): government annual reports as data.

    import analysis as gb

    study = gb.Study("data")        # a folder opened as tables
    study.sentences                 # every sentence, with its place in the raw file
    gb.keywords.frequency(study.counted(study.sizes))

    file → text → sentences → hits → measures → figures → bundle

Everything that is counted or read off is a hit with its place; every measure is an aggregate over
hits; so any number leads back to the sentences it came from. The rooms, from the ground up, each
of which knows those before it only: `kit` and `tables`; `restore`, `evidence`, `reading` and `text`
(file → sentences); `words`, `themes` and `indicators` (sentences → measures); `figures` and
`bundle` (table → picture, and what a referee asks for); `study` (a folder opened); `pages` and
`batch` (what is handed round, made in batches); `corpus` (very many reports), `explore` and `cli`.
What is named here is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis import bundle, evidence, explore, figures, indicators, themes
    from analysis.batch import options
    from analysis.bundle import Bundle
    from analysis.explore.explorer import Explorer
    from analysis.indicators import trends
    from analysis.reading import reports
    from analysis.restore import Restored
    from analysis.study import Study
    from analysis.text import sentences
    from analysis.themes import agreement, attention, handcodes
    from analysis.words import (
        collocations,
        counts,
        dispersion,
        keyness,
        keywords,
        reference,
        segment,
        slices,
    )

__version__ = "0.1.0"

_HOMES = {
    "Bundle": "analysis.bundle:Bundle",
    "Explorer": "analysis.explore.explorer:Explorer",
    "Restored": "analysis.restore:Restored",
    "Study": "analysis.study:Study",
    "agreement": "analysis.themes.agreement",
    "attention": "analysis.themes.attention",
    "bundle": "analysis.bundle",
    "collocations": "analysis.words.collocations",
    "counts": "analysis.words.counts",
    "dispersion": "analysis.words.dispersion",
    "evidence": "analysis.evidence",
    "explore": "analysis.explore",
    "figures": "analysis.figures",
    "handcodes": "analysis.themes.handcodes",
    "indicators": "analysis.indicators",
    "keyness": "analysis.words.keyness",
    "keywords": "analysis.words.keywords",
    "options": "analysis.batch:options",
    "reference": "analysis.words.reference",
    "reports": "analysis.reading.reports",
    "segment": "analysis.words.segment",
    "sentences": "analysis.text.sentences",
    "slices": "analysis.words.slices",
    "themes": "analysis.themes",
    "trends": "analysis.indicators.trends",
}
"""The face: each name, and where it lives."""

__all__ = [*_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(
            f"module 'analysis' has no attribute {name!r}; it has {', '.join(_HOMES)}"
        )
    home, _, attribute = _HOMES[name].partition(":")
    module = import_module(home)
    return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return [*_HOMES, "__version__"]

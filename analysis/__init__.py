"""Gongbao (公报): government annual reports as data.

    import analysis as gb

    study = gb.Study("data")        # a folder opened as tables
    study.sentences                 # every sentence, with its place in the raw file
    gb.keywords.frequency(study.terms, study.sentences)

Everything that is counted or read off is a hit with its place; every measure is an aggregate over
hits; so any number leads back to the sentences it came from. Modules are loaded when first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis import (
        agreement,
        bundle,
        collocations,
        counts,
        dispersion,
        evidence,
        explore,
        figures,
        handcodes,
        indicators,
        keyness,
        keywords,
        reference,
        reports,
        segment,
        sentences,
        themes,
        trends,
    )
    from analysis.bundle import Bundle
    from analysis.explore.explorer import Explorer
    from analysis.parameters import options
    from analysis.restore import Restored
    from analysis.study import Study

__version__ = "0.1.0"

_HOMES = {
    "Study": "analysis.study",
    "Bundle": "analysis.bundle",
    "Explorer": "analysis.explore.explorer",
    "Restored": "analysis.restore",
    "options": "analysis.parameters",
}
__all__ = [
    "Bundle",
    "Explorer",
    "Restored",
    "Study",
    "agreement",
    "bundle",
    "collocations",
    "counts",
    "dispersion",
    "evidence",
    "explore",
    "figures",
    "handcodes",
    "indicators",
    "keyness",
    "keywords",
    "options",
    "reference",
    "reports",
    "segment",
    "sentences",
    "themes",
    "trends",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in __all__:
        return import_module(f"analysis.{name}")
    raise AttributeError(
        f"module 'analysis' has no attribute {name!r}; it has {', '.join(__all__)}"
    )


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

"""Gongbao (公报): government annual reports as data.

    import analysis as gb

    study = gb.Study("my-study")                # a folder of reports, opened as tables
    study.add("reports/", "province.csv")       # files, folders, tables of reports
    study.sentences                             # each knows its place in the raw file
    top = study.words.frequency(top_n=25)       # a Finding: the figure, below it the table
    top.table; top.hits; top.of(key="法治")      # numbers, what was counted, the sentences behind
    top.save("figures")                         # figure, data, evidence, caption, methods
    study.words.keyness("part=plan", against="part=done").save("figures")
    study.themes.coverage(by="section").save("figures")
    study.indicators.trend(group="副省级市").save("figures")
    gb.render("briefs.csv", data="my-study", out="briefs")        # a figure set a row
    print(gb.trace(study, "figures/theme_sections#r47"))          # from a mark to the raw file

    file → text → sentences → hits → measures → figures → bundle

The names here: Study, Finding, Bundle, Explorer, restore, render, trace, options. All else is found
from a study with Tab: study.words, study.themes, study.indicators, study.attention().
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.batch import options
    from analysis.batch.sets import render
    from analysis.bundle import Bundle
    from analysis.explore.explorer import Explorer
    from analysis.restore import restore
    from analysis.study import Finding, Study
    from analysis.study.trace import trace

__version__ = "0.2.0"

_HOMES = {
    "Bundle": "analysis.bundle:Bundle",
    "Explorer": "analysis.explore.explorer:Explorer",
    "Finding": "analysis.study:Finding",
    "Study": "analysis.study:Study",
    "options": "analysis.batch:options",
    "render": "analysis.batch.sets:render",
    "restore": "analysis.restore",
    "trace": "analysis.study.trace:trace",
}
"""The face: each name, and where it lives."""

_ROOMS = {name: f"analysis.{name}" for name in ("bundle", "evidence", "explore", "figures")}
_ROOMS |= {name: f"analysis.{name}" for name in ("indicators", "themes")}
"""Rooms that stay within reach: `from analysis import figures` asks for them here too."""

__all__ = [*_HOMES]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    if (home := (_HOMES | _ROOMS).get(name)) is None:
        raise AttributeError(
            f"module 'analysis' has no attribute {name!r}; it has {', '.join(_HOMES)}"
        )
    where, _, attribute = home.partition(":")
    module = import_module(where)
    return getattr(module, attribute) if attribute else module


def __dir__() -> list[str]:
    return [*_HOMES, "__version__"]

"""From what is on the screen to files: a figure's bundle, and a line in a batch.

The explorer's button and `gongbao render FILE` call the same function with the same parameters,
so that they write the same data.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import evidence
from analysis.batch import units
from analysis.kit import InputError, files, put, yamlfile
from analysis.study import Finding, drawing
from analysis.words import keywords

if TYPE_CHECKING:
    from analysis.bundle import Bundle
    from analysis.study import Study

    from .choice import Choice
    from .material import Material

MOST = 1_500
"""Reports that one figure with its evidence can be of."""

NOTEBOOK, FILE, FOLDER = "explore", "explore.yaml", "figures/explore"


def bundle(material: Material, choice: Choice, options: Mapping[str, Any], out: Path) -> Bundle:
    """Draw what the open panel shows of the chosen reports, and write it: `Study.bundle`.

    words and reading: the terms by section, by report, or over the years if there are several;
    list: the most frequent; compare: keyness; themes: their coverage; indicators: their series;
    commitments: what became of them; restoration: its edits. InputError where nothing is left to
    draw, or where the reports are too many for one figure.
    """
    count = len(material.reports(choice))
    if count > MOST:
        raise InputError(
            f"{count:,} reports are too many for a figure with its evidence (at most "
            f"{MOST}); choose years, regions or reports, or ask for the table alone: `gongbao "
            "corpus query`."
        )
    study = material.chosen(choice)
    return _DRAW[choice.panel](material, choice, study).save(out, options=options)


def _words(material: Material, choice: Choice, study: Study) -> Finding:
    term, keys = choice.term.strip(), choice.keys
    hits, own = material.hits(choice) if keys else (pd.DataFrame(), pd.DataFrame())
    if hits.empty:
        raise InputError(f"the term {term!r} stands nowhere in what is chosen; choose another.")
    about = {"target": choice.inside, "inside": choice.match == "text"}
    made: dict[str, Any] = {"study": study, "about": about}
    if study.reports["year"].nunique() > 1:
        data = material.rates(choice, ["region", "year"])
        table, made["name"] = data.assign(at=data["year"]), "rates_over_time"
        drawn = drawing("rates_over_time", at="at")
    else:
        by, names = study.places
        table, made["name"] = (
            keywords.sections(material.counts(choice), keys, by=by),
            "term_sections",
        )
        drawn = drawing("term_sections", names)
    return Finding(table, evidence.of(hits, own), drawn, **made)


def _list(_: Material, choice: Choice, study: Study) -> Finding:
    return study.words.frequency(choice.inside)


def _compare(_: Material, choice: Choice, study: Study) -> Finding:
    whole = study.whole
    return whole.words.keyness(choice.slice, against=choice.other)


def _themes(_: Material, choice: Choice, study: Study) -> Finding:
    return study.themes.coverage([choice.theme] if choice.theme else [], target=choice.inside)


def _indicators(_: Material, choice: Choice, study: Study) -> Finding:
    only = [choice.indicator] if choice.indicator else []
    found = study.indicators.trend(only, regions=choice.regions, years=choice.years)
    if found.table.empty:
        raise InputError("there is no figure to draw of what is chosen; choose other indicators.")
    return found


def _commitments(_: Material, __: Choice, study: Study) -> Finding:
    return study.indicators.commitments()


def _edits(_: Material, __: Choice, study: Study) -> Finding:
    return study.restoration.places()


_DRAW = {
    **{"words": _words, "reading": _words, "list": _list, "compare": _compare},
    **{"themes": _themes, "indicators": _indicators, "commitments": _commitments},
    "restoration": _edits,
}


def folder(values: Mapping[str, Any]) -> str:
    """The folder of a set of parameters, as a batch names it."""
    return units.Unit(NOTEBOOK, Path(), dict(values)).name


def add_set(file: Path, values: Mapping[str, Any]) -> int:
    """Add a set of parameters to a file for `gongbao render`; how many it holds then.

    What stands in the file stays; a set that is in it already is not added again.
    """
    import yaml

    with files.locked(file):
        held = [one for _, one in units.read_sets(file)] if file.exists() else []
        if file.exists() and yamlfile.load(file).texts("notebooks") != (NOTEBOOK,):
            raise InputError("is a parameter file for other notebooks; name another.", path=file)
        held += [] if dict(values) in held else [dict(values)]
        text = yaml.safe_dump(
            {"notebooks": [NOTEBOOK], "sets": held}, allow_unicode=True, sort_keys=False
        )
        put(file, text)
    return len(held)

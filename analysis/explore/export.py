"""From what is on the screen to files: a figure's bundle, and a line in a batch.

The explorer's button and `gongbao render FILE` call the same function with the same parameters,
so that they write the same data.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import evidence, themes
from analysis.batch import units
from analysis.indicators import trends
from analysis.kit import InputError, files, put, yamlfile
from analysis.words import keywords

from .material import rates

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.bundle import Bundle
    from analysis.study import Study

    from .choice import Choice
    from .material import Material

MOST = 200
"""Reports of a corpus that one figure with its evidence can be of."""

NOTEBOOK, FILE, FOLDER = "explore", "explore.yaml", "figures/explore"


def bundle(material: Material, choice: Choice, options: Mapping[str, Any], out: Path) -> Bundle:
    """Draw what the open panel shows of the chosen reports, and write it: `Study.bundle`.

    words: the term by section, by report, or over the years if there are several; themes: their
    coverage; indicators: their series; restoration: its edits. InputError where nothing is left to
    draw, or where the reports of a corpus are too many for one figure.
    """
    count = len(material.reports(choice))
    if material.corpus is not None and count > MOST:
        raise InputError(
            f"{count:,} reports of a corpus are too many for a figure with its evidence (at most "
            f"{MOST}); choose years, regions or reports, or ask for the table alone: `gongbao "
            "corpus query`."
        )
    study = material.chosen(choice)
    draw = {"words": _words, "themes": _themes, "indicators": _indicators, "restoration": _edits}
    look: dict[str, Any] = {name: options[name] for name in ("lang", "preset") if name in options}
    name, figure, data, hits, cited = draw[choice.panel](material, choice, study, look)
    made: dict[str, Any] = {"data": data, "hits": hits, "cited": cited}
    return study.bundle(name, figure, **made, options=options, out=out)


_Drawn = tuple[str, "Figure", "pd.DataFrame", "pd.DataFrame", "list[str]"]


def _words(material: Material, choice: Choice, study: Study, look: dict[str, Any]) -> _Drawn:
    from analysis.figures import draw

    own, hits = material.sentences(choice, study), material.hits(choice, study)
    term, shown = choice.term.strip(), evidence.of(hits, own)
    if hits.empty:
        raise InputError(f"the term {term!r} stands nowhere in what is chosen; choose another.")
    if study.reports["year"].nunique() > 1:
        data = rates(hits, own, study, term, ["region", "year"])
        figure = draw.rates_over_time(data, at="year", **look)
        return "rates_over_time", figure, data.assign(at=data["year"]), shown, []
    by, names = study.places
    data = keywords.sections(hits, own, [term], by=by)
    return "term_sections", draw.term_sections(data, names, **look), data, shown, []


def _themes(material: Material, choice: Choice, study: Study, look: dict[str, Any]) -> _Drawn:
    from analysis.figures import draw

    own, only = material.sentences(choice, study), [choice.theme] if choice.theme else []
    data = themes.coverage(study.codings, own, study.codebook, only=only)
    codings = study.codings[study.codings["sentence_id"].isin(own["sentence_id"])]
    counted = {"primary_theme": list(data["theme"]), "is_heading": False}
    hits = evidence.of(codings, own, **counted)
    names = study.codebook.names(look.get("lang", "zh"))
    return "theme_coverage", draw.theme_coverage(data, names, **look), data, hits, []


def _indicators(_: Material, choice: Choice, study: Study, look: dict[str, Any]) -> _Drawn:
    from analysis.figures import draw

    data = trends.panel(
        study.indicators.table,
        study.indicator_codebook,
        regions=list(choice.regions) or list(study.reports["region"].unique()),
        only=[choice.indicator] if choice.indicator else [],
        years=list(choice.years),
        peers_in=list(study.reports["year"].unique()),
    )
    if data.empty:
        raise InputError("there is no figure to draw of what is chosen; choose other indicators.")
    data, cited = trends.cite(data, study.sources, look.get("lang", "zh"))
    figure = draw.metric_trend(data, study.indicator_codebook, **look)
    return "metric_trend", figure, data, data, cited


def _edits(_: Material, __: Choice, study: Study, look: dict[str, Any]) -> _Drawn:
    from analysis.figures import draw

    places = study.edit_places
    return "edit_places", draw.edit_places(places, **look), places, study.edits, []


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

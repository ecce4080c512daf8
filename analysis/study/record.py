"""A figure's bundle: its record (provenance) and what leads its hits back to the raw files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis.evidence import trail
from analysis.kit import html
from analysis.reading import transcript
from analysis.restore import Edit
from analysis.restore import version as restorer_version
from analysis.words import reference

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.bundle import Bundle


def of_book(study: Any) -> dict[str, Any]:
    """What a record says of its codebook."""
    model = {"model": study.model.said(study.codings)} if study.model else {}
    said: dict[str, Any] = study.codebook.said | model
    return said


def versions(study: Any) -> dict[str, str]:
    """Versions of the codebooks and of the restorer, for provenance."""
    return {
        "restorer": restorer_version(),
        "themes": study.codebook.version,
        "indicators": study.indicator_codebook.version,
        "lexicon": study.word_list("lexicon")[1],
        "stopwords": study.word_list("stopwords")[1],
    }


def provenance(study: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """What a figure's provenance says of the study: inputs, edits, versions, options."""
    curated = sorted([*study.path.glob("*.csv"), *study.path.glob("codebooks/*")])
    edits: dict[str, Counter[str]] = {}
    for edit in tables.rows(study.edits):
        counts = edits.setdefault(edit.report_id, Counter())
        counts[f"{edit.rule}: {edit.certainty}"] += 1
    hashes = {one.relative_to(study.path).as_posix(): tables.sha256(one) for one in curated}
    for sha256 in sorted(study.reports["sha256"]):
        if seen := transcript.digest(study.path, sha256):
            hashes[transcript.place(sha256)] = seen
    rows: list[dict[str, Any]] = []
    for row in tables.rows(study.reports):
        year_given = None if pd.isna(row.year_given) else int(row.year_given)
        left = study._remains[row.report_id]._asdict()
        about: dict[str, Any] = {"year": int(row.year), "year_given": year_given}
        about["edits"] = edits.get(row.report_id, {})
        about["remains"] = {kind: n for kind, n in left.items() if n}
        rows.append(row._asdict() | about)
    return {
        "study": {"title": study.title, "design": study.design, "coded_by": study.coded_by},
        "reports": rows,
        "codebook": study.book_said,
        "versions": {**study.versions, "engine": study.engine},
        "stopwords": len(study.stopwords),
        "tables": hashes,
        "reference": reference.versions(),
        "validation": study.validation.facts if study.validation else {},
        "options": dict(options),
    }


def lead(study: Any, hits: pd.DataFrame) -> Callable[[Sequence[str]], pd.DataFrame]:
    """What leads sentences of `hits` back to the raw file: `trail.of`, with codes `coded`.

    InputError if the study does not hold one.
    """
    named = hits.get("sentence_id", pd.Series(dtype=object)).dropna().unique()
    wanted = [key for key in named if key]
    own = {key.rpartition(":")[0] for key in wanted} <= set(study.reports["report_id"])
    study = study if own else study.whole
    trail.known(study, wanted)

    def led(sentence_ids: Sequence[str]) -> pd.DataFrame:
        found = trail.of(study, sentence_ids)
        unsure: dict[str, list[Edit]] = {}
        for row in tables.rows(found):
            own = [one for one in row.edits if transcript.noted(one.note)]
            unsure.setdefault(row.report_id, []).extend(own)
        cut = {key: study.pictures(key, edits) for key, edits in unsure.items() if edits}
        shown = [cut.get(key, {}) for key in found["report_id"]]
        found = found.assign(pictures=pd.Series(shown, index=found.index, dtype=object))
        return trail.coded(found, study.theme_hits) if "primary_theme" in hits else found

    return led


def bundle(
    study: Any,
    name: str,
    figure: Figure,
    *,
    data: pd.DataFrame,
    hits: pd.DataFrame,
    options: Mapping[str, Any],
    out: str | Path,
    cited: Sequence[str] = (),
    names: Mapping[str, Mapping[str, str]] | None = None,
    about: Mapping[str, Any] | None = None,
    **also: Any,
) -> Bundle:
    """Write a figure with its data, evidence, caption, methods and provenance.

    Parameters
    ----------
    name : the figure's name, which names its folder under `out`.
    figure : what a function of `figures` returned; data : the table it was drawn from.
    hits : the rows that were counted. Reports of the data that are not among the wanted ones
        (a series goes on) stand in the record under `beside`.
    options : the notebook's parameters, of `options(globals())`.
    cited : labels of the sources whose numbers stand in the figure, from 1.
    names : in each language, what themes are called, where another book coded them.
    about : what the figure is about (`bundle.about`); taken from the options if not given.
    also : what else the record says, for a caption to know.
    """
    from analysis import bundle

    ids = set(data["source_id"]) if "source_id" in data else set()
    sources = study.sources[study.sources["source_id"].isin(ids)]
    said = bundle.about
    what = said.asked(options, data) if about is None else said.complete(data, about)
    record = {**study.provenance(options), "sources": sources.to_dict("records")}
    record |= {"about": what, "inputs": bundle.provenance.inputs(options), **also}
    if not record["validation"]:
        record["study"]["coded_by"] = "nobody"
    others = {*data.get("report_id", ())} - {*study.reports["report_id"]}
    if len(beside := study._catalogue[study._catalogue["report_id"].isin(others)]):
        beside = beside.astype({"year": object, "year_given": object})
        record["beside"] = beside.where(beside.notna(), None).to_dict("records")
    called: dict[str, dict[str, str]] = {}
    for lang in html.LANGUAGES:
        books = study.indicator_codebook.names(lang) | study.codebook.names(lang)
        called[lang] = books | study.places[1] | dict((names or {}).get(lang, {}))
    made: dict[str, Any] = {"data": data, "hits": hits, "provenance": record, "cited": cited}
    made |= {"lead": study.lead(hits), "names": called}
    return bundle.write(name, figure, **made, out=out)

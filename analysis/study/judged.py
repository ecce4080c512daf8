"""Figures and themes: what was found, what people decided about it, what nobody has judged yet."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import tables
from analysis.indicators import headline, quantities, review
from analysis.kit import InputError, files, unknown
from analysis.reading import transcript
from analysis.themes import LAW, NONE


def curated(study: Any) -> pd.DataFrame:
    """The table `indicators`: as curated in indicators.csv, and what people verified.

    Of all reports, whichever are wanted: a series does not break off where a report ends.
    """
    about = study._catalogue["sha256"].isin(study.decisions["sha256"])
    ids = list(study._catalogue.loc[about, "report_id"])
    written: pd.DataFrame = study._written
    if not ids:
        return written
    inside = set(ids) <= set(study.reports["report_id"])
    study = study if inside else study.only(ids)
    book = study.indicator_codebook
    verified = review.curated(study.decided.figures, study.reports, book)
    return review.merge(written, verified)


def decisions(study: Any) -> pd.DataFrame:
    """The table `decisions`; InputError for a figure that none can be."""
    found = tables.read(study.path / "decisions.csv", "decisions")
    for at, said in review.wrong(found):
        raise _wrong(study, at, said)
    return found


def _wrong(study: Any, at: int, said: str) -> InputError:
    """What is wrong with the decision `at`, counted from 0: lines may be empty."""
    path = study.path / "decisions.csv"
    return InputError(said, path=path, line=tables.records(path)[1][at][0])


def figures_found(study: Any) -> pd.DataFrame:
    """The table `figures_found`: every number that measures something."""
    years = {row.report_id: int(row.year) for row in tables.rows(study.reports)}
    return quantities.find(study.sentences, study.indicator_codebook, years=years)


def extracted(study: Any) -> pd.DataFrame:
    """The headline figures found and not judged, and the targets a report does not state.

    The table `indicators` with the status `extracted` or `absent` (`headline.extracted`); what
    stands in the table `indicators` or was decided about is left out.
    """
    open_ = study.decided.figures[study.decided.figures["decision"] == ""]
    rows = headline.extracted(open_, study.sentences, study.reports, study.indicator_codebook)
    return rows[~review.stand_in(rows, study.curated)].reset_index(drop=True)


def figures(study: Any) -> pd.DataFrame:
    """The table `indicators`, and after it what was found and not judged.

    A figure that is known for a region, period, indicator, kind and definition is not shown
    again as found.
    """
    keys = ["region", "period", "indicator_id", "measure_kind", "definition"]
    known: pd.DataFrame = study.curated
    new: pd.DataFrame = study.extracted
    new = new[~pd.MultiIndex.from_frame(new[keys]).isin(pd.MultiIndex.from_frame(known[keys]))]
    return pd.concat([known, new], ignore_index=True).astype({"year": "Int64"})


def decided(study: Any) -> review.Placed:
    """The figures found with what people decided about them, and decisions without a place."""
    found = study.figures_found
    rows = tables.rows(found)
    spans = [study.restored(row.report_id).raw_span(row.start, row.end) for row in rows]
    anchored = found.assign(
        sha256=found["report_id"].map(study.sha256),
        raw_start=[start for start, _ in spans],
        raw_end=[end for _, end in spans],
    )
    anchored["damaged"] = [
        "yes"
        if row.sentence_id in study._damaged
        else transcript.RULE * study._unsure.touch(row.report_id, row.raw_start, row.raw_end)
        for row in tables.rows(anchored)
    ]
    return review.place(anchored, study.decisions)


def decided_themes(study: Any) -> review.Placed:
    """The themes that people decided for sentences, and decisions without a place."""
    own = study.decisions["codebook"].replace("", LAW) == study.book
    own &= study.decisions["about"] == "theme"
    known = {*study.codebook.ids, NONE, ""} if own.any() else set[str]()
    for at, row in enumerate(tables.rows(study.decisions)):
        if own.iloc[at]:
            for said in {row.key, row.value} - known:
                wrong = unknown("theme", said, known - {""})
                raise _wrong(study, at, wrong)
    return review.place_themes(study.sentences, study.decisions[own], study.sha256)


def unsure(study: Any) -> transcript.Marks:
    """Where OCR is unsure of a report's characters."""
    marked = study.edits["note"].str.contains(transcript.SAID, regex=False)
    return transcript.Marks(tables.rows(study.edits[marked]))


def damaged(study: Any) -> set[str]:
    """Ids of sentences that hold, or touch, text which restoration left unresolved."""
    open_ = study.edits[study.edits["certainty"] == "unresolved"]
    both = study.sentences.merge(open_, on="report_id", suffixes=("", "_edit"))
    touched = both["raw_start"] <= both["raw_end_edit"]
    touched &= both["raw_start_edit"] <= both["raw_end"]
    return set(both.loc[touched, "sentence_id"])


def undecided(study: Any) -> pd.DataFrame:
    """The figures found that nobody has decided about, beside their sentences."""
    return review.undecided(study.decided.figures, study.sentences)


def decide(study: Any, decisions: pd.DataFrame) -> int:
    """Append to decisions.csv; what stands there is never changed. Returns how many.

    What is the last word on its place already, as of two processes that read one workbook, is
    not said twice.
    """
    with files.locked(study.path / "decisions.csv"):
        before = tables.read(study.path / "decisions.csv", "decisions")
        last = {review.anchor(row): row for row in tables.rows(before)}
        rows = tables.rows(tables.check(decisions, "decisions"))
        decisions = decisions[[row != last.get(review.anchor(row)) for row in rows]]
        both = pd.concat([before, decisions], ignore_index=True)
        tables.write(tables.check(both, "decisions"), study.path / "decisions.csv")
    study.forget_decisions()
    return len(decisions)

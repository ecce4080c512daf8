"""The commitments of a study's plans, the later reports that may follow up, what became of them.

Which reports follow which is read off the catalogue: the same region, issuer and genre, a year on.
A clause's topic is the code of its sentence by the codebook `topics`, or by the study's own where
it has none of that name.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis import tables
from analysis.indicators import commitments, followups, outcomes, review
from analysis.kit import must_occur

from .finding import ByLanguage, Finding, drawing

BY = ("topic", "region", "year")
"""What commitments may be told apart by."""

_TOPICS = "topics"


def pairs(study: Any, ahead: int = 1) -> list[tuple[str, str]]:
    """Each report with those of the next years, up to `ahead`, in the catalogue's order."""
    known: dict[tuple[Any, ...], list[str]] = {}
    rows = list(tables.rows(study.reports[["report_id", "region", "issuer", "genre", "year"]]))
    for row in rows:
        if pd.notna(row.year):
            known.setdefault((row.region, row.issuer, row.genre, int(row.year)), []).append(
                row.report_id
            )
    return [
        (row.report_id, later)
        for row in rows
        if pd.notna(row.year)
        for apart in range(1, ahead + 1)
        for later in known.get((row.region, row.issuer, row.genre, int(row.year) + apart), [])
    ]


def topics_of(study: Any) -> Any:
    """The study under the codebook that topics are of."""
    return study.under(_TOPICS) if _TOPICS in study.books else study


def found(study: Any) -> pd.DataFrame:
    """The table `commitments` without outcomes."""
    own, coded = topics_of(study), dict[str, str]()
    if own.book:  # a study may have no codebook at all
        coded = dict(zip(own.codings["sentence_id"], own.codings["primary_theme"], strict=True))

    def raw(report_id: str, starts: Any, ends: Any) -> Any:
        return study.restored(report_id).raw_spans(starts, ends)

    return commitments.table(study.sentences, raw, coded)


def place(study: Any) -> review.Placed:
    """The commitments with what people decided, and decisions without a place."""
    made = study._promises
    made = made.assign(sha256=made["report_id"].map(study.sha256))
    return outcomes.place(made, study.decisions)


def table(study: Any) -> pd.DataFrame:
    """The table `commitments`: clauses of plans, and what people decided became of each."""
    placed: pd.DataFrame = study._placed_promises.figures
    return placed[list(tables.COLUMNS["commitments"])]


def follow(study: Any, ahead: int = 1) -> pd.DataFrame:
    """The table `followups`: of each commitment sentences of the reports after."""
    of = dict(list(study.sentences.groupby("report_id", sort=False)))
    promised = dict(list(study._promises.groupby("report_id", sort=False)))
    made = [
        followups.candidates(promised[first], of[first], of[later])
        for first, later in pairs(study, ahead)
        if first in promised and later in of
    ]
    return pd.concat(made, ignore_index=True) if made else tables.empty("followups")


def undecided(study: Any, ahead: int = 1) -> pd.DataFrame:
    """What a workbook of outcomes shows: the commitments that have no outcome yet."""
    open_ = study._placed_promises.figures
    made = follow(study, ahead) if ahead > 1 else study.followups
    return outcomes.undecided(open_[open_["outcome"] == ""], made, study.sentences)


def finding(study: Any, by: str, testable: bool, preview: bool, verdicts: pd.DataFrame) -> Finding:
    """What became of the commitments, by topic, region or year."""
    must_occur("by", [by], BY)
    own = study.commitments
    own = own[own["testable"] == "yes"] if testable else own
    about = study.reports.set_index("report_id")[["region", "year"]]
    later = {first for first, _ in pairs(study)}
    guessed = (
        study.followups
        if preview
        else pd.DataFrame(columns=["kind", "likely", "sentence_id", "start"])
    )
    standing = outcomes.standing(own, guessed, later, verdicts, preview=preview)
    counted = own.join(about, on="report_id").assign(standing=standing)
    book = topics_of(study)
    names = {lang: book.codebook.names(lang) if book.book else {} for lang in ("zh", "en")}
    return Finding(
        outcomes.shares(counted, by),
        counted.drop(columns=["raw_start", "raw_end"]).rename(columns={"topic": "key"}),
        drawing("commitments", by, ByLanguage(names)),
        study=study,
        about={
            **{"by": by, "testable_only": testable, "preview": preview},
            **{"commitments": len(counted), "decided": int((own["outcome"] != "").sum())},
        },
        names=names,
    )

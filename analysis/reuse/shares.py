"""Passages → measures: what reports are made of, who says it after whom, how a phrase spreads."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

from analysis import tables
from analysis.evidence import marks
from analysis.kit import yamlfile
from analysis.text import places

from .found import ORIGINS
from .texts import moments

BY = {
    "report": "report_id",
    "region": "region",
    "year": "year",
    "part": "part",
    "section": "section",
    "topic": "theme",
}
"""What shares are told by, and the column of it."""

FIRST = (
    *("region", "level", "at", "report_id", "sentence_id", "n", "n_before", "n_neighbours"),
    *("centre", "N_regions", "share"),
)


def shares(made_of: pd.DataFrame, about: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many characters are formula, own, centre, other, new, and the share of all.

    Parameters
    ----------
    made_of : `Found.by_sentence`: sentence_id and the characters of each origin.
    about : sentence_id, report_id and the column of `by`.
    """
    column = BY[by]
    both = made_of[["sentence_id", *ORIGINS]].merge(about, on="sentence_id")
    grouped = both.groupby(column, sort=True)
    total, reports = grouped[[*ORIGINS]].sum(), grouped["report_id"].nunique()
    made = total.reset_index().melt(column, [*ORIGINS], "origin", "n")
    made = made.sort_values(column, kind="stable", ignore_index=True)
    made["N_chars"] = total.sum(axis=1).repeat(len(ORIGINS)).to_numpy()
    made["reports"] = reports.repeat(len(ORIGINS)).to_numpy()
    made["share"] = made["n"] / made["N_chars"].where(made["N_chars"] > 0)
    return made


def matrix(passages: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """Which region's reports say what another's said first: `passages` with both regions.

    Each passage of a later report once: with the earliest report known to have it. Formulae, a
    region's own earlier reports, and what came out at the same time are left out.
    """
    known = moments(reports).set_index("report_id")
    told = passages[passages["origin"].isin(["centre", "other"])]
    told = told[told["earliest"] == told["source_report_id"]]
    one, other = (known.loc[told[name]] for name in ("source_report_id", "report_id"))
    before = one["moment"].to_numpy() < other["moment"].to_numpy()
    apart = one["place"].to_numpy() != other["place"].to_numpy()
    regions = {"region": other["region"].to_numpy(), "source_region": one["region"].to_numpy()}
    made: pd.DataFrame = told.assign(**regions)[before & apart]
    kept = ["report_id", "start", "end", "region", "source_region"]
    return made.drop_duplicates(kept[:3]).reset_index(drop=True)


def stands(sentences: pd.DataFrame, phrase: str) -> pd.DataFrame:
    """Every place where a phrase stands, letter for letter: report_id, sentence_id, start, end."""
    held = sentences[sentences["text"].str.contains(phrase, regex=False)]
    rows = [
        (row.report_id, row.sentence_id, row.start + low, row.start + high)
        for row in tables.rows(held)
        for low, high in marks.found(row.text, phrase)
    ]
    return pd.DataFrame(rows, columns=["report_id", "sentence_id", "start", "end"])


def first_uses(hits: pd.DataFrame, reports: pd.DataFrame) -> pd.DataFrame:
    """The first report of each region that says something: who first, how fast, where it came from.

    Parameters
    ----------
    hits : where it is said: report_id, sentence_id, start.

    Returns
    -------
    DataFrame
        region, level, at (the year the report came out), report_id, sentence_id, n (reports of the
        region with it), n_before (regions that had it before, the centre too), n_neighbours (of
        these those that adjoin, or are of the same province), centre (whether the centre had it
        before), N_regions (of the study), share (of them so far).
    """
    known = moments(reports)
    called = {one.place: one.region for one in tables.rows(known)}
    level = {one.place: one.level for one in tables.rows(known)}
    said = hits.merge(known[["report_id", "place", "at", "moment"]], on="report_id")
    said = said.sort_values(["moment", "report_id", "start"], kind="stable")
    counts = said.groupby("place")["report_id"].nunique()
    first = said.drop_duplicates("place")
    rows = []
    for row in tables.rows(first):
        earlier = first.loc[first["moment"] < row.moment, "place"].tolist()
        near = sum(_adjoin(called[row.place], called[one], row.at) for one in earlier)
        share = int((first["moment"] <= row.moment).sum()) / len(called)
        where = row.at, row.report_id, row.sentence_id, counts[row.place]
        before = len(earlier), near, -1 in earlier, len(called), share
        rows.append((called[row.place], level[row.place], *where, *before))
    return pd.DataFrame(rows, columns=list(FIRST))


@cache
def neighbours() -> dict[str, set[str]]:
    """Which provinces adjoin, by their short names."""
    told = yamlfile.load(Path(__file__).with_name("neighbours.yaml"))["neighbours"]
    made: dict[str, set[str]] = {}
    for one, others in told.items():
        for other in others:
            made.setdefault(one, set()).add(other)
            made.setdefault(other, set()).add(one)
    return made


def _adjoin(one: str, other: str, year: int) -> bool:
    """Whether two provinces adjoin, or two places are of one province."""
    both = [places.lookup(name, year=year) for name in (one, other)]
    first, second = both
    if first is None or second is None or "nation" in (first.level, second.level):
        return False
    if first.level == second.level == "province":
        return second.short in neighbours().get(first.short, set())
    provinces = [place.province or place.name for place in (first, second)]
    return provinces[0] == provinces[1]

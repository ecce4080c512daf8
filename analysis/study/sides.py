"""Two slices of a study side by side: the same words or themes at either end of a line.

An end is a slice (`year=2014`, `report_id=…`, `part=plan`). Sums are over all reports of an end,
and regions that only one end has are said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis.kit import InputError
from analysis.themes import NONE
from analysis.words import PER, keywords, slices

from .compare import rates

SLICE = "slice"
"""The column that says which of the two slices a row, or hit, is of."""


class Ends(NamedTuple):
    """Two slices, what they are called by language, and the regions that only one of them has."""

    slices: tuple[str, str]
    places: tuple[pd.DataFrame, pd.DataFrame]
    labels: Mapping[str, list[str]]
    regions: list[str]


def ends(study: Any, first: str, second: str) -> Ends:
    """Two slices of a study; where none is named its first and last year.

    Of reports of one year the two, if there are two; else what was done and what is planned.
    InputError where one is named and the other is not, or where there is nothing to choose.
    """
    reports = study.reports
    if bool(first) != bool(second):
        said = f"{first or second!r} is one end of a line; name both: year=2014 and year=2022, say"
        raise InputError(f"{said}.")
    if not first:
        years = sorted({int(year) for year in reports["year"]})
        named = [f"year={year}" for year in (years[0], years[-1])]
        if len(years) == 1:
            named = [f"report_id={one}" for one in reports["report_id"]]
        if len(named) != 2:
            named = [f"part={one}" for one in ("done", "plan")]
        first, second = named
    both = tuple(slices.select(study.sizes, study.about, one) for one in (first, second))
    said_of = [slices.describe(own, reports, study.sizes) for own in both]
    labels = {lang: [one[lang] for one in said_of] for lang in ("zh", "en")}
    known = reports.set_index("report_id")["region"]
    held = [{*known[own["report_id"].astype(str).unique()]} for own in both]
    return Ends((first, second), (both[0], both[1]), labels, sorted(held[0] ^ held[1]))


def changed(study: Any, of: Ends, top_n: int, min_chars: int) -> list[str]:
    """The words whose rates differ most between two slices, the largest difference first."""
    counts = [study.counted(own) for own in of.places]
    both = pd.concat([one.n / one.N_chars for one in counts], axis=1).fillna(0)
    far = (both.iloc[:, 1] - both.iloc[:, 0]).abs().round(12)
    table = far.rename_axis("key").rename("far").reset_index()
    table = table.sort_values(["far", "key"], ascending=[False, True], ignore_index=True)
    table = table[table["far"] > 0]
    top = keywords.top(table, top_n, stopwords=study.stopwords, min_chars=min_chars)
    return list(top["key"])


def both_ends(
    of: Ends, measured: Callable[[str], tuple[pd.DataFrame, Callable[[], pd.DataFrame]]], value: str
) -> tuple[pd.DataFrame, Callable[[], pd.DataFrame]]:
    """Two rows for each word or theme, and what makes the hits of both.

    Parameters
    ----------
    measured : of a slice its table and what makes its hits. value : the column that changes.

    Returns
    -------
    DataFrame
        The tables one behind the other with `slice`, and `change` (second less first, in both
        rows); the largest value of the second slice first.
    """
    found = [measured(one) for one in of.slices]
    tables = [
        table.assign(**{SLICE: one}) for one, (table, _) in zip(of.slices, found, strict=True)
    ]
    key = str(tables[0].columns[0])
    before, after = (table.set_index(key)[value] for table in tables)
    order = after.sort_values(ascending=False, kind="stable").index
    both = [table.set_index(key).loc[order].reset_index() for table in tables]
    whole = pd.concat(both, ignore_index=True)
    whole["change"] = whole[key].map(after - before)

    def behind() -> pd.DataFrame:
        hits = [
            make().assign(**{SLICE: one}) for one, (_, make) in zip(of.slices, found, strict=True)
        ]
        return pd.concat(hits, ignore_index=True)

    return whole, behind


def word_rates(
    study: Any, terms: Sequence[str], slice_: str, inside: bool
) -> tuple[pd.DataFrame, Callable[[], pd.DataFrame]]:
    """How often words stand in a slice: key, n, N_chars, rate, reports; and what makes the hits."""
    found = rates(study, terms, "study", inside=inside, units="groups", target=slice_)
    sums = found.table.groupby("key", sort=False)[["n", "N_chars", "reports"]].sum().reset_index()
    return sums.assign(rate=sums["n"] / sums["N_chars"] * PER), found.behind


def pooled(table: pd.DataFrame) -> tuple[pd.DataFrame, bool]:
    """Shares by region and year added up over the regions (or documents) of a year.

    Also whether the regions are not the same in all years. A table of the bundled list leads to
    its documents by their year of publication, one of reports by the year reported on.
    """
    when = "published" if "published" in table else "year"
    by = table.groupby(["theme", when], sort=False)
    sums = by.agg(
        at=("at", "first"),
        n=("n", "sum"),
        N_sentences=("N_sentences", "sum"),
        regions=("region", "nunique"),
    ).reset_index()
    sums = sums.assign(share=sums["n"] / sums["N_sentences"]).sort_values(when, kind="stable")
    held = {frozenset(own) for _, own in table.groupby(when)["region"]}
    columns = ["theme", when, "at", "n", "N_sentences", "share", "regions"]
    return without_none(sums[columns], when), len(held) > 1


def without_none(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """A table of shares without the rows of what has no theme: their share stands beside the rest.

    `share_none` is that of the same year, or slice (column `by`); of a chosen few themes empty.
    """
    none = table[table["theme"] == NONE].set_index(by)["share"]
    rows = table[table["theme"] != NONE]
    return rows.assign(share_none=rows[by].map(none)).reset_index(drop=True)

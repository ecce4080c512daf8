"""A region beside others: who has a figure of the year, who stands where, what is not known."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import reports, tables
from analysis.errors import InputError, unknown
from analysis.trends.series import chosen, inexact, ordered, unlike

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.indicators import IndicatorCodebook

_KEYS = ["status", "report_id", "sentence_id", "source_id", "quote"]
IN_YEAR_COLUMNS = (
    *("indicator_id", "per", "region", "role", "year", "period", "value", "unit", "common_unit"),
    *("bound", "measure_kind", "definition", "comparable", "why", "rank", "direction", "n_known"),
    *("median", *_KEYS),
)
"""Columns of the figures of one year."""

DIRECTIONS = {
    "higher": "highest first: more is better",
    "lower": "lowest first: less is better",
    "neither": "highest first: neither is better",
}
"""What rank 1 means, by the codebook's `better`."""


def members(groups: pd.DataFrame, group: str) -> list[str]:
    """The regions of a group of groups.csv; none for ''.

    Raises
    ------
    InputError
        for a group that does not exist.
    """
    if group and group not in set(groups["group"]):
        raise InputError(unknown("group", group, set(groups["group"])))
    return list(groups.loc[groups["group"] == group, "region"])


def in_year(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    year: int,
    among: Collection[str] = (),
    region: str = "",
    only: Collection[str] = (),
    status: Collection[str] = (),
) -> pd.DataFrame:
    """The figures of many regions in one year, ranked as far as they are comparable.

    Parameters
    ----------
    year : the year the figures are about.
    among : regions wanted, empty for all. `region` is one of them in any case.
    region : whose figure the others are compared with; without one it is the kind of figure (unit,
        definition) that most regions give.
    only : ids of indicators, empty for those that two regions or more have a figure of.
    status : which rows count; empty for all but rejected ones. Targets never do.

    Returns
    -------
    DataFrame
        One row a figure (`IN_YEAR_COLUMNS`): comparable and why not; rank among the comparable
        ones (ties share the better rank) and what rank 1 means; n_known comparable regions and
        their median, the region itself included. Where the codebook says `per`, rows with that
        column filled follow: the figure divided by that indicator of the same year and region,
        where both are exact.
    """
    rows = chosen(indicators, codebook, (), [year], status)
    rows = rows[rows["measure_kind"] != "target"].assign(per="")
    if among:
        rows = rows[rows["region"].isin({*among, region})]
    rows = pd.concat([rows, _per_head(rows, codebook)], ignore_index=True)
    rows = rows[rows["indicator_id"].isin(list(only or codebook.indicators))]
    rows = rows.assign(role=["own" if name == region else "peer" for name in rows["region"]])
    rows = ordered(rows, codebook, "per", "role", "region", "definition", "measure_kind")
    blocks = [
        _ranked(block, codebook.indicators[block["indicator_id"].iloc[0]].better)
        for _, block in rows.groupby(["indicator_id", "per"], sort=False)
        if only or block["region"].nunique() > 1
    ]
    empty = pd.DataFrame(columns=list(IN_YEAR_COLUMNS))
    return pd.concat(blocks, ignore_index=True)[list(IN_YEAR_COLUMNS)] if blocks else empty


def _per_head(rows: pd.DataFrame, codebook: IndicatorCodebook) -> pd.DataFrame:
    """Figures divided by another indicator of the same region and period, where it is known."""
    below = {
        (row.indicator_id, row.region, row.period): row
        for row in tables.rows(rows)
        if row.bound == "exact" and row.value
    }
    found = []
    for row in tables.rows(rows):
        per = codebook.indicators[row.indicator_id].per
        other = below.get((per, row.region, row.period))
        if per and other is not None and row.bound == "exact":
            unit = f"{row.unit}/{other.unit}"
            common = f"{row.common_unit}/{other.common_unit}"
            value = row.value / other.value
            found.append(row._replace(per=per, value=value, unit=unit, common_unit=common))
    return pd.DataFrame(found, columns=rows.columns)


def _ranked(block: pd.DataFrame, better: str) -> pd.DataFrame:
    """One indicator's figures of a year against the reference among them."""
    figures = list(tables.rows(block))
    exact = [row for row in figures if not inexact(row)]
    own = [row for row in exact if row.role == "own"]
    kinds = [(row.common_unit, row.definition, row.measure_kind) for row in exact]
    commonest = [exact[kinds.index(max(kinds, key=kinds.count))]] if exact else []
    reference = next(iter(own + commonest), None)
    values: dict[str, set[float]] = {}
    for row in exact:
        if not unlike(reference, row):
            values.setdefault(row.region, set()).add(row.value)
    why = []
    for row in figures:
        reasons = unlike(reference, row) if reference is not None else inexact(row)
        if not reasons and len(values[row.region]) > 1:
            reasons = [f"{row.region} has two figures"]
        why.append("; ".join(dict.fromkeys(reasons)))
    block = block.assign(why=pd.Series(why, index=block.index, dtype=object))
    block["comparable"] = block["why"] == ""
    fit = block[block["comparable"]].drop_duplicates("region")
    ranks = fit.set_index("region")["value"].rank(method="min", ascending=better == "lower")
    block["rank"] = block["region"].map(ranks).where(block["comparable"]).astype("Int64")
    middle = median(fit["value"]) if len(fit) else float("nan")
    return block.assign(median=middle, n_known=len(fit), direction=DIRECTIONS[better])


def peers(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    groups: pd.DataFrame,
    region: str | Collection[str],
    group: str,
    year: int | Collection[int],
    *,
    only: Collection[str] = (),
    status: Collection[str] = (),
) -> pd.DataFrame:
    """One region (or several) against a group of regions, one row an indicator and year.

    Parameters
    ----------
    groups : the table of that name; group : one of its groups, '' for the regions of the same
        level that the table `indicators` knows.
    region, year : whose figures, and of when.
    only : ids of indicators, empty for those that another region has a figure of as well.
    status : which rows count; empty for all but rejected ones.

    Returns
    -------
    DataFrame
        indicator_id, per, region, group, year, value, unit, definition, median of the group (the
        region counts in), distance from it, rank and what rank 1 means (direction), n_known
        (regions with a comparable figure), n_other (with one that is not), n_missing (with none)
        and missing (their names). A figure that is a bound or not for the calendar year has no
        rank, and why says so; so does one that no other region can be held against.

    Raises
    ------
    InputError
        for a group that does not exist.
    """
    named = members(groups, group)
    found = []
    for mine in [region] if isinstance(region, str) else region:
        known = list(dict.fromkeys(indicators["region"]))
        level = [name for name in known if reports.level_of(name) == reports.level_of(mine)]
        among = list(dict.fromkeys([*(named or level), mine]))
        for when in [year] if isinstance(year, int) else year:
            options: Any = {"year": int(when), "among": among, "only": only, "status": status}
            table = in_year(indicators, codebook, region=mine, **options)
            for _, block in table.groupby(["indicator_id", "per"], sort=False):
                found += [_standing(row, block, group, among) for row in _own(block)]
    return pd.DataFrame(found, columns=list(_PEER_COLUMNS))


_PEER_COLUMNS = (
    *("indicator_id", "per", "region", "group", "year", "value", "unit", "definition", "median"),
    *("distance", "rank", "direction", "n_known", "n_other", "n_missing", "missing", "why"),
)


def _own(block: pd.DataFrame) -> list[Any]:
    return list(tables.rows(block[block["role"] == "own"]))


def _standing(row: Any, block: pd.DataFrame, group: str, among: list[str]) -> list[Any]:
    """One row of `peers`."""
    fit = set(block.loc[block["comparable"], "region"])
    missing = [name for name in among if name not in set(block["region"])]
    why = row.why or ("no other region has a comparable figure" if len(fit) < 2 else "")
    ranked = not why
    nothing = float("nan")
    return [
        *(row.indicator_id, row.per, row.region, group, row.year, row.value, row.unit),
        *(row.definition, row.median if ranked else nothing),
        *((row.value - row.median, row.rank) if ranked else (nothing, None)),
        *(row.direction, len(fit), len(set(block["region"]) - fit), len(missing)),
        *("、".join(missing), why),
    ]


def known(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    by: str = "indicator_id",
    regions: Collection[str] = (),
    only: Collection[str] = (),
    years: Collection[int] = (),
    status: Collection[str] = (),
) -> pd.DataFrame:
    """What is known and what is missing, year by year.

    Parameters
    ----------
    by : `indicator_id` or `region`: what the lines of the table are.
    regions, only, years, status : which rows count; empty for all (but rejected ones).

    Returns
    -------
    DataFrame
        One row for each line and each year from the first to the last (or of `years`): n figures
        reported, n_exact, n_verified, n_targets; state is `exact` (at least one exact figure for
        the calendar year), `bound` (others only), `target` (planned only) or `missing`.
    """
    rows = chosen(indicators, codebook, only, years, status)
    rows = rows[rows["region"].isin(list(regions))] if regions else rows
    counts: dict[tuple[str, int], list[int]] = {}
    for row in tables.rows(rows):
        cell = counts.setdefault((getattr(row, by), int(row.year)), [0, 0, 0, 0])
        target = row.measure_kind == "target"
        exact = not target and not inexact(row)
        for at, holds in enumerate((not target, exact, row.status == "verified", target)):
            cell[at] += bool(holds and (at != 2 or not target))
    found = {year for _, year in counts}
    span = sorted(years) if years else range(min(found, default=0), max(found, default=-1) + 1)
    order = list(codebook.indicators) if by == "indicator_id" else sorted(set(rows[by]))
    lines = [name for name in order if any(name == line for line, _ in counts)]
    cells = [
        [line, year, *counts.get((line, year), [0, 0, 0, 0])] for line in lines for year in span
    ]
    names = [by, "year", "n", "n_exact", "n_verified", "n_targets"]
    table = pd.DataFrame(cells, columns=names)
    state = [
        "exact" if row.n_exact else "bound" if row.n else "target" if row.n_targets else "missing"
        for row in tables.rows(table)
    ]
    return table.assign(state=pd.Series(state, index=table.index, dtype=object))

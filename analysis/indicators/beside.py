"""A region beside others: who has a figure of the year, who stands where, what is not known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis.kit import must_occur
from analysis.text import level_of

from .headline import UNJUDGED
from .selection import Selection, inexact, on_level, ordered, unlike
from .targets import ABOUT, dated, span

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook

IN_YEAR_COLUMNS = (
    *("indicator_id", "per", "region", "role", "year", "period", "value", "unit", "common_unit"),
    *("bound", "measure_kind", "definition", "comparable", "why", "rank", "direction", "n_known"),
    *("median", "status", "report_id", "sentence_id", "source_id", "quote", "note"),
)
"""Columns of the figures of one year."""

DIRECTIONS = {
    "higher": "highest first: more is better",
    "lower": "lowest first: less is better",
    "neither": "highest first: neither is better",
}
"""What rank 1 means, by the codebook's `better`."""

RANKED = 3
"""Comparable regions that a rank, a median or a band needs."""

_UNITS = ("unit", "common_unit")
_PEER_COLUMNS = (
    *("indicator_id", "per", "region", "group", "year", "value", "unit", "definition", "median"),
    *("distance", "rank", "direction", "n_known", "n_other", "n_missing", "missing", "why"),
)


def members(groups: pd.DataFrame, group: str) -> list[str]:
    """The regions of a group of groups.csv; none for ''.

    InputError for a group that does not exist.
    """
    must_occur("group", filter(None, [group]), groups["group"])
    return list(groups.loc[groups["group"] == group, "region"])


def in_year(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    year: int,
    among: Collection[str] = (),
    region: str = "",
    **which: Any,
) -> pd.DataFrame:
    """The figures of many regions in one year, ranked as far as they are comparable.

    Parameters
    ----------
    year : the year the figures are about.
    among : regions wanted besides `region`, empty for all; of these only those of one level
        are comparable, the level of `region` or of most.
    region : whose figure the others are compared with; without one it is the kind of figure (unit,
        definition) that most regions give.
    which : `only` (else what two regions have a figure of), `status` of `Selection`; no targets.

    Returns
    -------
    DataFrame
        One row a figure (`IN_YEAR_COLUMNS`): comparable and why not; rank among the comparable
        ones and those bounds that are surely better (ties share the better rank; none where a
        bound or an approximate figure may be better or not), and what rank 1 means; n_known
        comparable regions and their median, the region's own included; both empty where these are
        fewer than `RANKED`;
        per: what the figure is divided by, '' for itself.
    """
    chosen = Selection(years=[year], regions={*among, region} if among else None, **which)
    rows = chosen.rows(indicators, codebook)
    rows = rows[rows["measure_kind"] != "target"].assign(per="")
    others = replace(chosen, only=()).rows(indicators, codebook) if chosen.only else rows
    rows = pd.concat([rows, _per_head(rows, others, codebook)], ignore_index=True)
    rows = rows.astype({"value": "float64"})  # of no figures per head there are objects
    rows = rows.assign(role=["own" if name == region else "peer" for name in rows["region"]])
    rows = ordered(rows, codebook, "per", "role", "region", "definition", "measure_kind")
    blocks = [
        _ranked(block, codebook.indicators[block["indicator_id"].iloc[0]].better, mixed=bool(among))
        for _, block in rows.groupby(["indicator_id", "per"], sort=False)
        if chosen.only or block["region"].nunique() > 1
    ]
    table = pd.concat(blocks, ignore_index=True) if blocks else pd.DataFrame()
    return table.reindex(columns=list(IN_YEAR_COLUMNS))


def _per_head(
    rows: pd.DataFrame, others: pd.DataFrame, codebook: IndicatorCodebook
) -> pd.DataFrame:
    """Figures divided by another indicator's of the same region and period, where it is known."""
    below = {
        (row.indicator_id, row.region, row.period): row
        for row in tables.rows(others)
        if row.bound == "exact" and row.measure_kind != "target" and row.value
    }
    found = []
    for row in tables.rows(rows):
        per = codebook.indicators[row.indicator_id].per
        other = below.get((per, row.region, row.period))
        if other and row.bound == "exact":
            units = {name: f"{getattr(row, name)}/{getattr(other, name)}" for name in _UNITS}
            found.append(row._replace(per=per, value=row.value / other.value, **units))
    return pd.DataFrame(found, columns=rows.columns)


def _ranked(block: pd.DataFrame, better: str, *, mixed: bool) -> pd.DataFrame:
    """One indicator's figures of a year against the reference among them.

    mixed : whether a city may stand beside a province.
    """
    figures = list(tables.rows(block))
    exact = [row for row in figures if not inexact(row)]
    level = {row.region: "" if mixed else level_of(row.region) for row in figures}
    kinds = [
        (row.common_unit, row.definition, row.measure_kind, level[row.region]) for row in exact
    ]
    commonest = exact[kinds.index(max(kinds, key=kinds.count))] if exact else None
    reference = next((row for row in exact if row.role == "own"), commonest)
    wanted = level[reference.region] if reference is not None else ""
    values: dict[str, set[float]] = {}
    for row in exact:
        if not unlike(reference, row) and level[row.region] == wanted:
            values.setdefault(row.region, set()).add(row.value)
    why = []
    for row in figures:
        reasons = unlike(reference, row) if reference is not None else inexact(row)
        if reference is not None and level[row.region] != wanted:
            reasons = [*reasons, f"{wanted} and {level[row.region]}"]
        if not reasons and len(values[row.region]) > 1:
            reasons = [f"{row.region} has two figures"]
        why.append("; ".join(dict.fromkeys(reasons)))
    block = block.assign(why=pd.Series(why, index=block.index, dtype=object))
    block["comparable"] = block["why"] == ""
    fit = block[block["comparable"]].drop_duplicates("region").set_index("region")["value"]
    enough = len(fit) >= RANKED
    beside = [
        span(row, ABOUT)
        for row in figures
        if row.bound != "exact"
        and row.period == str(row.year)
        and row.region not in fit
        and reference is not None
        and level[row.region] == wanted
        and not unlike(reference, row._replace(bound="exact"))
    ]
    ranks = block["region"].map(_ranks(fit, better, beside))
    block["rank"] = ranks.where(block["comparable"] & enough).astype("Int64")
    middle = fit.median() if enough else nan
    return block.assign(median=middle, n_known=len(fit), direction=DIRECTIONS[better])


def _ranks(
    fit: pd.Series[float], better: str, beside: list[tuple[float, float]]
) -> pd.Series[float]:
    """The rank of each exact figure; none where a bound or 'about' may stand before it or not.

    beside : the least and the most that each other region's figure can be.
    """
    sign = -1 if better == "lower" else 1
    spans = [sorted((sign * low, sign * high)) for low, high in beside]
    ranks = (sign * fit).rank(method="min", ascending=False)
    placed = []
    for value, rank in zip(sign * fit, ranks, strict=True):
        ahead = sum(low > value for low, _ in spans)
        unsure = any(low <= value < high for low, high in spans)
        placed.append(nan if unsure else rank + ahead)
    return pd.Series(placed, fit.index, dtype=float)


def peers(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    groups: pd.DataFrame,
    region: str | Collection[str],
    group: str,
    year: int | Collection[int],
    **which: Any,
) -> pd.DataFrame:
    """One region (or several) against a group of regions, one row an indicator and year.

    InputError for a group that does not exist.

    Parameters
    ----------
    groups, group : the table and one of its groups, '' for the known regions of the same level.
    region, year : whose figures, and of when.
    which : `only` and `status` as for `in_year`.

    Returns
    -------
    DataFrame
        indicator_id, per, region, group, year, value, unit, definition, median (the region's own
        counts), distance from it, rank, direction (what rank 1 means), n_known regions with a
        comparable figure, n_other with another, n_missing with none, missing (names), why no rank.
    """
    named = members(groups, group)
    found = []
    for mine in [region] if isinstance(region, str) else region:
        among = list(dict.fromkeys([*(named or on_level(indicators, mine)), mine]))
        for when in [year] if isinstance(year, int) else year:
            wanted: Any = {"year": int(when), "among": among, "region": mine, **which}
            table = in_year(indicators, codebook, **wanted)
            for _, block in table.groupby(["indicator_id", "per"], sort=False):
                own = tables.rows(block[block["role"] == "own"])
                found += [{**_standing(row, block, among), "group": group} for row in own]
    return pd.DataFrame(found, columns=list(_PEER_COLUMNS))


def _standing(row: Any, block: pd.DataFrame, among: list[str]) -> dict[str, Any]:
    """One row of `peers`: the region's row of `in_year`, and how many others it is held against."""
    have, fit = set(block["region"]), set(block.loc[block["comparable"], "region"])
    missing = [name for name in among if name not in have]
    counts = {"n_other": len(have - fit), "n_missing": len(missing)}
    few = f"of {len(fit)} with a comparable figure there is no rank, of {RANKED} there is"
    why = row.why or (few if len(fit) < RANKED else "")
    ranked = {"distance": row.value - row.median}
    if not why and pd.isna(row.rank):
        why = "no rank: a bound or an approximate figure of another region may be better"
    elif why:
        ranked = {"median": nan, "distance": nan, "rank": None}
    return {**row._asdict(), **counts, **ranked, "missing": "、".join(missing), "why": why}


def by_year(
    indicators: pd.DataFrame, codebook: IndicatorCodebook, indicator: str, **which: Any
) -> pd.DataFrame:
    """One indicator region by year: its figures of one kind, that which most of them are of.

    Parameters
    ----------
    which : fields of `Selection` but `only`; no targets, and no figures of several years.

    Returns
    -------
    DataFrame
        A row a region (`place` too) and year from the first to the last: value, unit, bound,
        definition, n (figures of that kind; of several the exact and the verified one comes
        first), missing (`other_kind`, or `missing`, where there is none), report_id, source_id, ….
    """
    rows = Selection(only=[indicator], **which).rows(indicators, codebook)
    year = rows["year"].astype(str)
    rows = rows[(rows["measure_kind"] != "target") & (rows["period"] == year)]
    kind = ["common_unit", "definition", "measure_kind"]
    sizes = rows.groupby(kind).size().rename("of").reset_index()
    sizes = sizes.sort_values(["of", *kind], ascending=[False, True, True, True])
    same = rows.merge(sizes.head(1)[kind], on=kind)
    rank = same["status"].map({"verified": 0, "checked": 1}).fillna(2)
    same = same.assign(inexact=same["bound"] != "exact", rank=rank)
    same = same.sort_values(["inexact", "rank", "report_id", "value"], kind="stable")
    keys = ["region", "year"]
    n = same.groupby(keys).size().rename("n").reset_index()
    first = same.drop_duplicates(keys).drop(columns=["inexact", "rank", "unit"])
    years = range(int(rows["year"].min()), int(rows["year"].max()) + 1) if len(rows) else ()
    every = pd.MultiIndex.from_product([sorted(set(rows["region"])), years], names=keys)
    made = every.to_frame(index=False).merge(first.astype({"year": int}), on=keys, how="left")
    made = made.merge(n.astype({"year": int}), on=keys, how="left")
    others = pd.MultiIndex.from_frame(rows[keys].astype({"year": int}))
    held = pd.MultiIndex.from_frame(made[keys]).isin(others)
    none = made["value"].isna()
    texts = [str(name) for name in made if made[name].dtype == object and name != "region"]
    made = made.fillna(dict.fromkeys(texts, ""))
    why = ["" if not gone else "other_kind" if one else "missing"
           for gone, one in zip(none, held, strict=True)]  # fmt: skip
    said: dict[str, Any] = {"indicator_id": indicator, "place": made["region"], "missing": why}
    return made.rename(columns={"common_unit": "unit"}).assign(**said).astype({"n": "Int64"})


def known(
    indicators: pd.DataFrame, codebook: IndicatorCodebook, *, by: str = "indicator_id", **which: Any
) -> pd.DataFrame:
    """What is known and what is missing, year by year.

    Parameters
    ----------
    by : `indicator_id` or `region`: what the lines of the table are.
    which : fields of `Selection`.

    Returns
    -------
    DataFrame
        One row for each line and each year from the first to the last (or of `years`): n figures
        reported, n_exact, n_verified (by a person, or checked by a program), n_unjudged (found by
        the program, judged by nobody), n_targets; of k_of regions (or, by region, indicators)
        k_exact have an exact figure for the calendar year and k_stated any; state
        is `exact` (all of them an exact one), `some` (some of them), `bound` (other figures only),
        `target` (planned only), `absent` (a report states no target and nothing else is known) or
        `missing`. A target stands in the year it is for, a plan's in its last.
    """
    chosen, indicators = Selection(**which), dated(indicators)
    rows = chosen.rows(indicators, codebook)
    target = rows["measure_kind"] == "target"
    exact = pd.Series([not inexact(row) for row in tables.rows(rows)], rows.index, dtype=bool)
    counted = {"n": ~target, "n_exact": ~target & exact}
    counted |= {
        "n_verified": ~target & rows["status"].isin(["checked", "verified"]),
        "n_unjudged": ~target & (rows["note"] == UNJUDGED),
        "n_targets": target,
    }
    cells = rows[[by, "year"]].assign(**counted).groupby([by, "year"]).sum().astype(int)
    other = "region" if by == "indicator_id" else "indicator_id"
    for name, those in (("k_exact", exact & ~target), ("k_stated", ~target)):
        cells[name] = rows[those].groupby([by, "year"])[other].nunique().astype(int)
    cells = cells.fillna(0).astype(int)
    years = rows["year"].astype(int)
    none = indicators[indicators["status"] == "absent"]
    none = none[none["indicator_id"].isin(list(chosen.only or codebook.indicators))]
    if chosen.regions is not None:
        none = none[none["region"].isin(list(chosen.regions))]
    absent = set(zip(none[by], none["year"].astype(int), strict=True))
    every = [*years, *none["year"].astype(int)]
    span = sorted(chosen.years) or range(min(every), max(every) + 1) if every else ()
    order = codebook.indicators if by == "indicator_id" else sorted({*rows[by], *none[by]})
    lines = [line for line in order if line in {*rows[by], *none[by]}]
    wanted = pd.MultiIndex.from_product([lines, span], names=[by, "year"])
    table = cells.reindex(wanted, fill_value=0).reset_index()
    asked = chosen.regions if other == "region" else chosen.only
    table["k_of"] = len(set(asked or {*rows[other], *none[other]}))
    state = [_state(row, absent=(row[0], row.year) in absent) for row in tables.rows(table)]
    return table.assign(state=pd.Series(state, index=table.index, dtype=object))


def _state(row: Any, *, absent: bool) -> str:
    """What is known of a cell, the best first."""
    if row.n:
        return ("exact" if row.k_exact == row.k_of else "some") if row.n_exact else "bound"
    return "target" if row.n_targets else "absent" if absent else "missing"

"""The series of a region: which figures are joined, where it breaks and why, how it leans."""

from __future__ import annotations

import re
from itertools import combinations
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from analysis import reports, tables
from analysis.errors import InputError, unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.indicators import Indicator, IndicatorCodebook

COLUMNS = (
    *("indicator_id", "region", "role", "year", "period", "value", "unit", "common_unit"),
    *("bound", "measure_kind", "definition", "joined", "change", "break_", "status"),
    *("report_id", "sentence_id", "source_id", "quote", "note"),
)
"""Columns of a panel."""

_SERIES = ["indicator_id", "region", "role"]
_ALIKE = ["common_unit", "definition", "measure_kind"]
_ENOUGH = 5
_FAMILY = re.compile(r"(.*-)(\d{4})")


def chosen(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    only: Collection[str] = (),
    years: Collection[int] = (),
    status: Collection[str] = (),
) -> pd.DataFrame:
    """Rows of the table `indicators` that are wanted, with their unit after synonyms.

    Parameters
    ----------
    only : ids of indicators, empty for all of the codebook.
    years : empty for all.
    status : `extracted`, `verified`, …; empty for all but rejected ones.

    Raises
    ------
    InputError
        for an indicator or a status that does not exist: a typo must not show other figures.
    """
    for name in only:
        if name not in codebook.indicators:
            raise InputError(unknown("indicator", name, codebook.indicators))
    allowed = tables.CHOICES["indicators", "status"]
    for name in status:
        if name not in allowed:
            raise InputError(unknown("status", name, allowed))
    rows = indicators[indicators["indicator_id"].isin(list(only or codebook.indicators))]
    kept = rows["status"].isin(list(status)) if status else rows["status"] != "rejected"
    if years:
        kept &= rows["year"].isin(list(years))
    rows = rows[kept]
    units = [
        _common_unit(codebook.indicators[row.indicator_id], row.unit) for row in tables.rows(rows)
    ]
    return rows.assign(common_unit=pd.Series(units, index=rows.index, dtype=object))


def _common_unit(indicator: Indicator, unit: str) -> str:
    """The indicator's unit for itself and its synonyms; any other unit stays as written."""
    return indicator.unit if indicator.same_unit(unit, indicator.unit) else unit


def ordered(rows: pd.DataFrame, codebook: IndicatorCodebook, *then: str) -> pd.DataFrame:
    """Rows in the codebook's order of indicators, then by columns."""
    places = {name: at for at, name in enumerate(codebook.indicators)}
    order = rows["indicator_id"].map(places)
    return rows.assign(order=order).sort_values(["order", *then], ignore_index=True)


def panel(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    regions: Collection[str],
    only: Collection[str] = (),
    years: Collection[int] = (),
    peers_in: Collection[int] = (),
    peers: Collection[str] = (),
    status: Collection[str] = (),
) -> pd.DataFrame:
    """The series of some regions, and their peers' figures of some years; no targets.

    Parameters
    ----------
    indicators : the table of that name.
    codebook : units, synonyms and order of the indicators.
    regions : whose series are wanted.
    only : ids of indicators; empty for all that the regions have a figure of and that can be
        set against another year or a peer.
    years : years wanted; empty for all.
    peers_in : years in which peers stand beside them.
    peers : the regions that are peers; empty for those of the same level.
    status : which rows count; empty for all but rejected ones.

    Returns
    -------
    DataFrame
        One row a figure (`COLUMNS`): role is `own` or `peer`; joined says whether the figure is
        comparable with one of the year before in its series, change by how much it differs from
        that one (in the unit of the row), and break_ why it is not joined ('' for the first).
        Rows stand in the codebook's order, own series first, by region and year.

    Raises
    ------
    InputError
        for an indicator or a status that does not exist.
    """
    rows = chosen(indicators, codebook, only, years, status)
    rows = rows[rows["measure_kind"] != "target"]
    own = rows[rows["region"].isin(list(regions))]
    levels = {reports.level_of(region) for region in regions}
    among = rows["region"].isin(list(peers)) | (
        rows["region"].map(reports.level_of).isin(levels if not peers else set())
    )
    beside = rows[~rows["region"].isin(list(regions)) & rows["year"].isin(list(peers_in)) & among]
    both = pd.concat([own.assign(role="own"), beside.assign(role="peer")])
    both = both[both["indicator_id"].isin(set(only or _comparable(own, beside)))]
    both = ordered(both, codebook, "role", "region", "year", "period", "definition")
    return _linked(both)


def _comparable(own: pd.DataFrame, beside: pd.DataFrame) -> set[str]:
    """Indicators with something to compare: a second year, or a peer."""
    years = own.groupby("indicator_id")["year"].nunique()
    return set(years.index[years > 1]) | (set(years.index) & set(beside["indicator_id"]))


def _linked(rows: pd.DataFrame) -> pd.DataFrame:
    """Each figure with its link to the one before: joined, change, break_."""
    keys = [*_SERIES, "year", "period", *_ALIKE]
    disputed = rows.duplicated(keys, keep=False) & ~rows.duplicated([*keys, "value"], keep=False)
    reasons: list[str] = []
    changes: list[float] = []
    series: tuple[str, ...] = ()
    seen: list[Any] = []
    for row in tables.rows(rows.assign(disputed=disputed)):
        if series != (row.indicator_id, row.region, row.role):
            series, seen = (row.indicator_id, row.region, row.role), []
        reason, change = _link(seen, row)
        reasons.append(reason)
        changes.append(change)
        seen.append(row)
    change_by = pd.Series(changes, index=rows.index, dtype="float64")
    change_by = change_by.where(rows["role"] == "own")
    linked = rows.assign(break_=pd.Series(reasons, index=rows.index, dtype=object))
    return linked.assign(change=change_by, joined=change_by.notna())[list(COLUMNS)]


def _link(seen: list[Any], row: Any) -> tuple[str, float]:
    """Why a figure is not joined to its series so far ('' if it is or is the first); the change."""
    for before in reversed(seen):
        if before.year == row.year - 1 and not _unlike_in_series(before, row):
            return "", row.value - before.value
    if not seen:
        return "", float("nan")
    before = seen[-1]
    found = []
    if row.year != before.year + 1:
        found.append("same year" if row.year == before.year else "years between are missing")
    return "; ".join(found + _unlike_in_series(before, row)), float("nan")


def _unlike_in_series(before: Any, row: Any) -> list[str]:
    """What keeps two figures of a series apart, besides the years between."""
    disputed = [f"{side.year} has two figures" for side in (before, row) if side.disputed]
    return unlike(before, row) + disputed


def unlike(one: Any, other: Any) -> list[str]:
    """What makes two figures of an indicator not comparable, in words."""
    found = []
    if one.common_unit != other.common_unit:
        found.append(f"unit {one.unit or '-'} and {other.unit or '-'}")
    if one.definition != other.definition:
        found.append(f"definition {one.definition or '-'} and {other.definition or '-'}")
    if one.measure_kind != other.measure_kind:
        found.append(f"{one.measure_kind} and {other.measure_kind}")
    return found + [word for side in (one, other) for word in inexact(side)]


def inexact(row: Any) -> list[str]:
    """Why a figure is not one exact number for a calendar year."""
    found = [f"{row.year} is {row.bound}"] if row.bound != "exact" else []
    if row.period != str(row.year):
        found.append(f"{row.year} covers {row.period or 'a period that is not stated'}")
    return found


def breaks(panel: pd.DataFrame) -> pd.DataFrame:
    """Where two figures of a series must not be joined, and why.

    Parameters
    ----------
    panel : what `panel` returned.

    Returns
    -------
    DataFrame
        One row a break: indicator_id, region, both figures (`before_` and the later one: year,
        value, unit, bound, definition, report_id or source_id), why.
    """
    own = panel[panel["role"] == "own"]
    shown = ["year", "value", "unit", "bound", "definition", "report_id", "source_id"]
    earlier = own.groupby(_SERIES, sort=False)[shown].shift().add_prefix("before_")
    later = own[["indicator_id", "region"]].join(earlier).join(own[shown])
    found = later.assign(why=own["break_"])[own["break_"] != ""]
    return found.astype({"before_year": "Int64"}).reset_index(drop=True)


def slope(panel: pd.DataFrame) -> pd.DataFrame:
    """How a series leans: the median of the slopes between any two comparable figures.

    Years may be missing between them; bounds, other periods and years with two different figures
    are left out. The estimator is Theil and Sen's (Sen 1968, J. Am. Stat. Assoc. 63, 1379-1389).

    Parameters
    ----------
    panel : what `panel` returned.

    Returns
    -------
    DataFrame
        One row for each indicator, region, unit, definition and kind: n figures, from first to
        last, n_missing years between, n_left_out figures, slope (unit a year, missing where there
        are fewer than five figures), why.
    """
    own = panel[panel["role"] == "own"]
    keys = ["indicator_id", "region", *_ALIKE]
    found = []
    for key, rows in own.groupby(keys, sort=False):
        exact = rows[[not inexact(row) for row in tables.rows(rows)]]
        exact = exact.drop_duplicates(["year", "value"]).drop_duplicates("year", keep=False)
        points = sorted(zip(exact["year"].astype(int), exact["value"], strict=True))
        enough = len(points) >= _ENOUGH
        slopes = [(up - low) / (to - at) for (at, low), (to, up) in combinations(points, 2)]
        years = [year for year, _ in points] or [0]
        missing = years[-1] - years[0] + 1 - len(years)
        why = "" if enough else f"{len(points)} comparable figures; a slope needs {_ENOUGH}"
        lean = median(slopes) if enough else float("nan")
        left_out = len(rows) - len(points)
        found.append([*key, len(points), years[0], years[-1], max(missing, 0), left_out, lean, why])
    names = [*keys, "n", "first", "last", "n_missing", "n_left_out", "slope", "why"]
    return pd.DataFrame(found, columns=names)


def cite(
    panel: pd.DataFrame, sources: pd.DataFrame, lang: str = "zh"
) -> tuple[pd.DataFrame, list[str]]:
    """Number the sources of a panel in the order in which they appear.

    Returns
    -------
    (DataFrame, list of str)
        The panel with the column `source_no`, and each source's label: a report's id, or a
        source's producer (where that is not known, its site) and its source_id. Of sources in a
        row that differ by the year at their id's end only, the first is named in full.
    """
    known = sources.set_index("source_id")
    label = {"zh": "报告 {}", "en": "report {}"}[lang]
    keys = [row.report_id or row.source_id for row in tables.rows(panel)]
    order = {key: at for at, key in enumerate(dict.fromkeys(keys), start=1)}
    labels = []
    family = ("", "")
    for key in order:
        producer = label.format("").strip()
        if key in known.index:
            site = urlsplit(known.loc[key, "url"]).netloc.removeprefix("www.")
            producer = known.loc[key, "producer"] or site
        stem = _FAMILY.fullmatch(key)
        same = stem is not None and family == (producer, stem[1])
        labels.append(f"…{stem[2]}" if stem and same else f"{producer} {key}".strip())
        family = (producer, stem[1]) if stem else ("", "")
    return panel.assign(source_no=[order[key] for key in keys]), labels

"""Indicators over regions and years: what stands beside each other, and what may be joined.

Missing stays missing. Two figures of a region are joined only if they are comparable: years in a
row, the same unit (synonyms count as the same), the same definition, calendar years, both exact.
Where they are not, the reason is on record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pandas as pd

from analysis import reports, tables

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.indicators import IndicatorCodebook

COLUMNS = (
    *("indicator_id", "region", "role", "year", "period", "value", "unit", "bound"),
    *("measure_kind", "definition", "joined", "break_", "status"),
    *("report_id", "sentence_id", "source_id", "quote", "note"),
)
"""Columns of a panel."""


def panel(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    regions: Collection[str],
    only: Collection[str] = (),
    years: Collection[int] = (),
    peers_in: Collection[int] = (),
) -> pd.DataFrame:
    """The series of some regions, and their peers' figures of some years.

    Parameters
    ----------
    indicators : the table of that name; rejected rows are left out.
    codebook : units, synonyms and order of the indicators.
    regions : whose series are wanted.
    only : ids of indicators; empty for all that the regions have a figure of and that can be
        set against another year or a peer.
    years : years wanted; empty for all.
    peers_in : years in which regions of the same level stand beside them.

    Returns
    -------
    DataFrame
        One row a figure (`COLUMNS`): role is `own` or `peer`; joined says whether the figure is
        comparable with the one before it in its series, and break_ why not ('' for the first).
        Rows stand in the codebook's order, own series first, by region and year.
    """
    rows = indicators[indicators["status"] != "rejected"]
    if years:
        rows = rows[rows["year"].isin(list(years))]
    own = rows[rows["region"].isin(list(regions))]
    levels = {reports.level_of(region) for region in regions}
    beside = rows[
        ~rows["region"].isin(list(regions))
        & rows["year"].isin(list(peers_in))
        & rows["region"].map(reports.level_of).isin(levels)
    ]
    both = pd.concat([own.assign(role="own"), beside.assign(role="peer")])
    chosen = set(only or _comparable(own, beside))
    wanted = [name for name in codebook.indicators if name in chosen]
    both = both[both["indicator_id"].isin(wanted)]
    both["order"] = both["indicator_id"].map({name: at for at, name in enumerate(wanted)})
    both = both.sort_values(
        ["order", "role", "region", "year", "period", "definition"], ignore_index=True
    )
    both["break_"] = _breaks(both, codebook)
    series = both.groupby(["indicator_id", "region", "role"], sort=False).cumcount()
    both["joined"] = (series > 0) & (both["break_"] == "") & (both["role"] == "own")
    return both[list(COLUMNS)]


def _comparable(own: pd.DataFrame, beside: pd.DataFrame) -> set[str]:
    """Indicators with something to compare: a second year, or a peer."""
    years = own.groupby("indicator_id")["year"].nunique()
    return set(years.index[years > 1]) | (set(years.index) & set(beside["indicator_id"]))


def _breaks(rows: pd.DataFrame, codebook: IndicatorCodebook) -> list[str]:
    """Why each figure cannot be joined to the one before it; '' if it can or is the first."""
    reasons = []
    before = None
    for row in tables.rows(rows):
        series = (row.indicator_id, row.region, row.role)
        if before is None or (before.indicator_id, before.region, before.role) != series:
            reasons.append("")
        else:
            reasons.append("; ".join(_differences(before, row, codebook)))
        before = row
    return reasons


def _differences(before, row, codebook: IndicatorCodebook) -> list[str]:  # type: ignore[no-untyped-def]
    """What makes two figures of a series not comparable, in words."""
    indicator = codebook.indicators[row.indicator_id]
    found = []
    if row.year != before.year + 1:
        found.append("same year" if row.year == before.year else "years between are missing")
    if not indicator.same_unit(before.unit, row.unit):
        found.append(f"unit {before.unit} and {row.unit}")
    if before.definition != row.definition:
        found.append(f"definition {before.definition or '-'} and {row.definition or '-'}")
    if before.measure_kind != row.measure_kind:
        found.append(f"{before.measure_kind} and {row.measure_kind}")
    for side in (before, row):
        if side.bound != "exact":
            found.append(f"{side.year} is {side.bound}")
        if side.period != str(side.year):
            found.append(f"{side.year} covers {side.period}")
    return found


def cite(
    panel: pd.DataFrame, sources: pd.DataFrame, lang: str = "zh"
) -> tuple[pd.DataFrame, list[str]]:
    """Number the sources of a panel in the order in which they appear.

    Returns
    -------
    (DataFrame, list of str)
        The panel with the column `source_no`, and each source's label: a report's id, or a
        source's producer (where that is not known, its site) and its source_id.
    """
    known = sources.set_index("source_id")
    label = {"zh": "报告 {}", "en": "report {}"}[lang]
    keys = [row.report_id or row.source_id for row in tables.rows(panel)]
    order = {key: at for at, key in enumerate(dict.fromkeys(keys), start=1)}
    labels = []
    for key in order:
        if key in known.index:
            site = urlsplit(known.loc[key, "url"]).netloc.removeprefix("www.")
            labels.append(f"{known.loc[key, 'producer'] or site} {key}".strip())
        else:
            labels.append(label.format(key))
    return panel.assign(source_no=[order[key] for key in keys]), labels

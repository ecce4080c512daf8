"""The series of a region: which figures are joined, where it breaks and why, how it leans."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import combinations, groupby
from operator import attrgetter
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from analysis import tables
from analysis.kit import shown
from analysis.text import english

from .selection import Selection, inexact, on_level, ordered, unlike

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook

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


def panel(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    regions: Collection[str],
    peers_in: Collection[int] = (),
    peers: Collection[str] = (),
    **which: Any,
) -> pd.DataFrame:
    """The series of some regions, and their peers' figures of some years; no targets.

    Parameters
    ----------
    indicators : the table of that name.
    codebook : units, synonyms and order of the indicators.
    regions : whose series are wanted.
    peers_in : years in which peers stand beside them.
    peers : the regions that are peers; empty for those of the same level.
    which : fields of `Selection`; without `only` the indicators are those that the regions have a
        figure of and that can be set against another year or a peer.

    Returns
    -------
    DataFrame
        One row a figure (`COLUMNS`): role is `own` or `peer`; joined says whether the figure is
        comparable with one of the year before in its series, change by how much it differs from
        that one (in the unit of the row), and break_ why it is not joined ('' for the first).
        Rows stand in the codebook's order, own series first, by region and year.
    """
    chosen = Selection(**which)
    rows = chosen.rows(indicators, codebook)
    rows = rows[rows["measure_kind"] != "target"]
    mine = rows["region"].isin(list(regions))
    among = rows["region"].isin(list(peers or on_level(rows, *regions)))
    own, beside = rows[mine], rows[~mine & among & rows["year"].isin(list(peers_in))]
    both = pd.concat([own.assign(role="own"), beside.assign(role="peer")])
    both = both[both["indicator_id"].isin(set(chosen.only or _comparable(own, beside)))]
    series = ordered(both, codebook, "role", "region", "year", "period", "definition")
    return shown.Panel(_linked(series))


def _comparable(own: pd.DataFrame, beside: pd.DataFrame) -> set[str]:
    """Indicators with something to compare: a second year, or a peer."""
    years = own.groupby("indicator_id")["year"].nunique()
    return set(years.index[years > 1]) | (set(years.index) & set(beside["indicator_id"]))


def _linked(rows: pd.DataFrame) -> pd.DataFrame:
    """Each figure with its link to the one before: joined, change, break_."""
    keys = [*_SERIES, "year", "period", *_ALIKE]
    disputed = rows.duplicated(keys, keep=False) & ~rows.duplicated([*keys, "value"], keep=False)
    links = []
    figures = tables.rows(rows.assign(disputed=disputed))
    for _, series in groupby(figures, key=attrgetter(*_SERIES)):
        seen = list(series)
        links += [_link(seen[:at], row) for at, row in enumerate(seen)]
    linked = rows.assign(break_=pd.Series([why for why, _ in links], rows.index, dtype=object))
    change = pd.Series([by for _, by in links], rows.index, dtype="float64")
    change = change.where(rows["role"] == "own")
    return linked.assign(change=change, joined=change.notna())[list(COLUMNS)]


def _link(seen: list[Any], row: Any) -> tuple[str, float]:
    """Why a figure is not joined to its series so far ('' if it is or is the first); the change."""
    why: list[str] = []
    for before in reversed(seen):
        apart = unlike(before, row)
        apart += [f"{side.year} has two figures" for side in (before, row) if side.disputed]
        if before.year == row.year - 1 and not apart:
            return "", row.value - before.value
        if before is seen[-1]:
            gap = "same year" if row.year == before.year else "years between are missing"
            why = apart if before.year == row.year - 1 else [gap, *apart]
    return "; ".join(why), float("nan")


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
        source's producer (where that is not known, or has no English name, its site) and its
        source_id. That a page is a mirror's is said. Of sources in a row that differ by the year
        at their id's end only, the first is named in full.
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
            producer = _producer(known.loc[key], lang)
        stem = _FAMILY.fullmatch(key)
        same = stem is not None and family == (producer, stem[1])
        labels.append(f"…{stem[2]}" if stem and same else f"{producer} {key}".strip())
        family = (producer, stem[1]) if stem else ("", "")
    return panel.assign(source_no=[order[key] for key in keys]), labels


def _producer(source: pd.Series[str], lang: str) -> str:
    """Who made a source, or the site that it is on; and that it is a mirror's page."""
    site = urlsplit(source["url"]).netloc.removeprefix("www.")
    made = source["producer"]
    named = (made if lang == "zh" else english.issuer(made)) or site
    mirror = {"zh": "（镜像）", "en": " (mirror)"}[lang] if source.get("kind") == "mirror" else ""
    return named + mirror

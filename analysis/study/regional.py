"""Regions by a word or theme: ranked in a year, region by year, each over the years.

What is counted is what `compare.rates` and `themes.coverage` count; it is put into the rows of a
panel (`panel.regions`), so that the panel's measures and figures serve words and themes of the
codes as well: a region is one over its names, each year between the first and the last has a row,
and a region and year without a report, or with two, has no number and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis import tables, themes
from analysis.panel import panel
from analysis.themes import attention
from analysis.words import slices

from .compare import Rates
from .finding import ByLanguage, Finding, drawing

_CELL = ["region", "region_code", "region_id", "province", "level", "year", "year_given"]
_CELL += ["reports", "report_id", "missing"]


def cells(table: pd.DataFrame, reports: pd.DataFrame, topic: str, value: str) -> pd.DataFrame:
    """The rows of a panel: `_CELL`, topic, and what was counted there.

    Parameters
    ----------
    table : of one word or theme, by region and year as its reports have them: n, sizes, and the
        rate, which gets the name `value`.
    reports : those that were counted.
    """
    table = table.rename(columns={"rate": value, "share": value})
    sizes = [name for name in ("N_sentences", "N_chars", "N_tokens") if name in table]
    grid = panel.regions(reports)[_CELL].astype({"year": int})
    first = grid["report_id"].str.partition(";")[0]
    named = first.map(reports.set_index("report_id")["region"])
    whole = dict.fromkeys(["n", *sizes], "Int64")
    known = table.set_index(["region", "year"])[[*whole, value]].astype(whole)
    at = pd.MultiIndex.from_arrays([named, grid["year"]])
    own = known.reindex(at).set_axis(grid.index).where(grid["missing"] == "")
    return pd.concat([grid.assign(topic=topic), own], axis=1)


class Regional:
    """A panel of words or themes, and the findings that are drawn of it.

    Parameters
    ----------
    rates : what was counted, by region and year, of one topic.
    value : `rate_chars` or `share_sentences`.
    names : what its topics are called, by language.
    about : what its measure says of itself.
    """

    def __init__(
        self,
        study: Any,
        rates: Rates,
        topic: str,
        value: str,
        names: Mapping[str, Mapping[str, str]],
        about: Mapping[str, Any],
    ):
        self.study, self.value, self.names, self.about = study, value, names, dict(about)
        held = slices.select(study.sizes, study.about, about.get("target", ""))["report_id"]
        reports = study.reports[tables.among(study.reports["report_id"], held)]
        self.table = cells(rates.table, reports, topic, value)
        self._behind = rates.behind

    def _hits(self) -> pd.DataFrame:
        """What was counted, under the region's name in the panel; of cells with a number only."""
        known = self.table.loc[self.table["missing"] == "", ["report_id", "region", "year"]]
        hits = self._behind().drop(columns=["region", "year"], errors="ignore")
        hits = hits.merge(known, on="report_id")
        return hits if "key" in hits else hits.assign(key=hits["primary_theme"])

    def _finding(self, figure: str, table: pd.DataFrame, **how: Any) -> Finding:
        about = {**self.about, "value": self.value, "at": "year", **how}
        return Finding(
            table,
            self._hits,
            drawing(figure, ByLanguage(self.names), value=self.value, **how),
            study=self.study,
            about=about,
            also={"topics": self.names},
        )

    def ranking(self, level: str, year: int | None, since: int | None, region: str) -> Finding:
        """The regions in one year, the largest value first, with the change since another.

        The other year, if none is named, is the last one before with a report.
        """
        rows = attention.one(self.table, level=level)
        years = sorted(rows.loc[rows["n"].notna(), "year"].unique())
        last = year if year is not None else years[-1] if years else None
        before = [one for one in years if last is not None and one < last]
        since = since if since is not None or not before else int(before[-1])
        table = attention.ranked(rows, year, since, self.value)
        return self._finding("attention_ranking", table, region=region)

    def heatmap(self, level: str, *, by_mean: bool) -> Finding:
        """Region by year; a cell without a report is crossed."""
        rows = attention.one(self.table, level=level)
        table = attention.ordered(rows, self.value, mean=by_mean)
        return self._finding("attention_heatmap", table)

    def multiples(self, level: str, region: str) -> Finding:
        """Each region over the years in a panel of its own, with one set apart in all of them."""
        rows = attention.one(self.table, level=level)
        table = attention.ordered(rows, self.value)
        return self._finding("region_multiples", table, region=region)


def by_coverage(
    chosen: tuple[pd.DataFrame, pd.DataFrame],
    study: Any,
    theme: str,
    behind: Callable[[], pd.DataFrame],
) -> Rates:
    """The coverage of a theme by region and year, as `compare.rates` has words.

    Parameters
    ----------
    chosen : sentences and their codes. behind : what makes the hits of these themes.
    """
    own, codings = chosen
    by: dict[str, Any] = {"by": ("region", "year"), "reports": study.reports, "only": [theme]}
    return Rates(themes.coverage(codings, own, study.codebook, **by), behind)

"""The indicators of a study: series with their sources, targets, ranks, what is known and missing.

Each measure is one call that returns a `Finding`; its parameters have the notebook's names. Figures
found and not judged are used too and drawn with a ring, unless `status` leaves them out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from analysis import evidence
from analysis.indicators import UNSURE, headline, trends
from analysis.kit import must_occur
from analysis.text import level_of
from analysis.themes import attention

from . import promises
from .finding import Finding, drawing, measure


class Indicators:
    """The indicators of a study, `study.indicators`.

    `.table` is the table of that name: curated or verified. What is asked for is said by the same
    parameters everywhere:

    Parameters
    ----------
    indicators : ids, empty for all that can be compared.
    regions : whose series, empty for the regions of the reports. years : empty for all.
    status : extracted, checked, verified; empty for all but rejected.
    group : the others are this group of groups.csv, '' for regions of the same level.
    """

    def __init__(self, study: Any):
        self.study = study

    def __repr__(self) -> str:
        return f"the indicators of {self.study!r}: .trend(), .targets(), .comparison(), …"

    @property
    def table(self) -> pd.DataFrame:
        """The table `indicators`: as curated in indicators.csv, and what people verified.

        Of all reports, whichever are wanted: a series does not break off where a report ends.
        """
        found: pd.DataFrame = self.study.curated
        return found

    @property
    def _own(self) -> list[str]:
        return list(self.study.reports["region"].unique())

    @property
    def _years(self) -> list[int]:
        return list(self.study.reports["year"].unique())

    def _finding(self, name: str, table: pd.DataFrame, **about: Any) -> Finding:
        """A table of figures with its sources numbered; it is its own evidence."""
        study, book = self.study, self.study.indicator_codebook
        known = table[table["value"].notna()]
        labels = {lang: trends.cite(known, study.sources, lang)[1] for lang in ("zh", "en")}
        known, _ = trends.cite(known, study.sources)
        if len(known) < len(table):  # regions and years without a figure
            known["source_no"] = known["source_no"].astype("Int64")
        table, drawn = table.assign(source_no=known["source_no"]), drawing(name, book)
        return Finding(table, known, drawn, study=study, about=about, cited=labels)

    @measure("metric_trend", peers="group")
    def trend(
        self,
        indicators: Sequence[str] = (),
        *,
        regions: Sequence[str] = (),
        years: Sequence[int] = (),
        status: Sequence[str] = (),
        group: str = "",
    ) -> Finding:
        """The figures of regions over the years, joined where they are comparable, beside peers.

        Averages and sums of several years are no year's value: they are left out, and the caption
        says how many.

        Returns
        -------
        Finding
            `trends.panel`: indicator_id, region, role (own, peer), year, period, value, unit,
            bound, definition, joined, change, break_ (why not joined), status, report_id,
            sentence_id, source_id, quote, note, source_no.

        Raises
        ------
        InputError
            for an indicator, status or group that does not exist.
        """
        chosen: dict[str, Any] = {"regions": regions or self._own, "only": indicators}
        chosen |= {"years": years, "status": status, "peers_in": self._years}
        chosen["peers"] = trends.members(self.study.groups, group)
        figures, book = self.study.figures, self.study.indicator_codebook
        table = trends.panel(figures, book, **chosen)
        left_out = int(_several(table).sum()) + _unsure(figures, table, region=chosen["regions"])
        if left_out:  # nor may they break a series
            table = trends.panel(figures[~_several(figures)], book, **chosen)
        about = {"status": list(status), "group": group, "several": left_out}
        return self._finding("metric_trend", table, **about)

    def peers(
        self,
        indicators: Sequence[str] = (),
        *,
        regions: Sequence[str] = (),
        status: Sequence[str] = (),
        group: str = "",
    ) -> pd.DataFrame:
        """Rank and distance from the median of others, of comparable figures only: a table."""
        return trends.peers(
            self.study.figures,
            self.study.indicator_codebook,
            self.study.groups,
            regions or self._own,
            group,
            self._years,
            only=indicators,
            status=status,
        )

    def breaks(self, **chosen: Any) -> pd.DataFrame:
        """Where two figures of a series (`trend`) must not be joined, and why: a table."""
        return trends.breaks(self.trend(**chosen).table)

    def slope(self, **chosen: Any) -> pd.DataFrame:
        """The Theil–Sen slope of what is comparable in each series (`trend`): a table."""
        return trends.slope(self.trend(**chosen).table)

    def _whose(
        self,
        indicators: Sequence[str],
        regions: Sequence[str],
        years: Sequence[int],
        status: Sequence[str],
    ) -> dict[str, Any]:
        own = regions or trends.with_targets(self.study.figures, self.study.reports["region"])
        return {"regions": own, "only": indicators, "years": years, "status": status}

    @measure("target_outcome")
    def targets(
        self,
        indicators: Sequence[str] = (),
        *,
        regions: Sequence[str] = (),
        years: Sequence[int] = (),
        status: Sequence[str] = (),
        about: float = trends.ABOUT,
    ) -> Finding:
        """What was planned against what was reported.

        Parameters
        ----------
        regions : empty for those of the reports; where these have no targets, the nation.
        about : how far 'about' reaches when a target is judged, as a share of the number.

        Returns
        -------
        Finding
            As `trend`, with a row for each target (role target) and verdict (met, missed, not
            comparable, not reported), why, horizon (plan, year), about.
        """
        whose = self._whose(indicators, regions, years, status)
        figures, book = self.study.figures, self.study.indicator_codebook
        table = trends.planned(figures, book, about=about, **whose)
        left_out = int((_several(table) & (table["role"] == "own")).sum())
        if left_out:  # they judge a plan's target, but are no point of a year
            drawn = figures[~_several(figures) | (figures["measure_kind"] == "target")]
            judged, table = table, trends.planned(drawn, book, about=about, **whose)
            for name in ("verdict", "why"):
                table.loc[table["role"] == "target", name] = judged.loc[
                    judged["role"] == "target", name
                ].to_numpy()
        said = {"status": list(status), "tolerance": about, "several": left_out}
        return self._finding("target_outcome", table, **said)

    def verdicts(
        self,
        indicators: Sequence[str] = (),
        *,
        regions: Sequence[str] = (),
        years: Sequence[int] = (),
        status: Sequence[str] = (),
        about: float = trends.ABOUT,
    ) -> pd.DataFrame:
        """Each target with the figure reported for it and a verdict: a table."""
        whose = self._whose(indicators, regions, years, status)
        figures, book = self.study.figures, self.study.indicator_codebook
        return trends.against_targets(figures, book, about=about, **whose)

    @measure("commitments")
    def commitments(
        self, *, by: str = "topic", testable: bool = True, preview: bool = False
    ) -> Finding:
        """What became of what plans committed to; what nobody decided is a part of the whole.

        Parameters
        ----------
        by : `topic`, `region` or `year` (the year reported on: the plan is for the next).
        testable : whether only those that can be tested are counted.
        preview : tells the undecided apart by whether a candidate reaches the threshold; a hint of
            the program, marked as such, and no outcome.

        Returns
        -------
        Finding
            topic, region or year, standing (an outcome, disputed, figure_met, figure_missed,
            likely, unlikely, undecided, no_later), n, N_commitments, share, reports.

        Raises
        ------
        InputError
            for another `by`.
        """
        regions = list(self.study.reports["region"].unique())
        return promises.finding(self.study, by, testable, preview, self.verdicts(regions=regions))

    @measure("dot_range", peers="group")
    def comparison(
        self,
        indicators: Sequence[str] = (),
        *,
        year: int | None = None,
        region: str = "",
        status: Sequence[str] = (),
        group: str = "",
    ) -> Finding:
        """The figures of many regions in one year, ranked as far as they are comparable.

        Averages and sums of several years are left out, as in `trend`.

        Parameters
        ----------
        year : None for that of the last report. region : whose figure the others are compared
            with, '' for that of the last report.

        Returns
        -------
        Finding
            `trends.in_year`: indicator_id, region, value, unit, comparable, why, rank, direction,
            n_known, median, status, report_id, sentence_id, source_id, source_no, ….
        """
        last, figures = self.study.reports.sort_values("year").iloc[-1], self.study.figures
        chosen: dict[str, Any] = {
            "year": year or int(last["year"]),
            "region": region or str(last["region"]),
        }
        chosen |= {"among": trends.members(self.study.groups, group)}
        chosen |= {"only": indicators, "status": status}
        table = trends.in_year(figures, self.study.indicator_codebook, **chosen)
        unsure = _unsure(figures, table, region=set(table["region"]), year=[chosen["year"]])
        several = int(_whole_years(table).sum())
        if several:
            kept = figures[~_whole_years(figures)]
            table = trends.in_year(kept, self.study.indicator_codebook, **chosen)
        about = {"status": list(status), "group": group, "several": several + unsure}
        return self._finding("dot_range", table, **about)

    @measure("indicator_heatmap")
    def heatmap(
        self, indicator: str, *, level: str = "", status: Sequence[str] = (), by_mean: bool = False
    ) -> Finding:
        """An indicator region by year, of one level; figures of one kind, the others are crossed.

        Parameters
        ----------
        level : province, city, …; '' for that of most regions. by_mean : sorted by the mean of all
            years, not by the last one.

        Returns
        -------
        Finding
            `trends.by_year`: region, year, value, unit, bound, definition, n, missing, order,
            order_of, source_no, ….

        Raises
        ------
        InputError
            for an indicator, status or level that does not occur.
        """
        table = trends.by_year(
            self.study.figures, self.study.indicator_codebook, indicator, status=status
        )
        levels = table["region"].map({one: level_of(one) for one in set(table["region"])})
        must_occur("level", [level] if level else [], set(levels))
        wanted = level or (levels.value_counts().sort_index().idxmax() if len(levels) else "")
        table = attention.ordered(table[levels == wanted], "value", mean=by_mean)
        book = self.study.indicator_codebook
        called = {lang: book.names(lang)[indicator] for lang in ("zh", "en")}
        return self._finding("indicator_heatmap", table, status=list(status), indicator=called)

    @measure("known_missing")
    def known(self) -> Finding:
        """Of each indicator in which years there is a public figure, and of how many regions.

        Returns
        -------
        Finding
            indicator_id, year, n, n_exact, n_verified, n_unjudged, n_targets, k_exact, k_stated
            (regions with an exact figure, with any) of k_of, state (exact: all of them, some,
            bound, target, absent, missing).
        """
        table, book, own = self.study.figures, self.study.indicator_codebook, self._own
        return Finding(
            trends.known(table, book, regions=own),
            lambda: evidence.of(trends.dated(table), region=own),
            drawing("known_missing", book, reported=self._years),
            study=self.study,
        )


def _several(figures: pd.DataFrame) -> pd.Series[bool]:
    """Which figures are averages or sums of several years."""
    spans: pd.Series[bool] = figures["period"].astype(str).str.contains("-")
    return (figures["definition"] == "yearly_average") | spans


def _whole_years(figures: pd.DataFrame) -> pd.Series[bool]:
    """The same, without what is of months of two years: that is shown as of another period."""
    spans: pd.Series[bool] = figures["period"].astype(str).str.fullmatch(r"\d{4}-\d{4}")
    return figures["definition"].isin([headline.AVERAGE, headline.TOTAL]) | spans


def _unsure(figures: pd.DataFrame, table: pd.DataFrame, **held: Collection[Any]) -> int:
    """How many figures of a table's indicators may be of one year or of several: none counts."""
    unsure = (figures["definition"] == UNSURE) & (figures["measure_kind"] != "target")
    unsure &= figures["indicator_id"].isin(set(table["indicator_id"]))
    for name, values in held.items():
        unsure &= figures[name].isin(list(values))
    return int(unsure.sum())

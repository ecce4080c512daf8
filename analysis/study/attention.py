"""The attention panel of a study as figures: spread, ranks, region by year, map, first uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from analysis import evidence, tables, themes
from analysis.kit import shown
from analysis.panel import panel, precision
from analysis.panel import topics as lists
from analysis.themes import attention as rules

from .finding import ByLanguage, Finding, drawing, measure


@dataclass(frozen=True)
class Attention:
    """A panel, the hits it counts, its topics, and in each language what these are called.

    What is drawn is said by the same parameters everywhere:

    Parameters
    ----------
    value : rate_chars (per 10,000 characters), rate_tokens (per 1,000 words), share_sentences.
    at : `year`, the one reported on, or `year_given`, that of the report's title.
    topic, level : '' for the first topic, and for the level that most regions have.
    region : the one that is set apart. year : None for the last. since : None for the year before.
    """

    table: pd.DataFrame
    hits: pd.DataFrame
    names: Mapping[str, Mapping[str, str]]
    study: Any
    topics: lists.Topics

    def __repr__(self) -> str:
        regions, topics = (self.table[name].nunique() for name in ("region", "topic"))
        figures = "over_time, ranking, heatmap, tiles, adoption"
        return f"the attention of {regions} regions to {topics} topics: .table, .hits; {figures}"

    def _repr_html_(self) -> str:
        columns = ["region", "year", "topic", "n", "N_chars", "rate_chars", "missing"]
        return shown.facts(repr(self), []) + shown.table(self.table, columns, rows=10)

    def _finding(
        self, name: str, table: pd.DataFrame, about: dict[str, Any], **how: Any
    ) -> Finding:
        drawn = set(table["topic"])
        hits = self.hits[self.hits["key"].isin(drawn)]
        own = [one for one in self.topics.codebook.themes if one.id in drawn and self.topics.apart]
        read = precision.said(self.topics) if own else {}
        told = {
            one.id: {
                "words": {
                    entry: int(((hits["key"] == one.id) & (hits["entry"] == entry)).sum())
                    for entry in one.entries
                },
                "read": read.get((one.id, ""), ""),
            }
            for one in own
        }
        return Finding(
            table,
            hits,
            drawing(name, ByLanguage(self.names), **how),
            study=self.study,
            about=about,
            also={"topics": self.names, "words_of": told, **_counted(self.study, self.topics)},
        )

    @measure("attention_over_time")
    def over_time(
        self, *, value: str = "rate_chars", at: str = "year", region: str = ""
    ) -> Finding:
        """Each region's value in each year, with median and quartiles of its level.

        Returns
        -------
        Finding
            The panel's rows with place, regions, low, median, high.
        """
        table = rules.spread(self.table, value, at)
        how = {"value": value, "at": at, "region": region}
        return self._finding("attention_over_time", table, dict(how), **how)

    @measure("attention_ranking")
    def ranking(
        self,
        *,
        topic: str = "",
        level: str = "",
        year: int | None = None,
        since: int | None = None,
        value: str = "rate_chars",
        at: str = "year",
        region: str = "",
    ) -> Finding:
        """The regions of one topic and level in one year, the largest value first.

        Returns
        -------
        Finding
            The panel's rows with rank, tied, since, before, change.
        """
        table = rules.ranked(rules.one(self.table, topic, level), year, since, value, at)
        how = {"value": value, "at": at, "region": region}
        return self._finding("attention_ranking", table, dict(how), **how)

    @measure("attention_heatmap")
    def heatmap(
        self,
        *,
        topic: str = "",
        level: str = "",
        value: str = "rate_chars",
        at: str = "year",
        by_mean: bool = False,
    ) -> Finding:
        """Region by year, of one topic and level.

        Parameters
        ----------
        by_mean : sorted by the mean of all years, not by the last one.
        """
        table = rules.ordered(rules.one(self.table, topic, level), value, at, mean=by_mean)
        how = {"value": value, "at": at}
        return self._finding("attention_heatmap", table, dict(how), **how)

    @measure("attention_tiles")
    def tiles(
        self,
        *,
        topic: str = "",
        year: int | None = None,
        since: int | None = None,
        value: str = "rate_chars",
        at: str = "year",
        map_file: str = "",
        approval: str = "",
    ) -> Finding:
        """The provinces in one year, a square each, or on a boundary file of one's own.

        Parameters
        ----------
        map_file, approval : a GeoJSON file, and its 审图号 if the file does not hold it.
        """
        provinces = self.table[self.table["level"] == "province"]
        table = rules.ranked(rules.one(provinces, topic), year, since, value, at)
        how = {"value": value, "at": at}
        on = {"map_file": map_file, "approval": approval}
        about = {**how, "years": [int(one) for one in table[at].dropna().unique()]}
        return self._finding("attention_tiles", table, about, **how, **on)

    @measure("adoption_curve")
    def adoption(self, *, level: str = "", at: str = "year", region: str = "") -> Finding:
        """When the reports of each region first used each topic.

        Returns
        -------
        Finding
            topic, place, region, …, year (none where never), report_id, sentence_id, n, early,
            reports_later, used_later, share, until.
        """
        table = rules.adopted(self.table, self.hits, level, at)
        how = {"at": at, "region": region}
        return self._finding("adoption_curve", table, dict(how), **how)


def attention(study: Any, topics: Any = "", terms: Sequence[str] = ()) -> Attention:
    """The attention panel (`panel.build`) with the hits behind it, each with its sentence.

    The topic of a hit stands under `key`; region and year are those of the panel, which may call
    a region otherwise than its report does. Its figures are `over_time`, `ranking`, `heatmap`,
    `tiles` and `adoption`, a Finding each.
    """
    made = panel.build(study, topics, terms=terms)
    made.say()
    return Attention(made.table, _behind(study, made), _names(made), study, made.topics)


def as_finding(study: Any, topics: Any = "", **options: Any) -> Finding:
    """The attention panel, region × year × topic, as a Finding without a figure.

    Parameters
    ----------
    topics, options : as of `panel.build`: terms, by_part, headings, indicators. What there is to
        say of the reports (missing, twice, without a code) is printed.
    """
    made = panel.build(study, topics, **options)
    made.say()
    about = {"measure": "panel", "headings": made.headings}
    behind = partial(_behind, study, made)
    given: dict[str, Any] = {"study": study, "name": "panel", "about": about}
    return Finding(
        made.table, behind, names=_names(made), also=_counted(study, made.topics), **given
    )


def _counted(study: Any, topics: lists.Topics) -> dict[str, Any]:
    """What a record says of topics that are not the study's codebook: nobody coded by them."""
    if topics.path and topics.path == study.books.get(study.book):
        return {}
    said = topics.codebook.said | {"source": topics.source}
    if topics.path:
        said["sha256"] = tables.sha256(topics.path)
    return {"codebook": said, "validation": {}}


def _names(made: panel.Panel) -> dict[str, dict[str, str]]:
    return {lang: made.topics.codebook.names(lang) for lang in ("zh", "en")}


def _behind(study: Any, made: panel.Panel) -> pd.DataFrame:
    """The hits that a panel counts, each with its sentence, the topic under `key`."""
    found = themes.match(study.sentences, made.topics.codebook)
    counted = found[found["shadowed_by"] == ""]
    cells = made.table[["report_id", "region", "year"]].drop_duplicates("report_id")
    return evidence.of(counted.merge(cells, on="report_id", how="left"), study.sentences)

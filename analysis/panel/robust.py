"""Would another choice have told another story? The panel made again, held against the first.

A referee asks whether results hang on the segmenter, on headings, on the denominator, on one word
of the dictionary. Each choice is a row: how far its measure goes with the panel's over all regions
and years, and by how many ranks a region moves within a year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from analysis import themes
from analysis.words import keywords, segment

from . import cells
from .panel import HEADINGS, kept, keys_of, measured, regions, with_sizes
from .topics import Topics

COLUMNS = ["choice", "without", "topic", "measure", "held_against", "cells", "n_base", "n"]
COLUMNS += ["pearson", "spearman", "rank_change"]


class _Choice(NamedTuple):
    """A panel made otherwise: its name, its table, the measure, what it is held against."""

    choice: str
    table: pd.DataFrame
    measure: str
    against: str
    without: str = ""
    topics: Sequence[str] = ()


def robust(
    study: Any, topics: Topics, *, by_part: bool = False, headings: str = "in"
) -> pd.DataFrame:
    """The panel under other choices: a row for each choice and topic.

    Returns
    -------
    DataFrame
        choice, without (the word left out), topic, measure and held_against (the panel's own),
        cells (regions and years compared), n_base and n (hits in them), pearson and spearman over
        the cells (NaN where one side is all the same), rank_change (mean of how many ranks a
        region moves within a year; ties have their mean rank).
    """
    found = _Panels(study, topics, by_part, headings)
    base = found.table()
    years = ["year", "part"] if by_part else ["year"]
    rows = []
    for one in found.choices(base):
        for topic in one.topics or topics.codebook.ids:
            pair = [table[table["topic"] == topic] for table in (base, one.table)]
            rows.append(_row(one, topic, pair[0], pair[1], years))
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    one: _Choice, topic: str, base: pd.DataFrame, other: pd.DataFrame, years: Sequence[str]
) -> tuple[Any, ...]:
    made = base[list(years)].assign(
        a=base[one.against].to_numpy(), b=other[one.measure].to_numpy(), n=other["n"].to_numpy()
    )
    both = made[["a", "b"]].notna().all(axis=1)
    made, n_base = made[both], int(base["n"].to_numpy()[both].sum())
    ranks = made.groupby(list(years))[["a", "b"]].rank()
    moved = (ranks["a"] - ranks["b"]).abs().mean()
    whole = made[["a", "b"]].rank()
    told = (one.choice, one.without, topic, one.measure, one.against, len(made), n_base)
    straight, ranked = _together(made), _together(whole)
    return (*told, int(made["n"].sum()), straight, ranked, moved)


def _together(pairs: pd.DataFrame) -> float:
    """The correlation of two columns, NaN where one of them does not vary."""
    if len(pairs) < 2 or pairs["a"].nunique() < 2 or pairs["b"].nunique() < 2:
        return float("nan")
    return float(pairs["a"].corr(pairs["b"]))


class _Panels:
    """Panels of one study and its topics, each with a choice made otherwise."""

    def __init__(self, study: Any, topics: Topics, by_part: bool, headings: str) -> None:
        self.study, self.topics = study, topics
        self.by_part, self.headings = by_part, headings
        self.grid = regions(study.reports)
        self.sizes, self.counts = cells.sizes(study), cells.counts(study, topics)

    def table(
        self,
        sizes: pd.DataFrame | None = None,
        headings: str = "",
        **columns: str,
    ) -> pd.DataFrame:
        """The panel's numbers, with other sizes or headings."""
        which = headings or self.headings
        sized = kept(self.sizes if sizes is None else sizes, which)
        counted = kept(self.counts, which)
        laid = with_sizes(self.grid, sized, by_part=self.by_part)
        keys = keys_of(by_part=self.by_part)
        return measured(laid, counted, self.topics.codebook.ids, keys, **columns)

    def choices(self, base: pd.DataFrame) -> Iterator[_Choice]:
        """Each panel made otherwise."""
        for engine in segment.ENGINES:
            if engine != self.study.engine:
                own = type(self.study)(
                    self.study.path, list(self.study.reports["report_id"]), engine=engine
                )
                made = self.table(cells.sizes(own))
                yield _Choice(f"engine {engine}", made, "rate_tokens", "rate_tokens")
        headings = next(one for one in HEADINGS if one != self.headings)
        other = self.table(headings=headings)
        yield _Choice(f"headings {headings}", other, "rate_chars", "rate_chars")
        shown = self.table(tokens="N_shown")
        yield _Choice("stop words out of N_tokens", shown, "rate_tokens", "rate_tokens")
        yield _Choice("per 1,000 words", base, "rate_tokens", "rate_chars")
        yield _Choice("share of sentences", base, "share_sentences", "rate_chars")
        overlapping = self.table(n="n_all")
        yield _Choice("overlapping hits counted", overlapping, "rate_chars", "rate_chars")
        yield from self._less_one(base)

    def _less_one(self, base: pd.DataFrame) -> Iterator[_Choice]:
        """The panel without each entry of each topic that has several."""
        sentences = kept(self.study.sentences, self.headings)
        hits = cells.found(sentences, self.topics)
        keys = keys_of(by_part=self.by_part)
        for theme in self.topics.codebook.themes:
            entries = theme.entries
            rows, own = base[base["topic"] == theme.id], hits[hits["key"] == theme.id]
            shadowed = dict(iter(own.groupby("shadowed_by")["sentence_id"]))
            for entry in entries if len(entries) > 1 else ():
                touched = sentences[sentences["sentence_id"].isin(shadowed.get(entry, ()))]
                again = self._again(touched, theme, entry)
                gone = (own["entry"] == entry) | own["sentence_id"].isin(touched["sentence_id"])
                table = _changed(rows, own[gone], again, keys)
                yield _Choice(
                    "less one word", table, "rate_chars", "rate_chars", entry, (theme.id,)
                )

    def _again(self, sentences: pd.DataFrame, theme: themes.Theme, entry: str) -> pd.DataFrame:
        """A topic's hits without one of its entries, where that shadowed others."""
        less = theme.without(entry)
        among = (theme,) if self.topics.apart else self.topics.codebook.themes
        book = replace(
            self.topics.codebook,
            themes=tuple(less if one.id == theme.id else one for one in among),
        )
        if sentences.empty:
            return pd.DataFrame(columns=cells.HITS)
        found = cells.found(sentences, self.topics._replace(codebook=book))
        return found[found["key"] == theme.id]


def _changed(
    rows: pd.DataFrame, gone: pd.DataFrame, again: pd.DataFrame, keys: Sequence[str]
) -> pd.DataFrame:
    """A topic's rows without the hits that are gone, with those found again."""
    hits = pd.concat([gone.assign(by=-1), again.assign(by=1)])
    change = hits[hits["shadowed_by"] == ""].groupby(list(keys))["by"].sum().astype("Int64")
    made = rows.merge(change.reset_index(), on=list(keys), how="left")
    made["n"] += made["by"].fillna(0)
    chars = made["N_chars"].astype("float64")
    return made.assign(rate_chars=made["n"].astype("float64") / chars * keywords.PER)

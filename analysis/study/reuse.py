"""Text that a study's reports share: the passages, what reports are made of, who had it first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import reuse as rules
from analysis import tables
from analysis.kit import InputError, digest, must_occur, shown

from .finding import ByLanguage, Finding, drawing, measure

FEW = 20
"""Regions below which little wording is known to be usual; it was measured with 31 provinces."""

_SIDE = ["source_report_id", "source_sentence_id", "source_start", "source_end", "source_text"]
_HIT = ["report_id", "sentence_id", "start", "end", "text", *_SIDE, "origin", "similarity", "edits"]


class Reuse:
    """What the reports of a study share, `study.reuse()`.

    Attributes
    ----------
    table : the table `reuse`, a row a passage of two reports, the later one first.
    formulae : text that stands in many regions' reports: text, n_reports, n_regions, n_years,
        first, last (years), and where it stands first.
    said : sentences on reports that are in the study twice (nothing of these is told as copied),
        and on too few regions to know what is usual.
    rules : the thresholds.
    """

    def __init__(self, study: Any, **thresholds: int):
        self.study, self.rules = study, rules.Rules(**thresholds)

    def __repr__(self) -> str:
        counts = self.table["origin"].value_counts()
        told = ", ".join(f"{counts.get(one, 0):,} {one}" for one in rules.KINDS)
        return f"passages of two reports: {told}; .table, .formulae; shares, matrix, diffusion"

    def _repr_html_(self) -> str:
        columns = ["report_id", "source_report_id", "origin", "similarity", "text", "source_text"]
        return shown.facts(repr(self), []) + shown.table(self.table, columns, rows=10)

    # -- found once, and kept -------------------------------------------------------------------

    @cached_property
    def _found(self) -> rules.Found:
        return rules.find(self.study.sentences, self.study.reports, self.rules)

    def _kept(self, name: str, made: str | Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A table from the store, where it is kept under all it is made from.

        made : what makes it: a method of what is found, by its name, or a function.
        """
        study = self.study
        ids = study.reports["report_id"].tolist()
        if not study.is_corpus:
            study.unchanged(ids)
        room = sorted(Path(str(rules.__file__)).parent.glob("*.[py]*"))
        about = [asdict(self.rules), study.reports.astype(str).values.tolist()]
        about += [study.store._versions("sentences"), *map(tables.sha256, [*room, Path(__file__)])]
        found: pd.DataFrame = study.store.other(
            f"reuse/{name}_{digest(json.dumps(ids))[:8]}",
            json.dumps(about),
            made if callable(made) else partial(_asked, self, made),
        )
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """The table `reuse`."""
        return self._kept("passages", lambda: tables.check(self._raw(self._found.table()), "reuse"))

    def _raw(self, made: pd.DataFrame) -> pd.DataFrame:
        """Passages with the places of both sides in the raw files."""
        for side in ("", "source_"):
            made[[f"{side}raw_start", f"{side}raw_end"]] = 0
            for key, own in made.groupby(f"{side}report_id", sort=False):
                spans = (own[f"{side}{name}"].tolist() for name in ("start", "end"))
                raw = self.study.restored(str(key)).raw_spans(*spans)
                made.loc[own.index, [f"{side}raw_start", f"{side}raw_end"]] = raw
        return made

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """Of each sentence the characters that are formula, own, centre, other, unsure, new."""
        return self._kept("sentences", "by_sentence")

    @cached_property
    def formulae(self) -> pd.DataFrame:
        """The formulae found."""
        return self._kept("formulae", "formulae")

    @cached_property
    def _runs(self) -> pd.DataFrame:
        """Where formulae stand."""
        return self._kept("runs", "formula_runs")

    @cached_property
    def said(self) -> list[str]:
        """A sentence for each report that is in the study twice, and one if its regions are few."""
        few = (
            f"{self._regions} regions: with fewer than {FEW} little wording is known to be usual, "
        )
        few += "and more is told as copied than should be; read what you quote."
        return [*self._twice, *[few] * (self._regions < FEW)]

    @cached_property
    def _twice(self) -> list[str]:
        told = self._kept("said", lambda: pd.DataFrame({"said": self._found.said}, dtype=object))
        return told["said"].tolist()

    @property
    def _regions(self) -> int:
        return int(self.study.reports["region"].nunique())

    # -- measures -------------------------------------------------------------------------------

    def _finding(
        self, name: str, table: pd.DataFrame, hits: Any, *drawn: Any, **about: Any
    ) -> Finding:
        about = {**asdict(self.rules), "left_out": len(self._twice), **about}
        about["few_regions"] = self._regions * (self._regions < FEW)
        figure = drawing(name, *drawn)
        return Finding(table, hits, figure, study=self.study, about=about)

    @measure("reuse_shares")
    def shares(self, by: str = "report") -> Finding:
        """How much is formula, own, the centre's, others', unsure and new; each counts once.

        Parameters
        ----------
        by : report, region, year, part, section, topic.

        Returns
        -------
        Finding
            What `by` says, origin, n (characters), N_chars, reports, share.
        """
        must_occur("by", [by], rules.BY)
        column, names = rules.BY[by], ByLanguage(zh={}, en={})
        about = self._about(by)
        table = rules.shares(self.sentences, about, by)
        if by == "report":
            names = ByLanguage(dict.fromkeys(names, self.study.places_of("report_id")))
        elif by == "topic":
            names = ByLanguage({lang: self.study.codebook.names(lang) for lang in names})
        return self._finding("reuse_shares", table, lambda: self._behind(column), names, by=column)

    def _about(self, by: str) -> pd.DataFrame:
        """Of each sentence what its characters are told by."""
        study, column = self.study, rules.BY[by]
        about: pd.DataFrame = study.sentences[["sentence_id", "report_id", "part", "section"]]
        if column in ("region", "year"):
            return about.merge(study.reports[["report_id", column]], on="report_id")
        if by == "topic":
            codes = study.codings[["sentence_id", "primary_theme"]]
            return about.merge(codes.rename(columns={"primary_theme": "theme"}), on="sentence_id")
        return about

    def _behind(self, column: str) -> pd.DataFrame:
        """Each passage once, beside the most alike that came before it; and the formulae."""
        own = _hits(self.table[self.table["origin"] != "formula"])
        best = own.sort_values("similarity", ascending=False, kind="stable")
        best = best.drop_duplicates(["report_id", "start", "end"]).sort_index()
        runs = self._runs.assign(origin="formula", key="formula").rename(
            columns={"text": "passage"}
        )
        made = pd.concat([best, runs], ignore_index=True)
        if column == "theme":
            codes = self.study.codings.set_index("sentence_id")
            for name in ("primary_theme", "rule"):
                made[name] = made["sentence_id"].map(codes[name])
        return made

    @measure("reuse_matrix")
    def matrix(self) -> Finding:
        """Which region says what which other said first, and what the centre did.

        Each passage counts once, with the earliest report known to have it; formulae, a region's
        own earlier reports, what is unsure and reports of one time are left out.

        Returns
        -------
        Finding
            region, source_region, n (passages), reports (of the region).
        """
        told = rules.matrix(self.table, self.study.reports)
        by = ["region", "source_region"]
        table = told.groupby(by, as_index=False).agg(
            n=("start", "size"), reports=("report_id", "nunique")
        )
        hits = _hits(told).assign(region=told["region"], source_region=told["source_region"])
        return self._finding("reuse_matrix", table, hits)

    @measure("reuse_diffusion")
    def diffusion(self, phrase: str) -> Finding:
        """Who said something first, and when each other region did.

        Parameters
        ----------
        phrase : it is looked for letter for letter; or the id of a sentence, whose passages are
            followed, near copies too.

        Returns
        -------
        Finding
            region, level, at (the year the report came out), report_id, sentence_id, n (reports
            with it), n_before (regions that had it before), n_neighbours (of these those that
            adjoin), centre (whether the centre had it before), N_regions, share.
        """
        sentences = self.study.sentences
        own = sentences[sentences["sentence_id"] == phrase]
        hits = self._echoes(own.iloc[0]) if len(own) else rules.stands(sentences, phrase)
        if hits.empty:
            said = (
                "no report shares a passage with that sentence" if len(own) else "no report says so"
            )
            raise InputError(f"{phrase!r}: {said}; give a phrase that occurs, or a sentence's id.")
        table = rules.first_uses(hits, self.study.reports)
        regions = self.study.reports[["report_id", "region"]]
        hits = hits.assign(key=phrase).merge(regions, on="report_id")
        found = self._finding("reuse_diffusion", table, hits, phrase, phrase=phrase)
        known = rules.moments(self.study.reports)
        years = known.groupby("region")["at"].agg(list).to_dict()
        found.draws(drawing("reuse_diffusion", phrase, years=years))
        return found

    def _echoes(self, sentence: Any) -> pd.DataFrame:
        """Where the passages of a sentence stand, in its own report and in all others."""
        place = ["report_id", "sentence_id", "start", "end"]
        found = [pd.DataFrame([sentence])[place]]
        for side, other in (("", "source_"), ("source_", "")):
            of = self.table[self.table[f"{side}report_id"] == sentence.report_id]
            met = (of[f"{side}start"] < sentence.end) & (of[f"{side}end"] > sentence.start)
            there = of.loc[met, [f"{other}{name}" for name in place]]
            found.append(there.set_axis(place, axis=1))
        if found[1].empty and found[2].empty:
            return found[1]
        return pd.concat(found, ignore_index=True).drop_duplicates()


def _asked(of: Reuse, name: str) -> pd.DataFrame:
    """What a method of what is found returns: it is not looked for before."""
    made: pd.DataFrame = getattr(of._found, name)()
    return made


def _hits(passages: pd.DataFrame) -> pd.DataFrame:
    """Passages as hits of the later report, the other side beside them."""
    made = passages[_HIT].rename(columns={"text": "passage", "source_text": "source_passage"})
    return made.assign(key=made["origin"])


def reuse(study: Any, **thresholds: int) -> Reuse:
    """Passages that the study's reports share, each pair of reports with its class.

    Parameters
    ----------
    formula_regions, formula_years : a formula stands in reports of so many regions (5), years (2).
    formula_lasting : or in reports of so many years (10), of whichever regions.
    least : characters that a passage shares at least, less 0.6 for each that it does not (24).
    sure : a copy of a region's own text shares rare wording of about so many characters (8), one of
        others' a quarter more; what shares less is told as `unsure`. 0: nothing is.
    """
    return Reuse(study, **thresholds)

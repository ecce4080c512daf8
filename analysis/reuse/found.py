"""What reports share, found: passages with their classes, formulae, and reports that are there twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.kit import InputError

from . import classing, passages, seeds
from .classing import KINDS, Classes
from .passages import Passages
from .texts import Flags, Texts, read

SHORTEST = 12
"""Symbols that a formula has at least."""


@dataclass(frozen=True)
class Rules:
    """What counts, as a notebook's parameters say it.

    regions, years : a formula stands in reports of so many regions, of so many years.
    least : a passage's shared symbols, less 0.6 for each other one, are at least so many.
    """

    regions: int = 10
    years: int = 2
    least: int = 24

    def __post_init__(self) -> None:
        for name, low in (("regions", 2), ("years", 1), ("least", 12)):
            if getattr(self, name) < low:
                raise InputError(f"{name} is {getattr(self, name)}; give {low} or more.")


@dataclass(frozen=True)
class Found:
    """Passages of all pairs of reports, each pair with its class."""

    texts: Texts
    rules: Rules
    passages: Passages
    classes: Classes
    formula: Flags
    said: list[str]

    def places(self) -> pd.DataFrame:
        """A row a passage of two reports: where in both, its class, how often, the earliest."""
        texts, found = self.texts, self.passages
        ids = texts.reports["report_id"].to_numpy(object)
        kind, n_reports, n_regions, n_years, earliest = self.classes
        columns = {}
        for prefix, begin, end in (
            ("", found.later_start, found.later_end),
            ("source_", found.start, found.end),
        ):
            columns[f"{prefix}report"] = ids[texts.report[begin]]
            columns[f"{prefix}sentence"] = texts.sentence[begin]
            columns[f"{prefix}start"] = texts.start[begin]
            columns[f"{prefix}end"] = texts.end[end - 1]
        table = pd.DataFrame(columns)
        table["shared"], table["kind"] = found.shared, np.array(KINDS, object)[kind]
        table["n_reports"], table["n_regions"], table["n_years"] = n_reports, n_regions, n_years
        table["earliest"] = ids[earliest]
        return table.rename(columns={"report": "report_id", "source_report": "source_id"})

    def formula_places(self) -> dict[str, list[tuple[int, int]]]:
        """Where in each report formulae stand."""
        texts = self.texts
        made: dict[str, list[tuple[int, int]]] = {key: [] for key in texts.reports["report_id"]}
        starts, ends = seeds.runs(self.formula, texts.report)
        ids = texts.reports["report_id"].to_numpy(object)[texts.report[starts]]
        for key, start, end in zip(ids, texts.start[starts], texts.end[ends - 1], strict=True):
            made[key].append((int(start), int(end)))
        return made

    @cached_property
    def held(self) -> np.ndarray:  # type: ignore[type-arg]
        """The class of each symbol: the first of `KINDS` that holds, else as many as there are."""
        kind = np.full(len(self.texts.symbols), len(KINDS), np.int8)
        found, classes = self.passages, self.classes.kind
        moment = self.texts.reports["moment"].to_numpy()
        one, other = (self.texts.report[at] for at in (found.start, found.later_start))
        together = moment[one] == moment[other]
        for number in range(len(KINDS) - 1, -1, -1):
            sides = [(found.later_start, found.later_end, classes == number)]
            if number in (0, 3):
                both = (classes == number) & (together | (number == 0))
                sides.append((found.start, found.end, both))
            for start, end, own in sides:
                for low, high in zip(start[own], end[own], strict=True):
                    kind[low:high] = np.minimum(kind[low:high], number)
        kind[self.formula] = 0
        return kind


def find(sentences: pd.DataFrame, reports: pd.DataFrame, rules: Rules | None = None) -> Found:
    """All passages that reports share.

    Parameters
    ----------
    sentences, reports : the tables of those names.
    """
    rules = rules or Rules()
    texts = read(sentences, reports)
    grams = seeds.find(texts, rules.regions, rules.years)
    formula = seeds.covered(texts, grams, SHORTEST)
    starts = seeds.seeds(texts, grams)
    twice = classing.twins(texts, starts, formula)
    starts = classing.without(starts, texts, [other for _, other, _ in twice])
    found = passages.find(texts, starts, rules.least)
    kinds = classing.classes(texts, found, formula, rules.regions, rules.years)
    told = classing.said(texts.reports, twice)
    return Found(texts, rules, found, kinds, formula, told)

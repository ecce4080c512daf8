"""What reports share: passages with their classes, what each sentence is made of, formulae."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.kit import InputError

from . import classing, edits, evidence, formulae, passages, seeds
from .classing import KINDS, NEW, Classes
from .evidence import Weights
from .passages import Passages
from .texts import Flags, Texts, read

ORIGINS = (*KINDS, NEW)
"""What a character can be, in the order in which it is counted by the first that holds."""


_LEAST = {"formula_regions": 2, "formula_years": 1, "formula_lasting": 2, "least": 12, "sure": 0}


@dataclass(frozen=True)
class Rules:
    """What counts, as a notebook's parameters say it.

    formula_regions, formula_years : a formula stands in reports of so many regions, and years.
    formula_lasting : or in reports of so many years, of whichever regions.
    least : a passage's shared symbols, less 0.6 for each other one, are at least so many.
    sure : a copy of the region's own text shares rare wording of about so many symbols, one of
        others' a quarter more; what shares less is `unsure`. 0: nothing is.
    """

    formula_regions: int = 5
    formula_years: int = 2
    formula_lasting: int = 10
    least: int = 24
    sure: int = 8

    @property
    def formula(self) -> tuple[int, int, int]:
        """What makes a formula: regions, years, and years alone."""
        return self.formula_regions, self.formula_years, self.formula_lasting

    def __post_init__(self) -> None:
        for name, low in _LEAST.items():
            if getattr(self, name) < low:
                raise InputError(f"{name} is {getattr(self, name)}; give {low} or more.")


@dataclass(frozen=True)
class Found:
    """Passages of all pairs of reports, each pair with its class."""

    sentences: pd.DataFrame
    texts: Texts
    rules: Rules
    passages: Passages
    classes: Classes
    formula: Flags
    twins: list[tuple[int, int, float]]
    evidence: Weights

    def places(self) -> pd.DataFrame:
        """A row a passage of two reports: where it is in both, its class, how often, the earliest.

        Columns: report_id, sentence (a row of `sentences`), start and end (characters of the
        restored report), the same of the source, origin, evidence (about how many symbols of
        rare wording are shared), n_reports, n_regions, n_years, earliest.
        """
        texts, found = self.texts, self.passages
        ids = texts.reports["report_id"].to_numpy(object)
        kind, n_reports, n_regions, n_years, earliest = self.classes
        columns = {}
        for prefix, begin, end in (
            ("", found.later_start, found.later_end),
            ("source_", found.start, found.end),
        ):
            columns[f"{prefix}report_id"] = ids[texts.report[begin]]
            columns[f"{prefix}sentence"] = texts.sentence[begin]
            columns[f"{prefix}start"] = texts.start[begin]
            columns[f"{prefix}end"] = texts.end[end - 1]
        counts = {"n_reports": n_reports, "n_regions": n_regions, "n_years": n_years}
        columns |= {"origin": np.array(KINDS, object)[kind], "evidence": self.evidence.round(1)}
        columns |= {**counts, "earliest": ids[earliest]}
        return pd.DataFrame(columns)

    def table(self) -> pd.DataFrame:
        """The same with the ids of the sentences, both texts, and what was changed.

        length is the later side's characters without blanks; similarity is 2·(characters that
        stayed in order) ÷ (characters of both); edits says what did not, in one line.
        """
        made = self.places()
        ids = self.sentences["sentence_id"].to_numpy(object)
        whole = dict(self._whole())
        for side in ("", "source_"):
            made[f"{side}sentence_id"] = ids[made.pop(f"{side}sentence")]
            spans = (made[f"{side}{name}"] for name in ("report_id", "start", "end"))
            made[f"{side}text"] = [
                whole[key][low:high] for key, low, high in zip(*spans, strict=True)
            ]
        told = [edits.told(*both) for both in zip(made["source_text"], made["text"], strict=True)]
        made["length"] = [len("".join(text.split())) for text in made["text"]]
        made["edits"], made["similarity"] = zip(*told, strict=True) if told else ((), ())
        return made

    def _whole(self) -> Iterator[tuple[str, str]]:
        """The text of each report: its sentences in their places, and blanks."""
        for key, own in self.sentences.groupby("report_id", sort=False):
            pieces, at = [], 0
            for start, text in zip(own["start"], own["text"], strict=True):
                pieces += [" " * (start - at), text]
                at = start + len(text)
            yield str(key), "".join(pieces)

    def by_sentence(self) -> pd.DataFrame:
        """Characters of each sentence by what they are: report_id, sentence_id and `ORIGINS`.

        Blanks and marks do not count. Of reports that are there twice the second has no row.
        """
        texts, count = self.texts, len(ORIGINS)
        size = (texts.end - texts.start).astype(np.int64)
        at = texts.sentence.astype(np.int64) * count + self.held
        total = np.bincount(at, size, len(self.sentences) * count).astype(np.int64)
        made = self.sentences[["report_id", "sentence_id"]].copy()
        made[[*ORIGINS]] = total.reshape(-1, count)
        return made[~made["report_id"].isin(self.left_out)].reset_index(drop=True)

    @property
    def said(self) -> list[str]:
        """A sentence for each report that is there twice."""
        return classing.said(self.texts.reports, self.twins)

    @property
    def left_out(self) -> list[str]:
        """Ids of reports that are another one once more."""
        return [self.texts.reports["report_id"].iloc[other] for _, other, _ in self.twins]

    def formulae(self) -> pd.DataFrame:
        """The formulae found (`formulae.listed`), as they stand where they are first."""
        made = formulae.listed(self.texts, self.formula, *self.rules.formula)
        whole = dict(self._whole())
        spans = zip(*(made[name] for name in ("report_id", "start", "end")), strict=True)
        made["text"] = ["".join(whole[key][low:high].split()) for key, low, high in spans]
        made["sentence_id"] = self.sentences["sentence_id"].to_numpy(object)[
            made.pop("sentence").astype(int)
        ]
        return made

    def formula_runs(self) -> pd.DataFrame:
        """Where formulae stand: report_id, sentence_id, start, end and text of each."""
        texts = self.texts
        starts, ends = seeds.runs(self.formula, texts.report)
        made = pd.DataFrame(
            {
                "report_id": texts.reports["report_id"].to_numpy(object)[texts.report[starts]],
                "sentence_id": self.sentences["sentence_id"].to_numpy(object)[
                    texts.sentence[starts]
                ],
                "start": texts.start[starts],
                "end": texts.end[ends - 1],
            }
        )
        whole = dict(self._whole())
        spans = zip(made["report_id"], made["start"], made["end"], strict=True)
        return made.assign(text=[whole[key][low:high] for key, low, high in spans])

    @cached_property
    def held(self) -> npt.NDArray[np.int8]:
        """What each symbol is: a number of `ORIGINS`, the first that holds.

        A passage counts in the later report; in both if it is a formula, or if nobody knows which
        came first.
        """
        kind = np.full(len(self.texts.symbols), len(KINDS), np.int8)
        found, origin = self.passages, self.classes.kind
        moment = self.texts.facts("moment")[self.texts.report]
        both = (origin == 0) | (moment[found.start] == moment[found.later_start]) & (origin >= 3)
        for start, end, own in (
            (found.later_start, found.later_end, np.ones(len(found), bool)),
            (found.start, found.end, both),
        ):
            spans = zip(start[own].tolist(), end[own].tolist(), origin[own].tolist(), strict=True)
            for low, high, number in spans:
                part = kind[low:high]
                part[part > number] = number
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
    long = seeds.find(texts, *rules.formula)
    formula = seeds.covered(texts, long)
    short = seeds.find(texts, seeds.COMMON, 1, seeds.LASTING, seeds.SHORT)
    starts = seeds.seeds(texts, long, short)
    twice = classing.twins(texts, starts, formula)
    starts = classing.without(starts, texts, [other for _, other, _ in twice])
    found = passages.find(texts, starts, formula, rules.least)
    told = evidence.weigh(texts, sentences, found, short, formula)
    kinds = classing.classes(texts, found, formula, told, rules.sure, rules.formula)
    return Found(sentences, texts, rules, found, kinds, formula, twice, told)

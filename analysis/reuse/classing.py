"""Passages → whose they were first: formula, own, centre or other.

A passage is a `formula` if, near copies counted, it stands in reports of many regions and years or
is said year after year, or if most of what is shared are formulae. It is `unsure` if too little of
what is shared tells (evidence.py), or if many regions say it in one year. All others are copies:
`own` if an earlier report of the region has it, `centre` if one of the centre came first, `other`
if another region's did or came out at the same time. Two reports that are one and the same are
said, and the second is left out: nobody copied there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from .evidence import Weights
from .passages import Passages
from .seeds import Seeds, once
from .texts import Flags, Ints, Texts

KINDS = ("formula", "own", "centre", "other", "unsure")
"""Classes, in the order in which a character is counted by the first that holds."""

UNSURE = KINDS.index("unsure")

OTHERS, PRINCIPLE = 1.25, 2.5
"""How much more must tell in what another region or the centre said, and in what the centre says
again, which is mostly a principle."""

NEW = "new"
"""The class of what stands in no other report before."""

_OF = ["place", "year", "genre"]
_TWIN, _TWIN_OF_YEAR = 0.9, 0.5
"""The share of both reports that is the same if they are one; of either, of one region and year."""


class Classes(NamedTuple):
    """Of each passage: its class, how many reports, regions and years have it, and the earliest."""

    kind: npt.NDArray[np.int64]
    n_reports: Ints
    n_regions: Ints
    n_years: Ints
    earliest: Ints


def classes(
    texts: Texts,
    found: Passages,
    formula: Flags,
    evidence: Weights,
    sure: float,
    least: tuple[int, int, int],
) -> Classes:
    """The class of each passage.

    evidence : how much of what is shared tells. sure : how much must, of a region's own text; of
        another's a quarter more, and of what the centre says again two and a half times as much.
    least : a formula's regions and years, or years alone.
    """
    regions, years, lasting = least
    counted = _frequency(texts, found)
    place, moment = texts.facts("place"), texts.facts("moment")
    one, other = texts.report[found.start], texts.report[found.later_start]
    before = np.r_[0, np.cumsum(formula)]
    common = before[found.later_end] - before[found.later_start]
    many = (counted[1] >= regions) & (counted[2] >= years) | (counted[2] >= lasting)
    fresh = found.shared - common
    own = place[one] == place[other]
    centre = (place[one] < 0) & (moment[one] < moment[other])
    needed = np.where(own, np.where(place[one] < 0, PRINCIPLE, 1), OTHERS)
    unsure = (evidence < sure * needed) | ~own & (counted[1] >= regions)
    stock = many | (2 * fresh < found.shared)
    kind = np.select([stock, unsure & (sure > 0), own, centre], [0, UNSURE, 1, 2], 3)
    return Classes(kind, *counted)


def _frequency(texts: Texts, found: Passages) -> tuple[Ints, Ints, Ints, Ints]:
    """How many reports, regions and years have each passage, and the earliest report that has it.

    A report has it if it shares half of it with the later side.
    """
    reports, region, year = texts.reports, texts.facts("place"), texts.facts("at")
    one, other = texts.report[found.start].astype(int), texts.report[found.later_start].astype(int)
    owner = np.r_[other, one]
    partner = np.r_[one, other]
    low, high = np.r_[found.later_start, found.start], np.r_[found.later_end, found.end]
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(reports) + 1))
    counts = [np.zeros(len(found), np.int64) for _ in range(4)]
    for report in range(len(reports)):
        own = order[bounds[report] : bounds[report + 1]]
        later = own[own < len(found)]
        if not len(later):
            continue
        for part in np.array_split(later, len(later) // 500 + 1):
            both = np.minimum(high[part][:, None], high[own]) - np.maximum(
                low[part][:, None], low[own]
            )
            at, who = np.nonzero(2 * both >= (high[part] - low[part])[:, None])
            whose = np.r_[partner[own[who]], np.full(len(part), report)]
            at = np.r_[at, np.arange(len(part))]
            counts[0][part] = _distinct(at, whose, len(part))
            regional = region[whose] >= 0
            counts[1][part] = _distinct(at[regional], region[whose[regional]], len(part))
            counts[2][part] = _distinct(at, year[whose], len(part))
            first = np.full(len(part), len(reports))
            np.minimum.at(first, at, whose)
            counts[3][part] = first
    return counts[0], counts[1], counts[2], counts[3]


def _distinct(at: Ints, values: Ints, count: int) -> Ints:
    """How many different values each has."""
    wide = int(values.max(initial=0)) + 1
    return np.bincount(once(at * wide + values) // wide, minlength=count)


def twins(texts: Texts, seeds: Seeds, formula: Flags) -> list[tuple[int, int, float]]:
    """Reports that are in the study twice: the first, the second, and how much is the same."""
    count, begins = np.int64(len(texts.reports)), texts.begins
    length = np.diff(begins)
    plain = np.diff(np.r_[0, np.cumsum(~formula)][begins])
    pair = texts.report[seeds.first] * count + texts.report[seeds.second]
    pairs, at = np.unique(pair, return_inverse=True)
    total = np.bincount(at, seeds.size, len(pairs))
    ones, others = pairs // count, pairs % count
    shorter = np.minimum(plain[ones], plain[others])
    facts = texts.reports
    found = []
    for number in np.flatnonzero(total >= _TWIN_OF_YEAR * np.maximum(shorter, 1)):
        one, other = int(ones[number]), int(others[number])
        own = at == number
        first = _share(formula, begins[one], length[one], seeds.first[own], seeds.size[own])
        second = _share(formula, begins[other], length[other], seeds.second[own], seeds.size[own])
        same = bool((facts.loc[one, _OF] == facts.loc[other, _OF]).all())
        of_year = same and max(first, second) >= _TWIN_OF_YEAR
        if min(first, second) >= _TWIN or of_year:
            found.append((one, other, min(first, second) if not of_year else max(first, second)))
    return found


def _share(formula: Flags, begin: int, length: int, starts: Ints, sizes: Ints) -> float:
    """How much of a report is in seeds or formulae."""
    held = formula[begin : begin + length].copy()
    for start, size in zip(starts - begin, sizes, strict=True):
        held[start : start + size] = True
    return float(held.mean()) if length else 0.0


def without(seeds: Seeds, texts: Texts, left_out: list[int]) -> Seeds:
    """The seeds of the other reports."""
    kept = ~np.isin(texts.report[seeds.first], left_out)
    kept &= ~np.isin(texts.report[seeds.second], left_out)
    return Seeds(seeds.first[kept], seeds.second[kept], seeds.size[kept])


def said(reports: pd.DataFrame, twins: list[tuple[int, int, float]]) -> list[str]:
    """A sentence for each report that is there twice."""
    ids = reports["report_id"]
    return [
        f"{ids[other]} is {ids[one]} once more ({share:.0%} of it is the same); it is left out, "
        "and nothing of it is told to be copied. Take one of the two out of reports.csv."
        for one, other, share in twins
    ]

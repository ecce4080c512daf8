"""Texts → seeds: runs of symbols that two reports share, and text that stands everywhere.

Every run of `GRAM` symbols is looked up in one sorted list. What stands in many regions' reports is
a formula and leads nowhere; each other run leads from a report to every other that has it. Runs
that lie side by side in both reports are one seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .texts import Flags, Ints, Texts

GRAM = 7
"""Symbols that must be the same in a row for two places to be compared."""

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Grams:
    """Runs of symbols that stand in more than one place: where, and which places have the same.

    places : where each begins, those of one run side by side in the order of time.
    group : which run it is.
    formula : of each place, whether its run is a formula.
    """

    places: Ints
    group: Ints
    formula: Flags


@dataclass(frozen=True)
class Seeds:
    """Runs that two reports share: where each begins in the earlier and the later, how long."""

    first: Ints
    second: Ints
    size: Ints


def hashes(symbols: npt.NDArray[np.uint32], size: int) -> Hashes:
    """A number for every run of so many symbols."""
    count = max(len(symbols) - size + 1, 0)
    found = np.zeros(count, np.uint64)
    for at in range(size):
        found *= np.uint64(0x9E3779B97F4A7C15)
        found += symbols[at : at + count]
        found ^= found >> np.uint64(29)
    return found


def find(texts: Texts, regions: int, years: int, size: int = GRAM) -> Grams:
    """All runs that stand more than once; a formula stands in so many regions and years."""
    made = hashes(texts.symbols, size)
    inside = np.flatnonzero(texts.report[: len(made)] == texts.report[size - 1 :])
    bits = np.uint64(max(len(made), 2).bit_length())
    order = np.sort((made[inside] >> bits << bits) | inside.astype(np.uint64))
    places = (order & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    order >>= bits
    places = _untangled(order, made, places)
    full = made[places]
    new = np.r_[True, full[1:] != full[:-1]]
    single = new & np.r_[new[1:], True]
    places, group = places[~single], np.cumsum(new)[~single]
    group = np.cumsum(np.r_[True, group[1:] != group[:-1]]) - 1 if len(group) else group
    return Grams(places, group, _formulae(texts, places, group, regions, years))


def _untangled(order: Hashes, made: Hashes, places: Ints) -> Ints:
    """Places of runs whose numbers begin alike, taken apart by the whole number."""
    mixed = np.flatnonzero((order[1:] == order[:-1]) & (made[places[1:]] != made[places[:-1]]))
    for value in np.unique(order[mixed]):
        low, high = np.searchsorted(order, [value, value + np.uint64(1)])
        own = places[low:high]
        places[low:high] = own[np.lexsort((own, made[own]))]
    return places


def _formulae(texts: Texts, places: Ints, group: Ints, regions: int, years: int) -> Flags:
    """Which places hold a run of so many regions and years; the centre is no region."""
    count = np.bincount(group) if len(group) else np.zeros(0, int)
    many = (count >= regions)[group] if len(group) else np.zeros(0, bool)
    reports = texts.reports
    many &= ~reports["national"].to_numpy()[texts.report[places]]
    own, of = group[many], texts.report[places[many]]
    formula = np.ones(len(count), bool)
    for name, least in (("region", regions), ("at", years)):
        values = reports[name].astype("category").cat.codes.to_numpy(np.int64)
        wide = int(values.max(initial=0)) + 1
        told = np.unique(own * wide + values[of]) // wide
        formula &= np.bincount(told, minlength=len(count)) >= least
    return formula[group] if len(group) else many


def covered(texts: Texts, grams: Grams, shortest: int, size: int = GRAM) -> Flags:
    """Which symbols stand in a formula: in runs of at least so many."""
    begin = np.zeros(len(texts.symbols) + 1, np.int64)
    places = grams.places[grams.formula]
    np.add.at(begin, places, 1)
    np.add.at(begin, places + size, -1)
    found = np.cumsum(begin[:-1]) > 0
    starts, ends = runs(found, texts.report)
    for start, end in zip(*(one[ends - starts < shortest] for one in (starts, ends)), strict=True):
        found[start:end] = False
    return found


def runs(flags: Flags, report: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Where runs of what is marked begin and end; none reaches into the next report."""
    change = np.r_[True, (flags[1:] != flags[:-1]) | (report[1:] != report[:-1])]
    starts = np.flatnonzero(change)
    ends = np.r_[starts[1:], len(flags)]
    marked = flags[starts] if len(flags) else np.zeros(0, bool)
    return starts[marked], ends[marked]


def seeds(texts: Texts, grams: Grams, size: int = GRAM) -> Seeds:
    """What each two reports share that is no formula."""
    places, group = grams.places[~grams.formula], grams.group[~grams.formula]
    wide = np.int64(len(texts.symbols) + 1)
    keys, at = [], np.arange(len(places))
    for step in range(1, len(places)):
        at = at[at + step < len(places)]
        at = at[group[at] == group[at + step]]
        if not len(at):
            break
        first, second = places[at], places[at + step]
        apart = texts.report[first] != texts.report[second]
        keys.append((second - first)[apart] * wide + first[apart])
    links = np.sort(np.concatenate([*keys, np.zeros(0, np.int64)]))
    lag, first = links // wide, links % wide
    new = np.r_[True, (lag[1:] != lag[:-1]) | (first[1:] - first[:-1] > size)]
    new[1:] |= (texts.report[first[1:]] != texts.report[first[:-1]]) | (
        texts.report[first[1:] + lag[1:]] != texts.report[first[:-1] + lag[:-1]]
    )
    starts = np.flatnonzero(new[: len(links)])
    lasts = np.r_[starts[1:], len(links)][: len(starts)] - 1
    begin = first[starts]
    return Seeds(begin, begin + lag[starts], first[lasts] - begin + size)

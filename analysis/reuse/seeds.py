"""Texts → seeds: runs of symbols that two reports share, and text that stands everywhere.

Every run of `LONG` symbols is looked up in one sorted list: one that stands in many regions'
reports is a formula and leads nowhere, each other leads from a report to every other that has it.
Where little was left as it was, runs of `SHORT` symbols do, but for those that are everybody's.
Runs that lie side by side in both reports are one seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .texts import Flags, Ints, Texts

LONG, SHORT = 12, 7
"""Symbols in a row that are looked up; the longer is also the least of a formula."""

COMMON, LASTING = 5, 10
"""A short run in the reports of so many regions, or years, is everybody's, and leads nowhere."""

_BLOCK = 1 << 15  # what a processor holds near it

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Grams:
    """Runs of symbols that stand in more than one place: where, and which places have the same.

    places : where each begins, those of one run side by side in the order of time.
    group : which run it is.
    formula : of each place, whether its run is a formula. size : its symbols.
    """

    places: Ints
    group: Ints
    formula: Flags
    size: int


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
    for begin in range(0, count, _BLOCK):
        own = found[begin : begin + _BLOCK]
        for at in range(size):
            own += symbols[begin + at : begin + at + len(own)]
            own *= np.uint64(0x9E3779B97F4A7C15)
            own ^= own >> np.uint64(29)
        own *= np.uint64(0xBF58476D1CE4E5B9)  # the last symbol reaches the first bits too
    return found


def find(texts: Texts, regions: int, years: int, lasting: int, size: int = LONG) -> Grams:
    """All runs that stand more than once; a formula stands in so many regions and years.

    lasting : or in so many years, of whichever regions.
    """
    made = hashes(texts.symbols, size)
    inside = np.flatnonzero(texts.report[: len(made)] == texts.report[size - 1 :])
    bits = np.uint64(max(len(made), 2).bit_length())
    order = np.sort((made[inside] >> bits << bits) | inside.astype(np.uint64))
    places = (order & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    order >>= bits
    full = made[places]
    _untangle(order, full, places)
    new = np.r_[True, full[1:] != full[:-1]]
    single = new & np.r_[new[1:], True]
    places, group = places[~single], np.cumsum(new)[~single]
    group = np.cumsum(np.r_[True, group[1:] != group[:-1]]) - 1 if len(group) else group
    return Grams(places, group, _formulae(texts, places, group, (regions, years, lasting)), size)


def _untangle(order: Hashes, full: Hashes, places: Ints) -> None:
    """Take places of runs apart whose numbers only begin alike."""
    mixed = np.flatnonzero((order[1:] == order[:-1]) & (full[1:] != full[:-1]))
    for value in np.unique(order[mixed]):
        own = slice(*np.searchsorted(order, [value, value + np.uint64(1)]))
        by = np.lexsort((places[own], full[own]))
        full[own], places[own] = full[own][by], places[own][by]


def _formulae(texts: Texts, places: Ints, group: Ints, least: tuple[int, int, int]) -> Flags:
    """Which places hold a run of so many regions and years, or years alone.

    The centre is no region.
    """
    regions, years, lasting = least
    if not len(group):
        return np.zeros(0, bool)
    count, report = np.bincount(group), texts.report[places]
    many = count[group] >= min(regions, lasting)
    told = {}
    for name in ("place", "at"):
        values = texts.facts(name)
        own = many & (values[report] >= 0)
        wide = int(values.max()) + 1
        different = once(group[own] * wide + values[report[own]]) // wide
        told[name] = np.bincount(different, minlength=len(count))
    common = (told["place"] >= regions) & (told["at"] >= years) | (told["at"] >= lasting)
    found: Flags = common[group]
    return found


def covered(texts: Texts, grams: Grams) -> Flags:
    """Which symbols stand in a formula."""
    change = np.zeros(len(texts.symbols) + 1, np.int32)
    places = grams.places[grams.formula]
    np.add.at(change, places, 1)
    np.add.at(change, places + grams.size, -1)
    found: Flags = np.cumsum(change[:-1]) > 0
    return found


def runs(flags: Flags, report: npt.NDArray[np.int32]) -> tuple[Ints, Ints]:
    """Where runs of what is marked begin and end; none reaches into the next report."""
    change = np.r_[True, (flags[1:] != flags[:-1]) | (report[1:] != report[:-1])]
    starts = np.flatnonzero(change)
    ends = np.r_[starts[1:], len(flags)]
    marked = flags[starts] if len(flags) else np.zeros(0, bool)
    return starts[marked], ends[marked]


def seeds(texts: Texts, *found: Grams) -> Seeds:
    """What each two reports share that is no formula."""
    made = [_links(texts, grams) for grams in found]
    wide = np.int64(len(texts.symbols) + 1)
    links = once(np.concatenate(made))
    lag, first = links // wide, links % wide
    new = np.r_[True, (lag[1:] != lag[:-1]) | (first[1:] - first[:-1] > 1)][: len(links)]
    starts = np.flatnonzero(new)
    lasts = np.r_[starts[1:], len(links)][: len(starts)] - 1
    begin = first[starts]
    return Seeds(begin, begin + lag[starts], first[lasts] - begin + SHORT)


def _links(texts: Texts, grams: Grams) -> Ints:
    """Each two places of one run in two reports, as one number: how far apart, and the first.

    A long run is as many short ones as it holds.
    """
    places, group = grams.places[~grams.formula], grams.group[~grams.formula]
    wide = np.int64(len(texts.symbols) + 1)
    keys, at = [np.zeros(0, np.int64)], np.arange(len(places))
    for step in range(1, len(places)):
        at = at[at + step < len(places)]
        at = at[group[at] == group[at + step]]
        if not len(at):
            break
        first, second = places[at], places[at + step]
        apart = texts.report[first] != texts.report[second]
        keys.append((second - first)[apart] * wide + first[apart])
    links = once(np.concatenate(keys))
    return once(np.concatenate([links + shift for shift in range(grams.size - SHORT + 1)]))


def once(values: Ints) -> Ints:
    """Each value once, sorted; numpy's `unique` takes ten times as long for many numbers."""
    values = np.sort(values)
    found: Ints = values[np.r_[True, values[1:] != values[:-1]][: len(values)]]
    return found

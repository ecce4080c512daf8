"""Seeds → passages: where two reports say the same, however it was changed.

Seeds of two reports that lie near each other in both are one candidate, in whatever order: clauses
are exchanged, words put in. Around each candidate all shorter runs (`FINE` symbols) that both
reports share are looked up, and the stretch is kept in which what is shared outweighs what is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from .seeds import SHORT, Seeds, hashes
from .texts import Flags, Ints, Texts

FINE = 4
"""Symbols in a row that count as shared around a seed."""

GAP = 20
"""Symbols that may lie between two seeds of one passage, in either report."""

AROUND = 48
"""Symbols around a candidate that are looked at."""

ASTRAY = 40
"""How far what is shared may be shifted against the seeds: a clause exchanged, words put in."""

ALONE = 18
"""Symbols that a candidate must share, or that must stand in the same places around a seed."""

FRESH = 12
"""Symbols that two passages must share besides formulae."""

SHARED, OTHER = 5, 3
"""What a shared symbol is worth, and what each other one costs: whole numbers, for exact sums."""

_NEAR = 4096
"""Seeds around which is looked in one go."""

_ROOM = 3_000_000
"""Symbols that are looked at in one go."""


@dataclass(frozen=True)
class Passages:
    """Places in an earlier and a later report, and how many symbols they share."""

    start: Ints
    end: Ints
    later_start: Ints
    later_end: Ints
    shared: Ints

    def __len__(self) -> int:
        return len(self.start)

    def at(self, which: Ints | Flags) -> Passages:
        """Some of them."""
        return Passages(*(getattr(self, one.name)[which] for one in fields(self)))

    @property
    def length(self) -> Ints:
        """Symbols of the longer side."""
        found: Ints = np.maximum(self.end - self.start, self.later_end - self.later_start)
        return found

    @property
    def score(self) -> npt.NDArray[np.float64]:
        """Symbols shared, less what the others cost."""
        found: npt.NDArray[np.float64] = self.shared - OTHER / SHARED * (self.length - self.shared)
        return found


def find(texts: Texts, seeds: Seeds, formula: Flags, least: float) -> Passages:
    """All passages whose score is at least so much, by report and place.

    formula : which symbols stand in a formula; what shares little else is no passage.
    """
    common = np.r_[0, np.cumsum(formula)]
    candidates = _candidates(texts, seeds, common)
    found = [one for one in _refined(texts, *candidates) if len(one)]
    parts = [[getattr(one, field.name) for one in found] for field in fields(Passages)]
    made = Passages(*(np.concatenate([*part, np.zeros(0, np.int64)]) for part in parts))
    fresh = made.shared - common[made.later_end] + common[made.later_start]
    return _once(texts, made.at((made.score >= least) & (fresh >= FRESH)))


def _candidates(
    texts: Texts, seeds: Seeds, common: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints, Ints]:
    """Rectangles around seeds that lie near each other: both spans, least and greatest shift."""
    count = np.int64(len(texts.reports))
    pair = texts.report[seeds.first] * count + texts.report[seeds.second]
    order = np.lexsort((seeds.first, seeds.second, pair))
    first, second, size, pair = (
        one[order] for one in (seeds.first, seeds.second, seeds.size, pair)
    )
    label = _together(first, second, size, pair)
    order = np.argsort(label, kind="stable")
    first, second, size, label = (one[order] for one in (first, second, size, label))
    starts = np.flatnonzero(np.r_[True, label[1:] != label[:-1]][: len(label)])
    if not len(starts):
        empty = np.zeros(0, np.int64)
        return empty, empty, empty, empty, empty, empty
    fresh = size - common[second + size] + common[second]
    told = np.add.reduceat(fresh, starts) >= SHORT
    of = np.repeat(np.arange(len(starts)), np.diff(np.r_[starts, len(label)]))
    weight = np.add.reduceat(size, starts)
    few = np.flatnonzero((told & (weight < ALONE))[of])
    np.maximum.at(weight, of[few], _beside(texts, first[few], second[few], size[few]))
    kept = told & (weight >= ALONE)
    low, high = np.minimum.reduceat, np.maximum.reduceat
    lag = second - first
    found = (
        low(first, starts),
        high(first + size, starts),
        low(second, starts),
        high(second + size, starts),
        low(lag, starts),
        high(lag, starts),
    )
    return tuple(one[kept] for one in found)  # type: ignore[return-value]


def _together(first: Ints, second: Ints, size: Ints, pair: Ints) -> Ints:
    """A number for each seed, the same for those that are near each other, over any others."""
    ones, others = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    at = np.arange(len(first))
    for step in range(1, len(first)):
        at = at[at + step < len(first)]
        near = pair[at] == pair[at + step]
        near &= second[at + step] - (second[at] + size[at]) <= GAP
        at = at[near]
        if not len(at):
            break
        other = at + step
        close = first[other] - (first[at] + size[at]) <= GAP
        close &= first[at] - (first[other] + size[other]) <= GAP
        ones.append(at[close])
        others.append(other[close])
    one, other = np.concatenate(ones), np.concatenate(others)
    label = np.arange(len(first))
    while True:
        before = label.copy()
        least = np.minimum(label[one], label[other])
        np.minimum.at(label, one, least)
        np.minimum.at(label, other, least)
        label = label[label]
        if (label == before).all():
            return label


def _beside(texts: Texts, first: Ints, second: Ints, size: Ints, reach: int = 24) -> Ints:
    """Symbols that are the same in the same places of a seed and around it.

    Seeds are looked at some at a time: what stands around one is near it in memory.
    """
    count, symbols, begins = size.copy(), texts.symbols, texts.begins
    steps, last = np.arange(reach), len(symbols) - 1
    for begin in range(0, len(first), _NEAR):
        own = slice(begin, begin + _NEAR)
        one, other = texts.report[first[own]], texts.report[second[own]]
        back, ahead = -1 - steps, size[own, None] + steps
        for step in (back, ahead):
            left, right = first[own, None] + step, second[own, None] + step
            same = (left >= begins[one, None]) & (left < begins[one + 1, None])
            same &= (right >= begins[other, None]) & (right < begins[other + 1, None])
            left, right = np.clip(left, 0, last), np.clip(right, 0, last)
            same &= symbols[left] == symbols[right]
            count[own] += same.sum(axis=1)
    return count


def _refined(
    texts: Texts, start: Ints, end: Ints, later: Ints, later_end: Ints, low: Ints, high: Ints
) -> Iterator[Passages]:
    """The passage of each candidate, many at a time."""
    begins = texts.begins
    one, other = texts.report[start], texts.report[later]
    start = np.maximum(start - AROUND, begins[one])
    end = np.minimum(end + AROUND, begins[one + 1])
    later = np.maximum(later - AROUND, begins[other])
    later_end = np.minimum(later_end + AROUND, begins[other + 1])
    made = hashes(texts.symbols, FINE) & np.uint64(0xFFFFFFFF)
    sizes = np.cumsum(end - start + later_end - later)
    parts = np.flatnonzero(np.r_[True, sizes[1:] // _ROOM != sizes[:-1] // _ROOM][: len(sizes)])
    for begin, stop in zip(parts, [*parts[1:], len(sizes)], strict=False):
        own = slice(begin, stop)
        yield _best(made, *(one[own] for one in (start, end, later, later_end, low, high)))


def _spread(start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Every place from each start to its end, and whose it is."""
    size = np.maximum(end - start, 0)
    of = np.repeat(np.arange(len(start)), size)
    return np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + start[of], of


def _best(
    made: npt.NDArray[np.uint64],
    start: Ints,
    end: Ints,
    later: Ints,
    later_end: Ints,
    low: Ints,
    high: Ints,
) -> Passages:
    """Of each candidate the stretch in which what is shared outweighs what is not."""
    first, second, of = shared(made, FINE, Passages(start, end, later, later_end, start))
    lag = second - first
    near = (lag >= low[of] - ASTRAY) & (lag <= high[of] + ASTRAY)
    first, second, of = first[near], second[near], of[near]
    begin, stop, _ = _stretch(second, of, later, later_end)
    inside = (second >= begin[of]) & (second + FINE <= stop[of])
    first, second, of = first[inside], second[inside], of[inside]
    own_begin, own_stop, own = _stretch(first, of, start, end)
    inside = (first >= own_begin[of]) & (first + FINE <= own_stop[of])
    begin, stop, both = _stretch(second[inside], of[inside], later, later_end)
    return Passages(own_begin, own_stop, begin, stop, np.minimum(own, both))


def shared(made: npt.NDArray[np.uint64], size: int, found: Passages) -> tuple[Ints, Ints, Ints]:
    """Where both sides of each passage have the same run of so many symbols, and whose it is.

    made : a number of 32 bits for each run of that size.
    """
    places, of = _spread(found.start, found.end - size + 1)
    others, whose = _spread(found.later_start, found.later_end - size + 1)
    keys = (of.astype(np.uint64) << np.uint64(32)) | made[places]
    order = np.argsort(keys)
    keys, places = keys[order], places[order]
    wanted = (whose.astype(np.uint64) << np.uint64(32)) | made[others]
    order = np.argsort(wanted)
    wanted, others, whose = wanted[order], others[order], whose[order]
    left, right = np.searchsorted(keys, wanted), np.searchsorted(keys, wanted, "right")
    at, which = _spread(left, right)
    return places[at], others[which], whose[which]


def _stretch(places: Ints, of: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """The stretch of each window with the best sum of shared symbols less the others' cost.

    Its first place, its end and how many of its symbols are shared; of equal ones the first.
    """
    size = end - start
    begin = np.cumsum(size) - size
    held = np.zeros(size.sum() + FINE, bool)
    at = places - start[of] + begin[of]
    for step in range(FINE):
        held[at + step] = True
    held = held[: size.sum()]
    window = np.repeat(np.arange(len(size)), size)
    whole = np.cumsum(np.where(held, SHARED, -OTHER))
    before = whole - np.where(held, SHARED, -OTHER)
    # Each window lies below the one before it, so that the least so far is one of its own.
    below = window * (2 * SHARED * size.max(initial=0) + 1) + before[begin][window]
    least = np.minimum.accumulate(before - below) + below
    gain = whole - least
    spots = np.flatnonzero(gain == np.maximum.reduceat(gain, begin)[window])[::-1]
    stop = np.zeros(len(size), np.int64)
    stop[window[spots]] = spots + 1  # the first place that reaches the best
    spots = np.flatnonzero(before == least[stop - 1][window])
    spots = spots[spots < stop[window[spots]]]
    first = np.zeros(len(size), np.int64)
    first[window[spots]] = spots  # the last place from which it is reached
    sums = np.r_[0, np.cumsum(held)]
    return first - begin + start, stop - begin + start, sums[stop] - sums[first]


def _once(texts: Texts, found: Passages) -> Passages:
    """Each passage once: of those of two reports that overlap on both sides the best."""
    count = np.int64(len(texts.reports))
    pair = texts.report[found.start] * count + texts.report[found.later_start]
    order = np.lexsort((found.later_start, -found.score, pair))
    found, pair = found.at(order), pair[order]
    kept = np.ones(len(found), bool)
    starts = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]][: len(pair)])
    sizes = np.diff(np.r_[starts, len(pair)])
    for begin, size in zip(starts[sizes > 1], sizes[sizes > 1], strict=True):
        own = slice(begin, begin + size)
        kept[own] = _apart(
            *(
                one[own].tolist()
                for one in (found.start, found.end, found.later_start, found.later_end)
            )
        )
    found = found.at(kept)
    return found.at(
        np.lexsort(
            (
                found.start,
                found.later_start,
                texts.report[found.start],
                texts.report[found.later_start],
            )
        )
    )


def _apart(start: list[int], end: list[int], later: list[int], later_end: list[int]) -> list[bool]:
    """Which are kept, the best first: those that overlap no kept one on both sides by half."""
    kept: list[int] = []
    told = []
    for at in range(len(start)):
        free = True
        for one in kept:
            both = min(later_end[at], later_end[one]) - max(later[at], later[one])
            if 2 * both <= later_end[at] - later[at]:
                continue
            own = min(end[at], end[one]) - max(start[at], start[one])
            if 2 * own > end[at] - start[at]:
                free = False
                break
        if free:
            kept.append(at)
        told.append(free)
    return told

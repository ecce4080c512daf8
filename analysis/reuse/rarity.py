"""Passages → how much of what they share is rare: what two writers do not come to by themselves.

Each run of `SHORT` symbols that both sides have counts by how few third regions have it: 1 if
none, 0 if all. It counts for less, down to nothing, the more its pairs of symbols stand in
formulae elsewhere, and for nothing if a number or what everybody writes (usual.yaml) is in it. The sum is
about the symbols of rare wording in common. Beside it stands how many numbers were changed: the
same sentence with other numbers is a region's own, or else the frame of a statistic.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.kit import yamlfile

from .passages import FINE, Passages, shared
from .seeds import SHORT, Grams, hashes, once
from .texts import NUMBER, Flags, Ints, Texts

Weights = npt.NDArray[np.float64]

_FORMULAIC = 0.25
"""Pairs of symbols of which so many stand in formulae say nothing; at least twice as many as all."""

_ONCE = 20_000
"""Passages that are looked at in one go."""

_CLAUSE = re.compile(r"[^，。；！？：,;!?:\n]+")


class Rarity(NamedTuple):
    """Of each passage: its rare symbols in common, and numbers in common places that differ."""

    rare: Weights
    changed: Ints


def rarity(
    texts: Texts, sentences: pd.DataFrame, found: Passages, short: Grams, formula: Flags
) -> Rarity:
    """How much of what is shared is rare, and how many numbers are not the same.

    short : where runs of `SHORT` stand that stand more than once. formula : symbols in formulae.
    """
    regions, plain = _regions(texts, short), _plain(texts, formula)
    plain[_held(texts.symbols == ord(NUMBER), len(plain))] = 0
    plain[_held(_usual(texts, sentences, found), len(plain))] = 0
    rare, changed = np.zeros(len(found)), np.zeros(len(found), np.int64)
    for part in np.array_split(np.arange(len(found)), len(found) // _ONCE + 1):
        own = found.at(part)
        rare[part] = _rare(texts, own, regions, plain)
        changed[part] = _changed(texts, sentences, own)
    return Rarity(rare, changed)


def _rare(texts: Texts, found: Passages, regions: Ints, plain: Weights) -> Weights:
    """The sum of weights of the runs of the later side that the earlier has."""
    _, at, of = shared(_short(texts.symbols, SHORT), SHORT, found)
    wide = np.int64(len(texts.symbols) + 1)
    of, at = np.divmod(once(of * wide + at), wide)
    place = texts.facts("place")
    one, other = place[texts.report[found.start]], place[texts.report[found.later_start]]
    third = np.maximum(regions[at] - np.where(one == other, 1, 2)[of], 0)
    all_ = max(len(np.unique(place)), 2)
    weight = np.maximum(1 - np.log2(third + 1) / np.log2(all_), 0) * plain[at]
    return np.bincount(of, weight, len(found))


def _short(symbols: npt.NDArray[np.uint32], size: int) -> npt.NDArray[np.uint64]:
    found: npt.NDArray[np.uint64] = hashes(symbols, size) & np.uint64(0xFFFFFFFF)
    return found


def _regions(texts: Texts, short: Grams) -> Ints:
    """How many regions, the centre being one, have the run that begins at each symbol."""
    found = np.ones(len(texts.symbols), np.int64)
    place = texts.facts("place") + 1
    wide = int(place.max(initial=0)) + 1
    told = once(short.group * wide + place[texts.report[short.places]]) // wide
    found[short.places] = np.bincount(told)[short.group] if len(told) else 1
    return found


def _plain(texts: Texts, formula: Flags) -> Weights:
    """How little the run that begins at each symbol is made of what formulae are made of."""
    codes, kinds = np.unique(texts.symbols, return_inverse=True)
    pair = kinds[:-1].astype(np.int64) * len(codes) + kinds[1:]
    within = np.bincount(pair, formula[:-1] & formula[1:], len(codes) ** 2)
    counts = np.bincount(pair, minlength=len(codes) ** 2)
    share = (within / (counts + 1))[pair]
    sums = np.r_[0, np.cumsum(share)]
    mean = np.zeros(len(texts.symbols))
    inner = len(sums) - SHORT + 1
    if inner > 0:
        mean[:inner] = (sums[SHORT - 1 :] - sums[:inner]) / (SHORT - 1)
    least = max(_FORMULAIC, 2 * float(formula.mean()) if len(formula) else 0.0)
    return np.maximum(1 - mean / least, 0)


def _held(flags: Flags, count: int) -> Flags:
    """Where a run begins that has something marked in it."""
    sums = np.r_[0, np.cumsum(flags), np.full(SHORT, np.count_nonzero(flags))]
    found: Flags = sums[SHORT : SHORT + count] > sums[:count]
    return found


def _changed(texts: Texts, sentences: pd.DataFrame, found: Passages) -> Ints:
    """Numbers of the later side that stand where the earlier has others."""
    first, second, of = shared(_short(texts.symbols, FINE), FINE, found)
    number = texts.symbols == ord(NUMBER)
    pairs = []
    for step in range(FINE):
        at = np.flatnonzero(number[second + step])
        pairs.append((of[at], second[at] + step, first[at] + step))
    one, later, earlier = (np.concatenate(each) for each in zip(*pairs, strict=True))
    said = _numbers(texts, sentences, np.unique(np.r_[later, earlier]))
    same: dict[tuple[int, int], bool] = {}
    for whose, at, other in zip(one.tolist(), later.tolist(), earlier.tolist(), strict=True):
        same[whose, at] = same.get((whose, at), False) or said[at] == said[other]
    count = np.zeros(len(found), np.int64)
    np.add.at(count, [whose for (whose, _), equal in same.items() if not equal], 1)
    return count


def _numbers(texts: Texts, sentences: pd.DataFrame, at: Ints) -> dict[int, str]:
    """What numbers say."""
    told, starts = sentences["text"].to_numpy(object), sentences["start"].to_numpy(np.int64)
    row = texts.sentence[at]
    spans = texts.start[at] - starts[row], texts.end[at] - starts[row]
    each = zip(at.tolist(), row.tolist(), *(one.tolist() for one in spans), strict=True)
    return {one: told[own][low:high].replace(",", "") for one, own, low, high in each}


# ---- what is usual


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    told = yamlfile.load(Path(__file__).with_name("usual.yaml"))
    parts = {name: own for name, own in told.items() if name != "version"}
    return {
        name: re.compile("|".join(one for each in own.values() for one in each))
        for name, own in parts.items()
    }


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """What is usual in a sentence: all of it, clauses between marks, or what is matched."""
    known = _patterns()
    if known["sentences"].search(text.rstrip("。！：\n")):
        yield 0, len(text)
        return
    for match in known["spans"].finditer(text):
        yield match.span()
    if known["clauses"].search(text):
        for clause in _CLAUSE.finditer(text):
            if known["clauses"].search(clause[0]):
                yield clause.span()


def _usual(texts: Texts, sentences: pd.DataFrame, found: Passages) -> Flags:
    """Which symbols of sentences in which later sides stand are usual."""
    held = np.zeros(len(texts.symbols), bool)
    edge = np.zeros(len(held) + 1, np.int64)
    np.add.at(edge, found.later_start, 1)
    np.add.at(edge, found.later_end, -1)
    begins = np.flatnonzero(np.r_[True, texts.sentence[1:] != texts.sentence[:-1]][: len(held)])
    ends = np.r_[begins[1:], len(held)]
    met = np.add.reduceat(np.cumsum(edge[:-1]), begins) > 0 if len(begins) else begins > 0
    told, starts = sentences["text"].to_numpy(object), sentences["start"].to_numpy(np.int64)
    for begin, end in zip(begins[met].tolist(), ends[met].tolist(), strict=True):
        row = texts.sentence[begin]
        at = texts.start[begin:end] - starts[row]
        for low, high in _spans(told[row]):
            held[begin + np.searchsorted(at, low) : begin + np.searchsorted(at, high)] = True
    return held

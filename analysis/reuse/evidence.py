"""Passages → how much of what they share tells: what two writers do not come to by themselves.

Numbers and what everybody writes (usual.yaml) tell nothing, and each other symbol tells less, down
to nothing, the more pairs of symbols from it on stand in formulae elsewhere. Of the rest each run
of `SHORT` symbols that both sides have counts by how few third regions have it: 1 if none, 0 if
all; the sum is about the symbols of rare wording in common. A long passage tells without rare
wording: by the weight of all symbols in common, or by the longest run that is the same, numbers
and all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.kit import yamlfile

from .passages import FINE, Passages, shared
from .seeds import SHORT, Grams, hashes, once
from .texts import NUMBER, Flags, Ints, Small, Texts

Weights = npt.NDArray[np.float64]

_FORMULAIC = 0.25
"""Pairs of symbols of which so many stand in formulae tell nothing; or twice the usual part."""

_OFTEN = 2000
"""The symbols that are told apart in pairs: the most frequent; all others are one."""

_MUCH = 3.5, 5.0
"""How many symbols in common, and how many in one run, tell as much as one of rare wording."""

_ONCE = 20_000
"""Passages that are looked at in one go."""

_CLAUSE = re.compile(r"[^，。；！？：,;!?:\n]+")


def weigh(
    texts: Texts, sentences: pd.DataFrame, found: Passages, short: Grams, formula: Flags
) -> Weights:
    """Of each passage how much of what is shared tells.

    short : where runs of `SHORT` stand that stand more than once. formula : symbols in formulae.
    """
    regions, plain = _regions(texts, short), _plain(texts, formula)
    usual = _usual(texts, sentences, found)
    plain[usual | (texts.symbols == ord(NUMBER))] = 0
    rarely = np.where(_held(plain == 0, SHORT), 0, plain)
    whole = ~_held(usual, FINE)
    made = np.zeros(len(found))
    for part in np.array_split(np.arange(len(found)), len(found) // _ONCE + 1):
        own = found.at(part)
        rare = _rare(texts, own, regions, rarely)
        much = [
            one / size for one, size in zip(_much(texts, own, plain, whole), _MUCH, strict=True)
        ]
        made[part] = np.maximum(rare, np.maximum(*much))
    return made


def _rare(texts: Texts, found: Passages, regions: Small, plain: Weights) -> Weights:
    """The sum of weights of the runs of the later side that the earlier has."""
    _, at, of = shared(_short(texts.symbols, SHORT), SHORT, found)
    of, at = _each(of, at, texts)
    place = texts.facts("place")
    one, other = place[texts.report[found.start]], place[texts.report[found.later_start]]
    third = np.maximum(regions[at] - np.where(one == other, 1, 2)[of], 0)
    all_ = max(len(np.unique(place)), 2)
    weight = np.maximum(1 - np.log2(third + 1) / np.log2(all_), 0) * plain[at]
    return np.bincount(of, weight, len(found)).astype(float)


def _much(texts: Texts, found: Passages, plain: Weights, whole: Flags) -> tuple[Weights, Ints]:
    """The weight of all symbols that both sides have, and the longest run that is the same.

    whole : where a run begins in which nothing is usual.
    """
    first, at, of = shared(_short(texts.symbols, FINE), FINE, found)
    every = np.concatenate([at + step for step in range(FINE)])
    whose, which = _each(np.tile(of, FINE), every, texts)
    amount = np.bincount(whose, plain[which], len(found)).astype(float)
    first, at, of = first[whole[at]], at[whole[at]], of[whole[at]]
    longest = np.zeros(len(found), np.int64)
    if not len(at):
        return amount, longest
    order = np.lexsort((at, at - first, of))
    at, lag, of = at[order], (at - first)[order], of[order]
    new = np.r_[True, (np.diff(of) != 0) | (np.diff(lag) != 0) | (np.diff(at) != 1)]
    np.maximum.at(longest, of[new], np.bincount(np.cumsum(new) - 1) + FINE - 1)
    return amount, longest


def _each(of: Ints, at: Ints, texts: Texts) -> tuple[Ints, Ints]:
    """Each place of each passage once."""
    wide = np.int64(len(texts.symbols) + 1)
    whose, which = np.divmod(once(of * wide + at), wide)
    return whose, which


def _short(symbols: npt.NDArray[np.uint32], size: int) -> npt.NDArray[np.uint64]:
    found: npt.NDArray[np.uint64] = hashes(symbols, size) & np.uint64(0xFFFFFFFF)
    return found


def _regions(texts: Texts, short: Grams) -> Small:
    """How many regions, the centre being one, have the run that begins at each symbol."""
    found = np.ones(len(texts.symbols), np.int32)
    place = texts.facts("place") + 1
    wide = int(place.max(initial=0)) + 1
    told = once(short.group * wide + place[texts.report[short.places]]) // wide
    if len(told):
        found[short.places] = np.bincount(told)[short.group]
    return found


def _plain(texts: Texts, formula: Flags) -> Weights:
    """How little the run that begins at each symbol is made of what formulae are made of."""
    counts = np.bincount(texts.symbols)
    number = np.full(len(counts), _OFTEN, np.int32)
    often = np.argsort(-counts, kind="stable")[:_OFTEN]
    number[often] = np.arange(len(often))
    codes = number[texts.symbols]
    pair = codes[:-1] * (_OFTEN + 1) + codes[1:]
    wide = (_OFTEN + 1) ** 2
    within = np.bincount(pair[formula[:-1] & formula[1:]], minlength=wide)
    share = (within / (np.bincount(pair, minlength=wide) + 1)).astype(np.float32)[pair]
    sums = np.r_[0, np.cumsum(share, dtype=np.float64)]
    mean = np.zeros(len(texts.symbols))
    inner = len(sums) - SHORT + 1
    if inner > 0:
        mean[:inner] = (sums[SHORT - 1 :] - sums[:inner]) / (SHORT - 1)
    least = max(_FORMULAIC, 2 * float(formula.mean()) if len(formula) else 0.0)
    return np.maximum(1 - mean / least, 0)


def _held(flags: Flags, size: int) -> Flags:
    """Where a run of so many symbols begins that has something marked in it."""
    sums = np.r_[0, np.cumsum(flags), np.full(size, np.count_nonzero(flags))]
    found: Flags = sums[size : size + len(flags)] > sums[: len(flags)]
    return found


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

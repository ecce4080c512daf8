"""Which words set one text apart from another: how surely (G²) and how much (log ratio).

G² grows with the length of the texts and says only that a difference is no accident of counting;
the log ratio says how large it is, in doublings. Both stand in each row. Counts are of tokens, and
words of one report are no independent draws, so the interval resamples whole reports.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .keywords import MIN_REPORTS, PER, RESAMPLES, redrawn

if TYPE_CHECKING:
    from .counts import Counts

_CELLS = 2_000_000
"""Numbers held at once for each side while resampling."""


def g2(
    n: ArrayLike, n_reference: ArrayLike, N: ArrayLike, N_reference: ArrayLike
) -> NDArray[np.float64]:
    """Log-likelihood ratio of a 2 × 2 table, above 0 where the first count is above expectation.

    2 Σ O ln(O / E) over the four cells n, n_reference, N - n, N_reference - n_reference (Dunning
    1993), with 0 ln 0 = 0 and no correction; the sign is that of O11 - E11. A cell below 0, as
    window counts can give (a token near two nodes counts twice), adds nothing; a margin below 0
    makes no table: NaN.
    """
    first, second, size, other = _floats(n, n_reference, N, N_reference)
    total, row = size + other, first + second
    signed = first * total - row * size
    cells = [
        (first, row, size),
        (second, row, other),
        (size - first, total - row, size),
        (other - second, total - row, other),
    ]
    value = np.zeros(np.broadcast_shapes(total.shape, row.shape))
    with np.errstate(divide="ignore", invalid="ignore"):
        for observed, across, down in cells:
            ratio = observed * total / (across * down)
            value = value + np.where(observed > 0, observed * np.log(ratio), 0.0)
    table = (row >= 0) & (row <= total) & (size >= 0) & (other >= 0)
    # Rounding leaves a trace below 0 where both sides are equal; adding 0 turns -0 into 0.
    return np.where(table, np.sign(signed) * np.maximum(2 * value, 0) + 0.0, np.nan)


def p_value(statistic: ArrayLike) -> NDArray[np.float64]:
    """The chi-squared tail of G² with one degree of freedom: erfc(sqrt(G² / 2))."""
    half = np.abs(np.asarray(statistic, dtype=float)) / 2
    p: NDArray[np.float64] = np.vectorize(math.erfc, otypes=[float])(np.sqrt(half))
    return p


def adjust(p: ArrayLike) -> NDArray[np.float64]:
    """p-values adjusted for being many, so that the rate of false finds is held.

    Benjamini & Hochberg 1995: the smallest p · m / rank at or after each rank, at most 1. NaN is
    no test and none of the m; it stays NaN.
    """
    values = np.asarray(p, dtype=float)
    known = int((~np.isnan(values)).sum())
    order = np.argsort(values, kind="stable")[:known]  # NaN stands last
    scaled = values[order] * known / np.arange(1, known + 1)
    adjusted = np.full_like(values, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1)
    return adjusted


def log_ratio(
    n: ArrayLike, n_reference: ArrayLike, N: ArrayLike, N_reference: ArrayLike, *, add: float = 0
) -> NDArray[np.float64]:
    """How many doublings apart the two rates are: log2 of their ratio (Hardie 2014).

    `add` is added to all four numbers first; 0.5 keeps a zero finite (Walter 1975). Without it a
    zero gives inf or -inf, and 0 where both counts are 0.
    """
    first, second, size, other = (each + add for each in _floats(n, n_reference, N, N_reference))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.log2(first / size) - np.log2(second / other)
    return np.where((first == 0) & (second == 0), 0.0, value)


def pct_diff(
    n: ArrayLike, n_reference: ArrayLike, N: ArrayLike, N_reference: ArrayLike
) -> NDArray[np.float64]:
    """By how many per cent the first rate is above the second (%DIFF, Gabrielatos & Marchi 2011).

    -100 where only the first count is 0, inf where only the second is, 0 where both are.
    """
    first, second, size, other = _floats(n, n_reference, N, N_reference)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = 100 * (first * other / (second * size) - 1)
    return np.where((first == 0) & (second == 0), 0.0, value)


def _floats(*values: ArrayLike) -> Iterator[NDArray[np.float64]]:
    return (np.asarray(value, dtype=float) for value in values)


def compare(
    target: Counts,
    reference: Counts,
    *,
    sample: bool = False,
    keys: Collection[str] = (),
) -> pd.DataFrame:
    """Hold the words of one set of reports (`keys`, empty for all of either side) against another.

    One row a word, largest abs(g2) first, ties by key: key, n, N_tokens, rate_tokens (per
    10,000 tokens), reports (that hold the word), the same four of the reference, g2, p,
    p_adjusted (over the rows of this table), log_ratio, log_ratio_smoothed (0.5 added, always),
    lo, hi (of log_ratio_smoothed: 2.5 and 97.5 per cent of a bootstrap that draws the reports
    of each side anew), pct_diff (empty, as log_ratio is, for a word that neither side has),
    status (`both`, `target`, `reference`: the side that has the word, or `neither`). p,
    p_adjusted, lo and hi are NaN unless the reports are a `sample`; lo and hi also where a side
    has fewer than `keywords.MIN_REPORTS` reports.
    """
    words = sorted(set(keys) if keys else {*target.words.index, *reference.words.index})
    columns: dict[str, Any] = {"key": words}
    columns |= _side(target, words, "") | _side(reference, words, "_reference")
    counts = columns["n"], columns["n_reference"], target.N_tokens, reference.N_tokens
    has, reference_has = columns["n"] > 0, columns["n_reference"] > 0
    columns["g2"] = g2(*counts)
    columns["p"] = p_value(columns["g2"]) if sample else np.nan
    columns["p_adjusted"] = adjust(columns["p"]) if sample else np.nan
    columns["log_ratio"] = np.where(has | reference_has, log_ratio(*counts), np.nan)
    columns["log_ratio_smoothed"] = log_ratio(*counts, add=0.5)
    columns["lo"] = columns["hi"] = np.nan
    if sample and words and min(target.reports, reference.reports) >= MIN_REPORTS:
        columns["lo"], columns["hi"] = _interval(target, reference, words)
    columns["pct_diff"] = np.where(has | reference_has, pct_diff(*counts), np.nan)
    held = {"both": has & reference_has, "target": has, "reference": reference_has}
    columns["status"] = np.select([*held.values()], [*held], "neither").astype(object)
    order = np.argsort(-np.abs(columns["g2"]), kind="stable")
    return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def changes(target: Counts, reference: Counts, *, min_n: int = 1) -> pd.DataFrame:
    """Words that only one side has, `min_n` times or more: new ones, or vanished ones.

    key, n, n_reference, status (`new`: of the target, `vanished`: of the reference); new ones
    first, the most frequent first (ties by code point).
    """
    table = pd.DataFrame({"n": target.n, "n_reference": reference.n}).fillna(0).astype(int)
    table = table.rename_axis("key").reset_index()
    both = table[["n", "n_reference"]]
    table = table[(both.min(axis=1) == 0) & (both.max(axis=1) >= min_n)]
    table = table.assign(status=np.where(table["n"] > 0, "new", "vanished"))
    order = ["n", "n_reference", "key"]
    return table.sort_values(order, ascending=[False, False, True], ignore_index=True)


def least_reports(wanted: int, reports: int) -> int:
    """In how many reports of a side a word must stand: so many, of a small side in a quarter.

    >>> [least_reports(3, reports) for reports in (1, 4, 5, 9, 12, 400)]
    [1, 1, 2, 3, 3, 3]
    """
    return max(1, min(wanted, -(-reports // 4)))


def strongest(compared: pd.DataFrame, each: int, least: tuple[int, int] = (1, 1)) -> pd.DataFrame:
    """The rows of `compare` with the largest abs(g2) on either side, at most `each` of a side.

    Where the smoothed ratio points to the other side, the texts are too short to tell: on neither.
    `least` are the reports of its side that must have a word.
    """
    points = compared[["g2", "log_ratio_smoothed"]]
    sides = []
    for sign, held, reports in zip((1, -1), ("reports", "reports_reference"), least, strict=True):
        own = compared[(points * sign > 0).all(axis=1) & (compared[held] >= reports)]
        sides.append(own.head(each))
    return pd.concat(sides, ignore_index=True)


def beside(frequency: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """A table of `keywords.frequency` with what `compare` says of the same words beside it."""
    named = compared.rename(columns={"lo": "log_ratio_lo", "hi": "log_ratio_hi"})
    new = [column for column in named if column == "N_tokens" or column not in frequency]
    table = frequency.drop(columns="N_tokens").merge(named[["key", *new]], on="key", how="left")
    return table[[*frequency.columns, *(name for name in new if name != "N_tokens")]]


def _side(counts: Counts, words: list[str], suffix: str) -> dict[str, Any]:
    """One side's columns n, N_tokens, rate_tokens and reports, in the order of `words`."""
    found = counts.words[["n", "reports"]].reindex(words, fill_value=0).to_numpy(dtype=np.int64)
    rate = found[:, 0] / counts.N_tokens * PER if counts.N_tokens else np.nan
    side = {"n": found[:, 0], "N_tokens": counts.N_tokens, "rate_tokens": rate}
    return {f"{name}{suffix}": of for name, of in (side | {"reports": found[:, 1]}).items()}


def _interval(target: Counts, reference: Counts, words: list[str]) -> NDArray[np.float64]:
    """Bounds of the smoothed log ratio of each word, two rows: lo and hi."""
    rng = np.random.default_rng(0)
    sides = [(side, redrawn(side.reports, RESAMPLES, rng)) for side in (target, reference)]
    step = max(1, _CELLS // max(RESAMPLES, target.reports, reference.reports))
    bounds = []
    for first in range(0, len(words), step):
        one, other = (_resampled(*side, words[first : first + step]) for side in sides)
        bounds.append(np.quantile(one - other, [0.025, 0.975], axis=0))
    return np.concatenate(bounds, axis=1)


def _resampled(counts: Counts, draws: np.ndarray, words: list[str]) -> NDArray[np.float64]:
    """log2 of the smoothed rates of some words, one row a resample."""
    group, reports = counts.group("report_id")
    order = reports["report_id"].argsort(kind="stable").to_numpy()
    sizes, n = reports["N_tokens"].iloc[order], counts.matrix(words, group).T[order]
    totals = draws @ sizes.to_numpy(dtype=float)
    rates: NDArray[np.float64] = (draws @ n + 0.5) / (totals[:, None] + 0.5)
    return np.log2(rates)

"""How far two or more coders agree, beyond what chance would give.

The unit is what a coder was asked about, a sentence. `none` is a code like any other: the coder
looked and saw no theme. An empty cell is no code; it is missing and never counts as agreement.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.words import keywords, redrawn

_Floats = NDArray[np.float64]

LEVELS = ("nominal", "ordinal", "interval", "ratio", "masi")
"""How two values differ: at all; by rank; by their difference; by its share of their sum; as sets.

A set is written as its members joined by `;`. Two sets differ by 1 - J × M, where J is the share of
their members that they have in common (Jaccard) and M is 1 for the same set, 2/3 where one holds
the other, 1/3 where they meet otherwise, 0 where they do not: MASI, "Measuring Agreement on
Set-valued Items" (Passonneau 2006, LREC, 831-836), as alpha's difference.
"""

ENOUGH = 5
"""A theme with fewer hand-coded units has no score."""


def alpha(codes: pd.DataFrame, *, level: str = "nominal") -> float:
    """Krippendorff's alpha: 1 - observed / expected disagreement (Krippendorff 2011).

    `codes` has one row a unit, one column a coder; NaN, None and '' are missing. Units with fewer
    than two codes say nothing about agreement and are left out. `level` is one of `LEVELS`; all but
    `nominal` and `masi` need numbers. 1 is perfect, 0 chance; NaN where no two units differ: with
    one category only, agreement cannot be told from coders who never look.
    """
    counts, values, _ = _counts(codes, level)
    return _alpha(counts, values, level)


def alpha_interval(
    codes: pd.DataFrame,
    *,
    resamples: int = 1000,
    seed: int = 0,
    level: str = "nominal",
    clusters: Sequence[str] | None = None,
) -> tuple[float, float]:
    """2.5 and 97.5 per cent of alpha over units drawn anew; NaN for fewer than two units.

    `clusters` says which report each unit is of: then whole reports are drawn, as sentences of one
    report are no independent draws; NaN for fewer than `keywords.MIN_REPORTS` of them. A draw with
    one category only has no alpha and is left out.
    """
    counts, values, kept = _counts(codes, level)
    of, least = np.arange(len(counts)), 2
    if clusters is not None:
        of = np.unique(np.asarray(clusters, dtype=object)[kept], return_inverse=True)[1]
        least = keywords.MIN_REPORTS
    n = int(of.max()) + 1 if len(of) else 0
    if n < least:
        return float("nan"), float("nan")
    draws = redrawn(n, resamples, np.random.default_rng(seed))[:, of]
    drawn = np.array([_alpha(counts, values, level, weights) for weights in draws])
    drawn = drawn[~np.isnan(drawn)]
    lo, hi = np.quantile(drawn, [0.025, 0.975]) if len(drawn) else (np.nan, np.nan)
    return float(lo), float(hi)


def paired(hand: pd.Series[str], coded: pd.Series[str]) -> tuple[pd.DataFrame, int]:
    """The units that have a code on both sides (hand, coded), and how many were left out.

    Both series are by unit; a unit that one of them does not name has no code there. ValueError
    for a unit that stands twice on a side.
    """
    for side in (hand, coded):
        if side.index.has_duplicates:
            twice = side.index[side.index.duplicated()][0]
            raise ValueError(f"unit {twice!r} has two codes on one side; one is needed")
    both = pd.concat([hand.rename("hand"), coded.rename("coded")], axis=1)
    complete = (both.notna() & (both != "")).all(axis=1)
    return both[complete], int((~complete).sum())


def scores(hand: pd.Series[str], coded: pd.Series[str], labels: Sequence[str]) -> pd.DataFrame:
    """How well codes match those made by hand, theme by theme, over the units of `paired`.

    One row a label: theme, n_hand, n_coded, n_both, precision (n_both / n_coded, NaN where nothing
    was coded so), recall (n_both / n_hand), f1 (their harmonic mean). All three are NaN where
    n_hand is below `ENOUGH`.
    """
    both, _ = paired(hand, coded)
    counts = {
        "n_hand": both["hand"].value_counts(),
        "n_coded": both["coded"].value_counts(),
        "n_both": both.loc[both["hand"] == both["coded"], "hand"].value_counts(),
    }
    frame = pd.DataFrame(counts).reindex(list(labels)).fillna(0).astype(int)
    n, enough = frame["n_both"], frame["n_hand"] >= ENOUGH
    frame["precision"] = (n / frame["n_coded"].where(frame["n_coded"] > 0)).where(enough)
    frame["recall"] = (n / frame["n_hand"]).where(enough)
    frame["f1"] = (2 * n / (frame["n_hand"] + frame["n_coded"])).where(enough)
    return frame.rename_axis("theme").reset_index()


def confusion(hand: pd.Series[str], coded: pd.Series[str], labels: Sequence[str]) -> pd.DataFrame:
    """Which code stands where another was given by hand, over the units of `paired`.

    hand, coded, n; only pairs that occur, in the order of `labels` (codes that are no label after
    them, by name).
    """
    both, _ = paired(hand, coded)
    others = sorted(set(both.to_numpy().ravel()) - set(labels))
    rank = {label: place for place, label in enumerate([*labels, *others])}
    pair = ["hand", "coded"]
    frame = both.groupby(pair).size().rename("n").reset_index()
    return frame.sort_values(pair, key=lambda column: column.map(rank), ignore_index=True)


def _counts(codes: pd.DataFrame, level: str) -> tuple[_Floats, _Floats, NDArray[np.intp]]:
    """Units × values: how many coders gave a unit each value; the values; which units these are.

    The values are ranks if nominal, and how far any two are apart if they are sets.
    """
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; it must be one of {', '.join(LEVELS)}")
    cells = codes.to_numpy(dtype=object)
    given = ~pd.isna(cells) & (cells != "")
    given &= given.sum(axis=1, keepdims=True) > 1
    found = cells[given] if level in ("nominal", "masi") else cells[given].astype(float)
    values, places = np.unique(found, return_inverse=True)
    counts = np.zeros((len(cells), len(values)))
    np.add.at(counts, (np.nonzero(given)[0], places), 1)
    kept = np.nonzero(counts.sum(axis=1))[0]
    # The order of the units must not change a draw.
    kept = kept[np.lexsort(counts[kept].T)] if counts[kept].size else kept
    if level == "masi":
        sets = [frozenset(str(value).split(";")) for value in values]
        values = np.array([[masi(one, other) for other in sets] for one in sets])
    elif level == "nominal":
        values = np.arange(len(values))
    return counts[kept], values.astype(float), kept


def masi(one: frozenset[str], other: frozenset[str]) -> float:
    """How far two sets, not empty, are apart (`LEVELS`).

    >>> masi(frozenset("a"), frozenset("ab"))  # J 1/2, M 2/3
    0.6666666666666667
    """
    common, either = len(one & other), len(one | other)
    monotone = 1 if one == other else 2 / 3 if one <= other or other <= one else 1 / 3
    return 1 - common / either * monotone


def _alpha(counts: _Floats, values: _Floats, level: str, weights: _Floats | None = None) -> float:
    """Alpha of a table units × values; `weights` says how often each unit was drawn."""
    if weights is None:
        weights = np.ones(len(counts))
    margins = weights @ counts
    difference = _difference(values, margins, level)
    expected = margins @ difference @ margins / max(margins.sum() - 1, 1)
    if expected == 0:
        return float("nan")
    # A code is compared with the others of its unit, not with itself: the diagonal is 0.
    within = ((counts @ difference) * counts).sum(axis=1) / (counts.sum(axis=1) - 1)
    return float(1 - weights @ within / expected)


def _difference(values: _Floats, margins: _Floats, level: str) -> _Floats:
    """The squared difference of every two values at a level, 0 on the diagonal."""
    if level == "nominal":
        return 1 - np.eye(len(values))
    if level == "masi":
        return values
    if level == "ordinal":
        # Codes between two values, half of each end's counted: the difference of mid-ranks.
        values = np.cumsum(margins) - margins / 2
    gap: _Floats = values[:, None] - values[None, :]
    if level == "ratio":
        total = values[:, None] + values[None, :]
        gap = np.divide(gap, total, out=np.zeros_like(gap), where=total != 0)
    return gap**2

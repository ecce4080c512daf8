"""How far two or more coders agree, beyond what chance would give.

The unit is what a coder was asked about, a sentence. `none` is a code like any other: the coder
looked and saw no theme. An empty cell is no code; it is missing and never counts as agreement.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.words import redrawn

_Floats = NDArray[np.float64]

LEVELS = ("nominal", "ordinal", "interval", "ratio")
"""How two values differ: at all; by rank; by their difference; by its share of their sum."""

ENOUGH = 5
"""A theme with fewer hand-coded units has no score."""


def alpha(codes: pd.DataFrame, *, level: str = "nominal") -> float:
    """Krippendorff's alpha: 1 - observed / expected disagreement (Krippendorff 2011).

    `codes` has one row a unit, one column a coder; NaN, None and '' are missing. Units with fewer
    than two codes say nothing about agreement and are left out. `level` is one of `LEVELS`; all but
    `nominal` need numbers. 1 is perfect, 0 chance; NaN where no two units differ: with one category
    only, agreement cannot be told from coders who never look.
    """
    return _alpha(*_counts(codes, level), level)


def alpha_interval(
    codes: pd.DataFrame, *, resamples: int = 1000, seed: int = 0, level: str = "nominal"
) -> tuple[float, float]:
    """2.5 and 97.5 per cent of alpha over units drawn anew; NaN for fewer than two units.

    A draw with one category only has no alpha and is left out.
    """
    counts, values = _counts(codes, level)
    units = len(counts)
    if units < 2:
        return float("nan"), float("nan")
    draws = redrawn(units, resamples, np.random.default_rng(seed))
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


def _counts(codes: pd.DataFrame, level: str) -> tuple[_Floats, _Floats]:
    """Units × values: how many coders gave a unit each value; and the values (ranks if nominal)."""
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}; it must be one of {', '.join(LEVELS)}")
    cells = codes.to_numpy(dtype=object)
    given = ~pd.isna(cells) & (cells != "")
    given &= given.sum(axis=1, keepdims=True) > 1
    found = cells[given] if level == "nominal" else cells[given].astype(float)
    values, places = np.unique(found, return_inverse=True)
    counts = np.zeros((len(cells), len(values)))
    np.add.at(counts, (np.nonzero(given)[0], places), 1)
    counts = counts[counts.sum(axis=1) > 0]
    # The order of the units must not change a draw.
    counts = counts[np.lexsort(counts.T)] if counts.size else counts
    ranks = np.arange(len(values))
    return counts, (ranks if level == "nominal" else values).astype(float)


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
    if level == "ordinal":
        # Codes between two values, half of each end's counted: the difference of mid-ranks.
        values = np.cumsum(margins) - margins / 2
    gap: _Floats = values[:, None] - values[None, :]
    if level == "ratio":
        total = values[:, None] + values[None, :]
        gap = np.divide(gap, total, out=np.zeros_like(gap), where=total != 0)
    return gap**2

"""How evenly a word is spread over parts, reports or sections, whatever their sizes.

A word used 15 times in five reports may stand in all of them or in one. Gries' DP is 0 where each
part holds the share of the word that its size leads one to expect, and near 1 where one small
part holds all; DPnorm reaches 1 there. Juilland's D runs the other way: 1 is even.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def added_up(
    word: np.ndarray, part: np.ndarray, n: np.ndarray, total: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """What dispersion is made of, added up over some parts.

    Parameters
    ----------
    word, part, n : numbers of words and parts, sorted by word, a pair once; n above 0.
    total : n of each word over all parts, by its number; sizes : tokens of each part.

    Returns
    -------
    array, dict
        The words, and of each n, range (parts that hold it), shared (of the smaller of the part's
        count × all tokens and n × the part's tokens: whole numbers, of which half the sum of
        abs(v - w) is made), rates (n / size) and squares of rates.
    """
    size, whole = sizes[part], int(sizes.sum())
    at, rate = np.flatnonzero(begins(word)), n / size
    each: dict[str, np.ndarray] = {"n": n, "range": np.ones(len(n), dtype=np.int64)}
    each["shared"] = np.minimum(n * whole, total[word] * size)
    each |= {"rates": rate, "squares": rate**2}
    return word[at], {name: np.add.reduceat(one, at) for name, one in each.items()}


def begins(values: np.ndarray) -> np.ndarray:
    """Where a value differs from the one before; true of the first."""
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]


def measured(sums: pd.DataFrame, sizes: np.ndarray) -> pd.DataFrame:
    """The same out of sums over all parts (`added_up`), whose `sizes` are all above 0."""
    parts, N = len(sizes), int(sizes.sum())
    table = sums[["n", "range"]].astype(int).assign(parts=parts)
    if parts < 2:
        table = table.assign(dp=np.nan, dp_norm=np.nan, juilland_d=np.nan)
    else:
        n, mean = sums["n"].where(sums["n"] > 0).astype(float), sums["rates"] / parts
        table["dp"] = (1 - sums["shared"] / (n * N)).clip(0, 1)
        table["dp_norm"] = (table["dp"] / (1 - sizes.min() / N)).clip(upper=1)
        apart = (sums["squares"] - sums["rates"] * mean).clip(0)
        spread = np.sqrt(apart / parts)
        table["juilland_d"] = (1 - spread / mean / np.sqrt(parts - 1)).where(n > 0)
    columns = ["n", "parts", "range", "dp", "dp_norm", "juilland_d"]
    return table[columns].rename_axis("key").reset_index()

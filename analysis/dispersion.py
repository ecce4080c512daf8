"""How evenly a word is spread over parts, reports or sections, whatever their sizes.

A word used 15 times in five reports may stand in all of them or in one. Gries' DP is 0 where each
part holds the share of the word that its size leads one to expect, and near 1 where one small
part holds all; DPnorm reaches 1 there. Juilland's D runs the other way: 1 is even.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


def table(rows: pd.DataFrame, sizes: pd.Series[int]) -> pd.DataFrame:
    """Dispersion of each word over all parts, those that do not hold it too.

    `rows` has key, part, n, one row a word and part; a row with n = 0 only keeps its word in the
    table. `sizes` are the tokens of each part, by part; a part of size 0 can hold no word and is
    left out, ValueError for one that holds a word and has no size.

    One row a key, in order of the key: key, n, parts (number of parts), range (parts that hold the
    word), dp (Gries 2008: half the sum of abs(v - w), v a part's share of the word and w of all
    tokens), dp_norm (Lijffijt & Gries 2012: dp / (1 - smallest w)), juilland_d (1 - sd / mean /
    sqrt(parts - 1) of the rates n / size, population sd). The last three are NaN for a word that
    stands nowhere and where there is one part only.
    """
    tokens = sizes[sizes > 0].sort_index().astype(float)
    keys = pd.Index(sorted(rows["key"].unique()), name="key", dtype="object")
    rows = rows[rows["n"] > 0].sort_values(["key", "part"])
    unknown = rows[~rows["part"].isin(tokens.index)]
    if len(unknown):
        first = unknown.iloc[0]
        raise ValueError(f"part {first['part']!r} holds {first['key']!r} but has no size")
    parts, by_key, smallest = len(tokens), rows["key"], tokens.min() / tokens.sum()
    size = rows["part"].map(tokens).astype(float)
    shares, rates = size / tokens.sum(), rows["n"] / size

    def total(values: pd.Series[float]) -> pd.Series[float]:
        return values.groupby(by_key).sum().reindex(keys, fill_value=0)

    n, held = total(rows["n"]), rows.groupby("key").size().reindex(keys, fill_value=0)
    if parts < 2:
        dp = dp_norm = juilland = pd.Series(np.nan, index=keys)
    else:
        # A part without the word differs by its whole share, so only parts that hold it need rows.
        apart = (rows["n"] / by_key.map(n).astype(float) - shares).abs()
        dp = ((total(apart) + 1 - total(shares)) / 2).clip(0, 1).where(n > 0)
        dp_norm = (dp / (1 - smallest)).clip(upper=1)
        mean = (total(rates) / parts).where(n > 0)
        squares = total((rates - by_key.map(mean).astype(float)) ** 2) + (parts - held) * mean**2
        juilland = 1 - np.sqrt(squares / parts) / mean / np.sqrt(parts - 1)
    columns = {"n": n.astype(int), "parts": parts, "range": held}
    measures = {"dp": dp, "dp_norm": dp_norm, "juilland_d": juilland}
    return pd.DataFrame(columns | measures, index=keys).reset_index()

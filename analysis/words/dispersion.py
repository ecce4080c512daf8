"""How evenly a word is spread over parts, reports or sections, whatever their sizes.

A word used 15 times in five reports may stand in all of them or in one. Gries' DP is 0 where each
part holds the share of the word that its size leads one to expect, and near 1 where one small
part holds all; DPnorm reaches 1 there. Juilland's D runs the other way: 1 is even.
"""

from __future__ import annotations

from typing import Any

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
    tokens = sizes[sizes > 0]
    keys = pd.Index(sorted(rows["key"].unique()), name="key", dtype="object")
    rows = rows[rows["n"] > 0].sort_values(["key", "part"])
    unknown = rows[~rows["part"].isin(tokens.index)]
    if len(unknown):
        first = unknown.iloc[0]
        raise ValueError(f"part {first['part']!r} holds {first['key']!r} but has no size")
    n, key, size = rows["n"], rows["key"], rows["part"].map(tokens).astype(tokens.dtype)

    def total(values: pd.Series[Any]) -> pd.Series[Any]:
        return values.groupby(key).sum().reindex(keys, fill_value=0)

    each = (n * tokens.sum()).clip(upper=n.groupby(key).transform("sum") * size)
    sums = pd.DataFrame({"n": total(n), "range": total(n > 0), "shared": total(each)})
    sums["rates"] = total(n / size)
    mean = sums["rates"] / len(tokens)
    apart = total((n / size - key.map(mean).astype(float)) ** 2)
    sums["apart"] = apart + (len(tokens) - sums["range"]) * mean**2
    return measured(sums, tokens.to_numpy())


def measured(sums: pd.DataFrame, sizes: np.ndarray) -> pd.DataFrame:
    """The same out of sums over the parts, whose `sizes` are all above 0.

    `sums` has by key: n, range, shared (of the smaller of the part's count × all tokens and n × the
    part's tokens: whole numbers, of which half the sum of abs(v - w) is made), rates (n / size),
    apart (squares of the rates' distances from their mean, over all parts).
    """
    parts, N = len(sizes), int(sizes.sum())
    table = sums[["n", "range"]].astype(int).assign(parts=parts)
    if parts < 2:
        table = table.assign(dp=np.nan, dp_norm=np.nan, juilland_d=np.nan)
    else:
        n, mean = sums["n"].where(sums["n"] > 0).astype(float), sums["rates"] / parts
        table["dp"] = (1 - sums["shared"] / (n * N)).clip(0, 1)
        table["dp_norm"] = (table["dp"] / (1 - sizes.min() / N)).clip(upper=1)
        spread = np.sqrt(sums["apart"] / parts)
        table["juilland_d"] = (1 - spread / mean / np.sqrt(parts - 1)).where(n > 0)
    columns = ["n", "parts", "range", "dp", "dp_norm", "juilland_d"]
    return table[columns].rename_axis("key").reset_index()

"""Groups of words that stand together more among themselves than with others.

The graph of pairs (`collocations.network`) is cut into communities by greedy modularity (Clauset,
Newman & Moore 2004), each pair weighted by its Dice coefficient, the share of the words' pairs that
are of this one. There is no chance in it: the same pairs give the same communities.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd

from analysis import tables


def communities(pairs: pd.DataFrame) -> pd.DataFrame:
    """The table of pairs with the community of either word, from 1, and the modularity of all.

    The largest community is the first, of equal ones that of the earlier word by code point.

    Parameters
    ----------
    pairs : source, target, log_dice.

    Returns
    -------
    DataFrame
        With `source_community`, `target_community` and `modularity` (0: no more within than the
        words' pairs lead to expect; at most 1).
    """
    words = sorted({*pairs["source"], *pairs["target"]})
    number = {
        word: at for at, word in enumerate(words)
    }  # of numbers no order is a matter of chance
    graph = nx.Graph()
    graph.add_nodes_from(range(len(words)))
    for row in tables.rows(pairs):
        weight = round(2.0 ** (row.log_dice - 14), 12)
        graph.add_edge(number[row.source], number[row.target], weight=weight)
    found = nx.community.greedy_modularity_communities(graph, weight="weight") if words else []
    ordered = sorted((sorted(one) for one in found), key=lambda own: (-len(own), own[0]))
    of = {words[at]: place for place, own in enumerate(ordered, start=1) for at in own}
    quality = nx.community.modularity(graph, found, weight="weight") if len(pairs) else np.nan
    return pairs.assign(
        source_community=pairs["source"].map(of).astype(int),
        target_community=pairs["target"].map(of).astype(int),
        modularity=round(quality, 12),
    )

"""How alike texts are in what they hold, and which of them belong together.

A text is its rates: of words, of themes. Two texts are as alike as the cosine of the angle between
theirs, from 0 (nothing in common) to 1 (the same proportions), whatever their length. Texts are
joined by average linkage: the distance of two groups is the mean over all pairs of a text of one
and a text of the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

APART = ";"
"""What stands between the names that two texts share most of."""

CHARS, SENTENCES = 500, 10
"""Characters, and sentences, from which on a text's rates tell something: of fewer, one hit more
is another picture."""


class Merge(NamedTuple):
    """Two groups that are joined, each the numbers of its texts, and how far apart they are."""

    one: tuple[int, ...]
    other: tuple[int, ...]
    height: float


def cosine(rates: NDArray[np.float64]) -> NDArray[np.float64]:
    """How alike each two rows are; NaN beside a row of zeros, which points nowhere."""
    length = np.sqrt((rates**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        value: NDArray[np.float64] = (rates @ rates.T) / np.outer(length, length)
    return np.clip(value, None, 1.0)


def pairs(
    rates: NDArray[np.float64], texts: Sequence[str], keys: Sequence[str], by: str, most: int = 3
) -> pd.DataFrame:
    """Each two texts and how alike they are: a row a pair, in their order.

    Parameters
    ----------
    rates : texts × keys. by : what the texts are, `report_id` or `section`.

    Returns
    -------
    DataFrame
        The column `by`, `other_report` or `other_section`, cosine, and `shared`: the keys that
        make up most of it, the largest first, at most `most`, with `APART` between.
    """
    alike, rows = cosine(rates), []
    for one in range(len(texts)):
        for other in range(one + 1, len(texts)):
            together = rates[one] * rates[other]
            largest = np.argsort(-together, kind="stable")[:most]
            shared = APART.join(keys[at] for at in largest if together[at] > 0)
            rows.append((texts[one], texts[other], alike[one, other], shared))
    return pd.DataFrame(rows, columns=[by, beside(by), "cosine", "shared"])


def beside(by: str) -> str:
    """What the second column of a pair is called."""
    return f"other_{by.removesuffix('_id')}"


def linkage(distance: NDArray[np.float64]) -> list[Merge]:
    """Average linkage of a square matrix of distances: the closest two groups first.

    Of equally close ones those with the first texts; the group with the earlier text is `one`.
    Distances are compared to twelve digits, so that the last bit of a sum decides nothing.
    """
    groups: list[tuple[int, ...]] = [(at,) for at in range(len(distance))]
    far = np.array(distance, dtype=float)
    np.fill_diagonal(far, np.inf)
    merges = []
    while len(groups) > 1:
        one, other = sorted(divmod(int(np.argmin(far.round(12))), len(groups)))
        sizes = len(groups[one]), len(groups[other])
        merges.append(Merge(groups[one], groups[other], float(far[one, other])))
        mean = (sizes[0] * far[one] + sizes[1] * far[other]) / sum(sizes)
        far[one], far[:, one] = mean, mean
        far[one, one] = np.inf
        groups[one] += groups.pop(other)
        far = np.delete(np.delete(far, other, axis=0), other, axis=1)
    return merges

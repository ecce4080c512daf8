"""Places in a text that overlap as one; numbers as first–last, and as runs."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places in a text in their order, those that overlap as one.

    >>> joined([(2, 6), (2, 4), (6, 8)])
    [(2, 6), (6, 8)]
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def span(values: Iterable[int], spec: str = "") -> str:
    """The least and the greatest of some numbers, as first–last; '' of none."""
    found = sorted(map(int, values))
    return "–".join(dict.fromkeys(format(end, spec) for end in (*found[:1], *found[-1:])))


def runs(years: list[int]) -> list[tuple[int, int]]:
    """First and last year of each run of neighbouring years.

    >>> runs([1989, 1990, 1991, 1996])
    [(1989, 1991), (1996, 1996)]
    """
    together = groupby(enumerate(years), key=lambda pair: pair[1] - pair[0])
    found = ([year for _, year in run] for _, run in together)
    return [(run[0], run[-1]) for run in found]

"""Two passages → what of one was changed to make the other, and how alike they are.

Blanks are no text. A text is cut where both sides agree at both ends, which most do for the most.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import NamedTuple

ARROW, PUT, TAKEN, BETWEEN = "→", "+", "−", "; "


class Change(NamedTuple):
    """A piece of both sides: the same in both if `same`, else what stood there and what does."""

    before: str
    after: str
    same: bool


def changes(before: str, after: str) -> Iterator[Change]:
    """Both texts from end to end, piece by piece.

    >>> [tuple(one) for one in changes("增长3%", "增长15%左右")]
    [('增长', '增长', True), ('3', '15', False), ('%', '%', True), ('', '左右', False)]
    """
    found = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for tag, low, high, start, end in found:
        yield Change(before[low:high], after[start:end], tag == "equal")


def told(before: str, after: str) -> tuple[str, float]:
    """The changes in one line, and the share of characters that stayed: twice those of both sides.

    >>> told("增长3%", "增长 15%左右")
    ('3→15; +左右', 0.5455)
    """
    before, after = "".join(before.split()), "".join(after.split())
    if before == after:
        return "", 1.0
    low = _alike(before, after)
    high = _alike(before[low:][::-1], after[low:][::-1])
    inner = before[low : len(before) - high], after[low : len(after) - high]
    said, same = [], low + high
    for one in changes(*inner):
        if one.same:
            same += len(one.before)
        elif one.before and one.after:
            said.append(f"{one.before}{ARROW}{one.after}")
        else:
            said.append(f"{TAKEN}{one.before}" if one.before else f"{PUT}{one.after}")
    return BETWEEN.join(said), round(2 * same / (len(before) + len(after)), 4)


def _alike(one: str, other: str) -> int:
    """How many characters are the same from the beginning."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)

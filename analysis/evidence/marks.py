"""Where evidence stands in its sentence, and a text cut at such places: one answer for all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from analysis.kit import spans


def pieces(text: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """A text cut at the places of its hits, and whether a piece is one; overlapping hits are one.

    >>> list(pieces("推进法治政府建设", [(2, 4), (2, 6)]))
    [('推进', False), ('法治政府', True), ('建设', False)]
    """
    done = 0
    shown = ((max(start, 0), end) for start, end in places)
    for start, end in spans.joined((start, end) for start, end in shown if end > start):
        yield text[done:start], False
        yield text[start:end], True
        done = end
    yield text[done:], False


def places(
    sentence: Any, rows: Iterable[Any], coded: Iterable[tuple[str, int, int]] = ()
) -> Iterator[tuple[int, int]]:
    """Where the evidence of a sentence stands in it: of hits, codings and figures.

    A hit has its place in the report (`start`, `end`). A coding stands where the hits of its theme
    do: `coded` has theme, start and end in the sentence. A figure without a place (the table
    `indicators`) may be each of the places where its `quote` stands.
    """
    coded = [*coded]
    for row in rows:
        if hasattr(row, "start") and hasattr(row, "key"):
            yield int(row.start) - sentence.start, int(row.end) - sentence.start
        elif hasattr(row, "primary_theme"):
            if getattr(row, "rule", "").startswith("hits:"):
                yield from ((start, end) for name, start, end in coded if name == row.primary_theme)
        elif quoted := getattr(row, "quote", ""):
            yield from (one.span() for one in re.finditer(re.escape(quoted), sentence.text))

"""Where evidence stands in its sentence, and what restoration changed there: one answer for all.

The terminal, the pages and the explorer ask here and only print it. What is looked for is always
text as it stands, never a pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from analysis.kit import spans


def pieces(text: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[str, bool]]:
    """A text cut at the places of its hits, and whether a piece is one; overlapping hits are one.

    >>> list(pieces("推进法治政府建设", [(2, 4), (2, 6)]))
    [('推进', False), ('法治政府', True), ('建设', False)]
    """
    done = 0
    for start, end in inside(text, places):
        yield text[done:start], False
        yield text[start:end], True
        done = end
    yield text[done:], False


def inside(text: str, places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Places as far as they are in a text, in their order, those that overlap as one.

    >>> inside("法治政府", [(3, 9), (-2, 1), (2, 2)])
    [(0, 1), (3, 4)]
    """
    cut = ((max(start, 0), min(end, len(text))) for start, end in places)
    return spans.joined((start, end) for start, end in cut if end > start)


def found(text: str, term: str) -> list[tuple[int, int]]:
    """Where a term stands in a text, letter for letter; none of an empty one.

    >>> found("a+b, a+b", "a+b"), found("aab", "a+b"), found("一", "")
    ([(0, 3), (5, 8)], [], [])
    """
    places, at = [], text.find(term) if term else -1
    while at >= 0:
        places.append((at, at + len(term)))
        at = text.find(term, at + len(term))
    return places


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
            if getattr(row, "rule", "").startswith(("hits:", "model:")):
                yield from ((start, end) for name, start, end in coded if name == row.primary_theme)
        else:
            yield from found(sentence.text, getattr(row, "quote", ""))


def changed(edits: Iterable[Any]) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Edits by certainty and rule: of each what stood there, what stands there now, and its note.

    A change of one line: white space is one space; what is nothing else is ␣, what is empty is ∅.
    """
    groups: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for edit in edits:
        groups.setdefault((edit.certainty, edit.rule), []).append(change(edit))
    return [(*group, own) for group, own in sorted(groups.items())]


def change(edit: Any) -> tuple[str, str, str]:
    """What stood at an edit, what stands there now, and its note."""
    before, after = (
        " ".join(text.split()) or "␣" if text else "∅" for text in (edit.before, edit.after)
    )
    return before, after, edit.note

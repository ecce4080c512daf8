"""What restoration hands back: the text, and a record from which the text can be made again.

A restored text is worth nothing to a referee unless every change can be looked at and undone.
So the record is the product, and the text follows from it: each change is an `Edit` with its
place in the raw text, `replay` makes the restored text from the raw one and the edits, and
`Restored.raw_span` leads from any place in the restored text back to the raw characters.

Edits never overlap and stand in raw order. A change that could not be decided is an edit too:
its `before` equals its `after`, and its certainty is ``unresolved``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

Certainty = Literal["certain", "likely", "unresolved"]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to the raw text.

    `raw_start` and `raw_end` are offsets into the raw text; `before` is what stands there and
    `after` what replaces it. `note` says in words what else was possible, and which characters
    were inferred rather than read.
    """

    edit: int
    rule: str
    raw_start: int
    raw_end: int
    before: str
    after: str
    certainty: Certainty
    note: str = ""


def replay(raw: str, edits: Iterable[Edit]) -> str:
    """Return `raw` with `edits` carried out.

    Raises ValueError if the edits overlap, are out of order, or do not fit `raw`: a record
    belongs to one text only.

    >>> replay("領(lǐng)導", [Edit(1, "simplify", 0, 1, "領", "领", "certain"),
    ...                       Edit(2, "gloss", 1, 7, "(lǐng)", "", "certain")])
    '领導'
    """
    pieces: list[str] = []
    at = 0
    for edit in edits:
        if edit.raw_start < at or raw[edit.raw_start : edit.raw_end] != edit.before:
            raise ValueError(
                f"edit {edit.edit} ({edit.rule}) expects {edit.before!r} at "
                f"{edit.raw_start}..{edit.raw_end}; the record belongs to another text"
            )
        pieces += (raw[at : edit.raw_start], edit.after)
        at = edit.raw_end
    pieces.append(raw[at:])
    return "".join(pieces)


@dataclass(frozen=True)
class Restored:
    """A restored text with its record: `raw`, `text` and `edits` (in raw order)."""

    raw: str
    text: str
    edits: tuple[Edit, ...] = ()

    @property
    def unresolved(self) -> tuple[Edit, ...]:
        """The places where something is wrong and could not be decided."""
        return tuple(edit for edit in self.edits if edit.certainty == "unresolved")

    def line(self, raw_start: int) -> int:
        """Return the number of the raw text's line, from 1, in which an offset stands."""
        return self.raw.count("\n", 0, raw_start) + 1

    def problems(self, path: object) -> Iterator[str]:
        """Yield a sentence for each place that stayed unresolved, with file and line."""
        for edit in self.unresolved:
            what = edit.before if len(edit.before) <= 40 else edit.before[:39] + "…"
            yield f"{path}:{self.line(edit.raw_start)}: unresolved ({edit.rule}): {what}"

    def _repr_html_(self) -> str:
        from analysis.shown import framed

        from .display import restored_html

        return framed(restored_html(self))

    @cached_property
    def _places(self) -> tuple[list[int], list[int]]:
        """For each edit, where its result starts and ends in the restored text."""
        grown = [len(edit.after) - len(edit.before) for edit in self.edits]
        shifts = list(accumulate(grown, initial=0))
        starts = [edit.raw_start + shift for edit, shift in zip(self.edits, shifts, strict=False)]
        ends = [edit.raw_end + shift for edit, shift in zip(self.edits, shifts[1:], strict=True)]
        return starts, ends

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the raw offsets of the restored characters `start`..`end`.

        Deletions beside the span stay outside it, those within belong to it. A part of a
        replacement that changed its length leads to the whole of what was replaced.

        Raises IndexError if the span is not one of this text.
        """
        if not 0 <= start <= end <= len(self.text):
            raise IndexError(f"no span {start}..{end} in a text of {len(self.text)} characters")
        first = self._raw_offset(start, after=False)
        return first, first if start == end else self._raw_offset(end, after=True)

    def _raw_offset(self, offset: int, *, after: bool) -> int:
        """Return the raw offset before (or, with `after`, behind) which `offset` stands."""
        starts, ends = self._places
        # the last edit that begins left of the offset (or at it: deletions there are passed)
        at = (bisect_left(starts, offset) if after else bisect_right(starts, offset)) - 1
        if at < 0:
            return offset
        edit = self.edits[at]
        inside = offset <= ends[at] if after else offset < ends[at]
        if not inside:
            return offset - ends[at] + edit.raw_end
        if len(edit.before) == len(edit.after):
            return edit.raw_start + offset - starts[at]
        return edit.raw_end if after else edit.raw_start

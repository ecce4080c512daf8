"""What restoration hands back: the text, and a record from which the text can be made again.

A restored text is worth nothing to a referee unless every change can be looked at and undone.
So the record is the product, and the text follows from it: each change is an `Edit` with its
place in the raw text, `replay` makes the restored text from the raw one and the edits, and
`Restored.raw_span` leads from any place in the restored text back to the raw characters.

Edits never overlap and stand in raw order. A change that could not be decided is an edit too:
its `before` equals its `after`, and its certainty is ``unresolved``.

Restoration goes in passes, each over the text that the one before has made (a radical that stands
for a character must be one before a heading can be seen). `then` joins the records of two passes
to one in raw offsets, so that nobody who reads a record need know how many passes there were.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Literal

Certainty = Literal["certain", "likely", "unresolved"]
_DOUBT: tuple[Certainty, ...] = ("certain", "likely", "unresolved")
LINE_END = re.compile("\r\n?|[\n\x0b\x85\u2028\u2029]")


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

    @cached_property
    def unresolved(self) -> tuple[Edit, ...]:
        """The places where something is wrong and could not be decided."""
        return tuple(edit for edit in self.edits if edit.certainty == "unresolved")

    @property
    def open_places(self) -> list[tuple[int, int]]:
        """Where in the restored text what could not be decided stands."""
        if not self.unresolved:
            return []
        spans = zip(*self._places, self.edits, strict=True)
        return [(start, end) for start, end, edit in spans if edit.certainty == "unresolved"]

    def line(self, raw_start: int) -> int:
        """Return the number of the raw text's line, from 1, in which an offset stands."""
        return len(LINE_END.findall(self.raw, 0, raw_start)) + 1

    def problems(self, path: object) -> Iterator[str]:
        """Yield a sentence for each place that stayed unresolved, with file and line."""
        for edit in self.unresolved:
            what = edit.before if len(edit.before) <= 40 else edit.before[:39] + "…"
            yield f"{path}:{self.line(edit.raw_start)}: unresolved ({edit.rule}): {what}"

    def _repr_html_(self) -> str:
        from analysis.kit import shown

        from .display import restored_html

        return shown.framed(restored_html(self))

    def then(self, later: Restored) -> Restored:
        """This record and that of a later pass over this text, as one record of the raw text.

        Where both touched the same characters, they become one edit, named after the wider one. A
        place that the later pass could not decide stays as it came, whatever was done there before.

        Raises ValueError where `later` is of another text.
        """
        if later.raw != self.text:
            raise ValueError("the later record belongs to another text")
        if not later.edits:
            return self
        if not self.edits:
            return later
        rows = [self._carried(group) for group in _groups(self, later)]
        edits = tuple(
            Edit(n, rule, start, end, self.raw[start:end], after, certainty, note)
            for n, (rule, start, end, after, certainty, note) in enumerate(rows, 1)
        )
        return Restored(self.raw, replay(self.raw, edits), edits)

    def _carried(
        self, group: tuple[list[_Span], list[_Span]]
    ) -> tuple[str, int, int, str, Certainty, str]:
        """One edit of the raw text out of earlier and later ones that touch each other."""
        earlier, later = group
        if not later:
            ((_, _, edit),) = earlier
            return edit.rule, edit.raw_start, edit.raw_end, edit.after, edit.certainty, edit.note
        start = min(span[0] for span in (*earlier, *later))
        end = max(span[1] for span in (*earlier, *later))
        raw_start = self._raw_offset(start, after=False)
        raw_end = raw_start if start == end else self._raw_offset(end, after=True)
        made = [edit for _, _, edit in later]
        widest = max((*later, *earlier), key=lambda span: span[1] - span[0])[2]
        certainty = max((edit.certainty for edit in made), key=_DOUBT.index)
        if certainty == "unresolved":
            after = self.raw[raw_start:raw_end]
        else:
            after, at = "", start
            for first, behind, edit in later:
                after += self.text[at:first] + edit.after
                at = behind
            after += self.text[at:end]
            doubts = [edit.certainty for _, _, edit in earlier] + [certainty]
            certainty = "likely" if set(doubts) - {"certain"} else "certain"
        both = [edit for _, _, edit in earlier if edit.before == edit.after] + made  # a mark stays
        notes = dict.fromkeys(edit.note for edit in both if edit.note)
        return widest.rule, raw_start, raw_end, after, certainty, "; ".join(notes)

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

    def raw_spans(self, starts: Sequence[int], ends: Sequence[int]) -> list[tuple[int, int]]:
        """What `raw_span` says of many spans, none of them empty."""
        if not self.edits:
            return list(zip(starts, ends, strict=True))
        first = (self._raw_offset(start, after=False) for start in starts)
        last = (self._raw_offset(end, after=True) for end in ends)
        return list(zip(first, last, strict=True))

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


_Span = tuple[int, int, Edit]


def _groups(first: Restored, later: Restored) -> Iterator[tuple[list[_Span], list[_Span]]]:
    """The edits of two passes, those together that touch the same characters between them.

    Spans are of the text between the passes. What was deleted beside a later edit, not inside it,
    is no part of it.
    """
    places = zip(*first._places, first.edits, strict=True)
    spans = [(start, end, 0, edit) for start, end, edit in places]
    spans += [(edit.raw_start, edit.raw_end, 1, edit) for edit in later.edits]
    spans.sort(key=lambda span: span[:3])
    group: tuple[list[_Span], list[_Span]] = ([], [])
    reach = -1
    for start, end, which, edit in spans:
        if start >= reach and any(group):
            yield group
            group, reach = ([], []), -1
        group[which].append((start, end, edit))
        reach = max(reach, end)
    if any(group):
        yield group

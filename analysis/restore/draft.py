"""What the rules of one pass write on: a text, and the places of it that are claimed so far."""

from __future__ import annotations

from .record import Certainty, Edit, Restored, replay

Place = tuple[int, int]


class Draft:
    """The text of one pass and the places claimed in it."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.rows: list[tuple[int, int, str, str, Certainty, str]] = []
        self.taken = bytearray(len(raw))

    def claim(
        self, place: Place, rule: str, after: str, certainty: Certainty = "certain", note: str = ""
    ) -> bool:
        """Claim a place unless it is claimed already, and say whether it was free."""
        start, end = place
        if 1 in self.taken[start:end]:
            return False
        self.taken[start:end] = b"\1" * (end - start)
        self.rows.append((start, end, rule, after, certainty, note))
        return True

    def bar(self, place: Place) -> None:
        """Let nothing be done at a place that an earlier pass could not decide."""
        start, end = place
        self.taken[start:end] = b"\1" * (end - start)

    def done(self) -> Restored:
        """Return the text with what was claimed carried out."""
        raw = self.raw
        if not self.rows:
            return Restored(raw, raw)
        self.rows.sort()
        edits = tuple(
            Edit(n, rule, start, end, raw[start:end], after, certainty, note)
            for n, (start, end, rule, after, certainty, note) in enumerate(self.rows, 1)
        )
        return Restored(raw, replay(raw, edits), edits)

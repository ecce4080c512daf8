"""A PDF's characters with places → printed lines, each as its pieces between gaps.

PDFium makes lines of the characters, and white of the gaps. A gap parts cells or columns where it
is wide, or where two lines close by have one at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe]")
_HYPHEN = re.compile(r"(?<![A-Za-z])\ufffe")  # at a line's end, PDFium's; in an English word none

GAP = 1.7
"""Widths of a character that part two cells or columns; between words and behind a full stop there
is one at most."""

NARROW = 0.45
"""The same where two lines close by have a gap at that place too."""

TOUCH = 0.25
"""Widths of a character up to which two pieces touch."""


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    @property
    def wide(self) -> float:
        return self.right - self.left


class Line(NamedTuple):
    """A printed line, or a piece of one between two gaps."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    wide: float  # of a character
    row: bool = False  # whether it is made of pieces: a table's row
    begins: bool = False  # whether it goes on from nothing
    parts: tuple[tuple[int, str], ...] = ()  # of what was recognised: its number, its text


def lines(page: Any) -> list[list[Line]]:
    """The printed lines of a page in the order of the file, each as its pieces between gaps."""
    text, at = page.get_text_range(), 0
    found: list[list[Line]] = []
    for line in text.split("\r\n"):
        pieces: list[Line] = []
        begin = 0
        for gap in [*re.finditer(r"[ \t\xa0]+", line), None]:
            end = gap.start() if gap else len(line)
            if gap and gap.end() < len(line) and not _parted(page, at + end, at + gap.end()):
                continue
            shown = _UNSEEN.sub("", _HYPHEN.sub("-", line[begin:end])).strip()
            if shown:
                first = begin + len(line[begin:end]) - len(line[begin:end].lstrip())
                last = begin + len(line[begin:end].rstrip()) - 1
                pieces.append(_piece(shown, _box(page, at + first), _box(page, at + last)))
            begin = gap.end() if gap else 0
        if pieces:
            found.append(pieces)
        at += len(line) + 2
    return [_cells(found, number) for number in range(len(found))]


def laid(pieces: Sequence[Line]) -> list[list[Line]]:
    """The printed lines of a page of which only pieces are known, from its top down.

    Pieces stand on one line where the middle of one lies within the other; those that touch are
    one, whatever order they come in.
    """
    found: list[list[Line]] = []
    for piece in sorted(pieces, key=lambda one: (-one.top - one.bottom, one.left)):
        middle = (piece.top + piece.bottom) / 2
        first = found[-1][0] if found else None
        if (
            first
            and first.bottom <= middle
            and abs(_middle(first) - middle)
            < 0.5 * min(first.top - first.bottom, piece.top - piece.bottom)
        ):
            found[-1].append(piece)
        else:
            found.append([piece])
    printed = []
    for line in found:
        line.sort(key=lambda one: one.left)
        joined = line[:1]
        for right in line[1:]:
            if right.left - joined[-1].right > TOUCH * min(joined[-1].wide, right.wide):
                joined.append(right)
            else:
                joined[-1] = row([joined[-1], right], "")._replace(row=False)
        printed.append(joined)
    return [_cells(printed, number) for number in range(len(printed))]


def _middle(line: Line) -> float:
    return (line.top + line.bottom) / 2


def _parted(page: Any, before: int, behind: int) -> bool:
    """Whether the white between two characters may part cells or columns."""
    left, right = _box(page, before - 1), _box(page, behind)
    return before > 0 and right.left - left.right > NARROW * max(left.wide, right.wide, 6.0)


def _cells(printed: list[list[Line]], number: int) -> list[Line]:
    """A line as its cells: gaps that only part words, or the characters of a title, are closed."""
    pieces = printed[number]
    if len(pieces) > 3 and sum(len(piece.text) < 2 for piece in pieces) > 0.6 * len(pieces):
        return [row(pieces, " ")._replace(row=False)]
    near = [printed[at] for at in range(max(number - 2, 0), min(number + 3, len(printed)))]
    near = [line for line in near if line is not pieces]
    found = pieces[:1]
    for left, right in pairwise(pieces):
        gap = right.left - left.right
        if gap > GAP * max(left.wide, right.wide) or (
            sum(_gap_at(line, left.right, right.left) for line in near) > 1
        ):
            found.append(right)
        else:
            found[-1] = row([found[-1], right], " ")._replace(row=False)
    return found


def _gap_at(line: list[Line], begin: float, end: float) -> bool:
    """Whether a line has a gap where another has one."""
    return any(
        min(end, right.left) - max(begin, left.right) > NARROW / 2 * left.wide
        for left, right in pairwise(line)
    )


def _piece(text: str, begin: _Box, end: _Box) -> Line:
    bottom, top = min(begin.bottom, end.bottom), max(begin.top, end.top)
    tall = top - bottom  # a dash may be two characters wide, a digit is half a one
    wide = max(min(max(begin.wide, end.wide), tall), 0.65 * tall, 6.0)
    return Line(text, begin.left, bottom, end.right, top, wide)


def row(pieces: Sequence[Line], between: str = "\t") -> Line:
    """Pieces as one line."""
    if len(pieces) == 1:
        return pieces[0]
    text = between.join(piece.text for piece in pieces)
    return Line(
        text,
        min(piece.left for piece in pieces),
        min(piece.bottom for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.top for piece in pieces),
        max(piece.wide for piece in pieces),
        row=True,
        parts=tuple(part for piece in pieces for part in piece.parts),
    )


def _box(page: Any, at: int) -> _Box:
    """The room that a character takes, zeros where it has no place."""
    import pypdfium2

    try:
        return _Box(*page.get_charbox(at, loose=True))
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        return _Box(0.0, 0.0, 0.0, 0.0)

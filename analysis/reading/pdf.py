"""A PDF with text → lines: printed lines joined to paragraphs, a table's row with tabs.

What a PDF holds is characters with places. PDFium makes printed lines of them; the rest is here:
two columns are told by the gutter that lines on both sides keep clear, page numbers, running heads
and what a browser prints around a page go, and a line that reaches its column's right margin goes
on in the next one, unless that is indented; so no sentence is cut where the paper ended. What
cannot be told stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median
from typing import Any, NamedTuple

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*\d{1,4}[-—–－·\s]*|第\s*\d+\s*页.{0,12}")
_ADDRESS = re.compile(r"(?:https?|file)://|\babout:blank\b")
_PRINTED = re.compile(r"\d{1,4}[/.年-]\d{1,2}[/.月-]\d{1,4}日?\D{0,4}\d{1,2}:\d\d")
_OF = re.compile(r"\b\d{1,4}\s*(?:/|of)\s*\d{1,4}\b")
_PROSE = re.compile(r"^(?!.*\d\s*页).*[，。；]|[：、]$")

GAP = 1.7
"""Widths of a character that part two cells or columns; between words and behind a full stop there
is one at most."""

NARROW = 0.45
"""The same where two lines close by have a gap at that place too."""

SAME = 3.0
"""Points by which the place of a running head may differ from page to page."""


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    @property
    def wide(self) -> float:
        return self.right - self.left


class _Line(NamedTuple):
    """A printed line, or a piece of one between two gaps."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    wide: float  # of a character
    row: bool = False  # whether it is made of pieces: a table's row
    begins: bool = False  # whether it goes on from nothing


class _Page(NamedTuple):
    """Lines in reading order, each with its column: 0 where it goes over all of them."""

    lines: list[_Line]
    columns: list[int]
    width: float


def pdf(data: bytes) -> str:
    """The text of a PDF; ValueError with a sentence if it cannot be read."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", 0) == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ValueError(
                "is encrypted; open it with its password and save it without one."
            ) from None
        raise ValueError(f"is no PDF that can be read ({error}); save it as .txt.") from None
    printed: list[list[list[_Line]]] = []
    widths: list[float] = []
    for page in document:
        printed.append(_lines(page.get_textpage()))
        widths.append(page.get_width())
        page.close()
    bodies = _without_heads(printed)
    gutters = _gutters(bodies, widths)
    return _joined(list(map(_page, bodies, widths, gutters)))


# -- lines ----------------------------------------------------------------------------------------


def _lines(page: Any) -> list[list[_Line]]:
    """The printed lines of a page in the order of the file, each as its pieces between gaps."""
    text, at = page.get_text_range(), 0
    found: list[list[_Line]] = []
    for line in text.split("\r\n"):
        pieces: list[_Line] = []
        begin = 0
        for gap in [*re.finditer(r"[ \t\xa0]+", line), None]:
            end = gap.start() if gap else len(line)
            if gap and gap.end() < len(line) and not _parted(page, at + end, at + gap.end()):
                continue
            shown = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe]", "", line[begin:end]).strip()
            if shown:
                first = begin + len(line[begin:end]) - len(line[begin:end].lstrip())
                last = begin + len(line[begin:end].rstrip()) - 1
                pieces.append(_piece(shown, _box(page, at + first), _box(page, at + last)))
            begin = gap.end() if gap else 0
        if pieces:
            found.append(pieces)
        at += len(line) + 2
    return [_cells(found, number) for number in range(len(found))]


def _parted(page: Any, before: int, behind: int) -> bool:
    """Whether the white between two characters may part cells or columns."""
    left, right = _box(page, before - 1), _box(page, behind)
    return before > 0 and right.left - left.right > NARROW * max(left.wide, right.wide, 6.0)


def _cells(lines: list[list[_Line]], number: int) -> list[_Line]:
    """A line as its cells: gaps that only part words, or the characters of a title, are closed."""
    pieces = lines[number]
    if len(pieces) > 3 and sum(len(piece.text) < 2 for piece in pieces) > 0.6 * len(pieces):
        return [_row(pieces, " ")._replace(row=False)]
    near = [lines[at] for at in range(max(number - 2, 0), min(number + 3, len(lines)))]
    near = [line for line in near if line is not pieces]
    found = pieces[:1]
    for left, right in pairwise(pieces):
        gap = right.left - left.right
        if gap > GAP * max(left.wide, right.wide) or (
            sum(_gap_at(line, left.right, right.left) for line in near) > 1
        ):
            found.append(right)
        else:
            found[-1] = _row([found[-1], right], " ")._replace(row=False)
    return found


def _gap_at(line: list[_Line], begin: float, end: float) -> bool:
    """Whether a line has a gap where another has one."""
    return any(
        min(end, right.left) - max(begin, left.right) > NARROW / 2 * left.wide
        for left, right in pairwise(line)
    )


def _piece(text: str, begin: _Box, end: _Box) -> _Line:
    bottom, top = min(begin.bottom, end.bottom), max(begin.top, end.top)
    wide = max(begin.wide, end.wide, 0.65 * (top - bottom), 6.0)
    return _Line(text, begin.left, bottom, end.right, top, wide)


def _row(pieces: Sequence[_Line], between: str = "\t") -> _Line:
    """Pieces as one line."""
    if len(pieces) == 1:
        return pieces[0]
    text = between.join(piece.text for piece in pieces)
    return _Line(
        text,
        min(piece.left for piece in pieces),
        min(piece.bottom for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.top for piece in pieces),
        max(piece.wide for piece in pieces),
        row=True,
    )


def _box(page: Any, at: int) -> _Box:
    """The room that a character takes, zeros where it has no place."""
    import pypdfium2

    try:
        return _Box(*page.get_charbox(at, loose=True))
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        return _Box(0.0, 0.0, 0.0, 0.0)


# -- what stands around the text ------------------------------------------------------------------


def _without_heads(pages: list[list[list[_Line]]]) -> list[list[list[_Line]]]:
    """The pages without page numbers, running heads and what a browser prints around them."""
    kept = [_without_numbers(_without_browser(lines)) for lines in pages]
    found: dict[tuple[str, int, int], set[int]] = defaultdict(set)
    for number, lines in enumerate(kept):
        for line in _candidates(lines):
            for key in _keys(line, number):
                found[key].add(number)
    heads = {key for key, on in found.items() if len(on) > 2 or 1 < len(on) >= len(kept) / 2}
    begun: set[str] = set()  # rows that have been read: a table's head is read once
    result = []
    for number, lines in enumerate(kept):
        out = set()
        for line in _candidates(lines):
            if heads.isdisjoint(_keys(line, number)):
                continue
            if not line.row or line.text in begun or not _on_a_table(line, lines):
                out.add(line)
        begun |= {_row(pieces).text for pieces in lines if len(pieces) > 1}
        result.append([pieces for pieces in lines if _row(pieces) not in out])
    return [_without_numbers(lines) for lines in result]


def _keys(line: _Line, page: int) -> list[tuple[str, int, int]]:
    """What a line shares with its like on other pages: its text, and the place of one of its sides.

    A number in it may count the pages.
    """
    texts = [line.text]
    for number in re.finditer(r"\d{1,4}", line.text):
        rest = f"{line.text[: number.start()]}\0{int(number[0]) - page}{line.text[number.end() :]}"
        texts.append(rest)
    sides = (line.left, line.right, (line.left + line.right) / 2)
    places = [round(side / SAME) * 3 + number for number, side in enumerate(sides)]
    return [(text, round(line.bottom / SAME), place) for text in texts for place in places]


def _candidates(lines: list[list[_Line]]) -> list[_Line]:
    """Lines that may be running heads: the outer ones of a page, and those printed over others.

    What has the marks of a sentence is none.
    """
    whole = [_row(pieces) for pieces in lines]
    heights = sorted({round(line.bottom / SAME) for line in whole})
    outer = {*heights[:2], *heights[-2:]} if len(heights) > 4 else {*heights[:1], *heights[-1:]}
    over = _overprinted(whole)
    return [
        line
        for line in whole
        if (round(line.bottom / SAME) in outer or line in over) and not _PROSE.search(line.text)
    ]


def _overprinted(lines: list[_Line]) -> set[_Line]:
    """Lines that stand over another, nearer to it than lines are set."""
    ordered, found = sorted(lines, key=lambda line: line.bottom), set()
    for number, line in enumerate(ordered):
        for other in ordered[number + 1 :]:
            tall = max(line.wide, other.wide)
            if other.bottom - line.bottom > 0.7 * tall:
                break
            shared = min(line.right, other.right) - max(line.left, other.left)
            if other.bottom - line.bottom > 1 and shared > tall:
                found |= {line, other}
    return found


def _on_a_table(line: _Line, lines: list[list[_Line]]) -> bool:
    """Whether the next line below a row is a row as well."""
    below = [_row(pieces) for pieces in lines if pieces[0].bottom < line.bottom - SAME]
    return bool(below) and max(below, key=lambda one: one.bottom).row


def _edges(lines: list[list[_Line]]) -> list[list[list[_Line]]]:
    """The lines at a page's top and those at its bottom."""
    if not lines:
        return []
    heights = [pieces[0].bottom for pieces in lines]
    return [
        [pieces for pieces in lines if abs(pieces[0].bottom - edge) <= SAME]
        for edge in (max(heights), min(heights))
    ]


def _without_numbers(lines: list[list[_Line]]) -> list[list[_Line]]:
    """A page without the numbers that stand alone at its edges."""
    for edge in _edges(lines):
        if len(edge) == 1 and _PAGE_NUMBER.fullmatch(_row(edge[0], " ").text):
            lines = [pieces for pieces in lines if pieces is not edge[0]]
    return lines


def _without_browser(lines: list[list[_Line]]) -> list[list[_Line]]:
    """A page without what a browser prints: time and title above it, address and number below.

    All three must be there, in the outermost lines; one alone could be the report's.
    """
    edges = _edges(lines)
    if not edges or edges[0] == edges[1]:
        return lines
    said = [" ".join(_row(pieces, " ").text for pieces in edge) for edge in edges]
    signs = [{sign for sign in (_ADDRESS, _PRINTED, _OF) if sign.search(one)} for one in said]
    if all(signs) and len(signs[0] | signs[1]) == 3:
        out = [pieces for edge in edges for pieces in edge]
        return [pieces for pieces in lines if all(pieces is not one for one in out)]
    return lines


# -- columns and paragraphs -----------------------------------------------------------------------


def _page(lines: list[list[_Line]], width: float, gutter: float | None) -> _Page:
    """The lines of a page in reading order."""
    if gutter is None:
        return _Page([_row(line) for line in lines], [0] * len(lines), width)
    pieces = [piece for line in lines for piece in line]
    sides = [_side(piece, gutter) for piece in pieces]
    turns = [at for at in range(1, len(pieces)) if {sides[at - 1], sides[at]} == {1, 2}]
    if len(turns) > 1:  # not the one column and then the other
        both = sum({1, 2} <= {_side(piece, gutter) for piece in line} for line in lines)
        if both < 0.8 * min(sides.count(1), sides.count(2)):  # a table, cell by cell
            pieces = [
                piece._replace(begins=at > 0 and sides[at - 1] not in (0, sides[at]))
                for at, piece in enumerate(pieces)
            ]
        else:  # from line to line, over both
            order = _by_column(pieces, sides)
            pieces, sides = [pieces[at] for at in order], [sides[at] for at in order]
    return _Page(pieces, sides, width)


def _side(piece: _Line, gutter: float) -> int:
    """1 left of the gutter, 2 right of it, 0 across."""
    return 1 if piece.right <= gutter else 2 if piece.left >= gutter else 0


def _by_column(pieces: list[_Line], sides: list[int]) -> list[int]:
    """Places of pieces: between two lines that go across, the left column and then the right."""
    across = sorted((piece.bottom for piece, side in zip(pieces, sides, strict=True) if not side))
    bands = [sum(piece.bottom < one for one in across) for piece in pieces]
    return sorted(
        range(len(pieces)), key=lambda at: (bands[at], sides[at], -round(pieces[at].bottom), at)
    )


def _gutters(pages: list[list[list[_Line]]], widths: list[float]) -> list[float | None]:
    """The gutter of each page; a page too short to tell has that of its like."""
    own = [_gutter([piece for line in lines for piece in line]) for lines in pages]
    known: dict[float, list[float]] = defaultdict(list)
    for width, gutter in zip(widths, own, strict=True):
        if gutter is not None:
            known[width].append(gutter)
    for number, (lines, width) in enumerate(zip(pages, widths, strict=True)):
        if own[number] is None and width in known:
            gutter = median(known[width])
            pieces = [piece for line in lines for piece in line]
            across = sum(not _side(piece, gutter) for piece in pieces)
            own[number] = gutter if across <= len(pieces) / 4 else None
    return own


def _gutter(pieces: list[_Line]) -> float | None:
    """Where a page of two columns is parted; None where it is none.

    Columns are prose: alike in width, ten characters at least, with lines that fill them; the
    columns of a table are narrow, or their lines end anywhere.
    """
    best: tuple[int, float] | None = None
    for place in sorted({round(piece.left, 1) for piece in pieces}):
        gutter = place - 0.5
        left = [piece for piece in pieces if piece.right <= gutter]
        right = [piece for piece in pieces if piece.left >= gutter]
        across = len(pieces) - len(left) - len(right)
        if len(left) < 4 or len(right) < 3 or across > len(pieces) / 4:
            continue
        sides = (left, right)
        wide = [max(one.right for one in side) - min(one.left for one in side) for side in sides]
        char = median(piece.wide for piece in pieces)
        apart = min(one.left for one in right) - max(one.right for one in left)
        if min(wide) < 10 * char or max(wide) > 1.6 * min(wide) or apart < char:
            continue
        if all(map(_filled, sides)):
            best = max(best or (0, 0.0), (len(left) + len(right), gutter))
    return best and best[1]


def _filled(side: list[_Line]) -> bool:
    """Whether a column's lines fill it, three in ten of them at least, and three."""
    begin, end = min(one.left for one in side), max(one.right for one in side)
    full = [
        one
        for one in side
        if one.right > end - 1.8 * one.wide and one.left < begin + 2.6 * one.wide
    ]
    return len(full) >= max(3, 0.3 * len(side))


def _joined(pages: list[_Page]) -> str:
    """The text of all pages: lines joined to paragraphs, across columns and pages too."""
    margins = [_margins(page) for page in pages]
    found: dict[tuple[float, int], list[tuple[float, float]]] = defaultdict(list)
    for page, own in zip(pages, margins, strict=True):
        for column, edges in own.items():
            if edges[1] < inf:
                found[page.width, column].append(edges)
    usual = {key: tuple(map(median, zip(*edges, strict=True))) for key, edges in found.items()}
    text = ""
    for page, own in zip(pages, margins, strict=True):
        above = (-1, 0.0)  # column and place of the line before, on this page
        for column, line in zip(page.columns, page.lines, strict=True):
            left, right = own[column]
            others = usual.get((page.width, column), (left, right))
            left = min(left, others[0])
            right = others[1] if right == inf else max(right, others[1])
            begins = line.row or line.begins or line.left > left + 1.2 * line.wide
            begins = begins or (above[0] == column and line.bottom > above[1] + line.wide)  # a box
            above = column, line.bottom
            text += line.text if not text or (text[-1] != "\n" and not begins) else f"\n{line.text}"
            text += "\n" if line.row or line.right < right - 1.8 * line.wide else ""
    return re.sub(r"\n\n+", "\n", f"{text}\n")


def _margins(page: _Page) -> dict[int, tuple[float, float]]:
    """The left and right margin of each column of a page; tables may be wider and say nothing.

    One line is no margin, or a title would go on in the next line: lines must end there, or it lies
    as far from the page's right edge as the left margin from the left one. Else it is infinite.
    """
    found: dict[int, tuple[float, float]] = {}
    outer = min((line.left for line in page.lines), default=0.0)
    for column in set(page.columns):
        lines = [line for line, at in zip(page.lines, page.columns, strict=True) if at == column]
        lines = [line for line in lines if not line.row] or lines
        left = min(line.left for line in lines)
        ends = (line for line in lines if _is_margin(line, lines, page.width - outer))
        found[column] = left, max((line.right for line in ends), default=inf)
    return found


def _is_margin(line: _Line, lines: list[_Line], mirrored: float) -> bool:
    """Whether the place where a line ends is a right margin."""
    if line.right > mirrored - 3 * line.wide:
        return True
    like = sum(abs(other.right - line.right) < 1.8 * line.wide for other in lines)
    return like > 2 or (like > 1 and line.right > line.left + 12 * line.wide)

"""A PDF with text → lines: printed lines joined to paragraphs, a table's row with tabs.

What a PDF holds is characters with places. `printed` makes lines of them, `heads` takes out what
stands around the text; here, two columns are told by the gutter that lines on both sides keep
clear, and a line that reaches its column's right margin goes on in the next one, unless that is
indented; so no sentence is cut where the paper ended. What cannot be told stays as it is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from math import inf
from statistics import median
from typing import Any, NamedTuple

from . import printed
from .heads import without_heads
from .printed import Line, row


class _Page(NamedTuple):
    """Lines in reading order, each with its column: 0 where it goes over all of them."""

    lines: list[Line]
    columns: list[int]
    width: float


Lay = tuple[str, dict[str, Any]]


def pdf(data: bytes, scanned: Mapping[str, Any] | None = None) -> Lay:
    """The text of a PDF; ValueError with a sentence if it cannot be read.

    scanned : what was recognised on pages, by number (`scan.scan`).

    Returns the text, and `pictures`: the numbers of the other pages that hold something and no
    text; `places`: start and end in the text, page and number of each recognised line.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", 0) == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ValueError(
                "is encrypted; open it with its password and save it without one."
            ) from None
        raise ValueError(f"is no PDF that can be read ({error}); save it as .txt.") from None
    pages: list[list[list[Line]]] = []
    widths: list[float] = []
    pictures: list[int] = []
    for number, page in enumerate(document, start=1):
        if scanned and str(number) in scanned:
            pages.append(_recognised(number, scanned[str(number)]))
        else:
            pages.append(printed.lines(page.get_textpage()))
            if not pages[-1] and _drawn(page):
                pictures.append(number)
        widths.append(page.get_width())
        page.close()
    places: list[tuple[int, int, int, int]] = []
    return laid_out(pages, widths, places), {"pictures": pictures, "places": places}


def picture(_: bytes, scanned: Mapping[str, Any]) -> Lay:
    """The text of a picture of which everything was recognised; as `pdf`."""
    pages = [_recognised(int(number), page) for number, page in scanned.items()]
    places: list[tuple[int, int, int, int]] = []
    text = laid_out(pages, [page["width"] for page in scanned.values()], places)
    return text, {"places": places}


STROKES = 50
"""Drawn shapes from which a page without text may hold letters as shapes."""


def _drawn(page: Any) -> bool:
    """Whether a page without text shows anything that could be some."""
    from pypdfium2 import raw

    kinds = [one.type for one in page.get_objects(max_depth=3)]
    shapes = kinds.count(raw.FPDF_PAGEOBJ_PATH)
    return raw.FPDF_PAGEOBJ_IMAGE in kinds or shapes >= STROKES


def _recognised(number: int, page: Mapping[str, Any]) -> list[list[Line]]:
    """The printed lines of a page that was recognised."""
    pieces = []
    for at, line in enumerate(page["lines"]):
        left, bottom, right, top = map(float, line["box"])
        halves = sum(1 + (char > "\u2e7f") for char in line["text"])
        wide = max(min(2 * (right - left) / halves, top - bottom), 6.0)
        part = (number * PLACES + at, line["text"])
        pieces.append(Line(line["text"], left, bottom, right, top, wide, parts=(part,)))
    return printed.laid(pieces)


PLACES = 100_000
"""Lines that a page may have."""


def laid_out(
    pages: list[list[list[Line]]],
    widths: list[float],
    places: list[tuple[int, int, int, int]] | None = None,
) -> str:
    """The text of pages, each of printed lines with their pieces, in points from its lower left.

    places : takes where each recognised line stands: start, end, page, number.
    """
    bodies = without_heads(pages)
    gutters = _gutters(bodies, widths)
    return _joined(list(map(_page, bodies, widths, gutters)), [] if places is None else places)


def _page(lines: list[list[Line]], width: float, gutter: float | None) -> _Page:
    """The lines of a page in reading order."""
    if gutter is None:
        return _Page([row(line) for line in lines], [0] * len(lines), width)
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


def _side(piece: Line, gutter: float) -> int:
    """1 left of the gutter, 2 right of it, 0 across."""
    return 1 if piece.right <= gutter else 2 if piece.left >= gutter else 0


def _by_column(pieces: list[Line], sides: list[int]) -> list[int]:
    """Places of pieces: between two lines that go across, the left column and then the right."""
    across = sorted((piece.bottom for piece, side in zip(pieces, sides, strict=True) if not side))
    bands = [sum(piece.bottom < one for one in across) for piece in pieces]
    return sorted(
        range(len(pieces)), key=lambda at: (bands[at], sides[at], -round(pieces[at].bottom), at)
    )


def _gutters(pages: list[list[list[Line]]], widths: list[float]) -> list[float | None]:
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


def _gutter(pieces: list[Line]) -> float | None:
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


def _filled(side: list[Line]) -> bool:
    """Whether a column's lines fill it, three in ten of them at least, and three."""
    begin, end = min(one.left for one in side), max(one.right for one in side)
    full = [
        one
        for one in side
        if one.right > end - 1.8 * one.wide and one.left < begin + 2.6 * one.wide
    ]
    return len(full) >= max(3, 0.3 * len(side))


def _joined(pages: list[_Page], places: list[tuple[int, int, int, int]]) -> str:
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
            text += "\n" if begins and text and text[-1] != "\n" else ""
            at = len(text)
            for number, part in line.parts:
                at = line.text.index(part, at - len(text)) + len(text)
                places.append((at, at + len(part), *divmod(number, PLACES)))
                at += len(part)
            text += line.text
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


def _is_margin(line: Line, lines: list[Line], mirrored: float) -> bool:
    """Whether the place where a line ends is a right margin."""
    if line.right > mirrored - 3 * line.wide:
        return True
    like = sum(abs(other.right - line.right) < 1.8 * line.wide for other in lines)
    return like > 2 or (like > 1 and line.right > line.left + 12 * line.wide)

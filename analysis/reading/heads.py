"""A PDF's pages without what stands around the text: page numbers, running heads and feet.

A running head stands on several pages at the same place, on the outer lines or printed over the
text, and may count the pages. What a browser prints around a page goes too. What stands on one page
alone cannot be told from the text and stays.
"""

from __future__ import annotations

import re
from collections import defaultdict

from .printed import Line, row

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*\d{1,4}[-—–－·\s]*|第\s*\d+\s*页.{0,12}")
_ADDRESS = re.compile(r"(?:https?|file)://|\babout:blank\b")
_PRINTED = re.compile(r"\d{1,4}[/.年-]\d{1,2}[/.月-]\d{1,4}日?\D{0,4}\d{1,2}:\d\d")
_OF = re.compile(r"\b\d{1,4}\s*(?:/|of)\s*\d{1,4}\b")
_PROSE = re.compile(r"^(?!.*\d\s*页).*[，。；]|[：、]$")

SAME = 3.0
"""Points by which the place of a running head may differ from page to page."""


def without_heads(pages: list[list[list[Line]]]) -> list[list[list[Line]]]:
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
        begun |= {row(pieces).text for pieces in lines if len(pieces) > 1}
        result.append([pieces for pieces in lines if row(pieces) not in out])
    return [_without_numbers(lines) for lines in result]


def _keys(line: Line, page: int) -> list[tuple[str, int, int]]:
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


def _candidates(lines: list[list[Line]]) -> list[Line]:
    """Lines that may be running heads: the outer ones of a page, and those printed over others.

    What has the marks of a sentence is none.
    """
    whole = [row(pieces) for pieces in lines]
    heights = sorted({round(line.bottom / SAME) for line in whole})
    outer = {*heights[:2], *heights[-2:]} if len(heights) > 4 else {*heights[:1], *heights[-1:]}
    over = _overprinted(whole)
    return [
        line
        for line in whole
        if (round(line.bottom / SAME) in outer or line in over) and not _PROSE.search(line.text)
    ]


def _overprinted(lines: list[Line]) -> set[Line]:
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


def _on_a_table(line: Line, lines: list[list[Line]]) -> bool:
    """Whether the next line below a row is a row as well."""
    below = [row(pieces) for pieces in lines if pieces[0].bottom < line.bottom - SAME]
    return bool(below) and max(below, key=lambda one: one.bottom).row


def _edges(lines: list[list[Line]]) -> list[list[list[Line]]]:
    """The lines at a page's top and those at its bottom."""
    if not lines:
        return []
    heights = [pieces[0].bottom for pieces in lines]
    return [
        [pieces for pieces in lines if abs(pieces[0].bottom - edge) <= SAME]
        for edge in (max(heights), min(heights))
    ]


def _without_numbers(lines: list[list[Line]]) -> list[list[Line]]:
    """A page without the numbers that stand alone at its edges."""
    for edge in _edges(lines):
        if len(edge) == 1 and _PAGE_NUMBER.fullmatch(row(edge[0], " ").text):
            lines = [pieces for pieces in lines if pieces is not edge[0]]
    return lines


def _without_browser(lines: list[list[Line]]) -> list[list[Line]]:
    """A page without what a browser prints: time and title above it, address and number below.

    All three must be there, in the outermost lines; one alone could be the report's.
    """
    edges = _edges(lines)
    if not edges or edges[0] == edges[1]:
        return lines
    said = [" ".join(row(pieces, " ").text for pieces in edge) for edge in edges]
    signs = [{sign for sign in (_ADDRESS, _PRINTED, _OF) if sign.search(one)} for one in said]
    if all(signs) and len(signs[0] | signs[1]) == 3:
        out = [pieces for edge in edges for pieces in edge]
        return [pieces for pieces in lines if all(pieces is not one for one in out)]
    return lines

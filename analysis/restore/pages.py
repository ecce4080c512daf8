"""What a page puts between lines: numbers, and the running heads beside them.

A page number stands between the lines of a
sentence, with dashes or counting one by one; the running heads beside it go with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from .draft import Draft
from .lines import (
    CLOSING,
    ENUMERATED,
    FINAL,
    LEAST,
    SHORTEST,
    broken,
    continues,
)
from .record import Certainty

NUMBER = r"(?:[\d０-９]{1,4}|[〇零一二三四五六七八九十百]{1,5})"
DASH = "[-—–－―─~·]{1,2}"
PAGE = re.compile(
    rf"[ \t\u3000\x0c]*(?:{DASH}\s*{NUMBER}\s*{DASH}"
    rf"|第\s*{NUMBER}\s*页(?:\s*[，,/]?\s*共\s*{NUMBER}\s*页)?"
    r"|(?i:page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?))[ \t\u3000\r]*"
)
BARE = re.compile(
    r"[ \t\u3000\x0c]*[（(\[【]?\s*(\d{1,3})\s*(?:/\s*\d{1,3}\s*)?[)）\]】]?[ \t\u3000\r]*"
)
HEAD = re.compile(r".{0,30}公报.{0,6}\d{4}\s*年?.{0,4}第\s*\d+\s*[期号].{0,6}")
APART = 5  # lines at least between two page numbers that stand without dashes

COUNTED = re.compile(r"[ \t]*(\d{1,5})(?:[:：|]|[ \t])[ \t]*")  # what numbers a line
# sites that show documents number the pages in their text: 具体包 / 2、括哪些方面
PIECE = re.compile(r"(\d{1,3})、(?=[\u4e00-\u9fff，。、；：）”])")
NUMBERED = re.compile(r"\n\d{1,3}、")
PIECES = 2  # such numbers, one by one, within sentences
LONG = 40  # characters of a line before such a number


def pages(draft: Draft) -> None:
    """Drop page numbers with the running heads beside them; the sentence that they cut is one."""
    lines = draft.raw.split("\n")
    numbers = [n for n, line in enumerate(lines) if len(line) < 24 and PAGE.fullmatch(line)]
    numbers = sorted({*numbers, *_bare(lines)})
    if not numbers:
        return
    heads = _heads(lines, numbers)
    places = [0]
    for line in lines:
        places.append(places[-1] + len(line) + 1)
    blocks: list[tuple[int, int]] = []
    for number in numbers:
        first = last = number
        done = blocks[-1][1] if blocks else -1
        while first - 1 > done and _furniture(lines[first - 1], heads):
            first -= 1
        while last + 1 < len(lines) and _furniture(lines[last + 1], heads):
            last += 1
        if number > done:
            blocks.append((first, last))
    dropped = {n for first, last in blocks for n in range(first, last + 1)}
    # where a page's width broke the lines, they are joined by that
    wide = broken([line.rstrip() for n, line in enumerate(lines) if n not in dropped])
    for first, last in blocks:
        _drop(draft, lines, places, first, last, join=not wide)


def numbered(draft: Draft) -> None:
    """Drop the numbers of lines, if every line has one and they count one by one."""
    if not COUNTED.match(draft.raw):
        return
    found, at = list[re.Match[str] | None](), 0
    for line in draft.raw.split("\n"):
        if line.strip():
            found.append(COUNTED.match(draft.raw, at))
        at += len(line) + 1
    values = [int(match[1]) for match in found if match]
    if len(found) >= APART and values == [*range(values[0], values[0] + len(found))]:
        for match in filter(None, found):
            draft.claim(match.span(), "page", "")


def pieces(draft: Draft) -> None:
    """Drop the numbers of a document's pages that stand within its sentences, with the line end."""
    if not NUMBERED.search(draft.raw):
        return
    lines = draft.raw.split("\n")
    found: list[tuple[int, int, int]] = []
    at = 0
    for line, behind in pairwise(lines):
        at += len(line) + 1
        match = PIECE.match(behind)
        here = line.rstrip()
        if match and len(here) >= LONG and "。" in here and here[-1] not in FINAL + "，、":
            found.append((int(match[1]), at - 1 - (len(line) - len(here)), at + match.end()))
    if len(found) < PIECES or any(b[0] != a[0] + 1 for a, b in pairwise(found)):
        return
    for _, start, end in found:
        draft.claim((start, end), "page", "", "likely", "or: an item of a list begins here")


def _bare(lines: Sequence[str]) -> list[int]:
    """Return the lines that are nothing but a number, if these count the pages one by one."""
    found = [
        (n, match)
        for n, line in enumerate(lines)
        if len(line) < 12 and (match := BARE.fullmatch(line))
    ]
    values = [int(match[1]) for _, match in found]
    steps = [b - a for a, b in pairwise(values)]
    gaps = [b - a for (a, _), (b, _) in pairwise(found)]
    if len(found) < LEAST or set(steps) != {1} or min(gaps) < APART:
        return []
    return [n for n, _ in found]


def _heads(lines: Sequence[str], numbers: Sequence[int]) -> set[str]:
    """Return the lines (without digits) that stand beside page numbers again and again."""
    beside: Counter[str] = Counter()
    for number in numbers:
        for step in (-1, 1):
            at = number + step
            while 0 <= at < len(lines) and not lines[at].strip():
                at += step
            if 0 <= at < len(lines):
                beside[_undated(lines[at])] += 1
    least = max(2, len(numbers) / 2)
    return {line for line, n in beside.items() if n >= least and len(line) <= 40}


def _undated(line: str) -> str:
    return re.sub(r"\d+", "0", line.strip(" \t\u3000\r\x0c"))


def _furniture(line: str, heads: set[str]) -> bool:
    return (
        not line.strip(" \t\u3000\r\x0c")
        or _undated(line) in heads
        or bool(HEAD.fullmatch(line.strip()))
    )


def _drop(
    draft: Draft,
    lines: Sequence[str],
    places: Sequence[int],
    first: int,
    last: int,
    *,
    join: bool,
) -> None:
    """Drop the lines from `first` to `last`, and what parts the sentence around them."""
    raw = draft.raw
    before = lines[first - 1].rstrip() if first else ""
    behind = lines[last + 1] if last + 1 < len(lines) else ""
    start, end = places[first], min(places[last + 1], len(raw))
    if join and before and behind and _cut(before, behind):
        start = places[first - 1] + len(before)
        sure = before[-1] in "，、" or behind[0] in CLOSING
        certainty: Certainty = "certain" if sure else "likely"
        note = "" if sure else "or: the lines around it are two sentences"
        draft.claim((start, end), "page", "", certainty, note)
    else:
        draft.claim((start, end), "page", "")


def _cut(before: str, behind: str) -> bool:
    """Whether a sentence goes on from one line in the next."""
    if before[-1] in FINAL or not continues(behind):
        return False
    prose = len(before) >= SHORTEST and not ENUMERATED.match(before)
    return before[-1] in "，、" or behind[0] in CLOSING or (prose and "，" in before)

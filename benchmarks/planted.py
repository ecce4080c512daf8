"""Passages of earlier reports planted into later ones, edited to a known degree: what reuse finds.

Written before the finder and not changed after it. A passage is cut out of a line of an earlier
report at a place drawn at random and put behind a clause, drawn at random, of a later report of
another region. Of its characters a share is edited, in equal parts of five kinds: a character
replaced by another that is as frequent, the digits of a number changed, two to eight characters
put in (from anywhere), as many taken out, two neighbouring clauses exchanged (the shorter one's
characters count). No character is edited twice. The same seed plants the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import NamedTuple

GRADES = (0.0, 0.05, 0.15, 0.30)
LENGTHS = (20, 300)
NEAR = 5
"""How far apart in the list by frequency two characters are that are as frequent."""

_NUMBER = re.compile(r"\d+")
_CLAUSE = re.compile(r"[^，；。：！？]+[，；。：！？]")


class Text(NamedTuple):
    """A report: who, when, what."""

    region: str
    year: int
    text: str


class Planted(NamedTuple):
    """One passage: its grade, and its places in the earlier and, edited, in the later report."""

    grade: float
    source: int
    source_start: int
    source_end: int
    target: int
    start: int
    end: int


Piece = list[tuple[str, bool]]
"""Characters, each with whether it was edited."""


@dataclass
class Editor:
    """Edits passages; it sees to it that over all of them the five kinds have equal parts."""

    texts: Sequence[Text]
    random: Random

    def __post_init__(self) -> None:
        counts = Counter("".join(one.text for one in self.texts))
        self.ranked = sorted((c for c in counts if c.isalpha()), key=lambda c: (-counts[c], c))
        self.rank = {char: at for at, char in enumerate(self.ranked)}
        self.spent = dict.fromkeys(("replace", "number", "insert", "delete", "exchange"), 0)

    def edit(self, passage: str, grade: float) -> str:
        """A passage with a share of its characters edited."""
        left, piece = round(grade * len(passage)), [(char, False) for char in passage]
        while left > 0:
            order = sorted(self.spent, key=lambda kind: (self.spent[kind], kind))
            for kind in order:
                how: Callable[[Piece, int], int] = getattr(self, f"_{kind}")
                if cost := how(piece, left):
                    self.spent[kind] += cost
                    left -= cost
                    break
            else:
                break
        return "".join(char for char, _ in piece)

    def _replace(self, piece: Piece, left: int) -> int:  # noqa: ARG002
        open_ = [at for at, (char, done) in enumerate(piece) if not done and char in self.rank]
        if not open_:
            return 0
        at = self.random.choice(open_)
        rank = self.rank[piece[at][0]]
        near = [*range(max(rank - NEAR, 0), min(rank + NEAR + 1, len(self.ranked)))]
        near.remove(rank)
        piece[at] = (self.ranked[self.random.choice(near)], True)
        return 1

    def _number(self, piece: Piece, left: int) -> int:
        text = "".join("#" if done else char for char, done in piece)
        found = [one for one in _NUMBER.finditer(text) if len(one[0]) <= left]
        if not found:
            return 0
        one = self.random.choice(found)
        for at in range(one.start(), one.end()):
            others = [digit for digit in "0123456789" if digit != piece[at][0]]
            piece[at] = (self.random.choice(others), True)
        return len(one[0])

    def _insert(self, piece: Piece, left: int) -> int:
        if left < 2:
            return 0
        size = self.random.randint(2, min(8, left))
        while True:
            text = self.random.choice(self.texts).text
            start = self.random.randrange(max(len(text) - size, 1))
            put = text[start : start + size]
            if len(put) == size and "\n" not in put:
                break
        at = self.random.randint(1, len(piece) - 1)
        piece[at:at] = [(char, True) for char in put]
        return size

    def _delete(self, piece: Piece, left: int) -> int:
        if left < 2 or len(piece) < 20:
            return 0
        size = self.random.randint(2, min(8, left))
        starts = [
            at
            for at in range(len(piece) - size)
            if not any(done for _, done in piece[at : at + size])
        ]
        if not starts:
            return 0
        at = self.random.choice(starts)
        del piece[at : at + size]
        return size

    def _exchange(self, piece: Piece, left: int) -> int:
        text = "".join(char for char, _ in piece)
        clauses = [one.span() for one in _CLAUSE.finditer(text)]
        pairs = [
            (one, two)
            for one, two in pairwise(clauses)
            if min(one[1] - one[0], two[1] - two[0]) <= left
            and not any(done for _, done in piece[one[0] : two[1]])
        ]
        if not pairs:
            return 0
        (start, middle), (_, end) = self.random.choice(pairs)
        short = min(middle - start, end - middle)
        first, second = piece[start:middle], piece[middle:end]
        moved = first if len(first) == short else second
        moved[:] = [(char, True) for char, _ in moved]
        piece[start:end] = [*second, *first]
        return short


def plant(
    texts: Sequence[Text], seed: int, count: int = 1000
) -> tuple[list[Text], list[Planted], dict[str, int]]:
    """Texts with `count` passages planted, as many of each grade; and how much each kind edited.

    The reports up to the median year are the earlier ones, the others get passages.
    """
    random = Random(seed)
    editor = Editor(texts, random)
    years = sorted(one.year for one in texts)
    middle = years[len(years) // 2]
    early = [at for at, one in enumerate(texts) if one.year < middle]
    late = [at for at, one in enumerate(texts) if one.year >= middle]
    put: dict[int, list[tuple[int, str, float, int, int, int]]] = {}
    for number in range(count):
        grade = GRADES[number % len(GRADES)]
        source, start, passage = _cut(texts, early, random)
        others = [at for at in late if texts[at].region != texts[source].region]
        target = random.choice(others)
        behind = [one.end() for one in _CLAUSE.finditer(texts[target].text)]
        edited = editor.edit(passage, grade)
        own = put.setdefault(target, [])
        free = sorted(set(behind) - {at for at, *_ in own})
        own.append((random.choice(free), edited, grade, source, start, len(passage)))
    made, planted = list(texts), []
    for target, own in sorted(put.items()):
        pieces, before, text, length = [], 0, texts[target].text, 0
        for at, edited, grade, source, start, size in sorted(own):
            pieces += [text[before:at], edited]
            length += at - before
            place = (target, length, length + len(edited))
            planted.append(Planted(grade, source, start, start + size, *place))
            length, before = length + len(edited), at
        made[target] = texts[target]._replace(text="".join([*pieces, text[before:]]))
    return made, planted, dict(editor.spent)


def _cut(texts: Sequence[Text], early: Sequence[int], random: Random) -> tuple[int, int, str]:
    """A passage of a line of an earlier report: which report, where, and the passage."""
    size = random.randint(*LENGTHS)
    while True:
        source = random.choice(early)
        text, lines, begin = texts[source].text, [], 0
        for line in text.split("\n"):
            if len(line) >= size:
                lines.append((begin, len(line)))
            begin += len(line) + 1
        places = sum(length - size + 1 for _, length in lines)
        if not places:
            continue
        at = random.randrange(places)
        for begin, length in lines:
            if at <= length - size:
                return source, begin + at, text[begin + at : begin + at + size]
            at -= length - size + 1

"""Where a document is one byte out of phase, and what stands there.

`search` reads one passage; this module looks at the whole document. What officials would not
write, by the language model, is a suspect. Around each suspect the search weighs every start
against the null reading, that nothing is wrong. The document helps itself: its readable lines
are counted into the model, its glosses tell the site's habits, and its numbered paragraphs tell
which number is missing: （二） before and （四） behind a broken line say as much as its bytes do.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.kit import encodings

from .characters import decoded, readings, simplified
from .document import Plain
from .model import Model
from .search import Decoder, Habits, Line, Reading
from .suspects import NEVER_START, NO_START, Suspects

LONE_SPACE = re.compile(r"(?m)^\u3000")
CHANCE = -7.0  # log of the chance that a passage begins at a given place
HEAD_CHANCE = -1.0  # the same at the start of a line that looks odd
ODD_HEAD_CHANCE = 5.0  # where the line starts with a mark that lines do not start with
MISREAD_CHANCE = 0.0  # before a gloss that does not fit its character
REACH = 8  # characters behind a suspect where a passage may still begin
LONGEST = 60  # characters of a passage behind its suspect
MOST = 20_000  # characters that are searched: three quarters of a minute
SURE = 5.0  # nats between the likeliest character that shows as ? and the second
GAIN = 4.0  # nats that a reading must be above the null reading
MISREAD_GAIN = -8.0  # the same before a gloss that fits nothing: the null reading is impossible

DIGITS = ["", *"一二三四五六七八九"]
TENS = ["", "十", *(digit + "十" for digit in DIGITS[2:])]
NUMERALS = [tens + digit for tens in TENS for digit in DIGITS]  # 0 to 99
MARKS = (("（", "）"), ("", "、"), ("第", "条"), ("第", "章"), ("", "是"), ("", "要"))
STYLES = [
    re.compile(f"{before}([一二三四五六七八九十]{{1,3}}){behind}") for before, behind in MARKS
]
FIRST = 0.05  # chance that a line starts a numbering anew
NEXT = 0.35  # that it carries on the one before
LAST = 0.3  # that it stands before the one behind
BETWEEN = 0.8  # where both agree

Head = tuple[int, int] | None


@dataclass(frozen=True)
class Found:
    """A passage out of phase: its place in `Plain.shown`, and its readings, best first.

    `oddest` says how unlikely the unlikeliest character of the best reading is, in nats, `apart`
    the same of the unlikeliest two side by side, by the likelier of them: what makes no word with
    either neighbour. `stopped` says that nothing behind the passage was searched.
    """

    start: int
    end: int
    readings: tuple[Reading, ...] = ()
    oddest: float = 0.0
    apart: float = 0.0
    stopped: bool = False


class Repairer:
    """Finds and reads the out-of-phase passages of one document."""

    def __init__(self, doc: Plain, model: Model, *, traditional: bool) -> None:
        self.doc = doc
        self.model = model
        self.suspects = Suspects(doc, model)
        self.wrecked, self.spent = self.suspects.wrecked, 0
        if not self.suspects.found:
            return
        lines = self.suspects.lines
        self.indented = 2 * len(LONE_SPACE.findall(doc.shown)) > len(lines) > 8
        self.gloss_places = sorted(doc.glosses)
        counts, habits = self.suspects.counts, _habits(doc)
        self.decoder = Decoder(model, counts, habits, traditional=traditional)
        self.heads = [_head(doc.read[start:end]) for start, end in lines]

    def repair(self) -> list[Found]:
        """Return every passage that reads better otherwise, in order of place.

        Where the text is `wrecked`, the last is its first odd character: no more is guessed.
        """
        found: list[Found] = []
        done = -1
        for suspect in self.suspects.found:
            if self.wrecked and suspect >= done:
                return [*found, Found(suspect, suspect + 1, stopped=True)]
            if suspect >= done and (passage := self._passage(suspect, done)):
                found.append(passage)
                done = passage.end
        return found

    def _passage(self, suspect: int, done: int) -> Found | None:
        """Return the passage around a suspect, if there is one behind `done`."""
        number = self.suspects.line_of(suspect)
        offset = self.suspects.starts[number]
        line = self._line(number)
        first, last = _span(line, suspect - offset, done - offset)
        self.spent += last - first
        self.wrecked = self.spent > MOST
        starts = self._starts(line, offset, first, min(last, suspect - offset + REACH))
        misread = self.suspects.misread
        best = [
            reading
            for reading in self.decoder.readings(line, starts, last)
            if reading.score > (MISREAD_GAIN if offset + reading.end in misread else GAIN)
        ]
        if not best:
            hopeless = suspect == offset and line.shown[0] in NEVER_START
            return Found(offset, offset + last) if hopeless else None
        start, end, text = best[0].start, best[0].end, best[0].text
        if start == 0:
            self.heads[number] = _head(text)
        around = line.read[:start] + text + line.read[end : end + 2]
        surprise = self.model.surprise(around, self.suspects.counts)[start:]
        pairs = np.minimum(surprise[:-1], surprise[1:])
        odd = float(surprise.max(initial=0.0)), float(pairs.max(initial=0.0))
        return Found(offset + start, offset + end, tuple(best), *odd)

    def _starts(self, line: Line, offset: int, first: int, last: int) -> dict[int, float]:
        """Return the places where a passage may begin with the log of their chance."""
        starts = dict.fromkeys(range(first, last + 1), CHANCE)
        if 0 in starts:
            head = line.shown[:1]
            odd = head in NO_START and not (self.indented and head == "\u3000")
            if odd or 0 in line.glosses:
                starts = {0: ODD_HEAD_CHANCE}
            else:
                starts[0] = HEAD_CHANCE
        for place in starts:
            if offset + place in self.suspects.misread:
                starts[place] = max(starts[place], MISREAD_CHANCE)
        return starts

    def _line(self, number: int) -> Line:
        start, end = self.suspects.lines[number]
        doc, places = self.doc, self.gloss_places
        inside = places[bisect_left(places, start) : bisect_right(places, end)]
        return Line(
            doc.shown[start:end],
            doc.read[start:end],
            {place - start: doc.glosses[place] for place in inside},
            _expected(self.heads, number),
        )


def blotted(doc: Plain, found: Found, model: Model) -> str:
    """The character before a passage that shows as ?: its second byte is the stray one. Or ''."""
    start, best = found.start, found.readings[0]
    if doc.shown[start - 1 : start] != "?" or start in doc.glosses:
        return ""
    before = doc.read[max(start - 5, 0) : start - 1].rpartition("\n")[2]
    weighed = sorted(
        (float(model.surprise(before + char + best.text[:4])[len(before) :].sum()), char)
        for (_, trail), char in decoded().items()
        if trail == best.stray and char in encodings.common()
    )
    sure = len(weighed) > 1 and weighed[1][0] - weighed[0][0] >= SURE
    return weighed[0][1] if sure else ""


def _habits(doc: Plain) -> Habits:
    """Return which converted characters the document glosses, and which it leaves bare."""
    before = [(doc.shown[index - 1], reading) for index, reading in doc.glosses.items()]
    with_gloss = Counter(
        char for char, reading in before if char in simplified() and reading in readings(char)
    )
    every = Counter(char for char in doc.shown if char in simplified())
    glossed = {char for char, n in with_gloss.items() if 2 * n >= every[char]}
    bare = {char for char, n in every.items() if char not in with_gloss and n > 1}
    return glossed, bare if with_gloss else set()


def _span(line: Line, suspect: int, done: int) -> tuple[int, int]:
    """Return between which places of `line` a passage around `suspect` lies."""
    shown, glosses = line.shown, line.glosses
    first = max(suspect - 3, done, 0)
    for place in range(suspect - 1, first - 1, -1):
        if shown[place].isascii():
            first = place + 1
            break
        if place in glosses:
            first = place
            break
    last = suspect
    # on to where a passage must be back in phase
    while not line.walled(last) and last + 1 not in glosses:
        last += 1
    last = min(last + 1, len(shown), suspect + LONGEST)
    if last - 1 in glosses:
        last -= 1  # a gloss stands there, nothing else
    return first, last


def _head(line: str) -> Head:
    """Return (style, number) of the numbering at a line's head, or None."""
    start = line[:8].replace("(", "（").replace(")", "）")
    for style, pattern in enumerate(STYLES):
        match = pattern.match(start)
        if match and match[1] in NUMERALS:
            return style, NUMERALS.index(match[1])
    return None


def _expected(heads: Sequence[Head], line: int) -> list[tuple[str, float]]:
    """Return the heads that the lines around `line` make likely there, with their chance."""
    chances: dict[tuple[int, int], float] = {}
    for style in sorted({head[0] for head in heads if head}):
        chances[style, 1] = FIRST
        before = next((h[1] for h in reversed(heads[:line]) if h and h[0] == style), None)
        behind = next((h[1] for h in heads[line + 1 :] if h and h[0] == style), None)
        if before is not None:
            chances[style, before + 1] = NEXT
        if behind is not None and behind > 1:
            agreed = chances.get((style, behind - 1)) == NEXT
            chances[style, behind - 1] = BETWEEN if agreed else LAST
    return [
        (NUMERALS[number].join(MARKS[style]), chance)
        for (style, number), chance in chances.items()
        if number < len(NUMERALS)
    ]

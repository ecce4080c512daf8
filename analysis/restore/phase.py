"""Where a document is one byte out of phase, and what stands there.

`search` reads one passage; this module looks at the whole document. What officials would not
write, by the language model, is a suspect. Around each suspect the search weighs every start
against the null reading, that nothing is wrong. The document helps itself: its readable lines
are the model's cache, its glosses tell the site's habits, and its numbered paragraphs tell which
number is missing.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass

from .model import ORDER, Model
from .numbering import expected, head_of
from .plain import Plain
from .search import Decoder, Habits, Line, Reading
from .suspects import NEVER_START, NO_START, Suspects
from .tables import readings, simplified

LONE_SPACE = re.compile(r"(?m)^\u3000")
MISREAD_GAIN = -8.0  # the same before a gloss that fits nothing: the null reading is impossible
CHANCE = -7.0  # log of the chance that a passage begins at a given place
HEAD_CHANCE = -1.0  # the same at the start of a line that looks odd
MISREAD_CHANCE = 0.0  # before a gloss that does not fit its character
REACH = 8  # characters behind a suspect where a passage may still begin
ODD_HEAD_CHANCE = 5.0  # where the line starts with a mark that lines do not start with
GAIN = 4.0  # nats that a reading must be above the null reading


@dataclass(frozen=True)
class Found:
    """A passage out of phase: its place in `Plain.shown`, and its readings, best first.

    `oddest` says how unlikely the unlikeliest character of the best reading is, in nats.
    """

    start: int
    end: int
    readings: tuple[Reading, ...] = ()
    oddest: float = 0.0


def habits(doc: Plain, *, traditional: bool) -> Habits:
    """Return which converted characters the document glosses, and which it leaves bare."""
    table = simplified()
    with_gloss: Counter[str] = Counter()
    for index, reading in doc.glosses.items():
        char = doc.shown[index - 1]
        if char in table and reading in readings(char):
            with_gloss[char] += 1
    every = Counter(char for char in doc.shown if char in table)
    glossed = frozenset(c for c, n in with_gloss.items() if 2 * n >= every[c])
    bare = frozenset(c for c, n in every.items() if c not in with_gloss and n > 1)
    return Habits(traditional, glossed, bare if with_gloss else frozenset())


class Repairer:
    """Finds and reads the out-of-phase passages of one document."""

    def __init__(self, doc: Plain, model: Model, *, traditional: bool = True) -> None:
        self.doc = doc
        self.model = model
        self.suspects = Suspects(doc, model)
        if not self.suspects.found:
            return
        lines = self.suspects.lines
        self.indented = 2 * len(LONE_SPACE.findall(doc.shown)) > len(lines) > 8
        self.gloss_places = sorted(doc.glosses)
        self.decoder = Decoder(model, habits(doc, traditional=traditional), self.suspects.cache)
        self.heads = [head_of(doc.read[start:end]) for start, end in lines]

    # ---- passages ----------------------------------------------------------------------------

    def repair(self) -> list[Found]:
        """Return every passage that reads better otherwise, in order of place."""
        found: list[Found] = []
        done = -1
        position = 0
        while position < len(self.suspects.found):
            suspect = self.suspects.found[position]
            position += 1
            if suspect < done:
                continue
            passage = self._passage(suspect, done)
            if passage is not None:
                found.append(passage)
                done = passage.end
        return found

    def _passage(self, suspect: int, done: int) -> Found | None:
        number = bisect_right(self.suspects.starts, suspect) - 1
        start, _end = self.suspects.lines[number]
        line = self._line(number)
        suspect -= start
        first = max(suspect - 3, done - start, 0)
        for place in range(suspect - 1, first - 1, -1):
            if line.shown[place].isascii():
                first = place + 1
                break
            if place in line.glosses:
                first = place
                break
        last = suspect
        while not self._walled(line, last):
            last += 1
        last = min(last + 1, len(line.shown), suspect + 60)
        if last - 1 in line.glosses:
            last -= 1  # a gloss stands there, nothing else
        starts = dict.fromkeys(range(first, min(last, suspect + REACH) + 1), CHANCE)
        if 0 in starts:
            odd = line.shown[:1] in NO_START and not (self.indented and line.shown[0] == "\u3000")
            if odd or 0 in line.glosses:
                starts = {0: ODD_HEAD_CHANCE}
            else:
                starts[0] = HEAD_CHANCE
        for place in starts:
            if start + place in self.suspects.misread:
                starts[place] = max(starts.get(place, CHANCE), MISREAD_CHANCE)
        best = [
            r
            for r in self.decoder.readings(line, starts, last)
            if r.score > (MISREAD_GAIN if start + r.end in self.suspects.misread else GAIN)
        ]
        if not best:
            if suspect == 0 and line.shown[0] in NEVER_START:
                return Found(start, start + last)
            return None
        if best[0].start == 0:
            self.heads[number] = head_of(best[0].text)
        return Found(
            start + best[0].start, start + best[0].end, tuple(best), self._oddest(line, best[0])
        )

    def _oddest(self, line: Line, reading: Reading) -> float:
        """Return how unlikely the unlikeliest character of a reading is, or one just behind it."""
        before = ("\n" * (ORDER - 1) + line.read[: reading.start])[-(ORDER - 1) :]
        behind = line.read[reading.end : reading.end + 2]
        surprise = -self.model.sequence(
            self.model.encode(before + reading.text + behind), self.suspects.cache
        )
        return float(surprise.max()) if len(surprise) else 0.0

    @staticmethod
    def _walled(line: Line, place: int) -> bool:
        """Whether a passage cannot go on behind `place` without being back in phase."""
        shown = line.shown
        return (
            place in line.glosses
            or place >= len(shown)
            or shown[place].isascii()
            or place + 1 in line.glosses
        )

    def _line(self, number: int) -> Line:
        start, end = self.suspects.lines[number]
        doc = self.doc
        places = self.gloss_places[
            bisect_left(self.gloss_places, start) : bisect_right(self.gloss_places, end)
        ]
        glosses = {n - start: doc.glosses[n] for n in places}
        return Line(
            doc.shown[start:end],
            doc.read[start:end],
            glosses,
            expected(self.heads, number),
        )

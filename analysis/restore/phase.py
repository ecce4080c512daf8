"""Where a document is one byte out of phase, and what stands there.

`search` reads one passage; this module looks at the whole document. What officials would not
write, by the language model, is a suspect. Around each suspect the search weighs every start
against the null reading, that nothing is wrong. The document helps itself: its readable lines
are the model's cache, its glosses tell the site's habits, and its numbered paragraphs tell which
number is missing.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from .convert import usual
from .model import ORDER, Cache, Floats, Model, fold
from .search import Decoder, Habits, Line, Reading
from .tables import WIDE, encoded, readings, simplified
from .verdict import GLOSS

ODD = re.compile(
    r"[\u0250-\u03ff\u0400-\u052f\u2190-\u22ff\u2312-\u23ff\u2460-\u27bf\u3003-\u3007"
    r"\u3012-\u33ff\ue000-\uf8ff\ufe30-\ufe6f\uff3b-\uff40]"
)
SIGN = re.compile(
    r"(?m)^[·ˇ¨〃‖〕〗±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″¤￠￡‰§][\u3105-\u3129\u2500-\u254b\u4e00-\u9fff]{2}"
    r"|^[、。”’〉》」』】～…]?[\u3400-\u9fff]?[\u3105-\u3129\u2500-\u254b][\u3400-\u9fff\u2500-\u254b]"
    r"|[\u3400-\u9fff，。][\u3105-\u3129\u2500-\u254b\u0410-\u044f]{1,2}[\u3400-\u9fff]{2}"
)
BLANK = re.compile(r"[ \t\r\u3000\u200b]+")
# one full-width space alone at a line's start may be “ or — behind a stray byte: it is not left out
LEFT_OUT = re.compile(r"(?m)^(?!\u3000[^\s])[ \t\u3000\ufeff]+|" + GLOSS.pattern)
STRETCH = re.compile(r"[xX]x*")
NO_START = frozenset(
    "、。·ˉˇ¨〃々～‖…’”〕〉》」』〗】±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″℃＄¤￠￡‰§〓"
)
LONE = re.compile(r"(?m)^[@-Z\[-~](?=[\u4e00-\u9fff])")
LETTERS = frozenset("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")
USUAL = 6.5  # nats: what a character of readable prose hardly ever costs for long
ODD_COST = 4.0  # nats more for symbols that prose does not hold
SUSPICION = 8.0  # nats above the usual that make a stretch suspect
HEAD_SUSPICION = 2.0  # the same at the start of a line
SILENT_SUSPICION = 14.0  # the same where nothing marks its end
GAIN = 4.0  # nats that a reading must be above the null reading
NUMERALS = "一二三四五六七八九十百"
STYLES = tuple(
    re.compile(head + f"([{NUMERALS}]{{1,4}})" + tail)
    for head, tail in (("（", "）"), ("", "、"), ("第", "条"), ("第", "章"), ("", "是"), ("", "要"))
)


@dataclass(frozen=True)
class Plain:
    """A document without its glosses: `shown` as it stands, `read` simplified, `at` raw offsets.

    `glosses` maps an index to the reading that stood before the character there.
    """

    shown: str
    read: str
    at: list[int]
    glosses: dict[int, str]
    removed: tuple[tuple[int, int], ...] = ()

    @classmethod
    def same(cls, text: str) -> Plain:
        """Return a document in which nothing is left out."""
        return cls(text, text.translate(usual()), list(range(len(text) + 1)), {})

    def end(self, index: int) -> int:
        """Return the raw offset behind the last character before `index`."""
        return self.at[index - 1] + 1


@dataclass(frozen=True)
class Found:
    """A passage out of phase: its place in `Plain.shown`, and its readings, best first."""

    start: int
    end: int
    readings: tuple[Reading, ...] = field(default=())


def plain(text: str) -> Plain:
    """Return `text` without glosses (a Latin syllable in ASCII parentheses) and indents."""
    pieces: list[str] = []
    at: list[int] = []
    glosses: dict[int, str] = {}
    removed: list[tuple[int, int]] = []
    begin = 0
    for match in LEFT_OUT.finditer(text):
        start = match.start()
        reading = match[1]
        if reading and (not start or text[start - 1].isspace()):
            continue
        pieces.append(text[begin:start])
        at.extend(range(begin, start))
        if reading:
            glosses[len(at)] = reading
            removed.append(match.span())
        begin = match.end()
    pieces.append(text[begin:])
    at.extend(range(begin, len(text) + 1))
    shown = "".join(pieces)
    return Plain(shown, shown.translate(usual()), at, glosses, tuple(removed))


def suspicious(text: str) -> bool:
    """Whether symbols stand in `text` where only a passage out of phase has them."""
    return SIGN.search(text) is not None


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


@lru_cache(maxsize=1)
def _phases() -> dict[int, str]:
    """Return the table that marks each character: x could be out of phase, a dot could not."""

    class Marks(dict[int, str]):
        def __missing__(self, code: int) -> str:
            char = WIDE.get(chr(code), chr(code))
            pair = encoded().get(char)
            mark = "x" if pair and pair[1] > 0x80 and not char.isascii() else "."
            self[code] = mark
            return mark

    return Marks()


class Repairer:
    """Finds and reads the out-of-phase passages of one document."""

    def __init__(self, doc: Plain, model: Model, *, traditional: bool = True) -> None:
        self.doc = doc
        self.model = model
        self.starts = [0] + [m.end() for m in re.finditer("\n", doc.shown)]
        self.lines = [
            (start, (self.starts[n + 1] - 1 if n + 1 < len(self.starts) else len(doc.shown)))
            for n, start in enumerate(self.starts)
        ]
        self.suspects = self._suspects(self._surprise())
        self.cache = self._cache()
        self.suspects = self._suspects(self._surprise(self.cache))
        self.decoder = Decoder(model, habits(doc, traditional=traditional), self.cache)
        self.heads = [self._numbering(doc.read[start:end][:8]) for start, end in self.lines]

    # ---- suspects ---------------------------------------------------------------------------

    def _surprise(self, cache: Cache | None = None) -> Floats:
        """Return how unlikely each character of the document is (line ends count zero)."""
        text = "\n" * (ORDER - 1) + self.doc.read.replace("\n", "\n" * (ORDER - 1))
        surprise = -self.model.sequence(self.model.encode(text), cache)
        ends = np.frombuffer(self.doc.read.encode("utf-32-le", "surrogatepass"), np.uint32) == 10
        place = np.arange(len(ends)) + (ORDER - 2) * (np.cumsum(ends) - ends)
        out = surprise[place]
        out[ends] = 0.0
        for match in BLANK.finditer(self.doc.shown):
            out[match.start() : match.end()] = 0.0
        return out

    def _suspects(self, surprise: Floats) -> list[int]:
        """Return where a passage may begin to be out of phase: the first odd character of each.

        Inside a passage every character's second byte is a first byte, 0x81 or more; and nearly
        every passage ends at an ASCII character or at a gloss. So the text is cut into stretches
        that could be passages, and a stretch is suspect if its end is unlikely prose. At the
        start of a line less is enough: that is where most sites slip.
        """
        shown = self.doc.shown
        for match in ODD.finditer(shown):
            surprise[match.start()] += ODD_COST
        suspects: list[int] = []
        for match in STRETCH.finditer(self._inside()):
            start, end = match.span()
            heads_line = not start or shown[start - 1] == "\n"
            if end < len(shown) and shown[end] in LETTERS:
                end += 1
            gain = surprise[start:end] - USUAL
            from_here = np.cumsum(gain[::-1])[::-1]
            best = int(np.argmax(from_here))
            if shown[start] == "\u3000":
                from_here[0] += USUAL  # a space costs nothing
            if heads_line and (from_here[0] > HEAD_SUSPICION or shown[start] in NO_START):
                suspects.append(start)
            elif from_here[best] > SUSPICION:
                suspects.append(start + best)
            elif (at := _steepest(gain)) >= 0:
                suspects.append(start + at)
        suspects += [match.start() for match in LONE.finditer(shown)]
        return sorted(suspects)

    def _inside(self) -> str:
        """Return a mark for each character: x if it could be out of phase, a dot if it cannot."""
        marks = list(self.doc.shown.translate(_phases()))
        for index in self.doc.glosses:
            if index < len(marks) and marks[index] == "x":
                marks[index] = "X"  # a gloss stands before it: another stretch
        return "".join(marks)

    def _cache(self) -> Cache:
        """Count the document's readable passages."""
        read = list(map(fold, self.doc.read))
        inside = self._inside()
        for suspect in self.suspects:
            for n in range(max(suspect - 3, 0), len(read)):
                if n > suspect and (inside[n] != "x" or n > suspect + 30):
                    break
                if read[n] != "\n":
                    read[n] = "\ufffd"
        return self.model.cache("".join(read))

    # ---- numbering ---------------------------------------------------------------------------

    def _numbering(self, head: str) -> tuple[int, int] | None:
        """Return (style, number) of a line's head."""
        for style, pattern in enumerate(STYLES):
            match = pattern.match(head.replace("(", "（").replace(")", "）"))
            if match and (number := _number(match[1])):
                return style, number
        return None

    def _expected(self, line: int) -> tuple[tuple[str, float], ...]:
        """Return the numberings that the lines around make likely, with their chance."""
        chances: dict[tuple[int, int], float] = {}
        seen = {head[0] for head in self.heads if head}
        for style in seen:
            chances[style, 1] = 0.05
            before = next((h[1] for h in reversed(self.heads[:line]) if h and h[0] == style), None)
            after = next((h[1] for h in self.heads[line + 1 :] if h and h[0] == style), None)
            if before is not None:
                chances[style, before + 1] = 0.35
            if after is not None and after > 1:
                chance = chances.get((style, after - 1), 0.0)
                chances[style, after - 1] = 0.8 if chance > 0.1 else 0.3
        return tuple(
            (_head(style, number), chance)
            for (style, number), chance in chances.items()
            if number < 100
        )

    # ---- passages ----------------------------------------------------------------------------

    def repair(self) -> list[Found]:
        """Return every passage that reads better otherwise, in order of place."""
        found: list[Found] = []
        done = -1
        position = 0
        while position < len(self.suspects):
            suspect = self.suspects[position]
            position += 1
            if suspect < done:
                continue
            passage = self._passage(suspect, done)
            if passage is not None:
                found.append(passage)
                done = passage.end
        return found

    def _passage(self, suspect: int, done: int) -> Found | None:
        number = bisect_right(self.starts, suspect) - 1
        start, _end = self.lines[number]
        line = self._line(number)
        first = max(suspect - 3 - start, done - start, 0)
        for place in range(suspect - start - 1, first - 1, -1):
            if line.shown[place].isascii():
                first = place + 1
                break
            if place in line.glosses:
                first = place
                break
        starts = dict.fromkeys(range(first, suspect - start + 1), -7.0)
        if 0 in starts:
            starts[0] = -1.0
        last = suspect - start
        while (
            last < len(line.shown)
            and not line.shown[last].isascii()
            and (last + 1 not in line.glosses)
        ):
            last += 1
        last = min(last + 1, len(line.shown), suspect - start + 60)
        best = self.decoder.readings(line, starts, last)
        best = [r for r in best if r.score > GAIN]
        if not best:
            return None
        if best[0].start == 0:
            self.heads[number] = self._numbering(best[0].text)
        return Found(start + best[0].start, start + best[0].end, tuple(best))

    def _line(self, number: int) -> Line:
        start, end = self.lines[number]
        doc = self.doc
        glosses = {n - start: r for n, r in doc.glosses.items() if start <= n <= end}
        return Line(
            doc.shown[start:end],
            "".join(map(fold, doc.read[start:end])),
            glosses,
            self._expected(number),
        )


def _steepest(gain: Floats) -> int:
    """Return where the largest rise of the sum of `gain` begins, or -1 if it is not large."""
    total = np.concatenate(([0.0], np.cumsum(gain)))
    rise = total - np.minimum.accumulate(total)
    top = int(np.argmax(rise))
    return int(np.argmin(total[: top + 1])) if rise[top] > SILENT_SUSPICION else -1


def _number(text: str) -> int:
    """Return the value of a Chinese numeral below 100 (0 if it is none).

    >>> [_number(n) for n in ("三", "十", "十二", "二十", "三十四")]
    [3, 10, 12, 20, 34]
    """
    tens, ten, units = text.rpartition("十")
    if not ten:
        return NUMERALS.find(units) + 1 if len(units) == 1 else 0
    first = NUMERALS.find(tens) + 1 if len(tens) == 1 else 1 if not tens else 0
    rest = NUMERALS.find(units) + 1 if len(units) == 1 else 0
    return first * 10 + rest if first and len(units) < 2 else 0


def _numeral(value: int) -> str:
    tens, units = divmod(value, 10)
    return (
        (NUMERALS[tens - 1] if tens > 1 else "")
        + ("十" if tens else "")
        + (NUMERALS[units - 1] if units else "")
    )


def _head(style: int, number: int) -> str:
    head, tail = (("（", "）"), ("", "、"), ("第", "条"), ("第", "章"), ("", "是"), ("", "要"))[
        style
    ]
    return head + _numeral(number) + tail

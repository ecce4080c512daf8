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
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .convert import usual
from .model import ORDER, UNKNOWN, Cache, Floats, Model
from .search import Decoder, Habits, Line, Reading
from .tables import encoded, readings, simplified
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
ODD_HEAD = re.compile(
    r"(?m)^[·ˇ¨〃‖〕〗】±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″¤￠￡‰§"
    r"、。‘〈〉「『〔〖…～][\u3105-\u3129\u2500-\u254b\u4e00-\u9fff]{0,6}[@-~\u3105-\u3129\u2500-\u254b]"
    r"|^\u3000[\u4e00-\u9fff]{0,7}[@-~]"
)
BLANK = re.compile(r"[ \t\r\u3000\u200b]+")
# one full-width space alone at a line's start may be “ or — behind a stray byte: it is not left out
LEFT_OUT = re.compile(r"(?m)^(?!\u3000[^\s])[ \t\u3000\ufeff]+|" + GLOSS.pattern)
NO_START = frozenset(
    "、。·ˉˇ¨〃々～‖…’”〕〉》」』〗】±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″℃＄¤￠￡‰§〓\u3000"
)
NEVER_START = NO_START - frozenset("、。·’”〉》」』…～\u3000")
LONE_SPACE = re.compile(r"(?m)^\u3000")
LONE = re.compile(r"(?m)(?:^|(?<=[\u4e00-\u9fff，。；、”,;]))[@-Z\[-~](?=[\u4e00-\u9fff])")
LONE_SMALL = re.compile(LONE.pattern.replace("@-Z", ""))
LETTERS = frozenset("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~")
EVERYDAY = 8.2  # nats: rarer characters make a stretch worth a look
FLAG = 2.5  # nats above that, at the end of a stretch
SILENT_FLAG = 10.0  # the same anywhere in it
USUAL = 6.5  # nats: what a character of readable prose hardly ever costs for long
MOST = 13.0  # nats that a single character can be odd
ODD_COST = 4.0  # nats more for symbols that prose does not hold
SUSPICION = 8.0  # nats above the usual that make a stretch suspect
MISREAD_GAIN = -8.0  # the same before a gloss that fits nothing: the null reading is impossible
CAUTION = 12.0  # more than that where the document shows no other sign
HEAD_SUSPICION = 2.0  # the same at the start of a line
SILENT_SUSPICION = 14.0  # the same where nothing marks its end
CHANCE = -7.0  # log of the chance that a passage begins at a given place
HEAD_CHANCE = -1.0  # the same at the start of a line that looks odd
MISREAD_CHANCE = 0.0  # before a gloss that does not fit its character
REACH = 8  # characters behind a suspect where a passage may still begin
ODD_HEAD_CHANCE = 5.0  # where the line starts with a mark that lines do not start with
GAIN = 4.0  # nats that a reading must be above the null reading
NUMERALS = "一二三四五六七八九十百"
STYLES = tuple(
    re.compile(head + f"([{NUMERALS}]{{1,4}})" + tail)
    for head, tail in (("（", "）"), ("", "、"), ("第", "条"), ("第", "章"), ("", "是"), ("", "要"))
)


@dataclass(frozen=True)
class Plain:
    """A document without its glosses: `shown` as it stands, `read` simplified, `at` raw offsets.

    `glosses` maps an index to the reading that stood before the character there, `removed` to the
    raw place of that gloss.
    """

    shown: str
    read: str
    at: list[int]
    glosses: dict[int, str]
    removed: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def same(cls, text: str) -> Plain:
        """Return a document in which nothing is left out."""
        return cls(text, text.translate(usual()), list(range(len(text) + 1)), {})

    def end(self, index: int) -> int:
        """Return the raw offset behind the last character before `index`."""
        return self.at[index - 1] + 1


@dataclass(frozen=True)
class Found:
    """A passage out of phase: its place in `Plain.shown`, and its readings, best first.

    `oddest` says how unlikely the unlikeliest character of the best reading is, in nats.
    """

    start: int
    end: int
    readings: tuple[Reading, ...] = field(default=())
    oddest: float = 0.0


def plain(text: str) -> Plain:
    """Return `text` without glosses (a Latin syllable in ASCII parentheses) and indents."""
    pieces: list[str] = []
    at: list[int] = []
    glosses: dict[int, str] = {}
    removed: dict[int, tuple[int, int]] = {}
    begin = 0
    for match in LEFT_OUT.finditer(text):
        start = match.start()
        reading = match[1]
        if reading and start and text[start - 1] in " \t\u3000":
            continue
        pieces.append(text[begin:start])
        at.extend(range(begin, start))
        if reading:
            glosses[len(at)] = reading
            removed[len(at)] = match.span()
        begin = match.end()
    pieces.append(text[begin:])
    at.extend(range(begin, len(text) + 1))
    shown = "".join(pieces)
    return Plain(shown, shown.translate(usual()), at, glosses, removed)


def suspicious(text: str, *, traditional: bool = False) -> bool:
    """Whether symbols stand in `text` where only a passage out of phase has them.

    In a traditional text less is enough: a line that starts with an odd mark.
    """
    if SIGN.search(text):
        return True
    return traditional and ODD_HEAD.search(text) is not None


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
def _inside_table() -> npt.NDArray[np.bool_]:
    """Return for each code point whether it can stand inside a passage."""
    table = np.zeros(0x10000, dtype=bool)
    for char, (_, trail) in encoded().items():
        table[ord(char)] = trail > 0x80 and not char.isascii()
    return table


@lru_cache(maxsize=1)
def _no_start_table() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(char) for char in NO_START]] = True
    return table


@lru_cache(maxsize=1)
def _letter_table() -> npt.NDArray[np.bool_]:
    table = np.zeros(0x10000, dtype=bool)
    table[[ord(char) for char in LETTERS]] = True
    return table


def _strangeness(model: Model) -> Floats:
    """Return for each code point how much rarer it is than everyday characters, in nats."""
    found: Floats | None = model.memo.get("strangeness")
    if found is None:
        chars = [chr(code) for code in range(0xFFFF)]
        chars = [simplified().get(char, char)[0] for char in chars]
        symbols = np.array([model.symbol(char) for char in chars] + [UNKNOWN])
        found = np.maximum(-model.tables[1].logp[symbols], 0.0) - EVERYDAY
        found[[ord(char) for char in "　 \t\r\n"]] = 0.0
        found[[ord(char) for char in NO_START]] += ODD_COST
        model.memo["strangeness"] = found
    return found


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
        self.indented = 2 * len(LONE_SPACE.findall(doc.shown)) > len(self.lines) > 8
        self.gloss_places = sorted(doc.glosses)
        self.misread = self._misread()
        # a document that shows no other sign of slipping must be very odd somewhere
        signs = bool(self.misread) or suspicious(doc.shown) or LONE_SMALL.search(doc.shown) is not None
        self.caution = 0.0 if signs else CAUTION
        self.suspects: list[int] = []
        stretches = self._flagged()
        if not stretches and not self.misread:
            return
        numbers = sorted({number for _, _, number in stretches})
        first = self._suspects(stretches, self._surprise(numbers))
        if not first:
            return
        self.cache = self._cache(first)
        self.suspects = self._suspects(stretches, self._surprise(numbers, self.cache))
        self.decoder = Decoder(model, habits(doc, traditional=traditional), self.cache)
        self.heads = [self._numbering(doc.read[start:end][:8]) for start, end in self.lines]

    # ---- suspects ---------------------------------------------------------------------------

    def _flagged(self) -> list[tuple[int, int, int]]:
        """Return the stretches worth a closer look: (start, end, number of the line).

        Inside a passage every character's second byte is a first byte, 0x81 or more; and nearly
        every passage ends at an ASCII character or at a gloss. So the text is cut into stretches
        that could be passages; those made of everyday characters are passed over.
        """
        doc, shown = self.doc, self.doc.shown
        codes = np.frombuffer(shown.encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(codes, 0xFFFF)
        inside = _inside_table()[codes]
        edge = np.flatnonzero(np.diff(inside, prepend=False, append=False))
        glossed = np.fromiter(doc.glosses, dtype=np.int64, count=len(doc.glosses))
        glossed = glossed[glossed < len(codes)]
        glossed = glossed[inside[glossed]]
        starts = np.sort(np.concatenate([edge[::2], glossed]))
        ends = np.sort(np.concatenate([edge[1::2], glossed]))
        misread = np.array(sorted(self.misread), dtype=np.int64)
        keep = starts < ends
        starts, ends = starts[keep], ends[keep]
        if not len(starts):
            return []
        strange = _strangeness(self.model)[codes]
        total = np.concatenate(([0.0], np.cumsum(strange)))
        marks = np.stack([starts, ends + 1], axis=1).ravel()
        lowest = np.minimum.reduceat(np.append(total, np.inf), marks)[::2]
        tail = total[ends] - lowest
        head = (starts == 0) | (codes[np.maximum(starts - 1, 0)] == 10)
        rise = np.concatenate(([0.0], np.cumsum(np.maximum(strange, 0.0))))
        chosen = (
            np.isin(ends, misread)
            | (tail > FLAG)
            | (rise[ends] - rise[starts] > SILENT_FLAG)
            | (
                head
                & (
                    (strange[starts] > 0)
                    | _no_start_table()[codes[starts]]
                    | _letter_table()[np.append(codes, 10)[ends]]
                    | (total[ends] - total[starts] > 0)
                )
            )
        )
        out = [
            (int(i), int(j), bisect_right(self.starts, int(i)) - 1)
            for i, j in zip(starts[chosen], ends[chosen], strict=True)
        ]
        pattern = LONE_SMALL if self.caution else LONE
        lone = [m.start() for m in pattern.finditer(shown)]
        out += [(at, at + 1, bisect_right(self.starts, at) - 1) for at in lone]
        return sorted(out)

    def _surprise(self, lines: list[int], cache: Cache | None = None) -> dict[int, Floats]:
        """Return how unlikely each character of some lines is."""
        read = self.doc.read
        gap = "\n" * (ORDER - 1)
        texts = [read[slice(*self.lines[n])] for n in lines]
        surprise = -self.model.sequence(self.model.encode(gap + gap.join(texts)), cache)
        out: dict[int, Floats] = {}
        at = 0
        for n, text in zip(lines, texts, strict=True):
            values = np.minimum(surprise[at : at + len(text)], MOST)
            for match in BLANK.finditer(text):
                values[match.start() : match.end()] = 0.0
            for match in ODD.finditer(text):
                values[match.start()] += ODD_COST
            out[n] = values
            at += len(text) + ORDER - 1
        return out

    def _suspects(
        self, stretches: list[tuple[int, int, int]], surprise: dict[int, Floats]
    ) -> list[int]:
        """Return where a passage may begin to be out of phase: the first odd character of each.

        A stretch is suspect if its end is unlikely prose. At the start of a line less is enough:
        that is where most sites slip.
        """
        shown = self.doc.shown
        suspects = {at for at in self.misread if not at or shown[at - 1] in "\n，。；：、,;:”"}
        for start, end, number in stretches:
            line_start = self.lines[number][0]
            if end < len(shown) and shown[end] in LETTERS:
                end += 1
            gain = surprise[number][start - line_start : end - line_start] - USUAL
            if shown[start] == "\u3000":
                gain[0] = 0.0
            from_here = np.cumsum(gain[::-1])[::-1]
            best = int(np.argmax(from_here))
            if start == line_start and (
                shown[start] in NO_START
                or shown[end - 1] in LETTERS
                or (from_here[0] > HEAD_SUSPICION + self.caution and best <= 2)
            ):
                suspects.add(start)
            elif (
                from_here[best] > SUSPICION + self.caution
                or shown[start] in LETTERS
                or end in self.misread
            ):
                suspects.add(start + best)
            elif (at := _steepest(gain, SILENT_SUSPICION + self.caution)) >= 0:
                suspects.add(start + at)
        return sorted(suspects)

    def _cache(self, suspects: list[int]) -> Cache:
        """Count the document's readable passages."""
        read = list(self.doc.read)
        shown = self.doc.shown
        for suspect in suspects:
            for n in range(max(suspect - 3, 0), min(suspect + 30, len(read))):
                if n > suspect and (shown[n].isascii() or n in self.doc.glosses):
                    break
                if read[n] != "\n":
                    read[n] = "\ufffd"
        return self.model.cache("".join(read))

    # ---- numbering ---------------------------------------------------------------------------

    def _numbering(self, head: str) -> tuple[int, int] | None:
        """Return (style, number) of a line's head."""
        for style, pattern in enumerate(STYLES):
            match = pattern.match(head.replace("(", "（").replace(")", "）"))
            if match and (number := number_of(match[1])):
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
            if start + place in self.misread:
                starts[place] = max(starts.get(place, CHANCE), MISREAD_CHANCE)
        best = [
            r for r in self.decoder.readings(line, starts, last)
            if r.score > (MISREAD_GAIN if start + r.end in self.misread else GAIN)
        ]
        if not best:
            if suspect == 0 and line.shown[0] in NEVER_START:
                return Found(start, start + last)
            return None
        if best[0].start == 0:
            self.heads[number] = self._numbering(best[0].text)
        return Found(start + best[0].start, start + best[0].end, tuple(best),
                     self._oddest(line, best[0]))

    def _oddest(self, line: Line, reading: Reading) -> float:
        """Return how unlikely the unlikeliest character of a reading is, or one just behind it."""
        before = ("\n" * (ORDER - 1) + line.read[: reading.start])[-(ORDER - 1) :]
        behind = line.read[reading.end : reading.end + 2]
        surprise = -self.model.sequence(
            self.model.encode(before + reading.text + behind), self.cache)
        return float(surprise.max()) if len(surprise) else 0.0

    @staticmethod
    def _walled(line: Line, place: int) -> bool:
        """Whether a passage cannot go on behind `place` without being back in phase."""
        shown = line.shown
        return (
            place in line.glosses or place >= len(shown) or shown[place].isascii()
            or place + 1 in line.glosses
        )

    def _misread(self) -> frozenset[int]:
        """Return where a gloss does not fit the character before it: that one is not the glossed."""
        shown = self.doc.shown
        return frozenset(
            index for index, reading in self.doc.glosses.items()
            if not index or shown[index - 1] == "\n" or reading not in readings(shown[index - 1])
        )

    def _line(self, number: int) -> Line:
        start, end = self.lines[number]
        doc = self.doc
        places = self.gloss_places[
            bisect_left(self.gloss_places, start) : bisect_right(self.gloss_places, end)
        ]
        glosses = {n - start: doc.glosses[n] for n in places}
        return Line(
            doc.shown[start:end],
            doc.read[start:end],
            glosses,
            self._expected(number),
        )


def _steepest(gain: Floats, least: float) -> int:
    """Return where the largest rise of the sum of `gain` begins, or -1 if it is not above `least`."""
    total = np.concatenate(([0.0], np.cumsum(gain)))
    rise = total - np.minimum.accumulate(total)
    top = int(np.argmax(rise))
    return int(np.argmin(total[: top + 1])) if rise[top] > least else -1


def number_of(text: str) -> int:
    """Return the value of a Chinese numeral below 100 (0 if it is none).

    >>> [number_of(n) for n in ("三", "十", "十二", "二十", "三十四")]
    [3, 10, 12, 20, 34]
    """
    tens, ten, units = text.rpartition("十")
    if not ten:
        return NUMERALS.find(units) + 1 if len(units) == 1 else 0
    first = NUMERALS.find(tens) + 1 if len(tens) == 1 else 1 if not tens else 0
    rest = NUMERALS.find(units) + 1 if len(units) == 1 else 0
    return first * 10 + rest if first and len(units) < 2 else 0


def numeral(value: int) -> str:
    """Return the Chinese numeral of a number below 100."""
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
    return head + numeral(number) + tail

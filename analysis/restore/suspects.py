"""Where a document may be one byte out of phase: what officials would not write.

Two sieves. The coarse one takes a look-up for each character and passes over everything made of
everyday characters. What is left is weighed by the language model: first as it is, then with the
document's own readable passages counted in, so that a place name that stands everywhere in it is
no surprise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cache

import numpy as np

from .characters import codes, encoded, flags, readings, usual
from .document import Plain
from .model import GAP, UNKNOWN, Counts, Floats, Mask, Model

SYMBOLS = "·ˇ¨〃‖〕〗±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″¤￠￡‰§"
BOX = r"\u3105-\u3129\u2500-\u254b"  # phonetic symbols and box drawings
HAN = r"\u4e00-\u9fff"
ODD = re.compile(
    r"[\u0250-\u03ff\u0400-\u052f\u2190-\u22ff\u2312-\u23ff\u2460-\u27bf\u3003-\u3007"
    r"\u3012-\u33ff\ue000-\uf8ff\ufe30-\ufe6f\uff3b-\uff40]"
)
SIGN = re.compile(
    rf"(?m)^[{SYMBOLS}][{BOX}{HAN}]{{2}}"
    rf"|^(?!──)[、。”’〉》」』】～…]?[\u3400-\u9fff]?[{BOX}][\u3400-\u9fff\u2500-\u254b]"
    rf"|[\u3400-\u9fff，。][{BOX}\u0410-\u044f]{{1,2}}[\u3400-\u9fff]{{2}}"
)
ODD_HEAD = re.compile(
    rf"(?m)^[{SYMBOLS}】、。‘〈〉「『〔〖…～][{BOX}{HAN}]{{0,6}}[@-~{BOX}]"
    rf"|^\u3000[{HAN}]{{0,7}}[@-~]"
)
BLANK = re.compile(r"[ \t\r\u3000\u200b]+")
NEVER_START = frozenset(SYMBOLS + "ˉ々】℃＄〓") - {"·"}
NO_START = NEVER_START | frozenset("、。·’”〉》」』…～\u3000")
LONE = re.compile(rf"(?m)(?:^|(?<=[{HAN}，。；、”,;]))[@-Z\[-~](?=[{HAN}])")
LONE_SMALL = re.compile(LONE.pattern.replace("@-Z", ""))
# a first byte lost with the stray one shows as "?"; the run ends with a byte that shows as a letter
BLOT = re.compile(r"(?<=\?)[^\x00-\x7f\n]{1,12}(?=[@-~])")
LETTERS = frozenset(map(chr, range(ord("@"), 0x7F)))
EVERYDAY = 8.2  # nats: rarer characters make a stretch worth a look
FLAG = 2.5  # nats above that, at the end of a stretch
SILENT_FLAG = 10.0  # the same anywhere in it
USUAL = 6.5  # nats: what a character of readable prose hardly ever costs for long
MOST = 13.0  # nats that a single character can be odd
ODD_COST = 4.0  # nats more for symbols that prose does not hold
SUSPICION = 8.0  # nats above the usual that make a stretch suspect
CAUTION = 12.0  # more than that where the document shows no other sign
HEAD_SUSPICION = 2.0  # the same at the start of a line
SILENT_SUSPICION = 14.0  # the same where nothing marks its end
WRECKED = 50  # suspects, if there is one to every 20 characters, that say: another encoding


def suspicious(text: str, *, traditional: bool = False) -> bool:
    """Whether symbols stand in `text` where only a passage out of phase has them.

    In a traditional text less is enough: a line that starts with an odd mark.
    """
    return bool(SIGN.search(text) or (traditional and ODD_HEAD.search(text)))


@cache
def _lookups() -> tuple[Mask, Mask, Mask]:
    """Return what can stand inside a passage, what starts no line, and letters, by code point."""
    pairs = encoded().items()
    inside = flags(char for char, (_, trail) in pairs if trail > 0x80 and not char.isascii())
    return inside, flags(NO_START), flags(LETTERS)


def _strangeness(model: Model) -> Floats:
    """Return for each code point how much rarer it is than everyday characters, in nats."""
    found: Floats | None = model.memo.get("strangeness")
    if found is None:
        chars = "".join(map(chr, range(0xFFFF))).translate(usual())
        symbols = np.append(model.encode(chars), UNKNOWN)
        found = np.maximum(-model.tables[1].logp[symbols], 0.0) - EVERYDAY
        found[[ord(char) for char in "\u3000 \t\r\n"]] = 0.0
        found[[ord(char) for char in NO_START]] += ODD_COST
        model.memo["strangeness"] = found
    return found


class Suspects:
    """The places of one document where a passage may begin: `found`.

    `lines` holds the span of each line, `counts` the n-grams of the readable passages, `misread`
    the places of glosses that do not fit the character before them.
    """

    def __init__(self, doc: Plain, model: Model) -> None:
        self.doc = doc
        self.model = model
        self.lines = [match.span() for match in re.finditer("(?m)^.*$", doc.shown)]
        self.starts = [start for start, _ in self.lines]
        self.misread = frozenset(
            index
            for index, reading in doc.glosses.items()
            if reading not in readings(doc.shown[index - 1 : index])
        )
        # a document that shows no other sign of slipping must be very odd somewhere
        signs = self.misread or suspicious(doc.shown) or LONE_SMALL.search(doc.shown)
        signs = signs or BLOT.search(doc.shown)
        self.caution = 0.0 if signs else CAUTION
        self.found: list[int] = []
        self.counts: list[Counts] = []
        stretches = self._flagged()
        blots = [] if self.caution else [match.start() for match in BLOT.finditer(doc.shown)]
        if not stretches and not self.misread and not blots:
            return
        first = sorted({*self._suspects(stretches), *blots})
        if first:
            self.counts = self._readable(first)
            self.found = sorted({*self._suspects(stretches), *blots})

    @property
    def wrecked(self) -> bool:
        """Whether this is no text with broken passages but one in another encoding."""
        return len(self.found) > max(WRECKED, len(self.doc.read) / 20)

    def line_of(self, at: int) -> int:
        """Return the number of the line in which `at` stands."""
        return bisect_right(self.starts, at) - 1

    def _flagged(self) -> list[tuple[int, int]]:
        """Return the stretches worth a closer look.

        Inside a passage every character's second byte is a first byte, 0x81 or more; and nearly
        every passage ends at an ASCII character or at a gloss. So the text is cut into stretches
        that could be passages; those made of everyday characters are passed over.
        """
        chars = np.minimum(codes(self.doc.shown), 0xFFFF)
        inside, no_start, letter = (table[np.append(chars, 10)] for table in _lookups())
        edge = np.flatnonzero(np.diff(inside, prepend=False))
        glossed = [index for index in self.doc.glosses if inside[index]]
        starts = np.sort(np.append(edge[::2], glossed)).astype(int)
        ends = np.sort(np.append(edge[1::2], glossed)).astype(int)
        starts, ends = starts[starts < ends], ends[starts < ends]
        if not len(starts):
            return []
        strange = _strangeness(self.model)[chars]
        total = np.concatenate(([0.0], np.cumsum(strange)))
        rise = np.concatenate(([0.0], np.cumsum(np.maximum(strange, 0.0))))
        marks = np.stack([starts, ends + 1], axis=1).ravel()
        lowest = np.minimum.reduceat(np.append(total, np.inf), marks)[::2]
        head = (starts == 0) | (chars[starts - 1] == 10)
        head &= (
            (np.maximum(strange[starts], total[ends] - total[starts]) > self.caution)
            | no_start[starts]
            | letter[ends]
        )
        chosen = head | np.isin(ends, list(self.misread))
        chosen |= total[ends] - lowest > FLAG + self.caution
        chosen |= rise[ends] - rise[starts] > SILENT_FLAG + self.caution
        stretches = list(zip(starts[chosen].tolist(), ends[chosen].tolist(), strict=True))
        lone = (LONE_SMALL if self.caution else LONE).finditer(self.doc.shown)
        return sorted(stretches + [(match.start(), match.start() + 1) for match in lone])

    def _surprise(self, stretches: Sequence[tuple[int, int]]) -> dict[int, Floats]:
        """Return how unlikely each character is, for each line that holds a stretch."""
        numbers = sorted({self.line_of(start) for start, _ in stretches})
        texts = [self.doc.read[slice(*self.lines[number])] for number in numbers]
        surprise = self.model.surprise(GAP.join(texts), self.counts)
        out: dict[int, Floats] = {}
        at = 0
        for number, text in zip(numbers, texts, strict=True):
            values = np.minimum(surprise[at : at + len(text)], MOST)
            for match in BLANK.finditer(text):
                values[slice(*match.span())] = 0.0
            for match in ODD.finditer(text):
                values[match.start()] += ODD_COST
            out[number] = values
            at += len(text) + len(GAP)
        return out

    def _suspects(self, stretches: Sequence[tuple[int, int]]) -> list[int]:
        """Return where a passage may begin to be out of phase: the first odd character of each.

        A stretch is suspect if its end is unlikely prose. At the start of a line less is enough:
        that is where most sites slip.
        """
        shown, caution = self.doc.shown, self.caution
        surprise = self._surprise(stretches)
        suspects = {at for at in self.misread if not at or shown[at - 1] in "\n，。；：、,;:”"}
        for start, wall in stretches:
            number = self.line_of(start)
            line_start = self.starts[number]
            end = wall + (shown[wall : wall + 1] in LETTERS)
            gain = surprise[number][start - line_start : end - line_start] - USUAL
            if shown[start] == "\u3000":
                gain[0] = 0.0
            from_here = np.cumsum(gain[::-1])[::-1]
            best = int(np.argmax(from_here))
            if start == line_start and (
                shown[start] in (NEVER_START | {"\u3000"} if caution else NO_START)
                or shown[end - 1] in LETTERS
                or (from_here[0] > HEAD_SUSPICION + caution and best <= 2)
            ):
                suspects.add(start)
            elif (
                from_here[best] > SUSPICION + caution
                or shown[start] in LETTERS
                or end in self.misread
            ):
                suspects.add(start + best)
            elif (at := _steepest(gain, SILENT_SUSPICION + caution)) >= 0:
                suspects.add(start + at)
        return sorted(suspects)

    def _readable(self, suspects: list[int]) -> list[Counts]:
        """Count the document's readable passages."""
        shown, read = self.doc.shown, list(self.doc.read)
        for suspect in suspects:
            for n in range(max(suspect - 3, 0), min(suspect + 30, len(read))):
                if n > suspect and (shown[n].isascii() or n in self.doc.glosses):
                    break
                if read[n] != "\n":
                    read[n] = "\ufffd"
        return self.model.count("".join(read))


def _steepest(gain: Floats, least: float) -> int:
    """Return where the largest rise of the sum of `gain` begins, or -1 if it is below `least`."""
    total = np.concatenate(([0.0], np.cumsum(gain)))
    rise = total - np.minimum.accumulate(total)
    top = int(np.argmax(rise))
    return int(np.argmin(total[: top + 1])) if rise[top] > least else -1

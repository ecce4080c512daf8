"""Where a document may be one byte out of phase: what officials would not write.

Two sieves. The coarse one takes a look-up for each character and passes over everything made of
everyday characters. What is left is weighed by the language model: first as it is, then with the
document's own readable passages as a cache, so that a place name that stands everywhere in it is
no surprise.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from .model import ORDER, UNKNOWN, Cache, Floats, Model
from .plain import Plain
from .tables import encoded, readings, simplified

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
NO_START = frozenset(
    "、。·ˉˇ¨〃々～‖…’”〕〉》」』〗】±×÷∶∧∨∑∏∪∩∈∷√⊥∥∠⌒⊙∫∮≡≌≈∽∝≠≮≯≤≥∞∵∴♂♀°′″℃＄¤￠￡‰§〓\u3000"
)
NEVER_START = NO_START - frozenset("、。·’”〉》」』…～\u3000")
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
CAUTION = 12.0  # more than that where the document shows no other sign
HEAD_SUSPICION = 2.0  # the same at the start of a line
SILENT_SUSPICION = 14.0  # the same where nothing marks its end


def suspicious(text: str, *, traditional: bool = False) -> bool:
    """Whether symbols stand in `text` where only a passage out of phase has them.

    In a traditional text less is enough: a line that starts with an odd mark.
    """
    if SIGN.search(text):
        return True
    return traditional and ODD_HEAD.search(text) is not None


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


class Suspects:
    """The places of one document where a passage may begin: `found`.

    `cache` counts the readable passages, `misread` holds the places of glosses that do not fit.
    """

    def __init__(self, doc: Plain, model: Model) -> None:
        self.doc = doc
        self.model = model
        self.starts = [0] + [m.end() for m in re.finditer("\n", doc.shown)]
        self.lines = [
            (start, (self.starts[n + 1] - 1 if n + 1 < len(self.starts) else len(doc.shown)))
            for n, start in enumerate(self.starts)
        ]
        self.misread = self._misread()
        # a document that shows no other sign of slipping must be very odd somewhere
        signs = (
            bool(self.misread) or suspicious(doc.shown) or LONE_SMALL.search(doc.shown) is not None
        )
        self.caution = 0.0 if signs else CAUTION
        self.found: list[int] = []
        self.cache: Cache | None = None
        stretches = self._flagged()
        if not stretches and not self.misread:
            return
        numbers = sorted({number for _, _, number in stretches})
        first = self._suspects(stretches, self._surprise(numbers))
        if first:
            self.cache = self._cache(first)
            self.found = self._suspects(stretches, self._surprise(numbers, self.cache))

    def _misread(self) -> frozenset[int]:
        """Return where a gloss does not fit the character before it."""
        shown = self.doc.shown
        return frozenset(
            index
            for index, reading in self.doc.glosses.items()
            if not index or shown[index - 1] == "\n" or reading not in readings(shown[index - 1])
        )

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
            | (tail > FLAG + self.caution)
            | (rise[ends] - rise[starts] > SILENT_FLAG + self.caution)
            | (
                head
                & (
                    (strange[starts] > self.caution)
                    | _no_start_table()[codes[starts]]
                    | _letter_table()[np.append(codes, 10)[ends]]
                    | (total[ends] - total[starts] > self.caution)
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
        for start, wall, number in stretches:
            line_start = self.lines[number][0]
            end = wall + (wall < len(shown) and shown[wall] in LETTERS)
            gain = surprise[number][start - line_start : end - line_start] - USUAL
            if shown[start] == "\u3000":
                gain[0] = 0.0
            from_here = np.cumsum(gain[::-1])[::-1]
            best = int(np.argmax(from_here))
            if start == line_start and (
                shown[start] in (NEVER_START | {"\u3000"} if self.caution else NO_START)
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


def _steepest(gain: Floats, least: float) -> int:
    """Return where the largest rise of the sum of `gain` begins, or -1 if it is below `least`."""
    total = np.concatenate(([0.0], np.cumsum(gain)))
    rise = total - np.minimum.accumulate(total)
    top = int(np.argmax(rise))
    return int(np.argmin(total[: top + 1])) if rise[top] > least else -1

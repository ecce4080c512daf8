"""What kind of document is this? Asked first, because without a trace nothing may be touched.

A legitimate text in traditional characters, a text about pinyin, a text typed with ASCII commas:
all look like damage to a rule that sees one line. So the document is judged as a whole, and the
rules that rewrite prose run only where the mirror's own traces are present:

- glosses: converted characters followed by their reading in ASCII parentheses, consistently;
- words that no legitimate traditional text has, because a converter that goes character by
  character cannot tell 模范 from 范 the surname (示范, 斗爭, 關系), or 面 from 麵 (方麵);
- passages out of phase (found by `phase`, where these two are missing and something odd is seen).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from .tables import VOWELS, forms, readings, simplified

GLOSS = re.compile(rf"\(([a-zü]{{0,3}}[{VOWELS}aeiouü][a-zü{VOWELS}]{{0,4}})\)")
GLOSSED = re.compile("([\u3400-\u9fff])" + GLOSS.pattern)
TONES = frozenset("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ")
NEAR = 8  # characters around a word that must be traditional too
MIXED = 0.5  # simplified characters per traditional one above which a text is not converted


@dataclass(frozen=True)
class Verdict:
    """The traces of a mirror in a document.

    `glossed` holds the characters that carry glosses, `words` the impossible words; `traditional`
    says that the text as a whole is in traditional characters.
    """

    traditional: bool = False
    glossed: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()

    @property
    def mirrored(self) -> bool:
        """Whether the document shows that a mirror converted or glossed it."""
        return bool(self.glossed) or bool(self.words)


def examine(text: str) -> Verdict:
    """Return the traces in `text`.

    >>> examine("深化機構改革,規范權力運行").words
    ('規范',)
    >>> examine("「學」(xué) 是第二聲").mirrored
    False
    """
    glossed = _glossed(text) if "(" in text else frozenset[str]()
    traditional, plain = counts(text)
    if not traditional or plain > MIXED * traditional:
        return Verdict(glossed=glossed)
    return Verdict(True, glossed, () if glossed else _words(text))


def _words(text: str) -> tuple[str, ...]:
    """Return the impossible words that stand among traditional characters."""
    found: dict[str, None] = {}
    if "(" in text:
        text = GLOSS.sub("", text)
    for match in words_pattern().finditer(text):
        around = text[max(match.start() - NEAR, 0) : match.end() + NEAR]
        if traditional_pattern().search(around) and not simplified_pattern().search(around):
            found[match[0]] = None
    return tuple(found)


def _glossed(text: str) -> frozenset[str]:
    """Return the characters that the document glosses as a mirror does, or none.

    A mirror glosses converted characters, each wherever it stands and with one reading. A reader's
    aid stands once, at a character that need not be a converted one.
    """
    found: dict[str, Counter[str]] = {}
    foreign = total = 0
    for (char, reading), count in Counter(GLOSSED.findall(text)).items():
        if TONES.isdisjoint(reading):
            continue
        total += count
        if char in simplified() and reading in readings(char):
            found.setdefault(char, Counter())[reading] += count
        else:
            foreign += count
    consistent = {
        char
        for char, kinds in found.items()
        if len(kinds) == 1 and 2 * kinds.total() > text.count(char)
    }
    if len(consistent) < 2 or 2 * foreign > total or 2 * len(consistent) < len(found):
        return frozenset()
    return frozenset(consistent)


@lru_cache(maxsize=1)
def traditional_pattern() -> re.Pattern[str]:
    """Return a pattern of the characters that only traditional text has."""
    return _class(_traditional())


@lru_cache(maxsize=1)
def simplified_pattern() -> re.Pattern[str]:
    """Return a pattern of the characters that only simplified text has."""
    return _class(_simplified())


def _traditional() -> set[str]:
    own = {char for char, targets in simplified().items() if char in targets}
    return {char for char in simplified() if ord(char) < 0xFFFF} - own - set(_both())


def _simplified() -> set[str]:
    return {
        simple
        for simple, shapes in forms().items()
        if simple not in shapes and simple != "着" and ord(simple) < 0xFFFF
    }


def _both() -> str:
    """Return characters that the table converts but simplified text uses as well."""
    return "".join(char for char in simplified() if _in_gb2312(char))


def _in_gb2312(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _class(chars: set[str]) -> re.Pattern[str]:
    return re.compile("[" + "".join(sorted(chars)) + "]")


@lru_cache(maxsize=1)
def words_pattern() -> re.Pattern[str]:
    """Return a pattern of the words in `words.txt`: those no legitimate traditional text has."""
    rows = files(__package__).joinpath("words.txt").read_text("utf-8").splitlines()
    words = sorted({word for row in rows if not row.startswith("#") for word in row.split()})
    by_first: dict[str, list[str]] = {}
    for word in words:
        by_first.setdefault(word[0], []).append(word[1:])
    return re.compile("|".join(_branch(first, tails) for first, tails in by_first.items()))


def _branch(first: str, tails: list[str]) -> str:
    """Return the pattern of the words with one first character.

    關系統 and 關系繼 are 關 and a word; 大斗 and 一斗 are measures, of which converters that go by
    words make 大斗爭.
    """
    before, behind = {"關": ("", "(?![統列繼])"), "斗": ("(?<![大一水])", "")}.get(first, ("", ""))
    longest_first = sorted(tails, key=len, reverse=True)
    return before + first + "(?:" + "|".join(longest_first) + ")" + behind


def counts(text: str) -> tuple[int, int]:
    """Return how many characters are only traditional, and how many only simplified."""
    if text.isascii():
        return 0, 0
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = np.bincount(_kinds()[np.minimum(codes, 0xFFFF)], minlength=3)
    return int(kinds[1]), int(kinds[2])


@lru_cache(maxsize=1)
def _kinds() -> npt.NDArray[np.uint8]:
    """Return for each code point 1 if it is only traditional, 2 if only simplified."""
    table = np.zeros(0x10000, dtype=np.uint8)
    table[[ord(char) for char in _traditional()]] = 1
    table[[ord(char) for char in _simplified()]] = 2
    return table

"""A document as a whole: which traces of a mirror it bears, and what it is without glosses.

Without a trace nothing may be touched: a legitimate text in traditional characters, a text about
pinyin, a text typed with ASCII commas all look like damage to a rule that sees one line. So the
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
from functools import cache
from importlib.resources import files

from .characters import Survey, counts, readings, simplified, toneless, usual

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
VOWELS = TONES + "ńňǹ"
SYLLABLE = rf"\( ?([a-zü]{{0,3}}[{VOWELS}aeiouü][a-zü{VOWELS}]{{0,4}}) ?\)"
GLOSS = re.compile(rf"{SYLLABLE}(?:\( ?\1 ?\))*")  # some glossers gloss twice
GLOSSED = re.compile("([\u3400-\u9fff])" + GLOSS.pattern)
WORD = re.compile(
    rf"(?<=[\u4e00-\u9fff]{{2}})[(（]"
    rf"((?=[^()（）]*[{TONES}])[a-zü{VOWELS}][a-zü{VOWELS}' ]{{3,40}})[)）]"
)
LESSON = re.compile("拼音|读作|讀作|读音|讀音|注音|声调|聲調|一词|一詞|[一二三四]声")
# one full-width space alone at a line's start may be “ or — behind a stray byte: it is not left out
LEFT_OUT = re.compile(r"(?m)^(?!\u3000[^\s])[ \t\u3000\ufeff]+|" + GLOSS.pattern)
NEAR = 8  # characters around a word that must be traditional too
LEAST_BARE = 3  # characters whose glosses have no tone that show a mirror in a traditional text
LEAST_PLAIN = 8  # glosses of unconverted characters that do so
WHOLE = 0.7  # share of characters with a gloss above which a text is a lesson
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


def examine(text: str, counted: Survey | None = None) -> Verdict:
    """Return the traces in `text`.

    >>> examine("深化機構改革,規范權力運行").words
    ('規范',)
    >>> examine("「學」(xué) 是第二聲").mirrored
    False
    """
    glossed = _glossed(text)
    traditional, plain = counted[:2] if counted else counts(text)
    if not traditional or plain > MIXED * traditional:
        return Verdict(glossed=glossed)
    return Verdict(True, glossed, () if glossed else _words(text))


def _glossed(text: str) -> frozenset[str]:
    """Return the characters that the document glosses as a mirror does, or none.

    A mirror glosses converted characters, each wherever it stands and with one reading. A reader's
    aid stands once, at a character that need not be a converted one.
    """
    if "(" not in text:
        return frozenset()
    found: dict[str, Counter[str]] = {}
    fitting: Counter[str] = Counter()
    foreign = total = bare = 0
    for (char, reading), count in Counter(GLOSSED.findall(text)).items():
        toned = not set(TONES).isdisjoint(reading)
        fits = reading in (readings(char) if toned else toneless(char))
        if fits:
            fitting[char] += count
        if toned or fits:  # (a) and (one) are no readings
            total += count
            bare += 0 if toned else count
            if fits and char in simplified():
                found.setdefault(char, Counter())[reading] += count
            else:
                foreign += count
    consistent = frozenset(
        char
        for char, kinds in found.items()
        if len(kinds) == 1 and 2 * kinds.total() > text.count(char)
    )
    least = LEAST_BARE if 2 * bare > total else 2
    if len(consistent) < least or 2 * foreign > total or 2 * len(consistent) < len(found):
        return _everywhere(text, fitting, total)
    return consistent


def _everywhere(text: str, fitting: Counter[str], total: int) -> frozenset[str]:
    """Return the characters that are glossed, if a program glossed them wherever it liked.

    A lesson glosses every character, a reader's aid a few.
    """
    if fitting.total() < max(LEAST_PLAIN, 0.9 * total) or len(fitting) < LEAST_PLAIN / 2:
        return frozenset()
    characters = len(re.findall("[\u3400-\u9fff]", text))
    lesson = fitting.total() > WHOLE * characters or LESSON.search(text)
    return frozenset() if lesson else frozenset(fitting)


def glossed_words(text: str) -> list[tuple[int, int]]:
    """Return the places of glosses behind whole words, where a text has several such.

    >>> glossed_words("促进经济(jīngjì)发展，落实规划(guīhuà)")
    [(4, 12), (19, 27)]
    """
    found = [match for match in WORD.finditer(text) if _spelled(text, match)]
    words = {match[1] for match in found}
    wide = any(match[0][0] == "（" for match in found)
    if len(words) < (3 if wide else 2) or LESSON.search(text):
        return []
    return [match.span() for match in found]


def _spelled(text: str, match: re.Match[str]) -> bool:
    """Whether a gloss spells the characters before it, two to six of them."""
    rest, at = re.sub("[' ]", "", match[1]), match.start()

    def spells(rest: str, at: int, left: int) -> bool:
        if not rest:
            return left < 5
        ends = [end for end in readings(text[at - 1 : at]) if rest.endswith(end)]
        return left > 0 and any(spells(rest.removesuffix(end), at - 1, left - 1) for end in ends)

    return spells(rest, at, 6)


def _words(text: str) -> tuple[str, ...]:
    """Return the impossible words that stand among traditional characters."""
    text = GLOSS.sub("", text) if "(" in text else text
    found: dict[str, None] = {}
    for match in _impossible().finditer(text):
        around = text[max(match.start() - NEAR, 0) : match.end() + NEAR]
        traditional, plain = counts(around)
        if traditional and not plain:
            found[match[0]] = None
    return tuple(found)


@cache
def _impossible() -> re.Pattern[str]:
    """Return a pattern of the words in `words.txt`, the longest first.

    關系統 and 關系繼 are 關 and a word; 大斗 and 一斗 are measures, of which converters that go by
    words make 大斗爭.
    """
    rows = files(__package__).joinpath("words.txt").read_text("utf-8").splitlines()
    tails: dict[str, set[str]] = {}
    for word in " ".join(row for row in rows if not row.startswith("#")).split():
        tails.setdefault(word[0], set()).add(word[1:])
    around = {"關": ("", "(?![統列繼])"), "斗": ("(?<![大一水])", "")}
    branches = []
    for first in sorted(tails):
        before, behind = around.get(first, ("", ""))
        rest = "|".join(sorted(tails[first], key=lambda tail: (-len(tail), tail)))
        branches.append(f"{before}{first}(?:{rest}){behind}")
    return re.compile("|".join(branches))


@dataclass(frozen=True)
class Plain:
    """A document without glosses and indents, so that neighbours are neighbours.

    `shown` is the text as it stands, `read` the same simplified; `at` holds the raw offset of each
    character and of the end. `glosses` maps an index to the reading that stood before the
    character there, `removed` to the raw place of that gloss.
    """

    shown: str
    read: str
    at: list[int]
    glosses: dict[int, str]
    removed: dict[int, tuple[int, int]]

    def end(self, index: int) -> int:
        """Return the raw offset behind the last character before `index`."""
        return self.at[index - 1] + 1


def plain(text: str) -> Plain:
    """Return `text` without glosses (a Latin syllable in ASCII parentheses) and indents."""
    at: list[int] = []
    removed: dict[int, tuple[int, int]] = {}
    glosses: dict[int, str] = {}
    begin = 0
    for match in LEFT_OUT.finditer(text):
        start = match.start()
        if match[1] and start and text[start - 1] in " \t\u3000":
            continue
        bare = match[1] and set(TONES).isdisjoint(match[1])
        if bare and match[1] not in toneless(text[start - 1 : start]):
            continue
        at.extend(range(begin, start))
        if match[1]:
            removed[len(at)] = match.span()
            glosses[len(at)] = match[1]
        begin = match.end()
    at.extend(range(begin, len(text) + 1))
    shown = "".join([text[n] for n in at[:-1]])
    return Plain(shown, shown.translate(usual()), at, glosses, removed)

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

from .characters import counts, readings, simplified, usual

TONES = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
VOWELS = TONES + "ńňǹ"
GLOSS = re.compile(rf"\(([a-zü]{{0,3}}[{VOWELS}aeiouü][a-zü{VOWELS}]{{0,4}})\)")
GLOSSED = re.compile("([\u3400-\u9fff])" + GLOSS.pattern)
# one full-width space alone at a line's start may be “ or — behind a stray byte: it is not left out
LEFT_OUT = re.compile(r"(?m)^(?!\u3000[^\s])[ \t\u3000\ufeff]+|" + GLOSS.pattern)
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
    glossed = _glossed(text)
    traditional, plain = counts(text)
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
    foreign = total = 0
    for (char, reading), count in Counter(GLOSSED.findall(text)).items():
        if not set(TONES).isdisjoint(reading):
            total += count
            if char in simplified() and reading in readings(char):
                found.setdefault(char, Counter())[reading] += count
            else:
                foreign += count
    consistent = frozenset(
        char
        for char, kinds in found.items()
        if len(kinds) == 1 and 2 * kinds.total() > text.count(char)
    )
    if len(consistent) < 2 or 2 * foreign > total or 2 * len(consistent) < len(found):
        return frozenset()
    return consistent


def _words(text: str) -> tuple[str, ...]:
    """Return the impossible words that stand among traditional characters."""
    text = GLOSS.sub("", text)
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
    begin = 0
    for match in LEFT_OUT.finditer(text):
        start = match.start()
        if match[1] and start and text[start - 1] in " \t\u3000":
            continue
        at.extend(range(begin, start))
        if match[1]:
            removed[len(at)] = match.span()
        begin = match.end()
    at.extend(range(begin, len(text) + 1))
    shown = "".join([text[n] for n in at[:-1]])
    glosses = {index: text[start + 1 : end - 1] for index, (start, end) in removed.items()}
    return Plain(shown, shown.translate(usual()), at, glosses, removed)

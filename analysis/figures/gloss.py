"""Chinese words in an English figure: each with its gloss behind it, where one is known.

What was looked up while a figure was drawn is kept for its record, so that the caption can say
whose glosses they are and how many words have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from analysis.text import english

from .look import fit, height, say


@dataclass
class Glosses:
    """What words mean, and which of them a figure has shown: with a gloss, and without one."""

    words: Mapping[str, str]
    met: dict[str, str] = field(default_factory=dict)
    none: list[str] = field(default_factory=list)

    def of(self, word: str) -> str:
        """The gloss of a word, or a region's English name; '' where none is known."""
        gloss = self.words.get(word, "")
        if not gloss and (place := english.named(word)):
            return place  # a name, of the table of divisions
        if gloss:
            self.met[word] = gloss
        elif word not in self.none:
            self.none.append(word)
        return gloss


_now: ContextVar[Glosses | None] = ContextVar("glosses", default=None)


@contextmanager
def glossing(glosses: Glosses | None) -> Iterator[None]:
    """While it lasts, English figures have glosses; None: they have none."""
    before = _now.set(glosses)
    try:
        yield
    finally:
        _now.reset(before)


def word_in(word: str, lang: str) -> str:
    """A word as a figure names it: in English with its gloss, where one is known.

    >>> with glossing(Glosses({"法治": "rule of law"})):
    ...     [word_in(one, "en") for one in ("法治", "网格长")], word_in("法治", "zh")
    (['法治 rule of law', '网格长'], '法治')
    """
    glosses = _now.get()
    if lang != "en" or glosses is None or not any("\u4e00" <= one <= "\u9fff" for one in word):
        return word
    gloss = glosses.of(word)
    return f"{word} {gloss}" if gloss else word


def gloss_in(word: str, lang: str) -> str:
    """What stands below a word in an English figure; '' where no gloss is known.

    >>> with glossing(Glosses({"法治": "rule of law"})):
    ...     gloss_in("法治", "en"), gloss_in("法治", "zh"), gloss_in("网格长", "en")
    ('rule of law', '', '')
    """
    return word_in(word, lang).removeprefix(word).lstrip()


def told(word: str, lang: str) -> str:
    """The same within a sentence.

    >>> with glossing(Glosses({"法治": "rule of law"})):
    ...     told("法治", "en"), told("网格长", "en")
    ('法治 (rule of law)', '网格长')
    """
    named = word_in(word, lang)
    return named if named == word else f"{word} ({named.removeprefix(word).lstrip()})"


def listed(words: Iterable[str], lang: str, columns: int, size: float = 6.0) -> str:
    """The glosses of words that stand in a figure alone, as a sentence for its note.

    '' where none is known. On a slide, which is of one size, the caption has them alone.
    """
    glosses = _now.get()
    if lang != "en" or glosses is None:
        return ""
    known = [word_in(one, lang) for one in words if glosses.of(one)]
    if not known:
        return ""
    said = say(lang, "glossed", words="; ".join(known))
    return say(lang, "glossed_caption") if height() and _long(said, columns, size) else said


def _long(said: str, columns: int, size: float) -> bool:
    return fit(said, columns, 0.96, size).count("\n") > 0

r"""What is looked for, as one writes it: one language for the explorer, rates and concordances.

    法治政府             wherever these characters stand
    法治|法制            either, counted together
    数字*政府  依法?政    * any characters within a clause, as few as will do; ? exactly one
    "5G|6G"              letter for letter
    /第[一二三]批/        a regular expression, within one sentence
    topic:law_enforcement, group:NAME   what a codebook finds: a theme, a group of synonyms

Several terms, apart by commas or spaces, are counted each for itself. What a Chinese keyboard
types (｜ ＊ ？ “” ，) means the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import regex

from analysis.kit import InputError, needles, patterns

_PREFIX = re.compile(r"(topic|group|主题|词组)\s*[:：]\s*(.*)", re.S)
_CHINESE = {"主题": "topic", "词组": "group"}
_QUOTES = '"“”'
_QUOTED = re.compile(f"[{_QUOTES}]")
_APART = " \t\n,，、;；"
_INSIDE = r"[^\s，。；：！？、,;:!?()（）《》“”\"'…—]"
_ANY = {"*": f"{_INSIDE}*?", "?": _INSIDE}
_ANY |= {"＊": _ANY["*"], "？": _ANY["?"]}


def shape(words: Iterable[str]) -> str:
    """One expression for words as a whole; * in them is any characters, none too.

    >>> [bool(re.fullmatch(shape(["依法治*", "法制日报"]), word)) for word in ("依法治国", "法制")]
    [True, False]
    """
    return "|".join(re.escape(word).replace(r"\*", ".*") for word in words)


@dataclass(frozen=True)
class Term:
    """One term of a query.

    key : as it was written. book : `topic` or `group` where a codebook is asked for `name`.
    pattern : the regular expression that it is otherwise; plain : the text, if it is one certain
    text. safe : whether the pattern is of our own making, and means the same to Arrow.
    """

    key: str
    book: str = ""
    name: str = ""
    pattern: str = ""
    plain: str = ""
    needs: tuple[frozenset[str], ...] = ()
    safe: bool = True

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text; places do not overlap.

        >>> [*terms("法治|法制")[0].spans("法制与法治")]
        [(0, 2), (3, 5)]
        """
        for found in needles.fits(self.pattern, text, of=""):
            if found.end() > found.start():
                yield found.start(), found.end()

    def is_word(self, word: str) -> bool:
        """Whether it is a word as a whole: 数字* is 数字化."""
        return word == self.plain or self.expression.fullmatch(word) is not None

    @property
    def expression(self) -> Any:
        """The pattern, compiled; it fits no empty text, and what is `safe` no two sentences."""
        return _compiled(self.pattern)


_compiled = lru_cache(maxsize=64)(regex.compile)


def terms(query: str) -> list[Term]:
    """The terms of a query, each once; InputError with one sentence for what is none.

    >>> [one.key for one in terms('法治|法制，数字* "a b"')]
    ['法治|法制', '数字*', '"a b"']
    """
    found = [term(one) for one in _split(query, _APART)]
    return list({one.key: one for one in found}.values())


@lru_cache(maxsize=256)
def term(written: str) -> Term:
    """One term, commas and spaces in it being text; InputError with one sentence for what is none.

    >>> term("数字*政府").plain, term("法治").plain, term("topic:none").name
    ('', '法治', 'none')
    """
    key = written.strip()
    if asked := _PREFIX.fullmatch(key):
        name = asked[2].strip().strip(_QUOTES)
        if not name:
            raise InputError(f"{key!r} names nothing; write a name behind the colon.")
        return Term(key, book=_CHINESE.get(asked[1], asked[1]), name=name)
    made = [_alternative(one, key) for one in _split(key, "|｜", empty=True)]
    made.sort(key=lambda one: -len(one[1]))  # of 法治|法治政府 the longer one
    plain = made[0][1] if len(made) == 1 and re.escape(made[0][1]) == made[0][0] else ""
    return Term(
        key,
        pattern="|".join(f"(?:{source})" for source, *_ in made),
        plain=plain,
        needs=_needed([groups for *_, groups, _ in made]),
        safe=all(own for *_, own in made),
    )


def _needed(each: list[list[frozenset[str]]]) -> tuple[frozenset[str], ...]:
    """Groups of texts of which a sentence must hold one each, whichever alternative it is."""
    if len(each) == 1:
        return tuple(each[0])
    if not all(each):
        return ()
    longest = [max(groups, key=lambda one: min(map(len, one))) for groups in each]
    return (frozenset[str]().union(*longest),)


def _alternative(text: str, key: str) -> tuple[str, str, list[frozenset[str]], bool]:
    """Its pattern, its text without wildcards, what it needs, whether the pattern is our own."""
    text = text.strip()
    if text.startswith("/"):
        return _regular(text)
    source, needs, run = "", list[str](), ""
    for piece, quoted in _pieces(text):
        if quoted or piece not in _ANY:
            run += piece
            continue
        needs, source, run = [*needs, run], source + re.escape(run) + _ANY[piece], ""
    needs, source = [one for one in (*needs, run) if one], source + re.escape(run)
    if not needs:
        said = "holds nothing but wildcards" if text else "has an empty side at |"
        raise InputError(f"the term {key!r} {said}; write a text too.")
    return source, "".join(needs), [frozenset([one]) for one in needs], True


def _regular(text: str) -> tuple[str, str, list[frozenset[str]], bool]:
    if len(text) < 3 or not text.endswith("/"):
        raise InputError(f"the regular expression {text!r} does not end; close it with another /.")
    source = text[1:-1].replace(r"\/", "/")
    try:
        empty = _compiled(source).fullmatch("") is not None
    except regex.error as error:
        said = f"{text}: is no regular expression ({error.msg} at {error.pos})"
        raise InputError(f"{said}; mend it, or put a text in quotes.") from None
    if empty:
        raise InputError(f"{text}: fits where nothing stands; let it ask for a character.")
    return source, "", patterns.needed(source), False


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Single characters, and what stands in quotes as one."""
    for at, piece in enumerate(_QUOTED.split(text)):
        if at % 2:
            yield piece, True
        else:
            yield from ((one, False) for one in piece)


def _split(text: str, apart: str, *, empty: bool = False) -> list[str]:
    """A text cut at some characters, but not in quotes nor between the slashes of an expression."""
    found, own, inside = list[str](), "", ""
    for sign in text:
        kind = '"' if sign in _QUOTES else sign
        if inside:
            inside = "" if kind == inside and not own.endswith("\\") else inside
        elif kind == '"' or (sign == "/" and own.strip()[-1:] in ("", "|", "｜")):
            inside = kind
        elif sign in apart:
            found, own = [*found, own], ""
            continue
        own += sign
    if inside == '"':
        raise InputError(f"the quotes in {text!r} do not end; close them with another quote.")
    found.append(own)
    return found if empty else [one.strip() for one in found if one.strip()]

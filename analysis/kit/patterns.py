"""What a text must hold for a regular expression to fit, and what a match begins with.

Read from the pattern itself, part by part. Only what `re` and `regex` mean alike is understood; of
a pattern with anything else (flags, references, fuzzy counts) nothing is claimed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_COUNT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_GROUP = re.compile(r"\((?:\?(?:(?P<ahead><?[=!])|[:>]|P?<\w+>)|(?!\?))")
_CODED = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_ANY_OF = {"d": r"\d"}  # classes of which the inside of another class is known
_BROAD = "DwWsS"
_NOWHERE = "bBAZ"
_PLAIN = {"n": "\n", "t": "\t", "r": "\r"}


class Part(NamedTuple):
    """What is known of a part: None where it is not known what it begins with."""

    opens: frozenset[str] | None
    """Members of a character class, as they are written in one."""
    empty: bool
    """Whether it fits nothing too."""
    groups: tuple[frozenset[str], ...] = ()
    """A text that it fits holds one text of each."""
    text: str = ""
    """What it is, if it is one certain text."""


class UnknownError(Exception):
    """The pattern has something of which nothing is known here."""


def needed(pattern: str) -> list[frozenset[str]]:
    """Groups of texts of which a text must hold one each for the pattern to fit; [] if unknown.

    >>> [sorted(group) for group in needed("(受理|审结).{0,8}复议(申请|案件)?")]
    [['受理', '审结'], ['复议']]
    """
    try:
        groups = [group for group in _read(pattern).groups if "" not in group]
    except (UnknownError, IndexError):
        return []
    long = [group for group in groups if min(map(len, group)) > 1]
    return long or groups


def openings(pattern: str) -> str:
    """What a match can begin with, as the inside of a character class; '' if unknown.

    >>> openings("(?:约|近)?[0-9]+件|《")
    '0-9《约近'
    """
    try:
        whole = _read(pattern)
    except (UnknownError, IndexError):
        return ""
    return "" if whole.empty or whole.opens is None else "".join(sorted(whole.opens))


def _read(pattern: str) -> Part:
    whole, end = _either(pattern, 0)
    if end < len(pattern):
        raise UnknownError
    return whole


def _either(pattern: str, at: int) -> tuple[Part, int]:
    """Alternatives, up to the end of their group."""
    found, row = list[Part](), list[Part]()
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            found, row, at = [*found, _sequence(row)], [], at + 1
            continue
        part, at = _counted(*_part(pattern, at), pattern)
        row.append(part)
    found.append(_sequence(row))
    if len(found) == 1:
        return found[0], at
    opens = [part.opens for part in found]
    known = None if None in opens else frozenset().union(*(one or () for one in opens))
    groups: tuple[frozenset[str], ...] = ()
    if all(part.groups for part in found):
        best = (max(part.groups, key=lambda group: min(map(len, group))) for part in found)
        groups = (frozenset[str]().union(*best),)
    return Part(known, any(part.empty for part in found), groups), at


def _sequence(row: Iterable[Part]) -> Part:
    """Parts behind one another; texts side by side are one."""
    opens: frozenset[str] | None = frozenset()
    groups, run, empty = list[frozenset[str]](), "", True
    for part in row:
        if empty and opens is not None:
            opens = None if part.opens is None else opens | part.opens
        empty = empty and part.empty
        if part.text:
            run += part.text
            continue
        groups += [frozenset([run])] * bool(run) + [*part.groups]
        run = ""
    return Part(opens, empty, (*groups, *[frozenset([run])] * bool(run)))


def _counted(part: Part, at: int, pattern: str) -> tuple[Part, int]:
    """A part with how often it stands."""
    if not (count := _COUNT.match(pattern, at)):
        if pattern[at : at + 1] == "{":
            raise UnknownError  # regex counts errors this way
        return part, at
    at = count.end() + (pattern[count.end() : count.end() + 1] in ("?", "+"))
    least = int(count[1] or 0) if count[0][0] == "{" else int(count[0] == "+")
    groups = _sequence([part]).groups if least else ()
    return Part(part.opens, part.empty or not least, groups), at


def _part(pattern: str, at: int) -> tuple[Part, int]:
    sign = pattern[at]
    if sign == "(":
        return _group(pattern, at)
    if sign == "[":
        return _class(pattern, at + 1)
    if sign in "^$":
        return Part(frozenset(), empty=True), at + 1
    if sign == ".":
        return Part(None, empty=False), at + 1
    if sign in "*+?{":
        raise UnknownError
    if sign == "\\":
        if pattern[at + 1] in _BROAD:
            return Part(None, empty=False), at + 2
        if pattern[at + 1] in _NOWHERE:
            return Part(frozenset(), empty=True), at + 2
    member, text, at = _character(pattern, at)
    return Part(frozenset([member]), empty=False, text=text), at


def _group(pattern: str, at: int) -> tuple[Part, int]:
    opening = _GROUP.match(pattern, at)
    if not opening:
        raise UnknownError
    inner, end = _either(pattern, opening.end())
    if pattern[end : end + 1] != ")":
        raise UnknownError
    if looks := opening["ahead"]:
        inner = Part(frozenset(), empty=True, groups=inner.groups if "=" in looks else ())
    return inner, end + 1


def _character(pattern: str, at: int) -> tuple[str, str, int]:
    r"""A character as a class writes it, the text that it is ('' for \d), and where it ends."""
    if pattern[at] != "\\":
        return re.escape(pattern[at]), pattern[at], at + 1
    if coded := _CODED.match(pattern, at):
        char = chr(int(coded[1] or coded[2], 16))
        return re.escape(char), char, coded.end()
    char = pattern[at + 1]
    if char in _ANY_OF:
        return _ANY_OF[char], "", at + 2
    if char.isalnum() and char not in _PLAIN:
        raise UnknownError
    char = _PLAIN.get(char, char)
    return re.escape(char), char, at + 2


def _class(pattern: str, at: int) -> tuple[Part, int]:
    """A class of characters; what is not in one is anything."""
    not_in = pattern[at : at + 1] == "^"
    at += not_in
    members, texts, first = set(), set(), True
    while first or pattern[at] != "]":
        first = False
        if pattern[at] == "[":
            raise UnknownError  # a class in a class, in some dialects
        if pattern[at] == "\\" and pattern[at + 1] in _BROAD:
            not_in, at = True, at + 2  # as good as unknown
            continue
        member, text, at = _character(pattern, at)
        if pattern[at] == "-" and pattern[at + 1] != "]":
            end, _, at = _character(pattern, at + 1)
            member, text = f"{member}-{end}", ""
        members.add(member)
        texts.add(text)
    if not_in:
        return Part(None, empty=False), at + 1
    return Part(frozenset(members), empty=False, groups=(frozenset(texts),)), at + 1

"""Many words and patterns in many texts, read once.

A pattern such as `(受理|审结).{0,8}复议(申请|案件)` can only fit where one text of each of its
groups stands. An Aho-Corasick automaton finds all words and all such texts in one pass, and only
where a pattern's groups are all there is the pattern itself tried: what is found stays the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import numpy as np
import regex
from ahocorasick_rs import AhoCorasick, Implementation

from .errors import InputError
from .patterns import needed, openings

PATIENCE = 2
"""Seconds that a pattern may take in a sentence; a thousandth is usual."""


class Needles:
    """Words and patterns to be looked for.

    Parameters
    ----------
    words : strings; each is found wherever it stands, over others too.
    patterns : regular expressions.
    """

    def __init__(self, words: Sequence[str], patterns: Sequence[str]):
        groups = [needed(pattern) for pattern in patterns]
        self._everywhere = [at for at, own in enumerate(groups) if not own]
        self._full = np.array([len(own) for own in groups], dtype=np.int64)
        asked: dict[str, list[tuple[int, int]]] = {word: [] for word in words}
        self._words = len(asked)
        number = 0
        for at, own in enumerate(groups):
            for group in own:
                for text in sorted(group):
                    asked.setdefault(text, []).append((at, number))
                number += 1
        self._numbers = {word: at for at, word in enumerate(asked)}
        pairs = list(asked.values())
        self._many = np.array([len(own) for own in pairs], dtype=np.int64)
        self._first = np.cumsum(self._many) - self._many
        flat = [pair for own in pairs for pair in own] or [(0, 0)]
        self._pattern, self._group = np.array(flat, dtype=np.int64).T
        self._groups = max(number, 1)
        # As an automaton with a row for each state, texts are read fastest.
        self._automaton = AhoCorasick(list(asked) or ["\0"], implementation=Implementation.DFA)
        self.words = list(asked)[: self._words]

    def find(
        self, texts: Sequence[str]
    ) -> tuple[list[tuple[int, int, int]], list[tuple[int, int]]]:
        """Where words stand, and which patterns are worth trying.

        Returns
        -------
        list
            text, start, word (places in `texts`, in that text and in `words`), by text and start.
        list
            text, pattern: where a pattern may fit, in order. Elsewhere it does not.
        """
        hits, text, starts = placed(self._automaton, texts, overlapping=True)
        own = hits[:, 0] < self._words
        rows = np.column_stack([text, hits[:, 1] - starts[text], hits[:, 0]])[own]
        order = np.lexsort(rows.T[::-1])
        words = list(zip(*rows[order].T.tolist(), strict=True))
        return words, [*self._worth(hits[:, 0], text, len(texts))]

    def _worth(self, numbers: Any, text: Any, texts: int) -> Iterator[tuple[int, int]]:
        """The texts that hold something of every group of a pattern."""
        many = self._many[numbers]
        within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        pair = np.repeat(self._first[numbers], many) + within
        place = np.repeat(text, many) * self._groups + self._group[pair]
        place, first = np.unique(place, return_index=True)
        both = place // self._groups * len(self._full) + self._pattern[pair[first]]
        both, groups = np.unique(both, return_counts=True)
        fit = both[groups == self._full[both % max(len(self._full), 1)]]
        always = [at * len(self._full) + one for at in range(texts) for one in self._everywhere]
        for value in sorted([*fit.tolist(), *always]):
            yield divmod(value, len(self._full))


def placed(automaton: AhoCorasick, texts: Sequence[str], **how: bool) -> tuple[Any, Any, Any]:
    """What an automaton finds in many texts, read as one: word, start, end in the whole.

    And the text that each match lies in, and where each text starts.
    """
    found = automaton.find_matches_as_indexes("\n".join(texts), **how)
    hits = np.fromiter(chain.from_iterable(found), np.int64, 3 * len(found)).reshape(-1, 3)
    lengths = np.array([len(text) + 1 for text in texts], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    text = np.searchsorted(starts, hits[:, 1], side="right") - 1
    inside = hits[:, 2] <= starts[text] + lengths[text] - 1
    return hits[inside], text[inside], starts


of = lru_cache(maxsize=8)(Needles)  # of tuples; those made before are not made again


class Alternatives:
    """A long alternation of which, at a place, only what can begin with its character is tried.

    `alike`: characters that share what is tried, so that it is compiled once for all of them.
    """

    def __init__(self, patterns: Sequence[str], alike: Sequence[str] = ()):
        self._alike = {character: group for group in alike for character in group}
        self._patterns = [(one, re.compile(f"[{openings(one)}]")) for one in patterns]
        whole = "|".join(patterns)
        self._starts, self._groups = (
            re.compile(f"[{openings(whole)}]"),
            re.compile(whole).groupindex,
        )
        self._by_character: dict[str, re.Pattern[str]] = {}

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """What `re.finditer` of the whole says."""
        place, search, made = 0, self._starts.search, self._by_character
        while start := search(text, place):
            place, character = start.start(), start[0]
            own = made.get(character) or self._beginning(character)
            match = own.match(text, place)
            place = match.end() if match else place + 1
            if match:
                yield match

    def _beginning(self, character: str) -> re.Pattern[str]:
        """What can begin with a character; groups of the others are there and never fit."""
        group = self._alike.get(character, character)
        own = "|".join(one for one, opens in self._patterns if any(map(opens.match, group)))
        others = "".join(f"(?P<{name}>)" for name in self._groups if f"(?P<{name}>" not in own)
        made = re.compile(f"{own}|(?!){others}")
        self._by_character |= dict.fromkeys(group, made)
        return made


def fits(pattern: str, text: str, of: str = " of a codebook") -> Iterator[Any]:
    """Where a pattern fits, as `re.finditer` says it; within `PATIENCE`.

    InputError names pattern and text where that is not enough: some patterns try every way to cut
    a text into pieces.
    """
    try:
        yield from _compiled(pattern).finditer(text, timeout=PATIENCE)
    except TimeoutError:
        raise InputError(
            f"the pattern {pattern!r}{of} takes more than {PATIENCE} s in the sentence "
            f"“{text[:40]}…”; give its repeats a limit, as in {{0,8}}."
        ) from None


_compiled = cache(regex.compile)

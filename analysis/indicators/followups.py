"""What a later report may say of a commitment: its sentences, ranked, and what in them matched.

Reports rarely repeat a promise in its words: a project is renamed, one road of a list is opened. So
a sentence is held against a clause three ways: how much of the clause's words it has, the rarer in
these two reports the weightier; how near its words are to those it lacks, by what stands beside
what in public reports (vectors.bin); and how near it is to the clause's whole sentence. What was
achieved is told in figures, so a sentence of the review with one gains. Verbs and general words of
policy weigh a fifth. The machine proposes; only a person says what became of it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import tables
from analysis.words import Segmenter

from .commitments import is_general

MOST = {"reported": 5, "restated": 2}
"""How many candidates a commitment has, of each kind."""

LIKELY = 0.45
"""From which score on a candidate may be the follow-up: set on the tuned labels."""

_NEAR = 0.45  # cosine of two words from which they are alike at all
_GENERAL = 0.2
_FIGURE = 0.3
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[\u4e00-\u9fff]{2,}|[0-9A-Za-z.%‰]+")
_PARTS = {"reported": ("done", "problems"), "restated": ("plan",)}

Floats = npt.NDArray[np.float32]


class _Vectors(NamedTuple):
    numbers: dict[str, int]
    table: Floats


@cache
def _vectors() -> _Vectors:
    with np.load(Path(__file__).with_name("vectors.bin")) as held:
        words = held["words"].tobytes().decode("utf-8").split(" ")
        table = held["vectors"].astype(np.float32)
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    return _Vectors({word: at for at, word in enumerate(words)}, table)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a text that may be looked for, with their places."""
    cut = Segmenter(engine="rjieba").words(text)
    return tuple(one for one in cut if _WORD.fullmatch(one[0]))


class _Texts:
    """The sentences of two reports as words, weighed by how rare they are in both."""

    def __init__(self, texts: Sequence[str], others: Sequence[str], *, figures: bool = False):
        self.texts, self._joined = texts, "\n".join(texts)
        self._ends = np.cumsum([len(text) + 1 for text in texts])
        self.cut = [[word for word, *_ in _words(text)] for text in texts]
        counts = Counter(
            word for text in (*texts, *others) for word in {one for one, *_ in _words(text)}
        )
        self._counts, self._total = counts, len(texts) + len(others)
        known = _vectors()
        self._first = np.cumsum([0, *(max(len(own), 1) for own in self.cut)])[:-1]
        flat = [known.numbers.get(word, -1) for own in self.cut for word in own or [""]]
        self._flat = np.array(flat, dtype=np.int64)
        self._rows = np.where((self._flat >= 0)[:, None], known.table[self._flat], 0).astype(
            np.float32
        )
        self._own: dict[str, tuple[Floats, Floats]] = {}
        self._weights: dict[str, float] = {}
        self._around: dict[str, Floats] = {}
        counted = [figures and _DIGIT.search(text) is not None for text in texts]
        self._figures = np.array(counted, dtype=np.float32)
        self._whole = np.array([self.centre(own) for own in self.cut], dtype=np.float32)

    def weight(self, word: str) -> float:
        """How much a word counts: the rarer the more, a general one a fifth."""
        if word not in self._weights:
            rare = math.log(self._total / max(self._counts[word], 1))
            self._weights[word] = rare * (_GENERAL if is_general(word) else 1)
        return self._weights[word]

    def centre(self, words: Sequence[str]) -> Floats:
        """Where words lie together; nowhere if none is known."""
        known = _vectors()
        own = [word for word in words if word in known.numbers]
        weights = np.array([self.weight(word) for word in own], dtype=np.float32)
        made: Floats = weights @ known.table[[known.numbers[word] for word in own]]
        length = float(np.linalg.norm(made))
        return made / np.float32(length) if length else made

    def _held(self, word: str) -> tuple[Floats, Floats]:
        """In which sentences a word stands, and how near to it the nearest word of each is."""
        if word not in self._own:
            held = np.zeros(len(self.texts), np.float32)
            held[np.searchsorted(self._ends, [*_places(word, self._joined)], side="right")] = 1
            number, near = _vectors().numbers.get(word), np.zeros(len(self.texts), np.float32)
            if number is not None:
                alike = self._rows @ _vectors().table[number]
                near = np.maximum.reduceat(alike, self._first)
                near = np.clip((near - _NEAR) / (1 - _NEAR), 0, 1).astype(np.float32)
            self._own[word] = held, np.maximum(held, near)
        return self._own[word]

    def scores(self, clause: str, sentence: str) -> Floats:
        """How well each sentence fits a clause, at most 1; `sentence` is the clause's own."""
        words = dict.fromkeys(word for word, *_ in _words(clause))
        weights = {word: self.weight(word) for word in words}
        total = sum(weights.values())
        made = np.zeros(len(self.texts), np.float32)
        for word, weight in weights.items():
            held, near = self._held(word)
            made += np.float32(weight / total if total else 0) * (held + near)
        if sentence not in self._around:
            own = self.centre([word for word, *_ in _words(sentence)])
            self._around[sentence] = np.clip(self._whole @ own, 0, 1)
        made += self._around[sentence] + np.float32(_FIGURE) * self._figures
        return made / np.float32(3 + _FIGURE)


def matched(clause: str, text: str) -> list[tuple[int, int]]:
    """The places in a text of what it has of a clause: its words, and those near to them."""
    wanted, numbers = _particular(clause)
    found = {(at, at + len(word)) for word in wanted for at in _places(word, text)}
    places, others = _particular_places(text)
    if len(numbers) and len(others):
        table = _vectors().table
        near = (table[others] @ table[numbers].T).max(axis=1) >= (1 + _NEAR) / 2
        found |= {places[at] for at in near.nonzero()[0]}
    return sorted(found)


@lru_cache(maxsize=4096)
def _particular(clause: str) -> tuple[list[str], list[int]]:
    """The words of a clause that are not general, and the numbers of those with a vector."""
    known = _vectors().numbers
    words = [word for word, *_ in _words(clause) if not is_general(word)]
    return words, [known[word] for word in words if word in known]


@lru_cache(maxsize=4096)
def _particular_places(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Where such words with a vector stand in a text, and their numbers."""
    known = _vectors().numbers
    own = [one for one in _words(text) if one[0] in known and not is_general(one[0])]
    return [(start, end) for _, start, end in own], [known[word] for word, *_ in own]


def _places(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def candidates(
    commitments: pd.DataFrame, sentences: pd.DataFrame, later: pd.DataFrame
) -> pd.DataFrame:
    """The table `followups`: sentences of a later report for each commitment of an earlier one.

    Parameters
    ----------
    commitments : the table of that name, of one report.
    sentences : the table of that name, of that report; later : of a later one.

    Returns
    -------
    DataFrame
        kind is `reported` (a sentence of the review, or on problems) or `restated` (of the plan);
        likely whether the score is `LIKELY` or more; matched the places, in the later report, of
        what matched.
    """
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    rows: list[tuple[Any, ...]] = []
    for kind, parts in _PARTS.items():
        own = later[later["part"].isin(parts) & ~later["is_heading"].astype(bool)]
        if own.empty:
            continue
        read = _Texts(own["text"].tolist(), [*texts.values()], figures=kind == "reported")
        places = list(tables.rows(own))
        for row in tables.rows(commitments):
            scores = read.scores(row.quote, texts[row.sentence_id])
            order = np.lexsort((np.arange(len(scores)), -scores.round(4)))[: MOST[kind]]
            for rank, at in enumerate(order.tolist(), start=1):
                place, score = places[at], round(float(scores[at]), 4)
                spans = (
                    f"{place.start + a}-{place.start + b}"
                    for a, b in matched(row.quote, place.text)
                )
                rows.append(
                    (
                        *(row.report_id, row.sentence_id, row.start, row.end, kind, rank, score),
                        *("yes" if score >= LIKELY else "no", place.report_id),
                        *(place.sentence_id, ";".join(spans)),
                    )
                )
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["followups"]))

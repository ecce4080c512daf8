"""Which words are used as some others are: candidates for a list of words, from the texts.

Two signs. A collocate stands in the same sentences (log-Dice). A word of like use stands among the
same words: its row of positive pointwise mutual information with the words around it is compared by
cosine. Such rows are what word2vec makes in few dimensions (Levy and Goldberg 2014). They are kept
whole here: on a hundred provincial reports they found more of the words looked for than their 300
largest dimensions did, and they are sums in a fixed order, without threads or chance.

What is compared are words, and phrases: two or three words that often stand side by side. A phrase
takes nothing from its words; all are held against single words around them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from .collocations import log_dice

SPAN = 10
"""Words to both sides of a word that its use is told by."""

SMOOTHED = 0.75
"""Counts of the words around are raised to this power, or rare ones would weigh most."""

TOGETHER = 0.5
"""What makes a phrase: the normalized pointwise mutual information of its two halves."""

LONGEST = 3
"""Words of a phrase."""

COLUMNS = ["key", "cosine", "log_dice", "near", "n_sentences", "together"]

_NUMBER = re.compile(
    r"第?[\d.,%〇一二三四五六七八九十百千万亿两]+[年月日号个元人户次项条家名里倍岁]?"
)
_LATIN = re.compile(r"[A-Za-zＡ-Ｚａ-ｚ]")

_Sparse = tuple[np.ndarray, np.ndarray, np.ndarray]  # rows, columns, values


class Text(NamedTuple):
    """Words in the order of the text: numbers of `words`; the sentence and place of each.

    sentences : the number of each sentence_id.
    """

    words: list[str]
    sentences: dict[str, int]
    code: np.ndarray
    sentence: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Spans(NamedTuple):
    """Stretches of words: what stands there, a number; its first and its last word."""

    key: np.ndarray
    first: np.ndarray
    last: np.ndarray


def near(
    terms: pd.DataFrame,
    seeds: pd.DataFrame,
    *,
    stopwords: Collection[str] = (),
    min_n: int = 5,
    span: int = SPAN,
) -> pd.DataFrame:
    """The words and phrases of `terms` by how near they are to some words.

    No row for a stop word, a single character, a number without a Latin letter, what holds a seed
    (whose hits are the seed's already), or what stands there less than `min_n` times.

    Parameters
    ----------
    terms : every word, the table of that name.
    seeds : where the seeds stand, the table `themes`; `entry` says which.

    Returns
    -------
    DataFrame
        key; cosine with the mean direction of the seeds; log_dice of its sentences and those with
        a seed (-inf: none in common); near, the seed that it is nearest to by cosine; n_sentences
        and together (those with a seed, too). By the sum of its ranks by cosine and by log_dice,
        ties by key.
    """
    text = read(terms)
    known = set(stopwords)
    own, hits = _seeds(text, seeds)
    keys, spans = targets(text, known, min_n, hits)
    both = _together([spans, hits._replace(key=hits.key + len(keys))])
    n = np.bincount(text.code, minlength=len(text.words))
    around = np.array([word not in known for word in text.words], dtype=bool) & (n >= min_n)
    cosine, each = cosines(rows(text, both, around, span), len(keys), len(own))
    n_sentences, together, holding = _shared(text, spans, hits)
    scores = log_dice(together, holding, n_sentences)
    made = pd.DataFrame({"key": keys, "cosine": cosine.round(4), "log_dice": scores.round(2)})
    made["near"] = [own[at] for at in each.argmax(axis=0)]
    made = made.assign(n_sentences=n_sentences, together=together)[COLUMNS]
    made = made[[_wanted(key, known, own) for key in keys]]
    ranks = made[["cosine", "log_dice"]].rank(ascending=False, method="min").sum(axis=1)
    order = np.lexsort((made["key"].to_numpy(dtype=str), ranks))
    return made.iloc[order].reset_index(drop=True)


def _wanted(key: str, stopwords: Collection[str], seeds: Sequence[str]) -> bool:
    number = _NUMBER.fullmatch(key) and not _LATIN.search(key)
    return not (len(key) < 2 or key in stopwords or number or any(one in key for one in seeds))


def read(terms: pd.DataFrame) -> Text:
    """Words in the order of the text."""
    sentence, ids = pd.factorize(terms["sentence_id"])
    start, end = (terms[name].to_numpy(dtype=np.int64) for name in ("start", "end"))
    order = np.lexsort((end, start, sentence))
    code, words = pd.factorize(terms["key"].to_numpy(dtype=object)[order])
    numbers = {key: number for number, key in enumerate(ids)}
    return Text(list(words), numbers, code, sentence[order], start[order], end[order])


# -- words and phrases ----------------------------------------------------------------------------


def targets(
    text: Text, stopwords: Collection[str], min_n: int, seeds: Spans | None = None
) -> tuple[list[str], Spans]:
    """All words, and the phrases they make, that stand there `min_n` times; where each does.

    No phrase reaches over the edge of a seed.
    """
    at = np.arange(len(text.code))
    names = {word: number for number, word in enumerate(text.words)}
    plain = [word not in stopwords and not _NUMBER.fullmatch(word) for word in names]
    whole = np.array(plain, dtype=bool)[text.code]
    edges = np.zeros(len(at) + 1, dtype=np.int64)
    if seeds is not None:
        edges[seeds.first] = edges[seeds.last + 1] = 1
    unit = np.cumsum(edges[:-1])
    found = [Spans(text.code, at, at)]
    level = Spans(text.code[whole], at[whole], at[whole])
    for _ in range(LONGEST - 1):
        level = _longer(text, level, names, whole, unit, min_n)
        found.append(level)
    key, first, last = _together(found)
    often = np.bincount(key, minlength=len(names)) >= min_n
    listed = [name for name, kept in zip(names, often, strict=True) if kept]
    number, kept = np.cumsum(often) - 1, often[key]
    return listed, Spans(number[key[kept]], first[kept], last[kept])


def _longer(
    text: Text,
    level: Spans,
    names: dict[str, int],
    whole: np.ndarray,
    unit: np.ndarray,
    min_n: int,
) -> Spans:
    """Spans with a word more, after or before, where the two belong together; `names` grows."""
    M, N = len(names), len(text.code)
    of_word, of_span = (np.bincount(key, minlength=M) for key in (text.code, level.key))
    listed, made = list(names), []
    for after in (True, False):
        beside = level.last + 1 if after else level.first - 1
        inside = np.flatnonzero((beside >= 0) & (beside < N))
        left, right = (level.last, beside) if after else (beside, level.first)
        left, right, beside = left[inside], right[inside], beside[inside]
        kept = whole[beside] & (unit[left] == unit[right])
        kept &= text.sentence[left] == text.sentence[right]
        kept &= text.end[left] == text.start[right]
        inside, word = inside[kept], text.code[beside[kept]]
        pair, number, n = np.unique(
            level.key[inside] * M + word, return_inverse=True, return_counts=True
        )
        halves = pair // M, pair % M
        good = (n >= min_n) & (npmi(n, of_span[halves[0]], of_word[halves[1]], N) >= TOGETHER)
        key = np.full(len(pair), -1)
        for one in np.flatnonzero(good):
            a, b = (listed[half[one]] for half in halves)
            key[one] = names.setdefault(a + b if after else b + a, len(names))
        own, at = key[number], beside[kept]
        first, last = (level.first[inside], at) if after else (at, level.last[inside])
        made.append(Spans(own[own >= 0], first[own >= 0], last[own >= 0]))
    both = np.unique(np.stack(_together(made)), axis=1)  # 国家重点 + 实验室, 国家 + 重点实验室
    return Spans(*both)


def npmi(n: np.ndarray, n_x: np.ndarray, n_y: np.ndarray, N: int) -> np.ndarray:
    """Normalized pointwise mutual information (Bouma 2009): 1 for two that are never apart."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value: np.ndarray = np.log(n * (N / n_x) / n_y) / -np.log(n / N)
    return value


def _together(spans: Iterable[Spans]) -> Spans:
    return Spans(*(np.concatenate(one) for one in zip(*spans, strict=True)))


def _seeds(text: Text, hits: pd.DataFrame) -> tuple[list[str], Spans]:
    """The seeds, and the words that each of their hits covers or cuts."""
    entry, own = pd.factorize(hits["entry"].to_numpy(dtype=object))
    sentence = hits["sentence_id"].map(text.sentences).fillna(-1).to_numpy(dtype=np.int64)
    start, end = (hits[name].to_numpy(dtype=np.int64) for name in ("start", "end"))
    wide = int(max(text.end.max(initial=0), end.max(initial=0))) + 1
    begins, ends = (text.sentence * wide + at for at in (text.start, text.end))
    first = np.searchsorted(ends, sentence * wide + start, side="right")
    last = np.searchsorted(begins, sentence * wide + end, side="left") - 1
    there = first <= last
    return list(own), Spans(entry[there], first[there], last[there])


# -- how near -------------------------------------------------------------------------------------


def rows(text: Text, spans: Spans, around: np.ndarray, span: int) -> _Sparse:
    """The row of each key of `spans`: `ppmi` with the words around, those that `around` admits."""
    V, N, found = len(text.words), len(text.code), []
    for step in range(1, span + 1):
        for at in (spans.first - step, spans.last + step):
            inside = np.flatnonzero((at >= 0) & (at < N))
            beside = at[inside]
            same = text.sentence[beside] == text.sentence[spans.first[inside]]
            kept = same & around[text.code[beside]]
            pairs = spans.key[inside[kept]] * V + text.code[beside[kept]]
            found.append(np.unique(pairs, return_counts=True))
    pairs, n = (np.concatenate(one) for one in zip(*found, strict=True))
    pair, at = np.unique(pairs, return_inverse=True)
    row, column = pair // V, pair % V
    return row, column, ppmi(row, column, np.bincount(at, n))


def ppmi(
    row: np.ndarray, column: np.ndarray, n: np.ndarray, smoothed: float = SMOOTHED
) -> np.ndarray:
    """Positive pointwise mutual information of counted pairs, the column's share being smoothed.

    log(n / (n of the row) / (share of the column)), 0 where that is below; natural logarithm.
    """
    if not len(n):
        return np.zeros(0)
    of_column = np.bincount(column, n) ** smoothed
    value = np.log(n / np.bincount(row, n)[row] / (of_column[column] / of_column.sum()))
    made: np.ndarray = np.maximum(value, 0)
    return made


def cosines(matrix: _Sparse, keys: int, seeds: int) -> tuple[np.ndarray, np.ndarray]:
    """The cosine of each of the first `keys` rows with the seeds' mean direction, and with each.

    The seeds are the rows after those.
    """
    row, column, value = matrix
    length = np.sqrt(np.bincount(row, value * value, keys + seeds))
    unit = value / np.where(length > 0, length, 1)[row]
    columns = int(column.max(initial=-1)) + 1

    def with_(of: np.ndarray, weight: np.ndarray) -> np.ndarray:
        direction = np.bincount(column[of], weight, columns)
        along = np.bincount(row, unit * direction[column], keys + seeds)[:keys]
        whole = np.sqrt((direction * direction).sum())
        return along / whole if whole else along

    own = [np.flatnonzero(row == keys + at) for at in range(seeds)]
    all_ = np.concatenate([*own, np.empty(0, dtype=np.int64)]).astype(np.int64)
    return with_(all_, unit[all_]), np.array([with_(one, unit[one]) for one in own])


def _shared(text: Text, spans: Spans, seeds: Spans) -> tuple[np.ndarray, np.ndarray, int]:
    """Sentences with each key, those of them with a seed, and all those with a seed."""
    S = int(text.sentence.max(initial=-1)) + 1
    holds = np.zeros(S, dtype=bool)
    holds[text.sentence[seeds.first]] = True
    keys = int(spans.key.max(initial=-1)) + 1
    pair = np.unique(spans.key * S + text.sentence[spans.first])
    key, sentence = (pair // S, pair % S) if S else (pair, pair)
    n = np.bincount(key, minlength=keys)
    return n, np.bincount(key[holds[sentence]], minlength=keys), int(holds.sum())

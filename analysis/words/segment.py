"""Sentences → tokens, with a private tokenizer that knows the study's lexicon.

Segmentation serves keyword counts only; codebook terms are matched on the text itself. Two engines
read the same dictionary: `jieba`, and `rjieba`, which is many times as fast and cuts numbers and
latin letters by another rule (2021-2025 is one token). Neither process-wide dictionary is ever
touched, no cache file is written, and lexicon words are added without a frequency, because a low
one makes the engine split the word.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis.kit import spans

if TYPE_CHECKING:
    from jieba import Tokenizer

    Token = tuple[str, int, int]

ENGINES = ("jieba", "rjieba")
_PIECE = re.compile(r"(?s).{1,1999}[，。；：！？、\n]|.{1,2000}")  # nothing is a word across these
AT_ONCE = 2_000
"""Characters that are cut into words at once: time grows with the square of a run without a stop.

A longer run is no sentence, but noise or a damaged file; a word that stands across its cut is two.
"""
_WORD = re.compile(r"[^\W_]")


class Segmenter:
    """Cuts text into words.

    Parameters
    ----------
    lexicon : multi-word domain terms, each kept as one token. A longer one that contains
        a shorter one wins; of two that overlap the engine takes the likelier cut.
    engine : `jieba` or `rjieba`.

    Examples
    --------
    >>> list(Segmenter(("行政复议",), engine="rjieba").words("推进行政复议。"))
    [('推进', 0, 2), ('行政复议', 2, 6)]
    """

    def __init__(self, lexicon: tuple[str, ...] = (), engine: str = "jieba"):
        if engine not in ENGINES:
            raise ValueError(f"engine is {engine!r}; it must be one of {', '.join(ENGINES)}")
        self.engine = engine
        self._tokenizer = _ENGINES[engine](tuple(lexicon))

    def words(self, text: str) -> Iterator[Token]:
        """Each word of a text with its start and end; punctuation and spaces are no words."""
        place = 0
        for piece in _pieces(text):
            for token, start, end in self._tokenizer.tokenize(piece):
                if _WORD.search(token):
                    yield token, place + start, place + end
            place += len(piece)

    def cut(self, text: str) -> list[str]:
        """Every token of a text without its place, punctuation and spaces among them."""
        if len(text) > AT_ONCE:
            return [token for piece in _pieces(text) for token in self.cut(piece)]
        tokens = self._tokenizer.cut(text)
        return tokens if isinstance(tokens, list) else list(tokens)

    def is_word(self, token: str) -> bool:
        """Whether a token counts: it holds a letter, a digit or a character."""
        return token.isalnum() or _WORD.search(token) is not None


def _pieces(text: str) -> list[str]:
    return [text] if len(text) <= AT_ONCE else _PIECE.findall(text)


@lru_cache(maxsize=4)
def _jieba(lexicon: tuple[str, ...]) -> Tokenizer:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in lexicon:
        tokenizer.add_word(word)
    return tokenizer


@lru_cache(maxsize=4)
def _rjieba(lexicon: tuple[str, ...]) -> Any:
    import rjieba

    tokenizer = rjieba.Jieba()
    for word in lexicon:
        tokenizer.add_word(word, None, None)
    return tokenizer


_ENGINES = {"jieba": _jieba, "rjieba": _rjieba}


def compare(
    sentences: pd.DataFrame, a: Segmenter, b: Segmenter
) -> tuple[dict[str, float], pd.DataFrame]:
    """Hold two segmenters against each other on the same sentences.

    Returns
    -------
    dict
        tokens_A and tokens_B (named by engine), equal (tokens that both have in the same place),
        f1 (2 × equal / (tokens_A + tokens_B), 1.0 where there is no token), sentences and
        sentences_differ.
    DataFrame
        One row a stretch of text that the two cut differently: report_id, sentence_id, start,
        end (characters of the restored report), text, and each engine's words joined by ` | `.
    """
    names = a.engine, b.engine if b.engine != a.engine else f"{b.engine}_2"
    rows: list[tuple[object, ...]] = []
    totals, equal = [0, 0], 0
    for row in tables.rows(sentences):
        cuts = [{token[1:]: token[0] for token in one.words(row.text)} for one in (a, b)]
        totals = [total + len(cut) for total, cut in zip(totals, cuts, strict=True)]
        equal += len(cuts[0].keys() & cuts[1].keys())
        for start, end in spans.joined(cuts[0].keys() ^ cuts[1].keys()):
            place = row.report_id, row.sentence_id, row.start + start, row.start + end
            words = ([word for (at, _), word in cut.items() if start <= at < end] for cut in cuts)
            rows.append((*place, row.text[start:end], *map(" | ".join, words)))
    f1, differ = 2 * equal / sum(totals) if sum(totals) else 1.0, {row[:2] for row in rows}
    of_each = [f"tokens_{name}" for name in names]
    agreement: dict[str, float] = dict(zip(of_each, totals, strict=True))
    counted = {"equal": equal, "f1": f1, "sentences": len(sentences)}
    agreement |= counted | {"sentences_differ": len(differ)}
    columns = ["report_id", "sentence_id", "start", "end", "text", *names]
    return agreement, pd.DataFrame(rows, columns=columns)

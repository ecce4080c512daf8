"""Sentences → tokens, with a private tokenizer that knows the study's lexicon.

Segmentation serves keyword counts only; codebook terms are matched on the text itself. The
process-wide jieba dictionary is never touched, no cache file is written, and lexicon words are
added without a frequency, because a low one makes jieba split the word.
"""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jieba import Tokenizer

ENGINES = ("jieba",)
_WORD = re.compile(r"[^\W_]")


class Segmenter:
    """Cuts text into words.

    Parameters
    ----------
    lexicon : multi-word domain terms, each kept as one token.
    engine : `jieba`.
    """

    def __init__(self, lexicon: tuple[str, ...] = (), engine: str = "jieba"):
        if engine not in ENGINES:
            raise ValueError(f"engine is {engine!r}; it must be one of {', '.join(ENGINES)}")
        self.engine = engine
        self._tokenizer = _tokenizer(lexicon)

    def words(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Each word of a text with its start and end; punctuation and spaces are no words."""
        for token, start, end in self._tokenizer.tokenize(text):
            if _WORD.search(token):
                yield token, start, end


@lru_cache(maxsize=4)
def _tokenizer(lexicon: tuple[str, ...]) -> Tokenizer:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    for word in lexicon:
        tokenizer.add_word(word)
    return tokenizer

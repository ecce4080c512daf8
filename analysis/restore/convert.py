"""Traditional to simplified, character by character where that is certain, in context where not.

Nearly every traditional character stands for one simplified one, and OpenCC's table (from which
`characters.txt` is made) says which. A few stand for two: 著 is 着 in 着力 and 著 in 著名, 乾 is
干 or the 乾 of 乾隆, 於 a surname. OpenCC decides by a list of phrases, which holds for the
traditional Chinese that people write, but not for what a mirror's converter makes of simplified
text (着力 → 著力). Here the language model weighs both in their sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from .model import ORDER, Model, fold
from .tables import forms, simplified

AROUND = 5  # characters on either side that have a say
SURE = 3.0  # nats between the best and the second choice that make it certain
USUAL = 2.0  # nats in favour of the usual reading
MADE = 16.0  # nats in favour of what a mirror's converter makes of the character


@dataclass(frozen=True)
class Choice:
    """The simplified character for the one at `index`; `others` could not be ruled out."""

    index: int
    char: str
    others: str = ""


@lru_cache(maxsize=1)
def usual() -> dict[int, str]:
    """Return the translation table to the usual simplified character."""
    return {ord(char): targets[0] for char, targets in simplified().items()}


@lru_cache(maxsize=1)
def ambiguous() -> re.Pattern[str]:
    """Return a pattern of the characters with more than one simplified reading."""
    return re.compile("[" + "".join(c for c, t in simplified().items() if len(t) > 1) + "]")


@lru_cache(maxsize=1)
def any_traditional() -> re.Pattern[str]:
    """Return a pattern of the characters that may have to be simplified."""
    return re.compile("[" + "".join(simplified()) + "]")


def choose(text: str, model: Model, *, mirrored: bool) -> list[Choice]:
    """Return the choice for each ambiguous character of `text` (traditional, without glosses).

    `mirrored` says that a mirror's converter wrote it, not a person.
    """
    places = [match.start() for match in ambiguous().finditer(text)]
    if not places:
        return []
    made = _as_made(text) if mirrored else frozenset[str]()
    plain = text.translate(usual())
    pieces: list[str] = []
    for place in places:
        pieces += [_window(plain, place, target) for target in simplified()[text[place]]]
    scores = iter(_scores(pieces, model))
    choices: list[Choice] = []
    for place in places:
        targets = simplified()[text[place]]
        weighed = sorted(
            (
                (next(scores) + _chance(text[place], target, n, made), -n, target)
                for n, target in enumerate(targets)
            ),
            reverse=True,
        )
        close = "".join(t for s, _, t in weighed[1:] if weighed[0][0] - s < SURE)
        choices.append(Choice(place, weighed[0][2], close))
    return choices


def _chance(char: str, target: str, rank: int, made: frozenset[str]) -> float:
    """Return the log of the chance that `char` stands for `target`, up to a constant."""
    if made:
        return MADE if char in made and forms().get(target, target)[0] == char else 0.0
    return USUAL if rank == 0 else 0.0


def _as_made(text: str) -> frozenset[str]:
    """Return the ambiguous characters that the mirror's converter has made, or left, as usual.

    A mirror leaves 昇 and 沈 as they are and never makes them of 升 and 沉. If the text has 於
    and no 于, though, its converter is one that does.
    """
    table = forms()
    seen = set(ambiguous().findall(text))
    return frozenset(
        char
        for char in seen
        if text.count(char) == 1
        or any(table.get(t, t)[0] in text for t in simplified()[char] if t != char)
    )


def _window(plain: str, place: int, target: str) -> str:
    """Return the line around `place`, of fixed length, with `target` there."""
    before = plain[max(place - AROUND, 0) : place].rpartition("\n")[2]
    behind = plain[place + 1 : place + 1 + AROUND].partition("\n")[0]
    window = before.rjust(AROUND, "\n") + target + behind.ljust(AROUND, "\n")
    return "".join(map(fold, window))


def _scores(pieces: Sequence[str], model: Model) -> list[float]:
    """Return the log-probability of the middle and right half of each piece."""
    width = 2 * AROUND + 1
    ids = model.encode("".join(pieces))
    logs = np.concatenate([np.zeros(ORDER - 1, np.float32), model.sequence(ids)])
    table = logs.reshape(len(pieces), width)[:, AROUND:]
    ended = np.array([[char == "\n" for char in piece[AROUND:]] for piece in pieces])
    return [float(x) for x in np.where(ended, 0.0, table).sum(axis=1)]

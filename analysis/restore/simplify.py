"""Traditional to simplified, character by character where that is certain, in context where not.

Nearly every traditional character stands for one simplified one, and OpenCC's table (from which
`characters.txt` is made) says which. A few stand for two: 著 is 着 in 着力 and 著 in 著名, 乾 is
干 or the 乾 of 乾隆, 於 a surname. OpenCC decides by a list of phrases, which holds for the
traditional Chinese that people write, but not for what a mirror's converter makes of simplified
text (着力 → 著力). Here the language model weighs both in their sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import numpy as np

from .characters import codes, forms, simplified, usual
from .model import ORDER, Model

BEHIND = 5  # characters behind that have a say; before, as many as the model looks at
SURE = 3.0  # nats between the best and the second choice that make it certain
USUAL = 2.0  # nats in favour of the usual reading
MADE = 16.0  # nats in favour of what a mirror's converter makes of the character
# Words that settle what a character in them stands for, as these words are written now.
KEPT = (
    "乾安 乾县 乾縣 乾隆 乾陵 乾坤 乾州 乾清 乾元 瞭望 覆盖 覆蓋 颠覆 顛覆 "
    "倾覆 傾覆 覆灭 覆滅 覆没 覆沒 覆辙 覆轍 覆土 覆膜"
)
CHANGED = {
    "覆": "复 答覆 批覆 反覆 回覆 函覆 申覆 覆函 覆议 覆議 覆核 覆查 覆审 覆審 覆检 覆檢",
    "畫": "划 计畫 計畫 规畫 規畫 企畫 策畫 筹畫 籌畫 谋畫 謀畫",
}


@cache
def _words() -> tuple[re.Pattern[str], dict[str, list[str]]]:
    """A pattern of those words, and each as it is written now, character by character."""
    now = {word: list(word) for word in KEPT.split()}
    for char, row in CHANGED.items():
        target, *words = row.split()
        now |= {word: [target if c == char else c for c in word] for word in words}
    return re.compile("|".join(now)), now


@cache
def _pattern(least: int) -> re.Pattern[str]:
    """Return a pattern of the characters with at least so many simplified readings."""
    return re.compile("[" + "".join(c for c, t in simplified().items() if len(t) >= least) + "]")


def simplify(text: str, model: Model, *, mirrored: bool) -> Iterator[tuple[int, str, str]]:
    """Yield (index, simplified character, others not ruled out) for what changes in `text`.

    `mirrored` says that a mirror's converter wrote the text, not a person. Where others could not
    be ruled out, the character is named even if it stays.
    """
    chosen = _chosen(text, model, mirrored=mirrored)
    for match in _pattern(1).finditer(text):
        index, char = match.start(), match[0]
        best, others = chosen.get(index) or (usual()[ord(char)], "")
        if best != char or others:
            yield index, best, others


def _chosen(text: str, model: Model, *, mirrored: bool) -> dict[int, tuple[str, str]]:
    """Return for each ambiguous character its best reading, and those that are close."""
    chosen: dict[int, tuple[str, str]] = {}
    pattern, now = _words()
    for match in pattern.finditer(text):
        for at, target in enumerate(now[match[0]], match.start()):
            if text[at] in "乾瞭覆畫":
                chosen[at] = target, ""
    places = [m.start() for m in _pattern(2).finditer(text) if m.start() not in chosen]
    if not places:
        return chosen
    made = _as_made(text) if mirrored else frozenset[str]()
    plain = text.translate(usual())
    windows = [_window(plain, at, target) for at in places for target in simplified()[text[at]]]
    scores = iter(_scores(windows, model))
    for at in places:
        weighed = sorted(
            (-next(scores) - _chance(text[at], target, rank, made), rank, target)
            for rank, target in enumerate(simplified()[text[at]])
        )
        least, _, best = weighed[0]
        chosen[at] = best, "".join(t for s, _, t in weighed[1:] if s - least < SURE)
    return chosen


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
    return frozenset(
        char
        for char in set(_pattern(2).findall(text))
        if text.count(char) == 1
        or any(forms().get(t, t)[0] in text for t in simplified()[char] if t != char)
    )


def _window(plain: str, at: int, target: str) -> str:
    """Return the line around `at`, of fixed length, with `target` there."""
    before = plain[max(at - ORDER + 1, 0) : at].rpartition("\n")[2]
    behind = plain[at + 1 : at + 1 + BEHIND].partition("\n")[0]
    return before.rjust(ORDER - 1, "\n") + target + behind.ljust(BEHIND, "\n")


def _scores(windows: list[str], model: Model) -> list[float]:
    """Return the log-probability of each window's target and what stands behind it."""
    joined, shape = "".join(windows), (len(windows), -1)
    logs = model.rows(model.encode(joined).reshape(shape))
    ended = (codes(joined) == ord("\n")).reshape(shape)[:, ORDER - 1 :]
    return [float(score) for score in np.where(ended, 0.0, logs).sum(axis=1)]

"""Two versions of a codebook: the sentences that one codes otherwise than the other."""

from __future__ import annotations

import pandas as pd

from analysis import tables

from .codebook import Codebook
from .coding import code, match

CHANGED = ("sentence_id", "text", "before", "after", "rule_before", "rule_after")
"""Columns of what changed: a sentence, its codes, and the entries that decided (`codings.rule`)."""


def changed(sentences: pd.DataFrame, before: Codebook, after: Codebook) -> pd.DataFrame:
    """The sentences whose code changes from one codebook to another: `CHANGED`, in their order.

    Where both are exclusive a code is the primary theme, otherwise all themes of the sentence.
    """
    whole = not (before.exclusive and after.exclusive)
    one, other = (_codes(sentences, book, whole=whole) for book in (before, after))
    rows = zip(sentences["sentence_id"], sentences["text"], one, other, strict=True)
    found = [
        (name, text, was[0], now[0], was[1], now[1])
        for name, text, was, now in rows
        if was[0] != now[0]
    ]
    return pd.DataFrame(found, columns=list(CHANGED))


def _codes(sentences: pd.DataFrame, book: Codebook, *, whole: bool) -> list[tuple[str, str]]:
    """Code and rule of each sentence."""
    coded = code(match(sentences, book), sentences, book)
    codes = coded["primary_theme"]
    if whole:
        both = codes + ";" + coded["other_themes"]
        codes = both.map(lambda some: ";".join(sorted(filter(None, some.split(";")))))
    return [*zip(codes, coded["rule"], strict=True)]


def pairs(found: pd.DataFrame) -> pd.DataFrame:
    """How many sentences go from which code to which: before, after, n; most first."""
    counts = found.groupby(["before", "after"]).size().rename("n").reset_index()
    order = ["n", "before", "after"]
    return counts.sort_values(order, ascending=[False, True, True], ignore_index=True)


def said(found: pd.DataFrame, n: int) -> str:
    """What changed of `n` sentences, for a terminal: counts by pair, then the sentences."""
    lines = [f"{len(found)} of {n} sentences are coded otherwise."]
    lines += [f"{row.n:6,} {row.before} → {row.after}" for row in tables.rows(pairs(found))]
    for row in tables.rows(found):
        rules = f"({row.rule_before} → {row.rule_after})"
        lines += ["", f"{row.sentence_id}: {row.before} → {row.after} {rules}", f"  {row.text}"]
    return "\n".join(lines)

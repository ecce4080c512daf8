"""Which words stand near a word more often than their frequencies lead one to expect.

A window reaches `span` words to both sides and ends with the sentence; punctuation is no word. Each
pair of a node and a word in its window counts once, so a word between two nodes counts twice.
Scores depend on the window and on the margins, so every row carries what they were computed from.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from . import keyness

_SCORES = ["log_dice", "g2", "t", "sentences"]
_COLUMNS = ["key", "n", "n_node", "n_collocate", "N_tokens", "span", "expected", *_SCORES]


def log_dice(
    n: ArrayLike, n_x: ArrayLike, n_y: ArrayLike, span: ArrayLike = 1
) -> NDArray[np.float64]:
    """14 + log2(2 O / (span · n_x + n_y)) (Rychlý 2008); -inf for a pair that is never together.

    With margins of pairs the span is 1, with those of tokens the number of places around a node.
    """
    together = 2 * np.asarray(n, dtype=float)
    both = np.asarray(span) * np.asarray(n_x) + np.asarray(n_y)
    with np.errstate(divide="ignore"):
        value: NDArray[np.float64] = 14 + np.log2(together / both)
    return value


def g2(
    n: ArrayLike, n_x: ArrayLike, n_y: ArrayLike, N: ArrayLike, span: ArrayLike = 1
) -> NDArray[np.float64]:
    """`keyness.g2` of the table whose margins are span · n_x and n_y of N: above 0, attraction."""
    near = np.asarray(span) * np.asarray(n_x, dtype=float)
    return keyness.g2(n, np.asarray(n_y, dtype=float) - np.asarray(n), near, np.asarray(N) - near)


def t_score(n: ArrayLike, expected: ArrayLike) -> NDArray[np.float64]:
    """(O - E) / sqrt(O) (Church et al. 1991); NaN for a pair that is never together."""
    observed = np.asarray(n, dtype=float)
    observed = np.where(observed > 0, observed, np.nan)
    value: NDArray[np.float64] = (observed - np.asarray(expected)) / np.sqrt(observed)
    return value


def table(
    terms: pd.DataFrame,
    node: str,
    *,
    span: int | None = 5,
    min_n: int = 2,
    of: tuple[pd.Series[int], int] | None = None,
) -> pd.DataFrame:
    """The words that stand within `span` words of a node, in its sentence; None for all of it.

    One row a word that does so `min_n` times or more, highest log_dice first, ties by key: key, n
    (pairs of a node and this word), n_node, n_collocate, N_tokens (tokens of the node, of the word,
    of all words), span (places around a node: twice `span`, or for the whole sentence the mean
    number of other words in a node's sentence), expected (span · n_node · n_collocate / N_tokens),
    log_dice, g2, t (all three from these margins of tokens), sentences (that hold such a pair). g2
    is NaN where the windows have more places than the text has words.

    Parameters
    ----------
    of : where `terms` are only the sentences with the node, tokens of each word, and of all words.
    """
    text = _ordered(terms, span)
    _, near = _pairs(text, node, span)
    tokens, N = of or (text["key"].value_counts(), len(text))
    n_node = int((text["key"] == node).sum())
    places = text.loc[text["key"] == node, "around"].mean() if span is None else 2 * span
    frame = _counted(near, min_n)
    frame["n_collocate"] = frame["key"].map(tokens).where(frame["key"] != node, n_node).astype(int)
    frame = frame.assign(n_node=n_node, N_tokens=N, span=places)
    frame["expected"] = places * n_node * frame["n_collocate"] / N if N else np.nan
    frame["log_dice"] = log_dice(frame["n"], n_node, frame["n_collocate"], places)
    frame["g2"] = g2(frame["n"], n_node, frame["n_collocate"], N, places)
    frame["t"] = t_score(frame["n"], frame["expected"])
    frame = frame.sort_values(["log_dice", "key"], ascending=[False, True], ignore_index=True)
    return frame[_COLUMNS]


def network(
    terms: pd.DataFrame,
    nodes: Sequence[str],
    *,
    span: int | None = 5,
    min_n: int = 2,
    min_sentences: int = 2,
) -> pd.DataFrame:
    """Every two of `nodes` that stand together, `min_n` times in `min_sentences` sentences or more.

    A line between two words has no direction, and margins of tokens with a span are not the same
    from both ends. These scores take margins of pairs: all pairs of words that share a window, and
    how many of them each word is in. They differ from those of `table`.

    source (the earlier of the two in `nodes`), target, n, log_dice, g2, t, sentences; highest
    log_dice first, ties by source and target.
    """
    text = _ordered(terms, span)
    margins, frames = text.groupby("key")["around"].sum(), []
    for place, source in enumerate(names := list(dict.fromkeys(nodes))):
        _, near = _pairs(text, source, span)
        frame = _counted(near[near["key"].isin(names[place + 1 :])], min_n)
        frame = frame[frame["sentences"] >= min_sentences]
        frames.append(frame.rename(columns={"key": "target"}).assign(source=source))
    columns = ["source", "target", "n", *_SCORES]
    if not frames:
        return pd.DataFrame(columns=columns)
    edges, M = pd.concat(frames, ignore_index=True), int(text["around"].sum())
    n_x, n_y = (edges[end].map(margins).to_numpy(dtype=float) for end in ("source", "target"))
    edges["log_dice"] = log_dice(edges["n"], n_x, n_y)
    edges["g2"] = g2(edges["n"], n_x, n_y, M)
    edges["t"] = t_score(edges["n"], n_x * n_y / max(M, 1))
    order = ["log_dice", "source", "target"]
    return edges.sort_values(order, ascending=[False, True, True], ignore_index=True)[columns]


def placed(terms: pd.DataFrame, span: int) -> pd.DataFrame:
    """`terms` with word_no, the place of each among the words of its sentence, and span."""
    text = _ordered(terms, span)
    text["word_no"] = text.groupby("sentence").cumcount() + 1
    return text.sort_values(["report_id", "start", "end"], kind="stable")[
        [*terms.columns, "word_no"]
    ].assign(span=span)


def with_node(terms: pd.DataFrame, hits: pd.DataFrame) -> pd.DataFrame:
    """Words with hits of a term among them, each in the place of the words that it touches."""
    first, last, at = (terms[name].to_numpy() for name in ("start", "end", "report_id"))
    place = {key: number for number, key in enumerate(pd.unique(terms["report_id"]))}
    wide = int(max(terms["end"].max(), hits["end"].max())) + 1 if len(hits) else 1
    report = np.array([place[one] for one in at], dtype=np.int64) * wide
    own = hits["report_id"].map(place).to_numpy(dtype=np.int64) * wide
    ends = np.sort(own + hits["end"].to_numpy())
    starts = np.sort(own + hits["start"].to_numpy())
    touched = np.searchsorted(starts, report + last) > np.searchsorted(
        ends, report + first, "right"
    )
    apart: pd.DataFrame = terms[~touched]
    return pd.concat([apart, hits[[*terms.columns]]], ignore_index=True)


def _ordered(terms: pd.DataFrame, span: int | None) -> pd.DataFrame:
    """`terms` by sentence, with `sentence` (a number) and `around` (words in the window)."""
    sentence, _ = pd.factorize(terms["sentence_id"])
    order = np.lexsort((terms["end"], terms["start"], sentence))
    text = terms.iloc[order].assign(sentence=sentence[order]).reset_index(drop=True)
    grouped = text.groupby("sentence")
    before, length = grouped.cumcount(), grouped["key"].transform("size")
    after = length - 1 - before
    return text.assign(around=before.clip(upper=span) + after.clip(upper=span))


def _pairs(
    text: pd.DataFrame, node: str, span: int | None
) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """For each pair of a node and a word in its window: the node's place, the word's row."""
    sentence, at = text["sentence"].to_numpy(), np.flatnonzero(text["key"] == node)
    reach = int(text["around"].max()) if span is None and len(text) else span or 0
    nodes, words = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
    for step in range(1, reach + 1):
        for other in (at - step, at + step):
            inside = (other >= 0) & (other < len(text))
            inside[inside] = sentence[other[inside]] == sentence[at[inside]]
            nodes.append(at[inside])
            words.append(other[inside])
    return np.concatenate(nodes), text.loc[np.concatenate(words), ["key", "sentence"]]


def _counted(near: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """key, n, sentences of the words of some pairs, those with n of at least `min_n`."""
    counted = near.groupby("key")["sentence"].agg(n="size", sentences="nunique").reset_index()
    return counted[counted["n"] >= min_n].reset_index(drop=True)

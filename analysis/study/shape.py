"""Does what was read look like a report of its genre? What does not is said, not mended.

A work report has a review, a plan and, as a rule, a passage on what is still wrong; where one is
missing, the text is cut short, its parts were not understood, or it is no work report. A short line
that stands the same in reports of different places is a page's, not a government's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from analysis import tables
from analysis.text import parts
from analysis.words import segment

LEAST = {"done": 0.08, "plan": 0.15}
"""The share of sentences that a work report has of each part at least."""

MOST_OTHER = 0.1
"""The share of its speech, between front matter and annexes, whose part may be untold."""

SHORTEST = 40
"""Characters that a report has at least; fewer are a note such as 见附件."""

TWICE = 0.1
"""The share of longer lines that stand twice, from which on a text is said to be in it twice."""

PLACES = 2
"""Places whose reports share a line, from which on it is listed."""

LISTED = 20

_SHORT = 60
_LONG = 30
_ENDED = r"[。！？；：，、:;,][”’』」）》]*$"
_STOP = re.compile(r"[。！？…；][”’』」）》\]】]*$")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_OWN = re.compile(
    r"(?:\d{4}年)?政府工作报告$|[（(]?(?:审议稿|摘要|讨论稿)[）)]?$|[一二三四五六七八九十]+、?$"
)


def unlike(reports: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[str]:
    """A sentence for each thing in which a report is not as one of its genre is.

    Parameters
    ----------
    reports, sentences : the tables of those names.
    """
    split = dict(iter(sentences.groupby("report_id")))
    for row in tables.rows(reports):
        own = split.get(row.report_id)
        if own is None:
            yield f"{row.path}: {row.report_id} has no sentence."
        else:
            for said in odd(list(own["text"]), own, row.genre):
                yield f"{row.path}: {said}"


def odd(lines: Sequence[str], sentences: pd.DataFrame, genre: str) -> Iterator[str]:
    """What is odd about a report: too short, in it twice, cut off, without a part or sections.

    Parameters
    ----------
    lines : its lines, or its sentences.
    sentences : its rows of the table of that name.
    """
    size = int(sentences["text"].str.len().sum())
    if size < SHORTEST:
        yield f"it has only {size} characters."
    if (longest := max(map(len, sentences["text"]), default=0)) > segment.AT_ONCE:
        cut = f"its words are cut in pieces of {segment.AT_ONCE:,}, and a word across a cut is two"
        yield f"a sentence of {longest:,} characters: noise, or a text without stops; {cut}."
    long = Counter(line.strip() for line in lines if len(line.strip()) >= _LONG)
    again = sum(many - 1 for many in long.values())
    if again > TWICE * max(long.total(), 1) and again > 1:
        yield f"{again} of its {long.total()} longer lines stand in it twice."
    if genre == "work_report" and len(sentences):
        yield from _work_report(sentences)


def _work_report(sentences: pd.DataFrame) -> Iterator[str]:
    part = sentences["part"].to_numpy()
    share = {name: float((part == name).mean()) for name in parts.PARTS}
    lacking = [name for name, least in LEAST.items() if share[name] < least]
    lacking += ["problems"] * (not share["problems"])
    found = ", ".join(f"{name} {share[name]:.0%}" for name in parts.PARTS[1:])
    if lacking:
        yield f"a work report with little or no {' and '.join(lacking)} ({found} of its sentences)."
    speech = np.flatnonzero(part != "other")
    if not len(speech):
        return
    within = part[speech[0] : speech[-1] + 1]
    if (within == "other").mean() > MOST_OTHER:
        yield f"of {(within == 'other').mean():.0%} of its speech the part cannot be told."
    last = sentences["text"].iloc[speech[-1]]
    if not _STOP.search(last) and speech[-1] == len(part) - 1:
        yield f"it ends within a sentence and may be cut off: …{last[-20:]}"
    if set(sentences["section"]) == {"s0"}:
        yield "a work report without sections: no heading was found in it."


def shared_lines(reports: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[str]:
    """A sentence for each short line, no sentence or heading, that several places share."""
    text = sentences["text"].astype(str)
    bare = ~sentences["is_heading"].astype(bool) & ~text.str.contains(_ENDED)
    outside = sentences[bare & (text.str.len() <= _SHORT)]
    region = reports.set_index("report_id")["region"]
    outside = outside.assign(region=outside["report_id"].map(region))
    counted = outside.groupby("text")["region"].nunique()
    counted = counted[counted >= PLACES].sort_values(ascending=False, kind="stable")
    lines = ((str(line), many) for line, many in counted.items() if not _expected(str(line)))
    found = [(line, many) for line, many in lines if len(_HAN.findall(line)) > 1]
    for line, many in found[:LISTED]:
        yield f"the line {line!r} stands in reports of {many} places; is it the page's, not theirs?"
    if len(found) > LISTED:
        yield f"{len(found) - LISTED} more such lines stand in reports of different places."


def _expected(text: str) -> bool:
    """Whether reports say this anywhere: greetings, titles, the headings of annexes."""
    return parts.is_front(text) or parts.is_annex(text) or bool(_OWN.match(text))

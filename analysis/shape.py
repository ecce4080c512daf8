"""Does what was read look like a report of its genre? What does not is said, not mended.

A work report has a review, a plan and, as a rule, a passage on what is still wrong; where one is
missing, the text is cut short, its parts were not understood, or it is no work report. A short line
that stands the same in reports of different places is a page's, not a government's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from analysis import parts, tables

LEAST = {"done": 0.08, "plan": 0.15}
"""The share of sentences that a work report has of each part at least."""

MOST_OTHER = 0.35
"""The share of sentences that are neither review, problems nor plan, above which it is said."""

PLACES = 2
"""Places whose reports share a line, from which on it is listed."""

LISTED = 20

_SHORT = 60
_ENDED = r"[。！？；：，、:;,][”’』」）》]*$"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_OWN = re.compile(
    r"(?:\d{4}年)?政府工作报告$|[（(]?(?:审议稿|摘要|讨论稿)[）)]?$|[一二三四五六七八九十]+、?$"
)


def unlike(reports: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[str]:
    """A sentence for each work report that lacks a part or sections.

    Parameters
    ----------
    reports, sentences : the tables of those names.
    """
    work = reports[reports["genre"] == "work_report"]
    split = dict(
        tuple(sentences[sentences["report_id"].isin(work["report_id"])].groupby("report_id"))
    )
    for row in tables.rows(work):
        own = split.get(row.report_id)
        if own is None or not len(own):
            yield f"{row.path}: {row.report_id} has no sentence."
            continue
        share = own["part"].value_counts(normalize=True)
        lacking = [part for part, least in LEAST.items() if share.get(part, 0.0) < least]
        lacking += ["problems"] * ("problems" not in share)
        found = ", ".join(f"{part} {share.get(part, 0.0):.0%}" for part in parts.PARTS[1:])
        if lacking:
            what = " and ".join(lacking)
            yield f"{row.path}: a work report with little or no {what} ({found} of its sentences)."
        if share.get("other", 0.0) > MOST_OTHER:
            yield f"{row.path}: of {share['other']:.0%} of its sentences the part cannot be told."
        if set(own["section"]) == {"s0"}:
            yield f"{row.path}: a work report without sections: no heading was found in it."


def shared_lines(reports: pd.DataFrame, sentences: pd.DataFrame) -> Iterator[str]:
    """A sentence for each short line, no sentence or heading, that several places share."""
    text = sentences["text"].astype(str)
    bare = ~sentences["is_heading"].astype(bool) & ~text.str.contains(_ENDED)
    outside = sentences[bare & (text.str.len() <= _SHORT)]
    region = reports.set_index("report_id")["region"]
    outside = outside.assign(region=outside["report_id"].map(region))
    counted = (
        outside.groupby("text")["region"].nunique().sort_values(ascending=False, kind="stable")
    )
    found = [
        (str(line), many)
        for line, many in counted.items()
        if many >= PLACES and len(_HAN.findall(str(line))) > 1 and not _expected(str(line))
    ]
    for line, many in found[:LISTED]:
        yield f"the line {line!r} stands in reports of {many} places; is it the page's, not theirs?"
    if len(found) > LISTED:
        yield f"{len(found) - LISTED} more such lines stand in reports of different places."


def _expected(text: str) -> bool:
    """Whether reports say this anywhere: greetings, titles, the headings of annexes."""
    return parts.is_front(text) or parts.is_annex(text) or bool(_OWN.match(text))

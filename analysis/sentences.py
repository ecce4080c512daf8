"""A restored text → sections and sentences, each with its place in the text and in the raw file.

A sentence ends at 。！？ (closing ”』）》 go with it) and at the line's end, not at ；. A heading
is a sentence too, and so is the title line; a numbered paragraph begins with its heading. Ids of
sections follow the printed numbers (`s1.10`); a section's part says what it is for: what was
done, which problems are named, what is planned. A paragraph on problems that closes a section,
behind the text of its last subsection and without a heading of its own, belongs to the section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from analysis import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.restore import Restored

_SENTENCE = re.compile(r"[。！？]*[^。！？]+(?:[。！？]+[”’』」）》]*)?|[。！？]+")
_HAN_NUMBER = "一二三四五六七八九十百"
_ENUMERATORS = (
    re.compile(rf"第?([{_HAN_NUMBER}]+)(?:、|部分)"),
    re.compile(rf"[（(]([{_HAN_NUMBER}]+)[）)]"),
    re.compile(r"(\d{1,2})[.．、](?!\d)"),
)
_HEADING_LIMIT = 60
_TITLE_LIMIT = 60

_PROBLEMS = re.compile(r"问题|不足|短板|弱项|困难|差距")
_PLAN = re.compile(r"下一步|打算|计划|安排|思路|展望|今后|任务|目标|建议|部署")
_DONE = re.compile(r"情况|回顾|成效|成绩|总结|完成|进展|举措|做法")
_PROBLEMS_SENTENCE = re.compile(r"(存在|面临|还有).{0,12}(问题|不足|短板|弱项|差距|困难|薄弱)")
_PLAN_SENTENCE = re.compile(r"^(下一步|今后|新的一年)")
_FINISHED = re.compile(r"[。！？；][”’』」）》]*$")
_YEAR = re.compile(r"((?:19|20)\d\d)年")


def split(report_id: str, restored: Restored, year: int) -> pd.DataFrame:
    """Cut a restored report into sentences.

    Parameters
    ----------
    report_id : the report's id, prefix of every sentence_id.
    restored : the text with its record, which leads offsets back to the raw file.
    year : the year reported on; a heading that names a later one opens the plan.

    Returns
    -------
    DataFrame
        The table `sentences`, one row a sentence; start and end count characters of the restored
        text, raw_start and raw_end those of the decoded file.
    """
    places = _Places(year)
    rows: list[_Row] = []
    for start, end, first in _spans(restored.text):
        text = restored.text[start:end]
        is_heading = places.enter(text, first_in_line=first, alone=_is_alone(restored.text, end))
        rows.append(
            _Row(
                report_id,
                f"{report_id}:s{len(rows) + 1:03d}",
                places.section,
                places.heading,
                is_heading,
                places.part,
                text,
                start,
                end,
                *restored.raw_span(start, end),
            )
        )
    _close(rows)
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))


class _Row(NamedTuple):
    report_id: str
    sentence_id: str
    section: str
    heading: str
    is_heading: bool
    part: str
    text: str
    start: int
    end: int
    raw_start: int
    raw_end: int


def _close(rows: list[_Row]) -> None:
    """Move a section's closing paragraph on problems from its last subsection to the section.

    It begins where the part turns from done to problems behind a finished sentence, and reaches
    to the next heading, which must open another section. Only section and heading change.
    """
    opened = {row.section: row.heading for row in rows if row.is_heading}
    places = [number for number, row in enumerate(rows) if row.is_heading]
    for heading, end in pairwise([*places, len(rows)]):
        top, _, deeper = rows[heading].section.partition(".")
        if not deeper or (end < len(rows) and rows[end].section.startswith(f"{top}.")):
            continue
        for number in range(heading + 2, end):
            before, row = rows[number - 1], rows[number]
            if (before.part, row.part) == ("done", "problems") and _FINISHED.search(before.text):
                for moved in range(number, end):
                    rows[moved] = rows[moved]._replace(section=top, heading=opened.get(top, ""))
                break


def headings(sentences: pd.DataFrame) -> dict[str, str]:
    """Each section's heading; the first report's where several differ."""
    rows = sentences[sentences["is_heading"].astype(bool)]
    return dict(zip(rows["section"][::-1], rows["heading"][::-1], strict=True))


def edges(sentences: pd.DataFrame) -> dict[str, list[float]]:
    """Where each report's sections begin, by report_id: from 0 to 1 of the report's characters."""
    return {
        str(key): list(own["start"][own["section"] != own["section"].shift()] / own["end"].max())
        for key, own in sentences.groupby("report_id", sort=False)
    }


def _spans(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each sentence, without white space around it; and: is it a line's first."""
    offset = 0
    for line in text.split("\n"):
        first = True
        for match in _SENTENCE.finditer(line):
            piece = match[0].strip()
            if piece:
                start = offset + match.start() + match[0].index(piece)
                yield start, start + len(piece), first
                first = False
        offset += len(line) + 1


def _is_alone(text: str, end: int) -> bool:
    """Whether nothing but white space follows in the line."""
    line_end = text.find("\n", end)
    return not text[end : line_end if line_end >= 0 else len(text)].strip()


@dataclass
class _Places:
    """Where the reading stands: section numbers, heading, part."""

    year: int
    numbers: list[int] = field(default_factory=lambda: [0])
    heading: str = ""
    part: str = "other"
    section_part: str = "other"
    begun: bool = False

    @property
    def section(self) -> str:
        return "s" + ".".join(map(str, self.numbers))

    def enter(self, text: str, *, first_in_line: bool, alone: bool) -> bool:
        """Take the next sentence; say whether it is a heading."""
        if first_in_line:
            level = self._level(text, alone)
            if level is not None:
                self._open(level, text)
                return True
            if not self.begun and alone and len(text) <= _TITLE_LIMIT and text[-1] not in "。：！":
                self.begun, self.heading = True, text
                return True
            self.begun = True
            self.part = self._part_of_paragraph(text)
        return False

    def _level(self, text: str, alone: bool) -> int | None:
        ends = alone or text[-1] in "。！？"
        if not ends or len(text) > _HEADING_LIMIT:
            return None
        for level, enumerator in enumerate(_ENUMERATORS):
            if enumerator.match(text):
                return level
        return None

    def _open(self, level: int, text: str) -> None:
        match = _ENUMERATORS[level].match(text)
        printed = _number(match[1]) if match else 0
        numbers = ([*self.numbers, 0, 0])[: level + 1]
        numbers[level] = printed if printed > numbers[level] else numbers[level] + 1
        self.numbers, self.heading, self.begun = numbers, text, True
        own = self._part_of_heading(text)
        if level == 0:
            self.section_part = own or "done"
        self.part = own if own in ("problems", "plan") else self.section_part

    def _part_of_heading(self, text: str) -> str | None:
        years = [int(year) for year in _YEAR.findall(text)]
        if _PROBLEMS.search(text) and not re.search(r"解决|突出问题导向", text):
            return "problems" if len(self.numbers) == 1 else None
        if years and max(years) > self.year:
            return "plan"
        if years and _DONE.search(text):
            return "done"
        if _PLAN.search(text) and not _DONE.search(text) and len(self.numbers) == 1:
            return "plan"
        return "done" if _DONE.search(text) else None

    def _part_of_paragraph(self, text: str) -> str:
        if self.numbers == [0]:
            years = [int(year) for year in _YEAR.findall(text)]
            return "done" if (years and min(years) <= self.year) or "过去一年" in text else "other"
        if self.section_part == "plan":
            return "plan"
        if _PLAN_SENTENCE.search(text):
            return "plan"
        if _PROBLEMS_SENTENCE.search(text):
            return "problems"
        return self.section_part


def _number(numeral: str) -> int:
    """A small numeral as a number, Chinese or Arabic.

    >>> _number("十二"), _number("二十"), _number("7")
    (12, 20, 7)
    """
    if numeral.isdigit():
        return int(numeral)
    total = 0
    for hundreds in numeral.split("百"):
        tens, ten, units = hundreds.rpartition("十")
        value = (_HAN_NUMBER.find(tens) + 1 or 1) * 10 if ten else 0
        total = total * 100 + value + (_HAN_NUMBER.find(units) + 1 if units else 0)
    return total

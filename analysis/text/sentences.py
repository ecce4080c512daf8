"""A restored text → sections and sentences, each with its place in the text and in the raw file.

A sentence ends at 。！？ (closing ”』）》 go with it) and at the line's end, not at ；. A heading
is a sentence too, and so is the title line; a numbered paragraph begins with its heading. Ids of
sections follow the printed numbers (`s1.10`); a section's part says what it is for: what was
done, which problems are named, what is planned. A paragraph on problems that closes a section,
behind the text of its last subsection and without a heading of its own, belongs to the section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.restore import NUMERALS

from .parts import OTHER, PARTS, Piece, assign, is_annex, is_entry

if TYPE_CHECKING:
    from analysis.restore import Restored

_SENTENCE = re.compile(r"[。！？]*[^。！？]+(?:[。！？]+[”’』」）》]*)?|[。！？]+")
_NUMBERS = {numeral: number for number, numeral in enumerate(NUMERALS)}
_ENUMERATORS = (
    re.compile(r"第?([一二三四五六七八九十百]+)(?:、|部分)"),
    re.compile(r"[（(]([一二三四五六七八九十百]+)[）)]"),
    re.compile(r"(\d{1,2})[.．、](?!\d)"),
)
_NUMBERED = re.compile(r"[第一二三四五六七八九十百（(\d]")  # what an enumerator begins with
_HEADING_LIMIT = 60

_FINISHED = re.compile(r"[。！？；][”’』」）》]*$")
_NAMED_HEADING = re.compile(
    r"(?:“[一二三四五六七八九十]+五”|(?:19|20)\d\d年|今[年后]|明年|过去|五年|[一二三四五六七八九十]年来|存在|下一步|下步|主要|政府|全[市省区州县]"
    r"|关于)?[^，。；：！？]{0,24}?(?:回顾|总结|安排|打算|任务|建议|总体要求|主要目标|发展目标|预期目标|奋斗目标|指导思想|工作重点"
    r"|重点工作|工作思路|主要工作|主要成就|主要成绩|困难和问题|问题和困难|存在的?问题|主要问题|不足|自身建设|工作要求|工作部署)"
)


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
    made = rows(report_id, restored, year)
    return pd.DataFrame(made, columns=list(tables.COLUMNS["sentences"]))


def table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Rows of many reports as a table to work on.

    Texts stay Python's own until all is made: pandas would turn each column to Arrow and back.
    """
    made = pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]), dtype=object)
    numbers = dict.fromkeys(("start", "end", "raw_start", "raw_end"), "int64")
    return made.astype(numbers | {"is_heading": bool})


def rows(report_id: str, restored: Restored, year: int) -> Sequence[tuple[Any, ...]]:
    """What `split` makes a table of."""
    places = _Places()
    pieces: list[Piece] = []
    about: list[tuple[str, str, bool]] = []
    starts: list[int] = []
    for text, start, first, alone in _pieces(restored.text):
        is_heading = first and places.enter(text, alone=alone)
        level = len(places.numbers) - 1 if is_heading and places.section != "s0" else None
        about.append((places.section, places.heading, is_heading))
        starts.append(start)
        pieces.append(Piece(text, first, level))
    ends = [start + len(piece.text) for start, piece in zip(starts, pieces, strict=True)]
    raw = restored.raw_spans(starts, ends)
    keys = (f"{report_id}:s{number:03d}" for number in range(1, len(pieces) + 1))
    parts, texts = assign(pieces, year), (piece.text for piece in pieces)
    of_each = zip(keys, about, parts, texts, starts, ends, raw, strict=True)
    found = [
        _Row(report_id, key, section, heading, is_heading, part, text, start, end, *raw_span)
        for key, (section, heading, is_heading), part, text, start, end, raw_span in of_each
    ]
    _close(found)
    _fold(found)
    return found


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
            turns = before.part != "problems" == row.part
            if turns and _FINISHED.search(before.text):
                for moved in range(number, end):
                    rows[moved] = rows[moved]._replace(section=top, heading=opened.get(top, ""))
                break


def _fold(rows: list[_Row]) -> None:
    """Take the entries of a glossary behind the report for what they are: no headings.

    3.“双减”政策：进一步减轻… is numbered and short, and opens no section. A glossary with a
    title is a section of its own; without one it belongs to the last section.
    """
    end = next((n for n in range(len(rows), 0, -1) if rows[n - 1].part != PARTS[OTHER]), 0)
    titled = (n for n in range(end, len(rows)) if is_annex(rows[n].text))
    listed = (n for n in range(end, len(rows)) if rows[n].is_heading and is_entry(rows[n].text))
    first, entry = next(titled, len(rows)), next(listed, len(rows))
    begin = min(first, entry)
    if not 0 < begin < len(rows) or entry == len(rows):
        return
    section, heading = rows[begin - 1].section, rows[begin - 1].heading
    if begin == first:
        tops = (int(row.section[1:].partition(".")[0]) for row in rows[:begin])
        section, heading = f"s{max(tops) + 1}", rows[begin].text
    for n in range(begin, len(rows)):
        opens = n == begin == first
        rows[n] = rows[n]._replace(section=section, heading=heading, is_heading=opens)


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


def _pieces(text: str) -> Iterator[tuple[str, int, bool, bool]]:
    """Each sentence without white space around it, its start; is it its line's first, and last."""
    offset = 0
    for line in text.split("\n"):
        found = []
        for match in _SENTENCE.finditer(line):
            whole = match[0]
            if piece := whole.strip():
                found.append((piece, offset + match.start() + whole.index(piece)))
        for at, (piece, start) in enumerate(found):
            yield piece, start, at == 0, at == len(found) - 1
        offset += len(line) + 1


@dataclass
class _Places:
    """Where the reading stands: section numbers and heading.

    Where a heading without a number (2014年工作安排) is above numbered ones, or the numbers begin
    again within a section, the numbered ones are its subsections: `nested`.
    """

    numbers: tuple[int, ...] = (0,)
    section: str = "s0"
    heading: str = ""
    nested: bool = False
    begun: bool = False

    def enter(self, text: str, *, alone: bool) -> bool:
        """Take a line's first sentence, `alone` if it is the only one; say if it is a heading."""
        level, mark = 0, None
        if _NUMBERED.match(text):
            marks = ((level, pattern.match(text)) for level, pattern in enumerate(_ENUMERATORS))
            level, mark = next((found for found in marks if found[1]), (0, None))
        short = len(text) <= _HEADING_LIMIT
        bare = alone and short and text[-1] not in "。：！，；"
        titled, self.begun = not self.begun and bare, True
        if mark and short and (alone or text[-1] in "。！？"):
            printed = int(mark[1]) if mark[1].isdigit() else _NUMBERS.get(mark[1], 0)
            self._open(self._depth(level, printed), printed, text)
        elif titled:
            self.heading = text
        elif bare and len(text) <= 30 and _NAMED_HEADING.fullmatch(text):
            self._open(0, 0, text)
            self.nested = True
        else:
            return False
        return True

    def _depth(self, level: int, printed: int) -> int:
        """How deep a heading with a printed number lies."""
        if level == 0 and printed == 1 and self.numbers[0] > 1:
            self.nested = True  # numbered again inside a section
        if level == 0 and self.nested and len(self.numbers) > 1:
            inner = self.numbers[1]
            if printed not in (1, inner + 1) and printed == self.numbers[0] + 1:
                self.nested = False
        return level + self.nested

    def _open(self, level: int, printed: int, text: str) -> None:
        """Begin a section with the printed number, or the next one if that is behind us."""
        *above, before = [*self.numbers, 0, 0, 0][: level + 1]
        self.numbers, self.heading = (*above, max(printed, before + 1)), text
        self.section = "s" + ".".join(map(str, self.numbers))

"""Sentences → their horizon: does one look back or ahead, and which years is it about.

A report looks back first and plans then, but headings do not always say so, a plan begins with a
word on last year, and 今年 in a report on 2022 is 2023. The part of a sentence (table `sentences`)
is the first evidence; headings, words of time and the paragraph are the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import pandas as pd

from analysis.kit import needles

from .numerals import DIGITS, number

_AHEAD = re.compile(r"目标|任务|安排|部署|打算|下一步|展望|今后|计划|建议|重点工作")
_BACK = re.compile(r"回顾|总结|成就|成效|成绩|情况|过去")
_WAS = re.compile(r"没有|只有|已经|曾经|仅有")
_FACT = re.compile(r"(?:刚刚)?过去|去年|上年|.{0,4}五年来|一年来|(?P<year>(?:19|20)\d\d)年(?!要)")
_TIME = needles.Alternatives(
    [
        r"(?<![比较])(?:(?P<year>(?:19|20)\d\d|一九[零一二三四五六七八九]{2}"
        r"|二零[零一二三四五六七八九]{2})年(?!末?相比|[^，。]{0,4}基础上"
        r"|末?的[近约]?[\d.一二两三四五六七八九十]+[多余]?倍|以?来[^，。]{0,2}(?:最|首|第|同期))"
        r"|(?P<plan>(?<![比较]“)(?<![一二三四五六七八九十])(?:十[一二三四五六七八九]?|[一二三四五六七八九]))五”"
        r"|(?P<next>明年|今年|本年度)|(?P<last>去年|上年|过去一年|一年来|全年)"
        r"|(?P<five>(?:这|过去|过去的)五年|五年(?:来|间|累计|年均)))"
    ]
)
_FIVE = ("五年间", "五年累计", "五年年均")
"""Five years of a review or of a plan; 五年来 and 过去五年 are of a review alone."""
_OPENING = 24
_ENDS = re.compile(r"从[^，。；]{4,6}[到至]$")
_OVER = re.compile(r"(?!起|开始|以?来|以?后)[^；]*[到至为][^；]*；")
"""Behind a year that something rose or fell from: what it became, and another clause."""
_NUMBERED = 1991  # reports before were given in the course of the year that they report on
_AIM = re.compile(r"目标|预期|安排|要求")
_DOCUMENT = re.compile(r"五年(?:计划|规划)|十年规划|(?:规划|计划)(?:纲要|摘要)")
_COMMUNIQUE = re.compile(r"统计.*公报|(?:执行|发展)(?:结果|情况)的?.*公报")
_TITLE_LINES, _TITLE = 8, 80


class Horizon(NamedTuple):
    """Whether a sentence stands in a plan, and the words of time that hold for it.

    `year` is the year reported on, None if not known; `times` are those of the sentence,
    `around` those of its paragraph and heading, the nearest first.
    """

    year: int | None
    plan: bool
    times: tuple[re.Match[str], ...]
    around: tuple[re.Match[str], ...]

    def _nearest(self, place: int, *, reached: bool = False) -> re.Match[str] | None:
        """The words of time of the sentence that stand nearest before a place.

        Without those that say since when, once what follows is no longer of them, as in
        位次从2015年第23位升到第18位；覆盖率达65%; `reached`: without all of these, as in
        由2015年的82%.
        """
        for time in reversed(self.times):
            since = time.string[: time.start()].rstrip("“")[-1:] in ("由", "从")
            over = reached or (since and _OVER.match(time.string, time.end(), place))
            if time.start() < place and not (since and over):
                return time
        return None

    @property
    def later(self) -> bool:
        """Whether the sentence names a year after the one reported on."""
        return any(_is_later(time, self.year) for time in self.times if not time["next"])

    def aims(self, place: int) -> bool:
        """Whether a figure at this place is planned: by the plan it stands in, or by its own year.

        2025年 in a report on 2022 is to come, whatever part it stands in; and 由2020年的82% in a
        plan is what was.
        """
        match = self._nearest(place)
        if match is None or self.year is None:
            return self.plan
        if match["year"]:
            stated = _stated(match["year"])
            if (
                stated == self.year + 1 < _NUMBERED
                and not self.plan
                and _ENDS.search(match.string, 0, match.start())
            ):
                return False
            now = self.plan and stated == self.year and place - match.end() > 1
            now = now and not match.string.startswith("比", match.end())
            now = now and not _WAS.search(match.string, match.end(), place)
            return stated > self.year or now
        if match["plan"] and match.string[match.end() : match.end() + 2] in (
            "时期",
            "期间",
            "末，",
        ):
            return self.plan or _is_later(match, self.year)
        return self.plan

    def period(self, place: int, *, reached: bool = False) -> str:
        """The year (2022) or years (2021-2025) that a figure at this place is about.

        The nearest words of time before it decide; without any it is the year reported on, or in
        a plan the next; '' if that is not known either.
        """
        match = self._nearest(place, reached=reached) or next(iter(self.around), None)
        to_come = self.plan and match is not None and match["five"] in _FIVE
        if to_come:  # those of the plan that the paragraph or heading names, or the next
            match = next((one for one in self.around if one["plan"]), match)
        if match and match["year"]:
            return str(_stated(match["year"]))
        if match and match["plan"]:
            first = first_year(match["plan"])
            return f"{first}-{first + 4}"
        if self.year is None:
            return ""
        if match and match["five"]:
            last = self.year + 5 * to_come
            return f"{last - 4}-{last}"
        return str(self.year + (self.plan if match is None else bool(match["next"])))


def horizons(
    sentences: pd.DataFrame, texts: Sequence[str], years: Mapping[str, int]
) -> Iterator[Horizon]:
    """The horizon of each sentence of the table `sentences`.

    `texts` are its texts with their numerals folded (`numerals.fold`), `years` the year that each
    report_id reports on.

    A heading that looks ahead opens a plan if one looked back before it; the plan lasts until
    another looks back. A heading that does both plans from the sentence on that opens with what
    is to come. A sentence of a plan that opens with the past looks back, and so does the rest of
    its paragraph. A sentence that names the year of its goals names it for what follows under its
    heading. What calls itself a five-year plan plans unless it looks back; a statistical communiqué
    plans nothing.
    """
    current, ended, line = None, -1, 0
    aim: tuple[re.Match[str], ...] = ()
    document, reported, counted = False, False, False
    around: tuple[re.Match[str], ...] = ()
    titles: tuple[re.Match[str], ...] = ()
    named, looked_back, plans, both, fact = "", False, False, False, False
    columns = ("report_id", "section", "heading", "is_heading", "part", "start", "end")
    for text, report, section, heading, is_heading, part, start, end in zip(
        texts, *(sentences[name].tolist() for name in columns), strict=True
    ):
        year = years.get(report)
        dated = "年" in text or "五”" in text
        times = tuple(_TIME.finditer(text)) if dated else ()
        later = False
        for match in times:
            later = later or (match.start() < _OPENING and _is_later(match, year))
        if report != current:
            current, looked_back, plans, both, ended = report, False, False, False, -1
            line, document, reported, counted, aim = 0, False, False, False, ()
        if line < _TITLE_LINES:
            line += 1
            reported = reported or "报告" in text
            counted = counted or (len(text) < _TITLE and _COMMUNIQUE.search(text) is not None)
            called = len(text) < _TITLE and _DOCUMENT.search(text) is not None
            held, document = document, not reported and (document or called)
            plans = document or (plans and not held)
        if is_heading and "." not in section:
            back, ahead = _BACK.search(text) is not None, later or _AHEAD.search(text) is not None
            both = back and ahead
            plans = not back and (plans or document or (looked_back and ahead))
            aim = ()
            looked_back = looked_back or back or part == "done"
        elif both and later:
            both, plans = False, True
        past = _FACT.match(text) if dated or "过去" in text else None
        stated = past is not None and int(past["year"] or 0) <= (year or 0)
        fact = stated or (fact and start == ended and not later)
        plan = not both and not fact and (part == "plan" or (plans and part != "problems"))
        plan = plan and not counted
        around = aim if plan else around if start == ended else ()
        if heading != named:
            named, titles = heading, tuple(_TIME.finditer(heading))
        titled = [match for match in titles if _is_later(match, year) == plan] if titles else ()
        yield Horizon(year, plan, times, (*around, *titled) if titled else around)
        if plan:
            around = ()
        elif times:
            around = (*reversed([match for match in times if _sets(match)]), *around)
        ended = end
        if later and not is_heading and _AIM.search(text):
            aim = tuple(match for match in times if _is_later(match, year))[:1]


def _sets(match: re.Match[str]) -> bool:
    """Whether words of time date other sentences too: not 由2012年的, 是2007年的."""
    if not (match["year"] or match["plan"]):
        return True
    led = match.string[: match.start()].rstrip("“")[-1:]
    base = led in ("由", "从", "自") or (match["plan"] and led in ("是", "于", "过"))
    return not base and not match.string.startswith(("的", "以", "来", "末的"), match.end())


def _is_later(match: re.Match[str], year: int | None) -> bool:
    """Whether words of time name what comes after the year reported on."""
    if match["next"] or year is None:
        return match["next"] is not None
    if match["year"]:
        return _stated(match["year"]) > year
    return match["plan"] is not None and first_year(match["plan"]) > year


@cache
def first_year(ordinal: str) -> int:
    """The first year of a five-year plan.

    >>> first_year("十四")
    2021
    """
    return 1951 + 5 * int(number(ordinal))


@cache
def _stated(year: str) -> int:
    """A year in digits of either script.

    >>> _stated("一九八零"), _stated("2022")
    (1980, 2022)
    """
    return int("".join(str(DIGITS.get(digit, digit)) for digit in year))

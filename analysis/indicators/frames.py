"""Sentences → which of them stand in a review, or among goals, of several years, and what says so.

过去五年，… opens a review of five years; the sentences behind it (城镇新增就业640万人) say no years
of their own, and may be about all five. The frame ends where a sentence opens with one year's words
(2022年，… or 过去一年), and with its section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import pandas as pd

from analysis import tables

from .horizon import first_year

_OPENING = 26  # characters of a sentence that say what follows it is about
_FIVE = r"(?:五年|5年)"
_BACK = re.compile(
    rf"(?:过去|这|刚刚过去|已经过去|走过|上一届|本届|五届|任期)的?(?:这|极不平凡的|不平凡的)?{_FIVE}"
    rf"|{_FIVE}(?:(?:来|以来|间)(?!的?(?:最|首|新高|第))|的(?:成绩|成就|奋斗|实践|发展|努力|工作)|工作回顾|回顾|前|任期)"
    r"|“?(?P<plan>十[一二三四五]?)五”?(?:时期|期间|以来|[^，。；]{0,6}(?:回顾|收官|圆满|主要成就))"
    r"|本届政府(?:成立|任期|履职|工作)?(?:的?[五5]年|[^，。；]{0,4}(?:(?P<n>[三四34])年|以来)|(?:工作)?回顾)"
)
_AHEAD = re.compile(
    rf"(?:今后|未来|下一个|接下来|往后)的?{_FIVE}|“?(?P<plan>十[一二三四五六]?)五”?(?:时期|期间|末)"
)
_DIGITS = {"三": 3, "四": 4, "3": 3, "4": 4}
_ENDS_FIVE = re.compile(r"这是[^。；]{2,60}的五年")
_ONE = re.compile(
    r"(?:各位代表[，！：]\s*)?(?:刚刚|已经)?(?:(?:过去的?|这|回首|回顾)一年|一年来|年内|今年，"
    r"|(?:去年|上年|全年)(?=，\D*$)|(?:过去的)?(?P<year>(?:19|20)\d\d)年(?=[，是]|工作|面对|全[省市区年]|我[们省市区])"
    r"|(?:做好|全面完成)?(?P<next>(?:19|20)\d\d)年(?=[^，。]{0,12}(?:目标|任务|安排|工作|预期)))"
)


class Frame(NamedTuple):
    """The years that a sentence may be about, and the sentence that opens what is said of them.

    ahead : whether these are goals.
    """

    period: str
    said_in: str
    ahead: bool


def frames(sentences: pd.DataFrame, years: Mapping[str, int]) -> dict[str, Frame]:
    """The frame of each sentence that has one, by sentence_id.

    Parameters
    ----------
    sentences : the table of that name. years : the year that each report_id reports on.
    """
    found: dict[str, Frame] = {}
    for report, own in sentences.groupby("report_id", sort=False):
        if (year := years.get(str(report))) is not None:
            found.update(_of_report(own, int(year)))
    return found


def _of_report(sentences: pd.DataFrame, year: int) -> Iterator[tuple[str, Frame]]:
    frame: Frame | None = None
    depth = 0
    for row in tables.rows(sentences):
        ahead, level = row.part == "plan", row.section.count(".")
        if frame and frame.ahead != ahead:
            frame = None
        opening = row.text[:_OPENING]
        if row.is_heading:
            opening = row.text
            if frame and level <= depth:
                frame = None
        several = (_AHEAD if ahead else _BACK).search(opening)
        several = several or (None if ahead else _ENDS_FIVE.match(row.text))
        one = _one_year(row.text, year + ahead, heading=row.is_heading)
        made = _period(several, year, ahead=ahead) if several else ""
        told = f"{year + ahead}年" in opening and not row.is_heading  # 2015年，面对“十二五”收官
        if made and not told and (row.is_heading or not one):
            frame, depth = Frame(made, row.sentence_id, ahead), level
        elif one:
            frame = None
        if frame:
            yield row.sentence_id, frame


def _one_year(text: str, year: int, *, heading: bool) -> bool:
    """Whether a sentence turns to one year: 2022年，… or 过去一年; not 2020年8月 nor 去年达到5%."""
    if heading:
        return str(year) in text
    if re.search(rf"{year}年(?:[是，]|我[们市省])", text[:_OPENING]):
        return True
    said = _ONE.match(text)
    own = said is not None and int(said["year"] or said["next"] or year) == year
    return own or "今年" in text[:_OPENING]


def _period(said: re.Match[str], year: int, *, ahead: bool) -> str:
    """The years that words of several years name; '' where they are not those under review."""
    groups = said.groupdict()
    if groups.get("plan"):
        first = first_year(groups["plan"])
        fits = first > year - 5 and first <= year + 1 if ahead else first <= year <= first + 5
        return f"{first}-{first + 4}" if fits else ""
    if groups.get("n"):
        return f"{year + 1 - _DIGITS[groups['n']]}-{year}"
    return f"{year + 1}-{year + 5}" if ahead else f"{year - 4}-{year}"

"""Which of many reports, regions or sections a figure holds: the first ones, and it says so."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from matplotlib.figure import Figure

from analysis.kit import InputError, spans
from analysis.themes import NONE

from .look import Canvas, height, numbered, say, told, wanted

ROWS = 40
"""How many one figure holds, with a row each: a page holds it."""

_KINDS = (
    "link",
    "region",
    "section",
    "topic",
    "series",
    "indicator",
    "word",
    "key",
    "rule",
    "column",
)
_KIND = {"place": "region", "theme": "topic", "crossed": "column", "indicator_id": "indicator"}
_SOURCE = 6.0  # what the source line takes of a page, in millimetres
_PAGE = 240.0  # what a page of a journal, or A4, is high without its margins, in millimetres


class Cut(NamedTuple):
    """How many places (values of `column`) of a table a figure draws, how many there are.

    `before` are those that come before the drawn ones, on pages of their own; `largest`: the drawn
    ones are those with the most; `also` is what of another column is left out; `page` of `pages`
    is named where a reader may turn them.
    """

    column: str
    drawn: int
    whole: int
    before: int = 0
    largest: bool = False
    also: Any = None
    page: int = 0
    pages: int = 0

    def said(self, lang: str) -> str:
        """What the figure and its caption say of it, '' if all are drawn."""
        kind = _KIND.get(self.column, self.column)
        kind = kind if kind in _KINDS else "report"
        facts = {"drawn": self.drawn, "whole": self.whole, "rest": self.whole - self.drawn}
        said = say(lang, f"{'largest' if self.largest else 'cut'}_{kind}", **facts)
        if self.before or self.page:
            facts |= {"page": self.page, "pages": self.pages}
            facts |= {"first": self.before + 1, "last": self.before + self.drawn}
            said = say(lang, f"page_{kind}", **facts)
        other = Cut(**self.also).said(lang) if self.also else ""
        return told(lang, said if self.drawn < self.whole else "", other)

    def after(self, said: str, lang: str) -> str:
        """The same behind what else is said below a figure."""
        return told(lang, said, self.said(lang))


def fitting(high: float, beside: float, preset: str) -> int:
    """How many blocks, each so high, a figure holds that a page holds, with so much beside them.

    One at least. A page is a slide in the preset of slides.

    >>> fitting(50, 30, "en-journal"), fitting(500, 30, "en-journal"), fitting(20, 30, "slides")
    (4, 1, 2)
    """
    fixed = height(preset)
    return max(1, int(((fixed - _SOURCE if fixed else _PAGE) - beside) / high))


def holds(high: float, beside: float, preset: str, most: int = ROWS) -> int:
    """How many lines a figure holds: as many as one asked for, or as a page holds, `most` at most.

    high : that a line is at least, and beside: what else there is, in millimetres.
    """
    return wanted(preset).take_rows() or min(most, fitting(high, beside, preset))


def refuse_page(page: int, pages: int, whole: int) -> None:
    """InputError for a page that there is not."""
    if page not in range(1, pages + 1):
        raise InputError(f"there is no page {page!r}; {whole} fill {pages}, from 1.")


def held(table: pd.DataFrame, column: str, most: int, page: int = 1) -> tuple[pd.DataFrame, Cut]:
    """The rows, numbered, of the first places of a table, as many as a figure holds; or of a page.

    InputError for a page that there is not.
    """
    places = list(dict.fromkeys(table[column]))
    pages = max(1, -(-len(places) // most))
    refuse_page(page, pages, len(places))
    before = (page - 1) * most
    drawn = places[before : before + most]
    rows = numbered(table)
    return rows[rows[column].isin(drawn)], Cut(column, len(drawn), len(places), before)


def largest(
    table: pd.DataFrame, column: str, most: int, beside: Cut | None = None
) -> tuple[pd.DataFrame, Cut | None]:
    """The rows of the places with the largest sums of n; what has no theme is not one of them."""
    sums = table[table[column] != NONE].groupby(column, sort=False)["n"].sum()
    if len(sums) <= most:
        return table, beside
    kept = sums.sort_values(ascending=False, kind="stable").index[:most]
    also = beside._asdict() if beside and beside.said("en") else None
    return table[table[column].isin(kept)], Cut(column, most, len(sums), largest=True, also=also)


def keep(figure: Canvas, cut: Cut | None, drawn: pd.DataFrame | None = None) -> None:
    """Let a figure know what it leaves out, and which rows (`row_no`) it draws, for its record."""
    if cut and cut.said("en"):
        figure.cut = cut
    if drawn is not None:
        runs = spans.runs(sorted(set(drawn["row_no"])))
        figure.inputs = {**figure.inputs, "drawn": list(map(spans.span, runs))}


def cut_of(figure: Figure) -> dict[str, Any]:
    """What the record says of what a figure leaves out (`cut`, if it does) and was drawn from.

    `drawn` are the rows of data.csv that it draws, from 1, as first–last.
    """
    kept: Cut | None = getattr(figure, "cut", None)
    said = {key: value for key, value in kept._asdict().items() if value} if kept else {}
    return {**getattr(figure, "inputs", {}), **({"cut": said} if kept else {})}


def part(table: pd.DataFrame, drawn: list[str] | None) -> pd.DataFrame:
    """The rows of a table that a figure draws, by the `drawn` of its record; all without it.

    >>> part(pd.DataFrame({"n": [5, 6, 7, 8]}), ["1–2", "4"])["n"].tolist()
    [5, 6, 8]
    """
    if drawn is None or table.empty:
        return table
    ends = [list(map(int, one.split("–"))) for one in drawn]
    return table.iloc[[at - 1 for one in ends for at in range(one[0], one[-1] + 1)]]

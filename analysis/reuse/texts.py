"""Sentences → symbols to compare: what is left of reports without blanks, marks and figures.

A symbol is a letter or a character, or a whole number: `0`, whatever it says, since a number is
what changes when a sentence is used again (`exact` tells two numbers apart). Reports stand in the
order of time, one behind the other; every symbol knows its sentence and its place in the report,
and through these the raw file. Headings and lists are text like any other.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NATION = "nation"
"""The level of a region that is the centre."""

_NUMBER = ord("0")
_POINTS = [ord("."), ord(",")]


@dataclass(frozen=True)
class Texts:
    """Reports as symbols, in the order of time.

    Attributes
    ----------
    reports : DataFrame of the reports, in that order, with `at` (the year they came out), `moment`
        (equal where nobody knows which came first) and `national`.
    symbols, exact : what each symbol is; in `exact` two numbers differ.
    report, sentence : rows of `reports`, and of the table `sentences`.
    start, end : its characters in the restored report.
    """

    reports: pd.DataFrame
    symbols: npt.NDArray[np.uint32]
    exact: npt.NDArray[np.uint32]
    report: Small
    sentence: Small
    start: Small
    end: Small

    @cached_property
    def begins(self) -> Ints:
        """Where each report begins, and the end of the last."""
        numbers = np.arange(len(self.reports) + 1)
        return np.searchsorted(self.report, numbers).astype(np.int64)


def moments(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports in the order of time: by the year they came out and, within it, by date.

    `at` is year_given, else the year of publication, else the year after the one reported on (of
    what is no work report: that year). Two of one year of which one has no date have one `moment`.
    """
    given = pd.to_numeric(reports["year_given"], errors="coerce")
    published = reports["published"].fillna("").astype(str)
    reported = reports["year"].astype(int) + reports["genre"].isin(["", "work_report"])
    dated = pd.to_numeric(published.str[:4], errors="coerce")
    made = reports.assign(at=given.fillna(dated).fillna(reported).astype(int))
    made["day"] = published.where(published.str.len() == 10, "")
    whole = made.groupby("at")["day"].transform(lambda own: (own != "").all())
    made["day"] = made["day"].where(whole, "")
    made = made.sort_values(["at", "day", "report_id"], kind="stable").reset_index(drop=True)
    made["moment"] = made.groupby(["at", "day"], sort=True).ngroup()
    made["national"] = made["level"].eq(NATION)
    return made


def read(sentences: pd.DataFrame, reports: pd.DataFrame) -> Texts:
    """The symbols of a study's sentences; `reports` is its table of that name."""
    made = moments(reports)
    order = dict(zip(made["report_id"], range(len(made)), strict=True))
    of = sentences["report_id"].map(order).to_numpy(np.int32)
    rows = np.argsort(of, kind="stable")
    texts = sentences["text"].to_numpy(object)[rows]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    codes, letters, digits = _plain(np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32))
    sentence = np.repeat(rows, sizes).astype(np.int32)
    first = np.cumsum(sizes) - sizes
    starts = sentences["start"].to_numpy(np.int64)[rows]
    start = (np.arange(len(codes)) + np.repeat(starts - first, sizes)).astype(np.int32)
    number = _numbers(codes, digits, sentence)
    begins = number & ~np.r_[False, number[:-1] & (sentence[1:] == sentence[:-1])]
    kept = np.flatnonzero((letters & ~number) | begins)
    ends = start + 1
    symbols, exact = codes[kept], codes[kept].copy()
    runs = np.flatnonzero(begins)
    if len(runs):
        last = np.flatnonzero(number & ~np.r_[number[1:] & ~begins[1:], False])
        ends[runs] = start[last] + 1
        of_run = np.flatnonzero(number)
        place = of_run - np.repeat(runs, last - runs + 1)
        weights = np.cumprod(np.full(place.max() + 1, 1000003, np.uint32), dtype=np.uint32)
        told = np.add.reduceat(codes[of_run] * weights[place], np.cumsum(last - runs + 1) - (last - runs + 1))
        at = np.searchsorted(kept, runs)
        symbols[at], exact[at] = _NUMBER, told
    report = of[sentence[kept]].astype(np.int32)
    return Texts(made, symbols, exact, report, sentence[kept], start[kept], ends[kept])


def _plain(codes: Any) -> tuple[npt.NDArray[np.uint32], Flags, Flags]:
    """Characters without width and case; which are letters or characters, and which digits."""
    known, at = np.unique(codes, return_inverse=True)
    plain = [_narrow(chr(code)) for code in known]
    letters = np.array([char.isalnum() for char in plain], bool)
    digits = np.array([char in "0123456789" for char in plain], bool)
    folded = np.array([ord(char) for char in plain], np.uint32)
    return folded[at], letters[at], digits[at]


def _narrow(char: str) -> str:
    found = unicodedata.normalize("NFKC", char).lower()
    return found if len(found) == 1 else char


def _numbers(codes: Any, digits: Flags, sentence: Small) -> Flags:
    """Digits, and the points and commas between two of them."""
    inside = np.isin(codes, _POINTS)
    inside[1:] &= digits[:-1] & (sentence[1:] == sentence[:-1])
    inside[:-1] &= digits[1:] & (sentence[1:] == sentence[:-1])
    inside[[0, -1][: len(inside)]] = False
    found: Flags = digits | inside
    return found

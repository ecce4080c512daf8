"""Sentences → symbols to compare: what is left of reports without blanks, marks, figures and names.

A symbol is a letter or a character, or stands for what changes when a sentence is used again: a
whole number, whatever it says; the report's own region; its rank (省, 市, 区, 县, 州 are one).
Reports stand in the order of time, one behind the other; every symbol knows its sentence and its
place in the report, and through these the raw file. Headings and lists are text like any other.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.text import places

Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NATION = "nation"
"""The level of a region that is the centre."""

NUMBER = "0"
"""The symbol of every number."""

_NAME, _MORE = "\ue000", "\ue001"
_RANKS = dict.fromkeys("市区县州", "省")
_POINTS = [ord("."), ord(",")]


@dataclass(frozen=True)
class Texts:
    """Reports as symbols, in the order of time.

    Attributes
    ----------
    reports : DataFrame of the reports, in that order, with `moments`.
    symbols : what each symbol is.
    report, sentence : rows of `reports`, and of the table `sentences`.
    start, end : its characters in the restored report.
    """

    reports: pd.DataFrame
    symbols: npt.NDArray[np.uint32]
    report: Small
    sentence: Small
    start: Small
    end: Small

    @cached_property
    def begins(self) -> Ints:
        """Where each report begins, and the end of the last."""
        numbers = np.arange(len(self.reports) + 1)
        return np.searchsorted(self.report, numbers).astype(np.int64)

    def facts(self, name: str) -> Ints:
        """A column of `reports` as numbers."""
        return self.reports[name].to_numpy(np.int64)


def moments(reports: pd.DataFrame) -> pd.DataFrame:
    """Reports in the order of time: by the year they came out and, within it, by date.

    `at` is year_given, else the year of publication, else the year after the one reported on (of
    what is no work report: that year). `moment` is equal where nobody knows which came first: of
    one year all, unless each has a date. `place` is a number of the region, whatever it was called
    then, -1 for the centre's; `name` what the region is called in short.
    """
    given = pd.to_numeric(reports["year_given"], errors="coerce")
    published = reports["published"].fillna("").astype(str)
    reported = reports["year"].astype(int) + reports["genre"].isin(["", "work_report"])
    dated = pd.to_numeric(published.str[:4], errors="coerce")
    made = reports.assign(at=given.fillna(dated).fillna(reported).astype(int))
    day = published.where(published.str.len() == 10, "")
    whole = day.ne("").groupby(made["at"]).transform("all")
    made["day"] = day.where(whole, "")
    made = made.sort_values(["at", "day", "report_id"], kind="stable").reset_index(drop=True)
    made["moment"] = made.groupby(["at", "day"], sort=True).ngroup()
    called = [*zip(made["region"], made["at"], strict=True)]
    known = {one: places.lookup(one[0], year=one[1]) for one in dict.fromkeys(called)}
    ids = pd.Series([place.region_id if (place := known[one]) else one[0] for one in called])
    made["place"] = ids.astype("category").cat.codes.where(made["level"] != NATION, -1).astype(int)
    made["name"] = [place.short if (place := known[one]) else one[0] for one in called]
    return made


def read(sentences: pd.DataFrame, reports: pd.DataFrame) -> Texts:
    """The symbols of a study's sentences; `reports` is its table of that name."""
    made = moments(reports)
    order = dict(zip(made["report_id"], range(len(made)), strict=True))
    of = sentences["report_id"].map(order).to_numpy(np.int32)
    rows = np.argsort(of, kind="stable")
    masks = [(name, _NAME + _MORE * (len(name) - 1)) for name in made["name"]]
    told = zip(sentences["text"].to_numpy(object)[rows], of[rows].tolist(), strict=True)
    texts = [text.replace(*masks[report]) for text, report in told]
    sizes = np.fromiter(map(len, texts), np.int64, len(texts))
    codes, letters, digits = _plain(np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32))
    sentence = np.repeat(rows, sizes).astype(np.int32)
    starts = sentences["start"].to_numpy(np.int64)[rows] - (np.cumsum(sizes) - sizes)
    start = (np.arange(len(codes)) + np.repeat(starts, sizes)).astype(np.int32)
    number = _numbers(codes, digits, sentence)
    first = number.copy()
    first[1:] &= ~number[:-1] | (sentence[1:] != sentence[:-1])
    codes[first] = ord(NUMBER)
    more = (number & ~first) | (codes == ord(_MORE))  # what belongs to the symbol before it
    begins = np.flatnonzero(~more)
    end = start[begins] + np.diff(np.r_[begins, len(codes)]).astype(np.int32)
    kept = (letters | first)[begins]
    at = begins[kept]
    return Texts(made, codes[at], of[sentence[at]], sentence[at], start[at], end[kept])


def _plain(codes: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.uint32], Flags, Flags]:
    """Characters without width, case and rank; which are letters or characters, which digits."""
    held = np.zeros(0x110000, bool)
    held[codes] = True
    known = np.flatnonzero(held)
    plain = [_narrow(chr(code)) for code in known]
    folded = np.zeros(0x110000, np.uint32)
    letters, digits = held.copy(), held
    folded[known] = [ord(char) for char in plain]
    letters[known] = [char.isalnum() or char == _NAME for char in plain]
    digits[known] = [char in "0123456789" for char in plain]
    return folded[codes], letters[codes], digits[codes]


def _narrow(char: str) -> str:
    found = unicodedata.normalize("NFKC", char).lower()
    return _RANKS.get(found, found) if len(found) == 1 else char


def _numbers(codes: npt.NDArray[np.uint32], digits: Flags, sentence: Small) -> Flags:
    """Digits, and the points and commas between two of them."""
    point = np.isin(codes, _POINTS)
    same = sentence[1:] == sentence[:-1]
    before, behind = np.zeros(len(codes), bool), np.zeros(len(codes), bool)
    before[1:], behind[:-1] = digits[:-1] & same, digits[1:] & same
    found: Flags = digits | (point & before & behind)
    return found

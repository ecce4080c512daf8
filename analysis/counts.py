"""How often each word stands in each report: all that frequency and keyness need to know.

Hits keep places, counts keep numbers. A study's own words, a slice of them (what was done, what is
planned, an earlier year) and the bundled reference list are all `Counts`, so any of them can be
held against any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from analysis import keywords, tables
from analysis.errors import InputError, unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

SLICES = ("report_id", "region", "level", "year", "part", "section")
"""What a slice of a study may be chosen by."""

_PARTS = {
    "done": {"zh": "已做", "en": "done"},
    "problems": {"zh": "问题", "en": "problems"},
    "plan": {"zh": "打算", "en": "plan"},
    "other": {"zh": "其他", "en": "other"},
}
_WORDS = {
    "zh": ("{region}{year}年报告", "{years}年 {n} 份报告", "、", "（{}）"),
    "en": ("report of {region} on {year}", "{n} reports on {years}", ", ", " ({})"),
}


@dataclass(frozen=True)
class Counts:
    """Word counts of a set of reports.

    Parameters
    ----------
    rows : report_id, key, n; one row a word and report, n above 0.
    sizes : report_id, N_tokens, N_chars; one row a report, those without a word too.
    label : what the set is, in `zh` and `en`, for captions.
    """

    rows: pd.DataFrame
    sizes: pd.DataFrame
    label: Mapping[str, str]

    @classmethod
    def of(
        cls,
        terms: pd.DataFrame,
        sentences: pd.DataFrame,
        label: Mapping[str, str],
        words: pd.DataFrame | None = None,
    ) -> Counts:
        """The counts of the table `terms` in the sentences it was made from.

        `words` is the table whose rows are the denominator, if that is another than `terms`.
        """
        counted = terms[terms["sentence_id"].isin(sentences["sentence_id"])]
        rows = counted.groupby(["report_id", "key"]).size().rename("n").reset_index()
        chars = {key: keywords.n_chars(own) for key, own in sentences.groupby("report_id")}
        all_words = counted if words is None else words
        inside = all_words["sentence_id"].isin(sentences["sentence_id"])
        tokens = all_words[inside].groupby("report_id").size()
        sizes = pd.DataFrame(
            [(key, int(tokens.get(key, 0)), count) for key, count in chars.items()],
            columns=["report_id", "N_tokens", "N_chars"],
        )
        return cls(rows, sizes, label)

    @cached_property
    def n(self) -> pd.Series[int]:
        """Each word's count over all reports, by word."""
        return self.rows.groupby("key")["n"].sum()

    @property
    def N_tokens(self) -> int:
        """All words."""
        return int(self.sizes["N_tokens"].sum())

    @property
    def N_chars(self) -> int:
        """All characters but white space."""
        return int(self.sizes["N_chars"].sum())

    @property
    def reports(self) -> int:
        """How many reports."""
        return len(self.sizes)


def select(sentences: pd.DataFrame, reports: pd.DataFrame, slice_: str) -> pd.DataFrame:
    """The sentences of a slice.

    Parameters
    ----------
    sentences, reports : the tables of those names.
    slice_ : conditions such as `part=done` or `year=2021|2022;region=厦门市`: all of them hold, and
        of the values behind one `=` any. '' is everything.

    Raises
    ------
    InputError
        for a name that is not one of `SLICES`, or a value that does not occur.

    Examples
    --------
    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "year": [2022]})
    >>> select(sentences, reports, "part=plan").part.tolist()
    ['plan']
    """
    placed = sentences[["report_id"]].merge(reports, on="report_id", how="left")
    wanted = pd.Series(data=True, index=sentences.index)
    for condition in filter(None, slice_.split(";")):
        name, _, values = condition.partition("=")
        if name not in SLICES:
            raise InputError(unknown("slice", name, SLICES))
        column = sentences[name] if name in sentences else placed[name].set_axis(sentences.index)
        found = column.astype(str)
        for value in values.split("|"):
            if value not in set(found):
                raise InputError(unknown(name, value, sorted(set(found))))
        wanted &= found.isin(values.split("|"))
    return sentences[wanted]


def problem(slice_: str, reports: pd.DataFrame) -> str:
    """What is wrong with a slice, '' if nothing: told without reading a report.

    A section can only be looked for in the texts, so its value is not held against anything.
    """
    for condition in filter(None, slice_.split(";")):
        name, _, values = condition.partition("=")
        if name not in SLICES:
            return unknown("slice", name, SLICES)
        known = set(_PARTS) if name == "part" else set(reports.get(name, [])) or set()
        for value in values.split("|"):
            if name != "section" and value not in {str(one) for one in known}:
                return unknown(name, value, sorted(str(one) for one in known))
    return ""


def describe(sentences: pd.DataFrame, reports: pd.DataFrame, whole: pd.DataFrame) -> dict[str, str]:
    """What a slice is, in `zh` and `en`: its reports, and its parts if it has not all of `whole`'s.

    Examples
    --------
    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "region": ["厦门市"], "year": [2022]})
    >>> describe(sentences[:1], reports, sentences)
    {'zh': '厦门市2022年报告（已做）', 'en': 'report of 厦门市 on 2022 (done)'}
    """
    own = reports[reports["report_id"].isin(sentences["report_id"])]
    years = sorted({str(year) for year in own["year"]})
    span = "–".join(dict.fromkeys([years[0], years[-1]])) if years else ""
    parts = [part for part in _PARTS if part in set(sentences["part"])]
    some = len(parts) < whole["part"].nunique()
    label = {}
    for lang, (one, many, between, brackets) in _WORDS.items():
        named = [one.format(region=row.region, year=row.year) for row in tables.rows(own)]
        said = between.join(named) if len(own) <= 2 else many.format(n=len(own), years=span)
        inside = between.join(_PARTS[part][lang] for part in parts)
        label[lang] = said + (brackets.format(inside) if some else "")
    return label

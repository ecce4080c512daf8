"""How often each word stands in each report: all that frequency and keyness need to know.

Hits keep places, counts keep numbers. A study's own words, a slice of them (what was done, what is
planned, an earlier year) and the bundled reference list are all `Counts`, so any of them can be
held against any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis import tables
from analysis.kit import InputError, must_occur, spans

from . import keywords

SLICES = ("report_id", "region", "level", "year", "part", "section")
"""What a slice of a study may be chosen by."""

PARTS = {
    "done": {"zh": "已做", "en": "done"},
    "problems": {"zh": "问题", "en": "problems"},
    "plan": {"zh": "打算", "en": "plan"},
    "other": {"zh": "其他", "en": "other"},
}
"""Parts of a report, and what they are called."""
_WORDS = {
    "zh": ("{region}{year}年报告", "{years}年 {n} 份报告", "、", "（{}）"),
    "en": ("report of {region} on {year}", "{n} reports on {years}", ", ", " ({})"),
}


@dataclass(frozen=True)
class Counts:
    """Word counts of a set of reports.

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
        counted, tokens = (
            table[table["sentence_id"].isin(sentences["sentence_id"])]
            for table in (terms, terms if words is None else words)
        )
        rows = counted.groupby(["report_id", "key"]).size().rename("n").reset_index()
        chars = keywords.lengths(sentences).groupby(sentences["report_id"]).sum()
        N_tokens = tokens.groupby("report_id").size().reindex(chars.index, fill_value=0)
        sizes = pd.DataFrame({"N_tokens": N_tokens, "N_chars": chars}).reset_index()
        return cls(rows, sizes, label)

    @cached_property
    def words(self) -> pd.DataFrame:
        """Each word's n and reports (that hold it) over all reports, by word."""
        return self.rows.groupby("key").agg(n=("n", "sum"), reports=("n", "size"))

    @property
    def n(self) -> pd.Series[int]:
        """Each word's count over all reports, by word."""
        return self.words["n"]

    @property
    def N_tokens(self) -> int:
        """All words."""
        return int(self.sizes["N_tokens"].sum())

    @property
    def reports(self) -> int:
        """How many reports."""
        return len(self.sizes)


def select(sentences: pd.DataFrame, reports: pd.DataFrame, slice_: str) -> pd.DataFrame:
    """The sentences of a slice.

    `slice_` holds conditions such as `part=done` or `year=2021|2022;region=厦门市`: all of them
    hold, and of the values behind one `=` any; '' is everything. InputError for a name that is not
    one of `SLICES`, or a value that does not occur.

    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "year": [2022]})
    >>> select(sentences, reports, "part=plan").part.tolist()
    ['plan']
    """
    placed = sentences[["report_id"]].merge(reports, on="report_id", how="left")
    wanted = pd.Series(data=True, index=sentences.index)
    for name, values in conditions(slice_, "slice", SLICES):
        column = sentences[name] if name in sentences else placed[name].set_axis(sentences.index)
        must_occur(name, values, column)
        wanted &= column.astype(str).isin(values)
    return sentences[wanted]


def problem(slice_: str, reports: pd.DataFrame) -> str:
    """What is wrong with a slice, '' if nothing: told without reading a report.

    A section can only be looked for in the texts, so its value is not held against anything.
    """
    try:
        for name, values in conditions(slice_, "slice", SLICES):
            if name != "section":
                must_occur(name, values, PARTS if name == "part" else reports.get(name, []))
    except InputError as error:
        return error.message
    return ""


def conditions(text: str, what: str, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Name and values of each condition of `name=value|value;…`; InputError for another name."""
    for condition in filter(None, map(str.strip, text.split(";"))):
        name, _, values = map(str.strip, condition.partition("="))
        must_occur(what, [name], names)
        yield name, values.split("|")


def describe(sentences: pd.DataFrame, reports: pd.DataFrame, whole: pd.DataFrame) -> dict[str, str]:
    """What a slice is, in `zh` and `en`: its reports, and its parts if it has not all of `whole`'s.

    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "region": ["厦门市"], "year": [2022]})
    >>> describe(sentences[:1], reports, sentences)
    {'zh': '厦门市2022年报告（已做）', 'en': 'report of 厦门市 on 2022 (done)'}
    """
    own = reports[reports["report_id"].isin(sentences["report_id"])]
    parts = [part for part in PARTS if part in set(sentences["part"])]
    some = len(parts) < whole["part"].nunique()
    label = {}
    for lang, (one, many, between, brackets) in _WORDS.items():
        named = [one.format(region=row.region, year=row.year) for row in tables.rows(own)]
        counted = many.format(n=len(own), years=spans.span(own["year"]))
        said = between.join(named) if len(own) <= 2 else counted
        inside = between.join(PARTS[part][lang] for part in parts)
        label[lang] = said + (brackets.format(inside) if some else "")
    return label

"""A slice of a study: some of its reports, parts and sections, as one writes it.

`part=done;year>=2021` holds of every table with a row a sentence, or a row a place of a report.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import InputError, must_occur, spans
from analysis.text import english, identity

REPORTS = ("report_id", "region", "province", "level", "year", "year_given")
"""What reports may be chosen by: year is the one reported on, year_given that of the title."""

SLICES = (*REPORTS, "part", "section")
"""What a slice of a study may be chosen by."""

NUMBERS = ("year", "year_given")
"""Those that can be compared by size."""

_BY_SIZE: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_CONDITION = re.compile(r"([^<>=!]*)([<>=!]*)(.*)", re.S)

PARTS = {
    "done": {"zh": "已做", "en": "done"},
    "problems": {"zh": "问题", "en": "problems"},
    "plan": {"zh": "打算", "en": "plan"},
    "other": {"zh": "其他", "en": "other"},
}
"""Parts of a report, and what they are called."""
_WORDS = {
    "zh": ("{region}{year}年报告", "{years}年{other} {n} 份报告", "其余", "、", "（{}）"),
    "en": (
        "report of {region} on {year}",
        "{n}{other} reports on {years}",
        " other",
        ", ",
        " ({})",
    ),
}


class Condition(NamedTuple):
    """One condition of a slice: a name, how it is compared, and with what."""

    name: str
    sign: str
    values: list[str]

    def __str__(self) -> str:
        return f"{self.name}{self.sign}{'|'.join(self.values)}"

    def holds(self, column: pd.Series[Any]) -> pd.Series[bool]:
        """Where it holds; InputError for a value that does not occur, a comparison none meets.

        What has no number (a title without a year) meets no comparison but `!=`.
        """
        known = column.astype("Int64") if self.name in NUMBERS else column
        found: pd.Series[bool]
        if compare := _BY_SIZE.get(self.sign):
            found = compare(known, int(self.values[0])).fillna(value=False).astype(bool)
            if not found.any():
                raise InputError(f"no report has {self}; {occurring(self.name, known)}.")
            return found
        must_occur(self.name, self.values, known.dropna().unique())
        coded = isinstance(known.dtype, pd.CategoricalDtype)
        found = tables.among(known if coded else known.astype(str), self.values)
        return ~found if self.sign == "!=" else found


def occurring(name: str, column: pd.Series[Any]) -> str:
    """Which values there are, for a sentence: `year is 2012–2022`, `level is city or county`."""
    values = column.dropna().unique()
    said = spans.span(values) if name in NUMBERS else " or ".join(sorted(map(str, values)))
    return f"{name} is {said or 'stated by none'}"


def select(sentences: pd.DataFrame, reports: pd.DataFrame, slice_: str) -> pd.DataFrame:
    """The sentences of a slice.

    `slice_` holds conditions such as `part=done` or `year>=2021;region=厦门市|福州市`: all of them
    hold, and of the values behind one `=` any; '' is everything. InputError for a name that is not
    one of `SLICES`, a value that does not occur, or a comparison (`conditions`) that none meets.

    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "year": [2022]})
    >>> select(sentences, reports, "part=plan").part.tolist()
    ['plan']
    """
    here = reports[tables.among(reports["report_id"], sentences["report_id"])]
    wanted = pd.Series(data=True, index=sentences.index)
    for one in conditions(slice_, "slice", SLICES):
        if one.name in REPORTS:
            chosen = here["report_id"][one.holds(about(here, one.name))]
            wanted &= tables.among(sentences["report_id"], chosen)
        else:
            wanted &= one.holds(sentences[one.name])
    return sentences[wanted]


def about(reports: pd.DataFrame, name: str) -> pd.Series[Any]:
    """What a condition on reports is about: a column; the province follows from code or name."""
    if name != "province" or name in reports:
        return reports[name]
    rows = tables.rows(reports[["region", "region_code", "year"]])
    provinces = [identity.province_in(row.region, row.region_code, int(row.year)) for row in rows]
    return pd.Series(provinces, reports.index, dtype=object)


def problem(slice_: str, reports: pd.DataFrame) -> str:
    """What is wrong with a slice, '' if nothing: told without reading a report.

    A section can only be looked for in the texts, so its value is not held against anything.
    """
    try:
        for one in conditions(slice_, "slice", SLICES):
            if one.name == "part":
                must_occur("part", one.values, PARTS)
            elif one.name != "section":
                one.holds(about(reports, one.name))
    except InputError as error:
        return error.message
    return ""


def is_condition(wanted: str) -> bool:
    """Whether an entry of a list of reports is no id but a condition."""
    return bool(re.search("[=<>!]", wanted))


def conditions(
    text: str, what: str, names: Sequence[str], *, compared: bool = True
) -> Iterator[Condition]:
    """Each condition of `name=value|value;…`; InputError for another name.

    Where not told otherwise, `!=` stands for `=` too, and of `NUMBERS` `>=`, `<=`, `>`, `<`;
    InputError for other signs, for one of these beside what is no number.

    >>> [str(one) for one in conditions("year >= 2021; part=done", "slice", SLICES)]
    ['year>=2021', 'part=done']
    """
    for condition in filter(None, map(str.strip, text.split(";"))):
        name, sign, values = map(str.strip, _CONDITION.fullmatch(condition).groups())  # type: ignore[union-attr]
        must_occur(what, [name], names)
        signs = ["=", "!=", *_BY_SIZE] if compared else ["="]
        if sign not in signs:
            said = f"says {sign!r}" if sign else "compares nothing"
            raise InputError(f"{condition!r} {said}; write {name} and one of {' '.join(signs)}.")
        if sign in _BY_SIZE and name not in NUMBERS:
            said = f"{name} holds no numbers; only {' and '.join(NUMBERS)} take {sign}"
            raise InputError(f"{condition!r}: {said}.")
        if sign in _BY_SIZE and not re.fullmatch(r"\d{1,9}", values):
            raise InputError(f"{condition!r}: {values!r} is no year; {sign} takes one, say 2020.")
        yield Condition(name, sign, values.split("|"))


def describe(
    sentences: pd.DataFrame, reports: pd.DataFrame, whole: pd.DataFrame, *, rest: bool = False
) -> dict[str, str]:
    """What a slice is, in `zh` and `en`: its reports, and its parts if it has not all of `whole`'s.

    `rest` says that they are the others.

    >>> sentences = pd.DataFrame({"report_id": ["a", "a"], "part": ["done", "plan"]})
    >>> reports = pd.DataFrame({"report_id": ["a"], "region": ["厦门市"], "year": [2022]})
    >>> describe(sentences[:1], reports, sentences)
    {'zh': '厦门市2022年报告（已做）', 'en': 'report of Xiamen on 2022 (done)'}
    """
    own = reports[tables.among(reports["report_id"], sentences["report_id"])]
    held, every = (set(one.get("part", ())) for one in (sentences, whole))
    parts = [part for part in PARTS if part in held]
    label = {}
    for lang, (one, many, other, between, brackets) in _WORDS.items():
        two = tables.rows(own[:2])
        place = str if lang == "zh" else english.region
        named = [one.format(region=place(row.region), year=row.year) for row in two]
        which = other if rest else ""
        counted = many.format(n=len(own), years=spans.span(own["year"]), other=which)
        said = between.join(named) if len(own) <= 2 else counted
        inside = between.join(PARTS[part][lang] for part in parts)
        label[lang] = said + (brackets.format(inside) if len(parts) < len(every) else "")
    return label

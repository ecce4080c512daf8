"""A study held against something: a slice against another, words and themes over years.

The other side is a slice of the same study or the bundled reference list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, NamedTuple

import pandas as pd

from analysis import evidence, tables, themes
from analysis.kit import InputError, home, must_occur
from analysis.words import PER, Counts, counts, keywords, queries, reference, slices

from . import strings
from .shards import RARE

UNITS = ("words", "bigrams", "trigrams", "groups")
"""What can be counted."""

REFERENCE, NATIONAL = "reference", "national report"
REST = "rest"
"""Name of the other side that is all other reports."""


@dataclass(frozen=True)
class Contrast:
    """Two sets of words: their counts, and what was counted, which is looked up when asked for.

    own, other : the places of either side, rows of the table `sizes` of `study` and `whole`.
    """

    target: Counts
    reference: Counts
    study: Any
    whole: Any
    own: pd.DataFrame
    other: pd.DataFrame
    units: str

    @cached_property
    def sentences(self) -> pd.DataFrame:
        """The target's sentences."""
        return strings.of_places(self.study.sentences, self.own)

    @cached_property
    def terms(self) -> pd.DataFrame:
        """The target's hits, a table `terms`."""
        hits = self.study.hits(self.units)
        kept = hits["sentence_id"].isin(self.sentences["sentence_id"])
        found: pd.DataFrame = hits[kept].reset_index(drop=True)
        return found

    @cached_property
    def hits(self) -> pd.DataFrame:
        """The hits of both sides, each with its sentence; of the bundled list there are none."""
        other = strings.of_places(self.whole.sentences, self.other)
        places = pd.concat([self.sentences, other], ignore_index=True)
        hits = self.study.hits(self.units)
        if self.whole is not self.study:
            both = [hits, self.whole.hits(self.units)]
            hits = pd.concat(both, ignore_index=True).drop_duplicates()
        return evidence.of(hits[hits["sentence_id"].isin(places["sentence_id"])], places)


class Rates(NamedTuple):
    """A table over years, what it was counted from, and its sources if those are not reports.

    names : in each language, what its themes are called by the book that coded them. left_out :
    words that held a key and were not counted. genre : of the bundled list, if it was counted.
    phrases : keys that are no words and were counted as text.
    """

    table: pd.DataFrame
    behind: Callable[[], pd.DataFrame]
    cited: Mapping[str, list[str]] = {"zh": [], "en": []}
    names: Mapping[str, Mapping[str, str]] = {"zh": {}, "en": {}}
    left_out: Sequence[str] = ()
    genre: str = ""
    phrases: Sequence[str] = ()

    @property
    def evidence(self) -> pd.DataFrame:
        """What was counted, looked up when asked for."""
        return self.behind()


def hits(study: Any, units: str = "words") -> pd.DataFrame:
    """The table `terms` with other units of counting.

    InputError for any other unit.

    Parameters
    ----------
    units : one of `UNITS`. A group of codebooks/term_groups.yaml stands under its Chinese name.
    """
    must_occur("unit", [units], UNITS)
    if units != "groups":
        return keywords.ngrams(study.terms, UNITS.index(units) + 1)
    found = themes.match(study.sentences, study.term_groups)
    named = found.assign(key=found["key"].map(study.term_groups.names("zh")))
    return named.loc[named["shadowed_by"] == "", list(tables.COLUMNS["terms"])]


def contrast(
    study: Any,
    target: str = "",
    against: str = REFERENCE,
    units: str = "words",
    *,
    within: str = "",
    common: bool = True,
    min_n: int = 1,
) -> Contrast:
    """Two sets of words to hold against each other.

    InputError for a slice that does not exist, or if nothing is left of the target: what is of the
    other side does not count on both.

    Parameters
    ----------
    target : a slice of the wanted reports (`slices.select`), '' for all of them.
    against : a slice (of the whole study, where it names reports, regions or years);
        `reference` for the bundled list, `reference:genre=law` for a part of it, without what is
        a report of the study (`reference.apart`); `rest` for all other reports of the study, of
        them the parts that `target` names.
    within : conditions that both sides meet, such as `year=2022`; it goes with `rest`.
    units : what is counted, one of `UNITS`. The bundled list knows words only: held against
        it, other units have an empty side.
    common : whether the two may have something in common; InputError if not and they have.
    min_n : words of fewer tokens are not asked for; the counts may lack them.
    """
    name, _, part = against.partition(":")
    refuse_within(within, against)
    own, whole = slices.select(study.sizes, study.about, target), study
    if within:
        inside = slices.select(study.sizes, study.about, within)
        own = own.loc[own.index.isin(inside.index)]
    other, rest = own.iloc[:0], against == REST
    if name != REFERENCE:
        asked = within_parts(target, within) if rest else against
        named = {one.name for one in slices.conditions(asked, "slice", slices.SLICES)}
        whole = study.whole if rest or named & {*slices.REPORTS} else study
        other = slices.select(whole.sizes, whole.about, asked)
        if rest:
            other = other[~tables.among(other["report_id"], own["report_id"])]
        if rest or whole is study:
            both = own.index.isin(() if rest else other.index)
        else:
            both = pd.MultiIndex.from_frame(own[[*counts.PLACE]]).isin(
                pd.MultiIndex.from_frame(other[[*counts.PLACE]])
            )
        if both.any() and not common:
            said = f"{target!r} and {against!r} have something in common; name another slice."
            raise InputError(said)
        own = own[~both]
    if own.empty or (rest and other.empty):
        said = f"nothing is left to hold against {against!r}, which then holds no word"
        raise InputError(f"{said}; name another slice.")
    label = slices.describe(own, study.reports, study.sizes)
    counted = partial(_counted, units=units, min_n=1 if name == REFERENCE else min_n)
    if name == REFERENCE and units != "words":
        second = counted(study, other, {"zh": "（无参照）", "en": "(no reference)"})
    elif name == REFERENCE:
        second = reference.counted(
            reference.apart(part or "default", study.reports.to_dict("records"))
        )
    else:
        named_so = slices.describe(other, whole.reports, whole.sizes, rest=rest)
        second = counted(whole, other, named_so)
    return Contrast(counted(study, own, label), second, study, whole, own, other, units)


def _counted(
    study: Any, places: pd.DataFrame, label: Mapping[str, str], *, units: str, min_n: int
) -> Counts:
    """The counts of some places; of words of a corpus by its sums, where these know them."""
    if units != "words":
        denominator = study.terms if units == "groups" else None
        own = strings.of_places(study.sentences, places)
        return Counts.of(study.hits(units), own, label, denominator)
    counts: Counts = study.counted(places, label)
    if study.is_corpus:
        known = study._shards.summed(study.about, study.sizes, places, rare=min_n < RARE)
        if known is not None:
            counts.__dict__["words"] = known
    return counts


def refuse_within(within: str, against: str) -> None:
    """InputError for `within` beside another side than `rest`."""
    if within and against != REST:
        said = f"{within!r} goes with `rest`, and {against!r} is held against"
        raise InputError(f"{said}; name rest, or write the conditions into both slices.")


def within_parts(target: str, within: str) -> str:
    """The slice of what is not the target's reports: `within`, and the parts of the target."""
    both = slices.conditions(target, "slice", slices.SLICES)
    parts = [str(one) for one in both if one.name not in slices.REPORTS]
    return ";".join(filter(None, [within, *parts]))


def rates(
    study: Any,
    keys: Sequence[str],
    over: str = "",
    *,
    inside: bool = False,
    without: Sequence[str] = (),
    units: str = "words",
    target: str = "",
) -> Rates:
    """How often words stand in reports of several years.

    A phrase that the segmentation cuts in two is counted as text; `unit` is `phrase` then.
    InputError for groups and phrases to be looked for in the bundled list, which knows words only.

    Parameters
    ----------
    over : `study` for the study's reports by region and year, or a genre of the bundled
        reference list; '' for the study where it has several years, else the national reports.
    inside : count a word inside longer words too (法治 in 法治政府), but not in those of
        `without` (依法治国).
    units : with `groups` a key that names a group of codebooks/term_groups.yaml counts the group,
        in the study's own reports, of one year too; the table then has a column `unit`, `group` or
        `word`.
    target : a slice of the study's own reports that is counted, '' for all of them.

    Returns
    -------
    Rates
        table: `keywords.rates` by year, or `reference.rates`, with a column `at`: the year
        reported on, or that of publication. evidence: the hits, or the list's documents.
    """
    grouped = _grouped(study, keys) if units == "groups" else {}
    if grouped and over not in ("", "study"):
        said = f"the list of {over}s knows words only, not the group {next(iter(grouped))!r}"
        raise InputError(f"{said}; set units to words, or over to study.")
    single = strings.phrases(study, [key for key in keys if key not in grouped])
    if _own_years(study, over) or grouped:
        how: dict[str, Any] = {"inside": inside, "without": without}
        return _own_rates(study, keys, grouped, single, target, how)
    if single:
        raise InputError(
            f"{strings.said(study, single[0])[:-1]}; the bundled list knows words only: name "
            "another word, or draw the study's own years (over: study)."
        )
    genre, apart = over or NATIONAL, without if inside else ()
    table = reference.rates(keys, genre=genre, containing=inside, without=apart)
    known = set(reference.counts(f"genre={genre}").n.index)
    made = _of_reference(table, genre)
    return made._replace(left_out=_left_out(known, keys, without=without, inside=inside))


def _own_rates(
    study: Any,
    keys: Sequence[str],
    grouped: Mapping[str, str],
    single: Sequence[str],
    target: str,
    how: dict[str, Any],
) -> Rates:
    """The same of the study's own reports; `grouped` and `single` are the groups and phrases."""
    names = [grouped.get(key, key) for key in keys]
    plain = [key for key in keys if key not in grouped and key not in single]
    places = slices.select(study.sizes, study.about, target)
    counts = study.counted(places)
    table = keywords.rates(counts, study.reports, names, **how)

    def sentences() -> pd.DataFrame:
        every: pd.DataFrame = study.sentences
        return strings.of_places(every, places) if target else every

    unit = pd.Series("word", index=table.index)
    others: Any = (
        (lambda: Counts.of(study.hits("groups"), sentences()), [*grouped.values()], "group"),
        (lambda: strings.counted(study, single, places), [*single], "phrase"),
    )
    for counted, found, what in others:
        if found:
            n = keywords.rates(counted(), study.reports, names)["n"]
            unit[table["key"].isin(found)] = what
            table["n"] = n.where(unit == what, table["n"])
    table["rate"] = table["n"] / table["N_chars"] * PER
    if grouped or single:
        table["unit"] = unit

    def behind() -> pd.DataFrame:
        inside, without = how["inside"], how["without"]
        hits = [keywords.containing(study.terms, plain, without) if inside else study.terms]
        if grouped or single:
            hits = [hits[0][hits[0]["key"].isin(plain)]]
            hits += [study.hits("groups")] if grouped else []
            hits += [strings.hits(study, single, target)[0]] if single else []
        own, found = sentences(), pd.concat(hits, ignore_index=True)
        return evidence.of(found[found["sentence_id"].isin(own["sentence_id"])], own, key=names)

    left_out = _left_out(counts.n.index, keys, **how)
    return Rates(table.assign(at=table["year"]), behind, phrases=single, left_out=left_out)


def _grouped(study: Any, keys: Sequence[str]) -> dict[str, str]:
    """Of some keys, those that are a group's id or name, with the name its hits stand under."""
    book = study.term_groups
    zh, en = book.names("zh"), book.names("en")
    named = {name: zh[one] for one in book.ids for name in (one, zh[one], en[one])}
    return {key: named[key] for key in keys if key in named}


def _left_out(
    words: Collection[str], keys: Sequence[str], *, without: Sequence[str], inside: bool
) -> list[str]:
    """Of the words that hold no key, those that occur and would have held one."""
    held = [word for word in words if any(key in word for key in keys)] if inside else []
    return [
        one for one in without if any(re.fullmatch(queries.shape([one]), word) for word in held)
    ]


def _own_years(study: Any, over: str) -> bool:
    """Whether the years are those of the study's own reports."""
    return over == "study" or (not over and study.reports["year"].nunique() > 1)


def theme_rates(study: Any, over: str = "") -> Rates:
    """Coverage of the themes by region and year; `over` and what comes back as in `rates`.

    The bundled list was coded by the bundled book and has that book's names. A study with themes of
    its own is drawn by its own reports, of one year too, unless `over` asks for the list.
    """
    bundled = themes.Codebook.load(home() / "data" / "codebooks" / "themes.yaml")
    if _own_years(study, over) or (not over and study.codebook != bundled):
        by: dict[str, Any] = {"by": ("region", "year"), "reports": study.reports}
        table = themes.coverage(study.codings, study.sentences, study.codebook, **by)
        made = Rates(
            table.assign(at=table["year"]),
            lambda: evidence.of(study.codings, study.sentences, is_heading=False),
        )
        return made._replace(names=_named(study.codebook))
    table = reference.theme_rates(over or NATIONAL)
    return _of_reference(table, over or NATIONAL)._replace(names=_named(bundled))


def _named(codebook: themes.Codebook) -> dict[str, dict[str, str]]:
    return {lang: codebook.names(lang) for lang in ("zh", "en")}


def _of_reference(table: pd.DataFrame, genre: str) -> Rates:
    """A table of the bundled reference list, with the documents it was counted from."""
    documents = evidence.of(reference.documents(), document_id=list(table["document_id"].unique()))
    label = reference.counts(f"genre={genre}").label
    cited = {lang: [said] for lang, said in label.items()}
    return Rates(table.assign(at=table["published"]), lambda: documents, cited, genre=genre)

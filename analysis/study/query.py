"""Questions to a study of any size, answered from the counts and parts that its store keeps.

A slice is written as for `slices.select`. Sums are of whole numbers, added up in the order of the
parts: the same question has the same answer, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import tables
from analysis import themes as theme
from analysis.indicators import trends
from analysis.kit import InputError, must_occur
from analysis.words import PER, collocations, keywords, queries, slices
from analysis.words import keyness as compared

from . import compare, shards, strings
from .shards import Shards
from .store import MANIFEST
from .study import Study

LINES = 100
"""Lines of a concordance, where nobody says."""

_OF_WORDS = ("frequency", "dispersion", "keyness")
_REPORTS_AT_ONCE = 50


def opened(path: Path, codebook: str = "") -> Study:
    """The study in a folder, or the corpus, with the engine that it was built with."""
    if (path / MANIFEST).is_file():
        return Study(path, engine=str(Shards(path).manifest["engine"]), codebook=codebook)
    return Study(path, codebook=codebook)


def chosen(study: Study, text: str = "") -> pd.DataFrame:
    """The rows of the table `sizes` of a slice; InputError where nothing fits."""
    own = slices.select(study.sizes, study.about, text)
    if own.empty:
        raise InputError(f"no report or part fits {text!r}; name another slice.")
    return own


def frequency(study: Study, text: str = "") -> pd.DataFrame:
    """Each word's frequency in a slice: the table of `keywords.frequency`."""
    return keywords.frequency(study.counted(chosen(study, text)))


def dispersion(study: Study, text: str = "") -> pd.DataFrame:
    """How evenly words are spread over a slice's reports: the table of `dispersion.measured`."""
    return study.counted(chosen(study, text)).spread("report_id")


def keyness(
    study: Study,
    target: str,
    against: str = compare.REST,
    *,
    within: str = "",
    dispersion: bool = False,
    min_n: int = 1,
) -> pd.DataFrame:
    """A slice's words against another's: the table of `keyness.compare`.

    InputError if the two have something in common, or one of them holds no word.

    Parameters
    ----------
    target, against, within : as in `compare.contrast`.
    dispersion : whether dp of each word in the target and dp_reference are added.
    min_n : words of fewer tokens in both together are left out. From `shards.RARE` on, slices of
        provinces, or of years, of a corpus are read from its totals: a fraction of the time.
    """
    named = against.partition(":")[0] in (compare.REST, compare.REFERENCE)
    known = shards.sums_know(target, "" if named else against, within)
    if study.is_corpus and known and not dispersion:
        study = study.by_report()
    two = compare.contrast(study, target, against, within=within, common=False, min_n=min_n)
    for side, text in ((two.target, target), (two.reference, against)):
        if not side.N_tokens:
            raise InputError(f"the slice {text!r} holds no word.")
    n = two.target.n.add(two.reference.n, fill_value=0)
    table = compared.compare(two.target, two.reference, keys=n.index[n >= min_n].tolist())
    spread = {"": two.target} | ({"_reference": two.reference} if len(two.other) else {})
    for name, side in spread.items() if dispersion else ():
        dp = side.spread("report_id").set_index("key")["dp"]
        table[f"dp{name}"] = dp.reindex(table["key"]).to_numpy()
    return table


def rates(
    study: Study, keys: Sequence[str], text: str = "", *, by: Sequence[str] = ("province", "year")
) -> pd.DataFrame:
    """Rates of some words in each group of a slice's reports: the table of `keywords.rates`."""
    places, names = chosen(study, text), _by(by)
    table = keywords.rates(study.counted(places), study.about, keys, by=names)
    if single := strings.phrases(study, keys):
        other = keywords.rates(strings.counted(study, single, places), study.about, keys, by=names)
        table["n"] = other["n"].where(table["key"].isin(single), table["n"])
        table["rate"] = table["n"] / table["N_chars"] * PER
    return table


def coverage(study: Study, text: str = "", *, by: Sequence[str] = ()) -> pd.DataFrame:
    """The share of each theme in a slice: the table of `themes.coverage`, by groups sorted."""
    groups = _by(by)
    own = slices.select(study.coverage, study.about, text)
    table = theme.covered(own, study.codebook, by=tuple(groups), reports=study.about)
    return table.sort_values(groups, kind="stable", ignore_index=True) if groups else table


def concordance(
    study: Study,
    key: str,
    text: str = "",
    *,
    limit: int = LINES,
    width: int = 20,
    sort: str = "place",
) -> pd.DataFrame:
    """The first lines of a word in its context: the table of `keywords.concordance`.

    They are the first in the order of the reports; `sort` puts these in order.
    """
    hits, sentences = lines(study, key, text, limit)
    return keywords.concordance(hits, sentences, width=width, sort=sort, cut=study.segmenter.words)


def lines(
    study: Study, key: str, text: str = "", limit: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The first hits of a word in a slice, a table `terms`, and the sentences that hold it.

    A phrase that the segmentation cuts in two is looked for as text, and so is any other term of a
    query (`words.queries`).
    """
    if strings.phrases(study, [key]):
        places = chosen(study, text)
        found = strings.look(study, key)
        return (found.within(places) if text else found).hits(limit)
    return word_lines(study, queries.term(key), text, limit)


def word_lines(
    study: Study, term: queries.Term, text: str = "", limit: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of the words that are a term as a whole."""
    counts = study.counted(chosen(study, text))
    group, reports = counts.group("report_id")
    words = strings.forms(term, counts)
    held_in = counts.matrix(words, group).sum(axis=0) > 0
    holding = reports["report_id"][held_in[: len(reports)]].tolist() if words else []
    hits, held = [tables.empty("terms")], [tables.empty("sentences")]
    for first in range(0, len(holding), _REPORTS_AT_ONCE):
        some = study.only(holding[first : first + _REPORTS_AT_ONCE])
        own = slices.select(some.sentences, some.about, _of_parts(text))
        for group_ in term.needs:
            any_of = "|".join(map(re.escape, sorted(group_)))
            own = own[own["text"].str.contains(any_of)]
        found = keywords.term_hits(own, study.segmenter)
        held.append(own)
        hits.append(found[found["key"].isin(words)].assign(key=term.key))
        if limit and sum(map(len, hits)) >= limit:
            break
    both, places = (pd.concat(frames, ignore_index=True) for frames in (hits, held))
    return both.head(limit) if limit else both, places


def collocates(
    study: Study, found: strings.Found, text: str = "", *, span: int = 5, min_n: int = 2
) -> pd.DataFrame:
    """The words near a term that was looked for in a slice: the table of `collocations.table`.

    Each hit of the term is one word, in the place of those that it touches.
    """
    hits, own = found.hits()
    key, counts = found.term.key, study.counted(chosen(study, text))
    words = collocations.with_node(keywords.term_hits(own, study.segmenter), hits)
    of = counts.n, counts.N_tokens
    return collocations.table(words, key, span=span, min_n=min_n, of=of)


def _of_parts(text: str) -> str:
    """The conditions of a slice that are not about reports."""
    both = slices.conditions(text, "slice", slices.SLICES)
    return ";".join(str(one) for one in both if one.name not in slices.REPORTS)


def indicators(study: Study, text: str = "") -> pd.DataFrame:
    """The figures found of a slice that have a name: the table `indicators`, all `extracted`.

    What people curated is not among them: see `Study.indicators`.
    """
    if _of_parts(text):
        raise InputError(f"indicators are of whole reports, and {text!r} is not.")
    about = slices.select(study.reports[["report_id"]], study.about, text)
    ids = about["report_id"].tolist()
    parts = study.parts("figures_found", ids)
    named = [table.filter(pc.not_equal(table["indicator_id"], "")) for table in _loaded(parts)]
    found: pd.DataFrame = pa.concat_tables(named).to_pandas()
    place = {key: at for at, key in enumerate(ids)}
    found = found[found["report_id"].isin(ids)]
    found = found.iloc[found["report_id"].map(place).argsort(kind="stable")]
    found = found.merge(study.reports, on="report_id")
    stated = pd.to_numeric(found["period"].str[:4], errors="coerce")
    year = stated.fillna(found["year"]).astype(int)
    period = found["period"].where(found["period"] != "", year.astype(str))
    found = found.assign(year=year, period=period, status="extracted")
    return found.reindex(columns=list(tables.COLUMNS["indicators"]), fill_value="")


def _loaded(parts: Sequence[Any]) -> Iterator[pa.Table]:
    return (load() for _, load in parts)


def panel(study: Study, regions: Sequence[str], text: str = "", **which: Any) -> pd.DataFrame:
    """The series of some regions' indicators as extracted: the table of `trends.panel`."""
    found = indicators(study, text)
    return trends.panel(found, study.indicator_codebook, regions=regions, **which)


def answer(
    path: Path,
    what: str,
    *,
    terms: Sequence[str] = (),
    slice: str = "",  # noqa: A002
    against: str = compare.REST,
    within: str = "",
    stopwords: bool = False,
    dispersion: bool = False,
    by: Sequence[str] = (),
    regions: Sequence[str] = (),
    min_n: int = 1,
    top: int | None = None,
    codebook: str = "",
) -> pd.DataFrame:
    """What `gongbao corpus query` prints: one of the tables above, its first `top` rows.

    `path` is the folder of a corpus or of any study. `stopwords` hides rows of words that are
    (codebooks/stopwords.txt); counts stay as they are. InputError if the question lacks something,
    or asks for what is not there.
    """
    study = opened(path, codebook)
    if codebook and what != "coverage":
        raise InputError(f"--codebook goes with coverage; {what} asks for no codes.")
    if within and what != "keyness":
        raise InputError(f"--within goes with keyness; {what} takes the conditions in --slice.")
    if stopwords and what not in _OF_WORDS:
        raise InputError(f"--stopwords goes with {', '.join(_OF_WORDS)}.")
    if what in ("rates", "concordance") and not terms:
        raise InputError(f"{what} needs a TERM.")
    if by and what not in ("rates", "coverage"):
        raise InputError(f"--by goes with rates and coverage, not with {what}.")
    if what == "panel" and not regions:
        raise InputError("panel needs --regions.")
    of_term = partial(concordance, study, text=slice, limit=top or LINES)
    asked: dict[str, Callable[[], pd.DataFrame]] = {
        "frequency": lambda: frequency(study, slice),
        "dispersion": lambda: _dispersion(study, slice),
        "keyness": lambda: keyness(
            study, slice, against, within=within, dispersion=dispersion, min_n=min_n
        ),
        "rates": lambda: rates(study, terms, slice, by=by or ("province", "year")),
        "coverage": lambda: coverage(study, slice, by=by),
        "indicators": lambda: indicators(study, slice),
        "panel": lambda: panel(study, regions, slice),
        "concordance": lambda: pd.concat(map(of_term, terms)),
    }
    found = asked[what]()
    if stopwords:
        found = found[~found["key"].isin(study.stopwords)].reset_index(drop=True)
    return found.head(top) if top else found


_dispersion = dispersion


def as_text(path: Path, terms: Sequence[str]) -> Iterator[str]:
    """A sentence for each term that is no word, so that its text is counted."""
    study = opened(path)
    return (strings.said(study, one) for one in strings.phrases(study, terms))


def not_found(path: Path, terms: Sequence[str], answered: pd.DataFrame) -> Iterator[str]:
    """A sentence for each term without a hit: words are counted, and it may be part of some."""
    hits = answered[answered["n"] > 0] if "n" in answered else answered
    missing = [term for term in terms if term not in set(hits["key"])]
    if not missing:
        return
    study = opened(path)
    every = study.counted(study.sizes).n
    for term in missing:
        if strings.phrases(study, [term]):
            yield f"{term}: no hit, neither as a word nor as text."
            continue
        held = every[every.index.str.contains(term, regex=False)].sort_index()
        held = held.sort_values(ascending=False, kind="stable").head(6)
        found = [f"{word} {n:,}" for word, n in held.items()]
        said = f"words of the corpus that hold it: {', '.join(found) or 'none'}"
        yield f"{term}: no hit as a word of its own; {said}."


def _by(names: Sequence[str]) -> list[str]:
    """Columns to group by; InputError for another one."""
    must_occur("by", names, [one for one in slices.REPORTS if one != "year_given"])
    return list(names)

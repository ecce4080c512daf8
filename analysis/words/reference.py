"""The bundled reference list: how often each word stands in 197 documents of government prose.

Figures only, no text: 24 provincial reports of 2026, 52 national reports of 1954-2025 and 121 laws,
counted by the suite's own functions (data/reference/build.py). It is what a study's words can be
held against, and a trend of words and themes out of the box.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis import tables
from analysis.kit import InputError, home, must_occur, spans
from analysis.text import kinds

from . import keywords, queries
from .counts import Counts
from .slices import conditions

GENRES = ("provincial report", "national report", "law")
DEFAULT = "genre=provincial report;from=2026 + genre=national report;from=2013"
"""What `default` stands for."""

_KINDS = {
    "provincial report": ("work_report", "province"),
    "national report": ("work_report", "nation"),
    "law": ("law", ""),
}
_ABOUT = ["document_id", "region", "year", "published"]


def folder() -> Path:
    """Where the list is: data/reference of the checkout, or of the installed package."""
    return home() / "data" / "reference"


def documents() -> pd.DataFrame:
    """The documents behind the list.

    document_id, genre (`provincial report`, `national report`, `law`), region, level, year
    (reported on; none for a law), published (year), title, source (address), sha256 (of the file),
    text_sha256 (of the record's text as it came, in UTF-8), N_chars (all characters but white
    space), N_tokens, N_sentences (headings too).
    """
    return _documents().copy()


@lru_cache(maxsize=1)
def _documents() -> pd.DataFrame:
    path = folder() / "documents.csv"
    frame = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
    return frame.assign(year=pd.to_numeric(frame["year"].replace("", None)).astype("Int64"))


@lru_cache(maxsize=1)
def _terms() -> pd.DataFrame:
    frame = pd.read_parquet(folder() / "terms.parquet")
    return frame.astype({"document_id": "category", "term": "category", "n": "int64"})


def versions() -> dict[str, Any]:
    """Engine, lexicon, themes and restorer that the list was made with, for provenance."""
    return dict(yaml.safe_load((folder() / "versions.yaml").read_text(encoding="utf-8")))


def select(selection: str = "default") -> pd.DataFrame:
    """The documents of a selection, as `documents()` has them.

    That is `default`, or conditions such as `genre=national report;from=1978;to=1992` (genre,
    region: several joined by `|`; from and to: years of publication), several selections joined by
    ` + `. InputError for a condition, genre or region that is not known, a year that is none, and a
    selection that no document meets.
    """
    frame = _documents()
    chosen = pd.Series(data=False, index=frame.index)
    for one in (DEFAULT if selection == "default" else selection).split("+"):
        chosen |= _meets(frame, one)
    if not chosen.any():
        first, last = frame["published"].min(), frame["published"].max()
        raise InputError(
            f"no document of the reference list is in {selection!r}; it holds {', '.join(GENRES)} "
            f"published {first} to {last}."
        )
    return frame[chosen].reset_index(drop=True)


def apart(selection: str, reports: Iterable[Mapping[Any, Any]]) -> pd.DataFrame:
    """The documents of a selection that are none of some reports.

    One is by its file's sha256, or a report (no law) of the same region on the same year. Each of
    `reports` has region, year and sha256. InputError if no document is left.
    """
    chosen, rows = select(selection), list(reports)
    files = {row["sha256"] for row in rows}
    places = {(row["region"], int(row["year"])) for row in rows}
    known = [
        row.sha256 in files or (row.genre != "law" and (row.region, int(row.year)) in places)
        for row in tables.rows(chosen)
    ]
    left = chosen[[not one for one in known]].reset_index(drop=True)
    if left.empty:
        raise InputError(
            f"every document of {selection!r} in the reference list is a report of this study, "
            "which would be held against itself; name another part of the list, or a slice."
        )
    return left


def _meets(frame: pd.DataFrame, selection: str) -> pd.Series[bool]:
    """Which documents meet every condition of one selection."""
    chosen = pd.Series(data=True, index=frame.index)
    names = ("genre", "region", "from", "to")
    for name, _, values in conditions(selection, "condition", names, compared=False):
        if name in ("genre", "region"):
            must_occur(name, values, frame[name])
            chosen &= frame[name].isin(values)
        elif re.fullmatch(r"\d{4}", year := "|".join(values)):
            published = frame["published"]
            chosen &= published >= int(year) if name == "from" else published <= int(year)
        else:
            raise InputError(f"{name} is {year!r}; it must be a year such as 2013.")
    return chosen


@lru_cache(maxsize=8)
def counts(selection: str = "default") -> Counts:
    """Word counts of a selection of documents (see `select`), to hold a study's words against.

    report_id is the document_id; the label names the composition in `zh` and `en`.
    """
    return counted(select(selection))


def counted(documents: pd.DataFrame) -> Counts:
    """The same of some rows of `documents()`."""
    chosen = documents.rename(columns={"document_id": "report_id"})
    terms = _terms().set_axis(["report_id", "key", "n"], axis=1)
    rows = terms[terms["report_id"].isin(chosen["report_id"])].reset_index(drop=True)
    rows = rows.astype({"report_id": "str", "key": "str"})
    return Counts.summed(rows, chosen[["report_id", "N_tokens", "N_chars"]], _label(chosen))


def composition(documents: pd.DataFrame) -> dict[str, str]:
    """How many of each genre some rows of `documents()` are, and when these were published.

    >>> composition(select("genre=law"))["en"]
    '121 laws (published 1958–2024)'
    """
    parts: dict[str, list[str]] = {"zh": [], "en": []}
    for genre, of in _KINDS.items():
        published = documents.loc[documents["genre"] == genre, "published"]
        if published.empty:
            continue
        years = spans.span(published)
        zh, en = (kinds.counted(*of, len(published), lang) for lang in ("zh", "en"))
        parts["zh"].append(f"{zh}（{years} 年发布）")
        parts["en"].append(f"{en} (published {years})")
    return {"zh": "、".join(parts["zh"]), "en": " and ".join(parts["en"])}


def _label(chosen: pd.DataFrame) -> dict[str, str]:
    """What documents they are, and how many tokens they have."""
    tokens, said = int(chosen["N_tokens"].sum()), composition(chosen)
    return {"zh": f"{said['zh']}，共 {tokens:,} 词", "en": f"{said['en']}, {tokens:,} words"}


def rates(
    keys: Sequence[str],
    *,
    genre: str = "national report",
    by: str = "document",
    containing: bool = False,
    without: Collection[str] = (),
) -> pd.DataFrame:
    """Rates of some words in the documents of a genre: a trend out of the box.

    The list holds words, not text: 法治 alone is not 法治 in 法治政府, which is a word of its own.
    With `containing` every word that holds the key counts, as often as it holds it, but for the
    words of `without` (依法治国 is no 法治, 依法制裁 no 法制). A string that runs over the end of a
    word (民生 in 国民|生产) never does.

    One row a document, or with by="published" a year: document_id, region, year (reported on) and
    published (published alone, by year), key, n, N_chars, rate (per 10,000 characters), N_tokens,
    reports; zero where a document holds none. In the order of publication and region, the words as
    given. A year without a document has no row. InputError for a genre that is not known,
    ValueError for another `by`.
    """
    if by not in ("document", "published"):
        raise ValueError(f"by is {by!r}; it must be document or published")
    about = _ABOUT if by == "document" else ["published"]
    chosen = _of(genre).set_index("document_id", drop=False)
    terms = _terms()
    frames: list[pd.DataFrame] = []
    for key in dict.fromkeys(keys):
        own = _counted(terms, key, containing, without).reindex(chosen.index, fill_value=0)
        frames.append(chosen.assign(key=key, order=len(frames), n=own, reports=1))
    grouped = pd.concat(frames, ignore_index=True).groupby([*about, "order", "key"], dropna=False)
    table = grouped[["n", "N_chars", "N_tokens", "reports"]].sum().reset_index()
    table["rate"] = table["n"] / table["N_chars"] * keywords.PER
    first = ["published", "region", "order"] if by == "document" else ["published", "order"]
    columns = [*about, "key", "n", "N_chars", "rate", "N_tokens", "reports"]
    return table.sort_values(first, kind="stable", ignore_index=True)[columns]


def _counted(
    terms: pd.DataFrame, key: str, containing: bool, without: Collection[str]
) -> pd.Series[int]:
    """A word's count by document_id."""
    words = terms["term"].cat.categories
    times = words.str.count(re.escape(key)) * ~words.str.fullmatch(queries.shape(without))
    weight = pd.Series(times if containing else (words == key).astype(int), index=words)
    held = terms[terms["term"].isin(weight.index[weight > 0])]
    n = held["n"] * held["term"].astype("str").map(weight).astype("int64")
    return n.groupby(held["document_id"].astype("str")).sum()


def theme_rates(genre: str = "national report") -> pd.DataFrame:
    """How much of each document of a genre each theme covers, by the bundled codebook.

    document_id, region, year, published, theme, n, N_sentences (without headings), share, chars,
    N_chars; in the order of publication and region, `none` too. InputError for a genre that is not
    known.
    """
    chosen = _of(genre)[_ABOUT].sort_values(["published", "region"])
    frame = pd.read_csv(folder() / "themes.csv", encoding="utf-8-sig")
    return chosen.merge(frame, on="document_id")


def _of(genre: str) -> pd.DataFrame:
    must_occur("genre", [genre], GENRES)
    return select(f"genre={genre}")

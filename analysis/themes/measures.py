"""What codes amount to: coverage with intervals, themes in one sentence, themes along a report."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import must_occur
from analysis.words import interval, keywords, lengths

from .codebook import NONE, Codebook


def coverage(
    codings: pd.DataFrame,
    sentences: pd.DataFrame,
    codebook: Codebook,
    *,
    by: tuple[str, ...] = (),
    reports: pd.DataFrame | None = None,
    only: Collection[str] = (),
    sample: bool = False,
) -> pd.DataFrame:
    """The share of sentences, and of characters, that each theme is the primary theme of.

    Headings are left out.

    Parameters
    ----------
    by : columns of sentences (report_id, section, part) or of `reports` (region, year; the table
        is needed for these only) to tell apart; InputError for one that is not there.
    only : themes that get a row; empty for all of the codebook, zero or not, and `none`. The
        denominators stay the same.
    sample : whether the reports are a sample.

    Returns
    -------
    DataFrame
        One row a theme (within each group of `by`): theme, n and N_sentences, share (n /
        N_sentences), lo and hi (of share, see `keywords.interval`; NaN unless `sample`), chars and
        N_chars (white space left out), char_share, reports (that hold the theme).
    """
    sums = covering(codings, sentences, exclusive=codebook.exclusive)
    sections = [*dict.fromkeys(sentences["section"])] if by == ("section",) else []
    how: dict[str, Any] = {"by": by, "reports": reports, "only": only, "sample": sample}
    return covered(sums, codebook, sections=sections, **how)


COVERAGE = ("report_id", "section", "part", "is_heading", "theme", "n", "chars")
"""Columns of the table `coverage`."""


def covering(
    codings: pd.DataFrame, sentences: pd.DataFrame, *, exclusive: bool = True
) -> pd.DataFrame:
    """How many sentences and characters of each place have a theme as primary one: `COVERAGE`.

    With a codebook that is not `exclusive`, have a theme at all; the theme '' then is all.
    """
    places = [name for name in COVERAGE[:4] if name in sentences]
    codes = codings if exclusive else each(codings)
    of: dict[str, list[str]] = {key: [] if exclusive else [""] for key in codings["sentence_id"]}
    for key, theme in zip(codes["sentence_id"], codes["primary_theme"], strict=True):
        of[key].append(theme)
    columns = (sentences[name].tolist() for name in ("sentence_id", *places))
    sums: dict[tuple[Any, ...], list[int]] = {}
    for chars, key, *place in zip(lengths(sentences).tolist(), *columns, strict=True):
        for theme in of.get(key, ()):
            held = sums.setdefault((*place, theme), [0, 0])
            held[0] += 1
            held[1] += chars
    rows = [(*place, *held) for place, held in sums.items()]
    return pd.DataFrame(rows, columns=[*places, *COVERAGE[4:]])


def each(codings: pd.DataFrame) -> pd.DataFrame:
    """The table `codings` with a row for each theme of a sentence, in place of the primary one."""
    others = codings["primary_theme"] + ";" + codings["other_themes"]
    return codings.assign(primary_theme=others.str.strip(";").str.split(";")).explode(
        "primary_theme", ignore_index=True
    )


def covered(
    sums: pd.DataFrame,
    codebook: Codebook,
    *,
    by: tuple[str, ...] = (),
    reports: pd.DataFrame | None = None,
    only: Collection[str] = (),
    sections: Sequence[str] = (),
    sample: bool = False,
) -> pd.DataFrame:
    """The table of `coverage` out of a table `COVERAGE`.

    `sections` is the order of the sections, which may have lost what told it; the others as there.
    """
    sums = sums[~sums["is_heading"].astype(bool)]
    if reports is not None:
        known = reports.set_index("report_id")
        sums = sums[tables.among(sums["report_id"], known.index)]
        new = [name for name in known.columns if name in by and name not in sums.columns]
        sums = sums.assign(**{name: sums["report_id"].map(known[name]) for name in new})
    must_occur("by", by, sums.columns)
    if sections:  # in the order of the headings, which may be left out
        order = {section: at for at, section in enumerate(sections)}
        sums = sums.sort_values("section", key=lambda own: own.map(order), kind="stable")
    themes = list(only) or [*codebook.ids, NONE]
    (report, ids), (theme, named) = (pd.factorize(sums[name]) for name in ("report_id", "theme"))
    number = pd.Index([*themes, ""], dtype=object).get_indexer(named.astype(object))
    sums = sums.assign(report=ids.astype(object).argsort().argsort()[report], theme=number[theme])
    places: Any = sums.groupby(list(by), sort=False, observed=True) if by else [((), sums)]
    rows = [
        (*place, *measured)
        for place, group in places
        for measured in _shares(group, themes, sample=sample, exclusive=codebook.exclusive)
    ]
    columns = [*by, "theme", "n", "N_sentences", "share", "lo", "hi"]
    return pd.DataFrame(rows, columns=[*columns, "chars", "N_chars", "char_share", "reports"])


def _shares(
    group: pd.DataFrame, themes: list[str], *, sample: bool, exclusive: bool
) -> Iterator[tuple[Any, ...]]:
    """What `coverage` says of each theme in some places; `group` numbers reports and themes.

    Sentences are those of all rows; where a sentence may have several themes, of the theme ''.
    """
    held, report = np.unique(group["report"], return_inverse=True)
    counts = np.zeros((len(themes) + 2, len(held)), dtype=np.int64)  # then of '' and of others
    np.add.at(counts, (group["theme"], report), group["n"])
    chars = np.zeros(len(themes) + 2, dtype=np.int64)
    np.add.at(chars, group["theme"], group["chars"])
    whole = slice(None) if exclusive else slice(len(themes), len(themes) + 1)
    drawn = keywords.RESAMPLES * sample
    bounds = interval(counts[: len(themes)], counts[whole].sum(axis=0), drawn, 0)
    N, N_chars = counts[whole].sum(), chars[whole].sum()
    for theme, by_report, lo, hi, own in zip(themes, counts, *bounds, chars, strict=False):
        n, reports = by_report.sum(), (by_report > 0).sum()
        share, char_share = (over / of if of else np.nan for over, of in ((n, N), (own, N_chars)))
        yield theme, n, N, share, lo, hi, own, N_chars, char_share, reports


def _joined(codings: pd.DataFrame, sentences: pd.DataFrame, *, headings: bool) -> pd.DataFrame:
    """Sentences, without headings unless asked, with their codes and lengths (`chars`)."""
    joined = sentences.merge(codings.drop(columns="report_id"), on="sentence_id")
    joined = joined[headings | ~joined["is_heading"].astype(bool)]
    return joined.assign(chars=lengths(joined))


def cooccurrence(
    codings: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook, *, headings: bool = False
) -> pd.DataFrame:
    """How often two themes have hits of their own in the same sentence.

    A theme lent by a heading is no hit; `headings` says whether headings count as sentences. One
    row a pair of themes, zeros too, `theme` before `other` in the codebook: n (sentences of both),
    n_theme and n_other (of each), N_sentences, n_uncoded (those without a theme), jaccard (n /
    sentences of either, NaN where there is none).
    """
    joined = _joined(codings, sentences, headings=headings)
    own = joined[joined["rule"].str.startswith("hits:")]
    held = (own["primary_theme"] + ";" + own["other_themes"]).str.get_dummies(";")
    held = held.reindex(columns=codebook.ids, fill_value=0)
    n, rows = (held.T @ held).to_dict(), []
    of = len(joined), int((joined["primary_theme"] == NONE).sum())
    for theme, other in combinations(codebook.ids, 2):
        both, one, two = n[theme][other], n[theme][theme], n[other][other]
        jaccard = both / (one + two - both) if one + two else np.nan
        rows.append((theme, other, both, one, two, *of, jaccard))
    columns = ["theme", "other", "n", "n_theme", "n_other", "N_sentences", "n_uncoded", "jaccard"]
    return pd.DataFrame(rows, columns=columns)


CROSSED = "crossed_theme"
"""The column of codings that holds another codebook's code of the same sentence."""


def crossing(codings: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Codings by one codebook with the codes of another beside them (`CROSSED`).

    A sentence with several themes of a codebook that is not exclusive has a row for each: give
    those as `each` has them.
    """
    other = others[["sentence_id", "primary_theme"]]
    return codings.merge(other.rename(columns={"primary_theme": CROSSED}), on="sentence_id")


def cross(
    crossed: pd.DataFrame,
    sentences: pd.DataFrame,
    books: tuple[Codebook, Codebook],
) -> pd.DataFrame:
    """How many sentences have a theme of one codebook and one of another: a cross table.

    Headings are left out.

    Parameters
    ----------
    crossed : what `crossing` returns; books : the two codebooks, in its order.

    Returns
    -------
    DataFrame
        One row a pair of themes, `none` among them, zeros too: theme, crossed, n, n_theme and
        n_crossed (sentences of each), N_sentences, share (n / N_sentences), share_theme (n /
        n_theme, NaN where there is none).
    """
    kinds = dict(zip(sentences["sentence_id"], sentences["is_heading"], strict=True))
    own = crossed[[key in kinds and not kinds[key] for key in crossed["sentence_id"]]]
    n = own.groupby(["primary_theme", CROSSED]).size().to_dict()
    of, other = (own.drop_duplicates(["sentence_id", one]) for one in ("primary_theme", CROSSED))
    counts = of["primary_theme"].value_counts(), other[CROSSED].value_counts()
    N, rows = own["sentence_id"].nunique(), []
    for theme in (*books[0].ids, NONE):
        for second in (*books[1].ids, NONE):
            both, one = n.get((theme, second), 0), int(counts[0].get(theme, 0))
            shares = both / N if N else np.nan, both / one if one else np.nan
            rows.append((theme, second, both, one, int(counts[1].get(second, 0)), N, *shares))
    columns = ["theme", "crossed", "n", "n_theme", "n_crossed", "N_sentences", "share"]
    return pd.DataFrame(rows, columns=[*columns, "share_theme"])


def flow(codings: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Which theme is where along each report, headings too: one row a sentence, in order.

    report_id, sentence_id, place and end_place (where it begins and ends, 0 to 1 of the report's
    characters), theme (primary), rule_kind (`hits`, `heading`, `model`, `none`).
    """
    joined = _joined(codings, sentences, headings=True)
    length = joined.groupby("report_id")["end"].transform("max")
    joined = joined.assign(
        place=joined["start"] / length,
        end_place=joined["end"] / length,
        theme=joined["primary_theme"],
        rule_kind=joined["rule"].str.partition(":")[0].where(joined["primary_theme"] != NONE, NONE),
    )
    return joined[["report_id", "sentence_id", "place", "end_place", "theme", "rule_kind"]]

"""What a figure is about: said by the measure that made it, so that nothing is guessed afterwards.

It travels with the figure into provenance.json (`about`); caption, methods paragraph and references
are composed of it. What a measure does not say is not the case.

    measure         words.keyness: what was called, '' for a table of one's own
    reports         conditions that the reports were chosen by, such as year>=2010
    target          the slice of them that was counted, '' for all
    against         the other side: a slice, `rest`, or ''
    within          what both sides meet, beside `rest`
    reference       the part of the bundled list that is the other side, ''
    genre           the genre of the bundled list, where its documents are what was counted, not
                    the study's reports
    units           words, bigrams, trigrams, groups: what was counted
    groups          of the words of a trend those that are groups of synonyms
    inside          whether words inside longer words count
    without         words that occur, hold a word of the figure, and were not counted
    min_chars, span, themes, status, group, tolerance, at, value, region
                    options of the measure, where they change what is drawn
    least_reports   in how many reports of either side a word of a contrast stands at least
    by              what a line or row is: section, report_id; topic, region, year
    commitments, decided, testable_only, preview
                    how many commitments there are, how many a person decided; which are drawn
    years           of a ranking the years that it draws
    others          in each language, which reports the other side of a comparison is, where a
                    slice of the whole study is that
    parts           what dispersion is over: sections, reports
    denominators    N_chars, N_tokens, N_sentences: the sum over what was counted, and its range
    changed         whether somebody changed the figure by hand
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

About = dict[str, Any]

PLACES = ("document_id", "report_id", "region", "year", "published", "part", "section", "slice")
"""Columns that say of which texts a row's denominators are."""

_SIZES = ("N_chars", "N_tokens", "N_sentences", "N_tokens_reference")
_ASKED = ["target", "against", "within", "units", "inside", "without", "min_chars", "span"]
_ASKED += ["themes", "status", "group", "at", "value", "region"]
_LIST = "reference"


def complete(table: pd.DataFrame, said: Mapping[str, Any]) -> About:
    """What a measure says, with the denominators of its table.

    The other side is taken apart: the bundled list (`reference`), or a slice.

    >>> complete(pd.DataFrame(), {"against": "reference:genre=law"})["reference"]
    'genre=law'
    """
    made = dict(said)
    side, _, part = str(made.get("against", "")).partition(":")
    if side == _LIST:
        made |= {"against": "", "reference": part or "default"}
    made.setdefault("by", "section" if "section" in table else "report_id")
    made.setdefault("denominators", denominators(table))
    if {"since", "before"} <= {*table} and "years" not in made:  # a ranking draws two years of all
        was = table["since"] if table["before"].notna().any() else table["since"][:0]
        ranked = pd.concat([table[made.get("at", "year")], was]).dropna()
        made["years"] = sorted({int(year) for year in ranked})
    return {name: value for name, value in made.items() if value not in ("", [], (), {}, None)}


def asked(options: Mapping[str, Any], table: pd.DataFrame) -> About:
    """What is known of a figure whose maker says nothing of it but a notebook's options."""
    said = {name: options[name] for name in _ASKED if name in options}
    conditions = [one for one in options.get("reports", ()) if set(one) & set("<>=!")]
    said |= {"reports": conditions, "tolerance": options.get("about")}
    if "document_id" in table:
        from analysis.words import reference

        documents = reference.documents().set_index("document_id")["genre"]
        said["genre"] = str(documents.get(table["document_id"].iloc[0], "")) if len(table) else ""
    return complete(table, said)


def denominators(table: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Of each size that a table has: its sum over the texts that its rows are of, least and most.

    >>> rows = {"section": ["1", "1", "2"], "N_chars": [90, 90, 10]}
    >>> denominators(pd.DataFrame(rows))
    {'N_chars': {'sum': 100, 'least': 10, 'most': 90}}
    """
    places = [name for name in PLACES if name in table]
    texts = table.drop_duplicates(places) if places else table.head(1)
    known = {name: texts[name].dropna() for name in _SIZES if name in texts}
    return {
        name: {"sum": int(own.sum()), "least": int(own.min()), "most": int(own.max())}
        for name, own in known.items()
        if len(own)
    }

"""A codebook → theme hits → one code a sentence → coverage.

Codebook terms are matched longest-first on the text itself, with offsets, independent of
segmentation; a match inside a longer one is kept with `shadowed_by` and does not count. A
sentence's primary theme is the one whose hits cover most of its characters; a sentence without a
hit of its own inherits its heading's theme, and the rule that decided is on record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from analysis import tables, yamlfile

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

NONE = "none"
"""The code of a sentence without a theme."""

_FIELDS = {
    "id": str,
    "name": dict,
    "definition": dict,
    "source": str,
    "include": list,
    "patterns": list,
    "exclude": list,
    "example": str,
    "counter_example": str,
}


@dataclass(frozen=True)
class Theme:
    """One entry of the codebook; `name` and `definition` have the keys zh and en."""

    id: str
    name: dict[str, str]
    definition: dict[str, str]
    source: str
    include: tuple[str, ...]
    patterns: tuple[str, ...]
    exclude: tuple[str, ...]


@dataclass(frozen=True)
class Codebook:
    """Themes in their order, with the codebook's version."""

    version: str
    themes: tuple[Theme, ...]

    @property
    def ids(self) -> list[str]:
        """The themes' ids in the codebook's order."""
        return [theme.id for theme in self.themes]

    def names(self, lang: str) -> dict[str, str]:
        """Each id's name in a language, with one for `none`."""
        names = {theme.id: theme.name[lang] for theme in self.themes}
        return {**names, NONE: {"zh": "未编码", "en": "No theme"}[lang]}

    @classmethod
    def load(cls, path: Path) -> Codebook:
        """Read themes.yaml.

        Raises
        ------
        InputError
            with file and line: broken YAML, an unknown or missing key, a wrong type, an id or a
            term that stands twice, a pattern that does not compile.
        """
        document = yamlfile.load(path)
        owner: dict[str, str] = {}
        themes = []
        for entry in document.maps("themes"):
            theme = _theme(entry)
            for term in (theme.id, *theme.include):
                if term in owner:
                    entry.refuse(f"{term!r} stands in {owner[term]} already; once is enough.", term)
                owner[term] = theme.id
            themes.append(theme)
        return cls(str(document.get("version", "")), tuple(themes))


def _theme(entry: yamlfile.Mapping) -> Theme:
    entry.check(_FIELDS, required=("id", "name", "definition", "include"))
    return Theme(
        entry["id"],
        entry.bilingual("name"),
        entry.bilingual("definition"),
        entry.get("source", ""),
        entry.texts("include"),
        entry.patterns("patterns"),
        entry.texts("exclude"),
    )


def match(sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Find every entry of the codebook in every sentence.

    Returns
    -------
    DataFrame
        The table `themes`: key is the theme's id, entry the term or pattern; shadowed_by holds
        the longer entry that a match lies in, or '' where the match counts. A phrase under
        `exclude` shadows what lies in it and is no hit itself.
    """
    searched = [
        (term, term, theme.id, term in theme.exclude)
        for theme in codebook.themes
        for term in (*theme.include, *theme.exclude)
    ] + [
        (re.compile(pattern), pattern, theme.id, False)
        for theme in codebook.themes
        for pattern in theme.patterns
    ]
    rows = []
    for sentence in tables.rows(sentences):
        found = [
            _Match(start, end, entry, theme, excluded)
            for wanted, entry, theme, excluded in searched
            for start, end in _occurrences(sentence.text, wanted)
        ]
        rows += [
            (
                sentence.report_id,
                sentence.sentence_id,
                sentence.start + hit.start,
                sentence.start + hit.end,
                hit.theme,
                hit.entry,
                _shadow(hit, found),
            )
            for hit in sorted(found)
            if not hit.excluded
        ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["themes"]))


class _Match(NamedTuple):
    start: int
    end: int
    entry: str
    theme: str
    excluded: bool


def _occurrences(text: str, wanted: str | re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where a term, or a pattern, stands in a text; occurrences of one entry do not overlap."""
    if isinstance(wanted, str):
        start = text.find(wanted)
        while start >= 0:
            yield start, start + len(wanted)
            start = text.find(wanted, start + len(wanted))
    else:
        yield from (hit.span() for hit in wanted.finditer(text) if hit[0])


def _shadow(hit: _Match, found: list[_Match]) -> str:
    """The longest match that a match lies in; of equal ones the first counts.

    A phrase under `exclude` shadows matches of its own theme only.
    """
    over = [
        other
        for other in found
        if other.start <= hit.start
        and hit.end <= other.end
        and (other.theme == hit.theme or not other.excluded)
        and (other[:2] != hit[:2] or (other != hit and (other.excluded or other < hit)))
    ]
    return max(over, key=lambda other: other.end - other.start).entry if over else ""


def code(hits: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Give every sentence its primary theme.

    Parameters
    ----------
    hits : the table `themes`.
    sentences : all sentences, headings too.
    codebook : gives the order in which other_themes are listed.

    Returns
    -------
    DataFrame
        The table `codings`. rule is `hits:` with the entries that decided; `heading:` with the
        heading's sentence_id where the sentence has no hit of its own; or `none`.
    """
    counted = hits[hits["shadowed_by"] == ""]
    by_sentence = dict(list(counted.groupby("sentence_id", sort=False)))
    rows = []
    heading, heading_theme, report = "", NONE, ""
    for row in tables.rows(sentences):
        if row.report_id != report:
            heading, heading_theme, report = "", NONE, row.report_id
        primary, others, rule = _by_hits(by_sentence.get(row.sentence_id), codebook)
        if row.is_heading:
            heading, heading_theme = row.sentence_id, primary
        elif primary == NONE and heading_theme != NONE and row.heading:
            primary, rule = heading_theme, f"heading:{heading}"
        rows.append((row.report_id, row.sentence_id, primary, ";".join(others), rule))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["codings"]))


def _by_hits(hits: pd.DataFrame | None, codebook: Codebook) -> tuple[str, list[str], str]:
    """Primary theme, other themes and rule of one sentence from its own hits."""
    if hits is None:
        return NONE, [], NONE
    weight = (hits["end"] - hits["start"]).groupby(hits["key"]).sum()
    first = hits.groupby("key")["start"].min()
    primary = min(weight.index, key=lambda theme: (-weight[theme], first[theme]))
    others = [theme for theme in codebook.ids if theme in weight.index and theme != primary]
    entries = dict.fromkeys(hits.loc[hits["key"] == primary, "entry"])
    return primary, others, "hits:" + "|".join(entries)


def coverage(
    codings: pd.DataFrame,
    sentences: pd.DataFrame,
    codebook: Codebook,
    *,
    by: tuple[str, ...] = (),
    only: Collection[str] = (),
    headings: bool = False,
) -> pd.DataFrame:
    """The share of sentences, and of characters, that each theme is the primary theme of.

    Parameters
    ----------
    codings, sentences : the tables of those names.
    codebook : its themes all get a row, zero or not, and `none` too.
    by : columns of sentences (report_id, section, part) to tell apart.
    only : themes that get a row, empty for all; the denominators stay the same.
    headings : whether headings count as sentences.

    Returns
    -------
    DataFrame
        One row a theme (within each group of `by`): theme, n and N_sentences, share (n /
        N_sentences), chars and N_chars (white space left out), reports.
    """
    joined = sentences.merge(codings[["sentence_id", "primary_theme"]], on="sentence_id")
    if not headings:
        joined = joined[~joined["is_heading"].astype(bool)]
    joined = joined.assign(chars=joined["text"].str.replace(r"\s", "", regex=True).str.len())
    rows = []
    groups = joined.groupby(list(by), sort=False) if by else [((), joined)]
    for place, group in groups:
        for theme in only or (*codebook.ids, NONE):
            own = group[group["primary_theme"] == theme]
            rows.append(
                (
                    *place,
                    theme,
                    len(own),
                    len(group),
                    len(own) / len(group) if len(group) else 0.0,
                    int(own["chars"].sum()),
                    int(group["chars"].sum()),
                    own["report_id"].nunique(),
                )
            )
    columns = [*by, "theme", "n", "N_sentences", "share", "chars", "N_chars", "reports"]
    return pd.DataFrame(rows, columns=columns)

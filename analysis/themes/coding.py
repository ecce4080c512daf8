"""A codebook → theme hits → one code a sentence → coverage.

Codebook terms are matched longest-first on the text itself, with offsets, independent of
segmentation; a match inside a longer one is kept with `shadowed_by` and does not count. A
sentence's primary theme is the one whose hits cover most of its characters; a sentence without a
hit of its own may inherit its heading's theme, and the rule that decided is on record.

Past 400 lines because book, match, code and measures share what a hit and a code are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables, yamlfile
from analysis.errors import must_occur
from analysis.keywords import interval, lengths
from analysis.needles import fits, needles

NONE = "none"
"""The code of a sentence without a theme."""

_FIELDS = {
    **dict.fromkeys(("id", "source", "example", "counter_example"), str),
    **dict.fromkeys(("name", "definition"), dict),
    **dict.fromkeys(("include", "patterns", "exclude"), list),
}


@dataclass(frozen=True)
class Theme:
    """One entry of the codebook; `name` and `definition` have the keys zh and en.

    `example` is a sentence of the theme, `counter_example` one that looks like it and is not; ''
    where the codebook gives none.
    """

    id: str
    name: dict[str, str]
    definition: dict[str, str]
    source: str
    include: tuple[str, ...]
    patterns: tuple[str, ...]
    exclude: tuple[str, ...]
    example: str = ""
    counter_example: str = ""


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

        InputError with file and line: broken YAML, an unknown or missing key, a wrong type, an id,
        term or pattern that stands twice, an empty one, a term that its own theme excludes, a
        pattern that does not compile, that fits the empty text or that could run for ever.
        """
        document = yamlfile.load(path).check({"version": object, "themes": list}, ("version",))
        owner: dict[str, str] = {}
        themes = []
        for entry in document.maps("themes"):
            theme = _theme(entry)
            for term in (theme.id, *theme.include, *theme.patterns):
                if term in owner:
                    entry.refuse(f"{term!r} stands in {owner[term]} already; once is enough.", term)
                owner[term] = theme.id
            themes.append(theme)
        return cls(str(document["version"]), tuple(themes))


def _theme(entry: yamlfile.Mapping) -> Theme:
    entry.check(_FIELDS, required=("id", "name", "definition", "include"))
    theme = Theme(
        entry["id"],
        entry.bilingual("name"),
        entry.bilingual("definition"),
        entry.get("source", ""),
        entry.texts("include"),
        entry.patterns("patterns"),
        entry.texts("exclude"),
        entry.get("example", ""),
        entry.get("counter_example", ""),
    )
    if not re.fullmatch(r"\w+", theme.id) or theme.id == NONE:
        entry.refuse(f"id is {theme.id!r}; letters, digits and _ make one, but not {NONE}.", "id")
    for term in (*theme.include, *theme.exclude):
        if term != term.strip():
            entry.refuse(f"{term!r} begins or ends with white space; take it out.", term)
    for phrase in theme.exclude:
        if phrase in theme.include or theme.exclude.count(phrase) > 1:
            entry.refuse(f"{phrase!r} is excluded, and stands in {theme.id} already.", phrase)
    return theme


def self_check(codebook: Codebook) -> Iterator[str]:
    """One sentence for each example coded as another theme, or counter-example coded as its own."""
    given = [
        (theme.id, kind, text)
        for theme in codebook.themes
        for kind, text in (("example", theme.example), ("counter_example", theme.counter_example))
        if text
    ]
    examples = pd.DataFrame(given, columns=["report_id", "section", "text"])
    examples = examples.assign(sentence_id=examples.index.astype(str), start=0, is_heading=False)
    coded = code(match(examples, codebook), examples, codebook)["primary_theme"]
    for (theme, kind, text), found in zip(given, coded, strict=True):
        if (found == theme) != (kind == "example"):
            yield f"themes.yaml: the {kind} of {theme} is coded {found}: {text}"


def match(sentences: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Find every entry of the codebook in every sentence: the table `themes`.

    key is the theme's id, entry the term or pattern; shadowed_by holds the longer entry that a
    match lies in, or '' where the match counts. A phrase under `exclude` shadows what lies in it
    and is no hit itself. Of two matches of one theme that overlap the longer counts, of equal ones
    the first; it shadows the other: 生态环境保护 is 生态环境, and not 环境保护 once more.
    """
    terms: dict[str, list[_Term]] = {}
    for theme in codebook.themes:
        for entry in (*theme.include, *theme.exclude):
            term = _Term(entry, theme.id, entry in theme.exclude)
            terms.setdefault(entry, []).append(term)
    patterns = [(pattern, theme.id) for theme in codebook.themes for pattern in theme.patterns]
    texts = sentences["text"].tolist()
    matches: dict[int, list[_Match]] = {}
    hits, worth = needles(tuple(terms), tuple(pattern for pattern, _ in patterns)).find(texts)
    for number, match in _placed(hits, list(terms.items())):
        matches.setdefault(number, []).append(match)
    for number, at in worth:
        pattern, theme_id = patterns[at]
        spans = [(hit.start(), hit.end()) for hit in fits(pattern, texts[number]) if hit[0]]
        if spans:
            found = [_Match(start, end, pattern, theme_id, False) for start, end in spans]
            matches.setdefault(number, []).extend(found)
    ids = [sentences[name].tolist() for name in ("report_id", "sentence_id", "start")]
    rows = []
    for number in sorted(matches):
        found = sorted(matches[number])
        alone = all(one.end <= other.start for one, other in pairwise(found))
        over = [""] * len(found) if alone else _shadows(found)
        report, sentence, start = (column[number] for column in ids)
        for hit, shadow in zip(found, over, strict=True):
            if not hit.excluded:
                place = (start + hit.start, start + hit.end, hit.theme, hit.entry)
                rows.append((report, sentence, *place, shadow))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["themes"]))


class _Term(NamedTuple):
    entry: str
    theme: str
    excluded: bool


class _Match(NamedTuple):
    start: int
    end: int
    entry: str
    theme: str
    excluded: bool


def _placed(
    hits: list[tuple[int, int, int]], terms: list[tuple[str, list[_Term]]]
) -> Iterator[tuple[int, _Match]]:
    """Where terms stand, with the number of the sentence; those of one term do not overlap."""
    free: dict[int, tuple[int, int]] = {}
    for number, start, at in hits:
        entry, own = terms[at]
        if free.get(at, (-1, 0)) <= (number, start):
            end = start + len(entry)
            free[at] = number, end
            for term in own:
                yield number, _Match(start, end, *term)


def _shadows(found: list[_Match]) -> list[str]:
    """What shadows each match of a sentence, '' for one that counts."""
    over = [_shadow(hit, found) for hit in found]
    counted: dict[str, list[_Match]] = {}
    for at in sorted(range(len(found)), key=lambda at: found[at].start - found[at].end):
        hit = found[at]
        if not over[at] and not hit.excluded:
            own = counted.setdefault(hit.theme, [])
            touched = (one for one in own if one.start < hit.end and hit.start < one.end)
            if (longer := next(touched, None)) is not None:
                over[at] = longer.entry
            else:
                own.append(hit)
    return over


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
    """Give every sentence, headings too, its primary theme: the table `codings`.

    `hits` is the table `themes`; the codebook gives the order in which other_themes are listed.
    rule is `hits:` with the entries that decided; `heading:` with the heading's sentence_id where
    the sentence inherits its theme; or `none`.
    """
    counted: dict[str, list[tuple[str, str, int, int]]] = {}
    shown = hits[hits["shadowed_by"] == ""]
    columns = ("sentence_id", "key", "entry", "start", "end")
    for sentence, *hit in zip(*(shown[name].tolist() for name in columns), strict=True):
        counted.setdefault(sentence, []).append(tuple(hit))
    for row in tables.rows(hits[hits["shadowed_by"] != ""]):
        if any(_reaches_over(row, hit) for hit in counted.get(row.sentence_id, ())):
            counted[row.sentence_id].append((row.key, "", row.start, row.end))
    ids, nothing = codebook.ids, (NONE, "", NONE)
    own = [
        _by_hits(counted[key], ids) if key in counted else nothing
        for key in sentences["sentence_id"].tolist()
    ]
    codes = pd.DataFrame(own, columns=["primary_theme", "other_themes", "rule"])
    frame = sentences.reset_index(drop=True).join(codes)
    heading, lent = _lent(frame)
    frame["primary_theme"] = lent.fillna(frame["primary_theme"])
    frame["rule"] = ("heading:" + heading.where(lent.notna())).fillna(frame["rule"])
    return frame[list(tables.COLUMNS["codings"])]


def _lent(coded: pd.DataFrame) -> tuple[pd.Series[str], pd.Series[str]]:
    """Each sentence's heading and the theme that it lends to the sentence, NaN where none.

    A heading lends its theme to the sentences of its section that have none of their own, if these
    are no more than what it rests on: the heading and the sentences that have its theme by their
    own hits. One heading does not code a hundred sentences on other things.
    """
    theme, heading = (
        coded["primary_theme"],
        coded["sentence_id"].where(coded["is_heading"].astype(bool)),
    )
    heading = heading.groupby([coded["report_id"], coded["section"]]).ffill()
    lent = heading.map(theme.set_axis(coded["sentence_id"])).where(lambda own: own != NONE)
    waiting = lent.notna() & (theme == NONE)
    backing = (theme == lent).groupby(heading).transform("sum")
    return heading, lent.where(waiting & (waiting.groupby(heading).transform("sum") <= backing))


def _reaches_over(row: Any, hit: tuple[str, str, int, int]) -> bool:
    """Whether a match overlaps the counted one that shadows it: its characters are the theme's."""
    theme, entry, start, end = hit
    inside = start <= row.start and row.end <= end
    overlap = row.start < end and start < row.end
    return (row.key, row.shadowed_by) == (theme, entry) and overlap and not inside


def _by_hits(hits: Sequence[tuple[str, str, int, int]], ids: Iterable[str]) -> tuple[str, str, str]:
    """Primary theme, other themes and rule of one sentence from its own hits.

    A hit is its theme, entry, start and end; one without an entry only covers characters.
    """
    if len(hits) == 1:
        return hits[0][0], "", f"hits:{hits[0][1]}"
    covered: dict[str, set[int]] = {}
    for theme, _, start, end in hits:
        covered.setdefault(theme, set()).update(range(start, end))
    primary = min(covered, key=lambda theme: (-len(covered[theme]), min(covered[theme]), theme))
    entries = dict.fromkeys(entry for theme, entry, *_ in hits if theme == primary and entry)
    others = [theme for theme in ids if theme in covered and theme != primary]
    return primary, ";".join(others), "hits:" + "|".join(entries)


def coverage(
    codings: pd.DataFrame,
    sentences: pd.DataFrame,
    codebook: Codebook,
    *,
    by: tuple[str, ...] = (),
    reports: pd.DataFrame | None = None,
    only: Collection[str] = (),
    headings: bool = False,
    sample: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """The share of sentences, and of characters, that each theme is the primary theme of.

    Parameters
    ----------
    by : columns of sentences (report_id, section, part) or of `reports` (region, year; the table
        is needed for these only) to tell apart; InputError for one that is not there.
    only : themes that get a row; empty for all of the codebook, zero or not, and `none`. The
        denominators stay the same.
    headings : whether headings count as sentences.
    sample, resamples, seed : whether the reports are a sample, and how often they are drawn anew.

    Returns
    -------
    DataFrame
        One row a theme (within each group of `by`): theme, n and N_sentences, share (n /
        N_sentences), lo and hi (of share, see `keywords.interval`; NaN unless `sample`), chars and
        N_chars (white space left out), char_share, reports (that hold the theme).
    """
    joined = _joined(codings, sentences, headings=headings)
    if reports is not None:
        new = [name for name in reports.columns if name in by and name not in joined.columns]
        joined = joined.merge(reports[["report_id", *new]], on="report_id")
    must_occur("by", by, joined.columns)
    if by == ("section",):  # in the order of the headings, which may be left out
        order = {section: at for at, section in enumerate(dict.fromkeys(sentences["section"]))}
        joined = joined.sort_values("section", key=lambda own: own.map(order), kind="stable")
    themes = list(only) or [*codebook.ids, NONE]
    rows = [
        (*place, *measured)
        for place, group in (joined.groupby(list(by), sort=False) if by else [((), joined)])
        for measured in _shares(group, themes, resamples if sample else 0, seed)
    ]
    columns = [*by, "theme", "n", "N_sentences", "share", "lo", "hi"]
    return pd.DataFrame(rows, columns=[*columns, "chars", "N_chars", "char_share", "reports"])


def _shares(
    group: pd.DataFrame, themes: list[str], resamples: int, seed: int
) -> Iterator[tuple[Any, ...]]:
    """What `coverage` says of each theme in some sentences."""
    held = pd.crosstab(group["primary_theme"], group["report_id"])
    counts = held.reindex(themes, fill_value=0).to_numpy()
    bounds = interval(counts, held.sum().to_numpy(), resamples, seed)
    chars = group.groupby("primary_theme")["chars"].sum().reindex(themes, fill_value=0)
    N, N_chars = len(group), group["chars"].sum()
    for theme, by_report, lo, hi, own in zip(themes, counts, *bounds, chars, strict=True):
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


def flow(codings: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """Which theme is where along each report, headings too: one row a sentence, in order.

    report_id, sentence_id, place and end_place (where it begins and ends, 0 to 1 of the report's
    characters), theme (primary), rule_kind (`hits`, `heading`, `none`).
    """
    joined = _joined(codings, sentences, headings=True)
    length = joined.groupby("report_id")["end"].transform("max")
    joined = joined.assign(
        place=joined["start"] / length,
        end_place=joined["end"] / length,
        theme=joined["primary_theme"],
        rule_kind=joined["rule"].str.partition(":")[0],
    )
    return joined[["report_id", "sentence_id", "place", "end_place", "theme", "rule_kind"]]

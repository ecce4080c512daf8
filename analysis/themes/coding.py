"""A codebook → theme hits → one code a sentence → coverage.

Codebook terms are matched longest-first on the text itself, with offsets, independent of
segmentation; a match inside a longer one is kept with `shadowed_by` and does not count. A
sentence's primary theme is the one whose hits cover most of its characters; a sentence without a
hit of its own may inherit its heading's theme, and the rule that decided is on record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import needles

from .codebook import NONE, Codebook


def match(sentences: pd.DataFrame, codebook: Codebook, *, apart: bool = False) -> pd.DataFrame:
    """Find every entry of the codebook in every sentence: the table `themes`.

    key is the theme's id, entry the term or pattern; shadowed_by holds the longer entry that a
    match lies in, or '' where the match counts. A phrase under `exclude`, and what a pattern under
    `exclude_patterns` fits, shadows what lies in it and is no hit itself. A pattern under `in_part`
    is looked for in sentences of its part only. Of two matches of one theme that overlap the longer
    counts, of equal ones the first; it shadows the other: 生态环境保护 is 生态环境, and not
    环境保护 once more.

    Parameters
    ----------
    apart : each theme is looked for as if the others were not there.
    """
    terms: dict[str, list[_Term]] = {}
    for theme in codebook.themes:
        for entry in (*theme.include, *theme.exclude):
            term = _Term(entry, theme.id, entry in theme.exclude)
            terms.setdefault(entry, []).append(term)
    if codebook.headings == "skip":
        sentences = sentences[~sentences["is_heading"].astype(bool)]
    patterns = [*_patterns(codebook)]
    parts = sentences["part"].tolist() if any(one.part for one in patterns) else []
    texts = sentences["text"].tolist()
    matches: dict[int, list[_Match]] = {}
    hits, worth = needles.of(tuple(terms), tuple(one.pattern for one in patterns)).find(texts)
    for number, match in _placed(hits, list(terms.items())):
        matches.setdefault(number, []).append(match)
    for number, at in worth:
        one = patterns[at]
        if one.part and one.part != parts[number]:
            continue
        fits = [hit for hit in needles.fits(one.pattern, texts[number]) if hit[0]]
        if fits:
            own = one.pattern, one.theme, one.excluded
            found = [_Match(hit.start(), hit.end(), *own) for hit in fits]
            matches.setdefault(number, []).extend(found)
    ids = [sentences[name].tolist() for name in ("report_id", "sentence_id", "start")]
    rows = []
    for number in sorted(matches):
        found = sorted(matches[number])
        alone = all(one.end <= other.start for one, other in pairwise(found))
        over = [""] * len(found) if alone else _shadows(found, apart=apart)
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


class _Pattern(NamedTuple):
    pattern: str
    part: str
    theme: str
    excluded: bool


def _patterns(codebook: Codebook) -> Iterator[_Pattern]:
    for theme in codebook.themes:
        for pattern, part in theme.conditional:
            yield _Pattern(pattern, part, theme.id, False)
        for pattern in theme.exclude_patterns:
            yield _Pattern(pattern, "", theme.id, True)


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


def _shadows(found: list[_Match], *, apart: bool = False) -> list[str]:
    """What shadows each match of a sentence, '' for one that counts."""
    over = [
        _shadow(hit, [other for other in found if not apart or other.theme == hit.theme])
        for hit in found
    ]
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
    A sentence whose hits cover less of it than the codebook's `least` has none of its own.
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
    reports, keys = sentences["report_id"].tolist(), sentences["sentence_id"].tolist()
    least = [codebook.least * len(text) for text in sentences["text"]]
    own = [
        _by_hits(counted[key], ids, characters) if key in counted else nothing
        for key, characters in zip(keys, least, strict=True)
    ]
    lending = [theme for theme, *_ in own] if codebook.headings == "lend" else [NONE] * len(own)
    for at, sentence in _lent(sentences, lending):
        own[sentence] = own[at][0], "", f"heading:{keys[at]}"
    rows = [(report, key, *code) for report, key, code in zip(reports, keys, own, strict=True)]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["codings"]))


def _lent(sentences: pd.DataFrame, themes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The sentences that a heading lends its theme to, each behind the heading, by number.

    A heading lends its theme to the sentences of its section that have none of their own, if these
    are no more than what it rests on: the heading and the sentences that have its theme by their
    own hits. One heading does not code a hundred sentences on other things.
    """
    last: dict[tuple[str, str], int] = {}
    waiting: dict[int, list[int]] = {}
    backing: Counter[int] = Counter()
    columns = (sentences[name].tolist() for name in ("report_id", "section", "is_heading"))
    for at, (*section, is_heading) in enumerate(zip(*columns, strict=True)):
        if is_heading:
            last[tuple(section)] = at
        heading = last.get(tuple(section))
        if heading is None or themes[heading] == NONE:
            continue
        backing[heading] += themes[at] == themes[heading]
        if themes[at] == NONE:
            waiting.setdefault(heading, []).append(at)
    for heading, some in waiting.items():
        if len(some) <= backing[heading]:
            yield from ((heading, at) for at in some)


def _reaches_over(row: Any, hit: tuple[str, str, int, int]) -> bool:
    """Whether a match overlaps the counted one that shadows it: its characters are the theme's."""
    theme, entry, start, end = hit
    inside = start <= row.start and row.end <= end
    overlap = row.start < end and start < row.end
    return (row.key, row.shadowed_by) == (theme, entry) and overlap and not inside


def _by_hits(
    hits: Sequence[tuple[str, str, int, int]], ids: Iterable[str], least: float
) -> tuple[str, str, str]:
    """Primary theme, other themes and rule of one sentence from its own hits.

    A hit is its theme, entry, start and end; one without an entry only covers characters. `least`
    is how many characters the primary theme must cover.
    """
    if len(hits) == 1:
        theme, entry, start, end = hits[0]
        return (theme, "", f"hits:{entry}") if end - start >= least else (NONE, "", NONE)
    covered: dict[str, set[int]] = {}
    for theme, _, start, end in hits:
        covered.setdefault(theme, set()).update(range(start, end))
    primary = min(covered, key=lambda theme: (-len(covered[theme]), min(covered[theme]), theme))
    if len(covered[primary]) < least:
        return NONE, "", NONE
    entries = dict.fromkeys(entry for theme, entry, *_ in hits if theme == primary and entry)
    others = [theme for theme in ids if theme in covered and theme != primary]
    return primary, ";".join(others), "hits:" + "|".join(entries)


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
    examples = examples.assign(part="")
    coded = code(match(examples, codebook), examples, codebook)["primary_theme"]
    for (theme, kind, text), found in zip(given, coded, strict=True):
        if (found == theme) != (kind == "example"):
            yield f"themes.yaml: the {kind} of {theme} is coded {found}: {text}"

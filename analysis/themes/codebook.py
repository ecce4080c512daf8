"""The codebook of themes: names, definitions and terms, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.kit import unknown, yamlfile
from analysis.text import parts

NONE = "none"
"""The code of a sentence without a theme."""

HEADINGS = ("lend", "keep", "skip")
"""What a heading's theme is for: its section too (the default), itself only, or it gets none."""

_FIELDS: dict[str, type] = dict.fromkeys(("id", "source", "example", "counter_example"), str)
_FIELDS |= dict.fromkeys(("name", "definition", "in_part"), dict)
_FIELDS |= dict.fromkeys(("include", "patterns", "exclude", "exclude_patterns"), list)


@dataclass(frozen=True)
class Theme:
    """One entry of the codebook; `name` and `definition` have the keys zh and en.

    `example` is a sentence of the theme, `counter_example` one that looks like it and is not; ''
    where the codebook gives none. `in_part` has patterns that count in sentences of one part of a
    report only, by part; what an `exclude_patterns` fits shadows as a phrase under `exclude` does.
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
    in_part: dict[str, tuple[str, ...]] = field(default_factory=dict)
    exclude_patterns: tuple[str, ...] = ()

    @property
    def conditional(self) -> list[tuple[str, str]]:
        """Each pattern that counts, with the only part that it counts in, '' for all."""
        own = [(pattern, part) for part, some in self.in_part.items() for pattern in some]
        return [*((pattern, "") for pattern in self.patterns), *own]

    @property
    def entries(self) -> tuple[str, ...]:
        """The terms and patterns that code."""
        return (*self.include, *(pattern for pattern, _ in self.conditional))

    @property
    def matched(self) -> list[Any]:
        """All that its hits depend on."""
        own: list[Any] = [self.id, self.include, self.patterns, self.exclude]
        more = [self.in_part, self.exclude_patterns]
        return own + more if any(more) else own

    def without(self, entry: str) -> Theme:
        """The theme without one of its entries."""
        in_part = {part: _less(some, entry) for part, some in self.in_part.items()}
        include, patterns = (_less(some, entry) for some in (self.include, self.patterns))
        return replace(self, include=include, patterns=patterns, in_part=in_part)


@dataclass(frozen=True)
class Codebook:
    """Themes in their order, with the codebook's version; `headings` is one of `HEADINGS`.

    `least` is the share of a sentence's characters that its primary theme must cover: a word in
    passing is not what a long sentence is about.
    """

    version: str
    themes: tuple[Theme, ...]
    headings: str = HEADINGS[0]
    least: float = 0.0

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
        fields = {"version": object, "themes": list, "headings": str, "least": object}
        document = yamlfile.load(path).check(fields, ("version",))
        headings = document.get("headings", HEADINGS[0])
        if headings not in HEADINGS:
            document.refuse(unknown("headings", headings, HEADINGS), "headings")
        least = document.get("least", 0.0)
        if type(least) not in (int, float) or not 0 <= least < 1:
            document.refuse(f"least is {least!r}; it is a share, from 0.0 to below 1.", "least")
        owner: dict[str, str] = {}
        themes = []
        for entry in document.maps("themes"):
            theme = _theme(entry)
            for term in (theme.id, *theme.entries):
                if term in owner:
                    entry.refuse(f"{term!r} stands in {owner[term]} already; once is enough.", term)
                owner[term] = theme.id
            themes.append(theme)
        return cls(str(document["version"]), tuple(themes), headings, least)


def _theme(entry: yamlfile.Mapping) -> Theme:
    entries = [] if entry.get("patterns") or entry.get("in_part") else ["include"]
    entry.check(_FIELDS, required=("id", "name", "definition", *entries))
    own = {name: entry.get(name, "") for name in ("id", "source", "example", "counter_example")}
    own |= {name: entry.bilingual(name) for name in ("name", "definition")}
    own |= {name: entry.texts(name) for name in ("include", "exclude")}
    own |= {name: entry.patterns(name) for name in ("patterns", "exclude_patterns")}
    theme = Theme(**own, in_part=_in_part(entry.get("in_part", {})))
    if not re.fullmatch(r"\w+", theme.id) or theme.id == NONE:
        entry.refuse(f"id is {theme.id!r}; letters, digits and _ make one, but not {NONE}.", "id")
    for term in (*theme.include, *theme.exclude):
        if term != term.strip():
            entry.refuse(f"{term!r} begins or ends with white space; take it out.", term)
    for phrase in theme.exclude:
        if phrase in theme.include or theme.exclude.count(phrase) > 1:
            entry.refuse(f"{phrase!r} is excluded, and stands in {theme.id} already.", phrase)
    return theme


def _less(some: tuple[str, ...], entry: str) -> tuple[str, ...]:
    return tuple(one for one in some if one != entry)


def _in_part(entry: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    if isinstance(entry, yamlfile.Mapping):
        entry.check(dict.fromkeys(parts.PARTS, list))
        return {part: entry.patterns(part) for part in entry}
    return {}

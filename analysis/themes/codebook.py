"""The codebook of themes: names, definitions and terms, read and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from analysis.kit import yamlfile

NONE = "none"
"""The code of a sentence without a theme."""

_FIELDS: dict[str, type] = dict.fromkeys(("id", "source", "example", "counter_example"), str)
_FIELDS |= dict.fromkeys(("name", "definition"), dict)
_FIELDS |= dict.fromkeys(("include", "patterns", "exclude"), list)


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
    own = {name: entry.get(name, "") for name in ("id", "source", "example", "counter_example")}
    own |= {name: entry.bilingual(name) for name in ("name", "definition")}
    own |= {"include": entry.texts("include"), "patterns": entry.patterns("patterns")}
    theme = Theme(**own, exclude=entry.texts("exclude"))
    if not re.fullmatch(r"\w+", theme.id) or theme.id == NONE:
        entry.refuse(f"id is {theme.id!r}; letters, digits and _ make one, but not {NONE}.", "id")
    for term in (*theme.include, *theme.exclude):
        if term != term.strip():
            entry.refuse(f"{term!r} begins or ends with white space; take it out.", term)
    for phrase in theme.exclude:
        if phrase in theme.include or theme.exclude.count(phrase) > 1:
            entry.refuse(f"{phrase!r} is excluded, and stands in {theme.id} already.", phrase)
    return theme

"""Codebooks: names, definitions and terms of their themes, read and checked.

A book is a YAML file with the key `themes`, or a plain list of words, which is a book of one theme.
A study holds several side by side, each with its id; a sentence has one code of each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from analysis.kit import InputError, ProblemsError, encodings, unknown, yamlfile
from analysis.text import parts
from analysis.words import listed

NONE = "none"
"""The code of a sentence without a theme."""

LAW = "law_based_government"
"""The id of themes.yaml where it states none, and the book of codes that name no other."""

HEADINGS = ("lend", "keep", "skip")
"""What a heading's theme is for: its section too (the default), itself only, or it gets none."""

UNITS = ("sentence",)
"""What a book gives one code."""

OTHERS = ("indicators.yaml", "term_groups.yaml", "lexicon.txt", "stopwords.txt", "glossary.yaml")
"""Files of a study's codebooks that code no sentences."""

_LONG = 1_000  # characters of a word
_ID = re.compile(r"^id:\s*[\"']?(\w+)[\"']?\s*(?:#.*)?$", re.MULTILINE)

_FIELDS: dict[str, type] = dict.fromkeys(("id", "source", "example", "counter_example"), str)
_FIELDS |= dict.fromkeys(("name", "definition", "in_part"), dict)
_FIELDS |= dict.fromkeys(("include", "patterns", "exclude", "exclude_patterns"), list)
_BOOK: dict[str, type] = {"id": str, "version": object, "name": dict, "unit": str}
_BOOK |= {"exclusive": bool, "partial": bool, "headings": str, "coded": dict, "themes": list}
_BOOK |= {"least": object, "carry": object}
_BOOK |= {"changes": list, "agreement": list}
_CHANGE: dict[str, Any] = {"version": object, "zh": str, "en": str}
_AGREED: dict[str, Any] = {"n": int, **dict.fromkeys(("alpha", "lo", "hi"), int | float)}
_AGREED |= dict.fromkeys(("genre", "by", "note"), object)


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

    @classmethod
    def listed(cls, name: str, words: Iterable[str], source: str = "") -> Theme:
        """A list of words as a theme, called as the list is in both languages."""
        called, nothing = {"zh": name, "en": name}, {"zh": "", "en": ""}
        return cls(name, called, nothing, source, (*words,), (), ())

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
    """Themes in their order, with the codebook's version.

    id : what it is called in tables and parameters; name : in zh and en.
    unit : what gets one code, a sentence; exclusive : whether a sentence has one theme, or each
    theme that has a match of its own (its shares then add up to more than one).
    least : the share of a sentence's characters that its primary theme must cover: a word in
    passing is not what a long sentence is about. carry : what a theme has in a sentence for being
    that of the sentence before it, in characters: reports stay with their subject.
    headings : one of `HEADINGS`; partial : most sentences are meant to have none of its themes.
    coded : in zh and en, who coded what it was worked out on, when and by which rule.
    changes : of each version, what changed: version, zh, en.
    agreement : what was measured elsewhere: genre, n, alpha, lo, hi, by, note; genre, by and note
    in zh and en, lo and hi None where no interval was given.
    """

    version: str
    themes: tuple[Theme, ...]
    id: str = LAW
    name: dict[str, str] = field(default_factory=dict)
    unit: str = "sentence"
    exclusive: bool = True
    headings: str = HEADINGS[0]
    partial: bool = False
    least: float = 0.0
    carry: int = 0
    coded: dict[str, str] = field(default_factory=dict)
    changes: tuple[dict[str, str], ...] = ()
    agreement: tuple[dict[str, Any], ...] = ()

    @property
    def ids(self) -> list[str]:
        """The themes' ids in the codebook's order."""
        return [theme.id for theme in self.themes]

    def names(self, lang: str) -> dict[str, str]:
        """Each id's name in a language, with one for `none`."""
        names = {theme.id: theme.name[lang] for theme in self.themes}
        return {**names, NONE: {"zh": "未编码", "en": "No theme"}[lang]}

    def title(self, lang: str) -> str:
        """What the book is called in a language; its id where it has no name."""
        return self.name.get(lang, self.id)

    @property
    def said(self) -> dict[str, Any]:
        """What a figure's record says of it."""
        names = ("id", "version", "exclusive", "headings", "partial")
        said = {name: getattr(self, name) for name in names}
        return said | {lang: self.title(lang) for lang in ("zh", "en")}

    @classmethod
    def load(cls, path: Path) -> Codebook:
        """Read a book, a YAML file or a list of words (.txt).

        ProblemsError with file and line for all that is wrong with it, InputError where it is one
        thing: broken YAML, an unknown or missing key, a wrong type, an id, term or pattern that
        stands twice, an empty one, a term that its own theme excludes, a pattern that does not
        compile, that fits the empty text or that could run for ever.
        """
        if path.suffix.lower() == ".txt":
            return _listed(path)
        document = yamlfile.load(path)
        found: list[InputError] = []
        with _noted(found):
            document.check(_BOOK, ("version", "themes"))
        own: dict[str, Any] = {"id": default_id(path)} | {
            key: document[key]
            for key in ("id", "unit", "exclusive", "partial", "headings", "least", "carry")
            if key in document
        }
        for key in ("name", "coded"):
            with _noted(found):
                own |= {key: document.bilingual(key)} if key in document else {}
        for key, read in (("changes", _change), ("agreement", _agreed)):
            with _noted(found):
                own |= {key: tuple(map(read, document.maps(key)))} if key in document else {}
        with _noted(found):
            own["id"] = str(own["id"])
            if not re.fullmatch(r"\w+", own["id"]) or own["id"] == NONE:
                document.refuse(f"id is {own['id']!r}; letters, digits and _ make one.", "id")
            if own.get("headings", "lend") not in HEADINGS:
                document.refuse(unknown("headings", own["headings"], HEADINGS), "headings")
            least, carry = own.get("least", 0.0), own.get("carry", 0)
            if type(least) not in (int, float) or not 0 <= least < 1:
                document.refuse(f"least is {least!r}; it is a share, from 0.0 to below 1.", "least")
            if type(carry) is not int or carry < 0:
                document.refuse(f"carry is {carry!r}; it is a number of characters.", "carry")
            if own.get("unit", "sentence") not in UNITS:
                document.refuse(
                    f"unit is {own['unit']!r}; it must be {' or '.join(UNITS)}.", "unit"
                )
        themes, owner = [], dict[str, str]()
        entries: list[yamlfile.Mapping] = []
        with _noted(found):
            entries = document.maps("themes")
        for entry in entries:
            with _noted(found):
                theme = _theme(entry, found)
                themes.append(theme)
                for term in (theme.id, *theme.entries):
                    if term in owner:
                        with _noted(found):
                            said = f"{term!r} stands in {owner[term]} already; once is enough."
                            entry.refuse(said, term)
                    owner[term] = theme.id
        if found:
            raise found[0] if len(found) == 1 else ProblemsError(found)
        return cls(str(document["version"]), tuple(themes), **own)


@contextmanager
def _noted(found: list[InputError]) -> Iterator[None]:
    """What is wrong is written down, and the reading goes on."""
    try:
        yield
    except InputError as error:
        found.append(error)


def _theme(entry: yamlfile.Mapping, found: list[InputError]) -> Theme:
    """A theme; what is wrong with its words is written down, what it cannot do without raised."""
    entries = [] if entry.get("patterns") or entry.get("in_part") else ["include"]
    wrong = [*entry.problems(_FIELDS, ("id", "name", "definition", *entries))]
    if wrong:
        found += wrong[:-1]
        raise wrong[-1]
    own = {name: entry.get(name, "") for name in ("id", "source", "example", "counter_example")}
    own |= {name: entry.bilingual(name) for name in ("name", "definition")}
    own |= {name: entry.texts(name) for name in ("include", "exclude")}
    own |= {name: entry.patterns(name) for name in ("patterns", "exclude_patterns")}
    theme = Theme(**own, in_part=_in_part(entry.get("in_part", {})))
    with _noted(found):
        if not re.fullmatch(r"\w+", theme.id) or theme.id == NONE:
            entry.refuse(
                f"id is {theme.id!r}; letters, digits and _ make one, but not {NONE}.", "id"
            )
    for term in (*theme.include, *theme.exclude):
        if len(term) > _LONG:
            with _noted(found):
                said = f"{term[:20]}… has {len(term):,} characters; at most {_LONG} make a term."
                entry.refuse(said, term)
        if term != term.strip():
            with _noted(found):
                entry.refuse(f"{term!r} begins or ends with white space; take it out.", term)
    for phrase in theme.exclude:
        if phrase in theme.include or theme.exclude.count(phrase) > 1:
            with _noted(found):
                entry.refuse(f"{phrase!r} is excluded, and stands in {theme.id} already.", phrase)
    return theme


def _change(entry: yamlfile.Mapping) -> dict[str, str]:
    """What a version changed."""
    return {key: str(value) for key, value in entry.check(_CHANGE, _CHANGE).items()}


def _agreed(entry: yamlfile.Mapping) -> dict[str, Any]:
    """How far codes agreed somewhere; what is said of it stands in zh and en, or once for both."""
    entry.check(_AGREED, ("genre", "n", "by"))
    bounds = {key: entry.get(key) for key in ("alpha", "lo", "hi")}
    numbers = [one for one in bounds.values() if one is not None]
    if bounds["alpha"] is None or (bounds["lo"] is None) != (bounds["hi"] is None):
        entry.refuse("agreement needs alpha, and either both of lo and hi or neither.", "alpha")
    if not -1 <= min(numbers) <= max(numbers) <= 1:
        entry.refuse("alpha, lo and hi must lie between -1 and 1.", "alpha")
    said = {
        key: entry.bilingual(key)
        if isinstance(entry.get(key), dict)
        else dict.fromkeys(("zh", "en"), str(entry.get(key, "")))
        for key in ("genre", "by", "note")
    }
    return {**said, "n": entry["n"], **bounds}


def _listed(path: Path) -> Codebook:
    """A list of words, one a line, as a book of one theme with the file's name."""
    lines, version = listed.read(path)
    words: dict[str, int] = {}
    found = []
    for number, word in enumerate(lines, start=1):
        if len(word.split()) > 1:
            said = f"{word!r} holds white space; a line is one word."
            found.append(InputError(said, path=path, line=number))
        elif len(word) > _LONG:
            said = f"the word has {len(word):,} characters; at most {_LONG} make one."
            found.append(InputError(said, path=path, line=number))
        elif word in words:
            said = f"{word!r} stands in line {words[word]} already; once is enough."
            found.append(InputError(said, path=path, line=number))
        elif word:
            words[word] = number
    if not words and not found:
        found.append(InputError("holds no word; write one a line.", path=path, line=1))
    if found:
        raise found[0] if len(found) == 1 else ProblemsError(found)
    theme = Theme.listed(path.stem, words, path.name)
    return Codebook(version, (theme,), id=path.stem, name=theme.name)


def default_id(path: Path) -> str:
    """The id of a book that states none."""
    return LAW if path.name == "themes.yaml" else path.stem


def books(folder: Path) -> dict[str, Path]:
    """The books in a folder by their ids, in the order of their files' names.

    InputError for two of one id.
    """
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*.*")):
        if path.suffix not in (".yaml", ".txt") or path.name in OTHERS or path.name[0] in ".~":
            continue
        said = _ID.search(encodings.text(path)) if path.suffix == ".yaml" else None
        name = said[1] if said else default_id(path)
        if name in found:
            raise InputError(
                f"has the id {name} of {found[name].name}; give it another.", path=path
            )
        found[name] = path
    return found


def _less(some: tuple[str, ...], entry: str) -> tuple[str, ...]:
    return tuple(one for one in some if one != entry)


def _in_part(entry: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    if isinstance(entry, yamlfile.Mapping):
        entry.check(dict.fromkeys(parts.PARTS, list))
        return {part: entry.patterns(part) for part in entry}
    return {}

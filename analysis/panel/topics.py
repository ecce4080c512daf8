"""Topics: what a panel counts, from a codebook of the study or from lists of words of one's own.

Whatever they come from they are a codebook. One of the study's is counted as everywhere in the
suite, a term within a longer one of another theme going to that; of lists of one's own each topic
is counted for itself, so that it has the same numbers whatever else is asked for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from analysis import themes
from analysis.kit import InputError, encodings, unknown, yamlfile

BOOKS = {"themes": "themes.yaml", "groups": "term_groups.yaml"}
"""Topics that a study has."""

_LISTS = (".txt", ".yaml", ".yml")
_VERSION = re.compile(r"#\s*version:\s*(\S+)")
_BETWEEN = re.compile("[,，、;；]")
_NAMED = re.compile(r"([^:：]+)[:：](.*)")

Refuse = Callable[[str, str], NoReturn]  # a sentence, and the word or topic it is about


class Topics(NamedTuple):
    """A codebook with where it is from; path : its file, if it has one."""

    codebook: themes.Codebook
    source: str
    path: Path | None = None

    @property
    def apart(self) -> bool:
        """Whether each topic is counted for itself, as lists of one's own are."""
        return not self.codebook.exclusive

    @property
    def key(self) -> str:
        """What a count depends on."""
        entries: list[Any] = [one.matched for one in self.codebook.themes]
        entries += [self.codebook.headings] if self.codebook.headings == "skip" else []
        return json.dumps([self.apart, entries])


def of(study: Any, topics: Any = "", terms: Sequence[str] = ()) -> Topics:
    """The topics that are asked for.

    InputError for a list that is none, with its line: without a word, with one that stands twice
    or holds white space.

    Parameters
    ----------
    topics : `themes` or `groups` of the study, the id of one of its codebooks, a file (a word a
        line, below `# name` where there are several topics; lines `name: a, b, c`; YAML of lists,
        or a codebook), a mapping of names to words, or a `Codebook`. The study's themes where
        neither is given.
    terms : each a topic of its own.
    """
    single = _terms(terms)
    if isinstance(topics, themes.Codebook):
        found = Topics(topics, "a codebook")
    elif isinstance(topics, Mapping):
        found = _own(_checked(topics, _refusing("topics")), "lists given", "")
    elif str(topics) in {*BOOKS, *getattr(study, "books", ())} or not (topics or single):
        which = str(topics or "themes")
        if which == "groups":
            book, path = study.term_groups, study.path / "codebooks" / BOOKS[which]
        else:
            coded = study if which == "themes" else study.under(which)
            book, path = coded.codebook, coded.books[coded.book]
        found = Topics(book, f"codebooks/{path.name}", path)
    elif topics:
        found = from_file(Path(topics))
    else:
        return _own(single, "terms given", "", "terms")
    return _with(found, single)


def _with(found: Topics, single: Mapping[str, tuple[str, ...]]) -> Topics:
    """Topics with some terms beside them."""
    if not single:
        return found
    listed = {one.id: one.include for one in found.codebook.themes}
    if not found.apart or any(
        one.matched != [one.id, one.include, (), ()] for one in found.codebook.themes
    ):
        said = f"terms go with lists of your own, not beside {found.source}"
        raise InputError(f"{said}; make two panels of it.")
    if twice := next((name for name in single if name in listed), ""):
        raise InputError(f"the term {twice!r} is a topic of {found.source} already; leave it out.")
    source = f"{found.source} and terms given"
    both = _own({**listed, **single}, source, found.codebook.version, found.codebook.id)
    return both._replace(path=found.path)


def _own(
    lists: Mapping[str, Sequence[str]], source: str, version: str, name: str = "topics"
) -> Topics:
    """A codebook of one's own lists; without a version the words themselves give it one."""
    listed = json.dumps([[name, *words] for name, words in lists.items()], ensure_ascii=False)
    version = version or f"sha256:{hashlib.sha256(listed.encode()).hexdigest()[:12]}"
    made = tuple(themes.Theme.listed(name, words, source) for name, words in lists.items())
    return Topics(themes.Codebook(version, made, id=name, exclusive=False), source)


def _terms(terms: Sequence[str]) -> dict[str, tuple[str, ...]]:
    words = [word.strip() for text in terms for word in _BETWEEN.split(text) if word.strip()]
    if terms and not words:
        raise InputError("terms holds no word; write them with commas between, 数字经济,大数据.")
    if twice := next((word for word in words if words.count(word) > 1), ""):
        raise InputError(f"terms: {twice!r} stands twice; once is enough.")
    return _checked({word: (word,) for word in words}, _refusing("terms")) if words else {}


def _refusing(what: str) -> Refuse:
    def refuse(said: str, _: str) -> NoReturn:
        raise InputError(f"{what}: {said}")

    return refuse


def from_file(path: Path) -> Topics:
    """The topics of a file; InputError if it is none."""
    if str(path) in BOOKS:
        raise InputError(
            f"{path}: name the file itself, such as data/codebooks/{BOOKS[str(path)]}."
        )
    return _file(path)._replace(path=path)


def _file(path: Path) -> Topics:
    if path.suffix.lower() not in _LISTS:
        known = ", ".join(BOOKS)
        if not path.suffix and not path.exists():
            raise InputError(f"{unknown('topics', str(path), BOOKS)} Or name a file of words.")
        said = f"a word list is a file {' or '.join(_LISTS)}; or say {known}."
        raise InputError(said, path=path)
    if not path.exists():
        raise InputError("no such file; name a list of words that is there.", path=path)
    if path.suffix.lower() == ".txt":
        return _own(*_listed(path), path.stem)
    document = yamlfile.load(path)
    if "themes" in document:
        return Topics(themes.Codebook.load(path), path.name)
    version = str(document.pop("version", ""))
    lists: dict[str, list[str]] = {}
    for name, value in document.items():
        words = _BETWEEN.split(value) if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
            document.refuse(f"{name} is {value!r}; it must be a list of words, in quotes.", name)
        lists[name] = words

    return _own(_checked(lists, document.refuse), path.name, version, path.stem)


def _listed(path: Path) -> tuple[dict[str, tuple[str, ...]], str, str]:
    """The lists of a text file, its name, and the version that its first line may say."""
    lists: dict[str, list[str]] = {}
    lines: dict[str, int] = {}
    version, name = "", path.stem
    for number, line in enumerate(encodings.text(path).lstrip("\ufeff").splitlines(), start=1):
        said = _VERSION.match(line)
        text = _bare(line)
        if said and number == 1:
            version = said[1]
        elif _begins(text):
            name, words = _heading(text)
            if name in lists or not name:
                why = f"the topic {name!r} stands twice" if name else "a topic without a name"
                raise InputError(f"{why}; give it a name of its own.", path=path, line=number)
            lists[name] = words
            lines |= dict.fromkeys([name, *words], number)
        elif text:
            lists.setdefault(name, []).append(text)
            lines[text] = number

    def refuse(said: str, about: str) -> NoReturn:
        raise InputError(said, path=path, line=lines.get(about, 1))

    return _checked(lists, refuse), path.name, version


def _bare(line: str) -> str:
    """A line without a comment; one that is a heading is whole."""
    return line.strip() if line.lstrip().startswith("#") else line.partition("#")[0].strip()


def _begins(text: str) -> bool:
    """Whether a line begins a topic."""
    return text.startswith("#") or bool(text and _NAMED.fullmatch(text))


def begun(line: str) -> str | None:
    """The topic that a line of a text file begins; None if it begins none."""
    text = _bare(line)
    return _heading(text)[0] if _begins(text) and not _VERSION.match(line) else None


def _heading(text: str) -> tuple[str, list[str]]:
    """Name and words of a line that begins a topic.

    >>> _heading("# 数字经济"), _heading("环保：污染、减排")
    (('数字经济', []), ('环保', ['污染', '减排']))
    """
    if text.startswith("#"):
        return text.strip("# \t"), []
    name, words = _NAMED.fullmatch(text).groups()  # type: ignore[union-attr]
    return name.strip(), [word for word in _BETWEEN.split(words) if word.strip()]


def _checked(lists: Mapping[str, Iterable[str]], refuse: Refuse) -> dict[str, tuple[str, ...]]:
    """Lists of words, held against what a list is."""
    if not lists:
        refuse("holds no word; write one a line, or `name: a, b, c`.", "")
    found: dict[str, tuple[str, ...]] = {}
    for name, given in lists.items():
        words = [str(word).strip() for word in ([given] if isinstance(given, str) else given)]
        if not any(words):
            refuse(f"the topic {name!r} has no word; add one, or take the topic out.", name)
        for word in words:
            if not re.search(r"\w", word):
                refuse(f"{word!r} in {name} is no word; take it out.", word)
            if len(word.split()) > 1:
                said = "which no Chinese text has within a word; put commas between words."
                refuse(f"{word!r} in {name} holds white space, {said}", word)
            if words.count(word) > 1:
                refuse(f"{word!r} stands twice in {name}; once is enough.", word)
        found[str(name)] = tuple(words)
    return found

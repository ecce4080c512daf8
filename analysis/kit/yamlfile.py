"""YAML files that say, for every key and value, the line it stands in.

Codebooks and study files are written by hand, so a mistake is answered with its line. Only plain
values are read (PyYAML's safe loader): nothing in a file can run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Fields
from pathlib import Path
from typing import Any, NoReturn

import regex
import yaml

from . import encodings
from .errors import InputError, unknown

_LONGEST = 1_000  # characters of a pattern
_TRIED = 2.0  # seconds that a pattern has on the empty text
_BITS = 64  # of a number
_ENDLESS = r"(?:[*+]|\{\d*,\})"
_INSIDE = r"(?:[^()\\]|\\.)*"
_NESTED = re.compile(rf"\({_INSIDE}{_ENDLESS}{_INSIDE}\){_ENDLESS}")
_KINDS: dict[Any, str] = {
    str: "text",
    list: "a list",
    dict: "a map ({key: value})",
    bool: "true or false",
}
_KINDS |= {int: "a whole number", int | float: "a number", str | dict: "text or a map"}


class Mapping(dict[str, Any]):
    """A YAML map that knows its file and its lines."""

    path: Path
    first_line: int
    lines: dict[Any, int]

    def refuse(self, message: str, at: object = None) -> NoReturn:
        """Raise InputError at the line of a key or value of this map, or at the map's first."""
        raise self._problem(message, at)

    def _problem(self, message: str, at: object) -> InputError:
        line = self.lines.get(at, self.first_line) if isinstance(at, str) else self.first_line
        return InputError(message, path=self.path, line=line)

    def check(self, fields: Fields[str, Any], required: Iterable[str] = ()) -> Mapping:
        """Hold the map against its fields and their types; return it.

        InputError with the line: an unknown key, a wrong type, a required key that is missing or
        empty.
        """
        for problem in self.problems(fields, required):
            raise problem
        return self

    def problems(self, fields: Fields[str, Any], required: Iterable[str]) -> Iterator[InputError]:
        """All that `check` would refuse."""
        for key, value in self.items():
            if key not in fields:
                yield self._problem(unknown("key", key, fields), key)
                continue
            told = isinstance(value, bool) and fields[key] in (int, int | float)  # true is no 1
            if told or not isinstance(value, fields[key]):
                said = f"{key} is {value!r}; it must be {_KINDS[fields[key]]}."
                yield self._problem(said, key)
        for key in required:
            if not self.get(key):
                yield self._problem(f"{key} is missing or empty; add it.", key)

    def maps(self, key: str) -> list[Mapping]:
        """The maps listed under a key; InputError if there is anything else."""
        entries = self.get(key)
        if not isinstance(entries, list) or not entries:
            self.refuse(f"{key} must be a list with at least one entry.", key)
        for number, entry in enumerate(entries, start=1):
            if not isinstance(entry, Mapping):
                self.refuse(f"entry {number} of {key} is {entry!r}; it must be a map.", key)
        return entries

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts listed under a key, none if the key is absent."""
        for value in self.get(key, []):
            if not isinstance(value, str) or not value:
                self.refuse(f"{key} holds {value!r}; put text in quotes.", key)
        return tuple(self.get(key, []))

    def patterns(self, key: str) -> tuple[str, ...]:
        """The regular expressions listed under a key.

        InputError if one does not compile, fits the empty text or could run for ever.
        """
        for pattern in self.texts(key):
            if len(pattern) > _LONGEST:
                self.refuse(
                    f"a pattern has {len(pattern)} characters; make several of it.", pattern
                )
            try:
                re.compile(pattern)
                fits_nothing = regex.match(pattern, "", timeout=_TRIED)
            except TimeoutError:
                self.refuse(f"the pattern {pattern!r} has no end; make it simpler.", pattern)
            except (re.error, regex.error, RecursionError, OverflowError, MemoryError) as error:
                self.refuse(f"the pattern {pattern!r} is no regular expression ({error}).", pattern)
            if fits_nothing:
                self.refuse(f"the pattern {pattern!r} fits where nothing stands.", pattern)
            if _NESTED.search(pattern):
                self.refuse(
                    f"the pattern {pattern!r} repeats what repeats without end and could run for "
                    "ever; give one of the two a limit, as in {0,8}.",
                    pattern,
                )
        return self.texts(key)

    def bilingual(self, key: str) -> dict[str, str]:
        """The texts in zh and en under a key."""
        value = self.get(key)
        if not isinstance(value, Mapping):
            self.refuse(f"{key} must be a map with zh and en.", key)
        value.check({"zh": str, "en": str}, ("zh", "en"))
        return dict(value)


def load(path: Path) -> Mapping:
    """Read a YAML file whose top level is a map.

    InputError with file and line: no such file, not UTF-8, broken YAML, a key that stands twice.
    """
    text = encodings.text(path)
    try:
        loader = _Loader(text)
        loader.path = path
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"this is not YAML ({error.problem}).", path=path, line=line) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        said = f"this is not YAML (the character U+{ord(text[error.position]):04X} stands in it)."
        raise InputError(said, path=path, line=line) from None
    except RecursionError:
        raise InputError("this is nested too deep to be read.", path=path, line=1) from None
    if not isinstance(document, Mapping):
        raise InputError("must be a map at its top level.", path=path, line=1)
    return document


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without aliases: a few lines of them could stand for gigabytes."""

    path: Path

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Read a node; InputError for an alias."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            said = f"the alias *{event.anchor} is not read here; write the value out."
            raise InputError(said, path=self.path, line=event.start_mark.line + 1)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """A node's value; InputError where a scalar is no date or number although it looks so."""
        try:
            value = super().construct_object(node, deep)
            if isinstance(value, int) and value.bit_length() > _BITS:
                raise ValueError("a number of so many digits")
        except (ValueError, TypeError, OverflowError) as error:
            said = f"this is no value ({error}); put text in quotes."
            raise InputError(said, path=self.path, line=node.start_mark.line + 1) from None
        return value


def _construct(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    mapping = Mapping()
    mapping.path, mapping.first_line = loader.path, node.start_mark.line + 1
    mapping.lines = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        line = key_node.start_mark.line + 1
        if not isinstance(key, str):
            raise InputError(f"the key {key!r} must be text.", path=loader.path, line=line)
        if key in mapping:
            raise InputError(f"the key {key!r} stands twice.", path=loader.path, line=line)
        mapping[key] = loader.construct_object(value_node, deep=True)
        mapping.lines[key] = line
        for leaf in _leaves(value_node):
            mapping.lines.setdefault(leaf.value, leaf.start_mark.line + 1)
    return mapping


def _leaves(node: yaml.Node) -> Iterable[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _leaves(child)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct)

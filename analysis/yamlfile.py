"""YAML files that say, for every key and value, the line it stands in.

Codebooks and study files are written by hand, so a mistake is answered with its line. Only plain
values are read (PyYAML's safe loader): nothing in a file can run.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from analysis import tables
from analysis.errors import InputError, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Fields
    from pathlib import Path

_KINDS: dict[type, str] = {str: "text", list: "a list", dict: "a map"}


class Mapping(dict[str, Any]):
    """A YAML map that knows its file and its lines."""

    path: Path
    first_line: int
    lines: dict[Any, int]

    def refuse(self, message: str, at: object = None) -> NoReturn:
        """Raise InputError at the line of a key or value of this map, or at the map's first."""
        line = self.lines.get(at, self.first_line) if isinstance(at, str) else self.first_line
        raise InputError(message, path=self.path, line=line)

    def check(self, fields: Fields[str, type], required: Iterable[str] = ()) -> Mapping:
        """Hold the map against its fields and their types; return it.

        InputError with the line: an unknown key, a wrong type, a required key that is missing or
        empty.
        """
        for key, value in self.items():
            if key not in fields:
                self.refuse(unknown("key", key, fields), key)
            if not isinstance(value, fields[key]):
                self.refuse(f"{key} is {value!r}; it must be {_KINDS[fields[key]]}.", key)
        for key in required:
            if not self.get(key):
                self.refuse(f"{key} is missing or empty; add it.", key)
        return self

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
        """The regular expressions listed under a key; InputError if one does not compile."""
        for pattern in self.texts(key):
            try:
                re.compile(pattern)
            except re.error as error:
                self.refuse(f"the pattern {pattern!r} is no regular expression ({error}).", pattern)
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
    try:
        loader = _Loader(tables.text(path))
        loader.path = path
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InputError(f"this is not YAML ({error.problem}).", path=path, line=line) from None
    except yaml.YAMLError as error:
        raise InputError(f"this is not YAML ({error}).", path=path) from None
    if not isinstance(document, Mapping):
        raise InputError("must be a map at its top level.", path=path, line=1)
    return document


class _Loader(yaml.SafeLoader):
    path: Path


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

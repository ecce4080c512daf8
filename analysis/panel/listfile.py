"""Words written into a file of lists that somebody keeps by hand: nothing else in it changes.

Comments, order, quotes and line ends stay. The new text is read before it is written, and it must
say what the old one said with the new words at the topic's end, otherwise nothing is written.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from analysis import themes
from analysis.kit import GongbaoError, InputError, put

from .topics import begun, from_file

_PLAIN = re.compile(r"[\w＋+·-]*[^\W\d][\w＋+·-]*")


def insert(path: Path, topic: str, words: Sequence[str]) -> None:
    """Write words at the end of a topic of a file.

    InputError where that cannot be done, as in a file that is not UTF-8.
    """
    try:
        old = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("is not UTF-8; save it as UTF-8 and try again.", path=path) from None
    mark = "\ufeff" if old.startswith("\ufeff") else ""
    ends = "\r\n" if "\r\n" in old else "\n"
    text = old.removeprefix(mark)
    write = _in_text if path.suffix.lower() == ".txt" else _in_yaml
    new = mark + write(text, topic, words, ends, path.stem)
    if _read(new, path.name) != _wanted(from_file(path).codebook, topic, words):
        raise InputError(
            f"the words {', '.join(words)} cannot be written into {topic!r} without changing "
            "something else; write them in by hand.",
            path=path,
        )
    put(path, new.encode("utf-8"))


def _wanted(book: themes.Codebook, topic: str, words: Sequence[str]) -> list[Any]:
    more = {topic: tuple(words)}
    return [
        replace(one, include=(*one.include, *more.get(one.id, ()))).matched for one in book.themes
    ]


def _read(text: str, name: str) -> list[Any] | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(text.encode("utf-8"))
        try:
            return _wanted(from_file(path).codebook, "", ())
        except GongbaoError:
            return None


def _in_text(text: str, topic: str, words: Sequence[str], ends: str, stem: str) -> str:
    """A word a line, below the last line of the topic."""
    lines, name, last = text.splitlines(keepends=True), stem, -1
    for number, line in enumerate(lines):
        named = begun(line)
        name = name if named is None else named
        if name == topic and line.strip():
            last = number
    if last < 0:
        return text
    if not lines[last].endswith(("\n", "\r")):
        lines[last] += ends
    return "".join([*lines[: last + 1], *(f"{word}{ends}" for word in words), *lines[last + 1 :]])


def _in_yaml(text: str, topic: str, words: Sequence[str], ends: str, _: str) -> str:
    """After the last item of the topic's list, written as that list is."""
    node = _list(yaml.compose(text, Loader=yaml.SafeLoader), topic)
    if isinstance(node, yaml.ScalarNode):
        at = node.end_mark.index - (1 if node.style in ("'", '"') else 0)
        between = next((one for one in "、；，" if one in node.value), ", ")
        return text[:at] + "".join(between + word for word in words) + text[at:]
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return text
    at, quoted = node.value[-1].end_mark.index, [_quoted(word) for word in words]
    if node.flow_style:
        return text[:at] + "".join(f", {word}" for word in quoted) + text[at:]
    line = re.compile(r"[^\r\n]*").match(text, at)
    at = line.end() if line else at
    indent = " " * node.start_mark.column
    return text[:at] + "".join(f"{ends}{indent}- {word}" for word in quoted) + text[at:]


def _list(root: yaml.Node | None, topic: str) -> yaml.Node | None:
    """The node that holds the words of a topic, in a file of lists or in a codebook."""
    top = _fields(root)
    if "themes" not in top:
        return top.get(topic)
    for one in getattr(top["themes"], "value", []):
        fields = _fields(one)
        if getattr(fields.get("id"), "value", "") == topic:
            return fields.get("include")
    return None


def _fields(node: yaml.Node | None) -> dict[str, yaml.Node]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return {key.value: value for key, value in pairs}


def _quoted(word: str) -> str:
    """A word as YAML reads it as text."""
    plain = _PLAIN.fullmatch(word) and isinstance(yaml.safe_load(word), str)
    return word if plain else "'" + word.replace("'", "''") + "'"

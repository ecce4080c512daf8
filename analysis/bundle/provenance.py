"""What a bundle's provenance.json says, and whether the bundle's tables are those it speaks of."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.kit import InputError, files

MASKED = "rewritten"
"""Under this key stand the sha256 of tables that were changed for being handed on."""


def read(bundle: Path) -> dict[str, Any]:
    """What a bundle's provenance.json says; InputError if there is none that is a figure's."""
    path = bundle / "provenance.json"
    try:
        with files.plain(path) as file:
            found = json.loads(file.read().decode())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "no such file; give a bundle: a figure's folder that `gongbao report` wrote.", path=path
        ) from None
    except (ValueError, RecursionError):
        found = None
    said = "is not the provenance of a figure"
    if not isinstance(found, dict) or not {"figure", "options", "reports", "files"} <= {*found}:
        raise InputError(f"{said}; render the figure again.", path=path)
    for key, good in _KINDS.items():
        if key in found and not good(found[key]):
            raise InputError(f"{said} (its {key} cannot be); render the figure again.", path=path)
    return found


def touched(bundle: Path, record: Mapping[str, Any]) -> list[InputError]:
    """What is wrong with each table of a bundle that is not the one its record speaks of."""
    found = []
    for name, drawn in record["files"].items():
        then = record.get(MASKED, {}).get(name, drawn)
        path = bundle / name
        if path.is_file() and (now := tables.sha256(path)) != then:
            said = "was changed after the figure was drawn (sha256"
            found.append(InputError(f"{said} {now}; provenance.json has {then}).", path=path))
    return found


def refuse_touched(bundle: Path, record: Mapping[str, Any], advice: str) -> None:
    """InputError for a table of a bundle that was changed after the figure was drawn."""
    for one in touched(bundle, record):
        raise InputError(f"{one.message[:-1]}; {advice}", path=one.path)


def restate(bundle: Path) -> None:
    """Note in a bundle's record the sha256 of the tables that were changed for being handed on."""
    record = read(bundle)
    changed = {
        name: now
        for name, drawn in record["files"].items()
        if (now := tables.sha256(bundle / name)) != drawn
    }
    if changed != record.get(MASKED, {}):
        text = json.dumps(record | {MASKED: changed}, ensure_ascii=False, indent=1, sort_keys=True)
        files.put(bundle / "provenance.json", text + "\n")


def inputs(options: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The files that a notebook's parameters name: by parameter, the sha256 of each by its name."""
    named = {name: [*named_files(value)] for name, value in options.items()}
    return {
        name: {Path(one).name: tables.sha256(Path(one)) for one in own}
        for name, own in named.items()
        if own
    }


def named_files(value: Any) -> Iterator[str]:
    """The texts in a value that name a file which is there: one whose name has an ending.

    >>> [*named_files(["README.md", "README", "法治", 3])]
    ['README.md']
    """
    if isinstance(value, str):
        with contextlib.suppress(OSError, ValueError):  # too long for a name
            if Path(value).suffix and Path(value).is_file():
                yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from named_files(one)


def _texts(said: Any) -> bool:
    return isinstance(said, dict) and all(isinstance(one, str) for one in said.values())


def _reports(said: Any) -> bool:
    own = said if isinstance(said, list) else [None]
    names = ("report_id", "sha256")
    return all(isinstance(one, dict) and _texts({n: one.get(n) for n in names}) for one in own)


def _options(said: Any) -> bool:
    wanted = said.get("reports", []) if isinstance(said, dict) else None
    return isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)


_KINDS: dict[str, Callable[[Any], bool]] = {
    "figure": lambda said: isinstance(said, str) and bool(re.fullmatch(r"\w[\w-]*", said)),
    "options": _options,
    "reports": _reports,
    "files": _texts,
    "title": _texts,
    "hash": lambda said: isinstance(said, str),
    "study": lambda said: isinstance(said, dict),
    "versions": lambda said: isinstance(said, dict),
}
"""What stands under a key, which code that reads a record relies on; a figure's is its folder."""

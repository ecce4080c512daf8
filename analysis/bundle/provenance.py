"""What a bundle's provenance.json says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.kit import InputError, files


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

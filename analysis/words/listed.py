"""A list of words that a person wrote: its version in the first line, then a word a line."""

from __future__ import annotations

import re
from pathlib import Path

from analysis.kit import InputError, encodings

_VERSION = re.compile(r"#\s*version:\s*(\S+)")


def read(path: Path) -> tuple[list[str], str]:
    """What each line holds before a `#`, '' for nothing, and the version.

    InputError where the first line states none.
    """
    lines = encodings.text(path).lstrip("\ufeff").splitlines()
    version = _VERSION.match(lines[0]) if lines else None
    if not version:
        raise InputError("must begin with `# version: 1`.", path=path, line=1)
    return [line.partition("#")[0].strip() for line in lines], version[1]

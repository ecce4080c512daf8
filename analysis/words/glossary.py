"""Chinese words in English: what codebooks/glossary.yaml and the codebooks' own names say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from analysis.kit import yamlfile

FILE = "glossary.yaml"
BY = ("model", "people")
"""Who may have written the glosses of a file."""


class Glossary(NamedTuple):
    """Words with a gloss each, the version of the file, and who wrote them (one of `BY`)."""

    words: Mapping[str, str]
    version: str
    by: str


def load(path: Path) -> Glossary:
    """Read a glossary; InputError with file and line for what is none."""
    book = yamlfile.load(path)
    book.check({"version": object, "by": str, "words": dict}, ("version", "by", "words"))
    if book["by"] not in BY:
        book.refuse(f"by is {book['by']!r}; it must be {' or '.join(BY)}.", "by")
    words = book["words"]
    for word, gloss in words.items():
        if not (isinstance(word, str) and isinstance(gloss, str) and gloss.strip()):
            words.refuse(f"{word!r} has the gloss {gloss!r}; both must be text.", word)
    return Glossary(dict(words), str(book["version"]), str(book["by"]))

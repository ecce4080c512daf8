"""Lists of words in a study's folder: its lexicon and stop words, its glossary."""

from __future__ import annotations

import re
from typing import Any

from analysis.kit import InputError, files
from analysis.words import glossary as glosses
from analysis.words import listed

FREQUENCY = re.compile(r"\s+\d+(\s+[a-z]+)?$")
"""What stands behind a word in a list of jieba's."""

GROUPS = "term_groups.yaml"


def word_list(study: Any, name: str) -> tuple[tuple[str, ...], str]:
    """The words of codebooks/NAME.txt, and the version in its first line."""
    path = study.path / "codebooks" / f"{name}.txt"
    words, version = listed.read(path)
    if name == "lexicon":  # a list of jieba's has frequencies and parts of speech, without use
        words = [FREQUENCY.sub("", word) for word in words]
    for number, word in enumerate(words, start=1):
        if len(word.split()) > 1:
            said = f"{word!r} holds white space; a line is one word."
            raise InputError(said, path=path, line=number)
    return tuple(dict.fromkeys(word for word in words if word)), version


def glossary(study: Any) -> glosses.Glossary:
    """Chinese words in English: of codebooks/glossary.yaml, the bundled one if there is none.

    A group of synonyms that is not there has the name that term_groups.yaml gives it.
    """
    own, groups = (study.path / "codebooks" / name for name in (glosses.FILE, GROUPS))
    found = glosses.load(
        own if own.exists() else files.home() / "data" / "codebooks" / glosses.FILE
    )
    named = study.term_groups.themes if groups.exists() else ()
    names = {one.name["zh"]: one.name["en"].lower() for one in named}
    return found._replace(words={**names, **found.words})

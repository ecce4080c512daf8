"""What the codes in a table are called: `done` is 已做, a rule or level has a name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from analysis.kit import html, shown
from analysis.words import PARTS

_FIGURES = {"rule": "rules", "outcome": "standings", "standing": "standings", "level": "levels"}
"""Columns whose codes figures have names for, and under what."""


@cache
def names(column: str, lang: str) -> dict[str, str]:
    """The codes of a column and what they are called in a language; none for other columns.

    >>> names("part", "zh")["done"], names("bound", "en")["at_least"], names("n", "zh")
    ('已做', 'at least', {})
    """
    from analysis.figures import look

    at, said = html.LANGUAGES.index(lang), _texts()
    if column == "part":
        return {key: name[lang] for key, name in PARTS.items()}
    known = {key: one[lang] for key, one in look.texts().get(_FIGURES.get(column, ""), {}).items()}
    own = said["rule_kind"] if column == "rule" else said.get(column, {})
    return known | {key: one[at] for key, one in own.items()}


def cell(column: str, value: Any, lang: str, known: Mapping[str, Mapping[str, str]]) -> str:
    """A value as a person reads it, codes and ids by their names.

    known : in each language, what themes, indicators and reports are called.
    """
    text = shown.cell(value)
    own = names(column, lang)
    code = str(value) if isinstance(value, bool) else text
    return own[code] if code in own else known.get(lang, {}).get(text, text)


@cache
def _texts() -> dict[str, dict[str, list[str]]]:
    import yaml

    found: dict[str, dict[str, list[str]]]
    found = yaml.safe_load(Path(__file__).with_name("codes.yaml").read_text("utf-8"))
    return found

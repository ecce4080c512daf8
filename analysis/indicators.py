"""Figures with their meaning: the curated table and the codebook that names its indicators.

An indicator has a unit (with synonyms that count the same thing), a definition, and says whether
more is better. What the table holds is checked against the codebook, the sources and the
sentences; nothing is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis import tables, yamlfile
from analysis.errors import unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

_FIELDS = {
    "id": str,
    "name": dict,
    "definition": dict,
    "unit": str,
    "unit_synonyms": list,
    "better": str,
    "patterns": list,
    "per": str,
    "definitions": dict,
}
_BETTER = ("higher", "lower", "neither")
_FOLD = str.maketrans("，；：（）", ",;:()")


@dataclass(frozen=True)
class Indicator:
    """One indicator; `name` and `definition` have the keys zh and en.

    `per` names another indicator by which this one is divided where regions are compared.
    """

    id: str
    name: dict[str, str]
    definition: dict[str, str]
    unit: str
    unit_synonyms: tuple[str, ...]
    better: str
    patterns: tuple[str, ...]
    per: str = ""

    def same_unit(self, one: str, other: str) -> bool:
        """Whether two units count the same thing for this indicator."""
        synonyms = {self.unit, *self.unit_synonyms}
        return one == other or (one in synonyms and other in synonyms)


@dataclass(frozen=True)
class IndicatorCodebook:
    """Indicators by id, in the codebook's order, with its version."""

    version: str
    indicators: dict[str, Indicator]

    @classmethod
    def load(cls, path: Path) -> IndicatorCodebook:
        """Read indicators.yaml.

        Raises
        ------
        InputError
            with file and line: broken YAML, an unknown key, a wrong type, an id that stands
            twice, a pattern that does not compile, a `per` that names no indicator.
        """
        document = yamlfile.load(path)
        entries: dict[str, Indicator] = {}
        for entry in document.maps("indicators"):
            indicator = _indicator(entry)
            if indicator.id in entries:
                entry.refuse(f"the id {indicator.id!r} stands twice.", "id")
            entries[indicator.id] = indicator
        for entry in document.maps("indicators"):
            if (per := entry.get("per", "")) and per not in entries:
                entry.refuse(unknown("indicator", per, entries), "per")
        return cls(str(document.get("version", "")), entries)


def _indicator(entry: yamlfile.Mapping) -> Indicator:
    entry.check(_FIELDS, required=("id", "name", "definition"))
    better = entry.get("better", "neither")
    if better not in _BETTER:
        entry.refuse(unknown("better", better, _BETTER), "better")
    return Indicator(
        entry["id"],
        entry.bilingual("name"),
        entry.bilingual("definition"),
        entry.get("unit", ""),
        entry.texts("unit_synonyms"),
        better,
        entry.patterns("patterns"),
        entry.get("per", ""),
    )


def problems(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    sources: pd.DataFrame,
    sentences: pd.DataFrame,
) -> Iterator[str]:
    """One sentence for each row that does not hold together.

    A row must name an indicator of the codebook; it must lead to a sentence that holds its quote
    (ASCII and full-width punctuation are taken as equal) or to a source; and the same figure must
    not stand there twice.
    """
    texts = dict(zip(sentences["sentence_id"], sentences["text"], strict=True))
    known_sources = set(sources["source_id"])
    keys = ["indicator_id", "region", "period", "definition", "measure_kind", "bound"]
    for (number, row), twice in zip(
        enumerate(tables.rows(indicators), start=2), indicators.duplicated(keys), strict=True
    ):
        where = f"indicators.csv:{number}: "
        if row.indicator_id not in codebook.indicators:
            yield where + unknown("indicator_id", row.indicator_id, codebook.indicators)
        if row.sentence_id:
            text = texts.get(row.sentence_id)
            if text is None:
                yield f"{where}sentence {row.sentence_id!r} is not in the study."
            elif row.quote.translate(_FOLD) not in text.translate(_FOLD):
                yield f"{where}sentence {row.sentence_id} does not hold the quote {row.quote!r}."
        elif row.source_id not in known_sources:
            yield where + unknown("source_id", row.source_id or "(empty)", known_sources)
        if twice:
            yield (
                f"{where}{row.indicator_id} of {row.region}, {row.period} stands there twice; "
                "reject one of them or give them different definitions."
            )

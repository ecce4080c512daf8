"""Figures with their meaning: the curated table and the codebook that names its indicators.

An indicator has a unit (with synonyms that count the same thing), a definition, and says whether
more is better. What the table holds is checked against the codebook, the sources and the
sentences; nothing is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.kit import unknown, yamlfile
from analysis.restore import NARROW

from .numerals import exchanged

_FIELDS: dict[str, type] = {
    **dict.fromkeys(("id", "unit", "better", "per"), str),
    **dict.fromkeys(("name", "definition", "definitions", "headline"), dict),
    **dict.fromkeys(("unit_synonyms", "patterns"), list),
}
_HEADLINE = {"kind": str, "units": list, "names": str, "coded": dict}
_MEASURES = ("change", "level", "count")
_DEFINITION = {"name": dict, "zh": str, "en": str, "plan": bool}
_BEFORE = (
    r"(?:其中|预计|预期|全年|年度|初步预计|初步核算|初步测算|初步统计|经初步核算|快报数?|实现|完成|力争|确保|主要|我[省市区县州盟旗]|地方级?|"
    r"全[省市区县州盟旗]|本[省市区县]|自治[区州]|到?(?:20|19)\d\d年|当年|同期|年末|年底|年内|期末|推动|促进|保持|使|争取|今年|明年|去年|预计全年|"
    r"建议|安排|提出|按可比口径|同口径|[三四五]年(?:来|间|共)?|累计|年|新增|的|和|与|及|、|把|将|\[\d+\])*"
)
_AFTER = (
    r"(?:总量|总规模|规模|完成额?|实现|达到?|预计|预期|目标|年均|平均|同比|实际|名义|按可比价格?计?算?|可比价|现价|稳定|力争|控制|"
    r"人数|人口|涨幅|增速|增长速度|增长率|增长|增加|上涨|提高|下降|降低|降幅|水平|完成数|比上?年|较上?年|同口径|可比口径|绝对值|预期目标|"
    r"计划|突破|跃?上升?|左右|首次?|有望|可望|初步(?:核算|预计)?|稳定|稳步|基本|持续|始终|整体|上涨幅度|升幅|幅度|保持|继续|全年|[三四五]年|年|约|再|均|累计|分别|也|已|仍|始终|由|从|\[\d+\]|[，、为至到在的以])*"
)
_BETTER = ("higher", "lower", "neither")


@dataclass(frozen=True)
class Headline:
    """How work reports state an indicator: which units, which kind, and by which names.

    `kind` is `change` (a rate of growth), `level`, or `count` (what is new in a year); `names` are
    definition codes with what a figure counts, `said` all names as they stand in a text.
    """

    kind: str
    units: tuple[str, ...]
    names: tuple[tuple[str, re.Pattern[str]], ...]
    said: str

    def fits(self, unit: str, kind: str, direction: str) -> bool:
        """Whether a figure of this unit (without multiplier), kind and direction may be one."""
        if unit not in self.units:
            return False
        if self.kind == "change":
            return kind in ("change", "target")
        return self.kind == "count" or (kind != "change" and not direction)


@dataclass(frozen=True)
class Indicator:
    """One indicator; `name` and `definition` have the keys zh and en.

    `per` names another indicator by which this one is divided where regions are compared;
    `definitions` are the names of the definition codes, `plans` those codes under which a target
    is what a plan of several years sets for its last year.
    """

    id: str
    name: dict[str, str]
    definition: dict[str, str]
    unit: str
    unit_synonyms: tuple[str, ...]
    better: str
    patterns: tuple[str, ...]
    per: str = ""
    definitions: Mapping[str, dict[str, str]] = field(default_factory=dict)
    plans: frozenset[str] = frozenset()
    headline: Headline | None = None

    def definition_name(self, code: str, lang: str) -> str:
        """What a definition code is called; the code itself if the codebook does not say."""
        return self.definitions.get(code, {}).get(lang, code)

    def converted(self, value: float, unit: str) -> tuple[float, str]:
        """A value in the indicator's unit, where its unit is that, a synonym, or converts exactly.

        Any other stays as written.
        """
        if unit == self.unit or unit in self.unit_synonyms:
            return value, self.unit
        there = exchanged(value, unit, self.unit)
        return (value, unit) if there is None else (there, self.unit)


@dataclass(frozen=True, eq=False)
class IndicatorCodebook:
    """Indicators by id, in the codebook's order, with its version."""

    version: str
    indicators: dict[str, Indicator]

    def names(self, lang: str) -> dict[str, str]:
        """Each id's name in a language."""
        return {key: one.name[lang] for key, one in self.indicators.items()}

    @classmethod
    def load(cls, path: Path) -> IndicatorCodebook:
        """Read indicators.yaml.

        InputError with file and line: broken YAML, an unknown key, a wrong type, an id that stands
        twice, a pattern that is refused (`yamlfile`) or names no value, a `per` that names no
        indicator.
        """
        known = {"version": object, "indicators": list, "definitions": dict}
        document = yamlfile.load(path).check(known)
        shared = _codes(document, document.get("definitions", {}))
        entries: dict[str, Indicator] = {}
        for entry in document.maps("indicators"):
            indicator = _indicator(entry, shared)
            if indicator.id in entries:
                entry.refuse(f"the id {indicator.id!r} stands twice.", "id")
            entries[indicator.id] = indicator
        for entry in document.maps("indicators"):
            if (per := entry.get("per", "")) and per not in entries:
                entry.refuse(unknown("indicator", per, entries), "per")
        return cls(str(document.get("version", "")), entries)


def _indicator(entry: yamlfile.Mapping, shared: Mapping[str, dict[str, str]]) -> Indicator:
    entry.check(_FIELDS, required=("id", "name", "definition"))
    better = entry.get("better", "neither")
    if better not in _BETTER:
        entry.refuse(unknown("better", better, _BETTER), "better")
    for pattern in entry.patterns("patterns"):
        if "value" not in re.compile(pattern).groupindex:
            said = f"the pattern {pattern!r} does not say where the value stands, as (?P<value>…)."
            entry.refuse(said, pattern)
    codes = entry.get("definitions", {})
    definitions = _codes(entry, codes)
    stated = _headline(entry)
    return Indicator(
        id=entry["id"],
        name=entry.bilingual("name"),
        definition=entry.bilingual("definition"),
        unit=entry.get("unit", ""),
        unit_synonyms=entry.texts("unit_synonyms"),
        better=better,
        patterns=entry.patterns("patterns"),
        per=entry.get("per", ""),
        definitions={**(shared if stated else {}), **definitions},
        plans=frozenset(code for code, said in codes.items() if said.get("plan")),
        headline=stated,
    )


def _codes(entry: yamlfile.Mapping, codes: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The names of definition codes."""
    for code, said in codes.items():
        if not isinstance(said, yamlfile.Mapping):
            entry.refuse(f"the definition {code} must be a map with zh and en.", "definitions")
        said.check(_DEFINITION, ("zh", "en"))
    return {code: _called(said) for code, said in codes.items()}


def _headline(entry: yamlfile.Mapping) -> Headline | None:
    """How work reports state an indicator; None where the codebook does not say."""
    said = entry.get("headline")
    if said is None:
        return None
    said.check(_HEADLINE, ("kind", "units", "names"))
    if said["kind"] not in _MEASURES:
        said.refuse(unknown("kind", said["kind"], _MEASURES), "kind")
    coded = {"": said["names"], **said.get("coded", {})}
    for code, names in coded.items():
        if not isinstance(names, str):
            said.refuse(f"the names of {code} must be words with spaces between them.", "coded")
    try:
        names = tuple((code, _compiled(words)) for code, words in coded.items())
    except re.error as error:
        said.refuse(f"is no pattern ({error}).", "names")
    return Headline(said["kind"], said.texts("units"), names, " ".join(coded.values()))


def _compiled(names: str) -> re.Pattern[str]:
    """A pattern for what a figure counts, from names that are pieces of regular expressions."""
    words = sorted(names.split(), key=len, reverse=True)
    return re.compile(rf"{_BEFORE}(?:{'|'.join(words)}){_AFTER}")


def _called(said: yamlfile.Mapping) -> dict[str, str]:
    """A definition's name; its sentence where it has none."""
    return said.bilingual("name") if "name" in said else {"zh": said["zh"], "en": said["en"]}


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
            elif row.quote.translate(NARROW) not in text.translate(NARROW):
                yield f"{where}sentence {row.sentence_id} does not hold the quote {row.quote!r}."
        elif row.source_id not in known_sources:
            yield where + unknown("source_id", row.source_id or "(empty)", known_sources)
        if twice:
            yield (
                f"{where}{row.indicator_id} of {row.region}, {row.period} stands there twice; "
                "reject one of them or give them different definitions."
            )

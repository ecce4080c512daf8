"""The line of sources at a figure's foot: what the material is, in words.

Reports are told by kind, number, places and years; what is no report of the study by its producer.
Numbers stand there only where they stand at marks too: the whole list is in the references.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from analysis.text import kinds
from analysis.words import reference, slices

from . import captions, references

_PRODUCERS = 4
"""How many producers of sources are named, those with the most first."""


def line(
    record: Mapping[str, Any], drawn: Collection[int] = (), numbered: Collection[int] = ()
) -> str:
    """What a figure was made from, with the version and the record's hash where asked for.

    Parameters
    ----------
    record : what provenance.json holds.
    drawn : the numbers of the cited sources that the figure shows, empty for all.
    numbered : those of them whose numbers stand at its marks.
    """
    lang = record["options"].get("lang", "zh")
    words = captions.texts()["source_line"][lang]
    said = [*_material(record, lang, drawn, numbered)]
    said.append(_against(record, lang))
    if record["options"].get("stamp"):
        said.append(words["stamp"].format(made=made_by(record)))
    return str(words["source"]) + str(words["then"]).join(filter(None, said))


def made_by(record: Mapping[str, Any]) -> str:
    """The version and the record's short hash, as a file's metadata and its caption have them."""
    return f"{record['gongbao']} #{record['hash'][:8]}"


def _material(
    record: Mapping[str, Any], lang: str, drawn: Collection[int], numbered: Collection[int]
) -> Iterator[str]:
    """What was counted, or whose numbers stand in the figure."""
    about = record.get("about", {})
    if "genre" in about:
        yield reference.composition(reference.select(f"genre={about['genre']}"))[lang]
    elif record["cited"]:
        yield from _cited(record, lang, drawn, numbered)
    elif record["reports"]:
        yield from kinds.described(captions.counted(record["reports"], about), lang)
    else:
        yield str(captions.texts()["words"]["reports"][lang]["none"])


def _cited(
    record: Mapping[str, Any], lang: str, drawn: Collection[int], numbered: Collection[int]
) -> Iterator[str]:
    """The reports among the cited sources; of the others those with numbers, and whose they are."""
    words = captions.texts()["source_line"][lang]
    reports = {row["report_id"]: row for row in (*record["reports"], *record.get("beside", ()))}
    own, others, listed = [], Counter[str](), {}
    producer = ""
    for number, (key, label) in enumerate(references.cited(record["cited"]), start=1):
        if not label.startswith("…"):
            producer = label.removesuffix(key).strip()
        if drawn and number not in drawn:
            continue
        if key in reports:
            own.append(reports[key])
        elif number in numbered:
            listed[number] = producer, key
        else:
            others[producer] += 1
    yield from kinds.described(own, lang)
    twins = Counter(one for one, _ in listed.values())
    named = [f"[{at}] {one} {key if twins[one] > 1 else ''}" for at, (one, key) in listed.items()]
    yield " ".join(one.strip() for one in named)
    if len(others) > 1:
        first = others.most_common(_PRODUCERS)
        many = [f"{one} {n:,}" if n > 1 else one for one, n in first]
        rest = len(others) - len(first)
        many += [words["rest"].format(n=rest)] if rest else []
        yield words["others"].format(n=others.total(), named=words["and"].join(many))
    elif others.total() > 1:
        yield words["others"].format(n=others.total(), named=next(iter(others)))
    else:
        yield from others


def _against(record: Mapping[str, Any], lang: str) -> str:
    """What it is compared with, where that is none of the reports named already."""
    about, words = record.get("about", {}), captions.texts()["source_line"][lang]
    if not captions.shows_comparison(record.get("figure", "")):
        return ""
    against, units = str(about.get("against", "")), about.get("units", "words")
    if "reference" in about and units == "words":
        documents = reference.apart(about["reference"], record["reports"])
        return str(words["against"].format(what=reference.composition(documents)[lang]))
    if against == "rest":
        return str(words["against"].format(what=captions.texts()["words"]["others"][lang]))
    named = slices.conditions(against, "slice", slices.SLICES)
    if any(one.name in slices.REPORTS for one in named):
        return str(words["against"].format(what=captions.other_side(about, lang)))
    return ""

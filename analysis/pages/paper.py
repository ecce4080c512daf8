"""What several figures say → one document: numbered, one methods section, one reference list.

A sentence of the methods that several figures share stands once, and says of which it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count, groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from analysis.bundle import provenance, references
from analysis.kit import html, safe

_HASH = re.compile(r"\s?[（(]#[0-9a-f]{8}[)）]")  # a figure's caption has it
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{28,52}\b")
_LINK = 72
"""Characters of an address that are shown; the link leads to the whole."""

Units = Iterable[tuple[str, Sequence[tuple[Path, Mapping[str, Any]]]]]
"""Title of each unit, with the folder of each bundle and what it says (`brief.contents`)."""


def document(units: Units, lang: str) -> dict[str, Any]:
    """What a document of figures says, in its order.

    Returns
    -------
    dict
        units (pairs of a title and its figures: what `brief.contents` says, with bundle, caption
        and table, each a pair of its number and its text, and note, on the numbers of sources in
        it), methods (label, and pieces of text with the figures that they hold of, '' for all),
        references (number, text before its link, link, address, text after).
    """
    words, figures, tables = html.WORDS["brief"][lang], count(1), count(1)
    told = [(title, list(parts)) for title, parts in units]
    records = [provenance.read(bundle) for _, parts in told for bundle, _ in parts]
    listed, places = references.numbered(records, lang)
    made, every = [], list[list[tuple[str, str]]]()
    for title, parts in told:
        own = []
        for bundle, said in parts:
            number = next(figures)
            table = (next(tables), words["table_of"].format(number)) if said["rows"] else ()
            cited = len(records[number - 1].get("cited", ()))
            note = _renumbered(dict(list(places[number - 1].items())[:cited]), words)
            numbers = {"caption": (number, said["caption"]), "table": table, "note": note}
            own.append({**said, "bundle": bundle, **numbers})
            every.append(said["methods"])
        made.append((title, own))
    return {
        "units": made,
        "methods": [(label, text) for label, text in _methods(every, words)],
        "references": [_reference(*one, lang) for one in enumerate(listed, start=1)],
    }


def _methods(
    every: Sequence[Sequence[tuple[str, str]]], words: Mapping[str, Any]
) -> Iterable[tuple[str, list[tuple[str, str]]]]:
    """The sentences of several methods paragraphs, each once, below their labels.

    One that stands below several labels comes at the end, without a label.

    >>> one = [("文本", "两份报告。按字计。")]
    >>> words = {"figures": "图 {}", "figure": "图 {}", "and": "、", "of": "（{}）"}
    >>> list(_methods([one, [("文本", "两份报告。按词计。")]], words))
    [('文本', [('两份报告。', ''), ('按字计。', '（图 1）'), ('按词计。', '（图 2）')])]
    """
    said = [
        [(label, _sentences(_HASH.sub("", text))) for label, text in paragraphs]
        for paragraphs in every
    ]
    homes: dict[str, set[str]] = {}
    for label, sentences in chain(*said):
        for sentence in sentences:
            homes.setdefault(sentence, set()).add(label)
    found: dict[str, dict[str, list[int]]] = {label: {} for label, _ in chain(*said)}
    found[""] = found.pop("", {})  # the last
    for number, paragraphs in enumerate(said, start=1):
        for label, sentences in paragraphs:
            for at, sentence in enumerate(sentences):
                home = label if len(homes[sentence]) == 1 else ""
                own = found[home]
                if sentence not in own:  # before what follows it
                    order = list(own)
                    later = next((one for one in sentences[at:] if one in own), None)
                    order.insert(order.index(later) if later else len(order), sentence)
                    found[home] = own = {one: own.get(one, []) for one in order}
                own[sentence] += [number] if number not in own[sentence] else []
    for label, own in found.items():
        pieces = []
        for of, group in groupby(own.items(), key=lambda one: one[1]):
            text = ("" if words["and"] == "、" else " ").join(sentence for sentence, _ in group)
            held = "" if len(of) == len(every) else words["of"].format(_spelled(of, words))
            pieces.append((text, held))
        if pieces:
            yield label, pieces


def _sentences(text: str) -> list[str]:
    return [one.strip() for one in re.split(r"(?<=。)|(?<=\.)\s+(?=[A-Z])", text) if one.strip()]


def _spelled(numbers: Sequence[int], words: Mapping[str, Any]) -> str:
    """Figures by their numbers, in words.

    >>> _spelled([1, 3, 4, 5], {"figures": "Figures {}", "figure": "Figure {}", "and": ", "})
    'Figures 1, 3–5'
    """
    said = words["figures" if len(numbers) > 1 else "figure"]
    return str(said.format(words["and"].join(_runs(numbers))))


def _runs(numbers: Iterable[int]) -> Iterable[str]:
    for _, group in groupby(enumerate(numbers), key=lambda one: one[1] - one[0]):
        run = [number for _, number in group]
        yield f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run))


def _renumbered(places: Mapping[int, int], words: Mapping[str, Any]) -> str:
    """What the numbers of sources in a figure are in the list of the document; '' if the same."""
    if all(own == here for own, here in places.items()):
        return ""
    said = []
    for _, group in groupby(places.items(), key=lambda one: one[1] - one[0]):
        own, here = zip(*group, strict=True)
        ends = [f"[{run[0]}]" + f"–[{run[-1]}]" * (len(run) > 1) for run in (own, here)]
        said.append(words["number"].format(*ends))
    return str(words["numbers"].format(words["and"].join(said)))


def _reference(number: int, entry: references.Entry, lang: str) -> tuple[str, str, str, str, str]:
    """A reference: its number, what stands before the link, the link, where it leads, the rest."""
    written = references.listed if lang == "zh" else references.in_english
    text, url = written(entry), entry.url
    before, link, after = text.partition(url) if url else (text, "", "")
    leads = references.address(url) if link and re.match("https?://", url) else ""
    before, after = (_DIGEST.sub(r"\1…", one) for one in (before, after))
    return f"[{number}]", safe(before), short(url) if link else "", leads, safe(after)


def short(url: str) -> str:
    """An address as it is read: no scheme, characters for their codes, its middle left out.

    >>> short("https://zh.wikisource.org/wiki/1992%E5%B9%B4")
    'zh.wikisource.org/wiki/1992年'
    """
    plain = unquote(url, errors="replace")
    plain = url if "\ufffd" in plain or safe(plain) != plain else plain
    plain = re.sub("^https?://", "", safe(plain))
    half = _LINK // 2
    return plain if len(plain) <= _LINK else f"{plain[:half]}…{plain[-half:]}"

"""evidence.json and evidence.html of a bundle: each row of data.csv, and what it was counted from.

A mark of figure.svg leads to `#r3`, row 3 of data.csv: its numbers and its sentences with the hits
marked, or its sources. Behind the rows each sentence stands once with its trail: the edits that
touched it, the raw text, the file and the file's sha256. The JSON file holds what the page shows,
and pages are made from it alone. Long lists are cut, and say so: evidence is added, each piece of
it measured once, while the page stays small.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks
from analysis.kit import html, shown
from analysis.reuse import changes
from analysis.text import english

from . import codes

_LIMITS = (1, 2, 5, 10, 20, 50, 100, 200)
"""How many sentences of a row are shown: the last that keeps the page small."""

_ROOM = 1_495_000
"""Bytes of a page's rows, trails and sources: without its font it stays below 1.5 MB."""

_NAMED = [
    "key",
    "topic",
    "source",
    "target",
    "theme",
    "other",
    "indicator_id",
    "rule",
    "source_region",
    "region",
    "year",
]
_NAMED += ["role", "section", "report_id", "sentence_id"]
"""Columns that name a row, in the order of its title."""

_ASIDE = ("text", "quote", "note", "before", "after", "why", "heading")
"""Columns that are text: they stand in the evidence, not among the numbers."""

_INNER = ("place", "order", "order_of", "region_id")
"""Columns by which a table of regions was sorted and joined: they are in data.csv alone."""

_SAID = (("after", "before", "note"), ("region", "value", "year", "unit", "quote", "note"))
"""What a hit says by itself: a change that was made, or a figure and how it was quoted."""

_BOTH = ("source_passage", "source_report_id", "source_sentence_id", "passage", "similarity")
"""And a passage of two reports, which stands beside the one that came before."""

_PLACE = ("report_id", "section", "heading", "part", "text", "raw_start", "raw_end", "raw")
_EDIT = ("edit", "rule", "raw_start", "raw_end", "before", "after", "certainty", "note")
_SOURCE = ("producer", "title", "region", "published", "kind", "accessed", "url", "sha256")

Lead = Callable[[Sequence[str]], pd.DataFrame]
"""Sentences, by their ids, to their trails: `trail.of`, with `coded` those of codes."""


# ---- from evidence.json to HTML


def page(facts: Mapping[str, Any], lang: str, svg: str = "") -> str:
    """evidence.html of what evidence.json holds, in a language, beside its figure."""
    drawn = drawing(svg, "", facts["title"][lang]) if svg else ""
    said = _said(lang, facts.get("names", {}), marked(drawn, ""))
    return html.with_font(html.render("evidence_page.html.j2", **said, facts=facts, svg=drawn))


def names(bundle: Path) -> dict[str, dict[str, str]]:
    """What the ids in a bundle's table are called, by language, as its evidence.json says."""
    path = bundle / "evidence.json"
    _, key, after = (path.read_text("utf-8") if path.exists() else "").partition('"names": ')
    return dict(json.JSONDecoder().raw_decode(after)[0]) if key else {}  # not all of a long file


def drawing(svg: str, prefix: str, label: str, to: Callable[[str], str] = "#{}".format) -> str:
    """A figure's SVG as a part of a page: names of its own, links to its evidence, a name for ears.

    Parameters
    ----------
    prefix : what stands before the names of rows and marks, as of `parts`.
    to : where the mark of a row (`r3`) leads to.
    """
    text = re.sub(r"(?s)<metadata>.*?</metadata>", "", svg[svg.index("<svg") :])
    text = re.sub(r"<svg ([^>]*)><title>.*?</desc>", r"<svg \1>", text, count=1, flags=re.DOTALL)
    text = re.sub(r'(\bid="|href="#|url\(#)(?!mark-r)', rf"\g<1>{prefix or 'figure-'}", text)
    text = re.sub(r'\bid="(mark-r\d+")', rf'id="{prefix}\1', text)
    text = re.sub(r'href="evidence\.html#([^"]*)"', lambda to_: f'href="{to(to_[1])}"', text)
    head = f'<svg role="graphics-document document" aria-label="{escape(label)}"'
    return re.sub(r'<svg( role="[^"]*")?', lambda _: head, text, count=1)


def marked(svg: str, prefix: str) -> Collection[str]:
    """The rows (`r3`) that have a mark in a figure."""
    return {*re.findall(rf'\bid="{re.escape(prefix)}mark-(r\d+)"', svg)}


def parts(
    lang: str,
    prefix: str = "",
    names: Mapping[str, Any] = MappingProxyType({}),
    drawn: Collection[str] | None = None,
) -> Any:
    """The parts of such a page, each a function: `listed`, `row`, `trail` and `source`.

    Parameters
    ----------
    prefix : what stands before the names of rows, where those of several figures meet.
    names : what ids are called, by language.
    drawn : the rows that have a mark to go back to; None for all.
    """
    return html.module("evidence.html.j2", **_said(lang, names, drawn, prefix))


def _said(
    lang: str, names: Mapping[str, Any], drawn: Collection[str] | None, prefix: str = ""
) -> dict[str, Any]:
    def code(column: str, value: Any) -> str:
        return codes.cell(column, value, lang, names)

    def called(column: str, columns: Collection[str]) -> str:
        """What a column is called; one that is per 1,000 here and per 10,000 there by the table."""
        of = "_panel" if "topic" in columns else "_keyness" if "n_reference" in columns else ""
        return html.label(f"{column}{of}" if f"{column}{of}" in html.labels() else column, lang)

    said = {"lang": lang, "prefix": prefix, "words": html.WORDS["evidence"][lang], "drawn": drawn}
    said |= {"code": code, "called": called, "pieces": marks.pieces, "both": changes}
    return said | {"change": _change, "changed": _changed}


def _change(said: Mapping[str, Any]) -> tuple[str, str, str]:
    return marks.change(SimpleNamespace(**said))


def _changed(edits: Sequence[Mapping[str, Any]]) -> Any:
    return marks.changed(SimpleNamespace(**edit) for edit in edits)


# ---- from the tables to evidence.json


def facts(
    record: Mapping[str, Any], data: pd.DataFrame, hits: pd.DataFrame, lead: Lead, lang: str
) -> dict[str, Any]:
    """What evidence.json holds: docs/formats.md says what each key means.

    Parameters
    ----------
    record : the provenance: title, hash, reports; sources (rows of the table `sources`) and names
        (in a language, what a theme, indicator or section is called), if it has them.
    data, hits : the tables of the bundle.
    lead : leads the sentences that the page shows back to their files.
    lang : that of the page that must stay small.
    """
    reports = pd.DataFrame(record["reports"], columns=["report_id", "region", "year"])
    hits, found = evidence.places(data, hits, reports)
    called = _called(record, data)
    cited = {row["source_id"]: row for row in record.get("sources", ())}
    grown = _Grown(hits, cited, lead, parts(lang, names=called))
    cells = zip(*(data[name].tolist() for name in data.columns), strict=True)
    rows = (dict(zip(data.columns, row, strict=True)) for row in cells)
    grown.begin(zip(rows, _titles(data, called), found, strict=True))
    longest = max((row["n_evidence"] for row in grown.rows), default=0)
    for before, limit in pairwise((0, *_LIMITS)):
        if 0 < before >= longest or not grown.grow(before, limit):
            break
    items = [item for row in grown.rows for item in row["evidence"]]
    ids = dict.fromkeys(item["sentence"] for item in items if item["sentence"])
    about = {key: record[key] for key in ("figure", "title", "hash")}
    names = {
        "sentences": ids,
        "files": sorted({grown.known["sentences"][name]["report_id"] for name in ids}),
        "sources": sorted({name for item in items for name in item["cites"]}),
    }
    held = {kind: {name: grown.known[kind][name] for name in own} for kind, own in names.items()}
    return {**about, "names": called, "n_rows": len(data), "rows": grown.rows, **held}


def _called(record: Mapping[str, Any], data: pd.DataFrame) -> dict[str, dict[str, str]]:
    """What the ids in a table are called, by language: themes, indicators, sections, reports.

    Reports of one region and year keep their ids; in English a region has its English name.
    """
    known = {one for name in data for one in data[name] if isinstance(one, str)}
    reports = {row["report_id"]: (row["region"], row["year"]) for row in record["reports"]}
    met = Counter(reports.values())
    alone = {key: of for key, of in reports.items() if met[of] == 1 and all(of)}
    places = [name for name in ("region", "source_region") if name in data]
    regions = {one for name in places for one in data[name] if isinstance(one, str) and one}
    called = {}
    for lang in html.LANGUAGES:
        name = english.region if lang == "en" else str
        own = {one: name(one) for one in sorted(regions)}
        own |= {"s0": html.WORDS["evidence"][lang]["opening"]}
        own |= record.get("names", {}).get(lang, {})
        own |= {key: f"{name(region)} {year}" for key, (region, year) in alone.items()}
        called[lang] = {key: said for key, said in own.items() if key in known and key != said}
    return called


def _titles(data: pd.DataFrame, names: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """What each row is called, by language: the columns that name it, without those alike in all.

    At least one is kept; the first of a table that has none of these. A report's id says no more
    where region and year stand already.

    names : of `_called`.
    """
    columns = [name for name in _NAMED if name in data.columns] or [*data.columns[:1]]
    telling = [name for name in columns if data[name].nunique(dropna=False) > 1] or columns[:1]
    if "report_id" in telling and {"region", "year"} <= {*columns}:
        reports = data.groupby(["region", "year"], dropna=False)["report_id"].nunique()
        if len(telling) > 1 and reports.max() <= 1:
            telling.remove("report_id")
    if "source_region" in columns:  # the earlier leads to the later, alone or not
        telling = [name for name in columns if name in (*telling, "source_region", "region")]
    between = [" → " if name == "source_region" else " · " for name in telling]
    for values in zip(*(data[name] for name in telling), strict=True):
        cells = zip(telling, map(shown.cell, values), between, strict=True)
        texts = [(column, text, after) for column, text, after in cells if text]
        yield {
            lang: "".join(codes.cell(*one[:2], lang, names) + one[2] for one in texts)[:-3]
            for lang in names
        }


def _plain(value: Any) -> Any:
    """A value as JSON holds it, None for none.

    >>> [_plain(value) for value in (float("nan"), float("inf"), 2.5, True, "", None)]
    [None, 'inf', 2.5, True, '', None]
    """
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    value = None if pd.isna(value) else value.item() if hasattr(value, "item") else value
    finite = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if finite or value is None else str(value)


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    """Some fields of a row, '' where it has none."""
    return {name: _plain(getattr(row, name, "")) for name in names}


def _size(*texts: str) -> int:
    return sum(len(text.encode()) + 8 for text in texts)  # and what stands between them


def keep(known: Mapping[str, dict[str, Any]], row: Any) -> None:
    """Write down what `trail` says of a sentence that was led back, and of its file."""
    shown = getattr(row, "pictures", {})
    edits = [
        _fields(edit, _EDIT) | ({"picture": shown[edit.edit]} if edit.edit in shown else {})
        for edit in row.edits
    ]
    known["sentences"][row.sentence_id] = {**_fields(row, _PLACE), "edits": edits}
    known["files"][row.report_id] = {"path": row.path, "sha256": row.sha256}


class _Grown:
    """What evidence.json holds, while it grows to what a page has room for."""

    def __init__(self, hits: pd.DataFrame, named: Mapping[str, Any], lead: Lead, made: Any) -> None:
        self.named, self.lead, self.parts = named, lead, made
        self.hits = hits.astype(object)
        ids = hits["sentence_id"].tolist() if "sentence_id" in hits else [""] * len(hits)
        self.ids = [name if isinstance(name, str) else "" for name in ids]
        self.size, self.counted = 0, set[str]()
        self.rows, self.heads = list[dict[str, Any]](), list[int]()
        self.listed: list[list[tuple[str, list[int]]]] = []  # of each row all its evidence
        self.led: dict[str, Any] = {}
        self.known: dict[str, dict[str, Any]] = {"sentences": {}, "files": {}, "sources": {}}

    def begin(self, values: Iterable[tuple[Any, dict[str, str], list[int]]]) -> None:
        """Rows without their evidence, as many as there is room for."""
        held = {*self.ids} - {""}
        for number, (row, title, found) in enumerate(values, start=1):
            items = self._items(str(row.get("sentence_id", "")), found, held)
            inner = _INNER if "region_id" in row else ()
            given = {
                name: _plain(one) for name, one in row.items() if name not in (*_ASIDE, *inner)
            }
            given = {name: one for name, one in given.items() if one not in (None, "")}
            made = {"mark": f"r{number}", "row": number, "title": title, "columns": given}
            made |= {"n_hits": len(found), "n_evidence": len(items), "evidence": []}
            self.heads.append(_size(self.parts.row(made, self.known), self.parts.listed(made)))
            self.size += self.heads[-1]
            if self.size > _ROOM:
                break
            self.rows.append(made)
            self.listed.append(items)

    def _items(self, own: str, found: list[int], held: set[str]) -> list[tuple[str, list[int]]]:
        """Sentences with where their hits are, that of the row itself if it has none; then others.

        A hit in no sentence stands alone, with '' for its sentence.
        """
        sentences: dict[str, list[int]] = {}
        others = []
        if not found and own in held:
            sentences[own] = []
        for at in found:
            if name := self.ids[at]:
                sentences.setdefault(name, []).append(at)
            else:
                others.append(at)
        return [*sentences.items(), *(("", [at]) for at in others)]

    def grow(self, before: int, limit: int) -> bool:
        """Show so many pieces of evidence of each row; False if there is no room for them.

        Without room for the first of each row, rows are left out at the end.
        """
        more = [items[before:limit] for items in self.listed]
        self._lead({name: None for own in more for name, _ in own})
        wanted = [at for own in more for _, places in own for at in places]
        hits = dict(zip(wanted, tables.rows(self.hits.iloc[wanted]), strict=True))
        size, counted = self.size if before else 0, {*self.counted}
        added: list[list[dict[str, Any]]] = []
        for head, own in zip(self.heads, more, strict=False):
            items = [self._item(name, [hits[at] for at in places]) for name, places in own]
            size += sum(self._measured(item, counted) for item in items) + (not before) * head
            if size > _ROOM and (before or added):
                break
            added.append(items)
        fits = len(added) == len(more)
        if fits or not before:
            self.size, self.counted = size, counted
            del self.rows[len(added) :]
            for row, items in zip(self.rows, added, strict=True):
                row["evidence"] += items
        return fits

    def _lead(self, names: Iterable[str]) -> None:
        """Lead sentences back to their files."""
        wanted = [name for name in names if name and name not in self.led]
        for row in tables.rows(self.lead(wanted)) if wanted else ():
            self.led[row.sentence_id] = row
            keep(self.known, row)

    def _item(self, name: str, hits: list[Any]) -> dict[str, Any]:
        """One piece of evidence."""
        spans: list[tuple[int, int]] = []
        if row := self.led.get(name):
            places = marks.places(row, hits, getattr(row, "coded", ()))
            spans = marks.inside(row.text, places)
        coded = [hit for hit in hits if row and hasattr(hit, "primary_theme")]
        said = [_fields(hit, own) for hit in hits for own in _SAID if hasattr(hit, own[1])]
        said += [_fields(hit, _BOTH) for hit in hits if _plain(getattr(hit, _BOTH[0], None))]
        cited = [one for hit in hits if (one := self._source(hit))]
        rules = [hit.rule.removeprefix("hits:") for hit in coded]
        return {"sentence": name, "spans": spans, "rules": rules, "said": said, "cites": cited}

    def _source(self, hit: Any) -> str:
        """What a hit cites: a source of the study, or a document of a list; '' for none."""
        if name := str(getattr(hit, "document_id", "")):
            found = _fields(hit, ("title", "region", "published", "sha256")) | {"url": hit.source}
        elif name := str(getattr(hit, "source_id", "")):
            found = self.named.get(name, {})
        else:
            return ""
        said = {key: _plain(found.get(key, "")) for key in _SOURCE}
        self.known["sources"].setdefault(name, said)
        return name

    def _measured(self, item: dict[str, Any], counted: set[str]) -> int:
        """How much a piece of evidence takes, with its trail and sources if they are new."""
        size, name = _size(self.parts.item(item, self.known)), item["sentence"]
        if name and name not in counted:
            size += _size(self.parts.trail(name, self.known))
        size += sum(_size(self.parts.source(key, self.known)) for key in {*item["cites"]} - counted)
        counted |= {name, *item["cites"]}
        return size

"""evidence.html of a bundle: each row of its data.csv, and what it was counted from.

A mark of figure.svg leads to `#r3`, row 3 of data.csv: its numbers and its sentences with the hits
marked, or its sources. Behind the rows each sentence stands once with its trail: the edits that
touched it, the raw text, the file and the file's sha256. The page loads nothing from elsewhere;
long lists are cut, and say so: the page grows, each piece of it written once, while it stays small.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote

import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks
from analysis.kit import html, shown

_LIMITS = (1, 2, 5, 10, 20, 50, 100, 200)
"""How many sentences of a row are shown: the last that keeps the page small."""

_ROOM = 1_500_000
"""Bytes of a page without its font."""

_NAMED = [
    "key",
    "topic",
    "source",
    "target",
    "theme",
    "other",
    "indicator_id",
    "rule",
    "region",
    "year",
]
_NAMED += ["role", "section", "report_id", "sentence_id"]
"""Columns that name a row, in the order of its title."""

_ASIDE = ("text", "quote", "note", "before", "after", "why", "heading")
"""Columns that are text: they stand in the evidence, not among the numbers."""


Lead = Callable[[Sequence[str]], pd.DataFrame]
"""Sentences, by their ids, to their trails: `trail.of`, with `coded` those of codes."""


def page(
    record: Mapping[str, Any], data: pd.DataFrame, hits: pd.DataFrame, lead: Lead, lang: str
) -> str:
    """The page.

    Parameters
    ----------
    record : the provenance: title, hash, reports; sources (rows of the table `sources`) and names
        (in a language, what a theme, indicator or section is called), if it has them.
    data, hits : the tables of the bundle.
    lead : leads the sentences that the page shows back to their files.
    """
    reports = pd.DataFrame(record["reports"], columns=["report_id", "region", "year"])
    hits, found = evidence.places(data, hits, reports)
    opening = {"s0": html.WORDS["evidence"][lang]["opening"]}
    titles = _titles(data, opening | record.get("names", {}).get(lang, {}))
    parts = _Parts(record, hits, lead, lang)
    rows: list[_Row] = []
    size = 0
    for number, row in enumerate(zip(titles, data.to_dict("records"), found, strict=True), start=1):
        rows.append(parts.row(number, *row))
        size += len(rows[-1].head)
        if size > _ROOM:
            break
    return html.with_font(_largest(parts, rows, len(data)))


def _largest(parts: _Parts, rows: list[_Row], whole: int) -> str:
    """The page with the most sentences a row that stays small; with fewer rows, if it must be.

    `rows` are the first of `whole` rows: all, or more than there is room for.
    """
    count = whole
    while count > len(rows):
        count //= 2
    text = parts.page(rows[:count], _LIMITS[0], whole)
    while len(text.encode()) > _ROOM and count > 1:
        count //= 2
        text = parts.page(rows[:count], _LIMITS[0], whole)
    longest = max((len(row.items) for row in rows), default=0)
    for before, limit in pairwise(_LIMITS):
        if count < whole or before >= longest:
            break
        larger = parts.page(rows, limit, whole)
        if len(larger.encode()) > _ROOM:
            break
        text = larger
    return text


def _titles(data: pd.DataFrame, names: Mapping[str, str]) -> Iterator[str]:
    """What each row is called: the columns that name it, those that are the same in all left out.

    At least one is kept.
    """
    columns = [name for name in _NAMED if name in data.columns]
    telling = [name for name in columns if data[name].nunique(dropna=False) > 1] or columns[:1]
    for values in zip(*(data[name] for name in telling), strict=True):
        yield " · ".join(names.get(text, text) for value in values if (text := shown.cell(value)))


class _Item(NamedTuple):
    """A piece of evidence as it is written: of which sentence, if of one, and what it cites."""

    text: str
    sentence: str
    cited: list[str]


@dataclass
class _Row:
    """A row of data.csv: what stands over its evidence, and that evidence, written as far as shown.

    `items` are sentences, each with where its hits are, and '' with one hit where that is in none.
    """

    number: int
    title: str
    head: str
    hits: int
    pair: bool
    items: list[tuple[str, list[int]]]
    written: list[_Item] = field(default_factory=list)


@dataclass
class _Parts:
    """The parts of a page, each written once, when it is first shown."""

    record: Mapping[str, Any]
    found: pd.DataFrame
    lead: Lead
    lang: str
    known: dict[str, Any] = field(default_factory=dict)  # sentences led back so far
    led: dict[str, str] = field(default_factory=dict)  # their trails as written
    cited: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words = html.WORDS["evidence"][self.lang]
        self.hits = [*tables.rows(self.found.astype(object))]
        named = (getattr(hit, "sentence_id", "") for hit in self.hits)
        self.sentences = [name if isinstance(name, str) else "" for name in named]
        self.held = set(self.sentences) - {""}
        self.named = {row["source_id"]: row for row in self.record.get("sources", ())}

    def page(self, rows: list[_Row], limit: int, whole: int) -> str:
        """The whole page: heading, list of the rows, rows with so many sentences, trails, sources.

        whole : how many rows there are.
        """
        words = self.words
        items = {row.number: self._written(row, limit) for row in self._led(rows, limit)}
        sep = "：" if self.lang == "zh" else ": "
        title = f"{words['evidence']}{sep}{self.record['title'][self.lang]}"
        files = ("figure.svg", "figure.pdf", "data.csv", "hits.csv", "provenance.json")
        links = " · ".join(f'<a href="{file}">{file}</a>' for file in files)
        listed = "".join(
            f'<li><a href="#r{row.number}">{escape(row.title)}</a>'
            for row in [row for row in rows if row.items] or rows
        )
        some = {"shown": f"{len(rows):,}", "all": f"{whole:,}"}
        cut = f"<p>{words['fewer'].format(**some)}" if len(rows) < whole else ""
        every = [item for own in items.values() for item in own]
        blocks = [
            html.head(title, self.lang, "evidence.css"),
            f"<header><h1>{escape(title)} <small>#{escape(self.record['hash'][:8])}</small></h1>"
            f"<p>{words['intro']}<p><small>{links}</small></header>",
            f'<main><nav aria-label="{words["rows"]}"><ol>{listed}</ol></nav>',
            f"<h2>{words['rows']}</h2>{cut}",
            *(self._evidence(row, items[row.number], limit) for row in rows),
            *self._trails(dict.fromkeys(item.sentence for item in every if item.sentence)),
            *self._sources({name for item in every for name in item.cited}),
            "</main>",
        ]
        return "\n".join(blocks) + "\n"

    def _led(self, rows: list[_Row], limit: int) -> list[_Row]:
        """The rows, the sentences that they show led back to their files."""
        shown = (name for row in rows for name, _ in row.items[:limit])
        if wanted := [*dict.fromkeys(name for name in shown if name and name not in self.known)]:
            self.known |= {row.sentence_id: row for row in tables.rows(self.lead(wanted))}
        return rows

    def _written(self, row: _Row, limit: int) -> list[_Item]:
        """The first pieces of evidence of a row."""
        for name, places in row.items[len(row.written) : limit]:
            row.written.append(self._item(name, [self.hits[at] for at in places]))
        return row.written[:limit]

    def row(self, number: int, title: str, row: Mapping[Any, Any], found: list[int]) -> _Row:
        """One row of data.csv: its title, its numbers, what it is evident from."""
        numbers = "".join(
            f"<div><dt>{escape(str(name))}<dd>{escape(text)}</div>"
            for name, value in row.items()
            if name not in _ASIDE and (text := shown.cell(value))
        )
        head = (
            f'<section id="r{number}" aria-labelledby="t{number}"><h3 id="t{number}">'
            f"{escape(title)} <small>{self.words['row'].format(row=number)}</small></h3>"
            f"<dl>{numbers}</dl>"
        )
        items = self._items(str(row.get("sentence_id", "")), found)
        return _Row(number, title, head, len(found), "source" in row, items)

    def _items(self, own: str, found: list[int]) -> list[tuple[str, list[int]]]:
        """Sentences with their hits, that of the row itself if it has none; then other hits."""
        sentences: dict[str, list[int]] = {}
        others = []
        if not found and own in self.held:
            sentences[own] = []
        for at in found:
            if name := self.sentences[at]:
                sentences.setdefault(name, []).append(at)
            else:
                others.append(at)
        return [*sentences.items(), *(("", [at]) for at in others)]

    def _evidence(self, row: _Row, items: list[_Item], limit: int) -> str:
        """A row with its sentences and other evidence, as many as the page shows."""
        if not row.items:
            return f'{row.head}<p class="n">{self.words["nothing"]}</section>'
        said = [self.words["shown"].format(hits=f"{row.hits:,}")]
        if "sentence_id" in self.found.columns and len(row.items) != row.hits:
            both = {"hits": f"{row.hits:,}", "sentences": f"{len(row.items):,}"}
            said = [self.words["found"].format(**both)]
        if row.pair:
            said.append(self.words["pair"])
        if len(row.items) > limit:
            cut = {"shown": f"{limit:,}", "all": f"{len(row.items):,}"}
            said.append(self.words["cut"].format(**cut))
        listed = "\n".join(f"<li>{item.text}" for item in items)
        counted = f'<p class="n">{" · ".join(said)}</p>' if row.hits else ""
        return f"{row.head}{counted}<ol>{listed}</ol></section>"

    def _item(self, name: str, hits: list[Any]) -> _Item:
        """One piece of evidence."""
        sources = [self._source(hit) for hit in hits]
        links = "".join(f" {link}" for _, link in sources)
        cited = [one for one, _ in sources if one]
        if not name:
            return _Item(f"{self._said(hits[0])}{links}", "", cited)
        row = self.known[name]
        said = "".join(
            f'<br><span class="place">{self.words["rule"]}: '
            f"{escape(hit.rule.removeprefix('hits:'))}</span>"
            for hit in hits
            if hasattr(hit, "primary_theme")
        )
        said += "".join(f"<br>{text}" for hit in hits if (text := self._said(hit)))
        trail = f'<a href="#{quote(name, safe=":")}">{escape(name)} {self.words["trail"]}</a>'
        places = marks.places(row, hits, getattr(row, "coded", ()))
        marked = "".join(
            f"<mark>{escape(text)}</mark>" if hit else escape(text)
            for text, hit in marks.pieces(row.text, places)
        )
        text = (
            f'<span lang="zh-Hans">{marked}</span> '
            f'<span class="place">{self._place(row)} · {trail}</span>{said}{links}'
        )
        return _Item(text, name, cited)

    def _place(self, row: Any) -> str:
        """Where a sentence stands."""
        return escape(f"{row.section} {row.heading or self.words['opening']} · {row.part}")

    def _said(self, hit: Any) -> str:
        """What a hit says by itself: a change that was made, or a figure and how it was quoted."""
        noted = getattr(hit, "note", "")
        note = f" <small>{escape(noted)}</small>" if noted else ""
        if hasattr(hit, "before"):
            return f"{self._change(hit)}{note}"
        if not hasattr(hit, "value"):
            return ""
        said = f"{hit.region} {shown.cell(hit.year)}: {shown.cell(hit.value)} {hit.unit}"
        quoted = f" <q>{escape(hit.quote)}</q>" if hit.quote else ""
        return f"{escape(said)}{quoted}{note}"

    def _source(self, hit: Any) -> tuple[str, str]:
        """What a hit cites, and a link to it: a source of the study, or a document of a list."""
        if hasattr(hit, "document_id"):
            name, text = hit.document_id, hit.title
            self.cited[name] = (
                f"{escape(hit.title)}, {escape(hit.region)} {shown.cell(hit.published)}<br>"
                f"{_link(hit.source)}<br><code>sha256 {escape(hit.sha256)}</code>"
            )
        elif name := getattr(hit, "source_id", ""):
            text = self.named.get(name, {}).get("title") or name
            self.cited[name] = self._entry(name)
        else:
            return "", ""
        return name, f'<a href="#{quote(name, safe=":")}">{escape(text)}</a>'

    def _entry(self, name: str) -> str:
        """A source of the study: who, what, when, where."""
        row = self.named.get(name, {})
        said = [row.get(part) for part in ("producer", "title", "published", "kind")]
        accessed = f", {self.words['accessed']} {row['accessed']}" if row.get("accessed") else ""
        link = f"<br>{_link(row['url'])}" if row.get("url") else ""
        return escape(", ".join(filter(None, said)) + accessed) + link

    def _trails(self, shown: Iterable[str]) -> Iterator[str]:
        """Each sentence once: its place, text, edits, raw text, file and sha256."""
        heading = f"<h2>{self.words['trails']}</h2>"
        for at, name in enumerate(shown):
            if name not in self.led:
                self.led[name] = self._trail(self.known[name])
            yield self.led[name] if at else f"{heading}\n{self.led[name]}"

    def _trail(self, row: Any) -> str:
        name, span = escape(row.sentence_id), {"start": row.raw_start, "end": row.raw_end}
        return (
            f'<section id="{name}" aria-label="{name}"><h3>{name} '
            f'<small>{self._place(row)}</small></h3><p lang="zh-Hans">{escape(row.text)}</p>'
            f"{self._edits(row.edits)}"
            f'<p class="n">{self.words["raw"].format(**span)}</p>'
            f'<div class="raw" lang="zh">{escape(row.raw)}</div>'
            f"<code>{escape(row.path)}<br>sha256 {escape(row.sha256)}</code></section>"
        )

    def _edits(self, edits: Iterable[Any]) -> str:
        """The changes to a sentence, those of one rule and certainty together."""
        groups: dict[tuple[str, str], list[str]] = {}
        for edit in edits:
            groups.setdefault((edit.certainty, edit.rule), []).append(self._change(edit))
        if not groups:
            return f'<p class="n">{self.words["unedited"]}</p>'
        lines = "".join(
            f'<li class="{sure}">{escape(rule)} · {self.words.get(sure, sure)} ({len(changes)}): '
            f"{'&ensp;'.join(changes)}"
            for (sure, rule), changes in sorted(groups.items())
        )
        return f'<p class="n">{self.words["edits"]}</p><ul class="edits" lang="zh">{lines}</ul>'

    def _change(self, edit: Any) -> str:
        """What stood there and what stands there now."""
        before, after = (escape(" ".join(text.split())) for text in (edit.before, edit.after))
        return f"<del>{before or '␣'}</del>" + (f"→<ins>{after}</ins>" if after else "")

    def _sources(self, cited: Iterable[str]) -> Iterator[str]:
        """Each source that a row cites, once."""
        if cited:
            yield f"<h2>{self.words['sources']}</h2>"
        for name in sorted(cited):
            shown = escape(name)
            place = f'<section id="{shown}" aria-label="{shown}">'
            yield f"{place}<h3>{shown}</h3><p>{self.cited[name]}</p></section>"


def _link(url: str) -> str:
    """A link to an address of the web; anything else as text."""
    shown = escape(url)
    return f'<a href="{shown}">{shown}</a>' if re.match(r"https?://", url) else shown

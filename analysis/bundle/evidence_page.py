"""evidence.html of a bundle: each row of its data.csv, and what it was counted from.

A mark of figure.svg leads to `#r3`, row 3 of data.csv: its numbers and its sentences with the hits
marked, or its sources. Behind the rows each sentence stands once with its trail: the edits that
touched it, the raw text, the file and the file's sha256. The page loads nothing from elsewhere;
long lists are cut, and say so.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks
from analysis.kit import html, shown

_LIMITS = (200, 100, 50, 20, 10, 5, 2, 1)
"""How many sentences of a row are shown: the first that keeps the page small."""

_ROOM = 1_500_000
"""Bytes of a page without its font."""

_NAMED = ["key", "source", "target", "theme", "other", "indicator_id", "rule", "region", "year"]
_NAMED += ["role", "section", "report_id", "sentence_id"]
"""Columns that name a row, in the order of its title."""

_ASIDE = ("text", "quote", "note", "before", "after", "why", "heading")
"""Columns that are text: they stand in the evidence, not among the numbers."""


def page(
    record: Mapping[str, Any],
    data: pd.DataFrame,
    hits: pd.DataFrame,
    trail: pd.DataFrame,
    lang: str,
) -> str:
    """The page.

    Parameters
    ----------
    record : the provenance: title, hash, reports; sources (rows of the table `sources`) and names
        (in a language, what a theme, indicator or section is called), if it has them.
    data, hits : the tables of the bundle.
    trail : `trail.of` the sentences of hits and data; its column `start` places the hits, and
        `coded`, if it is there, those of codes: `trail.coded`.
    """
    reports = pd.DataFrame(record["reports"], columns=["report_id", "region", "year"])
    found = evidence.behind(data, hits, reports)
    opening = {"s0": html.WORDS["evidence"][lang]["opening"]}
    titles = _titles(data, opening | record.get("names", {}).get(lang, {}))
    text = ""
    for limit, count in _sizes(len(data)):
        parts = _Parts(record, trail, lang, limit)
        rows: list[str] = []
        size = 0
        for title, row, own in zip(titles[:count], data.to_dict("records"), found, strict=False):
            rows.append(parts.row(len(rows) + 1, title, row, own))
            size += len(rows[-1])
            if size > _ROOM:
                break
        else:
            text = _page(record, parts, titles, rows, lang)
            if len(text.encode()) <= _ROOM:
                break
    return html.with_font(text)


def _sizes(rows: int) -> Iterator[tuple[int, int]]:
    """Sentences a row and rows to try, ever fewer: rows go last."""
    yield from ((limit, rows) for limit in _LIMITS)
    while rows > 1:
        rows //= 2
        yield _LIMITS[-1], rows


def _page(
    record: Mapping[str, Any], parts: _Parts, titles: list[str], rows: list[str], lang: str
) -> str:
    """The whole page: its heading, a list of the rows, the rows, the trails, the sources."""
    words = html.WORDS["evidence"][lang]
    title = f"{words['evidence']}{'：' if lang == 'zh' else ': '}{record['title'][lang]}"
    files = ("figure.svg", "figure.pdf", "data.csv", "hits.csv", "provenance.json")
    links = " · ".join(f'<a href="{file}">{file}</a>' for file in files)
    named = [*enumerate(titles[: len(rows)], start=1)]
    with_evidence = [(number, name) for number, name in named if number not in parts.bare]
    listed = "".join(
        f'<li><a href="#r{number}">{escape(name)}</a>' for number, name in with_evidence or named
    )
    some = {"shown": f"{len(rows):,}", "all": f"{len(titles):,}"}
    cut = f"<p>{words['fewer'].format(**some)}" if len(rows) < len(titles) else ""
    blocks = [
        html.head(title, lang, "evidence.css"),
        f"<header><h1>{escape(title)} <small>#{escape(record['hash'][:8])}</small></h1>"
        f"<p>{words['intro']}<p><small>{links}</small></header>",
        f'<main><nav aria-label="{words["rows"]}"><ol>{listed}</ol></nav>',
        f"<h2>{words['rows']}</h2>{cut}",
        *rows,
        *parts.trails(),
        *parts.sources(),
        "</main>",
    ]
    return "\n".join(blocks) + "\n"


def _titles(data: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """What each row is called: the columns that name it, those that are the same in all left out.

    At least one is kept.
    """
    columns = [name for name in _NAMED if name in data.columns]
    telling = [name for name in columns if data[name].nunique(dropna=False) > 1] or columns[:1]
    return [
        " · ".join(names.get(text, text) for value in values if (text := shown.cell(value)))
        for values in zip(*(data[name] for name in telling), strict=True)
    ]


@dataclass
class _Parts:
    """The parts of a page, and which sentences and sources those made so far lead to."""

    record: Mapping[str, Any]
    trail: pd.DataFrame
    lang: str
    limit: int
    bare: set[int] = field(default_factory=set)  # rows without evidence, such as a count of 0
    shown: dict[str, None] = field(default_factory=dict)
    cited: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words = html.WORDS["evidence"][self.lang]
        self.known = {row.sentence_id: row for row in tables.rows(self.trail)}
        self.places: dict[Any, tuple[list[int], list[Any]]] = {}
        for name, own in self.trail.sort_values("raw_start").groupby("report_id", sort=False):
            self.places[name] = own["raw_start"].tolist(), [*tables.rows(own)]
        self.named = {row["source_id"]: row for row in self.record.get("sources", ())}

    def row(self, number: int, title: str, row: Mapping[Any, Any], found: pd.DataFrame) -> str:
        """One row of data.csv: its title, its numbers, its evidence."""
        numbers = "".join(
            f"<div><dt>{escape(str(name))}<dd>{escape(text)}</div>"
            for name, value in row.items()
            if name not in _ASIDE and (text := shown.cell(value))
        )
        evidence = self._evidence(row, found)
        if not evidence:
            self.bare.add(number)
            evidence = f'<p class="n">{self.words["nothing"]}'
        return (
            f'<section id="r{number}" aria-labelledby="t{number}"><h3 id="t{number}">'
            f"{escape(title)} <small>{self.words['row'].format(row=number)}</small></h3>"
            f"<dl>{numbers}</dl>{evidence}</section>"
        )

    def _evidence(self, row: Mapping[Any, Any], found: pd.DataFrame) -> str:
        """The sentences of a row and its other evidence, as many as the page shows; or ''."""
        items = list(self._items(row, found))
        if not items:
            return ""
        said = [self.words["shown"].format(hits=f"{len(found):,}")]
        if "sentence_id" in found.columns and len(items) != len(found):
            both = {"hits": f"{len(found):,}", "sentences": f"{len(items):,}"}
            said = [self.words["found"].format(**both)]
        if "source" in row:
            said.append(self.words["pair"])
        if len(items) > self.limit:
            cut = {"shown": f"{self.limit:,}", "all": f"{len(items):,}"}
            said.append(self.words["cut"].format(**cut))
        listed = "\n".join(f"<li>{self._item(*item)}" for item in items[: self.limit])
        counted = f'<p class="n">{" · ".join(said)}</p>' if len(found) else ""
        return f"{counted}<ol>{listed}</ol>"

    def _items(
        self, row: Mapping[Any, Any], found: pd.DataFrame
    ) -> Iterator[tuple[str, list[Any]]]:
        """Sentences with their hits; '' with one hit where a hit is in no sentence we hold."""
        sentences: dict[str, list[Any]] = {}
        others = []
        own = str(row.get("sentence_id", ""))
        if found.empty and own in self.known:
            sentences[own] = []
        for hit in tables.rows(found):
            name = getattr(hit, "sentence_id", "") or self._around(hit)
            if name in self.known:
                sentences.setdefault(name, []).append(hit)
            else:
                others.append(hit)
        yield from sentences.items()
        yield from (("", [hit]) for hit in others)

    def _around(self, edit: Any) -> str:
        """The sentence that an edit of the table `edits` touched."""
        if not hasattr(edit, "edit"):
            return ""
        starts, own = self.places.get(edit.report_id, ([], []))
        at = bisect_right(starts, edit.raw_start) - 1
        return str(own[at].sentence_id) if at >= 0 and edit.raw_start < own[at].raw_end else ""

    def _item(self, name: str, hits: list[Any]) -> str:
        """One piece of evidence."""
        cited = "".join(f" {self._source(hit)}" for hit in hits)
        if not name:
            return f"{self._said(hits[0])}{cited}"
        self.shown[name] = None
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
        return (
            f'<span lang="zh-Hans">{marked}</span> '
            f'<span class="place">{self._place(row)} · {trail}</span>{said}{cited}'
        )

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

    def _source(self, hit: Any) -> str:
        """A link to what a hit cites: a source of the study, or a document of a list."""
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
            return ""
        return f'<a href="#{quote(name, safe=":")}">{escape(text)}</a>'

    def _entry(self, name: str) -> str:
        """A source of the study: who, what, when, where."""
        row = self.named.get(name, {})
        said = [row.get(part) for part in ("producer", "title", "published", "kind")]
        accessed = f", {self.words['accessed']} {row['accessed']}" if row.get("accessed") else ""
        link = f"<br>{_link(row['url'])}" if row.get("url") else ""
        return escape(", ".join(filter(None, said)) + accessed) + link

    def trails(self) -> Iterator[str]:
        """Each sentence once: its place, text, edits, raw text, file and sha256."""
        if self.shown:
            yield f"<h2>{self.words['trails']}</h2>"
        for row in (self.known[name] for name in self.shown):
            name, span = escape(row.sentence_id), {"start": row.raw_start, "end": row.raw_end}
            yield (
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

    def sources(self) -> Iterator[str]:
        """Each source that a row cites, once."""
        if self.cited:
            yield f"<h2>{self.words['sources']}</h2>"
        for name, said in sorted(self.cited.items()):
            shown = escape(name)
            place = f'<section id="{shown}" aria-label="{shown}">'
            yield f"{place}<h3>{shown}</h3><p>{said}</p></section>"


def _link(url: str) -> str:
    """A link to an address of the web; anything else as text."""
    shown = escape(url)
    return f'<a href="{shown}">{shown}</a>' if re.match(r"https?://", url) else shown

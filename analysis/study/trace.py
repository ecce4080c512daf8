"""What `gongbao trace ID` prints: the way from a name in a figure or table to the raw files.

An ID is a sentence, a report, a theme, an indicator, a word, or a mark in a figure. Each is turned
into its evidence, tables of hits, codings, figures or sources; one function prints any of these.
Text that comes from files is printed with its control characters as escapes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks, trail
from analysis.indicators import review
from analysis.kit import InputError, safe, unknown
from analysis.words import keywords

from .compare import UNITS

if TYPE_CHECKING:
    from analysis.restore import Edit

    from .study import Study

_COUNTED = {"words": "words", "bigrams": "two words in a row", "trigrams": "three words in a row"}
_COUNTED |= {"groups": "a group of codebooks/term_groups.yaml"}
_MARK = re.compile(r"(.+)#r([1-9]\d*)")


@dataclass(frozen=True)
class _Found:
    """What an ID stands for: lines that say so, its evidence, and reports shown without any."""

    head: list[str]
    evidence: list[pd.DataFrame] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)


class Trail(str):
    """The way back, as text; a cell's last expression shows its lines."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def trace(study: Study, name: str, *, limit: int | None = 20) -> Trail:
    """The way back from an ID to the raw files, as text.

    Each sentence stands with its text (the hits in 【】), its place, edits and raw text; then every
    file once, its hash on a line `sha256 HEX`.

    Parameters
    ----------
    study : the Study that it is in.
    name : str, a sentence (`xiamen-2022:s013`), a report (`xiamen-2022`), a theme
        (`law_enforcement`), an indicator (`local_regs_passed`), a mark (`FOLDER#r3`: row 3 of the
        bundle's data.csv), or else a word; `theme:NAME`, `term:NAME`, … where it is several of
        these.
    limit : how many sentences, figures or sources are shown; None for all.

    Returns
    -------
    Trail
        A str that shows itself line by line.

    Raises
    ------
    InputError
        for a name that stands for nothing, or for several things; for a mark whose bundle is
        missing, was made from other files, or has tables that were changed since.

    Examples
    --------
    >>> import analysis as gb
    >>> gb.trace(gb.Study("data"), "xiamen-2022", limit=1).splitlines()[0][:23]
    'report xiamen-2022: 厦门市'
    """
    mark = _MARK.fullmatch(name)
    study = _as_made(study, Path(mark[1])) if mark else study
    found = _mark(study, Path(mark[1]), int(mark[2])) if mark else _named(study, name)
    lines = [*found.head]
    for frame in found.evidence:
        lines += _sources(study, frame, limit)
    shown, files = _sentences(study, found.evidence, limit)
    lines += shown
    rows = study.reports[study.reports["report_id"].isin({*files, *found.reports})]
    for row in tables.rows(rows):
        lines += ["", f"file {(study.path / row.path).as_posix()}", f"sha256 {row.sha256}"]
    return Trail("\n".join(map(safe, lines)))


# -- what a name stands for ---------------------------------------------------------------------


def _named(study: Study, name: str) -> _Found:
    kinds: dict[str, Callable[[Study, str], _Found | None]]
    kinds = {"report": _report, "sentence": _sentence, "theme": _theme, "indicator": _indicator}
    found: dict[str, _Found | None]
    found = {kind: one for kind, find in kinds.items() if (one := find(study, name))}
    if len(found) > 1:
        ways = " or ".join(f"{kind}:{name}" for kind in found)
        raise InputError(f"{name!r} is a {' and a '.join(found)}; write {ways}.")
    kind, _, rest = name.partition(":")
    if not found and rest and kind in {*kinds, "term"}:
        name, found = rest, {kind: kinds.get(kind, _term)(study, rest)}
    if one := found.popitem()[1] if found else _term(study, name):
        return one
    if name.rpartition(":")[0] in set(study.reports["report_id"]):
        trail.of(study, [name])
    if (Path(name) / "provenance.json").is_file():
        said = f"is a figure; one of its marks is {name}#r1, a row of its data.csv."
        raise InputError(said, path=Path(name))
    ids = [*study.reports["report_id"], *study.codebook.ids, *study.indicator_codebook.indicators]
    ids += map(safe, get_close_matches(name, study.terms["key"].unique(), n=2, cutoff=0.5))
    raise InputError(unknown("ID", name, ids))


def _report(study: Study, name: str) -> _Found | None:
    rows = study.reports[study.reports["report_id"] == name]
    if rows.empty:
        return None
    row, restored = rows.iloc[0], study.restored(name)
    own = study.sentences[study.sentences["report_id"] == name]
    known = [f"{key} {row[key]}" for key in ("title", "issuer", "published", "source_url")]
    head = [
        f"report {name}: {row['region']}, {row['year']}, {row['level']}, {len(own)} sentences, "
        f"{len(restored.raw):,} characters read as {row['encoding']}",
        *(line for line in known if not line.endswith(" ")),
    ]
    counts = Counter((edit.rule, edit.certainty) for edit in restored.edits)
    head += [f"edits {rule} ({sure}): {n}" for (rule, sure), n in sorted(counts.items())]
    head += ["unresolved " + _change(edit) for edit in restored.unresolved]
    return _Found(head, reports=[name])


def _sentence(study: Study, name: str) -> _Found | None:
    own = study.sentences["sentence_id"] == name
    if not own.any():
        return None
    both = (study.codings, study.indicators.table)
    return _Found([], [study.sentences[own], *(one[one["sentence_id"] == name] for one in both)])


def _theme(study: Study, name: str) -> _Found | None:
    if name not in study.codebook.ids:
        return None
    rows = evidence.of(study.codings, study.sentences, primary_theme=name)
    headings = int(rows["is_heading"].sum())
    said = f"{len(rows) - headings} sentences and {headings} headings"
    titles = (study.codebook.names(lang)[name] for lang in ("zh", "en"))
    return _Found([f"theme {name} ({', '.join(titles)}): {said}"], [rows])


def _indicator(study: Study, name: str) -> _Found | None:
    rows = study.indicators.table[study.indicators.table["indicator_id"] == name]
    known = study.indicator_codebook.indicators.get(name)
    if rows.empty and not known:
        return None
    title = f" ({known.name['zh']}, {known.name['en']})" if known else ""
    found = study.undecided[study.undecided["indicator_id"] == name]
    judged = rows[rows["status"].isin(["checked", "verified"])]
    open_ = int((~review.stand_in(found, judged)).sum())
    said = f", {open_} found and not decided about (`gongbao extract --review`)" if open_ else ""
    return _Found([f"indicator {name}{title}: {len(rows)} figures{said}"], [rows])


def _term(study: Study, name: str) -> _Found | None:
    for units in UNITS:
        hits = study.hits(units)
        hits = hits[hits["key"] == name]
        if hits.empty:
            continue
        where = hits["sentence_id"].nunique()
        head = [f"term {name}: {len(hits)} hits in {where} sentences, counted as {_COUNTED[units]}"]
        words = study.terms["key"][study.terms["key"].str.contains(name, regex=False)]
        longer = [f"{word} {n}" for word, n in words.value_counts().items() if word != name]
        if longer:
            head.append(f"inside longer words, not counted here: {', '.join(longer)}")
        if (places := len(keywords.occurrences(study.sentences, name))) != len(hits):
            head.append(f"as text, which is how a panel's topics count: {places} places")
        return _Found(head, [hits])
    hits = keywords.occurrences(study.sentences, name)
    where = hits["sentence_id"].nunique()
    said = f"text {name}: {len(hits)} places in {where} sentences; it is counted in no table"
    return _Found([said], [hits]) if len(hits) else None


def _as_made(study: Study, folder: Path) -> Study:
    """The study under the codebook that a bundle was made with, coded by whom it was."""
    from analysis.bundle import provenance  # it loads what draws

    book = provenance.read(folder).get("codebook", {})
    if book.get("id", "") not in study.books or "source" in book:  # topics, which nobody coded
        return study
    return study.under(book["id"], "model" if "model" in book else "book")


def _mark(study: Study, folder: Path, number: int) -> _Found:
    """A row of a bundle's data.csv."""
    from analysis.bundle import provenance  # it loads what draws

    record = provenance.read(folder)
    said = "what it says is not what was counted: put the old file back, or draw it again."
    provenance.refuse_touched(folder, record, said)
    trail.held(study, record)
    data, hits = (tables.csvfile.typed(folder / name) for name in ("data.csv", "hits.csv"))
    if number > len(data):
        said = f"has {len(data)} rows; #r{number} would be one more."
        raise InputError(said, path=folder / "data.csv")
    values = [f"{key} {value}" for key, value in data.iloc[number - 1].items() if value != ""]
    (rows,) = evidence.behind(data.iloc[number - 1 : number], hits, study.reports)
    head = [f"{record['figure']}, row {number}: {', '.join(values)}", f"evidence: {len(rows)} rows"]
    versions = record.get("versions", {})
    for name in ("restorer", "themes"):
        then, now = versions.get(name), study.versions[name]
        if then != now:
            head.append(f"made with {name} {then}; what follows is by {now} and may differ.")
    edited = rows["report_id"].unique() if "before" in rows else ()
    return _Found(head, [rows], list(edited))


# -- how evidence is printed --------------------------------------------------------------------


def _more(number: int, limit: int | None) -> list[str]:
    left = 0 if limit is None else number - limit
    return [f"and {left} more; --all shows them"] if left > 0 else []


def _sources(study: Study, rows: pd.DataFrame, limit: int | None) -> list[str]:
    """Lines for the evidence that is no sentence: figures and sources, documents, edits."""
    shown, lines = list(tables.rows(rows.iloc[:limit])), []
    if "source_id" in rows:
        cited = evidence.of(study.sources, source_id=list(rows["source_id"].iloc[:limit]))
        lines = [*map(_figure, shown), *map(_source, tables.rows(cited))]
    elif "document_id" in rows:
        lines = [f"{row.document_id}: {row.title}" for row in shown]
        for source, sha256 in dict.fromkeys((row.source, row.sha256) for row in shown):
            lines += [f"file {source}", f"sha256 {sha256}"]
    elif "before" in rows:
        lines = [f"{row.report_id} {_change(row)}" for row in shown]
    return [*lines, *_more(len(rows), limit)] if lines else []


def _source(row: Any) -> str:
    said = (row.producer, row.title, row.url, row.published, row.accessed, row.kind)
    return f"source {row.source_id}: {', '.join(filter(None, said))}"


def _figure(row: Any) -> str:
    value = row.value if isinstance(row.value, str) else f"{row.value:.12g}"
    said = [row.indicator_id, row.region, row.period or row.year, value, row.unit, row.bound]
    said += [row.measure_kind, row.definition, row.status, row.quote and f"“{row.quote}”"]
    place = row.sentence_id or f"source {row.source_id}"
    return f"{' '.join(str(one) for one in said if one != '')} ({place})"


def _change(edit: Any) -> str:
    place = f"{edit.raw_start}–{edit.raw_end}"
    return f"{edit.rule} ({edit.certainty}) {place}: {_became(*marks.change(edit))}"


def _became(before: str, after: str, note: str) -> str:
    return f"{before} → {after}{f' [{note}]' if note else ''}"


def _sentences(
    study: Study, frames: list[pd.DataFrame], limit: int | None
) -> tuple[list[str], list[str]]:
    """The lines of all sentences in some evidence, and the ids of their reports."""
    rows: dict[str, list[Any]] = {}
    for frame in frames:
        for row in tables.rows(frame) if "sentence_id" in frame else ():
            rows.setdefault(row.sentence_id, []).append(row)
    rows.pop("", None)
    trails = trail.coded(trail.of(study, list(rows)[:limit]), study.themes.hits)
    lines: list[str] = []
    for sentence in tables.rows(trails):
        own = rows[sentence.sentence_id]
        spans = marks.places(sentence, own, sentence.coded)
        place = f"{sentence.section} {sentence.heading} ({sentence.part})"
        lines += ["", f"{sentence.sentence_id}  {place}", f"  {marked(sentence.text, spans)}"]
        lines += [f"  {_coding(row)}" for row in own if hasattr(row, "primary_theme")]
        lines += _edits(sentence.edits)
        lines.append(f"  raw {sentence.raw_start}–{sentence.raw_end}: {sentence.raw}")
    more = _more(len(rows), limit)
    return [*lines, *([""] if more else []), *more], list(trails["report_id"].unique())


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with spans in 【】; those that overlap become one.

    >>> marked("法治政府建设", [(0, 2), (0, 4), (4, 6)])
    '【法治政府】【建设】'
    """
    pieces = marks.pieces(text, spans)
    return "".join(f"【{piece}】" if hit else piece for piece, hit in pieces)


def _coding(row: Any) -> str:
    others = f", also {row.other_themes}" if row.other_themes else ""
    return f"theme {row.primary_theme}{others}, by {row.rule}"


def _edits(edits: Iterable[Edit]) -> list[str]:
    """The edits of a sentence, those of one certainty and rule in a line."""
    return [
        f"  edits {rule} ({sure}): {', '.join(_became(*one) for one in own)}"
        for sure, rule, own in marks.changed(edits)
    ]

"""What is said of a codebook, as data: its rules, what they find in a study, how right that is.

Each theme has its definition, rules, entries with counts, typical and border sentences led back to
their files, and what hand codes and readings say of it. Nothing is measured anew: counts are those
of the tables `themes` and `codings`, agreement that of `study.validation`, precision what was read
beside the book. What was not measured is None or empty, for a page to say so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables, themes
from analysis.bundle import captions, evidence_page, references
from analysis.evidence import marks, trail
from analysis.kit import home
from analysis.panel import precision, topics
from analysis.words import lengths

EXAMPLES = 3
"""How many typical sentences of a theme are shown, and how many at its border."""

COLUMNS = ["codebook", "version", "theme", "name_zh", "name_en", "kind", "entry", "definition_zh"]
COLUMNS += ["definition_en", "source", "example", "counter_example", "n", "n_sentences"]
COLUMNS += ["part", "shadowed", "n_coded", "precision"]
"""Columns of `table`: kind is theme, term, pattern or exclude; part the only one that a pattern
counts in, if any; n of an excluded phrase is how many matches of its theme it kept out."""


def of(study: Any) -> dict[str, Any]:
    """What a page says of the codebook that a study is opened with."""
    book, path = study.codebook, study.books[study.book]
    read = precision.measured(topics.from_file(path))
    examples = _examples(study)
    items = [one for own in examples.values() for some in own.values() for one in some]
    known: dict[str, dict[str, Any]] = {"sentences": {}, "files": {}}
    for row in tables.rows(trail.of(study, sorted(one["sentence"] for one in items))):
        evidence_page.keep(known, row)
    counts, coded = _counts(study.theme_hits), _coded(study)
    about = [
        {
            "theme": theme,
            **counts.get((theme.id, None), _NOTHING),
            "n_coded": coded.get(theme.id, 0),
            "precision": read.get((theme.id, ""), []),
            "entries": [*_entries(theme, counts, read)],
            "exclude": {
                one: counts.get((theme.id, one, "over"), 0)
                for one in (*theme.exclude, *theme.exclude_patterns)
            },
            **examples[theme.id],
            **_held_against(study.validation, theme.id),
        }
        for theme in book.themes
    ]
    sha256 = tables.sha256(path)
    return {
        "book": book,
        "path": path.relative_to(study.path).as_posix(),
        "sha256": sha256,
        "cite": _cite(book, path, sha256),
        "study": study.title,
        "size": {"reports": len(study.reports), "sentences": len(study.sentences)},
        "coded_by": study.coded_by,
        "here": [*filter(None, (study.validation, study.validation and study.validation.bare))],
        "themes": about,
        **known,
    }


# -- counts ---------------------------------------------------------------------------------------

_NOTHING = {"n": 0, "n_sentences": 0, "shadowed": 0}


def _counts(hits: pd.DataFrame) -> dict[tuple[Any, ...], Any]:
    """Hits of each theme (entry None) and of each entry; behind `over` what a phrase shadows."""
    found: dict[tuple[Any, ...], Any] = {}
    seen: dict[tuple[Any, ...], set[str]] = {}
    for row in tables.rows(hits):
        for key in ((row.key, None), (row.key, row.entry)):
            own = found.setdefault(key, {**_NOTHING})
            own["shadowed" if row.shadowed_by else "n"] += 1
            if not row.shadowed_by:
                seen.setdefault(key, set()).add(row.sentence_id)
        if row.shadowed_by:
            over = row.key, row.shadowed_by, "over"
            found[over] = found.get(over, 0) + 1
    for key, sentences in seen.items():
        found[key]["n_sentences"] = len(sentences)
    return found


def _coded(study: Any) -> dict[str, int]:
    codings = study.codings if study.codebook.exclusive else themes.each(study.codings)
    return dict(codings["primary_theme"].value_counts())


def _entries(
    theme: themes.Theme, counts: Mapping[Any, Any], read: Mapping[Any, Any]
) -> Iterator[dict[str, Any]]:
    terms = [("term", entry, "") for entry in theme.include]
    for kind, entry, part in (*terms, *(("pattern", *one) for one in theme.conditional)):
        key = theme.id, entry
        own = {"entry": entry, "kind": kind, "part": part, "precision": read.get(key, [])}
        yield {**own, **counts.get(key, _NOTHING)}


# -- sentences ------------------------------------------------------------------------------------


def _examples(study: Any) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Typical and border sentences of each theme, each text once; headings only if corrected.

    Typical is a sentence of no other theme, the more of its characters the theme's hits cover the
    more so. At the border is one that a coder gave another code than the program, then one that
    another theme covers nearly as much of. Of equal ones the first in the text.
    """
    differ = {}
    if study.validation is not None:
        differ = {row.sentence_id: row for row in tables.rows(study.validation.disagreements)}
    hits, sentences = themes.own_hits(study.theme_hits), study.sentences
    codings = sentences[["sentence_id"]].merge(study.codings, on="sentence_id")
    found: dict[tuple[str, str], list[tuple[tuple[float, ...], str, dict[str, Any]]]] = {}
    places: dict[str, tuple[str, int]] = {}
    every = zip(
        tables.rows(sentences), lengths(sentences).tolist(), tables.rows(codings), strict=True
    )
    for at, (row, size, code) in enumerate(every):
        name = row.sentence_id
        held = {key for key, *_ in hits.get(name, ())}
        by_model = code.rule.startswith("model:") and code.primary_theme in held
        by_hits = code.rule.startswith("hits:") or by_model
        if name not in differ and (row.is_heading or not by_hits):
            continue
        places[name] = row.text, row.start
        if name in differ:
            why: dict[str, Any] = {"hand": differ[name].hand, "coded": differ[name].coded}
            for theme in dict.fromkeys(why.values()):
                found.setdefault((theme, "border"), []).append(((0, 0, at), name, why))
            continue
        covered = {key: len(some) for key, some in themes.characters(hits[name]).items()}
        own = covered.pop(theme := code.primary_theme)
        if covered:
            near = min(covered, key=lambda key: (-covered[key], study.codebook.ids.index(key)))
            entries = dict.fromkeys(entry for key, entry, *_ in hits[name] if key == near and entry)
            why = {"near": near, "own": own, "other": covered[near], "entries": [*entries]}
            rank: tuple[float, ...] = 1, own - covered[near], at
        else:
            why, rank = {"covered": own, "size": size}, (-own / size, at)
        found.setdefault((theme, "border" if covered else "typical"), []).append((rank, name, why))
    chosen: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for theme in study.codebook.ids:
        chosen[theme] = {"typical": [], "border": []}
        for kind, some in chosen[theme].items():
            texts: set[str] = set()
            for _, name, why in sorted(found.get((theme, kind), []), key=lambda one: one[0]):
                text, begin = places[name]
                if len(some) < EXAMPLES and text not in texts:
                    texts.add(text)
                    spans = [(start - begin, end - begin) for *_, start, end in hits.get(name, ())]
                    spans = marks.inside(text, spans)
                    some.append({"sentence": name, "spans": spans, "why": why})
    return chosen


# -- how right it is ------------------------------------------------------------------------------


def _held_against(validation: Any, theme: str) -> dict[str, Any]:
    """The theme's score and confusions with others, most first; None without hand codes.

    missed : sentences of the theme, by hand, that were coded as the other; taken : the reverse.
    """
    if validation is None:
        return {"score": None, "confusions": None}
    scores = validation.scores.set_index("theme", drop=False)
    found: dict[str, dict[str, Any]] = {}
    for row in tables.rows(validation.confusion):
        if row.hand != row.coded and theme in (row.hand, row.coded):
            other = row.coded if row.hand == theme else row.hand
            own = found.setdefault(other, {"other": other, "missed": 0, "taken": 0})
            own["missed" if row.hand == theme else "taken"] += row.n
    order = sorted(found.values(), key=lambda one: -one["missed"] - one["taken"])
    return {"score": scores.loc[theme].to_dict(), "confusions": order}


def _cite(book: themes.Codebook, path: Path, sha256: str) -> dict[str, str]:
    """How to cite the book, after GB/T 7714 and in English; who made another's is not known."""
    bundled = home() / "data" / "codebooks" / path.name
    own = bundled.is_file() and tables.sha256(bundled) == sha256
    authors = (captions.texts()["software"]["author"],) if own else ()
    note = f"第 {book.version} 版; SHA-256 {sha256}"
    entry = references.Entry(
        key=book.id, kind="DS", authors=authors, title=book.title("zh"), note=note
    )
    who = authors[0] if authors else "[author not stated]"
    said = f"{who} (n.d.). {book.title('en')} (Version {book.version}) [Codebook]. SHA-256 {sha256}"
    return {"GB/T 7714": references.listed(entry), "English": f"{said}."}


# -- as a table -----------------------------------------------------------------------------------


def table(said: Mapping[str, Any]) -> pd.DataFrame:
    """A row for each theme, then one for each of its entries and excluded phrases (`COLUMNS`)."""
    rows: list[dict[str, Any]] = []
    for own in said["themes"]:
        theme, book = own["theme"], said["book"]
        about = {"codebook": book.id, "version": book.version, "theme": theme.id}
        about |= {f"name_{lang}": text for lang, text in theme.name.items()}
        texts = {f"definition_{lang}": text for lang, text in theme.definition.items()}
        texts |= {key: getattr(theme, key) for key in ("source", "example", "counter_example")}
        for one in ({**own, "kind": "theme", "entry": "", **texts}, *own["entries"]):
            read = "; ".join(precision.sentence(row, now=now) for row, now in one["precision"])
            rows.append({**one, **about, "precision": read or "not measured"})
        rows += [
            {**about, "kind": "exclude", "entry": one, "n": n} for one, n in own["exclude"].items()
        ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    numbers = dict.fromkeys(("n", "n_sentences", "shadowed", "n_coded"), "Int64")
    return frame.fillna({one: "" for one in COLUMNS if one not in numbers}).astype(numbers)

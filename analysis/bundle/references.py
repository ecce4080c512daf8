"""What a figure rests on, as a list of references: BibTeX, GB/T 7714-2015 and an English style.

Reports, public sources, the bundled reference list, the literature behind the formulas and the
software itself. What is not known is said to be not stated; nothing is made up. Sources that have a
number in the figure keep it: they come first, in that order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any
from urllib.parse import quote, urlsplit

from analysis.kit import safe
from analysis.text import english
from analysis.words import reference

from . import captions

_ESCAPES = {char: f"\\{char}" for char in "{}$&#_%"} | {"\\": r"\textbackslash{}"}
_ESCAPES |= {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_UNSAFE = re.compile(r"[^A-Za-z0-9._:-]+")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One reference; '' where something is not known.

    `authors` are names, `Family/Given` where they are of people. `kind` is GB/T 7714's letter code:
    J (journal), C (proceedings), CP (software), DS (data), R (report), EB/OL (on the net). `date`
    is that of publication, `accessed` of the visit; `within` the journal or proceedings; `note`
    what else identifies it; `supplied` stands for a title where there is none.
    """

    key: str
    kind: str = "EB/OL"
    authors: tuple[str, ...] = ()
    title: str = ""
    within: str = ""
    volume: str = ""
    number: str = ""
    pages: str = ""
    date: str = ""
    accessed: str = ""
    url: str = ""
    doi: str = ""
    note: str = ""
    supplied: str = ""


def entries(record: Mapping[str, Any], lang: str = "zh") -> list[Entry]:
    """The references of a figure, from what provenance.json holds; what they note is in `lang`.

    Sources named in `cited` come first and in its order, so that their numbers are those in the
    figure; one that the record does not describe stands there with its label. Keys are unique.
    """
    known = {row["report_id"]: _report(row, lang) for row in record["reports"]}
    beside = {row["report_id"]: _report(row, lang) for row in record.get("beside", ())}
    known |= {row["source_id"]: _source(row, lang) for row in record.get("sources") or ()}
    lists, listed = _lists(record, lang), "genre" in record.get("about", {})
    labels = [] if listed else record.get("cited") or []
    every = known | beside
    first = [every.get(key) or Entry(key=key, note=label) for key, label in cited(labels)]
    own = [] if labels or listed else list(every.values())
    literature = captions.texts()["literature"]
    works = [_work(key, literature[key]) for key in captions.cites(record["figure"], record)]
    return list(_unique([*first, *own, *lists, *works, _software(record)]))


def joined(records: Iterable[Mapping[str, Any]], lang: str = "zh") -> list[Entry]:
    """The references of several figures, each once: reports and sources first, as they come."""
    found: dict[str, Entry] = {}
    for record in records:
        for entry in entries(record, lang):
            found.setdefault(entry.key, entry)
    last = {"J": 1, "C": 1, "CP": 2}
    return sorted(found.values(), key=lambda one: last.get(one.kind, 0))


def numbered(
    records: Iterable[Mapping[str, Any]], lang: str = "zh"
) -> tuple[list[Entry], list[dict[int, int]]]:
    """One list for several figures, and of each the places in it of those of its own list.

    Literature and software stand last; entries are the same if all that they say is.
    """
    own = [[replace(one, key="") for one in entries(record, lang)] for record in records]
    last = {"J": 1, "C": 1, "CP": 2}
    found = sorted(dict.fromkeys(chain(*own)), key=lambda one: last.get(one.kind, 0))
    places = {one: at for at, one in enumerate(found, start=1)}
    return found, [{at: places[one] for at, one in enumerate(each, start=1)} for each in own]


def cited(labels: list[str]) -> Iterator[tuple[str, str]]:
    """Key and label of each source named in a figure; `…1994` is short for a key of the one before.

    >>> list(cited(["site gov-work-report-1992", "…1993"]))[1][0]
    'gov-work-report-1993'
    """
    key = ""
    for label in labels:
        last = label.split()[-1]
        key = key[:-4] + last[1:] if last.startswith("…") else last
        yield key, label


def _report(row: Mapping[str, Any], lang: str) -> Entry:
    """A report: by its issuer, or its region's government; one without a title by what it is."""
    government = "国务院" if row["region"] == "全国" else f"{row['region']}人民政府"
    about = captions.about([row], lang)
    note = f"{about}; {row['path']}; SHA-256 {row['sha256']}"
    authors, url = (_author(row.get("issuer") or government, lang),), row.get("source_url", "")
    said = {"title": row.get("title", ""), "date": row.get("published", ""), "url": url}
    kind = "EB/OL" if url else "R"
    return Entry(
        key=row["report_id"], kind=kind, authors=authors, note=note, supplied=f"[{about}]", **said
    )


def _author(name: str, lang: str) -> str:
    """An author as a reference names it: in English before the name in Chinese."""
    said = english.issuer(name) if lang == "en" else ""
    return f"{said} ({name})" if said else name


def _source(row: Mapping[str, Any], lang: str) -> Entry:
    said = {name: row.get(name, "") for name in ("title", "accessed", "url")}
    authors = tuple(_author(one, lang) for one in [row.get("producer")] if one)
    note = {"zh": "镜像", "en": "mirror"}[lang] if row.get("kind") == "mirror" else ""
    host = urlsplit(said["url"] or "").hostname or ""
    page = {"zh": f"[{host} 网页]", "en": f"[page of {host}]"}[lang] if host else ""
    date = row.get("published", "")
    return Entry(key=row["source_id"], authors=authors, date=date, note=note, supplied=page, **said)


def _lists(record: Mapping[str, Any], lang: str) -> list[Entry]:
    """One entry for each collection that the documents of the reference list in use come from."""
    about = record.get("about", {})
    if "genre" in about:
        documents = reference.select(f"genre={about['genre']}")
    elif "reference" in about:
        documents = reference.apart(about["reference"], record["reports"])
    else:
        return []
    homes = documents["source"].str.extract(r"^(.*)/blob/([0-9a-f]+)/")
    found = []
    for (url, commit), rows in documents.groupby([homes[0], homes[1]], sort=False):
        owner, name = str(url).split("/")[-2:]
        note = f"commit {commit}; {reference.composition(rows)[lang]}; data/reference/documents.csv"
        found.append(Entry(key=name, authors=(owner,), title=name, url=str(url), note=note))
    return found


def _work(key: str, about: Mapping[str, Any]) -> Entry:
    """An entry of captions.yaml's literature."""
    kind = "J" if "journal" in about else "C" if "booktitle" in about else "EB/OL"
    within = about.get("journal") or about.get("booktitle") or ""
    rest = {name: value for name, value in about.items() if name not in ("journal", "booktitle")}
    return Entry(key=key, kind=kind, within=within, **rest | {"authors": tuple(rest["authors"])})


def _software(record: Mapping[str, Any]) -> Entry:
    about = captions.texts()["software"]
    note = f"version {record['gongbao']}" if record.get("gongbao") else ""
    said = {"key": about["key"], "title": about["title"], "note": note}
    return Entry(kind="CP", authors=(about["author"],), **said)


def _unique(found: list[Entry]) -> Iterator[Entry]:
    """The entries with keys that BibTeX takes, a number behind one that stands already."""
    seen: set[str] = set()
    for entry in found:
        stem = _UNSAFE.sub("-", entry.key).strip("-") or "entry"
        numbered = (f"{stem}-{number}" for number in range(2, len(found) + 2))
        key = next(one for one in chain([stem], numbered) if one not in seen)
        seen.add(key)
        yield replace(entry, key=key)


# -- BibTeX -----------------------------------------------------------------------------------


def bibtex(record: Mapping[str, Any]) -> str:
    """The references as a .bib file in UTF-8, special characters escaped."""
    return "\n".join(map(in_bibtex, entries(record)))


def in_bibtex(entry: Entry) -> str:
    """One reference as an entry of a .bib file."""
    type_ = {"J": "article", "C": "inproceedings"}.get(entry.kind, "misc")
    people = [name.split("/") for name in entry.authors]
    authors = [
        ", ".join(map(escape, name)) if len(name) > 1 else f"{{{escape(name[0])}}}"
        for name in people
    ]
    year = re.match(r"\d{4}", entry.date)
    known: dict[str, object] = {"author": authors, "title": entry.title, "date": entry.date}
    if entry.kind in ("EB/OL", "R"):
        known |= {"address": entry.url, "date accessed": entry.accessed}
    unknown = [f"{name} not stated" for name, value in known.items() if not value]
    note = [f"Software, {entry.note}" if entry.kind == "CP" else entry.note, ", ".join(unknown)]
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{escape(entry.title or '[title not stated]')}}}",
        {"J": "journal", "C": "booktitle"}.get(entry.kind, "howpublished"): escape(entry.within),
        "volume": entry.volume,
        "number": entry.number,
        "pages": entry.pages.replace("-", "--"),
        "year": year[0] if year else "n.d.",
        "date": entry.date if len(entry.date) > len("2022") else "",
        "doi": entry.doi,
        "url": address(entry.url),
        "urldate": entry.accessed,
        "note": escape("; ".join(filter(None, note))),
    }
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@{type_}{{{entry.key},\n{body}}}\n"


def escape(text: str) -> str:
    r"""Text as BibTeX takes it.

    >>> escape("R&D 100%")
    'R\\&D 100\\%'
    """
    return "".join(_ESCAPES.get(char, char) for char in safe(" ".join(text.split())))


def address(url: str) -> str:
    """A URL in ASCII and without braces, the same place."""
    return quote(url.strip(), safe="%/:?#[]@!$&'()*+,;=~")


# -- GB/T 7714-2015 ---------------------------------------------------------------------------


def gbt7714(record: Mapping[str, Any]) -> str:
    """The references as a numbered list after GB/T 7714-2015."""
    found = enumerate(entries(record), start=1)
    return "".join(f"[{number}] {listed(entry)}\n" for number, entry in found)


def listed(entry: Entry) -> str:
    """One reference after GB/T 7714-2015, without a number."""
    authors = ", ".join(map(_name, entry.authors)) or "责任者不详"
    head = f"{authors}. {entry.title or entry.supplied or '题名不详'}[{entry.kind}]"
    note = f" {entry.note}." if entry.note else ""
    pages = f": {entry.pages}" if entry.pages else ""
    doi = f" DOI:{entry.doi}." if entry.doi else ""
    if entry.kind == "J":
        issue = f"({entry.number})" if entry.number else ""
        where = f"{entry.within}, {entry.date}, {entry.volume}{issue}{pages}"
        return f"{head}. {where}.{doi}{note}"
    if entry.kind == "C":
        return f"{head}//{entry.within}. {entry.date}{pages}.{doi}{note}"
    date = f"({entry.date or '出版日期不详'})"
    if entry.kind in ("CP", "DS", "R"):
        return f"{head}. {date}.{note}"
    accessed = f"[{entry.accessed}]" if entry.accessed else ""  # nobody wrote the day down
    return f"{head}. {date}{accessed}. {entry.url or '网址不详'}.{note}"


def _name(name: str) -> str:
    """A person's family name in capitals with initials; any other name as it is.

    >>> _name("Gries/Stefan Th."), _name("厦门市人民政府")
    ('GRIES S T', '厦门市人民政府')
    """
    family, _, given = name.partition("/")
    return f"{family.upper()} {' '.join(part[0] for part in given.split())}" if given else name


# -- English ----------------------------------------------------------------------------------


def english_list(record: Mapping[str, Any]) -> str:
    """The references as a numbered list by author and date, in English."""
    found = enumerate(entries(record, "en"), start=1)
    return "".join(f"[{number}] {in_english(entry)}\n" for number, entry in found)


def in_english(entry: Entry) -> str:
    """One reference by author and date, without a number; titles stay in their language."""
    authors = ", ".join(_initials(one) for one in entry.authors) or "Author not stated"
    title = entry.title or entry.supplied or "[title not stated]"
    if entry.kind == "CP":
        title += " [computer software]"
    issue = f"({entry.number})" if entry.number else ""
    journal = filter(None, [entry.within, f"{entry.volume}{issue}", entry.pages.replace("-", "–")])
    within = f"In {entry.within}, {entry.pages}" if entry.kind == "C" else ", ".join(journal)
    visit = f" (accessed {entry.accessed})" if entry.accessed else ""
    where = f"{entry.url}{visit}" if entry.url else ""
    doi = f"https://doi.org/{entry.doi}" if entry.doi else ""
    said = [f"{authors} ({entry.date or 'n.d.'})", title, within, doi or where, entry.note]
    return " ".join(f"{one}." for one in said if one)


def _initials(name: str) -> str:
    """A person's family name with initials; any other name as it is.

    >>> _initials("Gries/Stefan Th."), _initials("State Council (国务院)")
    ('Gries, S. T.', 'State Council (国务院)')
    """
    family, _, given = name.partition("/")
    return f"{family}, {' '.join(f'{part[0]}.' for part in given.split())}" if given else name

"""Reports into a study: each is read, restored and understood; then all get ids and are written.

Ids do not depend on the order in which reports come: where several of one call would share one,
each gets the first characters of its sha256; an id that the study has already stays, and the
newcomer gets them. What was chosen where there was a choice is said; one bad report stops no other.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, encodings, files, must_occur, progress, safe
from analysis.reading import reports
from analysis.restore import KEEP, Restored, remains
from analysis.text import Columns, Given, Identity, identity, intake, sentences

from . import catalogue, shape

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_MARK = 4  # characters of a sha256 that tell reports of one name apart


@dataclass
class Added:
    """What became of the reports of one call: `lines` of those added, `problems` of the others."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n".join([*self.lines, *self.problems])

    __repr__ = __str__


class _Read(NamedTuple):
    """A report that can be taken: its item, its text, what it is, the id that was asked for."""

    item: intake.Item
    source: reports.Source
    restored: Restored
    identity: Identity
    asked: str


def add(
    study: Any,
    *sources: Path | str,
    report_id: str = "",
    region: str = "",
    issuer: str = "",
    level: str = "",
    year: int | None = None,
    year_given: int | None = None,
    published: str = "",
    url: str = "",
    columns: Columns | None = None,
    script: str = "",
    keep: Collection[str] = (),
    link: bool = False,
) -> Added:
    """Take reports into the study: files are copied, the catalogue gets their rows.

    What is not given is read off a table's columns, the text and the file's name.

    Parameters
    ----------
    sources : files, folders, and tables with a report a row (.csv, .jsonl, .parquet, .xlsx).
    report_id : the report's id; for one report only.
    year, year_given : the year reported on; the year in the title.
    columns : the columns of tables that have no usual name.
    script : `simplified` or `kept`: what becomes of traditional characters; '' as the restorer
        decides.
    keep : restoration's rules that are left out, `markup` or `furniture`.
    link : files stay where they are; the catalogue has their paths, links.csv the user's leave to
        read them. Rows of tables and files in archives are refused.

    Returns
    -------
    Added
        A sentence for each report added, and for each that was not.

    InputError if an option is wrong, or nothing could be added; ProblemsError if several are told.
    """
    place: dict[str, Any] = {"region": region, "issuer": issuer, "level": level, "source_url": url}
    given = Given(**place, year=year, year_given=year_given, published=published)
    _check(given, script, keep)
    found = [*intake.items(map(Path, sources), given, columns)]
    if report_id and len(found) > 1:
        raise InputError(f"--id goes with one report, and there are {len(found)}; leave it out.")
    known = catalogue.read(study.path / "reports.csv")
    held = dict(zip(known["sha256"], known["report_id"], strict=True))
    taken, refused = [], []
    for item in progress.over(found, "add", "report", delay=2):
        try:
            taken.append(_read(item, held, report_id, script, keep, study.path))
            if link and (item.table or not Path(item.place).is_file()):
                taken.pop()
                raise InputError("is no file of its own, which could stay; leave out --link.")
        except InputError as error:
            refused.append((item, error.message))
    columns_said = [*dict.fromkeys(safe(item.columns) for item in found if item.columns)]
    added = Added(problems=_told(refused, Counter(item.table for item in found)))
    if taken:
        listed, ids = _write(study.path, taken, added.problems, script, keep, link=link)
        study.forget_reports()
        added.lines += [_said(one, key) for one, key in zip(taken, ids, strict=True) if key]
        added.lines += [same for same in catalogue.twice(listed) if any(key in same for key in ids)]
    if not added.lines:
        told = [*columns_said, *added.problems]
        raise InputError(told[0]) if len(told) == 1 else ProblemsError(told)
    added.lines[:0] = columns_said
    return added


def _check(given: Given, script: str, keep: Collection[str]) -> None:
    for name in ("region", "issuer", "level", "source_url"):
        if not getattr(given, name).isprintable():
            option = "url" if name == "source_url" else name
            said = f"--{option} {getattr(given, name)!r} holds a control character; take it out."
            raise InputError(said)
    if given.published and not _DATE.fullmatch(given.published):
        said = f"--published {given.published!r} is no date such as 2023-01-31, or 2023."
        raise InputError(said)
    for option, year in (("year", given.year), ("year-given", given.year_given)):
        if year is not None and not 1000 <= year <= 9999:
            said = f"the year {year} cannot be right; --{option} takes one of four digits."
            raise InputError(said)
    must_occur("script", [script], catalogue.SCRIPTS)
    must_occur("rule to keep", keep, KEEP)


def _read(
    item: intake.Item,
    held: dict[str, str],
    report_id: str,
    script: str,
    keep: Collection[str],
    folder: Path,
) -> _Read:
    """Read, restore and understand a report. InputError if it cannot be taken."""
    if item.problem:
        raise InputError(item.problem)
    source = reports.decode(item.data, item.name, folder)
    if source.sha256 in held:
        raise InputError(f"is in the study already, as {held[source.sha256]}.")
    restored = catalogue.restore_as(source, script, ";".join(keep))
    own = identity.identify(restored.text, item.name, item.given, raw=source.text)
    asked = report_id or item.report_id
    if asked:
        catalogue.refuse_id(asked)
    return _Read(item, source, restored, own, asked)


def _told(refused: Sequence[tuple[intake.Item, str]], many: Counter[str]) -> list[str]:
    """A sentence for each report that was refused; one for a table whose rows all failed."""
    of_table = Counter(item.table for item, _ in refused if item.table)
    said, told = [], set()
    for item, why in refused:
        if item.table and of_table[item.table] == many[item.table] > 1:
            if item.table not in told:
                told.add(item.table)
                rows = many[item.table]
                first = f"the first: {item.called}: {why}"
                said.append(f"{item.table}: none of its {rows} reports can be taken; {first}")
        else:
            said.append(f"{item.called}: {why}")
    return said


def _write(
    folder: Path,
    taken: Sequence[_Read],
    problems: list[str],
    script: str,
    keep: Collection[str],
    *,
    link: bool,
) -> tuple[pd.DataFrame, list[str]]:
    """The catalogue with new rows, written, the files beside it; the ids, '' for what was not.

    One writer at a time.
    """
    with files.locked(folder / "reports.csv"):
        known = catalogue.read(folder / "reports.csv")  # another may have added some meanwhile
        ids = assign_ids(taken, known)
        rows = []
        for number, (one, key) in enumerate(zip(taken, ids, strict=True)):
            if key.startswith("!"):
                problems.append(f"{one.item.called}: {key[1:]}")
                ids[number] = ""
                continue
            place = f"reports/{key}.{reports.kind(one.item.data, Path(one.item.name))}"
            if link:
                place = _from(folder, one.item.place)
            else:
                files.put(folder / place, one.item.data)  # what was read: it may be another by now
            catalogue.keep_scan(folder, one.source)
            own = {"report_id": key, "path": place, "sha256": one.source.sha256}
            own |= {"encoding": one.source.encoding, "script": script, "keep": ";".join(keep)}
            about = {name: of for name, of in vars(one.identity).items() if name in known}
            rows.append(about | own)
        listed = pd.concat([known, pd.DataFrame(rows)], ignore_index=True) if rows else known
        listed = listed.astype({"year": "Int64", "year_given": "Int64"})
        if link:
            catalogue.allow(folder, rows)
        tables.write(tables.check(listed, "reports"), folder / "reports.csv")
    return listed, ids


def _from(folder: Path, place: str) -> str:
    """The path of a file from a study's folder, whatever links lead to either."""
    return Path(os.path.relpath(os.path.realpath(place), os.path.realpath(folder))).as_posix()


def assign_ids(taken: Sequence[_Read], known: pd.DataFrame) -> list[str]:
    """An id for each report, whatever their order; `!` and a sentence for one that gets none."""
    held = dict(zip(known["sha256"], known["report_id"], strict=True))
    plain = [one.asked or identity.report_id(one.identity) for one in taken]
    new = {(name, one.source.sha256) for name, one in zip(plain, taken, strict=True)}
    shared = Counter(name for name, sha256 in new if sha256 not in held)
    used = set(known["report_id"])
    first: dict[str, str] = {}
    ids = []
    for one, name in zip(taken, plain, strict=True):
        sha256 = one.source.sha256
        if sha256 in held or sha256 in first:
            same = held.get(sha256) or first[sha256]
            ids.append(f"!is the same file as {same}.")
        elif one.asked and name in used:
            ids.append(f"!the id {name!r} is taken; give another --id.")
        else:
            alike = shared[name] > 1 or name in used
            key = marked(name, sha256, used) if alike else name
            first[sha256] = one.item.called
            used.add(key)
            ids.append(key)
    return ids


def marked(name: str, sha256: str, used: Collection[str]) -> str:
    """An id with as many characters of a sha256 as tell it apart, four at least."""
    lengths = range(_MARK, len(sha256) + 1)
    return next(key for size in lengths if (key := f"{name}-{sha256[:size]}") not in used)


def _said(one: _Read, key: str) -> str:
    """What was understood of a report, in a line, and below it what is doubtful."""
    own = one.identity
    given = f", given {own.year_given}" if own.year_given else ", given: not stated"
    code = f" ({own.region_code})" if own.region_code else ""
    about = ", ".join(filter(None, (own.level, own.genre.replace("_", " "), own.issuer)))
    changes, open_ = len(one.restored.edits), len(one.restored.unresolved)
    left, restored_lines = remains(one.restored.text), one.restored.text.split("\n")
    unsure = f", {open_} places unresolved" if open_ or not left else ""
    made = sentences.split(key, one.restored, own.year)
    parts = Counter(made["part"])
    shares = ", ".join(f"{part} {parts[part]}" for part in ("done", "problems", "plan", "other"))
    first = (
        f"{one.item.called} → {key}: {own.region}{code}, {own.year}{given}, {about}; "
        f"read as {one.source.encoding}; {changes} edits in restoration{unsure}; {len(made)} "
        f"sentences: {shares}"
    )
    doubts = [
        *([one.source.scan.said()] if one.source.scan else ()),
        *one.source.unread,
        *own.said,
        *_marked(key, own),
        *left.said(),
        *shape.odd(restored_lines, made, own.genre),
        *encodings.problems(one.source.text, one.source.encoding, "the file"),
    ]
    return "\n".join([first, *(safe(f"  {said}") for said in doubts)])


def _marked(key: str, own: Identity) -> Iterator[str]:
    if (plain := identity.report_id(own)) != key and key.startswith(plain):
        yield f"several reports would be {plain}; this one has characters of its sha256"

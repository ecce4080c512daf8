"""What a corpus is built from: folders, globs, tables of texts and URLs → one row a report.

A folder with reports.csv says itself what its reports are; of the files of another folder, and of
rows of a table that leave it open, region and year are read off the name and the first lines.
What cannot be taken is a row of the table `failures` and stops nothing.
"""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import InputError, encodings, files, put, safe
from analysis.reading import reports
from analysis.restore import restore
from analysis.text import Given, identity, places, texttable

from . import adding, catalogue, shards
from .store import MANIFEST

FAILURES = ("report_id", "path", "reason")
"""Columns of the table `failures`."""

GIVEN = ["report_id", "region", "region_code", "province", "level", "issuer", "year", "year_given"]
GIVEN += ["genre", "published", "title", "source_url", "script", "keep", "share"]
"""What reports.csv may say of a report; what it leaves out is read off."""

_HEAD = 2_000  # characters that are restored to see what a report is about
_HALF = re.compile("[\ud800-\udfff]")

Asked = tuple[str, str, Given]
"""A report that does not say itself what it is: its path, its name, what is said of it."""


class Found(NamedTuple):
    """The reports of some sources and what could not be taken.

    inputs : report_id, region, province, level, issuer, year, published, title, source_url, path.
    failures : see `FAILURES`.
    """

    inputs: pd.DataFrame
    failures: pd.DataFrame


def find(
    given: Iterable[str],
    corpus: Path,
    identify: Callable[[list[Asked]], list[dict[str, Any]]],
) -> Found:
    """List the reports of the sources.

    InputError for a source that does not exist or holds no report, and if none can be taken.

    Parameters
    ----------
    given : folders, files, globs, URLs; CSV, JSONL, Parquet or Excel files with a report a row.
    corpus : the folder of the corpus; texts from tables are kept in its `spool`.
    identify : calls `identified` on the reports that do not say what they are, in any process.
    """
    rows: list[dict[str, Any]] = []
    _real.cache_clear()
    for source in given:
        before = len(rows)
        listed = _files(source)
        for path in listed:
            within = Path(source) if Path(source).is_dir() else None
            try:
                rows += _rows(path, corpus, within)
            except InputError as error:  # a broken table or archive; the others go on
                if len(listed) == 1:
                    raise
                rows.append({"path": path, "place": path, "name": path, "problem": error.message})
        if len(rows) == before:
            raise InputError("holds no report; name a folder, files or a table.", path=source)
    whole = [row for row in rows if not row.get("problem")]
    open_ = [row for row in whole if not (row.get("region") and row.get("year"))]
    asked = [(row["path"], row["name"], row.get("given", Given())) for row in open_]
    said = dict(zip(map(id, open_), identify(asked), strict=True)) if asked else {}
    provinces = _grouped(corpus / "groups.csv")
    full: list[dict[str, Any]] = []
    failures = []
    for row in sorted(rows, key=lambda row: (row.get("report_id", ""), row["place"])):
        try:
            full.append(_complete(row, said.get(id(row), {}), provinces))
        except InputError as error:
            failures.append((row.get("report_id", ""), row["place"], error.message))
    inputs = _named(full, failures, corpus)
    if not inputs:
        _, place, reason = failures[0]
        if not (corpus / MANIFEST).exists():  # one that is there stays as it is
            tables.write(pd.DataFrame(failures, columns=list(FAILURES)), corpus / "failures.csv")
            reason = f"{reason.rstrip('.')} (all are listed in {corpus / 'failures.csv'})."
        many = f"none of {len(failures)} reports can be taken; the first: " * (len(failures) > 1)
        raise InputError(f"{many}{reason}", path=place)
    return Found(
        pd.DataFrame(inputs, columns=[*GIVEN, "path"]).astype({"year_given": "Int64"}),
        pd.DataFrame(failures, columns=list(FAILURES)),
    )


def identified(corpus: Path, asked: Asked) -> dict[str, Any]:
    """What a report's text says it is, as columns of `GIVEN`; `reason` alone if it does not."""
    path, name, given = asked
    try:
        text = shards.fetch(corpus, path).text
        shown = restore(text[:_HEAD]).text + text[_HEAD:]
        found = vars(identity.identify(shown, name, given, raw=text))
    except InputError as error:
        return {"reason": error.message}
    return {column: value for column, value in found.items() if column in GIVEN}


def _grouped(path: Path) -> dict[str, str]:
    """The province of each region that stands in a group named after one, such as 福建省设区市."""
    groups = tables.read(path, "groups") if files.there(path) else tables.empty("groups")
    named = ((row.region, places.named(row.group)) for row in tables.rows(groups))
    return {region: found[0][2].name for region, found in named if found}


def _files(source: str) -> list[str]:
    """The files of a source, sorted: of a folder its reports.csv, if it has one."""
    if source.startswith(shards.WEB) and not set("*[") & set(source):
        return [source]
    if "://" in source:
        import fsspec

        try:
            system, path = fsspec.core.url_to_fs(source)
            found = system.glob(path) if set("*?[") & set(path) else system.find(path)
        except (OSError, ValueError, ImportError) as error:
            raise shards.unread(source, error) from None
        listed = [system.unstrip_protocol(one) for one in found]
    else:
        place = Path(source)
        if place.is_dir():
            listed = [str(one) for one in place.rglob("*") if one.is_file() or one.is_symlink()]
        elif place.is_file():
            listed = [source]
        else:
            names = glob.glob(source, recursive=True)  # noqa: PTH207 - a glob may begin anywhere
            listed = [one for one in names if Path(one).is_file()]
    own = [one for one in listed if not Path(one).name.startswith(".")]
    if not own:
        raise InputError("no such file or folder.", path=source)
    tops = [one for one in own if Path(one).name == "reports.csv"]
    if tops and len(own) > 1:
        return [min(tops, key=len)]
    return sorted(own)


def _rows(path: str, corpus: Path, within: Path | None) -> Iterator[dict[str, Any]]:
    """A row for each report of a file, with what is known of it.

    `within` is the folder that was named, if one was: no link in it may lead out of it.
    """
    name = "/".join(path.split("/")[-3:])
    if _HALF.search(path):
        said = f"the file's name {safe(name)} is not UTF-8; give it another."
        yield {"path": safe(path), "place": safe(path), "name": safe(name), "problem": said}
        return
    if within and _leaves(within, str(Path(path).relative_to(within))):
        yield {"path": path, "place": path, "name": name, "leaves": True}
    elif Path(path).name == "reports.csv":
        folder = path.rpartition("/")[0] if "://" in path else _from(corpus, Path(path).parent)
        for row in _listed(path):
            own = row["path"]
            leaves = _leaves(None if "://" in path else Path(path).parent, own)
            there = f"{folder}/{own}"
            yield row | {"path": there, "place": there, "name": own, "leaves": leaves}
    elif Path(path).suffix.lower() in texttable.KINDS:
        yield from _spooled(path, corpus)
    elif Path(path).suffix.lower() == ".zip":
        yield from _unpacked(path, corpus)
    else:
        there = path if "://" in path else _from(corpus, path)
        yield {"path": there, "place": there, "name": name}


def _leaves(folder: Path | None, own: str) -> bool:
    """Whether a path leads out of its folder, by itself or by a link; None is one on a server.

    >>> [_leaves(None, own) for own in ("a/b.txt", "a/../../b.txt", "x::http://elsewhere/b.txt")]
    [False, True, True]
    """
    if own.startswith("/") or ".." in re.split(r"[/\\\\]", own) or "::" in own or "://" in own:
        return True
    if folder is None:
        return False
    place = folder / own
    real = place.resolve() if place.is_symlink() else _real(place.parent) / place.name
    return not real.is_relative_to(_real(folder))


@lru_cache(maxsize=10_000)
def _real(folder: Path) -> Path:
    """A folder behind its links, looked up once in a build."""
    return folder.resolve()


def _from(corpus: Path, path: str | Path) -> str:
    """A path as the corpus's folder sees it, so that both can be moved together."""
    place = Path(path)
    full = _real(place.parent) / place.name if place.name not in ("", "..") else _real(place)
    return Path(os.path.relpath(full, _real(corpus))).as_posix()


def _bytes(path: str) -> bytes:
    if "://" in path:
        data = shards.fetched(path, texttable.LARGEST)
    else:
        with files.plain(Path(path)) as file:
            data = files.read(file, texttable.LARGEST)
    if len(data) > texttable.LARGEST:
        most = texttable.LARGEST >> 20
        raise InputError(f"has more than {most} MB; make several of it.", path=path)
    return data


def _listed(path: str) -> list[dict[str, str]]:
    """The rows of a reports.csv, empty cells ''. InputError if it names no paths."""
    found = encodings.decode(_bytes(path)) or ("", "")
    rows = csv.DictReader(io.StringIO(found[0].removeprefix("\ufeff"), newline=""))
    if "path" not in (rows.fieldnames or ()):
        known = ", ".join(rows.fieldnames or ())
        raise InputError(f"has no column `path` (it has {known}).", path=path)
    named = ("path", *GIVEN)
    return [{name: _whole(row.get(name) or "").strip() for name in named} for row in rows]


def _whole(value: object) -> str:
    """A cell as text; half a pair, which no file can hold, is a character lost."""
    return _HALF.sub("\ufffd", str(value))


def _spooled(path: str, corpus: Path) -> Iterator[dict[str, Any]]:
    """The rows of a table of texts; the texts go into one file of the corpus's spool."""
    rows = texttable.read(Path(path), data=_bytes(path))
    texts = [row.text.encode() for row in rows]
    digest = hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]
    place = Path(shards.SPOOL) / f"{re.sub(r'[^A-Za-z0-9_-]', '-', Path(path).stem)}-{digest}.txt"
    if texts and not (corpus / place).exists():
        put(corpus / place, b"".join(texts))
    start = 0
    for row, text in zip(rows, texts, strict=True):
        said = {"path": f"{place.as_posix()}#{start}-{len(text)}", "place": row.place}
        said["name"] = f"{row.given.title.replace('/', '／')}.txt"
        given = {"given": row.given, "report_id": row.report_id, "problem": row.problem}
        yield said | given
        start += len(text)


def _unpacked(path: str, corpus: Path) -> Iterator[dict[str, Any]]:
    """The files of an archive, each kept in the corpus's spool."""
    data = _bytes(path)
    folder = f"{shards.SPOOL}/{hashlib.sha256(data).hexdigest()[:12]}"
    packed, refused = reports.members(data, Path(path))
    for number, (name, inside) in enumerate(packed):
        there = f"{folder}/{number:04d}{Path(name).suffix.lower()}"
        put(corpus / there, inside)
        yield {"path": there, "place": f"{path}/{name}", "name": f"{Path(path).stem}/{name}"}
    for error in refused:
        place = str(error.path)
        yield {"path": place, "place": place, "name": place, "problem": error.message}


def _complete(
    row: dict[str, Any], said: dict[str, Any], provinces: dict[str, str]
) -> dict[str, Any]:
    """A row with everything it needs but perhaps its id; InputError if it cannot be taken."""
    if row.get("problem"):
        raise InputError(row["problem"])
    if row.get("leaves"):
        raise InputError("the path leaves its folder; copy the file into it.")
    if "reason" in said:
        raise InputError(said["reason"])
    own = {name: value for name, value in row.items() if name in GIVEN and value not in ("", None)}
    full = dict.fromkeys((*GIVEN, "path"), "") | said | own | {"path": row["path"]}
    for name in ("year", "year_given"):
        written, value = str(full[name] or ""), identity.read_year(str(full[name] or ""))
        if value is None and (written or name == "year"):
            raise InputError(f"{name} is {written!r}; it must be a number such as 2022.")
        full[name] = value
    if not 1900 <= full["year"] <= 2100:
        raise InputError(f"the year {full['year']} cannot be right.")
    year = full["year"]
    full["region"] = region = places.whole(full["region"], year=year, within=full["province"])
    place = places.lookup(region, year=year, within=full["province"])
    full["region_code"] = full["region_code"] or (place.code if place else "")
    full["level"] = full["level"] or identity.level_of(region, year)
    of = identity.province_of(region, year, full["province"])
    full["province"] = of or provinces.get(region, "")
    if full["report_id"]:
        catalogue.refuse_id(full["report_id"])
    return full | {"place": row["place"]}


def _named(
    rows: Sequence[dict[str, Any]], failures: list[tuple[str, str, str]], corpus: Path
) -> list[dict[str, Any]]:
    """The rows with an id each; one whose id another has is a failure."""
    said = {row["report_id"]: number for number, row in reversed([*enumerate(rows)])}
    taken = {name: rows[number]["path"] for name, number in said.items() if name}
    plain = [row["report_id"] or _plain_id(row) for row in rows]
    shared = Counter(name for row, name in zip(rows, plain, strict=True) if not row["report_id"])
    found = []
    for number, (row, name) in enumerate(zip(rows, plain, strict=True)):
        if row["report_id"]:
            if said[name] != number:
                reason = f"the id {name!r} is that of {taken[name]} already."
                failures.append((name, row["place"], reason))
                continue
        elif shared[name] > 1 or name in taken:
            try:
                file = shards.fetch(corpus, row["path"])
                row["report_id"] = adding.marked(name, file.sha256, taken)
            except InputError as error:
                failures.append(("", row["place"], error.message))
                continue
        else:
            row["report_id"] = name
        taken[row["report_id"]] = row["path"]
        found.append({name: row[name] for name in (*GIVEN, "path")})
    return sorted(found, key=lambda row: (row["report_id"], row["path"]))


def _plain_id(row: dict[str, Any]) -> str:
    return identity.report_id_of(row["region"], row["issuer"], row["year"])

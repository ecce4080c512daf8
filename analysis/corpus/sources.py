"""What a corpus is built from: folders, globs, tables of texts and URLs → one row a report.

A folder with reports.csv says itself what its reports are; of the files of another folder, and of
rows of a table that leave it open, region and year are read off the name and the first lines.
What cannot be taken is a row of the table `failures` and stops nothing.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow.parquet as pq
from pyarrow import ArrowException

from analysis import catalogue, encodings, reports, tables
from analysis.errors import InputError
from analysis.files import put
from analysis.restore import restore

FAILURES = ("report_id", "path", "reason")
"""Columns of the table `failures`."""

SPOOL = "spool"
"""Folder of a corpus that keeps the texts which came in tables: `spool/NAME.txt#start-length`."""

GIVEN = ("report_id", "region", "province", "level", "issuer", "year", "published", "title")
"""What reports.csv or a table of texts may say of a report; what it leaves out is read off."""

_TABLES = {".csv", ".jsonl", ".parquet"}
_SAMPLE = 1 << 20  # bytes of a CSV file that its encoding is judged by
_BROKEN = (ValueError, OSError, RecursionError, NotImplementedError, AttributeError, ArrowException)
"""How a table fails that is none, or none of its kind."""
_HEAD = 2_000  # characters that are restored to see what a report is about
_PROVINCE = re.compile(r".{2,6}?(?:省|自治区)|(?:北京|天津|上海|重庆)市|(?:香港|澳门)特别行政区")
_HALF = re.compile("[\ud800-\udfff]")
_SPOOLED = re.compile(rf"{SPOOL}/[^/]+\.txt#(\d+)-(\d+)")


class Found(NamedTuple):
    """The reports of some sources and what could not be taken.

    inputs : report_id, region, province, level, issuer, year, published, title, source_url, path.
    failures : see `FAILURES`.
    """

    inputs: pd.DataFrame
    failures: pd.DataFrame


def find(
    given: Iterable[str], corpus: Path, identify: Callable[[list[str]], list[list[str]]]
) -> Found:
    """List the reports of the sources.

    InputError for a source that does not exist or holds no report, and a table without `text`.

    Parameters
    ----------
    given : folders, files, globs, URLs; CSV, JSONL or Parquet files with a column `text`.
    corpus : the folder of the corpus; texts from tables are kept in its `spool`.
    identify : calls `identified` on the paths that do not say what they are, in any process.
    """
    rows: list[dict[str, Any]] = []
    _real.cache_clear()
    for source in given:
        before = len(rows)
        for path in _files(source):
            within = Path(source) if Path(source).is_dir() else None
            rows += _rows(path, corpus, within)
        if len(rows) == before:
            raise InputError("holds no report; name a folder, files or a table.", path=source)
    open_ = [row["path"] for row in rows if not (row.get("region") and row.get("year"))]
    known = dict(zip(open_, identify(open_), strict=True)) if open_ else {}
    taken: dict[str, str] = {}
    provinces = _grouped(corpus / "groups.csv")
    inputs, failures = [], []
    for row in sorted(rows, key=lambda row: (row.get("report_id", ""), row["path"])):
        try:
            full = _complete(row, known.get(row["path"], []), taken)
            full["province"] = full["province"] or provinces.get(full["region"], "")
            inputs.append(full)
        except InputError as error:
            failures.append((row.get("report_id", ""), row["path"], error.message))
    columns = [*GIVEN, "source_url", "path"]
    return Found(
        pd.DataFrame(inputs, columns=columns), pd.DataFrame(failures, columns=list(FAILURES))
    )


def identified(corpus: Path, path: str) -> list[str]:
    """Region, level, issuer, year and title as its text says; the reason alone if it does not."""
    try:
        text = restore(fetch(corpus, path).text[:_HEAD]).text
        found = reports.identify(text, Path(path).name)
    except InputError as error:
        return [error.message]
    return [found.region, found.level, found.issuer, str(found.year), found.title]


def fetch(corpus: Path, path: str) -> reports.Source:
    """A report's file as it came; `path` as in the table `reports`. InputError if it is bad."""
    spooled = _SPOOLED.fullmatch(path)
    if spooled:
        with (corpus / path.partition("#")[0]).open("rb") as file:
            file.seek(int(spooled[1]))
            return reports.decode(file.read(int(spooled[2])), path)
    if "://" in path:
        import fsspec

        try:
            with fsspec.open(path, "rb") as remote:
                return reports.decode(remote.read(max(reports.LARGEST.values()) + 1), path)
        except (OSError, ValueError, ImportError) as error:
            raise InputError(f"cannot be read ({error}).", path=path) from None
    return reports.read(corpus / path)


def province_of(region: str) -> str:
    """The province in a region's name, '' if it does not say.

    >>> [province_of(name) for name in ("福建省厦门市", "北京市海淀区", "思明区")]
    ['福建省', '北京市', '']
    """
    found = _PROVINCE.match(region)
    return found[0] if found else ""


def _grouped(path: Path) -> dict[str, str]:
    """The province of each region that stands in a group named after one, such as 福建省设区市."""
    groups = tables.read(path, "groups") if path.is_file() else tables.empty("groups")
    named = ((row.region, province_of(row.group)) for row in tables.rows(groups))
    return {region: province for region, province in named if province}


def _files(source: str) -> list[str]:
    """The files of a source, sorted: of a folder its reports.csv, if it has one."""
    if "://" in source:
        import fsspec

        system, path = fsspec.core.url_to_fs(source)
        found = system.glob(path) if set("*?[") & set(path) else system.find(path)
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
    if within and _leaves(within, str(Path(path).relative_to(within))):
        yield {"path": path, "leaves": True}
    elif Path(path).name == "reports.csv":
        folder = path.rpartition("/")[0] if "://" in path else _from(corpus, Path(path).parent)
        for row in _table(path).to_dict("records"):
            own = str(row["path"])
            leaves = _leaves(None if "://" in path else Path(path).parent, own)
            yield _given(row) | {"path": f"{folder}/{own}", "leaves": leaves}
    elif Path(path).suffix.lower() in _TABLES:
        yield from _spooled(path, corpus)
    else:
        yield {"path": path if "://" in path else _from(corpus, path)}


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
    linked = place.is_symlink()
    real = place.resolve() if linked else _real(place.parent) / place.name
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


def _table(path: str) -> pd.DataFrame:
    """A CSV, JSONL or Parquet file as text, empty cells ''."""
    import fsspec

    kind = Path(path).suffix.lower()
    frame: pd.DataFrame
    with fsspec.open(path, "rb") as file:
        try:
            if kind == ".parquet":
                frame = pq.read_table(file).to_pandas(ignore_metadata=True)
            elif kind == ".jsonl":
                rows = [json.loads(line) for line in file if line.strip()]
                frame = pd.DataFrame(rows, dtype=object)  # as text, lone surrogates would fail
            else:
                known = encodings.decode(file.read(_SAMPLE)) or ("", "utf-8-sig")
                file.seek(0)
                frame = pd.read_csv(file, dtype=str, encoding=known[1])
            frame = frame.astype(object).where(frame.notna(), "")
        except _BROKEN as error:
            said = str(error).partition("\n")[0]
            raise InputError(f"cannot be read as {kind[1:]}: {said}", path=path) from None
    if "path" not in frame and "text" not in frame:
        found = ", ".join(map(str, frame.columns[:20]))
        raise InputError(f"has no column `text` (it has {found}).", path=path)
    return frame


def _whole(value: object) -> str:
    """A cell as text; half a pair, which no file can hold, is a character lost."""
    return _HALF.sub("\ufffd", str(value))


def _given(row: dict[Any, Any]) -> dict[str, Any]:
    named = {name: _whole(row[name]).strip() for name in GIVEN if name in row}
    return named | {"source_url": _whole(row.get("source_url", ""))}


def _spooled(path: str, corpus: Path) -> Iterator[dict[str, Any]]:
    """The rows of a table of texts; the texts go into one file of the corpus's spool."""
    frame = _table(path)
    if "text" not in frame:
        raise InputError("has no column `text`.", path=path)
    texts = [_whole(text).encode() for text in frame["text"]]
    digest = hashlib.sha256(b"\0".join(texts)).hexdigest()[:12]
    place = Path(SPOOL) / f"{re.sub(r'[^A-Za-z0-9_-]', '-', Path(path).stem)}-{digest}.txt"
    if not (corpus / place).exists():
        put(corpus / place, b"".join(texts))
    start = 0
    for row, text in zip(frame.to_dict("records"), texts, strict=True):
        yield _given(row) | {"path": f"{place.as_posix()}#{start}-{len(text)}"}
        start += len(text)


def _complete(row: dict[str, Any], read_off: list[str], taken: dict[str, str]) -> dict[str, Any]:
    """A row with everything it needs; InputError if its id or its year cannot be."""
    if row.get("leaves"):
        raise InputError("the path leaves its folder; copy the file into it.")
    if read_off and len(read_off) < 5:
        raise InputError(read_off[0])
    found = dict(zip(("region", "level", "issuer", "year", "title"), read_off, strict=False))
    full = dict.fromkeys((*GIVEN, "source_url"), "") | found | {k: v for k, v in row.items() if v}
    full["level"] = full["level"] or reports.level_of(full["region"])
    full["province"] = full["province"] or province_of(full["region"])
    try:
        full["year"] = int(full["year"])
    except ValueError:
        raise InputError(f"year is {full['year']!r}; it must be a number such as 2022.") from None
    if not 1900 <= full["year"] <= 2100:
        raise InputError(f"the year {full['year']} cannot be right.")
    if not full["report_id"]:
        own = [full[name] for name in ("region", "level", "issuer", "year", "title")]
        full["report_id"] = reports.report_id(reports.Identity(*own), taken)
    key = full["report_id"]
    catalogue.refuse_id(key)
    if key in taken:
        raise InputError(f"the id {key!r} is that of {taken[key]} already.")
    taken[key] = full["path"]
    return full

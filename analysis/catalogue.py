"""A study's catalogue: a new study, and reports taken into one."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import encodings, files, reports, tables
from analysis.errors import InputError, safe
from analysis.files import home
from analysis.restore import restore

_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
"""What a report's id looks like."""

DESIGNS = ("census", "sample")
"""What a study's reports may be of those that there are: all, or some drawn from them."""

_COPIED = ("themes.yaml", "term_groups.yaml", "indicators.yaml", "lexicon.txt", "stopwords.txt")

_BEGUN = ".new.begun.part"  # a folder with it was being filled, by a process that was killed


def read(path: Path) -> pd.DataFrame:
    """The table `reports` of a file; InputError for an id that could not be a file's name."""
    frame = tables.read(path, "reports")
    for number, name in enumerate(frame["report_id"], start=2):
        refuse_id(name, path=path, line=number)
    return frame


def refuse_id(name: str, **where: Any) -> None:
    """InputError for an id that could not be a file's name; `where` as for that."""
    if not ID.fullmatch(name):
        said = f"report_id is {name!r}; use small letters, digits, '-', '_' and '.' only."
        raise InputError(said, **where)


def new(path: Path, design: str = "") -> None:
    """Make a study: codebooks and groups copied from the bundled one, other tables empty.

    InputError if the folder exists and is not empty.

    Parameters
    ----------
    design : one of `DESIGNS`; '' is not stated, and nothing is claimed.
    """
    with beginning(path, design):
        (path / "reports").mkdir(exist_ok=True)
        fill(path)
        tables.write(tables.empty("reports"), path / "reports.csv")


@contextmanager
def beginning(path: Path, design: str = "") -> Iterator[None]:
    """A new folder to fill, which is a study when all is in it: study.yaml is written last.

    What a killed process began is begun again; what fails is taken away. InputError for a folder
    that holds anything else.
    """
    refuse_used(path)
    (path / _BEGUN).mkdir(parents=True, exist_ok=True)
    try:
        yield
        title = path.resolve().name.replace('"', "")
        settings = f'title:\n  zh: "{title}"\n  en: "{title}"\nlang: zh\n'
        stated = design or '""  # census: all the reports there are; sample: some drawn from them'
        files.put(path / "study.yaml", f"{settings}design: {stated}\n")
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    (path / _BEGUN).rmdir()


def refuse_used(path: Path) -> None:
    """InputError if a path is no place for a new folder: there is something, and not begun here."""
    found = (one.name for one in path.iterdir()) if path.is_dir() else [""] * path.exists()
    names = {name for name in found if not name.endswith(".lock")}
    if names and (_BEGUN not in names or "study.yaml" in names):
        raise InputError("exists and is not empty; name a new folder.", path=path)


def fill(path: Path) -> None:
    """Copy the bundled codebooks and groups into a folder; its other tables are empty."""
    (path / "codebooks").mkdir(exist_ok=True)
    for name in (*(f"codebooks/{name}" for name in _COPIED), "groups.csv"):
        files.put(path / name, (home() / "data" / name).read_bytes())
    for name in ("indicators", "sources", "decisions"):
        tables.write(tables.empty(name), path / f"{name}.csv")


def add(
    study: Any,
    file: Path,
    *,
    report_id: str = "",
    region: str = "",
    issuer: str = "",
    year: int | None = None,
    published: str = "",
    url: str = "",
) -> str:
    """Take a report into the study: the file is copied, the catalogue gets its row.

    What is not given is read off the text and the file's name; `published` (a date) and `url` are
    as given. Returns a sentence that says what was understood. InputError if the file cannot be
    read, is in the study already, or does not say what it is.
    """
    for name, text in (("region", region), ("issuer", issuer), ("url", url)):
        if not text.isprintable():
            raise InputError(f"--{name} {text!r} holds a control character; take it out.")
    if published and not _DATE.fullmatch(published):
        raise InputError(f"--published {published!r} is no date such as 2023-01-31, or 2023.")
    data = reports.load(file)
    found = reports.decode(data, file)
    _refuse_known(study._catalogue, found, file)
    restored = restore(found.text)
    identity = reports.identify(restored.text, file.name, region=region, issuer=issuer, year=year)
    if not 1900 <= identity.year <= 2100:
        raise InputError(f"the year {identity.year} cannot be right; give --year.", path=file)
    given = {"report_id": report_id, "published": published, "source_url": url}
    listed = _listed(study.path, file, data, found, identity, given)
    study.forget_reports()
    key, path = listed.iloc[-1][["report_id", "path"]]
    changes, open_ = len(restored.edits), len(restored.unresolved)
    said = [
        f"{safe(str(file))} → {key}: {identity.region}, {identity.year}, {identity.level}, "
        f"read as {found.encoding}; {changes} edits in restoration, {open_} places unresolved",
        *encodings.problems(found.text, found.encoding, path),
        *(same for same in twice(listed) if key in same),
    ]
    return "\n".join(said)


def _listed(
    folder: Path,
    file: Path,
    data: bytes,
    found: reports.Source,
    identity: reports.Identity,
    given: dict[str, str],
) -> pd.DataFrame:
    """The catalogue with a new row, written; the file copied beside it. One writer at a time."""
    with files.locked(folder / "reports.csv"):
        known = read(folder / "reports.csv")  # another process may have added one meanwhile
        _refuse_known(known, found, file)
        key = given["report_id"] or reports.report_id(identity, set(known["report_id"]))
        key = _free(key, known, file)
        place = f"reports/{key}.{reports.kind(data, file)}"
        files.put(folder / place, data)  # what was read: the file may be gone or another by now
        row = {**vars(identity), **given, "report_id": key, "path": place}
        added = pd.DataFrame([{**row, "sha256": found.sha256, "encoding": found.encoding}])
        listed = pd.concat([known, added], ignore_index=True).astype({"year": "Int64"})
        tables.write(tables.check(listed, "reports"), folder / "reports.csv")
    return listed


def twice(catalogue: pd.DataFrame) -> Iterator[str]:
    """A sentence for reports of one title, region, issuer and year: a text in two formats."""
    about = ["region", "year", "title", "issuer"]
    titled = catalogue[catalogue["title"] != ""]
    for (region, year, *_), ids in titled.groupby(about, sort=False)["report_id"]:
        if len(ids) > 1:
            said = "have one title; if they are one report, it counts twice: take a row out."
            yield f"reports.csv: {' and '.join(ids)} of {region}, {year} {said}"


def _refuse_known(known: pd.DataFrame, found: reports.Source, file: Path) -> None:
    """InputError for a file that the study holds."""
    same = known.loc[known["sha256"] == found.sha256, "report_id"]
    if len(same):
        raise InputError(f"is in the study already, as {same.iloc[0]}.", path=file)


def _free(key: str, known: pd.DataFrame, file: Path) -> str:
    """An id that may be a file's name and is not taken."""
    if not ID.fullmatch(key):
        said = f"the id {key!r} must be small letters, digits, '-', '_' and '.'; give --id."
        raise InputError(said, path=file)
    if key in set(known["report_id"]):
        raise InputError(f"the id {key!r} is taken; give another --id.", path=file)
    return key

"""A study's folder: its settings, a new one, the list of its reports, what an id may be."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.kit import InputError, files, home, html, must_occur, unknown, yamlfile
from analysis.reading import Source, transcript
from analysis.restore import Restored, Script, restore
from analysis.themes import LAW, OTHERS, books, model
from analysis.words import slices

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
"""What a report's id looks like."""

DESIGNS = ("census", "sample")
"""What a study's reports may be of those that there are: all, or some drawn from them."""

CODERS = ("people", "model")
"""Who gave the codes of validation/themes.csv: people, or a language model."""

_SETTINGS = dict.fromkeys(("lang", "design", "coded_by", "codebook", "notes"), str) | {
    "title": dict
}
_BEGUN = ".new.begun.part"  # a folder with it was being filled, by a process that was killed


def settings(folder: Path) -> tuple[dict[str, str], str, str, str, str]:
    """What study.yaml says: title by language, lang, design ('': not stated), coded_by, codebook.

    InputError for a folder that is no study, and what cannot be.
    """
    path = folder / "study.yaml"
    if not files.there(path):
        said = "is not a study (it holds no study.yaml); `gongbao new DIR` makes one."
        raise InputError(said, path=folder)
    own = yamlfile.load(path).check(_SETTINGS, ("title",))
    lang, design = own.get("lang", "zh"), own.get("design", "")
    coded_by = own.get("coded_by", "people")
    for key, found, allowed in (
        ("lang", lang, html.LANGUAGES),
        ("design", design, DESIGNS),
        ("coded_by", coded_by, CODERS),
    ):
        if found and found not in allowed:
            own.refuse(unknown(key, found, allowed), key)
    return own.bilingual("title"), lang, design, coded_by, own.get("codebook", "")


def read(path: Path) -> pd.DataFrame:
    """The table `reports` of a file; InputError for an id that could not be a file's name."""
    frame = tables.read(path, "reports")
    for number, name in enumerate(frame["report_id"], start=2):
        refuse_id(name, path=path, line=number)
    return frame


def chosen(wanted: Sequence[str], catalogue: pd.DataFrame) -> list[str]:
    """The ids of the reports that are wanted, in the catalogue's order.

    InputError for an id that is not there, a wrong condition, and where nothing fits.

    Parameters
    ----------
    wanted : ids, and conditions such as `year>=2010` or `year>=2010;level=province`
        (`slices.conditions`): a report is one of the ids, if there are any, and meets every
        condition. Nothing is all reports.
    """
    ids = [one for one in wanted if not slices.is_condition(one)]
    must_occur("report", ids, catalogue["report_id"])
    fits = catalogue["report_id"].isin(ids or catalogue["report_id"])
    text = ";".join(filter(slices.is_condition, wanted))
    asked = [*slices.conditions(text, "condition", slices.REPORTS)]
    for one in asked:
        fits &= one.holds(slices.about(catalogue, one.name))
    if wanted and not fits.any():
        names = dict.fromkeys(one.name for one in asked)
        there = [slices.occurring(name, slices.about(catalogue, name)) for name in names]
        among = f" of {', '.join(ids)}" if ids else ""
        said = f"no report{among} fits {'; '.join(map(str, asked))}"
        raise InputError(f"{said}; in the catalogue {', '.join(there)}.")
    return list(catalogue.loc[fits, "report_id"])


NO = "no"
"""What the column `share` says of a report that is not to be handed on."""

LINKS = "links.csv"
"""The files outside a study that `add --link` took in: path, sha256."""


def links(folder: Path) -> set[tuple[str, str]]:
    """Path and sha256 of each file outside the study that its user linked."""
    if not files.there(folder / LINKS):
        return set()
    rows = [row for _, row in tables.records(folder / LINKS)[1]]
    return {(row.get("path", ""), row.get("sha256", "")) for row in rows}


def allow(folder: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write down which rows of the catalogue name files outside the study, with the others."""
    outside = {(row["path"], row["sha256"]) for row in rows if row["path"].startswith("..")}
    both = sorted(links(folder) | outside)
    if outside:
        tables.write(pd.DataFrame(both, columns=["path", "sha256"]), folder / LINKS)


SCRIPTS: dict[str, Script] = {"": "auto", "simplified": "simplified", "kept": "keep"}
"""What becomes of traditional characters, as the catalogue and as the restorer call it."""


def restore_as(source: Source, script: str, keep: str) -> Restored:
    """Restore a text as its row in the catalogue says; what OCR is unsure of is marked."""
    rules = [rule for rule in keep.split(";") if rule]
    restored = restore(source.text, script=SCRIPTS[script], keep=rules)
    return source.scan.marked(restored) if source.scan else restored


def keep_scan(folder: Path, source: Source) -> Source:
    """Keep in a study what was recognised on pictures just now; gives the source back."""
    if source.scan and source.scan.fresh:
        with suppress(OSError):  # a folder that may not be written: it is recognised again
            files.put(folder / transcript.place(source.sha256), source.scan.json())
    return source


def refuse_id(name: str, **where: Any) -> None:
    """InputError for an id that could not be a file's name; `where` as for that."""
    if not ID.fullmatch(name):
        said = f"report_id is {name!r}; use small letters, digits, '-', '_' and '.' only."
        raise InputError(said, **where)


def new(path: Path, design: str = "", codebooks: Sequence[str] = ()) -> None:
    """Make a study: codebooks and groups copied from the bundled one, other tables empty.

    InputError if the folder exists and is not empty, or there is no such codebook.

    Parameters
    ----------
    design : one of `DESIGNS`; '' is not stated, and nothing is claimed.
    codebooks : ids of bundled codebooks for coding sentences, the first of which is the study's;
        all of them if none is named, and the study's is that of law-based government then.
    """
    must_occur("codebook", codebooks, bundled())
    with beginning(path, design, codebooks[0] if codebooks else LAW):
        (path / "reports").mkdir(exist_ok=True)
        known = bundled()
        fill(path, [known[one] for one in codebooks or known])
        tables.write(tables.empty("reports"), path / "reports.csv")


@contextmanager
def beginning(path: Path, design: str = "", codebook: str = LAW) -> Iterator[None]:
    """A new folder to fill, which is a study when all is in it: study.yaml is written last.

    What a killed process began is begun again; what fails is taken away. InputError for a folder
    that holds anything else.
    """
    refuse_used(path)
    (path / _BEGUN).mkdir(parents=True, exist_ok=True)
    try:
        yield
        name = os.fsencode(path.resolve().name).decode("utf-8", "replace").replace('"', "")
        title = json.dumps(name, ensure_ascii=False)  # which YAML reads as it is
        settings = f"title:\n  zh: {title}\n  en: {title}\nlang: zh\n"
        settings += f"codebook: {codebook}\n"
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


def bundled() -> dict[str, Path]:
    """The files of the bundled codebooks for coding sentences, by id."""
    return books(home() / "data" / "codebooks")


def fill(path: Path, codebooks: Iterable[Path]) -> None:
    """Copy some bundled codebooks, lists and groups into a folder; its other tables are empty."""
    (path / "codebooks").mkdir(exist_ok=True)
    books = [*codebooks]
    copied = [*OTHERS, *(own.name for own in books)]
    copied += [one.name for one in map(model.beside, books) if one.is_file()]
    for name in (*(f"codebooks/{name}" for name in copied), "groups.csv"):
        files.put(path / name, (home() / "data" / name).read_bytes())
    for name in ("indicators", "sources", "decisions"):
        tables.write(tables.empty(name), path / f"{name}.csv")


def levels(catalogue: pd.DataFrame) -> Iterator[str]:
    """A sentence for each report with a province's code and another level."""
    for row in tables.rows(catalogue):
        if row.region_code.endswith("0000") and row.level not in ("province", "nation"):
            yield (
                f"reports.csv: {row.report_id}: {row.region} has a province's code "
                f"({row.region_code}) and the level {row.level}; write its full name and level."
            )


def twice(catalogue: pd.DataFrame) -> Iterator[str]:
    """A sentence for reports of one title, region, issuer and year: a text in two formats."""
    about = ["region", "year", "title", "issuer"]
    titled = catalogue[catalogue["title"] != ""]
    for (region, year, *_), ids in titled.groupby(about, sort=False)["report_id"]:
        if len(ids) > 1:
            said = "have one title; if they are one report, it counts twice: take a row out."
            yield f"reports.csv: {' and '.join(ids)} of {region}, {year} {said}"

"""A run → the package that a journal asks for: data, programs, figures, and what is said of them.

All of it is read off the run and its study; the same run gives the same bytes. What the run's
figures were made from must be what is there now, or the package would prove nothing: otherwise it
is refused. Reports marked `share: no` stay at home (`heldback`); then every figure is drawn again
from what is left, so that the README can say which need the texts.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.bundle import provenance
from analysis.kit import InputError, files, home
from analysis.pages import codebook
from analysis.study import Study, catalogue

from . import contents, crate, heldback, inputs, proof, readme, render, share, units
from .contents import FIGURES, RECORD, Contents, Drawn, Run
from .units import Unit

MANIFEST = proof.MANIFEST

_OF_STUDY = ("study.yaml", "*.csv", "codebooks/*", "validation/*.csv", "scans/*.json")
_SOFTWARE = ("analysis", "data", "notebooks", "tools")
_BESIDE = ("pyproject.toml", "requirements.lock", "README.md", "README.zh.md", "LICENSE")
_NOT = shutil.ignore_patterns("__pycache__", "*.py[cod]", "store", ".*", "*.part")


@dataclass(frozen=True)
class Packed:
    """A package that was written: its file and what is in it."""

    path: Path
    contents: Contents

    def __str__(self) -> str:
        one = self.contents
        lines = [f"held back: {key} (sha256 {sha256})" for key, sha256 in one.held.items()]
        lines += [f"not compared, as it needs a text held back: {name}" for name in one.unchecked]
        if one.open:
            there = one.study.path if one.study.path.name != "data" else Path("the study")
            said = f"{len(one.open)} gaps of the README are the authors' to fill: "
            lines.append(f"{said}{', '.join(one.open)} ({contents.ANSWERS} in {there.name})")
        if not one.titled:
            said = "the study has no title but its folder's name; say it in study.yaml, render and "
            lines.append(f"{said}pack again.")
        size = self.path.stat().st_size / 1e6
        return "\n".join([*lines, f"{len(one.figures)} figures, {size:.1f} MB → {self.path}"])


def pack(run: Path, target: Path, given: Sequence[Path] = ()) -> Packed:
    """Write the replication package of a run (`gongbao report`, `gongbao render`).

    InputError if the folder holds no run, a unit failed or was made from other inputs than are
    here now, it is of several studies or of a corpus, or a report's file is not the catalogue's.

    Parameters
    ----------
    run : the run's folder, with results.csv. target : the zip. given : tables that the article uses
        beside the figures (a panel); each goes along as it is, with its codebook beside it.
    """
    planned, study = _planned(run)
    study.unchanged([*study.whole.reports["report_id"]])
    answers = contents.answers(study.path)
    held = heldback.of(study)
    with tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch) / "package"
        rewritten = _stage_study(study, stage / "data")
        own = _stage_notebooks(planned, stage)
        _stage_software(stage / "software")
        copy = Study(stage / "data")
        if held:
            heldback.keep(_opened(stage / "data", own), held)
            changed = ["indicators.csv", "decisions.csv", "validation/themes.csv"]
            said = "words of reports held back are masked"
            before = {name: tables.sha256(study.path / name) for name in changed}
            after = {name: tables.sha256(stage / "data" / name) for name in changed}
            rewritten |= {f"data/{name}": said for name in changed if before[name] != after[name]}
            copy = Study(stage / "data")
        log = _log(run)
        runs = tuple(_run(new, old.name, log) for old, new in zip(planned, own, strict=True))
        for old, one in zip(planned, runs, strict=True):
            _stage_figures(run / old.name, stage / FIGURES / one.name, held)
        private = {run.absolute(), run.resolve(), study.path.absolute()}
        private |= share.named(map(units.with_defaults, planned))
        share.clean(stage / FIGURES, private)
        share.clean(stage / "notebooks", private)
        _stage_tables(given, stage / contents.TABLES, held)
        share.clean(stage / contents.TABLES, private)
        figures = tuple(_figures(stage, runs))
        titled = {*study.title.values()} != {study.path.resolve().name}
        package = Contents(stage, copy, runs, figures, held, answers, rewritten, titled)
        files.put(stage / RECORD, contents.record(package))
        if held:
            package = _compared(package)
            files.put(stage / RECORD, contents.record(package))
        _pages(study, held, stage / "codebooks")
        files.put(stage / "run.sh", _SCRIPT)
        readme.write(package)
        crate.write(package)
        members = dict(_members(stage))
        members[MANIFEST] = proof.manifest(members).encode()
        files.put(target, files.zipped(dict(sorted(members.items()))))
    return Packed(target, replace(package, study=study))


# -- what is packed -------------------------------------------------------------------------------


def _planned(run: Path) -> tuple[list[Unit], Study]:
    """The units of a run as they were planned, and their study; each as it was made."""
    if not (run / "results.csv").is_file():
        raise InputError("no run (no results.csv); `gongbao report` makes one.", path=run)
    rows = render.results(run)
    failed = [row["unit"] for row in rows if row["status"] != "done"]
    if failed:
        said = f"{', '.join(failed)} failed; mend and render again, or take the folders away."
        raise InputError(said, path=run / "results.csv")
    if not [*run.glob("*/*/provenance.json")]:
        raise InputError("no unit of this run has a figure; see results.csv.", path=run)
    planned = []
    for row in rows:
        values = json.loads(row["parameters"] or "{}")
        planned.append(Unit(row["notebook"], units.find_notebook(row["notebook"]), values))
    folders = {str(unit.values.get("data", "data")) for unit in planned}
    if len(folders) > 1:
        said = f"holds figures of {', '.join(sorted(folders))}; a package is of one study: render "
        raise InputError(f"{said}each into a folder of its own (--out).", path=run)
    study = Study(folders.pop())
    if study.is_corpus:
        said = "is a corpus; a package is of a study: add the reports to one, and render it."
        raise InputError(said, path=study.path)
    if stale := [unit.name for unit in planned if not _is_fresh(unit, run)]:
        said = f"{', '.join(stale)} {'was' if len(stale) == 1 else 'were'} made from another state "
        said += "of study, notebook or software than is here now; render again, then pack."
        raise InputError(said, path=run)
    return planned, study


def _is_fresh(unit: Unit, run: Path) -> bool:
    """Whether a unit was made from what is here now."""
    mark = files.left(run / unit.name / ".unit.json")
    kinds = {"report.pdf": "pdf", "brief.docx": "docx"}
    asked = [kind for file, kind in kinds.items() if file in mark.get("files", ())]
    return bool(mark) and mark.get("state") == render.made_from([unit], asked)[unit.name]


def _log(run: Path) -> dict[str, dict[str, Any]]:
    """By unit, the last entry of the run's log that says it was done."""
    found: dict[str, dict[str, Any]] = {}
    path = run / "run-log.jsonl"
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("status") == "done":
            found[str(entry.get("unit"))] = entry
    return found


def _run(unit: Unit, old: str, log: Mapping[str, dict[str, Any]]) -> Run:
    said = log.get(old, {})
    known = {name: said[name] for name in ("seconds", "memory", "machine", "begun") if name in said}
    return Run(unit.name, unit.notebook, unit.values, **known)


def _stage_study(study: Study, data: Path) -> dict[str, str]:
    """Copy a study: what its figures can rest on. Files that are not its own bytes, and why."""
    for pattern in _OF_STUDY:
        for path in sorted(study.path.glob(pattern)):
            if path.is_file() and path.name != catalogue.LINKS:
                place = data / path.relative_to(study.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
    every, moved = study.whole.reports.copy(), []
    for at, row in enumerate(tables.rows(every)):
        name = str(row.path)
        if not (data / name).resolve().is_relative_to(data.resolve()):
            name = f"reports/{row.report_id}{Path(name).suffix}"
            moved.append(row.report_id)
            every.loc[at, "path"] = name
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(study.path / str(row.path), data / name)
    if moved:
        tables.write(every, data / "reports.csv")
        return {"data/reports.csv": f"the files of {', '.join(moved)} were linked and are copied"}
    return {}


def _stage_notebooks(planned: Sequence[Unit], stage: Path) -> list[Unit]:
    """Copy notebooks and the files that parameters name; the units as they are in the package."""
    own = []
    for unit in planned:
        source = stage / "notebooks" / f"{unit.notebook}.ipynb"
        source.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(unit.source, source)
        values = {name: one for name, one in unit.values.items() if name != "data"}
        for name, value in units.with_defaults(unit).items():
            there = inputs.packed(value, stage, f"{unit.name}: parameter {name}")
            values |= {name: there} if there != value else {}
        own.append(Unit(unit.notebook, source, values))
    if twice := [name for name, n in Counter(unit.name for unit in own).items() if n > 1]:
        raise InputError(f"{', '.join(twice)}: two sets of the run are one in a package.")
    return own


def _stage_tables(given: Sequence[Path], place: Path, held: Mapping[str, str]) -> None:
    """Copy tables that are given, and the codebooks of panels among them."""
    for path in given:
        if not path.is_file():
            raise InputError("no such file; name a table that is there.", path=path)
        if held and path.suffix.lower() != ".csv":
            said = "may hold words of the reports held back; give it as .csv, in which they can be "
            raise InputError(f"{said}masked.", path=path)
        beside = [*path.parent.glob(f"{path.stem}.codebook.*")]
        for one in dict.fromkeys([path, *beside, *path.parent.glob(f"{path.name}.codebook.*")]):
            own = place / one.name
            if own.exists() and own.read_bytes() != one.read_bytes():
                raise InputError("two tables of this name are given; rename one.", path=one)
            place.mkdir(exist_ok=True)
            shutil.copyfile(one, own)
            if held and one.suffix == ".csv":
                heldback.csv(own, {*held, *held.values()})


def _stage_software(place: Path) -> None:
    """Copy the suite: a checkout with its lock, or an installed package with what it runs with."""
    root = home()
    if (root / "pyproject.toml").is_file():
        for name in _SOFTWARE:
            shutil.copytree(root / name, place / name, ignore=_NOT)
        for name in _BESIDE:
            shutil.copyfile(root / name, place / name)
        shutil.rmtree(place / "data" / "reports")  # the bundled study's text: data/ has the study's
        return
    shutil.copytree(Path(__file__).parents[1], place / "analysis", ignore=_NOT)
    shutil.rmtree(place / "analysis" / "bundled" / "data" / "reports", ignore_errors=True)
    files.put(place / "requirements.lock", "".join(f"{one}\n" for one in _installed()))


def _installed() -> list[str]:
    """The packages that an installed suite runs with, as a lock without hashes."""
    found: dict[str, str] = {}
    asked = ["gongbao"]
    while asked:
        name = asked.pop()
        for said in distribution(name).requires or ():
            needs = re.match(r"[\w.-]+", said)
            if needs and "extra ==" not in said:
                key = re.sub(r"[-_.]+", "-", needs[0]).lower()
                try:
                    known = version(key)
                except ImportError:  # for another system
                    continue
                if key not in found:
                    found[key] = known
                    asked.append(key)
    return [f"{name}=={found[name]}" for name in sorted(found)]


def _opened(data: Path, own: Sequence[Unit]) -> list[Study]:
    """A study as its figures open it: once for each engine, codebook and coder."""
    asked = {
        tuple(str(unit.values.get(k, "")) for k in ("engine", "codebook", "coder")) for unit in own
    }
    made = []
    for engine, book, coder in sorted({*asked, ("", "", "")}):
        made.append(Study(data, engine=engine or "jieba", codebook=book, coder=coder or "book"))
    return made


def _stage_figures(unit: Path, place: Path, held: Mapping[str, str]) -> None:
    """Copy a unit's bundles; its executed notebook and reports stay at home."""
    for bundle in sorted(one.parent for one in unit.glob("*/provenance.json")):
        shutil.copytree(bundle, place / bundle.name, ignore=_NOT)
        record = provenance.read(bundle)
        provenance.refuse_touched(bundle, record, "render again, then pack.")
        if held:
            heldback.bundle(place / bundle.name, held)


def _figures(stage: Path, runs: Sequence[Run]) -> Iterator[Drawn]:
    from analysis.pages import page

    for run in runs:
        for bundle in page.bundles(stage / FIGURES / run.name):
            record = provenance.read(bundle)
            data = tables.csvfile.cells(bundle / "data.csv")
            yield Drawn(run, bundle.name, record, len(data), contents.random(record, data))


def _compared(package: Contents) -> Contents:
    """The package, its figures drawn again from what is left: those that differ are not checked."""
    print("drawing every figure again from what is not held back …", file=sys.stderr)
    with tempfile.TemporaryDirectory() as scratch:
        copy, out = Path(scratch) / "package", Path(scratch) / "output"
        shutil.copytree(package.folder, copy)  # what is drawn leaves tables in the store
        proof.draw_apart(Path(sys.executable), copy, out)
        same = {one.place: proof.is_same(copy, out, one.place) for one in package.figures}
    figures = tuple(replace(one, checked=same[one.place]) for one in package.figures)
    return replace(package, figures=figures)


def _pages(study: Study, held: Mapping[str, str], place: Path) -> None:
    """Each codebook as a page; its examples are of reports that may be handed on."""
    ids = [key for key in study.whole.reports["report_id"] if key not in held]
    if not ids:
        return
    place.mkdir()
    for name in study.books:
        own = (study.only(ids) if held else study).under(name)
        for kind in codebook.KINDS:
            codebook.write(own, kind, place / f"{name}.{kind}")


def _members(stage: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(stage.rglob("*")):
        place = path.relative_to(stage)
        if path.is_file() and not any(part.startswith(".") for part in place.parts):
            yield place.as_posix(), path.read_bytes()


_SCRIPT = """#!/bin/sh
# Draws every figure of this package into output/ and compares it with figures/.
#   sh run.sh             in an environment of its own, made from the lock (needs a package index)
#   sh run.sh --present   in the Python that is active, with the packages it has
# GONGBAO_PYTHON names another Python than python3.
set -eu
cd "$(dirname "$0")"
python="${GONGBAO_PYTHON:-python3}"
if [ "${1:-}" != "--present" ]; then
    if [ -f software/tools/bootstrap.py ]; then
        "$python" -I software/tools/bootstrap.py
    elif [ ! -x software/.venv/bin/python ]; then
        "$python" -m venv software/.venv
        software/.venv/bin/python -m pip install --quiet -r software/requirements.lock
    fi
    python=software/.venv/bin/python
elif ! "$python" -c "import pandas, typst" 2>/dev/null; then
    echo "run.sh: $python has not the packages it needs; run it without --present" >&2
    exit 2
fi
PYTHONPATH="$PWD/software" exec "$python" -m analysis replicate --verify . --present
"""

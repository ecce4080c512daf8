"""Units → folders, in parallel: each written whole, skipped if nothing changed since.

A unit's notebook is executed (`engine`), its report made, and the folder moved to its place when it
is complete. `.unit.json` in it says what the unit was made from; as long as that is the
same, the unit is up to date. A unit that fails does not stop the others.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import platform
import re
import shutil
import sys
import threading
import time
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeGuard

from analysis import tables
from analysis.kit import InputError, files, home, progress
from analysis.study import Study, catalogue, store
from analysis.words import reference

from . import processes
from .units import notes, with_defaults

if TYPE_CHECKING:
    from .units import Unit

_ONE_REPORT = threading.Lock()  # nbconvert keeps what it has made, and knows of no threads
RESULTS = ("unit", "notebook", "parameters", "status", "error", "not_taken")
"""Columns of results.csv: status is `done` or `failed`, not_taken names joined by ;."""

_READS = {"keyword_frequency": "terms"}
_READS |= dict.fromkeys(("metric_trend", "region_comparison"), "figures_found")
"""The tables that take longest of what a notebook reads; the codings, where none is named."""

_MARK = ".unit.json"
_UNFINISHED = (
    ".unfinished"  # stands in a batch's folder until results, tables and index are written
)
_STUDY = ("study.yaml", "*.csv", "codebooks/*", "reports/*", "validation/*")


def jobs() -> int:
    """How many units are rendered at a time where nobody says: the processors, four at most."""
    return min(4, len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1)


def run(
    units: Sequence[Unit],
    out: Path,
    *,
    title: Mapping[str, str] | str,
    lang: str = "zh",
    force: bool = False,
    **how: Any,
) -> list[dict[str, str]]:
    """Render units and write the index; `notes` go to standard error.

    Parameters
    ----------
    title : of the index, in zh and en (or in one language).
    lang : the study's; the index has it where the units differ in theirs.
    force : render units that are up to date too.
    how : kinds (`pdf`, `docx`: what each unit has beside report.html), jobs, timeout (seconds
        that a cell may take), fail_fast (start no more units behind one that failed).

    Returns
    -------
    list of dict
        One for each unit: `RESULTS`, and `ran`, '' for a unit that was up to date. results.csv
        holds the same of every unit in `out`; times stand in run-log.jsonl only.
    """
    for note in notes(units):
        print(note, file=sys.stderr)
    out.mkdir(parents=True, exist_ok=True)
    with files.locked(out):
        files.sweep(out)
        files.refuse_links(out)  # what is written there is not to go elsewhere
        states = made_from(units, how.get("kinds", ()))
        found = (
            {} if force else {name: _recorded(out / name, state) for name, state in states.items()}
        )
        rows = {name: row for name, row in found.items() if row and row["status"] == "done"}
        todo = [unit for unit in units if unit.name not in rows]
        fresh: dict[str, dict[str, str]] = {unit.name: {} for unit in todo}
        unfinished = out / _UNFINISHED
        if todo:
            unfinished.touch()
        try:
            if todo:
                _prepare(todo)
                with closing(_render(todo, out, states, **how)) as rendered:
                    for row in rendered:
                        fresh[row["unit"]] = row
        except KeyboardInterrupt as stop:
            ended = [*rows.values(), *filter(None, fresh.values())]
            done = sum(row["status"] == "done" for row in ended)
            failed = f", {len(ended) - done} failed" if len(ended) > done else ""
            stop.args = (f"{done} of {len(states)} notebooks are done{failed}",)
            raise
        finally:
            if unfinished.exists() or not (out / "index.html").exists():
                from analysis.pages import page

                listed = {**dict.fromkeys(states), **rows, **fresh}
                every = _record([row for row in listed.values() if row], out)
                _combine(out, every)
                page.index(out, every, title=title, lang=lang)
                if note := _mixed(every, listed, out):
                    print(note, file=sys.stderr)
                files.sweep(out)
                unfinished.unlink(missing_ok=True)
    ran = [{**fresh[name], "ran": "yes"} for name in fresh if fresh[name]]
    return [*({**row, "ran": ""} for row in rows.values()), *ran]


# -- what a unit was made from ------------------------------------------------------------------


def made_from(units: Sequence[Unit], kinds: Sequence[str] = ()) -> dict[str, str]:
    """By unit, a hash of all that its files follow from.

    The notebook, the parameters, the study's files, the package with its templates and tables, the
    reference list, the lock file (where there is none, the versions installed), Python.
    """
    from analysis.bundle import provenance  # it loads what draws

    package, studies, states = _package(), dict[Path, str](), {}
    for unit in units:
        data = Path(unit.values.get("data", "data"))
        data = data if data.exists() else home() / "data"
        if data not in studies:
            own = [path for each in _STUDY for path in data.glob(each)]
            linked = [data / path for path, _ in catalogue.links(data)]
            studies[data] = _hashes([*own, *filter(Path.is_file, linked)])
        made = [unit.notebook, unit.parameters, *sorted(kinds), tables.sha256(unit.source)]
        named = provenance.named_files(with_defaults(unit))  # a mask, a map, a style, words
        made += [tables.sha256(Path(path)) for path in named]
        text = json.dumps([*made, package, studies[data]])
        states[unit.name] = hashlib.sha256(text.encode()).hexdigest()
    return states


def _package() -> str:
    """A hash of what all units share."""
    from importlib.metadata import distributions

    package, lock = Path(__file__).parent.parent, home() / "requirements.lock"
    derived = {"__pycache__", store.FOLDER}  # a wheel has the bundled study in it
    own = [path for path in package.rglob("*") if not derived & {*path.relative_to(package).parts}]
    own += [path for path in reference.folder().iterdir() if path.is_file()]  # no __pycache__
    versions = "" if lock.exists() else sorted(f"{d.name} {d.version}" for d in distributions())
    return _hashes([*own, lock]) + f"{versions} {sys.version}"


def _hashes(paths: Sequence[Path]) -> str:
    return " ".join(f"{path.name} {tables.sha256(path)}" for path in sorted(paths))


def _recorded(place: Path, wanted: str = "") -> dict[str, str]:
    """What a unit's folder says of itself; nothing if it was made otherwise, or a file is gone."""
    found = files.left(place / _MARK)
    held = found.get("files", [])
    plain = isinstance(held, list) and all(isinstance(name, str) for name in held)
    whole = plain and all((place / name).exists() for name in held)
    fits = not wanted or (found.get("state") == wanted and whole)
    row: dict[str, str] = found.get("row", {}) if fits else {}
    return row if _is_row(row) and row["unit"] == place.name else {}


def _is_row(row: object) -> TypeGuard[dict[str, str]]:
    """Whether something is a row of results.csv: names of folders, parameters in JSON."""
    if not isinstance(row, dict) or not all(isinstance(row.get(one), str) for one in RESULTS):
        return False
    try:
        given = json.loads(row["parameters"] or "{}")
    except (ValueError, RecursionError):
        return False
    plain = all(re.fullmatch(r"\w[\w.-]*", row[name]) for name in ("unit", "notebook"))
    return plain and isinstance(given, dict)


def failed(units: Sequence[Unit], out: Path) -> list[Unit]:
    """Those of the units that failed when they were rendered last."""
    return [unit for unit in units if _recorded(out / unit.name).get("status") == "failed"]


# -- rendering ----------------------------------------------------------------------------------


def _prepare(units: Sequence[Unit]) -> None:
    """Make what many reports' units read from their study's store, before they ask for it all."""
    asked: dict[tuple[str, str, str], set[tuple[str, ...]]] = {}
    for unit in units:
        of = _READS.get(unit.notebook, "codings")
        key = str(unit.values.get("data", "data")), str(unit.values.get("engine", "jieba")), of
        asked.setdefault(key, set()).add(tuple(unit.values.get("reports", ())))
    for (data, engine, of), chosen in asked.items():
        with contextlib.suppress(InputError):  # the unit that asks for it says so
            study = Study(data, engine=engine)
            every = study.reports
            found = (catalogue.chosen(one, every) for one in chosen)
            ids = list(dict.fromkeys(chain.from_iterable(found)))
            if not study.is_corpus and len(ids) >= store.MANY:
                study.store.build(sorted(ids), [of])


def _render(
    units: Sequence[Unit],
    out: Path,
    states: Mapping[str, str],
    *,
    jobs: int = jobs(),
    fail_fast: bool = False,
    **how: Any,
) -> Generator[dict[str, str], None, None]:
    """The row of each unit, as soon as it is rendered."""
    begun, said, where = time.time(), set[str](), machine()
    bar = progress.Progress("render", "notebook", len(units))
    log = _log(out / "run-log.jsonl")
    calls = [(work, (unit, out, states[unit.name]), how) for unit in units]
    last = _is_failure if fail_fast else None
    with bar, log, closing(processes.spread(calls, min(jobs, len(units)), last)) as spread:
        for number, found in spread:
            unit = units[number]
            if isinstance(found, processes.Died):
                row, seconds, memory, cold = _unfinished(unit, out, str(found)), 0.0, 0, ""
            elif isinstance(found, BaseException):
                raise found
            else:
                row, seconds, memory, cold = found
            if {cold} - said - {""}:
                said.add(cold)
                print(cold, file=sys.stderr)
            bar.update(failed=row["status"] != "done")
            entry = {**row, "begun": begun, "seconds": seconds, "memory": memory, "machine": where}
            log.write(json.dumps(entry, ensure_ascii=False) + "\n")
            yield row


def machine() -> str:
    """What kind of machine this is, for who asks how long things take: no name of it."""
    kind, python = f"{platform.system()} {platform.machine()}", platform.python_version()
    return f"{kind}, {os.cpu_count() or 1} processors, Python {python}"


def _is_failure(found: Any) -> bool:
    return isinstance(found, BaseException) or found[0]["status"] != "done"


def _log(path: Path) -> TextIO:
    """The log to append to, without the line that a batch broke off in."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)
    return path.open("a", encoding="utf-8", buffering=1)


def work(
    unit: Unit, out: Path, state: str, *, kinds: Sequence[str] = (), timeout: float | None = None
) -> tuple[dict[str, str], float, int, str]:
    """Render one unit into its folder: its row of results.csv, seconds, MB, why it started cold."""
    from analysis.pages import brief

    from . import engine

    begun = time.monotonic()
    place = out / unit.name
    with files.replacing_folder(place) as part:
        notebook = part / f"{unit.notebook}.ipynb"
        values = {**unit.values, "out": part.as_posix()}
        error = engine.execute(unit.source, notebook, values, timeout=timeout)
        settled, memory = _settle(notebook.read_text("utf-8"), part.as_posix(), place.as_posix())
        notebook.write_text(settled, encoding="utf-8", newline="\n")
        if not error:
            try:
                with _ONE_REPORT:
                    brief.write(part, unit.values.get("lang", "zh"), ("html", *kinds))
            except Exception as wrong:  # the unit's, not the batch's
                error = f"{unit.notebook}: its report could not be written: {wrong}"
        row = _row(unit, error.replace(part.as_posix(), place.as_posix()))
        _mark(part, state, row)
    return row, round(time.monotonic() - begun, 3), memory, processes.why_cold()


def _row(unit: Unit, error: str) -> dict[str, str]:
    """A unit's row of results.csv."""
    status = "failed" if error else "done"
    values = (unit.name, unit.notebook, unit.parameters, status, error, ";".join(unit.not_taken))
    return dict(zip(RESULTS, values, strict=True))


def _mark(folder: Path, state: str, row: Mapping[str, str]) -> None:
    """Write what a unit was made from, and which files it has."""
    held = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    said = {"state": state, "files": held, "row": row}
    text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / _MARK).write_text(text + "\n", encoding="utf-8", newline="\n")


def _unfinished(unit: Unit, out: Path, error: str) -> dict[str, str]:
    """The folder and row of a unit whose process is gone: its notebook as it was."""
    row = _row(unit, f"{unit.notebook}: {error}")
    with files.replacing_folder(out / unit.name) as part:
        shutil.copyfile(unit.source, part / f"{unit.notebook}.ipynb")
        _mark(part, "", row)
    return row


def _settle(text: str, part: str, place: str) -> tuple[str, int]:
    """An executed notebook without times and temporary names, so that its bytes are the same.

    Beside it the memory that it took, in MB, 0 where that is not known.
    """
    notebook = json.loads(text.replace(part, place))
    notebook["metadata"].pop("papermill", None)
    memory = int(notebook["metadata"].pop("gongbao_memory", 0))
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{number}"
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n", memory


# -- what all units say together ----------------------------------------------------------------


def results(out: Path) -> list[dict[str, str]]:
    """The rows of a batch's results.csv; InputError where a unit is no folder's plain name."""
    path = out / "results.csv"
    rows = [row for _, row in tables.records(path)[1]]
    for row in rows:
        if not _is_row(row):
            said = f"the unit {row.get('unit')!r} is no plain name, or its row is not whole"
            raise InputError(f"{said}; render again.", path=path)
    return rows


def _record(rows: list[dict[str, str]], out: Path) -> list[dict[str, str]]:
    """Write results.csv: these rows, and those of units that stand in the folder from before."""
    import pandas as pd

    every = {row["unit"]: row for row in rows}
    for mark in sorted(out.glob(f"[!.]*/{_MARK}")):
        every.setdefault(mark.parent.name, _recorded(mark.parent))
    listed = [row for row in every.values() if row]
    tables.write(pd.DataFrame(listed, columns=list(RESULTS)), out / "results.csv")
    return listed


def _mixed(every: Sequence[Mapping[str, str]], now: Collection[str], out: Path) -> str:
    """A sentence on what the folder holds of other studies, '' if nothing."""
    given = ((row["unit"] in now, json.loads(row["parameters"] or "{}")) for row in every)
    data = {(mine, str(values.get("data", "data"))) for mine, values in given}
    others = ", ".join(sorted({name for _, name in data if (True, name) not in data}))
    return others and (
        f"{out} holds figures of {others} as well, and its index and combined/ show both; "
        "--out names another folder."
    )


def _combine(out: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write combined/FIGURE.csv: data.csv of every unit that has the figure, one below the other.

    Before its columns stand `unit` and, as `param_NAME`, each parameter that any unit was given.
    """
    from analysis.pages import page

    done = [row for row in rows if row["status"] == "done"]
    given = {row["unit"]: json.loads(row["parameters"] or "{}") for row in done}
    names = sorted({name for values in given.values() for name in values})
    figures: dict[str, list[Path]] = {}
    for row in done:
        for bundle in page.bundles(out / row["unit"]):
            figures.setdefault(bundle.name, []).append(bundle / "data.csv")
    for figure, parts in figures.items():
        first = ["unit", *(f"param_{name}" for name in names)]
        columns = dict.fromkeys(name for file in parts for name in next(_lines(file)))
        place = out / "combined" / f"{figure}.csv"
        with (
            files.replacing(place) as part,
            part.open("w", encoding="utf-8-sig", newline="") as stream,
        ):
            stream.write(_line([*first, *columns]))
            for file in parts:
                unit, lines = file.parts[-3], _lines(file)
                header = next(lines)
                own = [unit, *(_cell(given[unit].get(name)) for name in names)]
                for line in lines:
                    cells = dict(zip(header, line, strict=True))
                    stream.write(_line([*own, *(cells.get(name, "") for name in columns)]))


def _line(cells: list[str]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerow(map(tables.csvfile.hold, cells))
    return tables.csvfile.let_go(made.getvalue())


def _lines(path: Path) -> Iterator[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.reader(stream)


def _cell(value: Any) -> str:
    """A parameter as a cell, as a parameter file has it: several values joined by ;."""
    if isinstance(value, list):
        return ";".join(map(str, value))
    return "" if value is None else str(value)


def summary(rows: Sequence[Mapping[str, str]], out: Path, left: int = 0) -> str:
    """What was done and what failed, in a sentence each; `left` units were not started."""
    failures = [row for row in rows if row["status"] != "done"]
    lines = [f"{row['unit']}: {row['error']}" for row in failures]
    before = sum(not row["ran"] for row in rows)
    done = f"{len(rows) - len(failures)} done" + (f" ({before} up to date)" if before else "")
    also = f", {left} not started" if left else ""
    lines.append(f"{done}, {len(failures)} failed{also} → {out / 'index.html'}")
    return "\n".join(lines)

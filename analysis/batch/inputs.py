"""The files that parameters name (a list of words, a map, a mask, a style): packed, and held after.

In a package they stand in `inputs/`, each in a folder named by its content, under its own name,
which a list of words may be called by; the package's parameters name them there.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from analysis import tables
from analysis.bundle import provenance
from analysis.kit import InputError, safe
from analysis.panel import precision

from .units import Unit, with_defaults

FOLDER = "inputs"

_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def packed(value: Any, stage: Path, where: str) -> Any:
    """A parameter's value with the files that it names copied, and named as in the package.

    InputError for a path of this machine that leads to no file, and for a name that not every
    system has.

    Parameters
    ----------
    stage : the package's folder. where : what a message begins with.
    """
    if isinstance(value, list):
        return [packed(one, stage, where) for one in value]
    if isinstance(value, dict):
        return {key: packed(one, stage, where) for key, one in value.items()}
    if [*provenance.named_files(value)]:
        path = Path(value)
        if path.name.startswith(".") or re.search(r"[\\:\x00-\x1f]", path.name):
            said = "has a name that not every system can unpack; give it a plain one, render again."
            raise InputError(f"{where}: {said}", path=path)
        place = Path(FOLDER) / tables.sha256(path)[:8] / path.name
        (stage / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, stage / place)
        if (read := tables.judged.beside(path, precision.KIND)).is_file():  # captions say it
            shutil.copyfile(read, stage / place.with_name(read.name))
        return place.as_posix()
    if leads_out(value):
        said = "is no file, so that it cannot be packed; name a file, or take it out."
        raise InputError(f"{where}: {said}", path=Path(value))
    return value


def outside(folder: Path, said: Mapping[str, Any]) -> dict[str, str]:
    """By run of a package's record, which of its parameters names a file outside of the package."""
    found = {}
    for run in said["runs"]:
        source = folder / "notebooks" / f"{run['notebook']}.ipynb"
        unit = Unit(run["notebook"], source, run["parameters"])
        values = (with_defaults(unit) if source.is_file() else {}) | unit.values
        for name, value in values.items():
            if away := next(filter(leads_out, _texts(value)), ""):
                why = f"its parameter {name} names {safe(away)}, which is not in the package"
                found[run["run"]] = why
    return found


def changed(
    folder: Path, parameters: Mapping[str, Any], record: Mapping[str, Any]
) -> Iterator[str]:
    """The files of a package that a run's parameters name, and a figure's record otherwise."""
    for parameter, drawn in record.get("inputs", {}).items():
        for name in _texts(parameters.get(parameter)):
            there = not leads_out(name) and (folder / name).is_file()
            if there and tables.sha256(folder / name) not in drawn.values():
                yield name


def leads_out(value: Any) -> bool:
    """Whether a text is a path that leads out of the folder at work.

    >>> [leads_out(one) for one in ("inputs/a.txt", "../a.txt", "/a.txt", "/第.批/")]
    [False, True, True, False]
    """
    if not isinstance(value, str):
        return False
    path = (PureWindowsPath if _OF_WINDOWS.match(value) else PurePosixPath)(value)
    pattern = value.endswith("/") and len(path.parts) == 2  # that `explore` looks for: /第.批/
    return ".." in path.parts or (path.is_absolute() and not pattern)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)

"""A figure made again from its provenance.json, and whether the same data came out.

The provenance names figure, options and reports; the notebook is the one whose code asks for the
measure that draws it (`finding.MEASURES`), or writes a bundle of that name. It runs with the same
options in a temporary folder, and the new bundle's tables are held against the hashes in the old
provenance.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis import tables
from analysis.bundle import Bundle, provenance
from analysis.evidence import trail
from analysis.kit import InputError, as_written, files, unknown
from analysis.study import Study, catalogue, finding

from . import difference, render, units

if TYPE_CHECKING:
    from .difference import Difference

_ASKS = re.compile(r"(\w+)\.(\w+)\(")
_WRITES = re.compile(
    r"""\bbundle(?:\.write)?\(\s*["']([^"']+)["']|\bFinding\((?:.|\n)*?\bname\s*=\s*["']([^"']+)["']"""
)

_TABLES = ("data.csv", "hits.csv")


@dataclass(frozen=True)
class Remade:
    """A figure made again.

    old : its folder. bundle : the new one. identical : for data.csv and hits.csv, whether its
    sha256 is the one in the old provenance. touched : those of the old bundle that its own
    provenance does not fit.
    """

    old: Path
    bundle: Bundle
    identical: dict[str, bool]
    touched: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether both tables are identical."""
        return all(self.identical.values())

    @property
    def difference(self) -> Difference:
        """What differs: settings, rows, codes, evidence."""
        return difference.compare(self.old, self.bundle.path)

    def __str__(self) -> str:
        """One line a table, then what differs, then where the figure is."""
        lines = [
            f"{file}: {'identical' if same else 'differs'}" for file, same in self.identical.items()
        ]
        lines += [f"{file} of {self.old} was changed after it was written" for file in self.touched]
        if not self.same:
            lines.append(str(self.difference))
        return "\n".join([*lines, f"→ {self.bundle.path}"])


def figure(
    bundle: Path,
    *,
    out: Path = Path("remade"),
    data: str | Path = "data",
    tiff: bool = False,
    preset: str = "",
) -> Remade:
    """Make a bundle's figure again, into a folder of the same name in `out`.

    InputError or ProblemsError for a folder that is no bundle, a figure that no notebook writes, a
    report that is missing or another file now, an option that the notebook does not take, and if
    the notebook fails.

    Parameters
    ----------
    data : the study; it must hold the reports that the figure was made from, unchanged.
    tiff : write figure.tiff too. preset : draw it in another one; the data stays the same.
    """
    record, study = provenance.read(bundle), Study(data)
    name, options = record["figure"], dict(record["options"])
    if preset:
        options["preset"] = preset
    with as_written(bundle / "provenance.json", "render the figure again"):
        trail.held(study, record)
    drawn = [report["report_id"] for report in record["reports"]]
    if set(drawn) != _wanted(options, study):
        options["reports"] = drawn  # the study has grown since
    notebook, place = _notebook(name, bundle), out / name
    if place.exists() and place.resolve() == bundle.resolve():
        raise InputError("is the figure to make again; give another --out.", path=place)
    if place.exists() and not (place / "provenance.json").is_file():
        raise InputError("is there and is no bundle; give another --out.", path=place)
    sets = [(str(bundle / "provenance.json"), options)]
    (unit,) = units.plan([notebook], sets, str(data))
    with tempfile.TemporaryDirectory() as folder:
        (ran,) = render.run([unit], Path(folder), title=study.title, lang=study.lang, jobs=1)
        made = Path(folder) / unit.name / name
        if not made.is_dir():
            raise InputError(f"was not made again: {ran['error'] or 'no such figure'}", path=bundle)
        if tiff:
            write_tiff(made)
        with files.replacing_folder(place) as part:  # it may come from another disk
            shutil.copytree(made, part, dirs_exist_ok=True)
    return _held(bundle, place)


def _wanted(options: dict[str, Any], study: Study) -> set[str]:
    """The reports that a figure's options choose in the study as it is now."""
    try:
        return set(catalogue.chosen(options.get("reports", []), study.reports))
    except InputError:
        return set()


def _notebook(name: str, bundle: Path) -> str:
    """The notebook that writes the figure; of several, the one that the bundle's folder names."""
    writers = [stem for stem, figures in _written() if name in figures]
    if not writers:
        known = {one for _, figures in _written() for one in figures}
        raise InputError(f"no notebook writes it: {unknown('figure', name, known)}", path=bundle)
    unit = units.notebook_of(bundle.resolve().parent.name)
    return unit if unit in writers else writers[0]


def _written() -> Iterator[tuple[str, set[str]]]:
    """Each notebook, in the order in which `render` looks for them, and the figures it writes."""
    for stem, path in units.notebooks().items():
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
        text = "\n".join(code)
        asked = {finding.MEASURES.get(".".join(one), "") for one in _ASKS.findall(text)}
        own = {name for pair in _WRITES.findall(text) for name in pair}
        yield stem, (asked | own) - {""}


def _held(old: Path, new: Path) -> Remade:
    """The new bundle held against the old one."""
    then = provenance.read(old)["files"]
    same = {file: tables.sha256(new / file) == then[file] for file in _TABLES if file in then}
    touched = tuple(file for file in same if tables.sha256(old / file) != then[file])
    return Remade(old, Bundle(new), same, touched)


def write_tiff(bundle: Path) -> Path:
    """figure.tiff beside a bundle's figure.png: the same pixels on white, LZW, with its dpi."""
    from PIL import Image

    with Image.open(bundle / "figure.png") as image:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        dpi = tuple(round(one) for one in image.info["dpi"])
    path = bundle / "figure.tiff"
    ground.convert("RGB").save(path, compression="tiff_lzw", dpi=dpi)
    return path

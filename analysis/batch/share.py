"""A run → one zip for a co-author without Python: reports, a Word document, tables, figures.

The bundles of a run are copied beside an index and a report of each unit; notebooks stay at home.
No path of this machine goes along: a text that holds one gets the path's last name in its place.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.bundle import provenance
from analysis.kit import InputError, as_written, files
from analysis.pages import brief, office, page

from . import heldback, render

_FOLDER = re.compile(
    r"(?<![\w.~+/-])(?:file://)?(?:/(?:home|root|Users|tmp|var|opt|private|mnt|media|Volumes)/"
    r"|[A-Za-z]:[\\/]{1,2}Users[\\/])[^\s\"'<>&,;)\]，。；）]*"
)
_TEXTS = {".ipynb", ".html", ".svg", ".csv", ".json", ".txt", ".md", ".bib", ".tex"}


def share(out: Path, target: Path) -> Path:
    """Write one zip of a run (`gongbao report`, `gongbao render`); the same run, the same bytes.

    InputError if the folder holds no run, or none of its units has a figure.

    Parameters
    ----------
    out : the run's folder, with results.csv.
    target : the zip; its name is that of the folder inside.

    Returns
    -------
    Path
        of the zip: index.html, brief.docx, and for each unit report.html and its bundles, each with
        data.xlsx and data.tex.
    """
    if not (out / "results.csv").is_file():
        raise InputError("no run (no results.csv); `gongbao report` makes one.", path=out)
    rows = [row for row in render.results(out) if [*(out / row["unit"]).glob("*/provenance.json")]]
    if not rows:
        raise InputError("no unit of this run has a figure; see results.csv.", path=out)
    files.refuse_links(out)
    for row in rows:
        files.refuse_links(out / row["unit"], below=True)
        for path in sorted((out / row["unit"]).glob("*/provenance.json")):
            record = provenance.read(path.parent)
            provenance.refuse_touched(path.parent, record, "render again, then share.")
    with as_written(out, "render again"), tempfile.TemporaryDirectory() as scratch:
        stage = Path(scratch) / "run"
        for row in rows:
            shutil.copytree(
                out / row["unit"], stage / row["unit"], ignore=shutil.ignore_patterns("brief.docx")
            )
        private = {out.absolute(), out.resolve(), stage.resolve()}
        private |= named(json.loads(row["parameters"] or "{}") for row in rows)
        with _named_as_in(out, stage):
            _hide(stage, heldback.of_run(out, rows))
            clean(stage, private)
            _fill(stage, rows)
            clean(stage, private)
        members = {
            f"{target.stem}/{path.relative_to(stage).as_posix()}": path.read_bytes()
            for path in sorted(stage.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }
    return files.put(target, files.zipped(members))


@contextmanager
def _named_as_in(out: Path, stage: Path) -> Iterator[None]:
    """A refusal of a file that was copied names the run's own."""
    try:
        yield
    except InputError as error:
        if error.path is None or not (own := Path(error.path)).is_relative_to(stage):
            raise
        named = out / own.relative_to(stage)
        raise InputError(error.message, path=named, line=error.line) from None


def _hide(stage: Path, held: Mapping[str, str]) -> None:
    """Take the words of reports held back out of bundles, and out of what notebooks showed."""
    for record in sorted(stage.glob("*/*/provenance.json")):
        if heldback.bundle(record.parent, held):
            for path in record.parent.parent.glob("*.ipynb"):
                heldback.notebook(path)


def _fill(stage: Path, rows: list[dict[str, str]]) -> None:
    """Add what is made for reading, and take the notebooks away."""
    units = [stage / row["unit"] for row in rows]
    langs = [page.lang_of(row, stage, "zh") for row in rows]
    records = [*stage.glob("*/*/provenance.json")]
    titles = provenance.read(sorted(records)[0].parent)["study"]["title"]
    named = []
    for unit, row, lang in zip(units, rows, langs, strict=True):
        notebook = unit / f"{row['notebook']}.ipynb"
        named.append({**row, "title": page.title(notebook, lang)})
        if notebook.exists():
            brief.write(unit, lang)
    (stage / "brief.docx").write_bytes(brief.docx(units, langs[0]))
    for record in records:
        office.xlsx(record.parent)
        office.latex(record.parent)
    for notebook in stage.glob("*/*.ipynb"):
        notebook.unlink()
    page.index(stage, named, title=titles, lang=langs[0])


def clean(stage: Path, private: set[Path]) -> None:
    """Put its last name in the place of each path of this machine, in every text.

    Records say which tables that changed (`provenance.restate`), as masking may have.

    private : folders and files whose path is to go, beside those that everybody has.
    """
    private = {*private, stage, Path(sys.prefix), Path.cwd().resolve(), Path.home().resolve()}
    for path in (path for path in stage.rglob("*") if path.suffix in _TEXTS):
        found = text = path.read_bytes().decode("utf-8", "surrogateescape")
        for folder in sorted(private, key=lambda one: (-len(str(one)), str(one))):
            for said in {str(folder), folder.as_posix(), json.dumps(str(folder))[1:-1]}:
                if len(folder.parts) > 1:
                    text = re.sub(rf"(?<![\w.]){re.escape(said)}(?![\w-])", folder.name, text)
        text = _FOLDER.sub(lambda one: re.split(r"[\\/]", one[0].rstrip("\\/"))[-1], text)
        if text != found:
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for record in stage.rglob("provenance.json"):
        provenance.restate(record.parent)


def named(parameters: Iterable[Mapping[str, Any]]) -> set[Path]:
    """The files that parameters name by their whole path."""
    every = (one for values in parameters for one in provenance.named_files(dict(values)))
    return {Path(one) for one in every if Path(one).is_absolute()}

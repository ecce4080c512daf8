"""Commands that draw and that handle what was drawn.

report, render, lab, figure, share, replicate, diff.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.kit import InputError, files

from .common import (
    DONE,
    FAILED,
    PRESETS,
    REPORTS,
    Command,
    count,
    opened,
    output,
    put,
    stoppable,
)

if TYPE_CHECKING:
    from analysis.batch import units

_DIFFERS = "what changed between two runs, or codes by two codebooks; status 1 if anything did"
_DATA = 'data: str = \\"data\\"  #'
"""The line of a notebook that names its study."""

_CELL = 3600  # seconds that a cell has unasked: one that hangs ends at last
_EACH = 100  # reports of a corpus that are each rendered unasked


def _batch_flags(*commands: argparse.ArgumentParser) -> None:
    """How a batch runs, and what it writes."""
    for one in commands:
        one.add_argument("--jobs", type=count, metavar="N", help="units at a time (at most 4)")
        one.add_argument("--force", action="store_true", help="render what is up to date too")
        said = f"seconds a cell may take (default: {_CELL})"
        one.add_argument("--timeout", type=count, default=_CELL, metavar="S", help=said)
        on_failure = one.add_mutually_exclusive_group()
        on_failure.add_argument("--keep-going", action="store_true", help="the default")
        on_failure.add_argument(
            "--fail-fast", action="store_true", help="start no more units once one failed"
        )
        one.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR")
        one.add_argument("--preset", help=PRESETS)
        one.add_argument(
            "--lang", choices=("zh", "en"), help="of figures and reports (default: zh)"
        )
        one.set_defaults(kinds=[])
        for kind in ("pdf", "docx"):
            text = f"a {kind} report of each notebook too"
            one.add_argument(
                f"--{kind}", action="append_const", dest="kinds", const=kind, help=text
            )


def _report(options: argparse.Namespace) -> int:
    from analysis.batch import units

    sets = [("report", _look(options))]
    return _run_units(units.plan(units.NOTEBOOKS, sets, options.data), options)


def _render(options: argparse.Namespace) -> int:
    from analysis.batch import render, units

    if options.help_parameters:
        print(units.described(options.help_parameters))
        return DONE
    notebooks = options.notebook or units.NOTEBOOKS
    asked = units.chosen(options.reports)
    if options.params:
        sets = units.read_sets(options.params)
        notebooks = options.notebook or units.notebooks_of(options.params)
        if asked or options.each:
            sets = [one for place, values in sets for one in _chosen(place, values, options, asked)]
    else:
        study = opened(options, asked)
        ids, each = study.reports["report_id"], options.each
        if study.is_corpus and len(ids) > _EACH and not each:
            said = (
                f"is a corpus, and {len(ids):,} reports are wanted; `--each none` draws them "
                "together, `--reports 'year=2022'` some of them, `--each year` each year's."
            )
            raise InputError(said, path=Path(options.data))
        one_each = any(units.takes(name, "reports") for name in notebooks)
        sets = units.each(study, each or "report", asked) if one_each else []
        if len(sets) != 1:  # years, regions and intervals need them together
            sets.insert(0, ("reports.csv", {"reports": asked} if asked else {}))
    sets = [(place, _look(options) | values) for place, values in sets]
    of_all = (
        [] if options.params or options.each else [*filter(units.TOGETHER.__contains__, notebooks)]
    )
    planned = units.plan(of_all, sets[:1], options.data) if of_all else []
    if of_each := [name for name in notebooks if name not in of_all]:
        planned += units.plan(of_each, sets, options.data)
    if options.only_failed:
        planned = render.failed(planned, options.out)
    return _run_units(planned, options)


def _chosen(
    place: str, values: dict[str, Any], options: argparse.Namespace, asked: list[str]
) -> list[tuple[str, dict[str, Any]]]:
    """A set of a parameter file for the reports of the command line, together or for each."""
    from analysis.batch import units
    from analysis.study import Study

    if "reports" in values:
        said = "names reports; leave them out here, or leave out --reports and --each."
        raise InputError(f"{place}: {said}")
    own: list[tuple[str, dict[str, Any]]] = [(place, {"reports": asked} if asked else {})]
    if options.each:
        study = Study(str(values.get("data", options.data)), asked)
        own = units.each(study, options.each, asked) or own
    return [(place, values | chosen) for _, chosen in own]


def _look(options: argparse.Namespace) -> dict[str, str]:
    """Preset and language as a notebook's parameters, if they were asked for."""
    given = {"preset": options.preset, "lang": options.lang}
    return {name: value for name, value in given.items() if value}


def _run_units(units: Sequence[units.Unit], options: argparse.Namespace) -> int:
    from analysis.batch import render
    from analysis.study import Study

    study = Study(options.data)
    how = {name: getattr(options, name) for name in ("kinds", "force", "timeout", "fail_fast")}
    how["jobs"] = options.jobs or render.jobs()
    with stoppable():
        results = render.run(units, options.out, title=study.title, lang=study.lang, **how)
    print(render.summary(results, options.out, len(units) - len(results)))
    return FAILED if any(row["status"] != "done" for row in results) else DONE


def _own_notebook(bundled: Path, data: str) -> Path:
    """A copy of a notebook in the study, in a folder that no repository takes up; kept if there."""
    from analysis.study import Study

    study = Study(data).path.resolve()
    own = os.access(study, os.W_OK)
    notebook = (study if own else Path.cwd()) / "notebooks" / bundled.name
    if not notebook.exists():
        told = json.dumps(study.name if own else str(study), ensure_ascii=False)
        text = bundled.read_text("utf-8")
        files.put(notebook.with_name(".gitignore"), "*\n")
        files.put(notebook, text.replace(_DATA, f"data: str = {json.dumps(told)[1:-1]}  #"))
        print(f"copied {bundled.name} to {notebook}", file=sys.stderr)
    return notebook


def _lab(options: argparse.Namespace) -> int:
    from analysis.batch import units

    root = os.name == "posix" and os.geteuid() == 0
    if root and "--allow-root" not in options.arguments:
        raise InputError("JupyterLab runs as root only if asked: gongbao lab -- --allow-root")
    notebook = _own_notebook(units.find_notebook("explore"), options.data)
    here = f"--ServerApp.root_dir={Path.cwd()}"  # else the study and its figures are out of sight
    if not notebook.is_relative_to(Path.cwd()):
        here = f"--ServerApp.root_dir={notebook.parents[2]}"
    command = [sys.executable, "-m", "jupyterlab", str(notebook), here, *options.arguments]
    if os.name == "posix":  # in our place, so that whoever ends us ends the server and its kernels
        os.execv(sys.executable, command)
    return subprocess.call(command)


def _figure(options: argparse.Namespace) -> int:
    from analysis.batch import remake

    made = remake.figure(
        options.bundle,
        out=options.out,
        data=options.data,
        tiff=options.tiff,
        preset=options.preset or "",
    )
    print(made)
    return DONE if made.same else FAILED


def _share(options: argparse.Namespace) -> int:
    from analysis.batch import share

    print(share.share(options.dir, options.output or Path(f"{options.dir.resolve().name}.zip")))
    return DONE


def _replicate(options: argparse.Namespace) -> int:
    from analysis.batch import proof, replicate

    if options.verify and options.draw:
        raise InputError("--verify and --draw do not go together.")
    if not options.verify and (options.present or options.into):
        raise InputError("--present and --into go with --verify.")
    if options.table and (options.verify or options.draw):
        raise InputError("--table goes without --verify: it is packed.")
    if options.draw:
        with stoppable():
            rows = proof.draw(options.path, options.output or Path(proof.OUTPUT), options.jobs or 0)
        return FAILED if any(row["status"] != "done" for row in rows) else DONE
    if options.verify:
        if options.output:
            raise InputError(f"-o {options.output}: goes without --verify; --into names a folder.")
        how = {"present": options.present, "out": options.into, "jobs": options.jobs or 0}
        with stoppable():
            found = proof.verify(options.path, **how)
        print(found)
        return DONE if found.right else FAILED
    target = options.output or Path(f"{options.path.resolve().name}-replication.zip")
    print(replicate.pack(options.path, target, options.table))
    return DONE


def _diff(options: argparse.Namespace) -> int:
    from analysis.batch import difference

    if options.run_a.is_file() or options.run_b.is_file():
        return _books_differ(options)
    if options.output:
        raise InputError(f"-o {options.output}: goes with two codebooks, BOOK_A.yaml BOOK_B.yaml.")
    found = difference.compare(options.run_a, options.run_b)
    print(found)
    return DONE if found.same else FAILED


def _books_differ(options: argparse.Namespace) -> int:
    """Two codebooks on the study's sentences."""
    from analysis.themes import Codebook, versions

    books = [Codebook.load(path) for path in (options.run_a, options.run_b)]
    sentences = opened(options).sentences
    found = versions.changed(sentences, *books)
    if options.output:
        put(found, options.output, "changed")
    else:
        print(versions.said(found, len(sentences)))
    return FAILED if len(found) else DONE


def commands(command: Command) -> None:
    """Their names and flags."""
    report = command("report", _report, "render the three notebooks → figures/index.html")
    render = command("render", _render, "render notebooks for parameter sets")
    render.add_argument("params", nargs="?", type=Path, metavar="PARAMS.csv|.yaml")
    render.add_argument("--notebook", action="append", default=[], metavar="NAME")
    render.add_argument(
        "--reports", action="append", default=[], metavar="CONDITIONS", help=REPORTS
    )
    render.add_argument(
        "--each",
        choices=("report", "region", "province", "level", "year", "none"),
        help="what is drawn by itself as well (default: each report; none for notebooks that "
        "hold reports against each other)",
    )
    render.add_argument(
        "--only-failed", action="store_true", help="render again what failed the last time"
    )
    render.add_argument(
        "--help-parameters", metavar="NOTEBOOK", help="what a notebook takes, and nothing else"
    )
    _batch_flags(report, render)

    command("lab", _lab, "open JupyterLab on the study's own copy of explore.ipynb").add_argument(
        "arguments", nargs="*", metavar="ARG", help="passed on to JupyterLab, after --"
    )

    figure = command("figure", _figure, "remake a figure from its provenance.json")
    figure.add_argument("bundle", type=Path, metavar="BUNDLE")
    figure.add_argument("--out", type=Path, default=Path("remade"), metavar="DIR")
    figure.add_argument("--preset", help=PRESETS)
    figure.add_argument("--tiff", action="store_true", help="write figure.tiff too (600 dpi)")

    share = command("share", _share, "one zip of a run for a co-author without Python")
    share.add_argument("dir", type=Path, metavar="DIR")
    share.add_argument("-o", "--output", type=Path, metavar="FILE.zip")

    said = "the package that a journal asks for; --verify draws all of it again and compares"
    replicate = command("replicate", _replicate, said)
    replicate.add_argument("path", type=Path, metavar="RUN|PACKAGE")
    replicate.add_argument("-o", "--output", type=Path, metavar="FILE.zip")
    said = "a table that the article uses beside the figures, such as a panel; again for more"
    replicate.add_argument(
        "--table", action="append", default=[], type=Path, metavar="FILE", help=said
    )
    said = "unpack PACKAGE (or use its folder), set up from its lock, draw, compare; runs its code"
    replicate.add_argument("--verify", action="store_true", help=said)
    said = "with --verify: in this Python with its packages, not one made from the lock"
    replicate.add_argument("--present", action="store_true", help=said)
    said = "with --verify: the empty folder to unpack into, which stays"
    replicate.add_argument("--into", type=Path, metavar="DIR", help=said)
    replicate.add_argument("--draw", action="store_true", help=argparse.SUPPRESS)
    replicate.add_argument(
        "--jobs", type=count, metavar="N", help="notebooks at a time (at most 4)"
    )

    diff = command("diff", _diff, _DIFFERS)
    diff.add_argument("run_a", type=Path, metavar="RUN_A|BOOK_A.yaml")
    diff.add_argument("run_b", type=Path, metavar="RUN_B|BOOK_B.yaml")
    output(diff)

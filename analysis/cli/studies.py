"""Commands on a study and its texts: new, add, check, clean, table, restore, trace."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from analysis.kit import InputError, ProblemsError, safe

from .common import (
    DONE,
    FAILED,
    REPORTS,
    TABLE_NAMES,
    Command,
    codebook,
    coder,
    opened,
    output,
    put,
    restoring,
    tell_bundled,
)

_MARK = re.compile(r"(.+)#(r[1-9]\d*)")
"""A mark of a figure, as `trace` takes it."""


def commands(command: Command) -> None:
    """Their names and flags."""
    new = command("new", _new, "make a study of one's own")
    new.add_argument("dir", type=Path)
    said = "bundled codebooks to copy, the first being the study's (default: all)"
    new.add_argument("--codebooks", default="", metavar="ID,ID", help=said)
    new.add_argument(
        "--design",
        choices=("census", "sample"),
        help="whether its reports are all that there are, or a sample drawn from them",
    )

    add = command("add", _add, "take reports into the study; says what it understood")
    add.add_argument(
        "files", nargs="+", type=Path, metavar="FILE|FOLDER|TABLE", help="tables: a report a row"
    )
    add.add_argument("--id", default="", help="the report's id (one report only)")
    add.add_argument("--region", default="", help="for example 厦门市")
    add.add_argument("--level", default="", help="nation, province, city or county")
    add.add_argument("--issuer", default="", help="who issued it, if not the government")
    add.add_argument("--year", type=int, help="the year reported on")
    add.add_argument("--year-given", type=int, help="the year in the title")
    add.add_argument("--published", default="", metavar="DATE", help="such as 2023-01-31")
    add.add_argument("--url", default="", help="where it was found")
    for what in ("text", "region", "year", "title"):
        add.add_argument(f"--{what}-column", default="", metavar="NAME", help="of a table")
    add.add_argument(
        "--link",
        action="store_true",
        help="files stay where they are; the study has their paths and sha256",
    )
    restoring(add, "", "simplified", "kept")

    command("check", _check, "list what in the study does not hold together")
    command("clean", _clean, "take the store away, from which derived tables are read")
    restore = command("restore", _restore, "print a file's restored text")
    restore.add_argument("file", type=Path)
    restore.add_argument("--edits", type=Path, metavar="CSV", help="write the record of changes")
    restore.add_argument("--html", type=Path, metavar="FILE", help="raw and restored side by side")
    restore.add_argument(
        "--strict", action="store_true", help="status 1 if any place is unresolved"
    )
    restoring(restore, "auto", "simplified", "keep")

    table = command("table", _table, "print a table as CSV, or write it to a file")
    table.add_argument("name", help=", ".join(TABLE_NAMES))
    output(table)
    table.add_argument("--engine", default="jieba", help="what cuts text into words (terms)")
    codebook(table)
    coder(table)
    table.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)

    trace = command("trace", _trace, "the way from a name or a mark back to the raw files")
    trace.add_argument("id", metavar="ID", help="sentence, report, theme, indicator, word, DIR#r3")
    trace.add_argument("--all", action="store_true", help="show all, not the first 20")


def _new(options: argparse.Namespace) -> int:
    from analysis.study import catalogue

    catalogue.refuse_used(options.dir)
    design = options.design or ""
    if options.design is None and sys.stdin.isatty() and sys.stderr.isatty():
        print("Will its reports be all that there are of their kind (census), or", file=sys.stderr)
        print("a sample drawn from them? [census, sample, empty: not stated]", file=sys.stderr)
        design = sys.stdin.readline().strip().lower()
        if design not in ("", *catalogue.DESIGNS):
            raise InputError(f"{design!r} is neither census nor sample; nothing was made.")
    catalogue.new(options.dir, design, _ids(options.codebooks))
    print(f"{options.dir} is a study; say its title in {options.dir / 'study.yaml'}, then:")
    print(f"gongbao add FILE… --data {options.dir}")
    return DONE


def _ids(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _add(options: argparse.Namespace) -> int:
    from analysis.text import Columns

    study = opened(options, writes=True)
    named = ("region", "level", "issuer", "year", "year_given", "published", "url", "script")
    said = {name: getattr(options, name) for name in named}
    columns = Columns(
        **{what: getattr(options, f"{what}_column") for what in ("text", "region", "year", "title")}
    )
    added = study.add(
        *options.files,
        report_id=options.id,
        columns=columns,
        keep=options.keep,
        link=options.link,
        **said,
    )
    print("\n".join(added.lines))
    if added.problems:
        raise ProblemsError(added.problems)
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from analysis import tables
    from analysis.kit import put
    from analysis.reading import reports
    from analysis.restore import restore

    source = reports.read(options.file)
    restored = restore(source.text, script=options.script, keep=options.keep)
    if source.scan:
        restored = source.scan.marked(restored)
    for said in ([source.scan.said()] if source.scan else []) + [*source.unread]:
        print(safe(f"{options.file}: {said}"), file=sys.stderr)
    sys.stdout.write(restored.text)
    if options.edits:
        tables.write(tables.edits({options.file.stem: restored.edits}), options.edits)
    if options.html:
        from analysis.kit import html
        from analysis.restore import restored_html

        put(options.html, html.with_font(restored_html(restored, options.file.name)))
        print(f"raw and restored side by side → {options.html}", file=sys.stderr)
    for problem in restored.problems(options.file):
        print(safe(problem), file=sys.stderr)
    return FAILED if options.strict and restored.unresolved else DONE


def _table(options: argparse.Namespace) -> int:
    by = {"codebook": options.codebook, "coder": options.coder}
    study = opened(options, options.reports, engine=options.engine, **by)
    frame = study.table(options.name)
    return put(frame, options.output, options.name)


def _trace(options: argparse.Namespace) -> int:
    from analysis.study import Study, trace

    limit, mark = None if options.all else 20, _MARK.fullmatch(options.id)
    if not mark:
        print(trace(opened(options), options.id, limit=limit))
        return DONE
    figure = Path(mark[1])
    own = _beside(figure) if options.data == "data" else None
    study = Study(own or options.data)
    bundled = own is None and study.path != Path(options.data)
    try:
        said = trace(study, options.id, limit=limit)
    except ProblemsError:
        if not bundled:
            raise
        raise InputError(_alone(figure, mark[2]), path=figure) from None
    if bundled:
        tell_bundled(options)
    print(said)
    return DONE


def _beside(figure: Path) -> Path | None:
    """The study beside a figure, as in a replication package: `data`, up to three folders above."""
    own = (folder / "data" for folder in figure.resolve().parents[:3])
    return next((one for one in own if (one / "study.yaml").is_file()), None)


def _alone(figure: Path, row: str) -> str:
    """What to do with a mark of a figure whose study is not here."""
    page = (figure / "evidence.html").is_file()
    said = f"evidence.html#{row} in this folder shows the sentences" if page else ""
    said = said or f"hits.csv in this folder has what row {row[1:]} counts"
    return f"{said}; to trace further, unpack the replication package and trace the figure there."


def _check(options: argparse.Namespace) -> int:
    study = opened(options)
    found = [*dict.fromkeys(study.problems())]
    print("\n".join(found) or "everything holds together.")
    for said in study.recognised():
        print(safe(said))
    if not study.is_corpus:
        print(f"{study.store} (derived tables; `gongbao clean` deletes them)", file=sys.stderr)
    return FAILED if found else DONE


def _clean(options: argparse.Namespace) -> int:
    store = opened(options).store
    said = f"{store} deleted; what is asked for is made again."
    store.clear()
    print(said)
    return DONE

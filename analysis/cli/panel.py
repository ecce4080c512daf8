"""The command `panel`: region × year × topic with its codebook, ready for a regression."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from analysis.kit import InputError

from .common import DONE, REPORTS, Command, opened, put


def commands(command: Command) -> None:
    """Its name and flags."""
    panel = command("panel", _panel, "region × year × topic, ready for a regression")
    ending = "FILE.dta|.parquet|.csv|.xlsx"
    panel.add_argument(
        "-o", "--output", type=Path, metavar=ending, help="with a codebook beside it"
    )
    said = "themes (default), groups, a codebook's id, or a file of words (.txt, .yaml)"
    panel.add_argument("--topics", default="", metavar="themes|groups|ID|FILE", help=said)
    said = "words, each a topic of its own, with commas between"
    panel.add_argument("--terms", nargs="+", default=[], metavar="WORD,WORD", help=said)
    panel.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)
    panel.add_argument("--level", default="", help="nation, province, city or county")
    panel.add_argument("--by", choices=["part"], help="a row for each part of a report")
    panel.add_argument("--wide", action="store_true", help="a column for each topic")
    said = "whether headings are counted (default: in)"
    panel.add_argument("--headings", choices=["in", "out"], default="in", help=said)
    panel.add_argument("--engine", default="jieba", help="what cuts text into words (N_tokens)")
    said = "their outcomes and targets beside it"
    panel.add_argument("--indicators", default="", metavar="ID,ID", help=said)
    said = "a table of yours (region_code or region_id, and year) beside it"
    panel.add_argument("--merge", type=Path, metavar="FILE.csv|.xlsx", help=said)
    said = "write how far other choices tell the same"
    panel.add_argument("--robust", type=Path, metavar="FILE.csv", help=said)
    panel.add_argument("--lang", choices=["zh", "en"], help="of the labels (default: the study's)")
    said = "13: no Chinese in the .dta"
    panel.add_argument("--stata", type=int, choices=[13, 14], default=14, help=said)


def _panel(options: argparse.Namespace) -> int:
    from analysis import tables
    from analysis.panel import joins, panel, panelbook, robust

    if options.output:
        panelbook.refuse_suffix(options.output)
    if options.robust and options.robust.suffix.lower() != ".csv":
        raise InputError(f"--robust {options.robust}: the name must end in .csv.")
    if options.stata == tables.stata.OLD and (options.output or Path()).suffix.lower() != ".dta":
        raise InputError("--stata 13 is a kind of .dta file; name one with -o FILE.dta.")
    if options.merge:
        joins.read(options.merge)  # what is wrong there is told before any work begins
    conditions = [f"level={options.level}"] if options.level else []
    study = opened(options, [*options.reports, *conditions], engine=options.engine)
    made = panel.build(
        study,
        options.topics,
        terms=options.terms,
        by_part=options.by == "part",
        headings=options.headings,
        indicators=[one.strip() for one in options.indicators.split(",") if one.strip()],
    )
    table = made.wide() if options.wide else made.table
    if options.merge:
        table = made.merge(table, options.merge)
    made.say()
    if options.output is None:
        put(table, None, "panel")
    else:
        how = {"lang": options.lang or study.lang, "stata": options.stata}
        written = panelbook.write(study, made, table, options.output, **how)
        print(f"{len(table)} rows → {', '.join(map(str, written))}", file=sys.stderr)
    if options.robust:
        how = {"by_part": made.by_part, "headings": made.headings}
        tables.write(robust.robust(study, made.topics, **how), options.robust)
        print(f"other choices → {options.robust}", file=sys.stderr)
    return DONE

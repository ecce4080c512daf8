"""The command `reuse`: passages that reports share, formulae, shares."""

from __future__ import annotations

import argparse
import sys

from .common import REPORTS, Command, count, opened, output, put

_WHAT = ("passages", "formulae", "shares")


def commands(command: Command) -> None:
    """Its name and flags."""
    reuse = command("reuse", _reuse, "passages that reports share: who said it first")
    said = "passages (default): a row each two reports; formulae; or shares of each report"
    reuse.add_argument("--what", choices=_WHAT, default="passages", help=said)
    said = "shares by report (default), region, year, part, section or topic"
    reuse.add_argument("--by", default="report", help=said)
    reuse.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)
    for name, told in (
        ("formula_regions", "a formula stands in reports of so many regions (default: 5)"),
        ("formula_years", "and of so many years (default: 2)"),
        ("formula_lasting", "or of so many years, of whichever regions (default: 10)"),
        ("least", "characters that a passage shares at least (default: 24)"),
        ("sure", "rare ones among them that tell a copy; 0: all are told as copies (default: 8)"),
    ):
        reuse.add_argument(
            f"--{name.replace('_', '-')}",
            type=count if name != "sure" else int,
            default=argparse.SUPPRESS,
            help=told,
        )
    output(reuse)


def _reuse(options: argparse.Namespace) -> int:
    names = ("formula_regions", "formula_years", "formula_lasting", "least", "sure")
    given = {name: getattr(options, name) for name in names if hasattr(options, name)}
    found = opened(options, options.reports).reuse(**given)
    if options.what == "shares":
        table = found.shares(options.by).table
    else:
        table = found.formulae if options.what == "formulae" else found.table
    for sentence in found.said:
        print(sentence, file=sys.stderr)
    return put(table, options.output, options.what)

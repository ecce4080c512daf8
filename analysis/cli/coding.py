"""Coding by several people: coding assign, collect, adjudicate, agreement; coding pmc …."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.kit import InputError

from .common import DONE, REPORTS, Command, codebook, count, opened, output, put

if TYPE_CHECKING:
    from analysis.study import Study
    from analysis.themes import gold


def commands(command: Command) -> None:
    """Their names and flags."""
    coding = command("coding", None, "coding by several people: deal out, take back, decide")
    steps = coding.add_subparsers(metavar="assign|collect|adjudicate|agreement|pmc", required=True)
    study = argparse.ArgumentParser(add_help=False)
    study.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the study")
    dated = argparse.ArgumentParser(add_help=False)
    said = "the day that is kept with it (default: today)"
    dated.add_argument("--date", default="", metavar="YYYY-MM-DD", help=said)

    assign = steps.add_parser("assign", parents=[study], help="a workbook a coder")
    _assigning(assign, 0.3, "sentences")
    assign.add_argument("--n", type=count, default=100, help="sentences in all (default: 100)")
    codebook(assign)
    assign.set_defaults(run=_assign)

    collect = steps.add_parser("collect", parents=[study, dated], help="take them back")
    collect.add_argument("files", nargs="+", type=Path, metavar="FILE.xlsx")
    said = "refuse workbooks of another codebook"
    collect.add_argument("--codebook", default="", metavar="ID", help=said)
    collect.set_defaults(run=_collect)

    judge = steps.add_parser(
        "adjudicate", parents=[study, dated], help="decide what divides coders; make gold of it"
    )
    way = judge.add_mutually_exclusive_group(required=True)
    way.add_argument("-o", "--output", type=Path, metavar="FILE.xlsx", help="to decide in")
    way.add_argument("--apply", type=Path, metavar="FILE.xlsx", help="keep its decisions")
    said = "only make gold of what coders agree on"
    way.add_argument("--agreed", action="store_true", help=said)
    judge.add_argument("--coder", default="", metavar="NAME", help="with --apply: who decided")
    said = "what only one coder coded becomes gold too, marked as single"
    judge.add_argument("--singles", action="store_true", help=said)
    said = "with -o: what was decided already too"
    judge.add_argument("--again", action="store_true", help=said)
    judge.add_argument("--seed", type=int, default=1, help="with -o: another seed, another order")
    codebook(judge)
    judge.set_defaults(run=_adjudicate)

    agreement = steps.add_parser("agreement", parents=[study], help="how far coders agree")
    codebook(agreement)
    agreement.add_argument("--seed", type=int, default=0, help="of the reports drawn anew")
    output(agreement)
    agreement.set_defaults(run=_agreement)

    pmc = steps.add_parser("pmc", help="the PMC sheet: ten variables of a report, with evidence")
    own = pmc.add_subparsers(metavar="assign|collect|scores", required=True)
    assign = own.add_parser("assign", parents=[study], help="a workbook a coder")
    _assigning(assign, 1.0, "reports")
    assign.set_defaults(run=_pmc_assign)
    collect = own.add_parser("collect", parents=[study, dated], help="take them back")
    collect.add_argument("files", nargs="+", type=Path, metavar="FILE.xlsx")
    collect.set_defaults(run=_pmc_collect)
    scores = own.add_parser("scores", parents=[study], help="variables, agreement, evidence, index")
    scores.add_argument("--seed", type=int, default=0, help="of the reports drawn anew")
    output(scores)
    scores.set_defaults(run=_pmc_scores)


def _assigning(command: argparse.ArgumentParser, overlap: float, what: str) -> None:
    """What dealing out asks for."""
    command.add_argument("--coders", required=True, metavar="A,B", help="who codes")
    said = f"the share of the {what} that all coders get (default: {overlap:g})"
    command.add_argument("--overlap", type=float, default=overlap, metavar="SHARE", help=said)
    command.add_argument("--seed", type=int, default=1, help="another seed, another draw")
    command.add_argument("--wave", type=count, default=1, metavar="N", help="of coding (1)")
    command.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)
    command.add_argument("-o", "--output", type=Path, required=True, metavar="FOLDER")


def _assign(options: argparse.Namespace) -> int:
    from analysis.themes import handcodes, workflow

    study = opened(options, options.reports, codebook=options.codebook)
    how = {"n": options.n, "seed": options.seed, "codebook": study.book}
    drawn = handcodes.sample(study.sentences, study.sha256, **how)
    named = study.book, study.codebook.version
    asked = drawn, workflow.SENTENCES, workflow.meanings(study.codebook)
    done = _deal(options, asked, named, "sentence_id", "coding collect")
    if len(drawn) < options.n:
        print(f"there are {len(drawn)} sentences, not {options.n}.", file=sys.stderr)
    return done


def _deal(
    options: argparse.Namespace,
    asked: tuple[Any, Any, Any],
    named: tuple[str, str],
    unit: str,
    then: str,
) -> int:
    """Write what is asked into a workbook a coder, and say who got how much.

    asked : what is to be coded, its sheet, and what its codes mean; named : codebook and version.
    """
    from analysis.themes import workflow

    plan = workflow.assign(
        *asked,
        options.output,
        unit=unit,
        about=dict(zip(("wave", "codebook", "version"), (options.wave, *named), strict=True)),
        coders=workflow.coders_of(options.coders),
        overlap=options.overlap,
        seed=options.seed,
    )
    what, total, shared = f"{unit.removesuffix('_id')}s", plan["units"], plan["shared"]
    print(f"{total} {what}: {shared} go to all coders, {total - shared} to one each.")
    for coder, got in plan["coders"].items():
        print(f"{options.output / got['file']}: {got['units']} {what} for {coder}")
    print(f"{options.output / 'plan.json'} says how; take the filled workbooks back with")
    print(f"gongbao {then} {options.output}/*.xlsx{_where(options)}")
    return DONE


def _where(options: argparse.Namespace) -> str:
    return "" if options.data == "data" else f" --data {options.data}"


def _day(options: argparse.Namespace) -> str:
    from analysis.tables import judged

    try:
        return judged.dated(options.date) or dt.date.today().isoformat()
    except ValueError as error:
        raise InputError(f"--{error}") from None


def _collect(options: argparse.Namespace) -> int:
    from analysis.themes import Codebook, workflow

    study = opened(options, writes=True)
    known: dict[str, Codebook] = {}

    def book(name: str) -> Codebook:
        return known.setdefault(name, study.under(name).codebook)

    kept = study.path / workflow.CODES
    judge = workflow.judge(book, study.sha256, options.codebook)
    how = {"decided_on": _day(options)}
    made = workflow.collect(options.files, workflow.SENTENCES, kept, judge, **how)
    for name, held in known.items():
        for version in sorted({*workflow.taken(kept, name)["version"]} - {held.version}):
            said = f"coded by version {version} of {name}, which is at {held.version} now."
            print(f"{kept}: some is {said}", file=sys.stderr)
    return _taken(kept, made.said, made.new)


def _taken(kept: Path, said: list[str], new: int) -> int:
    print("\n".join(said))
    print(f"{kept}: {new} rows added")
    return DONE


def _adjudicate(options: argparse.Namespace) -> int:
    from analysis.themes import gold, handcodes

    study = opened(options, codebook=options.codebook, writes=not options.output)
    found = _cases(study)
    if options.output:
        how = {"seed": options.seed, "again": options.again}
        n = gold.write(found, study.codebook, options.output, **how)
        print(f"{options.output}: {n} sentences to decide about; then")
        book = f" --codebook {options.codebook}" if options.codebook else ""
        then = f"--apply {options.output} --coder NAME{book}{_where(options)}"
        print(f"gongbao coding adjudicate {then}")
        return DONE
    made = gold.settle(
        study.path,
        found,
        study.codebook,
        decided_on=_day(options),
        path=options.apply,
        coder=options.coder,
        singles=options.singles,
    )
    own = {one["coder"] for case in found for one in case.codes}
    if options.apply and options.coder in own:
        print(f"{options.coder} decided, and is one of the coders.", file=sys.stderr)
    print(f"{study.path / gold.HISTORY}: {made.decided} decided, {made.agreed} as coders agree")
    print(f"{study.path / handcodes.GOLD} holds the last word on each (`gongbao validate`)")
    return DONE


def _cases(study: Study) -> list[gold.Case]:
    """What coders gave, on its sentences; what has no place is said."""
    from analysis.themes import gold, workflow

    given = study.sentences, study.sha256, study.path / workflow.CODES
    found, lost = gold.cases(study.path, study.book, *given)
    for said in lost:
        print(said, file=sys.stderr)
    return found


def _agreement(options: argparse.Namespace) -> int:
    from analysis.themes import NONE, reliability, workflow

    study = opened(options, codebook=options.codebook)
    codes = workflow.taken(study.path / workflow.CODES, study.book)
    made = reliability.reliability(codes, [*study.codebook.ids, NONE], seed=options.seed)
    if options.output:
        return put(made.table, options.output, "agreement")
    print(made)
    return DONE


def _pmc_assign(options: argparse.Namespace) -> int:
    from analysis.themes import pmc

    study = opened(options, options.reports)
    version, meanings = pmc.questions()
    asked = pmc.asked(study.reports), pmc.SHEET, meanings
    return _deal(options, asked, (pmc.ID, version), "report_id", "coding pmc collect")


def _pmc_collect(options: argparse.Namespace) -> int:
    from analysis.themes import pmc, workflow

    study = opened(options, writes=True)
    sentences = dict(list(study.sentences.groupby("report_id")))
    kept = study.path / pmc.CODES
    judge = pmc.judge(sentences.__getitem__, study.sha256)
    made = workflow.collect(options.files, pmc.SHEET, kept, judge, decided_on=_day(options))
    return _taken(kept, made.said, made.new)


def _pmc_scores(options: argparse.Namespace) -> int:
    from analysis.themes import pmc

    study = opened(options)
    if not (study.path / pmc.CODES).exists():
        said = "no such file; `gongbao coding pmc collect` writes it."
        raise InputError(said, path=study.path / pmc.CODES)
    made = pmc.scores(study.path / pmc.CODES, study.sha256, seed=options.seed)
    if options.output:
        return put(made.reports, options.output, "pmc")
    print(made)
    return DONE

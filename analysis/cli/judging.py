"""Commands by which people judge: extract, commitments, sample, validate; segment, codebook."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.kit import InputError

from .common import (
    DONE,
    REPORTS,
    Command,
    codebook,
    coder,
    count,
    opened,
    output,
    put,
)

if TYPE_CHECKING:
    from pandas import DataFrame


def commands(command: Command) -> None:
    """Their names and flags."""
    extract = command("extract", _extract, "print the figures found, or review them in a workbook")
    extract.add_argument("reports", nargs="*", metavar="REPORT_ID|CONDITION", help=REPORTS)
    way = extract.add_mutually_exclusive_group()
    way.add_argument(
        "--review", type=Path, metavar="FILE.xlsx", help="write a workbook to decide in"
    )
    way.add_argument("--apply", type=Path, metavar="FILE.xlsx", help="read its decisions back")
    way.add_argument(
        "--values",
        action="store_true",
        help="print headline figures as rows of `indicators`, and where a report states no target",
    )
    extract.add_argument("--indicator", nargs="+", default=[], metavar="ID", help="only these")
    extract.add_argument("--year", metavar="YEAR|FROM-TO", help="only figures about these years")
    extract.add_argument(
        "--accept",
        default="",
        metavar="NAME",
        help="with --apply: sign every row without a decision as verified by NAME",
    )

    _promises(command)
    segment = command("segment", _segment, "how far the two segmentation engines agree")
    segment.add_argument("--compare", action="store_true", required=True)
    output(segment)

    sample = command("sample", _sample, "draw sentences to code by hand, without showing any code")
    sample.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.xlsx|.csv")
    sample.add_argument("--n", type=int, default=100, help="how many (default: 100)")
    sample.add_argument("--seed", type=int, default=0, help="another seed, another sample")
    codebook(sample)
    coder(sample)
    sample.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)

    validate = command("validate", _validate, "hold the codes of sentences against hand-made ones")
    validate.add_argument(
        "--against", type=Path, metavar="FILE", help="default: validation/themes.csv of the study"
    )
    validate.add_argument(
        "--with", type=Path, dest="second", metavar="FILE2", help="compare two coders' files"
    )
    codebook(validate)
    coder(validate)

    page = command("codebook", _codebook, "a codebook as a page: rules, counts, how right it is")
    page.add_argument("id", nargs="?", default="", metavar="ID", help="default: the study's")
    kinds = page.add_mutually_exclusive_group(required=True)
    for kind in ("html", "md", "csv"):
        kinds.add_argument(f"--{kind}", type=Path, metavar="FILE")
    page.add_argument("--lang", choices=("zh", "en"), default="", help="default: the study's")


def _promises(command: Command) -> None:
    said = "what plans commit to, and what became of it: the table, or a workbook to decide in"
    promises = command("commitments", _commitments, said)
    promises.add_argument("reports", nargs="*", metavar="REPORT_ID|CONDITION", help=REPORTS)
    way = promises.add_mutually_exclusive_group()
    said = "write a workbook (.xlsx, .csv): each commitment with candidates of the next report"
    way.add_argument("--review", type=Path, metavar="FILE", help=said)
    said = "deal workbooks out to --coders, into this folder"
    way.add_argument("--assign", type=Path, metavar="FOLDER", help=said)
    said = "read decisions back: they go into decisions.csv, all or none"
    way.add_argument("--apply", type=Path, nargs="+", metavar="FILE", help=said)
    way.add_argument("--agreement", action="store_true", help="how far coders agree (alpha)")
    said = "with --apply: who signs rows that name nobody (agreed: the last word over coders)"
    promises.add_argument("--coder", default="", metavar="NAME", help=said)
    promises.add_argument("--coders", default="", metavar="NAME,NAME", help="with --assign")
    said = "with --assign: the share that all get (default: 0.2)"
    promises.add_argument("--overlap", type=float, default=0.2, metavar="SHARE", help=said)
    promises.add_argument("--seed", type=int, default=0, help="another seed, another dealing")
    said = "candidates of how many later reports (default: 1)"
    promises.add_argument("--ahead", type=count, default=1, metavar="YEARS", help=said)
    output(promises)


def _commitments(options: argparse.Namespace) -> int:
    from analysis.indicators import outcomes
    from analysis.study import promises
    from analysis.themes import workflow

    study = opened(options, options.reports, writes=options.apply is not None)
    if options.agreement:
        return put(outcomes.agreement(study.decisions), options.output, "agreement")
    if options.apply:
        given = study._placed_promises.figures, study.sentences, study.sha256, study.decisions
        made = [outcomes.read(path, *given, options.coder) for path in options.apply]
        for decisions in made:
            added = study.decide(decisions)
            print(f"{added} decisions added to {study.path / 'decisions.csv'}")
        return DONE
    if not (options.review or options.assign):
        return put(study.table("commitments"), options.output, "commitments")
    open_ = promises.undecided(study, options.ahead)
    if options.assign:
        coders = workflow.coders_of(options.coders)
        dealt = outcomes.deal(open_, options.assign, coders, options.overlap, options.seed)
        for coder, (path, n) in dealt.items():
            print(f"{path}: {n} commitments for {coder}")
        return DONE
    outcomes.write(open_, options.review)
    print(f"{options.review}: {len(open_)} commitments to decide about; then")
    where = "" if options.data == "data" else f" --data {options.data}"
    print(f"gongbao commitments --apply {options.review} --coder NAME{where}")
    return DONE


def _codebook(options: argparse.Namespace) -> int:
    from analysis.pages import codebook as page

    kind = next(one for one in page.KINDS if getattr(options, one))
    study = opened(options, codebook=options.id)
    print(page.write(study, kind, getattr(options, kind), options.lang))
    return DONE


def _extract(options: argparse.Namespace) -> int:
    from analysis import tables
    from analysis.indicators import review
    from analysis.kit import must_occur

    study = opened(options, options.reports, writes=options.apply is not None)
    indicators = study.indicator_codebook.indicators
    must_occur("indicator", options.indicator, indicators)
    if options.accept and not options.apply:
        raise InputError("--accept goes with --apply FILE.xlsx: it signs what you looked through.")
    wanted = _years(options.year)
    if options.review:
        open_, names = study.undecided, study.indicator_codebook.names("zh")
        open_ = _narrowed(open_, options.indicator, wanted)
        review.write_workbook(open_, names, options.review)
        print(f"{options.review}: {len(open_)} figures to decide about")
    elif options.apply:
        given = options.apply, study.undecided, indicators, study.decisions, options.accept.strip()
        decisions = review.read_workbook(*given)
        print(f"{study.decide(decisions)} decisions added to {study.path / 'decisions.csv'}")
        kept = decisions[(decisions["decision"] != "rejected") & (decisions["key"] == "")]
        if len(kept):
            said = "without an indicator_id: kept, but no row of `gongbao table indicators`."
            print(f"{len(kept)} of them {said}", file=sys.stderr)
    else:
        frame = study.extracted if options.values else study.table("figures_found")
        tables.write(_narrowed(frame, options.indicator, wanted), sys.stdout)
    return DONE


def _years(text: str | None) -> range | None:
    """The years of `2015` or `2015-2025`; InputError for anything else."""
    if text is None:
        return None
    first, _, last = text.partition("-")
    if not (first.isdecimal() and (last or first).isdecimal()):
        raise InputError(f"--year {text}: say a year or two, such as 2015 or 2015-2025.")
    return range(int(first), int(last or first) + 1)


def _narrowed(frame: DataFrame, indicators: Sequence[str], years: range | None) -> DataFrame:
    """The figures of some indicators, and of periods that end in some years."""
    if indicators:
        frame = frame[frame["indicator_id"].isin(indicators)]
    if years is not None:
        ends = frame["period"].astype(str).str[-4:]
        frame = frame[[end.isdecimal() and int(end) in years for end in ends]]
    return frame


def _segment(options: argparse.Namespace) -> int:
    from analysis.kit import shown
    from analysis.words import segment

    study = opened(options)
    both = [segment.Segmenter(study.word_list("lexicon")[0], engine) for engine in segment.ENGINES]
    agreement, differences = segment.compare(study.sentences, *both)
    for name, value in agreement.items():
        print(f"{name}: {shown.number(value)}", file=sys.stderr)
    return put(differences, options.output, "differences")


def _sample(options: argparse.Namespace) -> int:
    from analysis.themes import handcodes

    by = {"codebook": options.codebook, "coder": options.coder}
    study = opened(options, options.reports, **by)
    how = {"n": options.n, "seed": options.seed}
    drawn = handcodes.sample(study.sentences, study.sha256, codebook=study.book, **how)
    handcodes.write_workbook(drawn, study.codebook, options.output)
    print(f"{options.output}: {len(drawn)} sentences to code; then")
    where = "" if options.data == "data" else f" --data {options.data}"
    where += f" --codebook {options.codebook}" if options.codebook else ""
    where += " --coder model" if study.model else ""
    print(f"gongbao validate --against {options.output}{where}")
    return DONE


def _validate(options: argparse.Namespace) -> int:
    study = opened(options, codebook=options.codebook, coder=options.coder)
    print(study.validate(options.against, options.second))
    if study.model and not options.second:
        print(f"\n{study.model.opinion(study.codings)}")
    return DONE

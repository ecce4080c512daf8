"""Commands on a topic's list of words: words suggest, accept, sample, precision."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .common import DONE, REPORTS, Command, count, opened


def commands(command: Command) -> None:
    """Their names and flags."""
    words = command(
        "words", None, "a topic's list of words: candidates, and how right its hits are"
    )
    steps = words.add_subparsers(metavar="suggest|accept|sample|precision", required=True)
    study = argparse.ArgumentParser(add_help=False)
    study.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the study")
    study.add_argument("--reports", nargs="+", default=[], metavar="ID|CONDITION", help=REPORTS)
    study.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.xlsx")
    judge = argparse.ArgumentParser(add_help=False)
    judge.add_argument("sheet", type=Path, metavar="FILE.xlsx", help="filled in")
    judge.add_argument("--topics", type=Path, required=True, metavar="FILE", help="your lists")
    said = "who judged, where a row does not say; model:NAME for a language model"
    judge.add_argument("--coder", default="", metavar="NAME", help=said)
    judge.add_argument("--date", default="", metavar="YYYY-MM-DD", help="when")

    suggest = steps.add_parser("suggest", parents=[study], help="words near those of a topic")
    suggest.add_argument("--terms", nargs="+", default=[], metavar="WORD,WORD", help="start here")
    suggest.add_argument("--topics", default="", metavar="FILE", help="or at a topic of yours")
    suggest.add_argument("--n", type=count, default=100, help="how many (default: 100)")
    said = "how often a candidate stands in the texts at least (default: 5)"
    suggest.add_argument("--min-n", type=count, default=5, help=said)
    suggest.set_defaults(run=_suggest)

    accept = steps.add_parser("accept", parents=[judge], help="accepted words into your list")
    accept.set_defaults(run=_accept)

    sample = steps.add_parser("sample", parents=[study], help="draw hits to read")
    sample.add_argument("--topics", required=True, metavar="themes|groups|FILE")
    sample.add_argument("--n", type=count, default=50, help="of each topic (default: 50)")
    sample.add_argument("--seed", type=int, default=1, help="another seed, another sample")
    sample.set_defaults(run=_sample)

    precision = steps.add_parser("precision", parents=[judge], help="how many hits are right")
    precision.set_defaults(run=_precision)
    for step in (suggest, accept, sample, precision):
        step.add_argument("--topic", default="", metavar="NAME", help="one topic of the file")


def _suggest(options: argparse.Namespace) -> int:
    from analysis.panel import wordlist
    from analysis.tables import judged

    judged.blank(options.output, "decision")
    study = opened(options, options.reports)
    made = wordlist.suggest(
        study,
        options.topics,
        options.topic,
        terms=options.terms,
        n=options.n,
        min_n=options.min_n,
    )
    wordlist.write(made.table, options.output)
    _say(made.said)
    print(f"{options.output}: {len(made.table)} candidates; write accept or reject, then")
    topic = f" --topic {options.topic}" if options.topic else ""
    print(f"gongbao words accept {options.output} --topics {options.topics or 'FILE'}{topic}")
    return DONE


def _accept(options: argparse.Namespace) -> int:
    from analysis.panel import wordlist

    who = {"coder": options.coder, "date": options.date}
    made = wordlist.accept(options.sheet, options.topics, options.topic, **who)
    _say(made.said)
    added = f": {', '.join(made.words)}" if made.words else ""
    print(f"{options.topics}: {len(made.words)} words added{added}; {len(made.rejected)} rejected")
    return DONE


def _sample(options: argparse.Namespace) -> int:
    from analysis.panel import precision
    from analysis.tables import judged

    judged.blank(options.output, "right")
    study = opened(options, options.reports)
    how = {"n": options.n, "seed": options.seed}
    drawn = precision.sample(study, options.topics, options.topic, **how)
    precision.write(drawn, options.output)
    print(f"{options.output}: {len(drawn)} hits to read; write yes, no or unsure, then")
    print(f"gongbao words precision {options.output} --topics {options.topics}")
    return DONE


def _precision(options: argparse.Namespace) -> int:
    from analysis.panel import precision

    who = {"coder": options.coder, "date": options.date}
    made = precision.read(options.sheet, options.topics, options.topic, **who)
    _say(made.said)
    print("\n".join(precision.listed(made.table)))
    return DONE


def _say(said: list[str]) -> None:
    for sentence in said:
        print(sentence, file=sys.stderr)

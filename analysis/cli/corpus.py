"""Commands on very many reports: corpus build, corpus query."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from .common import (
    DONE,
    FAILED,
    QUERIES,
    Command,
    codebook,
    count,
    output,
    put,
)

_TERM = "for rates and concordance: 法治, '法治|法制', '数字*', '/第.批/', topic:NAME"


def commands(command: Command) -> None:
    """What is done with very many reports."""
    both = command("corpus", None, "very many reports: build their tables, ask them")
    steps = both.add_subparsers(metavar="build|query", required=True)

    build = steps.add_parser("build", help="sources → Parquet shards, taken up where it was left")
    build.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="folder (with reports.csv or without), glob, URL; CSV, JSONL, Parquet with `text`",
    )
    build.add_argument("--out", type=Path, required=True, metavar="DIR")
    build.add_argument("--jobs", type=count, default=os.cpu_count(), metavar="N")
    build.add_argument("--engine", default="rjieba", help="jieba or rjieba (default, faster)")
    build.add_argument("--codebooks", type=Path, metavar="STUDY", help="whose codebooks to copy")
    build.add_argument("--cluster", metavar="ADDRESS", help="of a Dask scheduler, to work there")
    build.set_defaults(run=_corpus_build)

    query = steps.add_parser("query", help="ask a corpus; the answer is a table")
    query.add_argument("corpus", type=Path, metavar="DIR")
    query.add_argument("what", choices=QUERIES, metavar="WHAT", help=", ".join(QUERIES))
    query.add_argument("terms", nargs="*", metavar="TERM", help=_TERM)
    query.add_argument("--slice", default="", help="such as 'province=福建省;year=2021|2022'")
    query.add_argument(
        "--against",
        default="rest",
        help="keyness: a slice, reference, or rest: all others (default)",
    )
    query.add_argument(
        "--within", default="", metavar="SLICE", help="keyness: both sides are of it, say year=2022"
    )
    query.add_argument(
        "--stopwords", action="store_true", help="hide stop words' rows; counts stay as they are"
    )
    query.add_argument("--dispersion", action="store_true", help="keyness: dp of both sides too")
    query.add_argument(
        "--min-n",
        type=count,
        default=1,
        metavar="N",
        help="keyness: tokens a word needs on both sides together; from 10"
        " on, provinces and years are answered in a fraction of the time",
    )
    query.add_argument("--by", nargs="+", default=[], metavar="COLUMN", help="rates, coverage")
    codebook(query)
    query.add_argument("--regions", nargs="+", default=[], metavar="REGION", help="for panel")
    query.add_argument("--top", type=count, metavar="N", help="the first rows only")
    output(query)
    query.set_defaults(run=_corpus_query)


def _corpus_build(options: argparse.Namespace) -> int:
    from analysis.study import build, workers

    how = {"engine": options.engine, "jobs": options.jobs, "codebooks": options.codebooks}
    if options.cluster:
        with workers.cluster(options.cluster) as executor:
            built = build.build(options.sources, options.out, executor=executor, **how)
    else:
        built = build.build(options.sources, options.out, **how)
    print(built.said(options.out))
    return FAILED if len(built.failures) else DONE


def _corpus_query(options: argparse.Namespace) -> int:
    from analysis.study import query

    named = (
        *("terms", "slice", "against", "within", "stopwords", "dispersion", "by", "regions"),
        *("min_n", "top", "codebook"),
    )
    frame = query.answer(
        options.corpus, options.what, **{name: getattr(options, name) for name in named}
    )
    asked = options.terms if options.what in ("rates", "concordance") else []
    for said in query.as_text(options.corpus, asked):
        print(said, file=sys.stderr)
    for said in query.not_found(options.corpus, asked, frame):
        print(said, file=sys.stderr)
    if options.what == "concordance" and options.top is None and len(frame) >= query.LINES:
        print(f"the first {query.LINES} lines of each term; --top N gives more.", file=sys.stderr)
    return put(frame, options.output, options.what)

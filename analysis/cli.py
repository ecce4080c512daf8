"""The command `gongbao`: words in, calls to the package, sentences and exit statuses out.

Exit status: 0 done; 1 done, but something failed, differs or stayed unresolved under --strict;
2 input or usage refused; 130 interrupted.

Past 400 lines because each command and each of its flags is a line or two here.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from analysis import __version__
from analysis.errors import GongbaoError, InputError, ProblemsError, fault, safe

if TYPE_CHECKING:
    from pandas import DataFrame

    from analysis.study import Study
    from analysis.units import Unit

TABLE_NAMES = (
    *("reports", "edits", "sentences", "terms", "themes", "codings"),
    *("figures_found", "indicators", "sources", "decisions", "groups", "reading"),
)
QUERIES = (
    *("frequency", "rates", "dispersion", "keyness"),
    *("coverage", "indicators", "panel", "concordance"),
)
_PRESETS = "look of the figures: en-journal (default), zh-journal (print in black), slides"
_EACH = 100  # reports of a corpus that are each rendered unasked
DONE, FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", newline="\n")
    if sys.stdout.isatty():
        sys.stdout = _Shown(sys.stdout)
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except GongbaoError as error:
        print(safe(str(error), "\n"), file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("interrupted; run the same command again to go on.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _silence()
        return DONE
    except OSError as error:
        print(safe(fault(error)), file=sys.stderr)
        _silence()
        return FAILED


def _silence() -> None:
    """Nothing more goes to standard output: who read it is gone, or there is no room for it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Shown:
    """Standard output that is a terminal: what would steer it is shown as an escape.

    Into a file or a pipe everything goes as it is.
    """

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        return self._stream.write(safe(text, "\n\t"))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gongbao", description="Government annual reports as data: restore, count, code, draw."
    )
    parser.add_argument("--version", action="version", version=f"gongbao {__version__}")
    parser.add_argument("--data", default="data", metavar="DIR", help="the study (default: data)")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help="the study")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    report = command("report", _report, "render the three notebooks → figures/index.html")
    command("lab", _lab, "open JupyterLab on notebooks/explore.ipynb").add_argument(
        "arguments", nargs="*", metavar="ARG", help="passed on to JupyterLab, after --"
    )
    new = command("new", _new, "make a study of one's own")
    new.add_argument("dir", type=Path)
    new.add_argument(
        "--design",
        choices=("census", "sample"),
        help="whether its reports are all that there are, or a sample drawn from them",
    )

    _add_command(command)
    _corpus_commands(command)
    _text_commands(command)
    _code_commands(command)

    render = command("render", _render, "render notebooks for parameter sets")
    render.add_argument("params", nargs="?", type=Path, metavar="PARAMS.csv|.yaml")
    render.add_argument("--notebook", action="append", default=[], metavar="NAME")
    render.add_argument(
        "--only-failed", action="store_true", help="render again what failed the last time"
    )
    _batch_flags(report, render)

    command("check", _check, "list what in the study does not hold together")
    return parser


def _add_command(command: Callable[..., argparse.ArgumentParser]) -> None:
    """Reports into a study."""
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
    _restoring(add, "", "simplified", "kept")


def _restoring(command: argparse.ArgumentParser, auto: str, simplified: str, kept: str) -> None:
    """What restoration does with traditional characters, markup and furniture."""
    script = command.add_mutually_exclusive_group()
    said = "traditional characters stay"
    script.add_argument("--keep-script", action="store_const", dest="script", const=kept, help=said)
    said = "write traditional characters as simplified ones"
    script.add_argument(
        "--to-simplified", action="store_const", dest="script", const=simplified, help=said
    )
    command.set_defaults(script=auto, keep=[])
    for rule, said in (("markup", "signs of Markdown and HTML"), ("furniture", "a page's buttons")):
        command.add_argument(
            f"--keep-{rule}", action="append_const", dest="keep", const=rule, help=f"{said} stay"
        )


def _batch_flags(*commands: argparse.ArgumentParser) -> None:
    """How a batch runs, and what it writes."""
    for one in commands:
        one.add_argument("--jobs", type=_count, metavar="N", help="units at a time (at most 4)")
        one.add_argument("--force", action="store_true", help="render what is up to date too")
        one.add_argument("--timeout", type=_count, metavar="S", help="seconds a cell may take")
        on_failure = one.add_mutually_exclusive_group()
        on_failure.add_argument("--keep-going", action="store_true", help="the default")
        on_failure.add_argument(
            "--fail-fast", action="store_true", help="start no more units once one failed"
        )
        one.add_argument("--out", type=Path, default=Path("figures"), metavar="DIR")
        one.add_argument("--preset", help=_PRESETS)
        one.add_argument(
            "--lang", choices=("zh", "en"), help="of figures and reports (default: zh)"
        )
        one.set_defaults(kinds=[])
        for kind in ("pdf", "docx"):
            text = f"a {kind} report of each notebook too"
            one.add_argument(
                f"--{kind}", action="append_const", dest="kinds", const=kind, help=text
            )


def _output(command: argparse.ArgumentParser) -> None:
    """Where a table goes."""
    command.add_argument("-o", "--output", type=Path, metavar="FILE.csv|.parquet|.xlsx")


def _count(text: str) -> int:
    """A whole number above 0."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number above 0")
    return int(text)


def _corpus_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
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
    build.add_argument("--jobs", type=_count, default=os.cpu_count(), metavar="N")
    build.add_argument("--engine", default="rjieba", help="jieba or rjieba (default, faster)")
    build.add_argument("--codebooks", type=Path, metavar="STUDY", help="whose codebooks to copy")
    build.add_argument("--cluster", metavar="ADDRESS", help="of a Dask scheduler, to work there")
    build.set_defaults(run=_corpus_build)

    query = steps.add_parser("query", help="ask a corpus; the answer is a table")
    query.add_argument("corpus", type=Path, metavar="DIR")
    query.add_argument("what", choices=QUERIES, metavar="WHAT", help=", ".join(QUERIES))
    query.add_argument("terms", nargs="*", metavar="TERM", help="needed for rates and concordance")
    query.add_argument("--slice", default="", help="such as 'province=福建省;year=2021|2022'")
    query.add_argument(
        "--against",
        default="rest",
        help="keyness: a slice, reference, or rest: all others (default)",
    )
    query.add_argument("--dispersion", action="store_true", help="keyness: dp of both sides too")
    query.add_argument(
        "--min-n",
        type=_count,
        default=1,
        metavar="N",
        help="keyness: tokens a word needs on both sides together; from 10"
        " on, provinces and years are answered in a fraction of the time",
    )
    query.add_argument("--by", nargs="+", default=[], metavar="COLUMN", help="rates, coverage")
    query.add_argument("--regions", nargs="+", default=[], metavar="REGION", help="for panel")
    query.add_argument("--top", type=_count, metavar="N", help="the first rows only")
    _output(query)
    query.set_defaults(run=_corpus_query)


def _text_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """What is done with one file or table."""
    restore = command("restore", _restore, "print a file's restored text")
    restore.add_argument("file", type=Path)
    restore.add_argument("--edits", type=Path, metavar="CSV", help="write the record of changes")
    restore.add_argument("--html", type=Path, metavar="FILE", help="raw and restored side by side")
    restore.add_argument(
        "--strict", action="store_true", help="status 1 if any place is unresolved"
    )
    _restoring(restore, "auto", "simplified", "keep")

    table = command("table", _table, "print a table as CSV, or write it to a file")
    table.add_argument("name", help=", ".join(TABLE_NAMES))
    _output(table)
    table.add_argument("--engine", default="jieba", help="what cuts text into words (terms)")
    table.add_argument("--reports", nargs="+", default=[], metavar="ID")

    extract = command("extract", _extract, "print the figures found, or review them in a workbook")
    extract.add_argument("reports", nargs="*", metavar="REPORT_ID")
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


def _code_commands(command: Callable[..., argparse.ArgumentParser]) -> None:
    """What holds codes, engines and runs against each other."""
    segment = command("segment", _segment, "how far the two segmentation engines agree")
    segment.add_argument("--compare", action="store_true", required=True)
    _output(segment)

    sample = command("sample", _sample, "draw sentences to code by hand, without showing any code")
    sample.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.xlsx|.csv")
    sample.add_argument("--n", type=int, default=100, help="how many (default: 100)")
    sample.add_argument("--seed", type=int, default=0, help="another seed, another sample")
    sample.add_argument("--reports", nargs="+", default=[], metavar="ID")

    validate = command("validate", _validate, "hold the codes of sentences against hand-made ones")
    validate.add_argument(
        "--against", type=Path, metavar="FILE", help="default: validation/themes.csv of the study"
    )
    validate.add_argument(
        "--with", type=Path, dest="second", metavar="FILE2", help="compare two coders' files"
    )

    trace = command("trace", _trace, "the way from a name or a mark back to the raw files")
    trace.add_argument("id", metavar="ID", help="sentence, report, theme, indicator, word, DIR#r3")
    trace.add_argument("--all", action="store_true", help="show all, not the first 20")

    figure = command("figure", _figure, "remake a figure from its provenance.json")
    figure.add_argument("bundle", type=Path, metavar="BUNDLE")
    figure.add_argument("--out", type=Path, default=Path("remade"), metavar="DIR")
    figure.add_argument("--preset", help=_PRESETS)
    figure.add_argument("--tiff", action="store_true", help="write figure.tiff too (600 dpi)")

    share = command("share", _share, "one zip of a run for a co-author without Python")
    share.add_argument("dir", type=Path, metavar="DIR")
    share.add_argument("-o", "--output", type=Path, metavar="FILE.zip")

    diff = command("diff", _diff, "what changed between two runs; exit status 1 if anything did")
    diff.add_argument("run_a", type=Path, metavar="RUN_A")
    diff.add_argument("run_b", type=Path, metavar="RUN_B")


def _open(
    options: argparse.Namespace, reports: Sequence[str] = (), *, writes: bool = False, **more: str
) -> Study:
    """The study; says so where it is the bundled one for want of a folder here."""
    from analysis.study import Study

    study = Study(options.data, reports, **more)
    if study.path != Path(options.data):
        if writes:
            said = "no study here; name yours with --data DIR (`gongbao new DIR` makes one)."
            raise InputError(said, path=Path(options.data))
        print(f"no study in ./{options.data}: this is the bundled one.", file=sys.stderr)
    return study


def _report(options: argparse.Namespace) -> int:
    from analysis import units

    sets = [("report", _look(options))]
    return _run_units(units.plan(units.NOTEBOOKS, sets, options.data), options)


def _render(options: argparse.Namespace) -> int:
    from analysis import render, units

    notebooks = options.notebook or units.NOTEBOOKS
    if options.params:
        sets = units.read_sets(options.params)
        notebooks = options.notebook or units.notebooks_of(options.params)
    else:
        study = _open(options)
        ids = study.reports["report_id"]
        if study.is_corpus and len(ids) > _EACH:
            said = (
                f"is a corpus of {len(ids):,} reports; say in a parameter file which to draw "
                f"together: a .csv with the lines `reports,lang` and `{ids[0]};{ids[1]},zh` draws "
                "those two; with `,zh` it draws all."
            )
            raise InputError(said, path=Path(options.data))
        one_each = any(units.takes(name, "reports") for name in notebooks)
        sets = [(f"reports.csv: {key}", {"reports": [key]}) for key in ids if one_each]
        if len(sets) != 1:  # years, regions and intervals need them together
            sets.insert(0, ("reports.csv", {}))
    sets = [(place, _look(options) | values) for place, values in sets]
    planned = units.plan(notebooks, sets, options.data)
    if options.only_failed:
        planned = render.failed(planned, options.out)
    return _run_units(planned, options)


def _look(options: argparse.Namespace) -> dict[str, str]:
    """Preset and language as a notebook's parameters, if they were asked for."""
    given = {"preset": options.preset, "lang": options.lang}
    return {name: value for name, value in given.items() if value}


def _run_units(units: Sequence[Unit], options: argparse.Namespace) -> int:
    from analysis import render
    from analysis.study import Study

    study = Study(options.data)
    how = {name: getattr(options, name) for name in ("kinds", "force", "timeout", "fail_fast")}
    how["jobs"] = options.jobs or render.jobs()
    results = render.run(units, options.out, title=study.title, lang=study.lang, **how)
    print(render.summary(results, options.out, len(units) - len(results)))
    return FAILED if any(row["status"] != "done" for row in results) else DONE


def _lab(options: argparse.Namespace) -> int:
    from analysis.units import find_notebook

    notebook = Path("notebooks") / "explore.ipynb"
    if not notebook.exists():
        notebook.parent.mkdir(exist_ok=True)
        shutil.copyfile(find_notebook("explore"), notebook)
        print(f"copied explore.ipynb to {notebook}", file=sys.stderr)
    here = f"--ServerApp.root_dir={Path.cwd()}"  # else the study and its figures are out of sight
    command = [sys.executable, "-m", "jupyterlab", str(notebook), here, *options.arguments]
    if os.name == "posix":  # in our place, so that whoever ends us ends the server and its kernels
        os.execv(sys.executable, command)
    return subprocess.call(command)


def _new(options: argparse.Namespace) -> int:
    from analysis.catalogue import DESIGNS, new, refuse_used

    refuse_used(options.dir)
    design = options.design or ""
    if options.design is None and sys.stdin.isatty() and sys.stderr.isatty():
        print("Will its reports be all that there are of their kind (census), or", file=sys.stderr)
        print("a sample drawn from them? [census, sample, empty: not stated]", file=sys.stderr)
        design = sys.stdin.readline().strip().lower()
        if design not in ("", *DESIGNS):
            raise InputError(f"{design!r} is neither census nor sample; nothing was made.")
    new(options.dir, design)
    print(f"{options.dir} is a study; say its title in {options.dir / 'study.yaml'}, then:")
    print(f"gongbao add FILE… --data {options.dir}")
    return DONE


def _add(options: argparse.Namespace) -> int:
    from analysis.texttable import Columns

    study = _open(options, writes=True)
    named = ("region", "level", "issuer", "year", "year_given", "published", "url", "script")
    said = {name: getattr(options, name) for name in named}
    columns = Columns(
        **{what: getattr(options, f"{what}_column") for what in ("text", "region", "year", "title")}
    )
    added = study.add(
        *options.files, report_id=options.id, columns=columns, keep=options.keep, **said
    )
    print("\n".join(added.lines))
    if added.problems:
        raise ProblemsError(added.problems)
    return DONE


def _corpus_build(options: argparse.Namespace) -> int:
    from analysis.corpus import build, workers

    how = {"engine": options.engine, "jobs": options.jobs, "codebooks": options.codebooks}
    if options.cluster:
        with workers.cluster(options.cluster) as executor:
            built = build.build(options.sources, options.out, executor=executor, **how)
    else:
        built = build.build(options.sources, options.out, **how)
    print(built.said(options.out))
    return FAILED if len(built.failures) else DONE


def _corpus_query(options: argparse.Namespace) -> int:
    from analysis.corpus.query import LINES, answer, not_found

    named = ("terms", "slice", "against", "dispersion", "by", "regions", "min_n", "top")
    frame = answer(options.corpus, options.what, **{name: getattr(options, name) for name in named})
    asked = options.terms if options.what in ("rates", "concordance") else []
    for said in not_found(options.corpus, asked, frame):
        print(said, file=sys.stderr)
    if options.what == "concordance" and options.top is None and len(frame) >= LINES:
        print(f"the first {LINES} lines of each term; --top N gives more.", file=sys.stderr)
    return _put(frame, options.output, options.what)


def _put(frame: DataFrame, output: Path | None, name: str) -> int:
    """A table to a file, or to standard output."""
    from analysis import tables

    if output is None:
        tables.write(frame, sys.stdout)
    else:
        tables.export(frame, output, name)
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from analysis import reports, tables
    from analysis.files import put
    from analysis.restore import restore

    text = reports.read(options.file).text
    restored = restore(text, script=options.script, keep=options.keep)
    sys.stdout.write(restored.text)
    if options.edits:
        tables.write(tables.edits(options.file.stem, restored.edits), options.edits)
    if options.html:
        from analysis.page import with_font
        from analysis.restore import restored_html

        put(options.html, with_font(restored_html(restored, options.file.name)))
        print(f"raw and restored side by side → {options.html}", file=sys.stderr)
    for problem in restored.problems(options.file):
        print(safe(problem), file=sys.stderr)
    return FAILED if options.strict and restored.unresolved else DONE


def _table(options: argparse.Namespace) -> int:
    frame = _open(options, options.reports, engine=options.engine).table(options.name)
    return _put(frame, options.output, options.name)


def _extract(options: argparse.Namespace) -> int:
    from analysis import review, tables
    from analysis.errors import must_occur

    study = _open(options, options.reports, writes=options.apply is not None)
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
    from analysis import segment

    study = _open(options)
    both = [segment.Segmenter(study.word_list("lexicon")[0], engine) for engine in segment.ENGINES]
    agreement, differences = segment.compare(study.sentences, *both)
    for name, value in agreement.items():
        print(f"{name}: {value:,.6g}", file=sys.stderr)
    return _put(differences, options.output, "differences")


def _sample(options: argparse.Namespace) -> int:
    from analysis import handcodes

    study = _open(options, options.reports)
    drawn = handcodes.sample(study.sentences, study.sha256, n=options.n, seed=options.seed)
    handcodes.write_workbook(drawn, study.codebook, options.output)
    print(f"{options.output}: {len(drawn)} sentences to code; then")
    where = "" if options.data == "data" else f" --data {options.data}"
    print(f"gongbao validate --against {options.output}{where}")
    return DONE


def _validate(options: argparse.Namespace) -> int:
    print(_open(options).validate(options.against, options.second))
    return DONE


def _trace(options: argparse.Namespace) -> int:
    from analysis.trace import trace

    print(trace(_open(options), options.id, limit=None if options.all else 20))
    return DONE


def _figure(options: argparse.Namespace) -> int:
    from analysis import remake

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
    from analysis.share import share

    print(share(options.dir, options.output or Path(f"{options.dir.resolve().name}.zip")))
    return DONE


def _diff(options: argparse.Namespace) -> int:
    from analysis import difference

    found = difference.compare(options.run_a, options.run_b)
    print(found)
    return DONE if found.same else FAILED


def _check(options: argparse.Namespace) -> int:
    found = list(_open(options).problems())
    print("\n".join(found) or "everything holds together.")
    return FAILED if found else DONE

"""Mutated folders through what reads them: corpora, runs, studies, workbooks; nothing may crash.

    python benchmarks/fuzz_folders.py [N] [--seed S] [--quick]

One file of a real corpus, run or study, or a workbook, is cut, spliced, sprinkled with other bytes
(as in fuzz.py), or one of its values becomes an odd one; then the folder is read. What comes out is
read or refused with a GongbaoError; anything else is a crash, more than five seconds of processor
time is slow. The same seed gives the same files. The last line is one JSON object; status 1 if
anything crashed, was slow, or took more than 1 GiB.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pandas as pd
from fuzz import MEMORY, SLOW, asked, mutated, peak, used

from analysis import tables
from analysis.batch import difference, render
from analysis.kit import GongbaoError
from analysis.study import Study, build, catalogue, query
from analysis.text import texttable
from analysis.themes import Codebook

ODD: tuple[Any, ...] = (None, 5, -1, 1e300, "", "x", "../x", "/etc/hostname", [], [5], {}, {"a": 5})
CELLS = (
    "",
    "5",
    "-5",
    "1e999",
    "9e15",
    "nan",
    "../x",
    "a\nb",
    '"',
    "=1",
    "法|治|a|b",
    "\ufeff",
    "{}",
)
TEXT = "{}{}年法治政府建设年度报告\n一、主要举措\n我市推进法治政府建设，办理行政复议案件1162件。\n"

Case = tuple[Path, Callable[[], object]]
"""A file and what reads it."""


def cases(folder: Path) -> dict[str, list[Case]]:
    """The files to be mutated, by kind, each with its reader."""
    return {
        "corpus": _corpus(folder),
        "run": _run(folder),
        "study": _study(folder),
        "workbook": _workbook(folder),
    }


def _corpus(folder: Path) -> list[Case]:
    texts, corpus = folder / "texts", folder / "corpus"
    texts.mkdir()
    for city in ("泉州市", "漳州市"):
        for year in (2021, 2022):
            (texts / f"{city}{year}.txt").write_text(TEXT.format(city, year), "utf-8")
    with ThreadPoolExecutor(1) as executor:
        build.build([str(texts)], corpus, executor=executor)

    def read() -> None:
        query.answer(corpus, "rates", terms=["行政复议"], by=["region"])
        query.answer(corpus, "coverage", by=["year"])
        study = Study(corpus)
        study.source(study.reports["report_id"][0])

    own = [*corpus.glob("shards/*/*/*.parquet"), corpus / "corpus.json", corpus / "totals.parquet"]
    own += [corpus / "study.yaml", corpus / "groups.csv"]
    return [(file, read) for file in own]


def _run(folder: Path) -> list[Case]:
    run = folder / "run"
    bundle = run / "unit" / "theme_coverage"
    bundle.mkdir(parents=True)
    report = {"report_id": "a-2021", "sha256": "0" * 64, "region": "泉州市", "edits": {}}
    record = {"figure": "theme_coverage", "options": {"reports": ["a-2021"], "lang": "zh"}}
    record |= {"reports": [report], "files": {"data.csv": "0" * 64}, "hash": "0" * 64}
    record |= {"title": {"zh": "题", "en": "t"}, "study": {"title": {"zh": "题", "en": "t"}}}
    record |= {"versions": {"themes": "4"}, "packages": {"pandas": "3"}}
    (bundle / "provenance.json").write_text(json.dumps(record), "utf-8")
    hits = "sentence_id,primary_theme,rule\na-2021:s001,x,title\na-2021:s002,y,title\n"
    (bundle / "hits.csv").write_text(hits, "utf-8-sig")
    (bundle / "data.csv").write_text("key,n,rate\n法治,3,0.5\n行政,4,0.25\n", "utf-8-sig")
    values = ("unit", "theme_coverage", '{"lang": "zh"}', "done", "", "")
    row = dict(zip(render.RESULTS, values, strict=True))
    tables.write(pd.DataFrame([row]), run / "results.csv")
    mark = {"state": "x", "files": ["theme_coverage"], "row": row}
    (run / "unit" / ".unit.json").write_text(json.dumps(mark), "utf-8")
    shutil.copytree(run, folder / "other")

    def read() -> None:
        str(difference.compare(run, folder / "other"))
        render.results(run)
        render.run([], run, title="t")

    return [(file, read) for file in sorted(run.rglob("*.*")) if file.is_file()]


def _study(folder: Path) -> list[Case]:
    study = folder / "study"
    catalogue.new(study)
    (folder / "a.txt").write_text(TEXT.format("泉州市", 2021), "utf-8")
    Study(study).add(folder / "a.txt", report_id="a-2021")
    decided = [
        "0" * 64,
        0,
        5,
        "x",
        "figure",
        "",
        "",
        "corrected",
        "5|件|exact|level|",
        "me",
        "",
        "",
    ]
    frame = pd.DataFrame([decided, decided], columns=list(tables.COLUMNS["decisions"]))
    tables.write(frame, study / "decisions.csv")

    def read() -> None:
        own = Study(study)
        _ = own.reports, own.decisions, own.groups, own.sources, own.curated, own.codebook

    book = study / "codebooks" / "themes.yaml"
    names = ("reports", "decisions", "groups", "sources", "indicators")
    own = [(study / f"{name}.csv", read) for name in names]
    return [*own, (study / "study.yaml", read), (book, lambda: Codebook.load(book))]


def _workbook(folder: Path) -> list[Case]:
    file, book = folder / "w.xlsx", openpyxl.Workbook()
    for row in (["text", "region", "year"], ["法治政府", "泉州市", 2021], ["行政", "漳州市", 2022]):
        book.active.append(row)
    book.active.merge_cells("A3:B3")
    book.save(file)
    return [(file, lambda: tables.records(file)), (file, lambda: texttable.read(file))]


def changed(rng: random.Random, file: Path, data: bytes) -> bytes:
    """A file's bytes, mutated: as bytes, or in one of its values."""
    if rng.random() < 0.5:
        if file.suffix == ".json":
            return json.dumps(_odd(rng, json.loads(data))).encode()
        if file.suffix == ".csv":
            return _celled(rng, data)
    return mutated(rng, [(file.suffix, data)])[1]


def _odd(rng: random.Random, value: Any) -> Any:
    """A value in which one, at any depth, is another."""
    if not value or not isinstance(value, dict | list) or rng.random() < 0.2:
        return rng.choice(ODD)
    place = rng.choice([*value]) if isinstance(value, dict) else rng.randrange(len(value))
    if rng.random() < 0.1:
        del value[place]
    else:
        value[place] = _odd(rng, value[place])
    return value


def _celled(rng: random.Random, data: bytes) -> bytes:
    rows = [*csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))]
    row = rng.choice(rows)
    row[rng.randrange(len(row))] = rng.choice(CELLS)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def outcome(read: Callable[[], object]) -> str:
    try:
        read()
    except GongbaoError as error:
        return f"refused: {error}" if str(error).strip() else "crashed: it says nothing"
    except Exception:
        return f"crashed: {traceback.format_exc()}"
    return "read"


def main() -> int:
    given = asked(__doc__ or "", quick=100)
    n = given.n
    counted: Counter[tuple[str, str]] = Counter()
    slowest, bad = (0.0, ""), []
    with TemporaryDirectory() as place:
        known = cases(Path(place))
        for file, read in (case for own in known.values() for case in own):
            if (found := outcome(read)) != "read":
                raise SystemExit(f"{file.name}, as it was made: {found}")
        before = peak()
        with open(os.devnull, "w") as sys.stderr:  # noqa: PTH123 - what readers say beside it
            for number in range(n):
                rng = random.Random(f"{given.seed}-{number}")
                kind = rng.choice([*known])
                file, read = rng.choice(known[kind])
                data = file.read_bytes()
                file.write_bytes(changed(rng, file, data))
                begun = used()
                found = outcome(read)
                took, name = used() - begun, f"{number} {file.name}"
                file.write_bytes(data)
                slowest = max(slowest, (took, name))
                said = "slow" if took > SLOW else found.partition(":")[0]
                counted[kind, said] += 1
                if said in ("slow", "crashed"):
                    bad.append(f"{name} (seed {given.seed}), {took:.1f} s: {found}")
        sys.stderr = sys.__stderr__
        grown = peak() - before
    for line in bad[:20]:
        print(line)
    kinds = ("read", "refused", "crashed", "slow")
    print(f"{'folder':10s}" + "".join(f"{kind:>10s}" for kind in kinds))
    for one in known:
        print(f"{one:10s}" + "".join(f"{counted[one, kind]:10d}" for kind in kinds))
    totals = {kind: sum(counted[one, kind] for one in known) for kind in kinds}
    result = {"n": n, "seed": given.seed, **totals, "slowest_s": round(slowest[0], 2)}
    print(json.dumps(result | {"slowest": slowest[1], "grown_MiB": grown >> 20}))
    return int(bool(bad) or grown > MEMORY)


if __name__ == "__main__":
    sys.exit(main())

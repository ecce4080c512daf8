"""Text reuse: planted passages that are found, time and memory, and growth with the reports.

Usage: `.venv/bin/python benchmarks/reuse.py FOLDER [--growth FOLDER] [--seeds 1 2 3 4] [--quick]
[--peer]`

FOLDER holds provincial reports (a folder a region, a file a year). Passages of 20 to 300 characters
are planted from earlier into later ones (`planted.py`, written first) at four grades of editing,
250 of each and seed. One counts as found if passages between those two reports, or what is told to
be a formula, cover at least half of it in the later report, and passages half of it in the earlier
one. Recall is told for exact ones of 30 characters and more, at 5 % of 40, at 15 % of 60, at 30 %
of 100; `_sure` is the same without passages told as `unsure`, `_all` of every length. `--peer`
finds the passages of the first seed with datasketch too (MinHash LSH; a package that is not needed
otherwise, and said if it is missing), on windows of `WINDOW` characters. Then seconds and memory of
FOLDER as it is, in a process of its own; with `--growth`, which holds more reports in the same
form, seconds per character of 100 reports and of all, drawn at random. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from planted import GRADES, Planted, Text, plant  # noqa: E402

from analysis import reuse, tables  # noqa: E402
from analysis.restore import Restored  # noqa: E402
from analysis.text import sentences  # noqa: E402

SHORTEST = dict(zip(GRADES, (30, 40, 60, 100), strict=True))
WINDOW, STEP, SHINGLE, ALIKE, PERMUTATIONS = 60, 20, 4, 0.5, 64
"""The peer's windows, how far apart they begin, shingles, least similarity, hashes."""

_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def read(folder: Path, count: int = 0) -> list[Text]:
    """The reports of a folder, or some of them, drawn at random."""
    paths = sorted(path for path in folder.rglob("*.md") if re.match(r"\d{4}", path.stem))
    if count and count < len(paths):
        paths = sorted(Random(1).sample(paths, count))
    return [
        Text(path.parent.name, int(path.stem[:4]), _FRONT.sub("", path.read_text("utf-8")))
        for path in paths
    ]


def as_tables(texts: list[Text]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables `sentences` and `reports` of texts that need no restoration."""
    rows: list[Any] = []
    for at, one in enumerate(texts):
        plain = Restored(one.text, one.text, ())
        rows += sentences.rows(f"r{at:04d}", plain, one.year - 1)
    facts = [
        {"report_id": f"r{at:04d}", "region": one.region, "year": one.year - 1,
         "year_given": one.year, "level": "province", "genre": "work_report"}
        for at, one in enumerate(texts)
    ]  # fmt: skip
    reports = pd.DataFrame(facts).reindex(columns=list(tables.COLUMNS["reports"]))
    return sentences.table(rows), reports.assign(published="")


def recalled(texts: list[Text], seeds: list[int], count: int) -> dict[str, float]:
    """Share of planted passages found, by grade."""
    told: dict[float, list[bool]] = {grade: [] for grade in GRADES}
    sure: dict[float, list[bool]] = {grade: [] for grade in GRADES}
    every: dict[float, list[bool]] = {grade: [] for grade in GRADES}
    for seed in seeds:
        made, planted, spent = plant(texts, seed, count)
        print(f"seed {seed}: edited characters by kind {spent}", flush=True)
        found = reuse.find(*as_tables(made))
        by_pair: dict[tuple[int, int], list[Any]] = {}
        for row in tables.rows(found.places()):
            pair = int(row.report_id[1:]), int(row.source_report_id[1:])
            by_pair.setdefault(pair, []).append(row)
        formula: dict[str, list[tuple[int, int]]] = {}
        for row in tables.rows(found.formula_runs()):
            formula.setdefault(row.report_id, []).append((row.start, row.end))
        for one in planted:
            rows = by_pair.get((one.target, one.source), [])
            runs = formula.get(f"r{one.target:04d}", [])
            got = _found(one, rows, runs)
            every[one.grade].append(got)
            if one.source_end - one.source_start >= SHORTEST[one.grade]:
                told[one.grade].append(got)
                known = [row for row in rows if row.origin != "unsure"]
                sure[one.grade].append(_found(one, known, runs))
                if not got and "--misses" in sys.argv:
                    print(one, made[one.target].text[one.start : one.end])
    result = {}
    for grade in GRADES:
        name = f"recall_{round(grade * 100)}"
        result[name], result[f"{name}_n"] = float(np.mean(told[grade])), len(told[grade])
        result[f"{name}_sure"] = float(np.mean(sure[grade]))
        result[f"{name}_all"] = float(np.mean(every[grade]))
    return result


def peered(texts: list[Text], seed: int, count: int) -> dict[str, float]:
    """What MinHash LSH finds of the same passages, and in how many seconds."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        print("datasketch is not installed: no peer was measured", flush=True)
        return {}
    made, planted, _ = plant(texts, seed, count)
    begun = time.process_time()
    index = MinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS)
    wanted = {one.source for one in planted} | {one.target for one in planted}
    hashed: dict[int, list[tuple[int, Any]]] = {}
    for at in sorted(wanted):
        for start in range(0, max(len(made[at].text) - WINDOW, 0) + 1, STEP):
            window = made[at].text[start : start + WINDOW]
            each = MinHash(num_perm=PERMUTATIONS)
            grams = {window[low : low + SHINGLE] for low in range(len(window) - SHINGLE + 1)}
            each.update_batch([gram.encode() for gram in sorted(grams)])
            hashed.setdefault(at, []).append((start, each))
            index.insert((at, start), each, check_duplication=False)
    told: dict[float, list[bool]] = {grade: [] for grade in GRADES}
    known: dict[int, list[tuple[int, list[tuple[int, int]]]]] = {}
    for at in sorted({one.target for one in planted}):
        known[at] = [(start, index.query(each)) for start, each in hashed[at]]
    taken = time.process_time() - begun
    for one in planted:
        if one.source_end - one.source_start < SHORTEST[one.grade]:
            continue
        rows = [
            SimpleNamespace(start=start, end=start + WINDOW, source_start=low,
                            source_end=low + WINDOW)
            for start, others in known[one.target] for of, low in others if of == one.source
        ]  # fmt: skip
        told[one.grade].append(_found(one, rows, []))
    size = sum(len(made[at].text) for at in wanted)
    recall = {f"peer_{round(grade * 100)}": float(np.mean(got)) for grade, got in told.items()}
    return recall | {"peer_cpu_per_million": taken / size * 1e6}


def _found(one: Planted, rows: list[Any], formula: list[tuple[int, int]]) -> bool:
    """Whether half of a planted passage is found, in both reports."""
    later = [(row.start, row.end) for row in rows]
    earlier = [(row.source_start, row.source_end) for row in rows]
    told = _inside(later + formula, one.start, one.end) * 2 >= one.end - one.start
    if _inside(formula, one.start, one.end) * 2 >= one.end - one.start:
        return True
    return (
        told
        and _inside(earlier, one.source_start, one.source_end) * 2
        >= (one.source_end - one.source_start) - _inside(formula, one.start, one.end) * 2
    )


def _inside(places: list[tuple[int, int]], start: int, end: int) -> int:
    """Characters of a span that places cover."""
    held = np.zeros(end - start, bool)
    for low, high in places:
        held[max(low - start, 0) : max(high - start, 0)] = True
    return int(held.sum())


def measured(folder: Path, count: int) -> dict[str, float]:
    """Seconds, memory and sizes of one run, in a process of its own."""
    command = [sys.executable, __file__, str(folder), "--one", str(count)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def one(folder: Path, count: int) -> dict[str, float]:
    """Find what reports share; what it took, their sentences being there."""
    split, reports = as_tables(read(folder, count))
    begun, before = time.perf_counter(), time.process_time()
    found = reuse.find(split, reports)
    pairs = len(found.table())
    taken = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - before}
    size = int(split["text"].str.len().sum())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    per = taken["cpu"] / size * 1e6
    return {
        **taken,
        "reports": len(reports),
        "characters": size,
        "GiB": peak,
        "pairs": pairs,
        "cpu_per_million": per,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--growth", type=Path, help="a folder with more reports")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="store_true", help="datasketch on the same passages")
    parser.add_argument("--misses", action="store_true", help="print what is not found")
    parser.add_argument("--quick", action="store_true", help="60 reports, 100 passages")
    given = parser.parse_args()
    if given.one is not None:
        print(json.dumps(one(given.folder, given.one)))
        return
    texts = read(given.folder, 60 if given.quick else 0)
    count = 100 if given.quick else 1000
    result = recalled(texts, given.seeds[:1] if given.quick else given.seeds, count)
    if given.peer:
        result |= peered(texts, given.seeds[0], count)
    result |= measured(given.folder, 60 if given.quick else 0)
    if given.growth:
        few, all_ = measured(given.growth, 100), measured(given.growth, 0)
        result["growth"] = all_["cpu_per_million"] / few["cpu_per_million"]
        result |= {f"{name}_of_all": value for name, value in all_.items()}
    for name, value in result.items():
        print(f"{name:24s}{value:12.4f}")
    print(json.dumps({name: round(value, 4) for name, value in result.items()}))


if __name__ == "__main__":
    main()

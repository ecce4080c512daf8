"""Precision and recall of the extraction of figures on sentences labelled by hand, and its speed.

    python benchmarks/extract.py [--half held|tune] [--labels FILE] [--texts FOLDER]
        [--errors] [--quick]

A figure found and one labelled are a pair if their places overlap and value, unit and bound agree;
each is paired once. `kind` is the share of pairs whose measure_kind agrees. The labels hold file
names and offsets only: without the folder of texts, or with another edition of a file (its sha256
differs), there is nothing to score. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import quantities, sentences, tables
from analysis.restore import Restored


def texts(folder: Path) -> dict[str, tuple[str, int, str]]:
    """File name → full text, year reported on (the year before the report's), sha256."""
    csv.field_size_limit(10**9)
    found = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            row = next(csv.DictReader(file))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        found[path.name] = (row["full_text"], int(row["year"]) - 1, digest)
    return found


def labels(path: Path, half: str) -> list[dict[str, str]]:
    """The rows of one half."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def split(name: str, text: str, year: int) -> pd.DataFrame:
    """The sentences of a text taken as it is."""
    return sentences.split(name, Restored(text, text, ()), year)


def compare(
    rows: list[dict[str, str]], found: pd.DataFrame
) -> tuple[list[tuple[dict[str, str], tuple]], list[dict[str, str]], list[tuple]]:
    """Pairs, labels missed and figures too many, within the labelled sentences."""
    wanted = defaultdict(list)
    for row in rows:
        place = (row["file"], int(row["sentence_start"]), int(row["sentence_end"]))
        wanted[place] += [row] if row["figure_start"] else []
    pairs, missed, extra = [], [], []
    by_file = {name: list(tables.rows(group)) for name, group in found.groupby("report_id")}
    for (name, start, end), figures in wanted.items():
        left = [f for f in by_file.get(name, []) if f.start < end and f.end > start]
        for row in figures:
            match = next((f for f in left if fits(f, row)), None)
            if match is None:
                missed.append(row)
            else:
                left.remove(match)
                pairs.append((row, match))
        extra += left
    return pairs, missed, extra


def fits(found: Any, row: dict[str, str]) -> bool:
    """Whether a figure found is the one labelled: the places overlap, the rest agrees."""
    overlap = found.start < int(row["figure_end"]) and found.end > int(row["figure_start"])
    same = abs(found.value - float(row["value"])) <= 1e-9 * max(1.0, abs(found.value))
    return overlap and same and (found.unit, found.bound) == (row["unit"], row["bound"])


def speed(frames: list[pd.DataFrame], repeat: int) -> float:
    """MB of UTF-8 read per second on one core, the best of some runs."""
    size = sum(frame["text"].str.encode("utf-8").str.len().sum() for frame in frames) / 1e6
    best = float("inf")
    for _ in range(repeat):
        begin = time.perf_counter()
        for frame in frames:
            quantities.find(frame)
        best = min(best, time.perf_counter() - begin)
    return size / best


def main() -> None:
    """Score one half and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--half", choices=("held", "tune"), default="held")
    parser.add_argument("--labels", type=Path, default=Path("tests/number_labels.csv"))
    parser.add_argument("--texts", type=Path, default=Path("../shared/corpora/provincial-2026"))
    parser.add_argument("--errors", action="store_true", help="list what differs")
    parser.add_argument("--quick", action="store_true", help="measure the speed once")
    arguments = parser.parse_args()
    corpus = texts(arguments.texts)
    if not corpus:
        raise SystemExit(f"no texts in {arguments.texts}; give their folder with --texts.")
    rows = [
        row
        for row in labels(arguments.labels, arguments.half)
        if row["file"] in corpus and corpus[row["file"]][2] == row["sha256"]
    ]
    frames = {name: split(name, text, year) for name, (text, year, _) in corpus.items()}
    years = {name: year for name, (_, year, _) in corpus.items()}
    found = pd.concat([quantities.find(frame, None, years) for frame in frames.values()])
    pairs, missed, extra = compare(rows, found)
    if arguments.errors:
        report(corpus, pairs, missed, extra)
    n_labels, n_found = len(pairs) + len(missed), len(pairs) + len(extra)
    kinds = sum(row["measure_kind"] == match.measure_kind for row, match in pairs)
    figures = {
        "half": arguments.half,
        "sentences": len({(row["file"], row["sentence_start"]) for row in rows}),
        "labels": n_labels,
        "found": n_found,
        "precision": round(len(pairs) / max(1, n_found), 4),
        "recall": round(len(pairs) / max(1, n_labels), 4),
        "kind": round(kinds / max(1, len(pairs)), 4),
        "mb_per_s": round(speed(list(frames.values()), 1 if arguments.quick else 5), 2),
    }
    for name, value in figures.items():
        print(f"{name:12}{value}")
    print(json.dumps(figures))


def report(corpus: dict, pairs: list, missed: list, extra: list) -> None:
    """Print what was missed, what was too many and which kinds differ, with their context."""

    def show(what: str, name: str, low: int, high: int, *said: object, before: int = 16) -> None:
        text = corpus[name][0]
        around = (text[low - before : low], "【", text[low:high], "】", text[high : high + 8])
        print(what, name[:2], *around, *said)

    for row in missed:
        place = int(row["figure_start"]), int(row["figure_end"])
        label = (row["value"], row["unit"], row["bound"], row["note"])
        show("missed", row["file"], *place, label)
    for f in extra:
        show("extra ", f.report_id, f.start, f.end, (f.value, f.unit, f.bound))
    for row, f in pairs:
        kinds = (row["measure_kind"], "found", f.measure_kind)
        if kinds[0] != kinds[2]:
            show("kind  ", f.report_id, f.start, f.end, *kinds, before=24)


if __name__ == "__main__":
    main()

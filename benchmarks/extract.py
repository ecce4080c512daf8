"""Precision and recall of the extraction of figures on labelled sentences, and its speed.

    python benchmarks/extract.py [--half held|tune] [--labels FILE] [--texts FOLDER]
        [--errors] [--quick]

The labels of `tests/number_labels.csv` are about provincial reports of 2026, those of
`tests/genre_number_labels.csv` about seven genres. A figure found and one labelled are a pair if
their places overlap, their bound agrees and so does value x unit (3.2 亿元 is 320000000 元); each
is paired once. What a sentence says twice is labelled at its first place, so what is left over in a
sentence is paired wherever it stands. `kind` and `direction` are the shares of pairs whose
measure_kind and direction agree. The labels hold file names and offsets only: without the folder of
texts, or with another edition of a file (its sha256 differs), there is nothing to score. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import re
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.indicators import quantities
from analysis.indicators.numerals import amount
from analysis.reading import reports
from analysis.restore import Restored, restore
from analysis.text import sentences

CORPORA = Path("../shared/corpora")
_SIZES = ("labels", "found", "pairs", "kinds", "directions")


def labels(path: Path, half: str) -> list[dict[str, str]]:
    """The rows of one half."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def opened(path: Path) -> tuple[Restored, int]:
    """A file's text and the year that it reports on.

    A cell of a CSV file is taken as it is; other files are read and restored as a report is.
    """
    if path.suffix == ".csv":
        csv.field_size_limit(10**9)
        with path.open(encoding="utf-8-sig", newline="") as file:
            row = next(csv.DictReader(file))
        return Restored(row["full_text"], row["full_text"], ()), int(row["year"]) - 1
    stated = re.search(r"(?:19|20)\d\d", path.stem)
    before = "国家统计局年度统计" not in path.parts and "laws" not in path.parts
    return restore(reports.read(path).text), int(stated[0] if stated else 0) - before


def read(rows: list[dict[str, str]], folder: Path) -> tuple[list[dict[str, str]], pd.DataFrame]:
    """The labels whose files are there in the same edition, and the figures found in those."""
    here: dict[str, str] = {}
    for name in dict.fromkeys(row["file"] for row in rows):
        path = folder / name
        if path.is_file():
            here[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    rows = [row for row in rows if here.get(row["file"]) == row["sha256"]]
    frames = [found(name, *opened(folder / name)) for name in {row["file"]: 0 for row in rows}]
    return rows, pd.concat(frames) if frames else pd.DataFrame()


def found(name: str, restored: Restored, year: int) -> pd.DataFrame:
    """The figures found in a text, with their places in the raw file."""
    split = sentences.split(name, restored, year)
    figures = quantities.find(split, None, {name: year})
    spans = [restored.raw_span(row.start, row.end) for row in tables.rows(figures)]
    return figures.assign(raw_start=[s for s, _ in spans], raw_end=[e for _, e in spans])


def compare(
    rows: list[dict[str, str]], figures: pd.DataFrame
) -> tuple[list[tuple[dict[str, str], Any]], list[dict[str, str]], list[tuple[str, Any]]]:
    """Pairs, labels missed and figures too many (with genre), within the labelled sentences."""
    wanted = defaultdict(list)
    for row in rows:
        place = (row.get("genre", ""), row["file"])
        place += (int(row["sentence_start"]), int(row["sentence_end"]))
        wanted[place] += [row] if row["figure_start"] else []
    pairs, missed, extra = [], [], []
    by_file = {name: list(tables.rows(group)) for name, group in figures.groupby("report_id")}
    for (genre, name, start, end), own in wanted.items():
        left = [f for f in by_file.get(name, []) if f.raw_start < end and f.raw_end > start]
        for anywhere in (False, True):  # then what a sentence says twice, labelled at one place
            for row in list(own):
                match = next((f for f in left if fits(f, row, anywhere=anywhere)), None)
                if match is not None:
                    own.remove(row)
                    left.remove(match)
                    pairs.append((row, match))
        missed += own
        extra += [(genre, f) for f in left]
    return pairs, missed, extra


def fits(figure: Any, row: dict[str, str], *, anywhere: bool = False) -> bool:
    """Whether a figure found is the one labelled: the places overlap, the rest agrees."""
    overlap = figure.raw_start < int(row["figure_end"]) and figure.raw_end > int(
        row["figure_start"]
    )
    value, unit = amount(figure.value, figure.unit)
    wanted, same = amount(float(row["value"]), row["unit"])
    near = math.isclose(value, wanted, rel_tol=2e-4 if 0 < wanted < 1 else 1e-9)
    return (overlap or anywhere) and near and (unit, figure.bound) == (same, row["bound"])


def scores(rows: list[dict[str, str]], figures: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Precision, recall, F1, kinds and directions, by genre and overall (key '')."""
    pairs, missed, extra = compare(rows, figures)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(_SIZES, 0))
    for row, figure in pairs:
        for key in {row.get("genre", ""), ""}:
            own = counts[key]
            for name in ("labels", "found", "pairs"):
                own[name] += 1
            own["kinds"] += row["measure_kind"] == figure.measure_kind
            own["directions"] += row.get("direction", "") == getattr(figure, "direction", "")
    for name, genres in (
        ("labels", [row.get("genre", "") for row in missed]),
        ("found", [genre for genre, _ in extra]),
    ):
        for genre in genres:
            for key in {genre, ""}:
                counts[key][name] += 1
    return {key: _shares(own) for key, own in sorted(counts.items())}


def _shares(own: dict[str, int]) -> dict[str, float]:
    paired = max(1, own["pairs"])
    return {
        "labels": own["labels"],
        "found": own["found"],
        "precision": round(own["pairs"] / max(1, own["found"]), 4),
        "recall": round(own["pairs"] / max(1, own["labels"]), 4),
        "f1": round(2 * own["pairs"] / max(1, own["labels"] + own["found"]), 4),
        "kind": round(own["kinds"] / paired, 4),
        "direction": round(own["directions"] / paired, 4),
    }


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
    parser.add_argument("--texts", type=Path, help="default: where the labels' texts are")
    parser.add_argument("--errors", action="store_true", help="list what differs")
    parser.add_argument("--quick", action="store_true", help="measure the speed once")
    arguments = parser.parse_args()
    genres = "genre" in arguments.labels.name
    folder = arguments.texts or (CORPORA if genres else CORPORA / "provincial-2026")
    rows, figures = read(labels(arguments.labels, arguments.half), folder)
    if not rows:
        raise SystemExit(f"no texts in {folder}; give their folder with --texts.")
    if arguments.errors:
        report(folder, *compare(rows, figures))
    scored = scores(rows, figures)
    for key, own in scored.items():
        print(f"{key or 'overall':20}", *(f"{name} {value}" for name, value in own.items()))
    files = [folder / name for name in {row["file"]: 0 for row in rows}]
    frames = [sentences.split("r", *opened(path)) for path in files]
    whole = {
        "half": arguments.half,
        "sentences": len({(row["file"], row["sentence_start"]) for row in rows}),
        **scored[""],
        "mb_per_s": round(speed(frames, 1 if arguments.quick else 5), 2),
    }
    print(json.dumps(whole))


def report(folder: Path, pairs: list, missed: list, extra: list) -> None:
    """Print what was missed, what was too many and which kinds differ, with their context."""

    def show(what: str, name: str, low: int, high: int, *said: object, before: int = 16) -> None:
        text = opened(folder / name)[0].raw
        around = (text[low - before : low], "【", text[low:high], "】", text[high : high + 8])
        print(what, Path(name).parent.name[:2] + Path(name).name[:8], *map(repr, around), *said)

    for row in missed:
        place = int(row["figure_start"]), int(row["figure_end"])
        label = (row["value"], row["unit"], row["bound"], row["note"])
        show("missed", row["file"], *place, label)
    for _, f in extra:
        show("extra ", f.report_id, int(f.raw_start), int(f.raw_end), (f.value, f.unit, f.bound))
    for row, f in pairs:
        own = (row["measure_kind"], row.get("direction", ""))
        its = (f.measure_kind, getattr(f, "direction", "") if "direction" in row else "")
        if own != its:
            show(
                "kind  ",
                f.report_id,
                int(f.raw_start),
                int(f.raw_end),
                own,
                "found",
                its,
                before=24,
            )


if __name__ == "__main__":
    main()

"""How well commitments, and what a later report says of them, are found: against hand labels.

Usage: python benchmarks/commitments.py FOLDER [--half tuned|held] [--quick]

tests/commitment_labels.csv names clauses of plans by file, sha256 and raw place: whether each is a
commitment, whether it can be tested, and which sentences of the next report follow it up. Two blind
passes of a language model, by one manual, reading all of the next report; the six pairs of reports
put aside (`held`) were drawn after the rules were written. FOLDER holds the files (lawtext). The
baseline of the ranking is the share of a clause's pairs of characters that a sentence has.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.indicators import commitments, followups
from analysis.restore import restore
from analysis.text import sentences
from analysis.themes import agreement

LABELS = Path(__file__).resolve().parent.parent / "tests" / "commitment_labels.csv"


def labels(half: str) -> list[dict[str, str]]:
    """The labelled clauses of a half, or of both for ''."""
    with LABELS.open(encoding="utf-8-sig", newline="") as lines:
        return [row for row in csv.DictReader(lines) if half in ("", row["half"])]


def spans(cell: str) -> list[tuple[int, int]]:
    """Raw places such as 10-20;40-52."""
    pairs = (one.split("-") for one in cell.split(";") if one)
    return [(int(start), int(end)) for start, end in pairs]


class Report:
    """A file, restored and split."""

    def __init__(self, path: Path, sha256: str):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise SystemExit(f"{path}: is another edition")
        self.restored = restore(data.decode("utf-8-sig"))
        year = int(path.stem) - 1
        self.sentences = sentences.table(sentences.rows(path.stem, self.restored, year))

    def promised(self) -> pd.DataFrame:
        """Its commitments."""
        return commitments.table(
            self.sentences, lambda _, starts, ends: self.restored.raw_spans(starts, ends)
        )


def overlap(one: tuple[int, int], other: tuple[int, int]) -> int:
    """How many characters two places share."""
    return min(one[1], other[1]) - max(one[0], other[0])


def found(rows: list[dict[str, str]], folder: Path) -> list[dict[str, Any]]:
    """What the program says of each labelled clause."""
    made: list[dict[str, Any]] = []
    pairs: dict[tuple[str, str], Any] = {}
    for row in rows:
        pair = row["file"], row["next"]
        if pair not in pairs:
            first = Report(folder / pair[0], row["sha256"])
            later = Report(folder / pair[1], row["next_sha256"])
            own = first.promised()
            offered = followups.candidates(own, first.sentences, later.sentences)
            pairs[pair] = own, offered, later.sentences.set_index("sentence_id"), first
        own, offered, texts, first = pairs[pair]
        place = int(row["raw_start"]), int(row["raw_end"])
        shared = [overlap(place, (one.raw_start, one.raw_end)) for one in tables.rows(own)]
        best = max(range(len(own)), key=shared.__getitem__, default=-1)
        hit = own.iloc[best] if best >= 0 and 2 * shared[best] >= place[1] - place[0] else None
        one = {"label": row, "commitment": int(hit is not None), "testable": 0, "offered": []}
        if hit is not None:
            mine = offered[
                (offered["sentence_id"] == hit["sentence_id"])
                & (offered["start"] == hit["start"])
                & (offered["kind"] == "reported")
            ]
            one |= {"testable": int(hit["testable"] == "yes"), "quote": hit["quote"]}
            one["offered"] = [
                (each.score, tuple(texts.loc[each.later_sentence_id, ["raw_start", "raw_end"]]))
                for each in tables.rows(mine)
            ]
            one["baseline"] = _baseline(hit["quote"], texts)
        made.append(one)
    return made


def _baseline(quote: str, texts: pd.DataFrame) -> list[tuple[float, tuple[int, int]]]:
    wanted = {quote[at : at + 2] for at in range(len(quote) - 1)}
    own = texts[texts["part"].isin(["done", "problems"]) & ~texts["is_heading"].astype(bool)]
    scored = [
        (sum(one in row.text for one in wanted) / len(wanted), (row.raw_start, row.raw_end))
        for row in tables.rows(own)
    ]
    return sorted(scored, key=lambda one: -one[0])[:5]


def _any(place: tuple[int, int], true: list[tuple[int, int]]) -> bool:
    return any(overlap(place, one) > 0 for one in true)


def followed(row: dict[str, str]) -> list[tuple[int, int]] | None:
    """The sentences that follow a clause up by either pass; None where only one sees any."""
    a, b = spans(row["followups_a"]), spans(row["followups_b"])
    return [*a, *b] if bool(a) == bool(b) else None


def scores(made: list[dict[str, Any]]) -> dict[str, float]:
    """The measures of the two passes together."""
    gold = [int(one["label"]["commitment_a"]) for one in made]
    said = [one["commitment"] for one in made]
    right = sum(a and b for a, b in zip(gold, said, strict=True))
    alphas = []
    for coder in "ab":
        pairs = [(one["label"][f"testable_{coder}"], str(one["testable"])) for one in made]
        alphas.append(agreement.alpha(pd.DataFrame(pairs, columns=["label", "program"])))
    result = {"clauses": len(made), "recall": right / sum(gold), "precision": right / sum(said)}
    result["testable_alpha"] = min(alphas)
    kept = [one for one in made if int(one["label"]["commitment_a"])]
    with_, without = [], []
    for one in kept:
        true = followed(one["label"])
        if true:
            with_.append((one, true))
        elif true is not None and one["offered"]:
            without.append(one["offered"][0][0])

    def ranks(name: str) -> list[int]:
        found = []
        for one, true in with_:
            places = [place for _, place in one.get(name, [])]
            at = [n for n, place in enumerate(places) if _any(place, true)]
            found.append(min(at, default=99))
        return found

    best = [
        max(
            (s for s, place in one["offered"] if any(overlap(place, t) > 0 for t in true)),
            default=-9,
        )
        for one, true in with_
    ]
    own, plain = ranks("offered"), ranks("baseline")
    result |= {"followed": len(with_), "among_five": sum(at < 5 for at in own) / len(own)}
    result |= {"first": sum(at == 0 for at in own) / len(own), "silent": len(without)}
    result |= {"baseline_five": sum(at < 5 for at in plain) / len(plain)}
    result |= {"baseline_first": sum(at == 0 for at in plain) / len(plain)}
    result["silent_below"] = sum(one < followups.LIKELY for one in without) / len(without)
    result["followed_above"] = sum(one >= followups.LIKELY for one in best) / len(best)
    return {name: round(value, 3) for name, value in result.items()}


def main() -> None:
    """Print the measures of each half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=("tuned", "held"))
    parser.add_argument("--quick", action="store_true", help="the tuned half only")
    options = parser.parse_args()
    halves = [options.half] if options.half else ["tuned"] if options.quick else ["tuned", "held"]
    report = {}
    for half in halves:
        begun = time.perf_counter()
        report[half] = scores(found(labels(half), options.folder))
        print(half, f"({time.perf_counter() - begun:.0f} s)")
        for name, value in report[half].items():
            print(f"  {name:16} {value}")
    json.dump(report, sys.stdout)
    print()


if __name__ == "__main__":
    main()

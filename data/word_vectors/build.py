"""Make the word vectors of follow-ups, analysis/indicators/vectors.bin, from public texts.

Usage: `.venv/bin/python data/word_vectors/build.py FOLDER OUT [LABELS.csv]`.

FOLDER holds work reports (.md or .txt, in any subfolders, 政府工作报告 in their path); what
LABELS.csv names (columns file, next) is left out, so that nothing is tuned on it. Words that stand
near each other in clauses are counted, the counts weighed (positive pointwise mutual information),
and the table taken down to a few dimensions. Only these numbers leave the texts, one byte each; the
file records how many texts there were and one sha256 of all.
"""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import rjieba

WORDS, DIMENSIONS, WINDOW, LEAST, SHIFT = 9000, 64, 6, 8, 2.0
WORD = re.compile(r"[\u4e00-\u9fff]{2,}")
ENDS = re.compile(r"[。！？；\n]")


def clauses(paths: list[Path]) -> tuple[list[list[str]], str]:
    """The words of each stretch of text between stops, and the sha256 of all files."""
    found, seen = [], hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        seen.update(data)
        for text in ENDS.split(data.decode("utf-8-sig", "replace")):
            words = [word for word in rjieba.cut(text) if WORD.fullmatch(word)]
            if len(words) > 2:
                found.append(words)
    return found, seen.hexdigest()


def near(found: list[list[str]], numbers: dict[str, int]) -> np.ndarray:
    """How often words stand within the window, a nearer one more."""
    table = np.zeros((len(numbers), len(numbers)), np.float32)
    for words in found:
        own = [numbers.get(word, -1) for word in words]
        for at, one in enumerate(own):
            for apart, other in enumerate(own[at + 1 : at + WINDOW + 1], start=1):
                if one >= 0 <= other:
                    table[one, other] += 1 / apart
                    table[other, one] += 1 / apart
    return table


def vectors(table: np.ndarray) -> np.ndarray:
    """The table, weighed, in a few dimensions; each row of length 127, in whole numbers."""
    totals = table.sum(1)
    context = totals**0.75
    table /= np.maximum(totals[:, None], 1e-9)
    table /= (context / context.sum())[None]
    np.log(np.maximum(table, 1), out=table)
    np.maximum(table - np.float32(np.log(SHIFT)), 0, out=table)
    drawn = np.random.default_rng(0).standard_normal((len(table), DIMENSIONS + 16))
    basis = table @ drawn.astype(np.float32)
    for _ in range(4):
        basis, _ = np.linalg.qr(table @ (table.T @ basis))
    turned, sizes, _ = np.linalg.svd(basis.T @ table, full_matrices=False)
    made = (basis @ turned)[:, :DIMENSIONS] * np.sqrt(sizes[:DIMENSIONS])
    made /= np.linalg.norm(made, axis=1, keepdims=True) + 1e-9
    return np.round(made * 127).astype(np.int8)


def main(folder: str, out: str, labels: str = "") -> None:
    """Build and write."""
    left_out: set[str] = set()
    if labels:
        with Path(labels).open(encoding="utf-8-sig", newline="") as lines:
            left_out = {row[name] for row in csv.DictReader(lines) for name in ("file", "next")}
    paths = [
        path
        for path in sorted(Path(folder).rglob("*"))
        if path.suffix in (".md", ".txt") and "政府工作报告" in path.as_posix()
        if path.relative_to(folder).as_posix() not in left_out
    ]
    found, seen = clauses(paths)
    counts = Counter(word for words in found for word in words)
    ordered = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
    kept = [word for word in ordered if counts[word] >= LEAST]
    made = vectors(near(found, {word: at for at, word in enumerate(kept)}))
    words = np.frombuffer(" ".join(kept).encode("utf-8"), np.uint8)
    with Path(out).open("wb") as target:  # a name without .npz stays as it is
        np.savez_compressed(
            target, words=words, vectors=made, texts=np.array(len(paths)), sha256=np.array(seen)
        )
    print(f"{len(paths)} texts, {len(kept)} words")


if __name__ == "__main__":
    main(*sys.argv[1:])

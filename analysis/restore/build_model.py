"""Make `model.bin` from a folder of public texts.

Usage: `python -m analysis.restore.build_model FOLDER OUT`.

FOLDER holds .csv (column full_text), .jsonl (key content), .md or .txt files, in any subfolders.
Only counts leave it: n-grams of three to five characters that occur fewer than twice are left
out, and the file records the sha256 of each source. The same sources give the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .model import DIGIT, LINE, LOWER, ORDER, UNKNOWN, UPPER, Ints, Model, Table, fold, pack
from .verdict import counts

MOST_SYMBOLS = 6100  # below 2 ** (63 / 5), so that five symbols fit one integer
LEAST_COUNT = (0, 1, 1, 2, 2, 2)  # by order
SPACE = re.compile(r"[\s\u3000\u200b\u200d\ufeff]+")


def documents(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield (name, sha256 of the file, text) of every document below `folder`, in order of name."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        data = path.read_bytes()
        name, digest = path.relative_to(folder).as_posix(), hashlib.sha256(data).hexdigest()
        text = data.decode("utf-8-sig", "replace")
        if path.suffix == ".csv" and "full_text" in text[:200]:
            for n, row in enumerate(csv.DictReader(text.splitlines(keepends=True)), 1):
                yield f"{name}#{n}", digest, row["full_text"]
        elif path.suffix == ".jsonl":
            for n, line in enumerate(text.splitlines(), 1):
                yield f"{name}#{n}", digest, json.loads(line)["content"]
        elif path.suffix in {".md", ".txt"} and path.name != "README.md":
            yield name, digest, re.sub(r"<!--.*?-->|^#+ |\*\*", "", text, flags=re.M)


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of `text` as the model sees them: no spaces, symbols folded."""
    for line in text.split("\n"):
        plain = SPACE.sub("", line)
        if plain:
            yield "".join(map(fold, plain))


def build(texts: Iterable[str], sources: dict[str, str], extra: str = "") -> Model:
    """Return the model of `texts`; `extra` are characters that the vocabulary holds in any case."""
    lines = [line for text in texts for line in lines_of(text) if not _traditional(line)]
    symbols = _vocabulary(lines, extra)
    ids = {char: n for n, char in enumerate(symbols)}
    pad = [LINE] * (ORDER - 1)
    flat: list[int] = []
    for line in lines:
        flat += pad
        flat += [ids.get(char, UNKNOWN) for char in line]
    flat += pad
    stream = np.array(flat, dtype=np.int64)
    return Model(symbols, _tables(stream, len(symbols)), sources)


def _traditional(line: str) -> bool:
    """Whether a line is in traditional characters: the model is one of simplified prose."""
    traditional, plain = counts(line)
    return traditional > plain


def _vocabulary(lines: list[str], extra: str) -> str:
    seen = Counter(char for line in lines for char in line)
    frequent = [c for c, _ in sorted(seen.items(), key=lambda item: (-item[1], item[0]))]
    chosen = dict.fromkeys(frequent + list(extra))
    for special in "0Aa":
        chosen.pop(special, None)
    chosen.pop("\n", None)
    kept = sorted(list(chosen)[: MOST_SYMBOLS - 5])
    special_symbols = {LINE: "\n", UNKNOWN: "\ufffd", DIGIT: "0", UPPER: "A", LOWER: "a"}
    return "".join(special_symbols[n] for n in range(5)) + "".join(c for c in kept if c != "\ufffd")


def _tables(stream: Ints, size: int) -> list[Table]:
    """Count, smooth and prune (see the module `model` for the formula)."""
    none = np.zeros(0, np.int64)
    raw: list[tuple[Ints, Ints]] = [(none, none)]
    key = stream
    # a pad symbol is predicted only once a line: as its end
    predicted = (stream != LINE) | (np.concatenate(([LINE], stream[:-1])) != LINE)
    for order in range(1, ORDER + 1):
        if order > 1:
            key = stream[: len(stream) - order + 1] * size ** (order - 1) + key[1:]
        grams, counts = np.unique(key[predicted[order - 1 :]], return_counts=True)
        raw.append((grams, counts))
    tables = [Table(none, np.zeros(0, np.float32), np.zeros(0, np.float32))]
    for order in range(1, ORDER + 1):
        grams, counts = raw[order]
        used = counts
        if order < ORDER:  # Kneser-Ney: in how many contexts, not how often
            tail, kinds = np.unique(raw[order + 1][0] % size**order, return_counts=True)
            used = np.zeros_like(counts)
            at = np.searchsorted(grams, tail)
            at = np.minimum(at, len(grams) - 1)
            fits = grams[at] == tail
            used[at[fits]] = kinds[fits]
            used = np.maximum(used, 1)
        if order == 1:
            tables.append(_unigrams(grams, used, size))
        else:
            tables.append(_smoothed(order, grams, counts, used, tables, size))
    return tables


def _unigrams(grams: Ints, used: Ints, size: int) -> Table:
    count = np.full(size, 0.25)
    count[grams] += used
    count[UNKNOWN] = max(count[UNKNOWN], 5.0)
    return Table(
        np.arange(size), np.log(count / count.sum()).astype(np.float32), np.zeros(size, np.float32)
    )


def _discounts(used: Ints) -> npt.NDArray[np.float64]:
    """Return the discount of each count: Chen and Goodman's D1, D2 and D3+."""
    n1, n2, n3, n4 = (max(int((used == k).sum()), 1) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    d = [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    d = [min(max(x, 0.1 * k), 0.95 * k) for k, x in enumerate(d)]
    table = np.array(d, dtype=np.float64)
    return table[np.minimum(used, 3)]


def _smoothed(
    order: int, grams: Ints, counts: Ints, used: Ints, tables: list[Table], size: int
) -> Table:
    """Return one order's table, and set the back-off weights of the order below."""
    contexts = grams // size
    starts = np.flatnonzero(np.diff(contexts, prepend=-1))
    total = np.add.reduceat(used, starts)
    group = np.cumsum(np.diff(contexts, prepend=-1) != 0) - 1
    discount = _discounts(used)
    mass = np.add.reduceat(discount, starts) / total
    lower = np.exp(_query(tables, grams % size ** (order - 1), order - 1, size))
    p = (used - discount) / total[group] + mass[group] * lower
    keep = counts >= LEAST_COUNT[order]
    kept_p = np.add.reduceat(np.where(keep, p, 0.0), starts)
    kept_lower = np.add.reduceat(np.where(keep, lower, 0.0), starts)
    weight = np.log(np.maximum(1 - kept_p, 1e-6) / np.maximum(1 - kept_lower, 1e-6))
    below = tables[order - 1]
    heads = contexts[starts]
    at = np.minimum(np.searchsorted(below.keys, heads), len(below.keys) - 1)
    fits = below.keys[at] == heads
    below.back[at[fits]] = np.minimum(weight[fits], 0.0)
    return Table(
        grams[keep], np.log(p[keep]).astype(np.float32), np.zeros(int(keep.sum()), np.float32)
    )


def _query(tables: list[Table], grams: Ints, order: int, size: int) -> npt.NDArray[np.float64]:
    """Return log p of the last symbol of each gram of `order` under the tables so far."""
    out = tables[1].logp[grams % size].astype(np.float64)
    for n in range(2, order + 1):
        tail = grams % size**n
        context = tail // size
        table, below = tables[n], tables[n - 1]
        at = np.minimum(np.searchsorted(table.keys, tail), len(table.keys) - 1)
        there = np.minimum(np.searchsorted(below.keys, context), len(below.keys) - 1)
        back = np.where(below.keys[there] == context, below.back[there], 0.0)
        out = np.where(table.keys[at] == tail, table.logp[at], out + back)
    return out


def main(arguments: list[str], write: Callable[[str], object] = sys.stdout.write) -> int:
    """Build from FOLDER into OUT and say what was counted."""
    if len(arguments) != 2:
        write("usage: python -m analysis.restore.build_model FOLDER OUT\n")
        return 2
    found = list(documents(Path(arguments[0])))
    sources = {name.split("#")[0]: digest for name, digest, _ in found}
    model = build((text for _, _, text in found), sources)
    data = pack(model)
    Path(arguments[1]).write_bytes(data)
    write(f"{len(found)} documents, {[len(t.keys) for t in model.tables]}, {len(data)} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

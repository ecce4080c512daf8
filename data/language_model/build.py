"""Make the language model of restoration, analysis/restore/model.bin, from public texts.

Usage: `.venv/bin/python data/language_model/build.py FOLDER OUT`.

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
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analysis.restore.characters import counts
from analysis.restore.model import (
    GAP,
    LINE,
    ORDER,
    STEP,
    UNKNOWN,
    Ints,
    Model,
    Table,
    backed_off,
    find,
    fold,
)

MOST_SYMBOLS = 6100  # below 2 ** (63 / 5), so that five symbols fit one integer
LEAST_COUNT = (0, 1, 1, 2, 2, 2)  # by order
SPACE = re.compile(r"[\s\u3000\u200b\u200d\ufeff]+")
SPECIAL = "\n\ufffd0Aa"  # line, unknown, digit, capital, small letter: numbered so in `model`


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


def build(texts: Iterable[str], sources: dict[str, str]) -> Model:
    """Return the model of `texts`: of their simplified lines, without spaces, symbols folded."""
    every = (SPACE.sub("", line) for text in texts for line in text.split("\n"))
    lines = ["".join(map(fold, line)) for line in every if line and not _traditional(line)]
    seen = Counter(char for line in lines for char in line)
    for special in SPECIAL:
        seen.pop(special, None)
    frequent = sorted(seen, key=lambda char: (-seen[char], char))[: MOST_SYMBOLS - len(SPECIAL)]
    model = Model(SPECIAL + "".join(sorted(frequent)), [], sources)
    stream = model.encode(GAP + "".join(line + GAP for line in lines))
    model.tables = _tables(stream, model.size)
    return model


def _traditional(line: str) -> bool:
    traditional, plain = counts(line)
    return traditional > plain


def _tables(stream: Ints, size: int) -> list[Table]:
    """Count, smooth and prune (see the module `model` for the formula)."""
    key = stream
    counted = [(key[:0], key[:0])]
    # a pad symbol is predicted only once a line: as its end
    predicted = (stream != LINE) | (np.concatenate(([LINE], stream[:-1])) != LINE)
    for order in range(1, ORDER + 1):
        if order > 1:
            key = stream[: len(stream) - order + 1] * size ** (order - 1) + key[1:]
        counted.append(np.unique(key[predicted[order - 1 :]], return_counts=True))
    tables = [Table(key[:0], *np.zeros((2, 0), np.float32))]
    for order, (grams, often) in enumerate(counted[1:], 1):
        used = often
        if order < ORDER:  # Kneser-Ney: in how many contexts, not how often
            tail, kinds = np.unique(counted[order + 1][0] % size**order, return_counts=True)
            used = np.zeros_like(often)
            at, fits = find(grams, tail)
            used[at[fits]] = kinds[fits]
            used = np.maximum(used, 1)
        if order == 1:
            tables.append(_unigrams(grams, used, size))
        else:
            tables.append(_smoothed(order, grams, used, often >= LEAST_COUNT[order], tables))
    return tables


def _unigrams(grams: Ints, used: Ints, size: int) -> Table:
    count = np.full(size, 0.25)
    count[grams] += used
    count[UNKNOWN] = max(count[UNKNOWN], 5.0)
    logp = np.log(count / count.sum()).astype(np.float32)
    return Table(np.arange(size), logp, np.zeros(size, np.float32))


def _discounts(used: Ints) -> npt.NDArray[np.float64]:
    """Return the discount of each count: Chen and Goodman's D1, D2 and D3+."""
    n1, n2, n3, n4 = (max(int((used == k).sum()), 1) for k in (1, 2, 3, 4))
    y = n1 / (n1 + 2 * n2)
    d = [0.0, 1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3]
    table = np.array([min(max(x, 0.1 * k), 0.95 * k) for k, x in enumerate(d)])
    return table[np.minimum(used, 3)]


def _smoothed(
    order: int, grams: Ints, used: Ints, keep: npt.NDArray[np.bool_], tables: list[Table]
) -> Table:
    """Return one order's table, and set the back-off weights of the order below."""
    size = len(tables[1].keys)
    contexts = grams // size
    first = np.diff(contexts, prepend=-1) != 0
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    total = np.add.reduceat(used, starts)
    discount = _discounts(used)
    mass = np.add.reduceat(discount, starts) / total
    lower = np.exp(_chances(tables, grams % size ** (order - 1)))
    p = (used - discount) / total[group] + mass[group] * lower
    kept_p = np.add.reduceat(np.where(keep, p, 0.0), starts)
    kept_lower = np.add.reduceat(np.where(keep, lower, 0.0), starts)
    weight = np.log(np.maximum(1 - kept_p, 1e-6) / np.maximum(1 - kept_lower, 1e-6))
    at, fits = find(tables[-1].keys, contexts[starts])
    tables[-1].back[at[fits]] = np.minimum(weight[fits], 0.0)
    logp = np.log(p[keep]).astype(np.float32)
    return Table(grams[keep], logp, np.zeros_like(logp))


def _chances(tables: list[Table], grams: Ints) -> npt.NDArray[np.float64]:
    """Return log p of the last symbol of each gram under the tables so far."""
    size = len(tables[1].keys)
    logp = tables[1].logp[grams % size].astype(np.float64)
    for order in range(2, len(tables)):
        gram = grams % size**order
        logp = backed_off(tables[order - 1], tables[order], gram // size, gram, logp)
    return logp


def pack(model: Model) -> bytes:
    """Return the model as bytes: a JSON head, then packed planes; the same for the same input."""
    blocks: list[bytes] = []
    for table in model.tables[1:]:
        planes = np.diff(table.keys, prepend=0).astype("<u8").view(np.uint8).reshape(-1, 8).T
        width = max((n + 1 for n in range(8) if planes[n].any()), default=1)
        blocks.append(np.ascontiguousarray(planes[:width]).tobytes())
        for values in (table.logp, table.back):
            steps = np.clip(np.rint(-values / STEP), 0, 255)
            blocks.append(steps.astype(np.uint8).tobytes())
    packed = [zlib.compress(block, 9) for block in blocks]
    head = {
        "symbols": model.symbols,
        "counts": [len(table.keys) for table in model.tables[1:]],
        "blocks": [len(block) for block in packed],
        "sources": model.sources,
    }
    text = json.dumps(head, ensure_ascii=False, sort_keys=True).encode()
    return len(text).to_bytes(4, "little") + text + b"".join(packed)


def main(arguments: list[str], write: Callable[[str], object] = sys.stdout.write) -> int:
    """Build from FOLDER into OUT and say what was counted."""
    if len(arguments) != 2:
        write("usage: python data/language_model/build.py FOLDER OUT\n")
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

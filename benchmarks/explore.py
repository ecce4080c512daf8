"""The explorer: from a key to the lines, against the usual way; and what comes after the lines.

    python benchmarks/explore.py FOLDER …

Each FOLDER is a study or a built corpus (`synthesize.py`, `gongbao corpus build`). As a query is
typed letter by letter, the time of each letter is from its coming to the kernel to the rows of the
first page being ready for the browser. The usual way is a pandas frame of sentences:
`str.contains`, then `re.finditer` and slices for the first 2,000 lines. `rest` is charts and
places, which the browser asks for behind the lines. The first look reads the sentences, once.
Seconds are of the processor, as an idle machine would have them: other work on it counts not. The
last line is one JSON object: the median and the worst of all letters, `ratio` (usual / ours, of the
medians).
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import analysis as gb  # noqa: E402
from analysis.kit import InputError  # noqa: E402
from analysis.study import query  # noqa: E402
from analysis.words import queries  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

TYPED = ("法治政府", "法治|法制", "执法，数字*", "/第[一二三].?批/", "行政?法")
LINES, WIDTH = 2_000, 20


def seconds(what: Callable[[], object]) -> float:
    """Seconds of the processor that something takes: nobody else's work counts."""
    begun = time.process_time()
    what()
    return time.process_time() - begun


def usual(sentences: pd.DataFrame, typed: str) -> list[tuple[str, str, str]]:
    """The lines of a query as one would find them with pandas."""
    pattern = "|".join(one.pattern for one in queries.terms(typed))
    held = sentences[sentences["text"].str.contains(pattern)]
    lines: list[tuple[str, str, str]] = []
    count = 0
    for text in held["text"]:
        for found in re.finditer(pattern, text):
            count += 1
            if len(lines) < LINES:
                start, end = found.span()
                around = text[max(0, start - WIDTH) : start], text[end : end + WIDTH]
                lines.append((around[0], found[0], around[1]))
    return lines


def letters() -> list[str]:
    """Each query as far as it is typed, but for what is none yet."""
    found = []
    for one in TYPED:
        for end in range(1, len(one) + 1):
            try:
                queries.terms(one[:end])
            except InputError:
                continue
            found.append(one[:end])
    return found


def measured(folder: Path) -> dict[str, Any]:
    """The times of one study."""
    study = query.opened(folder)
    first = seconds(lambda: study.counted(study.sizes).n)  # what the store or a corpus keeps
    explorer = gb.Explorer(study, {"lang": "en"}, data=str(folder))
    opened = seconds(lambda: explorer.change(term="法"))
    texts = explorer.material.texts(explorer.choice)
    assert texts is not None, "so many reports are not held in memory"
    sentences = texts.sentences.select(["text"]).to_pandas()
    ours, theirs, rest = [], [], []
    for typed in letters():
        explorer.change(term="")
        ours.append(seconds(lambda typed=typed: explorer.change(term=typed)))
        theirs.append(seconds(lambda typed=typed: usual(sentences, typed)))
        rest.append(seconds(explorer.panel.rest))
    middle, other = statistics.median(ours), statistics.median(theirs)
    return {
        "reports": len(study.reports),
        "sentences": len(sentences),
        "ratio": round(other / middle, 1),
        "key_s": round(middle, 3),
        "worst_key_s": round(max(ours), 3),
        "usual_s": round(other, 3),
        "rest_s": round(statistics.median(rest), 3),
        "first_look_s": round(opened, 2),
        "counts_s": round(first, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    options = parser.parse_args()
    found = {}
    for folder in options.folders:
        found[folder.name] = measured(folder)
        print(folder.name, *(f"{name} {value}" for name, value in found[folder.name].items()))
    print(json.dumps(found))


if __name__ == "__main__":
    main()

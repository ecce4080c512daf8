"""A study of many reports: its first build against the usual recipe, and what comes after.

Usage: `.venv/bin/python benchmarks/study.py FOLDER [--reports N] [--engine jieba|rjieba]`

FOLDER holds the reports (Markdown or text). The recipe is what papers do: read each file,
`jieba.lcut` all of it, count 100 words with `str.count`, put the numbers into a pandas frame, in
one process. Ours makes the tables of words and themes (sentences with their places and parts,
edits, counts, codings), then all, with every word's place and every number; its seconds are those
of all its processes. Then: a table the second time (the whole command), one report more, and two
notebooks from the store. The last line is one JSON object; ratios above 1 mean that ours is
faster.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.study import Study, catalogue  # noqa: E402

WORDS = 100
RECIPE = """
import sys
import jieba
import pandas as pd
jieba.setLogLevel(60)
words = sys.argv[1].split(",")
rows = []
for path in sys.stdin.read().splitlines():
    text = open(path, encoding="utf-8").read()
    rows.append([path, len(jieba.lcut(text)), *(text.count(word) for word in words)])
print(pd.DataFrame(rows, columns=["path", "N", *words]).sum(numeric_only=True).sum())
"""


def timed(what: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the clock, and of the processor in all processes that ended meanwhile."""
    begun, before = time.perf_counter(), _spent()
    what()
    return time.perf_counter() - begun, _spent() - before


def _spent() -> float:
    both = [resource.getrusage(one) for one in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both)


def gongbao(*arguments: str, to: Path) -> None:
    """Run a command of ours; its output goes to a file."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with to.open("wb") as stream:
        command = [sys.executable, "-m", "analysis", *arguments]
        subprocess.run(command, env=env, stdout=stream, stderr=subprocess.DEVNULL, check=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--reports", type=int, default=526)
    parser.add_argument("--engine", default="rjieba")
    parser.add_argument("--drawn", type=int, default=100, help="reports that the notebooks draw")
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.rglob("*") if path.suffix in (".md", ".txt"))
    paths = sorted(random.Random(1).sample(paths, min(len(paths), options.reports + 1)))
    last = paths.pop()
    found: dict[str, float] = {"reports": len(paths)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, said = folder / "study", folder / "said"
        catalogue.new(study, "")
        added = Study(study).add(*paths)
        found["added"] = len(Study(study).reports)
        print(f"{found['added']} of {len(paths)} reports added; {len(added.problems)} refused")
        words = _words(study)

        def recipe() -> None:
            subprocess.run(
                [sys.executable, "-c", RECIPE, ",".join(words)],
                input="\n".join(map(str, paths)),
                text=True,
                check=True,
                stdout=subprocess.DEVNULL,
            )

        def build(names: str) -> None:
            shutil.rmtree(study / "store", ignore_errors=True)
            command = f"from analysis.study import Study; Study({str(study)!r}, "
            command += f"engine={options.engine!r}).store.build({names})"
            env = {**os.environ, "PYTHONPATH": str(ROOT)}
            subprocess.run([sys.executable, "-c", command], env=env, check=True)

        found["recipe_s"], found["recipe_cpu"] = timed(recipe)
        for kind, names in (("words", 'names=("counts", "codings")'), ("build", "")):
            found[f"{kind}_s"], spent = timed(lambda names=names: build(names))
            found[f"{kind}_cpu"], found[f"{kind}_ratio"] = spent, found["recipe_cpu"] / spent
        again = ("--data", str(study), "--engine", options.engine)
        for table in ("sentences", "terms", "figures_found"):
            asked = ("table", table, *again, "-o", str(folder / f"{table}.parquet"))
            found[f"{table}_s"], _ = timed(lambda asked=asked: gongbao(*asked, to=said))
        Study(study).add(last)
        found["one_more_s"], _ = timed(lambda: gongbao("table", "codings", *again, to=said))
        ids = ";".join(Study(study).reports["report_id"].head(options.drawn))
        for notebook in ("theme_coverage", "keyword_frequency"):
            params = folder / f"{notebook}.csv"
            said_too = notebook == "keyword_frequency"  # the other one cuts no words
            cells = f"reports,engine\n{ids},{options.engine}\n" if said_too else f"reports\n{ids}\n"
            params.write_text(cells, "utf-8")
            out = ("--out", str(folder / notebook), "--jobs", "1", "--data", str(study))
            asked = ("render", str(params), "--notebook", notebook, *out)
            found[f"{notebook}_s"], _ = timed(lambda asked=asked: gongbao(*asked, to=said))
    print(json.dumps({key: round(value, 2) for key, value in found.items()}))


def _words(study: Path) -> list[str]:
    """A hundred words of the study's themes."""
    terms = [term for theme in Study(study).codebook.themes for term in theme.include]
    return [term for term in terms if "," not in term][:WORDS]


if __name__ == "__main__":
    main()

"""Time, memory and disk of `gongbao corpus build` against the usual way, and times of queries.

    python benchmarks/corpus.py [--reports N] [--baseline N] [--jobs N] [--keep DIR] [--quick]

The usual way is one process: read a file, `re` for sentences, the themes' terms and numbers, jieba
for words, pandas for tables, one CSV of each. It does less than ours: no patterns of themes, no
scope, period or meaning of a number, no places in the raw file. Both sides read the same made-up
reports (see `synthesize.py`), undamaged ones and with 1 % damaged; seconds are of processor time,
of all processes, with their start, so `ratio` is per core. The restorer's own seconds stand on a
line of their own: the usual way restores nothing. Our build leaves figures to the first question
about them, whose seconds stand on a line too; `ratio_with_figures` counts both. The usual way is
measured before and after ours, since other work on a machine slows both. `floor_ratio` is ours over
the bare loops that cannot be left out: cutting words, counting them, one pattern for numbers, one
automaton for the themes' terms, sentences, characters to simplified ones. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import jieba
import opencc
import pandas as pd
from ahocorasick_rs import AhoCorasick, MatchKind

from analysis.kit import files
from analysis.restore import restore
from analysis.study import Study, query

ENDS = re.compile(r"[^。！？；\n]+[。！？；]?")
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)(余|多)?(万|亿)?([^\s\d，。；、]{0,2})(以上|以下)?")
EVERY = 0.2  # seconds between two looks at the memory


def usual(paths: list[Path], out: Path, study: Study) -> None:
    """The same tables as one would write them in an afternoon, a CSV each."""
    owner = {term: theme.id for theme in study.codebook.themes for term in theme.include}
    longest = sorted(owner, key=len, reverse=True)
    term = re.compile("|".join(map(re.escape, longest)))
    stop = set(study.stopwords)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        split = pd.DataFrame({"text": [one.strip() for one in ENDS.findall(text)]})
        split = split[split["text"] != ""]
        hits = [
            (row, owner[match[0]], match.start(), match.end())
            for row, one in enumerate(split["text"])
            for match in term.finditer(one)
        ]
        figures = [
            (row, *match.groups())
            for row, one in enumerate(split["text"])
            for match in NUMBER.finditer(one)
        ]
        words: Counter[str] = Counter()
        for one in split["text"]:
            words.update(word for word in jieba.cut(one) if len(word) > 1 and word not in stop)
        found = {
            "sentences": split,
            "themes": pd.DataFrame(hits, columns=["row", "theme", "start", "end"]),
            "terms": pd.DataFrame(words.most_common(), columns=["term", "n"]),
            "figures": pd.DataFrame(
                figures, columns=["row", "value", "more", "times", "unit", "b"]
            ),
        }
        for name, frame in found.items():
            frame.to_csv(out / f"{path.stem}.{name}.csv", index=False)


def floor(paths: list[Path], study: Study) -> float:
    """Processor seconds of the bare loops, with nothing kept."""
    texts = [path.read_text(encoding="utf-8") for path in paths]
    terms = [term for theme in study.codebook.themes for term in theme.include]
    automaton = AhoCorasick(terms, matchkind=MatchKind.LeftmostLongest)
    cutter, simplified = Study(study.path, engine="rjieba").segmenter, opencc.OpenCC("t2s")
    cutter.cut("法治政府")
    begun = time.process_time()
    for text in texts:
        simplified.convert(text)
        ENDS.findall(text)
        NUMBER.findall(text)
        automaton.find_matches_as_indexes(text)
        Counter(cutter.cut(text))
    return time.process_time() - begun


def synthesized(folder: Path, reports: int, damage: float) -> Path:
    """A folder of made-up reports; one that is there already is taken."""
    place = folder / f"reports-{reports}-{damage}"
    if not (place / "reports.csv").exists():
        script = Path(__file__).with_name("synthesize.py")
        options = [str(reports), str(place), "--damage", str(damage)]
        subprocess.run([sys.executable, script, *options], check=True)
    return place


def spent() -> float:
    """Processor seconds of this process's children so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Memory(threading.Thread):
    """The largest sum of the memory of a process and its children; what is shared counts once."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peak, self.done = pid, 0, threading.Event()

    def run(self) -> None:
        """Look again and again until told that all is done."""
        import psutil

        while not self.done.wait(EVERY):
            try:
                top = psutil.Process(self.pid)
                family = [top, *top.children(recursive=True)]
                self.peak = max(self.peak, sum(one.memory_full_info().pss for one in family))
            except psutil.Error:
                continue


def built(texts: Path, out: Path, jobs: int, engine: str) -> dict[str, float]:
    """Build a corpus with the command; processor seconds, wall seconds, peak bytes, disk."""
    command = [sys.executable, "-m", "analysis", "corpus", "build", texts, "--out", out]
    before, begun = spent(), time.perf_counter()
    with subprocess.Popen([*command, "--jobs", str(jobs), "--engine", engine]) as process:
        memory = Memory(process.pid)
        memory.start()
        if process.wait():
            sys.exit(f"the build ended with {process.returncode}")
    memory.done.set()
    wall, used = time.perf_counter() - begun, spent() - before
    files = [path for path in out.rglob("*.parquet") if path.is_file()]
    whole = sum(path.stat().st_size for path in files)
    split = sum(path.stat().st_size for path in files if path.stem == "sentences")
    raw = sum(path.stat().st_size for path in texts.rglob("*.txt"))
    return {
        "cpu_s": used,
        "wall_s": wall,
        "cores_busy": used / wall / min(jobs, os.cpu_count() or 1),
        "peak_GiB": memory.peak / 2**30,
        "raw_MB": raw / 1e6,
        "disk_share": whole / raw,
        "disk_share_without_sentences": (whole - split) / raw,
    }


def restoring(paths: list[Path]) -> float:
    """Processor seconds of the restorer alone."""
    read = [path.read_text(encoding="utf-8") for path in paths]
    begun = time.process_time()
    for text in read:
        restore(text)
    return time.process_time() - begun


def asked(corpus: Path) -> dict[str, float]:
    """Seconds of queries, each asked twice: the second time files are warm, caches are not."""
    questions = {
        "keyness_s": lambda one: query.keyness(one, "province=福建省", min_n=10),
        "keyness_dispersion_s": lambda one: query.keyness(
            one, "province=福建省", min_n=10, dispersion=True
        ),
        "concordance_100_s": lambda one: query.concordance(one, "法治政府", limit=100),
        "rates_s": lambda one: query.rates(one, ["法治", "政府"]),
        "coverage_s": lambda one: query.coverage(one, by=["year"]),
    }
    took, before, begun = {}, spent(), time.perf_counter()
    query.indicators(query.opened(corpus), "")
    took["indicators_first_s"] = time.perf_counter() - begun
    took["indicators_first_cpu_s"] = spent() - before
    for name, ask in questions.items():
        for _ in range(2):
            begun = time.perf_counter()
            ask(query.opened(corpus))
            took[name] = time.perf_counter() - begun
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--reports", type=int, default=10_000)
    parser.add_argument("--baseline", type=int, default=500, help="reports for the usual way")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--keep", type=Path, help="where reports and corpora stay, to be used again"
    )
    parser.add_argument("--quick", action="store_true", help="200 reports, to see that it runs")
    given = parser.parse_args()
    if given.quick:
        given.reports, given.baseline = 200, 40
    with tempfile.TemporaryDirectory() as own:
        measured(given, given.keep or Path(own))


def usually(paths: list[Path], study: Study) -> float:
    """Processor seconds of the usual way for one report."""
    with tempfile.TemporaryDirectory() as out:
        begun = time.process_time()
        usual(paths, Path(out), study)
        return (time.process_time() - begun) / len(paths)


def measured(given: argparse.Namespace, folder: Path) -> None:
    """Run everything and print it."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = synthesized(folder, given.reports, 0)
    paths = sorted((texts).rglob("*.txt"))[:: max(given.reports // given.baseline, 1)]
    study = Study(files.home() / "data")
    jieba.initialize()
    list(jieba.cut("法治政府"))
    bare = floor(paths, study) / len(paths)
    result: dict[str, Any] = {"reports": given.reports, "floor_s_per_100k": bare * 1e5}
    for damage in (0, 0.01):
        source = synthesized(folder, given.reports, damage)
        with tempfile.TemporaryDirectory(dir=folder) as out:
            before = usually(paths, study)
            ours = built(source, Path(out) / "corpus", given.jobs, "rjieba")
            each = (before + usually(paths, study)) / 2
            if not damage:
                ours |= asked(Path(out) / "corpus")
        ours["usual_s_per_100k"] = each * 1e5
        own = each * given.reports / ours["cpu_s"]
        if not damage:
            every = ours["cpu_s"] + ours["indicators_first_cpu_s"]
            ours["ratio_with_figures"] = each * given.reports / every
        print(f"\ndamage {damage:.0%}: {own:.2f} times as fast per core")
        sample = sorted(source.rglob("*.txt"))[: given.baseline * 2]
        ours["restore_cpu_s"] = restoring(sample) / len(sample) * given.reports
        for name, value in ours.items():
            print(f"  {name:30s}{value:10.2f}")
        result[f"damage_{damage}"] = {"ratio": round(own, 2)} | ours
    few = synthesized(folder, max(given.reports // 5, 1), 0)
    with tempfile.TemporaryDirectory(dir=folder) as out:
        slow = built(few, Path(out) / "corpus", given.jobs, "jieba")
    result["floor_ratio"] = round(result["damage_0"]["cpu_s"] / given.reports / bare, 2)
    result["ratio_jieba"] = round(each * max(given.reports // 5, 1) / slow["cpu_s"], 2)
    result["ratio"] = result["damage_0"]["ratio"]
    print(f"\nwith jieba: {result['ratio_jieba']} times as fast per core")
    print(json.dumps(result))


if __name__ == "__main__":
    main()

"""How well, and how fast, restoration mends texts that `mangle` has broken.

    python benchmarks/restore.py [--quick] [--fold N] [--seed N]

Reads the public texts in ../shared/corpora (beside the checkout). Provincial reports are broken
by the forward model: every site has its own share of glossed characters (all, half, none), and
slips at paragraph starts or inside paragraphs. **The model leaves the tested texts out**: the
provinces, in order of name, fall into three folds; a fold is tested with a model built, in the
same run, from the two other folds and the rest of the corpora. `--quick` tests a part of one fold.

The baseline is what one would do without this package: strip the glosses with a regular
expression, convert with OpenCC's t2s, widen the punctuation between Chinese characters.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "data" / "language_model")]

from build import build, documents, pack  # noqa: E402
from mangle import Run, Site, convert, mangle_with_runs  # noqa: E402

from analysis.restore.characters import simplified  # noqa: E402
from analysis.restore.model import Model, load, unpack  # noqa: E402
from analysis.restore.record import Restored  # noqa: E402
from analysis.restore.rules import restore  # noqa: E402

NO_PROSE = {"boilerplate", "invisible", "width", "line", "line-end", "page", "blank", "bullet"}
SHARED = ROOT.parent / "shared"
GLOSS = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,6}\)")


@dataclass(frozen=True)
class Case:
    """A clean text, what a site made of it, and where it slipped."""

    clean: str
    raw: str
    runs: tuple[Run, ...]


def body(text: str) -> list[str]:
    """Return the paragraphs of a report without the page around it."""
    lines = (re.sub(r"[\u3000\u200b\r]", "", line).strip() for line in text.split("\n"))
    return [line for line in lines if len(line) >= 12]


def broken(clean: str, rng: random.Random, share: float, starts: float, inside: float) -> Case:
    """Break `clean`: a share of its characters glossed, slips at a share of the paragraphs."""
    from pypinyin import Style, pinyin

    converted = sorted(set(convert(clean)) & set(simplified()))
    glosses = {
        char: pinyin(char, style=Style.TONE)[0][0] for char in converted if rng.random() < share
    }
    slips = [m.start() for m in re.finditer("^", clean, re.M) if rng.random() < starts]
    slips += [
        m.end()
        for m in re.finditer("[。；”]", clean)
        if rng.random() < inside and clean[m.end() : m.end() + 1] not in ("", "\n")
    ]
    raw, runs = mangle_with_runs(clean, Site(glosses=glosses, slips=tuple(slips)))
    return Case(clean, raw, tuple(run for run in runs if run.raw_end > run.raw_start))


def whole(texts: list[str], rng: random.Random, share: float) -> Iterator[Case]:
    """Yield whole reports, two paragraphs in five slipped at their start."""
    for text in texts:
        yield broken("\n".join(body(text)), rng, share, 0.4, 0.0)


def inside(texts: list[str], rng: random.Random, share: float) -> Iterator[Case]:
    """Yield whole reports that slip inside paragraphs, behind one mark in fifty."""
    for text in texts:
        yield broken("\n".join(body(text)), rng, share, 0.0, 0.02)


def passages(texts: list[str], rng: random.Random, share: float, count: int) -> Iterator[Case]:
    """Yield passages of four paragraphs, three in five slipped."""
    for _ in range(count):
        lines = [line for line in body(rng.choice(texts)) if len(line) > 40]
        first = rng.randrange(len(lines) - 4)
        yield broken("\n".join(lines[first : first + 4]), rng, share, 0.6, 0.0)


def baseline(raw: str) -> str:
    """Return what a regular expression and OpenCC make of `raw`."""
    from opencc import OpenCC

    text = OpenCC("t2s").convert(GLOSS.sub("", raw))
    wide = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）"}
    beside = "(?<=[\u4e00-\u9fff])[,;:()]|[,;:()](?=[\u4e00-\u9fff])"
    return re.sub(beside, lambda match: wide[match[0]], text)


def differing(clean: str, text: str) -> int:
    """Return how many characters of `clean` are not reproduced in `text` (or are too many)."""
    wrong = 0
    clean_lines, lines = clean.split("\n"), text.split("\n")
    for ours, theirs in zip(lines, clean_lines, strict=False):
        if ours != theirs:
            steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
            wrong += sum(max(j - i, m - k) for tag, i, j, k, m in steps if tag != "equal")
    return wrong + sum(map(len, clean_lines[len(lines) :] + lines[len(clean_lines) :]))


class Places:
    """From raw offsets to restored ones."""

    def __init__(self, restored: Restored) -> None:
        self.edits = restored.edits

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the restored span of raw characters, widened to whole edits."""
        shift = 0
        begin = finish = -1
        for edit in self.edits:
            if begin < 0 and edit.raw_end > start:
                begin = min(start, edit.raw_start) + shift
            if edit.raw_start >= end:
                break
            shift += len(edit.after) - len(edit.before)
            if edit.raw_end > end:
                finish = edit.raw_end + shift
                break
        return (start + shift if begin < 0 else begin), (end + shift if finish < 0 else finish)


def measure(cases: Iterator[Case], model: Model, show: int = 0) -> Counter[str]:
    """Restore every case and count."""
    count: Counter[str] = Counter()
    for case in cases:
        began = time.process_time()
        restored = restore(case.raw, model=model)
        count["ms"] += round(1000 * (time.process_time() - began))
        count["chars"] += len(case.clean)
        count["wrong"] += differing(case.clean, restored.text)
        count["wrong_baseline"] += differing(case.clean, baseline(case.raw))
        places = Places(restored)
        phase = {e.raw_start: e for e in restored.edits if e.rule == "phase"}
        count["unresolved"] += len(restored.unresolved)
        hit = set()
        for run in case.runs:
            start, end = places.span(run.raw_start, run.raw_end)
            length = max(end - start, run.end - run.start)
            wanted = case.clean[run.start : run.start + length]
            exact = restored.text[start : start + length] == wanted
            kind = f"dropped{min(run.dropped, 3)}"
            count["runs"] += 1
            count[kind] += 1
            if exact:
                count["exact"] += 1
                count[kind + "_exact"] += 1
            edit = phase.get(run.raw_start)
            if edit is not None:
                hit.add(run.raw_start)
                count[edit.certainty] += 1
                count[edit.certainty + "_wrong"] += not exact
            if not exact and show:
                show -= 1
                print(
                    "   ",
                    repr(case.raw[run.raw_start : run.raw_end]),
                    "was",
                    case.clean[run.start : run.end],
                    "now",
                    restored.text[start:end],
                    edit and (edit.certainty, edit.note),
                )
        for place, edit in phase.items():
            if place not in hit and edit.before != edit.after:
                start, end = places.span(edit.raw_start, edit.raw_end)
                count["elsewhere"] += 1
                count["certain_wrong"] += edit.certainty == "certain"
                if show > 0:
                    print("    elsewhere", repr(edit.before), edit.after, edit.certainty)
    return count


def speed(model: Model, texts: list[str], rng: random.Random) -> dict[str, float]:
    """Return the speeds: clean and glossed text in MB/s, a slipped report in seconds."""
    clean = "\n".join("\n".join(body(text)) for text in texts)
    restore(clean[:2000], model=model)
    began = time.process_time()
    restore(clean, model=model)
    clean_speed = len(clean.encode()) / 1e6 / (time.process_time() - began)
    glossed = broken(clean, rng, 0.6, 0.0, 0.0).raw
    restore(glossed[:2000], model=model)
    began = time.process_time()
    restore(glossed, model=model)
    ours = time.process_time() - began
    began = time.process_time()
    baseline(glossed)
    theirs = time.process_time() - began
    report = "\n".join(body(texts[0]))
    report = report[: report.find("\n", 15_000) if len(report) > 15_000 else len(report)]
    case = broken(report, rng, 0.6, 0.4, 0.0)
    began = time.process_time()
    restore(case.raw, model=model)
    seconds = (time.process_time() - began) * 15_000 / len(report)
    return {
        "clean_mb_per_s": round(clean_speed, 1),
        "glossed_mb_per_s": round(len(glossed.encode()) / 1e6 / ours, 2),
        "glossed_ratio": round(theirs / ours, 3),
        "slipped_report_s": round(seconds, 2),
    }


def untouched(texts: list[str]) -> dict[str, int]:
    """Return how many edits clean and legitimately traditional texts get.

    Boilerplate, other shapes of the same character and the ends of lines, which are no prose, do
    not count.
    """
    from opencc import OpenCC

    found = {"clean_chars": sum(map(len, texts))}
    for name, scheme in (("clean", ""), ("taiwan", "s2tw"), ("hongkong", "s2hk")):
        edits = 0
        for text in texts:
            plain = OpenCC(scheme).convert(text) if scheme else text
            rules = [edit.rule for edit in restore(plain).edits]
            edits += sum(rule not in NO_PROSE for rule in rules)
        found[f"{name}_edits"] = edits
    return found


def bundled() -> dict[str, object]:
    """Return whether the bundled report is restored in every character."""
    raw = (SHARED / "seed" / "xiamen-2022.mangled.txt").read_text("utf-8")
    gold = (SHARED / "gold" / "xiamen-2022.restored.txt").read_text("utf-8")
    load()
    began = time.process_time()
    restored = restore(raw)
    seconds = time.process_time() - began
    again = restore(restored.text)
    return {
        "bundled_exact": restored.text == gold,
        "bundled_s": round(seconds, 2),
        "idempotent": again.text == restored.text,
    }


def percent(part: int, of: int) -> float:
    """Return a share in percent (100 where there is nothing)."""
    return round(100 * part / of, 3) if of else 100.0


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a part of one fold, below 50 seconds")
    parser.add_argument("--fold", type=int, default=None, help="only this fold (0, 1 or 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many wrong passages of a set")
    options = parser.parse_args()
    corpora = SHARED / "corpora"
    if not corpora.is_dir():
        print("no ../shared/corpora beside the checkout: nothing to measure")
        print(json.dumps({"skipped": True}))
        return 0
    figures: dict[str, object] = bundled()
    found = list(documents(corpora))
    provinces = [item for item in found if item[0].startswith("provincial")]
    folds = [options.fold] if options.fold is not None else [0] if options.quick else [0, 1, 2]
    totals: dict[str, Counter[str]] = {}
    for fold in folds:
        tested = provinces[fold::3]
        names = {name for name, _, _ in tested}
        model = unpack(pack(build((text for name, _, text in found if name not in names), {})))
        texts = [text for _, _, text in tested]
        few = 2 if options.quick else len(texts)
        for share in (1.0, 0.5, 0.0):
            rng = random.Random(f"{options.seed} {fold} {share}")
            sets = {
                "whole": whole(texts[:few], rng, share),
                "passages": passages(texts, rng, share, 12 if options.quick else 120),
                "inside": inside(texts[: few // 2 or 1], rng, share),
            }
            for name, cases in sets.items():
                key = f"{name}_{share}"
                if options.show:
                    print(key)
                totals.setdefault(key, Counter()).update(measure(cases, model, options.show))
        if fold == folds[-1]:
            figures |= speed(model, texts[:4], random.Random(options.seed))
    figures |= untouched([text for _, _, text in (found[::4] if options.quick else found)])
    figures |= table(totals)
    print(json.dumps(figures))
    return 0


def table(totals: dict[str, Counter[str]]) -> dict[str, object]:
    """Print a row for each set of cases, and return the figures to keep."""
    heads = (
        "right %",
        "baseline",
        "runs",
        "exact %",
        "0 lost",
        "1",
        "2",
        "3+",
        "certain",
        "wrong",
        "s/15k",
    )
    print(f"{'set, share glossed':<20}{'chars':>9}" + "".join(f"{head:>9}" for head in heads))
    out: dict[str, object] = {}
    every: Counter[str] = Counter()
    for name, n in totals.items():
        every.update(n)
        right = 100 - percent(n["wrong"], n["chars"])
        kinds = [percent(n[f"dropped{k}_exact"], n[f"dropped{k}"]) for k in range(4)]
        row = (
            round(right, 3),
            round(100 - percent(n["wrong_baseline"], n["chars"]), 2),
            n["runs"],
            round(percent(n["exact"], n["runs"]), 2),
            *(round(kind, 1) for kind in kinds),
            n["certain"],
            n["certain_wrong"],
            round(n["ms"] / 1000 / n["chars"] * 15_000, 2),
        )
        print(f"{name:<20}{n['chars']:>9}" + "".join(f"{value:>9}" for value in row))
        out[f"{name}_chars"] = round(right, 3)
        out[f"{name}_runs"] = percent(n["exact"], n["runs"])
    out["runs"] = every["runs"]
    out["runs_exact"] = percent(every["exact"], every["runs"])
    out["runs_none_lost"] = percent(every["dropped0_exact"], every["dropped0"])
    out["certain"] = every["certain"]
    out["certain_wrong"] = every["certain_wrong"]
    out["elsewhere"] = every["elsewhere"]
    out["error_ratio"] = round(every["wrong_baseline"] / max(every["wrong"], 1), 1)
    return out


if __name__ == "__main__":
    raise SystemExit(main())

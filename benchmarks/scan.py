"""How well, and how fast, pages that are pictures are read: rendered pages, damaged as scans are.

    python benchmarks/scan.py [--quick] [--pages N] [--fonts FOLDER] [--seed N]

Reads public reports in ../shared/corpora (beside the checkout), which no part of recognition was
tuned on: of each the page with most digits, 16 pt, in one of three fonts (imitation Song, Song,
Kai), rendered in three grades: 200 dpi and clean; 150 dpi, turned by 0.5°, blurred, with noise;
110 dpi, JPEG 40. Needs the extra `scan` and the fonts (Debian: texlive-lang-chinese,
fonts-noto-cjk, fonts-arphic-ukai). There is no baseline: without the extra nothing is read.

A character error is one of substitution, loss or addition, over the characters of the page. `as
read` counts a comma of the other width as one; `marks alike` does not (restoration leaves
most of them: a list's (1) is good Chinese too). A number is exact if all its digits, points and
signs are there, in order.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import re
import sys
import time
from collections import Counter, defaultdict
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from analysis.reading import apart, extras, reports, transcript  # noqa: E402

CORPORA = Path(os.environ.get("GONGBAO_CORPORA") or ROOT.parent / "shared" / "corpora")
TEXTS = CORPORA / "lawtext"
FONTS = {
    "imitation Song": ("FandolFang-Regular.otf", 0),
    "Song": ("NotoSerifCJK-Regular.ttc", 2),
    "Kai": ("ukai.ttc", 0),
}
GRADES = {"200 dpi, clean": 200, "150 dpi, noise, turned": 150, "110 dpi, JPEG 40": 110}
NUMBER = re.compile(r"\d[\d.,]*%?")
ALIKE = str.maketrans("：；（），！？％．", ":;(),!?%.")
ODD = "#*|<_l∶\ufffd"
"""Marks of a page, and what typists put for 1 and for a colon: what stands there is not sure."""

NO_BEGIN = "，。；：、）”》！？％%"


def texts(n: int, seed: int, folder: Path) -> list[list[str]]:
    """Paragraphs of so many reports, those with most digits of each."""
    rng, found = random.Random(seed), []
    files = sorted(folder.rglob("*.md"))
    rng.shuffle(files)
    for file in files:
        lines = (re.sub(r"\s+", "", line) for line in file.read_text("utf-8").splitlines())
        lines = [line for line in lines if len(line) > 5 and not set(ODD) & set(line)]
        if len(lines) > 20 and sum(map(len, lines)) > 3_000:
            digits = [sum(map(str.isdigit, "".join(lines[at:])[:600])) for at in range(len(lines))]
            begin = digits.index(max(digits))
            found.append(lines[begin : begin + 30])
        if len(found) == n:
            break
    return found


def page(paragraphs: list[str], font: tuple[Path, int], dpi: int) -> tuple[Any, list[str]]:
    """A page of A4, 22 lines of 28 characters, and its lines."""
    size, lead = round(16 * dpi / 72), round(28 * dpi / 72)
    left, top, right, bottom = (round(mm * dpi / 25.4) for mm in (28, 37, 184, 262))
    drawn = ImageFont.truetype(str(font[0]), size, index=font[1])
    picture = Image.new("L", (round(210 * dpi / 25.4), round(297 * dpi / 25.4)), 255)
    pen, y, lines = ImageDraw.Draw(picture), top, []
    for paragraph in paragraphs:
        begin, line, x = left + 2 * size, "", left + 2 * size
        for char in [*paragraph, ""]:
            wide = drawn.getlength(char) if char else 0
            if not char or (x + wide > right and char not in NO_BEGIN):
                if y + lead > bottom:
                    return picture, lines
                pen.text((begin, y), line, font=drawn, fill=20)
                lines.append(line)
                begin, line, x, y = left, "", left, y + lead
            line, x = line + char, x + wide
    return picture, lines


def damaged(picture: Any, dpi: int, seed: int) -> bytes:
    """A page as its grade has it, a PNG or JPEG."""
    made = io.BytesIO()
    if dpi == 150:
        turned = picture.rotate(0.5, resample=Image.Resampling.BICUBIC, fillcolor=255)
        grey = np.asarray(turned.filter(ImageFilter.GaussianBlur(0.7)), float)
        grey += np.random.default_rng(seed).normal(0, 12, grey.shape)
        picture = Image.fromarray(grey.clip(0, 255).astype("uint8"))
    picture.save(
        made, *(("JPEG",) if dpi == 110 else ("PNG",)), **({"quality": 40} if dpi == 110 else {})
    )
    return made.getvalue()


def compared(wanted: str, source: reports.Source) -> dict[str, Any]:
    """What was read of a page against what stands there."""
    assert source.scan
    read, scores = "", []
    for place in source.scan.places:
        line = source.scan.pages[str(place.page)]["lines"][place.line]
        both = [(a, b) for a, b in zip(line["text"], line["scores"], strict=True) if a != " "]
        read += "".join(char for char, _ in both)
        scores += [score for _, score in both]
    found: dict[str, Any] = {"characters": len(wanted), "digits": sum(map(str.isdigit, read))}
    for name, table in (("as_read", {}), ("marks_alike", ALIKE)):
        own, other = wanted.translate(table), read.translate(table)
        changes = [
            one
            for one in SequenceMatcher(None, own, other, autojunk=False).get_opcodes()
            if one[0] != "equal"
        ]
        found[name] = sum(max(b - a, d - c) for _, a, b, c, d in changes)
    found["wrong"] = [
        (wanted[a:b], read[c:d], min(scores[c:d], default=-1)) for _, a, b, c, d in changes
    ]
    found["sure_wrong_digits"] = sum(
        char.isdigit() and score > 95
        for _, a, b, c, d in changes
        for char, score in zip(read[c:d], scores[c:d], strict=True)
        if wanted[a:b] != read[c:d]
    )
    own, other = NUMBER.findall(wanted.translate(ALIKE)), NUMBER.findall(read.translate(ALIKE))
    same = SequenceMatcher(None, own, other, autojunk=False).get_matching_blocks()
    found |= {"numbers": len(own), "exact": sum(block.size for block in same)}
    bad = {at for _, _, _, c, d in changes for at in range(c, d)}
    for limit in (50, 70, 80, 90, 95, 99):
        low = {at for at, score in enumerate(scores) if score < limit}
        found[f"below_{limit}"], found[f"caught_{limit}"] = len(low), len(low & bad)
    return found | {"bad": len(bad)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one page of each grade")
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("--seed", type=int, default=40)
    parser.add_argument("--fonts", type=Path, default=Path("/usr/share"), help="searched by name")
    options = parser.parse_args()
    if not extras.here(apart.SCAN) or not TEXTS.is_dir():
        print(f"nothing to measure: needs {extras.install(apart.SCAN)} and ../shared/corpora")
        return
    fonts = {
        name: (path, index)
        for name, (file, index) in FONTS.items()
        for path in [*options.fonts.rglob(file), *Path("/usr/share").rglob(file)][:1]
    }
    if missing := [file for name, (file, _) in FONTS.items() if name not in fonts]:
        print(f"without {', '.join(missing)}: their pages are in the other fonts")
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    number = 1 if options.quick else options.pages
    for at, paragraphs in enumerate(texts(number, options.seed, TEXTS)):
        font = [*fonts][at % len(fonts)]
        for grade, dpi in GRADES.items():
            picture, lines = page(paragraphs, fonts[font], dpi)
            data = damaged(picture, dpi, at)
            began = time.perf_counter()
            reader = _used()
            source = reports.decode(data, "page.png")
            found = compared("".join(lines), source)
            found["seconds"], found["work"] = time.perf_counter() - began, _used() - reader
            told = {key: found[key] for key in ("as_read", "marks_alike", "numbers", "exact")}
            print(f"{at} {font}, {grade}: {told} {found['wrong'][:8]}", flush=True)
            del found["wrong"]
            for name in (grade, font, "all"):
                sums[name].update({"pages": 1, **found})
    head = f"{'':24}{'pages':>6}{'as read':>9}{'marks alike':>13}{'numbers':>9}{'exact':>9}"
    print(f"{head}{'digits':>8}{'sure, wrong':>13}{'s/page':>8}{'work':>7}")
    for name, one in sums.items():
        all_ = one["characters"]
        rates = f"{one['as_read'] / all_:9.3%}{one['marks_alike'] / all_:13.3%}"
        exact = f"{one['numbers']:9}{one['exact'] / max(one['numbers'], 1):9.2%}{one['digits']:8}"
        speed = f"{one['seconds'] / one['pages']:8.1f}{one['work'] / one['pages']:7.1f}"
        print(f"{name:24}{one['pages']:6}{rates}{exact}{one['sure_wrong_digits']:13}{speed}")
    whole = sums["all"]
    for limit in (50, 70, 80, 90, 95, 99):
        low, caught = whole[f"below_{limit}"], whole[f"caught_{limit}"]
        print(
            f"below {limit}: {low / whole['characters']:.3%} of characters; "
            f"{caught} of {whole['bad']} wrong ones"
        )
    memory = _memory() / 1024
    print(f"memory of the reading process: {memory:.0f} MB; unsure is below {transcript.LIMIT}")
    told = {name: one["marks_alike"] / one["characters"] for name, one in sums.items()}
    numbers = {name: one["exact"] / max(one["numbers"], 1) for name, one in sums.items()}
    print(
        json.dumps(
            {
                "error": told,
                "numbers": numbers,
                "memory_mb": round(memory),
                "sure_wrong_digits": whole["sure_wrong_digits"],
                "digits": whole["digits"],
                "seconds_a_page": round(whole["work"] / whole["pages"], 1),
            }
        )
    )


def _status(name: str) -> str:
    reader = apart._here.get(apart.SCAN)
    place = Path(f"/proc/{reader.process.pid if reader else 'self'}/{name}")
    return place.read_text() if place.is_file() else ""


def _used() -> float:
    """Seconds of work of the reading process so far."""
    fields = _status("stat").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / 100 if fields and apart._here.get(apart.SCAN) else 0.0


def _memory() -> int:
    """Kilobytes that it took at most."""
    found = re.search(r"VmHWM:\s+(\d+)", _status("status"))
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()

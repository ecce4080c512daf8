"""Mutated files through every reader, the restorer and the splitter: nothing may crash or hang.

    python benchmarks/fuzz.py [N] [--seed S] [--quick]

Valid files of each kind (the bundled report, made-up ones, damaged ones) are cut, spliced, doubled,
sprinkled with other bytes or given another ending. What comes out is read or refused: refused is an
InputError that names the file; any other exception is a crash, and more than five seconds of
processor time is slow, for each 10,000 characters where a file's texts hold more than that. The
same seed gives the same files. The last line is one JSON object; status 1 if anything crashed, was
slow, or took more than 1 GiB.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import random
import resource
import sys
import traceback
import zipfile
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import docx
import pandas as pd
import psutil
import typst
from synthesize import write as synthesize

from analysis.kit import InputError, font, home
from analysis.reading import reports
from analysis.restore import restore
from analysis.study import sources
from analysis.text import sentences

SLOW = 5.0
MEMORY = 1 << 30
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "big5")
TABLES = (".csv", ".jsonl", ".parquet")
DOCUMENTS = (".html", ".mht", ".docx", ".odt", ".rtf", ".pdf", ".zip")
ENDINGS = (".txt", *DOCUMENTS, *TABLES, "")


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Valid files: their ending and bytes."""
    synthesize(6, folder, seed=1, damage=0.5)
    texts = [path.read_text("utf-8")[:3000] for path in sorted(folder.rglob("*.txt"))]
    bundled = home() / "data" / "reports" / "xiamen-2022.mangled.txt"
    texts.append(bundled.read_text("utf-8")[:4000])
    found: list[tuple[str, bytes]] = []
    for text in texts:
        said = text[:600].encode("utf-8", "replace").decode("utf-8")
        row = {"region": "厦门市", "year": "2021", "title": "题", "text": said}
        frame, packed = pd.DataFrame([row, row | {"region": "泉州市"}]), io.BytesIO()
        frame.to_parquet(packed, index=False)
        lines = frame.to_json(orient="records", lines=True, force_ascii=False)
        found += [
            (".csv", frame.to_csv(index=False).encode("utf-8-sig")),
            (".jsonl", lines.encode()),
        ]
        found += [(".csv", frame.to_csv(index=False).encode("gb18030"))]
        found += [(".parquet", packed.getvalue()), (".pdf", pdf(text))]
        found += [(".txt", text.encode(name, "replace")) for name in ENCODINGS]
        lines = "".join(f"<p>{line}</p>" for line in text.split("\n"))
        page = (
            f"<html><head><meta charset=utf-8><title>报告</title></head><body>{lines}</body></html>"
        )
        found.append((".html", page.encode()))
        document, file = docx.Document(), io.BytesIO()
        for line in text.split("\n"):
            document.add_paragraph("".join(char for char in line if char.isprintable()))
        document.save(file)
        found.append((".docx", file.getvalue()))
        found += [(".rtf", rtf(text)), (".odt", odt(text)), (".mht", mht(page))]
        found.append((".zip", archive({f"县{ending}": data for ending, data in found[-5:]})))
    return found


def rtf(text: str) -> bytes:
    """A text as rich text: half of its lines in Unicode, half as GBK."""
    lines = []
    for number, line in enumerate(text.split("\n")):
        units = line.encode("utf-16-le", "surrogatepass")
        codes = [units[at] | units[at + 1] << 8 for at in range(0, len(units), 2)]
        coded = "".join(f"\\u{code}?" for code in codes)
        plain = "".join(f"\\'{byte:02x}" for byte in line.encode("gbk", "replace"))
        lines.append(plain if number % 2 else coded)
    whole = "\\par\n".join(lines)
    table = "\\trowd\\pard\\intbl A\\cell B\\cell\\row"
    return f"{{\\rtf1\\ansi\\ansicpg936 {whole}\\par{table}{{\\shp{{\\shptxt C\\par}}}}}}".encode()


def odt(text: str) -> bytes:
    """A text as an OpenDocument text, with a table."""
    plain = ("".join(char for char in line if char.isprintable()) for line in text.split("\n"))
    body = "".join(f"<text:p>{escape(line)}</text:p>" for line in plain)
    cell = "<table:table-cell><text:p>甲</text:p></table:table-cell>"
    uri = "urn:oasis:names:tc:opendocument:xmlns"
    return archive(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": b"<manifest/>",
            "content.xml": (
                f'<o:d xmlns:o="{uri}:office:1.0" xmlns:text="{uri}:text:1.0" '
                f'xmlns:table="{uri}:table:1.0"><o:body><o:text>{body}<table:table>'
                f"<table:table-row>{cell}</table:table-row></table:table></o:text></o:body></o:d>"
            ).encode("utf-8", "replace"),
        }
    )


def mht(page: str) -> bytes:
    """A page as a browser saves it in one file."""
    head = "From: <Saved>\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n--B\n"
    part = "Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    return f"{head}{part}{base64.encodebytes(page.encode()).decode()}\n--B--\n".encode()


def archive(files: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return file.getvalue()


def pdf(text: str) -> bytes:
    """A text as a PDF."""
    plain = "".join(char if char.isprintable() else "\n" for char in text[:800])
    source = f'#set text(font: "Noto Sans SC")\n#{json.dumps(plain, ensure_ascii=False)}'
    made: bytes = typst.compile(source.encode(), font_paths=[str(font.file().parent)])
    return made


def mutated(rng: random.Random, known: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """A file made from one or two of the valid ones."""
    ending, data = rng.choice(known)
    for _ in range(rng.randint(1, 3)):
        at, size = rng.randrange(len(data) + 1), rng.randint(1, 1 + len(data) // 2)
        kind = rng.randrange(7)
        if kind == 0:
            data = data[:at]
        elif kind == 1:
            other = rng.choice(known)[1]
            data = data[:at] + other[rng.randrange(len(other) + 1) :]
        elif kind == 2:
            data = data[:at] + data[at : at + size] * rng.randint(2, 20) + data[at + size :]
        elif kind == 3:
            some = bytearray(data)
            for place in rng.sample(range(len(some)), min(len(some), rng.randint(1, 40))):
                some[place] = rng.randrange(256)
            data = bytes(some)
        elif kind == 4:
            odd = rng.choice(("\0", "\x1b[2J", "\u202e", "\ufeff", "(lǐng)", "\ud83d", "ㄈ┨"))
            data = data[:at] + odd.encode("utf-8", "surrogatepass") * rng.randint(1, 50) + data[at:]
        elif kind == 5:
            data = data[:at] + data[at + size :]
        else:
            ending = rng.choice(ENDINGS)
        if not data:
            break
    return ending, data


def listed(path: Path, data: bytes) -> list[bytes | str]:
    """The texts of a table, as `gongbao corpus build` gets them; a file that is none, itself.

    An archive is its files; those that cannot be read are passed over.
    """
    if path.suffix == ".zip" and data.startswith(b"PK"):
        return [
            text for name, one in reports.members(data, path)[0] if (text := read(one, path / name))
        ]
    if path.suffix not in TABLES:
        return [data]
    path.write_bytes(data)
    found = sources.find([str(path)], path.parent / "corpus", lambda ids: [[] for _ in ids])
    return [sources.fetch(path.parent / "corpus", own).text for own in found.inputs["path"]]


def read(data: bytes, path: Path) -> str:
    """The text of an archive's file, '' where it is refused."""
    try:
        return reports.decode(data, path).text
    except InputError:
        return ""


def outcome(path: Path, data: bytes) -> tuple[str, int]:
    """What became of a file (`read` or `refused`, or a crash's traceback); characters read."""
    characters = 0
    try:
        for one in listed(path, data):
            text = one if isinstance(one, str) else reports.decode(one, path).text
            characters += len(text)
            sentences.split("r", restore(text), 2022)
        return "read", characters
    except InputError as error:
        named = path.stem in str(error)  # a row of a table is named by the corpus's own file
        return "refused" if named else f"crashed: no name in {error}", characters
    except Exception:
        return f"crashed: {traceback.format_exc()}", characters


def used() -> float:
    """Processor seconds of this process and of the readers, those that live among them."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    living = (one.cpu_times() for one in psutil.Process().children())
    own = sum(one.ru_utime + one.ru_stime for one in both)
    return own + sum(one.user + one.system for one in living)


def peak() -> int:
    """The largest memory so far, in bytes, of this process or of a reader."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    living = [one.memory_info().rss for one in psutil.Process().children()]
    return max(*(resource.getrusage(who).ru_maxrss * 1024 for who in whose), *living, 0)


def asked(doc: str, quick: int) -> argparse.Namespace:
    """How many inputs (`n`, of --quick `quick`) and of which `seed`."""
    parser = argparse.ArgumentParser(description=doc.split("\n", maxsplit=1)[0])
    parser.add_argument("n", nargs="?", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_const", dest="n", const=quick, help=f"{quick}")
    return parser.parse_args()


def main() -> int:
    given = asked(__doc__ or "", quick=300)
    n = given.n
    counted: Counter[tuple[str, str]] = Counter()
    slowest, bad = (0.0, ""), []
    with TemporaryDirectory() as folder:
        known = seeds(Path(folder))
    before = grown = peak()
    place = TemporaryDirectory()
    for number in range(n):
        rng = random.Random(f"{given.seed}-{number}")
        ending, data = mutated(rng, known)
        name = f"f{number}{ending}"
        begun = used()
        found, characters = outcome(Path(place.name, name), data)
        took = used() - begun
        grown, slowest = max(grown, peak()), max(slowest, (took, name))
        kind = found.partition(":")[0]
        slow = took > SLOW * max(1, characters / 10_000)
        if kind == "crashed" or slow:
            bad.append(f"{name} (seed {given.seed}), {took:.1f} s: {found}")
        counted[ending or "none", "slow" if slow else kind] += 1
    for line in bad[:20]:
        print(line)
    kinds = sorted({kind for _, kind in counted})
    print(f"{'ending':8s}" + "".join(f"{kind:>10s}" for kind in kinds))
    for ending in sorted({ending for ending, _ in counted}):
        print(f"{ending:8s}" + "".join(f"{counted[ending, kind]:10d}" for kind in kinds))
    totals = {
        kind: sum(counted[ending, kind] for ending, k in counted if k == kind) for kind in kinds
    }
    grown -= before
    place.cleanup()
    result = {"n": n, "seed": given.seed, **totals, "slowest_s": round(slowest[0], 2)}
    print(json.dumps(result | {"slowest": slowest[1], "grown_MiB": grown >> 20}))
    return int(bool(bad) or grown > MEMORY)


if __name__ == "__main__":
    sys.exit(main())

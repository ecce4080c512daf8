"""Make the reference frequency list from a folder of corpora: figures only, no text.

    python data/reference/build.py CORPORA [--out DIR]

CORPORA holds provincial-2026/, national/, laws/ and SOURCES.csv. Each document goes through the
project's own functions: restored, split, segmented with data/codebooks/lexicon.txt, coded with
data/codebooks/themes.yaml. The same corpora and codebooks give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml
from pypinyin import Style, lazy_pinyin

import analysis as gb
from analysis import tables, themes
from analysis.kit import files, progress
from analysis.restore import restore
from analysis.text import identity
from analysis.text.sentences import split
from analysis.words import keywords, lengths

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
NATION = "全国"
_ZERO_WIDTH = re.compile("[\u200b-\u200d\ufeff]")
_OPENING = re.compile(r"^\s*各位代表", re.MULTILINE)
_LICENCE = "本作品是中华人民共和国的"
_LAST_SENTENCE = re.compile(r".*[。！？!][”’』」）》]*[^\S\n]*$", re.MULTILINE | re.DOTALL)
# Links and zero-width spaces stand on lines of their own within a paragraph.
_LINK = re.compile(r"(?<=[^\n。！？：；])\n(?=[^\n])")
_LAW = re.compile(r"(.+)\((\d{4})-\d\d-\d\d\)")
_INFORMATION_END = "<!-- INFO END -->"


@dataclass(frozen=True, kw_only=True)
class Document:
    """One source text; `raw` as it came, `body` without what the page put around it."""

    document_id: str = ""
    genre: str
    region: str
    published: int
    title: str
    source: str
    sha256: str
    raw: str
    body: str

    @property
    def year(self) -> int | None:
        """The year reported on; a law reports on none."""
        return None if self.genre == "law" else self.published - 1


def documents(corpora: Path) -> Iterator[Document]:
    """Every document of the corpora, genre after genre, in the order of names or years."""
    taken: set[str] = set()
    for document in (*_provincial(corpora), *_national(corpora), *_laws(corpora)):
        issuer = document.title if document.genre == "law" else ""
        year = document.year or document.published
        key = _document_id(document.region, issuer, year, taken)
        taken.add(key)
        yield replace(document, document_id=key)


def _document_id(region: str, issuer: str, year: int, taken: set[str]) -> str:
    """Pinyin of region (and issuer) and year, with a number where that is taken.

    Ids of the reference list stay as they were first made, whatever ids of reports are today.
    """
    stem = re.sub(r"(?<=..)(特别行政区|(壮族|回族|维吾尔)?自治[区州县]|[省市县区旗])$", "", region)
    names = [stem] + ([issuer] if issuer not in ("", "人民政府", "政府") else [])
    spelled = ["".join(lazy_pinyin(name, style=Style.NORMAL)) for name in names]
    slug = re.sub(r"[^a-z0-9-]+", "", "-".join([*spelled, str(year)]).lower())
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(name for name in chain([slug], numbered) if name not in taken)


def _provincial(corpora: Path) -> Iterator[Document]:
    for path, origin in _files(corpora, "provincial-2026"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield Document(
                    genre="provincial report",
                    region=row["province"],
                    published=int(row["year"]),
                    title=row["title"],
                    raw=row["full_text"],
                    body=report_body(row["full_text"]),
                    **origin,
                )


def _national(corpora: Path) -> Iterator[Document]:
    for path, origin in _files(corpora, "national"):
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]
        for record in sorted((r for r in records if r["year"]), key=lambda r: int(r["year"])):
            text = _LINK.sub("", record["content"].split(_LICENCE)[0])
            yield Document(
                genre="national report",
                region=NATION,
                published=int(record["year"]),
                title=record["title"],
                raw=record["content"],
                body=report_body(_ZERO_WIDTH.sub("", text)),
                **origin,
            )


def _laws(corpora: Path) -> Iterator[Document]:
    for path, origin in _files(corpora, "laws"):
        title, published = _LAW.fullmatch(path.stem).groups()
        raw = path.read_text("utf-8")
        body = _ZERO_WIDTH.sub("", raw.partition(_INFORMATION_END)[2])
        yield Document(
            genre="law",
            region=NATION,
            published=int(published),
            title=title,
            raw=raw,
            body=re.sub(r"^#+ ", "", body, flags=re.MULTILINE),
            **origin,
        )


def _files(corpora: Path, folder: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """Each file of a folder with its address and sha256, which SOURCES.csv must hold."""
    with (corpora / "SOURCES.csv").open(encoding="utf-8-sig", newline="") as file:
        sources = {row["file"]: row for row in csv.DictReader(file)}
    for path in sorted((corpora / folder).iterdir()):
        row = sources[f"{folder}/{path.name}"]
        if row["sha256"] != hashlib.sha256(path.read_bytes()).hexdigest():
            raise SystemExit(f"{path}: is not the file that SOURCES.csv names (its sha256 differs)")
        address = f"https://github.com/{row['repository']}/blob/{row['commit']}/{row['path']}"
        yield path, {"source": address, "sha256": row["sha256"]}


def report_body(text: str) -> str:
    """A report from its salutation to the last line that ends a sentence.

    Page buttons, title, speaker and captions stand before; share buttons and editors behind.
    """
    opening = _OPENING.search(text)
    body = text[opening.start() :] if opening else text
    last = _LAST_SENTENCE.match(body)
    return last[0] if last else body


def measure(
    document: Document, study: gb.Study
) -> tuple[dict[str, object], pd.Series[int], pd.DataFrame]:
    """A document's row, its count of each word, and its coverage by theme."""
    key = document.document_id
    restored = restore(document.body, script="simplified")
    sentences = split(key, restored, document.year or document.published)
    terms = keywords.term_hits(sentences, study.segmenter)
    codings = themes.code(themes.match(sentences, study.codebook), sentences, study.codebook)
    coverage = themes.coverage(codings, sentences, study.codebook)
    row = {
        **vars(document),
        "year": document.year,
        "level": identity.level_of(document.region),
        "text_sha256": hashlib.sha256(document.raw.encode()).hexdigest(),
        "N_chars": int(lengths(sentences).sum()),
        "N_tokens": len(terms),
        "N_sentences": len(sentences),
    }
    columns = ["theme", "n", "N_sentences", "share", "chars", "N_chars"]
    coverage = coverage[columns].assign(document_id=key)[["document_id", *columns]]
    return row, terms["key"].value_counts().sort_index(), coverage


def versions(study: gb.Study) -> dict[str, dict[str, str] | str]:
    """Versions of everything that the figures depend on."""
    folder = study.path / "codebooks"
    known = study.versions
    return {
        "engine": {"name": study.segmenter.engine, "version": version(study.segmenter.engine)},
        **{
            Path(name).stem: {
                "version": known[Path(name).stem],
                "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(),
            }
            for name in ("lexicon.txt", "themes.yaml")
        },
        "restorer": known["restorer"],
    }


def write_terms(counts: dict[str, pd.Series[int]], target: Path) -> None:
    """terms.parquet: document_id and term as dictionaries, n as 16 bits."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = pd.concat(counts, names=["document_id", "term"]).rename("n").reset_index()
    columns = {
        name: pa.array(frame[name].astype(object)).dictionary_encode()
        for name in ("document_id", "term")
    }
    table = pa.table({**columns, "n": pa.array(frame["n"], pa.uint16())})
    with files.replacing(target) as part:
        pq.write_table(table, part, compression="zstd", compression_level=19, version="2.6")


def build(corpora: Path, out: Path) -> None:
    """Write documents.csv, terms.parquet, themes.csv and versions.yaml."""
    study = gb.Study(ROOT / "data")
    rows, counts, coverages = [], {}, []
    for document in progress.over(documents(corpora), "count", "document"):
        row, words, coverage = measure(document, study)
        rows.append(row)
        counts[document.document_id] = words
        coverages.append(coverage)
    order = ["document_id", "genre", "region", "level", "year", "published", "title", "source"]
    order += ["sha256", "text_sha256", "N_chars", "N_tokens", "N_sentences"]
    frame = pd.DataFrame(rows)[order].astype({"year": "Int64"})
    out.mkdir(parents=True, exist_ok=True)
    tables.write(frame, out / "documents.csv")
    tables.write(pd.concat(coverages), out / "themes.csv")
    write_terms(counts, out / "terms.parquet")
    text = "# Written by build.py.\n" + yaml.safe_dump(versions(study), sort_keys=False)
    (out / "versions.yaml").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    given = parser.parse_args()
    build(given.corpora, given.out)

"""A figure and its table → a folder of files that can be handed on.

`OUT/<figure>/` holds the figure as PDF, SVG and PNG, the table drawn, its evidence, and where all
of it came from. The folder appears whole or not at all, and the same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analysis import __version__, tables
from analysis.kit import files

from . import captions, evidence_page, provenance, references, sources

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PACKAGES = ["jieba", "matplotlib", "networkx", "numpy", "pandas", "pypdfium2", "python-docx"]
_PACKAGES += ["rjieba", "trafilatura", "wordcloud"]
_PNG_DPI = 600
FORMATS = ("pdf", "svg", "png")
"""The formats that every figure is written in."""


@dataclass(frozen=True)
class Bundle:
    """A written bundle: its folder. Shows itself as its picture in a notebook."""

    path: Path

    @property
    def provenance(self) -> dict[str, Any]:
        """What provenance.json says."""
        return provenance.read(self.path)

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        return (self.path / "figure.png").read_bytes(), {"width": 760}


def write(
    name: str,
    figure: Figure,
    *,
    data: pd.DataFrame,
    hits: pd.DataFrame,
    provenance: Mapping[str, Any],
    out: str | Path,
    cited: Sequence[str] = (),
    lead: evidence_page.Lead | None = None,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> Bundle:
    """Write a figure with its data, evidence and provenance.

    Parameters
    ----------
    name : the figure's name, which names the folder.
    figure : what a function of `figures` returned.
    data : the table drawn; hits : its evidence.
    provenance : `Study.provenance()`: inputs, versions, options.
    out : the folder that the bundle's folder is put into.
    cited : labels of the sources whose numbers stand in the figure, from 1.
    lead : `Study.lead` of `hits`: to what evidence.html shows of each sentence; without it there
        are no such files.
    names : in each language, what themes, indicators and sections are called.

    Returns
    -------
    Bundle
        with figure.pdf, figure.svg, figure.png (600 dpi), data.csv, hits.csv, evidence.json
        and evidence.html (made from it), caption and methods in two languages, references in three
        forms, provenance.json.
    """
    from analysis.figures import cut, draw, look

    place = Path(out) / name
    with files.replacing_folder(place) as part:
        tables.write(data, part / "data.csv")
        tables.write(hits, part / "hits.csv")
        known = {**provenance, "cited": list(cited), **cut.cut_of(figure)}
        title = draw.title(name, data.columns)
        record = _record({"figure": name, "title": title, **known}, part)
        seen = (getattr(figure, name, ()) for name in ("sources", "numbered"))
        draw.sign(figure, sources.line(record, *seen))
        texts, lang = _texts(name, data, record), record["options"].get("lang", "zh")
        said = title[lang], texts[f"caption.{lang}.txt"]
        for suffix in FORMATS:
            drawn = render(figure, suffix, made=sources.made_by(record))
            drawn = look.spoken(drawn, *said) if suffix == "svg" else drawn
            (part / f"figure.{suffix}").write_bytes(drawn)
        if lead is not None:
            shown = {**record, "names": names or {}}
            facts = evidence_page.facts(shown, data, hits, lead, lang)
            texts["evidence.json"] = json.dumps(facts, ensure_ascii=False) + "\n"
            svg = (part / "figure.svg").read_text("utf-8")
            texts["evidence.html"] = evidence_page.page(facts, lang, svg)
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True, default=_plain)
        texts["provenance.json"] = text + "\n"
        for file, text in texts.items():
            (part / file).write_text(text, encoding="utf-8", newline="\n")
    return Bundle(place)


def _texts(name: str, data: pd.DataFrame, record: dict[str, Any]) -> dict[str, str]:
    """The files of a bundle that go into a paper, by name."""
    said = {}
    for lang in ("zh", "en"):
        said[f"caption.{lang}.txt"] = captions.caption(name, data, record, lang)
        said[f"methods.{lang}.md"] = captions.methods(name, data, record, lang)
    said["references.bib"] = references.bibtex(record)
    said["references.gbt7714.txt"] = references.gbt7714(record)
    said["references.en.txt"] = references.english_list(record)
    return {file: text if text.endswith("\n") else f"{text}\n" for file, text in said.items()}


def render(figure: Figure, suffix: str, *, dpi: int = _PNG_DPI, made: str = "") -> bytes:
    """A figure as the bytes of a PDF, SVG or PNG file, without a date; of a PNG with its dots.

    made : what its metadata say of version and record.
    """
    from analysis.figures import draw, look

    stream = io.BytesIO()
    field = {"png": "Software", "svg": "Creator", "pdf": "Creator"}[suffix]
    undated = {"svg": "Date", "pdf": "CreationDate"}
    metadata: dict[str, Any] = {undated[suffix]: None} if suffix in undated else {}
    if made:
        metadata[field] = f"Gongbao {made}"
    with draw.style(look.preset_of(figure)):
        figure.savefig(stream, format=suffix, dpi=dpi, metadata=metadata)
    drawn = stream.getvalue()
    return look.linked(drawn) if suffix == "svg" else drawn


def _record(provenance: Mapping[str, Any], part: Path) -> dict[str, Any]:
    """The provenance with versions, the data's hashes and its own."""
    record = {
        **provenance,
        "packages": {package: _version(package) for package in _PACKAGES},
        "gongbao": __version__,
        "files": {file: tables.sha256(part / file) for file in ("data.csv", "hits.csv")},
    }
    text = json.dumps(record, ensure_ascii=False, sort_keys=True, default=_plain)
    return {**record, "hash": hashlib.sha256(text.encode()).hexdigest()}


def _plain(value: Any) -> Any:
    """A number of numpy's as one of Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} of what a figure is about can stand in no provenance.json.")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"

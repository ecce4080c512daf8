"""Reports that are not to be handed on (`share: no`): their texts go, their counts stay.

Of such a report no file goes along, and each of its characters that a table quotes becomes □: so
lengths and places still hold. What is counted of it is kept in a store that holds its masked
sentences, where its words stand as counts and the codebooks' entries with their places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.bundle import provenance
from analysis.kit import InputError, files
from analysis.reading import transcript
from analysis.study import Study, catalogue, store

BLANK = "□"

_TEXTS: tuple[str, ...]
_TEXTS = ("text", "quote", "heading", "raw", "before", "after", "note", "left", "right", "matched")
_TEXTS += ("source_text", "passage", "source_passage", "verb", "object", "why", "what")
"""Columns that may hold words of a report beside a number of it."""

_IDS: tuple[str, ...]
_IDS = ("report_id", "sentence_id", "source_report_id", "source_sentence_id", "later_id", "sha256")
_IDS += ("later_sentence_id", "source", "target", "document_id")
"""Columns that say whose words stand in a row."""

KEPT = ("edits", "sentences", "sizes", "counts", "themes", "codings", "coverage", "figures_found")
"""Tables of a report held back that a package keeps, its words masked; `terms` would be the text.
"""


def masked(text: str) -> str:
    """A text of which only the length and the white space are left.

    >>> masked("推进 依法行政。")
    '□□ □□□□□'
    """
    return re.sub(r"\S", BLANK, text)


def of(study: Study) -> dict[str, str]:
    """The reports of a study that are held back: the sha256 of each, by its id."""
    marked = study.whole.reports
    marked = marked[marked["share"] == catalogue.NO]
    return dict(zip(marked["report_id"], marked["sha256"], strict=True))


def of_run(out: Path, rows: Iterable[dict[str, str]]) -> dict[str, str]:
    """Those of a run: as its figures say, and as its study says by now, where it is there."""
    found: dict[str, str] = {}
    for row in rows:
        for record in sorted((out / row["unit"]).glob("*/provenance.json")):
            said = provenance.read(record.parent)
            every = (*said["reports"], *said.get("beside", ()))
            held = [one for one in every if one.get("share") == catalogue.NO]
            found |= {one["report_id"]: one["sha256"] for one in held}
        data = Path(json.loads(row["parameters"] or "{}").get("data", "data"))
        try:
            found |= of(Study(data))
        except InputError:  # it is elsewhere
            continue
    return found


def frame(table: pd.DataFrame, ids: Collection[str]) -> pd.DataFrame:
    """A table whose rows of some reports (ids, or the sha256 of files) have their words masked."""
    own = pd.Series(data=False, index=table.index)
    for name in (name for name in _IDS if name in table):
        said = table[name].astype(str)  # a sentence's id is its report's, a colon, a number
        own |= said.str.replace(r":[^:]*$", "", regex=True).isin(ids) | said.isin(ids)
    words = [name for name in _TEXTS if name in table]
    if not own.any() or not words:
        return table
    made = table.copy()
    for name in words:
        made[name] = made[name].where(~own, made[name].fillna("").astype(str).map(masked))
    return made


def csv(path: Path, ids: Collection[str]) -> bool:
    """Mask a CSV file; whether it was changed."""
    before = tables.csvfile.cells(path)
    after = frame(before, ids)
    if after.equals(before):
        return False
    tables.write(after, path)
    return True


def bundle(folder: Path, ids: Collection[str]) -> list[str]:
    """Take the words of some reports out of a bundle; the reports among them that it rests on.

    Its pages of evidence go whole; a mark of the picture leads to the places in hits.csv then.
    """
    record = provenance.read(folder)
    every = {one["report_id"]: one for one in (*record["reports"], *record.get("beside", ()))}
    found = [key for key in every if key in ids]
    if found:
        both = {*found, *(every[key]["sha256"] for key in found)}
        for name in ("data.csv", "hits.csv"):
            csv(folder / name, both)
        for name in ("evidence.html", "evidence.json"):
            (folder / name).unlink(missing_ok=True)
        picture = folder / "figure.svg"
        drawn = re.sub(
            r'href="evidence\.html#[^"]*"', 'href="hits.csv"', picture.read_text("utf-8")
        )
        files.put(picture, drawn)
    return found


def notebook(path: Path) -> None:
    """Leave of an executed notebook's outputs only the figures, which are in its bundles."""
    said = json.loads(path.read_text("utf-8"))
    for cell in said["cells"]:
        shown = [_plain(one) for one in cell.get("outputs", ())]
        if shown:
            kept = zip(cell["outputs"], shown, strict=True)
            cell["outputs"] = [one for one, text in kept if text.startswith("Bundle(")]
    files.put(path, json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def _plain(output: dict[str, Any]) -> str:
    return "".join(output.get("data", {}).get("text/plain", ""))


def keep(studies: Sequence[Study], ids: Mapping[str, str]) -> None:
    """Leave of some reports' words what is counted of them, their words masked; no file of theirs.

    Parameters
    ----------
    studies : a copy of a study, as its figures open it: one for each engine and codebook.
    """
    both = {*ids, *ids.values()}
    for study in studies:
        study.store.build(names=KEPT)
    kept: set[Path] = set()
    for study in studies:
        kept |= {*study.store.changed(KEPT, [*ids], lambda table: frame(table, both))}
    folder = studies[0].path
    for path in sorted((folder / store.FOLDER).rglob("*")):
        if path.is_file() and path not in kept:
            path.unlink()
    for row in tables.rows(studies[0].reports):
        if row.report_id in ids:
            (folder / str(row.path)).unlink()
            if seen := transcript.digest(folder, row.sha256):
                place = folder / transcript.place(row.sha256)
                files.put(place.with_suffix(".sha256"), seen)
                place.unlink(missing_ok=True)
    curated = ["indicators.csv", "decisions.csv", "validation/themes.csv"]
    for name in filter(lambda one: (folder / one).is_file(), curated):
        csv(folder / name, both)

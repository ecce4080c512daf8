"""A report's file as it came, its restored text and sentences, what was changed and is left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.kit import InputError, encodings, progress
from analysis.reading import Source, reports
from analysis.restore import Edit, Remains, Restored, replay
from analysis.restore import remains as remaining
from analysis.text import sentences as rows_of

from . import catalogue


def source(study: Any, report_id: str) -> Source:
    """A report's file as it came; InputError if it changed since it was added."""
    row = _row(study, report_id)
    if report_id in study.held_back:
        said = f"the report {report_id} is held back (share: no), its text is not here; the "
        said += f"file has the sha256 {row['sha256']}."
        raise InputError(said, path=study.path / "reports.csv")
    found: Source
    if study._shards:
        found = study._shards.source(str(row["path"]), str(row["sha256"]))
        return found
    path = _file(study, row)
    found = catalogue.keep_scan(study.path, reports.read(path, study.path))
    if found.sha256 != row["sha256"]:
        raise InputError(
            f"is not the file that was added as {report_id}: its sha256 is {found.sha256}, "
            f"in reports.csv {row['sha256']} stands. Put the file that was added back; only "
            "who keeps the study may take the row out of reports.csv and add the new file.",
            path=path,
        )
    return found


def _row(study: Any, report_id: str) -> Any:
    """A report's row of the catalogue."""
    return study._by_id.loc[report_id]


def by_id(study: Any) -> pd.DataFrame:
    """The catalogue by report_id."""
    found: pd.DataFrame = study._catalogue.set_index("report_id").astype(object)
    return found


def _file(study: Any, row: Any) -> Path:
    """A report's file: inside the study, or one that its user linked."""
    path = str(row["path"])
    place: Path = study.path / path
    linked = (path, row["sha256"]) in study._links
    if not linked and not place.resolve().is_relative_to(study.path.resolve()):
        raise InputError(
            f"the path {path!r} of {row.name} leaves the study; copy the file into it, or take "
            "its row out and `gongbao add --link` the file.",
            path=study.path / "reports.csv",
        )
    return place


def unchanged(study: Any, ids: Sequence[str]) -> None:
    """InputError if a report's file is not the one that was added."""
    for key in dict.fromkeys(ids):
        if key not in study._seen | study.held_back:
            row = _row(study, key)
            if tables.sha256(_file(study, row)) != row["sha256"]:
                study.source(key)
            study._seen.add(key)


def held_back(study: Any) -> set[str]:
    """Reports marked `share: no` whose file is not here, as in a replication package."""
    marked = study._catalogue[study._catalogue["share"] == catalogue.NO]
    return {
        key
        for key, path in zip(marked["report_id"], marked["path"], strict=True)
        if not (study.path / str(path)).exists()
    }


def reading(study: Any) -> pd.DataFrame:
    """How well each report was read: report_id, region, year, encoding, and `Quality`'s counts.

    `rare_share` is that of characters which a text in the right encoding hardly has:
    above `encodings.SUSPECT` the encoding is doubtful. The other columns count what still looks
    damaged in the restored text (`restore.Remains`).
    """
    rows = []
    for row in tables.rows(study.reports[["report_id", "region", "year", "encoding"]]):
        found = encodings.quality(study.source(row.report_id).text)
        counted = found._asdict() | {"rare_share": round(1 - found.common, 4)}
        rows.append(row._asdict() | counted | study.remains(row.report_id)._asdict())
    return pd.DataFrame(rows)


def restored(study: Any, report_id: str) -> Restored:
    """A report's restored text with the record of every change."""
    known: dict[str, Restored] = study._restored
    if report_id not in known:
        if report_id in study.held_back:
            known[report_id] = _masked(study, report_id)
        elif study._shards:
            known[report_id] = restore(study, report_id)
        else:
            edits = tuple(Edit(*row) for row in study._edits_of.get(report_id, ()))
            raw = study.source(report_id).text
            known[report_id] = Restored(raw, replay(raw, edits), edits)
    return known[report_id]


def _masked(study: Any, report_id: str) -> Restored:
    """The text of a report that is held back: its sentences' characters stand for others."""
    rows = study.sentences[study.sentences["report_id"] == report_id]
    ends = dict(zip(rows["start"], rows["text"], strict=True))
    text = ""
    for start, own in ends.items():
        text = text.ljust(int(start), "\n") + own
    return Restored(text, text, ())


def restore(study: Any, report_id: str) -> Restored:
    """A report restored anew, as its row of the catalogue says."""
    row = _row(study, report_id)
    found = study.source(report_id)
    return catalogue.restore_as(found, str(row["script"]), str(row["keep"]))


def edits_of(study: Any) -> dict[str, list[tuple[Any, ...]]]:
    """The edits of each report as `Edit` takes them."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in zip(*(study.edits[name].tolist() for name in tables.COLUMNS["edits"]), strict=True):
        found.setdefault(row[0], []).append(row[1:])
    return found


def all_remains(study: Any) -> dict[str, Remains]:
    """`remains` of each report; in a corpus, of its sentences, which are made already."""
    if not study._shards:
        return {key: study.remains(key) for key in study.reports["report_id"]}
    texts = study.sentences.groupby("report_id")["text"].agg("\n".join)
    return {key: remaining(texts.get(key, "")) for key in study.reports["report_id"]}


def remains(study: Any, report_id: str) -> Remains:
    """What still looks damaged in a report's restored text, counted by kind."""
    return remaining("" if report_id in study.held_back else study.restored(report_id).text)


def edits(study: Any) -> pd.DataFrame:
    """The table `edits`."""
    for key in _shown(study, "edits"):
        study._restored[key] = restore(study, key)  # what comes after need not do it again
    return tables.edits({key: study._restored[key].edits for key in study.reports["report_id"]})


def _shown(study: Any, name: str) -> Iterator[str]:
    """The reports' ids with a progress bar."""
    ids = study.reports["report_id"].tolist()
    return progress.over(ids, name, "report", leave=False, delay=2)


def edit_places(study: Any) -> pd.DataFrame:
    """The table `edits` with the `line` of the raw file and the `place` in it, from 0 to 1."""
    own: pd.DataFrame = study.edits
    places = [(study.restored(row.report_id), row.raw_start) for row in tables.rows(own)]
    return own.assign(
        line=[restored.line(at) for restored, at in places],
        place=[at / len(restored.raw) for restored, at in places],
    )


def sentences(study: Any) -> pd.DataFrame:
    """The table `sentences`."""
    years = dict(zip(study.reports["report_id"], study.reports["year"], strict=True))
    rows: list[Any] = []
    for key in _shown(study, "sentences"):
        held = key in study.held_back  # whose sentences are kept, or nowhere
        own = restore(study, key) if held else study.restored(key)
        rows += rows_of.rows(key, own, int(years[key]))
    return rows_of.table(rows)


def pictures(study: Any, report_id: str, edits: Sequence[Edit]) -> dict[int, str]:
    """Pictures of the lines that OCR was unsure of, PNG in base 64, by the number of the edit.

    Of several edits on a line the first has it; none where the file cannot be had.
    """
    row = _row(study, report_id)
    place = study.path / str(row["path"]) if study._shards else _file(study, row)
    scan = study.source(report_id).scan
    return scan.pictures(place.read_bytes(), edits) if scan and place.is_file() else {}

"""From a sentence, or a bundle, back to the raw files: their bytes, and every edit on the way.

A sentence's trail is its text as restored, the raw text it came from, the edits between the two
and the file with its sha256. A bundle's trail is its provenance.json, held against a study.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, unknown

if TYPE_CHECKING:
    from analysis.restore import Edit, Restored

COLUMNS = (
    *("report_id", "sentence_id", "section", "heading", "part", "text", "start"),
    *("raw_start", "raw_end", "raw", "path", "sha256", "edits"),
)
"""Columns of a trail; `edits` holds tuples of `restore.Edit`."""


class Opened(Protocol):
    """What a trail needs of a study."""

    @property
    def path(self) -> Path:
        """Its folder."""

    @property
    def reports(self) -> pd.DataFrame:
        """The table `reports`."""

    @property
    def sentences(self) -> pd.DataFrame:
        """The table `sentences`."""

    def restored(self, report_id: str, /) -> Restored:
        """A report's text with its edits."""


def of(study: Opened, sentence_ids: Iterable[str]) -> pd.DataFrame:
    """Lead sentences back to the raw files: `COLUMNS`, one row a sentence, each once, as given.

    raw is what stands in the decoded file from raw_start to raw_end; path is that of the catalogue;
    edits are those that touched the sentence, in the order of the file: carried out on raw they
    give text. (One that reaches over the sentence's end is among them whole.) InputError for a
    sentence that the study does not hold.
    """
    wanted = list(dict.fromkeys(sentence_ids))
    places = study.sentences[study.sentences["sentence_id"].isin(wanted)]
    if len(places) < len(wanted):
        known(study, wanted)
    found = places.set_index("sentence_id", drop=False).loc[wanted].reset_index(drop=True)
    files = study.reports[["report_id", "path", "sha256"]]
    found = found.merge(files, on="report_id", how="left", validate="many_to_one")
    raw = [""] * len(found)
    edits: list[tuple[Edit, ...]] = [()] * len(found)
    for report_id, own in found.groupby("report_id", sort=False):
        restored = study.restored(str(report_id))
        first, behind = _touching(restored, own["start"].to_numpy(), own["end"].to_numpy())
        spans = zip(own["raw_start"], own["raw_end"], first, behind, strict=True)
        for at, (start, end, one, other) in zip(own.index, spans, strict=True):
            raw[at], edits[at] = restored.raw[start:end], restored.edits[one:other]
    found = found.assign(raw=raw, edits=pd.Series(edits, index=found.index, dtype=object))
    return found[list(COLUMNS)]


def known(study: Opened, sentence_ids: Iterable[str]) -> None:
    """Make sure that a study holds sentences: InputError for the first that it does not."""
    names = study.sentences["sentence_id"]
    wanted = list(sentence_ids)
    held = set(names[names.isin(wanted)])
    for name in wanted:
        if name not in held:
            near = names[study.sentences["report_id"] == name.rpartition(":")[0]]
            raise InputError(unknown("sentence", name, near if len(near) else names))


def coded(trails: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Trails with `coded`: theme, start and end (in the sentence) of each hit that coded it.

    `themes` is the table of that name. A code's rule names entries, of which some are patterns; the
    places are those that were counted, so nothing is looked for again.
    """
    counted = themes[themes["shadowed_by"] == ""]
    places: dict[str, list[tuple[str, int, int]]] = {}
    for row in tables.rows(counted[counted["sentence_id"].isin(trails["sentence_id"])]):
        places.setdefault(row.sentence_id, []).append((row.key, row.start, row.end))
    spans = [
        tuple((key, start - row.start, end - row.start) for key, start, end in found)
        for row in tables.rows(trails)
        for found in [places.get(row.sentence_id, [])]
    ]
    return trails.assign(coded=pd.Series(spans, index=trails.index, dtype=object))


def _touching(
    restored: Restored, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For spans of the restored text: the first edit in each, and the first one behind it.

    Edits stand in the order of the text, so two searches answer for all spans. A deletion at a
    span's edge stays outside it, as in `Restored.raw_span`.
    """
    edits = restored.edits
    before = np.array([len(edit.before) for edit in edits], dtype=int)
    after = np.array([len(edit.after) for edit in edits], dtype=int)
    raw_start = np.array([edit.raw_start for edit in edits], dtype=int)
    begins = raw_start + np.cumsum(after - before) - (after - before)
    return np.searchsorted(begins + after, starts, "right"), np.searchsorted(begins, ends, "left")


def held(study: Opened, record: Mapping[str, Any]) -> None:
    """Make sure that a study holds the very files that a bundle was made from.

    ProblemsError names a report that is missing, and each that is another file now.
    """
    now = {row.report_id: row.sha256 for row in tables.rows(study.reports)}
    found, gone = [], list[str]()
    for report in (*record["reports"], *record.get("beside", ())):
        name, then = report["report_id"], report["sha256"]
        if name not in now:
            gone.append(name)
        elif now[name] != then:
            found.append(
                f"{study.path}: the report {name!r} is not the file that the figure was made from "
                f"(sha256 {then} then, {now[name]} now); put that file back to go on."
            )
    if gone:
        which = repr(gone[0]) if len(gone) == 1 else f"{gone[0]!r} and {len(gone) - 1} others"
        found.insert(
            0,
            f"{study.path}: holds no report {which}, which the figure was made from; name "
            "the figure's study with --data, or add the report.",
        )
    if found:
        raise ProblemsError(found)

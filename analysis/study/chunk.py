"""Some reports → all tables of a shard. Nothing is read or written here.

The tables are those of a study's store, and of the words

summary   province, key, n, n_sentences, sections, reports: sums over the reports of a province and
          all parts; sorted by key and province
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import tables, themes
from analysis.text import sentences
from analysis.words import counts as words
from analysis.words import dispersion

from . import shards, store
from .sources import FAILURES

if TYPE_CHECKING:
    from analysis.restore import Restored
    from analysis.words import Segmenter

REPORTS = tables.parquet.schema((*tables.COLUMNS["reports"], "province", *words.SIZES))
FAILED = tables.parquet.schema(FAILURES)


class Tools(NamedTuple):
    """What reports are read with."""

    codebook: themes.Codebook
    segmenter: Segmenter


class Report(NamedTuple):
    """One report, restored."""

    report_id: str
    year: int
    restored: Restored


def of(reports: Sequence[Report], tools: Tools) -> dict[str, pa.Table]:
    """The tables of a store but `terms` and figures, which most questions do not need.

    `report` in `counts` is the place in `reports`.
    """
    parts = (sentences.rows(one.report_id, one.restored, one.year) for one in reports)
    split = sentences.table([row for own in parts for row in own])
    edits = tables.edits({one.report_id: one.restored.edits for one in reports})
    made = {"edits": edits, "sentences": split}
    made["themes"] = themes.match(split, tools.codebook)
    made["codings"] = themes.code(made["themes"], split, tools.codebook)
    made["coverage"] = themes.covering(made["codings"], split, exclusive=tools.codebook.exclusive)
    made["sizes"], counts = words.count(split, tools.segmenter, [one.report_id for one in reports])
    return {name: store.arrow(frame, name) for name, frame in made.items()} | {"counts": counts}


def summary(counts: pa.Table, sizes: pa.Table, reports: pa.Table) -> pa.Table:
    """The table `summary`; the provinces of reports by number, those alike side by side."""
    place, names = pd.factorize(np.array(reports["province"].to_pylist(), dtype=object))
    key = counts["key"].combine_chunks()
    key = key if pa.types.is_dictionary(key.type) else key.dictionary_encode()
    word, report = key.indices.to_numpy(), counts["report"].to_numpy()
    columns = {name: counts[name].to_numpy() for name in ("n", "n_sentences")}
    columns["reports"] = dispersion.begins(word) | dispersion.begins(report)
    columns["sections"] = columns["reports"] | dispersion.begins(_sections(counts, sizes, reports))
    at = np.flatnonzero(dispersion.begins(word) | dispersion.begins(place[report]))
    sums = {name: np.add.reduceat(columns[name], at, dtype=np.int64) for name in shards.SUMS}
    made = {
        "province": pa.array(names, pa.string()).take(pa.array(place[report[at]])),
        "key": pa.DictionaryArray.from_arrays(word[at], key.dictionary),
    }
    return pa.table(made | sums)


def _sections(counts: pa.Table, sizes: pa.Table, reports: pa.Table) -> np.ndarray:
    """A number for the section that each row of `counts` is of."""
    about = sizes.select(["report_id", "section"]).to_pandas()
    section = about.groupby(["report_id", "section"], sort=False).ngroup().to_numpy()
    first = dict(zip(about["report_id"][::-1], about.index[::-1], strict=True))
    starts = np.array([first.get(key, -1) for key in reports["report_id"].to_pylist()], dtype=int)
    numbers: np.ndarray = section[starts[counts["report"].to_numpy()] + counts["place"].to_numpy()]
    return numbers

"""How often words stand in a study's places, out of the parts that keep their counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.words import Counts, counts, dispersion

from .store import MAKERS, Load

FEW = 100
"""Words up to which only their rows of counts are read."""


def counted(study: Any, sizes: pd.DataFrame, label: Mapping[str, str] | None = None) -> Counts:
    """How often each word stands in some places, rows of the table `sizes`."""
    chosen = np.full(len(study.sizes), -1)
    chosen[sizes.index] = np.arange(len(sizes))
    every = study.sizes["report_id"].array
    first = np.flatnonzero(dispersion.begins(every.codes))
    starts = np.full(len(every.categories) + 1, -1)
    starts[every.codes[first]] = first
    held = np.unique(sizes["report_id"].array.codes)
    starts[np.setdiff1d(np.arange(len(starts)), held)] = -1

    def load(numbered: Sequence[str], table: Load, keys: Sequence[str]) -> counts.Piece:
        few = {"filters": [("key", "in", keys)], "read_dictionary": None}  # in few row groups
        rows = table(**few) if 0 < len(keys) <= FEW else table()
        return counts.loaded(rows, starts[every.categories.get_indexer(numbered)], chosen)

    asked = every.categories[held].tolist()
    pieces = [partial(load, *part) for part in study.parts("counts", asked)] if asked else []
    return Counts(sizes.reset_index(drop=True), pieces, label or {})


def sizes(study: Any) -> pd.DataFrame:
    """How large the places of its reports are: `counts.PLACE`, `counts.SIZES`."""
    found: pd.DataFrame = study._counted[0]
    return found


def both(study: Any) -> tuple[pd.DataFrame, pa.Table]:
    """The tables `sizes` and `counts`, which are made together."""
    return counts.count(study.sentences, study.segmenter, list(study.reports["report_id"]))


MAKERS["counts"] = lambda study: study._counted[1]

"""Text that stands everywhere → the list of formulae, how often and where first."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd
from ahocorasick_rs import AhoCorasick

from .seeds import runs
from .texts import Flags, Texts

COLUMNS = (
    *("text", "n_reports", "n_regions", "n_years", "first", "last"),
    *("report_id", "sentence", "start", "end"),
)


def listed(texts: Texts, formula: Flags, regions: int, years: int, lasting: int) -> pd.DataFrame:
    """Each formula once, the most frequent first: those within a longer one as frequent left out.

    Columns: text (symbols, as they are compared), n_reports, n_regions, n_years, the first and the
    last year, and where it stands first: report_id, sentence (a row of `sentences`), start, end.
    """
    starts, ends = runs(formula, texts.report)
    shown = texts.symbols.astype("<u4").tobytes().decode("utf-32-le")
    said = [shown[start:end] for start, end in zip(starts, ends, strict=True)]
    distinct = sorted(dict.fromkeys(said), key=lambda one: (-len(one), one))
    if not distinct:
        return pd.DataFrame(columns=list(COLUMNS))
    number = {one: at for at, one in enumerate(distinct)}
    inner = AhoCorasick(distinct)
    parts = [
        [at for at, *_ in inner.find_matches_as_indexes(one, overlapping=True)] for one in distinct
    ]
    reports: dict[int, set[int]] = defaultdict(set)
    first: dict[int, int] = {}
    for run, one in enumerate(said):
        of = int(texts.report[starts[run]])
        for at in parts[number[one]]:
            reports[at].add(of)
        first.setdefault(number[one], run)
    place, year = texts.facts("place"), texts.facts("at")
    rows, ids = [], texts.reports["report_id"].to_numpy(object)
    longer: dict[int, int] = {}
    for at in range(len(distinct)):  # the longest first
        for part in parts[at]:
            if part != at:
                longer[part] = max(longer.get(part, 0), len(reports[at]))
    for at, one in enumerate(distinct):
        own = np.array(sorted(reports[at]))
        when, where = year[own], {*place[own].tolist()} - {-1}
        counts = len(own), len(where), len({*when.tolist()})
        enough = (counts[1] >= regions and counts[2] >= years) or counts[2] >= lasting
        if not enough or longer.get(at, 0) == len(own):
            continue
        run = first[at]
        begin, end = int(starts[run]), int(ends[run])
        facts = ids[texts.report[begin]], int(texts.sentence[begin]), int(texts.start[begin])
        rows.append(
            (one, *counts, int(when.min()), int(when.max()), *facts, int(texts.end[end - 1]))
        )
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    return made.sort_values(["n_reports", "text"], ascending=[False, True], ignore_index=True)

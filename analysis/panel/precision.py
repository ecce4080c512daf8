"""How many of a list's hits are right: some drawn by chance, read by somebody, and counted.

The sample is drawn from the hits that a panel counts, each with the same chance. What was read is
kept beside the list, in `LIST.precision.csv`, with the words that the list had then, and a panel's
codebook says it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables, themes
from analysis.kit import InputError, digest, files
from analysis.tables import judged

from . import cells
from .topics import Topics, from_file, of
from .wordlist import chosen_topic, marked

RIGHT = {"yes": "yes", "no": "no", "unsure": "unsure", "是": "yes", "否": "no", "不确定": "unsure"}
"""What `right` may say."""

_Z = 1.959963984540054  # 95 % of a normal distribution

_FIXED = ["text", "topic", "entry", "sentence_id", "start", "hit", "of", "hits", "seed", "list"]
COLUMNS = ["hit", "text", "right", "note", "coder", "date", "topic", "entry", "report_id"]
COLUMNS += ["sentence_id", "start", "end", "sha256", "raw_start", "raw_end", "of", "hits"]
COLUMNS += ["seed", "list", "seal"]
"""Columns of the sheet of hits; of: how many were drawn of `hits`; list: which words it had."""

KIND = "precision"
"""What stands between the name of a file of lists and .csv, where its readings are kept."""

KEPT = ["topic", "entry", "hits", "drawn", "read", "yes", "no", "unsure", "precision", "lo", "hi"]
KEPT += ["coder", "date", "seed", "list", "sheet"]
"""Columns of the record beside a list: a row for a topic, then one for each entry that was read."""


def wilson(yes: int, n: int) -> tuple[float, float]:
    """The 95 % interval of Wilson (1927) of `yes` in `n`; NaN where nothing was read."""
    if not n:
        return math.nan, math.nan
    share, z2 = yes / n, _Z * _Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def words_of(topics: Topics, topic: str) -> str:
    """What tells a topic's words apart from those it has at another time."""
    own = [one for one in topics.codebook.themes if one.id == topic or not topics.apart]
    listed = [one.matched for one in own]
    return digest(json.dumps(listed, ensure_ascii=False))[:12]


# -- drawing hits ---------------------------------------------------------------------------------


def sample(
    study: Any, topics: Any = "", topic: str = "", *, n: int = 50, seed: int = 1
) -> pd.DataFrame:
    """Draw `n` hits of a topic, or of each topic, without replacement: `COLUMNS`.

    A hit is one that a panel counts, headings among them; all have the same chance. All are drawn
    if there are fewer. In random order; another seed draws others.
    """
    found = of(study, topics)
    wanted = [chosen_topic(found, topic).id] if topic else found.codebook.ids
    pieces = []
    for some in cells.pieces(study, "hits"):
        hits = themes.match(some.sentences, found.codebook)
        hits = hits[(hits["shadowed_by"] == "") & hits["key"].isin(wanted)]
        places = some.sentences[["sentence_id", "text", "start", "raw_start", "raw_end"]]
        places = places.rename(columns={"start": "begin"})
        pieces.append(hits.merge(places, on="sentence_id"))
    hits = pd.concat(pieces, ignore_index=True).sort_values(["report_id", "start", "end"])
    drawn = [_drawn(hits[hits["key"] == one], n, seed, words_of(found, one)) for one in wanted]
    if not sum(map(len, drawn)):
        raise InputError(f"no hit of {', '.join(wanted)} in these reports: there is none to read.")
    table = pd.concat(drawn, ignore_index=True)
    table["sha256"] = table["report_id"].map(study.sha256)
    rows = table.rename(columns={"key": "topic"}).to_dict("records")
    for row in rows:
        row["text"] = marked(row["text"], row["begin"], row["start"], row["end"])
        row["seal"] = judged.seal(row[name] for name in _FIXED)
    return pd.DataFrame(rows)[COLUMNS]


def _drawn(hits: pd.DataFrame, n: int, seed: int, words: str) -> pd.DataFrame:
    order = np.random.default_rng(seed).permutation(len(hits))[:n]
    empty = dict.fromkeys(("right", "note", "coder", "date"), "")
    number = np.arange(1, len(order) + 1)
    about: dict[str, Any] = {
        "hit": number,
        "of": len(order),
        "hits": len(hits),
        "seed": seed,
        "list": words,
    }
    return hits.iloc[order].assign(**empty, **about)


def write(drawn: pd.DataFrame, path: Path) -> None:
    """Write hits to read; InputError if the file is there and somebody has read some."""
    judged.blank(path, "right")
    tables.workbook(path, {"hits": drawn}, {"right": ["yes", "no", "unsure"]})


# -- reading them back ----------------------------------------------------------------------------


class Read(NamedTuple):
    """What a sheet said (`KEPT`), and sentences on what a reader should know."""

    table: pd.DataFrame
    said: list[str]


def read(sheet: Path, topics: Path, topic: str = "", *, coder: str = "", date: str = "") -> Read:
    """Read a sheet back and keep what it says beside the list; the same sheet again replaces it.

    precision is yes / (yes + no); lo and hi are Wilson's, empty where all hits were read. A sheet
    may be read to a hit and no further, since it is in random order. ProblemsError with every row
    that cannot be used: a sentence that was changed, a row twice, of another topic, left out
    before one that was read, without a coder.
    """
    from_file(topics)  # no lock is left beside what is no list
    with files.locked(topics):
        found = from_file(topics)
        own = chosen_topic(found, topic).id if topic else ""
        rows = _rows(sheet, found, own, coder, date)
        mark = tables.sha256(sheet)
        made, said = [], []
        groups = pd.DataFrame(rows).groupby(["topic", "list", "seed", "coder"], sort=False)
        for (name, words, _, who), hits in groups:
            made += _counted(hits, mark)
            if words != words_of(found, str(name)):
                said.append(f"{name}: the list has other words now than when this was drawn.")
            if len(hits) < int(hits["of"].iloc[0]):
                which = f"{len(hits)} of {hits['of'].iloc[0]} hits are read by {who}"
                said.append(f"{name}: {which}.")
        table, keys = pd.DataFrame(made, columns=KEPT), ["topic", "coder", "list", "seed"]
        before = judged.kept(judged.beside(topics, KIND), KEPT)
        again = pd.MultiIndex.from_frame(before[keys].astype(str)).isin(
            pd.MultiIndex.from_frame(table[keys].astype(str))
        )
        both = pd.concat([before[~again].astype(object), table.astype(object)], ignore_index=True)
        tables.write(both, judged.beside(topics, KIND))
    return Read(table, said)


def _rows(sheet: Path, found: Topics, topic: str, coder: str, date: str) -> list[dict[str, str]]:
    """The rows that were read; ProblemsError."""
    good, bad = judged.rows(sheet, COLUMNS, _FIXED)
    made: list[dict[str, str]] = []
    open_: dict[tuple[str, str], list[tuple[int, int]]] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    for line, row in good:
        draw = row["topic"], row["seed"]
        numbers.setdefault(draw, []).append(_hit(row))
        try:
            if row["topic"] not in ([topic] if topic else found.codebook.ids):
                known = topic or ", ".join(found.codebook.ids)
                raise ValueError(f"topic is {row['topic']!r}; this is about {known}.")
            right = judged.chosen(row, "right", RIGHT)
            if not right:
                open_.setdefault(draw, []).append((_hit(row), line))
                continue
            who, day = judged.signed(row["coder"] or coder), judged.dated(row["date"] or date)
            made.append({**row, "right": right, "coder": who, "date": day})
        except ValueError as error:
            bad.append(InputError(str(error), path=sheet, line=line))
    last = dict.fromkeys(numbers, 0)
    for row in made:
        draw = row["topic"], row["seed"]
        last[draw] = max(last[draw], _hit(row))
    for draw, unread in open_.items():
        skipped = [line for hit, line in unread if hit < last[draw]]
        said = "right is empty and later hits are read; write yes, no or unsure."
        bad += [InputError(said, path=sheet, line=line) for line in skipped]
    for draw, own in numbers.items():
        if gone := sorted(set(range(1, last[draw] + 1)) - set(own)) if not bad else []:
            said = f"the hits {', '.join(map(str, gone))} of {draw[0]} are missing; put them back."
            bad.append(InputError(said, path=sheet, line=1))
    if bad:
        raise judged.refused(bad)
    if not made:
        raise InputError("holds no judgement; write yes, no or unsure into right.", path=sheet)
    return made


def _hit(row: Mapping[str, str]) -> int:
    """The number of a row's hit, which the seal vouches for."""
    return int(row["hit"].removesuffix(".0"))


def _counted(hits: pd.DataFrame, mark: str) -> list[dict[str, Any]]:
    """A row for the topic, then one for each entry, most read first."""
    first = hits.iloc[0]
    entries = hits["entry"].value_counts(sort=False)
    order = sorted(entries.index, key=lambda one: (-entries[one], one))
    days = sorted({day for day in hits["date"] if day})
    about = {name: first[name] for name in ("topic", "coder", "seed", "list")}
    about |= {"date": days[-1] if days else "", "sheet": mark}
    rows = []
    for entry in ["", *order]:
        own = hits if not entry else hits[hits["entry"] == entry]
        n = {name: int((own["right"] == name).sum()) for name in ("yes", "no", "unsure")}
        sure = n["yes"] + n["no"]
        lo, hi = (round(one, 4) for one in wilson(n["yes"], sure))
        whole = len(hits) == int(first["hits"])
        bounds = {"lo": "" if whole or not sure else lo, "hi": "" if whole or not sure else hi}
        share = round(n["yes"] / sure, 4) if sure else ""
        size = {"hits": int(first["hits"]), "drawn": int(first["of"])} if not entry else {}
        rows.append({**dict.fromkeys(KEPT, ""), **about, **size, "entry": entry, **n, **bounds})
        rows[-1] |= {"read": len(own), "precision": share}
    return rows


# -- saying it ------------------------------------------------------------------------------------


def measured(topics: Topics) -> dict[tuple[str, str], list[tuple[Any, bool]]]:
    """What was read, of each topic and entry ('' for the topic): rows of `KEPT`.

    Beside each stands whether the list has the words now that it had then.
    """
    found: dict[tuple[str, str], list[tuple[Any, bool]]] = {}
    read = judged.kept(judged.beside(topics.path, KIND), KEPT) if topics.path else None
    for row in () if read is None else tables.rows(read):
        known = row.topic in topics.codebook.ids
        now = known and row.list == words_of(topics, row.topic)
        found.setdefault((row.topic, row.entry), []).append((row, now))
    return found


def said(topics: Topics) -> dict[tuple[str, str], str]:
    """What was read, of each topic and entry ('' for the topic), as a panel's codebook says it."""
    return {
        key: "; ".join(sentence(row, now=now) for row, now in some)
        for key, some in measured(topics).items()
    }


def sentence(row: Any, *, now: bool = True) -> str:
    """`precision 0.94 (47 of 50 read by NAME, 0.84–0.98)` and what limits it."""
    yes, sure = int(row.yes), int(row.yes) + int(row.no)
    bounds = f", {float(row.lo):.2f}–{float(row.hi):.2f}" if row.lo != "" else ""
    who = judged.called(row.coder)
    date = f", {row.date}" if row.date else ""
    value = f"precision {yes / sure:.2f}" if sure else "no precision"
    parts = [f"{value} ({yes} of {sure} read by {who}{date}{bounds})"]
    if int(row.unsure):
        parts.append(f"{row.unsure} more unsure")
    if not row.entry and int(row.read) == int(row.hits):
        parts.append("all hits")
    if not now:
        parts.append("of other words than the list has now")
    return ", ".join(parts)


def listed(table: pd.DataFrame) -> Sequence[str]:
    """What a sheet said, a line for each topic and entry."""
    text = table.astype(object).fillna("")
    return [
        f"{'  ' + row.entry if row.entry else row.topic}: {sentence(row)}"
        for row in tables.rows(text)
    ]

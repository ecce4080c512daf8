"""Some reports → all tables of a shard. Nothing is read or written here.

The tables are those of a study; of the words only counts are kept (report × part × word), with
sums over them that most questions can be answered from:

terms     key, report (its number in the shard), part, n, n_sentences, sections (of this part that
          hold the word), new_sections (that no earlier part of `PARTS` has counted), first (whether
          no earlier part holds the word); sorted by key
summary   province, key, n, n_sentences, sections, reports: sums over the reports of a province and
          all parts; sorted by key and province
parts     report, part, N_tokens, N_chars, sentences: what counts are shares of
coverage  report, part, is_heading, theme, n (sentences), chars
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import tables, themes
from analysis.indicators import quantities
from analysis.text import sentences
from analysis.words import keywords

from .sources import FAILURES

if TYPE_CHECKING:
    from analysis.indicators import IndicatorCodebook
    from analysis.restore import Restored
    from analysis.words import Segmenter

PARTS = ("done", "other", "plan", "problems")

SUMS = ("n", "n_sentences", "sections", "reports")
"""What the tables `summary` and `totals` add up."""

RARE = 10
"""Tokens in the whole corpus that a word needs to be in the table `totals`."""

_AT_ONCE = 100  # reports whose words are held as Python strings together
_COLUMNS = tables.COLUMNS | {
    "reports": (*tables.COLUMNS["reports"], "province"),
    "failures": FAILURES,
    "coverage": ("report", "part", "is_heading", "theme", "n", "chars"),
    "parts": ("report", "part", "N_tokens", "N_chars", "sentences"),
}
SCHEMAS = {name: tables.parquet.schema(columns) for name, columns in _COLUMNS.items()}


class Tools(NamedTuple):
    """What reports are read with."""

    codebook: themes.Codebook
    indicators: IndicatorCodebook
    segmenter: Segmenter


class Report(NamedTuple):
    """One report, restored."""

    report_id: str
    year: int
    restored: Restored


def of(reports: Sequence[Report], tools: Tools) -> dict[str, pa.Table]:
    """The tables edits, sentences, themes, codings, figures_found, terms, parts and coverage.

    `report` in the last three is the place in `reports`.
    """
    parts = (sentences.rows(one.report_id, one.restored, one.year) for one in reports)
    rows = [row for own in parts for row in own]
    # Texts stay Python's own until all is made: pandas would turn each column to Arrow and back.
    split = pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]), dtype=object)
    split = split.astype(dict.fromkeys(("start", "end", "raw_start", "raw_end"), "int64"))
    split["is_heading"] = split["is_heading"].astype(bool)
    del rows
    found = themes.match(split, tools.codebook)
    codings = themes.code(found, split, tools.codebook)
    years = {one.report_id: one.year for one in reports}
    edited = [one for one in reports if one.restored.edits]
    edits = [tables.edits(one.report_id, one.restored.edits) for one in edited]
    made = {"edits": pd.concat(edits or [tables.empty("edits")]), "sentences": split}
    made |= {"themes": found, "codings": codings}
    made["figures_found"] = quantities.find(split, tools.indicators, years)
    arrow = {name: _arrow(frame, name) for name, frame in made.items()}
    number = split["report_id"].map({one.report_id: at for at, one in enumerate(reports)})
    placed = split[["part", "is_heading"]].assign(
        report=number.to_numpy(dtype=np.int32),
        theme=codings["primary_theme"],
        chars=keywords.lengths(split).to_numpy(dtype=np.int64),
    )
    coded = placed.groupby(["report", "part", "is_heading", "theme"], as_index=False)
    shares = coded.agg(n=("chars", "size"), chars=("chars", "sum"))
    arrow["coverage"] = _arrow(shares, "coverage")
    arrow["terms"], tokens = _terms(split, placed, tools.segmenter)
    by_part = placed.assign(N_tokens=tokens).groupby(["report", "part"], as_index=False)
    sums = {"N_tokens": ("N_tokens", "sum"), "N_chars": ("chars", "sum")}
    arrow["parts"] = _arrow(by_part.agg(**sums, sentences=("part", "size")), "parts")
    return arrow


def summary(terms: pa.Table, provinces: Sequence[str]) -> pa.Table:
    """The table `summary`; `provinces` of the reports by number, those alike side by side."""
    place, names = pd.factorize(np.array(provinces, dtype=object))
    key = terms["key"].combine_chunks()
    key = key if pa.types.is_dictionary(key.type) else key.dictionary_encode()
    word, report = key.indices.to_numpy(), terms["report"].to_numpy()
    place = place[report]
    columns = {name: terms[name].to_numpy() for name in ("n", "n_sentences")}
    columns["sections"] = terms["new_sections"].to_numpy()
    columns["reports"] = begins(word) | begins(report)
    at = np.flatnonzero(begins(word) | begins(place))
    sums = {name: np.add.reduceat(columns[name], at, dtype=np.int64) for name in SUMS}
    made = {
        "province": pa.array(names, pa.string()).take(pa.array(place[at])),
        "key": pa.DictionaryArray.from_arrays(word[at], key.dictionary),
    }
    return pa.table(made | sums)


def begins(values: np.ndarray) -> np.ndarray:
    """Where a value differs from the one before; true of the first."""
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]


def _arrow(frame: pd.DataFrame, name: str) -> pa.Table:
    return pa.Table.from_pandas(frame, schema=SCHEMAS[name], preserve_index=False)


def _terms(
    split: pd.DataFrame, placed: pd.DataFrame, segmenter: Segmenter
) -> tuple[pa.Table, np.ndarray]:
    """The table `terms`, and how many words each sentence has.

    Every word becomes one whole number: word, report, part, section and sentence side by side.
    Sorted, words of one part lie together, and where a number differs from the one before in
    which of its bits says whether a sentence, a section or a part begins.
    """
    tokens = pa.concat_arrays([*_tokens(split, segmenter), pa.array([], pa.large_string())])
    tokens = tokens.dictionary_encode()
    codes, words = tokens.indices.to_numpy(), tokens.dictionary.to_pylist()
    sentence = np.cumsum(codes == (words.index("\n") if "\n" in words else -1))
    counts = np.array([segmenter.is_word(word) for word in words], dtype=bool)[codes]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    codes, sentence = rank[codes[counts]], sentence[counts]

    part = pd.Categorical(placed["part"], PARTS).codes.astype(np.int64)
    section = pd.factorize(split["section"])[0]
    fields = {"word": codes, "report": placed["report"].to_numpy()[sentence]}
    fields |= {"part": part[sentence], "section": section[sentence], "sentence": sentence}
    packed, bits = np.zeros(len(codes), dtype=np.int64), {}
    for name, values in fields.items():
        bits[name] = int(values.max(initial=0)).bit_length()
        packed = packed << bits[name] | values
    packed.sort()
    counted = _counted(packed, bits, [words[at] for at in order])
    return counted, np.bincount(sentence, minlength=len(split))


def _counted(packed: np.ndarray, bits: dict[str, int], words: list[str]) -> pa.Table:
    """The table `terms` of sorted numbers."""

    def field(name: str, of: np.ndarray) -> np.ndarray:
        """One field of some numbers."""
        behind = list(bits)[list(bits).index(name) + 1 :]
        return of >> sum(bits[other] for other in behind) & (1 << bits[name]) - 1

    sections = begins(packed >> bits["sentence"])
    first = np.flatnonzero(begins(packed >> bits["section"] + bits["sentence"]))
    flags = {"n": np.ones(len(packed), dtype=bool), "n_sentences": begins(packed)}
    flags |= {"sections": sections, "new_sections": sections & ~_known(packed, sections, bits)}
    columns = {name: np.add.reduceat(own, first, dtype=np.int32) for name, own in flags.items()}
    own = packed[first]
    columns["first"] = begins(own >> bits["part"] + bits["section"] + bits["sentence"])
    key, part = (field(name, own).astype(np.int32) for name in ("word", "part"))
    made = {"key": pa.DictionaryArray.from_arrays(key, pa.array(words, pa.string()))}
    made["report"] = pa.array(field("report", own).astype(np.int32))
    made["part"] = pa.DictionaryArray.from_arrays(part, pa.array(PARTS))
    return pa.table(made | columns)


def _known(packed: np.ndarray, sections: np.ndarray, bits: dict[str, int]) -> np.ndarray:
    """Where a word's section begins that an earlier part of the report has begun as well."""
    at = np.flatnonzero(sections)
    part = (1 << bits["part"]) - 1 << bits["section"]
    whole = (packed[at] >> bits["sentence"]) & ~part
    known = np.zeros(len(packed), dtype=bool)
    order = np.argsort(whole, kind="stable")
    known[at[order]] = ~begins(whole[order])
    return known


def _tokens(split: pd.DataFrame, segmenter: Segmenter) -> Iterable[pa.Array]:
    """Every token of every sentence, a line feed between two sentences."""
    texts = split["text"].tolist()
    step = _AT_ONCE * 100
    for first in range(0, len(texts), step):
        some = texts[first : first + step]
        tokens = segmenter.cut("\n".join(some))
        if tokens.count("\n") != len(some) - 1:  # white space of another kind in a sentence
            tokens = [token for text in some for token in (*segmenter.cut(text), "\n")][:-1]
        if first + step < len(texts):
            tokens.append("\n")
        yield pa.array(tokens, pa.large_string())  # a shard of long reports may pass 2 GB

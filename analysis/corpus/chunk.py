"""Some reports → all tables of a shard. Nothing is read or written here.

The tables are those of a study; of the words only counts are kept (report × part × word), with
sums over them that most questions can be answered from:

terms     key, report (its number in the shard), part, n, n_sentences, sections (of this part that
          hold the word), new_sections (that no earlier part of `PARTS` has counted); sorted by key
summary   key, province, level, part, n, n_sentences, reports, sections; part '' is all parts
parts     report, part, N_tokens, N_chars, sentences: what counts are shares of
coverage  report, part, is_heading, theme, n (sentences), chars
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from analysis import keywords, quantities, sentences, tables, themes
from analysis.corpus import shards
from analysis.study import edits_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analysis.indicators import IndicatorCodebook
    from analysis.restore import Restored
    from analysis.segment import Segmenter

PARTS = ("done", "other", "plan", "problems")

_AT_ONCE = 100  # reports whose words are held as Python strings together
_TYPES = {
    **dict.fromkeys(("start", "end", "raw_start", "raw_end", "edit", "year"), pa.int64()),
    **dict.fromkeys(("n", "chars", "N_tokens", "N_chars", "sentences"), pa.int64()),
    **{"value": pa.float64(), "is_heading": pa.bool_(), "report": pa.int32()},
}
SCHEMAS = {
    name: pa.schema([(column, _TYPES.get(column, pa.string())) for column in columns])
    for name, columns in {
        **{
            name: tables.COLUMNS[name]
            for name in ("edits", "sentences", "themes", "codings", "figures_found")
        },
        "reports": (*tables.COLUMNS["reports"], "province"),
        "failures": ("report_id", "path", "reason"),
        "coverage": ("report", "part", "is_heading", "theme", "n", "chars"),
        "parts": ("report", "part", "N_tokens", "N_chars", "sentences"),
    }.items()
}
_COVERAGE = """
    SELECT report, part, is_heading, theme, count(*) AS n, sum(chars)::BIGINT AS chars
    FROM coded GROUP BY ALL ORDER BY ALL"""


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
    rows = [row for one in reports for row in sentences.rows(*_arguments(one))]
    split = pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))
    del rows
    found = themes.match(split, tools.codebook)
    codings = themes.code(found, split, tools.codebook)
    years = {one.report_id: one.year for one in reports}
    made = {
        "edits": pd.concat(
            [edits_table(one.report_id, one.restored) for one in reports if one.restored.edits]
            or [tables.empty("edits")]
        ),
        "sentences": split,
        "themes": found,
        "codings": codings,
        "figures_found": quantities.find(split, tools.indicators, years),
    }
    arrow = {name: _arrow(frame, name) for name, frame in made.items()}
    number = split["report_id"].map({one.report_id: at for at, one in enumerate(reports)})
    placed = pd.DataFrame(
        {
            "report": number.to_numpy(dtype=np.int32),
            "part": split["part"],
            "is_heading": split["is_heading"],
            "theme": codings["primary_theme"],
            "chars": keywords.lengths(split).to_numpy(dtype=np.int64),
        }
    )
    arrow["coverage"] = _sql(_COVERAGE, coded=placed).cast(SCHEMAS["coverage"])
    arrow["terms"], tokens = _terms(split, placed, tools.segmenter)
    by_part = placed.assign(N_tokens=tokens).groupby(["report", "part"], as_index=False)
    sizes = by_part.agg(
        N_tokens=("N_tokens", "sum"), N_chars=("chars", "sum"), sentences=("part", "size")
    )
    arrow["parts"] = _arrow(sizes, "parts")
    return arrow


def summary(terms: pa.Table, reports: pd.DataFrame) -> pa.Table:
    """The table `summary`, by part, key, province and level.

    `reports` has province and level in the order of their numbers, those alike side by side, so
    that what is added up stands side by side too.
    """
    alike = reports[["province", "level"]].ne(reports[["province", "level"]].shift()).any(axis=1)
    place = np.cumsum(alike.to_numpy()) - 1
    key = terms["key"].combine_chunks()
    key = key if pa.types.is_dictionary(key.type) else key.dictionary_encode()
    word, report = key.indices.to_numpy(), terms["report"].to_numpy()
    group = word.astype(np.int64) * max(len(reports), 1) + place[report]
    first = begins(word) | begins(report)
    own = pc.index_in(shards.plain(terms)["part"], pa.array(PARTS)).to_numpy()
    made = []
    for name in ("", *PARTS):
        chosen = np.flatnonzero(own == PARTS.index(name)) if name else np.arange(len(own))
        starts = np.flatnonzero(begins(group[chosen]))
        sums = {
            column: terms["new_sections" if column == "sections" and not name else column]
            for column in ("n", "n_sentences", "sections")
        }
        columns = {column: values.to_numpy()[chosen] for column, values in sums.items()}
        columns["reports"] = first[chosen] if not name else np.ones(len(chosen), dtype=np.int64)
        at = chosen[starts]
        about = pa.Table.from_pandas(
            reports[["province", "level"]].iloc[report[at]], preserve_index=False
        )
        table = pa.table({"key": pa.DictionaryArray.from_arrays(word[at], key.dictionary)})
        for column in about.column_names:
            table = table.append_column(column, about[column])
        table = table.append_column("part", pa.array([name] * len(at), pa.string()))
        for column, values in columns.items():
            added = np.add.reduceat(values, starts, dtype=np.int64) if len(at) else values
            table = table.append_column(column, pa.array(added, pa.int64()))
        made.append(shards.plain(table))
    return pa.concat_tables(made)


def begins(values: np.ndarray) -> np.ndarray:
    """Where a value differs from the one before; true of the first."""
    return np.concatenate([[True], values[1:] != values[:-1]])[: len(values)]


def _arguments(one: Report) -> tuple[str, Restored, int]:
    return one.report_id, one.restored, one.year


def _arrow(frame: pd.DataFrame, name: str) -> pa.Table:
    return pa.Table.from_pandas(frame, schema=SCHEMAS[name], preserve_index=False)


def _sql(query: str, **frames: Any) -> pa.Table:
    """A query over some tables, by one thread: shards are made side by side by processes."""
    with duckdb.connect(config={"threads": 1}) as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        return connection.sql(query).to_arrow_table()


def _terms(
    split: pd.DataFrame, placed: pd.DataFrame, segmenter: Segmenter
) -> tuple[pa.Table, np.ndarray]:
    """The table `terms`, and how many words each sentence has.

    Every word becomes one whole number: word, report, section, part and sentence side by side.
    Sorted, words of one report lie together, and where a number differs from the one before in
    which of its bits says whether a sentence, a section or a report begins.
    """
    tokens = pa.chunked_array(list(_tokens(split, segmenter)), pa.string()).dictionary_encode()
    tokens = tokens.unify_dictionaries().combine_chunks()
    if isinstance(tokens, pa.ChunkedArray):
        tokens = tokens.chunk(0)
    codes, words = tokens.indices.to_numpy(), tokens.dictionary.to_pylist()
    sentence = np.cumsum(codes == (words.index("\n") if "\n" in words else -1))
    counts = np.array([segmenter.is_word(word) for word in words], dtype=bool)[codes]
    order = sorted(range(len(words)), key=words.__getitem__)
    rank = np.empty(len(words), dtype=np.int64)
    rank[order] = np.arange(len(words))
    codes, sentence = rank[codes[counts]], sentence[counts]

    report, part = (
        placed["report"].to_numpy(),
        placed["part"].map(PARTS.index).to_numpy(dtype=np.int64),
    )
    section = pd.factorize(split["section"])[0]
    fields = {"word": codes}
    fields |= {"report": report[sentence], "section": section[sentence], "part": part[sentence]}
    fields["sentence"] = sentence
    packed, bits = np.zeros(len(codes), dtype=np.int64), {}
    for name, values in fields.items():
        bits[name] = int(values.max(initial=0)).bit_length()
        packed = packed << bits[name] | values
    packed.sort()
    return _counted(packed, bits, [words[at] for at in order]), np.bincount(
        sentence, minlength=len(split)
    )


def _counted(packed: np.ndarray, bits: dict[str, int], words: list[str]) -> pa.Table:
    """The table `terms` of sorted numbers."""

    def starts(*dropped: str) -> np.ndarray:
        """Where a number differs from the one before without its last fields."""
        return begins(packed >> sum(bits[name] for name in dropped))

    parts = packed >> bits["sentence"] & (1 << bits["part"]) - 1
    pair = np.cumsum(starts("section", "part", "sentence")) - 1
    cell = pair * len(PARTS) + parts
    n = np.bincount(cell)
    held = np.flatnonzero(n)
    columns = {"n": n[held]}
    for name, dropped in (
        ("n_sentences", ()),
        ("sections", ("sentence",)),
        ("new_sections", ("part", "sentence")),
    ):
        columns[name] = np.bincount(cell[starts(*dropped)], minlength=len(n))[held]
    first = packed[starts("section", "part", "sentence")] >> sum(
        bits[name] for name in ("section", "part", "sentence")
    )
    own = first[held // len(PARTS)] if len(held) else first
    key = pa.DictionaryArray.from_arrays(
        pa.array((own >> bits["report"]).astype(np.int32)), pa.array(words, pa.string())
    )
    report = own & (1 << bits["report"]) - 1
    part = pa.DictionaryArray.from_arrays(
        pa.array((held % len(PARTS)).astype(np.int32)), pa.array(PARTS)
    )
    small = {name: pa.array(values.astype(np.int32)) for name, values in columns.items()}
    return pa.table(
        {"key": key, "report": pa.array(report.astype(np.int32)), "part": part, **small}
    )


def _tokens(split: pd.DataFrame, segmenter: Segmenter) -> Iterable[pa.Array]:
    """Every token of every sentence, a line feed between two sentences."""
    texts = split["text"].tolist()
    step = _AT_ONCE * 100
    for first in range(0, len(texts), step):
        some = texts[first : first + step]
        tokens = segmenter.cut("\n".join(some))
        if tokens.count("\n") != len(some) - 1:  # white space of another kind in a sentence
            tokens = [token for text in some for token in (*segmenter.cut(text), "\n")][:-1]
        yield pa.array([*tokens, "\n"] if first + step < len(texts) else tokens, pa.string())

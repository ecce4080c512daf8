"""Questions to a corpus, answered from its shards with DuckDB.

The tables that come back have the columns of those of one report. A slice is written as for
`counts.select`, with `province` beside region. A slice of provinces and years is known exactly by
the shards' summaries; the words of any other are counted from `terms`. Sums are of whole numbers,
or in the order of the shards: the same question has the same answer, byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis import tables, themes
from analysis.indicators import trends
from analysis.kit import InputError, files, must_occur
from analysis.study import Study, compare, shards
from analysis.words import PER, Segmenter, counts, dispersion, keyness, keywords, reference

from . import build, scan
from .chunk import RARE, SUMS
from .scan import Slice

SLICES = (*counts.REPORTS, "part")
"""What a slice of a corpus may be chosen by."""

LINES = 100  # of a concordance, where nobody says
REST = compare.REST
_MADE = "made.json"  # what the corpus in a study's store was made from

_OF_WORDS = ("frequency", "dispersion", "keyness")
_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in SUMS)
_IN_ORDER = "ORDER BY shard, file_row_number"
_REPORTS_AT_ONCE = 50


class Corpus:
    """A built corpus, to be asked.

    InputError if none was built there.

    Parameters
    ----------
    path : its folder.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.shards = shards.Shards(self.path)
        self.engine = str(self.shards.manifest["engine"])

    def __repr__(self) -> str:
        return f"Corpus({str(self.path)!r}): {len(self.reports)} reports, {self.engine}"

    @cached_property
    def reports(self) -> pd.DataFrame:
        """What each report may be chosen by (`counts.REPORTS`); its shard and number there."""
        columns = f"{', '.join(counts.REPORTS)}, file_row_number AS number"
        return self._rows("reports", columns, f"true {_IN_ORDER}").astype({"year_given": "Int64"})

    @cached_property
    def _sizes(self) -> pd.DataFrame:
        """part, N_tokens, N_chars of each report and part; place is the report's in `reports`."""
        sizes = self._rows("parts", "report AS number, part, N_tokens, N_chars")
        first = self.reports["shard"].searchsorted(sizes["shard"])
        return sizes.assign(place=first + sizes["number"])

    @cached_property
    def _study(self) -> Study:
        return Study(self.path, engine=self.engine)

    @property
    def stopwords(self) -> tuple[str, ...]:
        """Words that tables of keywords hide."""
        return self._study.stopwords

    @property
    def segmenter(self) -> Segmenter:
        """What cut its texts into words."""
        return self._study.segmenter

    def slice(self, text: str = "") -> Slice:
        """The reports and parts of `name=value|value;…`, '' for all (`counts.conditions`).

        InputError for a name that is not one of `SLICES`, a value that does not occur, and where
        nothing fits.
        """
        chosen, names = np.ones(len(self.reports), dtype=bool), set()
        every = pd.Series(sorted(counts.PARTS))
        parts = every
        for one in counts.conditions(text, "slice", SLICES):
            if one.name == "part":
                parts = parts[one.holds(every)[parts.index]]
            else:
                names.add(one.name)
                chosen &= one.holds(self.reports[one.name]).to_numpy()
        for what, empty in (("part", parts.empty), ("report", not chosen.any())):
            if empty:
                raise InputError(f"no {what} fits {text!r}; name another slice.")
        return Slice(chosen, tuple(parts) if len(parts) < len(every) else (), frozenset(names))

    # -- words ----------------------------------------------------------------------------------

    def frequency(self, text: str = "") -> pd.DataFrame:
        """Each word's frequency in a slice: the table of `keywords.frequency`.

        `sections` is NA where a slice has several parts, but not all; lo and hi are NaN, a corpus
        being no sample.
        """
        own = self.slice(text)
        ids = self.reports["report_id"][own.chosen]
        if len(ids) == 1 and not own.parts:  # dispersion is over its sections then
            study = Study(self.path, list(ids), engine=self.engine)
            return keywords.frequency(study.terms, study.sentences)
        words, sizes = self._words(own), self._sized(own)
        spread = self._dispersion(own, words).set_index("key")[["parts", "dp", "dp_norm"]]
        N_chars = int(sizes["N_chars"].sum())
        table = words.join(spread).assign(N_chars=N_chars, N_tokens=int(sizes["N_tokens"].sum()))
        table = table.assign(lo=np.nan, hi=np.nan, parts_are="reports")
        table["rate"] = table["n"] / N_chars * PER if N_chars else np.nan
        table = table.reset_index().sort_values(["n", "key"], ascending=[False, True])
        return table.reset_index(drop=True)[keywords.FREQUENCY]

    def _list(self, own: Slice) -> counts.Counts:
        """The bundled list without the reports of a slice."""
        about = self._study.reports
        held = about[about["report_id"].isin(self.reports["report_id"][own.chosen])]
        return reference.counted(reference.apart("default", held.to_dict("records")))

    def dispersion(self, text: str = "") -> pd.DataFrame:
        """How evenly words are spread over a slice's reports: the table of `dispersion.table`."""
        own = self.slice(text)
        return self._dispersion(own, self._words(own))

    def keyness(
        self,
        target: str,
        against: str = REST,
        *,
        within: str = "",
        dispersion: bool = False,
        min_n: int = 1,
    ) -> pd.DataFrame:
        """A slice's words against another's: the table of `keyness.compare`.

        InputError if the two have something in common, or one of them holds no word.

        Parameters
        ----------
        target : a slice.
        against : a slice that has no part of a report in common with it, `rest` for all other
            reports, `reference` for the bundled list.
        within : conditions that both sides meet, such as `year=2022`; it goes with `rest`.
        dispersion : whether dp of each word in the target and dp_reference are added.
        min_n : words of fewer tokens in both together are left out. From `chunk.RARE` on, slices
            of provinces, or of years, are read from the totals: a fraction of the time.
        """
        compare.refuse_within(within, against)
        own, other = self.slice(";".join(filter(None, [target, within]))), None
        if against != compare.REFERENCE:
            rest = compare.within_parts(target, within) if against == REST else against
            other = self.slice(rest)
            if against == REST:
                names = own.names | other.names
                other = replace(other, chosen=other.chosen & ~own.chosen, names=names)
            parts = [set(side.parts or counts.PARTS) for side in (own, other)]
            if parts[0] & parts[1] and (own.chosen & other.chosen).any():
                said = f"{target!r} and {against!r} have something in common; name another slice."
                raise InputError(said)
        if other and not other.chosen.any():
            raise InputError(f"the slice {against!r} holds no word: nothing is left for it.")
        rare = min_n < RARE or other is None
        first = self._counts(own, rare=rare)
        second = self._counts(other, rare=rare) if other else self._list(own)
        for side, text in ((first, target), (second, against)):
            if not side.N_tokens:
                raise InputError(f"the slice {text!r} holds no word.")
        n = first.words["n"].add(second.words["n"], fill_value=0)
        table = keyness.compare(first, second, keys=n.index[n >= min_n].tolist())
        sides = {"": own} | ({"_reference": other} if other else {})
        for name, one in sides.items() if dispersion else ():
            words = table[table[f"n{name}"] > 0].set_index("key")[f"n{name}"].to_frame("n")
            spread = self._dispersion(one, words).set_index("key")["dp"]
            table[f"dp{name}"] = spread.reindex(table["key"]).to_numpy()
        return table

    def rates(
        self, keys: Sequence[str], text: str = "", *, by: Sequence[str] = ("province", "year")
    ) -> pd.DataFrame:
        """Rates of some words in each group of a slice's reports: the table of `keywords.rates`."""
        own = self.slice(text)
        sizes, groups = self._sized(own), self.reports[_by(by)]
        where = f"key IN ? AND {_in_parts(own)} GROUP BY ALL"
        counted = "key, report AS number, sum(n)::BIGINT AS n"
        found = self._rows("terms", counted, where, [list(keys)])
        places = self.reports[own.chosen].reset_index(names="place")
        found = found.merge(places, on=["shard", "number"])
        n = found.groupby([*by, "key"], as_index=False)["n"].sum()
        grouped = sizes.join(groups, on="place").groupby(list(by), as_index=False)
        sums = {"N_chars": ("N_chars", "sum"), "N_tokens": ("N_tokens", "sum")}
        sizes = grouped.agg(**sums, reports=("place", "nunique"))
        table = sizes.merge(pd.DataFrame({"key": list(dict.fromkeys(keys))}), how="cross")
        table = table.merge(n, on=[*by, "key"], how="left").fillna({"n": 0}).astype({"n": int})
        table["rate"] = table["n"] / table["N_chars"] * PER
        return table[[*by, "key", "n", "N_chars", "rate", "N_tokens", "reports"]]

    def concordance(
        self, key: str, text: str = "", *, limit: int = LINES, width: int = 20, sort: str = "place"
    ) -> pd.DataFrame:
        """The first lines of a word in its context: the table of `keywords.concordance`.

        They are the first in the order of the shards (year, then province by its hash); `sort`
        puts these in order.
        """
        own, held = self.slice(text), 0
        terms, sentences = [tables.empty("terms")], [tables.empty("sentences")]
        shards = scan.shards_of(self.reports, own)
        for some in chain.from_iterable(self._holding(key, own, shard) for shard in shards):
            sentences.append(some)
            hits = keywords.term_hits(some, self.segmenter)
            terms.append(hits[hits["key"] == key][: limit - held])
            held += len(terms[-1])
            if held >= limit:
                break
        hits, places = (pd.concat(frames, ignore_index=True) for frames in (terms, sentences))
        return keywords.concordance(hits, places, key, width=width, sort=sort)

    def _holding(self, key: str, own: Slice, shard: int) -> Iterator[pd.DataFrame]:
        """Sentences of a shard that hold a word as text, by reports that have it as a word."""
        query = f"SELECT DISTINCT report FROM read_parquet(?) WHERE key = ? AND {_in_parts(own)}"
        file = self.shards.files("terms")[shard]
        numbers = set(_sql(query, [file, key])["report"])
        inside = own.chosen & (self.reports["shard"] == shard).to_numpy()
        about = self.reports[inside & self.reports["number"].isin(numbers).to_numpy()]
        columns = ", ".join(f'"{name}"' for name in tables.COLUMNS["sentences"])
        for first in range(0, len(about), _REPORTS_AT_ONCE):
            ids = about["report_id"].tolist()[first : first + _REPORTS_AT_ONCE]
            where = f"report_id IN ? AND contains(text, ?) AND {_in_parts(own)}"
            given = [self.shards.files("sentences")[shard], ids, key]
            yield _sql(f"SELECT {columns} FROM read_parquet(?) WHERE {where}", given)

    def holding(self, text: str, most: int = 6) -> list[tuple[str, int]]:
        """Words that hold a text, itself first, then the most frequent; n in the whole corpus."""
        found = _sql(
            "SELECT key, sum(n)::BIGINT AS n FROM read_parquet($files) WHERE contains(key, $text) "
            f"GROUP BY key ORDER BY key <> $text, n DESC, key LIMIT {most}",
            {"files": self.shards.files("summary"), "text": text},
        )
        return [(row.key, int(row.n)) for row in tables.rows(found)]

    # -- themes and indicators --------------------------------------------------------------------

    def coverage(self, text: str = "", *, by: Sequence[str] = ()) -> pd.DataFrame:
        """The share of each theme in a slice: the table of `themes.coverage`, by groups sorted."""
        own = self.slice(text)
        groups = self.reports.assign(all="")[_by(by) or ["all"]]
        names = groups.drop_duplicates().sort_values([*groups.columns]).reset_index(drop=True)
        number = groups.merge(names.reset_index(names="group"), how="left")["group"]
        chosen = self.reports[["shard", "number"]].assign(group=number.to_numpy())[own.chosen]
        files = pd.DataFrame({"filename": self.shards.files("coverage")})
        found = _sql(
            "SELECT chosen.group AS group, theme, sum(n)::BIGINT AS n, sum(chars)::BIGINT AS chars,"
            " count(DISTINCT (chosen.shard, report)) AS reports FROM read_parquet(?, filename=true)"
            " JOIN files USING (filename) JOIN chosen ON chosen.shard = files.shard AND"
            f" report = chosen.number WHERE NOT is_heading AND {_in_parts(own)} GROUP BY ALL",
            [list(files["filename"])],
            chosen=chosen,
            files=files.assign(shard=range(len(files))),
        )
        whole = found.groupby("group")[["n", "chars"]].sum()
        whole = whole.set_axis(["N_sentences", "N_chars"], axis=1).reset_index()
        order = pd.DataFrame({"theme": [*self._study.codebook.ids, themes.NONE]})
        table = whole.merge(order, how="cross").merge(found, on=["group", "theme"], how="left")
        table = table.fillna({"n": 0, "chars": 0, "reports": 0}).join(names, on="group")
        table = table.astype({"n": int, "chars": int, "reports": int}).assign(lo=np.nan, hi=np.nan)
        table["share"] = table["n"] / table["N_sentences"]
        table["char_share"] = table["chars"] / table["N_chars"]
        columns = [*by, "theme", "n", "N_sentences", "share", "lo", "hi"]
        return table[[*columns, "chars", "N_chars", "char_share", "reports"]]

    def indicators(self, text: str = "") -> pd.DataFrame:
        """The figures found of a slice that have a name: the table `indicators`, all `extracted`.

        What people curated for the corpus is not among them: see `Study.indicators`.
        """
        own = self.slice(text)
        found = self._rows("figures_found", "*", f"indicator_id <> '' {_IN_ORDER}")
        found = found.drop(columns="shard").merge(self.reports[own.chosen], on="report_id")
        stated = pd.to_numeric(found["period"].str[:4], errors="coerce")
        year = stated.fillna(found["year"]).astype(int)
        period = found["period"].where(found["period"] != "", year.astype(str))
        found = found.assign(year=year, period=period, status="extracted")
        return found.reindex(columns=list(tables.COLUMNS["indicators"]), fill_value="")

    def panel(self, regions: Sequence[str], text: str = "", **which: Any) -> pd.DataFrame:
        """The series of some regions' indicators as extracted: the table of `trends.panel`."""
        book = self._study.indicator_codebook
        return trends.panel(self.indicators(text), book, regions=regions, **which)

    # -- how ------------------------------------------------------------------------------------

    def _rows(
        self, table: str, columns: str, where: str = "true", given: Sequence[Any] = ()
    ) -> pd.DataFrame:
        """Rows of a table of all shards; `shard` is the shard's number."""
        files = self.shards.files(table)
        return _sql(
            f"SELECT shard, {columns} FROM read_parquet(?, filename = true, "
            "file_row_number = true, hive_partitioning = false) JOIN listed USING (filename) "
            f"WHERE {where}",
            [files, *given],
            listed=pd.DataFrame({"filename": files, "shard": range(len(files))}),
        )

    def _sized(self, own: Slice) -> pd.DataFrame:
        """The rows of `_sizes` of a slice."""
        inside = own.chosen[self._sizes["place"]]
        if own.parts:
            inside &= self._sizes["part"].isin(own.parts).to_numpy()
        return self._sizes[inside]

    def _counts(self, own: Slice, *, rare: bool) -> counts.Counts:
        """The words of a slice, perhaps without the rare ones, as `keyness.compare` takes them."""
        sizes = self._sized(own).groupby("place", as_index=False)[["N_tokens", "N_chars"]].sum()
        found = counts.Counts(tables.empty("terms"), sizes, {})
        found.__dict__["words"] = self._words(own, rare=rare)  # the sums are all that is known
        return found

    def _words(self, own: Slice, *, rare: bool = True) -> pd.DataFrame:
        """n, n_sentences, reports and sections of each word of a slice, by word.

        Where not asked for rare ones, words of fewer than `RARE` tokens may be missing.
        """
        name = next(iter(own.names), "year")
        if own.parts or not own.names <= {"province", "year"}:
            return scan.words(self.shards, self.reports, own)
        source, given = "read_parquet($files, hive_partitioning = true)", {}
        if rare or len(own.names) > 1:
            given["files"] = self.shards.files("summary")
        else:
            given["files"] = [str(self.path / shards.TOTALS)]
            source = f"(SELECT *, value AS {name} FROM read_parquet($files) WHERE name = '{name}')"
        names = sorted(own.names) or [name]
        alike = " AND ".join(f"found.{one} = chosen.{one}::VARCHAR" for one in names)
        found = _sql(
            f"SELECT key, {_SUMS} FROM {source} AS found SEMI JOIN chosen ON {alike} "
            "GROUP BY key ORDER BY key",
            given,
            chosen=self.reports.loc[own.chosen, names].drop_duplicates(),
        )
        words = pd.Index(found.pop("key").to_numpy(dtype=object), dtype=object, name="key")
        return found.set_axis(words)

    def _dispersion(self, own: Slice, words: pd.DataFrame) -> pd.DataFrame:
        """The table of `dispersion.table`; `words` of the slice by word, with n."""
        tokens = np.zeros(len(self.reports), dtype=np.int64)
        np.add.at(tokens, self._sized(own)["place"], self._sized(own)["N_tokens"])
        sums = scan.shared(self.shards, self.reports, own, tokens, words["n"])
        held = tokens[tokens > 0]
        apart = (sums["squares"] - sums["rates"] ** 2 / len(held)).clip(0)
        return dispersion.measured(sums.assign(apart=apart), held)


def opened(path: Path) -> Corpus:
    """The corpus in a folder; of a study that is none, one made in its store from its reports."""
    study = Study(path)
    if study.is_corpus or not (path / "study.yaml").is_file():
        return Corpus(path)
    study.unchanged(list(study.reports["report_id"]))
    place, own = study.store.folder / "corpus", study.path / "codebooks"
    books = {name: (own / name).read_bytes() for name in shards.codebooks(study.path)}
    known = [*books.values(), (study.path / "reports.csv").read_bytes(), build.code().encode()]
    state = hashlib.sha256(b"\0".join(known)).hexdigest()
    if files.left(place / _MADE).get("from") != state:
        if place.exists():
            for name, data in books.items():
                files.put(place / "codebooks" / name, data)
        build.build([str(study.path)], place, engine=study.engine, codebooks=study.path)
        files.put(place / _MADE, json.dumps({"from": state}))
    return Corpus(place)


def answer(
    path: Path,
    what: str,
    *,
    terms: Sequence[str] = (),
    slice: str = "",  # noqa: A002
    against: str = REST,
    within: str = "",
    stopwords: bool = False,
    dispersion: bool = False,
    by: Sequence[str] = (),
    regions: Sequence[str] = (),
    min_n: int = 1,
    top: int | None = None,
) -> pd.DataFrame:
    """What `gongbao corpus query` prints: one of the tables of `Corpus`, its first `top` rows.

    `path` is the folder of a corpus or of any study. `stopwords` hides rows of words that are
    (codebooks/stopwords.txt); counts stay as they are. InputError if the question lacks something,
    or asks for what is not there.
    """
    corpus = opened(path)
    if within and what != "keyness":
        raise InputError(f"--within goes with keyness; {what} takes the conditions in --slice.")
    if stopwords and what not in _OF_WORDS:
        raise InputError(f"--stopwords goes with {', '.join(_OF_WORDS)}.")
    if what in ("rates", "concordance") and not terms:
        raise InputError(f"{what} needs a TERM.")
    if what == "panel" and not regions:
        raise InputError("panel needs --regions.")
    lines = partial(corpus.concordance, text=slice, limit=top or LINES)
    asked: dict[str, Callable[[], pd.DataFrame]] = {
        "frequency": lambda: corpus.frequency(slice),
        "dispersion": lambda: corpus.dispersion(slice),
        "keyness": lambda: corpus.keyness(
            slice, against, within=within, dispersion=dispersion, min_n=min_n
        ),
        "rates": lambda: corpus.rates(terms, slice, by=by or ("province", "year")),
        "coverage": lambda: corpus.coverage(slice, by=by),
        "indicators": lambda: corpus.indicators(slice),
        "panel": lambda: corpus.panel(regions, slice),
        "concordance": lambda: pd.concat(map(lines, terms)),
    }
    found = asked[what]()
    if stopwords:
        found = found[~found["key"].isin(corpus.stopwords)].reset_index(drop=True)
    return found.head(top) if top else found


def not_found(path: Path, terms: Sequence[str], answered: pd.DataFrame) -> Iterator[str]:
    """A sentence for each term without a hit: a corpus counts words, and it may be part of some."""
    hits = answered[answered["n"] > 0] if "n" in answered else answered
    missing = [term for term in terms if term not in set(hits["key"])]
    if not missing:
        return
    corpus = opened(path)
    for term in missing:
        found = [f"{word} {n:,}" for word, n in corpus.holding(term)]
        cut = [piece for piece, *_ in corpus.segmenter.words(term)]
        said = f"words of the corpus that hold it: {', '.join(found) or 'none'}"
        if cut != [term]:
            said += f"; {corpus.engine} cuts it into {' | '.join(cut) or 'nothing'}: a line in "
            said += "codebooks/lexicon.txt makes it a word, a group in term_groups.yaml counts text"
        yield f"{term}: no hit as a word of its own; {said}."


def _in_parts(own: Slice) -> str:
    """The condition that a row is of a slice's parts."""
    return f"part IN {own.parts!r}".replace(",)", ")") if own.parts else "true"


def _by(names: Sequence[str]) -> list[str]:
    """Columns to group by; InputError for another one."""
    must_occur("by", names, [one for one in counts.REPORTS if one != "year_given"])
    return list(names)


def _sql(query: str, given: Sequence[Any] | dict[str, Any], **frames: pd.DataFrame) -> pd.DataFrame:
    """The answer to a query; `frames` are tables it may name."""
    with duckdb.connect() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        return connection.execute(query, given).df()

"""Which report lies in which shard, and tables read back from shards.

A shard is a leaf of a tree: a year's reports are split by the bits of a hash of province, level,
region and id for as long as more than `LIMIT` are together. So a province lies in few shards, what
a shard holds depends on nothing but the set of reports, and one more report moves the others of
its own shard at most. Within a shard reports are numbered by province, level, region and id.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis import tables
from analysis.kit import InputError, digest, files, put
from analysis.reading import Source, reports
from analysis.words import slices

from . import catalogue
from .store import CODED, MANIFEST, Load, Missing, of_reports

LIMIT = 1_000
"""Reports in a shard, at most."""

TOTALS = "totals.parquet"
"""The summary of the whole corpus: sums over all reports of a province or a year."""

_ENCODING = {"sentence_id": "DELTA_BYTE_ARRAY", "text": "PLAIN"} | dict.fromkeys(
    ("start", "end", "raw_start", "raw_end", "report"), "DELTA_BINARY_PACKED"
)
_ROWS_IN_A_GROUP = 50_000

LATER = "figures_found"
"""The table that a build leaves to who asks for it."""

SMALL = ("sizes", "coverage")
"""Tables of sums, which are read of any number of reports."""

RARE = 10
"""Tokens in the whole corpus that a word needs to be in the table `totals`."""

SUMS = ("n", "n_sentences", "sections", "reports")
"""What the tables `summary` and `totals` add up."""

_SUMS = ", ".join(f"sum({name})::BIGINT AS {name}" for name in SUMS)

READ_AT_ONCE = 2_000
"""Reports whose sentences a notebook may ask for at once."""


def leaves(inputs: pd.DataFrame) -> dict[str, list[int]]:
    """The rows of `inputs` (report_id, region, province, level, year) of each shard, by its path.

    >>> leaves(pd.DataFrame([{"report_id": "a", "region": "厦门市", "province": "福建省",
    ...                       "level": "city", "year": 2022}]))
    {'year=2022/shard=b': [0]}
    """
    names = inputs[["province", "level", "region", "report_id"]].to_numpy(dtype=object)
    order = sorted(range(len(names)), key=lambda row: tuple(names[row]))
    keys = ["".join(map(_bits, row)) for row in names]
    by_year: dict[int, list[int]] = {}
    years = inputs["year"].tolist()
    for row in order:
        by_year.setdefault(int(years[row]), []).append(row)
    found: dict[str, list[int]] = {}
    for year in sorted(by_year):
        for bits, rows in _split(by_year[year], keys, ""):
            found[f"year={year}/shard=b{bits}"] = rows
    return found


def _bits(name: str) -> str:
    """32 bits that only depend on a name."""
    return f"{int.from_bytes(hashlib.sha256(name.encode()).digest()[:4]):032b}"


def _split(rows: list[int], keys: list[str], bits: str) -> Iterator[tuple[str, list[int]]]:
    """The leaves of a node: its bits and its rows."""
    if len(rows) <= LIMIT or len(bits) == len(keys[rows[0]]):
        yield bits, rows
        return
    for bit in "01":
        own = [row for row in rows if keys[row][len(bits)] == bit]
        if own:
            yield from _split(own, keys, bits + bit)


def related(shard: str, others: Sequence[str]) -> list[str]:
    """Shards of before that may hold a shard's reports: those above and below it in the tree.

    >>> related("year=2022/shard=b01", ["year=2022/shard=b0", "year=2022/shard=b1"])
    ['year=2022/shard=b0']
    """
    return [other for other in others if other.startswith(shard) or shard.startswith(other)]


class Shards:
    """The shards of a built corpus.

    InputError if none was built there, or by another version of the suite.

    Parameters
    ----------
    corpus : its folder.
    make : `Store.make`, for the figures, which are found when they are first asked for.
    """

    FORMAT = 6

    def __init__(self, corpus: Path, make: Callable[[Missing], Any] | None = None):
        self.path, self.make = corpus, make
        place = corpus / MANIFEST
        if not place.is_file():
            raise InputError("holds no corpus; `gongbao corpus build` makes one.", path=corpus)
        self.manifest = files.left(place)
        if not isinstance(self.manifest.get("format"), int):
            raise _damaged(place, "it is no map in JSON")
        if self.manifest["format"] != self.FORMAT:
            raise InputError("is of another version; run `gongbao corpus build` again.", path=place)
        for key, good in _SAID.items():
            if not good(self.manifest.get(key)):
                raise _damaged(place, f"what it says of {key} cannot be")
        if self.manifest["codebooks"] != codebooks(corpus, self.manifest["codebooks"]):
            said = "have changed since the corpus was built; run `gongbao corpus build` again."
            raise InputError(said, path=corpus / "codebooks")

    def of_book(self, book: Path) -> bool:
        """Whether its sentences are coded by a codebook, named by its file."""
        return book.name in self.manifest["codebooks"]

    @property
    def names(self) -> list[str]:
        """The shards' folders below `shards`, sorted."""
        return list(self.manifest["shards"])

    def files(self, table: str) -> list[str]:
        """The Parquet files of a table, one a shard."""
        return [str(self.path / "shards" / name / f"{table}.parquet") for name in self.names]

    @cached_property
    def catalogue(self) -> pd.DataFrame:
        """The table `reports` by id, with each report's province, sizes and shard."""
        shards = zip(self.names, self._listed, strict=True)
        named = [one.append_column("shard", pa.array([name] * len(one))) for name, one in shards]
        found: pd.DataFrame = pa.concat_tables(named).sort_by("report_id").to_pandas()
        return found

    def source(self, path: str, sha256: str) -> Source:
        """A report's file as it came; InputError if it changed since the corpus was built."""
        place = self.path / path  # its bytes first: of any other file nothing is told
        known = not place.is_file() or tables.sha256(place) == sha256
        found = fetch(self.path, path, again=False) if known else None
        if found is None or found.sha256 != sha256:
            said = "has changed since the corpus was built; run `gongbao corpus build` again."
            raise InputError(said, path=path)
        return found

    def parts(self, table: str, report_ids: Sequence[str]) -> list[tuple[list[str], Load]]:
        """The shards that hold some reports: all reports of each, and what loads its table."""
        wanted, all_of = set(report_ids), [one["report_id"].to_pylist() for one in self._listed]
        held = zip(self.files(table), all_of, strict=True)
        found = [(Path(file), own) for file, own in held if not wanted.isdisjoint(own)]
        if table == LATER and self.make:
            self.make({tuple(o): [(table, str(f))] for f, o in found if not f.exists()})
        if missing := [file for file, _ in found if not file.exists()]:
            said = "is missing and could not be made; is there room, and may it be written?"
            raise InputError(said, path=missing[0])
        read = partial(partial, opened, read_dictionary=CODED.get(table))
        return [(own, read(file)) for file, own in found]

    @cached_property
    def _listed(self) -> list[pa.Table]:
        """The table `reports` of each shard, in the order of their numbers.

        InputError for an id that could not be a file's name, as in a study's own catalogue.
        """
        found = []
        for file in self.files("reports"):
            own = opened(file)
            for name, kind in (("report_id", "string"), ("path", "string"), ("sha256", "string")):
                if name not in own.schema.names or str(own.schema.field(name).type) != kind:
                    raise _damaged(file, f"it has no column {name} of texts")
            for one in own["report_id"].to_pylist():
                catalogue.refuse_id(str(one), path=Path(file))
            found.append(_with_later(own))
        return found

    def read(self, table: str, report_ids: Sequence[str]) -> pd.DataFrame:
        """The rows of some reports of a table, in the order of the reports given.

        InputError for more than `READ_AT_ONCE` reports, but for what is small: a study's tables
        are held in memory.
        """
        if len(report_ids) > READ_AT_ONCE and table not in SMALL:
            raise InputError(
                f"{len(report_ids)} reports are too many to hold their {table} at once (at most "
                f"{READ_AT_ONCE}); name some with `reports`, or ask with `gongbao corpus query`.",
                path=self.path,
            )
        found = (load() for _, load in self.parts(table, report_ids))
        if table not in SMALL:
            wanted = pa.array(list(report_ids), pa.string())
            found = (one.filter(pc.is_in(one["report_id"], wanted)) for one in found)
        return of_reports([*found], table, report_ids)

    def summed(
        self, about: pd.DataFrame, sizes: pd.DataFrame, places: pd.DataFrame, *, rare: bool
    ) -> pd.DataFrame | None:
        """n, n_sentences, sections and reports of each word of some places, from sums.

        The sums are of whole provinces and years; None where the places are not. Where not asked
        for rare ones, words of fewer than `RARE` tokens may be missing.
        """
        held, every = (np.bincount(one["report_id"].cat.codes) for one in (places, sizes))
        if (held[held > 0] != every[: len(held)][held > 0]).any():
            return None
        inside = tables.among(about["report_id"], places["report_id"])
        for names in (["year"], ["province"], ["province", "year"]):
            whole = inside.groupby([about[name] for name in names]).agg(["all", "any"])
            if (whole["all"] == whole["any"]).all():
                if len(names) == 1 and not rare:
                    return self._totals(names[0], whole["all"])
                return self._summed(whole.index[whole["all"]].to_frame(index=False))
        return None

    def _totals(self, name: str, chosen: pd.Series[bool]) -> pd.DataFrame:
        """Sums of whole provinces, or years: those chosen, or all without the others if fewer."""

        def read(name: str, values: Iterable[Any]) -> pa.Table:
            which = [("name", "==", name), ("value", "in", [str(one) for one in values])]
            return opened(self.path / TOTALS, columns=["key", *SUMS], filters=which)

        if 2 * chosen.sum() <= len(chosen):
            both = read(name, chosen.index[chosen])
        else:
            less = read(name, chosen.index[~chosen])
            for column in SUMS:
                at = less.column_names.index(column)
                less = less.set_column(at, column, pc.negate(less[column]))
            both = pa.concat_tables([read("", [""]), less])
        summed = both.group_by("key").aggregate([(one, "sum") for one in SUMS])
        found = summed.rename_columns(["key", *SUMS]).filter(pc.field("n") > 0)
        return _by_word(found.sort_by("key").to_pandas())

    def _summed(self, groups: pd.DataFrame) -> pd.DataFrame:
        """Sums of provinces in years, and of words of any number."""
        import duckdb  # slow to load, and asked of corpora only

        alike = " AND ".join(f"found.{one} = chosen.{one}::VARCHAR" for one in groups)
        with duckdb.connect() as connection:
            connection.register("chosen", groups)
            try:
                found = connection.execute(
                    f"SELECT key, {_SUMS} FROM read_parquet($files, hive_partitioning = true) "
                    f"AS found SEMI JOIN chosen ON {alike} GROUP BY key ORDER BY key",
                    {"files": self.files("summary")},
                ).df()
            except duckdb.Error as error:
                raise _damaged(self.path / "shards", str(error).splitlines()[0]) from None
        return _by_word(found)


_SHARD = re.compile(r"year=\d{1,4}/shard=b[01]*")
_BOOK = re.compile(r"\w[\w.-]*")
_SAID: dict[str, Callable[[Any], bool]] = {
    "engine": lambda said: isinstance(said, str),
    "codebooks": lambda said: isinstance(said, dict) and all(map(_BOOK.fullmatch, said)),
    "shards": lambda said: isinstance(said, dict) and all(map(_SHARD.fullmatch, said)),
}
"""What a manifest must say: names that lead nowhere else."""


def opened(file: str | Path, **how: Any) -> pa.Table:
    """A table of a corpus; InputError if its file is gone, cut off or none of ours."""
    try:
        return tables.parquet.read(file, **how)
    except FileNotFoundError:
        raise _damaged(file, "it is not there") from None
    except (OSError, pa.ArrowException) as error:
        raise _damaged(file, str(error).splitlines()[0]) from None


def _damaged(file: str | Path, why: str) -> InputError:
    said = f"is damaged ({why}); run `gongbao corpus build` again, which makes it anew."
    return InputError(said, path=file)


def _by_word(found: pd.DataFrame) -> pd.DataFrame:
    return found.set_axis(pd.Index(found.pop("key").astype(object), dtype=object, name="key"))


def sums_know(*asked: str) -> bool:
    """Whether slices are of whole provinces and years, which is what `Shards.summed` adds up."""
    both = [one for text in asked for one in slices.conditions(text, "slice", slices.SLICES)]
    return all(one.name in ("province", "year") for one in both)


def codebooks(corpus: Path, names: Iterable[str]) -> dict[str, str]:
    """The sha256 of some codebooks of a corpus, '' for one that is gone."""
    places = {name: corpus / "codebooks" / name for name in names}
    return {name: tables.sha256(one) if one.exists() else "" for name, one in places.items()}


def _with_later(reports: pa.Table) -> pa.Table:
    """The table `reports` with the columns that an earlier version did not write, empty.

    >>> _with_later(pa.table({"report_id": ["a"]}))["share"].to_pylist()
    ['']
    """
    for at, name in enumerate(tables.COLUMNS["reports"]):
        if name not in reports.schema.names:
            empty = pa.array([""] * len(reports), pa.string())
            reports = reports.add_column(min(at, reports.num_columns), name, empty)
    return reports


def plain(table: pa.Table) -> pa.Table:
    """A table with plain texts in place of what else texts can be held as."""
    for at, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type) or pa.types.is_large_string(field.type):
            table = table.set_column(at, field.name, table.column(at).cast(pa.string()))
    return table


def write(table: pa.Table, place: Path) -> None:
    """Write a table as a shard's Parquet file: the same rows give the same bytes.

    Ids and places are kept as what differs from the row before, and so are the words of a table
    that names each only a few times.
    """
    known = _ENCODING | ({"key": "DELTA_BYTE_ARRAY"} if "reports" in table.column_names else {})
    encoding = {name: known[name] for name in table.column_names if name in known}
    pq.write_table(
        plain(table).combine_chunks(),
        place,
        compression="zstd",
        compression_level=3,
        row_group_size=_ROWS_IN_A_GROUP,
        use_dictionary=[name for name in table.column_names if name not in encoding],
        column_encoding=encoding or None,
        store_schema=False,
    )


_WAIT = 30  # seconds that a server may be silent

SPOOL = "spool"
"""Folder of a corpus that keeps the texts which came in tables: `spool/NAME.txt#start-length`."""


WEB = ("http://", "https://")
"""What is fetched without a package of its own, a file at a time."""


def fetched(url: str, most: int) -> bytes:
    """What a URL gives, at most so many bytes and one more."""
    from urllib.request import urlopen

    import fsspec

    try:
        way = urlopen(url, timeout=_WAIT) if url.startswith(WEB) else fsspec.open(url, "rb")
        with way as remote:
            return files.read(remote, most)
    except (OSError, ValueError, ImportError, HTTPException) as error:
        raise unread(url, error) from None


def unread(url: str, error: Exception) -> InputError:
    """The refusal of a URL; it names the packages that its kind needs."""
    if isinstance(error, ImportError):
        said = "install them, or fetch the files first"
        return InputError(f"needs packages that are not installed ({error}); {said}.", path=url)
    said = str(error) or type(error).__name__
    return InputError(f"cannot be read ({said}).", path=url)


_SPOOLED = re.compile(rf"{SPOOL}/[^/]+\.txt#(\d+)-(\d+)")


def kept(path: str) -> str:
    """Where a report's file lies, from the corpus; `path` as in the table `reports`."""
    if _SPOOLED.fullmatch(path):
        return path.partition("#")[0]
    return f"{SPOOL}/url-{digest(path)[:16]}" if "://" in path else path


def fetch(corpus: Path, path: str, *, again: bool = True) -> Source:
    """A report's file as it came; `path` as in the table `reports`. InputError if it is bad.

    What a URL gave is kept in the corpus. Only a build, for which its user named it, fetches it
    `again`: a corpus from elsewhere could name any address.
    """
    place = corpus / kept(path)
    spooled = _SPOOLED.fullmatch(path)
    if spooled:
        with place.open("rb") as file:
            file.seek(int(spooled[1]))
            return reports.decode(file.read(int(spooled[2])), path)
    if "://" in path:
        if again:
            put(place, fetched(path, max(reports.LARGEST.values())))
        elif not place.is_file() or place.is_symlink():
            said = "what it gave is not kept in the corpus; run `gongbao corpus build` again."
            raise InputError(said, path=path)
        return catalogue.keep_scan(corpus, reports.decode(place.read_bytes(), path, corpus))
    return catalogue.keep_scan(corpus, reports.read(place, corpus))

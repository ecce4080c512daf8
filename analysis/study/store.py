"""Derived tables of a study, kept: what is there is read, what is missing is made.

A part holds one table of some reports (those whose ids' hashes begin alike) and is named by all it
was made from: the reports' files and years, the codebooks, the engine, the code. So nothing stale
is ever read; where something changes, the parts that depend on it have other names, are made anew,
and those they replace go. A part appears whole or not at all, whoever is killed and however many
processes write. The folder may be deleted at any time.

It is `store` in the study's folder, or a folder of the user's cache where that cannot be written.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache, cached_property, lru_cache, partial
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis import indicators, reading, tables, text, themes, words
from analysis.kit import GongbaoError, digest, files, progress, put
from analysis.restore import version as restorer_version
from analysis.words import counts

FOLDER = "store"

MANIFEST = "corpus.json"
"""What a built corpus consists of; written last."""

FORMAT = 1

MODEL = "model"
"""What coder has tables of its own (`themes.model.CODERS`)."""

DEPENDS: dict[str, tuple[str, ...]] = {
    "edits": (),
    "sentences": (),
    "sizes": ("lexicon.txt",),
    "counts": ("lexicon.txt",),
    "terms": ("lexicon.txt",),
    "themes": (),
    "codings": (),
    "coverage": (),
    "figures_found": ("indicators.yaml",),
}
"""The tables that are kept, in the order they are made in, and the codebooks each depends on.

Those of `BY_BOOK` depend on the codebook that the study is opened with.
"""

BY_BOOK = ("themes", "codings", "coverage")

CODES = ("codings", "coverage")
"""Those of `BY_BOOK` that are others where the book's model codes."""

WORDS = ("sizes", "counts", "terms")
"""Those that depend on how texts are cut into words."""

_WITH = {
    "edits": ("sentences",),
    "sentences": ("edits",),
    "sizes": ("counts", "sentences"),
    "counts": ("sizes", "sentences"),
    "terms": ("sentences",),
    "themes": ("codings",),
    "codings": ("themes", "coverage"),
    "coverage": ("codings", "sentences"),
    "figures_found": ("sentences",),
}
"""What is made with a table: what it is made of, and what hardly costs more beside it."""

_NEEDS = {
    "counts": ("segmenter",),
    "terms": ("segmenter",),
    "codings": ("codebook",),
    "themes": ("codebook",),
    "coverage": ("codebook",),
    "figures_found": ("indicator_codebook",),
}
_MOST = (8, 600, 10_000)
"""Reports up to which a part's name has no digit, one or two: some dozens lie in a part.

Fewer would take their time for parts, and more would have to be made anew with each new report.
"""

MANY = 12
"""Reports to be read from which on other processes help: starting them takes two seconds."""

HELD = {"themes": "theme_hits", "indicators": "curated", "reuse": "shared"}
"""Tables that a study holds under another name than their own."""

CODED = {
    "counts": ["key"],
    "sizes": [*counts.PLACE[:3]],
    "coverage": [*counts.PLACE[:3], "theme"],
}
"""Columns of texts that are read as numbers of texts."""

Make = Callable[[Any], Any]
Load = Callable[..., pa.Table]
Missing = dict[tuple[str, ...], list[tuple[str, str]]]
"""Of some reports, which tables are to be made, and the file of each."""

MAKERS: dict[str, Make] = {}
"""How each table that is kept is made, of a study."""


def kept(make: Make) -> cached_property[pd.DataFrame]:
    """A table of a study that is made once and kept: in its store, or in a corpus's shards."""
    name = make.__name__
    MAKERS[name] = make

    def table(study: Any) -> pd.DataFrame:
        ids = list(study.reports["report_id"])
        found: pd.DataFrame
        if study._shards and name == "terms":  # a corpus keeps counts of words
            found = make(study)
            return found
        if not study._shards:
            study.unchanged(ids)
        found = study.keeps(name).read(name, ids)
        return found

    table.__doc__ = make.__doc__
    return cached_property(table)


class Store:
    """The store of a `Study`."""

    def __init__(self, study: Any) -> None:
        self.study = study

    def __str__(self) -> str:
        return f"{self.folder}: {self.size / 1e6:.1f} MB"

    @cached_property
    def folder(self) -> Path:
        """Where it lies."""
        own: Path = self.study.path / FOLDER
        if os.access(own if own.exists() else self.study.path, os.W_OK):
            return own
        cached = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        name = hashlib.sha256(str(self.study.path.resolve()).encode()).hexdigest()[:16]
        return Path(cached) / "gongbao" / name

    @property
    def size(self) -> int:
        """Its bytes."""
        return sum(one.stat().st_size for one in self.folder.rglob("*") if one.is_file())

    def clear(self) -> None:
        """Take it away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, name: str, ids: Sequence[str]) -> pd.DataFrame:
        """A table of some reports, in their order; what is missing is made and kept."""
        found = [load() for _, load in self.parts(name, ids)]
        return of_reports(found, name, ids)

    def parts(self, name: str, ids: Sequence[str]) -> list[tuple[list[str], Load]]:
        """The parts that hold some reports: all reports of each, and what loads its rows."""
        self.build(ids, [name])
        wanted = self._parts(name, ids).items()
        return [(own, partial(self._part, place, name, own)) for place, own in wanted]

    def build(self, ids: Sequence[str] = (), names: Iterable[str] = tuple(DEPENDS)) -> None:
        """Make what is missing of some tables and reports, of all if none is named."""
        wanted = list(ids or self.study.reports["report_id"])
        if not ids:
            self.study.unchanged(wanted)
        asked = [name for name in names if self._lacks(name, wanted)]
        for name in asked:  # it grows meanwhile
            asked += [one for one in _WITH[name] if one not in asked]
        missing: Missing = {}
        for name in DEPENDS:
            if name in asked:
                for place, own in self._parts(name, wanted).items():
                    if not place.exists():
                        missing.setdefault(tuple(own), []).append((name, str(place)))
        self._make(missing)

    def changed(
        self, names: Iterable[str], ids: Sequence[str], hide: Callable[[pd.DataFrame], pd.DataFrame]
    ) -> list[Path]:
        """Put in place of the parts that hold some reports what `hide` makes of them; their files.

        It may change cells only. Words are counted already: `counts` stays as it is.
        """
        found = []
        for name in names:
            for place in self._parts(name, ids):
                if name != "counts":
                    held = _opened_part(place, name, self._parts(name, ids)[place])
                    plain = held.cast(_plain(held.schema)).to_pandas()
                    _put(arrow(hide(plain), name), place)
                found.append(place)
        return found

    def _lacks(self, name: str, ids: Iterable[str]) -> bool:
        """Whether a part is missing: of what is there nothing else need be made."""
        return not all(place.exists() for place in self._parts(name, ids))

    def other(self, name: str, key: str, make: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """A table that is none of the study's, kept under `key`, which says all it is made from.

        One with another key is replaced.
        """
        place = self.folder / f"{name}-{digest(key)[:16]}.parquet"
        try:
            found: pd.DataFrame = tables.parquet.read(place).to_pandas()
        except FileNotFoundError:
            pass
        except (OSError, pa.ArrowException) as error:
            _say(_damaged(place, error))
        else:
            return found
        made = make()
        with contextlib.suppress(OSError):
            _put(pa.Table.from_pandas(made, preserve_index=False), place)
            for old in {*self.folder.glob(f"{name}-*.parquet")} - {place}:
                old.unlink(missing_ok=True)
        return made

    # -- which parts ----------------------------------------------------------------------------

    def _parts(self, name: str, ids: Iterable[str]) -> dict[Path, list[str]]:
        """The files of the parts that hold some reports, and all reports of each."""
        buckets, digits = self.study._buckets
        common = json.dumps([FORMAT, name, self._versions(name)])
        found = {}
        for bucket in sorted({digest(key)[:digits] for key in ids}):
            own, facts = buckets[bucket]
            place = self._place(name) / f"{bucket or 'all'}-{digest(common + facts)[:16]}.parquet"
            found[place] = own
        return found

    def _place(self, name: str) -> Path:
        """The folder of a table's parts; that of another engine, codebook or coder is another."""
        of = [self.study.engine] * (name in WORDS) + [self.study.book] * (name in BY_BOOK)
        of += [MODEL] * (self.study.coder == MODEL and name in CODES)
        return self.folder / "-".join([name, *of])

    @cached_property
    def _state(self) -> str:
        """What was read when the study was opened."""
        own = MANIFEST if self.study.is_corpus else "reports.csv"
        of = [self.study.path / own, *sorted((self.study.path / "codebooks").iterdir())]
        return digest(" ".join(map(tables.sha256, of)))

    def _versions(self, name: str) -> dict[str, str]:
        books = self.study.path / "codebooks"
        made = {book: tables.sha256(books / book) for book in DEPENDS[name]}
        if name in BY_BOOK:
            made["codebook"] = tables.sha256(self.study.books[self.study.book])
        if self.study.model and name in CODES:
            made["model"] = self.study.model.sha256
        if name in WORDS:
            made["engine"] = f"{self.study.engine} {version(self.study.engine)}"
        return {**made, "code": _code()}

    # -- making and reading them ----------------------------------------------------------------

    def _make(self, missing: Missing) -> None:
        """Make parts and take away those that they replace."""
        if missing and not (self.folder / ".gitignore").exists():
            with contextlib.suppress(OSError):
                put(self.folder / ".gitignore", "*\n")
        for name in self.make(missing):
            self._sweep(name)

    def make(self, missing: Missing) -> list[str]:
        """Make tables, those of the same reports together: in processes where they are many."""
        if not missing:
            return []
        reports = sum(map(len, missing))
        own = self.study
        opened = str(own.path), own.engine, own.book, own.coder, self._state
        jobs = [(opened, list(own), asked) for own, asked in missing.items()]
        names = list(dict.fromkeys(name for asked in missing.values() for name, _ in asked))
        about = names[-1] if len(names) < 3 else "tables"
        with progress.Progress(about, "report", reports, leave=False, delay=2) as bar:
            for made, failed in _each(jobs, reports, type(self.study)):
                bar.update(made)
                if failed:
                    _say(failed)
        return names

    def _sweep(self, name: str) -> None:
        """Take away the parts that nothing of the study as it is now is read from."""
        known = set(self._parts(name, self.study._catalogue["report_id"]))
        books = {f"{name}-{book}" for book in self.study.books}
        books |= {f"{book}-{MODEL}" for book in books if name in CODES}
        others = [*self.folder.glob(f"{name}*")] if name in BY_BOOK else []
        with contextlib.suppress(OSError):
            for place in others:
                if place.name not in books:  # of a book that is gone
                    shutil.rmtree(place)
            for old in {*self._place(name).glob("*.parquet")} - known:
                old.unlink(missing_ok=True)
            files.sweep(self._place(name))

    def _part(self, place: Path, name: str, ids: Sequence[str], **which: Any) -> pa.Table:
        """A part from its file; made again where that is damaged or could not be kept."""
        for _ in range(2):
            try:
                return _opened_part(place, name, ids, **which)
            except FileNotFoundError:
                break
            except (OSError, pa.ArrowException) as error:
                _say(_damaged(place, error))
                place.unlink(missing_ok=True)
                self._make({tuple(ids): [(name, str(place))]})
        asked = [key for key in ids if key in set(self.study.reports["report_id"])]
        return arrow(MAKERS[name](self.study.only(asked)), name)


# -- making a part --------------------------------------------------------------------------------

Job = tuple[tuple[str, str, str, str, str], list[str], list[tuple[str, str]]]
"""A study's folder, engine, codebook, coder, state; ids of reports; tables with the parts' places.
"""


@lru_cache(maxsize=2)
def _opened(
    study: Callable[..., Any], path: str, engine: str, book: str, coder: str, _: str
) -> Any:
    """A study with its codebooks and segmenter, opened once for many parts of one state."""
    return study(path, engine=engine, codebook=book, coder=coder)


def _write(job: Job, study: Callable[..., Any]) -> tuple[int, str]:
    """Make parts of some reports and keep them.

    How many reports, and a sentence where one could not be kept.
    """
    opened, ids, asked = job
    folder = ""
    gc.disable()  # a tenth of the time went into looking for circles among rows; there are none
    try:
        whole = _opened(study, *opened)
        for what in ("_buckets", *(need for name, _ in asked for need in _NEEDS.get(name, ()))):
            getattr(whole, what)  # once, not for each part
        some = whole.only(ids)
        for name, place in asked:
            made, folder = MAKERS[name](some), str(Path(place).parent)
            some.__dict__[HELD.get(name, name)] = made  # what comes after is made of it
            if not whole.is_corpus and Path(place) not in Store(some)._parts(name, ids):
                break  # a codebook was changed meanwhile
            _put(arrow(made, name), Path(place))
    except GongbaoError:  # of one report of the part: who asked for another need not hear of it
        pass
    except OSError as error:
        return len(ids), f"{folder}: the tables cannot be kept ({error.strerror})."
    finally:
        gc.enable()
    return len(ids), ""


def _put(table: pa.Table, place: Path) -> None:
    with files.replacing(place) as part, part.open("wb") as stream:
        pq.write_table(table, stream, compression="zstd", use_dictionary=["key", "codebook"])


def _each(jobs: list[Job], reports: int, study: Callable[..., Any]) -> Iterator[tuple[int, str]]:
    """Make parts: one after the other, or many in processes, where we are none of several."""
    many = min(os.cpu_count() or 1, len(jobs))
    if many < 2 or reports < MANY or multiprocessing.parent_process():
        yield from (_write(job, study) for job in jobs)
        return
    idle: SimpleQueue[Any] = SimpleQueue()
    workers = [_worker() for _ in range(many)]
    try:
        for worker in workers:
            idle.put(worker)

        def ask(job: Job) -> tuple[int, str]:
            worker = idle.get()
            try:
                worker.stdin.write(json.dumps(job) + "\n")
                worker.stdin.flush()
                made, said = json.loads(worker.stdout.readline())
            except (OSError, ValueError):  # it died: the part is made by whoever reads it
                return len(job[1]), ""
            finally:
                idle.put(worker)
            return made, said

        with ThreadPoolExecutor(many) as pool:
            for future in as_completed([pool.submit(ask, job) for job in jobs]):
                yield future.result()
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()


def _worker() -> Any:
    """A process of ours that makes what it is asked for; it ends when we do."""
    home = str(Path(__file__).parents[2])
    start = f"import sys; sys.path.insert(0, {home!r}); from {__package__} import Study, store; "
    start += "store.serve(Study)"
    pipe, none = subprocess.PIPE, subprocess.DEVNULL
    return subprocess.Popen(
        [sys.executable, "-P", "-c", start], stdin=pipe, stdout=pipe, stderr=none, text=True
    )


def serve(study: Callable[..., Any]) -> None:
    """What such a process does: a line of JSON for each job, a line for each part."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    for line in sys.stdin:
        answers.write(json.dumps(_write(json.loads(line), study)) + "\n")
        answers.flush()


def _opened_part(place: Path, name: str, ids: Sequence[str], **which: Any) -> pa.Table:
    """A part's table; ArrowInvalid if it is not one of these reports and their sentences."""
    found = tables.parquet.read(place, **{"read_dictionary": CODED.get(name), **which})
    if _plain(found.schema) != schema(name):
        raise pa.ArrowInvalid("its columns are others")
    if name == "counts":
        return found
    own = {*found["report_id"].unique().to_pylist()}
    if "sentence_id" in found.schema.names:
        own |= {key.rpartition(":")[0] for key in found["sentence_id"].unique().to_pylist()}
    if own - set(ids):
        raise pa.ArrowInvalid("it holds other reports")
    return found


def of_reports(found: Sequence[pa.Table], name: str, ids: Sequence[str]) -> pd.DataFrame:
    """The rows of some reports out of parts of a table, in the order of the reports."""
    if not any(map(len, found)) and name in tables.COLUMNS:
        return tables.empty(name)
    table = in_order(found, name, ids)
    both: pd.DataFrame = table.to_pandas(strings_to_categorical=name in ("sizes", "coverage"))
    return both


def in_order(found: Sequence[pa.Table], name: str, ids: Sequence[str]) -> pa.Table:
    """The same as Arrow has it."""
    own = [table for table in found if len(table)]
    table = pa.concat_tables(own).combine_chunks() if own else schema(name).empty_table()
    reports = table["report_id"].combine_chunks()
    coded = pa.types.is_dictionary(reports.type)
    known = pc.index_in(reports.dictionary if coded else reports, pa.array(ids, pa.string()))
    place = pc.fill_null(known.take(reports.indices) if coded else known, -1).to_numpy()
    order = place.argsort(kind="stable")[int((place < 0).sum()) :]
    if (np.diff(order) != 1).any() or len(order) < len(place):
        table = table.take(pa.array(order))
    return table


def schema(name: str) -> pa.Schema:
    """The columns of a table that is kept, and their types."""
    if name == "counts":
        return counts.SCHEMA
    sums = {"sizes": (*counts.PLACE, *counts.SIZES), "coverage": themes.COVERAGE}
    return tables.parquet.schema(sums.get(name) or tables.COLUMNS[name])


def arrow(made: pd.DataFrame | pa.Table, name: str) -> pa.Table:
    """A table that is kept, with the types of its columns."""
    if isinstance(made, pa.Table):
        return made
    columns = [pa.array(made[own.name], own.type) for own in schema(name)]
    return pa.table(columns, schema=schema(name))


def _plain(found: pa.Schema) -> pa.Schema:
    """A schema with texts in place of dictionaries of them."""
    own = ((one.name, one.type) for one in found)
    return pa.schema([(n, t.value_type if pa.types.is_dictionary(t) else t) for n, t in own])


def _damaged(place: Path, error: Exception) -> str:
    return f"{place}: is damaged ({str(error).splitlines()[0]}); made again."


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


@cache
def _code() -> str:
    """A hash of the code that makes tables, and of the versions of what it rests on."""
    digest = hashlib.sha256(restorer_version().encode())
    for room in (tables, reading, text, words, themes, indicators):
        for file in sorted(Path(str(room.__file__)).parent.glob("*.[py]*")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def buckets(catalogue: pd.DataFrame) -> tuple[dict[str, tuple[list[str], str]], int]:
    """Which reports lie in a part together, with what a part of them depends on; digits of a name.

    By how the hashes of their ids begin: a report that comes or goes changes its own part only.
    """
    digits = sum(len(catalogue) > most for most in _MOST)
    found: dict[str, list[tuple[str, ...]]] = {}
    facts = catalogue[["report_id", "sha256", "year", "script", "keep"]].astype(str)
    for row in facts.itertuples(index=False, name=None):
        found.setdefault(digest(row[0])[:digits], []).append(row)
    return {
        name: ([row[0] for row in rows], json.dumps(rows)) for name, rows in found.items()
    }, digits

"""Reports → shards, by several processes, taken up again where it was left.

Each shard is made by one call to `shard`, in any process: it reads the reports' files, takes over
from the shards of before what has not changed, makes the rest, and puts the whole folder in place
at once. So a build may be killed at any moment and run again: shards that are there and of the
same reports, codebooks and versions stay as they are.
"""

from __future__ import annotations

import gc
import hashlib
import json
import shutil
from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis import tables, themes
from analysis.kit import InputError, files, progress
from analysis.reading import Source, reports
from analysis.words import counts

from . import catalogue, chunk, merge, shards, sources, store
from .study import Study
from .workers import Pool

_FILES_AT_ONCE = 500
_MEMORY = "1GB"  # what adding up all shards may take

SAME = "same_file.csv"
"""File of a corpus that lists reports which count twice, if there are any."""


class Built(NamedTuple):
    """What a build did.

    reports : in the corpus; made : of these now; written : shards; failures : table `failures`;
    same : report_id, sha256, path of reports whose file is that of another;
    without_province : reports of which none is known.
    """

    reports: int
    made: int
    written: int
    failures: pd.DataFrame
    same: pd.DataFrame
    without_province: int = 0

    def said(self, out: Path) -> str:
        """What was done, in a line for a person."""
        line = f"{out}: {self.reports} reports, {self.made} of them made now"
        if len(self.failures):
            line += f"; {len(self.failures)} failed, see {out / 'failures.csv'}"
        if len(self.same):
            line += f"; {len(self.same)} have the same file as another, see {out / SAME}"
        if self.without_province:
            line += f"; of {self.without_province} the province is not known, see docs/formats.md"
        return line


class Job(NamedTuple):
    """A shard to be: where, of which reports (rows of `inputs`), from which shards of before."""

    corpus: Path
    name: str
    inputs: list[dict[str, Any]]
    before: list[str]
    engine: str
    versions: str


def build(
    given: Sequence[str],
    out: Path,
    *,
    engine: str = "rjieba",
    jobs: int = 2,
    codebooks: Path | None = None,
    executor: Executor | None = None,
) -> Built:
    """Make a corpus, or bring it up to date.

    InputError for a source that is not there, a folder that is something else, or a broken
    codebook; GongbaoError if the workers die again and again.

    Parameters
    ----------
    given : sources, see `sources.find`. What an earlier build took and these do not name is
        left out.
    out : the corpus's folder; a new one gets the codebooks of `codebooks` (a study) or the
        bundled ones.
    engine : what cuts texts into words, one of `segment.ENGINES`.
    jobs : worker processes, if no `executor` is given.
    executor : a `concurrent.futures.Executor`; its workers must see the same files.
    """
    out = out.resolve()
    if not (out / "shards").is_dir():
        if (out / "study.yaml").is_file():
            raise InputError("is a study, not a corpus; name a new folder.", path=out)
        catalogue.refuse_used(out)
    with files.locked(out / store.MANIFEST):
        fresh = not (out / "study.yaml").is_file()
        try:
            if fresh:
                _prepare(out, codebooks)
            files.sweep(out)
            return _build(given, out, engine, Pool(jobs, executor))
        except InputError:
            if fresh and not (out / "failures.csv").exists():  # which says of each why
                shutil.rmtree(out)
            raise


def _build(given: Sequence[str], out: Path, engine: str, pool: Pool) -> Built:
    study = Study(out, engine=engine)
    versions = _versions(study)
    with pool:
        found = sources.find(given, out, partial(_identified, pool, out))
        leaves = shards.leaves(found.inputs)
        there = [place.parent for place in out.glob("shards/year=*/shard=*/manifest.json")]
        before = sorted(place.relative_to(out / "shards").as_posix() for place in there)
        rows: list[Any] = found.inputs.to_dict("records")
        todo, done = [], {}
        for name, members in leaves.items():
            own, related = [rows[at] for at in members], shards.related(name, before)
            todo.append(Job(out, name, own, related, engine, versions))
        with progress.Progress("corpus", "report", len(rows), smoothing=0.1) as bar:
            for name, result in pool.run(shard, todo, [job.name for job in todo]):
                done[name] = result
                bar.update(len(leaves[name]))
        built = _finish(out, study, done, found.failures)
        _sweep(out, {*map(shards.kept, found.inputs["path"])})
        return built._replace(without_province=int((found.inputs["province"] == "").sum()))


def _prepare(out: Path, codebooks: Path | None) -> None:
    """The folder with codebooks in it, those of a study or the bundled ones."""
    if codebooks is not None and not (codebooks / "codebooks").is_dir():
        raise InputError("is no study (it holds no codebooks).", path=codebooks)
    book = Study(codebooks).book if codebooks is not None else themes.LAW
    with catalogue.beginning(out, codebook=book):
        catalogue.fill(out, catalogue.bundled().values() if codebooks is None else ())
        if codebooks is not None:
            for source in [*(codebooks / "codebooks").iterdir(), codebooks / "groups.csv"]:
                files.put(out / source.relative_to(codebooks), source.read_bytes())
        (out / "shards").mkdir(exist_ok=True)


def _books(study: Study) -> dict[str, str]:
    """The codebooks that the tables of its shards depend on."""
    names = ("indicators.yaml", "lexicon.txt", study.books[study.book].name)
    return shards.codebooks(study.path, names)


def _versions(study: Study) -> str:
    """What a shard depends on besides its reports, in one hash."""
    known = {"format": shards.Shards.FORMAT, "engine": study.engine, "readers": reports.version()}
    known |= {"restorer": study.versions["restorer"], "codebooks": _books(study)}
    known["code"] = code()
    _ = study.codebook, study.indicator_codebook  # a broken one is told before any work
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def code() -> str:
    """A hash of the rooms that make tables: with another rule, shards are made anew."""
    package, own = Path(chunk.__file__).parent, [Path(chunk.__file__), Path(merge.__file__)]
    for room in ("tables", "text", "words", "themes", "indicators"):
        own += sorted((package.parent / room).glob("*.[py]*"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in own)).hexdigest()


# -- one shard, in a worker -----------------------------------------------------------------------


def shard(job: Job) -> dict[str, Any]:
    """Make one shard, or see that it is there already; see `Job`.

    Returns
    -------
    dict
        reports, failures (how many), state (a hash of what it was made of), made (reports made
        now), written (whether the folder is new).
    """
    place = job.corpus / "shards" / job.name
    read = [_fetched(job.corpus, row) for row in job.inputs]
    both = [*zip(job.inputs, read, strict=True)]
    wanted = {row["report_id"]: _digest(row, source) for row, source in both}
    state = {"versions": job.versions, "reports": wanted}
    old = {name: files.left(job.corpus / "shards" / name / "manifest.json") for name in job.before}
    digest = hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
    own = old.get(job.name, {})
    if own.get("wanted") == state and _whole(place, own):
        return _result(read, digest) | {"made": 0, "written": False}
    kept: dict[str, Path] = {}
    for name, known in old.items():
        of, said = job.corpus / "shards" / name, known.get("wanted")
        said = said if isinstance(said, dict) else {}
        held = said.get("reports")
        if isinstance(held, dict) and said.get("versions") == job.versions and _whole(of, known):
            kept |= {key: of for key, made_of in wanted.items() if held.get(key) == made_of}
    good = [(row, source) for row, source in both if not isinstance(source, str)]
    fresh = [(row, source) for row, source in good if row["report_id"] not in kept]
    made = merge.with_kept(_made(fresh, job), kept, [row["report_id"] for row, _ in good])
    sums = made["sizes"].to_pandas().groupby("report_id", sort=False)[[*counts.SIZES]].sum()
    of = sums.reindex([row["report_id"] for row, _ in good], fill_value=0).to_dict("records")
    rows = [
        {**row, **size, "sha256": source.sha256, "encoding": source.encoding}
        for (row, source), size in zip(good, of, strict=True)
    ]
    made["reports"] = pa.Table.from_pylist(rows, schema=chunk.REPORTS)
    made["summary"] = chunk.summary(made["counts"], made["sizes"], made["reports"])
    bad = [row | {"reason": reason} for row, reason in both if isinstance(reason, str)]
    made["failures"] = pa.Table.from_pylist(bad, schema=chunk.FAILED)
    result = _result(read, digest)
    with files.replacing_folder(place) as part:
        for name, table in made.items():
            shards.write(table, part / f"{name}.parquet")
        written = {one.name: tables.sha256(one) for one in sorted(part.iterdir())}
        known = {"wanted": state, "result": result, "files": written}
        (part / "manifest.json").write_text(json.dumps(known, indent=0), encoding="utf-8")
    return result | {"made": len(fresh), "written": True}


def _result(read: Sequence[Source | str], state: str) -> dict[str, Any]:
    bad = sum(isinstance(one, str) for one in read)
    return {"reports": len(read) - bad, "failures": bad, "state": state}


def _whole(shard: Path, known: dict[str, Any]) -> bool:
    """Whether a shard's files are as they were written; a table made later may be damaged, too."""
    written = known.get("files")
    if not isinstance(written, dict) or "reports.parquet" not in written:
        return False
    later = shard / f"{shards.LATER}.parquet"
    if later.exists():
        try:
            tables.parquet.read(later)
        except (OSError, pa.ArrowException):
            later.unlink()
    return all(tables.sha256(shard / name) == said for name, said in written.items())


def _fetched(corpus: Path, row: dict[str, Any]) -> Source | str:
    """A report's file, or the reason why not."""
    try:
        return shards.fetch(corpus, row["path"])
    except InputError as error:
        return error.message


def _digest(row: dict[str, Any], source: Source | str) -> str:
    """What a report's rows depend on: its file and what is said of it."""
    file = source if isinstance(source, str) else source.sha256
    if isinstance(source, Source) and source.scan:
        file += source.scan.json()
    return hashlib.sha256(json.dumps([file, row], sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def _tools(corpus: Path, engine: str, versions: str) -> chunk.Tools:  # noqa: ARG001
    study = Study(corpus, engine=engine)
    return chunk.Tools(study.codebook, study.segmenter)


def _made(fresh: list[tuple[dict[str, Any], Any]], job: Job) -> dict[str, pa.Table]:
    """The tables of the reports that are new or have changed."""
    tools = _tools(job.corpus, job.engine, job.versions)
    gc.disable()  # a tenth of the time went into looking for circles among rows; there are none
    try:
        taken = []
        for row, source in fresh:
            restored = catalogue.restore_as(source, row["script"], row["keep"])
            taken.append(chunk.Report(row["report_id"], row["year"], restored))
        return chunk.of(taken, tools)
    finally:
        gc.enable()


# -- all shards -----------------------------------------------------------------------------------


def _finish(
    out: Path, study: Study, done: dict[str, dict[str, Any]], failures: pd.DataFrame
) -> Built:
    """Write what the corpus consists of, then take away what no longer belongs to it."""
    names = sorted(done)
    read = [pq.read_table(out / "shards" / name / "failures.parquet").to_pandas() for name in names]
    failed = pd.concat([failures, *read], ignore_index=True)
    tables.write(failed, out / "failures.csv")
    same = _same(out, names)
    if len(same):
        tables.write(same, out / SAME)
    else:
        (out / SAME).unlink(missing_ok=True)
    kept = ("reports", "failures", "state")
    counted = {name: {key: done[name][key] for key in kept} for name in names}
    before = files.left(out / store.MANIFEST)  # nothing, where no build has ended
    totals = tables.sha256(out / shards.TOTALS)
    was = before.get("format"), before.get("shards"), before.get("totals")
    if was != (shards.Shards.FORMAT, counted, totals):
        own = [str(out / "shards" / name / "summary.parquet") for name in names]
        with files.replacing(out / shards.TOTALS) as part:
            shards.write(_totals(own), part)
    manifest = {"format": shards.Shards.FORMAT, "engine": study.engine}
    manifest |= {"codebooks": _books(study), "shards": counted}
    manifest["totals"] = tables.sha256(out / shards.TOTALS)
    files.put(out / store.MANIFEST, json.dumps(manifest, indent=1))
    for place in out.glob("shards/year=*/*"):
        if place.relative_to(out / "shards").as_posix() not in done:
            shutil.rmtree(place)
    for place in out.glob("shards/year=*"):
        if not any(place.iterdir()):
            place.rmdir()
    sums = {key: sum(result[key] for result in done.values()) for key in Built._fields[:3]}
    return Built(**sums, failures=failed, same=same)


def _sweep(out: Path, kept: Collection[str]) -> None:
    """Take away what the corpus keeps of sources that it no longer has."""
    for place in sorted((out / shards.SPOOL).rglob("*"), reverse=True):
        if place.is_dir() and not place.is_symlink():
            if not any(place.iterdir()):
                place.rmdir()
        elif place.relative_to(out).as_posix() not in kept:
            place.unlink()


def _totals(files: Sequence[str]) -> pa.Table:
    """Sums over all reports of a province or a year, from the shards' tables `summary`.

    name (province, year or '': all), value, key and `shards.SUMS`, in that order. Of ten words in a
    large corpus nine are numerals and names that stand there once or twice: the table leaves out
    those of fewer than `shards.RARE` tokens in the whole corpus; what it says of others is exact.
    """
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in shards.SUMS)
    shown = "FROM read_parquet($files, hive_partitioning = true) SEMI JOIN frequent USING (key)"
    with duckdb.connect(config={"memory_limit": _MEMORY}) as connection:
        frequent = "SELECT key FROM read_parquet($files) GROUP BY key HAVING sum(n) >= $rare"
        given = {"files": list(files), "rare": shards.RARE}
        connection.execute(f"CREATE TEMP TABLE frequent AS {frequent}", given)
        query = f"""
            SELECT '' AS name, '' AS value, key, {sums} {shown} GROUP BY ALL
            UNION ALL
            SELECT 'province' AS name, province AS value, key, {sums} {shown} GROUP BY ALL
            UNION ALL
            SELECT 'year' AS name, year::VARCHAR AS value, key, {sums} {shown} GROUP BY ALL
            ORDER BY name, value, key"""
        return connection.sql(query, params={"files": list(files)}).to_arrow_table()


def _same(out: Path, names: list[str]) -> pd.DataFrame:
    """The reports whose file another has as well, by sha256."""
    columns = ["report_id", "sha256", "path"]
    places = [out / "shards" / name / "reports.parquet" for name in names]
    own = [pq.read_table(place, columns=columns).to_pandas() for place in places]
    listed = pd.concat([pd.DataFrame(columns=columns), *own], ignore_index=True)
    same: pd.DataFrame = listed[listed["sha256"].duplicated(keep=False)]
    return same.sort_values(["sha256", "report_id"], ignore_index=True)


def _identified(pool: Pool, out: Path, asked: list[sources.Asked]) -> list[dict[str, Any]]:
    """What each report says of itself, by all processes."""
    steps = range(0, len(asked), _FILES_AT_ONCE)
    lots = [asked[first : first + _FILES_AT_ONCE] for first in steps]
    said: dict[int, list[dict[str, Any]]] = {}
    with progress.Progress("reading titles of", "report", len(asked), smoothing=0.1) as bar:
        for at, found in pool.run(partial(_identify, out), lots, range(len(lots))):
            said[at] = found
            bar.update(len(found))
    return [one for at in range(len(lots)) for one in said[at]]


def _identify(out: Path, asked: list[sources.Asked]) -> list[dict[str, Any]]:
    return [sources.identified(out, one) for one in asked]

"""A replication package held against itself: its files, then every figure drawn anew.

The files are held against the manifest, the catalogue's sha256 and what each figure's record says
of its inputs. Then the package's own software, in an environment made from its lock (or the one at
hand), draws every figure into a new folder, and each data.csv is compared byte by byte. What a
report held back keeps from being compared is named; the rest goes on. Drawing runs the code in the
package, as with any replication package; unpacking and comparing run none of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from analysis import tables
from analysis.bundle import provenance
from analysis.kit import InputError, safe
from analysis.study import catalogue

from . import contents, difference, inputs, render
from .units import Unit

MANIFEST = "MANIFEST.sha256"
OUTPUT = "output"

_MOST_FILES, _MOST_BYTES, _MOST_RATIO = 200_000, 8_000_000_000, 1_000
"""What a package may hold unpacked, and how many times a file may be smaller packed."""

_OURS = re.compile(r"(output|software/\.venv|data/store)/|(.*/)?(__pycache__/|\.[^/]*$)")
"""What running a package in its folder leaves there."""

_SHOWN = 6  # lines that are said of a figure that differs


@dataclass
class Proof:
    """What became of a package that was held against itself."""

    package: Path
    environment: str = ""
    faults: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    same: int = 0
    pictures: int = 0
    left: int = 0
    all: int = 0

    @property
    def right(self) -> bool:
        """Whether all is as packed, and every figure that can be compared came out the same."""
        return not self.faults and self.same + self.left == self.all

    def __str__(self) -> str:
        sum_ = f"{self.same} of {self.all - self.left} figures: data identical"
        sum_ += f", {self.pictures} of them drawn identically" if self.same else ""
        sum_ += f"; {self.left} not compared (held back)" if self.left else ""
        name = self.package.resolve().name
        said = f"{name}: {'verified' if self.right else 'NOT verified'}; {sum_}"
        many = len(self.faults)
        said += f"; {many} file{'s' * (many != 1)} not as packed" if many else ""
        return "\n".join([*self.faults, *self.held, self.environment, *self.lines, said])


def verify(
    package: Path, *, present: bool = False, out: Path | None = None, jobs: int = 0
) -> Proof:
    """Unpack a package into an empty folder, set it up, draw all of it and compare.

    InputError for what is no package, or an unsafe one, and where it cannot be set up.

    Parameters
    ----------
    package : the zip; or a folder that one was unpacked into, which is used where it is.
    present : draw in the Python that runs this, with the packages it has, instead of one that is
        made from the package's lock.
    out : the empty folder to unpack into, which stays; a temporary one if not given.
    jobs : notebooks at a time.
    """
    if package.is_dir():
        return _proved(package, package, present, jobs)
    if out is not None:
        if out.exists() and any(out.iterdir()):
            raise InputError("is not empty; name a new folder.", path=out)
        unpack(package, out)
        return _proved(package, out, present, jobs)
    with tempfile.TemporaryDirectory(prefix="replication-") as scratch:
        unpack(package, Path(scratch))
        return _proved(package, Path(scratch), present, jobs)


def _proved(package: Path, folder: Path, present: bool, jobs: int) -> Proof:
    folder = folder.resolve()
    said = contents.read(folder)
    made = Proof(package, faults=[*faults(folder)])
    held = said.get("held_back", {})
    made.held = [f"held back: the report {key} (sha256 {held[key]}) is not in it" for key in held]
    python, made.environment = set_up(folder, present=present)
    away = inputs.outside(folder, said)
    made.faults += [f"{run}: {why}." for run, why in away.items()]
    output = folder / OUTPUT
    shutil.rmtree(output, ignore_errors=True)
    failed = draw_apart(python, folder, output, jobs)
    _compare(made, folder, output, said, failed, away)
    return made


# -- unpacking ------------------------------------------------------------------------------------


def unpack(package: Path, folder: Path) -> None:
    """Unpack a zip into a folder; InputError for anything in it that could harm.

    That is a path out of the folder, a link, two files in one place, and more than `_MOST_FILES`
    files or `_MOST_BYTES` bytes, whatever the zip says of itself.
    """
    try:
        with zipfile.ZipFile(package) as packed:
            _check(packed, package)
            room = _MOST_BYTES
            for entry in packed.infolist():
                if not entry.is_dir():
                    place = folder / entry.filename
                    place.parent.mkdir(parents=True, exist_ok=True)
                    room -= _taken(packed, entry, place, min(room, entry.file_size), package)
    except FileNotFoundError:
        raise InputError(
            "no such file; `gongbao replicate RUN` writes one.", path=package
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"is no whole zip ({error}).", path=package) from None
    except OSError as error:
        if error.filename is None:  # of the stream that is unpacked
            raise InputError(f"is no whole zip ({error}).", path=package) from None
        raise


def _check(packed: zipfile.ZipFile, package: Path) -> None:
    entries = packed.infolist()
    if len(entries) > _MOST_FILES or sum(one.file_size for one in entries) > _MOST_BYTES:
        most = f"{_MOST_FILES:,} files or {_MOST_BYTES / 1e9:.0f} GB"
        raise InputError(f"holds more than {most}; it is not unpacked.", path=package)
    seen: set[str] = set()
    for entry in entries:
        name, mode = entry.filename, entry.external_attr >> 16
        parts = PurePosixPath(name).parts
        outside = name.startswith("/") or ".." in parts or re.search(r"[\\\x00-\x1f:]", name)
        why = ""
        if outside or not parts:
            why = "leads out of the package"
        elif stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            why = "is a link or a device"
        elif entry.flag_bits & 1:
            why = "is encrypted"
        elif name.casefold().rstrip("/") in seen:
            why = "stands twice"
        elif entry.file_size > 1_000_000 and entry.file_size > _MOST_RATIO * entry.compress_size:
            why = "is packed too tight to be what it seems"
        if why:
            raise InputError(f"{safe(name)!r} in it {why}; it is not unpacked.", path=package)
        seen.add(name.casefold().rstrip("/"))


def _taken(
    packed: zipfile.ZipFile, entry: zipfile.ZipInfo, place: Path, most: int, package: Path
) -> int:
    """Write a member to its place; how many bytes it has. InputError for more than it said."""
    size = 0
    with packed.open(entry) as source, place.open("xb") as target:
        while data := source.read(1 << 20):
            size += len(data)
            if size > most:
                said = f"{safe(entry.filename)!r} in it is larger than it says; it is not unpacked."
                raise InputError(said, path=package)
            target.write(data)
    return size


# -- files ----------------------------------------------------------------------------------------


def manifest(members: Mapping[str, bytes]) -> str:
    """The sha256 of every file, as `sha256sum -c` reads it."""
    hashed = ((name, hashlib.sha256(data).hexdigest()) for name, data in sorted(members.items()))
    return "".join(f"{digest}  {name}\n" for name, digest in hashed)


def faults(folder: Path) -> Iterator[str]:
    """One sentence for each file that is not as it was packed; a report or codebook is named."""
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"holds no {MANIFEST}; it is no whole package.", path=folder)
    try:
        lines = path.read_text("utf-8").splitlines()
    except ValueError:
        lines = ["-"]
    pairs = [re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line) for line in lines]
    if not all(pairs):
        raise InputError("is not a list of sha256 and file; unpack the package again.", path=path)
    wanted = {pair[2]: pair[1] for pair in pairs if pair}
    there = {
        one.relative_to(folder).as_posix()
        for one in folder.rglob("*")
        if one.is_file() or one.is_symlink()
    }
    ids = _ids(folder)
    for name, sha256 in wanted.items():
        found = tables.sha256(folder / name) if name in there else "missing"
        if (folder / name).is_symlink():
            yield f"{safe(name)}: {_what(name, ids)} is a link; put the file in its place."
        elif found == "missing":
            yield f"{safe(name)}: {_what(name, ids)} is missing."
        elif found != sha256:
            yield f"{safe(name)}: {_what(name, ids)} is not as it was packed (sha256 {found})."
    for name in sorted(there - {*wanted, MANIFEST}):
        if not _OURS.match(name):
            yield f"{safe(name)}: was not packed; take it away."
    known = {name for name in wanted if tables.sha256(folder / name) != wanted[name]}
    yield from (said for name, said in _against_records(folder, ids) if name not in known)


def _ids(folder: Path) -> dict[str, tuple[str, str]]:
    """Id and sha256 of each report, by its file in the package."""
    try:
        every = catalogue.read(folder / "data" / "reports.csv")
    except InputError:  # it was changed, which is said
        return {}
    return {f"data/{row.path}": (row.report_id, row.sha256) for row in tables.rows(every)}


def _what(name: str, ids: Mapping[str, tuple[str, str]]) -> str:
    """What a file of the package is, in words."""
    if name in ids:
        return f"the report {ids[name][0]}"
    named = {"data/decisions.csv": "the decisions", "data/reports.csv": "the list of reports"}
    named |= {
        "data/validation/themes.csv": "the hand codes",
        "data/indicators.csv": "the indicators",
    }
    if name.startswith("data/codebooks/"):
        return f"the codebook {Path(name).stem}"
    if name.startswith("figures/"):
        return "a file of the figure " + "/".join(name.split("/")[1:3])
    return named.get(name, "the file")


def _against_records(folder: Path, ids: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What the catalogue and the figures say of files, where a changed manifest hides a change."""
    for name, (key, sha256) in ids.items():
        if (folder / name).is_file() and tables.sha256(folder / name) != sha256:
            yield name, f"{name}: the report {key} is not the one of reports.csv ({sha256})."
    said = contents.read(folder)
    rewritten = said.get("rewritten", {})
    told: set[str] = set()
    for run in said["runs"]:
        for figure in run["figures"]:
            place = folder / contents.FIGURES / run["run"] / figure
            try:
                record = provenance.read(place)
            except InputError:  # missing, which is said
                continue
            for name in inputs.changed(folder, run["parameters"], record):
                if name not in told:
                    told.add(name)
                    yield name, f"{name}: the file is not the one that figures were made from."
            for one, sha256 in sorted(record.get("tables", {}).items()):
                name = f"data/{one}"
                if name in rewritten or name in told or one == catalogue.LINKS:
                    continue
                if tables.sha256(folder / name) != sha256:
                    told.add(name)
                    yield (
                        name,
                        f"{name}: {_what(name, ids)} is not the one that figures were made from.",
                    )


# -- drawing --------------------------------------------------------------------------------------


def set_up(folder: Path, *, present: bool) -> tuple[Path, str]:
    """The Python to draw with, and a sentence about it; made from the lock if not the present one.

    InputError where that cannot be made.
    """
    software = folder / "software"
    lock = (software / "requirements.lock").read_text("utf-8")
    own = software / ".venv"
    if present and Path(sys.prefix).resolve() == own.resolve():
        return Path(sys.executable), "environment: software/.venv, made from requirements.lock"
    if present:
        return Path(sys.executable), _compared(lock)
    python = own / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    steps = [[sys.executable, "-I", str(software / "tools" / "bootstrap.py")]]
    if not Path(steps[0][-1]).is_file():
        pip = [str(python), "-m", "pip", "install", "--quiet", "-r", "requirements.lock"]
        steps = [[sys.executable, "-m", "venv", str(python.parents[1])], pip]
    for step in steps:
        ran = subprocess.run(step, cwd=software, check=False, stdout=sys.stderr)
        if ran.returncode:
            said = "could not be set up from its lock (see above); --present uses this Python and "
            raise InputError(f"{said}the packages that it has.", path=software)
    return python, "environment: a new one, made from software/requirements.lock"


def _compared(lock: str) -> str:
    """A sentence on how the packages of this Python fit a lock."""
    from importlib.metadata import distributions

    def plain(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    pinned = {plain(n): v for n, v in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock, re.MULTILINE)}
    here = {plain(str(one.metadata["Name"])): one.version for one in distributions()}
    both = {name for name in pinned if name in here}
    others = sorted(f"{name} {here[name]}" for name in both if here[name] != pinned[name])
    said = f"environment: the present one (Python {sys.version.split()[0]}); "
    said += f"{len(both) - len(others)} of the {len(pinned)} locked packages are here as locked"
    missing = len(pinned) - len(both)
    said += f", {missing} are not here (other systems' or developers')" if missing else ""
    return said + (f", {len(others)} in another version: {', '.join(others)}" if others else "")


def draw_apart(python: Path, folder: Path, out: Path, jobs: int = 0) -> dict[str, str]:
    """Draw a package's figures with its own software, in a process of its own.

    By run, the sentence with which one failed.
    """
    path = str(folder / "software")
    env = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), "-m", "analysis", "replicate", "--draw", ".", "-o", str(out)]
    command += ["--jobs", str(jobs)] * bool(jobs)
    subprocess.run(command, cwd=folder, env=env, check=False, stdout=subprocess.DEVNULL)
    if not (out / "results.csv").is_file():
        return {"": "nothing was drawn; what stopped it stands above."}
    return {row["unit"]: row["error"] for row in render.results(out) if row["status"] != "done"}


def draw(folder: Path, out: Path, jobs: int = 0) -> list[dict[str, str]]:
    """Draw a package's figures; the working folder is the package's. The rows of results.csv."""
    planned = []
    said = contents.read(folder)
    away = inputs.outside(folder, said)
    for one in said["runs"]:
        if one["run"] in away:
            continue
        source = folder / "notebooks" / f"{one['notebook']}.ipynb"
        if not source.is_file():
            raise InputError("no such notebook; the package is not whole.", path=source)
        planned.append(Unit(one["notebook"], source, one["parameters"]))
    how: dict[str, Any] = {"jobs": jobs or render.jobs()}
    return render.run(planned, out, title=said["title"], lang=said["lang"], force=True, **how)


# -- comparing ------------------------------------------------------------------------------------


def is_same(folder: Path, out: Path, place: str) -> bool:
    """Whether a figure's data came out the same, byte for byte."""
    new = out / Path(place).relative_to(contents.FIGURES) / "data.csv"
    return new.is_file() and new.read_bytes() == (folder / place / "data.csv").read_bytes()


def _compare(
    made: Proof,
    folder: Path,
    out: Path,
    said: Mapping[str, Any],
    failed: Mapping[str, str],
    away: Mapping[str, str],
) -> None:
    """Hold every figure against the one that was packed; why some were not drawn is said once."""
    left = {*said.get("not_compared", ())}
    undrawn: dict[str, list[str]] = {}
    for run in said["runs"]:
        for figure in run["figures"]:
            place = f"{contents.FIGURES}/{run['run']}/{figure}"
            made.all += 1
            old, new = folder / place, out / run["run"] / figure
            if not (old / "data.csv").is_file():
                made.lines.append(f"{place}: its data.csv is not in the package")
            elif run["run"] not in away and is_same(folder, out, place):
                made.same += 1
                made.pictures += _is_drawn_alike(old, new)
                made.lines.append(f"{place}: data identical{_beside(old, new)}")
            elif place in left:
                made.left += 1
                made.lines.append(f"{place}: not compared, as it needs a text that is held back")
            elif run["run"] in away or not (new / "data.csv").is_file():
                why = away.get(run["run"]) or failed.get(run["run"]) or failed.get("")
                undrawn.setdefault(why or "its notebook did not write it", []).append(place)
            else:
                made.lines += [f"{place}: DIFFERS", *_how(old, new)]
    for why, places in undrawn.items():
        made.lines += [f"NOT DRAWN: {why}", *(f"  {place}" for place in places)]


def _beside(old: Path, new: Path) -> str:
    """What else is, or is not, identical."""
    alike = "picture identical" if _is_drawn_alike(old, new) else "picture drawn otherwise"
    hits = [one / "hits.csv" for one in (old, new)]
    equal = all(map(Path.is_file, hits)) and hits[0].read_bytes() == hits[1].read_bytes()
    return f", {alike}" + ("" if equal else ", evidence (hits.csv) differs")


def _is_drawn_alike(old: Path, new: Path) -> bool:
    """Whether two pictures are the same but for what they say of themselves."""
    both = [_drawn(one / "figure.svg") for one in (old, new)]
    return both[0] == both[1] != b""


def _drawn(path: Path) -> bytes:
    """An SVG without its metadata and the places that its marks lead to."""
    if not path.is_file():
        return b""
    text = re.sub(rb"(?s)<metadata>.*?</metadata>", b"", path.read_bytes())
    return re.sub(rb'href="(?:evidence\.html#[^"]*|hits\.csv)"', b"", text)


def _how(old: Path, new: Path) -> Iterable[str]:
    """How a figure differs, in a few lines."""
    try:
        lines = str(difference.compare(old, new)).splitlines()
    except (InputError, KeyError, ValueError) as error:
        return [f"  {error}"]
    more = [f"  … and {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
    return [*(f"  {line}" for line in lines[:_SHOWN]), *more]

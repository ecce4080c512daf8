"""Files that are whole or absent: each is written beside its place and moved there when complete.

What is being written is called `.NAME.XXXXXXXX.part` and is held (flock) by its process, so what
a killed process left is told from what another one is at work on, without a look at any clock:
whoever writes there next takes it away.
"""

from __future__ import annotations

import contextlib
import glob
import hashlib
import io
import json
import os
import re
import shutil
import stat
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .errors import InputError

if sys.platform != "win32":
    import fcntl

_PATIENCE = 10.0  # seconds that one waits for another writer


def home() -> Path:
    """The folder that holds the bundled `data` and `notebooks`: the checkout, or the package."""
    package = Path(__file__).parent.parent
    checkout = package.parent
    return checkout if (checkout / "notebooks").is_dir() else package / "bundled"


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file beside `target` to write to; it takes the target's place when the block ends well."""
    with _part(target, folder=False) as part:
        yield part
        part.chmod(0o644)
        _settle_down(part)
        part.replace(target)


def plain(path: Path) -> BinaryIO:
    """A plain file, opened to be read; nobody waits at a pipe or reads from a device.

    OSError if it is not there; InputError if it is anything else.
    """
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return os.fdopen(handle, "rb")
    folder = stat.S_ISDIR(os.fstat(handle).st_mode)
    os.close(handle)
    kind = "a folder" if folder else "a device or a pipe"
    raise InputError(f"is {kind}, no file; put the file in its place.", path=path)


def there(path: Path) -> bool:
    """Whether a plain file is there; InputError for what is none, or a link to nothing."""
    try:
        plain(path).close()
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise InputError("is a link that leads nowhere; take it away.", path=path) from None
        return False
    return True


def read(file: Any, most: int) -> bytes:
    """The bytes of an open file, at most so many and one more; no room is taken before."""
    data = bytearray()
    while len(data) <= most and (some := file.read(min(1 << 24, most + 1 - len(data)))):
        data += some
    return bytes(data)


def refuse_links(folder: Path, *, below: bool = False) -> None:
    """InputError for what is neither file nor folder in a folder, or also in the folders below.

    A link in a folder from elsewhere may stand for any file of whoever writes or shares there.
    """
    with os.scandir(folder) as entries:
        for one in sorted(entries, key=lambda one: one.name):
            own = one.is_symlink() or not (one.is_file() or one.is_dir())
            if own and not one.name.endswith(".part"):  # what is left of a killed process goes
                kind = "a link" if one.is_symlink() else "a device or a pipe"
                said = f"is {kind}, which is not followed here; take it away."
                raise InputError(said, path=Path(one.path))
            if below and one.is_dir(follow_symlinks=False):
                refuse_links(Path(one.path), below=True)


def digest(text: str) -> str:
    """The sha256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def put(target: Path, data: str | bytes) -> Path:
    """Write a file, whole or not at all, a text in UTF-8; its path."""
    with replacing(target) as part:
        part.write_bytes(data.encode() if isinstance(data, str) else data)
    return target


def left(path: Path) -> dict[str, Any]:
    """The JSON map that a run left in a file; nothing if there is none, or none that is whole."""
    try:
        with plain(path) as file:
            found = json.loads(file.read().decode())
    except (OSError, ValueError, RecursionError, InputError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def replacing_folder(place: Path) -> Iterator[Path]:
    """A new folder beside `place` to fill; it takes the place's place when the block ends well."""
    with _part(place, folder=True) as part:
        yield part
        part.chmod(0o755)
        for one in part.rglob("*"):
            if one.is_file() and not one.is_symlink():
                _settle_down(one)
        if not place.exists():
            part.rename(place)
            return
        # Renamed before it is deleted: half a folder never has the name.
        place.rename(old := part.with_name(f"{part.name}.old.part"))
        try:
            part.rename(place)
        except OSError:
            old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _part(target: Path, *, folder: bool) -> Iterator[Path]:
    """A part for a target, held until the block ends; an error that comes of it names the target.

    OSError as the system says it: no room, a place that may not be written to.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent, target.name)
        part, hold = _begin(target, folder=folder)
        try:
            yield part
        finally:
            _remove(part)
            _let_go(hold)
    except OSError as error:
        said = str(error.filename2 or error.filename or "")
        if error.errno and (not said or said.endswith(".part")):
            raise OSError(error.errno, os.strerror(error.errno), str(target)) from error
        raise


def _begin(target: Path, *, folder: bool) -> tuple[Path, int]:
    """A new part and what holds it; where another process sweeps it away meanwhile, another one."""
    named = (".part", f".{_short(target.name)}.", target.parent)
    while True:
        if folder:
            part = Path(tempfile.mkdtemp(*named))
        else:
            handle, name = tempfile.mkstemp(*named)
            os.close(handle)
            part = Path(name)
        with contextlib.suppress(FileNotFoundError, BlockingIOError):
            hold = _hold(part)
            if part.exists():
                return part, hold
            _let_go(hold)


def sweep(folder: Path, name: str = "") -> None:
    """Take away the parts that killed processes left in a folder: all, or those for one name."""
    for left in folder.glob(f".{glob.escape(_short(name)) or '*'}.*.part"):
        with contextlib.suppress(OSError):
            hold = _hold(left)
            _remove(left)
            _let_go(hold)


def _short(name: str) -> str:
    """So much of a file's name that the name of its part is no longer than one may be."""
    return os.fsencode(name)[:200].decode("utf-8", "ignore")


def _settle_down(part: Path) -> None:
    """Have a file's bytes on the disk before its name is, so that no power cut leaves half."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())


def _remove(part: Path) -> None:
    if part.is_dir() and not part.is_symlink():
        shutil.rmtree(part, ignore_errors=True)
    else:
        part.unlink(missing_ok=True)


def _hold(path: Path) -> int:
    """Hold a file or folder for as long as this process lives; BlockingIOError if one does.

    -1 where there is nothing to hold it by (Windows, some network disks).
    """
    if sys.platform == "win32":
        return -1
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe of that name is not waited at
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:
        os.close(handle)
        return -1
    return handle


def _let_go(hold: int) -> None:
    if hold >= 0:
        os.close(hold)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One writer at a time: a folder is held itself, a file has a lock file beside it.

    The system lets go of it when its process ends, however it ends. InputError if another process
    does not let go of it within ten seconds.
    """
    if path.is_dir() and sys.platform != "win32":
        hold = _waited(path)
        try:
            yield
        finally:
            _let_go(hold)
        return
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise _busy(path) from None
    try:
        yield
    finally:
        lock.release()


def _waited(folder: Path) -> int:
    """Hold a folder as soon as nobody else does."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return _hold(folder)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise _busy(folder) from None
            time.sleep(0.05)


def _busy(path: Path) -> InputError:
    return InputError("is being written by another process; try again later.", path=path)


# -- archives whose bytes hold no clock -----------------------------------------------------------


def settled(office: bytes) -> bytes:
    """An Office file without the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(office)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    core = members["docProps/core.xml"].decode()
    core = re.sub(r"(<dcterms:\w+ [^>]*>)[^<]*", r"\g<1>2000-01-01T00:00:00Z", core)
    return zipped({**members, "docProps/core.xml": core.encode()})


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Files (name in the archive → bytes) as a zip whose bytes hold no time and no system."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()

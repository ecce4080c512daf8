"""A file as somebody saved it → a report: its text, and how the bytes were read.

Plain text, web pages (saved as one file too), documents of Word, OpenDocument and rich text, and
PDFs with text are read, also out of an archive (`members`); old formats and pictures by an extra
(`extras`, `transcript`). What a file is, its first bytes say, not its name. The encoding is decided
by evidence and put on record, never assumed (`encodings`); documents are read within bounds of time
and memory (`reading`).
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.kit import InputError, encodings
from analysis.restore import restore

from . import apart, extras, formats, kinds, packed, transcript
from .transcript import Transcript

LARGEST = {
    **dict.fromkeys(("pdf", "docx", "odt", "rtf", "mht", "zip", "doc", "ofd"), 64 << 20),
    **dict.fromkeys(kinds.PICTURES, 64 << 20),
    **dict.fromkeys(("html", "txt"), 16 << 20),
}
"""Bytes that a file of each kind may have. A report's text has a few hundred kilobytes; a PDF or a
document holds pictures as well, a saved page its scripts."""

LONGEST = 1_000_000
"""Characters that a text may have. The longest report has some 60,000; more is a collection, and
its region and year would be those of the first report in it."""

_HAN = re.compile(r"[㐀-鿿]")
_TABLES = (".csv", ".jsonl", ".parquet", ".xlsx")
_NO_TEXT = "holds no Chinese text; save the report's text as .txt."
_OCR = (
    f"which an extra reads: {extras.install(apart.SCAN)}; or let a program recognise its text "
    "(OCR) and save it as .txt."
)


@dataclass(frozen=True)
class Source:
    """A file's text as it came: `text`, the `encoding` it was read with, `sha256` of the bytes.

    `encoding` is that of plain text (`gb18030`), `html` with that of the page, `docx` or `pdf`; of
    what was recognised on pictures it ends in `ocr`, and `scan` has its lines. `unread` is what
    could not be read of it, in sentences.
    """

    text: str
    encoding: str
    sha256: str
    scan: Transcript | None = None
    unread: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        from analysis.kit import shown

        size = f"{len(self.text):,} characters, {self.text.count(chr(10)) + 1:,} lines"
        about = [("read as", self.encoding), ("size", size), ("sha256", self.sha256)]
        return shown.facts("Report as it came", about, self.text[:400])


def read(path: Path, study: Path | None = None) -> Source:
    """Read a report's file; `study` is a folder that may keep what was recognised on it.

    InputError naming the file and what to do: no such file, a folder, an empty file, too large a
    one, a format that is not read, bytes in no known encoding, a text without a Chinese character.
    """
    return decode(load(path), path, study)


def load(path: Path) -> bytes:
    """The bytes of a report's file; InputError if they cannot be had or are too many."""
    try:
        about = path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise InputError("is a folder; name the files in it.", path=path)
        if not stat.S_ISREG(about.st_mode):
            raise InputError("is no file with contents but a device or a pipe.", path=path)
        most = max(LARGEST.values())
        with path.open("rb") as file:
            data = file.read(most + 1) if about.st_size <= most else b""
    except FileNotFoundError:
        raise InputError("no such file.", path=path) from None
    except PermissionError:
        raise InputError(
            "may not be read by you; ask its owner for the right.", path=path
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a zero byte
        said = getattr(error, "strerror", None) or error
        raise InputError(f"cannot be read ({said}).", path=path) from None
    _bounded(max(about.st_size, len(data)), most, path)
    return data


def _bounded(size: int, most: int, path: Path) -> None:
    if size > most:
        raise InputError(
            f"has {size >> 20} MB; no report's file has more than {most >> 20} MB: take out what "
            "is not the report, or cut it into reports.",
            path=path,
        )


def kind(data: bytes, path: Path) -> str:
    """What a file is, such as `pdf`, `docx`, `html` or `txt`; InputError for what is not read.

    >>> kind(b"%PDF-1.7", Path("report.txt"))
    'pdf'
    """
    suffix = path.suffix.lower()
    try:
        found = kinds.of(data, suffix)
    except ValueError as error:
        raise InputError(str(error), path=path) from None
    if suffix in _TABLES and found in ("txt", "html", "mht"):
        raise InputError(
            f"is a table, not a report; `gongbao add {path.name}` takes the reports in its rows.",
            path=path,
        )
    return found


def members(data: bytes, path: Path) -> tuple[list[tuple[str, bytes]], list[InputError]]:
    """The files of an archive (.zip) with their names, and what cannot be taken of it.

    InputError for an archive that is damaged, empty, has a password or leads out of itself.
    """
    try:
        found = packed.members(data)
    except ValueError as error:
        raise InputError(str(error), path=path) from None
    taken = [(one.name, one.data) for one in found if not one.refused]
    return taken, [InputError(one.refused, path=path / one.name) for one in found if one.refused]


def decode(data: bytes, path: str | Path, study: Path | None = None) -> Source:
    """What `read` makes of a file's bytes; `path` names it."""
    path = Path(path)
    if not data.strip(b"\0 \t\r\n"):
        raise InputError("is empty; save the report's text into it.", path=path)
    what = kind(data, path)
    _bounded(len(data), LARGEST[what], path)
    if what == "zip":
        said = "is a packed file (.zip); unpack it, and name the documents in it."
        raise InputError(said, path=path)
    scan: Transcript | None = None
    unread: tuple[str, ...] = ()
    if what in ("pdf", *kinds.PICTURES):
        text, scan, unread = _seen(data, what, path, study)
        encoding = f"{what}{transcript.SEEN}" if scan else what
    else:
        text, encoding = _text(data, what, path)
    if not _HAN.search(text) and not _HAN.search(restore(text).text):
        said = f"holds no Chinese character (read as {encoding}); check that it is the report."
        raise InputError(said if what in ("txt", "html") else _NO_TEXT, path=path)
    if len(text) > LONGEST:
        raise InputError(
            f"holds {len(text):,} characters, and no report more than {LONGEST:,}; cut it into "
            "reports.",
            path=path,
        )
    return Source(text, encoding, hashlib.sha256(data).hexdigest(), scan, unread)


def _text(data: bytes, what: str, path: Path) -> tuple[str, str]:
    """The text of a file of a kind, and how it was read."""
    encoding = what
    if what in ("txt", "html"):
        found = encodings.decode(data)
        if found is None:
            said = "is no text in UTF-8, GB18030, Big5, UTF-16 or UTF-32"
            if other := encodings.foreign(data):
                said = f"looks like text in {other}, which is not read"
            if b"\0" in data:
                said = "is not a text file (it holds zero bytes)"
            raise InputError(f"{said}; open it in an editor and save it as UTF-8.", path=path)
        if what == "txt":
            return found
        encoding, data = f"html {found[1]}", found[0].encode()
    try:
        return apart.read(what, data), encoding
    except apart.UnreadableError as error:
        raise InputError(str(error), path=path) from None


def _seen(
    data: bytes, what: str, path: Path, study: Path | None
) -> tuple[str, Transcript | None, tuple[str, ...]]:
    """The text of a PDF or a picture, what was recognised of it, and what was not."""
    try:
        text, said = ("", {}) if what in kinds.PICTURES else apart.ask("pdf", data)
        pages = said.get("pictures", [])
        if said and not pages:
            return text, None, ()
        found = transcript.kept(data, study)
        if not found and extras.here(apart.SCAN):
            found = transcript.recognised(data, pages, path.name)
        if not found:
            listed = _listed(pages)
            if not said:
                raise InputError(f"is not a text file but a picture, {_OCR}", path=path)
            if not _HAN.search(text):
                raise InputError(f"has no text: {listed}, {_OCR}", path=path)
            return text, None, (f"{listed} and not read, {_OCR}",)
        text, said = apart.ask("pdf" if said else "picture", data, scanned=found.pages)
    except apart.UnreadableError as error:
        raise InputError(str(error), path=path) from None
    places = tuple(transcript.Place(*one) for one in said["places"])
    return text, replace(found, places=places), ()


def _listed(pages: Sequence[int]) -> str:
    """What some pages are.

    >>> _listed([3]), _listed([1, 2, 7])
    ('page 3 is a picture', 'pages 1, 2 and 7 are pictures')
    """
    *some, last = map(str, pages or [0])
    if len(some) > 9:
        return f"{len(pages)} pages, from page {pages[0]} on, are pictures"
    said = f"pages {', '.join(some)} and {last} are pictures"
    return said if some else f"page {last} is a picture"


def version() -> str:
    """The readers' version: a hash of their code and of the versions of their libraries."""
    from importlib import metadata

    files = [Path(encodings.__file__), *Path(__file__).parent.glob("*.py")]
    libraries = [metadata.version(name) for name in formats.LIBRARIES] + extras.versions()
    said = [*(file.read_bytes() for file in sorted(files)), *map(str.encode, libraries)]
    return hashlib.sha256(b"\0".join(said)).hexdigest()[:12]

"""An archive of reports (.zip) → its files, in bounds, each with its name as it was given.

A name that says how it is written is taken so; the others are read by evidence as any Chinese text
is, for Windows writes GBK there and says nothing. No name leads anywhere: nothing is unpacked to
disk, and what holds a link or a path out of the archive is refused whole.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from analysis.kit import encodings, why

MOST = 2_000
"""Files that an archive may hold."""

LARGEST = 256 << 20
"""Bytes that an archive may unpack to, archives in it included."""

_SYSTEM = re.compile(r"(?:^|/)(?:__MACOSX/|\.|~\$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Member(NamedTuple):
    """A file of an archive: its name (`县/2022.docx`), its bytes, and why it cannot be taken."""

    name: str
    data: bytes
    refused: str = ""


def members(data: bytes) -> list[Member]:
    """The files of an archive, in its order; of archives in it too, one level deep.

    What an operating system leaves in archives (`__MACOSX`, `Thumbs.db`) is not there. ValueError
    with a sentence for an archive that is damaged, holds nothing, or is not to be trusted.
    """
    found, left = [], [MOST, LARGEST]
    for member in _unpacked(data, left):
        if not member.data.startswith(b"PK\x03\x04") or not member.name.lower().endswith(".zip"):
            found.append(member)
            continue
        try:
            inner = list(_unpacked(member.data, left))
        except ValueError as error:
            inner = [Member("", b"", str(error))]
        for one in inner:
            name = f"{member.name}/{one.name}".rstrip("/")
            deep = one.name.lower().endswith(".zip") and not one.refused
            said = "is an archive in an archive in an archive; unpack it." if deep else one.refused
            found.append(Member(name, b"" if said else one.data, said))
    if not found:
        raise ValueError("is a packed file (.zip) that holds no file.")
    return found


def _unpacked(data: bytes, left: list[int]) -> Iterator[Member]:
    """The files of one archive; `left` counts down what all may have."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            listed = [one for one in packed.infolist() if not one.is_dir()]
            left[0] -= len(listed)
            left[1] -= sum(one.file_size for one in listed)
            _refuse(listed, left)
            seen: set[str] = set()
            for one, name in zip(listed, _names(listed), strict=True):
                if _SYSTEM.search(name):
                    continue
                if name in seen:
                    yield Member(name, b"", "stands twice in its archive; take one out.")
                    continue
                seen.add(name)
                yield _member(packed, one, name)
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, KeyError) as error:
        said = why(error)
        raise ValueError(
            f"is a packed file (.zip) that cannot be opened ({said}); pack it again."
        ) from None


def _member(packed: zipfile.ZipFile, one: zipfile.ZipInfo, name: str) -> Member:
    if one.compress_type not in _METHODS:
        said = "is packed in a way that is not read here; pack it again as a plain .zip."
        return Member(name, b"", said)
    try:
        return Member(name, packed.read(one))
    except Exception as error:  # a damaged file fails in zlib, in its checksum or in its header
        said = why(error)
        return Member(name, b"", f"cannot be unpacked ({said}); pack it again.")


def _refuse(listed: list[zipfile.ZipInfo], left: list[int]) -> None:
    """ValueError for an archive that is too much, has a password or leads out of itself."""
    if left[0] < 0:
        raise ValueError(f"is a packed file (.zip) of more than {MOST:,} files; make several.")
    if left[1] < 0:
        raise ValueError(
            f"is a packed file (.zip) that unpacks to more than {LARGEST >> 20} MB; make several."
        )
    if any(one.flag_bits & 1 for one in listed):
        raise ValueError(
            "is a packed file (.zip) with a password; unpack it, and name the documents in it."
        )
    for one in listed:
        parts = one.filename.replace("\\", "/").split("/")
        if stat.S_ISLNK(one.external_attr >> 16) or ".." in parts or parts[0].endswith(":"):
            leads = "is a packed file (.zip) with a link or a path that leads out of it"
            raise ValueError(leads + "; name the documents themselves.")


def _names(listed: list[zipfile.ZipInfo]) -> list[str]:
    """Names as they were given: what is not marked as UTF-8 is read by the evidence of them all."""
    plain = [one.filename.encode("cp437", "replace") for one in listed if not one.flag_bits & 0x800]
    found = encodings.decode(b"\n".join(plain)) if plain else None
    codec = found[1] if found else "gb18030"
    names = []
    for one in listed:
        name = one.filename
        if not one.flag_bits & 0x800:
            name = name.encode("cp437", "replace").decode(codec, "replace")
        names.append(name.replace("\\", "/").lstrip("/"))
    return names

"""Files, folders, tables and archives → one report after the other, each with where it stood.

What each says of itself comes along (a table's columns, a folder's name); what cannot be taken is
an item with its problem, so that the rest goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.kit import InputError, safe
from analysis.reading import reports

from . import identity, texttable


@dataclass(frozen=True)
class Item:
    """A report on its way into a study.

    `place` is what a person calls it (`a.txt`, `province.csv:12`), `name` the file's name with its
    folder, from which identity reads; `problem` says why it cannot be taken.
    """

    place: str
    name: str
    data: bytes
    given: identity.Given
    report_id: str = ""
    problem: str = ""
    table: str = ""
    columns: str = ""

    @property
    def called(self) -> str:
        """Its place, and its title in a table."""
        title = self.given.title if self.table else ""
        return safe(f"{self.place} ({title})" if title else self.place)


def items(
    sources: Iterable[Path], given: identity.Given, columns: texttable.Columns | None = None
) -> Iterator[Item]:
    """The reports of some files, folders and tables, in their order.

    Parameters
    ----------
    given : what is said of all of them; it wins over what a table says.
    columns : the columns that the user named.
    """
    for source in sources:
        if source.is_dir():
            files = [one for one in sorted(source.rglob("*")) if _wanted(one, source)]
            if not files:
                yield _failed(source, "holds no file; name a folder with reports.", given)
            for file in files:
                yield from _of_file(file, given, columns)
        else:
            yield from _of_file(source, given, columns)


def _wanted(path: Path, folder: Path) -> bool:
    """A file of a folder that may be a report: no hidden one, no link that leads out of it."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return path.is_file() and not hidden and path.resolve().is_relative_to(folder.resolve())


def _of_file(
    file: Path, given: identity.Given, columns: texttable.Columns | None
) -> Iterator[Item]:
    try:
        yield from _of_bytes(reports.load(file), file, given, columns)
    except InputError as error:
        yield _failed(file, error.message, given)


def _of_bytes(
    data: bytes, file: Path, given: identity.Given, columns: texttable.Columns | None
) -> Iterator[Item]:
    """The reports of a file: itself, its rows, or what is packed in it."""
    if file.suffix.lower() in texttable.KINDS:
        for row in texttable.read(file, columns, data=data):
            name = f"{file.parent.name}/{row.given.title.replace('/', '／')}.txt"
            own = _both(row.given, given)
            text = row.text.encode()
            problem, table = row.problem, str(file)
            yield Item(row.place, name, text, own, row.report_id, problem, table, row.columns)
    elif file.suffix.lower() == ".zip" and reports.kind(data, file) == "zip":
        packed, refused = reports.members(data, file)
        for name, inside in packed:
            try:
                yield from _of_bytes(inside, file / name, given, columns)
            except InputError as error:
                yield _failed(file / name, error.message, given)
        for one in refused:
            yield _failed(Path(str(one.path)), one.message, given)
    else:
        yield Item(str(file), "/".join(file.parts[-3:]), data, given)


def _failed(path: Path, said: str, given: identity.Given) -> Item:
    return Item(str(path), path.name, b"", given, problem=said)


def _both(row: identity.Given, given: identity.Given) -> identity.Given:
    """What a row says, with what an option says of all in its place."""
    said = {name: value for name, value in vars(given).items() if value not in ("", None)}
    return replace(row, **said)

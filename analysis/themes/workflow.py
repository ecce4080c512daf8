"""Coding by several people: workbooks dealt out, taken back, and kept row by row.

A coder gets a workbook with sentences and no code of anybody's. Each row carries what it was
written with under a seal, and whom it was dealt to, so that what comes back is known for what went
out, whatever became of the file's name. What is taken stays: a row that is kept is never changed
nor lost, and the rows stand by place and coder, so that it does not matter who sent first.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, files, must_occur, put, unknown
from analysis.tables import judged

from . import handcodes
from .codebook import NONE

if TYPE_CHECKING:
    from .codebook import Codebook

CODES = Path("validation") / "codes.csv"
"""Where a study keeps what its coders gave."""

PLACE = ("sha256", "raw_start", "raw_end")
"""What says which sentence a code is about."""

RESERVED = ("agreed", "single")
"""How codes are marked that no one coder decided; no coder may be called so."""

Problem = tuple[str, str]
"""A column, and what is wrong with its cell."""

_DEALT = ("coder", "wave", "codebook", "version", "row", "seal", "dealt")


@dataclass(frozen=True)
class Sheet:
    """What one kind of workbook shows, asks and leaves.

    shown : columns that nobody may change; asked : those to fill in, the first of which is needed.
    kept : columns of the file of what came back; key : those that say what a row there is about.
    choices : drop-down lists, by column.
    """

    shown: tuple[str, ...]
    asked: tuple[str, ...]
    kept: tuple[str, ...]
    key: tuple[str, ...]
    choices: Mapping[str, str | tuple[str, ...]]

    @property
    def fixed(self) -> tuple[str, ...]:
        """What the seal is of."""
        return (*self.shown, "wave", "codebook", "version", "row")

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, as they stand in a workbook."""
        return (*self.shown, *self.asked, *_DEALT)


SENTENCES = Sheet(
    shown=("report_id", "sentence_id", "heading", "text", *PLACE),
    asked=("primary_theme", "other_themes", "unsure", "note"),
    kept=(
        *("wave", "codebook", "version", *PLACE, "quote", "coder", "primary_theme"),
        *("other_themes", "unsure", "note", "decided_on"),
    ),
    key=("wave", "codebook", *PLACE, "coder"),
    choices={"primary_theme": "themes", "unsure": ("yes",)},
)
"""The workbook of a codebook: a sentence a row. A note is why it is coded so."""

# -- dealing out ----------------------------------------------------------------------------------


def coders_of(text: str) -> list[str]:
    """The coders named, by commas: InputError for fewer than two, and for one named twice."""
    names = [name for name in text.replace("，", ",").split(",") if name.strip()]
    try:
        names = [judged.signed(name) for name in names]
    except ValueError as error:
        raise InputError(f"--coders {text}: {error}") from None
    for name in names:
        if name in RESERVED:
            raise InputError(f"--coders {text}: {name!r} says how a code was made; take another.")
    folded = [file_of(name).casefold() for name in names]
    if len(names) < 2 or len(set(folded)) < len(names):
        said = "name two or more, each once; for one alone there is `gongbao sample`."
        raise InputError(f"--coders {text}: {said}")
    return names


def file_of(coder: str) -> str:
    """What a coder's workbook is called, without its ending."""
    return "".join(char if char.isalnum() or char in "-_" else "_" for char in coder)


def deal(
    units: Sequence[str], coders: Sequence[str], overlap: float, seed: int
) -> tuple[list[str], dict[str, list[str]]]:
    """Which units all coders get, and which each gets, in an order of its own.

    round(overlap × units) go to all, drawn by the seed; the rest is dealt out one by one.
    """
    if not 0 <= overlap <= 1:
        raise InputError(f"--overlap is {overlap:g}; it must be a share from 0 to 1.")
    mixed = [units[at] for at in np.random.default_rng(seed).permutation(len(units))]
    n = int(overlap * len(units) + 0.5)
    shared, rest = mixed[:n], mixed[n:]
    given = {}
    for at, coder in enumerate(coders):
        own = [*shared, *rest[at :: len(coders)]]
        order = np.random.default_rng([seed, at + 1]).permutation(len(own))
        given[coder] = [own[place] for place in order]
    return shared, given


def assign(
    frame: pd.DataFrame,
    sheet: Sheet,
    meanings: pd.DataFrame,
    folder: Path,
    *,
    unit: str,
    about: Mapping[str, Any],
    coders: Sequence[str],
    overlap: float,
    seed: int,
) -> dict[str, Any]:
    """Write a workbook for each coder, and plan.json, into a folder; the plan.

    Parameters
    ----------
    frame : what is to be coded, with the columns `sheet.shown`; `unit` is the column by which it
        is dealt out: rows of one unit stay together.
    meanings : the second sheet, whose first column has the codes.
    about : wave, codebook and version, as they stand in every row and in the plan.

    InputError if a workbook there is filled in already; then nothing is written.
    """
    units = list(dict.fromkeys(frame[unit]))
    if not units:
        raise InputError("there is nothing to code: no report is chosen, or it has no sentence.")
    shared, given = deal(units, coders, overlap, seed)
    paths = {coder: folder / f"{file_of(coder)}.xlsx" for coder in coders}
    for path in paths.values():
        judged.blank(path, sheet.asked[0])
    got: dict[str, Any] = {}
    name = next((held for held in sheet.choices.values() if isinstance(held, str)), "meanings")
    for coder, path in paths.items():
        own = frame.set_index(unit, drop=False).loc[given[coder]].reset_index(drop=True)
        rows = list(_dealt(own.to_dict("records"), sheet, coder, about))
        book = pd.DataFrame(rows, columns=list(sheet.columns))
        tables.workbook(path, {"sheet": book, name: meanings}, sheet.choices)
        got[coder] = {"file": path.name, "rows": len(rows), "units": len(given[coder])}
        got[coder] |= {"sha256": tables.sha256(path)}
    plan = {**about, "seed": seed, "overlap": overlap, "unit": unit, "units": len(units)}
    plan |= {"shared": len(shared), "coders": got}
    put(folder / "plan.json", json.dumps(plan, ensure_ascii=False, indent=1) + "\n")
    return plan


def _dealt(
    rows: Sequence[Mapping[Any, Any]], sheet: Sheet, coder: str, about: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Rows as they go to a coder, sealed."""
    for number, row in enumerate(rows, start=1):
        own = {name: row[name] for name in sheet.shown} | dict.fromkeys(sheet.asked, "")
        own |= {**about, "coder": coder, "row": f"{number} of {len(rows)}"}
        own["seal"] = judged.seal(own[name] for name in sheet.fixed)
        yield own | {"dealt": judged.seal([coder, own["seal"]])}


# -- taking back ----------------------------------------------------------------------------------


class Collected(NamedTuple):
    """How many rows are new, and a sentence a workbook."""

    new: int
    said: list[str]


Judge = Callable[[dict[str, str]], tuple[dict[str, str], list[Problem]]]
"""What a filled row says, in the columns that are kept, and what is wrong with its cells."""


def collect(
    paths: Sequence[Path], sheet: Sheet, kept: Path, judge: Judge, *, decided_on: str
) -> Collected:
    """Take filled workbooks into the file `kept`, all of them or, if one is refused, none.

    ProblemsError with file, line and cell for all that is wrong: a row that is not as it was
    written or stands twice, a code that there is none of, another codebook, another coder's row, a
    code that was collected before and differs, a workbook that was collected already or is empty.
    What a coder left empty is said, as are rows that are not there.
    """
    with files.locked(kept):
        before = judged.kept(kept, sheet.kept)
        known = {
            _key(row, sheet): {str(name): str(cell) for name, cell in row.items()}
            for row in before.to_dict("records")
        }
        rows: dict[tuple[str, ...], dict[str, str]] = {}
        bad: list[InputError] = []
        said, origin = [], dict[tuple[str, ...], str]()
        for path in paths:
            taken: list[tuple[int, dict[str, str]]] = []
            own, wrong = _read(path, sheet, judge, taken)
            new = 0
            for line, row in taken:
                row["decided_on"], key = decided_on, _key(row, sheet)
                if key in origin:
                    where = f"stands in {origin[key]} already; hand in a row once."
                    wrong.append(InputError(where, path=path, line=line))
                elif key not in known:
                    new += 1
                    rows[key], origin[key] = row, f"{path}:{line}"
                elif _answer(known[key]) != _answer(row):
                    wrong.append(InputError(_differs(known[key], sheet), path=path, line=line))
            if not wrong and not new:
                wrong = [InputError(_NOTHING[bool(taken)], path=path)]
            bad += wrong
            said.append(f"{path}: {new} rows taken{own}")
        if bad:
            raise ProblemsError(bad)
        both = sorted([*known.values(), *rows.values()], key=lambda row: _order(row, sheet))
        tables.write(pd.DataFrame(both, columns=list(sheet.kept)), kept)
    return Collected(len(rows), said)


_NOTHING = {
    True: "was collected already: nothing in it is new.",
    False: "is not filled in: no row has an answer.",
}


def _read(
    path: Path, sheet: Sheet, judge: Judge, taken: list[tuple[int, dict[str, str]]]
) -> tuple[str, list[InputError]]:
    """The filled rows of a workbook into `taken`; what it leaves open; what is wrong."""
    try:
        good, bad = judged.rows(path, sheet.columns, sheet.fixed)
    except InputError as error:
        return "", [error]
    header = tables.records(path)[0]
    empty, coder = [], good[0][1]["coder"] if good else ""
    for line, cells in good:
        wrong = list(_foreign(cells, coder))
        if any(cells[name] for name in sheet.asked):
            row, found = judge(cells)
            if not cells[sheet.asked[0]]:
                found = [(sheet.asked[0], "is empty, and the row says more; give a code.")]
            wrong += found
            taken += [] if wrong else [(line, row)]
        else:
            empty.append(line)
        for column, message in wrong:
            bad.append(judged.at_cell(path, line, header, column, message))
    wanted = int(good[0][1]["row"].rpartition(" ")[2]) if good else 0
    missing = wanted - len(good) - len(bad) if not bad else 0
    listed = ", ".join(map(str, empty[:20])) + (", …" if len(empty) > 20 else "")
    own = f" of {wanted}"
    own += f"; {len(empty)} are empty (lines {listed})" if empty else ""
    own += f"; {missing} rows are not in it any more" if missing else ""
    return own, bad


def _foreign(cells: Mapping[str, str], coder: str) -> Iterator[Problem]:
    """What shows that a row is not this coder's."""
    name = cells["coder"]
    if cells["dealt"] != judged.seal([name, cells["seal"]]):
        yield "coder", f"is {name!r}, but the row was dealt to another; nobody signs for another."
    elif name != coder:
        yield "coder", f"is {name!r} in a workbook of {coder}; a workbook has one coder."


def _key(row: Mapping[Any, Any], sheet: Sheet) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in sheet.key)


def _order(row: Mapping[str, str], sheet: Sheet) -> list[tuple[int, str]]:
    """Rows by what they are about, numbers as such."""
    return [(int(one) if one.isdecimal() else 0, one) for one in _key(row, sheet)]


def _answer(row: Mapping[Any, Any]) -> dict[Any, Any]:
    """A row without the day, which tells two answers not apart."""
    return {name: held for name, held in row.items() if name != "decided_on"}


def _differs(row: Mapping[Any, Any], sheet: Sheet) -> str:
    said = "; ".join(f"{name} {row[name]!r}" for name in sheet.asked if row[name])
    return f"was collected on {row['decided_on']} with {said}; what is collected stays."


# -- sentences and their codes --------------------------------------------------------------------


def unsure(cells: Mapping[str, str]) -> str:
    """`yes` or nothing; ValueError for anything else."""
    return judged.chosen(cells, "unsure", {"yes": "yes", "是": "yes"})


def note(cells: Mapping[str, str]) -> str:
    """Why it was coded so, with one kind of line end."""
    return "\n".join(cells["note"].splitlines())


def coded(cells: Mapping[str, str], codebook: Codebook) -> tuple[dict[str, str], list[Problem]]:
    """The codes of a row, as ids, and what is wrong with them."""
    known = [*codebook.ids, NONE]
    ids = {name: key for lang in ("zh", "en") for key, name in codebook.names(lang).items()}
    ids |= {key: key for key in known}
    primary = cells["primary_theme"].strip()
    others = [one.strip() for one in cells["other_themes"].replace("；", ";").split(";")]
    others, found = [one for one in others if one], list[Problem]()
    if primary and primary not in ids:
        found.append(("primary_theme", unknown("code", primary, known)))
    found += [("other_themes", unknown("code", one, known)) for one in others if one not in ids]
    keys = [ids.get(one, one) for one in others]
    if len({*keys, ids.get(primary, primary)}) <= len(keys):
        found.append(("other_themes", "has a code twice, or the primary one; keep one."))
    if NONE in keys:
        found.append(("other_themes", f"holds {NONE}; leave it empty."))
    row = {"primary_theme": ids.get(primary, primary), "other_themes": ";".join(sorted(keys))}
    return row | {"note": note(cells)}, found


def judge(books: Callable[[str], Codebook], sha256: Mapping[str, str], wanted: str = "") -> Judge:
    """How a row of `SENTENCES` is read.

    `books` gives a codebook by its id, InputError for none; `sha256` is that of each report's file;
    `wanted` is the one codebook that is collected, if any.
    """
    reports = set(sha256.values())

    def read(cells: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
        own = {name: cells[name] for name in ("codebook", "version", "coder")}
        own |= {name: cells[name].removesuffix(".0") for name in ("wave", *PLACE)}
        own["quote"] = cells["text"][: handcodes.QUOTE]
        found: list[Problem] = []
        if cells["sha256"] not in reports:
            found.append(("sha256", "is of a report that the study does not hold."))
        try:
            if wanted:
                must_occur("codebook", [cells["codebook"]], [wanted])
            row, wrong = coded(cells, books(cells["codebook"]))
            own, found = own | row, found + wrong
        except InputError as error:
            found.append(("codebook", f"is another: {error.message}"))
        try:
            own["unsure"] = unsure(cells)
        except ValueError as error:
            found.append(("unsure", str(error)))
        return own, found

    return read


def meanings(codebook: Codebook) -> pd.DataFrame:
    """The sheet that says what each code is."""
    rows = [
        (theme.id, *theme.name.values(), *theme.definition.values()) for theme in codebook.themes
    ]
    names = [codebook.names(lang)[NONE] for lang in ("zh", "en")]
    columns = ["id", "名称", "name", "定义", "definition"]
    return pd.DataFrame([*rows, (NONE, *names, "", "")], columns=columns)


def taken(path: Path, codebook: str) -> pd.DataFrame:
    """What was collected of a codebook, with `where` each row stands.

    InputError if there is none, or a place or wave is no number.
    """
    codes = judged.kept(path, SENTENCES.kept)
    lines = [line for line, _ in tables.records(path)[1]] if len(codes) else []
    codes = codes.assign(where=[f"{path}:{line}" for line in lines])
    numbers = ("wave", "raw_start", "raw_end")
    for line, row in zip(lines, tables.rows(codes), strict=True):
        for column in numbers:
            if not (held := str(getattr(row, column))).isdecimal():
                said = f"{column} is {held!r}; it must be a whole number."
                raise InputError(said, path=path, line=line)
    own = codes[codes["codebook"] == codebook].reset_index(drop=True)
    if own.empty:
        said = f"holds no code by {codebook}; `gongbao coding collect` puts them there."
        raise InputError(said, path=path)
    return own.astype(dict.fromkeys(numbers, int))

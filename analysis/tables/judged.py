"""Sheets of words and of hits that somebody fills in: each row as it was written, each one signed.

Every row carries a seal of what was written into it, so that a changed sentence, a row that stands
twice and one of another sheet are told when it is read back. Who judges signs with a name; a
language model signs as `model:NAME` and is called one wherever the name is shown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.kit import InputError, ProblemsError, digest, unknown

from .anyfile import filled, records

MODEL, PERSON = "model:", "person:"
_MODELS = "gpt|claude|gemini|llama|qwen|deepseek|mistral|glm|kimi|通义|文心|豆包|混元|大模型"
_LIKE_A_MODEL = re.compile(_MODELS, re.IGNORECASE)

Row = tuple[int, dict[str, str]]


def seal(cells: Iterable[object]) -> str:
    """What some cells are told by, whatever a workbook does to white space and numbers."""
    plain = ("".join(filter(str.isprintable, str(cell).split())) for cell in cells)
    return digest("\n".join(one.removesuffix(".0").replace("\ufffd", "") for one in plain))[:12]


def blank(path: Path, column: str) -> None:
    """InputError if a sheet cannot be written there: not .xlsx, or one that somebody filled in."""
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"-o {path}: the name must end in .xlsx.")
    for line, row in filled(path, column):
        said = f"is filled in already ({column} is {row[column]!r}); name a new file."
        raise InputError(said, path=path, line=line)


def rows(
    path: Path, columns: Sequence[str], fixed: Sequence[str]
) -> tuple[list[Row], list[InputError]]:
    """The rows of a sheet that are as they were written, once; a refusal for each other one.

    InputError if it is another table.
    """
    header, lines = records(path)
    if missing := [name for name in columns if name not in header]:
        said = f"the columns {', '.join(missing)} are missing; take the sheet that was written."
        raise InputError(said, path=path, line=1)
    first: dict[str, int] = {}
    good, bad = [], []
    for line, cells in lines:
        own = cells["seal"]
        if own != seal(cells[name] for name in fixed):
            said = f"one of {', '.join(fixed)} is not as it was written; put the row back."
            bad.append(InputError(said, path=path, line=line))
        elif own in first:
            said = f"is the row of line {first[own]} once more; keep one."
            bad.append(InputError(said, path=path, line=line))
        else:
            first[own] = line
            good.append((line, cells))
    return good, bad


def at_cell(path: Path, line: int, header: Sequence[str], column: str, message: str) -> InputError:
    """A refusal of one cell, which it names as a spreadsheet does."""
    from openpyxl.utils import get_column_letter

    cell = f"{get_column_letter(header.index(column) + 1)}{line}"
    return InputError(f"cell {cell} ({column}): {message}", path=path, line=line)


def refused(bad: Iterable[InputError]) -> ProblemsError:
    """All refusals of a sheet, in the order of its rows."""
    ordered: list[InputError] = sorted(bad, key=lambda one: one.line or 0)
    return ProblemsError(ordered)


def signed(name: str) -> str:
    """A coder as recorded; ValueError for none, and for a model's name that does not say so."""
    name = name.strip()
    if not name.removeprefix(MODEL).removeprefix(PERSON).strip():
        raise ValueError("coder is empty; sign the row, or say --coder NAME (model:NAME).")
    if name.startswith(PERSON):
        return name.removeprefix(PERSON).strip()
    if not name.startswith(MODEL) and _LIKE_A_MODEL.search(name):
        said = f"coder {name!r} looks like a language model; write {MODEL}{name}, or"
        raise ValueError(f"{said} {PERSON}{name} for a person of that name.")
    return name


def called(coder: str) -> str:
    """A coder in a sentence.

    >>> called("model:m-1"), called("王")
    ('m-1, a language model', '王')
    """
    name = coder.removeprefix(MODEL)
    return name if name == coder else f"{name}, a language model"


def dated(text: str) -> str:
    """A day as it was given; ValueError for what is none."""
    day = text.strip().removesuffix(" 00:00:00")  # a workbook's date
    try:
        return dt.date.fromisoformat(day).isoformat() if day else ""
    except ValueError:
        raise ValueError(f"date is {text!r}; write it as 2025-03-09.") from None


def chosen(cells: Mapping[str, str], column: str, words: Mapping[str, str]) -> str:
    """What a cell says, in the words of the suite; ValueError for anything else."""
    text = cells[column].strip().lower()
    if text and text not in words:
        raise ValueError(unknown(column, cells[column], [*words]))
    return words.get(text, "")


def beside(topics: Path, kind: str) -> Path:
    """The file beside a file of lists that keeps what was said of it: LIST.KIND.csv."""
    return topics.with_name(f"{topics.name}.{kind}.csv")


def kept(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """What a file of judgements holds, as text; no row where there is none.

    InputError for other columns.
    """
    columns = list(columns)
    if not path.exists():
        return pd.DataFrame(columns=columns)
    header, lines = records(path)
    if header != columns:
        raise InputError(f"the columns must be {', '.join(columns)}.", path=path, line=1)
    return pd.DataFrame([row for _, row in lines], columns=columns)

"""A table as a .dta file for Stata: plain names, labels, the same bytes each time.

Stata 14 and later hold Chinese as text and labels, but names are safest in ASCII; Stata 13 holds
no Chinese at all, so there it is spelled in pinyin. A cell that is empty is a missing number, a
column of few set words (a level, a reason) becomes numbers with value labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.kit import files

LONGEST, LABEL = 32, 80
"""Characters of a name, and of a label."""

OLD = 13
"""The oldest Stata that is written for; the others are 14 and later."""

_STRL = 2045  # bytes of a text from which on it is a strL
_WHEN = datetime(2000, 1, 1)
_TAKEN = re.compile(
    "aggregate|array|boolean|break|byte|case|catch|class|colvector|complex|const|continue|default|"
    "delegate|delete|do|double|else|eltypedef|end|enum|explicit|export|external|float|for|friend|"
    "function|global|goto|if|in|inline|int|local|long|NULL|pragma|protected|quad|rowvector|short|"
    r"str\d*|strL|typedef|typename|using|virtual|with"
)
_MARKS = str.maketrans("，。；：、！？（）“”‘’《》〈〉—–…·　％", ",.;:,!?()\"\"''<><>--.. %")


def spelled(text: str) -> str:
    """A text in ASCII: Chinese in pinyin, marks as the nearest there are, the rest `?`.

    >>> spelled("厦门市（2022）"), spelled("GDP")
    ('xiamenshi(2022)', 'GDP')
    """
    if text.isascii():
        return text
    from pypinyin import lazy_pinyin

    plain = "".join(lazy_pinyin(text)).translate(_MARKS)
    return plain.encode("ascii", "replace").decode()


def names(texts: Iterable[str], longest: int = LONGEST) -> list[str]:
    """A name of letters, digits and _ for each text, no two the same.

    >>> names(["数字经济", "数字 经济!", "year", "2020", "if"])
    ['shuzijingji', 'shuzijingji_2', 'year', 'v2020', 'if_']
    """
    found: dict[str, None] = {}
    for text in texts:
        plain = spelled(text if text.isascii() else re.sub(r"[\W_]+", "", text))
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", plain).strip("_") or "v"
        plain = plain if plain[0].isalpha() else f"v{plain}"
        plain = f"{plain}_" if _TAKEN.fullmatch(plain) else plain
        name, number = plain[:longest], 2
        while name in found:
            name = f"{plain[: longest - 1 - len(str(number))]}_{number}"
            number += 1
        found[name] = None
    return list(found)


def write(
    frame: pd.DataFrame,
    target: Path,
    *,
    labels: Mapping[str, str],
    coded: Mapping[str, Mapping[str, str]] = {},
    title: str = "",
    stata: int = OLD + 1,
) -> None:
    """Write a table as .dta: the same frame gives the same bytes.

    Parameters
    ----------
    labels : of columns; cut at `LABEL` characters. A column whose name had to change has the old
        one in its label.
    coded : columns of few set words, with the label of each: they are numbers from 1.
    stata : with `OLD` no Chinese is in the file.
    """
    columns = [str(column) for column in frame]
    called = dict(zip(columns, names(columns), strict=True))
    said = {column: labels.get(column, "") for column in columns}
    for column, name in called.items():
        if name != column and column not in said[column]:
            said[column] = " ".join(filter(None, [column, said[column]]))
    plain = spelled if stata <= OLD else str
    held = {called[one]: _column(frame[one], coded.get(one), plain) for one in columns}
    long = [
        name
        for name, made in held.items()
        if made.dtype == object
        and max((len(text.encode()) for text in made.unique()), default=0) > _STRL
    ]
    values: dict[Any, dict[float, str]] = {
        called[column]: {at: plain(words[word]) for at, word in enumerate(words, start=1)}
        for column, words in coded.items()
        if column in called
    }
    with files.replacing(target) as part:
        pd.DataFrame(held).to_stata(
            part,
            write_index=False,
            version=117 if stata <= OLD else 118,
            byteorder="little",
            time_stamp=_WHEN,
            data_label=plain(title)[:LABEL],
            variable_labels={called[one]: plain(text)[:LABEL] for one, text in said.items()},
            value_labels=values,
            convert_strl=long,
        )


def _column(column: pd.Series[Any], words: Mapping[str, str] | None, plain: Any) -> pd.Series[Any]:
    """A column as Stata can hold it."""
    if words is not None:
        codes = {word: at for at, word in enumerate(words, start=1)}
        return column.map(codes).astype("Int8")
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64") if column.isna().any() else _whole(column)
    cells = column.astype(object).where(column.notna(), "")
    texts = {cell: plain(str(cell)).replace("\0", "") for cell in cells.unique()}
    return cells.map(texts).astype(object)


def _whole(column: pd.Series[Any]) -> pd.Series[Any]:
    """Whole numbers as such where Stata has them: up to 2,147,483,620."""
    whole = not pd.api.types.is_float_dtype(column) and column.abs().max() < 2_147_483_620
    return column.astype("int32" if whole else "float64")

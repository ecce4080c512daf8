"""A table of any length, of which a page at a time leaves Python.

Sorting and filtering happen here, on the whole frame; the browser is told the rows that it shows.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.kit import shown

PAGE = 12
"""Rows of a page."""


_COMPARED = re.compile(r"(>=|<=|>|<|=)\s*(-?\d+(?:\.\d+)?)")
_SIGNS = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_SIGNS |= {"=": operator.eq}


@dataclass(frozen=True)
class Ask:
    """What a page is asked for: its first row, and the order and filters of the table.

    `sort` is a column, '' for the frame's own order; `filters` holds for columns the text that
    their cells must hold, or for numbers a comparison: >=10.
    """

    first: int = 0
    sort: str = ""
    descending: bool = False
    filters: dict[str, str] = field(default_factory=dict)


class Lazy:
    """A frame to be shown by pages.

    Parameters
    ----------
    frame : any frame. columns : those that are shown, in their order.
    backwards : columns that are sorted from their last character on, as what stands left of a word.
    said : for columns of codes, what each code is called; what is seen is filtered and sorted.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        columns: Sequence[str],
        backwards: Sequence[str] = (),
        said: Mapping[str, Callable[[Any], str]] = {},
    ):
        self.frame, self.columns, self.backwards = frame, list(columns), set(backwards)
        self._said = {name: one for name, one in said.items() if name in self.columns}
        self._order: tuple[Any, np.ndarray] = (None, np.arange(len(frame)))

    def page(self, ask: Ask, size: int = PAGE) -> dict[str, Any]:
        """The rows of a page: rows (cells as text), places (of the rows in the frame), first.

        matched and total are counts of rows. A column that is not there is no filter and no order;
        a page behind the end is the last one.
        """
        order = self.order(ask)
        last = max(len(order) - 1, 0) // size * size
        first = min(max(ask.first, 0) // size * size, last)
        places = order[first : first + size]
        cut = pd.DataFrame({name: self._seen(name).iloc[places] for name in self.columns})
        rows = [
            [shown.cell(value) for value in row] for row in cut.itertuples(index=False, name=None)
        ]
        found = {"rows": rows, "places": places.tolist(), "first": first}
        return found | {"matched": len(order), "total": len(self.frame)}

    def _seen(self, name: str) -> pd.Series[Any]:
        """A column as it is seen."""
        column = self.frame[name]
        return column.map(self._said[name]) if name in self._said else column

    def order(self, ask: Ask) -> np.ndarray:
        """The places of the rows that pass the filters, in order."""
        wanted = {name: text for name, text in ask.filters.items() if text and name in self.columns}
        key = (ask.sort, ask.descending, tuple(sorted(wanted.items())))
        if self._order[0] != key:
            self._order = key, self._ordered(ask, wanted)
        return self._order[1]

    def _ordered(self, ask: Ask, wanted: dict[str, str]) -> np.ndarray:
        held = np.ones(len(self.frame), dtype=bool)
        for name, text in wanted.items():
            column = self._seen(name)
            if number := pd.api.types.is_numeric_dtype(column) and _COMPARED.fullmatch(
                text.strip()
            ):
                held &= _SIGNS[number[1]](column, float(number[2])).to_numpy(bool)
                continue
            said = column.map(shown.cell) if pd.api.types.is_numeric_dtype(column) else column
            held &= said.astype(str).str.contains(text, case=False, regex=False).to_numpy(bool)
        order = np.flatnonzero(held)
        if ask.sort not in self.columns:
            return order
        values = self._seen(ask.sort).iloc[order].reset_index(drop=True)
        if ask.sort in self.backwards:
            values = values.str[::-1]
        empty = values.isna() | (values == "")
        if values.dtype == object and not any(isinstance(one, str) for one in values[~empty]):
            values = pd.to_numeric(values, errors="coerce")  # numbers, and cells without one
        up = not ask.descending  # a cell that is empty stands last either way
        by = values.mask(empty).sort_values(kind="stable", ascending=up, na_position="last").index
        placed: np.ndarray = order[by.to_numpy()]
        return placed

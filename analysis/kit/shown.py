"""How what the suite hands back shows itself as a cell's last expression.

Text of a report is data and never markup: every piece is escaped. A frame stays a frame: what is
cut out of one is a plain pandas frame again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from . import html
from .values import cell, number

__all__ = ["Concordance", "Panel", "cell", "facts", "framed", "number", "table"]

ROWS = 60
"""Rows that a frame shows of itself."""

_LONG = 60


class Concordance(pd.DataFrame):
    """Keyword in context: what stands left flush to the word, what stands right behind it."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        looks = {"left": "right", "key": "center"}
        return table(self, ["left", "key", "right", "sentence_id", "section", "part"], looks)


class Panel(pd.DataFrame):
    """Figures over the years: what is measured, where and when, and whether it can be joined."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame

    def _repr_html_(self) -> str:
        wanted = ["indicator_id", "region", "year", "value", "unit", "bound", "status"]
        wanted += ["joined", "change", "break_", "sentence_id", "source_id"]
        held = [name for name in wanted if name in self and self[name].map(cell).any()]
        return table(self, held)


def table(
    frame: pd.DataFrame,
    columns: Sequence[str],
    given: Mapping[str, str] | None = None,
    rows: int = ROWS,
) -> str:
    """Some columns of a frame as HTML, its first rows.

    Text is flush left, numbers flush right, other columns as `given`.

    >>> "&lt;b&gt;" in table(pd.DataFrame({"text": ["<b>"]}), ["text"])
    True
    """
    sides = {
        name: "right" if pd.api.types.is_numeric_dtype(frame[name]) else "left" for name in columns
    } | dict(given or {})
    part = frame[list(columns)].head(rows).itertuples(index=False, name=None)
    lines = [[*zip(map(cell, row), sides.values(), strict=True)] for row in part]
    said = {"sides": sides, "lines": lines, "count": len(frame), "long": _LONG}
    return str(html.module("shown.html.j2").table(**said))


def facts(title: str, pairs: Iterable[tuple[str, object]], text: str = "") -> str:
    """A heading, a line of facts and the beginning of a text, as HTML."""
    said = " · ".join(f"{name}: {one}" for name, one in pairs)
    return str(html.module("shown.html.j2").facts(title=title, said=said, text=text))


def framed(page: str) -> str:
    """A whole page inside a cell: its styles stay its own, and nothing in it can run.

    >>> framed('<p class="a">')[:52]
    '<iframe sandbox srcdoc="&lt;p class=&#34;a&#34;&gt;"'
    """
    return str(html.module("shown.html.j2").framed(page=page))

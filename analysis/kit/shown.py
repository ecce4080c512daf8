"""How what the suite hands back shows itself as a cell's last expression.

Text of a report is data and never markup: every piece is escaped. A frame stays a frame: what is
cut out of one is a plain pandas frame again.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

ROWS = 60
"""Rows that a frame shows of itself."""

_LONG = 60
_PLAIN = "tex2jax_ignore mathjax_ignore"  # a $ in a report begins no formula
_CELL = "padding:.15em .6em;vertical-align:top;text-align:{}"


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
    looks = {name: _CELL.format(side) for name, side in sides.items()}
    head = "".join(f'<th style="{looks[name]}">{escape(name)}</th>' for name in columns)
    part = frame[list(columns)].head(rows)
    lines = (
        "".join(_cell(value, looks[name]) for name, value in zip(columns, row, strict=True))
        for row in part.itertuples(index=False, name=None)
    )
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    more = f", {len(part)} shown" if len(part) < len(frame) else ""
    whole = f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    count = f"<p>{len(frame):,} row{'s' * (len(frame) != 1)}{more}</p>"
    return f'<table class="{_PLAIN}" style="font-size:90%">{whole}</table>\n{count}'


def cell(value: Any) -> str:
    """A value as a person reads it: '' for none, ✓ for true, numbers with six digits at most.

    >>> cell(1234.5), cell(float("nan")), cell("法治"), cell(2022)
    ('1,234.5', '', '法治', '2022')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, list | tuple) or not pd.isna(value):
        if not isinstance(value, int | float):
            return str(value)
        year = 1900 <= value <= 2100 and float(value).is_integer()
        return str(int(value)) if year else number(value)
    return ""


def number(value: float, digits: int = 6) -> str:
    """A number as a person reads it: whole ones exactly, others with so many digits, plain ones.

    Thousands are apart; no zeros trail; what stands before the point is never cut.

    >>> number(1162.0), number(4.1), number(1234567.891), number(1 / 3, 4), number(-0.00001234)
    ('1,162', '4.1', '1,234,568', '0.3333', '-0.00001234')
    """
    if not value or not math.isfinite(value) or float(value).is_integer():
        return f"{value:,.0f}"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _cell(value: Any, look: str) -> str:
    text = cell(value)
    short = text if len(text) <= _LONG else text[: _LONG - 1] + "…"
    tip = f' title="{escape(text)}"' if short != text else ""
    return f'<td style="{look}"{tip}>{escape(short)}</td>'


def facts(title: str, pairs: Iterable[tuple[str, object]], text: str = "") -> str:
    """A heading, a line of facts and the beginning of a text, as HTML."""
    said = " · ".join(escape(f"{name}: {one}") for name, one in pairs)
    more = f'<pre style="white-space:pre-wrap">{escape(text)}</pre>' if text else ""
    return f'<div class="{_PLAIN}"><h4>{escape(title)}</h4><p>{said}</p>{more}</div>'


def framed(page: str) -> str:
    """A whole page inside a cell: its styles stay its own, and nothing in it can run.

    >>> framed('<p class="a">')[:54]
    '<iframe sandbox srcdoc="&lt;p class=&quot;a&quot;&gt;"'
    """
    style = "width:100%;height:32rem;border:1px solid #ccc"
    return f'<iframe sandbox srcdoc="{escape(page)}" style="{style}"></iframe>'

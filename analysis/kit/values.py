"""A value as a person reads it."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd


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

"""What was a data frame once and is more now: used as a frame it still works, and says so.

For one version: `study.themes` and `study.indicators` were tables.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any


class Once:
    """Used as the frame that it was, it passes that on with a DeprecationWarning."""

    _table = ""
    _now = ""

    def _frame(self) -> Any:
        said = f"use {self._now} for the table; this stops working in the next version"
        warnings.warn(said, DeprecationWarning, stacklevel=3)
        return getattr(self, self._table)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._frame(), name)

    def __getitem__(self, key: Any) -> Any:
        return self._frame()[key]

    def __len__(self) -> int:
        return len(self._frame())

    def __iter__(self) -> Iterator[Any]:
        return iter(self._frame())

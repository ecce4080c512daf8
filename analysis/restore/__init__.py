"""Broken text in, readable text and the record of every change out (`rules` says the way)."""

import sys
from types import ModuleType
from typing import Any

from .characters import NARROW
from .display import restored_html
from .markup import front_matter
from .phase import NUMERALS
from .record import Edit, Restored, replay
from .remains import Remains, remains
from .rules import KEEP, Script, restore, version

__all__ = [
    "KEEP", "NARROW", "NUMERALS", "Edit", "Remains", "Restored", "Script", "front_matter",
    "remains", "replay", "restore", "restored_html", "version",
]  # fmt: skip


class _Room(ModuleType):
    __call__: Any = staticmethod(restore)  # so that `gb.restore(text)` works beside the room


sys.modules[__name__].__class__ = _Room

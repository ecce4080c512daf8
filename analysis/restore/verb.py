"""The room as its one verb: `gb.restore(text)` works, whoever imported the room before."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from .rules import restore


class Verb(ModuleType):
    """A room that can be called; what is called is `restore`."""

    __call__: Any = staticmethod(restore)


def speak(room: str) -> None:
    """Let a room be called."""
    sys.modules[room].__class__ = Verb

"""Broken text in, readable text and the record of every change out.

    restore(text) -> Restored(raw, text, edits)

`rules` is the chain of steps, `damage` the model of how mirror sites break texts, `search` its
inverse. See `record` for what an edit carries.
"""

from .record import Certainty, Edit, Restored, replay
from .rules import restore

VERSION = "0.1"

__all__ = ["VERSION", "Certainty", "Edit", "Restored", "replay", "restore"]

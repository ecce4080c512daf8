"""Broken text in, readable text and the record of every change out (`rules` says the way)."""

from .characters import NARROW
from .display import restored_html
from .markup import front_matter
from .phase import NUMERALS
from .record import Edit, Restored, replay
from .remains import Remains, remains
from .rules import KEEP, Script, restore, version
from .verb import speak

__all__ = [
    "KEEP", "NARROW", "NUMERALS", "Edit", "Remains", "Restored", "Script", "front_matter",
    "remains", "replay", "restore", "restored_html", "version",
]  # fmt: skip

speak(__name__)

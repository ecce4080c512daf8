"""File → text → sentences: whose report of which year, its parts, its sentences."""

from .identity import Given, Identity, level_of
from .texttable import Columns

__all__ = [
    "Columns",
    "Given",
    "Identity",
    "english",
    "identity",
    "intake",
    "kinds",
    "level_of",
    "parts",
    "places",
    "sentences",
    "texttable",
]

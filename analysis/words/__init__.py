"""Words cut, counted, spread, compared: measures over hits or counts, with their intervals."""

from .counts import PARTS, Counts
from .keywords import PER, interval, lengths, redrawn
from .segment import ENGINES, Segmenter

__all__ = [
    "ENGINES",
    "PARTS",
    "PER",
    "Counts",
    "Segmenter",
    "collocations",
    "counts",
    "dispersion",
    "interval",
    "keyness",
    "keywords",
    "lengths",
    "redrawn",
    "reference",
    "segment",
]

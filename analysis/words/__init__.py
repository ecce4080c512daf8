"""Words cut, counted, spread, compared: measures over hits or counts, with their intervals."""

from . import collocations, counts, dispersion, keyness, keywords, reference, segment  # noqa: F401
from .counts import PARTS, Counts
from .keywords import PER, interval, lengths, redrawn
from .segment import ENGINES, Segmenter

__all__ = ["ENGINES", "PARTS", "PER", "Counts", "Segmenter", "interval", "lengths", "redrawn"]

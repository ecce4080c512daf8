"""Words cut, counted, spread, compared: measures over hits or counts, with their intervals."""

from . import collocations, counts, dispersion, keyness, keywords, near  # noqa: F401
from . import reference, segment, slices  # noqa: F401
from .counts import Counts
from .keywords import PER, interval, lengths, redrawn
from .segment import ENGINES, Segmenter
from .slices import PARTS

__all__ = ["ENGINES", "PARTS", "PER", "Counts", "Segmenter", "interval", "lengths", "redrawn"]

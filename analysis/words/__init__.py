"""Words cut, counted, spread, compared: measures over hits or counts, with their intervals."""

from . import (  # noqa: F401
    collocations,
    communities,
    counts,
    dispersion,
    glossary,
    keyness,
    keywords,
    listed,
    near,
    queries,
    reference,
    segment,
    similarity,
    slices,
)
from .counts import Counts, lengths
from .keywords import PER, interval, redrawn
from .segment import ENGINES, Segmenter
from .slices import PARTS

__all__ = ["ENGINES", "PARTS", "PER", "Counts", "Segmenter", "interval", "lengths", "redrawn"]

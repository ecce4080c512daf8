"""Numbers in sentences → indicators of regions and years → what may stand beside what."""

from .codebook import Headline, Indicator, IndicatorCodebook, problems
from .headline import UNJUDGED
from .selection import Selection

__all__ = [
    "UNJUDGED",
    "Headline",
    "Indicator",
    "IndicatorCodebook",
    "Selection",
    "headline",
    "problems",
    "quantities",
    "review",
    "trends",
]

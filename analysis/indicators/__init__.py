"""Numbers in sentences → indicators of regions and years → what may stand beside what."""

from .codebook import Headline, Indicator, IndicatorCodebook, problems
from .headline import UNJUDGED

__all__ = [
    "UNJUDGED",
    "Headline",
    "Indicator",
    "IndicatorCodebook",
    "headline",
    "problems",
    "quantities",
    "review",
    "trends",
]

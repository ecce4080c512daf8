"""Numbers in sentences → indicators of regions and years → what may stand beside what."""

from . import commitments, followups, outcomes
from .codebook import Headline, Indicator, IndicatorCodebook, problems
from .headline import UNJUDGED, UNSURE
from .selection import Selection

__all__ = [
    "UNJUDGED", "UNSURE", "Headline", "Indicator", "IndicatorCodebook", "Selection", "commitments",
    "followups", "headline", "outcomes", "problems", "quantities", "review", "trends",
]  # fmt: skip

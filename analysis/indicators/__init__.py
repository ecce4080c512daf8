"""Numbers in sentences → indicators of regions and years → what may stand beside what."""

from .codebook import Headline, Indicator, IndicatorCodebook, problems
from .headline import UNJUDGED
from . import commitments, followups, outcomes  # noqa: F401
from .selection import Selection

__all__ = [
    "UNJUDGED",
    "Headline",
    "Indicator",
    "IndicatorCodebook",
    "Selection",
    "commitments",
    "followups",
    "headline",
    "outcomes",
    "problems",
    "quantities",
    "review",
    "trends",
]

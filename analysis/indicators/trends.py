"""Indicators over regions and years: what stands beside each other, and what may be joined.

Missing stays missing. Two figures are compared only if they are comparable: the same unit
(synonyms count as the same), definition and kind, calendar years, both exact; and they are joined
only over consecutive years. Where they are not, the reason is on record. `selection` says which
figures count and how two differ; `series` holds a region against itself, `targets` what was
planned against what was reported, `beside` a region against others.
"""

from __future__ import annotations

from .beside import RANKED, by_year, in_year, known, members, peers
from .selection import Selection
from .series import COLUMNS, breaks, cite, panel, slope
from .targets import ABOUT, against_targets, dated, planned, with_targets

__all__ = [
    "ABOUT",
    "COLUMNS",
    "RANKED",
    "Selection",
    "against_targets",
    "breaks",
    "by_year",
    "cite",
    "dated",
    "in_year",
    "known",
    "members",
    "panel",
    "peers",
    "planned",
    "slope",
    "with_targets",
]

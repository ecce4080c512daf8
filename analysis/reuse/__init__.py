"""Who says what another said before: passages that reports share, and whose they were first."""

from .classing import KINDS, NEW
from .edits import changes
from .found import ORIGINS, Found, Rules, find
from .shares import BY, first_uses, matrix, shares, stands
from .texts import moments

__all__ = [
    "BY", "KINDS", "NEW", "ORIGINS", "Found", "Rules", "changes", "find", "first_uses",
    "matrix", "moments", "shares", "stands",
]  # fmt: skip

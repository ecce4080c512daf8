"""Who says what another said before: passages that reports share, and whose they were first."""

from .classing import KINDS, NEW
from .found import Found, Rules, find

__all__ = ["KINDS", "NEW", "Found", "Rules", "find"]

"""From a number back to the file: the hits behind a row, and the way from a place to raw bytes."""

from .hits import COUNTED, PAIRS, behind, of, places

__all__ = ["COUNTED", "PAIRS", "behind", "marks", "of", "places", "trail"]

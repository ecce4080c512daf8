"""A folder of reports opened as tables, and the way from its figures back."""

from .finding import Finding, drawing
from .study import Study
from .trace import trace

__all__ = [
    "Finding", "Study", "adding", "catalogue", "cells", "compare", "drawing", "finding", "joins",
    "panel", "panelbook", "query", "robust", "shards", "store", "topics", "trace",
]  # fmt: skip

"""A folder of reports opened as tables, and the way from its figures back."""

from .study import Study
from .trace import trace

__all__ = [
    "Study", "adding", "catalogue", "cells", "compare", "joins", "judged", "panel", "panelbook",
    "precision", "query", "robust", "shards", "store", "topics", "trace", "wordlist",
]  # fmt: skip

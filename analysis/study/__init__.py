"""A folder of reports opened as tables, and the way from its figures back."""

from .finding import Finding, drawing
from .study import Study
from .trace import trace

__all__ = [
    "Finding", "Study", "adding", "build", "catalogue", "codebook_page", "compare", "drawing",
    "finding", "promises", "query", "shards", "sources", "store", "strings", "trace", "workers",
]  # fmt: skip

"""A topic's attention by region and year: lists of words, what they count, the table, its codebook.

`topics` says what is looked for, `cells` what a panel is summed from, `panel` makes the table and
`joins` what stands beside it; `panelbook` writes both with their codebook, `robust` repeats it
under other choices. `wordlist` helps to find a topic's words, `precision` to see how right they
are.
"""

__all__ = [
    "cells", "joins", "panel", "panelbook", "precision", "robust", "topics",
    "wordlist",
]  # fmt: skip

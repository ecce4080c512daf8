"""Every figure of the suite, by its name: a table in, a matplotlib figure out.

    gb.figures.top_terms(table)

`draw` says what each is called, `look` how all of them look, `own` what one may ask of that,
`cut` what was left out.
"""

from . import cut, draw, gloss, look, own
from .draw import *  # noqa: F403

__all__: list[str] = ["cut", "draw", "gloss", "look", "own", *draw.__all__]  # noqa: PLE0604

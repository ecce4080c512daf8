"""Every figure of the suite, by its name: a table in, a matplotlib figure out.

    gb.figures.top_terms(table)

`draw` says what each is called, `look` how all of them look, `own` what one may ask of that,
`cut` what was left out, `reuse` when passages are a list.
"""

from . import cut, draw, gloss, look, own, reuse
from .draw import *  # noqa: F403

__all__: list[str] = ["cut", "draw", "gloss", "look", "own", "reuse"]
__all__ += draw.__all__

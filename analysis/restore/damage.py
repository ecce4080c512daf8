"""How a mirror site breaks a text: the forward model.

A simplified page is converted to traditional characters one by one, some characters get a pinyin
gloss, the bytes are GBK, and here and there a stray byte (A1, half of an indenting full-width
space) puts the decoder one byte out of phase until the next byte below 0x80:

    bytes   A1 | A3 A8 | C8 FD | A3 A9 | CC E1 ...      stray, （, 三, ）, 提
    read    A1 A3 | A8 C8 | FD A3 | A9 CC | E1 ...      。ㄈ, nothing (undefined), ┨ ...

`search` accepts a reading of a broken passage only if `show` turns it into that passage.
benchmarks/mangle.py breaks whole texts with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .characters import decoded, encoded

STRAY = 0xA1


def seen(stray: int, chars: Iterable[str]) -> Iterator[str | None]:
    """Yield what shows between each of `chars` and the one before it: None for a lost pair.

    The first stands behind `stray`. The last is followed by its second byte, where that is below
    0x80 and shows alone.

    Raises ValueError for a character behind the end of the run.
    """
    pending = stray
    for char in chars:
        if pending <= 0x80:
            raise ValueError(f"{char!r} stands behind the end of the run")
        lead, trail = encoded()[char]
        yield decoded().get((pending, lead))
        pending = trail
    yield chr(pending) if pending < 0x80 else ""


def show(stray: int, chars: Iterable[str]) -> tuple[str, int]:
    """Return how `chars` look when `stray` stands before them, and how many pairs vanish.

    The run must end where the bytes are in phase again: with a character whose second byte is
    below 0x81, or before an ASCII character, which makes the last byte vanish.

    >>> show(0xA1, "（三）提增立法質")
    ('。ㄈ┨嵩隽⒎ㄙ|', 1)
    """
    shown = list(seen(stray, chars))
    return "".join(piece or "" for piece in shown), shown.count(None)

"""How a mirror site breaks a text: the forward model.

A simplified page is converted to traditional characters one by one, some characters get a pinyin
gloss, the bytes are GBK, and here and there a stray byte (A1, half of an indenting full-width
space) puts the decoder one byte out of phase until the next byte below 0x80:

    bytes   A1 | A3 A8 | C8 FD | A3 A9 | CC E1 ...      stray, （, 三, ）, 提
    read    A1 A3 | A8 C8 | FD A3 | A9 CC | E1 ...      。ㄈ, nothing (undefined), ┨ ...

`mangle` does this on purpose. It serves twice: benchmarks and tests break clean texts with it,
and `search` accepts a reading of a broken passage only if `show` turns it into that passage.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from .characters import NARROW, decoded, encoded, forms

STRAY = 0xA1


@dataclass(frozen=True)
class Site:
    """The habits of one mirror site.

    `glosses` maps a character as shown to its reading; before the characters of the clean text at
    `slips` there is a stray byte; `foot` are whole lines behind it.
    """

    glosses: Mapping[str, str] = field(default_factory=dict)
    slips: tuple[int, ...] = ()
    foot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """An out-of-phase run: its place in the clean text and in the mangled one."""

    start: int
    end: int
    raw_start: int
    raw_end: int
    dropped: int


def convert(text: str) -> str:
    """Return `text` in traditional characters as mirrors write them, one for one.

    >>> convert("着力规范干部，后台")
    '著力規范干部，后臺'
    """
    return text.translate({ord(simple): shapes[0] for simple, shapes in forms().items()})


def mangle(text: str, site: Site) -> str:
    """Return `text` as `site` would show it."""
    return mangle_with_runs(text, site)[0]


def mangle_with_runs(text: str, site: Site) -> tuple[str, list[Run]]:
    """Return `text` as `site` would show it, and where the out-of-phase runs are."""
    shown, slips = convert(text), set(site.slips)
    raw = ""
    runs: list[Run] = []
    at = 0
    while at < len(shown):
        end = _end_of_run(shown, at, site) if at in slips else at
        if end > at:
            piece, dropped = show(STRAY, shown[at:end])
            runs.append(Run(at, end, len(raw), len(raw) + len(piece), dropped))
        else:
            end = at + 1
            piece = shown[at]
        last = shown[end - 1]
        piece += f"({site.glosses[last]})" if last in site.glosses else ""
        raw += piece.translate(NARROW)
        at = end
    return ("\n".join([raw.removesuffix("\n"), *site.foot]) if site.foot else raw), runs


def _end_of_run(shown: str, at: int, site: Site) -> int:
    """Return where a run from `at` is in phase again."""
    for end in range(at, len(shown)):
        char = shown[end]
        if char not in encoded():
            return end
        if encoded()[char][1] <= 0x80 or char in site.glosses:
            return end + 1
    return len(shown)


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

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

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .tables import NARROW, decoded, encoded, forms, private

STRAY = 0xA1


@dataclass(frozen=True)
class Slip:
    """A stray byte before the clean text's character at `at`."""

    at: int
    stray: int = STRAY


@dataclass(frozen=True)
class Site:
    """The habits of one mirror site.

    `glosses` maps a character as shown to its reading; `slips` are places in the clean text.
    `private` shows undefined pairs as private-use characters where there is one, `lost` stands
    for other undefined pairs and lone bytes ("" or "?"). `head` and `foot` are whole lines.
    """

    traditional: bool = True
    glosses: Mapping[str, str] = field(default_factory=dict)
    slips: tuple[Slip, ...] = ()
    narrow: bool = True
    private: bool = False
    lost: str = ""
    head: tuple[str, ...] = ()
    foot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """An out-of-phase run: its place in the clean text and in the mangled one (without head)."""

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
    return text.translate(_table())


def _table() -> dict[int, str]:
    return {ord(simple): shapes[0] for simple, shapes in forms().items()}


def mangle(text: str, site: Site) -> str:
    """Return `text` as `site` would show it."""
    return mangle_with_runs(text, site)[0]


def mangle_with_runs(text: str, site: Site) -> tuple[str, list[Run]]:
    """Return `text` as `site` would show it, and where the out-of-phase runs are."""
    shown = convert(text) if site.traditional else text
    slips = {slip.at: slip.stray for slip in site.slips}
    pieces: list[str] = []
    runs: list[Run] = []
    length = at = 0
    while at < len(shown):
        if at in slips:
            piece, end, dropped = _run(shown, at, slips[at], site)
            if end > at:
                runs.append(Run(at, end, length, length + len(piece), dropped))
        else:
            piece, end = shown[at], at + 1
        if end > at:
            piece += _gloss(shown[end - 1], site)
        if site.narrow:
            piece = piece.translate(_NARROW)
        pieces.append(piece)
        length += len(piece)
        slips.pop(at, None)
        at = end
    lines = [*site.head, "".join(pieces).removesuffix("\n"), *site.foot]
    return ("\n".join(lines) if site.head or site.foot else "".join(pieces)), runs


_NARROW = {ord(wide): narrow for wide, narrow in NARROW.items()}


def _gloss(char: str, site: Site) -> str:
    return f"({site.glosses[char]})" if char in site.glosses else ""


def _run(shown: str, at: int, stray: int, site: Site) -> tuple[str, int, int]:
    """Return what a run from `at` shows, where the text is in phase again, and the lost pairs."""
    end = at
    while end < len(shown) and shown[end] in encoded():
        if encoded()[shown[end]][1] <= 0x80 or shown[end] in site.glosses:
            end += 1
            break
        end += 1
    piece, dropped = show(stray, shown[at:end], private_use=site.private, lost=site.lost)
    return piece, end, dropped


def show(
    stray: int, chars: Iterable[str], *, private_use: bool = False, lost: str = ""
) -> tuple[str, int]:
    """Return how `chars` look when `stray` stands before them, and how many pairs vanish.

    The run must end where the bytes are in phase again: with a character whose second byte is
    below 0x81, or before an ASCII character, which makes the last byte vanish.

    >>> show(0xA1, "（三）提增立法質")
    ('。ㄈ┨嵩隽⒎ㄙ|', 1)
    """
    bytes_of, char_of = encoded(), decoded()
    pending: int | None = stray
    out: list[str] = []
    dropped = 0
    for char in chars:
        lead, trail = bytes_of[char]
        if pending is None:
            raise ValueError(f"{char!r} stands behind the end of the run")
        seen = char_of.get((pending, lead))
        if seen is None and private_use:
            seen = private().get((pending, lead))
        dropped += seen is None
        out.append(lost if seen is None else seen)
        pending = trail if trail > 0x80 else None
        if trail < 0x80:
            out.append(chr(trail))
        elif trail == 0x80:
            out.append(lost)
    if pending is not None:
        out.append(lost)
    return "".join(out), dropped

"""Clean texts → what a mirror site would show: benchmarks and tests break texts with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analysis.restore import NARROW
from analysis.restore.characters import encoded, forms
from analysis.restore.damage import STRAY, show


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

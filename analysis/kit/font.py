"""The font that holds the Chinese characters of figures and pages."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path

FONTS = (
    ("Noto Sans SC", "pylopdf_fonts_zh_cn", "sans_path"),
    ("Noto Serif SC", "pylopdf_fonts_zh_cn", "serif_path"),
)

_FALLBACKS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC")


@lru_cache
def file(family: str = "Noto Sans SC") -> Path:
    """The file of a CJK font by its family, registered with matplotlib.

    The fonts come with the package's dependencies; where they are missing, the first of a named
    list of system fonts is taken.

    LookupError if neither is there, naming the wheel to install.
    """
    from matplotlib.font_manager import fontManager

    for name, module, function in FONTS:
        if name == family:
            try:
                path = Path(getattr(import_module(module), function)())
            except ImportError:
                break
            _alone(name, path)
            return path
    for entry in fontManager.ttflist:
        if entry.name in _FALLBACKS:
            return Path(entry.fname)
    raise LookupError(f"no font for Chinese: {family} is missing; install pylopdf-fonts-zh-cn.")


def _alone(family: str, path: Path) -> None:
    """Register a font as the only one of its family: another of that name would be taken too."""
    from matplotlib.font_manager import fontManager

    others = [one for one in fontManager.ttflist if one.name == family and one.fname != str(path)]
    for other in others:
        fontManager.ttflist.remove(other)
    fontManager.addfont(path)

"""One's own look: size, colours, fonts, order and number of rows, and a style sheet of one's own.

Every option is held against what it may be before anything is drawn. A sheet is read here and not
by matplotlib, which passes over a wrong line; its sha256 stands in the figure's record.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.colors import is_color_like, to_hex
from matplotlib.font_manager import fontManager

from analysis.kit import InputError, font, must_occur, unknown

SUFFIX = ".mplstyle"
OPTIONS = ("width", "height", "palette", "font", "order", "rows", "gloss")
"""What may be asked for, by name."""

_SIZES = {"width": (60, 500), "height": (40, 500)}  # in millimetres
GLOSSES = ("known", "none")
"""Whether words of English figures have their glosses: those that are known, or none."""

_ROWS = (1, 200)
_SAID = re.compile(r"""(?:"[^"]*"|'[^']*'|[^"'#])*""")  # a line without its comment
_CJK = "Noto Sans SC"
_OURS: tuple[str, ...] = ("svg.", "pdf.", "ps.", "savefig.", "text.", "path.", "agg.", "date.")
_OURS += ("figure.dpi", "figure.autolayout", "figure.constrained", "figure.subplot", "backend")
_OURS += ("interactive", "toolbar", "webagg", "keymap.", "docstring.", "tk.", "macosx.")
_OURS += ("animation.",)
"""Settings that a sheet does not have: how files are written, so that they stay the same."""


@dataclass(frozen=True)
class Look:
    """How a figure is to look: a preset, and what one asked for besides.

    settings : those of a style sheet of one's own. file : which it was, for the record.
    """

    preset: str
    width: float = 0.0
    height: float = 0.0
    palette: tuple[str, ...] = ()
    font: tuple[str, ...] = ()
    order: str = ""
    rows: int = 0
    gloss: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    file: Mapping[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set, compare=False)

    def take_rows(self) -> int:
        """How many rows are asked for, 0 for as many as fit; that it was looked at is kept."""
        self.taken.add("rows")
        return self.rows

    @property
    def said(self) -> dict[str, Any]:
        """What the record says of it; nothing where only a preset was named."""
        options = {name: getattr(self, name) for name in OPTIONS if getattr(self, name)}
        found = {name: [*one] if isinstance(one, tuple) else one for name, one in options.items()}
        return found | ({"style": dict(self.file)} if self.file else {})


def asked(preset: str, **own: Any) -> Look:
    """A preset's look with what one wants otherwise; InputError for what cannot be.

    Parameters
    ----------
    preset : a preset's name, or a .mplstyle file. own : width and height, in millimetres; palette,
        colours that take the place of the first ones; font, a family or several; order, a column
        of the table (`-rate`: the largest first); rows, how many are drawn; gloss, `none`: Chinese
        words of an English figure have no English behind them.
    """
    for name in own:
        if name not in OPTIONS:
            raise InputError(unknown("option", name, OPTIONS))
    given = {name: one for name, one in own.items() if one not in (None, "", 0, (), [])}
    for name, (least, most) in _SIZES.items():
        _within(name, given.get(name), least, most, "a number of millimetres", (int, float))
    must_occur("gloss", [given["gloss"]] if "gloss" in given else [], GLOSSES)
    _within("rows", given.get("rows"), *_ROWS, "a whole number", (int,))
    given |= {name: _listed(given[name]) for name in ("palette", "font") if name in given}
    for color in given.get("palette", ()):
        if not is_color_like(color):
            said = "it must hold colours as #0b5a8a or names as navy"
            raise InputError(f"palette holds {color!r}; {said}.")
    given["palette"] = tuple(map(to_hex, given.get("palette", ())))
    settings, file = sheet(Path(preset)) if preset.endswith(SUFFIX) else ({}, {})
    if "figure.figsize" in settings:
        wide, high = (25.4 * one for one in settings.pop("figure.figsize"))
        given = {"width": wide, "height": high} | given
    if families := given.get("font"):
        settings["font.family"] = _families(families, "font")
    return Look(preset, **given, settings=settings, file=file)


def _within(name: str, value: Any, least: int, most: int, what: str, kinds: Any) -> None:
    fits = isinstance(value, kinds) and not isinstance(value, bool) and least <= value <= most
    if value is not None and not fits:
        raise InputError(f"{name} is {value!r}; it must be {what}, {least} to {most}.")


def _listed(value: Any) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence):
        raise InputError(f"{value!r} is no list of names.")
    return tuple(str(one).strip() for one in parts)


def _families(names: Sequence[str], where: str) -> list[str]:
    """Font families that this machine has, and behind them one that has Chinese characters."""
    known = {entry.name for entry in fontManager.ttflist} | {name for name, _, _ in font.FONTS}
    known |= {"serif", "sans-serif", "monospace"}
    for name in names:
        if name not in known:
            raise InputError(f"{where}: {unknown('font', name, known)}")
    return [*names, *([] if _CJK in names else [_CJK])]


def installed(family: str) -> str:
    """A font family of a style sheet, or what stands in for it on this machine."""
    if family not in {name for name, _, _ in font.FONTS}:
        return family
    file = font.file(family)
    return next(entry.name for entry in fontManager.ttflist if Path(entry.fname) == file)


def sheet(path: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The settings of a style sheet of one's own, and what the record says of the file.

    InputError names file and line of what matplotlib does not know or what a sheet may not set.
    """
    try:
        data = path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError:
        said = "cannot be read; give the path of a .mplstyle file, or the name of a preset."
        raise InputError(said, path=path) from None
    except UnicodeDecodeError:
        raise InputError("is not UTF-8; save it as UTF-8 text.", path=path) from None
    found: dict[str, Any] = {}
    for number, line in enumerate(lines, start=1):
        whole: Any = _SAID.match(line)
        key, colon, value = (one.strip() for one in whole[0].partition(":"))
        if not key + colon:
            continue
        try:
            if not colon:
                raise InputError("is no `name: value`; write it so, or begin it with #.")
            if key not in mpl.rcParams:
                raise InputError(unknown("setting", key, mpl.rcParams))
            if key.startswith(_OURS):
                raise InputError(f"sets {key}, which keeps files the same; leave it out.")
            found[key] = mpl.rcParams.validate[key](value.strip("\"'"))
            if key == "font.family":
                found[key] = _families(found[key], "font.family")
        except InputError as error:
            raise InputError(error.message, path=path, line=number) from None
        except (ValueError, TypeError, KeyError) as error:
            why = " ".join(str(error).split()).rstrip(".")
            said = f"{key} cannot be {value!r} ({why}); correct it or leave it out."
            raise InputError(said, path=path, line=number) from None
    return found, {"file": path.name, "sha256": hashlib.sha256(data).hexdigest()}

"""What all figures share: sizes, colours, the font, their words, how numbers are written."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import matplotlib as mpl
import matplotlib.style
import pandas as pd
import yaml
from matplotlib import rcsetup
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation, Text
from matplotlib.transforms import ScaledTranslation, Transform, blended_transform_factory

from analysis import tables
from analysis.kit import must_occur, safe, shown
from analysis.text import english
from analysis.words import PER

from .own import SUFFIX, Look, asked, installed

SINGLE, DOUBLE = 1, 2
"""Columns of a journal that a figure is wide."""


@dataclass(frozen=True)
class Preset:
    """What a figure is made for: a style sheet of its name, and what such a sheet cannot say.

    widths : of one and two columns, in millimetres. height : of every figure, 0 for what it needs.
    hatched : areas of the second colour are hatched, so that they stand apart in print without
    colour.
    """

    widths: tuple[float, float] = (85.0, 174.0)
    height: float = 0.0
    hatched: bool = False


PRESETS = {
    "en-journal": Preset(),
    "zh-journal": Preset(hatched=True),
    # 16:9; as wide as a slide, 13.33 inches, its smallest letters are of 14.3 points.
    "slides": Preset(widths=(142.24, 142.24), height=80.01),
}
PRESET = "en-journal"
"""The preset of a figure for which none is named."""

INK, MAIN, ACCENT, SOFT = "#333333", "C0", "C1", "C2"
"""Colours: of text, and the first ones of the style sheet's cycle."""

SMALL = 6.0
"""Size of the smallest letters, in points."""

HEAD = 15.6
"""How high a line at the head of a figure is with its margin, in points."""

DEEP = 0.55
"""How much of the full colour the darkest shade of a cell is: a dark number on it can be read."""

_LEGIBLE = 4.5
"""The least contrast of a text with what it stands on (WCAG 2.1, level AA)."""

UNCODED: dict[str, Any] = {"facecolor": "#ededed", "edgecolor": "#8c8c8c"}
"""How a cell or bar of what has no theme is drawn: its frame parts it from a light shade."""


_counts = ContextVar("counts", default="")
_USUAL = Look(PRESET)
_current = ContextVar("look", default=_USUAL)


@contextmanager
def style(preset: str | Look = PRESET, **own: Any) -> Iterator[None]:
    """The look of a preset, for as long as a figure is made or saved.

    InputError for a preset that does not exist, and an option that it cannot have.

    Parameters
    ----------
    preset : its name, or a .mplstyle file. own : what one wants otherwise (`own.asked`).
    """
    look = wanted(preset, **own)
    name = PRESET if look.file else look.preset
    sheets: list[Any] = [Path(__file__).parent / f"{one}.mplstyle" for one in ("gongbao", name)]
    before = _current.set(look)
    try:
        # After a reset: a matplotlibrc of the machine or of the folder changes no figure.
        with (
            mpl.rc_context(),
            matplotlib.style.context([*sheets, dict(look.settings)], after_reset=True),
        ):
            mpl.rcParams["font.family"] = [installed(one) for one in mpl.rcParams["font.family"]]
            if look.palette:
                rest = mpl.rcParams["axes.prop_cycle"].by_key()["color"][len(look.palette) :]
                mpl.rcParams["axes.prop_cycle"] = rcsetup.cycler(color=[*look.palette, *rest])
            yield
    finally:
        _current.reset(before)


def wanted(preset: str | Look, **own: Any) -> Look:
    """The look that is meant: within `style` of a preset that preset's, with what one asked for.

    InputError for a preset that does not exist, and an option that it cannot have.
    """
    if isinstance(preset, Look):
        return preset
    now = _current.get()
    if preset == now.preset and not own:
        return now
    if not preset.endswith(SUFFIX):
        must_occur("preset", [preset], PRESETS)
    return asked(preset, **own)


def _preset(look: Look) -> Preset:
    return PRESETS.get(look.preset, PRESETS[PRESET])


def width(columns: int, preset: str = "") -> float:
    """How wide a figure of one or two columns is in a preset, or the present style, in mm."""
    look = wanted(preset) if preset else _current.get()
    return look.width or _preset(look).widths[columns - 1]


def height(preset: str = "") -> float:
    """How high every figure of a preset, or of the present style, is in mm; 0: what it needs."""
    look = wanted(preset) if preset else _current.get()
    return look.height or _preset(look).height


def points(columns: int) -> float:
    """The same in points."""
    return width(columns) / 25.4 * 72


class Canvas(Figure):
    """A figure that knows the preset it was drawn in, and what it leaves out (`cut.Cut`).

    `sources` are the numbers of the sources that it shows, none where it shows all; `numbered`
    those of them that stand at its marks; `inputs` are files that it was drawn from besides its
    table, for its record.
    """

    look = _USUAL
    cut: Any = None
    foot: Text | None = None
    sources: frozenset[int] = frozenset()
    numbered: frozenset[int] = frozenset()
    inputs: Mapping[str, Any] = MappingProxyType({})


def canvas(columns: int, needs: float, *, laid_out: bool = True) -> Canvas:
    """An empty figure of one or two columns, as high as the style wants or as it needs, in mm.

    laid_out : whether matplotlib places the axes.
    """
    size = width(columns) / 25.4, (height() or needs) / 25.4
    figure = Canvas(figsize=size, layout="constrained" if laid_out else None)
    figure.look = _current.get()
    if figure.look.said:
        figure.inputs = {"look": figure.look.said}
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.03, h_pad=0.03)
    return figure


def foot(figure: Canvas, text: str, columns: int, size: float = 7) -> None:
    """Put a text below all axes; the source line will stand below it (`settle.sign`)."""
    figure.foot = figure.supxlabel(fit(text, columns, 0.94, size), size=size)


def sheet(columns: int, high: float, note: str) -> tuple[Canvas, Axes]:
    """A figure without axes to see: places are points, the note stands below them.

    high : of what is drawn, in points; the note and the source line come on top of it. It stands
    in the middle where the style wants another height.
    """
    lines, foot = _noted(columns, note)
    fixed = height() / 25.4 * 72
    whole = fixed or high + foot
    room = whole - foot - HEAD * bool(fixed)
    figure = canvas(columns, whole / 72 * 25.4, laid_out=False)
    axes = figure.add_axes((0, foot / whole, 1, room / whole))
    axes.set_axis_off()
    axes.set_xlim(0, points(columns))
    axes.set_ylim((high - room) / 2, (high + room) / 2)
    figure.text(0.012, 18 / whole, lines, size=SMALL, color="#666666", va="bottom")
    return figure, axes


def room(columns: int, note: str) -> float:
    """How high what is drawn on a sheet has to be in the present style, in points; 0: as it is."""
    fixed = height() / 25.4 * 72
    return fixed - HEAD - _noted(columns, note)[1] if fixed else 0.0


def _noted(columns: int, note: str) -> tuple[str, float]:
    """The lines of a note, and how high they are with the source line, in points."""
    lines = fit(note, columns, 0.96, SMALL)
    return lines, 7.8 * (lines.count("\n") + 3) + 3


def preset_of(figure: Figure) -> Look:
    """The look that a figure was drawn in."""
    return getattr(figure, "look", _USUAL)


def area(color: str) -> dict[str, Any]:
    """How an area of a colour is filled: hatched too, where colours are not told apart."""
    hatched = _preset(_current.get()).hatched and color != MAIN
    return {"fc": color, "ec": "white", "hatch": "/////", "lw": 0} if hatched else {"fc": color}


def contrast(one: Any, other: Any) -> float:
    """How much two colours differ in light, from 1 to 21 (WCAG 2.1).

    >>> round(contrast("black", "white")), round(contrast("#777777", "white"), 2)
    (21, 4.48)
    """
    dark, light = sorted(map(_light, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _light(color: Any) -> float:
    """The relative luminance of a colour."""
    red, green, blue = (
        one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in to_rgb(color)
    )
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def blended(color: Any, share: float) -> tuple[float, float, float]:
    """A colour laid over white, so much of it."""
    red, green, blue = (1 - share * (1 - one) for one in to_rgb(color))
    return red, green, blue


def ink_on(fill: Any) -> str:
    """The colour of a text on a fill: the usual ink, or of white and black what differs more."""
    if contrast(INK, fill) >= _LEGIBLE:
        return INK
    return max(("white", "black"), key=lambda one: contrast(one, fill))


def inked(color: Any) -> str:
    """A colour for letters on white: itself, or as much darker as they need to be read."""
    red, green, blue = to_rgb(color)
    steps = ((red * by / 50, green * by / 50, blue * by / 50) for by in range(50, -1, -1))
    return to_hex(next(one for one in steps if contrast(one, "white") >= _LEGIBLE))


@cache
def texts() -> dict[str, Any]:
    """What texts.yaml holds: titles, names of rules, and what figures say."""
    return dict(yaml.safe_load(Path(__file__).with_name("texts.yaml").read_text("utf-8")))


def say(lang: str, name: str, **facts: object) -> str:
    """A text of texts.yaml in the language of the figure, filled in."""
    return str(texts()["says"][name][lang]).format_map(facts)


@contextmanager
def counting(what: str) -> Iterator[None]:
    """While it lasts, figures of themes say how sentences were counted; '': nothing is said.

    what : `primary`, once for the theme that a sentence has; `any`, for each theme that it matches;
        `primary_any` and `any_primary` of two codebooks, the first in lines, the other in columns.
    """
    before = _counts.set(what)
    try:
        yield
    finally:
        _counts.reset(before)


def counted(lang: str) -> str:
    """Which of its themes a sentence counts for, where a figure was said to count themes."""
    return say(lang, f"counted_{_counts.get()}") if _counts.get() else ""


def those(lang: str, names: Mapping[str, object], **facts: object) -> list[str]:
    """Of some texts, by name, those that are the case."""
    return [say(lang, name, **facts) for name, holds in names.items() if holds]


def told(lang: str, *parts: str) -> str:
    """Some texts as a sentence, with semicolons between; empty ones are none."""
    return say(lang, "semicolon").join(filter(None, parts))


def uncoded(lang: str, n: int, whole: int, *, drawn: str = "framed", headings: bool = False) -> str:
    """How many sentences have no theme, which share, how they are drawn ('': it is not said)."""
    also = say(lang, "headings_too") if headings else ""
    said = say(lang, "uncoded", n=n, share=f"{n / whole:.0%}" if whole else "", also=also)
    return say(lang, drawn, said=said) if drawn else said


_GROUP = re.compile(r'<g id="mark (\d+) ([^"]*)"(/?)>|<g\b[^>]*?(/?)>|</g>')


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `row_no`, the number that each row has in data.csv, from 1."""
    return table if "row_no" in table else table.assign(row_no=range(1, len(table) + 1))


def mark(artist: Artist, row: int, tip: str) -> None:
    """Say that an artist stands for a row of data.csv (`row_no`), and what its tooltip says.

    Both are kept in its gid, which only the SVG writer looks at: a url would also become a link to
    a local file in the PDF. `linked` makes the link of it.
    """
    artist.set_gid(f"mark {row} {safe(' '.join(tip.split()))}")


def linked(svg: bytes) -> bytes:
    """Put each mark of a figure into a link to its row's evidence, with its tooltip.

    The keyboard stops once at each row, at `mark-rN`, to which the evidence leads back; further
    marks of the row are links for the mouse.
    """
    ends: list[str] = []
    met: set[str] = set()

    def put(tag: re.Match[str]) -> str:
        row, tip, *empty = tag.groups()
        if tag[0] == "</g>":
            return ends.pop()
        if any(empty):
            return "" if row else tag[0]
        ends.append("</a>" if row else "</g>")
        if not row:
            return tag[0]
        which = ' tabindex="-1"' if row in met else f' id="mark-r{row}"'
        met.add(row)
        return f'<a xlink:href="evidence.html#r{row}"{which}><title>{tip}</title>'

    return _GROUP.sub(put, svg.decode("utf-8")).encode("utf-8")


def spoken(svg: bytes, title: str, text: str) -> bytes:
    """An SVG that says by itself what it is: a role that lets its marks be read, title and text."""
    plain = [escape(safe(" ".join(one.split())), quote=False) for one in (title, text)]
    said = "<title>{}</title><desc>{}</desc>".format(*plain).encode()
    head, mark, rest = svg.partition(b"<svg ")
    inside, end, rest = rest.partition(b">")
    return head + mark + b'role="graphics-document document" ' + inside + end + said + rest


def per(lang: str) -> str:
    """What a rate is a rate of."""
    return "每万字符" if lang == "zh" else f"rate per {PER:,} characters"


def fit(text: str, columns: int, share: float = 0.88, size: float = 7) -> str:
    """A text in lines that take up a share of a figure's width, in the present style.

    No more of them than needed, of about the same length: no line is left with one word.
    """
    limit = share * width(columns) / 25.4 * 72 / size
    lines = wrap(text, limit)
    while len(closer := wrap(text, limit := limit - 0.5)) == len(lines) > 1 and limit > 1:
        lines = closer
    return "\n".join(lines)


def tall(*texts: str) -> float:
    """How high lines of titles and axes are, in millimetres."""
    return 3.1 * sum(text.count("\n") + 1 for text in texts)


def wrap(text: str, limit: float) -> list[str]:
    r"""Cut a text into lines at most `limit` ems wide.

    >>> wrap("来源：厦门市 2022", 4)
    ['来源：厦', '门市', '2022']
    >>> wrap("found 19\xa0times", 7)
    ['found', '19\xa0times']
    """
    lines, wide = [""], sum(map(_wide, text))
    spaced = re.findall(r"(?:\S|\xa0)+[^\S\xa0]*|[^\S\xa0]+", text) if wide < len(text) / 2 else []
    fits = spaced and max(ems(piece.rstrip()) for piece in spaced) <= limit
    for piece in spaced if fits else _pieces(text):  # an English text's Chinese words stay whole
        if lines[-1] and ems(lines[-1] + piece.rstrip()) > limit:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def ems(text: str) -> float:
    """About how wide a text is in units of its size; a Chinese character is one, others half."""
    return sum(1.0 if _wide(character) else 0.56 for character in text)


def _pieces(text: str) -> Iterator[str]:
    """Where a line may be cut: around wide characters and behind spaces.

    Never before a stop or behind an opening bracket.
    """
    piece = ""
    for character in text:
        may_cut = _wide(character) or piece[-1:] == " " or _wide(piece[-1:])
        if piece and may_cut and character not in "，。；：、）》”" and piece[-1] not in "（《“":
            yield piece
            piece = ""
        piece += character
    yield piece


def _wide(character: str) -> bool:
    return character != "" and unicodedata.east_asian_width(character) in "WF"


def blank(lang: str, preset: str = PRESET) -> Figure:
    """The figure of a table without rows: a sentence that says so."""
    with style(preset):
        figure = canvas(SINGLE, 30)
        figure.text(0.5, 0.55, say(lang, "blank"), ha="center", size=8)
    return figure


def bars(
    axes: Axes, lengths: pd.Series[float], names: list[str], ends: list[str], ranges: pd.DataFrame
) -> list[Any]:
    """Ranked horizontal bars, the first on top: a name before and a label behind each.

    `ranges` (columns lo and hi, a row a bar, or no rows) are intervals in units of the lengths.
    Returns the bars. What is drawn is marked as the row of its place.
    """
    places = range(len(names))
    drawn = axes.barh(places, lengths, color=MAIN, height=0.68)
    axes.set_yticks(places, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    reach = list(lengths)
    tips = [f"{name}: {end}" for name, end in zip(names, ends, strict=True)]
    for place, row in enumerate(tables.rows(ranges)):
        for line in interval(axes, row.lo, row.hi, place):
            mark(line, place + 1, f"{tips[place]}, {row.lo:.1f}–{row.hi:.1f}")
        reach[place] = max(reach[place], row.hi)
    for place, (bar, tip) in enumerate(zip(drawn, tips, strict=True)):
        mark(bar, place + 1, tip)
        end = annotate(axes, ends[place], (reach[place], place), 2, size=6, color=INK)
        mark(end, place + 1, tip)
    return list(drawn)


def annotate(
    axes: Axes, text: str, place: tuple[float, float], across: float, **look: Any
) -> Annotation:
    """A text some points right of a place, or left of it where `across` is negative."""
    side = "left" if across >= 0 else "right"
    where: dict[str, Any] = {"xytext": (across, 0), "textcoords": "offset points"}
    return axes.annotate(text, place, va="center", ha=side, **where, **look)


def some_years(years: Sequence[int], most: int) -> list[int]:
    """Years that stand at an axis: every one, or every second, fifth, tenth or twentieth.

    >>> some_years(range(2019, 2023), 8), some_years(range(1986, 1998), 8)
    ([2019, 2020, 2021, 2022], [1986, 1988, 1990, 1992, 1994, 1996])
    """
    step = next(one for one in (1, 2, 5, 10, 20) if len(years) / one <= most or one == 20)
    return [year for year in years if year % step == 0]


def below(axes: Axes) -> Transform:
    """A share of the width of axes across; inches from their lower edge up."""
    figure: Any = axes.figure
    corner: Any = axes.transAxes
    up = figure.dpi_scale_trans + ScaledTranslation(0, 0, corner)
    return blended_transform_factory(axes.transAxes, up)


def cells_frame(axes: Axes, columns: Sequence[str], lines: Sequence[str]) -> None:
    """The axes of a table of cells: a name a column, a name a line, no frame."""
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(lines) - 0.5, -0.5)
    shown = [at for at, name in enumerate(columns) if name]
    axes.set_xticks(shown, [columns[at] for at in shown], size=6)
    axes.set_yticks(range(len(lines)), lines, size=6.5)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def years_are(table: pd.DataFrame, at: str, lang: str) -> str:
    """Which years a column holds: those of publication, or those reported on."""
    published = table["published"] if "published" in table.columns else table[at].isna()
    given = at == "published" or table[at].astype(str).equals(published.astype(str))
    return say(lang, "given" if given else "reported")


def interval(axes: Axes, low: float, high: float, place: float) -> list[Line2D]:
    """A horizontal interval that is seen on a dark bar too."""
    return [
        line
        for color, width in (("white", 2.2), (INK, 0.9))
        for line in axes.plot([low, high], [place] * 2, c=color, lw=width, solid_capstyle="butt")
    ]


def intervals(table: pd.DataFrame, scale: float = 1.0) -> pd.DataFrame:
    """The intervals of a sample (lo and hi, times a scale); no rows where the table has none."""
    if {"lo", "hi"} <= set(table.columns) and table["lo"].notna().any():
        return table[["lo", "hi"]].astype(float) * scale
    return table.iloc[:0]


def region_in(region: str, lang: str) -> str:
    """A region as the figure names it: in English by its English name.

    A text that begins with a region keeps what follows a space.

    >>> region_in("厦门市", "en"), region_in("厦门市 2022", "en"), region_in("厦门市", "zh")
    ('Xiamen', 'Xiamen 2022', '厦门市')
    """
    if lang == "zh":
        return region
    name, space, rest = re.split(r"([\s\u3000]|$)", region, maxsplit=1)
    return f"{english.region(name)}{space}{rest}"


def alike(values: Iterable[float]) -> Callable[[float], str]:
    """How numbers that stand beside each other are written: all with as many decimals.

    The largest has three digits that count; a number of whole ones has no decimals.

    >>> said = alike([64, 56.7, 0.817])
    >>> [said(one) for one in (64, 56.7, 0.817)], alike([3, 12])(12)
    (['64.0', '56.7', '0.8'], '12')
    """
    known = [abs(float(one)) for one in values if not pd.isna(one)]
    top = max(known, default=0.0)
    whole = all(one == int(one) for one in known)
    places = 0 if whole or not top else min(4, max(0, 2 - math.floor(math.log10(top))))
    return lambda value: f"{value:,.{places}f}"


def signed(change: float, said: Callable[[float], str]) -> str:
    """A change with its sign, ± for what is written as nothing.

    >>> signed(-7.29, alike([64.2])), signed(0.01, alike([64.2]))
    ('−7.3', '±0.0')
    """
    text = said(abs(change))
    nothing = not text.strip("0.,")
    return ("±" if nothing else "+" if change > 0 else "−") + text


def number(value: float) -> str:
    """A number as a label: with ten digits at most (`shown.number`)."""
    return shown.number(value, 10)


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters, its cut-off end marked."""
    return text if len(text) <= limit else text[: limit - 1] + "…"

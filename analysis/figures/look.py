"""What all figures share: sizes, colours, the font, the source line, how numbers are written."""

from __future__ import annotations

import re
import unicodedata
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.transforms import Bbox

from analysis import tables
from analysis.keywords import PER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.text import Annotation

SINGLE, DOUBLE = 85.0, 174.0
"""Widths of one and two columns of a journal, in millimetres."""

INK, MAIN, SOFT, ACCENT = "#333333", "#0b5a8a", "#9fb8c8", "#c25d00"

UNCODED: dict[str, Any] = {"facecolor": "white", "edgecolor": "#888888", "hatch": "////"}
"""How what has no theme is drawn."""

_FONTS = (
    ("Noto Sans SC", "pylopdf_fonts_zh_cn", "sans_path"),
    ("Noto Serif SC", "pylopdf_fonts_zh_cn", "serif_path"),
)
_FALLBACKS = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC")


@lru_cache
def font(family: str = "Noto Sans SC") -> Path:
    """The file of a CJK font by its family, registered with matplotlib.

    The fonts come with the package's dependencies; where they are missing, the first of a named
    list of system fonts is taken.

    Raises
    ------
    LookupError
        if neither is there, naming the wheel to install.
    """
    for name, module, function in _FONTS:
        if name == family:
            try:
                path = Path(getattr(import_module(module), function)())
            except ImportError:
                break
            fontManager.addfont(path)
            return path
    for entry in fontManager.ttflist:
        if entry.name in _FALLBACKS:
            return Path(entry.fname)
    raise LookupError(f"no font for Chinese: {family} is missing; install pylopdf-fonts-zh-cn.")


@contextmanager
def style() -> Iterator[None]:
    """The suite's look, for as long as a figure is made or saved."""
    family = next(e.name for e in fontManager.ttflist if Path(e.fname) == font())
    with mpl.rc_context(), matplotlib.style.context(Path(__file__).parent / "gongbao.mplstyle"):
        mpl.rcParams["font.family"] = [family]
        yield


def canvas(width: float, height: float) -> Figure:
    """An empty figure of a size in millimetres."""
    figure = Figure(figsize=(width / 25.4, height / 25.4), layout="constrained")
    engine: Any = figure.get_layout_engine()
    engine.set(w_pad=0.03, h_pad=0.03)
    return figure


def say(lang: str, zh: str, en: str) -> str:
    """The text in the language of the figure."""
    return zh if lang == "zh" else en


_GROUP = re.compile(r'<g id="mark (\d+) ([^"]*)"(/?)>|<g\b[^>]*?(/?)>|</g>')


def numbered(table: pd.DataFrame) -> pd.DataFrame:
    """The table with `row_no`, the number that each row has in data.csv, from 1."""
    return table.assign(row_no=range(1, len(table) + 1))


def mark(artist: Artist, row: int, tip: str) -> None:
    """Say that an artist stands for a row of data.csv (`row_no`), and what its tooltip says.

    Both are kept in its gid, which only the SVG writer looks at: a url would also become a link to
    a local file in the PDF. `linked` makes the link of it.
    """
    artist.set_gid(f"mark {row} {' '.join(tip.split())}")


def linked(svg: bytes) -> bytes:
    """Put each mark of a figure into a link to its row's evidence, with its tooltip.

    The keyboard stops once at each row; further marks of the row are links for the mouse.
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
        passed = ' tabindex="-1"' if row in met else ""
        met.add(row)
        return f'<a xlink:href="evidence.html#r{row}"{passed}><title>{tip}</title>'

    return _GROUP.sub(put, svg.decode("utf-8")).encode("utf-8")


MOVABLE = "movable"
"""The gid of a label that may be moved around its point."""

_AROUND = [
    *((0, 5), (0, -5), (5, 0), (-5, 0), (4, 5), (-4, 5), (4, -5), (-4, -5)),
    *((0, 10), (0, -10), (9, 9), (-9, 9), (9, -9), (-9, -9)),
]


def beside(across: float, up: float) -> dict[str, Any]:
    """Where a label stands relative to its point, in points, as arguments of an annotation."""
    return {
        "xytext": (across, up),
        "ha": "center" if across == 0 else "left" if across > 0 else "right",
        "va": "center" if up == 0 else "bottom" if up > 0 else "top",
    }


def settle(figure: Figure) -> None:
    """Move each movable label to the first place around its point where it covers nothing."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    with style():
        _freeze(figure)
        for axes in figure.axes:
            marks = [line for line in axes.lines if line.get_marker() != "None"]
            points = [axes.transData.transform(line.get_xydata()) for line in marks]
            taken = [Bbox.from_bounds(x - 3, y - 3, 6, 6) for line in points for x, y in line]
            for label in axes.texts:
                if label.get_gid() == MOVABLE:
                    taken.append(_place(label, taken, figure.bbox, renderer))


def _freeze(figure: Figure) -> None:
    """Lay the figure out for good and round the places.

    The layout's solver leaves a last digit that differs from process to process.
    """
    for _ in range(2):  # the second pass settles what the first one moved
        figure.draw_without_rendering()
    if figure.get_layout_engine() is not None:
        figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(side, 6) for side in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
    for text in figure.texts:
        x, y = text.get_position()
        text.set_position((round(x, 6), round(y, 6)))
    figure.draw_without_rendering()


def _place(label: Any, taken: list[Bbox], canvas: Any, renderer: Any) -> Bbox:
    """Put a label where it covers nothing; where there is no such place it stays."""
    own = label.xyann
    for across, up in [own, *_AROUND]:
        box = _move(label, across, up, renderer)
        inside = canvas.x0 <= box.x0 and box.x1 <= canvas.x1 and box.y1 <= canvas.y1
        if inside and not box.count_overlaps(taken):
            return box
    return _move(label, own[0], own[1], renderer)


def _move(label: Any, across: float, up: float, renderer: Any) -> Bbox:
    """Put a label beside its point; its box there."""
    where = beside(across, up)
    label.xyann = where["xytext"]
    label.set(ha=where["ha"], va=where["va"])
    box: Bbox = label.get_window_extent(renderer)
    return box


def per(lang: str) -> str:
    """What a rate is a rate of."""
    return "每万字符" if lang == "zh" else f"rate per {PER:,} characters"


def sign(figure: Figure, line: str) -> None:
    """Put the source line inside the figure, at its foot, and settle the labels above it."""
    width = figure.get_figwidth() * 72 / 5.5 - 2
    lines = wrap(line, width)
    height = (len(lines) * 7.2 + 3) / (figure.get_figheight() * 72)
    with style():
        figure.text(
            0.012, 0.008, "\n".join(lines), size=5.5, color="#666666", va="bottom", linespacing=1.25
        )
    engine: Any = figure.get_layout_engine()
    if engine is not None:
        engine.set(rect=(0, height, 1, 1 - height))
    settle(figure)


def wrap(text: str, limit: float) -> list[str]:
    """Cut a text into lines at most `limit` ems wide.

    >>> wrap("来源：厦门市 2022", 4)
    ['来源：厦', '门市', '2022']
    """
    lines = [""]
    for piece in _pieces(text):
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


def blank(lang: str) -> Figure:
    """The figure of a table without rows: a sentence that says so."""
    with style():
        figure = canvas(SINGLE, 30)
        words = say(lang, "没有符合条件的内容", "nothing to show")
        figure.text(0.5, 0.55, words, ha="center", size=8)
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


def years_are(table: pd.DataFrame, at: str, lang: str) -> str:
    """Which years a column holds: those of publication, or those reported on."""
    published = table["published"] if "published" in table.columns else table[at].isna()
    if at == "published" or table[at].astype(str).equals(published.astype(str)):
        return say(lang, "报告发表的年份", "Year the report was given")
    return say(lang, "报告所述的年份", "Year reported on")


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


def number(value: float) -> str:
    """A number as a label: thousands apart, no trailing zeros.

    >>> number(1162.0), number(4.1)
    ('1,162', '4.1')
    """
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.10g}"


def shorten(text: str, limit: int) -> str:
    """A text of at most `limit` characters, its cut-off end marked."""
    return text if len(text) <= limit else text[: limit - 1] + "…"

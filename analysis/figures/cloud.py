"""Where the words of a cloud stand: the package wordcloud lays them out, on boxes in place of them.

wordcloud measures a word from the top of its ink and draws it from the top of its line, so that
words of a Chinese font, whose ink begins lower, collide (1.9.6). Its layout is made with a font of
our own, in which a word is a filled box of the width that the real font gives it and of the height
of a line, or of two with a gloss, from the top of the line: there the two tops are one. The figure
then draws the words themselves, as text, in these places.
"""

from __future__ import annotations

import hashlib
import io
import math
import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from numpy.typing import NDArray

from analysis.kit import InputError

from .look import SMALL

LARGEST = 72.0
"""Points of the largest letters: few words would be a poster."""

_PIXELS = 2  # of the layout, a point
_EM = 1000  # units of the layout's font, an em
_GAP = 6  # pixels between two words
_CLOSER = 0.97  # letters of this size are tried next, where some word found no room
_SMALLEST = 0.5  # points of the largest word: a mask with less room has none
_FIRST = 0xE000  # of the characters that stand for words: those of private use
_GLOSSED = 10.0  # points of a word, from which on its gloss stands below it
_GLOSS, _GLOSS_MOST = 0.36, 12.0  # of a word's size, that of its gloss; points of the largest one
_GLOSS_LINE = 1.3  # of its size, the height of a gloss's line
_WIDER = 1.7  # times as wide as its word a gloss may be
_DARK = 128  # of 255: what is darker is the mask's inside


class Cloud(NamedTuple):
    """Each word's size and the left end of its baseline, in points; width and height of all.

    glosses : the size of each word's gloss, 0 where it has none, and the left end of its baseline.
    """

    sizes: list[float]
    places: list[tuple[float, float]]
    width: float
    height: float
    glosses: list[tuple[float, tuple[float, float]]]


class _Block(NamedTuple):
    """A word and its gloss, if it has one, in points: width of both, height, size of the gloss."""

    word: float
    gloss: float
    high: float
    size: float

    @property
    def wide(self) -> float:
        return max(self.word, self.gloss)


class Mask(NamedTuple):
    """The shape that a cloud fills: where words may not stand, and what file says so."""

    outside: NDArray[np.bool_]
    about: dict[str, str]


def mask(path: str) -> Mask:
    """The dark part of an image; what is transparent is light.

    InputError if the file cannot be read, is no image, or has no dark part.
    """
    from PIL import Image

    place = Path(path)
    try:
        data = place.read_bytes()
    except OSError as error:
        said = f"the mask cannot be read ({error.strerror or error})."
        raise InputError(said, path=place) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an image that unpacks to gigabytes is a warning
            with Image.open(io.BytesIO(data)) as image:
                ground = Image.new("RGBA", image.size, "white")
                ground.alpha_composite(image.convert("RGBA"))
    except Exception as error:  # each format of images fails in its own way
        said = f"the mask is no image that can be read ({error}); give a PNG or JPEG file."
        raise InputError(said, path=place) from None
    outside = np.asarray(ground.convert("L")) >= _DARK
    if outside.all():
        said = "the mask has no dark part for the words to stand in; black is in, white is out."
        raise InputError(said, path=place)
    return Mask(outside, {"file": place.name, "sha256": hashlib.sha256(data).hexdigest()})


def layout(
    words: Sequence[str],
    rates: Sequence[float],
    width: float,
    height: float,
    shape: Mask | None = None,
    *,
    glosses: Sequence[str] = (),
    most: float = LARGEST,
) -> Cloud:
    """Lay words out in the style of the present, letters as large as all of them find room.

    Sizes are in proportion to the rates, which fall; the same words give the same cloud. A gloss
    stands below its word where it can be read there and is not much wider than the word.

    Parameters
    ----------
    width, height : of what the cloud fills, in points; with a mask the most that it may be.
    glosses : of each word, '' for none. most : points of the largest letters.
    """
    outside = None if shape is None else _scaled(shape.outside, width, height)
    if outside is not None:
        height, width = (side / _PIXELS for side in outside.shape)
    rise, fall = _line(words)
    glosses = glosses or [""] * len(words)
    advances = {char: _advance(char) for char in sorted(set("".join([*words, *glosses])))}
    wide = [sum(advances[char] for char in word) for word in words]
    below = [sum(advances[char] for char in gloss) for gloss in glosses]
    shares = [rate / rates[0] for rate in rates]
    room = width * height if outside is None else float((~outside).sum()) / _PIXELS**2
    area = sum(across * share**2 for across, share in zip(wide, shares, strict=True))
    gap = 2 * _GAP / _PIXELS
    fits = [(width - gap) / across / share for across, share in zip(wide, shares, strict=True)]
    fits += [math.sqrt(room / area / (rise + fall)), (height - gap) / (rise + fall)]
    largest = min([*fits, most])

    def blocks() -> list[_Block]:
        sizes = [largest * share for share in shares]
        each = zip(wide, below, sizes, strict=True)
        return [
            _block(word * size, gloss, (rise + fall) * size, size) for word, gloss, size in each
        ]

    while sum(block.wide * block.high for block in blocks()) > room:
        largest *= _CLOSER
    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder) / "boxes.ttf"
        while True:
            laid = blocks()
            ems = [
                (block.wide / (largest * share), block.high / (largest * share))
                for block, share in zip(laid, shares, strict=True)
            ]
            keys = _boxes(ems, font)
            found = _placed(keys, shares, largest, (width, height), outside, font)
            if found is not None:
                break
            largest *= _CLOSER
            if largest < _SMALLEST and shape is not None:
                said = f"the mask {shape.about['file']} has no room for {len(words)} words."
                raise InputError(f"{said[:-1]}; give a larger dark part or fewer words.")
    sizes = [largest * share for share in shares]
    corners = [(left / _PIXELS, height - top / _PIXELS) for left, top in found]
    return Cloud(
        sizes,
        [
            (left + (block.wide - block.word) / 2, top - rise * size)
            for (left, top), block, size in zip(corners, laid, sizes, strict=True)
        ],
        width,
        height,
        [
            (
                block.size,
                (left + (block.wide - block.gloss) / 2, top - block.high + 0.3 * block.size),
            )
            for (left, top), block in zip(corners, laid, strict=True)
        ],
    )


def _block(word: float, gloss: float, high: float, size: float) -> _Block:
    """A word so wide, of a size, with a gloss of so many ems, where that has a place below it."""
    own = min(max(_GLOSS * size, SMALL), _GLOSS_MOST)
    own = max(SMALL, min(own, word / gloss)) if gloss else own
    if not gloss or size < _GLOSSED or own * gloss > _WIDER * word:
        return _Block(word, 0.0, high, 0.0)
    return _Block(word, own * gloss, high + _GLOSS_LINE * own, own)


def _placed(
    keys: Sequence[str],
    shares: Sequence[float],
    largest: float,
    size: tuple[float, float],
    outside: NDArray[np.bool_] | None,
    font: Path,
) -> list[tuple[int, int]] | None:
    """Left and top of each word in pixels, None if some word finds no room at its size.

    wordcloud would make such a word smaller; a step of the whole size makes it give up instead.
    """
    from wordcloud import WordCloud

    pixels = [math.ceil(largest * share * _PIXELS) for share in shares]
    made = WordCloud(
        font_path=str(font),
        width=round(size[0] * _PIXELS),
        height=round(size[1] * _PIXELS),
        mask=None if outside is None else outside * np.uint8(255),
        margin=_GAP,
        prefer_horizontal=1,
        relative_scaling=1,
        max_words=len(pixels),
        max_font_size=pixels[0],
        min_font_size=1,
        font_step=pixels[0],
        color_func=lambda *_, **__: "black",
        random_state=0,
    )
    try:
        found = made.generate_from_frequencies(
            {key: each / pixels[0] for key, each in zip(keys, pixels, strict=True)}
        ).layout_
    except ValueError:  # not even the first word finds room
        return None
    if [each for _, each, *_ in found] != pixels:
        return None
    return [(int(left), int(top)) for _, _, (top, left), *_ in found]


def _scaled(outside: NDArray[np.bool_], width: float, height: float) -> NDArray[np.bool_]:
    """A mask in pixels of the layout, as large as a width and height in points allow."""
    from PIL import Image

    high, wide = outside.shape
    scale = min(width / wide, height / high) * _PIXELS
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    return np.asarray(Image.fromarray(outside).resize(size, Image.Resampling.NEAREST))


def _measured(text: str) -> tuple[float, float, float]:
    """Width, height and descent of a text in the present style's fonts, in ems."""
    font = FontProperties(family=mpl.rcParams["font.family"], size=_EM)
    wide, high, below = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return wide / _EM, high / _EM, below / _EM


def _line(words: Sequence[str]) -> tuple[float, float]:
    """How far the words, and any line of text, reach above and below their baseline, in ems."""
    every = [_measured(text) for text in ("lp", *words)]
    return max(high - below for _, high, below in every), max(below for *_, below in every)


def _advance(char: str) -> float:
    """How far a character pushes on the next one, in ems."""
    return max(0.0, _measured(char * 2)[0] - _measured(char)[0])


def _boxes(ems: Sequence[tuple[float, float]], path: Path) -> list[str]:
    """Write a font that has a filled box for each word, so wide and high, at the top of the line.

    Returns the text of each box: one character again and again, as no glyph may be too wide.
    """
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    times = [math.ceil(wide) for wide, _ in ems]
    sizes = [
        (math.ceil(wide * _EM / many), math.ceil(high * _EM))
        for (wide, high), many in zip(ems, times, strict=True)
    ]
    line = max(high for _, high in sizes)
    named = {f"w{at}": one for at, one in enumerate(sizes)}
    glyphs: dict[str, Any] = {}
    for name, (across, high) in {".notdef": (_EM, line), **named}.items():
        pen = TTGlyphPen(None)
        pen.moveTo((0, line - high))
        for corner in ((0, line), (across, line), (across, line - high)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[name] = pen.glyph()
    font = FontBuilder(_EM)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({_FIRST + at: name for at, name in enumerate(named)})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics({name: (named.get(name, (_EM,))[0], 0) for name in glyphs})
    font.setupHorizontalHeader(ascent=line, descent=0)
    font.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=line, sTypoDescender=0, usWinAscent=line, usWinDescent=0)
    font.setupPost()
    font.save(path)
    return [chr(_FIRST + at) * many for at, many in enumerate(times)]

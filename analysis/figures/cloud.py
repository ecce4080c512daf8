"""Where the words of a cloud stand: the package wordcloud lays them out, on boxes in place of them.

wordcloud measures a word from the top of its ink and draws it from the top of its line, so that
words of a Chinese font, whose ink begins lower, collide (1.9.6). Its layout is made with a font of
our own, every glyph of which is a filled box of the width that the real font gives the character
and of the height of a line: there the two tops are one. The figure then draws the words
themselves, as text, in these places.
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

LARGEST = 72.0
"""Points of the largest letters: few words would be a poster."""

_PIXELS = 2  # of the layout, a point
_EM = 1000  # units of the layout's font, an em
_GAP = 6  # pixels between two words
_CLOSER = 0.97  # letters of this size are tried next, where some word found no room
_SMALLEST = 0.5  # points of the largest word: a mask with less room has none
_DARK = 128  # of 255: what is darker is the mask's inside


class Cloud(NamedTuple):
    """Each word's size and the left end of its baseline, in points; width and height of all."""

    sizes: list[float]
    places: list[tuple[float, float]]
    width: float
    height: float


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
) -> Cloud:
    """Lay words out in the style of the present, letters as large as all of them find room.

    Sizes are in proportion to the rates, which fall; the same words give the same cloud.

    Parameters
    ----------
    width, height : of what the cloud fills, in points; with a mask the most that it may be.
    """
    outside = None if shape is None else _scaled(shape.outside, width, height)
    if outside is not None:
        height, width = (side / _PIXELS for side in outside.shape)
    rise, fall = _line(words)
    advances = {char: _advance(char) for char in sorted(set("".join(words)))}
    wide = [sum(advances[char] for char in word) for word in words]
    shares = [rate / rates[0] for rate in rates]
    room = width * height if outside is None else float((~outside).sum()) / _PIXELS**2
    area = sum(across * share**2 for across, share in zip(wide, shares, strict=True))
    gap = 2 * _GAP / _PIXELS
    fits = [(width - gap) / across / share for across, share in zip(wide, shares, strict=True)]
    fits += [LARGEST, math.sqrt(room / area / (rise + fall)), (height - gap) / (rise + fall)]
    largest = min(fits)
    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder) / "boxes.ttf"
        _boxes(advances, rise + fall, font)
        while (found := _placed(words, shares, largest, (width, height), outside, font)) is None:
            largest *= _CLOSER
            if largest < _SMALLEST and shape is not None:
                said = f"the mask {shape.about['file']} has no room for {len(words)} words."
                raise InputError(f"{said[:-1]}; give a larger dark part or fewer words.")
    sizes = [largest * share for share in shares]
    places = [
        (left / _PIXELS, height - top / _PIXELS - rise * size)
        for (left, top), size in zip(found, sizes, strict=True)
    ]
    return Cloud(sizes, places, width, height)


def _placed(
    words: Sequence[str],
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
        max_words=len(words),
        max_font_size=pixels[0],
        min_font_size=1,
        font_step=pixels[0],
        color_func=lambda *_, **__: "black",
        random_state=0,
    )
    try:
        found = made.generate_from_frequencies(
            {word: each / pixels[0] for word, each in zip(words, pixels, strict=True)}
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


def _boxes(advances: dict[str, float], height: float, path: Path) -> None:
    """Write a font in which each character is a filled box as wide as it and as high as a line."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    high = math.ceil(height * _EM)
    wide = {f"u{ord(char):X}": math.ceil(by * _EM) for char, by in advances.items()}
    glyphs: dict[str, Any] = {}
    for name, across in {".notdef": _EM, **wide}.items():
        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        for corner in ((0, high), (across, high), (across, 0)):
            pen.lineTo(corner)
        pen.closePath()
        glyphs[name] = pen.glyph()
    font = FontBuilder(_EM)
    font.setupGlyphOrder(list(glyphs))
    font.setupCharacterMap({ord(char): f"u{ord(char):X}" for char in advances})
    font.setupGlyf(glyphs)
    font.setupHorizontalMetrics({name: (wide.get(name, _EM), 0) for name in glyphs})
    font.setupHorizontalHeader(ascent=high, descent=0)
    font.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    font.setupOS2(sTypoAscender=high, sTypoDescender=0, usWinAscent=high, usWinDescent=0)
    font.setupPost()
    font.save(path)

"""The word cloud: no word on another, the whole canvas or a mask filled, the same every time."""

import hashlib
from collections.abc import Callable
from itertools import combinations, product
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from PIL import Image, ImageDraw, ImageFont
from wordcloud import WordCloud

from analysis import figures
from analysis.figures import look
from analysis.figures.cut import cut_of
from analysis.kit import InputError
from analysis.kit import font as kit_font


def inked(figure: Figure) -> list[np.ndarray]:
    """The corners of each word's own ink on the cloud's canvas, in points, from its outlines."""
    boxes = []
    with figures.style(look.preset_of(figure)):
        for text in figure.axes[0].texts:
            font = FontProperties(family=mpl.rcParams["font.family"], size=text.get_size())
            outline = TextPath(text.get_position(), text.get_text(), prop=font)
            boxes.append(outline.get_extents().get_points())
    return boxes


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """How far two boxes are apart; below 0 how far they reach into each other."""
    return float(np.maximum(one[0] - other[1], other[0] - one[1]).max())


def cloud_words(count: int) -> pd.DataFrame:
    """Words of one to nine characters, Latin letters among them; rates fall as Zipf's law says."""
    text = "改革创新开放发展协调绿色共享"
    named = [f"{text[at % 8 : at % 8 + 1 + at % 7]}{at}" for at in range(count)]
    named[: min(count, 4)] = ["一带一路", "5G网络", "WTO规则", "行政规范性文件合法性审核"][:count]
    rate = [90 / (1 + at) ** 0.45 for at in range(count)]
    return pd.DataFrame({"key": named, "n": 3, "N_chars": 30_000, "rate": rate})


@pytest.mark.parametrize(
    ("count", "preset"),
    [
        *((1, "slides"), (2, "zh-journal"), *product((25, 60), figures.PRESETS)),
        *(pytest.param(150, preset, marks=pytest.mark.slow) for preset in figures.PRESETS),
    ],
)
def test_no_two_words_of_a_cloud_touch_and_the_cloud_fills_its_canvas(
    count: int, preset: str, faults: Callable[[Figure], list[str]]
) -> None:
    table = cloud_words(count)
    drawn = figures.word_cloud(table, preset=preset)
    boxes = inked(drawn)
    held = [text.get_text() for text in drawn.axes[0].texts]
    if preset == "slides" and count > 25:  # a slide is no higher: the rest would be too small
        assert 30 < len(held) < count
        assert drawn.cut[:3] == ("word", len(held), count)  # type: ignore[attr-defined]
        table = table.head(len(held))
    assert held == list(table["key"])
    for (one, its), (other, beside) in combinations(zip(table["key"], boxes, strict=True), 2):
        assert apart(its, beside) > 0.5, f"{one} lies on {other}"
    (left, right), (low, high) = drawn.axes[0].get_xlim(), drawn.axes[0].get_ylim()
    ends = np.array(boxes)
    assert (ends[:, 0].min(axis=0) > (left, low)).all()
    assert (ends[:, 1].max(axis=0) < (right, high)).all()
    if count >= 25:
        covered = (ends[:, 1] - ends[:, 0]).prod(axis=1).sum() / (right * high)
        assert covered > 0.35  # 0.24 and less of the words on a spiral
        across = ends[:, 1].max(axis=0) - ends[:, 0].min(axis=0)
        assert (across > (0.93 * right, 0.9 * high)).all()
        assert faults(drawn) == []


def test_the_package_alone_lets_words_of_a_chinese_font_collide() -> None:
    """Why boxes are laid out: should this fail one day, wordcloud is mended and they may go."""
    with figures.style():
        path = str(kit_font.file())
    words = dict.fromkeys(cloud_words(25)["key"], 1.0)
    made = WordCloud(path, 1000, 460, random_state=0, prefer_horizontal=1, max_font_size=60)
    drawn = ImageDraw.Draw(Image.new("L", (1000, 460)))
    boxes = [
        np.reshape(drawn.textbbox((left, top), word, ImageFont.truetype(path, size)), (2, 2))
        for (word, _), size, (top, left), *_ in made.generate_from_frequencies(words).layout_
    ]
    touching = [(one, other) for one, other in combinations(boxes, 2) if apart(one, other) < -1]
    assert touching


def ring(path: Path, size: int = 300) -> Path:
    """A black ring on white."""
    image = Image.new("L", (size, size), 255)
    pen = ImageDraw.Draw(image)
    pen.ellipse((10, 10, size - 10, size - 10), fill=0)
    pen.ellipse((110, 110, size - 110, size - 110), fill=255)
    image.save(path)
    return path


def test_a_cloud_stays_inside_its_mask_and_its_record_names_the_file(tmp_path: Path) -> None:
    path = ring(tmp_path / "ring.png")
    drawn = figures.word_cloud(cloud_words(60), mask=str(path))
    high = drawn.axes[0].get_ylim()[1]
    left = (drawn.axes[0].get_xlim()[1] - high) / 2  # the ring stands in the middle
    for box in inked(drawn):
        corners = np.array(list(product(*box.T))) - (left + high / 2, high / 2)
        away = np.hypot(*corners.T) / high * 300
        assert away.max() < 141  # the ring's outer edge is 140 from its middle, its inner 40
        assert away.min() > 39
    found = {"file": "ring.png", "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert cut_of(drawn) == {"mask": found}
    assert cut_of(figures.word_cloud(cloud_words(3))) == {}


def test_a_mask_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("法治")
    Image.new("L", (40, 40), 255).save(tmp_path / "white.png")
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    small = Image.new("L", (400, 400), 255)
    small.putpixel((200, 200), 0)
    small.save(tmp_path / "dot.png")
    for name, said in {
        "none.png": "cannot be read",
        "": "cannot be read",
        "text.png": "is no image",
        "white.png": "no dark part",
        "clear.png": "no dark part",
        "dot.png": "no room for 25 words",
    }.items():
        with pytest.raises(InputError, match=said):
            figures.word_cloud(cloud_words(25), mask=str(tmp_path / name))

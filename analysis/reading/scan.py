"""Pages that are pictures → lines with boxes, and how sure each character is: rapidocr, offline.

Called in a process of its own (`apart`), page by page. Places are points from a page's lower left
corner, as in a PDF; a picture's longer side is an A4 page's. `cut` needs no recognition.
"""

from __future__ import annotations

import base64
import io
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from typing import Any

from analysis.kit import why

LONGEST = (2000, 2800)
"""Pixels of the longer side in which a page is read: of an A4 page (170 dpi), and of a larger or
lying one."""

FOUND = 1600
"""Pixels of the longer side in which lines are looked for: as good as more, with less memory."""

PIXELS = 120_000_000
"""Pixels that a picture may have: an A3 page at 600 dpi has 70 million."""

A4 = 842.0

PAGES = 400
"""Pages of pictures that a file may have: half an hour of work."""

_engine: list[Any] = []


def load() -> None:
    """Open the models, which lie in the package."""
    from importlib import metadata

    import numpy as np
    from rapidocr import RapidOCR

    class Sure(RapidOCR):
        """It would place each word; it keeps how sure each character is in place of that."""

        def calc_word_boxes(self, *of: Any) -> Any:
            return tuple(tuple(one.confs) for one in of[2].word_results)

    one_core = {f"EngineConfig.onnxruntime.{name}_op_num_threads": 1 for name in ("intra", "inter")}
    longest: dict[str, Any]
    longest = {"Global.max_side_len": max(LONGEST), "Global.text_score": 0.0}
    longest |= {"Det.limit_type": "max", "Det.limit_side_len": FOUND}
    engine = Sure(params={**one_core, **longest, "Global.log_level": "critical"})
    white = np.full((48, 320, 3), 255, np.uint8)
    for found in (False, True):  # each opens a model, and the latter stays as it is set
        engine(white, use_det=found, use_cls=False)
    models = (engine.cfg.Det, engine.cfg.Rec)
    named = (f"{one.ocr_version.value} {one.model_type.value}" for one in models)
    packages = (f"{name} {metadata.version(name)}" for name in ("rapidocr", "onnxruntime"))
    _engine[:] = [engine, ", ".join((*packages, *named))]


def scan(
    data: bytes, pages: Sequence[int] = ()
) -> Generator[int, None, tuple[str, dict[str, Any]]]:
    """Recognise pages of a PDF or of a picture; yields how many pages are done.

    Returns '' and `engine`, `pages`: by number, from 1, `width`, `height` (points) and `lines`,
    each with `text`, `box` (left, bottom, right, top) and `scores` (per cent, one a character).
    """
    found: dict[str, Any] = {}
    for done, (number, picture, width, height) in enumerate(_pictures(data, pages), start=1):
        lines = [*_lines(picture, height / picture.height)]
        found[str(number)] = {"width": width, "height": height, "lines": lines}
        yield done
    return "", {"engine": _engine[1], "pages": found}


def cut(data: bytes, boxes: Sequence[Sequence[float]]) -> tuple[str, dict[str, Any]]:
    """Pictures of lines: of each (page, left, bottom, right, top) a PNG in base 64."""
    wanted = sorted({int(box[0]) for box in boxes})
    drawn = {number: one for number, *one in _pictures(data, wanted)}
    made = []
    for page, left, bottom, right, top in boxes:
        picture, _, height = drawn[int(page)]
        scale, edge = picture.height / height, 3.0
        place = (left - edge, height - top - edge, right + edge, height - bottom + edge)
        line = picture.crop([round(side * scale) for side in place])
        line.thumbnail((760, 120))
        kept = io.BytesIO()
        line.convert("L").quantize(8).save(kept, "PNG", optimize=True)
        made.append(base64.b64encode(kept.getvalue()).decode())
    return "", {"pictures": made}


def _pictures(data: bytes, pages: Sequence[int]) -> Iterator[tuple[int, Any, float, float]]:
    """Pages as pictures: number, picture, width and height in points."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS
    if b"%PDF-" in data[:1024]:
        import pypdfium2

        document = pypdfium2.PdfDocument(data)
        _few(len(pages))
        for number in pages:
            page = document[number - 1]
            width, height = page.get_size()
            large = width > height or height > 1.1 * A4
            scale = LONGEST[large] / max(width, height)
            picture = page.render(scale=min(scale, 4.0), grayscale=True).to_pil()
            page.close()
            yield number, picture, width, height
        return
    try:
        opened = Image.open(io.BytesIO(data))
        frames = getattr(opened, "n_frames", 1)
        _few(frames)
        for number in pages or range(1, frames + 1):
            opened.seek(number - 1)
            if opened.width * opened.height > PIXELS:
                many = PIXELS // 10**6
                raise ValueError(f"has more than {many} million pixels; make it smaller.")
            upright = ImageOps.exif_transpose(opened)
            if "A" in upright.getbands() or "transparency" in upright.info:
                upright = upright.convert("RGBA")
                white = Image.new("RGBA", upright.size, "white")
                upright = Image.alpha_composite(white, upright)
            upright = upright.convert("L")
            longer = max(upright.size)
            scale = min(1.0, LONGEST[upright.width > upright.height] / longer)
            if scale < 1:
                size = [max(1, round(side * scale)) for side in upright.size]
                upright = upright.resize(size, Image.Resampling.LANCZOS)
            width, height = (side * A4 / max(upright.size) for side in upright.size)
            yield number, upright, width, height
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        said = why(error)
        raise ValueError(f"is no picture that can be read ({said}); save it as .png.") from None


def _few(pages: int) -> None:
    if pages > PAGES:
        raise ValueError(f"has {pages:,} pages that are pictures; cut it into reports.")


def _lines(picture: Any, points: float) -> Iterator[dict[str, Any]]:
    """The lines that are found on a picture; `points` is the size of one of its pixels."""
    import numpy as np

    grey = np.asarray(picture)
    read = _engine[0](np.stack([grey] * 3, axis=2), use_cls=False, return_word_box=True)
    if read.boxes is None or read.txts is None:
        return
    for box, text, score, scores in zip(
        read.boxes, read.txts, read.scores, read.word_results, strict=True
    ):
        sure = list(scores) if len(scores) == len(text) else [score] * len(text)
        kept = [(char, one) for char, one in zip(text, sure, strict=True) if _shown(char)]
        first = next((at for at, (char, _) in enumerate(kept) if char != " "), len(kept))
        while kept and kept[-1][0] == " ":
            kept.pop()
        kept = kept[first:]
        if kept:
            left, right = box[:, 0].min(), box[:, 0].max()
            top, bottom = box[:2, 1].mean(), box[2:, 1].mean()
            tall = picture.height
            place = (left, tall - bottom, right, tall - top)
            yield {
                "text": "".join(char for char, _ in kept),
                "box": [round(float(side) * points, 1) for side in place],
                "scores": [int(one * 100 + 1e-6) for _, one in kept],
            }


def _shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")

"""An OFD document (.ofd, GB/T 33190) → lines: what ofdkit finds on its pages, laid out as a PDF's.

The format holds runs of characters with places, as PDF does; so columns, tables, running heads and
paragraphs over several lines and pages are told in the same way (`pdf`).
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from analysis.kit import why

from .pdf import laid_out
from .printed import Line, laid
from .word import unpackable

_POINTS = 72 / 25.4  # of a millimetre


def ofd(data: bytes) -> str:
    """The text of an OFD document; ValueError with a sentence if it cannot be read."""
    import ofdkit

    try:
        unpackable(data)
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if any("Encryptions.xml" in name for name in packed.namelist()):
                raise ValueError("is encrypted; open it with its password and save its text.")
        with ofdkit.open(data) as document:
            pages = [_lines(page) for page in document.pages]
            widths = [page.width * _POINTS for page in document.pages]
            missing = [said for said in document.warnings if "not found" in said]
    except Exception as error:  # a damaged file fails in zip, XML or ofdkit, each in its own way
        if isinstance(error, MemoryError) or str(error).endswith("."):
            raise
        said = why(error)
        raise ValueError(
            f"is no OFD document that can be read ({said}); open it in its own program and save "
            "its text as .txt, or print it to a PDF with text."
        ) from None
    if missing:
        raise ValueError(f"is an OFD document with a part missing ({missing[0]}); get it again.")
    return laid_out(pages, widths)


def _lines(page: Any) -> list[list[Line]]:
    """The printed lines of a page; what is drawn twice to look bold is there once."""
    x, y, wide, tall = page.box
    seen: dict[tuple[str, int, int], Line] = {}
    for run in page.runs:
        text = run.text.strip()
        if text and x - 2 <= run.x <= x + wide + 2 and y - 2 <= run.y <= y + tall + 2:
            left, bottom = (run.x - x) * _POINTS, (y + tall - run.y) * _POINTS
            size = max(run.size * _POINTS, 1.0)
            shift = (len(run.text) - len(run.text.lstrip())) * size / 2
            place = left + shift, bottom, left + run.width * _POINTS, bottom + size, size
            seen.setdefault((text, round(left), round(bottom)), Line(text, *place))
    return laid([*seen.values()])

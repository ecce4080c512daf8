"""What a bundle says → files for Word, WPS, Excel and LaTeX.

The words are given as `brief.contents` returns them, so a document says what the other reports
say. The same contents give the same bytes: no file holds the time at which it was made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.kit import files, put, safe

_WIDE, _HIGH = 15.0, 17.0
"""The room that a picture has on a page, in centimetres."""

_POINT = 2.54 / 72
"""A point in centimetres."""

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]?\d+)?%?|")


def document(
    units: Iterable[tuple[str, Sequence[tuple[Path, Mapping[str, Any]]]]],
    words: Mapping[str, str],
    lang: str,
) -> bytes:
    """One Word document in fonts that Word and WPS have: each figure begins a page.

    Parameters
    ----------
    units : title of each unit, with the folder of each bundle and what it says
        (`brief.contents`).
    words : the headings `methods`, `data` and `references`.
    """
    from docx import Document

    made = Document()
    _dress(made, lang)
    for title, parts in units:
        made.add_heading(title, 1).paragraph_format.page_break_before = len(made.paragraphs) > 1
        for number, (bundle, part) in enumerate(parts):
            made.add_heading(part["title"], 2).paragraph_format.page_break_before = number > 0
            _figure(made, bundle, part)
            _texts(made, words["methods"], [" ".join(filter(None, p)) for p in part["methods"]])
            if part["rows"]:
                made.add_heading(words["data"], 3)
                _table(made, [part["header"], *part["rows"]])
                made.add_paragraph(part["cut"])
            _texts(made, words["references"], part["references"], small=True)
    stream = io.BytesIO()
    made.save(stream)
    return files.settled(stream.getvalue())


def _figure(made: Any, bundle: Path, part: Mapping[str, Any]) -> None:
    """A picture a quarter larger than in print, as the PDF shows it, and its caption below."""
    from docx.shared import Cm

    wide = min(part["width"] * _POINT * 1.25, _WIDE, _HIGH * part["width"] / part["height"])
    picture = made.add_picture(_picture(bundle / "figure.png", wide), Cm(wide))
    picture._inline.docPr.set("descr", part["caption"])
    made.paragraphs[-1].paragraph_format.keep_with_next = True
    made.add_paragraph(f"{part['caption']} #{part['hash']}", "Caption")


def _texts(made: Any, heading: str, texts: Sequence[str], *, small: bool = False) -> None:
    """Paragraphs below a heading, or nothing."""
    from docx.shared import Pt

    if texts:
        made.add_heading(heading, 3)
    for text in texts:
        made.add_paragraph().add_run(text).font.size = Pt(9) if small else None


def _dress(made: Any, lang: str) -> None:
    """A4, Chinese and Latin fonts for every style in use, and no date but a fixed one."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page = made.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.left_margin = page.right_margin = Cm(3)
    page.top_margin = page.bottom_margin = Cm(2)
    sizes = {"Normal": 10.5, "Caption": 9, "Heading 1": 18, "Heading 2": 14, "Heading 3": 11}
    for name, size in sizes.items():
        style = made.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.font.bold, style.font.italic = False, False
        style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
        fonts = style.element.rPr.rFonts
        for key in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[key]
        fonts.set(qn("w:eastAsia"), "黑体" if name.startswith("Heading") else "宋体")
    # A hash or an address would tear the words of a justified line apart.
    made.styles["Normal"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    made.styles["Normal"].paragraph_format.space_after = Pt(6)
    for language in made.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), {"zh": "zh-CN", "en": "en-GB"}[lang])
        language.set(qn("w:eastAsia"), "zh-CN")
    said = made.core_properties
    said.author, said.comments, said.title = "gongbao", "", ""


def _table(made: Any, lines: list[list[str]]) -> None:
    """A table between three lines: columns as wide as their text, numbers at the right.

    Its first line is repeated on every page, and no row is torn apart.
    """
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    table = made.add_table(len(lines), len(lines[0]))
    for number, (wide, right) in enumerate(_columns(lines)):
        table.columns[number].width = Cm(wide)
        for row, cell in enumerate(table.columns[number].cells):
            cell.width = Cm(wide)
            text = cell.paragraphs[0]
            text.add_run(lines[row][number]).font.size = Pt(7.5)
            text.paragraph_format.space_after = Pt(0)
            if right:
                text.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row, side, weight in ((0, "top", 8), (0, "bottom", 4), (len(lines) - 1, "bottom", 8)):
        for cell in table.rows[row].cells:
            _line(cell, side, weight)


def _columns(lines: list[list[str]]) -> list[tuple[float, bool]]:
    """Of each column its width in centimetres, and whether it holds numbers only.

    >>> _columns([["主题", "n"], ["党的领导", "12"]])
    [(10.0, False), (5.0, True)]
    """
    columns = [*zip(*lines, strict=True)]
    least, most = 3, 28  # a character of Latin is one, a Chinese one two
    room = [
        min(max(least, *(sum(1 + (sign > "⺀") for sign in text) for text in column)), most) + 2
        for column in columns
    ]
    return [
        (_WIDE * wide / sum(room), all(_NUMBER.fullmatch(text) for text in column[1:]))
        for wide, column in zip(room, columns, strict=True)
    ]


def _line(cell: Any, side: str, weight: int) -> None:
    """A line at a side of a cell, its weight in eighths of a point."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = cell._tc.get_or_add_tcPr()
    borders = properties.find(qn("w:tcBorders"))
    if borders is None:
        borders = OxmlElement("w:tcBorders")
        properties.append(borders)
    line = OxmlElement(f"w:{side}")
    line.set(qn("w:val"), "single")
    line.set(qn("w:sz"), str(weight))
    borders.append(line)


def _picture(path: Path, wide: float) -> io.BytesIO:
    """A PNG file at 220 dots per inch of the width (cm) it is shown at."""
    from PIL import Image

    stream, pixels = io.BytesIO(), round(wide / 2.54 * 220)
    with Image.open(path) as picture:
        high = round(picture.height * pixels / picture.width)
        small = picture.convert("RGB").resize((pixels, high), Image.Resampling.LANCZOS)
    small.save(stream, "PNG", optimize=True)
    stream.seek(0)
    return stream


def xlsx(bundle: Path) -> Path:
    """Write data.csv of a bundle as data.xlsx beside it."""
    path = bundle / "data.xlsx"
    tables.export(tables.csvfile.typed(bundle / "data.csv"), path, "data")
    return path


def latex(bundle: Path) -> Path:
    """Write data.csv of a bundle as data.tex: a tabular for booktabs, everything escaped."""
    data = tables.csvfile.cells(bundle / "data.csv").map(safe)
    kinds = tables.csvfile.typed(bundle / "data.csv").dtypes
    sides = "".join("r" if kind.kind in "if" else "l" for kind in kinds)
    text = data.to_latex(index=False, escape=True, column_format=sides)
    needs = "% \\usepackage{booktabs}; for Chinese \\documentclass{ctexart} with XeLaTeX\n"
    return put(bundle / "data.tex", needs + text)

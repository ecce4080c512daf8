"""What a bundle says → files for Word, WPS, Excel and LaTeX.

The words are given as `paper.document` returns them, so a document says what the other reports
say. The same contents give the same bytes: no file holds the time at which it was made.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.kit import files, put, safe

_WIDE, _HIGH = 15.0, 17.0
"""The room that a picture has on a page, in centimetres."""

_HALF = 9.0
"""Pictures higher than this, in centimetres, begin a page."""

_POINT = 2.54 / 72
"""A point in centimetres."""

_WORD = re.compile(r"[⺀-\U0010ffff]{1,3}|[!-⹿]+")
"""What stays on a line of a cell, if it can: a Latin word or number, some Chinese characters."""

_NUMBER = re.compile(r"-?[\d,]+(\.\d+)?(e[+-]?\d+)?%?|")


def document(said: Mapping[str, Any], words: Mapping[str, str], lang: str) -> bytes:
    """One Word document in fonts that Word and WPS have: figures and tables with their numbers.

    Parameters
    ----------
    said : what stands in it, see `paper.document`.
    words : headings, and how figures and tables are numbered.
    """
    from docx import Document

    made = Document()
    _dress(made, lang)
    for title, parts in said["units"]:
        made.add_heading(title, 1)
        for part in parts:
            head = made.add_heading(part["title"], 2).paragraph_format
            head.page_break_before = part is not parts[0] and _wide(part) > _HALF * _shape(part)
            _figure(made, part, words)
            if part["rows"]:
                _caption(made, words["table"], part["table"]).paragraph_format.keep_with_next = True
                _table(made, [part["header"], *part["rows"]])
                made.add_paragraph(part["cut"], "Caption")
    if said["methods"]:
        made.add_heading(words["methods"], 1)
    for label, pieces in said["methods"]:
        text = made.add_paragraph()
        if label:
            text.add_run(f"{label} ", "Strong")
        text.add_run((" " if lang == "en" else "").join(map("".join, pieces)))
    if said["references"]:
        made.add_heading(words["references"], 1)
    for entry in said["references"]:
        _reference(made, *entry)
    stream = io.BytesIO()
    made.save(stream)
    return files.settled(stream.getvalue())


def _figure(made: Any, part: Mapping[str, Any], words: Mapping[str, str]) -> None:
    """A picture a quarter larger than in print, as the PDF shows it, and its caption below."""
    from docx.shared import Cm

    wide = _wide(part)
    picture = made.add_picture(_picture(part["bundle"] / "figure.png", wide), Cm(wide))
    picture._inline.docPr.set("descr", part["caption"][1])
    made.paragraphs[-1].paragraph_format.keep_with_next = True
    _caption(made, words["figure"], part["caption"]).add_run(f" #{part['hash']}")
    if part["note"]:
        made.add_paragraph(part["note"], "Caption")


def _wide(part: Mapping[str, Any]) -> float:
    return float(min(part["width"] * _POINT * 1.25, _WIDE, _HIGH * _shape(part)))


def _shape(part: Mapping[str, Any]) -> float:
    return float(part["width"] / part["height"])


def _caption(made: Any, called: str, said: tuple[int, str]) -> Any:
    """A paragraph that begins with a number which Word counts itself."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    name = called.format("").strip()
    text = made.add_paragraph(f"{name} ", "Caption")
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), rf" SEQ {name} \* ARABIC ")
    text._p.append(field)
    field.append(text.add_run(str(said[0]))._r)
    text.add_run(f"  {said[1]}")
    return text


def _reference(made: Any, number: str, before: str, link: str, leads: str, after: str) -> None:
    """An entry of the list, its address a link."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    text = made.add_paragraph()
    text.paragraph_format.left_indent = Cm(0.8)
    text.paragraph_format.first_line_indent = Cm(-0.8)
    text.paragraph_format.space_after = Pt(3)
    runs = [text.add_run(f"{number} {before}"), text.add_run(link), text.add_run(after)]
    for run in runs:
        run.font.size = Pt(9)
    if leads:
        element = OxmlElement("w:hyperlink")
        element.set(qn("r:id"), made.part.relate_to(leads, RELATIONSHIP_TYPE.HYPERLINK, True))
        runs[1]._r.addprevious(element)
        element.append(runs[1]._r)


def _dress(made: Any, lang: str) -> None:
    """A4, Chinese and Latin fonts for every style in use, and no date but a fixed one."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
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
    strong = made.styles["Strong"]
    strong.font.bold = lang == "en"
    strong.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "黑体")
    foot = made.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " PAGE ")
    foot._p.append(field)
    field.append(foot.add_run("1")._r)
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
            text.paragraph_format.keep_with_next = True  # a table of twelve lines stays on its page
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

    No Latin word or number is torn apart where the page has room for all; what is left goes to
    columns with longer texts.

    >>> _columns([["主题", "n"], ["党的领导", "12"]])
    [(10.28, False), (4.72, True)]
    """
    columns = [*zip(*lines, strict=True)]
    least = [max(map(_room, _WORD.findall(" ".join(own))), default=_room("")) for own in columns]
    most = [min(max(map(_room, own)), _room("x" * 28)) for own in columns]
    more = [max(high - low, 0) for low, high in zip(least, most, strict=True)]
    left = (_WIDE - sum(least)) / (sum(more) or 1)
    if 0 < left < 1:
        shares = [low + left * one for low, one in zip(least, more, strict=True)]
    else:
        wanted = [low + one * (left > 0) for low, one in zip(least, more, strict=True)]
        shares = [one * _WIDE / sum(wanted) for one in wanted]
    return [
        (round(wide, 2), all(_NUMBER.fullmatch(text) for text in column[1:]))
        for wide, column in zip(shares, columns, strict=True)
    ]


def _room(text: str) -> float:
    """What a text takes up in a cell with its sides, in centimetres; a Chinese character is two."""
    return 0.45 + 0.145 * sum(1 + (sign > "⺀") for sign in text)


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

"""A rendered unit → what is handed round: one HTML file, a PDF, a Word document, tables.

All of them say the same, because all of them read the bundles: the figure, its caption, its
methods, the first rows of its table and its references. The HTML file needs nothing else, network
included; typst sets the PDF from data, so no word of a report can be markup. The same unit gives
the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import zipfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import page, tables
from analysis.errors import InputError
from analysis.figures.look import font, number, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TEMPLATES = Path(__file__).parent / "templates"
WORDS: dict[str, Any] = json.loads((_TEMPLATES / "words.json").read_text("utf-8"))
_EVIDENCE_MOST = 4_000_000
"""Characters of evidence that one HTML file takes in; the rest is linked to, beside it."""


def write(unit: Path, lang: str = "zh", kinds: Sequence[str] = ("html",)) -> list[Path]:
    """Write report.html, report.pdf and brief.docx (as `kinds` asks for) into a unit's folder."""
    made = {
        "html": ("report.html", lambda: html(unit, lang).encode()),
        "pdf": ("report.pdf", lambda: pdf(unit, lang)),
        "docx": ("brief.docx", lambda: docx([unit], lang)),
    }
    return [_put(unit / made[kind][0], made[kind][1]()) for kind in kinds]


def _put(path: Path, data: bytes) -> Path:
    with tables.replacing(path) as part:
        part.write_bytes(data)
    return path


# ---- what a bundle says


def contents(bundle: Path, lang: str, rows: int, columns: int) -> dict[str, Any]:
    """What a bundle says in a language, as text: the one source of every kind of file.

    Parameters
    ----------
    rows, columns : how much of data.csv to take; columns without any value are left out.

    Returns
    -------
    dict
        name, title, hash, study, caption, methods (pairs of label and text), references,
        header, rows, cut (a sentence where rows or columns were left out), width and height (pt).
    """
    record = json.loads((bundle / "provenance.json").read_text("utf-8"))
    title = record["title"][lang]
    data = pd.read_csv(bundle / "data.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    filled = data.loc[:, (data != "").any()]
    shown = filled.iloc[:rows, :columns]
    cut = (len(shown), len(data), len(shown.columns), len(filled.columns))
    width, height = re.search(  # type: ignore[union-attr]
        r'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"', _text(bundle / "figure.svg")
    ).groups()
    return {
        **{"name": bundle.name, "title": title, "hash": record["hash"][:8]},
        "study": record["study"]["title"][lang],
        "caption": _text(bundle / f"caption.{lang}.txt").strip() or title,
        "methods": _paragraphs(_text(bundle / f"methods.{lang}.md")),
        "references": [*filter(None, _text(bundle / "references.gbt7714.txt").splitlines())],
        "header": list(shown.columns),
        "rows": [[_shown(value) for value in row] for row in shown.to_numpy().tolist()],
        "cut": WORDS[lang]["cut"].format(*cut) if shown.shape != filled.shape else "",
        **{"width": float(width), "height": float(height)},
    }


def _text(path: Path) -> str:
    return path.read_text("utf-8-sig") if path.exists() else ""


def _paragraphs(markdown: str) -> list[tuple[str, str]]:
    """The paragraphs of simple Markdown without its marks, each with the label it begins with.

    >>> _paragraphs("**文本** 两份报告。**编码** 第 3 版。")
    [('文本', '两份报告。'), ('编码', '第 3 版。')]
    """
    pairs = []
    for paragraph in re.split(r"\n\s*\n", markdown):
        before, *rest = re.split(r"\*\*([^*]+)\*\*", " ".join(paragraph.split()).lstrip("# "))
        pairs += [("", before), *zip(rest[::2], rest[1::2], strict=True)]
    return [(label, text.strip()) for label, text in pairs if label or text.strip()]


def _shown(value: str) -> str:
    """A cell for reading: four significant digits, long text cut.

    >>> _shown("0.210526315789"), _shown("2022"), _shown("140187900000.5")
    ('0.2105', '2022', '140,187,900,000')
    """
    if re.fullmatch(r"-?\d+\.\d+(e[+-]?\d+)?", value):
        exact = float(value)
        return number(round(exact)) if abs(exact) >= 1e4 else f"{exact:.4g}"
    return shorten(value, 40)


def _title(unit: Path, lang: str) -> str:
    """The notebook's title in a language, from its first heading; else the folder's name."""
    notebook = next(unit.glob("*.ipynb"), None)
    cells = json.loads(notebook.read_text("utf-8"))["cells"] if notebook else []
    found = re.search(r"^# (.*)", "".join(cells[0]["source"]) if cells else "")
    return _one_language(found[1], lang) if found else unit.name


def _one_language(heading: str, lang: str) -> str:
    """`主题覆盖 · Theme coverage` in one language; a heading in one language as it is."""
    both = heading.split(" · ")
    return both[lang == "en"] if len(both) == 2 else heading


def _bundles(folder: Path) -> list[Path]:
    """The bundles of a unit in their order, or the one that the folder itself is."""
    found = [folder] if (folder / "provenance.json").exists() else page.bundles(folder)
    if not found:
        raise InputError("no figure here; `gongbao render` draws them.", path=folder)
    return found


# ---- HTML


def html(unit: Path, lang: str = "zh") -> str:
    """The executed notebook of a unit as one HTML file: code folded, contents, figures, evidence.

    A cell tagged `zh` or `en` stands in that language's file only.

    Raises
    ------
    InputError
        if the folder holds no notebook.
    """
    import nbformat
    from nbconvert import HTMLExporter

    source = next(unit.glob("*.ipynb"), None)
    if source is None:
        raise InputError("no executed notebook here; `gongbao render` writes one.", path=unit)
    notebook = nbformat.read(source, as_version=4)
    evidence = _Evidence()
    late = _prepare(notebook, unit, lang, evidence)
    script = (_TEMPLATES / "brief.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    said = {
        **{"html_lang": page.HTML_LANG[lang], "title": _title(unit, lang), "words": WORDS[lang]},
        **{
            "script": script,
            "script_hash": f"sha256-{digest}",
            "trails": evidence.once and "<!--trails-->",
        },
        "css": (_TEMPLATES / "brief.css").read_text("utf-8") + evidence.style,
    }
    exporter = HTMLExporter(template_name="brief", extra_template_basedirs=[str(_TEMPLATES)])
    text, _ = exporter.from_notebook_node(notebook, {"page": said})
    text = re.sub(r'<a class="anchor-link".*?</a>', "", text)
    late["contents"] = _table_of_contents(text, WORDS[lang]["contents"])
    late["trails"] = "\n".join(evidence.once.values())
    return page.with_font(
        re.sub(r"<!--([\w:-]+)-->", lambda found: late.get(found[1], found[0]), text)
    )


def _prepare(notebook: Any, unit: Path, lang: str, evidence: _Evidence) -> dict[str, str]:
    """Keep a notebook's cells of one language; put what its bundles say beside their outputs.

    Returns the long parts by the names that stand for them: nbconvert parses what it writes.
    """
    late = {}
    skipped = {"injected-parameters", {"zh": "en", "en": "zh"}[lang]}
    notebook.cells = [c for c in notebook.cells if not skipped & {*c.metadata.get("tags", [])}]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            lines = re.split(r"(?m)^(#+ )(.*)$", cell.source)
            lines[2::3] = [_one_language(heading, lang) for heading in lines[2::3]]
            cell.source = "".join(lines)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            drawn = re.search(r"Bundle\(.*?([^/\\'\"]+)['\"]\)", data.get("text/plain", ""))
            if drawn and (unit / drawn[1] / "figure.svg").exists():
                said = contents(unit / drawn[1], lang, 200, 99)
                late[f"evidence:{drawn[1]}"] = rows = evidence.take(unit / drawn[1])
                late[f"svg:{drawn[1]}"] = _svg(unit / drawn[1], said, inside=bool(rows))
                output.figure = {**said, "evidence": bool(rows)}
            elif "text/html" in data:
                aside = r'(?s)<style.*?</style>|<!doctype[^>]*>|<meta[^>]*>| (border|style)="[^"]*"'
                data["text/html"] = re.sub(aside, "", data["text/html"])
    return late


def _svg(bundle: Path, said: Mapping[str, Any], *, inside: bool) -> str:
    """A figure's SVG for this file: names of its own, links to the evidence, a text for ears."""
    text = _text(bundle / "figure.svg")
    text = re.sub(r"(?s)<metadata>.*?</metadata>", "", text[text.index("<svg") :])
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{bundle.name}-", text)
    place = f"#{bundle.name}-" if inside else f"{bundle.name}/evidence.html#"
    text = text.replace('href="evidence.html#', f'href="{place}')
    label = f'aria-label="{escape(said["caption"])}" style="width:{said["width"] * 1.9:.0f}px"'
    return text.replace("<svg", f'<svg role="graphics-document" {label}', 1)


class _Evidence:
    """The evidence of a file's figures: rows stand by their figure, each sentence's trail once."""

    def __init__(self) -> None:
        self.size, self.style, self.once = 0, "", dict[str, str]()

    def take(self, bundle: Path) -> str:
        """The rows of a bundle's evidence.html, '' where there is none or no room for it."""
        text = _text(bundle / "evidence.html")
        found = re.findall(r'(?s)(<section id="([^"]+)".*?</section>)', text)
        rows = [section for section, name in found if re.fullmatch(r"r\d+", name)]
        once = {name: section for section, name in found if section not in rows}
        new = sum(len(section) for name, section in once.items() if name not in self.once)
        if not rows or self.size + new + sum(map(len, rows)) > _EVIDENCE_MOST:
            return ""
        self.size += new + sum(map(len, rows))
        self.once |= once
        style = re.search(r"(?s)<style>(?:@font-face{.*?})?(.*?)</style>", text)
        self.style = f".evidence,.trails{{{style[1]}}}" if style else ""
        cut = re.search(r"</h2>(<p>[^<]*)", text)
        own = re.sub(r'(\bid="|labelledby=")', rf"\g<1>{bundle.name}-", "\n".join(rows))
        return (cut[1] if cut else "") + own


def _table_of_contents(text: str, label: str) -> str:
    found = re.findall(r'(?s)<h([12]) id="([^"]+)">(.*?)</h\1>', text)
    items = "".join(f'<li class="h{n}"><a href="#{key}">{said}</a></li>' for n, key, said in found)
    return f'<nav aria-label="{label}"><ol>{items}</ol></nav>'


# ---- PDF


def pdf(unit: Path, lang: str = "zh") -> bytes:
    """A unit as a PDF for circulation: each figure as vectors, fonts embedded, no date."""
    import typst

    parts = [contents(bundle, lang, 12, 8) for bundle in _bundles(unit)]
    for part in parts:
        part["width"] = min(part["width"] * 1.25, 470, 560 * part["width"] / part["height"])
    said = {"title": _title(unit, lang), "about": parts[0]["study"], "parts": parts}
    template: Any = (_TEMPLATES / "brief.typ").read_bytes()
    made: bytes = typst.compile(
        template,
        root=str(unit),
        font_paths=[str(font().parent)],
        ignore_system_fonts=True,
        sys_inputs={"brief": json.dumps({**said, "lang": lang, "words": WORDS[lang]})},
    )
    return made


# ---- Word, Excel, LaTeX


def docx(units: Sequence[Path], lang: str = "zh") -> bytes:
    """One Word document of the figures of units (or bundles), in fonts that Word and WPS have."""
    from docx import Document
    from docx.shared import Cm

    document = Document()
    _dress(document, lang)
    for unit in units:
        document.add_heading(_title(unit, lang), 1)
        for bundle in _bundles(unit):
            part = contents(bundle, lang, 20, 8)
            document.add_heading(part["title"], 2)
            wide = min(15, 20 * part["width"] / part["height"])
            picture = document.add_picture(_picture(bundle / "figure.png", wide), Cm(wide))
            picture._inline.docPr.set("descr", part["caption"])
            document.add_paragraph(f"{part['caption']} #{part['hash']}", "Caption")
            if part["methods"]:
                document.add_heading(WORDS[lang]["methods"], 3)
            for label, text in part["methods"]:
                document.add_paragraph(f"{label} {text}".strip())
            if part["rows"]:
                document.add_heading(WORDS[lang]["data"], 3)
                _table(document, [part["header"], *part["rows"]])
                document.add_paragraph(part["cut"])
            if part["references"]:
                document.add_heading(WORDS[lang]["references"], 3)
            for entry in part["references"]:
                document.add_paragraph(entry)
    stream = io.BytesIO()
    document.save(stream)
    return _settled(stream.getvalue())


def _dress(document: Any, lang: str) -> None:
    """A4, Chinese and Latin fonts for every style in use, and no date but a fixed one."""
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt, RGBColor

    page_ = document.sections[0]
    page_.page_width, page_.page_height = Cm(21), Cm(29.7)
    page_.left_margin = page_.right_margin = Cm(3)
    sizes = {"Normal": 10.5, "Caption": 9, "Heading 1": 18, "Heading 2": 14, "Heading 3": 11}
    for name, size in sizes.items():
        style = document.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        style.font.bold, style.font.italic = False, False
        style.font.color.rgb = RGBColor(0x22, 0x22, 0x22)
        fonts = style.element.rPr.rFonts
        for key in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[key]
        fonts.set(qn("w:eastAsia"), "黑体" if name.startswith("Heading") else "宋体")
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), {"zh": "zh-CN", "en": "en-GB"}[lang])
        language.set(qn("w:eastAsia"), "zh-CN")
    said = document.core_properties
    said.author, said.comments, said.title = "gongbao", "", ""


def _table(document: Any, lines: list[list[str]]) -> None:
    """A table whose first line is repeated on every page."""
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    table = document.add_table(len(lines), len(lines[0]), "Table Grid")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row, line in zip(table.rows, lines, strict=True):
        for cell, text in zip(row.cells, line, strict=True):
            cell.paragraphs[0].add_run(text).font.size = Pt(7.5)


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
    tables.export(pd.read_csv(bundle / "data.csv", encoding="utf-8-sig"), path, "data")
    return _put(path, _settled(path.read_bytes()))


def latex(bundle: Path) -> Path:
    """Write data.csv of a bundle as data.tex: a tabular for booktabs, everything escaped."""
    data = pd.read_csv(bundle / "data.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    typed = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig")
    sides = "".join("r" if kind.kind in "if" else "l" for kind in typed.dtypes)
    text = data.to_latex(index=False, escape=True, column_format=sides)
    needs = "% \\usepackage{booktabs}; for Chinese \\documentclass{ctexart} with XeLaTeX\n"
    return _put(bundle / "data.tex", (needs + text).encode())


def _settled(office: bytes) -> bytes:
    """An Office file without the time at which it was made."""
    with zipfile.ZipFile(io.BytesIO(office)) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    core = members["docProps/core.xml"].decode()
    core = re.sub(r"(<dcterms:\w+ [^>]*>)[^<]*", r"\g<1>2000-01-01T00:00:00Z", core)
    return zipped({**members, "docProps/core.xml": core.encode()})


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Files (name in the archive → bytes) as a zip whose bytes hold no time and no system."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()

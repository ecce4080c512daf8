"""A rendered unit → what is handed round: one HTML file, a PDF, a Word document, tables.

All of them say the same, because all of them read the bundles: the figure, its caption, its
methods, the first rows of its table and its references. The HTML file needs nothing else, network
included; typst sets the PDF from data, so no word of a report can be markup. The same unit gives
the same bytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.bundle import codes, evidence_page, provenance
from analysis.figures import look
from analysis.kit import InputError, font, html, put, safe, shown

from . import office, page, paper

WORDS = html.WORDS["brief"]
_EVIDENCE_MOST = 4_000_000
"""Characters of evidence that one HTML file takes in; the rest is linked to, beside it."""


def write(unit: Path, lang: str = "zh", kinds: Sequence[str] = ("html",)) -> list[Path]:
    """Write report.html, report.pdf and brief.docx (as `kinds` asks for) into a unit's folder."""
    made = {
        "html": ("report.html", lambda: report(unit, lang).encode()),
        "pdf": ("report.pdf", lambda: pdf(unit, lang)),
        "docx": ("brief.docx", lambda: docx([unit], lang)),
    }
    return [put(unit / made[kind][0], made[kind][1]()) for kind in kinds]


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
        names (of columns), header (what these are called), rows, cut (a sentence where rows or
        columns were left out), width and height (pt).
    """
    record, known = provenance.read(bundle), evidence_page.names(bundle)
    title = record["title"][lang]
    data = tables.csvfile.cells(bundle / "data.csv")
    filled = data.loc[:, (data != "").any()]
    shown = filled.iloc[:rows, :columns]
    cut = (len(shown), len(data), len(shown.columns), len(filled.columns))
    svg = _text(bundle / "figure.svg")
    drawn = re.search(r'<svg[^>]*? width="([\d.]+)pt" height="([\d.]+)pt"', svg)
    width, height = map(float, drawn.groups())  # type: ignore[union-attr]
    return {
        "name": bundle.name,
        "title": title,
        "hash": record["hash"][:8],
        "study": record["study"]["title"][lang],
        "caption": _text(bundle / f"caption.{lang}.txt").strip() or title,
        "methods": _paragraphs(_text(bundle / f"methods.{lang}.md")),
        "references": [*filter(None, _text(bundle / _REFERENCES[lang]).splitlines())],
        "names": list(shown.columns),
        "header": [html.label(name, lang) for name in shown.columns],
        "rows": [
            [_shown(codes.cell(*one, lang, known)) for one in zip(shown.columns, row, strict=True)]
            for row in shown.to_numpy().tolist()
        ],
        "cut": WORDS[lang]["cut"].format(*cut) if shown.shape != filled.shape else "",
        "width": width,
        "height": height,
    }


_REFERENCES = {"zh": "references.gbt7714.txt", "en": "references.en.txt"}


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
        return shown.number(float(value), 4)
    return safe(look.shorten(value, 40))


def _title(unit: Path, lang: str) -> str:
    """The title of a unit's notebook in a language, else the folder's name."""
    notebook = next(unit.glob("*.ipynb"), unit / "none")
    return page.title(notebook, lang) or notebook.stem


def _bundles(folder: Path) -> list[Path]:
    """The bundles of a unit in their order, or the one that the folder itself is."""
    found = [folder] if (folder / "provenance.json").exists() else page.bundles(folder)
    if not found:
        raise InputError("no figure here; `gongbao render` draws them.", path=folder)
    return found


# ---- HTML


def report(unit: Path, lang: str = "zh") -> str:
    """The executed notebook of a unit as one HTML file: code folded, contents, figures, evidence.

    A cell tagged `zh` or `en` stands in that language's file only.

    InputError if the folder holds no notebook.
    """
    import nbformat

    source = next(unit.glob("*.ipynb"), None)
    if source is None:
        raise InputError("no executed notebook here; `gongbao render` writes one.", path=unit)
    notebook = nbformat.read(source, as_version=4)
    taken, headings = _Evidence(unit, lang), list[tuple[str, str, str]]()
    skipped = {"injected-parameters", {"zh": "en", "en": "zh"}[lang]}
    kept = [c for c in notebook.cells if not skipped & {*c.metadata.get("tags", [])}]
    said = {
        "lang": lang,
        "title": _title(unit, lang),
        "words": WORDS[lang],
        "cells": [_cell(cell, unit, lang, taken, headings) for cell in kept],
        "headings": headings,
        "trails": [*taken.once.values()],
    }
    return html.with_font(html.render("brief.html.j2", **said))


def _cell(
    cell: Any, unit: Path, lang: str, taken: _Evidence, headings: list[tuple[str, str, str]]
) -> dict[str, Any]:
    """A cell as it is shown: its text, or its code and its outputs; adds to the headings."""
    from nbconvert.filters import Highlight2HTML, markdown2html

    if cell.cell_type != "code":
        lines = re.split(r"(?m)^(#+ )(.*)$", cell.source)
        lines[2::3] = [page.one_language(heading, lang) for heading in lines[2::3]]
        tree = _tree(markdown2html("".join(lines)) if cell.cell_type == "markdown" else "")
        for link in tree.find_class("anchor-link"):
            link.drop_tree()
        found = tree.iter("h1", "h2")
        headings += [(one.tag, one.get("id", ""), one.text_content()) for one in found]
        return {"markdown": _written(tree), "code": "", "outputs": []}
    code = Highlight2HTML()(cell.source, metadata=cell.metadata) if cell.source.strip() else ""
    outputs = [_output(one, unit, lang, taken) for one in cell.get("outputs", [])]
    return {"markdown": "", "code": code, "outputs": [*filter(None, outputs)]}


def _output(output: Any, unit: Path, lang: str, taken: _Evidence) -> tuple[str, Any] | None:
    """An output's kind and what is shown of it: a bundle as its figure with all it says."""
    from nbconvert.filters import ansi2html

    data = output.get("data", {})
    plain = data.get("text/plain", output.get("text", "\n".join(output.get("traceback", []))))
    drawn = re.search(r"Bundle\(.*?([^/\\'\"]+)['\"]\)", data.get("text/plain", ""))
    if drawn and (unit / drawn[1] / "figure.svg").exists():
        said = contents(unit / drawn[1], lang, 200, 99)
        bundle = unit / drawn[1]
        rows = taken.take(bundle)
        svg = _svg(bundle, said, rows)
        columns = [*zip(said["names"], said["header"], strict=True)]
        return "figure", {**said, "evidence": rows, "svg": svg, "columns": columns}
    if "text/html" in data:
        taken.tables += 1
        made = _bare(data["text/html"], lang, taken.names)
        return "html", {"html": made, "number": taken.tables}
    if "image/png" in data:
        return "image", {"alt": plain, "data": data["image/png"].strip()}
    if output.output_type in ("stream", "error") or "text/plain" in data:
        return output.output_type, ansi2html(plain)
    return None


def _bare(text: str, lang: str, known: Mapping[str, Any]) -> str:
    """HTML of an output without styles of its own, its columns and codes called as everywhere."""
    tree = _tree(text)
    for node in [*tree.iter("style", "script", "meta", "title")]:
        node.drop_tree()
    for node in tree.iter("*"):
        for name in ("border", "style"):
            node.attrib.pop(name, None)
    for table in tree.iter("table"):
        columns = [head.text_content() for head in table.xpath("(./thead/tr)[1]/*")]
        for row in table.xpath("./tbody/tr[td]"):
            for column, one in zip(columns, row, strict=False):
                said = codes.cell(column, one.text or "", lang, known)
                if one.tag == "td" and not len(one) and said != (one.text or ""):
                    one.set("title", one.text)
                    one.text = said
    for head in tree.xpath(".//thead//th"):
        if head.text:
            head.set("title", head.text)
            head.text = html.label(head.text, lang)
        elif not len(head):
            head.tag = "td"
    return _written(tree)


def _tree(text: str) -> Any:
    import lxml.html

    return lxml.html.fragment_fromstring(text, create_parent="div")


def _written(tree: Any) -> str:
    import lxml.html

    return str(lxml.html.tostring(tree, encoding="unicode"))


def _svg(bundle: Path, said: Mapping[str, Any], rows: str) -> str:
    """A figure's SVG for this file: a mark leads to its row's evidence.

    One whose row has no room in `rows` leads to hits.csv, which has all.
    """
    shown = {*re.findall(rf'id="{bundle.name}-(r\d+)"', rows)}

    def to(mark: str) -> str:
        if not rows:
            return f"{bundle.name}/evidence.html#{mark}"
        return f"#{bundle.name}-{mark}" if mark in shown else f"{bundle.name}/hits.csv"

    svg = _text(bundle / "figure.svg").replace('href="hits.csv"', f'href="{bundle.name}/hits.csv"')
    text = evidence_page.drawing(svg, f"{bundle.name}-", said["caption"], to)
    wide = f' style="width:{said["width"] * 1.9:.0f}px" aria-label='
    return text.replace(" aria-label=", wide, 1)


class _Evidence:
    """The evidence of a file's figures: rows stand by their figure, each sentence's trail once."""

    def __init__(self, unit: Path, lang: str) -> None:
        self.lang, self.size, self.once, self.tables = lang, 0, dict[str, Any](), 0
        self.names: dict[str, dict[str, str]] = {}
        for own in map(evidence_page.names, page.bundles(unit)):
            self.names = {one: self.names.get(one, {}) | named for one, named in own.items()}

    def take(self, bundle: Path) -> Any:
        """The rows of a bundle's evidence.json, '' where there is none or no room for it."""
        path = bundle / "evidence.json"
        facts = json.loads(path.read_text("utf-8")) if path.exists() else {"rows": []}
        if not facts["rows"]:
            return ""
        prefix = f"{bundle.name}-"
        drawn = evidence_page.marked(_text(bundle / "figure.svg"), "")
        parts = evidence_page.parts(self.lang, prefix, facts.get("names", {}), drawn)
        held = [row for row in facts["rows"] if row["n_evidence"]] or facts["rows"]
        rows = parts.list(held, f" · {facts['title'][self.lang]}") + parts.rows(facts)
        new = {key: parts.trail(key, facts) for key in facts["sentences"] if key not in self.once}
        new |= {key: parts.source(key, facts) for key in facts["sources"] if key not in self.once}
        size = len(rows) + sum(map(len, new.values()))
        if self.size + size > _EVIDENCE_MOST:
            return ""
        self.size += size
        self.once |= new
        return rows


# ---- PDF


def pdf(unit: Path, lang: str = "zh") -> bytes:
    """A unit as a PDF for circulation: each figure as vectors, fonts embedded, no date."""
    import typst

    said = _document([unit], lang)
    for part in said["units"][0][1]:
        part["width"] = min(part["width"] * 1.25, 470, 560 * part["width"] / part["height"])
        part["bundle"] = part["name"]
    about = said["units"][0][1][0]["study"]
    said |= {"title": _title(unit, lang), "about": about}
    template: Any = html.template("brief.typ").encode()
    made: bytes = typst.compile(
        template,
        root=str(unit),
        font_paths=[str(font.file().parent)],
        ignore_system_fonts=True,
        sys_inputs={"brief": json.dumps({**said, "lang": lang, "words": WORDS[lang]})},
    )
    return made


# ---- Word


def docx(units: Sequence[Path], lang: str = "zh") -> bytes:
    """One Word document of the figures of units (or bundles)."""
    return office.document(_document(units, lang), WORDS[lang], lang)


def _document(units: Sequence[Path], lang: str) -> dict[str, Any]:
    """What one document says of the figures of units (or bundles)."""
    return paper.document(
        [
            (_title(unit, lang), [(one, contents(one, lang, 12, 8)) for one in _bundles(unit)])
            for unit in units
        ],
        lang,
    )

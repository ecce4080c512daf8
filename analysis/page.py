"""Pages for people: the index of what a batch wrote, restored texts, words in their context.

Everything that comes from a report or a file's name is escaped; a page loads nothing from
elsewhere.
"""

from __future__ import annotations

import base64
import io
import json
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from analysis import tables
from analysis.figures.look import font
from analysis.restore import restored_html

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from analysis.restore import Restored

_STYLE = """
body{font:16px/1.6 Gongbao,system-ui,sans-serif;
max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}
h1,h2{font-weight:normal}h1{font-size:1.5rem}
h2{font-size:1.15rem;margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem}
figure{margin:1rem 0;padding:1rem;border:1px solid #ddd;border-radius:4px}
img{max-width:100%;max-height:34rem}figcaption{margin-top:.5rem}
a{color:#0b5a8a}.failed{color:#a40000}small{color:#555}
"""
_KWIC_STYLE = """
.kwic{font:15px/1.6 Gongbao,system-ui,sans-serif;border-collapse:collapse;color:#222}
.kwic caption{text-align:left}.kwic td,.kwic th{white-space:nowrap;padding:.1rem .4rem}
.kwic td{text-align:left}.kwic th{font-weight:normal;text-align:left;color:#555}
.kwic td.left{text-align:right}.kwic mark{background:#ffe9a8}
"""
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
_NOT_TAKEN = {
    "zh": ("这个 notebook 不取的参数：", "；图中为全部报告"),
    "en": ("Parameters that this notebook does not take: ", "; it draws all reports"),
}


def index(
    out: Path,
    units: Sequence[Mapping[str, str]],
    *,
    title: Mapping[str, str] | str,
    lang: str = "zh",
) -> Path:
    """Write index.html, which lists every unit of a batch with its figures and files.

    Parameters
    ----------
    out : the batch's folder.
    units : dicts with `unit` (folder below `out`), `notebook`, `parameters`, `status` (`done` or
        `failed`), `error` (a sentence) and `not_taken` (names of parameters joined by ;).
    title : in zh and en (or in one language).
    lang : the study's language; the page has the units' own where that is one and the same.

    Returns
    -------
    Path
        of index.html.
    """
    langs = [lang_of(unit, out, lang) for unit in units]
    lang = langs[0] if len(set(langs)) == 1 else lang
    shown = escape(title if isinstance(title, str) else title[lang])
    parts = [
        f'<!doctype html><html lang="{HTML_LANG[lang]}">'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{shown}</title><style>{_STYLE}</style><h1>{shown}</h1>",
        *(_unit(unit, out, own) for unit, own in zip(units, langs, strict=True)),
    ]
    path = out / "index.html"
    with tables.replacing(path) as part:
        part.write_text(with_font("\n".join(parts)) + "\n", encoding="utf-8", newline="\n")
    return path


def restored_page(restored: Restored, title: str) -> str:
    """A restored text beside its raw one, as a page that needs nothing else, fonts included."""
    return with_font(restored_html(restored, title))


def concordance(table: pd.DataFrame) -> str:
    """A word in its context as a small page that needs nothing else: the hits stand in a column.

    Parameters
    ----------
    table : of `keywords.concordance`: sentence_id, section, part, left, key, right.
    """
    title = escape(f"{'、'.join(table['key'].unique())} · {len(table)}")
    lines = "\n".join(
        f"<tr><th>{escape(row.sentence_id)}<th>{escape(row.section)}<th>{escape(row.part)}"
        f'<td class="left">{escape(row.left)}<td><mark>{escape(row.key)}</mark>'
        f"<td>{escape(row.right)}"
        for row in tables.rows(table)
    )
    return with_font(
        '<!doctype html><html lang="zh-Hans"><meta charset="utf-8">'
        f"<title>{title}</title><style>{_KWIC_STYLE}</style>"
        f'<table class="kwic"><caption>{title}</caption>\n{lines}\n</table>\n'
    )


def with_font(text: str) -> str:
    """A page with the glyphs that it needs put into its style sheet."""
    return text.replace("<style>", f"<style>{_font_face(text)}", 1)


def _font_face(text: str) -> str:
    """A CSS font that holds just the wide characters of a text, so that none needs installing."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    options = subset.Options(flavor="woff", layout_features=[], hinting=False, notdef_outline=True)
    glyphs = TTFont(font(), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(
        text="".join(sorted({character for character in text if character > "\xff"}))
    )
    subsetter.subset(glyphs)
    glyphs.flavor = "woff"
    data = io.BytesIO()
    glyphs.save(data)
    coded = base64.b64encode(data.getvalue()).decode("ascii")
    return f"@font-face{{font-family:Gongbao;src:url(data:font/woff;base64,{coded})}}"


def lang_of(unit: Mapping[str, str], out: Path, lang: str) -> str:
    """The language a unit was drawn in: as its figures say, else its parameters, else `lang`."""
    for bundle in bundles(out / unit["unit"]):
        record = json.loads((bundle / "provenance.json").read_text("utf-8"))
        lang = record["options"].get("lang", lang)
    said = json.loads(unit["parameters"] or "{}").get("lang", lang)
    return said if said in HTML_LANG else lang


def _unit(unit: Mapping[str, str], out: Path, lang: str) -> str:
    """A unit's heading, what it does not take, its error, its figures and its notebook."""
    notebook = f"{unit['unit']}/{unit['notebook']}.ipynb"
    heading = escape(_heading(unit, out / notebook, lang))
    parts = [f'<h2 id="{quote(unit["unit"])}" lang="{HTML_LANG[lang]}">{heading}</h2>']
    if names := unit.get("not_taken"):
        words, every = _NOT_TAKEN[lang]
        every = "" if json.loads(unit["parameters"] or "{}").get("reports") else every
        parts.append(f"<p>{words}{escape(names.replace(';', ', '))}{every}</p>")
    if unit["status"] != "done":
        parts.append(f'<p class="failed">{escape(unit["error"])}</p>')
    parts += [_figure(bundle, out, lang) for bundle in bundles(out / unit["unit"])]
    files = {
        f"{unit['unit']}/report.html": ("报告：点图上的标记看句子", "report: click a mark"),
        f"{unit['unit']}/report.pdf": ("报告（PDF）", "report (PDF)"),
        f"{unit['unit']}/brief.docx": ("报告（Word）", "report (Word)"),
        notebook: ("运行过的 notebook", "executed notebook"),
    }
    links = [
        f'<a href="{quote(file)}">{label[lang == "en"]}</a>'
        for file, label in files.items()
        if (out / file).exists()
    ]
    parts.insert(1, f"<p>{' · '.join(links)}</p>")
    return "\n".join(parts)


def _heading(unit: Mapping[str, str], notebook: Path, lang: str) -> str:
    """The notebook's title in a language, its name, and the parameters that are not the default.

    The title is the notebook's first line, `# 主题覆盖 · Theme coverage`, where it has both.
    """
    given = json.loads(unit["parameters"] or "{}")
    said = [
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in given.items()
    ]
    cells = json.loads(notebook.read_text("utf-8"))["cells"] if notebook.exists() else []
    first = next(("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    titles = first.partition("\n")[0].removeprefix("# ").split(" · ")
    title = [titles[lang == "en"]] if first.startswith("# ") and len(titles) == 2 else []
    return " · ".join([*title, unit["notebook"], *said])


def bundles(unit: Path) -> list[Path]:
    """The folders of a unit's figures, in the order of `figures.TITLES`."""
    from analysis.figures import TITLES

    order = [*TITLES]
    found = sorted(file.parent for file in unit.glob("*/provenance.json"))
    return sorted(found, key=lambda one: order.index(one.name) if one.name in order else len(order))


def _figure(bundle: Path, out: Path, lang: str) -> str:
    """One figure with links to its files."""
    record = json.loads((bundle / "provenance.json").read_text("utf-8"))
    place = quote(bundle.relative_to(out).as_posix())
    name = escape(record["title"][lang])
    links = " · ".join(
        f'<a href="{place}/{file.name}">{escape(file.name)}</a>'
        for file in sorted(bundle.iterdir())
    )
    return (
        f'<figure><a href="{place}/figure.pdf"><img src="{place}/figure.png" alt="{name}"></a>'
        f"<figcaption>{name} <small>#{record['hash'][:8]}</small><br><small>{links}</small>"
        "</figcaption></figure>"
    )

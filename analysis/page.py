"""Pages for people: the index of what a batch wrote.

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


def index(out: Path, units: Sequence[Mapping[str, str]], *, title: str, lang: str = "zh") -> Path:
    """Write index.html, which lists every unit of a batch with its figures and files.

    Parameters
    ----------
    out : the batch's folder.
    units : dicts with `unit` (folder below `out`), `notebook`, `parameters`, `status` (`done` or
        `failed`) and `error` (a sentence).

    Returns
    -------
    Path
        of index.html.
    """
    parts = [
        f'<!doctype html><html lang="{"zh-Hans" if lang == "zh" else "en"}">'
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><h1>{escape(title)}</h1>"
    ]
    for unit in units:
        parts.append(f'<h2 id="{quote(unit["unit"])}">{escape(_heading(unit))}</h2>')
        if unit["status"] != "done":
            parts.append(f'<p class="failed">{escape(unit["error"])}</p>')
        parts += [_figure(bundle, out, lang) for bundle in _bundles(out / unit["unit"])]
        notebook = f"{unit['unit']}/{unit['notebook']}.ipynb"
        if (out / notebook).exists():
            label = "运行过的 notebook" if lang == "zh" else "executed notebook"
            parts.append(f'<p><a href="{quote(notebook)}">{label}</a></p>')
    path = out / "index.html"
    body = "\n".join(parts)
    with tables.replacing(path) as part:
        text = body.replace("<style>", f"<style>{_font_face(body)}", 1)
        part.write_text(text + "\n", encoding="utf-8", newline="\n")
    return path


def restored_page(restored: Restored, title: str) -> str:
    """A restored text beside its raw one, as a page that needs nothing else, fonts included."""
    text = restored_html(restored, title)
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


def _heading(unit: Mapping[str, str]) -> str:
    """The notebook's name and the parameters that are not the default."""
    given = json.loads(unit["parameters"] or "{}")
    said = [
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in given.items()
    ]
    return " · ".join([unit["notebook"], *said])


def _bundles(unit: Path) -> list[Path]:
    return sorted(file.parent for file in unit.glob("*/provenance.json"))


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

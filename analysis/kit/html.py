"""What every page begins with: head, style, the glyphs it needs, its words."""

from __future__ import annotations

import base64
import json
from html import escape
from pathlib import Path
from typing import Any

from . import font

TEMPLATES = Path(__file__).parent / "templates"

WORDS: dict[str, Any] = json.loads((TEMPLATES / "words.json").read_text("utf-8"))
"""What the pages say, by page (`brief`, `evidence`, `index`) and language."""

HTML_LANG = {"zh": "zh-Hans", "en": "en"}
LANGUAGES = tuple(HTML_LANG)


def template(name: str) -> str:
    """A file of the folder `templates`, as text."""
    return (TEMPLATES / name).read_text("utf-8")


def head(title: str, lang: str, style: str) -> str:
    """How a page begins: its language, its title (as text) and its style sheet (a template)."""
    return (
        f'<!doctype html><html lang="{HTML_LANG[lang]}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{template(style)}</style>"
    )


def with_font(text: str) -> str:
    """A page with the glyphs that it needs put into its style sheet."""
    return text.replace("<style>", f"<style>{_font_face(text)}", 1)


def _font_face(text: str) -> str:
    """A CSS font that holds just the wide characters of a text, so that none needs installing."""
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set({ord(character) for character in text if character > "\xff"})
    wanted.layout_feature_tag_set.clear()
    flags = uharfbuzz.SubsetFlags
    wanted.flags = flags.NO_HINTING | flags.NOTDEF_OUTLINE | flags.DESUBROUTINIZE
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font.file())))
    coded = base64.b64encode(uharfbuzz.subset(face, wanted).blob.data).decode("ascii")
    return f"@font-face{{font-family:Gongbao;src:url(data:font/otf;base64,{coded})}}"

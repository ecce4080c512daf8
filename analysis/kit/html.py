"""What pages are made of: templates that escape every value, their words, the glyphs they need."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import cache, partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from . import font

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"

WORDS: dict[str, Any] = json.loads((TEMPLATES / "words.json").read_text("utf-8"))
"""What the pages say, by page (`brief`, `evidence`, `index`) and language."""

HTML_LANG = {"zh": "zh-Hans", "en": "en"}
LANGUAGES = tuple(HTML_LANG)

_MARKS = re.compile(r"[\\`*_\[\]|~$]|^[-+=#]|^\d+[.)]")  # what Markdown takes for a sign


def template(name: str) -> str:
    """A file of the folder `templates`, as text."""
    return (TEMPLATES / name).read_text("utf-8")


@cache
def hashed(script: str) -> str:
    """The hash of a script among the templates: the only one that a page with it lets run."""
    coded = base64.b64encode(hashlib.sha256(template(script).encode()).digest())
    return f"sha256-{coded.decode()}"


@cache
def environment() -> Environment:
    """Where templates are compiled, once: what is put into one is escaped; an unknown name fails.

    Filters: `anchor` (a name in a link), `cell` (a value), `hashed` (a script, as a page says which
    may run), `label` (a column in a language), `md` (text in Markdown).
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from . import values

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    links = partial(quote, safe=":")
    made.filters |= {"anchor": links, "cell": values.cell, "hashed": hashed, "label": label}
    made.filters |= {"md": markdown}
    made.globals |= {"all_words": WORDS, "file": template, "html_lang": HTML_LANG}
    return made


def render(name: str, **said: Any) -> str:
    """A template's text; it asks for no font."""
    return environment().get_template(name).render(said)


def module(name: str, **said: Any) -> Any:
    """The macros of a template as functions, for parts of pages; they know what is said."""
    return environment().get_template(name).make_module(said)


@cache
def labels() -> dict[str, list[str]]:
    """What the columns of all tables are called, in zh and en."""
    import yaml

    found: dict[str, list[str]] = yaml.safe_load(template("labels.yaml"))
    return found


def label(column: str, lang: str) -> str:
    """What a column is called in a language; its own name where nobody named it.

    >>> label("N_chars", "zh"), label("a column of mine", "en")
    ('总字数', 'a column of mine')
    """
    return labels().get(column, [column, column])[LANGUAGES.index(lang)]


def markdown(text: str) -> Any:
    r"""Text in one line that Markdown shows as it is, HTML too.

    >>> print(markdown("- a|b [c](d)"), markdown("1. *一* <b>'x'"))
    \- a\|b \[c\](d) 1\. \*一\* &lt;b&gt;'x'
    """
    from jinja2.filters import do_mark_safe

    plain = getattr(text, "unescape", text.__str__)()  # what a macro made is escaped already
    marked = _MARKS.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", " ".join(plain.split()))
    return do_mark_safe(escape(marked, quote=False))


def with_font(text: str) -> str:
    """A page with the glyphs that it needs put into its style sheet."""
    return text.replace("<style>", f"<style>{_font_face(text)}", 1)


def _font_face(text: str) -> str:
    """A CSS font that holds just the wide characters of a text, so that none needs installing."""
    import uharfbuzz

    wanted = uharfbuzz.SubsetInput()
    wanted.unicode_set.set({ord(character) for character in {*text} if character > "\xff"})
    wanted.layout_feature_tag_set.clear()
    flags = uharfbuzz.SubsetFlags
    wanted.flags = flags.NO_HINTING | flags.NOTDEF_OUTLINE | flags.DESUBROUTINIZE
    face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font.file())))
    coded = base64.b64encode(uharfbuzz.subset(face, wanted).blob.data).decode("ascii")
    return f"@font-face{{font-family:Gongbao;src:url(data:font/otf;base64,{coded})}}"

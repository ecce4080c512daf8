"""The documentation site: `make docs` builds these pages into docs/_build.

The pages are the Markdown files of this folder, which read as well without it. Nothing is loaded
from elsewhere: no script, style or font of another server.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import faces  # noqa: E402
import finder  # noqa: E402
import gallery  # noqa: E402

import analysis  # noqa: E402

project = "Gongbao 公报"
author = "Gongbao contributors"
copyright = author  # noqa: A001
version = release = analysis.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_gallery"]
nitpicky = True
suppress_warnings = ["myst.header"]  # a page may begin its sections at any depth

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"
default_role = "literal"  # a docstring's `x` is code
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = project
html_search_language = finder.Both.lang
html_show_search_summary = False  # for these a browser fetches pages, which it may not from a disk
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}


OUTSIDE = re.compile(r"\[([^]]*)]\(\.\./((?!\.\.)[^)#]+)\)")
"""A link to a file of the project that is no page of the site."""


def chinese(_app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """A page in Chinese says so to browsers and screen readers."""
    if page.endswith(".zh"):
        context["language"] = "zh-CN"


HAN, MARK = re.compile("[一-鿿]"), re.compile("[\u3000-\u303f\uff00-\uffef“”]")


def unbroken(text: str) -> str:
    """Chinese without the blanks that a browser makes of line ends in a paragraph."""
    made: list[str] = []
    fence = False
    for line in text.split("\n"):
        fence ^= line.startswith("```")
        end = made[-1][-1:] if made and not fence and not made[-1].startswith("#") else ""
        begin = line.lstrip()[:1]
        after_mark = bool(MARK.match(end)) and bool(begin) and begin not in "|#:!-"
        after_mark &= not line.lstrip().startswith("```")
        if after_mark or (HAN.match(end) and (HAN.match(begin) or MARK.match(begin))):
            made[-1] += line.lstrip()
        else:
            made.append(line)
    return "\n".join(made)


def read(_app: Any, page: str, source: list[str]) -> None:
    """A page as it is read: the API's is made, and a file outside of the site is named."""
    if page == "api":
        source[0] += faces.page()
    if page.endswith(".zh"):
        source[0] = unbroken(source[0])
    if "/" not in page:
        source[0] = source[0].replace("](../CONTRIBUTING.md)", "](contributing.md)")
        source[0] = OUTSIDE.sub(r"\1 (`\2`)", source[0])


def unnamed(_app: Any, _what: str, _name: str, thing: Any, skip: bool, _options: Any) -> bool:
    """A field of a tuple says nothing of its own."""
    return skip or type(thing).__name__ == "_tuplegetter"


def setup(app: Any) -> None:
    """What happens besides; the gallery's pictures are drawn before pages are read."""
    app.add_search_language(finder.Both)
    app.connect("html-page-context", chinese)
    app.connect("source-read", read)
    app.connect("autodoc-process-docstring", faces.prose)
    app.connect("autodoc-skip-member", unnamed)
    app.connect("builder-inited", lambda _app: gallery.draw(HERE / "_gallery"))

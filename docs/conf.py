"""The documentation site: `make docs` builds these pages into docs/_build.

The pages are the Markdown files of this folder, which read as well without it. Nothing is loaded
from elsewhere: no script, style or font of another server.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

import gallery  # noqa: E402

import analysis  # noqa: E402

project = "Gongbao 公报"
author = "Gongbao contributors"
copyright = author  # noqa: A001
version = release = analysis.__version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "_gallery"]
nitpicky = True
suppress_warnings = ["myst.header"]  # a page may begin its sections at any depth

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = project
html_search_language = "zh"  # cuts Chinese by jieba, and stems English too
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"footer_icons": [], "top_of_page_buttons": []}


def chinese(_app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """A page in Chinese says so to browsers and screen readers."""
    if page.endswith(".zh"):
        context["language"] = "zh-CN"


def setup(app: Any) -> None:
    """Draw the gallery's pictures before pages are read."""
    app.connect("html-page-context", chinese)
    app.connect("builder-inited", lambda _app: gallery.draw(HERE / "_gallery"))

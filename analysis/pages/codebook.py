"""A codebook as a page that can be cited and looked through: HTML, Markdown, or a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from analysis import tables
from analysis.bundle import evidence_page
from analysis.evidence import marks
from analysis.kit import html, put
from analysis.study import codebook_page

KINDS = ("html", "md", "csv")
"""What a codebook is written as."""


def write(study: Any, kind: str, path: Path, lang: str = "") -> Path:
    """Write what is said of the codebook that a study is opened with; the file.

    Definitions stand in zh and en; `lang` is that of the page around them, the study's if empty.
    """
    said = codebook_page.of(study)
    if kind == "csv":
        tables.write(codebook_page.table(said), path)
        return path
    lang = lang or study.lang
    how: dict[str, Any] = {"lang": lang, "words": html.WORDS["codebook"][lang], "said": said}
    how |= {"names": said["book"].names(lang), "pieces": marks.pieces}
    how |= {"parts": evidence_page.parts(lang)}
    made = html.render(f"codebook.{kind}.j2", **how)
    return put(path, html.with_font(made) if kind == "html" else made)

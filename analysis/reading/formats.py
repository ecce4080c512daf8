"""A document's bytes → lines of text, by kind: `html`, `docx`, `pdf`.

Called in the process of `apart`, which bounds time and memory. What a reader cannot take is a
ValueError with a sentence.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

UNPACKED = 200 * 2**20
"""Bytes that a Word document may unpack to: its text is a few hundred kilobytes, its pictures are
packed already; what unpacks to more was made to."""

_PAGE_NUMBER = re.compile(r"[-—–－·\s]*\d{1,4}[-—–－·\s]*|第\s*\d+\s*页.{0,12}")
_TABLE_ROW = re.compile(r"\|(.*)\|\s*")


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float


def html(data: bytes) -> str:
    """The main text of a web page (UTF-8): a line a paragraph, a table's row with tabs.

    Menus, addresses and lists of other articles are left out as trafilatura tells them apart; it
    is given the text, follows no link and loads nothing.
    """
    from lxml.html import HTMLParser, document_fromstring
    from trafilatura import extract

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    page = document_fromstring(data, parser=parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ValueError(
            "is nested deeper than a page is, and would be cut; open it and save its text as .txt."
        )
    title = _title(page)  # what follows takes parts of the page away
    _tidy(page)
    text = extract(page, include_comments=False, favor_recall=True) or ""
    lines = [title] if text and title not in text else []
    for line in text.splitlines():
        row = _TABLE_ROW.fullmatch(line)
        if not row:
            lines.append(line)
        elif row[1].strip("-| "):  # not the rule below a table's head
            lines.append("\t".join(map(str.strip, row[1].split("|"))))
    return "\n".join(lines) + "\n"


def _tidy(page: Any) -> None:
    """Take out what extraction stumbles over in a short page, of which it keeps every piece.

    Parts of three links or more and nothing else are menus; in prose, links and letters in bold
    would each become a line.
    """
    from lxml.etree import strip_tags

    strip_tags(page, "span", "strong", "b", "em", "i", "u", "font")
    for block in [*page.iter("nav", "ul", "ol", "dl", "tr", "div", "p", "header", "footer")]:
        links = block.findall(".//a")
        linked = "".join("".join(link.text_content() for link in links).split())
        said = "".join(block.text_content().split()) if links else ""
        if len(links) > 2 and linked == said:
            block.drop_tree()
        elif block.tag == "p" and 2 * len(linked) < len(said):
            strip_tags(block, "a")


def _title(page: Any) -> str:
    """What a page says it is called, '' if it does not: it often stands outside of the main text.

    The name ArticleTitle is what the State Council's rules for government sites ask for; a first
    heading counts where the window's title says it too, as that of a site's banner does not.
    """
    window = " ".join((page.findtext(".//title") or "").split())
    named = page.xpath("//meta[translate(@name, 'ARTICLE', 'article') = 'articletitle']/@content")
    heads = [head.text_content() for head in page.iter("h1")]
    heads = [" ".join(head.split()) for head in heads]
    said = [*map(str, named), *(head for head in heads if head and head in window)]
    return next(filter(None, said), re.split(r"[_|]|\s[-–—]\s", window)[0].strip())


def docx(data: bytes) -> str:
    """The text of a Word document: a line a paragraph, and a line a row of a table.

    Numbers that Word itself sets before a heading are no text and are not there.
    """
    from docx import Document
    from docx.table import Table

    try:
        packed = zipfile.ZipFile(io.BytesIO(data)).infolist()
        if any(one.flag_bits & 1 for one in packed):
            raise ValueError("is encrypted; open it, take the password off and save it again.")
        if sum(one.file_size for one in packed) > UNPACKED:
            raise ValueError(
                f"unpacks to more than {UNPACKED >> 20} MB, as no report does; save its text as "
                ".txt."
            )
        blocks = list(Document(io.BytesIO(data)).iter_inner_content())
    except (ValueError, MemoryError) as error:
        if not str(error).endswith("."):
            raise ValueError(_no_document(error)) from None
        raise
    except Exception as error:  # a damaged file fails in zip, XML or docx, each in its own way
        raise ValueError(_no_document(error)) from None
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            cells = ({cell._tc: cell.text for cell in row.cells}.values() for row in block.rows)
            lines += ("\t".join(" ".join(text.split()) for text in row) for row in cells)
        else:
            lines += block.text.splitlines() or [""]
    return "\n".join(lines) + "\n"


def _no_document(error: Exception) -> str:
    said = " ".join(str(error).split())[:100] or type(error).__name__
    return f"is no Word document that can be read ({said}); save it as .docx or .txt again."


def pdf(data: bytes) -> str:
    """The text of a PDF: its lines joined to paragraphs, page numbers left out.

    A printed line that reaches the right margin goes on in the next one, unless that is indented;
    so a sentence is not cut where the paper ended.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", 0) == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise ValueError(
                "is encrypted; open it with its password and save it without one."
            ) from None
        raise ValueError(f"is no PDF that can be read ({error}); save it as .txt.") from None
    text = ""
    for page in document:
        for line, full, indented in _lines(page.get_textpage()):
            text += line if not text or (text[-1] != "\n" and not indented) else f"\n{line}"
            text += "" if full else "\n"
        page.close()
    return re.sub(r"\n\n+", "\n", f"{text}\n")


def _lines(page: Any) -> Iterator[tuple[str, bool, bool]]:
    """The lines of a page; whether each reaches the right margin, and whether it is indented."""
    text, at = page.get_text_range(), 0
    found: list[tuple[str, _Box, _Box]] = []
    for line in text.split("\r\n"):
        shown = re.sub(r"[\x00-\x08\x0b-\x1f\ufffe]", "", line).strip()
        if shown:
            first, last = at + len(line) - len(line.lstrip()), at + len(line) - 1
            found.append((shown, _box(page, first), _box(page, last)))
        at += len(line) + 2
    for edge in (0, -1):
        if found and _PAGE_NUMBER.fullmatch(found[edge][0]):
            found.pop(edge)
    left = min((begin.left for _, begin, _ in found), default=0.0)
    right = max((end.right for *_, end in found), default=0.0)
    for shown, begin, end in found:
        wide = max(begin.top - begin.bottom, end.top - end.bottom, 6.0)  # about a character
        yield shown, end.right > right - 1.8 * wide, begin.left > left + 1.2 * wide


def _box(page: Any, at: int) -> _Box:
    """Where a character stands, zeros where it has no place."""
    import pypdfium2

    try:
        return _Box(*page.get_charbox(at))
    except (pypdfium2.PdfiumError, IndexError, ValueError):
        return _Box(0.0, 0.0, 0.0, 0.0)


def load() -> None:
    """Import all libraries, so that no document pays for it."""
    import docx.table
    import lxml.html
    import pypdfium2
    import trafilatura

    _ = docx, lxml, pypdfium2, trafilatura


READERS = {"html": html, "docx": docx, "pdf": pdf}
"""How each kind of document is read."""

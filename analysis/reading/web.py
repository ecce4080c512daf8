"""A web page → its main text: a line a paragraph, a data table's row with tabs.

Which lines are the article, trafilatura tells apart from menus, addresses and lists of other
articles; it is given the text, follows no link and loads nothing. The lines themselves are read
off the page as a browser breaks them: tables that only place the text are taken away first, and
what trafilatura passes over between two lines of the article stays where it is prose, said twice
or not. Lines that a site sets around every article go. A page of which the text is not in it (a
script's data, frames) is refused: its menu or its request for JavaScript is no report.
"""

from __future__ import annotations

import email.message
import email.policy
import re
from collections import Counter
from itertools import count
from typing import Any, NamedTuple

from .lines import PROSE, is_text, table

_INDENT = re.compile(r"[\u3000\xa0]{2,}")
_ABOUT = re.compile(
    r"(?:(?:发布|更新|发文|成文|公开|生成)(?:时间|日期)|(?:信息|文章|稿件)?来源|(?:发布|发文|公开)(?:机构|机关|单位)"
    r"|浏览(?:次数|量)|阅读(?:次数|量)|点击(?:数|率|量|次数)|访问量|(?:责任)?编辑|作者|字号|字体|索引号|文号)\s*[:：]"
    r"|【?字[号体][:：]?\s*[\[【]?\s*大"
)
_FOOT = re.compile(
    r"(?:主办|承办|主管|协办)(?:单位)?[:：]|版权所有|ICP备|公网安备|网站标识码|技术支持[:：]|网站地图|联系我们"
    r"|(?:责任编辑|编辑|上一篇|下一篇|附件下载)[:：]|打印本页|关闭(?:窗口|本页)|扫一扫|分享到|(?i:copyright|©)"
)
_FILE = re.compile(
    r"([^/?=&]{1,80}\.(?:pdf|docx?|wps|ofd|rtf|odt|zip|rar))(?:$|[?#&])", re.IGNORECASE
)
_NO_REPORT = 60  # characters, besides the title, of a page that says nothing
_EDGE = 8  # lines at the begin and the end in which a site's own may stand
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
_UNREAD = "; open it in a browser, copy the report's text and save it as .txt."


def html(data: bytes) -> str:
    """The main text of a web page (UTF-8); ValueError with a sentence if it has none."""
    from lxml.html import HTMLParser, document_fromstring
    from trafilatura import extract

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    page = document_fromstring(data, parser=parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ValueError(
            "is nested deeper than a page is, and would be cut; open it and save its text as .txt."
        )
    if page.find(".//frameset") is not None:
        raise ValueError("is a frame around other pages, which hold the text; name those.")
    title = _title(page)  # what follows takes parts of the page away
    scripts = "".join(script.text or "" for script in page.iter("script"))
    framed = page.find(".//iframe") is not None
    elsewhere = _elsewhere(page)
    _tidy(page)
    lines = _lines(page)  # before the page is handed on
    chosen = extract(page, include_comments=False, favor_recall=True) or ""
    text = _without_site(_main(lines, chosen))
    _refuse_unread("".join(text), scripts, framed=framed)
    said = _bare("".join(text))
    rest = len(said.replace(_bare(title), "")) if title and "。" not in said else _NO_REPORT
    if rest < _NO_REPORT and (elsewhere or (said and not rest)):
        raise ValueError(f"holds a title and no report{elsewhere or _UNREAD}")
    return "\n".join([title] * bool(said and _bare(title) not in said) + text) + "\n"


def _elsewhere(page: Any) -> str:
    """Where the text of a page may be that has only a title, and what to do; '' if nobody knows."""
    sources = page.xpath("//a/@href | //embed/@src | //iframe/@src | //object/@data")
    files = [match[1] for source in sources if (match := _FILE.search(str(source)))]
    if files:
        return f": it leads to a file ({files[0]}); download that and name it."
    if page.find(".//img") is not None:
        return ": a picture has it; let a program recognise its text (OCR) and save it as .txt."
    return ""


def _refuse_unread(text: str, scripts: str, *, framed: bool) -> None:
    """ValueError where the text of a page is not in it, but its scripts or frames have it.

    The sentences in the scripts count, not their characters: lists of places and menus are long.
    """
    data = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), scripts)
    said, hidden = text.count("。"), data.count("。")
    if hidden > 2 and hidden > 3 * said:
        raise ValueError(f"has its text in a script, as data, which is not read{_UNREAD}")
    if re.search(r"[\u3400-\u9fff]", text):
        return
    if framed:
        raise ValueError(f"is a frame around another page, which holds the text{_UNREAD}")
    if scripts.strip():
        raise ValueError(f"has no text of its own: scripts fetch what a browser shows{_UNREAD}")


def _tidy(page: Any) -> None:
    """Take out what extraction stumbles over in a short page, of which it keeps every piece.

    Parts of three links or more and nothing else are menus; in prose, links and letters in bold
    would each become a line.
    """
    from lxml.etree import strip_elements, strip_tags

    unsaid = ("del", "s", "strike", "rt", "rp", "rtc")  # struck out, or how a character is read
    strip_elements(page, "noscript", "script", "style", *unsaid, with_tail=False)
    strip_tags(page, "span", "strong", "b", "em", "i", "u", "font")
    blocks = ("nav", "ul", "ol", "dl", "table", "tr", "td", "div", "p", "header", "footer")
    for block in [*page.iter(*blocks)]:
        links = block.findall(".//a")
        linked = "".join("".join(link.text_content() for link in links).split())
        said = "".join(block.text_content().split()) if links else ""
        if len(links) > 2 and linked == said:
            block.drop_tree()
        elif block.tag == "p" and 2 * len(linked) < len(said):
            strip_tags(block, "a")
    for each in reversed([*page.iter("table")]):
        if _is_layout(each):
            parts = each.iter("tbody", "thead", "tfoot", "tr", "td", "th")
            for part in [own for own in parts if next(own.iterancestors("table")) is each]:
                part.tag = "div"
            each.tag = "div"
    for part in page.iter("ul", "ol", "li", "center"):
        part.tag = "p" if part.tag == "li" and not len(part) else "div"


class _Line(NamedTuple):
    text: str
    within: int  # number of the block around it: an article's lines share one


_LEAF = "p|h[1-6]|hr|li|dt|dd|pre|legend|caption"
_HOLDER = re.compile(
    "address|article|aside|blockquote|body|center|details|div|dl|fieldset|figcaption|figure|footer"
    "|form|header|html|main|nav|ol|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_BLOCK = re.compile(f"{_LEAF}|{_HOLDER.pattern}")
_UNSEEN = re.compile(
    "audio|button|canvas|datalist|embed|head|iframe|input|link|math|meta|noscript|object|option"
    "|script|select|style|svg|template|textarea|title|video"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_PROSE = re.compile(
    r".{12}.*[。；]|\s*(?:[（(]?[一二三四五六七八九十]+[）)、]|\d{1,2}[.、．]|第.{1,3}[章节部])",
    re.DOTALL,
)
"""Sentences, and numbered headings."""


def _lines(page: Any) -> list[_Line]:
    """The lines of a page as a browser breaks them, a data table's row as one."""
    found: list[_Line] = []
    pieces: list[str] = []

    def end(within: int) -> None:
        for part in "".join(pieces).split("\n"):
            kept = (line.strip(" ") for line in _paragraphs(part) if line.strip())
            found.extend(_Line(line, within) for line in kept)
        pieces.clear()

    def walk(node: Any, within: int) -> None:
        keep = node.tag == "pre"
        pieces.append(_shown(node.text, keep))
        for child in node:
            tag = child.tag if isinstance(child.tag, str) else "title"
            block = _BLOCK.fullmatch(tag)
            if block:
                end(within)
            if tag == "br":
                pieces.append("\n")
            elif tag == "table":
                found.extend(_Line(line, within) for line in table(_rows(child)))
            elif not _UNSEEN.fullmatch(tag) and not _HIDDEN.search(child.get("style") or ""):
                inner = next(places) if _HOLDER.fullmatch(tag) else within
                walk(child, inner)
                if block:
                    end(inner)
            pieces.append(_shown(child.tail, keep))

    places = count(1)
    walk(page, 0)
    end(0)
    return found


def _shown(text: str | None, keep: bool) -> str:
    """Text with the line ends of the file as the spaces that they are, but in `pre`."""
    return (text or "").replace("\r", "") if keep else re.sub(r"[ \t\r\n\f]+", " ", text or "")


def _main(lines: list[_Line], chosen: str) -> list[str]:
    """The lines that were chosen, and of those between and beside them what is prose.

    All lines where nothing was chosen, or no sentence of several.
    """
    if "。" not in chosen and sum("。" in line.text for line in lines) > bool(chosen):
        return [line.text for line in lines]
    known = {_bare(line) for line in chosen.splitlines()} - {""}
    whole = _bare(chosen)
    sure = [
        _bare(line.text) in known or (len(_bare(line.text)) > 7 and _bare(line.text) in whole)
        for line in lines
    ]
    if not any(sure):
        return [line for line in chosen.splitlines() if line.strip()]
    homes = Counter(line.within for line, own in zip(lines, sure, strict=True) if own)
    first, last = sure.index(True), len(sure) - 1 - sure[::-1].index(True)
    return [
        line.text
        for number, (line, own) in enumerate(zip(lines, sure, strict=True))
        if own
        or (first < number < last and _bare(line.text) in whole)
        or ((first < number < last or homes[line.within] > 2) and _PROSE.match(line.text))
    ]


def _bare(text: str) -> str:
    """Text without white, and without the bars that stand for a table's cells."""
    return re.sub(r"[\s|]+", "", text)


def _is_layout(node: Any) -> bool:
    """Whether a table only places text: a cell a row, or a cell of paragraphs or with a table."""
    if node.find(".//table") is not None:
        return True
    full = [[cell for cell in row if cell] for row in _rows(node)]
    prose = any(is_text(cell) for row in full for cell in row)
    return prose or (any(full) and all(len(row) < 2 for row in full))


def _rows(node: Any) -> list[list[list[str]]]:
    """The rows of a table, their cells as lines."""
    return [
        [[line.text for line in _lines(cell)] for cell in each.iter("td", "th")]
        for each in node.iter("tr")
    ]


def _paragraphs(line: str) -> list[str]:
    """A line, cut where it is prose and wide spaces take the place of line ends."""
    cuts = len(_INDENT.findall(line.strip("\u3000\xa0 ")))
    if cuts < 2 or len(line) < PROSE or "。" not in line:
        return [line]
    return [part for part in _INDENT.split(line) if part.strip()]


def _without_site(lines: list[str]) -> list[str]:
    """An article's lines without those that a site sets around it: when, from where, by whom."""
    begin, end = lines[:_EDGE], lines[_EDGE:]
    lines = [line for line in begin if not _is_about(line)] + end
    last = max(len(lines) - _EDGE, 1)
    foot = [line for line in lines[last:] if "。" in line or not _FOOT.search(line)]
    return lines[:last] + foot


def _is_about(line: str) -> bool:
    said = line.strip("\u3000\xa0 \t【[（(")
    return "。" not in line and len(line) < 150 and bool(_ABOUT.match(said))


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


def mht(data: bytes) -> str:
    """The main text of a page that a browser saved as one file (.mht, .mhtml), or of a mail.

    Of the pages in it the first one counts, or where that has no text (a frame), the next.
    """
    from analysis.kit import encodings

    saved = email.message_from_bytes(data, policy=email.policy.compat32)
    parts = [*saved.walk()]
    pages = [
        part for part in parts if part.get_content_type() in ("text/html", "application/xhtml+xml")
    ]
    refused = ""
    for part in pages:
        body = part.get_payload(decode=True)
        found = encodings.decode(body) if isinstance(body, bytes) else None
        if found is None:
            refused = refused or "holds a page in no known encoding" + _UNREAD
            continue
        try:
            text = html(found[0].encode())
        except ValueError as error:
            refused = refused or str(error)
            continue
        if re.search(r"[\u3400-\u9fff]", text):
            return text
    raise ValueError(refused or f"is a saved page or a mail without a page in it{_UNREAD}")

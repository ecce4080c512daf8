r"""Markup as text: front matter, Markdown and HTML tags in what should be a report's words.

A `**` cuts a word in two, a `#` hides a heading, a table of pipes is no sentence. What a mark
means is kept where it is a matter of lines (a table's row, a paragraph's end); the mark goes, on
record. Plain text is not touched: Markdown's weaker signs (`>`, `-`, `\*`) count only beside a
strong one, tags only by name, and 张**、李** are names that somebody blotted out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Claim = tuple[int, int, str]
"""Raw start, raw end, and what should stand there."""

_ANY = re.compile(r"[*#<|`\[\\]|^(?:\ufeff?---|___|[-+>] )", re.MULTILINE)
FRONT = re.compile(
    r"\A\ufeff?(?:[ \t\r]*\n)*-{3,}[ \t\r]*\n"
    r"(?P<fields>(?:(?:[\w-]+:.*|[ \t]*- .*|[ \t\r]*)\n)+?)(?:-{3,}|\.{3})[ \t\r]*\n"
)
"""Front matter: `key: value` lines between two rules at the very top, whatever ends a line."""
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_HIDDEN = re.compile(
    r"<(script|style|svg|head)\b[^>]*>.*?</\1\s*>"
    r"|<details>\s*<summary>\s*目\s*[录錄]\s*</summary>.*?</details>",
    re.DOTALL | re.IGNORECASE,
)
_TAG = re.compile(
    r"<(?P<shut>/?)(?P<name>p|br|div|span|font|strong|b|em|i|u|s|sup|sub|small|big|table|tbody|thead"
    r"|tfoot|tr|td|th|a|img|hr|ul|ol|li|dl|dt|dd|h[1-6]|center|details|summary|section|article"
    r"|blockquote|figure|figcaption|html|body|meta|link|title|o:p|v:\w+|w:\w+|st1:\w+|!doctype)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLOCKS = re.compile(
    r"(?:p|br|div|tr|li|dt|dd|h[1-6]|table|section|blockquote|summary|title)", re.I
)
_BOLD = re.compile(r"(\*{2,3})(?=[^\s*])([^*\n]{1,4000}?)\1|(\*{2,3})[ \t]+([^*\n]{1,4000}?)\3")
_CLOSING = frozenset("、，。；：！？）》”’")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HEADING = re.compile(r"^[ \t]{0,3}(?:\\?#){1,6}[ \t]+(?=\S)", re.MULTILINE)
_HEADING_END = re.compile(r"[ \t]+#+[ \t]*(?=\r?$)", re.MULTILINE)
_IMAGE = re.compile(r"\*?!\[[^\]\n]*\]\([^)\n]*\)\*?")
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]*)\]\((?:https?:|\.{0,2}/|#|mailto:)[^)\n]*\)")
_ADDRESSED = re.compile(r"\[[^\]\n]+\]\(https?://[^)\n]+\)")
_NOTE = re.compile(r"\[\^[^\]\n]{1,20}\](?::[ \t]*)?")
_RULE = re.compile(
    r"^[ \t]*(?:-{3,}|\*{3,}|_{3,}|(?:\* ){2,}\*|={3,}|`{3,}.*)[ \t\r]*(?:\n|\Z)", re.MULTILINE
)
_LEAD = re.compile(r"^[ \t]{0,8}(?:(?:>[ \t]?)+|[-*+][ \t]+(?=\S))+", re.MULTILINE)
_QUOTED = re.compile("^>", re.MULTILINE)  # each line of a mail that somebody answered
_SAID = re.compile(r"^.*\S", re.MULTILINE)
_LISTED = re.compile(
    r"^[ \t\u3000]*[-*+o][ \t]+(?=[（(]?[一二三四五六七八九十]{1,3}[）)、])", re.MULTILINE
)
"""An item of a list that has a number of its own: it is a heading."""
_STRAY = re.compile(
    r"^[ \t]*\*{2,4}[ \t\r]*(?:\n|\Z)|^\*{2,3}(?=[^\s*])|(?<=[^\s*])\*{2,3}(?=\r?$)", re.MULTILINE
)
_SUBSCRIPT = re.compile(r"(?<=[A-Z])_(?:\{(?=\d+(?:\.\d+)?\}))?(?=\d)|(?<=[A-Z]_\{\d)\}")
_ESCAPE = re.compile(r"\\(?=[*_#.>|~`\[\]()\-+!])")
_HOLDS = {
    _IMAGE: "![",
    _LINK: "](",
    _SUBSCRIPT: "_",
    _STRAY: "**",
    _HEADING_END: "#",
    _NOTE: "[^",
    _ESCAPE: "\\",
}
"""What stands in every text that a pattern fits in: to look for it first takes no time."""
_ROWS = re.compile(r"(?:^[ \t]*\|.*\|[ \t\r]*(?:\n|\Z))+", re.MULTILINE)
_ROW_RULE = re.compile(r"[\s|:-]*-[\s|:-]*")
_EDGES = re.compile(r"^[ \t]*\|[ \t]*|[ \t]*\|[ \t]*$|[ \t]*(?<!\\)\|[ \t]*")


def front_matter(raw: str) -> dict[str, str]:
    r"""The fields of a text's front matter, in small letters; none where there is none.

    >>> front_matter("---\ntitle: 厦门市政府工作报告（2026）\n---\n各位代表：")
    {'title': '厦门市政府工作报告（2026）'}
    """
    found = FRONT.match(raw)
    fields: dict[str, str] = {}
    key = ""
    for row in found["fields"].splitlines() if found else []:
        item = re.match(r"[ \t]*- (.*)", row)
        if item and key:  # the first of a list is the value
            fields[key] = fields[key] or item[1].strip()
        elif ":" in row and not item:
            key, _, value = row.partition(":")
            key = key.strip().lower()
            fields[key] = value.strip().strip("\"'")
    return fields


def claims(raw: str) -> list[Claim]:
    """What is markup in a text, in its order, without overlaps.

    >>> [raw_text for *_, raw_text in claims("# 一、**法治**")], claims("张**、李**等3人")
    (['', '', ''], [])
    """
    if not _ANY.search(raw):
        return []
    taken = bytearray(len(raw))
    found: list[Claim] = []
    marked = _marked(raw)
    for start, end, after in _found(raw, marked):
        if end > start and 1 not in taken[start:end]:
            taken[start:end] = b"\1" * (end - start)
            found.append((start, end, after))
    return sorted(found)


def _marked(raw: str) -> bool:
    """Whether a text is Markdown: it bears a sign that nothing else bears."""
    strong = (FRONT, _HEADING, _IMAGE, _COMMENT, _ADDRESSED)
    if any(sign.search(raw) for sign in strong) or any(_bold(raw)) or any(_tables(raw)):
        return True
    if not raw.startswith(">") and "\n>" not in raw:
        return False
    quoted, lines = len(_QUOTED.findall(raw)), len(_SAID.findall(raw))
    return quoted >= 3 and quoted >= 0.8 * lines


def _found(raw: str, marked: bool) -> Iterator[Claim]:
    """Claims in the order of their right: what comes first is not claimed again."""
    if front := FRONT.match(raw):
        yield (*front.span(), "")
    for pattern in (_COMMENT, _HIDDEN):
        for match in pattern.finditer(raw):
            yield (*_whole(raw, *match.span()), "")
    yield from _tables(raw)
    yield from _tags(raw)
    for match in _each(_IMAGE, raw):
        yield (*_whole(raw, *match.span()), "")
    yield from _bold(raw)
    for pattern in (_HEADING, _SUBSCRIPT, _LISTED):
        for match in _each(pattern, raw):
            yield (*match.span(), "")
    if marked:
        yield from _weak(raw)


def _weak(raw: str) -> Iterator[Claim]:
    """Signs that a plain text may bear too."""
    for match in _each(_LINK, raw):
        start, end = match.span("text")
        yield match.start(), start, ""
        yield end, match.end(), ""
    for pattern in (_STRAY, _RULE, _LEAD, _HEADING_END, _NOTE, _ESCAPE):
        for match in _each(pattern, raw):
            yield (*match.span(), "")


def _each(pattern: re.Pattern[str], raw: str) -> Iterable[re.Match[str]]:
    """Where a pattern fits."""
    return pattern.finditer(raw) if _HOLDS.get(pattern, "") in raw else ()


def _bold(raw: str) -> Iterator[Claim]:
    """The stars around words; not those that stand for what was left out."""
    if "**" not in raw:
        return
    for match in _BOLD.finditer(raw):
        stars, words = (match[1], match[2]) if match[1] else (match[3], match[4])
        before = raw[match.start() - 1 : match.start()]
        if not _HAN.search(words) or (words[0] in _CLOSING and _HAN.match(before)):
            continue
        yield match.start(), match.start() + len(stars), ""
        yield match.end() - len(stars), match.end(), ""


def _tables(raw: str) -> Iterator[Claim]:
    """A table's rows of cells with tabs between them; the rule below its head goes."""
    if "|" not in raw:
        return
    for block in _ROWS.finditer(raw):
        lines = re.findall(r"[^\n]*\n|[^\n]+", block[0])
        if not any(_ROW_RULE.fullmatch(line) for line in lines):
            continue
        at = block.start()
        for line in lines:
            if _ROW_RULE.fullmatch(line) or not line.strip(" \t\r\n|"):
                yield at, at + len(line), ""
            else:
                row = line.rstrip("\r\n")
                for match in _EDGES.finditer(row):
                    inside = row[: match.start()].strip() and row[match.end() :].strip()
                    yield at + match.start(), at + match.end(), "\t" if inside else ""
            at += len(line)


def _tags(raw: str) -> Iterator[Claim]:
    """Tags by name; where one ended a paragraph within the line, the line ends."""
    if "<" not in raw:
        return
    for match in _TAG.finditer(raw):
        start, end = match.span()
        line_start = raw.rfind("\n", 0, start) + 1
        line_end = raw.find("\n", end)
        behind = _TAG.sub("", raw[end : line_end if line_end >= 0 else len(raw)]).strip(" \t\r|")
        before = _TAG.sub("", raw[line_start:start]).strip(" \t\r|")
        name = match["name"].lower()
        closes = name == "br" or (match["shut"] and _BLOCKS.fullmatch(name))
        in_row = raw[line_start:].startswith("|") or raw[line_start : line_start + 3] == " | "
        after = ""
        if before and behind and closes:
            after = " " if in_row else "\n"
        elif before and behind and match["shut"] and name in ("td", "th"):
            after = "\t"
        if not before and not behind and raw[line_start:start].strip() == "":
            rest = raw[end : line_end if line_end >= 0 else len(raw)]
            if not rest.strip():
                start, end = _whole(raw, start, end)
        yield start, end, after


def _whole(raw: str, start: int, end: int) -> tuple[int, int]:
    """A place, or the whole of its lines where nothing else stands in them."""
    line_start = raw.rfind("\n", 0, start) + 1
    line_end = raw.find("\n", end)
    line_end = len(raw) if line_end < 0 else line_end + 1
    alone = not raw[line_start:start].strip() and not raw[end:line_end].strip()
    return (line_start, line_end) if alone else (start, end)

r"""Characters that a program wrote as codes: \u4e2d, %E4%B8%AD, =E4=B8=AD, <U+4E2D>, &#20013;.

Such a code has one reading. Bytes are taken only where they are UTF-8 (or, throughout, GBK) of
Chinese, so that an address or a path stays what it is; a `\n` for a line's end only where there are
several.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress

from analysis.kit import encodings

from .draft import Draft
from .widths import HAN, INVISIBLE

_SIGNS = re.compile(r"[\\%=&<](?:[uUxX0-9a-fA-F#nr]|\r?\n)")
ENTITY = re.compile(
    r"&(?:amp;)*(?:[a-zA-Z]{2,8};|#\d{2,6};|#[xX][0-9a-fA-F]{2,5};|#\d{4,5}(?![\d;]))"
)
_CODES = re.compile(r"(?:\\u[0-9a-fA-F]{4})+|(?:%u[0-9a-fA-F]{4})+|(?:<[Uu]\+[0-9a-fA-F]{4,6}>)+")
_BEGIN = ("\\u", "%u", "<U+", "<u+")
_HIGH = re.compile(r"[%=x<\\](?:[89a-fA-F][0-9a-fA-F]|[23][0-7]{2})")
_CODE = re.compile(r"[0-9a-fA-F]{4,6}")
_HEX = "[0-9a-fA-F]{2}"
_BYTES = re.compile(
    rf"(?:%{_HEX})+|(?:=(?:{_HEX}|\r?\n))+|(?:\\x{_HEX})+|(?:<[89a-fA-F][0-9a-fA-F]>)+"
    r"|(?:\\[0-3][0-7]{2})+"
)
_PART = re.compile(rf"\\([0-3][0-7]{{2}})|({_HEX})|\n")
_ADDRESS = re.compile(r"(?:://|www\.|[?&/=])[^\s\u3400-\u9fff]*\Z")
_ASCII = {"%": re.compile("%([2-7][0-9a-fA-F])"), "=": re.compile(r"=(?:([2-7][0-9A-F])|\r?\n)")}
_LINE = re.compile(rf"(?<=[{HAN}。；：！？”）》])(?:\\r)?\\n|(?:\\r)?\\n(?=[{HAN}（“《\d \u3000])")
_SLASHED = re.compile(r'\\(?=["/])|\\t')
_LINES = 2  # of \n that say that it stands for a line's end
_LEAST = 2  # Chinese characters that bytes of GBK must give


def escapes(draft: Draft) -> None:
    """Write the characters that stand there as codes."""
    text = draft.raw
    if not _SIGNS.search(text):
        return
    for match in _CODES.finditer(text) if any(one in text for one in _BEGIN) else ():
        draft.claim(match.span(), "entity", _decoded(match[0]))
    written = set[str]()
    for start, end, after in _bytes(text):
        draft.claim((start, end), "entity", after)
        written.add(text[start])
    for sign, rest in _ASCII.items():
        for match in rest.finditer(text) if sign in written else ():
            char = chr(int(match[1], 16)) if match[1] else ""
            draft.claim(match.span(), "entity", char)


def escaped_lines(draft: Draft) -> None:
    r"""Write a line's end for \\n, and what a program put a backslash before, as it is."""
    text = draft.raw
    lines = [*_LINE.finditer(text)] if "\\n" in text else []
    if len(lines) >= _LINES:
        for match in lines:
            draft.claim(match.span(), "line-end", "\n")
        for match in _SLASHED.finditer(text):
            draft.claim(match.span(), "entity", "\t" if match[0] == "\\t" else "")


def entities(draft: Draft) -> None:
    """Replace HTML's character references by their characters, however often they were escaped."""
    if "&" not in draft.raw:
        return
    for match in ENTITY.finditer(draft.raw):
        char = match[0].replace("amp;", "") if match[0] != "&amp;" else match[0]
        char = INVISIBLE.sub("", html.unescape(char))
        if char != match[0] and "\n" not in char:
            draft.claim(match.span(), "entity", " " if char == "\xa0" else char)


def _decoded(run: str) -> str:
    """The characters of codes; two halves of one beyond U+FFFF are one."""
    units = "".join(chr(int(code, 16)) for code in _CODE.findall(run) if int(code, 16) < 0x110000)
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _bytes(text: str) -> Iterator[tuple[int, int, str]]:
    """Places of bytes written as codes, and what they say."""
    if not _HIGH.search(text):
        return
    for match in _BYTES.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if match[0][0] == "%" and _ADDRESS.search(line):
            continue
        octal = match[0][0] == "\\" and match[0][1] != "x"
        parts = [one[0] or one[1] for one in _PART.findall(match[0]) if any(one)]
        data = bytes(int(part, 8 if octal else 16) for part in parts)
        if again := _chinese(data):
            yield *match.span(), again


def _chinese(data: bytes) -> str:
    """What bytes say as UTF-8, or in GBK, if it is Chinese; nothing otherwise."""
    for table, least in (("utf-8", 1), ("gb18030", _LEAST)):
        with suppress(UnicodeDecodeError):
            found = data.decode(table)
            quality = encodings.quality(found)
            return found if quality.characters >= least and quality.common == 1 else ""
    return ""

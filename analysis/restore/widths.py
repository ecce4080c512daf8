"""One character in several shapes: made equal, so that no count depends on the shape.

A PDF's text layer gives the radical ⾏ for 行, an old font the compatibility form 行, a vertical
page ︒ for 。, a typewriter's habit ２０２３ for 2023; between the characters stand joiners, soft
hyphens and other signs without width. To a reader all this is the same text, to a program it is
not. Each change here has one outcome, so all are `certain`.

`plain_shapes` runs before any other rule, so that these see the text; but what bytes of GBK can
show may be a trace of a passage out of phase, which only its rule can read. Such characters
(`late`) wait until that is done.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from analysis.kit import encodings

from .draft import Draft

WIDTHLESS = (
    "\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\u2800"
    "\u3164\ufeff\uffa0\ufff9-\ufffb"
)
CONTROLS = r"\x00-\x08\x0e-\x1f\x7f"
INVISIBLE = re.compile(f"[{WIDTHLESS}{CONTROLS}]+")
HAN = "\u2e80-\u2fd5\u3400-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"
TEXT = rf"{HAN}\u3000-\u303f\ufe10-\ufe6f\uff01-\uffee“”‘’—…0-9A-Za-z,.;:()%"
SELECTORS = "\ufe00-\ufe0f\U000e0001-\U000e01ef"
# joiners and selectors serve other scripts and emoji; beside Chinese text they serve nothing
JOINERS = re.compile(
    rf"\u00ad+|(?<=[{TEXT}])[\u200c\u200d]+|[\u200c\u200d]+(?=[{TEXT}])"
    rf"|(?<=[{TEXT}])[{SELECTORS}]+(?!\u20e3)"
)
COMBINING = re.compile(rf"[\u0300-\u036f]+(?<=[{HAN}].)")  # serves no Chinese character
PICTURE = re.compile("(?m)^\ufffc$")  # it stood in a line of its own
# radicals of the supplement that are whole characters
RADICALS = dict(
    zip(
        "⺊⺒⺙⺛⺜⺝⺟⺠⺢⺨⺩⺫⺬⺯⺹⺼⺽⻁⻂⻃⻄⻅⻆⻇⻉⻋⻎⻏⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻞⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻯⻰⻲⻳",
        "卜巳攵旡日月母民水犬王目示糸耂月臼虎衣覀西见角角贝车辶阝長長长门雨青韦页风飞食食马骨鬼鱼鸟卤麦黄黾齐齿竜龙亀龟",
        strict=True,
    )
)
MARKS = dict(
    zip(
        "︐︑︒︓︔︕︖︗︘︙︱︵︶︷︸︹︺︻︼︽︾︿﹀﹁﹂﹃﹄﹐﹑﹔﹕﹖﹗﹙﹚｡､｢｣･",
        "，、。：；！？〖〗…—（）｛｝〔〕【】《》〈〉「」『』，、；：？！（）。、「」·",
        strict=True,
    )
)
GBK_COMPATIBLE = "\uf92c\uf979\uf995\uf9e7\uf9f1\ufa0c\ufa0d\ufa18\ufa20"
ODD = re.compile(f"[\u0400-\u04ff{HAN}]")  # what mojibake shows beside its letters
WIDE = re.compile("[０-９Ａ-Ｚａ-ｚ]+")
ALNUM = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()}
NOUGHT = re.compile("(?<=[一二三四五六七八九十])[ОοΟо]+(?=[一二三四五六七八九十〇○])")
BLANK_OF_GBK = "\ue5e5"  # A3A0, which the Encoding Standard reads as a full-width space
# ．and . as full stops: behind a character or a percentage, before one or at the line's end
STOP = re.compile(
    rf"(?<=[{HAN}％%）)”])[．.](?=[{HAN}“（(《]|[12]\d{{3}}年"
    rf"|[ \t\u3000\r]*(?:[\n\x0b\x85\u2028\u2029]|\Z))"
)
POINT = re.compile(r"(?<=[0-9０-９])．(?=[0-9０-９])|(?<=[0-9０-９A-Za-z])．")
# 〇 is the one numeral that GB2312 lacks: what had to do with that wrote ? for it
LOST_NOUGHT = re.compile(
    "(?<=二)[?？](?=[?？〇○零一二][?？〇○零一二三四五六七八九]年)"
    "|(?<=二[?？〇○零])[?？](?=[一二三四五六七八九]年)|(?<=二[?？〇○零][一二])[?？](?=年)"
)
LOW_QUOTES = re.compile(r"„(?=(?:19|20)\d\d‟第?\d{1,4}号)|(?<=„(?:19|20)\d\d)‟(?=第?\d{1,4}号)")
# numberings of one character, at a line's start: ㈠ （一）, ⑴ （1）, ⒈ 1.
NUMBERED = re.compile("(?m)^[ \u3000]*([\u3220-\u3229\u2474-\u249b])(?=[\u3400-\u9fff])")
POINT_LOST = re.compile(r"。(?=\d{1,2}(?:[%％]|个百分点|[万亿]))(?<=\d。)")
# where a text has several, also before other units, and a comma
POINTS_LOST = re.compile(
    r"[。，](?=\d{1,2}(?:[%％]|个百分点|[万亿]))(?<=\d[。，])"
    r"|。(?=\d{1,2}(?:‰|[倍元公亩吨平立千米]))(?<=\d。)"
)
STOPS = 3  # so many, and not one 。, say that the text writes its full stops so


@cache
def shapes() -> dict[str, str]:
    """Return for each character of another shape the one that it is."""
    table = {**RADICALS, **MARKS}
    for first, last in (
        (0x2F00, 0x2FD5),
        (0xF900, 0xFAD9),
        (0x2F800, 0x2FA1D),
        (0xFB00, 0xFB06),
        (0x1D400, 0x1D7FF),
    ):
        for code in range(first, last + 1):
            char = unicodedata.normalize("NFKC", chr(code))
            if char not in (chr(code), ""):
                table[chr(code)] = char
    return table


def late(char: str) -> bool:
    """Whether bytes of GBK show as this character, so that it may stand in a broken passage."""
    return "\ufe30" <= char <= "\ufe6f" or char in GBK_COMPATIBLE


@cache
def _pattern(which: bool) -> re.Pattern[str]:
    chars = "".join(char for char in shapes() if late(char) is which and char < "\U00010000")
    beyond = "" if which else "|[\U0001d400-\U0001d7ff\U0002f800-\U0002fa1d]+"
    return re.compile(f"[{chars}]+{beyond}")  # one class with both takes ten times as long


def early_signs() -> str:
    """The characters that `plain_shapes` looks at, as a set in a regular expression lists them."""
    joiners = "\u00ad\u0300-\u036f\u200c\u200d\ufe00-\ufe0f\ufffcОοΟо"
    return "".join(char for char in shapes() if not late(char)) + joiners


def late_signs() -> str:
    """The characters that `plain_widths` looks at."""
    wide = "".join(map(chr, ALNUM))
    numbered = "\u3220-\u3229\u2474-\u249b"
    return "".join(char for char in shapes() if late(char)) + wide + numbered + "．" + BLANK_OF_GBK


def plain_shapes(draft: Draft) -> None:
    """Make equal what no bytes of GBK show: radicals, compatibility forms, joiners."""
    text = draft.raw
    for match in INVISIBLE.finditer(text):
        draft.claim(match.span(), "invisible", "")
    for match in JOINERS.finditer(text):
        draft.claim(match.span(), "invisible", "")
    for match in COMBINING.finditer(text):
        draft.claim(match.span(), "invisible", "")
    for match in PICTURE.finditer(text) if "\ufffc" in text else ():
        draft.claim(match.span(), "invisible", "")
    for match in NOUGHT.finditer(text):
        draft.claim(match.span(), "width", "〇" * len(match[0]))
    _shaped(draft, _pattern(False))


def plain_widths(draft: Draft) -> None:
    """Make equal what may also be shown by bytes of GBK: vertical, small and full-width forms."""
    text = draft.raw
    _shaped(draft, _pattern(True))
    for match in WIDE.finditer(text):
        if not _amid_damage(text, *match.span()):
            draft.claim(match.span(), "width", match[0].translate(ALNUM))
    for match in POINT.finditer(text):
        draft.claim(match.span(), "width", ".")
    heads = [*NUMBERED.finditer(text)]
    signs = {match[1] for match in heads}
    for match in heads:  # a lone one may be half of a broken passage
        if signs & {chr(ord(match[1]) - 1), chr(ord(match[1]) + 1)}:
            plain = unicodedata.normalize("NFKC", match[1]).translate({40: "（", 41: "）"})
            draft.claim(match.span(1), "width", plain)
    for match in re.finditer(BLANK_OF_GBK, text):
        draft.claim(match.span(), "width", "", note="a full-width space by its bytes in GBK, A3A0")


def _amid_damage(text: str, start: int, end: int) -> bool:
    """Whether a full-width letter stands between characters that no report has: half of one."""
    if end - start > 2 or not text[start:end].isalpha():
        return False
    beside = text[max(start - 2, 0) : start] + text[end : end + 2]
    return any(ODD.match(char) and char not in encodings.common() for char in beside)


def full_stops(draft: Draft) -> None:
    """Write 。 where a text has ． or . as its full stop."""
    text = draft.raw
    if "。" in text or not ("." in text or "．" in text):
        return
    found = list(STOP.finditer(text))
    if len(found) >= STOPS:
        for match in found:
            draft.claim(match.span(), "width", "。")


def years(draft: Draft) -> None:
    """Write the 〇 of a year that shows as ?, and the brackets of a document's year („2009‟3号)."""
    for match in LOST_NOUGHT.finditer(draft.raw) if re.search("二[?？]", draft.raw) else ():
        draft.claim(match.span(), "width", "〇", note="the one numeral that GB2312 lacks")
    for match in LOW_QUOTES.finditer(draft.raw) if "„" in draft.raw else ():
        draft.claim(match.span(), "width", "〔" if match[0] == "„" else "〕")


def points(draft: Draft) -> None:
    """Write the point of a number that stands there as a full stop: no sentence begins with 2%."""
    found = [*POINT_LOST.finditer(draft.raw)]
    for match in POINTS_LOST.finditer(draft.raw) if len(found) >= STOPS else found:
        draft.claim(match.span(), "width", ".", "likely", "or: a sentence ends here")


def _shaped(draft: Draft, pattern: re.Pattern[str]) -> None:
    table = shapes()
    for match in pattern.finditer(draft.raw):
        draft.claim(match.span(), "width", "".join(table.get(char, char) for char in match[0]))

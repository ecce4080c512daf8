"""What stands around a report and is none of its words: buttons, breadcrumbs, share lines, notices.

A page's furniture stands before the first paragraph and behind the last one, so only there is a
line taken out for its looks; further inside, a line that only looks like it is the report's. What
a line must look like is in `furniture.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

BODY = 50
"""Characters from which a line with a full stop in it is a paragraph; from SHORT on, one that ends
with it: a page's buttons do not."""

SHORT = 5
EDGE = 5
"""Lines at each end that may be furniture where no paragraph tells where the report begins."""

GREETED = 40
"""Lines among which the greeting stands that opens a report; what is above it is a page's too."""

CRUMB = 12
"""Characters that a name in a page's breadcrumbs has at most."""

_END = re.compile(r"[。！？；][”’』」）》]*$")
_SIGN = {">", "＞", "›", "»", "/"}
_BEGINS = re.compile(
    r"(?:[一二三四五六七八九十]+、|第[一二三四五六七八九十]+[部章]|[（(][一二三四五六七八九十]+[）)])\S"
    r"|(?:各位代表|各位委员|同志们)\s*[:：，,！!]|现在，?(?:我|受)"
)
_GREETING = re.compile(r"(?:各位代表|同志们)\s*[:：，,！!]")
_LICENCE = re.compile("著作[权權]法|公有[领領]域")
_DIGIT = re.compile(r"\d")


class Line(NamedTuple):
    """A line of the raw text: where it stands, its line end included, and what it says."""

    start: int
    end: int
    text: str


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """The patterns of furniture.txt by their section."""
    found: dict[str, list[str]] = {}
    for row in files(__package__).joinpath("furniture.txt").read_text("utf-8").splitlines():
        if head := re.fullmatch(r"\[([a-z]+)\]", row):
            found[head[1]] = []
        elif row.strip() and not row.startswith("#"):
            found[[*found][-1]].append(f"(?:{row})")
    return {name: re.compile("|".join(rows)) for name, rows in found.items()}


def furniture(lines: Sequence[Line]) -> Iterable[Line]:
    """The lines of a text that are furniture.

    >>> text = ["打印", "报告", "我们修了桥。", "打印", "再修三条路。", "相关报道：", "别的"]
    >>> [line.text for line in furniture([Line(n, n, one) for n, one in enumerate(text)])]
    ['打印', '相关报道：', '别的']
    """
    said = [line for line in lines if line.text.strip()]
    greeted = (n for n, line in enumerate(said[:GREETED]) if _GREETING.match(line.text.strip()))
    opens = (n for n, line in enumerate(said) if _begins(line.text))
    begin = next(greeted, None) or next(opens, None)
    if begin is None:  # nothing says where the report is: its first and last lines may be a page's
        begin, last = min(EDGE, len(said)), max(len(said) - EDGE, EDGE)
    else:
        last = _last(said)
    found = _crumbs(said[:begin])
    found += [line for line in said[:begin] if line not in found and _is("edge", line)]
    for number, line in enumerate(said[last:], start=last):
        if _is("end", line) or _is_notice(said[number:]):
            return [*found, *said[number:]]
        if _is("edge", line):
            found.append(line)
    return found


def _is(what: str, line: Line) -> bool:
    return bool(_patterns()[what].fullmatch(line.text.strip()))


def _crumbs(lines: Sequence[Line]) -> list[Line]:
    """The names of a page's breadcrumbs where each stands in a line of its own, beside a `>`."""
    texts = [line.text.strip() for line in lines]
    beside = [
        line
        for number, line in enumerate(lines)
        if len(texts[number]) <= CRUMB
        and not _DIGIT.search(texts[number])
        and _SIGN & {*texts[max(number - 1, 0) : number], *texts[number + 1 : number + 2]}
    ]
    names = {line.text.strip() for line in beside}
    return [line for line in lines if line.text.strip() in names]


def _begins(text: str) -> bool:
    """Whether a line opens the report: a heading with a number, a greeting, a paragraph."""
    text = text.strip()
    return bool(_BEGINS.match(text)) or _paragraph(text)


def _paragraph(text: str) -> bool:
    text = text.strip()
    return (len(text) >= SHORT and bool(_END.search(text))) or (len(text) >= BODY and "。" in text)


def _last(said: Sequence[Line]) -> int:
    """The number of the line behind the last paragraph, licence notices left aside."""
    behind = len(said)
    while behind and not (
        _paragraph(said[behind - 1].text) or _BEGINS.match(said[behind - 1].text)
    ):
        behind -= 1
    return next((n for n in range(max(behind - 12, 0), behind) if _is_notice(said[n:])), behind)


def _is_notice(rest: Sequence[Line]) -> bool:
    """Whether a licence notice begins here: its words, and no number, to the end of the text."""
    if not _is("licence", rest[0]):
        return False
    return any(_LICENCE.search(line.text) for line in rest[:12])

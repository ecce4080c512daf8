"""Lines that are not the author's: another program's line ends, a page's width, its number.

A sentence ends with its line, so a line broken in the middle of a sentence makes two of it, and a
text without line ends has no headings. Lines are put right only on clear evidence, which is the
document's: that most lines end at the same width in the middle of a sentence, that numbers between
dashes stand alone, that a space stands behind each character. Single lines that only look so stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from .draft import Draft
from .record import Certainty
from .widths import HAN

END = re.compile("\r(?!\n)|[\x0b\u2028\u2029]|\x0c")
ENDS = "\r\x0b\x0c\x85\u2028\u2029"  # what `line_ends` looks at
NEXT_LINE = re.compile("\x85")
OTHER_C1 = re.compile("[\x80-\x84\x86-\x9f]")

BLANK = "[ \u00a0\u2002-\u200a\u202f\u3000]"
MARK = "，。、；：！？（）《》“”,;:%％"
ANY = f"{HAN}{MARK}"
SINGLE = re.compile(rf"(?<=[{ANY}]){BLANK}(?!{BLANK})|(?<!{BLANK}){BLANK}(?=[{ANY}])")
DIGITS = re.compile(rf"(?<=\d){BLANK}(?=\d)")
OPEN = re.compile(rf"(?<=[{HAN}]){BLANK}(?=[{HAN}])")
TIGHT = re.compile(rf"(?<=[{HAN}])(?=[{HAN}])")
MARKED = re.compile("[，。、；：]")
BESIDE = re.compile(rf"{BLANK}[，。、；：]|[，。、；：]{BLANK}")
FEW = 8  # blanks between characters that a line must have
SPACED = 0.6  # share of the places between two characters that hold a blank, where all do
WORDS = 0.25  # the same where a blank stands behind each word, and beside the marks too

# What a page's width left where somebody joined its lines: a blank, wherever it fell.
WITHIN = re.compile(rf"[ \u00a0\u3000](?<=[{HAN}].)(?=[{HAN}])")
PAUSE = "，。、；：！？“”（）《》"
# one character between a blank and a mark or a line's end: nobody sets it apart
CUT = re.compile(
    rf"(?<=[{PAUSE}\n][{HAN}])[ \u00a0\u3000](?=[{HAN}][{HAN}\d])"
    rf"|(?<=[{HAN}]{{2}})[ \u00a0\u3000](?=[{HAN}][{PAUSE}])"
)
NAMES = re.compile(
    rf"[{PAUSE}][{HAN}][ \u00a0\u3000][{HAN}][{PAUSE}]"
)  # of two characters, set wide
PROSE = 40  # characters of a line that is no heading, caption or list of names
CUTS = 3  # blanks that cut a word for certain which show what the others are
CUT_SHARE = 0.05  # and their share of all blanks in prose

NUMERAL = "一二三四五六七八九十百"
ENUMERATED = re.compile(
    rf"[ \t\u3000]*(?:第?[{NUMERAL}]+(?:[、.．]|[章节篇条部])|[（(][{NUMERAL}\d]+[）)]"
    r"|\d{1,2}[.．、](?!\d)|[①-⑳])"
)
BULLETS = "●■◆▲★▶►▪•➢➤✓\uf020-\uf0ff"
BULLET = re.compile(rf"(?m)^([ \t\u3000]*)([{BULLETS}]+[ \t\u3000]*)")
FONT_BULLET = re.compile("[\uf020-\uf0ff]")

DASH = "[-—–－―─~·]{1,2}"
PAGE = re.compile(
    rf"[ \t\u3000\x0c]*(?:{DASH}\s*\d{{1,4}}\s*{DASH}"
    r"|第\s*\d{1,4}\s*页(?:\s*[，,/]?\s*共\s*\d{1,4}\s*页)?"
    r"|(?i:page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?))[ \t\u3000\r]*"
)
BARE = re.compile(r"[ \t\u3000\x0c]*(\d{1,3})[ \t\u3000\r]*")
HEAD = re.compile(r".{0,30}公报.{0,6}\d{4}\s*年?.{0,4}第\s*\d+\s*[期号].{0,6}")
APART = 5  # lines at least between two page numbers that stand without dashes

CLOSING = "，。、；：！？）》”’」』】〕％%"
FINAL = "。！？；：”』」）》…!?;:"
SHORTEST = 15  # characters of a line that was broken by a page's width
LEAST = 3  # lines broken so that are evidence
SHARE = 0.7  # of the lines that end within a sentence, those that end at the page's width
OUTLIERS = 0.02  # lines that may be longer


# ---- line ends and blanks ------------------------------------------------------------------


def line_ends(draft: Draft) -> None:
    """Write every line end as one: a lone CR, NEL, a manual break, a page break between lines."""
    text = draft.raw
    for match in END.finditer(text):
        at = match.start()
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        alone = match[0] == "\x0c" and (at == 0 or at + 1 == len(text) or "\n" in beside)
        draft.claim(match.span(), "line-end", "" if alone else "\n")
    if "\x85" in text and not OTHER_C1.search(text):
        for match in NEXT_LINE.finditer(text):
            draft.claim(match.span(), "line-end", "\n")


def blanks(draft: Draft) -> None:
    """Drop the blank behind each character, or behind each word, where a whole text is so set."""
    text = draft.raw
    _joined(draft)
    if 50 * (text.count(" ") + text.count("\xa0")) < len(text) and text.count("\u3000") * 5 < len(
        text
    ):
        return
    opened, tight = len(OPEN.findall(text)), len(TIGHT.findall(text))
    if opened < FEW:
        return
    lines = re.split("(?<=[\n\r\x0b\x85\u2028\u2029])", text)
    spaced = [_spaced(line) for line in lines]
    so = sum(len(line) for line, one in zip(lines, spaced, strict=True) if one)
    # then headings and other short lines are set so too
    everywhere = (opened >= SPACED * (opened + tight) and MARKED.search(text)) or 2 * so > len(text)
    at = 0
    for line, one in zip(lines, spaced, strict=True):
        if everywhere or one:
            apart = [] if re.search(r"\d\d", line) else DIGITS.finditer(line)
            for match in (*SINGLE.finditer(line), *apart):
                draft.claim((at + match.start(), at + match.end()), "blank", "")
        at += len(line)


def cuts(line: str) -> set[int]:
    """Where a blank cuts a word of a line of prose for certain.

    >>> cuts("提高行政效 能，改进服务。"), cuts("他们是王 明、李 强、张 伟。")
    ({5}, set())
    """
    if not WITHIN.search(line) or NAMES.search(line):
        return set()
    return {one.start() - 1 for one in CUT.finditer(f"\n{line}")}


def _joined(draft: Draft) -> None:
    """Drop the blanks inside sentences that are left of a page's width."""
    found: list[tuple[int, bool]] = []
    if not WITHIN.search(draft.raw):
        return
    for line in re.finditer(rf"[^\n]{{{PROSE},}}", draft.raw):
        if line[0].rstrip()[-1:] not in FINAL or not (blanks := [*WITHIN.finditer(line[0])]):
            continue
        sure = cuts(line[0])
        heading = ENUMERATED.match(line[0])  # behind a heading in its line a blank may be its end
        blanks = blanks[bool(heading and blanks[0].start() > heading.end() + 2) :]
        found += [(line.start() + one.start(), one.start() in sure) for one in blanks]
    if sum(cut for _, cut in found) < max(CUTS, CUT_SHARE * len(found)):
        return
    for at, cut in found:
        note = "" if cut else "or: the author set it"
        draft.claim((at, at + 1), "blank", "", "certain" if cut else "likely", note)


def _spaced(line: str) -> bool:
    """Whether a blank stands behind each character of a line of prose, or behind each word."""
    opened, marks = len(OPEN.findall(line)), len(MARKED.findall(line))
    if opened < FEW or not marks:
        return False
    share = opened / (opened + len(TIGHT.findall(line)))
    words = share >= WORDS and marks > 1 and len(BESIDE.findall(line)) >= 0.8 * marks
    return share >= SPACED or words


# ---- bullets and page numbers ----------------------------------------------------------------


def bullets(draft: Draft) -> None:
    """Drop a bullet before a numbering, which it would hide, and one that only a font can show."""
    for match in BULLET.finditer(draft.raw):
        if ENUMERATED.match(draft.raw, match.end()) or FONT_BULLET.search(match[2]):
            draft.claim(match.span(2), "bullet", "")


def pages(draft: Draft) -> None:
    """Drop page numbers with the running heads beside them; the sentence that they cut is one."""
    lines = draft.raw.split("\n")
    numbers = [n for n, line in enumerate(lines) if len(line) < 24 and PAGE.fullmatch(line)]
    numbers = sorted({*numbers, *_bare(lines)})
    if not numbers:
        return
    heads = _heads(lines, numbers)
    places = [0]
    for line in lines:
        places.append(places[-1] + len(line) + 1)
    blocks: list[tuple[int, int]] = []
    for number in numbers:
        first = last = number
        done = blocks[-1][1] if blocks else -1
        while first - 1 > done and _furniture(lines[first - 1], heads):
            first -= 1
        while last + 1 < len(lines) and _furniture(lines[last + 1], heads):
            last += 1
        if number > done:
            blocks.append((first, last))
    dropped = {n for first, last in blocks for n in range(first, last + 1)}
    # where a page's width broke the lines, they are joined by that
    wide = _broken([line.rstrip() for n, line in enumerate(lines) if n not in dropped])
    for first, last in blocks:
        _drop(draft, lines, places, first, last, join=not wide)


def _bare(lines: Sequence[str]) -> list[int]:
    """Return the lines that are nothing but a number, if these count the pages one by one."""
    found = [
        (n, match)
        for n, line in enumerate(lines)
        if len(line) < 12 and (match := BARE.fullmatch(line))
    ]
    values = [int(match[1]) for _, match in found]
    steps = [b - a for a, b in pairwise(values)]
    gaps = [b - a for (a, _), (b, _) in pairwise(found)]
    if len(found) < LEAST or set(steps) != {1} or min(gaps) < APART:
        return []
    return [n for n, _ in found]


def _heads(lines: Sequence[str], numbers: Sequence[int]) -> set[str]:
    """Return the lines (without digits) that stand beside page numbers again and again."""
    beside: Counter[str] = Counter()
    for number in numbers:
        for step in (-1, 1):
            at = number + step
            while 0 <= at < len(lines) and not lines[at].strip():
                at += step
            if 0 <= at < len(lines):
                beside[_undated(lines[at])] += 1
    least = max(2, len(numbers) / 2)
    return {line for line, n in beside.items() if n >= least and len(line) <= 40}


def _undated(line: str) -> str:
    return re.sub(r"\d+", "0", line.strip(" \t\u3000\r\x0c"))


def _furniture(line: str, heads: set[str]) -> bool:
    return (
        not line.strip(" \t\u3000\r\x0c")
        or _undated(line) in heads
        or bool(HEAD.fullmatch(line.strip()))
    )


def _drop(
    draft: Draft,
    lines: Sequence[str],
    places: Sequence[int],
    first: int,
    last: int,
    *,
    join: bool,
) -> None:
    """Drop the lines from `first` to `last`, and what parts the sentence around them."""
    raw = draft.raw
    before = lines[first - 1].rstrip() if first else ""
    behind = lines[last + 1] if last + 1 < len(lines) else ""
    start, end = places[first], min(places[last + 1], len(raw))
    if join and before and behind and _cut(before, behind):
        start = places[first - 1] + len(before)
        sure = before[-1] in "，、" or behind[0] in CLOSING
        certainty: Certainty = "certain" if sure else "likely"
        note = "" if sure else "or: the lines around it are two sentences"
        draft.claim((start, end), "page", "", certainty, note)
    else:
        draft.claim((start, end), "page", "")


def _cut(before: str, behind: str) -> bool:
    """Whether a sentence goes on from one line in the next."""
    if before[-1] in FINAL or not _continues(behind):
        return False
    prose = len(before) >= SHORTEST and not ENUMERATED.match(before)
    return before[-1] in "，、" or behind[0] in CLOSING or (prose and "，" in before)


def _continues(line: str) -> bool:
    """Whether a line can be the rest of a sentence: not indented, no numbering, no bullet."""
    return bool(line) and not (
        line[0] in " \t\u3000" or ENUMERATED.match(line) or BULLET.match(line)
    )


# ---- a page's width -----------------------------------------------------------------------


def wrapped(draft: Draft) -> None:
    """Join the lines of a text that was broken at a fixed width."""
    lines = [line.rstrip() for line in draft.raw.split("\n")]
    if not (full := _broken(lines)):
        return
    at = 0
    for number, line in enumerate(draft.raw.split("\n")[:-1]):
        behind = lines[number + 1]
        here = lines[number]
        if here and behind:
            goes_on = number in full and here[-1] not in "。！？" and _continues(behind)
            if goes_on or behind[0] in CLOSING:
                latin = here[-1].isascii() and behind[0].isascii()
                latin &= here[-1].isalpha() and behind[0].isalpha()
                draft.claim((at + len(here), at + len(line) + 1), "line", " " if latin else "")
        at += len(line) + 1


def _broken(lines: Sequence[str]) -> frozenset[int]:
    """Return the lines that a page's width broke, or none where it did not break the text."""
    ends = [
        n
        for n, line in enumerate(lines[:-1])
        if len(line) >= SHORTEST and line[-1] not in FINAL and _continues(lines[n + 1])
    ]
    return _full(lines, ends) if len(ends) >= LEAST else frozenset()


def _full(lines: Sequence[str], ends: Sequence[int]) -> frozenset[int]:
    """Return the lines that reach the page's width, or none where there is no such width."""
    for width, slack in ((len, 1), (_units, 4)):
        widths = {n: width(line) for n, line in enumerate(lines) if line}
        ordered = sorted(widths.values())
        wall = ordered[-1 - int(OUTLIERS * len(ordered))]
        full = frozenset(n for n, wide in widths.items() if wall - slack <= wide <= wall + slack)
        least = max(LEAST, SHARE * len(ends), 0.2 * len(widths))
        if len(full.intersection(ends)) >= least and wall >= SHORTEST:
            return full
    return frozenset()


def _units(line: str) -> int:
    """Return a line's width in half characters."""
    return len(line.encode("gbk", "replace"))

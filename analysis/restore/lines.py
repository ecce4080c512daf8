"""Lines that are not the author's: another program's line ends, a page's width, its number.

A sentence ends with its line, so a line broken in the middle of a sentence makes two of it, and a
text without line ends has no headings. Lines are put right only on clear evidence, which is the
document's: that most lines end at the same width in the middle of a sentence, that numbers between
dashes stand alone, that a space stands behind each character. Single lines that only look so stay.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from .draft import Draft
from .widths import HAN

END = re.compile("\r(?!\n)|[\x0b\u2028\u2029]|\x0c")
ENDS = "\r\x0b\x0c\x85\u2028\u2029¶↵"  # what `line_ends` looks at
SHOWN = re.compile("[¶↵]\n?")  # a line's end as an editor shows it
APART = re.compile("[\x1c-\x1e]")  # of records: a line's end where a text has no other
WIDE = re.compile("(?<=[^ \u00a0\u3000\\n])(?:\u3000{2,}|\u00a0{2,}| {4,})(?=[^ \u00a0\u3000\n])")
INDENTED = 200  # characters of a line in which wide blanks may stand for line ends
FEWEST = 3  # such blanks, a third of them behind a sentence
NEXT_LINE = re.compile("\x85")
OTHER_C1 = re.compile("[\x80-\x84\x86-\x9f]")

BLANK = "[ \u00a0\u2002-\u200a\u202f\u3000]"
BLANKS = " \u00a0\u202f\u3000"
MARK = "，。、；：！？（）《》“”,;:%％"
ANY = f"{HAN}{MARK}"
GAPS = (BLANK, BLANK + BLANK, "\t")  # what may stand behind each character
BEFORE_MARK = re.compile(rf"{BLANK}(?=[，。、；：！？]|,[ {HAN}])")
SAID = re.compile(f"[{HAN}\\d％%”）》]")
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
BULLETS = "●■◆▲★▶►▪•➢➤✓◇○◎※❖\uf020-\uf0ff"
BULLET = re.compile(rf"(?m)^([ \t\u3000]*)([{BULLETS}·]+[ \t\u3000]*)")
FONT_BULLET = re.compile("[\uf020-\uf0ff]")

CLOSING = "，。、；：！？）》”’」』】〕％%"
FINAL = "。！？；：”』」）》…!?;:"
SHORTEST = 15  # characters of a line that was broken by a page's width
LEAST = 3  # lines broken so that are evidence
SHARE = 0.7  # of the lines that end within a sentence, those that end at the page's width
WIDEST = 90  # characters of a line where an empty one stands behind each
DOUBLE = 0.8  # empty lines for each other that say that one stands behind each
OUTLIERS = 0.02  # lines that may be longer


# ---- line ends and blanks ------------------------------------------------------------------


def line_ends(draft: Draft) -> None:
    """Write every line end as one: a lone CR, NEL, a manual break, a page break between lines."""
    text = draft.raw
    for match in END.finditer(text):
        at = match.start()
        beside = text[at - 1 : at] + text[at + 1 : at + 2]
        page = match[0] == "\x0c"
        if page and (at == 0 or at + 1 == len(text) or "\n" in beside):
            draft.claim(match.span(), "line-end", "")
        elif page and _goes_on(text, at):
            note = "or: the lines around it are two sentences"
            draft.claim(match.span(), "line-end", "", "likely", note)
        else:
            draft.claim(match.span(), "line-end", "\n")
    if "\x85" in text and not OTHER_C1.search(text):
        for match in NEXT_LINE.finditer(text):
            draft.claim(match.span(), "line-end", "\n")
    shown = [*SHOWN.finditer(text)] if "¶" in text or "↵" in text else []
    for match in (*shown, *(APART.finditer(text) if "\n" not in text else ())):
        draft.claim(match.span(), "line-end", "\n")


def _goes_on(text: str, at: int) -> bool:
    """Whether a sentence goes on behind a page break."""
    before = text[max(text.rfind("\n", 0, at), text.rfind("\x0c", 0, at)) + 1 : at]
    prose = len(before) >= SHORTEST and "，" in before and before[-1] not in FINAL
    return prose and continues(text[at + 1 : at + 9])


def paragraphs(draft: Draft) -> None:
    """End the line where wide blanks stand for the ends of paragraphs in a line of many."""
    text = draft.raw
    wide = ("\u3000\u3000", "\xa0\xa0", "    ")
    if not any(text.count(blank) > text.count(f"\n{blank}") + 1 for blank in wide):
        return
    for line in re.finditer(rf"[^\n]{{{INDENTED},}}", text):
        found = [*WIDE.finditer(line[0])]
        ended = sum(line[0][match.start() - 1] in "。！？：；" for match in found)
        if len(found) >= FEWEST and 3 * ended >= len(found):
            for start, end in (match.span() for match in found):
                place = line.start() + start, line.start() + end
                draft.claim(place, "line-end", "\n", "likely", "or: blanks within a paragraph")


def blanks(draft: Draft) -> None:
    """Drop the blank behind each character, or behind each word, where a whole text is so set.

    A blank between a character and a mark goes wherever it stands.
    """
    text = draft.raw
    _joined(draft)
    for match in BEFORE_MARK.finditer(text):
        start = len(text[: match.end()].rstrip(BLANKS)) if text[match.start() - 1] in BLANKS else 0
        start = start or match.start()
        if SAID.match(text[start - 1 : start]):
            draft.claim((start, match.end()), "blank", "")
    few = 50 * (text.count(" ") + text.count("\xa0") + text.count("\t")) < len(text)
    if few and text.count("\u3000") * 5 < len(text):
        return
    gap, opened = max(
        ((gap, len(_open(gap).findall(text))) for gap in GAPS), key=lambda one: one[1]
    )
    tight = len(TIGHT.findall(text))
    if opened < FEW:
        return
    lines = re.split("(?<=[\n\r\x0b\x85\u2028\u2029])", text)
    spaced = [_spaced(line, gap) for line in lines]
    so = sum(len(line) for line, one in zip(lines, spaced, strict=True) if one)
    # then headings and other short lines are set so too
    everywhere = (opened >= SPACED * (opened + tight) and MARKED.search(text)) or 2 * so > len(text)
    at = 0
    for line, one in zip(lines, spaced, strict=True):
        if everywhere or one:
            apart = [] if re.search(r"\d\d", line) else _between(gap, r"\d").finditer(line)
            for match in (*_beside(gap).finditer(line), *apart, *_dotted(gap).finditer(line)):
                draft.claim((at + match.start(), at + match.end()), "blank", "")
        at += len(line)


@cache
def _open(gap: str) -> re.Pattern[str]:
    return _between(gap, f"[{HAN}]")


@cache
def _between(gap: str, sort: str) -> re.Pattern[str]:
    return re.compile(rf"(?<={sort}){gap}(?={sort})")


@cache
def _dotted(gap: str) -> re.Pattern[str]:
    """The gaps beside the point of a number."""
    return re.compile(rf"(?<=\d){gap}(?=\.)|(?<=\.){gap}(?=\d)")


@cache
def _beside(gap: str) -> re.Pattern[str]:
    """A gap, and no more, beside a character or a mark."""
    one = "\t" if gap == "\t" else BLANK
    return re.compile(rf"(?<=[{ANY}]){gap}(?!{one})|(?<!{one}){gap}(?=[{ANY}])")


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


def _spaced(line: str, gap: str) -> bool:
    """Whether a blank stands behind each character of a line of prose, or behind each word."""
    opened, marks = len(_open(gap).findall(line)), len(MARKED.findall(line))
    if opened < FEW or not marks:
        return False
    share = opened / (opened + len(TIGHT.findall(line)))
    words = share >= WORDS and marks > 1 and len(BESIDE.findall(line)) >= 0.8 * marks
    return share >= SPACED or words


# ---- bullets ---------------------------------------------------------------------------------


def bullets(draft: Draft) -> None:
    """Drop a bullet before a numbering, which it would hide, and one that only a font can show."""
    for match in BULLET.finditer(draft.raw):
        if ENUMERATED.match(draft.raw, match.end()) or FONT_BULLET.search(match[2]):
            draft.claim(match.span(2), "bullet", "")


# ---- a page's width -----------------------------------------------------------------------


def wrapped(draft: Draft) -> None:
    """Join the lines of a text that was broken at a fixed width.

    Where every line is indented alike, or an empty one stands behind each, they are read so.
    """
    raw = draft.raw
    lines = [line.rstrip() for line in raw.split("\n")]
    indent, spaced = 0, lines.count("") >= DOUBLE * len(lines) / (1 + DOUBLE)
    if spaced and max(map(len, lines)) > WIDEST:
        return
    if all(line[0] in " \t\u3000" for line in lines if line):
        indent = min((len(line) - len(line.lstrip()) for line in lines if line), default=0)
    if spaced:
        lines = [line for line in lines if line]
    if indent:
        lines = [line[indent:] for line in lines]
    if not (full := broken(lines)):
        return
    places = [match.span() for match in re.finditer("(?m)^.*$", raw)]
    if spaced:
        places = [(start, end) for start, end in places if raw[start:end].strip()]
    for number, (here, behind) in enumerate(pairwise(lines)):
        if here and behind:
            goes_on = number in full and here[-1] not in "。！？" and continues(behind)
            if goes_on or behind[0] in CLOSING:
                latin = here[-1].isascii() and behind[0].isascii()
                latin &= here[-1].isalpha() and behind[0].isalpha()
                start = places[number][0] + indent + len(here)
                end = places[number + 1][0] + indent
                draft.claim((start, end), "line", " " if latin else "")


def continues(line: str) -> bool:
    """Whether a line can be the rest of a sentence: not indented, no numbering, no bullet."""
    return bool(line) and not (
        line[0] in " \t\u3000" or ENUMERATED.match(line) or BULLET.match(line)
    )


def broken(lines: Sequence[str]) -> frozenset[int]:
    """Return the lines that a page's width broke, or none where it did not break the text."""
    ends = [
        n
        for n, line in enumerate(lines[:-1])
        if len(line) >= SHORTEST and line[-1] not in FINAL and continues(lines[n + 1])
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

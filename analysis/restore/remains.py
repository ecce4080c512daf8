"""How broken is a text still? What looks damaged in it, counted, whatever restoration made of it.

Restoration changes what it can read. Damage that it does not know would pass in silence, and a
report that says '0 places unresolved' over a broken text is worse than one that says nothing. So
this looks at the outcome with other eyes: not for what can be mended but for what prose does not
hold. A clean text has next to none of it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analysis.kit import encodings

from .characters import codes, counts, flags
from .document import SYLLABLE
from .lines import FINAL, NAMES, PROSE, WITHIN, cuts
from .mojibake import TRIGGERS
from .widths import HAN

RARE, FEW = 0.02, 4  # share of rare characters, and number, above which they are worth a word
TRADITIONAL = 4.0  # traditional characters for each simplified one that make a text traditional
REPEATED = 3  # times that a line stands there
LONG = 12  # characters of a line that nobody writes three times
BROKEN = 5  # lines broken within a sentence that are worth a word
BROKEN_SHARE = 0.2  # of all lines

GLOSSES = re.compile(rf"\((?<=[{HAN}]\(){SYLLABLE.removeprefix(chr(92) + '(')}")
# each begins with a set, by which the engine passes over what cannot match
HOLES = re.compile(
    rf"[?*＊？□■\ufffc\ufffd锟$](?:(?<=[{HAN}][?*＊])[?*＊]*(?=[{HAN}])"
    rf"|(?<=[、，。；：\d]\?)(?=[{HAN}\d。，])|(?m:(?<=^\?))\?*(?=[{HAN}\d])"
    rf"|(?m:(?<=^\?))\?*[ \u3000]+(?=[{HAN}\d])|(?<=[{HAN}]\?)\?*(?=[a-zA-Z]?[{HAN}])"
    rf"|(?<=\?)(?=[,，]\w)|(?<=“\d？)(?=\d)|(?<=\?)quot;|(?<=[{HAN}][□■])[□■]|(?<=\ufffd)\ufffd*"
    r"|(?<=\ufffc)|(?<=锟)斤拷|(?<=\$)\d\.?\$\d)"
)
LETTERS = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0080-\u009f]{3,}")
AMID = re.compile("[a-z][\u4e00-\u9fff][a-z]")  # é read in GBK
UNEVEN = 40  # characters in a row of which none is of the later half of the alphabet: Korean
RUN_ON = re.compile(rf"[。；][一二三四五六七八九十]{{1,2}}、[{HAN}\d]")  # a heading in a line
TWICE = re.compile(rf"[{TRIGGERS}][\u4e00-\u9fff\ue000-\uf8ff]")
MARKUP = {  # by what a text must hold
    "<": re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<!--"),
    "&": re.compile(r"&(?:[a-z]{2,8};|#\d{4,6}|#\d{2,3};)"),
    "\\": re.compile(rf"\\u[0-9a-fA-F]{{4}}|\\x[89a-f][0-9a-f]|\\[nrt](?=[{HAN}（“])"),
    "%": re.compile("(?:%[89a-fA-F][0-9a-fA-F]){2,}"),
    "=": re.compile("(?:=[89A-F][0-9A-F]){2,}"),
    "http": re.compile(r"https?://"),
    "www.": re.compile(r"(?<!//)www\.[a-z]"),
    "{": re.compile(r"\{[^{}\n]*[:;][^{}\n]*\}"),
    "function": re.compile(r"\bfunction\s*\("),
}
DOUBLED = re.compile(
    r"[，、；：。,;:](?:(?<=[，、；：])[，。、；：]|(?<=。)[，。、；：](?!。)|(?<=[,;:])[，。、；：]"
    rf"|(?<=[，。、；：])[,;]|(?<=[{HAN}][,;:])[,;:]+|(?<=[,;:])[,;:]+(?=[{HAN}]))"
)
BRACKETS = re.compile(
    r"〔[^〔〕\d〇○一二三四五六七八九十×XxＸ]?〕|〔[^〕\n]{12,}|(?m:〔[^〔〕\n]{0,11}$)|„[^„‟\n]{0,20}‟?"
)
SIGNS = re.compile(
    rf"(?<=[{HAN}])(?![★☆☐☑☒☎][{HAN}])[{{}}~^\\\u2600-\u26ff\U0001f000-\U0001faff]+(?=[{HAN}])"
    r"|(?m:^)[{}] ?(?=\d)"
)
BLANKS = frozenset(" \xa0\u3000")
BEGUN = re.compile(r"(?:第.{1,5}[条章节]|[）)、])$")  # behind these an author sets a blank
LOOSE = 3  # blanks within sentences that are worth a word
OPEN_END = re.compile(f"[{HAN}，、]")
OPEN_START = re.compile(rf"(?![第一二三四五六七八九十\d]+[、.．条章节])[{HAN}，。、；]")
PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")


class Remains(NamedTuple):
    """What still looks damaged in a text, counted by kind."""

    glosses: int = 0
    holes: int = 0
    wrong_table: int = 0
    private: int = 0
    markup: int = 0
    doubled: int = 0
    brackets: int = 0
    repeated: int = 0
    broken_lines: int = 0
    signs: int = 0
    strange: int = 0
    traditional: int = 0

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return any(self)

    def said(self) -> Iterator[str]:
        """A sentence for each kind that was found."""
        for name, n in self._asdict().items():
            if n:
                yield _SAID[name].format(n=n)


_SAID = {
    "glosses": "{n} readings in brackets stand behind characters ('導(dǎo)').",
    "holes": "{n} places are blotted out ('?', '*' or lost bytes between characters).",
    "wrong_table": "{n} places look as if they were read in a wrong encoding.",
    "private": "{n} characters are private ones, which only the font of the file's maker shows; "
    "look at the original and write them.",
    "markup": "{n} tags, references or addresses of a web page stand in the text.",
    "doubled": "{n} punctuation marks are doubled.",
    "brackets": "{n} brackets 〔〕 hold no year or number, do not close, or are other signs.",
    "repeated": "{n} lines repeat one that stands there already.",
    "broken_lines": "{n} lines seem to end within a sentence, or hold several paragraphs.",
    "signs": "{n} blanks, braces or small pictures stand inside words or sentences.",
    "strange": "{n} characters are such as prose hardly has.",
    "traditional": "it is in traditional characters, so no sentence will be coded; "
    "`add --to-simplified` writes it in simplified ones.",
}


def remains(text: str) -> Remains:
    """Count what still looks damaged in a restored text.

    >>> bool(remains("推进依法行政。"))
    False
    >>> list(remains("學習(xí)貫徹?新").said())[:1]
    ["1 readings in brackets stand behind characters ('導(dǎo)')."]
    """
    seen = _seen(text)
    lines = [line.strip() for line in text.split("\n")]
    blanked = [line for line in lines if WITHIN.search(line)] if BLANKS & seen else []
    han, rare, uneven = _rare(text)
    return Remains(
        glosses=_glosses(text) if "(" in seen else 0,
        holes=len(HOLES.findall(text)) if not seen.isdisjoint("?*＊□■\ufffc\ufffd锟$") else 0,
        wrong_table=_wrong_table(text, seen) + uneven + _korean(blanked),
        private=len(PRIVATE.findall(text)) if max(seen, default="") >= "\ue000" else 0,
        markup=sum(len(one.findall(text)) for sign, one in MARKUP.items() if sign in text),
        doubled=len(DOUBLED.findall(text)),
        brackets=len(BRACKETS.findall(text)) if not seen.isdisjoint("〔„") else 0,
        repeated=_repeated(lines),
        broken_lines=_broken(lines, run_on=len(RUN_ON.findall(text)) > 1),
        signs=_signs(text, blanked, seen),
        strange=0 if rare <= max(RARE * han, FEW) else rare,
        traditional=int(_traditional(*counts(text))),
    )


def _traditional(traditional: int, plain: int) -> int:
    return traditional if traditional > TRADITIONAL * plain else 0


def _seen(text: str) -> frozenset[str]:
    """The characters that a text holds; those beyond U+FFFE as U+FFFF."""
    present = np.zeros(0x10000, dtype=bool)
    present[np.minimum(codes(text), 0xFFFF)] = True
    return frozenset(map(chr, np.flatnonzero(present).tolist()))


def _glosses(text: str) -> int:
    return sum(1 for match in GLOSSES.finditer(text) if len(match[1]) > 1)


def _wrong_table(text: str, seen: frozenset[str]) -> int:
    found = len(LETTERS.findall(text)) if any("\x7f" < char < "\u0100" for char in seen) else 0
    if not seen.isdisjoint(TRIGGERS):
        known = encodings.common()
        found += sum(match[0][1] not in known for match in TWICE.finditer(text))
    amid = len(AMID.findall(text)) if not seen.isdisjoint("abcdefghijklmnopqrstuvwxyz") else 0
    return found + (amid if amid > 1 else 0)


def _repeated(lines: list[str]) -> int:
    """How many long lines stand there again: several times, or right behind themselves."""
    long = [line for line in lines if len(line) >= LONG]
    often = Counter(long)
    twice = sum(a == b and a[-1] in "。；" and often[a] < REPEATED for a, b in pairwise(long))
    return twice + sum(n - 1 for n in often.values() if n >= REPEATED)


def _broken(lines: list[str], *, run_on: bool) -> int:
    """How many lines end within a sentence, where so many do that it is no chance."""
    n = sum(
        len(line) >= LONG and bool(OPEN_END.match(line[-1])) and bool(OPEN_START.match(behind))
        for line, behind in pairwise(lines)
    )
    several = sum(len(RUN_ON.findall(line)) > 1 for line in lines) if run_on else 0
    return several + (n if n >= max(BROKEN, BROKEN_SHARE * len(lines)) else 0)


@cache
def _usual() -> np.ndarray:
    return flags(encodings.common())


def _signs(text: str, lines: list[str], seen: frozenset[str]) -> int:
    """How many signs stand between characters, and blanks that cut a word for certain."""
    odd = "\uffff" in seen or not seen.isdisjoint("{}~^\\") or any("☀" <= c <= "⛿" for c in seen)
    prose = [line for line in lines if len(line) >= PROSE and line[-1] in FINAL]
    loose = sum(
        not BEGUN.search(line, 0, match.start())
        for line in prose
        if not NAMES.search(line)
        for match in WITHIN.finditer(line)
    )
    cut = sum(len(cuts(line)) for line in prose)
    return max(cut, loose if loose >= LOOSE else 0) + (len(SIGNS.findall(text)) if odd else 0)


def _korean(lines: list[str]) -> int:
    """How many lines look as Korean does that was read in GBK: words, and half of the alphabet."""
    spaced = (line for line in lines if line.count(" ") >= LOOSE <= len(WITHIN.findall(line)))
    found = (re.findall("[\u4e00-\u9fff]", line) for line in spaced)
    return sum(len(han) >= UNEVEN / 3 and not _later()[[*map(ord, han)]].any() for han in found)


@cache
def _later() -> np.ndarray:
    """The characters that GB 2312 has in the later half of its first level, and behind it."""
    pairs = (bytes((lead, trail)) for lead in range(0xC9, 0xFE) for trail in range(0xA1, 0xFF))
    return flags("".join(pair.decode("gb2312", "ignore") for pair in pairs))


def _rare(text: str) -> tuple[int, int, int]:
    """How many Chinese characters there are, how many are rare, and runs that no prose has.

    Letters of other scripts than Latin, Greek and Cyrillic count as rare.
    """
    if text.isascii():
        return 0, 0, 0
    every = np.minimum(codes(text), 0xFFFF)
    other = (every >= 0x530) & (every < 0x1E00) | (every >= 0x3041) & (every < 0x30FB)
    found = every[(every >= 0x3400) & (every < 0xFF00)]
    later = np.flatnonzero(_later()[found])
    gaps = np.diff(later, prepend=-1, append=len(found)) > UNEVEN
    rare = len(found) - int(_usual()[found].sum()) + int(other.sum())
    return len(found), rare, int(gaps.sum())

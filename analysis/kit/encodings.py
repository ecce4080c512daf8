"""Bytes → text: which encoding, by evidence.

A byte order mark decides; so does UTF-8 that holds throughout, which no other text does by chance.
Otherwise each encoding reads the bytes and the one whose characters are the most common ones wins:
GB18030 read as Big5 (or the other way round) is full of rare characters, strange alphabets and
gaps. Common are the characters of GB 2312's first level and of Big5's first level, and Chinese
punctuation: what a report consists of in either script. Korean in EUC-KR is full of common
characters too, but not of the most frequent ones: such bytes are refused by the name of what they
are (`foreign`).
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from . import files
from .errors import InputError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the mark of UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = ("utf-8", "gb18030", "big5", "cp950", "big5hkscs", "utf-16-le", "utf-16-be")
"""Encodings that are tried, the first of equally good ones first."""

UTF_32 = ("utf-32-le", "utf-32-be")
"""Encodings that are tried where zero bytes stand side by side."""

ENOUGH = 0.6
"""Share of common characters below which bytes are no text in any of the encodings: a wrong reading
of a report has 0.5 at most, noise 0.3, a right reading above 0.9."""

SUSPECT = 0.1
"""Share of rare characters above which a reading is doubtful: the bundled report, damaged, has 0.01
of them, turned into traditional script 0.02, read in a wrong encoding 0.5."""

UNREADABLE = 0.01
"""Share of characters that may be lost, each to a U+FFFD: one byte in a hundred damaged. More is
another encoding, or no text."""

_NAMED = 5  # kinds of private characters that a sentence names

LARGEST = 100 << 20
"""Bytes of a table or codebook that people curate: a million rows."""

SURE = 0.95
"""Share of common characters above which bytes that are not UTF-8 are GB18030 beyond doubt."""

_FREQUENT = frozenset(
    "的一是不了在人有我他这这中大来来上个个国國和地到时時要就出会會可也对對生能而子那得于於着著下自之年过過发發"
    "后後作里用道行所然家种事成方多经經去法学學如都同现現当當动動面起定天分还進进好小部其些主理心本前开開但因"
    "只从從想实實日者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两高间間由问問"
    "最重并并物手应應向头文体體政相见被利二等产產或新制加月合回特代内信表化老给世位次度门任常先海通教原东東提立"
    "及比员解水名真论處处义義各入几口认条平系气题活更别打变四总總何电數数安少报報结反受目太量再建务務接必场件"
    "计計管期市直资命山金指统区區保至形社空决治展科五基非则界达放强即难且权象完设設式路记南品告类求据程北边该"
    "交规規万萬取术领領共确传師清切院带導导争运省县縣府推監监督服"
)
"""Characters of which half of every Chinese text consists."""

_FEW = 0.2
"""Share of frequent characters below which a reading may be another language's."""

_SHAPES = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\ufe10-\ufe6f\uff61-\uffef]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_MENDED = re.compile("[\ue5e5\uf020-\uf0ff]")  # private ones that restoration knows

_TRIED = 1 << 20  # bytes that are enough to choose by
_PUNCTUATION = "、。，；：？！“”‘’（）《》〈〉【】〔〕「」『』…—·～％　●■◆①②③④⑤⑥⑦⑧⑨⑩"


class Quality(NamedTuple):
    """How well a text is read: what looks wrong in it, counted.

    characters : other than ASCII, and than Latin letters with accents; undecodable : lost, U+FFFD;
    rare : of all others those that are not common ones.
    """

    characters: int
    undecodable: int
    rare: int

    @property
    def common(self) -> float:
        """The share of common characters; 1 for a text without any that count."""
        return 1 - (self.undecodable + self.rare) / (self.characters or 1)


def quality(text: str) -> Quality:
    """Count what a wrong encoding would show in a text.

    >>> quality("厦门\ufffd2022锟")
    Quality(characters=4, undecodable=1, rare=1)
    """
    counts = {char: n for char, n in Counter(text).items() if char > "\u024f"}
    lost = counts.pop("\ufffd", 0)
    known = common()
    rare = sum(n for char, n in counts.items() if char not in known)
    return Quality(lost + sum(counts.values()), lost, rare)


def problems(text: str, encoding: str, path: object) -> Iterator[str]:
    """A sentence for each sign that a text was read in a wrong encoding or is damaged."""
    found = quality(text)
    if found.undecodable:
        yield f"{path}: {found.undecodable} characters were lost in reading it as {encoding}."
    private = Counter(_PRIVATE.findall(_MENDED.sub("", text)))
    if private:
        named = [f"U+{ord(char):04X} {n} times" for char, n in private.most_common(_NAMED)]
        more = [f"and {len(private) - _NAMED} others"] if len(private) > _NAMED else []
        yield (
            f"{path}: {private.total()} characters are private ones, which only the font of the "
            f"file's maker shows ({', '.join([*named, *more])}); look at the original and write "
            "what stands there."
        )
    # other shapes of common characters are no sign of an encoding
    rare = found.rare - private.total() - len(_SHAPES.findall(text)) - len(_MENDED.findall(text))
    if rare > SUSPECT * found.characters:
        yield (
            f"{path}: {rare / found.characters:.0%} of its characters are rare ones; "
            f"{encoding} may be the wrong encoding."
        )


@cache
def common() -> frozenset[str]:
    """The characters that most of every Chinese text consists of."""
    gb = (bytes((high, low)) for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF))
    lows = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    big5 = (bytes((high, low)) for high in range(0xA4, 0xC7) for low in lows)
    both = "".join(one.decode("gb2312", "ignore") for one in gb)
    both += "".join(one.decode("big5", "ignore") for one in big5)
    wide = map(chr, range(0xFF01, 0xFF5F))
    return frozenset(both).union(_PUNCTUATION, wide)


def decode(data: bytes) -> tuple[str, str] | None:
    """The text of some bytes and the encoding it was read with; None if there is no good reading.

    >>> decode("依法行政".encode("big5")), decode(bytes(range(128, 255)))
    (('依法行政', 'big5'), None)
    """
    marked = [name for mark, name in MARKS if data.startswith(mark)][:1]
    if not marked and data.isascii():
        if b"\x1b$" in data[:_TRIED]:
            return None
        if b"~{" in data[:_TRIED] and (shifted := _shifted(data)):
            return shifted
    if not marked:
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    if not marked and foreign(data):
        return None
    candidates = (*(UTF_32 if b"\0\0" in data[:_TRIED] else ()), *CANDIDATES)
    tried = {name: data[:_TRIED].decode(name, "replace") for name in marked or candidates}
    best = max(tried, key=lambda name: quality(tried[name]).common)  # the first of equals
    text = data.decode(best, "replace")
    found = quality(text)
    # One may be lost to a file that was cut off within a character.
    too_many = found.undecodable > max(1, UNREADABLE * found.characters)
    bad = too_many or found.common < ENOUGH or "\0" in text
    return None if bad else (text, best)


def _shifted(data: bytes) -> tuple[str, str] | None:
    """The text of bytes below 0x80 that shift to Chinese by ~{, or None."""
    with suppress(UnicodeDecodeError):
        text = data.decode("hz")
        found = quality(text)
        return (text, "hz") if found.characters > 1 and found.common > SURE else None
    return None


def foreign(data: bytes) -> str:
    """The encoding of another language, or one that is not read, that bytes are in, or nothing.

    >>> foreign("행정절차법에 따라 시민의 의견을 들었다".encode("euc_kr"))
    'EUC-KR'
    """
    if data.isascii():
        return "ISO-2022" if b"\x1b$" in data[:_TRIED] else ""
    read = data[:_TRIED].decode("gb18030", "replace")
    han = [char for char in read if "\u3400" <= char <= "\u9fff"]
    kana = sum("\u3041" <= char <= "\u30fe" for char in read)
    frequent = sum(char in _FREQUENT for char in han)
    if len(han) + kana < 8 or (frequent >= _FEW * len(han) and kana < _FEW * len(han)):
        return ""
    for codec, name, letters in (
        ("cp949", "EUC-KR", re.compile("[\uac00-\ud7a3]")),
        ("euc_jp", "EUC-JP", re.compile("[\u3041-\u30fe]")),
        ("shift_jis", "Shift_JIS", re.compile("[\u3041-\u30fe]")),
    ):
        other = data[:_TRIED].decode(codec, "ignore")
        wide = sum(char > "\u02ff" for char in other)
        share = 0.9 if codec == "cp949" else 0.3
        lost = len(data[:_TRIED]) - len(other.encode(codec))
        if lost <= 1 and len(letters.findall(other)) >= share * wide > 0:
            return name
    if not _EUC_TW.fullmatch(data[:_TRIED]):
        return ""
    leads = [pair[0] for pair in _PAIR.findall(data[:_TRIED])]
    return "EUC-TW" if 2 * sum(lead >= 0xC4 for lead in leads) > len(leads) > 0 else ""


_PAIR = re.compile(rb"[\xa1-\xfe][\xa1-\xfe]")
_EUC_TW = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xfe]{2}|\x8e[\xa1-\xb0][\xa1-\xfe]{2})*[\xa1-\xfe]?")


def text(path: Path) -> str:
    """A text file that a person wrote, in UTF-8, or in GB18030 as Excel in Chinese saves a CSV.

    InputError if there is none, if it is too large, or where it is neither.
    """
    try:
        with files.plain(path) as file:
            data = files.read(file, LARGEST)
    except FileNotFoundError:
        raise InputError("no such file; `gongbao new DIR` makes a study.", path=path) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from None
    if len(data) > LARGEST:
        raise InputError(f"has more than {LARGEST >> 20} MB; nobody wrote it by hand.", path=path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = decode(data)
        if found and found[1] == "gb18030" and quality(found[0]).common > SURE:
            return found[0]
        raise InputError(
            "this line is not UTF-8; save the file as UTF-8 (in Excel choose 'CSV UTF-8').",
            path=path,
            line=data[: error.start].count(b"\n") + 1,
        ) from None

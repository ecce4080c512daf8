"""Bytes → text: which encoding, by evidence.

A byte order mark decides; so does UTF-8 that holds throughout, which no other text does by chance.
Otherwise each encoding reads the bytes and the one whose characters are the most common ones wins:
GB18030 read as Big5 (or the other way round) is full of rare characters, strange alphabets and
gaps. Common are the characters of GB 2312's first level and of Big5's first level, and Chinese
punctuation: what a report consists of in either script.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from analysis.errors import InputError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = ("utf-8", "gb18030", "big5", "cp950", "big5hkscs", "utf-16-le", "utf-16-be")
"""Encodings that are tried, the first of equally good ones first."""

ENOUGH = 0.6
"""Share of common characters below which bytes are no text in any of the encodings: a wrong reading
of a report has 0.5 at most, noise 0.3, a right reading above 0.9."""

SUSPECT = 0.1
"""Share of rare characters above which a reading is doubtful: the bundled report, damaged, has 0.01
of them, turned into traditional script 0.02, read in a wrong encoding 0.5."""

UNREADABLE = 0.01
"""Share of characters that may be lost, each to a U+FFFD: one byte in a hundred damaged. More is
another encoding, or no text."""

LARGEST = 100 << 20
"""Bytes of a table or codebook that people curate: a million rows."""

SURE = 0.95
"""Share of common characters above which bytes that are not UTF-8 are GB18030 beyond doubt."""

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
    known = _common()
    rare = sum(n for char, n in counts.items() if char not in known)
    return Quality(lost + sum(counts.values()), lost, rare)


def problems(text: str, encoding: str, path: object) -> Iterator[str]:
    """A sentence for each sign that a text was read in a wrong encoding or is damaged."""
    found = quality(text)
    if found.undecodable:
        yield f"{path}: {found.undecodable} characters were lost in reading it as {encoding}."
    if found.rare > SUSPECT * found.characters:
        yield (
            f"{path}: {found.rare / found.characters:.0%} of its characters are rare ones; "
            f"{encoding} may be the wrong encoding."
        )


@cache
def _common() -> frozenset[str]:
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
    marked = [name for mark, name in MARKS if data.startswith(mark)]
    if not marked:
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    tried = {name: data[:_TRIED].decode(name, "replace") for name in marked or CANDIDATES}
    best = max(tried, key=lambda name: quality(tried[name]).common)  # the first of equals
    text = data.decode(best, "replace")
    found = quality(text)
    # One may be lost to a file that was cut off within a character.
    too_many = found.undecodable > max(1, UNREADABLE * found.characters)
    bad = too_many or found.common < ENOUGH or "\0" in text
    return None if bad else (text, best)


def text(path: Path) -> str:
    """A text file that a person wrote, in UTF-8, or in GB18030 as Excel in Chinese saves a CSV.

    InputError if there is none, if it is too large, or where it is neither.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
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

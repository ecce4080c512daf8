"""UTF-8 that was read as Windows-1252, where five bytes have no sign and were dropped.

Between the first bytes of two characters stand the other bytes of one, so it is known which are
whole; of those that lack a byte, it was one of five. The language model weighs the few characters
that are possible in their sentence; what it does not tell apart stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from analysis.kit import encodings

from .characters import usual
from .model import Model
from .record import Certainty

MISSING = (0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xAD)  # and the soft hyphen, which is not shown
GONE = re.compile("[\x81\x8d\x8f\x90\x9d\ufffd]")  # were they there, none was dropped
KEPT = re.compile("[‚ƒ„…†‡ˆ‰‹‘’“”•–—˜™›]")  # signs of Windows-1252 alone
LEAST = 0.08  # share of such signs among the letters of UTF-8 of Chinese: a fifth, if all are kept
MARGIN = 5.0  # nats between the best character and the second
MOST = 9.0  # nats that the best may cost
AROUND = 5  # characters on each side in which it is weighed


class Read(NamedTuple):
    """A stretch of bytes and what it says; `certainty` is `unresolved` where that is not known."""

    start: int
    end: int
    text: str
    certainty: Certainty
    others: str = ""


def applies(text: str, letters: int) -> bool:
    """Whether a text's mojibake, of so many letters, lacks the bytes that have no sign."""
    return not GONE.search(text) and len(KEPT.findall(text)) >= LEAST * letters > 0


def read(data: bytes, model: Callable[[], Model]) -> list[Read]:
    """What the bytes of a passage say; nothing if they are no UTF-8 that lost single bytes.

    >>> from analysis.restore.model import load
    >>> kept = bytes(byte for byte in "科学立法、民主立法".encode() if byte not in MISSING)
    >>> [one.text for one in read(kept, load) if one.certainty == "certain"]
    ['科', '立', '法', '民', '主', '立', '法']
    """
    parts = list(_parts(data))
    whole = sum(len(options) == 1 for _, _, options in parts)
    if not any(len(options) > 1 for _, _, options in parts) or 3 * whole < len(parts) or whole < 2:
        return []
    said = [options[0] if len(options) == 1 else "\0" for _, _, options in parts]
    found: dict[int, Read] = {}
    for _ in range(2):  # what is read says more of what stands beside it
        for number, (start, end, options) in enumerate(parts):
            if len(options) > 1 and said[number] == "\0":
                found[number] = _weighed(number, said, (start, end), options, model())
                said[number] = found[number].text or "\0"
    unread = ("", "unresolved")
    return [
        found.get(number) or Read(start, end, *((options, "certain") if options else unread))
        for number, (start, end, options) in enumerate(parts)
    ]


def _parts(data: bytes) -> Iterator[tuple[int, int, str]]:
    """Each character's bytes, and those that it may be."""
    starts = [n for n, byte in enumerate(data) if not 0x80 <= byte < 0xC0]
    if not starts or starts[0]:
        starts.insert(0, 0)
    for start, end in zip(starts, [*starts[1:], len(data)], strict=True):
        one = data[start:end]
        tries = [one]
        if 0xE2 <= one[0] <= 0xEF and len(one) == 2:
            tries = [one[:1] + bytes([gone]) + one[1:] for gone in MISSING]
            tries += [one + bytes([gone]) for gone in MISSING]
        chars = dict.fromkeys(each.decode("utf-8", "ignore") for each in tries)
        known = encodings.common()
        if len(tries) == 1:
            yield start, end, "".join(char for char in chars if len(char) == 1)
        else:
            yield start, end, "".join(char for char in chars if char in known)


def _weighed(
    number: int, said: Sequence[str], place: tuple[int, int], options: str, model: Model
) -> Read:
    """The likeliest of several characters, in its place between others."""
    before = "".join(said[max(number - AROUND, 0) : number]).rpartition("\0")[2]
    behind = "".join(said[number + 1 : number + 1 + AROUND]).partition("\0")[0]
    table = usual()
    before, behind = before.translate(table), behind.translate(table)
    weighed = sorted(
        (float(model.surprise(before + char.translate(table) + behind)[len(before) :].sum()), char)
        for char in options
    )
    least, best = weighed[0]
    margin = weighed[1][0] - least if len(weighed) > 1 else MARGIN
    if margin < MARGIN or least > MOST * (1 + len(behind)) / 2:
        return Read(*place, "", "unresolved", "".join(char for _, char in weighed[:3]))
    return Read(*place, best, "likely", "".join(char for _, char in weighed[1:3]))

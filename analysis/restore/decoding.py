"""Passages that were decoded with the wrong table, read again.

Chinese bytes read as Western letters (ÖÐ¹ú), and UTF-8 read as GBK (鎴戜滑). A passage is given
another reading only if its bytes make sense to the last one.
"""

from __future__ import annotations

import re

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
WESTERN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    r"\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]{4,}"
)
TWICE_READ = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff\u20ac\u3220-\u33ff\u3105-\u3129]{4,}")
MOJIBAKE = re.compile("[锛銆鐨鏄鍦鍜涓鎴浠鏀寤鍥琛鎺鍏娉鍧浼]")


def western(passage: str) -> str:
    """Return what Western letters say if their bytes are Chinese ones, or nothing."""
    data = bytearray()
    for char in passage:
        try:
            data += char.encode("cp1252")
        except UnicodeEncodeError:
            if ord(char) > 0xFF:
                return ""
            data.append(ord(char))
    for encoding in ("utf-8", "gb18030"):
        try:
            again = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(again) >= 2 and len(HAN.findall(again)) * 3 >= len(again) * 2:
            return again
    return ""


def utf8(passage: str) -> str:
    """Return what Chinese characters say if their GBK bytes are UTF-8, or nothing."""
    try:
        data = b"\x80".join(part.encode("gb18030") for part in passage.split("€"))
        again = data.decode("utf-8")
    except UnicodeError:
        return ""
    return again if HAN.search(again) else ""

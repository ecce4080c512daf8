"""The chain: small named rules, each with a story, applied in a fixed order (stage 1)."""

from __future__ import annotations

import re
from typing import Literal

from .record import Edit, Restored, numbered, replay

VOWELS = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
GLOSS = re.compile(rf"\(([a-zü]{{0,3}}[{VOWELS}aeiouü][a-zü{VOWELS}]{{0,4}})\)")
SLIP = re.compile(rf"^。(?=[^\s])[^!-~\n]*(?:[a-zA-Z|@-~](?![a-z]))?(?:\([a-z{VOWELS}]+\))?", re.M)
BOILERPLATE = re.compile(r"扫一扫在手机|掃一掃在手機")
FULL = {",": "，", ";": "；", ":": "：", "(": "（", ")": "）"}
HAN = r"[\u3400-\u9fff\uf900-\ufaff]"
TOUCH = r"[\u2014-\u2026\u3001-\u3011\u3400-\u9fff\uff01-\uff5e]"


def restore(text: str, *, script: Literal["auto", "keep", "simplified"] = "auto") -> Restored:
    """Return `text` restored, with the record of every change."""
    edits: list[Edit] = []
    taken = bytearray(len(text))

    def add(rule, start, end, after, certainty="certain", note=""):
        edits.append(Edit(0, rule, start, end, text[start:end], after, certainty, note))
        taken[start:end] = b"\1" * (end - start)

    glosses = [m for m in GLOSS.finditer(text) if m.start() and re.match(HAN, text[m.start() - 1])]
    if len(glosses) < 3 and script != "simplified":
        return Restored(text, text, ())
    for m in re.finditer(r"[^\n]*\n?", text):
        if BOILERPLATE.search(m[0]):
            m.start() - (not m[0].endswith("\n") and m.start() > 0)
            add("boilerplate", m.start(), m.end(), "")
    for m in SLIP.finditer(text):
        add("phase", m.start(), m.end(), m[0], "unresolved", "out-of-phase run")
    for m in glosses:
        if not taken[m.start()]:
            add("gloss", m.start(), m.end(), "")
    if script != "keep":
        _simplify(text, taken, add)
    for m in re.finditer(r"[,;:()]", text):
        i = m.start()
        if not taken[i] and (
            (i and re.match(TOUCH, text[i - 1]))
            or re.match(TOUCH, text[i + 1 : i + 2])
            or text[i - 1 : i] == ")"
            or text[i + 1 : i + 2] in "(《"
        ):
            add("punctuation", i, i + 1, FULL[m[0]])
    done = numbered(edits)
    return Restored(text, replay(text, done), done)


def _simplify(text, taken, add):
    from opencc import OpenCC

    places = [i for i in range(len(text)) if not taken[i]]
    plain = "".join(text[i] for i in places)
    converted = OpenCC("t2s").convert(plain)
    if len(converted) != len(plain):
        converted = "".join(OpenCC("t2s").convert(c) for c in plain)
    converted = re.sub("著(?=力|手|眼)", "着", converted)
    for i, old, new in zip(places, plain, converted, strict=False):
        if old != new:
            add("simplify", i, i + 1, new)

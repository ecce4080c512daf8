"""The chain: small named rules, each with a story and a limit, applied in a fixed order.

Every rule claims places of the raw text and says what should stand there. A place claimed once
is not touched again, so edits never overlap and each tells one thing: a glossed character gives
two edits side by side, the character simplified and the gloss removed. The rules that rewrite
prose ask the document's `Verdict` first; only boilerplate, lost bytes, entities, wrongly
decoded passages and invisible characters are damage in any document.
"""

from __future__ import annotations

import gc
import html
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Literal, get_args

from .characters import WIDE, counts
from .document import GLOSS, Plain, Verdict, examine, plain
from .furniture import Line, furniture
from .markup import claims
from .model import Model, load
from .phase import Found, Repairer
from .record import Certainty, Edit, Restored, replay
from .simplify import simplify
from .suspects import suspicious

Place = tuple[int, int]
Script = Literal["auto", "keep", "simplified"]

LOST = re.compile("\ufffd+|(?:锟斤拷)+锟?|(?:錕斤拷)+錕?")
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,5});")
WIDTHLESS = "\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f"
INVISIBLE = re.compile(f"[{WIDTHLESS}{CONTROLS}]+")
DOUBLED = re.compile(r"(?:，,|,，|；;|;；|：:|:：|。\.|\.。|、,|,,)")
DIGITS = re.compile(
    r"(?<![\d.])(?:19|20)(?:[*×＊_＿□○]{1,2}|\d[*×＊_＿□○]|  ?)(?=年)"
    r"|(?<![\d.,第])20[1-9](?=年)"
)
CENSORED = re.compile(r"(?<=[\u4e00-\u9fff])[*＊×]{1,3}(?=[\u4e00-\u9fff，。；、,])")
MARK = re.compile(r"[,;:()]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
WESTERN = re.compile(
    r"[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    r"\u2013-\u2026\u2030\u2039\u203a\u20ac\u2122]{4,}"
)
TWICE_READ = re.compile(r"[\u3400-\u9fff\ue000-\uf8ff\u20ac\u3220-\u33ff\u3105-\u3129]{4,}")
BYTES = {chr(n): n for n in range(256)}
BYTES |= {bytes([n]).decode("cp1252", "ignore"): n for n in range(0x80, 0x100)}
MOJIBAKE = re.compile("[锛銆鐨鏄鍦鍜涓鎴浠鏀寤鍥琛鎺鍏娉鍧浼]")

SURE = 8.0  # nats between two readings of a passage that make the better one certain
SURE_LOST = 12.0  # the same where pairs of bytes were lost
ODDEST = 9.0  # nats: with a less likely character in it, no reading is certain
LEAST_ALONE = 20.0  # taken as that distance where there is no second reading
GAIN_ALONE = 25.0  # what a passage must gain to be the document's only trace


class _Draft:
    """The raw text and the places claimed so far."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.rows: list[tuple[int, int, str, str, Certainty, str]] = []
        self.taken = bytearray(len(raw))

    def claim(
        self, place: Place, rule: str, after: str, certainty: Certainty = "certain", note: str = ""
    ) -> bool:
        """Claim a place unless it is claimed already, and say whether it was free."""
        start, end = place
        if 1 in self.taken[start:end]:
            return False
        self.taken[start:end] = b"\1" * (end - start)
        self.rows.append((start, end, rule, after, certainty, note))
        return True

    def done(self) -> Restored:
        """Return the text with what was claimed carried out."""
        raw = self.raw
        self.rows.sort()
        edits = tuple(
            Edit(n, rule, start, end, raw[start:end], after, certainty, note)
            for n, (start, end, rule, after, certainty, note) in enumerate(self.rows, 1)
        )
        return Restored(raw, replay(raw, edits), edits)


KEEP = ("markup", "furniture")
"""Rules that may be left out: what they take away is somebody's text, if no report's."""


def restore(
    text: str,
    *,
    script: Script = "auto",
    keep: Collection[str] = (),
    model: Model | None = None,
) -> Restored:
    """Return `text` restored, with the record of every change.

    `script` says when traditional characters become simplified: where a mirror's traces show that
    they are not the author's ("auto"), never ("keep"), or always ("simplified"). `keep` names the
    rules of `KEEP` that are left out. `model` is the language model, the package's own if left
    out.

    Raises ValueError for another `script`, or another rule to keep.

    >>> restore("堅持黨的領(lǐng)導(dǎo),著力規范權力運行。").text
    '坚持党的领导，着力规范权力运行。'
    """
    if script not in get_args(Script):
        raise ValueError(f"script is {script!r}; expected one of {', '.join(get_args(Script))}")
    if unknown := set(keep) - set(KEEP):
        raise ValueError(f"keep is {sorted(unknown)}; expected some of {', '.join(KEEP)}")
    collecting = gc.isenabled()
    gc.disable()  # a record is many small objects without cycles: this halves a long text's time
    try:
        return _restored(text, script, keep, model)
    finally:
        if collecting:
            gc.enable()


def _restored(text: str, script: Script, keep: Collection[str], model: Model | None) -> Restored:
    """Carry out the chain."""
    draft = _Draft(text)
    if "markup" not in keep:
        _markup(draft)
    if "furniture" not in keep:
        _furniture(draft)
    for rule in (_lost, _entities, _decoded_wrongly):
        rule(draft)
    verdict = examine(text)
    mirrored = verdict.mirrored
    doc = None
    if mirrored or suspicious(text, traditional=verdict.traditional):
        doc = plain(text)
        mirrored |= _phase(draft, doc, verdict, script, model or load())
    if doc and mirrored:
        _glosses(draft, doc)
        _unknown(draft)
    if script == "simplified" or (mirrored and script == "auto"):
        if doc:
            _simplify(draft, doc.shown, doc.at, model or load(), mirrored=mirrored)
        elif counts(text)[0]:
            _simplify(draft, text, range(len(text)), model or load(), mirrored=False)
    if doc and mirrored:
        _doubled(draft)
        _punctuation(draft, doc)
    _invisible(draft)  # last: inside a passage they belong to its edit
    return draft.done()


# ---- rules for any document ------------------------------------------------------------------


def _markup(draft: _Draft) -> None:
    """Drop the signs of Markdown and HTML, and the front matter (`markup`)."""
    for start, end, after in claims(draft.raw):
        draft.claim((start, end), "markup", after)


def _furniture(draft: _Draft) -> None:
    """Drop page buttons, breadcrumbs, share lines and notices: whole lines (`furniture`)."""
    for line in furniture([*_lines(draft)]):
        for free in re.finditer(b"\0+", draft.taken[line.start : line.end]):
            place = line.start + free.start(), line.start + free.end()
            draft.claim(place, "furniture", "")


def _lines(draft: _Draft) -> Iterator[Line]:
    """The raw text's lines, each as it reads without glosses and without what is claimed."""
    at = 0
    for whole in draft.raw.split("\n"):
        end = min(at + len(whole) + 1, len(draft.raw))
        claimed = draft.taken[at:end]
        shown = whole
        if 1 in claimed:
            pairs = zip(whole, claimed, strict=False)
            shown = "".join(char for char, taken in pairs if not taken)
        yield Line(at, end, GLOSS.sub("", shown) if "(" in shown else shown)
        at = end


def _lost(draft: _Draft) -> None:
    """Mark what was lost for good: U+FFFD, and the 锟斤拷 that two of them become."""
    if "\ufffd" not in draft.raw and "斤拷" not in draft.raw:
        return
    for match in LOST.finditer(draft.raw):
        note = "bytes lost for good"
        if re.search(r"\d", draft.raw[max(match.start() - 3, 0) : match.end() + 3]):
            note += "; beside a number, which may be incomplete"
        draft.claim(match.span(), "lost", match[0], "unresolved", note)


def _invisible(draft: _Draft) -> None:
    r"""Drop characters without width: they part words that read as one (生产\u200b总值).

    Control characters go too: they are no text, and a terminal or a Word file would choke on them.
    Joiners (U+200C, U+200D) stay: scripts and emoji need them.
    """
    for match in INVISIBLE.finditer(draft.raw):
        draft.claim(match.span(), "invisible", "")


def _entities(draft: _Draft) -> None:
    """Replace HTML's character references by their characters."""
    for match in ENTITY.finditer(draft.raw):
        char = INVISIBLE.sub("", html.unescape(match[0]))
        if char != match[0] and "\n" not in char:
            draft.claim(match.span(), "entity", " " if char == "\xa0" else char)


def _decoded_wrongly(draft: _Draft) -> None:
    """Read passages again that were decoded with the wrong table.

    Chinese bytes read as Western letters (ÖÐ¹ú), and UTF-8 read as GBK (鎴戜滑). Only a passage
    whose bytes make sense to the last one is replaced.
    """
    found = [(match, _western(match[0])) for match in WESTERN.finditer(draft.raw)]
    if MOJIBAKE.search(draft.raw):
        found += [(match, _utf8(match[0])) for match in TWICE_READ.finditer(draft.raw)]
    for match, again in found:
        if again:
            draft.claim(match.span(), "mojibake", again)


def _western(passage: str) -> str:
    """Return what Western letters say if their bytes are Chinese ones, or nothing."""
    with suppress(KeyError):
        data = bytes(BYTES[char] for char in passage)
        for encoding in ("utf-8", "gb18030"):
            with suppress(UnicodeDecodeError):
                again = data.decode(encoding)
                if len(again) >= 2 and len(HAN.findall(again)) * 3 >= len(again) * 2:
                    return again
    return ""


def _utf8(passage: str) -> str:
    """Return what Chinese characters say if their GBK bytes are UTF-8, or nothing."""
    try:
        data = b"\x80".join(part.encode("gb18030") for part in passage.split("€"))
        again = data.decode("utf-8")
    except UnicodeError:
        return ""
    return again if HAN.search(again) else ""


# ---- rules for what a mirror made ----------------------------------------------------------------


def _phase(draft: _Draft, doc: Plain, verdict: Verdict, script: Script, model: Model) -> bool:
    """Read the passages that are one byte out of phase; say whether there are any."""
    traditional = verdict.traditional or bool(verdict.glossed)
    any_found = False
    for found in Repairer(doc, model, traditional=traditional).repair():
        place = doc.at[found.start], doc.end(found.end)
        if found.start == found.end:  # nothing shows but the gloss of the character lost
            place = doc.removed[found.end]
        if found.readings:
            best = found.readings[0]
            if verdict.mirrored or best.score >= GAIN_ALONE:
                after = best.traditional if script == "keep" else best.text
                any_found |= draft.claim(place, "phase", after, *_judged(found))
        elif verdict.mirrored or found.stopped:
            note = "unreadable from here on, as text in a wrong encoding is; no more was guessed"
            note = note if found.stopped else "one byte out of phase; no reading fits"
            draft.claim(place, "phase", draft.raw[slice(*place)], "unresolved", note)
    return any_found


def _judged(found: Found) -> tuple[Certainty, str]:
    """Return how certain the best reading is, and what else it could be."""
    best, *rest = found.readings
    margin = best.score - rest[0].score if rest else LEAST_ALONE
    needed = SURE_LOST if best.lost else SURE
    notes: list[str] = []
    if best.inferred:
        notes.append("inferred: " + "".join(best.text[n] for n in best.inferred))
    others = [reading.text for reading in rest[:3] if best.score - reading.score < needed]
    if others:
        notes.append("or: " + " | ".join(others))
    doubtful = (
        margin < needed
        or found.oddest > ODDEST
        or 2 * len(best.inferred) > len(best.text)
        or best.seen[:1] == "\u3000"  # any opening mark would look so
        or not best.proved
    )
    return "likely" if doubtful else "certain", "; ".join(notes)


def _glosses(draft: _Draft, doc: Plain) -> None:
    """Drop the pinyin in ASCII parentheses behind characters (領(lǐng)導 → 領導)."""
    for place in doc.removed.values():
        draft.claim(place, "gloss", "")


def _simplify(draft: _Draft, text: str, at: Sequence[int], model: Model, *, mirrored: bool) -> None:
    """Write simplified characters, choosing in context where one stands for two (著力 → 着力).

    `at` says where in the raw text each character stands.
    """
    for index, char, others in simplify(text, model, mirrored=mirrored):
        certainty: Certainty = "likely" if others else "certain"
        note = f"or: {' | '.join(others)}" if others else ""
        draft.claim((at[index], at[index] + 1), "simplify", char, certainty, note)


def _unknown(draft: _Draft) -> None:
    """Mark what a mirror blotted out: censored names, digits of a year."""
    missing, censored = "digits of the year are missing", "a name is censored"
    for pattern, what in ((DIGITS, missing), (CENSORED, censored)):
        for match in pattern.finditer(draft.raw):
            draft.claim(match.span(), "unknown", match[0], "unresolved", what)


def _doubled(draft: _Draft) -> None:
    """Drop the ASCII mark beside the same full-width one (，, → ，)."""
    for match in DOUBLED.finditer(draft.raw):
        pair = match[0]
        wide = next((c for c in pair if not c.isascii()), WIDE.get(pair[0], pair[0]))
        draft.claim(match.span(), "doubled-punctuation", wide)


def _punctuation(draft: _Draft, doc: Plain) -> None:
    """Write full-width punctuation in Chinese lines: ，；：（）.

    What stays: thousands (8,500), times (9:30), marks before a space, parentheses around Latin
    text that follows Latin text.
    """
    text = doc.shown
    chosen: list[int] = []
    open_at: list[tuple[int, bool]] = []
    for match in MARK.finditer(text):
        index, mark = match.start(), match[0]
        before, behind = text[index - 1 : index], text[index + 1 : index + 2]
        wide = _chinese(before) or _chinese(behind)
        if mark == "(":
            open_at.append((index, wide or not before.strip()))
        elif mark == ")":
            opened, open_wide = open_at.pop() if open_at else (index, False)
            if wide or open_wide:
                chosen += opened, index
        elif wide or _between_western(text, index, mark):
            chosen.append(index)
    chosen += [opened for opened, open_wide in open_at if open_wide]
    for index in chosen:
        at = doc.at[index]
        draft.claim((at, at + 1), "punctuation", WIDE[text[index]])


def _chinese(char: str) -> bool:
    """Whether `char` is a Chinese character or one of its marks."""
    return bool(char) and (char >= "\u2e80" or char in "“”‘’—…·°％")


def _between_western(text: str, index: int, mark: str) -> bool:
    """Whether a mark between Latin letters or digits is Chinese prose all the same."""
    behind = text[index + 1 : index + 5]
    if not behind.strip() or behind[0].isspace():
        return False
    if text[index - 1 : index].isdigit():
        digits = len(behind) - len(behind.lstrip("0123456789"))
        if digits == {",": 3, ":": 2}.get(mark):
            return False
    start = text.rfind("\n", 0, index) + 1
    end = text.find("\n", index)
    return bool(HAN.search(text, start, end if end >= 0 else len(text)))

"""The chain: small named rules, each with a story and a limit, applied in a fixed order.

Every rule claims places of the raw text and says what should stand there. A place claimed once
is not touched again, so edits never overlap and each tells one thing: a glossed character gives
two edits side by side, the character simplified and the gloss removed. The rules that rewrite
prose ask the document's `Verdict` first; only boilerplate, lost bytes, entities and wrongly
decoded passages are damage in any document.
"""

from __future__ import annotations

import gc
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

from . import convert, phase
from .decoding import MOJIBAKE, TWICE_READ, WESTERN, utf8, western
from .model import Model, load
from .plain import Plain, plain
from .record import Certainty, Edit, Restored, replay
from .search import proved
from .suspects import suspicious
from .tables import WIDE
from .verdict import GLOSS, Verdict, counts, examine

Script = Literal["auto", "keep", "simplified"]

EDGE = 5  # boilerplate stands in the first and last so many lines
BOILERPLATE = re.compile(
    r"\s*(?:[【\[]?(?:打印|下载|下載|收藏|全屏|还原|還原|加大|减小|減小|关闭窗口|關閉窗口|打印本页|打印本頁)[】\]]?"
    r"|【字[号體体號][:：]?.*|字[号體体號][:：].{0,12}"
    r"|[扫掃]一[扫掃]在手[机機](?:上)?(?:打[开開]|查看)[当當]?前?.*"
    r"|分享到?[:：]?.{0,10}|分享到微信|相[关關](?:报道|報道|文[档檔]|[链鏈]接|[阅閱][读讀])[:：].{0,40}"
    r"|您?(?:的|[当當]前)位置[:：].{0,60}"
    r"|(?:关键词|關鍵詞|热搜|熱搜|Tags?|tags?)[:：].*|(?:上一篇|下一篇|返回[顶頂]部|返回列表)[:：]?.*"
    r"|版[权權]所有.*|.*(?:備案|备案)[号號][:：]?.{0,20}[号號].*)\s*"
)
LOST = re.compile("\ufffd+|(?:锟斤拷)+锟?|(?:錕斤拷)+錕?")
ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,5});")
DOUBLED = re.compile(r"(?:，,|,，|；;|;；|：:|:：|。\.|\.。|、,|,,)")
DIGITS = re.compile(
    r"(?<![\d.])(?:19|20)(?:[*×＊_＿□○]{1,2}|\d[*×＊_＿□○]|  ?)(?=年)"
    r"|(?<![\d.,第])20[1-9](?=年)"
)
CENSORED = re.compile(r"(?<=[\u4e00-\u9fff])[*＊×]{1,3}(?=[\u4e00-\u9fff，。；、,])")
NARROW = re.compile(r"[,;:()]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
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
        self,
        start: int,
        end: int,
        rule: str,
        after: str,
        certainty: Certainty = "certain",
        note: str = "",
    ) -> bool:
        """Claim a place unless it is claimed already, and say whether it was free."""
        if 1 in self.taken[start:end]:
            return False
        self.taken[start:end] = b"\1" * (end - start)
        self.rows.append((start, end, rule, after, certainty, note))
        return True

    def done(self) -> Restored:
        raw = self.raw
        self.rows.sort()
        edits = tuple(
            Edit(n, rule, start, end, raw[start:end], after, certainty, note)
            for n, (start, end, rule, after, certainty, note) in enumerate(self.rows, 1)
        )
        return Restored(raw, replay(raw, edits), edits)


def restore(text: str, *, script: Script = "auto", model: Model | None = None) -> Restored:
    """Return `text` restored, with the record of every change.

    `script` says when traditional characters become simplified: where a mirror's traces show that
    they are not the author's ("auto"), never ("keep"), or always ("simplified"). `model` is the
    language model, the package's own if left out.

    Raises ValueError for another `script`.

    >>> restore("堅持黨的領(lǐng)導(dǎo),著力規范權力運行。").text
    '坚持党的领导，着力规范权力运行。'
    """
    if script not in get_args(Script):
        raise ValueError(f"script is {script!r}; expected one of {', '.join(get_args(Script))}")
    with _uncollected():
        return _restored(text, script, model)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from looking at a long record again and again while it grows.

    A record is many small objects without cycles; this halves the time of a long text.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _restored(text: str, script: Script, model: Model | None) -> Restored:
    """Carry out the chain."""
    draft = _Draft(text)
    _boilerplate(draft)
    _lost(draft)
    _entities(draft)
    _decoded_wrongly(draft)
    verdict = examine(text)
    doc = None
    slipped = False
    if verdict.mirrored or suspicious(text, traditional=verdict.traditional):
        doc = plain(text)
        slipped = _phase(draft, doc, verdict, script, model or load())
    mirrored = verdict.mirrored or slipped
    if mirrored and doc is not None:
        _glosses(draft, doc)
        _unknown(draft)
    if doc is None and script == "simplified" and counts(text)[0]:
        doc = plain(text) if verdict.glossed else Plain.same(text)
    if doc is not None and script != "keep" and (mirrored or script == "simplified"):
        _simplify(draft, doc, model or load(), mirrored=mirrored)
    if mirrored and doc is not None:
        _doubled(draft)
        _punctuation(draft, doc)
    return draft.done()


# ---- rules for any document ------------------------------------------------------------------


def _boilerplate(draft: _Draft) -> None:
    """Drop page buttons and the like: whole lines among the first and last five.

    A line that only looks like one further inside is left alone.
    """
    raw = draft.raw
    head, at = [], 0
    for _ in range(EDGE):
        end = raw.find("\n", at)
        head.append((at, len(raw) if end < 0 else end + 1))
        if end < 0:
            break
        at = end + 1
    tail, at = [], len(raw)
    for _ in range(EDGE):
        start = raw.rfind("\n", 0, max(at - 1, 0)) + 1
        tail.append((start, at))
        if not start:
            break
        at = start
    for start, end in sorted({*head, *tail}):
        line = GLOSS.sub("", raw[start:end])
        if line.strip() and BOILERPLATE.fullmatch(line):
            draft.claim(start, end, "boilerplate", "")


def _lost(draft: _Draft) -> None:
    """Mark what was lost for good: U+FFFD, and the 锟斤拷 that two of them become."""
    if "\ufffd" not in draft.raw and "斤拷" not in draft.raw:
        return
    for match in LOST.finditer(draft.raw):
        near = draft.raw[max(match.start() - 3, 0) : match.end() + 3]
        note = "bytes lost for good"
        if re.search(r"\d", near):
            note += "; beside a number, which may be incomplete"
        draft.claim(*match.span(), "lost", match[0], "unresolved", note)


def _entities(draft: _Draft) -> None:
    """Replace HTML's character references by their characters."""
    if "&" not in draft.raw:
        return
    for match in ENTITY.finditer(draft.raw):
        char = html.unescape(match[0])
        if char != match[0] and "\n" not in char:
            draft.claim(*match.span(), "entity", " " if char == "\xa0" else char)


def _decoded_wrongly(draft: _Draft) -> None:
    """Read passages again that were decoded with the wrong table.

    Chinese bytes read as Western letters (ÖÐ¹ú), and UTF-8 read as GBK (鎴戜滑). Only a passage
    whose bytes make sense to the last one is replaced.
    """
    raw = draft.raw
    for match in WESTERN.finditer(raw):
        again = western(match[0])
        if again:
            draft.claim(*match.span(), "mojibake", again)
    if not MOJIBAKE.search(raw):
        return
    for match in TWICE_READ.finditer(raw):
        again = utf8(match[0])
        if again:
            draft.claim(*match.span(), "mojibake", again)


# ---- rules for what a mirror made ----------------------------------------------------------------


def _phase(draft: _Draft, doc: Plain, verdict: Verdict, script: Script, model: Model) -> bool:
    """Read the passages that are one byte out of phase; say whether there are any."""
    repairer = phase.Repairer(doc, model, traditional=verdict.traditional or bool(verdict.glossed))
    any_found = False
    for found in repairer.repair():
        start, end = doc.at[found.start], doc.end(found.end)
        if found.start == found.end:  # nothing shows but the gloss of the character lost
            start, end = doc.removed[found.end]
        if not found.readings:
            if verdict.mirrored:
                draft.claim(
                    start,
                    end,
                    "phase",
                    draft.raw[start:end],
                    "unresolved",
                    "one byte out of phase; no reading fits",
                )
            continue
        best = found.readings[0]
        if not verdict.mirrored and best.score < GAIN_ALONE:
            continue
        certainty, note = _judged(found)
        after = best.traditional if script == "keep" else best.text
        any_found |= draft.claim(start, end, "phase", after, certainty, note)
    return any_found


def _judged(found: phase.Found) -> tuple[Certainty, str]:
    """Return how certain the best reading is, and what else it could be."""
    readings = found.readings
    best = readings[0]
    margin = best.score - readings[1].score if len(readings) > 1 else LEAST_ALONE
    needed = SURE_LOST if best.lost else SURE
    notes: list[str] = []
    if best.inferred:
        chars = "".join(best.text[n] for n in best.inferred)
        notes.append(f"inferred: {chars}")
    others = [r.text for r in readings[1:4] if best.score - r.score < needed]
    if others:
        notes.append("or: " + " | ".join(others))
    doubtful = (
        margin < needed
        or found.oddest > ODDEST
        or 2 * len(best.inferred) > len(best.text)
        or best.seen[:1] == "\u3000"  # any opening mark would look so
        or not proved(best)
    )
    if doubtful:
        return "likely", "; ".join(notes)
    return "certain", "; ".join(notes)


def _glosses(draft: _Draft, doc: Plain) -> None:
    """Drop the pinyin in ASCII parentheses behind characters (領(lǐng)導 → 領導)."""
    for start, end in doc.removed.values():
        draft.claim(start, end, "gloss", "")


def _simplify(draft: _Draft, doc: Plain, model: Model, *, mirrored: bool) -> None:
    """Write simplified characters, choosing in context where one stands for two (著力 → 着力)."""
    table = convert.usual()
    choices = {
        choice.index: choice for choice in convert.choose(doc.shown, model, mirrored=mirrored)
    }
    at = doc.at
    for match in convert.any_traditional().finditer(doc.shown):
        index = match.start()
        choice = choices.get(index)
        char = match[0]
        if choice is None:
            draft.claim(at[index], at[index] + 1, "simplify", table[ord(char)])
        elif choice.char != char or choice.others:
            note = f"or: {' | '.join(choice.others)}" if choice.others else ""
            draft.claim(
                at[index],
                at[index] + 1,
                "simplify",
                choice.char,
                "likely" if choice.others else "certain",
                note,
            )


def _unknown(draft: _Draft) -> None:
    """Mark what a mirror blotted out: censored names, digits of a year."""
    for pattern, what in (
        (DIGITS, "digits of the year are missing"),
        (CENSORED, "a name is censored"),
    ):
        for match in pattern.finditer(draft.raw):
            draft.claim(*match.span(), "unknown", match[0], "unresolved", what)


def _doubled(draft: _Draft) -> None:
    """Drop the ASCII mark beside the same full-width one (，, → ，)."""
    for match in DOUBLED.finditer(draft.raw):
        pair = match[0]
        wide = next((c for c in pair if not c.isascii()), WIDE.get(pair[0], pair[0]))
        draft.claim(*match.span(), "doubled-punctuation", wide)


def _punctuation(draft: _Draft, doc: Plain) -> None:
    """Write full-width punctuation in Chinese lines: ，；：（）.

    What stays: thousands (8,500), times (9:30), marks before a space, parentheses around Latin
    text that follows Latin text.
    """
    text = doc.shown
    open_at: list[tuple[int, bool]] = []
    for match in NARROW.finditer(text):
        index, mark = match.start(), match[0]
        before, behind = text[index - 1 : index], text[index + 1 : index + 2]
        wide = _chinese(before) or _chinese(behind)
        if mark == "(":
            open_at.append((index, wide or not before.strip()))
            continue
        if mark == ")":
            if not open_at:
                if wide:
                    _widen(draft, doc, index)
                continue
            opened, open_wide = open_at.pop()
            if wide or open_wide:
                _widen(draft, doc, opened)
                _widen(draft, doc, index)
            continue
        if wide or _between_western(text, index, mark):
            _widen(draft, doc, index)
    for opened, open_wide in open_at:
        if open_wide:
            _widen(draft, doc, opened)


def _widen(draft: _Draft, doc: Plain, index: int) -> None:
    at = doc.at[index]
    draft.claim(at, at + 1, "punctuation", WIDE[draft.raw[at]])


def _chinese(char: str) -> bool:
    """Whether `char` is a Chinese character or one of its marks."""
    return bool(char) and (char >= "\u2e80" or char in "“”‘’—…·°％")


def _between_western(text: str, index: int, mark: str) -> bool:
    """Whether a mark between Latin letters or digits is Chinese prose all the same."""
    behind = text[index + 1 : index + 5]
    if not behind.strip() or behind[0].isspace():
        return False
    before = text[index - 1 : index]
    if mark in ",:" and before.isdigit():
        digits = len(behind) - len(behind.lstrip("0123456789"))
        if mark == "," and digits == 3:
            return False
        if mark == ":" and digits == 2:
            return False
    line_start = text.rfind("\n", 0, index) + 1
    line_end = text.find("\n", index)
    return bool(HAN.search(text, line_start, line_end if line_end >= 0 else len(text)))

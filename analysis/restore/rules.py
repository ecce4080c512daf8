"""The chain: passes over the text, each of small named rules with a story and a limit.

First what was decoded with a wrong table is read again, for its bytes may look like anything; then
line ends, blanks and characters of other shapes are made equal, and markup and a page's furniture
go, so that the rules behind see the text; then comes what web pages and mirrors do; at last shapes
that a broken passage may hold, and lines. The records of the passes are one (`Restored.then`). A
survey of the characters says which passes have anything to do: of most texts none.

Every rule claims places of the text and says what should stand there. A place claimed once
is not touched again, so edits never overlap and each tells one thing: a glossed character gives
two edits side by side, the character simplified and the gloss removed. What one pass could not
decide, those behind it leave. The rules that rewrite prose ask the document's `Verdict` first; only
lost bytes and entities are damage in any document.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from .characters import WIDE, Survey, surveyor
from .document import GLOSS, TONES, Plain, Verdict, examine, glossed_words, plain
from .draft import Draft
from .escapes import entities, escaped_lines, escapes
from .furniture import Line, furniture
from .lines import BULLETS, ENDS, blanks, bullets, line_ends, paragraphs, wrapped
from .markup import claims
from .model import Model, load
from .mojibake import FOREIGN_LETTERS, TRIGGERS, passages
from .pages import numbered, pages, pieces
from .phase import Found, Repairer, blotted
from .record import Certainty, Restored
from .search import NO_BYTE
from .simplify import simplify
from .suspects import suspicious
from .swallowed import swallowed
from .throughout import letters, other_table
from .widths import (
    CONTROLS,
    WIDTHLESS,
    early_signs,
    full_stops,
    late_signs,
    plain_shapes,
    plain_widths,
    points,
    years,
)

Script = Literal["auto", "keep", "simplified"]

LOST = re.compile("\ufffd+|(?:锟斤拷)+锟?|(?:錕斤拷)+錕?")
UNDONE = re.compile(r"\$\d\.?\$\d")  # of a replacement: 15.2% became 1$1.$2%
DOUBLED = re.compile("[,;:]+[，。；：、！？]|[，。；：、！？][,;:]+|。\\.|\\.。|,,")
DIGITS = re.compile(
    r"(?<![\d.])(?:19|20)(?:[*×＊_＿□○]{1,2}|\d[*×＊_＿□○]|  ?)(?=年)"
    r"|(?<![\d.,第])20[1-9](?=年)"
)
CENSORED = re.compile(r"(?<=[\u4e00-\u9fff])[*＊×]{1,3}(?=[\u4e00-\u9fff，。；、,])")
OWN_MARKS = frozenset("“”‘’—…·‰●★■◆▲◎○□△◇☆※")  # Chinese text has them itself
MARK = re.compile(r"[,;:()]")
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")

SURE = 8.0  # nats between two readings of a passage that make the better one certain
SURE_LOST = 12.0  # the same where pairs of bytes were lost
ODDEST = 9.0  # nats: with a less likely character in it, no reading is certain
# What no one would write is no reading. Each pair: the second reading is as near as that (nats),
# and something is as odd as that: a character, a character that no report has, two side by side
# that make no word with either neighbour. Of a passage that the forward model proves, a nearer
# second reading is borne. Measured in docs/methods.md.
RIVALLED, UNHEARD, NO_WORD = (2.5, 8.0), (20.0, 15.0), (6.0, 8.0)
RIVALLED_PROVED, UNHEARD_PROVED = (1.0, 8.0), (4.0, 15.0)
LEAST_ALONE = 20.0  # taken as that distance where there is no second reading
TWICE = 2  # wrong tables, one after the other, that a passage may have gone through
STOPPED = "unreadable from here on, as text in a wrong encoding is; no more was guessed"
GAIN_ALONE = 25.0  # what a passage must gain to be the document's only trace

KEEP = ("markup", "furniture")
"""Rules that may be left out: what they take away is somebody's text, if no report's."""


def restore(
    text: str,
    *,
    script: Script = "auto",
    keep: Collection[str] = (),
    model: Model | None = None,
) -> Restored:
    """Broken text, restored, with the record of every change.

    Parameters
    ----------
    text : str, a document as it was decoded.
    script : when traditional characters become simplified: where a mirror's traces show that they
        are not the author's ("auto"), never ("keep"), or always ("simplified").
    keep : rules of `KEEP` that are left out.
    model : the language model, the package's own if left out.

    Returns
    -------
    Restored
        text (restored), raw, edits (each with its place in raw, rule, certainty, before, after).

    Raises
    ------
    ValueError
        for another `script`, or another rule to keep.

    Examples
    --------
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
    """Carry out the passes, each over the text that the one before has made."""

    def known() -> Model:
        return model or load()

    look = lru_cache(maxsize=1)(_survey())
    out = _pass(Restored(text, text), escapes, entities, partial(letters, model=known))
    out = _pass(out, escaped_lines)
    seen = look(out.text)
    for _ in range(TWICE):
        if not seen.signs & 3:
            break
        before = out
        out = _pass(
            out, partial(passages, model=known, western=seen.signs & 1, wide=seen.signs & 2)
        )
        if out is before or out.unresolved:
            break
        seen = look(out.text)
    out = _pass(out, *([line_ends, plain_shapes] if seen.signs & 4 else []))
    out = _pass(out, *([] if "markup" in keep else [_markup]))
    out = _pass(out, numbered, blanks)
    out = _pass(out, paragraphs)
    out = _pass(out, *([] if "furniture" in keep else [_furniture]))
    seen = look(out.text)
    mirror = _Mirror(seen, script, known)
    out = _pass(out, mirror.restore)
    if mirror.stopped:
        again = _pass(Restored(text, text), lambda draft: other_table(draft, known))
        if again.edits:
            return again.then(_restored(again.text, script, keep, model))
    signs = look(out.text).signs & 8 or "\n·" in out.text
    shapes = [plain_widths, bullets] if signs else []
    out = _pass(out, *shapes, full_stops, years, points)
    return _pass(_pass(out, pages, pieces), wrapped)


@cache
def _survey() -> Callable[[str], Survey]:
    """Return what looks at a text once: most texts show nothing of what most rules are for."""
    early = WIDTHLESS + CONTROLS + ENDS + early_signs()
    return surveyor([FOREIGN_LETTERS, TRIGGERS, early, late_signs() + BULLETS, TONES])


def _pass(done: Restored, *rules: Callable[[Draft], object]) -> Restored:
    """Carry out rules on the text made so far; what could not be decided there, they leave."""
    if not rules:
        return done
    draft = Draft(done.text)
    for place in done.open_places:
        draft.bar(place)
    for rule in rules:
        rule(draft)
    return done.then(draft.done())


class _Mirror:
    """The rules for what web pages and mirrors do to a text; `stopped` says that it is no text."""

    def __init__(self, seen: Survey, script: Script, model: Callable[[], Model]) -> None:
        self.seen, self.script, self.model = seen, script, model
        self.stopped = False

    def restore(self, draft: Draft) -> None:
        """Carry out the rules."""
        text, script, model = draft.raw, self.script, self.model
        _lost(draft)
        verdict = examine(text, self.seen)
        mirrored = verdict.mirrored
        doc = None
        if mirrored or suspicious(text, traditional=verdict.traditional):
            doc = plain(text)
            mirrored |= _phase(draft, doc, verdict, script, model())
            self.stopped = any(row[-1] == STOPPED for row in draft.rows)
        if doc and mirrored:
            swallowed(draft, model())
            _glosses(draft, doc)
            _unknown(draft)
        if self.seen.signs & 16:
            for place in glossed_words(text):
                draft.claim(place, "gloss", "")
        if script == "simplified" or (mirrored and script == "auto"):
            if doc:
                _simplify(draft, doc.shown, doc.at, model(), mirrored=mirrored)
            elif self.seen.traditional:
                _simplify(draft, text, range(len(text)), model(), mirrored=False)
        if doc and mirrored:
            _doubled(draft)
            _punctuation(draft, doc)


# ---- rules for any document ------------------------------------------------------------------


def _markup(draft: Draft) -> None:
    """Drop the signs of Markdown and HTML, and the front matter (`markup`)."""
    for start, end, after in claims(draft.raw):
        draft.claim((start, end), "markup", after)


def _furniture(draft: Draft) -> None:
    """Drop page buttons, breadcrumbs, share lines and notices: whole lines (`furniture`)."""
    for line in furniture([*_lines(draft)]):
        for free in re.finditer(b"\0+", draft.taken[line.start : line.end]):
            place = line.start + free.start(), line.start + free.end()
            draft.claim(place, "furniture", "")


def _lines(draft: Draft) -> Iterator[Line]:
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


def _lost(draft: Draft) -> None:
    """Mark what was lost for good: U+FFFD, the 锟斤拷 that two of them become, digits."""
    for match in UNDONE.finditer(draft.raw) if "$" in draft.raw else ():
        note = "a replacement that was not carried out stands for digits of a number"
        draft.claim(match.span(), "lost", match[0], "unresolved", note)
    if "\ufffd" not in draft.raw and "斤拷" not in draft.raw:
        return
    for match in LOST.finditer(draft.raw):
        note = "bytes lost for good"
        if re.search(r"\d", draft.raw[max(match.start() - 3, 0) : match.end() + 3]):
            note += "; beside a number, which may be incomplete"
        draft.claim(match.span(), "lost", match[0], "unresolved", note)


# ---- rules for what a mirror made ----------------------------------------------------------------


def _phase(draft: Draft, doc: Plain, verdict: Verdict, script: Script, model: Model) -> bool:
    """Read the passages that are one byte out of phase; say whether there are any."""
    traditional = verdict.traditional or bool(verdict.glossed)
    any_found = False
    for found in Repairer(doc, model, traditional=traditional).repair():
        lone = bool(found.readings) and found.readings[0].stray == NO_BYTE
        place = doc.at[found.start - lone], doc.end(found.end)
        if found.start == found.end:  # nothing shows but the gloss of the character lost
            place = doc.removed[found.end]
        if found.readings:
            best = found.readings[0]
            if best.seen and OWN_MARKS.issuperset(best.seen) and _paired(doc.shown, found):
                continue
            if verdict.mirrored or best.score >= GAIN_ALONE:
                certainty, note = _judged(found)
                if certainty == "unresolved":
                    draft.claim(place, "phase", draft.raw[slice(*place)], certainty, note)
                    continue
                after = best.traditional if script == "keep" else best.text
                if char := blotted(doc, found, model):
                    place, after = (place[0] - 1, place[1]), char + after
                    note = "; ".join(filter(None, (f"inferred: {char}", note)))
                    certainty = "likely"
                any_found |= draft.claim(place, "phase", after, certainty, note)
        elif verdict.mirrored or found.stopped:
            note = STOPPED if found.stopped else "one byte out of phase; no reading fits"
            draft.claim(place, "phase", draft.raw[slice(*place)], "unresolved", note)
    return any_found


def _paired(text: str, found: Found) -> bool:
    """Whether no quotation mark of a passage lacks its partner in the line."""
    start, end = text.rfind("\n", 0, found.start) + 1, text.find("\n", found.end)
    line = text[start : end if end >= 0 else len(text)]
    seen = text[found.start : found.end]
    pairs = [pair for pair in ("“”", "‘’") if not set(pair).isdisjoint(seen)]
    return all(line.count(pair[0]) == line.count(pair[1]) for pair in pairs)


def _judged(found: Found) -> tuple[Certainty, str]:
    """Return how certain the best reading is, and what else it could be."""
    best, *rest = found.readings
    margin = best.score - rest[0].score if rest else LEAST_ALONE
    needed = SURE_LOST if best.lost else SURE
    rivalled, unheard = RIVALLED, UNHEARD
    if best.proved:
        rivalled, unheard = RIVALLED_PROVED, UNHEARD_PROVED
    odd = (rivalled, found.oddest), (unheard, found.oddest), (NO_WORD, found.apart)
    if any(margin < near and oddness > least for (near, least), oddness in odd):
        said = " | ".join(reading.text for reading in found.readings[:3])
        return "unresolved", f"one byte out of phase; perhaps: {said}"
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


def _glosses(draft: Draft, doc: Plain) -> None:
    """Drop the pinyin in ASCII parentheses behind characters (領(lǐng)導 → 領導)."""
    for place in doc.removed.values():
        draft.claim(place, "gloss", "")


def _simplify(draft: Draft, text: str, at: Sequence[int], model: Model, *, mirrored: bool) -> None:
    """Write simplified characters, choosing in context where one stands for two (著力 → 着力).

    `at` says where in the raw text each character stands.
    """
    for index, char, others in simplify(text, model, mirrored=mirrored):
        certainty: Certainty = "likely" if others else "certain"
        note = f"or: {' | '.join(others)}" if others else ""
        draft.claim((at[index], at[index] + 1), "simplify", char, certainty, note)


def _unknown(draft: Draft) -> None:
    """Mark what a mirror blotted out: censored names, digits of a year."""
    missing, censored = "digits of the year are missing", "a name is censored"
    for pattern, what in ((DIGITS, missing), (CENSORED, censored)):
        for match in pattern.finditer(draft.raw):
            draft.claim(match.span(), "unknown", match[0], "unresolved", what)


def _doubled(draft: Draft) -> None:
    """Drop the ASCII mark beside the same full-width one (，, → ，)."""
    for match in DOUBLED.finditer(draft.raw):
        pair = match[0]
        wide = next((c for c in pair if not c.isascii()), "，")
        draft.claim(match.span(), "doubled-punctuation", wide)


def _punctuation(draft: Draft, doc: Plain) -> None:
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


@cache
def version() -> str:
    """Return the restorer's version: a hash of its code, its tables and its language model."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".txt", ".bin"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]

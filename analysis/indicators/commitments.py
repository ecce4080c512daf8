"""Sentences of a plan → what the government commits itself to, clause by clause.

A work report lists what will be done, several acts a sentence, between slogans, reasons and hopes.
A clause is a commitment if it has a verb of policy with an object, or a figure to be reached; it
can be tested if a year later somebody with the facts could say yes or no: it names a number, a
date, an output that is there or is not, or a thing with a name of its own (the criterion of pledge
research: Royed 1996; Thomson et al. 2017). The words stand in commitments.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import yamlfile

from .amounts import amounts, either
from .numerals import fold

RawSpans = Callable[[str, Sequence[int], Sequence[int]], Sequence[tuple[int, int]]]

CLAUSE = re.compile(r"[^，。；！？：\n]+[，。；！？：]?")
_APPEAL = "让我们"
_SHORT = 4
_EDGE = "，。；！？：、*# \u3000\t"
_STATES = re.compile(
    r"(?:为[^，]{2,30}了|必将|也?是|就是|既是|能够|就能|可以|才能|有利于|有助于|事关|关系到|不可能)"
)
_IS = re.compile(
    r"(?<!重点)(?<!核心)(?<!关键)(?<!凡)(?<![其别就还只但于总要正一二三四五六七八九十])是(?![否非])"
)
_NUMBERED = re.compile(r"\d|[一二两三四五六七八九十百千万亿]+(?:个|项|所|家|条|座|万|亿|件|批次|%)")
_AND = re.compile(r"[、，]|和(?!谐)|与|及")
_COUNTED = re.compile(r"[\d%‰万亿]|[两一二三四五六七八九十百千]+(?:所|家|条|座|公里|亩|辆|套|户)")
_TITLE = re.compile(r"《[^》]{2,40}》")
_QUOTED = re.compile(r"“[^”]{2,16}”")
_DONE = re.compile(r"(?<![为除])了(?![解望])|已经?|曾")


class Clause(NamedTuple):
    """A clause that commits: its place in the sentence, and what it says.

    `why` are the spans, in the sentence, of what makes it testable; none: it is not.
    """

    start: int
    end: int
    verb: str
    object: str
    number: str
    date: str
    duty_holder: str
    why: tuple[tuple[int, int], ...]


@cache
def _words() -> dict[str, re.Pattern[str]]:
    """What commitments.yaml says, compiled."""
    said: Any = yamlfile.load(Path(__file__).with_name("commitments.yaml"))
    general, things = either(said["general"]), either(said["things"])
    words = {
        "leads": rf"(?:{either(said['leads'])}|[的地、]|{either(said['dates'])})*",
        "verb": either(said["verbs"]),
        "short": either(said["short"]),
        "before": rf"(?:{either(said['before'])})",
        "modal": either(said["modal"]),
        "reached": either(said["reached"]),
        "output": either(said["outputs"]),
        "never": either(said["never"]["anywhere"]),
        "opening": rf"(?:{either(said['never']['opening'])})",
        "effect": rf"(?:要|努力|不断|切实|进一步|更好)*(?:{either(said['effects'])})",
        "states": either(said["states"]),
        "guiding": either(said["guiding"]),
        "body": rf"(?:{either(said['duty']['bodies'])})(?:要|应|必须|负责|牵头|带头)",
        "by": r"由([\u4e00-\u9fff]{2,14}?)(?:牵头|负责|承担|组织)",
        "date": either(said["dates"]),
        "thing": rf"(?:{things})",
        "weak": rf"(?:{either(said['weak'])})",
        "behind": rf"(?:{either(said['behind'])})",
        "vague": rf"[\u4e00-\u9fff]{{0,2}}(?:{either(said['vague'])})",
        "lead_in": rf"(?:{either(said['leads'], said['verbs'])})*",
        "general": rf"(?:{general}|{either(said['verbs'])})+",
    }
    return {name: re.compile(pattern) for name, pattern in words.items()}


def clauses(text: str) -> Iterator[Clause]:
    """The clauses of a sentence of a plan that commit the government to something.

    >>> [one.verb + "|" + one.object for one in clauses("新建公路100公里，让人民满意。")]
    ['新建|公路100公里']
    >>> [*clauses("让我们一起奋斗，完成全年目标任务！")]
    []
    """
    if _APPEAL in text:
        return
    led, began, guiding = "", False, _words()["guiding"].search(text.strip())
    matches = [match for match in CLAUSE.finditer(text) if len(match[0].strip(_EDGE)) >= _SHORT]
    for at, match in enumerate(matches):
        ended = match[0][-1] in "。；！？"
        last = ended or at + 1 == len(matches)
        stated = not last and _STATES.match(matches[at + 1][0])
        one = None if stated else _clause(text, match, led, closing=last and began)
        led = one.verb if one and not ended else ""
        began = one is not None or (began and not ended)
        if one is not None and (one.why or not guiding):
            yield one


def _clause(text: str, match: re.Match[str], led: str, *, closing: bool) -> Clause | None:
    """What a clause commits to; `led` is the verb of the one before, which a list goes on with."""
    words = _words()
    whole = match[0]
    start = match.start() + len(whole) - len(whole.lstrip(_EDGE))
    end = match.start() + len(whole.rstrip(_EDGE + "。"))
    said = text[start:end]
    numbers = _amounts(said)
    if words["never"].search(said) or _DONE.search(said) or whole.endswith("："):
        return None
    if closing and not numbers and words["effect"].match(said):
        return None
    lead = words["leads"].match(said)
    begin = lead.end() if lead else 0
    if _IS.search(said, begin):
        return None
    if words["opening"].match(said) or words["opening"].match(said[begin:]):
        return None
    verb = _verb(said, begin, bool(numbers))
    goes_on = led and not words["before"].match(said)
    if verb is None and not numbers and not goes_on:
        return None
    name = verb[0] if verb else led
    rest = said[verb.end() :] if verb else said
    if verb and not rest.strip(_EDGE):
        rest = said[: verb.start()]
    return Clause(
        start,
        end,
        name,
        rest.strip(_EDGE),
        ";".join(said[begin:stop] for begin, stop in numbers),
        ";".join(one[0] for one in words["date"].finditer(said)),
        _holder(said),
        tuple(sorted({(start + a, start + b) for a, b in _testable(said, numbers)})),
    )


def _verb(said: str, begin: int, counted: bool) -> re.Match[str] | None:
    """The verb of a clause: at its head, of a figure what it does, or wherever one stands."""
    words = _words()
    if head := words["verb"].match(said, begin):
        return head
    led = words["verb"].finditer(said, 0, begin)
    if own := [one for one in led if not words["modal"].fullmatch(one[0])]:
        return own[-1]
    if words["before"].match(said, begin):
        return words["verb"].search(said, begin + 1)
    head = words["short"].match(said, begin)
    reached = words["reached"].search(said) if counted and head is None else None
    return head or reached or words["verb"].search(said)


def _amounts(said: str) -> list[tuple[int, int]]:
    """Where a clause says how much: amounts with a unit."""
    folded, kept = fold(said)
    found = []
    for one in amounts(folded):
        if one.unit and _NUMBERED.search(folded[one.start : one.end]):
            spans = (one.start, one.end - 1)
            begin, last = (kept[at] if kept else at for at in spans)
            found.append((begin, last + 1))
    return found


def _holder(said: str) -> str:
    """Who is to do it, where the clause says so."""
    body = _words()["body"].match(said)
    by = _words()["by"].search(said)
    if by:
        return by[1]
    return re.sub(r"(?:要|应|必须|负责|牵头|带头)$", "", body[0]) if body else ""


def _testable(said: str, numbers: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans of what somebody could check a year later."""
    words = _words()
    yield from (one for one in numbers if _COUNTED.search(said[slice(*one)]))
    for name in (words["date"], _TITLE):
        for match in name.finditer(said):
            yield match.span()
    for match in words["output"].finditer(said):
        if not words["vague"].match(said, match.end()):
            yield match.span()
    for match in words["thing"].finditer(said):
        before = _AND.split(said[: match.start()])[-1]
        lead = words["lead_in"].match(before)
        before = before[lead.end() if lead else 0 :]
        own = len(words["general"].sub("", before))
        enough = own > (2 if words["weak"].fullmatch(match[0]) else 1)
        meant = words["behind"].match(said, match.end()) or match.end() == len(said)
        if meant and (enough or _QUOTED.search(before)):
            yield match.start() - len(before), match.end()


@lru_cache(maxsize=65536)
def is_general(word: str) -> bool:
    """Whether a word says nothing of what a commitment is about: a verb, an adverb, 重点."""
    words = _words()
    return any(words[name].fullmatch(word) for name in ("general", "lead_in"))


def table(
    sentences: pd.DataFrame, raw: RawSpans, topics: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """The table `commitments` of the plans of some reports, as yet without an outcome.

    Parameters
    ----------
    sentences : the table `sentences`.
    raw : what leads places in a report's text, starts and ends, back to its raw file.
    topics : sentence_id → the theme that it is coded as.
    """
    plan = sentences[(sentences["part"] == "plan") & ~sentences["is_heading"].astype(bool)]
    rows: list[dict[str, Any]] = []
    for report_id, own in plan.groupby("report_id", sort=False):
        found = [(row, one) for row in tables.rows(own) for one in clauses(row.text)]
        starts = [row.start + one.start for row, one in found]
        ends = [row.start + one.end for row, one in found]
        places = zip(found, starts, ends, raw(str(report_id), starts, ends), strict=True)
        for (row, one), start, end, (raw_start, raw_end) in places:
            why = (f"{row.start + a}-{row.start + b}" for a, b in one.why)
            said = one._asdict() | {"start": start, "end": end, "why": ";".join(why)}
            said |= {"report_id": row.report_id, "sentence_id": row.sentence_id}
            said |= {"raw_start": raw_start, "raw_end": raw_end}
            said |= {"quote": row.text[one.start : one.end], "outcome": "", "coder": ""}
            said |= {"topic": (topics or {}).get(row.sentence_id, "")}
            rows.append(said | {"testable": "yes" if one.why else "no"})
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["commitments"]))

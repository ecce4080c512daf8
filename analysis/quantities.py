r"""Sentences → figures: every number that measures something, with unit, bound and kind.

One regular expression reads a sentence from left to right. What holds a number but measures
nothing (a date, a rank, a document's number, a quoted name) is matched first and so read over;
what is left is a numeral with its unit and the words of bound beside it. Then a figure looks at
its neighbours (a range, a list that states its unit once) and at its clause (does it say by how
much, or how much; is it planned). The words stand in quantities.yaml.

Offsets are those of the text as it stands: full-width digits and zero-width characters are read
as what they mean, and the quote keeps them.

Past 400 lines because what one figure lends its neighbours (unit, bound, kind) is one reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables, yamlfile
from analysis.horizon import horizons
from analysis.needles import Alternatives, fits, needles
from analysis.numerals import DIGITS, fold, number

if TYPE_CHECKING:
    from analysis.horizon import Horizon
    from analysis.indicators import IndicatorCodebook

    _Folded = tuple[str, list[int] | None]
    _Named = Sequence[tuple[str, str]]

_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_TIMES = r"(?:[十百万亿]|千(?![瓦米克伏卡]))"
_HAN = r"(?:[一二两三四五六七八九十百零万亿]|千(?![瓦米克伏卡]))"
_NUMERAL = (
    rf"(?:{_ARABIC}(?:{_TIMES}+(?:{_ARABIC}{_TIMES}+)?)?"
    rf"|{_HAN}+(?:点[一二三四五六七八九零]+{_TIMES}*)?)"
)
_PLAIN = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千零]+)"
_COUNTS = re.compile(r"[\d一二两三四五六七八九十百千零万亿半]")  # without one there is no figure
_YEAR = r"(?:\d{4}|[一二][一二三四五六七八九零]{3})"
_LATIN = r"(?:GWh?|MWh?|k(?:Wh?|V|m)|TEU|[EP](?:FLOPS|Flops|flops|[BF])?|TB|[MG]bps|[mn]m)"
_SKIPPED = (
    r"《[^》]{0,80}》",
    r"[“‘「『][^”’」』]{0,20}[”’」』]",
    r"〔[^〕]*〕\d*",
    rf"^[（(]?{_PLAIN}[）)、.](?!\d)",
    rf"[一二三四五六七八九十]+届(?:{_PLAIN}次(?:[、和]{_PLAIN}次)*)?|第{_PLAIN}(?:[、和至到-]第?{_PLAIN})*",
    rf"前(?<![目此日提之年产学当空]前){_PLAIN}",
    r"每[\d一二两三四五六七八九十百千万亿]+(?:平方公里|立方米|公里|人口?|[元名个户年亩天月周])?",
    rf"{_YEAR}(?:[-至到、和]+(?:{_YEAR}|\d\d(?=年)))*年[度代初底末]?",
    r"\d+(?:\.\d+)?(?::\d+(?:\.\d+)?){2,}|(?:19|20)\d\d-(?:20)?\d\d(?!\d)|\d{1,2}:\d\d(?!\d)",
    r"\d{1,2}月(?:\d{1,2}日)?|[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?",
    r"\d{1,2}日(?!内|以内)|[几数][十百千万亿]+",
    rf"{_PLAIN}(?:[-至到]{_PLAIN})?[多余来几]?(?:年|世纪|周年|季度|号|强|连增|中全会)",
    r"(?!GDP|CPI)[A-Za-z]+[-_]?\d[A-Za-z0-9.+_-]*",
    rf"\d+(?:\.\d+)?(?!{_LATIN}(?![A-Za-z0-9]))[A-Za-z+×][A-Za-z0-9+×.]*",
)
_SHARES = (
    rf"(?P<base>{_NUMERAL})分之(?P<top>{_NUMERAL})|(?P<half>一半|半数(?!会))"
    rf"|(?P<one>{_ARABIC})[/:](?P<other>{_ARABIC})(?![\d/:年月])"
)
_PER = {"百": "%", "千": "‰", "万": "‱"}
_BARE = re.compile(r"[百千万亿]+")
_GROUPS = ("share", "physical", "money", "count")
_NAMES_IT = re.compile(r"[级卡年届强维像步岁能向般项兆]")
_ENDS = re.compile(r"[，。；、）！：提缩增降上下扩减升]")
_STATES = re.compile(r"(?:达到?|[为至到是从由])$")
_LIST = re.compile(r"[、和，及与或]|以及")
_RANGE = re.compile(r"[-至到]+")
_FROM = re.compile(r"[从由][^，。；、到至分]{0,12}$")
_SINCE = re.compile(r"[由从](?=[^，。；由从]{0,6}(?:19|20)\d\d年)[^，。；由从]*[到至为]$")
_CLAUSE = re.compile(r".*[，。；：！？,;]", re.DOTALL)  # up to the last of them
_GROWTH = re.compile(r"的?(?:速度)?(?:增长|增速|增幅|降幅|涨幅)")
_BREAK = re.compile(r"[，。；：、！？（）“”《》,;:()\d%/]|其中")


@dataclass(slots=True)
class _Figure:
    """One figure of a sentence; all places are offsets in its folded text."""

    start: int
    number: tuple[int, int]
    end: int
    value: float
    unit: str
    group: str
    bound: str
    kind: str = "level"


def _either(*entries: str) -> str:
    """Alternatives, the longer text first; what may not follow does not make one longer."""
    return "|".join(_longest_first(*entries))


def _longest_first(*entries: str) -> list[str]:
    """The entries of quantities.yaml, each a piece of a regular expression."""
    words = " ".join(entries).split()
    return sorted(words, key=lambda w: len(re.sub(r"\(\?.*", "", w)), reverse=True)


@cache
def _document() -> Any:
    return yamlfile.load(Path(__file__).with_name("quantities.yaml"))


@cache
def _reading() -> Alternatives:
    """What reads a sentence from figure to figure: see quantities.yaml."""
    document = _document()
    units, before, after = document["units"], *map(document["bounds"].get, ("before", "after"))
    bounding = _either(*(before[name] for name in ("at_least", "at_most", "approximate")))
    figure = (
        rf"(?:(?P<before>{bounding})|(?:{before['bare'].replace(' ', '|')})"
        rf"(?=[一二两三四五六七八九十百千万亿]+)(?P<bare>))?(?:{_SHARES}|(?P<numeral>{_NUMERAL})"
        rf"(?P<more>多(?![元式种样])|余|来(?![源自华])|几)?(?P<times>{_TIMES}*)(?P<more2>[多余])?"
        rf"(?P<unit>{_either(*(units[name] for name in _GROUPS))})?)"
        rf"(?:（[^）]{{1,2}}）)?(?P<after>{_either(*after.values())})?"
    )
    span = (
        rf"(?:连续|历时|持续了?|为期)近?(?P<span>{_NUMERAL})(?P<many>[多余]?)年(?P<over>(?:以上)?)"
    )
    return Alternatives([span, *_SKIPPED, *_longest_first(document["names"]), figure])


@cache
def _words() -> dict[str, re.Pattern[str]]:
    """What quantities.yaml says, compiled, but for what `_reading` does."""
    document = _document()
    units, bounds, kind, phrase = (document[key] for key in ("units", "bounds", "kind", "phrase"))
    before, after = bounds["before"], bounds["after"]
    words = {name: _either(units[name]) for name in _GROUPS}
    words |= {name: _either(before[name], after[name]) for name in ("at_most", "approximate")}
    words |= {name: _either(kind[name]) for name in ("keeps", "planned")}
    words |= {
        "verb": rf"(?P<change>(?:{_either(kind['change'])})(?![至到为]))"
        rf"|(?P<beside>(?:{_either(kind['beside'])})$)|(?P<level>{_either(kind['level'])})",
        "arabic_only": _either(units["arabic_only"]),
        "scope": _either(document["scope"]),
        "stop": rf"{_BREAK.pattern}|{_either(phrase['stop'])}",
        "lead": rf"^(?:{_either(phrase['lead'])})+",
        "trail": rf"(?:{_either(phrase['trail'])})+$",
    }
    return {name: re.compile(pattern) for name, pattern in words.items()}


def find(
    sentences: pd.DataFrame,
    codebook: IndicatorCodebook | None = None,
    years: Mapping[str, int] | None = None,
) -> pd.DataFrame:
    """Every number that measures something.

    Parameters
    ----------
    sentences : the table `sentences`.
    codebook : names the figures its patterns match; the others stay unnamed.
    years : report_id → the year reported on; without it a period is named only where the
        sentence or its heading states a year.

    Returns
    -------
    DataFrame
        The table `figures_found`, in the order of the text: start and end count characters of the
        restored report; a range is two rows.
    """
    columns = ("report_id", "sentence_id", "start", "text")
    given = sentences["text"].tolist()
    texts = [fold(text) for text in given]
    times = horizons(sentences, [folded for folded, _ in texts], years or {})
    patterns = [
        (pattern, entry.id)
        for entry in (codebook.indicators.values() if codebook else ())
        for pattern in entry.patterns
    ]
    worth: dict[int, list[tuple[str, str]]] = {}
    for row, at in needles((), tuple(pattern for pattern, _ in patterns)).find(given)[1]:
        worth.setdefault(row, []).append(patterns[at])
    rows = [
        (report, sentence, offset + start, offset + end, *row)
        for at, (report, sentence, offset, text, folded, horizon) in enumerate(
            zip(*(sentences[name].tolist() for name in columns), texts, times, strict=True)
        )
        if _COUNTS.search(folded[0])
        for start, end, *row in _rows(text, folded, horizon, worth.get(at, ()))
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["figures_found"]))


def _rows(text: str, read: _Folded, horizon: Horizon, named: _Named) -> Iterator[tuple[Any, ...]]:
    """A sentence's rows from `start` on, offsets being those of its text."""
    folded, places = read
    figures = _figures(folded)
    if not figures:
        return
    _kinds(folded, figures, plan=horizon.plan)
    names = [
        (match.start("value"), name) for pattern, name in named for match in fits(pattern, text)
    ]
    what, scope, done, seen, indicator = "", "", 0, 0, ""
    since: re.Match[str] | None = None  # 由2022年的82%提高到91%: what follows is not of 2022
    begins = "由" in folded or "从" in folded
    for figure in figures:
        start, end = _span(places, figure.start, figure.end)
        first, last = _span(places, *figure.number)
        upper_end = figure.bound == "at_most" and _RANGE.fullmatch(folded[done : figure.start])
        what, done = _what(folded, figure, done) or what, figure.end
        scope = [scope, *_words()["scope"].findall(folded, seen, figure.start)][-1]
        seen = figure.start
        since = (begins and _SINCE.search(folded, 0, figure.start)) or since
        told = since and not any(since.end() <= time.start() for time in horizon.times)
        period = horizon.period(since.start() if since and told else figure.start)
        found = next((name for place, name in names if first <= place < last), "")
        indicator = found or (indicator if upper_end else "")
        yield (
            *(start, end, text[start:end], figure.value, figure.unit, figure.bound, figure.kind),
            *(what, scope, period),
            *(indicator, text[first:last]),
        )


def _span(places: list[int] | None, start: int, end: int) -> tuple[int, int]:
    """A span of the folded text as one of the text itself."""
    return (start, end) if places is None else (places[start], places[end - 1] + 1)


def _figures(text: str) -> list[_Figure]:
    """The figures of a folded sentence; those in a range or a list know of each other."""
    read: list[_Figure] = []
    for match in _reading().finditer(text):
        try:
            read += _read(match)
        except (ValueError, ZeroDivisionError):  # no numeral, such as 二零二五; 1/0
            continue
    for one, other in reversed([*pairwise(read)]) if len(read) > 1 else ():
        _join(text, one, other)
    return read and [
        figure
        for figure in read
        if (figure.group or _counts_without_unit(text, figure))
        and (text[slice(*figure.number)] != "一" or _one_counts(text, figure, read))
    ]


def _read(match: re.Match[str]) -> tuple[_Figure, ...]:
    """The figure a match states, none if it is read over, two for 两三个."""
    if match["numeral"]:
        return _measured(match)
    begin, end = match.span()
    if match["span"]:
        bound = "at_least" if match["many"] or match["over"] else "exact"
        first, last = match.span("span")
        return (_Figure(first, (first, last), end, number(match["span"]), "年", "run", bound),)
    if match["half"]:
        return (_Figure(begin, match.span("half"), end, 0.5, "", "share", _bound(match)),)
    if match["base"] or match["one"]:
        one, other = ("top", "base") if match["base"] else ("one", "other")
        unit = _PER.get(match[other], "")
        value = number(match[one]) / (1 if unit else number(match[other]))
        (first, _), (_, last) = sorted((match.span(one), match.span(other)))
        return (_Figure(begin, (first, last), end, value, unit, "share", _bound(match)),)
    return ()


def _measured(match: re.Match[str]) -> tuple[_Figure, ...]:
    """A numeral with its unit."""
    numeral, times, unit = match.group("numeral", "times", "unit")
    unit = unit or ""
    group, han = _group(unit), not numeral[0].isdigit()
    if han and not _han_counts(match, unit, group):
        return ()
    first, last = match.span("numeral")
    if group == "physical" and not re.search(r"[百千万亿]\d", numeral):
        factor = _ending(numeral, "万亿" if han else "百千万亿")
        last -= len(factor)
        numeral, unit, times = numeral.removesuffix(factor), factor + times + unit, ""
    elif times:
        last = match.end("times")
    place = (first, max(last, first + 1))
    figure = _Figure(match.start(), place, match.end(), 0, unit, group, _bound(match))
    if len(numeral) == 2 and han and all(digit in DIGITS for digit in numeral):
        low, high = DIGITS[numeral[0]], DIGITS[numeral[1]]
        bounds = ((low, "at_least"), (high, "at_most")) if 1 < low < high else ()
        return tuple(replace(figure, value=value, bound=bound) for value, bound in bounds)
    figure.value = number(numeral + times) if numeral + times else 1.0
    return (figure,)


@cache
def _group(unit: str) -> str:
    """What kind of measure a unit is, '' for none."""
    return next((name for name in _GROUPS if _words()[name].fullmatch(unit)), "")


def _ending(text: str, characters: str) -> str:
    """What stands at a text's end of some characters."""
    return text[len(text.rstrip(characters)) :]


def _han_counts(match: re.Match[str], unit: str, group: str) -> bool:
    """Whether a Chinese numeral counts: not 二期, nor a lone 千 or 亿 that is part of a name."""
    numeral = match["numeral"] + match["times"]
    if numeral == "零" or (_BARE.fullmatch(numeral) and match.string.startswith("级", match.end())):
        return False
    if _words()["arabic_only"].fullmatch(unit) or (numeral == "二" and group != "share"):
        return False
    if _BARE.fullmatch(numeral) and not (match["before"] or match["after"] or match["more"]):
        large = group in ("money", "physical") and len(numeral) > 1
        return large or match["bare"] is not None
    return True


def _bound(match: re.Match[str]) -> str:
    """What the words beside the numeral make of it."""
    more = match["more"] or match["more2"]
    word = match["after"] or more or match["before"]
    if not word:
        return "exact" if match["bare"] is None else "at_least"
    if word in ("来", "几"):
        return "approximate"
    named = (name for name in ("at_most", "approximate") if _words()[name].fullmatch(word))
    return next(named, "at_least")


def _join(text: str, one: _Figure, other: _Figure) -> None:
    """Let two neighbours share what is written once: 15、22个百分点, 1—2个, 百分之八至九."""
    gap = text[one.end : other.start]
    ranges = _RANGE.fullmatch(gap) is not None
    if not ranges and not _LIST.fullmatch(gap):
        return
    if not one.group and other.group in _GROUPS:
        own, its = (_ending(text[slice(*figure.number)], "万亿") for figure in (one, other))
        if own and not its:
            return
        if its and one.value < 1000 and other.group != "physical":
            one.value = number(text[slice(*one.number)] + its)
        one.unit, one.group = other.unit, other.group
    elif ranges and one.group == "share" and not other.group:
        other.unit, other.group = one.unit, one.group
    if ranges and one.group == other.group and not _FROM.search(text[: one.start]):
        one.bound, other.bound = "at_least", "at_most"
    elif one.start < one.number[0] and not ranges and text[: one.start].endswith("分别"):
        # 分别突破300亿元和3000亿元: the verb governs both, while 以上 and 余 bind to their number.
        other.bound = one.bound if other.bound == "exact" else other.bound


def _counts_without_unit(text: str, figure: _Figure) -> bool:
    """Whether a number without a measure word measures something: 惠及76万群众, 指数达98.5."""
    numeral = text[slice(*figure.number)]
    rest = text[figure.end : figure.end + 1]
    if _NAMES_IT.match(rest):
        return False
    if not numeral[0].isdigit():
        return figure.bound != "exact" and numeral[-1] in "万亿"
    if numeral[-1] in "万亿千百" or (figure.bound == "at_least" and not _ENDS.match(rest)):
        return True
    states = _STATES.search(text[: figure.start]) is not None or figure.bound != "exact"
    year = re.fullmatch(r"(?:19|20)\d\d", numeral)
    return states and _ENDS.match(rest) is not None and not year


def _one_counts(text: str, figure: _Figure, read: list[_Figure]) -> bool:
    """Whether a lone 一 counts: a ratio (增长一倍), or set against others of its unit."""
    for other in read:
        low, high = sorted((figure, other), key=lambda f: f.start)
        gap = text[low.end : high.start]
        counted = other.unit == figure.unit and other.value > 1
        han = not text[other.number[0]].isdigit()
        if counted and han and len(gap) <= 16 and gap.endswith(("、", "，", "和", "及")):
            return True
    return figure.group == "share"


def _kinds(text: str, figures: list[_Figure], *, plan: bool) -> None:
    """Say of each figure whether it is a level, a change or a target."""
    words = _words()
    previous: _Figure | None = None
    for figure in figures:
        opened = _CLAUSE.match(text, 0, figure.start)
        begin = opened.end() if opened else 0
        continues = previous is not None and previous.end > begin
        if continues and previous:
            begin = previous.end
        clause = text[begin : figure.number[0]]
        verb = next(iter([*words["verb"].finditer(text[begin : figure.start])][-1:]), None)
        than = verb is not None and verb[0][-1] in "于出"
        if _GROWTH.match(text, figure.end) or (words["keeps"].search(clause) and not than):
            figure.kind = "change"
        elif verb is not None:
            figure.kind = "level" if verb["level"] else "change"
        elif continues and previous and (previous.group == "share") == (figure.group == "share"):
            figure.kind = previous.kind
        previous = figure
    if plan or words["planned"].search(text, 0, figures[-1].start):
        for figure in figures:
            if plan or words["planned"].search(text, 0, figure.start):
                figure.kind = "target"


def _what(text: str, figure: _Figure, begin: int) -> str:
    """The noun phrase counted: behind a measure word (98条提升任务), otherwise before it."""
    words = _words()

    def tail() -> str:
        behind = text[figure.end : figure.end + 24]
        return words["stop"].split(behind, maxsplit=1)[0].lstrip("的口")

    def head() -> str:
        before = _BREAK.split(text[begin : figure.start])[-1]
        return words["lead"].sub("", words["trail"].sub("", before))

    first, second = (tail, head) if figure.group in ("count", "") else (head, tail)
    said = first()
    return (said if len(said) > 1 else second()).rstrip("和及与")

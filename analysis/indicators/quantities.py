r"""Sentences → figures: every number that measures something, with unit, bound, kind and direction.

`amounts` reads the numbers of a sentence, `grid` those of a table's row. Here each looks at its
clause: does it say by how much (and which way), or how much; is it planned; what does it count.
The words stand in quantities.yaml.

Offsets are those of the text as it stands: full-width digits and zero-width characters are read
as what they mean, and the quote keeps them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis.kit import needles

from . import grid, headline
from .amounts import COUNTS, RANGE, Amount, amounts, document, either, longest_first
from .horizon import horizons
from .numerals import fold

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook
    from .horizon import Horizon

    _Folded = tuple[str, list[int] | None]
    _Named = Sequence[tuple[str, str]]

_ARTICLE = re.compile(r"第[一二三四五六七八九十百零]+条[\s\u3000]")
_BASE = re.compile(
    r"[由从](?:现在|目前|上年|去年|(?:\d{4}|[一二][九零][一二三四五六七八九零]{2})年)?的?$"
)
_RISES = re.compile(r"，?[增提降减扩缩上下压拓][^，。；]{0,4}[到至为]")
_SINCE = re.compile(
    r"[由从](?=[^，。；由从]{0,6}(?:(?:19|20)\d\d年|[一二三四五六七八九十]五”))[^，。；由从]*[到至为]$"
)
_CLAUSE = re.compile(r".*[，。；：！？,;]", re.DOTALL)  # up to the last of them
_PART = re.compile(r".*[；。]", re.DOTALL)
_GROWTH = re.compile(r"的?(?:速度)?(?P<word>增长|增速|增幅|降幅|涨幅)")
_GROWS = frozenset("的速增降涨")  # what it begins with
_FORBIDS = re.compile(r"[^，。；]{0,4}(?:不得|不准|应当|必须)")
_DONE = re.compile(
    r"(?:已经?(?!定|列入|安排|确定)|[增减提升降扩缩下上][加长少高低大短小降升]了|(?:达到|完成)了"
    r"|目前[有全]|月份?的?统计)"
)
_SETTLED = re.compile(r"[已了]|目前|统计")  # without one there is nothing of _DONE
_TO_DO = re.compile(r"将|要|计划|争取|力争|安排|拟定|应当|必须|[到至][^，。；：]*年")
_OF_WHOM = re.compile(r"(?:占[总全国]*人口|拥有)[^，。；：、]{0,14}$")
_WHOM = re.compile(r"的[^，。；]{0,4}(?:人民|群众|干部|农民|国)")
_OF_IT = re.compile(r"以?[上下]?的")
_BREAK = re.compile(r"[，。；：、！？（）“”《》,;:()\d%/]|其中")
_BROKEN = re.compile(rf".*(?:{_BREAK.pattern})", re.DOTALL)  # up to the last of them
_DATED = re.compile(
    r"(?:(?:19|20)\d\d年[初末底]?|“[一二三四五六七八九十]+五”(?:时?期)?[初末]|[上去]年[末底]?)的?$"
)
_YEAR_AND_VERB = re.compile(r"(?:19|20)\d\d年[末底]?(?:预计|完成|实现|达到?|为|是|突破|超过)+$")
_SUBJECT = re.compile(r"([^，。；：、\d]{2,19}[^，。；：、\d到从由在至比较自于和与])，?$")
_HIGH = re.compile(
    r"([^，。；：、\d]{3,16}?)(?:再|连|又)?(?:创|稳步|持续|大幅|快速|首次|再上|迈上|跃上)[^，\d]{0,10}，达到?$"
)
_TURNS = re.compile(r"[增提升降减扩跃达缩]|上[升涨]|下[降调]")
_YIELD = re.compile(r"(?:年|实现|全年|预计|完成|稳定|夏秋)*(?:总产量?|产量)")
_CROP = re.compile(r"(粮食|粮豆薯?)(?!作物|补)[^。；棉油菜果肉茶水糖烟猪禽蛋奶菌药]{0,36}$")
_ASIDE = re.compile(r"[（(][^（）()]*[）)]")
_AND = re.compile(r"[、和与及]")
_STOP = re.compile(r"[；。]|$")
_BREAKS_LIST = re.compile(r"[，；。]")
_WHOLE = ("总值", "总额", "出口", "内资", "外资", "资金")  # need no word of the next
_SO_MUCH_MORE = re.compile(
    r"[，、](?:各|同比|比上年|较上年|比去年)?(?:实际|名义)?(?:增长|增加|下降|提高|达到?)"
)
_URBAN_RURAL = re.compile(r"(?P<before>[^城]{0,6})城乡(?P<rest>(?:常住)?居民.{0,10}收入)")
_EACH = re.compile(
    r"[均都](?<![人平]均)(?=(?:实际|同比|比上年|较上年|预计|名义|保持|稳定|实现)*[增提上下降达在为减]"
    r"[^，。；：、\d]{0,5}\d)"
)
_APPORTIONED = re.compile(
    r"(?:^|[，。；：,;])(?:(?P<names>[^，。；：,;]*?(?:[、和与及]|城乡)[^，。；：,;]*?)"
    r"(?P<verb>[^，。；：、和与及]{0,8})|(?:比上年|同比|实际|预计|年均)?)(?:分别"
    rf"|(?P<each>{_EACH.pattern}))"
    r"|(?:^|[，。；：、,;.])(?:预计|预期|力争|实现|确保|全[省市区县州])*"
    r"(?P<both>城乡(?:常住)?居民[^，。；：、\d]{0,10}收入)(?=[^，。；：、\d]{0,6}[\d])"
)


@cache
def _words() -> dict[str, re.Pattern[str]]:
    """What quantities.yaml says of what stands beside a figure, compiled."""
    kind, phrase = document()["kind"], document()["phrase"]
    words = {name: either(kind[name]) for name in ("keeps", "planned", "ruled")}
    away = r"(?![至到为])"
    ways = [f"{one}{away}" for way in ("up", "down", "flat") for one in longest_first(kind[way])]
    ways += [one for than in ("up_than", "down_than") for one in longest_first(kind[than])]
    ways += [f"{one}$" for way in ("up_beside", "down_beside") for one in longest_first(kind[way])]
    words |= {
        "verbs": "|".join([*ways, *longest_first(kind["level"])]),  # `verb` without its groups
        "verb": rf"(?P<up>(?:{either(kind['up'])}){away})"
        rf"|(?P<down>(?:{either(kind['down'])}){away})"
        rf"|(?P<flat>(?:{either(kind['flat'])}){away})|(?P<than_up>{either(kind['up_than'])})"
        rf"|(?P<than_down>{either(kind['down_than'])})"
        rf"|(?P<beside_up>(?:{either(kind['up_beside'])})$)"
        rf"|(?P<beside_down>(?:{either(kind['down_beside'])})$)|(?P<level>{either(kind['level'])})",
        "scope": either(document()["scope"]),
        "stop": rf"{_BREAK.pattern}|{either(phrase['stop'])}",
        "lead": rf"^(?:{either(phrase['lead'])})+",
        "trail": rf"(?:{either(phrase['trail'])})+$",
        "shared": rf"(?:{either(document()['shared'])})$",
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
    ids, named, starts, given = (sentences[name].tolist() for name in columns)
    texts = [fold(text) for text in given]
    times = horizons(sentences, [folded for folded, _ in texts], years or {})
    patterns = [
        (pattern, entry.id)
        for entry in (codebook.indicators.values() if codebook else ())
        for pattern in entry.patterns
    ]
    worth: dict[int, list[tuple[str, str]]] = {}
    held = (
        needles.of((), tuple(pattern for pattern, _ in patterns)).find(given)[1] if patterns else ()
    )
    for row, at in held:
        worth.setdefault(row, []).append(patterns[at])
    laws = _laws(ids, given)
    in_tables = grid.rows(given)
    rows: list[tuple[Any, ...]] = []
    found: Iterator[tuple[Any, ...]]
    for at, (report, sentence, offset, text, read, horizon) in enumerate(
        zip(ids, named, starts, given, texts, times, strict=True)
    ):
        if at in in_tables:
            found = grid.figures(text, in_tables[at], horizon)
        elif COUNTS.search(read[0]) and (figures := amounts(read[0], legal=report in laws)):
            known = worth.get(at, ()), codebook
            found = _rows(text, read, figures, horizon, *known, legal=report in laws)
        else:
            continue
        for first, last, *figure in found:
            rows.append((report, sentence, offset + first, offset + last, *figure))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["figures_found"]))


def _laws(ids: Sequence[str], texts: Sequence[str]) -> set[str]:
    """The reports that are laws: at least three sentences open with 第…条."""
    opened = (at for at, text in enumerate(texts) if text[:1] == "第" and _ARTICLE.match(text))
    counted = Counter(ids[at] for at in opened)
    return {key for key, count in counted.items() if count > 2}


def _rows(
    text: str,
    read: _Folded,
    figures: list[Amount],
    horizon: Horizon,
    named: _Named,
    codebook: IndicatorCodebook | None,
    *,
    legal: bool,
) -> Iterator[tuple[Any, ...]]:
    """A sentence's rows from `start` on, offsets being those of its text."""
    folded, places = read
    _kinds(folded, figures, horizon, legal=legal)
    names = [
        (match.start("value"), name)
        for pattern, name in named
        for match in needles.fits(pattern, text)
    ]
    own = _own(folded, figures)
    what, scope, done, seen, indicator = "", "", 0, 0, ""
    since: re.Match[str] | None = None  # 由2022年的82%提高到91%: what follows is not of 2022
    begins = "由" in folded or "从" in folded
    scopes = _words()["scope"]
    for at, figure in enumerate(figures):
        start, end, (first, last) = figure.start, figure.end, figure.number
        if places:
            start, end = places[start], places[end - 1] + 1
            first, last = places[first], places[last - 1] + 1
        upper_end = figure.bound == "at_most" and RANGE.fullmatch(folded[done : figure.start])
        said = own.get(at) or _what(folded, figure, done)
        if (said[:1] == "占" or said == "总量") and what and at:
            said = f"{what}{said}"  # 研发经费增长10%，占GDP的3%
        elif (
            said[-1:] in ("产", "量")
            and _YIELD.fullmatch(said)
            and (crop := _CROP.search(folded, 0, figure.start))
        ):
            said = f"{crop[1]}{said}"  # 粮食播种面积80万亩、产量30万吨
        what, done = said or what, figure.end
        if scoped := scopes.findall(folded, seen, figure.start):
            scope = scoped[-1]
        seen = figure.start
        since = (begins and _SINCE.search(folded, 0, figure.start)) or since
        ended, begun = since.end() if since else 0, figure.start
        told = since and not any(ended <= time.start() < begun for time in horizon.times)
        period = (
            horizon.period(since.start(), reached=True)
            if since and told
            else horizon.period(figure.start)
        )
        found = next((name for at, name in names if first <= at < last), "") if names else ""
        if not found and codebook:
            found = headline.named(what, figure.unit, figure.kind, figure.direction, codebook)[0]
            level = figure.kind == "level"
            if found and not headline.annual(folded[: figure.start], period, level=level):
                found = ""
        indicator = found or (indicator if upper_end else "")
        yield (
            *(start, end, text[start:end], figure.value, figure.unit, figure.bound, figure.kind),
            *(figure.direction, what, scope, period),
            *(indicator, text[first:last]),
        )


def _kinds(text: str, figures: list[Amount], horizon: Horizon, *, legal: bool) -> None:
    """Say of each figure whether it is a level, a change (and which way) or a target."""
    previous: Amount | None = None
    for figure in figures:
        if figure.kind == "change" or figure.group == "run":
            continue
        opened = _CLAUSE.match(text, 0, figure.start)
        begin = opened.end() if opened else 0
        continues = previous is not None and previous.end > begin
        if continues and previous:
            begin = previous.end
        figure.kind, figure.direction = _said(text, begin, figure)
        alike = previous and (previous.group == "share") == (figure.group == "share")
        of_it = previous and text.startswith("的", previous.end)  # 新增1000公里的6个项目
        if not figure.kind and continues and previous and alike and not of_it:
            figure.kind, figure.direction = previous.kind, previous.direction
        figure.kind = figure.kind or "level"
        previous = figure
    for figure in figures:
        if figure.value < 0:
            figure.direction = ""
    _targets(text, figures, horizon, legal=legal)


def _said(text: str, begin: int, figure: Amount) -> tuple[str, str]:
    """Kind and direction by the words of a figure's clause; '' where none says it."""
    grows = text[figure.end : figure.end + 1] in _GROWS and _GROWTH.match(text, figure.end)
    if grows:
        ways = {"增速": "", "降幅": "down"}
        return "change", ways.get(grows["word"], "up")
    verb = None
    for match in _words()["verbs"].finditer(text, begin, figure.start):
        verb = match
    if verb:
        verb = _words()["verb"].match(text, verb.start(), figure.start)
    than = verb is not None and verb[0][-1] in "于出"
    kept = not than and ("增" in text[begin : figure.start] or "幅" in text[begin : figure.start])
    keeps = kept and _words()["keeps"].search(text, begin, figure.number[0])
    if keeps:
        return "change", _way(keeps[0])
    if verb is None:
        return "", ""
    group = verb.lastgroup or ""
    if group.startswith("than"):
        if text[max(begin, verb.start() - 1) : verb.start()] in ("不", "得"):
            if figure.bound == "exact":  # 不得低于总和的三分之二
                figure.bound = "at_least" if "低少慢".find(verb[0][0]) >= 0 else "at_most"
            return "level", ""
        way = group.removeprefix("than_")
        apart = len(verb[0]) > 1 or figure.group == "share"
        compares = verb.end() < figure.start or len(verb[0]) == 1 or verb[0] == "高出"
        held = apart and compares and not _OF_IT.match(text, figure.end)
        return ("change", way) if held else ("level", "")
    if group == "level":
        limits = verb[0] == "超过" and text[verb.start() - 1] in "不得"
        if limits and figure.bound == "exact" and text[figure.start - 1] == "的":
            figure.bound = "at_most"  # 不超过正税的22%
        return "level", ""
    return "change", group.removeprefix("beside_").replace("flat", "")


def _way(kept: str) -> str:
    """The direction of a rate that is kept: 增幅达5% is up, 增速达5% is neither."""
    if "增长率" in kept or "速度" in kept:
        return ""
    return {"降幅": "down", "减幅": "down", "增速": ""}.get(kept[:2], "up")


def _targets(text: str, figures: list[Amount], horizon: Horizon, *, legal: bool) -> None:
    """Make targets of what is planned, and in a law of what is ruled."""
    rule = _words()["ruled" if legal else "planned"]
    said = legal or rule.search(text, 0, figures[-1].number[0])
    if not (horizon.plan or horizon.later or said):
        return
    settled = _SETTLED.search(text) is not None
    for figure in figures:
        begin = 0
        if legal:
            opened = _PART.match(text, 0, figure.start)
            begin = opened.end() if opened else 0
            planned = rule.search(text, begin, figure.number[0]) is not None
            planned = planned or _FORBIDS.match(text, figure.end) is not None
        else:
            planned = horizon.aims(figure.start)
            planned = planned or bool(said and rule.search(text, 0, figure.number[0]))
        if planned and not legal and _told(text, figure, settled=settled):
            planned = False
        was = planned and text[max(0, figure.start - 1)] in "由从的在前年"
        was = was and _BASE.search(text, max(0, figure.start - 7), figure.start) is not None
        if planned and not (was and _RISES.match(text, figure.end)):
            figure.kind = "target"


def _told(text: str, figure: Amount, *, settled: bool) -> bool:
    """Whether a clause of a plan says what is: 这四个, 目前有六个, 占人口80%以上的农民."""
    start = figure.start
    if start and text[start - 1] in "这该述":
        return True
    whose = text.startswith("的", figure.end) and _WHOM.match(text, figure.end) is not None
    if not (whose or settled):
        return False
    opened = _CLAUSE.match(text, 0, start)
    begin = opened.end() if opened else 0
    if whose and _OF_WHOM.search(text, begin, start):
        return True
    return bool(_DONE.search(text, begin, start) and not _TO_DO.search(text, begin, start))


def _own(text: str, figures: list[Amount]) -> dict[int, str]:
    """What each figure of a list counts that has its subjects before 分别.

    蔬菜、水果产量分别达到26.6万吨、7.8万吨: 蔬菜产量 and 水果产量. Only where there are as many
    figures as subjects.
    """
    each = ("均" in text or "都" in text) and _EACH.search(text)
    if not ("分别" in text or "城乡" in text or each):
        return {}
    found: dict[int, str] = {}
    words = _words()
    names: list[str] = []
    for match in _APPORTIONED.finditer(text):
        if match["both"]:
            names = _subjects(match["both"], words)
        elif match["names"]:
            phrase = words["trail"].sub("", match["names"] + match["verb"])
            names = _subjects(phrase, words)
        stop = _STOP.search(text, match.end())
        ends = stop.start() if stop else len(text)
        run = _run(text, figures, match.end(), ends)
        if not (match["both"] or match["names"]):
            names = _named_before(text, figures, match.start(), len(run)) or names
        turns = "由" in match.string[match.end() : match.end() + 1]
        turns = turns or text.startswith(("从", "由"), match.end())
        if turns and len(names) > 1 and len(run) == 2 * len(names):
            found |= dict(zip(run, [*names, *names], strict=True))  # 分别由A和B增加到C和D
            continue
        told = match["each"] or re.match(r"(?:分别|均|都|各)", text[match.end("both") :])
        if len(names) == 2 and len(run) == 1 and (told or not match["both"]):
            found[run[0]] = "和".join(names)  # 城乡居民收入均增长8%
            continue
        if match["each"] or len(names) < 2 or len(run) != len(names):
            continue
        found |= dict(zip(run, names, strict=True))
        after = _run(text, figures, figures[run[-1]].end, ends)
        if len(after) == len(names) and _SO_MUCH_MORE.fullmatch(
            text, figures[run[-1]].end, figures[after[0]].start
        ):
            found |= dict(zip(after, names, strict=True))
    return found


def _run(text: str, figures: list[Amount], begin: int, end: int) -> list[int]:
    """The figures between two places that stand in one list, without a comma between them."""
    run: list[int] = []
    for at, one in enumerate(figures):
        if begin <= one.start < end:
            gap = text[figures[at - 1].end : one.start] if run else ""
            if _BREAKS_LIST.search(gap) or (run and figures[run[-1]].unit != "%" == one.unit):
                break
            run.append(at)
    return run


def _named_before(text: str, figures: list[Amount], end: int, many: int) -> list[str]:
    """What the figures right before 分别 count: 收入A元、纯收入B元，分别增长a%、b%."""
    before = [at for at, one in enumerate(figures) if one.end <= end][-many:]
    between = text[figures[before[-1]].end : end] if before else ""
    if many < 2 or len(before) < many or _bare(between.strip("，、 ")):
        return []
    names = [_what(text, figures[at], figures[at - 1].end if at else 0) for at in before]
    return names if len(set(names)) == many and all(len(name) > 1 for name in names) else []


def _subjects(phrase: str, words: dict[str, re.Pattern[str]]) -> list[str]:
    """What a list counts, one by one: 蔬菜、水果产量 are 蔬菜产量 and 水果产量."""
    if match := _URBAN_RURAL.fullmatch(words["lead"].sub("", phrase)):
        return [match["before"] + place + match["rest"] for place in ("城镇", "农村")]
    names = [one for one in _AND.split(phrase) if one]
    shared = words["shared"].search(names[-1]) if names else None
    made = []
    for name in names:
        bare = shared is None or words["shared"].search(name) or name.endswith(_WHOLE)
        own = words["lead"].sub("", name)
        own = own.removesuffix("居民") if shared and shared[0].startswith("居民") else own
        made.append(own + ("" if bare or shared is None else shared[0]))
    return made


@lru_cache(maxsize=20_000)
def _bare(phrase: str) -> str:
    """A noun phrase without the words at its ends that are no part of it."""
    return _words()["lead"].sub("", _words()["trail"].sub("", phrase))


def _ahead(before: str) -> str:
    """What a figure counts before a date or a comma: 产值2002年完成, 产量再创新高，达到."""
    if before.endswith(("，达到", "，达")):
        found = _HIGH.search(before)
    elif "年" in before and (dated := _YEAR_AND_VERB.search(before)):
        found = _SUBJECT.search(before, max(0, dated.start() - 21), dated.start())
    else:
        return ""
    return found[1] if found else ""


def _what(text: str, figure: Amount, begin: int) -> str:
    """The noun phrase counted: behind a measure word (98条提升任务), otherwise before it."""
    words = _words()

    def tail() -> str:
        behind = text[figure.end : figure.end + 24]
        return words["stop"].split(behind, maxsplit=1)[0].lstrip("的口")

    def head() -> str:
        before = text[begin : figure.start]
        if "）" in before or ")" in before:
            before = _ASIDE.sub("", before)
        if ahead := _ahead(before):
            return _bare(ahead)
        if "年" in before or "五”" in before:
            before = _DATED.sub("", before)
        broken = _BROKEN.match(before)
        return _bare(before[broken.end() :] if broken else before)

    first, second = (tail, head) if figure.group in ("count", "") else (head, tail)
    said = first()
    if len(said) < 2:
        said = second()
        said = "" if figure.group not in ("count", "") and _TURNS.match(said) else said
    return said.rstrip("和及与")

r"""A sentence's numbers → amounts: the number with its unit and the words of bound beside it.

One regular expression reads a sentence from left to right. What holds a number but measures
nothing (a date, a rank, a document's number, a quoted name) is matched first and so read over;
what is left is a numeral with its unit and its bound. Then an amount looks at its neighbours: a
range, a list that states its unit once. The words stand in quantities.yaml.

Past 400 lines because every form of number that reports write is read here, in one pass.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from analysis.kit import needles, yamlfile

from .numerals import DIGITS, number, spelled

_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_TIMES = r"(?:[十百万亿]|千(?![瓦米克伏卡]))"
_HAN = r"(?:[一二两三四五六七八九十百零万亿]|千(?![瓦米克伏卡]))"
_NUMERAL = (
    rf"(?:{_ARABIC}(?:{_TIMES}+(?:(?:{_ARABIC}{_TIMES}+)+(?:{_ARABIC}(?={_TIMES}))?"
    rf"|(?<=万)\d{{4}}(?![\d.,%年月日/:]))?)?"
    rf"|[一二三四五六七八九][零一二三四五六七八九]{{0,2}}(?:、[零一二三四五六七八九]{{3}}"
    rf"(?![零一二三四五六七八九]))+(?:[点.][一二三四五六七八九零]+)?"
    rf"|{_HAN}+(?:[点.][一二三四五六七八九零]+{_TIMES}*)?)"
)
_PLAIN = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千零]+)"
COUNTS = re.compile(
    r"[\d二两三四五六七八九十百千零万亿半一](?:(?<!一)|(?<=[续时了期近]一)|[倍成番])"
)
"""Without one there is no figure. It opens with a class, for the engine to skip by."""
YEAR = r"(?:\d{4}|[一二][一二三四五六七八九零]{3})"
_LATIN = (
    r"(?:GWh?|MWh?|k(?:Wh?|V|m[²³]?)|TEU|[EP](?:FLOPS|Flops|flops|[BF])?|[GTP]B|[MG]bps"
    r"|[mnh]?m[²³]?)"
)
_KNOWN = r"(?:GDP|GNP|CPI|PPI|PMI|AQI)"  # abbreviations whose number stands right behind them
_MONEYED = r"[A-Z]{3,}(?=[\d.]+[百千万亿]*(?:元|美元|%))"
_SKIPPED = (
    r"《[^》]{0,80}》",
    r"[“‘「『][^”’」』]{0,20}[”’」』]",
    r"〔[^〕]*〕\d*",
    r"[\d.]*\$\d\.?\$\d[\d.]*",  # 1$1.$2%: digits that a replacement lost
    rf"^[（(]?{_PLAIN}[）)、.](?!\d)",
    r"\d{3,4}-\d{7,8}(?!\d)|1[3-9]\d{9}(?!\d)",
    r"\d{2,4}/\d{1,2}/\d{1,4}|(?:19|20)\d\d/(?:19|20)?\d\d(?!\d)",
    r"1:\d+(?:\.\d+)?[千万百]|1:\d{3,}",
    rf"[一二三四五六七八九十]+届(?:{_PLAIN}次(?:[、和]{_PLAIN}次)*)?",
    rf"第{_PLAIN}届{_PLAIN}次|第{_PLAIN}(?:[、和至到~-]第?{_PLAIN})*",
    rf"前(?<![目此日提之年产学当空]前){_PLAIN}",
    r"每[\d一二两三四五六七八九十百千万亿]+(?:平方公里|立方米|公里|人口?|[元名个户年亩天月周])?",
    rf"{YEAR}(?:[-~至到、和]+(?:{YEAR}|\d\d(?=年)))*年[度代初底末]?",
    r"\d+(?:\.\d+)?(?::\d+(?:\.\d+)?){2,}|(?:19|20)\d\d[-~](?:20)?\d\d(?!\d)|\d{1,2}:\d\d(?!\d)",
    r"\d{1,2}月(?:\d{1,2}日)?|[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}日)?",
    r"\d{1,2}时(?:\d{1,2}分)?|\d{1,2}点(?:\d{1,2}分|半(?!成)|钟|整)",
    r"(?:\d{1,2}[-~至到])?\d{1,2}日(?!内|以内|之内|以上|以下)|[几数][十百千万亿]+",
    rf"{_PLAIN}(?:[-~至到]{_PLAIN})?[多余来几]?(?:年|世纪|周年|季度|号|强|连增|中全会)",
    rf"(?<![A-Za-z])(?!{_KNOWN}[\d.])(?!{_MONEYED})[A-Za-z]+[-_~]?\d[A-Za-z0-9.+_-]*",
    rf"\d+(?:\.\d+)?(?!{_LATIN}(?![A-Za-z0-9]))[A-Za-z+×][A-Za-z0-9+×.]*",
)
_LATELY = (
    r"个[多半]?(?:月|星期)(?:以?来|[以之]?前|(?<=(?:过去|最近|今后|未来).个月))"
    r"|年零[^，。；、]{1,3}个月"
)
"""Behind a number: spans of months that only date, 两个多月前. In a law they are limits."""
_SHARES = (
    rf"(?P<base>{_NUMERAL})分之(?P<top>{_NUMERAL})|(?P<half>一半|半数(?!会))"
    rf"|(?P<rate>{_ARABIC})/(?P<of>(?:10+|[十百千])?万)(?![\d元])"
    rf"|(?P<one>{_ARABIC})[/:](?P<other>{_ARABIC})(?![\d/:年月])"
)
_FOLDS = (
    r"翻了?(?P<folds>[一两二三四]|\d(?:\.\d)?)番",
    r"(?P<halved>减半)",
    r"(?<!时间)(?P<most>过半)(?![百夜])",
)
_SPAN = (
    rf"(?:连续|历时|持续了?|为期)近?(?P<span>{_NUMERAL})(?P<many>[多余]?)年(?P<over>(?:以上)?)",
    rf"(?<=起)(?P<within>{_NUMERAL})年(?P<till>以?内|之内)",
)
_TERM = (
    rf"(?!\d{{4}}|[一二][零九][零一二三四五六七八九])(?P<term>{_NUMERAL})(?P<lasts>年|日)"
    r"(?![度级来代制月常报期记])(?P<limit>以[内上下]|之内|内|)"
)
_PER = {"百": "%", "千": "‰", "万": "‱"}
_BARE = re.compile(r"[百千万亿]+")
_GROUPS = ("share", "physical", "money", "count")
_NAMES_IT = re.compile(r"[级卡年届强维像步岁能向般项兆]")
_ENDS = re.compile(r"[，。；、）！：提缩增降上下扩减升]")
_STATES = re.compile(rf"(?:达到?|[为至到是从由]|{_KNOWN})$")
_LIST = re.compile(r"[、和，及与或]|以及")
_JOINS = frozenset("、和，及与或以-~至到一")  # what a list's gap or a range's begins with
RANGE = re.compile(r"[-~]+|[至到]|一")  # 550万一600万吨 is how a scan reads a dash
_FROM = re.compile(r"[从由][^，。；、到至分]{0,12}$")
_CHANGED = re.compile(r"(?:[减增]加?少?|下降|降低|提高|压缩|缩短|上升|提升)了?$")
_AMONG = re.compile(r"[一二两三四五六七八九]")
_THINGS = "(?:方面|部分|问题|原则|要求|条件|情形|环节|特点|阶段|任务|措施|办法|地方)"
_ANNOUNCES = re.compile(
    r"[^，。；：、\d]{0,8}分别[为是达占]"
    rf"|[^，。；：、\d]{{0,4}}{_THINGS}[^，。；：]{{0,6}}："
    r"|[^，。；：、\d]{0,14}：(?:[一1](?:[是、]|[种个项条类件])|第一|（[一1]）|首先|其一)"
)
_NEXT = re.compile(r"(?:以下|下列|如下|下述|下面)的?$")
_TELLS = re.compile(r"(?:抓好|做好|说明|指出|强调|注意|注重|讲|谈谈)了?$")
_TOLD = re.compile(rf"[^，。；：、\d]{{0,10}}{_THINGS}(?:的?(?:工作|问题|情况|意见))?[。：]?$")
_PEOPLE = re.compile(
    r"(?:各族|中国|多)?(?:人民|农[民户]|职工|群众|工人|学生|干部|战士|官兵|民工|居民|青年|青壮年"
    r"|党员|团员|妇女|儿童|侨[民胞]|华侨|劳动力|劳动大军|同胞)"
)
_EXCEEDS = re.compile(
    r"(?<![同环占对分])比(?![例重率值较分亚赛武拼])[^，。；：、比增减升降涨]{1,24}$"
)
_ABOUT = re.compile(
    r"(?<![节条契合制缔签预履违邀公])约"
    r"(?:占|有|为|达到?|是|等于|需|在|[增减][加长少]了?|[下上][降升]了?)$"
)
_TENS = re.compile(
    r"(.*[十百千万亿])([一二三四五六七八九])([一二三四五六七八九])([十百千]?[万亿]*)"
)
_LARGER = frozenset("十百千万亿")
_MULTIPLIERS = frozenset("一二两三四五六七八九十百千万亿")
_MIXED = re.compile(r"[百千万亿]\d")
_HAN_DIGITS = frozenset("一二两三四五六七八九十百千零万亿")
_SHARING = frozenset("至到~-、和及或与，以")
_LARGE = re.compile(r"[\d.]+[百千万亿]")
_MARKED = re.compile(r"[为是达长降幅率到至于温速差在|（(：:，,、；。\u4e00-\u9fff]|^$")


@dataclass(slots=True)
class Amount:
    """One amount of a sentence; all places are offsets in its folded text.

    `times` is the multiplier that a list or a range lends its neighbours (130.2和140.9亿元).
    """

    start: int
    number: tuple[int, int]
    end: int
    value: float
    unit: str
    group: str
    bound: str
    kind: str = "level"
    direction: str = ""
    times: str = ""
    ranged: bool = False


def either(*entries: str) -> str:
    """Alternatives, the longer text first; what may not follow does not make one longer."""
    return "|".join(longest_first(*entries))


def longest_first(*entries: str) -> list[str]:
    """The entries of quantities.yaml, each a piece of a regular expression."""
    words = " ".join(entries).split()
    return sorted(words, key=lambda w: len(re.sub(r"\(\?.*", "", w)), reverse=True)


@cache
def document() -> Any:
    """What quantities.yaml says."""
    return yamlfile.load(Path(__file__).with_name("quantities.yaml"))


@cache
def _reading(legal: bool) -> needles.Alternatives:
    """What reads a sentence from figure to figure: see quantities.yaml."""
    said = document()
    units, after = said["units"], said["bounds"]["after"]
    unit = either(*(units[name] for name in _GROUPS))
    per = either(units["per"])
    figure = (
        rf"(?:{_SHARES}|(?P<numeral>{_NUMERAL})"
        rf"(?P<more>多(?![元式种样])|余|来(?![源自华])|几)?(?P<times>{_TIMES}*)(?P<more2>[多余])?"
        rf"(?P<unit>(?:{unit})(?:/[百千万]?(?:{unit}|{per})|每(?:{per})(?=[，。；、）]|$))?)?"
        rf"(?P<semi>半(?=[，。；、以左的耕土]|$))?)"
        rf"(?:（[^）]{{1,2}}）)?(?P<after>{either(*after.values())})?"
    )
    skipped = (
        [_TERM, *_SKIPPED]
        if legal
        else [one.replace("(?:年|", f"(?:{_LATELY}|年|") for one in _SKIPPED]
    )
    tried = [*_SPAN, *_FOLDS, *skipped, *longest_first(said["names"]), figure]
    return needles.Alternatives(tried, ("0123456789", "".join(sorted(_HAN_DIGITS))))


@cache
def _leading() -> tuple[re.Pattern[str], re.Pattern[str], frozenset[str]]:
    """The words of bound before a number, those before a multiplier, and what they end with."""
    before = document()["bounds"]["before"]
    words = " ".join(before[name] for name in ("at_least", "at_most", "approximate"))
    ends = {
        re.sub(r"\(\?.*?\)|[?]", "", word)[-1] for word in (words + " " + before["bare"]).split()
    }
    optional = {word[-2] for word in words.split() if word.endswith("?")}
    optional |= {word[-3] for word in words.split() if word.endswith("?") and len(word) > 2}
    return (
        re.compile(rf"(?:{either(words)})$"),
        re.compile(rf"(?:{before['bare'].replace(' ', '|')})$"),
        frozenset(ends | optional | {"-", "负"}),
    )


@cache
def _words() -> dict[str, re.Pattern[str]]:
    """What quantities.yaml says of units and bounds, compiled, but for what `_reading` does."""
    units = document()["units"]
    words = {name: either(units[name]) for name in (*_GROUPS, "arabic_only")}
    return {name: re.compile(pattern) for name, pattern in words.items()}


def amounts(text: str, *, legal: bool = False) -> list[Amount]:
    """The amounts of a folded sentence; those in a range or a list know of each other.

    `legal`: in a law a span of years (三年以上十年以下) is a rule and counts.
    """
    read: list[Amount] = []
    ended = 0
    leads = _leading()[2]
    loose = "约" in text
    for match in _reading(legal).finditer(text):
        start, end = match.span()
        group = match.lastgroup
        lone = group == "numeral" and end - start == 1 and match[0] in DIGITS
        # 统一, 三农: a digit with nothing behind it to share a unit
        if group and not (lone and text[end : end + 1] not in _SHARING):
            led = start > ended and text[start - 1] in leads
            begin, word, bare, minus = (
                _before(text, start, ended) if led else (start, "", False, False)
            )
            by = False
            if word or loose:
                word, by = _governed(text, begin, word)
            with suppress(ValueError, ZeroDivisionError):  # no numeral, such as 二零二五; 1/0
                found = _read(match, begin, word, bare, minus)
                read += found
                if by:
                    for one in found:
                        one.kind, one.direction = "change", "up"
        ended = end
    for at in range(len(read) - 2, -1, -1):
        if text[read[at].end : read[at + 1].start][:1] in _JOINS:
            _join(text, read[at], read[at + 1])
    return [
        one
        for one in read
        if (one.group and text[one.number[0]].isdigit()) or _measures(text, one, read, legal=legal)
    ]


def _before(text: str, start: int, ended: int) -> tuple[int, str, bool, bool]:
    """What belongs to a number before it: where that begins, bound, bare bound, minus.

    Called where one of `_leading` stands right before it.

    A minus is one in 增长-3.5% and 为负3.9%, but not in 5个-10个, 减负2亿元 and C-5.
    """
    at, minus = start, False
    last = text[start - 1]
    if last in "-负" and text[start : start + 1].isdigit():
        before = text[start - 2 : start - 1] if start > 1 else ""
        negative = before != "" and before in "为是达至到长率幅速温"
        marked = not before or _MARKED.match(before) is not None
        minus = negative if last == "负" else marked and start - 1 > ended - (ended == 0)
        if minus:
            at -= 1
            last = before if at > ended else ""
    if not last or last in "-负":
        return at, "", False, minus
    words, bare, _ = _leading()
    low = max(ended, at - 7)
    if found := words.search(text, low, at):
        return found.start(), found[0], False, minus
    large = text[at] in (_LARGER if last == "上" else _MULTIPLIERS)
    large = large or (last != "上" and _LARGE.match(text, at) is not None)
    if large and (found := bare.search(text, low, at)):
        return found.start(), "", True, minus
    return at, "", False, minus


def _governed(text: str, begin: int, word: str) -> tuple[str, bool]:
    """A number's word of bound, and whether it says by how much: 比计划超过两亿元.

    Of 约有六百个 and 大约增加了五百种 the verb passes it on.
    """
    if word.startswith("超") and _EXCEEDS.search(text, max(0, begin - 26), begin):
        return "", True
    if not word and _ABOUT.search(text, max(0, begin - 6), begin):
        return "约", False
    return word, False


def _measures(text: str, one: Amount, read: list[Amount], *, legal: bool) -> bool:
    """Whether an amount counts, seen among its neighbours."""
    written = text[slice(*one.number)]
    if not (one.group or _counts_without_unit(text, one)):
        return False
    plain = one.group == "count" and one.bound == "exact" and not one.ranged
    if plain and len(written) == 1 and _announces(text, one):
        return False
    if written == "一" and not one.times:
        return one.ranged or (legal and one.group == "run") or _one_counts(text, one, read)
    return True


def _announces(text: str, one: Amount) -> bool:
    """Whether a count only says how long the list is that follows: 以下三类, 分三个部分：一、."""
    if _ANNOUNCES.match(text, one.end) or _NEXT.search(text, max(0, one.start - 3), one.start):
        return True
    return (
        _TELLS.search(text, max(0, one.start - 3), one.start) is not None
        and _TOLD.fullmatch(text, one.end) is not None
    )


def _read(
    match: re.Match[str],
    begin: int,
    before: str,
    bare: bool,
    minus: bool,
) -> tuple[Amount, ...]:
    """The amount a match states, none if it is read over, two for 两三个."""
    if match["numeral"]:
        found = _measured(match, begin, before, bare=bare)
        for figure in found if minus else ():
            figure.value = -figure.value
            figure.number = (figure.number[0] - 1, figure.number[1])
        return found
    end = match.end()
    if match["rate"]:
        return _rate(match, begin)
    if match["half"]:
        bound = _bound(match, before, bare=bare)
        return (Amount(begin, match.span("half"), end, 0.5, "", "share", bound),)
    if match["base"] or match["one"]:
        one, other = ("top", "base") if match["base"] else ("one", "other")
        unit = _PER.get(match[other], "")
        worth = 1 if unit else number(match[other])
        (first, _), (_, last) = sorted((match.span(one), match.span(other)))
        bound = _bound(match, before, bare=bare)
        share = Amount(begin, (first, last), end, 0.0, unit, "share", bound)
        spanned = _spanned(match[one]) if one == "top" else None
        if spanned and (len(match[one]) > 2 or not unit):  # 百分之三五 may be 35
            return _both(share, spanned[0] / worth, spanned[1] / worth)
        share.value = (_valued(match[one]) if unit else number(match[one])) / worth
        return (share,)
    return _spelled_out(match, begin, before)


def _rate(match: re.Match[str], begin: int) -> tuple[Amount, ...]:
    """How many there are of so many: 死亡率0.99/10万."""
    place = match.span("rate")
    unit = f"/{match['of']}"
    return (Amount(begin, place, match.end(), number(match["rate"]), unit, "share", "exact"),)


def _spelled_out(match: re.Match[str], begin: int, before: str) -> tuple[Amount, ...]:
    """Spans of years (in a law of days too), 翻一番, 减半, 过半."""
    end, groups = match.end(), match.groupdict()
    for name, limit in (("span", "over"), ("within", "till"), ("term", "limit")):
        if groups.get(name):
            bound = "at_least" if groups["many"] else _bounded(groups[limit] or "")
            bound = _named(before) if before and bound == "exact" else bound
            place, unit = match.span(name), (groups.get("lasts") or "年")
            begin = begin if before else place[0]
            return (Amount(begin, place, end, number(groups[name]), unit, "run", bound),)
    said = {"folds": ("番", "up"), "halved": ("%", "down"), "most": ("%", "")}
    for name, (unit, way) in said.items():
        if written := groups.get(name):
            value = number(written) if name == "folds" else 50
            bound = "at_least" if name == "most" else "exact"
            found = Amount(begin, match.span(name), end, value, unit, "share", bound)
            return (replace(found, kind="change" if way else "level", direction=way),)
    return ()


def _valued(numeral: str) -> float:
    """A numeral, also one spelled digit by digit: 三八.二 of 百分之三八·二, 二、五零零."""
    numeral = numeral.replace("、", "")
    try:
        return number(numeral)
    except ValueError:
        return spelled(numeral)


def _bounded(word: str) -> str:
    """The bound that a word behind a span of years makes."""
    if not word:
        return "exact"
    return "at_most" if word in ("内", "以内", "之内", "以下") else "at_least"


def _measured(match: re.Match[str], begin: int, before: str, *, bare: bool) -> tuple[Amount, ...]:
    """A numeral with its unit."""
    numeral, times, unit, semi, more, more2, after = match.group(
        "numeral", "times", "unit", "semi", "more", "more2", "after"
    )
    unit, half, han = unit or "", 0.0, numeral[0] in _HAN_DIGITS
    if semi and unit:
        half = 0.5
    elif unit.startswith("个多"):
        before, unit = before or "多", unit.replace("多", "").replace("个小", "小")
    elif unit.startswith("个半"):
        half, unit = 0.5, unit.replace("半", "").replace("个小", "小")
    group = _group(unit)
    if han and not _han_counts(match, unit, group, bounded=before != "", bare=bare):
        return ()
    first, last = match.span("numeral")
    if more == "几":
        times = times.lstrip("十百千")  # 一百几十亿 is more than a hundred
    if times:
        last = match.end("times")
    spanned = _spanned(numeral) if han and len(numeral) > 1 else None
    value, lent = (1.0, "") if spanned else _worth(numeral + times, group)
    if group == "physical":
        last, unit = last - len(lent), lent + unit
    place = (first, max(last, first + 1))
    word = after or more or more2 or before
    bound = _bound(match, before, bare=bare) if word or bare else "exact"
    figure = Amount(begin, place, match.end(), value + half, unit, group, bound, times=lent)
    if not spanned:
        return (figure,)
    return _both(figure, *spanned)


def _both(figure: Amount, low: float, high: float) -> tuple[Amount, ...]:
    """The two ends of a range that one numeral states."""
    bounds = ((low, "at_least"), (high, "at_most"))
    return tuple(replace(figure, value=v, bound=b, ranged=True) for v, b in bounds)


@lru_cache(maxsize=20_000)
def _worth(whole: str, group: str) -> tuple[float, str]:
    """What a numeral is worth before a unit of a group, and the multiplier at its end.

    Physical units keep the multiplier: 一亿四千万吨 are 14000 and 万.
    """
    lent = _ending(whole, "万亿")
    if group != "physical":
        return _valued(whole) if group else number(whole), lent
    if whole[0].isdigit() and not _MIXED.search(whole):
        lent = _ending(whole, "百千万亿")
    if not lent:
        return _valued(whole), ""
    return (1.0 if whole == lent else _valued(whole) / number(lent)), lent


def _spanned(numeral: str) -> tuple[float, float] | None:
    """The ends of a range in one numeral: 两三, 五六十, 三五, 十五六万."""
    if len(numeral) < 2:
        return None
    if numeral[0] not in DIGITS or numeral[1] not in DIGITS:
        match = _TENS.fullmatch(numeral)
        if not match or DIGITS[match[3]] != DIGITS[match[2]] + 1:
            return None
        return number(match[1] + match[2] + match[4]), number(match[1] + match[3] + match[4])
    low, high = DIGITS[numeral[0]], DIGITS[numeral[1]]
    rest = numeral[2:]
    if not 1 <= low < high or (rest and not _BARE.fullmatch(rest.replace("十", "百"))):
        return None
    if (high != low + 1 and numeral[:2] != "三五") or (low == 1 and not rest):
        return None
    worth = number(rest) if rest else 1.0
    return low * worth, high * worth


@cache
def _group(unit: str) -> str:
    """What kind of measure a unit is, '' for none."""
    if unit in ("日", "分"):
        return "physical"
    base = re.split(r"[/每]", unit, maxsplit=1)[0]
    named = (name for one in (unit, base) for name in _GROUPS if _words()[name].fullmatch(one))
    return next(named, "")


def _ending(text: str, characters: str) -> str:
    """What stands at a text's end of some characters."""
    return text[len(text.rstrip(characters)) :]


def _han_counts(match: re.Match[str], unit: str, group: str, *, bounded: bool, bare: bool) -> bool:
    """Whether a Chinese numeral counts: not 二期, nor a lone 千 or 亿 that is part of a name."""
    numeral = match["numeral"] + match["times"]
    if numeral == "零" or (_BARE.fullmatch(numeral) and match.string.startswith("级", match.end())):
        return False
    short = (
        len(numeral) < 3 and not match["more"] and numeral[-1] not in "百千万亿"
    )  # 二期, 三方, but 七万三千担
    if short and _words()["arabic_only"].fullmatch(unit):
        return (
            _CHANGED.search(match.string, max(0, match.start() - 3), match.start()) is not None
        )  # 增加三尺
    bounded = bounded or match["after"] is not None
    if numeral == "二" and group != "share":
        if match.string.startswith("、三", match.end()):
            return True
        ranged = match.string[max(0, match.start() - 1) : match.start()] in ("至", "到", "~")
        return bool(bounded or ranged or unit in ("日", "个月", "个工作日", "名"))
    if _BARE.fullmatch(numeral) and not (bounded or match["more"]):
        large = group in ("money", "physical") and len(numeral) > 1
        return large or bare
    return True


def _bound(match: re.Match[str], before: str, *, bare: bool) -> str:
    """What the words beside the numeral make of it."""
    more, more2, after = match.group("more", "more2", "after")
    word = after or more or more2 or before
    if not word:
        return "at_least" if bare else "exact"
    if word == "来":
        return "approximate"
    return _named(word)


@cache
def _named(word: str) -> str:
    """What a word of bound makes; those before a number may look at what stands around them."""
    for side, name in ((s, n) for n in ("at_most", "approximate") for s in ("before", "after")):
        words = (re.sub(r"\(\?.*?\)", "", w) for w in document()["bounds"][side][name].split())
        if any(re.fullmatch(one, word) for one in words):
            return name
    return "at_least"


def _join(text: str, one: Amount, other: Amount) -> None:
    """Let two neighbours share what is written once: 15、22个百分点, 1—2个, 百分之八至九."""
    gap = text[one.end : other.start]
    ranges = RANGE.fullmatch(gap) is not None
    if not ranges and not _LIST.fullmatch(gap):
        return
    if _within(text, one, other, gap):
        return
    lends = other.unit.removeprefix("个") not in ("", other.unit) and one.unit == "个"
    if (not one.group and other.group in _GROUPS) or lends:
        if one.times and not other.times:
            return
        written = text[slice(*one.number)]
        if one.times and other.group == "physical":
            one.value = _valued(written) / number(other.times)  # 四千八百亿至五千亿度
        elif other.times and other.group != "physical" and one.value < 1000 and not one.times:
            one.value = _valued(written + other.times)
        one.times = other.times
        one.unit, one.group = other.unit, other.group
    elif ranges and one.group == "share" and not other.group:
        other.unit, other.group = one.unit, one.group
    if not (ranges and one.group == other.group) or _FROM.search(text[: one.start]):
        if one.start < one.number[0] and not ranges and text[: one.start].endswith("分别"):
            # 分别突破300亿元和3000亿元: the verb governs both, 以上 and 余 bind to their number.
            other.bound = one.bound if other.bound == "exact" else other.bound
        return
    apart = one.unit != other.unit or other.value > 3 * one.value
    if gap in ("至", "到") and apart and _CHANGED.search(text, 0, one.start):
        return  # 减少12万吨至300万吨: by how much, and to what
    one.bound, other.bound = "at_least", "at_most"
    one.ranged = other.ranged = True


def _within(text: str, one: Amount, other: Amount, gap: str) -> bool:
    """Whether a list is one of neighbours in a range: 四、五十亿元 are 40 to 50; done here."""
    low, high = text[slice(*one.number)], text[slice(*other.number)]
    shares = gap == "、" and one.group == "share" and "分之" in low and not other.group
    tens = high[1:] == "十" and low[-2:-1] == "之"  # 百分之五、六十
    if shares and DIGITS.get(high[:-1] if tens else high, 0) == DIGITS.get(low[-1:], 10) + 1:
        step = one.value / DIGITS[low[-1]] if low[-2:-1] == "之" else 1
        one.value *= 10 if tens else 1
        other.value = round(one.value + step * (10 if tens else 1), 12)
        other.unit, other.group = one.unit, one.group
        one.bound, other.bound = "at_least", "at_most"  # 百分之二、三
        one.ranged = other.ranged = True
        return True
    if gap != "、" or one.group or len(low) != 1 or not _AMONG.match(low) or high[:1] not in DIGITS:
        return False
    if not other.group or (high[1:] and high[1] in DIGITS):
        return False
    if DIGITS[high[0]] != DIGITS[low] + 1 and low + high[0] != "三五":
        return False
    worth = other.value / DIGITS[high[0]]
    one.value, one.unit, one.group = DIGITS[low] * worth, other.unit, other.group
    one.bound, other.bound = "at_least", "at_most"
    one.ranged = other.ranged = True
    return True


def _counts_without_unit(text: str, figure: Amount) -> bool:
    """Whether a number without a measure word measures something: 惠及76万群众, 指数达98.5."""
    numeral = text[slice(*figure.number)].lstrip("-负")
    rest = text[figure.end : figure.end + 1]
    if _NAMES_IT.match(rest):
        return False
    if not numeral[0].isdigit():
        many = len(numeral) > 1 and not _BARE.fullmatch(numeral.replace("十", "百"))
        bounded = numeral[-1] in "万亿" and (many or figure.bound != "exact")
        counted = bounded or (numeral[-1] in "百千" and many) or numeral == "十亿"
        return bounded or (counted and _PEOPLE.match(text, figure.end) is not None)  # 五千农户
    if numeral[-1] in "万亿千百" or (figure.bound == "at_least" and not _ENDS.match(rest)):
        return True
    states = _STATES.search(text[: figure.start]) is not None or figure.bound != "exact"
    year = re.fullmatch(r"(?:19|20)\d\d", numeral)
    return states and _ENDS.match(rest) is not None and not year


def _one_counts(text: str, figure: Amount, read: list[Amount]) -> bool:
    """Whether a lone 一 counts: a ratio (增长一倍), or set against others of its unit."""
    if figure.group == "share" or figure.value > 1:  # 一亩半
        return True
    for other in read:
        low, high = sorted((figure, other), key=lambda f: f.start)
        gap = text[low.end : high.start]
        counted = other.unit == figure.unit and other.value > 1
        han = not text[other.number[0]].isdigit()
        if counted and han and len(gap) <= 16 and gap.endswith(("、", "，", "和", "及")):
            return True
    return False

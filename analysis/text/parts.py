"""What each sentence of a report is for: `done`, `problems`, `plan`, or `other`.

A report goes its course: front matter, what was done, what is still wrong, what is planned, and
behind the closing, annexes. A single sentence often does not say where it belongs (推进改革 is said
of both years); headings say it, where there are any, and so do opening words (过去一年,
我们也清醒认识到, 今年主要预期目标是). So each sentence and heading speaks for one part more or less
loudly, and the course is chosen that agrees best with all of them and changes seldom, and rather at
a heading than within a paragraph (Viterbi's algorithm over the four parts). What nothing speaks for
is `other`, never `done` for want of anything else.

Past 400 lines because the patterns that speak for a part stand beside what weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

PARTS = ("other", "done", "problems", "plan")
"""What a sentence may be for, in the order of a report's course."""

OTHER, DONE, PROBLEMS, PLAN = range(4)
_NUMERAL = {name: number for number, name in enumerate("零一二三四五六七八九")} | {
    "十" + name: 10 + number for number, name in enumerate(["", *"一二三四五六七八九"])
}
SPOKEN = (DONE, PROBLEMS, PLAN)
SAME = [OTHER, *SPOKEN]


class Piece(NamedTuple):
    """A sentence as it stands: `first` of its line; `level` of a heading from 0 on, else None."""

    text: str
    first: bool
    level: int | None


# -- what a heading says ------------------------------------------------------------------------

_YEAR = re.compile(r"((?:19|20)\d\d)(?=年|[-—–~至]|度)")
_YEAR_IN_HEADING = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_PROBLEMS_NAMED = re.compile(r"问题|不足|短板|弱项|困难|差距")
_SOLVING = re.compile(
    r"解决|突出问题导向|着力|破解|补齐|化解|攻坚|应对|克服|困难群[众体]|以.{0,6}问题"
)
_REVIEWING = re.compile(
    r"回顾|总结|成效|成绩|成就|完成|进展|(?:执行|实施|落实)情况|来的.{0,6}(?:工作|发展)|过去|[一五]年来|取得|历程|实现$"
)
_WEAKLY = re.compile(r"情况|举措|做法")  # of the review, unless the heading names a plan too
_PLANNING = re.compile(
    r"下一步|打算|计划|安排|思路|展望|今后|未来|任务|目标|建议|部署|总体要求|指导思想|重点工作|工作重点"
    r"|工作意见|明年|奋斗目标|新的一年|新征程|设想|构想|主要考虑|草案"
)
_FIVE_YEARS = re.compile(r"“?([一二三四五六七八九十]{1,2})五”?(?=时期|期间|[规计]划|发展)")

# -- what a sentence says ------------------------------------------------------------------------

_AWARE = re.compile(
    r"(?:清醒|深刻|充分|深切|深深|客观|冷静|十分清楚)地?(?:的)?(?:认识|看|意识|感到)[到出]?"
    r"|(?:我们)?(?:也|还|更|必须|应当?)(?:必须|要|应当?)?(?:清醒|深刻)?地?(?:认识|看|意识)[到出]"
    r"|正视|与此同时，?我们|同时，?我们也|我们也知道|毋庸讳言|不容忽视|(?:成绩|成效|进步)的?同时|不足之处"
)
_NAMED = re.compile(
    r"(?:存在|面临|还有|仍有|遇到).{0,16}(?:问题|不足|短板|弱项|差距|困难|薄弱|矛盾|挑战|缺点)"
    r"|(?:问题|不足|短板|困难|差距|矛盾|缺点).{0,10}(?:主要是|主要有|主要表现|是：|有：|：|仍?依然|仍然|还)"
)
_LISTED = re.compile(  # what is wrong, as a list of it is announced
    r"(?:问题|不足|短板|困难|差距|矛盾|挑战)(?:[，,]主要(?:是|有|表现|体现)"
    r"|[和与、及](?:问题|不足|短板|困难|差距|矛盾|挑战)(?:主要(?:是|有|表现|体现)|[：:]))"
)
_SITUATION = re.compile(
    r"(?:当前|目前|综合|总体|从.{0,8}看|展望|今年|明年|世界|国际|国内|今后|未来|一方面|我们面临)"
)
_FACED = re.compile(
    r"(?:对此|对于?(?:这些|上述|存在的)|这些(?:困难|问题|矛盾)|针对(?:这些|上述)|我们(?:一定|将|要|必须)).{0,30}"
    r"(?:解决|改进|克服|应对|重视|对待|改正|整改|正视|化解)"
)
_ASIDE = re.compile(
    r"妥善|有效|着力|积极|切实|全面|成功|克服|战胜|化解|解决了|面对.{0,30}(?:我们|全)"
)
_OPENS_DONE = re.compile(
    r"(?:各位代表[：！，,!]?)?(?:刚刚)?(?:今年以来|年初以来|过去(?:的)?(?:一年|五年|[一二三四五六七八九十]年|的)|回顾(?:过去|本届|[一五]年|这|20|19|“)"
    r"|[一二三四五]年(?:多)?来[，,]|本届政府(?:任期|履职|成立|组成)|“[一二三四五六七八九十]+五”(?:时期|期间|以来)，?(?:我们|是|全)"
    r"|市?[一二三四五六七八九十]+届.{0,4}人大.{0,8}以来)"
)
_THANKS = re.compile(
    r"(?:表示|致以)(?:最)?(?:衷心|诚挚|崇高|亲切|由衷|真诚|深切)?的?(?:感谢|敬意|问候|谢意)"
)
_LEARNT = re.compile(r"(?:体会|启示|感悟|经验)(?:到|是|：|，)|深[切刻]体会|来之不易|根本在于")
_THANKS_WORDS = ("感谢", "敬意", "问候", "谢意")
_LEARNT_WORDS = ("体会", "启示", "感悟", "经验", "来之不易", "根本在于")
_GOAL_WORDS = ("目标", "要求", "指标", "思路")
_OPENS_PLAN = re.compile(  # it is searched for: what an opening begins with is tried first
    r"(?=[今未下新展做搞完实抓从明全当根“])(?:今后(?:五|[一二三四几])?[年个]|未来(?:五|[一二三四几])年|下一步|新的一年|展望(?:未来|新|20|“)"
    r"|(?:做好|搞好|完成|实现|抓好)(?:今年|明年|新一年|新的一年|全年|今后|20\d\d年)|从现在起"
    r"|(?:今年|明年|全年)(?:的)?(?:工作|政府工作|全?[市省区州县国]?(?:国民)?经济|主要|总体|预期|我们(?:将|要)|要|是.{0,30}(?:之年|的一年|关键))"
    r"|当前和今后|(?:今年|明年)，?我们(?:将|要)|根据.{0,24}(?:全会|会议|要求).{0,20}(?:今年|明年)"
    r"|“[一二三四五六七八九十]+五”(?:时期|期间)，?.{0,14}(?:目标|任务|要求|指导思想|要))"
)
_GOALS = re.compile(
    r"(?:主要|总体|预期|具体|发展|奋斗)(?:预期)?(?:目标|要求|指标|思路)(?:和.{0,8})?(?:是|为|：|如下)"
)
_CALLS = re.compile(r"让我们|为.{4,50}(?:而|不懈|努力|团结|共同|作出|做出).{0,8}(?:奋斗|贡献)！")
_FRONT = re.compile(
    r"^(?:各位代表|各位委员|同志们|代表们)[，,：:！!、\s]*$|^本届.{0,24}(?:就职|任期|届满)|请予?(?:以)?(?:大会)?(?:一并)?审[议查]|请.{0,24}提出(?:宝贵)?意见"
    r"|(?:现在|下面)，?我?(?:受|代表|向|就)|^我(?:受|代表).{0,40}(?:报告|大会)|作(?:政府)?工作报告[，。]?"
)
_CALLED = re.compile(r"(?:各位代表|同志们)[，,：:！!\s]*$")
_ANNEX = re.compile(
    r"[\[【（(《]*(?:《?(?:政府)?工作报告》?)?(?:（?名词|注释|注解|附[件注录表]|附\s*[：:]|缩略语|相关名词|专[业用](?:名词|术语|词汇)|术语|用语|有关名词"
    r"|部分名词|指标解释|说明事项)(?:解释|说明|注释|及.{0,10}解释)?[）)\]】》]*[\s:：\d一二三四]*$"
    r"|.{0,30}(?:名词|用语|术语|词语|词汇)(?:解释|说明|注释|注解)[）)\]】》]*[:：]?$"
)
_LIST = re.compile(  # behind a closing appeal: what is to be done for the people, as a list
    r".{0,24}(?:民生|惠民|为民|利民).{0,4}实事.{0,10}$|.{0,20}重点(?:项目|工程|任务)(?:清单|一览表|目录|分解表?)$"
)
_ENTRY = re.compile(
    r"(?:[\[【（(]?\d{1,3}[\]】）).、．\s]|\[\^|[①-⑳]|[“《]).{1,60}?[：:—]|\d{1,3}[.、．\s]*[“《]"
)
_URGING = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d]+[）)、.．]|[一二三四五六七八九十]是(?:要)?|——)?\s*(?:要|大力|积极|加快|推动|推进|加强|强化|深化|优化"
    r"|提升|提高|打造|培育|发展|扩大|促进|构建|建立|完善|健全|落实|实施|开展|探索|统筹|围绕|聚焦|突出|坚持|支持|鼓励|引导|全面|深入|扎实"
    r"|持续|努力|着力|进一步|继续|严格|切实|抓好|做好|办好|用好|力争|确保)"
)
_STATE = re.compile(
    r"(?:加快|推进|加强|完善|优化|提高|提升|增强|改善|深化|巩固|扩大|显现|凸显|形成|好转|向好|稳定|第一|位|启动|投用|投产|运行|建成|完成"
    r"|通车|开工|运营|建设|实施|开展|落地|显著|明显|发展|进步|成效|进展|%|％|亿元|万元|个|家|件|人|项|套|公里)[。；]?$"
)
_DECIMAL = re.compile(r"\d[.．]\d")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+")
TAIL = 5  # characters in which a state at a sentence's end stands
_FULL_STOP = re.compile(r"[。！？；：][”’』」）》]*$")

# -- how loudly ----------------------------------------------------------------------------------

LOUD = 5.0
"""An opening or a heading that says it plainly: as much as some four ordinary sentences."""

GREETED = 30
"""Sentences among which the greeting stands that opens a report."""

SLOGAN = 26
"""Characters from which on a heading is a slogan: a task in it need not be to come."""

PLAIN = 14.0
"""The heading of a section that names one part: its text may be worded like the other."""

TWICE = 4.0
"""What a sentence adds that says in two ways what is wrong: one alone may then be a run."""

MOST = 2.5
"""What an ordinary sentence says at most: one odd word must not turn a section."""

CHANGE = {"within": 7.0, "line": 5.0, "deeper": 3.5, "section": 1.5}
"""What a change of part costs by where it falls: within a line, at a line, at a heading below the
top level, at one of the top level."""

BACK = {DONE: 4.0, PROBLEMS: 2.0, PLAN: 10.0}
"""What a change costs besides that goes back in the course, by the part it leaves."""

START = (0.0, 0.0, 6.0, 2.0)
"""What a speech costs that begins with each part: it seldom begins with what is wrong."""

WORDED = 0.3
"""What a sentence's leaning to the review counts for below the heading of a plan."""

NEVER = -99.0
"""Within the speech a sentence is `other` only where its run is not heard (`UNHEARD`)."""

HELD = 0.5
"""What the heading of a section adds to each of its sentences."""

AGAINST = 12.0
"""What a change costs besides that turns away from what the section's heading says."""

UNHEARD = 0.35
"""The mean that a run's sentences must say for its part, where no heading or opening says it."""


@cache
def _data() -> dict[str, Any]:
    import yaml

    found: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("parts.yaml").read_text("utf-8")
    )
    return found


@cache
def _finder(name: str) -> Any:
    """An automaton that finds the words of a list of parts.yaml, the longest first."""
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    words, longest = list(_data()[name]), MatchKind.LeftmostLongest
    return AhoCorasick(words, matchkind=longest, implementation=Implementation.DFA)


def _found(name: str, texts: Sequence[str]) -> tuple[Any, Any]:
    """Which texts hold which words of a list, once each, by number; all are read in one pass."""
    from analysis.kit import needles

    hits, text, _ = needles.placed(_finder(name), texts)
    return divmod(np.unique(text * len(_data()[name]) + hits[:, 0]), len(_data()[name]))


def leanings(texts: Sequence[str], year: int) -> list[float]:
    """How much each sentence speaks of a plan (above 0) or a review (below), in log odds.

    >>> [round(one) for one in leanings(["力争今年新建学校10所以上。", "建成了学校10所。"], 2022)]
    [7, -3]
    """
    bias, signs, weights = _data()["bias"], _data()["signs"], [*_data()["words"].values()]
    holding, words = _found("words", texts)
    sums = np.bincount(holding, np.array(weights)[words], minlength=len(texts))
    said = []
    for text, worded in zip(texts, sums.tolist(), strict=True):
        own = bias + worded
        if "五" in text:
            own += signs["later_year"] * _ahead(text, year)
        if "年" in text:
            years = [int(one) for one in _YEAR.findall(text)]
            own += signs["later_year"] * any(one > year for one in years)
            own += signs["own_year"] * any(one <= year for one in years)
        if _DIGIT.search(text):
            own += signs["decimal"] * bool(_DECIMAL.search(text))
            own += signs["many_numbers"] * (len(_NUMBER.findall(text)) > 2)
        own += signs["urging"] * bool(_URGING.match(text))
        own += signs["state"] * bool(_STATE.search(text[-TAIL:]))
        said.append(own)
    return said


def assign(pieces: Sequence[Piece], year: int) -> list[str]:
    """The part of each sentence of a report.

    Parameters
    ----------
    pieces : the report's sentences in their order.
    year : the year reported on; what names a later one is planned.
    """
    begin, end = _body(pieces)
    found = [OTHER] * len(pieces)
    found[begin:end] = _course(pieces[begin:end], year)
    return [PARTS[part] for part in found]


def _body(pieces: Sequence[Piece]) -> tuple[int, int]:
    """Where the speech begins behind titles and greeting, and ends before annexes."""
    greeted = (n for n, piece in enumerate(pieces[:GREETED]) if _CALLED.match(piece.text))
    first = next(greeted, 0)  # captions and page lines stand before the greeting, whatever they say
    speech = (n for n, piece in enumerate(pieces) if n >= first and _speaks(piece))
    begin = next(speech, len(pieces))
    end = len(pieces)
    back = reversed(range(len(pieces)))
    closing = next((n for n in back if _CALLS.search(pieces[n].text)), -1)
    floor = closing + 1 if closing > len(pieces) // 2 else int(0.55 * len(pieces))
    for number in range(max(floor, begin), len(pieces)):
        piece = pieces[number]
        if not piece.first:
            continue
        behind = closing >= 0 and (_ENTRY.match(piece.text) or _LIST.match(piece.text))
        if behind or _ANNEX.match(piece.text):
            end = number
            break
    while end > begin and closing >= 0 and end - 1 > closing:
        last = pieces[end - 1]
        if _FULL_STOP.search(last.text) and not re.search(r"^(?:谢谢|谢 谢)", last.text):
            break
        end -= 1
    return begin, end


def is_front(text: str) -> bool:
    """Whether a sentence is a greeting or says that a report follows."""
    return bool(_FRONT.search(text))


def is_annex(text: str) -> bool:
    """Whether a line is the heading of an annex or a glossary."""
    return bool(_ANNEX.match(text))


def is_entry(text: str) -> bool:
    """Whether a line is an entry of a glossary (5.“双减”政策：进一步减轻作业负担)."""
    return bool(_ENTRY.match(text))


def _speaks(piece: Piece) -> bool:
    """Whether a sentence is of the speech: a heading or a whole sentence, and no greeting."""
    heading = piece.level is not None
    return (heading or bool(_FULL_STOP.search(piece.text))) and not _FRONT.search(piece.text)


def _course(pieces: Sequence[Piece], year: int) -> list[int]:
    """The course of parts that agrees best with what the sentences say."""
    said = _heard(pieces, year)
    _december(pieces, said)
    sections = _sections(pieces, said)
    if not pieces:
        return []
    costs = [start - one for start, one in zip(START, said[0], strict=True)]
    came = []
    for number in range(1, len(pieces)):
        change, held = _change(pieces[number], pieces[number - 1]), sections[number]
        own, now, way = said[number], [-NEVER], [0]
        if min(costs[DONE:]) + change >= max(costs[DONE:]):  # no change can pay
            costs = [cost - one for cost, one in zip(costs, own, strict=True)]
            costs[OTHER] = -NEVER
            came.append(SAME)
            continue
        for part in SPOKEN:
            best, least = part, costs[part]
            for last in SPOKEN:
                if costs[last] + change < least:  # else no further cost can make it the best
                    loud = own[part] >= LOUD
                    whole = costs[last] + _cost(last, part, change, None if loud else held)
                    if whole < least:
                        best, least = last, whole
            now.append(least - own[part])
            way.append(best)
        costs = now
        came.append(way)
    at = min(SPOKEN, key=costs.__getitem__)
    found = [at]
    for way in reversed(came):
        at = way[at]
        found.append(at)
    return _unheard(found[::-1], said)


def _unheard(parts: list[int], said: Sequence[Sequence[float]]) -> list[int]:
    """The course with `other` for runs that nothing speaks for."""
    at = 0
    for part, run in groupby(parts):
        many = len([*run])
        own = [said[n][part] for n in range(at, at + many)]
        if max(own) < LOUD / 2 and sum(own) < UNHEARD * many:
            parts[at : at + many] = [OTHER] * many
        at += many
    return parts


def _change(piece: Piece, before: Piece) -> float:
    """What a change of part before a sentence costs."""
    if piece.level is not None:
        return CHANGE["section" if piece.level == 0 else "deeper"]
    if before.level is not None or before.text[-1] in "：；" or _CALLED.match(before.text):
        return CHANGE["within"] + 2  # what a heading, a call or a colon announces is of its part
    if _CALLED.match(piece.text):
        return CHANGE["deeper"]
    return CHANGE["line" if piece.first and piece.text[0] not in "—─－-" else "within"]


def _heard(pieces: Sequence[Piece], year: int) -> list[list[float]]:
    """How much each sentence speaks for each part."""
    texts = [piece.text for piece in pieces]
    leans = [max(-MOST, min(MOST, lean)) for lean in leanings(texts, year)]
    wrongs = np.bincount(_found("problems", texts)[0], minlength=len(texts)).tolist()
    return [
        _of_heading(piece.text, piece.level, lean, year)
        if piece.level is not None
        else _of_sentence(piece, lean, wrong, year)
        for piece, lean, wrong in zip(pieces, leans, wrongs, strict=True)
    ]


def _of_sentence(piece: Piece, lean: float, wrong: int, year: int) -> list[float]:
    """How much a sentence speaks for each part; `wrong` counts its words of what is amiss."""
    text = piece.text
    own = [NEVER, -lean / 2, 0.0, lean / 2]
    amiss = wrong - 2 * ("机遇" in text) - (0.5 * len(_ASIDE.findall(text)) if wrong else 0)
    own[PROBLEMS] = min(0.9 * amiss, 3.0) - 0.6
    aware = wrong and _AWARE.search(text, 0, 60)
    named = wrong and _NAMED.search(text, 0, 90)
    goals = _holds(text, _GOAL_WORDS) and _GOALS.search(text)
    if aware or named:
        situation = _SITUATION.match(text)
        own[PROBLEMS] += LOUD + (4.0 if aware else -2.5 if situation else 2.0)
        if named and not situation and (aware or _LISTED.search(text, 0, 90)):
            own[PROBLEMS] += TWICE
    elif _FACED.match(text):
        own[PROBLEMS] += 3.0
    elif not goals and _OPENS_DONE.match(text):
        own[PLAN if "五" in text and _ahead(text[:20], year) else DONE] += LOUD
    if _looking_back(text):
        own[DONE] += LOUD
        own[PROBLEMS] -= LOUD
    dated = _YEAR.match(text)
    if dated and int(dated[1]) > year:
        own[PLAN] += LOUD / 2
        own[PROBLEMS] -= LOUD / 2
    if piece.first and _OPENS_PLAN.search(text, 0, 50):
        own[PLAN] += LOUD
    if goals or ("！" in text and _CALLS.search(text)):
        own[PLAN] += LOUD
    return own


def _ahead(text: str, year: int) -> bool:
    """Whether a text names a five-year plan that begins after a year: the sixth began in 1981."""
    found = (_NUMERAL.get(match[1]) for match in _FIVE_YEARS.finditer(text))
    return any(number and 1951 + 5 * number > year for number in found)


def _looking_back(text: str) -> bool:
    """Whether a sentence gives thanks or says what was learnt, as reviews end."""
    thanks = _holds(text, _THANKS_WORDS) and _THANKS.search(text)
    return bool(thanks or (_holds(text, _LEARNT_WORDS) and _LEARNT.search(text)))


def _holds(text: str, words: Sequence[str]) -> bool:
    """Whether a text holds one of some words."""
    for word in words:  # noqa: SIM110 (`any` takes twice as long)
        if word in text:
            return True
    return False


def _of_heading(text: str, level: int, lean: float, year: int) -> list[float]:
    """How much a heading speaks for each part; below the top level a third as much."""
    own = [NEVER, 0.0, -1.5, 0.0]
    weight = LOUD / 3 if level else PLAIN if len(text) <= SLOGAN else LOUD
    years = [int(one) for one in _YEAR_IN_HEADING.findall(text)]
    plan = bool(_PLANNING.search(text)) or max(years, default=0) > year or _ahead(text, year)
    done = bool(_REVIEWING.search(text)) or (not plan and bool(_WEAKLY.search(text)))
    if _PROBLEMS_NAMED.search(text) and not _SOLVING.search(text):
        own[PROBLEMS] += weight + 1.5
    elif plan and not done:
        own[PLAN] += weight
    elif done and not plan:
        own[DONE] += weight
    elif years and max(years) <= year and not plan:
        own[DONE] += LOUD / 2
    if not done and not plan:
        own[DONE] -= lean / 3
        own[PLAN] += lean / 3
    return own


def _cost(last: int, part: int, change: float, held: int | None) -> float:
    """What it costs to go from one part to another, in a section whose heading says `held`."""
    if last == part:
        return 0.0
    against = held is not None and part in (DONE, PLAN) and part != held
    if held == PLAN and part == PROBLEMS:  # of the situation rather than of one's own work
        change += BACK[PLAN]
    return (
        change
        + (BACK[last] if last > part else 0.0)
        + (AGAINST / (1 + (last == PROBLEMS)) if against else 0.0)
    )


def _sections(pieces: Sequence[Piece], said: list[list[float]]) -> list[int | None]:
    """The part that its section's heading says for each sentence; it adds to what that says."""
    part, found = None, []
    for piece, own in zip(pieces, said, strict=True):
        if piece.level == 0:
            part = next((part for part in (DONE, PLAN) if own[part] >= PLAIN), None)
        elif part is not None:
            own[part] += HELD
            if part == PLAN:  # targets are worded as what is reached: 经济增长迈上新台阶
                own[PROBLEMS] -= 2 * HELD
                if 0 < own[DONE] < LOUD:
                    own[PLAN] += (1 - WORDED) * own[DONE]
                    own[DONE] *= WORDED
        found.append(None if piece.level == 0 else part)
    return found


def _december(pieces: Sequence[Piece], said: list[list[float]]) -> None:
    """In a report given at the year's end, 今年 is the year reported on and 明年 the plan's."""
    text = [piece.text for piece in pieces]
    if sum("明年" in one for one in text) < 4:
        return
    for own, one in zip(said, text, strict=True):
        if "明年" in one:
            own[PLAN] += 2
        elif "今年" in one:
            own[DONE] += 2
            own[PLAN] -= 2

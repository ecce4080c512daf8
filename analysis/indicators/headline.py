"""Figures found → headline indicators of a region and year, and what a report does not state.

A work report states its headline indicators in a few set phrases. A figure is named by what it
counts (`figures_found.what`), its unit and its kind, as `headline` of codebooks/indicators.yaml
says; any word before the name that is not on a short list makes it something else (人均生产总值,
高新区生产总值). Several years' totals and averages get a definition of their own.

A target that a region stated in another year's report and does not state in this one is `absent`.
Where the name stands beside a number that was not read, nothing is said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import patterns

from .frames import Frame, frames
from .numerals import amount

if TYPE_CHECKING:
    from .codebook import Headline, Indicator, IndicatorCodebook

UNJUDGED = "found by the program, not judged"
"""The note of a figure that nobody has decided about."""

AVERAGE, TOTAL, END = "yearly_average", "period_total", "period_end"
POINTS, INDEX = "change_in_points", "index"
"""Definitions of what covers several years, and of a share's change."""

UNSURE = "period_unsure"
"""The definition of what may be of one year or of several: it is no figure of a series."""

_PART = re.compile(r"上半年|下半年|[一二三四前][一二三]?个?季度|1[-—~至到]\d{1,2}月|月份|首季")
_MEAN = re.compile(r"年均|平均每年|每年平均|年平均|年递增")
_SUM = re.compile(r"累计|[五5]年(?:共|来|间|城镇|城乡|新增)|[三四五345]年(?:共|累计)|总计")
_SUM_OF_FIVE = re.compile(r"[五5]年(?:共|来|间|累计|城镇|城乡|新增)")
_OTHER_BASE = re.compile(
    r"(?:[比较与同]|是|相当于)(?:“?[一二三四五六七八九十]{1,3}五”?末?|(?:19|20)\d\d年?末?|五年前|上(?:个|一)五年|[二三四五]年前)"
)
_ADDED = re.compile(r"累计|总计|五年共|合计|年间")
_RISEN = re.compile(r"(?:增加|提高|上升|增长|跃升|扩大|提升|攀升|增|升)[到至]|跃[上居]|迈上")
_GREW = re.compile(r"[，、]?(?:五年)?年均(?:实际)?(?:增长|递增|提高)")
_PER = re.compile(r"每(?:平方公里|亩|公顷|户)|连续[^，]{1,3}年")
_STANDING = re.compile(r"达到?|突破|超过|跨|增至")
_STANDS = ("gdp_total", "budget_revenue", "grain_output")  # seldom summed over years
_INDEX = re.compile(r"指数|水平")
_BASE = 90  # a consumer price index of 102.3 is no change of 102.3 %
_YEARLY = re.compile(r"同比|[比较]上年|[比较]去年")
_DATED = re.compile(
    r"(?:19|20)\d\d|五”|[一二三四五六七八九十两近几\d]年|去年|上年|今年|明年|当年|年[初底末内]|全年|本年"
)
_LONG = re.compile(r"五”|五年|(?:19|20)\d\d年?[-—–~至到](?:19|20)?\d\d")
_BOTH = re.compile(r"城乡(?:常住)?居民.{0,8}收入")
_AND = re.compile(r"[和与及]")
_INCOME = re.compile(r"(?:常住)?居民(?:家庭)?(?:人均)?(?:可支配|纯)?收入$")
_WHOLE = ("内资", "资金")  # no indicator, but no attribute of the next word either
_OF_OTHERS = re.compile(r"的(?:县|市|区|镇|乡|村|企业|园区|项目|开发区)")
_FROM = re.compile(
    r"[由从](?:[^，。；、]{0,3}"
    r"|(?:[^，。；、\d]{0,4}\d{4}年[末底]?的?)?[\d.,]+[^\d，。；]{1,4}[和、与及]"
    r"|[^，。；、\d]{0,4}(?:\d{4}年[初末底]?|五”(?:时?期)?末|去年|上年)的?)$"
)
_LONGEST = 44
_NEAR = 40  # characters before a figure that say of when it is
_SEVERAL = 3  # headline targets that make a sentence one of goals
_TELLING = 4  # characters: 经济 and 就业 say too little to be looked for in a text
_HAN = re.compile(r"[\u4e00-\u9fff]")
_OTHER_YEAR = re.compile(r"(?:19|20)\d\d年相比|五”[^，。]{0,4}相比")
_CLAUSE = re.compile(r"[；。！？\n]")
_PLACES = re.compile(r"[，,]")
_NUMBER = r"[^，。；：、\d]{0,10}\d"


class _Rule(NamedTuple):
    """A name of an indicator, and what a text must hold to be one."""

    key: str
    code: str
    pattern: re.Pattern[str]
    may: re.Pattern[str]
    headline: Headline


def named(
    what: str, unit: str, kind: str, direction: str, codebook: IndicatorCodebook
) -> tuple[str, str]:
    """The indicator that a figure is, and its definition code; '' and '' if it is none."""
    if unit[-1:] not in _ends(codebook):
        return "", ""
    return next(iter(_all_named(what, unit, kind, direction, codebook)), ("", ""))


@lru_cache(maxsize=4)
def _ends(codebook: IndicatorCodebook) -> frozenset[str]:
    """The last characters of the units that an indicator may have."""
    stated = (one.headline.units for one in codebook.indicators.values() if one.headline)
    return frozenset(unit[-1] for units in stated for unit in units) | {"点"}


@lru_cache(maxsize=20_000)
def _all_named(
    what: str, unit: str, kind: str, direction: str, codebook: IndicatorCodebook
) -> tuple[tuple[str, str], ...]:
    """The indicators that a figure is: two where it counts two (城镇居民收入和农民收入均增长8%)."""
    if len(what) > _LONGEST or not _may(codebook).search(what):
        return ()
    whole = _one(what, unit, kind, direction, codebook)
    if whole[0]:
        return (whole,)
    parts = _AND.split(what)
    if len(parts) != 2:
        return ()
    if (tail := _INCOME.search(parts[1])) and not _INCOME.search(parts[0]):
        parts[0] += tail[0]
    both = tuple(_one(part, unit, kind, direction, codebook) for part in parts)
    named = tuple(one for one in both if one[0])
    return named if len(named) == 2 or any(part.endswith(_WHOLE) for part in parts) else ()


def _one(
    what: str, unit: str, kind: str, direction: str, codebook: IndicatorCodebook
) -> tuple[str, str]:
    bare = amount(1, unit)[1]
    points = bare == "个百分点"
    for key, code, pattern, may, one in _rules(codebook).get(_shape("%" if points else bare), ()):
        if points and (one.kind != "level" or kind == "level"):
            continue
        if not (points or one.fits(bare, kind, direction)):
            continue
        if may.search(what) and pattern.fullmatch(what):
            return key, POINTS if points else code
    return "", ""


def annual(before: str, period: str, *, level: bool = False) -> bool:
    """Whether a figure is one whole year's own: no average or total of several, no other base.

    `before` is what stands before it in its sentence; `level`: whether it says how much.
    """
    near = _CLAUSE.split(before[-_NEAR:])[-1]
    last = _PLACES.split(near)[-1]
    several = _mean(near, last, level=level) or _SUM.search(last)
    other = (
        _PART.search(near)
        or _OTHER_BASE.search(last)
        or _OTHER_YEAR.search(near if level else before)
        or _FROM.search(near)
    )
    return len(period) == 4 and not (several or other)


def _mean(near: str, last: str, *, level: bool) -> bool:
    """Whether a figure is an average of years; a level after 年均增长9%， is none."""
    return bool(_MEAN.search(last) or (not level and _MEAN.search(near[-14:])))


def _shape(unit: str) -> str:
    return unit if unit in ("%", "‰", "元", "美元", "人") else "other"


@lru_cache(maxsize=4)
def _rules(codebook: IndicatorCodebook) -> Mapping[str, list[_Rule]]:
    """The indicators' names by the shape of unit that they may have."""
    found: dict[str, list[_Rule]] = {}
    for key, one in codebook.indicators.items():
        if stated := one.headline:
            for code, pattern in stated.names:
                rule = _Rule(key, code, pattern, _holding([pattern]), stated)
                for shape in dict.fromkeys(_shape(unit) for unit in stated.units):
                    found.setdefault(shape, []).append(rule)
    return found


def _holding(names: Iterable[re.Pattern[str]]) -> re.Pattern[str]:
    """What a text must hold something of for one of some patterns to fit: a quick look first."""
    held: set[str] = set()
    for pattern in names:
        if not (texts := patterns.needed(pattern.pattern)):
            return re.compile("")
        held |= max(texts, key=lambda own: min(map(len, own)))
    return re.compile("|".join(map(re.escape, sorted(held))) or r"(?!)")


def extracted(
    figures: pd.DataFrame,
    sentences: pd.DataFrame,
    reports: pd.DataFrame,
    codebook: IndicatorCodebook,
) -> pd.DataFrame:
    """The headline figures found, and the targets that a report does not state.

    Parameters
    ----------
    figures : `figures_found` of these reports.
    sentences, reports : the tables of those names.

    Returns
    -------
    DataFrame
        The table `indicators`: of several figures for one region, period, kind and definition the
        one whose sentence states most of them (both ends of a range), with the status `extracted`;
        then the rows with the status `absent`, without a value.
    """
    about = reports.set_index("report_id")
    texts = sentences.set_index("sentence_id")[["text", "start"]]
    chosen = figures[_are_named(figures, codebook)]
    years = dict(zip(about.index, about["year"], strict=True))
    framed = frames(sentences[sentences["report_id"].isin(set(chosen["report_id"]))], years)
    together = Counter(chosen["sentence_id"])
    rows: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    best: dict[tuple[str, ...], tuple[tuple[bool, int, bool], str]] = {}
    for row in tables.rows(chosen):
        text, start = texts.loc[row.sentence_id, ["text", "start"]]
        own = _all_named(row.what, row.unit, row.measure_kind, row.direction, codebook)
        if row.indicator_id and row.indicator_id not in dict(own):
            own = ((row.indicator_id, ""),)  # by a pattern of the codebook
        for name, code in own:
            place = int(row.start) - int(start)
            of, frame = about.loc[row.report_id], framed.get(row.sentence_id)
            made = _row(row, str(text), place, of, name, code, codebook, frame)
            if made is None:
                continue
            kind = "target" if row.measure_kind == "target" else "outcome"
            key = (made["region"], name, made["period"], kind, made["definition"])
            exact = row.bound == "exact" and kind == "outcome"
            own_year = made["year"] == int(about.loc[row.report_id, "year"]) + (kind == "target")
            rank, held = (own_year, together[row.sentence_id], exact), best.get(key)
            if held is None or rank > held[0]:
                best[key], rows[key] = (rank, row.sentence_id), [made]
            elif held[1] == row.sentence_id and _ranges(rows[key], made):
                rows[key].append(made)
    found = [one for own in rows.values() for one in own]
    absent = [*_absent(found, figures, sentences, reports, codebook)]
    return _table([*found, *absent])


def _ranges(rows: list[dict[str, Any]], made: dict[str, Any]) -> bool:
    """Whether a row is the upper end of a range whose lower end is there alone."""
    return [row["bound"] for row in [*rows, made]] == ["at_least", "at_most"]


def _table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = list(tables.COLUMNS["indicators"])
    empty = dict.fromkeys(columns, "")
    frame = pd.DataFrame([empty | row for row in rows], columns=columns)
    return frame.astype({"year": "Int64", "value": "float64"})


def _are_named(figures: pd.DataFrame, codebook: IndicatorCodebook) -> pd.Series[bool]:
    """Which figures are headline indicators, of one year or of several."""
    keys = {key for key, one in codebook.indicators.items() if one.headline}
    columns = ("indicator_id", "what", "unit", "measure_kind", "direction")
    named = [
        key in keys or bool(_all_named(what, unit, kind, way, codebook))
        for key, what, unit, kind, way in zip(*(figures[name] for name in columns), strict=True)
    ]
    return pd.Series(named, figures.index, dtype=bool)


def _row(
    row: Any,
    text: str,
    place: int,
    report: Any,
    key: str,
    code: str,
    codebook: IndicatorCodebook,
    frame: Frame | None,
) -> dict[str, Any] | None:
    """A figure as a row of `indicators`; None for part of a year, and against another base."""
    whole = text[:place]
    begin = max((match.end() for match in _CLAUSE.finditer(whole)), default=0)
    before = whole[begin:]
    near = before[-_NEAR:]
    last = _PLACES.split(near)[-1]
    level = row.measure_kind == "level"
    other = _OTHER_BASE.search(last) or _OTHER_YEAR.search(near if level else whole)
    if _PART.search(near) or other or not row.period:
        return None
    after = text[place + len(row.quote) :]
    if _FROM.search(before) or _OF_OTHERS.match(after) or _PER.search(last):
        return None  # 由42%提高到47%: what it was; 超100亿元的县达到5个: whose it is
    indicator = codebook.indicators[key]
    kind, period = _dated(row, text, int(report["year"]))
    counts = indicator.headline is not None and indicator.headline.kind == "count"
    if len(period) > 4 and _reached(row, before, last, after, indicator):
        period = period[5:]
    framed = frame is not None and len(period) == 4 and _in_frame(frame, text, place, kind)
    stands = framed and _stands(row, code, indicator)
    if framed and kind != "target":
        framed = not (stands or _reached(row, before, last, after, indicator))
    if framed and frame:
        period = frame.period
    elif len(period) == 4 and kind != "target" and _SUM_OF_FIVE.search(last):
        period = f"{int(period) - 4}-{period}"
    if _mean(near, last, level=level):
        code = AVERAGE
    elif framed:
        code = TOTAL if _SUM.search(last) else END if stands else UNSURE
    elif len(period) > 4:
        grows = row.unit == "%" and kind != "level" and row.direction
        code = TOTAL if grows or counts or _SUM.search(before) else END
    elif _SUM.search(last):
        code = TOTAL
    elif _INDEX.search(row.what) and row.value > _BASE and row.unit == "%":
        code = INDEX
    if not code and "real" in indicator.definitions and "实际" in last:
        code = "real"
    return {
        **{"region": report["region"], "year": int(period[:4]), "period": period},
        **{"indicator_id": key, "value": row.value, "unit": row.unit},
        **{"bound": row.bound, "measure_kind": kind, "direction": row.direction},
        **{"scope": row.scope, "definition": code, "report_id": row.report_id},
        **{"sentence_id": row.sentence_id, "quote": row.quote, "status": "extracted"},
        "note": UNJUDGED if code != UNSURE or not frame else f"{UNJUDGED}; see {frame.said_in}",
    }


def _stands(row: Any, code: str, indicator: Indicator) -> bool:
    """Whether a figure among several years' is where their last one stands: 生产总值突破6万亿元."""
    stated = indicator.headline
    if code or row.direction or stated is None or stated.kind != "level":
        return False
    share = row.unit == "%" or "人均" in row.what or indicator.id.endswith("income")
    return share or (indicator.id in _STANDS and row.bound != "exact")


def _in_frame(frame: Frame, text: str, place: int, kind: str) -> bool:
    """Whether a figure without years of its own stands in a review, or among goals, of several."""
    return frame.ahead == (kind == "target") and not (
        _DATED.search(text, 0, place) or _YEARLY.search(text)
    )


def _reached(row: Any, before: str, last: str, after: str, indicator: Indicator) -> bool:
    """Whether a figure of several years is what their last year reached, no sum of them."""
    stated = indicator.headline
    if row.measure_kind != "level" or row.direction or stated is None or stated.kind != "level":
        return False
    if row.unit == "%" or "人均" in row.what or _GREW.match(after):
        return True
    if _ADDED.search(before):
        return False
    return bool(_RISEN.search(last) or (indicator.id in _STANDS and _STANDING.search(last)))


def _dated(row: Any, text: str, year: int) -> tuple[str, str]:
    """Kind and period of a figure in a work report, which tells of a year and plans the next.

    What follows a five-year period only because an earlier sentence named it is of the year; what
    is of a later year is planned; a target without a year of its own is for the next.
    """
    kind, period = row.measure_kind, row.period
    if (
        len(period) > 4
        and (_YEARLY.search(text) or not _LONG.search(text))
        and not _MEAN.search(text)
    ):
        period = str(year + (kind == "target"))
    if len(period) == 4 and kind != "target" and int(period) > year:
        kind = "target"
    if kind == "target" and period == str(year) and f"{year}年" not in text:
        period = str(year + 1)
    return kind, period


def _absent(
    found: list[dict[str, Any]],
    figures: pd.DataFrame,
    sentences: pd.DataFrame,
    reports: pd.DataFrame,
    codebook: IndicatorCodebook,
) -> Iterator[dict[str, Any]]:
    """Targets of a year that a region's other reports state and this one does not."""
    stated: dict[str, set[str]] = {}
    here: set[tuple[str, str]] = set()
    for row in found:
        if row["measure_kind"] == "target" and len(row["period"]) == 4:
            stated.setdefault(row["region"], set()).add(row["indicator_id"])
            here.add((row["report_id"], row["indicator_id"]))
    shares, begins = read(figures, sentences, codebook), _begins(figures, codebook)
    open_ = _mentioned(figures, sentences, begins, codebook)
    for report in tables.rows(reports):
        if report.report_id not in begins:
            continue
        for key in codebook.indicators:
            place = (report.report_id, key)
            if place in here or place in open_ or key not in stated.get(report.region, ()):
                continue
            year = int(report.year) + 1
            yield {
                **{"region": report.region, "year": year, "period": str(year)},
                **{"indicator_id": key, "value": float("nan"), "measure_kind": "target"},
                **{"report_id": report.report_id, "status": "absent"},
                "note": f"read {shares.get(report.report_id, 0.0):.2f}",
            }


def _begins(figures: pd.DataFrame, codebook: IndicatorCodebook) -> dict[str, int]:
    """Where each report's goals begin: its first sentence with several headline targets.

    A report without one is not listed: of it nothing can be said to be absent.
    """
    aims = figures[(figures["measure_kind"] == "target") & _are_named(figures, codebook)]
    several = aims.groupby(["report_id", "sentence_id"])["start"].agg(["size", "min"])
    several = several[several["size"] >= _SEVERAL]
    return {str(key): int(at) for key, at in several.groupby("report_id")["min"].min().items()}


def read(
    figures: pd.DataFrame, sentences: pd.DataFrame, codebook: IndicatorCodebook
) -> dict[str, float]:
    """The share of each report's headline statements that was read, by report_id.

    A statement is a place where the name of a headline indicator stands right before a number; it
    was read if a figure found there has an indicator. No report without a statement is listed.
    """
    pattern = _statement(codebook)
    places: dict[str, list[int]] = {}
    for row in tables.rows(figures[_are_named(figures, codebook)]):
        places.setdefault(row.sentence_id, []).append(int(row.start))
    seen: Counter[str] = Counter()
    held: Counter[str] = Counter()
    for row in tables.rows(sentences):
        for match in pattern.finditer(row.text):
            seen[row.report_id] += 1
            low, high = row.start + match.start(), row.start + match.end() + 8
            held[row.report_id] += any(low <= at <= high for at in places.get(row.sentence_id, ()))
    return {key: held[key] / seen[key] for key in seen}


@lru_cache(maxsize=4)
def _may(codebook: IndicatorCodebook) -> re.Pattern[str]:
    """What a text must hold something of to be any indicator's name."""
    return _holding(
        pattern
        for one in codebook.indicators.values()
        for _, pattern in (one.headline.names if one.headline else ())
    )


@lru_cache(maxsize=4)
def _statement(codebook: IndicatorCodebook) -> re.Pattern[str]:
    names = [one.headline.said for one in codebook.indicators.values() if one.headline]
    plain = [word for word in " ".join(names).split() if len(_HAN.findall(word)) > _TELLING]
    whole = "|".join(sorted(plain, key=len, reverse=True))
    return re.compile(rf"(?<!人均)(?<!单位)(?<!万元)(?:{whole}){_NUMBER}")


def _mentioned(
    figures: pd.DataFrame,
    sentences: pd.DataFrame,
    begins: Mapping[str, int],
    codebook: IndicatorCodebook,
) -> set[tuple[str, str]]:
    """Which reports name which indicators beside a number, or have a figure, among their plans."""
    first = sentences["report_id"].map(begins)
    planned = (sentences["part"] == "plan") | (sentences["start"] >= first)
    texts = sentences[planned | sentences["text"].str.contains("目标")]
    own = figures[(figures["start"] >= figures["report_id"].map(begins))]
    found = set(zip(own["report_id"], own["indicator_id"], strict=True))
    for key, one in codebook.indicators.items():
        if one.headline:
            names = "|".join(sorted(one.headline.said.split(), key=len, reverse=True))
            held = texts["text"].str.contains(rf"(?:{names})[^。；]{{0,16}}\d", regex=True)
            if "收入" in one.headline.said:  # 城乡居民收入 is a word on each
                held |= texts["text"].str.contains(_BOTH)
            found |= {(report, key) for report in texts.loc[held, "report_id"]}
    return found

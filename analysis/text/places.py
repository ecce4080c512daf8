"""Places: which administrative division a name means, and its code in a year.

The table, `data/divisions/divisions.csv`, has one row for each run of years in which nothing of a
division changed; a `region_id` holds its rows together over new names, codes and ranks (襄樊市 and
襄阳市 are one). A name is looked up in a year, and a year past the last known one counts as that. A
name that was not in use in the year means what bore it nearest to then, and is given with the name
and code that this had in the year, or had last. Without a year, divisions of today go before those
that are gone.

A name that means several places means none until a parent is given: `lookup` is then None, while
`candidates` has them all; for an unknown name that is empty. Levels are kept apart by their
years: 巢湖市 is a prefecture up to 2010 and a county-level city from 2011. A short name (广东,
襄阳, 黔东南州) is a province's before a prefecture's and never a county's.

In running text a name counts only where it cannot be part of something else, see `named`.

Past 400 lines because names are looked up, found in lines and spelled by the one table.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from analysis.kit import files, yamlfile

COLUMNS = (
    *("name", "short", "level", "code", "region_id", "slug", "province", "city"),
    *("first", "last"),
)
LEVELS = ("nation", "province", "city", "county")
# Names that many prefectures have.
COMMON = frozenset(
    [
        *(
            "城区",
            "郊区",
            "市郊区",
            "市区",
            "矿区",
            "新区",
            "东区",
            "西区",
            "南区",
            "北区",
            "一区",
            "二区",
        ),
        *("市中区", "新城区", "老城区", "古城区", "城关区"),
    ]
)


class Place(NamedTuple):
    """A division as it was from year `first` to year `last`; `city` is its prefecture, or empty."""

    name: str
    short: str
    level: str
    code: str
    region_id: str
    slug: str
    province: str
    city: str
    first: int
    last: int


@dataclass(frozen=True)
class _Table:
    """The divisions, by what one asks for; `heads` has the first two characters of every name."""

    names: Mapping[str, Sequence[Place]]
    shorts: Mapping[str, Sequence[Place]]
    regions: Mapping[str, Sequence[Place]]
    ids: Mapping[tuple[str, str], str]  # a parent's id by its province and name
    heads: frozenset[str]
    years: tuple[int, int]


# ---- looking up


def lookup(
    name: str, *, year: int | None = None, within: str = "", short: bool = False
) -> Place | None:
    """The one place that a name means, as it was in a year; None if there is none, or several.

    `name` may have its parents in front (福建省厦门市, 湖北襄阳市); `within` names one apart.
    `short` also takes the short name of a province or prefecture.

    >>> lookup("襄樊市", year=2009).code, lookup("湖北襄樊市", year=2015).name
    ('420600', '襄阳市')
    >>> lookup("鼓楼区"), lookup("鼓楼区", within="南京").code
    (None, '320106')
    """
    found = candidates(name, year=year, within=within, short=short)
    return found[0] if len(found) == 1 else None


@lru_cache(maxsize=1 << 16)
def candidates(
    name: str, *, year: int | None = None, within: str = "", short: bool = False
) -> tuple[Place, ...]:
    """Every place that a name may mean, each as it was in the year.

    >>> [place.city for place in candidates("鼓楼区")]
    ['南京市', '徐州市', '福州市', '开封市']
    >>> [place.code for place in candidates("北京市", within="北京市")]
    ['110000']
    """
    rows = _called(name, short)
    if within:
        parents = {row.region_id for row in _called(within, short=True)}
        rows = [row for row in rows if parents & {row.region_id, *_above(row)}]
    return tuple(_in_year(rows, year))


def whole(name: str, *, year: int | None = None, within: str = "") -> str:
    """The full name of the one place that a short name means; any other name as it is.

    >>> [whole(name, year=2020) for name in ("云南", "厦门", "吉林", "厦门市", "朝阳区", "某地")]
    ['云南省', '厦门市', '吉林省', '厦门市', '朝阳区', '某地']
    """
    if candidates(name, year=year, within=within) or candidates(name, year=year):
        return name
    place = lookup(name, year=year, within=within, short=True)
    return place.name if place else name


def level_of(name: str, *, year: int | None = None) -> str:
    """The level of a name: nation, province, city, county; empty if unknown or of several levels.

    >>> level_of("鼓楼区"), level_of("重庆市"), level_of("重庆市", year=1990), level_of("某某市")
    ('county', 'province', 'city', '')
    """
    return _only(place.level for place in candidates(name, year=year))


def province_of(name: str, *, year: int | None = None) -> str:
    """The province a place lies in, or is; empty if unknown or in one of several.

    >>> province_of("思明区"), province_of("上海市"), province_of("朝阳区"), province_of("全国")
    ('福建省', '上海市', '', '')
    """
    found = candidates(name, year=year)
    return _only(one.name if one.level == "province" else one.province for one in found)


def province_at(code: str) -> str:
    """The province that a division's code lies in, as it was last; '' if none does.

    >>> province_at("350200"), province_at("500000"), province_at("100000"), province_at("")
    ('福建省', '重庆市', '', '')
    """
    found = [row for row in _table().regions.get(f"{code[:2]}0000", ()) if row.level == "province"]
    return max(found, key=lambda row: row.last).name if found else ""


# ---- ids


def slug(name: str) -> str:
    """The name of a region in pinyin without its rank, for ids; another region may share it.

    A short name (黔东南州, 福建厦门) has the slug of the full one: an id is of a place.

    >>> slug("厦门市"), slug("北京市海淀区"), slug("陕西省"), slug("红河州"), slug("枣园街道")
    ('xiamen', 'haidian', 'shaanxi', 'honghehanizuyizu', 'zaoyuanjiedao')
    """
    found = candidates(name) or candidates(name, short=True)
    return found[0].slug if found and found[0].level != "nation" else spelled(name, _readings())


RANK = re.compile(
    r"(?<=..)(特别行政区|行政区|地区|(?<=神农架)林区|特区|新区"
    r"|(壮族|回族|维吾尔)?自治[区州县旗]|[省市县区旗])$"
)


def spelled(name: str, readings: Mapping[str, str]) -> str:
    """A name without its rank in pinyin: by `readings`, and pypinyin where they say nothing."""
    said = "".join(_read_aloud(name, RANK.sub("", name), readings))
    return re.sub(r"[^a-z0-9-]+", "", said.lower())


def syllables(name: str, stem: str) -> list[str]:
    """The pinyin of each character of a stem with which a name begins.

    >>> syllables("陕西省", "陕西")
    ['shaan', 'xi']
    """
    return _read_aloud(name, stem, _readings())


def _read_aloud(name: str, stem: str, readings: Mapping[str, str]) -> list[str]:
    from pypinyin import Style, lazy_pinyin

    said = lazy_pinyin(stem, style=Style.NORMAL)
    if len(said) == len(stem):
        for piece in sorted(readings, key=len):
            for found in re.finditer(piece, name):
                own = readings[piece].split()[: max(0, len(stem) - found.start())]
                said[found.start() : found.start() + len(own)] = own
    return said


# ---- places in a line of text

_HAN = re.compile(r"[\u3400-\u9fff]")
_OPENING = re.compile(r"(中共|关于|[\d〇零一二三四五六七八九]年度?|(?<!\d)(19|20)\d\d)$")
_LINKING = re.compile(r"[在对向由从与及是为于]$")
# What makes another word of a name's last character: 市场, 市民 (but 市民政局), 区域, 县级.
_RUNS_ON = {
    "市": re.compile("场|容|圈|区(?![域划块])|民(?![政族宗防兵营办建进盟间生主用])"),
    "区": re.compile("[域别间分位块级]"),
    "县": re.compile("[域级]"),
    "旗": re.compile("[帜袍号舰]"),
}
_GOES_ON = re.compile("[乡城直属长区]")  # after names of two characters
_TITLE = re.compile(r"(title[:：])?\W*((19|20)\d\d\s*年?度?\W*)?(中共)?")
_AFTER_SHORT = re.compile(
    r"[：:]|[\s_\-—（(]*($|\.\w+$|(19|20)\d\d)|年[鉴报度]|(人民|法治)?政府|[省市州盟]委|自治区党委"
)
# Short names of prefectures that say something else more often: a word, a district.
_WORDS = frozenset(["朝阳", "兴安", "甘南", "白银", "日照", "大同", "安康", "普洱", "黄山", "和田"])
_NATION = re.compile(
    r"(中华人民共和国|国务院|中国|全国)(?=$|[：:]|(\d{4}年?度?)?(政府工作报告|国民经济和社会发展))"
)


def named(line: str, *, year: int | None = None) -> list[tuple[int, int, Place]]:
    """The places that a line of text names, each with its span: the longest name, parents and all.

    Names of provinces and prefectures count anywhere, others where something begins: at the start,
    after a character that is not Chinese, after a year or 在, 关于 and the like; names that are
    short or common want their parent in front. Short names of provinces and prefectures count only
    as in a title: at the line's start or after a year there, and before a colon, a year, 政府 or
    the end. The nation counts so too, before 政府工作报告 and the like or as the whole line.
    地区 counts in the years in which it was a rank.

    >>> [(start, end, place.name) for start, end, place in named("北京市海淀区和广东省")]
    [(0, 6, '海淀区'), (7, 10, '广东省')]
    """
    found, at = [], 0
    while at < len(line):
        end, place = _at(line, at, year)
        if place:
            found.append((at, end, place))
        at = max(end, at + 1)
    return found


def _at(line: str, at: int, year: int | None) -> tuple[int, Place | None]:
    """The place named at a point of a line and where its name ends; the same point if none is."""
    table = _table()
    if (nation := _NATION.match(line, at)) and _TITLE.fullmatch(line, 0, at):
        return nation.end(), table.names["全国"][0]
    if line[at : at + 2] not in table.heads:
        return at, None
    for end in _ends(line, at, table.names):
        rows = table.names[line[at:end]]
        if deeper := _deeper(line, end, rows, year):
            return deeper
        if _stands(line, at, end, rows, year):
            places = _in_year(rows, year)
            return end, places[0] if len(places) == 1 else None
    for end in _ends(line, at, table.shorts):
        rows = table.shorts[line[at:end]]
        if deeper := _deeper(line, end, rows, year):
            return deeper
        fits = _TITLE.fullmatch(line, 0, at) and _AFTER_SHORT.match(line, end)
        if fits and line[at:end] not in _WORDS:
            places = _in_year(rows, year)
            return end, places[0] if len(places) == 1 else None
    return at, None


def _deeper(
    line: str, start: int, parents: Sequence[Place], year: int | None
) -> tuple[int, Place] | None:
    """The place within a parent that is named right behind it, and where that name ends."""
    names = _table().names
    ids = {parent.region_id for parent in parents}
    for end in _ends(line, start, names):
        rows = [row for row in names[line[start:end]] if ids & _above(row)]
        if rows and (deeper := _deeper(line, end, rows, year)):
            return deeper
        if rows and not _runs_on(line, end) and len(places := _in_year(rows, year)) == 1:
            return end, places[0]
    return None


def _stands(line: str, at: int, end: int, rows: Sequence[Place], year: int | None) -> bool:
    """Whether a full name without a parent in front is one, and no piece of other words."""
    name = line[at:end]
    if name in COMMON or name[-1] not in "省市州盟县区旗" or _runs_on(line, end):
        return False
    if len(name) == 2:
        return _starts(line, at) and not _GOES_ON.match(line, end)
    if name.endswith("地区"):
        when = _clamped(year)
        return any(row.first <= when <= row.last for row in rows)
    if len(name) > 4 or (rows[0].level != "county" and not name.endswith("城市")):
        return True
    return _starts(line, at) or bool(_LINKING.search(line, 0, at))


def _runs_on(line: str, end: int) -> bool:
    pattern = _RUNS_ON.get(line[end - 1])
    return bool(pattern and pattern.match(line, end))


def _starts(line: str, at: int) -> bool:
    """Whether something begins here: after no list or figure, and no Chinese but a year."""
    if not at or _OPENING.search(line, 0, at):
        return True
    return not (_HAN.match(line[at - 1]) or line[at - 1].isalnum() or line[at - 1] in "、，,")


def _ends(line: str, at: int, names: Mapping[str, Sequence[Place]]) -> Iterator[int]:
    """Where the names that stand at a point end, the longest first."""
    longest = min(len(line), at + 16)
    return (end for end in range(longest, at + 1, -1) if line[at:end] in names)


# ---- the table


def _called(name: str, short: bool) -> Sequence[Place]:
    """The rows that bear a name, within the parents that go before it in the name."""
    if rows := _own(name, short):
        return rows
    for cut in range(len(name) - 2, 1, -1):
        if (own := _own(name[cut:], short)) and (parents := _called(name[:cut], short=True)):
            ids = {parent.region_id for parent in parents}
            if found := [row for row in own if ids & _above(row)]:
                return found
    return ()


def _own(name: str, short: bool) -> Sequence[Place]:
    table = _table()
    return table.names.get(name) or (table.shorts.get(name, ()) if short else ())


def _in_year(rows: Sequence[Place], year: int | None) -> list[Place]:
    """Each region of some rows as it was in a year: that which had the name then, or next to then.

    Of a prefecture and a county that had one name in one year, it is the prefecture.
    """
    when = _clamped(year)
    if then := [row for row in rows if row.first <= when <= row.last]:
        return _highest(then)
    if year is None:
        return _highest(_latest(rows))
    # Under another name in that year; if not at all, as near to it as there is a row.
    regions = {row.region_id: 0 for row in _nearest(rows, when)}
    return [_nearest(_table().regions[one], when)[0] for one in regions]


def _nearest(rows: Sequence[Place], when: int) -> list[Place]:
    away = [max(row.first - when, when - row.last) for row in rows]
    return [row for row, years in zip(rows, away, strict=True) if years == min(away)]


def _latest(rows: Sequence[Place]) -> list[Place]:
    return list({row.region_id: row for row in sorted(rows, key=lambda row: row.last)}.values())


def _highest(rows: list[Place]) -> list[Place]:
    """Those of the highest level, where all have the very same name."""
    level = min((row.level for row in rows), key=LEVELS.index, default="")
    same = len({row.name for row in rows}) == 1
    return [row for row in rows if row.level == level] if same else rows


def _above(row: Place) -> set[str]:
    """The ids of a row's province and prefecture."""
    ids = _table().ids
    return {ids.get(("", row.province), "?"), ids.get((row.province, row.city), "?")} - {"?"}


def _clamped(year: int | None) -> int:
    first, last = _table().years
    return last if year is None else min(max(year, first), last)


def _only(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""


# What one says for a rank with the peoples' names in it.
_SAID = {"自治州": ("州", "自治州"), "盟": ("盟",), "自治区": ("自治区",)}


@cache
def _readings() -> dict[str, str]:
    return dict(yamlfile.load(files.home() / "data" / "divisions" / "readings.yaml"))


@cache
def _table() -> _Table:
    rows = _read()
    names: dict[str, list[Place]] = defaultdict(list)
    shorts: dict[str, list[Place]] = defaultdict(list)
    regions: dict[str, list[Place]] = defaultdict(list)
    ids: dict[tuple[str, str], str] = {}
    provinces = {row.short for row in rows if row.level == "province"}
    for row in rows:
        names[row.name].append(row)
        regions[row.region_id].append(row)
        if row.level != "county":
            ids[row.province, row.name] = row.region_id
            if row.level == "province" or row.short not in provinces:
                shorts[row.short].append(row)
            for rank, said in _SAID.items():
                if row.name.endswith(rank):
                    for short in said:
                        shorts[row.short + short].append(row)
    years = min(row.first for row in rows), max(row.last for row in rows)
    nation = Place("全国", "全国", "nation", "100000", "100000", "quanguo", "", "", *years)
    names |= {name: [nation] for name in ("全国", "中国", "国务院", "中华人民共和国")}
    regions[nation.region_id] = [nation]
    heads = frozenset(name[:2] for name in (*names, *shorts))
    return _Table(dict(names), dict(shorts), dict(regions), ids, heads, years)


def _read() -> list[Place]:
    path = files.home() / "data" / "divisions" / "divisions.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        return [Place._make((*row[:8], int(row[8]), int(row[9]))) for row in reader]

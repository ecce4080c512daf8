"""What texts are, in words: 24 provincial government work reports, a law, reports of Xiamen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from analysis.kit import spans

from . import english, places

_FEW = 3
"""Up to how many reports of a kind are named one by one."""
_RUNS = 3
"""Up to how many runs of years are all named."""


@cache
def _words() -> dict[str, Any]:
    return dict(yaml.safe_load(Path(__file__).with_name("kinds.yaml").read_text("utf-8")))


def kind(genre: str, level: str, n: int, lang: str) -> str:
    """A kind of text, of one or of several; a genre that is not known is a report.

    >>> kind("work_report", "province", 24, "en"), kind("work_report", "nation", 1, "zh")
    ('provincial government work reports', '国务院政府工作报告')
    """
    words = _words()
    of, at = words["genres"].get(genre) or words["genres"][""], words["levels"].get(level, {})
    if lang == "zh":
        return f"{at.get('zh', '')}{of['zh']}"
    return f"{at.get('en', '')} {of['one' if n == 1 else 'many']}".strip()


def counted(genre: str, level: str, n: int, lang: str) -> str:
    """So many of a kind.

    >>> counted("work_report", "province", 24, "zh"), counted("law", "", 1, "en")
    ('24 份省级政府工作报告', '1 law')
    """
    unit = f" {_unit(genre)}" if lang == "zh" else " "
    return f"{n:,}{unit}{kind(genre, level, n, lang)}"


def _unit(genre: str) -> str:
    return str(_words()["genres"].get(genre, {}).get("unit", "份"))


def described(reports: Iterable[Mapping[str, Any]], lang: str) -> list[str]:
    """What some reports are: each kind with its number, places and years; a few by name.

    Parameters
    ----------
    reports : rows with region, year, genre and level; these two may be ''.

    >>> one = {"region": "河南省", "year": 2022, "genre": "work_report", "level": "province"}
    >>> described([one], "en"), described([one, {**one, "year": 2021}], "zh")
    (['government work report of Henan on 2022'], ['河南省政府工作报告（所述年份：2021–2022）'])
    >>> names = ("河南省", "湖北省", "湖南省", "海南省")
    >>> described([{**one, "region": name} for name in names], "en")
    ['4 provincial government work reports (4 provinces, on 2022)']
    """
    kinds: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in reports:
        key = str(row.get("genre") or ""), str(row.get("level") or "")
        kinds.setdefault(key, []).append(row)
    return [_described(genre, level, rows, lang) for (genre, level), rows in kinds.items()]


def _described(genre: str, level: str, rows: list[Mapping[str, Any]], lang: str) -> str:
    """Reports of one kind."""
    words = _words()[lang]
    years: dict[str, list[int]] = {}
    for row in rows:
        years.setdefault(str(row["region"]), []).append(int(row["year"]))
    n, facts = len(rows), {"n": len(rows), "unit": _unit(genre)}
    if n > _FEW and len(years) > 1:
        levels = _words()["levels"]
        at = (levels.get(level) or levels[""]).get("places") or levels[""]["places"]
        every = _years(genre, [int(row["year"]) for row in rows], lang)
        called = kind(genre, level if lang == "en" else "", n, lang)
        facts |= {"places": at[lang].format(n=len(years)), "kind": called, "years": every}
        return str(words["several"].format_map(facts))
    said = []
    for region, of in years.items():
        own, whose = _whose(level, region, lang)
        facts |= {"kind": kind(genre, own, len(of), lang), "whose": whose, "n": len(of)}
        facts["years"] = _years(genre, of, lang)
        said.append(words["own" if n > _FEW else "named"].format_map(facts))
    return str(words["and"].join(said))


def _whose(level: str, region: str, lang: str) -> tuple[str, str]:
    """The level and the region that a kind has in its name: the nation's is a level alone."""
    if level == "nation" or places.level_of(region) == "nation":
        return "nation", ""
    if lang == "zh":
        return "", region
    return "", str(_words()["en"]["whose"]).format(region=english.region(region))


def _years(genre: str, years: list[int], lang: str) -> str:
    """Which years they are of, or report on; of many apart the first and the last."""
    words, of = _words(), _words()["genres"].get(genre) or _words()["genres"][""]
    runs = spans.runs(sorted(set(years)))
    if len(runs) <= _RUNS:
        said = {"zh": "、", "en": ", "}[lang].join(map(spans.span, runs))
    elif lang == "zh":
        said = f"{spans.span(years)} 之间"
    else:
        said = f"years {words['en']['between'].format(years=spans.span(years))}"
    return str(words[lang]["year_on" if of["reports_on"] else "year_of"].format(years=said))

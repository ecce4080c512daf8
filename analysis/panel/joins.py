"""What stands beside a panel's own columns: indicators of the study, and a table of the user's.

A figure is a value only where it is exact. `90%以上` is a lower bound and stands in a column of its
own, so that no regression takes it for 90.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.indicators import Selection
from analysis.kit import InputError, must_occur

ROLES = ("outcome", "target")
"""What an indicator's columns are of: what was reached in the year, and what was set for it."""

BOUNDS = ("at_least", "at_most", "approximate", "range")
"""What is known of a figure that is not exact; of a range both ends."""

_KEYS = ("region_id", "region_code")
_SHOWN = 10


class Column(NamedTuple):
    """A column from elsewhere: its values, and what the codebook says of it."""

    values: list[Any]
    label: Mapping[str, str]
    unit: str
    formula: Mapping[str, str]
    source: str


class _Stated(NamedTuple):
    """A figure as a panel takes it: exact, or a bound of what kind and up to where."""

    value: float = math.nan
    bound: float = math.nan
    kind: str = ""
    high: float = math.nan


def known(study: Any, ids: Sequence[str]) -> None:
    """InputError for an indicator that the study does not know."""
    if ids:
        must_occur("indicator", ids, study.indicator_codebook.indicators)


def indicators(
    study: Any,
    table: pd.DataFrame,
    ids: Sequence[str],
    names: Mapping[str, str],
    said: list[str],
) -> dict[str, Column]:
    """The columns of some indicators for the rows of a panel; `names` are those in the reports.

    What people curated goes before what the program found. Only a whole year's figure without a
    definition of its own is taken, in the indicator's unit; where several differ the cell stays
    empty, and a sentence says how many do.
    """
    if not ids:
        return {}
    regions = _called(table) | dict(names)
    both = [
        _usable(frame, study, ids, regions) for frame in (study.indicators.table, study.extracted)
    ]
    cells = list(
        zip(
            table["region_id"].where(table["region_id"] != "", table["region"]),
            table["year"],
            strict=True,
        )
    )
    found: dict[str, Column] = {}
    for name in dict.fromkeys(ids):
        for role in ROLES:
            stated, disputed, unjudged = _chosen(both, name, role)
            there, found_only = set(cells) & set(stated), set(cells) & unjudged
            if found_only:
                said.append(
                    f"{name}: of {len(there)} {role}s {len(found_only)} were found by the program "
                    "and judged by nobody (`gongbao extract --review`)."
                )
            if torn := sorted({cell for cell in cells if cell in disputed}):
                said.append(
                    f"{name}: {len(torn)} regions and years state several {role}s; empty there: "
                    + ", ".join(f"{region} {year}" for region, year in torn[:_SHOWN])
                )
            own = [stated.get(cell, _Stated()) for cell in cells]
            found |= dict(_columns(study, name, role, own))
    return found


def _called(table: pd.DataFrame) -> dict[str, str]:
    """The region that each name in a panel means."""
    return {
        row.region: row.region_id or row.region
        for row in tables.rows(table[["region", "region_id"]].drop_duplicates())
    }


def _usable(
    frame: pd.DataFrame, study: Any, ids: Sequence[str], regions: Mapping[str, str]
) -> pd.DataFrame:
    """Figures of whole years in their indicators' units: region, year, id, role, value, bound.

    They are signed as everywhere (`Selection`): a fall of 3% or more is a change of -3% or less.
    """
    book = study.indicator_codebook
    own = Selection(only=ids, regions=regions).rows(frame, book)
    whole = (own["period"] == "") | (own["period"] == own["year"].astype(str))
    common = own["indicator_id"].map({name: book.indicators[name].unit for name in ids})
    fits = whole & (own["definition"] == "") & (own["common_unit"] == common)
    own = own[fits & own["value"].notna()].rename(columns={"indicator_id": "name"})
    planned = own["measure_kind"] == "target"
    own = own.assign(role=planned.map({True: "target", False: "outcome"}))
    own["region"] = own["region"].map(dict(regions))
    return own[["region", "year", "name", "role", "value", "bound"]]


def _chosen(
    frames: Sequence[pd.DataFrame], name: str, role: str
) -> tuple[dict[tuple[str, int], _Stated], set[tuple[str, int]], set[tuple[str, int]]]:
    """What each region and year states, by the first table that has it.

    Then where several differ, and what the last table alone has.
    """
    stated: dict[tuple[str, int], _Stated] = {}
    disputed: set[tuple[str, int]] = set()
    curated: set[tuple[str, int]] = set()
    for frame in frames:
        curated = set(stated)
        own = frame[(frame["name"] == name) & (frame["role"] == role)]
        for (region, year), rows in own.groupby(["region", "year"]):
            cell = str(region), int(str(year))
            if cell in stated or cell in disputed:
                continue
            pairs = sorted(set(zip(rows["bound"], rows["value"], strict=True)))
            if (one := _stated(pairs)) is None:
                disputed.add(cell)
            else:
                stated[cell] = one
    return stated, disputed, set(stated) - curated


def _stated(pairs: Sequence[tuple[str, float]]) -> _Stated | None:
    """One figure of what is stated; None where that is several."""
    if [bound for bound, _ in pairs] == ["at_least", "at_most"]:
        return _Stated(bound=pairs[0][1], kind="range", high=pairs[1][1])
    if len(pairs) > 1:
        return None
    bound, value = pairs[0]
    return _Stated(value=value) if bound == "exact" else _Stated(bound=value, kind=bound)


def _columns(
    study: Any, name: str, role: str, own: Sequence[_Stated]
) -> Iterator[tuple[str, Column]]:
    book = study.indicator_codebook.indicators[name]
    of_role = {"outcome": ("实际值", "outcome"), "target": ("目标值", "target")}[role]
    kinds = {
        "": ("value", "", "", "只取准确的数", "exact figures only"),
        "_bound": (
            "bound",
            "：界",
            ", bound",
            "不准确的数：界限，或区间的下限",
            "of a figure that is not exact: its bound, or a range's lower end",
        ),
        "_bound_is": (
            "kind",
            "：界的种类",
            ", kind of bound",
            "；".join(BOUNDS),
            "; ".join(BOUNDS),
        ),
        "_bound_to": (
            "high",
            "：区间上限",
            ", upper end",
            "区间的上限",
            "the upper end of a range",
        ),
    }
    version = study.indicator_codebook.version
    for ending, (what, zh, en, how_zh, how_en) in kinds.items():
        label = {
            "zh": f"{book.name['zh']}{of_role[0]}{zh}",
            "en": f"{book.name['en']}, {of_role[1]}{en}",
        }
        yield (
            f"{name}_{role}{ending}",
            Column(
                [getattr(one, what) for one in own],
                label,
                "" if what == "kind" else book.unit,
                {"zh": f"{how_zh}；当年的数", "en": f"{how_en}; of the row's year"},
                f"indicators.csv, figures_found; codebooks/indicators.yaml, version {version}",
            ),
        )


# -- a table of the user's ------------------------------------------------------------------------


def read(path: Path) -> tuple[pd.DataFrame, str]:
    """A user's table with its key, one of region_id and region_code, and `year` as numbers.

    InputError with the line: no such columns, a year that is none, a region and year that stand
    twice.
    """
    header, lines = tables.records(path)
    key = next((name for name in _KEYS if name in header), "")
    if not key or "year" not in header:
        said = f"has no column {'year' if key else ' or '.join(_KEYS)}"
        raise InputError(f"{said}; a panel is joined by both.", path=path, line=1)
    seen: dict[tuple[str, int], int] = {}
    for line, row in lines:
        if not re.fullmatch(r"\d{4}(\.0+)?", row["year"]):
            raise InputError(f"year is {row['year']!r}; it must be a year.", path=path, line=line)
        row[key] = re.sub(r"\.0+$", "", row[key])
        cell = row[key], int(float(row["year"]))
        if (first := seen.get(cell)) and cell[0]:
            said = f"{key} {cell[0]} and year {cell[1]} stand in line {first} already"
            raise InputError(f"{said}; a panel takes one row of each.", path=path, line=line)
        seen[cell] = line
    frame = pd.DataFrame([row for _, row in lines], columns=header)
    years = [int(float(year)) for year in frame["year"]]
    return frame.apply(_typed, args=(key,)).assign(year=years), key


def _typed(column: pd.Series[Any], key: str) -> pd.Series[Any]:
    """A column as numbers where all its cells are; codes such as 0591 are none."""
    if column.name in (*_KEYS, key) or column.str.contains(r"^0\d|inf", case=False).any():
        return column
    numbers = pd.to_numeric(column.where(column != ""), errors="coerce")
    return numbers.astype("float64") if numbers.notna().eq(column != "").all() else column


def merge(table: pd.DataFrame, path: Path) -> tuple[pd.DataFrame, list[str], list[str]]:
    """A panel with the columns of a user's table, left; their names; what did not match.

    InputError for a column that both have.
    """
    frame, key = read(path)
    own = [str(name) for name in frame if name not in (*_KEYS, "year", "region", "province")]
    if clash := [name for name in own if name in table]:
        said = f"has columns that the panel has, too: {', '.join(clash)}; name them otherwise."
        raise InputError(said, path=path, line=1)
    rows = list(zip(frame[key], frame["year"], strict=True))
    theirs = {cell: at for at, cell in enumerate(rows)}
    cells = list(zip(table[key], table["year"].astype(int), strict=True))
    at = [theirs.get(cell, -1) if cell[0] else -1 for cell in cells]  # no code is none
    joined = frame[own].reindex(at).set_axis(table.index)
    texts = [name for name in own if not pd.api.types.is_numeric_dtype(frame[name])]
    joined[texts] = joined[texts].astype(object).fillna("")
    ours = dict.fromkeys(cell for cell in cells if cell[0])
    unmatched = [
        f"{path.name}: {_unmatched(lost, what)}"
        for what, lost in (
            ("of its rows match nothing in the panel", [one for one in rows if one not in ours]),
            (
                "regions and years of the panel have no row",
                [one for one in ours if one not in theirs],
            ),
        )
        if lost
    ]
    return pd.concat([table, joined], axis=1), own, unmatched


def _unmatched(lost: Sequence[tuple[str, int]], what: str) -> str:
    first = ", ".join(f"{region or '?'} {year}" for region, year in lost[:_SHOWN])
    return f"{len(lost)} {what}: {first}{' …' if len(lost) > _SHOWN else '.'}"

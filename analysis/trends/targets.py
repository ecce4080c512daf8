"""What was planned against what was reported, decided by numbers and words' bounds alone.

Both sides are spans: exactly 7.8 is the point 7.8, 90 or more reaches from 90 up, and about 7.5 is
7.5 give or take `ABOUT` of it. A target is met if every number the outcome allows fulfils it,
missed if none does, and otherwise nothing is said. An exact or approximate target is fulfilled by
what reaches it in the direction in which the indicator is better; where neither direction is
better, by what equals it, and what does not is left open (a price target may be meant as a ceiling,
but the number does not say so).
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import reports, tables
from analysis.trends.series import chosen, ordered, panel

if TYPE_CHECKING:
    from collections.abc import Collection

    from analysis.indicators import IndicatorCodebook

ABOUT = 0.05
"""How far 'about' reaches, as a share of the number: a convention, so it is a parameter."""

_KEYS = ("status", "report_id", "sentence_id", "source_id", "quote")
TARGET_COLUMNS = (
    *("indicator_id", "region", "period", "definition", "target_value", "target_bound"),
    *("outcome_value", "outcome_bound", "measure_kind", "unit", "outcome_unit", "difference"),
    *("verdict", "why", *(f"target_{key}" for key in _KEYS), *(f"outcome_{key}" for key in _KEYS)),
)
"""Columns of targets against outcomes."""


def against_targets(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    regions: Collection[str] | None = None,
    only: Collection[str] = (),
    years: Collection[int] = (),
    status: Collection[str] = (),
    about: float = ABOUT,
) -> pd.DataFrame:
    """Each target with the figure reported for the same indicator, region and period.

    Parameters
    ----------
    indicators : the table of that name. A range is two rows, at_least and at_most.
    codebook : units, synonyms, order, and which way is better.
    regions : whose targets; all if not given, none if empty.
    only, years, status : which rows count; empty for all (but rejected ones). years are those
        that the targets are for.
    about : how far an approximate number reaches, as a share of it.

    Returns
    -------
    DataFrame
        One row a target (`TARGET_COLUMNS`): verdict is `met`, `missed`, `not reported` or
        `not comparable`, why says what decided; difference is outcome less target where unit and
        definition agree and both are numbers for the same period. Two outcomes that decide
        differently are not comparable.
    """
    rows = chosen(indicators, codebook, only, (), status)
    rows = rows if regions is None else rows[rows["region"].isin(list(regions))]
    planned = rows["measure_kind"] == "target"
    outcomes: dict[tuple[str, str], list[Any]] = {}
    for row in tables.rows(rows[~planned]):
        outcomes.setdefault((row.indicator_id, row.region), []).append(row)
    targets = ordered(rows[planned], codebook, "region", "period", "definition", "bound", "value")
    found = []
    for target in tables.rows(targets):
        if not years or _year(target) in set(years):
            same = outcomes.get((target.indicator_id, target.region), [])
            better = codebook.indicators[target.indicator_id].better
            found.append(_row(target, *_judge(target, same, better, about, _ranged(targets))))
    return pd.DataFrame(found, columns=list(TARGET_COLUMNS))


def _year(row: Any) -> int:
    """The year that a figure is about: its period's, which a plan's may differ from its row's."""
    return int(row.period[:4]) if row.period[:4].isdigit() else int(row.year)


def _ranged(targets: pd.DataFrame) -> set[tuple[Any, ...]]:
    """Keys of targets that are given as a range, by both of its ends."""
    ends: dict[tuple[Any, ...], set[str]] = {}
    for row in tables.rows(targets):
        ends.setdefault(_range_key(row), set()).add(row.bound)
    return {key for key, bounds in ends.items() if bounds >= {"at_least", "at_most"}}


def _range_key(row: Any) -> tuple[Any, ...]:
    source = row.report_id or row.source_id
    return row.indicator_id, row.region, row.period, row.definition, row.common_unit, source


def _judge(
    target: Any, same: list[Any], better: str, about: float, ranged: set[tuple[Any, ...]]
) -> tuple[Any, str, str]:
    """The outcome to show, the verdict and why."""
    due = [row for row in same if row.period == target.period]
    if not due:
        part = [row for row in same if row.period.startswith(target.period or "-")]
        if part:
            why = f"target for {target.period}, outcome covers {part[0].period}"
            return part[0], "not comparable", why
        return None, "not reported", f"no figure for {target.period}"
    fitting = [row for row in due if not _unlike(target, row)]
    if not fitting:
        nearest = min(due, key=lambda row: len(_unlike(target, row)))
        return nearest, "not comparable", "; ".join(_unlike(target, nearest))
    in_range = _range_key(target) in ranged
    decided = [_decide(target, row, better, about, in_range) for row in fitting]
    if len({verdict for verdict, _ in decided}) > 1:
        said = " and ".join(_say(row.value, row.bound) for row in fitting)
        return fitting[0], "not comparable", f"two outcomes decide differently: {said}"
    return fitting[0], *decided[0]


def _unlike(target: Any, outcome: Any) -> list[str]:
    found = []
    for column in ("unit", "definition"):
        one, other = getattr(target, column) or "-", getattr(outcome, column) or "-"
        if one != other and (column != "unit" or target.common_unit != outcome.common_unit):
            found.append(f"{column} of the target {one}, of the outcome {other}")
    return found


def _decide(
    target: Any, outcome: Any, better: str, about: float, in_range: bool
) -> tuple[str, str]:
    """Verdict and why, for a target and an outcome in the same unit and definition."""
    low, high = _span(target.value, target.bound, about)
    if target.bound in ("exact", "approximate"):
        low = -inf if better == "lower" else low
        high = inf if better == "higher" else high
    least, most = _span(outcome.value, outcome.bound, about)
    said = f"{_say(outcome.value, outcome.bound)} against {_say(target.value, target.bound)}"
    if low <= least and most <= high:
        fits = target.bound == "approximate" and not _reaches(outcome, target, better)
        return "met", f"{said}: within {about:.0%}" if fits else said
    if least <= high and low <= most:
        return "not comparable", f"{said}: leaves open on which side it lies"
    if target.bound in ("exact", "approximate") and better == "neither":
        return "not comparable", f"{said}: not equal, and neither more nor less is better"
    beyond = {"higher": "at_most", "lower": "at_least"}.get(better)
    if in_range and target.bound == beyond:
        return "not comparable", f"{said}: beyond the range on its better side"
    return "missed", said


def _span(value: float, bound: str, about: float) -> tuple[float, float]:
    """The smallest and the largest number that a figure allows."""
    slack = abs(value) * about if bound == "approximate" else 0
    return -inf if bound == "at_most" else value - slack, (
        inf if bound == "at_least" else value + slack
    )


def _reaches(outcome: Any, target: Any, better: str) -> bool:
    """Whether the outcome as written is at the number of the target or on its better side."""
    ahead = outcome.value - target.value
    return bool(ahead == 0 or ahead * {"higher": 1, "lower": -1}.get(better, 0) > 0)


def _say(value: float, bound: str) -> str:
    words = {"at_least": "at least ", "at_most": "at most ", "approximate": "about "}
    return f"{words.get(bound, '')}{value:.15g}"


def _row(target: Any, outcome: Any, verdict: str, why: str) -> list[Any]:
    """One row of targets against outcomes."""
    missing = float("nan")
    numbers = outcome is not None and {target.bound, outcome.bound} <= {"exact", "approximate"}
    comparable = numbers and not _unlike(target, outcome) and outcome.period == target.period
    return [
        *(target.indicator_id, target.region, target.period, target.definition),
        *(target.value, target.bound),
        *((outcome.value, outcome.bound, outcome.measure_kind) if outcome else (missing, "", "")),
        *(target.unit, outcome.unit if outcome else ""),
        outcome.value - target.value if comparable else missing,
        *(verdict, why),
        *(getattr(target, key) for key in _KEYS),
        *(getattr(outcome, key) if outcome else "" for key in _KEYS),
    ]


def planned(
    indicators: pd.DataFrame,
    codebook: IndicatorCodebook,
    *,
    regions: Collection[str],
    only: Collection[str] = (),
    years: Collection[int] = (),
    status: Collection[str] = (),
    about: float = ABOUT,
) -> pd.DataFrame:
    """The series of some regions with their targets, for `figures.target_outcome`.

    Parameters
    ----------
    regions, only, years, status, about : as for `against_targets`; the indicators are those with
        a target.

    Returns
    -------
    DataFrame
        A panel (role `own`) with a row for each target (role `target`, year the one it is for)
        and the columns verdict and why, empty for outcomes.
    """
    rows = chosen(indicators, codebook, only, (), status)
    mine = rows[rows["region"].isin(list(regions)) & (rows["measure_kind"] == "target")]
    mine = mine.assign(year=pd.array([_year(row) for row in tables.rows(mine)], dtype="Int64"))
    mine = mine[mine["year"].isin(list(years))] if years else mine
    aims = list(dict.fromkeys(mine["indicator_id"]))
    options: Any = {"regions": regions, "years": years, "status": status}
    if not aims:
        return panel(rows.iloc[:0], codebook, regions=regions).assign(verdict="", why="")
    own = panel(indicators, codebook, only=aims, **options).assign(verdict="", why="")
    judged = against_targets(indicators, codebook, only=aims, about=about, **options)
    mine = ordered(mine, codebook, "region", "period", "definition", "bound", "value")
    mine = mine.assign(role="target", joined=False, change=float("nan"), break_="")
    mine = mine.assign(verdict=judged["verdict"], why=judged["why"])
    return ordered(pd.concat([own, mine[own.columns]]), codebook, "region", "year", "role")[
        list(own.columns)
    ]


def with_targets(indicators: pd.DataFrame, regions: Collection[str]) -> list[str]:
    """Those of the regions that have targets; where none has, the nation if it has."""
    targets = indicators[indicators["measure_kind"] == "target"]
    known = list(dict.fromkeys(targets.loc[targets["status"] != "rejected", "region"]))
    own = [region for region in regions if region in known]
    return own or [region for region in known if reports.level_of(region) == "nation"]

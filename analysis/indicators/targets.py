"""What was planned against what was reported, decided by numbers and words' bounds alone.

Both sides are spans: exactly 7.8 is the point 7.8, 90 or more reaches from 90 up, and about 7.5 is
7.5 give or take `ABOUT` of it. A target is met if every number the outcome allows fulfils it,
missed if none does, and otherwise nothing is said. An exact or approximate target is fulfilled by
what reaches it in the direction in which the indicator is better; where neither direction is
better, by what equals it, and what does not is left open (a price target may be meant as a ceiling,
but the number does not say so).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from math import inf, nan
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables

from .selection import Selection, differ, on_level, ordered
from .series import panel

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook

ABOUT = 0.05
"""How far 'about' reaches, as a share of the number: a convention, so it is a parameter."""

_KEYS = ("status", "report_id", "sentence_id", "source_id", "quote")
TARGET_COLUMNS = (
    *("indicator_id", "region", "period", "definition", "target_value", "target_bound"),
    *("outcome_value", "outcome_bound", "measure_kind", "unit", "outcome_unit", "difference"),
    *("verdict", "why", *(f"target_{key}" for key in _KEYS), *(f"outcome_{key}" for key in _KEYS)),
)
"""Columns of targets against outcomes."""

_PERIOD = re.compile(r"(\d{4})(?:-(\d{4})$)?")
_RANGE = ("indicator_id", "region", "period", "definition", "common_unit", "report_id", "source_id")
_NUMBERS = {"exact", "approximate"}


def against_targets(
    indicators: pd.DataFrame, codebook: IndicatorCodebook, *, about: float = ABOUT, **which: Any
) -> pd.DataFrame:
    """Each target with the figure reported for the same indicator, region and period.

    Parameters
    ----------
    indicators : the table of that name. A range is two rows, at_least and at_most.
    codebook : units, synonyms, order, and which way is better.
    about : how far an approximate number reaches, as a share of it.
    which : fields of `Selection`; years are those that the targets are for.

    Returns
    -------
    DataFrame
        One row a target (`TARGET_COLUMNS`): verdict is `met`, `missed`, `not reported` or
        `not comparable`, why says what decided; difference is outcome less target where unit and
        definition agree and both are numbers for the same period. Two outcomes that decide
        differently are not comparable.
    """
    outcomes: dict[tuple[str, str], list[Any]] = {}
    for row in tables.rows(replace(Selection(**which), years=()).rows(indicators, codebook)):
        if row.measure_kind != "target":
            outcomes.setdefault((row.indicator_id, row.region), []).append(row)
    found = []
    for target in tables.rows(_targets(indicators, codebook, Selection(**which))):
        same = outcomes.get((target.indicator_id, target.region), [])
        better = codebook.indicators[target.indicator_id].better
        found.append(_row(target, *_judge(target, same, better, about)))
    return pd.DataFrame(found, columns=list(TARGET_COLUMNS))


def _targets(
    indicators: pd.DataFrame, codebook: IndicatorCodebook, which: Selection
) -> pd.DataFrame:
    """The targets for the years wanted, with horizon (`year`, `plan`) and ranged (a range's end).

    `year` is the one a target is for, a plan's last, whatever year its report is of.
    """
    rows = replace(which, years=()).rows(indicators, codebook)
    rows = dated(rows[rows["measure_kind"] == "target"])
    horizon = []
    for row in tables.rows(rows):
        period = _PERIOD.match(row.period)
        plans = codebook.indicators[row.indicator_id].plans
        several = (period and period[2]) or row.definition in plans
        horizon.append("plan" if several else "year")
    rows = rows.assign(horizon=horizon)
    ends = rows["bound"].where(rows["bound"].isin(["at_least", "at_most"]))
    both = rows.assign(ends=ends).groupby([*_RANGE])["ends"].transform("nunique") == 2
    rows = rows.assign(ranged=both)
    rows = rows[rows["year"].isin(list(which.years))] if which.years else rows
    return ordered(rows, codebook, "region", "period", "definition", "bound", "value")


def dated(indicators: pd.DataFrame) -> pd.DataFrame:
    """Figures with each target in the year it is for, a plan's last, whatever its report's year."""
    years = []
    for row in tables.rows(indicators):
        period = _PERIOD.match(row.period) if row.measure_kind == "target" else None
        years.append(int(period[2] or period[1]) if period else row.year)
    return indicators.assign(year=pd.array(years, dtype="Int64"))


def _judge(target: Any, same: list[Any], better: str, about: float) -> tuple[Any, str, str]:
    """The outcome to show, the verdict and why."""
    due = [row for row in same if row.period == target.period]
    if not due:
        part = [row for row in same if row.period.startswith(target.period or "-")]
        if part:
            why = f"target for {target.period}, outcome covers {part[0].period}"
            return part[0], "not comparable", why
        return None, "not reported", f"no figure for {target.period}"
    fitting = [row for row in due if not differ(target, row)]
    if not fitting:
        nearest = min(due, key=lambda row: len(differ(target, row)))
        apart = differ(target, nearest, "{} of the target {}, of the outcome {}")
        return nearest, "not comparable", "; ".join(apart)
    decided = [_decide(target, row, better, about) for row in fitting]
    if len({verdict for verdict, _ in decided}) > 1:
        said = " and ".join(_say(row) for row in fitting)
        return fitting[0], "not comparable", f"two outcomes decide differently: {said}"
    return fitting[0], *decided[0]


def _decide(target: Any, outcome: Any, better: str, about: float) -> tuple[str, str]:
    """Verdict and why, for a target and an outcome in the same unit and definition."""
    low, high = _fulfilling(target, better, about)
    least, most = span(outcome, about)
    said = f"{_say(outcome)} against {_say(target)}"
    if low <= least and most <= high:
        low, high = _fulfilling(target, better, 0)
        within = target.bound == "approximate" and not low <= outcome.value <= high
        return "met", f"{said}: within {about:.0%}" if within else said
    if least <= high and low <= most:
        return "not comparable", f"{said}: leaves open on which side it lies"
    if target.bound in _NUMBERS and better == "neither":
        return "not comparable", f"{said}: not equal, and neither more nor less is better"
    if target.ranged and target.bound == {"higher": "at_most", "lower": "at_least"}.get(better):
        return "not comparable", f"{said}: beyond the range on its better side"
    return "missed", said


def _fulfilling(target: Any, better: str, about: float) -> tuple[float, float]:
    """The smallest and the largest number that fulfil a target."""
    low, high = span(target, about)
    if target.bound not in _NUMBERS:
        return low, high
    return -inf if better == "lower" else low, inf if better == "higher" else high


def span(row: Any, about: float) -> tuple[float, float]:
    """The smallest and the largest number that a figure allows."""
    slack = abs(row.value) * about if row.bound == "approximate" else 0
    low = -inf if row.bound == "at_most" else row.value - slack
    return low, inf if row.bound == "at_least" else row.value + slack


def _say(row: Any) -> str:
    words = {"at_least": "at least ", "at_most": "at most ", "approximate": "about "}
    return f"{words.get(row.bound, '')}{row.value:.15g}"


def _row(target: Any, outcome: Any, verdict: str, why: str) -> list[Any]:
    """One row of targets against outcomes; what is not known of the outcome stays empty."""
    reported = [getattr(outcome, key, "") for key in ("bound", "measure_kind", "unit", *_KEYS)]
    comparable = outcome is not None and {target.bound, outcome.bound} <= _NUMBERS
    comparable = comparable and not differ(target, outcome) and outcome.period == target.period
    return [
        *(target.indicator_id, target.region, target.period, target.definition),
        *(target.value, target.bound, getattr(outcome, "value", nan), *reported[:2]),
        *(target.unit, reported[2], outcome.value - target.value if comparable else nan),
        *(verdict, why, *(getattr(target, key) for key in _KEYS), *reported[3:]),
    ]


def planned(
    indicators: pd.DataFrame, codebook: IndicatorCodebook, *, about: float = ABOUT, **which: Any
) -> pd.DataFrame:
    """The series of some regions with their targets, for `figures.target_outcome`.

    Parameters
    ----------
    about, which : as for `against_targets`; the indicators are those with a target.

    Returns
    -------
    DataFrame
        A panel (role `own`) with a row for each target (role `target`, year the one it is for)
        and the columns verdict, why and horizon, empty for outcomes, and `about`. horizon is `plan`
        for a target that a plan of several years sets for its last year, otherwise `year`.
    """
    targets = _targets(indicators, codebook, Selection(**which))
    which["only"] = list(dict.fromkeys(targets["indicator_id"]))
    verdicts = against_targets(indicators, codebook, about=about, **which)
    own = panel(indicators if len(targets) else indicators.iloc[:0], codebook, **which)
    own = own.assign(verdict="", why="", horizon="")
    targets = targets.assign(role="target", joined=False, change=nan, break_="")
    targets = targets.assign(verdict=verdicts["verdict"], why=verdicts["why"])[own.columns]
    both = ordered(pd.concat([own, targets]), codebook, "region", "year", "role")
    made = both[list(own.columns)]
    made.insert(len(made.columns) - 1, "about", about)
    return made


def with_targets(indicators: pd.DataFrame, regions: Collection[str]) -> list[str]:
    """Those of the regions that have targets; where none has, the nation if it has."""
    targets = indicators[indicators["measure_kind"] == "target"]
    known = targets[targets["status"] != "rejected"]
    own = [region for region in regions if region in set(known["region"])]
    return own or on_level(known, "全国")

"""Which figures count, in which order they stand, and what makes two of them not comparable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis.kit import must_occur
from analysis.text import identity

from .headline import AVERAGE, TOTAL, UNSURE

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook

_TURNED = {"at_least": "at_most", "at_most": "at_least"}


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which rows of the table `indicators` count; the measures take its fields as keywords.

    `only` are ids of indicators, empty for all of the codebook; `regions` None for all; `years`
    empty for all; `status` (`extracted`, `checked`, `verified`) empty for all but rejected rows
    and those that hold no figure (`absent`). What may be of one year or of several (`UNSURE`) never
    counts. A name that does not exist is refused with InputError:
    a typo must not show other figures.
    """

    only: Collection[str] = ()
    regions: Collection[str] | None = None
    years: Collection[int] = ()
    status: Collection[str] = ()

    def rows(self, indicators: pd.DataFrame, codebook: IndicatorCodebook) -> pd.DataFrame:
        """The rows that count, as they are compared.

        `value` and `bound` become those of the signed effect (a fall of 3.2 % is -3.2) in
        `common_unit`, the codebook's for it, its synonyms and what converts exactly; `unit` stays
        as written, and `stated` is the figure as it was stated.
        """
        statuses = tables.CHOICES["indicators", "status"]
        asked = (("indicator", self.only, codebook.indicators), ("status", self.status, statuses))
        for what, names, allowed in asked:
            must_occur(what, names, allowed)
        fit = indicators["indicator_id"].isin(list(self.only or codebook.indicators))
        fit &= indicators["definition"] != UNSURE
        fit &= indicators["status"].isin(list(self.status or {*statuses} - {"rejected", "absent"}))
        if self.years:
            fit &= indicators["year"].isin(list(self.years))
        if self.regions is not None:
            fit &= indicators["region"].isin(list(self.regions))
        return _compared(indicators[fit], codebook)


def _compared(rows: pd.DataFrame, codebook: IndicatorCodebook) -> pd.DataFrame:
    """Rows with the signed effect in the common unit."""
    values, units, stated, bounds = [], [], [], []
    for row in tables.rows(rows):
        value, unit = codebook.indicators[row.indicator_id].converted(row.value, row.unit)
        falls = row.direction == "down" and row.measure_kind != "level"
        values.append(-value if falls else value)
        units.append(unit)
        stated.append(f"{row.value:.15g} {row.unit}".strip())
        bounds.append(_TURNED.get(row.bound, row.bound) if falls else row.bound)
    texts = {"common_unit": units, "stated": stated, "bound": bounds}
    made = {name: pd.Series(own, rows.index, dtype=object) for name, own in texts.items()}
    return rows.assign(value=pd.Series(values, rows.index, dtype="float64"), **made)


def ordered(rows: pd.DataFrame, codebook: IndicatorCodebook, *then: str) -> pd.DataFrame:
    """Rows in the codebook's order of indicators, then by columns."""
    places = {name: at for at, name in enumerate(codebook.indicators)}
    order = rows["indicator_id"].map(places)
    return rows.assign(order=order).sort_values(["order", *then], ignore_index=True)


def on_level(indicators: pd.DataFrame, *regions: str) -> list[str]:
    """The regions of the table that are of the same level as one of some."""
    levels = {identity.level_of(region) for region in regions}
    known = dict.fromkeys(indicators["region"])
    return [region for region in known if identity.level_of(region) in levels]


def differ(one: Any, other: Any, said: str = "{} {} and {}") -> list[str]:
    """Unit and definition of two figures where they differ, in words."""
    found = []
    if one.common_unit != other.common_unit:
        found.append(said.format("unit", one.unit or "-", other.unit or "-"))
    if one.definition != other.definition:
        found.append(said.format("definition", one.definition or "-", other.definition or "-"))
    return found


def unlike(one: Any, other: Any) -> list[str]:
    """What makes two figures of an indicator not comparable, in words."""
    kinds = dict.fromkeys((one.measure_kind, other.measure_kind))
    found = differ(one, other) + ([" and ".join(kinds)] if len(kinds) > 1 else [])
    return found + inexact(one) + inexact(other)


def inexact(row: Any) -> list[str]:
    """Why a figure is not one exact number for a calendar year."""
    found = [f"{row.year} is {row.bound}"] if row.bound != "exact" else []
    if row.period != str(row.year):
        found.append(f"{row.year} covers {row.period or 'a period that is not stated'}")
    elif row.definition in (AVERAGE, TOTAL):
        found.append(f"{row.year} covers several years")
    return found

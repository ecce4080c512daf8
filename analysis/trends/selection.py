"""Which figures count, in which order they stand, and what makes two of them not comparable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import identity, tables
from analysis.errors import must_occur

if TYPE_CHECKING:
    from analysis.indicators import IndicatorCodebook


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which rows of the table `indicators` count; the measures take its fields as keywords.

    `only` are ids of indicators, empty for all of the codebook; `regions` None for all; `years`
    empty for all; `status` (`extracted`, `verified`, …) empty for all but rejected rows. A name
    that does not exist is refused with InputError: a typo must not show other figures.
    """

    only: Collection[str] = ()
    regions: Collection[str] | None = None
    years: Collection[int] = ()
    status: Collection[str] = ()

    def rows(self, indicators: pd.DataFrame, codebook: IndicatorCodebook) -> pd.DataFrame:
        """The rows that count, with common_unit: the codebook's for it and its synonyms."""
        statuses = tables.CHOICES["indicators", "status"]
        asked = (("indicator", self.only, codebook.indicators), ("status", self.status, statuses))
        for what, names, allowed in asked:
            must_occur(what, names, allowed)
        fit = indicators["indicator_id"].isin(list(self.only or codebook.indicators))
        fit &= indicators["status"].isin(list(self.status or {*statuses} - {"rejected"}))
        if self.years:
            fit &= indicators["year"].isin(list(self.years))
        if self.regions is not None:
            fit &= indicators["region"].isin(list(self.regions))
        rows = indicators[fit]
        named = zip(rows["indicator_id"], rows["unit"], strict=True)
        units = [codebook.indicators[name].common(unit) for name, unit in named]
        return rows.assign(common_unit=pd.Series(units, index=rows.index, dtype=object))


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
    return found

"""The attention panel: how much reports say on topics, by region and year, ready for a regression.

A row is a region, a year and a topic. It is balanced: every region has every year between the first
and the last, and a cell without a number is empty, never 0, with the reason in `missing`. A region
is the same over new names and codes (`region_id`). Two reports of one region and year are said and
not added up.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import must_occur
from analysis.text import identity, places
from analysis.words import keywords

from . import cells, joins
from .topics import Topics, of

HEADINGS = ("in", "out")
"""Whether headings are sentences of a report."""

PARTS = ("done", "problems", "plan")
"""What a panel by part has."""

PER_TOKENS = 1_000
"""rate_tokens is per this many words, as rate_chars is per `keywords.PER` characters."""

PLACE = ["region", "region_code", "region_id", "province", "level", "year", "year_given"]
MEASURES = ["n", "n_sentences", "rate_chars", "rate_tokens", "share_sentences"]
SIZES = ["N_chars", "N_tokens", "N_sentences"]
SOURCE = ["reports", "report_id", "sha256", "quality", "missing"]
COLUMNS = [*PLACE, "topic", *MEASURES[:2], *SIZES, *MEASURES[2:], *SOURCE]

NO_REPORT, TWO, UNREADABLE = "no report", "two reports", "unreadable"
NOT_FOUND = " not found"
"""What `missing` says; of a part, its name before the last."""

_LISTED = 10


@dataclass
class Panel:
    """A panel with what its codebook needs to know.

    entries : topic, entry, n: how often each entry of a topic counts in the cells of the panel.
    said : sentences on what a reader should know before using it.
    joined : columns from elsewhere (`joins`), with what is known of them.
    merged : columns of a user's table, with the name of its file.
    """

    table: pd.DataFrame
    topics: Topics
    entries: pd.DataFrame
    headings: str
    by_part: bool
    said: list[str] = field(default_factory=list)
    joined: dict[str, joins.Column] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[str]:
        """What tells the rows of one topic apart."""
        return [*PLACE, *(["part"] if self.by_part else [])]

    def wide(self) -> pd.DataFrame:
        """A row for each region and year, a column for each measure and topic (`columns`)."""
        ids, first = self.topics.codebook.ids, self.table["topic"] == self.topics.codebook.ids[0]
        at = self.table[first].reset_index(drop=True)
        by_topic = dict(iter(self.table.groupby("topic", sort=False)))
        made = {
            name: by_topic[topic][measure].reset_index(drop=True)
            for (measure, topic), name in columns(ids).items()
        }
        front, back = [*self.keys, *SIZES], [*self.joined, *SOURCE]
        return pd.concat([at[front], pd.DataFrame(made), at[back]], axis=1)

    def merge(self, table: pd.DataFrame, path: Path) -> pd.DataFrame:
        """Its table, long or wide, with the columns of a user's table (`joins.merge`)."""
        both, names, unmatched = joins.merge(table, path)
        self.merged |= dict.fromkeys(names, path.name)
        self.said += unmatched
        return both

    def say(self) -> None:
        """Print what a reader should know."""
        for sentence in self.said:
            print(sentence, file=sys.stderr)


def columns(ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """The name of each measure of each topic in a wide panel: ASCII, as long as Stata takes."""
    longest = tables.stata.LONGEST - max(map(len, MEASURES)) - 1
    short = dict(zip(ids, tables.stata.names(ids, longest), strict=True))
    return {(measure, topic): f"{measure}_{short[topic]}" for measure in MEASURES for topic in ids}


def build(
    study: Any,
    topics: Any = "",
    *,
    terms: Sequence[str] = (),
    by_part: bool = False,
    headings: str = "in",
    indicators: Sequence[str] = (),
) -> Panel:
    """Make a panel of the reports that are wanted.

    InputError for a bad list of words or an unknown indicator.

    Parameters
    ----------
    topics, terms : what is counted, see `topics.of`; the study's themes if neither is given.
    by_part : a row for each of `PARTS` of a report.
    headings : one of `HEADINGS`.
    indicators : ids of indicators whose outcomes and targets stand beside it.

    Returns
    -------
    Panel
        Its table has `COLUMNS`, with `part` before `topic` where it is by part: n (hits), rates
        per 10,000 characters and per 1,000 words, the share of sentences with a hit.
    """
    must_occur("headings", [headings], HEADINGS)
    joins.known(study, indicators)
    chosen = of(study, topics, terms)
    grid, keys = regions(study.reports), keys_of(by_part=by_part)
    counts = kept(cells.counts(study, chosen), headings)
    sizes = kept(cells.sizes(study), headings)
    sized = with_sizes(grid, sizes, by_part=by_part)
    sized["quality"] = _quality(study, sized, sizes)
    table = measured(sized, counts, chosen.codebook.ids, keys)
    made = Panel(table, chosen, _entries(table, counts, keys), headings, by_part)
    made.said += _said(grid)
    made.table = table[[*made.keys, *COLUMNS[len(PLACE) :]]]
    names = {row.region: _unit(row).key for row in tables.rows(study.reports) if indicators}
    for name, column in joins.indicators(study, made.table, indicators, names, made.said).items():
        made.joined[name] = column
        made.table[name] = column.values
    return made


# -- regions and years ----------------------------------------------------------------------------


class Unit(NamedTuple):
    """A region: what holds its years together, and what it was called in one of them."""

    key: str
    region: str
    code: str
    region_id: str
    province: str
    level: str


def _unit(row: Any) -> Unit:
    """The region of a report, as it was in the year reported on."""
    found = places.candidates(row.region, year=int(row.year), short=True)
    own = [one for one in found if one.code == row.region_code] or found
    place = own[0] if len(own) == 1 else None
    code = row.region_code or (place.code if place else "")
    region_id = place.region_id if place else code
    province = identity.province_in(row.region, code, int(row.year))
    region = place.name if place else row.region
    return Unit(region_id or row.region, region, code, region_id, province, row.level)


def _then(unit: Unit, year: int) -> Unit:
    """A region in a year of which there is no report."""
    found = places.candidates(unit.region, year=year)
    place = next((one for one in found if one.region_id == unit.region_id), None)
    return unit._replace(region=place.name, code=place.code) if place else unit


def regions(reports: pd.DataFrame) -> pd.DataFrame:
    """Each region in each year between the first and the last, with its reports."""
    units = {row.report_id: _unit(row) for row in tables.rows(reports)}
    there: dict[tuple[str, int], list[Any]] = {}
    for row in tables.rows(reports):
        there.setdefault((units[row.report_id].key, int(row.year)), []).append(row)
    order = sorted({(unit.code[:2] or "~", unit.region_id, unit.key) for unit in units.values()})
    first, last = int(reports["year"].min()), int(reports["year"].max())
    rows = []
    for key in dict.fromkeys(key for *_, key in order):
        known = {year: own for (one, year), own in there.items() if one == key}
        for year in range(first, last + 1):
            own = known.get(year, [])
            near = min(known, key=lambda one: (abs(one - year), one))
            unit = units[known[near][0].report_id]
            rows.append(_cell(unit if own else _then(unit, year), year, own))
    return pd.DataFrame(rows).astype({"year": "Int64", "year_given": "Int64", "reports": "Int64"})


def _cell(unit: Unit, year: int, own: Sequence[Any]) -> dict[str, Any]:
    given = {row.year_given for row in own if not pd.isna(row.year_given)}
    return {
        **{"key": unit.key, "region": unit.region, "region_code": unit.code},
        **{"region_id": unit.region_id, "province": unit.province, "level": unit.level},
        **{"year": year, "year_given": given.pop() if len(given) == 1 else pd.NA},
        **{"reports": len(own), "report_id": ";".join(row.report_id for row in own)},
        "sha256": ";".join(row.sha256 for row in own),
        "missing": {0: NO_REPORT, 1: ""}.get(len(own), TWO),
    }


def _said(grid: pd.DataFrame) -> Iterator[str]:
    for row in tables.rows(grid[grid["missing"] == TWO]):
        which = " and ".join(row.report_id.split(";"))
        yield (
            f"{row.region} {row.year} has {row.reports} reports, {which}; its numbers stay empty: "
            "leave one out (--reports), or take its row out of reports.csv."
        )
    if without := sorted(set(grid.loc[grid["region_code"] == "", "region"])):
        yield f"no code is known of {listed(without)}; region_code is empty there."
    if none := int((grid["missing"] == NO_REPORT).sum()):
        yield f"{none} of {len(grid)} regions and years have no report; they are empty rows."


def listed(things: Sequence[str]) -> str:
    """The first ten of some things, and how many more there are."""
    more = len(things) - _LISTED
    return ", ".join(things[:_LISTED]) + (f" and {more} more" if more > 0 else "")


# -- numbers --------------------------------------------------------------------------------------


def keys_of(*, by_part: bool) -> list[str]:
    """What one number is summed over."""
    return ["report_id", "part"] if by_part else ["report_id"]


def kept(table: pd.DataFrame, headings: str) -> pd.DataFrame:
    """The rows of a table of `cells` that count."""
    return table if headings == "in" else table[~table["is_heading"].astype(bool)]


def with_sizes(grid: pd.DataFrame, sizes: pd.DataFrame, *, by_part: bool) -> pd.DataFrame:
    """The grid with the sizes of what is counted in, empty where there is nothing."""
    keys = keys_of(by_part=by_part)
    sums = sizes.groupby(keys, as_index=False)[[*SIZES, "N_shown"]].sum()
    whole = sizes.groupby("report_id")["N_chars"].sum()
    if by_part:
        grid = grid.merge(pd.DataFrame({"part": PARTS}), how="cross")
    made = grid.merge(sums[sums["N_chars"] > 0], on=keys, how="left")
    single, empty = made["reports"] == 1, made["N_chars"].isna()
    unread = ~made["report_id"].map(whole).fillna(0).gt(0)
    made.loc[single & unread, "missing"] = UNREADABLE
    if by_part:
        lacks = single & empty & ~unread
        made.loc[lacks, "missing"] = made.loc[lacks, "part"] + NOT_FOUND
    return made.astype(dict.fromkeys([*SIZES, "N_shown"], "Int64"))


def _quality(study: Any, table: pd.DataFrame, sizes: pd.DataFrame) -> list[str]:
    """What still looks damaged in the report of each row, and which parts it has not."""
    damage = cells.quality(study)
    parts = sizes.groupby("report_id")["part"].agg(set).to_dict()
    said: dict[str, str] = {}
    for key, text in damage.items():
        lacking = [part for part in ("done", "plan") if part not in parts.get(key, ())]
        none = "no parts found" if len(lacking) == 2 else ""
        of_parts = none or ", ".join(f"no {part} found" for part in lacking)
        said[key] = ", ".join(filter(None, [text, of_parts]))
    return [said.get(key, "") for key in table["report_id"]]


def measured(
    sized: pd.DataFrame,
    counts: pd.DataFrame,
    ids: Sequence[str],
    keys: Sequence[str],
    n: str = "n",
    tokens: str = "N_tokens",
) -> pd.DataFrame:
    """Each row of sizes for each topic, with n and the rates.

    Parameters
    ----------
    n, tokens : the columns that are counted, and that words are of.
    """
    own = counts[counts["entry"] == ""].groupby([*keys, "topic"], as_index=False)
    sums = own[[n, "n_sentences"]].sum().rename(columns={n: "n"})
    made = sized.merge(pd.DataFrame({"topic": list(ids)}), how="cross")
    made = made.merge(sums, on=[*keys, "topic"], how="left")
    there = made["N_chars"].notna()
    for name in ("n", "n_sentences"):
        made[name] = made[name].fillna(0).astype("Int64").where(there)
    made["rate_chars"] = _share(made, "n", "N_chars") * keywords.PER
    made["rate_tokens"] = _share(made, "n", tokens) * PER_TOKENS
    made["share_sentences"] = _share(made, "n_sentences", "N_sentences")
    return made


def _share(table: pd.DataFrame, n: str, of: str) -> pd.Series[float]:
    whole = table[of].astype("float64")
    return table[n].astype("float64") / whole.where(whole > 0)


def _entries(table: pd.DataFrame, counts: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """How often each entry counts in the cells that have numbers."""
    there = table.loc[table["n"].notna(), list(keys)].drop_duplicates()
    own = counts[counts["entry"] != ""].merge(there, on=list(keys))
    summed: pd.DataFrame = own.groupby(["topic", "entry"], as_index=False)[["n"]].sum()
    return summed

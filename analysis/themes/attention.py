"""What a panel of topics says: the middle of a level, ranks in a year, an order, first uses.

Every function takes the long panel (a row a region, year and topic, see `Study.panel`) and returns
rows of it with columns added, so that each number still leads to its report. A cell without a
number is never 0: it takes part in nothing and stays where it is.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.kit import InputError, must_occur

LEAST = 3
"""How many regions a median and quartiles need."""

_PLACE = ["topic", "place", "region", "region_code", "region_id", "province", "level"]
_PLACE += ["year", "year_given"]
_ADOPTED = ["early", "from_start", "reports_later", "used_later", "share", "until", "years_known"]

YEARS = ("year", "year_given")
"""What a year may be: the one reported on, or that in the report's title."""


def one(panel: pd.DataFrame, topic: str = "", level: str = "") -> pd.DataFrame:
    """The rows of one topic and one level, with `place`: a region through all its names.

    InputError for a topic or level that the panel does not have, or for several parts of reports.

    Parameters
    ----------
    topic : '' for the first of the panel. level : '' for the one that most regions have.
    """
    rows = _placed(panel)
    if rows.empty:
        return rows
    if level := level or str(rows.drop_duplicates("place")["level"].mode().iloc[0]):
        must_occur("level", [level], set(rows["level"]))
    topic = topic or str(rows["topic"].iloc[0])
    must_occur("topic", [topic], set(rows["topic"]))
    return rows[(rows["topic"] == topic) & (rows["level"] == level)].reset_index(drop=True)


def _placed(panel: pd.DataFrame) -> pd.DataFrame:
    if "part" in panel and panel["part"].nunique() > 1:
        parts = ", ".join(map(str, panel["part"].unique()))
        raise InputError(f"the panel has rows by part ({parts}); keep those of one part.")
    own = panel["region_id"].fillna("").astype(str)
    return panel.assign(place=own.where(own != "", panel["region"]))


def spread(panel: pd.DataFrame, value: str = "rate_chars", at: str = "year") -> pd.DataFrame:
    """Each row with the median and quartiles of its level in its year.

    Added are `regions` (of the level that have a number of the topic in the year), `median`, `low`
    and `high` (quartiles, linear between neighbours); empty for fewer than `LEAST` regions.
    """
    must_occur("at", [at], YEARS)
    groups = panel.groupby(["topic", "level", at], dropna=False)[value]
    regions = groups.transform("count")
    made = {"low": 0.25, "median": 0.5, "high": 0.75}
    found = {
        name: groups.transform("quantile", q).where(regions >= LEAST) for name, q in made.items()
    }
    return _placed(panel).assign(regions=regions, **found)


def ranked(
    rows: pd.DataFrame,
    year: int | None = None,
    since: int | None = None,
    value: str = "rate_chars",
    at: str = "year",
) -> pd.DataFrame:
    """The regions of one topic and level (`one`) in one year, the largest first, the missing last.

    InputError for a year that is not in the panel. Added are `rank` (equal ones share the better
    one), `tied`, and `since`, `before` (the value in that year) and `change`.

    Parameters
    ----------
    year : None for the last one with a number. since : None for the year before.
    """
    must_occur("at", [at], YEARS)
    known = rows.loc[rows[value].notna(), at].dropna()
    asked = [str(one) for one in (year, since) if one is not None]
    must_occur("year", asked if len(rows) else [], {str(one) for one in rows[at].dropna()})
    if year is None and len(known):
        year = int(known.max())
    since = since if since is not None or year is None else year - 1
    own = rows[rows[at] == year].drop_duplicates("place")
    earlier = rows[rows[at] == since].drop_duplicates("place").set_index("place")[value]
    rank = own[value].rank(method="min", ascending=False)
    before = own["place"].map(earlier).astype(float)
    made = own.assign(
        rank=rank, tied=rank.duplicated(keep=False) & rank.notna(), since=since, before=before
    )
    made["change"] = made[value].astype(float) - made["before"]
    return made.sort_values(["rank", "region_code", "region"], kind="stable", ignore_index=True)


def ordered(
    rows: pd.DataFrame, value: str = "rate_chars", at: str = "year", *, mean: bool = False
) -> pd.DataFrame:
    """The rows of one topic and level (`one`), the regions with the largest value first.

    `order` is that value: of the last year that any region has, or the mean of all years
    (`order_of` says which); regions without it come last.
    """
    must_occur("at", [at], YEARS)
    known = rows[rows[value].notna()]
    last = known[known[at] == known[at].max()]
    order = (known if mean else last).groupby("place")[value].mean()
    said = "mean" if mean or last.empty else str(int(last[at].iloc[0]))
    made = rows.assign(order=rows["place"].map(order).astype(float), order_of=said)
    keys = ["order", "place", at]
    return made.sort_values(keys, ascending=[False, True, True], ignore_index=True)


def adopted(
    panel: pd.DataFrame, hits: pd.DataFrame, level: str = "", at: str = "year"
) -> pd.DataFrame:
    """Each region's first report with each topic: one row a topic and region, in this order.

    Parameters
    ----------
    hits : report_id, sentence_id, key (the topic), in the order of the texts.

    Returns
    -------
    DataFrame
        The row of the panel, without a year for a region that never used it, with `sentence_id`
        (of the first hit), `early` (whether the region has no number of the year before: it may
        have been earlier), `from_start` (whether it has none of any year before),
        `reports_later`, `used_later` (of these, with the topic), `share` (of the regions that have
        any number, those that used it so far, this one included), `until` (the last year of any
        number), `years_known` (years of which any region has a number).
    """
    must_occur("at", [at], YEARS)
    first = hits.drop_duplicates(["report_id", "key"])
    sentence = first.set_index(["report_id", "key"])["sentence_id"].to_dict()
    found = []
    for topic in dict.fromkeys(panel["topic"]):
        rows = one(panel, topic, level)
        known = rows[rows["n"].notna() & rows[at].notna()].sort_values(
            [at, "region_code", "region"], kind="stable"
        )
        used = known[known["n"] > 0].drop_duplicates("place")
        never = known[~known["place"].isin(used["place"])].drop_duplicates("place", keep="last")
        years = known.groupby("place")[at].agg(set)
        uses = known[known["n"] > 0].groupby("place")[at].agg(list)
        when = list(zip(used["place"], used[at].astype(int), strict=True))
        used = used.assign(
            sentence_id=[sentence.get((key, topic), "") for key in used["report_id"]],
            early=[year - 1 not in years[place] for place, year in when],
            from_start=[year == min(years[place]) for place, year in when],
            reports_later=[sum(one > year for one in years[place]) for place, year in when],
            used_later=[sum(one > year for one in uses[place]) for place, year in when],
            share=[(count + 1) / len(years) for count in range(len(used))],
        )
        every = ";".join(str(year) for year in sorted(known[at].astype(int).unique()))
        both = {"until": known[at].max(), "years_known": every}
        used, never = (part.assign(**both) for part in (used, never))
        blank: dict[str, Any] = dict.fromkeys(YEARS, pd.NA)
        blank |= {"report_id": "", "sentence_id": "", "n": 0, "early": False, "from_start": False}
        found += [used, never.assign(**blank)]
    columns = [*_PLACE, "report_id", "sentence_id", "n", *_ADOPTED]
    return pd.concat(found or [panel], ignore_index=True).reindex(columns=columns)

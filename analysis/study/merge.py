"""Rows of unchanged reports, taken over from the shards of before.

Tables of a shard number its reports; a report that moves, or gets a new neighbour, gets another
number. What comes out has the rows in the order of a shard that is made at once, to the byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from . import shards


def with_kept(
    made: dict[str, pa.Table], kept: Mapping[str, Path], ids: Sequence[str]
) -> dict[str, pa.Table]:
    """New tables with the rows of unchanged reports among them, as a build at once has them.

    Parameters
    ----------
    made : the tables of the new reports, see `chunk.of`.
    kept : id of each unchanged report → the folder of the shard that has its rows.
    ids : all reports of the shard to be, in the order of their numbers.
    """
    if not kept:
        return made
    number = {key: at for at, key in enumerate(ids)}
    fresh = [key for key in ids if key not in kept]
    pieces = {name: [_numbered(table, fresh, number)] for name, table in made.items()}
    for place in sorted(set(kept.values())):
        listed = pq.read_table(place / "reports.parquet", columns=["report_id"])[0].to_pylist()
        own = [key if kept.get(key) == place else "" for key in listed]
        for name, tables_of in pieces.items():
            tables_of.append(_numbered(pq.read_table(place / f"{name}.parquet"), own, number))
    both = {}
    for name, tables_of in pieces.items():
        table = pa.concat_tables([shards.plain(one) for one in tables_of])
        by = ["key", "report", "place"] if name == "counts" else ["report"]
        order = pc.sort_indices(table, [(column, "ascending") for column in by])  # a stable sort
        both[name] = table.take(order).select(made[name].schema.names)
    return both


def _numbered(table: pa.Table, listed: list[str], number: dict[str, int]) -> pa.Table:
    """The rows of the reports in `number`, which is also what their column `report` becomes.

    `listed` are the ids of the reports that the table numbers, '' for those not wanted.
    """
    if "report_id" in table.column_names:
        column = "report_id"
        places: dict[Any, int] = {key: number[key] for key in listed if key in number}
    else:
        column = "report"
        places = {at: number[key] for at, key in enumerate(listed) if key in number}
    old = table[column]
    table = table.drop_columns([name for name in table.column_names if name == "report"])
    found = pc.index_in(old, pa.array(list(places), old.type))
    new = pc.take(pa.array(list(places.values()), pa.int32()), found)
    return table.append_column("report", new).filter(pc.is_valid(found))

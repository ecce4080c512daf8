"""What changes if…: two runs side by side, from their settings to the sentences whose code changed.

A run is a folder of bundles, as a batch or a notebook writes them, or one bundle. Bundles are
paired by notebook and figure; of several, those with the most equal options belong together. What
was asked for (options, versions, inputs) stands in provenance.json, what came out in data.csv, and
the code of each sentence in hits.csv: the comparison reads these files and nothing else.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.bundle import provenance
from analysis.kit import InputError, as_written
from analysis.words import slices

from .units import notebook_of

_SHOWN = 20
_NAMED = 5  # sentences a bundle gained or lost that are named
_PLACE = ("region", "role", "year", "period")
_KEYS = (
    *("key", "theme", "other", "source", "target", "hand", "coded", "report_id", "document_id"),
    *("sentence_id", "section", "part", *_PLACE),
)
_FIGURE_KEYS = ("indicator_id", *_PLACE, "measure_kind", "definition", "source_id")
_OF_THE_BUNDLE = ("figure", "title", "files", "hash", "cited")
_COLUMNS = {
    "settings": "bundle setting before after",
    "missing": "bundle run",
    "rows": "bundle row what column before after difference",
    "codes": "sentence_id theme_before theme_after rule_before rule_after",
    "evidence": "bundle only_a only_b lost gained",
}


@dataclass(frozen=True)
class Difference:
    """Two runs side by side, a table for each kind of difference; str() is for the terminal.

    settings : bundle, setting, before, after. missing : bundle, run (`A` or `B`, which has it).
    rows : bundle, row, what (`changed`, `only in A`, `only in B`), column, before, after,
    difference (after − before, NaN where a side is no number). codes : sentence_id, theme_before,
    theme_after, rule_before, rule_after ('' on a side that does not show the sentence).
    evidence : bundle, only_a, only_b (rows of hits.csv), lost, gained (the sentences that stand in
    hits.csv of A only, of B only: tuples). pairs : how many bundles were compared. touched : a
    sentence for each table that was changed after its figure was drawn.
    """

    pairs: int
    settings: pd.DataFrame
    missing: pd.DataFrame
    rows: pd.DataFrame
    codes: pd.DataFrame
    evidence: pd.DataFrame
    touched: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether nothing at all differs."""
        return not self.touched and all(getattr(self, name).empty for name in _COLUMNS)

    def __str__(self) -> str:
        """The differences, settings first; a long list is cut and says so."""
        if self.same:
            return f"no difference; {self.pairs} bundles compared."
        lines = [*self.touched]
        said = ["setting", "before", "after"]
        for (name, before, after), group in self.settings.groupby(said, sort=False):
            few = ", ".join(group["bundle"]) if len(group) <= _NAMED else ""
            where = f"  ({few or f'{len(group)} of {self.pairs} figures'})"
            where = "" if len(group) == self.pairs else where
            lines.append(f"{name}: {before} → {after}{where}")
        lines += [f"{row.bundle}: only in {row.run}" for row in tables.rows(self.missing)]
        for bundle, group in self.rows.groupby("bundle", sort=False):
            counts = Counter(group.drop_duplicates("row")["what"])
            lines.append(f"{bundle}/data.csv: " + ", ".join(f"{n} {w}" for w, n in counts.items()))
            lines += _cut(_line(row, cells) for row, cells in group.groupby("row", sort=False))
        if len(self.codes):
            lines.append(f"{len(self.codes)} sentences whose code changed")
        lines += _cut(
            f"  {row.sentence_id}: {row.theme_before or '–'} → {row.theme_after or '–'}  "
            f"({row.rule_before or '–'} → {row.rule_after or '–'})"
            for row in tables.rows(self.codes)
        )
        for row in tables.rows(self.evidence):
            lines.append(f"{row.bundle}/hits.csv: {row.only_a} rows only in A, {row.only_b} in B")
            for run, only in (("A", row.lost), ("B", row.gained)):
                more = f" and {len(only) - _NAMED} more" if len(only) > _NAMED else ""
                lines += [f"  only in {run}: {', '.join(only[:_NAMED])}{more}"] if only else []
        return "\n".join(lines)


class _Bundle(NamedTuple):
    path: Path
    notebook: str
    record: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def kind(self) -> tuple[str, str]:
        return self.notebook, self.record["figure"]

    def table(self, name: str) -> pd.DataFrame:
        return tables.csvfile.cells(self.path / f"{name}.csv")


def compare(a: Path, b: Path) -> Difference:
    """Hold run A against run B.

    InputError if a folder is missing or holds no bundle, or a bundle lacks one of its tables.
    """
    found: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _COLUMNS}
    pairs, found["missing"] = _pair(_bundles(a), _bundles(b))
    for left, right in pairs:
        with as_written(right.path, "render both again"):
            _held(left, right, found)
    found["codes"] = list(dict.fromkeys(found["codes"]))
    frames = {
        name: pd.DataFrame(found[name], columns=columns.split())
        for name, columns in _COLUMNS.items()
    }
    both = [side for pair in pairs for side in pair]
    touched = (str(one) for side in both for one in provenance.touched(side.path, side.record))
    return Difference(len(pairs), **frames, touched=(*dict.fromkeys(touched),))


def _held(left: _Bundle, right: _Bundle, found: dict[str, list[tuple[Any, ...]]]) -> None:
    """Hold two bundles against each other; what differs goes into `found`."""
    data, hits = ([side.table(table) for side in (left, right)] for table in ("data", "hits"))
    differ = {"settings": _settings(left.record, right.record)}
    differ |= {"rows": _rows(*data), "evidence": _evidence(*hits)}
    for name, rows in differ.items():
        found[name] += [(left.name, *row) for row in rows]
    if {"sentence_id", "primary_theme", "rule"} <= {*hits[0]} & {*hits[1]}:
        found["codes"] += _codes(*hits)


def _bundles(run: Path) -> list[_Bundle]:
    """The bundles of a run: itself, those in it, those in its units."""
    if not run.is_dir():
        raise InputError("no such folder; give one that `gongbao render --out` wrote.", path=run)
    found = []
    for depth in range(3):
        for path in sorted(run.glob("*/" * depth + "provenance.json")):
            unit = path.parent.parent.name if depth == 2 else ""
            found.append(_Bundle(path.parent, notebook_of(unit), provenance.read(path.parent)))
    if not found:
        raise InputError(
            "holds no bundle (no */*/provenance.json); give a folder that `gongbao report` or "
            "`gongbao render --out` wrote.",
            path=run,
        )
    return found


def _pair(
    left: list[_Bundle], right: list[_Bundle]
) -> tuple[list[tuple[_Bundle, _Bundle]], list[tuple[Any, ...]]]:
    """Bundles that belong together, and those of one run only with the run's letter.

    Where a figure stands several times in a run, two belong together if they share a report, or if
    no two of the figure do; first those of the same reports, then those with the most equal
    options.
    """
    candidates: dict[tuple[str, str], list[tuple[bool, bool, int, int, int]]] = {}
    for i, one in enumerate(left):
        for j, other in enumerate(right):
            if one.kind == other.kind:
                options, others = one.record["options"], other.record["options"]
                reports = _wanted(one.record), _wanted(other.record)
                alike = reports[0] == reports[1]
                apart = not alike and not {*reports[0]} & {*reports[1]}
                equal = sum(name in others and others[name] == options[name] for name in options)
                candidates.setdefault(one.kind, []).append((apart, not alike, -equal, i, j))
    pairs: dict[int, int] = {}
    for some in candidates.values():
        nearest = min(some)[0]
        for apart, _, _, i, j in sorted(some):
            if apart == nearest and i not in pairs and j not in pairs.values():
                pairs[i] = j
    missing = [(one.name, "A") for i, one in enumerate(left) if i not in pairs]
    missing += [(one.name, "B") for j, one in enumerate(right) if j not in pairs.values()]
    return [(left[i], right[pairs[i]]) for i in sorted(pairs)], missing


def _wanted(record: dict[str, Any]) -> list[str]:
    """The reports that a figure was asked for: those that met conditions, by their ids."""
    given: list[str] = record["options"].get("reports", [])
    if any(map(slices.is_condition, given)):
        return [row["report_id"] for row in record["reports"]]
    return given


def _settings(left: dict[str, Any], right: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What provenance says of how two bundles were made, where it differs."""
    before, after = dict(_flat(left)), dict(_flat(right))
    for name in sorted({**before, **after}):
        values = before.get(name, "–"), after.get(name, "–")
        if values[0] != values[1] and name.split(".")[0] not in _OF_THE_BUNDLE:
            yield name, *values


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A record's leaves with dotted names; a report goes by its id."""
    if name == "reports":
        value = {report["report_id"]: report for report in value}
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(item, f"{name}.{key}".removeprefix("."))
    else:
        plain = isinstance(value, str) and value
        yield name, value if plain else json.dumps(value, ensure_ascii=False)


def _rows(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """row, what, column, before, after, difference of every row and cell that differs.

    Rows are matched on the columns that say what they are about; in a table without such columns,
    on its texts.
    """
    shared = [str(name) for name in left if name in right]
    known = _FIGURE_KEYS if "indicator_id" in shared else _KEYS
    keys = [name for name in shared if name in known]
    keys = keys or [name for name in shared if left[name].map(_number).isna().all()] or shared
    before, after = (_by(own, keys) if keys else {} for own in (left, right))
    for name in dict.fromkeys([*left, *right]):
        if name not in shared:
            yield name, f"column only in {'A' if name in left else 'B'}", "", "", "", math.nan
    for key in {**before, **after}:
        row = ", ".join(f"{name} {said}" for name, said in zip(keys, key, strict=False) if said)
        row += f" ({key[-1] + 1})" if key[-1] else ""
        if key not in before or key not in after:
            yield row, f"only in {'A' if key in before else 'B'}", "", "", "", math.nan
            continue
        for column in shared:
            old, new = before[key][column], after[key][column]
            if old != new:
                yield row, "changed", column, old, new, _number(new) - _number(old)


def _evidence(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    """only_a, only_b, lost, gained of two tables of hits, if their rows differ."""
    rows = [Counter(map(repr, frame.to_dict("records"))) for frame in (left, right)]
    if rows[0] != rows[1]:
        ids = [dict.fromkeys(frame.get("sentence_id", [])) for frame in (left, right)]
        lost, gained = (
            tuple(key for key in own if key and key not in other) for own, other in (ids, ids[::-1])
        )
        yield (rows[0] - rows[1]).total(), (rows[1] - rows[0]).total(), lost, gained


def _codes(left: pd.DataFrame, right: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    """Sentences whose primary theme differs, as a row of `Difference.codes`."""
    before, after = _by(left, ["sentence_id"]), _by(right, ["sentence_id"])
    for key in {**before, **after}:
        old, new = before.get(key, {}), after.get(key, {})
        if old.get("primary_theme") != new.get("primary_theme"):
            names = ("primary_theme", "rule")
            yield key[0], *(side.get(name, "") for name in names for side in (old, new))


def _by(frame: pd.DataFrame, keys: list[str]) -> dict[tuple[Any, ...], dict[Any, str]]:
    """Each row under its key, whose last item counts the rows with the same one."""
    nth = frame.groupby(keys, sort=False).cumcount()
    places = zip(*(frame[name] for name in keys), nth, strict=True)
    return dict(zip(places, frame.to_dict("records"), strict=True))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def _line(row: Any, cells: pd.DataFrame) -> str:
    """One row's differences in a line."""
    if (what := cells["what"].iloc[0]) != "changed":
        return f"  {row}: {what}"
    said = [
        f"{cell.column} {cell.before or '–'} → {cell.after or '–'}"
        + ("" if pd.isna(cell.difference) else f" ({cell.difference:+.6g})")
        for cell in tables.rows(cells)
    ]
    return f"  {row}: " + ", ".join(said)


def _cut(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    more = [f"  … and {len(every) - _SHOWN} more"] if len(every) > _SHOWN else []
    return every[:_SHOWN] + more

"""Gold: what a sentence's code is, once those who coded it agree or somebody has decided.

Codes that differ, and codes that somebody was unsure of, go into a workbook for one who decides:
in a drawn order, the codes of a sentence in a drawn order too, no coder named. history.csv keeps
who decided, when, and from which codes, and only grows; the last word on a sentence is what
themes.csv holds, which codings are held against (`gongbao validate`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import InputError, files
from analysis.tables import judged

from . import handcodes
from .workflow import PLACE, RESERVED, coded, meanings, taken

if TYPE_CHECKING:
    from .codebook import Codebook

HISTORY = Path("validation") / "history.csv"
"""Where a study keeps every decision about a gold code."""

KEPT = (
    *(*PLACE, "quote", "codebook", "version", "primary_theme", "other_themes", "how"),
    *("coder", "decided_on", "given", "note"),
)
"""Its columns. how : adjudicated, agreed (two or more coders), single (the only one, on demand);
given : the codes that it was decided from, with coder and wave."""

_SHOWN = ("report_id", "sentence_id", "heading", "text", "given")
_ASKED = ("primary_theme", "other_themes", "note")
_FIXED = (*_SHOWN, "codebook", "version", *PLACE, "state")
_COLUMNS = (*_SHOWN, *_ASKED, "codebook", "version", *PLACE, "state", "seal")


@dataclass(frozen=True)
class Case:
    """A sentence and all that its coders said of it.

    row : the sentence's row in `sentences`, with sha256; codes : one dict a coder and wave.
    last : the last decision about it, if any.
    """

    row: Mapping[str, Any]
    codes: tuple[Mapping[str, Any], ...]
    last: Mapping[str, Any] | None

    @property
    def given(self) -> str:
        """All codes, with who gave them."""
        return " | ".join(
            f"{one['coder']} (wave {one['wave']}): {_said(one)}" for one in self.codes
        )

    @property
    def kind(self) -> str:
        """`open` where codes differ or somebody was unsure, otherwise `agreed` or `single`."""
        if len({one["primary_theme"] for one in self.codes}) > 1:
            return "open"
        if any(one["unsure"] for one in self.codes):
            return "open"
        return "agreed" if len({one["coder"] for one in self.codes}) > 1 else "single"

    @property
    def common(self) -> dict[str, str]:
        """The code that all gave, and the other themes that all saw."""
        others = [set(one["other_themes"].split(";")) for one in self.codes]
        common = ";".join(sorted(set.intersection(*others)))
        return {"primary_theme": self.codes[0]["primary_theme"], "other_themes": common}

    @property
    def settled(self) -> bool:
        """Whether it was decided from these very codes."""
        return self.last is not None and self.last["given"] == self.given

    @property
    def state(self) -> str:
        """What a workbook was written from: codes, and the last decision."""
        return judged.seal([self.given, *(self.last or {}).values()])

    @property
    def place(self) -> tuple[str, ...]:
        """Where it stands, as text."""
        return tuple(str(self.row[name]) for name in PLACE)


def _said(code: Mapping[str, Any]) -> str:
    """A code in a cell: what, and whether unsure."""
    themes = [code["primary_theme"], *filter(None, code["other_themes"].split(";"))]
    return ", ".join(themes) + (" [unsure]" if code["unsure"] else "")


def cases(
    folder: Path, codebook: str, sentences: pd.DataFrame, sha256: Mapping[str, str], codes: Path
) -> tuple[list[Case], list[str]]:
    """The sentences that were coded by hand, by place; a sentence for each code without a place.

    folder : the study's, whose history is read; codes : the file of what was collected.
    """
    held: dict[str, list[dict[str, Any]]] = {}
    lost: list[str] = []
    for _, own in taken(codes, codebook).groupby("wave"):
        about = own.assign(report_id="", sentence_id="")
        placed = handcodes.place(about, sentences, sha256)
        lost += placed.lost
        of = dict(zip(placed.codes["where"], placed.codes["sentence_id"], strict=True))
        for row in own.to_dict("records"):
            if row["where"] in of:
                held.setdefault(of[row["where"]], []).append({str(k): v for k, v in row.items()})
    last = _last_of(judged.kept(folder / HISTORY, KEPT), codebook)
    own = sentences[sentences["sentence_id"].isin(held)]
    own = own.assign(sha256=own["report_id"].map(sha256)).sort_values(["sha256", "raw_start"])
    found = []
    for row in own.to_dict("records"):
        given = sorted(held[row["sentence_id"]], key=lambda one: (one["wave"], one["coder"]))
        case = Case({str(key): cell for key, cell in row.items()}, tuple(given), None)
        found.append(replace(case, last=last.get(case.place)))
    return found, lost


def _last_of(history: pd.DataFrame, codebook: str) -> dict[tuple[str, ...], Mapping[str, Any]]:
    """The last decision on each place."""
    own = history[history["codebook"] == codebook]
    rows = [{str(name): cell for name, cell in row.items()} for row in own.to_dict("records")]
    return {tuple(row[name] for name in PLACE): row for row in rows}


def write(
    found: list[Case], codebook: Codebook, path: Path, *, seed: int = 0, again: bool = False
) -> int:
    """Write a workbook of the cases that are open, in a drawn order; returns how many.

    `again` takes in those that were decided already. InputError if the file is filled in.
    """
    judged.blank(path, _ASKED[0])
    chance = np.random.default_rng(seed)
    rows = []
    open_ = [case for case in found if case.kind == "open" and (again or not case.settled)]
    for at in chance.permutation(len(open_)):
        case = open_[at]
        given = [case.codes[one] for one in chance.permutation(len(case.codes))]
        said = [_said(one) + (f": {one['note']}" if one["note"] else "") for one in given]
        row = {**case.row, **dict.fromkeys(_ASKED, ""), "given": "\n".join(said)}
        row |= {"codebook": codebook.id, "version": codebook.version, "state": case.state}
        rows.append(row | {"seal": judged.seal(row[name] for name in _FIXED)})
    sheet = pd.DataFrame(rows, columns=list(_COLUMNS))
    tables.workbook(path, {"sheet": sheet, "themes": meanings(codebook)}, {_ASKED[0]: "themes"})
    return len(rows)


class Settled(NamedTuple):
    """How many sentences were decided, and how many became gold as their coders agree."""

    decided: int
    agreed: int


def settle(
    folder: Path,
    found: list[Case],
    codebook: Codebook,
    *,
    decided_on: str,
    path: Path | None = None,
    coder: str = "",
    singles: bool = False,
) -> Settled:
    """Keep what was decided in a workbook, and what coders agree on, and write the gold anew.

    All of it or, if a row is refused (ProblemsError), nothing. `singles`: what only one coder
    coded becomes gold too. `found` is what `cases` returns now.
    """
    with files.locked(folder / HISTORY):
        before = judged.kept(folder / HISTORY, KEPT)
        last = _last_of(before, codebook.id)  # others decide too
        found = [replace(case, last=last.get(case.place)) for case in found]
        new = [
            _decision(case, codebook, case.common, case.kind, case.kind, decided_on)
            for case in found
            if case.kind in ("agreed", *(["single"] if singles else [])) and not case.settled
        ]
        decided = _decided(path, found, codebook, _signed(coder), decided_on) if path else []
        both = pd.concat([before, pd.DataFrame([*new, *decided], columns=list(KEPT))])
        made = _gold(folder / handcodes.GOLD, both, before)
        tables.write(both, folder / HISTORY)  # first: gold is made of it, and can be made again
        tables.write(made, folder / handcodes.GOLD)
    return Settled(len(decided), len(new))


def _signed(coder: str) -> str:
    try:
        name = judged.signed(coder)
    except ValueError as error:
        raise InputError(f"--coder: {error}") from None
    if name in RESERVED:
        raise InputError(f"--coder {name}: {name!r} says how a code was made; take another.")
    return name


def _decision(
    case: Case,
    codebook: Codebook,
    code: Mapping[str, Any],
    how: str,
    coder: str,
    decided_on: str,
) -> dict[str, str]:
    """A row of history.csv."""
    own = dict(zip(PLACE, case.place, strict=True)) | {"codebook": codebook.id}
    own |= {"quote": str(case.row["text"])[: handcodes.QUOTE], "version": codebook.version}
    own |= {name: code.get(name, "") for name in ("primary_theme", "other_themes", "note")}
    own |= {"how": how, "coder": coder, "decided_on": decided_on, "given": case.given}
    return own


def _decided(
    path: Path, found: list[Case], codebook: Codebook, coder: str, decided_on: str
) -> list[dict[str, str]]:
    """The decisions of a workbook that are new; ProblemsError for all that cannot be used."""
    good, bad = judged.rows(path, _COLUMNS, _FIXED)
    header, now = tables.records(path)[0], {case.place: case for case in found}
    filled, new = 0, []
    for line, cells in good:
        if not any(cells[name] for name in _ASKED):
            continue
        filled += 1
        row, wrong = coded(cells, codebook)
        if not cells["primary_theme"]:
            wrong.append(("primary_theme", "is empty, and the row says more; give a code."))
        if cells["codebook"] != codebook.id:
            wrong.append(("codebook", f"is {cells['codebook']}, not {codebook.id}."))
        case = now.get(tuple(cells[name].removesuffix(".0") for name in PLACE))
        if case is None:
            wrong.append(("sentence_id", "is no sentence that was coded, as the study is now."))
        elif case.state != cells["state"] and not _same(case, row, coder):
            said = "codes or decisions came since; write a new workbook."
            wrong.append(("state", f"{said} Last: {_last(case)}."))
        elif case.state == cells["state"] and not wrong:
            new.append(_decision(case, codebook, row, "adjudicated", coder, decided_on))
        for column, message in wrong:
            bad.append(judged.at_cell(path, line, header, column, message))
    if not bad and not new:
        said = "was applied already: nothing in it is new." if filled else "holds no decision."
        bad = [InputError(said, path=path)]
    if bad:
        raise judged.refused(bad)
    return sorted(new, key=lambda one: (one["sha256"], int(one["raw_start"])))


def _same(case: Case, row: Mapping[str, str], coder: str) -> bool:
    """Whether the last decision is this one."""
    last = case.last or {}
    return {**row, "coder": coder} == {name: last.get(name) for name in (*row, "coder")}


def _last(case: Case) -> str:
    last = case.last
    if last is None:
        return case.given
    return f"{last['primary_theme']} by {last['coder']} on {last['decided_on']}"


def _gold(path: Path, history: pd.DataFrame, before: pd.DataFrame) -> pd.DataFrame:
    """The file of hand codes with the last word on each sentence in place of those before it.

    Rows that are of no decision stay as they are, before the others. InputError if the file has
    other columns, or one who decides has signed a code of the same sentence there.
    """
    key = [*PLACE, "codebook"]
    last = history.drop_duplicates(key, keep="last")
    last = last.assign(at=last["raw_start"].astype(int)).sort_values(["codebook", "sha256", "at"])
    new = {tuple(row) for row in last[[*key, "coder"]].itertuples(index=False)}
    old = {tuple(row) for row in before[[*key, "coder"]].itertuples(index=False)}
    own = list(_others(path, new, old))
    columns = list(dict.fromkeys([*handcodes.COLUMNS, *(name for row in own for name in row)]))
    made = [{name: getattr(row, name, "") for name in columns} for row in tables.rows(last)]
    return pd.DataFrame([*own, *made], columns=columns).fillna("")


def _others(
    path: Path, new: set[tuple[str, ...]], old: set[tuple[str, ...]]
) -> Iterator[dict[str, str]]:
    """The rows of the gold that no decision made."""
    if not path.exists():
        return
    header, lines = tables.records(path)
    if missing := [name for name in handcodes.COLUMNS if name not in header]:
        said = f"lacks the columns {', '.join(missing)}; gold needs them, so add them."
        raise InputError(said, path=path, line=1)
    for line, cells in lines:
        signed = tuple(cells[name] for name in (*PLACE, "codebook", "coder"))
        if signed in old:
            continue
        if signed in new:
            said = f"{cells['coder']} has coded this sentence here already; sign otherwise."
            raise InputError(said, path=path, line=line)
        yield cells

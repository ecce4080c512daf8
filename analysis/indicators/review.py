"""What a person decided about figures and codes: a workbook to decide in, decisions that stay.

Extraction proposes, a person decides, and the decision is kept apart from both: anchored by the
file's sha256, the raw offsets and the quote, so that it survives a better restoration and a better
extraction. decisions.csv is append-only; the last decision on a place holds.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, must_occur, unknown
from analysis.themes import LAW, NONE, handcodes

from . import headline

if TYPE_CHECKING:
    from .codebook import IndicatorCodebook

_SHOWN = (
    *("report_id", "sentence_id", "part", "sentence", "quote", "what", "period", "damaged"),
    *("value", "unit", "bound", "measure_kind", "direction", "indicator_id"),
    *("decision", "coder", "note", "sha256", "raw_start", "raw_end"),
)
FIGURE = ["report_id", "sentence_id", "indicator_id", "measure_kind", "bound", "value"]
"""Columns that say which figure a row is: found, decided about, or written by hand."""

_CLOSED = "the figure {!r} is not open any more; write a new workbook."
_UNSIGNED = "coder is empty; who decides signs with a name."
_FIXED = ("quote", "what", "part", "period")
_EDITABLE = ("value", "unit", "bound", "measure_kind", "direction")
_LATER = ("period", "direction")  # which older workbooks lack
UNSURE = "OCR was unsure of a character of it"
"""What stands with a figure that a person decided about all the same."""

WITHDRAWN = "withdrawn"
"""A decision that takes one back."""

_ANCHOR = ("sha256", "raw_start", "raw_end")
_DECIDED = {
    **{"decision": "decision", "key": "key", "decided": "value", "coder": "coder"},
    **{"decided_on": "decided_on", "decision_note": "note"},
}
_CHOICES = {
    "bound": tables.CHOICES["indicators", "bound"],
    "measure_kind": tables.CHOICES["indicators", "measure_kind"],
    "direction": tables.CHOICES["indicators", "direction"],
    "decision": ("verified", "corrected", "rejected"),
}


def anchor(row: Any) -> tuple[str, ...]:
    """Where in which file a decision, or what it is about, stands."""
    return tuple(str(getattr(row, name)) for name in _ANCHOR)


def holding(decisions: pd.DataFrame) -> pd.DataFrame:
    """The decisions that nobody took back.

    One that is `withdrawn` takes back the last that its coder said of the place before it, so that
    the one before that holds again; the file keeps all of them.
    """
    if not (decisions["decision"] == WITHDRAWN).any():
        return decisions
    said: dict[tuple[str, ...], list[int]] = {}
    for at, row in enumerate(tables.rows(decisions)):
        own = said.setdefault((*anchor(row), row.about, row.codebook, row.coder), [])
        if row.decision != WITHDRAWN:
            own.append(at)
        elif own:
            own.pop()
    return decisions.iloc[sorted(at for own in said.values() for at in own)]


def withdrawal(decisions: pd.DataFrame) -> pd.DataFrame:
    """What takes some decisions back, today: the table `decisions`."""
    return decisions.assign(decision=WITHDRAWN, decided_on=today())


class Placed(NamedTuple):
    """The figures with what was decided about each, and the decisions that found no place."""

    figures: pd.DataFrame
    lost: list[str]


def place(figures: pd.DataFrame, decisions: pd.DataFrame) -> Placed:
    """Put every decision about a figure back in its place; of several on one place the last holds.

    `figures` is figures_found with the anchors sha256, raw_start and raw_end, and `damaged`: `yes`
    where the sentence holds text that restoration left unresolved, `ocr` where the figure holds a
    character that OCR is unsure of. It comes back with decision,
    key, decided (value, unit, bound, kind and direction as corrected, joined by `|`), coder,
    decided_on and decision_note ('' where nobody decided). `lost` has a sentence for each decision
    whose place no longer holds its quote.
    """
    decisions = holding(decisions)
    own = decisions["sha256"].isin(figures["sha256"]) & (decisions["about"] == "figure")
    last = {anchor(row): row for row in tables.rows(decisions[own])}
    found, lost = {}, []
    for decision in last.values():
        at = _find(figures[figures["sha256"] == decision.sha256], decision)
        if at is None:
            lost.append(
                f"decisions.csv: no figure {decision.quote!r} at {decision.raw_start} of the file "
                f"{decision.sha256[:12]}… any more (decided by {decision.coder})."
            )
        else:
            found[at] = [getattr(decision, column) for column in _DECIDED.values()]
    held = [found.get(at, [""] * len(_DECIDED)) for at in range(len(figures))]
    decided = pd.DataFrame(held, columns=list(_DECIDED), index=figures.index)
    return Placed(figures.join(decided), lost)


def _find(figures: pd.DataFrame, decision: Any) -> int | None:
    """Which of a file's figures a decision is about: that quote, the nearest; or that place."""
    apart = (figures["raw_start"] - decision.raw_start).abs()
    same = figures["quote"] == decision.quote
    if not same.any():
        same = (apart == 0) & (figures["raw_end"] == decision.raw_end)
    return int(apart[same].idxmin()) if same.any() else None


def curated(
    placed: pd.DataFrame, reports: pd.DataFrame, codebook: IndicatorCodebook | None = None
) -> pd.DataFrame:
    """The rows of `indicators` that decisions make: verified or corrected, with an indicator.

    `placed` is `Placed.figures`; the table `reports` gives region and year, the codebook the
    definition of a headline indicator. The status is `verified`.
    """
    about = reports.set_index("report_id")
    decided = placed[placed["decision"].isin(["verified", "corrected"]) & (placed["key"] != "")]
    rows = []
    for row in tables.rows(decided):
        own = [f"{row.value:.15g}", row.unit, row.bound, row.measure_kind, row.direction]
        content = contents(row.decided, row.direction) if row.decided else own
        value, unit, bound, kind, direction = content
        before = [old for old, new in zip(own, content, strict=True) if old != new]
        corrected = f"corrected from {' '.join(before)}" if before else ""
        unsure = UNSURE if getattr(row, "damaged", "") == "ocr" else ""
        report = about.loc[row.report_id]
        said = headline.named(row.what, unit, kind, direction, codebook) if codebook else ("", "")
        year = int(row.period[:4] if row.period[:4].isdigit() else report["year"])
        rows.append(
            {
                **dict.fromkeys(tables.COLUMNS["indicators"], ""),
                **{"region": report["region"], "year": year, "period": row.period or str(year)},
                **{"indicator_id": row.key, "value": float(value), "unit": unit, "bound": bound},
                **{"measure_kind": kind, "direction": direction, "scope": row.scope},
                **{"report_id": row.report_id, "definition": said[1] if said[0] == row.key else ""},
                **{"sentence_id": row.sentence_id, "quote": row.quote, "status": "verified"},
                "note": "; ".join(filter(None, [corrected, row.decision_note, unsure])),
            }
        )
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["indicators"]))


def contents(decided: str, direction: str) -> list[str]:
    """Value, unit, bound, kind and direction as decided.

    `direction` is the one found, for decisions of before there was any; a level has none.
    """
    value, unit, bound, kind, *way = decided.split("|")
    return [value, unit, bound, kind, *(way or ["" if kind == "level" else direction])]


def wrong(decisions: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """What decisions say of figures that no figure can be: the row's place, a sentence."""
    for at, row in enumerate(tables.rows(decisions)):
        if row.about != "figure" or not row.value:
            continue
        said = row.value.split("|")
        if len(said) not in (4, 5):
            yield at, f"value is {row.value!r}; it must be value|unit|bound|kind|direction."
            continue
        value, _, bound, kind, *way = said
        given = {"bound": bound, "measure_kind": kind} | ({"direction": way[0]} if way else {})
        if not _plain(value):
            yield at, f"the value {value!r} of {row.value!r} must be a plain number."
        for name, own in given.items():
            if own not in _CHOICES[name] and (own or name == "bound"):
                yield at, f"in {row.value!r}: {unknown(name, own, _CHOICES[name])}"


def _plain(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def merge(written: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """The rows of indicators.csv, then those decided that do not stand among them.

    A written row that a person decided about is `verified`, whoever compared it before.
    """
    new = ~stand_in(decided, written)
    judged = stand_in(written, decided) & written["status"].isin(["extracted", "checked"])
    written = written.assign(status=written["status"].mask(judged, "verified"))
    both = pd.concat([written, decided[new]], ignore_index=True) if new.any() else written
    return both.astype({"year": "Int64"})


def stand_in(figures: pd.DataFrame, written: pd.DataFrame) -> pd.Series[bool]:
    """Which figures are rows of `indicators` already."""
    known = pd.MultiIndex.from_frame(written[FIGURE])
    return pd.Series(pd.MultiIndex.from_frame(figures[FIGURE]).isin(known), figures.index)


def undecided(placed: pd.DataFrame, sentences: pd.DataFrame) -> pd.DataFrame:
    """The figures nobody has decided about, beside their sentences, as a workbook shows them.

    What was decided, rejected figures among them, does not come back.
    """
    places = sentences.set_index("sentence_id")[["part", "text"]]
    open_ = placed[placed["decision"] == ""].join(places, on="sentence_id")
    return open_.rename(columns={"text": "sentence"}).assign(note="")[list(_SHOWN)]


def write_workbook(open_: pd.DataFrame, names: Mapping[str, str], path: Path) -> None:
    """Write figures to decide about, what `undecided` returns, one a row, with drop-down lists.

    `names` holds each indicator's id and name, for the list of ids. InputError if the file is there
    and holds a decision about one of these figures, or is another one.
    """
    waiting = set(map(anchor, tables.rows(open_)))
    for line, cells in tables.filled(path, "decision"):
        if tuple(cells.get(name, "") for name in _ANCHOR) in waiting:
            said = f"decision {cells['decision']!r} was not applied yet: `gongbao extract --apply "
            raise InputError(f"{said}{path}`, or name a new file.", path=path, line=line)
    sheets = {"figures": open_, "indicators": pd.DataFrame(names.items(), columns=["id", "name"])}
    tables.workbook(path, sheets, {**_CHOICES, "indicator_id": "indicators"})


def read_workbook(
    path: Path,
    open_: pd.DataFrame,
    ids: Collection[str],
    decisions: pd.DataFrame | None = None,
    accept: str = "",
) -> pd.DataFrame:
    """The decisions made in a workbook, checked: the table `decisions`, decided today.

    `open_` is what `undecided` returns now, `ids` the known indicators; a row that stands among
    the `decisions` already is passed over. `accept` signs every row without a decision as verified,
    but for those beside damaged text. InputError for a file that is no such workbook;
    ProblemsError for every row that cannot be used, with its number, what was found and what was
    expected.
    """
    header, lines = tables.records(path)
    needed = [column for column in _SHOWN if column not in _LATER]
    if missing := [column for column in needed if column not in header]:
        raise InputError(f"the columns {', '.join(missing)} are missing.", path=path, line=1)
    proposed = {anchor(row): row._asdict() for row in tables.rows(open_)}
    made = (
        [_stated(row) for row in holding(decisions).to_dict("records")]
        if decisions is not None
        else []
    )
    rows, found = [], []
    for number, row in lines:
        found_here = proposed.get(tuple(row[name] for name in _ANCHOR), {})
        row.setdefault("direction", str(found_here.get("direction", "")))
        if accept and found_here and not (row["decision"] or row["damaged"]):
            row |= {"decision": "verified", "coder": row["coder"] or accept}
        if row["decision"]:
            problems = list(_problems(row, proposed, ids))
            if problems == [_CLOSED.format(row["quote"])] and _stated(_decision(row)) in made:
                continue
            found += [InputError(problem, path=path, line=number) for problem in problems]
            rows += [] if problems else [_decision(row)]
    if found:
        raise ProblemsError(found)
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["decisions"]))


def decision(figure: Mapping[Any, Any], ids: Collection[str], **decided: str) -> pd.DataFrame:
    """One decision about a figure, checked as those of a workbook are: the table `decisions`.

    `figure` is a row of `undecided`, or of the same columns if it was decided before; `decided`
    gives decision, coder, note, and what is corrected (value, unit, bound, measure_kind,
    indicator_id). ProblemsError for what cannot be used.
    """
    row = {name: str(figure[name]).strip() for name in _SHOWN} | decided
    proposed = {tuple(row[name] for name in _ANCHOR): dict(figure)}
    if found := list(_problems(row, proposed, ids)):
        raise ProblemsError(found)
    return pd.DataFrame([_decision(row)], columns=list(tables.COLUMNS["decisions"]))


# -- themes -------------------------------------------------------------------------------------


def theme_decision(
    sentence: Mapping[Any, Any],
    theme: str,
    ids: Collection[str],
    *,
    coder: str,
    note: str = "",
    codebook: str = LAW,
) -> pd.DataFrame:
    """One decision about a sentence's theme, today: the table `decisions`.

    `sentence` is a row of `sentences` with its file's sha256 and its primary_theme. The decision
    is `verified` where `theme` is that, otherwise `corrected` with `theme` as its value; key is the
    machine's code. InputError for a theme that is not among `ids`, or without a coder.
    """
    if not coder.strip():
        raise InputError(_UNSIGNED)
    must_occur("theme", [theme], [*ids, NONE])
    same = theme == sentence["primary_theme"]
    row = {name: sentence[name] for name in _ANCHOR} | {
        **{"quote": sentence["text"][: handcodes.QUOTE], "about": "theme", "codebook": codebook},
        **{"key": sentence["primary_theme"], "value": "" if same else theme},
        **{"decision": "verified" if same else "corrected", "coder": coder.strip()},
        **{"decided_on": today(), "note": note.strip()},
    }
    return pd.DataFrame([row], columns=list(tables.COLUMNS["decisions"]))


def place_themes(
    sentences: pd.DataFrame, decisions: pd.DataFrame, sha256: Mapping[str, str]
) -> Placed:
    """Put every decision about a theme back on its sentence; of a coder's several the last holds.

    `figures` of what comes back has one row a sentence and coder, the last one decided last:
    sentence_id, decided (the theme), coder. A rejected code is decided as `none`. `lost` has a
    sentence for each decision without a place.
    """
    decisions = holding(decisions)
    own = decisions[(decisions["about"] == "theme") & decisions["sha256"].isin(sha256.values())]
    own = own.drop_duplicates([*_ANCHOR, "coder"], keep="last")
    own = own[::-1]  # the last one takes the place
    given = own["value"].where(own["value"] != "", own["key"])
    codes = own.assign(
        **{"where": "decisions.csv", "report_id": "", "sentence_id": ""},
        primary_theme=given.mask(own["decision"] == "rejected", NONE),
    )
    placed = handcodes.place(codes, sentences, sha256)
    decided = placed.codes.rename(columns={"primary_theme": "decided"})
    return Placed(decided[["sentence_id", "decided", "coder"]][::-1], placed.lost)


# -- one row of a workbook ----------------------------------------------------------------------


def _problems(row: dict[str, str], proposed: dict[Any, Any], ids: Collection[str]) -> Iterator[str]:
    """What is wrong with one row of the workbook, a sentence each."""
    for column, allowed in _CHOICES.items():
        if row[column] not in allowed and (row[column] or column != "direction"):
            yield unknown(column, row[column], allowed)
    if row["indicator_id"] and row["indicator_id"] not in ids:
        said = unknown("indicator_id", row["indicator_id"], ids)
        yield f"{said} A new one goes into codebooks/indicators.yaml first."
    if not row["coder"]:
        yield _UNSIGNED
    if not _plain(row["value"]):
        yield f"value is {row['value']!r}; it must be a plain number."
        return
    if row["damaged"] and row["decision"] != "rejected" and not row["note"]:
        why = {"ocr": "holds a character that OCR read with little certainty: look at the page"}
        said = why.get(row["damaged"], "stands beside text that could not be restored")
        yield f"{said}; say in note how you know the value."
    before = proposed.get(tuple(row[name] for name in _ANCHOR))
    if before is None:
        yield _CLOSED.format(row["quote"])
        return
    for column in _FIXED:
        if row.get(column, before[column]) != str(before[column]).strip():
            yield f"{column} was {before[column]!r}; it is not read from here, say it in note."
    if row["decision"] == "verified" and _content(row) != _content(before):
        yield (
            f"{_content(row)} differs from what was found, {_content(before)}; choose `corrected`, "
            "or put the old values back."
        )


def _content(row: dict[str, Any]) -> str:
    """Value, unit, bound, kind and direction as decisions.csv holds them."""
    return f"{float(row['value']):.15g}|" + "|".join(str(row[column]) for column in _EDITABLE[1:])


def _decision(row: dict[str, str]) -> dict[str, Any]:
    return {
        **{"sha256": row["sha256"], "quote": row["quote"]},
        **{"raw_start": int(row["raw_start"]), "raw_end": int(row["raw_end"])},
        **{
            "about": "figure",
            "codebook": "",
            "key": row["indicator_id"],
            "decision": row["decision"],
        },
        "value": _content(row) if row["decision"] == "corrected" else "",
        **{"coder": row["coder"], "note": row["note"]},
        "decided_on": today(),
    }


def _stated(decided: Mapping[Any, Any]) -> list[str]:
    """All that a decision says but its day."""
    return [str(value) for name, value in sorted(decided.items()) if name != "decided_on"]


def today() -> str:
    """The day, as decisions have it."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()

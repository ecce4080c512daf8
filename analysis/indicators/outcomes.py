"""What became of commitments: a workbook with candidates to decide in, and what was decided.

Candidates are shown with what matched in 【】; the outcome is a person's. One that says that
something was reported names the sentence, by the candidate's number or its id, and the decision
keeps where that stands in the later report's file. Decisions are those of decisions.csv: signed,
appended, anchored in the earlier report's file. What nobody decided has no outcome, and where
coders differ the outcome is `disputed` until one is signed `agreed`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, unknown
from analysis.tables import judged
from analysis.themes import reliability, workflow

from .followups import MOST
from .review import Placed, anchor, holding, today

DISPUTED, AGREED = "disputed", "agreed"
OUTCOMES = tuple(one for one in tables.CHOICES["commitments", "outcome"] if one != DISPUTED)
"""What a commitment may have come to."""

LIKELY, UNLIKELY = "likely", "unlikely"
STANDINGS = (
    *(*OUTCOMES, DISPUTED, "figure_met", "figure_missed"),
    *(LIKELY, UNLIKELY, "undecided", "no_later"),
)
"""Where a commitment stands: decided, judged by its figure, guessed from candidates, or open."""

SHOWN_NEEDED = ("done", "partly", "started", "restated", "contradicted")
"""Outcomes that a sentence of a later report shows, which must be named."""

MEANINGS = {
    "done": ("报告称已完成或达到", "reported as done or reached"),
    "partly": ("报告的少于所承诺的", "less than promised is reported"),
    "started": ("报告称已开始、在进行", "begun or under way"),
    "restated": ("只是再次列入计划", "only planned again"),
    "not_reported": ("后来的报告没有提到", "nothing is said of it"),
    "dropped": ("报告称不再进行", "said to be given up"),
    "contradicted": ("报告的与承诺相反", "the opposite is reported"),
    "unsure": ("难以判断", "cannot be told"),
}

_NAMED = {"reported": "candidate", "restated": "restated"}
_PLACE = ("sha256", "raw_start", "raw_end")
_FIXED = ("report_id", "sentence_id", "sentence", "quote", "testable", *_PLACE)
_OFFERED = tuple(f"{name}_{at}" for kind, name in _NAMED.items() for at in range(1, MOST[kind] + 1))
_ASKED = ("outcome", "evidence", "note", "coder")
COLUMNS = (*_FIXED[:5], *_OFFERED, *_ASKED, *_PLACE, "seal")
"""Columns of the workbook."""


# -- putting decisions in their places ------------------------------------------------------------


def place(found: pd.DataFrame, decisions: pd.DataFrame) -> Placed:
    """Commitments with outcome and coder, and a sentence for each decision without a place.

    `found` has the columns of `commitments` and the sha256 of each row's file. Of a coder's several
    decisions on one the last holds; who is called `agreed` has the last word over all.
    """
    own = holding(decisions)
    own = own[own["sha256"].isin(found["sha256"])]
    own = own[own["about"] == "commitment"].drop_duplicates([*_PLACE, "coder"], keep="last")
    given: dict[int, dict[str, str]] = {}
    lost = []
    index = {one: at for at, one in enumerate(map(anchor, tables.rows(found)))}
    for decision in tables.rows(own):
        at = index.get(anchor(decision))
        if at is None or found["quote"].iat[at] != decision.quote:
            at = _nearest(found, decision)
        if at is None:
            lost.append(
                f"decisions.csv: no commitment {decision.quote!r} at {decision.raw_start} of the "
                f"file {decision.sha256[:12]}… any more (decided by {decision.coder})."
            )
        else:
            given.setdefault(at, {})[decision.coder] = decision.decision
    said = [_last(given.get(at, {})) for at in range(len(found))]
    outcome = pd.DataFrame(said, columns=["outcome", "coder"], index=found.index, dtype=object)
    return Placed(found.drop(columns=["outcome", "coder"], errors="ignore").join(outcome), lost)


def _nearest(found: pd.DataFrame, decision: Any) -> int | None:
    """Which commitment of a decision's file has its quote, the nearest of several."""
    same = ((found["sha256"] == decision.sha256) & (found["quote"] == decision.quote)).to_numpy()
    apart = (found["raw_start"] - decision.raw_start).abs().to_numpy()
    places = sorted((int(apart[at]), at) for at in same.nonzero()[0])
    return int(places[0][1]) if places else None


def _last(given: Mapping[str, str]) -> tuple[str, str]:
    """The outcome that holds, and who says so."""
    if AGREED in given:
        return given[AGREED], AGREED
    said = set(given.values())
    return (said.pop() if len(said) == 1 else DISPUTED if said else "", ";".join(sorted(given)))


# -- the workbook ---------------------------------------------------------------------------------


def undecided(
    found: pd.DataFrame, followups: pd.DataFrame, sentences: pd.DataFrame
) -> pd.DataFrame:
    """The rows of a workbook: commitments that a later report can say something of.

    `found` is `Placed.figures`, `sentences` the table of all reports concerned.
    """
    columns = ("sentence_id", "text", "start")
    texts = {key: held for key, *held in zip(*(sentences[one] for one in columns), strict=True)}
    offered: dict[tuple[str, int], dict[str, str]] = {}
    for row in tables.rows(followups):
        own = offered.setdefault((row.sentence_id, row.start), {})
        text, start = texts[row.later_sentence_id]
        shown = _marked(text, row.matched, start)
        own[f"{_NAMED[row.kind]}_{row.rank}"] = f"[{row.later_sentence_id} {row.score:.2f}] {shown}"
    rows = []
    for row in tables.rows(found):
        if held := offered.get((row.sentence_id, row.start)):
            fixed = {name: getattr(row, name) for name in _FIXED if name != "sentence"}
            fixed["sentence"] = texts[row.sentence_id][0]
            whole = dict.fromkeys(COLUMNS, "") | fixed | held
            rows.append(whole | {"seal": judged.seal(whole[one] for one in (*_FIXED, *_OFFERED))})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _marked(text: str, matched: str, start: int) -> str:
    """A sentence with what matched in 【】."""
    ends = [tuple(map(int, one.split("-"))) for one in matched.split(";") if one]
    inside = {at - start for begin, end in ends for at in range(begin, end)}
    said, before = "", False
    for at, character in enumerate(text):
        said += "" if (at in inside) == before else "】" if before else "【"
        said, before = said + character, at in inside
    return said + "】" * before


def write(open_: pd.DataFrame, path: Path) -> None:
    """Write `undecided` as a workbook with drop-down lists, or as CSV.

    InputError if the file is there and somebody filled it in.
    """
    for line, row in tables.filled(path, "outcome"):
        said = f"is filled in already (outcome is {row['outcome']!r}); name a new file."
        raise InputError(said, path=path, line=line)
    meanings = pd.DataFrame([(key, *said) for key, said in MEANINGS.items()])
    meanings.columns = pd.Index(["id", "zh", "en"])
    if path.suffix.lower() == ".xlsx":
        sheets = {"commitments": open_, "outcomes": meanings}
        tables.workbook(path, sheets, {"outcome": "outcomes"})
    else:
        tables.export(open_, path, "commitments")


def deal(
    open_: pd.DataFrame, folder: Path, coders: Sequence[str], overlap: float, seed: int
) -> dict[str, tuple[Path, int]]:
    """A workbook for each coder, dealt out as sentences are (`workflow.deal`)."""
    units = [str(at) for at in range(len(open_))]
    if not units:
        raise InputError("there is nothing to decide about: no chosen report has a later one.")
    _, given = workflow.deal(units, coders, overlap, seed)
    made = {}
    for coder, own in given.items():
        path = folder / f"{workflow.file_of(coder)}.xlsx"
        write(open_.iloc[[int(at) for at in own]].assign(coder=coder), path)
        made[coder] = (path, len(own))
    return made


def read(
    path: Path,
    found: pd.DataFrame,
    sentences: pd.DataFrame,
    sha256: Mapping[str, str],
    decisions: pd.DataFrame,
    coder: str = "",
) -> pd.DataFrame:
    """The decisions made in a workbook, checked: the table `decisions`, decided today.

    `coder` signs the rows that name nobody. What the coder decided already is passed over.
    ProblemsError with the line of every row that cannot be used; then none is taken.
    """
    good, bad = judged.rows(path, COLUMNS, (*_FIXED, *_OFFERED))
    known = {anchor(row) for row in tables.rows(found)}
    places = {row.sentence_id: row for row in tables.rows(sentences)}
    made = {_said(row): row["decision"] for row in holding(decisions).to_dict("records")}
    rows = []
    for line, cells in good:
        if not any(cells[name] for name in ("outcome", "evidence", "note")):
            continue
        shown = list(_evidence(cells))
        problems = list(_problems(cells, shown, places, known, coder))
        bad += [InputError(one, path=path, line=line) for one in problems]
        if not problems:
            row = _decision(cells, [places[one] for one in shown], sha256, coder)
            if made.get(_said(row)) != row["decision"]:
                rows.append(row)
    if bad:
        raise judged.refused(bad)
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["decisions"]))


def decision(
    commitment: Mapping[Any, Any],
    outcome: str,
    evidence: Sequence[str],
    sentences: pd.DataFrame,
    sha256: Mapping[str, str],
    *,
    coder: str,
    note: str = "",
) -> pd.DataFrame:
    """One decision about a commitment, checked as those of a workbook: the table `decisions`.

    Parameters
    ----------
    commitment : a row of `Placed.figures`. evidence : ids of sentences of later reports.
    sentences : that table, of all reports concerned.

    ProblemsError for what cannot be used.
    """
    cells = {name: str(commitment[name]) for name in ("report_id", "quote", *_PLACE)}
    cells |= {"outcome": outcome, "coder": coder.strip(), "note": note.strip()}
    places = {row.sentence_id: row for row in tables.rows(sentences)}
    if found := list(_problems(cells, evidence, places, {anchor_of(cells)}, "")):
        raise ProblemsError(found)
    row = _decision(cells, [places[one] for one in evidence], sha256, "")
    return pd.DataFrame([row], columns=list(tables.COLUMNS["decisions"]))


def _said(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """What tells a decision from another, but for the outcome and the day."""
    names = (*_PLACE, "about", "coder", "value", "note")
    return tuple(str(row[name]) for name in names)


def _evidence(cells: Mapping[str, str]) -> Iterator[str]:
    """The ids of the sentences named: 1 is candidate_1, r1 restated_1, another an id."""
    for one in re.split(r"[;；,，、\s]+", cells["evidence"].removesuffix(".0")):
        column = f"restated_{one[1:]}" if one[:1] in "rR" else f"candidate_{one}"
        shown = re.match(r"\[(\S+) ", cells.get(column, ""))
        if one:
            yield shown[1] if shown else one


def _problems(
    cells: Mapping[str, str],
    shown: Sequence[str],
    places: Mapping[str, Any],
    known: set[tuple[str, ...]],
    coder: str,
) -> Iterator[str]:
    """What is wrong with a row, a sentence each."""
    outcome = cells["outcome"]
    if outcome not in OUTCOMES:
        yield unknown("outcome", outcome, OUTCOMES)
    try:
        name = judged.signed(cells["coder"] or coder)
    except ValueError as error:
        yield str(error)
    else:
        if coder and name != judged.signed(coder):
            yield f"was dealt to {cells['coder']!r}, not to {coder!r}; nobody signs for another."
    if anchor_of(cells) not in known:
        yield f"the commitment {cells['quote']!r} is not found any more; write a new workbook."
    for one in shown:
        if one not in places:
            yield f"evidence {one!r} is no candidate of this row and no sentence of the study."
        elif places[one].report_id == cells["report_id"]:
            yield f"evidence {one!r} stands in the report that promises; name a later one's."
    if outcome in SHOWN_NEEDED and not shown:
        yield f"{outcome} needs evidence: the number of a candidate (1, r1) or a sentence's id."


def anchor_of(cells: Mapping[str, str]) -> tuple[str, ...]:
    """The place of a workbook's row."""
    return tuple(cells[name].removesuffix(".0") for name in _PLACE)


def _decision(
    cells: Mapping[str, str], shown: Sequence[Any], sha256: Mapping[str, str], coder: str
) -> dict[str, Any]:
    digest, start, end = anchor_of(cells)
    where = [f"{sha256[one.report_id]}:{one.raw_start}-{one.raw_end}" for one in shown]
    return {
        **{"sha256": digest, "raw_start": int(start), "raw_end": int(end)},
        **{"quote": cells["quote"], "about": "commitment", "codebook": ""},
        **{"key": ";".join(one.sentence_id for one in shown), "decision": cells["outcome"]},
        **{"value": ";".join(where), "coder": judged.signed(cells["coder"] or coder)},
        **{"decided_on": today(), "note": workflow.note(cells)},
    }


# -- what became of them --------------------------------------------------------------------------


def standing(
    found: pd.DataFrame,
    followups: pd.DataFrame,
    later: Collection[str],
    verdicts: pd.DataFrame,
    *,
    preview: bool = False,
) -> pd.Series[Any]:
    """Where each commitment stands: one of `STANDINGS`.

    A person's decision comes first; then what the numbers say (`targets.against_targets`) where a
    target that was met or missed stands in the clause; then `undecided`, or `no_later` where the
    study holds no later report. A preview tells the undecided apart by their best candidate.

    Parameters
    ----------
    found : the table `commitments`; followups : that table; later : reports that have a later one.
    verdicts : targets with sentence and quote.
    """
    figures: dict[str, list[tuple[str, str]]] = {}
    judged_so = verdicts[verdicts["verdict"].isin(["met", "missed"])]
    for row in tables.rows(judged_so):
        figures.setdefault(row.target_sentence_id, []).append((row.target_quote, row.verdict))
    reported = followups[(followups["kind"] == "reported") & (followups["likely"] == "yes")]
    likely = {*zip(reported["sentence_id"], reported["start"], strict=True)}
    made = []
    for row in tables.rows(found):
        said = {way for quote, way in figures.get(row.sentence_id, ()) if quote in row.quote}
        if row.outcome:
            made.append(row.outcome)
        elif len(said) == 1:
            made.append(f"figure_{said.pop()}")
        elif row.report_id not in later:
            made.append("no_later")
        elif preview:
            made.append(LIKELY if (row.sentence_id, row.start) in likely else UNLIKELY)
        else:
            made.append("undecided")
    return pd.Series(made, found.index, dtype=object)


def shares(found: pd.DataFrame, by: str) -> pd.DataFrame:
    """How many commitments stand where, by a column: n, N_commitments (of all), share, reports.

    `found` has the column `standing`. Groups come by their number of commitments, years in order.
    """
    sizes = found.groupby(by, sort=True).size()
    if by != "year":
        sizes = sizes.sort_values(ascending=False, kind="stable")
    rows = []
    for group in sizes.index:
        own = found[found[by] == group]
        for name in STANDINGS:
            held = own[own["standing"] == name]
            if len(held):
                counted = {"n": len(held), "N_commitments": len(own), "share": len(held) / len(own)}
                about = {by: group, "standing": name, **counted}
                rows.append(about | {"reports": held["report_id"].nunique()})
    columns = [by, "standing", "n", "N_commitments", "share", "reports"]
    return pd.DataFrame(rows, columns=columns)


# -- agreement ------------------------------------------------------------------------------------


def agreement(decisions: pd.DataFrame) -> pd.DataFrame:
    """How far coders agree on outcomes: over all, and each outcome against the rest.

    outcome ('' over all), n (commitments with two codes or more), reports, alpha, lo, hi. Who is
    called `agreed` is no coder.
    """
    decisions = holding(decisions)
    own = decisions[(decisions["about"] == "commitment") & (decisions["coder"] != AGREED)]
    own = own.drop_duplicates([*_PLACE, "coder"], keep="last")
    wide = own.pivot(index=list(_PLACE), columns="coder", values="decision")
    two = wide[wide.notna().sum(axis=1) > 1]
    rows: list[dict[str, Any]] = [{"outcome": "", **reliability.measured(two, {})}]
    for outcome in OUTCOMES:
        same = two.map(lambda code, one=outcome: code == one).astype(object).where(two.notna())
        if same.isin([True]).any(axis=None):
            rows.append({"outcome": outcome, **reliability.measured(same, {})})
    return pd.DataFrame(rows, columns=["outcome", "n", "reports", "alpha", "lo", "hi"])

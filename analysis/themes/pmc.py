"""The PMC sheet: ten variables of a report, each of some questions answered 0 or 1 with evidence.

A 1 names sentences of that report. A variable is the share of its questions answered 1, the index
the sum of the ten; it is given only beside them, with who coded, how far they agree and how many
sentences are the evidence (Ruiz Estrada 2011; questions in pmc.yaml).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.kit import yamlfile
from analysis.tables import judged

from . import handcodes, workflow
from .reliability import measured

ID = "pmc"
"""What stands in the column codebook."""

CODES = Path("validation") / "pmc.csv"
"""Where a study keeps its answers."""

SHEET = workflow.Sheet(
    shown=("report_id", "title", "sha256", "variable", "item", "问题", "question"),
    asked=("value", "evidence", "unsure", "note"),
    kept=(
        *("wave", "codebook", "version", "sha256", "variable", "item", "coder", "value"),
        *("evidence", "places", "unsure", "note", "decided_on"),
    ),
    key=("wave", "codebook", "sha256", "item", "coder"),
    choices={"value": ("0", "1"), "unsure": ("yes",)},
)
"""A row a report and question; evidence: ids of its sentences, joined by ;."""


@cache
def questions() -> tuple[str, pd.DataFrame]:
    """The sheet's version, and its questions: variable, 变量, name, item, 问题, question."""
    document = yamlfile.load(Path(__file__).with_name("pmc.yaml"))
    rows = [
        (of["id"], *of.bilingual("name").values(), item["id"], item["zh"], item["en"])
        for of in document.maps("variables")
        for item in of.maps("items")
    ]
    columns = ["variable", "变量", "name", "item", "问题", "question"]
    return document["version"], pd.DataFrame(rows, columns=columns)


def asked(reports: pd.DataFrame) -> pd.DataFrame:
    """Every question of every report, for `workflow.assign`."""
    about = reports[["report_id", "title", "sha256"]]
    return about.merge(questions()[1], how="cross")[list(SHEET.shown)]


def judge(sentences: Callable[[str], pd.DataFrame], sha256: Mapping[str, str]) -> workflow.Judge:
    """How a row is read; `sentences` gives those of a report by its id."""
    known = set(questions()[1]["item"])
    reports = {digest: report for report, digest in sha256.items()}
    places: dict[str, dict[str, str]] = {}

    def of(report: str) -> dict[str, str]:
        if report not in places:
            own = sentences(report)
            columns = (own[name] for name in ("sentence_id", "raw_start", "raw_end"))
            places[report] = {str(k): f"{a}-{b}" for k, a, b in zip(*columns, strict=True)}
        return places[report]

    def read(cells: dict[str, str]) -> tuple[dict[str, str], list[workflow.Problem]]:
        names = ("codebook", "version", "sha256", "variable", "item", "coder")
        own, found = {name: cells[name] for name in names}, list[workflow.Problem]()
        own["wave"], own["note"] = cells["wave"].removesuffix(".0"), workflow.note(cells)
        own["value"] = cells["value"].removesuffix(".0")
        if cells["codebook"] != ID or cells["item"] not in known:
            found.append(("item", f"is no question of the PMC sheet ({cells['codebook']})."))
        if own["value"] not in ("", "0", "1"):
            found.append(("value", f"is {cells['value']!r}; it must be 0 or 1."))
        ids = [one.strip() for one in cells["evidence"].replace("；", ";").split(";")]
        ids = sorted({one for one in ids if one})
        held = of(reports[cells["sha256"]]) if cells["sha256"] in reports else None
        if held is None:
            found.append(("sha256", "is of a report that the study does not hold."))
        for one in ids:
            if held is not None and one not in held:
                found.append(("evidence", f"{one!r} is no sentence of {cells['report_id']}."))
        if own["value"] == "1" and not ids:
            found.append(("evidence", "is empty; a 1 needs a sentence that shows it."))
        own |= {"evidence": ";".join(ids)}
        own["places"] = ";".join((held or {}).get(one, "") for one in ids)
        try:
            own["unsure"] = workflow.unsure(cells)
        except ValueError as error:
            found.append(("unsure", str(error)))
        return own, found

    return read


@dataclass(frozen=True)
class Scores:
    """What the answers amount to.

    variables : variable, name, n (answers that two or more gave), reports, alpha, lo, hi.
    reports : a row a report: report_id, X1 … X10 (the share of questions answered 1), index (their
    sum), coders, alpha (over all variables and reports), evidence (sentences named), and open:
    questions that nobody answered or that divide the coders. A variable with one of these has no
    share, and the report then no index.
    """

    variables: pd.DataFrame
    reports: pd.DataFrame

    def __str__(self) -> str:
        """Both tables for the terminal; no index stands without what it is made of."""
        tables = [
            frame.to_string(index=False, na_rep="–", float_format="{:.2f}".format)
            for frame in (self.variables, self.reports)
        ]
        head = "Krippendorff's alpha of answers, 95 % over reports drawn anew:"
        tail = "Share of questions answered 1; index: the sum of the ten, – where answers are open:"
        return f"{head}\n{tables[0]}\n\n{tail}\n{tables[1]}"


def scores(path: Path, sha256: Mapping[str, str], *, seed: int = 0) -> Scores:
    """What was collected of the reports of `sha256`, as `Scores`.

    A question's answer is what most coders gave in the last wave that asked it.
    """
    answers = judged.kept(path, SHEET.kept)
    answers = answers[answers["sha256"].isin(sha256.values())]
    named, how = questions()[1], {"seed": seed}
    wide = answers.pivot(
        index=["wave", "sha256", "variable", "item"], columns="coder", values="value"
    )
    rows = [{"variable": "all", "name": ""} | measured(wide, how)]
    for variable, name in named[["variable", "name"]].drop_duplicates().to_numpy():
        own = wide[wide.index.get_level_values("variable") == variable]
        rows.append({"variable": variable, "name": name} | measured(own, how))
    made = [
        _scored(report, answers[answers["sha256"] == digest], named, rows[0]["alpha"])
        for report, digest in sha256.items()
        if (answers["sha256"] == digest).any()
    ]
    columns = ["report_id", *dict.fromkeys(named["variable"]), "index"]
    columns += ["coders", "alpha", "evidence", "open"]
    return Scores(pd.DataFrame(rows), pd.DataFrame(made, columns=columns))


def _scored(
    report: str, answers: pd.DataFrame, named: pd.DataFrame, alpha: float
) -> dict[str, object]:
    """The row of one report."""
    waves = answers["wave"].astype(int)
    last = answers[waves == waves.groupby(answers["item"]).transform("max")]
    decided = handcodes.majority(
        last.rename(columns={"item": "sentence_id", "value": "primary_theme"})
    )
    values = named["item"].map(decided).map({"0": 0.0, "1": 1.0})
    of = values.groupby(named["variable"], sort=False)
    shares = of.mean().where(of.count() == of.size())
    shown = last.loc[last["value"] == "1", "evidence"]
    evidence = {one for cell in shown for one in cell.split(";")}
    index = np.nan if shares.isna().any() else shares.sum()
    given = {str(variable): share for variable, share in shares.items()}
    return {"report_id": report, **given, "index": index} | {
        **{"coders": ", ".join(sorted(last["coder"].unique())), "alpha": alpha},
        **{"evidence": len(evidence), "open": int(values.isna().sum())},
    }

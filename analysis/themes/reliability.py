"""How far several coders agree: over all, theme by theme, wave by wave, and with themselves.

The unit is a sentence in a wave; intervals are over reports drawn anew, as sentences of one report
are no independent draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import agreement
from .workflow import PLACE

COLUMNS = (
    *("what", "wave", "coder", "theme", "n", "N", "reports"),
    *("alpha", "lo", "hi", "change", "share"),
)
"""Columns of the table."""

WHAT = {
    "all": "all waves",
    "sets": "primary and other themes as sets (MASI)",
    "theme": "one theme against the rest",
    "wave": "by wave",
    "self": "a coder against the own codes of the wave before",
    "share": "a coder's share of a theme, by wave",
    "unsure": "marked unsure",
}
"""What a row is about."""


@dataclass(frozen=True)
class Reliability:
    """A row a figure (`COLUMNS`).

    what : of `WHAT`. n : sentences with two codes or more (theme: those with the theme; share and
    unsure: codes); N : what n is a part of; reports : that they are of. alpha, lo, hi : with 2.5
    and 97.5 per cent over reports drawn anew, NaN for fewer than five. change : of alpha or share
    since the wave before. share : n / N of `share` and `unsure`.
    versions : of the codebook that was coded by; coders : who coded.
    """

    table: pd.DataFrame
    codebook: str
    versions: tuple[str, ...]
    coders: tuple[str, ...]

    def __str__(self) -> str:
        """A report for the terminal."""
        versions = ", ".join(self.versions)
        lines = [
            f"{self.codebook} (version {versions}), coded by {', '.join(self.coders)}.",
            "Krippendorff's alpha of sentences with two codes or more, 95 % over reports drawn "
            "anew (– below five reports):",
        ]
        for what, title in WHAT.items():
            own = self.table[self.table["what"] == what].drop(columns="what")
            own = own.loc[:, (own.notna() & (own != "")).any()]
            own = own.astype({"wave": str}).replace({"wave": "<NA>"}, "") if "wave" in own else own
            if len(own):
                said = own.to_string(index=False, na_rep="–", float_format="{:.3f}".format)
                lines += ["", title, *(line.rstrip() for line in said.splitlines())]
        return "\n".join(lines)


def reliability(
    codes: pd.DataFrame, labels: Sequence[str], *, resamples: int = 1000, seed: int = 0
) -> Reliability:
    """How far coders agree (`Reliability`), out of what was collected (`workflow.taken`).

    `labels` are the codebook's codes, in its order.
    """
    how = {"resamples": resamples, "seed": seed}
    rows = [
        *_agreed(codes, labels, how),
        *_drift(codes, labels),
        *_with_oneself(codes, how),
        *_unsure(codes),
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table = table.fillna({"coder": "", "theme": ""}).astype({"wave": "Int64"})
    table = table.astype(dict.fromkeys(("n", "N", "reports"), "Int64"))
    named = (tuple(sorted(codes[column].unique())) for column in ("version", "coder"))
    book = codes["codebook"].iloc[0] if len(codes) else ""
    return Reliability(table, str(book), *named)


def _wide(codes: pd.DataFrame, values: str = "primary_theme") -> pd.DataFrame:
    """Sentences × coders."""
    return codes.pivot(index=["wave", *PLACE], columns="coder", values=values)


def measured(codes: pd.DataFrame, how: dict[str, int], level: str = "nominal") -> dict[str, Any]:
    """n, reports, alpha, lo, hi of units × coders with a level sha256."""
    of = codes.index.get_level_values("sha256")
    two = (codes.notna() & (codes != "")).sum(axis=1) > 1
    lo, hi = agreement.alpha_interval(codes, level=level, clusters=list(of), **how)
    found = {"n": int(two.sum()), "reports": of[two].nunique()}
    return found | {"alpha": agreement.alpha(codes, level=level), "lo": lo, "hi": hi}


def _agreed(
    codes: pd.DataFrame, labels: Sequence[str], how: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Alpha over all, of sets, by theme and by wave."""
    wide = _wide(codes)
    total = measured(wide, how)
    yield {"what": "all", **total, "N": len(wide)}
    sets = codes.assign(set=(codes["primary_theme"] + ";" + codes["other_themes"]).str.strip(";"))
    yield {"what": "sets", **measured(_wide(sets, "set"), how, "masi"), "N": len(wide)}
    two = wide[wide.notna().sum(axis=1) > 1]
    for label in labels:
        own = two.map(lambda code, label=label: code == label).astype(object).where(two.notna())
        held = int(own.isin([True]).any(axis=1).sum())
        if held:
            yield {"what": "theme", "theme": label, **measured(own, how), "n": held, "N": len(two)}
    before = np.nan
    for wave, own in wide.groupby(level="wave"):
        found = measured(own, how)
        yield {"what": "wave", "wave": wave, **found, "N": len(own)} | {
            "change": found["alpha"] - before
        }
        before = found["alpha"]


def _drift(codes: pd.DataFrame, labels: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Each coder's share of each theme, by wave, and how it changed since the wave before."""
    for coder, own in codes.groupby("coder"):
        before: dict[str, float] = {}
        for wave, given in own.groupby("wave"):
            counts, N = given["primary_theme"].value_counts(), len(given)
            for label in labels:
                n = int(counts.get(label, 0))
                if n or before.get(label):
                    row = {"what": "share", "wave": wave, "coder": coder, "theme": label, "n": n}
                    change = n / N - before[label] if before else np.nan
                    yield row | {"N": N, "share": n / N, "change": change}
            before = {label: int(counts.get(label, 0)) / N for label in labels}


def _with_oneself(codes: pd.DataFrame, how: dict[str, int]) -> Iterator[dict[str, Any]]:
    """Alpha of a coder's codes with those of the wave before, on the sentences of both."""
    for coder, own in codes.groupby("coder"):
        wide = own.pivot(index=list(PLACE), columns="wave", values="primary_theme")
        for first, second in zip(wide.columns[:-1], wide.columns[1:], strict=True):
            both = wide[[first, second]].dropna()
            if len(both):
                row = {"what": "self", "wave": second, "coder": coder, "N": len(wide)}
                yield row | measured(both, how)


def _unsure(codes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The share of codes that coders marked unsure: over all, by coder and wave."""
    groups: list[tuple[Any, Any, pd.DataFrame]] = [(None, "", codes)]
    groups += [(wave, who, own) for (who, wave), own in codes.groupby(["coder", "wave"])]
    for wave, coder, own in groups:
        n, N = int((own["unsure"] != "").sum()), len(own)
        row = {"what": "unsure", "wave": wave, "coder": coder, "n": n, "N": N}
        yield row | {"share": n / N if N else np.nan, "reports": own["sha256"].nunique()}

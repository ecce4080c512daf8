"""A study's sentences by theme, and these codes held against those of people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analysis import themes as rules
from analysis.kit import InputError, files
from analysis.themes import handcodes


def themes(study: Any) -> pd.DataFrame:
    """The table `themes`: every codebook entry found."""
    return rules.match(study.sentences, study.codebook)


def codings(study: Any) -> pd.DataFrame:
    """The table `codings`: one theme a sentence."""
    if study.model:
        own = study.theme_hits, study.sentences, study.codebook
        return rules.model.code(study.model, *own)
    return rules.code(study.theme_hits, study.sentences, study.codebook)


def coverage(study: Any) -> pd.DataFrame:
    """How much of each place each theme covers: `themes.COVERAGE`."""
    book = study.codebook
    return rules.covering(study.codings, study.sentences, exclusive=book.exclusive)


def validate(
    study: Any, against: Path | None = None, second: Path | None = None
) -> handcodes.Validation:
    """The codings held against hand codes; with `second`, two coders' files with each other.

    InputError if a file cannot be read, or none of its codes is about the wanted reports.

    Parameters
    ----------
    against : a file of hand codes; validation/themes.csv of the study if not given.
    """
    paths = [path for path in (against or study.path / handcodes.GOLD, second) if path]
    codes = [placed(study, path).codes for path in paths]
    for path, own in zip(paths, codes, strict=True):
        if own.empty:
            raise InputError("none of its codes is about the reports chosen.", path=path)
    codings = handcodes.as_codings(codes[1]) if second else study.codings
    return handcodes.validate(codings, study.sentences, codes[0], study.codebook)


def placed(study: Any, path: Path) -> handcodes.Placed:
    """The hand codes of a file, each at its sentence, and those without one."""
    codes = handcodes.read(path, study.codebook)
    return handcodes.place(codes, study.sentences, study.sha256)


def validation(study: Any) -> handcodes.Validation | None:
    """The codings held against validation/themes.csv; None where no report has hand codes."""
    path = study.path / handcodes.GOLD
    if not files.there(path):
        return None
    of = {cells["sha256"] for _, cells in handcodes.of_book(path, study.book)}
    return study.validate() if of & set(study.reports["sha256"]) else None


def glosses(study: Any) -> dict[str, str]:
    """Of each section the English names of the themes whose terms stand in its heading."""
    headings = study.sentences[study.sentences["is_heading"].astype(bool)]
    found, names = rules.match(headings, study.codebook), study.codebook.names("en")
    own = found[found["shadowed_by"] == ""].merge(
        headings[["sentence_id", "section"]], on="sentence_id"
    )
    return {
        str(section): ", ".join(names[one] for one in dict.fromkeys(rows["key"]))
        for section, rows in own.groupby("section", sort=False)
    }

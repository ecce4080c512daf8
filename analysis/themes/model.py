"""A linear model beside a codebook: what each sentence is by all its words, and which weighed most.

Weights are data, `NAME.model.json` beside the book NAME.yaml: a feature is a run of one to four
characters of the sentence, a run of one or two in a part of the report (积极发展 is in a plan what
it is not in a review), or how much of it each theme of the book covers. Each class sums the weights
of what a sentence has; the highest sum is its code. So every code can be worked out by hand, and
its rule says what weighed most. `data/codebook_models/build.py` trains; to code, nothing but numpy
is needed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import log1p
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import InputError
from analysis.text import parts

from . import agreement
from .codebook import NONE, Codebook
from .coding import characters, own_hits
from .coding import code as by_book

CODERS = ("book", "model")
"""By whom sentences are coded: the codebook's own matches, or the linear model beside it."""

ENDING = ".model.json"

LISTED = 5
"""Features that a rule names: those with the most weight."""

RUNS, RUNS_IN_PART = (1, 2, 3, 4), (1, 2)
"""How many characters a run has, wherever it stands and in one part of the report."""

ALWAYS = "always"
"""The feature that every sentence has."""

KINDS = (ALWAYS, "text", "part", *parts.PARTS, "chars", "share")
"""What features are of."""

_SIGNS = frozenset(" \t\n\r\u3000|;")
"""No run holds them: white space, and what parts the pieces of a rule."""

_KEYS: dict[str, type] = {"book": str, "version": str, "words": str, "classes": list}
_KEYS |= {"features": dict, "trained": dict}


@dataclass(frozen=True)
class Model:
    """Weights of features by class, trained for one version of a codebook's words.

    classes : ids of themes, and `none`; weights : a row a feature, a column a class.
    trained : what it was trained on and how right it was: labels, coded, n, cv, held.
    sha256 : of its file.
    """

    classes: tuple[str, ...]
    features: dict[str, int]
    weights: np.ndarray
    trained: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""

    @classmethod
    def load(cls, path: Path, codebook: Codebook) -> Model:
        """The model of the codebook in the file `path`.

        InputError if there is none beside it, if it is broken or was trained with other words.
        """
        place = beside(path)
        if not place.is_file():
            raise InputError(
                f"has no model ({place.name} is not there); code by `book`, or copy a bundled "
                "model beside the codebook that it was trained with.",
                path=path,
            )
        raw = place.read_bytes()
        try:
            read = json.loads(raw)
            wrong = [key for key, kind in _KEYS.items() if not isinstance(read.get(key), kind)]
            if wrong:
                raise ValueError(f"{wrong[0]!r} is missing or of another type")
            weights = np.array([*read["features"].values()], dtype=float)
            if weights.ndim != 2 or weights.shape[1] != len(read["classes"]):
                raise ValueError("a feature has not one weight for each class")
            if not np.isfinite(weights).all():
                raise ValueError("a weight is no finite number")
        except (ValueError, AttributeError, TypeError) as error:
            said = f"is no model ({error}); copy the bundled one again."
            raise InputError(said, path=place) from None
        if (read["book"], read["words"]) != (codebook.id, words(codebook)):
            raise InputError(
                f"was trained with {read['book']}, version {read['version']}, not with the words "
                f"of {codebook.id}, version {codebook.version}; code by `book`, or put the book or "
                "the model back that belong together.",
                path=place,
            )
        if unknown := set(read["classes"]) - {*codebook.ids, NONE}:
            said = f"has the class {min(unknown)}, which is no theme of {codebook.id}."
            raise InputError(said, path=place)
        names = {name: at for at, name in enumerate(read["features"])}
        sha256 = hashlib.sha256(raw).hexdigest()
        return cls((*read["classes"],), names, weights, read["trained"], sha256)

    def said(self, codings: pd.DataFrame) -> dict[str, Any]:
        """What a record says of it: the file, how right it was, and what the book says here."""
        known = {name: self.trained.get(name, {}) for name in ("cross_validation", "held")}
        return {"sha256": self.sha256, **known, "book": second_opinion(codings)}

    def opinion(self, codings: pd.DataFrame) -> str:
        """The book as second opinion, in a sentence."""
        of = second_opinion(codings)
        alpha = "" if of["alpha"] is None else f" (Krippendorff's alpha {of['alpha']:.3f})"
        said = f"The codes are the model's; the book gives {of['same']} of {of['n']} sentences the "
        return f"{said}same{alpha}; where it says another, `rule` has it."

    def weighed(self, features: dict[str, float]) -> tuple[list[str], np.ndarray]:
        """The features of a sentence that have weights, and what each adds to each class."""
        known = [name for name in features if name in self.features]
        rows = self.weights[[self.features[name] for name in known]]
        values = np.array([features[name] for name in known], dtype=float)
        return known, rows * values[:, None]

    def judged(self, features: dict[str, float]) -> tuple[str, str]:
        """The class of a sentence, and what weighed most for it: `NAME +0.41|NAME +0.30`."""
        known, added = self.weighed(features)
        at = int(added.sum(axis=0).argmax())  # of equal ones the first
        own = sorted(zip(known, added[:, at].tolist(), strict=True), key=lambda one: -one[1])
        said = [f"{name} {weight:+.2f}" for name, weight in own[:LISTED] if weight > 0]
        return self.classes[at], "|".join(said)


def beside(path: Path) -> Path:
    """Where the model of a codebook's file lies."""
    return path.with_name(path.stem + ENDING)


def words(codebook: Codebook) -> str:
    """The sha256 of all that a codebook's codes depend on; what it says of itself may change."""
    how = [codebook.exclusive, codebook.headings, codebook.least, codebook.carry]
    all_of = json.dumps([how, *(theme.matched for theme in codebook.themes)], ensure_ascii=False)
    return hashlib.sha256(all_of.encode()).hexdigest()


def runs(text: str, lengths: Sequence[int]) -> Iterator[str]:
    """Each run of characters of some lengths in a text; none goes over white space."""
    for n in lengths:
        for at in range(len(text) - n + 1):
            run = text[at : at + n]
            if _SIGNS.isdisjoint(run):
                yield run


def features(sentences: pd.DataFrame, hits: pd.DataFrame) -> Iterator[dict[str, float]]:
    """What a model weighs of each sentence, by name, in their order.

    `always`; `text:` a run of its characters; `part:` the part of the report, and `done:`, `plan:`
    and so on a run in that part; `chars:` a theme, the logarithm of one more than its characters,
    and `share:` their share.
    """
    counted = own_hits(hits)
    columns = (sentences[name].tolist() for name in ("sentence_id", "text", "part"))
    for key, text, part in zip(*columns, strict=True):
        found = {ALWAYS: 1.0, f"part:{part}": 1.0}
        for theme, own in characters(counted.get(key, ())).items():
            found[f"chars:{theme}"] = log1p(len(own))
            found[f"share:{theme}"] = len(own) / len(text)
        found.update((f"{part}:{run}", 1.0) for run in runs(text, RUNS_IN_PART))
        found.update((f"text:{run}", 1.0) for run in runs(text, RUNS))
        yield found


def code(
    model: Model, hits: pd.DataFrame, sentences: pd.DataFrame, codebook: Codebook
) -> pd.DataFrame:
    """Give every sentence its primary theme by a model: the table `codings`.

    other_themes are those the book finds in it besides. rule is `model:` with the features that
    weighed most for the code, and behind them `;book:` with the book's code where it is another.
    A heading has no theme where the book skips headings.
    """
    book = by_book(hits, sentences, codebook)
    skipped = sentences["is_heading"].astype(bool) & (codebook.headings == "skip")
    given = features(sentences, hits)
    rows = []
    for row, skip, own in zip(tables.rows(book), skipped, given, strict=True):
        if skip:
            rows.append(row)
            continue
        theme, why = model.judged(own)
        found = {row.primary_theme, *row.other_themes.split(";")} - {theme}
        others = ";".join(one for one in codebook.ids if one in found)
        second = f";book:{row.primary_theme}" * (row.primary_theme != theme)
        rows.append((*row[:3], theme, others, f"model:{why}{second}"))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["codings"]))


def second_opinion(codings: pd.DataFrame) -> dict[str, Any]:
    """How far the book agrees with the codes that a model gave: n, same, alpha (None of none)."""
    codings = codings[codings["rule"].str.startswith("model:")]
    own = codings["primary_theme"]
    other = codings["rule"].str.extract(r";book:(\w+)$")[0].fillna(own)
    pair = pd.DataFrame({"model": own, "book": other})
    same = int((own == other).sum())
    alpha = float(agreement.alpha(pair)) if len(pair) else np.nan
    return {"n": len(pair), "same": same, "alpha": None if np.isnan(alpha) else round(alpha, 4)}

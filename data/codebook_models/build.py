"""Train the linear model beside a codebook: weights as data, no text of any sentence.

    python data/codebook_models/build.py CORPORA [--book ID] [--held]

CORPORA holds lawtext, the public texts whose sentences tests/codebook_labels.csv names by place.
Needs scikit-learn, which nothing else here does. The same labels, texts and codebook give the same
bytes. What is chosen is the strength C, by cross-validation by region; how right the model is, is
worked out by nested cross-validation (the strength chosen without the regions coded), on all
sentences and on those that the codebook was not fitted to. A model that gains less than `GAIN`
there is not written. --held says how right it is on the regions put aside: look there once, when
all is chosen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from analysis import themes
from analysis.kit import put
from analysis.restore import restore
from analysis.text import parts, sentences
from analysis.themes import NONE, Codebook, agreement, model

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "tests" / "codebook_labels.csv"

GAIN = 0.05
"""What Krippendorff's alpha must gain over the codebook."""

RUNS = {"text": 0.5, **dict.fromkeys(parts.PARTS, 0.5)}
SCALE = {**RUNS, "part": 1.0, "chars": 1.0, "share": 2.0}
"""What each kind of feature is multiplied with: the less, the more its weights are held down."""

LEAST, MOST = 3, 4000
"""Sentences that a run of characters must stand in; runs that get weights."""

STRENGTHS = (0.2, 0.4, 0.8, 1.6)

BOOKS: dict[str, dict[str, Any]] = {
    "instruments": {"column": "instrument", "unread": (4,)},
    "topics": {"column": "topic", "unread": (3, 4, 5)},
}
"""Column of the labels; which sixths of those coded once, by their number, nobody had read who
wrote the book (headers of the books)."""

CODED = {
    "zh": "语言模型编码，没有人工：667 句编码两遍（用第一遍），2,400 句编码一遍（2026年11月）。",
    "en": "Coded by a language model, by no person: 667 sentences twice (trained on the first "
    "pass), 2,400 once (November 2026).",
}


def labelled(corpora: Path, keep: Path | None) -> pd.DataFrame:
    """The labels with their sentences as the suite splits them; kept in a file between runs."""
    if keep and keep.exists():
        return pd.read_parquet(keep)
    labels = pd.read_csv(LABELS, keep_default_na=False)
    rows = []
    for file, own in labels.groupby("file"):
        text = (corpora / "lawtext" / str(file)).read_text(encoding="utf-8")
        year = int(Path(str(file)).stem[:4]) - 1
        split = sentences.table(sentences.rows(str(file), restore(text), year))
        digests = [hashlib.sha256(one.encode()).hexdigest()[:16] for one in split["text"]]
        split = split.assign(text_sha256=digests)
        for label in own.itertuples():
            same = split[split["text_sha256"] == label.text_sha256]
            same = same.loc[(same["start"] - label.start).abs().sort_values().index[:1]]
            if same.empty:  # restored otherwise since it was coded
                print(f"{label.id}: {file} has no such sentence; left out.", file=sys.stderr)
                continue
            rows.append({**same.iloc[0].to_dict(), **label._asdict(), "sentence_id": label.id})
    found = pd.DataFrame(rows).drop(columns="Index").sort_values("id", ignore_index=True)
    found = found.assign(region=found["file"].str.split("/").str[-2])
    if keep:
        found.to_parquet(keep)
    return found


class Data:
    """Sentences with their features, codes and regions; a heading that is skipped has no code."""

    def __init__(self, found: pd.DataFrame, book: Codebook, how: Mapping[str, Any]):
        hits = themes.match(found, book)
        self.book = themes.code(hits, found, book)["primary_theme"].to_numpy(object)
        self.codes, self.second = (found[f"{how['column']}_{x}"].to_numpy(object) for x in "ab")
        self.regions = found["region"].to_numpy(object)
        sixth = [int(name[1:]) % 6 if name[0] == "u" else -1 for name in found["id"]]
        self.unread = np.isin(sixth, how["unread"])
        skipped = found["is_heading"].astype(bool) & (book.headings == "skip")
        self.skipped = skipped.to_numpy(bool)
        self.features = [
            {key: one * SCALE[kind(key)] for key, one in own.items() if key != model.ALWAYS}
            for own in model.features(found, hits)
        ]
        vectors = DictVectorizer(sort=True)
        self.X = vectors.fit_transform(self.features).tocsc()
        self.names = np.array(vectors.feature_names_)
        self.drawn = np.isin([*map(kind, self.names)], [*RUNS])

    def known(self, rows: np.ndarray) -> np.ndarray:
        """The features that get weights: of runs those that divide the classes most (chi²)."""
        X = self.X[rows]
        held = (X > 0).sum(axis=0).A1
        known = np.flatnonzero((held >= LEAST) | (~self.drawn & (held > 0)))
        runs = known[self.drawn[known]]
        worth = np.nan_to_num(chi2(X[:, runs] > 0, self.codes[rows])[0])
        less = runs[np.argsort(-worth, kind="stable")[MOST:]]
        return np.setdiff1d(known, less)

    def trained(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, LogisticRegression]]:
        """The features and the fitted model of each strength."""
        rows = rows[~self.skipped[rows]]
        known = self.known(rows)
        X = self.X[:, known][rows].tocsr()
        for C in STRENGTHS:
            fit = LogisticRegression(C=C, max_iter=2000, tol=1e-6)
            yield known, fit.fit(X, self.codes[rows])

    def coded(self, rows: np.ndarray, known: np.ndarray, fit: LogisticRegression) -> np.ndarray:
        """The codes of sentences."""
        found = fit.predict(self.X[:, known][rows].tocsr()).astype(object)
        found[self.skipped[rows]] = NONE
        return found

    def crossed(self, rows: np.ndarray, n: int, seed: int) -> list[np.ndarray]:
        """By each strength the codes of all, each by a model trained without its region."""
        found = [self.codes.copy() for _ in STRENGTHS]
        for train, test in self.folds(rows, n, seed):
            for own, (known, fit) in zip(found, self.trained(train), strict=True):
                own[test] = self.coded(test, known, fit)
        return found

    def folds(self, rows: np.ndarray, n: int, seed: int) -> Iterator[list[np.ndarray]]:
        """Rows to train on and rows to code, no region in both."""
        folds = GroupKFold(n, shuffle=True, random_state=seed)
        for some in folds.split(rows, groups=self.regions[rows]):
            yield [rows[one] for one in some]

    def best(self, rows: np.ndarray, seed: int) -> int:
        """The strength with the highest alpha in cross-validation on some sentences."""
        found = [alpha(self.codes[rows], own[rows]) for own in self.crossed(rows, 3, seed)]
        return found.index(max(found))

    def nested(self, seed: int) -> np.ndarray:
        """Codes by models whose strength was chosen without the regions coded, too."""
        rows, found = np.arange(len(self.codes)), self.codes.copy()
        for train, test in self.folds(rows, 5, seed):
            known, fit = [*self.trained(train)][self.best(train, seed)]
            found[test] = self.coded(test, known, fit)
        return found


def kind(name: str) -> str:
    """What kind of feature a name is of."""
    return name.partition(":")[0]


def alpha(one: np.ndarray, other: np.ndarray) -> float:
    """Krippendorff's alpha of two columns of codes."""
    return float(agreement.alpha(pd.DataFrame({"one": one, "other": other})))


def measured(data: Data, repeats: int) -> dict[str, Any]:
    """Alpha of model and book on all sentences and on those not fitted to, means of repeats."""
    every = np.full(len(data.codes), fill_value=True)
    runs = [data.nested(seed) for seed in range(repeats)]
    found: dict[str, Any] = {"n": len(every), "n_not_fitted": int(data.unread.sum())}
    for name, some in (("", every), ("_not_fitted", data.unread)):
        each = [alpha(data.codes[some], own[some]) for own in runs]
        found[f"model{name}"] = round(float(np.mean(each)), 3)
        found[f"model{name}_each"] = [round(one, 3) for one in each]
        found[f"book{name}"] = round(alpha(data.codes[some], data.book[some]), 3)
    return found


def aside(data: Data, names: np.ndarray, fit: LogisticRegression) -> dict[str, Any]:
    """Alpha of model and book with both passes on the regions put aside."""
    place = {name: at for at, name in enumerate(names)}
    X = sparse.lil_matrix((len(data.codes), len(names)))
    for row, own in enumerate(data.features):
        for name in own.keys() & place.keys():
            X[row, place[name]] = own[name]
    codes = fit.predict(X.tocsr()).astype(object)
    codes[data.skipped] = NONE
    found: dict[str, Any] = {"n": len(codes)}
    for who, own in (("model", codes), ("book", data.book)):
        found |= {f"{who}_a": round(alpha(data.codes, own), 3)}
        found |= {f"{who}_b": round(alpha(data.second, own), 3)}
    pair = pd.DataFrame({"one": data.codes, "other": codes})
    return {**found, "model_a_interval": [round(x, 3) for x in agreement.alpha_interval(pair)]}


def written(book: Codebook, names: np.ndarray, fit: LogisticRegression, about: Any) -> str:
    """The model as a file, a feature a line; weights are those of unscaled features."""
    weights = (fit.coef_ * [SCALE[kind(name)] for name in names]).T
    head = {"book": book.id, "version": book.version, "words": model.words(book)}
    head |= {"trained": about, "classes": list(map(str, fit.classes_))}
    said = partial(json.dumps, ensure_ascii=False)
    lines = [f"  {said(key)}: {said(one)}," for key, one in head.items()]
    features = {model.ALWAYS: fit.intercept_, **dict(zip(names, weights, strict=True))}
    rows = [
        f"    {said(str(name))}: {said([round(float(one), 4) + 0.0 for one in own])}"
        for name, own in features.items()
    ]
    return "\n".join(["{", *lines, '  "features": {', ",\n".join(rows), "  }", "}", ""])


def main() -> None:
    """Train, and write the file beside the codebook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--book", default="instruments", choices=BOOKS)
    parser.add_argument("--repeats", type=int, default=5, help="of nested cross-validation")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FILE.parquet", help="sentences, once read")
    options = parser.parse_args()
    how, path = BOOKS[options.book], ROOT / "data" / "codebooks" / f"{options.book}.yaml"
    book, found = Codebook.load(path), labelled(options.corpora, options.keep)
    put_aside = found["half"] == "held"
    data = Data(found[~put_aside].reset_index(drop=True), book, how)
    validated = measured(data, options.repeats)
    print(validated)
    if validated["model_not_fitted"] - validated["book_not_fitted"] < GAIN:
        print(f"gains less than {GAIN}: no model is written.")
        return
    rows = np.arange(len(data.codes))
    best = data.best(rows, 0)
    known, fit = [*data.trained(rows)][best]
    about: dict[str, Any] = {"labels": hashlib.sha256(LABELS.read_bytes()).hexdigest()}
    about |= {"coded": CODED, "strength": STRENGTHS[best], "cross_validation": validated}
    place = model.beside(path)
    if options.held:
        other = Data(found[put_aside].reset_index(drop=True), book, how)
        about["held"] = aside(other, data.names[known], fit)
        print(about["held"])
    put(place, written(book, data.names[known], fit, about))
    print(f"{place}: {len(known) + 1} features, strength {STRENGTHS[best]}")


if __name__ == "__main__":
    main()

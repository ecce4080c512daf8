"""Train the linear model beside a codebook: weights as data, no text of any sentence.

    python data/codebook_models/build.py CORPORA [--try] [--held]

CORPORA holds lawtext, the public texts whose sentences tests/codebook_labels.csv names by place.
Needs scikit-learn, which nothing else here does. The same labels, texts and codebook give the same
bytes. A run of characters counts if it stands in three sentences or more.

--try says how the model does in cross-validation by region, over the settings in `TRIED`: nested
(what is best on the training regions codes the others), on all sentences and on those that the
codebook was not fitted to. --held says it of the regions put aside; look there once, at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.feature_selection import chi2
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from analysis import themes
from analysis.kit import put
from analysis.restore import restore
from analysis.text import sentences
from analysis.themes import NONE, Codebook, agreement, model

ROOT = Path(__file__).resolve().parents[2]
LABELS = ROOT / "tests" / "codebook_labels.csv"

SCALE = {"text": 0.5, "heading": 0.2, "part": 1.0, "chars": 1.0, "share": 2.0}
"""What each kind of feature is multiplied with: the less, the more its weights are held down."""

LEAST = {"text": 3, "heading": 4}
"""Sentences that a run of characters must stand in."""

BOOKS: dict[str, dict[str, Any]] = {
    "instruments": {"column": "instrument", "unread": (4,), "C": 1.6, "most": 6000},
    "topics": {"column": "topic", "unread": (3, 4, 5), "C": 1.6, "most": 6000},
}
"""Column of the labels; which sixths of those coded once the book was not fitted to; settings."""

TRIED = {"kinds": ("text heading", "text book", "text heading book"), "C": (0.4, 0.8, 1.6, 3.2)}

CODED = {
    "zh": "语言模型编码，没有人工：667 句编码两遍（用第一遍），2,400 句编码一遍（2026年11月）。",
    "en": "Coded by a language model, by no person: 667 sentences twice (trained on the first "
    "pass), 2,400 once (November 2026).",
}

Features = list[dict[str, float]]


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
            if same.empty:  # split otherwise since it was coded
                print(f"{label.id}: {file} has no such sentence; left out.", file=sys.stderr)
                continue
            rows.append({**same.iloc[0].to_dict(), **label._asdict(), "sentence_id": label.id})
    found = pd.DataFrame(rows).drop(columns="Index").sort_values("id", ignore_index=True)
    found = found.assign(region=found["file"].str.rsplit("/", n=1).str[0].map(_region))
    if keep:
        found.to_parquet(keep)
    return found


def _region(folder: str) -> str:
    """A place has one name in all of its folders."""
    return folder.rpartition("/")[2]


class Data:
    """Sentences with their features, codes and regions; headings are left out where skipped."""

    def __init__(self, found: pd.DataFrame, book: Codebook, how: Mapping[str, Any]):
        hits = themes.match(found, book)
        coded = themes.code(hits, found, book)["primary_theme"]
        self.features: Features = [*model.features(found, hits, book)]
        self.book = coded.to_numpy(object)
        self.codes = found[f"{how['column']}_a"].to_numpy(object)
        self.second = found[f"{how['column']}_b"].to_numpy(object)
        self.regions = found["region"].to_numpy(object)
        self.level = found["file"].str.contains("省自治区|直辖市").to_numpy(bool)
        sixth = [int(name[1:]) % 6 if name[0] == "u" else -1 for name in found["id"]]
        self.unread = np.isin(sixth, how["unread"])
        skipped = found["is_heading"].astype(bool) & (book.headings == "skip")
        self.trains = ~skipped.to_numpy(bool)


def names(data: Data, rows: Sequence[int], kinds: str, most: int) -> list[str]:
    """The features that get weights, sorted: runs by how far they divide the classes (chi²)."""
    wanted = {"part", *kinds.replace("book", "chars share").split()}
    seen = Counter(name for row in rows for name in data.features[row])
    kind = {name: name.partition(":")[0] for name in seen}
    known = [one for one in sorted(seen) if kind[one] in wanted]
    known = [one for one in known if seen[one] >= LEAST.get(kind[one], 1)]
    drawn = [one for one in known if kind[one] in LEAST]
    if len(drawn) > most:
        held = matrix(data, rows, drawn) > 0
        worth = np.nan_to_num(chi2(held, data.codes[rows])[0])
        best = np.argsort(-worth, kind="stable")[:most]
        known = sorted({*known} - {*drawn} | {drawn[at] for at in best})
    return known


def matrix(data: Data, rows: Sequence[int], known: list[str]) -> sparse.csr_matrix:
    """Sentences × features, scaled."""
    place = {name: at for at, name in enumerate(known)}
    cells = [
        (number, place[name], value * SCALE[name.partition(":")[0]])
        for number, row in enumerate(rows)
        for name, value in data.features[row].items()
        if name in place
    ]
    at, column, value = zip(*cells, strict=True)
    return sparse.csr_matrix((value, (at, column)), shape=(len(rows), len(known)))


def trained(
    data: Data, rows: Sequence[int], kinds: str, most: int, C: Sequence[float]
) -> Iterator[tuple[list[str], LogisticRegression]]:
    """The features and the fitted model of each strength C."""
    own = [row for row in rows if data.trains[row]]
    known = names(data, own, kinds, most)
    X = matrix(data, own, known)
    for one in C:
        fit = LogisticRegression(C=one, max_iter=2000, tol=1e-6)
        yield known, fit.fit(X, data.codes[own])


def coded(data: Data, rows: Sequence[int], known: list[str], fit: LogisticRegression) -> np.ndarray:
    """The codes of sentences; a heading that the book skips has none."""
    found = fit.predict(matrix(data, rows, known)).astype(object)
    found[~data.trains[rows]] = NONE
    return found


def alpha(one: np.ndarray, other: np.ndarray) -> float:
    """Krippendorff's alpha of two columns of codes."""
    return round(float(agreement.alpha(pd.DataFrame({"one": one, "other": other}))), 3)


def folds(data: Data, rows: np.ndarray, n: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows to train on and rows to code, no region in both."""
    for train, test in GroupKFold(n).split(rows, groups=data.regions[rows]):
        yield rows[train], rows[test]


def crossed(data: Data, rows: np.ndarray, how: Mapping[str, Any], n: int) -> dict[Any, np.ndarray]:
    """The codes of each setting of `TRIED`, every sentence coded by a model without its region."""
    found = {one: data.codes.copy() for one in product(TRIED["kinds"], TRIED["C"])}
    for train, test in folds(data, rows, n):
        for kinds in TRIED["kinds"]:
            fits = trained(data, train, kinds, how["most"], TRIED["C"])
            for C, (known, fit) in zip(TRIED["C"], fits, strict=True):
                found[kinds, C][test] = coded(data, test, known, fit)
    return found


def tried(data: Data, how: Mapping[str, Any]) -> None:
    """Say how each setting does, and a choice among them that is made on other regions."""
    rows, nested = np.arange(len(data.codes)), data.codes.copy()
    own = crossed(data, rows, how, 5)
    for train, test in folds(data, rows, 5):
        inner = crossed(data, train, how, 3)
        asked = train[data.unread[train]]
        best = max(inner, key=lambda one: alpha(data.codes[asked], inner[one][asked]))
        nested[test] = own[best][test]
        print("chosen on the other regions:", *best, flush=True)
    print(f"alpha of {len(rows)} sentences, of the {data.unread.sum()} not fitted to:")
    for said, codes in (("book", data.book), ("nested", nested), *own.items()):
        of = [alpha(data.codes[some], codes[some]) for some in (rows, data.unread)]
        print(said, *of)


def cross_validated(data: Data, how: Mapping[str, Any], kinds: str) -> dict[str, float]:
    """Alpha of the settings chosen, five folds by region, beside the book's."""
    rows, found = np.arange(len(data.codes)), data.codes.copy()
    for train, test in folds(data, rows, 5):
        ((known, fit),) = trained(data, train, kinds, how["most"], [how["C"]])
        found[test] = coded(data, test, known, fit)
    by = {"model": found, "book": data.book}
    some = {"": rows, "_not_fitted": data.unread}
    of = {f"{who}{which}": alpha(data.codes[own], codes[own])
          for who, codes in by.items() for which, own in some.items()}  # fmt: skip
    return {"n": len(rows), "n_not_fitted": int(data.unread.sum()), **of}


def written(book: Codebook, known: list[str], fit: LogisticRegression, about: Any) -> str:
    """The model as a file, a feature a line; weights are those of unscaled features."""
    scale = np.array([SCALE[name.partition(":")[0]] for name in known])
    weights = {model.ALWAYS: fit.intercept_} | dict(zip(known, (fit.coef_ * scale).T, strict=True))
    head = {"book": book.id, "version": book.version, "words": model.words(book)}
    head |= {"trained": about, "classes": list(map(str, fit.classes_))}
    said = partial(json.dumps, ensure_ascii=False)
    lines = [f"  {said(key)}: {said(one)}," for key, one in head.items()]
    rows = [
        f"    {said(name)}: {said([round(float(one), 4) + 0.0 for one in own])}"
        for name, own in weights.items()
    ]
    return "\n".join(["{", *lines, '  "features": {', ",\n".join(rows), "  }", "}", ""])


def main() -> None:
    """Train, and write the file beside the codebook."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--book", default="instruments", choices=BOOKS)
    parser.add_argument("--kinds", default="text heading book")
    parser.add_argument("--try", action="store_true", dest="tries")
    parser.add_argument("--held", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FILE.parquet", help="sentences, once read")
    options = parser.parse_args()
    how, path = BOOKS[options.book], ROOT / "data" / "codebooks" / f"{options.book}.yaml"
    book, found = Codebook.load(path), labelled(options.corpora, options.keep)
    data = Data(found[found["half"] != "held"].reset_index(drop=True), book, how)
    if options.tries:
        tried(data, how)
        return
    rows = np.arange(len(data.codes))
    ((known, fit),) = trained(data, rows, options.kinds, how["most"], [how["C"]])
    place = model.beside(path)
    about: dict[str, Any] = {"labels": hashlib.sha256(LABELS.read_bytes()).hexdigest()}
    about |= {"coded": CODED, "settings": {"C": how["C"], "most": how["most"]}}
    about["cross_validation"] = cross_validated(data, how, options.kinds)
    print(about["cross_validation"])
    if place.exists():
        before = json.loads(place.read_text("utf-8"))["trained"]
        about["held"] = before.get("held", {})
    if options.held:
        aside = Data(found[found["half"] == "held"].reset_index(drop=True), book, how)
        own = coded(aside, np.arange(len(aside.codes)), known, fit)
        about["held"] = {
            "n": len(own),
            **{f"{who}_{by}": alpha(getattr(aside, coder), codes)
               for who, codes in (("model", own), ("book", aside.book))
               for by, coder in (("a", "codes"), ("b", "second"))},
        }  # fmt: skip
        pair = pd.DataFrame({"one": aside.codes, "other": own})
        about["held"]["model_a_interval"] = [round(x, 3) for x in agreement.alpha_interval(pair)]
        print(about["held"])
    put(place, written(book, known, fit, about))
    print(f"{place}: {len(known) + 1} features")


if __name__ == "__main__":
    main()

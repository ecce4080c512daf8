"""The bundled codebooks on sentences of work reports that were put aside before they were written.

codebook_labels.csv holds the codes that two passes of a language model gave 1,019 sentences of
reports of 150 regions, one a report, blind to each other and to any output, by the definitions of
the books; and those of one pass on 2,400 more. The half `held` is all sentences of a third of the
regions: no list of words was tuned to it. bindingness_labels.csv holds 150 more, of laws and plans.
The sentences themselves stay where they are, named by file and place.
"""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from analysis import themes
from analysis.restore import restore
from analysis.text import sentences
from analysis.themes import Codebook, agreement

HERE = Path(__file__).resolve().parent
BOOKS = HERE.parent / "data" / "codebooks"
FACTS = ("file", "start", "end", "text_sha256")


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / name, keep_default_na=False)


def near(text: str, start: int, end: int, sha256: str) -> str:
    """The sentence that was labelled: edits before it may have moved it by some characters."""
    for moved in sorted(range(-200, 200), key=abs):
        sentence = text[max(start + moved, 0) : end + moved].strip()
        if hashlib.sha256(sentence.encode()).hexdigest()[:16] == sha256:
            return sentence
    return text[start:end].strip()


@pytest.fixture(scope="module")
def held(corpora: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The labels put aside, and all sentences of their reports with the label each has."""
    labels = read("codebook_labels.csv")
    labels = labels[labels["half"] == "held"].set_index("id")
    rows, of = [], {}
    for row in labels.itertuples():
        text = (corpora / "lawtext" / row.file).read_text(encoding="utf-8")
        year = int(Path(row.file).stem[:4]) - 1
        own = sentences.table(sentences.rows(row.Index, restore(text), year))
        digests = [hashlib.sha256(one.encode()).hexdigest()[:16] for one in own["text"]]
        at = [place for place, one in enumerate(digests) if one == row.text_sha256]
        at = [place for place in at if own["start"].iloc[place] == row.start] or at
        assert at, f"{row.Index}: {row.file} has no such sentence"
        of[own["sentence_id"].iloc[at[0]]] = row.Index
        rows.append(own[own["section"] == own["section"].iloc[at[0]]])
    split = pd.concat(rows, ignore_index=True)
    return labels, split.assign(label=split["sentence_id"].map(of))


@pytest.fixture(scope="module")
def coded(held: tuple[pd.DataFrame, pd.DataFrame]) -> dict[str, pd.Series]:
    """The code of each label's sentence by each book."""
    labels, split = held
    found = {}
    for column, name in (("topic", "topics"), ("instrument", "instruments"), ("law", "themes")):
        book = Codebook.load(BOOKS / f"{name}.yaml")
        codes = themes.code(themes.match(split, book), split, book)
        own = codes.merge(split[["sentence_id", "label"]].dropna(), on="sentence_id")
        found[column] = own.set_index("label")["primary_theme"].reindex(labels.index)
    return found


def alpha(one: "pd.Series[str]", other: "pd.Series[str]") -> float:
    return agreement.alpha(pd.DataFrame({"one": one, "other": other}))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "coders", "book"),
    [("topic", 0.95, 0.80), ("instrument", 0.88, 0.62), ("law", 0.93, 0.74)],
)
def test_the_books_agree_with_both_coders_on_regions_put_aside(
    held: tuple[pd.DataFrame, pd.DataFrame],
    coded: dict[str, "pd.Series[str]"],
    column: str,
    coders: float,
    book: float,
) -> None:
    labels = held[0]
    a, b = labels[f"{column}_a"], labels[f"{column}_b"]
    assert alpha(a, b) > coders
    assert alpha(a, coded[column]) > book
    assert alpha(b, coded[column]) > book


@pytest.mark.slow
def test_the_model_agrees_more_than_its_book(
    held: tuple[pd.DataFrame, pd.DataFrame], coded: dict[str, "pd.Series[str]"]
) -> None:
    labels, split = held
    path = BOOKS / "instruments.yaml"
    book = Codebook.load(path)
    found = themes.model.Model.load(path, book)
    own = themes.model.code(found, themes.match(split, book), split, book)
    own = own.merge(split[["sentence_id", "label"]].dropna(), on="sentence_id")
    codes = own.set_index("label")["primary_theme"].reindex(labels.index)
    stated = found.trained["held"]
    for coder in "ab":
        given = labels[f"instrument_{coder}"]
        assert alpha(given, codes) == pytest.approx(stated[f"model_{coder}"], abs=0.002)
        assert alpha(given, codes) > alpha(given, coded["instrument"]) + 0.02


@pytest.mark.slow
def test_few_sentences_of_work_reports_have_no_topic(coded: dict[str, "pd.Series[str]"]) -> None:
    assert (coded["topic"] == themes.NONE).mean() < 0.25


@pytest.mark.slow
def test_bindingness_agrees_with_both_coders_on_sentences_put_aside(corpora: Path) -> None:
    labels = read("bindingness_labels.csv")
    labels = labels[labels["half"] == "held"].set_index("id")
    texts = []
    for row in labels.itertuples():
        text = restore((corpora / row.file).read_text(encoding="utf-8")).text
        texts.append(near(text, row.start, row.end, row.text_sha256))
    digests = [hashlib.sha256(one.encode()).hexdigest()[:16] for one in texts]
    assert digests == labels["text_sha256"].tolist()
    places = {"sentence_id": labels.index, "report_id": labels.index, "text": texts, "start": 0}
    frame = pd.DataFrame({**places, "section": "s1", "is_heading": False, "part": "plan"})
    book = Codebook.load(BOOKS / "bindingness.yaml")
    codes = themes.code(themes.match(frame, book), frame, book).set_index("sentence_id")
    for coder in ("code_a", "code_b"):
        assert alpha(labels[coder], codes["primary_theme"]) > 0.9


def test_the_labels_are_of_places_and_hold_no_text() -> None:
    for name in ("codebook_labels.csv", "bindingness_labels.csv"):
        labels = read(name)
        assert {*FACTS, "sha256", "half"} <= set(labels)
        assert not labels.duplicated(["file", "start"]).any()
        coded_columns = [one for one in labels if one[-2:] in ("_a", "_b")]
        assert labels[coded_columns].stack().str.fullmatch("[a-z_;]*").all()

"""The codebook on sentences of a genre and year of which it was fitted to others.

theme_labels.csv holds the codes that a language model gave 90 sentences of provincial reports of
2026 in two independent passes, from the definitions alone, before the codebook was scored on them;
the sentences themselves stay where they are, named by file and place.
"""

import csv
import hashlib
from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import themes
from analysis.restore import restore
from analysis.themes import agreement

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def labelled(corpora: Path) -> pd.DataFrame:
    """The labels with their sentences."""
    csv.field_size_limit(10**9)
    labels = pd.read_csv(ROOT / "tests" / "theme_labels.csv", dtype={"file": str})
    texts = {}
    for name in labels["file"].unique():
        with (corpora / "provincial-2026" / name).open(encoding="utf-8-sig", newline="") as file:
            texts[name] = restore(next(csv.DictReader(file))["full_text"]).text
    rows = zip(labels["file"], labels["start"], labels["end"], strict=True)
    return labels.assign(text=[texts[name][start:end] for name, start, end in rows])


def test_the_labels_are_about_the_sentences_they_were_given_to(labelled: pd.DataFrame) -> None:
    hashes = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in labelled["text"]]
    assert hashes == labelled["text_sha256"].tolist()


def test_the_codebook_agrees_with_both_coders(study: gb.Study, labelled: pd.DataFrame) -> None:
    frame = labelled.assign(report_id="r", sentence_id=labelled["id"], section="s0", start=0)
    frame = frame.assign(is_heading=False)
    coded = themes.code(themes.match(frame, study.codebook), frame, study.codebook)
    codes = labelled.assign(codebook=coded["primary_theme"])
    assert agreement.alpha(codes[["coder_a", "coder_b"]]) > 0.95
    assert agreement.alpha(codes[["coder_a", "codebook"]]) > 0.70
    assert agreement.alpha(codes[["coder_b", "codebook"]]) > 0.70

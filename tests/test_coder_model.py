"""The linear model beside a codebook: what it weighs, what it says, whose words it knows.

Expected values are worked out by hand from weights made up here; the probabilities were computed
once by scikit-learn's LogisticRegression with these weights on the same made-up sentences.
"""

import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables, themes
from analysis.kit import InputError
from analysis.study import build, catalogue
from analysis.themes import Codebook, model

THEME = """  - id: {id}
    name: {{zh: {id}, en: {id}}}
    definition: {{zh: 甲, en: A}}
    include: [{include}]
"""
BOOK = "id: means\nversion: 3\nname: {zh: 手段, en: Means}\nheadings: skip\nthemes:\n"
BOOK += THEME.format(id="give", include="新建, 补贴") + THEME.format(
    id="rule", include="办法, 制度"
)
CLASSES = ["give", "none", "rule"]
WEIGHTS = {
    "always": [-1.0, 0.5, 0.5],
    "chars:give": [2.0, -1.0, -1.0],
    "chars:rule": [-0.5, -0.5, 1.0],
    "share:give": [0.25, 0.0, -0.25],
    "text:建": [0.75, -0.25, -0.5],
    "text:制度": [0.0, -1.0, 1.0],
    "done:育": [0.75, 0.0, -0.75],
    "part:plan": [0.0, -0.5, 0.5],
}


def frame_of(*texts: str, part: str = "done") -> pd.DataFrame:
    """Sentences of one section; one that begins with # is a heading."""
    rows = []
    for at, text in enumerate(texts, 1):
        place = (part, text.removeprefix("#"), 100 * at, 100 * at + len(text), 0, 0)
        rows.append(("r", f"r:s{at:03d}", "s1", "", text.startswith("#"), *place))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))


def put(folder: Path, **other: Any) -> tuple[Path, Codebook]:
    """The book and its model in a folder, some keys of the model being others."""
    path = folder / "means.yaml"
    path.write_text(BOOK, encoding="utf-8")
    book = Codebook.load(path)
    own = {"book": "means", "version": "3", "words": model.words(book), "classes": CLASSES}
    own |= {"trained": {"held": {"n": 9, "model_a": 0.7, "book_a": 0.6}}, "features": WEIGHTS}
    model.beside(path).write_text(json.dumps(own | other, ensure_ascii=False), encoding="utf-8")
    return path, book


@pytest.fixture
def own(tmp_path: Path) -> tuple[model.Model, Codebook]:
    path, book = put(tmp_path)
    return model.Model.load(path, book), book


def coded(own: tuple[model.Model, Codebook], frame: pd.DataFrame) -> pd.DataFrame:
    found, book = own
    return model.code(found, themes.match(frame, book), frame, book)


# ---- what is weighed


def test_what_a_sentence_has_by_hand(own: tuple[model.Model, Codebook]) -> None:
    frame = frame_of("新建学校。", part="plan")
    (found,) = model.features(frame, themes.match(frame, own[1]))
    runs = ["新", "建", "学", "校", "。", "新建", "建学", "学校", "校。"]
    runs += ["新建学", "建学校", "学校。", "新建学校", "建学校。"]
    assert found == pytest.approx(
        {
            **dict.fromkeys([f"text:{run}" for run in runs], 1.0),
            **{"always": 1.0, "part:plan": 1.0},
            **dict.fromkeys([f"plan:{run}" for run in runs[:9]], 1.0),
            **{"chars:give": math.log(3), "share:give": 2 / 5},
        }
    )


def test_a_run_goes_over_no_white_space_and_no_sign_that_parts_a_rule() -> None:
    assert [*model.runs("甲 乙丙", (1, 2))] == ["甲", "乙", "丙", "乙丙"]
    assert [*model.runs("甲|乙;丙\n丁\u3000戊", (1, 2))] == ["甲", "乙", "丙", "丁", "戊"]
    assert [*model.runs("甲；乙", (2,))] == ["甲；", "；乙"]
    assert [*model.runs("甲", (2, 3))] == []


def test_overlapping_and_shadowed_matches_cover_their_characters_once(
    own: tuple[model.Model, Codebook],
) -> None:
    frame = frame_of("办法办法。")
    hits = themes.match(frame, own[1])
    (found,) = model.features(frame, hits)
    assert found["chars:rule"] == pytest.approx(math.log(5))
    assert "chars:give" not in found
    (found,) = model.features(frame, pd.concat([hits, hits]))
    assert found["share:rule"] == 4 / 5


# ---- what it says


def test_codes_and_their_reasons_by_hand(own: tuple[model.Model, Codebook]) -> None:
    """Give of s001: -1 + 2 ln 3 + 0.25 · 2/5 + 0.75 = 2.05, none -0.85, rule -1.20."""
    found = coded(own, frame_of("新建学校。", "制度新建。", "大家好。"))
    assert found["primary_theme"].tolist() == ["give", "give", "none"]
    assert found["other_themes"].tolist() == ["", "rule", ""]
    assert found["rule"].tolist() == [
        "model:chars:give +2.20|text:建 +0.75|share:give +0.10",
        "model:chars:give +2.20|text:建 +0.75|share:give +0.10;book:rule",
        "model:always +0.50",
    ]
    assert set(found["codebook"]) == {"means"}


def test_the_book_is_the_second_opinion_where_it_differs(
    own: tuple[model.Model, Codebook],
) -> None:
    """办法 twice covers more than 新建: that decides for the book, not for the model."""
    frame = frame_of("办法办法新建。", "制度。", "重建教育。")
    by_book = themes.code(themes.match(frame, own[1]), frame, own[1])
    assert by_book["primary_theme"].tolist() == ["rule", "rule", "none"]
    found = coded(own, frame)
    assert found["primary_theme"].tolist() == ["give", "rule", "give"]
    assert found["other_themes"].tolist() == ["rule", "", ""]
    ends = [rule.rpartition(";")[2] for rule in found["rule"]]
    assert ends[0] == "book:rule"
    assert ends[1].startswith("model:")
    assert ends[2] == "book:none"
    headings = pd.DataFrame({"primary_theme": ["none"] * 5, "rule": ["none"] * 5})
    assert model.second_opinion(headings) == {"n": 0, "same": 0, "alpha": None}
    of = model.second_opinion(pd.concat([found, headings]))
    assert (of["n"], of["same"]) == (3, 1)
    # pairs (give, rule), (rule, rule), (give, none): of 6 codes 2 are give, 3 rule, 1 none
    assert of["alpha"] == pytest.approx(1 - (2 / 3) / (1 - (2 * 1 + 3 * 2) / 30), abs=1e-4)


def test_of_equal_sums_the_first_class_counts(own: tuple[model.Model, Codebook]) -> None:
    found, _ = own
    assert found.judged({"always": 1.0}) == ("none", "always +0.50")
    assert found.judged({"text:未": 1.0}) == ("give", "")


def test_headings_have_none_only_where_the_book_skips_them(tmp_path: Path) -> None:
    path, book = put(tmp_path)
    found = model.Model.load(path, book)
    frame = frame_of("#新建学校", "新建学校。")
    assert coded((found, book), frame)["primary_theme"].tolist() == ["none", "give"]
    assert coded((found, book), frame)["rule"].iloc[0] == "none"
    path.write_text(BOOK.replace("skip", "keep"), encoding="utf-8")
    keeps = Codebook.load(path)
    assert coded((found, keeps), frame)["primary_theme"].tolist() == ["give", "give"]


def test_probabilities_are_those_of_scikit_learn(own: tuple[model.Model, Codebook]) -> None:
    found, book = own
    frame = frame_of("新建学校。", "完善制度。", "大家好。", "建制度，发补贴。", part="plan")
    given = model.features(frame, themes.match(frame, book))
    for one, expected in zip(given, SCIKIT_LEARN, strict=True):
        raised = np.exp(found.weighed(one)[1].sum(axis=0))
        assert (raised / raised.sum()).tolist() == pytest.approx(expected, abs=1e-6)


SCIKIT_LEARN = [
    [0.910990, 0.030530, 0.058481],
    [0.009401, 0.009401, 0.981197],
    [0.090031, 0.244728, 0.665241],
    [0.502477, 0.006432, 0.491092],
]


# ---- whose words it knows


def test_what_a_book_says_of_itself_may_change_its_words_may_not(tmp_path: Path) -> None:
    path, book = put(tmp_path)
    for other in (BOOK.replace("手段", "方式"), BOOK.replace("version: 3", "version: 4")):
        path.write_text(other, encoding="utf-8")
        assert model.words(Codebook.load(path)) == model.words(book)
        assert model.Model.load(path, Codebook.load(path)).classes == (*CLASSES,)
    for other in (
        BOOK.replace("补贴", "补助"),
        BOOK.replace("headings: skip", "headings: keep"),
        BOOK.replace("headings: skip", "carry: 2\nheadings: skip"),
        BOOK.replace("headings: skip", "least: 0.1\nheadings: skip"),
    ):
        path.write_text(other, encoding="utf-8")
        with pytest.raises(InputError, match="trained with means, version 3, not with the words"):
            model.Model.load(path, Codebook.load(path))


def test_a_book_without_a_model_is_refused(tmp_path: Path) -> None:
    path, book = put(tmp_path)
    model.beside(path).unlink()
    with pytest.raises(InputError, match=r"means.yaml: has no model .* code by `book`"):
        model.Model.load(path, book)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"features": {"always": [0.0, 1.0]}}, "not one weight for each class"),
        ({"features": {"always": [0, 1, 2], "text:甲": [0, 1]}}, "is no model"),
        ({"features": {"always": [0, 1, math.inf]}}, "no finite number"),
        ({"features": {}}, "not one weight for each class"),
        ({"features": []}, "'features' is missing or of another type"),
        ({"classes": None}, "'classes' is missing or of another type"),
        ({"classes": ["give", "none", "other"]}, "class other, which is no theme of means"),
        ({"words": "0"}, "was trained with means, version 3"),
        ({"book": "ends"}, "was trained with ends"),
    ],
)
def test_a_broken_model_is_refused_by_file(tmp_path: Path, other: Any, said: str) -> None:
    path, book = put(tmp_path, **other)
    with pytest.raises(InputError, match=said) as refused:
        model.Model.load(path, book)
    assert "means.model.json" in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "3", '"instruments"'])
def test_what_is_no_model_at_all_is_refused(tmp_path: Path, text: str) -> None:
    path, book = put(tmp_path)
    model.beside(path).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is no model"):
        model.Model.load(path, book)


# ---- in a study


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The bundled study with the made-up book and its model."""
    place = tmp_path / "own"
    shutil.copytree(gb.Study().path, place, ignore=shutil.ignore_patterns("store"))
    put(place / "codebooks")
    return place


def test_a_study_is_coded_by_either_and_keeps_both_apart(place: Path) -> None:
    book = gb.Study(place, codebook="means")
    by_model = gb.Study(place, codebook="means", coder="model")
    assert not book.codings["rule"].str.startswith("model:").any()
    own = by_model.codings[~by_model.sentences["is_heading"].astype(bool)]
    assert own["rule"].str.startswith("model:").all()
    kept = {path: path.read_bytes() for path in (place / "store").rglob("codings*/*.parquet")}
    assert {path.parent.name for path in kept} == {"codings-means", "codings-means-model"}
    assert book.under("means", "model").codings.equals(by_model.codings)
    assert by_model.under("means").codings.equals(book.codings)
    assert by_model.theme_hits.equals(book.theme_hits)
    assert {path: path.read_bytes() for path in kept} == kept
    shutil.rmtree(place / "store")
    assert gb.Study(place, codebook="means", coder="model").codings.equals(by_model.codings)
    again = {path: path.read_bytes() for path in (place / "store").rglob("codings*/*.parquet")}
    assert again.items() <= kept.items()


def test_another_model_codes_anew(place: Path) -> None:
    before = gb.Study(place, codebook="means", coder="model").codings
    weights = {**WEIGHTS, "always": [9.0, 0.0, 0.0]}
    put(place / "codebooks", features=weights)
    after = gb.Study(place, codebook="means", coder="model")
    assert set(after.codings["primary_theme"]) == {"give", "none"}
    assert not after.codings.equals(before)
    assert len([*(place / "store" / "codings-means-model").glob("*.parquet")]) == 1


def test_a_corpus_is_coded_by_a_model_beside_what_it_was_built_with(
    place: Path, tmp_path: Path
) -> None:
    settings = place / "study.yaml"
    settings.write_text(settings.read_text("utf-8") + "codebook: means\n", encoding="utf-8")
    corpus, text = tmp_path / "corpus", tmp_path / "福建省2020年政府工作报告.txt"
    words = "政府工作报告\n2020年\n一、回顾\n新建学校。办法办法新建。\n"
    text.write_text(words, encoding="utf-8")
    build.build([str(text)], corpus, codebooks=place, engine="jieba", jobs=1)
    built = gb.Study(corpus).codings
    assert built["primary_theme"].tolist()[-2:] == ["give", "rule"]
    found = gb.Study(corpus, coder="model").codings
    assert found["primary_theme"].tolist()[-2:] == ["give", "give"]
    assert gb.Study(corpus).codings.equals(built)


def test_a_coder_that_is_not_there_is_refused_at_once(place: Path) -> None:
    with pytest.raises(InputError, match=r"coder 'people' is not known. Known: book, model"):
        gb.Study(place, codebook="means", coder="people")
    with pytest.raises(InputError, match=r"topics.yaml: has no model"):
        gb.Study(place, codebook="topics", coder="model")
    with pytest.raises(InputError, match=r"topics.yaml: has no model"):
        gb.Study(place, codebook="means").themes.cross("topics", coder="model")


def test_commands_take_a_coder(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    how = ["--codebook", "means", "--data", str(place)]
    assert cli.main(["table", "codings", *how, "--coder", "model"]) == 0
    assert "model:" in capsys.readouterr().out
    assert cli.main(["table", "codings", *how]) == 0
    assert "model:" not in capsys.readouterr().out
    drawn = place / "drawn.csv"
    assert cli.main(["sample", "-o", str(drawn), "--n", "20", *how, "--coder", "model"]) == 0
    assert "--codebook means --coder model" in capsys.readouterr().out
    filled = pd.read_csv(drawn, keep_default_na=False)
    filled.assign(primary_theme="none", coder="A").to_csv(drawn, index=False)
    assert cli.main(["validate", "--against", str(drawn), *how, "--coder", "model"]) == 0
    said = capsys.readouterr().out
    of = model.second_opinion(gb.Study(place, codebook="means", coder="model").codings)
    assert f"the book gives {of['same']} of {of['n']} sentences the same" in said
    assert cli.main(["validate", "--against", str(drawn), *how]) == 0
    assert "the book gives" not in capsys.readouterr().out
    assert cli.main(["table", "codings", "--coder", "model", "--data", str(place)]) == 2
    assert "themes.yaml: has no model" in capsys.readouterr().err


def said(found: gb.Finding, place: Path) -> tuple[str, str]:
    """Caption and methods of a bundle."""
    folder = found.save(place / "figures", lang="en").path
    texts = [(folder / name).read_text("utf-8") for name in ("caption.en.txt", "methods.en.md")]
    return texts[0], texts[1]


def test_captions_say_who_codes_and_how_right_it_is(place: Path) -> None:
    study = gb.Study(place, codebook="means", coder="model")
    caption, methods = said(study.themes.coverage(), place)
    assert "coded as each theme by the linear model" in caption
    assert "Codes of Means are given by the linear model beside the codebook" in methods
    assert "On 9 sentences put aside before, alpha of the model" in methods
    assert "is 0.70, of the codebook 0.60" in methods
    assert "whose matches cover most" not in methods
    caption, methods = said(gb.Study(place, codebook="means").themes.coverage(), place)
    assert "linear model" not in caption + methods
    assert "whose matches cover most" in methods


def test_a_cross_table_says_whose_columns_a_model_coded(place: Path) -> None:
    study = gb.Study(place)
    found = study.themes.cross("means", coder="model")
    own = study.under("means", "model").codings.merge(study.sentences, on="sentence_id")
    own = own[~own["is_heading"].astype(bool)]
    counts = own["primary_theme"].value_counts().to_dict()
    assert found.table.groupby("crossed")["n"].sum().to_dict() == counts
    caption, methods = said(found, place)
    assert "version 3, coded by its linear model" in caption
    assert "whose matches cover most" in methods
    assert "Codes of Means are given by the linear model" in methods


def test_what_only_counts_matches_is_the_same_whoever_codes(place: Path) -> None:
    both = [gb.Study(place, codebook="means", coder=one) for one in ("book", "model")]
    one, other = (study.themes.cooccurrence().table for study in both)
    pd.testing.assert_frame_equal(one, other)
    flow = both[1].themes.flow()
    assert set(flow.table["rule_kind"]) <= {"model", "none"}
    caption, _ = said(flow, place)
    assert "coded by the linear model" in caption


def test_a_mark_is_traced_by_the_coder_that_it_was_made_with(place: Path) -> None:
    study = gb.Study(place, codebook="means", coder="model")
    coverage = study.themes.coverage()
    folder = coverage.save(place / "figures").path
    row = int((coverage.table["n"].to_numpy() > 0).argmax()) + 1
    traced = gb.trace(gb.Study(place), f"{folder}#r{row}")
    assert "may differ" not in traced
    assert "by model:" in traced


# ---- the bundled one


BOOKS = Path(__file__).resolve().parent.parent / "data" / "codebooks"


def test_the_bundled_model_belongs_to_the_bundled_book_and_holds_no_text() -> None:
    path = BOOKS / "instruments.yaml"
    book = Codebook.load(path)
    found = model.Model.load(path, book)
    assert {*found.classes} == {*book.ids, themes.NONE}
    assert len(found.features) <= 6000
    kinds = [name.partition(":")[::2] for name in found.features]
    assert {kind for kind, _ in kinds} <= {*model.KINDS}
    assert max(len(run) for kind, run in kinds if kind not in ("chars", "share", "part")) <= 4
    assert abs(found.weights.sum(axis=1)).max() < 0.001  # a class more is a class less elsewhere
    labels = model.hashlib.sha256((BOOKS.parents[1] / "tests/codebook_labels.csv").read_bytes())
    assert found.trained["labels"] == labels.hexdigest()


def test_a_new_study_gets_the_models_of_its_books(tmp_path: Path) -> None:
    catalogue.new(tmp_path / "both", codebooks=["instruments", "topics"])
    catalogue.new(tmp_path / "one", codebooks=["topics"])
    assert (tmp_path / "both" / "codebooks" / "instruments.model.json").is_file()
    assert not [*(tmp_path / "one" / "codebooks").glob("*.json")]
    assert gb.Study(tmp_path / "both", coder="model").model is not None

"""Hand codes: drawn, written, read back, put in place, compared; on four made-up sentences.

The last tests hold the bundled study's own hand codes against the file they were made from.
"""

import csv
from collections import Counter
from pathlib import Path
from statistics import mode

import pandas as pd
import pytest
from openpyxl import load_workbook

import analysis as gb
from analysis import tables, themes
from analysis.kit import InputError, ProblemsError
from analysis.themes import Codebook, Theme, agreement, handcodes

NAMES = {"zh": "甲", "en": "A"}
CODEBOOK = Codebook(
    "1", tuple(Theme(key, NAMES, NAMES, "", (key,), (), ()) for key in ("court", "review"))
)
SHA = {"r": "abc"}


@pytest.fixture
def sentences() -> pd.DataFrame:
    """A heading and three sentences; the second and third begin alike."""
    texts = ["一、复议", "今年，出庭很多。", "今年，出庭不多。", "=明年再说。"]
    rows = []
    for at, text in enumerate(texts):
        start = 10 * at
        place = (start, start + len(text), 2 * start, 2 * (start + len(text)))
        rows.append(("r", f"r:s{at + 1:03d}", "s1", texts[0], at == 0, "done", text, *place))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))


def codings_of(*codes: str) -> pd.DataFrame:
    rows = [
        ("r", f"r:s{at:03d}", "b", code, "", f"hits:{code}") for at, code in enumerate(codes, 1)
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["codings"]))


def file_of(folder: Path, text: str) -> Path:
    path = folder / "codes.csv"
    path.write_text(text, encoding="utf-8")
    return path


def placed_of(folder: Path, text: str, sentences: pd.DataFrame) -> handcodes.Placed:
    return handcodes.place(handcodes.read(file_of(folder, text), CODEBOOK), sentences, SHA)


# ---- drawing and writing


def test_every_stratum_gets_its_share_of_a_sample_that_can_be_drawn_again() -> None:
    sizes = {"a": 40, "b": 20, "c": 20}
    frame = pd.DataFrame(
        [
            (report, f"{report}:s{at:03d}", "s1", "", False, "done", "文", at, at, at, at)
            for report, size in sizes.items()
            for at in range(size)
        ],
        columns=list(tables.COLUMNS["sentences"]),
    )
    drawn = handcodes.sample(frame, dict.fromkeys(sizes, "x"), n=20, by=("report_id",))
    assert Counter(drawn["report_id"]) == {"a": 10, "b": 5, "c": 5}
    assert drawn["sentence_id"].is_unique
    assert list(drawn["report_id"]) != sorted(drawn["report_id"])
    again = handcodes.sample(frame, dict.fromkeys(sizes, "x"), n=20, by=("report_id",))
    pd.testing.assert_frame_equal(drawn, again)
    other = handcodes.sample(frame, dict.fromkeys(sizes, "x"), n=20, by=("report_id",), seed=1)
    assert set(drawn["sentence_id"]) != set(other["sentence_id"])
    assert len(handcodes.sample(frame, dict.fromkeys(sizes, "x"), n=1000)) == 80
    with pytest.raises(InputError, match="did you mean 'part'"):
        handcodes.sample(frame, dict.fromkeys(sizes, "x"), by=("parts",))


def test_a_workbook_offers_the_themes_shows_no_code_and_comes_back(
    tmp_path: Path, sentences: pd.DataFrame
) -> None:
    path = tmp_path / "sample.xlsx"
    handcodes.write_workbook(handcodes.sample(sentences, SHA), CODEBOOK, path)
    book = load_workbook(path)
    sheet, meanings = book["sentences"], book["themes"]
    assert [row[0].value for row in meanings.iter_rows(min_row=2)] == ["court", "review", "none"]
    (choices,) = sheet.data_validations.dataValidation
    assert (choices.type, choices.formula1) == ("list", "themes!$A$2:$A$4")
    header = [cell.value for cell in sheet[1]]
    coded = sheet.cell(2, header.index("primary_theme") + 1)
    assert str(choices.sqref) == f"{coded.column_letter}2:{coded.column_letter}5"
    assert "rule" not in header
    assert all(cell.value in ("", None) for cell in sheet[coded.column_letter][1:])
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    with pytest.raises(InputError, match="holds no code"):
        handcodes.read(path, CODEBOOK)
    coded.value, first = "review", sheet.cell(2, header.index("sentence_id") + 1).value
    book.save(path)
    coded_by_hand = path.read_bytes()
    with pytest.raises(InputError, match=r"sample\.xlsx:2: is coded already"):
        handcodes.write_workbook(handcodes.sample(sentences, SHA), CODEBOOK, path)
    assert path.read_bytes() == coded_by_hand
    found = handcodes.place(handcodes.read(path, CODEBOOK), sentences, SHA)
    assert found.lost == []
    assert len(found.codes) == 4
    signed = found.codes[found.codes["primary_theme"] != ""]
    assert signed[["sentence_id", "coder", "primary_theme"]].values.tolist() == [
        [first, "sample", "review"]
    ]


def test_a_sample_as_csv_holds_no_formula_and_finds_its_sentences(
    tmp_path: Path, sentences: pd.DataFrame
) -> None:
    path = tmp_path / "sample.csv"
    drawn = handcodes.sample(sentences, SHA).assign(primary_theme="none", coder="甲")
    handcodes.write_workbook(drawn, CODEBOOK, path)
    cells = [cell for row in csv.reader(path.read_text("utf-8-sig").splitlines()) for cell in row]
    assert "'=明年再说。" in cells
    assert not [cell for cell in cells if cell.startswith("=")]
    found = handcodes.place(handcodes.read(path, CODEBOOK), sentences, SHA)
    assert found.lost == []
    assert sorted(found.codes["sentence_id"]) == list(sentences["sentence_id"])
    with pytest.raises(InputError, match=r"\.xlsx or \.csv"):
        handcodes.write_workbook(drawn, CODEBOOK, tmp_path / "sample.txt")


# ---- reading


OWN = "sha256,raw_start,raw_end,quote,coder,primary_theme\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OWN + "abc,0,8,一,甲,cuort\n", ":2: theme 'cuort' is not known; did you mean 'court'"),
        (OWN + "abc,x,8,一,甲,court\n", ":2: raw_start is 'x'; it must be a whole number"),
        (OWN + "\n,0,8,一,甲,court\n", ":3: names no sentence"),
        (OWN + "abc,0,8,一,甲,court\nabc,0,8,一,甲,none\n", ":3: 甲 has coded this sentence"),
        (OWN + "abc,0,8,一,甲,\n", ": holds no code"),
        (OWN, ": holds no code"),
        ("", ":1: is no file of hand codes"),
        ("sha256,raw_start,theme\n", ":1: is no file of hand codes"),
        ("report_id,sentence,other_themes,coder_1\nr,2,court;x,court\n", ":2: theme 'x' is not"),
    ],
)
def test_a_mistake_in_hand_codes_is_answered_with_its_line(
    tmp_path: Path, text: str, said: str
) -> None:
    path = file_of(tmp_path, text)
    with pytest.raises((InputError, ProblemsError)) as caught:
        handcodes.read(path, CODEBOOK)
    assert f"{path}{said}" in str(caught.value)


def test_what_is_no_file_or_no_workbook_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        handcodes.read(tmp_path / "absent.csv", CODEBOOK)
    (tmp_path / "text.xlsx").write_text("复议", encoding="utf-8")
    with pytest.raises(InputError, match="is no workbook"):
        handcodes.read(tmp_path / "text.xlsx", CODEBOOK)


# ---- finding the place


def test_codes_find_their_sentence_by_offsets_then_by_quote_then_are_said_to_be_lost(
    tmp_path: Path, sentences: pd.DataFrame
) -> None:
    found = placed_of(
        tmp_path,
        OWN
        + "abc,0,8,another reading,甲,court\n"  # the bytes are the anchor, whatever they now read
        + "abc,39,50,今年\uff0c,甲,court\n"  # moved by a byte: the nearer of two that begin so
        + "abc,21,22,今年,甲,review\n"
        + "abc,99,100,后年,甲,court\n"
        + "other,0,8,一,甲,court\n",
        sentences,
    )
    assert found.codes[["sentence_id", "raw_start", "quote", "primary_theme"]].values.tolist() == [
        ["r:s001", 0, "一、复议", "court"],
        ["r:s003", 40, "今年，出庭不多。", "court"],
        ["r:s002", 20, "今年，出庭很多。", "review"],
    ]
    path = tmp_path / "codes.csv"
    assert found.lost == [
        f"{path}:5: the code of '后年' by 甲 has no place: no sentences of the report begin so.",
        f"{path}:6: the code of '一' by 甲 has no place: the study does not hold its report.",
    ]


def test_numbered_sentences_with_ascii_punctuation_and_a_column_a_coder(
    tmp_path: Path, sentences: pd.DataFrame
) -> None:
    found = placed_of(
        tmp_path,
        "report_id,sentence,text,primary_theme,other_themes,coder_1,coder_2\n"
        'r,2,"今年,出庭很多。",court,review,court,review\n'
        'r,4,"今年,出庭不多。",court,,court,\n'  # the wrong number, but only one reads so
        'r,1,"今年",court,,court,\n'  # neither its number nor the only one
        'x,1,"今年",court,,court,none\n',
        sentences,
    )
    assert found.codes[["sentence_id", "coder", "primary_theme", "sha256"]].values.tolist() == [
        ["r:s002", "coder_1", "court", "abc"],
        ["r:s002", "coder_2", "review", "abc"],
        ["r:s003", "coder_1", "court", "abc"],
        ["r:s003", "coder_2", "", "abc"],
    ]
    assert len(found.lost) == 4
    assert "2 sentences of the report begin so" in found.lost[0]


def test_two_codes_by_one_coder_that_meet_on_a_sentence_are_said(
    tmp_path: Path, sentences: pd.DataFrame
) -> None:
    found = placed_of(
        tmp_path, OWN + "abc,0,8,,甲,court\nabc,1,8,一,甲,none\nabc,1,8,一,乙,none\n", sentences
    )
    assert found.codes[["coder", "primary_theme"]].values.tolist() == [
        ["甲", "court"],
        ["乙", "none"],
    ]
    assert [line.partition("no place: ")[2] for line in found.lost] == [
        "甲 has coded r:s001 already."
    ]


# ---- agreement


def hand_of(**codes: str) -> pd.DataFrame:
    """Placed codes, one keyword a coder: its codes of r:s001, r:s002, … by their first letters."""
    words = {"c": "court", "r": "review", "n": "none", ".": ""}
    rows = [
        (f"r:s{at:03d}", coder, "b", words[letter])
        for coder, letters in codes.items()
        for at, letter in enumerate(letters, 1)
    ]
    return pd.DataFrame(rows, columns=["sentence_id", "coder", "codebook", "primary_theme"])


def test_codings_are_held_against_the_majority_and_ties_and_gaps_left_out(
    sentences: pd.DataFrame,
) -> None:
    hand = hand_of(a="rcc.", b="rcr.", c="rn..")
    found = handcodes.validate(
        codings_of("review", "review", "court", "none"), sentences, hand, CODEBOOK
    )
    # s001 all review; s002 two court, one none; s003 one each, a tie; s004 nobody
    assert (found.n, found.same, found.divided, found.uncoded) == (2, 1, 1, 1)
    # Two units, review-review and court-review: Do = 1/2, De = (3·1·2)/(4·3) = 1/2
    assert found.alpha == pytest.approx(0.0)
    assert found.disagreements.values.tolist() == [
        ["r:s002", "今年，出庭很多。", "court", "review", "hits:review"]
    ]
    assert found.confusion.values.tolist() == [["court", "review", 1], ["review", "review", 1]]
    assert found.scores.set_index("theme").loc["review", ["n_hand", "n_coded"]].tolist() == [1, 2]
    codes = pd.DataFrame({"a": ["r", "c", "c"], "b": ["r", "c", "r"], "c": ["r", "n", None]})
    assert found.coders_alpha == pytest.approx(agreement.alpha(codes))
    assert found.bare is not None
    assert (found.bare.n, found.bare.headings, found.bare.bare) == (1, False, None)


def test_the_report_says_both_ways_and_every_disagreement(sentences: pd.DataFrame) -> None:
    said = str(
        handcodes.validate(
            codings_of("review", "court", "court", "none"),
            sentences,
            hand_of(a="rcrn", b="rcrn"),
            CODEBOOK,
        )
    )
    assert "with headings     " in said
    assert "3 of 4 sentences the same" in said
    assert "without headings  " in said
    assert "2 of 3 sentences the same" in said
    assert "the coders      1.000" in said
    assert "review → court" in said
    assert "r:s003: review → court (hits:court)\n  今年，出庭不多。" in said


def test_two_files_of_hand_codes_are_compared_the_same_way(sentences: pd.DataFrame) -> None:
    second = handcodes.as_codings(hand_of(b="rn.c"))
    found = handcodes.validate(second, sentences, hand_of(a="rc.."), CODEBOOK)
    assert (found.n, found.same, found.uncoded, found.divided) == (2, 1, 2, 0)
    assert found.disagreements[["hand", "coded", "rule"]].values.tolist() == [
        ["court", "none", "hand:b"]
    ]
    nothing = handcodes.validate(second, sentences, hand_of(a="r..."), CODEBOOK)
    assert nothing.bare is not None
    assert (nothing.n, nothing.bare.n) == (1, 0)
    assert "0 of 0" in str(nothing)


# ---- the bundled study


def bundled(study: gb.Study) -> handcodes.Placed:
    codes = handcodes.read(study.path / "validation" / "themes.csv", study.codebook)
    hashes = dict(zip(study.reports["report_id"], study.reports["sha256"], strict=True))
    return handcodes.place(codes, study.sentences, hashes)


def test_the_bundled_hand_codes_cover_every_sentence_three_times(study: gb.Study) -> None:
    found = bundled(study)
    assert found.lost == []
    assert Counter(found.codes["sentence_id"]) == dict.fromkeys(study.sentences["sentence_id"], 3)
    assert sorted(set(found.codes["coder"])) == ["coder_1", "coder_2", "coder_3"]


def test_the_bundled_hand_codes_are_what_reading_the_reference_gives(
    study: gb.Study, gold: Path, tmp_path: Path
) -> None:
    codes = handcodes.read(gold / "xiamen-2022-themes.csv", study.codebook)
    hashes = dict(zip(study.reports["report_id"], study.reports["sha256"], strict=True))
    found = handcodes.place(codes, study.sentences, hashes)
    assert found.lost == []
    tables.write(found.codes[list(handcodes.COLUMNS)], tmp_path / "themes.csv")
    written = (study.path / "validation" / "themes.csv").read_bytes()
    assert (tmp_path / "themes.csv").read_bytes() == written


def test_the_bundled_codings_agree_with_the_hand_codes(study: gb.Study) -> None:
    by_place: dict[int, list[str]] = {}
    path = study.path / "validation" / "themes.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            by_place.setdefault(int(row["raw_start"]), []).append(row["primary_theme"])
    machine = study.codings["primary_theme"].tolist()
    pairs = pd.DataFrame({"hand": [mode(codes) for codes in by_place.values()], "coded": machine})
    found = handcodes.validate(study.codings, study.sentences, bundled(study).codes, study.codebook)
    assert (found.n, found.uncoded, found.divided) == (52, 0, 0)
    assert found.alpha == pytest.approx(agreement.alpha(pairs), abs=1e-12)
    without = pairs[~study.sentences["is_heading"].astype(bool)]
    assert found.bare is not None
    assert found.bare.alpha == pytest.approx(agreement.alpha(without), abs=1e-12)
    assert found.coders_alpha == pytest.approx(
        agreement.alpha(pd.DataFrame(by_place.values())), abs=1e-12
    )
    assert found.alpha >= 0.70
    assert found.bare.alpha >= 0.70


def test_the_coder_never_reads_hand_codes() -> None:
    source = Path(themes.__file__).with_name("coding.py").read_text(encoding="utf-8")
    for word in ("validation", "handcodes", "agreement"):
        assert word not in source

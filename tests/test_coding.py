"""Coding by several people: what is dealt, what comes back, what is decided, how far they agree."""

import hashlib
import importlib
import json
import os
import random
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from analysis import cli, tables
from analysis.kit import InputError, ProblemsError
from analysis.study import Study
from analysis.themes import NONE, Codebook, Theme, agreement, gold, handcodes, pmc, workflow
from analysis.themes.reliability import reliability
from analysis.words import redrawn

BOOK = Codebook(
    "1",
    tuple(
        Theme(key, {"zh": zh, "en": key}, {"zh": zh, "en": key}, "", (key,), (), ())
        for key, zh in (("court", "法院"), ("review", "复议"), ("tax", "税"))
    ),
    id="b",
)
LABELS = ["court", "review", "tax", NONE]
ABOUT = {"wave": 1, "codebook": "b", "version": "1"}
SHA = {f"r{n}": f"{n:x}" * 64 for n in range(1, 8)}


def sentences_of(reports: int, each: int) -> pd.DataFrame:
    rows = []
    for report in list(SHA)[:reports]:
        for at in range(each):
            text, start = f"{report}第{at}句，今年办理。", 20 * at
            place = (start, start + len(text), 2 * start, 2 * (start + len(text)))
            rows.append((report, f"{report}:s{at + 1:03d}", "s1", "", False, "done", text, *place))
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))


def drawn_of(sentences: pd.DataFrame) -> pd.DataFrame:
    return handcodes.sample(sentences, SHA, n=len(sentences), codebook="b")


def books(name: str) -> Codebook:
    if name != "b":
        raise InputError(f"codebook {name!r} is not known.")
    return BOOK


def assigned(folder: Path, sentences: pd.DataFrame, **how: object) -> dict[str, object]:
    given = {"coders": ["A", "B"], "overlap": 0.5, "seed": 1, "about": ABOUT} | how
    meanings = workflow.meanings(BOOK)
    frame = drawn_of(sentences)
    return workflow.assign(frame, workflow.SENTENCES, meanings, folder, unit="sentence_id", **given)


def collected(*paths: Path, into: Path, wanted: str = "") -> workflow.Collected:
    judge = workflow.judge(books, SHA, wanted)
    return workflow.collect(paths, workflow.SENTENCES, into, judge, decided_on="2025-03-09")


def fill(path: Path, edit: Callable[[int, dict[str, object]], dict[str, object]]) -> Path:
    """Change cells: `edit` gets a line and its cells and returns those to write."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    header = [cell.value for cell in sheet[1]]
    for line in range(2, sheet.max_row + 1):
        cells = {name: sheet.cell(line, at + 1).value for at, name in enumerate(header)}
        for name, value in edit(line, cells).items():
            sheet.cell(line, header.index(name) + 1).value = value
    book.save(path)
    return path


def all_of(code: str) -> Callable[[int, dict[str, object]], dict[str, object]]:
    return lambda line, cells: {"primary_theme": code}


def codes_in(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


# ---- dealing out


@pytest.mark.parametrize(
    ("units", "coders", "overlap", "shared"),
    [(10, 2, 0.3, 3), (100, 3, 0.3, 30), (7, 2, 0.5, 4), (5, 3, 0, 0), (5, 3, 1, 5)],
)
def test_the_overlap_goes_to_all_and_the_rest_to_one_each(
    units: int, coders: int, overlap: float, shared: int
) -> None:
    names = [str(at) for at in range(units)]
    common, given = workflow.deal(names, [*"ABC"[:coders]], overlap, 1)
    assert len(common) == shared
    held = [name for own in given.values() for name in own]
    assert {name: held.count(name) for name in names} == {
        name: coders if name in common else 1 for name in names
    }
    sizes = [len(own) for own in given.values()]
    assert max(sizes) - min(sizes) <= 1
    assert workflow.deal(names, [*"ABC"[:coders]], overlap, 1) == (common, given)


def test_a_workbook_shows_no_code_and_no_other_coder_and_is_the_same_twice(tmp_path: Path) -> None:
    plan = assigned(tmp_path / "one", sentences_of(2, 5), coders=["王", "李"])
    assigned(tmp_path / "two", sentences_of(2, 5), coders=["王", "李"])
    for coder, other in ("王李", "李王"):
        path = tmp_path / "one" / f"{coder}.xlsx"
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()
        assert plan["coders"][coder]["sha256"] == tables.sha256(path)
        book = load_workbook(path)
        cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
        assert other not in cells
        rows = tables.records(path)[1]
        assert not [row for _, row in rows if any(row[n] for n in workflow.SENTENCES.asked)]
        lists = {
            str(one.sqref)[0]: one.formula1 for one in book["sheet"].data_validations.dataValidation
        }
        assert sorted(lists.values()) == ['"yes"', "themes!$A$2:$A$5"]
    held = json.loads((tmp_path / "one" / "plan.json").read_text("utf-8"))
    assert held == plan
    assert (held["seed"], held["overlap"], held["units"], held["shared"]) == (1, 0.5, 10, 5)


@pytest.mark.parametrize("names", ["A", "A,A", "A, a", "A,", "A,agreed", "A,gpt-4", "甲/乙,甲_乙"])
def test_coders_who_cannot_be_told_apart_are_refused(names: str) -> None:
    with pytest.raises(InputError, match="--coders"):
        workflow.coders_of(names)


def test_coders_are_read() -> None:
    assert workflow.coders_of("A, 王，model:gpt-4") == ["A", "王", "model:gpt-4"]


def test_a_filled_workbook_is_not_written_over(tmp_path: Path) -> None:
    assigned(tmp_path, sentences_of(1, 4))
    before = fill(tmp_path / "B.xlsx", all_of("court")).read_bytes()
    with pytest.raises(InputError, match=r"B\.xlsx:2: is filled in already"):
        assigned(tmp_path, sentences_of(1, 4), seed=2)
    assert (tmp_path / "B.xlsx").read_bytes() == before
    with pytest.raises(InputError, match="from 0 to 1"):
        assigned(tmp_path / "new", sentences_of(1, 4), overlap=1.5)


# ---- taking back


REFUSED = [
    ({"text": "改了"}, ":3: one of report_id"),
    ({"raw_start": 999}, ":3: one of report_id"),
    ({"sha256": "f" * 64}, ":3: one of report_id"),
    ({"codebook": "other"}, ":3: one of report_id"),
    ({"wave": 2}, ":3: one of report_id"),
    ({"primary_theme": "cuort"}, ":3: cell H3 (primary_theme): code 'cuort' is not known; did you"),
    ({"other_themes": "tax;x"}, ":3: cell I3 (other_themes): code 'x' is not known"),
    ({"other_themes": "court"}, ":3: cell I3 (other_themes): has a code twice, or the primary"),
    ({"other_themes": "none"}, ":3: cell I3 (other_themes): holds none"),
    ({"unsure": "perhaps"}, ":3: cell J3 (unsure): unsure 'perhaps' is not known"),
    ({"primary_theme": None, "note": "因为"}, ":3: cell H3 (primary_theme): is empty, and the row"),
    ({"primary_theme": None, "unsure": "yes"}, ":3: cell H3 (primary_theme): is empty, and"),
    ({"coder": "B"}, ":3: cell L3 (coder): is 'B', but the row was dealt to another"),
    ({"coder": None}, ":3: cell L3 (coder): is '', but the row was dealt to another"),
]


@pytest.mark.parametrize(("cells", "said"), REFUSED)
def test_what_cannot_be_taken_is_refused_by_its_cell_and_nothing_is_kept(
    tmp_path: Path, cells: dict[str, object], said: str
) -> None:
    assigned(tmp_path, sentences_of(1, 6))
    first = fill(tmp_path / "A.xlsx", all_of("court"))
    fill(tmp_path / "B.xlsx", all_of("tax"))
    fill(first, lambda line, _: cells if line == 3 else {})
    with pytest.raises(ProblemsError) as caught:
        collected(tmp_path / "B.xlsx", first, into=tmp_path / "codes.csv")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(f"{first}{said}")
    assert not (tmp_path / "codes.csv").exists()


@pytest.mark.parametrize(
    ("cells", "kept"),
    [
        ({"primary_theme": "法院"}, ("court", "", "", "")),  # a name is as good as an id
        ({"other_themes": "税；review"}, ("court", "review;tax", "", "")),
        ({"unsure": "是"}, ("court", "", "yes", "")),
        ({"note": "因为\r\n第二行"}, ("court", "", "", "因为\n第二行")),
        ({"primary_theme": " none "}, ("none", "", "", "")),
    ],
)
def test_what_means_the_same_is_taken(
    tmp_path: Path, cells: dict[str, object], kept: tuple[str, ...]
) -> None:
    assigned(tmp_path, sentences_of(1, 6))
    path = fill(tmp_path / "A.xlsx", lambda line, _: {"primary_theme": "court"} | cells)
    collected(path, into=tmp_path / "codes.csv")
    rows = codes_in(tmp_path / "codes.csv")[["primary_theme", "other_themes", "unsure", "note"]]
    assert {tuple(row) for row in rows.to_numpy()} == {kept}


def test_all_problems_of_all_workbooks_are_told_at_once(tmp_path: Path) -> None:
    assigned(tmp_path, sentences_of(1, 6))
    one = fill(tmp_path / "A.xlsx", all_of("x"))
    other = fill(tmp_path / "B.xlsx", lambda line, _: {"primary_theme": "tax", "unsure": "no"})
    with pytest.raises(ProblemsError) as caught:
        collected(one, other, tmp_path / "no.xlsx", into=tmp_path / "codes.csv")
    rows = len(tables.records(one)[1]) + len(tables.records(other)[1])
    assert len(caught.value.problems) == rows + 1
    assert caught.value.problems[-1] == f"{tmp_path / 'no.xlsx'}: no such file."


def test_rows_of_two_coders_and_rows_that_stand_twice_are_refused(tmp_path: Path) -> None:
    assigned(tmp_path, sentences_of(1, 6))
    one, other = tmp_path / "A.xlsx", fill(tmp_path / "B.xlsx", all_of("tax"))
    fill(one, all_of("court"))
    book, source = load_workbook(one), load_workbook(other).worksheets[0]
    sheet = book.worksheets[0]
    lines = sheet.max_row
    sheet.append([cell.value for cell in source[2]])
    sheet.append([cell.value for cell in sheet[2]])
    book.save(one)
    with pytest.raises(ProblemsError) as caught:
        collected(one, into=tmp_path / "codes.csv")
    said = "\n".join(caught.value.problems)
    assert f"A.xlsx:{lines + 1}: cell L{lines + 1} (coder): is 'B' in a workbook of A" in said
    assert f"A.xlsx:{lines + 2}: is the row of line 2 once more" in said
    assert len(caught.value.problems) == 2


def test_another_book_and_another_study_are_refused(tmp_path: Path) -> None:
    assigned(tmp_path, sentences_of(1, 2), about={**ABOUT, "codebook": "c"}, overlap=1)
    path = fill(tmp_path / "A.xlsx", all_of("court"))
    with pytest.raises(ProblemsError, match=r"cell M2|codebook\): is another: codebook 'c'"):
        collected(path, into=tmp_path / "codes.csv")
    assigned(tmp_path / "b", sentences_of(1, 2), overlap=1)
    path = fill(tmp_path / "b" / "A.xlsx", all_of("court"))
    with pytest.raises(ProblemsError, match="is another: codebook 'b' is not known"):
        collected(path, into=tmp_path / "codes.csv", wanted="topics")
    judge = workflow.judge(books, {"x": "0" * 64})
    with pytest.raises(ProblemsError, match="a report that the study does not hold"):
        workflow.collect(
            [path], workflow.SENTENCES, tmp_path / "codes.csv", judge, decided_on="2025-03-09"
        )


def test_a_workbook_is_taken_once_and_a_partly_filled_one_again_for_its_rest(
    tmp_path: Path,
) -> None:
    assigned(tmp_path, sentences_of(1, 6), overlap=1)
    path, kept = tmp_path / "A.xlsx", tmp_path / "codes.csv"
    with pytest.raises(ProblemsError, match="is not filled in"):
        collected(path, into=kept)
    fill(path, lambda line, _: {"primary_theme": "court"} if line < 5 else {})
    made = collected(path, into=kept)
    assert made == (3, [f"{path}: 3 rows taken of 6; 3 are empty (lines 5, 6, 7)"])
    before = kept.read_bytes()
    for paths in ([path], [path, path]):
        with pytest.raises(ProblemsError, match="was collected already"):
            collected(*paths, into=kept)
    fill(path, lambda line, _: {"primary_theme": "tax"} if line in (2, 5) else {})
    with pytest.raises(ProblemsError, match=r":2: was collected on 2025-03-09 with primary_theme"):
        collected(path, into=kept)
    assert kept.read_bytes() == before
    fill(path, lambda line, _: {2: {"primary_theme": "court"}}.get(line, {}))
    assert collected(path, into=kept).new == 1
    book = load_workbook(path)
    book.worksheets[0].delete_rows(7)
    book.worksheets[0]["H6"] = "tax"
    book.save(path)
    made = collected(path, into=kept)
    assert made == (1, [f"{path}: 1 rows taken of 6; 1 rows are not in it any more"])


def test_one_file_handed_in_twice_is_refused(tmp_path: Path) -> None:
    assigned(tmp_path, sentences_of(1, 2), overlap=1)
    path = fill(tmp_path / "A.xlsx", all_of("court"))
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(path.read_bytes())
    with pytest.raises(ProblemsError) as caught:
        collected(path, copy, into=tmp_path / "codes.csv")
    assert f"{copy}:2: stands in {path}:2 already" in caught.value.problems[0]


def merged(folder: Path, seed: int) -> None:
    """Coders, overlap, gaps and order by chance: what was given is kept, once, in one order."""
    chance = random.Random(seed)
    frame = drawn_of(sentences_of(chance.randint(1, 3), chance.randint(1, 5)))
    coders = [*"ABCD"[: chance.randint(2, 4)]]
    cells = dict(zip(frame["sentence_id"], frame.to_dict("records"), strict=True))
    _, given = workflow.deal([*cells], coders, chance.random(), seed)
    wanted, files = {}, []
    for coder, own in given.items():
        rows = [*workflow._dealt([cells[key] for key in own], workflow.SENTENCES, coder, ABOUT)]
        for part in range(chance.randint(1, 2)):  # sent once, or again with more filled in
            for row in rows:
                if not row["primary_theme"] and chance.random() < 0.6:
                    row["primary_theme"] = chance.choice(LABELS)
                    row["unsure"], row["note"] = chance.choice(["", "yes"]), chance.choice("甲乙")
            for row in rows:
                if row["primary_theme"]:
                    key = (row["sha256"], str(row["raw_start"]), coder)
                    wanted[key] = (row["primary_theme"], row["unsure"], row["note"])
            path = folder / f"{coder}{part}.csv"
            tables.write(pd.DataFrame(rows, columns=list(workflow.SENTENCES.columns)), path)
            files.append(path)
    held, refused = set(), list[str]()
    for order in range(2):
        kept = folder / f"codes{order}.csv"
        chance.shuffle(files)
        for path in files:
            try:
                collected(path, into=kept)
            except ProblemsError as error:
                refused += error.problems
        held.add(kept.read_bytes() if kept.exists() else b"")
    nothing = ("was collected already: nothing in it is new.", "no row has an answer.")
    assert [one for one in refused if not one.endswith(nothing)] == []
    assert len(held) == 1
    rows = codes_in(kept) if kept.exists() else pd.DataFrame(columns=["sha256"])
    found = {
        (row.sha256, row.raw_start, row.coder): (row.primary_theme, row.unsure, row.note)
        for row in tables.rows(rows)
    }
    assert found == wanted
    assert len(rows) == len(wanted)


@pytest.mark.parametrize(
    "hundred", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 10))]
)
def test_a_thousand_merges_lose_no_code_and_double_none(tmp_path: Path, hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        folder = tmp_path / str(seed)
        folder.mkdir()
        merged(folder, seed)


def test_two_processes_that_collect_at_once_lose_nothing(tmp_path: Path) -> None:
    names = ["A", "B", "C", "D"]
    assigned(tmp_path, sentences_of(2, 6), coders=names, overlap=0.5)
    paths = [fill(tmp_path / f"{name}.xlsx", all_of("tax")) for name in names]
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        into = partial(collected, into=tmp_path / "codes.csv")
        new = [made.new for made in pool.map(into, paths)]
    assert sum(new) == len(codes_in(tmp_path / "codes.csv")) == 6 * 4 + 6


# ---- deciding


@pytest.fixture
def divided(tmp_path: Path) -> Path:
    """A folder with the codes of A and B on four sentences: the same, unsure, divided, A's only."""
    rows = []
    for at, (one, other) in enumerate(
        [("court", "court"), ("tax", "tax"), ("court", "review"), ("tax", "")]
    ):
        for coder, code in (("A", one), ("B", other)):
            place = (SHA["r1"], 40 * at, 40 * at + 24)
            unsure, why = ("yes", f"理由{coder}") if at == 1 and coder == "B" else ("", "")
            if code:
                rows.append((1, "b", "1", *place, f"r1第{at}句", coder, code, "", unsure, why, "d"))
    frame = pd.DataFrame(rows, columns=list(workflow.SENTENCES.kept))
    (tmp_path / "validation").mkdir()
    tables.write(frame, tmp_path / workflow.CODES)
    return tmp_path


def cases(folder: Path) -> list[gold.Case]:
    found, lost = gold.cases(folder, "b", sentences_of(1, 4), SHA, folder / workflow.CODES)
    assert lost == []
    return found


def settled(folder: Path, path: Path | None = None, coder: str = "王", **how: bool) -> gold.Settled:
    who = {"decided_on": "2025-03-10", "path": path, "coder": coder}
    return gold.settle(folder, cases(folder), BOOK, **who, **how)


def test_what_divides_coders_is_shown_without_their_names_in_a_drawn_order(divided: Path) -> None:
    found = cases(divided)
    assert [case.kind for case in found] == ["agreed", "open", "open", "single"]
    orders = set()
    for seed in range(12):
        path = divided / f"{seed}.xlsx"
        assert gold.write(found, BOOK, path, seed=seed) == 2
        rows = {row["sentence_id"]: row for _, row in tables.records(path)[1]}
        assert {"coder", "coders", "rule"} & set(tables.records(path)[0]) == set()
        assert rows["r1:s003"]["given"] in ("court\nreview", "review\ncourt")
        assert "tax [unsure]: 理由B" in rows["r1:s002"]["given"]
        orders.add((tuple(rows), rows["r1:s003"]["given"]))
    assert len(orders) == 4


def test_a_decision_becomes_gold_with_its_history(divided: Path) -> None:
    path = divided / "adj.xlsx"
    gold.write(cases(divided), BOOK, path)
    fill(
        path,
        lambda _, cells: (
            {"primary_theme": "review", "note": "定义"} if cells["sentence_id"] == "r1:s003" else {}
        ),
    )
    assert settled(divided, path) == (1, 1)
    held = codes_in(divided / "validation" / "themes.csv")
    assert list(held.columns) == list(handcodes.COLUMNS)
    assert held[["raw_start", "coder", "primary_theme"]].to_numpy().tolist() == [
        ["0", "agreed", "court"],
        ["80", "王", "review"],
    ]
    past = codes_in(divided / gold.HISTORY)
    assert past[["how", "coder", "decided_on", "given", "note"]].to_numpy().tolist() == [
        ["agreed", "agreed", "2025-03-10", "A (wave 1): court | B (wave 1): court", ""],
        ["adjudicated", "王", "2025-03-10", "A (wave 1): court | B (wave 1): review", "定义"],
    ]
    placed = handcodes.place(
        handcodes.read(divided / "validation" / "themes.csv", BOOK), sentences_of(1, 4), SHA
    )
    assert handcodes.majority(placed.codes).to_dict() == {"r1:s001": "court", "r1:s003": "review"}
    with pytest.raises(ProblemsError, match="was applied already"):
        settled(divided, path)
    fill(path, lambda *_: {"primary_theme": "review"})  # now the unsure one too
    assert settled(divided, path, singles=True) == (1, 1)


def test_a_decision_is_revised_and_the_first_stays_in_history(divided: Path) -> None:
    first, stale, second = (divided / f"{name}.xlsx" for name in ("first", "stale", "second"))
    for path in (first, stale):
        gold.write(cases(divided), BOOK, path)
    settled(divided, fill(first, all_of("tax")))
    before = codes_in(divided / gold.HISTORY)
    with pytest.raises(ProblemsError, match=r"new workbook. Last: tax by 王 on 2025-03-10"):
        settled(divided, fill(stale, all_of("court")), "李")
    assert gold.write(cases(divided), BOOK, second) == 0
    assert gold.write(cases(divided), BOOK, second, again=True) == 2
    assert settled(divided, fill(second, all_of("court")), "李") == (2, 0)
    after = codes_in(divided / gold.HISTORY)
    pd.testing.assert_frame_equal(after[: len(before)], before)
    assert len(after) == len(before) + 2
    held = codes_in(divided / "validation" / "themes.csv")
    assert held[["coder", "primary_theme"]].to_numpy().tolist() == [
        ["agreed", "court"],
        ["李", "court"],
        ["李", "court"],
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"primary_theme": "x"}, r":2: cell F2 \(primary_theme\): code 'x' is not known"),
        ({"primary_theme": None, "note": "?"}, r"cell F2 \(primary_theme\): is empty"),
        ({"given": "court"}, ":2: one of report_id"),
        ({"text": "改"}, ":2: one of report_id"),
    ],
)
def test_a_decision_that_cannot_be_used_is_refused_by_its_cell(
    divided: Path, cells: dict[str, object], said: str
) -> None:
    path = divided / "adj.xlsx"
    gold.write(cases(divided), BOOK, path)
    fill(path, all_of("court"))
    fill(path, lambda line, _: cells if line == 2 else {})
    with pytest.raises(ProblemsError, match=said):
        settled(divided, path)
    assert not (divided / gold.HISTORY).exists()
    assert not (divided / "validation" / "themes.csv").exists()


@pytest.mark.parametrize("coder", ["", "agreed", "gpt-4"])
def test_who_decides_signs(divided: Path, coder: str) -> None:
    path = divided / "adj.xlsx"
    gold.write(cases(divided), BOOK, path)
    with pytest.raises(InputError, match="--coder"):
        settled(divided, fill(path, all_of("court")), coder)


def test_hand_codes_of_others_stay_and_a_clash_of_signatures_is_refused(divided: Path) -> None:
    into = divided / "validation" / "themes.csv"
    place = {"sha256": SHA["r1"], "raw_start": "0", "raw_end": "22", "quote": "r1", "note": "n"}
    own = {**place, "coder": "李", "codebook": "b", "primary_theme": "tax"}
    tables.write(pd.DataFrame([own]), into)
    settled(divided, singles=True)
    held = codes_in(into)
    assert held.loc[0].to_dict() == own
    assert held["coder"].tolist() == ["李", "agreed", "single"]
    again = into.read_bytes()
    settled(divided, singles=True)
    assert into.read_bytes() == again
    tables.write(pd.DataFrame([own | {"coder": "agreed"}]), into)
    (divided / gold.HISTORY).unlink()
    with pytest.raises(InputError, match=r"themes\.csv:2: agreed has coded this sentence"):
        settled(divided)


# ---- agreement


def simulated(seed: int, waves: int = 1, gaps: float = 0.3) -> pd.DataFrame:
    """Codes of three coders who err, on 12 sentences of each of six reports; some have none."""
    chance = np.random.default_rng(seed)
    rows = []
    for wave in range(1, waves + 1):
        for report in list(SHA.values())[:6]:
            for at in range(12):
                right = chance.choice(LABELS)
                for coder in "ABC":
                    if chance.random() > gaps:
                        code = right if chance.random() < 0.7 else chance.choice(LABELS)
                        place = (report, at, at + 1)
                        rows.append((wave, "b", "1", *place, "", coder, code, "", "", "", "d"))
    return pd.DataFrame(rows, columns=list(workflow.SENTENCES.kept))


PACKAGE = Path(__file__).with_name("alpha_by_krippendorff.json")
"""What krippendorff 0.9.0 gives, by a hash of the codes: its licence keeps it out of the lock file.

To make it anew: install the package and set GONGBAO_KRIPPENDORFF=1.
"""


def by_package(wide: pd.DataFrame) -> float:
    codes = {label: at for at, label in enumerate(sorted(set(wide.stack().dropna())))}
    data = wide.map(lambda code: codes.get(code, np.nan)).to_numpy(dtype=float).T
    known = json.loads(PACKAGE.read_text()) if PACKAGE.is_file() else {}
    key = hashlib.sha256(np.ascontiguousarray(data).tobytes()).hexdigest()[:16]
    if os.environ.get("GONGBAO_KRIPPENDORFF"):
        package = importlib.import_module("krippendorff")
        found = package.alpha(reliability_data=data, level_of_measurement="nominal")
        PACKAGE.write_text(json.dumps(known | {key: float(found)}, indent=0, sort_keys=True) + "\n")
        return float(found)
    return float(known[key])


@pytest.mark.parametrize("seed", range(8))
def test_alpha_is_that_of_the_package(seed: int) -> None:
    codes = simulated(seed, waves=2, gaps=[0, 0.1, 0.3, 0.6][seed % 4])
    found = reliability(codes, LABELS, resamples=2).table.set_index("what")
    wide = codes.pivot(index=["wave", *workflow.PLACE], columns="coder", values="primary_theme")
    assert found.loc["all", "alpha"] == pytest.approx(by_package(wide), abs=1e-12)
    for wave, alpha in zip((1, 2), found.loc["wave", "alpha"], strict=True):
        assert alpha == pytest.approx(by_package(wide.loc[wave]), abs=1e-12)
    for label, alpha in found.loc["theme", ["theme", "alpha"]].to_numpy():
        one = wide.map(
            lambda code, label=label: str(code == label) if isinstance(code, str) else None
        )
        assert alpha == pytest.approx(by_package(one), abs=1e-12)


def test_intervals_are_over_reports_drawn_anew() -> None:
    codes = simulated(3)
    wide = codes.pivot(index=["sha256", "raw_start"], columns="coder", values="primary_theme")
    of = sorted(set(codes["sha256"]))
    alphas = []
    for draw in redrawn(len(of), 40, np.random.default_rng(5)):
        rows = [
            wide.loc[[name]] for name, times in zip(of, draw, strict=True) for _ in range(times)
        ]
        alphas.append(by_package(pd.concat(rows)))
    found = reliability(codes, LABELS, resamples=40, seed=5).table.iloc[0]
    assert [found["lo"], found["hi"]] == pytest.approx(np.quantile(alphas, [0.025, 0.975]))
    few = codes[codes["sha256"].isin(of[:4])]
    assert reliability(few, LABELS, resamples=40).table[["lo", "hi"]].isna().all(axis=None)
    mixed = reliability(codes.sample(frac=1, random_state=1), LABELS, resamples=40, seed=5)
    assert mixed.table.iloc[0]["lo"] == pytest.approx(found["lo"])


def test_alpha_of_sets_is_what_is_worked_out_by_hand() -> None:
    # {a} {a,b}; {a} {a}; {b} {b}. MASI: a–ab 1 - 1/2·2/3 = 2/3, ab–b 2/3, a–b 1.
    # Do = 2·(2/3)/6 = 2/9; De = 2·(3·1·2/3 + 3·2·1 + 1·2·2/3)/30 = 28/45; alpha = 9/14.
    codes = pd.DataFrame({"A": ["a", "a", "b"], "B": ["b;a", "a", "b"]})
    assert agreement.alpha(codes, level="masi") == pytest.approx(9 / 14)
    assert agreement.alpha(codes.replace("b;a", "a;b"), level="masi") == pytest.approx(9 / 14)
    # {a,b} {b,c}: they meet, neither holds the other: 1 - 1/3·1/3
    assert agreement.masi(frozenset("ab"), frozenset("bc")) == pytest.approx(8 / 9)
    assert agreement.masi(frozenset("a"), frozenset("b")) == 1
    assert agreement.masi(frozenset("ab"), frozenset("ba")) == 0


def test_drift_shows_shares_alpha_and_a_coder_against_the_own_codes() -> None:
    rows = []
    for wave, coder, given in [
        (1, "A", "court court tax none"),
        (1, "B", "court court tax none"),
        (2, "A", "court tax tax none"),
        (2, "B", "court court tax tax"),
    ]:
        for at, code in enumerate(given.split()):
            unsure = "yes" if (wave, coder, at) == (2, "A", 1) else ""
            others = "tax" if (wave, coder, at) == (1, "A", 0) else ""
            place = (SHA["r1"], at, at + 1)
            rows.append((wave, "b", "1", *place, "", coder, code, others, unsure, "", "d"))
    made = reliability(pd.DataFrame(rows, columns=list(workflow.SENTENCES.kept)), LABELS)
    table = made.table
    wave = table[table["what"] == "wave"]
    # wave 2: units cc tc tt nt; Do = 4/8; margins court 3, tax 4, none 1: De = (64 - 26)/56
    assert wave["alpha"].tolist() == pytest.approx([1, 1 - 0.5 / (38 / 56)])
    assert wave["change"].tolist()[1] == pytest.approx(-0.5 / (38 / 56))
    share = table[table["what"] == "share"].set_index(["wave", "coder", "theme"])
    assert share.loc[(2, "A", "tax"), ["n", "N", "share", "change"]].tolist() == [2, 4, 0.5, 0.25]
    assert share.loc[(2, "B", "none"), ["n", "share", "change"]].tolist() == [0, 0, -0.25]
    own = table[table["what"] == "self"].set_index("coder")
    assert own["n"].tolist() == [4, 4]
    # A: cc ct tt nn: Do = 2/8; margins 3, 3, 2: De = (64 - 22)/56
    assert own.loc["A", "alpha"] == pytest.approx(1 - 0.25 / (42 / 56))
    unsure = table[table["what"] == "unsure"]
    assert unsure["share"].tolist() == [1 / 16, 0, 0.25, 0, 0]
    sets = table[table["what"] == "sets"].iloc[0]
    assert sets["alpha"] < table.iloc[0]["alpha"]
    for said in ("all waves", "(MASI)", "by wave", "the own codes", "marked unsure"):
        assert said in str(made)
    assert "NA" not in str(made)


# ---- the commands, and the PMC sheet


@pytest.fixture
def own(tmp_path: Path, study: Study) -> Path:
    """A copy of the bundled study without its hand codes."""
    shutil.copytree(
        study.path, tmp_path / "study", ignore=shutil.ignore_patterns("store", "validation")
    )
    return tmp_path / "study"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    status = cli.main(["coding", *map(str, words)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_from_assign_to_gold_on_the_command_line(
    tmp_path: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = ("--data", own), tmp_path / "w"
    asked = ("--coders", "A,B", "--overlap", 0.3, "--n", 20, "--seed", 1)
    status, said, _ = run(capsys, "assign", *data, *asked, "-o", out)
    assert status == 0
    assert said.startswith("20 sentences: 6 go to all coders, 14 to one each.\n")
    none = run(capsys, "agreement", *data)
    assert none[0] == 2
    assert "holds no code by law_based_government" in none[2]
    books = fill(out / "A.xlsx", all_of("none")), fill(out / "B.xlsx", all_of("party_leadership"))
    status, said, err = run(capsys, "collect", *data, *books, "--date", "2025-03-09")
    assert (status, err) == (0, "")
    assert "codes.csv: 26 rows added" in said
    status, said, _ = run(capsys, "agreement", *data, "-o", tmp_path / "a.csv")
    # six units, none–party_leadership each: Do = 1, De = 2·6·6/(12·11)
    assert codes_in(tmp_path / "a.csv").loc[0, "alpha"] == f"{1 - 132 / 72:.12g}"
    assert run(capsys, "adjudicate", *data, "-o", tmp_path / "d.xlsx")[0] == 0
    fill(tmp_path / "d.xlsx", all_of("none"))
    apply = ("--apply", tmp_path / "d.xlsx", "--coder", "王", "--singles", "--date", "2025-03-10")
    assert "6 decided, 14 as coders agree" in run(capsys, "adjudicate", *data, *apply)[1]
    found = Study(own).validate()
    assert (found.n, found.coders) == (20, ("single", "王"))
    assert "\n    the coders" not in str(found)
    assert run(capsys, "collect", *data, *books)[0] == 2
    assert run(capsys, "collect", *data, books[0], "--date", "9.3.2025")[0] == 2


def test_a_pmc_sheet_needs_evidence_and_never_prints_a_bare_index(
    tmp_path: Path, own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = ("--data", own), tmp_path / "p"
    assert run(capsys, "pmc", "scores", *data)[0] == 2
    assert run(capsys, "pmc", "assign", *data, "--coders", "A,B", "-o", out)[0] == 0
    version, named = pmc.questions()
    assert list(dict.fromkeys(named["variable"])) == [f"X{n}" for n in range(1, 11)]
    assert named["item"].is_unique
    for cells, said in (
        ({"value": 1}, "cell I2 (evidence): is empty; a 1 needs a sentence"),
        ({"value": 1, "evidence": "x:s001"}, "'x:s001' is no sentence of xiamen-2022"),
        ({"value": 2}, "cell H2 (value): is '2'; it must be 0 or 1."),
        ({"value": None, "evidence": "xiamen-2022:s001"}, "cell H2 (value): is empty"),
    ):
        blank = {"value": None, "evidence": None}
        fill(out / "A.xlsx", lambda line, _: blank | (cells if line == 2 else {}))  # noqa: B023
        status, _, err = run(capsys, "pmc", "collect", *data, out / "A.xlsx")
        assert (status, said in err) == (2, True), err
    one = {"value": 1, "evidence": "xiamen-2022:s002；xiamen-2022:s001"}
    yes = {"X1.1", "X1.2", *named.loc[named["variable"] == "X2", "item"]}
    fill(
        out / "A.xlsx",
        lambda _, cells: one if cells["item"] in yes else {"value": 0, "evidence": None},
    )
    last = {"X10.2": {"value": 1, "evidence": "xiamen-2022:s003"}}
    fill(
        out / "B.xlsx",
        lambda _, cells: last.get(cells["item"], one if cells["item"] in yes else {"value": 0}),
    )
    assert run(capsys, "pmc", "collect", *data, out / "A.xlsx", out / "B.xlsx")[0] == 0
    kept = codes_in(own / pmc.CODES)
    assert (len(kept), set(kept["version"])) == (2 * len(named), {version})
    text = Study(own).sentences.set_index("sentence_id")
    places = [f"{text.loc[f'xiamen-2022:s00{n}', 'raw_start']}-" for n in (1, 2)]
    shown = kept.loc[kept["item"] == "X1.1", "places"].iloc[0].split(";")
    assert [one.startswith(place) for one, place in zip(shown, places, strict=True)] == [True, True]
    made = pmc.scores(own / pmc.CODES, Study(own).sha256)
    row = made.reports.iloc[0]
    assert row[["X1", "X2", "X3"]].tolist() == [2 / 5, 1, 0]
    assert np.isnan(row["X10"])
    assert np.isnan(row["index"])
    assert (row["coders"], row["evidence"], row["open"]) == ("A, B", 3, 1)
    alphas = made.variables.set_index("variable")["alpha"]
    assert alphas["X1"] == 1
    assert alphas["X10"] == 0  # 00 01: Do = 2/4, De = 2·3·1/12
    kept.loc[kept["item"] == "X10.2", "value"] = "0"
    tables.write(kept, own / pmc.CODES)
    made = pmc.scores(own / pmc.CODES, Study(own).sha256)
    assert made.reports.iloc[0]["index"] == pytest.approx(1.4)
    columns = set(made.reports.columns)
    assert {*(f"X{n}" for n in range(1, 11)), "coders", "alpha", "evidence"} <= columns
    said = run(capsys, "pmc", "scores", *data)[1]
    assert all(word in said for word in ("X10", "coders", "alpha", "evidence", "index"))


def test_the_pmc_sheet_is_no_codebook(study: Study) -> None:
    assert pmc.ID not in study.books

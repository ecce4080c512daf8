"""What the explorer shows and keeps, without a browser: selections, pages, decisions, exports."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables
from analysis.batch import units
from analysis.explore import export, material
from analysis.explore.choice import Choice
from analysis.explore.lazy import Ask, Lazy
from analysis.explore.material import Material, passage
from analysis.explore.widgets import Table
from analysis.indicators import trends
from analysis.kit import InputError, ProblemsError, shown
from analysis.reading import Source
from analysis.restore import Restored
from analysis.study import build, query
from analysis.words import keywords, lengths

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType


HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def own(study: gb.Study, tmp_path: Path) -> gb.Study:
    """A copy of the bundled study to decide in."""
    shutil.copytree(study.path, tmp_path / "data")
    return gb.Study(tmp_path / "data")


@pytest.fixture(scope="module")
def corpus(
    script: Callable[[str], ModuleType], tmp_path_factory: pytest.TempPathFactory
) -> gb.Study:
    """A corpus of more reports than are read one by one, opened as a study."""
    folder = tmp_path_factory.mktemp("corpus")
    script("benchmarks/synthesize.py").write(24, folder / "texts", seed=3)
    with ThreadPoolExecutor(1) as executor:
        build.build([str(folder / "texts")], folder / "built", executor=executor)
    return gb.Study(folder / "built")


# ---- what is chosen


def test_cells_without_a_number_stand_last_whichever_way_a_column_is_sorted() -> None:
    frame = pd.DataFrame({"first": pd.Series([2017, "", 2016, ""], dtype=object)})
    for down, expected in ((False, ["2016", "2017", "", ""]), (True, ["2017", "2016", "", ""])):
        rows = Lazy(frame, ["first"]).page(Ask(sort="first", descending=down))["rows"]
        assert [cell for (cell,) in rows] == expected


def test_a_choice_goes_through_a_notebooks_parameters_and_back() -> None:
    choice = Choice(years=(2021,), parts=("plan",), panel="themes", term="执法", theme="none")
    assert Choice.of({**choice.parameters, "lang": "en", "preset": "slides"}) == choice
    assert json.loads(json.dumps(choice.parameters)) == choice.parameters


@pytest.mark.parametrize(("name", "wrong"), [("panel", "word"), ("match", "regex"), ("sort", "n")])
def test_a_choice_that_does_not_exist_is_refused(name: str, wrong: str) -> None:
    with pytest.raises(InputError, match=f"{name} '{wrong}' is not known"):
        Choice(**{name: wrong})


def test_what_does_not_occur_is_refused_where_the_explorer_opens(study: gb.Study) -> None:
    for options in ({"regions": ["厦门"]}, {"theme": "law"}, {"indicator": "x"}, {"parts": ["no"]}):
        with pytest.raises(InputError, match="is not known"):
            gb.Explorer(study, options)


# ---- pages of a table

FRAME = pd.DataFrame({"left": ["乙甲", "甲乙", "丙甲"], "n": [1000, 30, 1000]})


@pytest.mark.parametrize(
    ("ask", "places"),
    [
        (Ask(), [0, 1, 2]),
        (Ask(sort="n"), [1, 0, 2]),
        (Ask(sort="n", descending=True), [0, 2, 1]),
        (Ask(sort="left"), [1, 2, 0]),  # from the last character on: 乙甲 < 甲丙 < 甲乙
        (Ask(filters={"left": "甲"}), [0, 1, 2]),
        (Ask(filters={"left": "丙", "n": ""}), [2]),
        (Ask(filters={"n": "1,0"}), [0, 2]),
        (Ask(filters={"left": ".", "gone": "x"}), []),  # a filter is text, no pattern
        (Ask(sort="gone"), [0, 1, 2]),
    ],
)
def test_a_table_is_sorted_and_filtered_in_python(ask: Ask, places: list[int]) -> None:
    assert Lazy(FRAME, ["left", "n"], ["left"]).page(ask)["places"] == places


def test_only_one_page_of_100_000_rows_leaves_python() -> None:
    frame = pd.DataFrame({"key": [f"词{at % 977}" for at in range(100_000)], "n": range(100_000)})
    lazy = Lazy(frame, ["key", "n"])
    page = lazy.page(Ask(first=50, sort="n", descending=True, filters={"key": "词97"}), 20)
    assert page["first"] == 40
    assert page["total"] == 100_000
    assert page["matched"] == sum("词97" in key for key in frame["key"])
    assert len(page["rows"]) == 20
    numbers = [int(row[1].replace(",", "")) for row in page["rows"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(json.dumps(page)) < 2_000
    assert lazy.page(Ask(first=10**9), 20)["first"] == 99_980


def test_a_click_acts_once_however_many_tabs_answer() -> None:
    table, acted = Table({"n": "n"}), []
    table.on_confirmed(acted.append)
    for kind in ("agree", "correct"):
        table.confirm(kind)
        assert kind not in acted  # not before the browser has answered
        number = len(acted) + 1
        for answer in ({"number": number}, {}, {"number": number}):
            table.act = answer
    assert acted == ["agree", "correct"]


# ---- words


def test_a_term_is_found_wherever_it_stands_or_as_a_word(study: gb.Study) -> None:
    seen = Material(study)
    texts = "\n".join(study.sentences["text"])
    assert len(seen.hits(Choice(term="法治政府"))[0]) == texts.count("法治政府") == 23
    assert len(seen.hits(Choice(term="法治政府建设"))[0]) == texts.count("法治政府建设") > 0
    words = seen.hits(Choice(term="法治", match="words"))[0]
    assert len(words) == (study.terms["key"] == "法治").sum() < texts.count("法治")
    assert seen.hits(Choice(term=" "))[0].empty


def test_the_frequency_adds_up_to_the_lines_of_the_concordance(study: gb.Study) -> None:
    seen = Material(study)
    for choice in (
        Choice(term="法治政府"),
        Choice(term="执法", parts=("plan",)),
        Choice(term="无"),
    ):
        lines = seen.concordance(choice)
        places, years = seen.frequency(choice), seen.years(choice)
        assert places["n"].sum() == years["n"].sum() == len(lines)
        assert set(lines["part"]) <= set(choice.parts or lines["part"])
        assert (places["name"] != "").all()
        assert years["N_chars"].sum() == lengths(seen.sentences(choice)).sum()


def test_a_concordance_is_sorted_from_the_word_outwards(study: gb.Study) -> None:
    seen = Material(study)
    right = seen.concordance(Choice(term="法治政府", sort="right"))["right"].tolist()
    assert right == sorted(right)
    left = seen.concordance(Choice(term="法治政府", sort="left"))["left"]
    outwards = ["".join(reversed(text)) for text in left]
    assert outwards == sorted(outwards)


def test_a_line_leads_to_its_sentence_in_its_section(study: gb.Study) -> None:
    line = Material(study).concordance(Choice(term="法治政府")).iloc[2]
    section = Material(study).section(line["sentence_id"])
    blocks = passage(section, line["sentence_id"], "法治政府")
    here = [block for block in blocks if block["kind"] == "here"]
    assert ["".join(text for text, _ in block["pieces"]) for block in blocks] == [*section["text"]]
    assert [text for text, marked in here[0]["pieces"] if marked] == ["法治政府"]
    with pytest.raises(InputError, match=r"sentence 'xiamen-2022:s999' is not known"):
        Material(study).section("xiamen-2022:s999")


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A study of more reports than are read themselves is of more than twenty here."""
    monkeypatch.setattr(material, "CLOSE", 20)
    monkeypatch.setattr(material, "LINES", 100)


def test_of_a_corpus_the_first_lines_are_shown_and_all_are_counted(corpus: gb.Study) -> None:
    seen, choice = Material(corpus), Choice(term="执法", match="words")
    assert seen.wide(choice)
    lines = seen.concordance(choice)
    counted = query.frequency(corpus).set_index("key").loc["执法", "n"]
    assert seen.frequency(choice)["n"].sum() == seen.years(choice)["n"].sum() == counted
    assert len(lines) == material.LINES < counted
    assert set(lines["key"]) == {"执法"}
    texts = [(corpus.path / "shards").rglob("sentences.parquet")]
    stands = sum(pd.read_parquet(one)["text"].str.count("执法").sum() for one in texts[0])
    text = Choice(term="执法")
    assert seen.frequency(text)["n"].sum() == seen.years(text)["n"].sum() == stands > counted
    assert seen.themes(choice)["report_id"].nunique() == material.CLOSE
    few = Choice(reports=tuple(corpus.reports["report_id"][:2]), term="治政")
    assert not seen.wide(few)
    assert seen.frequency(few)["report_id"].tolist() == list(few.reports)


def test_decisions_about_a_corpus_stand_in_its_own_folder(corpus: gb.Study) -> None:
    explorer = gb.Explorer(corpus, {"panel": "themes", "lang": "en"})
    explorer.coder.value = "陈"
    panel = explorer.panel
    panel.rows.chosen = 3
    panel.save(agreed=True)
    kept = tables.read(corpus.path / "decisions.csv", "decisions")
    assert kept[["about", "decision", "coder"]].values.tolist() == [["theme", "verified", "陈"]]
    assert Material(gb.Study(corpus.path)).themes(Choice())["coders"].ne("").sum() == 1
    explorer.change(sort="left")
    assert f"first {material.CLOSE} of {len(corpus.reports)}" in str(panel.message.blocks)


def test_of_too_many_reports_there_is_no_figure(
    corpus: gb.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", material.CLOSE)
    with pytest.raises(InputError, match=f"24 reports .* too many .*at most {material.CLOSE}"):
        gb.Explorer(corpus, {"term": "执法"}).export(tmp_path)


@pytest.mark.slow
def test_a_figure_of_a_corpus_counts_what_the_screen_does(corpus: gb.Study, tmp_path: Path) -> None:
    explorer = gb.Explorer(corpus, {"term": "执法", "lang": "en"}, data=str(corpus.path))
    bundle, file = explorer.export(tmp_path)
    drawn = tables.csvfile.cells(bundle.path / "data.csv")["n"].astype(int).sum()
    assert drawn == explorer.material.years(explorer.choice)["n"].sum()
    ((_, values),) = units.read_sets(file)
    assert values["match"] == bundle.provenance["options"]["match"] == "text"
    assert values["data"] == corpus.path.as_posix()


# ---- decisions


def test_two_who_correct_the_same_sentence_both_stand(own: gb.Study) -> None:
    """Two explorers are two tabs with a kernel each: neither knows what the other keeps."""
    both = [gb.Explorer(gb.Study(own.path), {"panel": "themes"}) for _ in range(2)]
    for explorer, coder, theme in zip(both, ("陈", "李"), ("none", "law_enforcement"), strict=True):
        explorer.coder.value = f" {coder} "
        explorer.panel.rows.chosen = 0
        explorer.panel.right.value = theme
        explorer.panel.save(agreed=False)
    kept = tables.read(own.path / "decisions.csv", "decisions")
    machine = own.codings["primary_theme"][0]
    assert kept[["key", "decision", "value", "coder"]].values.tolist() == [
        [machine, "corrected", "none", "陈"],
        [machine, "corrected", "law_enforcement", "李"],
    ]
    raw = own.restored("xiamen-2022").raw[kept["raw_start"][0] : kept["raw_end"][0]]
    assert len(raw) > 20
    assert own.sentences["text"][0].startswith(kept["quote"][0])
    both[0].change(sort="left")  # whatever is done next in the first tab shows the second's too
    assert both[0].panel.rows.lazy.frame["coders"][0] == "陈: none; 李: law_enforcement"
    anew = Material(gb.Study(own.path)).themes(Choice())  # as behind a restart of the kernel
    assert anew["decided"].tolist()[:2] == ["law_enforcement", ""]
    assert Material(own).themes(Choice(theme="law_enforcement"))["sentence_id"][0].endswith("s001")


@pytest.mark.slow
def test_processes_that_decide_at_once_lose_nothing(own: gb.Study) -> None:
    code = (
        "import sys, analysis as gb\n"
        "e = gb.Explorer(gb.Study(sys.argv[1]), {'panel': 'themes'})\n"
        "e.coder.value = sys.argv[2]\n"
        "for at in range(15):\n"
        "    e.panel.rows.chosen = at\n"
        "    e.panel.save(agreed=True)\n"
    )
    command = [sys.executable, "-c", code, str(own.path)]
    running = [subprocess.Popen([*command, coder]) for coder in ("陈", "李")]
    assert [process.wait(120) for process in running] == [0, 0]
    kept = tables.read(own.path / "decisions.csv", "decisions")
    assert kept.groupby("coder")["raw_start"].nunique().to_dict() == {"李": 15, "陈": 15}


def test_who_does_not_sign_or_choose_is_told_and_nothing_is_kept(own: gb.Study) -> None:
    explorer = gb.Explorer(own, {"panel": "themes", "lang": "en"})
    explorer.panel.save(agreed=True)
    assert "Click a row first" in str(explorer.panel.message.blocks)
    explorer.panel.rows.chosen = 0
    explorer.panel.save(agreed=True)
    assert "coder is empty" in str(explorer.panel.message.blocks)
    explorer.change(panel="indicators")
    explorer.panel.rows.chosen = 0
    explorer.panel.save("verified")
    assert "coder is empty" in str(explorer.panel.message.blocks)
    assert gb.Study(own.path).decisions.empty


def test_the_last_of_a_coders_decisions_holds_and_a_lost_one_is_told(own: gb.Study) -> None:
    row = Material(own).themes(Choice()).iloc[0].to_dict()
    for theme in ("none", row["primary_theme"]):
        own.decide(decided(row, theme))
    assert own.decided_themes.figures.values.tolist() == [
        ["xiamen-2022:s001", row["primary_theme"], "陈"]
    ]
    gone = row | {"raw_start": 1, "raw_end": 2, "text": "没有这一句"}
    own.decide(decided(gone, "none"))
    assert len(own.decided_themes.figures) == 1
    assert any("没有这一句" in problem for problem in own.problems())


def decided(row: dict[str, object], theme: str) -> pd.DataFrame:
    from analysis.indicators import review

    return review.theme_decision(row, theme, [theme, str(row["primary_theme"])], coder="陈")


def test_a_figure_is_verified_corrected_and_rejected(own: gb.Study) -> None:
    listed = tables.read(own.path / "indicators.csv", "indicators")
    open_ = listed["report_id"] != "xiamen-2022"
    tables.write(listed[open_], own.path / "indicators.csv")
    own = gb.Study(own.path)
    explorer = gb.Explorer(own, {"panel": "indicators"})
    panel = explorer.panel
    assert set(panel.rows.lazy.frame["status"]) == {"extracted"}
    explorer.coder.value = "陈"
    for at, kind in enumerate(("verified", "corrected", "rejected")):
        panel.rows.chosen = at
        if kind == "corrected":
            panel.fields["value"].value = "51"
        panel.save(kind)
        assert "decisions.csv" in str(panel.message.blocks)
    rows = panel.rows.lazy.frame[["value", "status"]].values.tolist()
    assert rows[:4] == [[6, "verified"], [51, "verified"], [98, "rejected"], [91, "extracted"]]
    anew = gb.Study(own.path).indicators.table
    mine = anew[anew["report_id"] == "xiamen-2022"]
    assert mine["value"].tolist() == [6, 51]
    panel.rows.chosen = 1
    panel.save("verified")  # of what stands there corrected: the correction stays
    assert panel.rows.lazy.frame["value"][1] == 51
    panel.rows.chosen = 3
    panel.fields["value"].value = "viele"
    panel.save("corrected")
    assert "数值 'viele' 不是数字" in str(panel.message.blocks)  # in the language of the explorer


def test_a_verified_figure_must_be_what_was_found(own: gb.Study) -> None:
    from analysis.indicators import review

    figure = Material(own).figures(Choice()).iloc[0].to_dict()
    with pytest.raises(ProblemsError, match="choose `corrected`"):
        review.decision(figure, [], decision="verified", coder="陈", value="7", indicator_id="")


# ---- export


def test_a_set_is_added_once_and_other_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "explore.yaml"
    assert [export.add_set(file, {"term": term}) for term in ("法治", "执法", "法治")] == [1, 2, 2]
    assert [values for _, values in units.read_sets(file)] == [{"term": "法治"}, {"term": "执法"}]
    assert units.notebooks_of(file) == ("explore",)
    other = tmp_path / "other.yaml"
    other.write_text("sets:\n- top_n: 3\n", encoding="utf-8")
    assert units.notebooks_of(other) == units.NOTEBOOKS
    with pytest.raises(InputError, match="for other notebooks"):
        export.add_set(other, {"term": "法治"})


def test_a_set_with_what_does_not_exist_is_refused_before_anything_runs(study: gb.Study) -> None:
    wrong = {"theme": "law", "indicator": "x", "panel": "word", "parts": ["plans"], "sort": "n"}
    with pytest.raises(ProblemsError) as refused:
        units.plan(["explore"], [("here", wrong)], str(study.path))
    assert len(refused.value.problems) == len(wrong)
    assert units.plan(["explore"], [("here", {"theme": "", "panel": "themes"})], str(study.path))


def test_what_stands_nowhere_is_not_drawn(study: gb.Study, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stands nowhere"):
        gb.Explorer(study, {"term": "没有这个词"}).export(tmp_path)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.slow
def test_what_is_on_the_screen_is_what_a_batch_writes(own: gb.Study, tmp_path: Path) -> None:
    options = {"lang": "en", "preset": "en-journal"}
    explorer = gb.Explorer(own, options, data=str(own.path))
    made = {}
    for panel in ("words", "themes", "indicators", "restoration"):
        explorer.change(panel=panel, term="执法", parts=("done",))
        bundle, file = explorer.export(tmp_path / "screen")
        made[bundle.path.relative_to(tmp_path / "screen")] = bundle
    assert cli.main(["render", str(file), "--out", str(tmp_path / "batch")]) == cli.DONE
    assert len(made) == 4
    for place, bundle in made.items():
        for name in ("data.csv", "hits.csv"):
            again = tmp_path / "batch" / place / name
            assert again.read_bytes() == (bundle.path / name).read_bytes()
    words = next(place for place in made if place.name == "term_sections")
    data = tables.csvfile.cells(tmp_path / "batch" / words / "data.csv")
    assert data["n"].astype(int).sum() == len(explorer.material.hits(explorer.choice)[0]) > 0


# ---- how things show themselves


def test_displays_escape_every_text(study: gb.Study) -> None:
    sentences = pd.DataFrame(
        [["r", "r:s001", "s1", "done", f"{HOSTILE}法治{HOSTILE}", 0]],
        columns=["report_id", "sentence_id", "section", "part", "text", "start"],
    )
    hits = keywords.occurrences(sentences, "法治")
    lines = keywords.concordance(hits, sentences, "法治", width=40)
    assert "&lt;img src=x" in lines._repr_html_()
    assert "<img" not in lines._repr_html_()
    assert type(lines[["left"]]) is pd.DataFrame
    restored = Restored(raw=HOSTILE, text=HOSTILE)
    source = Source(text=HOSTILE, encoding="utf-8", sha256="0")
    for one in (restored, source):
        assert "<img" not in one._repr_html_()
        assert "onerror" in one._repr_html_()
    assert restored._repr_html_().startswith("<iframe sandbox srcdoc=")
    assert "xiamen-2022" in study._repr_html_()


def test_a_panel_shows_what_is_measured_and_no_empty_column(study: gb.Study) -> None:
    panel = trends.panel(study.indicators.table, study.indicator_codebook, regions=["厦门市"])
    page = panel._repr_html_()
    assert page.index(">indicator_id<") < page.index(">region<") < page.index(">value<")
    assert ">break_<" in page
    assert ">break_<" not in shown.Panel(panel.assign(break_=""))._repr_html_()


def test_a_batch_shows_tables_in_place_of_widgets(study: gb.Study) -> None:
    shown_ = gb.Explorer(study, {"term": "法治政府"}, out="somewhere")._repr_mimebundle_()
    assert {*shown_} == {"text/plain", "text/html"}
    assert "法治政府" in shown_["text/html"]


SESSION = """
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import analysis as gb")
with provisionalcompleter():
    print([found.text for found in shell.Completer.completions("gb.", 3)])
help_ = shell.object_inspect_mime("gb.Finding", detail_level=0)["text/plain"]
print("what was counted" in help_)
help_ = shell.object_inspect_mime("gb.Explorer", detail_level=0)["text/plain"]
print("Play with a study" in help_)
shell.run_cell("gb.Study('nowhere')")
"""


def test_a_kernel_completes_helps_and_says_the_sentence_first(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SESSION],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    completed, first, second, *said = ran.stdout.splitlines()
    assert "Explorer" in completed
    assert "Finding" in completed
    assert first == second == "True"
    error = [line for line in said if line.strip()]
    assert error[0].startswith("nowhere: is not a study")
    assert "Traceback" in error[1]

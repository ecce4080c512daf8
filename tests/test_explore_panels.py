"""The explorer's panels without a browser: pick, narrow, list, compare, read, decide, take back."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

import analysis as gb
from analysis import tables
from analysis.batch import units
from analysis.cli import batch
from analysis.explore import panels
from analysis.explore.choice import Choice
from analysis.explore.lazy import Ask, Lazy
from analysis.explore.material import Material
from analysis.kit import InputError
from analysis.study import catalogue, query, strings
from analysis.words import collocations, queries

SHARED = (
    "扎实推进海岸带生态修复，完成红树林种植一千二百亩，新建滨海步道三十公里，群众满意度稳步提升。"
)
REPORTS = {
    (
        "海南省",
        2019,
    ): "回顾去年，全面推进营商环境改革，办理事项提速。展望今年，建设数字政府平台，建成两座水库。",
    (
        "海南省",
        2020,
    ): f"回顾去年，数字政府平台上线，两座水库建成。{SHARED}展望今年，深化数字化改革。",
    ("河北省", 2019): "回顾去年，规范行政执法，法治政府建设提升。展望今年，推动数字经济发展。",
    ("河北省", 2020): f"回顾去年，法治建设见效，法治政府示范创建。{SHARED}展望今年，加强监督。",
}
"""Region and year of the report's title; the year before is what it is on."""


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> gb.Study:
    """Two provinces, two years each, made up."""
    folder = tmp_path_factory.mktemp("few")
    catalogue.new(folder / "study", "")
    study = gb.Study(folder / "study")
    for at, ((region, year), text) in enumerate(REPORTS.items()):
        file, (done, plan) = folder / f"{at}.txt", text.split("展望今年，")
        lines = ["政府工作报告", "一、过去一年工作回顾", done, "二、今年工作安排", f"今年，{plan}"]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        given: dict[str, Any] = {"region": region, "level": "province"}
        assert not study.add(file, **given, year=year - 1, year_given=year).problems
    return gb.Study(folder / "study")


def explored(study: gb.Study, **options: Any) -> gb.Explorer:
    return gb.Explorer(gb.Study(study.path), {"lang": "zh", **options})


def said(explorer: gb.Explorer) -> str:
    return "".join(piece[0] for block in explorer.panel.message.blocks for piece in block["pieces"])


# ---- which reports


def test_nothing_chosen_is_all_and_says_so(few: gb.Study) -> None:
    explorer = explored(few, term="法治|数字")
    assert explorer.picker.offer["said"] == "未选：全部 4 份报告; 全部部分; 年份为报告所述年份"
    assert explorer.picker.offer["chosen"] == [[False, False], [False, False]]
    every = sum(text.count("法治") + text.count("数字") for text in REPORTS.values())
    assert len(explorer.words.lines.lazy.frame) == every


def test_regions_years_cells_and_parts_are_picked(few: gb.Study) -> None:
    explorer = explored(few, term="数字")
    assert explorer.picker.offer["regions"] == ["河北省", "海南省"]
    assert explorer.picker.offer["years"] == ["2018", "2019"]

    def pick(**what: Any) -> None:
        explorer.picker.act = {**what, "number": explorer.picker.act.get("number", 0) + 1}

    def chosen() -> set[tuple[str, int]]:
        table = explorer.material.reports(explorer.choice)
        return {*zip(table["region"], table["year"].astype(int), strict=True)}

    pick(kind="regions", value=1)
    assert chosen() == {("海南省", 2018), ("海南省", 2019)}
    assert explorer.picker.offer["said"].startswith("2 / 4 份报告")
    pick(kind="years", value=0)
    assert chosen() == {("海南省", 2018)}
    pick(kind="cell", value=[0, 1])  # one more report, whatever was chosen before
    assert chosen() == {("海南省", 2018), ("河北省", 2019)}
    pick(kind="cell", value=[1, 0])
    assert chosen() == {("河北省", 2019)}
    pick(kind="cell", value=[0, 1])
    assert len(chosen()) == 4  # none is all
    pick(kind="parts", value="plan")
    plans = [text.split("展望今年，")[1] for text in REPORTS.values()]
    assert len(explorer.words.lines.lazy.frame) == sum(text.count("数字") for text in plans) > 0
    pick(kind="all")
    pick(kind="parts", value="plan")
    assert explorer.choice.slice == ""


# ---- words


def test_a_click_on_a_mark_lists_its_lines_only(few: gb.Study) -> None:
    explorer = explored(few, term="法治，数字")
    lines = explorer.words.lines
    (years, strip) = explorer.words.charts.charts
    for one in years["series"]:
        for point in one["points"]:
            explorer.words.charts.chosen = {**point["only"], "number": hash(str(point)) % 999}
            n = sum(
                text.count(one["name"])
                for (_, year), text in REPORTS.items()
                if year - 1 == point["x"]
            )
            assert len(lines.lazy.frame) == n
            assert f"共 {n} 次" in said(explorer)
            assert {*lines.lazy.frame["key"]} <= {one["name"]}
    explorer.words.narrow({})
    bins = {one["name"]: [bin_["n"] for bin_ in one["bins"]] for one in strip["series"]}
    assert {name: sum(own) for name, own in bins.items()} == {
        key: sum(text.count(key) for text in REPORTS.values()) for key in ("法治", "数字")
    }
    for at, n in enumerate(bins["数字"]):
        explorer.words.narrow({"bin": at, "key": "数字"})
        assert len(lines.lazy.frame) == n
    explorer.words.narrow({"bin": at, "key": "数字"})  # the same once more: all
    assert len(lines.lazy.frame) == sum(map(sum, bins.values()))


def test_who_used_a_word_first_stands_in_a_table(few: gb.Study) -> None:
    explorer = explored(few, term="法治 数字政府 红树林 没有", by="province")
    table = explorer.words.places.lazy.frame.set_index(["key", "name"])
    assert table["first"].to_dict() == {
        **{("法治", "河北省"): 2018, ("法治", "海南省"): ""},
        **{("数字政府", "河北省"): "", ("数字政府", "海南省"): 2018},
        **{("红树林", "河北省"): 2019, ("红树林", "海南省"): 2019},
        **{("没有", "河北省"): "", ("没有", "海南省"): ""},
    }
    own = table["collected"].groupby("name").unique().map(list).to_dict()
    assert own == {"河北省": [2018], "海南省": [2018]}  # so 2018 may not be the first year of all
    at = [*explorer.words.places.lazy.frame["n"]].index(3)
    row = explorer.words.places.lazy.frame.iloc[at]
    explorer.words.places.chosen = at
    assert len(explorer.words.lines.lazy.frame) == 3
    assert row["name"] == "河北省"


def test_the_word_list_is_the_measure_and_leads_to_lines(few: gb.Study) -> None:
    explorer = explored(few, panel="list")
    table = explorer.panel.rows.lazy.frame
    counted = few.words.frequency(top_n=10_000).table
    assert table["key"].tolist() == counted["key"].tolist()
    assert table["n"].tolist() == counted["n"].tolist()
    at = table["key"].tolist().index("水库")
    explorer.panel.rows.chosen = at
    assert (explorer.choice.panel, explorer.choice.term) == ("words", "水库")
    assert len(explorer.words.lines.lazy.frame) == 2


def test_two_slices_are_compared_by_the_measure(few: gb.Study) -> None:
    explorer = explored(few, panel="compare", regions=["河北省"])
    table = explorer.panel.rows.lazy.frame
    measured = few.words.keyness("region=河北省", against="rest", top_n=10_000).table
    assert table["key"].tolist() == measured["key"].tolist()
    assert table["higher"].tolist() == [
        "target" if one > 0 else "reference" for one in measured["log_ratio"]
    ]
    explorer.panel.against.value = "region=海南省;part=plan"
    measured = few.words.keyness("region=河北省", against="region=海南省;part=plan", top_n=10_000)
    assert (
        explorer.panel.rows.lazy.frame["n_reference"].tolist()
        == measured.table["n_reference"].tolist()
    )
    explorer.panel.against.value = "region=河北"
    assert "没有 region “河北”" in said(explorer)
    assert explorer.panel.rows.lazy.frame.empty


def test_collocates_of_a_word_are_those_of_all_words(study: gb.Study) -> None:
    """Only its sentences are cut, and all margins are as if all were."""
    seen, word = Material(study), "法治"
    (found,) = seen.found(Choice(term=word, match="words"))
    made = query.collocates(study, found, min_n=2)
    whole = collocations.table(study.terms, word, min_n=2)
    assert len(whole) > 3
    assert made.to_dict() == whole.to_dict()


def test_a_phrase_is_one_word_among_its_collocates(study: gb.Study) -> None:
    text = "\n".join(study.sentences["text"])
    found = strings.look(study, "行政执法")
    made = query.collocates(study, found, min_n=1, span=1)
    assert made["n_node"].unique().tolist() == [text.count("行政执法")]
    assert "市直行政执法机关编制" in text  # of which 行政执法机关 is one word
    assert {"市直", "编制"} <= {*made["key"]}
    assert not {"执法", "行政执法机关"} & {*made["key"]}


# ---- tables


def test_numbers_are_filtered_by_size() -> None:
    import pandas as pd

    lazy = Lazy(pd.DataFrame({"n": [5, 50, 500], "key": [">=5", "a", "b"]}), ["n", "key"])
    asked = {">=50": [1, 2], "< 50": [0], "=5": [0], "5": [0, 1, 2], "50": [1, 2], ">x": []}
    for text, places in asked.items():
        assert lazy.page(Ask(filters={"n": text}))["places"] == places
    assert lazy.page(Ask(filters={"key": ">=5"}))["places"] == [0]  # a text is a text


def test_codes_are_seen_filtered_and_sorted_by_their_names() -> None:
    import pandas as pd

    frame = pd.DataFrame({"status": ["verified", "extracted", "unheard of"]})
    name = panels.codes("status", "zh")
    assert name is not None
    lazy = Lazy(frame, ["status"], said={"status": name})
    assert lazy.page(Ask())["rows"] == [["已核实"], ["待核"], ["unheard of"]]
    assert lazy.page(Ask(filters={"status": "核实"}))["places"] == [0]
    assert lazy.page(Ask(filters={"status": "verified"}))["places"] == []
    rule = panels.codes("rule", "zh")
    assert rule is not None
    assert rule("hits:法治;before:a:s001") == "词条:法治;前句:a:s001"
    assert rule("simplify") == "繁转简"


@pytest.mark.parametrize("column", ["status", "bound", "measure_kind"])
def test_every_code_of_a_table_has_a_name(column: str) -> None:
    for lang in ("zh", "en"):
        name = panels.codes(column, lang)
        assert name is not None
        for key in tables.CHOICES["indicators", column]:
            assert name(key) != key or lang == "en"
    outcome = panels.codes("outcome", "zh")
    assert outcome is not None
    for key in tables.CHOICES["commitments", "outcome"]:
        assert re.search("[一-鿿]", outcome(key))


@pytest.mark.parametrize("wrong", ["/法", "/(法/", "/法*/", "*", "法|", "“法", "topic:", "topic:x"])
def test_a_wrong_query_is_refused_in_the_language_of_the_explorer(
    wrong: str, few: gb.Study
) -> None:
    explorer = explored(few, term="法治")
    explorer.change(term=wrong)
    assert re.search("[一-鿿].*[一-鿿]{2}", said(explorer).replace(wrong, ""))
    assert explorer.words.lines.lazy.frame.empty
    with pytest.raises(InputError) as refused:
        [strings.look(few, one) for one in queries.terms(wrong)]
    english = explored(few, lang="en")
    english.change(term=wrong)
    assert said(english) == str(refused.value)


# ---- reading


def test_a_report_is_read_whole_with_hits_and_themes(study: gb.Study) -> None:
    explorer = explored(study, panel="reading", term="法治|执法")
    legend, *blocks = explorer.panel.passage.blocks
    texts = ["".join(piece[0] for piece in block["pieces"]) for block in blocks]
    assert texts == study.sentences["text"].tolist()
    marked = "".join(p[0] if p[1] else "|" for block in blocks for p in block["pieces"])
    whole = "".join(texts)
    assert len(marked.replace("|", "")) == 2 * (whole.count("法治") + whole.count("执法"))
    hits = study.themes.hits[study.themes.hits["shadowed_by"] == ""]
    names = study.codebook.names("zh")
    assert {piece[0] for piece in legend["pieces"]} == {names[key] for key in hits["key"]}
    first = hits.iloc[0]
    (block,) = (block for block in blocks if block["id"] == first["sentence_id"])
    start = first["start"] - int(study.sentences.set_index("sentence_id")["start"][block["id"]])
    at, own = 0, ""
    for text, _, themes in block["pieces"]:
        inside = start <= at < start + first["end"] - first["start"]
        own += text if inside and names[first["key"]] in [name for _, name in themes] else ""
        at += len(text)
    assert own == texts[blocks.index(block)][start : start + first["end"] - first["start"]]


def test_a_shared_passage_leads_to_its_source_and_its_echo(few: gb.Study) -> None:
    explorer = explored(few, panel="reading", regions=["海南省"])
    sentences = few.sentences
    own = sentences[sentences["text"].str.contains("红树林")]["sentence_id"].tolist()
    assert len(own) == 2
    seen = Material(few)
    there = {key: seen.shared(Choice(), key) for key in own}
    assert {*there[own[0]]["sentence_id"]} == {own[1]}
    assert {*there[own[1]]["sentence_id"]} == {own[0]}
    sides = {*there[own[0]]["side"]} | {*there[own[1]]["side"]}
    assert sides == {"source", "echo"}
    explorer.read(own[0])
    explorer.reading.shared()
    assert "1 处相同段落" in said(explorer)
    explorer.reading.others.chosen = 0
    assert explorer.reading.report.value == own[1].rpartition(":")[0]
    here = [one for one in explorer.reading.passage.blocks if one["kind"] == "here"]
    assert [one["id"] for one in here] == [own[1]]


# ---- deciding


def kept(study: gb.Study) -> list[list[str]]:
    frame = tables.read(study.path / "decisions.csv", "decisions")
    return frame[["decision", "value", "coder"]].values.tolist()


@pytest.fixture
def own(study: gb.Study, tmp_path: Path) -> gb.Study:
    import shutil

    shutil.copytree(study.path, tmp_path / "data", ignore=shutil.ignore_patterns("store"))
    return gb.Study(tmp_path / "data")


def test_a_correction_shows_at_once_and_is_taken_back(own: gb.Study) -> None:
    explorer = explored(own, panel="themes")
    explorer.coder.value, panel = "陈", explorer.panel
    machine = panel.rows.lazy.frame["theme"][0]
    for theme in ("none", "law_enforcement"):
        panel.rows.chosen = 0
        panel.right.value = theme
        panel.save(agreed=False)
    assert panel.rows.lazy.page(Ask())["rows"][0][2] == f"行政执法 ← {machine}"
    assert panel.rows.lazy.page(Ask())["rows"][0][4] == "陈: 行政执法"
    panel.take_back()
    assert panel.rows.lazy.page(Ask())["rows"][0][2] == f"未编码 ← {machine}"
    panel.take_back()
    assert panel.rows.lazy.page(Ask())["rows"][0][2] == machine
    panel.take_back()
    assert "没有可撤销" in said(explorer)
    assert [one[0] for one in kept(own)] == ["corrected", "corrected", "withdrawn", "withdrawn"]
    assert gb.Study(own.path).decided_themes.figures.empty


def test_a_figure_and_its_withdrawal(own: gb.Study) -> None:
    explorer = explored(own, panel="indicators")
    explorer.coder.value, panel = "陈", explorer.panel
    before = panel.rows.lazy.frame["status"].tolist()
    panel.rows.chosen = 1
    panel.save("rejected")
    assert panel.rows.lazy.page(Ask())["rows"][1][8] == "已否定"
    panel.take_back()
    assert panel.rows.lazy.frame["status"].tolist() == before
    panel.rows.chosen = 1
    panel.save("rejected")  # the same again is no repetition: it was withdrawn
    assert [one[0] for one in kept(own)] == ["rejected", "withdrawn", "rejected"]
    assert (gb.Study(own.path).decided.figures["decision"] == "rejected").sum() == 1


def test_who_takes_back_leaves_what_others_decided(own: gb.Study) -> None:
    both = [explored(own, panel="themes") for _ in range(2)]
    for explorer, coder in zip(both, ("陈", "李"), strict=True):
        explorer.coder.value = coder
        explorer.panel.rows.chosen = 0
        explorer.panel.save(agreed=True)
    both[0].panel.take_back()
    assert gb.Study(own.path).decided_themes.figures["coder"].tolist() == ["李"]


def test_an_outcome_is_decided_by_a_candidate_and_taken_back(few: gb.Study) -> None:
    explorer = explored(few, panel="commitments", regions=["海南省"])
    panel = explorer.panel
    table = panel.rows.lazy.frame
    at = next(n for n, quote in enumerate(table["quote"]) if "水库" in quote)
    panel.rows.chosen = at
    panel.save()
    assert "请先填写编码者" in said(explorer)
    explorer.coder.value = "陈"
    panel.save()
    assert "须有证据" in said(explorer)
    offered = panel.offered.lazy.frame
    best = next(n for n, text in enumerate(offered["text"]) if "两座水库建成" in text)
    panel.offered.chosen = best
    evidence = offered["later_sentence_id"][best]
    assert panel.evidence.value == evidence
    panel.save()
    assert panel.rows.lazy.frame["outcome"][at] == "done"
    assert panel.rows.lazy.page(Ask())["rows"][at][4] == "已完成"
    decided = gb.Study(few.path).commitments
    assert decided.loc[decided["outcome"] == "done", "coder"].tolist() == ["陈"]
    panel.take_back()
    assert panel.rows.lazy.frame["outcome"][at] == ""
    assert gb.Study(few.path).commitments["outcome"].eq("").all()


# ---- a notebook of one's own


def test_the_lab_opens_a_copy_in_the_study(few: gb.Study, tmp_path: Path) -> None:
    bundled = units.find_notebook("explore")
    before = bundled.read_bytes()
    made = batch._own_notebook(bundled, str(few.path))
    assert made == few.path.resolve() / "notebooks" / "explore.ipynb"
    assert f'data: str = \\"{few.path.name}\\"  #' in made.read_text("utf-8")
    made.write_text(made.read_text("utf-8") + "\n", "utf-8")
    mine = made.read_bytes()
    assert batch._own_notebook(bundled, str(few.path)).read_bytes() == mine
    assert bundled.read_bytes() == before
    subprocess.run(["git", "init", "-q", few.path], check=True)
    status = ["git", "-C", str(few.path), "status", "--short", "-uall"]
    listed = subprocess.run(status, capture_output=True, text=True, check=True).stdout
    assert "notebooks" not in listed
    assert "reports.csv" in listed

"""A finding: table, evidence and picture are of one thing, and say what that is."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import evidence
from analysis.bundle import Bundle
from analysis.kit import InputError
from analysis.study import catalogue
from analysis.words import reference

ROOT = Path(__file__).resolve().parent.parent

OWN = """
import analysis as gb

study = gb.Study("data")
hits = study.words.hits[study.words.hits["key"].str.contains("法")]
table = hits.groupby("key").size().sort_values().tail(8).rename("n").reset_index()
mine = gb.Finding(table, hits, lambda table: table.plot.barh("key", "n"), study=study, name="law")
mine.save(out)
"""
"""The README's measure of one's own."""


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_shows_what_is_run_here(readme: str) -> None:
    shown = (ROOT / readme).read_text("utf-8")
    lines = OWN.strip().splitlines()[3:-1]
    assert "\n".join(f"    {line}" for line in lines) in shown
    told = [line.partition("#")[0].strip() for line in shown.splitlines()]
    assert 'top = study.words.frequency("part=plan", top_n=25)' in told


FRESH = """
from IPython.core.interactiveshell import InteractiveShell
import sys
shell = InteractiveShell.instance()
for line in open(sys.argv[1], encoding="utf-8"):
    shell.run_cell(line, silent=False).raise_error()
"""

FACE = """\
import analysis as gb
study = gb.Study("my-study")
study.add("reports/", "province.csv")
study.sentences
top = study.words.frequency(top=25)
top.table; top.hits; top.of(key="法治")
top.save("figures")
study.words.keyness("part=plan", against="part=done").save("figures")
study.themes.coverage(by="section").save("figures")
study.indicators.trend(peers="副省级市").save("figures")
gb.render("briefs.csv", data="my-study", out="briefs")
gb.trace(study, "figures/theme_sections#r47")
"""
"""The lines of the face, one a cell."""


def said(made: Bundle, name: str) -> str:
    return (made.path / name).read_text(encoding="utf-8")


# -- table, hits, sentences -------------------------------------------------------------------


def test_every_number_of_a_finding_has_its_hits(study: gb.Study) -> None:
    for finding in (
        study.words.frequency(top_n=12),
        study.words.sections(top_n=5),
        study.words.keyness("part=plan", against="part=done", top_n=10),
        study.themes.coverage(),
        study.themes.sections(),
    ):
        for number, n in enumerate(finding.table["n"], start=1):
            rows = finding.of(number)
            both = finding.name == "keyness_plot"  # which shows words of either side
            other = finding.table["n_reference"].iloc[number - 1] if both else 0
            assert len(rows) == n + other, (finding, number)


def test_the_evidence_of_a_slice_is_of_the_slice(study: gb.Study) -> None:
    parts = {
        part: study.words.trend(["法治", "立法质效"], "study", target=f"part={part}")
        for part in ("done", "problems", "plan")
    }
    for part, found in parts.items():
        for number, n in enumerate(found.table["n"], start=1):
            assert set(found.of(number)["part"]) == ({part} if n else set())
            assert len(found.of(number)) == n
    whole = study.words.trend(["法治", "立法质效"], "study").table["n"].sum()
    assert sum(found.table["n"].sum() for found in parts.values()) == whole


def test_the_sentences_behind_a_number_know_their_raw_place(study: gb.Study) -> None:
    rows = study.words.frequency().of(key="法治")
    raw = study.source("xiamen-2022").text
    assert len(rows) == study.terms["key"].eq("法治").sum() > 0
    for row in rows.itertuples():
        held = raw[row.raw_start : row.raw_end]
        assert held
        assert "法治" in row.text
    own = gb.Finding(study.words.counts, study.words.hits, study=study)
    sections = study.sentences.set_index("sentence_id")["section"]
    found = own.of(key="法治", section="s1.2")
    assert set(found["section"]) <= {"s1.2"}
    counted = study.terms.loc[study.terms["key"] == "法治", "sentence_id"]
    assert len(found) == sum(sections[one] == "s1.2" for one in counted) > 0


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"key": "无此词"}, "无此词"),
        ({"kee": "法治"}, "kee"),
        ({"row": 0}, "row 0"),
        ({"row": 26}, "1 to 25"),
    ],
)
def test_what_does_not_occur_is_refused_in_a_sentence(
    asked: dict[str, object], message: str, study: gb.Study
) -> None:
    with pytest.raises(InputError, match=message):
        study.words.frequency().of(**asked)  # type: ignore[arg-type]


def test_a_table_alone_costs_no_evidence(study: gb.Study) -> None:
    asked = []

    def hits() -> pd.DataFrame:
        asked.append(1)
        return study.terms.head(3)

    finding = gb.Finding(pd.DataFrame({"n": [3]}), hits, study=study)
    repr(finding)
    finding.to_csv  # noqa: B018
    assert asked == []
    assert len(finding.hits) == len(finding.hits) == 3
    assert asked == [1]


def test_the_words_of_a_study_are_counted_as_by_hand(study: gb.Study) -> None:
    table = study.words.frequency("part=plan", top_n=8).table
    plan = study.sentences[study.sentences["part"] == "plan"]
    text = study.terms[study.terms["sentence_id"].isin(plan["sentence_id"])]
    n = text["key"].value_counts()
    assert table.set_index("key")["n"].to_dict() == {key: n[key] for key in table["key"]}
    assert (table["N_chars"] == sum(len("".join(one.split())) for one in plan["text"])).all()
    counted = study.words.counts.groupby("key")["n"].sum()
    assert counted.to_dict() == study.terms["key"].value_counts().to_dict()


def test_a_word_that_the_list_never_has_is_zero_there() -> None:
    table = reference.rates(["无此词也"])
    assert table["n"].tolist() == [0] * 52


def test_a_concordance_has_its_term_in_the_middle(study: gb.Study) -> None:
    anywhere = study.words.concordance("法治")
    alone = study.words.concordance("法治", match="words")
    assert len(anywhere.table) == study.sentences["text"].str.count("法治").sum() > len(alone.table)
    assert set(anywhere.table["key"]) == {"法治"}
    with pytest.raises(InputError, match="stands nowhere"):
        study.words.concordance("无此词也")
    with pytest.raises(InputError, match="no figure"):
        alone.save("nowhere")


def test_a_finding_is_written_for_other_programs(study: gb.Study, tmp_path: Path) -> None:
    top = study.words.frequency(top_n=4)
    read = pd.read_csv(top.to_csv(tmp_path / "top.csv"))
    assert read["n"].tolist() == top.table["n"].tolist()
    sheets = pd.read_excel(top.to_excel(tmp_path / "top.xlsx"), sheet_name=None)
    assert [len(sheets[name]) for name in ("data", "hits")] == [4, len(top.hits)]
    stata = pd.read_stata(top.to_dta(tmp_path / "top.dta"))
    assert stata["key"].tolist() == top.table["key"].tolist()


# -- how it is shown and written --------------------------------------------------------------


def test_a_finding_shows_its_figure_and_its_first_rows(study: gb.Study) -> None:
    shown = study.words.frequency(top_n=25)._repr_html_()
    assert shown.index("data:image/png;base64,") < shown.index("<table")
    assert "25 rows, 10 shown" in shown
    assert "data:image" not in study.words.concordance("法治")._repr_html_()


def test_a_saved_finding_is_the_table_that_was_drawn(study: gb.Study, tmp_path: Path) -> None:
    top = study.words.frequency(top_n=6)
    made = top.save(tmp_path, lang="en")
    assert pd.read_csv(made.path / "data.csv")["key"].tolist() == top.table["key"].tolist()
    record = made.provenance
    assert record["about"]["measure"] == "words.frequency"
    assert record["about"]["denominators"]["N_chars"]["sum"] == top.table["N_chars"].iloc[0]
    assert record["options"]["top_n"] == 6
    assert record["options"]["lang"] == "en"
    assert "changed" not in record["about"]


def test_a_figure_changed_by_hand_says_so_and_an_unchanged_one_does_not(
    study: gb.Study, tmp_path: Path
) -> None:
    top = study.words.frequency(top_n=3)
    kept = top.save(tmp_path / "a", figure=top.figure())
    assert "changed" not in kept.provenance["about"]
    assert "by hand" not in said(kept, "caption.en.txt")
    figure = top.figure()
    figure.axes[0].set_title("mine")
    made = top.save(tmp_path / "b", figure=figure)
    assert made.provenance["about"]["changed"] is True
    assert "changed by hand" in said(made, "caption.en.txt")
    assert "经人手工改动" in said(made, "caption.zh.txt")
    assert "mine" in said(made, "figure.svg") or (made.path / "figure.svg").stat().st_size
    assert said(made, "data.csv") == said(kept, "data.csv")


def test_a_measure_of_ones_own_is_a_finding_with_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"out": tmp_path}
    exec(OWN, names)
    made = Bundle(tmp_path / "law")
    files = {one.name for one in made.path.iterdir()}
    assert {"figure.pdf", "data.csv", "hits.csv", "evidence.html", "caption.zh.txt"} <= files
    data, hits = (pd.read_csv(made.path / name) for name in ("data.csv", "hits.csv"))
    assert [len(own) for own in evidence.behind(data, hits)] == data["n"].tolist()
    assert "the table has 8 rows" in said(made, "caption.en.txt")
    with pytest.raises(InputError, match="names a folder"):
        gb.Finding(data, study=gb.Study("data"), name="../law")


# -- what it is about -------------------------------------------------------------------------


def test_a_caption_says_only_what_its_own_figure_is_of(study: gb.Study, tmp_path: Path) -> None:
    without = ["依法治国", "全面依法治国"]
    with pytest.raises(InputError, match="the bundled list knows words only"):
        study.words.trend(["数字经济"], without=without)
    digital = study.words.trend(["立法质效"], "study", without=without)
    stands = study.sentences["text"].str.count("立法质效").sum()
    assert digital.table["n"].sum() == len(digital.of(key="立法质效")) == stands == 1
    assert digital.table["unit"].tolist() == ["phrase"]
    assert digital.about["without"] == []
    made = digital.save(tmp_path)
    for name in ("caption.zh.txt", "methods.zh.md", "caption.en.txt", "methods.en.md"):
        assert "依法治国" not in said(made, name)
    assert "Counted wherever" in said(made, "caption.en.txt")
    rule = study.words.trend(["法治"], without=without).save(tmp_path / "b")
    assert "依法治国" in said(rule, "methods.en.md")


AVERAGED = """福州市{given}年政府工作报告
一、{year}年工作回顾
{said}
二、{given}年工作安排
推进改革。
"""


def test_an_average_of_several_years_is_no_point_of_a_year(tmp_path: Path) -> None:
    catalogue.new(tmp_path / "s", "census")
    own = gb.Study(tmp_path / "s")
    of_year = {2021: "地区生产总值增长8%。"}
    of_year[2022] = "五年来地区生产总值年均增长6.4%。全年地区生产总值增长4%。"
    for year, words in of_year.items():
        file = tmp_path / f"福州市{year + 1}年政府工作报告.txt"
        file.write_text(AVERAGED.format(given=year + 1, year=year, said=words), "utf-8")
        assert not own.add(file).problems
    found = gb.Study(tmp_path / "s").indicators.trend(["gdp_growth"])
    assert found.table[["year", "value"]].values.tolist() == [[2021, 8.0], [2022, 4.0]]
    caption = said(found.save(tmp_path), "caption.en.txt")
    assert "averages and sums of several years, and what may be one (1)" in caption
    # sections of one number are those of each report: the second has a sentence more in its first
    apart = gb.Study(tmp_path / "s").themes.coverage(by="section")
    sizes = apart.table.groupby("section")["N_sentences"].first().to_dict()
    first, second = "fuzhou-2021: s1", "fuzhou-2022: s1"
    assert (sizes[first], sizes[second]) == (1, 2)
    row = apart.table[(apart.table["section"] == second) & (apart.table["theme"] == "none")]
    assert len(apart.of(int(row.index[0]) + 1)) == row["n"].item()


def test_a_slice_is_named(study: gb.Study, tmp_path: Path) -> None:
    for finding in (
        study.themes.coverage(target="part=plan"),
        study.themes.sections(target="part=plan"),
        study.words.frequency("part=plan"),
        study.words.dispersion("part=plan"),
    ):
        made = finding.save(tmp_path)
        assert "only the part on what is planned" in said(made, "caption.en.txt"), finding
        assert "仅部分：打算" in said(made, "caption.zh.txt")
    whole = study.themes.coverage().save(tmp_path / "whole")
    assert "only" not in said(whole, "caption.en.txt")


def test_groups_are_called_groups_only_where_groups_were_counted(
    study: gb.Study, tmp_path: Path
) -> None:
    book = study.term_groups
    name = next(iter(study.hits("groups")["key"].value_counts().index))
    mixed = study.words.trend([name, "法治"], units="groups").save(tmp_path)
    assert mixed.provenance["about"]["groups"] == [name]
    words = study.words.trend(["法治"], "study", units="groups").save(tmp_path / "b")
    assert "groups" not in words.provenance["about"]
    assert "group" not in said(words, "methods.en.md")
    many = list(book.names("zh").values())[:4]
    every = study.words.trend(many, "study", units="groups").save(tmp_path / "c")
    assert "4 groups of synonyms in" in said(every, "caption.en.txt")


def test_the_list_is_named_only_where_it_was_counted(study: gb.Study, tmp_path: Path) -> None:
    law = study.words.keyness(against="reference:genre=law").save(tmp_path)
    assert "121 laws" in said(law, "caption.en.txt")
    inside = study.words.sections(against="reference:genre=law")
    assert "reference" not in inside.save(tmp_path).provenance["about"]
    listed = study.themes.trend().save(tmp_path)
    assert "the bundled codebook" in said(listed, "methods.en.md")
    assert "chinese-political-corpora" in said(listed, "references.bib")
    own = study.themes.trend("study").save(tmp_path / "own")
    assert "chinese-political-corpora" not in said(own, "references.bib")
    assert "xiamen-2022" in said(own, "references.bib")


def test_a_bundle_written_without_a_finding_is_about_its_options(
    study: gb.Study, tmp_path: Path
) -> None:
    rates = study.rates(["法治"], inside=True, without=["依法治国"])
    figure = study.words.trend(["法治"]).figure()
    given = {"options": {"lang": "en"}, "out": tmp_path, "cited": rates.cited["en"]}
    made = study.bundle("rates_over_time", figure, data=rates.table, hits=rates.evidence, **given)
    assert made.provenance["about"]["genre"] == "national report"
    assert "52 national government work reports" in said(made, "caption.en.txt")


# -- the face ---------------------------------------------------------------------------------


def test_the_face_has_eight_names_and_a_story_of_a_screen() -> None:
    assert set(gb.__all__) == {
        *("Bundle", "Explorer", "Finding", "Study", "options", "render", "restore", "trace")
    }
    assert len((gb.__doc__ or "").strip().splitlines()) <= 22
    for name in gb.__all__:
        assert len(getattr(gb, name).__doc__) > 60, name
    assert gb.restore("堅持黨的領(lǐng)導(dǎo)").text == "坚持党的领导"


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(AttributeError, match="Study"):
        gb.nothing  # noqa: B018


@pytest.mark.slow
def test_the_lines_of_the_face_work_in_a_fresh_kernel(tmp_path: Path) -> None:
    catalogue.new(tmp_path / "my-study")
    (tmp_path / "reports").mkdir()
    source = gb.Study(ROOT / "data")
    row = source.reports.iloc[0]
    raw = (source.path / row["path"]).read_bytes()
    (tmp_path / "reports" / "厦门市2022年法治政府建设情况报告.txt").write_bytes(raw)
    text = "一、2021年工作回顾\n我们完成了法治政府建设。\n二、2022年重点工作\n我们要推进执法。\n"
    pd.DataFrame({"region": ["福州市"], "year": [2021], "text": [text * 4]}).to_csv(
        tmp_path / "province.csv", index=False
    )
    for name in ("groups.csv", "indicators.csv", "sources.csv"):
        (tmp_path / "my-study" / name).write_bytes((ROOT / "data" / name).read_bytes())
    (tmp_path / "briefs.csv").write_text("top_n,lang\n5,en\n", encoding="utf-8")
    (tmp_path / "face.py").write_text(FACE, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-c", FRESH, "face.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for name in ("top_terms", "keyness_plot", "theme_sections", "metric_trend"):
        record = json.loads((tmp_path / "figures" / name / "provenance.json").read_text("utf-8"))
        assert record["about"]["measure"]
    assert "sha256" in ran.stdout
    assert (tmp_path / "briefs" / "index.html").exists()

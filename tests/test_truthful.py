"""Nothing false on the page: small things that would put a false picture into a paper."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as gb
from analysis import figures, themes
from analysis.batch.parameters import problems, read_cell
from analysis.bundle import about, captions
from analysis.cli import main
from analysis.figures import TITLES
from analysis.kit import InputError, home
from analysis.study import catalogue
from analysis.words import Counts, collocations, keywords, reference

OWN = """version: 1
themes:
  - id: law_enforcement
    name: {zh: 我的主题, en: Mine}
    definition: {zh: 甲, en: A}
    include: ["互联网+政务服务", "(试点", "生态环境", "环境保护"]
  - id: bridges
    name: {zh: 桥梁, en: Bridges}
    definition: {zh: 乙, en: B}
    include: [桥梁]
"""
TEXT = """2022年甲县法治政府建设情况报告
我们推进互联网+政务服务。
改革(试点）继续。
加强生态环境保护，生态环境好转。
桥梁通车。
天气很好。
"""


@pytest.fixture
def own(tmp_path: Path) -> gb.Study:
    """A study of one report with a codebook of its own, one id of which is the bundled book's."""
    catalogue.new(tmp_path / "own")
    (tmp_path / "own" / "codebooks" / "themes.yaml").write_text(OWN, encoding="utf-8")
    (tmp_path / "r.txt").write_text(TEXT, encoding="utf-8")
    study = gb.Study(tmp_path / "own")
    study.add(tmp_path / "r.txt", region="厦门市", year=2022)
    return gb.Study(tmp_path / "own")


def theme_bundle(study: gb.Study, out: Path, **options: str) -> Path:
    made = themes.coverage(study.codings, study.sentences, study.codebook)
    coded = gb.evidence.of(study.codings, study.sentences, is_heading=False)
    drawn = figures.theme_coverage(made, study.codebook.names("zh"))
    return study.bundle(
        "theme_coverage", drawn, data=made, hits=coded, options=options, out=out
    ).path


# -- own codebooks ----------------------------------------------------------------------------


def test_themes_of_ones_own_are_never_drawn_by_another_books_codes(own: gb.Study) -> None:
    years = own.theme_rates()
    assert set(years.table["theme"]) == {"law_enforcement", "bridges", "none"}
    assert set(years.table["year"]) == {2022}  # the study's own report, not the bundled list
    assert years.names["zh"]["law_enforcement"] == "我的主题"
    figures.theme_years(years.table, years.names["zh"])
    listed = own.theme_rates("national report")  # asked for: then by the names of its own book
    assert listed.names["zh"]["law_enforcement"] != "我的主题"
    assert set(listed.table["theme"]) <= set(listed.names["zh"])
    figures.theme_years(listed.table.assign(year=listed.table["at"]), listed.names["zh"])


def test_a_study_with_the_bundled_themes_is_drawn_beside_the_list(study: gb.Study) -> None:
    assert len(study.theme_rates().table["document_id"].unique()) == 52


def test_terms_are_literal_in_the_evidence(own: gb.Study, tmp_path: Path) -> None:
    page = (theme_bundle(own, tmp_path, lang="zh") / "evidence.html").read_text(encoding="utf-8")
    assert "<mark>互联网+政务服务</mark>" in page
    assert "<mark>(试点</mark>" in page
    assert "<mark>生态环境</mark>保护，<mark>生态环境</mark>好转" in page


def test_overlapping_entries_of_a_theme_count_once(own: gb.Study) -> None:
    hits = own.themes.hits[own.themes.hits["key"] == "law_enforcement"]
    counted = hits[hits["shadowed_by"] == ""]["entry"].value_counts().to_dict()
    assert counted == {
        "互联网+政务服务": 1,
        "(试点": 1,
        "生态环境": 2,
    }  # 环境保护 overlaps the first
    assert hits[hits["shadowed_by"] == "生态环境"]["entry"].tolist() == ["环境保护"]
    apart = OWN.replace('"生态环境", "环境保护"', '"生态环境"').replace("[桥梁]", "[环境保护]")
    (own.path / "codebooks" / "themes.yaml").write_text(apart, encoding="utf-8")
    both = gb.Study(own.path).themes.hits  # of two themes each counts: the sentence is about both
    assert (both.loc[both["entry"] == "环境保护", "shadowed_by"] == "").all()


def test_what_overlapping_entries_cover_together_decides_a_sentence(tmp_path: Path) -> None:
    def primary(sentence: str) -> str:
        own = tmp_path / str(len(sentence))
        catalogue.new(own)
        book = OWN.replace("[桥梁]", "[跨海大桥梁]")
        (own / "codebooks" / "themes.yaml").write_text(book, encoding="utf-8")
        (tmp_path / "r.txt").write_text(f"2022年甲县报告\n{sentence}\n", encoding="utf-8")
        gb.Study(own).add(tmp_path / "r.txt", region="厦门市", year=2022)
        codings = gb.Study(own).codings
        return str(codings["primary_theme"].iloc[-1])

    # 生态环境 and 环境保护 cover six characters together, four of them alone
    assert primary("建成跨海大桥梁，加强生态环境保护。") == "law_enforcement"
    assert primary("建成跨海大桥梁，生态环境好转。") == "bridges"


# -- uncoded ----------------------------------------------------------------------------------


def test_the_share_without_a_theme_is_said_and_a_book_that_does_not_fit(
    own: gb.Study, study: gb.Study, tmp_path: Path
) -> None:
    folder = theme_bundle(own, tmp_path, lang="zh")
    said = (folder / "caption.zh.txt").read_text(encoding="utf-8")
    assert "未编码1句（20%）" in said  # the weather, of five
    assert "不适合" not in said
    less = OWN.replace('"互联网+政务服务", "(试点", ', "")
    (own.path / "codebooks" / "themes.yaml").write_text(less, encoding="utf-8")
    folder = theme_bundle(gb.Study(own.path), tmp_path / "less", lang="zh")
    assert "这本编码簿不适合这些文本" in (folder / "caption.zh.txt").read_text(encoding="utf-8")
    assert "codebook does not fit" in (folder / "caption.en.txt").read_text(encoding="utf-8")
    codes = study.codings, study.sentences
    pairs = themes.cooccurrence(*codes, study.codebook)
    none = int((study.codings["primary_theme"] == "none").sum())
    assert 0 < pairs["n_uncoded"].iloc[0] <= none
    drawn = figures.theme_cooccurrence(pairs, study.codebook.names("en"), lang="en")
    assert f"no theme: {pairs['n_uncoded'].iloc[0]}" in drawn.axes[0].get_xlabel().replace(
        "\n", " "
    )


# -- keyness against itself -------------------------------------------------------------------


def test_reports_of_the_study_are_no_part_of_its_reference() -> None:
    documents = reference.select("default")
    one = documents[documents["region"] == "上海市"].iloc[0]
    rows = [
        {"region": "上海市", "year": 2025, "sha256": "x"},
        {"region": "某地", "year": 1900, "sha256": documents.iloc[5]["sha256"]},
    ]
    left = reference.apart("default", rows)
    gone = set(documents["document_id"]) - set(left["document_id"])
    assert gone == {one["document_id"], documents.iloc[5]["document_id"]}
    assert (
        len(reference.apart("default", [{"region": "上海市", "year": 2024, "sha256": "x"}])) == 36
    )
    every = [
        {"region": row.region, "year": row.year, "sha256": ""} for row in documents.itertuples()
    ]
    with pytest.raises(InputError, match="held against itself"):
        reference.apart("default", every)


def test_what_was_taken_out_of_the_reference_is_said(study: gb.Study) -> None:
    name = "keyness_plot"
    record = {**study.provenance({}), "figure": name, "title": TITLES[name]}
    record |= {"about": {"reference": "default", "units": "words"}}
    record |= {"packages": {}, "gongbao": "0", "hash": "0" * 64, "cited": []}
    data = pd.DataFrame({"key": ["法治"], "n": [9], "n_reference": [9], "N_tokens": 90})
    assert "去掉" not in captions.methods(name, data, record, "zh")
    shanghai = {**record["reports"][0], "region": "上海市", "year": 2025}
    with_it = record | {"reports": [shanghai]}
    assert "有1份就是本研究的报告" in captions.methods(name, data, with_it, "zh")
    assert "23 provincial" in captions.methods(name, data, with_it, "en")


# -- groups, links, cautions ------------------------------------------------------------------


def test_a_group_is_counted_over_the_years_and_a_word_beside_it(study: gb.Study) -> None:
    groups = study.hits("groups")
    name = groups["key"].value_counts().index[0]
    found = study.rates([name, "推进"], units="groups")
    n = found.table.set_index("key")["n"]
    assert n[name] == (groups["key"] == name).sum() > 0
    assert n["推进"] == (study.terms["key"] == "推进").sum()
    assert found.table.set_index("key")["unit"].to_dict() == {name: "group", "推进": "word"}
    with pytest.raises(InputError, match="knows words only"):
        study.rates([name], "national report", units="groups")
    assert "unit" not in study.rates(["推进"], "study").table


def test_only_what_was_left_out_is_named_as_left_out(study: gb.Study) -> None:
    without = ["全面依法治国", "依法制裁", "法治天下"]
    assert study.rates(["法治"], "study", inside=True, without=without).left_out == []
    held = study.rates(["法治"], "study", inside=True, without=["法治社会", "法治天下"]).left_out
    assert held == ["法治社会"]


def test_a_link_stands_on_two_sentences() -> None:
    words = ["甲 乙 甲 乙", "甲 丙", "丙 甲"]
    rows = [
        ("r", f"r:s{at}", 2 * place, 2 * place + 1, key)
        for at, text in enumerate(words)
        for place, key in enumerate(text.split())
    ]
    terms = pd.DataFrame(rows, columns=["report_id", "sentence_id", "start", "end", "key"])
    table = collocations.network(terms, ["甲", "乙", "丙"])
    assert table[["source", "target", "sentences"]].values.tolist() == [["甲", "丙", 2]]
    once = collocations.network(terms, ["甲", "乙", "丙"], min_sentences=1)
    assert set(map(tuple, once[["source", "target"]].values)) == {("甲", "丙"), ("甲", "乙")}


def test_cautions_stand_where_they_apply(own: gb.Study, study: gb.Study) -> None:
    def caption(one: gb.Study) -> str:
        table = keywords.frequency(Counts.of(one.terms, one.sentences))
        record = {**one.provenance({}), "figure": "top_terms", "title": TITLES["top_terms"]}
        record |= {"packages": {}, "gongbao": "0", "hash": "0" * 64, "cited": []}
        record["about"] = about.complete(table, {})
        return captions.caption("top_terms", keywords.top(table, 5), record, "en")

    assert "The text is short" in caption(own)
    assert "short" not in caption(study)


def test_a_share_of_nothing_is_empty(study: gb.Study) -> None:
    none = study.sentences.iloc[:0]
    table = themes.coverage(study.codings, none, study.codebook)
    assert (table["N_sentences"] == 0).all()
    assert table[["share", "char_share"]].isna().all(axis=None)


# -- design, parameters, lexicon --------------------------------------------------------------


@pytest.mark.parametrize(("given", "design"), [([], ""), (["--design", "sample"], "sample")])
def test_a_new_study_claims_no_design_that_nobody_stated(
    tmp_path: Path, given: list[str], design: str
) -> None:
    assert main(["new", str(tmp_path / "one"), *given]) == 0
    study = gb.Study(tmp_path / "one")
    assert study.design == design
    assert ("not stated" in repr(study)) == (not design)


def test_an_unstated_design_is_said_and_gives_no_interval(own: gb.Study, tmp_path: Path) -> None:
    folder = theme_bundle(own, tmp_path, lang="en")
    methods = (folder / "methods.en.md").read_text(encoding="utf-8")
    assert "**Design.** Not stated" in methods
    assert "ensus" not in methods + (folder / "caption.en.txt").read_text(encoding="utf-8")


def test_who_gave_the_codes_is_said(study: gb.Study, tmp_path: Path) -> None:
    folder = theme_bundle(study, tmp_path, lang="en")
    assert "a language model gave" in (folder / "methods.en.md").read_text(encoding="utf-8")


def test_the_evidence_of_a_link_is_within_its_span(study: gb.Study) -> None:
    """Each hit of a pair has one of the other word at most so many words away."""
    found = study.words.collocations(span=3, top_n=15)
    for row in range(1, 6):
        pair = found.table.iloc[row - 1]
        hits = found.of(row)
        assert set(hits["key"]) == {pair["source"], pair["target"]}
        near = 0
        for _, of in hits.groupby("sentence_id"):
            one, other = (of.loc[of["key"] == pair[end], "word_no"] for end in ("source", "target"))
            apart = [[abs(a - b) for b in other] for a in one]
            near += sum(by <= 3 for line in apart for by in line)
            assert all(min(line) <= 3 for line in apart)
            assert all(min(line) <= 3 for line in zip(*apart, strict=True))
        assert near == pair["n"]
        assert hits["sentence_id"].nunique() == pair["sentences"]


@pytest.mark.parametrize("wrong", ["x", "25", 2.5, None, True])
def test_a_parameter_that_is_no_whole_number_is_refused(study: gb.Study, wrong: object) -> None:
    with pytest.raises(InputError, match=r"top_n is .*; it must be a whole number, such as 25"):
        study.words.frequency(top_n=wrong)  # type: ignore[arg-type]
    assert len(study.words.frequency(top_n=np.int64(3)).table) == 3


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("top_n", -3, 25),
        ("top_n", 0, 1),
        ("span", 0, 5),
        ("min_chars", -1, 1),
        ("cloud_n", 0, 150),
        ("about", -0.1, 0.05),
    ],
)
def test_a_parameter_out_of_its_range_is_refused_with_the_range(
    name: str, wrong: float, right: float
) -> None:
    cells = (
        read_cell(json.loads(path.read_text("utf-8")), path.name)
        for path in (home() / "notebooks").glob("*.ipynb")
    )
    (known,) = (cell for cell in cells if name in cell)
    (said,) = problems({name: wrong}, known)
    assert f"{name} is {wrong!r}; it must be" in said
    assert list(problems({name: right}, known)) == []


def test_the_lexicon_says_which_entries_can_never_match(own: gb.Study) -> None:
    lines = "# version: 1\n双随机、一公开\nＡＩ治理\n数字经济 5 nz\n放管服 3\n营商环境\n"
    (own.path / "codebooks" / "lexicon.txt").write_text(lines, encoding="utf-8")
    study = gb.Study(own.path)
    words = ("双随机、一公开", "ＡＩ治理", "数字经济", "放管服", "营商环境")
    assert study.word_list("lexicon")[0] == words
    said = [one for one in study.problems() if one.startswith("lexicon.txt")]
    assert len(said) == 3
    assert "2 lines have a frequency" in said[0]
    assert "'双随机、一公开' can never match" in said[1]
    assert "'ＡＩ治理' can never match" in said[2]
    (own.path / "codebooks" / "lexicon.txt").write_text("# version: 1\n法治 政府\n", "utf-8")
    with pytest.raises(InputError, match="white space"):
        gb.Study(own.path).word_list("lexicon")


# -- figures depend on their inputs -----------------------------------------------------------

DRAW = """
import hashlib, pandas as pd
from analysis import bundle, figures
table = pd.DataFrame({"key": ["法治", "推进"], "n": [2, 1], "N_chars": 99, "rate": [2.0, 1.0]})
drawn = figures.top_terms(table)
print(*[hashlib.sha256(bundle.render(drawn, kind)).hexdigest() for kind in ("svg", "png")])
"""


def test_a_matplotlibrc_of_the_machine_changes_no_figure(tmp_path: Path) -> None:
    made = []
    for name, settings in (
        ("plain", ""),
        ("own", "axes.grid: True\nlines.linestyle: --\nsvg.fonttype: none\nxtick.direction: in\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "matplotlibrc").write_text(settings, encoding="utf-8")
        environment = {**os.environ, "MATPLOTLIBRC": str(tmp_path / name)}
        command = [sys.executable, "-c", DRAW]
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        made.append(ran.stdout)
    assert made[0] == made[1]

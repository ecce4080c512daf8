"""Slices with comparisons, reports chosen by conditions, the others of the same year."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from analysis.batch import units
from analysis.bundle import captions
from analysis.kit import InputError, ProblemsError
from analysis.study import Study, build, catalogue, query
from analysis.study.query import answer
from analysis.words import reference, slices

REPORTS = {  # region and year reported on: level, year given, how often the text says 法治 and 的
    ("北京市", 2010): ("province", 2011, 7, 1),
    ("北京市", 2022): ("province", 2023, 4, 2),
    ("福州市", 2022): ("city", 2023, 2, 3),
    ("厦门市", 2020): ("city", 2021, 5, 1),
    ("厦门市", 2022): ("city", None, 3, 1),
}
IDS = ["beijing-2010", "beijing-2022", "fuzhou-2022", "xiamen-2020", "xiamen-2022"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """A study of five short reports, each with one sentence of 法治 and one of 的."""
    folder = tmp_path_factory.mktemp("slices") / "study"
    catalogue.new(folder)
    made = Study(folder)
    for (region, year), (level, given, law, of) in REPORTS.items():
        file = folder.parent / f"{region}{year}.txt"
        lines = [f"{region}{year}年工作", "一、主要工作", "、".join(["法治"] * law) + "。"]
        lines.append("、".join(["我们的"] * of) + "。")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        made.add(file, region=region, year=year, level=level, year_given=given)
    rows = pd.read_csv(folder / "reports.csv", dtype=str, keep_default_na=False)
    rows.loc[rows["report_id"] == "xiamen-2022", "year_given"] = ""
    rows.sort_values("report_id").to_csv(folder / "reports.csv", index=False)
    return Study(folder)


@pytest.fixture(scope="module")
def corpus(study: Study) -> Study:
    out = study.path.parent / "corpus"
    with ThreadPoolExecutor(1) as executor:
        build.build([str(study.path)], out, engine="jieba", executor=executor)
    return query.opened(out)


CHOSEN = [
    ("year>=2020", "fuzhou-2022 beijing-2022 xiamen-2020 xiamen-2022"),
    ("year>2020", "fuzhou-2022 beijing-2022 xiamen-2022"),
    ("year<=2020", "beijing-2010 xiamen-2020"),
    ("year < 2020", "beijing-2010"),
    ("year!=2022", "beijing-2010 xiamen-2020"),
    ("year!=2022|2010", "xiamen-2020"),
    ("region!=厦门市", "beijing-2010 beijing-2022 fuzhou-2022"),
    ("year>=2020;level=province", "beijing-2022"),
    ("year>2010;year<2022", "xiamen-2020"),
    ("year=2010|2020", "beijing-2010 xiamen-2020"),
    ("year_given=2023", "beijing-2022 fuzhou-2022"),
    ("year_given<2023", "beijing-2010 xiamen-2020"),
    ("year_given!=2023", "beijing-2010 xiamen-2020 xiamen-2022"),
    ("province=福建省", "fuzhou-2022 xiamen-2020 xiamen-2022"),
    ("province!=福建省;year=2022", "beijing-2022"),
    ("report_id=fuzhou-2022|xiamen-2020", "fuzhou-2022 xiamen-2020"),
    ("region=厦门市; year=2022", "xiamen-2022"),
]
WRONG = [
    ("year=>2010", "says '=>'; write year and one of = != >= <= > <"),
    ("year==2010", "says '=='"),
    ("year=<2010", "says '=<'"),
    ("year<>2010", "says '<>'"),
    ("year!2010", "says '!'"),
    ("year", "'year' compares nothing"),
    ("year>=abc", "'abc' is no year"),
    ("year>=", "'' is no year"),
    ("year>=2010|2020", "'2010|2020' is no year"),
    ("year>=-5", "'-5' is no year"),
    ("level>=city", "level holds no numbers; only year and year_given take >="),
    ("region<3", "region holds no numbers"),
    ("year>=2023", "no report has year>=2023; year is 2010–2022"),
    ("year_given<1999", "no report has year_given<1999; year_given is 2011–2023"),
    ("year=1999", "year '1999' is not known"),
    ("year!=1999", "year '1999' is not known"),
    ("place=厦门市", "'place' is not known"),
    (">=2010", "'' is not known"),
]


@pytest.mark.parametrize(("written", "ids"), CHOSEN)
def test_a_condition_chooses_the_same_of_a_study_its_sentences_and_a_corpus(
    study: Study, corpus: Study, written: str, ids: str
) -> None:
    expected = set(ids.split())
    assert set(catalogue.chosen([written], study.reports)) == expected
    assert set(catalogue.chosen(written.split(";"), study.reports)) == expected
    assert set(Study(study.path, [written]).reports["report_id"]) == expected
    chosen = slices.select(study.sentences, study.reports, written)
    assert set(chosen["report_id"]) == expected
    assert set(query.chosen(corpus, written)["report_id"]) == expected
    assert slices.problem(written, study.reports) == ""


@pytest.mark.parametrize(("written", "said"), WRONG)
def test_what_is_no_condition_or_met_by_none_is_refused_in_one_sentence(
    study: Study, corpus: Study, written: str, said: str
) -> None:
    assert said in slices.problem(written, study.reports)
    asked = [
        lambda: slices.select(study.sentences, study.reports, written),
        lambda: query.chosen(corpus, written),
        lambda: Study(study.path, [written]),
    ]
    for refused in asked[: 3 if slices.is_condition(written) else 2]:
        with pytest.raises(InputError) as caught:
            refused()
        assert said in str(caught.value)
        assert "\n" not in str(caught.value)


def test_parts_compare_by_name_only(study: Study, corpus: Study) -> None:
    every = set(slices.select(study.sentences, study.reports, "")["part"])
    (most,) = study.sentences["part"].mode()
    left = slices.select(study.sentences, study.reports, f"part!={most}")
    assert set(left["part"]) == every - {most}
    with pytest.raises(InputError, match="no report or part fits"):
        query.chosen(corpus, f"part!={'|'.join(every)}")
    assert "part holds no numbers" in slices.problem("part>plan", study.reports)


def test_the_reference_list_is_chosen_as_before() -> None:
    assert set(reference.select("genre=law;from=2013")["genre"]) == {"law"}
    for wrong in ("genre!=law", "from>=2013"):
        with pytest.raises(InputError, match="one of =\\."):
            reference.select(wrong)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ([], IDS),
        (["xiamen-2022", "fuzhou-2022"], ["fuzhou-2022", "xiamen-2022"]),
        (["xiamen-2022", "xiamen-2020", "year>=2021"], ["xiamen-2022"]),
        (["level=city", "year>=2021; region!=福州市"], ["xiamen-2022"]),
    ],
)
def test_ids_beside_conditions_restrict_further(
    study: Study, wanted: list[str], ids: list[str]
) -> None:
    assert catalogue.chosen(wanted, study.reports) == ids
    assert list(Study(study.path, wanted).reports["report_id"]) == ids


def test_where_nothing_fits_what_there_is_is_said(study: Study) -> None:
    with pytest.raises(InputError) as caught:
        Study(study.path, ["year<2020; level=city"])
    assert str(caught.value) == (
        f"{study.path}/reports.csv: no report fits year<2020; level=city; in the catalogue year is "
        "2010–2022, level is city or province."
    )
    with pytest.raises(InputError, match="of beijing-2010 fits year>2020"):
        Study(study.path, ["beijing-2010", "year>2020"])
    with pytest.raises(InputError, match="report 'beijing-2011' is not known"):
        Study(study.path, ["beijing-2011", "year>2020"])
    with pytest.raises(InputError, match="condition 'part' is not known"):
        Study(study.path, ["part=plan"])


def test_a_parameter_file_takes_conditions_and_is_refused_before_anything_starts(
    study: Study, tmp_path: Path
) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text("reports,lang\nyear>=2020; level=city,en\n", encoding="utf-8")
    more = tmp_path / "sets.yaml"
    more.write_text('sets:\n  - {reports: "year>=2020; level=city", lang: en}\n', encoding="utf-8")
    data = str(study.path)
    for file in (sets, more):
        (unit,) = units.plan(["theme_coverage"], units.read_sets(file), data)
        assert unit.values["reports"] == ["year>=2020", "level=city"]
        assert unit.name.startswith("theme_coverage-year-from-2020-level-city-")
    sets.write_text("reports\nyear>=2023\nyear<2020;level=city\nlevel>1\n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        units.plan(["theme_coverage"], units.read_sets(sets), data)
    assert [one.split(": ", 2)[0] for one in caught.value.problems] == [
        f"{sets}:{line}" for line in (2, 3, 4)
    ]


def rendered(study: Study, monkeypatch: pytest.MonkeyPatch, *more: str) -> list[list[str]]:
    """The `reports` of each unit that `gongbao render` of one notebook would draw."""
    found: list[units.Unit] = []

    def ran(planned: list[units.Unit], _: object) -> int:
        found.extend(planned)
        return 0

    monkeypatch.setattr("analysis.cli.batch._run_units", ran)
    asked = ["render", "--data", str(study.path), "--notebook", "theme_coverage", *more]
    assert cli.main(asked) == 0
    assert len({unit.name for unit in found}) == len(found)
    assert all(unit.name.isascii() for unit in found)
    return [unit.values.get("reports", []) for unit in found]


def test_render_over_all_over_a_slice_and_for_each(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = list(study.reports["report_id"])
    assert rendered(study, monkeypatch) == [[], *([one] for one in ids)]
    assert rendered(study, monkeypatch, "--each", "none") == [[]]
    both = rendered(study, monkeypatch, "--notebook", "text_reuse")
    assert both == [[], [], *([one] for one in ids)]  # who copies whom is no question to one report
    assert rendered(study, monkeypatch, "--reports", "year=2022; level=city") == [
        ["year=2022", "level=city"],
        ["fuzhou-2022"],
        ["xiamen-2022"],
    ]
    twice = ["--reports", "year=2022", "--reports", "level=city", "--each", "none"]
    assert rendered(study, monkeypatch, *twice) == [["year=2022", "level=city"]]
    of_regions = ["--reports", "year>2010", "--each", "region"]
    assert rendered(study, monkeypatch, *of_regions) == [
        ["year>2010"],
        ["region=北京市", "year>2010"],
        ["region=厦门市", "year>2010"],
        ["region=福州市", "year>2010"],
    ]
    assert rendered(study, monkeypatch, "--each", "year") == [
        [],
        ["year=2010"],
        ["year=2020"],
        ["year=2022"],
    ]
    assert rendered(study, monkeypatch, "--each", "province")[1:] == [
        ["province=北京市"],
        ["province=福建省"],
    ]


def test_a_parameter_file_is_drawn_for_each(
    study: Study,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sets = tmp_path / "sets.csv"
    sets.write_text("lang\nzh\nen\n", encoding="utf-8")
    assert (
        rendered(study, monkeypatch, str(sets), "--each", "level")
        == [
            ["level=city"],
            ["level=province"],
        ]
        * 2
    )
    assert rendered(study, monkeypatch, str(sets), "--reports", "year>2010") == [["year>2010"]] * 2
    sets.write_text("reports\nxiamen-2022\n", encoding="utf-8")
    asked = ["render", str(sets), "--data", str(study.path), "--each", "region"]
    assert cli.main(asked) == 2
    assert f"{sets}:2: names reports" in capsys.readouterr().err


def test_the_others_of_the_same_year(study: Study, corpus: Study) -> None:
    """法治 stands 3 times in 厦门市 2022; 4 + 2 times in the others of 2022, + 7 + 5 in all."""
    one = study.contrast("report_id=xiamen-2022", "rest")
    assert (one.target.n["法治"], one.reference.n["法治"]) == (3, 4 + 2 + 7 + 5)
    assert one.reference.label == {
        "zh": "2010–2022年其余 4 份报告",
        "en": "4 other reports on 2010–2022",
    }
    same = study.contrast("region=厦门市", "rest", within="year=2022")
    assert (same.target.n["法治"], same.reference.n["法治"]) == (3, 4 + 2)
    assert same.reference.label["en"] == "report of Beijing on 2022, report of Fuzhou on 2022"
    assert set(same.hits["report_id"]) == {"beijing-2022", "fuzhou-2022", "xiamen-2022"}
    wanted = Study(study.path, ["xiamen-2022"]).contrast("", "rest", within="year>=2020;level=city")
    assert (wanted.target.n["法治"], wanted.reference.n["法治"]) == (3, 2 + 5)
    for target, within, other in (
        ("report_id=xiamen-2022", "", 18),
        ("region=厦门市", "year=2022", 6),
        ("report_id=xiamen-2022", "year>=2020;level=city", 7),
    ):
        table = query.keyness(corpus, target, "rest", within=within).set_index("key")
        assert table.loc["法治", ["n", "n_reference"]].tolist() == [3, other]


def test_the_rest_has_the_parts_of_the_target(study: Study) -> None:
    (part,) = set(study.sentences.loc[study.sentences["text"].str.contains("法治"), "part"])
    held = study.contrast(f"region=厦门市;part={part}", "rest", within="year=2022")
    assert (held.target.n["法治"], held.reference.n["法治"]) == (3, 6)
    assert set(study.sentences.set_index("sentence_id").loc[held.hits["sentence_id"], "part"]) == {
        part
    }


def test_within_goes_with_the_rest_and_the_rest_must_be_there(study: Study, corpus: Study) -> None:
    for against in ("reference", "year=2010"):
        for ask in (study.contrast, partial(query.keyness, corpus)):
            with pytest.raises(InputError, match="'year=2022' goes with `rest`"):
                ask("region=厦门市", against, within="year=2022")
    with pytest.raises(InputError, match="nothing is left"):
        study.contrast("region=北京市", "rest", within="level=province")
    with pytest.raises(InputError, match="nothing is left"):
        study.contrast("year=2010", "rest", within="year=2022")
    with pytest.raises(InputError, match="nothing is left"):
        query.keyness(corpus, "region=北京市", "rest", within="level=province")
    with pytest.raises(InputError, match="nothing is left"):
        query.keyness(corpus, "year=2010", "rest", within="year=2022")
    for ask in (query.rates, query.frequency):
        with pytest.raises(InputError, match="no report or part fits"):
            ask(corpus, *([["法治"]] if ask is query.rates else []), "year=2010;level=city")
    with pytest.raises(ProblemsError, match="parameter within: 'year=2022' goes with `rest`"):
        units.plan(["keyword_frequency"], [("a", {"within": "year=2022"})], str(study.path))
    asked = {"against": "rest", "within": "year>2022"}
    with pytest.raises(ProblemsError, match="parameter within: no report has year>2022"):
        units.plan(["keyword_frequency"], [("a", asked)], str(study.path))


def test_stop_words_hide_rows_and_change_no_count(
    corpus: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    for what, more in (("frequency", {}), ("keyness", {"slice": "region=厦门市"})):
        every = answer(corpus.path, what, **more)
        hidden = answer(corpus.path, what, stopwords=True, **more)
        assert "的" in set(every["key"])
        assert set(every["key"]) - set(hidden["key"]) <= set(corpus.stopwords)
        assert not set(hidden["key"]) & set(corpus.stopwords)
        kept = every[every["key"].isin(hidden["key"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(hidden, kept)
        first = answer(corpus.path, what, stopwords=True, top=2, **more)
        assert list(first["key"]) == list(hidden["key"][:2])
    asks = ["corpus", "query", str(corpus.path)]
    assert cli.main([*asks, "coverage", "--stopwords"]) == 2
    assert "--stopwords goes with frequency" in capsys.readouterr().err
    assert cli.main([*asks, "frequency", "--within", "year=2022"]) == 2
    assert "--within goes with keyness" in capsys.readouterr().err
    asked = ["keyness", "--slice", "region=厦门市", "--within", "year=2022", "--stopwords"]
    assert cli.main([*asks, *asked]) == 0
    lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    at = [lines[0].index(name) for name in ("n", "n_reference")]
    (row,) = [line for line in lines if line[0] == "法治"]
    assert [row[i] for i in at] == ["3", "6"]


def test_captions_say_how_reports_were_chosen() -> None:
    rows = [{"region": f"{name}市", "year": year} for name in "甲乙" for year in (2010, 2022)]
    conditions = ["year>=2010", "level=city"]
    assert captions.chosen(rows, conditions, "zh").endswith(
        "的4份报告（仅年份 ≥ 2010；层级：地级）"
    )
    assert captions.chosen(rows, conditions, "en").endswith(" (only year ≥ 2010; level city)")
    for few, plain in ((rows[:1], conditions), (rows, [])):
        assert captions.chosen(few, plain, "zh") == captions.about(few, "zh")


def test_provenance_keeps_the_conditions(study: Study) -> None:
    record = Study(study.path, ["year=2022"]).provenance({"reports": ["year=2022"]})
    assert {row["report_id"] for row in record["reports"]} == {
        "beijing-2022",
        "fuzhou-2022",
        "xiamen-2022",
    }
    assert json.loads(json.dumps(record["options"])) == {"reports": ["year=2022"]}

"""What changes if…: two runs differ in what was changed, and in nothing else."""

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables
from analysis.batch.difference import Difference, compare
from analysis.indicators import trends
from analysis.kit import InputError

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "xiamen-2022:s038"


@pytest.fixture(scope="module")
def term(study: gb.Study) -> str:
    """All of a sentence: as a term of the codebook it decides about this sentence only."""
    text = study.sentences.set_index("sentence_id").loc[SENTENCE, "text"]
    return str(text).rstrip("。")


@pytest.fixture(scope="module")
def changed(term: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the bundled study: one more term in the last theme, one figure corrected."""
    place = tmp_path_factory.mktemp("study") / "data"
    shutil.copytree(ROOT / "data", place)
    codebook = place / "codebooks/themes.yaml"
    text = codebook.read_text("utf-8")
    version = next(line for line in text.splitlines() if line.startswith("version:"))
    text = text.replace(version, "version: changed", 1)
    more = f"    include:\n      - {json.dumps(term, ensure_ascii=False)}\n"
    codebook.write_text(more.join(text.rsplit("    include:\n", 1)), encoding="utf-8")
    path = place / "indicators.csv"
    figures = tables.read(path, "indicators")
    own = figures.index[
        (figures["indicator_id"] == "local_regs_passed") & (figures["year"] == 2022)
    ]
    figures.loc[own[0], "value"] += 0.5
    tables.write(figures, path)
    return place


@pytest.fixture(scope="module")
def runs(
    rendered: Path, changed: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The bundled study, and the changed one, rendered by the command."""
    out = tmp_path_factory.mktemp("runs") / "b"
    command = ["render", str(rendered.parent / "sets.yaml"), "--notebook", "theme_coverage"]
    assert cli.main([*command, "--data", str(changed), "--out", str(out)]) == 0
    return rendered, out


@pytest.fixture(scope="module")
def found(runs: tuple[Path, Path]) -> Difference:
    return compare(*runs)


def test_a_run_does_not_differ_from_itself(runs: tuple[Path, Path]) -> None:
    alike = compare(runs[0], runs[0])
    assert alike.same
    assert str(alike) == f"no difference; {alike.pairs} bundles compared."


def test_the_codebooks_version_is_the_version_that_differs(found: Difference) -> None:
    versions = found.settings[found.settings["setting"].str.startswith("versions.")]
    assert set(versions["setting"]) == {"versions.themes"}
    assert set(versions["after"]) == {"changed"}
    assert found.missing.empty


def test_the_sentence_that_holds_the_new_term_is_the_one_whose_code_changed(
    found: Difference, study: gb.Study, term: str
) -> None:
    (code,) = found.codes.to_dict("records")
    before = study.codings.set_index("sentence_id").loc[SENTENCE]
    assert code == {
        "sentence_id": SENTENCE,
        "theme_before": before["primary_theme"],
        "theme_after": study.codebook.ids[-1],
        "rule_before": before["rule"],
        "rule_after": f"hits:{term}",
    }
    assert f"{SENTENCE}: {before['primary_theme']} → {study.codebook.ids[-1]}" in str(found)


def test_the_counts_of_themes_change_by_as_many_sentences_as_changed_code(
    found: Difference,
) -> None:
    rows = found.rows[found.rows["bundle"].str.endswith("/theme_coverage")]
    n = rows[rows["column"] == "n"].set_index("row")["difference"]
    expected = (
        found.codes["theme_after"]
        .value_counts()
        .sub(found.codes["theme_before"].value_counts(), fill_value=0)
    )
    expected = expected[expected != 0]
    assert len(n) == 2
    assert n.to_dict() == {f"theme {theme}": change for theme, change in expected.items()}


def test_a_corrected_figure_shows_before_after_and_difference(
    study: gb.Study, changed: Path, tmp_path: Path
) -> None:
    for name, one in (("a", study), ("b", gb.Study(changed))):
        panel = trends.panel(one.indicators.table, one.indicator_codebook, regions=["厦门市"])
        stream = io.StringIO()
        tables.write(panel, stream)
        bundle(tmp_path / name / "metric_trend" / "metric_trend", stream.getvalue())
    found = compare(tmp_path / "a", tmp_path / "b")
    (cell,) = found.rows[found.rows["column"] == "value"].to_dict("records")
    assert (cell["before"], cell["after"], cell["difference"]) == ("7", "7.5", 0.5)
    assert "indicator_id local_regs_passed" in cell["row"]
    assert "value 7 → 7.5 (+0.5)" in str(found)


def bundle(place: Path, data: str, hits: str = "key\n甲\n", **options: Any) -> Path:
    """A bundle made by hand."""
    place.mkdir(parents=True)
    record = {
        "figure": place.name,
        "options": {"lang": "zh", **options},
        "versions": {"engine": "jieba"},
        "reports": [{"report_id": "r", "sha256": "00"}],
        **{"hash": str(place), "files": {}},
    }
    (place / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
    (place / "data.csv").write_text(data, encoding="utf-8-sig")
    (place / "hits.csv").write_text(hits, encoding="utf-8-sig")
    return place


def test_units_pair_by_notebook_and_figure_though_their_hashes_differ(tmp_path: Path) -> None:
    bundle(tmp_path / "a/words-0123456789/top", "key,n\n甲,3\n乙,2\n", top_n=2)
    bundle(tmp_path / "b/words-abcdef0123/top", "key,n\n甲,4\n丙,1\n", top_n=3)
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found.settings.drop(columns="bundle").values.tolist() == [["options.top_n", "2", "3"]]
    cells = found.rows[["row", "what", "column", "before", "after"]].values.tolist()
    assert cells == [
        ["key 甲", "changed", "n", "3", "4"],
        ["key 乙", "only in A", "", "", ""],
        ["key 丙", "only in B", "", "", ""],
    ]
    assert found.rows["difference"].dropna().tolist() == [1]
    assert not found.same


def test_of_several_the_most_equal_options_pair_and_never_two_reports(tmp_path: Path) -> None:
    for run, sets in (("a", [("x", 5), ("y", 5), ("z", 5)]), ("b", [("y", 6), ("x", 5), ("w", 5)])):
        for number, (report, top_n) in enumerate(sets):
            place = tmp_path / f"{run}/words-000000000{number}/top"
            bundle(place, f"key,n\n{report},1\n", reports=[report], top_n=top_n)
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found.pairs == 2
    assert found.rows.empty
    assert found.settings["setting"].tolist() == ["options.top_n"]
    assert found.missing.values.tolist() == [
        ["words-0000000002/top", "A"],
        ["words-0000000002/top", "B"],
    ]


def test_batches_of_other_reports_pair_by_the_options_that_agree(tmp_path: Path) -> None:
    batches = {"a": ["x", "y"], "b": ["u"]}
    for run, reports in batches.items():
        for number, lang in enumerate(("zh", "en") if run == "a" else ("en", "zh")):
            place = tmp_path / f"{run}/words-000000000{number}/top"
            bundle(place, f"key,n\n{lang},1\n", reports=reports, lang=lang)
    found = compare(tmp_path / "a", tmp_path / "b")
    assert (found.pairs, len(found.rows), len(found.missing)) == (2, 0, 0)
    assert (
        found.settings[["setting", "before", "after"]].values.tolist()
        == [["options.reports", '["x", "y"]', '["u"]']] * 2
    )


def test_a_batch_with_more_reports_pairs_with_the_one_it_shares_some_with(tmp_path: Path) -> None:
    for run, sets in (("a", [[], ["x"], ["y"]]), ("b", [["y", "z"], [], ["w"]])):
        for number, reports in enumerate(sets):
            place = tmp_path / f"{run}/words-000000000{number}/top"
            bundle(place, f"key,n\n{'+'.join(reports)},1\n", reports=reports)
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found.settings[["before", "after"]].values.tolist() == [['["y"]', '["y", "z"]']]
    assert found.missing["run"].tolist() == ["A", "B"]
    assert found.rows["row"].tolist() == ["key y", "key y+z"]


def test_sentences_that_the_evidence_gained_or_lost_are_named(tmp_path: Path) -> None:
    def hits(*sentences: int, key: str = "甲") -> str:
        return "sentence_id,key\n" + "".join(f"r:s{at:03d},{key}\n" for at in sentences)

    a = bundle(tmp_path / "a/top", "key,n\n甲,8\n", hits=hits(*range(1, 9)))
    b = bundle(tmp_path / "b/top", "key,n\n甲,8\n", hits=hits(8, 9))
    assert str(compare(a, b)).splitlines() == [
        "a/top/hits.csv: 7 rows only in A, 1 in B",
        "  only in A: r:s001, r:s002, r:s003, r:s004, r:s005 and 2 more",
        "  only in B: r:s009",
    ]
    same_sentence = bundle(tmp_path / "c/top", "key,n\n甲,8\n", hits=hits(8, 9, key="乙"))
    assert str(compare(b, same_sentence)) == "b/top/hits.csv: 2 rows only in A, 2 in B"


def test_two_bundles_compare_alone_and_rows_with_one_key_are_counted(tmp_path: Path) -> None:
    a = bundle(tmp_path / "a/top", "name,n\n甲,1\n甲,2\n")
    b = bundle(tmp_path / "b/top", "name,n,m\n甲,1,\n甲,5,\n", hits="key\n乙\n甲\n")
    rows = compare(a, b).rows
    cells = rows[["row", "column", "difference"]]
    assert cells[cells["column"] == "n"].values.tolist() == [["name 甲 (2)", "n", 3.0]]
    assert rows[["row", "what"]].values.tolist()[0] == ["m", "column only in B"]
    assert compare(a, b).evidence.values.tolist() == [["a/top", 0, 1, (), ()]]


def test_a_long_list_is_cut_and_says_so(tmp_path: Path) -> None:
    a = bundle(tmp_path / "a/top", "key,n\n" + "".join(f"k{i},1\n" for i in range(30)))
    b = bundle(tmp_path / "b/top", "key,n\n" + "".join(f"k{i},2\n" for i in range(30)))
    assert "30 changed" in str(compare(a, b))
    assert str(compare(a, b)).endswith("  … and 10 more")


def test_what_is_no_run_is_refused_by_name(tmp_path: Path) -> None:
    run = bundle(tmp_path / "a/top", "key,n\n")
    with pytest.raises(InputError, match=r"nowhere: no such folder"):
        compare(run, tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"empty: holds no bundle .*provenance.json"):
        compare(tmp_path / "empty", run)
    (run / "hits.csv").unlink()
    with pytest.raises(InputError, match=r"hits.csv: no such file"):
        compare(run, run)


def test_a_setting_of_many_figures_but_not_all_says_how_many(found: Difference) -> None:
    rows = [(f"figure{number}", "options.lang", "zh", "en") for number in range(6)]
    settings = pd.DataFrame(rows, columns=found.settings.columns)
    lines = str(replace(found, pairs=14, settings=settings)).splitlines()
    assert lines[0] == "options.lang: zh → en  (6 of 14 figures)"
    few = str(replace(found, pairs=14, settings=settings[:2])).splitlines()
    assert few[0] == "options.lang: zh → en  (figure0, figure1)"

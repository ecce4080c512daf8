"""Several codebooks side by side: what a book is, what each codes, and both crossed."""

import shutil
import textwrap
from pathlib import Path

import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables, themes
from analysis.bundle import about, captions
from analysis.kit import InputError, ProblemsError
from analysis.panel import topics
from analysis.study import build
from analysis.themes import Codebook, books, handcodes

THEME = """  - id: {id}
    name: {{zh: {id}, en: {id}}}
    definition: {{zh: 甲, en: A}}
    include: [{include}]
"""
ACTS = "id: acts\nversion: 1\nname: {zh: 行为, en: Acts}\nexclusive: false\nthemes:\n"
ACTS += THEME.format(id="plan", include="规划") + THEME.format(id="check", include="检查, 督察")
WORDS = "# version: 2\n法治\n依法  # also in 依法行政\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """The bundled study with two more books: one of acts, and a list of words."""
    place = tmp_path / "own"
    shutil.copytree(gb.Study().path, place, ignore=shutil.ignore_patterns("store"))
    (place / "codebooks" / "zz_acts.yaml").write_text(ACTS, encoding="utf-8")
    (place / "codebooks" / "rule_of_law.txt").write_text(WORDS, encoding="utf-8")
    return place


def frame_of(*texts: str) -> pd.DataFrame:
    """Sentences of one section, none a heading."""
    rows = [
        ("r", f"r:s{at:03d}", "s1", "", False, "done", text, 100 * at, 100 * at + len(text), 0, 0)
        for at, text in enumerate(texts, 1)
    ]
    return pd.DataFrame(rows, columns=list(tables.COLUMNS["sentences"]))


# ---- what a book is


def test_a_folder_holds_books_by_their_ids(own: Path) -> None:
    found = books(own / "codebooks")
    assert {"law_based_government", "acts", "rule_of_law"} <= set(found)
    assert found["acts"].name == "zz_acts.yaml"
    assert not {"indicators", "term_groups", "lexicon", "stopwords"} & set(found)


def test_two_books_of_one_id_are_refused(own: Path) -> None:
    (own / "codebooks" / "acts.txt").write_text(WORDS, encoding="utf-8")
    with pytest.raises(InputError, match=r"zz_acts.yaml: has the id acts of acts.txt"):
        gb.Study(own)


def test_a_book_without_id_unit_or_exclusive_has_defaults(tmp_path: Path) -> None:
    text = "version: 1\nthemes:\n" + THEME.format(id="a", include="甲")
    for name, id_ in (("themes.yaml", "law_based_government"), ("mine.yaml", "mine")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        book = Codebook.load(tmp_path / name)
        assert (book.id, book.unit, book.exclusive, book.title("zh")) == (
            id_,
            "sentence",
            True,
            id_,
        )


def test_a_plain_list_of_words_is_a_book_of_one_theme(own: Path) -> None:
    book = gb.Study(own, codebook="rule_of_law").codebook
    assert (book.id, book.version, book.ids) == ("rule_of_law", "2", ["rule_of_law"])
    assert book.themes[0].include == ("法治", "依法")
    study = gb.Study(own, codebook="rule_of_law")
    texts = study.sentences.loc[~study.sentences["is_heading"], "text"]
    table = study.themes.coverage().table.set_index("theme")
    by_own_word = int((texts.str.contains("法治") | texts.str.contains("依法")).sum())
    own_hits = study.codings["rule"].str.startswith("hits:") & ~study.sentences["is_heading"]
    assert int(own_hits.sum()) == by_own_word
    assert table["n"].sum() == len(texts)


def test_all_that_is_wrong_with_a_book_is_said_at_once(tmp_path: Path) -> None:
    text = "version: 1\nunit: page\nthemes:\n" + THEME.format(id="a", include="甲, 甲, ' 乙'")
    text += THEME.format(id="b", include="甲") + "  - id: c\n    include: [丙]\n"
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as error:
        Codebook.load(tmp_path / "mine.yaml")
    said = str(error.value).splitlines()
    lines = [line.split(": ")[0].rpartition(":")[2] for line in said]
    assert lines == ["2", "7", "7", "11", "12", "12"]
    parts = ["unit is 'page'", "white space", "stands in a", "stands in a", "name", "definition"]
    for line, part in zip(said, parts, strict=True):
        assert part in line


def test_what_is_wrong_with_a_list_is_said_with_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("# version: 1\n法治\n法 治\n法治\n", encoding="utf-8")
    with pytest.raises(ProblemsError, match=r"txt:3: .*white space(?s:.*)txt:4: .*line 2 already"):
        Codebook.load(path)
    path.write_text("法治\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"txt:1: must begin with `# version: 1`"):
        Codebook.load(path)


# ---- what it codes


def test_each_theme_of_a_book_that_is_not_exclusive_counts(tmp_path: Path) -> None:
    (tmp_path / "acts.yaml").write_text(ACTS, encoding="utf-8")
    book = Codebook.load(tmp_path / "acts.yaml")
    own = frame_of("检查规划。", "检查。", "无。", "规划规划，督察。")
    coded = themes.code(themes.match(own, book), own, book)
    assert coded["codebook"].unique().tolist() == ["acts"]
    assert coded["primary_theme"].tolist() == ["check", "check", "none", "plan"]
    table = themes.coverage(coded, own, book).set_index("theme")
    assert table["n"].to_dict() == {"plan": 2, "check": 3, "none": 1}
    assert set(table["N_sentences"]) == {4}
    assert table.loc["check", "share"] == 0.75


def test_the_tables_of_two_books_stand_beside_each_other(own: Path) -> None:
    law, acts = gb.Study(own), gb.Study(own, codebook="acts")
    assert law.codings["codebook"].unique().tolist() == ["law_based_government"]
    assert acts.codings["codebook"].unique().tolist() == ["acts"]
    kept = {path: path.read_bytes() for path in (own / "store").rglob("codings*/*.parquet")}
    assert len({path.parent for path in kept}) == 2
    assert gb.Study(own).codings.equals(law.codings)
    assert law.under("acts").codings.equals(acts.codings)
    assert {path: path.read_bytes() for path in kept} == kept


def test_a_cross_table_adds_up_to_what_each_book_counts(own: Path) -> None:
    study = gb.Study(own)
    found = study.themes.cross("rule_of_law")
    own_counts = study.themes.coverage().table.set_index("theme")["n"]
    assert found.table.groupby("theme")["n"].sum().to_dict() == own_counts[own_counts > 0].to_dict()
    other = study.under("rule_of_law").themes.coverage().table.set_index("theme")["n"]
    assert found.table.groupby("crossed")["n"].sum().to_dict() == other[other > 0].to_dict()
    row = found.table[found.table["n"] > 0].iloc[0]
    behind = found.of(theme=row["theme"], crossed=row["crossed"])
    assert len(behind) == row["n"]
    assert set(behind["primary_theme"]) == {row["theme"]}
    assert set(behind["crossed_theme"]) == {row["crossed"]}


def test_a_cross_table_of_four_sentences_by_hand(tmp_path: Path) -> None:
    (tmp_path / "acts.yaml").write_text(ACTS, encoding="utf-8")
    (tmp_path / "words.txt").write_text("# version: 1\n规划\n", encoding="utf-8")
    both = Codebook.load(tmp_path / "acts.yaml"), Codebook.load(tmp_path / "words.txt")
    own = frame_of("检查规划。", "检查。", "无。", "规划规划，督察。")
    coded = [themes.code(themes.match(own, book), own, book) for book in both]
    table = themes.cross(themes.crossing(themes.each(coded[0]), coded[1]), own, both)
    cells = table.set_index(["theme", "crossed"])["n"].to_dict()
    assert cells == {
        **{("plan", "words"): 2, ("plan", "none"): 0},
        **{("check", "words"): 2, ("check", "none"): 1},
        **{("none", "words"): 0, ("none", "none"): 1},
    }
    assert set(table["N_sentences"]) == {4}


# ---- commands and hand codes


def test_hand_codes_of_several_books_lie_in_one_file(own: Path) -> None:
    path = own / "validation" / "themes.csv"
    rows = path.read_text(encoding="utf-8-sig").splitlines()
    sha, start, end, quote, *_ = rows[1].split(",")
    given = "\n".join([*rows, f"{sha},{start},{end},{quote},王,acts,plan", ""])
    path.write_text(given, encoding="utf-8")
    law, acts = gb.Study(own), gb.Study(own, codebook="acts")
    assert law.validation is not None
    assert acts.validation is not None
    assert law.validation.coders == ("coder_1", "coder_2", "coder_3")
    assert (acts.validation.coders, acts.validation.n) == (("王",), 1)
    read = handcodes.read(path, acts.codebook)
    assert read["primary_theme"].tolist() == ["plan"]


def test_a_new_study_has_the_codebooks_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["new", str(tmp_path / "s"), "--codebooks", "law_based_government"]) == 0
    assert list(gb.Study(tmp_path / "s").books) == ["law_based_government"]
    assert cli.main(["new", str(tmp_path / "t"), "--codebooks", "law_based_goverment"]) == 2
    assert "law_based_government" in capsys.readouterr().err
    assert not (tmp_path / "t").exists()


def test_table_takes_a_codebook(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["table", "codings", "--codebook", "acts", "--data", str(own)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("report_id,sentence_id,codebook,primary_theme")
    assert {line.split(",")[2] for line in lines[1:]} == {"acts"}
    assert cli.main(["table", "codings", "--codebook", "act", "--data", str(own)]) == 2
    assert "did you mean" in capsys.readouterr().err.lower()


# ---- what is said of them


def test_the_methods_say_what_the_codebook_does(own: Path) -> None:
    (own / "codebooks" / "zz_acts.yaml").write_text(
        ACTS.replace("exclusive", "headings: skip\nexclusive"), encoding="utf-8"
    )
    study = gb.Study(own, codebook="acts")
    record = study.provenance({}) | {"figure": "theme_coverage", "title": {"zh": "图", "en": "F"}}
    record |= {"packages": {}, "gongbao": "0", "hash": "0" * 16, "cited": []}
    table = study.themes.coverage().table
    said = captions.methods("theme_coverage", table, record, "en")
    assert "“Acts” codebook version 1" in said
    assert "every theme with a match" in said
    assert "heading's theme" not in said
    rare = table.assign(n=0).assign(n=lambda own: own["n"].mask(own["theme"] == "none", 38))
    unfit, record = "this codebook does not fit", record | {"about": about.complete(rare, {})}
    assert unfit in captions.caption("theme_coverage", rare, record, "en")
    some = record | {"codebook": {**record["codebook"], "partial": True}}
    assert unfit not in captions.caption("theme_coverage", rare, some, "en")
    law = gb.Study(own)
    other = record | law.provenance({})
    said = captions.methods("theme_coverage", law.themes.coverage().table, other, "en")
    assert "cover most of its characters" in said
    assert "takes its heading's theme" in said


def test_the_sentences_without_a_theme_stand_in_the_caption_of_a_cross_table(own: Path) -> None:
    study = gb.Study(own)
    found = study.themes.cross("acts")
    folder = found.save(own / "figures", lang="en").path
    none = study.themes.coverage().table.set_index("theme").loc["none"]
    said = (folder / "caption.en.txt").read_text(encoding="utf-8")
    assert f"No theme: {int(none['n'])} sentence" in said


def test_a_mark_is_traced_by_the_codebook_that_it_was_made_with(own: Path) -> None:
    folder = gb.Study(own, codebook="acts").themes.coverage().save(own / "figures").path
    said = gb.trace(gb.Study(own), f"{folder}#r2")
    assert "may differ" not in said
    assert "theme check" in said


# ---- stores and corpora


def test_what_a_codebook_left_in_the_store_goes_with_it(own: Path) -> None:
    _ = gb.Study(own, codebook="acts").codings
    assert (own / "store" / "codings-acts").is_dir()
    (own / "codebooks" / "zz_acts.yaml").unlink()
    _ = gb.Study(own).codings
    assert not (own / "store" / "codings-acts").exists()


def test_a_corpus_is_coded_by_the_codebook_of_the_study_named(own: Path, tmp_path: Path) -> None:
    settings = own / "study.yaml"
    settings.write_text(settings.read_text("utf-8") + "codebook: acts\n", encoding="utf-8")
    corpus = tmp_path / "corpus"
    text = tmp_path / "福建省2020年政府工作报告.txt"
    text.write_text(
        "政府工作报告\n2020年\n一、回顾\n编制规划。开展检查和督察。\n", encoding="utf-8"
    )
    build.build([str(text)], corpus, codebooks=own, engine="jieba", jobs=1)
    study = gb.Study(corpus)
    assert (study.book, study.codings["codebook"].unique().tolist()) == ("acts", ["acts"])
    words = corpus / "codebooks" / "more.txt"
    words.write_text("# version: 1\n检查\n", encoding="utf-8")
    added = gb.Study(corpus, codebook="more")  # it needs no other build, and lies in a store
    coded = added.codings.merge(added.sentences, on="sentence_id")
    assert coded.loc[coded["primary_theme"] == "more", "text"].tolist() == ["开展检查和督察。"]
    assert gb.Study(corpus).codings.equals(study.codings)


def test_terms_beside_a_codebook_with_patterns_are_refused(own: Path) -> None:
    study = gb.Study(own)
    with pytest.raises(InputError, match=r"terms go with lists of your own, not beside .*duties"):
        topics.of(study, "duties", ["督察"])
    assert topics.of(study, "acts").apart
    assert not topics.of(study, "instruments").apart


def test_a_codebook_as_a_table_has_the_patterns_of_one_part(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "instruments.csv"
    assert cli.main(["codebook", "instruments", "--csv", str(path), "--data", str(own)]) == 0
    table = pd.read_csv(path)
    book = Codebook.load(own / "codebooks" / "instruments.yaml")
    only = [part for theme in book.themes for _, part in theme.conditional if part]
    assert only
    assert sorted(table["part"].dropna()) == sorted(only)
    wanted = sum(len(theme.entries) for theme in book.themes)
    assert table["kind"].isin(["term", "pattern"]).sum() == wanted


def test_the_book_that_the_documentation_shows_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "codebooks.md").read_text("utf-8")
    shown = page[page.index("    id: rural") :].partition("\n\n")[0]
    (tmp_path / "rural.yaml").write_text(textwrap.dedent(shown), encoding="utf-8")
    book = Codebook.load(tmp_path / "rural.yaml")
    assert (book.id, book.ids, list(themes.self_check(book))) == ("rural", ["industry"], [])

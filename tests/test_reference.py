"""The reference list: what it is made of, that it is up to date, and rates out of the box."""

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

import analysis as gb
from analysis import themes
from analysis.kit import InputError, files
from analysis.restore import restore
from analysis.text.sentences import split
from analysis.words import Counts, Segmenter, keyness, keywords, lengths, reference

ROOT = Path(__file__).resolve().parent.parent
CODEBOOKS = ROOT / "data" / "codebooks"


@pytest.fixture(scope="module")
def build(script: Callable[[str], ModuleType]) -> ModuleType:
    """The script data/reference/build.py as a module."""
    return script("data/reference/build.py")


# ---- what it is made of


def test_the_list_is_up_to_date_with_lexicon_and_codebook() -> None:
    made = reference.versions()
    for name in ("lexicon.txt", "themes.yaml"):
        now = hashlib.sha256((CODEBOOKS / name).read_bytes()).hexdigest()
        assert made[name.split(".")[0]]["sha256"] == now, (
            f"{name} has changed: run data/reference/build.py"
        )
    assert made["engine"]["name"] == "jieba"


def test_its_documents_are_the_ones_it_says() -> None:
    documents = reference.documents()
    assert documents["genre"].value_counts().to_dict() == {
        "law": 121,
        "national report": 52,
        "provincial report": 24,
    }
    assert documents["document_id"].is_unique
    assert documents["sha256"].str.fullmatch(r"[0-9a-f]{64}").all()
    national = documents[documents["genre"] == "national report"]
    assert set(range(1978, 2026)) - set(national["published"]) == {1989, 1990, 1991, 1996, 2020}
    assert (national["year"] == national["published"] - 1).all()
    assert documents.loc[documents["genre"] == "law", "year"].isna().all()
    assert set(documents["level"]) == {"nation", "province"}


def test_tokens_of_the_documents_are_the_words_of_the_list() -> None:
    documents = reference.documents().set_index("document_id")
    terms = pd.read_parquet(reference.folder() / "terms.parquet")
    assert list(terms.columns) == ["document_id", "term", "n"]
    assert not terms.duplicated(["document_id", "term"]).any()
    summed = terms.groupby(terms["document_id"].astype(str))["n"].sum()
    assert summed.to_dict() == documents["N_tokens"].to_dict()


def test_the_list_is_small_and_holds_words_no_text() -> None:
    assert (reference.folder() / "terms.parquet").stat().st_size < 2_000_000
    terms = pd.read_parquet(reference.folder() / "terms.parquet", columns=["term"])["term"]
    assert terms.astype(str).str.len().max() <= 16
    assert not terms.astype(str).str.contains("[，。；]").any()


def test_an_installed_package_finds_the_list_inside_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert reference.folder() == ROOT / "data" / "reference"
    monkeypatch.setattr(files, "__file__", str(tmp_path / "analysis" / "kit" / "files.py"))
    assert reference.folder() == tmp_path / "analysis" / "bundled" / "data" / "reference"


# ---- counts


def test_the_default_is_provincial_2026_and_national_from_2013() -> None:
    counts = reference.counts()
    documents = reference.documents()
    wanted = documents[
        (documents["genre"] != "law")
        & ((documents["published"] >= 2013) | (documents["genre"] == "provincial report"))
    ]
    assert counts.reports == len(wanted) == 24 + 12
    assert counts.N_tokens == wanted["N_tokens"].sum() == counts.n.sum()
    tokens = f"{counts.N_tokens:,}"
    assert counts.label == {
        "zh": "24 份省级政府工作报告（2026 年发布）、12 份国务院政府工作报告（2013–2025 年发布），"
        f"共 {tokens} 词",
        "en": "24 provincial government work reports (published 2026) and 12 national "
        f"government work reports (published 2013–2025), {tokens} words",
    }


def test_a_selection_is_by_genre_region_and_years_of_publication() -> None:
    counts = reference.counts("genre=national report;from=1978;to=1992")
    assert counts.reports == len({*range(1978, 1993)} - {1989, 1990, 1991})
    one = reference.counts("region=上海市")
    assert one.label["en"].startswith("1 provincial government work report (published 2026), ")
    two = reference.counts("region=上海市 + genre=law;to=1979")
    laws = (reference.documents()["genre"] == "law") & (reference.documents()["published"] < 1980)
    assert two.reports == 1 + laws.sum()


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("form=1978", "condition 'form' is not known; did you mean 'from'"),
        ("genre=national", "genre 'national' is not known; did you mean 'national report'"),
        ("region=福建省", "region '福建省' is not known"),
        ("from=recent", "from is 'recent'; it must be a year"),
        ("genre=law;to=1900", "no document of the reference list is in 'genre=law;to=1900'"),
    ],
)
def test_a_selection_that_cannot_be_met_is_refused(selection: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        reference.counts(selection)


def test_words_of_a_study_can_be_held_against_the_list(study: gb.Study) -> None:
    target = Counts.of(study.terms, study.sentences, study.title)
    table = keyness.compare(target, reference.counts()).set_index("key")
    assert table.loc["行政复议", "log_ratio"] > 3
    assert table.loc["行政复议", "n_reference"] == reference.counts().n["行政复议"]


# ---- rates


def test_rates_have_zeros_for_documents_and_no_row_for_years_without_one() -> None:
    table = reference.rates(["法治", "法制"])
    assert table["published"].nunique() == 52
    assert 1990 not in set(table["published"])
    assert len(table) == 2 * 52
    row = table[(table["published"] == 1979) & (table["key"] == "法制")].iloc[0]
    one = reference.counts("genre=national report;from=1979;to=1979")
    assert row["n"] == one.n["法制"]
    assert row["rate"] == row["n"] / one.sizes["N_chars"].sum() * 10_000
    assert table.loc[(table["published"] == 1979) & (table["key"] == "法治"), "n"].item() == 0


def test_a_word_may_be_counted_inside_longer_ones_too() -> None:
    words = reference.counts("genre=national report").n
    alone = reference.rates(["法治"])["n"].sum()
    within = reference.rates(["法治"], containing=True)["n"].sum()
    but = reference.rates(["法治"], containing=True, without=["依法治国", "全面依法治国"])[
        "n"
    ].sum()
    longer = {word: n for word, n in words.items() if "法治" in word}
    assert alone == words["法治"]
    assert within == sum(longer.values())
    assert but == within - words["依法治国"] - words["全面依法治国"]
    none = reference.rates(["法治"], containing=True, without=["*依法治*"])["n"].sum()
    assert none == within - sum(n for word, n in longer.items() if "依法治" in word) < but


def test_rule_of_law_overtook_the_legal_system_in_the_2010s() -> None:
    table = reference.rates(
        ["法治", "法制"], containing=True, without=["依法治国", "全面依法治国", "依法制裁"]
    ).pivot(index="published", columns="key", values="n")
    assert table.loc[:2009, "法制"].sum() > 5 * table.loc[:2009, "法治"].sum()
    assert table.loc[2014:, "法治"].sum() > 10 * table.loc[2014:, "法制"].sum()


def test_rates_can_be_pooled_by_year_of_publication() -> None:
    each = reference.rates(["改革"], genre="provincial report")
    (row,) = reference.rates(["改革"], genre="provincial report", by="published").itertuples()
    assert (row.published, row.reports) == (2026, 24)
    assert (row.n, row.N_chars) == (each["n"].sum(), each["N_chars"].sum())
    with pytest.raises(ValueError, match="by is 'year'"):
        reference.rates(["改革"], by="year")
    with pytest.raises(InputError, match="genre 'city report' is not known"):
        reference.rates(["改革"], genre="city report")


def test_the_themes_of_a_document_add_up_to_its_sentences() -> None:
    codebook = themes.Codebook.load(CODEBOOKS / "themes.yaml")
    table = reference.theme_rates()
    assert table["document_id"].nunique() == 52
    assert set(table["theme"]) == {*codebook.ids, themes.NONE}
    by_document = table.groupby("document_id")
    assert (by_document["n"].sum() == by_document["N_sentences"].first()).all()
    assert by_document["share"].sum().tolist() == pytest.approx([1] * 52)


# ---- how it is made


def test_a_report_reaches_from_its_salutation_to_its_last_sentence(build: ModuleType) -> None:
    report = "各位代表：\n一、回顾\n工作有进展。\n奋斗！"
    page = f"下载\n打印\n某省政府工作报告\n省长 某某\n{report}\n分享到\n×"
    assert build.report_body(page) == report
    assert build.report_body("工作有进展。\n编辑：某某") == "工作有进展。"


def made_up(folder: Path) -> Path:
    """Corpora of one document each, in the form of the real ones."""
    report = "下载\n某省政府工作报告\n各位代表：\n一、加强法治\n推进行政执法工作。\n相关报道："
    record = {
        "title": "全国报告",
        "url": "",
        "year": "1999",
        "content": "各位代表：\n\n推進《\n行政復議法\n》的落實，海外\n\u200b\n侨胞滿意！\n\n\n"
        "本作品是中华人民共和国的",
    }
    law = (
        "# 某法\n\n某日通过\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n第一条 为了法治，制定本法。\n"
    )
    columns = {"province": "上海市", "year": "2026", "title": "某报告", "full_text": report}
    files = {
        "provincial-2026/上海市.csv": pd.DataFrame([columns]).to_csv(index=False),
        "national/reports.jsonl": json.dumps(record) + "\n" + json.dumps({**record, "year": None}),
        "laws/某法(2009-08-27).md": law,
    }
    rows = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        rows.append((name, "someone/texts", "0" * 40, name, "none", sha256))
    with (folder / "SOURCES.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [("file", "repository", "commit", "path", "licence_stated", "sha256"), *rows]
        )
    return folder


def test_traditional_characters_links_and_page_furniture_do_not_reach_the_counts(
    build: ModuleType, tmp_path: Path
) -> None:
    bodies = {one.genre: one for one in build.documents(made_up(tmp_path / "corpora"))}
    national = bodies["national report"]
    assert national.body == "各位代表：\n\n推進《行政復議法》的落實，海外侨胞滿意！"
    assert restore(national.body, script="simplified").text.endswith(
        "推进《行政复议法》的落实，海外侨胞满意！"
    )
    assert (national.year, national.published, national.document_id) == (1998, 1999, "quanguo-1998")
    assert bodies["law"].body.strip() == "第一章 总则\n\n第一条 为了法治，制定本法。"
    assert bodies["provincial report"].body.endswith("推进行政执法工作。")


def test_the_same_corpora_give_the_same_bytes(build: ModuleType, tmp_path: Path) -> None:
    corpora = made_up(tmp_path / "corpora")
    for out in ("one", "two"):
        build.build(corpora, tmp_path / out)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["documents.csv", "terms.parquet", "themes.csv", "versions.yaml"]
    for name in names:
        one, two = ((tmp_path / out / name).read_bytes() for out in ("one", "two"))
        assert one == two, name


def test_a_source_that_changed_stops_the_build(build: ModuleType, tmp_path: Path) -> None:
    corpora = made_up(tmp_path / "corpora")
    (corpora / "laws" / "某法(2009-08-27).md").write_text("别的", encoding="utf-8")
    with pytest.raises(SystemExit, match="is not the file that SOURCES"):
        list(build.documents(corpora))


def test_two_documents_recomputed_from_the_corpora(
    build: ModuleType, corpora: Path, study: gb.Study
) -> None:
    documents = reference.documents().set_index("document_id")
    wanted = {"qinghai-2025", "quanguo-1978"}
    for document in build.documents(corpora):
        if document.document_id not in wanted:
            continue
        row = documents.loc[document.document_id]
        assert hashlib.sha256(document.raw.encode()).hexdigest() == row["text_sha256"]
        sentences = split("r", restore(document.body, script="simplified"), document.year)
        words = keywords.term_hits(sentences, Segmenter(study.word_list("lexicon")[0]))
        assert len(words) == row["N_tokens"]
        assert lengths(sentences).sum() == row["N_chars"]
        years = f"from={document.published};to={document.published}"
        one = reference.counts(f"genre={document.genre};region={document.region};{years}")
        assert words["key"].value_counts().to_dict() == one.n.to_dict()
        wanted.remove(document.document_id)
    assert not wanted

"""A codebook as a page: counts, sentences and agreement by hand, on a study of nine lines.

The names in the book are hostile: whatever they say stays text on the page.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis as gb
from analysis import cli, tables
from analysis.kit import InputError, ProblemsError
from analysis.pages import codebook
from analysis.panel import precision, topics
from analysis.study import catalogue, codebook_page
from analysis.themes import Codebook, versions

EVIL = "<script>alert(1)</script>"
BOOK = f"""id: small
version: 2
name: {{zh: "{EVIL}", en: "{EVIL}"}}
changes:
  - {{version: 1, zh: "初稿{EVIL}", en: First}}
  - {{version: 2, zh: 增补, en: "More | of *it*"}}
agreement:
  - {{genre: "{EVIL}", n: 40, alpha: 0.8125, lo: 0.7, hi: 0.9, by: 王}}
  - {{genre: {{zh: 规划, en: plans}}, n: 12, alpha: 1, by: {{zh: 李, en: Li}}, note: few}}
themes:
  - id: court
    name: {{zh: "法院{EVIL}", en: "Court{EVIL}"}}
    definition: {{zh: "出庭{EVIL}", en: "Courts{EVIL}"}}
    include: [出庭, 出庭应诉]
    patterns: ['旁听.{{0,2}}庭审']
    exclude: [退出庭]
    example: 出庭。
    counter_example: 复议。
  - id: review
    name: {{zh: 复议, en: Review}}
    definition: {{zh: 复议, en: Review}}
    include: [复议, 行政复议]
"""
LINES = [
    "甲市2023年法治政府建设年度报告",
    "出庭应诉率提高。",  # court covers 4 of 8
    "全市旁听了庭审工作。",  # court covers 5 of 10
    "负责人出庭。",  # court covers 2 of 6
    "行政复议出庭。",  # review 4, court 2
    "出庭应诉与复议。",  # court 4, review 2
    "复议和出庭。",  # 2 each: review, which comes first
    "全部退出庭外。",  # excluded
    "负责人出庭。",  # the same text again
]
COURT, REVIEW = 0, 1
LANGS = ("zh", "en")


@pytest.fixture
def small(tmp_path: Path) -> gb.Study:
    """A study of one report with two codebooks: `small`, and that of every study."""
    catalogue.new(tmp_path / "small")
    path = tmp_path / "small" / "codebooks" / "small.yaml"
    path.write_text(BOOK, encoding="utf-8")
    (tmp_path / "r.txt").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    gb.Study(tmp_path / "small").add(tmp_path / "r.txt", region="厦门市", year=2023)
    return gb.Study(tmp_path / "small", codebook="small")


def coded(study: gb.Study) -> gb.Study:
    """The same study with hand codes: those of the program, but 复议和出庭 is of the court."""
    rows = study.codings.merge(study.sentences, on=["report_id", "sentence_id"])
    given = rows["primary_theme"].mask(rows["text"] == LINES[6], "court")
    codes = rows.assign(primary_theme=given, coder="<b>王</b>", codebook="small")
    codes = codes.assign(sha256=codes["report_id"].map(study.sha256), quote=codes["text"])
    wanted = ["sha256", "raw_start", "raw_end", "quote", "coder", "codebook", "primary_theme"]
    path = study.path / "validation" / "themes.csv"
    path.parent.mkdir(exist_ok=True)
    tables.write(codes[wanted], path)
    return gb.Study(study.path, codebook="small")


def quoted(said: dict[str, Any], theme: int, kind: str) -> list[str]:
    return [said["sentences"][one["sentence"]]["text"] for one in said["themes"][theme][kind]]


# ---- what is said


def test_counts_are_those_made_by_hand(small: gb.Study) -> None:
    court, review = codebook_page.of(small)["themes"]
    counts = ("n", "n_sentences", "shadowed")
    assert [court[name] for name in (*counts, "n_coded")] == [7, 7, 3, 5]
    assert [review[name] for name in (*counts, "n_coded")] == [3, 3, 1, 2]
    of_entry = {
        one["entry"]: [one[name] for name in counts] for one in court["entries"] + review["entries"]
    }
    assert of_entry == {
        "出庭": [4, 4, 3],
        "出庭应诉": [2, 2, 0],
        "旁听.{0,2}庭审": [1, 1, 0],
        "复议": [2, 2, 1],
        "行政复议": [1, 1, 0],
    }
    assert court["exclude"] == {"退出庭": 1}
    assert review["exclude"] == {}


def test_typical_sentences_are_of_one_theme_and_border_ones_near_another(small: gb.Study) -> None:
    said = codebook_page.of(small)
    assert quoted(said, COURT, "typical") == [LINES[1], LINES[2], LINES[3]]
    assert quoted(said, REVIEW, "typical") == []
    assert quoted(said, COURT, "border") == [LINES[5]]
    assert quoted(said, REVIEW, "border") == [LINES[6], LINES[4]]
    first = said["themes"][COURT]["typical"][0]
    assert (first["why"], first["spans"]) == ({"covered": 4, "size": 8}, [(0, 4)])
    near = said["themes"][REVIEW]["border"][1]["why"]
    assert near == {"near": "court", "own": 4, "other": 2, "entries": ["出庭"]}


def test_each_sentence_quoted_is_led_to_its_bytes(small: gb.Study) -> None:
    said = codebook_page.of(small)
    assert len(said["sentences"]) == 6
    for sentence in said["sentences"].values():
        file = said["files"][sentence["report_id"]]
        raw = (small.path / file["path"]).read_bytes()
        assert hashlib.sha256(raw).hexdigest() == file["sha256"]
        own = raw.decode("utf-8")[sentence["raw_start"] : sentence["raw_end"]]
        assert own == sentence["raw"] == sentence["text"]


def test_without_hand_codes_and_readings_that_is_said(small: gb.Study, tmp_path: Path) -> None:
    said = codebook_page.of(small)
    assert said["here"] == []
    assert {one["confusions"] for one in said["themes"]} == {None}
    text = codebook.write(small, "html", tmp_path / "b.html", "en").read_text("utf-8")
    assert text.count("No codes to compare with.") == 3  # a theme each, and of this study
    assert text.count("not measured") == 2 + 5
    table = codebook_page.table(said)
    assert set(table.loc[table["kind"] != "exclude", "precision"]) == {"not measured"}


def test_hand_codes_say_which_themes_are_confused(small: gb.Study) -> None:
    said = codebook_page.of(coded(small))
    court, review = said["themes"]
    assert court["confusions"] == [{"other": "review", "missed": 1, "taken": 0}]
    assert review["confusions"] == [{"other": "court", "missed": 0, "taken": 1}]
    assert [court["score"][name] for name in ("n_hand", "n_coded", "n_both")] == [6, 5, 5]
    assert quoted(said, COURT, "border") == [LINES[6], LINES[5]]
    assert quoted(said, REVIEW, "border") == [LINES[6], LINES[4]]
    assert court["border"][0]["why"] == {"hand": "court", "coded": "review"}
    # 1 of 9 differs; of 18 codes 11 are court, 4 none, 3 review: 1 − (2/18) / (178/306)
    assert [(one.n, one.headings) for one in said["here"]] == [(9, True), (8, False)]
    assert said["here"][0].alpha == pytest.approx(1 - (2 / 18) / (178 / 306))


def test_precision_is_what_was_read_and_says_when_the_words_were_others(
    small: gb.Study, tmp_path: Path
) -> None:
    path = small.books["small"]
    now = precision.words_of(topics.from_file(path), "court")
    read = dict.fromkeys(precision.KEPT, "") | {"coder": "王", "unsure": 1, "seed": 1}
    rows = [
        {**read, "topic": "court", "list": now, "yes": 9, "no": 1, "precision": 0.9, "read": 11},
        {**read, "topic": "review", "list": "other", "yes": 1, "no": 1, "precision": 0.5},
    ]
    rows[0] |= {"hits": 40, "lo": 0.6, "hi": 0.98}
    rows[1] |= {"hits": 40, "read": 3}
    tables.write(pd.DataFrame(rows), path.with_name("small.yaml.precision.csv"))
    text = codebook.write(small, "html", tmp_path / "b.html", "en").read_text("utf-8")
    assert "0.9 (9/10, 0.6–0.98; 王; 1 more unsure)" in text
    assert "0.5 (1/2; 王; 1 more unsure; of other words than the book has now)" in text
    assert text.count("not measured") == 5


def test_the_table_has_a_row_for_each_theme_and_entry(small: gb.Study, tmp_path: Path) -> None:
    path = codebook.write(small, "csv", tmp_path / "b.csv")
    table = pd.read_csv(path, encoding="utf-8-sig", keep_default_na=False)
    assert table["kind"].tolist() == [
        *("theme", "term", "term", "pattern", "exclude"),
        *("theme", "term", "term"),
    ]
    assert table["n"].tolist() == [7, 4, 2, 1, 1, 3, 2, 1]
    assert table["n_coded"].tolist() == ["5", "", "", "", "", "2", "", ""]


def test_it_can_be_cited_by_title_version_and_sha256(small: gb.Study, study: gb.Study) -> None:
    sha256 = hashlib.sha256(BOOK.encode()).hexdigest()
    cite = codebook_page.of(small)["cite"]
    assert cite["GB/T 7714"] == (
        f"责任者不详. {EVIL}[DS]. (出版日期不详). 第 2 版; SHA-256 {sha256}."
    )
    english = f"[author not stated] (n.d.). {EVIL} (Version 2) [Codebook]. SHA-256 {sha256}."
    assert cite["English"] == english
    assert codebook_page.of(study)["cite"]["English"].startswith("Gongbao contributors (n.d.). ")


# ---- the pages


class Checked(HTMLParser):
    """Tags that are open and must be closed; ids, links, and what a page would load."""

    FREE = frozenset(["meta", "br", "li", "dt", "dd", "td", "th", "tr", "p", "html"])

    def __init__(self) -> None:
        super().__init__()
        self.open, self.ids, self.links, self.loads = [], Counter[str](), set[str](), []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.lang = self.lang or own.get("lang") or ""
        self.open += [] if tag in self.FREE else [tag]
        self.ids.update(filter(None, [own.get("id")]))
        self.links |= {own["href"]} if tag == "a" else set()
        self.loads += [(tag, name) for name in own if name in ("src", "srcset", "data", "action")]
        self.loads += [(tag, "")] if tag in ("script", "link", "iframe", "img", "object") else []

    def handle_endtag(self, tag: str) -> None:
        assert tag in self.FREE or self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_is_whole_and_loads_nothing(small: gb.Study, tmp_path: Path, lang: str) -> None:
    text = codebook.write(coded(small), "html", tmp_path / "b.html", lang).read_text("utf-8")
    page = Checked()
    page.feed(text)
    assert page.open == page.loads == []
    assert page.lang == {"zh": "zh-Hans", "en": "en"}[lang]
    assert set(page.ids.values()) == {1}
    assert page.links == {f"#{name}" for name in page.ids if not name.startswith("name-")}
    assert "<script" not in text
    assert "<b>王" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8
    again = codebook.write(coded(small), "html", tmp_path / "again.html", lang)
    assert again.read_text("utf-8") == text


@pytest.mark.parametrize("lang", LANGS)
def test_markdown_says_the_same_and_holds_no_markup(
    small: gb.Study, tmp_path: Path, lang: str
) -> None:
    text = codebook.write(coded(small), "md", tmp_path / "b.md", lang).read_text("utf-8")
    assert "<script" not in text
    assert "<b>" not in text
    assert "More \\| of \\*it\\*" in text
    assert "n = 40, α = 0.81 [0.70, 0.90]" in text
    assert "n = 12, α = 1.00 ·" in text
    for line in LINES[1:7]:
        assert line in text
    for own in codebook_page.of(small)["sentences"].values():
        assert f"{own['raw_start']}–{own['raw_end']}" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 * 2 + 5  # heads and rules of two tables, five entries
    assert {line.replace("\\|", "").count("|") for line in rows} == {7}


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize("lang", LANGS)
def test_in_a_browser_it_fits_leads_to_trails_and_asks_for_nothing(
    browser: Any, small: gb.Study, tmp_path: Path, lang: str, width: int
) -> None:
    path = codebook.write(coded(small), "html", tmp_path / "b.html", lang)
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, faults = list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(path.as_uri())
    page.locator("#theme-court summary").click()
    assert page.locator("#theme-court table tr").count() == 1 + 3
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#theme-court ol").first.locator("mark").all_inner_texts() == [
        *("出庭应诉", "旁听了庭审", "出庭"),
    ]
    page.locator("#theme-court ol a").first.click()
    sentence = page.evaluate("decodeURIComponent(location.hash.slice(1))")
    assert page.locator(f'section[id="{sentence}"] .raw').inner_text() == LINES[1]
    assert {url.partition("#")[0] for url in asked if not url.startswith("data:")} == {
        path.as_uri()
    }
    assert faults == []
    page.close()


# ---- two versions


def test_two_versions_differ_in_the_sentences_whose_code_changes(
    small: gb.Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = small.books["small"], tmp_path / "new.yaml"
    new.write_text(BOOK.replace("[出庭, 出庭应诉]", "[出庭应诉]"), encoding="utf-8")
    found = versions.changed(small.sentences, Codebook.load(old), Codebook.load(new))
    changed = [tuple(row[1:]) for row in found.itertuples(index=False)]
    assert changed == [
        (LINES[3], "court", "none", "hits:出庭", "none"),
        (LINES[8], "court", "none", "hits:出庭", "none"),
    ]
    arguments = ["diff", str(old), str(new), "--data", str(small.path)]
    assert cli.main(arguments) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["2 of 9 sentences are coded otherwise.", "     2 court → none"]
    assert lines[3].endswith(": court → none (hits:出庭 → none)")
    assert cli.main([*arguments, "-o", str(tmp_path / "changed.csv")]) == 1
    table = pd.read_csv(tmp_path / "changed.csv", encoding="utf-8-sig")
    assert table.columns.tolist() == list(versions.CHANGED)
    assert table["sentence_id"].tolist() == found["sentence_id"].tolist()


def test_a_version_does_not_differ_from_itself(
    small: gb.Study, capsys: pytest.CaptureFixture[str]
) -> None:
    same = str(small.books["small"])
    assert cli.main(["diff", same, same, "--data", str(small.path)]) == 0
    assert capsys.readouterr().out == "0 of 9 sentences are coded otherwise.\n"


def test_of_books_with_several_themes_a_sentence_all_count(small: gb.Study, tmp_path: Path) -> None:
    old, new = (tmp_path / name for name in ("old.yaml", "new.yaml"))
    several = BOOK.replace("version: 2", "version: 2\nexclusive: false", 1)
    old.write_text(several, encoding="utf-8")
    new.write_text(several.replace("[出庭, 出庭应诉]", "[出庭应诉]"), encoding="utf-8")
    found = versions.changed(small.sentences, Codebook.load(old), Codebook.load(new))
    codes = zip(found["text"], found["before"], found["after"], strict=True)
    assert [*codes] == [
        (LINES[3], "court", "none"),
        (LINES[4], "court;review", "review"),
        (LINES[6], "court;review", "review"),
        (LINES[8], "court", "none"),
    ]


def test_runs_are_not_written_as_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", str(tmp_path), str(tmp_path), "-o", str(tmp_path / "x.csv")]) == 2
    assert "two codebooks" in capsys.readouterr().err


# ---- the keys of the book


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("version: 1, zh", "versoin: 1, zh", "did you mean 'version'"),
        ("en: First", "en: ''", "en is missing or empty"),
        ("n: 40, ", "", "n is missing or empty"),
        ("n: 40", "n: true", "it must be a whole number"),
        ("alpha: 0.8125", "alpha: high", "it must be a number"),
        ("alpha: 0.8125, ", "", "agreement needs alpha"),
        ("lo: 0.7, ", "", "either both of lo and hi or neither"),
        ("hi: 0.9", "hi: 9", "between -1 and 1"),
        ("{zh: 规划, en: plans}", "{zh: 规划}", "en is missing"),
    ],
)
def test_a_broken_statement_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert BOOK.count(old) == 1
    path = tmp_path / "b.yaml"
    path.write_text(BOOK.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        Codebook.load(path)
    assert said in refused.value.message
    assert refused.value.line == BOOK[: BOOK.index(old)].count("\n") + 1


def test_all_of_them_are_told_at_once_and_none_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "b.yaml"
    broken = BOOK.replace("en: First", "en: ''").replace("hi: 0.9", "hi: 9")
    path.write_text(broken.replace("[出庭, 出庭应诉]", "[出庭, 出庭]"), encoding="utf-8")
    with pytest.raises(ProblemsError) as refused:
        Codebook.load(path)
    assert len(str(refused.value).splitlines()) == 3
    head, themes = BOOK.split("changes:\n", maxsplit=1)[0], BOOK[BOOK.index("themes:") :]
    path.write_text(head + themes, encoding="utf-8")
    book = Codebook.load(path)
    assert (book.changes, book.agreement) == ((), ())

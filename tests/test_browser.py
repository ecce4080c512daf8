"""Reports and figures in a real browser: real clicks, real keys, and no request."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analysis as gb

FIGURE = "theme_coverage"


@pytest.fixture(scope="module")
def unit(browser: Any, request: pytest.FixtureRequest) -> Path:
    """One notebook rendered for the bundled study; not without a browser to show it."""
    return Path(request.getfixturevalue("rendered"), FIGURE)


@pytest.fixture
def tab(browser: Any) -> Iterator[Any]:
    """An empty tab; when its test is over it must have asked for nothing but the files opened."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    requests, faults, opened = [], [], []
    page.on("request", lambda request: requests.append(request.url.partition("#")[0]))
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("framenavigated", lambda frame: opened.append(frame.url.partition("#")[0]))
    yield page
    page.close()
    assert opened
    assert {url for url in requests if not url.startswith("data:")} <= set(opened)
    assert all(url.startswith("file:") for url in opened)
    assert faults == []


def table(unit: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(unit / FIGURE / name, encoding="utf-8-sig")


def counted(unit: Path, row: int) -> pd.DataFrame:
    """The hits that a row of data.csv counts."""
    hits = table(unit, "hits.csv")
    return hits[hits["primary_theme"] == table(unit, "data.csv")["theme"][row - 1]]


def hit_bar(tab: Any, row: int) -> None:
    """Press and release the mouse in the middle of a bar, wherever it stands on the screen."""
    bar = tab.locator(f"#{FIGURE} svg a[*|href$='-r{row}'] path").first
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def shown(tab: Any, row: int) -> Any:
    """The evidence of a row, once it is on the screen."""
    section = tab.locator(f"#{FIGURE}-r{row}")
    section.wait_for(state="visible")
    return section


def tree(tab: Any) -> list[tuple[str, str]]:
    """Role and name of everything that a screen reader is told of."""
    nodes = tab.context.new_cdp_session(tab).send("Accessibility.getFullAXTree")["nodes"]
    return [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]


@pytest.mark.parametrize("row", [1, 8])
def test_a_click_on_a_bar_shows_the_sentences_that_it_counts(
    tab: Any, unit: Path, row: int
) -> None:
    tab.goto((unit / "report.html").as_uri())
    assert not tab.locator(f"#{FIGURE}-r{row}").is_visible()
    hit_bar(tab, row)
    section, hits = shown(tab, row), counted(unit, row)
    assert len(hits) == table(unit, "data.csv")["n"][row - 1] > 0
    sentences = section.locator("li > span:first-child")
    assert sentences.all_inner_texts() == hits["text"].tolist()
    for number, text in enumerate(hits["text"]):
        marks = sentences.nth(number).locator("mark").all_inner_texts()
        assert marks
        assert all(mark in text for mark in marks)
    for item, section_id in zip(section.locator("li").all(), hits["section"], strict=True):
        assert section_id in item.inner_text()


def test_from_a_sentence_a_click_leads_to_its_edits_raw_text_and_file(
    tab: Any, unit: Path, study: gb.Study
) -> None:
    tab.goto((unit / "report.html").as_uri())
    hit_bar(tab, 1)
    hit = counted(unit, 1).iloc[0]
    shown(tab, 1).get_by_role("link", name=hit["sentence_id"]).click()
    trail = tab.locator(f'section[id="{hit["sentence_id"]}"]')
    trail.wait_for(state="visible")
    restored, report = study.restored(hit["report_id"]), study.reports.iloc[0]
    raw = restored.raw[hit["raw_start"] : hit["raw_end"]]
    assert trail.locator(".raw").text_content() == raw
    digest = hashlib.sha256((study.path / report["path"]).read_bytes()).hexdigest()
    assert f"sha256 {digest}" in trail.inner_text()
    edits = study.edits[study.edits["report_id"] == hit["report_id"]]
    touching = (edits["raw_start"] < hit["raw_end"]) & (edits["raw_end"] > hit["raw_start"])
    assert trail.locator(".edits del").count() == touching.sum() > 0
    tab.go_back()
    assert tab.evaluate("document.activeElement.id") == f"{FIGURE}-r1"


def test_the_keyboard_reaches_each_row_once_and_enter_opens_it(tab: Any, unit: Path) -> None:
    tab.goto((unit / "report.html").as_uri())
    tab.locator(f"#{FIGURE}").evaluate("figure => { figure.tabIndex = -1; figure.focus(); }")
    place, reached = "document.activeElement.getAttribute('xlink:href')", []
    for _ in table(unit, "data.csv").index:
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate(place))
    assert reached == [f"#{FIGURE}-r{row}" for row in range(1, len(reached) + 1)]
    tab.keyboard.press("Tab")
    assert tab.evaluate(place) is None
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Enter")
    shown(tab, len(reached))
    assert tab.evaluate("document.activeElement.id") == reached[-1][1:]


def test_a_screen_reader_is_told_captions_and_marks(tab: Any, unit: Path) -> None:
    tab.goto((unit / "report.html").as_uri())
    said = tree(tab)
    captions = [path.read_text("utf-8").strip() for path in unit.glob("*/caption.zh.txt")]
    plain = sorted("".join(caption.split()) for caption in captions)
    assert len(plain) == len([*unit.glob("*/figure.svg")])
    for role in ("figure", "graphics-document"):
        names = sorted("".join(name.split()) for found, name in said if found == role)
        assert names == plain, role
    links = [name for role, name in said if role == "link"]
    assert len(links) > len(table(unit, "data.csv"))
    assert all(links)


def test_a_figure_by_itself_leads_to_the_evidence_beside_it(tab: Any, unit: Path) -> None:
    tab.goto((unit / FIGURE / "figure.svg").as_uri())
    tab.locator("a[*|href$='#r1'] path").first.click()
    tab.wait_for_url("**/evidence.html#r1")
    sentences = tab.locator("section#r1 li > span:first-child")
    assert sentences.all_inner_texts() == counted(unit, 1)["text"].tolist()


def test_the_index_hides_what_does_not_hold_the_words_searched(browser: Any, unit: Path) -> None:
    page = browser.new_page()
    page.goto((unit.parent / "index.html").as_uri())
    section = page.locator("section")
    assert section.count() == 1
    for words, shown in (("主题 FIGURE.pdf", True), ("没有这个词", False), ("", True)):
        page.locator("input").fill(words)
        assert section.is_visible() is shown
    page.close()

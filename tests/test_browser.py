"""Reports and figures in a real browser: real clicks, real keys, and no request."""

import hashlib
import io
import json
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
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


def test_a_figure_is_one_tab_stop_and_arrows_reach_each_row(tab: Any, unit: Path) -> None:
    tab.goto((unit / "report.html").as_uri())
    tab.locator(f"#{FIGURE}").evaluate("figure => { figure.tabIndex = -1; figure.focus(); }")
    place, rows = "document.activeElement.getAttribute('xlink:href')", len(table(unit, "data.csv"))
    tab.keyboard.press("Tab")
    reached = [tab.evaluate(place)]
    for _ in range(rows):  # the last has none to go on to
        tab.keyboard.press("ArrowRight")
        reached.append(tab.evaluate(place))
    wanted = [f"#{FIGURE}-r{row}" for row in range(1, rows + 1)]
    assert reached == [*wanted, wanted[-1]]
    assert tab.locator(f"#{FIGURE} .hint").is_visible()
    tab.keyboard.press("Tab")
    assert tab.evaluate(place) is None
    tab.keyboard.press("Shift+Tab")
    assert tab.evaluate(place) == wanted[-1]  # where one was
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("Enter")
    shown(tab, rows - 1)
    assert tab.evaluate("document.activeElement.id") == wanted[-2][1:]


def test_evidence_stands_beside_its_figure_and_leads_back_to_the_mark(tab: Any, unit: Path) -> None:
    for path in (unit / "report.html", unit / FIGURE / "evidence.html"):
        prefix = f"{FIGURE}-" if path.name == "report.html" else ""
        tab.goto(f"{path.as_uri()}#{prefix}r8")
        section, mark = tab.locator(f"#{prefix}r8"), tab.locator(f"#{prefix}mark-r8")
        section.wait_for(state="visible")
        one, other = section.bounding_box(), mark.locator("xpath=ancestor::figure").bounding_box()
        assert other["x"] + other["width"] <= one["x"]
        assert abs(one["y"] - other["y"]) < 100
        assert mark.is_visible()
        section.get_by_role("link", name="回到图中标记").click()
        tab.locator(f"#{prefix}mark-r8:focus").wait_for()
        tab.keyboard.press("Enter")
        tab.locator(f"#{prefix}r8:focus").wait_for()


def test_the_first_tab_stop_leads_past_the_head(tab: Any, unit: Path) -> None:
    for path in (unit / "report.html", unit / FIGURE / "evidence.html"):
        tab.goto(path.as_uri())
        tab.keyboard.press("Tab")
        tab.keyboard.press("Enter")
        tab.locator("#main:focus").wait_for()


def test_on_a_phone_no_page_is_wider_than_the_screen_and_marks_stand_in_a_list(
    browser: Any, unit: Path
) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 800})
    over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    pages = (unit.parent / "index.html", unit / "report.html", *unit.glob("*/evidence.html"))
    for path in pages:
        page.goto(path.as_uri())
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.evaluate(over) == 0, path
    listed = page.locator("nav.rows a").all()
    assert listed
    assert min(link.bounding_box()["height"] for link in listed) >= 24
    page.close()


def test_in_the_dark_a_figure_keeps_its_white_card(browser: Any, unit: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto((unit / "report.html").as_uri())
    back = "one => getComputedStyle(one).backgroundColor"
    assert page.locator(".card").first.evaluate(back) == "rgb(255, 255, 255)"
    assert page.locator("body").evaluate(back) != "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    assert page.locator("body").evaluate(back) == "rgb(255, 255, 255)"
    page.close()


def test_a_printed_caption_stays_with_its_figure(browser: Any, unit: Path) -> None:
    """Each caption begins and ends on the page that its picture's paths stand on."""
    page = browser.new_page()
    page.goto((unit / "report.html").as_uri())
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    page.close()
    texts = [
        "".join(unicodedata.normalize("NFKC", one.extract_text()).split()) for one in printed.pages
    ]
    for path in unit.glob("*/caption.zh.txt"):
        caption = "".join(unicodedata.normalize("NFKC", path.read_text("utf-8")).split())
        data = json.loads((path.parent / "provenance.json").read_text("utf-8"))
        (at,) = [number for number, text in enumerate(texts) if caption[:12] in text]
        assert f"#{data['hash'][:8]}" in texts[at]
        assert len(printed.pages[at].get_contents().get_data()) > 20_000, path


SCHEMES = [("light", 1280), ("dark", 1280), ("light", 390)]


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), SCHEMES)
def test_axe_finds_nothing(browser: Any, unit: Path, scheme: str, width: int) -> None:
    """WCAG 2.2 AA and axe-core's own advice: index, report with all opened, evidence."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-core")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    page = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    ).new_page()
    page.set_default_timeout(300_000)
    for path in (unit.parent / "index.html", unit / FIGURE / "evidence.html", unit / "report.html"):
        page.goto(path.as_uri())
        page.evaluate(
            f"document.querySelectorAll('#{FIGURE} ~ .about').forEach(one => one.open = 1)"
        )
        asked = {"runOnly": rules, "resultTypes": ["violations"]}
        found = axe.Axe().run(page, options=asked).response["violations"]
        told = [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found]
        assert told == [], path
    page.context.close()


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


def page_words(bundle: Path) -> set[str]:
    """The themes whose names stand in the table of a bundle."""
    names = gb.Study(Path(__file__).parent.parent / "data").codebook.names("zh")
    data = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig", dtype=str)
    return {names.get(one, one) for column in data for one in data[column].dropna().unique()}


def test_a_figure_by_itself_says_what_it_is(unit: Path) -> None:
    root = ET.parse(unit / FIGURE / "figure.svg").getroot()
    said = [(one.tag.rpartition("}")[2], one.text) for one in root][:2]
    caption = (unit / FIGURE / "caption.zh.txt").read_text("utf-8").strip()
    assert said == [("title", "主题覆盖"), ("desc", caption)]
    assert root.get("role") == "graphics-document document"


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
    figures, said = page.locator("figure:visible"), page.locator("output")
    every = figures.count()
    names = {path.parent.name: path for path in unit.glob("*/caption.zh.txt")}
    assert every == len(names)
    caption = names["theme_years"].read_text("utf-8")[10:18]
    tries = {"主题 沿文本": 1, caption: 1, "没有这个词": 0, "": every}
    for word in ("矛盾纠纷化解", "全国"):  # a theme, by its name; a region that one figure draws
        held = [name for name in names if word in page_words(unit / name)]
        tries[word] = len(held)
    assert 0 < tries["全国"] < tries["矛盾纠纷化解"]
    for words, wanted in tries.items():
        page.locator("input").fill(words)
        assert figures.count() == wanted, words
        assert section.is_visible() is bool(wanted)
        assert said.inner_text() == (f"{wanted} 幅图（共 {every} 幅）" if words else "")
    page.close()

"""The explorer as people meet it: JupyterLab, chromium, real keys; decisions that stay.

GONGBAO_SAMPLE=FILE.png has the picture for the README written (figures/samples/explore.png).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import analysis as gb
from analysis import tables
from analysis.batch import units
from analysis.cli import batch
from analysis.study import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='ran'>"
DATA = "data/notebooks/explore.ipynb"
PATIENCE = 60_000  # milliseconds; the machine may be busy with something else


@pytest.fixture(scope="module")
def folder(study: gb.Study, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody's own with a copy of the study; not without a browser to show it."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(study.path, folder / "data")
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of the notebook in a JupyterLab that `gongbao lab` started there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    apart = {
        name: str(folder / "jupyter" / name)
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    flags = ["--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    flags += [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"]
    flags += ["--IdentityProvider.token=test"]
    command = [sys.executable, "-m", "analysis", "lab", "--", *flags]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | apart, stdout=log, stderr=log
        )
        try:
            until(lambda: answers(f"http://127.0.0.1:{port}/api/status?token=test"))
            yield f"http://127.0.0.1:{port}/lab/{{}}tree/{DATA}?token=test"
        finally:
            server.terminate()
            server.wait(60)
            with pytest.raises(OSError, match="refused"):  # the server itself, not its starter only
                socket.create_connection(("127.0.0.1", port), timeout=5)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as found:
            return bool(found.status == 200)
    except OSError:
        return False


def until(true: Callable[[], object], seconds: float = PATIENCE / 1000) -> None:
    """Wait for something to be so; the test fails where it is not in the end."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "what was waited for did not come"
        time.sleep(0.1)


def opened(browser: Any, url: str) -> Any:
    """A tab with the notebook run from top to bottom.

    Right after a kernel is up, 'Run All' sometimes runs nothing, or asks for the kernel: again.
    """
    page = browser.new_context(viewport={"width": 1320, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE)
    news = page.get_by_role("button", name="No", exact=True)  # Jupyter's, asked for at some time
    page.add_locator_handler(news, lambda button: button.click())
    page.goto(url)
    page.locator(".jp-Notebook").wait_for()
    page.get_by_text("| Idle").first.wait_for()
    run_all(page)
    return page


def run_all(page: Any) -> None:
    asked, shown = page.locator("dialog .jp-mod-accept"), page.locator(".gb-table tbody tr")
    for _ in range(6):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        for _ in range(100):
            if shown.count():
                return
            if asked.count():
                asked.first.click()
                time.sleep(2)
                break
            time.sleep(0.2)
    pytest.fail("'Run All Cells' ran nothing")


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def open_panel(page: Any, name: str) -> Any:
    """A panel, once it has rows."""
    open_tab(page, name)
    rows = page.locator(".gb-table:visible").first.locator("tbody tr")
    rows.first.wait_for()
    return rows


def named(page: Any, label: str) -> Any:
    """The field of that label on the screen."""
    return (
        page.locator(".widget-text:visible, .widget-dropdown:visible")
        .filter(has=page.locator("label", has_text=label))
        .locator("input, select")
        .first
    )


def kept(folder: Path) -> list[list[str]]:
    frame = tables.read(folder / "data" / "decisions.csv", "decisions")
    return frame[["about", "decision", "value", "coder"]].values.tolist()


def said(page: Any, text: str) -> None:
    found: list[str] = []
    end = time.monotonic() + PATIENCE / 1000
    while not any(text in one for one in found):
        assert time.monotonic() < end, f"{text!r} was not said, but {found}"
        time.sleep(0.1)
        found = page.locator(".gb-passage:visible").all_inner_texts()


def sample(page: Any) -> None:
    """The picture of the README, if it is asked for."""
    if target := os.environ.get("GONGBAO_SAMPLE"):
        page.set_viewport_size({"width": 1500, "height": 1700})
        time.sleep(1)  # the notebook lays itself out anew
        page.locator(".jp-OutputArea-output .widget-vbox").first.screenshot(path=target)


def test_a_researcher_looks_decides_and_exports(browser: Any, lab: str, folder: Path) -> None:
    page = opened(browser, lab.format(""))
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    # As one types, the concordance follows; a click shows the sentence in its section.
    rows = page.locator(".gb-table:visible").first.locator("tbody tr")
    assert rows.first.locator(".gb-c-key").inner_text() == "法治政府"
    field = named(page, "词语")
    field.fill("")
    field.press_sequentially("执法")
    page.locator(".gb-c-key", has_text="执法").first.wait_for()
    said(page, "共 14 次")
    sentence = rows.nth(3).locator(".gb-c-sentence_id").inner_text()
    rows.nth(3).click()
    here = page.locator(".gb-here:visible")
    here.wait_for()
    study = gb.Study(folder / "data")
    assert here.inner_text() == study.sentences.set_index("sentence_id").loc[sentence, "text"]
    assert set(here.locator("mark").all_inner_texts()) == {"执法"}
    sample(page)

    # Filters ask Python; what somebody types is text, never markup.
    page.locator(".gb-table:visible").first.locator("input").nth(2).fill("监督")
    until(lambda: 0 < rows.count() < 14)
    assert all("监督" in text for text in rows.locator(".gb-c-right").all_inner_texts())
    page.locator(".gb-table:visible").first.locator("input").nth(2).fill(HOSTILE)
    until(lambda: rows.count() == 0)
    page.locator(".gb-table:visible").first.locator("input").nth(2).fill("")
    until(lambda: rows.count() == 14)

    # A theme is corrected: not without a name, then with one.
    rows = open_panel(page, "主题")
    rows.nth(1).click()
    here.wait_for()
    named(page, "更正为").select_option(label="数字政府")
    page.get_by_role("button", name="更正", exact=True).locator("visible=true").click()
    said(page, "请先填写编码者")
    assert kept(folder) == []
    named(page, "编码者").fill(f"陈{HOSTILE}")
    page.get_by_role("button", name="更正", exact=True).locator("visible=true").click()
    until(lambda: kept(folder))
    assert kept(folder) == [["theme", "corrected", "digital_government", f"陈{HOSTILE}"]]
    until(lambda: HOSTILE in rows.nth(1).inner_text())
    assert "数字政府 ←" in rows.nth(1).inner_text()  # at once
    page.get_by_role("button", name="撤销", exact=True).locator("visible=true").click()
    until(lambda: "←" not in rows.nth(1).inner_text())
    until(lambda: kept(folder)[-1][1] == "withdrawn")
    page.wait_for_timeout(2000)  # the list of themes goes back to the sentence's own
    named(page, "更正为").select_option(label="政府职能")
    named(page, "更正为").select_option(label="数字政府")
    page.get_by_role("button", name="更正", exact=True).locator("visible=true").click()
    until(lambda: "数字政府 ←" in rows.nth(1).inner_text())

    # A figure is rejected, another verified.
    rows = open_panel(page, "指标")
    for row, label, status in ((0, "否定", "已否定"), (1, "核实", "已核实")):
        rows.nth(row).click()
        here.wait_for()
        page.get_by_role("button", name=label, exact=True).click()
        said(page, "decisions.csv")
        until(lambda row=row, status=status: status in rows.nth(row).inner_text())
    decided = [["theme", one] for one in ("withdrawn", "corrected")]
    decided += [["figure", one] for one in ("rejected", "verified")]
    assert [one[:2] for one in kept(folder)[1:]] == decided

    # Raw and restored side by side, in a frame in which nothing runs.
    open_panel(page, "修复").nth(2).click()
    inside = page.frame_locator(".gb-passage iframe")
    inside.locator("td").first.wait_for()
    assert inside.locator("tr").count() == len(study.restored("xiamen-2022").raw.splitlines()) + 1

    # What is on the screen goes into files.
    page.get_by_role("tab", name="词语", exact=True).click()
    page.get_by_role("button", name="导出所见").click()
    said(page, "gongbao render")
    (bundle,) = folder.glob("figures/explore/explore-*/term_sections")
    assert tables.csvfile.cells(bundle / "data.csv")["n"].astype(int).sum() == 14
    assert "term: 执法" in (folder / "figures/explore/explore.yaml").read_text("utf-8")

    # The kernel restarts: what was corrected is there.
    page.get_by_role("menuitem", name="Kernel", exact=True).click()
    page.get_by_role("menuitem", name="Restart Kernel and Clear Outputs of All Cells").click()
    page.locator("dialog .jp-mod-accept, dialog .jp-mod-warn").first.click()
    page.locator(".gb-table").first.wait_for(state="detached")
    page.get_by_text("| Idle").first.wait_for()
    run_all(page)
    assert HOSTILE in open_panel(page, "主题").nth(1).inner_text()
    assert page.title() != "ran"
    assert page.locator("img[src=x]").count() == 0
    assert errors == []
    page.context.close()


def test_two_tabs_with_a_kernel_each_lose_nothing(browser: Any, lab: str, folder: Path) -> None:
    notebooks = folder / "data" / "notebooks"
    shutil.copy(notebooks / "explore.ipynb", notebooks / "second.ipynb")
    addresses = (lab.format(""), lab.format("workspaces/two/").replace("explore", "second"))
    pages = [opened(browser, address) for address in addresses]
    before = len(kept(folder))
    rows = [open_panel(page, "主题") for page in pages]
    for page, own, coder in zip(pages, rows, ("王", "李"), strict=True):
        named(page, "编码者").fill(coder)
        own.nth(4).click()
        page.locator(".gb-here:visible").wait_for()
        page.get_by_role("button", name="同意", exact=True).click()
        said(page, "decisions.csv")
    assert [one[3] for one in kept(folder)[before:]] == ["王", "李"]
    open_panel(pages[0], "指标")
    again = open_panel(pages[0], "主题").nth(4)  # the first tab shows what the second one kept
    until(lambda: "王" in again.inner_text() and "李" in again.inner_text())


@pytest.fixture
def several(folder: Path, script: Callable[[str], Any]) -> str:
    """A study of several years beside the other one, in English, and its notebook's address."""
    made = folder / "texts"
    script("benchmarks/synthesize.py").write(40, made, seed=5)
    catalogue.new(folder / "several", "")
    study = gb.Study(folder / "several")
    for row in pd.read_csv(made / "reports.csv").itertuples():
        given = {"region": row.region, "level": row.level, "year": int(row.year)}
        study.add(made / row.path, report_id=row.report_id, **given)
    notebook = batch._own_notebook(units.find_notebook("explore"), str(folder / "several"))
    cells = notebook.read_text("utf-8").replace('lang: str = \\"zh\\"', 'lang: str = \\"en\\"')
    notebook.write_text(cells, "utf-8")
    return "several/notebooks/explore.ipynb"


def test_a_word_is_followed_from_the_list_to_the_file(
    browser: Any, lab: str, folder: Path, several: str
) -> None:
    """By keys alone from a query on; every mark leads to its lines."""
    page = opened(browser, lab.format("workspaces/three/").replace(DATA, several))
    study = gb.Study(folder / "several")
    texts, counted = study.sentences, study.words.frequency(top_n=50).table

    # From the word list to its lines.
    rows = open_panel(page, "Word list")
    word, n = rows.first.locator("td").all_inner_texts()[:2]
    assert [word, n] == [counted["key"][0], f"{counted['n'][0]:,}"]
    rows.first.click()
    page.locator(".gb-c-key", has_text=word).first.wait_for()

    # Two terms, typed: as many lines as by hand; a point of the line over the years lists its own.
    field = named(page, "Terms")
    field.fill("执法|监督, 数据*")
    n = sum(texts["text"].str.count(one).sum() for one in ("执法", "监督", "数据"))
    said(page, f"{n:,} hits")
    mark = page.locator(".gb-chart .gb-mark[aria-label^='执法|监督, 20']").first
    mark.wait_for()
    label = mark.get_attribute("aria-label")
    year = int(re.search(r"20\d\d", label)[0])
    own = texts[texts["report_id"].isin(study.reports[study.reports["year"] == year]["report_id"])]
    n = sum(own["text"].str.count(one).sum() for one in ("执法", "监督"))
    assert f"n = {n:,}" in label
    mark.focus()
    page.keyboard.press("Enter")
    said(page, f"{n:,} hits (only {year}")

    # Along the table by keys, into the report, to the next hit.
    line = page.locator(".gb-table:visible").first.locator("tbody tr")
    line.first.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.locator(".gb-here:visible").wait_for()
    assert line.nth(2).get_attribute("aria-selected") == "true"
    page.keyboard.press("PageDown")
    until(lambda: "16–30" in page.locator(".gb-foot:visible").first.inner_text())
    page.get_by_role("button", name="Read this report").click()
    whole = page.locator(".gb-passage:visible").filter(has=page.locator(".gb-legend"))
    whole.wait_for()
    whole.focus()
    page.keyboard.press("n")
    assert whole.locator("mark.gb-now").inner_text() in ("执法", "监督", "数据")

    # One region by the keyboard; all others are what it is compared with.
    open_tab(page, "Compare")
    grid = page.locator(".gb-grid button[tabindex='0']")
    grid.focus()
    for key in ("ArrowDown", "Space"):
        page.keyboard.press(key)
    said_of = page.locator(".gb-picked [role=status]")
    until(lambda: "10 of 40 reports" in said_of.inner_text())
    rows = page.locator(".gb-table:visible").first.locator("tbody tr")
    region = page.locator(".gb-grid tbody th button[aria-pressed=true]").get_attribute("title")
    measured = study.words.keyness(f"region={region}", against="rest", top_n=20).table
    until(lambda: rows.first.locator("td").first.inner_text() == measured["key"][0])

    # A wrong query is one sentence.
    page.locator(".gb-picked button", has_text="All").first.click()
    page.get_by_role("tab", name="Words", exact=True).click()
    named(page, "Terms").fill("/(/")
    said(page, "is no regular expression")
    page.context.close()
    bundled = units.find_notebook("explore")
    assert not (folder / "notebooks").exists()
    assert 'lang: str = \\"zh\\"' in bundled.read_text("utf-8")

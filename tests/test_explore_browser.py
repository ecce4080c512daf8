"""The explorer as people meet it: JupyterLab, chromium, real keys; decisions that stay.

GONGBAO_SAMPLE=FILE.png has the picture for the README written (figures/samples/explore.png).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

import analysis as gb
from analysis import tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=document.title='ran'>"
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
            yield f"http://127.0.0.1:{port}/lab/{{}}tree/notebooks/explore.ipynb?token=test"
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


def open_panel(page: Any, name: str) -> Any:
    """A panel, once it has rows."""
    page.get_by_role("tab", name=name, exact=True).click()
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
    page.get_by_role("button", name="更正", exact=True).click()
    said(page, "coder is empty")
    assert kept(folder) == []
    named(page, "编码者").fill(f"陈{HOSTILE}")
    page.get_by_role("button", name="更正", exact=True).click()
    until(lambda: kept(folder))
    assert kept(folder) == [["theme", "corrected", "digital_government", f"陈{HOSTILE}"]]
    until(lambda: HOSTILE in rows.nth(1).inner_text())

    # A figure is rejected, another verified.
    rows = open_panel(page, "指标")
    for row, label, status in ((0, "否定", "rejected"), (1, "核实", "verified")):
        rows.nth(row).click()
        here.wait_for()
        page.get_by_role("button", name=label, exact=True).click()
        said(page, f"{status} ")
        until(lambda row=row, status=status: status in rows.nth(row).inner_text())
    assert [one[:2] for one in kept(folder)[1:]] == [["figure", "rejected"], ["figure", "verified"]]

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
    shutil.copy(folder / "notebooks/explore.ipynb", folder / "notebooks/second.ipynb")
    addresses = (lab.format(""), lab.format("workspaces/two/").replace("explore", "second"))
    pages = [opened(browser, address) for address in addresses]
    before = len(kept(folder))
    rows = [open_panel(page, "主题") for page in pages]
    for page, own, coder in zip(pages, rows, ("王", "李"), strict=True):
        named(page, "编码者").fill(coder)
        own.nth(4).click()
        page.locator(".gb-here:visible").wait_for()
        page.get_by_role("button", name="同意", exact=True).click()
        said(page, "verified")
    assert [one[3] for one in kept(folder)[before:]] == ["王", "李"]
    open_panel(pages[0], "指标")
    again = open_panel(pages[0], "主题").nth(4)  # the first tab shows what the second one kept
    until(lambda: "王" in again.inner_text() and "李" in again.inner_text())

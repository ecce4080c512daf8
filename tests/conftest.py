"""What several test files need."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock
from matplotlib.figure import Figure

import analysis as gb

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CORPORA = Path(os.environ.get("GONGBAO_CORPORA") or SHARED / "corpora")
CHROMIUM = shutil.which("chromium")
LONG = {
    "test_docs",
    "test_faults",
    "test_journey",
    "test_processes",
    "test_render",
    "test_word_figures",
}
ELSEWHERE = {"TZ": "America/New_York", "PYTHONHASHSEED": "7", "LC_ALL": "C.UTF-8"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first: in the end no worker is left alone with one."""
    items.sort(key=lambda item: item.path.stem not in LONG)


@pytest.fixture(scope="session")
def study() -> gb.Study:
    """The bundled study."""
    return gb.Study(ROOT / "data")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled study's themes, rendered once for all workers: who changes this copies it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    sets, out = base / "sets.yaml", base / "rendered"
    with FileLock(base / "rendered.lock"):
        if not (out / "results.csv").exists():
            sets.write_text("sets:\n  - {}\n", encoding="utf-8")
            command = [sys.executable, "-P", "-m", "analysis", "render", sets, "--out", out]
            subprocess.run(
                [*command, "--notebook", "theme_coverage"],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **ELSEWHERE},
                check=True,
            )
    return out


@pytest.fixture(scope="session")
def gold() -> Path:
    """The folder of reference answers made by hand."""
    if not (SHARED / "gold").is_dir():
        pytest.skip("../shared/gold is not beside this clone")
    return SHARED / "gold"


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public texts, none of which is copied into the project."""
    if not CORPORA.is_dir():
        pytest.skip("no corpora: neither ../shared/corpora nor GONGBAO_CORPORA is a folder")
    return CORPORA


@pytest.fixture
def own_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of this test alone, its path short enough for sockets.

    pytest has made its own before (`tmp_path`).
    """
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Opens a Python file of the project that is in no package as a module."""

    def opened(path: str) -> ModuleType:
        spec = spec_from_file_location(path.removesuffix(".py").replace("/", "_"), ROOT / path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return opened


@pytest.fixture(scope="session")
def faults(script: Callable[[str], ModuleType]) -> Callable[[Figure], list[str]]:
    """What is wrong with a drawn figure, see figure_faults.py."""
    found: Callable[[Figure], list[str]] = script("tests/figure_faults.py").faults
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium, driven by playwright."""
    if CHROMIUM is None:
        left_out = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        left_out("chromium is not installed: no test in a real browser")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()

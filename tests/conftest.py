"""What several test files need."""

from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import analysis as gb

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def study() -> gb.Study:
    """The bundled study."""
    return gb.Study(ROOT / "data")


@pytest.fixture(scope="session")
def gold() -> Path:
    """The folder of reference answers made by hand."""
    if not (SHARED / "gold").is_dir():
        pytest.skip("../shared/gold is not beside this clone")
    return SHARED / "gold"


@pytest.fixture(scope="session")
def faults() -> Callable[[Figure], list[str]]:
    """What is wrong with a drawn figure, see figure_faults.py."""
    spec = spec_from_file_location("figure_faults", ROOT / "tests" / "figure_faults.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Figure], list[str]] = module.faults
    return found

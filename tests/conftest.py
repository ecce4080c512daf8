"""What several test files need."""

from pathlib import Path

import pytest

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

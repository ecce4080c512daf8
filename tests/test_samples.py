"""The READMEs' pictures are what the code draws; the pages of docs name what there is."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from analysis import tables
from analysis.kit import home

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

SAMPLES = home() / "figures" / "samples"
DOCS = home() / "docs"


@pytest.mark.slow
def test_samples_are_what_the_code_draws(
    script: Callable[[str], ModuleType], tmp_path: Path
) -> None:
    made = script("figures/samples/make.py").make(tmp_path)
    kept = [path for path in SAMPLES.glob("*.png") if path.stem != "explore"]
    assert sorted(path.name for path in made) == sorted(path.name for path in kept)
    for path in made:
        one, other = (
            np.asarray(Image.open(folder / path.name), dtype=int) for folder in (tmp_path, SAMPLES)
        )
        assert one.shape == other.shape, path.name
        # Another processor may round a grey at an edge; a letter or a point moved is 50 times that.
        assert np.abs(one - other).mean() < 0.02, f"{path.name}: run `make samples`"


def test_pictures_of_the_readmes_are_there() -> None:
    for readme in ("README.md", "README.zh.md"):
        named = re.findall(r"\((figures/[^)]+)\)", (home() / readme).read_text("utf-8"))
        assert named
        for name in named:
            assert (home() / name).is_file(), name


def test_the_page_of_formats_names_every_table_with_its_columns() -> None:
    page = (DOCS / "formats.md").read_text("utf-8")
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+) \|$", page, re.MULTILINE)
    found = {name: re.sub(r" \([^)]*\)", "", columns).strip().split(", ") for name, columns in rows}
    found.pop("table")
    assert found == {name: list(columns) for name, columns in tables.COLUMNS.items()}


def test_the_page_of_methods_names_functions_that_are_there() -> None:
    page = (DOCS / "methods.md").read_text("utf-8")
    named = re.findall(r"`([a-z]+)\.([a-z_0-9]+)`", page)
    assert len(named) > 12
    for module, name in named:
        room = home() / "analysis" / module
        paths = [room] if room.is_dir() else [*(home() / "analysis").rglob(f"{module}.py")]
        places = [".".join(one.relative_to(home()).with_suffix("").parts) for one in paths]
        held = [place for place in places if hasattr(import_module(place), name)]
        assert len(held) == 1, f"{module}.{name}"

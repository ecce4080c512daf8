"""The same inputs give the same bytes, wherever and whenever the suite runs.

One process does everything that writes files; another does it again in another time zone, locale,
hash seed, working folder, home and umask, some seconds later; every file is compared.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent

DRIVER = """
import os, sys
os.umask(int(sys.argv[1], 8))
from analysis import cli
from analysis.study import shards
shards.LIMIT = 2
if __name__ == "__main__":
    for line in sys.argv[2:]:
        print("$", line, flush=True)
        assert cli.main(line.split()) == 0, line
"""

QUICK = (
    *(f"table {name} -o tables/{name}.csv" for name in ("edits", "terms", "figures_found")),
    *(f"table {name} -o tables/{name}.parquet" for name in ("sentences", "codings")),
    *(f"table {name} -o tables/{name}.xlsx" for name in ("themes", "indicators")),
    "table reports",
    "restore report.txt --html restored.html --edits edits.csv",
    "extract --review review.xlsx",
    "sample --n 30 -o sample.xlsx",
    "sample --n 30 -o sample.csv",
    "new study",
    "add report.txt --data study",
)
SLOW = (
    "corpus build texts --out corpus --jobs 2",
    "corpus query corpus keyness --slice year=2015 -o keyness.parquet",
    "report --pdf --docx --out figures --jobs 2",
    "share figures -o shared.zip",
    "figure figures/metric_trend/target_outcome --tiff --out remade",
)

HERE = {"TZ": "CST-8", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}
THERE = {
    **{"TZ": "EST+5", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    **{"PYTHONHASHSEED": "4242"},
}


def made(folder: Path, env: dict[str, str], umask: str, lines: tuple[str, ...]) -> dict[str, bytes]:
    """Every file that the commands wrote in a folder, and what they said; no log, no lock."""
    home = folder.parent / f"home of {folder.name}"
    home.mkdir()
    driver = folder.parent / "driver.py"
    driver.write_text(DRIVER, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "TMPDIR")}
    ran = subprocess.run(
        [sys.executable, driver, umask, *lines],
        cwd=folder,
        env={**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    (folder / "said.txt").write_bytes(ran.stdout)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "run-log.jsonl" and path.suffix != ".lock"
    }


@pytest.mark.parametrize(
    "lines", [QUICK, pytest.param(SLOW, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
def test_other_time_zone_locale_hashes_folder_home_and_umask_change_no_byte(
    lines: tuple[str, ...], tmp_path: Path, script: Callable[[str], ModuleType]
) -> None:
    both = []
    for name, env, umask in (("here", HERE, "022"), ("there/deeper/there", THERE, "077")):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        script("benchmarks/synthesize.py").write(12, folder / "texts", seed=7, damage=0.3)
        shutil.copyfile(ROOT / "data/reports/xiamen-2022.mangled.txt", folder / "report.txt")
        both.append(made(folder, env, umask, lines))
    here, there = both
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []
    drawn = {".docx", ".ipynb", ".json", ".pdf", ".png", ".svg", ".tiff", ".zip"}
    kinds = {".csv", ".html", ".parquet"} | (drawn if lines is SLOW else {".xlsx"})
    assert kinds <= {Path(name).suffix for name in here}

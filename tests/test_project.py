"""What holds the project together: its files agree, its layers stand, its set-up sets up."""

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import bootstrap
import guard
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from analysis.reading import extras

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "analysis"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
REQUIREMENTS = [
    Requirement(line)
    for line in (
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["project"]["optional-dependencies"]["dev"],
    )
]

NOT_OURS = {
    "__pycache__",
    "node_modules",
    "_build",
    "_gallery",
}  # and at the top, what the tools make:
MADE = {"build", "dist", "figures"}
BINARY = {".bin", ".doc", ".docx", ".parquet", ".pdf", ".png", ".xlsx"}


def project_files(folder: Path = ROOT) -> Iterator[Path]:
    """Files of the project, with git or without: no caches, no results, no one's own study."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") and path.name not in {".ci", ".gitignore"}
        made = path.name in NOT_OURS or (folder == ROOT and path.name in MADE)
        if hidden or made or path.name.endswith(".egg-info"):
            continue
        if path.is_file():
            yield path
        elif path == ROOT / "data" or not (path / "study.yaml").exists():
            yield from project_files(path)


def texts() -> Iterator[tuple[Path, bytes]]:
    """Every file that is text; raw reports are what they are, in any encoding."""
    for path in project_files():
        if path.suffix not in BINARY and "reports" not in path.relative_to(ROOT).parts:
            yield path, path.read_bytes()


# ---- names and bounds, in one place and the same in three


def test_environment_yml_has_the_names_and_bounds_of_pyproject() -> None:
    given = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    by_pip = given[-1]["pip"]
    assert sorted(by_pip[:-1]) == sorted(
        [
            *PYPROJECT["project"]["dependencies"],
            *PYPROJECT["project"]["optional-dependencies"]["dev"],
        ]
    )
    assert by_pip[-1] == "--editable ."
    assert given[:-1] == [f"python {PYPROJECT['project']['requires-python']}", "pip"]


def test_every_requirement_has_a_lower_and_an_upper_bound() -> None:
    for requirement in REQUIREMENTS:
        operators = {bound.operator for bound in requirement.specifier}
        assert operators == {">=", "<"}, str(requirement)


def lock_entries() -> list[str]:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return re.findall(r"^[^\s#].*\n(?:[ \t].*\n)*", lock, re.MULTILINE)


def test_every_locked_package_is_pinned_and_has_a_hash() -> None:
    entries = lock_entries()
    assert len(entries) > len(REQUIREMENTS)
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[0-9][\w.]*( ; .*)? \\\n", entry), entry.splitlines()[0]
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$", entry, re.MULTILINE), entry


def test_the_lock_names_no_index_no_address_and_no_folder() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert not re.search(r"^\s*-(?!-hash=)", lock, re.MULTILINE)
    assert not re.search(r"(^|[\s(])/", lock, re.MULTILINE)


def test_the_lock_keeps_to_the_bounds_of_pyproject() -> None:
    locked = dict(re.match(r"([a-z0-9-]+)==([\w.]+)", entry).groups() for entry in lock_entries())
    for requirement in REQUIREMENTS:
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        assert name in locked, f"{name} is not in requirements.lock: run `make lock`"
        assert requirement.specifier.contains(locked[name]), f"{name}: run `make lock`"


# ---- files


def test_text_files_are_utf8_with_line_feeds() -> None:
    for path, data in texts():
        data.decode("utf-8")
        assert b"\r" not in data, path
        assert not data or data.endswith(b"\n"), f"{path} does not end with a line end"


def test_no_file_names_a_registry_or_a_folder_of_some_machine() -> None:
    registry = re.compile(r"(pypi|pythonhosted|anaconda|tuna\.tsinghua|aliyun)\.(org|com|cn|edu)")
    folder = re.compile(r"(?<![\w.~$}>*])/(work|root|home|Users|opt)/\w|\b[A-Z]:\\Users\\")
    for path, data in texts():
        for pattern in (registry, folder):
            found = pattern.search(data.decode("utf-8"))
            assert found is None, f"{path}: {found}"


def test_make_help_lists_at_most_eight_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split()
    assert len(targets) <= 8
    assert sorted(targets) == sorted(re.findall(r"^([a-z][a-z-]*):.*## ", makefile, re.MULTILINE))


# ---- notebooks


def notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def committed(path: Path) -> str:
    """A file as git has it, or as it is: JupyterLab saves outputs while one works."""
    git = shutil.which("git")
    if git:
        name = path.relative_to(ROOT).as_posix()
        shown = subprocess.run(
            [git, "show", f":{name}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if shown.returncode == 0:
            return shown.stdout
    return path.read_text(encoding="utf-8")


def code_cells(notebook: str) -> list[dict[str, object]]:
    return [cell for cell in json.loads(notebook)["cells"] if cell["cell_type"] == "code"]


def test_the_notebooks_of_the_readme_are_there() -> None:
    assert {"keyword_frequency", "theme_coverage", "metric_trend", "explore"} <= {
        path.stem for path in notebooks()
    }


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    for cell in code_cells(committed(path)):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("path", notebooks(), ids=lambda path: path.stem)
def test_notebooks_are_thin(path: Path) -> None:
    cells = code_cells(path.read_text(encoding="utf-8"))
    tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1
    others = [cell for cell in cells if cell not in tagged]
    assert len(others) <= 8
    for cell in others:
        source = "".join(cell["source"])
        assert len(source.splitlines()) <= 12, source
        magics_out = re.sub(r"^[%!].*$", "", source, flags=re.MULTILINE)
        for node in ast.walk(ast.parse(magics_out)):
            assert not isinstance(
                node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.For | ast.While
            ), source


# ---- the package


def test_what_the_package_imports_is_declared_and_what_is_declared_is_needed() -> None:
    more = PYPROJECT["project"]["optional-dependencies"]
    named = [*PYPROJECT["project"]["dependencies"], "distributed", *more["formats"], *more["scan"]]
    declared = {canonicalize_name(Requirement(line).name) for line in named}
    homes, used = {**packages_distributions()}, set()
    homes |= {module: [name] for _, module, name in extras.PACKAGES.values()}  # not always here
    for path in (ROOT / "analysis").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [one.name for one in node.names]
            else:
                absolute = isinstance(node, ast.ImportFrom) and not node.level
                names = [node.module or ""] if absolute else []
            tops = {name.partition(".")[0] for name in names} - {"analysis"}
            for top in tops - sys.stdlib_module_names:
                used |= {canonicalize_name(one) for one in homes.get(top, [top])}
    by_name = {"jupyterlab", "pylopdf-fonts-zh-cn"}  # a command, and fonts found by their name
    by_name.add("onnxruntime")  # which rapidocr looks for
    assert used | by_name == declared


# ---- installing


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-I", "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_carries_notebooks_study_and_guard(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert not [name for name in names if "/store/" in name]
    for path in notebooks():
        assert f"analysis/bundled/notebooks/{path.name}" in names
    for path in (ROOT / "data").rglob("*"):
        left_out = path.name[0] == "." or {"__pycache__", "store"} & {*path.parts}
        if path.is_file() and not left_out:
            assert f"analysis/bundled/data/{path.relative_to(ROOT / 'data').as_posix()}" in names
    assert {"analysis/study/study.py", "analysis/evidence/hits.py"} == {
        f"analysis/{mark}" for mark in guard.MARKS
    } & names
    folders = {name.split("/")[0] for name in names}
    assert folders == {
        "analysis",
        "gongbao_guard.py",
        "gongbao_guard.pth",
        f"gongbao-{PYPROJECT['project']['version']}.dist-info",
    }


def run_beside(folder: Path, code: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs code as a script in a folder, with the Gongbao that is installed."""
    script = folder / "script.py"
    script.write_text(code, encoding="utf-8")
    clean = {key: value for key, value in os.environ.items() if key != "GONGBAO_GUARD"}
    clean["PYTHONIOENCODING"] = "utf-8"
    return subprocess.run(
        [sys.executable, script],
        cwd=folder,
        env=clean | env,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_an_analysis_of_ones_own_is_named_instead_of_a_riddle(tmp_path: Path) -> None:
    (tmp_path / "analysis.py").write_text("mine = 1\n", encoding="utf-8")
    ran = run_beside(tmp_path, "import analysis as gb\n")
    assert ran.returncode == 1
    said = ran.stderr.splitlines()[-1]
    assert said.startswith("ImportError: import analysis found")
    assert str(tmp_path / "analysis.py") in said
    assert "rename it" in said


def test_a_package_of_ones_own_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "analysis").mkdir()
    (tmp_path / "analysis" / "__init__.py").touch()
    ran = run_beside(tmp_path, "from analysis import study\n")
    assert ran.returncode == 1
    assert "which is not Gongbao: rename it" in ran.stderr


def test_the_guard_can_be_switched_off(tmp_path: Path) -> None:
    (tmp_path / "analysis.py").write_text("mine = 1\n", encoding="utf-8")
    ran = run_beside(tmp_path, "import analysis\nprint(analysis.mine)\n", GONGBAO_GUARD="off")
    assert (ran.returncode, ran.stdout) == (0, "1\n")


def test_the_guard_lets_gongbao_and_every_other_name_pass(tmp_path: Path) -> None:
    (tmp_path / "my_analysis.py").write_text("mine = 1\n", encoding="utf-8")
    (tmp_path / "analysis").mkdir()  # without code in it, a folder of that name is no obstacle
    ran = run_beside(
        tmp_path, "import my_analysis, analysis\nprint(my_analysis.mine, analysis.__version__)\n"
    )
    assert (ran.returncode, ran.stdout) == (0, f"1 {PYPROJECT['project']['version']}\n")


def test_the_guard_imports_only_what_python_has_loaded_at_its_start() -> None:
    tree = ast.parse((ROOT / "tools" / "guard.py").read_text(encoding="utf-8"))
    at_start = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [alias.name for node in at_start for alias in node.names] == ["os", "sys"]


# ---- the set-up


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the set-up reads, whose .venv was finished; no step of it may run."""
    root = tmp_path / "公报 checkout"
    (root / "tools").mkdir(parents=True)
    for name in (bootstrap.LOCK, *bootstrap.PROJECT):
        shutil.copy(ROOT / name, root / name)
    python = bootstrap.python_of(root / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    stamp = root / ".venv" / "gongbao.json"
    stamp.write_text(json.dumps(bootstrap.state(root)), encoding="utf-8")
    monkeypatch.setattr(bootstrap, "ROOT", root)
    return root


@pytest.fixture
def steps(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that a set-up takes, noted instead of taken."""
    taken: list[str] = []

    def make(folder: Path) -> Path:
        taken.append("make")
        return bootstrap.python_of(folder)

    monkeypatch.setattr(bootstrap, "make_environment", make)
    monkeypatch.setattr(bootstrap, "install_lock", lambda python: taken.append("lock"))
    monkeypatch.setattr(bootstrap, "install_project", lambda python: taken.append("project"))
    return taken


def test_a_finished_environment_is_left_alone(steps: list[str]) -> None:
    assert bootstrap.main() == 0
    assert steps == []


def test_an_interrupted_set_up_is_done_again(checkout: Path, steps: list[str]) -> None:
    (checkout / ".venv" / "gongbao.json").unlink()
    assert bootstrap.main() == 0
    assert steps == ["make", "lock", "project"]
    assert bootstrap.main() == 0
    assert steps == ["make", "lock", "project"]


def test_a_changed_lock_is_installed_afresh(checkout: Path, steps: list[str]) -> None:
    with (checkout / bootstrap.LOCK).open("a", encoding="utf-8") as lock:
        lock.write("# changed\n")
    assert bootstrap.main() == 0
    assert steps == ["make", "lock", "project"]


def test_a_changed_pyproject_installs_the_project_only(checkout: Path, steps: list[str]) -> None:
    with (checkout / "pyproject.toml").open("a", encoding="utf-8") as pyproject:
        pyproject.write("# changed\n")
    assert bootstrap.main() == 0
    assert steps == ["project"]


def test_a_moved_folder_is_set_up_afresh(
    checkout: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = checkout.rename(checkout.with_name("moved"))
    monkeypatch.setattr(bootstrap, "ROOT", moved)
    assert bootstrap.main() == 0
    assert steps == ["make", "lock", "project"]


def test_a_failing_step_leaves_no_stamp(
    checkout: Path, steps: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(python: Path) -> None:
        raise bootstrap.SetupError("no network.")

    monkeypatch.setattr(bootstrap, "install_lock", fail)
    (checkout / ".venv" / "gongbao.json").write_text("{}", encoding="utf-8")
    assert bootstrap.main() == 2
    assert not (checkout / ".venv" / "gongbao.json").exists()


def test_a_python_that_makes_no_environments_is_told_what_to_install(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    (checkout / ".venv" / "gongbao.json").unlink()
    assert bootstrap.main() == 2
    assert "apt install python3-venv" in capsys.readouterr().err


def test_the_lock_has_what_the_set_up_installs_first() -> None:
    lock = (ROOT / bootstrap.LOCK).read_text(encoding="utf-8")
    first = bootstrap.pinned(lock, bootstrap.FIRST)
    for name in (*bootstrap.FIRST, "hatchling"):
        assert re.search(rf"^{name}==", lock, re.MULTILINE)
        assert (f"{name}==" in first) is (name in bootstrap.FIRST)

"""The supply chain: nothing is fetched when a dependency is imported, and each has its reason."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = [Requirement(line).name for line in PROJECT["dependencies"]]
MODULES = {
    **{"ahocorasick-rs": "ahocorasick_rs", "pillow": "PIL", "python-docx": "docx"},
    **{"pylopdf-fonts-zh-cn": "pylopdf_fonts_zh_cn", "pyyaml": "yaml"},
}
GUARDED = """
import importlib, socket, sys
tried = []
def refused(event, given):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        tried.append((event, str(given)))
        raise OSError("no network in this test")
sys.addaudithook(refused)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(tried)
"""


def test_no_dependency_reaches_for_the_network_when_it_is_imported(tmp_path: Path) -> None:
    modules = [MODULES.get(name, name) for name in NAMES]
    for extra, said in (([], "[]"), (["http_caller"], "getaddrinfo")):
        caller = "import socket\ntry:\n    socket.create_connection(('127.0.0.1', 9))\n"
        (tmp_path / "http_caller.py").write_text(caller + "except OSError:\n    pass\n")
        ran = subprocess.run(
            [sys.executable, "-c", GUARDED, *modules, *extra],
            cwd=tmp_path,
            env={"HOME": str(tmp_path / "empty"), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        assert said in ran.stdout.splitlines()[-1]


def test_what_each_dependency_is_for_stands_in_contributing() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("| package | what it is for |") :]
    said = re.findall(r"^\| ([a-z0-9-]+) \| \S.+ \|$", table, re.MULTILINE)
    assert [name for name in said if name not in ("package", "---")] == sorted(NAMES)

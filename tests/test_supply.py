"""The supply chain: no import fetches anything, and each dependency has a reason and a licence."""

import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMES = [Requirement(line).name for line in PROJECT["dependencies"]]
MODULES = {
    **{"ahocorasick-rs": "ahocorasick_rs", "pillow": "PIL", "python-docx": "docx"},
    "fonttools": "fontTools",
    **{"pylopdf-fonts-zh-cn": "pylopdf_fonts_zh_cn", "pyyaml": "yaml"},
    **{"jupyter-client": "jupyter_client", "jupyter-core": "jupyter_core"},
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


@pytest.mark.slow
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
    table = text[text.index("| package | what it is for |") : text.index("\nExtras")]
    said = re.findall(r"^\| ([a-z0-9-]+) \| \S.+ \|$", table, re.MULTILINE)
    assert [name for name in said if name not in ("package", "---")] == sorted(NAMES)


def test_the_licence_of_each_package_is_listed_and_lets_us_use_it(
    script: Callable[[str], ModuleType],
) -> None:
    licences = script("docs/licences.py")
    page = licences.page()
    assert (ROOT / "docs/licences.md").read_text(encoding="utf-8") == page
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", page, re.MULTILINE)[2:]
    assert len(rows) == len(licences.locked())
    free = {"MIT", "MIT-0", "MIT-CMU", "BSD", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0"}
    free |= {"ISC", "PSF-2.0", "CNRI-Python", "Zlib", "CC0-1.0", "OFL-1.1", "MPL-1.1", "MPL-2.0"}
    for name, said in rows:
        choices = [set(choice.split(" AND ")) for choice in said.split(" OR ")]
        assert any(choice <= free for choice in choices), f"{name}: {said}"


class _List(BaseHTTPRequestHandler):
    """Answers as the public list of vulnerabilities does: it knows one, of tqdm."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))["queries"]
        known = {"vulns": [{"id": "GHSA-0", "modified": "2026-01-01T00:00:00Z"}]}
        self._say({"results": [known if one["package"]["name"] == "tqdm" else {} for one in asked]})

    def do_GET(self) -> None:
        self._say({"id": "GHSA-0", "modified": "2026-01-01T00:00:00Z", "summary": "its bar bites"})

    def _say(self, document: object) -> None:
        said = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


def _audited(url: str) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "docs" / "audit.py"), "--service-url", url]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not ran.stderr
    return ran.returncode, ran.stdout


@pytest.mark.slow
def test_known_vulnerabilities_are_named_and_without_a_list_that_is_said() -> None:
    with HTTPServer(("127.0.0.1", 0), _List) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        status, said = _audited(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    if "were not looked up" in said:
        pytest.skip(f"no network to resolve the locked packages with: {said}")
    assert status == 1
    assert re.search(r"tqdm [\d.]+ has 1 known vulnerability", said)
    assert "its bar bites" in said
    assert said.count("known vulnerability:") == 1
    status, said = _audited(f"http://127.0.0.1:{server.server_port}")  # nobody answers now
    assert (status, said.startswith("vulnerabilities were not looked up: ")) == (0, True)

"""Known vulnerabilities of what requirements.lock installs, from the public list OSV.

    .venv/bin/python docs/audit.py        # `make lock` does it too

`uv audit` asks, naming each package and version. Status 1 if one is known; where the list cannot
be reached nothing is said of any package, and the status is 0.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
QUIET = ("--no-progress", "--preview-features", "audit-command")
VULNERABLE = 1  # what uv ends with then; 2 means that it could not ask


def main() -> int:
    """Ask and tell."""
    pins = re.findall(r"^[a-z0-9._-]+==[^\\\n]+", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    project = '[project]\nname = "locked"\nversion = "0"\nrequires-python = ">=3.11,<3.14"\n'
    uv = [Path(sys.executable).with_name("uv"), "audit", *QUIET, *sys.argv[1:]]
    with TemporaryDirectory() as folder:
        pinned = ",\n".join(repr(pin.strip()) for pin in pins)
        Path(folder, "pyproject.toml").write_text(f"{project}dependencies = [\n{pinned}]\n")
        env = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
        ran = subprocess.run(uv, cwd=folder, env=env, capture_output=True, text=True, check=False)
    if ran.returncode in (0, VULNERABLE):
        print(ran.stdout + ran.stderr, end="")
        return ran.returncode
    reason = ran.stderr.strip().splitlines()
    print(f"vulnerabilities were not looked up: {' '.join(map(str.strip, reason[-5:]))}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Makes `.venv` out of requirements.lock, or finds that it is made already.

`make` runs this before anything else, with nothing but Python's own library:
`python -I tools/bootstrap.py`. It works the same on Windows, where make is missing.

The lock file carries a hash for every file, and every step here insists on them. uv comes first,
with pip, since it takes seconds where pip takes a minute; jieba comes as source only, so what
builds it is there before it. uv does not read pip's settings: the index and the certificates that
pip is set to (a mirror, a university's proxy) are passed on to it, and where uv still fails, pip
does the whole work.

`.venv/gongbao.json` is written last. It holds what the folder was made from, so that a second
run has nothing to do, a changed lock or a moved folder makes it anew, and one that was
interrupted counts as not made.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"
# An editable install copies the last two: a change in them has to be installed again.
PROJECT = ("pyproject.toml", "tools/guard.py", "tools/gongbao_guard.pth")
FIRST = ("setuptools", "uv")  # installed with pip; setuptools builds jieba


class SetupError(Exception):
    """The set-up cannot go on; the message is a sentence for a person."""


def state(root: Path) -> dict[str, str]:
    """What an environment in `root` has to be made from: the folder, the lock, the project."""

    def digest(*names: str) -> str:
        return hashlib.sha256(b"\0".join((root / name).read_bytes() for name in names)).hexdigest()

    return {"folder": str(root), "lock": digest(LOCK), "project": digest(*PROJECT)}


def recorded(stamp: Path) -> dict[str, str]:
    """What the environment was made from, as its stamp says; nothing if it was never finished."""
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def pinned(lock: str, names: tuple[str, ...]) -> str:
    r"""The entries of `names` out of a lock file, hashes and all.

    >>> pinned("pip==1 \\\n    --hash=sha256:00\nuv==2 \\\n    --hash=sha256:01\n", ("uv",))
    'uv==2 \\\n    --hash=sha256:01\n'
    """
    entries = re.findall(r"^[^\s#].*\n(?:[ \t].*\n)*", lock, re.MULTILINE)
    return "".join(entry for entry in entries if re.split(r"[=\s]", entry)[0] in names)


def run(*command: str | Path, env: dict[str, str] | None = None) -> bool:
    """Runs a command in the project's folder with its output shown; whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


def make_environment(folder: Path) -> Path:
    """An empty environment in `folder`, in place of what was there; returns its Python.

    Raises
    ------
    SetupError
        Python cannot make one, or what is there cannot be taken away.
    """
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"{sys.executable} cannot make virtual environments: on Debian and Ubuntu, "
            "run `apt install python3-venv` and try again."
        )
    try:
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(
            f"{folder} could not be made ({error}): see that the folder can be written to, no "
            "program of it is running, and `python3 -m ensurepip` is there (on Debian: "
            "`apt install python3-venv`)."
        ) from error
    return python_of(folder)


def python_of(folder: Path) -> Path:
    """The Python of an environment; Windows puts it elsewhere."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def uv_settings(python: Path) -> dict[str, str]:
    """Variables for uv: those of now, and what pip is set to use where uv is told nothing."""
    listed = subprocess.run(
        [python, "-I", "-m", "pip", "config", "list"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    ).stdout
    env = dict(os.environ)
    for setting, variable in (("index-url", "UV_DEFAULT_INDEX"), ("cert", "SSL_CERT_FILE")):
        found = dict(re.findall(rf"^(\S+)\.{setting}='(.*)'", listed, re.MULTILINE))
        for place in ("global", "install", ":env:"):
            if place in found and not {variable, "UV_INDEX_URL"} & os.environ.keys():
                env[variable] = found[place]
    return env


def install_lock(python: Path) -> None:
    """Everything in the lock file, into the environment of `python`.

    Raises
    ------
    SetupError
        Neither uv nor pip could.
    """
    pip = (python, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    hashes = ("--require-hashes", "--no-deps", "--no-build-isolation")
    first = python.parent.parent / "first.lock"
    first.write_text(pinned((ROOT / LOCK).read_text(encoding="utf-8"), FIRST), encoding="utf-8")
    if not run(*pip, *hashes, "-r", first):
        raise SetupError(
            "pip could not install uv and setuptools (its own words are above): see that this "
            "machine reaches a package index and has disk space, then run the same again."
        )
    uv = (python, "-I", "-m", "uv", "pip", "install", "--python", python)
    quiet = () if sys.stderr.isatty() else ("--quiet",)
    if not run(*uv, *quiet, *hashes, "-r", LOCK, env=uv_settings(python)):
        say("uv could not install the packages (its words are above); trying pip, which is slower.")
        if not run(*pip, *hashes, "--use-pep517", "-r", LOCK):
            raise SetupError(
                "neither uv nor pip could install the packages of requirements.lock (their words "
                "are above): see that this machine reaches a package index and has disk space, "
                "then run the same again."
            )
    # Compiled here, jieba keeps to itself what newer Pythons think of its regular expressions.
    run(python, "-I", "-W", "ignore", "-c", "import jieba.posseg")


def install_project(python: Path) -> None:
    """This project itself, editable: what it needs is there already, so no index is asked.

    Raises
    ------
    SetupError
        It could not be built.
    """
    options = ("--quiet", "--no-deps", "--no-build-isolation", "--editable", ".")
    uv = (python, "-I", "-m", "uv", "pip", "install", "--python", python)
    pip = (python, "-I", "-m", "pip", "install", "--disable-pip-version-check")
    if not run(*uv, *options) and not run(*pip, *options):
        raise SetupError(
            "Gongbao itself could not be installed into .venv: pip's own words are above."
        )
    # The line that names this folder is read in the locale's encoding before Python 3.13, and
    # under LC_ALL=C a Chinese path there keeps Python from starting: so it is made relative.
    for line in python.parent.parent.glob("[Ll]ib/**/site-packages/_gongbao.pth"):
        line.write_text(os.path.relpath(ROOT, line.parent) + "\n", encoding="ascii")


def say(sentence: str) -> None:
    """A sentence for the person who waits, on standard error."""
    print(sentence, file=sys.stderr, flush=True)


def main() -> int:
    """Brings `.venv` up to date; 0 when it is, 2 with a sentence when it cannot be."""
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        say(
            f"Gongbao runs on Python 3.11, 3.12 and 3.13; {sys.executable} is "
            f"{sys.version_info[0]}.{sys.version_info[1]}."
        )
        return 2
    folder = ROOT / ".venv"
    stamp = folder / "gongbao.json"
    python = python_of(folder)
    try:
        wanted, found = state(ROOT), recorded(stamp)
        if found == wanted and python.exists():
            return 0
        stamp.unlink(missing_ok=True)
        if not python.exists() or any(found.get(key) != wanted[key] for key in ("folder", "lock")):
            say("Setting up .venv from requirements.lock: seconds with uv, minutes without.")
            python = make_environment(folder)
            install_lock(python)
        install_project(python)
        written = stamp.with_suffix(".new")
        written.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        written.replace(stamp)
    except SetupError as error:
        say(f"gongbao: {error}")
        return 2
    except OSError as error:
        say(f"gongbao: {error.filename}: {error.strerror}; .venv could not be set up.")
        return 2
    except KeyboardInterrupt:
        say("gongbao: interrupted; the next run starts the set-up again.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

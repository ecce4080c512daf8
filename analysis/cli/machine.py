"""Commands about this machine: doctor, completion."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from analysis import __version__
from analysis.kit import GongbaoError, files, font, safe

from .common import DONE, FAILED, Command

_EXTRA = re.compile(r"extra == ['\"](\w+)['\"]")
_PROGRAMS = {"chromium": "tests in a browser", "pdftoppm": "tests of PDFs", "git": "a clone"}


class Finding(NamedTuple):
    """A line of what is there, or is not; `wrong` where nothing works without it."""

    what: str
    said: str
    wrong: bool = False


def commands(command: Command) -> None:
    """Their names and flags."""
    command("doctor", _doctor, "what is installed, what is missing, and where things are")
    shells = command("completion", _completion, "print what completes commands in your shell")
    shells.add_argument("shell", choices=("bash", "zsh", "tcsh"))


def _doctor(options: argparse.Namespace) -> int:
    found = [*_program(), *_packages(), *_fonts(), *_tools(), *_study(options.data)]
    wide = max(len(one.what) for one in found)
    for one in found:
        print(safe(f"{'!' if one.wrong else ' '} {one.what:{wide}}  {one.said}"))
    if wrong := [one.what for one in found if one.wrong]:
        print(f"Not as it should be: {', '.join(wrong)}.", file=sys.stderr)
    return FAILED if wrong else DONE


def _program() -> Iterator[Finding]:
    yield Finding("gongbao", f"{__version__}, in {Path(__file__).parent.parent}")
    yield Finding("notebooks, data", str(files.home()))
    yield Finding("Python", f"{platform.python_version()}, {sys.executable}")
    yield Finding("system", f"{platform.platform()}, {os.cpu_count()} processors")


def _packages() -> Iterator[Finding]:
    """What is required and is not here, or of another version; then each extra."""
    from packaging.requirements import Requirement

    try:
        asked = [Requirement(line) for line in metadata.requires("gongbao") or ()]
    except metadata.PackageNotFoundError:
        said = "not known: gongbao itself is not installed; `make report` or `pip install .`"
        yield Finding("packages", said, wrong=True)
        return
    lacking: dict[str, list[str]] = {"": []}
    for one in asked:
        extra = match[1] if (match := _EXTRA.search(str(one.marker or ""))) else ""
        if not extra and one.marker and not one.marker.evaluate():
            continue
        lacks = lacking.setdefault(extra, [])
        try:
            version = metadata.version(one.name)
        except metadata.PackageNotFoundError:
            lacks.append(one.name)
            continue
        if not one.specifier.contains(version, prereleases=True):
            lacks.append(f"{one.name}{one.specifier} (here: {version})")
    needed = lacking.pop("")
    said = f"missing: {', '.join(needed)}; `pip install .` in the checkout" if needed else "all"
    yield Finding("packages", said, wrong=bool(needed))
    for extra, lacks in sorted(lacking.items()):
        said = f"missing: {', '.join(lacks)}; `pip install 'gongbao[{extra}]'`" if lacks else "all"
        yield Finding(f"extra {extra}", said)


def _fonts() -> Iterator[Finding]:
    for family, _, _ in font.FONTS:
        try:
            yield Finding(family, str(font.file(family)))
        except LookupError as error:
            yield Finding(family, str(error), wrong=True)


def _tools() -> Iterator[Finding]:
    from shutil import which

    for name, use in _PROGRAMS.items():
        yield Finding(name, which(name) or f"not found; only needed for {use}")


def _study(path: str) -> Iterator[Finding]:
    from analysis.study import Study

    try:
        study = Study(path)
        bundled = study.path.resolve() == (files.home() / "data").resolve()
        where = "bundled" if bundled else "yours"
        yield Finding("study", f"{study.path} ({where}), {len(study.reports)} reports")
        yield Finding("store", str(study.store))
    except GongbaoError as error:
        yield Finding("study", str(error), wrong=True)


def _completion(options: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(options.parser, options.shell))
    return DONE

"""The page of the API: what the faces export, and what each docstring says of it.

Docstrings here are prose below numpy's headings; `prose` sets these as lists, not as types.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
MEASURES = ("words.Words", "themes.Themes", "indicators.Indicators", "restoration.Restoration")
MEASURES += ("attention.Attention", "reuse.Reuse")
"""What `study.words` and its like are, below analysis.study."""
RULE = re.compile(r"-{3,}$")
ENTRY = re.compile(r"(\*{0,2}\w[\w*, ]*) : (.*)")


def rooms() -> list[str]:
    """The faces: the package's, and the rooms' from the ground up as CONTRIBUTING lists them."""
    text = (HERE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    told = text.partition("\n## Rooms\n")[2].partition("\n## ")[0]
    return ["analysis", *(f"analysis.{name}" for name in re.findall(r"\*\*([a-z]+)\*\*", told))]


def first(thing: Any) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join(inspect.cleandoc(thing.__doc__ or "").partition("\n\n")[0].split())


def held(module: ModuleType) -> Iterator[str]:
    """What a module holds for others: each function and class with its first line."""
    for name, thing in vars(module).items():
        own = getattr(thing, "__module__", "") == module.__name__
        if (
            own
            and not name.startswith("_")
            and (inspect.isfunction(thing) or inspect.isclass(thing))
        ):
            yield f"- `{name}`: {first(thing)}"


def directive(kind: str, name: str) -> str:
    """A thing that autodoc describes, a class with what it has."""
    members = "   :members:\n" if kind == "class" else ""
    return f"```{{eval-rst}}\n.. auto{kind}:: {name}\n{members}```\n"


def described(face: str, name: str, seen: set[int]) -> str:
    """One name of a face, at its first place: a class or function, a module, or a value."""
    module, at = import_module(face), f"{face}.{name}"
    thing = getattr(module, name) if hasattr(module, name) else import_module(at)
    if isinstance(thing, ModuleType) and callable(thing):  # `restore` is a room and its verb
        thing, at = getattr(thing, name), f"{at}.{name}"
    if isinstance(thing, ModuleType):
        return "\n".join([f"### {name}", first(thing), "", *held(thing), ""])
    if not callable(thing) or not hasattr(thing, "__module__") or not hasattr(thing, "__name__"):
        return f"`{name}`: a {type(thing).__name__}.\n"
    if id(thing) in seen:
        return f"`{name}`: see above.\n"
    seen.add(id(thing))
    return directive("class" if inspect.isclass(thing) else "function", at)


def page() -> str:
    """What stands below the head of api.md."""
    seen: set[int] = set()
    lines = []
    for face in rooms():
        module = import_module(face)
        lines += [f"## {face}", first(module), ""]
        lines += [described(face, name, seen) for name in module.__all__]
        if face == "analysis":
            lines += ["## What a study is asked by", ""]
            lines += [directive("class", f"analysis.study.{name}") for name in MEASURES]
    return "\n".join(lines)


def prose(_app: Any, _what: str, _name: str, _thing: Any, _how: Any, lines: list[str]) -> None:
    """A docstring as it is meant: a heading for each section, a line of a list for each name."""
    made: list[str] = []
    listed = False
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        safe = re.sub(r"(?<=\w)_(?=[\s.,;:)]|$)", r"\\_", line)
        entry = ENTRY.match(line)
        before, listed = listed, bool(entry) or (listed and line.startswith(" "))
        made += [""] * (before and not listed)
        if RULE.match(after):
            made += ["", f"**{line}**", ""]
        elif entry:
            made += ["", f"- ``{entry[1]}``: {entry[2]}"]
        elif not RULE.match(line):
            made.append(f"  {safe.strip()}" if listed else safe)
    lines[:] = made

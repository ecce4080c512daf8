"""What a notebook's parameters are, and what they may be.

A notebook declares its parameters in its tagged cell, each with a type and a default. The same
check serves a batch, which reads the cell before anything starts, and a running notebook, which
holds what papermill injected against what it declared. Parameters are values, never code.
"""

from __future__ import annotations

import ast
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from analysis.kit import InputError, ProblemsError, html

PANELS = ("words", "themes", "indicators", "restoration")
"""The panels of the explorer; the one that is open is what is exported."""

MATCHES = ("text", "words")
"""Where a term counts: wherever its characters stand, or only as a word of the segmentation."""

SORTS = ("place", "left", "right")
"""Orders of a concordance, see `keywords.concordance`."""

RANGES: dict[str, tuple[float, float]] = {
    **{"top_n": (1, 1_000), "cloud_n": (1, 500), "min_chars": (1, 20), "span": (1, 50)},
    **dict.fromkeys(("year", "years", "since"), (1900, 2100)),
    "about": (0, 0.5),
}
"""The least and the greatest value of parameters that are numbers."""
_SCALARS: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}
_SCALAR = "(?:str|int|float|bool)"
_ONE = rf"(?:{_SCALAR}|None|list\[{_SCALAR}\]|dict\[str, {_SCALAR}\])"
_KIND = re.compile(rf"{_ONE}(?: \| {_ONE})*")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: its name, its type as written, its default."""

    name: str
    kind: str
    default: Any


def declared(source: str) -> dict[str, Parameter]:
    """The parameters that a parameters cell declares.

    ValueError if the cell holds anything but `name: type = literal`, or a type of another kind than
    `str`, `int`, `float`, `bool`, `list[str]`, `dict[str, int]`, `int | None`. One without a type
    has that of its value.

    Examples
    --------
    >>> declared('top_n: int = 25  # rows shown')["top_n"]
    Parameter(name='top_n', kind='int', default=25)
    """
    found = {}
    for node in ast.parse(source).body:
        match node:
            case ast.AnnAssign(
                target=ast.Name(id=name), annotation=kind, value=ast.expr() as value
            ):
                if not _KIND.fullmatch(ast.unparse(kind)):
                    raise ValueError(f"the type of {name} is {ast.unparse(kind)!r}, no plain one")
                found[name] = Parameter(name, ast.unparse(kind), ast.literal_eval(value))
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                default = ast.literal_eval(value)
                if not _KIND.fullmatch(_kind(default)):
                    raise ValueError(f"the value of {name} is {default!r}, no plain one")
                found[name] = Parameter(name, _kind(default), default)
            case _:
                said = f"line {node.lineno} of the parameters cell is not `name: type = value`"
                raise ValueError(said)
    return found


def _kind(value: Any) -> str:
    """The type of a parameter that has none; a whole number may be any, None what one likes."""
    if isinstance(value, list):
        return f"list[{_kind(value[0]) if value else 'str'}]"
    if isinstance(value, dict):
        return f"dict[str, {_kind(next(iter(value.values()), ''))}]"
    named = {"int": "float", "NoneType": "int | float | str | None"}
    return named.get(type(value).__name__, type(value).__name__)


def problems(given: Mapping[str, Any], kinds: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each value that a notebook does not take.

    Parameters
    ----------
    given : names and values.
    kinds : the declared names and their types as written (`str`, `list[int]`, `int | None`, …).
    """
    allowed = ", ".join(f"{name} ({kind})" for name, kind in kinds.items())
    for name, value in given.items():
        if name not in kinds:
            guess = [f" (did you mean {near!r}?)" for near in get_close_matches(name, kinds, n=1)]
            yield f"parameter {name!r} is not known{''.join(guess)}; allowed are {allowed}."
        elif not _fits(value, kind := kinds[name]):
            yield f"parameter {name} is {value!r}; it must be {kind}; allowed are {allowed}."
        elif name == "lang" and value not in html.LANGUAGES:
            yield f"parameter lang is {value!r}; it must be zh or en."
        elif name in RANGES:
            least, most = RANGES[name]
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, int | float) and not least <= one <= most:
                    yield f"parameter {name} is {one!r}; it must be {least} to {most}."


def _fits(value: Any, kind: str) -> bool:
    if " | " in kind:
        return any(_fits(value, one) for one in kind.split(" | "))
    if kind == "None":
        return value is None
    if kind.startswith("list["):
        return isinstance(value, list) and all(_fits(item, kind[5:-1]) for item in value)
    if kind.startswith("dict["):
        return isinstance(value, dict) and all(
            isinstance(key, str) and _fits(item, kind[10:-1]) for key, item in value.items()
        )
    if isinstance(value, bool) and kind != "bool":
        return False
    if isinstance(value, float) and not math.isfinite(value):
        return False
    return isinstance(value, _SCALARS[kind])


def options(namespace: dict[str, Any]) -> dict[str, Any]:
    """Hold a running notebook's parameters against its declarations.

    Called as `gb.options(globals())` in the first cell after the parameters. It sees names
    that papermill injected although the notebook does not declare them. JupyterLab starts a
    notebook in its own folder; it then works from the folder above, as papermill does.

    Parameters
    ----------
    namespace : the notebook's `globals()`.

    Returns
    -------
    dict
        The declared names and their values, without `data` and `out`: what `Finding.save` takes
        as options, and what stands in a figure's provenance.

    Raises
    ------
    ProblemsError
        names each parameter that is not known or of the wrong type, and those allowed.
    """
    here = Path.cwd()
    if here.name == "notebooks" and (here.parent / "data" / "study.yaml").is_file():
        os.chdir(here.parent)
    annotations = namespace.get("__annotations__", {}).items()
    kinds = {name: str(kind) if get_args(kind) else kind.__name__ for name, kind in annotations}
    given = {name: namespace[name] for name in kinds if name in namespace}
    injected = {name: namespace.get(name) for name in _injected(namespace)}
    if found := list(problems({**given, **injected}, kinds)):
        raise ProblemsError(found)
    return {name: value for name, value in given.items() if name not in ("data", "out")}


def _injected(namespace: Mapping[str, Any]) -> Iterator[str]:
    """Names assigned in the cell that papermill put behind the parameters cell."""
    for cell in namespace.get("In", []):
        if cell.startswith("# Parameters\n"):
            for node in ast.parse(cell).body:
                if isinstance(node, ast.Assign):
                    yield from (name.id for name in node.targets if isinstance(name, ast.Name))


def read_cell(notebook: Mapping[str, Any], path: str) -> dict[str, Parameter]:
    """The parameters that a notebook (its JSON, opened) declares.

    Nothing if no cell is tagged `parameters`; InputError if that cell is not plain declarations.
    """
    for cell in notebook["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            try:
                return declared("".join(cell["source"]))
            except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError) as error:
                raise InputError(f"{str(error) or 'is nested too deep'}.", path=path) from None
    return {}

"""What a notebook's parameters are, and what they may be: said once, in its tagged cell.

    top_n: int = 25  # words shown {1 to 1000}

A name, a type, a default, what it is; and in braces what it may be (`{zh, en}`, `{1 to 500}`,
`{themes of the study}`, `{path of an image}`). That is plain Python, which runs anywhere as it
stands, and no more than papermill can read. The same check serves a batch, which reads the cell
before anything starts, and a running notebook, which finds it among the cells that were run.
Parameters are values, never code.
"""

from __future__ import annotations

import ast
import contextlib
import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from analysis.kit import InputError, ProblemsError

OF_STUDY = {
    f"{one} of the study"
    for one in ("reports", "codebooks", "themes", "indicators", "regions", "groups", "slice")
} | {"reference or slice of the study", "file or topics of the study"}
"""What only the study can say of a value, and what may stand in braces for it."""

_FORMS = "{1 to 500}, {zh, en}, {path of an image} or {" + "}, {".join(sorted(OF_STUDY)) + "}"
_INJECTED = "# Parameters\n"
_SCALARS: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}
_SCALAR = "(?:str|int|float|bool)"
_ONE = rf"(?:{_SCALAR}|None|list\[{_SCALAR}\]|dict\[str, {_SCALAR}\])"
_KIND = re.compile(rf"{_ONE}(?: \| {_ONE})*")
_FILE = re.compile(r"a (\.\w+) file")
_COMMENT = re.compile(r"\s*#\s*(.*?)\s*(?:\{([^{}]*)\}\s*)?")


@dataclass(frozen=True)
class Parameter:
    """One declared parameter.

    `kind` is its type as written. Of what it may be, one is given at most: `choices`, `bounds` (the
    least and the greatest) or `of` (what only the study or the disk knows); each entry of a list
    must be such. A choice as `a .mplstyle file` is any file of such a name. An empty default is
    one more value that it may have.
    """

    name: str
    kind: str
    default: Any
    about: str = ""
    choices: tuple[Any, ...] = ()
    bounds: tuple[float, float] | None = None
    of: str = ""

    @property
    def typed(self) -> str:
        """Its type and what it may be, in words.

        >>> declared('years: list[int] = []  # shown {1900 to 2100}')["years"].typed
        'list[int], each 1900 to 2100'
        """
        each = "each " if "[" in self.kind and not self.of else ""
        apart = ", " if self.bounds else ": "
        return f"{self.kind}{apart}{each}{self._values}" if self._values else self.kind

    @property
    def allowed(self) -> str:
        """What it must be, in words; those of a text need no type."""
        return self._values if self.kind == "str" and self._values else self.typed

    @property
    def _values(self) -> str:
        if self.bounds:
            return f"{self.bounds[0]} to {self.bounds[1]}"
        if self.choices:
            return listed([*map(str, self.choices), *["empty"] * (self.default == "")], "or")
        return self.of

    @property
    def suffixes(self) -> tuple[str, ...]:
        """How the names of files end that it may be besides its other choices."""
        return tuple(found[1] for one in self.choices if (found := _FILE.fullmatch(str(one))))

    def problem(self, value: Any) -> str:
        """One sentence for a value that it cannot have, '' for one that fits."""
        must = f"it must be {self.allowed}"
        if not _fits(value, self.kind):
            return f"parameter {self.name} is {value!r}; {must}."
        for one in _items(value):
            inside = not self.bounds or self.bounds[0] <= one <= self.bounds[1]
            chosen = not self.choices or one in self.choices or one == self.default == ""
            chosen = chosen or str(one).endswith(self.suffixes)
            if not (inside and chosen):
                verb = "is" if one is value else "holds"
                several = "; several are joined by ;" if verb == "holds" and "," in str(one) else ""
                near = several or _near(one, self.choices)
                return f"parameter {self.name} {verb} {one!r}; {must}{near}."
        return ""


def _items(value: Any) -> list[Any]:
    """What is held against choices and bounds: each entry of a list; None is not."""
    if isinstance(value, dict):
        return [*value.values()]
    return value if isinstance(value, list) else [value] * (value is not None)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names as a sentence has them.

    >>> listed(["a", "b", "c"]), listed(["a"]), listed([])
    ('a, b and c', 'a', '')
    """
    *most, end = [*names] or [""]
    return f" {last} ".join(filter(None, (", ".join(most), end)))


def _near(value: object, known: Collection[Any]) -> str:
    near = get_close_matches(str(value), [str(one) for one in known], n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


# ---- the cell


def declared(source: str) -> dict[str, Parameter]:
    """The parameters that a parameters cell declares.

    ValueError if the cell holds anything but `name: type = literal`, a type of another kind than
    `str`, `int`, `float`, `bool`, `list[str]`, `dict[str, int]`, `int | None`, braces that say
    nothing, or a default that is not allowed. One without a type has that of its value; a default
    of None makes None a value of any type.

    Examples
    --------
    >>> declared('top_n: int = 25  # rows shown {1 to 500}')["top_n"]
    ... # doctest: +NORMALIZE_WHITESPACE
    Parameter(name='top_n', kind='int', default=25, about='rows shown', choices=(),
              bounds=(1, 500), of='')
    """
    found = {}
    for node, comment in _statements(source):
        try:
            one = _parameter(node, comment)
        except ValueError as error:
            raise ValueError(f"line {node.lineno} of the parameters cell: {error}") from None
        found[one.name] = one
    return found


class _NotPlainError(ValueError):
    """A statement that declares no parameter."""


def _statements(source: str) -> Iterator[tuple[ast.stmt, str]]:
    """Each statement of a cell with the comment behind its end, where papermill looks, too."""
    lines = [line.encode() for line in re.split("\r\n?|\n", source)]
    for node in ast.parse(source).body:
        rest = lines[(node.end_lineno or 1) - 1][node.end_col_offset or 0 :]
        yield node, rest.decode()


def _parameter(node: ast.stmt, comment: str) -> Parameter:
    """The parameter that a statement declares."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=typed, value=ast.expr() as value):
            kind, default = ast.unparse(typed), _literal(name, value)
            if not _KIND.fullmatch(kind):
                raise _NotPlainError(f"the type of {name} is {kind!r}, no plain one")
            if default is None and "None" not in kind.split(" | "):
                kind += " | None"
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            kind = _kind(default := _literal(name, value))
            if not _KIND.fullmatch(kind):
                raise _NotPlainError(f"the value of {name} is {default!r}, no plain one")
        case _:
            raise _NotPlainError("this is not `name: type = value`")
    about, braces = found.groups() if (found := _COMMENT.fullmatch(comment)) else ("", None)
    may: Mapping[str, Any] = {} if braces is None else _may(name, kind, braces.strip())
    one = Parameter(name, kind, default, about, **may)
    if default != "" and one.problem(default):
        raise ValueError(f"the default of {name} is {default!r}; it must be {one.allowed}")
    return one


def _literal(name: str, value: ast.expr) -> Any:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError):
        raise _NotPlainError(f"the value of {name} is {ast.unparse(value)}, no plain one") from None


def _kind(value: Any) -> str:
    """The type of a parameter that has none; a whole number may be any, None what one likes."""
    if isinstance(value, list):
        return f"list[{_kind(value[0]) if value else 'str'}]"
    if isinstance(value, dict):
        return f"dict[str, {_kind(next(iter(value.values()), ''))}]"
    named = {"int": "float", "NoneType": "int | float | str | None"}
    return named.get(type(value).__name__, type(value).__name__)


def _may(name: str, kind: str, said: str) -> dict[str, Any]:
    """What stands in braces, as fields of a parameter."""
    scalars = {*re.findall(_SCALAR, kind.replace("dict[str, ", "["))}
    wrong = ValueError(f"the braces of {name} hold {said!r}; what it may be is {_FORMS}")
    if said.startswith("path of ") or said.endswith(" of the study"):
        if scalars != {"str"} or not (said in OF_STUDY or said.startswith("path of ")):
            raise wrong
        return {"of": said}
    number = scalars <= {"int", "float"}
    try:
        if number and (ends := said.split(" to "))[1:]:
            least, most = map(_number, ends)
            if least <= most:
                return {"bounds": (least, most)}
            raise wrong
        choices = [one.strip() for one in re.split("[,，、]", said)]
        if "" in choices or "bool" in scalars:
            raise wrong
        return {"choices": tuple(map(_number, choices) if number else choices)}
    except (ValueError, SyntaxError):
        raise wrong from None


def _number(text: str) -> float:
    value = ast.literal_eval(text.strip())
    if type(value) in (int, float):
        return float(value) if isinstance(value, float) else int(value)
    raise ValueError(text)


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


def describe(known: Mapping[str, Parameter]) -> str:
    """Parameters for a person: name, type, what is allowed and default; what it is below.

    >>> print(describe(declared('top_n: int = 25  # words shown {1 to 1000}')))
    top_n: int, 1 to 1000 (default 25)
        words shown
    """
    lines = (
        f"{one.name}: {one.typed} (default {one.default!r})\n    {one.about}".rstrip()
        for one in known.values()
    )
    return "\n".join(lines)


# ---- values


def problems(given: Mapping[str, Any], known: Mapping[str, Parameter]) -> Iterator[str]:
    """One sentence for each value that a notebook with these parameters does not take."""
    for name, value in given.items():
        if name not in known:
            allowed = ", ".join(f"{one.name} ({one.kind})" for one in known.values())
            yield f"parameter {name!r} is not known{_near(name, known)}; allowed are {allowed}."
        elif said := known[name].problem(value):
            yield said


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


# ---- a running notebook


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
        names each parameter that is not known or of a value that is not allowed, and what is.
    InputError
        for a declaration that says nothing.
    """
    here = Path.cwd()
    if here.name == "notebooks" and (here.parent / "data" / "study.yaml").is_file():
        os.chdir(here.parent)
    elif here.name == "notebooks" and (here.parent / "study.yaml").is_file():
        os.chdir(here.parents[1])  # the study's own, see `gongbao lab`
    cells = _cells(namespace)
    known = _run(cells, namespace.get("__annotations__", {}))
    given = {name: namespace[name] for name in known if name in namespace}
    injected = {name: namespace.get(name) for name in _injected(cells)}
    if found := list(problems({**given, **injected}, known)):
        raise ProblemsError(found)
    return {name: value for name, value in given.items() if name not in ("data", "out")}


def _cells(namespace: Mapping[str, Any]) -> list[str]:
    """The cells that a notebook ran so far, or the script that it was exported to."""
    if "In" not in namespace and (file := namespace.get("__file__")):
        return [Path(file).read_text("utf-8")]
    return [*namespace.get("In", [])]


def _run(cells: Sequence[str], annotations: Mapping[str, Any]) -> dict[str, Parameter]:
    """What these cells declare, each name as the last of them does.

    A name without a type counts in the cell only that papermill put its own behind. Of a name
    whose cell is not at hand, its annotation says the type.
    """
    found: dict[str, Parameter | ValueError] = {}
    for name, said in annotations.items():
        plain = isinstance(said, str) or get_args(said)
        kind = str(said) if plain else getattr(said, "__name__", "")
        if _KIND.fullmatch(kind):
            found[name] = Parameter(name, kind, None)
    for cell, after in pairwise([*cells, ""]):
        tagged = after.startswith(_INJECTED) and not cell.startswith(_INJECTED)
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for node, comment in [*_statements(cell)]:
                if tagged or isinstance(node, ast.AnnAssign):
                    found |= _latest(node, comment)
    for wrong in found.values():
        if isinstance(wrong, ValueError):
            raise InputError(f"the parameters cell: {wrong}.")
    return {name: one for name, one in found.items() if isinstance(one, Parameter)}


def _latest(node: ast.stmt, comment: str) -> dict[str, Parameter | ValueError]:
    """What a statement declares by its name, or what is wrong with that; nothing if it does not."""
    match node:
        case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
            try:
                return {name: _parameter(node, comment)}
            except _NotPlainError:
                return {}
            except ValueError as error:
                return {name: error}
    return {}


def _injected(cells: Sequence[str]) -> Iterator[str]:
    """Names assigned in the cell that papermill put behind the parameters cell."""
    for cell in cells:
        if cell.startswith(_INJECTED):
            for node in ast.parse(cell).body:
                if isinstance(node, ast.Assign):
                    yield from (name.id for name in node.targets if isinstance(name, ast.Name))

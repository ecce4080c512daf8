"""Parameter sets × notebooks → units, every name and value checked before anything starts.

A unit is one notebook with one set of parameters; its folder's name follows from them. A value is
plain (text, numbers, lists and maps of these) and never code; what the study does not know is
refused with the nearest names.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from analysis import tables
from analysis.kit import InputError, ProblemsError, fault, home, html, unknown, yamlfile
from analysis.study import Study, catalogue, compare
from analysis.text import places
from analysis.words import slices

from . import parameters
from .parameters import Parameter, listed

NOTEBOOKS = ("keyword_frequency", "theme_coverage", "metric_trend")
"""The notebooks of a report, in their order."""

TOGETHER = ("attention_panel", "comparison_gallery", "region_comparison", "text_reuse")
"""Notebooks that hold reports against each other: drawn of all, not of each, if nothing is said."""

_NARROWING = ("regions", "years")
"""Columns that one may take for a choice of reports."""

FILE_OR_TOPICS = "file or topics"

_LONG = 40  # characters of a condition in a folder's name

_BOOLS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Unit:
    """One notebook with one set of parameters.

    `left` holds what a set gives besides, which the notebook does not declare: one entry for each
    set that the unit stands for.
    """

    notebook: str
    source: Path
    values: dict[str, Any]
    left: tuple[dict[str, Any], ...] = ({},)

    @cached_property
    def name(self) -> str:
        """The unit's folder: notebook, and with parameters one or two reports and a hash.

        A condition is spelled: region=厦门市 is xiamen, year>=2010 is year-from-2010.
        """
        if not self.values:
            return self.notebook
        named = [_spelled(one) for one in self.values.get("reports", [])]
        digest = hashlib.sha256(self.parameters.encode()).hexdigest()[:10]
        return "-".join([self.notebook, *(named if len(named) < 3 else ()), digest])

    @property
    def parameters(self) -> str:
        """The parameters as readable JSON, '' if there are none."""
        if not self.values:
            return ""
        return json.dumps(self.values, ensure_ascii=False, sort_keys=True)

    @property
    def not_taken(self) -> list[str]:
        """The names of the parameters that the notebook does not take."""
        return list(dict.fromkeys(name for left in self.left for name in left))


_SIGNS = {">=": "-from-", "<=": "-to-", ">": "-above-", "<": "-below-", "!=": "-not-"}


def _spelled(wanted: str) -> str:
    """An entry of `reports` as a part of a folder's name."""
    if not slices.is_condition(wanted):
        return wanted
    name, sign, value = re.split("([<>=!]+)", wanted, maxsplit=1)
    before = "" if sign == "=" and name.strip() in ("region", "province", "report_id") else name
    said = f"{before}{_SIGNS.get(sign, '-')}{'-'.join(map(places.slug, value.split('|')))}"
    return re.sub("[^a-z0-9_]+", "-", said.lower())[:_LONG].strip("-")


def notebook_of(unit: str) -> str:
    """The notebook that a unit's folder is named after."""
    named = [name for name in notebooks() if unit == name or unit.startswith(f"{name}-")]
    return max(named, key=len, default=re.sub(r"-[0-9a-f]{10}$", "", unit))


def notebooks() -> dict[str, Path]:
    """Every notebook by its name: those of ./notebooks first, then the package's own."""
    found: dict[str, Path] = {}
    for folder in (Path("notebooks"), home() / "notebooks"):
        for path in sorted(folder.glob("*.ipynb")):
            found.setdefault(path.stem, path)
    return found


def find_notebook(name: str) -> Path:
    """The notebook of a name (`notebooks`); InputError if there is none."""
    if not re.fullmatch(r"[\w-]+", name):
        raise InputError(f"the notebook {name!r} must be a name: letters, digits, _ and -.")
    known = notebooks()
    if name not in known:
        raise InputError(unknown("notebook", name, {*known} - {"explore"}))
    return known[name]


def read_sets(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Parameter sets from a .csv or .yaml file, each with the place it stands in.

    In CSV a row is a set, an empty cell means the default and values are text; YAML holds a list
    of maps under `sets`, with real numbers and lists, and may list under `notebooks` which they are
    for (`notebooks_of`). Of `reports`, entries (joined by `;` in a cell) that are conditions hold
    together, and ids beside them restrict further: `year>=2010; level=province`.
    """
    if path.suffix.lower() in (".yaml", ".yml"):
        entries = yamlfile.load(path).maps("sets")
        return [(f"{path}:{entry.first_line}", _plain(entry)) for entry in entries]
    if path.suffix.lower() != ".csv":
        raise InputError("parameter sets stand in a .csv or .yaml file.", path=path)
    header, rows = tables.records(path)
    if len(header) == 1 and ";" in header[0]:
        raise InputError(
            "has semicolons between its cells; save it with commas.", path=path, line=1
        )
    sets = [
        (f"{path}:{line}", {key: cell for key, cell in row.items() if key and cell})
        for line, row in rows
    ]
    if not sets:
        raise InputError("holds no parameter set; write one in each row.", path=path)
    return sets


def notebooks_of(path: Path) -> tuple[str, ...]:
    """The notebooks that a parameter file is for: those a YAML file lists, otherwise a report's."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        return NOTEBOOKS
    return yamlfile.load(path).texts("notebooks") or NOTEBOOKS


def _plain(value: Any) -> Any:
    """What YAML holds, its maps as plain dicts."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def chosen(given: Iterable[str]) -> list[str]:
    """The entries of lists of reports, joined by `;`: ids and conditions (`catalogue.chosen`)."""
    return [one.strip() for text in given for one in text.split(";") if one.strip()]


def each(study: Study, name: str, asked: Sequence[str]) -> list[tuple[str, dict[str, Any]]]:
    """Parameter sets, one for each value that the study's reports have in a column.

    Of its report's own set the id is enough; the others keep what was `asked`. Reports that have
    none are in no set; `none` for a name gives no set.
    """
    if name == "none":
        return []
    values = slices.about(study.reports, "report_id" if name == "report" else name)
    found = sorted({str(one) for one in values if one}) if name != "report" else [*values]
    conditions = [one if name == "report" else f"{name}={one}" for one in found]
    more = [] if name == "report" else [*asked]
    return [(f"reports.csv: {one}", {"reports": [one, *more]}) for one in conditions]


def plan(
    notebooks: Sequence[str], sets: Sequence[tuple[str, dict[str, Any]]], data: str
) -> list[Unit]:
    """Every notebook with every parameter set, all checked.

    `sets` are (place for messages, values); each notebook gets the values that it declares, and
    the unit keeps the names of the others. `data` is the study's folder, given to each notebook if
    it is not the default. ProblemsError names every wrong name and value at once, with its place
    and what is allowed.
    """
    found, units, studies = [], [], dict[str, Study]()
    cells = {name: (source := find_notebook(name), _declared(source)) for name in notebooks}
    every = {key: one for _, cell in cells.values() for key, one in cell.items() if key != "out"}
    for place, values in sets:
        if values and not any(cell for _, cell in cells.values()):
            said = f"{' and '.join(notebooks)}: no cell is tagged `parameters`"
            found.append(f"{place}: {said}; tag the one with its defaults.")
            continue
        if "out" in values:
            found.append(f"{place}: parameter 'out' is set by the batch; use --out.")
        given = {key: value for key, value in values.items() if key != "out"}
        strange = {key: value for key, value in given.items() if key not in every}
        said_of = [*parameters.problems(strange, every)]
        asked: dict[tuple[str, str], Any] = {}
        for name, (source, cell) in cells.items():
            own = {key: _typed(given[key], cell[key].kind) for key in given if key in cell}
            said_of += parameters.problems(own, cell)
            said_of += [one for key in own if (one := _sheet(own[key], cell[key]))]
            asked |= {(key, _of(cell[key])): value for key, value in own.items()}
            if data != "data":
                own.setdefault("data", Path(data).as_posix())
            left = {key: value for key, value in given.items() if key in every and key not in cell}
            units.append(Unit(name, source, own, (left,)))
        said_of += _unknown_values(asked, str(given.get("data", data)), studies)
        found += [f"{place}: {problem}" for problem in said_of]
    for study in studies.values():
        try:
            study.read_curated()
        except InputError as error:
            found.append(str(error))
    if found:
        raise ProblemsError(dict.fromkeys(found))
    return _merged(units)


def takes(notebook: str, parameter: str) -> bool:
    """Whether a notebook declares a parameter."""
    return parameter in _declared(find_notebook(notebook))


def with_defaults(unit: Unit) -> dict[str, Any]:
    """What a unit's notebook runs with: the values of its parameters, its own defaults included."""
    defaults = {name: one.default for name, one in _declared(unit.source).items()}
    left = ("data", "out")
    return {name: one for name, one in {**defaults, **unit.values}.items() if name not in left}


def described(notebook: str) -> str:
    """The parameters of a notebook as text (`parameters.describe`); InputError if it has none."""
    source = find_notebook(notebook)
    if cell := _declared(source):
        return parameters.describe(cell)
    raise InputError("no cell is tagged `parameters`; tag the one with its defaults.", path=source)


def _declared(source: Path) -> dict[str, Parameter]:
    """What a notebook declares; its language is that of the unit's pages, too."""
    cell = parameters.read_cell(json.loads(source.read_text("utf-8")), str(source))
    if "lang" in cell and not cell["lang"].choices:
        cell["lang"] = replace(cell["lang"], choices=html.LANGUAGES)
    return cell


def _merged(units: Iterable[Unit]) -> list[Unit]:
    """Each unit once, with what all its sets give besides."""
    merged: dict[str, Unit] = {}
    for unit in units:
        same = merged.setdefault(unit.name, unit)
        if unit.left[0] not in same.left:
            merged[unit.name] = replace(same, left=same.left + unit.left)
    return list(merged.values())


def notes(units: Sequence[Unit]) -> Iterator[str]:
    """One sentence for each column that only some notebooks take, and for sets drawn as one.

    And for each notebook of the folder here that stands in for another one of the suite.
    """
    for source in dict.fromkeys(unit.source for unit in units):
        ours = home() / "notebooks" / source.name
        if ours.is_file() and source.read_bytes() != ours.read_bytes():
            yield f"{source.stem}: {source} is used, not the one that comes with Gongbao."
    for column in dict.fromkeys(name for unit in units for name in unit.not_taken):
        takers = dict.fromkeys(unit.notebook for unit in units if column in unit.values)
        without = [unit for unit in units if column in unit.not_taken]
        others = dict.fromkeys(unit.notebook for unit in without)
        if column in _NARROWING and not all(unit.values.get("reports") for unit in without):
            verb = "draws" if len(others) == 1 else "draw"
            rest = f"{verb} all reports; `reports` selects reports"
        else:
            rest = f"{'does' if len(others) == 1 else 'do'} not take it"
        yield f"{column}: taken by {listed(takers)} only; {listed(others)} {rest}."
    for notebook in dict.fromkeys(unit.notebook for unit in units):
        once = [unit for unit in units if unit.notebook == notebook and len(unit.left) > 1]
        if once:
            names = listed(dict.fromkeys(name for unit in once for name in unit.not_taken))
            yield (
                f"{notebook}: {sum(len(unit.left) for unit in once)} parameter sets differ only in "
                f"{names}, which it does not take; drawn as {len(once)}."
            )


def _typed(value: Any, kind: str) -> Any:
    """A CSV cell as the type it must have; anything else, and what does not fit, as it is."""
    if not isinstance(value, str):
        return value
    for one in kind.split(" | "):
        if one.startswith("list["):
            return [_typed(item.strip(), one[5:-1]) for item in value.split(";")]
        if one == "bool" and value.lower() in _BOOLS:
            return _BOOLS[value.lower()]
        if one in ("int", "float"):
            try:
                return {"int": int, "float": float}[one](value)
            except ValueError:
                continue
    return value


def _of(one: Parameter) -> str:
    """What the study must know of a value; a name that is one of its lists says so by itself."""
    named = f"{one.name} of the study"
    return one.of or (named if named in parameters.OF_STUDY and not one.choices else "")


def _wrong_topics(study: Study, name: str, topics: str) -> Iterator[str]:
    """What is wrong with topics that are asked for."""
    from analysis.panel import topics as lists

    try:
        lists.of(study, topics)
    except InputError as error:
        yield f"parameter {name}: {error}"


def _sheet(value: Any, one: Parameter) -> str:
    """What is wrong with a style sheet that is given in the place of a preset."""
    if isinstance(value, str) and value not in one.choices and value.endswith(one.suffixes):
        from analysis.figures import own

        try:
            own.sheet(Path(value))
        except InputError as error:
            return str(error)
    return ""


def _unknown_values(
    asked: Mapping[tuple[str, str], Any], place: str, studies: dict[str, Study]
) -> Iterator[str]:
    """Values, by name and what they are of, that the study does not know; `studies` are open."""
    try:
        study = studies[place] = studies.get(place) or Study(place)
    except InputError as error:
        yield str(error)
        return
    except OSError as error:  # too long a name, a folder that is not ours
        yield fault(error)
        return
    known: dict[str, Callable[[], Iterable[str]]] = {
        "codebooks": lambda: study.books,
        "themes": lambda: study.under(book).codebook.ids,
        "indicators": lambda: study.indicator_codebook.indicators,
        "regions": lambda: {*study.reports["region"], *study.indicators.table["region"]},
        "groups": lambda: study.groups["group"],
    }
    given = {name: value for (name, _), value in asked.items()}
    book = given.get("codebook", "")
    book = book if isinstance(book, str) and book in study.books else study.book
    for (name, of), value in asked.items():
        what = of.removesuffix(" of the study")
        texts = value if isinstance(value, list) else [value] if value else []
        if not all(isinstance(one, str) for one in texts):
            continue  # its type is wrong, which is said already
        if what == "reports":
            try:
                catalogue.chosen(texts, study.reports)
            except InputError as error:
                yield f"parameter {name}: {error.message}"
        for one in texts:
            if what == FILE_OR_TOPICS:
                yield from _wrong_topics(study, name, one)
            elif what in known and one not in set(known[what]()):
                yield f"parameter {name}: {unknown(what.removesuffix('s'), one, known[what]())}"
            elif what.startswith("path of ") and not Path(one).is_file():
                yield f"parameter {name}: {one}: no such file; give the {what}."
            elif what.endswith("slice"):
                side = "reference" in what and re.match(f"{compare.REFERENCE}|{compare.REST}$", one)
                if wrong := "" if side else slices.problem(one, study.reports):
                    yield f"parameter {name}: {wrong}"
    within, against = given.get("within", ""), given.get("against", compare.REFERENCE)
    if isinstance(within, str):
        try:
            compare.refuse_within(within, str(against))
        except InputError as error:
            yield f"parameter within: {error.message}"

"""What a replication package holds, as its README, its crate and its proof read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.bundle import references
from analysis.kit import InputError, files, home, html, yamlfile
from analysis.panel import panelbook
from analysis.study import Study

RECORD = "replication.json"
"""The package's own list of what is run with which parameters."""

ANSWERS = "replication.yaml"
"""The study's file in which authors fill the gaps of the README."""

DOCUMENTS = "documentation"
FIGURES = "figures"
TABLES = "tables"

_OF_PANEL = tuple(f"{FIGURES}/*/{name}" for name in ("attention_", "adoption_", "known_missing"))
"""Tables whose columns are those of a panel, and made as panel.yaml says."""

WORDS: Mapping[str, Any] = yamlfile.load(Path(__file__).with_name("readme.yaml"))
"""What the README says, see readme.yaml."""


@dataclass(frozen=True)
class Run:
    """A notebook as it was run with one set of parameters; seconds and memory (MB) may be 0.

    That is where they are not known.
    """

    name: str
    notebook: str
    parameters: dict[str, Any]
    seconds: float = 0
    memory: int = 0
    machine: str = ""
    begun: float = 0


@dataclass(frozen=True)
class Drawn:
    """A figure of a run; `checked`: whether it can be drawn again from what the package holds."""

    run: Run
    name: str
    record: dict[str, Any]
    rows: int
    random: str
    checked: bool = True

    @property
    def place(self) -> str:
        """Its folder in the package."""
        return f"{FIGURES}/{self.run.name}/{self.name}"


@dataclass(frozen=True)
class Contents:
    """A package's folder with what is known of it.

    held : sha256 of the reports held back, by id. answers : what the authors said, by gap.
    rewritten : files of the study that are not the study's own bytes, and why. titled : whether
    somebody gave the study its title, which a new one has from its folder.
    """

    folder: Path
    study: Study
    runs: tuple[Run, ...]
    figures: tuple[Drawn, ...]
    held: dict[str, str]
    answers: dict[str, Any]
    rewritten: dict[str, str]
    titled: bool = True

    @property
    def unchecked(self) -> list[str]:
        """The figures that need a text that is held back."""
        return [one.place for one in self.figures if not one.checked]

    @property
    def day(self) -> str:
        """The day on which the last of its figures was drawn."""
        latest = max(run.begun for run in self.runs)
        return str(pd.Timestamp(latest, unit="s").date())

    @cached_property
    def open(self) -> list[str]:
        """The gaps that nobody filled, in their order."""
        return [name for name in self.gaps if name not in self.answers]

    @property
    def gaps(self) -> list[str]:
        """The questions that only the authors can answer, eight at most."""
        own = self.study.reports
        known = not self.held and (own["source_url"] != "").all()
        return [name for name in WORDS["gaps"] if name != "obtain" or not known]

    def answer(self, gap: str, lang: str) -> str:
        """What the authors said, or the gap, marked."""
        if gap in self.answers:
            said = self.answers[gap]
            return str(said.get(lang) or next(iter(said.values()), "")) if said else ""
        facts = {"number": self.open.index(gap) + 1, "of": len(self.open)}
        said = WORDS["gap"][lang].format(**facts, what=WORDS["gaps"][gap][lang])
        return f"⟦{said}⟧"

    def references(self, lang: str) -> list[references.Entry]:
        """All that the figures rest on, each once."""
        return references.joined([one.record for one in self.figures], lang)


def answers(study: Path) -> dict[str, Any]:
    """What the authors said to the gaps: a text, or one in zh and en.

    InputError for a key that is no gap, and for anything but text.
    """
    path = study / ANSWERS
    if not files.there(path):
        return {}
    said = yamlfile.load(path).check(dict.fromkeys(WORDS["gaps"], str | dict))
    found = {}
    for key, value in said.items():
        both = {"zh": value, "en": value} if isinstance(value, str) else dict(value)
        if not {*both} <= {*html.LANGUAGES} or not all(
            isinstance(one, str) for one in both.values()
        ):
            said.refuse(f"{key} must be text, or a map with zh and en.", key)
        if any(both.values()):
            found[key] = both
    return found


def random(record: Mapping[str, Any], data: pd.DataFrame) -> str:
    """The key of readme.yaml's text that says where random numbers come into a figure; or ''."""
    if WORDS["random"].get(record["figure"]):
        return str(WORDS["random"][record["figure"]])
    bounds = [name for name in ("lo", "hi") if name in data]
    return "bootstrap" if bounds and (data[bounds] != "").any(axis=None) else ""


def read(folder: Path) -> dict[str, Any]:
    """What the record of a package says; InputError if there is none, or it is another thing."""
    path = folder / RECORD
    said = files.left(path)
    if not path.is_file():
        raise InputError(f"is no replication package (it holds no {RECORD}).", path=folder)
    runs, names = said.get("runs"), re.compile(r"\w[\w.-]*")
    right = isinstance(runs, list) and bool(runs) and said.get("format") == 1
    for one in runs or () if right else ():
        held = isinstance(one, dict) and {"run", "notebook", "parameters", "figures"} <= {*one}
        right &= held and isinstance(one["parameters"], dict)
        listed = [one["run"], one["notebook"], *one["figures"]] if held else []
        right &= all(isinstance(name, str) and bool(names.fullmatch(name)) for name in listed)
    if not right:
        raise InputError("is not the record of a replication package; pack it again.", path=path)
    return said


def record(contents: Contents) -> str:
    """The package's record, as text."""
    runs = [
        {
            "run": run.name,
            "notebook": run.notebook,
            "parameters": run.parameters,
            "figures": [one.name for one in contents.figures if one.run is run],
            "seconds": run.seconds,
            "memory_mb": run.memory,
            "machine": run.machine,
        }
        for run in contents.runs
    ]
    study = contents.study
    said: dict[str, Any] = {"format": 1, "title": study.title, "lang": study.lang, "runs": runs}
    said |= {"held_back": contents.held, "not_compared": contents.unchecked}
    said |= {"rewritten": contents.rewritten}
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


# -- tables about the package ---------------------------------------------------------------------


def availability(contents: Contents) -> pd.DataFrame:
    """Of each report whether it is in the package, and how it can be had."""
    rows = []
    for row in tables.rows(contents.study.whole.reports):
        held = row.report_id in contents.held
        about = {name: getattr(row, name) for name in ("report_id", "region", "year", "year_given")}
        about |= {name: getattr(row, name) for name in ("title", "issuer", "published")}
        about |= {"provided": "no" if held else "yes", "file": "" if held else f"data/{row.path}"}
        rows.append(about | {"sha256": row.sha256, "source_url": row.source_url})
    return pd.DataFrame(rows)


def figure_list(contents: Contents) -> pd.DataFrame:
    """The figures with what draws them."""
    rows = [
        {
            "figure": one.name,
            **{f"title_{lang}": one.record["title"][lang] for lang in html.LANGUAGES},
            "notebook": f"notebooks/{one.run.notebook}.ipynb",
            "parameters": json.dumps(one.run.parameters, ensure_ascii=False, sort_keys=True),
            "folder": one.place,
            "rows": one.rows,
            "seconds": one.run.seconds or "",
            "memory_mb": one.run.memory or "",
            "random_numbers": WORDS["text"][one.random or "none_random"]["en"],
            "compared": "yes" if one.checked else "no",
        }
        for one in contents.figures
    ]
    return pd.DataFrame(rows)


def bundled(place: Path) -> tuple[list[str], list[str]]:
    """Of a study's file or folder the files that came with the program, unchanged, and the others.

    Both are empty but for groups.csv and codebooks, which a new study is given.
    """
    ours, own = list[str](), list[str]()
    if place.name in ("groups.csv", "codebooks"):
        for path in sorted(place.glob("*")) if place.is_dir() else [place]:
            came = home() / "data" / path.relative_to(place.parent)
            same = came.is_file() and came.read_bytes() == path.read_bytes()
            (ours if same else own).append(path.name)
    return ours, own


def csv_files(folder: Path) -> list[Path]:
    """The package's tables, its software's apart."""
    rooms = ("data", FIGURES, TABLES, DOCUMENTS, "codebooks")
    return [path for room in rooms for path in sorted((folder / room).rglob("*.csv"))]


def dictionary(folder: Path) -> pd.DataFrame:
    """Each column of each table; figures of one name with the same columns stand once."""
    rows, seen = [], set()
    for path in csv_files(folder):
        place = path.relative_to(folder)
        figure = place.parts[0] == FIGURES
        frame = tables.csvfile.cells(path)
        name = f"{FIGURES}/*/{place.parts[2]}/{path.name}" if figure else place.as_posix()
        if (key := (name, *frame.columns)) in seen:
            continue
        seen.add(key)
        rows += [{"file": name, **column(name, str(one), frame[one])} for one in frame]
    return pd.DataFrame(rows)


def column(file: str, name: str, cells: pd.Series[Any]) -> dict[str, str]:
    """What a column of a file is: type, labels, unit, how it is made, which values it may have."""
    words, panel = WORDS["dictionary"], file.startswith(_OF_PANEL)
    known = panelbook.wording()["variables"].get(name, {}) if panel else {}
    said = words.get(f"{file.partition('/')[0]}/{name}") or words.get(name, {})
    made = {"column": name, "type": kind(cells)}
    for lang in html.LANGUAGES:
        made[f"label_{lang}"] = html.label(name, lang)
        about = [said.get(lang, ""), known.get("formula", {}).get(lang, "")]
        made[f"description_{lang}"] = "; ".join(dict.fromkeys(filter(None, about)))
        made[f"unit_{lang}"] = known.get("unit", {}).get(lang, "")
    made["values"] = ", ".join(tables.CHOICES.get((Path(file).stem, name), ()))
    return made


def kind(cells: pd.Series[Any]) -> str:
    """The type of a column's cells: integer, number or string.

    >>> kind(pd.Series(["1", ""])), kind(pd.Series(["1.5", "2"])), kind(pd.Series(["", ""]))
    ('integer', 'number', 'string')
    """
    filled = [one for one in cells if one != ""]
    for name, form in (
        ("integer", r"-?(0|[1-9]\d{0,14})"),
        ("number", r"-?\d+(\.\d+)?(e[+-]\d+)?"),
    ):
        if filled and all(re.fullmatch(form, one) for one in filled):
            return name
    return "string"


def sizes(folder: Path) -> Iterator[int]:
    """The bytes of each file below a folder."""
    return (one.stat().st_size for one in folder.rglob("*") if one.is_file())

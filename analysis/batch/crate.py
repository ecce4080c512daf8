"""What a machine reads of a replication package: ro-crate-metadata.json and datapackage.json.

The first says what made what, as a Process Run Crate (RO-Crate 1.2): an action a figure, with its
notebook, parameters, inputs and files. The second says what each table's columns are (Data
Package). Both are made of what the README is made of.
"""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import __version__, tables

from . import contents
from .contents import WORDS, Contents

CRATE = "ro-crate-metadata.json"
PACKAGE = "datapackage.json"

SPECIFICATION = "https://w3id.org/ro/crate/1.2"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"

Entity = dict[str, Any]

_TYPES = {".csv": "text/csv", ".ipynb": "application/x-ipynb+json", ".yaml": "application/yaml"}
_TYPES |= {".md": "text/markdown", ".bib": "text/x-bibtex", ".sh": "application/x-sh"}
_TYPES |= {".parquet": "application/vnd.apache.parquet"}
_INPUTS = ("reports.csv", "indicators.csv", "sources.csv", "decisions.csv", "groups.csv")


def write(package: Contents) -> None:
    """Write both files."""
    for name, said in ((PACKAGE, datapackage(package)), (CRATE, crate(package))):
        text = json.dumps(said, ensure_ascii=False, indent=1) + "\n"
        (package.folder / name).write_text(text, encoding="utf-8", newline="\n")


# -- RO-Crate -------------------------------------------------------------------------------------


def crate(package: Contents) -> dict[str, Any]:
    """The metadata document of the crate."""
    found = [*_files(package), *_notebooks(package), *_actions(package), *_about(package)]
    every = {one["@id"]: one for one in found}
    parts = [key for key, one in every.items() if {"File", "Dataset"} & {*_as_list(one["@type"])}]
    actions = [key for key, one in every.items() if one["@type"] == "CreateAction"]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": PROFILE},
        "name": f"Replication package: {package.study.title['en']}",
        "description": _overview(package),
        "datePublished": package.day,
        "license": {"@id": "#licence"},
        "author": {"@id": "#authors"},
        "publisher": {"@id": "#authors"},
        "inLanguage": "zh",
        "hasPart": _refs(parts),
        "mentions": _refs(actions),
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": SPECIFICATION},
        "about": {"@id": "./"},
    }
    graph = [descriptor, root, *every.values()]
    return {"@context": f"{SPECIFICATION}/context", "@graph": graph}


def _refs(keys: Any) -> list[dict[str, str]]:
    return [{"@id": key} for key in keys]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _overview(package: Contents) -> str:
    many = len(package.figures), len(package.study.whole.reports)
    return f"{many[0]} figures drawn from {many[1]} government reports; README.md says how."


def _about(package: Contents) -> Iterator[Entity]:
    """Who, under what licence, with what software, by which profile."""
    gap = WORDS["gaps"]["licence_data"]["en"]
    licence = _answer(package, "licence_data")
    yield {
        "@id": "#licence",
        "@type": "CreativeWork",
        "name": licence or "Not stated yet: a gap of the README",
        "description": licence or f"The authors have yet to say {gap}",
    }
    article = _answer(package, "article")
    yield {
        "@id": "#authors",
        "@type": "Organization",
        "name": "The authors of the study" + (f": {article}" if article else ", see README.md"),
        "description": "Names and addresses are the authors' to give: README.md",
        "url": "README.md",
    }
    yield {
        "@id": PROFILE,
        "@type": ["CreativeWork", "Profile"],
        "name": "Process Run Crate",
        "version": "0.5",
    }
    yield {
        "@id": "#gongbao",
        "@type": "SoftwareApplication",
        "name": "Gongbao",
        "description": "Government annual reports as data; the source is in software/",
        "version": __version__,
        "softwareVersion": __version__,
        "url": "software/README.md",
        "license": {"@id": "https://spdx.org/licenses/MIT"},
    }
    said = next((run.machine for run in package.runs if run.machine), "")
    yield {
        "@id": "#python",
        "@type": "ComputerLanguage",
        "name": "Python",
        "version": said.partition("Python ")[2] or "3",
        "url": {"@id": "https://www.python.org/"},
    }
    yield {
        "@id": "https://spdx.org/licenses/MIT",
        "@type": "CreativeWork",
        "name": "MIT License",
        "description": "The software may be used, changed and handed on with its notice.",
    }
    yield {
        "@id": "software/",
        "@type": "Dataset",
        "name": "Gongbao, as source, with the lock of its packages",
        "description": "Run by run.sh; requirements.lock pins every package",
    }


def _answer(package: Contents, gap: str) -> str:
    return "" if gap in package.open else package.answer(gap, "en")


def _files(package: Contents) -> Iterator[Entity]:
    """Every file but those of the software, which stands as a whole."""
    folder = package.folder
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and not place.startswith(("software/", "notebooks/")) and place != CRATE:
            yield {"@id": place, "@type": "File", **_file(path, place)}


def _file(path: Path, place: str) -> Entity:
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0]
    return {
        "name": place,
        "encodingFormat": kind or "application/octet-stream",
        "contentSize": str(path.stat().st_size),
        "sha256": tables.sha256(path),
    }


def _notebooks(package: Contents) -> Iterator[Entity]:
    for name in dict.fromkeys(run.notebook for run in package.runs):
        place = f"notebooks/{name}.ipynb"
        yield {
            "@id": place,
            "@type": ["File", "SoftwareSourceCode"],
            **_file(package.folder / place, place),
            "description": f"Draws the figures of {name}",
            "programmingLanguage": {"@id": "#python"},
            "softwareRequirements": {"@id": "#gongbao"},
            "url": place,
            "version": __version__,
        }


def _actions(package: Contents) -> Iterator[Entity]:
    """An action for each figure, and the values that its notebook was given."""
    root = package.folder
    for one in package.figures:
        own = [f"data/{row['path']}" for row in one.record["reports"]]
        own += [f"data/{name}" for name in _INPUTS]
        own += [path.relative_to(root).as_posix() for path in root.glob("data/codebooks/*")]
        inputs = sorted(name for name in {*own} if (root / name).is_file())
        made = [f"{one.place}/{path.name}" for path in sorted((root / one.place).iterdir())]
        values = [f"#{one.run.name}-{name}" for name in one.run.parameters]
        action = {
            "@id": f"#draw-{one.run.name}-{one.name}",
            "@type": "CreateAction",
            "name": f"Draw {one.record['title']['en']}",
            "description": f"{one.run.notebook}.ipynb draws {one.name} into {one.place}",
            "instrument": {"@id": f"notebooks/{one.run.notebook}.ipynb"},
            "agent": {"@id": "#authors"},
            "object": _refs([*inputs, *values]),
            "result": _refs(made),
            "actionStatus": "http://schema.org/CompletedActionStatus",
        }
        if one.run.begun:
            began = pd.Timestamp(one.run.begun, unit="s", tz="UTC").floor("s")
            ended = began + pd.Timedelta(seconds=round(one.run.seconds))
            action |= {"startTime": began.isoformat(), "endTime": ended.isoformat()}
        yield action
        for name, value in one.run.parameters.items():
            yield {
                "@id": f"#{one.run.name}-{name}",
                "@type": "PropertyValue",
                "name": name,
                "value": value if isinstance(value, str) else json.dumps(value, ensure_ascii=False),
            }


# -- Data Package ---------------------------------------------------------------------------------


def datapackage(package: Contents) -> dict[str, Any]:
    """The descriptor of the package's tables."""
    folder = package.folder
    resources = []
    for path in contents.csv_files(folder):
        place = path.relative_to(folder).as_posix()
        frame = tables.csvfile.cells(path)
        parts = place.split("/")
        general = f"figures/*/{parts[2]}/{path.name}" if parts[0] == "figures" else place
        fields = []
        for name in map(str, frame):
            said = contents.column(general, name, frame[name])
            field: dict[str, Any] = {"name": name, "type": said["type"], "title": said["label_en"]}
            if said["description_en"]:
                field["description"] = said["description_en"]
            if said["values"]:
                field["constraints"] = {"enum": said["values"].split(", ")}
            fields.append(field)
        resources.append(
            {
                "name": "-".join(place.removesuffix(".csv").lower().replace(" ", "-").split("/")),
                "path": place,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": path.stat().st_size,
                "hash": f"sha256:{tables.sha256(path)}",
                "schema": {"fields": fields, "missingValues": [""]},
            }
        )
    return {
        "profile": "tabular-data-package",
        "name": "replication-package",
        "title": f"Replication package: {package.study.title['en']}",
        "description": _overview(package),
        "created": f"{package.day}T00:00:00Z",
        "resources": resources,
    }

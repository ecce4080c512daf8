"""Pages for people: the index of what a batch wrote, words in their context, and their parts.

Their templates escape every value; a page loads nothing from elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from analysis import tables
from analysis.bundle import codes, evidence_page, provenance
from analysis.kit import html, put

_FILES = ("figure.pdf", "figure.svg", "figure.png", "data.csv", "hits.csv", "evidence.html")
"""Files of a bundle that the index links to."""

_FOUND_BY: tuple[str, ...]
_FOUND_BY = ("key", "topic", "source", "target", "theme", "other", "indicator_id", "rule")
_FOUND_BY += ("region", "source_region")
"""Columns whose values a figure is found by."""


def index(
    out: Path,
    units: Sequence[Mapping[str, str]],
    *,
    title: Mapping[str, str] | str,
    lang: str = "zh",
) -> Path:
    """Write index.html: every unit of a batch, searchable, with figures and files; its path.

    Parameters
    ----------
    out : the batch's folder.
    units : dicts with `unit` (folder below `out`), `notebook`, `parameters`, `status` (`done` or
        `failed`), `error` (a sentence) and `not_taken` (names of parameters joined by ;); `title`
        where the notebook is not there to say it.
    title : in zh and en (or in one language).
    lang : the study's language; the page has the units' own where that is one and the same.
    """
    langs = [lang_of(unit, out, lang) for unit in units]
    lang = langs[0] if len(set(langs)) == 1 else lang
    failed = sum(unit["status"] != "done" for unit in units)
    said: dict[str, Any] = {
        "title": title if isinstance(title, str) else title[lang],
        "lang": lang,
        "words": html.WORDS["index"][lang],
        "counts": {"done": len(units) - failed, "failed": failed},
        "units": [_unit(unit, out, own) for unit, own in zip(units, langs, strict=True)],
    }
    said["found"] = _found([one for unit in said["units"] for one in unit["figures"]])
    return put(out / "index.html", html.with_font(html.render("index.html.j2", **said)))


def concordance(table: pd.DataFrame) -> str:
    """A word in its context as a small page that needs nothing else: the hits stand in a column.

    Parameters
    ----------
    table : of `keywords.concordance`: sentence_id, section, part, left, key, right.
    """
    said = f"{'、'.join(table['key'].unique())} · {len(table)}"
    rows = tables.rows(table)
    return html.with_font(html.render("concordance.html.j2", title=said, rows=rows))


def lang_of(unit: Mapping[str, str], out: Path, lang: str) -> str:
    """The language a unit was drawn in: as its figures say, else its parameters, else `lang`."""
    for bundle in bundles(out / unit["unit"]):
        lang = provenance.read(bundle)["options"].get("lang", lang)
    said = json.loads(unit["parameters"] or "{}").get("lang", lang)
    return said if said in html.HTML_LANG else lang


def _unit(unit: Mapping[str, str], out: Path, lang: str) -> dict[str, Any]:
    """What the index says of a unit: heading, what it does not take, error, figures and files."""
    notebook = f"{unit['unit']}/{unit['notebook']}.ipynb"
    words = html.WORDS["index"][lang]
    files = {f"{unit['unit']}/{file}": label for file, label in words["files"].items()}
    files[notebook] = words["notebook"]
    return {
        **{key: unit[key] for key in ("status", "error")},
        "name": unit["unit"],
        "lang": lang,
        "heading": _heading(unit, out / notebook, lang),
        "not_taken": unit.get("not_taken", "").replace(";", ", "),
        "whole": not json.loads(unit["parameters"] or "{}").get("reports"),
        "files": [(file, label) for file, label in files.items() if (out / file).exists()],
        "figures": [_figure(bundle, out, lang) for bundle in bundles(out / unit["unit"])],
    }


def _heading(unit: Mapping[str, str], notebook: Path, lang: str) -> str:
    """The notebook's title in a language, its name, and the parameters that are not the default."""
    said = [
        f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}"
        for name, value in json.loads(unit["parameters"] or "{}").items()
    ]
    called = unit.get("title") or title(notebook, lang)
    return " · ".join(filter(None, [called, unit["notebook"], *said]))


def title(notebook: Path, lang: str) -> str:
    """A notebook's title in a language, from its first line; '' where there is none."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"] if notebook.exists() else []
    first = next(("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"), "")
    found = re.match("# (.*)", first)
    return one_language(found[1], lang) if found else ""


def one_language(heading: str, lang: str) -> str:
    """A heading that says the same twice, once; any other as it is.

    >>> one_language("主题覆盖 · Theme coverage", "en")
    'Theme coverage'
    """
    both = heading.split(" · ")
    return both[lang == "en"] if len(both) == 2 else heading


def bundles(unit: Path) -> list[Path]:
    """The folders of a unit's figures, in the order of `figures.TITLES`."""
    from analysis.figures import draw

    order = [*draw.TITLES]
    found = sorted(file.parent for file in unit.glob("*/provenance.json"))
    return sorted(found, key=lambda one: order.index(one.name) if one.name in order else len(order))


def _figure(bundle: Path, out: Path, lang: str) -> dict[str, Any]:
    """What the index says of a figure, and its files."""
    record = provenance.read(bundle)
    files = [file for file in _FILES if (bundle / file).exists()]
    said = {"title": record["title"][lang], "hash": record["hash"][:8], "files": files}
    place, report = quote(bundle.relative_to(out).as_posix()), bundle.parent / "report.html"
    leads = f"{place}/figure.png"
    if report.exists():
        leads = f"{quote(report.relative_to(out).as_posix())}#{quote(bundle.name)}"
    said |= {"place": place, "leads": leads, "words": _words(bundle, lang)}
    return said | {"caption": (bundle / f"caption.{lang}.txt").read_text("utf-8").strip()}


def _words(bundle: Path, lang: str) -> set[str]:
    """The words, themes, indicators and regions that a figure draws, as they are called."""
    data, known = tables.csvfile.cells(bundle / "data.csv"), evidence_page.names(bundle)
    columns = [name for name in _FOUND_BY if name in data]
    return {
        codes.cell(name, value, lang, known) for name in columns for value in data[name].unique()
    } - {""}


def _found(figures: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Every word that figures are found by, once, and of each figure the places of its own."""
    words = sorted({word for figure in figures for word in figure["words"]})
    places = {word: at for at, word in enumerate(words)}
    own = [sorted(places[word] for word in figure["words"]) for figure in figures]
    return {"words": words, "figures": own}

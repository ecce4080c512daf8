"""What a panel's columns are and how they were made: its codebook, and the labels of a .dta file.

The words are those of panel.yaml, so that the codebook and the labels cannot disagree; entries and
their counts are the panel's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis import tables
from analysis.kit import InputError, home, put, yamlfile
from analysis.restore import version as restorer_version

from . import precision
from .panel import MEASURES, Panel, columns

SUFFIXES = (".dta", ".parquet", ".csv", ".xlsx")
"""The kinds of file that a panel is written as."""

COLUMNS = ["variable", "label_zh", "label_en", "unit_zh", "unit_en", "formula_zh", "formula_en"]
COLUMNS += ["source", "version", "topic", "entry", "n", "agreement", "precision"]

LANGS = ("zh", "en")


@cache
def wording() -> Mapping[str, Any]:
    """What panel.yaml says of columns, values and pages."""
    return yamlfile.load(Path(__file__).with_suffix(".yaml").with_stem("panel"))


def refuse_suffix(path: Path) -> None:
    """InputError for a file of a kind that a panel is not written as."""
    if path.suffix.lower() not in SUFFIXES:
        known = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
        raise InputError(f"-o {path}: the name must end in {known} to say what to write.")


def write(
    study: Any, panel: Panel, table: pd.DataFrame, path: Path, *, lang: str = "zh", stata: int = 14
) -> list[Path]:
    """Write a panel and, beside it, its codebook; the files.

    Of `panel.csv` it is `panel.codebook.md` (and `.csv`), or `panel.csv.codebook.md` where the
    first is that of another file, such as `panel.dta`, whose variables have other names.

    Parameters
    ----------
    table : the panel's table, or it wide, with what was joined to it.
    stata : with 13 the .dta holds no Chinese: its labels are English, its regions in pinyin.
    """
    refuse_suffix(path)
    book = codebook(study, panel, table)
    if path.suffix.lower() == ".dta":
        old = stata <= tables.stata.OLD
        dta(panel, table, book, path, lang="en" if old else lang, stata=stata)
        book.loc[: len(table.columns) - 1, "variable"] = tables.stata.names(map(str, table))
    else:
        tables.export(table, path, "panel")
    beside = _beside(path)
    put(beside[0], page(panel, book, path.name, lang))
    tables.write(book, beside[1])
    return [path, *beside]


def _beside(path: Path) -> list[Path]:
    """Where the codebook of a panel goes: not over that of another file of the same stem."""
    first = path.with_suffix(".codebook.md")
    head = first.read_text("utf-8").split("\n", 3)[:3] if first.is_file() else []
    others = {f"`{path.with_suffix(one).name}`" for one in SUFFIXES} - {f"`{path.name}`"}
    stem = path.name if others & {*head} else path.stem
    return [path.with_name(f"{stem}.codebook{ending}") for ending in (".md", ".csv")]


def dta(
    panel: Panel, table: pd.DataFrame, book: pd.DataFrame, path: Path, *, lang: str, stata: int
) -> None:
    """Write a panel for Stata."""
    from analysis.text import places

    if stata <= tables.stata.OLD:
        spelled = {name: table[name].map(places.slug) for name in ("region", "province")}
        table = table.assign(**spelled)
    labels = dict(zip(book["variable"], book[f"label_{lang}"], strict=True))
    words = wording()
    own = [name for name in words["values"] if name in table and name not in panel.merged]
    coded = {name: _in(words["values"][name], lang) for name in own}
    bounds = _in(words["bounds"], lang)
    coded |= {name: bounds for name in panel.joined if name.endswith("_bound_is")}
    title = words["words"]["data"][lang]
    tables.stata.write(table, path, labels=labels, coded=coded, title=title, stata=stata)


def _in(words: Mapping[str, Mapping[str, str]], lang: str) -> dict[str, str]:
    return {word: said[lang] for word, said in words.items()}


def codebook(study: Any, panel: Panel, table: pd.DataFrame) -> pd.DataFrame:
    """The codebook: a row for each column, then one for each entry of each topic (`COLUMNS`)."""
    rows = [*_variables(study, panel, table), *_entries(study, panel)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    frame["n"] = frame["n"].astype("Int64")
    return frame.fillna(dict.fromkeys([one for one in COLUMNS if one != "n"], ""))


def _variables(study: Any, panel: Panel, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    long = "topic" in table and "topic" not in panel.merged
    wide = {} if long else columns(panel.topics.codebook.ids)
    of_topic = {name: key for key, name in wide.items()}
    for column in map(str, table):
        if column in panel.merged:
            said = dict.fromkeys(("variable", "label_zh", "label_en"), column)
            yield {**said, "source": panel.merged[column]}
            continue
        if column in panel.joined:
            one = panel.joined[column]
            both = {f"label_{lang}": one.label[lang] for lang in LANGS}
            both |= {f"formula_{lang}": one.formula[lang] for lang in LANGS}
            both |= {f"unit_{lang}": one.unit for lang in LANGS}
            yield {"variable": column, "source": one.source, **both}
            continue
        measure, topic = of_topic.get(column, (column, ""))
        known = wording()["variables"][measure]
        yield {
            "variable": column,
            **{f"label_{lang}": _label(panel, known, topic, lang) for lang in LANGS},
            **{f"unit_{lang}": known.get("unit", {}).get(lang, "") for lang in LANGS},
            **{f"formula_{lang}": known.get("formula", {}).get(lang, "") for lang in LANGS},
            "source": _source(panel, known["source"]),
            "version": _version(study, panel, measure),
            "topic": topic,
        }


def _label(panel: Panel, known: Mapping[str, Any], topic: str, lang: str) -> str:
    name = panel.topics.codebook.names(lang).get(topic, "")
    return (
        f"{name}{'：' if lang == 'zh' else ': '}{known['label'][lang]}"
        if topic
        else str(known["label"][lang])
    )


def _source(panel: Panel, source: str) -> str:
    return source.replace("topics", panel.topics.source)


@cache
def _divisions() -> str:
    return f"sha256:{tables.sha256(home() / 'data' / 'divisions' / 'divisions.csv')[:12]}"


def _version(study: Any, panel: Panel, measure: str) -> str:
    """What a column's values depend on."""
    if measure in ("region", "region_code", "region_id", "province"):
        return f"divisions {_divisions()}"
    topics = f"topics {panel.topics.codebook.version}"
    if measure in ("N_tokens", "rate_tokens"):
        lexicon = study.word_list("lexicon")[1]
        words = f"{study.engine}, lexicon {lexicon}"
        return f"{topics}; {words}" if measure == "rate_tokens" else words
    if measure in ("topic", *MEASURES):
        return topics
    read_off = measure in ("N_chars", "N_sentences", "part", "quality")
    return f"restorer {restorer_version()}" if read_off else ""


def _entries(study: Any, panel: Panel) -> Iterator[dict[str, Any]]:
    """Each entry of each topic, those without a hit too, and how far the topic was validated."""
    counted = panel.entries.set_index(["topic", "entry"])["n"].to_dict()
    agreement, read = agreements(study, panel), precision.said(panel.topics)
    for theme in panel.topics.codebook.themes:
        names = {f"label_{lang}": theme.name[lang] for lang in LANGS}
        about = {"topic": theme.id, "source": panel.topics.source}
        about["version"] = panel.topics.codebook.version
        entries = theme.entries
        total = sum(counted.get((theme.id, entry), 0) for entry in entries)
        said = {"formula_zh": theme.definition["zh"], "formula_en": theme.definition["en"]}
        said |= {
            "agreement": agreement.get(theme.id, ""),
            "precision": read.get((theme.id, ""), ""),
        }
        yield {**about, **names, **said, "n": total}
        for entry in entries:
            of_entry = {"entry": entry, "precision": read.get((theme.id, entry), "")}
            yield {**about, **of_entry, "n": counted.get((theme.id, entry), 0)}


def agreements(study: Any, panel: Panel) -> dict[str, str]:
    """How far the coder agrees with hand codes on each topic of the study's own themes."""
    own = next((book for book, path in study.books.items() if path == panel.topics.path), "")
    validation = study.under(own).validation if own else None
    if validation is None:
        return {}
    found = {}
    for row in tables.rows(validation.scores):
        if not math.isnan(row.f1):
            scores = f"precision {row.precision:.2f}, recall {row.recall:.2f}, F1 {row.f1:.2f}"
            found[row.theme] = f"{scores} ({row.n_hand} sentences by hand, {study.coded_by})"
    return found


def page(panel: Panel, book: pd.DataFrame, name: str, lang: str) -> str:
    """The codebook as a page of Markdown; its labels and formulas are in both languages."""
    words = _in(wording()["words"], lang)
    variables = book[book["variable"] != ""]
    lines = [f"# {words['title']}", "", f"`{name}`", "", f"## {words['notes']}", ""]
    how = "apart" if panel.topics.apart else "together"
    notes = [words[panel.headings], words[how], *panel.said]
    lines += [*(f"- {note}" for note in notes), "", f"## {words['variables']}", ""]
    head = ["variable", "zh", "en", "unit", "formula", "source", "version"]
    lines += [*_rows([head, ["---"] * len(head)])]
    lines += _rows(_described(row) for row in tables.rows(variables))
    lines += ["", f"## {words['topics']}", ""]
    lines.append(f"{panel.topics.source}, {panel.topics.codebook.version}")
    lines += ["", *_listed(book[book["variable"] == ""], words)]
    return "\n".join(lines) + "\n"


def _described(row: Any) -> list[str]:
    both = [
        " / ".join(dict.fromkeys(filter(None, pair)))
        for pair in ((row.unit_zh, row.unit_en), (row.formula_zh, row.formula_en))
    ]
    return [f"`{row.variable}`", row.label_zh, row.label_en, *both, row.source, row.version]


def _listed(entries: pd.DataFrame, words: Mapping[str, str]) -> Iterator[str]:
    for topic, own in entries.groupby("topic", sort=False):
        first, *rest = tables.rows(own)
        names = " / ".join(dict.fromkeys([first.label_zh, first.label_en]))
        yield f"### {names} (`{topic}`): {first.n}"
        if first.formula_zh:
            yield from (first.formula_zh, first.formula_en)
        yield ""
        yield ", ".join(f"`{row.entry}` {row.n}" for row in rest)
        yield ""
        yield f"{words['agreement']}: {first.agreement or words['none']}"
        yield ""
        yield f"{words['precision']}: {first.precision or words['none']}"
        yield from (f"- `{row.entry}`: {row.precision}" for row in rest if row.precision)
        yield ""


def _rows(rows: Any) -> Iterator[str]:
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"

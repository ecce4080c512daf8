"""The caption and the methods paragraph of a figure, out of its record and its table.

The words stand in captions.yaml; every number in them is read off the record (provenance.json) or
the table drawn, so that they cannot disagree with the figure. A clause is said where its conditions
hold and all that it names is known.

Past 400 lines because the facts that a text may name are gathered in one place, a few lines each.
"""

from __future__ import annotations

from functools import lru_cache
from inspect import signature
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from analysis import agreement, collocations, keywords, reference, reports
from analysis.figures import TITLES
from analysis.figures.look import per
from analysis.themes import NONE
from analysis.trends import ABOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Facts = dict[str, Any]

_FEW = 3
_PLACES = ["document_id", "report_id", "region", "year", "part", "section"]
_PANELS = (
    {"indicator_id", "region", "role", "year", "status", "report_id", "source_id"},
    {"state", "year"},
)
_DENOMINATORS = {"chars": "N_chars", "tokens": "N_tokens", "sentences": "N_sentences"}


@lru_cache(maxsize=1)
def texts() -> dict[str, Any]:
    """What captions.yaml holds: words, clauses, figures, software, literature."""
    path = Path(__file__).with_name("captions.yaml")
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def caption(name: str, data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> str:
    """A figure's caption, in one paragraph.

    Parameters
    ----------
    name : the figure's name; one that is not of the suite has a general caption.
    data : the table drawn, in memory or read from data.csv.
    record : what provenance.json holds.
    lang : `zh` or `en`.
    """
    facts = _facts(name, data, record, lang)
    title = record.get("title", TITLES.get(name, {})).get(lang, name)
    clauses = ["empty"] if data.empty else _figure(name)["caption"]
    return _join([title + texts()["words"]["stop"][lang], *_said(clauses, facts, lang)], lang)


def methods(name: str, data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> str:
    """A figure's methods paragraph, in Markdown; parameters as in `caption`."""
    return _join(_said(_figure(name)["methods"], _facts(name, data, record, lang), lang), lang)


def cites(name: str, record: Mapping[str, Any]) -> list[str]:
    """Keys of the literature that a figure's methods paragraph names.

    What only the table can say, such as whether a dispersion could be computed, counts as given.
    """
    facts = _facts(name, pd.DataFrame(), record, "en")
    facts |= {"spread": True, "compared": compares(name, record), "listed": bool(listed(record))}
    clauses = _holding(_figure(name)["methods"], facts)
    return list(dict.fromkeys(key for clause in clauses for key in clause.get("cites", ())))


def compares(name: str, record: Mapping[str, Any]) -> bool:
    """Whether the words in a figure's table are held against others."""
    clauses = {"keyness", "beside"} & set(_figure(name)["methods"])
    return bool(clauses) and "against" in record["options"]


def selection(options: Mapping[str, Any]) -> str:
    """The part of the reference list that words are held against, '' if they are not."""
    side, _, part = options.get("against", "").partition(":")
    return (part or "default") if side == "reference" else ""


def listed(record: Mapping[str, Any]) -> str:
    """The genre of the reference list that a figure over the years is of, '' if it is of none."""
    for genre in reference.GENRES:
        label = reference.counts(f"genre={genre}").label
        if set(label.values()) & set(record.get("cited") or ()):
            return genre
    return ""


def _figure(name: str) -> dict[str, Any]:
    figures: dict[str, dict[str, Any]] = texts()["figures"]
    return figures.get(name, figures["other"])


def _holding(clauses: Iterable[Any], facts: Facts) -> Iterator[dict[str, Any]]:
    """The clauses whose conditions hold; a name stands for the clauses of that name."""
    for clause in clauses:
        if isinstance(clause, str):
            yield from _holding(texts()["clauses"][clause], facts)
        elif all(
            bool(facts.get(word.lstrip("!"))) != word.startswith("!")
            for word in clause.get("if", "").split()
        ):
            yield clause


def _said(clauses: Iterable[Any], facts: Facts, lang: str) -> Iterator[str]:
    """The clauses that hold and whose facts are known, filled in."""
    for clause in _holding(clauses, facts):
        named = [name for _, name, _, _ in Formatter().parse(clause[lang]) if name]
        if all(facts.get(name) is not None for name in named):
            yield clause[lang].format_map(facts)


def _join(said: Iterable[str], lang: str) -> str:
    if lang == "zh":
        return "".join(said)
    return " ".join(said).replace(" .", ".").replace(" ,", ",")


# -- words ------------------------------------------------------------------------------------


def _word(*path: str) -> Any:
    found: Any = texts()["words"]
    for key in path:
        found = found[key]
    return found


def _list(items: Iterable[object], lang: str) -> str:
    return str(_word("between", lang)).join(map(str, items))


def _place(region: str, lang: str) -> str:
    """A region's name, in English with its pinyin before it."""
    if lang == "zh":
        return region
    spelled = reports.report_id(reports.Identity(region, "", "", 0, ""), ())
    name = "China" if region == "全国" else spelled.removesuffix("-0").capitalize()
    return f"{name} ({region})"


def about(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Which reports these are: up to three by region and year, more by their number and years."""
    words = _word("reports", lang)
    if len(rows) <= _FEW:
        one = [words["one"].format(region=_place(r["region"], lang), year=r["year"]) for r in rows]
        return _list(one, lang) or str(words["none"])
    where = list(dict.fromkeys(row["region"] for row in rows))
    region = _place(where[0], lang) if len(where) == 1 else words["regions"].format(n=len(where))
    years = _years((int(row["year"]) for row in rows), lang)
    return str(words["many"].format(n=len(rows), region=region, years=years))


def _years(years: Iterable[int], lang: str) -> str:
    """Years as a list, neighbouring ones as first–last."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return _list(("–".join(map(str, dict.fromkeys((r[0], r[-1])))) for r in runs), lang)


def _slice(written: str, lang: str) -> str:
    """A slice such as `part=plan;year=2021|2022` in words."""
    said = []
    for name, _, values in (one.partition("=") for one in written.split(";")):
        known = _word("values", lang)
        listed = _list((known.get(value, value) for value in values.split("|")), lang)
        name_ = _word("names", lang).get(name, name)
        said.append(_word("condition", lang).format(name=name_, values=listed))
    return str(_word("conditions", lang)).join(said)


def composition(documents: pd.DataFrame, lang: str) -> str:
    """How many documents of each genre of the reference list, and of which years."""
    said = []
    for genre, rows in documents.groupby("genre", sort=False):
        what = _word("genres", lang, str(genre)).format(n=len(rows))
        first, last = rows["published"].min(), rows["published"].max()
        span = "–".join(map(str, dict.fromkeys((first, last))))
        said.append(_word("genre", lang).format(what=what, years=span))
    return _list(said, lang)


# -- facts ------------------------------------------------------------------------------------


def _facts(name: str, data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> Facts:
    """All that a text may name: words of the language, numbers as they are to be read."""
    if name not in texts()["figures"]:  # what other columns of such a table mean is not known
        data = data[[one for one in data if one in (*_PLACES, *_DENOMINATORS.values())]]
    facts = {
        **_of_record(record, lang),
        **_of_options(record["options"], lang),
        **_of_validation(name, record.get("validation") or {}, lang),
        **_of_table(data, record, lang),
        **_of_series(data, record, lang),
        **(_of_panel(data, lang) if any(columns <= set(data) for columns in _PANELS) else {}),
    }
    facts["texts"] = facts["reports"] + facts["only_slice"]
    facts["corpus"] = facts["list"] if facts["listed"] else facts["reports"]
    facts["compared"] = compares(name, record) and "n_reference" in data
    return facts


def _of_record(record: Mapping[str, Any], lang: str) -> Facts:
    """The reports, what restoration did to them, versions, design."""
    rows, versions = record["reports"], record["versions"]
    edits = dict.fromkeys(("certain", "likely", "unresolved"), 0)
    for row in rows:
        for kind, n in row["edits"].items():
            edits[kind.rpartition(": ")[2]] += n
    one = _word("file", lang)
    files = [one.format(**row | {"sha256": row["sha256"][:12]}) for row in rows[:_FEW]]
    many = "few" if len(rows) <= _FEW else "many"
    sample, engine = record["study"]["design"] == "sample", versions.get("engine", "jieba")
    said = about(rows, lang)
    return {
        **{key: versions.get(key) for key in ("restorer", "lexicon", "stopwords", "themes")},
        **{kind: f"{n:,}" for kind, n in edits.items()},
        "edits": f"{sum(edits.values()):,}",
        "reports": said,
        "Reports": said[:1].upper() + said[1:],
        "files": _word("files", lang, many).format(n=len(rows), list=_list(files, lang)),
        "sample": sample,
        "census": not sample,
        "indicators_version": versions.get("indicators"),
        "engine": engine,
        "engine_version": record.get("packages", {}).get(engine, ""),
        "gongbao": record.get("gongbao"),
        "hash": _word("hash", lang).format(record["hash"][:8]) if record.get("hash") else "",
        "per": per(lang),
        "resamples": f"{signature(keywords.frequency).parameters['resamples'].default:,}",
        "enough": agreement.ENOUGH,
        "about": f"{ABOUT:.0%}",
        "min_n": signature(collocations.network).parameters["min_n"].default,
    }


def _of_options(options: Mapping[str, Any], lang: str) -> Facts:
    """What was chosen, as far as it changes what is drawn."""
    target, against = options.get("target", ""), options.get("against", "")
    said, list_, side = _slice(target, lang) if target else "", selection(options), None
    if list_:
        side = composition(reference.select(list_), lang)
    elif against:
        side = _word("against", lang).format(_slice(against, lang))
    units, min_chars = options.get("units", "words"), options.get("min_chars", 0)
    without = options.get("without", [])
    values = _word("values", lang)
    return {
        "target": said,
        "only_slice": _word("slice", lang).format(said) if said else "",
        "against": side,
        "slice_against": bool(against) and not list_,
        "unit": _word("units", lang, units),
        "other_unit": units != "words",
        "min_chars": min_chars if min_chars > 1 else None,
        "span": options.get("span"),
        "inside": options.get("inside") if "over" in options else None,
        "without": _list(without, lang) if without else None,
        "only": len(options.get("themes", [])) or None,
        "status": _list((values.get(one, one) for one in options.get("status", [])), lang),
        "group": options.get("group"),
    }


def _of_validation(name: str, found: Mapping[str, Any], lang: str) -> Facts:
    """How far hand codes agree with the coding, with headings where the figure draws them."""
    kinds = ["without headings", "with headings"]
    if _figure(name).get("headings"):
        kinds.reverse()
    kind = next((one for one in kinds if one in found), "")
    if not kind:
        return {"validated": False}
    one = found[kind]
    among, (lo, hi) = one.get("coders_alpha"), one["interval"]
    return {
        "validated": True,
        "validation_n": one["n"],
        "validation_of": _word("headings", lang, kind),
        "coders": one["coders"],
        "alpha": f"{one['alpha']:.2f}",
        "alpha_lo": f"{lo:.2f}",
        "alpha_hi": f"{hi:.2f}",
        "coders_alpha": None if among is None else f"{among:.2f}",
    }


def _of_table(data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> Facts:
    """What is counted, over how many places, and what the marks show."""
    by = next((one for one in ("section", "report_id") if one in data), "report_id")
    several = len(record["reports"]) > 1
    if "parts_are" in data and len(data):
        several = data["parts_are"].iloc[0] == "reports"
    facts = {
        "rows": f"{len(data):,}",
        "part": _word("whole", lang, "report_id" if several else "section"),
        "spread": "dp_norm" in data and bool(data["dp_norm"].notna().any()),
        "interval": "lo" in data and bool(data["lo"].notna().any()),
        "one_sided": "status" in data and bool(data["status"].isin(["target", "reference"]).any()),
        "whole": _word("whole", lang, by),
        **_denominators(data),
    }
    for fact, column in (("keys_n", "key"), ("places", by)):
        facts[fact] = f"{data[column].nunique():,}" if column in data else None
    if "rule_kind" in data:
        facts["lent"] = int((data["rule_kind"] == "heading").sum()) or None
        facts["uncoded"] = int((data["theme"] == NONE).sum()) or None
    if "certainty" in data:
        for sure in ("certain", "likely", "unresolved"):
            facts[f"data_{sure}"] = f"{int((data['certainty'] == sure).sum()):,}"
    return facts


def _denominators(data: pd.DataFrame) -> Facts:
    """Sums over all places of the table, the least and greatest of one; other numbers of all."""
    if data.empty:
        return {}
    places = [column for column in _PLACES if column in data]
    distinct = data.drop_duplicates(places) if places else data.head(1)
    facts = {}
    for fact, column in _DENOMINATORS.items():
        if column in data and data[column].notna().any():
            facts[fact] = f"{int(distinct[column].sum()):,}"
            edges = (f"{int(edge):,}" for edge in (distinct[column].min(), distinct[column].max()))
            facts[f"{fact}_span"] = "–".join(dict.fromkeys(edges))
    if "N_tokens_reference" in data:
        facts["tokens_reference"] = f"{int(data['N_tokens_reference'].iloc[0]):,}"
    if "length" in data:
        facts["length"] = f"{int(data.drop_duplicates('report_id')['length'].sum()):,}"
    if "parts" in data:
        facts["parts"] = f"{int(data['parts'].iloc[0]):,}"
    if "log_dice" in data:
        facts |= {"low": f"{data['log_dice'].min():.1f}", "high": f"{data['log_dice'].max():.1f}"}
    if "jaccard" in data:
        facts["jaccard"] = f"{data['jaccard'].fillna(0).max():.2f}"
    return facts


def _of_series(data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> Facts:
    """What a table over years is of: the study or the reference list, and the years it lacks."""
    listed = "document_id" in data
    facts: Facts = {"listed": listed, "list": None, "rate": "rate" in data}
    if listed:
        made = record["reference"]
        documents = reference.documents()
        found = documents[documents["document_id"].isin(data["document_id"])]
        facts |= {
            "list": composition(found, lang),
            "list_restorer": made["restorer"],
            "list_engine": made["engine"]["name"],
            "list_engine_version": made["engine"]["version"],
            "list_lexicon": made["lexicon"]["version"],
            "themes": made["themes"]["version"],
        }
    if "at" in data and len(data):
        years = data["at"].astype(str).str[:4].astype(int)
        held = set(years)
        lacking = [year for year in range(min(held), max(held) + 1) if year not in held]
        facts["missing"] = _years(lacking, lang) if lacking else None
        facts["published"] = "published" in data and bool((data["published"] == data["at"]).all())
    by = "key" if "key" in data else "theme"
    if by in data:
        keys = list(dict.fromkeys(data[by]))
        few = _list(keys, lang) if len(keys) <= _FEW else None
        facts["keys"] = few or _word("many", lang, by).format(n=len(keys))
    return facts


def _of_panel(data: pd.DataFrame, lang: str) -> Facts:
    """Indicators: how many figures, of which regions and years, from how many sources."""
    if "per" in data:
        data = data[data["per"].fillna("") == ""]
    years = pd.to_numeric(data["year"]).astype(int)
    span = "–".join(map(str, dict.fromkeys((years.min(), years.max())))) if len(data) else ""
    facts: Facts = {"figures": f"{len(data):,}", "years": span}
    if "state" in data:
        counts = data["state"].value_counts()
        names = {"exact": "exact", "bound": "bound", "target": "target_only", "missing": "absent"}
        facts |= {fact: f"{counts.get(state, 0):,}" for state, fact in names.items()}
        return facts | {"lines": f"{data.iloc[:, 0].nunique():,}"}
    regions = list(dict.fromkeys(data.loc[data["role"] != "peer", "region"]))
    of = [_place(region, lang) for region in regions[:_FEW]]
    many = _word("reports", lang, "regions").format(n=len(regions))
    cited = (
        data["report_id"].fillna("").where(data["report_id"].fillna("") != "", data["source_id"])
    )
    peers = years[data["role"] == "peer"]
    facts |= {
        "regions": _list(of, lang) if len(regions) <= _FEW else many,
        "regions_n": f"{data['region'].nunique():,}",
        "indicators_n": f"{data['indicator_id'].nunique():,}",
        "sources": f"{cited.nunique():,}",
        "verified": f"{int((data['status'] == 'verified').sum()):,}",
        "peers": _years(peers, lang) if len(peers) else None,
    }
    if "comparable" in data:
        facts["comparable"] = f"{int(data['comparable'].astype(bool).sum()):,}"
    if "verdict" in data:
        judged = data.loc[data["role"] == "target", "verdict"]
        met, missed = (int((judged == one).sum()) for one in ("met", "missed"))
        facts |= {"targets": f"{len(judged):,}", "met": f"{met:,}", "missed": f"{missed:,}"}
        facts["open"] = f"{len(judged) - met - missed:,}"
    return facts

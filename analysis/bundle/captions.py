"""The caption and the methods paragraph of a figure, out of its record and its table.

The words stand in captions.yaml. What was counted, in which texts and against which others is what
the record says that the figure is about (`about`); every number is read off the record
(provenance.json) or the table drawn, so that they cannot disagree with the figure. A clause is said
where its conditions hold and all that it names is known. Marks are named by shape, never by colour:
a figure may be printed in black and white.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from analysis.figures import cut, draw, look, reuse
from analysis.indicators import UNJUDGED, trends
from analysis.kit import InputError, spans
from analysis.text import english
from analysis.themes import LAW, NONE, agreement, attention
from analysis.words import collocations, keywords, reference, slices

from . import codes

Facts = dict[str, Any]

_FEW = 3
_WORDS, _WORDS_FEW = 24, 8  # of a topic that a paragraph lists, and a caption
_SHORT, _SENTENCES, _RARE = 1_000, 30, 5  # characters, sentences, occurrences: fewer need a caution
_DENOMINATORS = {"chars": "N_chars", "tokens": "N_tokens", "sentences": "N_sentences"}
_DENOMINATORS |= {"tokens_reference": "N_tokens_reference"}
_OCR = "ocr"
_FORM = ("markup", "furniture", "width", "invisible")
"""Rules that take out what is no text or make characters equal: what they find is no damage."""

_PLAIN = (
    *("span", "inside", "region", "changed", "top_n", "uneven"),
    *("commitments", "decided", "testable_only", "preview"),
)
"""What a text may say as a measure says it."""

_COUNTED = ("rule_kind", "certainty", "state", "status", "role", "verdict", "comparable")
"""Columns of which a text may name how many rows have each value."""
_BRACKETS = {"zh": "{}（{:,}）", "en": "{} ({:,})"}
_STOPS = r" (?=[.,;])"
_CLOSE = {
    "zh": re.compile(rf"{_STOPS}|(?<=[\u4e00-\u9fff]) (?=\d)|(?<=\d) (?=[\u4e00-\u9fff])"),
    "en": re.compile(_STOPS),
}
_ONE = re.compile(
    r"(?<![\d.,–])1 ((?:public |target )?(?:cell|figure|indicator|law|occurrence|pair|place|region"
    r"|report|section|sentence|source|theme|topic|word))s\b"
)


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
    title = record.get("title", draw.TITLES.get(name, {})).get(lang, name)
    clauses = (
        ["empty"]
        if data.empty
        else [*_figure(name)["caption"], "theme_counts", "glossed", "changed"]
    )
    said = _join(_said(clauses, facts, lang), lang)
    return _join([title + _word("stop", lang), said[:1].upper() + said[1:]], lang)


def methods(name: str, data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> str:
    """A figure's methods paragraph, in Markdown; parameters as in `caption`."""
    return _join(_said(_figure(name)["methods"], _facts(name, data, record, lang), lang), lang)


def hint(name: str, data: pd.DataFrame, known: Mapping[str, Any], lang: str) -> str:
    """What a user may do about a figure on the screen, '' for nothing; no file has it.

    known : `cut.cut_of` of the figure.
    """
    pages = {key: known.get("cut", {}).get(key) for key in ("page", "pages")}
    of_panel = _figure(name).get("of") == "panel"
    facts = {**pages, "paged": pages["pages"], "no_indicators": of_panel and data.empty}
    return _join(_said(texts()["hints"], facts, lang), lang)


def cites(name: str, record: Mapping[str, Any]) -> list[str]:
    """Keys of the literature that a figure's methods paragraph names.

    What only the table can say, such as whether a dispersion could be computed, counts as given.
    """
    facts = _facts(name, pd.DataFrame(), record, "en")
    facts |= {"has_dp_norm": 1, "compared": compares(record)}
    clauses = _holding(_figure(name)["methods"], facts)
    return list(dict.fromkeys(key for clause in clauses for key in clause.get("cites", ())))


def compares(record: Mapping[str, Any]) -> bool:
    """Whether the words of a figure are held against others."""
    return bool({"against", "reference"} & {*record.get("about", {})})


def _figure(name: str) -> dict[str, Any]:
    figures: dict[str, dict[str, Any]] = texts()["figures"]
    return figures.get(name, figures["other"])


def _holding(clauses: Iterable[Any], facts: Facts) -> Iterator[dict[str, Any]]:
    """The clauses whose conditions hold; a name stands for the clauses of that name.

    A clause may hold others (`then`), which its conditions are for.
    """
    for clause in clauses:
        if isinstance(clause, str):
            yield from _holding(texts()["clauses"][clause], facts)
        elif all(
            bool(facts.get(word.lstrip("!"))) != word.startswith("!")
            for word in clause.get("if", "").split()
        ):
            yield from _holding(clause["then"], facts) if "then" in clause else [clause]


def _said(clauses: Iterable[Any], facts: Facts, lang: str) -> Iterator[str]:
    """The clauses that hold and whose facts are known, filled in."""
    for clause in _holding(clauses, facts):
        if all(facts.get(name) is not None for name in re.findall(r"{(\w+)", clause[lang])):
            yield clause[lang].format_map(facts)


def _join(said: Iterable[str], lang: str) -> str:
    """Clauses in a row; no space before a stop, nor in Chinese between a character and a figure.

    >>> _join(["1 indicators of 2 regions", "; 1 public figures."], "en")
    '1 indicator of 2 regions; 1 public figure.'
    >>> _join(["共 2 词：", "二十大 20th Party Congress"], "zh"), _join(["二十大 20th"], "en")
    ('共2词：二十大20th Party Congress', '二十大 20th')
    """
    return _ONE.sub(r"1 \1", _CLOSE[lang].sub("", ("" if lang == "zh" else " ").join(said)))


# -- words ------------------------------------------------------------------------------------


def _word(name: str, lang: str) -> Any:
    return texts()["words"][name][lang]


def _list(items: Iterable[object], lang: str) -> str:
    return str(_word("between", lang)).join(map(str, items))


def _few(items: Iterable[str], kind: str, lang: str, most: int = _FEW) -> str:
    """Different items by name, if they are few, or by their number."""
    found = list(dict.fromkeys(items))
    many = str(_word("many", lang)[kind]).format(n=len(found))
    return _list(found, lang) if len(found) <= most else many


def _years(years: Iterable[int], lang: str) -> str:
    """Years as a list, neighbouring ones as first–last."""
    return _list(map(spans.span, spans.runs(sorted(set(map(int, years))))), lang)


def _place(region: str, lang: str) -> str:
    """A region's name, in English behind the English one; what is no place's stays Chinese.

    >>> _place("西安市", "en"), _place("内蒙古自治区", "en"), _place("某部", "en")
    ("Xi'an (西安市)", 'Inner Mongolia (内蒙古自治区)', '某部')
    """
    said = english.region(region)
    return region if lang == "zh" or said == region else f"{said} ({region})"


def about(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    """Which reports these are: by region and year, those of many regions by number and years."""
    words = _word("reports", lang)
    years: dict[str, list[int]] = {}
    for row in rows:
        years.setdefault(_place(row["region"], lang), []).append(int(row["year"]))
    if len(rows) > _FEW:
        years = {_few(years, "region", lang, 1): [int(row["year"]) for row in rows]}
    said = []
    for where, of in years.items():
        one = words["many" if len(of) > 1 else "one"]
        said.append(one.format(where=where, years=_years(of, lang), n=len(of)))
    return _list(said, lang) or str(words["none"])


def chosen(rows: Sequence[Mapping[str, Any]], conditions: Iterable[str], lang: str) -> str:
    """The same; of reports told by number also by what conditions they were chosen."""
    how = _slice(";".join(conditions), lang) if len(rows) > _FEW else ""
    return about(rows, lang) + (_word("slice", lang).format(how) if how else "")


def other_side(about: Mapping[str, Any], lang: str) -> str:
    """The slice of the study's texts that others are held against, and which reports that is."""
    said = str(_word("against", lang)).format(_slice(about["against"], lang))
    reports = _list(about.get("others", {}).get(lang, ()), lang)
    return said + (_word("namely", lang).format(reports) if reports else "")


def counted(
    reports: Sequence[Mapping[str, Any]], about: Mapping[str, Any]
) -> Sequence[Mapping[str, Any]]:
    """The reports that a slice (`target`, the two ends of a change, the years ranked) leaves."""
    if years := about.get("years"):
        return [row for row in reports if row.get(about.get("at", "year")) in years]
    if not reports:
        return reports
    held = pd.DataFrame([dict(row) for row in reports])
    asked = about.get("ends") or [f"{about.get('target', '')};{about.get('within', '')}"]
    kept: set[str] = set()
    for one in asked:
        try:
            every = slices.conditions(str(one), "slice", slices.SLICES)
            chosen = ";".join(str(part) for part in every if part.name in slices.REPORTS)
            kept |= set(slices.select(held, held, chosen)["report_id"])
        except InputError:  # a slice of other texts, such as those that another study has
            return reports
    return [row for row in reports if row["report_id"] in kept]


def shows_comparison(name: str) -> bool:
    """Whether words are held against others in the picture itself; data.csv may do so without."""
    known = texts()["figures"].get(name)
    return known is None or "keyness" in known["methods"]


def _slice(written: str, lang: str) -> str:
    """A slice such as `part=plan;year>=2021` in words."""
    said, known, names = [], _word("values", lang), _word("names", lang)
    signs = _word("signs", lang)
    for name, sign, values in slices.conditions(written, "slice", slices.SLICES):
        found = [known.get(one) or _place(one, lang) for one in values]
        how = signs[sign].format(name=names.get(name, name), values=_list(found, lang))
        said.append(how)
    return str(names["and"]).join(said)


# -- facts ------------------------------------------------------------------------------------


def _facts(name: str, data: pd.DataFrame, record: Mapping[str, Any], lang: str) -> Facts:
    """All that a text may name: words of the language, numbers as they are."""
    what, family = record.get("about", {}), _figure(name).get("of", "")
    if name not in texts()["figures"]:  # what other columns of such a table mean is not known
        data = data[[]]
    whole, data = data, cut.part(data, record.get("drawn"))
    cut_off = len(data) < len(whole)
    drawn = {"drawn_part": len(data) if cut_off else 0, "drawn_part_of": len(whole)}
    if family == "panel" and "per" in data:  # a figure per another one is no public figure
        data = data[data["per"].fillna("") == ""]
    facts = {
        **record,
        **_of_record(name, record, lang),
        **_of_about(what, record, lang),
        **(_of_table(data, what, lang) if len(data) else {}),
        **(_of_panel(data, whole, record, lang) if family == "panel" and "year" in data else {}),
        **({"topics": None} if family == "attention" else {}),
        **({f"reuse_{key}": one for key, one in what.items()} if family == "reuse" else {}),
        **(_of_attention(data, whole, record, lang) if family == "attention" and len(data) else {}),
        **drawn,
    }
    facts["unfit"] = facts.get("unfit", False) and not facts["book_partial"]
    facts["corpus"] = facts.get("list") or facts["reports"]
    facts["cut"] = cut.Cut(**record["cut"]).said(lang) if "cut" in record else ""
    facts["compared"] = compares(record) and "n_reference" in data
    return facts


def _of_record(name: str, record: Mapping[str, Any], lang: str) -> Facts:
    """The reports, what restoration did to them, versions, how far hand codes agree."""
    rows = counted(record["reports"], record.get("about", {}))
    versions = {"engine": "jieba"} | record["versions"]
    edits, forms = Counter[str](), Counter[str]()
    left = sum(sum(row.get("remains", {}).values()) for row in rows)
    for row in rows:
        for kind, n in row["edits"].items():
            rule, _, certainty = kind.rpartition(": ")
            if rule in _FORM:
                forms[rule] += n
            else:
                edits[rule if rule == _OCR else certainty] += n
    cleaned, unsure, rules = forms.total(), edits.pop(_OCR, 0), codes.names("rule", lang)
    recognised = sum(str(row.get("encoding", "")).endswith(f" {_OCR}") for row in rows)
    found, kinds = record.get("validation") or {}, ["without headings", "with headings"]
    coded_by = record["study"].get("coded_by", "people")
    kind = next((one for one in [_figure(name).get("hand"), *kinds] if one in found), "")
    return {
        **versions,
        "edits_are": edits,
        **{f"hand_{key}": value for key, value in found.get(kind, {}).items()},
        "hand_of": _word("headings", lang).get(kind),
        "hand_model": coded_by == "model",
        "hand_who": _word("coded", lang).get(coded_by, ""),
        "edits": edits.total(),
        "cleaned": cleaned if 10 * cleaned > edits.total() else 0,  # provenance.json tells all
        "forms": _list(
            [_BRACKETS[lang].format(rules[one], n) for one, n in forms.most_common()], lang
        ),
        "left": left,
        "recognised": recognised,
        "unsure": unsure,
        "reports": chosen(rows, record.get("about", {}).get("reports", ()), lang),
        "file": rows[0]["sha256"] if len(rows) == 1 else None,
        **_of_glosses(record.get("glosses", {}), lang),
        "mask": record.get("mask", {}).get("file"),
        "sample": record["study"]["design"] == "sample",
        "census": record["study"]["design"] == "census",
        "engine_version": record.get("packages", {}).get(versions["engine"], ""),
        **_of_book(record, lang),
        "stopped": bool(record.get("stopwords", True)),
        "cloud_version": record.get("packages", {}).get("wordcloud"),
        "per": look.per(lang),
        "resamples": signature(keywords.frequency).parameters["resamples"].default,
        "least": keywords.MIN_REPORTS,
        "fewest": trends.RANKED,
        "enough": agreement.ENOUGH,
        "about": record.get("about", {}).get("tolerance", trends.ABOUT),
        "min_n": signature(collocations.network).parameters["min_sentences"].default,
    }


def _of_glosses(held: Mapping[str, Any], lang: str) -> Facts:
    """The glosses of words that an English figure has, who wrote them, how many words have none."""
    words = [f"{word} {gloss}" for word, gloss in held.get("words", {}).items()]
    return {
        "glosses": "; ".join(words),
        "gloss_none": held.get("none", 0),
        "gloss_version": held.get("version", ""),
        "gloss_by": _word("glossed_by", lang)[held.get("by", "model")],
    }


def _of_book(record: Mapping[str, Any], lang: str) -> Facts:
    """The codebook, and the one it is crossed with; that of law-based government goes unnamed."""
    own, other = record.get("codebook", {}), record.get("about", {}).get("crossed", {})
    named = own.get("id", LAW) != LAW
    return {
        "book": {"zh": f"“{own.get('zh')}”", "en": f"“{own.get('en')}” "}[lang] if named else "",
        "book_several": not own.get("exclusive", True),
        "book_partial": own.get("partial", False),
        "book_lends": own.get("headings", "lend") == "lend",
        "book_name": own.get(lang, ""),
        "crossed_name": other.get(lang, ""),
        "crossed_version": other.get("version", ""),
        "crossed_by": _word("by_model", lang) if "model" in other else "",
        **_of_model(own if "model" in own else other, lang),
        "coder_model": "model" in own,
        "model_codes": _word("model_codes", lang) if "model" in own else "",
    }


def _of_model(book: Mapping[str, Any], lang: str) -> Facts:
    """Which book's model codes, how right it was on sentences put aside, what the book says."""
    if "model" not in book:
        return {"model": False}
    held, second = book["model"]["held"], book["model"]["book"]
    return {
        "model": True,
        "model_of": book[lang],
        "model_n": held.get("n", 0),
        "model_alpha": held.get("model_a"),
        "model_beside": held.get("book_a"),
        "model_same": second["same"] / second["n"] if second["n"] else 1.0,
    }


def _of_about(about: Mapping[str, Any], record: Mapping[str, Any], lang: str) -> Facts:
    """What was counted, of which texts, and against which others."""
    target, against = about.get("target", ""), about.get("against", "")
    rest, within = against == "rest", about.get("within", "")
    said, list_ = _slice(f"{target};{within}", lang), about.get("reference", "")
    part = _slice(against, lang) if not rest else ""
    other = other_side(about, lang) if part else None
    if rest:
        inside = _slice(within, lang)
        other = _word("others", lang) + (_word("slice", lang).format(inside) if inside else "")
    only = ("slice", said) if said else ("rest", part)
    units, min_chars = about.get("units", "words"), about.get("min_chars", 0)
    values, group = _word("values", lang), about.get("group", "")
    every = reference.select(list_) if list_ and units == "words" else pd.DataFrame()
    left = reference.apart(list_, record["reports"]) if len(every) else every
    documents = reference.select(f"genre={about['genre']}") if "genre" in about else every[:0]
    plain = {one: about[one] for one in _PLAIN if one in about}
    least = about.get("least_reports", ())
    return {
        **plain,
        f"of_{about.get('measure', '').partition('.')[0]}": True,
        f"by_{about.get('size', '')}": True,
        f"counts_{about.get('counts', '')}": True,
        "target": said,
        "ends": [_slice(one, lang) for one in about.get("ends", ())] or None,
        "small": len(about.get("small", ())),
        "apart": _list((_place(one, lang) for one in about.get("apart", ())), lang),
        "only_slice": _word(only[0], lang).format(only[1]) if only[1] else "",
        "against_slice": part,
        "against": reference.composition(left)[lang] if len(left) else other,
        "taken_out": len(every) - len(left),
        "beside": _word("list", lang) if list_ else other,
        "slice_against": bool(part),
        "unit": _word("units", lang)[units],
        "other_unit": units != "words",
        "short": _word("short", lang).format(min_chars) if min_chars > 1 else "",
        "in_reports": least[0] if len({*least}) == 1 and least[0] > 1 else "",
        "in_reports_apart": [str(one) for one in least] if len({*least}) > 1 else [],
        "only": len(about.get("themes", ())),
        "status": _list((values.get(one, one) for one in about.get("status", ())), lang),
        "group": values.get(group, group),
        "grouped": _list(about.get("groups", ()), lang),
        "phrases": _list(about.get("phrases", ()), lang),
        "several": about.get("several", 0),
        "indicator": about.get("indicator", {}).get(lang, ""),
        "without": _list([word.replace("*", "…") for word in about.get("without", ())], lang),
        **_sizes(about.get("denominators", {})),
        **(_of_list(documents, record, lang) if len(documents) else {}),
    }


def _sizes(denominators: Mapping[str, Mapping[str, int]]) -> Facts:
    """How large the texts are that was counted in: in all, and from the smallest to the largest."""
    facts: Facts = {}
    for fact, name in _DENOMINATORS.items():
        if of := denominators.get(name):
            facts[fact] = of["sum"]
            facts[f"{fact}_span"] = spans.span(pd.Series([of["least"], of["most"]]), ",")
    return facts


def _of_list(documents: pd.DataFrame, record: Mapping[str, Any], lang: str) -> Facts:
    """Documents of the bundled list that stand in the study's place."""
    themes = record["reference"]["themes"]["version"]
    return {
        "list": reference.composition(documents)[lang],
        "themes": themes,
        **_of_book({}, lang),
        "book": _word("bundled", lang),
    }


def _of_table(data: pd.DataFrame, about: Mapping[str, Any], lang: str) -> Facts:
    """How much of what stands in the table, and what the marks show."""
    known = data.columns[data.notna().any()]
    part = {"reports": "report_id"}.get(about.get("parts", ""), "section")
    facts: Facts = {f"has_{column}": True for column in known} | {
        **{f"n_{column}": data[column].nunique() for column in data},
        "rows": len(data),
        "part": _word("whole", lang)[part],
        "whole": _word("whole", lang)[about.get("by", "report_id")],
        **_sizes(about.get("denominators", {})),
    }
    facts["parts"] = int(data["parts"].iloc[0]) if "parts" in data else None
    if "length" in data:
        facts["length"] = int(data.drop_duplicates("report_id")["length"].sum())
    if "standing" in data:
        facts |= _standings(data)
    if "log_dice" in data:
        facts |= {"low": data["log_dice"].min(), "high": data["log_dice"].max()}
        facts["attracted"] = bool((data["g2"] > 0).all())
    if "modularity" in data:
        ends = [data[["source", "source_community"]], data[["target", "target_community"]]]
        words = pd.concat([one.set_axis(["word", "of"], axis=1) for one in ends])
        facts |= {"communities": words["of"].nunique(), "modularity": data["modularity"].iloc[0]}
        facts["unpaired"] = about.get("top_n", 0) - words["word"].nunique()
    if "source_region" in data:
        facts |= {"passages": int(data["n"].sum()), "pairs": reuse.few(data)}
    if "origin" in data:
        facts |= {f"from_{one}": True for one in set(data.loc[data["n"] > 0, "origin"])}
    if "jaccard" in data:  # the figure shades no pair that shares a single sentence
        facts["jaccard"] = max(data.loc[data["n"] > 1, "jaccard"], default=None)
    if "cosine" in data:
        facts |= {"least_alike": data["cosine"].min(), "most_alike": data["cosine"].max()}
    facts["ranked"] = int(data["rank"].notna().sum()) if "rank" in data else None
    many = {one: Counter(data[one].astype(str)) for one in _COUNTED if one in data}
    facts |= {f"{column}_is": counted for column, counted in many.items()}
    facts["unjudged"] = int((data["note"] == UNJUDGED).sum()) if "note" in data else 0
    facts["absent"] = many.get("state", Counter())["absent"]
    if "status" in many:
        facts["one_sided"] = many["status"]["target"] + many["status"]["reference"]
    facts |= _cautions(data, facts)
    facts |= _uncoded(data, facts.get("sentences"))
    if "rule_kind" in many:
        facts["lent"] = many["rule_kind"]["heading"]
    if "verdict" in many:
        judged = many["verdict"]["met"] + many["verdict"]["missed"]
        facts["open"] = many["role"]["target"] - judged
    facts |= _keys(data, about, lang)
    if "at" in data:
        held = set(data["at"].astype(str).str[:4].astype(int))
        facts["missing"] = _years(set(range(min(held), max(held) + 1)) - held, lang)
        facts["published"] = "genre" in about
    return facts


def _standings(data: pd.DataFrame) -> Facts:
    """How many commitments are judged by a figure, are open, or have no report after theirs."""
    n = Counter({str(one): int(held) for one, held in data.groupby("standing")["n"].sum().items()})
    open_ = n["likely"] + n["unlikely"] + n["undecided"] + n["no_later"]
    return {
        "figures_judge": n["figure_met"] + n["figure_missed"],
        "no_later": n["no_later"],
        "open_share": open_ / n.total(),
    }


def _keys(data: pd.DataFrame, about: Mapping[str, Any], lang: str) -> Facts:
    """The words (of which some may be groups) or themes of a table."""
    if "key" in data:
        groups = set(data["key"]) <= {*about.get("groups", ())}
        return {"keys": _few(data["key"], "group" if groups else "key", lang)}
    # its ids are no names
    return {"keys": _few(data["theme"], "theme", lang, most=0)} if "theme" in data else {}


def _cautions(data: pd.DataFrame, facts: Facts) -> Facts:
    """Which cautions of docs/methods.md apply: short texts, rare words, few sentences."""
    n = data.get("n", pd.Series(dtype=int))
    if "key" in data and "place" in data:  # a row an occurrence
        n = data["key"].value_counts()
    both = n + data["n_reference"] if "n_reference" in data else pd.Series(dtype=int)
    return {
        "short_text": (facts.get("chars") or _SHORT) < _SHORT,
        "few_sentences": (facts.get("sentences") or _SENTENCES) < _SENTENCES,
        "rare_n": bool((n < _RARE).any()),
        "rare_ratio": bool((both < _RARE).any()),
        "rare": _RARE,
    }


def _uncoded(data: pd.DataFrame, sentences: int | None) -> Facts:
    """How many sentences have no theme, of how many, where the table says it."""
    if "rule_kind" in data:
        n, of = int((data["rule_kind"] == NONE).sum()), len(data)
    elif "n_uncoded" in data:
        n, of = int(data["n_uncoded"].iloc[0]), int(data["N_sentences"].iloc[0])
    elif "crossed" in data and NONE in set(data["theme"]):
        n = int(data.loc[data["theme"] == NONE, "n_theme"].iloc[0])
        of = int(data["N_sentences"].iloc[0])
    elif "share_none" in data and data["share_none"].notna().all():
        texts = data.drop_duplicates([one for one in ("year", "published", "slice") if one in data])
        of = int(texts["N_sentences"].sum())
        n = int((texts["share_none"] * texts["N_sentences"]).round().sum())
    elif sentences and NONE in set(data.get("theme", ())):
        n, of = int(data.loc[data["theme"] == NONE, "n"].sum()), sentences
    else:
        return {}
    share = n / of if of else 0.0
    return {"none_n": n, "none_share": share, "none_is": True, "unfit": share > 0.5}


def _of_panel(
    data: pd.DataFrame, whole: pd.DataFrame, record: Mapping[str, Any], lang: str
) -> Facts:
    """Indicators: how many figures, of which regions and years, from how many sources.

    data : the rows that are drawn, whole : all of the table.
    """
    years = pd.to_numeric(data["year"]).astype(int)
    facts: Facts = {"figures": len(data), "years": spans.span(years)}
    if "state" in data:
        by = str(data.columns[0])
        own = [int(row["year"]) for row in record["reports"]]
        span = range(min(own), max(own) + 1) if own else years
        every = pd.to_numeric(whole["year"]).astype(int)
        held = {*every[whole["state"] != "missing"], *span}
        facts["years_bare"] = _years(set(every) - held, lang)
        return facts | {"lines": _few(data[by], by, lang, most=0)} | _several(data, by, lang)
    if "order_of" in data:  # a row a region and year, figure or none
        order = str(next(iter(data["order_of"]), ""))
        data = data[data["missing"] == ""]
        facts |= {"figures": len(data), "by_mean": order == "mean"}
        facts |= {"by_year": "" if order == "mean" else order}
        facts |= {"crossed": int((whole["missing"] != "").sum())}
        data, years = data.assign(role="own"), years[data.index]
    report, peer = data["report_id"].fillna(""), data["role"] == "peer"
    about = {row["report_id"]: int(row["year"]) for row in _every(record)}
    expected = years - (data["role"] == "target")
    other = report.map(about).notna() & (report.map(about) != expected)
    return facts | {
        "other_year": int(other.sum()),
        "regions": _few((_place(one, lang) for one in data.loc[~peer, "region"]), "region", lang),
        "sources": report.where(report != "", data["source_id"]).nunique(),
        "peers": _years(years[peer], lang),
        "peerless": bool(record.get("about", {}).get("group")) and not peer.any(),
    }


def _every(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The reports of a record, and those that its series go on in."""
    return [*record["reports"], *record.get("beside", ())]


def _words_of(own: Mapping[str, Any], names: Mapping[str, str], lang: str) -> Facts:
    """Which words topics of one's own are, how often each was found, and who read how many."""
    stop, colon = ("；", "：") if lang == "zh" else ("; ", ": ")
    lists: list[str] = []
    short: list[str] = []
    read: list[str] = []
    for topic, one in own.items():
        name = names.get(topic, topic)
        words = sorted(one["words"].items(), key=lambda word: -word[1])
        for most, made in ((_WORDS, lists), (_WORDS_FEW, short)):
            rest = len(words) - most
            more = str(_word("more", lang)).format(n=rest) if rest > 0 else ""
            said = _list([_BRACKETS[lang].format(*word) for word in words[:most]], lang)
            made.append(f"{name}{colon}{said}{more}")
        read += [f"{name}{colon}{one['read']}"] if one["read"] else []
    unread = [names.get(topic, topic) for topic, one in own.items() if not one["read"]]
    facts = {"words_of": lists, "words_few": short, "read_of": read}
    return {key: stop.join(said) for key, said in facts.items()} | {"unread": _list(unread, lang)}


def _several(data: pd.DataFrame, by: str, lang: str) -> Facts:
    """How many cells hold a figure of all regions (or indicators), how many of some of them."""
    known = data["k_of"].dropna().astype(int).tolist() if "k_of" in data else []
    whole, some = max(known, default=0), int((data["state"] == "some").sum())
    return {
        "of_all": _word("of_all", lang)[by].format(k=whole) if whole > 1 else "",
        "some_are": _word("of_some", lang)[by].format(n=some) if some else "",
    }


def _of_attention(
    data: pd.DataFrame, whole: pd.DataFrame, record: Mapping[str, Any], lang: str
) -> Facts:
    """The attention panel: topics, regions, years, cells without a number, first uses.

    data : the rows that are drawn, whole : all of the table.
    """
    about, names = record.get("about", {}), record.get("topics", {}).get(lang, {})
    numbers = {"year", "year_given", "before", "used_later", "reports_later"} & set(data)
    number = {name: pd.to_numeric(data[name], errors="coerce") for name in numbers}
    year = about.get("at", "year")
    topics = data["topic"].map(lambda one: names.get(one, one))
    levels = look.texts()["levels"]
    level = [levels.get(one, {}).get(lang, one) for one in dict.fromkeys(data["level"])]
    unused = data[number["year"].isna()].groupby("topic", sort=False).size()
    never = [_BRACKETS[lang].format(names.get(one, one), n) for one, n in unused.items()]
    order = str(data["order_of"].iloc[0]) if "order_of" in data else ""
    facts: Facts = {
        "topics": _few(topics, "topic", lang),
        "regions": data["place"].nunique(),
        "alone": data["place"].nunique() == 1,
        "levels": _list(level, lang),
        "years": spans.span(number[year].dropna()),
        "by_given": year == "year_given",
        "unit": look.say(lang, about.get("value", "rate_chars")),
        "least": attention.LEAST,
        "own": _place(about.get("region", ""), lang),
        "never": _list(never, lang),
        "by_mean": order == "mean",
        "by_year": "" if order == "mean" else order,
    }
    if own := record.get("words_of"):
        drawn = {topic: one for topic, one in own.items() if topic in set(data["topic"])}
        facts |= _words_of(drawn, names, lang)
    if "missing" in data:
        facts["gaps"] = int(data["missing"].fillna("").ne("").sum())
        facts["zeros"] = int((data["n"] == 0).sum())
    if "since" in data and number["before"].notna().any():
        facts["since"] = str(int(data["since"].iloc[0]))
    if "early" in data:
        from_start = whole["from_start"].groupby(whole["topic"], sort=False).all()
        begun = from_start[from_start].index
        facts["begun"] = _list((names.get(one, one) for one in begun), lang)
        told = ~data["topic"].isin(begun)  # a topic that all began with is not drawn
        facts["early"] = int(data.loc[told, "early"].sum())
        once = (number["used_later"] == 0) & (number["reports_later"] > 0)
        facts["once"] = int((once & told).sum())
    return facts

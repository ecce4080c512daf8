"""Words for a topic's list: candidates from the texts, and what somebody decided about each.

A candidate is near the words that the list has (`words.near`). It is shown with what a panel would
count if it were accepted, and with sentences. Decisions are kept beside the list, in
`LIST.decisions.csv`, so that a word that was rejected is not proposed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables, themes
from analysis.kit import InputError, digest, files, must_occur
from analysis.tables import judged
from analysis.words import near

from . import cells, listfile
from .topics import Topics, from_file, of

MOST = 400
"""Reports whose sentences tell what is near; of more, as many are taken by the hash of their id."""

ABSORBED = 0.8
"""A word that stands in longer candidates this often gives way to them."""

_EXAMPLES = 3
_SHOWN = [f"{name}_{number}" for number in range(1, _EXAMPLES + 1) for name in ("example", "at")]
_FIXED = ["candidate", "topic", "n", "reports", "at_1"]
COLUMNS = ["candidate", "decision", "note", "coder", "date", "n", "n_new", "reports", "first"]
COLUMNS += ["last", "cosine", "log_dice", "near", *_SHOWN, "topic", "seal"]
"""Columns of the sheet of candidates."""

KIND = "decisions"
"""What stands between the name of a file of lists and .csv, where decisions are kept."""

DECIDED = ["topic", "word", "decision", "coder", "date", "note", "n", "n_new", "reports"]
DECIDED += ["cosine", "log_dice", "near", "sheet"]
"""Columns of the decisions beside a list; sheet: the sha256 of the one decided in."""

DECISIONS = {"accept": "accept", "reject": "reject", "接受": "accept", "拒绝": "reject"}


@dataclass
class Candidates:
    """Candidates (`COLUMNS`), and sentences on what a reader should know."""

    table: pd.DataFrame
    said: list[str] = field(default_factory=list)


# -- candidates -----------------------------------------------------------------------------------


def suggest(
    study: Any,
    topics: Any = "",
    topic: str = "",
    *,
    terms: Sequence[str] = (),
    n: int = 100,
    min_n: int = 5,
) -> Candidates:
    """Words near those of a topic, near ones first.

    Parameters
    ----------
    topics, topic : lists and the one that is to grow; its words are seeds.
    terms : seeds beside or instead of them.
    n : how many; min_n : how often a candidate stands in the texts at least.
    """
    found = of(study, topics) if topics else None
    if topic and not found:
        raise InputError("--topic goes with --topics FILE.")
    theme = _grown(found, topic, of(study, "", terms).codebook.ids if terms else ())
    topic = theme.id if found else ""
    others = {} if found is None else _words(found, but=topic)
    ids = sorted(study.reports["report_id"], key=digest)
    some = study.only(ids[:MOST])
    hits = _counting(themes.match(some.sentences, themes.Codebook("", (theme,))))
    if hits.empty:
        raise InputError(f"none of {', '.join(theme.include)} stands in the reports.")
    made = near.near(some.terms, hits, stopwords=study.stopwords, min_n=min_n)
    rejected = _rejected(found, topic)
    said = [*_said(theme, hits, made, others, rejected, len(ids))]
    own = made[~made["key"].isin([*others, *rejected])].head(n + n // 2)
    table = _counted(study, own, theme, topic)
    return Candidates(table.head(n), said)


def _grown(found: Topics | None, topic: str, terms: Sequence[str]) -> themes.Theme:
    """The topic that is to grow, with its seeds."""
    empty = themes.Theme("", {}, {}, "", (), (), ())
    if found is None:
        if not terms:
            raise InputError("name words to start from: --terms A,B, or --topics FILE.")
        return replace(empty, include=tuple(terms))
    own = chosen_topic(found, topic)
    return replace(own, include=tuple(dict.fromkeys([*own.include, *terms])))


def chosen_topic(found: Topics, topic: str) -> themes.Theme:
    """The topic of that name, or the only one; InputError where it is not said which."""
    known = found.codebook.ids
    if not topic and len(known) > 1:
        raise InputError(f"{found.source} has the topics {', '.join(known)}; say --topic NAME.")
    must_occur("topic", [topic or known[0]], known)
    return next(one for one in found.codebook.themes if one.id == (topic or known[0]))


def _words(found: Topics, but: str) -> dict[str, str]:
    """The words of the other topics, and which topic has each."""
    others = [theme for theme in found.codebook.themes if theme.id != but]
    return {word: theme.id for theme in others for word in theme.include}


def _counting(hits: pd.DataFrame) -> pd.DataFrame:
    return hits[hits["shadowed_by"] == ""]


def _said(
    theme: themes.Theme,
    hits: pd.DataFrame,
    made: pd.DataFrame,
    others: Mapping[str, str],
    rejected: Iterable[str],
    reports: int,
) -> Iterator[str]:
    if lacking := [word for word in theme.include if word not in set(hits["entry"])]:
        yield f"not counted in these reports, so nothing is near them: {', '.join(lacking)}"
    there = set(made["key"])
    if left := [f"{word} ({others[word]})" for word in others if word in there]:
        yield f"left out, words of another topic: {', '.join(left)}"
    if left := [word for word in rejected if word in there]:
        yield f"left out, rejected before: {', '.join(left)}"
    if reports > MOST:
        yield f"what is near is told by {MOST} of {reports} reports; n is that of all."


def _counted(study: Any, near_: pd.DataFrame, theme: themes.Theme, topic: str) -> pd.DataFrame:
    """Candidates as a panel would count them, with examples, in the order given."""
    words = list(near_["key"])
    one = tuple(themes.Theme.listed(word, [word]) for word in words)
    book, own = themes.Codebook("", one), themes.Codebook("", (theme,))
    found, texts = [], {}
    for some in cells.pieces(study, "words"):
        hits = themes.match(some.sentences, book)
        counted = _counting(themes.match(some.sentences, own))
        found.append(hits.assign(new=_outside(hits, counted)))
        held = some.sentences[some.sentences["sentence_id"].isin(hits["sentence_id"])]
        for row in tables.rows(held[["sentence_id", "text", "start"]]):
            texts[row.sentence_id] = (row.text, row.start)
    hits = pd.concat(found, ignore_index=True)
    hits["year"] = hits["report_id"].map(study.reports.set_index("report_id")["year"])
    hits["inside"] = hits["shadowed_by"].str.len() > hits["key"].str.len()
    hits = hits[(hits["shadowed_by"] == "") | hits["inside"]]
    hits = hits.sort_values(["year", "report_id", "start"], kind="stable")
    by_word = dict(iter(hits.groupby("key", sort=False)))
    there = [row for row in tables.rows(near_) if row.key in by_word]
    there = [row for row in there if by_word[row.key]["inside"].mean() < ABSORBED]
    rows = [_row(row, by_word[row.key], texts, topic) for row in there]
    return pd.DataFrame(rows, columns=COLUMNS)


def _outside(hits: pd.DataFrame, counted: pd.DataFrame) -> np.ndarray:
    """Whether each hit stands clear of what the topic counts already."""
    numbered = hits.assign(number=np.arange(len(hits)))
    both = numbered.merge(counted, on="sentence_id", suffixes=("", "_own"))
    over = (both["start"] < both["end_own"]) & (both["start_own"] < both["end"])
    return ~numbered["number"].isin(both.loc[over, "number"]).to_numpy()


def _row(
    row: Any, hits: pd.DataFrame, texts: Mapping[str, tuple[str, int]], topic: str
) -> dict[str, Any]:
    made: dict[str, Any] = dict.fromkeys(COLUMNS, "")
    new = hits[hits["new"]]
    shown = (new if len(new) else hits).drop_duplicates("sentence_id")
    last = len(shown) - 1
    for number, at in enumerate(dict.fromkeys([0, last // 2, last]), start=1):
        hit = shown.iloc[at]
        made[f"example_{number}"] = marked(*texts[hit["sentence_id"]], hit["start"], hit["end"])
        made[f"at_{number}"] = hit["sentence_id"]
    made |= {"candidate": row.key, "topic": topic, "near": row.near, "cosine": row.cosine}
    made |= {"n": len(hits), "n_new": int(hits["new"].sum()), "reports": hits.report_id.nunique()}
    made |= {"first": int(hits["year"].min()), "last": int(hits["year"].max())}
    made["log_dice"] = row.log_dice if np.isfinite(row.log_dice) else None
    return made | {"seal": judged.seal(made[name] for name in _FIXED)}


def marked(text: str, begin: int, start: int, end: int) -> str:
    """A sentence that begins at `begin`, what stands from start to end in brackets.

    >>> marked("发展数字经济。", 10, 12, 16)
    '发展【数字经济】。'
    """
    a, b = start - begin, end - begin
    return f"{text[:a]}【{text[a:b]}】{text[b:]}"


def write(candidates: pd.DataFrame, path: Path) -> None:
    """Write candidates to decide about; InputError if the file is there with decisions."""
    judged.blank(path, "decision")
    tables.workbook(path, {"candidates": candidates}, {"decision": ["accept", "reject"]})


# -- decisions ------------------------------------------------------------------------------------


class Accepted(NamedTuple):
    """What became of a sheet: words that are in the list now, those rejected, what to know."""

    words: list[str]
    rejected: list[str]
    said: list[str]


def accept(
    sheet: Path, topics: Path, topic: str = "", *, coder: str = "", date: str = ""
) -> Accepted:
    """Take the decisions of a sheet over into a file of lists, and record who made them.

    What was taken over before is passed over. ProblemsError with every row that cannot be used:
    nothing is written then.

    Parameters
    ----------
    coder, date : for rows that do not say who and when.
    """
    from_file(topics)  # no lock is left beside what is no list
    with files.locked(topics):
        found = from_file(topics)
        theme = chosen_topic(found, topic)
        before = judged.kept(judged.beside(topics, KIND), DECIDED)
        rows = _decided(sheet, found, theme.id, coder, date)
        there = {tuple(row[name] for name in DECIDED[:6]) for row in before.to_dict("records")}
        new = [row for row in rows if tuple(row[name] for name in DECIDED[:6]) not in there]
        both = pd.concat([before, pd.DataFrame(new, columns=DECIDED)], ignore_index=True)
        words = [row["word"] for row in rows if row["decision"] == "accept"]
        words = [word for word in words if word not in theme.include]
        if words:
            listfile.insert(topics, theme.id, words)
        if new:
            tables.write(both, judged.beside(topics, KIND))
    rejected = [row["word"] for row in rows if row["decision"] == "reject"]
    stated = found.codebook.version
    said = []
    if words and not stated.startswith("sha256:"):
        said.append(f"{topics}: its words changed and its version is {stated!r} still; raise it.")
    return Accepted(words, rejected, said)


def _decided(sheet: Path, found: Topics, topic: str, coder: str, date: str) -> list[dict[str, str]]:
    """The decisions of a sheet as they are recorded."""
    good, bad = judged.rows(sheet, COLUMNS, _FIXED)
    others, mark = _words(found, but=topic), tables.sha256(sheet)
    made = []
    for line, row in good:
        try:
            decision = judged.chosen(row, "decision", DECISIONS)
            if not decision:
                continue
            word = row["candidate"]
            if row["topic"] not in ("", topic):
                raise ValueError(f"topic is {row['topic']!r}; these decisions are for {topic!r}.")
            if decision == "accept" and word in others:
                said = f"candidate {word!r} is a word of the topic {others[word]!r}; one of the"
                raise ValueError(f"{said} two must go without it.")
            who = judged.signed(row["coder"] or coder)
            about = {"topic": topic, "word": word, "decision": decision, "coder": who}
            about["date"] = judged.dated(row["date"] or date)
            made.append({**{name: row.get(name, "") for name in DECIDED}, **about, "sheet": mark})
        except ValueError as error:
            bad.append(InputError(str(error), path=sheet, line=line))
    if bad:
        raise judged.refused(bad)
    if not made:
        raise InputError("holds no decision; write accept or reject into it.", path=sheet)
    return made


def _rejected(found: Topics | None, topic: str) -> list[str]:
    """The words whose last decision for a topic was to reject them."""
    if found is None or found.path is None:
        return []
    known = judged.kept(judged.beside(found.path, KIND), DECIDED)
    last = known[known["topic"] == topic].drop_duplicates("word", keep="last")
    return list(last.loc[last["decision"] == "reject", "word"])

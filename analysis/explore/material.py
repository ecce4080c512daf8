"""Which rows a panel of the explorer shows: tables in, tables out, without a browser.

A study's reports are all looked at. Of a corpus, words are looked up in its shards; what needs the
texts themselves (themes, figures, restoration) is shown for its first reports, `CLOSE` at most,
which is always said.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from analysis import tables
from analysis.evidence import marks
from analysis.indicators import review
from analysis.kit import must_occur
from analysis.study import Study
from analysis.words import counts, keywords

if TYPE_CHECKING:
    from analysis.corpus import query

    from .choice import Choice

CLOSE = 20
"""Reports of a corpus that are read themselves; up to here it is looked at as a study is."""

LINES = 2_000
"""Lines of a concordance of a study; of a corpus there are `query.LINES`."""


class Material:
    """A study or corpus, seen through a `Choice`.

    Parameters
    ----------
    study : opened with all reports that may be chosen from.
    """

    def __init__(self, study: Study):
        self.study = study
        self._narrowed = lru_cache(maxsize=2)(self._open)
        self._stamps: WeakKeyDictionary[Study, tuple[int, int]] = WeakKeyDictionary()

    @cached_property
    def corpus(self) -> query.Corpus | None:
        """The corpus, if the study's folder is one's."""
        if not self.study.is_corpus:
            return None
        from analysis.corpus import query

        return query.Corpus(self.study.path)

    def _open(self, ids: tuple[str, ...]) -> Study:
        engine = self.corpus.engine if self.corpus else self.study.engine
        return Study(self.study.path, list(ids), engine=engine)

    # -- which reports ------------------------------------------------------------------------

    def reports(self, choice: Choice) -> pd.DataFrame:
        """The table `reports` of a choice; InputError where it names what does not occur."""
        every = self.study.reports
        chosen = counts.select(every[["report_id"]], every, choice.about)
        return every.loc[chosen.index].reset_index(drop=True)

    def wide(self, choice: Choice) -> bool:
        """Whether the choice is of so many reports of a corpus that they are not read."""
        return self.corpus is not None and len(self.reports(choice)) > CLOSE

    def _far(self, choice: Choice) -> query.Corpus | None:
        """The corpus, where the choice is `wide`."""
        return self.corpus if self.wide(choice) else None

    def close(self, choice: Choice) -> Study:
        """The study of the reports that are read: all of a study, the first of a corpus."""
        if self.corpus is None:
            return self._fresh(self.study)
        return self._fresh(self._narrowed(tuple(self.reports(choice)["report_id"][:CLOSE])))

    def _fresh(self, study: Study) -> Study:
        """The study; decisions.csv is read anew if somebody wrote to it, here or in another tab."""
        file = study.path / "decisions.csv"
        stamp = (file.stat().st_mtime_ns, file.stat().st_size) if file.exists() else (0, 0)
        if self._stamps.get(study) != stamp:
            study.forget_decisions()
            self._stamps[study] = stamp
        return study

    def chosen(self, choice: Choice) -> Study:
        """A study of the chosen reports and no others."""
        ids = tuple(self.reports(choice)["report_id"])
        return self.study if len(ids) == len(self.study.reports) else self._narrowed(ids)

    def sentences(self, choice: Choice, study: Study | None = None) -> pd.DataFrame:
        """The chosen sentences of the reports that are read (or of `study`)."""
        study = study or self.close(choice)
        inside = self.reports(choice)["report_id"]
        own = study.sentences[study.sentences["report_id"].isin(inside)]
        if choice.parts:
            must_occur("part", choice.parts, counts.PARTS)
            own = own[own["part"].isin(choice.parts)]
        return own.reset_index(drop=True)

    # -- words --------------------------------------------------------------------------------

    def hits(self, choice: Choice, study: Study | None = None) -> pd.DataFrame:
        """Where the term stands in the reports that are read: a table `terms`."""
        own, study = self.sentences(choice, study), study or self.close(choice)
        term = choice.term.strip()
        if choice.match == "text" and not self.wide(choice):
            return keywords.occurrences(own, term)
        inside = study.terms["sentence_id"].isin(own["sentence_id"])
        return study.terms[inside & (study.terms["key"] == term)].reset_index(drop=True)

    def concordance(self, choice: Choice) -> pd.DataFrame:
        """The term in its context: `keywords.concordance`, the first lines of it."""
        term, sort = choice.term.strip(), choice.sort
        if corpus := self._far(choice):
            return corpus.concordance(term, choice.slice, sort=sort)
        hits = self.hits(choice).head(LINES)
        return keywords.concordance(hits, self.sentences(choice), term, sort=sort)

    def frequency(self, choice: Choice) -> pd.DataFrame:
        """How often the term stands where: by section, of several reports by report.

        `keywords.sections` with a column `name` of the place; of a corpus, `Corpus.rates` by
        province.
        """
        term = choice.term.strip()
        if corpus := self._far(choice):
            table = corpus.rates([term], choice.slice, by=("province",))
            return table.rename(columns={"province": "name"})
        own, study = self.sentences(choice), self.close(choice)
        several = own["report_id"].nunique() > 1
        by = "report_id" if several else "section"
        table = keywords.sections(self.hits(choice), own, [term], by=by)
        headings = own.drop_duplicates(by).set_index(by)["heading"]
        headings = headings.where(headings != "", headings.index)
        about = study.reports.set_index("report_id")
        named = about["region"] + " " + about["year"].astype(str) if several else headings
        return table.assign(name=table[by].map(named))

    def years(self, choice: Choice) -> pd.DataFrame:
        """How often the term stands in the reports of each year: `keywords.rates` by year."""
        term = choice.term.strip()
        if corpus := self._far(choice):
            return corpus.rates([term], choice.slice, by=("year",))
        return rates(self.hits(choice), self.sentences(choice), self.close(choice), term, ["year"])

    def section(self, sentence_id: str) -> pd.DataFrame:
        """The section that a sentence stands in: its rows of the table `sentences`."""
        report_id = sentence_id.rpartition(":")[0]
        study = self.study if self.corpus is None else self._narrowed((report_id,))
        own = study.sentences
        must_occur("sentence", [sentence_id], own["sentence_id"])
        place = own.set_index("sentence_id").loc[sentence_id]
        same = (own["report_id"] == place["report_id"]) & (own["section"] == place["section"])
        return own[same].reset_index(drop=True)

    # -- what people decide about -------------------------------------------------------------

    def themes(self, choice: Choice) -> pd.DataFrame:
        """The chosen sentences with their codes, and what people decided.

        sentence_id, section, part, text, primary_theme, other_themes, rule, decided (the last one),
        coders (`name: theme`, joined by ;), report_id, raw_start, raw_end, sha256. Of a theme
        chosen, the sentences that have it by machine or by decision.
        """
        own, study = self.sentences(choice), self.close(choice)
        codes = study.codings.drop(columns="report_id")
        table = own.merge(codes, on="sentence_id")
        given = study.decided_themes.figures
        given = given.assign(coders=given["coder"] + ": " + given["decided"])
        said = given.groupby("sentence_id").agg({"decided": "last", "coders": "; ".join})
        table = table.join(said, on="sentence_id").fillna({"decided": "", "coders": ""})
        table["sha256"] = table["report_id"].map(study.sha256)
        if choice.theme:
            held = (table["primary_theme"] == choice.theme) | (table["decided"] == choice.theme)
            table = table[held]
        columns = ["sentence_id", "section", "part", "text", "primary_theme", "other_themes"]
        columns += ["rule", "decided", "coders", "report_id", "raw_start", "raw_end", "sha256"]
        return table[columns].reset_index(drop=True)

    def figures(self, choice: Choice) -> pd.DataFrame:
        """The figures found in the chosen sentences, as `review.undecided` has them, with `status`.

        `extracted` until somebody decides, here or in indicators.csv. Content that was corrected
        stands as corrected.
        """
        own, study = self.sentences(choice), self.close(choice)
        placed = study.decided.figures
        table = placed.merge(own[["sentence_id", "part", "text"]], on="sentence_id")
        table = table.rename(columns={"text": "sentence"}).assign(note=table["decision_note"])
        table["indicator_id"] = table["key"].where(table["key"] != "", table["indicator_id"])
        for row in tables.rows(table[table["decided"] != ""].reset_index(names="at")):
            value, *rest = review.contents(row.decided, row.direction)
            table.loc[row.at, "value"] = float(value)
            table.loc[row.at, ["unit", "bound", "measure_kind", "direction"]] = rest
        keys = review.FIGURE
        curated = study.indicators.table.drop_duplicates(keys, keep="last").set_index(keys)[
            "status"
        ]
        wanted = pd.MultiIndex.from_frame(table[keys])
        status = curated.reindex(wanted).fillna("extracted").to_numpy()
        table["status"] = pd.Series(status, table.index).mask(
            table["decision"].isin(["verified", "corrected"]), "verified"
        )
        table["status"] = table["status"].mask(table["decision"] == "rejected", "rejected")
        if choice.indicator:
            table = table[table["indicator_id"] == choice.indicator]
        return table.reset_index(drop=True)

    def theme_marks(self, choice: Choice, sentence_id: str) -> list[tuple[int, int]]:
        """Where the entries stand that count for a sentence's code, from the sentence's start."""
        study = self.close(choice)
        own = study.themes.hits[study.themes.hits["sentence_id"] == sentence_id]
        places = study.sentences.set_index("sentence_id")["start"]
        start, hits = int(places[sentence_id]), own[own["shadowed_by"] == ""]
        return [(hit.start - start, hit.end - start) for hit in tables.rows(hits)]


def rates(
    hits: pd.DataFrame, own: pd.DataFrame, study: Study, term: str, by: list[str]
) -> pd.DataFrame:
    """`keywords.rates` of hits that are no words: without N_tokens, which are not counted."""
    table = keywords.rates(hits, own, study.reports, [term], by=by)
    return table.drop(columns="N_tokens")


def passage(
    section: pd.DataFrame, sentence_id: str, term: str = "", spans: Any = ()
) -> list[dict[str, Any]]:
    """A section as blocks of pieces: the sentence marked, and in it the term, or the spans.

    Each block has `kind` (heading, sentence, or here for the sentence itself) and `pieces`: text,
    and whether it is marked.
    """
    blocks = []
    for row in tables.rows(section):
        here = row.sentence_id == sentence_id
        kind = "here" if here else "heading" if row.is_heading else "sentence"
        places = [hit.span() for hit in re.finditer(re.escape(term), row.text)] if term else []
        pieces = marks.pieces(row.text, [*places, *(spans if here else ())])
        shown = [[text, marked] for text, marked in pieces if text]
        blocks.append({"kind": kind, "pieces": shown})
    return blocks

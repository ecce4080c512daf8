"""What the explorer shows of a study, seen through a choice: words, sentences, themes, figures.

Words are counted in all reports chosen, by the counts that the study's store keeps, and any text is
looked for in all of their sentences. What needs the reports themselves (themes, figures,
restoration) is shown for the first of them, `CLOSE` at most, and said so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks, trail
from analysis.indicators import review
from analysis.kit import must_occur
from analysis.study import Study, query, strings
from analysis.words import Counts, keywords, slices

if TYPE_CHECKING:
    from .choice import Choice

CLOSE = 1_500
"""Reports that are read themselves."""

LINES = 2_000
"""Lines of a concordance."""

_HELD = 20_000
"""Reports whose sentences are held in memory; of more they are read for each text."""


class Material:
    """A study or corpus, seen through a `Choice`.

    Parameters
    ----------
    study : opened with all reports that may be chosen from.
    """

    def __init__(self, study: Study):
        self.study = query.opened(study.path) if study.is_corpus else study
        self._narrowed = lru_cache(maxsize=4)(self._open)
        self._stamps: WeakKeyDictionary[Study, tuple[int, int]] = WeakKeyDictionary()

    def _open(self, ids: tuple[str, ...]) -> Study:
        return self.study.only(list(ids))

    # -- which reports ------------------------------------------------------------------------

    def reports(self, choice: Choice) -> pd.DataFrame:
        """The table `reports` of a choice; InputError where it names what does not occur."""
        every = self.study.reports
        chosen = slices.select(every[["report_id"]], every, choice.about)
        return every.loc[chosen.index].reset_index(drop=True)

    def wide(self, choice: Choice) -> bool:
        """Whether the choice is of more reports than are read."""
        return len(self.reports(choice)) > CLOSE

    def close(self, choice: Choice) -> Study:
        """The study of the reports that are read: all of it, or the first ones of the choice."""
        if len(self.study.reports) <= CLOSE:
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
            must_occur("part", choice.parts, slices.PARTS)
            own = own[own["part"].isin(choice.parts)]
        return own.reset_index(drop=True)

    # -- words --------------------------------------------------------------------------------

    def hits(self, choice: Choice, most: int | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Where the term stands in the reports chosen, a table `terms`, and the sentences there.

        As a word `most` hits at most.
        """
        term = choice.term.strip()
        if choice.match == "text":
            must_occur("part", choice.parts, slices.PARTS)
            return strings.hits(self.study, [term], choice.slice, self._sentences)
        return query.lines(self.study, term, choice.slice, most)

    @cached_property
    def _sentences(self) -> list[Any]:
        """What loads the parts of the table `sentences`."""
        study = self.study
        parts = study.parts("sentences")
        if len(study.reports) > _HELD:
            return [load for _, load in parts]
        return [cache(load) for _, load in parts]

    def counts(self, choice: Choice) -> Counts:
        """How often the term stands where in what is chosen; as a text its words are not known."""
        sizes = query.chosen(self.study, choice.slice)
        if choice.match != "text":
            return self.study.counted(sizes)
        return strings.counted(self.study, [choice.term.strip()], sizes, self._sentences)

    def concordance(self, choice: Choice) -> pd.DataFrame:
        """The term in its context: `keywords.concordance`, the first lines of it."""
        hits, own = self.hits(choice, LINES)
        return keywords.concordance(hits.head(LINES), own, choice.term.strip(), sort=choice.sort)

    def frequency(self, choice: Choice) -> pd.DataFrame:
        """How often the term stands where: by section, of several reports by report.

        `keywords.sections` with a column `name` of the place.
        """
        counts = self.counts(choice)
        by = "report_id" if counts.reports > 1 else "section"
        table = keywords.sections(counts, [choice.term.strip()], by=by)
        if by == "report_id":
            about = self.study.reports.set_index("report_id")
            named = about["region"] + " " + about["year"].astype(str)
        else:
            report = counts.sizes["report_id"].iloc[0]
            own = self._narrowed((report,)).sentences.drop_duplicates(by).set_index(by)["heading"]
            named = own.where(own != "", own.index)
        return table.assign(name=table[by].map(named))

    def years(self, choice: Choice) -> pd.DataFrame:
        """How often the term stands in the reports of each year: `keywords.rates` by year."""
        return self.rates(choice, ["year"])

    def rates(self, choice: Choice, by: Sequence[str]) -> pd.DataFrame:
        """`keywords.rates` of the term; of a text without N_tokens, as it is no word."""
        counts = self.counts(choice)
        table = keywords.rates(counts, self.study.about, [choice.term.strip()], by=by)
        return table.drop(columns="N_tokens") if choice.match == "text" else table

    def section(self, sentence_id: str) -> pd.DataFrame:
        """The section that a sentence stands in: its rows of the table `sentences`."""
        report_id = sentence_id.rpartition(":")[0]
        own = self._narrowed((report_id,)).sentences
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
        own = evidence.of(study.sentences, sentence_id=sentence_id)
        (sentence,) = tables.rows(trail.coded(own, study.themes.hits))
        codings = evidence.of(study.codings, sentence_id=sentence_id)
        return [*marks.places(sentence, tables.rows(codings), sentence.coded)]


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
        places = [*marks.found(row.text, term), *(spans if here else ())]
        pieces = marks.pieces(row.text, places)
        shown = [[text, marked] for text, marked in pieces if text]
        blocks.append({"kind": kind, "pieces": shown})
    return blocks

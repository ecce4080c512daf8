"""What the explorer shows of a study, seen through a choice: words, sentences, themes, figures.

Words are counted in all reports chosen, by the counts that the study's store keeps, and any text is
looked for in all of their sentences. What needs the reports themselves (themes, figures,
restoration) is shown for the first of them, `CLOSE` at most, and said so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from analysis import evidence, tables
from analysis.evidence import marks, trail
from analysis.indicators import review
from analysis.kit import InputError, must_occur
from analysis.study import Study, promises, query, strings
from analysis.words import Counts, keywords, queries, slices

if TYPE_CHECKING:
    from .choice import Choice

CLOSE = 1_500
"""Reports that are read themselves."""

LINES = 2_000
"""Lines of a concordance."""

HELD = 20_000
"""Reports whose sentences are held in memory; of more they are read for each text."""

LISTED = 10_000
"""Words of a list."""

NEAR = 10_000
"""Sentences that are cut into words for collocates."""

BINS = 50
"""Stretches of a report in the strip of dispersion."""

PROMISING = 20
"""Reports whose commitments are shown."""


class Material:
    """A study or corpus, seen through a `Choice`.

    Parameters
    ----------
    study : opened with all reports that may be chosen from.
    """

    def __init__(self, study: Study):
        self.study = query.opened(study.path) if study.is_corpus else study
        self._narrowed = lru_cache(maxsize=4)(self._open)
        self.places = lru_cache(maxsize=8)(self._places)
        self.read = lru_cache(maxsize=1)(self._texts)
        self.look = lru_cache(maxsize=32)(self._look)
        self.cut = lru_cache(maxsize=4 * LINES)(self._cut)
        self._counted: tuple[Any, Any] = None, None
        self._stamps: WeakKeyDictionary[Study, tuple[int, int]] = WeakKeyDictionary()

    def _cut(self, text: str) -> list[tuple[str, int, int]]:
        return [*self.study.segmenter.words(text)]

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

    def sentences(self, choice: Choice) -> pd.DataFrame:
        """The chosen sentences of the reports that are read."""
        study = self.close(choice)
        inside = self.reports(choice)["report_id"]
        own = study.sentences[study.sentences["report_id"].isin(inside)]
        if choice.parts:
            must_occur("part", choice.parts, slices.PARTS)
            own = own[own["part"].isin(choice.parts)]
        return own.reset_index(drop=True)

    # -- words --------------------------------------------------------------------------------

    def _places(self, slice_: str) -> pd.DataFrame:
        return query.chosen(self.study, slice_)

    def _texts(self, ids: tuple[str, ...]) -> strings.Texts:
        return strings.Texts.of(self._narrowed(ids) if ids else self.study)

    def texts(self, choice: Choice) -> strings.Texts | None:
        """The sentences to look through at each key; None where the reports are too many."""
        if len(self.study.reports) <= HELD:
            return self.read(())
        ids = tuple(self.reports(choice)["report_id"])
        return self.read(ids) if len(ids) <= HELD else None

    def found(self, choice: Choice, only: Mapping[str, Any] = {}) -> list[strings.Found]:
        """Where each term stands in what is chosen, and of it only what a click asked for.

        As words of the segmentation the first `LINES` of each term.

        Parameters
        ----------
        only : year, region, report_id, section, part, key (a term) or bin (of `strip`), and its
            value.
        """
        terms, narrowed = _asked(choice, only), _narrowed(choice, only)
        texts = self.texts(choice)
        if choice.match == "text":
            each = self._as_texts(terms, texts, self.places(narrowed))
        else:
            each = [self._as_words(one, texts, narrowed) for one in terms]
        if "bin" in only:
            each = [one.where(_bins(one) == only["bin"]) for one in each]
        return each

    def _as_texts(
        self, terms: Sequence[queries.Term], texts: strings.Texts | None, places: pd.DataFrame
    ) -> list[strings.Found]:
        if texts is None:
            texts = strings.Texts.with_any(self.study, terms)
            every = [strings.look(self.study, one, texts) for one in terms]
        else:
            every = [self.look(one, texts) for one in terms]
        if len(places) == len(self.study.sizes):
            return every
        return [one.within(places) for one in every]

    def _look(self, term: queries.Term, texts: strings.Texts) -> strings.Found:
        return strings.look(self.study, term, texts)

    def _as_words(
        self, term: queries.Term, texts: strings.Texts | None, slice_: str
    ) -> strings.Found:
        strings.no_book(term)
        (found,) = self._as_texts([term], texts, self.places(slice_))
        return found.as_words(self.cut, LINES)

    def counts(self, choice: Choice) -> Counts:
        """How often each term stands where in what is chosen; its key is as it was written."""
        asked = choice.term.strip(), choice.match, choice.slice
        if asked != self._counted[0]:  # charts and tables ask one after the other
            self._counted = asked, self._count(choice)
        found: Counts = self._counted[1]
        return found

    def _count(self, choice: Choice) -> Counts:
        places = self.places(choice.slice)
        if choice.match == "text":
            return strings.summed(self.found(choice), places)
        return strings.words_counted(queries.terms(choice.term), self.study.counted(places))

    def hits(self, choice: Choice) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Every place of the terms in what is chosen, a table `terms`, and the sentences there."""
        if choice.match == "text":
            return strings.together(self.found(choice))
        each = [
            query.word_lines(self.study, one, choice.slice) for one in queries.terms(choice.term)
        ]
        hits, own = (pd.concat(some, ignore_index=True) for some in zip(*each, strict=True))
        return hits, own.drop_duplicates("sentence_id", ignore_index=True)

    def concordance(self, choice: Choice, only: Mapping[str, Any] = {}) -> pd.DataFrame:
        """The terms in their context: `keywords.concordance`, the first lines of it."""
        hits, own = strings.together(self.found(choice, only), LINES)
        return keywords.concordance(hits, own, sort=choice.sort, cut=self.cut)

    def count(self, choice: Choice, only: Mapping[str, Any] = {}) -> int:
        """How often the terms stand in what is chosen, lines shown or not."""
        if choice.match == "text" or "bin" in only:
            return sum(len(one.row) for one in self.found(choice, only))
        counts = self.study.counted(self.places(_narrowed(choice, only)))
        return int(strings.words_counted(_asked(choice, only), counts).n.sum())

    def strip(self, choice: Choice) -> dict[str, list[int]]:
        """How often each term stands in each fiftieth of its reports, from first to last."""
        found = self.found(choice)
        return {one.term.key: np.bincount(_bins(one), minlength=BINS).tolist() for one in found}

    def collocates(self, choice: Choice, only: Mapping[str, Any] = {}) -> pd.DataFrame:
        """The words near each term: `query.collocates` with the term as `term`.

        InputError where its sentences are too many to be cut at once.
        """
        made = []
        for one in self.found(choice, only):
            if (many := len(np.unique(one.row))) > NEAR:
                raise InputError(
                    f"{one.term.key} stands in {many:,} sentences, too many for its collocates (at "
                    f"most {NEAR:,}); choose years, regions or reports."
                )
            table = query.collocates(self.study, one, choice.slice, min_n=3)
            made.append(table.assign(term=one.term.key))
        return pd.concat(made, ignore_index=True)

    def frequency(self, choice: Choice) -> pd.DataFrame:
        """How often the terms stand where: by section, of several reports by report, or as asked.

        key, the column asked by, name (of the place), n, N_chars, rate, first (the first year in
        which the term stands there, '' for none), collected (the year of the first report
        chosen: that the term is there in this one says nothing of earlier ones).
        """
        counts, keys = self.counts(choice), choice.keys
        by = choice.by or ("report_id" if counts.reports > 1 else "section")
        about = self.study.about.set_index("report_id")
        if by in slices.REPORTS:
            table = keywords.rates(counts, self.study.about, keys, by=[by])
            named = about["region"] + " " + about["year"].astype(str)
            table["name"] = table[by].map(named) if by == "report_id" else table[by].astype(str)
            years = keywords.rates(counts, self.study.about, keys, by=list({by: 1, "year": 1}))
            for name, rows in (("first", years[years["n"] > 0]), ("collected", years)):
                year = rows.groupby([by, "key"])["year"].min().rename(name)
                table = table.join(year.astype(object), on=[by, "key"]).fillna({name: ""})
            return table
        table = keywords.sections(counts, keys, by=by)
        report = counts.sizes["report_id"].iloc[0]
        own = self._narrowed((report,)).sentences.drop_duplicates(by).set_index(by)["heading"]
        named = own.where(own != "", own.index)
        table["name"] = table[by].map(named) if by == "section" else table[by]
        return table.assign(first="", collected="")

    def years(self, choice: Choice) -> pd.DataFrame:
        """How often the terms stand in the reports of each year: `keywords.rates` by year."""
        return self.rates(choice, ["year"])

    def rates(self, choice: Choice, by: Sequence[str]) -> pd.DataFrame:
        """`keywords.rates` of the terms; of a text without N_tokens, as it is no word."""
        table = keywords.rates(self.counts(choice), self.study.about, choice.keys, by=by)
        return table.drop(columns="N_tokens") if choice.match == "text" else table

    def words(self, choice: Choice) -> pd.DataFrame:
        """The word list: `Words.frequency` of what is chosen, beside the bundled list."""
        return self.study.words.frequency(choice.slice, top_n=LISTED).table

    def compared(self, choice: Choice) -> pd.DataFrame:
        """The words of what is chosen against another slice: `Words.keyness`, both sides."""
        return self.study.words.keyness(choice.slice, against=choice.other, top_n=LISTED).table

    def section(self, sentence_id: str) -> pd.DataFrame:
        """The section that a sentence stands in: its rows of the table `sentences`."""
        report_id = sentence_id.rpartition(":")[0]
        own = self._narrowed((report_id,)).sentences
        must_occur("sentence", [sentence_id], own["sentence_id"])
        place = own.set_index("sentence_id").loc[sentence_id]
        same = (own["report_id"] == place["report_id"]) & (own["section"] == place["section"])
        return own[same].reset_index(drop=True)

    def sentences_of(self, report_id: str) -> pd.DataFrame:
        """A report's rows of the table `sentences`."""
        return self._narrowed((report_id,)).sentences

    def reading(
        self, choice: Choice, report_id: str, sentence_id: str = "", lang: str = "zh"
    ) -> tuple[list[dict[str, Any]], int]:
        """A whole report as blocks, its hits and themes marked, and how many hits there are.

        Blocks as of `passage`; a piece is a text, whether it is a hit, and its themes as number and
        name. The first block names the themes that occur.
        """
        study = self._narrowed((report_id,))
        few = len(self.study.reports) <= HELD
        texts = self.read(()) if few else strings.Texts.of(study)
        found = [self.look(one, texts) for one in queries.terms(choice.term)]
        hits, _ = strings.together([one.among(report_id=[report_id]) for one in found])
        coded = study.theme_hits
        coded = coded[coded["shadowed_by"] == ""]
        names = study.codebook.names(lang)
        number = {key: at for at, key in enumerate(names)}
        spans: dict[str, list[tuple[int, int, Any]]] = {}
        for row in tables.rows(hits):
            spans.setdefault(row.sentence_id, []).append((row.start, row.end, None))
        for row in tables.rows(coded):
            theme = number[row.key], names[row.key]
            spans.setdefault(row.sentence_id, []).append((row.start, row.end, theme))
        there = [(number[key], names[key]) for key in names if (coded["key"] == key).any()]
        blocks: list[dict[str, Any]] = [
            {"kind": "legend", "pieces": [[name, False, [[at, name]]] for at, name in there]}
        ]
        for row in tables.rows(study.sentences):
            here = row.sentence_id == sentence_id
            kind = "here" if here else "heading" if row.is_heading else "sentence"
            pieces = _layers(row.text, row.start, spans.get(row.sentence_id, []))
            blocks.append({"kind": kind, "pieces": pieces, "id": row.sentence_id})
        return blocks, len(hits)

    def shared(self, choice: Choice, sentence_id: str) -> pd.DataFrame:
        """Where else a sentence stands: the passages of `Study.reuse` that reach into it.

        side (source or echo), report_id, sentence_id, origin, similarity, text (there).
        """
        study, report_id = self.close(choice), sentence_id.rpartition(":")[0]
        own = self.sentences_of(report_id).set_index("sentence_id").loc[sentence_id]
        of = dict(list(study.sentences.groupby("report_id", sort=False)))
        table, made = study.reuse().table, []
        for side, at, other in (("source", "", "source_"), ("echo", "source_", "")):
            held = table[f"{at}report_id"] == report_id
            held &= (table[f"{at}start"] < own["end"]) & (table[f"{at}end"] > own["start"])
            for row in table[held].to_dict("records"):
                there = of[row[f"{other}report_id"]]
                start = row[f"{other}start"] + max(0, own["start"] - row[f"{at}start"])
                place = there.iloc[max(0, there["start"].searchsorted(start, side="right") - 1)]
                kept = {name: place[name] for name in ("report_id", "sentence_id", "text")}
                made.append({"side": side, **kept, **{one: row[one] for one in _SHARED[3:5]}})
        return pd.DataFrame(made, columns=list(_SHARED)).drop_duplicates(ignore_index=True)

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

    def promising(self, choice: Choice) -> Study:
        """The first reports chosen and those that follow them: whose commitments are shown."""
        first = list(self.reports(choice)["report_id"][:PROMISING])
        later = [then for one, then in promises.pairs(self.study) if one in first]
        return self._fresh(self._narrowed(tuple(dict.fromkeys([*first, *later]))))

    def commitments(self, choice: Choice) -> pd.DataFrame:
        """The commitments of the first reports chosen, their sentences, and what was decided."""
        study = self.promising(choice)
        own = study._placed_promises.figures
        inside = self.reports(choice)["report_id"][:PROMISING]
        texts = study.sentences.set_index("sentence_id")["text"]
        own = own[own["report_id"].isin(inside)].reset_index(drop=True)
        return own.assign(text=own["sentence_id"].map(texts))

    def topics(self, lang: str) -> dict[str, str]:
        """What the topics of commitments are called."""
        study = promises.topics_of(self.study)
        return study.codebook.names(lang) if study.book else {}

    def candidates(self, choice: Choice, commitment: pd.Series[Any]) -> pd.DataFrame:
        """Sentences of later reports that may tell of a commitment: `followups`, and their text."""
        study = self.promising(choice)
        found = study.followups
        same = found["sentence_id"] == commitment["sentence_id"]
        same &= found["start"] == commitment["start"]
        texts = study.sentences.set_index("sentence_id")["text"]
        own: pd.DataFrame = found[same].reset_index(drop=True)
        return own.assign(text=own["later_sentence_id"].map(texts))

    def series(self, choice: Choice) -> pd.DataFrame:
        """The known series of what is chosen, a row each, and their figures as a small chart.

        indicator_id, region, unit, measure_kind, definition, n, year and value (the last), spark
        (`year:value`, of exact figures only).
        """
        table = self.figures_known(choice)
        exact = table[(table["bound"] == "exact") & table["value"].notna()]
        by = ["indicator_id", "region", "unit", "measure_kind", "definition"]
        exact = exact.sort_values("year", kind="stable")
        point = exact["year"].astype(str) + ":" + exact["value"].map("{:.10g}".format)
        groups = exact.assign(spark=point).groupby(by, sort=False, as_index=False)
        kinds = {"n": ("value", "size"), "year": ("year", "last"), "value": ("value", "last")}
        made = groups.agg(**kinds, spark=("spark", " ".join))
        own = made["region"].isin(self.study.reports["region"])  # not what only stands beside
        order = made.assign(own=own).sort_values(["own", "n"], ascending=False, kind="stable").index
        return made.loc[order].reset_index(drop=True)

    def figures_known(self, choice: Choice) -> pd.DataFrame:
        """The table `indicators` of the regions and years chosen, rejected figures left out."""
        table = self.close(choice).indicators.table
        own = self.reports(choice) if choice.about else table
        table = table[(table["status"] != "rejected") & table["region"].isin(own["region"])]
        if choice.years or choice.reports:
            table = table[table["year"].isin(own["year"])]
        return table[table["indicator_id"] == choice.indicator] if choice.indicator else table

    def theme_marks(self, choice: Choice, sentence_id: str) -> list[tuple[int, int]]:
        """Where the entries stand that count for a sentence's code, from the sentence's start."""
        study = self.close(choice)
        own = evidence.of(study.sentences, sentence_id=sentence_id)
        (sentence,) = tables.rows(trail.coded(own, study.themes.hits))
        codings = evidence.of(study.codings, sentence_id=sentence_id)
        return [*marks.places(sentence, tables.rows(codings), sentence.coded)]


_SHARED = ("side", "report_id", "sentence_id", "origin", "similarity", "text")


def _asked(choice: Choice, only: Mapping[str, Any]) -> list[queries.Term]:
    """The terms of a choice, or the one that a click asked for."""
    return [one for one in queries.terms(choice.term) if only.get("key", one.key) == one.key]


def _narrowed(choice: Choice, only: Mapping[str, Any]) -> str:
    """The slice of a choice, or what of it a click asked for."""
    told = [f"{name}={only[name]}" for name in slices.SLICES if name in only]
    return ";".join(filter(None, [choice.slice, *told]))


def _bins(found: strings.Found) -> np.ndarray:
    """The stretch of its report in which each place of a term lies."""
    return (found.place * BINS).astype(np.int64).clip(0, BINS - 1)


def _layers(text: str, start: int, spans: Sequence[tuple[int, int, Any]]) -> list[list[Any]]:
    """A text cut wherever a hit or a theme begins or ends: its pieces, and what each is."""
    cuts = sorted({0, len(text), *(at - start for one in spans for at in one[:2])})
    pieces = []
    for first, last in pairwise(cuts):
        over = [one[2] for one in spans if one[0] - start <= first and last <= one[1] - start]
        themes = [[*one] for one in dict.fromkeys(filter(None, over))]
        pieces.append([text[first:last], None in over, themes])
    return pieces


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

"""The words of a study: how often, how evenly, against what, where, beside which, over which years.

Each measure is one call that returns a `Finding`; its parameters have the notebook's names. Words
are those of the segmentation; stop words hide rows and change no count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from analysis import evidence, tables
from analysis.kit import InputError, must_occur
from analysis.text import kinds, sentences
from analysis.words import collocations, communities, keyness, keywords, queries, slices

from . import similar, strings
from .compare import REFERENCE, Contrast, Rates, contrast, rates
from .finding import ByLanguage, Finding, drawing, measure
from .regional import Regional
from .sides import both_ends, changed, ends, word_rates

MOST = 15
"""Words of the figures that show where they stand."""

MATCHES = ("text", "words")
"""Where a term counts: wherever its characters stand, or only as a word of the segmentation."""


class _Asked(NamedTuple):
    """What is held against what: the first parameters of every measure."""

    target: str
    against: str
    units: str
    within: str


class _Counted(NamedTuple):
    """Two sides held against each other, and the table of every word of the first."""

    sides: Contrast
    compared: pd.DataFrame
    table: pd.DataFrame

    def behind(self, keys: Iterable[str], span: int = 0) -> Callable[[], pd.DataFrame]:
        """What makes the hits of some words in the target; with a span those of pairs."""

        def made() -> pd.DataFrame:
            terms = collocations.placed(self.sides.terms, span) if span else self.sides.terms
            return evidence.of(terms, self.sides.sentences, key=list(keys))

        return made


def _about(found: Rates, inside: bool, target: str) -> dict[str, Any]:
    """What a measure of rates says of itself."""
    of_group = found.table[found.table["unit"] == "group"] if "unit" in found.table else None
    return {
        "inside": inside,
        "without": list(found.left_out),
        "groups": [] if of_group is None else list(of_group["key"].unique()),
        "phrases": list(found.phrases),
        "target": target,
    }


class Words:
    """The words of a study, `study.words`.

    What is counted is said by the same parameters everywhere:

    Parameters
    ----------
    target : a slice of the study, such as `part=plan` or `year>=2021;region=厦门市`; '' for all.
    against : what it is held against: `reference`, the bundled list (`reference:genre=law`, a part
        of it); another slice, whose sentences are then left out of the target; `rest`, all other
        reports.
    units : words, bigrams, trigrams or groups (of codebooks/term_groups.yaml).
    within : with `against="rest"`, what both sides must meet, such as `year=2022`.
    top_n : rows shown, most frequent first. min_chars : characters that a word shown has at least.
    """

    def __init__(self, study: Any):
        self.study = study
        self._made: dict[_Asked, _Counted] = {}

    def __repr__(self) -> str:
        return f"the words of {self.study!r}: .frequency(), .keyness(), .trend([…]), …"

    @property
    def hits(self) -> pd.DataFrame:
        """The table `terms`: every word with its place. report_id, sentence_id, start, end, key."""
        found: pd.DataFrame = self.study.terms
        return found

    @property
    def counts(self) -> pd.DataFrame:
        """How often each word stands where: report_id, section, part, is_heading, key, n, …."""
        counted: pd.DataFrame = self.study.counted(self.study.sizes).table
        return counted

    # -- what is counted --------------------------------------------------------------------------

    def _counted(self, asked: _Asked) -> _Counted:
        if asked not in self._made:
            sample = self.study.design == "sample"
            target, against, units, within = asked
            sides = contrast(self.study, target, against, units, within=within)
            table = keywords.frequency(sides.target, sample=sample)
            compared = keyness.compare(sides.target, sides.reference, sample=sample)
            self._made[asked] = _Counted(sides, compared, keyness.beside(table, compared))
        return self._made[asked]

    def _top(
        self, asked: _Asked, top_n: int, min_chars: int, *, compared: bool = False, **about: Any
    ) -> tuple[_Counted, pd.DataFrame, dict[str, Any]]:
        """What was counted, its first rows, and what a figure of it is about.

        The bundled list is named only where words are held against it.
        """
        made = self._counted(asked)
        hidden = {"stopwords": self.study.stopwords, "min_chars": min_chars}
        said = asked._asdict()
        if asked.against.partition(":")[0] == REFERENCE and not compared:
            said["against"] = ""
        parts = str(made.table["parts_are"].iloc[0]) if len(made.table) else ""
        said |= {"min_chars": min_chars, "parts": parts, **about}
        return made, keywords.top(made.table, top_n, **hidden), said

    # -- measures ---------------------------------------------------------------------------------

    @measure("top_terms", top="top_n")
    def frequency(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 25,
        min_chars: int = 2,
    ) -> Finding:
        """The most frequent words, how evenly they are spread, and how the other side has them.

        Returns
        -------
        Finding
            One row a word: key, n, N_chars, rate (per 10,000 characters), lo, hi (of a sample),
            N_tokens, reports, sections, n_sentences, parts, parts_are, dp, dp_norm, and of the
            comparison n_reference, N_tokens_reference, g2 (signed), log_ratio (doublings), ….

        Examples
        --------
        >>> from analysis import Study
        >>> Study("data").words.frequency(top_n=2).table[["key", "n"]].values.tolist()
        [['法治', 19], ['法治政府建设', 19]]
        """
        asked = _Asked(target, against, units, within)
        made, top, about = self._top(asked, top_n, min_chars, compared=True)
        drawn, hits = drawing("top_terms"), made.behind(top["key"])
        return Finding(top, hits, drawn, study=self.study, about=about)

    @measure("word_cloud", top_n="cloud_n", top="cloud_n")
    def cloud(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        cloud_n: int = 60,
        min_chars: int = 2,
        mask: str = "",
    ) -> Finding:
        """The same table, drawn as words in the size of their rate.

        Parameters
        ----------
        cloud_n : words. mask : an image whose dark part they fill, '' for the whole width.
        """
        asked = _Asked(target, against, units, within)
        made, top, about = self._top(asked, cloud_n, min_chars, compared=True)
        drawn, hits = drawing("word_cloud", mask=mask), made.behind(top["key"])
        return Finding(top, hits, drawn, study=self.study, about=about)

    @measure("keyness_plot", top="top_n")
    def keyness(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 25,
        min_chars: int = 2,
        min_reports: int = 3,
    ) -> Finding:
        """The words that set the target apart from the other side, by how large the difference is.

        Parameters
        ----------
        top_n : rows, half of them for each side at most. min_reports : reports of its side that
            have a word at least (`keyness.least_reports`: a quarter of a small side); 1 for any.

        Returns
        -------
        Finding
            `keyness.compare`: key, n, N_tokens, rate_tokens (per 10,000 words), reports, the same
            four of the reference, g2, p and p_adjusted (of a sample), log_ratio, lo, hi, status.
        """
        asked = _Asked(target, against, units, within)
        return self._keyness("keyness_plot", asked, top_n, min_chars, min_reports)

    def _keyness(
        self, name: str, asked: _Asked, top_n: int, min_chars: int, min_reports: int, **how: Any
    ) -> Finding:
        """The strongest words of either side, drawn as `name`."""
        made, _, about = self._top(asked, top_n, min_chars, compared=True, **how)
        hidden, whole = self.study.stopwords, len(made.compared)
        rows = keywords.top(made.compared, whole, stopwords=hidden, min_chars=min_chars)
        sides = made.sides
        least = [
            keyness.least_reports(min_reports, side.reports)
            for side in (sides.target, sides.reference)
        ]
        table = keyness.strongest(rows, top_n // 2, (least[0], least[1]))
        about["least_reports"] = least
        if sides.whole is not self.study:
            told = sides.whole.reports[
                sides.whole.reports["report_id"].isin(sides.other["report_id"])
            ].to_dict("records")
            about["others"] = {lang: kinds.described(told, lang) for lang in ("zh", "en")}
        labels = ByLanguage(sides.target.label), ByLanguage(sides.reference.label)
        return Finding(
            table,
            lambda: sides.hits[sides.hits["key"].isin(table["key"])],
            drawing(name, *labels, least=least, **how),
            study=self.study,
            about=about,
        )

    @measure("comparison_cloud", top_n="cloud_n", top="cloud_n")
    def comparison_cloud(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        cloud_n: int = 60,
        min_chars: int = 2,
        min_reports: int = 3,
        size: str = "log_ratio",
    ) -> Finding:
        """The words of `keyness` as a cloud in two halves, each side's own in one.

        Parameters
        ----------
        cloud_n : words, half of them for each side at most. min_reports : as in `keyness`.
        size : what letters are as large as, `log_ratio` or `g2` (its root).
        """
        asked = _Asked(target, against, units, within)
        how = {"size": size}
        return self._keyness("comparison_cloud", asked, cloud_n, min_chars, min_reports, **how)

    @measure("term_sections", top="top_n")
    def sections(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 25,
        min_chars: int = 2,
        gloss: bool = False,
    ) -> Finding:
        """Where the most frequent words stand: by section, of several reports by report.

        Parameters
        ----------
        gloss : in English figures, behind the number of a section what themes its heading names.

        Returns
        -------
        Finding
            key, section or report_id, n, N_chars, rate (per 10,000 characters of the place), zeros
            too; the first 15 words.
        """
        by, places = self.study.places
        asked = _Asked(target, against, units, within)
        made, top, about = self._top(asked, top_n, min_chars, by=by)
        words = list(top["key"][:MOST])
        table = keywords.sections(made.sides.target, words, by=by)
        glosses = self.study.glosses if gloss and by == "section" else None
        drawn, hits = drawing("term_sections", places, glosses=glosses), made.behind(top["key"])
        return Finding(table, hits, drawn, study=self.study, about=about)

    @measure("dispersion_plot", top="top_n")
    def dispersion(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 25,
        min_chars: int = 2,
    ) -> Finding:
        """Each occurrence of the most frequent words along the reports.

        Returns
        -------
        Finding
            report_id, key, sentence_id, start, place (0 to 1 of the report), length (characters),
            dp_norm (of the word); the first 15 words.
        """
        asked = _Asked(target, against, units, within)
        made, top, about = self._top(asked, top_n, min_chars)
        ticks = keywords.places(made.sides.terms, self.study.sentences, list(top["key"][:MOST]))
        ticks = ticks.merge(top[["key", "dp_norm"]], on="key", how="left")
        _, places = self.study.places
        drawn = drawing(
            "dispersion_plot", edges=sentences.edges(self.study.sentences), names=places
        )
        hits = made.behind(top["key"])
        return Finding(ticks, hits, drawn, study=self.study, about=about)

    @measure("collocation_network", top="top_n")
    def collocations(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 25,
        min_chars: int = 2,
        span: int = 5,
    ) -> Finding:
        """Which of the most frequent words stand together more often than their counts say.

        Parameters
        ----------
        span : words to each side in which two words count as together.

        Returns
        -------
        Finding
            source, target, n (pairs), log_dice, g2, t, sentences.
        """
        asked = _Asked(target, against, units, within)
        return self._pairs("collocation_network", asked, top_n, min_chars, span)

    def _pairs(self, name: str, asked: _Asked, top_n: int, min_chars: int, span: int) -> Finding:
        """Pairs of the most frequent words that stand together, drawn as `name`."""
        made, top, about = self._top(asked, top_n, min_chars, span=span)
        pairs = collocations.network(made.sides.terms, list(top["key"]), span=span)
        pairs = pairs[pairs["g2"] > 0].reset_index(drop=True)
        counted = dict(zip(top["key"], top["n"], strict=True))
        if name == "word_communities":
            pairs = communities.communities(pairs)
        about["top_n"] = len(top)
        return Finding(
            pairs,
            made.behind(top["key"], span),
            drawing(name, counts=counted),
            study=self.study,
            about=about,
        )

    @measure("word_communities", top="top_n")
    def communities(
        self,
        target: str = "",
        *,
        against: str = REFERENCE,
        units: str = "words",
        within: str = "",
        top_n: int = 50,
        min_chars: int = 2,
        span: int = 5,
    ) -> Finding:
        """The pairs of `collocations` in communities: words that stand together among themselves.

        Returns
        -------
        Finding
            As `collocations`, with source_community and target_community (numbers, the largest
            community first) and modularity. A word without a pair is in none.
        """
        asked = _Asked(target, against, units, within)
        return self._pairs("word_communities", asked, top_n, min_chars, span)

    @measure("rates_over_time")
    def trend(
        self,
        terms: Sequence[str],
        over: str = "",
        *,
        inside: bool = True,
        without: Sequence[str] = (),
        units: str = "words",
        target: str = "",
    ) -> Finding:
        """How often words stand in the reports of several years.

        A phrase that the segmentation cuts in two is counted as text, and the caption says so.

        Parameters
        ----------
        terms : words, or with units `groups` the names of groups.
        over : `study`, or a genre of the bundled list (`national report`); '' for the study where
            it has several years.
        inside : count a word inside longer words too: 法治 in 法治政府.
        without : but not inside these.
        target : a slice of the study's own reports, '' for all of them.

        Returns
        -------
        Finding
            region, year, key, n, N_chars, rate (per 10,000 characters), N_tokens, reports, at (the
            year drawn); of the bundled list with document_id and published.
        """
        words = [terms] if isinstance(terms, str) else list(terms)
        found = rates(
            self.study, words, over, inside=inside, without=without, units=units, target=target
        )
        about = {"genre": found.genre, **_about(found, inside, "" if found.genre else target)}
        return Finding(
            found.table,
            found.behind,
            drawing("rates_over_time", at="at"),
            study=self.study,
            about=about,
            cited=found.cited,
            also={"left_out": list(found.left_out)},
        )

    @measure("slope_chart", top="top_n")
    def slope_chart(
        self,
        terms: Sequence[str] = (),
        first: str = "",
        second: str = "",
        *,
        inside: bool = False,
        top_n: int = 12,
        min_chars: int = 2,
    ) -> Finding:
        """Words from one slice to another, a line each.

        Parameters
        ----------
        terms : words, phrases or groups; empty for the `top_n` whose rates differ most.
        first, second : two slices, such as `year=2014` and `year=2022`; '' for the first and the
            last year of the study; of reports of one year for the two, or the parts done and plan.
        inside : count a word inside longer words too.

        Returns
        -------
        Finding
            key, n, N_chars, reports, rate (per 10,000 characters), slice, change (second less
            first); two rows a word.
        """
        study = self.study
        of = ends(study, first, second)
        words = [terms] if isinstance(terms, str) else list(terms)
        words = words or changed(study, of, top_n, min_chars)
        if not words:
            raise InputError("no word differs between the two slices; name words, or others.")
        table, behind = both_ends(of, lambda one: word_rates(study, words, one, inside), "rate")
        about = {"inside": inside, "ends": list(of.slices), "apart": of.regions}
        return Finding(
            table,
            behind,
            drawing("slope_chart", ByLanguage(of.labels), regions=of.regions, chosen=not terms),
            study=study,
            about=about,
        )

    @measure("report_similarity")
    def similarity(
        self, target: str = "", *, by: str = "", top_n: int = 500, min_chars: int = 2
    ) -> Finding:
        """How alike reports are in their words: the cosine of their rates, and a tree of it.

        Parameters
        ----------
        target : a slice of the study. by : `report` or `section`; '' for the sections of one
            report, else reports.
        top_n : the most frequent words of all these texts are compared, stop words left out.

        Returns
        -------
        Finding
            report_id and other_report (or section and other_section), cosine, shared (the words
            that make up most of it, whose hits are the evidence); a row a pair. Texts of fewer than
            500 characters are left out, unless no two have as many.
        """
        study = self.study
        by, names = similar.texts(study, by)
        places = slices.select(study.sizes, study.about, target)
        table = similar.by_words(study.counted(places), study.stopwords, by, top_n, min_chars)
        words, size = similar.shared(table), similar.sized(table)

        def behind() -> pd.DataFrame:
            own = strings.of_places(study.sentences, places)
            hits = study.hits("words")
            hits = hits[hits["key"].isin(words) & hits["sentence_id"].isin(own["sentence_id"])]
            return evidence.of(hits, own)

        about = {"target": target, "top_n": top_n, "min_chars": min_chars, "by": by}
        about["small"] = size["small"]
        return Finding(
            table,
            behind,
            drawing("report_similarity", names, of="words", **size),
            study=study,
            about=about,
        )

    # -- regions ----------------------------------------------------------------------------------

    def _regional(self, term: str, target: str, *, inside: bool) -> Regional:
        """One term by region and year."""
        how: dict[str, Any] = {"inside": inside, "units": "groups", "target": target}
        found = rates(self.study, [term], "study", **how)
        about = _about(found, inside, target)
        names: dict[str, dict[str, str]] = {"zh": {}, "en": {}}
        topic = str(found.table["key"].iloc[0])
        return Regional(self.study, found, topic, "rate_chars", names, about)

    @measure("region_ranking")
    def ranking(
        self,
        term: str,
        *,
        year: int | None = None,
        since: int | None = None,
        level: str = "",
        region: str = "",
        inside: bool = True,
        target: str = "",
    ) -> Finding:
        """The regions by how often a term stands in their reports of one year, with the change.

        Parameters
        ----------
        term : a word, a phrase, or a group of synonyms by its name.
        year : None for the last. since : None for the last one before with a report.
        level : '' for the one that most regions have. region : the one that is set apart.
        inside : count it inside longer words too. target : a slice of the reports.

        Returns
        -------
        Finding
            topic (the term), region, level, year, n, N_chars, rate_chars (per 10,000), reports,
            missing (why there is no number), rank, tied, since, before, change.
        """
        return self._regional(term, target, inside=inside).ranking(level, year, since, region)

    @measure("region_heatmap")
    def heatmap(
        self,
        term: str,
        *,
        level: str = "",
        by_mean: bool = False,
        inside: bool = True,
        target: str = "",
    ) -> Finding:
        """A term region by year; parameters as in `ranking`.

        Parameters
        ----------
        by_mean : sorted by the mean of all years, not by the last one.
        """
        return self._regional(term, target, inside=inside).heatmap(level, by_mean=by_mean)

    @measure("region_multiples")
    def multiples(
        self,
        term: str,
        *,
        level: str = "",
        region: str = "",
        inside: bool = True,
        target: str = "",
    ) -> Finding:
        """A term over the years, a small panel a region, one region in all of them.

        Parameters as in `ranking`.
        """
        return self._regional(term, target, inside=inside).multiples(level, region)

    def concordance(
        self,
        term: str,
        target: str = "",
        *,
        match: str = "text",
        width: int = 20,
        sort: str = "place",
    ) -> Finding:
        """Keyword in context: each place of a term with what stands left and right of it.

        Parameters
        ----------
        term : a query (`words.queries`): any text, 法治|法制, 数字*, /a regular expression/.
        target : a slice, '' for all.
        match : `text`, wherever its characters stand; `words`, only as a word.
        width : characters shown on each side. sort : place, left, right, or a word beside it,
            left1 to left5, right1 to right5.

        Returns
        -------
        Finding
            Without a figure: report_id, sentence_id, section, part, left, key, right.

        Raises
        ------
        InputError
            for a term that stands nowhere.
        """
        must_occur("match", [match], MATCHES)
        own = slices.select(self.study.sentences, self.study.reports, target)
        asked = queries.terms(term)
        if match == "words":
            every = self.study.counted(self.study.sizes)
            words = {word for one in asked for word in strings.forms(one, every)}
            hits = self.hits[self.hits["key"].isin(words)]
        else:
            texts = strings.Texts.of(self.study)
            looked = [strings.look(self.study, one, texts) for one in asked]
            hits = strings.together(looked)[0] if looked else tables.empty("terms")
        hits = hits[hits["sentence_id"].isin(own["sentence_id"])].reset_index(drop=True)
        if hits.empty:
            raise InputError(f"the term {term!r} stands nowhere in what is chosen; choose another.")
        how = {"width": width, "sort": sort, "cut": self.study.segmenter.words}
        table = keywords.concordance(hits, own, **how)
        about = {"measure": "words.concordance", "target": target}
        behind = evidence.of(hits, own)
        return Finding(table, behind, study=self.study, name="concordance", about=about)

"""The themes of a study: how much each takes up, where, beside which others, over which years.

Each measure is one call that returns a `Finding`; its parameters have the notebook's names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from analysis import evidence, tables
from analysis import themes as rules
from analysis.kit import InputError, must_occur
from analysis.text import sentences
from analysis.words import slices

from . import similar
from .compare import theme_rates
from .finding import ByLanguage, Finding, drawing, measure
from .regional import Regional, by_coverage
from .sides import both_ends, ends, pooled, without_none

APART = ": "
"""What stands between a report's id and its section, where several reports have sections."""

WHERE = {"section": "section", "report": "report_id"}


def _rows(codings: pd.DataFrame, study: Any) -> pd.DataFrame:
    """Codings with a row for each theme of a sentence, where the codebook gives it several."""
    return codings if study.codebook.exclusive else rules.each(codings)


def _coded(hits: pd.DataFrame) -> pd.DataFrame:
    """Codes without those of sentences that have no theme."""
    return hits[hits["primary_theme"] != rules.NONE].reset_index(drop=True)


class Themes:
    """The themes of a study, `study.themes`; `.hits` and `.codings` are its tables."""

    def __init__(self, study: Any):
        self.study = study

    def __repr__(self) -> str:
        return f"the themes of {self.study!r}: .coverage(), .sections(), .trend(), …"

    @property
    def hits(self) -> pd.DataFrame:
        """The table `themes`: every codebook entry found.

        report_id, sentence_id, start, end (characters of the restored report), key (the theme),
        entry, shadowed_by ('' where it counts).
        """
        found: pd.DataFrame = self.study.theme_hits
        return found

    @property
    def codings(self) -> pd.DataFrame:
        """The table `codings`: report_id, sentence_id, primary_theme, other_themes, rule."""
        found: pd.DataFrame = self.study.codings
        return found

    @property
    def _names(self) -> ByLanguage:
        return ByLanguage({lang: self.study.codebook.names(lang) for lang in ("zh", "en")})

    @property
    def _counts(self) -> str:
        """Which of its themes a sentence counts for: its primary one, or any that it matches."""
        return "primary" if self.study.codebook.exclusive else "any"

    def _chosen(self, target: str) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Sentences of a slice and their codes."""
        study = self.study
        if not target:
            return study.sentences, study.codings
        own = slices.select(study.sentences, study.reports, target)
        return own, study.codings[study.codings["sentence_id"].isin(own["sentence_id"])]

    def _behind(
        self, own: pd.DataFrame, codings: pd.DataFrame, themes: list[str]
    ) -> Callable[[], pd.DataFrame]:
        """What makes the codes of some themes in sentences, headings left out."""
        rows = _rows(codings, self.study)
        return lambda: evidence.of(rows, own, primary_theme=themes, is_heading=False)

    def _coverage(self, themes: Sequence[str], target: str, by: tuple[str, ...] = ()) -> Finding:
        own, codings = self._chosen(target)
        if by == ("section",) and len(self.study.reports) > 1:  # sections of one number are many
            own = own.assign(section=own["report_id"] + APART + own["section"])
        table = rules.coverage(
            codings,
            own,
            self.study.codebook,
            by=by,
            only=[*themes, rules.NONE] if themes else [],
            sample=self.study.design == "sample",
            reports=self.study.reports,
        )
        if not by:  # the order of the bars
            last = {"none": table["theme"] == rules.NONE, "less": -table["n"]}
            order = table.assign(**last).sort_values([*last], kind="stable").index
            table = table.loc[order].reset_index(drop=True)
        wanted = list(dict.fromkeys(table["theme"]))
        about = {"target": target, "themes": list(themes), "counts": self._counts}
        found = Finding(
            table,
            self._behind(own, codings, wanted),
            study=self.study,
            about=about,
        )
        if by:
            found.about["by"] = by[0]
        return found

    @measure("theme_coverage")
    def coverage(self, themes: Sequence[str] = (), *, by: str = "", target: str = "") -> Finding:
        """The share of sentences that each theme is the primary theme of.

        Parameters
        ----------
        themes : ids of those that get a row, empty for all; denominators stay the same.
        by : `section` or `report` tells these apart, as `sections` does.
        target : a slice of the study, such as `part=plan`; '' for all.

        Returns
        -------
        Finding
            theme, n, N_sentences (without headings), share, lo, hi (of a sample), chars, N_chars,
            char_share, reports; the most sentences first, those without a theme last. Precision and
            recall stand beside the bars where there are codes to compare with.

        Examples
        --------
        >>> from analysis import Study
        >>> coverage = Study("data").themes.coverage().table
        >>> int(coverage["n"].sum()), int(coverage["N_sentences"].iloc[0])
        (38, 38)
        """
        if by:
            return self.sections(themes, by=by, target=target)
        found, validation = self._coverage(themes, target), self.study.validation
        errors = validation and (validation.bare or validation).scores
        found.draws(drawing("theme_coverage", self._names, errors=errors))
        return found

    @measure("theme_sections")
    def sections(
        self,
        themes: Sequence[str] = (),
        *,
        by: str = "",
        target: str = "",
        gloss: bool = False,
    ) -> Finding:
        """The themes by section, of several reports by report: `coverage` with that column.

        Parameters
        ----------
        by : `section` or `report`; '' for sections of one report, else reports.
        gloss : in English figures, behind the number of a section what themes its heading names.
        """
        where, places = self.study.places
        if by and (wanted := WHERE.get(by, by)) != where:
            where, places = wanted, self.study.places_of(wanted)
        if where == "section" and len(self.study.reports) > 1:
            own = self.study.sentences.drop_duplicates(["report_id", "section"])
            of = self.study.places_of("report_id")
            places = {
                f"{row.report_id}{APART}{row.section}": f"{of[row.report_id]} {row.heading}"
                for row in tables.rows(own)
            }
        found = self._coverage(themes, target, (where,))
        glosses = self.study.glosses if gloss and self.study.places[0] == where else None
        found.draws(drawing("theme_sections", self._names, places, glosses=glosses))
        return found

    @measure("theme_flow")
    def flow(self) -> Finding:
        """Which theme is where along each report: one row a sentence, headings too.

        Returns
        -------
        Finding
            report_id, sentence_id, place and end_place (0 to 1 of the report), theme, rule_kind.
        """
        study = self.study
        table = rules.flow(study.codings, study.sentences)
        edges, (_, places) = sentences.edges(study.sentences), study.places
        return Finding(
            table,
            lambda: evidence.of(study.codings, study.sentences),
            drawing("theme_flow", self._names, edges=edges, reports=places),
            study=study,
            about={"counts": "primary"},
        )

    @measure("theme_cooccurrence")
    def cooccurrence(self, themes: Sequence[str] = ()) -> Finding:
        """How often two themes have matches of their own in the same sentence.

        Parameters
        ----------
        themes : ids of those whose sentences are the evidence, empty for all; pairs are of all.

        Returns
        -------
        Finding
            theme, other, n, n_theme, n_other, N_sentences, n_uncoded, jaccard.
        """
        study = self.study.under(self.study.book)  # of matches, whoever gives the codes
        table = rules.cooccurrence(study.codings, study.sentences, study.codebook)
        wanted = [*themes, rules.NONE] if themes else [*study.codebook.ids, rules.NONE]
        return Finding(
            table,
            lambda: evidence.of(
                study.codings, study.sentences, primary_theme=wanted, is_heading=False
            ),
            drawing("theme_cooccurrence", self._names),
            study=study,
            about={"counts": "any"},
        )

    @measure("theme_cross")
    def cross(
        self,
        other: str = "",
        themes: Sequence[str] = (),
        *,
        target: str = "",
        coder: str = "book",
    ) -> Finding:
        """The themes of this codebook against those of another, sentence by sentence.

        Parameters
        ----------
        other : the id of another codebook of the study, such as `instruments`; '' for the first
            that is another.
        themes : ids of those of this codebook that get a row, empty for all.
        target : a slice of the study, such as `part=plan`; '' for all.
        coder : who codes by the other codebook, `book` or its `model`.

        Returns
        -------
        Finding
            theme, crossed (the other book's theme), n, n_theme, n_crossed, N_sentences, share (n /
            N_sentences), share_theme (n / n_theme). Headings are left out, and so are
            themes without a sentence.
        """
        study = self.study
        others = [one for one in study.books if one != study.book]
        if not (other or others):
            said = "holds one codebook only; a cross table needs two."
            raise InputError(said, path=study.path / "codebooks")
        second = study.under(other or others[0], coder)
        own, codings = self._chosen(target)
        crossed = rules.crossing(
            *(_rows(one, of) for one, of in ((codings, study), (second.codings, second)))
        )
        table = rules.cross(crossed, own, (study.codebook, second.codebook))
        table = table[(table["n_theme"] > 0) & (table["n_crossed"] > 0)]
        if themes:
            table = table[table["theme"].isin([*themes, rules.NONE])]
        table = table.reset_index(drop=True)
        wanted = list(dict.fromkeys(table["theme"]))
        books = study.codebook, second.codebook
        heads = ByLanguage({lang: [book.title(lang) for book in books] for lang in ("zh", "en")})
        return Finding(
            table,
            lambda: evidence.of(crossed, own, primary_theme=wanted, is_heading=False),
            drawing("theme_cross", self._names, second.themes._names, heads=heads),
            study=study,
            about={
                **{"target": target, "themes": list(themes), "crossed": second.book_said},
                "counts": "_".join(dict.fromkeys((self._counts, second.themes._counts))),
            },
            names={lang: second.codebook.names(lang) for lang in ("zh", "en")},
        )

    @measure("theme_years")
    def trend(self, over: str = "") -> Finding:
        """The share of sentences that each theme has in each year.

        Parameters
        ----------
        over : `study`, or a genre of the bundled list (`national report`), as its own codebook
            coded it; '' for the study where it has several years or themes of its own.

        Returns
        -------
        Finding
            theme, n, N_sentences, share, …, region, year, at (the year drawn); of the bundled list
            with document_id and published.
        """
        found = theme_rates(self.study, over)

        def drawn(table: pd.DataFrame, **look: str) -> object:
            return drawing("theme_years", ByLanguage(found.names))(
                table.assign(year=table["at"]), **look
            )

        return Finding(
            found.table,
            found.behind,
            drawn,  # type: ignore[arg-type]
            study=self.study,
            about={"genre": found.genre, "counts": "primary" if found.genre else self._counts},
            cited=found.cited,
            names=found.names,
        )

    @measure("theme_stream")
    def stream(self, over: str = "") -> Finding:
        """The themes as a stream over the years: of each year the share of all its sentences.

        Parameters
        ----------
        over : as of `trend`.

        Returns
        -------
        Finding
            theme, at (the year drawn), year or published, n, N_sentences, share (n /
            N_sentences), regions (whose sentences were added up), share_none (what has no theme);
            a row a theme and year.
        """
        found = theme_rates(self.study, over)
        table, uneven = pooled(found.table)

        def behind() -> pd.DataFrame:
            hits = found.behind()
            return hits if "primary_theme" not in hits else _coded(hits)

        return Finding(
            table,
            behind,
            drawing("theme_stream", ByLanguage(found.names)),
            study=self.study,
            about={
                **{"genre": found.genre, "uneven": uneven},
                "counts": "primary" if found.genre else self._counts,
            },
            cited=found.cited,
            names=found.names,
        )

    @measure("slope_chart")
    def slope_chart(self, themes: Sequence[str] = (), first: str = "", second: str = "") -> Finding:
        """Themes from one slice to another, a line each.

        Parameters
        ----------
        themes : ids, empty for all.
        first, second : two slices, such as `year=2014` and `year=2022`; '' for the first and the
            last year of the study; of reports of one year for the two, or the parts done and plan.

        Returns
        -------
        Finding
            theme, n, N_sentences, share, …, reports (that hold it), slice, change (second less
            first), share_none (of the slice's sentences, what has no theme); two rows a theme, one
            without a sentence in either slice left out.
        """
        of = ends(self.study, first, second)
        wanted = [*(list(themes) or self.study.codebook.ids), rules.NONE]

        def measured(slice_: str) -> tuple[pd.DataFrame, Callable[[], pd.DataFrame]]:
            own, codings = self._chosen(slice_)
            table = rules.coverage(codings, own, self.study.codebook, only=wanted)
            return table, self._behind(own, codings, wanted[:-1])

        table, behind = both_ends(of, measured, "share")
        held = table.groupby("theme")["n"].transform("sum") > 0
        return Finding(
            without_none(table[held], "slice"),
            behind,
            drawing("slope_chart", ByLanguage(of.labels), self._names, regions=of.regions),
            study=self.study,
            about={
                **{"themes": list(themes), "ends": list(of.slices), "apart": of.regions},
                "counts": self._counts,
            },
        )

    @measure("report_similarity")
    def similarity(self, themes: Sequence[str] = (), *, target: str = "", by: str = "") -> Finding:
        """How alike reports are in their themes: the cosine of their shares, and a tree of it.

        Parameters
        ----------
        themes : ids of those that are compared, empty for all; what has no theme is left out.
        target : a slice of the study. by : `report` or `section`; '' for the sections of one
            report, else reports.

        Returns
        -------
        Finding
            report_id and other_report (or section and other_section), cosine, shared (the themes
            that make up most of it, whose sentences are the evidence); a row a pair. Texts of fewer
            than 10 sentences are left out, unless no two have as many.
        """
        by, names = similar.texts(self.study, by)
        own, codings = self._chosen(target)
        table = similar.by_themes((own, codings), self.study.codebook, themes, by)
        made = self._behind(own, codings, similar.shared(table))
        return Finding(
            table,
            lambda: made().assign(key=lambda hits: hits["primary_theme"]),
            drawing("report_similarity", names, of="themes", **similar.sized(table)),
            study=self.study,
            about={
                **{"target": target, "themes": list(themes), "by": by, "counts": self._counts},
                "small": table.attrs["small"],
            },
        )

    # -- regions ----------------------------------------------------------------------------------

    def _regional(self, theme: str, target: str) -> Regional:
        """One theme by region and year."""
        theme = theme or self.study.codebook.ids[0]
        must_occur("theme", [theme], [*self.study.codebook.ids, rules.NONE])
        own, codings = self._chosen(target)
        found = by_coverage((own, codings), self.study, theme, self._behind(own, codings, [theme]))
        about = {"target": target, "counts": self._counts}
        return Regional(self.study, found, theme, "share_sentences", self._names, about)

    @measure("region_ranking")
    def ranking(
        self,
        theme: str = "",
        *,
        year: int | None = None,
        since: int | None = None,
        level: str = "",
        region: str = "",
        target: str = "",
    ) -> Finding:
        """The regions by the share of sentences that a theme has in one year, with the change.

        Parameters
        ----------
        theme : its id, '' for the first of the codebook. year : None for the last.
        since : None for the last one before with a report.
        level : '' for the one that most regions have. region : the one that is set apart.
        target : a slice of the study.

        Returns
        -------
        Finding
            topic (the theme), region, level, year, n, N_sentences, share_sentences, reports,
            missing (why there is no number), rank, tied, since, before, change.
        """
        return self._regional(theme, target).ranking(level, year, since, region)

    @measure("region_heatmap")
    def heatmap(
        self, theme: str = "", *, level: str = "", by_mean: bool = False, target: str = ""
    ) -> Finding:
        """A theme region by year; parameters as in `ranking`.

        Parameters
        ----------
        by_mean : sorted by the mean of all years, not by the last one.
        """
        return self._regional(theme, target).heatmap(level, by_mean=by_mean)

    @measure("region_multiples")
    def multiples(
        self, theme: str = "", *, level: str = "", region: str = "", target: str = ""
    ) -> Finding:
        """A theme over the years, a small panel a region, one region in all of them.

        Parameters as in `ranking`.
        """
        return self._regional(theme, target).multiples(level, region)

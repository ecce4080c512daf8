"""A folder opened as tables.

A study holds reports, a catalogue of them, curated indicators with their sources, and codebooks.
`Study("data")` opens one; its tables are attributes, computed when asked for and kept. Every
sentence leads back to the raw file through the restoration's edits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import tables
from analysis import themes as coded
from analysis.indicators import IndicatorCodebook
from analysis.kit import InputError, files, must_occur, shown
from analysis.reading import transcript
from analysis.restore import Restored
from analysis.text import sentences
from analysis.words import counts, keywords, segment, slices

from . import (
    adding,
    catalogue,
    checks,
    coding,
    compare,
    counting,
    judged,
    lists,
    promises,
    record,
    texts,
)  # fmt: skip
from .attention import as_finding, attention
from .indicators import Indicators
from .restoration import Restoration
from .reuse import reuse
from .shards import Shards
from .store import BY_BOOK, CODES, HELD, MANIFEST, Store, buckets, kept
from .themes import Themes
from .words import Words

if TYPE_CHECKING:
    from analysis.words import Segmenter

_OF_FOLDER = {"books", "indicator_codebook", "segmenter", "_catalogue", "_buckets", "_seen"}
_OF_FOLDER |= {"_shards", "_by_id", "_links", "held_back"}
_OF_REPORTS = {"reports", "about", "edits", "sentences", "sizes", "_restored", "_edits_of"}
"""What is the same for all reports of a folder; and what, of some, by whatever book."""


class Study:
    """A study's folder, opened: whatever its size, tables that are made when asked for, and kept.

    Parameters
    ----------
    path : str or Path, the folder. `data` is looked for here, then beside the suite's notebooks.
    reports : ids of the reports wanted, or conditions that all must meet, such as `year>=2010`
        (`catalogue.chosen`); empty for all.
    engine : jieba or rjieba, what cuts sentences into words.
    codebook : the id of the book that sentences are coded by; that of study.yaml if not given.
    coder : `book`, by its own matches, or `model`, by the linear model that lies beside it.

    Attributes
    ----------
    words, themes, indicators, restoration : its measures; each returns a `Finding`.
    sentences : DataFrame, a row a sentence: report_id, sentence_id, section, heading, is_heading,
        part (done, problems, plan, other), text, start, end (characters of the restored report),
        raw_start, raw_end (of the decoded file).
    reports, edits, terms, codings, figures_found, sources, decisions, groups : more tables;
        `table(NAME)` has each by its name.
    attention, panel : methods for the attention panel; reuse : one for what reports share; add,
        decide : what writes to the folder.

    Raises
    ------
    InputError
        if the folder is no study, a report's id is not in its catalogue, no report meets the
        conditions, there is no such engine or codebook, or no model of its words.

    Examples
    --------
    >>> study = Study("data")
    >>> study.reports[["report_id", "region", "year"]].values.tolist()
    [['xiamen-2022', '厦门市', 2022]]
    """

    def __init__(
        self,
        path: str | Path = "data",
        reports: Sequence[str] = (),
        *,
        engine: str = "jieba",
        codebook: str = "",
        coder: str = "book",
    ):
        self.path = Path(path)
        if str(path) == "data" and not self.path.exists():
            self.path = files.home() / "data"
        self.title, self.lang, self.design, self.coded_by, own = catalogue.settings(self.path)
        must_occur("engine", [engine], segment.ENGINES)
        self.engine, self.asked = engine, list(reports)
        first = sorted(self.books, key=lambda name: name != coded.LAW)  # what it had before others
        self.book = codebook or own or next(iter(first), "")
        try:
            must_occur("codebook", filter(None, [self.book]), self.books)
        except InputError as error:
            where = "" if codebook else "study.yaml: "
            raise InputError(where + error.message, path=self.path / "codebooks") from None
        self._coded_by(coder)
        try:
            self._wanted = catalogue.chosen(reports, self._catalogue) if reports else []
        except InputError as error:
            raise InputError(error.message, path=self.path / "reports.csv") from None

    def __repr__(self) -> str:
        count, design = len(self.reports), self.design or "design not stated"
        return f"Study({str(self.path)!r}): {count} report{'s' * (count != 1)}, {design}"

    def _repr_html_(self) -> str:
        design = self.design or "not stated"
        about = [("folder", self.path), ("design", design), ("reports", len(self.reports))]
        columns = ["report_id", "region", "level", "year", "title"]
        said = shown.facts(self.title[self.lang], about)
        return said + shown.table(self.reports, columns, rows=10)

    # -- its folder ------------------------------------------------------------------------------

    @property
    def is_corpus(self) -> bool:
        """Whether the folder is that of a corpus, which holds its tables already."""
        return (self.path / MANIFEST).is_file()

    @cached_property
    def _shards(self) -> Shards | None:
        return Shards(self.path, self.store.make) if self.is_corpus else None

    store = cached_property(Store)

    def keeps(self, name: str) -> Store | Shards:
        """What keeps a table: the shards of a corpus, which are by one codebook, or a store."""
        shards = self._shards
        if not shards or (self.model and name in CODES):
            return self.store
        if name in BY_BOOK and not shards.of_book(self.books[self.book]):
            return self.store
        return shards

    def parts(self, name: str, ids: Sequence[str] = ()) -> list[tuple[list[str], Any]]:
        """The parts of a kept table that hold some reports, all if none is named.

        Of each: all its reports, in the order of their numbers, and what loads its rows.
        """
        wanted = list(ids or self.reports["report_id"])
        found: list[tuple[list[str], Any]] = self.keeps(name).parts(name, wanted)
        return found

    @cached_property
    def _buckets(self) -> tuple[dict[str, tuple[list[str], str]], int]:
        known = self._catalogue
        texts = dict(zip(known["report_id"], known["sha256"], strict=True))
        seen = known["encoding"].str.endswith(transcript.SEEN)
        for key in known.loc[seen, "report_id"]:  # what was recognised makes the text, too
            texts[key] += transcript.digest(self.path, texts[key])
        known = known.assign(sha256=known["report_id"].map(texts)) if seen.any() else known
        return buckets(known)

    # -- its reports -----------------------------------------------------------------------------

    @cached_property
    def _catalogue(self) -> pd.DataFrame:
        if self._shards:
            return self._shards.catalogue[list(tables.COLUMNS["reports"])]
        if (self.path / "shards").is_dir() and not (self.path / "reports.csv").exists():
            said = "is a corpus whose build has not ended; run `gongbao corpus build` again."
            raise InputError(said, path=self.path)
        return catalogue.read(self.path / "reports.csv")

    @cached_property
    def reports(self) -> pd.DataFrame:
        """The table `reports`, the wanted ones only."""
        if not self._wanted:
            return self._catalogue
        chosen = tables.among(self._catalogue["report_id"], self._wanted)
        return self._catalogue[chosen].reset_index(drop=True)

    @cached_property
    def about(self) -> pd.DataFrame:
        """The wanted reports with the `province` of each, as slices are chosen by."""
        if self._shards:
            known = self._shards.catalogue
            wanted = tables.among(known["report_id"], self.reports["report_id"])
            return known[wanted].reset_index(drop=True)
        return self.reports.assign(province=slices.about(self.reports, "province"))

    @property
    def conditions(self) -> list[str]:
        """The conditions that its reports were chosen by."""
        return [one for one in self.asked if slices.is_condition(one)]

    @property
    def sha256(self) -> dict[str, str]:
        """The sha256 of each report's file, by report_id."""
        return dict(zip(self.reports["report_id"], self.reports["sha256"], strict=True))

    @cached_property
    def whole(self) -> Study:
        """The study with all its reports."""
        return self.only([]) if self._wanted else self

    def only(self, ids: Sequence[str]) -> Study:
        """The study with some of its reports; what it has loaded is not loaded again."""
        own = self._copied(_OF_FOLDER | {"codebook", "model"})
        own._wanted = own.asked = list(ids)
        return own

    def by_report(self) -> Study:
        """A corpus whose table `sizes` has a row a report, where its shards know sums of words."""
        own = self._copied(_OF_FOLDER | {"reports", "about", "codebook", "model"})
        sizes = own.about[["report_id", *counts.SIZES]].astype({"report_id": "category"})
        own.__dict__["sizes"] = sizes
        return own

    def _copied(self, shared: Collection[str]) -> Study:
        """A copy that has loaded nothing but what is named."""
        own = copy(self)
        for name in [*vars(own)]:
            if isinstance(getattr(Study, name, None), cached_property) and name not in shared:
                del own.__dict__[name]
        return own

    # -- what people wrote: codebooks, lists, tables ---------------------------------------------

    @cached_property
    def books(self) -> dict[str, Path]:
        """The files of its codebooks for coding sentences, by id."""
        return coded.books(self.path / "codebooks")

    @cached_property
    def codebook(self) -> coded.Codebook:
        """The themes of the codebook it is opened with."""
        if not self.book:
            said = "holds no codebook for sentences; copy one with the key `themes` into it."
            raise InputError(said, path=self.path / "codebooks")
        return coded.Codebook.load(self.books[self.book])

    @cached_property
    def model(self) -> coded.model.Model | None:
        """The linear model that codes its sentences; None where the codebook itself does."""
        if self.coder != "model":
            return None
        return coded.model.Model.load(self.books[self.book], self.codebook)

    def _coded_by(self, coder: str) -> None:
        """Who codes: the book, or its model, which is there then."""
        must_occur("coder", [coder], coded.model.CODERS)
        self.coder = coder
        _ = self.model

    def under(self, codebook: str, coder: str = "book") -> Study:
        """The study under one of its codebooks; InputError if it has none of that id, or no model.

        coder : as of `Study`.
        """
        must_occur("codebook", [codebook], self.books)
        if (codebook, coder) == (self.book, self.coder):
            return self
        own = self._copied(_OF_FOLDER | _OF_REPORTS)
        own.book = codebook
        own._coded_by(coder)
        return own

    @cached_property
    def term_groups(self) -> coded.Codebook:
        """Groups of words that say one thing, of codebooks/term_groups.yaml."""
        return coded.Codebook.load(self.path / "codebooks" / lists.GROUPS)

    @cached_property
    def indicator_codebook(self) -> IndicatorCodebook:
        """The indicators of codebooks/indicators.yaml."""
        return IndicatorCodebook.load(self.path / "codebooks" / "indicators.yaml")

    word_list = lists.word_list
    glossary = cached_property(lists.glossary)

    @cached_property
    def segmenter(self) -> Segmenter:
        """The tokenizer that knows codebooks/lexicon.txt."""
        return segment.Segmenter(self.word_list("lexicon")[0], self.engine)

    @cached_property
    def stopwords(self) -> tuple[str, ...]:
        """Words that a table of keywords hides; they are counted all the same."""
        return self.word_list("stopwords")[0]

    @cached_property
    def _written(self) -> pd.DataFrame:
        return tables.read(self.path / "indicators.csv", "indicators")

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The table `sources`."""
        return tables.read(self.path / "sources.csv", "sources")

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The table `groups`."""
        return tables.read(self.path / "groups.csv", "groups")

    def read_curated(self) -> None:
        """Read all that people curate, so that a broken line is told before any work begins."""
        _ = self._written, self.sources, self.decisions, self.groups
        _ = self.codebook, self.indicator_codebook, self.versions

    # -- from raw files to sentences -------------------------------------------------------------

    source = texts.source
    unchanged = texts.unchanged
    held_back = cached_property(texts.held_back)
    reading = cached_property(texts.reading)
    restored = texts.restored
    remains = texts.remains
    edits = kept(texts.edits)
    edit_places = cached_property(texts.edit_places)
    sentences = kept(texts.sentences)
    pictures = texts.pictures
    _by_id = cached_property(texts.by_id)
    _edits_of = cached_property(texts.edits_of)
    _remains = cached_property(texts.all_remains)

    @cached_property
    def _links(self) -> set[tuple[str, str]]:
        return catalogue.links(self.path)

    @cached_property
    def _seen(self) -> set[str]:
        return set()

    @cached_property
    def _restored(self) -> dict[str, Restored]:
        return {}

    # -- what is found in them -------------------------------------------------------------------

    @kept
    def terms(self) -> pd.DataFrame:
        """The table `terms`: every word."""
        return keywords.term_hits(self.sentences, self.segmenter)

    sizes = kept(counting.sizes)
    counted = counting.counted
    _counted = cached_property(counting.both)
    theme_hits = kept(coding.themes)
    codings = kept(coding.codings)
    coverage = kept(coding.coverage)
    validate = coding.validate
    validation = cached_property(coding.validation)
    glosses = property(coding.glosses)
    figures_found = kept(judged.figures_found)

    # -- what people decided about it ------------------------------------------------------------

    decisions = cached_property(judged.decisions)
    decided = cached_property(judged.decided)
    decided_themes = cached_property(judged.decided_themes)
    curated = cached_property(judged.curated)
    extracted = cached_property(judged.extracted)
    figures = property(judged.figures)
    undecided = property(judged.undecided)
    _unsure = cached_property(judged.unsure)
    _damaged = cached_property(judged.damaged)
    _promises = cached_property(promises.found)
    _placed_promises = cached_property(promises.place)
    commitments = property(promises.table)
    followups = cached_property(promises.follow)

    # -- measures --------------------------------------------------------------------------------

    @cached_property
    def words(self) -> Words:
        """Its words: frequency, keyness, sections, dispersion, collocations, trend, …."""
        return Words(self)

    @cached_property
    def themes(self) -> Themes:
        """Its themes: coverage, sections, flow, cooccurrence, trend; hits and codings."""
        return Themes(self)

    @cached_property
    def indicators(self) -> Indicators:
        """Its indicators: trend, targets, comparison, known; the table."""
        return Indicators(self)

    @cached_property
    def restoration(self) -> Restoration:
        """What restoration changed: places."""
        return Restoration(self)

    hits = compare.hits
    contrast = compare.contrast
    rates = compare.rates
    theme_rates = compare.theme_rates
    attention = attention
    panel = as_finding
    reuse = reuse

    @property
    def shared(self) -> pd.DataFrame:
        """The table `reuse`, with the thresholds as they are."""
        found: pd.DataFrame = self.reuse().table
        return found

    @property
    def places(self) -> tuple[str, dict[str, str]]:
        """What places are told apart by: a report's sections, or several reports; their names."""
        by = "section" if len(self.reports) == 1 else "report_id"
        return by, self.places_of(by)

    def places_of(self, by: str) -> dict[str, str]:
        """What sections, or reports, are called."""
        if by == "section":
            return sentences.headings(self.sentences)
        rows = tables.rows(self.reports)
        return {row.report_id: f"{row.region} {row.year}" for row in rows}

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name, held against its contract; GongbaoError for an unknown name."""
        must_occur("table", [name], (*tables.COLUMNS, "reading"))
        if name == "reading":
            return self.reading
        return tables.check(getattr(self, HELD.get(name, name)), name)

    # -- what is said of it ----------------------------------------------------------------------

    book_said = property(record.of_book)
    versions = cached_property(record.versions)
    provenance = record.provenance
    lead = record.lead
    bundle = record.bundle
    problems = checks.problems
    recognised = checks.recognised

    # -- writing ---------------------------------------------------------------------------------

    add = adding.add
    decide = judged.decide

    def forget_reports(self) -> None:
        """Read reports.csv anew when it is asked for next."""
        for name in ("_catalogue", "reports", "_links", "held_back"):
            self.__dict__.pop(name, None)

    def forget_decisions(self) -> None:
        """Read decisions.csv anew when it is asked for next: others write to it too."""
        for name in ("decisions", "decided", "decided_themes", "curated", "extracted"):
            self.__dict__.pop(name, None)
        self.__dict__.pop("_placed_promises", None)

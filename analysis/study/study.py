"""A folder opened as tables.

A study holds reports, a catalogue of them, curated indicators with their sources, and codebooks.
`Study("data")` opens one; its tables are attributes, computed when asked for and kept. Every
sentence leads back to the raw file through the restoration's edits.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis import indicators, tables
from analysis import themes as coded
from analysis.evidence import marks, trail
from analysis.indicators import IndicatorCodebook, headline, quantities, review
from analysis.kit import (
    InputError,
    encodings,
    files,
    html,
    must_occur,
    progress,
    shown,
    unknown,
    yamlfile,
)
from analysis.reading import Source, reports, transcript
from analysis.restore import Edit, Restored, remains, replay
from analysis.restore import version as restorer_version
from analysis.text import sentences
from analysis.themes import handcodes
from analysis.words import (
    Counts,
    counts,
    dispersion,
    glossary,
    keywords,
    reference,
    segment,
    slices,
)

from . import adding, catalogue, compare, promises, shape
from .attention import as_finding, attention
from .indicators import Indicators
from .restoration import Restoration
from .reuse import reuse
from .shards import Shards
from .store import BY_BOOK, CODES, HELD, MAKERS, MANIFEST, Load, Store, buckets, kept
from .themes import Themes
from .words import Words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.bundle import Bundle
    from analysis.restore import Remains
    from analysis.words import Segmenter

MAKERS["counts"] = lambda study: study._counted[1]
_SETTINGS = dict.fromkeys(("lang", "design", "coded_by", "codebook", "notes"), str) | {
    "title": dict
}
_VERSION = re.compile(r"#\s*version:\s*(\S+)")
_GROUPS = "term_groups.yaml"
_FREQUENCY = re.compile(r"\s+\d+(\s+[a-z]+)?$")

CODERS = ("people", "model")
"""Who gave the codes of validation/themes.csv: people, or a language model."""

_OF_FOLDER = {"books", "indicator_codebook", "segmenter", "_catalogue", "_buckets", "_seen"}
_OF_FOLDER |= {"_shards", "_by_id", "_links", "held_back"}
_OF_REPORTS = {"reports", "about", "edits", "sentences", "sizes", "_restored", "_edits_of"}
"""What is the same for all reports of a folder; and what, of some, by whatever book."""

FEW = 100
"""Words up to which only their rows of counts are read."""

TABLES = tuple(tables.COLUMNS)
"""Names of the tables of a study."""


def _themes(study: Any) -> pd.DataFrame:
    """The table `themes`: every codebook entry found."""
    return coded.match(study.sentences, study.codebook)


_themes.__name__ = "themes"


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
        if not files.there(self.path / "study.yaml"):
            said = "is not a study (it holds no study.yaml); `gongbao new DIR` makes one."
            raise InputError(said, path=self.path)
        settings = yamlfile.load(self.path / "study.yaml").check(_SETTINGS, ("title",))
        self.title = settings.bilingual("title")
        self.lang = settings.get("lang", "zh")
        self.design = settings.get("design", "")  # empty: not stated
        self.coded_by = settings.get("coded_by", "people")
        for key, found, allowed in (
            ("lang", self.lang, html.LANGUAGES),
            ("design", self.design, catalogue.DESIGNS),
            ("coded_by", self.coded_by, CODERS),
        ):
            if found and found not in allowed:
                settings.refuse(unknown(key, found, allowed), key)
        must_occur("engine", [engine], segment.ENGINES)
        self.engine, self.asked = engine, list(reports)
        first = sorted(self.books, key=lambda name: name != coded.LAW)  # what it had before others
        self.book = codebook or settings.get("codebook", "") or next(iter(first), "")
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

    # -- the catalogue and what people curate ---------------------------------------------------

    @property
    def is_corpus(self) -> bool:
        """Whether the folder is that of a corpus, which holds its tables already."""
        return (self.path / MANIFEST).is_file()

    @cached_property
    def _shards(self) -> Shards | None:
        return Shards(self.path, self.store.make) if self.is_corpus else None

    @cached_property
    def store(self) -> Store:
        """Where its derived tables are kept."""
        return Store(self)

    @cached_property
    def _buckets(self) -> tuple[dict[str, tuple[list[str], str]], int]:
        known = self._catalogue
        texts = dict(zip(known["report_id"], known["sha256"], strict=True))
        seen = known["encoding"].str.endswith(transcript.SEEN)
        for key in known.loc[seen, "report_id"]:  # what was recognised makes the text, too
            texts[key] += transcript.digest(self.path, texts[key])
        known = known.assign(sha256=known["report_id"].map(texts)) if seen.any() else known
        return buckets(known)

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

    # -- what is found in it --------------------------------------------------------------------

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

    @cached_property
    def curated(self) -> pd.DataFrame:
        """The table `indicators`: as curated in indicators.csv, and what people verified.

        Of all reports, whichever are wanted: a series does not break off where a report ends.
        """
        about = self._catalogue["sha256"].isin(self.decisions["sha256"])
        ids = list(self._catalogue.loc[about, "report_id"])
        if not ids:
            return self._written
        inside = set(ids) <= set(self.reports["report_id"])
        study = self if inside else Study(self.path, ids, engine=self.engine, codebook=self.book)
        book = study.indicator_codebook
        verified = review.curated(study.decided.figures, study.reports, book)
        return review.merge(self._written, verified)

    @cached_property
    def _written(self) -> pd.DataFrame:
        return tables.read(self.path / "indicators.csv", "indicators")

    @cached_property
    def sources(self) -> pd.DataFrame:
        """The table `sources`."""
        return tables.read(self.path / "sources.csv", "sources")

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """The table `decisions`; InputError for a figure that none can be."""
        found = tables.read(self.path / "decisions.csv", "decisions")
        for at, said in review.wrong(found):
            raise self._decided_wrongly(at, said)
        return found

    def _decided_wrongly(self, at: int, said: str) -> InputError:
        """What is wrong with the decision `at`, counted from 0: lines may be empty."""
        path = self.path / "decisions.csv"
        return InputError(said, path=path, line=tables.records(path)[1][at][0])

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The table `groups`."""
        return tables.read(self.path / "groups.csv", "groups")

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

    @property
    def book_said(self) -> dict[str, Any]:
        """What a record says of its codebook."""
        model = {"model": self.model.said(self.codings)} if self.model else {}
        return self.codebook.said | model

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

    def _copied(self, shared: Collection[str]) -> Study:
        """A copy that has loaded nothing but what is named."""
        own = copy(self)
        for name in [*vars(own)]:
            if isinstance(getattr(Study, name, None), cached_property) and name not in shared:
                del own.__dict__[name]
        return own

    @cached_property
    def term_groups(self) -> coded.Codebook:
        """Groups of words that say one thing, of codebooks/term_groups.yaml."""
        return coded.Codebook.load(self.path / "codebooks" / _GROUPS)

    @cached_property
    def indicator_codebook(self) -> IndicatorCodebook:
        """The indicators of codebooks/indicators.yaml."""
        return IndicatorCodebook.load(self.path / "codebooks" / "indicators.yaml")

    def word_list(self, name: str) -> tuple[tuple[str, ...], str]:
        """The words of codebooks/NAME.txt, and the version in its first line."""
        path = self.path / "codebooks" / f"{name}.txt"
        lines = encodings.text(path).splitlines()
        version = _VERSION.match(lines[0]) if lines else None
        if not version:
            raise InputError("must begin with `# version: 1`.", path=path, line=1)
        words = [line.split("#")[0].strip() for line in lines]
        if name == "lexicon":  # a list of jieba's has frequencies and parts of speech, without use
            words = [_FREQUENCY.sub("", word) for word in words]
        for number, word in enumerate(words, start=1):
            if len(word.split()) > 1:
                said = f"{word!r} holds white space; a line is one word."
                raise InputError(said, path=path, line=number)
        return tuple(dict.fromkeys(word for word in words if word)), version[1]

    @cached_property
    def glossary(self) -> glossary.Glossary:
        """Chinese words in English: of codebooks/glossary.yaml, the bundled one if there is none.

        A group of synonyms that is not there has the name that term_groups.yaml gives it.
        """
        own, groups = (self.path / "codebooks" / name for name in (glossary.FILE, _GROUPS))
        found = glossary.load(
            own if own.exists() else files.home() / "data" / "codebooks" / glossary.FILE
        )
        named = self.term_groups.themes if groups.exists() else ()
        names = {one.name["zh"]: one.name["en"].lower() for one in named}
        return found._replace(words={**names, **found.words})

    @cached_property
    def stopwords(self) -> tuple[str, ...]:
        """Words that a table of keywords hides; they are counted all the same."""
        return self.word_list("stopwords")[0]

    @cached_property
    def versions(self) -> dict[str, str]:
        """Versions of the codebooks and of the restorer, for provenance."""
        return {
            "restorer": restorer_version(),
            "themes": self.codebook.version,
            "indicators": self.indicator_codebook.version,
            "lexicon": self.word_list("lexicon")[1],
            "stopwords": self.word_list("stopwords")[1],
        }

    def read_curated(self) -> None:
        """Read all that people curate, so that a broken line is told before any work begins."""
        _ = self._written, self.sources, self.decisions, self.groups
        _ = self.codebook, self.indicator_codebook, self.versions

    # -- from raw files to hits -----------------------------------------------------------------

    def source(self, report_id: str) -> Source:
        """A report's file as it came; InputError if it changed since it was added."""
        row = self._row(report_id)
        if report_id in self.held_back:
            said = f"the report {report_id} is held back (share: no), its text is not here; the "
            said += f"file has the sha256 {row['sha256']}."
            raise InputError(said, path=self.path / "reports.csv")
        if self._shards:
            return self._shards.source(str(row["path"]), str(row["sha256"]))
        path = self._file(row)
        found = catalogue.keep_scan(self.path, reports.read(path, self.path))
        if found.sha256 != row["sha256"]:
            raise InputError(
                f"is not the file that was added as {report_id}: its sha256 is {found.sha256}, "
                f"in reports.csv {row['sha256']} stands. Put the file that was added back; only "
                "who keeps the study may take the row out of reports.csv and add the new file.",
                path=path,
            )
        return found

    def _row(self, report_id: str) -> Any:
        """A report's row of the catalogue."""
        return self._by_id.loc[report_id]

    @cached_property
    def _by_id(self) -> pd.DataFrame:
        return self._catalogue.set_index("report_id").astype(object)

    @cached_property
    def _links(self) -> set[tuple[str, str]]:
        return catalogue.links(self.path)

    def _file(self, row: Any) -> Path:
        """A report's file: inside the study, or one that its user linked."""
        path, place = str(row["path"]), self.path / str(row["path"])
        linked = (path, row["sha256"]) in self._links
        if not linked and not place.resolve().is_relative_to(self.path.resolve()):
            raise InputError(
                f"the path {path!r} of {row.name} leaves the study; copy the file into it, or take "
                "its row out and `gongbao add --link` the file.",
                path=self.path / "reports.csv",
            )
        return place

    @cached_property
    def held_back(self) -> set[str]:
        """Reports marked `share: no` whose file is not here, as in a replication package."""
        marked = self._catalogue[self._catalogue["share"] == catalogue.NO]
        return {
            key
            for key, path in zip(marked["report_id"], marked["path"], strict=True)
            if not (self.path / str(path)).exists()
        }

    def unchanged(self, ids: Sequence[str]) -> None:
        """InputError if a report's file is not the one that was added."""
        for key in dict.fromkeys(ids):
            if key not in self._seen | self.held_back:
                row = self._row(key)
                if tables.sha256(self._file(row)) != row["sha256"]:
                    self.source(key)
                self._seen.add(key)

    @cached_property
    def _seen(self) -> set[str]:
        return set()

    @cached_property
    def reading(self) -> pd.DataFrame:
        """How well each report was read: report_id, region, year, encoding, and `Quality`'s counts.

        `rare_share` is that of characters which a text in the right encoding hardly has:
        above `encodings.SUSPECT` the encoding is doubtful. The other columns count what still looks
        damaged in the restored text (`restore.Remains`).
        """
        rows = []
        for row in tables.rows(self.reports[["report_id", "region", "year", "encoding"]]):
            found = encodings.quality(self.source(row.report_id).text)
            counted = found._asdict() | {"rare_share": round(1 - found.common, 4)}
            rows.append(row._asdict() | counted | self.remains(row.report_id)._asdict())
        return pd.DataFrame(rows)

    def restored(self, report_id: str) -> Restored:
        """A report's restored text with the record of every change."""
        if report_id not in self._restored:
            if report_id in self.held_back:
                self._restored[report_id] = self._masked(report_id)
            elif self._shards:
                self._restored[report_id] = self._restore(report_id)
            else:
                rows = self._edits_of.get(report_id, ())
                edits = tuple(Edit(*row) for row in rows)
                raw = self.source(report_id).text
                self._restored[report_id] = Restored(raw, replay(raw, edits), edits)
        return self._restored[report_id]

    def _masked(self, report_id: str) -> Restored:
        """The text of a report that is held back: its sentences' characters stand for others."""
        rows = self.sentences[self.sentences["report_id"] == report_id]
        ends = dict(zip(rows["start"], rows["text"], strict=True))
        text = ""
        for start, own in ends.items():
            text = text.ljust(int(start), "\n") + own
        return Restored(text, text, ())

    def _restore(self, report_id: str) -> Restored:
        row = self._row(report_id)
        source = self.source(report_id)
        return catalogue.restore_as(source, str(row["script"]), str(row["keep"]))

    @cached_property
    def _edits_of(self) -> dict[str, list[tuple[Any, ...]]]:
        """The edits of each report as `Edit` takes them."""
        found: dict[str, list[tuple[Any, ...]]] = {}
        for row in zip(
            *(self.edits[name].tolist() for name in tables.COLUMNS["edits"]), strict=True
        ):
            found.setdefault(row[0], []).append(row[1:])
        return found

    @cached_property
    def _remains(self) -> dict[str, Remains]:
        """`remains` of each report; in a corpus, of its sentences, which are made already."""
        if not self._shards:
            return {key: self.remains(key) for key in self.reports["report_id"]}
        texts = self.sentences.groupby("report_id")["text"].agg("\n".join)
        return {key: remains(texts.get(key, "")) for key in self.reports["report_id"]}

    def remains(self, report_id: str) -> Remains:
        """What still looks damaged in a report's restored text, counted by kind."""
        return remains("" if report_id in self.held_back else self.restored(report_id).text)

    @cached_property
    def _restored(self) -> dict[str, Restored]:
        return {}

    @kept
    def edits(self) -> pd.DataFrame:
        """The table `edits`."""
        for key in self._shown("edits"):
            self._restored[key] = self._restore(key)  # what comes after need not do it again
        return tables.edits({key: self._restored[key].edits for key in self.reports["report_id"]})

    def _shown(self, name: str) -> Iterator[str]:
        """The reports' ids with a progress bar."""
        ids = self.reports["report_id"].tolist()
        return progress.over(ids, name, "report", leave=False, delay=2)

    @cached_property
    def edit_places(self) -> pd.DataFrame:
        """The table `edits` with the `line` of the raw file and the `place` in it, from 0 to 1."""
        places = [(self.restored(row.report_id), row.raw_start) for row in tables.rows(self.edits)]
        return self.edits.assign(
            line=[restored.line(at) for restored, at in places],
            place=[at / len(restored.raw) for restored, at in places],
        )

    @kept
    def sentences(self) -> pd.DataFrame:
        """The table `sentences`."""
        years = dict(zip(self.reports["report_id"], self.reports["year"], strict=True))
        rows: list[Any] = []
        for key in self._shown("sentences"):
            held = key in self.held_back  # whose sentences are kept, or nowhere
            own = self._restore(key) if held else self.restored(key)
            rows += sentences.rows(key, own, int(years[key]))
        return sentences.table(rows)

    @kept
    def figures_found(self) -> pd.DataFrame:
        """The table `figures_found`: every number that measures something."""
        years = {row.report_id: int(row.year) for row in tables.rows(self.reports)}
        return quantities.find(self.sentences, self.indicator_codebook, years=years)

    @cached_property
    def extracted(self) -> pd.DataFrame:
        """The headline figures found and not judged, and the targets a report does not state.

        The table `indicators` with the status `extracted` or `absent` (`headline.extracted`); what
        stands in the table `indicators` or was decided about is left out.
        """
        open_ = self.decided.figures[self.decided.figures["decision"] == ""]
        rows = headline.extracted(open_, self.sentences, self.reports, self.indicator_codebook)
        return rows[~review.stand_in(rows, self.curated)].reset_index(drop=True)

    @property
    def figures(self) -> pd.DataFrame:
        """The table `indicators`, and after it what was found and not judged.

        A figure that is known for a region, period, indicator, kind and definition is not shown
        again as found.
        """
        keys = ["region", "period", "indicator_id", "measure_kind", "definition"]
        known = pd.MultiIndex.from_frame(self.curated[keys])
        new = ~pd.MultiIndex.from_frame(self.extracted[keys]).isin(known)
        both = [self.curated, self.extracted[new]]
        return pd.concat(both, ignore_index=True).astype({"year": "Int64"})

    @cached_property
    def decided(self) -> review.Placed:
        """The figures found with what people decided about them, and decisions without a place."""
        found = self.figures_found
        rows = tables.rows(found)
        spans = [self.restored(row.report_id).raw_span(row.start, row.end) for row in rows]
        anchored = found.assign(
            sha256=found["report_id"].map(self.sha256),
            raw_start=[start for start, _ in spans],
            raw_end=[end for _, end in spans],
        )
        unsure = self._unsure
        anchored["damaged"] = [
            "yes"
            if row.sentence_id in self._damaged
            else transcript.RULE * unsure.touch(row.report_id, row.raw_start, row.raw_end)
            for row in tables.rows(anchored)
        ]
        return review.place(anchored, self.decisions)

    @cached_property
    def decided_themes(self) -> review.Placed:
        """The themes that people decided for sentences, and decisions without a place."""
        own = self.decisions["codebook"].replace("", coded.LAW) == self.book
        own &= self.decisions["about"] == "theme"
        known = {*self.codebook.ids, coded.NONE, ""} if own.any() else set[str]()
        for at, row in enumerate(tables.rows(self.decisions)):
            if own.iloc[at]:
                for said in {row.key, row.value} - known:
                    wrong = unknown("theme", said, known - {""})
                    raise self._decided_wrongly(at, wrong)
        return review.place_themes(self.sentences, self.decisions[own], self.sha256)

    @cached_property
    def _unsure(self) -> transcript.Marks:
        """Where OCR is unsure of a report's characters."""
        marked = self.edits["note"].str.contains(transcript.SAID, regex=False)
        return transcript.Marks(tables.rows(self.edits[marked]))

    def recognised(self) -> Iterator[str]:
        """A sentence for each report that was recognised on pictures: how much, and how surely."""
        for row in tables.rows(self.reports):
            seen = row.encoding.endswith(transcript.SEEN) and row.report_id not in self.held_back
            if seen and (scan := self.source(row.report_id).scan):
                yield f"{row.path}: {scan.said()}."

    def _unsure_figures(self) -> Iterator[str]:
        """A sentence for each curated figure on characters that OCR is unsure of, if none said so.

        What was written by hand or decided before is held against them here; a decision in a
        workbook needs a note then.
        """
        texts = self.sentences.set_index("sentence_id")
        for row in tables.rows(self.curated):
            if not self._unsure.about(row.report_id) or row.sentence_id not in texts.index:
                continue
            begin = int(texts.loc[row.sentence_id, "start"])
            places = marks.found(str(texts.loc[row.sentence_id, "text"]), row.quote)
            spans = [
                self.restored(row.report_id).raw_span(begin + one, begin + other)
                for one, other in places
            ]
            sure = not spans or not all(self._unsure.touch(row.report_id, *one) for one in spans)
            if not sure and "OCR" not in row.note:
                yield (
                    f"{row.sentence_id}: the figure {row.quote!r} ({row.status}) holds a character "
                    "that OCR read with little certainty; look at the page and say so in its note."
                )

    def pictures(self, report_id: str, edits: Sequence[Edit]) -> dict[int, str]:
        """Pictures of the lines that OCR was unsure of, PNG in base 64, by the number of the edit.

        Of several edits on a line the first has it; none where the file cannot be had.
        """
        row = self._row(report_id)
        place = self.path / str(row["path"]) if self._shards else self._file(row)
        scan = self.source(report_id).scan
        return scan.pictures(place.read_bytes(), edits) if scan and place.is_file() else {}

    @cached_property
    def _damaged(self) -> set[str]:
        """Ids of sentences that hold, or touch, text which restoration left unresolved."""
        open_ = self.edits[self.edits["certainty"] == "unresolved"]
        both = self.sentences.merge(open_, on="report_id", suffixes=("", "_edit"))
        touched = both["raw_start"] <= both["raw_end_edit"]
        touched &= both["raw_start_edit"] <= both["raw_end"]
        return set(both.loc[touched, "sentence_id"])

    @cached_property
    def _promises(self) -> pd.DataFrame:
        return promises.found(self)

    @cached_property
    def _placed_promises(self) -> review.Placed:
        return promises.place(self)

    @property
    def commitments(self) -> pd.DataFrame:
        """The table `commitments`: clauses of plans, and what people decided became of each."""
        placed = self._placed_promises.figures
        return placed[list(tables.COLUMNS["commitments"])]

    @cached_property
    def followups(self) -> pd.DataFrame:
        """The table `followups`: sentences of the next report, ranked, for each commitment."""
        return promises.follow(self)

    @property
    def undecided(self) -> pd.DataFrame:
        """The figures found that nobody has decided about, beside their sentences."""
        return review.undecided(self.decided.figures, self.sentences)

    @cached_property
    def segmenter(self) -> Segmenter:
        """The tokenizer that knows codebooks/lexicon.txt."""
        return segment.Segmenter(self.word_list("lexicon")[0], self.engine)

    @kept
    def sizes(self) -> pd.DataFrame:
        """How large the places of its reports are: `counts.PLACE`, `counts.SIZES`."""
        return self._counted[0]

    @cached_property
    def _counted(self) -> tuple[pd.DataFrame, pa.Table]:
        return counts.count(self.sentences, self.segmenter, list(self.reports["report_id"]))

    def parts(self, name: str, ids: Sequence[str] = ()) -> list[tuple[list[str], Any]]:
        """The parts of a kept table that hold some reports, all if none is named.

        Of each: all its reports, in the order of their numbers, and what loads its rows.
        """
        wanted = list(ids or self.reports["report_id"])
        found: list[tuple[list[str], Any]] = self.keeps(name).parts(name, wanted)
        return found

    def keeps(self, name: str) -> Store | Shards:
        """What keeps a table: the shards of a corpus, which are by one codebook, or a store."""
        known = self._shards and (
            name not in BY_BOOK
            or (self._shards.of_book(self.books[self.book]) and not (self.model and name in CODES))
        )
        return self._shards if self._shards and known else self.store

    def counted(self, sizes: pd.DataFrame, label: Mapping[str, str] | None = None) -> Counts:
        """How often each word stands in some places, rows of the table `sizes`."""
        chosen = np.full(len(self.sizes), -1)
        chosen[sizes.index] = np.arange(len(sizes))
        every = self.sizes["report_id"].array
        first = np.flatnonzero(dispersion.begins(every.codes))
        starts = np.full(len(every.categories) + 1, -1)
        starts[every.codes[first]] = first
        held = np.unique(sizes["report_id"].array.codes)
        starts[np.setdiff1d(np.arange(len(starts)), held)] = -1

        def load(numbered: Sequence[str], table: Load, keys: Sequence[str]) -> counts.Piece:
            few = {"filters": [("key", "in", keys)], "read_dictionary": None}  # in few row groups
            rows = table(**few) if 0 < len(keys) <= FEW else table()
            return counts.loaded(rows, starts[every.categories.get_indexer(numbered)], chosen)

        asked = every.categories[held].tolist()
        pieces = [partial(load, *part) for part in self.parts("counts", asked)] if asked else []
        return Counts(sizes.reset_index(drop=True), pieces, label or {})

    @kept
    def terms(self) -> pd.DataFrame:
        """The table `terms`: every word."""
        return keywords.term_hits(self.sentences, self.segmenter)

    def by_report(self) -> Study:
        """A corpus whose table `sizes` has a row a report, where its shards know sums of words."""
        own = self._copied(_OF_FOLDER | {"reports", "about", "codebook", "model"})
        sizes = own.about[["report_id", *counts.SIZES]].astype({"report_id": "category"})
        own.__dict__["sizes"] = sizes
        return own

    def only(self, ids: Sequence[str]) -> Study:
        """The study with some of its reports; what it has loaded is not loaded again."""
        own = self._copied(_OF_FOLDER | {"codebook", "model"})
        own._wanted = own.asked = list(ids)
        return own

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

    @cached_property
    def whole(self) -> Study:
        """The study with all its reports."""
        return self.only([]) if self._wanted else self

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

    @property
    def glosses(self) -> dict[str, str]:
        """Of each section the English names of the themes whose terms stand in its heading."""
        headings = self.sentences[self.sentences["is_heading"].astype(bool)]
        found, names = coded.match(headings, self.codebook), self.codebook.names("en")
        own = found[found["shadowed_by"] == ""].merge(
            headings[["sentence_id", "section"]], on="sentence_id"
        )
        return {
            str(section): ", ".join(names[one] for one in dict.fromkeys(rows["key"]))
            for section, rows in own.groupby("section", sort=False)
        }

    theme_hits = kept(_themes)

    @kept
    def codings(self) -> pd.DataFrame:
        """The table `codings`: one theme a sentence."""
        if self.model:
            own = self.theme_hits, self.sentences, self.codebook
            return coded.model.code(self.model, *own)
        return coded.code(self.theme_hits, self.sentences, self.codebook)

    @kept
    def coverage(self) -> pd.DataFrame:
        """How much of each place each theme covers: `themes.COVERAGE`."""
        book = self.codebook
        return coded.covering(self.codings, self.sentences, exclusive=book.exclusive)

    def validate(
        self, against: Path | None = None, second: Path | None = None
    ) -> handcodes.Validation:
        """The codings held against hand codes; with `second`, two coders' files with each other.

        InputError if a file cannot be read, or none of its codes is about the wanted reports.

        Parameters
        ----------
        against : a file of hand codes; validation/themes.csv of the study if not given.
        """
        paths = [path for path in (against or self.path / handcodes.GOLD, second) if path]
        placed = [self._placed_codes(path).codes for path in paths]
        for path, codes in zip(paths, placed, strict=True):
            if codes.empty:
                raise InputError("none of its codes is about the reports chosen.", path=path)
        codings = handcodes.as_codings(placed[1]) if second else self.codings
        return handcodes.validate(codings, self.sentences, placed[0], self.codebook)

    def _placed_codes(self, path: Path) -> handcodes.Placed:
        codes = handcodes.read(path, self.codebook)
        return handcodes.place(codes, self.sentences, self.sha256)

    @cached_property
    def validation(self) -> handcodes.Validation | None:
        """The codings held against validation/themes.csv; None where no report has hand codes."""
        path = self.path / handcodes.GOLD
        if not files.there(path):
            return None
        of = {cells["sha256"] for _, cells in handcodes.of_book(path, self.book)}
        return self.validate() if of & set(self.reports["sha256"]) else None

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name, held against its contract; GongbaoError for an unknown name."""
        must_occur("table", [name], (*TABLES, "reading"))
        if name == "reading":
            return self.reading
        return tables.check(getattr(self, HELD.get(name, name)), name)

    def provenance(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """What a figure's provenance says of the study: inputs, edits, versions, options."""
        from analysis.bundle import provenance

        curated = sorted([*self.path.glob("*.csv"), *self.path.glob("codebooks/*")])
        edits: dict[str, Counter[str]] = {}
        for edit in tables.rows(self.edits):
            counts = edits.setdefault(edit.report_id, Counter())
            counts[f"{edit.rule}: {edit.certainty}"] += 1
        hashes = {one.relative_to(self.path).as_posix(): tables.sha256(one) for one in curated}
        for sha256 in sorted(self.reports["sha256"]):
            if seen := transcript.digest(self.path, sha256):
                hashes[transcript.place(sha256)] = seen
        rows: list[dict[str, Any]] = []
        for row in tables.rows(self.reports):
            year_given = None if pd.isna(row.year_given) else int(row.year_given)
            left = self._remains[row.report_id]._asdict()
            about: dict[str, Any] = {"year": int(row.year), "year_given": year_given}
            about["edits"] = edits.get(row.report_id, {})
            about["remains"] = {kind: n for kind, n in left.items() if n}
            rows.append(row._asdict() | about)
        return {
            "study": {"title": self.title, "design": self.design, "coded_by": self.coded_by},
            "reports": rows,
            "codebook": self.book_said,
            "versions": {**self.versions, "engine": self.engine},
            "stopwords": len(self.stopwords),
            "tables": hashes,
            "reference": reference.versions(),
            "validation": self.validation.facts if self.validation else {},
            "options": dict(options),
            "inputs": provenance.inputs(options),
        }

    def lead(self, hits: pd.DataFrame) -> Callable[[Sequence[str]], pd.DataFrame]:
        """What leads sentences of `hits` back to the raw file: `trail.of`, with codes `coded`.

        InputError if the study does not hold one.
        """
        named = hits.get("sentence_id", pd.Series(dtype=object)).dropna().unique()
        wanted = [key for key in named if key]
        own = {key.rpartition(":")[0] for key in wanted} <= set(self.reports["report_id"])
        study = self if own else self.whole
        trail.known(study, wanted)

        def led(sentence_ids: Sequence[str]) -> pd.DataFrame:
            found = trail.of(study, sentence_ids)
            unsure: dict[str, list[Edit]] = {}
            for row in tables.rows(found):
                own = [one for one in row.edits if transcript.noted(one.note)]
                unsure.setdefault(row.report_id, []).extend(own)
            cut = {key: study.pictures(key, edits) for key, edits in unsure.items() if edits}
            shown = [cut.get(key, {}) for key in found["report_id"]]
            found = found.assign(pictures=pd.Series(shown, index=found.index, dtype=object))
            return trail.coded(found, study.theme_hits) if "primary_theme" in hits else found

        return led

    def bundle(
        self,
        name: str,
        figure: Figure,
        *,
        data: pd.DataFrame,
        hits: pd.DataFrame,
        options: Mapping[str, Any],
        out: str | Path,
        cited: Sequence[str] = (),
        names: Mapping[str, Mapping[str, str]] | None = None,
        about: Mapping[str, Any] | None = None,
        **also: Any,
    ) -> Bundle:
        """Write a figure with its data, evidence, caption, methods and provenance.

        Parameters
        ----------
        name : the figure's name, which names its folder under `out`.
        figure : what a function of `figures` returned; data : the table it was drawn from.
        hits : the rows that were counted. Reports of the data that are not among the wanted ones
            (a series goes on) stand in the record under `beside`.
        options : the notebook's parameters, of `options(globals())`.
        cited : labels of the sources whose numbers stand in the figure, from 1.
        names : in each language, what themes are called, where another book coded them.
        about : what the figure is about (`bundle.about`); taken from the options if not given.
        also : what else the record says, for a caption to know.
        """
        from analysis import bundle

        ids = set(data["source_id"]) if "source_id" in data else set()
        sources = self.sources[self.sources["source_id"].isin(ids)]
        said = bundle.about
        what = said.asked(options, data) if about is None else said.complete(data, about)
        record = {**self.provenance(options), "sources": sources.to_dict("records")}
        record |= {"about": what, **also}
        if not record["validation"]:
            record["study"]["coded_by"] = "nobody"
        others = {*data.get("report_id", ())} - {*self.reports["report_id"]}
        if len(beside := self._catalogue[self._catalogue["report_id"].isin(others)]):
            beside = beside.astype({"year": object, "year_given": object})
            record["beside"] = beside.where(beside.notna(), None).to_dict("records")
        called: dict[str, dict[str, str]] = {}
        for lang in html.LANGUAGES:
            books = self.indicator_codebook.names(lang) | self.codebook.names(lang)
            called[lang] = books | self.places[1] | dict((names or {}).get(lang, {}))
        made: dict[str, Any] = {"data": data, "hits": hits, "provenance": record, "cited": cited}
        made |= {"lead": self.lead(hits), "names": called}
        return bundle.write(name, figure, **made, out=out)

    def problems(self) -> Iterator[str]:
        """One sentence for each thing in the study that does not hold together.

        Reports are read, restored and split; curated figures are held against codebook, sources
        and sentences; places that restoration left unresolved are listed.
        """
        yield from catalogue.twice(self.reports)
        yield from catalogue.levels(self.reports)
        broken = False
        taken: dict[str, str] = {}
        for row in tables.rows(self.reports):
            first = taken.setdefault(row.sha256, row.report_id)
            if first != row.report_id:
                yield f"{row.path}: is the file of {first} too, so all in it counts twice."
            try:
                source = self.source(row.report_id)
                yield from (f"{row.path}: {said}" for said in source.unread)
                yield from encodings.problems(source.text, row.encoding, row.path)
                yield from self.restored(row.report_id).problems(row.path)
                left = self.remains(row.report_id)._replace(private=0)  # named above
                for said in left.said():
                    yield f"{row.path}: {said}"
            except InputError as error:
                broken = True
                yield str(error)
        if broken:  # what follows needs every report
            return
        book, sources = self.indicator_codebook, self.sources
        yield from self._unsure_figures()
        yield from indicators.problems(self.curated, book, sources, self.sentences)
        yield from shape.unlike(self.reports, self.sentences)
        yield from shape.shared_lines(self.reports, self.sentences)
        yield from self._lexicon_problems()
        yield from self.decided.lost
        if (self.decisions["about"] == "commitment").any():
            yield from self._placed_promises.lost
        for name, path in self.books.items():
            own = self.under(name)
            yield from own.decided_themes.lost
            yield from coded.self_check(own.codebook, path.name)
            if own.validation is not None:
                yield from own._placed_codes(self.path / handcodes.GOLD).lost
        self.read_curated()
        _ = self.codings, self.term_groups, self._links

    def _lexicon_problems(self) -> Iterator[str]:
        """One sentence for each word of the lexicon that no text can hold, and for frequencies."""
        path = self.path / "codebooks" / "lexicon.txt"
        lines = [line.split("#")[0].strip() for line in encodings.text(path).splitlines()]
        given = sum(bool(_FREQUENCY.search(line)) for line in lines)
        if given:
            lines_have = "line has" if given == 1 else "lines have"
            said = "is not used, as a low one would split the word"
            yield f"lexicon.txt: {given} {lines_have} a frequency, which {said}."
        for word in self.word_list("lexicon")[0]:
            cut = [token for token, *_ in self.segmenter.words(word)]
            if cut != [word]:
                pieces = " | ".join(cut) or "nothing"
                yield (
                    f"lexicon.txt: {word!r} can never match: {self.engine} cuts it into {pieces}, "
                    "as punctuation and full-width letters end a word; put its parts, or a term "
                    "into term_groups.yaml, whose terms are looked for in the text itself."
                )

    # -- writing --------------------------------------------------------------------------------

    add = adding.add

    def decide(self, decisions: pd.DataFrame) -> int:
        """Append to decisions.csv; what stands there is never changed. Returns how many.

        What is the last word on its place already, as of two processes that read one workbook, is
        not said twice.
        """
        with files.locked(self.path / "decisions.csv"):
            before = tables.read(self.path / "decisions.csv", "decisions")
            last = {review.anchor(row): row for row in tables.rows(before)}
            rows = tables.rows(tables.check(decisions, "decisions"))
            decisions = decisions[[row != last.get(review.anchor(row)) for row in rows]]
            both = pd.concat([before, decisions], ignore_index=True)
            tables.write(tables.check(both, "decisions"), self.path / "decisions.csv")
        self.forget_decisions()
        return len(decisions)

    def forget_reports(self) -> None:
        """Read reports.csv anew when it is asked for next."""
        for name in ("_catalogue", "reports", "_links", "held_back"):
            self.__dict__.pop(name, None)

    def forget_decisions(self) -> None:
        """Read decisions.csv anew when it is asked for next: others write to it too."""
        for name in (
            "decisions",
            "_placed_promises",
            "decided",
            "decided_themes",
            "curated",
            "extracted",
        ):
            self.__dict__.pop(name, None)

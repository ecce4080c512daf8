"""What in a study does not hold together: `gongbao check`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis import indicators, tables, themes
from analysis.evidence import marks
from analysis.kit import InputError, encodings
from analysis.reading import transcript
from analysis.themes import handcodes
from analysis.words import listed

from . import catalogue, coding, shape
from .lists import FREQUENCY


def problems(study: Any) -> Iterator[str]:
    """One sentence for each thing in the study that does not hold together.

    Reports are read, restored and split; curated figures are held against codebook, sources
    and sentences; places that restoration left unresolved are listed.
    """
    yield from catalogue.twice(study.reports)
    yield from catalogue.levels(study.reports)
    broken = False
    taken: dict[str, str] = {}
    for row in tables.rows(study.reports):
        first = taken.setdefault(row.sha256, row.report_id)
        if first != row.report_id:
            yield f"{row.path}: is the file of {first} too, so all in it counts twice."
        try:
            source = study.source(row.report_id)
            yield from (f"{row.path}: {said}" for said in source.unread)
            yield from encodings.problems(source.text, row.encoding, row.path)
            yield from study.restored(row.report_id).problems(row.path)
            left = study.remains(row.report_id)._replace(private=0)  # named above
            for said in left.said():
                yield f"{row.path}: {said}"
        except InputError as error:
            broken = True
            yield str(error)
    if broken:  # what follows needs every report
        return
    book, sources = study.indicator_codebook, study.sources
    yield from _unsure_figures(study)
    yield from indicators.problems(study.curated, book, sources, study.sentences)
    yield from shape.unlike(study.reports, study.sentences)
    yield from shape.shared_lines(study.reports, study.sentences)
    yield from _lexicon_problems(study)
    yield from study.decided.lost
    if (study.decisions["about"] == "commitment").any():
        yield from study._placed_promises.lost
    for name, path in study.books.items():
        own = study.under(name)
        yield from own.decided_themes.lost
        yield from themes.self_check(own.codebook, path.name)
        if own.validation is not None:
            yield from coding.placed(own, study.path / handcodes.GOLD).lost
    study.read_curated()
    _ = study.codings, study.term_groups, study._links


def _lexicon_problems(study: Any) -> Iterator[str]:
    """One sentence for each word of the lexicon that no text can hold, and for frequencies."""
    lines, _ = listed.read(study.path / "codebooks" / "lexicon.txt")
    given = sum(bool(FREQUENCY.search(line)) for line in lines)
    if given:
        lines_have = "line has" if given == 1 else "lines have"
        said = "is not used, as a low one would split the word"
        yield f"lexicon.txt: {given} {lines_have} a frequency, which {said}."
    for word in study.word_list("lexicon")[0]:
        cut = [token for token, *_ in study.segmenter.words(word)]
        if cut != [word]:
            pieces = " | ".join(cut) or "nothing"
            yield (
                f"lexicon.txt: {word!r} can never match: {study.engine} cuts it into {pieces}, "
                "as punctuation and full-width letters end a word; put its parts, or a term "
                "into term_groups.yaml, whose terms are looked for in the text itself."
            )


def recognised(study: Any) -> Iterator[str]:
    """A sentence for each report that was recognised on pictures: how much, and how surely."""
    for row in tables.rows(study.reports):
        seen = row.encoding.endswith(transcript.SEEN) and row.report_id not in study.held_back
        if seen and (scan := study.source(row.report_id).scan):
            yield f"{row.path}: {scan.said()}."


def _unsure_figures(study: Any) -> Iterator[str]:
    """A sentence for each curated figure on characters that OCR is unsure of, if none said so.

    What was written by hand or decided before is held against them here; a decision in a
    workbook needs a note then.
    """
    texts = study.sentences.set_index("sentence_id")
    for row in tables.rows(study.curated):
        if not study._unsure.about(row.report_id) or row.sentence_id not in texts.index:
            continue
        begin = int(texts.loc[row.sentence_id, "start"])
        places = marks.found(str(texts.loc[row.sentence_id, "text"]), row.quote)
        spans = [
            study.restored(row.report_id).raw_span(begin + one, begin + other)
            for one, other in places
        ]
        sure = not spans or not all(study._unsure.touch(row.report_id, *one) for one in spans)
        if not sure and "OCR" not in row.note:
            yield (
                f"{row.sentence_id}: the figure {row.quote!r} ({row.status}) holds a character "
                "that OCR read with little certainty; look at the page and say so in its note."
            )

"""What was recognised on pages that are pictures: kept, laid out as text, and where it is unsure.

Recognition takes seconds a page and depends on models; so a study keeps what it gave, and the text
is laid out from that, as a PDF's is from its characters. A character below `LIMIT` is an edit of
the rule `ocr` that changes nothing and says so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from analysis.kit import InputError, progress, safe
from analysis.restore import Edit, Restored

from . import apart

FOLDER = "scans"
"""Where a study keeps them."""

LIMIT = 90
"""Per cent below which a character is unsure."""

RULE = "ocr"

SEEN = " ocr"
"""How the encoding of a report ends that was recognised."""

_FORMAT = 1


class Place(NamedTuple):
    """Where a recognised line stands: in the text, and on its page."""

    start: int
    end: int
    page: int
    line: int


class Unsure(NamedTuple):
    """Characters read with little certainty: where, on which page, in which box, how sure."""

    start: int
    end: int
    page: int
    line: int
    box: tuple[float, ...]
    score: int
    mean: float


def place(sha256: str) -> str:
    """Where a study keeps what was recognised of a file."""
    return f"{FOLDER}/{sha256[:32]}.json"


def digest(study: Path, sha256: str) -> str:
    """The sha256 of what a study keeps of a file, '' where it keeps nothing.

    Of a report that is held back only this is there.
    """
    kept, told = study / place(sha256), (study / place(sha256)).with_suffix(".sha256")
    if kept.is_file():
        return hashlib.sha256(kept.read_bytes()).hexdigest()
    return told.read_text("ascii").strip() if told.is_file() else ""


@dataclass(frozen=True)
class Transcript:
    """What was recognised of a file: `engine`, `pages`, and its `places` in the text.

    `pages` is as `scan.scan` returns it; `fresh` whether it was recognised just now.
    """

    sha256: str
    engine: str
    pages: Mapping[str, Any]
    places: tuple[Place, ...] = ()
    fresh: bool = False

    def json(self) -> str:
        """It, as it is kept."""
        said = {"format": _FORMAT, "sha256": self.sha256, "engine": self.engine}
        pages = ",\n".join(
            f"{json.dumps(number)}: " + json.dumps(page, ensure_ascii=False, sort_keys=True)
            for number, page in self.pages.items()
        )
        return f'{json.dumps(said)[:-1]}, "pages": {{\n{pages}\n}}}}\n'

    def _line(self, place: Place) -> Any:
        return self.pages[str(place.page)]["lines"][place.line]

    def unsure(self) -> Iterator[Unsure]:
        """The runs of characters below `LIMIT`, in the order of the text."""
        for place in self.places:
            line = self._line(place)
            scores = line["scores"]
            mean = sum(scores) / len(scores)
            for low, run in groupby(range(len(scores)), key=lambda at: scores[at] < LIMIT):
                if low:
                    own = [*run]
                    least = min(scores[at] for at in own)
                    where = place.start + own[0], place.start + own[-1] + 1
                    box = tuple(line["box"])
                    yield Unsure(*where, place.page, place.line, box, least, mean)

    def pictures(self, data: bytes, edits: Iterable[Edit]) -> dict[int, str]:
        """Pictures of the lines that edits stand on, of each line once: `Study.pictures`."""
        wanted: dict[tuple[int, int], int] = {}
        for edit in edits:
            if (where := noted(edit.note)) and where not in wanted:
                wanted[where] = edit.edit
        boxes = [[page, *self.pages[str(page)]["lines"][line - 1]["box"]] for page, line in wanted]
        cut = apart.ask("cut", data, boxes=boxes)[1]["pictures"] if boxes else []
        return dict(zip(wanted.values(), cut, strict=True))

    def marked(self, restored: Restored) -> Restored:
        """A restored text with an edit for each run of unsure characters."""
        edits = tuple(
            Edit(n, RULE, one.start, one.end, text, text, "likely", note(one))
            for n, one in enumerate(self.unsure(), start=1)
            if (text := restored.raw[one.start : one.end])
        )
        return Restored(restored.raw, restored.raw, edits).then(restored) if edits else restored

    def said(self) -> str:
        """A sentence: how much was recognised, and how surely."""
        scores = [score for place in self.places for score in self._line(place)["scores"]]
        mean = sum(scores) / max(len(scores), 1) / 100
        doubts = [*self.unsure()]
        lines = len({(one.page, one.line) for one in doubts})
        many = f"{lines} of {len(self.places)} lines"
        chars = sum(one.end - one.start for one in doubts)
        few = (
            f"{many} hold characters below {LIMIT / 100:.2f} ({chars} in all)"
            if lines
            else (f"no character of its {len(self.places)} lines is below {LIMIT / 100:.2f}")
        )
        pages = f"{len(self.pages)} page{'s' * (len(self.pages) != 1)}"
        return f"{pages} recognised by OCR, mean score {mean:.3f}; {few}"


def note(one: Unsure) -> str:
    """What an edit says of its characters.

    >>> note(Unsure(5, 6, 2, 13, (0.0, 0.0, 1.0, 1.0), 61, 97.25))
    'OCR: page 2, line 14, score 0.61 (of the line 0.973)'
    """
    about = f"page {one.page}, line {one.line + 1}, score {one.score / 100:.2f}"
    return f"OCR: {about} (of the line {one.mean / 100:.3f})"


SAID = "OCR: page "
"""What stands in the note of each edit that is from here."""

_NOTE = re.compile(r"OCR: page (\d+), line (\d+), score ")


def noted(said: str) -> tuple[int, int] | None:
    """Page and line, both from 1, that an edit's note names."""
    match = _NOTE.search(said)
    return (int(match[1]), int(match[2])) if match else None


class Marks:
    """Where OCR is unsure, of many reports: from the table `edits`."""

    def __init__(self, edits: Iterable[Any]) -> None:
        self._spans: dict[str, list[tuple[int, int]]] = {}
        for edit in edits:
            if noted(edit.note):
                own = self._spans.setdefault(edit.report_id, [])
                own.append((edit.raw_start, edit.raw_end))

    def about(self, report_id: str) -> bool:
        """Whether any stands in a report."""
        return report_id in self._spans

    def touch(self, report_id: str, start: int, end: int) -> bool:
        """Whether one stands between two places of a report's raw text."""
        return any(one < end and start < other for one, other in self._spans.get(report_id, ()))


def kept(data: bytes, study: Path | None) -> Transcript | None:
    """What a study's folder keeps of a file; InputError if that is damaged."""
    if study is None:
        return None
    sha256 = hashlib.sha256(data).hexdigest()
    path = study / place(sha256)
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_text("utf-8"))
        for page in said["pages"].values():
            for line in page["lines"]:
                fits = len(line["text"]) == len(line["scores"]) > 0 and len(line["box"]) == 4
                if not fits or "\n" in line["text"]:
                    raise ValueError("a line's text and scores differ in length")
                _ = [float(side) for side in line["box"]], [int(one) for one in line["scores"]]
        if said["format"] != _FORMAT or said["sha256"] != sha256:
            raise ValueError("it is of another file or version")
        return Transcript(sha256, str(said["engine"]), said["pages"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        said = f"is damaged ({error}); delete it, and the pages are recognised again."
        raise InputError(said, path=path) from None


def recognised(data: bytes, pages: Sequence[int], name: str) -> Transcript:
    """Recognise pages of a file, all if none is named; apart.UnreadableError if that fails."""
    with progress.Progress(f"OCR of {safe(name)}", "page", max(len(pages), 1), delay=2) as bar:

        def told(done: int) -> None:
            bar.total = max(bar.total, done)
            bar.update(done - bar.done)

        _, said = apart.ask(apart.SCAN, data, told=told, pages=list(pages))
    sha256 = hashlib.sha256(data).hexdigest()
    return Transcript(sha256, str(said["engine"]), said["pages"], fresh=True)

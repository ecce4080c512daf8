"""Codes that people gave sentences by hand, and how far the codebook's codes agree with them.

A sample is drawn without the machine's codes, coded in a workbook, and read back. A hand code is
anchored by the file's sha256 and raw offsets, with a quote to find it again where the text is cut
otherwise; one that finds no place is said, never dropped. The coder reads nothing of this: hand
codes measure a codebook, they do not make one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from analysis import tables
from analysis.kit import InputError, ProblemsError, must_occur, unknown

from . import agreement
from .codebook import LAW, NONE

if TYPE_CHECKING:
    from .codebook import Codebook

COLUMNS = ("sha256", "raw_start", "raw_end", "quote", "coder", "codebook", "primary_theme")
"""Columns of a study's own file of hand codes."""

GOLD = Path("validation") / "themes.csv"
"""Where a study keeps them."""

QUOTE = 20
"""Characters of a sentence that are kept to find it again."""

_PLACED = ["where", "report_id", "sentence_id", *COLUMNS]
_SHEET = ["report_id", "sentence_id", "heading", "text", "primary_theme", "other_themes"]
_SHEET += ["coder", "note", "codebook", "sha256", "raw_start", "raw_end"]

# -- drawing sentences to code ----------------------------------------------------------------


def sample(
    sentences: pd.DataFrame,
    sha256: Mapping[str, str],
    *,
    n: int = 100,
    seed: int = 0,
    by: Sequence[str] = ("report_id", "part"),
    codebook: str = LAW,
) -> pd.DataFrame:
    """Draw `n` sentences to code by hand, headings too, without any code of the machine's.

    Systematic sampling of the sentences in random order within their strata (the columns `by`):
    every sentence has the same chance, and every stratum its share of the sample, to within one
    sentence. All are drawn if there are fewer; another seed draws others. `sha256` is that of each
    report's file, by report_id.

    In random order: report_id, sentence_id, heading, text, primary_theme, other_themes, coder, note
    (these four empty), codebook, sha256, raw_start, raw_end.
    """
    must_occur("by", by, sentences.columns)
    chance = np.random.default_rng(seed)
    mixed = sentences.iloc[chance.permutation(len(sentences))]
    mixed = mixed.sort_values(list(by), kind="stable")
    n = min(n, len(mixed))
    drawn = np.floor((np.arange(n) + chance.random()) * (len(mixed) / max(n, 1))).astype(int)
    rows = mixed.iloc[chance.permutation(drawn)]
    empty = dict.fromkeys(("primary_theme", "other_themes", "coder", "note"), "")
    rows = rows.assign(**empty, codebook=codebook, sha256=rows["report_id"].map(sha256))
    return rows[_SHEET].reset_index(drop=True)


def write_workbook(frame: pd.DataFrame, codebook: Codebook, path: Path) -> None:
    """Write what `sample` drew: as xlsx with lists to choose a theme from, or as csv.

    Text that begins like a formula stays text. A second sheet says what each theme is. InputError
    for any other ending, and if the file is there and holds a code, or is another one.
    """
    if path.suffix.lower() in (".csv", ".xlsx"):
        for line, cells in tables.filled(path, "primary_theme"):
            said = f"is coded already ({cells['primary_theme']!r}); name a new file."
            raise InputError(said, path=path, line=line)
    if path.suffix.lower() == ".csv":
        formula = frame["text"].str.startswith(("=", "+", "-", "@"))
        tables.write(frame.assign(text=frame["text"].mask(formula, "'" + frame["text"])), path)
    elif path.suffix.lower() == ".xlsx":
        names = [codebook.names(lang) for lang in ("zh", "en")]
        meanings = [(theme.id, *theme.definition.values()) for theme in codebook.themes]
        sheet = pd.DataFrame([*meanings, (NONE, "", "")], columns=["id", "定义", "definition"])
        for at, (column, named) in enumerate(zip(("名称", "name"), names, strict=True)):
            sheet.insert(1 + at, column, sheet["id"].map(named))
        tables.workbook(path, {"sentences": frame, "themes": sheet}, {"primary_theme": "themes"})
    else:
        raise InputError(f"-o {path}: the name must end in .xlsx or .csv.")


# -- reading hand codes -----------------------------------------------------------------------


def read(path: Path, codebook: Codebook) -> pd.DataFrame:
    """Read hand codes from CSV, or from the first sheet of an xlsx.

    A row names its sentence by sha256 and raw_start, or by report_id with sentence_id or with
    `sentence`, its number. The code, a theme's id or name, is in primary_theme, signed in `coder`,
    otherwise by the file's name; where there is a column a coder (coder_1, coder_2, …), those are
    read instead. An empty cell is no code. Rows of another book, by the column `codebook` (empty:
    `law_based_government`), are left out; without that column all are of this one. Other columns do
    not matter.

    One row a sentence and coder comes back: where (`FILE:LINE`), report_id, sentence_id, then
    `COLUMNS`; raw_start and raw_end are -1, all else '', where the file does not say. ProblemsError
    has a sentence for each row that cannot be used: an unknown theme, no sentence named, a second
    code by the same coder. InputError if the file cannot be read, lacks columns or holds no code.
    """
    header, _ = tables.records(path)
    coded = "primary_theme" in header or any(name.startswith("coder_") for name in header)
    if not coded or not {"sha256", "report_id"} & set(header):
        wanted = f"the columns must be {', '.join(COLUMNS)}, or those that `gongbao sample` writes."
        raise InputError(f"is no file of hand codes: {wanted}", path=path, line=1)
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    found = []
    for line, cells in of_book(path, codebook.id):
        try:
            for row in _codes(cells, path.stem, codebook):
                key = tuple(row[name] for name in ("sentence_id", "sha256", "raw_start", "coder"))
                if key in rows:
                    raise ValueError(f"{row['coder']} has coded this sentence already; keep one.")
                rows[key] = {"where": f"{path}:{line}", **row}
        except ValueError as error:
            found.append(InputError(str(error), path=path, line=line))
    if found:
        raise ProblemsError(found)
    if not any(row["primary_theme"] for row in rows.values()):
        said = f"holds no code of the codebook {codebook.id}; fill in primary_theme."
        raise InputError(said, path=path)
    return pd.DataFrame(rows.values(), columns=_PLACED)


def of_book(path: Path, codebook: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a file that are codes by one codebook, with their lines."""
    for line, cells in tables.records(path)[1]:
        if (cells.get("codebook", codebook) or LAW) == codebook:
            yield line, cells


def _codes(cells: dict[str, str], stem: str, codebook: Codebook) -> Iterator[dict[str, Any]]:
    """The codes of one row, as `read` returns them; ValueError with a sentence."""
    report, sentence = cells.get("report_id", ""), cells.get("sentence_id", "")
    if report and cells.get("sentence"):
        sentence = f"{report}:s{_whole(cells, 'sentence'):03d}"
    anchor: dict[str, Any] = {"report_id": report, "sentence_id": sentence}
    anchor |= {name: _whole(cells, name) for name in ("raw_start", "raw_end")}
    quote = cells.get("quote") or cells.get("text", "")
    anchor |= {"sha256": cells.get("sha256", ""), "quote": quote}
    if not (report and sentence) and not (anchor["sha256"] and anchor["raw_start"] >= 0):
        raise ValueError("names no sentence: give sha256 and raw_start, or report_id and sentence.")
    given = {name: theme for name, theme in cells.items() if name.startswith("coder_")}
    given = given or {cells.get("coder") or stem: cells.get("primary_theme", "")}
    known = [*codebook.ids, NONE]
    ids = {name: key for lang in ("zh", "en") for key, name in codebook.names(lang).items()}
    for theme in (*given.values(), *cells.get("other_themes", "").split(";")):
        if theme and theme not in known and theme not in ids:
            raise ValueError(unknown("theme", theme, known))
    for coder, theme in given.items():
        own = {"coder": coder, "codebook": codebook.id, "primary_theme": ids.get(theme, theme)}
        yield anchor | own


def _whole(cells: dict[str, str], column: str) -> int:
    text = cells.get(column) or "-1"
    if not text.removeprefix("-").isdecimal():
        raise ValueError(f"{column} is {text!r}; it must be a whole number.")
    return int(text)


class Placed(NamedTuple):
    """Hand codes on their sentences, and one sentence for each code that found none."""

    codes: pd.DataFrame
    lost: list[str]


def place(codes: pd.DataFrame, sentences: pd.DataFrame, sha256: Mapping[str, str]) -> Placed:
    """Put each hand code, as `read` returns them, on its sentence.

    Within the report (by sha256, otherwise by report_id) that is the sentence with both raw
    offsets, otherwise one that begins with the quote, once ASCII and full-width punctuation are the
    same: the one of that id, or the nearest by raw_start, or the only one. `sha256` is that of each
    report's file, by report_id.

    The codes come back with the sentence's own ids and anchor, `quote` being how it begins: their
    `COLUMNS` are what a study keeps.
    """
    folded = sentences.assign(folded=sentences["text"].map(_fold))
    reports = {str(key): own for key, own in folded.groupby("report_id", sort=False)}
    names = {sha256[key]: key for key in reports}
    placed: dict[tuple[str, str], tuple[Any, ...]] = {}
    lost = []
    for code in tables.rows(codes):
        report = names.get(code.sha256, "") if code.sha256 else code.report_id
        there, why = None, "the study does not hold its report."
        if report in reports:
            there, why = _find(reports[report], code)
        key = (there["sentence_id"] if there is not None else "", code.coder)
        if key in placed:
            there, why = None, f"{code.coder} has coded {key[0]} already."
        if there is None:
            about = code.quote[:QUOTE] or code.sentence_id or code.raw_start
            lost.append(f"{code.where}: the code of {about!r} by {code.coder} has no place: {why}")
        else:
            anchor = (sha256[report], there["raw_start"], there["raw_end"], there["text"][:QUOTE])
            own = (code.coder, code.codebook, code.primary_theme)
            placed[key] = (code.where, report, key[0], *anchor, *own)
    return Placed(pd.DataFrame(placed.values(), columns=_PLACED), lost)


def _find(report: pd.DataFrame, code: Any) -> tuple[pd.Series[Any] | None, str]:
    """The sentence that a code is about, or why there is none."""
    same = report[(report["raw_start"] == code.raw_start) & (report["raw_end"] == code.raw_end)]
    if same.empty:
        quoted = _fold(code.quote)
        same = report[report["folded"].str.startswith(quoted)] if quoted else same
        named = same[same["sentence_id"] == code.sentence_id]
        if code.raw_start >= 0:
            same = same.loc[(same["raw_start"] - code.raw_start).abs().sort_values().index[:1]]
        elif len(named):
            same = named
    if len(same) == 1:
        return same.iloc[0], ""
    return None, f"{len(same) or 'no'} sentences of the report begin so."


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


# -- agreement --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Validation:
    """How far codes agree with those made by hand.

    headings : whether headings are among the sentences; bare : the same without them, if there are.
    n, same : sentences compared, and how many of them have the same code on both sides.
    alpha, interval : Krippendorff's alpha, nominal, of the two sides; a bootstrap over sentences.
    scores, confusion : of `agreement`, for every theme and `none`.
    disagreements : sentence_id, text, hand, coded, rule.
    uncoded, divided : sentences of the hand codes left out because one side has no code there, or
    because as many coders gave one code as another.
    coders, coders_alpha, coders_interval : who coded by hand, and how far they agree among
    themselves (NaN for a single one).
    """

    headings: bool
    n: int
    same: int
    alpha: float
    interval: tuple[float, float]
    scores: pd.DataFrame
    confusion: pd.DataFrame
    disagreements: pd.DataFrame
    uncoded: int
    divided: int
    coders: tuple[str, ...]
    coders_alpha: float
    coders_interval: tuple[float, float]
    bare: Validation | None

    @property
    def compares(self) -> bool:
        """Whether the coders have sentences in common on which to compare them."""
        return len(self.coders) > 1 and not np.isnan(self.coders_alpha)

    @property
    def facts(self) -> dict[str, Any]:
        """What provenance says of it, with and without headings: alpha, interval, n, coders."""
        return {
            "with headings" if one.headings else "without headings": {
                "alpha": round(one.alpha, 4),
                "interval": [round(bound, 4) for bound in one.interval],
                "n": one.n,
                "coders": len(one.coders),
                "coders_alpha": round(one.coders_alpha, 4) if one.compares else None,
            }
            for one in filter(None, (self, self.bare))
        }

    def __str__(self) -> str:
        """A report for the terminal."""

        def said(alpha: float, interval: tuple[float, float]) -> str:
            return "{:.3f} [{:.3f}, {:.3f}]".format(alpha, *interval)

        lines = [
            f"Held against the codes of {', '.join(self.coders)}.",
            f"Left out: {self.uncoded} sentences without a code on one side, {self.divided} that "
            "divide the coders.",
            "Krippendorff's alpha, with 95 % of a bootstrap over sentences:",
        ]
        for one in filter(None, (self, self.bare)):
            kind = "with headings" if one.headings else "without headings"
            counts = f"   {one.same} of {one.n} sentences the same"
            lines.append(f"  {kind:18}{said(one.alpha, one.interval)}{counts}")
            if one.compares:
                lines.append(f"    the coders      {said(one.coders_alpha, one.coders_interval)}")
        scores = self.scores.to_string(index=False, na_rep="–", float_format="{:.2f}".format)
        lines += ["", f"No score where n_hand is below {agreement.ENOUGH}.", scores]
        differ = self.confusion[self.confusion["hand"] != self.confusion["coded"]]
        lines += ["", *(f"{row.n:4} {row.hand} → {row.coded}" for row in tables.rows(differ))]
        for row in tables.rows(self.disagreements):
            lines += ["", f"{row.sentence_id}: {row.hand} → {row.coded} ({row.rule})"]
            lines.append(f"  {row.text}")
        return "\n".join(lines)


def majority(codes: pd.DataFrame) -> pd.Series[str]:
    """Each sentence's code: what most coders gave, '' where none did or as many gave another."""

    def decide(given: pd.Series[str]) -> str:
        modes = given[given != ""].mode()
        return str(modes.iloc[0]) if len(modes) == 1 else ""

    return codes.groupby("sentence_id", sort=False)["primary_theme"].agg(decide)


def as_codings(codes: pd.DataFrame) -> pd.DataFrame:
    """Hand codes in place of the machine's, to hold two files of them against each other."""
    coded = majority(codes).rename("primary_theme").reset_index()
    report = coded["sentence_id"].str.rpartition(":")[0]
    book = codes["codebook"].iloc[0] if len(codes) else LAW
    by = f"hand:{'|'.join(_coders(codes))}"
    coded = coded.assign(report_id=report, codebook=book, other_themes="", rule=by)
    return tables.check(coded, "codings")


def _coders(codes: pd.DataFrame) -> tuple[str, ...]:
    return tuple(sorted(codes.loc[codes["primary_theme"] != "", "coder"].unique()))


def validate(
    codings: pd.DataFrame,
    sentences: pd.DataFrame,
    hand: pd.DataFrame,
    codebook: Codebook,
    *,
    headings: bool = True,
) -> Validation:
    """Compare codes (`codings`, or `as_codings` of another file) with those made by hand.

    Only sentences of `hand` (`Placed.codes`) are compared, and of these only the ones with a code
    on both sides: what nobody coded is no agreement. Of several coders the majority counts. With
    `headings` these are compared too, and `bare` says it without.
    """
    kinds = sentences.set_index("sentence_id")["is_heading"].astype(bool)
    is_heading = kinds[hand["sentence_id"]].to_numpy()
    bare = None
    if not headings:
        hand = hand[~is_heading]
    elif is_heading.any():
        bare = validate(codings, sentences, hand, codebook, headings=False)
    decided = majority(hand)
    facts = codings.merge(sentences[["sentence_id", "text"]], on="sentence_id", how="right")
    coded = codings.set_index("sentence_id")["primary_theme"]
    coded = coded[coded.index.isin(decided.index)]
    both, left_out = agreement.paired(decided, coded)
    differ = both[both["hand"] != both["coded"]].reset_index(names="sentence_id")
    differ = facts.merge(differ, on="sentence_id")
    given = hand[hand["primary_theme"] != ""]
    several = given.pivot(index="sentence_id", columns="coder", values="primary_theme")
    divided = int((decided[several.index] == "").sum())
    labels = [*codebook.ids, NONE]
    return Validation(
        headings=headings,
        n=len(both),
        same=len(both) - len(differ),
        alpha=agreement.alpha(both),
        interval=agreement.alpha_interval(both),
        scores=agreement.scores(decided, coded, labels),
        confusion=agreement.confusion(decided, coded, labels),
        disagreements=differ[["sentence_id", "text", "hand", "coded", "rule"]],
        uncoded=left_out - divided,
        divided=divided,
        coders=_coders(hand),
        coders_alpha=agreement.alpha(several),
        coders_interval=agreement.alpha_interval(several),
        bare=bare,
    )

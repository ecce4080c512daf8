"""A finding: a table, what was counted, how it is drawn, and what it says about itself.

Every measure of a study returns one, so that table, evidence and picture are always of one thing.
It shows itself in a notebook; its evidence and its picture are made when they are asked for.
"""

from __future__ import annotations

import base64
import html
import inspect
import numbers
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import pandas as pd

from analysis import evidence, tables
from analysis.kit import InputError, must_occur, shown, unknown
from analysis.text import english

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from analysis.bundle import Bundle


Draw = Callable[..., "Figure"]

MEASURES: dict[str, str] = {}
"""Each measure, as `words.frequency`, and the figure that it draws."""

_LOOKS = ("lang", "preset", "title", "stamp")
_ORDERED = ("top_terms", "theme_coverage", "rates_over_time", "reuse_shares", "region_multiples")
"""Figures that draw their table in the order that it has."""

_UNNAMED = "finding"
_ROWS = 10
_DPI = 130

P = ParamSpec("P")
S = TypeVar("S")


class Finding:
    """A table with what was counted, how it is drawn, and what it says about itself.

    The measures of a study return findings (`study.words.frequency()`); one's own table becomes one
    in the same way. As a cell's last expression it shows its figure and the first rows.

    Parameters
    ----------
    table : DataFrame, one row a bar, point or cell. Columns that say what a row counts (key,
        report_id, section, part, region, year, theme, …) lead it to its rows of `hits`.
    hits : DataFrame of what was counted, or a function without arguments that makes it, called
        when it is asked for. With a column sentence_id each hit leads to its sentence and the raw
        file; None: there is no evidence.
    figure : a function that takes the table (and, if it has such parameters, lang and preset) and
        returns a matplotlib figure or axes; or a figure. None: it has only a table.
    study : the Study that it was found in.
    name : str, names the bundle's folder: letters, digits, - and _.
    title : str, or {"zh": str, "en": str}: what the caption begins with; empty for the name.
    about : what the measure says of itself for caption and methods, see `analysis.bundle.about`:
        target (the slice counted), units, denominators, ….
    cited : labels of the sources whose numbers stand in the figure, in a list or by language.
    names : by language, what ids in the table are called: {"en": {"a_theme": "A theme"}}.
    also : what else provenance.json says.

    Attributes
    ----------
    table, hits : DataFrames. about : dict. name : str.

    Raises
    ------
    InputError
        for a name that can be no folder's.

    Examples
    --------
    >>> import analysis as gb
    >>> study = gb.Study("data")
    >>> hits = study.words.hits[study.words.hits["key"].str.startswith("法")]
    >>> table = hits.groupby("key").size().rename("n").reset_index()
    >>> mine = gb.Finding(table, hits, study=study, name="law_words")
    >>> len(mine.of(key="法治")), int(table.set_index("key").loc["法治", "n"])
    (19, 19)
    """

    def __init__(
        self,
        table: pd.DataFrame,
        hits: pd.DataFrame | Callable[[], pd.DataFrame] | None = None,
        figure: Draw | Figure | None = None,
        *,
        study: Any,
        name: str = _UNNAMED,
        title: str | Mapping[str, str] = "",
        about: Mapping[str, Any] | None = None,
        cited: Sequence[str] | Mapping[str, Sequence[str]] = (),
        names: Mapping[str, Mapping[str, str]] | None = None,
        also: Mapping[str, Any] | None = None,
    ):
        if not name or not all(one.isalnum() or one in "-_" for one in name):
            said = "it names a folder, of letters, digits, - and _ (top_words)"
            raise InputError(f"the name {name!r} will not do: {said}.")
        self.table, self.study, self.name = table, study, name
        self.about: dict[str, Any] = dict(about or {})
        self.options: dict[str, Any] = {}
        self._hits, self._draw = hits, figure
        self._looks: dict[int, dict[str, Any]] = {}
        self._title = {"zh": title, "en": title} if isinstance(title, str) else dict(title)
        by_lang = cited if isinstance(cited, Mapping) else {"zh": cited, "en": cited}
        self._cited = {lang: list(said) for lang, said in by_lang.items()}
        self._names, self._also = names, dict(also or {})

    def draws(self, figure: Draw) -> None:
        """Say how it is drawn."""
        self._draw = figure

    # -- table and evidence -----------------------------------------------------------------------

    @property
    def hits(self) -> pd.DataFrame:
        """What was counted: the table that hits.csv holds; without a row where there is none.

        Places in sentences stand beside their section, part, text and raw place.
        """
        if callable(self._hits):
            self._hits = self._hits()
        if self._hits is None:
            return pd.DataFrame()
        if {"sentence_id", "start", "end"} <= {*self._hits}:
            self._hits = self._placed(self._hits)
        return self._hits

    def of(self, row: int | None = None, **keys: Any) -> pd.DataFrame:
        """The sentences behind a number: the hits of some rows, each with its raw place.

        Parameters
        ----------
        row : number of a row of the table, from 1, as the figure's marks and evidence.html have it.
        keys : columns of the table, or of the hits, with a value or a list: `key="法治"`,
            `theme="law_enforcement", section="s03"`.

        Returns
        -------
        DataFrame
            The rows of `hits`; of those that stand in sentences with text, section, part,
            raw_start and raw_end (characters of the decoded file, from 0).

        Raises
        ------
        InputError
            for a row, column or value that does not occur.
        """
        rows, hits = self.table, self.hits
        if row is not None:
            if not 1 <= row <= len(rows):
                raise InputError(f"there is no row {row}; the table has rows 1 to {len(rows)}.")
            rows = rows.iloc[row - 1 : row]
        must_occur("column", keys, dict.fromkeys([*rows.columns, *hits.columns]))
        wanted = {name: one if isinstance(one, list) else [one] for name, one in keys.items()}
        for name in [name for name in wanted if name in rows]:
            must_occur(name, map(str, wanted[name]), rows[name].dropna().astype(str).unique())
            rows = rows[rows[name].isin(wanted.pop(name))]
        if len(rows) < len(self.table):
            hits, found = evidence.places(rows, hits, self.study.whole.reports)
            hits = hits.iloc[sorted({at for own in found for at in own})]
        return self._placed(evidence.of(hits, None, **wanted))

    def _placed(self, hits: pd.DataFrame) -> pd.DataFrame:
        """Hits with their sentences, where they have any and know no more than the id."""
        if "sentence_id" not in hits or "raw_start" in hits:
            return hits
        return evidence.of(hits, self.study.whole.sentences)

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as CSV in UTF-8 with a BOM, which Excel opens as Chinese. The path."""
        tables.write(self.table, Path(path))
        return Path(path)

    def to_excel(self, path: str | Path, *, hits: bool = True) -> Path:
        """Write an .xlsx: a sheet with the table and, if wanted, one with the hits. The path."""
        sheets = {"data": self.table} | ({"hits": self.hits} if hits else {})
        tables.workbook(Path(path), sheets)
        return Path(path)

    def to_dta(self, path: str | Path) -> Path:
        """Write the table for Stata 14 and later; columns have names of letters. The path."""
        named = dict(zip(self.table, tables.stata.names(map(str, self.table)), strict=True))
        labels = {short: str(name) for name, short in named.items()}
        tables.stata.write(self.table.rename(columns=named), Path(path), labels=labels)
        return Path(path)

    # -- picture ----------------------------------------------------------------------------------

    def title(self, lang: str = "") -> str:
        """What the figure is called."""
        from analysis.figures import draw

        lang = lang or self.study.lang
        return self._title.get(lang) or draw.title(self.name, self.table.columns)[lang]

    def figure(
        self, *, lang: str = "", preset: str = "", title: str = "none", **look: Any
    ) -> Figure:
        """The picture, to be looked at or changed: a matplotlib figure, drawn anew.

        Parameters
        ----------
        lang : zh or en, that of the study if not given.
        preset : en-journal (the default), zh-journal, slides, or a .mplstyle file of one's own.
        title : what stands at its head: none (the caption says it), subject, or message: what the
            table says, where it says one thing, otherwise the subject.
        look : one's own look, and what else the drawing of this figure takes. width and height in
            millimetres; palette: colours in the place of the first ones; font: a family, or
            several; rows: how many are drawn; order: a column of the table that sorts them
            (`-rate`: the largest first); gloss: none, and Chinese words of an English figure have
            no English behind them (those of codebooks/glossary.yaml do otherwise).

        Raises
        ------
        InputError
            for a finding without a figure, another title, a look that cannot be, rows or an order
            where the figure has none to choose.
        """
        from analysis.figures import draw, gloss, own
        from analysis.figures import look as looks

        if self._draw is None:
            said = "has no figure: to_csv and to_excel write its table; give gb.Finding a function"
            raise InputError(f"{self.name} {said} that draws, for a bundle.")
        given = {"lang": lang or self.study.lang, "preset": preset or looks.PRESET}
        asked = {name: look.pop(name) for name in own.OPTIONS if name in look}
        wanted, table = looks.wanted(given["preset"], **asked), self._sorted(asked.get("order", ""))
        if not callable(self._draw):
            if asked:
                raise InputError(f"{self.name} is drawn already; change the figure itself.")
            return self._draw
        takes = inspect.signature(self._draw).parameters
        if not any(one.kind is one.VAR_KEYWORD for one in takes.values()):
            given = {name: value for name, value in given.items() if name in takes}
        spoken = lang or self.study.lang
        glosses = self._glosses(spoken, wanted.gloss)
        apart = english.told_apart(_regions(self.study, table))
        counting = looks.counting(str(self.about.get("counts", "")))
        with draw.style(wanted), apart, gloss.glossing(glosses), counting:
            drawn: Any = self._draw(table, **given, **look)
        if wanted.rows and "rows" not in wanted.taken:
            raise InputError(f"rows: {self.name} has none to choose; leave it out.")
        if (
            glosses
            and glosses.met | dict.fromkeys(glosses.none)
            and isinstance(drawn, looks.Canvas)
        ):
            book = self.study.glossary
            known = {"version": book.version, "by": book.by, "words": glosses.met}
            drawn.inputs = {**drawn.inputs, "glosses": {**known, "none": len(glosses.none)}}
        found: Figure = drawn if hasattr(drawn, "savefig") else drawn.get_figure()
        kept = {name: given[name] for name in ("lang", "preset") if name in given}
        self._looks[id(found)] = kept | asked
        must_occur("title", [title], draw.TITLES_ARE)
        if title != "none" and isinstance(found, looks.Canvas):
            names = (self._names or {}).get(spoken) or self.study.codebook.names(spoken)
            with gloss.glossing(glosses):
                said = ""
                if title == "message":
                    said = draw.message(self.name, self.table, names, spoken)
            draw.head(found, said or self.title(spoken))
        if not isinstance(found, looks.Canvas) and found.get_layout_engine() is None:
            found.set_layout_engine("constrained")  # room for the line of the source
        return found

    def _glosses(self, lang: str, wanted: str) -> Any:
        """The glosses that an English figure has for Chinese words, None if it is to have none."""
        from analysis.figures import gloss

        if lang != "en" or wanted == "none":
            return None
        return gloss.Glosses(self.study.glossary.words)

    def _sorted(self, order: str) -> pd.DataFrame:
        """The table in an order that was asked for, as it is drawn and saved then."""
        if not order:
            return self.table
        if self.name not in _ORDERED:
            said = "has an order of its own, which its caption says"
            raise InputError(f"order: {self.name} {said}; {', '.join(_ORDERED)} take one.")
        column = order.removeprefix("-")
        must_occur("column", [column], list(map(str, self.table)))
        rising = not order.startswith("-")
        return self.table.sort_values(column, ascending=rising, kind="stable", ignore_index=True)

    def save(
        self,
        out: str | Path = "figures",
        *,
        options: Mapping[str, Any] | None = None,
        figure: Figure | None = None,
        **look: Any,
    ) -> Bundle:
        """Write the bundle: picture, data, hits, evidence, captions, methods, references.

        Parameters
        ----------
        out : the folder that the bundle's folder, which has the finding's name, is put into.
        options : a notebook's parameters (`gb.options(globals())`): they stand in provenance.json,
            and lang and preset among them say how the figure looks; the measure's own otherwise.
        figure : a figure of this finding that was changed; caption and record say that it was
            changed by hand.
        look : as of `figure`, and `stamp=True` for version and record at the foot of the picture.

        Returns
        -------
        Bundle
            The folder, which shows itself as its picture in a notebook.
        """
        look = self._looks.get(id(figure), {}) | look  # what the changed figure was drawn with
        named = {name: value for name, value in look.items() if name in _LOOKS}
        given = {**(self.options if options is None else options), **named}
        look.pop("stamp", None)
        seen = {name: given[name] for name in _LOOKS[:3] if given.get(name)} | look
        about = dict(self.about)
        drawn = self.figure(**seen)
        if figure is not None and _differs(figure, drawn):
            about["changed"] = True
        lang = given.setdefault("lang", self.study.lang)
        also = {**self._also, **({"title": self._title} if all(self._title.values()) else {})}
        with english.told_apart(_regions(self.study, self.table)):
            made: Bundle = self.study.bundle(
                self.name,
                figure or drawn,
                data=self._sorted(look.get("order", "")),
                hits=self.hits,
                options=given,
                out=out,
                cited=self._cited.get(lang, ()),
                names=self._names,
                about=about,
                **also,
            )
        return made

    # -- how it shows itself ----------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"Finding({self.name!r}): {len(self.table)} rows"

    def _repr_html_(self) -> str:
        from analysis import bundle
        from analysis.figures import cut

        picture = ""
        if self._draw is not None:
            figure = self.figure()
            coded = base64.b64encode(bundle.render(figure, "png", dpi=_DPI)).decode()
            picture = f'<p><img style="max-width:760px" src="data:image/png;base64,{coded}"></p>'
            hint = bundle.captions.hint(self.name, self.table, cut.cut_of(figure), self.study.lang)
            picture += f"<p>{html.escape(hint)}</p>" if hint else ""
        if type(self.table) is not pd.DataFrame:  # it knows how it is shown
            return picture + str(self.table._repr_html_())  # type: ignore[operator]
        columns = [str(name) for name in self.table]
        return picture + shown.table(self.table.set_axis(columns, axis=1), columns, rows=_ROWS)


def _regions(study: Any, table: pd.DataFrame) -> set[str]:
    """The regions that a figure may name."""
    columns = [table[name] for name in ("region", "source_region") if name in table]
    return {str(name) for one in (study.reports["region"], *columns) for name in one.unique()}


def _differs(one: Figure, other: Figure) -> bool:
    """Whether two figures look different."""
    from analysis import bundle

    return one is not other and bundle.render(one, "svg") != bundle.render(other, "svg")


def measure(
    figure: str, **others: str
) -> Callable[[Callable[Concatenate[S, P], Finding]], Callable[Concatenate[S, P], Finding]]:
    """A method that returns a finding, which is called as it is and knows how it was asked for.

    Parameters
    ----------
    figure : the name of what it draws, and of the finding.
    others : other names that a parameter may be given by.
    """

    def named(
        method: Callable[Concatenate[S, P], Finding],
    ) -> Callable[Concatenate[S, P], Finding]:
        signature, name = inspect.signature(method), method.__qualname__.lower()
        MEASURES[name] = figure

        @wraps(method)
        def asked(self: S, /, *args: P.args, **given: P.kwargs) -> Finding:
            known: Any = {others.get(key, key): value for key, value in given.items()}
            _whole_numbers(signature.bind(self, *args, **known).arguments, signature)
            found = method(self, *args, **known)
            found.name = figure if found.name == _UNNAMED else found.name
            bound = signature.bind(self, *args, **known)
            bound.apply_defaults()
            _, *rest = bound.arguments.items()
            study = found.study
            asked = {"reports": list(study.asked), "engine": study.engine, **dict(rest)}
            found.options = found.options or asked
            found.about = {"measure": name, "reports": study.conditions, **found.about}
            return found

        return asked

    return named


def _whole_numbers(given: Mapping[str, Any], signature: inspect.Signature) -> None:
    """InputError for an argument that is no whole number where one is wanted."""
    for name, value in given.items():
        wanted = signature.parameters[name]
        if wanted.annotation not in ("int", "int | None") or value == wanted.default:
            continue
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            such = f", such as {wanted.default}" if wanted.default else ""
            raise InputError(f"{name} is {value!r}; it must be a whole number{such}.")


def drawing(name: str, *args: Any, **given: Any) -> Draw:
    """A figure of the suite, with what it takes besides its table.

    Parameters
    ----------
    name : of a function of `figures.draw`.
    args, given : its arguments; of a mapping by language the one that is drawn in.
    """

    def drawn(table: pd.DataFrame, *, lang: str, preset: str, **look: Any) -> Figure:
        from analysis.figures import draw
        from analysis.figures import own as options

        own = [one[lang] if isinstance(one, ByLanguage) else one for one in args]
        kept = {
            key: one[lang] if isinstance(one, ByLanguage) else one for key, one in given.items()
        }
        figure: Callable[..., Figure] = getattr(draw, name)
        takes = {*inspect.signature(figure).parameters} - {*given} | {*options.OPTIONS}
        for one in look.keys() - takes:
            raise InputError(unknown("option", one, takes))
        return figure(table, *own, lang=lang, preset=preset, **kept, **look)

    return drawn


class ByLanguage(dict[str, Any]):
    """What a drawing takes, by the language that it is drawn in."""

"""The explorer itself: what is chosen, its panels, and the button that writes what is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from analysis.kit import GongbaoError, must_occur, shown
from analysis.study import catalogue
from analysis.text import english
from analysis.words import queries, slices

from . import export, judging, panels, reading, words
from .choice import PANELS, Choice
from .material import Material
from .widgets import Passage, Picker

if TYPE_CHECKING:
    from analysis.bundle import Bundle
    from analysis.study import Study


class Explorer:
    """Play with a study or a corpus: shows itself as the last expression of a cell.

    InputError where the options name what does not occur.

    Parameters
    ----------
    study : a study or corpus, opened with all its reports.
    options : the notebook's parameters, of `options(globals())`: a `Choice`, lang and preset.
    data : the folder as the notebook's parameter has it, for the parameter file.
    out : set by a batch, for which tables are shown in place of widgets.
    """

    def __init__(
        self,
        study: Study,
        options: Mapping[str, Any] | None = None,
        *,
        data: str = "data",
        out: str = "",
    ):
        self.material, self.data, self.live = Material(study), data, not out
        self.options = dict(options or {})
        self.lang = self.options.get("lang", study.lang)
        if any(map(slices.is_condition, wanted := self.options.get("reports", []))):
            self.options["reports"] = catalogue.chosen(wanted, study.reports)
        self.choice = Choice.of(self.options)
        must_occur("theme", filter(None, [self.choice.theme]), study.codebook.names("zh"))
        known = study.indicator_codebook.indicators
        must_occur("indicator", filter(None, [self.choice.indicator]), known)
        self.material.sentences(self.choice)
        self.coder = panels.field(self.say("编码者 *", "Coder *"))
        self.words, self.reading = words.Words(self), reading.Reading(self)
        self.panels: list[panels.Panel] = [
            *(self.words, words.WordList(self), words.Compare(self), self.reading),
            *(judging.Themes(self), judging.Indicators(self), judging.Commitments(self)),
            panels.Restoration(self),
        ]
        self.out = panels.field(self.say("文件夹", "Folder"), export.FOLDER)
        self.message = Passage()
        self.tabs = w.Tab(
            children=[panel.box for panel in self.panels],
            titles=[self.say(*panels.NAMES["panels"][name]) for name in PANELS],
            selected_index=PANELS.index(self.choice.panel),
        )
        self.tabs.add_class("gb-tabs")
        self.tabs.observe(lambda found: self.change(panel=PANELS[found["new"]]), "selected_index")
        write = panels.button(self.say("导出所见", "Export what is shown"), self._write)
        named = {name: self.say(*one) for name, one in panels.NAMES["picker"].items()}
        self.picker = Picker(words=named)
        self.picker.observe(lambda found: self._pick(**found["new"]), "act")
        self._offer()
        acts = w.HBox([self.coder, self.out, write], layout=w.Layout(flex_flow="row wrap"))
        self.box = w.VBox([self.picker, acts, self.message, self.tabs])
        if self.live:
            self.change()
            self.panel.rest()

    def say(self, zh: str, en: str) -> str:
        """A text in the explorer's language."""
        return zh if self.lang == "zh" else en

    # -- which reports are looked at ------------------------------------------------------------

    @cached_property
    def _grid(self) -> pd.DataFrame:
        """The reports by region and year: of each cell their ids."""
        every = self.material.study.reports.dropna(subset=["year"])
        return every.groupby(["region", "year"])["report_id"].agg(list).unstack()

    def _offer(self) -> None:
        """The picker, as the choice is now."""
        choice, grid = self.choice, self._grid
        inside = set(self.material.reports(choice)["report_id"])
        cells = [[one if isinstance(one, list) else [] for one in row] for row in grid.to_numpy()]
        every = len(inside) == len(self.material.study.reports)
        chosen = [
            [bool(one) and not every and inside.issuperset(one) for one in row] for row in cells
        ]
        called = english.region if self.lang == "en" else str
        parts = [(key, name[self.lang], key in choice.parts) for key, name in slices.PARTS.items()]
        self.picker.offer = {
            "regions": list(grid.index),
            "labels": [called(one) for one in grid.index],
            "years": [str(one) for one in grid.columns],
            "reports": [[len(one) for one in row] for row in cells],
            "chosen": chosen,
            "heads": {
                "regions": [one in choice.regions for one in grid.index],
                "years": [int(one) in choice.years for one in grid.columns],
            },
            "parts": parts,
            "said": self._chosen_said(len(inside)),
        }

    def _chosen_said(self, n: int) -> str:
        """How many reports are looked at, and that nothing chosen is all."""
        every = len(self.material.study.reports)
        zh, en = f"{n:,} / {every:,} 份报告", f"{n:,} of {every:,} reports"
        if not self.choice.about:
            zh, en = f"未选：全部 {every:,} 份报告", f"nothing chosen: all {every:,} reports"
        some = [slices.PARTS[one][self.lang] for one in self.choice.parts]
        parts = ", ".join(some) or self.say("全部部分", "all parts")
        years = self.say("年份为报告所述年份", "years are those reported on")
        return f"{self.say(zh, en)}; {parts}; {years}"

    def _pick(self, kind: str, value: Any = None, **_: Any) -> None:
        """Somebody chose a region, a year, a cell or a part, or all."""
        choice, grid = self.choice, self._grid
        if kind == "all":
            self.change(regions=(), years=(), reports=())
        elif kind == "parts":
            self.change(parts=_toggled(choice.parts, value))
        elif kind == "cell":
            row, column = value
            known = self.material.reports(choice)["report_id"].tolist() if choice.about else []
            cell = list[str](grid.to_numpy()[row, column])
            kept = [one for one in known if one not in cell]
            added = cell if len(kept) == len(known) else list[str]()
            self.change(reports=(*kept, *added), regions=(), years=())
        else:
            one = grid.index[value] if kind == "regions" else int(grid.columns[value])
            self.change(**{kind: _toggled(getattr(choice, kind), one), "reports": ()})

    # -- what is seen -----------------------------------------------------------------------------

    @contextmanager
    def telling(
        self, message: Passage, undone: Callable[[], None] = lambda: None
    ) -> Iterator[None]:
        """What is refused is told in its one sentence, where the person looks."""
        try:
            yield
        except GongbaoError as error:
            undone()
            message.say(panels.refused(error, self.lang), "error")

    @property
    def panel(self) -> panels.Panel:
        """The panel that is open."""
        return self.panels[PANELS.index(self.choice.panel)]

    def change(self, **changes: Any) -> None:
        """Choose something else, and show the open panel anew."""
        with self.telling(self.panel.message):
            self.choice = replace(self.choice, **changes)
            if {"regions", "years", "reports", "parts"} & {*changes}:
                self._offer()
            if self.live:
                self.panel.update()

    def go(self, panel: str, *, term: str = "") -> None:
        """Open a panel, with a term to look up."""
        if term:
            self.choice = replace(self.choice, term="")
            self.words.term.value = term if queries.term(term).plain else f'"{term}"'
        self.tabs.selected_index = PANELS.index(panel)
        self.panel.rest()

    def read(self, sentence_id: str) -> None:
        """Read the report of a sentence, from there on."""
        self.reading.read(sentence_id)
        if self.choice.panel == "reading":
            self.panel.update()
        self.tabs.selected_index = PANELS.index("reading")

    @property
    def parameters(self) -> dict[str, Any]:
        """What is on the screen as the notebook's parameters."""
        return {**self.options, **self.choice.parameters}

    def bundle(self, out: str | Path) -> Bundle:
        """Write what the open panel shows, as a figure with its data, into a folder."""
        return export.bundle(self.material, self.choice, self.parameters, Path(out))

    def export(self, out: str | Path = export.FOLDER) -> tuple[Bundle, Path]:
        """Write what is on the screen: a figure's bundle, and a line in a parameter file.

        The bundle goes into a folder of its own, named after the parameters as a batch names it;
        the parameters go into explore.yaml, which `gongbao render` takes.
        """
        values = dict(self.parameters)
        if self.data != "data":
            values["data"] = Path(self.data).as_posix()
        bundle = self.bundle(Path(out) / export.folder(values))
        file = Path(out) / export.FILE
        export.add_set(file, values)
        return bundle, file

    def _write(self) -> None:
        with self.telling(self.message):
            n = len(self.material.reports(self.choice))
            self.message.say(
                self.say(
                    f"正在写出 {n:,} 份报告的图与证据……", f"Writing the figure of {n:,} reports …"
                )
            )
            bundle, file = self.export(self.out.value or export.FOLDER)
            files = len([one for one in bundle.path.rglob("*") if one.is_file()])
            said = self.say(f"已写出 {files} 个文件", f"{files} files written")
            self.message.say(f"{said}: {bundle.path} · gongbao render {file}", "done")

    def _repr_mimebundle_(self, **how: Any) -> Any:
        if self.live:
            return self.box._repr_mimebundle_(**how)
        frames = self.panel.frames()
        said = "".join(shown.table(frame, list(frame.columns)) for frame in frames)
        return {"text/plain": repr(self), "text/html": said}

    def __repr__(self) -> str:
        return f"Explorer: {self.choice.panel}, {self.choice.slice or 'all reports'}"


def _toggled(chosen: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    """Chosen with one more, or without it."""
    return tuple(x for x in chosen if x != one) if one in chosen else (*chosen, one)

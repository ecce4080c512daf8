"""The explorer itself: what is chosen, four panels, and the button that writes what is seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from analysis.kit import GongbaoError, must_occur, shown
from analysis.study import catalogue
from analysis.words import slices

from . import export, judging, panels
from .choice import PANELS, Choice
from .material import Material
from .widgets import Passage

if TYPE_CHECKING:
    from analysis.bundle import Bundle
    from analysis.study import Study

_PANELS = (panels.Words, judging.Themes, judging.Indicators, panels.Restoration)


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
        self.lists: dict[str, w.SelectMultiple] = {}
        self.coder = panels.field(self.say("编码者 *", "Coder *"))
        self.panels = [panel(self) for panel in _PANELS]
        self.out = panels.field(self.say("文件夹", "Folder"), export.FOLDER)
        self.message = Passage()
        self.tabs = w.Tab(
            children=[panel.box for panel in self.panels],
            titles=[self.say(*panels.NAMES["panels"][name]) for name in PANELS],
            selected_index=PANELS.index(self.choice.panel),
        )
        self.tabs.observe(lambda found: self.change(panel=PANELS[found["new"]]), "selected_index")
        write = panels.button(self.say("导出所见", "Export what is shown"), self._write)
        parts = [self._lists(), w.HBox([self.coder, self.out, write]), self.message, self.tabs]
        self.box = w.VBox(parts)
        if self.live:
            self.change()

    def say(self, zh: str, en: str) -> str:
        """A text in the explorer's language."""
        return zh if self.lang == "zh" else en

    def _lists(self) -> w.HBox:
        """The lists in which reports, years, regions and parts are chosen."""
        every = self.material.study.reports
        offered: dict[str, list[tuple[str, Any]]] = {
            "regions": [(one, one) for one in sorted(every["region"].unique())],
            "years": [(str(one), int(one)) for one in sorted(every["year"].unique())],
            "parts": [(name[self.lang], key) for key, name in slices.PARTS.items()],
            "reports": [(key, key) for key in every["report_id"][: panels.REPORTS]],
        }
        lists = []
        for name, pairs in offered.items():
            known = {value for _, value in pairs}
            kept = [(str(one), one) for one in getattr(self.choice, name) if one not in known]
            one = self.lists[name] = w.SelectMultiple(
                options=[*pairs, *kept],
                value=getattr(self.choice, name),
                layout=w.Layout(width="95%", height="7em"),
            )
            one.observe(lambda found, name=name: self.change(**{name: found["new"]}), "value")
            label = w.Label(self.say(*panels.NAMES["choices"][name]))
            lists.append(w.VBox([label, one], layout=w.Layout(width="25%")))
        return w.HBox(lists, layout=w.Layout(width="100%"))

    def _offer(self) -> None:
        """Only reports of the regions and years chosen can be chosen."""
        inside = self.material.reports(replace(self.choice, reports=()))["report_id"]
        offered, chosen = list(inside[: panels.REPORTS]), self.choice.reports
        if list(self.lists["reports"].options) != offered:
            self.lists["reports"].options = offered  # which chooses none of them
            self.lists["reports"].value = [key for key in chosen if key in offered]

    @contextmanager
    def telling(self, message: Passage) -> Iterator[None]:
        """What is refused is told in its one sentence, where the person looks."""
        try:
            yield
        except GongbaoError as error:
            message.say(error, "error")

    @property
    def panel(self) -> panels.Panel:
        """The panel that is open."""
        return self.panels[PANELS.index(self.choice.panel)]

    def change(self, **changes: Any) -> None:
        """Choose something else, and show the open panel anew."""
        with self.telling(self.panel.message):
            self.choice = replace(self.choice, **changes)
            if {"regions", "years"} & {*changes}:
                self._offer()
            if self.live:
                self.panel.update()

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
            bundle, file = self.export(self.out.value or export.FOLDER)
            self.message.say(f"{bundle.path} · gongbao render {file}", "done")

    def _repr_mimebundle_(self, **how: Any) -> Any:
        if self.live:
            return self.box._repr_mimebundle_(**how)
        frames = self.panel.frames()
        said = "".join(shown.table(frame, list(frame.columns)) for frame in frames)
        return {"text/plain": repr(self), "text/html": said}

    def __repr__(self) -> str:
        return f"Explorer: {self.choice.panel}, {self.choice.slice or 'all reports'}"

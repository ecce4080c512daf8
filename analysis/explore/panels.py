"""What a panel of the explorer is, and the two in which one only looks: words and restoration.

What is shown comes from `Material`; a panel is fields, tables, and what a click does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as w
import pandas as pd
import yaml

from analysis.kit import html
from analysis.restore import restored_html
from analysis.words import PARTS

from . import material
from .choice import MATCHES, SORTS
from .widgets import Passage, Table

REPORTS = 500
"""Reports that a list to choose from holds."""

NAMES: dict[str, dict[str, list[str]]]
NAMES = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text("utf-8"))
"""What panels, choices and decisions are called, in zh and en."""

_EDIT = ("edit", "rule", "certainty", "before", "after", "note", "raw_start", "raw_end")
_FIELD = {"description_width": "initial"}
_SIDES = {"left": "right", "key": "center"}
_SIDES |= dict.fromkeys(("n", "N_chars", "rate", "value"), "right")


def dropdown(label: str, options: Mapping[str, str], value: str = "") -> w.Dropdown:
    """A list to choose one of, by name."""
    pairs = [(name, key) for key, name in options.items()]
    return w.Dropdown(options=pairs, value=value, description=label, style=_FIELD)


def field(label: str, value: str = "", **more: Any) -> w.Text:
    """A field for a word or two."""
    return w.Text(value=value, description=label, style=_FIELD, **more)


def button(label: str, act: Callable[[], None]) -> w.Button:
    """A button that does something."""
    made = w.Button(description=label, layout=w.Layout(width="auto"))
    made.on_click(lambda _: act())
    return made


class Panel:
    """What the panels have in common: the `Explorer` they stand in, and `update`."""

    def __init__(self, explorer: Any):
        self.explorer = explorer
        self.say: Callable[[str, str], str] = explorer.say
        self.material: material.Material = explorer.material
        self.message, self.passage = Passage(), Passage()

    def table(self, *columns: str, called: Mapping[str, str] = {}, **more: Any) -> Table:
        """A table with titles in the explorer's language; `called` names those of another name."""
        lang = self.explorer.lang
        titles = {name: html.label(called.get(name, name), lang) for name in columns}
        return Table(titles, lang, sides=_SIDES, **more)

    def among(self, label: tuple[str, str], keys: Sequence[str], value: str) -> w.Dropdown:
        """A list of some choices by their names."""
        return dropdown(
            self.say(*label), {key: self.say(*NAMES["choices"][key]) for key in keys}, value
        )

    def parts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A table with its parts called as the list above calls them."""
        names = {key: name[self.explorer.lang] for key, name in PARTS.items()}
        return frame.assign(part=frame["part"].map(names))

    def follows(self, widget: w.ValueWidget, name: str) -> w.ValueWidget:
        """Make a field of the choice follow a widget."""
        widget.observe(lambda change: self.explorer.change(**{name: change["new"]}), "value")
        return widget

    def frames(self) -> list[pd.DataFrame]:
        """What the panel shows, without widgets."""
        raise NotImplementedError

    def update(self) -> None:
        """Show what the choice is now."""
        raise NotImplementedError


class Words(Panel):
    """A term: its concordance as one types, and how often it stands where and when."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say, choice = self.say, explorer.choice
        self.term = self.follows(field(say("词语", "Term"), choice.term), "term")
        matches = self.among(("何处", "Where"), MATCHES, choice.match)
        self.match = self.follows(matches, "match")
        sorts = self.among(("排序", "Order"), SORTS, choice.sort)
        self.sort = self.follows(sorts, "sort")
        context = ("left", "key", "right", "sentence_id", "section", "part")
        self.lines = self.table(*context, backwards=["left"], size=15)
        self.lines.on_chosen(self.open)
        self.places = self.table("name", "n", "N_chars", "rate", size=8)
        self.years = self.table("year", "n", "N_chars", "rate", size=8)
        both = ((self.places, "62%"), (self.years, "38%"))
        tables_ = [w.VBox([one], layout=w.Layout(width=width)) for one, width in both]
        fields = w.HBox([self.term, self.match, self.sort])
        below = w.HBox(tables_, layout=w.Layout(width="100%"))
        self.box = w.VBox([fields, self.message, self.lines, self.passage, below])

    def frames(self) -> list[pd.DataFrame]:
        """Concordance, frequency by place, frequency by year."""
        seen, choice = self.material, self.explorer.choice
        return [seen.concordance(choice), seen.frequency(choice), seen.years(choice)]

    def update(self) -> None:
        """The concordance first, which somebody waits for."""
        seen, choice = self.material, self.explorer.choice
        self.passage.blocks = []
        if not choice.term.strip():
            self.message.say(self.say("请输入词语。", "Type a term."))
            for one in (self.lines, self.places, self.years):
                one.show(one.lazy.frame.iloc[:0])
            return
        lines = seen.concordance(choice)
        self.lines.show(self.parts(lines))
        places = seen.frequency(choice)
        if "section" not in places:  # sections stand in the order of the text
            places = places.sort_values("rate", ascending=False)
        self.places.show(places.round({"rate": 1}))
        self.years.show(seen.years(choice).round({"rate": 1}))
        n, shown = int(places["n"].sum()), len(lines)
        zh, en = f"共 {n:,} 次", f"{n:,} hits"
        if shown < n:
            zh, en = f"{zh}，列出前 {shown:,} 行", f"{en}, the first {shown:,} lines shown"
        self.message.say(self.say(f"{zh}。", f"{en}."))

    def open(self, row: pd.Series[Any]) -> None:
        """The sentence of a line, in its section."""
        section = self.material.section(row["sentence_id"])
        self.passage.blocks = material.passage(section, row["sentence_id"], row["key"])


class Restoration(Panel):
    """A report as it came beside its restored text, and every change as a row."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        self.report = w.Dropdown(description=self.say("报告", "Report"), style=_FIELD)
        self.report.observe(lambda _: self._report(), "value")
        self.rows = self.table(*_EDIT[:6], size=8)
        self.rows.on_chosen(self.open)
        self.page = Passage()
        self.box = w.VBox([self.report, self.message, self.page, self.rows, self.passage])

    def frames(self) -> list[pd.DataFrame]:
        """The table `edits` of the reports chosen."""
        seen, choice = self.material, self.explorer.choice
        edits = seen.close(choice).edits
        return [edits[edits["report_id"].isin(seen.reports(choice)["report_id"])]]

    def update(self) -> None:
        """The reports chosen, the first one open."""
        ids = self.material.reports(self.explorer.choice)["report_id"].tolist()[:REPORTS]
        if list(self.report.options) != ids:
            self.report.options = ids
            self.report.value = ids[0] if ids else None
        self._report()

    def _report(self) -> None:
        if not self.report.value:
            return
        with self.explorer.telling(self.message):
            restored = self._restored()
            self.page.page = restored_html(restored, self.report.value)
            edits = [{name: getattr(edit, name) for name in _EDIT} for edit in restored.edits]
            self.rows.show(pd.DataFrame(edits, columns=list(_EDIT)))
            self.passage.blocks = []

    def _restored(self) -> Any:
        return self.material.study.restored(self.report.value)

    def open(self, row: pd.Series[Any]) -> None:
        """One change with what stands around it in the file."""
        raw, (start, end) = self._restored().raw, (row["raw_start"], row["raw_end"])
        around = [[raw[max(0, start - 40) : start], False], [raw[start:end], True]]
        self.passage.blocks = [
            {"kind": "here", "pieces": [*around, [raw[end : end + 40], False]]},
            {"kind": "note", "pieces": [[f"→ {row['after']}", False]]},
        ]

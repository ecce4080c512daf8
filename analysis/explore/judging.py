"""The panels in which people decide: about themes of sentences, and about figures.

A decision is signed with a name and appended to decisions.csv; what stands there stays.
"""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from analysis import tables
from analysis.indicators import review
from analysis.themes import NONE

from . import material
from .panels import NAMES, Panel, button, dropdown, field

if TYPE_CHECKING:
    from .widgets import Table


class Judged(Panel):
    """A panel in which people decide: a row chosen, a name signed, a line in decisions.csv."""

    rows: Table
    note: w.Text

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        self._lock, self._opened = RLock(), -1  # JupyterLab's kernels answer in several threads

    def open(self, row: pd.Series[Any]) -> None:
        """Show a row's evidence, and fill in the fields."""
        raise NotImplementedError

    def ready(self, row: pd.Series[Any]) -> None:
        """Open a row, if it is not: what is decided is about the row that is shown."""
        with self._lock:
            if self._opened != self.rows.chosen:
                self.open(row)
                self._opened = self.rows.chosen

    def show(self, frame: pd.DataFrame) -> None:
        """Show rows to decide about, none of them open."""
        self._opened = -1
        self.rows.show(frame)

    def chosen(self) -> pd.Series[Any] | None:
        """The row somebody clicked; says so where there is none."""
        if self.rows.chosen < 0:
            self.message.say(self.say("请先点选一行。", "Click a row first."), "error")
            return None
        row = self.rows.lazy.frame.iloc[self.rows.chosen]
        self.ready(row)
        return row

    def keep(self, row: pd.Series[Any], decisions: pd.DataFrame) -> None:
        """Append decisions, show the panel anew and the same row as chosen."""
        study = self.material.close(self.explorer.choice)
        study.decide(decisions)
        self.note.value = ""
        self.update()
        frame = self.rows.lazy.frame
        keys = ["sentence_id", "raw_start"]
        same = (frame[keys] == row[keys]).all(axis=1)
        if same.any():
            self.rows.chosen = int(same.to_numpy().argmax())
        said = tables.rows(decisions)
        text = "; ".join(f"{one.decision} {one.key} {one.value} ({one.coder})" for one in said)
        self.message.say(f"{row['sentence_id']}: {text} → {study.path / 'decisions.csv'}", "done")

    def told(self) -> str:
        """What of a corpus is shown, '' for a study."""
        seen, choice = self.material, self.explorer.choice
        if not seen.wide(choice):
            return ""
        first, every = material.CLOSE, len(seen.reports(choice))
        return self.say(
            f"显示所选 {every:,} 份报告中的前 {first} 份；判断写入语料库的 decisions.csv。",
            f"The first {first} of {every:,} reports chosen; decisions go into the corpus's own "
            "decisions.csv.",
        )


class Themes(Judged):
    """Sentences with their themes and the rule that coded each; agree or correct."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say = self.say
        self.names = explorer.material.study.codebook.names(explorer.lang)
        every = {"": say("全部主题", "all themes"), **self.names}
        self.theme = dropdown(say("主题", "Theme"), every, explorer.choice.theme)
        self.follows(self.theme, "theme")
        self.rows = self.table("sentence_id", "part", "theme", "rule", "coders", "text", size=8)
        self.rows.on_chosen(self.ready)
        self.right = dropdown(say("更正为", "Correct to"), self.names, NONE)
        self.note = field(say("备注", "Note"))
        agree = button(say("同意", "Agree"), lambda: self.rows.confirm("agree"))
        correct = button(say("更正", "Correct"), lambda: self.rows.confirm("correct"))
        self.rows.on_confirmed(lambda what: self.save(agreed=what == "agree"))
        acts = w.HBox([agree, self.right, correct, self.note])
        self.box = w.VBox([self.theme, self.message, self.rows, acts, self.passage])

    def _named(self) -> pd.DataFrame:
        table = self.material.themes(self.explorer.choice)
        return table.assign(theme=table["primary_theme"].map(self.names))

    def frames(self) -> list[pd.DataFrame]:
        """Sentences with their codes."""
        return [self._named()[["sentence_id", "theme", "rule", "decided", "coders", "text"]]]

    def update(self) -> None:
        """The sentences of the theme chosen."""
        self.show(self.parts(self._named()))
        self.passage.blocks = []
        self.message.say(self.told())

    def open(self, row: pd.Series[Any]) -> None:
        """The sentence in its section, with the entries that coded it marked."""
        seen, choice = self.material, self.explorer.choice
        spans = seen.theme_marks(choice, row["sentence_id"])
        section = seen.section(row["sentence_id"])
        self.passage.blocks = material.passage(section, row["sentence_id"], spans=spans)
        self.right.value = row["decided"] or row["primary_theme"]

    def save(self, *, agreed: bool) -> None:
        """Append what the coder says of the row chosen."""
        with self._lock, self.explorer.telling(self.message):
            if (row := self.chosen()) is not None:
                theme = row["primary_theme"] if agreed else self.right.value
                signed = {"coder": self.explorer.coder.value, "note": self.note.value}
                signed["codebook"] = self.material.study.book
                self.keep(row, review.theme_decision(row.to_dict(), theme, self.names, **signed))


class Indicators(Judged):
    """Figures with their evidence and state; verify, correct or reject."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say, book = self.say, explorer.material.study.indicator_codebook
        self.names = book.names(explorer.lang)
        every = {"": say("全部指标", "all indicators"), **self.names}
        self.indicator = dropdown(say("指标", "Indicator"), every, explorer.choice.indicator)
        self.follows(self.indicator, "indicator")
        content = ("value", "unit", "bound", "measure_kind", "called", "status")
        found = ("sentence_id", "what", "quote", *content, "coder", "damaged")
        self.rows = self.table(*found, size=8)
        self.rows.on_chosen(self.ready)
        bounds, kinds = (
            {key: key for key in tables.CHOICES["indicators", name]}
            for name in ("bound", "measure_kind")
        )
        narrow = w.Layout(width="12em")
        self.fields = {
            "value": field(say("数值", "Value"), layout=narrow),
            "unit": field(say("单位", "Unit"), layout=narrow),
            "bound": dropdown(say("界", "Bound"), bounds, "exact"),
            "measure_kind": dropdown(say("类型", "Kind"), kinds, "level"),
            "indicator_id": dropdown(say("指标", "Indicator"), {"": "—", **self.names}),
        }
        self.note = field(say("备注", "Note"))
        labels = NAMES["decisions"].items()
        acts = [button(say(*label), partial(self.rows.confirm, kind)) for kind, label in labels]
        self.rows.on_confirmed(self.save)
        row = w.Layout(flex_flow="row wrap")
        known = ("region", "year", *content, "quote")
        self.series = self.table(*known, called={"quote": "quote_or_source"}, size=6)
        fields, acts_ = w.HBox([*self.fields.values()], layout=row), w.HBox([*acts, self.note])
        parts = [self.indicator, self.message, self.rows, fields, acts_, self.passage, self.series]
        self.box = w.VBox(parts)

    def _named(self) -> pd.DataFrame:
        table = self.material.figures(self.explorer.choice)
        return table.assign(called=table["indicator_id"].map(self.names).fillna(""))

    def _series(self) -> pd.DataFrame:
        choice = self.explorer.choice
        table = self.material.close(choice).indicators.table
        for column, wanted in (("region", choice.regions), ("year", choice.years)):
            table = table[table[column].isin(wanted)] if wanted else table
        if choice.indicator:
            table = table[table["indicator_id"] == choice.indicator]
        shown = table["quote"].where(table["quote"] != "", table["source_id"])
        return table.assign(called=table["indicator_id"].map(self.names), quote=shown)

    def frames(self) -> list[pd.DataFrame]:
        """Figures found, and the curated series."""
        columns = ["sentence_id", "quote", "value", "unit", "bound", "measure_kind", "called"]
        return [self._named()[[*columns, "status"]], self._series()]

    def update(self) -> None:
        """The figures of the indicator chosen."""
        self.show(self._named())
        self.series.show(self._series())
        self.passage.blocks = []
        self.message.say(self.told())

    def open(self, row: pd.Series[Any]) -> None:
        """The figure's sentence in its section, the figure marked; the fields filled in."""
        section = self.material.section(row["sentence_id"])
        start = int(section.set_index("sentence_id").loc[row["sentence_id"], "start"])
        spans = [(row["start"] - start, row["end"] - start)]
        self.passage.blocks = material.passage(section, row["sentence_id"], spans=spans)
        for name, one in self.fields.items():
            one.value = f"{row[name]:.15g}" if name == "value" else row[name]

    def save(self, kind: str) -> None:
        """Append what the coder says of the row chosen."""
        with self._lock, self.explorer.telling(self.message):
            if (row := self.chosen()) is None:
                return
            # Who verifies what stands there corrected agrees with the correction.
            decision = "corrected" if kind == "verified" and row["decided"] else kind
            signed = {"coder": self.explorer.coder.value.strip(), "note": self.note.value.strip()}
            content = {name: str(one.value).strip() for name, one in self.fields.items()}
            given = signed | {"decision": decision} | (content if kind != "rejected" else {})
            self.keep(row, review.decision(row.to_dict(), self.names, **given))

"""The panels in which people decide: about themes of sentences, figures, and commitments.

A decision is signed with a name and appended to decisions.csv; what stands there stays.
"""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import ipywidgets as w
import pandas as pd

from analysis import tables
from analysis.indicators import outcomes, review
from analysis.themes import NONE

from . import material
from .panels import NAMES, Panel, button, codes, dropdown, field
from .widgets import Chart

if TYPE_CHECKING:
    from .widgets import Table


_WRAP = w.Layout(flex_flow="row wrap")


class Judged(Panel):
    """A panel in which people decide: a row chosen, a name signed, a line in decisions.csv."""

    rows: Table
    note: w.Text
    names: dict[str, str]

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        self._lock, self._opened = RLock(), -1  # JupyterLab's kernels answer in several threads
        self._made: list[tuple[Any, pd.DataFrame]] = []
        self.undo = button(self.say("撤销", "Undo"), self.take_back)

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

    def keep(self, row: pd.Series[Any], decisions: pd.DataFrame, study: Any = None) -> None:
        """Append decisions, show the panel anew and the same row as chosen."""
        study = study or self.material.close(self.explorer.choice)
        if study.decide(decisions):
            self._made.append((study, decisions))
        self.note.value = ""
        self._again(row)
        self.told_of(study, decisions)

    def take_back(self) -> None:
        """Withdraw what was decided last here: a line more, and the one before it holds again."""
        with self._lock, self.explorer.telling(self.message):
            if not self._made:
                said = self.say("这里没有可撤销的判断。", "There is nothing to undo here.")
                self.message.say(said, "error")
                return
            study, decisions = self._made.pop()
            taken = review.withdrawal(decisions)
            study.decide(taken)
            row = self.rows.lazy.frame.iloc[self.rows.chosen] if self.rows.chosen >= 0 else None
            self._again(row)
            self.told_of(study, taken)

    def _again(self, row: pd.Series[Any] | None) -> None:
        """The panel anew, the same row chosen."""
        self.update()
        frame = self.rows.lazy.frame
        keys = ["sentence_id", "raw_start"]
        if row is not None and (same := (frame[keys] == row[keys]).all(axis=1)).any():
            self.rows.chosen = int(same.to_numpy().argmax())

    def told_of(self, study: Any, decisions: pd.DataFrame) -> None:
        """Say what was decided, and where it is kept."""
        kinds = codes("decision", self.explorer.lang), codes("outcome", self.explorer.lang)
        for one in tables.rows(decisions):
            kind = next(said for of in kinds if of and (said := of(one.decision)) != one.decision)
            about = " ".join(self.names.get(key, key) for key in (one.key, one.value) if key)
            said = f"“{one.quote[:20]}”: {kind} {about} ({one.coder})"
            self.message.say(f"{said} → {study.path / 'decisions.csv'}", "done")

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
        said = {"coders": self._by_name}
        columns = ("sentence_id", "part", "theme", "rule", "coders", "text")
        self.rows = self.table(*columns, said=said, size=8)
        self.rows.on_chosen(self.ready)
        self.right = dropdown(say("更正为", "Correct to"), self.names, NONE)
        self.note = field(say("备注", "Note"))
        agree = button(say("同意", "Agree"), lambda: self.rows.confirm("agree"))
        correct = button(say("更正", "Correct"), lambda: self.rows.confirm("correct"))
        self.rows.on_confirmed(lambda what: self.save(agreed=what == "agree"))
        acts = w.HBox([agree, self.right, correct, self.note, self.undo], layout=_WRAP)
        self.box = w.VBox([self.theme, self.message, self.rows, acts, self.passage])

    def _named(self) -> pd.DataFrame:
        table = self.material.themes(self.explorer.choice)
        machine, person = (table[name].map(self.names) for name in ("primary_theme", "decided"))
        corrected = (table["decided"] != "") & (table["decided"] != table["primary_theme"])
        return table.assign(theme=machine.mask(corrected, person + " ← " + machine))

    def _by_name(self, coders: str) -> str:
        """Who decided what, themes by their names."""
        given = (one.partition(": ") for one in coders.split("; "))
        return "; ".join(f"{who}{colon}{self.names.get(key, key)}" for who, colon, key in given)

    def frames(self) -> list[pd.DataFrame]:
        """Sentences with their codes."""
        return [self._named()[["sentence_id", "theme", "rule", "decided", "coders", "text"]]]

    def update(self) -> None:
        """The sentences of the theme chosen."""
        self.wait()
        self.show(self._named())
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
            {key: one(key) for key in tables.CHOICES["indicators", name]}
            for name in ("bound", "measure_kind")
            if (one := codes(name, explorer.lang))
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
        known = ("called", "region", "unit", "measure_kind", "n", "year", "value", "spark")
        self.known = self.table(*known, size=6)
        self.known.on_chosen(self.draw)
        self.chart = Chart()
        self.chart.on_chosen(self.narrow)
        self.only: dict[str, Any] = {}
        listed = ("region", "year", *content, "quote")
        self.series = self.table(*listed, called={"quote": "quote_or_source"}, size=6)
        fields = w.HBox([*self.fields.values()], layout=_WRAP)
        acts_ = w.HBox([*acts, self.note, self.undo], layout=_WRAP)
        parts = [self.indicator, self.message, self.rows, fields, acts_, self.passage]
        self.box = w.VBox([*parts, self.known, self.chart, self.series])

    def _named(self) -> pd.DataFrame:
        table = self.material.figures(self.explorer.choice)
        return table.assign(called=table["indicator_id"].map(self.names).fillna(""))

    def _series(self) -> pd.DataFrame:
        table = self.material.figures_known(self.explorer.choice)
        shown = table["quote"].where(table["quote"] != "", table["source_id"])
        return table.assign(called=table["indicator_id"].map(self.names), quote=shown)

    def draw(self, row: pd.Series[Any]) -> None:
        """The series of a row, its points to be clicked."""
        pairs = [one.split(":") for one in row["spark"].split()]
        name = f"{row['called']}, {row['region']} ({row['unit']})"
        points: list[dict[str, Any]] = [
            {
                **{"x": int(year), "y": float(value), "label": f"{name}, {year}: {value}"},
                "only": {"region": row["region"], "year": int(year), "key": row["indicator_id"]},
            }
            for year, value in pairs
        ]
        years = sorted({one["x"] for one in points})
        series = [{"name": row["region"], "points": points, "gap": 1}]
        self.chart.charts = [{"kind": "lines", "title": name, "series": series, "years": years}]
        self.narrow({"region": row["region"], "key": row["indicator_id"]})

    def narrow(self, only: dict[str, Any]) -> None:
        """Only the figures of a series, or of a point; of the same once more, all."""
        self.only = {} if only == self.only else only
        self.chart.only = self.only
        self.show(self._only(self._named()))
        self.series.show(self._only(self._series()))

    def _only(self, table: pd.DataFrame) -> pd.DataFrame:
        about = self.material.study.reports.set_index("report_id")
        for name, value in self.only.items():
            if name == "key":
                own = table["indicator_id"]
            else:
                own = table[name] if name in table else table["report_id"].map(about[name])
            table = table[own == value]
        return table.reset_index(drop=True)

    def frames(self) -> list[pd.DataFrame]:
        """Figures found, and the curated series."""
        columns = ["sentence_id", "quote", "value", "unit", "bound", "measure_kind", "called"]
        return [self._named()[[*columns, "status"]], self._series()]

    def update(self) -> None:
        """The figures of the indicator chosen."""
        self.wait()
        self.only, self.chart.charts = {}, []
        self.show(self._named())
        table = self.material.series(self.explorer.choice)
        self.known.show(table.assign(called=table["indicator_id"].map(self.names)))
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


class Commitments(Judged):
    """What plans committed to, and sentences of later reports that may tell what became of it."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say, lang = self.say, explorer.lang
        self.names = explorer.material.topics(lang)
        columns = ("sentence_id", "quote", "called", "testable", "outcome", "coder")
        self.rows = self.table(*columns, called={"called": "topic"}, size=8)
        self.rows.on_chosen(self.ready)
        offered = ("kind", "score", "later_sentence_id", "text")
        self.offered = self.table(*offered, size=7)
        self.offered.on_chosen(self._evidence)
        outcome = codes("outcome", lang) or str
        self.outcome = dropdown(
            say("结果", "Outcome"), {one: outcome(one) for one in outcomes.OUTCOMES}, "done"
        )
        self.evidence = field(say("证据", "Evidence"))
        self.note = field(say("备注", "Note"))
        keep = button(say("记下", "Keep"), lambda: self.rows.confirm("keep"))
        self.rows.on_confirmed(lambda _: self.save())
        acts = w.HBox([self.outcome, self.evidence, self.note, keep, self.undo], layout=_WRAP)
        self.box = w.VBox([self.message, self.rows, self.offered, acts, self.passage])

    def frames(self) -> list[pd.DataFrame]:
        """Commitments with their outcomes."""
        return [self._named()[["sentence_id", "quote", "called", "testable", "outcome"]]]

    def _named(self) -> pd.DataFrame:
        table = self.material.commitments(self.explorer.choice)
        return table.assign(called=table["topic"].map(self.names).fillna(""))

    def update(self) -> None:
        """The commitments of the first reports chosen."""
        with self.explorer.telling(self.message):
            self.wait()
            self.show(self._named())
            self.passage.blocks = []
            self.offered.empty()
            n, every = material.PROMISING, len(self.material.reports(self.explorer.choice))
            few = self.say(f"显示前 {n} 份报告的承诺。", f"Commitments of the first {n} reports.")
            self.message.say(few if every > n else "")

    def open(self, row: pd.Series[Any]) -> None:
        """The clause in its section, and the candidates."""
        seen = self.material
        section = seen.section(row["sentence_id"])
        start = int(section.set_index("sentence_id").loc[row["sentence_id"], "start"])
        spans = [(row["start"] - start, row["end"] - start)]
        self.passage.blocks = material.passage(section, row["sentence_id"], spans=spans)
        self.offered.show(seen.candidates(self.explorer.choice, row))
        self.evidence.value = ""

    def _evidence(self, row: pd.Series[Any]) -> None:
        """A candidate that was clicked is evidence, or is not any more; its section is shown."""
        said = self.evidence.value.split()
        key = row["later_sentence_id"]
        self.evidence.value = " ".join(
            [one for one in said if one != key] + [key] * (key not in said)
        )
        self.passage.blocks = material.passage(self.material.section(key), key)

    def save(self) -> None:
        """Append what the coder says of the commitment chosen."""
        with self._lock, self.explorer.telling(self.message):
            if (row := self.chosen()) is None:
                return
            study = self.material.promising(self.explorer.choice)
            own = row.to_dict() | {"sha256": study.sha256[row["report_id"]]}
            signed = {"coder": self.explorer.coder.value, "note": self.note.value}
            evidence = self.evidence.value.replace(";", " ").split()
            given = own, self.outcome.value, evidence, study.sentences, study.sha256
            self.keep(row, outcomes.decision(*given, **signed), study)

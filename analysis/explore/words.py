"""The panels of words: a query with its lines, charts and collocates; the word list; two slices.

The lines are what somebody waits for: they come first, and the browser asks for the rest once it
shows them, so that of letters typed one after the other only the last has its charts drawn.
"""

from __future__ import annotations

from typing import Any

import ipywidgets as w
import pandas as pd

from analysis.kit import shown
from analysis.text import english

from . import material
from .choice import BY, MATCHES, SORTS
from .panels import Panel, button, field
from .widgets import Chart, Passage

SERIES = 7
"""Terms that are drawn, as many as there are colours to tell apart."""

_HALF = w.Layout(width="48%", min_width="300px", flex="1 1 300px", align_items="stretch")
_ROW = w.Layout(width="100%", flex_flow="row wrap")


class Words(Panel):
    """A query: its lines as one types, over the years, along the reports, beside which words."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say, choice = self.say, explorer.choice
        self.only: dict[str, Any] = {}
        self.term = self.follows(field(say("词语", "Terms"), choice.term), "term")
        self.term.placeholder = say(
            "法治|法制，数字*，/第.批/，topic:…", "法治|法制, 数字*, /第.批/, topic:…"
        )
        self.match = self.follows(self.among(("何处", "Where"), MATCHES, choice.match), "match")
        self.sort = self.follows(self.among(("排序", "Order"), SORTS, choice.sort), "sort")
        self.by = self.follows(self.among(("下表按", "Table by"), BY, choice.by), "by")
        self.every = button(say("全部行", "All lines"), lambda: self.narrow({}))
        self.charts = Chart()
        self.charts.on_chosen(self.narrow)
        context = ("left", "key", "right", "sentence_id", "section", "part")
        self.lines = self.table(*context, backwards=["left"], size=15)
        self.lines.on_chosen(self.open)
        self.lines.on_confirmed(lambda _: self.rest())
        self.places = self.table(
            "key", "name", "n", "N_chars", "rate", "first", "collected", size=8
        )
        self.places.on_chosen(self._at)
        self.beside_said = Passage()
        self.near = self.table("term", "key", "n", "log_dice", "g2", "sentences", size=8)
        self.near.on_chosen(lambda row: explorer.go("words", term=row["key"]))
        self.below = w.Tab(
            children=[self.places, w.VBox([self.beside_said, self.near])],
            titles=[say("何处", "Where"), say("搭配", "Collocates")],
        )
        self.below.observe(lambda _: self.beside(), "selected_index")
        read = button(say("通读此报告", "Read this report"), self._read)
        read.layout.align_self = "flex-start"
        fields = w.HBox([self.term, self.match, self.sort, self.by], layout=_ROW)
        told = w.HBox([self.message, self.every], layout=_ROW)
        passage = w.VBox([self.passage, read], layout=_HALF)
        below = w.HBox([passage, w.VBox([self.below], layout=_HALF)], layout=_ROW)
        self.box = w.VBox([fields, told, self.charts, self.lines, below])

    def frames(self) -> list[pd.DataFrame]:
        """Concordance, frequency by place, frequency by year."""
        seen, choice = self.material, self.explorer.choice
        return [seen.concordance(choice), seen.frequency(choice), seen.years(choice)]

    def update(self) -> None:
        """The lines, which somebody waits for."""
        self.only, self.passage.blocks = {}, []
        self.lines.confirm("rest")
        with self.explorer.telling(self.message, self._none):
            if not self.explorer.choice.keys:
                self._none()
                self.message.say(self.say("请输入词语。", "Type a term."))
                return
            self._lines()

    def _none(self) -> None:
        """Nothing is shown of what is no query."""
        for one in (self.lines, self.places, self.near):
            one.empty()
        self.charts.charts = []

    def _lines(self) -> None:
        seen, choice = self.material, self.explorer.choice
        lines = seen.concordance(choice, self.only)
        self.lines.show(lines)
        n, shown_ = seen.count(choice, self.only), len(lines)
        zh, en = f"共 {n:,} 次", f"{n:,} hits"
        if shown_ < n:
            zh, en = f"{zh}，列出前 {shown_:,} 行", f"{en}, the first {shown_:,} lines shown"
        if self.only:
            told = ", ".join(str(one) for name, one in self.only.items() if name != "bin")
            if "bin" in self.only:
                told += f" {_share(self.only['bin'])}"
            zh, en = f"{zh}（只列 {told}）", f"{en} (only {told})"
        self.every.layout.display = "" if self.only else "none"
        self.message.say(self.say(f"{zh}。", f"{en}."))

    def rest(self) -> None:
        """Charts and places; collocates, if they are looked at."""
        with self.explorer.telling(self.message):
            seen, choice = self.material, self.explorer.choice
            if not choice.keys:
                return
            places = seen.frequency(choice)
            if "section" not in places:  # sections stand in the order of the text
                places = places.sort_values("rate", ascending=False, kind="stable")
            if self.explorer.lang == "en" and "region" in places:
                places["name"] = places["region"].map(english.region)
            self.places.show(places.round({"rate": 1}).reset_index(drop=True))
            self.charts.charts = [*self._years(), *self._strip()]
            self.beside()

    def _years(self) -> list[dict[str, Any]]:
        """The line over the years, where there are several."""
        table = self.material.years(self.explorer.choice)
        years = sorted(int(one) for one in table["year"].unique())
        if len(years) < 2:
            return []
        per = self.say("每万字", "per 10,000 characters")
        series = []
        for key in self.explorer.choice.keys[:SERIES]:
            points = [
                {
                    **{"x": int(row.year), "y": float(row.rate)},
                    "label": f"{key}, {row.year}: {row.rate:.2f} {per}, n = {row.n:,}",
                    "only": {"year": int(row.year), "key": key},
                }
                for row in table[table["key"] == key].itertuples()
            ]
            series.append({"name": key, "points": points, "gap": 1})
        return [{"kind": "lines", "title": per, "series": series, "years": years}]

    def _strip(self) -> list[dict[str, Any]]:
        """Where along the reports the terms stand; not of words whose places are not all known."""
        choice = self.explorer.choice
        if choice.match == "words" and self.material.count(choice) > material.LINES:
            return []
        series = [
            {
                "name": key,
                "bins": [
                    {
                        **{"n": n, "only": {"bin": at, "key": key}},
                        "label": f"{key}, {_share(at)}: {n:,}",
                    }
                    for at, n in enumerate(bins)
                ],
            }
            for key, bins in [*self.material.strip(choice).items()][:SERIES]
        ]
        ends = [self.say("报告开头", "start of a report"), self.say("结尾", "end")]
        title = self.say("在报告中的位置", "Along the reports")
        return [{"kind": "strip", "title": title, "series": series, "ends": ends}]

    def narrow(self, only: dict[str, Any]) -> None:
        """List only the lines of a mark; of the same mark once more, all."""
        self.only = {} if only == self.only else only
        self.charts.only = self.only
        with self.explorer.telling(self.message):
            self._lines()
        self.beside()

    def _at(self, row: pd.Series[Any]) -> None:
        """The lines of a place."""
        by = next(
            one
            for one in ("report_id", "region", "province", "year", "part", "section")
            if one in row.index
        )
        self.narrow({by: row[by], "key": row["key"]})

    def beside(self) -> None:
        """The collocates, where they are looked at."""
        if self.below.selected_index != 1 or not self.explorer.choice.keys:
            return
        with self.explorer.telling(self.beside_said, self.near.empty):
            self.wait(self.beside_said)
            table = self.material.collocates(self.explorer.choice, self.only)
            self.near.show(table.round({"log_dice": 2, "g2": 1}))
            self.beside_said.say(self.say("左右各五词以内。", "Within five words to either side."))

    def open(self, row: pd.Series[Any]) -> None:
        """The sentence of a line, in its section."""
        section = self.material.section(row["sentence_id"])
        self.passage.blocks = material.passage(section, row["sentence_id"], row["key"])

    def _read(self) -> None:
        """The whole report of the line chosen."""
        frame, at = self.lines.lazy.frame, self.lines.chosen
        if not len(frame):
            return
        self.explorer.read(str(frame["sentence_id"].iloc[max(at, 0)]))


class WordList(Panel):
    """The words of what is chosen, to start from: how often, how evenly, what sets it apart."""

    COLUMNS = ("key", "n", "rate", "reports", "dp_norm", "n_reference", "log_ratio", "g2")

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        self.rows = self.table(*self.COLUMNS, size=20)
        self.rows.on_chosen(lambda row: explorer.go("words", term=row["key"]))
        self.box = w.VBox([self.message, self.rows])

    def frames(self) -> list[pd.DataFrame]:
        """The list."""
        return [self.material.words(self.explorer.choice)[[*self.COLUMNS]]]

    def update(self) -> None:
        """The most frequent words first."""
        with self.explorer.telling(self.message):
            self.wait()
            (table,) = self.frames()
            self.rows.show(table.round({"rate": 2, "dp_norm": 3, "log_ratio": 2, "g2": 1}))
            zh, en = (
                ("最常见的 ", "the most frequent ") if len(table) == material.LISTED else ("", "")
            )
            n = f"{len(table):,}"
            self.message.say(
                self.say(
                    f"{zh}{n} 个词，停用词除外；对数比、G² 与所附参照语料相比。点一词即查其上下文。"
                    "列首可排序、筛选（如 >=10）。",
                    f"{en}{n} words, stop words hidden; log ratio and G² against the bundled list. "
                    "Click a word for its lines. Heads of columns sort and filter (>=10).",
                )
            )


class Compare(Panel):
    """The words of what is chosen above against those of another slice."""

    COLUMNS = (
        *("key", "higher", "n", "rate_tokens", "n_reference", "rate_tokens_reference"),
        *("log_ratio", "g2"),
    )

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        say = self.say
        self.against = field(
            say("对方", "Against"), explorer.choice.against, continuous_update=False
        )
        self.against.placeholder = "rest, year<=2015, region=…;part=plan"
        self.follows(self.against, "against")
        hold = button(
            say("以当前所选为对方", "Hold the present choice as the other side"), self._hold
        )
        rest = button(say("其余报告", "All other reports"), lambda: self._set(""))
        called = {name: name.replace("tokens", "words") for name in self.COLUMNS}
        self.rows = self.table(*self.COLUMNS, called=called, size=20)
        self.rows.on_chosen(lambda row: explorer.go("words", term=row["key"]))
        self.box = w.VBox(
            [w.HBox([self.against, hold, rest], layout=_ROW), self.message, self.rows]
        )

    def _set(self, slice_: str) -> None:
        self.against.value = slice_

    def _hold(self) -> None:
        self._set(self.explorer.choice.slice)

    def frames(self) -> list[pd.DataFrame]:
        """The words that differ most, of both sides."""
        table = self.material.compared(self.explorer.choice)
        higher = table["log_ratio"].gt(0).map({True: "target", False: "reference"})
        return [table.assign(higher=higher)[[*self.COLUMNS]]]

    def update(self) -> None:
        """The words that differ most first."""
        choice, say = self.explorer.choice, self.say
        with self.explorer.telling(self.message, self.rows.empty):
            self.wait()
            one = choice.slice or say("全部", "all")
            usual = {
                "rest": ("其余报告", "all other reports"),
                "reference": ("所附语料", "bundled list"),
            }
            other = say(*usual.get(choice.other, (choice.other, choice.other)))
            (table,) = self.frames()
            self.rows.show(table.round(2))
            said = say(f"本方：{one}；对方：{other}。", f"First: {one}; second: {other}.")
            self.message.say(f"{said} {shown.cell(len(table))} {say('个词', 'words')}")


def _share(at: int) -> str:
    """A stretch of a report."""
    wide = 100 // material.BINS
    return f"{at * wide}–{(at + 1) * wide}%"

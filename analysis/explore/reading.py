"""The panel in which a report is read from beginning to end, with what was looked for in it.

Hits and themes are marked; a sentence that is clicked leads to where else it stands: the passages
that the report took over (sources), and those that took over from it (echoes).
"""

from __future__ import annotations

from typing import Any

import ipywidgets as w
import pandas as pd

from .panels import REPORTS, Panel, button


class Reading(Panel):
    """A whole report, its hits and themes marked."""

    def __init__(self, explorer: Any):
        super().__init__(explorer)
        self.sentence = ""
        self.report = w.Dropdown(description=self.say("报告", "Report"))
        self.report.observe(lambda _: self._report(), "value")
        self.passage.observe(lambda found: self.choose(found["new"]), "chosen")
        shared = button(self.say("该句的来源与回响", "Its sources and echoes"), self.shared)
        columns = ("side", "report_id", "origin", "similarity", "text", "sentence_id")
        self.others = self.table(*columns, size=6)
        self.others.on_chosen(lambda row: explorer.read(row["sentence_id"]))
        head = w.HBox([self.report, shared], layout=w.Layout(flex_flow="row wrap"))
        self.box = w.VBox([head, self.message, self.passage, self.others])

    def frames(self) -> list[pd.DataFrame]:
        """The sentences of the first report chosen."""
        ids = self.material.reports(self.explorer.choice)["report_id"]
        return [self.material.sentences_of(ids.iloc[0])[["sentence_id", "part", "text"]]]

    def update(self) -> None:
        """The reports chosen, the one being read still open."""
        ids = self.material.reports(self.explorer.choice)["report_id"].tolist()[:REPORTS]
        sentence = self.sentence
        wanted = sentence.rpartition(":")[0] or self.report.value or ids[0]
        ids += [] if wanted in ids else [wanted]
        if list(self.report.options) != ids:
            self.report.options = ids  # which opens the first of them
        self.sentence = sentence
        if self.report.value != wanted:
            self.report.value = wanted  # which shows it
        else:
            self._report()

    def read(self, sentence_id: str) -> None:
        """Open the report of a sentence at it."""
        self.sentence = sentence_id

    def choose(self, sentence_id: str) -> None:
        """A sentence was clicked."""
        if sentence_id and sentence_id != self.sentence:
            self.sentence = sentence_id
            self._report()

    def _report(self) -> None:
        if not self.report.value:
            return
        with self.explorer.telling(self.message):
            if self.sentence.rpartition(":")[0] != self.report.value:
                self.sentence = ""
            self.wait()
            seen, choice = self.material, self.explorer.choice
            blocks, n = seen.reading(choice, self.report.value, self.sentence, self.explorer.lang)
            self.passage.chosen = ""
            self.passage.blocks = blocks
            self.message.say(
                self.say(
                    f"{self.report.value}：{n:,} 处命中；n、p 键到下一处、上一处。"
                    "点一句可查其来源与回响。",
                    f"{self.report.value}: {n:,} hits; keys n and p go to the next and the one "
                    "before. Click a sentence for its sources and echoes.",
                )
            )

    def shared(self) -> None:
        """Where else the sentence chosen stands."""
        with self.explorer.telling(self.message):
            if not self.sentence:
                self.message.say(self.say("请先点选一句。", "Click a sentence first."), "error")
                return
            say = self.say
            self.message.say(say("正在查找相同段落……", "Looking for shared passages …"))
            found = self.material.shared(self.explorer.choice, self.sentence)
            self.others.show(found)
            said = say(f"{len(found)} 处相同段落。", f"{len(found)} shared passages.")
            self.message.say(f"{self.sentence}: {said}", "done")

"""What a panel of the explorer is, how it speaks, and the one that shows what restoration did.

What is shown comes from `Material`; a panel is fields, tables, and what a click does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ipywidgets as w
import pandas as pd
import yaml

from analysis import bundle
from analysis.kit import GongbaoError, html
from analysis.restore import restored_html

from . import material
from .widgets import Passage, Table

REPORTS = 500
"""Reports that a list to choose from holds."""

NAMES: dict[str, Any]
NAMES = yaml.safe_load(Path(__file__).with_name("names.yaml").read_text("utf-8"))
"""What panels, choices and decisions are called, in zh and en."""

_RULE = re.compile(r"(?:^|(?<=;))[\w-]+(?=:|$)")
_EDIT = ("edit", "rule", "certainty", "before", "after", "note", "raw_start", "raw_end")
_FIELD = {"description_width": "initial"}
_SIDES = {"left": "right", "key": "center"}
_RIGHT = "n N_chars rate value reports first collected similarity dp_norm n_reference log_ratio g2"
_RIGHT += " log_dice sentences rate_tokens rate_tokens_reference score"
_SIDES |= dict.fromkeys(_RIGHT.split(), "right")


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


def codes(column: str, lang: str) -> Callable[[Any], str] | None:
    """What calls the codes of a column by their names; None for a column without codes."""
    known = bundle.codes.names(column, lang)
    if column == "rule":
        return lambda text: _RULE.sub(lambda found: known.get(found[0], found[0]), text)
    return (lambda text: known.get(text, text)) if known else None


def refused(error: GongbaoError, lang: str) -> str:
    """What is refused, in one's language: names.yaml has the sentences in Chinese."""
    if lang == "en":
        return str(error)
    said = str(error).split("\n")
    for at, one in enumerate(said):
        for pattern, zh in NAMES["refusals"]:
            if found := re.fullmatch(pattern, one):
                said[at] = zh.format(*found.groups())
                break
    return "\n".join(said)


class Panel:
    """What the panels have in common: the `Explorer` they stand in, and `update`."""

    box: w.Box

    def __init__(self, explorer: Any):
        self.explorer = explorer
        self.say: Callable[[str, str], str] = explorer.say
        self.material: material.Material = explorer.material
        self.message, self.passage = Passage(), Passage()

    def table(self, *columns: str, called: Mapping[str, str] = {}, **more: Any) -> Table:
        """A table with titles in the explorer's language; `called` names those of another name."""
        lang = self.explorer.lang
        titles = {name: html.label(called.get(name, name), lang) for name in columns}
        said = {name: one for name in columns if (one := codes(name, lang))}
        return Table(titles, lang, sides=_SIDES, said={**said, **more.pop("said", {})}, **more)

    def among(self, label: tuple[str, str], keys: Sequence[str], value: str) -> w.Dropdown:
        """A list of some choices by their names."""
        return dropdown(
            self.say(*label), {key: self.say(*NAMES["choices"][key]) for key in keys}, value
        )

    def follows(self, widget: w.ValueWidget, name: str) -> w.ValueWidget:
        """Make a field of the choice follow a widget."""
        widget.observe(lambda change: self.explorer.change(**{name: change["new"]}), "value")
        return widget

    def wait(self, message: Passage | None = None) -> None:
        """Say that something is under way which takes a while of many reports."""
        n = len(self.material.reports(self.explorer.choice))
        said = self.say(f"正在计算 {n:,} 份报告……", f"Working on {n:,} reports …")
        (message or self.message).say(said)

    def frames(self) -> list[pd.DataFrame]:
        """What the panel shows, without widgets."""
        raise NotImplementedError

    def update(self) -> None:
        """Show what the choice is now."""
        raise NotImplementedError

    def rest(self) -> None:
        """Show what need not be there at once."""


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

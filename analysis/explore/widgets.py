"""The widgets of ours: a table by pages, a passage with marks, charts, a picker of reports.

Text reaches the browser as JSON and is put into the page as text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import pandas as pd
import traitlets

from .lazy import PAGE, Ask, Lazy

_HERE = Path(__file__).parent
_STYLE = (_HERE / "explore.css").read_text("utf-8")


def _script(name: str) -> str:
    """A widget's script, behind what all of them begin with."""
    both = (_HERE / f"{one}.js" for one in ("element", name))
    return "\n".join(path.read_text("utf-8") for path in both)


_WORDS = {
    "zh": {"sort": "排序", "filter": "筛选", "back": "上一页", "next": "下一页", "of": "/ 共"},
    "en": {"sort": "Sort", "filter": "filter", "back": "Back", "next": "Next", "of": "of"},
}


class Table(anywidget.AnyWidget):
    """A frame, sorted and filtered in Python, shown a page at a time.

    Parameters
    ----------
    titles : the columns shown, and what each is called.
    lang : zh or en. size : rows of a page. backwards : see `Lazy`. sides : where the cells of a
        column stand (left, right, center), if not where numbers or text do. said : see `Lazy`.
    """

    _esm = _script("table")
    _css = _STYLE
    columns: Any = traitlets.List().tag(sync=True)
    page = traitlets.Dict().tag(sync=True)
    ask = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Int(-1).tag(sync=True)
    act = traitlets.Dict().tag(sync=True)
    words = traitlets.Dict().tag(sync=True)
    size = traitlets.Int(PAGE).tag(sync=True)

    def __init__(
        self,
        titles: Mapping[str, str],
        lang: str = "zh",
        *,
        size: int = PAGE,
        backwards: Sequence[str] = (),
        sides: Mapping[str, str] | None = None,
        said: Mapping[str, Callable[[Any], str]] = {},
    ):
        self._titles, self._backwards, self._sides = dict(titles), backwards, dict(sides or {})
        self._said = said
        self._asked: dict[str, Any] = {}
        self.lazy = Lazy(pd.DataFrame(columns=list(titles)), list(titles))
        columns = [
            {"name": name, "title": title, "side": self._sides.get(name, "left")}
            for name, title in titles.items()
        ]
        page = self.lazy.page(Ask(), size)
        super().__init__(columns=columns, page=page, ask=vars(Ask()), words=_WORDS[lang], size=size)
        self.observe(self._turn, "ask")

    def show(self, frame: pd.DataFrame) -> None:
        """Show another frame of the same columns; order and filters stay."""
        self.lazy = Lazy(frame, list(self._titles), self._backwards, self._said)
        self.chosen = -1
        self._turn()

    def empty(self) -> None:
        """Show no row."""
        self.show(self.lazy.frame.iloc[:0])

    def on_chosen(self, act: Callable[[pd.Series[Any]], None]) -> None:
        """Call `act` with the row that somebody clicks."""

        def clicked(change: Any) -> None:
            if 0 <= change["new"] < len(self.lazy.frame):
                act(self.lazy.frame.iloc[change["new"]])

        self.observe(clicked, "chosen")

    def confirm(self, what: str) -> None:
        """Have the browser answer behind all that it has yet to tell: see `on_confirmed`.

        A button's click may overtake the choice of a row, or what was typed, on its way here.
        """
        self._asked = {"what": what, "number": self._asked.get("number", 0) + 1}
        self.send(self._asked)

    def on_confirmed(self, act: Callable[[str], None]) -> None:
        """Call `act` with what was asked, once, however many tabs answer."""

        def answered(change: Any) -> None:
            if change["new"].get("number") == self._asked.get("number") and "what" in self._asked:
                act(self._asked.pop("what"))

        self.observe(answered, "act")

    def _turn(self, _: Any = None) -> None:
        self.page = self.lazy.page(Ask(**self.ask), self.size)


class Passage(anywidget.AnyWidget):
    """Text with marked pieces (`material.passage`), a message, or a page in a frame.

    `chosen` is the id of the block that was clicked, where blocks have one.
    """

    _esm = (_HERE / "passage.js").read_text("utf-8")
    _css = _STYLE
    blocks: Any = traitlets.List().tag(sync=True)
    page = traitlets.Unicode().tag(sync=True)
    chosen = traitlets.Unicode().tag(sync=True)

    def say(self, text: object, kind: str = "note") -> None:
        """Show a sentence: a `note`, what was `done`, or an `error`."""
        self.blocks = [{"kind": kind, "pieces": [[str(text), False]]}] if text else []


class Chart(anywidget.AnyWidget):
    """Lines over the years and strips of dispersion, whose marks can be clicked.

    `charts` is a list of {kind: lines or strip, title, series, …}; every mark has a label and
    `only`, what a click asks for. `only` is what was asked for last.
    """

    _esm = _script("chart")
    _css = _STYLE
    charts: Any = traitlets.List().tag(sync=True)
    only = traitlets.Dict().tag(sync=True)
    chosen = traitlets.Dict().tag(sync=True)

    def on_chosen(self, act: Callable[[dict[str, Any]], None]) -> None:
        """Call `act` with what the mark that somebody clicks asks for."""

        def clicked(change: Any) -> None:
            act({name: one for name, one in change["new"].items() if name != "number"})

        self.observe(clicked, "chosen")


class Picker(anywidget.AnyWidget):
    """Regions by years, in which reports are chosen.

    `offer` has regions, labels, years, parts (key, label, chosen), said, and by region and year
    reports (how many there are) and chosen; heads says which regions and years are chosen whole.
    """

    _esm = _script("picker")
    _css = _STYLE
    words = traitlets.Dict().tag(sync=True)
    offer = traitlets.Dict().tag(sync=True)
    act = traitlets.Dict().tag(sync=True)

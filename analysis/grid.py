r"""Tables inside a text: which lines are rows, what their columns mean, the figures in their cells.

Statistical communiqués print tables: as Markdown (`| 指标 | 绝对数 |`), or with one row a line, its
cells apart by spaces (`家用电冰箱 万台 9261.0 9.9`). A cell says neither its unit nor whether it is
a level or a change; the row's unit, the head of the column and the table's title do. Where none of
them says it, the cell keeps an empty unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.amounts import document, either
from analysis.numerals import amount, fold

if TYPE_CHECKING:
    from analysis.horizon import Horizon

_PIECE = re.compile(r"[^|]+")
_MARKUP = re.compile(r"<br\s*/?>|\*\*|\[\d+\]")
_TOKEN = re.compile(r"\S+")
_NUMBER = re.compile(r"[-+－﹣−]?\s?\d[\d,，]*(?:[.．]\d+)?")
_NUMBER_IN = re.compile(r"[-+－﹣−]?\d{1,3}(?:[,，]\s?\d{3})+(?:[.．]\d+)?|[-+－﹣−]?\d+(?:[.．]\d+)?")
_RULE = re.compile(r"[|\s:-]*-{3,}[|\s:-]*")
_UNITED = re.compile(r"单位[：:]\s*(\S+?)[）)*]*$")
_IN_BRACKETS = re.compile(r"[（(]([^）)]+)[）)]\s*$")
_GROWTH = re.compile(r"增长|增速|增幅|涨幅|增减|涨跌|比上年|同比|升降")
_UP = re.compile(r"增长|增幅|涨幅|比上年\s*[（(]?[%％]|增速")
_NO_WAY = re.compile(r"增减|涨跌|升降|增速|幅度")
_TITLE = re.compile(r"表\s*\d+|指标|单位")
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?\s*$")
_SENTENCE = re.compile(r"[。；？！]|(?<!\d)，|，(?!\d)")


class Column(NamedTuple):
    """What the cells of a column are."""

    head: str = ""
    unit: str = ""
    kind: str = "level"
    direction: str = ""
    year: str = ""


@dataclass(frozen=True)
class Row:
    """A table's row: its name, its own unit, and each number's place with its column."""

    name: str
    unit: str
    cells: tuple[tuple[int, int, Column], ...]


@cache
def _unit() -> re.Pattern[str]:
    units = document()["units"]
    words = either(*(units[name] for name in ("share", "physical", "money", "count", "per")))
    return re.compile(rf"[百千万亿十]*(?:{words})(?:/\S+)?|[%％‰]")


def rows(texts: Sequence[str]) -> dict[int, Row]:
    """Which of a study's sentences are rows of tables, by their place, and what stands in them."""
    found: dict[int, Row] = {}
    head: list[Column] = []
    title, unit, last = "", "", -9
    for at, text in enumerate(texts):
        if len(text) > 400 or (" " not in text and "|" not in text and "单位" not in text):
            if len(text) < 60:
                title = text if "表" in text or "单位" in text else title
            continue
        if text.startswith("单位") or _UNITED.search(text):
            stated = _UNITED.search(text)
            unit, last, head = (stated[1] if stated else unit), at, []
            continue
        if _RULE.fullmatch(text):
            last = at
            continue
        cells = _cells(text)
        if len(cells) < 2 or (_SENTENCE.search(text) and "|" not in text):
            continue
        numbers = [cell for cell in cells[1:] if _is_number(cell[0])]
        if at - last > 6:
            head, unit = [], ""
        if not numbers or _heads(cells, numbers):
            if "|" in text or _TITLE.search(text) or _GROWTH.search(text):
                made = [_column(cell[0]) for cell in cells]
                said = sum(bool(column.head) for column in made) > 1
                head, last = (made if said else head), at
                title = "" if said and at - last > 2 else title
            if not said_title(text):
                continue
            title = _clean(text)
            continue
        row = _row(text, cells, head, unit, title)
        if row:
            found[at], last = row, at
    return found


def said_title(text: str) -> bool:
    """Whether a line names a table: 表6 2005年进出口主要分类情况."""
    return re.search(r"表\s*\d+", text) is not None


def _cells(text: str) -> list[tuple[str, int, int]]:
    """The cells of a line: what each says, and its place."""
    pattern = _PIECE if text.count("|") > 1 else _TOKEN
    made = [(_clean(m[0]), m.start(), m.end()) for m in pattern.finditer(text)]
    if pattern is _PIECE:
        return made
    return _merged([one for one in made if one[0] not in ("", "-", "*")])


def _merged(cells: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Cells of a line without bars: the words before the first number or unit are one name."""
    first = next(
        (
            at
            for at, (said, _, _) in enumerate(cells)
            if at and (_is_number(said) or _is_unit(said))
        ),
        len(cells),
    )
    if first < 2:
        return cells
    whole = "".join(said for said, _, _ in cells[:first])
    return [(whole, cells[0][1], cells[first - 1][2]), *cells[first:]]


def _clean(text: str) -> str:
    return _MARKUP.sub("", text).strip(" \u3000*")


def _is_number(said: str) -> bool:
    return bool(said) and _NUMBER.fullmatch(said) is not None


def _is_unit(said: str) -> bool:
    return _unit().fullmatch(said) is not None


def _heads(cells: Sequence[Any], numbers: Sequence[Any]) -> bool:
    """Whether the numbers of a line are years that head columns."""
    return all(re.fullmatch(r"(?:19|20)\d\d", number[0]) for number in numbers) and len(numbers) > 1


def _column(head: str) -> Column:
    """What a column's head says."""
    head = fold(head)[0].replace(" ", "")
    stated = _IN_BRACKETS.search(head.replace("（", "(").replace("）", ")"))
    unit = stated[1] if stated and _is_unit(stated[1]) else ""
    if not unit and head[-1:] in ("%", "‰"):
        unit = head[-1]
    grows = _GROWTH.search(head) is not None and "的比重" not in head
    way = "up" if grows and _UP.search(head) and not _NO_WAY.search(head) else ""
    year = _YEAR.search(head)
    kind = "change" if grows else "level"
    return Column(head, unit or ("%" if grows else ""), kind, way, year[1] if year else "")


def _row(
    text: str, cells: list[tuple[str, int, int]], head: list[Column], unit: str, title: str
) -> Row | None:
    """A line's row; None where it is none: every cell is a number, a unit, a dash or empty."""
    name, rest = cells[0][0], cells[1:]
    if not name or _is_number(name) or len(name) > 40:
        return None
    units = [said for said, _, _ in rest if _is_unit(said)]
    if not all(_is_number(said) or _is_unit(said) or said in ("", "—", "-", "–", "…") for said, _, _ in rest):
        return None
    barred = "|" in text
    numbers = [cell for cell in rest if _is_number(cell[0])]
    if not barred and len(numbers) < 2 and not units:
        return None
    grows = _GROWTH.search(title) is not None and "及其" not in title and "情况" not in title
    whole = Column(title, unit or ("%" if grows else ""), "change" if grows else "level")
    found = []
    for at, (said, start, end) in enumerate(cells):
        if at == 0 or not _is_number(said):
            continue
        inside = _NUMBER_IN.search(text, start, end)
        if inside is None:
            continue
        order = len(numbers) - numbers.index((said, start, end))
        if barred and at < len(head):
            column = head[at]
        elif not barred and head and order <= len(head) - 1:
            column = head[-order]
        elif units and order == 1 and len(numbers) > 1:
            column = Column("", "%", "change", "up")
        else:
            column = whole
        if column.kind == "level" and not column.unit:
            column = column._replace(unit=units[0] if units else whole.unit, kind=whole.kind)
        found.append((inside.start(), inside.end(), column))
    return Row(name, units[0] if units else "", tuple(found)) if found else None


def figures(text: str, row: Row, horizon: Horizon) -> Iterator[tuple[Any, ...]]:
    """A row's figures, in the columns that `figures_found` has from `start` on."""
    for start, end, column in row.cells:
        written = text[start:end]
        plain = fold(written)[0].replace(",", "").replace("，", "").replace("+", "")
        value, unit = float(plain), column.unit.replace("％", "%")
        if unit.endswith(("元", "人", "人次", "台", "辆", "部", "件", "户", "个", "家", "块", "支", "头", "只", "套", "架", "艘")):
            value, unit = amount(value, unit)
        kind, way = column.kind, "" if value < 0 else column.direction
        period = column.year or horizon.period(start)
        if column.year and horizon.year and int(column.year) > horizon.year:
            kind = "target"
        elif horizon.plan and not column.year:
            kind = "target"
        what = row.name if not column.head else row.name
        yield (start, end, written, value, unit, "exact", kind, way, what, "", period, "", written)

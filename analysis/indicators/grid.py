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

from .amounts import document, either
from .numerals import amount, fold

if TYPE_CHECKING:
    from .horizon import Horizon

_PIECE = re.compile(r"[^|]+")
_TABBED = re.compile(r"[^\t]*(?:\t|\Z)")  # what restoration makes of a row with bars
_MARKUP = re.compile(r"<br\s*/?>|\*\*|\[\d+\]")
_TOKEN = re.compile(r"\S+")
_NUMBER = re.compile(r"[-+－﹣−]?\s?\d[\d,，]*(?:[.．]\d+)?倍?")
_NUMBER_IN = re.compile(
    r"[-+－﹣−]?\d{1,3}(?:[,，]\s?\d{3})+(?:[.．]\d+)?|[-+－﹣−]?\d+(?:[.．]\d+)?"
)
_EMPTY = re.compile(r"|持平|[-—–―…/]+")
_WRITTEN = re.compile(r"[百千万亿]+\s*[\u4e00-\u9fff]{1,4}(?:[（(][^）)]{1,3}[）)])?、?")
_PROSE = frozenset("。；！？，")
_RULE = re.compile(r"[|\s:-]*-{3,}[|\s:-]*")
_UNITED = re.compile(r"单位[：:]\s*([^\s|）)*]+)[）)*|\s]*$")
_IN_BRACKETS = re.compile(r"[（(]([^）)]+)[）)]\s*$")
_GROWTH = re.compile(r"增长|增速|增幅|涨幅|增减|涨跌|上涨|下降|比上[年午]|同比|升降")
_UP = re.compile(r"增长|增幅|涨幅|上涨|比上年\s*[（(]?[%％]|增速")
_NO_WAY = re.compile(r"增减|涨跌|升降|增速")
_ABOUT = re.compile(
    r"(?=.*(?:增长|上涨|涨跌|升降|产量|数量))[^。；\d]*(?:\d{4}年)?[^。；\d]*(?:如下[：:]?|[（(][%％][）)])$"
)
_MAY = re.compile(r"[ |\t\u3000]|表\s?\d|单位[：:]|如下|[%％][）)]$")
_TITLE = re.compile(r"[\W_]*(?:br>)?[\W_]*(?:附?表|专栏)\s*[\d一二三四五六七八九十]+(?!.*[。；])")
_HEADS = re.compile(
    r"指\s*标|单\s*位|名\s*称|增长|增减|比上年|比重|绝对|金\s*额|产\s*量|数\s*量|\d{4}|项\s*目|[（(%]"
)
_HEAD = re.compile(
    r"单位|(?:[\u4e00-\u9fff]{0,6}?(?:指标|名称|项目|品名))|(?:19|20)\d\d年"
    r"|(?:为)?比?(?:上年|\d{4}年)(?:末|同期)?(?:增长|增减|涨跌|为)[^\u4e00-\u9fff]*"
    r"|[\u4e00-\u9fff]*?(?:比重|产量|数量|金额|绝对数|年末数|实绩|完成数|人数|额|数|量)(?:[（(][^）)]*[）)])?[%％]?"
)
_LONGEST_NAME = 40
_NEAR, _LONGEST, _SHORT = 6, 400, 60
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
    """A table's row: each number's place with its column, and what it is of."""

    cells: tuple[tuple[int, int, Column, str], ...]


@cache
def _unit() -> re.Pattern[str]:
    units = document()["units"]
    words = either(*(units[name] for name in ("share", "physical", "money", "count", "per")))
    return re.compile(rf"[百千万亿十]*(?:{words})(?:/\S+)?|[%％‰]")


def rows(texts: Sequence[str]) -> dict[int, Row]:
    """Which of a study's sentences are rows of tables, by their place, and what stands in them."""
    found: dict[int, Row] = {}
    head: list[Column] = []
    title, unit, last = "", "", -_NEAR
    for at, text in enumerate(texts):
        if text[-1:] in _PROSE or len(text) > _LONGEST or not _MAY.search(text):
            continue
        if _TITLE.match(text) or (len(text) < _SHORT and _ABOUT.match(text)):
            title, head, unit, last = _clean(text), [], "", at
        if stated := _UNITED.search(text):
            head, unit, last = [], stated[1], at
        if _RULE.fullmatch(text):
            last = at
            continue
        if not _barred(text) and _HEADS.search(text) and not _SENTENCE.search(text):
            made = _heads(text)
            if len(made) > 1:
                head, last = made, at
                continue
        cells = _cells(text)
        if len(cells) < 2 or (_SENTENCE.search(text) and not _barred(text)):
            continue
        if at - last > _NEAR:
            title, head, unit = "", [], ""
        numbers = [said for said, _, _ in cells[1:] if _is_number(said)]
        if not numbers or _are_years(numbers):
            made = [_column(said) for said, _, _ in cells]
            if sum(bool(column.head) for column in made) > 1 and _HEADS.search(text):
                head, last = made, at
        elif row := _row(text, cells, head, unit, title):
            found[at], last = row, at
    return found


def _cells(text: str) -> list[tuple[str, int, int]]:
    """The cells of a line: what each says, and its place."""
    if "\t" in text:
        places = [(m.start(), m.end() - m[0].endswith("\t")) for m in _TABBED.finditer(text)]
        return [
            (_clean(text[start:end]), start, end) for start, end in places[: text.count("\t") + 1]
        ]
    pattern = _PIECE if text.count("|") > 1 else _TOKEN
    made = [(_clean(m[0]), m.start(), m.end()) for m in pattern.finditer(text)]
    if pattern is _PIECE:
        return made
    return _merged([one for one in made if one[0] not in ("", "-", "*")])


def _barred(text: str) -> bool:
    """Whether a line's cells are apart by bars, or by the tabs that restoration writes for them."""
    return "|" in text or "\t" in text


def _merged(cells: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Cells of a line without bars: the words before the first number or unit are one name."""
    first = next(
        (
            at
            for at, (said, _, _) in enumerate(cells)
            if at and (_is_number(said) or (_is_unit(said) and _named(said, cells[:at])))
        ),
        len(cells),
    )
    if first < 2:
        return cells
    whole = "".join(said for said, _, _ in cells[:first])
    rest = cells[first:]
    if (
        len(rest) > 2
        and _is_unit(rest[2][0])
        and re.fullmatch(r"[1-9]\d{0,2} \d{3}", f"{rest[0][0]} {rest[1][0]}")
    ):
        rest = [(rest[0][0] + rest[1][0], rest[0][1], rest[1][2]), *rest[2:]]  # 1 780 万吨
    return [(whole, cells[0][1], cells[first - 1][2]), *rest]


def _named(said: str, before: Sequence[tuple[str, int, int]]) -> bool:
    """Whether a unit's word has a name before it: 卷 烟 and 机 床 are names."""
    return len(said) > 1 or sum(len(one) for one, _, _ in before) > 1


def _clean(text: str) -> str:
    return _MARKUP.sub("", text).strip(" \u3000*")


def _is_number(said: str) -> bool:
    return bool(said) and _NUMBER.fullmatch(said) is not None


def _is_unit(said: str) -> bool:
    return _unit().fullmatch(said) is not None or _WRITTEN.fullmatch(said) is not None


def _heads(text: str) -> list[Column]:
    """The heads of a line without bars, whose words may be apart: 指 标 单 位 绝对数."""
    whole = re.sub(r"[\s*-]", "", fold(text)[0])
    found = _HEAD.findall(whole)
    return [_column(one) for one in found] if "".join(found) == whole else []


def _are_years(numbers: Sequence[str]) -> bool:
    """Whether the numbers of a line are years that head columns."""
    return len(numbers) > 1 and all(re.fullmatch(r"(?:19|20)\d\d", one) for one in numbers)


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
    """A line's row; None where it is none: every cell is a number, a unit, a dash or empty.

    A table of two blocks beside each other has a second name before its second numbers.
    """
    name, barred = cells[0][0], _barred(text)
    if "\t" in text and len(head) == len(cells) - 1:
        head = [Column(""), *head]  # the first head was empty, and a sentence has no edge
    if not name or _is_number(name) or len(name) > _LONGEST_NAME:
        return None
    numbers = [at for at, (said, _, _) in enumerate(cells) if at and _is_number(said)]
    units = [re.sub(r"\s|、", "", said) for said, _, _ in cells[1:] if _is_unit(said)]
    words = [
        at
        for at, (said, _, _) in enumerate(cells)
        if at and not (at in numbers or _is_unit(said) or _EMPTY.fullmatch(said))
    ]
    if words and not (barred and all(at > 1 and at + 1 in numbers for at in words)):
        return None
    if not barred and len(numbers) < 2 and not units and not ((head or title) and len(cells) == 2):
        return None
    in_name = _IN_BRACKETS.search(fold(name)[0].replace("（", "(").replace("）", ")"))
    if in_name and _is_unit(in_name[1]):
        units = [in_name[1], *units]
    grows = _GROWTH.search(title) is not None and "及其" not in title
    whole = Column(title, unit or ("%" if grows else ""), "change" if grows else "level")
    whole = whole._replace(
        direction="up" if grows and _UP.search(title) and not _NO_WAY.search(title) else ""
    )
    found = []
    for order, at in enumerate(numbers):
        said, start, end = cells[at]
        if (inside := _NUMBER_IN.search(text, start, end)) is None:
            continue
        left = len(numbers) - order
        known = head[at] if barred and at < len(head) else None
        if known:
            column = next((one for one in reversed(head[1 : at + 1]) if one.head), known)
        elif not barred and len(head) > left:
            column = head[-left]
        elif units and order == 0:
            column = Column("", units[0])
        elif (units or whole.unit not in ("", "%")) and order % 2:
            column = Column("", "%", "change", "up")  # an amount and by how much it grew, in turn
        else:
            column = whole
        if column.kind == "level" and not column.unit:
            own = units and (order == 0 or len(numbers) < 3 or column.year)
            column = column._replace(unit=units[0] if own else whole.unit)
        if said.endswith("倍"):
            column = Column(column.head, "倍", "change", "up", column.year)
        called = next((cells[word][0] for word in reversed(words) if word < at), name)
        found.append((inside.start(), inside.end(), column, called))
    return Row(tuple(found)) if found else None


def figures(text: str, row: Row, horizon: Horizon) -> Iterator[tuple[Any, ...]]:
    """A row's figures, in the columns that `figures_found` has from `start` on."""
    for start, end, column, name in row.cells:
        written = text[start:end]
        value = float(re.sub(r"[,，+]", "", fold(written)[0]))
        unit = column.unit.replace("％", "%")
        if _counted(amount(1, unit)[1]):
            value, unit = amount(value, unit)
        planned = horizon.plan
        if column.year and horizon.year:
            planned = int(column.year) > horizon.year
        kind = "target" if planned else column.kind
        way = "" if value < 0 else column.direction
        period = column.year or horizon.period(start)
        yield (start, end, written, value, unit, "exact", kind, way, name, "", period, "", written)


@cache
def _counted(unit: str) -> bool:
    """Whether multipliers before a unit are multiplied out, as in a sentence: money and counts."""
    units = document()["units"]
    return re.fullmatch(either(units["money"], units["count"]), unit) is not None

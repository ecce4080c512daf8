"""Figures of data quality: what restoration changed, how certainly, and where."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from analysis import tables

from .look import ACCENT, DOUBLE, MAIN, PRESET, blank, canvas, mark, numbered, say, shorten, style

_MARKS = {"certain": ("|", MAIN), "likely": ("o", ACCENT), "unresolved": ("x", "C3")}
_CERTAINTY = {"certain": "确定", "likely": "很可能", "unresolved": "未能确定"}
_RULES = {
    **{
        "furniture": "网页文字",
        "markup": "标记",
        "lost": "丢失的字",
        "entity": "字符实体",
        "mojibake": "乱码",
    },
    **{"phase": "错位解码", "gloss": "拼音注音", "unknown": "缺字", "simplify": "繁转简"},
    **{"doubled-punctuation": "重复标点", "punctuation": "半角标点", "invisible": "不可见字符"},
    **{"width": "字形归一", "line-end": "行尾符", "line": "折行", "page": "页码", "blank": "空格"},
    **{"bullet": "项目符号"},
}


def edit_places(table: pd.DataFrame, *, lang: str = "zh", preset: str = PRESET) -> Figure:
    """One mark for each change that restoration made, by rule, certainty and place.

    Parameters
    ----------
    table : `Study.edit_places` (rule, certainty, before, after, place: 0 the beginning of the
        file, 1 its end).
    """
    if table.empty:
        return blank(lang, preset)
    table = numbered(table)
    rules = list(table["rule"].value_counts().sort_index().index)
    with style(preset):
        figure = canvas(DOUBLE, 22 + 7.0 * max(len(rules), 2))
        axes = figure.add_subplot()
        for certainty, (marker, color) in _MARKS.items():
            rows = table[table["certainty"] == certainty]
            label = f"{say(lang, _CERTAINTY[certainty], certainty)} ({len(rows)})"
            look: dict[str, Any] = {"color": color, "marker": marker, "ms": 5, "mew": 0.7, "ls": ""}
            axes.plot([], [], label=label, **look)
            for row in tables.rows(rows):
                (drawn,) = axes.plot(row.place * 100, rules.index(row.rule), **look)
                mark(drawn, row.row_no, shorten(f"{row.rule}: {row.before} → {row.after}", 60))
        counts = table["rule"].value_counts()
        names = [say(lang, f"{_RULES.get(rule, '')} {rule}".strip(), rule) for rule in rules]
        labels = [f"{name} ({counts[rule]})" for name, rule in zip(names, rules, strict=True)]
        axes.set_yticks(range(len(rules)), labels)
        axes.set_ylim(len(rules) - 0.5, -0.5)
        axes.set_xlim(-1, 101)
        axes.set_xlabel(
            say(
                lang,
                "在原始文件中的位置，%（括号内为改动处数）",
                "Place in the raw file, % (counts of changes in brackets)",
            )
        )
        figure.legend(loc="outside upper left", ncols=3, frameon=False, fontsize=6.5)
    return figure

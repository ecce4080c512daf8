"""The line at the head of a figure: its subject, or what its table says, where it says one thing.

Every message is read off the table that is drawn; a figure of many things has only a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from analysis.themes import NONE

from .gloss import told
from .look import per, region_in, say

TITLES_ARE = ("none", "subject", "message")
"""What stands at the head of a figure."""


def message(name: str, table: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    """What the table of a figure says in a sentence; '' where it says no one thing.

    names : what themes are called.
    """
    made = _MESSAGES.get(name)
    return made(table, names, lang) if made and len(table) else ""


def _most_frequent(table: pd.DataFrame, _: Mapping[str, str], lang: str) -> str:
    first: Any = table.sort_values("rate", ascending=False, kind="stable").iloc[0]
    facts = {
        "key": told(first["key"], lang),
        "n": int(first["n"]),
        "rate": first["rate"],
        "per": per(lang),
    }
    return say(lang, "message_most", **facts)


def _apart(table: pd.DataFrame, _: Mapping[str, str], lang: str) -> str:
    own = table[table["log_ratio_smoothed"] > 0]
    keys = say(lang, "and").join(told(key, lang) for key in own["key"][:3])
    return say(lang, "message_apart", keys=keys) if keys else ""


def _together(table: pd.DataFrame, _: Mapping[str, str], lang: str) -> str:
    first: Any = table.sort_values(["n", "source", "target"], ascending=[False, True, True]).iloc[0]
    ends = (told(first[end], lang) for end in ("source", "target"))
    pair = {**dict(zip(("one", "other"), ends, strict=True)), "n": int(first["n"])}
    return say(lang, "message_together", **pair)


def _largest(table: pd.DataFrame, names: Mapping[str, str], lang: str) -> str:
    themes = table[table["theme"] != NONE]
    if themes.empty or not themes["n"].max():
        return ""
    first: Any = themes.sort_values("share", ascending=False, kind="stable").iloc[0]
    theme = names.get(first["theme"], first["theme"])
    return say(lang, "message_largest", theme=theme, share=first["share"], n=int(first["n"]))


def _changed(table: pd.DataFrame, _: Mapping[str, str], lang: str) -> str:
    """Of one region's word the first and the last year."""
    held = [table[name] for name in ("key", "region") if name in table]
    if "key" not in table or any(column.nunique() > 1 for column in held):
        return ""
    rows = table.sort_values("at")
    if rows["at"].duplicated().any() or len(rows) < 2:
        return ""
    ends = {"first": str(rows["at"].iloc[0])[:4], "last": str(rows["at"].iloc[-1])[:4]}
    rates = {"was": rows["rate"].iloc[0], "is_": rows["rate"].iloc[-1], "per": per(lang)}
    return say(lang, "message_changed", key=told(rows["key"].iloc[0], lang), **ends, **rates)


def _highest(table: pd.DataFrame, _: Mapping[str, str], lang: str) -> str:
    """The region of the first rank, where it is one."""
    first = table[table["rank"] == 1]
    if len(first) != 1:
        return ""
    return say(lang, "message_highest", region=region_in(str(first["region"].iloc[0]), lang))


_MESSAGES: dict[str, Callable[[pd.DataFrame, Mapping[str, str], str], str]] = {
    "top_terms": _most_frequent,
    "word_cloud": _most_frequent,
    "keyness_plot": _apart,
    "collocation_network": _together,
    "theme_coverage": _largest,
    "rates_over_time": _changed,
    "attention_ranking": _highest,
}

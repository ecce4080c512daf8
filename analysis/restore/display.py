"""A restored text beside its raw one, every change coloured, on one page that needs nothing else.

A line of the raw text stands beside its restored line. Colour tells the rule, the underline the
certainty: none for certain, dotted for likely, wavy and red for unresolved. Pointing at a change
shows the rule, what stood there, and what else it could be.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

COLOURS = {
    "boilerplate": "#d9d9d9",
    "gloss": "#d6e6f4",
    "simplify": "#e3f1dc",
    "punctuation": "#f3f0d7",
    "doubled-punctuation": "#f3f0d7",
    "phase": "#fbdcb8",
    "entity": "#e8dcf2",
    "mojibake": "#f7d4e0",
    "lost": "#f9c6c0",
    "unknown": "#f9c6c0",
}
STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.8 Gongbao, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif;
       margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
td, th { vertical-align: top; padding: .4rem .8rem; border-top: 1px solid #ddd; text-align: left;
         overflow-wrap: anywhere; }
td:first-child, th:first-child { width: 3rem; color: #777; }
mark { color: inherit; padding: 0; }
mark.likely { text-decoration: underline dotted 2px; }
mark.unresolved { text-decoration: underline wavy #b3261e; }
ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
"""


def restored_html(restored: Any, title: str = "Restored text") -> str:
    """Return a page that shows a `Restored` side by side with its raw text."""
    rules = Counter(edit.rule for edit in restored.edits)
    colours = "".join(
        f"mark.{rule} {{ background: {COLOURS.get(rule, '#eeeeee')}; }}\n" for rule in rules
    )
    legend = "".join(
        f'<li><mark class="{escape(rule)}">{escape(rule)}</mark> {count}</li>'
        for rule, count in rules.most_common()
    )
    certainty = Counter(edit.certainty for edit in restored.edits)
    counts = ", ".join(f"{name} {certainty[name]}" for name in ("certain", "likely", "unresolved"))
    rows = "".join(
        f"<tr><td>{number}</td><td>{raw}</td><td>{text}</td></tr>\n"
        for number, (raw, text) in enumerate(_rows(restored), 1)
    )
    return (
        '<!doctype html>\n<html lang="zh-Hans">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}{colours}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{len(restored.edits)} edits: {counts}</p>\n"
        f"<ul>{legend}</ul>\n<table>\n"
        "<tr><th></th><th>raw</th><th>restored</th></tr>\n"
        f"{rows}</table>\n</body>\n</html>\n"
    )


def _rows(restored: Any) -> list[tuple[str, str]]:
    """Return (raw, restored) as HTML for every line of the raw text."""
    raw = restored.raw
    rows: list[tuple[str, str]] = []
    left: list[str] = []
    right: list[str] = []

    def plain(piece: str) -> None:
        first, *others = piece.split("\n")
        left.append(escape(first))
        right.append(escape(first))
        for line in others:
            rows.append(("".join(left), "".join(right)))
            left[:], right[:] = [escape(line)], [escape(line)]

    at = 0
    for edit in restored.edits:
        plain(raw[at : edit.raw_start])
        at = edit.raw_end
        left.append(_mark(edit, edit.before.rstrip("\n")))
        right.append(_mark(edit, edit.after.rstrip("\n")))
        if edit.before.endswith("\n"):
            plain("\n")
    plain(raw[at:])
    if left != [""] or right != [""]:
        rows.append(("".join(left), "".join(right)))
    return rows


def _mark(edit: Any, piece: str) -> str:
    if not piece:
        return ""
    says = f"{edit.edit} {edit.rule}, {edit.certainty}: {edit.before.strip()} → {edit.after}"
    if edit.note:
        says += f" ({edit.note})"
    return (
        f'<mark class="{escape(edit.rule)} {edit.certainty}" title="{escape(says)}">'
        f"{escape(piece)}</mark>"
    )

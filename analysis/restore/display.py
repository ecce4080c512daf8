"""A restored text beside its raw one, every change coloured, on one page that needs nothing else.

A line of the raw text stands beside its restored line. Colour tells the rule, the underline the
certainty: none for certain, dotted for likely, wavy and red for unresolved. Pointing at a change
shows the rule, what stood there, and what else it could be.
"""

from __future__ import annotations

from collections import Counter
from html import escape
from importlib.resources import files
from typing import Any


def restored_html(restored: Any, title: str = "Restored text") -> str:
    """Return a page that shows a `Restored` side by side with its raw text."""
    rules = Counter(edit.rule for edit in restored.edits)
    style = files(__package__).joinpath("display.css").read_text("utf-8")
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
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{len(restored.edits)} edits: {counts}</p>\n"
        f"<ul>{legend}</ul>\n<table>\n"
        "<tr><th></th><th>raw</th><th>restored</th></tr>\n"
        f"{rows}</table>\n</body>\n</html>\n"
    )


def _rows(restored: Any) -> list[tuple[str, str]]:
    """Return (raw, restored) as HTML for every line of the raw text."""
    left = right = ""
    at = 0
    for edit in restored.edits:
        kept = escape(restored.raw[at : edit.raw_start])
        before, after = edit.before.split("\n"), edit.after.split("\n")
        more = len(before)  # rows that the edit begins, goes through and ends in
        after += [""] * (more - len(after))
        left += kept + "\n".join(_mark(edit, piece) for piece in before)
        right += kept + "\n".join(_mark(edit, piece) for piece in after[:more])
        right += "".join(f"<br>{_mark(edit, piece)}" for piece in after[more:])
        at = edit.raw_end
    rest = escape(restored.raw[at:])
    rows = list(zip((left + rest).split("\n"), (right + rest).split("\n"), strict=True))
    return rows[:-1] if rows[-1] == ("", "") else rows


def _mark(edit: Any, piece: str) -> str:
    if not piece:
        return ""
    says = f"{edit.edit} {edit.rule}, {edit.certainty}: {edit.before.strip()} → {edit.after}"
    if edit.note:
        says += f" ({edit.note})"
    says = says.replace("\n", "⏎")
    return (
        f'<mark class="{escape(edit.rule)} {edit.certainty}" title="{escape(says)}">'
        f"{escape(piece)}</mark>"
    )

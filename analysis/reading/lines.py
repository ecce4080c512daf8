"""Cells → lines: what the readers of all kinds agree on.

A line is a paragraph or the row of a table. A table is data where its cells are short: a row is a
line with tabs. It is a frame where a cell holds paragraphs: they stay lines, as without it. A
frame is a table of one column (forms of WPS), or has a cell with prose (old sites, two columns of
text, "工作情况 | the report").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

PROSE = 80
"""Characters from which a cell of several sentences on several lines is text and no entry."""

_SENTENCE = re.compile(r"[。！？；][”’』」）》]*\s*$")


def table(rows: Iterable[Sequence[Sequence[str]]]) -> list[str]:
    r"""The lines of a table; a cell comes as its lines.

    >>> table([[["行政复议"], ["132", "件"]]]), table([[["一、情况", "办理案件3件。"]]])
    (['行政复议\t132 件'], ['一、情况', '办理案件3件。'])
    """
    held = [[[line for line in cell if line.strip()] for cell in row] for row in rows]
    frame = all(len(row) < 2 for row in held)
    found: list[str] = []
    for row in held:
        if frame or any(map(is_text, row)):
            found += (line for cell in row for line in cell)
        else:
            found.append("\t".join(" ".join(" ".join(cell).split()) for cell in row))
    return found


def is_text(cell: Sequence[str]) -> bool:
    """Whether a cell's lines are paragraphs, or hold a table of their own."""
    prose = sum(bool(_SENTENCE.search(line)) for line in cell) > 1
    return (prose and sum(map(len, cell)) >= PROSE) or any("\t" in line.strip() for line in cell)

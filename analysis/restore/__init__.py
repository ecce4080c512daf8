"""Broken text in, readable text and the record of every change out.

    restore(text) -> Restored(raw, text, edits)

The way of a text: `rules` is the chain of passes, each with a `draft`. `mojibake` reads again what
was decoded with a wrong table, `widths` makes characters of other shapes equal, `lines` puts right
what another program made of the lines. `document` says what kind of document it is, `suspects`
where it may be one byte out of phase; `phase` goes from suspect to suspect, and `search` reads each
passage by turning `damage`, the model of how mirror sites break texts, back to front, with the
characters in `forms`. `simplify` chooses between simplified characters. `model` weighs readings;
`characters` holds the tables. `record` is what comes out, `display` shows it, and `remains` says
what still looks damaged in it.
"""

from functools import cache as _cache

from .display import restored_html
from .phase import NUMERALS
from .record import Certainty, Edit, Restored, replay
from .remains import Remains, is_traditional, remains
from .rules import KEEP, Script, restore

__all__ = [
    "KEEP",
    "NUMERALS",
    "Certainty",
    "Edit",
    "Remains",
    "Restored",
    "Script",
    "is_traditional",
    "remains",
    "replay",
    "restore",
    "restored_html",
    "version",
]


@_cache
def version() -> str:
    """Return the restorer's version: a hash of its code, its tables and its language model."""
    from hashlib import sha256
    from pathlib import Path

    digest = sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".txt", ".bin"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]

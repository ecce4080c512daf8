"""Broken text in, readable text and the record of every change out.

    restore(text) -> Restored(raw, text, edits)

`rules` is the chain of steps, `verdict` says first what kind of document it is. `damage` is the
model of how mirror sites break texts, `search` its inverse for one passage, `phase` for a whole
document; `model` is the language model that both weigh readings with, made by `build_model`.
`record` holds what comes out, `display` shows it.
"""

from functools import cache as _cache

from .display import restored_html
from .record import Certainty, Edit, Restored, replay
from .rules import Script, restore

__all__ = [
    "Certainty",
    "Edit",
    "Restored",
    "Script",
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


def __getattr__(name: str) -> str:
    if name == "VERSION":
        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

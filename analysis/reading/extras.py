"""What only an extra reads: old formats and scans; whether its package is here, and how to get it.

Nothing is imported to find out.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata, util

PACKAGES = {
    "doc": ("formats", "doc2docx", "msdoc2docx"),
    "ofd": ("formats", "ofdkit", "ofdkit"),
    "scan": ("scan", "rapidocr", "rapidocr"),
}
"""Of each kind of document the extra, the module that reads it, the name of its distribution."""


@cache
def here(kind: str) -> bool:
    """Whether the package is installed that reads a kind."""
    modules = [PACKAGES[kind][1], *(["onnxruntime"] if kind == "scan" else [])]
    return all(util.find_spec(module) for module in modules)


def install(kind: str) -> str:
    """What to type for a kind that is not read yet.

    >>> install("ofd")
    'pip install "gongbao[formats]"'
    """
    return f'pip install "gongbao[{PACKAGES[kind][0]}]"'


def versions() -> list[str]:
    """Names and versions of those that are installed: a text may depend on them."""
    return [
        f"{name} {metadata.version(name)}" for kind, (_, _, name) in PACKAGES.items() if here(kind)
    ]

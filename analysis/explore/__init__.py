"""The notebook a researcher lives in: look, decide, and take what was found into a batch.

    explorer = gb.Explorer(gb.Study("data"))
    explorer                    # choose reports, type a term, correct a theme, verify a figure
    explorer.export()           # what is on the screen → a bundle and a line for `gongbao render`

`choice` holds what is chosen and `material` says which rows follow from it: tables in, tables out.
`lazy` cuts a table of any length into pages, `widgets` and `panels` put them on the screen, and
`export` writes what is seen. Nothing here is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.explore.choice import Choice
    from analysis.explore.explorer import Explorer
    from analysis.explore.material import Material

_HOMES = {"Choice": "choice", "Explorer": "explorer", "Material": "material"}
__all__ = ["Choice", "Explorer", "Material"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"analysis.explore.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'analysis.explore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__]

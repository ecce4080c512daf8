"""Says so when `import analysis` finds a file of the reader's own instead of Gongbao.

A folder with a notebook in it often holds an `analysis.py`, and Python looks there first: what
follows is "module 'analysis' has no attribute 'Study'", a riddle. Theirs is found first, so
nothing inside Gongbao can speak up; only a hook on the import itself can. An installation
therefore puts this file beside the packages, as `gongbao_guard.py`, with a `gongbao_guard.pth`
that imports it whenever Python starts. It must cost next to nothing there and must never be in
the way: it imports only what Python has loaded already (so no `collections.abc` for its types),
looks at no other name than `analysis`, and stays out when GONGBAO_GUARD is `off`.
"""

import os
import sys

MARKS = ("study/study.py", "evidence/hits.py")  # a package `analysis` that has both is Gongbao


class Guard:
    """A finder that finds nothing, and objects to an `analysis` that is not Gongbao's."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        """Asks what Python is about to import as `analysis`; every other name passes.

        Raises
        ------
        ImportError
            It is something else than Gongbao; the sentence names it.
        """
        if name != "analysis" or os.environ.get("GONGBAO_GUARD", "").lower() == "off":
            return
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name)
        if spec is None:
            return
        folders = list(spec.submodule_search_locations or [])
        if any(all(os.path.isfile(f"{folder}/{mark}") for mark in MARKS) for folder in folders):  # noqa: PTH113
            return
        found = spec.origin or (folders or ["something"])[0]
        raise ImportError(
            f"import analysis found {found}, which is not Gongbao: rename it (for example to "
            "my_analysis.py) or run from another folder; set GONGBAO_GUARD=off to import yours.",
            name=name,
            path=found,
        )


def install() -> None:
    """Puts one guard in front of the finders; a second call changes nothing."""
    if not any(type(finder).__name__ == "Guard" for finder in sys.meta_path):
        sys.meta_path.insert(0, Guard())


if __name__ == "gongbao_guard":
    install()

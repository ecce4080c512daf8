"""What a bundle's provenance.json says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from analysis.kit import InputError


def read(bundle: Path) -> dict[str, Any]:
    """What a bundle's provenance.json says; InputError if there is none that is a figure's."""
    path = bundle / "provenance.json"
    try:
        found = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            "no such file; give a bundle: a figure's folder that `gongbao report` wrote.", path=path
        ) from None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not {"figure", "options", "reports", "files"} <= {*found}:
        raise InputError("is not the provenance of a figure; render the figure again.", path=path)
    return found

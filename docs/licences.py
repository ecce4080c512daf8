"""docs/licences.md anew: the licence of every package in requirements.lock, as each says itself.

    .venv/bin/python docs/licences.py

A package that is for other systems, and so not installed here, keeps the line it has.
"""

import re
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE / "licences.md"
NAMED = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "SIL Open Font License 1.1 (OFL-1.1)": "OFL-1.1",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD-3-Clause, Apache-2.0, dependency licenses": "BSD-3-Clause AND Apache-2.0",
}
"""How trove classifiers and older metadata call what SPDX calls otherwise."""
IN_WHEEL = {"docutils": "BSD-2-Clause", "axe-playwright-python": "MIT AND MPL-2.0"}
"""What a wheel holds, where it says more or less: docutils' GPL is of an Emacs mode in its source.

The licence of axe-playwright-python stands in a file alone, and axe-core is in it."""


def locked() -> list[str]:
    """The packages of requirements.lock."""
    lock = (HERE.parent / "requirements.lock").read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE)


def licence(name: str) -> str | None:
    """What an installed package says of its licence, None for one that is not installed."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if name in IN_WHEEL:
        return IN_WHEEL[name]
    if expression := told.get("License-Expression"):
        return expression
    classifiers = [one for one in told.get_all("Classifier") or [] if one.startswith("License ::")]
    said = [one.rpartition(" :: ")[2] for one in classifiers] or [told.get("License") or ""]
    return " AND ".join(NAMED.get(one, one) for one in said)


def page() -> str:
    """The page as it should be: what stands above its table, and the table."""
    above, head, table = PAGE.read_text(encoding="utf-8").partition("| --- | --- |\n")
    known = dict(re.findall(r"^\| (\S+) \| (.+) \|$", table, re.MULTILINE))
    rows = [f"| {name} | {licence(name) or known.get(name, '?')} |\n" for name in locked()]
    return above + head + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

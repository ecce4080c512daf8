"""What is chosen on the screen: the parameters of notebooks/explore.ipynb, by the same names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from analysis.kit import must_occur
from analysis.study import compare
from analysis.words import keywords, queries

PANELS = (
    *("words", "list", "compare", "reading"),
    *("themes", "indicators", "commitments", "restoration"),
)
"""The panels of the explorer; the one that is open is what is exported."""

MATCHES = ("text", "words")
"""Where a term counts: wherever its characters stand, or only as a word of the segmentation."""

SORTS = keywords.ORDERS
"""Orders of a concordance, see `keywords.concordance`."""

BY = ("", "region", "province", "year", "part")
"""What the places of a term are told apart by; '' for sections, or of several reports these."""


@dataclass(frozen=True)
class Choice:
    """Which reports are looked at, and what for; empty means all.

    InputError for a panel, match or sort that there is not.

    Examples
    --------
    >>> Choice(years=(2021, 2022), parts=("plan",)).slice
    'year=2021|2022;part=plan'
    """

    reports: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    panel: str = "words"
    term: str = ""
    match: str = "text"
    sort: str = "place"
    by: str = ""
    against: str = ""
    theme: str = ""
    indicator: str = ""

    def __post_init__(self) -> None:
        for name, allowed in (("panel", PANELS), ("match", MATCHES), ("sort", SORTS), ("by", BY)):
            must_occur(name, [getattr(self, name)], allowed)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Choice:
        """The choice among a notebook's options; the other ones are left alone."""
        names = {field.name for field in fields(cls)} & {*options}
        given = {name: options[name] for name in names}
        plain: dict[str, Any] = {
            name: tuple(one) if isinstance(one, list) else one for name, one in given.items()
        }
        return cls(**plain)

    @property
    def parameters(self) -> dict[str, Any]:
        """The choice as a notebook's parameters."""
        given = asdict(self).items()
        plain = {name: list(one) if isinstance(one, tuple) else one for name, one in given}
        return plain | {"term": self.term.strip()}

    @property
    def keys(self) -> list[str]:
        """The terms of the query, as they were written; InputError for a wrong one."""
        return [one.key for one in queries.terms(self.term)]

    @property
    def other(self) -> str:
        """What is compared with: as said, or all other reports; of all chosen, the bundled list."""
        return self.against or (compare.REST if self.about else compare.REFERENCE)

    @property
    def about(self) -> str:
        """The slice of reports, as `slices.select` and `Corpus.slice` take one; '' for all."""
        names = {"report_id": self.reports, "year": self.years, "region": self.regions}
        return ";".join(f"{name}={'|'.join(map(str, own))}" for name, own in names.items() if own)

    @property
    def inside(self) -> str:
        """The slice of the chosen reports' parts; '' for all."""
        return f"part={'|'.join(self.parts)}" if self.parts else ""

    @property
    def slice(self) -> str:
        """The slice of reports and parts."""
        return ";".join(filter(None, (self.about, self.inside)))

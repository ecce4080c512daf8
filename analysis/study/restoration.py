"""What restoration changed in a study's texts, and where."""

from __future__ import annotations

from typing import Any

from .finding import Finding, drawing, measure


class Restoration:
    """What restoration changed, `study.restoration`."""

    def __init__(self, study: Any):
        self.study = study

    @measure("edit_places")
    def places(self) -> Finding:
        """Each change by rule and place.

        Returns
        -------
        Finding
            The table `edits` (report_id, raw_start, raw_end, rule, certainty, before, after, note)
            with line (of the raw file) and place (0 to 1 of it).
        """
        study = self.study
        drawn = drawing("edit_places")
        return Finding(study.edit_places, lambda: study.edits, drawn, study=study)

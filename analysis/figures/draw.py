"""Every figure of the suite: a table in, a matplotlib figure out.

A figure only draws what its table holds, so the table saved beside it is the figure's data. Sizes
are those of a journal's columns, the CJK font comes with a dependency, colours stay apart for the
colour-blind and in grey, and rcParams are changed only while a figure is made or saved.
"""

from __future__ import annotations

from collections.abc import Collection

from .attention import (
    adoption_curve,
    attention_heatmap,
    attention_over_time,
    attention_ranking,
)
from .communities import word_communities
from .contrast import keyness_plot
from .coverage import theme_coverage
from .likeness import report_similarity
from .look import PRESETS, style, texts
from .matrix import term_sections, theme_cooccurrence, theme_cross, theme_sections, theme_years
from .messages import TITLES_ARE, message
from .network import collocation_network
from .outcome import target_outcome
from .over_time import rates_over_time
from .panel import dot_range, indicator_heatmap, known_missing
from .places import dispersion_plot, theme_flow
from .promises import commitments
from .quality import edit_places
from .regions import region_multiples
from .reuse import reuse_diffusion, reuse_matrix, reuse_shares
from .settle import head, sign
from .sides import comparison_cloud
from .slope import slope_chart
from .stream import theme_stream
from .tiles import attention_tiles
from .trend import metric_trend
from .words import top_terms, word_cloud

TITLES: dict[str, dict[str, str]] = texts()["titles"]
"""What each figure is called."""


def title(name: str, columns: Collection[str]) -> dict[str, str]:
    """What the figure of a table with these columns is called; its name if it is not of the suite.

    >>> title("theme_sections", ["report_id", "theme"])["en"]
    'Themes by report'
    """
    by_report: dict[str, dict[str, str]] = {} if "section" in columns else texts()["by_report"]
    shares: dict[str, dict[str, str]] = texts()["shares"] if "theme" in columns else {}
    return shares.get(name) or by_report.get(name) or TITLES.get(name) or {"zh": name, "en": name}


__all__ = [
    "PRESETS",
    "TITLES",
    "TITLES_ARE",
    "adoption_curve",
    "attention_heatmap",
    "attention_over_time",
    "attention_ranking",
    "attention_tiles",
    "collocation_network",
    "commitments",
    "comparison_cloud",
    "dispersion_plot",
    "dot_range",
    "edit_places",
    "head",
    "indicator_heatmap",
    "keyness_plot",
    "known_missing",
    "message",
    "metric_trend",
    "rates_over_time",
    "region_multiples",
    "report_similarity",
    "reuse_diffusion",
    "reuse_matrix",
    "reuse_shares",
    "sign",
    "slope_chart",
    "style",
    "target_outcome",
    "term_sections",
    "theme_cooccurrence",
    "theme_coverage",
    "theme_cross",
    "theme_flow",
    "theme_sections",
    "theme_stream",
    "theme_years",
    "title",
    "top_terms",
    "word_cloud",
    "word_communities",
]

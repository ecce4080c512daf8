"""Every figure of the suite: a table in, a matplotlib figure out.

A figure only draws what its table holds, so the table saved beside it is the figure's data. Sizes
are those of a journal's columns, the CJK font comes with a dependency, colours stay apart for the
colour-blind and in grey, and rcParams are changed only while a figure is made or saved.
"""

from __future__ import annotations

from collections.abc import Collection

from .contrast import keyness_plot
from .coverage import theme_coverage
from .look import PRESETS, style
from .matrix import term_sections, theme_cooccurrence, theme_sections, theme_years
from .network import collocation_network
from .over_time import rates_over_time
from .panel import dot_range, known_missing
from .places import dispersion_plot, theme_flow
from .quality import edit_places
from .settle import sign
from .trend import metric_trend, target_outcome
from .words import top_terms, word_cloud

TITLES = {
    "top_terms": {"zh": "高频词", "en": "Most frequent words"},
    "word_cloud": {"zh": "词云", "en": "Word cloud"},
    "keyness_plot": {"zh": "关键性", "en": "Keyness"},
    "term_sections": {"zh": "词语与章节", "en": "Words by section"},
    "dispersion_plot": {"zh": "词语分布", "en": "Dispersion of words"},
    "collocation_network": {"zh": "词语共现", "en": "Collocations"},
    "rates_over_time": {"zh": "词频与主题的变化", "en": "Words and themes over time"},
    "theme_coverage": {"zh": "主题覆盖", "en": "Theme coverage"},
    "theme_sections": {"zh": "主题与章节", "en": "Themes by section"},
    "theme_flow": {"zh": "主题沿文本的分布", "en": "Themes along the report"},
    "theme_years": {"zh": "主题与年份", "en": "Themes by year"},
    "theme_cooccurrence": {"zh": "主题共现", "en": "Themes in one sentence"},
    "edit_places": {"zh": "修复记录", "en": "What restoration changed"},
    "metric_trend": {"zh": "指标走势", "en": "Indicators over time"},
    "target_outcome": {"zh": "目标与完成", "en": "Planned against reported"},
    "dot_range": {"zh": "地区比较", "en": "Regions in one year"},
    "known_missing": {"zh": "数据有无", "en": "What is known and missing"},
}
"""What each figure is called."""

_BY_REPORT = {
    "term_sections": {"zh": "词语与报告", "en": "Words by report"},
    "theme_sections": {"zh": "主题与报告", "en": "Themes by report"},
}


def title(name: str, columns: Collection[str]) -> dict[str, str]:
    """What the figure of a table with these columns is called; its name if it is not of the suite.

    >>> title("theme_sections", ["report_id", "theme"])["en"]
    'Themes by report'
    """
    by_report = "section" not in columns and name in _BY_REPORT
    return (_BY_REPORT if by_report else TITLES).get(name, {"zh": name, "en": name})


__all__ = [
    "PRESETS",
    "TITLES",
    "collocation_network",
    "dispersion_plot",
    "dot_range",
    "edit_places",
    "keyness_plot",
    "known_missing",
    "metric_trend",
    "rates_over_time",
    "sign",
    "style",
    "target_outcome",
    "term_sections",
    "theme_cooccurrence",
    "theme_coverage",
    "theme_flow",
    "theme_sections",
    "theme_years",
    "title",
    "top_terms",
    "word_cloud",
]

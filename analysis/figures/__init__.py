"""Every figure of the suite: a table in, a matplotlib figure out.

A figure only draws what its table holds, so the table saved beside it is the figure's data. Sizes
are those of a journal's columns, the CJK font comes with a dependency, colours stay apart for the
colour-blind and in grey, and rcParams are changed only while a figure is made or saved.
"""

from __future__ import annotations

from analysis.figures.coverage import theme_coverage, theme_sections
from analysis.figures.look import sign, style
from analysis.figures.panel import dot_range, known_missing
from analysis.figures.quality import edit_places
from analysis.figures.trend import metric_trend, target_outcome
from analysis.figures.words import top_terms, word_cloud

TITLES = {
    "top_terms": {"zh": "高频词", "en": "Most frequent words"},
    "word_cloud": {"zh": "词云", "en": "Word cloud"},
    "theme_coverage": {"zh": "主题覆盖", "en": "Theme coverage"},
    "theme_sections": {"zh": "主题与章节", "en": "Themes by section"},
    "edit_places": {"zh": "修复记录", "en": "What restoration changed"},
    "metric_trend": {"zh": "指标走势", "en": "Indicators over time"},
    "target_outcome": {"zh": "目标与完成", "en": "Planned against reported"},
    "dot_range": {"zh": "地区比较", "en": "Regions in one year"},
    "known_missing": {"zh": "数据有无", "en": "What is known and missing"},
}
"""What each figure is called."""

__all__ = [
    "TITLES",
    "dot_range",
    "edit_places",
    "known_missing",
    "metric_trend",
    "sign",
    "style",
    "target_outcome",
    "theme_coverage",
    "theme_sections",
    "top_terms",
    "word_cloud",
]

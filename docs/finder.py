"""What the site's search finds: English by its stems, Chinese by words and by runs.

A browser looks for a word of two characters as it stands, and for a longer one inside the index's
terms. So the index has both: words as jieba cuts them, and whole runs of Chinese.
"""

from __future__ import annotations

import re

import jieba
from sphinx.search.zh import SearchChinese

jieba.setLogLevel("WARNING")


class Both(SearchChinese):
    """The index of a site in both languages."""

    lang = "both"
    language_name = "English"  # whose stemmer pages load: Sphinx 9.0 names one that is not there

    def split(self, input: str) -> list[str]:  # noqa: A002
        """The terms of a text."""
        return [*super().split(input), *re.findall("[一-鿿]{3,}", input)]

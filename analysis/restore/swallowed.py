"""Characters of which nothing is left but their reading: 地?jí)以上, the bracket gone too.

The bracket that opens a gloss was taken for the second byte of a character, so both are gone. Of
the characters that mirrors convert and gloss, those with that reading are weighed in their
sentence.
"""

from __future__ import annotations

import re

from .characters import forms, readings, usual
from .document import GLOSS, TONES
from .draft import Draft
from .model import Model

SWALLOWED = re.compile(rf"(?<=[\u3400-\u9fff)])\?([a-z]{{0,3}}[{TONES}][a-z]{{0,3}})\)")
BETWEEN = re.compile(rf"{SWALLOWED.pattern}(?:[\u3400-\u9fff]{{1,2}}(?:\([^() ]+\))?\?[^()? ]+\))+")
BESIDE = "parentheses of glosses were swallowed here, and the characters beside them are others"
SURE = 8.0  # nats between the best character and the second
MOST = 8.0  # nats a character that the sentence may cost with the best one
ALONE = 20.0  # nats taken for the second where there is none


def swallowed(draft: Draft, model: Model) -> None:
    """Write the character of which nothing is left but its reading: 地?jí)以上, its ( gone too.

    Of the characters that mirrors convert, those with that reading are weighed in their sentence.
    """
    broken = [match.span() for match in BETWEEN.finditer(draft.raw)]
    for place in broken:
        draft.claim(place, "phase", draft.raw[slice(*place)], "unresolved", BESIDE)
    for match in SWALLOWED.finditer(draft.raw):
        if any(start <= match.start() < end for start, end in broken):
            continue
        before = GLOSS.sub("", draft.raw[max(match.start() - 40, 0) : match.start()])
        behind = GLOSS.sub("", draft.raw[match.end() : match.end() + 40])
        before, behind = (part.translate(usual()) for part in (before[-4:], behind[:4]))
        chars = [char for char, shapes in forms().items() if shapes[0] != char]
        weighed = sorted(
            (float(model.surprise(before + char + behind)[len(before) :].sum()), char)
            for char in chars
            if match[1] in readings(char)
        )
        costs = [cost for cost, _ in weighed] + [ALONE + MOST * len(behind)] * 2
        found = weighed[0][1] if weighed else ""
        if costs[1] - costs[0] > SURE and costs[0] < MOST * (1 + len(behind)) and found:
            note = f"nothing is left of it but its reading, {match[1]}"
            draft.claim(match.span(), "phase", found, "likely", note)
        else:
            note = f"a character with the reading {match[1]} is lost"
            draft.claim(match.span(), "phase", match[0], "unresolved", note)

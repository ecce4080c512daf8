"""The inverse of `damage`: what a passage that is one byte out of phase once said.

Analysis by synthesis. Each visible character of such a passage is the second byte of one
character and the first byte of the next, so a reading is a path: a character's first byte is
known from the symbol before, its second from the symbol behind. Where GBK defines no symbol for
a pair, the pair has vanished, and both bytes beside it are open but for being such a pair. The
passage ends with a character whose second byte is below 0x81, or before an ASCII character,
which swallows the last second byte; a gloss behind it gives that character's reading.

A beam of paths goes through the passage from left to right. Paths are weighed by the language
model, by the text in phase on either side, by the habits of the site (a character that is
glossed anywhere in the document is glossed everywhere), and by the numbering of the paragraphs
around. The null reading, that nothing is wrong, is weighed in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .characters import NARROW, WIDE, Pair, encoded, readings
from .damage import STRAY, seen, show
from .forms import Forms, Group, form_table, undefined
from .model import GAP, ORDER, Counts, Floats, Ints, Model

WIDTH = 32  # paths kept at each place, for each number of pairs lost there
DEEPEST = 4  # pairs lost in a row
FEW = 12  # paths that may end with a character of which nothing is seen
MARGIN = 11.0  # nats behind the best path at which a path is given up
DROP_COST = 0.7  # nats for assuming that a pair vanished
LOST_START_COST = 2.0  # the same for the pair of the stray byte
NO_BYTE = 0  # a stray byte that shows, with the first one of a character, as "?"
OTHER_STRAY_COST = 5.0  # nats for another stray byte than the one that mirrors lose
GLOSS_COST = 7.0  # nats for a character with a gloss, or without, against the site's habit
CLOSING = frozenset("、。，；：）”’〕〉》」』】？！·．")
CLOSING_COST = 14.0  # nats for a line that begins with one of these
READINGS = 6  # readings handed back
BRIDGE = 6  # characters behind the passage that have a say


@dataclass(frozen=True)
class Line:
    """One line without its glosses: as it stands, as it reads in phase, and what is known of it.

    `shown` and `read` have the same length; `glosses` maps a place to the reading that stood
    before it; `prefixes` are numberings expected at the start, with their chance.
    """

    shown: str
    read: str
    glosses: Mapping[int, str]
    prefixes: Sequence[tuple[str, float]]

    def walled(self, place: int) -> bool:
        """Whether an ASCII character, a gloss or the line's end stands at `place`.

        Before it a passage may end by losing a byte.
        """
        shown = self.shown
        return place in self.glosses or place >= len(shown) or shown[place].isascii()


@dataclass(frozen=True)
class Reading:
    """One reading of `seen`, which is `Line.shown[start:end]`: its text and score.

    `traditional` is the text as the mirror converted it. `inferred` are the characters of which a
    byte was not seen, `lost` is the number of pairs that vanished.
    """

    start: int
    end: int
    text: str
    score: float
    inferred: tuple[int, ...]
    lost: int
    traditional: str
    stray: int
    seen: str

    @property
    def proved(self) -> bool:
        """Whether the forward model, with its usual stray byte, makes of it what was seen.

        The search builds readings from the same tables, so this holds unless one of them is wrong.
        """
        # another byte explains too much
        if self.stray != STRAY or _closes(self.start, self.text):
            return False
        return show(STRAY, self.traditional)[0].translate(NARROW) == self.seen.translate(NARROW)


class _Paths(NamedTuple):
    """Paths that stand at the same place: contexts, scores, the last byte, and their nodes."""

    context: Ints
    score: Floats
    byte: Ints  # the first byte of the next character, or (where a pair is lost) the open second
    node: Ints

    def take(self, rows: Ints | slice) -> _Paths:
        """Return some of the paths."""
        return _Paths(self.context[rows], self.score[rows], self.byte[rows], self.node[rows])


Habits = tuple[Set[str], Set[str]]
_Places = defaultdict[int, list[_Paths]]
_Table = tuple[Floats, Ints]  # log p: a row for each path, a column for each symbol; which column


class Decoder:
    """Finds readings of the out-of-phase passages of one document.

    `counts` are the n-grams of what is readable, `habits` the characters that the site glosses
    and those it never does; `traditional` says whether it converted the text.
    """

    def __init__(
        self, model: Model, counts: Sequence[Counts], habits: Habits, *, traditional: bool
    ) -> None:
        self.model = model
        self.counts = counts
        key = "traditional" if traditional else "simplified"
        if key not in model.memo:
            model.memo[key] = form_table(model, traditional=traditional)
        self.forms: Forms = model.memo[key]
        cost, shown = self.forms.cost, self.forms.shown
        glossed, bare = habits
        self.inside = cost - np.array([GLOSS_COST * (c in glossed) for c in shown], np.float32)
        self.dropped = self.inside - np.float32(DROP_COST)
        against = dict.fromkeys(bare, GLOSS_COST) | dict.fromkeys(glossed, 0.0)
        self.glossed = cost - np.array([against.get(c, 1.0) for c in shown], np.float32)
        self._answers: dict[Any, list[Reading]] = {}

    def readings(self, line: Line, starts: Mapping[int, float], last: int) -> list[Reading]:
        """Return the best readings of a passage of `line`, best first.

        `starts` maps the places where it may begin to the log of their chance; it ends at `last`
        at the latest. Scores are nats above the null reading.
        """
        prefixes = line.prefixes if 0 in starts else ()
        known = (line.glosses.items(), prefixes, starts.items())
        asked = (line.shown, line.read, last, *map(tuple, known))
        if asked not in self._answers:  # mirrors repeat lines, and so do broken files
            beam = _Beam(self, line, last)
            for place, chance in starts.items():
                beam.start(place, chance)
            for prefix, chance in prefixes:
                beam.start_with(prefix, float(np.log(chance)))
            beam.run(min(starts))
            self._answers[asked] = beam.best()
        return self._answers[asked]


class _Beam:
    """The paths through one line."""

    def __init__(self, decoder: Decoder, line: Line, last: int) -> None:
        self.decoder, self.model, self.forms = decoder, decoder.model, decoder.forms
        self.line = line
        self.last = last
        self.ids = self.model.encode(GAP + line.read + "\n")
        logp = self.model.sequence(self.ids, decoder.counts)
        self.null = np.concatenate(([0.0], np.cumsum(-logp)))  # of the first k characters
        self.known: _Places = defaultdict(list)  # the first byte of the next character is known
        self.open: _Places = defaultdict(list)  # it is lost
        self.ends: _Places = defaultdict(list)
        self.nodes: list[tuple[Ints, Ints]] = []  # (parent, form) by block
        self.count = 0
        self.roots: dict[int, tuple[int, int]] = {}  # node → (place, stray)

    # ---- where a passage may begin ----------------------------------------------------------

    def start(self, place: int, chance: float) -> None:
        """Let a passage begin at `place`, behind a stray byte that shows or does not."""
        context = self.ids[place : place + ORDER - 1]
        score = chance - self.null[place]
        if pair := self._bytes(place):
            stray, lead = pair
            known = score - (0.0 if stray == STRAY else OTHER_STRAY_COST)
            self.known[place + 1] += _path(context, known, lead, self._root(place, stray))
        if place and self.line.shown[place - 1] == "?" and place - 1 not in self.line.glosses:
            self.open[place] += _path(context, score, NO_BYTE, self._root(place, NO_BYTE))
        score -= LOST_START_COST
        self.open[place] += _path(context, score, STRAY, self._root(place, STRAY))

    def start_with(self, prefix: str, chance: float) -> None:
        """Let the line begin with `prefix`, if that gives what is shown."""
        pairs = [encoded()[char] for char in prefix]
        if min(trail for _, trail in pairs) <= 0x80:
            return
        piece, _ = show(STRAY, prefix)
        place = len(piece)
        if self.line.shown[:place].translate(NARROW) != piece.translate(NARROW):
            return
        node = self._root(0, STRAY)
        for char, pair in zip(prefix, pairs, strict=True):
            form = next(f for f in self.forms.pairs[pair].found if self.forms.text[f] == char)
            node = self._grow(node, np.array([form]))
        context = self.model.encode((GAP + prefix)[1 - ORDER :])
        pending = pairs[-1][1]
        behind = self._bytes(place)  # shown, or lost
        if behind and behind[0] == pending:
            self.known[place + 1] += _path(context, chance, behind[1], node)
        self.open[place] += _path(context, chance - DROP_COST, pending, node)

    def _root(self, place: int, stray: int) -> Ints:
        self.roots[self.count] = place, stray
        return self._grow(np.array([-1]), np.array([-1]))

    def _grow(self, parents: Ints, forms: Ints) -> Ints:
        """Add a node for each of `forms` and return their numbers."""
        self.nodes.append((parents, forms))
        self.count += len(forms)
        return np.arange(self.count - len(forms), self.count)

    def _bytes(self, place: int) -> Pair | None:
        """Return the pair of bytes that the symbol at `place` is."""
        if place >= self.last or place in self.line.glosses:
            return None
        char = self.line.shown[place]
        return encoded().get(WIDE.get(char, char))

    # ---- the beam ----------------------------------------------------------------------------

    def run(self, first: int) -> None:
        """Carry all paths through the passage."""
        for place in range(first, self.last + 1):
            if parts := self.known.pop(place, None):
                paths = self._pruned(parts)
                self._lengthen(paths, place, lead=int(paths.byte[0]))
            for depth in range(DEEPEST + 1):
                if parts := self.open.pop(place, None):
                    self._lengthen(self._pruned(parts), place, drop=depth < DEEPEST)

    def _pruned(self, parts: list[_Paths]) -> _Paths:
        """Return the best of the paths, each state once."""
        paths = _joined(parts)
        order = np.argsort(-paths.score, kind="stable")
        order = order[paths.score[order] > paths.score[order[0]] - MARGIN]
        state = paths.byte[order]
        for column in paths.context[order].T:
            state = state * self.model.size + column
        _, firsts = np.unique(state, return_index=True)
        return paths.take(order[np.sort(firsts)][:WIDTH])

    def _lengthen(self, paths: _Paths, place: int, *, lead: int = 0, drop: bool = True) -> None:
        """Lengthen paths by a character that begins with the byte `lead`.

        0 stands for a lost pair: any byte that makes it undefined. With `drop` the pair behind
        the character may be lost too.
        """
        forms, decoder, line = self.forms, self.decoder, self.line
        table = self._table(paths, forms.every[lead]) if lead in forms.every else None
        if lead and table is None:
            return
        pair = self._bytes(place)
        if pair and pair[0] > 0x80 and (group := forms.pairs.get((lead, pair[0]))):
            step = self._extend(paths, group, decoder.inside, table, byte=pair[1])
            self.known[place + 1] += step
        if drop and (group := forms.dropping.get(lead)):
            self.open[place] += self._extend(paths, group, decoder.dropped, table)
        last = [(0x80, place)]
        if place < self.last and place not in line.glosses and "@" <= line.shown[place] <= "~":
            last.append((ord(line.shown[place]), place + 1))
        for trail, at in last:
            if group := forms.pairs.get((lead, trail)):
                self._end(paths, group, table, at)
        if line.walled(place) and (group := forms.lasting.get(lead)):
            self._end(paths if lead else paths.take(slice(FEW)), group, table, place)

    def _end(self, paths: _Paths, group: Group, table: _Table | None, at: int) -> None:
        """Let paths come back into phase at `at` with one of the characters in `group`."""
        forms, cost = self.forms, self.decoder.inside
        if gloss := self.line.glosses.get(at):
            cost = self.decoder.glossed
            group = group.only(
                gloss in readings(forms.shown[f]) or gloss in readings(forms.text[f])
                for f in group.found
            )
        self.ends[at] += self._extend(paths, group, cost, table)

    def _table(self, paths: _Paths, group: Group) -> _Table:
        """Return log p of each symbol of a group of characters after each path."""
        place, counts = group.place, self.decoder.counts
        return self.model.scores(paths.context, group.columns, place, counts), place

    def _extend(
        self, paths: _Paths, group: Group, cost: Floats, table: _Table | None, byte: int = 0
    ) -> list[_Paths]:
        """Return `paths`, each lengthened by each character of `group`, the best of them, or none.

        Without a `table` the paths stand behind a lost pair. `byte` is the first one of the next
        character, 0 where it is not seen.
        """
        forms, found = self.forms, group.found
        if not len(found):
            return []
        logp, place = table or self._table(paths, group)
        scores = logp[:, place[forms.symbol[found]]]
        scores += paths.score[:, None]
        scores += cost[found]
        if table is None:
            scores[~undefined()[paths.byte[:, None], forms.lead[found]]] = -np.inf
        flat = scores.ravel()
        best = flat.max()
        if best == -np.inf:
            return []
        chosen = np.flatnonzero(flat > best - np.float32(MARGIN))
        if len(chosen) > 2 * WIDTH:
            chosen = chosen[np.argpartition(-flat[chosen], 2 * WIDTH)[: 2 * WIDTH]]
        rows, cells = np.divmod(chosen, len(found))
        form = found[cells]
        context = np.column_stack([paths.context[rows, 1:], forms.symbol[form]])
        bytes_ = np.full(len(form), byte) if byte else forms.trail[form]
        return [_Paths(context, flat[chosen], bytes_, self._grow(paths.node[rows], form))]

    # ---- the outcome ---------------------------------------------------------------------------

    def best(self) -> list[Reading]:
        """Return the best complete readings, weighed with the text behind them."""
        found: list[tuple[float, int, int]] = []
        for at, parts in self.ends.items():
            if parts:
                paths = _joined(parts)
                paths = paths.take(np.argsort(-paths.score, kind="stable")[: 2 * WIDTH])
                scores = self._bridged(paths, at).tolist()
                found += [(*pair, at) for pair in zip(scores, paths.node.tolist(), strict=True)]
        if not found:
            return []
        found.sort(key=lambda item: -item[0])
        parents, chosen = (np.concatenate(blocks) for blocks in zip(*self.nodes, strict=True))
        out: dict[tuple[int, int, str], Reading] = {}
        for score, node, at in found[: 8 * READINGS]:
            path = [node]
            while (parent := int(parents[path[-1]])) >= 0:
                path.append(parent)
            place = self.roots[path.pop()]
            reading = self._reading([int(chosen[n]) for n in reversed(path)], *place, at, score)
            out.setdefault((reading.start, reading.end, reading.text), reading)
        return sorted(out.values(), key=lambda reading: -reading.score)[:READINGS]

    def _bridged(self, paths: _Paths, at: int) -> npt.NDArray[np.float64]:
        """Add what the characters behind the passage say, and compare with the null reading."""
        end = min(at + BRIDGE, len(self.line.read) + 1)
        behind = np.tile(self.ids[at + ORDER - 1 : end + ORDER - 1], (len(paths.node), 1))
        logp = self.model.rows(np.hstack([paths.context, behind]), self.decoder.counts)
        return np.asarray(paths.score + logp.sum(axis=1, dtype=np.float64) + self.null[end])

    def _reading(self, path: list[int], start: int, stray: int, at: int, score: float) -> Reading:
        forms = self.forms
        text, shown = ("".join(chars[f] for f in path) for chars in (forms.text, forms.shown))
        lost = [n for n, piece in enumerate(seen(stray or 0xFF, shown)) if piece is None]
        inferred = {*lost, *(n - 1 for n in lost if n)}
        if forms.trail[path[-1]] > 0x80:
            inferred.add(len(path) - 1)
        score -= CLOSING_COST * _closes(start, text)
        passage = self.line.shown[start:at]
        return Reading(
            start, at, text, score, tuple(sorted(inferred)), len(lost), shown, stray, passage
        )


def _path(context: Ints, score: float, byte: int, node: Ints) -> list[_Paths]:
    """Return a single path."""
    return [_Paths(context[None], np.array([score], np.float32), np.array([byte]), node)]


def _joined(parts: list[_Paths]) -> _Paths:
    if len(parts) == 1:
        return parts[0]
    return _Paths(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _closes(start: int, text: str) -> bool:
    """Whether a line would begin with a closing mark."""
    return start == 0 and text[0] in CLOSING

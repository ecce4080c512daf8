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

Past 400 lines because it is one beam: its steps share the arrays of the paths, and apart they
would only hand these to and fro.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .damage import STRAY, show
from .forms import Forms, form_table, undefined
from .model import ORDER, Cache, Floats, Ints, Model
from .tables import WIDE, decoded, encoded, readings

WIDTH = 32  # paths kept at each place, for each number of pairs lost there
DEEPEST = 4  # pairs lost in a row
FEW = 12  # paths that may end with a character of which nothing is seen
MARGIN = 11.0  # nats behind the best path at which a path is given up
DROP_COST = 0.7  # nats for assuming that a pair vanished
CLOSING = frozenset("、。，；：）”’〕〉》」』】？！·．")
CLOSING_COST = 14.0  # nats for a line that begins with one of these
BRIDGE = 6  # characters behind the passage that have a say


@dataclass(frozen=True)
class Habits:
    """What a document shows of its site: which characters are glossed, and which never."""

    traditional: bool = True
    glossed: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Line:
    """One line without its glosses: as it stands, as it reads in phase, and what is known of it.

    `shown` and `read` have the same length; `glosses` maps a place to the reading that stood
    before it; `prefixes` are numberings expected at the start, with their chance.
    """

    shown: str
    read: str
    glosses: Mapping[int, str] = field(default_factory=dict)
    prefixes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Reading:
    """One reading of `shown[start:end]`: its text and score, and which characters were inferred."""

    start: int
    end: int
    text: str
    score: float
    inferred: tuple[int, ...] = ()
    lost: int = 0
    traditional: str = ""
    stray: int | None = None
    seen: str = ""


class _Table(NamedTuple):
    """Log-probabilities: a row for each path, a column for each symbol (`place` says which)."""

    logp: Floats
    place: Ints


@dataclass(eq=False)
class _Paths:
    """Paths that stand at the same place: contexts, scores, the last byte, and their nodes."""

    context: Ints
    score: Floats
    byte: Ints  # the first byte of the next character, or (where a pair is lost) the open second
    node: Ints

    def __len__(self) -> int:
        return len(self.score)

    def first(self, count: int) -> _Paths:
        """Return the first `count` paths."""
        return _Paths(
            self.context[:count], self.score[:count], self.byte[:count], self.node[:count]
        )


def _none() -> _Paths:
    empty = np.zeros(0, dtype=np.int64)
    return _Paths(np.zeros((0, ORDER - 1), dtype=np.int64), np.zeros(0, np.float32), empty, empty)


def _joined(parts: Sequence[_Paths]) -> _Paths:
    parts = [part for part in parts if len(part)]
    if not parts:
        return _none()
    if len(parts) == 1:
        return parts[0]
    return _Paths(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("context", "score", "byte", "node")
        )
    )


class Decoder:
    """Finds readings of the out-of-phase passages of one document."""

    def __init__(self, model: Model, habits: Habits, cache: Cache | None = None) -> None:
        self.model = model
        self.habits = habits
        self.cache = cache
        key = "traditional" if habits.traditional else "simplified"
        if key not in model.memo:
            model.memo[key] = form_table(model, traditional=habits.traditional)
        self.forms: Forms = model.memo[key]
        glossed = np.array([shown in habits.glossed for shown in self.forms.shown])
        bare = np.array([shown in habits.bare for shown in self.forms.shown])
        self.inside = self.forms.cost + np.where(glossed, -7.0, 0.0).astype(np.float32)
        self.dropped = self.inside - np.float32(DROP_COST)
        self.columns: dict[tuple[str, int], tuple[Ints, Ints]] = {}
        self.behind = self.forms.cost + np.where(glossed, 0.0, np.where(bare, -7.0, -1.0)).astype(
            np.float32
        )

    # ---- one line -------------------------------------------------------------------------

    def surprise(self, line: Line) -> Floats:
        """Return for each character of `line.read` how unlikely it is, in nats."""
        ids = self.model.encode("\n" * (ORDER - 1) + line.read)
        return -self.model.sequence(ids, self.cache)

    def readings(
        self, line: Line, starts: Mapping[int, float], last: int, count: int = 6
    ) -> list[Reading]:
        """Return the best readings of a passage of `line`, best first.

        `starts` maps the places where it may begin to the log of their chance; it ends at `last`
        at the latest. Scores are nats above the null reading.
        """
        search = _Search(self, line, min(starts), last)
        for place, chance in starts.items():
            search.inject(place, chance)
        if 0 in starts:
            for prefix, chance in line.prefixes:
                search.inject_prefix(prefix, float(np.log(chance)))
        search.run()
        return search.best(count)


class _Search:
    """The beam over one line."""

    def __init__(self, decoder: Decoder, line: Line, first: int, last: int) -> None:
        self.d = decoder
        self.line = line
        self.first = first
        self.last = last
        self.ids = decoder.model.encode("\n" * (ORDER - 1) + line.read + "\n")
        surprise = -decoder.model.sequence(self.ids, decoder.cache)
        self.null = np.concatenate(([0.0], np.cumsum(surprise)))  # of the first k characters
        self.known: dict[int, list[_Paths]] = {}
        self.open: dict[int, list[_Paths]] = {}
        self.nodes: list[tuple[Ints, Ints]] = []  # (parent, form) by block
        self.count = 0
        self.roots: dict[int, tuple[int, int | None]] = {}  # node → (place, stray)
        self.ends: list[tuple[int, _Paths]] = []

    # ---- where a passage may begin ----------------------------------------------------------

    def _root(self, place: int, stray: int | None) -> Ints:
        self.nodes.append((np.array([-1]), np.array([-1])))
        self.roots[self.count] = (place, stray)
        self.count += 1
        return np.array([self.count - 1])

    def inject(self, place: int, chance: float) -> None:
        """Let a passage begin at `place`, behind a stray byte that shows or does not."""
        context = self.ids[place : place + ORDER - 1][None, :]
        score = np.array([chance - self.null[place]], dtype=np.float32)
        for stray, lead in self._bytes(place):
            odd = 0.0 if stray == STRAY else -5.0
            self.known.setdefault(place + 1, []).append(
                _Paths(context, score + np.float32(odd), np.array([lead]), self._root(place, stray))
            )
        self.open.setdefault(place, []).append(
            _Paths(context, score - np.float32(2.0), np.array([STRAY]), self._root(place, STRAY))
        )

    def inject_prefix(self, prefix: str, chance: float) -> None:
        """Let the line begin with `prefix`, if that gives what is shown."""
        forms, shown = self.d.forms, decoded()
        pending, place = STRAY, 0
        node = self._root(0, STRAY)
        for char in prefix:
            pair = encoded().get(char)
            if pair is None or pair not in forms.pairs:
                return
            lead, trail = pair
            seen = shown.get((pending, lead))
            if seen is not None:
                if place >= len(self.line.shown) or self.line.shown[place] not in (
                    seen,
                    _narrow(seen),
                ):
                    return
                place += 1
            if trail <= 0x80:
                return
            form = next((f for f in forms.pairs[pair] if forms.text[f] == char), None)
            if form is None:
                return
            self.nodes.append((node, np.array([form])))
            node = np.array([self.count])
            self.count += 1
            pending = trail
        text = ("\n" * (ORDER - 1) + prefix)[-(ORDER - 1) :]
        context = self.d.model.encode(text)[None, :]
        score = np.array([chance - self.null[0]], dtype=np.float32)
        # the pair behind the prefix: shown, or lost
        if place < self.last:
            for first, second in self._bytes(place):
                if first == pending:
                    self.known.setdefault(place + 1, []).append(
                        _Paths(context, score, np.array([second]), node)
                    )
        self.open.setdefault(place, []).append(
            _Paths(context, score - np.float32(DROP_COST), np.array([pending]), node)
        )

    def _bytes(self, place: int) -> list[tuple[int, int]]:
        """Return the pairs of bytes that the symbol at `place` may be."""
        if place >= len(self.line.shown) or (place in self.line.glosses):
            return []
        char = self.line.shown[place]
        wide = WIDE.get(char)
        pair = encoded().get(wide if wide else char)
        return [pair] if pair else []

    # ---- the beam ----------------------------------------------------------------------------

    def run(self) -> None:
        """Carry all paths through the passage."""
        for place in range(self.first, self.last + 1):
            paths = self._pruned(self.known.pop(place, []))
            wall = self._wall(place)
            if len(paths):
                self._from_known(paths, place, wall)
            for depth in range(DEEPEST + 1):
                paths = self._pruned(self.open.pop(place, []))
                if not len(paths):
                    break
                self._from_open(paths, place, wall, deepest=depth == DEEPEST)

    def _wall(self, place: int) -> bool:
        """Return whether a passage may end before `place` by losing a byte.

        It may where an ASCII character, a gloss or the line's end stands.
        """
        shown = self.line.shown
        return place in self.line.glosses or place >= len(shown) or shown[place].isascii()

    def _pruned(self, parts: list[_Paths]) -> _Paths:
        paths = _joined(parts)
        if len(paths) <= 1:
            return paths
        order = np.argsort(-paths.score, kind="stable")
        order = order[paths.score[order] > paths.score[order[0]] - MARGIN]
        state = paths.byte[order]
        for column in range(ORDER - 1):
            state = state * self.d.model.size + paths.context[order, column]
        _, firsts = np.unique(state, return_index=True)
        order = order[np.sort(firsts)][:WIDTH]
        return _Paths(
            paths.context[order], paths.score[order], paths.byte[order], paths.node[order]
        )

    def _from_known(self, paths: _Paths, place: int, wall: bool) -> None:
        """Lengthen paths whose next character has a known first byte."""
        forms = self.d.forms
        lead = int(paths.byte[0])
        table = self._table(paths, "lead", forms.by_lead_all, lead)
        if table is None:
            return
        for first, second in self._bytes(place) if place < self.last else []:
            found = forms.pairs.get((lead, first))
            if found is not None and first > 0x80:
                step = self._extend(paths, table, found, self.d.inside, byte=second)
                self._keep(self.known, place + 1, step)
        found = forms.dropping_by_lead.get(lead)
        if found is not None:
            self._keep(self.open, place, self._extend(paths, table, found, self.d.dropped))
        for trail, at in self._last_bytes(place):
            found = forms.pairs.get((lead, trail))
            if found is not None:
                self._end(paths, table, found, at)
        if wall:
            found = forms.by_lead.get(lead)
            if found is not None:
                self._end(paths, table, found[forms.trail[found] > 0x80], place)

    def _from_open(self, paths: _Paths, place: int, wall: bool, *, deepest: bool) -> None:
        """Lengthen paths behind a lost pair: the next first byte is any that makes it undefined."""
        forms = self.d.forms
        for first, second in self._bytes(place) if place < self.last else []:
            found = forms.by_trail.get(first)
            if found is not None and first > 0x80:
                table = self._table(paths, "trail", forms.by_trail, first)
                allowed = self._allowed(paths, found)
                step = self._extend(
                    paths, table, found, self.d.inside, byte=second, allowed=allowed
                )
                self._keep(self.known, place + 1, step)
        for trail, at in self._last_bytes(place):
            found = forms.by_trail.get(trail)
            if found is not None:
                table = self._table(paths, "trail", forms.by_trail, trail)
                self._end(paths, table, found, at, self._allowed(paths, found))
        if not deepest:
            found = forms.dropping
            table = self._table(paths, "dropping", {0: found}, 0)
            allowed = self._allowed(paths, found)
            self._keep(
                self.open, place, self._extend(paths, table, found, self.d.dropped, allowed=allowed)
            )
        if wall:
            few = paths.first(FEW)
            found = forms.lasting
            table = self._table(few, "lasting", {0: found}, 0)
            self._end(few, table, found, place, self._allowed(few, found))

    @staticmethod
    def _keep(where: dict[int, list[_Paths]], place: int, paths: _Paths) -> None:
        if len(paths):
            where.setdefault(place, []).append(paths)

    def _allowed(self, paths: _Paths, found: Ints) -> npt.NDArray[np.bool_]:
        """Return which characters may follow which path: the pair between them is undefined."""
        return undefined()[paths.byte[:, None], self.d.forms.lead[found][None, :]]

    def _last_bytes(self, place: int) -> list[tuple[int, int]]:
        """Return (second byte, place behind it) with which a passage may end at `place`."""
        out = [(0x80, place)]
        if place < self.last and place < len(self.line.shown) and place not in self.line.glosses:
            char = self.line.shown[place]
            if char.isascii() and 0x40 <= ord(char) < 0x7F:
                out.append((ord(char), place + 1))
        return out

    def _end(
        self,
        paths: _Paths,
        table: _Table | None,
        found: Ints,
        at: int,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Let paths come back into phase at `at` with one of the characters `found`."""
        forms = self.d.forms
        gloss = self.line.glosses.get(at)
        if gloss:
            fits = np.array(
                [
                    gloss in readings(forms.shown[f]) or gloss in readings(forms.text[f])
                    for f in found
                ],
                dtype=bool,
            )
            found = found[fits]
            allowed = allowed[:, fits] if allowed is not None else None
        if len(found):
            cost = self.d.behind if gloss else self.d.inside
            ended = self._extend(paths, table, found, cost, allowed=allowed)
            if len(ended):
                self.ends.append((at, ended))

    def _table(
        self, paths: _Paths, name: str, groups: Mapping[int, Ints], key: int
    ) -> _Table | None:
        """Return log p of each symbol of a group of characters after each path."""
        found = groups.get(key)
        if found is None:
            return None
        known = self.d.columns.get((name, key))
        if known is None:
            columns = np.unique(self.d.forms.symbol[found])
            place = np.full(self.d.model.size, -1, dtype=np.int64)
            place[columns] = np.arange(len(columns))
            known = self.d.columns[name, key] = columns, place
        columns, place = known
        return _Table(self.d.model.scores(paths.context, columns, place, self.d.cache), place)

    def _extend(
        self,
        paths: _Paths,
        table: _Table | None,
        found: Ints,
        cost: Floats,
        *,
        byte: int | None = None,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> _Paths:
        """Return `paths`, each lengthened by each of the characters `found`, the best of them."""
        forms = self.d.forms
        if table is None:
            return _none()
        scores = table.logp[:, table.place[forms.symbol[found]]]
        scores += paths.score[:, None]
        scores += cost[found]
        if allowed is not None:
            scores[~allowed] = -np.inf
        flat = scores.ravel()
        best = float(flat.max()) if len(flat) else -np.inf
        if best == -np.inf:
            return _none()
        chosen = np.flatnonzero(flat > best - MARGIN)
        if len(chosen) > 2 * WIDTH:
            chosen = chosen[np.argpartition(-flat[chosen], 2 * WIDTH)[: 2 * WIDTH]]
        rows, cells = np.divmod(chosen, len(found))
        form = found[cells]
        context = np.empty((len(chosen), ORDER - 1), dtype=np.int64)
        context[:, :-1] = paths.context[rows, 1:]
        context[:, -1] = forms.symbol[form]
        nodes = np.arange(self.count, self.count + len(chosen))
        self.count += len(chosen)
        self.nodes.append((paths.node[rows], form))
        bytes_ = forms.trail[form] if byte is None else np.full(len(chosen), byte)
        return _Paths(context, flat[chosen], bytes_, nodes)

    # ---- the outcome ---------------------------------------------------------------------------

    def best(self, count: int) -> list[Reading]:
        """Return the best complete readings, weighed with the text behind them."""
        if not self.ends:
            return []
        merged: dict[int, list[_Paths]] = {}
        for at, paths in self.ends:
            if len(paths):
                merged.setdefault(at, []).append(paths)
        found: list[tuple[float, int, int]] = []
        for at, parts in merged.items():
            paths = _joined(parts)
            order = np.argsort(-paths.score, kind="stable")[: 2 * WIDTH]
            total = self._bridged(paths.context[order], paths.score[order], at)
            found += [(float(s), int(n), at) for s, n in zip(total, paths.node[order], strict=True)]
        found.sort(key=lambda item: -item[0])
        parents = np.concatenate([block[0] for block in self.nodes])
        chosen = np.concatenate([block[1] for block in self.nodes])
        out: dict[tuple[int, int, str], Reading] = {}
        for score, node, at in found[: 8 * count]:
            reading = self._reading(node, at, score, parents, chosen)
            out.setdefault((reading.start, reading.end, reading.text), reading)
        return sorted(out.values(), key=lambda reading: -reading.score)[:count]

    def _bridged(self, context: Ints, score: Floats, at: int) -> npt.NDArray[np.float64]:
        """Add what the characters behind the passage say, and compare with the null reading."""
        model = self.d.model
        end = min(at + BRIDGE, len(self.line.read) + 1)
        total = score.astype(np.float64)
        place = np.full(model.size, -1, dtype=np.int64)
        for k in range(at, end):
            symbol = self.ids[k + ORDER - 1]
            place[symbol] = 0
            total += model.scores(context, np.array([symbol]), place, self.d.cache)[:, 0]
            place[symbol] = -1
            context = np.concatenate([context[:, 1:], np.full((len(context), 1), symbol)], axis=1)
        total += self.null[end]
        return total

    def _reading(self, node: int, at: int, score: float, parents: Ints, chosen: Ints) -> Reading:
        forms = self.d.forms
        path: list[int] = []
        while chosen[node] >= 0:
            path.append(int(chosen[node]))
            node = int(parents[node])
        path.reverse()
        start, stray = self.roots[node]
        shown = [forms.shown[f] for f in path]
        inferred, lost = _inferred(stray, shown)
        if start == 0 and forms.text[path[0]] in CLOSING:
            score -= CLOSING_COST
        return Reading(
            start,
            at,
            "".join(forms.text[f] for f in path),
            score,
            inferred,
            lost,
            "".join(shown),
            stray,
            self.line.shown[start:at],
        )


def proved(reading: Reading) -> bool:
    """Whether the forward model, with its usual stray byte, turns `reading` into what was seen.

    The search builds readings from the same tables, so this holds unless one of them is wrong.
    """
    if reading.start == 0 and reading.text[:1] in CLOSING:
        return False
    if reading.stray != STRAY:  # another byte than the one that mirrors lose explains too much
        return False
    piece, lost = show(reading.stray, reading.traditional)
    return piece.translate(_NARROW) == reading.seen.translate(_NARROW) and lost == reading.lost


_NARROW = {ord(wide): narrow for narrow, wide in WIDE.items()}


def _narrow(char: str) -> str:
    return {wide: narrow for narrow, wide in WIDE.items()}.get(char, char)


def _inferred(stray: int | None, shown: Iterable[str]) -> tuple[tuple[int, ...], int]:
    """Return the characters beside a lost pair, and the number of lost pairs."""
    table = decoded()
    pending = stray
    found: set[int] = set()
    lost = 0
    n = -1
    for n, char in enumerate(shown):
        lead, trail = encoded()[char]
        if pending is not None and (pending, lead) not in table:
            lost += 1
            found.add(n)
            if n:
                found.add(n - 1)
        pending = trail if trail > 0x80 else None
    if pending is not None:
        found.add(n)
    return tuple(sorted(found)), lost

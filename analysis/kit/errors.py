"""What goes wrong, said in one sentence to a person.

Every refusal of the suite is a `GongbaoError`; the command line prints it without a traceback and
ends with status 2. The sentence names the value found, what was expected and what to do next.
"""

from __future__ import annotations

import errno
import os
import traceback
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class GongbaoError(Exception):
    """A sentence for a person: what was found, what was expected, what to do."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: the sentence first, the way that led there below it."""
        way = traceback.format_exception(type(self), self, self.__traceback__)
        return [str(self), "", *"".join(way).splitlines()]


class InputError(GongbaoError):
    """Something in a file is not as it must be.

    Parameters
    ----------
    message : the sentence.
    path, line : the file and the line it is about; both stand before the sentence.
    """

    def __init__(self, message: str, *, path: str | Path | None = None, line: int | None = None):
        self.message, self.path, self.line = message, path, line
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(safe(where + message))


def why(error: BaseException) -> str:
    r"""What an error of another package says, in a line of a hundred characters; else its kind.

    >>> why(ValueError("no\n  such part")), why(KeyError())
    ('no such part', 'KeyError')
    """
    return " ".join(str(error).split())[:100] or type(error).__name__


@contextmanager
def as_written(path: str | Path, what: str) -> Iterator[None]:
    """InputError where what the suite once wrote is no longer like that; `what` to do then.

    What people write is checked where it is read; a folder of results has dozens of files whose
    every key is somebody's to change.
    """
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        raise InputError(f"is not as Gongbao writes it ({said}); {what}.", path=path) from error


class ProblemsError(GongbaoError):
    """Several refusals told at once, one a line."""

    def __init__(self, problems: Iterable[object]):
        self.problems = [safe(str(problem)) for problem in problems]
        super().__init__("\n".join(self.problems))


def safe(text: str, keep: str = "") -> str:
    r"""Text without what a terminal would obey or hide: `\x1b` for an escape.

    Names of files and what stands in them may hold such characters; those of `keep` stay.

    >>> safe("法\x1b[2J治")
    '法\\x1b[2J治'
    """
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in _UNSEEN and char not in keep
        else char
        for char in text
    )


_ADVICE = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room",
    errno.EROFS: "choose a place that may be written to",
    errno.EACCES: "choose a place that may be written to",
}


def fault(error: OSError) -> str:
    """The sentence for what the system refused: no room, no permission, a broken disk.

    >>> fault(OSError(errno.ENOSPC, "", "out/index.html"))
    'out/index.html: No space left on device; make room and run the same command again.'
    """
    place = f"{error.filename}: " if error.filename else ""
    said = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    advice = _ADVICE.get(error.errno or 0)
    return f"{place}{said}; {advice + ' and ' if advice else ''}run the same command again."


def unknown(what: str, found: object, known: Iterable[object]) -> str:
    """The sentence for a name that does not exist: the nearest ones first, then all.

    >>> unknown("region", "厦门", ["厦门市", "北京市"])
    "region '厦门' is not known; did you mean '厦门市'? Known: 北京市, 厦门市."
    """
    names = sorted(str(name) for name in known)
    near = get_close_matches(str(found), names, n=2, cutoff=0.5)
    guess = f"; did you mean {' or '.join(map(repr, near))}?" if near else "."
    listed = ", ".join(names[:40]) + (", …" if len(names) > 40 else "")
    return f"{what} {str(found)!r} is not known{guess} Known: {listed or 'none'}."


def must_occur(what: str, values: Iterable[str], known: Iterable[object]) -> None:
    """InputError for the first of some values that is not known."""
    found = {str(one) for one in known}
    for value in values:
        if value not in found:
            raise InputError(unknown(what, value, found))

"""The ground, which knows no report: errors, files, encodings, YAML, places in a text, pages."""

from .errors import (  # isort: skip
    GongbaoError, InputError, ProblemsError, as_written, fault, must_occur, safe, unknown, why,
)  # fmt: skip
from .files import digest, home, put

__all__ = [
    "GongbaoError", "InputError", "ProblemsError", "as_written", "digest", "encodings", "fault",
    "files", "font", "home", "html", "must_occur", "needles", "patterns", "progress", "put", "safe",
    "shown", "spans", "unknown", "why", "yamlfile",
]  # fmt: skip

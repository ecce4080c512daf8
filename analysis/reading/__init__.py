"""Documents of other people's programs → text: `apart` reads them in a process of its own.

A web page, a Word document or a PDF comes from the open web and is read by large libraries, some
of them in C. They work in a process that has a limit of time and memory and can neither connect,
start a program nor write a file (`apart`); `formats` says how each kind becomes lines of text.
"""

from . import transcript
from .reports import Source

__all__ = ["Source", "reports", "transcript"]

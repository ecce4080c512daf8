"""An old Word or WPS document (.doc, .wps) → lines, by way of the .docx made of it.

So what stands in a .docx and what is left out of it holds here too (`word`). The package,
msdoc2docx, reads and writes files only: it has a folder of its own, which the process that asked
takes away.
"""

from __future__ import annotations

from pathlib import Path

from analysis.kit import why

from .word import docx


def doc(data: bytes, folder: str) -> str:
    """The text of a Word 97 to 2003 document; ValueError with a sentence if it cannot be read.

    folder : an empty one, to work in.
    """
    from doc2docx import convert
    from doc2docx.errors import EncryptedDocumentError

    old, new = Path(folder) / "r.doc", Path(folder) / "r.docx"
    old.write_bytes(data)
    try:
        convert(old, new)
    except EncryptedDocumentError:
        raise ValueError(
            "is encrypted; open it with its password and save it without one."
        ) from None
    except Exception as error:  # a damaged file fails in any of its parts
        if isinstance(error, MemoryError | RecursionError):
            raise
        said = why(error)
        raise ValueError(
            f"is no old Word document that can be read ({said}); open it and save it as .docx or "
            ".txt."
        ) from None
    return docx(new.read_bytes())

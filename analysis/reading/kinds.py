"""What a file is, as its first bytes say, not its name: a kind that is read, or why it is not.

A refusal names the format and what to do. It must be true: nobody is told to unpack what is no
archive of documents.
"""

from __future__ import annotations

import io
import json
import re
import zipfile

from . import extras

_TO_DOCX = "; open it and save it as .docx or .txt."
_TO_PDF = "; open it in its own program and save its text as .txt, or print it to a PDF with text."
_UNPACK = "; unpack it, and name the documents in it."

_HTML = re.compile(
    rb"(?i)(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*"
    rb"<(?:!doctype html|html|head|body|meta|title|frameset)\b",
    re.DOTALL,
)
_JSON = re.compile(rb"\s*(?:\{\s*\"|\[\s*[\[{\"])")
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")

_PICTURES = {
    **{b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"BM\x36": "bmp"},
    **{b"II*\0": "tif", b"MM\0*": "tif"},
}
PICTURES = tuple(dict.fromkeys(_PICTURES.values()))
"""Kinds that are pictures."""

_MARKS: dict[bytes, str] = {
    b"AT&TFORM": "is a DjVu file" + _TO_PDF,
    b"Rar!": "is a packed file (.rar)" + _UNPACK,
    b"7z\xbc\xaf\x27\x1c": "is a packed file (.7z)" + _UNPACK,
    b"\x1f\x8b": "is a packed file (.gz)" + _UNPACK,
    b"BZh": "is a packed file (.bz2)" + _UNPACK,
    b"\xfd7zXZ": "is a packed file (.xz)" + _UNPACK,
    b"ITSF": "is a help file (.chm)" + _TO_PDF,
    b"%!PS": "is a PostScript file" + _TO_PDF,
    b"CAJ": "is a CAJ file (.caj)" + _TO_PDF,
    b"KDH": "is a KDH file (.kdh)" + _TO_PDF,
    b"bplist00": "is a web archive or settings of a Mac" + _TO_PDF,
}
_STREAMS = {
    "WordDocument": "is an old Word or WPS document (.doc, .wps)",
    "Workbook": "is an old Excel or WPS workbook (.xls, .et)" + _TO_DOCX,
    "PowerPoint Document": "are old slides (.ppt, .dps)" + _TO_DOCX,
    "EncryptedPackage": "has a password; open it with that and save it as .docx or .txt.",
}
_OLD = "is an old Word, WPS or Excel file or has a password" + _TO_DOCX
_PARTS = {
    "xl/workbook.xml": "is a workbook (.xlsx); save the report's text as .txt.",
    "xl/workbook.bin": "is a workbook (.xlsb); save the report's text as .txt.",
    "ppt/presentation.xml": "are slides (.pptx)" + _TO_PDF,
    "FixedDocSeq.fdseq": "is an XPS document (.xps)" + _TO_PDF,
    "Index/Document.iwa": "is a document of Pages or Keynote" + _TO_DOCX,
    "META-INF/MANIFEST.MF": "is a program (.jar), no report.",
}
_MIMETYPES = {
    "application/epub+zip": "is an electronic book (.epub)" + _TO_PDF,
    "application/vnd.oasis.opendocument.spreadsheet": "is a workbook (.ods); save the report's "
    "text as .txt.",
    "application/vnd.oasis.opendocument.presentation": "are slides (.odp)" + _TO_PDF,
}
_TEXT_TYPE = "application/vnd.oasis.opendocument.text"


def of(data: bytes, suffix: str) -> str:
    r"""A kind that is read, with `zip` among them; ValueError with a sentence for what is not.

    >>> of(b"%PDF-1.7", ".txt"), of(b"{\\rtf1 }", ".doc")
    ('pdf', 'rtf')
    """
    if (data[:4] == b"RIFF" and data[8:12] == b"WEBP") or data[4:12] in (b"ftypheic", b"ftypavif"):
        raise ValueError("is a picture (.webp, .heic or .avif); save it as .png.")
    for mark, said in _MARKS.items():
        if data.startswith(mark):
            raise ValueError(said)
    for mark, kind in _PICTURES.items():
        if data.startswith(mark):
            return kind
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        said = _old(data)
        if said == _STREAMS["WordDocument"]:
            return _by_extra("doc", said, _TO_DOCX)
        raise ValueError(said)
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(b"PK\x03\x04") or data.startswith(b"PK\x05\x06"):
        return _packed(data, suffix)
    if data[257:262] == b"ustar":
        raise ValueError("is a packed file (.tar)" + _UNPACK)
    return _marked_up(data, suffix)


def _by_extra(kind: str, said: str, otherwise: str) -> str:
    """A kind that an extra reads; ValueError if it is not here."""
    if extras.here(kind):
        return kind
    raise ValueError(f"{said}, which an extra reads: {extras.install(kind)}; or{otherwise[1:]}")


def _old(data: bytes) -> str:
    """What the container of old Office files holds, by the names of its streams."""
    found = (said for name, said in _STREAMS.items() if name.encode("utf-16-le") in data)
    return next(found, _OLD)


def _packed(data: bytes, suffix: str) -> str:
    """What a packed file is: Word and OpenDocument texts, books and slides are packed as well."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = {one.filename: one for one in packed.infolist()}
            stated = names.get("mimetype")
            mimetype = (
                packed.read(stated).decode("ascii", "replace").strip()
                if (stated and stated.file_size < 200)
                else ""
            )
    except Exception:  # damaged: its reader says how
        names, mimetype = {}, ""
    if suffix == ".docx" or "word/document.xml" in names or b"word/document.xml" in data:
        return "docx"
    if mimetype.startswith(_TEXT_TYPE) or suffix == ".odt":
        return "odt"
    if "OFD.xml" in names:
        return _by_extra("ofd", "is an OFD document (.ofd)", _TO_PDF)
    refused = [_MIMETYPES.get(mimetype, ""), *(_PARTS.get(name, "") for name in names)]
    for said in filter(None, refused):
        raise ValueError(said)
    return "zip"


def _marked_up(data: bytes, suffix: str) -> str:
    """What a file is that is made of characters."""
    head = data[:4096]
    if _is_mail(head):
        return "mht"
    if _HTML.match(head) or suffix in (".html", ".htm", ".xhtml", ".shtml"):
        return "html"
    if suffix != ".jsonl" and _is_json(data):
        raise ValueError(
            "is data in JSON, not a text; save the report's text as .txt, or its rows as .jsonl."
        )
    if _MARKUP.match(head):
        word = b"wordDocument" in head or b"Word.Document" in head or b"xmlPackage" in head
        if word:
            raise ValueError("is a Word document in XML" + _TO_DOCX)
        raise ValueError("is XML, not a text; open it in its own program and save it as .txt.")
    return {".docx": "docx", ".mht": "mht", ".mhtml": "mht", ".odt": "odt"}.get(suffix, "txt")


def _is_json(data: bytes) -> bool:
    """Whether a file is an object or a list of JSON, from its first character to its last."""
    if not _JSON.match(data.lstrip(b"\xef\xbb\xbf")[:400]) or data.rstrip()[-1:] not in b"}]":
        return False
    try:
        return isinstance(json.loads(data), (dict, list))
    except (ValueError, RecursionError):
        return False


def _is_mail(head: bytes) -> bool:
    """Whether a file begins with the fields of a saved page or a mail."""
    fields, _, _ = head.replace(b"\r\n", b"\n").lstrip(b"\xef\xbb\xbf\n").partition(b"\n\n")
    lines = [line for line in fields.split(b"\n") if line[:1] not in (b" ", b"\t")]
    named = [re.match(rb"[A-Za-z][A-Za-z-]*:", line) for line in lines]
    names = {match[0].lower() for match in named if match}
    return (
        all(named)
        and b"content-type:" in names
        and (b"mime-version:" in names or b"from:" in names or b"subject:" in names)
    )

"""A file as somebody saved it → a report: its text, how the bytes were read, and what it is.

Plain text and Word documents are read. The encoding is decided by evidence and put on record, never
assumed: a byte order mark, else the first of UTF-8 and GB18030 that reads every byte. What the
report is about (region, year, issuer) is read from its first lines and its file name, and said
aloud so that a person can correct it.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import re
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_HAN = re.compile(r"[㐀-鿿]")
_OTHER_FORMATS = (".pdf", ".doc", ".wps", ".html", ".htm", ".xlsx", ".xls", ".zip")
_DATED = re.compile(r"(?:19|20)\d\d\s*年度?")
_REGION = re.compile(
    r"(全国)|((?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区"
    r"|[\u4e00-\u9fff]{2,3}?(?:省|市|自治州|特别行政区)|[\u4e00-\u9fff]{1,5}?(?:自治县|县|区|旗))"
)
_NOT_A_REGION = re.compile(
    r"(全|我|本|各|该|两|超大|直辖|地级)[省市县区]|市区|地区|社区|园区|[^省市](示|典)范|(中心|文明|国际|重点)城市"
)
_LEVELS = {
    **dict.fromkeys(("全国", "中国", "国务院"), "nation"),
    **dict.fromkeys(("北京市", "天津市", "上海市", "重庆市", "省", "自治区"), "province"),
    **dict.fromkeys(("市", "自治州"), "city"),
}
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?")


@dataclass(frozen=True)
class Source:
    """A file's text as it came: `text`, the `encoding` it was read with, `sha256` of the bytes."""

    text: str
    encoding: str
    sha256: str

    def _repr_html_(self) -> str:
        from analysis import shown

        size = f"{len(self.text):,} characters, {self.text.count(chr(10)) + 1:,} lines"
        about = [("read as", self.encoding), ("size", size), ("sha256", self.sha256)]
        return shown.facts("Report as it came", about, self.text[:400])


@dataclass(frozen=True)
class Identity:
    """What a report is about: region, level, issuer and the year that it reports on."""

    region: str
    level: str
    issuer: str
    year: int
    title: str


def read(path: Path) -> Source:
    """Read a report's file: plain text, or a Word document (.docx; its encoding is `docx`).

    Raises
    ------
    InputError
        naming the file and what to do: no such file, a folder, an empty file, a format that is
        not read, bytes in no known encoding, a text without a single Chinese character.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file.", path=path) from None
    except IsADirectoryError:
        raise InputError("is a folder; name the files in it.", path=path) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}).", path=path) from None
    return decode(data, path)


def decode(data: bytes, path: str | Path) -> Source:
    """What `read` makes of a file's bytes; `path` names it, its ending tells the format."""
    path = Path(path)
    marks = [encoding for mark, encoding in _MARKS if data.startswith(mark)]
    wrong = ""
    if not data.strip():
        wrong = "is empty; save the report's text into it."
    elif path.suffix.lower() in _OTHER_FORMATS:
        wrong = f"is a {path.suffix} file; open it and save it as plain text (.txt) first."
    elif b"\0" in data and not marks and path.suffix.lower() != ".docx":
        wrong = "is not a text file (it holds zero bytes)."
    if wrong:
        raise InputError(wrong, path=path)
    if path.suffix.lower() == ".docx":
        text, encoding = _document(data, path), "docx"
    else:
        text, encoding = _decode(data, marks or ["utf-8", "gb18030"], path)
    if not _HAN.search(text):
        raise InputError(
            f"holds no Chinese character (read as {encoding}); check that it is the report's text.",
            path=path,
        )
    return Source(text, encoding, hashlib.sha256(data).hexdigest())


def _decode(data: bytes, encodings: list[str], path: Path) -> tuple[str, str]:
    """The text of some bytes, and the first of the encodings that reads every one of them."""
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise InputError(
        f"is not text in {' or '.join(encodings)}; open it in an editor and save it as UTF-8.",
        path=path,
    )


def _document(data: bytes, path: Path) -> str:
    """The text of a Word document: a line a paragraph, and a line a row of a table.

    Numbers that Word itself sets before a heading are no text and are not there.
    """
    from docx import Document
    from docx.table import Table

    try:
        blocks = list(Document(io.BytesIO(data)).iter_inner_content())
    except Exception as error:  # a damaged file fails in zip, XML or docx, each in its own way
        raise InputError(
            f"is no Word document that can be read ({error}); save it as .docx or .txt again.",
            path=path,
        ) from None
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            cells = ({cell._tc: cell.text for cell in row.cells}.values() for row in block.rows)
            lines += ("\t".join(" ".join(text.split()) for text in row) for row in cells)
        else:
            lines += block.text.splitlines() or [""]
    return "\n".join(lines) + "\n"


def identify(
    text: str, filename: str, *, region: str = "", issuer: str = "", year: int | None = None
) -> Identity:
    """Read off what a report is about; what is given wins over what is found.

    Parameters
    ----------
    text : the restored text.
    filename : the file's name, which often says more than the text.

    Returns
    -------
    Identity
        A government *work* report tells of the year before the one in its title (the report of
        March 2013 has 2012); an annual report tells of the year in its title.

    Raises
    ------
    InputError
        if no region or no year is found, with the option to give it.
    """
    first = [line.strip() for line in text.splitlines() if line.strip()][:6]
    title = first[0] if first and len(first[0]) <= 40 and "。" not in first[0] else ""
    lines = [*filename.splitlines(), *first]
    regions = (match[0] for line in lines for match in _REGION.finditer(_DATED.sub(" ", line)))
    region = region or next((name for name in regions if not _NOT_A_REGION.search(name)), "")
    if year is None:
        found = next(filter(None, map(_YEAR.search, lines)), None)
        year = int(found[1]) - ("政府工作报告" in filename + title) if found else None
    for what, value in (("region", region), ("year", year)):
        if not value:
            said = f"no {what} found in its name or first lines; give --{what}."
            raise InputError(said, path=filename)
    return Identity(region, level_of(region), issuer, year or 0, title)


def level_of(region: str) -> str:
    """The administrative level of a region by its name: nation, province, city, county."""
    return next((level for name, level in _LEVELS.items() if region.endswith(name)), "county")


def report_id(identity: Identity, taken: Collection[str]) -> str:
    """A report's id: pinyin of region (and issuer, if it is not the government) and year.

    A number is appended where the id is taken.

    >>> report_id(Identity("厦门市", "city", "厦门市人民政府", 2022, ""), [])
    'xiamen-2022'
    >>> report_id(Identity("厦门市", "city", "", 2022, ""), ["xiamen-2022"])
    'xiamen-2022-2'
    """
    from pypinyin import Style, lazy_pinyin

    stem = re.sub(
        r"(?<=..)(特别行政区|(壮族|回族|维吾尔)?自治[区州县]|[省市县区旗])$", "", identity.region
    )
    body = identity.issuer.removeprefix(identity.region)
    names = [stem] + ([] if body in ("", "人民政府", "政府") else [body])
    spelled = ["".join(lazy_pinyin(name, style=Style.NORMAL)) for name in names]
    slug = re.sub(r"[^a-z0-9-]+", "", "-".join([*spelled, str(identity.year)]).lower())
    numbered = (f"{slug}-{number}" for number in count(2))
    return next(name for name in chain([slug], numbered) if name not in taken)

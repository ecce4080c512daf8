"""Containers: what a reader sees in a file is its text, in that order, once; the rest is said.

The inputs are made here, a class each, with as many beside them that must stay as they are.
"""

import base64
import io
import json
import quopri
import stat
import zipfile
from collections.abc import Callable
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import docx
import pytest
import typst

from analysis.kit import InputError, font
from analysis.reading import extras, kinds, packed, reports
from analysis.restore import restore
from analysis.text import sentences

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT.parent / "shared" / "cases" / "files"

TITLE = "松溪县2021年法治政府建设年度报告"
BODY = (
    "一、主要做法",
    "2021年，松溪县深入推进依法行政，完善重大行政决策程序，开展合法性审查64件，审查率达到百分之百。",
    "（一）规范行政执法",
    "办理行政处罚案件318件，同比下降7.2%，行政机关负责人出庭应诉率达到95%，比上年提高3.1个百分点。",
    "二、存在的问题",
    "基层执法力量仍然薄弱，个别单位对法治建设重视不够，运用法治方式解决问题的能力有待提高。",
    "三、下一步打算",
    "2022年，继续推进法治政府建设，力争行政复议按期办结率达到100%。",
)
TEXT = (TITLE, *BODY)
TABLE = (("事项", "受理", "审结"), ("行政复议", "64件", "61件"), ("行政应诉", "12件", "9件"))
ROWS = ["\t".join(row) for row in TABLE]


def read(data: bytes | str, name: str) -> list[str]:
    """The lines of a file that are not empty, without indents."""
    source = reports.decode(data if isinstance(data, bytes) else data.encode(), name)
    lines = (line.strip(" \u3000\xa0") for line in source.text.splitlines())
    return [line for line in lines if line]


def refusal(data: bytes | str, name: str) -> str:
    with pytest.raises(InputError) as caught:
        read(data, name)
    said = str(caught.value)
    assert said.startswith(f"{name}: ")
    assert said.endswith(".")
    return said.removeprefix(f"{name}: ")


# -- Word -----------------------------------------------------------------------------------------

SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}


def word(body: str, **more: str) -> bytes:
    """A Word document with this in its body, and notes."""
    made, old, new = docx.Document(), io.BytesIO(), io.BytesIO()
    made.save(old)
    named = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items())
    with zipfile.ZipFile(old) as packed, zipfile.ZipFile(new, "w") as written:
        for name in packed.namelist():
            data = packed.read(name).decode("utf-8", "surrogateescape")
            if name == "word/document.xml":
                data = f"<w:document {named}><w:body>{body}</w:body></w:document>"
            for part in more:
                kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
                if name == "[Content_Types].xml":
                    override = (
                        f'<Override PartName="/word/{part}.xml" ContentType="{kind}.{part}+xml"/>'
                    )
                    data = data.replace("</Types>", f"{override}</Types>")
                if name == "word/_rels/document.xml.rels":
                    link = f'<Relationship Id="n{part}" Type="{SPACES["r"]}/{part}"'
                    link += f' Target="{part}.xml"/>'
                    data = data.replace("</Relationships>", f"{link}</Relationships>")
            written.writestr(name, data.encode("utf-8", "surrogateescape"))
        for part, xml in more.items():
            written.writestr(f"word/{part}.xml", f"<w:{part} {named}>{xml}</w:{part}>")
    return new.getvalue()


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*inside: str) -> str:
    return f"<w:p>{''.join(one if one.startswith('<') else r(one) for one in inside)}</w:p>"


def ps(*lines: str) -> str:
    return "".join(map(p, lines))


def tbl(*rows: tuple[str, ...]) -> str:
    """A table; a cell is text or what stands in it."""
    made = ""
    for row in rows:
        cells = (cell if cell.startswith("<") else p(cell) for cell in row)
        made += f"<w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr>"
    return f"<w:tbl>{made}</w:tbl>"


def box(*lines: str) -> str:
    return f"<w:txbxContent>{ps(*lines)}</w:txbxContent>"


def vml(*lines: str) -> str:
    return f"<w:r><w:pict><v:shape><v:textbox>{box(*lines)}</v:textbox></v:shape></w:pict></w:r>"


def twice(*lines: str) -> str:
    """A text box as Word 2010 and later writes it: for itself and for older versions."""
    new = f"<w:drawing><wps:wsp><wps:txbx>{box(*lines)}</wps:txbx></wps:wsp></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{box(*lines)}</v:textbox></v:shape></w:pict>"
    choice = f'<mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>'
    return f"<w:r><mc:AlternateContent>{choice}</mc:AlternateContent></w:r>"


def revised(kind: str, text: str) -> str:
    run = r(text)
    if kind == "del":
        run = run.replace("w:t>", "w:delText>").replace("<w:t ", "<w:delText ")
    return f'<w:{kind} w:id="1" w:author="a">{run}</w:{kind}>'


WORD: dict[str, tuple[str, list[str]]] = {
    "insertions are in, deletions out": (
        p("办理案件", revised("del", "100"), revised("ins", "132"), "件。"),
        ["办理案件132件。"],
    ),
    "what was moved stands where it went": (
        p("甲。", revised("moveFrom", "乙。")) + p("丙。", revised("moveTo", "乙。")),
        ["甲。", "丙。乙。"],
    ),
    "a deleted end of a paragraph joins two": (
        p('<w:pPr><w:rPr><w:del w:id="1"/></w:rPr></w:pPr>', "推进依法行政，")
        + p("成效明显。")
        + p("乙。"),
        ["推进依法行政，成效明显。", "乙。"],
    ),
    "a deleted row is out, an inserted one in": (
        tbl(*TABLE)
        .replace("<w:tr>", '<w:tr><w:trPr><w:del w:id="1"/></w:trPr>', 2)
        .replace("<w:tr><w:trPr><w:del", "<w:tr><w:trPr><w:ins", 1),
        [ROWS[0], ROWS[2]],
    ),
    "a deletion in a cell leaves the cell": (
        tbl(("行政复议", p("6", revised("del", "8"), revised("ins", "4"), "件"))),
        ["行政复议\t64件"],
    ),
    "content controls, around paragraphs and in them": (
        f"<w:sdt><w:sdtPr/><w:sdtContent>{ps(*BODY[:2])}{tbl(*TABLE)}</w:sdtContent></w:sdt>"
        + p("受理", f"<w:sdt><w:sdtContent>{r('64')}</w:sdtContent></w:sdt>", "件。"),
        [*BODY[:2], *ROWS, "受理64件。"],
    ),
    "smart tags, links and fields": (
        p(
            f'<w:smartTag w:uri="x" w:element="date">{r("2021年")}</w:smartTag>',
            f'<w:hyperlink w:anchor="a">{r("松溪县")}</w:hyperlink>',
            f'<w:fldSimple w:instr=" DATE ">{r("一月")}</w:fldSimple>',
            "<w:r><w:instrText> PAGE </w:instrText></w:r>",
            "报告。",
        ),
        ["2021年松溪县一月报告。"],
    ),
    "a text box of old Word, alone in its paragraph": (
        ps(*BODY[:2]) + p(vml(*BODY[2:4])) + ps(*BODY[4:]),
        list(BODY),
    ),
    "a text box for two versions of Word, once": (
        p(BODY[0]) + p(twice(BODY[1], BODY[2])) + ps(*BODY[3:]),
        list(BODY),
    ),
    "a text box does not cut the sentence that it hangs on": (
        p("推进依法", twice("图一：流程。"), "行政。") + p(vml("图二。"), "乙。"),
        ["推进依法行政。", "图一：流程。", "图二。", "乙。"],
    ),
    "a frame of one cell, with a table in it": (
        tbl((ps(*BODY[:3]) + tbl(*TABLE) + ps(*BODY[3:]),)),
        [*BODY[:3], *ROWS, *BODY[3:]],
    ),
    "a frame of a cell in a row": (tbl(*((line,) for line in BODY)), list(BODY)),
    "a form with the report in a cell": (
        tbl(("单位", "松溪县"), ("工作情况", ps(*BODY))),
        ["单位\t松溪县", "工作情况", *BODY],
    ),
    "two columns of text as a table": (tbl((ps(*BODY[:4]), ps(*BODY[4:]))), list(BODY)),
    "readings above characters": (
        p(
            "<w:r><w:ruby><w:rubyPr/><w:rt>"
            + r("sōng")
            + "</w:rt><w:rubyBase>"
            + r("松")
            + "</w:rubyBase></w:ruby></w:r>",
            "溪县。",
        ),
        ["松溪县。"],
    ),
    "the table of contents and hidden text": (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{p('一、主要做法', '3')}</w:sdtContent></w:sdt>"
        + p("甲", r("乙", "<w:vanish/>"), r("丙", '<w:vanish w:val="0"/>'), "。"),
        ["甲丙。"],
    ),
    # what must stay as it is
    "paragraphs": (ps(*BODY), list(BODY)),
    "a table of data": (p("甲。") + tbl(*TABLE) + p("乙。"), ["甲。", *ROWS, "乙。"]),
    "entries of several short lines": (
        tbl(("事项", "进展"), ("复议", ps("受理64件。", "审结61件。"))),
        ["事项\t进展", "复议\t受理64件。 审结61件。"],
    ),
    "a row with a cell over all columns": (
        tbl(*TABLE, (ps("合计", "76件"),)),
        [*ROWS, "合计 76件"],
    ),
    "empty cells": (tbl(("甲", "", "乙"), ("丙", "丁", "")), ["甲\t\t乙", "丙\t丁\t"]),
    "a line's end within a paragraph": (
        p(r("甲。"), "<w:r><w:br/></w:r>", r("乙。")),
        ["甲。", "乙。"],
    ),
    "a page's end within a sentence": (
        p(r("推进依法"), '<w:r><w:br w:type="page"/><w:lastRenderedPageBreak/></w:r>', r("行政。")),
        ["推进依法行政。"],
    ),
    "signs of a font: boxes, and one that nobody knows": (
        p(
            *(
                f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>{r(word_)}'
                for code, word_ in (("F0FE", "是"), ("F0A8", "否"), ("F04A", "。"))
            )
        ),
        ["☑是□否\uf04a。"],
    ),
    "text boxes of a group": (
        p(
            "<w:r><w:drawing><w:group>"
            + "".join(f"<wps:wsp><wps:txbx>{box(line)}</wps:txbx></wps:wsp>" for line in BODY[1:3])
            + "</w:group></w:drawing></w:r>"
        ),
        list(BODY[1:3]),
    ),
    "content controls in content controls, around a row and a cell": (
        "<w:tbl><w:sdt><w:sdtContent><w:tr><w:sdt><w:sdtContent><w:tc>"
        f"{p('甲')}</w:tc></w:sdtContent></w:sdt><w:tc>{p('乙')}</w:tc></w:tr>"
        "</w:sdtContent></w:sdt></w:tbl>",
        ["甲\t乙"],
    ),
    "a drawing without text": (p("甲。", "<w:r><w:drawing/></w:r>", "乙。"), ["甲。乙。"]),
}


@pytest.mark.parametrize("name", WORD)
def test_a_word_document_is_what_word_shows(name: str) -> None:
    body, lines = WORD[name]
    assert read(word(p(TITLE) + body), "r.docx") == [TITLE, *lines]


def test_notes_of_a_word_document_stand_behind_its_text() -> None:
    kept = f'<w:footnote w:id="2">{p("含复议和应诉。")}</w:footnote>'
    line = f'<w:footnote w:id="0" w:type="separator">{p("线。")}</w:footnote>'
    mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body = p(TITLE) + p("办理案件", mark, "76件。") + p("乙。")
    assert read(word(body, footnotes=line + kept), "r.docx") == [
        TITLE,
        "办理案件76件。",
        "乙。",
        "含复议和应诉。",
    ]


def test_a_word_document_with_a_part_that_cannot_be_read_is_refused() -> None:
    said = refusal(word(p(TITLE) + '<w:altChunk r:id="x"/>'), "r.docx")
    assert said.startswith("holds a part that Word takes in from another file")


# -- OpenDocument and rich text -------------------------------------------------------------------

ODF = "urn:oasis:names:tc:opendocument:xmlns"


def odt(body: str, mimetype: str = "text", manifest: str = "") -> bytes:
    file = io.BytesIO()
    spaces = {"office": "office", "text": "text", "table": "table", "draw": "drawing"}
    named = " ".join(f'xmlns:{name}="{ODF}:{uri}:1.0"' for name, uri in spaces.items())
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", f"application/vnd.oasis.opendocument.{mimetype}")
        made.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        made.writestr(
            "content.xml",
            f"<office:document-content {named}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
        )
    return file.getvalue()


def o(*lines: str) -> str:
    return "".join(f"<text:p>{line}</text:p>" for line in lines)


def otbl(*rows: tuple[str, ...]) -> str:
    made = ""
    for row in rows:
        cells = (cell if cell.startswith("<") else o(cell) for cell in row)
        cells = (f"<table:table-cell>{cell}</table:table-cell>" for cell in cells)
        made += f"<table:table-row>{''.join(cells)}</table:table-row>"
    return f"<table:table>{made}</table:table>"


ODT: dict[str, tuple[str, list[str]]] = {
    "headings, lists and sections": (
        f"<text:h>{BODY[0]}</text:h><text:section>{o(BODY[1])}</text:section>"
        f"<text:list><text:list-item>{o(BODY[2])}</text:list-item></text:list>" + o(*BODY[3:]),
        list(BODY),
    ),
    "what was deleted and said about it": (
        f"<text:tracked-changes><text:deletion>{o('删去。')}</text:deletion></text:tracked-changes>"
        + o("办理<text:change/>64<office:annotation>" + o("批注。") + "</office:annotation>件。"),
        ["办理64件。"],
    ),
    "a text box in a frame and a shape": (
        o(f"甲。<draw:frame><draw:text-box>{o('图一。', '图二。')}</draw:text-box></draw:frame>")
        + o(f"<draw:custom-shape>{o('图三。')}</draw:custom-shape>乙。"),
        ["甲。", "图一。", "图二。", "图三。", "乙。"],
    ),
    "a frame with a table in it": (
        otbl((o(*BODY[:3]) + otbl(*TABLE) + o(*BODY[3:]),)),
        [*BODY[:3], *ROWS, *BODY[3:]],
    ),
    "notes": (
        o(f"甲<text:note><text:note-body>{o('注。')}</text:note-body></text:note>乙。", "丙。"),
        ["甲乙。", "丙。", "注。"],
    ),
    "white that the format writes out": (
        o('甲<text:s text:c="2"/>乙<text:tab/>丙<text:line-break/>丁<text:span>戊</text:span>。'),
        ["甲  乙\t丙", "丁戊。"],
    ),
    "white that is none": (o("依法\n   行政。"), ["依法 行政。"]),
    "a table": (o("甲。") + otbl(*TABLE) + o("乙。"), ["甲。", *ROWS, "乙。"]),
    "a table of contents": (
        f"<text:table-of-content>{o('一、主要做法3')}</text:table-of-content>" + o("甲。"),
        ["甲。"],
    ),
}


@pytest.mark.parametrize("name", ODT)
def test_an_opendocument_text_is_what_is_shown(name: str) -> None:
    body, lines = ODT[name]
    assert read(odt(o(TITLE) + body), "r.odt") == [TITLE, *lines]


def gbk(text: str) -> str:
    """Text as an RTF file has it in GBK: what is no ASCII as escapes."""
    data = text.encode("gbk")
    return "".join(
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "\\{}" else f"\\'{byte:02x}"
        for byte in data
    )


def uni(text: str, behind: str = "?") -> str:
    units = text.encode("utf-16-le")
    numbers = (
        int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2)
    )
    return "".join(f"\\u{number}{behind}" for number in numbers)


FONTS = "{\\fonttbl{\\f0\\fcharset0 Times;}{\\f1\\fcharset134 " + gbk("宋体") + ";}}"
RTF: dict[str, tuple[str, list[str]]] = {
    "GBK by the document's code page": (
        "\\ansicpg936 " + "".join(gbk(line) + "\\par\n" for line in BODY),
        list(BODY),
    ),
    "GBK by the font's character set": (
        "\\ansicpg1252" + FONTS + "{\\f1 " + gbk("依法行政。") + "}{\\f0 \\'93A\\'94}",
        ["依法行政。“A”"],
    ),
    "GBK of which the second byte is a letter": (
        "\\ansicpg936 \\'81@\\'81\\'41" + gbk("依法。"),
        ["丂丄依法。"],
    ),
    "GBK as it is, without a code page": (
        gbk("依法行政。").replace("\\'d2\\'c0", "\udcd2\udcc0"),
        ["依法行政。"],
    ),
    "a line's end of the file between two bytes": (
        "\\ansicpg936 \\'d2\n\\'c0" + gbk("法。"),
        ["依法。"],
    ),
    "Unicode with a replacement of one character": ("\\uc1 " + uni(BODY[1]), [BODY[1]]),
    "Unicode with a replacement of two bytes": (
        "\\ansicpg936\\uc2 "
        + uni("依法行政", "\\'d2\\'c0")
        + "{\\uc0 "
        + uni("。", " ")
        + "}"
        + uni("乙", "\\'d2\\'c0")
        + "5",
        ["依法行政。乙5"],
    ),
    "Unicode beyond sixteen bits": (uni("𠀀依法。"), ["𠀀依法。"]),
    "what was deleted and what is hidden": (
        uni("办理") + "{\\deleted 100}{\\revised 64}{\\v 99}\\deleted 7\\deleted0 " + uni("件。"),
        ["办理64件。"],
    ),
    "a text box, once": (
        uni("甲。")
        + "{\\shp{\\*\\shpinst\\shpleft0{\\sp{\\sn a}{\\sv 1}}{\\shptxt "
        + uni("图一。")
        + "\\par "
        + uni("图二。")
        + "\\par}}{\\shprslt{"
        + uni("图一。")
        + "}}}"
        + uni("乙。")
        + "\\par "
        + uni("丙。"),
        ["甲。乙。", "图一。", "图二。", "丙。"],
    ),
    "a table": (
        "".join(
            "\\trowd" + "".join(f"\\pard\\intbl {uni(cell)}\\cell" for cell in row) + "\\row "
            for row in TABLE
        )
        + "\\pard "
        + uni("乙。"),
        [*ROWS, "乙。"],
    ),
    "a frame with a table in it": (
        "\\trowd\\pard\\intbl "
        + "".join(f"{uni(line)}\\par " for line in BODY[:3])
        + "".join(
            "".join(f"\\pard\\intbl\\itap2 {uni(cell)}\\nestcell" for cell in row)
            + "{\\*\\nesttableprops\\trowd\\nestrow}{\\nonesttables\\par}"
            for row in TABLE
        )
        + "\\pard\\intbl\\itap1 "
        + "\\par ".join(map(uni, BODY[3:]))
        + "\\cell\\row",
        [*BODY[:3], *ROWS, *BODY[3:]],
    ),
    "numbers of a list": (
        "{\\listtext " + uni("一、") + "\\tab}" + uni("主要做法"),
        ["一、主要做法"],
    ),
    "notes": (
        uni("甲") + "{\\footnote " + uni("注。") + "}" + uni("乙。") + "\\par " + uni("丙。"),
        ["甲乙。", "丙。", "注。"],
    ),
    "headers, pictures, links": (
        "{\\header "
        + uni("页眉")
        + "}{\\pict\\wmetafile8 0102ff}{\\pict\\bin4 }}}}}"
        + '{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt '
        + uni("见附件。")
        + "}}",
        ["见附件。"],
    ),
    "marks": (
        "\\ldblquote " + uni("法治") + "\\rdblquote\\emdash\\~5\\{\\}\\line " + uni("乙。"),
        ["“法治”—\xa05{}", "乙。"],
    ),
}


@pytest.mark.parametrize("name", RTF)
def test_rich_text_is_what_is_shown(name: str) -> None:
    body, lines = RTF[name]
    whole = f"{{\\rtf1\\ansi {uni(TITLE)}\\par {body}}}"
    assert read(whole.encode("utf-8", "surrogateescape"), "r.rtf") == [TITLE, *lines]


# -- PDF ------------------------------------------------------------------------------------------


def pdf(source: str, **page: str) -> bytes:
    given = {"paper": '"a4"', "margin": "2cm"} | page
    made: bytes = typst.compile(
        (
            f"#set page({', '.join(f'{name}: {value}' for name, value in given.items())})\n"
            '#set text(font: "Noto Sans SC", size: 11pt)\n'
            "#set par(first-line-indent: (amount: 2em, all: true), justify: true)\n" + source
        ).encode(),
        font_paths=[str(font.file().parent)],
        ignore_system_fonts=True,
    )
    return made


def printed(data: bytes) -> list[str]:
    """A PDF's lines without the spaces that the setter puts between scripts."""
    return [line.replace(" ", "") for line in read(data, "r.pdf")]


HEAD = f"#align(center)[{TITLE}]\n\n"
AGAIN = [part + line for part in "甲乙丙" for line in BODY]
MUCH = "\n\n".join(AGAIN)
LONG = [TITLE, *AGAIN]
GRID = ", ".join(f"[{cell}]" for row in TABLE for cell in row)
DATA = f"#table(columns: (1fr, 1fr, 1fr), {GRID})\n\n"
LEFT = (
    "全县各级行政机关坚持科学立法民主立法依法立法，完善重大行政决策程序，"
    "落实合法性审查和集体讨论决定制度，决策质量明显提高，群众参与不断"
)[:60]
RIGHT = (
    "全面落实行政执法公示和执法全过程记录以及重大执法决定法制审核三项制度，"
    "开展执法人员培训和案卷评查活动，严格规范公正文明执法水平不断"
)[:60]
ALONG = [(LEFT[at : at + 12], RIGHT[at : at + 12]) for at in range(0, 60, 12)]
BETWEEN = "#grid(columns: (12em, 12em), column-gutter: 2em, row-gutter: 6pt, {})"

PDF: dict[str, tuple[Callable[[], bytes], list[str]]] = {
    "two columns": (lambda: pdf(f"#columns(2)[{MUCH}]"), LONG[1:]),
    "two columns below a title over both": (lambda: pdf(f"{HEAD}#columns(2)[{MUCH}]"), LONG),
    "two columns over pages": (
        lambda: pdf(MUCH, columns="2", height="9cm", width="21cm", numbering='"1"'),
        LONG[1:],
    ),
    "two columns, from line to line over both": (
        lambda: pdf(
            "#set par(first-line-indent: 0em)\n"
            + HEAD
            + BETWEEN.format(", ".join(f"[{one}]" for pair in ALONG for one in pair))
        ),
        [TITLE, LEFT + RIGHT],
    ),
    "a running head and foot": (
        lambda: pdf(
            HEAD + MUCH,
            height="9cm",
            header="[松溪县人民政府公报 2022年第2期]",
            footer="[松溪县司法局主办]",
        ),
        LONG,
    ),
    "a head that counts the pages": (
        lambda: pdf(
            HEAD + MUCH,
            height="9cm",
            header="context [公报 #h(1fr) 第#counter(page).display()页，共9页]",
        ),
        LONG,
    ),
    "heads of even and odd pages": (
        lambda: pdf(
            HEAD + MUCH,
            height="8cm",
            header="context if calc.odd(here().page()) [#align(right)[政府公报]] else [松溪县]",
        ),
        LONG,
    ),
    "what a browser prints around a page": (
        lambda: pdf(
            HEAD + "\n\n".join(BODY),
            header=f"[2023/2/10 13:05 #h(1fr) {TITLE}]",
            footer='[#"https://www.example.invalid/a/2023.html" #h(1fr) 1/1]',
        ),
        list(TEXT),
    ),
    "what it prints of a file, over pages": (
        lambda: pdf(
            HEAD + MUCH,
            height="9cm",
            header=f"[2/10/23, 1:05 PM #h(1fr) {TITLE}]",
            footer='context [#"file:///a/b.html" #h(1fr) #counter(page).display()/9]',
        ),
        LONG,
    ),
    "a table between paragraphs": (
        lambda: pdf(HEAD + f"{BODY[1]}\n\n{DATA}{BODY[3]}"),
        [TITLE, BODY[1], *ROWS, BODY[3]],
    ),
    "a table over pages, its head read once": (
        lambda: pdf(
            f"{HEAD}{BODY[1]}\n\n#table(columns: (1fr, 1fr, 1fr), "
            "table.header([镇名], [受理数], [审结数]), "
            + ", ".join(f"[第{n}镇], [{n * 7 % 90}件], [{n * 3 % 80}件]" for n in range(40))
            + ")",
            height="9cm",
        ),
        [
            TITLE,
            BODY[1],
            "镇名\t受理数\t审结数",
            *(f"第{n}镇\t{n * 7 % 90}件\t{n * 3 % 80}件" for n in range(40)),
        ],
    ),
    "a table of wide cells stays row by row": (
        lambda: pdf(
            "#set par(first-line-indent: 0em, justify: false)\n"
            + HEAD
            + "#table(columns: (1fr, 1fr), "
            + ", ".join(f"[{BODY[at]}]" for at in (1, 3, 5, 1))
            + ")"
        ),
        [TITLE, BODY[1], BODY[3], BODY[5], BODY[1]],
    ),
    "a hyphen at a line's end": (
        lambda: pdf("#set par(first-line-indent: 0em)\n" + "龙岩-龙川-永定-连城-" * 20 + "长汀。"),
        ["龙岩-龙川-永定-连城-" * 20 + "长汀。"],
    ),
    "one column": (lambda: pdf(HEAD + MUCH), LONG),
    "one column over pages": (lambda: pdf(HEAD + MUCH, height="9cm", numbering='"— 1 —"'), LONG),
    "one page of two lines": (lambda: pdf(f"{HEAD}{BODY[0]}"), [TITLE, BODY[0]]),
    "a head on a page that has no other": (
        lambda: pdf(HEAD + BODY[1], header="[松溪县人民政府公报]"),
        ["松溪县人民政府公报", TITLE, BODY[1]],
    ),
    "a date and an address that are the report's": (
        lambda: pdf(f"{HEAD}{BODY[1]}\n\n2022/1/30 9:30 发布"),
        [TITLE, BODY[1], "2022/1/309:30发布"],
    ),
    "the same sentence on top of two pages": (
        lambda: pdf("\n#pagebreak()\n".join(["各乡镇认真贯彻执行。\n\n" + BODY[1]] * 2)),
        ["各乡镇认真贯彻执行。", BODY[1]] * 2,
    ),
    "names side by side": (
        lambda: pdf(f"{HEAD}{BODY[1]}\n\n局长：王平#h(5em)2022年1月30日"),
        [TITLE, BODY[1], "局长：王平\t2022年1月30日"],
    ),
}


@pytest.mark.parametrize("name", PDF)
def test_a_pdf_is_its_paragraphs_in_order_and_nothing_else(name: str) -> None:
    made, lines = PDF[name]
    assert printed(made()) == lines


# -- web pages ------------------------------------------------------------------------------------

NAV = '<div class="nav"><a href="/">首页</a><a href="/b">公开</a><a href="/c">服务</a></div>'
INFO = '<div class="info">发布时间：2022-01-30　来源：县司法局　浏览次数：102</div>'
FOOT = '<div class="foot">主办：松溪县人民政府办公室　网站标识码：0000000000</div>'
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
BROKEN = "<br>".join(f"　　{line}" for line in BODY)
HTABLE = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in TABLE)


def web(body: str, head: str = f"<title>{TITLE}_松溪县</title>") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{NAV}<h1>{TITLE}</h1>'
        f"{INFO}{body}{FOOT}</body></html>"
    )


WEB: dict[str, tuple[str, list[str]]] = {
    "tables in tables": (
        f"<table><tr><td><table><tr><td>{PARAGRAPHS}</td></tr></table></td></tr></table>",
        list(BODY),
    ),
    "a cell with line ends": (f"<table width=100%><tr><td>{BROKEN}</td></tr></table>", list(BODY)),
    "fonts in the middle of a cell": (
        f"<center><table><tr><td><font><span>{BROKEN}</span></font></td></tr></table></center>",
        list(BODY),
    ),
    "a row a paragraph, with cells that keep distance": (
        "<table>"
        + "".join(f"<tr><td>&nbsp;</td><td>{line}</td><td></td></tr>" for line in BODY)
        + "</table>",
        list(BODY),
    ),
    "wide spaces in place of line ends": (
        "<table><tr><td>"
        + "".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{line}" for line in BODY)
        + "</td></tr></table>",
        list(BODY),
    ),
    "a menu beside the text": (
        "<table><tr><td><a href=/1>概况</a><br><a href=/2>新闻</a><br><a href=/3>法规</a></td>"
        f"<td>{PARAGRAPHS}</td></tr></table>",
        list(BODY),
    ),
    "a table of data in a table that places it": (
        f"<table><tr><td>{PARAGRAPHS}<table>{HTABLE}</table></td></tr></table>",
        [*BODY, *ROWS],
    ),
    "paragraphs as Word exports them": (
        "<div class=WordSection1>"
        + "".join(
            f"<p class=MsoNormal><span lang=EN-US><o:p></o:p></span><span>{line[:5]}</span>"
            f"<span lang=EN-US>{line[5:8]}</span>{line[8:]}</p>"
            for line in BODY
        )
        + "</div>",
        list(BODY),
    ),
    "items of a list": (
        "<ol>" + "".join(f"<li>{line}</li>" for line in BODY) + "</ol>",
        list(BODY),
    ),
    "what is struck out, and readings above characters": (
        f"{PARAGRAPHS}<p>受理<del>100</del><s>90</s><ins>64</ins>件，<ruby>松<rp>(</rp><rt>sōng</rt>"
        "<rp>)</rp></ruby>溪县的群众对此十分满意。</p>",
        [*BODY, "受理64件，松溪县的群众对此十分满意。"],
    ),
    "a sentence said twice": (PARAGRAPHS + f"<p>{BODY[1]}</p>", [*BODY, BODY[1]]),
    # what must stay as it is
    "paragraphs": (f"<div>{PARAGRAPHS}</div>", list(BODY)),
    "a table of data": (f"{PARAGRAPHS}<table>{HTABLE}</table>", [*BODY, *ROWS]),
    "cells with paragraphs of a word": (
        PARAGRAPHS
        + "<table>"
        + HTABLE.replace("<td>", "<td><p>").replace("</td>", "</p></td>")
        + "</table>",
        [*BODY, *ROWS],
    ),
    "line ends within a paragraph": (f"<div><p>{BROKEN}</p></div>", list(BODY)),
    "line ends of the file": (
        PARAGRAPHS.replace("，", "，\n      "),
        [line.replace("，", "， ") for line in BODY],
    ),
    "source and editor in a sentence": (
        f"{PARAGRAPHS}<p>数据来源：县统计局，责任编辑由司法局担任。</p>",
        [*BODY, "数据来源：县统计局，责任编辑由司法局担任。"],
    ),
}


@pytest.mark.parametrize("name", WEB)
def test_a_web_page_is_its_paragraphs(name: str) -> None:
    body, lines = WEB[name]
    assert read(web(body), "r.html") == [TITLE, *lines]


DATA_OF = json.dumps({"title": TITLE, "content": PARAGRAPHS}, ensure_ascii=False)
SCRIPT = "<div id=app></div>{}<script>window.__STATE__={}</script>"
UNREAD = {
    "data": (SCRIPT.format("", DATA_OF), "has its text in a script"),
    "escaped data": (
        SCRIPT.format("", json.dumps(json.loads(DATA_OF))),
        "has its text in a script",
    ),
    "a line for browsers without scripts": (
        SCRIPT.format("<noscript>请启用JavaScript后访问。</noscript>", DATA_OF),
        "has its text in a script",
    ),
    "a line outside of noscript": (
        SCRIPT.format("<p>正在加载，请稍候。</p>", DATA_OF),
        "has its text in a script",
    ),
    "a title and a file": ('<embed src="/d/report.pdf">', "it leads to a file (report.pdf)"),
    "a title and a link": ("<p><a href=r.docx>附件</a></p>", "it leads to a file (r.docx)"),
    "a title and a picture": ("<p><img src=1.jpg></p>", "a picture has it"),
    "a title and a form": (f"<textarea>{BODY[1]}</textarea>", "holds a title and no report"),
    "scripts that fetch": ('<div id=app></div><script src="a.js">x</script>', "scripts fetch what"),
    "a frame": ('<iframe src="a.html"></iframe>', "is a frame around another page"),
    "frames": (
        '<frameset cols="9,*"><frame src=a.html><noframes>请升级浏览器。</noframes></frameset>',
        "is a frame around other pages",
    ),
}


@pytest.mark.parametrize("name", UNREAD)
def test_a_page_without_its_text_is_refused_with_the_reason(name: str) -> None:
    body, said = UNREAD[name]
    head = f"<h1>{TITLE}</h1>" if name.startswith("a title") else ""
    page = f"<html><head><title>{TITLE}</title></head><body>{head}{body}</body></html>"
    assert said in refusal(page, "r.html")


def test_a_page_with_its_text_and_scripts_is_read() -> None:
    for script in (DATA_OF, json.dumps(["松溪县", "政和县"] * 500), "var a='。。';"):
        assert read(web(f"{PARAGRAPHS}<script>x={script}</script>"), "r.html") == list(TEXT)


def saved(page: str, charset: str, encoding: str) -> bytes:
    """A page as a browser saves it in one file, with a style sheet beside it."""
    data = page.encode(charset)
    if encoding == "base64":
        data = base64.encodebytes(data)
    elif encoding == "quoted-printable":
        data = quopri.encodestring(data)
    part = "--{}\r\nContent-Type: text/{}; charset={}\r\nContent-Transfer-Encoding: {}\r\n\r\n"
    head = (
        "From: <Saved by Blink>\r\nSubject: =?utf-8?B?5p2+?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="--B"\r\n\r\n'
    )
    first, second = (
        part.format("--B", "html", charset, encoding),
        part.format("--B", "css", "utf-8", "7bit"),
    )
    return (
        head.encode() + first.encode() + data + b"\r\n" + second.encode() + b"p {}\r\n----B--\r\n"
    )


@pytest.mark.parametrize("charset", ["gb2312", "utf-8"])
@pytest.mark.parametrize("encoding", ["8bit", "base64", "quoted-printable"])
def test_a_page_that_a_browser_saved_as_one_file_is_its_article(
    charset: str, encoding: str
) -> None:
    file = saved(web(PARAGRAPHS), charset, encoding)
    assert read(file, "r.mht") == list(TEXT)
    assert read(file, "r.txt") == list(TEXT)
    assert reports.decode(file, "r.mhtml").encoding == "mht"


def test_a_mail_without_a_page_is_refused_and_a_text_with_fields_is_none() -> None:
    mail = MIMEMultipart()
    mail.attach(MIMEText(TITLE, "plain", "utf-8"))
    assert "without a page in it" in refusal(mail.as_bytes(), "r.eml")
    text = f"From: 松溪县\nSubject: {TITLE}\n\n{BODY[1]}"
    assert read(text, "r.txt")[-1] == BODY[1]


# -- archives and formats -------------------------------------------------------------------------


def archive(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in files:
            made.writestr(name, data)
    return file.getvalue()


def renamed(names: list[str], codec: str) -> bytes:
    """An archive with names in a codec that it does not tell: written over others as long."""
    stems = [f"{at:0{len(name.encode(codec))}d}" for at, name in enumerate(names)]
    data = archive(*((stem, TITLE.encode()) for stem in stems))
    for stem, name in zip(stems, names, strict=True):
        data = data.replace(stem.encode(), name.encode(codec))
    return data


def test_an_archive_is_its_files_with_their_names() -> None:
    inner = archive(("丁.txt", b"4"), ("x.zip", archive(("戊.txt", b"5"))))
    data = archive(
        ("甲.txt", b"1"),
        ("县/乙.docx", word(p(TITLE))),
        ("空/", b""),
        ("__MACOSX/._甲.txt", b"0"),
        ("县/Thumbs.db", b"0"),
        ("丙.zip", inner),
    )
    taken, refused = reports.members(data, Path("r.zip"))
    assert [name for name, _ in taken] == ["甲.txt", "县/乙.docx", "丙.zip/丁.txt"]
    assert [read(one, name) for name, one in taken if name.endswith(".docx")] == [[TITLE]]
    (only,) = refused
    assert str(only) == "r.zip/丙.zip/x.zip: is an archive in an archive in an archive; unpack it."


@pytest.mark.parametrize("codec", ["gbk", "utf-8", "big5"])
def test_names_of_an_archive_are_read_by_evidence(codec: str) -> None:
    simplified = ["松溪县2021年报告.txt", "政和县/说明.txt"]
    names = ["臺北市2021年報告.txt", "高雄市報告.txt"] if codec == "big5" else simplified
    data = renamed(names, codec)
    taken, refused = reports.members(data, Path("r.zip"))
    assert ([name for name, _ in taken], refused) == (names, [])


def marked(data: bytes, at: int, bits: int) -> bytes:
    """An archive with bits set in a field of all its headers, local and central."""
    changed = bytearray(data)
    for mark, ahead in ((b"PK\x03\x04", at), (b"PK\x01\x02", at + 2)):
        place = data.find(mark)
        while place >= 0:
            changed[place + ahead] |= bits
            place = data.find(mark, place + 1)
    return bytes(changed)


def link() -> bytes:
    file, info = io.BytesIO(), zipfile.ZipInfo("a.txt")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(file, "w") as made:
        made.writestr(info, "/etc/passwd")
    return file.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "a password": (lambda: marked(archive(("a.txt", b"1")), 6, 1), "with a password; unpack it"),
    "a link": (link, "a link or a path that leads out"),
    "a path out": (lambda: archive(("../a.txt", b"1")), "a link or a path that leads out"),
    "another drive": (lambda: archive(("c:\\a.txt", b"1")), "a link or a path that leads out"),
    "nothing": (archive, "holds no file"),
    "half of it": (lambda: archive(("a.txt", b"1" * 99))[:60], "cannot be opened"),
    "too many": (
        lambda: archive(*((f"{n}.txt", b"") for n in range(packed.MOST + 1))),
        "of more than 2,000 files",
    ),
    "too much": (
        lambda: archive(*((f"{n}.txt", bytes(64 << 20)) for n in range(5))),
        "unpacks to more than 256 MB",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_archive_is_refused_in_a_sentence(name: str) -> None:
    made, said = BAD[name]
    with pytest.raises(InputError) as caught:
        reports.members(made(), Path("r.zip"))
    assert str(caught.value).startswith("r.zip: is a packed file (.zip)")
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


def test_one_bad_file_of_an_archive_does_not_stop_the_others() -> None:
    damaged = archive(("a.txt", b"broken"), ("b.txt", TITLE.encode()), method=0).replace(
        b"broken", b"BROKEN"
    )
    twice_ = archive(("a.txt", b"1"), ("b.txt", b"2")).replace(b"b.txt", b"a.txt")
    odd = archive(("a.txt", b"1" * 99), method=zipfile.ZIP_BZIP2)
    for data, kept, said in (
        (damaged, ["b.txt"], "r.zip/a.txt: cannot be unpacked"),
        (twice_, ["a.txt"], "r.zip/a.txt: stands twice"),
        (odd, [], "r.zip/a.txt: is packed in a way"),
    ):
        taken, refused = reports.members(data, Path("r.zip"))
        assert [name for name, _ in taken] == kept
        assert [str(one).startswith(said) for one in refused] == [True]


def ole(stream: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + stream.encode("utf-16-le") + bytes(64)


FORMATS: dict[str, tuple[bytes, str]] = {
    "a.doc": (ole("WordDocument"), "is an old Word or WPS document (.doc, .wps), which an extra"),
    "a.wps": (ole("WordDocument"), "is an old Word or WPS document"),
    "a.xls": (ole("Workbook"), "is an old Excel or WPS workbook"),
    "a.ppt": (ole("PowerPoint Document"), "are old slides"),
    "b.docx": (ole("EncryptedPackage"), "has a password"),
    "a.ofd": (archive(("OFD.xml", b"<a/>"), ("Doc_0/Content.xml", b"<a/>")), "is an OFD document"),
    "a.epub": (archive(("mimetype", b"application/epub+zip")), "is an electronic book (.epub)"),
    "a.pptx": (archive(("ppt/presentation.xml", b"")), "are slides (.pptx)"),
    "a.xlsx": (archive(("xl/workbook.xml", b"")), "is a workbook (.xlsx)"),
    "a.ods": (odt("", "spreadsheet"), "is a workbook (.ods)"),
    "a.odp": (odt("", "presentation"), "are slides (.odp)"),
    "locked.odt": (odt("", manifest="<encryption-data/>"), "is encrypted"),
    "broken.odt": (odt(o(TITLE))[:200], "is no OpenDocument text that can be read"),
    "a.zip": (archive(("a.txt", TITLE.encode())), "is a packed file (.zip); unpack it"),
    "a.rar": (b"Rar!\x1a\x07\0", "is a packed file (.rar); unpack it"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\0", "is a packed file (.7z); unpack it"),
    "a.tar.gz": (b"\x1f\x8b\x08\0", "is a packed file (.gz); unpack it"),
    "a.caj": (b"CAJ\0", "is a CAJ file"),
    "a.jpg": (b"\xff\xd8\xff\xe0", "is not a text file but a picture, which an extra"),
    "flat.xml": (
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>',
        "is a Word document in XML",
    ),
    "a.webp": (b"RIFF\0\0\0\0WEBPVP8 ", "is a picture (.webp, .heic or .avif)"),
    "a.json": (json.dumps({"title": TITLE, "text": BODY[1]}).encode(), "is data in JSON"),
    "rows.txt": (json.dumps([TITLE, BODY[1]], ensure_ascii=False).encode(), "is data in JSON"),
    "mail.txt": (b"\x1b$BK\\G/EY\x1b(B", "looks like text in ISO-2022"),
    "data.xml": (f'<?xml version="1.0"?><a>{TITLE}</a>'.encode(), "is XML, not a text"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_refusal_names_the_format_and_what_to_do(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "here", lambda kind: False)
    data, said = FORMATS[name]
    found = refusal(data, name)
    assert found.startswith(said) or said in found
    assert ("unpack" in found) == (name in ("a.zip", "a.rar", "a.7z", "a.tar.gz"))
    assert ";" in found


def test_what_a_file_is_its_bytes_say_not_its_name() -> None:
    files = {
        "docx": word(p(TITLE)),
        "odt": odt(o(TITLE)),
        "rtf": f"{{\\rtf1 {uni(TITLE)}}}".encode(),
        "html": web(PARAGRAPHS).encode(),
        "pdf": pdf(HEAD),
    }
    for kind, data in files.items():
        for suffix in ("", ".doc", ".txt", ".bin"):
            assert kinds.of(data, suffix) == kind
        assert "".join(read(data, "r.doc")[0].split()) == TITLE


# -- the small inputs of the issue, where they are ------------------------------------------------


def cut(text: str) -> list[str]:
    return sentences.split("r", restore(text), 2022)["text"].tolist()


@pytest.mark.parametrize(
    ("folder", "files", "more"),
    [
        ("03_docx_textbox", "*.docx", []),
        ("05_docx_frame_table", "*.docx", ["事项\t受理\t审结", "行政复议\t132件\t129件"]),
        ("06_pdf_two_column", "*.pdf", []),
        ("08_pdf_running_header", "*.pdf", []),
        ("09_html_layout_table", "*.html", []),
        ("10_mht", "*.mht", []),
        ("21_formats", "*.odt", []),
        ("21_formats", "*.rtf", []),
    ],
)
def test_the_cases_are_read_right(folder: str, files: str, more: list[str]) -> None:
    place = CASES / folder
    if not place.is_dir():
        pytest.skip(f"{place} is not there")
    right = cut((place / "expected_text.txt").read_text("utf-8"))
    found = sorted(place.glob(files))
    assert found
    for file in found:
        said = cut(reports.read(file).text)
        assert [one for one in said if one not in more] == right
        assert [one for one in said if one in more] == more

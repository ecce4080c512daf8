"""Old Word documents against LibreOffice: what is read of a `.doc` and what it makes of it itself.

    python benchmarks/documents.py [--quick] [--keep FOLDER]

Needs the extra `formats` and LibreOffice (`soffice`). 20 documents are written here (headings,
tables, merged cells, frames, lists, notes, deletions, hidden text, links, a text box, running
heads, a long one), made `.doc` by LibreOffice, and each of these `.docx` and plain text again.
`lines`: the lines read are those of the `.docx`, table rows and all. `text`: they are those of the
plain text too, cells apart; LibreOffice writes deleted and hidden text and the numbers of lists
there, and no notes.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from analysis.reading import extras, reports  # noqa: E402

PLACES = ("云和县", "松溪县", "青田县", "平和县", "泰宁县", "长阳县", "乐昌市", "东宁市", "祁门县")
DONE = ("推进依法行政", "规范行政执法", "完善重大行政决策程序", "开展合法性审查", "落实普法责任制")
DONE += ("办理行政复议案件", "健全应急预案体系", "清理规范性文件", "推行“一件事”改革")
SAID = ("，群众满意度达到{a}.{b}%", "，共办理{n}件，同比增长{a}.{b}%", "，完成投资{n}.{b}亿元")
SAID += ("，培训执法人员{n}人次", "，比上年提高{b}个百分点", "（其中乡镇{n}件）")
ODD = "办理132件；GDP 增长 6.5%，“放管服”—— №3 ① ㎡ ℃ × 𠮷野家 · 〇"


def prose(rng: random.Random) -> str:
    """A paragraph of some sentences."""
    made = ""
    for _ in range(rng.randint(1, 6)):
        numbers = {"a": rng.randint(1, 99), "b": rng.randint(0, 9), "n": rng.randint(2, 9999)}
        made += "，".join(rng.sample(DONE, 2)) + rng.choice(SAID).format(**numbers) + "。"
    return made


def body(document: Any, rng: random.Random) -> None:
    for head in ("一、主要做法和成效", "二、存在的问题", "三、下一步打算"):
        document.add_heading(head, 1)
        for under in ("（一）规范执法", "（二）公正司法")[: rng.randint(1, 2)]:
            document.add_heading(under, 2)
            for _ in range(rng.randint(1, 4)):
                document.add_paragraph(prose(rng))


def table(document: Any, rng: random.Random, rows: int = 5, columns: int = 4) -> Any:
    made = document.add_table(rows, columns)
    for row in range(rows):
        for column in range(columns):
            head = ["事项", "受理", "审结", "备注", "增减", "合计"][column]
            number = f"{rng.randint(1, 9999)}{rng.choice(['件', '', '%'])}"
            text = head if row == 0 else DONE[row % 9][:6] if column == 0 else number
            made.cell(row, column).text = text
    return made


def frame(document: Any, rng: random.Random) -> None:
    made = document.add_table(2, 2)
    made.cell(0, 0).text, made.cell(1, 0).text = "工作情况", "问题"
    made.cell(0, 1).text, made.cell(1, 1).text = prose(rng), prose(rng)
    made.cell(0, 1).add_paragraph(prose(rng) + prose(rng))


def lists(document: Any, rng: random.Random) -> None:
    for style in ("List Bullet", "List Number"):
        for _ in range(4):
            document.add_paragraph(prose(rng), style=style)


def heads(document: Any, rng: random.Random) -> None:
    document.sections[0].header.paragraphs[0].text = "内部资料 注意保存"
    document.sections[0].footer.paragraphs[0].text = "第 1 页"
    body(document, rng)


def breaks(document: Any, rng: random.Random) -> None:
    document.add_paragraph("第一行\n第二行\t制表")
    document.add_page_break()
    body(document, rng)


def seed(document: Any, _: random.Random) -> None:
    """The bundled report, as it stands."""
    for path in sorted((ROOT / "data" / "reports").glob("*.txt"))[:1]:
        for line in path.read_text("utf-8").splitlines():
            document.add_paragraph("".join(char for char in line if char.isprintable()))


def many(make: Callable[..., Any], times: int, *more: Any) -> Callable[..., None]:
    def made(document: Any, rng: random.Random) -> None:
        for _ in range(times):
            make(document, rng, *more)

    return made


def merged(document: Any, rng: random.Random) -> None:
    made = table(document, rng)
    made.cell(1, 2).merge(made.cell(1, 3))


def indented(document: Any, rng: random.Random) -> None:
    document.add_paragraph(f"　　{prose(rng)}")
    document.add_paragraph("")


def odd(document: Any, rng: random.Random) -> None:
    for char in ODD:
        document.paragraphs[-1].add_run(char).bold = rng.random() < 0.5


WORD: dict[str, Callable[..., None]] = {
    "headings": body,
    "a table": table,
    "merged cells": merged,
    "two tables": many(table, 2, 20, 6),
    "a frame": frame,
    "lists": lists,
    "running heads": heads,
    "breaks": breaks,
    "odd characters": odd,
    "indents, empty lines": many(indented, 6),
    "long": many(body, 12),
    "the bundled report": seed,
    "tables in text": lambda one, rng: [make(one, rng) for make in (body, table, body, frame)],
    "traditional": lambda one, _: one.add_paragraph("全縣認真貫徹落實黨中央決策部署，經濟平穩。"),
}


def rtf(text: str) -> str:
    """A text as RTF writes it."""
    units = text.encode("utf-16-le")
    codes = struct.unpack(f"<{len(units) // 2}h", units)
    return "".join(chr(code) if 31 < code < 127 else f"\\u{code}?" for code in codes)


RTF = {
    "a footnote": rtf("办理案件132件") + "{\\super\\chftn{\\footnote\\pard\\plain "
    "{\\super\\chftn}" + rtf("含上年结转9件。") + "}}" + rtf("，同比下降3.2%。"),
    "an endnote": rtf("甲") + "{\\super\\chftn{\\footnote\\ftnalt\\pard\\plain {\\super\\chftn}"
    + rtf("尾注一。") + "}}" + rtf("乙。"),
    "a deletion": rtf("办理案件") + "{\\deleted 100}{\\revised 132}" + rtf("件。"),
    "a link": rtf("见") + '{\\field{\\*\\fldinst HYPERLINK "http://example.org/a"}{\\fldrslt '
    + rtf("县政府网站") + "}}" + rtf("。"),
    "hidden text": rtf("正文") + "{\\v " + rtf("隐藏的文字") + "}" + rtf("继续。"),
    "a text box": "{\\shp{\\*\\shpinst\\shpleft100\\shptop100\\shpright5000\\shpbottom2000"
    "{\\sp{\\sn shapeType}{\\sv 202}}{\\shptxt \\pard " + rtf("文本框中的一句话。") + "\\par}}}",
}  # fmt: skip
HEAD = "{\\rtf1\\ansi\\ansicpg936\\deff0{\\fonttbl{\\f0\\fcharset134 SimSun;}}"


def written(folder: Path) -> list[str]:
    """The documents, as .docx and .rtf; their names in order."""
    for at, make in enumerate(WORD.values()):
        rng, made = random.Random(at), docx.Document()
        made.add_heading(f"{PLACES[at % 9]}{2003 + at % 6}年法治政府建设工作报告", 0)
        make(made, rng)
        made.add_paragraph("（本报告由县司法局起草。）")
        made.save(str(folder / f"{at:02}.docx"))
    for at, own in enumerate(RTF.values(), start=len(WORD)):
        rng = random.Random(at)
        lines = [rtf(f"{PLACES[at % 9]}工作报告"), own, rtf(prose(rng)), rtf(prose(rng))]
        text = "".join(f"\\pard\\plain {line}\\par\n" for line in lines)
        (folder / f"{at:02}.rtf").write_text(f"{HEAD}{text}}}", "ascii")
    return [*WORD, *RTF]


def convert(kind: str, files: list[Path], out: Path) -> None:
    command = ["soffice", "--headless", "--convert-to", kind, "--outdir", out, *files]
    subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="the same: it takes half a minute")
    parser.add_argument("--keep", type=Path, help="where the documents stay")
    options = parser.parse_args()
    if not extras.here("doc") or not shutil.which("soffice"):
        print(f"nothing to measure: needs {extras.install('doc')} and LibreOffice")
        return
    with tempfile.TemporaryDirectory() as folder:
        place = options.keep or Path(folder)
        for name in ("made", "doc", "docx", "txt"):
            (place / name).mkdir(parents=True, exist_ok=True)
        names = written(place / "made")
        convert("doc:MS Word 97", sorted((place / "made").iterdir()), place / "doc")
        olds = sorted((place / "doc").iterdir())
        convert("docx", olds, place / "docx")
        convert("txt:Text (encoded):UTF8", olds, place / "txt")
        same = {"lines": 0, "text": 0}
        seconds = 0.0
        for name, old in zip(names, olds, strict=True):
            began = time.perf_counter()
            read = shown(reports.read(old).text)
            seconds += time.perf_counter() - began
            lines = read == shown(reports.read(place / "docx" / f"{old.stem}.docx").text)
            plain = shown((place / "txt" / f"{old.stem}.txt").read_text("utf-8-sig"))
            text = [cell for line in read for cell in shown(line.replace("\t", "\n"))] == plain
            same["lines"] += lines
            same["text"] += text
            print(f"{name:22}{'lines' if lines else '':8}{'text' if text else ''}")
    print(json.dumps({**same, "documents": len(names), "seconds": round(seconds, 1)}))


def shown(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


if __name__ == "__main__":
    main()

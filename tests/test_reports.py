"""Reports: bytes are read by evidence, and what cannot be read is refused in one sentence."""

import hashlib
from pathlib import Path

import docx
import pytest

from analysis.kit import InputError
from analysis.reading import reports

TEXT = "2022年法治政府建设年度报告\n坚持依法行政。\n"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_an_encoding_is_found_and_put_on_record(tmp_path: Path, encoding: str, found: str) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(TEXT.encode(encoding))
    source = reports.read(path)
    assert (source.text, source.encoding) == (TEXT, found)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.txt", b" \n", "is empty"),
        ("latin.txt", b"Annual report 2022", "no Chinese character"),
        ("binary.txt", b"\x89PNG\0\0", "not a text file"),
        ("broken.txt", b"\xe5\x8e\xa6\xff\xff\xe9", "save it as UTF-8"),
        ("broken.pdf", b"%PDF-1.7", "no PDF that can be read"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as .docx or .txt"),
        ("rich.rtf", b"{\\rtf1\\ansi}", "holds no Chinese text"),
        ("table.csv", "text\n厦门市\n".encode(), "gongbao add table.csv"),
        ("packed.zip", b"PK\x03\x04....", "is a packed file"),
        ("noise.txt", bytes(range(128, 255)), "is no text in"),
        ("not.docx", b"PK\x03\x04 no zip", "no Word document that can be read"),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence_that_says_what_to_do(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        reports.read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert said in str(caught.value)


def test_a_word_document_is_read_with_its_tables(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("泉州市2023年法治政府建设年度报告", 1)
    document.add_paragraph("　　一、办理案件1162件。")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ("事项", "数量", "行政复议", "35件"), strict=True):
        cell.text = text
    table.rows[1].cells[0].merge(table.rows[1].cells[1])
    document.add_paragraph("二、下一步打算。")
    document.save(str(tmp_path / "r.docx"))
    source = reports.read(tmp_path / "r.docx")
    assert source.encoding == "docx"
    assert source.sha256 == hashlib.sha256((tmp_path / "r.docx").read_bytes()).hexdigest()
    assert source.text.splitlines() == [
        "泉州市2023年法治政府建设年度报告",
        "　　一、办理案件1162件。",
        "事项\t数量",
        "行政复议 35件",
        "二、下一步打算。",
    ]


def test_a_short_page_is_its_text_without_its_menu_and_not_cut_at_links(tmp_path: Path) -> None:
    said = ("首页", "新闻", "公开")
    menu = "".join(f'<li><a href="/{at}">{one}</a></li>' for at, one in enumerate(said))
    text = '<p><span>办理</span><b>复议</b>案件120件，见<a href="/a">附件一</a>和<a>二</a>。</p>'
    title = "泉州市2023年法治政府建设年度报告"
    page = f"<title>{title}_泉州市人民政府</title><body><div><ul>{menu}</ul></div>{text}"
    (tmp_path / "r.html").write_text(f'<html><meta charset="utf-8">{page}', encoding="utf-8")
    read = reports.read(tmp_path / "r.html").text.splitlines()
    assert read == [title, "办理复议案件120件，见附件一和二。"]

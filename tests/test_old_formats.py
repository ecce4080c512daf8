"""Old formats: `.doc`, `.wps` and `.ofd` are read by the extra `formats`, and refused without it.

old_formats/report.doc was made by LibreOffice of a text of ours: headings, a table, a note, a
deleted number, hidden text.
"""

import io
import os
import zipfile
from pathlib import Path

import pytest

from analysis.kit import InputError
from analysis.reading import apart, extras, reports

DOC = (Path(__file__).parent / "old_formats" / "report.doc").read_bytes()
LINES = [
    "松溪县2008年依法行政工作报告",
    "一、主要做法",
    "全年办理行政复议案件46件，同比下降7.2%。",
    "事项\t受理\t审结",
    "行政复议\t46件\t43件",
    "行政应诉\t12件\t9件",
    "二、存在的问题",
    "执法力量仍然薄弱，个别单位重视不够。",
    "正文。",
    "含上年结转3件。",
]

needs = {
    kind: pytest.mark.skipif(not extras.here(kind), reason=f"needs {extras.install(kind)}")
    for kind in ("doc", "ofd")
}


def ofd(*pages: str, document: bool = True, more: tuple[tuple[str, str], ...] = ()) -> bytes:
    """An OFD document (GB/T 33190) of pages, each the objects of its layer."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    root = f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/>'
    root += "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    listed = "".join(
        f'<ofd:Page ID="{number + 1}" BaseLoc="Pages/Page_{number}/Content.xml"/>'
        for number in range(len(pages))
    )
    area = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    whole = f"<ofd:Document {space}><ofd:CommonData>{area}</ofd:CommonData>"
    whole += f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("OFD.xml", head + root)
        if document:
            packed.writestr("Doc_0/Document.xml", head + whole)
        for number, objects in enumerate(pages):
            layer = f'<ofd:Content><ofd:Layer ID="90">{objects}</ofd:Layer></ofd:Content>'
            page = f"{head}<ofd:Page {space}>{layer}</ofd:Page>"
            packed.writestr(f"Doc_0/Pages/Page_{number}/Content.xml", page)
        for name, said in more:
            packed.writestr(name, said)
    return made.getvalue()


def at(x: float, y: float, text: str, size: float = 5.0) -> str:
    """A text of full-width characters whose first stands at x, its baseline at y (mm)."""
    box = f'Boundary="{x} {y - size} {size * len(text)} {size + 1}"'
    return (
        f'<ofd:TextObject ID="9" {box} Font="1" Size="{size}"><ofd:TextCode X="0" Y="{size}" '
        f'DeltaX="g {len(text) - 1} {size}">{text}</ofd:TextCode></ofd:TextObject>'
    )


def lines(data: bytes, name: str) -> list[str]:
    return [one for one in reports.decode(data, name).text.splitlines() if one.strip()]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(InputError) as caught:
        reports.decode(data, name)
    assert str(caught.value).startswith(f"{name}: ")
    assert str(caught.value).endswith(".")
    return str(caught.value).removeprefix(f"{name}: ")


# -- without the extra


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (DOC, "r.doc", "is an old Word or WPS document (.doc, .wps), which an extra reads: "),
        (DOC, "r.wps", "is an old Word or WPS document (.doc, .wps), which an extra reads: "),
        (ofd(at(30, 40, "全年办理案件")), "r.ofd", "is an OFD document (.ofd), which an extra"),
    ],
)
def test_without_it_the_refusal_names_the_extra_and_another_way(
    data: bytes, name: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "here", lambda kind: False)
    found = refusal(data, name)
    assert found.startswith(said)
    assert 'pip install "gongbao[formats]"; or open it' in found


# -- .doc and .wps


@needs["doc"]
@pytest.mark.parametrize("name", ["r.doc", "r.wps", "r.txt"])
def test_a_word_document_of_1997_to_2003_reads_as_word_shows_it(name: str) -> None:
    assert lines(DOC, name) == LINES
    assert reports.decode(DOC, name).encoding == "doc"


@needs["doc"]
def test_a_damaged_one_is_refused_and_the_next_is_read() -> None:
    for cut in (600, 2000, 5000):  # zeros in place of what followed
        said = refusal(DOC[:cut] + bytes(64) + "WordDocument".encode("utf-16-le"), "r.doc")
        assert said.startswith("is no old Word document that can be read (")
        assert said.endswith("); open it and save it as .docx or .txt.")
    assert lines(DOC, "r.doc") == LINES


@needs["doc"]
def test_its_reader_writes_in_its_own_folder_only_which_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart.tempfile, "tempdir", str(tmp_path))
    assert apart.read("doc", DOC).startswith(LINES[0])
    assert [*tmp_path.iterdir()] == []
    monkeypatch.setattr(apart, "_own", [str(tmp_path)])
    flags = os.O_WRONLY | os.O_CREAT
    apart._refuse("open", (str(tmp_path / "a"), "w", flags))
    for other in (tmp_path / "a" / "b", tmp_path.parent / "a", tmp_path / ".." / "a"):
        with pytest.raises(RuntimeError, match="must not open"):
            apart._refuse("open", (str(other), "w", flags))
    with pytest.raises(RuntimeError, match=r"must not os\.rename"):
        apart._refuse("os.rename", (str(tmp_path / "a"), str(tmp_path.parent / "b"), -1, -1))


# -- .ofd


@needs["ofd"]
def test_its_lines_become_paragraphs_and_cells_stay_cells_whatever_their_order() -> None:
    first = "全年办理行政复议案件一百三十二件，同比下降百分之三，比上"
    second = "年少五件；办结率达到百分之九十八，按期办结率为百分之百，撤销"
    assert (len(first), len(second)) == (28, 30)
    page = (
        at(80, 30, "松溪县依法行政报告")
        + at(30, 66, "的有五件。")
        + at(40, 50, first[:14])
        + at(110, 50, first[14:28])  # touches what stands before it on the line
        + at(30, 58, second)
        + at(40, 80, "事项")
        + at(90, 80, "受理")
        + at(130, 80, "审结")
        + at(40, 88, "行政复议")
        + at(90, 88, "四十六")
        + at(130, 88, "四十三")
    )
    assert lines(ofd(page), "r.ofd") == [
        "松溪县依法行政报告",
        first + second + "的有五件。",
        "事项\t受理\t审结",
        "行政复议\t四十六\t四十三",
    ]


@needs["ofd"]
def test_a_paragraph_goes_on_over_the_page_and_what_is_drawn_twice_is_there_once() -> None:
    full = "加强行政执法人员培训，落实行政执法责任制，推进执法公开。规范"
    assert len(full) == 30
    one = at(40, 50, full[2:]) + at(30, 58, full) + at(30, 58, full)
    two = at(30, 30, "执法行为。") + at(40, 38, "下一步，继续推进。")
    text = lines(ofd(one, two), "r.ofd")
    assert text == [f"{full[2:]}{full}执法行为。", "下一步，继续推进。"]


@needs["ofd"]
def test_what_is_broken_or_locked_or_a_bomb_is_refused_by_a_sentence() -> None:
    good = at(30, 40, "全年办理案件")
    assert "is no OFD document that can be read" in refusal(ofd(good, document=False), "r.ofd")
    assert refusal(ofd(good)[:300] + ofd(good)[330:], "r.ofd")
    assert "is encrypted" in refusal(ofd(good, more=(("Encryptions.xml", "<a/>"),)), "r.ofd")
    bomb = ofd(good, more=(("Doc_0/Res/a.bin", "\0" * (201 << 20)),))
    assert "unpacks to more than 200 MB" in refusal(bomb, "r.ofd")
    assert "is no OFD document that can be read" in refusal(ofd(good, "&undefined;"), "r.ofd")
    assert lines(ofd(good), "r.ofd") == ["全年办理案件"]

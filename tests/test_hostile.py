"""Files from the open web and from colleagues' disks: read, or refused in one clear sentence.

Each class of bad input is a real file, made here; what is refused must stop nothing else and leave
nothing behind.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import docx
import pandas as pd
import pypdf
import pytest
import typst
from PIL import Image

from analysis import cli
from analysis.kit import InputError, encodings, font
from analysis.reading import apart, extras, reports
from analysis.study import Study, build, catalogue, sources, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TITLE = "泉州市2023年法治政府建设年度报告"
BODY = (
    "一、主要举措",
    "2023年，我市扎实推进法治政府建设，深入贯彻落实党的二十大精神，办理行政复议案件1162件，"
    "同比增长12.5%，行政机关负责人出庭应诉率达到百分之百，群众对法治建设的满意度不断提高。",
    "二、下一步打算",
    "2024年，我市将继续完善行政执法程序，健全依法决策机制。",
)
TEXT = "\n".join([TITLE, *BODY]) + "\n"
TRADITIONAL = "臺北市2023年法治政府建設年度報告\n依法行政，辦理訴願案件1162件，並檢討改進。\n"


# -- documents, made in the test ----------------------------------------------------------------


def pdf(paragraphs: tuple[str, ...] = (TITLE, *BODY)) -> bytes:
    """A PDF as a word processor makes it: lines broken at the margin, pages numbered."""
    text = (
        '#set page(paper: "a5", numbering: "— 1 —")\n#set text(font: "Noto Sans SC", size: 14pt)\n'
        "#set par(first-line-indent: (amount: 2em, all: true))\n" + "\n\n".join(paragraphs)
    )
    return typst.compile(
        text.encode(), font_paths=[str(font.file().parent)], ignore_system_fonts=True
    )  # fmt: skip


def scanned() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (300, 400), 200).save(stream, "PDF")
    return stream.getvalue()


def encrypted() -> bytes:
    writer, stream = pypdf.PdfWriter(io.BytesIO(pdf())), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


def page_bomb() -> bytes:
    """A page whose drawing takes 300 MB."""
    packed = zlib.compress(b"q " * (150 << 20), 9)
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    made, places = b"%PDF-1.5\n", []
    for number, part in enumerate(parts, start=1):
        places.append(len(made))
        made += b"%d 0 obj%sendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        made
        + b"xref\n0 5\n0000000000 65535 f \n%strailer<</Size 5/Root 1 0 R>>\nstartxref\n" % (table)
        + b"%d\n%%%%EOF" % len(made)
    )


def word(change: Callable[[str], str] = str, **more: bytes) -> bytes:
    """A Word document, its document.xml changed and with more files in it."""
    made, stream, changed = docx.Document(), io.BytesIO(), io.BytesIO()
    for line in (TITLE, *BODY):
        made.add_paragraph(line)
    made.save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if name == "word/document.xml" else data)
        for name, data in more.items():
            new.writestr(f"word/media/{name}", data)
    return changed.getvalue()


def entities(declared: str) -> Callable[[str], str]:
    """Puts a document type before a document's XML and an entity of it into its text."""

    def changed(xml: str) -> str:
        head, _, rest = xml.partition("?>")
        return f"{head}?><!DOCTYPE d [{declared}]>{rest.replace(TITLE, f'{TITLE}&last;')}"

    return changed


LAUGHS = '<!ENTITY a0 "法治政府">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
)


def web(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode()


ARTICLE = "".join(f"<p>　　{line}</p>" for line in BODY)
PAGE = web(
    '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/x">公开</a></li></ul></div>'
    f'<h1>{TITLE}</h1><div class="TRS_Editor">{ARTICLE}'
    "<table><tr><th>事项</th><th>数量</th></tr><tr><td>行政复议</td><td>1162件</td></tr></table>"
    "</div>"
    '<div class="footer"><p>主办：泉州市人民政府办公室 <a href="/map">网站地图</a></p></div>',
    f'<meta charset="big5"><title>{TITLE}_门户网站</title><script>var x = "脚本";</script>',
)


# -- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (TEXT, "utf-8", "utf-8"),
        (TEXT, "utf-8-sig", "utf-8-sig"),
        (TEXT, "gb18030", "gb18030"),
        (TEXT, "gb2312", "gb18030"),
        (TEXT, "utf-16", "utf-16"),
        (TEXT, "utf-16-le", "utf-16-le"),
        (TEXT, "utf-16-be", "utf-16-be"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "utf-16-le", "utf-16-le"),
    ],
)
def test_an_encoding_is_decided_by_the_characters_it_gives(
    text: str, encoding: str, found: str
) -> None:
    source = reports.decode(text.encode(encoding), "r.txt")
    assert (source.text, source.encoding) == (text, found)
    assert reports.decode(text.encode(encoding)[: len(TITLE) * 2], "r.txt").encoding == found


def test_a_byte_too_many_loses_a_character_and_is_told(tmp_path: Path) -> None:
    file = tmp_path / "cut.txt"
    file.write_bytes((TEXT * 9).encode("gb18030")[:-2])
    study = made(tmp_path)
    assert "1 characters were lost in reading it as gb18030" in str(study.add(file))
    assert study.reading[["encoding", "undecodable"]].to_numpy().tolist() == [["gb18030", 1]]
    assert [said for said in study.problems() if "were lost" in said]


def test_a_wrong_guess_shows_in_the_quality_of_the_reading(tmp_path: Path) -> None:
    wrong = TEXT.encode("gb18030").decode("big5hkscs", "replace")
    study = made(tmp_path)
    for name, text in (("right", TEXT), ("wrong", f"{TITLE}\n{wrong * 2}")):
        (tmp_path / f"{name}.txt").write_text(text, "utf-8")
        study.add(tmp_path / f"{name}.txt", report_id=name)
    share = study.reading.set_index("report_id")["rare_share"]
    assert share["right"] == 0
    assert share["wrong"] > 0.4
    assert [said for said in study.problems() if "may be the wrong encoding" in said]


def test_a_web_page_is_its_article() -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        source = reports.decode(PAGE.decode().encode(encoding), "p.html")
        assert source.text.splitlines() == [
            TITLE,
            *(line for line in source.text.splitlines()[1:5]),
            "事项\t数量",
            "行政复议\t1162件",
        ]
        assert [line.strip("　") for line in source.text.splitlines()[1:5]] == list(BODY)
        assert source.encoding == f"html {encoding}"
    assert reports.decode(PAGE, "named wrongly.txt").encoding == "html utf-8"


def test_a_pdf_is_its_paragraphs() -> None:
    long = "深入推进依法行政，" * 90 + "取得成效。"
    source = reports.decode(pdf((TITLE, *BODY, long)), "r.pdf")
    assert source.encoding == "pdf"
    assert [line.replace(" ", "") for line in source.text.splitlines()] == [TITLE, *BODY, long]


@pytest.mark.parametrize(
    ("name", "make"), [("r.pdf", pdf), ("r.html", lambda: PAGE), ("r.docx", word)]
)
def test_what_a_document_says_leads_back_to_its_file(
    name: str, make: Callable[[], bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_bytes(make())
    study = made(tmp_path)
    study.add(tmp_path / name)
    assert study.figures_found["value"].tolist()[:2] == [1162, 12.5]
    raw = study.restored("quanzhou-2023").raw
    for row in study.sentences.itertuples():
        assert raw[row.raw_start : row.raw_end] == row.text
    said = trace(study, "quanzhou-2023:s003")
    assert f"raw {raw.index('2023年，' if '2023年，' in raw else '2023 年，')}" in said
    assert cli.main(["restore", str(tmp_path / name)]) == 0
    assert capsys.readouterr().out == study.restored("quanzhou-2023").text


# -- what is refused ----------------------------------------------------------------------------


def made(folder: Path) -> Study:
    catalogue.new(folder / "mine")
    return Study(folder / "mine")


def sparse(path: Path, megabytes: int, start: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(megabytes << 20)


def written(data: bytes | Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data if isinstance(data, bytes) else data())


NESTED = "<div>" * (3 << 20) + TITLE
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.txt": (written(b""), "is empty"),
    "blank.txt": (written(b" \r\n\0\n"), "is empty"),
    "latin.txt": (written(b"Annual report 2022"), "no Chinese character"),
    "picture.txt": (written(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" * 9), "not a text file"),
    "noise.txt": (written(bytes(range(128, 256)) * 9), "is no text in UTF-8, GB18030, Big5"),
    "french.txt": (written("Rapport annuel, été à Genève".encode("latin-1")), "is no text in"),
    "big.txt": (lambda path: sparse(path, 500, TEXT.encode()), "has 500 MB; no report's file has"),
    "long.txt": (written(("法治\n" * 400_000).encode()), "1,200,000 characters"),
    "old.doc": (written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "has a password; open it and save"),
    "rich.rtf": (written(b"{\\rtf1 Annual report}"), "holds no Chinese text"),
    "scan.pdf": (
        written(scanned),
        "holds no Chinese text" if extras.here("scan") else "recognise its text (OCR)",
    ),
    "locked.pdf": (written(encrypted), "is encrypted; open it with its password"),
    "half.pdf": (written(lambda: pdf()[:5000]), "is no PDF that can be read"),
    "bomb.pdf": (written(page_bomb), "takes more than 3 seconds or 1024 MB"),
    "bomb.docx": (written(lambda: word(x=bytes(300 << 20))), "unpacks to more than 200 MB"),
    "laughs.docx": (
        written(lambda: word(entities(LAUGHS + '<!ENTITY last "&a9;">'))),
        "is no Word document that can be read",
    ),
    "deep.docx": (
        written(lambda: word(lambda xml: xml.replace("<w:body>", "<w:body>" + "<w:p>" * 99_999))),
        "is no Word document that can be read",
    ),
    "half.docx": (written(lambda: word()[:9000]), "is no Word document that can be read"),
    "deep.html": (written(lambda: web(NESTED)), "is nested deeper than a page is"),
    "deep50.html": (
        written(lambda: web("<div>" * 10_500_000)),
        "no report's file has more than 16",
    ),
    "menu.html": (written(lambda: web("<p>Home</p>")), "character (read as html utf-8)"),
    "packed.zip": (written(b"PK\x03\x04" + bytes(40)), "is a packed file"),
    "table.csv": (written(b"a,b\n1,2\n"), "`gongbao add table.csv`"),
    "folder.txt": (Path.mkdir, "is a folder; name the files in it"),
    "pipe.txt": (os.mkfifo, "a device or a pipe"),
    "two\nlines.txt": (written(b""), "is empty"),
    "-dash.txt": (written(b""), "is empty"),
    "\x1b[2Jbell\x07.txt": (written(b""), "is empty"),
    "nowhere.txt": (lambda path: path.symlink_to("gone.txt"), "no such file"),
    "vanished.txt": (lambda path: None, "no such file"),
}
"""Name of a file → how it is made, and what must be said of it."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all files that must be refused."""
    folder = tmp_path_factory.mktemp("hostile") / "files"
    folder.mkdir()
    for name, (make, _) in REFUSED.items():
        make(folder / name)
    return folder


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_soon_with_its_name_and_what_to_do(name: str, hostile: Path) -> None:
    began = time.monotonic()
    with pytest.raises(InputError) as caught:
        reports.read(hostile / name)
    assert time.monotonic() - began < apart.WAIT  # on a machine that does other work as well
    said = str(caught.value)
    assert REFUSED[name][1] in said
    assert said.isprintable()
    assert said.startswith(str(hostile))
    assert said.endswith(".")
    assert apart.read("html", PAGE).startswith(TITLE)  # whatever happened, the next one is read


def test_a_batch_goes_on_behind_bad_files(
    hostile: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    study = made(tmp_path)
    (hostile / "good.txt").write_text(TEXT, "utf-8")
    monkeypatch.chdir(hostile)
    names = [*REFUSED, "good.txt", "good.txt"]
    assert cli.main(["add", "--data", str(study.path), "--", *names]) == cli.REFUSED
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(REFUSED) + 1
    assert "good.txt: is the same file as good.txt." in lines
    assert [row.report_id for row in Study(study.path).reports.itertuples()] == ["quanzhou-2023"]
    assert [path.name for path in (study.path / "reports").iterdir()] == ["quanzhou-2023.txt"]
    (hostile / "good.txt").unlink()


def test_a_corpus_lists_bad_files_and_takes_the_others(hostile: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts"
    texts.mkdir()
    left_out = {
        "vanished.txt",
        "folder.txt",
        "pipe.txt",
        "table.csv",
    }  # no files, or read as a table
    for name in REFUSED.keys() - left_out:
        os.link(hostile / name, texts / name, follow_symlinks=False)
    (texts / "good.txt").write_text(TEXT, "utf-8")
    (texts / "good.html").write_bytes(PAGE.replace("泉州".encode(), "漳州".encode()))
    secret = tmp_path / "secret.txt"
    secret.write_text(TEXT.replace("泉州", "莆田"), "utf-8")
    (texts / "link.txt").symlink_to(secret)
    with ThreadPoolExecutor(1) as executor:
        result = build.build([str(texts)], tmp_path / "corpus", executor=executor)
    corpus = Study(tmp_path / "corpus")
    assert set(corpus.reports["region"]) == {"泉州市", "漳州市"}
    said = {Path(row.path).name: row.reason for row in result.failures.itertuples()}
    assert said.pop("link.txt").startswith("the path leaves its folder")
    assert set(said) == REFUSED.keys() - left_out
    for name, reason in said.items():
        assert REFUSED[name][1] in reason


def test_a_file_that_goes_while_a_corpus_is_built_is_a_failure(tmp_path: Path) -> None:
    texts, corpus = tmp_path / "texts", tmp_path / "corpus"
    texts.mkdir()
    corpus.mkdir()
    (texts / "gone.txt").write_text(TEXT, "utf-8")

    (texts / "other.txt").write_text(TEXT.replace("泉州", "莆田"), "utf-8")

    def identify(asked: list[sources.Asked]) -> list[dict[str, object]]:
        (texts / "gone.txt").unlink()
        return [sources.identified(corpus, one) for one in asked]

    found = sources.find([str(texts)], corpus, identify)
    assert found.failures["reason"].tolist() == ["no such file."]


def test_a_file_without_the_right_to_read_it_is_refused() -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        file = Path(folder) / "private.txt"
        file.write_text(TEXT, "utf-8")
        file.chmod(0)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)  # root may read everything
        try:
            with pytest.raises(InputError, match=r"private.txt: may not be read by you; ask"):
                reports.read(file)
        finally:
            if root:
                os.seteuid(0)


def test_a_catalogue_leads_to_nothing_outside_the_study(tmp_path: Path) -> None:
    study = made(tmp_path)
    (tmp_path / "secret.txt").write_text(TEXT, "utf-8")
    (study.path / "reports" / "link.txt").symlink_to(tmp_path / "secret.txt")
    sha256 = reports.read(tmp_path / "secret.txt").sha256
    for path in (str(tmp_path / "secret.txt"), "../secret.txt", "reports/link.txt"):
        row = f"a,泉州市,city,,2023,,,,{path},{sha256},utf-8\n"
        header = (
            "report_id,region,level,issuer,year,published,title,source_url,path,sha256,encoding"
        )
        (study.path / "reports.csv").write_text(f"{header}\n{row}", "utf-8")
        with pytest.raises(InputError, match="leaves the study"):
            Study(study.path).source("a")
        texts = [str(study.path / "reports.csv"), str(study.path)]
        for given in texts:
            with pytest.raises(InputError, match="leaves its folder"):
                sources.find([given], tmp_path, lambda asked: [{} for _ in asked])


def test_ids_and_files_that_stand_twice_are_told(tmp_path: Path) -> None:
    study = made(tmp_path)
    file = tmp_path / "r.txt"
    file.write_text(TEXT, "utf-8")
    study.add(file, report_id="a")
    with pytest.raises(InputError, match="is in the study already, as a"):
        study.add(file, report_id="b")
    file.write_text(TEXT + "完。\n", "utf-8")
    with pytest.raises(InputError, match="the id 'a' is taken"):
        study.add(file, report_id="a")
    listed = pd.read_csv(study.path / "reports.csv", encoding="utf-8-sig")
    twice = pd.concat([listed, listed.assign(report_id="b")])
    twice.to_csv(study.path / "reports.csv", index=False)
    assert any("is the file of a too" in said for said in Study(study.path).problems())
    pd.concat([listed, listed]).to_csv(study.path / "reports.csv", index=False)
    with pytest.raises(InputError, match=r"reports.csv:3: report_id 'a' stands twice"):
        _ = Study(study.path).reports


# -- nothing is loaded, nothing is run ----------------------------------------------------------


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, and what it was asked for."""
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    running = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()


def test_a_document_loads_nothing_from_elsewhere(
    server: tuple[str, list[str]], tmp_path: Path
) -> None:
    place, asked = server
    secret = tmp_path / "secret.txt"
    secret.write_text("机密", "utf-8")
    outside = f'<!DOCTYPE html SYSTEM "{place}/x.dtd" [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    body = "".join(
        f'<{tag} src="{place}/{tag}" href="{place}/{tag}" data="{place}/{tag}"></{tag}>'
        for tag in ("img", "script", "iframe", "link", "object", "embed", "base", "source")
    )
    head = f'<meta http-equiv="refresh" content="0;url={place}/meta"><style>@import "{place}/css"'
    page = f"<html><head>{head}</style></head><body>{body}{ARTICLE}<p>&e;</p></body></html>"
    included = f'<p xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="{secret}"/></p>'
    made = {
        "a.html": (outside + page).encode(),
        "b.html": f'<?xml version="1.0"?>{outside}{page}{included}'.encode(),
        "c.docx": word(entities(f'<!ENTITY last SYSTEM "{secret.as_uri()}">')),
        "d.docx": word(entities(f'<!ENTITY last SYSTEM "{place}/entity">')),
        "e.docx": word(entities(f'<!ENTITY % p SYSTEM "{place}/dtd"> %p; <!ENTITY last "">')),
    }
    for name, data in made.items():
        assert "机密" not in reports.decode(data, name).text
    assert asked == []


def test_the_reading_process_can_neither_connect_nor_start_nor_write(tmp_path: Path) -> None:
    code = (
        "import sys, os, socket, subprocess; from analysis.reading import apart\n"
        "sys.addaudithook(apart._refuse)\n"
        "def no(what):\n"
        "    try: what()\n"
        "    except RuntimeError as error: print(error)\n"
        "no(lambda: socket.create_connection(('127.0.0.1', 9)))\n"
        "no(lambda: subprocess.run(['true']))\n"
        "no(lambda: os.system('true'))\n"
        "no(lambda: open('written', 'w'))\n"
        "no(lambda: os.open('written', os.O_CREAT | os.O_WRONLY))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert len(ran.stdout.splitlines()) == 5, ran.stdout + ran.stderr
    assert not list(tmp_path.iterdir())


def test_reading_imports_nothing_from_the_folder_of_the_files(tmp_path: Path) -> None:
    for name in ("json", "docx", "lxml", "trafilatura", "pypdfium2", "analysis"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n", "utf-8")
    for name, data in (("r.html", PAGE), ("r.docx", word()), ("r.pdf", pdf())):
        (tmp_path / name).write_bytes(data)
        command = [str(Path(sys.executable).with_name("gongbao")), "restore", name]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert ran.stdout.replace(" ", "").startswith(TITLE)
    assert not (tmp_path / "run").exists()


def test_a_reading_process_that_was_killed_is_replaced_and_ends_with_its_parent() -> None:
    assert apart.read("html", PAGE).startswith(TITLE)
    apart._here["documents"].process.kill()
    apart._here["documents"].process.wait()
    assert apart.read("html", PAGE).startswith(TITLE)
    code = (
        "from analysis.reading import apart; apart.read('docx', open(0, 'rb').read())\n"
        "print(apart._here['documents'].process.pid, flush=True)\n"
        "import os; os.kill(os.getpid(), 9)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], input=word(), capture_output=True, check=False
    )
    child = int(ran.stdout)
    until = time.monotonic() + 20
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < until:
        if b"apart" not in Path(f"/proc/{child}/cmdline").read_bytes():
            break  # ended, and waits for whoever adopted it
        time.sleep(0.05)
    else:
        assert not shutil.which("ps") or not Path(f"/proc/{child}").exists()


def test_the_quality_of_a_text_counts_what_is_lost_and_rare() -> None:
    assert encodings.quality("法治ab é\ufffd龘") == (4, 1, 1)
    assert encodings.quality("plain").common == 1

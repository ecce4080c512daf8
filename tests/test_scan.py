"""Pages that are pictures: recognised by the extra `scan`, doubts told wherever a number goes.

Most tests lay out a transcript written here, as a study keeps one: they need no extra.
"""

import base64
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pypdfium2
import pytest
import typst
from PIL import Image, ImageDraw, ImageFont

import analysis as gb
from analysis import cli
from analysis.batch import heldback
from analysis.indicators import review
from analysis.kit import InputError, ProblemsError, font
from analysis.reading import apart, extras, reports, transcript
from analysis.study import catalogue

TITLE = "松溪县2008年依法行政工作报告"
LINES = [
    TITLE,
    "一、主要做法",
    "2008年，松溪县办理行政复议案件132件，同比下降7.2%，审结",
    "率达到98.5%。",
    "二、存在的问题",
    "执法力量仍然薄弱，个别单位重视不够。",
    "三、下一步打算",
    "2009年，力争行政复议按期办结率达到100%。",
]
PARAGRAPHS = [*LINES[:2], LINES[2] + LINES[3], *LINES[4:]]
WIDTH, HEIGHT, SIZE, LEFT, RIGHT = 595, 842, 16, 80, 80 + 33 * 16
SCALE = 2

needs_scan = pytest.mark.skipif(not extras.here("scan"), reason=f"needs {extras.install('scan')}")


def placed() -> list[tuple[str, float, float]]:
    """The lines of the page with left and top, in points; paragraphs are indented."""
    found = []
    for at, line in enumerate(LINES):
        left = LEFT + (160 if at == 0 else 0 if at == 3 else 32)
        found.append((line, float(left), 90.0 + 28 * at))
    return found


def page() -> Image.Image:
    """A page of A4 with the lines on it."""
    picture = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE), 255)
    pen = ImageDraw.Draw(picture)
    drawn = ImageFont.truetype(str(font.file("Noto Sans SC")), SIZE * SCALE)
    for line, left, top in placed():
        pen.text((left * SCALE, top * SCALE), line, font=drawn, fill=0)
    return picture


def saved(picture: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    more = {"resolution": 72 * SCALE} if kind == "PDF" else {}
    picture.convert("RGB" if kind == "PDF" else "L").save(made, kind, **more)
    return made.getvalue()


SCAN = saved(page(), "PDF")


def made_up(data: bytes, doubts: dict[str, int], number: int = 1) -> transcript.Transcript:
    """What might be recognised of the page: all of it, some characters with a lower score."""
    lines: list[dict[str, Any]] = []
    for text, left, top in placed():
        wide = sum(SIZE if ord(char) > 0x2E7F else SIZE / 2 for char in text)
        scores = [99] * len(text)
        for said, score in doubts.items():
            if said in text:
                scores[text.index(said) : text.index(said) + len(said)] = [score] * len(said)
        box = [left, HEIGHT - top - SIZE - 2, left + wide, HEIGHT - top + 2]
        lines.append({"text": text, "box": box, "scores": scores})
    lines[2]["box"][2] = RIGHT - 40  # which fills its line
    pages = {str(number): {"width": WIDTH, "height": HEIGHT, "lines": lines}}
    sha256 = reports.hashlib.sha256(data).hexdigest()
    return transcript.Transcript(sha256, "made up", pages)


def keep(folder: Path, made: transcript.Transcript) -> None:
    place = folder / transcript.place(made.sha256)
    place.parent.mkdir(exist_ok=True)
    place.write_text(made.json(), encoding="utf-8")


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """No extra is installed."""
    monkeypatch.setattr(extras, "here", lambda kind: False)


@pytest.fixture
def study(tmp_path: Path, without: None) -> gb.Study:
    """A study with the scan in it, the 3 of `132件` and the 力 of `力量` unsure."""
    catalogue.new(tmp_path / "study", "sample")
    keep(tmp_path / "study", made_up(SCAN, {"132"[1:2] + "2件": 61, "力量": 40}))
    (tmp_path / "scan.pdf").write_bytes(SCAN)
    found = gb.Study(tmp_path / "study")
    found.add(tmp_path / "scan.pdf")
    return gb.Study(tmp_path / "study")


# -- without the extra


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("PDF", "has no text: page 1 is a picture, which an extra reads: "),
        ("PNG", "is not a text file but a picture, which an extra reads: "),
        ("JPEG", "is not a text file but a picture, which an extra reads: "),
        ("TIFF", "is not a text file but a picture, which an extra reads: "),
    ],
)
def test_without_it_the_refusal_names_the_extra(kind: str, said: str, without: None) -> None:
    with pytest.raises(InputError) as caught:
        reports.decode(saved(page(), kind), "r.txt")
    assert str(caught.value) == (
        f'r.txt: {said}pip install "gongbao[scan]"; or let a program recognise its text (OCR) and '
        "save it as .txt."
    )


def mixed() -> bytes:
    """A page of text, then the scan."""
    text = f'#set text(font: "Noto Sans SC")\n{TITLE}\n\n全年办理案件四十六件。'
    folder = str(font.file("Noto Sans SC").parent)
    written = pypdfium2.PdfDocument(typst.compile(text.encode(), font_paths=[folder]))
    written.import_pages(pypdfium2.PdfDocument(SCAN))
    made = io.BytesIO()
    written.save(made)
    return made.getvalue()


def test_a_page_of_a_pdf_that_is_a_picture_is_not_passed_over_in_silence(
    tmp_path: Path, without: None
) -> None:
    data = mixed()
    source = reports.decode(data, "r.pdf")
    assert "全年办理案件四十六件。" in source.text
    assert source.encoding == "pdf"
    assert source.unread[0].startswith("page 2 is a picture and not read, which an extra reads")
    keep(tmp_path, made_up(data, {}, number=2))
    both = reports.decode(data, "r.pdf", tmp_path)
    assert both.unread == ()
    assert both.encoding == "pdf ocr"
    assert both.text.index("全年办理案件四十六件。") < both.text.index(LINES[5])
    catalogue.new(tmp_path / "study", "sample")
    (tmp_path / "r.pdf").write_bytes(data)
    study = gb.Study(tmp_path / "study")
    assert "page 2 is a picture and not read" in str(study.add(tmp_path / "r.pdf"))
    assert any("page 2 is a picture" in said for said in gb.Study(tmp_path / "study").problems())


# -- what was recognised, kept


def test_it_is_laid_out_as_text_and_every_line_knows_its_place(
    tmp_path: Path, without: None
) -> None:
    made = made_up(SCAN, {"132件": 61})
    keep(tmp_path, made)
    source = reports.decode(SCAN, "r.pdf", tmp_path)
    assert source.text.splitlines() == PARAGRAPHS
    assert source.scan
    lines = source.scan.pages["1"]["lines"]
    found = {place.line: source.text[place.start : place.end] for place in source.scan.places}
    assert found == {at: line["text"] for at, line in enumerate(lines)}
    (unsure,) = source.scan.unsure()
    assert source.text[unsure.start : unsure.end] == "132件"
    assert (unsure.page, unsure.line, unsure.score) == (1, 2, 61)
    mean = 0.99 - 4 * 0.38 / len("".join(LINES))
    assert source.scan.said() == (
        f"1 page recognised by OCR, mean score {mean:.3f}; 1 of 8 lines hold characters below 0.90 "
        "(4 in all)"
    )
    shown = reports.decode(saved(page(), "PNG"), "r.png", kept_as(tmp_path, "PNG"))
    assert shown.text == source.text
    assert shown.encoding == "png ocr"


def kept_as(folder: Path, kind: str) -> Path:
    keep(folder, made_up(saved(page(), kind), {}))
    return folder


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 1', '"format": 9'),
        ('"scores": [99, ', '"scores": ['),
        ('"pages": {', '"pages": [{'),
        ('"box": [', '"box": [7, '),
        ('"made up", "pages"', '"made up", "page"'),
    ],
)
def test_a_damaged_one_is_refused_by_name(
    tmp_path: Path, without: None, old: str, new: str
) -> None:
    made = made_up(SCAN, {})
    keep(tmp_path, made)
    place = tmp_path / transcript.place(made.sha256)
    said = place.read_text("utf-8")
    assert old in said
    place.write_text(said.replace(old, new, 1), "utf-8")
    with pytest.raises(InputError, match=r"is damaged .* the pages are recognised again"):
        reports.decode(SCAN, "r.pdf", tmp_path)


# -- doubts


def test_what_is_unsure_is_an_edit_that_changes_nothing(study: gb.Study) -> None:
    edits = study.edits[study.edits["rule"] == "ocr"]
    assert edits[["before", "after", "certainty"]].to_numpy().tolist() == [
        ["32件", "32件", "likely"],
        ["力量", "力量", "likely"],
    ]
    assert edits["note"].str.startswith("OCR: page 1, line ").all()
    (key,) = study.reports["report_id"]
    restored = study.restored(key)
    for edit in edits.itertuples():
        assert restored.raw[edit.raw_start : edit.raw_end] == edit.before
    assert study.reports["encoding"].tolist() == ["pdf ocr"]


def test_adding_and_checking_say_how_it_was_read(
    study: gb.Study, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["--data", str(study.path), "check"]) == 0
    said = capsys.readouterr().out
    assert "1 page recognised by OCR, mean score 0.9" in said
    assert "2 of 8 lines hold characters below 0.90 (5 in all)" in said
    other = tmp_path / "other"
    catalogue.new(other, "sample")
    keep(other, made_up(SCAN, {}))
    added = str(gb.Study(other).add(tmp_path / "scan.pdf"))
    assert "read as pdf ocr" in added
    assert "no character of its 8 lines is below 0.90" in added


def test_a_figure_with_an_unsure_digit_is_verified_with_a_note_only_and_says_so(
    study: gb.Study, tmp_path: Path
) -> None:
    figures = study.decided.figures.set_index("quote")["damaged"]
    assert figures.to_dict() == {"132件": "ocr", "7.2%": "", "98.5%": "", "100%": ""}
    place = tmp_path / "review.xlsx"
    book = study.indicator_codebook
    review.write_workbook(study.undecided, book.names("zh"), place)
    ids = [*book.indicators]
    signed = review.read_workbook(place, study.undecided, ids, accept="甲")
    assert sorted(signed["quote"]) == ["100%", "7.2%", "98.5%"]
    row = study.undecided.set_index("quote", drop=False).loc["132件"].to_dict()
    asked = {"decision": "verified", "coder": "甲", "indicator_id": ids[0]}
    with pytest.raises(ProblemsError, match="OCR read with little certainty: look at the page"):
        review.decision(row, ids, **asked)
    decided = review.decision(row, ids, **asked, note="看过原页")
    placed_ = review.place(study.decided.figures.drop(columns=list(review._DECIDED)), decided)
    (note,) = review.curated(placed_.figures, study.reports)["note"]
    assert note == "看过原页; OCR was unsure of a character of it"


def test_a_curated_figure_on_an_unsure_digit_is_told_by_check(study: gb.Study) -> None:
    found = study.decided.figures.set_index("quote", drop=False).loc[["132件", "98.5%"]]
    rows = []
    for row in found.to_dict("records"):
        own = {name: row.get(name, "") for name in gb.tables.COLUMNS["indicators"]}
        own |= {"region": "松溪县", "year": 2008, "indicator_id": "gdp_growth", "source_id": ""}
        rows.append(own | {"status": "verified", "definition": "", "note": ""})
    gb.tables.write(pd.DataFrame(rows), study.path / "indicators.csv")
    said = [one for one in gb.Study(study.path).problems() if "OCR" in one]
    assert len(said) == 1
    assert "the figure '132件' (verified) holds a character that OCR read with little" in said[0]


def test_evidence_shows_the_line_and_methods_say_that_it_was_recognised(
    study: gb.Study, tmp_path: Path
) -> None:
    study.words.frequency().save(tmp_path / "out")
    (folder,) = (tmp_path / "out").iterdir()
    said = json.loads((folder / "evidence.json").read_text("utf-8"))
    edits = [edit for one in said["sentences"].values() for edit in one["edits"]]
    pictures = [edit["picture"] for edit in edits if "picture" in edit]
    assert pictures
    for one in pictures:
        line = Image.open(io.BytesIO(base64.b64decode(one)))
        assert line.width > 5 * line.height
        assert min(line.convert("L").getextrema()) < 60  # something is printed there
    shown = (folder / "evidence.html").read_text("utf-8")
    assert f'src="data:image/png;base64,{pictures[0]}"' in shown
    assert "recognised by a program (OCR); at 2 places" in (folder / "methods.en.md").read_text(
        "utf-8"
    )
    assert "of 2 recorded places" not in (folder / "methods.en.md").read_text("utf-8")
    record = json.loads((folder / "provenance.json").read_text("utf-8"))
    assert any(name.startswith("scans/") for name in record["tables"])


def test_a_transcript_that_changes_makes_the_tables_anew(study: gb.Study) -> None:
    assert len(study.edits) == 2
    keep(study.path, made_up(SCAN, {"7.2%": 50}))
    again = gb.Study(study.path)
    assert again.edits["before"].tolist() == ["7.2%"]


def test_a_report_held_back_leaves_nothing_of_it_and_its_tables_hold(study: gb.Study) -> None:
    known = gb.tables.read(study.path / "reports.csv", "reports")
    gb.tables.write(known.assign(share="no"), study.path / "reports.csv")
    whole = gb.Study(study.path)
    before = whole.provenance({})["tables"]
    heldback.keep([whole], heldback.of(whole))
    (left,) = (study.path / "scans").iterdir()
    assert left.suffix == ".sha256"
    packed = gb.Study(study.path)
    assert packed.held_back == set(known["report_id"])
    assert len(packed.edits) == 2
    assert set(packed.edits["before"]) == {"□□□", "□□"}
    seen = {name: one for name, one in before.items() if name.startswith("scans/")}
    assert seen.items() <= packed.provenance({})["tables"].items()


# -- with the extra


@needs_scan
@pytest.mark.parametrize("kind", ["PDF", "PNG", "TIFF"])
def test_a_clean_page_is_read_as_it_stands(kind: str, tmp_path: Path) -> None:
    data = saved(page(), kind)
    source = reports.decode(data, "r.bin", tmp_path)
    assert source.text.splitlines() == PARAGRAPHS
    assert source.scan
    assert source.scan.fresh
    assert source.scan.engine.startswith("rapidocr ")
    catalogue.keep_scan(tmp_path, source)
    again = reports.decode(data, "r.bin", tmp_path)
    assert again.scan
    assert not again.scan.fresh
    assert again.text == source.text


@needs_scan
def test_what_is_no_picture_or_too_large_is_refused_and_the_next_is_read() -> None:
    whole = saved(page(), "PNG")
    large = saved(Image.new("1", (20_000, 20_000)), "PNG")
    for data, said in (
        (whole[: len(whole) // 2], "is no picture that can be read"),
        (large, "is no picture that can be read"),
        (saved(Image.new("L", (300, 300), 255), "PNG"), "holds no Chinese text"),
    ):
        with pytest.raises(InputError, match=said):
            reports.decode(data, "r.png")
    assert apart.ask(apart.SCAN, whole)[1]["pages"]["1"]["lines"]

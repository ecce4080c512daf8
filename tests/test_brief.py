"""Reports of a rendered unit: they need nothing else and say what its bundles say."""

import base64
import io
import json
import re
import shutil
import zipfile
from pathlib import Path

import docx
import lxml.html
import openpyxl
import pandas as pd
import pypdf
import pytest
from fontTools.ttLib import TTFont

from analysis.bundle import references
from analysis.kit import InputError, files
from analysis.kit import html as kit_html
from analysis.pages import brief, office, paper


@pytest.fixture(scope="module")
def unit(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One notebook rendered for the bundled study, with a caption whether or not it has one."""
    run = shutil.copytree(rendered, tmp_path_factory.mktemp("run") / "out")
    unit = Path(run, "theme_coverage")
    (unit / "theme_coverage" / "caption.zh.txt").write_text("各主题的句数 <b>&\n", encoding="utf-8")
    return unit


@pytest.fixture(scope="module")
def html(unit: Path) -> str:
    (path,) = brief.write(unit, "zh")
    return path.read_text(encoding="utf-8")


def test_no_request_leaves_the_html_file(html: str) -> None:
    outside = re.findall(r'<[^a][^>]*\b(?:src|href)="(?!#|data:)([^"]*)"', html)
    assert outside == []
    assert not re.findall(r"url\((?!#|data:|['\"]?#)", html)
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_the_html_file_is_small_and_its_links_lead_somewhere(html: str) -> None:
    assert len(html.encode()) < 6_000_000
    names = re.findall(r'\bid="([^"]+)"', html)
    assert len(names) == len(set(names))
    for target in set(re.findall(r'xlink:href="#([^"]+)"', html)):
        assert target in names, target


def test_a_caption_is_the_figures_caption_and_its_text_for_ears(html: str) -> None:
    assert '-caption">各主题的句数 &lt;b&gt;&amp;</span> <small>' in html
    assert 'aria-label="各主题的句数 &lt;b&gt;&amp;"' in html


def test_every_figure_stands_in_the_html_as_vectors_and_code_is_folded(
    html: str, unit: Path
) -> None:
    figures = {path.parent.name for path in unit.glob("*/figure.svg")}
    assert set(re.findall(r'<figure [^>]*\bid="(\w+)"', html)) == figures
    assert html.count('<svg role="graphics-document document"') == len(figures)
    assert html.count('<details class="code">') >= len(figures)
    assert html.count('<li class="h2">') == len(re.findall("<h2 id=", html)) > 0
    assert "data:font/otf;base64," in html


def test_columns_are_called_in_the_pages_language_and_keep_their_names(unit: Path) -> None:
    for lang, said in (("zh", "总字数"), ("en", "All characters")):
        text = brief.report(unit, lang)
        assert f'<th scope="col" title="N_chars">{said}</th>' in text  # the data of a figure
        assert f'<dt title="N_chars">{said}<dd>' in text  # its evidence
        assert ">N_chars<" not in text
        assert ">primary_theme<" not in text  # of a table that a cell returned
        assert 'title="primary_theme"' in text


def test_a_report_says_what_its_bundles_evidence_says(unit: Path, html: str) -> None:
    """The rows of a figure, its sentences once for all figures, and nothing of the page's frame."""
    tree = lxml.html.document_fromstring(html)
    facts = [json.loads(path.read_text("utf-8")) for path in unit.glob("*/evidence.json")]
    assert len(facts) == 5
    rows = {f"{one['figure']}-{row['mark']}": row for one in facts for row in one["rows"]}
    assert {node.get("id") for node in tree.xpath("//div[@class='evidence']//section")} <= {*rows}
    for name, row in rows.items():
        (section,) = tree.xpath(f"//section[@id='{name}']")
        assert len(section.xpath("./ol/li")) == len(row["evidence"]), name
    sentences = {name for one in facts for name in one["sentences"]}
    trails = tree.xpath("//details[contains(@class, 'trails')]/section/@id")
    sources = {name for one in facts for name in one["sources"]}
    assert sorted(trails) == sorted(sentences | sources)


def test_a_bundle_without_evidence_is_linked_to_what_stands_beside_it(unit: Path) -> None:
    evidence = unit / "theme_coverage" / "evidence.json"
    kept = evidence.read_bytes()
    evidence.unlink()
    try:
        text = brief.report(unit, "zh")
    finally:
        evidence.write_bytes(kept)
    assert 'href="theme_coverage/evidence.html#r1"' in text
    assert 'href="#theme_sections-r1"' in text


def test_a_table_of_a_cell_loses_its_styles_and_stays_text() -> None:
    text = (
        "<style>td{color:red}</style><!-- a --><table border='1' style='x'><thead><tr><th>n</th>"
        "<th>&lt;b&gt;</th></tr></thead><tr><td>a &amp; &lt;i&gt;</td></tr></table>"
    )
    shown = brief._bare(text, "en", {})
    assert '<table><thead><tr><th title="n">Count</th><th title="&lt;b&gt;">&lt;b&gt;' in shown
    assert "<td>a &amp; &lt;i&gt;</td>" in shown
    assert "style" not in shown


def test_a_report_has_one_language(unit: Path) -> None:
    zh, en = brief.report(unit, "zh"), brief.report(unit, "en")
    assert '<html lang="zh-Hans">' in zh
    assert "<title>主题覆盖</title>" in zh
    assert '<html lang="en">' in en
    assert "<title>Theme coverage</title>" in en


def test_the_pdf_has_chinese_text_in_embedded_fonts(unit: Path) -> None:
    data = brief.pdf(unit, "zh")
    reader = pypdf.PdfReader(io.BytesIO(data))
    text = "".join(one.extract_text() for one in reader.pages)
    assert "各主题的句数 <b>&" in text
    assert "主题覆盖" in text
    for one in reader.pages:
        for font in one["/Resources"]["/Font"].values():
            (inner,) = font.get_object()["/DescendantFonts"]
            assert "/FontFile3" in inner.get_object()["/FontDescriptor"]
    assert reader.metadata.get("/CreationDate") is None
    assert brief.pdf(unit, "zh") == data


def test_the_word_document_has_captions_headings_and_alt_texts(unit: Path) -> None:
    data = brief.docx([unit], "zh")
    document = docx.Document(io.BytesIO(data))
    below = [p for p in document.paragraphs if p.style.name == "Caption"]
    captions = ["".join(p._p.xpath(".//w:t/text()")) for p in below]
    figures = [one for one in captions if re.match(r"图 \d", one)]
    assert len(figures) == len(document.inline_shapes) == len([*unit.glob("*/figure.png")])
    assert figures[0].startswith("图 1  各主题的句数 <b>& #")
    assert captions.index("表 1  图 1 的数据") == 1
    said = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert said[0] == "各主题的句数 <b>&"
    svg = (unit / "theme_coverage" / "figure.svg").read_text("utf-8")
    wide, high = map(float, re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2])
    first = document.inline_shapes[0]
    assert first.width.inches == pytest.approx(1.25 * wide / 72, abs=0.01)
    assert first.height / first.width == pytest.approx(high / wide, abs=0.01)
    assert max(shape.width.cm for shape in document.inline_shapes) <= 15
    assert max(shape.height.cm for shape in document.inline_shapes) <= 17.1
    table = document.tables[0]
    cells = [cell.text for cell in table.columns[0].cells]
    assert cells[0] == "主题"
    assert sum(cell.width.cm for cell in table.rows[0].cells) == pytest.approx(15, abs=0.05)
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads == ["主题覆盖", "方法", "参考文献"]
    assert 'w:eastAsia="宋体"' in document.styles.element.xml
    assert brief.docx([unit], "zh") == data


def test_a_document_has_one_methods_section_and_one_list_of_references(unit: Path) -> None:
    """Every sentence of every figure's methods once; every reference once, its address readable."""
    document = docx.Document(io.BytesIO(brief.docx([unit], "zh")))
    texts = ["".join(p._p.xpath(".//w:t/text()")) for p in document.paragraphs]
    assert texts.count("方法") == texts.count("参考文献") == 1
    methods = "".join(texts[texts.index("方法") : texts.index("参考文献")])
    listed = texts[texts.index("参考文献") + 1 :]
    assert [one.split()[0] for one in listed] == [f"[{at}]" for at in range(1, len(listed) + 1)]
    assert len({one.split(maxsplit=1)[1] for one in listed}) == len(listed)
    hashed, unique = re.compile("（#[0-9a-f]{8}）"), set()
    for path in unit.glob("*/methods.zh.md"):
        said = hashed.sub("", re.sub(r"[*]+[^*]+[*]+", "", path.read_text("utf-8")))
        unique |= {one.strip() for one in said.split("。")} - {""}
    assert all(f"{sentence}。" in methods for sentence in unique)
    assert methods.count("。") == len(unique)
    for path in unit.glob("*/references.gbt7714.txt"):
        for line in path.read_text("utf-8").splitlines():
            title = line.split("] ", 1)[1].split(". ")[1]
            assert sum(title in one for one in listed) >= 1, line
    leads = [one.target_ref for one in document.part.rels.values() if one.is_external]
    assert leads
    assert all(one.startswith(("http://", "https://")) for one in leads)
    assert not [one for one in listed if "http" in one or re.search("%[0-9A-F]{2}", one)]


def test_two_figures_whose_sources_have_the_same_numbers_say_where_they_stand(unit: Path) -> None:
    """Both cite their [1]; the list has two, and the second figure says which is its own."""
    words = kit_html.WORDS["brief"]["zh"]
    sources = [{"source_id": name, "url": f"https://a.b/{name}"} for name in ("one", "two")]
    record = json.loads((unit / "theme_coverage" / "provenance.json").read_text("utf-8"))
    record |= {"figure": "metric_trend", "reports": [], "about": {}}
    records = [{**record, "sources": [row], "cited": [row["source_id"]]} for row in sources]
    listed, places = references.numbered(records, "zh")
    assert [one.url for one in listed if one.url.startswith("https://a.b")] == [
        "https://a.b/one",
        "https://a.b/two",
    ]
    assert [own[1] for own in places] == [1, 2]
    assert paper._renumbered({1: 1}, words) == ""
    assert "[1] → [2]" in paper._renumbered({1: 2}, words)
    assert "[1]–[3] → [12]–[14]" in paper._renumbered({1: 12, 2: 13, 3: 14}, words)


def test_ids_and_codes_are_called_by_their_names_and_keep_them(unit: Path, html: str) -> None:
    for lang, name, part in (("zh", "党的领导", "已做"), ("en", "Party leadership", "done")):
        text = html if lang == "zh" else brief.report(unit, lang)
        assert f'<dd title="party_leadership">{name}</div>' in text
        assert ">party_leadership<" not in text
        assert (
            f'<td title="party_leadership">{name}</td>' in text
        )  # of a table that a cell returned
        assert f" · {part} · <a" in text


def test_tables_are_the_data_in_excel_and_latex(unit: Path) -> None:
    bundle = unit / "theme_coverage"
    data = pd.read_csv(bundle / "data.csv", encoding="utf-8-sig")
    path = office.xlsx(bundle)
    first = path.read_bytes()
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet["A"]][1:] == list(data["theme"])
    assert office.xlsx(bundle).read_bytes() == first
    text = office.latex(bundle).read_text(encoding="utf-8")
    assert "\\toprule" in text
    assert "party\\_leadership & " in text
    assert text.count(r"\\") == len(data) + 1


def test_a_pages_font_holds_its_wide_characters_in_the_same_bytes_each_time() -> None:
    text = kit_html.with_font("<style></style>公报 2022 公")
    assert text == kit_html.with_font("<style></style>公报 2022 公")
    data = base64.b64decode(text.split("data:font/otf;base64,")[1].split(")")[0])
    assert data[:4] == b"OTTO"
    assert {chr(code) for code in TTFont(io.BytesIO(data)).getBestCmap()} == {"公", "报"}


def test_methods_keep_their_labels_and_lose_their_marks() -> None:
    written = "**文本** 两份。**计数** 按字。\n\n其他。"
    assert brief._paragraphs(written) == [("文本", "两份。"), ("计数", "按字。"), ("", "其他。")]


def test_a_zip_of_the_same_files_has_the_same_bytes_and_no_time() -> None:
    data = files.zipped({"甲.txt": b"1"})
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
        assert packed.read("甲.txt") == b"1"
    assert files.zipped({"甲.txt": b"1"}) == data


def test_a_folder_without_a_notebook_or_figures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no executed notebook"):
        brief.report(tmp_path)
    with pytest.raises(InputError, match="no figure"):
        brief.pdf(tmp_path)

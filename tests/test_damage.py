"""Damage by kind: what restoration makes of it, what it leaves, and what is said of the rest.

One made-up report is put into the shapes in which such reports come; restored, it must be itself.
"""

import json
import quopri
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangle import Site, mangle

import analysis as gb
from analysis import cli
from analysis.bundle import captions
from analysis.kit import InputError, encodings
from analysis.reading import reports
from analysis.restore import Edit, Remains, Restored, remains, restore
from analysis.restore.record import replay
from analysis.study import catalogue
from analysis.text import sentences

REPORT = """\
临海县2022年法治政府建设年度报告
2022年，临海县全面推进依法行政，一手抓改革、一手抓服务，法治政府建设取得新成效，人民群众满意度大幅提高。
一、2022年工作开展情况
（一）健全依法行政制度体系
坚持科学立法、民主立法、依法立法，制定行政规范性文件12件，废止3件；办理案件1,253件，同比下降8.6%，比2021年多4.2个百分点。
（二）化解行政争议
受理行政复议申请132件，审结129件，其中直接纠错21件，人民调解组织调解纠纷3560件，调解成功率为98%以上。
二、2023年工作计划
2023年，全县将深入学习贯彻党的二十大精神，用法治思维解决问题，持续推进法治政府建设，大力提高工作水平。
"""
# both by hand from the code charts
RADICALS = dict(zip("一二人力十大工手用立行面高", "⼀⼆⼈⼒⼗⼤⼯⼿⽤⽴⾏⾯⾼", strict=True))
COMPATIBLE = dict(zip("行不度理立律年", "\ufa08\uf967\ufa01\uf9e4\uf9f7\uf9d8\uf98e", strict=True))
VERTICAL = dict(zip("，、。：；（）", "︐︑︒︓︔︵︶", strict=True))
HALF = {"。": "｡", "、": "､"}
FULL = {chr(n): chr(n + 0xFEE0) for n in (*range(48, 58), 46)}


def shaped(table: dict[str, str]) -> str:
    return REPORT.translate(str.maketrans(table))


def between(sign: str, *words: str) -> str:
    """The report with a sign inside some words."""
    return re.sub("|".join(words), lambda match: sign.join(match[0]), REPORT)


def wrapped(width: int) -> Iterator[str]:
    """The report's lines at a page's width, paragraphs indented."""
    for line in REPORT.splitlines():
        rest = f"　　{line}" if len(line) > width else line
        while rest:
            yield rest[:width]
            rest = rest[width:]


def paged(lines: Iterator[str], each: int, number: str = "— {} —") -> str:
    """Lines with a page number and a running head behind every so many."""
    made = []
    for n, line in enumerate(lines, 1):
        made.append(line)
        if n % each == 0:
            page = "一二三四"[n // each - 1] if "第" in number else n // each
            made += ["", number.format(page), "临海县人民政府公报 2023年第2期", ""]
    return "\n".join(made)


def paired(data: bytes) -> str:
    """Bytes as letters, two as one where they happen to be UTF-8."""
    shown, at = "", 0
    while at < len(data):
        pair = 0xC3 < data[at] < 0xE0 and 0x80 <= data[at + 1] < 0xC0
        shown += data[at : at + 2].decode() if pair else chr(data[at])
        at += 2 if pair else 1
    return shown


SHAPES = {
    "radicals": shaped(RADICALS),
    "compatibility forms": shaped(COMPATIBLE),
    "vertical marks": shaped(VERTICAL),
    "half-width marks": shaped(HALF),
    "full stops as points": shaped({"。": "．"}),
    "ASCII full stops": shaped({"。": "."}),
    "full-width digits": shaped(FULL),
    "zero-width spaces": between("\u200b", "法治", "行政"),
    "joiners": between("\u200d", "法治", "3560"),
    "soft hyphens": between("\u00ad", "法治", "3560"),
    "selectors": between("\ufe00", "法治政府"),
    "blanks of GBK": REPORT.replace("，", "，\ue5e5"),
    "CR": REPORT.replace("\n", "\r"),
    "NEL": REPORT.replace("\n", "\x85"),
    "line separators": REPORT.replace("\n", "\u2028"),
    "manual breaks": REPORT.replace("\n", "\x0b"),
    "page breaks at line ends": REPORT.replace("\n二、", "\n\x0c二、"),
    "a blank behind each character": re.sub("(?<=[^\x00-\x7f])", " ", REPORT),
    "a blank behind each word": re.sub("([\u4e00-\u9fff]{1,2}|[，、。：；])", r"\1 ", REPORT),
    "bullets of a font": re.sub("(?m)^(?=（)", "\uf06c ", REPORT),
    "wrapped at 28": "\n".join(wrapped(28)),
    "wrapped at 36": "\n".join(wrapped(36)),
    "pages": paged(wrapped(28), 7),
    "radicals, wrapped, on pages": paged(
        iter("\n".join(wrapped(32)).translate(str.maketrans(RADICALS)).split("\n")), 6
    ),
    "UTF-8 as Latin-1": REPORT.encode().decode("latin-1"),
    "UTF-8 as cp1252": REPORT.encode()
    .decode("cp1252", "surrogateescape")
    .translate({code: code - 0xDC00 for code in range(0xDC80, 0xDD00)}),
    "UTF-8 as ISO 8859-15": REPORT.encode().decode("iso8859-15"),
    "UTF-8 as the tables of DOS and the Mac": REPORT.encode().decode("cp437"),
    "UTF-8 as Mac Roman": REPORT.encode().decode("mac_roman"),
    "GBK as Cyrillic": REPORT.encode("gb18030").decode("cp1251", "replace"),
    "UTF-8 as Latin-1, twice": REPORT.encode().decode("latin-1").encode().decode("latin-1"),
    "GBK as Latin-1, pairs as UTF-8": paired(REPORT.encode("gb18030")),
    "HTML's numbers": "".join(f"&#{ord(c)};" if c > "\x7f" else c for c in REPORT),
    "HTML's numbers, escaped again": "".join(
        f"&amp;#x{ord(c):x};" if c > "\x7f" else c for c in REPORT
    ),
    "JSON": json.dumps(REPORT).strip('"'),
    "line ends of JSON": REPORT.replace("\n", "\\r\\n"),
    "codes of R": "".join(f"<U+{ord(c):04X}>" if c > "\x7f" else c for c in REPORT),
    "bytes of R": "".join(f"<{b:02x}>" if b > 127 else chr(b) for b in REPORT.encode()),
    "bytes of Python": repr(REPORT.encode())[2:-1],
    "percent signs": quote(REPORT),
    "quoted-printable": quopri.encodestring(REPORT.encode()).decode(),
    "digits of mathematics": shaped({chr(n): chr(n - 48 + 0x1D7CE) for n in range(48, 58)}),
    "fillers without width": between("\u3164", "法治", "3560"),
    "numberings of one character": REPORT.replace("（一）", "㈠").replace("（二）", "㈡"),
    "line ends as an editor shows them": REPORT.replace("\n", "↵\n"),
    "records": REPORT.replace("\n", "\x1e"),
    "wide blanks for line ends": REPORT.replace("\n", "　　").rstrip(),
    "a page break in a sentence": REPORT.replace("一手抓服务", "一手抓\x0c服务"),
    "numbers of lines": "\n".join(f"{n}: {one}" for n, one in enumerate(REPORT.splitlines(), 1)),
    "a mail's answer": "".join(f"> {line}\n" for line in REPORT.splitlines()),
    "a list of headings": re.sub("(?m)^(?=（)", "- ", REPORT),
    "bullets that a text may have": re.sub("(?m)^(?=（)", "◇ ", REPORT),
    "wrapped at 30, an empty line behind each": "\n\n".join(wrapped(30)),
    "wrapped at 28, all lines indented": "\n".join(f"　　{line}" for line in wrapped(28)),
    "pages with Chinese numbers": paged(wrapped(28), 4, "第{}页"),
    "pages of so many": paged(wrapped(28), 4, "{} / 4"),
    "two blanks behind each character": re.sub("(?<=[^\x00-\x7f\n])", "  ", REPORT),
    "blanks before marks": re.sub("(?=[，。、；：])", " ", REPORT),
    "GBK as Latin-1": REPORT.encode("gb18030").decode("latin-1"),
}


def stripped(text: str) -> list[str]:
    return [line.strip("　 ") for line in text.splitlines() if line.strip("　 ")]


@pytest.mark.parametrize("shape", SHAPES)
class TestEveryShape:
    def test_is_the_report_and_nothing_in_it_is_unresolved(self, shape: str) -> None:
        out = restore(SHAPES[shape])
        assert stripped(out.text) == stripped(REPORT)
        assert out.edits
        assert not out.unresolved
        assert not remains(out.text)

    def test_gives_the_sentences_and_sections_of_the_report(self, shape: str) -> None:
        made = [sentences.split("r", restore(text), 2022) for text in (SHAPES[shape], REPORT)]
        given, wanted = (frame[["section", "part", "text"]].to_numpy().tolist() for frame in made)
        assert given == wanted

    def test_has_a_record_that_leads_back_from_every_character(self, shape: str) -> None:
        out = restore(SHAPES[shape])
        assert replay(out.raw, out.edits) == out.text
        spans = [out.raw_span(n, n + 1) for n in range(len(out.text))]
        assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(spans))
        assert restore(out.text).text == out.text


def test_the_report_itself_gets_no_edit_and_no_word_of_damage() -> None:
    assert restore(REPORT).edits == ()
    assert not remains(REPORT)


def test_a_page_number_goes_with_its_head_and_the_sentence_it_cut_is_one() -> None:
    out = restore(
        "受理申请132件，\n— 3 —\n临海县公报 2023年第2期\n审结129件。\n（二）规范\n- 4 -\n执法"
    )
    assert out.text == "受理申请132件，审结129件。\n（二）规范\n执法"
    assert [(e.rule, e.certainty) for e in out.edits] == [("page", "certain")] * 2


def test_where_no_mark_says_that_a_sentence_goes_on_joining_it_is_only_likely() -> None:
    before, behind = "2023年，全县将深入学习贯彻党的二十大精神，持续推进法", "治政府建设。"
    (edit,) = restore(f"{before}\n- 4 -\n{behind}").edits
    assert (edit.rule, edit.after, edit.certainty) == ("page", "", "likely")


def test_line_numbers_count_the_line_ends_of_other_programs() -> None:
    out = restore("依法行政\r推进\r\n改革\x0b法\ufffd治")
    assert [out.line(edit.raw_start) for edit in out.unresolved] == [4]


# -- wrong tables -----------------------------------------------------------------------------


class TestBytesLost:
    LOST = "鍏ㄥ勾瀹屾垚鎶曡祫锛屽叏闈㈡帹杩涗緷娉曡屾斂銆"

    def test_what_is_whole_is_read_and_each_broken_place_stays(self) -> None:
        out = restore(self.LOST)
        assert [(e.rule, e.before, e.after, e.certainty) for e in out.edits] == [
            ("mojibake", self.LOST[:-4], "全年完成投资，全面推进依法", "certain"),
            ("mojibake", "曡屾", "曡屾", "unresolved"),
            ("mojibake", "斂", "政", "certain"),
            ("mojibake", "銆", "銆", "unresolved"),
        ]

    def test_strict_ends_with_1(self, tmp_path: Path) -> None:
        path = tmp_path / "r.txt"
        path.write_text(self.LOST, encoding="utf-8")
        assert cli.main(["restore", str(path), "--strict"]) == 1

    def test_a_half_character_before_a_question_mark_is_named(self) -> None:
        text = "2022骞?鏈?1鏃ワ紝鍏ㄥ競鍔炵悊澶嶈1236浠?"
        out = restore(text)
        assert out.text == "2022骞?鏈?1日，全市办理复嶈1236浠?"
        assert [e.before for e in out.unresolved] == ["骞?", "鏈?", "嶈", "浠?"]

    def test_a_character_that_a_lost_pair_may_have_been_in_is_not_read(self) -> None:
        # of 院、 the middle pair is lost, and what is left shows as 陀
        raw = "鐩戠銆佹硶闄€佸畼鏂规満鏋勶紝鍏ㄩ潰鎺ㄨ繘渚濇硶琛屾斂"
        found = restore(raw)
        assert "陀" not in found.text
        assert "官方机构，全面推进依法行政" in found.text
        assert [edit.before for edit in found.edits if edit.certainty == "unresolved"]
        # where nothing was lost behind it, the same signs are read
        whole = "涓氬姟銆佷骇鍝併€佸湴鍧€銆佸畼鏂硅仈绯绘柟"
        assert restore(whole).text == "业务、产品、地址、官方联系方"

    def test_where_most_was_lost_all_stays(self) -> None:
        gone = "".join(c for c in "依法行政持续推进".encode().decode("latin-1") if c > "\x9f")
        out = restore(gone)
        assert out.text == gone
        assert [e.certainty for e in out.edits] == ["unresolved"]


@pytest.mark.parametrize(
    ("text", "code", "wrong"),
    [
        ("Привет, сегодня хорошая погода", "cp1251", "cp1252"),
        ("Привет, сегодня хорошая погода", "utf-8", "latin-1"),
        ("안녕하세요 반갑습니다", "euc_kr", "latin-1"),
        ("こんにちは、さようなら", "utf-8", "latin-1"),
        ("こんにちは、さようなら", "shift_jis", "latin-1"),
    ],
)
def test_another_language_in_a_wrong_encoding_is_named_and_becomes_no_chinese(
    text: str, code: str, wrong: str
) -> None:
    broken = text.encode(code).decode(wrong)
    out = restore(f"标题\n{broken}\n正文")
    assert out.text == out.raw
    assert {e.rule for e in out.unresolved} == {"mojibake"}


def test_a_text_in_another_table_throughout_is_read_if_nothing_was_lost(raw: str) -> None:
    clean = restore(raw).text
    shown = restore(raw, script="keep").text
    big5 = "".join(c for c in shown if c.encode("big5", "ignore"))
    out = restore(big5.encode("big5").decode("gb18030"))
    assert out.text.splitlines()[2] == clean.splitlines()[2]
    assert {e.rule for e in out.edits} == {"mojibake"}


@pytest.fixture
def raw() -> str:
    path = Path(__file__).parent.parent / "data" / "reports" / "xiamen-2022.mangled.txt"
    return path.read_text("utf-8")


@pytest.mark.parametrize(
    "text",
    [
        "規范建設(shè),領(lǐng)導(dǎo)?guī)ш牳昂菔虚_展工作。",
        "對(duì)周?chē)值車(chē)?guó)家的領(lǐng)導(dǎo)",
    ],
)
def test_a_reading_that_makes_no_word_is_not_given(text: str) -> None:
    out = restore(text)
    assert out.unresolved
    for edit in out.unresolved:
        assert edit.before == edit.after
    assert not re.search("狠|值车", out.text)


@pytest.mark.parametrize("words", ["队赴湖州市开展工作", "主要成效更加明显", "地级以上城市"])
def test_a_slipped_passage_is_right_or_unresolved(words: str) -> None:
    clean = f"规范行政行为，关系群众利益。\n{words}，服务发展。"
    site = Site(glosses={"導": "dǎo", "設": "shè"}, slips=(clean.index(words),))
    out = restore(mangle(clean, site))
    assert words in out.text or out.unresolved


# -- bytes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_read(code: str) -> None:
    assert encodings.decode(REPORT.encode(code)) == (REPORT, code)
    assert reports.decode(REPORT.encode(code), "r.txt").text == REPORT


KOREAN = "2022년 시정 업무 보고를 드리겠습니다. 행정절차법에 따라 시민의 의견을 들었으며, "
JAPANESE = "本年度の行政改革について報告いたします。市民の意見を聞き、予算を編成しました。"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (KOREAN.encode("euc_kr"), "EUC-KR"),
        ((KOREAN + "똠방각하 펲시콜라").encode("cp949"), "EUC-KR"),
        (JAPANESE.encode("iso2022_jp"), "ISO-2022"),
        (JAPANESE.encode("euc_jp"), "EUC-JP"),
        (JAPANESE.encode("shift_jis"), "Shift_JIS"),
        # 縣政府推動法治行政, by CNS 11643, plane 1
        (bytes.fromhex("edddd8bfd0b8e5e8d4b1dba8d9e2cbb5c9a7d8bf") * 2, "EUC-TW"),
    ],
)
def test_other_encodings_are_known_by_name_and_not_taken_for_gb18030(
    data: bytes, name: str
) -> None:
    assert encodings.foreign(data) == name
    assert encodings.decode(data) is None


def test_hz_is_read_and_a_tilde_is_none() -> None:
    assert encodings.decode(REPORT.encode("hz")) == (REPORT, "hz")
    assert encodings.decode(b"a ~{b} c") == ("a ~{b} c", "utf-8")


@pytest.mark.parametrize("code", ["gb18030", "big5"])
def test_chinese_is_no_foreign_encoding(code: str) -> None:
    text = "縣政府推動法治行政，提升服務品質，並強化與民眾的溝通。"
    assert encodings.foreign(text.encode(code)) == ""
    assert encodings.foreign(REPORT.encode("gb18030")) == ""


@pytest.mark.parametrize("text", ["Élysée, Müller, ±5 §3", "Annual report", "Привет, город"])
def test_a_text_without_chinese_is_refused_and_no_table_makes_chinese_of_it(text: str) -> None:
    with pytest.raises(InputError, match="holds no Chinese character"):
        reports.decode(text.encode(), "r.txt")


class TestWhatCheckSays:
    def test_private_characters_are_named_and_no_encoding_is_blamed(self) -> None:
        text = REPORT.replace("执", "\ue863").replace("行", "\ue864\ue864")
        said = list(encodings.problems(text, "utf-8", "r.txt"))
        assert len(said) == 1
        n = 2 * REPORT.count("行")
        assert said[0].startswith(f"r.txt: {n + REPORT.count('执')} characters are private ones")
        assert f"U+E864 {n} times" in said[0]

    def test_other_shapes_are_no_sign_of_a_wrong_encoding(self) -> None:
        for shape in ("radicals", "vertical marks", "half-width marks", "blanks of GBK"):
            assert list(encodings.problems(SHAPES[shape], "utf-8", "r.txt")) == []

    def test_a_wrong_encoding_still_is(self) -> None:
        wrong = REPORT.encode("gb18030").decode("big5hkscs", "replace")
        assert any("may be the wrong encoding" in s for s in encodings.problems(wrong, "big5", "r"))


# -- what is left ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "n", "text"),
    [
        ("glosses", 2, "领(lǐng)导(dǎo)"),
        ("holes", 3, "推进?改革*服务\ufffd群众"),
        ("wrong_table", 1, "附件鎴浘"),
        ("private", 2, "执\ue863法，\U000f0000"),
        ("markup", 4, "<p>推进</p>&nbsp;见http://www.gov.cn"),
        ("doubled", 2, "推进，，改革,。"),
        ("brackets", 1, "国发〔〕33号，国发〔2022〕3号"),
        ("repeated", 2, "本页由县政府办公室负责维护\n" * 3),
        ("broken_lines", 5, "全县深入推进依法行政和法治\n" * 5 + "政府建设取得了新的成效。"),
        ("holes", 3, "??? 今年修桥。部分??h域，特殊性?,F现结合"),
        ("markup", 1, "(function(){try{"),
        ("holes", 1, "年均增长1$1.$2%，出口$15.2亿"),
        ("doubled", 2, "贯彻;;五个坚持;;"),
        ("brackets", 1, "牟政办发〔201746\n各乡镇："),
        ("brackets", 1, "开展„三农‟工作"),
        ("signs", 2, "举}行会议，同👳🌽比增长"),
        (
            "signs",
            1,
            "全县深入推进依法行政，建设取得成效，提高行政效 能，" + "水平提升，" * 6 + "群众满意。",
        ),
        ("strange", 5, "彧喆堃翀赟"),
        ("traditional", 2, "縣政府推動法治行政"),
    ],
)
def test_each_kind_of_damage_is_counted_and_said(kind: str, n: int, text: str) -> None:
    found = remains(text)
    assert found._asdict()[kind] == n
    assert found
    said = list(found.said())
    assert len(said) == sum(map(bool, found))
    if kind != "traditional":
        assert any(sentence.startswith(f"{n} ") for sentence in said)


@pytest.mark.parametrize(
    "text",
    [
        "厦门市把“一号工程”——“数字福建”建设摆在首位……",
        "国内生产总值(GDP)增长5%，R&D经费占3.2%，第(a)项，PM2.5。",
        "（一）总体情况\n（二）主要做法\n（三）存在问题\n（四）下一步打算\n",
        "国发〔2022〕33号，〔摘要〕，见3*5米，增长5%?",
        "“为什么？”他问。“好。”",
        "张骞、浠水、彧、喆",
        "政府工作报告_中国政府网\n先进单位★优秀单位，是☐否☐\n真的？真的！",
        "他们是王 明、李 强、张 伟，会议由下列同志主持并作报告，其余同志列席，会议完成了各项议程。",
    ],
)
def test_of_a_clean_text_nothing_is_said(text: str) -> None:
    assert remains(text) == Remains()


def test_a_text_is_traditional_as_a_whole_or_not() -> None:
    assert remains("縣政府推動法治行政，提升服務品質。").traditional
    assert not remains("匾额上写着“為人民服務”五个大字，规范使用汉字。").traditional
    assert not remains("依法行政 2022").traditional


class TestTheStudySays:
    @pytest.fixture
    def own(self, tmp_path: Path) -> gb.Study:
        catalogue.new(tmp_path / "mine")
        study = gb.Study(tmp_path / "mine")
        for county, text in (
            ("临海县", REPORT),
            ("临江县", REPORT.replace("执", "\ue863") + "{color: red}"),
        ):
            path = tmp_path / f"{county}2022.txt"
            path.write_text(text.replace("临海县", county), encoding="utf-8")
            study.add(path)
        return gb.Study(tmp_path / "mine")

    def test_what_is_left_in_its_table_and_its_problems(self, own: gb.Study) -> None:
        left = own.reading.set_index("region")[["markup", "doubled"]]
        assert left.to_numpy().tolist() == [[0, 0], [1, 0]]
        assert [said for said in own.problems() if "1 tags" in said]

    @pytest.mark.parametrize(
        ("lang", "clean", "left"),
        [
            ("en", "No damage was found in", "1 place still look"),
            ("zh", "未发现损坏", "仍有1处看似有损"),
        ],
    )
    def test_in_methods_that_no_damage_was_found_only_where_none_was(
        self, own: gb.Study, lang: str, clean: str, left: str
    ) -> None:
        data = own.themes.hits

        def said(reports_: list[str]) -> str:
            study = gb.Study(own.path, reports_)
            record = study.provenance({"reports": [], "themes": [], "over": ""})
            return captions.methods("theme_coverage", data, record, lang)

        ids = own.reports.set_index("region")["report_id"]
        assert clean in said([ids["临海县"]])
        other = said([ids["临江县"]])
        assert clean not in other
        assert left in other


# -- two passes, one record -------------------------------------------------------------------


def changed(draw: Callable[[st.SearchStrategy[int]], int], text: str) -> Restored:
    """A text with edits at places drawn by chance."""
    at, edits = 0, []
    while at < len(text) and len(edits) < 5:
        start = at + draw(st.integers(0, 3))
        end = min(start + draw(st.integers(0, 3)), len(text))
        if start > len(text):
            break
        kind = draw(st.integers(0, 2))
        before = text[start:end]
        after = [before, "", "新文"][kind]
        certainty = "unresolved" if kind == 0 else "certain"
        edits.append(Edit(len(edits) + 1, "rule", start, end, before, after, certainty))  # type: ignore[arg-type]
        at = max(end, start + 1)
    return Restored(text, replay(text, edits), tuple(edits))


@given(st.data())
def test_the_records_of_two_passes_are_one(data: st.DataObject) -> None:
    first = changed(data.draw, "甲乙丙丁戊己庚辛壬癸")
    second = changed(data.draw, first.text)
    both = first.then(second)
    assert replay(both.raw, both.edits) == both.text
    if not second.unresolved:
        assert both.text == second.text
    for edit in both.unresolved:
        assert edit.before == edit.after
    spans = [both.raw_span(n, n + 1) for n in range(len(both.text))]
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(spans))


def test_a_later_change_of_what_was_changed_is_one_edit_of_the_raw_text() -> None:
    first = Restored("⾏(xíng)政", "行(xíng)政", (Edit(1, "width", 0, 1, "⾏", "行", "certain"),))
    later = (Edit(1, "gloss", 0, 7, "行(xíng)", "行", "likely", "a note"),)
    both = first.then(Restored(first.text, "行政", later))
    assert both.edits == (Edit(1, "gloss", 0, 7, "⾏(xíng)", "行", "likely", "a note"),)
    assert both.text == "行政"


def test_a_place_that_could_not_be_decided_stays_as_it_came() -> None:
    first = Restored("⾏政", "行政", (Edit(1, "width", 0, 1, "⾏", "行", "certain"),))
    later = (Edit(1, "phase", 0, 2, "行政", "行政", "unresolved"),)
    both = first.then(Restored(first.text, "行政", later))
    assert both.text == "⾏政"
    assert [e.certainty for e in both.edits] == ["unresolved"]


def test_a_record_is_not_joined_to_that_of_another_text() -> None:
    with pytest.raises(ValueError, match="another text"):
        Restored("甲", "甲").then(Restored("乙", "乙"))


# -- what bytes were lost, and what must stay ------------------------------------------------------


class TestLetters:
    def test_of_utf_8_that_lost_the_bytes_without_a_sign_what_is_sure_is_read(self) -> None:
        text = "坚持科学立法、民主立法、依法立法，群众满意度提高。"
        shown = text.encode().decode("cp1252", "ignore").replace("\xad", "")
        out = restore(shown)
        read = [e for e in out.edits if e.certainty != "unresolved"]
        assert all(e.after in text for e in read)
        assert "民主立法、" in out.text
        assert {e.certainty for e in read if e.after == "、"} == {"likely"}

    def test_behind_a_lost_byte_nothing_is_certain_that_is_out_of_step(self) -> None:
        data = bytearray(REPORT.encode("gb18030"))
        at = data.index("法治政府建设取得".encode("gb18030")) + 3
        del data[at : at + 1]
        out = restore(data.decode("latin-1"))
        assert out.unresolved
        for edit in out.edits:
            if edit.certainty == "certain":
                assert all(part in REPORT for part in edit.after.split("\n"))

    @pytest.mark.parametrize("wrong", ["gbk", "cp1252"])
    def test_japanese_in_a_wrong_encoding_becomes_no_chinese(self, wrong: str) -> None:
        broken = JAPANESE.encode().decode(wrong, "replace")
        out = restore(f"标题\n{broken}\n正文")
        assert not [e for e in out.edits if e.certainty != "unresolved"]
        assert out.unresolved

    def test_mojibake_of_mojibake_that_lost_bytes_is_not_read_once(self) -> None:
        once = "各部门认真贯彻落实全市工作会议精神".encode().decode("gbk", "replace")
        twice = once.encode().decode("gbk", "ignore")
        assert not [e for e in restore(twice).edits if e.certainty == "certain"]

    def test_a_letter_that_a_mark_swallowed_comes_back(self) -> None:
        text = "新的进展：在国际事务处理性能委员会（TPC，Transaction）的基准测试中"
        shown = text.encode().decode("gb18030", "replace")
        assert "，Transaction" in restore(shown).text


@pytest.mark.parametrize(
    ("broken", "right", "certainty"),
    [
        (
            "财政收入增长21。3%，总产量184。3万吨。",
            "财政收入增长21.3%，总产量184.3万吨。",
            "likely",
        ),
        ("建设办法已出台 ，各部门认真落实 。", "建设办法已出台，各部门认真落实。", "certain"),
        ("依法行政\u0307工作。", "依法行政工作。", "certain"),
        ("见[钢管](http://example.com/)等材料。", "见钢管等材料。", "certain"),
        (
            "規(guī)範(fàn)學(xué)習(xí)，格局不斷鞏固?；浉郯拇鬄硡^(qū)規(guī)劃。",
            "规范学习，格局不断巩固。粤港澳大湾区规划。",
            "likely",
        ),
        (
            "本文探讨政府部门工作总结的意义和方法。政府部门需要总结过去一年的工作内容，具体包\n"
            "2、括哪些方面的工作，每项工作的进展和质量如何。政府部门需要明确下一年的工作重点，哪些目标需要\n"
            "3、达到。",
            "本文探讨政府部门工作总结的意义和方法。政府部门需要总结过去一年的工作内容，具体包"
            "括哪些方面的工作，每项工作的进展和质量如何。政府部门需要明确下一年的工作重点，哪些目标需要"
            "达到。",
            "likely",
        ),
    ],
)
def test_smaller_damage_is_put_right(broken: str, right: str, certainty: str) -> None:
    out = restore(broken)
    assert out.text == right
    assert certainty in {e.certainty for e in out.edits}
    assert restore(right).text == right


@pytest.mark.parametrize(
    "text",
    [
        "增长20。2022年，全市继续推进改革。",
        "见 https://example.com/%E4%B8%AD?a=%E5%9B%BD 一页。",
        r"路径是 C:\new\users\x41，变量是 \name。",
        "增幅为 %E，系数 a=B8，<e4>",
        "1、加强领导\n2、落实责任\n3、强化监督\n",
        "1 总则\n2 机构\n3 职责\n5 附则\n全县统一执行本规则。\n",
        "主任：王明　　副主任：李强　　委员：张伟",
        "- 本报讯 各县认真落实。\n- 本报讯 各市认真落实。",
        "（1）\n（2）\n",
        "⒈\n依法行政",
        "Œuvre，Škoda，Žižek等企业参加了展览。",
        "ΑΒΓ三类，Москва市代表团来访。",
        "“日本語の勉強”栏目开播。",
        "王 明、李 强、张 伟，",
    ],
)
def test_what_only_looks_so_stays(text: str) -> None:
    assert restore(text).text == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("strange", "塑钳刨の乖蜡猖匙について鼠桂いたします。辉瘫の罢斧を使き"),
        ("strange", "ܔزၥᦶ໛ຝ单元测试框架՗᫫կຝ຅ጱ᥯ଶ"),
        (
            "wrong_table",
            "2022斥 矫沥 诀公 焊绊甫 靛府摆嚼聪促. 青沥例瞒过俊 蝶扼 矫刮狼 狼斑阑 甸菌栏哥,",
        ),
        ("wrong_table", "d茅j脿 vu, c么t茅 d鈥檃zur, 茅l猫ve, na茂f"),
        ("markup", "报告&#20013 见\\n附件"),
        ("holes", "增长￼%，依法￼行政"),
        ("repeated", "全县深入推进依法行政和法治建设。\n\n全县深入推进依法行政和法治建设。"),
        (
            "broken_lines",
            "一、情况好。" + "二、问题还有不少，要解决。三、明年继续推进工作，提高水平。" * 2,
        ),
        (
            "signs",
            "请各位委员和列席人员提出 意见，全市上下倍受鼓舞，坚持以习近平 新时代思想为指导，"
            "在市委坚强 领导下，着力推动高质量发展，加快建设五个中心，完成了各项目标任务。",
        ),
    ],
)
def test_what_cannot_be_mended_is_said(kind: str, text: str) -> None:
    out = restore(text)
    assert remains(out.text)._asdict()[kind], remains(out.text)
